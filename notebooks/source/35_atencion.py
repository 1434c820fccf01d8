# %% [markdown]
# # 35 · Atención
#
# **«El tres de febrero de 1998» es «1998-02-03». Para escribir el mes solo hace falta mirar al mes. ¿Puede una red aprender adónde mirar?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a escribir la atención y su máscara en unas líneas; a quitarle el cuello de botella a un codificador-decodificador; a medir adónde mira una red y a no creer más de la cuenta lo que se ve; a quitar la recurrencia y a decir qué cambia; a descubrir un decodificador que ve el futuro |
# | **Antes de empezar** | [34 · Codificador y decodificador](34_encoder_decoder.ipynb); de la 16, el relleno y las máscaras |
# | **Tiempo** | 70 minutos de lectura y ejercicios, en dos ratos: el primero, hasta el final de la sección 6; medio minuto de ejecución |
# | **Herramientas** | PyTorch |

# %% tags=["parameters"]
FAST = True  # False: la red que se entrena aquí da el doble de vueltas (un minuto)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import time
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# %%
from course_utils.attention import additive_scores, attend, dot_scores
from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired, welch
from course_utils.datasets import load_result
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_35 import (
    ALPHABET,
    END,
    FIGURES,
    PAD,
    START,
    experiment,
    plot_attention_map,
    plot_attention_step,
    plot_cost,
    plot_heads,
)
from course_utils.plotting.networks import plot_accuracy, plot_networks
from course_utils.seq2seq import exact, real_steps_loss, write_greedy
from course_utils.synthetic import spell_date
from course_utils.training import fit

# %% [markdown]
# ## 1 · Una fecha, seis maneras
#
# La misma fecha se escribe de muchas maneras, y la red debe dar siempre la misma: año, mes y día. Lee **carácter a carácter**; escribe diez y el de fin.

# %%
dates = experiment.split_dates(SEED)
train_batch, test_batch = (experiment.encode_dates(part) for part in dates)
for style in experiment.SPELLINGS:
    print(f"{spell_date(date(1998, 2, 3), style)} → 1998-02-03")
explain(
    f"Hay {len(dates.train)} fechas para entrenar y {len(dates.test)} de prueba: ningún día de la prueba se entrena, ni escrito de otra "
    f"manera. La más corta tiene {int(test_batch.lengths.min())} caracteres; la más larga, {int(test_batch.lengths.max())}."
)

# %% [markdown]
# El codificador de la 34 guarda un estado por carácter, $h_1, \dots, h_T$, y los **tira todos menos el último**. De ahí el cuello de botella. La idea de Bahdanau, Cho y
# Bengio (2015): guárdalos, y que el decodificador mire en cada paso los que le convengan.
#
# ## 2 · Puntuar, repartir, promediar
#
# Mirar tiene tres pasos. El decodificador está en un estado $s$: es la **consulta** (*query*). Cada $h_j$ es una **clave** (*key*).
#
# $$e_j = \text{parecido}(s, h_j)\qquad a_j = \frac{e^{e_j}}{\sum_k e^{e_k}}\qquad c = \sum_j a_j h_j$$
#
# Se puntúa cada posición; con `softmax`, las puntuaciones se hacen **pesos**, positivos y que suman uno; y se promedian los estados con esos pesos. El
# promedio, $c$, es el **contexto**. Todo se puede derivar, así que adónde mirar **se aprende** con lo demás, sin que nadie se lo diga.
#
# ¿Qué parecido? El más sencillo es el producto escalar, $e_j = s\cdot h_j$ (Luong, Pham y Manning, 2015). Bahdanau usó una capa oculta, la
# **aditiva**: $e_j = v^\top\tanh(s W_s + h_j W_h)$, y puntuaba con el estado anterior del decodificador. Aquí están los dos parecidos, sin atajos:

# %%
rng = np.random.default_rng(SEED)
query, keys = rng.normal(size=5), rng.normal(size=(4, 5))  # una consulta y cuatro claves
w_query, w_key, vector = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=3)

dot, additive = np.zeros(4), np.zeros(4)
for j in range(4):
    dot[j] = query @ keys[j]
    additive[j] = vector @ np.tanh(query @ w_query + keys[j] @ w_key)
for name, scores in (("producto", dot), ("aditiva", additive)):
    weights = np.exp(scores) / np.exp(scores).sum()
    print(f"{name}: puntúa", scores.round(2), "pesa", weights.round(2), "suma", weights.sum())

# %% [markdown]
# Un cuidado con el producto: si consulta y clave son $d$ números independientes, de media cero y varianza uno, su producto tiene varianza $d$. Con muchos números, las
# puntuaciones son enormes, `softmax` da casi todo el peso a una y el gradiente se apaga. Vaswani y otros (2017) sospecharon que eso estorbaba y dividieron entre $\sqrt d$: la atención
# **escalada**.
#
# Y una separación útil: lo que se promedia no tiene por qué ser lo que se puntúa. A lo que se promedia se le llama **valores** (*values*).
#
# ### Ejercicio 35.1 ★ · Atención en cuatro líneas
#
# La escalada, para un lote entero y muchas consultas a la vez. Devuelve los contextos y los pesos.


# %% tags=["exercise"]
def attention(queries, keys, values):
    """queries: (lote, consultas, d); keys: (lote, posiciones, d); values: (lote, posiciones, m)."""
    ### BEGIN SOLUTION
    scores = queries @ keys.transpose(1, 2) / queries.shape[2] ** 0.5
    weights = scores.softmax(dim=2)  # (lote, consultas, posiciones)
    context = weights @ values  # (lote, consultas, m)
    ### END SOLUTION
    return context, weights


# %% tags=["check"]
attention = check("35.1", attention)

# %%
q, k, v = torch.randn(3, 4, 5), torch.randn(3, 7, 5), torch.randn(3, 7, 2)
same_as_torch = (attention(q, k, v)[0] - F.scaled_dot_product_attention(q, k, v)).abs().max().item()
as_tensors = [torch.as_tensor(part)[None] for part in (query @ w_query, keys @ w_key)]
same_as_loop = np.abs(
    additive_scores(*as_tensors, torch.as_tensor(vector))[0].numpy() - additive
).max()
explain(
    f"La nuestra y la de PyTorch se separan menos de una millonésima: {same_as_torch < 1e-6}. La aditiva de `course_utils.attention` y el bucle "
    f"de arriba, también: {same_as_loop < 1e-6}."
)

# %% [markdown]
# ## 3 · El relleno no se mira
#
# En un lote hay fechas cortas con relleno detrás, y el relleno también tiene estado. Si se puntúa, se lleva una parte del peso. Hay que
# apartarlo **antes** de `softmax`: con una puntuación muy baja, su peso es cero y los demás suman uno.
#
# ¿Y si una fila no puede mirar nada? Con $-\infty$ saldría cero entre cero, y un solo NaN estropea la red entera. Hay que decidir una respuesta; la nuestra: todo ceros.
#
# ### Ejercicio 35.2 ★★ · La máscara
#
# `mask` dice qué se puede mirar (`True`). Donde no, el peso debe ser **exactamente** cero. Una fila sin nada que mirar es toda ceros, sin NaN, tampoco en el gradiente.


# %% tags=["exercise"]
def masked_weights(scores, mask):
    """scores: (lote, consultas, posiciones); mask: (lote, 1, posiciones), booleana → los pesos."""
    ### BEGIN SOLUTION
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~mask, lowest).softmax(dim=2)
    return weights.masked_fill(~mask, 0.0)
    ### END SOLUTION


# %% tags=["check"]
masked_weights = check("35.2", masked_weights)


# %% [markdown]
# ## 4 · La red
#
# El codificador y el decodificador de la 34, dos GRU de 64, con dos cambios. La memoria lleva **todos** los estados; y cada símbolo se escribe desde $s_t$ y su contexto $c_t$ juntos,
# con una capa más, `combine`: $\tanh([s_t; c_t]\,W + b)$, como en Luong.


# %%
class Reader(nn.Module):
    """El codificador: todos los estados, el último y qué posiciones son reales."""

    def __init__(self, symbols, size):
        super().__init__()
        self.read = nn.Embedding(symbols, size)
        self.gru = nn.GRU(size, size, batch_first=True)

    def forward(self, source, lengths):
        x = self.read(source)  # (lote, posiciones, size)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, last = self.gru(packed)
        steps = source.shape[1]
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=steps)
        return last[0], states, source != PAD


# %%
class Attentive(nn.Module):
    """Codificador y decodificador con atención por producto."""

    def __init__(self, size=64):
        super().__init__()
        self.encode = Reader(len(ALPHABET), size)
        self.written = nn.Embedding(len(FIGURES), size)
        self.decoder = nn.GRU(size, size, batch_first=True)
        self.combine = nn.Linear(2 * size, size)
        self.output = nn.Linear(size, len(FIGURES))

    def decode(self, given, memory):
        state, keys, real = memory  # (lote, size), (lote, posiciones, size), (lote, posiciones)
        queries, last = self.decoder(self.written(given), state[None].contiguous())
        self.weights = self.look(queries @ keys.transpose(1, 2), real[:, None])
        both = torch.cat([queries, self.weights @ keys], dim=2)  # (lote, pasos, 2·size)
        return self.output(self.combine(both).tanh()), (last[0], keys, real)

    def look(self, scores, real):
        return masked_weights(scores, real)

    def forward(self, source, lengths, given):
        return self.decode(given, self.encode(source, lengths))[0]


# %% [markdown]
# **Predice**: en la 34, una red así sin atención acertaba casi todos los números de tres cifras. Ahora lee muchos más símbolos y debe escribir diez
# sin un fallo. Con tres épocas, ¿cuántas fechas de cada cien?


# %%
torch.manual_seed(SEED)
model = Attentive()
before = experiment.attention_maps(model, test_batch)  # lo que mira sin entrenar
options = {"epochs": 3 if FAST else 6, "batch_size": 128, "clip_norm": 1.0, "seed": SEED}
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
fit(model, train_batch, loss=real_steps_loss, optimizer=optimizer, **options)
right = exact(write_greedy(model, test_batch, limit=12), test_batch.targets)
explain(f"Escribe exactas, sin verlas nunca, el {100 * right.mean():.1f} % de las fechas.")

# %% [markdown]
# ¿Es por la atención? Hacen falta redes que solo se diferencien en eso. Las hemos entrenado (`tools/experiments/attention.py`) con las mismas fechas, la misma tasa, las
# mismas actualizaciones y **las mismas capas**. Una reparte el peso por igual entre todas las posiciones: lo ve todo, pero no elige. Otra mira siempre al último estado y nada más. Y a la
# de la 34, sin contexto, le damos ventaja: más épocas y otra tasa. **Predice**: ¿cuánto acertará cada una?

# %%
table = load_result("fechas")
BASE = {"kind": "producto", "masked": True, "epochs": 3, "rate": 1e-2}


def stored(measure, **changes):
    """Lo que salió en cada red guardada, una por semilla."""
    wanted = BASE | changes | {"measure": measure}
    return table["value"][np.all([table[name] == one for name, one in wanted.items()], axis=0)]


def says(groups, one, other):
    """Una red frente a otra, en puntos; con cinco de cada, sin parejas (harían falta seis)."""
    return welch(groups[one], groups[other]).verdict("puntos", scale=100)


# %%
rivals = {
    "elige": stored("exactas"),
    "todo por igual": stored("exactas", kind="media"),
    "solo el último": stored("exactas", kind="la última"),
    "la de la 34, 6 épocas": stored("exactas", kind="ninguna", epochs=6),
    "otra tasa, 16 épocas": stored("exactas", kind="ninguna", epochs=16, rate=3e-3),
}
title = "Con fechas, elegir no se nota"
plot_networks(rivals, xlabel="fechas exactas", title=title)
plt.show()
explain(
    f"Elegir frente a repartir por igual: {says(rivals, 'elige', 'todo por igual')}. Frente a mirar solo el último estado: {says(rivals, 'elige', 'solo el último')}. "
    f"Frente a la de la 34, con 6 épocas: {says(rivals, 'elige', 'la de la 34, 6 épocas')}. La aditiva acierta el {100 * stored('exactas', kind='aditiva').mean():.1f} %: "
    f"con {len(stored('exactas', kind='aditiva'))} redes, no se compara."
)

# %% [markdown]
# Si solo hubiéramos comparado «con atención» y «la de la 34», habríamos contado otra historia. Con fechas **no hace falta elegir**, ni siquiera ver todos los estados: basta con tener delante, en
# cada paso, el mismo último estado que la 34 entrega una sola vez, y la capa que lo mezcla. Cuánto pone cada cosa no lo hemos separado.
#
# Entonces, ¿para qué elegir? La media y el último estado siguen siendo **un vector** de tamaño fijo. Si ese es el cuello de botella, debería notarse con más que recordar o con estados más pequeños.
#
# ### La curva de la 34, otra vez
#
# Los mismos números, los mismos tamaños y el mismo entrenamiento que en la 34, con atención. **Predice**: dibuja la curva, de tres a
# seis cifras.

# %%
necks, old = load_result("atencion_cuello"), load_result("cifras")
figures = ("3", "4", "5", "6")
runs = np.unique(necks["seed"])  # las semillas que están en las dos tablas


def exact_numbers(found, measure, where, **wanted):
    """Aciertos de cada semilla en una de las dos tablas."""
    wanted = wanted | {"where": where, "measure": measure}
    same = np.all([found[name] == one for name, one in wanted.items()], axis=0)
    return found["value"][same & np.isin(found["seed"], runs)]


plain = {"neck": 0, "order": "normal", "epochs": 5, "rate": 0.01, "largest": 999_999}
flat = {
    size: np.stack(
        [exact_numbers(necks, "exactos", n, size=size, kind="producto") for n in figures], 1
    )
    for size in (128, 64, 32)
}
bent = {
    size: np.stack([exact_numbers(old, "voraz", n, size=size, **plain) for n in figures], 1)
    for size in (128, 64, 32)
}

# %%
_, axes = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
for ax, curves, name in zip(axes, (bent, flat), ("sin atención", "con atención"), strict=True):
    named = {f"{size} unidades": curve for size, curve in curves.items()}
    plot_accuracy(figures, named, xlabel="cifras del número", title=name, ax=ax)
plt.show()
lost = {
    name: 100 * (c[32][:, 0] - c[32][:, 3]).mean() for name, c in (("sin", bent), ("con", flat))
}
explain(
    f"Con 32 unidades, de tres a seis cifras se pierden {lost['sin']:.0f} puntos sin atención y {lost['con']:.0f} con ella."
)


# %%
def four_networks(where, size):
    """Los aciertos de las tres redes con las mismas capas y de la de la 34."""
    kinds = {"elige": "producto", "todo por igual": "media", "solo el último": "la última"}
    same = {
        name: exact_numbers(necks, "exactos", where, size=size, kind=kind)
        for name, kind in kinds.items()
    }
    return same | {"la de la 34": exact_numbers(old, "voraz", where, size=size, **plain)}


# %%
six = {size: four_networks("6", size) for size in (32, 64)}
plot_networks(
    six[32],
    xlabel="seis cifras, exactas",
    title="Seis cifras con 32 unidades: aquí sí se nota elegir",
)
plt.show()
for size, found in six.items():
    explain(
        f"Seis cifras, {size} unidades. Elegir frente a mirar solo el último: {says(found, 'elige', 'solo el último')}. Verlo todo por igual frente a solo el último: "
        f"{says(found, 'todo por igual', 'solo el último')}. Solo el último frente a la de la 34: {says(found, 'solo el último', 'la de la 34')}."
    )
for size in (32, 64):
    explain(
        f"Y con «setenta» en un lugar nuevo, lo más duro de la 34, {size} unidades: elegir frente a solo el último, {says(four_networks('lugar', size), 'elige', 'solo el último')}."
    )

# %% [markdown]
# La curva es casi plana, también con el estado más pequeño. Los controles reparten el mérito en dos: una parte la ponen la capa de más y tener siempre delante el último estado; la otra,
# **elegir**. Ver todos los estados sin elegir no añade nada que se vea. Sin ellos se lo habríamos apuntado todo a la atención.
#
# En lo que no se parece a lo entrenado, en cambio, elegir no arregla nada, y con el estado pequeño acierta menos que su control: quita el cuello de botella, no enseña la regla.
#
# ## 5 · Adónde mira
#
# Los pesos se pueden dibujar: una fila por símbolo escrito, una columna por carácter leído. **Predice**: ¿qué columna estará negra en la fila del mes?

# %%
text, iso = "el tres de febrero de 1998", "1998-02-03"
written = (*iso, "fin")


def look_at(text, iso=iso):
    """El mapa de una fecha, dándole los símbolos verdaderos: (pasos, posiciones)."""
    return experiment.attention_maps(model, experiment.encode_dates([(text, iso)]))[0]


plot_attention_map(
    look_at(text), text, written, title="Cada cifra mira cerca de donde está escrita"
)
plt.show()
peaks = look_at(text).argmax(axis=1)
explain(
    "Donde más mira: "
    + "; ".join(
        f"para el {figure!r} del paso {t + 1}, la posición {peaks[t] + 1}, {text[peaks[t]]!r}"
        for t, figure in ((0, iso[0]), (6, iso[6]), (9, iso[9]))
    )
    + "."
)

# %%
place = int(peaks[6])
window = slice(max(0, place - 5), place + 4)
plot_attention_step(
    text[window],
    look_at(text)[6, window],
    iso[6],
    title="Un paso: el mes se escribe desde unas pocas posiciones",
)
plt.show()
explain(
    f"Para escribir el {iso[6]!r}, el estado $s_t$ del decodificador puntúa cada $h_j$; el contexto $c_t$ es su media con los pesos (las flechas "
    "gruesas), y con él y con $s_t$ se escribe. Se dibuja un trozo de la fecha."
)

# %% [markdown]
# Nadie le ha dicho qué es un mes. Pero un dibujo bonito no es una medida: elegimos **una** fecha. Midamos todas. Se sabe dónde está escrita cada parte, así que
# se puede sumar el peso que cae en ella. Contamos también el carácter siguiente: su estado es el primero que ha leído la parte entera.
#
# Y hacen falta controles, porque una suma alta podría ser casualidad: la misma red **sin entrenar**; los mismos pesos **barajados** entre las posiciones; y los pesos de
# **otra fecha**, por si bastara con mirar siempre al mismo sitio. **Predice**: ¿cuánto sacará cada uno?

# %%
texts = [one for one, _ in dates.test]
maps = experiment.attention_maps(model, test_batch)
kinds = {"de la red": maps, "sin entrenar": before}
kinds |= experiment.shuffle_maps(maps, texts, np.random.default_rng(SEED))
aligned = {name: experiment.alignment(one, texts) for name, one in kinds.items()}
score = {name: float(part.mean()) for name, part in aligned.items()}
plot_networks(
    {name: stored(f"peso, {name}") for name in kinds},
    xlabel="peso en su sitio",
    title="El peso de la red cae en su sitio; el de los controles, no",
)
plt.show()
explain(
    "La de hoy: "
    + "; ".join(f"{name}, {100 * part:.0f} %" for name, part in score.items())
    + f". Arriba, las {len(stored('exactas'))} guardadas."
)

# %% [markdown]
# ## 6 · Rómpelo y arréglalo
#
# La atención mira el relleno. Esta red es la misma, con los mismos pesos, y un descuido muy común: `softmax` sin máscara. Con una fecha sola no se nota nada. **Predice**: ¿y en un lote?


# %%
class Careless(Attentive):
    """Como la nuestra, sin máscara."""

    def look(self, scores, real):
        return scores.softmax(dim=2)


careless = Careless()
careless.load_state_dict(model.state_dict())
short = experiment.group_by_length(dates.test)[0]
alone, wide = experiment.encode_dates(short), experiment.widen(experiment.encode_dates(short), 60)
on_padding = experiment.attention_maps(careless, wide)[:, :, alone.source.shape[1] :].sum(axis=2)
with torch.inference_mode():
    gap = {
        name: float((one(*wide[:3]) - one(*alone[:3])).abs().max())
        for name, one in (("con máscara", model), ("sin ella", careless))
    }

# %%
explain(
    f"Las {len(short)} fechas más cortas, a solas y con 60 posiciones de relleno. Sin máscara, el {100 * on_padding.mean():.0f} % del peso cae en el relleno y las "
    f"puntuaciones cambian hasta {gap['sin ella']:.2f}; con ella, {gap['con máscara']:.0e}."
)
unmasked = {
    where: stored(where, masked=False)
    for where in ("exactas", "exactas, sin relleno", "exactas, con más relleno")
}
explain(
    "¿Y si se entrena así? En las guardadas, sin máscara desde el principio: "
    + "; ".join(
        f"{where}, {100 * part.mean():.1f} % (de {100 * part.min():.1f} a {100 * part.max():.1f})"
        for where, part in unmasked.items()
    )
    + f". En su sitio cae el {100 * stored('peso, de la red', masked=False).mean():.0f} % del peso."
)

# %% [markdown]
# El síntoma: **lo que escribe depende de con quién va en el lote**. La causa está en una línea, y la cura es tu 35.2. Fíjate en lo que pasa si se entrena así desde el principio: el acierto apenas
# se mueve, y casi todo el peso cae en su sitio: estas redes han aprendido a no mirar el relleno, y la falta no se ve en la nota. Se ve con esta prueba: la misma fecha, a solas y acompañada, debe dar lo mismo.
#
# *Buen sitio para descansar.*
#
# ## 7 · ¿Es la atención una explicación?
#
# El mapa invita a decir: «ha escrito el 2 **porque** ha mirado a febrero». Si los pesos explican, al **mover** el mes deben moverse con él. Escribimos
# cada fecha de dos maneras, con el día de la semana delante y sin él: todo se corre unas posiciones.

# %%
plain_dates = [(text, iso) for text, iso in dates.test if ", " in text]
shifts = np.array([text.index(", ") + 2 for text, _ in plain_dates])
long_maps = experiment.attention_maps(model, experiment.encode_dates(plain_dates))
moved_dates = [(text.partition(", ")[2], iso) for text, iso in plain_dates]
short_maps = experiment.attention_maps(model, experiment.encode_dates(moved_dates))
numbers = [step for steps in experiment.STEPS.values() for step in steps]  # las ocho cifras
moves = (long_maps.argmax(axis=2) - short_maps.argmax(axis=2))[:, numbers]
follows = float((moves == shifts[:, None]).mean())
explain(
    f"En {len(plain_dates)} fechas, el máximo se mueve exactamente lo que se ha movido la fecha en el {100 * follows:.1f} % de las cifras."
)

# %% [markdown]
# Siguen a lo escrito. Ahora algo que no ha visto nunca: el mes **delante**, «febrero 3 de 1998». **Predice**: ¿lo encontrará? ¿Acertará?

# %%
turned = [(experiment.month_first(iso), iso) for _, iso in dates.test]
turned_batch = experiment.encode_dates(turned)
turned_maps = experiment.attention_maps(model, turned_batch)
turned_right = float(
    exact(write_greedy(model, turned_batch, limit=12), turned_batch.targets).mean()
)
by_part = experiment.alignment(turned_maps, [one for one, _ in turned]).mean(axis=0)
year_part, month_part, day_part = by_part[:4].mean(), by_part[4:6].mean(), by_part[6:].mean()
plot_attention_map(
    look_at(experiment.month_first(iso)),
    experiment.month_first(iso),
    written,
    title="El mes delante: un orden que no ha visto",
)
plt.show()
explain(
    f"Con el mes delante, el peso que cae donde debe es, en el año, el {100 * year_part:.0f} %; en el mes, el {100 * month_part:.0f} %; en el día, el {100 * day_part:.0f} %. "
    f"Exactas: hoy, el {100 * turned_right:.0f} %; en las guardadas, el {100 * stored('exactas, mes delante').mean():.0f} %."
)

# %% [markdown]
# Mira mal y falla. ¿Falla **porque** mira mal? Todavía no se puede decir; al final de la sección volvemos. Otra prueba: en «3 de febrero» o «3/2/1998», el día es **una** cifra. Cambiemos solo
# esa. **Predice**: ¿cambiará el día también en una red que no le dé peso a esa cifra?

# %%
reading = experiment.read_day(model, dates.test)
kept = {name: stored(f"día, {name}") for name in reading._fields}
explain(
    f"En la cifra está el {100 * reading.on_figure:.0f} % del peso, y en el carácter siguiente, el {100 * reading.on_next:.0f} %. Si se cambia la cifra, escribe otro "
    f"día en el {100 * reading.changed:.0f} % de las fechas. En las guardadas, en la cifra está entre el {100 * kept['on_figure'].min():.0f} y el "
    f"{100 * kept['on_figure'].max():.0f} % del peso, y el día cambia, como poco, en el {100 * kept['changed'].min():.0f} %."
)

# %% [markdown]
# Cambia también en la red que no le da ningún peso: mira al carácter siguiente, cuyo estado ya la ha leído. Los pesos no señalan caracteres, sino **estados** de una GRU que ha leído todo lo
# anterior: dicen dónde se **recoge** la información, no de dónde sale. Que la cifra decide lo ha dicho el cambio, no el mapa.
#
# Y ahora el contraejemplo: los guiones. En el mapa, sus filas también señalan a algún sitio, a veces con todo el peso. **Predice**: si los pesos se reparten por igual, sin tocar nada más, ¿qué se
# estropea, las cifras o los guiones?


# %%
class Blurred(Attentive):
    """Los mismos pesos aprendidos, pero mira todo lo real por igual."""

    def look(self, scores, real):
        return masked_weights(torch.zeros_like(scores), real)


blurred = Blurred()
blurred.load_state_dict(model.state_dict())
with torch.inference_mode():
    hit = (blurred(*test_batch[:3]).argmax(dim=2) == test_batch.targets).float().mean(dim=0).numpy()
hyphens, figures_hit = float(hit[[4, 7]].mean()), float(hit[numbers].mean())
sharpest = maps[:, [4, 7]].max(axis=2).mean()
explain(
    f"Al escribir un guion, el mayor peso es, de media, {sharpest:.2f}. Mirando todo por igual, acierta el {100 * hyphens:.0f} % de los guiones y el {100 * figures_hit:.0f} % de las cifras. En las guardadas, fechas exactas así: "
    f"{100 * stored('exactas, todo por igual').mean():.1f} %; con sus pesos, {100 * stored('exactas').mean():.1f} %."
)

# %% [markdown]
# En las cifras, esta red usa sus pesos: sin ellos falla. En los guiones también los hay, dibujados parecen decir algo, y cambiarlos no cambia nada: un guion toca siempre en los mismos dos pasos, y no
# hay nada que mirar. Jain y Wallace (2019) encontraron algo así al clasificar textos y responder preguntas: con pesos muy distintos, la misma respuesta.
#
# Wiegreffe y Pinter (2019) respondieron que eso no basta para descartarla, y propusieron cuatro pruebas. La primera es entrenar con los pesos **fijos e iguales**: si basta, esa tarea no sirve para
# discutir si la atención explica. Es la red que no elige de la sección 4, y con fechas **basta**; con los números de seis cifras, no. Son dos preguntas distintas: ¿usa *esta* red sus pesos? Sí. ¿Hacen falta en
# *esta* tarea? No. ¿Y con el mes delante?

# %%
free = {
    name: stored("exactas, mes delante", kind=kind)
    for name, kind in (
        ("elige", "producto"),
        ("todo por igual", "media"),
        ("solo el último", "la última"),
    )
}
plot_networks(
    free,
    xlabel="exactas, con el mes delante",
    title="En un orden nuevo, las que no eligen aciertan más",
)
plt.show()
explain(
    f"Con el mes delante, todo por igual frente a elegir: {says(free, 'todo por igual', 'elige')}. Solo el último frente a elegir: {says(free, 'solo el último', 'elige')}."
)

# %% [markdown]
# Ninguna de las dos elige adónde mirar, y aciertan más: «falla **porque** mira mal» no era toda la historia. Por qué aciertan más, no lo hemos averiguado. Tres redes que en la prueba no se distinguen han aprendido
# cosas distintas.
#
# Quédate con esto: un mapa es una **pista** de adónde va la información. Para decir *porque*, cambia la entrada y mira qué cambia.
#
# ## 8 · Fuera la recurrencia
#
# Si el decodificador puede mirar a cualquier sitio, ¿para qué leer en orden? Que cada posición mire a todas las demás **de la misma frase**: **autoatención**
# (*self-attention*). Consultas, claves y valores salen de lo mismo, cada uno con su matriz. `dot_scores` y `attend` son tu 35.1, en dos partes.


# %%
class SelfAttention(nn.Module):
    """Cada posición mira a todas."""

    def __init__(self, size):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(size, size, bias=False) for _ in range(3))

    def forward(self, x):
        scores = dot_scores(self.query(x), self.key(x), scaled=True)
        return attend(scores, self.value(x)).context  # (lote, posiciones, size)


layer, x = SelfAttention(16), torch.randn(1, 9, 16)
order = torch.randperm(9)
permuted = (layer(x[:, order]) - layer(x)[:, order]).abs().max().item()
explain(f"Al permutar la entrada, la salida se permuta igual, y nada más: {permuted < 1e-5}.")

# %% [markdown]
# Es una identidad: en las cuentas no aparece el lugar de nadie. Para esta capa, una frase es **un saco**. **Predice**: ¿qué hará con «3/5/1998» y «5/3/1998», el
# tres de mayo y el cinco de marzo?

# %%
letters = nn.Embedding(len(ALPHABET), 16)
places = nn.Parameter(torch.randn(8, 16))


def sees(text, with_places):
    """Lo que sabe de toda la fecha: la media de lo que sale de la capa."""
    codes = torch.tensor([[ALPHABET.index(one) for one in text]])
    return layer(letters(codes) + places * with_places).mean(dim=1)


difference = {
    name: (sees("3/5/1998", on) - sees("5/3/1998", on)).abs().max().item()
    for name, on in (("sin posiciones", False), ("con ellas", True))
}
explain(
    f"Entre las dos fechas, lo que sale se diferencia, sin posiciones, menos de una millonésima: {difference['sin posiciones'] < 1e-6}; sumando a cada símbolo un vector de su "
    f"posición, {difference['con ellas']:.2f}."
)

# %% [markdown]
# Sin posiciones **no puede** distinguir «día mes» de «mes día», por mucho que se entrene. La cura es sencilla: sumar a cada símbolo un vector de su posición, que se aprende como los demás (en Vaswani y otros (2017) eran fijos, de
# senos y cosenos).
#
# Con autoatención, una capa oculta por posición y sumas y normalizaciones entre medias se hace un **transformer** (Vaswani y otros, 2017). Dos cosas más: cada capa lleva varias
# atenciones en paralelo, las **cabezas** (*heads*), que pueden mirar a sitios distintos; y en el decodificador, cada posición mira solo **hacia atrás**, porque lo de delante
# aún no está escrito.
#
# ### Ejercicio 35.3 ★★ · ¿Qué cabeza está rota?
#
# Cuatro cabezas que leen `3 feb`, con dos posiciones de relleno al final. Una está bien; cada una de las otras tiene una falta: mira el relleno, no elige (lo mira todo por igual) o
# hizo `softmax` en el eje equivocado, y los pesos de una posición no suman uno. Mira los mapas y decide **antes** de escribir nada.

# %%
real = 5
heads = experiment.draw_heads(np.random.default_rng(SEED), 7, real)
names = [f"cabeza {place + 1}" for place in range(len(heads))]
plot_heads(
    dict(zip(names, heads, strict=True)), "3 feb··", title="Tres de estas cabezas están rotas"
)
plt.show()
explain(
    "Cada fila es una posición que mira; cada columna, adónde mira. Las dos últimas posiciones son relleno."
)

# %% [markdown]
# Ahora, que lo diga un programa. Para cada cabeza, `"suma"`, `"relleno"`, `"igual"` o, si está bien, `""`. Cada una tiene una falta como mucho.


# %% tags=["exercise"]
def find_faults(heads, real):
    """heads: (cabezas, posiciones, posiciones), [quién mira, adónde]; real: cuántas son reales."""
    faults = []
    for weights in heads:
        ### BEGIN SOLUTION
        if not np.allclose(weights.sum(axis=1), 1):
            faults.append("suma")
        elif weights[:, real:].any():
            faults.append("relleno")
        elif np.allclose(weights[:, :real], 1 / real):
            faults.append("igual")
        else:
            faults.append("")
        ### END SOLUTION
    return faults


# %% tags=["check"]
find_faults = check("35.3", find_faults)

# %%
for name, fault in zip(names, find_faults(heads, real), strict=True):
    print(f"{name}: {fault or 'bien'}")

# %% [markdown]
# ### El transformer y la GRU, en la misma tarea
#
# Un transformer de una capa de cada lado (`experiment.build_transformer`, con las capas de PyTorch) y nuestra GRU con atención. **Predice**: con pocas actualizaciones, ¿cuál
# acertará más fechas?

# %%
settings = {
    "GRU con atención": {},
    "transformer": {"kind": "transformer", "epochs": 5, "rate": 3e-3},
    "transformer, sin posiciones": {
        "kind": "transformer, sin posiciones",
        "epochs": 5,
        "rate": 3e-3,
    },
}

# %%
print(f"{'':29}épocas  parámetros  segundos  exactas  con barras")
for name, changes in settings.items():
    row = [
        stored(what, **changes)
        for what in ("parámetros", "segundos", "exactas", "exactas, con barras")
    ]
    shown = "{:6d}  {:10.0f}  {:8.0f}  {:7.3f}  {:10.3f}"
    print(f"{name:29}" + shown.format((BASE | changes)["epochs"], *(part.mean() for part in row)))
versus = welch(stored("exactas", **settings["transformer"]), stored("exactas"))
explain(
    f"El transformer, con más épocas, frente a la GRU con atención: {versus.verdict('puntos', scale=100)}. Sin posiciones, con barras, acierta "
    f"el {100 * stored('exactas, con barras', **settings['transformer, sin posiciones']).mean():.1f} %."
)

# %% [markdown]
# De los transformers en general, esto no dice nada: es una tarea pequeña, con una capa, una tasa apenas buscada y pocas actualizaciones. Lo que se ve es que sin recurrencia también se hace, y que sin
# posiciones, no. Lo que los hizo famosos lo medimos en la sección 9.
#
# ### Ejercicio 35.4 ★★★ · El decodificador que ve el futuro
#
# Si se olvida la máscara del futuro, al entrenar cada posición ve la respuesta, como en la falta de la 34: pérdida diminuta, y escribiendo sola, un desastre. Escribe una prueba que sirva para **cualquier**
# decodificador: cambia un símbolo de los que recibe y mira qué salidas cambian.


# %% tags=["exercise"]
def find_leaks(decode, given):
    """decode(given) → (1, pasos, símbolos); given: (1, pasos), sin relleno.

    Devuelve una matriz de NumPy, (pasos, pasos): [t, u] es True si la salida t depende del símbolo u.
    """
    steps = given.shape[1]
    depends = np.zeros((steps, steps), dtype=bool)
    with torch.inference_mode():
        before = decode(given)
        for u in range(steps):
            ### BEGIN SOLUTION
            changed = given.clone()
            changed[0, u] = START if given[0, u] != START else END
            gap = (decode(changed) - before).abs().amax(dim=2)[0]  # (pasos,)
            depends[:, u] = (gap > 1e-6).numpy()
            ### END SOLUTION
    return depends


# %% tags=["check"]
find_leaks = check("35.4", find_leaks)

# %% [markdown]
# La usamos con tres decodificadores: el nuestro, un transformer y el mismo con la máscara olvidada. **Predice** la forma de cada matriz.

# %%
one = experiment.encode_dates([(text, iso)])
transformer = experiment.build_transformer(experiment.SYMBOLS).eval()
forgetful = experiment.build_transformer(experiment.SYMBOLS, causal=False).eval()
decoders = {
    name: (lambda given, net=net: net(one.source, one.lengths, given))
    for name, net in (
        ("GRU con atención", model),
        ("transformer", transformer),
        ("sin máscara", forgetful),
    )
}

# %%
leaks = {name: find_leaks(decode, one.given) for name, decode in decoders.items()}
plot_heads(
    {name: part.astype(float) for name, part in leaks.items()},
    "<" + iso,
    title="Qué salida depende de qué símbolo",
)
plt.show()
explain(
    "Dependencias hacia delante: "
    + "; ".join(f"{name}, {np.triu(part, 1).sum()}" for name, part in leaks.items())
    + "."
)

# %% [markdown]
# Nada debe pasar de la diagonal. La prueba no mira los pesos, sino lo que cambia: es el consejo de la sección 7, hecho programa. Guárdala; no hace falta entrenar nada para usarla.
#
# ## 9 · Lo que cuesta una secuencia larga
#
# Una GRU da $n$ pasos, uno detrás de otro. La autoatención hace $n^2$ puntuaciones, y todas a la vez. **Predice**: si la secuencia se hace cuatro veces más larga, ¿por cuánto se multiplica
# cada coste? ¿Cuál es más rápida con 500 posiciones?


# %%
gru, second = (nn.GRU(64, 64, batch_first=True) for _ in range(2))
wide_layer = SelfAttention(64)


def gru_with_attention(x):
    """Una GRU lee y otra, igual de larga, mira en cada paso todos sus estados."""
    states, queries = gru(x)[0], second(x)[0]
    return attend(dot_scores(queries, states), states).context


def seconds_of(function, length):
    """Segundos de procesador, hacia delante y hacia atrás, de dos secuencias: el mejor de dos."""
    x, taken = torch.randn(2, length, 64), []
    for _ in range(2):
        start = time.process_time()
        function(x).sum().backward()
        taken.append(time.process_time() - start)
    return min(taken)


# %%
lengths = (32, 128, 512, 2048)
layers = {
    "GRU": lambda x: gru(x)[0],
    "GRU con atención": gru_with_attention,
    "autoatención": wide_layer,
}
cost = {name: np.array([seconds_of(one, n) for n in lengths]) for name, one in layers.items()}
plot_cost(lengths, cost, title="La autoatención empieza por debajo y crece más")
plt.show()
growth = {name: float(part[3] / part[2]) for name, part in cost.items()}
explain(
    "De 512 a 2048 posiciones, el coste se multiplica: "
    + "; ".join(f"{name}, por {times:.1f}" for name, times in growth.items())
    + f". Con 512, la GRU tarda {cost['GRU'][2] / cost['autoatención'][2]:.0f} veces lo que la autoatención."
)

# %% [markdown]
# Dos cosas distintas. Las **cuentas** de la autoatención crecen con el cuadrado de la longitud; las de la GRU, con la longitud. Pero las de la GRU van **en fila**: miles de cuentas pequeñas que
# no pueden empezar hasta que acaba la anterior; las de la autoatención son unos pocos productos de matrices grandes, que se hacen a la vez. La GRU con atención paga las dos cosas. Ese es el argumento
# de Vaswani y otros (2017): no que acierte más con pocos datos, sino que se entrena **a la vez** en toda la frase. En una GPU, hecha para eso, la diferencia debería crecer; aquí no la hemos medido.
#
# ## 10 · Frases de verdad
#
# Una fecha solo tiene una respuesta. ¿Y una traducción? Las mismas tres redes, más anchas y con trozos de palabra (BPE, de la 31), del inglés al español, con frases de Tatoeba
# (`tools/experiments/translation.py`). Lo que sigue es de la **parte de prueba**: ninguna de sus frases, ni en inglés ni en español, está en el entrenamiento, ni cambiada en una tilde, una mayúscula o un signo.
#
# El **chrF** (Popović, 2015) compara trozos de letras con una traducción humana, de 0 a 100 (en la figura, de 0 a 1). Y un rival sin red: **el vecino**, que copia la traducción de la frase de entrenamiento más parecida.
# **Predice**: ¿quién gana?

# %%
translation = load_result("traduccion")


def scored(model, where="todas", measure="chrf"):
    """Lo que saca cada semilla con las frases de prueba."""
    rows = (translation["model"] == model) & (translation["where"] == where)
    return translation[measure][rows]


translators = ("atención", "último estado", "media", "vecino")
panels = {"todas": "todas: lo mejor, copiar", "lejos": "las menos parecidas: lo mejor, elegir"}
_, axes = plt.subplots(1, 2, figsize=(10, 2.8), layout="constrained")
for ax, (where, title) in zip(axes, panels.items(), strict=True):
    groups = {name: scored(name, where) / 100 for name in translators}
    plot_networks(groups, xlabel="chrF, de 0 a 1", title=title, ax=ax)
plt.show()

# %%
for where, title in (("todas", "todas"), ("lejos", "la mitad menos parecida a lo entrenado")):
    shown = [(name, scored(name, where), scored(name, where, "bleu")) for name in translators]
    explain(
        f"Frases de prueba, {title}. "
        + "; ".join(
            f"{name}, chrF {one.mean():.1f} (de {one.min():.1f} a {one.max():.1f}) y BLEU {bleu.mean():.1f}"
            for name, one, bleu in shown
        )
        + "."
    )
spans = ("1-4", "5-6", "7-8", "9-12", "13-20")
gaps = {span: scored("atención", span) - scored("último estado", span) for span in spans}
explain(
    "Lo que la atención saca al último estado, según las palabras de la frase: "
    + "; ".join(f"{span}, de {gap.min():.1f} a {gap.max():.1f}" for span, gap in gaps.items())
    + f". Son {len(gaps['1-4'])} redes de cada clase: no llegan para un intervalo."
)

# %% [markdown]
# De las tres redes, que solo se diferencian en adónde miran, la que elige saca más en las tres semillas y en todos los tramos; ver todos los estados sin elegir, otra vez, no añade nada. Pero el vecino, que
# no ha aprendido nada, saca en el conjunto más chrF que todas (en BLEU, más o menos lo mismo que la que elige); esta solo lo pasa con claridad donde hay poco que copiar. Son redes pequeñas, con dos mil
# actualizaciones: sin ese rival habríamos presumido de traductor.
#
# Para un intervalo, la muestra pueden ser las **frases**: cuarenta que escribió el curso y se fijaron antes de entrenar. De ellas, los ejemplos los elige una regla, no el ojo: la peor, la mediana y la
# mejor según el chrF de la primera red con atención.

# %%
own = load_result("traduccion_propias")


def by_sentence(model):
    """El chrF de cada frase del curso, media de las semillas."""
    return own["chrf"][own["model"] == model].reshape(len(np.unique(own["seed"])), -1).mean(axis=0)


for other in ("último estado", "media"):
    gain = paired(by_sentence("atención"), by_sentence(other))
    explain(
        f"Con las frases del curso, la atención frente a «{other}»: {gain.verdict('puntos de chrF')}."
    )
first = np.flatnonzero((own["model"] == "atención") & (own["seed"] == 0))
ranked = first[np.argsort(own["chrf"][first])]
for name, place in (("la peor", 0), ("la mediana", len(ranked) // 2), ("la mejor", -1)):
    row = ranked[place]
    print(f"{name}: {own['english'][row]} → {own['written'][row]}   (era: {own['spanish'][row]})")

# %%
heat = load_result("traduccion_mapa")
use = heat["seed"] == 0
grid = np.zeros((heat["step"][use].max() + 1, heat["position"][use].max() + 1))
grid[heat["step"][use], heat["position"][use]] = heat["weight"][use]
read, wrote = (
    list(dict(zip(heat[place][use].tolist(), heat[piece][use].tolist(), strict=True)).values())
    for place, piece in (("position", "read"), ("step", "written"))
)
plot_attention_map(grid, read, wrote, title="Un mapa muy claro de una mala traducción")
plt.show()
explain(
    f"Lee «{''.join(read)}» y escribe «{''.join(wrote)}». Donde más mira: "
    + "; ".join(
        f"para «{piece.strip()}», «{read[row.argmax()].strip()}» ({row.max():.2f})"
        for piece, row in zip(wrote, grid, strict=True)
    )
    + "."
)

# %% [markdown]
# Mira a la bicicleta y escribe otra cosa. Que el peso caiga donde debe no dice que lo escrito esté bien.

# %% [markdown]
# ## 11 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("La atención escalada es la de PyTorch", same_as_torch, "<", 1e-6, kind="identidad"),
    claim("Con atención, escribe bien casi todas las fechas", right.mean(), ">", 0.8),
    claim("El peso cae donde debe", score["de la red"], ">", 0.85),
    claim("Sin entrenar, no", score["sin entrenar"], "<", 0.6),
    claim("Con los pesos de otra fecha, tampoco", score["de otra fecha"], "<", 0.6),
    claim("Sin máscara, el relleno cambia lo que escribe", gap["sin ella"], ">", 0.1),
    claim("Si la fecha se mueve, los pesos la siguen", follows, ">", 0.8),
    claim("Cambiar la cifra del día cambia lo que escribe", reading.changed, ">", 0.8, kind="identidad"),
    claim("Mirando todo por igual, los guiones salen igual", hyphens, ">", 0.9),
    claim("Sin sus pesos, falla muchas cifras", figures_hit, "<", 0.8),
    claim("Permutar la entrada permuta la salida", permuted, "<", 1e-5, kind="identidad"),
    claim("Al alargarse, la autoatención crece más que la GRU", growth["autoatención"] / growth["GRU"], ">", 1.5),
)  # fmt: skip

# %% [markdown]
# ## Qué no hemos demostrado
#
# Que la atención por producto sea peor o mejor que la aditiva, ni la GRU con atención mejor que un transformer fuera de aquí: son tareas pequeñas, con pocas actualizaciones y las tasas apenas buscadas. Tampoco que
# la red de la 34 no pueda con las fechas: con estas recetas apenas aprende, y no sabemos qué parte de la cura es la capa de más. Ni que los pesos expliquen lo que hace la red. Y el coste es el de un
# procesador con un hilo: en otro ordenador cambian los segundos, no cómo crecen las cuentas.
#
# ## Resumen
#
# - **Atención**: puntuar cada posición, hacer pesos con `softmax` y promediar. Todo se aprende junto.
# - La memoria ya no es un vector, sino **todos los estados**, y se elige entre ellos: la curva del cuello de botella se aplana. Si hay poco que recordar, un resumen siempre delante basta.
# - La máscara va **antes** de `softmax`; una fila sin nada que mirar necesita una respuesta decidida.
# - Un mapa se **mide**: contra la verdad y contra sus controles.
# - Que una red use sus pesos no quiere decir que la tarea los necesite: entrena otra con pesos iguales. Para decir *porque*, cambia la entrada.
# - **Autoatención** sin posiciones: un saco. Con ellas, un transformer: más cuentas, y todas a la vez.
#
# ## Errores frecuentes
#
# - `softmax` en el eje equivocado: los pesos deben sumar uno **por consulta**.
# - Poner a cero el relleno después de `softmax`: los demás ya no suman uno.
# - Usar $-\infty$ sin pensar en la fila que no mira nada.
# - Olvidar las posiciones, o la máscara del futuro.
# - Enseñar un mapa, elegido a ojo, como explicación.
#
# ## Para saber más
#
# - D. Bahdanau, K. Cho e Y. Bengio (2015), *Neural machine translation by jointly learning to align and translate*, ICLR.
# - M.-T. Luong, H. Pham y C. D. Manning (2015), *Effective approaches to attention-based neural machine translation*, EMNLP.
# - A. Vaswani y otros (2017), *Attention is all you need*, NIPS.
# - S. Jain y B. C. Wallace (2019), *Attention is not explanation*, NAACL.
# - S. Wiegreffe e Y. Pinter (2019), *Attention is not not explanation*, EMNLP.
# - M. Popović (2015), *chrF: character n-gram F-score for automatic MT evaluation*, WMT.
#
# **Siguiente**: [41 · Pronóstico honesto](41_pronostico_honesto.ipynb), que vuelve a las series.

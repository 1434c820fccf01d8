# %% [markdown]
# # 34 · Codificador-decodificador
#
# **«Doscientos veintiún mil cuatro» son cuatro palabras y «221004», seis cifras. ¿Cómo escribe una red algo que no mide lo mismo que lo que lee?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a montar un codificador y un decodificador y a entrenarlos con los símbolos de inicio y de fin en su sitio; a escribir con búsqueda voraz y con haz, y a medir qué gana el haz; a medir qué pasa cuando la red lee sus propios errores; a ver dónde se atasca un resumen de tamaño fijo; a probar una red con lo que no ha visto nunca |
# | **Antes de empezar** | [33 · Generación](33_generacion.ipynb); de la 16, las longitudes y el símbolo de fin |
# | **Tiempo** | 60 minutos de lectura y ejercicios, en dos ratos: el primero, hasta el final de la sección 5; medio minuto de ejecución |
# | **Herramientas** | PyTorch |

# %% tags=["parameters"]
FAST = True  # False: la red que se entrena aquí da el triple de vueltas (un minuto)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

# %%
from course_utils.claims import claim, explain, verify
from course_utils.comparison import mcnemar, paired
from course_utils.datasets import load_result
from course_utils.decoding import beam_search
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_34 import (
    DIGITS,
    END,
    PAD,
    START,
    WORDS,
    Batch,
    experiment,
    plot_accuracy,
    plot_networks,
)
from course_utils.padding import pad
from course_utils.plotting.diagrams import describe_encoder_decoder, plot_encoder_decoder
from course_utils.synthetic import to_words
from course_utils.training import fit

# %% [markdown]
# ## 1 · Leer palabras, escribir cifras
#
# Hasta ahora, la red daba una respuesta por secuencia o una por paso. Aquí entra una secuencia y sale **otra**: otros
# símbolos y otra longitud. Es lo que hace un traductor. El nuestro leerá números con palabras y los escribirá con cifras; así
# sabremos siempre, sin discusión, si ha acertado.

# %%
rng = np.random.default_rng(SEED)
numbers = experiment.split_numbers(SEED)
for number in (numbers.tests["4"][0], numbers.tests["6"][0]):
    print(f"{to_words(int(number))} → {number}")
explain(
    f"Se entrena con {len(numbers.train)} números de una a seis cifras, igual parte de cada cantidad; distintos, {len(np.unique(numbers.train))}, "
    f"porque de los cortos hay pocos y se repiten. Para la prueba se apartan {len(numbers.tests['6'])} de cada cantidad, de tres a seis, que no se entrenan nunca."
)

# %% [markdown]
# Hay dos vocabularios, uno por lado: el de leer tiene las palabras y el de escribir, las cifras. El 0 es el relleno de los dos, «·». El de
# escribir necesita además dos símbolos: el de **fin**, «>», que ya conoces (lección 16), y el de **inicio** (*start of sequence*), «<», lo
# que recibe la red cuando aún no ha escrito nada.

# %%
print("leer:    ", *WORDS[:9], "…", *WORDS[-3:])
print("escribir:", *DIGITS, f"   (relleno {PAD}, inicio {START}, fin {END})")

# %% [markdown]
# Al entrenar se sabe la respuesta, y se usa. En cada paso, quien escribe recibe la cifra anterior **verdadera** y debe dar la
# siguiente: recibe «< 2 1» y debe dar «2 1 >». A esto se le llama **forzado por el maestro** (*teacher forcing*; Williams y Zipser, 1989): si se
# equivoca en una cifra, para la siguiente recibe la correcta.
#
# ### Ejercicio 34.1 ★ · Un paso de desfase
#
# De cada respuesta, una lista de identificadores, escribe en su fila lo que recibe y lo que debe dar. Detrás, relleno.


# %% tags=["exercise"]
def given_and_targets(answers):
    """Respuestas (listas de identificadores) → lo que recibe y lo que da, (lote, pasos)."""
    steps = max(len(answer) for answer in answers) + 1
    given = np.full((len(answers), steps), PAD)
    targets = np.full((len(answers), steps), PAD)
    for row, answer in enumerate(answers):
        ### BEGIN SOLUTION
        given[row, : len(answer) + 1] = [START, *answer]
        targets[row, : len(answer) + 1] = [*answer, END]
        ### END SOLUTION
    return given, targets


# %% tags=["check"]
given_and_targets = check("34.1", given_and_targets)


# %%
def prepare(numbers):
    """Números → lo que se lee, sus longitudes, lo que recibe quien escribe y lo que debe dar."""
    read = pad([[WORDS.index(word) for word in to_words(int(n)).split()] for n in numbers])
    given, targets = given_and_targets(
        [[DIGITS.index(figure) for figure in str(n)] for n in numbers]
    )
    return Batch(*map(torch.as_tensor, (read.values, read.lengths, given, targets)))


def text(symbols):
    """Símbolos → texto, sin el relleno."""
    return "".join(DIGITS[code] for code in symbols if code != PAD)


train_batch = prepare(numbers.train)
tests = {name: prepare(test) for name, test in numbers.tests.items()}
print(
    "se lee",
    train_batch.source[0].tolist(),
    "· recibe",
    text(train_batch.given[0]),
    "· da",
    text(train_batch.targets[0]),
)

# %% [markdown]
# ## 2 · Dos redes y un resumen
#
# La idea es de 2014, y se publicó dos veces (Cho y otros; Sutskever, Vinyals y Le). Una red, el **codificador** (*encoder*), lee y se
# queda con su último estado. Otra, el **decodificador** (*decoder*), empieza en ese estado y escribe:
#
# $$h_t = \text{GRU}(x_t, h_{t-1})\qquad s_0 = h_T\qquad s_t = \text{GRU}'(y_{t-1}, s_{t-1})\qquad p(y_t) = \text{softmax}(s_t W + b)$$
#
# $x_t$ son las palabras; $y_t$, las cifras, con $y_0$ el inicio. De todo lo leído, al decodificador le llega **un vector**, $h_T$.

# %%
words, symbols = ("dos", "mil", "cuatro"), ("2", "0", "0", "4", ">")
plot_encoder_decoder(words, symbols, start="<", title="Todo lo leído pasa por un solo estado")
plt.show()
explain(describe_encoder_decoder(words, symbols, start="<"))


# %% [markdown]
# El modelo tiene dos métodos. `encode` lee y devuelve la **memoria**: lo que el decodificador sabe de lo leído y de lo que lleva
# escrito. `decode` recibe símbolos y memoria, y devuelve puntuaciones y la memoria siguiente: sirve para toda la respuesta de una vez, al
# entrenar, y para un solo símbolo, al escribir.


# %%
class Translator(nn.Module):
    """Codificador y decodificador, dos GRU del mismo tamaño."""

    def __init__(self, size=64):
        super().__init__()
        self.read = nn.Embedding(len(WORDS), size)
        self.encoder = nn.GRU(size, size, batch_first=True)
        self.written = nn.Embedding(len(DIGITS), size)
        self.decoder = nn.GRU(size, size, batch_first=True)
        self.output = nn.Linear(size, len(DIGITS))

    def encode(self, source, lengths):
        x = self.read(source)  # (lote, palabras, size)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.encoder(packed)[1][0]  # el último estado de cada uno: (lote, size)

    def decode(self, given, memory):
        states, last = self.decoder(self.written(given), memory[None])  # (lote, pasos, size)
        return self.output(states), last[0]  # (lote, pasos, símbolos), (lote, size)

    def forward(self, source, lengths, given):
        return self.decode(given, self.encode(source, lengths))[0]


# %% [markdown]
# ### Ejercicio 34.2 ★★ · La pérdida en los pasos reales
#
# Las respuestas no miden lo mismo. Devuelve la entropía cruzada media en los pasos reales: los del objetivo que no son relleno.


# %% tags=["exercise"]
def translation_loss(scores, targets):
    """scores: (lote, pasos, símbolos); targets: (lote, pasos) → un tensor de un solo número."""
    ### BEGIN SOLUTION
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=PAD)
    ### END SOLUTION


# %% tags=["check"]
translation_loss = check("34.2", translation_loss)


# %%
def train(batch, *, epochs):
    """Una red nueva, entrenada con las cifras verdaderas, y su historial."""
    torch.manual_seed(SEED)
    model = Translator()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    options = {"batch_size": 256, "clip_norm": 1.0, "seed": SEED}
    return model, fit(
        model, batch, loss=translation_loss, optimizer=optimizer, epochs=epochs, **options
    )


model, history = train(train_batch, epochs=5 if FAST else 15)
explain("Pérdida de cada época: " + "; ".join(f"{loss:.2f}" for loss in history["loss"]) + ".")

# %% [markdown]
# ## 3 · Escribir sin chuleta
#
# Ahora no hay cifras verdaderas. Quien escribe recibe **lo último que ha escrito**. La manera más sencilla de elegir es la **búsqueda
# voraz** (*greedy*): en cada paso, el símbolo más probable, hasta el de fin.
#
# ### Ejercicio 34.3 ★★ · Escribe y para
#
# Escribe todo el lote a la vez. Quien ya ha escrito el fin sigue con relleno; cuando han acabado todos, o al llegar al límite, se para.


# %% tags=["exercise"]
def greedy(model, source, lengths, limit):
    """Lo que escribe la red: (lote, pasos), con el fin y sin el inicio; `limit` pasos como mucho."""
    with torch.inference_mode():
        memory = model.encode(source, lengths)
        last = torch.full((len(source), 1), START)  # (lote, 1)
        over = torch.zeros(len(source), dtype=torch.bool)  # quién ha acabado
        written = []
        for _ in range(limit):
            ### BEGIN SOLUTION
            scores, memory = model.decode(last, memory)
            last = scores.argmax(dim=2).masked_fill(over[:, None], PAD)
            written.append(last)
            over |= last[:, 0] == END
            if over.all():
                break
            ### END SOLUTION
        return torch.cat(written, dim=1)


# %% tags=["check"]
greedy = check("34.3", greedy)

# %% [markdown]
# Un número con una cifra mal es otro número. Contaremos solo las respuestas **exactas**, con su fin. **Predice**: ¿cuántas de cada cien, con
# tres cifras? ¿Y con seis?


# %%
def right_answers(model, batch):
    """Qué números escribe bien, enteros."""
    return experiment.exact(greedy(model, batch.source, batch.lengths, 9), batch.targets)


figures = ("3", "4", "5", "6")
live = np.array([right_answers(model, tests[name]).mean() for name in figures])
hard = tests["6"]
answers = greedy(model, hard.source, hard.lengths, 9)
for row in np.flatnonzero(~experiment.exact(answers, hard.targets))[:5]:
    print(
        f"{text(hard.targets[row])} leído como {text(answers[row])}  ({to_words(int(numbers.tests['6'][row]))})"
    )
explain(
    "Respuestas exactas, en números que no había visto: "
    + "; ".join(
        f"con {n} cifras, {100 * part:.0f} %" for n, part in zip(figures, live, strict=True)
    )
    + "."
)

# %% [markdown]
# Los fallos no son disparates. ¿En qué fallan?

# %%
wrong = ~experiment.exact(answers, hard.targets)
pairs = zip(answers[torch.as_tensor(wrong)], hard.targets[torch.as_tensor(wrong)], strict=True)
shuffled = np.mean([sorted(text(a)) == sorted(text(b)) for a, b in pairs]) if wrong.any() else 0.0
explain(
    f"De las {wrong.sum()} respuestas falsas de seis cifras, el {100 * shuffled:.0f} % tiene las cifras que debe, "
    "en otro orden."
)

# %% [markdown]
# Muchas veces sabe **qué** cifras son y no **dónde** van.
#
# ## 4 · Rómpelo y arréglalo
#
# Este código prepara los datos de otra manera. Es un fallo muy común, y da una alegría: la pérdida baja como nunca.


# %%
def prepare_fast(numbers):
    """Como `prepare`, con menos líneas."""
    batch = prepare(numbers)
    whole = torch.cat([batch.given[:, :1], batch.targets], dim=1)  # inicio, cifras y fin
    return batch._replace(given=whole[:, 1:], targets=whole[:, 1:])  # el lote, con otras dos partes


too_good, too_good_history = train(prepare_fast(numbers.train), epochs=2)
explain(
    f"Tras dos épocas, su pérdida es {too_good_history['loss'][-1]:.4f}; la de la buena, {history['loss'][1]:.2f}."
)

# %% [markdown]
# **Predice**: ¿escribirá mejor?

# %%
cheat_exact = np.mean([right_answers(too_good, tests[name]).mean() for name in figures])
fast_batch = prepare_fast(numbers.tests["6"])
with torch.inference_mode():
    forced = too_good(*fast_batch[:3]).argmax(dim=2)
    others = fast_batch.source.flip(0), fast_batch.lengths.flip(0)  # lee otro número
    blind = too_good(*others, fast_batch.given).argmax(dim=2)
cheat_forced, cheat_blind = (
    float((written == fast_batch.targets).float().mean()) for written in (forced, blind)
)
shown = greedy(too_good, hard.source[:3], hard.lengths[:3], 9)
print(
    "escribe:", *(text(row) for row in shown), "  y era:", *(text(row) for row in hard.targets[:3])
)
explain(
    f"Recibiendo lo que le dan al entrenar acierta el {100 * cheat_forced:.1f} % de las cifras, y si lee otro número, el "
    f"{100 * cheat_blind:.1f} %. Escribiendo sola, el {100 * cheat_exact:.1f} % de los números."
)

# %% [markdown]
# Acierta lea lo que lea: ha aprendido a copiar lo que recibe. ¿Qué línea se lo permite?
#
# ### Ejercicio 34.4 ★ · Arréglalo
#
# Devuelve el lote bien hecho, a partir de `whole`.


# %% tags=["exercise"]
def prepare_mended(numbers):
    """`prepare_fast`, sin el fallo."""
    batch = prepare(numbers)
    whole = torch.cat([batch.given[:, :1], batch.targets], dim=1)  # inicio, cifras y fin
    ### BEGIN SOLUTION
    return batch._replace(given=whole[:, :-1], targets=whole[:, 1:])
    ### END SOLUTION


# %% tags=["check"]
prepare_mended = check("34.4", prepare_mended)

# %% [markdown]
# Los dos cortes eran el mismo: en cada paso **recibía la cifra que debía dar**. Con `whole[:, :-1]`, las respuestas cortas aún reciben su fin, que en tu
# 34.1 era relleno; ahí el objetivo es relleno y no cuenta. La señal para la próxima vez: una pérdida demasiado buena, y una red que escribe mal.
# **El acierto con las cifras verdaderas no dice cómo escribe una red.**
#
# ## 5 · Lo que no vio al entrenar
#
# La red buena también se entrenó recibiendo cifras verdaderas, y al escribir recibe las suyas. Mientras acierta, da lo mismo. Tras el primer error
# está donde no ha estado nunca: delante de un comienzo equivocado. Es el **sesgo de exposición** (*exposure bias*; Ranzato y
# otros, 2016).
#
# Midámoslo cifra a cifra, en seis redes guardadas (las cuenta la sección 6) y con números de seis cifras. **Predice**: ¿en qué cifra será mayor la
# diferencia?

# %%
table = load_result("cifras")
BASE = {"size": 64, "neck": 0, "order": "normal", "epochs": 5, "rate": 0.01, "largest": 999_999}


def stored(measure, where, **changes):
    """Lo que salió en cada red guardada, una por semilla."""
    wanted = BASE | changes | {"measure": measure, "where": where}
    return table["value"][np.all([table[name] == one for name, one in wanted.items()], axis=0)]


places = [str(t) for t in range(7)]
PLACES = ["1.ª", "2.ª", "3.ª", "4.ª", "5.ª", "6.ª", "fin"]
by_place = {
    f"recibe {name}": np.stack([stored(key, t) for t in places], axis=1)
    for name, key in (("las verdaderas", "verdaderas"), ("las suyas", "suyas"))
}

# %%
title = "De la primera cifra a la sexta, la distancia crece"
plot_accuracy(PLACES, by_place, xlabel="símbolo que se escribe", title=title)
plt.show()
true_digits, own_digits = (curve.mean(axis=0) for curve in by_place.values())
worst = int((true_digits - own_digits).argmax())
explain(
    f"Con las verdaderas acierta entre el {100 * true_digits.min():.0f} y el {100 * true_digits.max():.0f} %; con las suyas, entre "
    f"el {100 * own_digits.min():.0f} y el {100 * own_digits.max():.0f} %. La mayor diferencia, en la cifra {worst + 1}. "
    f"El fin, el {100 * true_digits[-1]:.0f} y el {100 * own_digits[-1]:.0f} %."
)

# %% [markdown]
# Las dos curvas vuelven arriba en el fin: tras la sexta cifra lo escribe casi siempre, hasta detrás de cifras falsas. Y la de las verdaderas también baja: hay
# cifras más difíciles que otras. ¿Falla más por recibir sus errores, o es que falla en los números difíciles? Hace falta un control. Tomemos **los mismos números y los
# mismos pasos**, los que vienen tras un error suyo, y cambiemos solo lo que recibe.

# %%
# Qué acierta en cada paso, con unas y con otras, y en cuáles ya había errado: (números, pasos).
positions = experiment.right_by_position(model, hard)
both = positions.true, positions.own
after_true, after_own = (right[positions.erred].mean() for right in both)
gap = paired(stored("verdaderas", "tras un error"), stored("suyas", "tras un error"))
explain(
    f"En los pasos que vienen tras un error, la red de hoy acierta el {100 * after_own:.0f} % con lo que ella ha escrito y el {100 * after_true:.0f} % con las "
    f"cifras verdaderas. En las guardadas, con las verdaderas, {gap.verdict('puntos', scale=100)}."
)

# %% [markdown]
# El número y el paso son los mismos: la diferencia la hace lo que recibe. ¿Es que un comienzo falso confunde? Hay otras dos maneras de perder ahí. Si cambia
# dos cifras de sitio, fallan dos por **un** error. Y las verdaderas **informan**: dicen por dónde va. Dos pruebas más. Una: no contar el paso
# siguiente al error, ni el fin, que es fácil. Otra: dar a la red las cifras verdaderas, menos una, la segunda, que será otra al azar.
#
# **Predice**: con una sola cifra falsa, ¿cuántas de las cuatro siguientes acertará?

# %%
later = positions.erred.copy()
failed = np.flatnonzero(later.any(axis=1))
later[failed, later[failed].argmax(axis=1)] = False  # el paso siguiente a su primer error
later[:, -1] = False  # el fin
later_true, later_own = (right[later].mean() for right in both)
given, change = hard.given.clone(), torch.randint(1, 10, (len(hard.given),))
given[:, 2] = END + 1 + (given[:, 2] - END - 1 + change) % 10  # otra segunda cifra
with torch.inference_mode():
    right = model(hard.source, hard.lengths, given).argmax(dim=2) == hard.targets
one_false, none_false = right.numpy()[:, 2:6].mean(), positions.true[:, 2:6].mean()
explain(
    f"Sin contar el paso siguiente ni el fin, acierta el {100 * later_own:.0f} % con lo suyo y el {100 * later_true:.0f} % con las verdaderas. "
    f"De la tercera cifra a la sexta, con una segunda falsa, el {100 * one_false:.0f} %; con todas verdaderas, el {100 * none_false:.0f} %."
)

# %% [markdown]
# Pasado el tropiezo, con sus errores se rehace en parte: muchos eran cifras cambiadas de sitio. Con una falsa al azar se pierde casi siempre, aunque lo
# demás que recibe sea verdad. **Un comienzo equivocado confunde; cuánto, depende del error.**
#
# ## 6 · El resumen es un cuello de botella
#
# Cuantas más cifras, menos aciertos. La sospecha: todo cabe, o no, en **un vector**. Con más unidades debería caber más.
# Entrenamos redes de tres tamaños, seis de cada uno (`tools/experiments/figures.py`), igual que la de hoy.
#
# **Predice**: ¿qué curva cambiará más con el tamaño, la de tres cifras o la de seis?

# %%
sizes = {
    f"{size} unidades": np.stack([stored("voraz", n, size=size) for n in figures], axis=1)
    for size in (128, 64, 32)
}
drop = {name: 100 * (curve[:, 0] - curve[:, 3]).mean() for name, curve in sizes.items()}
title = "Cuanto menor es el estado, más se hunden los números largos"
plot_accuracy(figures, sizes, xlabel="cifras del número", live=live, title=title)
plt.show()
explain(
    "De tres a seis cifras se pierden, de media: "
    + "; ".join(f"con {name}, {points:.0f} puntos" for name, points in drop.items())
    + f". La estrella es la red de hoy, de 64: {100 * live[3]:.0f} % con seis cifras."
)

# %%
slower = {size: stored("voraz", "6", size=size, rate=0.005) for size in (128, 64, 32)}
alike = {name: curve[:, 0].mean() ** (7 / 4) for name, curve in sizes.items()}  # símbolos: 7 y 4
different = np.unique(numbers.train)
seen = [np.mean(np.isin(np.arange(10 ** (n - 1), 10**n), different)) for n in (3, 6)]
explain(
    "Con otra tasa, la mitad, y dos redes de cada tamaño, con seis cifras: "
    + "; ".join(f"de {size}, {100 * part.mean():.0f} %" for size, part in slower.items())
    + "."
)
less = [paired(sizes[f"{n} unidades"][:, 3], sizes[f"{2 * n} unidades"][:, 3]) for n in (64, 32)]
explain(
    f"Con seis cifras, de 64 frente a 128, {less[0].verdict('puntos', scale=100)}; de 32 frente a 64, {less[1].verdict('puntos', scale=100)}. "
    "Si cada símbolo se fallara lo mismo que en los de tres cifras, con seis acertarían: "
    + "; ".join(f"con {name}, el {100 * part:.0f} %" for name, part in alike.items())
    + f". De los números de tres cifras, al entrenar se ve el {100 * seen[0]:.0f} %; de los de seis, el {100 * seen[1]:.1f} %."
)

# %% [markdown]
# No es solo que haya más símbolos que fallar. La figura va con la sospecha, y no la demuestra: de los largos se ha visto una parte mínima, y con
# más unidades crece **todo**, también lo que sabe calcular cada red. El control: redes de 64 unidades en las que solo se estrecha el paso. Entre
# codificador y decodificador, dos capas lineales: 64 → 8 → 64. Su pareja lleva las mismas capas sin estrechar, 64 → 64 → 64. Y una duda más: ¿bastaría con entrenar el doble?

# %%
controls = {
    "64 unidades": stored("voraz", "6"),
    "64 → 64 → 64": stored("voraz", "6", neck=64),
    "64 → 8 → 64": stored("voraz", "6", neck=8),
    "el doble de épocas": stored("voraz", "6", epochs=10),
}
plot_networks(
    controls,
    xlabel="números de seis cifras exactos",
    title="Estrechar el paso cuesta, y no es lo único",
)
plt.show()
# %%
narrow = paired(controls["64 → 8 → 64"], controls["64 → 64 → 64"])
layers = paired(controls["64 → 64 → 64"], controls["64 unidades"])
short_narrow, short_wide = (stored("voraz", "3", neck=neck) for neck in (8, 64))
short = paired(short_narrow, short_wide)
uneven = paired(controls["64 → 8 → 64"] - controls["64 → 64 → 64"], short_narrow - short_wide)
longer = paired(controls["el doble de épocas"], controls["64 unidades"])
networks = [experiment.build_translator(experiment.SYMBOLS, 64, neck=neck) for neck in (8, 64)]
weights = [sum(part.numel() for part in net.parameters()) for net in networks]
explain(
    f"Estrechar a 8, con seis cifras: {narrow.verdict('puntos', scale=100)}; con tres, {short.verdict('puntos', scale=100)}. "
    f"Con seis frente a con tres, se quedan {uneven.verdict('puntos', scale=100)}. Pesos: {weights[0]} y {weights[1]}. "
    f"Las capas, sin estrechar nada: {layers.verdict('puntos', scale=100)}. "
    f"Entrenar el doble: {longer.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Mismos datos y mismas capas, más o menos anchas (y, por eso, algunos pesos menos): **estrechar el paso cuesta**, y con seis cifras, muchos más puntos que con
# tres, donde casi todo se acierta y poco se puede ver. Pero fíjate en la segunda fila: poner en medio dos capas que **no** estrechan también cuesta, y mucho. Si
# hubiéramos comparado «64 → 8 → 64» con la red sin capas, habríamos achacado todo al tamaño. Y entrenar el doble ayuda: en el mismo vector cabía más. ¿Le pasa
# igual a la estrecha? **Predice**: con el doble de épocas las dos, ¿alcanzará a su pareja?

# %%
late_narrow, late_wide = (stored("voraz", "6", neck=neck, epochs=10) for neck in (8, 64))
late = paired(late_narrow, late_wide)
closer = paired(late_narrow - late_wide, controls["64 → 8 → 64"] - controls["64 → 64 → 64"])
meaning = (
    "No era solo cuestión de ir más despacio, o el doble no basta."
    if late.high < 0
    else "Lo que parecía falta de sitio pudo ser falta de tiempo."
)
explain(
    f"Con el doble de épocas, «64 → 8 → 64» acierta el {100 * late_narrow.mean():.0f} % y «64 → 64 → 64», el {100 * late_wide.mean():.0f} %: "
    f"{late.verdict('puntos', scale=100)}. Lo que gana la estrecha al doblarlas, frente a lo que gana la otra: {closer.verdict('puntos', scale=100)}. {meaning}"
)

# %% [markdown]
# La lección 35 quita el cuello: dejará mirar todos los estados, no solo el último.
#
# ## 7 · ¿Leer al revés?
#
# Sutskever, Vinyals y Le contaron un truco: dar la vuelta a lo que se lee. «Cuatro mil veintiún doscientos». La primera palabra queda pegada a la primera
# cifra, y en traducción les sirvió de mucho. **Predice**: ¿servirá aquí?
#
# Un control: darle la vuelta también a lo que se escribe. Si lo que cuenta es que el principio quede cerca del principio, al invertir las dos cosas
# vuelve a quedar lejos.

# %%
orders = {name: stored("voraz", "6", order=name) for name in ("normal", "invertida", "las dos")}
plot_networks(
    orders, xlabel="números de seis cifras exactos", title="Leer al revés: ninguna diferencia clara"
)
plt.show()
reading = {name: paired(orders[name], orders["normal"]) for name in ("invertida", "las dos")}
explain(
    f"Frente a leer en orden: invertida, {reading['invertida'].verdict('puntos', scale=100)}; las dos cosas invertidas, "
    f"{reading['las dos'].verdict('puntos', scale=100)}."
)

# %% [markdown]
# Aquí no hay una diferencia clara, ni con el control. Eso no desmiente a Sutskever: sus frases eran largas, y las nuestras tienen nueve palabras como mucho. Y el
# intervalo es ancho: cabe en él una buena ventaja. Guarda esta pareja de redes: en la sección 9 se separarán.
#
# ## 8 · ¿Y si buscamos mejor?
#
# La red da una probabilidad a cada respuesta entera, el producto de las de sus símbolos. La búsqueda voraz elige lo mejor **en cada paso**, que no tiene
# por qué ser el comienzo de lo mejor. La **búsqueda en haz** (*beam search*) lleva varios comienzos a la vez: alarga todos con todos los símbolos y
# conserva los `width` más probables. Como el producto de números menores que uno enseguida es diminuto, se suman logaritmos.
#
# ### Ejercicio 34.5 ★★★ · Busca en haz
#
# El modelo es diminuto, una tabla: `log_probs[a, b]` es el logaritmo de la probabilidad de escribir `b` después de `a`. Cada hipótesis es una pareja: los
# símbolos, con el inicio delante, y la suma de sus logaritmos. De las `width` mejores, acaben o no, las que acaban salen del haz y esperan en `ended`; las demás
# siguen.


# %% tags=["exercise"]
def find_best(log_probs, width, limit):
    """Los símbolos de la mejor respuesta, sin el inicio, y el logaritmo de su probabilidad."""
    alive, ended = [((START,), 0.0)], []
    for _ in range(limit):
        ### BEGIN SOLUTION
        longer = [
            ((*prefix, symbol), total + gain)
            for prefix, total in alive
            for symbol, gain in enumerate(log_probs[prefix[-1]])
        ]
        best = sorted(longer, key=lambda one: one[1], reverse=True)[:width]
        ended += [one for one in best if one[0][-1] == END]
        alive = [one for one in best if one[0][-1] != END]
        ### END SOLUTION
    symbols, total = max(ended or alive, key=lambda one: one[1])
    return symbols[1:], total


# %% tags=["check"]
find_best = check("34.5", find_best)

# %% [markdown]
# ¿Encuentra lo que debe? Con modelos tan pequeños se puede enumerar todo: cada respuesta de cuatro símbolos o menos. **Predice**: ¿cuántas veces de
# cada cien dará la voraz con la mejor?


# %%
def truly_best(log_probs, limit):
    """El mayor logaritmo de la probabilidad de todas las respuestas que acaban: las prueba todas."""
    others = [symbol for symbol in range(len(log_probs)) if symbol != END]
    every = (middle for n in range(limit) for middle in product(others, repeat=n))
    return max(
        sum(log_probs[a, b] for a, b in zip((START, *middle), (*middle, END), strict=True))
        for middle in every
    )


# %%
found = {width: [] for width in (1, 2, 4, 5**4)}  # la última, tan ancha como todo lo que hay
for _ in range(200):
    tiny = np.log(rng.dirichlet(np.full(5, 0.6), size=5) + 1e-6)
    best = truly_best(tiny, 4)
    for width, hits in found.items():
        symbols, total = find_best(tiny, width, 4)
        hits.append(symbols[-1] == END and abs(total - best) < 1e-9)
hit_rate = {width: np.mean(hits) for width, hits in found.items()}
explain(
    "Encuentra la mejor de las que acaban, en 200 modelos al azar: "
    + "; ".join(f"con anchura {width}, el {100 * rate:.0f} %" for width, rate in hit_rate.items())
    + "."
)

# %% [markdown]
# Con anchura 1 es la voraz; con toda la anchura no se le escapa nada, a cambio de probarlo todo. Un modelo al azar no es una red entrenada. ¿Qué gana
# la nuestra? En adelante usaremos `course_utils.decoding.beam_search`, la misma búsqueda para cualquier modelo. **Predice**: de los números que
# fallaba, ¿cuántos arreglará un haz de 8?


# %%
def next_symbol(symbols, memory):
    """Un paso, para el haz: logaritmos (hipótesis, símbolos) y la memoria siguiente."""
    scores, memory = model.decode(torch.as_tensor(symbols)[:, None], memory)
    return scores[:, 0].log_softmax(dim=1), memory


@torch.inference_mode()
def beam(batch, width, **options):
    """La mejor respuesta de cada número."""
    options = {"start": START, "end": END, "limit": 9, "width": width} | options
    memories = model.encode(batch.source, batch.lengths)
    return [beam_search(next_symbol, memory[None], **options)[0] for memory in memories]


wide, narrowest = beam(hard, 8), beam(hard, 1)
beam_right = experiment.exact([one.symbols for one in wide], hard.targets)
greedy_right = experiment.exact(answers, hard.targets)

# %%
likelier = np.mean([a.log_prob > b.log_prob + 1e-6 for a, b in zip(wide, narrowest, strict=True)])
beam_gain = mcnemar(beam_right, greedy_right)
stored_gain = paired(stored("haz", "6"), stored("voraz", "6"))
by_mean = experiment.exact([one.symbols for one in beam(hard, 8, length_power=1.0)], hard.targets)
explain(
    f"El haz encuentra una respuesta más probable que la voraz en el {100 * likelier:.0f} % de los números. Aciertos, frente a la voraz: en la red de hoy, "
    f"{beam_gain.verdict('puntos', scale=100)}; en las guardadas, {stored_gain.verdict('puntos', scale=100)}. "
    f"Con la media por símbolo, {by_mean.sum()} aciertos de {len(by_mean)}; sin ella, {beam_right.sum()}."
)

# %% [markdown]
# ¿Y los que sigue fallando? Quizá la buena tenía más probabilidad y el haz no la encontró; quizá no la tenía. Se puede saber: la probabilidad de la
# respuesta buena se calcula dándole a la red las cifras verdaderas.

# %%
with torch.inference_mode():
    each = model(*hard[:3]).log_softmax(dim=2)  # (lote, pasos, símbolos)
truth = each.gather(2, hard.targets[..., None])[..., 0].sum(dim=1).numpy()  # (lote,)
chosen = np.array([one.log_prob for one in wide])
missed = ~beam_right
of_the_model = (truth[missed] < chosen[missed]).sum()
explain(
    f"De los {missed.sum()} números que falla el haz, en {of_the_model} la red da más probabilidad a su respuesta que a la buena."
)

# %% [markdown]
# Casi siempre vuelve con la misma respuesta. La ganancia es clara en las guardadas, y pequeña: en una sola red no se vería. Cuando la red da más
# probabilidad a una respuesta falsa que a la buena, buscar mejor no sirve. Son fallos **del modelo, no de la búsqueda** (en traducción los contaron
# Stahlberg y Byrne, 2019).
#
# ¿Y esa media por símbolo? Un producto mengua con cada factor: el haz prefiere las respuestas cortas. Por eso se suele dividir el logaritmo entre la
# longitud (`length_power=1`), la **normalización por longitud** (Wu y otros, 2016, con otra fórmula). Aquí la
# longitud casi nunca está en duda y poco puede cambiar; en una traducción, sí.
#
# ## 9 · Lo que no ha leído nunca
#
# ¿Ha aprendido la red **la regla**? Al entrenar apartamos a propósito dos combinaciones (la idea es de Lake y Baroni, 2018), sin quitar ninguna palabra:
#
# - una **pareja**: «ochocientos cuarenta…» no sale nunca; «ochocientos» y «cuarenta», con otras, muchas veces;
# - un **lugar**: «setenta» no va nunca delante de «mil»; al final del número, sí.
#
# Quien sabe leer números no notaría nada. **Predice**: ¿y la red?

# %%
unseen = {
    "ninguna apartada": stored("voraz", "6"),
    "pareja nueva": stored("voraz", "pareja"),
    "lugar nuevo": stored("voraz", "lugar"),
}
plot_networks(
    unseen,
    xlabel="números de seis cifras exactos",
    title="Con una palabra en un lugar nuevo, muchos menos",
)
plt.show()
losses = {name: paired(part, unseen["ninguna apartada"]) for name, part in unseen.items()}
explain(
    f"Frente a los que no llevan nada apartado: pareja nueva, {losses['pareja nueva'].verdict('puntos', scale=100)}; lugar nuevo, "
    f"{losses['lugar nuevo'].verdict('puntos', scale=100)}."
)

# %% [markdown]
# ¿No será que los números con «setenta… mil» son más largos, y por eso difíciles? El control: los mismos, con «sesenta», que sí se ha visto ahí.

# %%
moved = tests["lugar"]
moved_right = right_answers(model, moved)
twins_right = right_answers(model, prepare(numbers.tests["lugar"] - 10_000))
explain(
    f"En la red de hoy, con «sesenta» acierta el {100 * twins_right.mean():.0f} %. Con «setenta», "
    f"{mcnemar(moved_right, twins_right).verdict('puntos', scale=100)}."
)

# %% [markdown]
# No es por largos. ¿Qué cifras falla cuando «setenta» está en un lugar nuevo? **Predice**: ¿la segunda, el 7 de las decenas de millar, u otra?

# %%
replies = greedy(model, moved.source, moved.lengths, 9)
for row in np.flatnonzero(~moved_right)[:4]:
    phrase = to_words(int(numbers.tests["lugar"][row]))
    print(f"{text(moved.targets[row])} leído como {text(replies[row])}  ({phrase})")

# %%
by_digit = {
    "nada nuevo": np.stack([stored("suyas", t) for t in places], axis=1),
    "lugar nuevo": np.stack([stored("suyas, lugar", t) for t in places], axis=1),
}
title = "Con «setenta… mil» falla sobre todo lo que va después del 7"
plot_accuracy(PLACES, by_digit, xlabel="símbolo que se escribe", title=title)
plt.show()
known, new = (curve.mean(axis=0) for curve in by_digit.values())
explain(
    f"La segunda cifra, que siempre es el 7, la acierta el {100 * new[1]:.0f} % de las veces (con nada nuevo, el "
    f"{100 * known[1]:.0f} %); la tercera, el {100 * new[2]:.0f} % (con nada nuevo, el {100 * known[2]:.0f} %)."
)

# %% [markdown]
# El 7 lo escribe casi siempre, y el fin, también. Lo que más se estropea es lo que va entre los dos. ¿Por qué? Ni el codificador había leído «setenta» ahí ni el decodificador había
# seguido nunca tras un 7 en ese lugar, y un fallo trae otros (sección 5): aquí no los hemos separado.
#
# ¿Y las que leen al revés? Con nada apartado iban como las otras. **Predice**: ¿y aquí?

# %%
backwards = {
    f"{where}, {order}": stored("voraz", key, order=order)
    for where, key in (("nada nuevo", "6"), ("lugar nuevo", "lugar"))
    for order in ("normal", "invertida")
}
title = "Parecidas en lo conocido, muy distintas en lo nuevo"
plot_networks(backwards, xlabel="números de seis cifras exactos", title=title)
plt.show()
apart = paired(backwards["lugar nuevo, invertida"], backwards["lugar nuevo, normal"])
explain(
    f"Con el lugar nuevo, leer al revés frente a leer en orden: {apart.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Dos redes que en la prueba de siempre apenas se distinguen generalizan de manera muy distinta. Una explicación posible: leyendo en orden, «doscientos
# setenta…» es, hasta que llega «mil», un comienzo conocido; al revés, «mil… setenta» es nuevo desde que se lee. No la hemos comprobado.
#
# Falta lo más duro: números **más largos** que los de entrenar. Otra red, entrenada solo hasta 99 999, y a leer números de seis cifras. Todas las palabras las
# conoce. **Predice**: ¿cuántas cifras escribirá?

# %%
shorter = experiment.split_numbers(SEED, largest=99_999)
short_model, _ = train(prepare(shorter.train), epochs=3 if FAST else 9)
long_batch = prepare(shorter.tests["6"])
long_answers = greedy(short_model, long_batch.source, long_batch.lengths, 9)
for row in range(4):
    print(f"{text(long_batch.targets[row])} leído como {text(long_answers[row])}")
long_exact = experiment.exact(long_answers, long_batch.targets).mean()
five_exact = right_answers(short_model, prepare(shorter.tests["5"])).mean()
too_short = ((long_answers > END).sum(dim=1) < 6).float().mean().item()
explain(
    f"Con cinco cifras acierta el {100 * five_exact:.0f} %; con seis, el {100 * long_exact:.1f} %. El {100 * too_short:.0f} % de sus respuestas tiene menos de "
    f"seis cifras. En las guardadas, más entrenadas, aciertan el {100 * stored('voraz', '6', largest=99_999).mean():.1f} % y escriben menos de seis el "
    f"{100 * stored('menos cifras', '6', largest=99_999).mean():.0f} %."
)

# %% [markdown]
# Ha aprendido algo que nadie le pidió: tras la quinta cifra vino siempre el fin, y ahí acaba. ¿Es solo eso? El control: prohibirle el fin.


# %%
class Endless:
    """La misma red, sin permiso para acabar."""

    encode = short_model.encode

    def decode(self, given, memory):
        scores, memory = short_model.decode(given, memory)
        return scores.index_fill(2, torch.tensor([END]), -torch.inf), memory


endless = greedy(Endless(), long_batch.source, long_batch.lengths, 6) == long_batch.targets[:, :6]
each_digit = endless.float().mean(dim=0)
explain(
    f"Con el fin prohibido hasta la sexta cifra, acierta el {100 * endless.all(dim=1).float().mean():.1f} % de los números; la primera "
    f"cifra, el {100 * each_digit[0]:.0f} %; la segunda, el {100 * each_digit[1]:.0f} %; la tercera, el {100 * each_digit[2]:.0f} %."
)

# %% [markdown]
# No es solo que acabe pronto: aunque no la dejemos acabar, ya en la segunda cifra empieza a fallar. Y hay dos novedades juntas, que no hemos separado: más
# cifras, y las centenas delante de «mil», un lugar en que no las había leído. No aprendió la regla de los números, sino a escribir los que se parecen a los que vio.
#
# ## 10 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Con lo que recibe igual a lo que debe dar, acierta casi todo al entrenar", cheat_forced, ">", 0.95, kind="identidad"),
    claim("Y escribiendo sola no acierta casi nada", cheat_exact, "<", 0.1, kind="identidad"),
    claim("Con tres cifras, la red acierta casi siempre", live[0], ">", 0.8),
    claim("Con seis, bastante menos", live[0] - live[3], ">", 0.05),
    claim("Tras un error suyo, con el comienzo verdadero acierta mucho más", after_true - after_own, ">", 0.1),
    claim("Con toda la anchura, el haz encuentra la mejor", hit_rate[5**4], "==", 1, kind="identidad"),
    claim("Con anchura 4 la encuentra más veces que la voraz", hit_rate[4] - hit_rate[1], ">", 0.05),
    claim("En la red, el haz no cambia el acierto ni en un cuarto", abs(beam_right.mean() - greedy_right.mean()), "<", 0.25),
    claim("Con una palabra en un lugar nuevo acierta menos que con otra ya vista ahí", twins_right.mean() - moved_right.mean(), ">", 0.03),
    claim("Entrenada hasta cinco cifras, no lee casi ninguno de seis", long_exact, "<", 0.05),
    claim("Y casi siempre escribe menos cifras", too_short, ">", 0.75),
)  # fmt: skip

# %% [markdown]
# ## Qué no hemos demostrado
#
# Nada de lo que aquí salió de invertir la entrada, del haz o de la normalización vale sin más para la traducción: esta es **una** tarea, con respuestas cortas y sin
# ambigüedad. Tampoco hemos demostrado que una red así no pueda aprender números de seis cifras: con más épocas acierta más. Ni que una pareja nueva no cueste: el
# intervalo es ancho. Y la mejor tasa de cada tamaño no se ha buscado: se probaron dos.
#
# ## Resumen
#
# - **Codificador**, que lee y resume; **decodificador**, que escribe desde el resumen, con símbolos de inicio y de fin.
# - Al entrenar recibe las cifras verdaderas, **un paso por detrás** de lo que debe dar. Al escribir recibe las suyas: tras un error, está donde nunca estuvo, y
#   cuánto le cuesta depende del error.
# - El acierto con las cifras verdaderas no dice cómo escribe. Se mide lo que escribe, entero.
# - Todo pasa por un vector, **un cuello de botella**: estrecharlo cuesta, sobre todo en lo largo; entrenar más ayuda, y no lo arregla.
# - El haz busca mejor; que acierte mucho más depende de si el fallo era de búsqueda o del modelo.
# - Combinaciones y longitudes que no ha visto: mídelas aparte, porque un reparto al azar no las prueba.
#
# ## Errores frecuentes
#
# - Dar al decodificador la misma secuencia que debe escribir.
# - Quitar el símbolo de fin de la pérdida.
# - Leer el último estado de la caja, y no el último real.
# - Seguir escribiendo después del fin.
# - Presumir del acierto por cifra, o con las cifras verdaderas.
# - Comparar respuestas de distinta longitud por su probabilidad sin pensar en la longitud.
#
# ## Para saber más
#
# - I. Sutskever, O. Vinyals y Q. V. Le (2014), *Sequence to sequence learning with neural networks*, NIPS.
# - K. Cho y otros (2014), *Learning phrase representations using RNN encoder–decoder for statistical machine translation*, EMNLP.
# - S. Bengio, O. Vinyals, N. Jaitly y N. Shazeer (2015), *Scheduled sampling for sequence prediction with recurrent neural networks*, NIPS: dar a veces las cifras
#   propias al entrenar.
# - M. Ranzato, S. Chopra, M. Auli y W. Zaremba (2016), *Sequence level training with recurrent neural networks*, ICLR.
# - Y. Wu y otros (2016), *Google's neural machine translation system: bridging the gap between human and machine translation*, arXiv 1609.08144.
# - B. M. Lake y M. Baroni (2018), *Generalization without systematicity: on the compositional skills of sequence-to-sequence recurrent networks*, ICML.
# - F. Stahlberg y B. Byrne (2019), *On NMT search errors and model errors: cat got your tongue?*, EMNLP.
#
# **Siguiente**: [35 · Atención](35_atencion.ipynb), que deja al decodificador mirar todo lo leído.

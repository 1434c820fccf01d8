# %% [markdown]
# # 16 · Secuencias de longitud variable
#
# **Las frases no miden lo mismo, y un lote es una caja con todas las filas igual de largas. ¿Qué hace una red con los huecos?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a meter secuencias distintas en un lote y a enmascarar lo que sobra; a leer de cada una el último estado que es suyo; a empaquetar en PyTorch y a seguir una máscara por las capas de Keras; a someter cualquier modelo a la prueba del relleno y a encontrar la causa si no la pasa; a no contar el relleno en la pérdida; a gastar menos tiempo en él |
# | **Antes de empezar** | [14 · Gradientes](14_gradientes.ipynb) y [15 · Keras y PyTorch](15_keras_y_pytorch.ipynb) |
# | **Tiempo** | 70 minutos de lectura y ejercicios, en dos ratos si quieres: el primero, hasta la sección 5; medio minuto de ejecución |
# | **Herramientas** | PyTorch y Keras |

# %% tags=["parameters"]
FAST = True  # False: más redes en las secciones 3 y 6 y más medidas en la 7 (minuto y medio)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow", "torch"))

# %%
import re
import time
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.cells import init_rnn, rnn_forward
from course_utils.claims import claim, explain, verify
from course_utils.datasets import load_stories
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_16 import plot_box, plot_costs, plot_padding_effect
from course_utils.synthetic import to_words
from course_utils.training import fit

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Una caja para frases desiguales
#
# Un lote es un array: todas sus filas tienen los mismos pasos. Las frases de los cuentos del curso, no. La salida de
# siempre es el **relleno** (*padding*): añadir pasos que no son datos hasta que todas miden igual.
#
# **Predice**: en un lote de doce frases al azar, ¿qué parte de las casillas será relleno?

# %%
sentences = [
    sentence
    for story in load_stories()
    for sentence in re.split(r"(?<=[.?!…])\s+|\n", story)
    if sentence.strip()
]
word_counts = np.array([len(sentence.split()) for sentence in sentences])
shown = rng.choice(word_counts, size=12, replace=False)
inside = np.arange(shown.max()) < shown[:, None]  # (lote, tiempo)
plot_box(inside, title="Doce frases de los cuentos en una caja")
plt.show()
wasted = 1 - word_counts.mean() / word_counts.max()
explain(
    f"El {100 * np.mean(~inside):.0f} % de esta caja es relleno. La frase media tiene "
    f"{word_counts.mean():.0f} palabras y la más larga, {word_counts.max()}: en una sola caja para "
    f"las {len(word_counts)} frases lo sería el {100 * wasted:.0f} %."
)

# %% [markdown]
# Basta una frase larga para que las demás se llenen de huecos. Y nada en el array dice cuáles lo son: lo tiene que decir
# una **máscara** (*mask*), un array booleano con verdadero en los pasos reales. Con símbolos numerados, los
# **identificadores**, se suele reservar el 0 para el relleno.
#
# ### Ejercicio 16.1 ★ · Rellena y enmascara
#
# Copia cada secuencia al **principio** de su fila y marca en la máscara los pasos que ocupa. `timesteps` son los pasos
# de la caja. No te fíes de los valores: aquí un identificador real puede valer lo mismo que el relleno.


# %% tags=["exercise"]
def pad_batch(sequences, timesteps, value=0):
    """Lista de arrays de identificadores → valores y máscara, los dos (lote, timesteps)."""
    values = np.full((len(sequences), timesteps), value)
    mask = np.zeros((len(sequences), timesteps), dtype=bool)
    for row, sequence in enumerate(sequences):
        ### BEGIN SOLUTION
        values[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = True
        ### END SOLUTION
    return values, mask


# %% tags=["check"]
pad_batch = check("16.1", pad_batch)

# %% [markdown]
# Keras trae una función para esto, `keras.utils.pad_sequences`. **Predice**: con `maxlen=3`, ¿qué quedará de una
# secuencia de cinco pasos? ¿Y dónde pondrá el relleno de una de dos?

# %%
five_and_two = [[5, 3, 8, 2, 9], [7, 4]]
by_default = keras.utils.pad_sequences(five_and_two, maxlen=3)
asked_for = keras.utils.pad_sequences(five_and_two, maxlen=3, padding="post", truncating="post")
print("por omisión:", by_default.tolist())
print('con "post": ', asked_for.tolist())
print("decimales:  ", keras.utils.pad_sequences([[0.2, 0.9]]).tolist())

# %% [markdown]
# Por omisión rellena y **recorta por delante**: conserva el final. Si lo que importa está al principio, acabas de
# tirarlo. Y la última línea es una trampa: si no le das `dtype="float32"`, convierte los decimales en enteros sin avisar.
#
# ## 2 · El último paso que no lo es
#
# Para clasificar una secuencia se lee su último estado, `states[:, -1]`. En una caja, esa última posición puede ser relleno.
# Rellenemos con ceros: en esos pasos, $x_t W_x = 0$.
#
# **Predice**: mientras llegan ceros, ¿se queda quieto el estado?

# %%
weights = init_rnn(3, 8, rng=rng)
sequence = rng.normal(size=(1, 6, 3))  # (lote, tiempo, entrada)
padded = np.concatenate([sequence, np.zeros((1, 20, 3))], axis=1)  # 20 pasos de relleno
mask = np.arange(26)[None] < 6  # (lote, tiempo)
own_state = rnn_forward(sequence, weights).states[:, -1]
padded_states = rnn_forward(padded, weights).states
masked_states = rnn_forward(padded, weights, mask=mask).states
drift = np.abs(padded_states[:, -1] - own_state).max()
masked_drift = np.abs(masked_states[:, -1] - own_state).max()
explain(
    f"Tras veinte ceros, alguna unidad del estado, que vive entre -1 y 1, se ha movido {drift:.2f}. "
    f"Con la máscara, {masked_drift:g}."
)

# %% [markdown]
# Un cero no es «nada»: en cada paso queda $h_t=\tanh(h_{t-1}W_h+b)$, y el estado sigue girando. Hay dos curas:
#
# - **saltarse** los pasos de relleno, dejando el estado como estaba: es lo que hace la máscara de `rnn_forward`;
# - dejar que la red lea el relleno, y **tomar el estado del último paso real**, que no sabe lo que vino después.
#
# ### Ejercicio 16.2 ★ · El último estado real
#
# Devuelve, de cada secuencia, su estado en el último paso real. El relleno está detrás.


# %% tags=["exercise"]
def last_real(states, lengths):
    """states: (lote, tiempo, oculto); lengths: (lote,), pasos reales → (lote, oculto)."""
    ### BEGIN SOLUTION
    return states[np.arange(len(states)), lengths - 1]
    ### END SOLUTION


# %% tags=["check"]
last_real = check("16.2", last_real)

# %%
last_real_gap = np.abs(last_real(padded_states, np.array([6])) - own_state).max()
explain(f"El último estado real, leído de la caja, se aparta {last_real_gap:g} del de ella sola.")

# %% [markdown]
# ### Empaquetar en PyTorch
#
# PyTorch lo resuelve **empaquetando** (*packing*): ordena las secuencias por longitud y guarda los primeros pasos de
# todas, los segundos de las que siguen, los terceros… Sin huecos.

# %%
lengths = torch.tensor([2, 5, 4])
box = torch.randn(3, 5, 2) * (torch.arange(5) < lengths[:, None])[..., None]  # (lote, tiempo, 2)
packed = pack_padded_sequence(box, lengths, batch_first=True, enforce_sorted=False)
in_order = np.sort(lengths.numpy())[::-1]
plot_box(np.arange(5) < in_order[:, None], title="Cuando una acaba, el lote encoge", counts=True)
plt.show()
explain(
    f"PyTorch guarda {len(packed.data)} pasos en lugar de {box.shape[0] * box.shape[1]}, y cuántas "
    f"secuencias siguen en cada uno: batch_sizes = {packed.batch_sizes.tolist()}."
)

# %% [markdown]
# Con `enforce_sorted=False` ordena él y devuelve los resultados en el orden en que las diste; sin eso, exige que vengan
# ordenadas. Las longitudes van en la CPU.
#
# La capa devuelve dos cosas: los estados, que `pad_packed_sequence` vuelve a meter en una caja, y `h_n`, el último de
# cada secuencia. **Predice**: ¿qué habrá en `states[:, -1]`?

# %%
layer = nn.RNN(2, 3, batch_first=True)
with torch.inference_mode():  # aquí no habrá vuelta: sin apuntar operaciones
    packed_states, h_n = layer(packed)
    states, _ = pad_packed_sequence(packed_states, batch_first=True)  # (lote, tiempo, oculto)
    alone = torch.cat([layer(box[[i], :n])[1][0] for i, n in enumerate(lengths)])
for length, *pair in zip(lengths, states[:, -1].numpy(), h_n[0].numpy(), strict=True):
    last_position, last = np.round(pair, 2)
    print(f"{length} pasos:  states[:, -1] = {last_position}  h_n = {last}")
packed_gap = float((h_n[0] - alone).abs().max())
explain(f"h_n y el estado final de cada secuencia sola se apartan {packed_gap:.0e}.")

# %% [markdown]
# En `states[:, -1]`, ceros en las cortas: esa posición no es suya. **Con un lote empaquetado se lee `h_n`**.
#
# ## 3 · Un examen que no descubre nada
#
# ¿Tan grave es leer la última posición? Al fin y al cabo, la red se entrena con relleno: que aprenda a contar con él.
# Pongámoslo a prueba con la tarea más sencilla: secuencias de 4 a 12 símbolos, del 1 al 6. **¿Empieza por 1 o por 2?**


# %%
def first_symbol(count, rng):
    """Secuencias, y de cada una, 0 si empieza por el símbolo 1 y 1 si empieza por el 2."""
    labels = rng.integers(2, size=count)
    sequences = [rng.integers(1, 7, size=n) for n in rng.integers(4, 13, size=count)]
    for sequence, label in zip(sequences, labels, strict=True):
        sequence[0] = label + 1
    return sequences, labels


def boxed(sequences, timesteps, side="post"):
    """Tensores de identificadores (lote, tiempo) y longitudes (lote,)."""
    ids = keras.utils.pad_sequences(sequences, timesteps, dtype="int64", padding=side)
    return torch.as_tensor(ids), torch.tensor([len(sequence) for sequence in sequences])


# %% [markdown]
# La red empieza con una **incrustación** (*embedding*): una tabla con un vector por identificador, que también se aprende.
# Con `padding_idx=0`, el del relleno vale cero y no cambia. (`directions` hará falta en la sección 5).

# %%
READINGS = {  # de los estados (lote, tiempo, oculto) y h_n (sentidos, lote, oculto)
    "última posición": lambda states, h_n, lengths: states[:, -1],
    "h_n": lambda states, h_n, lengths: torch.cat(list(h_n), dim=-1),
}


class Reader(nn.Module):
    """Lee identificadores y da una puntuación a cada una de las dos respuestas."""

    def __init__(self, packed, reading, directions=1):
        super().__init__()
        self.packed, self.reading = packed, READINGS[reading]
        self.embedding = nn.Embedding(7, 8, padding_idx=0)
        self.rnn = nn.RNN(8, 16, batch_first=True, bidirectional=directions == 2)
        self.output = nn.Linear(16 * directions, 2)

    def forward(self, ids, lengths):
        x = self.embedding(ids)  # (lote, tiempo, 8)
        if self.packed:
            x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, h_n = self.rnn(x)
        if self.packed:
            states, _ = pad_packed_sequence(states, batch_first=True)
        return self.output(self.reading(states, h_n, lengths))


# %% [markdown]
# Cuatro maneras de entrenarla: rellenar **detrás** o **delante**, en una caja de 16 pasos, y leer la última posición; rellenar
# detrás en una caja **variable**, de 12 a 24 pasos, distinta en cada lote; y **empaquetar**.

# %%
MODES = {  # ¿empaqueta?, lectura, lado del relleno y pasos de la caja de cada lote
    "detrás": (False, "última posición", "post", lambda rng: 16),
    "delante": (False, "última posición", "pre", lambda rng: 16),
    "variable": (False, "última posición", "post", lambda rng: int(rng.integers(12, 25))),
    "empaquetada": (True, "h_n", "post", lambda rng: 16),
}


# %%
def train_reader(mode, seed, steps=100):
    """Una red entrenada con lotes de 64 secuencias, siempre nuevas."""
    rng = np.random.default_rng([SEED, seed])
    torch.manual_seed(1_000 * SEED + seed)
    packed, reading, side, draw_box = MODES[mode]
    reader = Reader(packed, reading)
    nn.init.orthogonal_(reader.rnn.weight_hh_l0)  # como Keras
    optimizer = torch.optim.Adam(reader.parameters(), lr=5e-3)
    for _ in range(steps):
        sequences, labels = first_symbol(64, rng)
        ids, lengths = boxed(sequences, draw_box(rng), side)
        optimizer.zero_grad()
        F.cross_entropy(reader(ids, lengths), torch.as_tensor(labels)).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
    return reader


# %%
networks = 3 if FAST else 8
readers = {mode: [train_reader(mode, seed) for seed in range(networks)] for mode in MODES}
test_sequences, test_labels = first_symbol(150, rng)


@torch.inference_mode()
def accuracy(reader, mode, timesteps=None):
    """Acierto con todas las secuencias de prueba en una caja; sin `timesteps`, cada una sola."""
    side = MODES[mode][2]
    batches = [test_sequences] if timesteps else [[sequence] for sequence in test_sequences]
    answers = [reader(*boxed(batch, timesteps, side)).argmax(dim=1) for batch in batches]
    return float((torch.cat(answers).numpy() == test_labels).mean())


same_box = {mode: [accuracy(reader, mode, 16) for reader in readers[mode]] for mode in MODES}
for mode in ("detrás", "empaquetada"):
    print(f"{mode:12s}", "  ".join(f"{100 * score:3.0f} %" for score in same_box[mode]))

# %% [markdown]
# En el examen, con secuencias nuevas y la caja de siempre, la que lee el relleno acierta tanto como la empaquetada. Aquí
# terminaría cualquier informe.
#
# **Predice**: las mismas secuencias en una caja con una columna más. ¿Qué contestará cada una?

# %%
eight_steps = [sequence for sequence in test_sequences if len(sequence) == 8]
answers = torch.tensor([sequence[0] - 1 for sequence in eight_steps])


@torch.inference_mode()
def right_probability(reader, padding):
    """Probabilidad media de la respuesta correcta en las secuencias de 8 pasos."""
    scores = reader(*boxed(eight_steps, 8 + padding))  # (lote, 2)
    return float(F.softmax(scores, dim=1)[torch.arange(len(answers)), answers].mean())


paddings = np.arange(33)
effect = {
    name: np.array([right_probability(readers[mode][0], padding) for padding in paddings])
    for name, mode in {"lee el relleno": "detrás", "empaquetada": "empaquetada"}.items()
}

# %%
title = "Las mismas secuencias, con más o menos relleno"
plot_padding_effect(paddings, effect, trained=8, title=title)
plt.show()
careless = effect["lee el relleno"]
explain(
    f"Media de las secuencias de 8 pasos. Con 8 de relleno, los del entrenamiento, la que lee el "
    f"relleno da a la respuesta correcta una probabilidad de {careless[8]:.2f}; con una columna "
    f"más, de {careless[9]:.2f}; en la peor caja, de {careless.min():.2f}: está segura de lo "
    f"contrario. La empaquetada no baja de {effect['empaquetada'].min():.2f}."
)

# %% [markdown]
# Recuerda el primer símbolo, pero en un estado que no se está quieto: mientras llegan ceros, $W_h$ lo hace girar (lección 14). La
# capa de salida se ajustó a cómo queda **en el paso 16**, y fuera de ese instante puede leer lo contrario. De poco sirve
# `padding_idx=0`: pone a cero un vector, pero **no es una máscara**.
#
# Ahora las cuatro: en la caja de siempre, en la peor de trece cajas de 12 a 48 pasos, y con cada secuencia sola.

# %%
worst_box = {
    mode: [min(accuracy(r, mode, n) for n in range(12, 49, 3)) for r in group]
    for mode, group in readers.items()
}
alone_score = {mode: [accuracy(r, mode) for r in group] for mode, group in readers.items()}
print("              caja de 16      la peor caja    cada una sola")
for mode in MODES:
    columns = (same_box[mode], worst_box[mode], alone_score[mode])
    spans = [f"{100 * min(scores):3.0f} a {100 * max(scores):3.0f} %" for scores in columns]
    print(f"{mode:12s}", "   ".join(spans))

# %% [markdown]
# De arriba abajo. Con el relleno detrás, la respuesta depende de **con quién se comparte el lote**. Delante, el lado que Keras
# rellena por omisión, el estado llega ya movido al primer símbolo, y también se nota. Con la caja variable no hay un instante
# en el que contestar: unas redes no llegan a aprender y otras solo aciertan en cajas como las que han visto. La empaquetada no
# tiene nada que aprender sobre el relleno.
#
# ## 4 · La máscara viaja por Keras
#
# En Keras la máscara se pide una vez, con `mask_zero=True` en la incrustación o con una capa `Masking`, y **viaja** con los
# datos de capa en capa. Las recurrentes se saltan los pasos enmascarados. Pero la máscara llega hasta donde alguien la pierde.

# %%
KL = keras.layers


def keras_reader(middle):
    """Incrustación con máscara, capa recurrente, `middle` y otra recurrente."""
    ids = keras.Input((None,), dtype="int32")
    x = KL.Embedding(7, 8, mask_zero=True)(ids)
    x = KL.SimpleRNN(16, return_sequences=True)(x)
    x = KL.SimpleRNN(16)(middle(x))
    return keras.Model(ids, KL.Dense(2)(x))


# %% [markdown]
# **Predice**: ¿cuáles de estas piezas, puestas entre las dos capas recurrentes, perderán la máscara?

# %%
MIDDLES = {
    "nada": lambda x: x,
    "Dropout": KL.Dropout(0.2),
    "Dense": KL.Dense(16),
    "Conv1D": KL.Conv1D(16, 3, padding="causal"),
    "2.0 * x": lambda x: 2.0 * x,
}
short = np.array([[3, 1, 4, 1, 5]])
short_padded, _ = pad_batch(list(short), 15)
keras_gaps, warned = {}, {}
for name, middle in MIDDLES.items():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = keras_reader(middle)
        keras_gaps[name] = float(np.abs(model(short) - model(short_padded)).max())
    warned[name] = any("mask" in str(warning.message) for warning in caught)
    answer = "sí" if warned[name] else "no"
    print(f"{name:9s} cambia {keras_gaps[name]:.0e}   ¿avisa Keras? {answer}")

# %% [markdown]
# Las capas de Keras que tratan cada paso por su cuenta la dejan pasar. `Conv1D` la destruye, y Keras avisa; haría lo mismo con una capa
# tuya, salvo que en su `__init__` digas `self.supports_masking = True`. Lo peligroso es la última fila: **una operación
# suelta entre capas pierde la máscara sin decir nada**.
#
# Otra trampa: `Masking` salta todo paso que valga el relleno, también los reales. Ventas de cuatro días, el último de relleno:

# %%
sales = np.array([[[3.0], [0.0], [2.0], [0.0]]])  # (lote, tiempo, 1)
print("Masking():             ", KL.Masking().compute_mask(sales).numpy()[0])
sales[0, -1] = -1.0  # un relleno que no puede ser un dato
print("Masking(mask_value=-1):", KL.Masking(mask_value=-1.0).compute_mask(sales).numpy()[0])

# %% [markdown]
# Elige un relleno que no pueda ser un dato.
#
# ## 5 · La prueba
#
# Casi todo lo anterior cabe en una exigencia, válida para cualquier modelo de secuencias:
#
# > **Una secuencia sola y la misma, rellenada en un lote, deben dar la misma predicción.**
#
# No hace falta entrenar para comprobarlo, ni saber qué hay dentro: basta una función que haga predicciones con un lote y sus
# longitudes.


# %%
def padding_gap(predict, sequences, extra=7):
    """Lo que más cambia una predicción al meter la secuencia en una caja con las demás."""
    values, _ = pad_batch(sequences, max(map(len, sequences)) + extra)
    together = predict(values, np.array([len(sequence) for sequence in sequences]))
    gaps = [
        np.abs(predict(sequence[None], np.array([len(sequence)]))[0] - row).max()
        for sequence, row in zip(sequences, together, strict=True)
    ]
    return max(gaps)


def predictor(model):
    """De un módulo de PyTorch a una función de arrays de NumPy."""

    @torch.inference_mode()
    def predict(ids, lengths):
        return model(torch.as_tensor(ids), torch.as_tensor(lengths)).numpy()

    return predict


# %%
few = test_sequences[:6]
behind = ("detrás", "variable", "empaquetada")  # las que rellenan detrás, como padding_gap
trained_gaps = {mode: padding_gap(predictor(readers[mode][0]), few) for mode in behind}
for mode, gap in trained_gaps.items():
    print(f"{mode:12s} {gap:.0e}")

# %% [markdown]
# Una función corta, y la red que bordó el examen queda descubierta. La cifra avisa del fallo. Para encontrar la **causa** hay que
# cambiar una cosa cada vez: la cantidad de relleno, sus valores, la longitud que se declara… Cada fallo deja un rastro. Si los
# valores del relleno no influyen y su cantidad sí, por ejemplo, hay una máscara y algo detrás que no la respeta. Eso hace
# `check_padding_invariance`.

# %%
from course_utils.padding import check_padding_invariance

print(check_padding_invariance(predictor(Reader(True, "última posición")), few))

# %% [markdown]
# Probémosla con cinco modelos sanos y cinco con fallos corrientes, todos sin entrenar. Hacen falta más maneras de leer los estados y
# una capa **bidireccional** (*bidirectional*): una red lee hacia delante, otra desde el final, y se juntan sus estados.


# %%
def real_steps(states, lengths):
    """Máscara (lote, tiempo, 1)."""
    return (torch.arange(states.shape[1]) < lengths[:, None])[..., None]


READINGS |= {
    "último real": lambda states, h_n, lengths: states[torch.arange(len(lengths)), lengths - 1],
    "media": lambda states, h_n, lengths: states.mean(dim=1),
    "media real": lambda states, h_n, lengths: (
        (states * real_steps(states, lengths)).sum(dim=1) / lengths[:, None]
    ),
}


class TwoLayers(Reader):
    """Dos capas recurrentes: la primera empaquetada y la segunda, no."""

    def __init__(self):
        super().__init__(packed=True, reading="última posición")
        self.second = nn.RNN(16, 16, batch_first=True)
        self.reading = lambda states, h_n, lengths: self.second(states)[0][:, -1]


# %%
keras_model = keras_reader(MIDDLES["nada"])
SOUND = {
    "empaquetada, h_n": predictor(Reader(True, "h_n")),
    "sin empaquetar, último real": predictor(Reader(False, "último real")),
    "empaquetada, media de los reales": predictor(Reader(True, "media real")),
    "bidireccional empaquetada, h_n": predictor(Reader(True, "h_n", directions=2)),
    "Keras con mask_zero": lambda ids, lengths: keras_model(ids),
}
FAULTY = {
    "sin empaquetar, última posición": predictor(Reader(False, "última posición")),
    "empaquetada, última posición": predictor(Reader(True, "última posición")),
    "empaquetada, media de todos": predictor(Reader(True, "media")),
    "bidireccional, último real": predictor(Reader(False, "último real", directions=2)),
    "dos capas, una sin empaquetar": predictor(TwoLayers()),
}

# %%
FAULTS = [  # lo que tiene cada uno
    "sin máscara",
    "última posición en vez de la última real",
    "media sobre el relleno",
    "capa bidireccional que empieza en el relleno",
    "máscara perdida entre capas",
]
reports = {
    name: check_padding_invariance(predict, few) for name, predict in (SOUND | FAULTY).items()
}
for name, report in reports.items():
    mark = "✓" if report.passed else "✗"
    print(f"{mark} {name:33s} {report.gap:.0e}  {', '.join(report.causes)}")

# %% [markdown]
# Los separa, y a cada fallo le encuentra su causa. Compara las dos filas que leen el último real sin empaquetar: vale para una
# red que solo va hacia delante; en la bidireccional, la que vuelve **empieza en el relleno** y llega a los datos con el
# estado ya movido.
#
# No siempre se puede estar seguro: hay modelos distintos que calculan lo mismo. `report.compatible` dice qué otras causas darían
# ese rastro.
#
# ## 6 · La pérdida también mira
#
# Cuando hay una predicción por paso, el relleno se cuela por otro sitio: la media de la pérdida.
#
# ### Ejercicio 16.3 ★★ · Media con máscara
#
# La media de la pérdida **en los pasos reales de todo el lote**. En el relleno puede haber cualquier cosa, incluso `nan`. En
# un paso real, un `nan` es un fallo y no se esconde: la media debe ser `nan`.


# %% tags=["exercise"]
def masked_mean_loss(losses, mask):
    """losses: (lote, tiempo), una por paso; mask: (lote, tiempo), booleana → un número."""
    ### BEGIN SOLUTION
    return losses[mask].mean()
    ### END SOLUTION


# %% tags=["check"]
masked_mean_loss = check("16.3", masked_mean_loss)

# %% [markdown]
# ¿Qué pasa si no se hace? Escribamos: una red aprende, letra a letra, los números del cero al noventa y nueve. Cada palabra
# lleva delante una marca de inicio y detrás un **símbolo de fin** (*end of sequence*, EOS). El objetivo de cada paso es el símbolo
# siguiente. Alguien elige una caja de 40 pasos, por si acaso.

# %%
words = [to_words(number) for number in range(100)]
PAD, START, END = 0, 1, 2
alphabet = ["·", "<", ">", *sorted(set("".join(words)))]


def next_symbols(with_end=True, timesteps=40):
    """Entradas y objetivos, (lote, tiempo): en cada paso, un símbolo y el que le sigue."""
    codes = [[START, *(alphabet.index(letter) for letter in word)] for word in words]
    codes = [code + [END] * with_end for code in codes]
    ids = keras.utils.pad_sequences(codes, timesteps + 1, dtype="int64", padding="post")
    return torch.as_tensor(ids[:, :-1]), torch.as_tensor(ids[:, 1:])


inputs, targets = next_symbols()
lazy_accuracy = float((targets == PAD).float().mean())
explain(
    f"«{words[42]}» se convierte en {inputs[42, :6].tolist()}… Quien conteste siempre «relleno» "
    f"acierta el {100 * lazy_accuracy:.0f} % de los pasos de la caja."
)


# %%
class Writer(nn.Module):
    """De cada símbolo, una puntuación por cada posible símbolo siguiente."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(alphabet), 16, padding_idx=PAD)
        self.rnn = nn.RNN(16, 64, batch_first=True)
        self.output = nn.Linear(64, len(alphabet))

    def forward(self, ids, lengths=None):
        return self.output(self.rnn(self.embedding(ids))[0])  # (lote, tiempo, símbolos)


def loss_on_box(scores, targets):
    """Media en todos los pasos de la caja."""
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten())


def loss_on_words(scores, targets):
    """Media en los pasos reales."""
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=PAD)


# %% [markdown]
# `ignore_index` es la máscara de las pérdidas de PyTorch. Esta red va solo hacia delante, así que el relleno de detrás
# no puede estropear los pasos reales: basta con que la pérdida no lo cuente. En Keras la máscara que viaja llega
# también a la pérdida. Comprobemos las dos con tu función.

# %%
untrained = Writer()
with torch.inference_mode():
    guesses = untrained(inputs)
    per_step = F.cross_entropy(guesses.transpose(1, 2), targets, reduction="none").numpy()
by_hand = masked_mean_loss(per_step, (targets != PAD).numpy())
loss_gap = abs(by_hand - loss_on_words(guesses, targets))

layers = [KL.Embedding(len(alphabet), 8, mask_zero=True), KL.SimpleRNN(4, return_sequences=True)]
small = keras.Sequential(layers)
small.compile(loss="mse", run_eagerly=True)
ids, goals = inputs[:5].numpy(), rng.normal(size=(5, 40, 4))
by_keras = small.evaluate(ids, goals, verbose=0)
squares = np.square(small(ids) - goals).mean(axis=-1)  # (lote, tiempo)
keras_loss_gap = abs(by_keras - masked_mean_loss(squares, ids != PAD))
explain(
    f"Diferencias con masked_mean_loss: {loss_gap:.0e} en PyTorch y {keras_loss_gap:.0e} en Keras. "
    f"Sin máscara, la de Keras valdría {squares.mean():.3f}, y no {by_keras:.3f}."
)

# %% [markdown]
# Cada una con su máscara, que no es la misma. La de PyTorch mira los **objetivos**; la de Keras sale de la **entrada**, y cuenta
# también el paso que lee el símbolo de fin, cuyo objetivo ya es relleno.

# %%
extra_steps = int((inputs != PAD).sum() - (targets != PAD).sum())
explain(f"En las {len(words)} palabras, la máscara de la entrada cuenta {extra_steps} pasos más.")

# %% [markdown]
# Entrenemos con las dos pérdidas. Después, que escriban: se sortea un símbolo con las probabilidades de la red, se le
# da como entrada, y así hasta que salga el de fin.


# %%
def train_writer(loss, seed, with_end=True):
    """Una red entrenada con treinta vueltas a las cien palabras."""
    torch.manual_seed(1_000 * SEED + seed)
    writer = Writer()
    optimizer = torch.optim.Adam(writer.parameters(), lr=1e-2)
    fit(writer, next_symbols(with_end), loss=loss, optimizer=optimizer, epochs=30, batch_size=25,
        seed=seed, progress=False)  # fmt: skip
    return writer


@torch.inference_mode()
def write(writer, limit=36):
    """Escribe hasta el símbolo de fin, o hasta `limit` letras si no llega."""
    ids, state, text = torch.tensor([[START]]), None, ""
    while len(text) < limit:
        states, state = writer.rnn(writer.embedding(ids), state)
        code = int(torch.multinomial(F.softmax(writer.output(states[0, -1]), dim=-1), 1))
        if code in (PAD, END):
            break
        ids, text = torch.tensor([[code]]), text + alphabet[code]
    return text


# %% [markdown]
# **Predice**: ¿cuál presumirá de más acierto mientras se entrena? ¿Cuál escribirá mejor?


# %%
@torch.inference_mode()
def writer_scores(writer):
    """Acierto en toda la caja, acierto en los pasos reales y parte de palabras correctas."""
    right = writer(inputs).argmax(dim=-1) == targets
    correct = np.mean([write(writer) in words for _ in range(60)])
    return float(right.float().mean()), float(right[targets != PAD].float().mean()), correct


losses = {"toda la caja": loss_on_box, "pasos reales": loss_on_words}
writers = {
    name: [train_writer(loss, seed) for seed in range(networks)] for name, loss in losses.items()
}
scores = {name: np.array([writer_scores(w) for w in group]) for name, group in writers.items()}
print("la pérdida cuenta   acierto en la caja   en pasos reales   palabras correctas")
for name, table in scores.items():
    spans = [f"{100 * c.min():3.0f} a {100 * c.max():3.0f} %" for c in table.T]
    print(f"{name:19s} {spans[0]:20s} {spans[1]:17s} {spans[2]}")

# %% [markdown]
# La primera columna, la que saldría por pantalla, premia a quien predice relleno. En los pasos reales la que presume va por
# detrás, y al escribir se ve cuánto: una palabra son muchos aciertos seguidos. (Nadie puede acertar el cien por cien: la primera letra
# no se puede adivinar). La pérdida se repartió entre las letras y el relleno.
#
# La prueba del relleno también mira la pérdida, si se le dan los objetivos.

# %%
step_inputs = [ids[row].numpy() for ids, row in zip(inputs[:4], targets[:4] != PAD, strict=True)]
step_targets = [ids[ids != PAD].numpy() for ids in targets[:4]]
loss_reports = {
    name: check_padding_invariance(
        predictor(untrained),
        step_inputs,
        targets=step_targets,
        # recibe predicciones, objetivos y longitudes; estas pérdidas no usan las longitudes
        loss=lambda *arrays, loss=loss: loss(*map(torch.as_tensor, arrays[:2])),
    )
    for name, loss in losses.items()
}
for name, report in loss_reports.items():
    print(f"{'✓' if report.passed else '✗'} {name:14s} {', '.join(report.causes)}")

# %% [markdown]
# ### Saber callarse
#
# ¿Y el símbolo de fin? Parece que sobra: la longitud de cada palabra ya se sabe. Pero solo se sabe al entrenar. **Predice**: ¿qué
# escribirá una red que no lo ha visto nunca?

# %%
without_end = train_writer(loss_on_words, seed=0, with_end=False)
written = {
    name: [write(writer) for _ in range(60)]
    for name, writer in {"con fin": writers["pasos reales"][0], "sin fin": without_end}.items()
}
for name, texts in written.items():
    print(f"{name}: ", " | ".join(texts[:3]))
endless = np.mean([len(text) == 36 for text in written["sin fin"]])
explain(
    f"Sin símbolo de fin, el {100 * endless:.0f} % de los textos llega a las 36 letras, el límite que "
    f"hemos puesto."
)

# %% [markdown]
# Empieza un número y no sabe cuándo parar: lo que sigue ya no son números. **Terminar es una predicción más**, y hay que
# enseñarla. Todo modelo que deba decidir dónde acaba lo que escribe necesita un símbolo de fin.
#
# ## 7 · Menos relleno
#
# Enmascarar evita el error, no el gasto: los pasos de relleno se calculan igual. Tres maneras de gastar menos: rellenar
# cada lote solo hasta **su** secuencia más larga; hacer lotes de longitudes parecidas, lo que se llama
# **agrupar por longitud** (*bucketing*); y empaquetar.


# %%
def random_batches(lengths, size, rng):
    """Índices de cada lote, al azar."""
    order = rng.permutation(len(lengths))
    return [order[start : start + size] for start in range(0, len(order), size)]


def similar_batches(lengths, size, rng):
    """Lotes de longitudes parecidas, en orden aleatorio."""
    order = np.argsort(lengths + rng.uniform(-1, 1, size=len(lengths)))  # parecidas, no iguales
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    return [batches[place] for place in rng.permutation(len(batches))]


def padded_share(lengths, batches):
    """Parte de relleno si cada lote llega hasta su secuencia más larga."""
    computed = sum(len(batch) * lengths[batch].max() for batch in batches)
    return 1 - lengths.sum() / computed


# %% [markdown]
# El orden lleva algo de azar para que los lotes cambien de una época a otra, y los lotes se barajan: si no, la red vería
# siempre primero las cortas.
#
# Medimos la ida y la vuelta de una capa con dos repartos de longitudes: uno uniforme y el de las frases, con muchas cortas y
# pocas largas. **Predice**: ¿con cuál se ahorra más? ¿Qué ahorrará más tiempo, agrupar o empaquetar?

# %%
timed = nn.RNN(16, 64, batch_first=True)


def epoch_seconds(lengths, batches, packed=False, timesteps=None, layer=timed):
    """Segundos de CPU de una época, de ida y vuelta."""
    start = time.process_time()
    for batch in batches:
        own = torch.as_tensor(lengths[batch])
        x = torch.ones(len(batch), timesteps or int(own.max()), 16)  # (lote, tiempo, 16)
        if packed:
            x = pack_padded_sequence(x, own, batch_first=True, enforce_sorted=False)
        states, _ = layer(x)
        layer.zero_grad()
        (states.data if packed else states).sum().backward()
    return time.process_time() - start


# %%
def compare_ways(lengths, layer=timed, repeats=3 if FAST else 10):
    """De cada manera, su tiempo en partes del de una sola caja y su parte de relleno."""
    at_random, similar = random_batches(lengths, 32, rng), similar_batches(lengths, 32, rng)
    ways = {
        "una caja": (at_random, False, int(lengths.max())),
        "cada lote, su caja": (at_random,),
        "agrupar": (similar,),
        "empaquetar": (at_random, True),
        "agrupar y empaquetar": (similar, True),
    }
    tries = [
        {name: epoch_seconds(lengths, *way, layer=layer) for name, way in ways.items()}
        for _ in range(repeats)
    ]
    best = {name: min(seconds[name] for seconds in tries) for name in ways}
    shares = {name: padded_share(lengths, way[0]) for name, way in ways.items()}
    shares |= {"una caja": 1 - lengths.mean() / lengths.max()}
    shares |= {name: 0.0 for name, way in ways.items() if True in way}
    return {name: value / best["una caja"] for name, value in best.items()}, shares


# %%
many = 384 if FAST else 2_048
length_samples = {
    "longitudes uniformes": rng.integers(1, word_counts.max() + 1, size=many),
    "frases de los cuentos": rng.choice(word_counts, size=many, replace=False),
}
compared = {name: compare_ways(lengths) for name, lengths in length_samples.items()}
costs = {name: cost for name, (cost, _) in compared.items()}
shares = {name: share for name, (_, share) in compared.items()}
plot_costs(costs, shares)
plt.show()
for name, cost in costs.items():
    explain(
        f"Con las {name}, agrupar baja el relleno del {100 * shares[name]['una caja']:.0f} al "
        f"{100 * shares[name]['agrupar']:.0f} % y deja el tiempo en {cost['agrupar']:.2f} del de una "
        f"sola caja; empaquetar, en {cost['empaquetar']:.2f}; las dos cosas, en "
        f"{cost['agrupar y empaquetar']:.2f}."
    )

# %% [markdown]
# Agrupar quita casi todo el relleno, y el ahorro se nota en el tiempo. Empaquetar lo quita todo, pero montar el paquete y
# trabajar con lotes que encogen también cuesta: en una CPU el tiempo no baja tanto como los pasos, o no baja. Y depende de
# la capa: puede costar incluso más que rellenar. Lo mismo con una LSTM, la del módulo 2:

# %%
lstm = nn.LSTM(16, 64, batch_first=True)
lstm_cost, _ = compare_ways(length_samples["frases de los cuentos"], lstm)
explain(
    f"LSTM, con las frases: agrupar, {lstm_cost['agrupar']:.2f}; empaquetar, "
    f"{lstm_cost['empaquetar']:.2f}; agrupar y empaquetar, {lstm_cost['agrupar y empaquetar']:.2f}."
)

# %% [markdown]
# Mide en tu máquina antes de elegir, y empaqueta por lo que garantiza, no por el tiempo. Un aviso al agrupar: si la longitud tiene
# que ver con la respuesta, casi todos los ejemplos de un lote tendrán la misma respuesta.
#
# ## 8 · Rómpelo y arréglalo
#
# Un clasificador bidireccional como este aparece en muchos tutoriales. En cada posición, la primera mitad del estado es de la red que
# va hacia delante y la segunda, de la que vuelve.


# %%
class BrokenBothWays(nn.Module):
    """Clasificador bidireccional con más de un fallo."""

    def __init__(self, features, hidden, classes):
        super().__init__()
        self.rnn = nn.RNN(features, hidden, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * hidden, classes)

    def forward(self, x, lengths):
        states, _ = self.rnn(x)  # (lote, tiempo, 2 · oculto)
        return self.output(states[:, -1])


# %% [markdown]
# **Predice**: sin nada de relleno, si cambia el primer paso, ¿lo notará la mitad que vuelve desde el final?

# %%
broken = BrokenBothWays(4, 8, 3)
vectors = [rng.normal(size=(n, 4)).astype("float32") for n in (3, 5, 9)]  # (pasos, 4)
broken_report = check_padding_invariance(predictor(broken), vectors)
x, changed = torch.zeros(1, 6, 4), torch.zeros(1, 6, 4)
changed[:, 0] = 1.0
with torch.inference_mode():
    ahead, back = (broken.rnn(x)[0] - broken.rnn(changed)[0])[0, -1].abs().split(8)
explain(
    f"La prueba del relleno falla por {broken_report.gap:.2f}. Y sin relleno, al cambiar el primero "
    f"de los 6 pasos, la mitad que va cambia {ahead.max():.0e}; la que vuelve, {back.max():g}."
)

# %% [markdown]
# La red que vuelve empieza por el final. En la última posición solo ha leído **un paso**: para ella es la primera. Su
# estado final está en el otro extremo.
#
# ### Ejercicio 16.4 ★★★ · Pasa la prueba
#
# Escribe `forward` para que cada sentido aporte su estado **después de leer toda la secuencia**, y para que una secuencia
# sola y la misma, rellenada, den lo mismo. Primero la mitad que va hacia delante. Las longitudes llegan en cualquier orden.


# %% tags=["exercise"]
class BothWays(nn.Module):
    """Clasificador bidireccional. x: (lote, tiempo, características); lengths: (lote,)."""

    def __init__(self, features, hidden, classes):
        super().__init__()
        self.rnn = nn.RNN(features, hidden, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * hidden, classes)

    def forward(self, x, lengths):
        ### BEGIN SOLUTION
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, h_n = self.rnn(packed)  # (2, lote, oculto)
        return self.output(torch.cat([h_n[0], h_n[1]], dim=1))
        ### END SOLUTION


# %% tags=["check"]
BothWays = check("16.4", BothWays)

# %%
mended = BothWays(4, 8, 3)
mended_report = check_padding_invariance(predictor(mended), vectors)
explain(f"Ahora la predicción cambia como mucho {mended_report.gap:.0e}.")

# %% [markdown]
# La prueba habría dado por bueno leer el último paso real de los dos sentidos, con el lote empaquetado: nada cambia con el
# relleno, y la mitad que vuelve sigue sin leer. Un modelo puede ser invariante y leer mal. Ninguna prueba sustituye a saber qué
# hay en cada tensor.
#
# ## 9 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Por omisión, pad_sequences conserva el final y rellena por delante",
          abs(by_default - [[8, 2, 9], [0, 7, 4]]).max(), "==", 0, kind="identidad"),
    claim("Un relleno de ceros mueve el estado", drift, ">", 0.05),
    claim("Con máscara no lo mueve", masked_drift, "==", 0, kind="identidad"),
    claim("El último estado real es el de la secuencia sola", last_real_gap, "<", 1e-12, kind="identidad"),
    claim("Empaquetando, h_n también", packed_gap, "<", 1e-6, kind="identidad"),
    claim("Leyendo el relleno, la red aprueba el examen en su caja", np.mean(same_box["detrás"]), ">", 0.8),
    claim("Y en otra caja contesta al revés", min(worst_box["detrás"]), "<", 0.25),
    claim("Sola, de media, no acierta mucho más que al azar", np.mean(alone_score["detrás"]), "<", 0.75),
    claim("Empaquetada, acierta en todas las cajas", min(worst_box["empaquetada"]), ">", 0.8),
    claim("Y sola", min(alone_score["empaquetada"]), ">", 0.8),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Dropout y Dense dejan pasar la máscara",
          max(keras_gaps[name] for name in ("nada", "Dropout", "Dense")), "<", 1e-5, kind="identidad"),
    claim("Conv1D la pierde, y Keras avisa", keras_gaps["Conv1D"] * warned["Conv1D"], ">", 1e-3),
    claim("Una operación suelta la pierde", keras_gaps["2.0 * x"], ">", 1e-3),
    claim("Y Keras no avisa", warned["2.0 * x"], "==", False, kind="identidad"),
    claim("Los modelos sanos pasan la prueba", max(reports[name].gap for name in SOUND), "<", 1e-5, kind="identidad"),
    claim("Los demás, no", min(reports[name].gap for name in FAULTY), ">", 1e-3),
    claim("Y de cada uno se encuentra la causa",
          [reports[name].causes[0] for name in FAULTY] == FAULTS, "==", True, kind="identidad"),
    claim("La causa de la pérdida sobre el relleno también",
          [report.passed for report in loss_reports.values()] == [False, True], "==", True, kind="identidad"),
    claim("masked_mean_loss da lo mismo que PyTorch y que Keras, cada una con su máscara",
          max(loss_gap, keras_loss_gap), "<", 1e-5, kind="identidad"),
    claim("La máscara de la entrada cuenta un paso más por palabra",
          extra_steps, "==", len(words), kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Contar el relleno infla el acierto",
          np.min(scores["toda la caja"][:, 0] - scores["toda la caja"][:, 1]), ">", 0.05),
    claim("Y se escribe peor",
          scores["pasos reales"][:, 2].mean() - scores["toda la caja"][:, 2].mean(), ">", 0.1),
    claim("Sin símbolo de fin, la red no sabe parar", endless, ">", 0.8, of=len(written["sin fin"])),
    claim("Con él, para", np.mean([len(text) < 36 for text in written["con fin"]]), ">", 0.8, of=len(written["con fin"])),
    claim("Agrupar reduce el relleno a menos de la tercera parte",
          max(share["agrupar"] / share["una caja"] for share in shares.values()), "<", 1 / 3),
    claim("Y, con las frases, el tiempo", costs["frases de los cuentos"]["agrupar"], "<", 0.9),
    claim("Empaquetar no baja el tiempo tanto como los pasos",
          min(costs[name]["empaquetar"] / (1 - shares[name]["una caja"]) for name in costs), ">", 1.2),
    claim("El clasificador roto no pasa la prueba", broken_report.gap, ">", 1e-2),
    claim("Y su mitad que vuelve no ve el primer paso", back.max(), "==", 0, kind="identidad"),
    claim("El arreglado pasa la prueba", mended_report.gap, "<", 1e-5, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Un lote necesita relleno, y el relleno necesita una **máscara** o unas **longitudes**. El cero no es «nada»: el estado se mueve.
# - Un acierto perfecto en prueba no demuestra nada si la caja es siempre la misma. La prueba es otra: **una secuencia sola y la
#   misma, rellenada, deben dar la misma predicción**.
# - En PyTorch: `pack_padded_sequence` y `h_n`. En Keras: `mask_zero=True` o `Masking`, y que ninguna pieza pierda la máscara.
# - La pérdida y el acierto se promedian en los pasos reales.
# - Quien debe decidir dónde acaba lo que genera necesita un símbolo de fin.
# - Agrupar por longitud ahorra tiempo; empaquetar, no siempre.
#
# ## Errores frecuentes
#
# - Leer `states[:, -1]` de un lote rellenado, empaquetado o bidireccional.
# - Creer que `padding_idx` es una máscara.
# - Recortar con `pad_sequences` sin mirar qué extremo se pierde, o darle decimales sin `dtype`.
# - Meter una operación suelta entre capas de Keras que llevan máscara.
# - Promediar los estados, la pérdida o el acierto también en el relleno.
# - Usar `h_n[-1]` en una capa bidireccional: es solo el sentido que vuelve.
#
# ## Para saber más
#
# - I. Sutskever, O. Vinyals y Q. V. Le (2014), *Sequence to sequence learning with neural networks*, NIPS: el símbolo de fin y los
#   lotes de longitudes parecidas, en un sistema real.
# - M. Morishita y otros (2017), *An empirical study of mini-batch creation strategies for neural machine translation*.
# - M. Dwarampudi y N. V. S. Reddy (2019), *Effects of padding on LSTMs and CNNs*, arXiv 1903.07288.
#
# **Siguiente**: [21 · LSTM](21_lstm.ipynb), una celda hecha para recordar.

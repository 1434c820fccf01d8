# %% [markdown]
# # 16 · Secuencias de longitud variable
#
# **Las frases no miden lo mismo, y un lote es una caja con todas las filas igual de largas. ¿Qué hace una red con los huecos?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a montar lotes de secuencias desiguales con poco relleno; a leer de cada una el último estado que es suyo; a ver qué capas de Keras pierden la máscara; a someter cualquier modelo a la prueba del relleno y encontrar la causa si no la pasa; a no contar el relleno en la pérdida |
# | **Antes de empezar** | [14 · Gradientes](14_gradientes.ipynb), por los valores propios, y [15 · Keras y PyTorch](15_keras_y_pytorch.ipynb). De Python: clases, `NamedTuple` (lección 12) y funciones que reciben funciones |
# | **Tiempo** | 65 minutos de lectura y ejercicios, en dos ratos: el primero, hasta el final de la sección 4; medio minuto de ejecución |
# | **Herramientas** | PyTorch y Keras |

# %% tags=["parameters"]
FAST = True  # False: más redes en la sección 4 y más medidas de tiempo en la 3 (un minuto)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow", "torch"))

# %%
import copy
import inspect
import math
import re
import textwrap
import time
import warnings
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

# %%
from course_utils.cells import init_rnn, rnn_forward
from course_utils.claims import claim, explain, verify
from course_utils.comparison import newcombe, paired
from course_utils.datasets import load_result, load_stories
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_16 import (
    experiment,
    plot_box,
    plot_costs,
    plot_padding_effect,
    plot_unit,
)
from course_utils.padding import check_padding_invariance

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
    sentence.split()
    for story in load_stories()
    for sentence in re.split(r"(?<=[.?!…])\s+|\n", story)
    if sentence.strip()
]
word_counts = np.array([len(sentence) for sentence in sentences])
picked = rng.choice(len(sentences), size=12, replace=False)
shown = word_counts[picked]
for index in picked[:6]:
    text = " ".join(sentences[index])
    print(f"{word_counts[index]:2d} palabras: {textwrap.shorten(text, 70, placeholder='…')}")

# %%
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
# una **máscara** (*mask*), un array booleano con verdadero en los pasos reales, o unas **longitudes**. Con símbolos numerados, los
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
# ### En PyTorch: `pad_sequence` y `collate_fn`
#
# `pad_sequence` rellena detrás una lista de tensores, hasta la más larga; las longitudes hay que guardarlas aparte. El sitio para
# hacerlo es el `DataLoader` (lección 15), que por omisión apila los ejemplos y, si miden distinto, da un error. Su argumento
# `collate_fn` es la función que convierte una lista de ejemplos en un lote.

# %%
words_seen = sorted({word for sentence in sentences for word in sentence})
codes = {word: code for code, word in enumerate(words_seen, start=1)}  # el 0, para el relleno
coded = [torch.tensor([codes[word] for word in sentence]) for sentence in sentences]


def collate(sequences):
    """Lista de tensores → identificadores (lote, tiempo) y longitudes (lote,)."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return pad_sequence(sequences, batch_first=True, padding_value=0), lengths


ids, lengths = next(iter(DataLoader(coded, batch_size=3, collate_fn=collate)))
print(ids, lengths, sep="\n")

# %% [markdown]
# ### En Keras: `pad_sequences`
#
# Casi el mismo nombre. **Predice**: con `maxlen=3`, ¿qué quedará de una secuencia de cinco pasos? ¿Y dónde pondrá el relleno de
# una de dos?

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
# ## 2 · Menos relleno: lotes de longitudes parecidas
#
# `collate` ya ahorra algo: cada lote llega solo hasta **su** secuencia más larga. Se ahorra más si las de un lote miden casi lo
# mismo, lo que se llama **agrupar por longitud** (*bucketing*). Quién va en cada lote lo decide otro argumento, `batch_sampler`:
# un objeto que da, uno tras otro, los índices de cada lote.


# %%
class SimilarLengths:
    """Índices de cada lote: longitudes parecidas, y otros lotes en cada época."""

    def __init__(self, lengths, batch_size, rng):
        self.lengths, self.batch_size, self.rng = lengths, batch_size, rng

    def __len__(self):
        return math.ceil(len(self.lengths) / self.batch_size)

    def __iter__(self):
        noise = self.rng.uniform(-1, 1, size=len(self.lengths))  # parecidas, no iguales
        order = np.argsort(self.lengths + noise)
        for place in self.rng.permutation(len(self)):  # los lotes, barajados
            yield order[place * self.batch_size :][: self.batch_size].tolist()


# %% [markdown]
# Con el ruido, una frase no va siempre con las mismas; con los lotes barajados, las épocas no empiezan siempre por las cortas.
# **Predice**: ¿en cuánto se quedará el relleno?

# %%
chosen = rng.choice(len(coded), size=1_024, replace=False)
sample, sample_lengths = [coded[i] for i in chosen], word_counts[chosen]
at_random = DataLoader(sample, batch_size=64, shuffle=True, collate_fn=collate)
bucketed = DataLoader(
    sample, batch_sampler=SimilarLengths(sample_lengths, 64, rng), collate_fn=collate
)


def padded_share(loader):
    """Parte de relleno de una época."""
    return float(torch.cat([(ids == 0).flatten() for ids, _ in loader]).float().mean())


shares = {
    "una caja": 1 - sample_lengths.mean() / sample_lengths.max(),
    "cada lote, su caja": padded_share(at_random),
    "agrupar": padded_share(bucketed),
}
explain(
    "Relleno: "
    + "; ".join(f"{name}, {100 * share:.0f} %" for name, share in shares.items())
    + f". Son {len(sample)} frases, en lotes de 64."
)

# %% [markdown]
# Un aviso: si la longitud tiene que ver con la respuesta, los ejemplos de un lote agrupado pueden tener casi todos la misma.
#
# ## 3 · El último paso que no lo es
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
# Un cero no es «nada»: en cada paso queda $h_t=\tanh(h_{t-1}W_h+b)$. Hay dos curas:
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
    in_box, last = np.round(pair, 2)
    print(f"{length} pasos:  states[:, -1] = {in_box}  h_n = {last}")
packed_gap = float((h_n[0] - alone).abs().max())
explain(f"h_n y el estado final de cada secuencia sola se apartan {packed_gap:.0e}.")

# %% [markdown]
# En `states[:, -1]`, ceros en las cortas: esa posición no es suya. **Con un lote empaquetado se lee `h_n`**.
#
# ### ¿Y ahorra tiempo?
#
# Empaquetar no calcula ningún paso de relleno. Midamos la ida y la vuelta de una capa, en segundos de procesador, con las frases de la
# sección 2. Cada palabra entra como 16 números al azar, que guarda una tabla, `nn.Embedding` (la veremos en la sección 4).
#
# **Predice**: ¿qué ahorrará más, agrupar o empaquetar?


# %%
class Way(NamedTuple):
    """Una manera de dar las frases a la capa."""

    loader: DataLoader
    packed: bool = False


def collate_to_longest(sequences):
    """Como `collate`, pero siempre en la caja de la frase más larga de todas."""
    ids, lengths = collate(sequences)
    return F.pad(ids, (0, int(sample_lengths.max()) - ids.shape[1])), lengths


one_box = DataLoader(sample, batch_size=64, shuffle=True, collate_fn=collate_to_longest)
WAYS = {
    "una caja": Way(one_box),
    "cada lote, su caja": Way(at_random),
    "agrupar": Way(bucketed),
    "empaquetar": Way(at_random, packed=True),
    "agrupar y empaquetar": Way(bucketed, packed=True),
}

# %%
fixed_embedding = nn.Embedding(len(codes) + 1, 16).requires_grad_(False)  # aquí no se aprende


def epoch_seconds(way, layer):
    """Segundos de procesador de una época, de ida y vuelta."""
    batches = list(way.loader)  # montarlos no cuenta
    start = time.process_time()
    for ids, lengths in batches:
        x = fixed_embedding(ids)  # (lote, tiempo, 16)
        if way.packed:
            x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, _ = layer(x)
        layer.zero_grad()
        (states.data if way.packed else states).sum().backward()
    return time.process_time() - start


def relative_costs(layer, repeats=8 if FAST else 20):
    """De cada manera, el mejor de sus tiempos, en partes del de una sola caja."""
    tries = [
        {name: epoch_seconds(way, layer) for name, way in WAYS.items()} for _ in range(repeats)
    ]
    best = {name: min(seconds[name] for seconds in tries) for name in WAYS}
    return {name: seconds / best["una caja"] for name, seconds in best.items()}


# %%
LAYERS = {"RNN": nn.RNN(16, 32, batch_first=True), "LSTM": nn.LSTM(16, 32, batch_first=True)}
costs = {name: relative_costs(layer) for name, layer in LAYERS.items()}
by_way = shares | {"empaquetar": 0.0, "agrupar y empaquetar": 0.0}
real = 1 - shares["una caja"]  # qué parte de la caja son pasos reales
packed_time = " y ".join(f"{cost['empaquetar']:.2f}" for cost in costs.values())
title = f"Los pasos se quedan en {real:.2f} del total; el tiempo, empaquetando, en {packed_time}"
plot_costs(costs, dict.fromkeys(costs, by_way), title=title)
plt.show()
for name, cost in costs.items():
    explain(
        f"{name}: agrupar deja el tiempo en {cost['agrupar']:.2f} del de una sola caja; empaquetar, "
        f"en {cost['empaquetar']:.2f}; las dos cosas, en {cost['agrupar y empaquetar']:.2f}. Los pasos "
        f"reales son {real:.2f} de la caja."
    )

# %% [markdown]
# Empaquetar quita todo el relleno, y aun así el tiempo baja mucho menos que los pasos, si baja; con la LSTM (lección 21) suele subir.
# Es lo que sale en una CPU con estas longitudes: mide en tu máquina antes de elegir, y empaqueta por lo que garantiza, no por el tiempo.
#
# ## 4 · Un examen que no descubre nada
#
# ¿Tan grave es leer la última posición? Al fin y al cabo, la red se entrena con relleno: que aprenda a contar con él.
# Pongámoslo a prueba con la tarea más sencilla: secuencias de 4 a 12 símbolos, del 1 al 6. **¿Empieza por 1 o por 2?**

# %%
few, few_labels = experiment.first_symbol(6, rng)
for sequence, label in zip(few[:3], few_labels, strict=False):
    print(sequence, "→ empieza por", label + 1)
ids, lengths = experiment.boxed(few[:3], 16)  # lo mismo que collate, en una caja de 16 pasos
print(ids.shape, lengths.tolist())

# %% [markdown]
# La red empieza con una **incrustación** (*embedding*): una tabla con un vector por identificador, que también se aprende.
# Con `padding_idx=0`, el del relleno vale cero y no cambia. Esta es su clase; la monta `build_reader`, que está en
# `course_utils/lessons/lesson_16/experiment.py`. `packed`, `read` (la función que elige qué estado se lee) y `directions` son los argumentos de
# `build_reader`: una clase escrita dentro de una función los recuerda. Es una **clausura** (*closure*).

# %%
reader = experiment.build_reader(packed=True, read=experiment.final_states)
for code in (type(reader), experiment.last_position, experiment.final_states):
    print(textwrap.dedent(inspect.getsource(code)))

# %% [markdown]
# Dos maneras de entrenarla, con las mismas secuencias y los mismos pesos iniciales: rellenar **detrás**, en una caja de 16
# pasos, y leer la última posición; o **empaquetar** y leer `h_n`. Son cien actualizaciones de Adam, con 64 secuencias
# nuevas cada una; $W_h$ empieza ortogonal, como en Keras.

# %%
careless_count, packed_count = (10, 4) if FAST else (20, 20)
careless = [experiment.train_reader("detrás", seed=[SEED, i]) for i in range(careless_count)]
packed_readers = [
    experiment.train_reader("empaquetada", seed=[SEED, i]) for i in range(packed_count)
]
careless_exams = [experiment.examine(reader, "detrás", seed=[SEED, 99]) for reader in careless]
packed_exams = [
    experiment.examine(reader, "empaquetada", seed=[SEED, 99]) for reader in packed_readers
]
for name, exams in (("detrás", careless_exams), ("empaquetada", packed_exams)):
    print(f"{name:12s}", " ".join(f"{100 * exam.usual:4.0f} %" for exam in exams))

# %% [markdown]
# En el examen, con secuencias nuevas y la caja de siempre, las que leen el relleno aciertan como las empaquetadas. Aquí
# terminaría cualquier informe.
#
# **Predice**: las mismas secuencias en una caja con una columna más. ¿Qué contestará cada una?
#
# Sigamos el estado de las secuencias de 8 pasos mientras llega el relleno, que es un vector de ceros. La función deja cambiar $W_h$ **solo ahí**;
# hará falta.

# %%
eight_steps = [sequence for sequence in experiment.first_symbol(400, rng)[0] if len(sequence) == 8]
answers = torch.tensor([sequence[0] - 1 for sequence in eight_steps])
rows = torch.arange(len(answers))


@torch.inference_mode()
def states_in_padding(reader, recurrent=None, timesteps=64):
    """Los estados con 0, 1, 2… pasos de relleno, (lote, 1 + timesteps, oculto)."""
    own, h_n = reader.rnn(reader.embedding(experiment.boxed(eight_steps)[0]))
    tail = copy.deepcopy(reader.rnn)
    if recurrent is not None:
        tail.weight_hh_l0.copy_(torch.as_tensor(recurrent))
    padded, _ = tail(torch.zeros(len(rows), timesteps, 8), h_n)
    return torch.cat([own[:, -1:], padded], dim=1)


@torch.inference_mode()
def right_probability(reader, states):
    """Probabilidad media de la respuesta correcta en cada paso, (1 + timesteps,)."""
    odds = reader.output(states).softmax(dim=-1)  # (lote, 1 + timesteps, 2)
    return odds[rows, :, answers].mean(dim=0).numpy()  # en cada fila, su respuesta


# %% [markdown]
# Mientras llegan ceros manda $W_h$ y, a la larga, su mayor **valor propio** (lección 14), que estira lo que diga su módulo y **gira** lo que
# diga su ángulo. Uno real y negativo da media vuelta: cambia el signo en cada paso. Dibujamos, de las redes entrenadas, la que más gira.


# %%
def largest_eigenvalue(reader):
    """El valor propio de mayor módulo de la matriz recurrente; de una pareja, el de arriba."""
    values = np.linalg.eigvals(reader.rnn.weight_hh_l0.detach().numpy().astype("float64"))
    largest = values[np.abs(values).argmax()]
    return complex(largest.real, abs(largest.imag))


def turn(reader):
    """Qué parte de vuelta da en cada paso: de 0 a media."""
    return np.angle(largest_eigenvalue(reader)) / (2 * np.pi)


def without_turn(reader, largest=True):
    """La matriz recurrente sin el giro del mayor valor propio (o su pareja) o de los demás."""
    matrix = reader.rnn.weight_hh_l0.detach().numpy().astype("float64")
    values, vectors = np.linalg.eig(matrix)  # matrix = vectors · diag(values) · vectors⁻¹
    sizes = np.abs(values)
    is_largest = np.isclose(sizes, sizes.max(), rtol=1e-4)
    values = np.where(is_largest == largest, sizes, values)  # sin giro: solo su módulo
    return (vectors @ np.diag(values) @ np.linalg.inv(vectors)).real


# %%
turner = max(careless, key=turn)
states = states_in_padding(turner)  # (lote, 65, 16)
own_states = states_in_padding(packed_readers[0], timesteps=1)  # empaquetada: no lee el relleno
curves = {
    "lee el relleno": right_probability(turner, states),
    "empaquetada": np.full(65, right_probability(packed_readers[0], own_states)[0]),
    "sin el giro": right_probability(turner, states_in_padding(turner, without_turn(turner))),
}
by_class = torch.stack([states[answers == label].mean(dim=0) for label in (0, 1)])  # (2, 65, 16)
unit = int((by_class[0, 8] - by_class[1, 8]).abs().argmax())  # la que más las separa
activity = {f"empieza por {label + 1}": by_class[label, :25, unit].numpy() for label in (0, 1)}

# %%
_, (top, bottom) = plt.subplots(2, 1, figsize=(7.2, 5.4), height_ratios=[3, 2])
shown_curves = {name: curve[:25] for name, curve in curves.items()}
careless_curve = curves["lee el relleno"]
title = f"Una columna más de relleno: de {careless_curve[8]:.2f} a {careless_curve[9]:.2f}"
plot_padding_effect(np.arange(25), shown_curves, trained=8, title=title, ax=top)
top.set_xlabel("")
plot_unit(np.arange(25), activity, trained=8, title=f"La unidad {unit} de la que lo lee", ax=bottom)
plt.show()
value = largest_eigenvalue(turner)
written_value = f"{value.real:.2f}" + (f" ± {value.imag:.2f}i" if value.imag else "")
explain(
    f"Media de {len(rows)} secuencias de 8 pasos. Con 8 de relleno, los del entrenamiento, la que lo lee da a la "
    f"respuesta correcta una probabilidad de {careless_curve[8]:.2f}; con una columna más, de "
    f"{careless_curve[9]:.2f}. Su mayor valor propio es {written_value}: {turn(turner):.2f} vueltas por paso."
)
explain(
    f"Con un número par de pasos de relleno, la probabilidad media es {careless_curve[::2].mean():.2f}; con uno "
    f"impar, {careless_curve[1::2].mean():.2f}. La unidad {unit} cambia de signo en "
    f"{100 * np.mean(np.diff(np.sign(activity['empieza por 1'])) != 0):.0f} de cada cien pasos."
)

# %% [markdown]
# La unidad guarda el primer símbolo en su signo, y el signo se invierte en cada paso. La capa de salida aprendió a leerla **en el paso 16**: en
# una caja fija, el primer símbolo entró siempre quince pasos antes. Con media vuelta por paso, lo que decide es la **paridad** del relleno.
#
# Los cuadrados huecos son el control: la misma red, y ese valor propio cambiado por su módulo solo mientras llega el relleno. Las demás redes giran de
# otras maneras; en cada vuelta, la respuesta debería cambiar de lado dos veces. Y el control al revés: dejarle el giro solo al mayor y
# quitárselo a todos los demás.


# %%
def flips(reader, recurrent=None):
    """Veces que la respuesta cambia de lado a partir de 8 pasos de relleno."""
    curve = right_probability(reader, states_in_padding(reader, recurrent))
    return int(np.sum(np.diff(curve[8:] > 0.5)))


counted = {
    "según el giro del mayor": [2 * turn(reader) * 56 for reader in careless],
    "contados": [flips(reader) for reader in careless],
    "sin el giro del mayor": [flips(reader, without_turn(reader)) for reader in careless],
    "sin el de los demás": [flips(reader, without_turn(reader, False)) for reader in careless],
}
print("cambios en 56 pasos")
for name, row in counted.items():
    print(f"{name:24s}", *(f"{number:3.0f}" for number in row))

# %%
expected, observed, steady, largest_only = map(np.array, counted.values())
as_expected, still = np.abs(observed - expected) <= 3, steady <= 1
largest_rules = np.abs(largest_only - expected) <= 3
explain(
    f"En {as_expected.sum()} de {len(careless)} redes los cambios son los que dice el giro, con tres de margen. "
    f"Sin él, la respuesta cambia una vez o ninguna en {still.sum()} de {len(careless)}; sin el de los "
    f"demás, los cambios son los que dice el giro en {largest_rules.sum()}."
)

# %% [markdown]
# Donde no cuadra, suelen mandar también otros valores propios. Y quieta no quiere decir correcta: sin el giro, algunas se paran
# en la respuesta equivocada. Y `padding_idx=0` pone a cero un vector, pero **no es una máscara**.
#
# ### ¿Y si se entrena con el relleno de otra manera?
#
# Dos rivales: rellenar **delante**, y una caja **variable**, de 12 a 24 pasos, distinta en cada lote. Merecen más entrenamiento y su propia
# tasa, y no cabe aquí: se midió una vez, con veinte redes de cada, y viene con el curso. Llamamos «resistir» a acertar el 95 % en la peor de
# trece cajas, de 12 a 48 pasos.

# %%
grid = load_result("relleno")


def stored(column, mode, updates, rate=0.005):
    """Una columna de la tabla, en las veinte redes de un modo."""
    wanted = {"mode": mode, "updates": updates, "rate": rate}
    return grid[column][np.all([grid[name] == one for name, one in wanted.items()], axis=0)]


print("de 20 redes, aciertan el 95 %      en su caja   en la peor   cada una sola")
for mode in experiment.MODES:
    for updates in (100, 500):
        columns = [stored(name, mode, updates) for name in ("usual", "worst", "alone")]
        counts = "".join(f"{np.sum(column >= 0.95):13d}" for column in columns)
        print(f"{mode:12s} {updates} actualizaciones {counts}")

# %%
varied = {rate: stored("worst", "variable", 500, rate) >= 0.95 for rate in (0.002, 0.005, 0.01)}
more_training = newcombe(varied[0.005], stored("worst", "variable", 100) >= 0.95)
counts = ", ".join(f"{resist.sum()} de 20 con tasa {rate}" for rate, resist in varied.items())
explain(
    f"Caja variable, 500 actualizaciones: resisten {counts}. Con la tasa de siempre, 0.005, frente a "
    f"100 actualizaciones: {more_training.verdict('puntos', decimals=0, scale=100)}."
)
best_rate = max(varied, key=lambda rate: varied[rate].sum())  # elegida a favor del rival
for name, column in (("En la peor caja", "worst"), ("Cada una sola", "alone")):
    packed_right = stored(column, "empaquetada", 100) >= 0.95
    varied_right = stored(column, "variable", 500, best_rate) >= 0.95
    verdict = newcombe(packed_right, varied_right).verdict("puntos", decimals=0, scale=100)
    explain(f"{name}, empaquetar con 100 actualizaciones frente a la mejor de esas: {verdict}.")

# %% [markdown]
# Con el relleno detrás y una caja fija, entrenar más no cambia nada. Delante, el lado que Keras rellena por omisión y con la misma tasa, cuesta
# más aprobar hasta en la propia caja, y resiste menos de la mitad. **La caja variable sí enseña a convivir con el relleno**: con más
# entrenamiento resisten muchas más, también en cajas del doble de las vistas; pero no todas aciertan con la secuencia sola, que casi siempre es más corta que sus cajas.
# La empaquetada no tiene nada que aprender sobre el relleno.
#
# > **Puedes parar aquí.** Ya sabes montar el lote y leer el estado que toca. El segundo rato va de quién pierde la máscara, de cómo
# > descubrirlo en cualquier modelo y de la pérdida.
#
# ## 5 · La máscara viaja por Keras
#
# En Keras la máscara se pide una vez, con `mask_zero=True` en la incrustación o con una capa `Masking`, y **viaja** con los
# datos de capa en capa. Las recurrentes se saltan los pasos enmascarados. Pero la máscara llega hasta donde alguien la pierde.
# Una capa que lo deja ver: si su `call` pide `mask`, Keras le da la que traen los datos, o `None`.

# %%
KL = keras.layers


class MaskSpy(KL.Layer):
    """Deja pasar los datos y apunta si han llegado con máscara."""

    supports_masking = True  # si no, Keras avisa de que la pierde

    def call(self, x, mask=None):
        self.saw_mask = mask is not None
        return x


embedding = KL.Embedding(7, 8, mask_zero=True)
first, second = KL.SimpleRNN(16, return_sequences=True), KL.SimpleRNN(16)


def last_state(middle, ids, by_hand=False):
    """Incrustación, recurrente, `middle` y otra recurrente; `by_hand` le da a esta la máscara."""
    x = middle(first(embedding(ids)))
    return second(x, mask=embedding.compute_mask(ids) if by_hand else None).numpy()


# %% [markdown]
# El control es `by_hand=True`: todo igual, salvo que la segunda recurrente recibe la máscara directamente.
#
# **Predice**: ¿cuáles de estas piezas, puestas entre las dos recurrentes, perderán la máscara? `EinsumDense` es una `Dense` escrita con índices; `Lambda`
# envuelve una función cualquiera; `LayerNormalization` y `RMSNormalization` miran cada paso por su cuenta.

# %%
MIDDLES = {
    "Dense": KL.Dense(16),
    "EinsumDense": KL.EinsumDense("btx,xy->bty", output_shape=(None, 16)),
    "LayerNormalization": KL.LayerNormalization(),
    "RMSNormalization": KL.RMSNormalization(),
    "GroupNormalization": KL.GroupNormalization(4),
    "Add()": lambda x: KL.Add()([x, x]),
    "a + b": lambda x: x + x,
    "Lambda": KL.Lambda(lambda x: x + x),
    "Conv1D causal": KL.Conv1D(16, 3, padding="causal"),
    "Conv1D centrada": KL.Conv1D(16, 3, padding="same"),
}


# %%
class MaskReport(NamedTuple):
    """Lo que le pasa a la máscara en una capa."""

    passes: bool  # sale de la capa con los datos
    warns: bool  # Keras avisa de que se ha perdido
    change: float  # cuánto cambia el resultado con el relleno
    change_by_hand: float  # cuánto, si la segunda recurrente recibe la máscara directamente


# %%
short = np.array([[3, 1, 4, 1, 5]])
short_padded, _ = pad_batch(list(short), 10)


def padding_change(middle, by_hand):
    """Lo que cambia el resultado al rellenar la secuencia."""
    alone, padded = (last_state(middle, ids, by_hand) for ids in (short, short_padded))
    return float(np.abs(alone - padded).max())


def follow_mask(middle):
    """Qué le pasa a la máscara en una capa."""
    spy = MaskSpy()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        spy(middle(first(embedding(short))))
    warns = any("mask" in str(warning.message) for warning in caught)
    with warnings.catch_warnings(action="ignore"):
        changes = padding_change(middle, by_hand=False), padding_change(middle, by_hand=True)
    return MaskReport(spy.saw_mask, warns, *changes)


# %%
mask_reports = {name: follow_mask(middle) for name, middle in MIDDLES.items()}
print("                     ¿pasa?  ¿avisa?   cambio   con la máscara a mano")
for name, report in mask_reports.items():
    passes, warns = ("sí" if one else "no" for one in (report.passes, report.warns))
    changes = f"{report.change:.0e}   {report.change_by_hand:.0e}"
    print(f"{name:20s} {passes:>6s} {warns:>8s}    {changes}")
lost = [name for name, report in mask_reports.items() if not report.passes]
silent = [name for name in lost if not mask_reports[name].warns]
unfixed = [name for name, report in mask_reports.items() if report.change_by_hand > 1e-3]
explain(
    f"Pierden la máscara: {', '.join(lost)}; sin avisar: {', '.join(silent)}. Ni con la máscara a "
    f"mano se arreglan: {', '.join(unfixed)}."
)

# %% [markdown]
# `EinsumDense` y `RMSNormalization` tratan cada paso por su cuenta y la pierden. **No se deduce de lo que calcula la capa; se mira**, y otra versión
# de Keras puede cambiarlo. La última columna dice qué falla en cada una:
#
# - si el cambio desaparece, solo fallaba que la máscara no llegaba. En una capa tuya, pon `supports_masking = True`, como en `MaskSpy`; en vez de
#   `a + b`, que la pierde **sin decir nada**, usa `Add()`;
# - si no, la capa ha mezclado pasos reales y relleno: la convolución centrada mira el paso siguiente, y la normalización de grupo
#   promedia toda la caja. Esta **deja pasar la máscara y no la usa**.
#
# Otra trampa: `Masking` salta todo paso cuyas características valgan todas el relleno, también si es real. Ventas de cuatro días, el último de relleno:

# %%
sales = np.array([[[3.0], [0.0], [2.0], [0.0]]])  # (lote, tiempo, 1)
print("Masking():             ", KL.Masking().compute_mask(sales).numpy()[0])
sales[0, -1] = -1.0  # un relleno que no puede ser un dato
print("Masking(mask_value=-1):", KL.Masking(mask_value=-1.0).compute_mask(sales).numpy()[0])

# %% [markdown]
# Elige un relleno que no pueda ser un dato.
#
# ## 6 · La prueba
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
for name, reader in (("detrás", careless[0]), ("empaquetada", packed_readers[0])):
    print(f"{name:12s} {padding_gap(predictor(reader), few):.0e}")

# %% [markdown]
# Una función corta, y la red que bordó el examen queda descubierta. La cifra avisa del fallo. Para encontrar la **causa** hay que
# cambiar una cosa cada vez: la cantidad de relleno, sus valores, la longitud que se declara… Cada fallo deja un rastro. Si los
# valores del relleno no influyen y su cantidad sí, por ejemplo, hay una máscara y algo detrás que no la respeta. Eso hace
# `check_padding_invariance`.

# %%
wrong_place = experiment.build_reader(packed=True, read=experiment.last_position)
print(check_padding_invariance(predictor(wrong_place), few))

# %% [markdown]
# Probémosla con cinco modelos sanos y cinco con fallos corrientes, todos sin entrenar. Hacen falta tres lecturas más y
# una capa **bidireccional** (*bidirectional*): una red lee hacia delante, otra desde el final, y se juntan sus estados.


# %%
def last_real_states(states, h_n, lengths):
    """El estado del último paso real."""
    return states[torch.arange(len(lengths)), lengths - 1]


def mean_of_box(states, h_n, lengths):
    """La media de toda la caja."""
    return states.mean(dim=1)


def mean_of_real(states, h_n, lengths):
    """La media de los pasos reales."""
    real = torch.arange(states.shape[1]) < lengths[:, None]  # (lote, tiempo)
    return (states * real[..., None]).sum(dim=1) / lengths[:, None]


# %%
class TwoLayers(nn.Module):
    """Dos capas recurrentes: la primera empaquetada y la segunda, no."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 8, padding_idx=0)
        self.first = nn.RNN(8, 16, batch_first=True)
        self.second = nn.RNN(16, 16, batch_first=True)
        self.output = nn.Linear(16, 2)

    def forward(self, ids, lengths):
        x = self.embedding(ids)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.first(packed)[0], batch_first=True)
        _, h_n = self.second(states)
        return self.output(h_n[0])


# %%
def reader_of(read, *, packed, directions=1):
    """Las predicciones de una red nueva, sin entrenar."""
    return predictor(experiment.build_reader(packed=packed, read=read, directions=directions))


SOUND = {
    "empaquetada, h_n": reader_of(experiment.final_states, packed=True),
    "sin empaquetar, último real": reader_of(last_real_states, packed=False),
    "empaquetada, media de los reales": reader_of(mean_of_real, packed=True),
    "bidireccional empaquetada, h_n": reader_of(experiment.final_states, packed=True, directions=2),
    "Keras con mask_zero": lambda ids, lengths: last_state(MIDDLES["Dense"], ids),
}

# %%
FAULTY = {
    "sin empaquetar, última posición": reader_of(experiment.last_position, packed=False),
    "empaquetada, última posición": predictor(wrong_place),
    "empaquetada, media de todos": reader_of(mean_of_box, packed=True),
    "bidireccional, último real": reader_of(last_real_states, packed=False, directions=2),
    "dos capas, una sin empaquetar": predictor(TwoLayers()),
}
FAULTS = [  # lo que tiene cada uno
    "sin máscara",
    "última posición en vez de la última real",
    "media sobre el relleno",
    "capa bidireccional que empieza en el relleno",
    "máscara perdida entre capas",
]

# %%
reports = {
    name: check_padding_invariance(predict, few) for name, predict in (SOUND | FAULTY).items()
}
for name, report in reports.items():
    mark = "✓" if report.passed else "✗"
    print(f"{mark} {name:33s} {report.gap:.0e}  {', '.join(report.causes)}")

# %% [markdown]
# Los separa, y a cada fallo le encuentra su causa. Compara las dos filas que leen el último real sin empaquetar: vale para una
# red que solo va hacia delante; en la bidireccional, la que vuelve **empieza en el relleno** y llega a los datos con el
# estado ya movido. No siempre se puede estar seguro: hay modelos distintos que calculan lo mismo. `report.compatible` dice qué otras causas darían
# ese rastro.
#
# ## 7 · La pérdida también mira
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
inputs, targets = experiment.next_symbols()
lazy_accuracy = float((targets == experiment.PAD).float().mean())
explain(
    f"«{experiment.WORDS[42]}» se convierte en {inputs[42, :6].tolist()}… Quien conteste siempre «relleno» "
    f"acierta el {100 * lazy_accuracy:.0f} % de los pasos de la caja."
)
for code in (experiment.loss_on_box, experiment.loss_on_words):
    print(inspect.getsource(code))

# %% [markdown]
# `ignore_index` es la máscara de las pérdidas de PyTorch. La red irá solo hacia delante, así que el relleno de detrás
# no puede estropear los pasos reales: basta con que la pérdida no lo cuente. En Keras la máscara que viaja llega
# también a la pérdida. Comprobemos las dos con tu función.

# %%
untrained = experiment.build_writer()
with torch.inference_mode():
    guesses = untrained(inputs)
    per_step = F.cross_entropy(guesses.transpose(1, 2), targets, reduction="none").numpy()
by_hand = masked_mean_loss(per_step, (targets != experiment.PAD).numpy())
loss_gap = abs(by_hand - experiment.loss_on_words(guesses, targets))

layers = [
    KL.Embedding(len(experiment.ALPHABET), 8, mask_zero=True),
    KL.SimpleRNN(4, return_sequences=True),
]
small = keras.Sequential(layers)
small.compile(loss="mse", run_eagerly=True)
ids, goals = inputs[:5].numpy(), rng.normal(size=(5, 40, 4))
by_keras = small.evaluate(ids, goals, verbose=0)
squares = np.square(small(ids) - goals).mean(axis=-1)  # (lote, tiempo)
keras_loss_gap = abs(by_keras - masked_mean_loss(squares, ids != experiment.PAD))
explain(
    f"Diferencias con masked_mean_loss: {loss_gap:.0e} en PyTorch y {keras_loss_gap:.0e} en Keras. "
    f"Sin máscara, la de Keras valdría {squares.mean():.3f}, y no {by_keras:.3f}."
)

# %% [markdown]
# Entrenemos con las dos pérdidas, con los mismos pesos iniciales y el mismo orden. Después, que escriban: se sortea un símbolo con las
# probabilidades de la red, se le da como entrada, y así hasta que salga el de fin.
#
# **Predice**: ¿cuál presumirá de más acierto mientras se entrena? ¿Cuál escribirá mejor?

# %%
writers = {
    loss: [experiment.train_writer(loss, seed=1_000 * SEED + i) for i in range(3)]
    for loss in ("toda la caja", "pasos reales")
}
scores = {
    loss: [experiment.score_writer(writer, seed=SEED) for writer in group]
    for loss, group in writers.items()
}
print("la pérdida cuenta   acierto en la caja   en pasos reales   palabras correctas")
for loss, group in scores.items():
    in_box, in_words, correct = (
        f"{100 * min(column):3.0f} a {100 * max(column):3.0f} %"
        for column in zip(*group, strict=True)
    )
    print(f"{loss:19s} {in_box:20s} {in_words:17s} {correct}")

# %%
for loss, group in writers.items():
    print(f"{loss}:")
    for text in experiment.write(group[0], 6, seed=SEED):
        print("   ✓" if text in experiment.WORDS else "   ✗", text)

# %% [markdown]
# La primera columna de la tabla, la que saldría por pantalla, premia a quien predice relleno. (En los pasos reales nadie puede acertar el cien por cien: la
# primera letra no se puede adivinar). Para comparar, la tabla guardada: veinte redes de cada, con otra tasa y más épocas. Hay
# además un control: la suma de los pasos reales, **dividida entre todos los de la caja**. Es la pérdida de «toda la caja» sin lo que suma el relleno.

# %%
writing = load_result("relleno_perdida")


def correct_words(loss, rate=0.03, epochs=30):
    """Parte de palabras correctas de las veinte redes."""
    wanted = {"loss": loss, "rate": rate, "epochs": epochs}
    rows = np.all([writing[name] == one for name, one in wanted.items()], axis=0)
    return writing["correct"][rows]


RUNS = ((0.01, 30), (0.03, 30), (0.03, 120))
print("palabras correctas      ", *(f"tasa {rate}, {epochs:3d} épocas" for rate, epochs in RUNS))
for loss in ("toda la caja", "pasos reales"):
    means = [100 * correct_words(loss, *run).mean() for run in RUNS]
    print(f"{loss:20s}", "".join(f"{mean:20.0f} %" for mean in means))

# %%
for rate, epochs in RUNS:
    gap = paired(*(correct_words(loss, rate, epochs) for loss in ("pasos reales", "toda la caja")))
    verdict = gap.verdict("puntos", scale=100)
    explain(f"No contar el relleno, con tasa {rate} y {epochs} épocas: {verdict}.")
control = correct_words("pasos reales, entre los de la caja")
for loss in ("toda la caja", "pasos reales"):
    verdict = paired(control, correct_words(loss)).verdict("puntos", scale=100)
    explain(f"El control frente a «{loss}», con tasa 0.03 y 30 épocas: {verdict}.")

# %% [markdown]
# Con las mismas épocas, quien cuenta el relleno escribe peor; con cuatro veces más, casi lo alcanza: **contar el relleno retrasa**. El control, que es
# la misma pérdida sin lo que suma el relleno, va como la de los pasos reales: lo que retrasa son esos sumandos, no que se divida entre más pasos.
# (Con Adam era de esperar: dividir todos los gradientes entre lo mismo apenas cambia sus pasos).
#
# ### Saber callarse
#
# ¿Y el símbolo de fin? Parece que sobra: la longitud de cada palabra ya se sabe. Pero solo se sabe al entrenar. **Predice**: ¿qué
# escribirá una red que no lo ha visto nunca? Lo demás no cambia: ni la pérdida, ni los pesos iniciales, ni el orden.

# %%
without_end = experiment.train_writer("pasos reales", seed=1_000 * SEED, with_end=False)
written = {
    "con fin": experiment.write(writers["pasos reales"][0], 60, seed=SEED),
    "sin fin": experiment.write(without_end, 60, seed=SEED),
}
for name, texts in written.items():
    print(f"{name}:", *texts[:6], sep="\n   ")
endless = {name: np.mean([len(text) == 36 for text in texts]) for name, texts in written.items()}
explain(
    f"Llega a las 36 letras, el límite que hemos puesto, el {100 * endless['sin fin']:.0f} % de los textos de la que no "
    f"ha visto el símbolo de fin y el {100 * endless['con fin']:.0f} % de los de la que sí."
)

# %% [markdown]
# Empieza un número y no sabe cuándo parar: lo que sigue ya no son números. **Terminar es una predicción más**, y hay que
# enseñarla. Todo modelo que deba decidir dónde acaba lo que escribe necesita un símbolo de fin.
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
    claim("Un relleno de ceros mueve el estado", drift, ">", 0.05),
    claim("Con máscara no lo mueve", masked_drift, "==", 0, kind="identidad"),
    claim("Empaquetando, h_n es el estado final de la secuencia sola", packed_gap, "<", 1e-6, kind="identidad"),
    claim("Agrupar baja el tiempo de la RNN", costs["RNN"]["agrupar"], "<", 1.0),
    claim("Empaquetar no lo baja tanto como los pasos",
          costs["RNN"]["empaquetar"] / real, ">", 1.2),
    claim("Leyendo el relleno, casi todas aprueban en su caja y suspenden en otra",
          np.mean([exam.usual > 0.9 and exam.worst < 0.6 for exam in careless_exams]), ">=", 0.7, of=len(careless)),
    claim("Empaquetadas, casi todas aciertan en todas las cajas y solas",
          np.mean([min(exam) > 0.9 for exam in packed_exams]), ">=", 0.75, of=len(packed_readers)),
    claim("En la mayoría, el giro del mayor valor propio dice cuántas veces cambia la respuesta, giren o no los demás",
          (as_expected & largest_rules).mean(), ">=", 0.5, of=len(careless)),
    claim("En la mayoría, sin ese giro deja de cambiar", still.mean(), ">=", 0.5, of=len(careless)),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Dense, LayerNormalization y Add() dejan pasar la máscara y nada cambia",
          max(mask_reports[name].change for name in ("Dense", "LayerNormalization", "Add()")), "<", 1e-5, kind="identidad"),
    claim("a + b la pierde sin avisar", mask_reports["a + b"][:2] == (False, False), "==", True, kind="identidad"),
    claim("Y el resultado cambia con el relleno", mask_reports["a + b"].change, ">", 1e-3),
    claim("Con la máscara a mano, no", mask_reports["a + b"].change_by_hand, "<", 1e-5, kind="identidad"),
    claim("GroupNormalization la deja pasar y cambia igual",
          mask_reports["GroupNormalization"].passes * mask_reports["GroupNormalization"].change, ">", 1e-3),
    claim("Los modelos sanos pasan la prueba", max(reports[name].gap for name in SOUND), "<", 1e-5, kind="identidad"),
    claim("Los que tienen un fallo, no", min(reports[name].gap for name in FAULTY), ">", 1e-3),
    claim("Y de cada uno se encuentra la causa",
          [reports[name].causes[0] for name in FAULTY] == FAULTS, "==", True, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("masked_mean_loss da lo mismo que PyTorch y que Keras, cada una con su máscara",
          max(loss_gap, keras_loss_gap), "<", 1e-5, kind="identidad"),
    claim("Con las mismas épocas, quien no cuenta el relleno escribe mejor",
          np.mean([one.correct for one in scores["pasos reales"]])
          - np.mean([one.correct for one in scores["toda la caja"]]), ">", 0.1),
    claim("Sin símbolo de fin, la red no sabe parar", endless["sin fin"], ">", 0.8, of=len(written["sin fin"])),
    claim("La mitad que vuelve del clasificador roto no ve el primer paso", back.max(), "==", 0, kind="identidad"),
    claim("El arreglado pasa la prueba", mended_report.gap, "<", 1e-5, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Qué no hemos demostrado
#
# Que el tiempo vaya igual en otra máquina, ni que lo que le pasa a quien lee el relleno en esta tarea, una sola y pequeña, pase así en todas. La
# prueba del relleno tampoco dice que el modelo lea bien: solo que el relleno no influye.
#
# ## Resumen
#
# - Un lote necesita relleno, y el relleno necesita una **máscara** o unas **longitudes**. El cero no es «nada»: el estado se mueve.
# - En un `DataLoader`: `collate_fn` con `pad_sequence`, y un `batch_sampler` que agrupa por longitud.
# - Un acierto perfecto en prueba no demuestra nada si la caja es siempre la misma. La prueba es otra: **una secuencia sola y la
#   misma, rellenada, deben dar la misma predicción**.
# - En PyTorch: `pack_padded_sequence` y `h_n`. En Keras: `mask_zero=True` o `Masking`, y comprobar pieza a pieza que la máscara sigue y que nadie
#   mezcla los pasos.
# - La pérdida y el acierto se promedian en los pasos reales.
# - Quien debe decidir dónde acaba lo que genera necesita un símbolo de fin.
#
# ## Errores frecuentes
#
# - Leer `states[:, -1]` de un lote rellenado, empaquetado o bidireccional.
# - Creer que `padding_idx` es una máscara.
# - Recortar con `pad_sequences` sin mirar qué extremo se pierde, o darle decimales sin `dtype`.
# - Sumar dos tensores de Keras con `+` entre capas que llevan máscara.
# - Fiarse de que una capa deje pasar la máscara: puede no usarla.
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

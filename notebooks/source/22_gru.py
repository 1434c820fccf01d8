# %% [markdown]
# # 22 · GRU
#
# **La LSTM tiene tres compuertas y dos estados. ¿Se puede hacer algo parecido con menos? ¿Y por qué hay cuatro redes
# distintas que se llaman GRU?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a deducir la GRU de una pregunta, guardar o cambiar, y a escribir un paso; a reconocer de qué artículo y de qué biblioteca es cada variante; a convertir unos pesos de una a otra y a saber cuándo no se puede; a llevar una GRU entrenada de Keras a PyTorch y a comprobarlo; a medir lo que cuesta en vez de suponerlo |
# | **Antes de empezar** | [21 · LSTM](21_lstm.ipynb); de la lección 15, el ejercicio 15.1 y las referencias de la sección 7 |
# | **Tiempo** | 60 minutos de lectura y ejercicios; medio minuto de ejecución |
# | **Herramientas** | NumPy, Keras 3 sobre TensorFlow y PyTorch |

# %% tags=["parameters"]
FAST = True  # False: más redes y más medidas (unos cincuenta segundos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow", "torch"))

# %%
import platform
import time
from functools import partial
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# %%
from course_utils.cells import RNNWeights, init_gru, rnn_forward, sigmoid
from course_utils.claims import claim, explain, verify
from course_utils.comparison import block_bootstrap
from course_utils.datasets import load_elnino
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_22 import (
    plot_gru_cell,
    plot_interpolation,
    plot_port_errors,
    plot_step_times,
    plot_zero_lines,
)
from course_utils.metrics import mae
from course_utils.plotting.gradients import plot_gradient_norms
from course_utils.porting import keras_to_torch
from course_utils.sequences import scaled_windows

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Guardar o cambiar
#
# La memoria de la LSTM es $c_t = f_t\odot c_{t-1} + i_t\odot g_t$: una compuerta decide cuánto se olvida y otra, sin
# consultarla, cuánto se añade. Si las dos están abiertas, la memoria se acumula sin tope, y una tangente
# acota lo que se enseña.
#
# ¿Y si fueran una sola decisión? Lo que entra ocupa el lugar de lo que sale:
#
# $$h_t = z_t\odot h_{t-1} + (1-z_t)\odot n_t$$
#
# Aquí $z_t$, entre 0 y 1, es la **compuerta de actualización** (*update gate*; en la lección 13, $z$ era lo de dentro de la
# tangente), y $n_t$, el **candidato**, lo que se propone escribir: el $g_t$ de la LSTM. Las letras son las de los artículos y las
# bibliotecas. Con $z_t=1$ se guarda lo que había; con $z_t=0$ se cambia por el candidato.
#
# Es una **media ponderada**: nunca sale del intervalo entre lo que había y lo que se propone. Si los candidatos salen
# de una tangente, el estado está siempre entre -1 y 1: la segunda tangente sobra. Y a guardar sin enseñar **se renuncia**: sin
# compuerta de salida ni segundo estado, lo que se guarda es lo que se enseña. Eso es la **GRU** (*gated recurrent unit*; Cho y otros, 2014).
#
# Cableemos una unidad. En cada paso se propone lo que marca un sensor; una señal aparte dice cuándo hay que quedarse
# con ello.
#
# **Predice**: ¿qué hará el estado entre marca y marca?


# %%
steps = 80
sensor = np.tanh(np.sin(np.arange(steps) / 6) + 0.3 * rng.normal(size=steps))  # los candidatos
marks = np.zeros(steps)
marks[[5, 21, 45, 62]] = 1.0
update = sigmoid(8 - 16 * marks)  # z: casi 1, y casi 0 en las marcas
h, states = 0.0, []
for z, n in zip(update, sensor, strict=True):
    h = z * h + (1 - z) * n
    states.append(h)
states = np.array(states)

# %%
plot_interpolation(sensor, states, update, title="El estado se guarda hasta la próxima marca")
plt.show()
drift = np.abs(np.diff(states))[marks[1:] == 0].max()
copied = np.abs(states - sensor)[marks == 1].max()
explain(
    f"En las cuatro marcas el estado copia al candidato (difieren en {copied:.4f} como mucho); en los "
    f"demás pasos cambia {drift:.4f} o menos, diga lo que diga el sensor."
)

# %% [markdown]
# ¿Cuánto dura lo guardado? Con $z$ fija, del estado queda una fracción $z^k$ tras $k$ pasos. Es la
# **unidad con fugas** de la lección 14, y su semivida es $\ln 0.5/\ln z$; la diferencia es que aquí la red elige $z$
# en cada paso. Una red recién creada aún no ha aprendido a elegir: con el sesgo de $z$ a cero, que es como empieza en Keras,
# $z$ ronda un medio y la semivida es **un paso**. Lo mediremos.
#
# ## 2 · Dejar de mirar atrás
#
# Falta el candidato. Podría ser el estado nuevo de la RNN, $\tanh(x_t W_x + h_{t-1}W_h + b)$, pero así siempre
# depende del pasado. A veces conviene empezar de nuevo, como al acabar una frase. La **compuerta de reinicio**
# (*reset gate*), $r_t$, decide cuánto pasado entra en él. Las dos compuertas se calculan como las de la LSTM:
#
# $$\begin{aligned}
# z_t &= \sigma(x_t W_x^z + b^z + h_{t-1}W_h^z + b_h^z)\\
# r_t &= \sigma(x_t W_x^r + b^r + h_{t-1}W_h^r + b_h^r)\\
# n_t &= \tanh\big(x_t W_x^n + b^n + r_t\cdot(h_{t-1}W_h^n + b_h^n)\big)\\
# h_t &= z_t\cdot h_{t-1} + (1-z_t)\cdot n_t
# \end{aligned}$$
#
# Hay dos sesgos, como en PyTorch. En las compuertas se suman y bastaría uno; en el candidato no, porque $r_t$
# multiplica solo al segundo. Los tres bloques se guardan juntos, en el orden $z$, $r$, $n$.

# %%
plot_gru_cell(title="GRU: z reparte entre guardar y cambiar")
plt.show()
explain(
    "La celda GRU. Por el camino aditivo, en naranja, el estado va de $h_{t-1}$ a $h_t$: se multiplica por $z_t$ "
    "(círculo con un punto) y se le suma (círculo con una cruz) el candidato, $n_t$, multiplicado "
    "por $1-z_t$. La compuerta de reinicio, $r_t$, multiplica a $h_{t-1}W_h^n$, lo que del pasado "
    "llega al candidato. La entrada, $x_t$, va a las tres cajas. Los demás pesos y los sesgos no "
    "se dibujan."
)


# %%
class GRUWeights(NamedTuple):
    """Parámetros de una GRU; sus columnas son tres bloques: z, r, n."""

    input: np.ndarray  # W_x (entrada, 3 · oculto)
    hidden: np.ndarray  # W_h (oculto, 3 · oculto)
    bias: np.ndarray  # b (3 · oculto,)
    hidden_bias: np.ndarray  # b_h (3 · oculto,)


def random_gru(input_size, hidden_size, rng):
    """Pesos y sesgos al azar, todos distintos de cero."""
    return GRUWeights(
        rng.normal(size=(input_size, 3 * hidden_size)) / np.sqrt(input_size),
        rng.normal(size=(hidden_size, 3 * hidden_size)) / np.sqrt(hidden_size),
        0.5 * rng.normal(size=3 * hidden_size),
        0.5 * rng.normal(size=3 * hidden_size),
    )


# %% [markdown]
# ### Ejercicio 22.1 ★★ · Un paso de la GRU
#
# Los productos ya están hechos y partidos en sus tres bloques: `from_input[0]` es la parte de $z$ que viene de la
# entrada, y `from_hidden[2]`, la parte de $n$ que viene del estado. Escribe las cuatro ecuaciones.


# %% tags=["exercise"]
def gru_step(x, h, weights):
    """Un paso de la GRU. x: (lote, entrada), h: (lote, oculto) → (lote, oculto)."""
    from_input = np.split(x @ weights.input + weights.bias, 3, axis=1)  # tres (lote, oculto)
    from_hidden = np.split(h @ weights.hidden + weights.hidden_bias, 3, axis=1)
    ### BEGIN SOLUTION
    z = sigmoid(from_input[0] + from_hidden[0])
    r = sigmoid(from_input[1] + from_hidden[1])
    n = np.tanh(from_input[2] + r * from_hidden[2])
    return z * h + (1 - z) * n
    ### END SOLUTION


# %% tags=["check"]
gru_step = check("22.1", gru_step)

# %% [markdown]
# Con ese paso se recorre una secuencia como en la lección 12. Dos pruebas con las compuertas forzadas
# por sus sesgos: con $z=0$ y $r=1$ debe salir la RNN de siempre; con $z=1$, un estado que no se mueve.


# %%
def run_gru(x, weights, step, h=None):
    """Todos los estados. x: (lote, tiempo, entrada) → (lote, tiempo, oculto)."""
    h = np.zeros((len(x), len(weights.hidden))) if h is None else h
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, weights)  # (lote, oculto)
        states.append(h)
    return np.stack(states, axis=1)


def forced(weights, z, r):
    """Los mismos pesos, con las compuertas casi clavadas en 0 o en 1."""
    pull = np.repeat([60 * z - 30, 60 * r - 30, 0.0], len(weights.hidden))
    return weights._replace(bias=weights.bias + pull)


# %%
size = 8
weights = random_gru(5, size, rng)
x = rng.normal(size=(4, 12, 5))  # (lote, tiempo, entrada)
candidate = [part[..., 2 * size :] for part in weights]  # el bloque n de cada array
rnn = RNNWeights(candidate[0], candidate[1], candidate[2] + candidate[3])
rnn_gap = np.abs(run_gru(x, forced(weights, z=0, r=1), gru_step) - rnn_forward(x, rnn).states).max()
first = rng.uniform(-1, 1, size=(4, size))  # un estado inicial cualquiera
frozen_gap = np.abs(run_gru(x, forced(weights, z=1, r=1), gru_step, first)[:, -1] - first).max()
explain(
    f"Con z = 0 y r = 1, la GRU y la RNN difieren en {rnn_gap:.0e}. Con z = 1, tras 12 pasos el "
    f"estado ha cambiado {frozen_gap:.0e}."
)

# %% [markdown]
# La GRU contiene a la RNN y a la memoria perfecta, y elige en cada paso y en cada unidad.
#
# Midamos ahora lo que dura un recuerdo en redes recién creadas, con los pesos que sortea Keras (`init_gru`) y el sesgo de $z$ a
# 0, 1 y 3. Como en la lección 13, a empujones: se mueve un poco el estado inicial y se mira cuánto se han movido los
# siguientes.
#
# **Predice**: ¿se cumplirá la fórmula de la semivida, si ahora $z$ y $n$ dependen también del estado?


# %%
def nudge_curve(bias, seed, *, direct_only=False, distance=30):
    """Norma del cambio del estado, dividida entre la del empujón, a 0, 1, 2… pasos."""
    own = np.random.default_rng(seed)  # con la misma semilla, solo cambia el sesgo
    fresh = init_gru(5, 32, rng=own)
    fresh.bias[:32] = bias  # el bloque de z
    if direct_only:
        fresh.hidden[:, 64:] = 0.0  # W_h^n: el candidato deja de ver el pasado
    x = own.normal(size=(64, distance, 5))
    nudge = 1e-5 * own.normal(size=(64, 32))
    moved, still = (run_gru(x, fresh, gru_step, start) for start in (nudge, 0 * nudge))
    norms = np.linalg.norm(np.concatenate([nudge[:, None], moved - still], axis=1), axis=2)
    return np.exp(np.log(norms / norms[:, :1]).mean(axis=0))  # media de 64, en logaritmos


def half_life(curve):
    """Semivida entre los pasos 5 y 25, en pasos."""
    return 20 * np.log(0.5) / np.log(curve[25] / curve[5])


# %%
networks, curves, measured, direct = 5 if FAST else 20, {}, {}, {}
for bias in (0, 1, 3):
    runs = [nudge_curve(bias, [SEED, k]) for k in range(networks)]
    curves[bias] = np.exp(np.log(runs).mean(axis=0))  # media geométrica de las redes
    measured[bias] = half_life(curves[bias])
    lives = [half_life(nudge_curve(bias, [SEED, k], direct_only=True)) for k in range(networks)]
    direct[bias] = np.mean(lives)
expected = {bias: np.log(0.5) / np.log(sigmoid(bias)) for bias in curves}

# %%
plot_gradient_norms(
    {f"b = {bias}": curve for bias, curve in curves.items()},
    title="Recién creada, recuerda más cuanto mayor es el sesgo de z",
    ylabel="cambio / empujón",
    floor=1e-7,
).set_xlabel("pasos desde el empujón")
plt.show()
explain(
    f"Semivida en pasos, en {networks} redes sin entrenar: según la fórmula, medida y medida sin $W_h^n$. "
    + "; ".join(
        f"Con b = {b}, {expected[b]:.1f}, {measured[b]:.1f} y {direct[b]:.1f}" for b in curves
    )
    + "."
)

# %% [markdown]
# La fórmula acierta con lo que pasa por $z$: si el candidato deja de ver el pasado, casi no se aparta de ella. Lo que sobra con
# sesgos pequeños es lo que del recuerdo pasa **por el candidato**. Una GRU recién creada olvida en un par de pasos: si la
# tarea pide más, tendrá que aprenderlo, o se lo darás tú con el sesgo de $z$. En la LSTM de Keras esa ayuda viene puesta
# (`unit_forget_bias`); en la GRU, no.
#
# ## 3 · Cuatro GRU
#
# Las ecuaciones de la sección 2 no son las de todo el mundo. En un texto encontrarás $z$ y $1-z$ intercambiados; en
# otro, $r$ dentro del producto: $(r\cdot h_{t-1})W_h$ en lugar de $r\cdot(h_{t-1}W_h)$.
#
# | | reinicio **antes** del producto, $(r\cdot h)W_h$ | reinicio **después**, $r\cdot(h\,W_h)$ |
# |---|---|---|
# | $z$ **guarda**: $z\cdot h+(1-z)\cdot n$ | Cho y otros (2014), tercera versión de arXiv 1406.1078; Keras con `reset_after=False` | primera versión del mismo artículo; cuDNN; PyTorch; Keras por omisión (`reset_after=True`) |
# | $z$ **cambia**: $(1-z)\cdot h+z\cdot n$ | Chung y otros (2014), arXiv 1412.3555; PaddlePaddle 2.2, `gru_unit` por omisión | Lasagne (`GRULayer`), ya sin mantenimiento |
#
# Cuidado con la documentación: la de Keras 3 aún dice que la variante por omisión es la de la tercera versión.
# Preguntemos al programa, no al manual. Las cuatro caben en una función.


# %%
def gru_variant(x, h, weights, *, z_keeps, reset_after):
    """Un paso de cualquiera de las cuatro. x: (lote, entrada), h: (lote, oculto)."""
    from_input = np.split(x @ weights.input + weights.bias, 3, axis=1)  # tres (lote, oculto)
    from_hidden = np.split(h @ weights.hidden + weights.hidden_bias, 3, axis=1)
    z, r = (sigmoid(from_input[k] + from_hidden[k]) for k in (0, 1))
    if reset_after:
        past = r * from_hidden[2]
    else:
        w_n, b_n = (np.split(part, 3, axis=-1)[2] for part in (weights.hidden, weights.hidden_bias))
        past = (r * h) @ w_n + b_n
    n = np.tanh(from_input[2] + past)
    return z * h + (1 - z) * n if z_keeps else (1 - z) * h + z * n


variants = {
    "guarda, antes": partial(gru_variant, z_keeps=True, reset_after=False),
    "guarda, después": partial(gru_variant, z_keeps=True, reset_after=True),
    "cambia, antes": partial(gru_variant, z_keeps=False, reset_after=False),
    "cambia, después": partial(gru_variant, z_keeps=False, reset_after=True),
}

# %% [markdown]
# **Predice**: con los mismos pesos y los mismos datos, ¿se parecerán sus estados? Van de -1 a 1.

# %%
runs = {name: run_gru(x, weights, step) for name, step in variants.items()}
print(f"{'':15s}" + "".join(f"{name:>17s}" for name in runs))
for name, one in runs.items():
    gaps = (np.abs(one - other).max() for other in runs.values())
    print(f"{name:15s}" + "".join(f"{gap:17.2f}" for gap in gaps))
closest = min(np.abs(runs[a] - runs[b]).max() for a in runs for b in runs if a < b)

# %%
x32 = x.astype("float32")  # lo que usan las bibliotecas por omisión
two_rows, one_row = (
    np.stack([weights.bias, weights.hidden_bias]),
    weights.bias + weights.hidden_bias,
)
layers, matches, keras_gaps = {}, {}, {}
for option, bias in ((True, two_rows), (False, one_row)):
    layer = keras.layers.GRU(size, reset_after=option, return_sequences=True)
    layer.build((None, None, 5))
    layer.set_weights([weights.input, weights.hidden, bias])
    gaps = {name: np.abs(run - layer(x32).numpy()).max() for name, run in runs.items()}
    layers[option], matches[option] = layer, min(gaps, key=gaps.get)
    keras_gaps[option] = min(gaps.values())
    print(f"reset_after={option!s:5} es «{matches[option]}»: difieren en {keras_gaps[option]:.0e}")
default_is_after = keras.layers.GRU(1).reset_after
explain(
    f"Las cuatro dan estados distintos: la pareja más parecida difiere en {closest:.2f}. Las dos de "
    f"Keras son dos de las nuestras, salvo redondeo. Por omisión, reset_after={default_is_after}."
)

# %% [markdown]
# El código decide: la variante por omisión es la de después. Su sesgo tiene dos filas, nuestros $b$ y $b_h$; con
# `reset_after=False` basta una, porque dentro del candidato los dos se suman.
#
# ¿Se puede pasar de una variante a otra cambiando los pesos? Entre las dos maneras de usar $z$, sí, y sin error. Si
# tu $z$ guarda y la otra cambia, la otra necesita $1-z$ donde tú tienes $z$. Y la sigmoide cumple
#
# $$1-\sigma(a) = 1-\frac{1}{1+e^{-a}} = \frac{e^{-a}}{1+e^{-a}} = \frac{1}{e^{a}+1} = \sigma(-a)$$
#
# ### Ejercicio 22.2 ★★ · Cambiar de convenio
#
# Recibes unos `GRUWeights` y devuelves otros con los que la variante contraria calcule lo mismo. El bloque de $z$ son
# las primeras columnas de **los cuatro** arrays (en los sesgos, sus primeros números). Los que recibes no se tocan.


# %% tags=["exercise"]
def swap_convention(weights):
    """GRUWeights para la variante que usa z al revés."""
    ### BEGIN SOLUTION
    size = len(weights.hidden)
    signs = np.repeat([-1.0, 1.0, 1.0], size)  # (3 · oculto,): z, r, n
    return GRUWeights(*(part * signs for part in weights))
    ### END SOLUTION


# %% tags=["check"]
swap_convention = check("22.2", swap_convention)

# %%
other = GRUWeights(*swap_convention(weights))
swapped = run_gru(x, other, variants["cambia, después"])
swap_gap = np.abs(swapped - runs["guarda, después"]).max()
untouched_gap = np.abs(runs["cambia, después"] - runs["guarda, después"]).max()
explain(
    f"Con los mismos pesos difieren en {untouched_gap:.2f}; con los signos cambiados, en {swap_gap:.0e}."
)

# %% [markdown]
# ## 4 · La conversión que no existe
#
# ¿Y del reinicio antes al de después? Lo que el pasado aporta al candidato de la unidad $j$ es, sin los sesgos,
#
# $$\text{antes: }\sum_i r_i\,h_i\,W_{ij}\qquad\qquad\text{después: }\;r_j\sum_i h_i\,W'_{ij}$$
#
# Antes, cada sumando lleva **su** compuerta; después, una sola multiplica toda la suma. Intentémoslo: con muchos
# estados y sus $r$, buscamos por mínimos cuadrados los $W'$ y los sesgos con los que la segunda más se acerca a la
# primera.
#
# **Predice**: ¿qué parte quedará sin explicar? ¿Y si $r$ es igual en todas las unidades?


# %%
def unexplained(r, h, w_n):
    """Parte de la desviación que ningún W' consigue imitar, con las mismas compuertas."""
    wanted = (r * h) @ w_n  # (estados, oculto): lo que aporta el pasado con el reinicio antes
    left = []
    for j in range(len(w_n)):
        offered = np.column_stack([r[:, [j]] * h, r[:, j], np.ones(len(h))])  # W', b_h y b
        best = offered @ np.linalg.lstsq(offered, wanted[:, j], rcond=None)[0]
        left.append(np.mean((best - wanted[:, j]) ** 2))
    return np.sqrt(np.mean(left) / wanted.var(axis=0).mean())


h = np.tanh(rng.normal(size=(2_000, 16)))  # (estados, oculto)
w_r, w_n = (rng.normal(size=(16, 16)) / 2 for _ in range(2))  # dos bloques de W_h
r = sigmoid(h @ w_r)
own, common = unexplained(r, h, w_n), unexplained(np.tile(r[:, :1], 16), h, w_n)
explain(
    f"Con una compuerta por unidad queda sin explicar el {100 * own:.0f} % de la desviación; con la "
    f"misma para todas, {common:.0e}."
)

# %% [markdown]
# Se puede si las $r_i$ son todas iguales, o si guardan siempre la misma proporción, o si nada se mezcla; en general, no.
#
# ¿Ayudaría cambiar también los pesos de $r$? Quitemos los sesgos y busquemos los estados desde los que el pasado **no aporta
# nada**. Con el reinicio después, $r_j$ multiplica a toda la suma $\sum_i h_i W'_{ij}$ y nunca vale cero: son los que anulan la
# suma, y con dos unidades forman **una recta** por el centro. Ninguna $r$ puede torcerla. Con el reinicio antes, cada sumando
# lleva su $r_i$, que depende del estado.

# %%
w_r, column = np.array([[0.0, -6.0], [6.0, 0.0]]), np.array([1.0, -1.0])  # dos unidades


def past(states, reset_after):
    """Lo que el pasado aporta al candidato de la unidad 1. states: (..., 2)."""
    r = sigmoid(states @ w_r)  # cada unidad abre o cierra a la otra
    return r[..., 0] * (states @ column) if reset_after else (r * states) @ column


axis = np.linspace(-1, 1, 121)
grid = np.stack(np.meshgrid(axis, axis), axis=-1)  # (121, 121, 2): todos los estados

# %%
plot_zero_lines(
    axis,
    {"antes: (r·h)W": past(grid, False), "después: r·(hW)": past(grid, True)},
    title="Sin sesgos, después del producto, una recta; antes, una curva",
)
plt.show()
turns = np.linspace(0, np.pi, 181)  # rectas que pasan por el centro, de grado en grado
lines = [np.outer(axis, [np.cos(turn), np.sin(turn)]) for turn in turns]
flattest = {
    after: min(np.abs(past(line, after)).max() for line in lines) for after in (False, True)
}
explain(
    "Los estados desde los que el pasado no aporta nada a la unidad 1. Sobre la mejor de 181 rectas "
    f"por el centro, «después» no pasa de {flattest[True]:.0e}; «antes» llega al menos a "
    f"{flattest[False]:.2f} en cualquiera."
)

# %% [markdown]
# Sin sesgos, ni cambiando $r$ se llega a la misma función. (Las dos cuentas no cubren el caso de cambiar $r$ y los sesgos a la
# vez). Las dos celdas **no son la misma función**: en general, los pesos de una no se convierten en pesos de la otra. PyTorch dice
# en su documentación que eligió la de después a propósito, por eficiencia: así los tres productos con $h_{t-1}$ son uno
# solo.
#
# > **Puedes parar aquí.** Ya sabes deducir la GRU y distinguir sus cuatro variantes; lo que queda es llevarla de una biblioteca a
# > otra y medir lo que cuesta.
#
# ## 5 · Rómpelo y arréglalo
#
# Un encargo habitual: la red se entrenó en Keras y hay que usarla en PyTorch. La nuestra predice la temperatura del
# mar del mes siguiente a partir de dos años, como en la lección 15. Con las mismas referencias que allí, sin red: la
# climatología más la última anomalía (el cambio habitual de la lección 11). Y otra, la anomalía **amortiguada**: multiplicada por el factor que mejor predice la
# siguiente en el entrenamiento.

# %%
series = load_elnino().values  # un valor al mes
sea = scaled_windows(series, width=24)
(train_x, train_y), (test_x, test_y), std = sea.train, sea.test, sea.std
known, count = len(train_x) + 24, len(test_x)  # meses que se ven al entrenar; meses de prueba
climatology = np.array([series[:known][month::12].mean() for month in range(12)])
anomaly = series - climatology[np.arange(len(series)) % 12]
before, after = anomaly[: known - 1], anomaly[1:known]
damping = (before @ after) / (before @ before)  # mínimos cuadrados con un solo coeficiente
bars = {
    "repetir el último mes": mae(series[-count:], series[-count - 1 : -1]),
    "climatología y anomalía": mae(anomaly[-count:], anomaly[-count - 1 : -1]),
    "anomalía amortiguada": mae(anomaly[-count:], damping * anomaly[-count - 1 : -1]),
}


def error_in_degrees(predictions):
    """Error absoluto medio en la prueba, en °C."""
    return std * mae(test_y, predictions)


# %%
def train_sea_gru(seed):
    """Entrena en Keras una GRU con una salida; devuelve sus pesos y lo que predice en la prueba."""
    keras.utils.clear_session()  # suelta la memoria de las redes anteriores
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((None, 1)), keras.layers.GRU(16), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.02), loss="mse")
    model.fit(train_x, train_y, batch_size=64, epochs=8 if FAST else 20, verbose=0)
    return model.get_weights(), model(test_x).numpy()


# %%
trained = [train_sea_gru(1000 * SEED + k) for k in range(3 if FAST else 5)]
all_weights, keras_outputs = zip(*trained, strict=True)
keras_errors = np.array([error_in_degrees(output) for output in keras_outputs])
bar = bars["climatología y anomalía"]
by_month = np.mean([np.abs(output - test_y)[:, 0] for output in keras_outputs], axis=0)  # (meses,)
against_bar = block_bootstrap(
    std * by_month, np.abs(np.diff(anomaly)[-count:]), seed=SEED, block=5, steps="meses"
)
explain(
    f"En Keras, {len(trained)} redes se equivocan entre {keras_errors.min():.2f} y {keras_errors.max():.2f} °C. Sin red: "
    + "; ".join(f"{name}, {error:.2f}" for name, error in bars.items())
    + ". Entre la red y la climatología con la última anomalía, "
    + against_bar.verdict("°C", decimals=2)
    + "."
)

# %% [markdown]
# Repetir el último mes era poco rival: quien conoce cada mes del año y sabe cuánto se apartaba de él el anterior se equivoca
# más o menos como la red. Para predecir el mes siguiente, esta red no hacía falta; para aprender a llevarla de un sitio a otro, nos
# sirve.
#
# Alguien recuerda el ejercicio 15.1: se transponen las matrices y los
# sesgos se copian. PyTorch comprueba los nombres y las formas al cargar, así que parece
# seguro.


# %%
def blind_port(weights):
    """De los tres arrays de una GRU de Keras a los cuatro de una nn.GRU… o eso parece."""
    kernel, recurrent_kernel, bias = weights
    return {
        "weight_ih_l0": kernel.T,
        "weight_hh_l0": recurrent_kernel.T,
        "bias_ih_l0": bias[0],
        "bias_hh_l0": bias[1],
    }


@torch.inference_mode()
def torch_output(weights, port):
    """Lo que predice en PyTorch una red de Keras convertida con `port`."""
    *recurrent, head, head_bias = weights
    layer = nn.GRU(1, 16, batch_first=True)
    state = {name: torch.tensor(np.array(part)) for name, part in port(recurrent).items()}
    layer.load_state_dict(state)  # exige los mismos nombres y las mismas formas
    _, last = layer(torch.from_numpy(test_x))  # (1, lote, 16)
    return last[-1].numpy() @ head + head_bias  # (lote, 1)


# %% [markdown]
# **Predice**: ¿dará un error? Si no, ¿cuánto se equivocará la red convertida?

# %%
blind_outputs = [torch_output(weights, blind_port) for weights in all_weights]
blind_errors = np.array([error_in_degrees(output) for output in blind_outputs])
explain(
    f"Ningún error al cargar. En PyTorch las mismas redes se equivocan entre {blind_errors.min():.2f} y "
    f"{blind_errors.max():.2f} °C; con la climatología y la última anomalía, {bar:.2f}."
)

# %% [markdown]
# El fallo es real: es el del código de la incidencia 15915 de Keras (allí, de PyTorch a Keras), donde la LSTM
# convertida sale bien y la GRU no. La causa no se ve en las formas. Keras guarda los bloques en el orden $z$, $r$,
# $n$; PyTorch, en el orden $r$, $z$, $n$. La compuerta que debía guardar está haciendo de reinicio. (La LSTM se libra
# porque las dos usan $i$, $f$, $g$, $o$).
#
# ### Ejercicio 22.3 ★★★ · De Keras a PyTorch
#
# Arréglalo. `weights` es la lista de `get_weights()`: `kernel` (entrada, 3 · oculto), `recurrent_kernel`
# (oculto, 3 · oculto) y `bias` (2, 3 · oculto). Devuelve el diccionario con los cuatro arrays de `nn.GRU`.


# %% tags=["exercise"]
def port_gru(weights):
    """Pesos de GRU de Keras (lista de tres arrays) → pesos de nn.GRU (diccionario de cuatro)."""
    kernel, recurrent_kernel, bias = weights
    ### BEGIN SOLUTION

    def reorder(part):  # de z, r, n a r, z, n, y las columnas a filas
        z, r, n = np.split(part, 3, axis=-1)
        return np.concatenate([r, z, n], axis=-1).T

    return {
        "weight_ih_l0": reorder(kernel),
        "weight_hh_l0": reorder(recurrent_kernel),
        "bias_ih_l0": reorder(bias[0]),
        "bias_hh_l0": reorder(bias[1]),
    }
    ### END SOLUTION


# %% tags=["check"]
port_gru = check("22.3", port_gru)

# %%
torch_outputs = [torch_output(weights, port_gru) for weights in all_weights]
port_gap = max(
    np.abs(one - other).max() for one, other in zip(torch_outputs, keras_outputs, strict=True)
)
torch_gru = nn.GRU(5, size, batch_first=True)
state = port_gru(layers[True].get_weights())
torch_gru.load_state_dict({name: torch.tensor(np.array(part)) for name, part in state.items()})
with torch.inference_mode():
    torch_states = torch_gru(torch.from_numpy(x32))[0].numpy()
torch_gaps = {name: np.abs(run - torch_states).max() for name, run in runs.items()}
explain(
    f"Convertidas, dan en PyTorch lo mismo que en Keras: difieren en {port_gap:.0e}. La GRU de NumPy y la "
    f"de PyTorch difieren en {torch_gaps['guarda, después']:.0e}; las otras tres variantes, en "
    f"{sorted(torch_gaps.values())[1]:.2f} o más."
)

# %% [markdown]
# ¿Habríamos notado cualquier fallo? Probemos otros tres, uno cada vez: usar los pesos en la variante
# donde $z$ cambia; en la que reinicia antes; y sumar los dos sesgos en uno, que en una LSTM sería correcto.
#
# **Predice**: ¿se notarán todos en el error?


# %%
def numpy_output(weights, step):
    """Lo que predice una red de Keras si el programa de destino usa otra variante."""
    kernel, recurrent_kernel, bias, head, head_bias = weights
    own = GRUWeights(kernel, recurrent_kernel, *bias)
    return run_gru(test_x, own, step)[:, -1] @ head + head_bias


def add_biases(weights):
    """Convierte bien, pero con los dos sesgos sumados en el primero."""
    kernel, recurrent_kernel, bias = weights
    return port_gru([kernel, recurrent_kernel, np.stack([bias.sum(axis=0), 0 * bias[0]])])


attempts = {
    "bien convertida": partial(torch_output, port=port_gru),
    "bloques sin reordenar": partial(torch_output, port=blind_port),
    "z usada al revés": partial(numpy_output, step=variants["cambia, después"]),
    "reinicio en otro sitio": partial(numpy_output, step=variants["guarda, antes"]),
    "sesgos sumados": partial(torch_output, port=add_biases),
}
outputs = {
    name: [attempt(weights) for weights in all_weights] for name, attempt in attempts.items()
}
errors = {name: np.array([error_in_degrees(p) for p in kept]) for name, kept in outputs.items()}

# %%
title = "Dos fallos se notan en el error; los otros dos, apenas"
plot_port_errors(errors, reference=("climatología y anomalía", bar), title=title)
plt.show()
quiet = ("reinicio en otro sitio", "sesgos sumados")
shifts = {
    name: [std * np.abs(p - q).mean() for p, q in zip(outputs[name], keras_outputs, strict=True)]
    for name in quiet
}
means = {name: values.mean() for name, values in errors.items()}
explain(
    f"Error medio de {len(trained)} redes, en °C: "
    + "; ".join(f"{name}, {value:.2f}" for name, value in means.items())
    + f". Sin red, {bar:.2f}. Los dos últimos fallos mueven cada predicción "
    f"{min(map(min, shifts.values())):.2f} °C o más, de media."
)

# %% [markdown]
# Los dos primeros fallos se ven, si se sabe lo que daba en Keras. Los otros dos **pasan por una red algo peor**, o igual de buena:
# quien mire solo el error no sospechará nada. Una conversión no se juzga por el error en una tarea, sino por la
# salida: los mismos datos en los dos lados y una diferencia de redondeo.
#
# En adelante lo hará `course_utils.porting`, que también lleva la LSTM y la GRU. Y lo que no se puede convertir, lo rechaza antes de escribir nada.

# %%
target = nn.GRU(5, size, batch_first=True)
keras_to_torch(layers[True], target)
try:
    keras_to_torch(layers[False], target)
except ValueError as error:
    print("Rechazado.", str(error).split("; ")[0] + ".")

# %% [markdown]
# ## 6 · Lo que cuesta
#
# ¿Cuánto se ahorra? Las tres celdas son el mismo cálculo repetido: un bloque en la RNN, cuatro en la LSTM y tres en
# la GRU.


# %%
units, entries, length = 64, 8, 24
torch_layers = {
    cell: getattr(nn, cell)(entries, units, batch_first=True) for cell in ("RNN", "LSTM", "GRU")
}
counts = {
    cell: sum(part.numel() for part in layer.parameters()) for cell, layer in torch_layers.items()
}
parameter_ratio = counts["GRU"] / counts["LSTM"]
for cell, number in counts.items():
    print(f"{cell:5s} {number:6d} parámetros en PyTorch")
explain(
    f"La GRU tiene {parameter_ratio:g} de los parámetros de la LSTM: tres bloques frente a cuatro."
)

# %% [markdown]
# Y el tiempo, ¿también tres cuartos? Medimos un paso de entrenamiento (ida y vuelta) con lotes de 32
# secuencias de 24 pasos y 64 unidades, en un hilo, las dos bibliotecas en la misma ejecución. Para saber qué se debe
# a la celda y qué a la biblioteca, PyTorch se mide además con **oneDNN** apagada: son las rutinas de Intel que trae
# dentro.
#
# **Predice**: en PyTorch, ¿cuánto tardará la GRU respecto de la LSTM?


# %%
data = torch.from_numpy(rng.normal(size=(32, length, entries)).astype("float32"))
targets = data.numpy()[:, :, 0].mean(axis=1, keepdims=True)


def torch_steps(cell, onednn):
    """Tres idas y vueltas."""
    layer = torch_layers[cell]
    # Al salir del `with` queda como estaba; con allow_tf32=None, la precisión no se toca.
    with torch.backends.mkldnn.flags(enabled=onednn, allow_tf32=None):
        for _ in range(3):
            layer.zero_grad()
            layer(data)[0].sum().backward()


def keras_steps(model):
    """Tres pasos de entrenamiento."""
    for _ in range(3):
        model.train_on_batch(data.numpy(), targets)


def keras_model(layer):
    """Una celda de Keras con una salida, lista para entrenar."""
    model = keras.Sequential([keras.Input((length, entries)), layer, keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model


# %%
keras_cells = {"RNN": keras.layers.SimpleRNN, "LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}
keras_models = {cell: keras_model(layer(units)) for cell, layer in keras_cells.items()}
actions = {}
for cell in counts:
    actions["Keras", cell] = partial(keras_steps, keras_models[cell])
    actions["PyTorch", cell] = partial(torch_steps, cell, True)
    actions["PyTorch\nsin oneDNN", cell] = partial(torch_steps, cell, False)
times = {}
for measurement in range(10 if FAST else 30):  # se turnan; las dos primeras son para calentar
    for (library, cell), action in actions.items():
        begin = time.process_time()  # tiempo de procesador: no cuenta a otros programas
        action()
        spent = 1000 * (time.process_time() - begin) / 3
        row = times.setdefault(library, {})
        row[cell] = spent if measurement < 2 else min(row[cell], spent)

# %%
relative = [row["GRU"] / row["LSTM"] for row in times.values()]
title = f"La GRU tarda de {min(relative):.2f} a {max(relative):.2f} veces lo que la LSTM"
plot_step_times(times, title=title)
plt.show()
ratios = {library: row["GRU"] / row["LSTM"] for library, row in times.items()}
in_keras, fast, plain = ratios.values()
speedup = times["PyTorch\nsin oneDNN"]["LSTM"] / times["PyTorch"]["LSTM"]
unchanged = times["PyTorch\nsin oneDNN"]["GRU"] / times["PyTorch"]["GRU"]
explain(
    f"Tiempo de la GRU dividido entre el de la LSTM: en Keras, {in_keras:.2f}; en PyTorch, {fast:.2f}; en PyTorch sin "
    f"oneDNN, {plain:.2f}. Al apagarla, el tiempo de la LSTM se multiplica por {speedup:.1f} y el de "
    f"la GRU, por {unchanged:.1f}."
)

# %% [markdown]
# Con menos parámetros, la GRU de PyTorch tarda **más** que la LSTM. Ahí no es culpa de la celda: oneDNN tiene una rutina
# que hace de una vez la LSTM entera, y PyTorch la usa; la GRU y la RNN las calcula operación a operación, y a esas
# operaciones sueltas oneDNN no las acelera. Sin esa ventaja, la GRU ya no va por detrás. En Keras el reparto es otro, y no hemos
# buscado su causa. (Compara dentro de cada fila: las de Keras incluyen la salida y el optimizador). El reparto
# depende de la máquina, de la biblioteca y de la versión. «La GRU es más rápida» no es una propiedad de la GRU: mídelo donde vayas a usarla.
#
# ¿Y cuál aprende mejor? Esa pregunta necesita varias tareas y muchas semillas: es la de las lecciones 23 y 25. Tampoco hemos medido
# si la compuerta de reinicio hace falta.
#
# ## 7 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Con z = 0 y r = 1, la GRU es la RNN", rnn_gap, "<", 1e-9, kind="identidad"),
    claim("Con z = 1 no cambia nada", frozen_gap, "<", 1e-9, kind="identidad"),
    claim("Recién creada, con el sesgo de z a cero, la semivida no llega a dos pasos", measured[0], "<", 2),
    claim("Con un sesgo de 3 es varias veces mayor", measured[3] / measured[0], ">", 5),
    claim("Si el candidato no ve el pasado, la fórmula de la semivida acierta",
          max(abs(direct[b] / expected[b] - 1) for b in direct), "<", 0.15),
    claim("NumPy y Keras dan los mismos estados", max(keras_gaps.values()), "<", 1e-5, kind="identidad"),
    claim("Con los mismos pesos, las cuatro variantes son distintas", closest, ">", 0.05),
    claim("Keras por omisión guarda con z y reinicia después",
          default_is_after and matches[True] == "guarda, después", "==", True, kind="identidad"),
    claim("Cambiar los signos del bloque de z cambia de convenio", swap_gap, "<", 1e-12, kind="identidad"),
    claim("Con las mismas compuertas, ningún peso imita el reinicio de antes con el de después", own, ">", 0.2),
)  # fmt: skip

# %% tags=["nbval-check-output"]
has_fast_lstm = torch.backends.mkldnn.is_available() and platform.machine() in ("x86_64", "AMD64")
verify(
    claim("En el mar, la GRU no gana a la climatología con la última anomalía",
          keras_errors.mean() / bar, ">", 0.97),
    claim("Sin reordenar los bloques o con z al revés, el error es mucho mayor",
          min(means["bloques sin reordenar"], means["z usada al revés"]) / means["bien convertida"], ">", 1.4),
    claim("Bien convertida, PyTorch da lo mismo que Keras", port_gap, "<", 1e-5, kind="identidad"),
    claim("Y lo mismo que NumPy", torch_gaps["guarda, después"], "<", 1e-6, kind="identidad"),
    claim("Con el reinicio en otro sitio o los sesgos sumados, aún se equivoca menos que repetir el último mes",
          np.mean([means[name] for name in quiet]) / bars["repetir el último mes"], "<", 0.8),
    claim("Aunque sus predicciones son otras", min(map(min, shifts.values())), ">", 0.002),
    claim("La GRU tiene tres cuartos de los parámetros de la LSTM", parameter_ratio, "==", 0.75, kind="identidad"),
    claim("Sin oneDNN, en PyTorch la GRU no va claramente por detrás de la LSTM", plain, "<", 1.4),
    claim("Donde la LSTM tiene rutina propia, tarda menos con ella",
          speedup if has_fast_lstm else np.inf, ">", 1.3),
    claim("Y la GRU tarda más que la LSTM", fast if has_fast_lstm else np.inf, ">", 1.15),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - La GRU tiene **un estado y dos compuertas**: $h_t = z\cdot h_{t-1} + (1-z)\cdot n$, una media entre guardar y cambiar; $r$ decide cuánto
#   pasado ve el candidato.
# - Recién creada, lo que dura un recuerdo lo decide sobre todo el sesgo de $z$. A cero, menos de dos pasos.
# - Hay **cuatro variantes**: $z$ guarda o cambia, y $r$ actúa antes o después del producto. Keras (por omisión) y PyTorch: guarda y
#   después.
# - Cambiar el convenio de $z$ es cambiar signos. Pasar del reinicio antes al de después, en general, **no se puede**.
# - De Keras a PyTorch: transponer, reordenar $z,r,n$ a $r,z,n$ y llevar los dos sesgos. Se comprueba con la salida.
# - Tres cuartos de los parámetros no tienen por qué ser tres cuartos del tiempo: depende de la biblioteca y de la máquina.
#
# ## Errores frecuentes
#
# - Convertir pesos mirando solo las formas: los bloques cambiados no dan error.
# - Dar por buena una conversión porque el error se parece.
# - Comparar una red solo con repetir el último valor, en una serie que repite el año.
# - Sumar los dos sesgos de la GRU en uno, como en la LSTM: en el candidato no es lo mismo.
# - Leer las ecuaciones de un artículo y usarlas con los pesos de otra variante.
# - Suponer que la GRU es más rápida porque es más pequeña.
#
# ## Para saber más
#
# - K. Cho y otros (2014), *Learning phrase representations using RNN encoder–decoder for statistical machine translation*, EMNLP
#   (arXiv 1406.1078).
# - J. Chung, C. Gulcehre, K. Cho e Y. Bengio (2014), *Empirical evaluation of gated recurrent neural networks on sequence modeling*,
#   arXiv 1412.3555: en sus tareas, las dos ganan a la RNN y quedan parejas.
# - R. Jozefowicz, W. Zaremba e I. Sutskever (2015), *An empirical exploration of recurrent network architectures*, ICML: de las
#   muchas celdas que probaron, ninguna ganaba a las dos en todo.
#
# **Siguiente**: [23 · Memoria larga](23_memoria_larga.ipynb), donde RNN, LSTM y GRU se miden con la misma vara.

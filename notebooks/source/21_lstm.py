# %% [markdown]
# # 21 · LSTM
#
# **La unidad con fugas olvida siempre al mismo ritmo. ¿Y si la red decidiera, en cada paso, qué guarda, qué borra y qué
# enseña?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a construir la celda LSTM compuerta a compuerta y a decir qué problema resuelve cada una; a escribirla en NumPy y a comprobar que es la de Keras; a contar sus parámetros; a leer las compuertas de una red entrenada; a medir cuánto gradiente conserva y cuándo explota |
# | **Antes de empezar** | [14 · Gradientes](14_gradientes.ipynb): unidad con fugas, semivida, jacobiano, recorte; [15 · Keras y PyTorch](15_keras_y_pytorch.ipynb) |
# | **Tiempo** | 60 minutos de lectura y ejercicios; medio minuto de ejecución |
# | **Herramientas** | NumPy y Keras 3 sobre TensorFlow |

# %% tags=["parameters"]
FAST = True  # False: más redes y entrenamientos más largos (unos dos minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
from itertools import permutations

import keras
import matplotlib.pyplot as plt
import numpy as np

# %%
from course_utils.cells import (
    LSTMWeights,
    init_lstm,
    init_rnn,
    jacobian_norms,
    lstm_backward,
    lstm_forward,
    rnn_forward,
    sigmoid,
)

# %%
from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired
from course_utils.datasets import load_result
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_21 import (
    LEARNED,
    memory_task,
    plot_error_by_span,
    plot_gates,
    plot_memories,
    train_loud,
)
from course_utils.plotting.diagrams import plot_lstm_cell, plot_rnn_cell
from course_utils.plotting.gradients import plot_divergence, plot_gradient_norms
from course_utils.synthetic import mark_task
from course_utils.training import keras_progress

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Borrar: la compuerta de olvido
#
# Una tarea de memoria. En cada paso llegan tres números: un **valor** entre -1 y 1; una **marca**, que vale 1 si ese
# valor hay que guardarlo en lugar del anterior, y una **pregunta**, que vale 1 si hay que decir lo guardado. De momento
# el valor solo llega con la marca (en los demás pasos es cero) y la pregunta no cuenta: hay que tener lo guardado
# siempre a la vista. `memory_task` da las entradas y lo que hay que tener guardado en cada paso, `held`.

# %%
x, held = memory_task(500, rng, distractors=False)  # (lote, tiempo, 3) y (lote, tiempo)
for t in range(5):
    value, mark, ask = x[0, t]
    print(
        f"paso {t}: valor {value:5.2f}, marca {mark:.0f}, pregunta {ask:.0f} → guardado {held[0, t]:5.2f}"
    )

# %% [markdown]
# La unidad con fugas de la lección 14 era $c_t = f\,c_{t-1} + u_t$, con $f$ fijo; aquí $u_t$ es el valor que llega. La
# escribimos de modo que $f$ pueda cambiar en cada paso: nos hará falta enseguida. El **error** será el cuadrático, en raíz,
# dividido entre el de contestar siempre cero: uno es no recordar nada. Una memoria se mide en su mejor versión, multiplicada
# por el factor que más la ayuda. `sigmoid`, de `course_utils`, es la de la lección 14.


# %%
def remember(values, forget, write=1.0):
    """Memoria (lote, tiempo): c_t = f_t c_{t-1} + i_t u_t. Todo, de forma (lote, tiempo)."""
    forget, write = np.broadcast_to(forget, values.shape), np.broadcast_to(write, values.shape)
    c, memory = np.zeros(len(values)), []  # c: (lote,)
    for t in range(values.shape[1]):
        c = forget[:, t] * c + write[:, t] * values[:, t]
        memory.append(c)
    return np.stack(memory, axis=1)


def error_share(answer, target):
    """Raíz del error cuadrático entre la de contestar siempre cero."""
    return np.sqrt(np.mean((answer - target) ** 2) / np.mean(target**2))


def memory_error(memory, target):
    """Error de una memoria leída con el factor que más la ayuda."""
    factor = np.sum(memory * target) / np.sum(memory**2)
    return error_share(factor * memory, target)


# %% [markdown]
# **Predice**: ¿con qué semivida irá mejor: olvidar en un paso, no olvidar nunca o algo intermedio?

# %%
half_lives = np.array([0.5, 1, 2, 4, 8, 16, 32, 64, 1000])
fixed_errors = np.array(
    [memory_error(remember(x[..., 0], 0.5 ** (1 / n)), held) for n in half_lives]
)
forget = sigmoid(8 - 16 * x[..., 1])  # (lote, tiempo): casi 0 con marca, casi 1 sin ella
with_forget = memory_error(remember(x[..., 0], forget), held)
plot_error_by_span(
    half_lives,
    fixed_errors,
    reference=("olvido que mira la marca", with_forget),
    title=f"Con olvido fijo, el error no baja de {fixed_errors.min():.2f}",
)
plt.show()
explain(
    f"Con olvido fijo, el mejor error es {fixed_errors.min():.2f}, con una semivida de "
    f"{half_lives[fixed_errors.argmin()]:.0f} pasos; sin olvidar casi nada, {fixed_errors[-1]:.2f}."
    f" Si $f$ se calcula en cada paso a partir de la marca, {with_forget:.3f}."
)

# %% [markdown]
# Si olvida deprisa, pierde lo guardado antes de tiempo; si olvida despacio, lo viejo se suma a lo nuevo. Hace falta lo
# uno **y** lo otro: conservar mientras no pase nada y borrar cuando llegue una marca. Basta con que $f$ dependa de la
# entrada, y eso es la línea discontinua:
#
# $$f_t = \sigma(8 - 16\,\mathrm{marca}_t),\qquad c_t = f_t\,c_{t-1} + u_t$$
#
# Una **compuerta** (*gate*) es un número entre 0 y 1, calculado en cada paso, que multiplica a otro. Esta es la
# **compuerta de olvido** (*forget gate*). El nombre engaña: abierta, en uno, **conserva**; cerrada, en cero, olvida.
#
# ## 2 · No escribir y no enseñar
#
# Ahora los valores llegan en todos los pasos, con marca o sin ella. Los que no llevan marca son **distractores**.
#
# **Predice**: la compuerta de olvido sabe borrar. ¿Bastará con ella?

# %%
x, held = memory_task(500, rng)
values, marks, asks = np.moveaxis(x, -1, 0)  # (lote, tiempo) cada uno
retention = (0.0, 2.0, 4.0, 8.0)  # sesgos: de olvidar en un paso a no olvidar
no_input_gate = min(
    memory_error(remember(values, sigmoid(b - 16 * marks)), held) for b in retention
)
forget, write = sigmoid(8 - 16 * marks), sigmoid(16 * marks - 8)
with_input_gate = memory_error(remember(values, forget, write), held)

# %%
row = np.argmax(marks.sum(axis=1) == 4)  # la primera secuencia con cuatro marcas
plot_memories(
    held[row],
    {
        "Solo con olvido": remember(values, forget)[row],
        "Con olvido y entrada": remember(values, forget, write)[row],
    },
    marks[row] > 0,
    title="Sin compuerta de entrada, los distractores se cuelan",
)
plt.show()
explain(
    f"Puntos negros: marcas. A la izquierda, cada distractor se suma a lo guardado. Ni con el "
    f"mejor de {len(retention)} sesgos baja el error de {no_input_gate:.2f}. A la derecha, con una "
    f"compuerta más, {with_input_gate:.3f}."
)

# %% [markdown]
# Borrar no sirve contra lo que no debió entrar. La segunda compuerta decide **cuánto se escribe**: es la **compuerta de
# entrada** (*input gate*).
#
# $$i_t = \sigma(16\,\mathrm{marca}_t - 8),\qquad c_t = f_t\,c_{t-1} + i_t\,u_t$$
#
# Falta la pregunta. La respuesta debe ser lo guardado cuando se pregunta, y **cero** cuando no. Parece cosa de la capa de
# salida. Démosle todo lo que hay, la memoria y las tres entradas, y elijamos sus pesos por mínimos cuadrados, que da los
# mejores posibles.
#
# **Predice**: ¿sabrá callar una capa de salida que ve si hay pregunta?

# %%
memory = remember(values, forget, write)
answers = held * asks  # (lote, tiempo): lo guardado si se pregunta; si no, cero
seen = np.stack([memory, values, marks, asks, np.ones_like(memory)], axis=-1)  # (lote, tiempo, 5)
best_weights, *_ = np.linalg.lstsq(seen.reshape(-1, 5), answers.ravel(), rcond=None)
no_output_gate = error_share(seen @ best_weights, answers)
show = sigmoid(16 * asks - 8)
with_output_gate = memory_error(show * memory, answers)
explain(
    f"Con la mejor capa lineal, el error es {no_output_gate:.2f}, casi el de no recordar nada. Si "
    f"una compuerta multiplica lo que sale, {with_output_gate:.3f}."
)

# %% [markdown]
# Una suma no puede hacer que la pregunta decida si lo guardado se ve o no. Con otra capa y una activación se podría; la
# tercera compuerta lo hace con un solo **producto**: es la **compuerta de salida** (*output gate*), guardar sin enseñar. Y
# actúa antes: en una red, lo que una unidad enseña lo leen también las demás unidades en el paso siguiente.
#
# ## 3 · La celda entera
#
# Hemos puesto a mano qué abre cada compuerta. En una **LSTM** (*long short-term memory*) se aprende: cada una mira la
# entrada y el estado anterior con sus propios pesos, y hay una de cada por unidad.
#
# $$\begin{aligned}
# i_t &= \sigma(x_t W_x^i + h_{t-1} W_h^i + b^i) &
# f_t &= \sigma(x_t W_x^f + h_{t-1} W_h^f + b^f)\\
# g_t &= \tanh(x_t W_x^g + h_{t-1} W_h^g + b^g) &
# o_t &= \sigma(x_t W_x^o + h_{t-1} W_h^o + b^o)\\
# c_t &= f_t\odot c_{t-1} + i_t\odot g_t &
# h_t &= o_t\odot\tanh(c_t)
# \end{aligned}$$
#
# $\odot$ es el producto elemento a elemento, `*` en NumPy. El **candidato** (*candidate*), $g_t$, es lo que se propone
# escribir: la red recurrente de la lección 12. La **memoria** o **estado de celda** (*cell state*), $c_t$, es privada; el
# **estado oculto**, $h_t$, lo que la celda enseña. Las cuatro primeras fórmulas son el mismo cálculo, así que los pesos
# se guardan juntos, en cuatro **bloques** de columnas en el orden i, f, g, o: `LSTMWeights(input, hidden, bias)`, de
# formas (entrada, 4 · oculto), (oculto, 4 · oculto) y (4 · oculto,).
#
# Dibujada debajo de la RNN se ve qué cambia. Un punto en un círculo es un producto elemento a elemento; una cruz, una
# suma.

# %%
_, (top, bottom) = plt.subplots(2, 1, figsize=(5.4, 6.1), height_ratios=(4.3, 6.6))
plot_rnn_cell(title="RNN: el estado pasa por una matriz y por tanh", ax=top)
plot_lstm_cell(title="LSTM: la memoria solo se multiplica y se suma", ax=bottom)
plt.show()
explain(
    "Arriba, la RNN: entre $h_{t-1}$ y $h_t$ están siempre $W_h$ y la tangente. Abajo, la LSTM: la "
    "memoria va de $c_{t-1}$ a $c_t$ por el **camino aditivo** (en naranja), donde solo se multiplica "
    r"por $f_t$ y se le suma $i_t\odot g_t$. Las cuatro cajas reciben lo mismo, $h_{t-1}$ y $x_t$, "
    "cada una con sus pesos, que no se dibujan. A la derecha, la memoria pasa por la tangente y "
    "$o_t$ decide qué parte sale como $h_t$; la memoria sigue como estaba."
)

# %% [markdown]
# ### Ejercicio 21.1 ★★ · Un paso de la LSTM
#
# `np.split(z, 4, axis=1)` corta `z` en cuatro bloques de columnas iguales. Devuelve el estado oculto y la memoria.


# %% tags=["exercise"]
def lstm_step(x, h, c, weights):
    """x: (lote, entrada); h, c: (lote, oculto) → h y c nuevos, (lote, oculto)."""
    ### BEGIN SOLUTION
    z = x @ weights.input + h @ weights.hidden + weights.bias  # (lote, 4 · oculto)
    i, f, g, o = np.split(z, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
    ### END SOLUTION


# %% tags=["check"]
lstm_step = check("21.1", lstm_step)


# %%
def run_lstm(x, weights):
    """Estados y memorias de toda la secuencia, (lote, tiempo, oculto) cada uno."""
    h = c = np.zeros((len(x), len(weights.hidden)))  # (lote, oculto)
    states, cells = [], []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, weights)
        states.append(h)
        cells.append(c)
    return np.stack(states, axis=1), np.stack(cells, axis=1)


# %% [markdown]
# Una sola unidad basta para la tarea. Las filas de sus pesos son valor, marca y pregunta; las columnas, i, f, g, o.

# %%
wired = LSTMWeights(
    input=np.array([[0.0, 0.0, 0.5, 0.0], [16.0, -16.0, 0.0, 0.0], [0.0, 0.0, 0.0, 16.0]]),
    hidden=np.zeros((1, 4)),  # no necesita mirar su estado
    bias=np.array([-8.0, 8.0, 0.0, -8.0]),
)
wired_error = memory_error(run_lstm(x, wired)[0][..., 0], answers)

small = wired._replace(input=wired.input.copy())  # `_replace` copia y cambia lo que se dice
small.input[0, 2] = 0.05  # candidatos diez veces menores: ahí tanh es casi una recta
small_error = memory_error(run_lstm(x, small)[0][..., 0], answers)

in_1997 = wired._replace(input=wired.input.copy(), bias=np.array([-8.0, 30.0, 0.0, -8.0]))
in_1997.input[:, 1] = 0.0  # la compuerta de olvido, siempre en uno
error_1997 = memory_error(run_lstm(x, in_1997)[0][..., 0], answers)
explain(
    f"Error de la celda: {wired_error:.3f}; con candidatos diez veces menores, {small_error:.3f}. "
    f"Sin compuerta de olvido: {error_1997:.2f}."
)

# %% [markdown]
# Casi todo el error que quedaba venía de que tanh no es una recta. La última celda tiene su historia. La LSTM que publicaron
# Hochreiter y Schmidhuber en **1997** tenía las compuertas de entrada y de salida, pero no la de olvido: su memoria solo sumaba,
# $c_t = c_{t-1} + i_t\odot g_t$. Aquí, con los demás pesos iguales, mezcla lo viejo con lo nuevo; en secuencias largas sin
# cortes, se llenaba. Gers, Schmidhuber y Cummins añadieron la compuerta de olvido en un congreso de **1999**; el artículo de revista
# es de 2000. Muchas páginas dan otras fechas o atribuyen las tres compuertas al primer artículo. La que hoy traen las bibliotecas
# es la suya.
#
# ¿Es la nuestra? Preguntemos a Keras, con pesos y sesgos al azar.

# %%
layer = keras.layers.LSTM(7, return_sequences=True)
layer.build((None, None, 3))  # (lote, tiempo, entrada)
print("sesgo con que empieza Keras:", layer.get_weights()[2].reshape(4, 7)[:, 0], "(i, f, g, o)")
layer.set_weights([rng.normal(size=part.shape) for part in layer.get_weights()])
from_keras = LSTMWeights(*layer.get_weights())  # Keras usa el mismo orden que el curso
keras_gap = np.abs(run_lstm(x[:50], from_keras)[0] - layer(x[:50]).numpy()).max()
explain(
    f"En 50 secuencias de {x.shape[1]} pasos, la mayor diferencia entre las dos es {keras_gap:.0e}."
)

# %% [markdown]
# Guarda el uno del sesgo que imprime la celda: en la sección 5 sabrás qué hace ahí.
#
# ### Ejercicio 21.2 ★ · ¿Cuántos parámetros?
#
# Cuenta los de una capa LSTM, sin capa de salida.


# %% tags=["exercise"]
def lstm_parameters(input_size, hidden_size):
    """Número total de parámetros de una LSTM, sesgos incluidos."""
    ### BEGIN SOLUTION
    return 4 * (hidden_size * (input_size + hidden_size) + hidden_size)
    ### END SOLUTION


# %% tags=["check"]
lstm_parameters = check("21.2", lstm_parameters)

# %%
same_size = keras.layers.SimpleRNN(7)
same_size.build((None, None, 3))
times_more = layer.count_params() / same_size.count_params()
explain(
    f"Con entrada 3 y 7 unidades: {lstm_parameters(3, 7)} parámetros según tu cuenta y "
    f"{layer.count_params()} según Keras; {times_more:.0f} veces los de una `SimpleRNN` igual."
)

# %% [markdown]
# ## 4 · Compuertas que se aprenden
#
# A mano sale con una unidad. Veamos si el descenso por gradiente lo encuentra: dos unidades y una capa de salida, que
# contesta en cada paso. La referencia es contestar siempre cero, de error uno.


# %%
def train_lstm(seed):
    """Entrena una LSTM de dos unidades. Devuelve sus pesos al nacer y al acabar."""
    keras.utils.clear_session()  # suelta la memoria de las redes anteriores
    keras.utils.set_random_seed(seed)
    layer = keras.layers.LSTM(2, return_sequences=True)
    model = keras.Sequential([keras.Input((None, 3)), layer, keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(learning_rate=0.05, global_clipnorm=1.0)
    model.compile(optimizer=optimizer, loss="mse")
    born = model.get_weights()
    x, held = memory_task(2_048, np.random.default_rng(seed))
    y = (held * x[..., 2])[..., None]  # (lote, tiempo, 1)
    options = {"batch_size": 128, "epochs": 15 if FAST else 60, "verbose": 0}
    model.fit(x, y, callbacks=[keras_progress()], **options)
    return born, model.get_weights()


# %%
networks = [train_lstm(1000 * SEED + k) for k in range(3 if FAST else 8)]  # (al nacer, al acabar)

# %% [markdown]
# Miremos dentro. Los pesos de Keras sirven para nuestra celda, y `lstm_forward`, de `course_utils.cells`, recorre la secuencia
# como `run_lstm` y guarda además las compuertas, en `.gates`. De las dos unidades elegimos la que más pesa en la respuesta.
#
# **Predice**: ¿abrirá la red la compuerta de entrada justo en las marcas? ¿Y la de salida en las preguntas?


# %%
def respond(weights, x):
    """Lo que contesta una red de Keras, (lote, tiempo), y su recorrido."""
    *cell, readout, readout_bias = weights
    run = lstm_forward(x, LSTMWeights(*cell))
    return (run.states @ readout + readout_bias)[..., 0], run


def look_inside(weights, x, unit):
    """i, f, o, g y c de una unidad: (lote, tiempo) cada uno."""
    _, run = respond(weights, x)
    i, f, g, o = (block[..., unit] for block in np.split(run.gates, 4, axis=-1))
    return i, f, o, g, run.cells[..., unit]


def main_unit(weights):
    """La unidad que más pesa en la respuesta."""
    return np.abs(weights[3][:, 0]).argmax()


x, held = memory_task(300, rng)  # secuencias nuevas
errors = np.array([error_share(respond(w, x)[0], held * x[..., 2]) for _, w in networks])
best = networks[errors.argmin()][1]
explain(
    f"LSTM con {sum(part.size for part in best)} parámetros: error de {errors.min():.2f} a "
    f"{errors.max():.2f} en {len(networks)} redes."
)

# %%
example = np.zeros((1, 30, 3), dtype="float32")
example[0, :, 0] = rng.uniform(-1, 1, size=30)
example[0, 5, :2] = 0.8, 1  # una sola marca
example[0, [9, 16, 23, 28], 2] = 1  # cuatro preguntas
unit = main_unit(best)
i, f, o, g, memory = (part[0] for part in look_inside(best, example, unit))
plot_gates(
    example[0],
    {"entrada": i, "olvido": f, "salida": o},
    np.sign(best[3][unit, 0]) * memory,  # con el signo de su peso en la respuesta
    respond(best, example)[0][0],
    title="La red con menos error: qué hace cada compuerta",
)
plt.show()
explain(
    f"La compuerta de entrada vale {i[5]:.2f} en la marca y {np.delete(i, 5).mean():.2f} de media "
    f"en los demás pasos. La de olvido baja a {f[5]:.2f} en la marca y después se queda en "
    f"{f[6:].mean():.2f}. La de salida vale {o[example[0, :, 2] > 0].mean():.2f} en las preguntas."
)

# %% [markdown]
# Nadie le dijo qué hacer con cada compuerta: solo vio entradas y respuestas. ¿Es así en todas las redes? Medimos también lo
# que se **escribe**, el tamaño de $i_t g_t$.

# %%
marked, asked = x[..., 1] > 0, x[..., 2] > 0
opening = []  # por red y por medida: media en su momento y fuera de él
for _, weights in networks:
    i, f, o, g, _ = look_inside(weights, x, main_unit(weights))
    moments = (i, marked), (np.abs(i * g), marked), (f, marked), (o, asked)
    opening.append([(gate[when].mean(), gate[~when].mean()) for gate, when in moments])
    pairs = (f"{on:.2f} / {off:.2f}" for on, off in opening[-1])
    print("entrada {}   escritura {}   olvido {}   salida {}".format(*pairs))
i_pair, written, f_pair, o_pair = np.array(opening).transpose(1, 2, 0)  # (2, redes) cada una
selective = np.sum(i_pair[0] > 3 * i_pair[1])
explain(
    f"Primer número, con marca (en la salida, con pregunta); segundo, sin ella. La compuerta de "
    f"entrada distingue la marca en {selective} de {len(networks)} redes; la escritura, en las "
    f"{np.sum(written[0] > 3 * written[1])}."
)

# %% [markdown]
# No todas las redes llegan a lo mismo. Con otras semillas, alguna deja la compuerta de entrada a medias y aun así no escribe sin
# marca: lo que llega a la memoria es el producto con el **candidato**. Por eso conviene mirar el producto antes de contar
# una historia sobre una compuerta; y en redes grandes, donde las unidades se reparten el trabajo, con más motivo.
#
# ### ¿Y una RNN?
#
# Démosle seis unidades, que son más parámetros, y comparemos con justicia: las mismas tasas (a la RNN, dos más), las mismas épocas
# y, con cada semilla, las mismas secuencias en el mismo orden. Son veinte redes por tasa, así que las ha entrenado un programa aparte, en PyTorch,
# con los pesos iniciales sorteados como en Keras y los mismos lotes y recorte que aquí.
#
# **Predice**: con más épocas, ¿alcanzará la RNN a la LSTM?

# %%
grid = load_result("compuertas")
print(grid.script, "·", grid.machine)
looks = np.unique(grid["epochs"])


def stored(cell, rate, epochs):
    """Errores de las veinte redes de una celda, por semilla."""
    rows = (grid["cell"] == cell) & (grid["rate"] == rate) & (grid["epochs"] == epochs)
    return grid["error"][rows]


print("error medio tras", ", ".join(map(str, looks)), "épocas")
for cell in ("LSTM", "RNN"):
    for rate in np.unique(grid["rate"][grid["cell"] == cell]):
        means = [stored(cell, rate, epochs).mean() for epochs in looks]
        print(f"{cell:4s}, tasa {rate:5}: " + "  ".join(f"{mean:.2f}" for mean in means))
stuck = {rate: np.sum(stored("RNN", rate, looks[-1]) > 0.9) for rate in np.unique(grid["rate"])}
print("RNN que aún no recuerdan nada, de 20:", ", ".join(f"{n} con {r}" for r, n in stuck.items()))

# %%
shared_rates = np.unique(grid["rate"][grid["cell"] == "LSTM"])
gaps = {
    rate: paired(stored("RNN", rate, looks[-1]), stored("LSTM", rate, looks[-1]))
    for rate in shared_rates
}
best_rnn = min(stored("RNN", rate, looks[-1]).mean() for rate in np.unique(grid["rate"]))
best_lstm = min(stored("LSTM", rate, looks[-1]).mean() for rate in shared_rates)
explain(
    f"Error de la RNN menos el de la LSTM, a las {looks[-1]} épocas y con la misma tasa: "
    + "; ".join(f"con {rate}, {gap.verdict(decimals=2)}" for rate, gap in gaps.items())
    + f". Cada una con su mejor tasa: {best_rnn:.2f} la RNN y {best_lstm:.2f} la LSTM."
)

# %% [markdown]
# Con pocas épocas la RNN parece incapaz; con más, aprende, y su error sigue bajando cuando lo dejamos. Con las dos tasas comunes y
# las mismas épocas, la LSTM se equivoca menos. Lo que se sostiene, en esta tarea y con este presupuesto, es que la LSTM aprende
# **mucho antes**; no, que la RNN no pueda.
#
# > **Puedes parar aquí.** Ya sabes qué hace cada compuerta y que se aprenden; lo que queda es por dónde vuelve el gradiente.
#
# Volvamos a la LSTM. Fíjate en su compuerta de olvido fuera de las marcas: cerca de uno, pero no uno. ¿Cuánto dura esa memoria?
#
# ## 5 · El camino del gradiente
#
# Con $f$ fijo, tras $k$ pasos queda $f^k$. Con una compuerta que cambia queda el producto $f_1 f_2\cdots f_k$, como si
# en cada paso se multiplicase por su media geométrica, $\bar f$, cuyo logaritmo es la media de los logaritmos. La semivida
# es la de la lección 14 con $\bar f$:
#
# $$\ln\bar f = \frac{1}{k}\sum_t \ln f_t,\qquad n = \frac{\ln 0.5}{\ln\bar f}$$
#
# ### Ejercicio 21.3 ★★ · La semivida, medida
#
# Recibes los valores de la compuerta de olvido de una secuencia y devuelves la semivida de cada unidad. La secuencia puede
# tener miles de pasos, y el producto de tantos números menores que uno se queda en cero: usa la fórmula.


# %% tags=["exercise"]
def measured_half_life(forget):
    """Semivida en pasos de cada unidad. forget: (tiempo, oculto), entre 0 y 1 → (oculto,)."""
    ### BEGIN SOLUTION
    return np.log(0.5) / np.log(forget).mean(axis=0)
    ### END SOLUTION


# %% tags=["check"]
measured_half_life = check("21.3", measured_half_life)

# %% [markdown]
# Midamos redes recién creadas con `init_lstm`, que sortea los pesos como Keras, y cambiemos solo el sesgo de la compuerta
# de olvido. Leen los símbolos de la lección 14, una marca y distractores: `mark_task`.


# %%
def new_lstm(rng, *, forget_bias=1.0, size=16):
    """Una LSTM como las de Keras, con el sesgo de olvido que se pide."""
    weights = init_lstm(6, size, rng=rng)
    weights.bias[size : 2 * size] = forget_bias
    return weights


sequence, _ = mark_task(1, 80, rng=rng)
fresh_lives = {}
for b in (0, 1, 3, 5):
    run = lstm_forward(sequence, new_lstm(rng, forget_bias=b))
    fresh_lives[b] = np.median(measured_half_life(run.gates[0, :, 16:32]))
    by_formula = np.log(0.5) / np.log(sigmoid(b))
    print(f"sesgo {b}: semivida medida {fresh_lives[b]:5.1f}; con f = σ(b), {by_formula:5.1f}")

# %%
lives = []  # de cada red: semivida al nacer y al acabar, entre marcas
for pair in networks:
    forgets = [look_inside(weights, x, main_unit(pair[1]))[1] for weights in pair]
    lives.append([measured_half_life(f[~marked][:, None]).item() for f in forgets])
born_lives, learned_lives = np.array(lives).T
gap_between_marks = 1 / x[:, 1:, 1].mean()
explain(
    f"Entre marcas, las redes de la sección 4 nacieron con semividas de {born_lives.min():.1f} a "
    f"{born_lives.max():.1f} pasos y acabaron con semividas de {learned_lives.min():.0f} a "
    f"{learned_lives.max():.0f}. Las marcas llegan cada {gap_between_marks:.0f} de media."
)

# %% [markdown]
# El uno del sesgo de Keras es esto: sin él, la celda empezaría olvidando la mitad en cada paso. Aun así, dos pasos de
# semivida son muy pocos, y la red los alarga al aprender. ¿Cuánto gradiente llega lejos?
#
# El estado de la LSTM son dos vectores, $h$ y $c$. Derivemos el segundo:
#
# $$\frac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f_t) + (\text{lo que pasa por } h_{t-1})$$
#
# El primer sumando es el **camino aditivo**: ni matriz ni activación, solo $f_t$. El segundo va de $c_{t-1}$ a $h_{t-1}$, y de
# ahí, por $W_h$, a las compuertas. Para medir los dos juntos, un jacobiano por paso, de $(h,c)$ a $(h,c)$, y el producto
# de todos, como en la lección 14. `lstm_backward`, de `course_utils.cells`, hace la vuelta.


# %%
def step_jacobian(x, h, c, weights):
    """Jacobiano de un paso. x: (entrada,); h, c: (oculto,) → (2 · oculto, 2 · oculto)."""
    size = len(h)  # cada copia pide la derivada de uno de los 2 · oculto números
    copies = [np.tile(part, (2 * size, 1)) for part in (x, h, c)]
    run = lstm_forward(copies[0][:, None], weights, h0=copies[1], c0=copies[2])
    each = np.eye(2 * size)[:, None]  # a cada copia, gradiente uno en un número distinto
    back = lstm_backward(run, weights, each[..., :size], grad_cells=each[..., size:])
    return np.concatenate([back.h0, back.c0], axis=1)


def lstm_norms(x, weights):
    """Normas de ∂h_T/∂h_t y de ∂c_T/∂c_t a 0, 1, 2… pasos. x: (tiempo, entrada)."""
    run, size = lstm_forward(x[None], weights), len(weights.hidden)
    product, norms = np.eye(2 * size), [(1.0, 1.0)]
    for t in reversed(range(1, len(x))):
        product = product @ step_jacobian(x[t], run.states[0, t - 1], run.cells[0, t - 1], weights)
        blocks = product[:size, :size], product[size:, size:]
        norms.append([np.linalg.norm(block, 2) for block in blocks])
    return np.array(norms).T  # (2, tiempo)


# %%
def rnn_norms(x, weights):
    """Norma de ∂h_T/∂h_t en una red recurrente simple, con la función de la lección 14."""
    states = rnn_forward(x[None], weights).states[0]
    return jacobian_norms(1 - states[1:] ** 2, weights.hidden)


def typical(curves):
    """Media geométrica de varias curvas."""
    return np.exp(np.log(curves).mean(axis=0))


# %% [markdown]
# La RNN empieza con su matriz ortogonal, como en Keras: la que mejor empezaba en la lección 14.
#
# **Predice**: recién creadas y a 80 pasos, ¿a quién le llegará más gradiente, a la RNN o a la LSTM?

# %%
inputs, _ = mark_task(8 if FAST else 20, 80, rng=rng)
h1, c1 = typical([lstm_norms(s, new_lstm(rng)) for s in inputs])
open_cells = [new_lstm(rng, forget_bias=5) for _ in inputs]
alone = [weights._replace(hidden=0 * weights.hidden) for weights in open_cells]  # W_h = 0
h5, c5 = typical([lstm_norms(*pair) for pair in zip(inputs, open_cells, strict=True)])
additive = typical([lstm_norms(*pair)[1] for pair in zip(inputs, alone, strict=True)])
h_rnn = typical([rnn_norms(s, init_rnn(6, 16, rng=rng)) for s in inputs])
plot_gradient_norms(
    {"RNN, h": h_rnn, "LSTM, h": h1, "LSTM, c": c1, "sesgo 5, h": h5, "sesgo 5, c": c5}
    | {"sesgo 5, c, sin $W_h$": additive},
    title="Con los pesos de Keras se pierde; con sesgo de olvido 5, no",
)
plt.show()


# %%
def per_step(curve):
    """Por cuánto se multiplica la norma en cada paso, desde el décimo."""
    return (curve[-1] / curve[10]) ** (1 / (len(curve) - 11))


explain(
    f"A 80 pasos: RNN, {h_rnn[-1]:.0e}; LSTM tal como nace en Keras, {h1[-1]:.0e} en h y "
    f"{c1[-1]:.0e} en c; con sesgo de olvido 5, {h5[-1]:.1g} en h y {c5[-1]:.1g} en c. Si además "
    f"se ponen a cero los pesos de $W_h$, {additive[-1]:.2f} en c. Cada paso multiplica por "
    f"{per_step(h_rnn):.2f} en la RNN y, en la LSTM recién creada, por {per_step(h1):.2f} en h y "
    f"{per_step(c1):.2f} en c; con sesgo 5, por {per_step(c5):.2f} en c."
)

# %% [markdown]
# El nivel de cada curva depende de entre qué dos cosas se mide: de $h$ a $h$ hay que pasar por las compuertas y por la tangente, y
# eso se paga una vez, en los primeros pasos. Lo que se puede comparar es la **pendiente**, cuánto se pierde en cada paso. Y en
# eso, recién creada, la LSTM pierde más o menos lo mismo que una RNN bien empezada. (Por la compuerta de olvido sola perdería más:
# por $W_h$ llega otra parte). Lo que la hace distinta no es cómo nace,
# sino lo que puede llegar a ser: le basta con que una compuerta se abra, y las curvas de sesgo 5 lo muestran antes de entrenar.
# A la RNN, ya lo viste en la lección 14, le hacen falta una $W_h$ que ni estire ni encoja y estados lejos de saturarse. La curva de $c$ incluso
# crece: sin $W_h$, que deja solo el camino aditivo, no crece nunca, así que lo que la hace crecer pasa por $h$. Volveremos a ello.
#
# ¿Y el entrenamiento? Las redes de la sección 4, al nacer y al acabar, con una marca al principio y 30 pasos de distractores.

# %%
quiet = np.zeros((31, 3))  # (tiempo, entrada)
quiet[:, 0], quiet[0, 1] = rng.uniform(-1, 1, size=31), 1
before, after = (
    typical([lstm_norms(quiet, LSTMWeights(*pair[k][:3]))[1] for pair in networks]) for k in (0, 1)
)
plot_gradient_norms(
    {"al nacer": before, "entrenadas": after},
    title="Las mismas redes, antes y después de aprender a recordar",
    ylabel=r"norma de $\partial c_T/\partial c_t$",
)
plt.show()
explain(
    f"A 30 pasos de distractores, la memoria de una LSTM recién creada recibe {before[-1]:.0e}; la "
    f"de la misma red, entrenada, {after[-1]:.2f}."
)

# %% [markdown]
# ## 6 · Lo que la LSTM no arregla
#
# Con la compuerta abierta, el camino aditivo evita que el gradiente mengüe. El otro, el que pasa por $W_h$, puede hacerlo **crecer**.
# Demos a una LSTM pesos recurrentes ocho veces mayores que los de Keras y entradas pequeñas, para que no se sature. La tarea es la
# de la lección 14: decir al final, a 15 pasos, qué marca llegó al principio. `train_loud` la entrena con `lstm_backward` y descenso por gradiente.
# Aquí una red **aprende** si acaba con menos de la mitad de la pérdida de contestar siempre cero.
#
# **Predice**: con la misma tasa de aprendizaje, ¿qué pasará sin recorte?

# %%
runs = range(5 if FAST else 12)
free, capped = (
    [train_loud([SEED, 6, run], rate=0.5, cap=cap) for run in runs] for cap in (np.inf, 1.0)
)
free_end, capped_end = (
    np.array([losses[-5:].mean() for losses, _ in group]) for group in (free, capped)
)
n_free, n_capped = np.sum(free_end < LEARNED), np.sum(capped_end < LEARNED)

# %%
plot_divergence(
    {
        "Sin recorte": [losses for losses, _ in free],
        "Con recorte": [losses for losses, _ in capped],
    },
    title=f"Con la misma tasa aprenden {n_free} sin recorte y {n_capped} con él, de {len(runs)}",
)
plt.show()
first_norms = np.array([norms[0] for _, norms in free])
explain(
    f"Contestar siempre cero da una pérdida de 1. La norma inicial del gradiente va de "
    f"{first_norms.min():.0f} a {first_norms.max():.0f}. Sin recorte aprenden "
    f"{n_free} de {len(runs)} redes; con él, {n_capped}."
)

# %% [markdown]
# ¿Hacía falta recortar, o sobraba tasa? En la lección 14 el recorte ensanchaba las tasas que sirven. Aquí están las demás, con
# veinte redes en cada casilla y las mismas actualizaciones.

# %%
clip_grid = load_result("compuertas_recorte")
learned_by = {}  # por recorte (0: sin él) y tasa: cuántas redes aprenden
for clip, name in ((0.0, "sin recorte"), (1.0, "con recorte")):
    for rate in np.unique(clip_grid["rate"]):
        cell = (clip_grid["rate"] == rate) & (clip_grid["clip"] == clip)
        learned_by[clip, rate] = np.sum(clip_grid["learned"][cell])
    row = "  ".join(f"{rate}: {n:2d}" for (c, rate), n in learned_by.items() if c == clip)
    print(f"{name}, redes que aprenden de 20 con cada tasa.  {row}")

# %% [markdown]
# Sin recorte también se aprende, con una tasa menor; lo que hace el recorte es que sirvan tasas mayores. Ser una LSTM
# alivia el **desvanecimiento**, si su compuerta de olvido está abierta; la **explosión** puede seguir ahí.
#
# ## 7 · Rómpelo y arréglalo
#
# Te pasan los pesos de una LSTM en un archivo, con tres arrays de las formas esperadas. El orden i, f, g, o no es una ley: es
# el de Keras y PyTorch. ONNX, un formato para pasar redes de un programa a otro, guarda i, o, f, g; la
# `BasicLSTMCell` de TensorFlow 1, i, g, f, o; Deeplearning4j, i, f, o, g. Supongamos que vienen así.
#
# **Predice**: ¿dará algún error cargarlos en nuestra celda?


# %%
def reorder(weights, order):
    """Cambia de sitio los cuatro bloques: el primero pasa a ser el número order[0], etc."""
    blocks = [np.split(part, 4, axis=-1) for part in weights]
    return LSTMWeights(*(np.concatenate([four[k] for k in order], axis=-1) for four in blocks))


*good, readout, readout_bias = best
received = reorder(good, (0, 1, 3, 2))  # i, f, o, g: lo que hay en el archivo
target = held * x[..., 2]  # (lote, tiempo)


def error_with(weights):
    """Error de la red entrenada con estos pesos recurrentes."""
    return error_share((run_lstm(x, weights)[0] @ readout + readout_bias)[..., 0], target)


mixed_error = error_with(received)
explain(f"Ningún error de Python. El de la red pasa de {errors.min():.2f} a {mixed_error:.2f}.")

# %% [markdown]
# Las formas encajan, los números son razonables y la red «funciona», pero mal. Es un fallo corriente al pasar modelos de un
# programa a otro. El remedio es el de siempre: quien te da unos pesos debe darte también **una entrada y su salida**.
#
# ### Ejercicio 21.4 ★★★ · ¿En qué orden venían?
#
# Recibes los pesos, una entrada y los estados ocultos que deben salir. Busca el orden de los bloques y devuelve los pesos
# en el del curso. Cuatro bloques se ordenan de 24 maneras, y `permutations(range(4))` las recorre. Tienes `reorder` y
# `lstm_forward`. El redondeo cambia las últimas cifras: compara con `np.allclose`. En todos los casos hay un orden que coincide. Devuelve un
# `LSTMWeights`.


# %% tags=["exercise"]
def mend_order(weights, x, states):
    """Pesos en el orden i, f, g, o. x: (lote, tiempo, entrada); states: (lote, tiempo, oculto)."""
    ### BEGIN SOLUTION
    for order in permutations(range(4)):
        candidate = reorder(weights, order)
        if np.allclose(lstm_forward(x, candidate).states, states):
            return candidate
    ### END SOLUTION


# %% tags=["check"]
mend_order = check("21.4", mend_order)

# %%
sample = x[:3].astype("float64")
expected = run_lstm(sample, LSTMWeights(*good))[0]
mended = mend_order(received, sample, expected)
mended_gap = max(np.abs(a - b).max() for a, b in zip(mended, good, strict=True))
mended_error = error_with(mended)
explain(f"Con los bloques en su sitio, el error vuelve a {mended_error:.2f}.")

# %% [markdown]
# ## 8 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Ningún olvido fijo sirve", fixed_errors.min(), ">", 0.4),
    claim("Contra los distractores no basta con olvidar", no_input_gate, ">", 0.4),
    claim("La mejor capa lineal no sabe callar", no_output_gate, ">", 0.7),
    claim("Con la compuerta que hace falta, los tres errores casi desaparecen",
          max(with_forget, with_input_gate, with_output_gate), "<", 0.05),
    claim("Sin compuerta de olvido, como en 1997, lo viejo se mezcla con lo nuevo", error_1997, ">", 0.5),
    claim("La LSTM de NumPy es la de Keras", keras_gap, "<", 1e-5, kind="identidad"),
    claim("Tiene cuatro veces los parámetros de una RNN igual", times_more, "==", 4, kind="identidad"),
    claim("La LSTM entrenada recuerda", np.median(errors), "<", 0.6),
    claim("A igual tasa e iguales épocas, la RNN se equivoca más",
          min(gap.low for gap in gaps.values()), ">", 0, kind="identidad"),
    claim("La LSTM escribe en la marca", np.median(written[0] / written[1]), ">", 2),
    claim("Su compuerta de olvido conserva entre marcas y borra en ellas",
          np.median(f_pair[1] - f_pair[0]), ">", 0.5),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Recién creada, la LSTM también desvanece el gradiente", h1[-1], "<", 1e-4),
    claim("Y pierde en cada paso más o menos lo mismo que una RNN ortogonal",
          np.log(per_step(c1)) / np.log(per_step(h_rnn)), "in", (0.5, 2)),
    claim("Con la compuerta de olvido abierta, no se pierde", h5[-1], ">", 0.1),
    claim("Al aprender a recordar, su memoria conserva más que al nacer", after[-1] / before[-1], ">", 1),
    claim("Sin recorte, unas tasas sirven; con él, también otras mayores",
          learned_by[0.0, 0.015] >= 18 and learned_by[0.0, 0.5] < 10 <= 18 <= learned_by[1.0, 0.5],
          "==", True, kind="identidad"),
    claim("Reordenados, son los mismos pesos", mended_gap, "==", 0, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Una compuerta es un número entre 0 y 1 que se calcula en cada paso y multiplica a otro.
# - La de **olvido** borra o conserva, la de **entrada** deja escribir y la de **salida** deja ver. En esta tarea y puestas a
#   mano, cada una resuelve lo que las otras no.
# - La memoria se actualiza con una suma, $c_t = f_t\odot c_{t-1} + i_t\odot g_t$; el estado oculto es lo que se enseña de
#   ella. Una LSTM tiene cuatro veces los parámetros de una RNN de su tamaño.
# - El gradiente de la memoria no mengua **si la compuerta de olvido está abierta**. Recién creada no lo está: lo aprende,
#   o se empieza con un sesgo mayor.
# - La LSTM aprende esta tarea mucho antes que una RNN. Con más épocas la RNN también aprende, pero en las que le dimos no la
#   alcanza.
# - La LSTM alivia el desvanecimiento; contra la explosión siguen valiendo el recorte o una tasa menor.
# - Los cuatro bloques no tienen un orden universal: unos pesos ajenos se comprueban con una entrada y su salida.
#
# ## Errores frecuentes
#
# - Leer la compuerta de olvido al revés: en uno conserva.
# - Confundir $c_t$ con $h_t$: las demás capas solo ven $h_t$.
# - Creer que una LSTM recuerda por ser una LSTM, sin mirar su compuerta de olvido.
# - Quitar el recorte «porque ya es una LSTM».
# - Comparar dos celdas con tasas distintas y decir que fue «el mismo entrenamiento».
# - Cargar pesos de otro programa y dar por bueno que las formas encajen.
#
# ## Para saber más
#
# - S. Hochreiter y J. Schmidhuber (1997), *Long short-term memory*, Neural Computation 9.
# - F. A. Gers, J. Schmidhuber y F. Cummins (1999), *Learning to forget: continual prediction with LSTM*, ICANN; en revista,
#   Neural Computation 12 (2000).
# - R. Jozefowicz, W. Zaremba e I. Sutskever (2015), *An empirical exploration of recurrent network architectures*, ICML: el
#   sesgo de olvido en uno.
# - K. Greff y otros (2017), *LSTM: a search space odyssey*, IEEE Transactions on Neural Networks and Learning Systems 28:
#   qué pasa al quitar cada compuerta.
#
# **Siguiente**: [22 · GRU](22_gru.ipynb), que hace algo parecido con dos compuertas y sin memoria aparte.

# %% [markdown]
# # 12 · Una red recurrente con NumPy
#
# **¿Cómo puede una red con un número fijo de parámetros leer una palabra de tres letras o un libro
# entero, y acordarse de lo que ha leído?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a escribir la recurrencia de una red y a explicar cada término; a recorrer con ella un lote de secuencias de cualquier longitud; a contar sus parámetros; a elegir entre leer todos sus estados o solo el último; a cablear a mano una memoria |
# | **Antes de empezar** | [11 · Secuencias](11_secuencias.ipynb): ventanas y tensores (lote, tiempo, características), indexar con un array; de matemáticas, el producto de matrices, la exponencial y el logaritmo; de Python, funciones que reciben otras funciones y `lambda`, una función sin nombre |
# | **Tiempo** | 60 minutos de lectura y ejercicios; unos segundos de ejecución |
# | **Herramientas** | NumPy y nada más |

# %% tags=["parameters"]
FAST = True  # False: más secuencias en el experimento de la sección 3 (unos diez segundos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from course_utils.claims import claim, explain, verify
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_12 import (
    plot_io_patterns,
    plot_iterates,
    plot_latch,
    plot_unrolled,
)
from course_utils.plotting.diagrams import plot_rnn_cell

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Inventemos una memoria
#
# «Roma», «amor», «ramo» y «mora» tienen las mismas letras. Para una persona son cuatro palabras; para
# muchos modelos son una sola. Empecemos por el modelo más sencillo: cada letra es un vector con un
# uno en su lugar (*one-hot*), y la palabra es la media de sus letras.

# %%
LETTERS = "amor"


def one_hot(text):
    """Cada letra, un vector con un uno: (tiempo, letras)."""
    places = [LETTERS.index(letter) for letter in text]
    return np.eye(len(LETTERS))[places]  # de la matriz identidad, la fila de cada letra


one_hot("roma")

# %% [markdown]
# **Predice**: ¿en qué se diferenciarán las medias de las cuatro palabras?

# %%
words = ("roma", "amor", "ramo", "mora")
means = {word: one_hot(word).mean(axis=0) for word in words}
for word, mean in means.items():
    print(word, mean)

# %% [markdown]
# En nada: la media olvida el orden. La otra salida fácil es poner las letras una detrás de otra en
# un vector largo y multiplicarlo por una matriz. A ese producto se le llama **capa** (*layer*); a los números
# de la matriz, **parámetros** o **pesos** (*weights*), y a un modelo hecho de capas, **red**. Así el orden se conserva, pero la matriz tiene una fila por
# letra *y por posición*: una palabra más larga necesita otra matriz, y otra red.

# %%
units = 16  # los números que calcula la primera capa, cada uno a partir de todas las letras
for length in (4, 40, 400):
    print(f"{length:3d} letras → {length * len(LETTERS) * units:5d} parámetros en la primera capa")

# %% [markdown]
# Pedimos tres cosas a la vez: que importe el orden, que valga cualquier longitud y que el número de
# parámetros no crezca. Piensa en cómo lees tú. No esperas al final del libro: lees una palabra,
# actualizas lo que sabes y pasas a la siguiente. Probemos justo eso, con un resumen que sea un solo
# número. En cada letra, el resumen viejo se encoge a la mitad y la letra nueva se suma.

# %%
codes = dict(zip(LETTERS, (1.0, 2.0, 3.0, 4.0), strict=True))


def summarize(word):
    """Un número que se actualiza letra a letra."""
    summary = 0.0
    for letter in word:
        summary = 0.5 * summary + codes[letter]
    return summary


summaries = {word: summarize(word) for word in words}
summaries

# %% [markdown]
# Cuatro palabras, cuatro números. La regla es la misma en cada paso, así que sirve para palabras de
# cualquier longitud, siempre con los mismos parámetros: el 0.5 y los códigos de las letras. Acabas de
# escribir una red **recurrente**: una red que vuelve a usar su propio resultado. Al resumen lo llamaremos
# **estado oculto** (*hidden state*) y a cada turno de lectura, uno por letra, **paso temporal** (*timestep*).

# %%
print("mora:", summarize("mora"), "  r:", summarize("r"))

# %% [markdown]
# Le faltan dos cosas. Un solo número es poco: aquí «mora» y «r» acaban en el mismo. Usaremos un vector, y en
# lugar del 0.5 una matriz. La otra carencia es más sutil. Imagina que el resumen mide si una reseña es
# favorable. Después de «no», la palabra «bueno» no debería pesar lo mismo que sin él.
#
# **Predice**: con la regla de la suma, ¿cambia «no» lo que aporta la palabra siguiente?

# %%
values = {"no": -2.0, "bueno": 1.0, "malo": -1.0}


def read(text, squash):
    """Lee palabra a palabra; `squash` transforma el resumen en cada paso."""
    summary = 0.0
    for word in text.split():
        summary = squash(0.5 * summary + values[word])
    return summary


def effect_of_last_word(prefix, squash):
    """Cuánto cambia el resumen si la última palabra es «bueno» en vez de «malo»."""
    return read(f"{prefix} bueno", squash) - read(f"{prefix} malo", squash)


effects = {
    name: [effect_of_last_word(prefix, squash) for prefix in ("", "no")]
    for name, squash in {"suma": lambda s: s, "tanh": np.tanh}.items()
}
for name, (alone, after_no) in effects.items():
    print(f"{name}: «bueno» en vez de «malo» suma {alone:.2f} a solas y {after_no:.2f} tras «no»")

# %% [markdown]
# Una regla **lineal** solo sabe sumar: lo que aporta cada palabra no depende de las demás. Si en cada paso el
# resumen pasa por una curva como la tangente hiperbólica, lo ya leído modifica el efecto de lo que se lee.
# Con un solo número el efecto se atenúa, pero no se da la vuelta; con dos, sí, y lo haremos en la sección 6.
# Esa curva se llama **función de activación**.
#
# ## 2 · La ecuación
#
# Con vectores, matrices y la curva, la regla queda así:
#
# $$h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$$
#
# - $x_t$, la entrada en el paso $t$: una fila por secuencia y una columna por característica, de forma (lote, entrada);
# - $h_{t-1}$, lo que se recordaba, y $h_t$, lo que se recuerda ahora: (lote, oculto). Cada uno de sus números
#   es una **unidad** (*unit*);
# - $W_x$, de forma (entrada, oculto), traduce la entrada al lenguaje del estado;
# - $W_h$, de forma (oculto, oculto), decide qué se conserva y cómo se mezcla;
# - $b$, el **sesgo** (*bias*), de forma (oculto,), es un desplazamiento fijo que se suma en cada paso.
#
# A todo lo que se calcula en un paso se le llama **celda** (*cell*). Dibujada, es esta:

# %%
plot_rnn_cell(title="Un paso: dos productos, una suma y una curva")
plt.show()
explain(
    "La celda RNN. El estado anterior, $h_{t-1}$, llega por la izquierda y se multiplica por "
    "$W_h$; la entrada, $x_t$, llega por abajo y se multiplica por $W_x$. Los dos productos y el "
    "sesgo, $b$, se suman (círculo con una cruz); la suma pasa por la tangente y sale el estado "
    "nuevo, $h_t$, que en el paso siguiente entrará por la izquierda."
)

# %% [markdown]
# Guardamos los tres parámetros juntos en una **tupla con nombres** (`NamedTuple`): es una tupla, pero a cada parte se llega por
# su nombre, como `weights.hidden`.


# %%
class RNNWeights(NamedTuple):
    """Parámetros de la red recurrente."""

    input: np.ndarray  # W_x (entrada, oculto)
    hidden: np.ndarray  # W_h (oculto, oculto)
    bias: np.ndarray  # b (oculto,)


def random_weights(input_size, hidden_size, rng):
    """Pesos pequeños al azar."""
    return RNNWeights(
        rng.normal(size=(input_size, hidden_size)) / np.sqrt(input_size),
        rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size),
        np.zeros(hidden_size),
    )


# %% [markdown]
# ### Ejercicio 12.1 ★ · Un paso
#
# Escribe la ecuación: $W_x$ es `weights.input`; $W_h$, `weights.hidden`; $b$, `weights.bias`. En NumPy, `@` es el
# producto de matrices y `np.tanh` se aplica a cada elemento.
# Si te atascas: `hint("12.1")`.


# %% tags=["exercise"]
def rnn_step(x, h, weights):
    """Un paso de la RNN. x: (lote, entrada), h: (lote, oculto) → (lote, oculto)."""
    ### BEGIN SOLUTION
    return np.tanh(x @ weights.input + h @ weights.hidden + weights.bias)
    ### END SOLUTION


# %% tags=["check"]
rnn_step = check("12.1", rnn_step)

# %% [markdown]
# ¿Y por qué tanh? Otra activación muy usada es **ReLU**, que deja pasar los positivos y anula los
# negativos. En una red que aplica lo mismo una y otra vez hay una diferencia enorme. Tomemos una sola
# unidad sin entrada que en cada paso multiplica su estado por 1.3.
#
# **Predice**: ¿dónde estará el estado tras 30 pasos con ReLU? ¿Y con tanh?


# %%
def iterate(activation, steps=30, weight=1.3, start=0.1):
    """Aplica h ← activación(peso · h) una y otra vez."""
    states = [start]
    for _ in range(steps):
        states.append(activation(weight * states[-1]))
    return np.array(states)


relu_path = iterate(lambda z: np.maximum(z, 0.0))
tanh_path = iterate(np.tanh)
plot_iterates(
    {"ReLU": relu_path, "tanh": tanh_path}, title="Con peso 1.3, ReLU se dispara y tanh se frena"
)
plt.show()
explain(
    f"Tras 30 pasos, el estado con ReLU llega a {relu_path[-1]:.0f}; con tanh se detiene en "
    f"{tanh_path[-1]:.2f}, "
    f"donde multiplicar por 1.3 y aplicar la curva se compensan: tanh(1.3 · {tanh_path[-1]:.2f}) = "
    f"{np.tanh(1.3 * tanh_path[-1]):.2f}."
)

# %% [markdown]
# La diferencia aparece cuando el peso pasa de 1; con uno menor, los dos estados se apagan. La tangente hiperbólica los
# mantiene siempre entre -1 y 1: no se pueden desbordar. Si ese freno
# tiene un precio al aprender, lo veremos en la lección 14.
#
# ## 3 · Desplegar la red en el tiempo
#
# Recorrer una secuencia es aplicar el mismo paso una y otra vez. El estado inicial es cero: aún no se
# sabe nada.
#
# ### Ejercicio 12.2 ★★ · Toda la secuencia
#
# Completa el bucle: calcula el estado nuevo a partir de la entrada del paso `t` y guárdalo en la lista.


# %% tags=["exercise"]
def rnn_forward(x, weights):
    """Todos los estados. x: (lote, tiempo, entrada) → (lote, tiempo, oculto)."""
    batch, timesteps, _ = x.shape
    h = np.zeros((batch, len(weights.bias)))  # (lote, oculto)
    states = []
    for t in range(timesteps):
        ### BEGIN SOLUTION
        h = rnn_step(x[:, t], h, weights)  # (lote, oculto)
        states.append(h)
        ### END SOLUTION
    return np.stack(states, axis=1)


# %% tags=["check"]
rnn_forward = check("12.2", rnn_forward)

# %% [markdown]
# Hagamos que lea «hello world», el ejemplo con el que casi todo el mundo empieza. Hay ocho caracteres
# distintos, contando el espacio.

# %%
text = "hello world"
characters = sorted(set(text))
ids = [characters.index(character) for character in text]
encoded = np.eye(len(characters))[ids][None]  # `None` añade un eje: (1, 11, 8), un lote de una
weights = random_weights(len(characters), 6, rng)
states = rnn_forward(encoded, weights)  # (1, 11, 6)
plot_unrolled(text, states[0], title="La misma red en cada paso; el estado pasa de uno a otro")
plt.show()
first_l, second_l = states[0, 2], states[0, 3]
explain(
    "La red desplegada: cada columna es un paso temporal y cada casilla, una unidad del estado. "
    "Las dos eles "
    f"de «hello» entran idénticas, pero dejan estados que difieren en hasta "
    f"{np.abs(first_l - second_l).max():.2f}: el estado depende también de lo anterior."
)

# %% [markdown]
# Once columnas, pero **una sola red**: las flechas llevan siempre los mismos $W_x$ y $W_h$, y el sesgo $b$ tampoco
# cambia. A esto se le llama **compartir parámetros**, y es lo que permite leer secuencias de cualquier longitud.
#
# ### Ejercicio 12.3 ★ · ¿Cuántos parámetros?
#
# Cuenta los parámetros de una red recurrente seguida de una capa de salida
# que calcula $h_t W_y + b_y$, con $W_y$ de forma (oculto, salida).


# %% tags=["exercise"]
def count_parameters(input_size, hidden_size, output_size):
    """Número total de parámetros, sesgos incluidos."""
    ### BEGIN SOLUTION
    recurrent = input_size * hidden_size + hidden_size * hidden_size + hidden_size
    return recurrent + hidden_size * output_size + output_size
    ### END SOLUTION


# %% tags=["check"]
count_parameters = check("12.3", count_parameters)

# %%
for length in (10, 1_000):
    long_text = rng.normal(size=(2, length, len(characters)))
    print(f"longitud {length:5d}: estados {rnn_forward(long_text, weights).shape}")
print("parámetros en los dos casos:", count_parameters(len(characters), 6, len(characters)))

# %% [markdown]
# Fíjate en que `rnn_forward` recibe un **lote** (*batch*): varias secuencias a la vez, una por fila. No se
# mezclan entre sí; solo se aprovecha el mismo producto de matrices.
#
# **Predice**: si pasamos las secuencias de una en una, ¿obtendremos lo mismo? ¿Y si barajamos los pasos de
# una secuencia?

# %%
batch = rng.normal(size=(5, 12, len(characters)))  # (lote, tiempo, entrada)
together = rnn_forward(batch, weights)
one_by_one = np.concatenate([rnn_forward(sequence[None], weights) for sequence in batch])
batch_gap = np.abs(together - one_by_one).max()

shuffled = batch[:, rng.permutation(12)]
state_gap = np.abs(rnn_forward(shuffled, weights)[:, -1] - together[:, -1]).max(axis=1).mean()
mean_gap = np.abs(shuffled.mean(axis=1) - batch.mean(axis=1)).max()
explain(
    f"De una en una o todas juntas, los estados difieren como mucho en {batch_gap:.0e}: es "
    f"redondeo. Al "
    f"barajar los pasos, la unidad del estado final que más cambia lo hace, de media, en "
    f"{state_gap:.2f}; la media de las entradas, en {mean_gap:.0e}."
)

# %% [markdown]
# ### Una red al azar ya recuerda
#
# Los pesos de esta red son aleatorios: nadie la ha entrenado. ¿Guarda su estado algo útil? Un experimento:
# secuencias de ocho símbolos en las que hay una A y una B; los demás no cuentan. La pregunta es **cuál de
# las dos llegó antes**. Del estado final sacamos un solo número con una suma con pesos, una **lectura lineal**, y esos pesos
# se eligen por mínimos cuadrados: los que menos se equivocan en los ejemplos. La red recurrente no se toca. Comparamos con
# la misma lectura de la media de las entradas; de la misma red con $W_h$ a cero, es decir, sin recurrencia; y de las ocho
# entradas puestas en fila.
#
# **Predice**: ¿qué acierto tendrá cada una, si al azar se acierta la mitad?


# %%
def order_task(count, rng, length=8):
    """Secuencias con una A (0) y una B (1) entre otros cuatro símbolos; ¿va antes la A?"""
    symbols = rng.integers(2, 6, size=(count, length))
    orders = np.argsort(rng.random((count, length)), axis=1)  # los lugares de cada fila, barajados
    rows, place_a, place_b = np.arange(count), orders[:, 0], orders[:, 1]
    symbols[rows, place_a] = 0  # en la fila i, el lugar place_a[i]
    symbols[rows, place_b] = 1
    return np.eye(6)[symbols], np.where(place_a < place_b, 1.0, -1.0)


def readout_accuracy(train, train_labels, test, test_labels):
    """Acierto en datos nuevos de una lectura lineal ajustada por mínimos cuadrados."""
    with_bias = [np.column_stack([part, np.ones(len(part))]) for part in (train, test)]
    readout, *_ = np.linalg.lstsq(with_bias[0], train_labels, rcond=None)
    return np.mean(np.sign(with_bias[1] @ readout) == test_labels)


# %%
count = 2_000 if FAST else 20_000
train_x, train_y = order_task(count, rng)
test_x, test_y = order_task(count, rng)
reservoir = random_weights(6, 64, rng)
no_memory = reservoir._replace(hidden=np.zeros((64, 64)))  # una copia, con otra W_h
readings = {
    "la media": lambda x: x.mean(axis=1),
    "sin recurrencia": lambda x: rnn_forward(x, no_memory)[:, -1],
    "el estado": lambda x: rnn_forward(x, reservoir)[:, -1],
    "en fila": lambda x: x.reshape(len(x), -1),  # -1: lo que haga falta, 8 · 6
}
# %%
accuracy = {
    name: readout_accuracy(read_from(train_x), train_y, read_from(test_x), test_y)
    for name, read_from in readings.items()
}
explain(
    f"Con la media se acierta el {100 * accuracy['la media']:.0f} % de las veces, como tirando una "
    f"moneda; con el estado de la red al azar, el {100 * accuracy['el estado']:.0f} %, y con la "
    f"misma red sin recurrencia, que solo ve el último símbolo, el "
    f"{100 * accuracy['sin recurrencia']:.0f} %. Con las ocho entradas en fila, el "
    f"{100 * accuracy['en fila']:.0f} %."
)

# %% [markdown]
# Sin haber aprendido nada, la recurrencia ya conserva buena parte del orden de ocho símbolos, y una lectura sencilla puede
# aprovecharlo. Es un recuerdo corto: cambia `length=8` por 32, mira cuánto queda y déjalo como estaba. En fila se acierta más, pero
# esa lectura solo vale para una longitud. Dejar al azar los pesos de dentro y elegir solo la lectura es la idea de las **redes de estados
# de eco** (*echo state networks*; Jaeger, 2001). En la lección 13 se aprenderán también los de dentro.
#
# ## 4 · La salida
#
# Para predecir el carácter siguiente hace falta una capa de salida. La función **softmax** convierte sus
# valores en probabilidades: los hace positivos con la exponencial y los divide entre su suma.
#
# $$y_t = \mathrm{softmax}(h_t W_y + b_y)$$
#
# En el código, `axis=-1` es el último eje y `keepdims=True` lo conserva con tamaño 1, para que la resta y la división se hagan
# fila a fila.


# %%
def softmax(scores):
    """Probabilidades a partir de valores cualesquiera, sobre el último eje."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))  # sin desbordar
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


windows = np.array([ids[start : start + 3] for start in range(len(ids) - 3)])  # (8, 3)
targets = np.array(ids[3:])  # (8,) el carácter que sigue a cada ventana
for window, target in zip(windows[:3], targets[:3], strict=True):
    print(repr("".join(characters[i] for i in window)), "→", repr(characters[target]))

# %% [markdown]
# Ocho ventanas de tres caracteres, cada una con el que la sigue. La **pérdida** (*loss*) es un número que dice lo mal que lo
# hace la red. Aquí mide la sorpresa: menos el logaritmo de la probabilidad que la red daba al carácter que llegó. En el
# código, `p[[0, 1], [5, 2]]` toma la columna 5 de la fila 0 y la columna 2 de la fila 1.
#
# **Predice**: hay ocho caracteres y la red no está entrenada. ¿Qué probabilidad dará a cada uno?

# %%
output_weights = 0.1 * rng.normal(size=(6, len(characters)))  # W_y (oculto, salida), pequeños
output_bias = np.zeros(len(characters))  # b_y (salida,)
last_states = rnn_forward(np.eye(len(characters))[windows], weights)[:, -1]  # (8, 6)
probabilities = softmax(last_states @ output_weights + output_bias)  # (8, 8)
rows = np.arange(len(targets))
loss = -np.log(probabilities[rows, targets]).mean()
uniform_loss = np.log(len(characters))
larger = softmax(last_states @ (10 * output_weights) + output_bias)
larger_loss = -np.log(larger[rows, targets]).mean()
explain(
    f"Las probabilidades van de {probabilities.min():.2f} a {probabilities.max():.2f}, y la "
    f"pérdida es {loss:.2f}: casi la de "
    f"repartir por igual entre los ocho, ln 8 = {uniform_loss:.2f}. Con los mismos pesos de "
    f"salida, pero diez veces mayores, sería {larger_loss:.2f}."
)

# %% [markdown]
# Por eso los pesos de salida se sortean pequeños: una red que aún no sabe nada no debe apostar fuerte. Si una red
# recién creada empieza con una pérdida mucho mayor que la de repartir por igual, mira por qué antes de entrenar.
#
# Puedes parar aquí y seguir otro día.
#
# ## 5 · Cuatro esquemas de entradas y salidas
#
# La misma recurrencia resuelve tareas muy distintas según qué entradas se le den y qué salidas se lean.

# %%
plot_io_patterns()
plt.show()
explain(
    "De uno a muchos, de muchos a uno, de muchos a muchos paso a paso, y de muchos a muchos "
    "leyendo primero y "
    "escribiendo después. Otras tareas: paso a paso, lo que ocurre en cada fotograma de un vídeo; "
    "leer y después "
    "escribir, el resumen de un artículo. Cuando la red escribe, cada salida es la entrada del "
    "paso siguiente: la lleva la flecha discontinua hasta una caja hueca."
)

# %% [markdown]
# En el código la diferencia es pequeña: qué parte de los estados se usa.

# %%
reviews = rng.normal(size=(4, 9, len(characters)))  # (lote, tiempo, entrada)
all_states = rnn_forward(reviews, weights)  # (4, 9, 6)
one_answer = softmax(all_states[:, -1] @ output_weights + output_bias)  # de muchos a uno
answer_each_step = softmax(all_states @ output_weights + output_bias)  # de muchos a muchos
print("de muchos a uno:           ", one_answer.shape)
print("de muchos a muchos:        ", answer_each_step.shape)

# %%
h = np.zeros((1, 6))
x = np.eye(len(characters))[[characters.index("h")]]  # una sola entrada: (1, 8)
generated = "h"
for _ in range(10):  # de uno a muchos: cada salida es la entrada siguiente
    h = rnn_step(x, h, weights)
    best = softmax(h @ output_weights + output_bias).argmax()
    x = np.eye(len(characters))[[best]]
    generated += characters[best]
print("de uno a muchos, sin entrenar:", repr(generated))

# %% [markdown]
# El resultado no se entiende, y es lo que cabe esperar: los pesos son aleatorios. El mecanismo, en cambio, es
# el mismo con el que una red entrenada escribe texto.
#
# ## 6 · Cablear una memoria a mano
#
# Antes de dejar que los datos elijan los pesos, elígelos tú. Verás qué puede hacer una sola unidad,
#
# $$h_t = \tanh(w_x\,x_t + w_h\,h_{t-1} + b)$$
#
# con el estado a cero antes de la primera entrada. Recibe ceros, con un poco de ruido (hasta 0.1 arriba o abajo), y alguna vez una **marca**, un uno. Queremos que
# **recuerde si la marca ha llegado**. Un primer intento: $w_x = 2$, $w_h = 0.8$, $b = 0$.
#
# **Predice**: ¿cuánto durará el recuerdo?


# %%
def one_unit(w_x, w_h, b):
    """Pesos de una red de una sola unidad."""
    return RNNWeights(np.array([[w_x]]), np.array([[w_h]]), np.array([b]))


marks = rng.uniform(-0.1, 0.1, size=(1, 60, 1))  # (lote, tiempo, entrada)
marks[0, 20] += 1.0

# %%
numbers = (2.0, 0.8, 0.0)  # w_x, w_h, b: aquí puedes probar otros
first_try = rnn_forward(marks, one_unit(*numbers))[0, :, 0]
plot_latch(marks[0, :, 0], first_try, title=f"w_x, w_h, b = {numbers}")
plt.show()
high = first_try[20:] > 0.5  # desde la marca
remembered = len(high) if high.all() else int(np.argmin(high))
explain(f"Desde la marca, el estado se mantiene sobre el umbral {remembered} de {len(high)} pasos.")

# %% [markdown]
# Para recordar hace falta que el estado tenga **dos reposos**: si está abajo y no llega nada, se queda abajo; si está arriba
# y no llega nada, se queda arriba. Solo la marca debe hacerlo saltar. Con $w_h$ mayor que 1, ya lo viste en la sección 2, el
# estado no se apaga; cuanto mayor, más cerca de un extremo, -1 o 1, lo retiene $\tanh$.
#
# ### Ejercicio 12.4 ★★★ · Un pestillo
#
# Elige los tres números para que el estado quede **por encima de 0.5** desde la marca hasta el final y **por debajo de
# 0.5** hasta entonces, en secuencias de 150 pasos y **con cualquier ruido** de hasta 0.1. El primer caso que prueba `check`
# no tiene ruido; el segundo, el peor posible; los demás, al azar. Puedes experimentar en la celda de la figura,
# cambiando `numbers`.


# %% tags=["exercise"]
def latch_numbers():
    """Devuelve los tres números del pestillo: (w_x, w_h, b)."""
    ### BEGIN SOLUTION
    return 10.0, 5.0, -2.0
    ### END SOLUTION


# %% tags=["check"]
latch_numbers = check("12.4", latch_numbers)

# %%
latch_states = rnn_forward(marks, one_unit(*latch_numbers()))[0, :, 0]
plot_latch(
    marks[0, :, 0], latch_states, title="Con dos reposos, la marca se recuerda hasta el final"
)
plt.show()
explain(
    f"Antes de la marca el estado no pasa de {latch_states[:20].max():.2f}; después no baja de "
    f"{latch_states[20:].min():.2f}, aunque la entrada ya solo trae ruido."
)

# %% [markdown]
# ### Un «no» que da la vuelta
#
# Quedaba una promesa de la sección 1: que «no» cambie el signo de lo que sigue. Bastan dos unidades si las frases
# son de dos pasos; cuando no hay «no», el primero va vacío, de ceros. La entrada tiene dos características: si la palabra es «no» y
# su valor. En el primer paso, la segunda unidad acaba en -1 si hay un «no» y en 1 si no lo hay. En el segundo, las dos juntas
# comparan el valor con ese recuerdo: la salida, la primera menos la segunda más uno, es 1 si coinciden y -1 si no.

# %%
k = 4.0
flip = RNNWeights(
    input=np.array([[-3 * k, -3 * k], [k, k]]),  # filas: ¿es «no»?, valor
    hidden=np.array([[0.0, 0.0], [k, k]]),  # solo la segunda unidad recuerda
    bias=np.array([-k, k]),
)
encoding = {"": [0.0, 0.0], "no": [1.0, 0.0], "bueno": [0.0, 1.0], "malo": [0.0, -1.0]}
verdicts = {}
for prefix in ("", "no"):
    for word in ("bueno", "malo"):
        phrase = np.array([[encoding[prefix], encoding[word]]])  # (1, 2, 2)
        first, second = rnn_forward(phrase, flip)[0, -1]
        verdicts[f"{prefix} {word}".strip()] = first - second + 1
for phrase, verdict in verdicts.items():
    print(f"{phrase:9s} → {verdict:+.2f}")

# %% [markdown]
# «No bueno» baja y «no malo» sube: ninguna suma de palabras puede hacerlo. Nadie querría elegir esos números a mano para
# una red grande. Por eso las redes se entrenan.
#
# ### ¿Y contar?
#
# Un contador parece más fácil: sumar uno por cada marca. Con ReLU basta $w_x = w_h = 1$. Con tanh hay que sumar poco, por
# ejemplo $w_x = 0.01$, para no llegar enseguida al tope.
#
# **Predice**: con tanh, ¿se distinguirá haber visto 200 marcas de haber visto 400?


# %%
def count_with(activation, ones, w_x):
    """Estado final de una unidad con w_h = 1 tras recibir `ones` unos."""
    state = 0.0
    for _ in range(ones):
        state = activation(w_x * 1.0 + state)
    return state


relu_count = count_with(lambda z: np.maximum(z, 0.0), 400, w_x=1.0)
tanh_counts = {ones: count_with(np.tanh, ones, w_x=0.01) for ones in (5, 10, 200, 400)}
explain(
    f"Tras 400 marcas, ReLU dice {relu_count:.0f}: cuenta exacto. Con tanh, de 5 a 10 marcas el "
    f"estado "
    f"crece {tanh_counts[10] - tanh_counts[5]:.3f}; de 200 a 400, "
    f"{tanh_counts[400] - tanh_counts[200]:.3f}: se ha parado en "
    f"{tanh_counts[400]:.3f}, donde tanh quita justo lo que suma cada marca."
)

# %% [markdown]
# Con un $w_x$ menor se llegaría más lejos, pero el problema solo se aplaza. Una sola unidad con tanh guarda un hecho y
# pierde la cuenta; con ReLU cuenta sin fin, y un estado sin tope se puede desbordar. En el módulo 2 veremos
# celdas cuya memoria no pasa por tanh en cada paso.
#
# ## 7 · Rómpelo y arréglalo
#
# Muchos datos llegan con el tiempo delante: (tiempo, lote, entrada). Alguien los convierte para nuestra red con
# `reshape`, y la forma resultante es justo la que se espera. Python no da ningún error.
#
# Las secuencias de un lote son independientes. **Predice**: si cambiamos solo la secuencia 0, ¿cuánto deberían cambiar los
# estados de las demás?


# %%
def to_batch_first_broken(x):
    """De (tiempo, lote, entrada) a (lote, tiempo, entrada)... o eso parece."""
    timesteps, batch, features = x.shape
    return x.reshape(batch, timesteps, features)


def contamination(convert):
    """Cambia solo la secuencia 0 y mide cuánto cambian los estados de las demás."""
    time_first = rng.normal(size=(12, 5, len(characters)))  # (tiempo, lote, entrada)
    touched = time_first.copy()
    touched[:, 0] += 1.0
    before, after = (rnn_forward(convert(x), weights) for x in (time_first, touched))
    return np.abs(after - before)[1:].max()


broken_gap = contamination(to_batch_first_broken)
explain(f"Al cambiar la secuencia 0, los estados de las demás cambian en hasta {broken_gap:.2f}.")

# %% [markdown]
# Ese es el síntoma: una secuencia contamina a las otras. `reshape` no mueve los ejes: reparte los mismos números, en el mismo orden, en otra forma. Cada «secuencia» acaba siendo una mezcla de
# todas.
#
# ### Ejercicio 12.5 ★★ · Arréglalo
#
# Escribe una función que intercambie el tiempo y el lote sin mezclar las secuencias.


# %% tags=["exercise"]
def to_batch_first(x):
    """De (tiempo, lote, entrada) a (lote, tiempo, entrada)."""
    ### BEGIN SOLUTION
    return x.swapaxes(0, 1)
    ### END SOLUTION


# %% tags=["check"]
to_batch_first = check("12.5", to_batch_first)

# %%
fixed_gap = contamination(to_batch_first)
explain(f"Con los ejes bien cambiados, las demás secuencias cambian en {fixed_gap:g}.")

# %% [markdown]
# Guarda esta prueba: cambiar una secuencia y mirar las demás descubre en un segundo errores que no se ven.
#
# ## 8 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("La media de las letras no distingue «roma» de «amor»",
          np.abs(means["roma"] - means["amor"]).max(), "==", 0, kind="identidad"),
    claim("Un resumen recurrente distingue las cuatro palabras",
          len(set(summaries.values())), "==", 4, kind="identidad"),
    claim("Sin activación, el efecto de una palabra no depende de la anterior",
          abs(effects["suma"][0] - effects["suma"][1]), "<", 1e-12, kind="identidad"),
    claim("Con una sola unidad y tanh, «no» atenúa el efecto, pero no le cambia el signo",
          effects["tanh"][1] / effects["tanh"][0], "in", (0.1, 0.99), kind="identidad"),
    claim("Con dos unidades, «no bueno» queda por debajo de cero", verdicts["no bueno"], "<", -0.9, kind="identidad"),
    claim("Con dos unidades, «no malo» queda por encima", verdicts["no malo"], ">", 0.9, kind="identidad"),
    claim("Con tanh, 200 y 400 marcas dejan casi el mismo estado",
          tanh_counts[400] - tanh_counts[200], "<", 1e-6, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El lote entero da lo mismo que cada secuencia por separado", batch_gap, "<", 1e-12, kind="identidad"),
    claim("Barajar los pasos cambia el estado final", state_gap, ">", 0.02),
    claim("Con la media no se sabe qué llegó antes", accuracy["la media"], "in", (0.4, 0.6)),
    claim("Con el estado de una red al azar se acierta más de tres de cada cuatro veces",
          accuracy["el estado"], ">", 0.75),
    claim("Sin recurrencia, la misma red acierta mucho menos",
          accuracy["el estado"] - accuracy["sin recurrencia"], ">", 0.2),
    claim("Sin entrenar, la pérdida es casi la de repartir por igual",
          abs(loss - uniform_loss), "<", 0.5),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El primer intento olvida la marca en menos de diez pasos", remembered, "<", 10),
    claim("El pestillo está abajo antes de la marca", latch_states[:20].max(), "<", 0.5),
    claim("El pestillo sigue arriba hasta el final", latch_states[20:].min(), ">", 0.5),
    claim("Con reshape, una secuencia contamina a las demás", broken_gap, ">", 0.1),
    claim("Con los ejes bien cambiados, ninguna secuencia afecta a otra", fixed_gap, "==", 0, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Una red recurrente actualiza un **estado** con cada entrada: $h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$.
# - Los parámetros se **comparten** entre pasos: su número no depende de la longitud.
# - La activación hace que lo leído antes cambie el efecto de lo que se lee ahora.
# - Según qué estados se lean, la misma red sirve de uno a muchos, de muchos a uno o de muchos a muchos.
# - Una sola unidad, bien cableada, puede recordar un hecho mientras el ruido no pase de un límite; dos pueden dar la vuelta a un
#   «no».
#
# ## Errores frecuentes
#
# - Usar `reshape` para cambiar el orden de los ejes: no falla, pero mezcla las secuencias.
# - Transponer $W_h$: es cuadrada, así que la forma encaja y nadie avisa.
# - Olvidar que el estado empieza de nuevo en cada secuencia independiente.
# - Creer que más pasos significan más parámetros: significan más tiempo de cálculo.
#
# ## Para saber más
#
# - J. L. Elman (1990), *Finding structure in time*, Cognitive Science 14: la red de esta lección, con otra
#   curva.
# - H. Jaeger (2001), *The «echo state» approach to analysing and training recurrent neural networks*, informe 148
#   del GMD.
# - I. Goodfellow, Y. Bengio y A. Courville (2016), *Deep Learning*, capítulo 10.
#
# **Siguiente**: [13 · Retropropagación a través del tiempo](13_bptt.ipynb), donde la red aprende sus pesos.

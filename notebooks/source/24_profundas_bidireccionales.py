# %% [markdown]
# # 24 · Redes profundas y bidireccionales
#
# **Una capa recurrente encima de otra, o una que lea también del revés: ¿qué se gana, qué cuesta y cuándo es hacer
# trampa?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a apilar capas recurrentes; a leer en los dos sentidos y a contar lo que cuesta; a regularizar con dropout y a medir si sirve; a averiguar qué parte de una red hace el trabajo, quitándole las demás; a demostrar si un modelo mira el futuro |
# | **Antes de empezar** | [21 · LSTM](21_lstm.ipynb); Keras, de la lección 15; la red bidireccional, de la [16](16_longitud_variable.ipynb); comparar con un intervalo y partir los datos sin fugas, de la 11 |
# | **Tiempo** | 55 minutos de lectura y ejercicios, en dos ratos: el primero acaba con la sección 3; medio minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow y NumPy |

# %% tags=["parameters"]
FAST = True  # False: las mejores redes de la sección 5 y más épocas en la 6 (unos 40 segundos)
MNIST = False  # True: descarga MNIST (11 MB) y repite con él la comparación; tarda unos minutos
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired
from course_utils.datasets import load_digits, load_mnist, load_result
from course_utils.exercises import check, hint, progress, solution

rng = np.random.default_rng(SEED)

# %%
from course_utils.lessons.lesson_24 import (
    BATCH,
    EPOCHS,
    accuracy,
    build_model,
    choose_rates,
    measure,
    measure_logistic,
    plot_digit_rows,
    plot_gaps,
    plot_influence,
    plot_repeats,
    plot_skill_by_step,
    split_digits,
)

# %% [markdown]
# ## 1 · Una imagen, ocho pasos
#
# Una imagen no es una secuencia, pero se puede leer como si lo fuera: fila a fila, de arriba abajo. Los dígitos de
# scikit-learn miden 8 × 8, así que cada uno son ocho pasos de ocho características. Al final se pregunta qué dígito
# era.

# %%
digits = load_digits()
parts = split_digits(digits.images, digits.labels, seed=SEED)
x, y = parts.train  # (lote, tiempo, entrada), (lote,)
plot_digit_rows(x[0], title=f"Un {y[0]}, leído fila a fila")
plt.show()
explain(
    f"La red recibe las filas de una en una y contesta tras la última. Hay {len(x)} imágenes para "
    f"entrenar, {len(parts.validation[1])} para validar y {len(parts.test[1])} para probar."
)

# %% [markdown]
# `split_digits` aparta para la prueba **siempre las mismas** imágenes. Con cada semilla reparte al azar las demás entre entrenar y
# validar, con la misma proporción de cada dígito. Así, ninguna imagen con la que se elige algo sirve luego para ponerle nota. Las
# escribieron pocas personas, y la letra de cada una está en los tres lados: nada de lo que midamos dice qué pasaría con la letra
# de otra.
#
# La red es la de siempre, con una LSTM y una salida softmax. Lo nuevo es la **tasa de aprendizaje**: empieza alta y
# baja hasta cero como medio periodo de un coseno. Las primeras actualizaciones mueven mucho los pesos y las últimas, poco. ¿Con qué tasa se empieza? Con la que
# más acierta en la **validación**. El gradiente se recorta a norma 1, como en la lección 14. Entrenar cada red de esta lección con varias lleva más de lo que cabe aquí, y lo hizo un programa
# aparte, `tools/experiments/digits.py`; aquí se lee su resultado.

# %%
swept = load_result("digits_tasas")
rates = choose_rates(swept["model"], swept["rate"], swept["validation"])
for tried in np.unique(swept["rate"][swept["model"] == "LSTM 44"]):
    hits = swept["validation"][(swept["model"] == "LSTM 44") & (swept["rate"] == tried)]
    print(f"tasa {tried:<5g} acierto de la LSTM en la validación: {100 * hits.mean():.1f} %")

# %%
model = keras.Sequential(
    [keras.Input((None, 8)), layers.LSTM(44), layers.Dense(10, activation="softmax")]
)
steps = -(-EPOCHS * len(x) // BATCH)  # lotes en total, redondeando hacia arriba
rate = keras.optimizers.schedules.CosineDecay(rates["LSTM 44"], steps)
model.compile(
    optimizer=keras.optimizers.Adam(rate, global_clipnorm=1.0),  # el recorte de la lección 14
    loss="sparse_categorical_crossentropy",  # la entropía cruzada, con etiquetas enteras
    steps_per_execution=20,  # veinte pasos por llamada a TensorFlow: menos espera
)

# %% [markdown]
# La referencia es una **regresión logística**: una suma con pesos de los 64 píxeles y una softmax, sin capa intermedia.
#
# **Predice**: la LSTM tiene quince veces los parámetros de la logística. ¿Cuánto ganará?

# %%
order = np.concatenate([rng.permutation(len(x)) for _ in range(EPOCHS)])  # las épocas, seguidas
model.fit(x[order], y[order], batch_size=BATCH, shuffle=False, verbose=0)
live_lstm = {part: accuracy(model, examples) for part, examples in parts._asdict().items()}
digit_data = {"images": digits.images, "labels": digits.labels}
(logistic,) = measure_logistic(**digit_data, seeds=[SEED])
explain(
    f"La LSTM, con {model.count_params()} parámetros, acierta el {100 * live_lstm['train']:.1f} % de "
    f"lo que estudió y el {100 * live_lstm['test']:.1f} % de la prueba. La regresión logística, "
    f"con {logistic['params']}, el {100 * logistic['train']:.1f} % y el {100 * logistic['test']:.1f} %."
)

# %% [markdown]
# Una sola red no prueba nada: con otros pesos iniciales y otro reparto sale otro número. El mismo programa entrenó cada red veinte
# veces con la receta de las celdas de arriba y la mejor tasa de esa red (el código es `measure`, de
# `course_utils.lessons.lesson_24`). Las veinte no son las que sirvieron para elegir la tasa.

# %%
measured = load_result("digits")


def scores(name, part="test"):
    """Acierto de una red en cada repetición: (20,)."""
    return measured[part][measured["model"] == name]


for name in ("logística", "LSTM 44"):
    values = 100 * scores(name)
    print(f"{name:10s} media {values.mean():.1f} %, de {values.min():.1f} a {values.max():.1f}")

# %% [markdown]
# En cada repetición todas las redes reciben el mismo reparto y las mismas imágenes, en el mismo orden: se pueden comparar
# pareja a pareja con `paired`, de la lección 11. Si el intervalo de la diferencia llega al cero, no hay un ganador claro.

# %%
against_logistic = paired(scores("LSTM 44"), scores("logística"))
explain(
    "La LSTM frente a la logística, en puntos porcentuales de acierto: "
    f"{against_logistic.verdict('puntos', scale=100)}."
)

# %% [markdown]
# La LSTM memoriza lo que estudió y, con quince veces los parámetros, saca muy poco a una suma con pesos. No le faltan
# parámetros. ¿Le faltará profundidad? ¿Otra manera de leer?
#
# ## 2 · Apilar capas
#
# Una red **apilada** o **profunda** (*stacked*, *deep*) pone una capa recurrente encima de otra: los estados de la
# primera son la entrada de la segunda. En cada paso, la segunda necesita un vector; por eso la primera tiene que dar
# **todos** sus estados, con `return_sequences=True`.
#
# **Predice**: ¿qué pasará si se olvida?

# %%
rows = keras.Input((8, 8))  # (tiempo, entrada)
first = layers.LSTM(6, return_sequences=True)(rows)
second = layers.LSTM(4)(first)
print("primera capa:", first.shape, "  segunda capa:", second.shape)
try:
    layers.LSTM(4)(layers.LSTM(6)(rows))
    refused = False
except ValueError as error:
    refused = True
    print("Sin return_sequences:", str(error).split("layer: ")[-1])

# %% [markdown]
# `None` es el lote. El error dice que se esperaban tres ejes y han llegado dos, (lote, oculto): falta el del tiempo.
# Hay un apaño que se ve a menudo, `RepeatVector`, que repite ese último estado ocho veces. Desaparece el error y con
# él lo que cada paso tenía de propio: la segunda capa lee ocho veces lo mismo.
#
# A cambio de más cálculo, entre la entrada y la salida hay más transformaciones, y el gradiente recorre dos caminos, el tiempo y
# la profundidad. Si se gana algo, lo mediremos en la sección 5.
#
# ### Ejercicio 24.1 ★★ · Tres capas
#
# Construye un modelo con tres capas LSTM, de `units[0]`, `units[1]` y `units[2]` unidades, y una salida softmax de
# `classes` clases que mire solo el último estado de la tercera. Lee secuencias de cualquier longitud, con `features`
# características.


# %% tags=["exercise"]
def stack_three(features, units, classes):
    """Modelo de Keras: (lote, tiempo, features) → (lote, classes)."""
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((None, features)),
            layers.LSTM(units[0], return_sequences=True),
            layers.LSTM(units[1], return_sequences=True),
            layers.LSTM(units[2]),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% tags=["check"]
stack_three = check("24.1", stack_three)

# %%
for length in (8, 28):
    output = stack_three(8, (6, 5, 4), 10)(rng.normal(size=(2, length, 8)))  # (lote, clases)
    print(f"{length} pasos: salida {output.shape}, que suma {output.numpy().sum(axis=1).round(3)}")

# %% [markdown]
# ## 3 · Leer en los dos sentidos
#
# Al leer la tercera fila de un dígito, la red no ha visto las de abajo. Una red **bidireccional** (*bidirectional*;
# Schuster y Paliwal, 1997), que ya usaste en la lección 16, son dos capas: una lee de principio a fin y la otra, de fin a principio, cada una con sus
# pesos. En cada paso se juntan los dos estados, uno detrás del otro. En Keras, `Bidirectional` envuelve una capa y
# crea su gemela.
#
# ¿Qué ve cada paso? Cambiemos una entrada y miremos qué salidas se mueven. No hace falta entrenar nada: es la
# estructura.
#
# **Predice**: ¿qué casillas quedarán en blanco en cada red?


# %%
def influence(layer, timesteps=12):
    """Cuánto mueve la entrada del paso s (fila) la salida del paso t (columna)."""
    x = rng.normal(size=(1, timesteps, 3)).astype("float32")
    copies = np.repeat(x, timesteps, axis=0)  # (tiempo, tiempo, 3): una copia por paso
    moved = copies.copy()
    moved[np.arange(timesteps), np.arange(timesteps)] += 1.0
    difference = layer(moved).numpy() - layer(copies).numpy()  # (tiempo, tiempo, salida)
    return np.abs(difference).max(axis=2)


one_way = layers.LSTM(5, return_sequences=True)
both_ways = layers.Bidirectional(layers.LSTM(5, return_sequences=True))
influences = {"Un sentido": influence(one_way), "Dos sentidos": influence(both_ways)}
plot_influence(influences)
plt.show()
backwards = {name: np.tril(values, -1).max() for name, values in influences.items()}
explain(
    f"En blanco, lo que no llega; más oscuro, lo que llega con más fuerza. En un sentido, una entrada mueve las salidas anteriores en "
    f"{backwards['Un sentido']:g}: solo le llega el pasado. En los dos, hasta en "
    f"{backwards['Dos sentidos']:.2f}: cada paso ve la secuencia entera, también la que "
    f"está por llegar."
)

# %% [markdown]
# Para poner nombre a una imagen o a una frase ya escrita, ver lo que sigue es una ventaja. Para pronosticar, es ver
# la respuesta; lo dejamos para la sección 6.
#
# ¿Y el resumen final? La capa que lee hacia atrás acaba en el **primer** paso. Por eso, sin `return_sequences`,
# `Bidirectional` junta el último estado de la que lee hacia delante con el de la que lee hacia atrás **en el primer paso**. Tomar `salida[:,
# -1]` de todos los estados no es lo mismo, como en el ejercicio 16.4:
#
# **Predice**: ¿qué parte de los dos vectores coincidirá?

# %%
summary = layers.Bidirectional(layers.LSTM(5))
every = layers.Bidirectional(layers.LSTM(5, return_sequences=True))
batch = x[:32]  # (lote, tiempo, entrada)
summary(batch), every(batch)  # crean sus pesos
every.set_weights(summary.get_weights())
final, states = summary(batch).numpy(), every(batch).numpy()  # (32, 10), (32, 8, 10)
forward_gap = np.abs(final[:, :5] - states[:, -1, :5]).max()
backward_gap = np.abs(final[:, 5:] - states[:, -1, 5:]).max()
right_gap = np.abs(final[:, 5:] - states[:, 0, 5:]).max()
explain(
    f"La mitad que lee hacia delante coincide (diferencia {forward_gap:g}); la otra no "
    f"({backward_gap:.2f}): en el último paso solo ha leído una fila. Su resumen está en el primero "
    f"(diferencia {right_gap:g})."
)

# %% [markdown]
# ### Ejercicio 24.2 ★ · Lo que cuesta
#
# Cuenta los parámetros de este modelo. Una LSTM de $h$ unidades que lee $d$ características tiene $4(h(h+d)+h)$, como
# viste en la lección 21.
#
# ```python
# keras.Sequential([
#     keras.Input((None, features)),
#     layers.Bidirectional(layers.LSTM(units)),
#     layers.Dense(outputs),
# ])
# ```


# %% tags=["exercise"]
def count_bidirectional(features, units, outputs):
    """Parámetros del modelo, sesgos incluidos."""
    ### BEGIN SOLUTION
    one_direction = 4 * (units * (units + features) + units)
    return 2 * one_direction + outputs * (2 * units + 1)
    ### END SOLUTION


# %% tags=["check"]
count_bidirectional = check("24.2", count_bidirectional)

# %%
counted = count_bidirectional(8, 30, 10)
bidirectional = build_model("bidireccional 30", (8, 8))
print("a mano:", counted, "  Keras:", bidirectional.count_params())

# %% [markdown]
# Con la mitad de unidades por sentido y pocas características, una bidireccional cuesta algo más de la mitad que una LSTM del
# mismo ancho total: $W_h$ crece con el cuadrado. Las redes de esta lección, salvo la logística, rondan los diez mil parámetros.
#
# *Puedes parar aquí: lo que sigue es otra sesión.*
#
# ## 4 · Contra el sobreajuste
#
# La LSTM de la sección 1 acierta más en lo que estudió que en lo nuevo: es **sobreajuste** (*overfitting*).
# El remedio más conocido es el **dropout** (Srivastava y otros, 2014): al entrenar, cada número se anula con
# probabilidad $p$, y los demás se dividen entre $1-p$ para que la suma no cambie en promedio. Al usar la
# red, no se anula nada.
#
# Las capas recurrentes de Keras tienen dos. `dropout` anula características de la **entrada** de cada paso;
# `recurrent_dropout`, unidades del **estado anterior**, ahí donde entra en la recurrencia. ¿Se sortea lo que se anula
# en cada paso? Lo vemos con una capa que copia su entrada.
#
# **Predice**: si entran unos, ¿serán iguales las filas?

# %%
ones = np.ones((1, 5, 6), dtype="float32")  # (lote, tiempo, entrada)
copier = layers.SimpleRNN(6, activation=None, dropout=0.5, return_sequences=True)
copier(ones)
copier.set_weights([np.eye(6), np.zeros((6, 6)), np.zeros(6)])  # h_t = x_t
training_steps = copier(ones, training=True).numpy()[0]  # (tiempo, oculto)
independent = layers.Dropout(0.5)(ones, training=True).numpy()[0]
print("dropout de la capa recurrente, al entrenar:\n", training_steps)
print("una capa Dropout delante, al entrenar:\n", independent)
mask_change = np.ptp(training_steps, axis=0).max()  # entre pasos

# %% [markdown]
# El `dropout` de la capa recurrente sortea **una vez por secuencia** y anula lo mismo en todos los pasos; una capa
# `Dropout` suelta sortea en cada uno. En el estado, la diferencia se multiplica: una unidad llega sin anular a $T$ pasos con
# probabilidad $1-p$ si se sortea una vez y $(1-p)^T$ si se sortea en cada paso. Sortear una vez es lo que propusieron Gal y
# Ghahramani (2016) para las redes recurrentes.
#
# Otra técnica no anula nada: la **normalización por capa** (*layer normalization*; Ba y otros, 2016). A los números de cada
# ejemplo se les resta su media y se dividen entre su desviación típica (más un épsilon); después, cada uno tiene su escala y su
# desplazamiento, que se aprenden. No depende del lote ni de los demás pasos. Ba y otros la ponen dentro de la celda; aquí irá solo tras el
# último estado.
#
# Si sirven, lo dice la medida: cada red con la tasa que más acertó en la validación.
#
# **Predice**: la LSTM de la sección 1, anulando una quinta parte de los números ($p=0.2$), ¿mejorará con `dropout`? ¿Con una
# capa `Dropout` delante? ¿Con `recurrent_dropout`? ¿Y normalizando?

# %%
options = {
    "sin nada": "LSTM 44",
    "dropout": "LSTM 44 con dropout",
    "Dropout delante": "LSTM 44 con Dropout delante",
    "recurrent_dropout": "LSTM 44 con recurrent_dropout",
    "normalización": "LSTM 44 con normalización",
}
by_option = {label: scores(name) for label, name in options.items()}
plain = by_option.pop("sin nada")
gains = {label: paired(values, plain) for label, values in by_option.items()}
clearly_better = [label for label, gain in gains.items() if gain.low > 0]
each_step = paired(by_option["Dropout delante"], by_option["dropout"])

# %%
plot_gaps(
    by_option,
    ("sin nada", plain),
    title=f"Con estas imágenes de prueba, ayudan {len(clearly_better)} de {len(gains)}",
)
plt.show()
explain(
    "Cada marca gris es una repetición y la raya, el intervalo de la media; relleno, si deja fuera el cero. "
    "En puntos, frente a la red sin nada: "
    + "; ".join(f"{label}, {gain.verdict(scale=100)}" for label, gain in gains.items())
    + f". Sortear en cada paso, frente a una vez por secuencia: {each_step.verdict(scale=100)}."
)

# %% [markdown]
# Entre el `dropout` de la capa y la capa `Dropout` cambian cada cuánto se sortea y la tasa, que cada una eligió la suya. Una característica es una **columna** de la
# imagen (la primera figura): anularla en todos los pasos borra una raya vertical del dígito; sorteando en cada paso se borran píxeles
# sueltos. Mira también las marcas grises: con una sola repetición, ¿cuántos remedios habrían parecido lo contrario de lo que son?
#
# Las imágenes de la prueba son pocas y siempre las mismas. ¿Y con otras?

# %%
plain_elsewhere = scores("LSTM 44", "validation")
elsewhere = {
    label: paired(scores(options[label], "validation"), plain_elsewhere) for label in by_option
}
explain(
    "Las mismas redes, frente a la red sin nada, con las imágenes de la validación: "
    + "; ".join(f"{label}, {gap.verdict(scale=100)}" for label, gap in elsewhere.items())
    + "."
)

# %% [markdown]
# Nada de esto es una ley: solo la normalización sale clara con las dos. `recurrent_dropout` deja de verse y aparece la capa `Dropout`.

# %%
seconds = {label: np.median(scores(name, "seconds")) for label, name in options.items()}
explain(
    f"Entrenar con `recurrent_dropout` costó {seconds['recurrent_dropout'] / seconds['sin nada']:.2f} "
    f"veces lo que sin él, en un núcleo de procesador."
)

# %% [markdown]
# En una tarjeta gráfica, además, Keras no puede usar con él la versión rápida de cuDNN.
#
# ## 5 · ¿Qué parte hace el trabajo?
#
# Hasta aquí la salida ha mirado solo el último estado. Se puede leer de otras maneras, y hasta se puede **quitar la
# recurrencia**. Para saber qué pone cada parte se hace una **ablación** (*ablation*): se quita o se cambia una cada vez y se vuelve
# a medir.
#
# - **Último estado**: la LSTM de la sección 1.
# - **Media de los estados**: los ocho estados se promedian. La salida no sabe de qué paso viene nada.
# - **Todos, en fila**: los ocho estados se ponen uno detrás de otro (`Flatten`). Cada paso tiene sus propios pesos en la salida.
# - **Sin recurrencia, en fila**: lo mismo, y en vez de la LSTM, una capa densa que mira **cada fila por separado**. Nada pasa de un
#   paso a otro: no hay memoria.
#
# Los cuatro con las mismas imágenes, en el mismo orden, y el mismo número de actualizaciones; la tasa, la mejor de cada uno.
# Para que todos tengan unos diez mil parámetros, cambia el número de unidades; en la última, también la activación, que es ReLU.
#
# **Predice**: ordénalos. ¿Cuánto perderá la última por no tener memoria?

# %%
readings = {
    "último estado": "LSTM 44",
    "media de los estados": "media de los estados 44",
    "todos, en fila": "todos los estados 38",
    "sin recurrencia, en fila": "sin recurrencia, todo 110",
}
by_reading = {label: scores(name) for label, name in readings.items()}
last, averaged, flattened, memoryless = by_reading.values()
memory_in_row = paired(flattened, memoryless)

# %%
plot_repeats(
    by_reading,
    title=f"Leyendo en fila: con memoria, {100 * flattened.mean():.1f} %; sin ella, {100 * memoryless.mean():.1f} %",
    xlabel="acierto en la prueba (%)",
)
plt.show()
explain(
    "Veinte repeticiones de cada una; la barra es la media: "
    + "; ".join(f"{label}, {100 * values.mean():.1f} %" for label, values in by_reading.items())
    + f". Leerlos todos en fila en vez del último: {paired(flattened, last).verdict('puntos', scale=100)}. "
    f"Quitar la memoria y leer en fila, frente al último estado: "
    f"{paired(memoryless, last).verdict('puntos', scale=100)}."
)

# %% [markdown]
# Falta una combinación: sin recurrencia **y** con la media. Esa red solo sabe qué filas hay, no en qué orden.
#
# **Predice**: ¿cuánto acertará?

# %%
unordered = scores("sin recurrencia, media 500")
memory_in_mean = paired(averaged, unordered)
print("acierto en la prueba (%)   media   en fila")
print(f"con LSTM                   {100 * averaged.mean():.1f}      {100 * flattened.mean():.1f}")
print(f"sin recurrencia            {100 * unordered.mean():.1f}      {100 * memoryless.mean():.1f}")
explain(
    f"Lo que pone la LSTM si se lee la media: {memory_in_mean.verdict('puntos', scale=100)}; si se lee en "
    f"fila: {memory_in_row.verdict('puntos', scale=100)}."
)

# %% [markdown]
# La red que no sabe en qué orden van las filas es la peor, con mucha diferencia. El orden se le puede dar de dos maneras: con una
# **memoria** que pase de fila en fila o con una **lectura por posición**, con pesos propios para cada paso. Cuando falta la lectura, la
# memoria pone casi toda la diferencia; cuando está, a la memoria le queda muy poco que añadir. Y una red **sin memoria**, leída en fila, no se distingue de la
# LSTM que contesta con su último estado: aquí, leer por posición hace el trabajo de recordar.
#
# Por eso, antes de decir qué hace la recurrencia, se quita. Leer por posición tiene un precio: pide que todas las secuencias midan lo
# mismo y que cada cosa caiga siempre en el mismo paso, como pasa con estos dígitos y no con una frase.
#
# ### Y las demás
#
# Pongamos al lado una red **densa** (*dense*), que recibe los 64 píxeles de golpe, y una **convolucional** (*convolutional*), que pasa
# por toda la imagen filtros de 3 × 3 píxeles. Entre medias, `MaxPooling2D(2)` se queda con el mayor número de cada cuadro de 2 × 2: deja
# la mitad de filas y de columnas. `Reshape` añade el eje que `Conv2D` espera al final, el de los números de cada píxel: aquí, uno. Así es,
# capa a capa, con la forma de lo que sale de cada una.

# %%
network = build_model("convolucional 16", (8, 8))
for layer in network.layers:
    print(f"{type(layer).__name__:13s} {layer.output.shape[1:]}")

# %% [markdown]
# La convolucional da por sabido que los vecinos importan. ¿Le sirve de algo? El control: entrenarla con los mismos píxeles
# **cambiados de sitio**, de la misma manera en todas las imágenes, y con la misma tasa. No se pierde ningún dato, y a la densa le daría igual (solo cambia
# el orden de sus pesos); lo que se pierde es quién es vecino de quién.
#
# **Predice**: ¿cuáles quedarán a la derecha de la LSTM de la sección 1? ¿Y la convolucional con los píxeles barajados?

# %%
rivals = {
    "logística": "logística",
    "densa": "densa 128",
    "convolucional": "convolucional 16",
    "convolucional, barajada": "convolucional 16, píxeles barajados",
    "dos LSTM apiladas": "apilada 28",
    "LSTM en dos sentidos": "bidireccional 30",
}
by_rival = {label: scores(name) for label, name in rivals.items()}
neighbours = paired(by_rival["convolucional"], by_rival["convolucional, barajada"])
stacking = paired(by_rival["dos LSTM apiladas"], last)
both_senses = paired(by_rival["LSTM en dos sentidos"], last)

# %%
plot_gaps(
    by_rival,
    ("una LSTM, último estado", last),
    title="Lo que saca o pierde cada red frente a una LSTM",
)
plt.show()
explain(
    f"Veinte parejas. Apilar dos LSTM con los parámetros de una: {stacking.verdict('puntos', scale=100)}. "
    f"Leer en los dos sentidos: {both_senses.verdict('puntos', scale=100)}. La convolucional frente a ella "
    f"misma con los píxeles barajados: {neighbours.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Por qué una queda más a la derecha que otra no lo dice esta figura, salvo en un caso, el que tiene su control: la convolucional y la
# barajada solo se diferencian en quién es vecino de quién. (Es un barajado; no hemos probado otros).
#
# ¿Cuál elegirías? Mirar la prueba de todas y quedarse con la mejor sería hacerse trampa: de muchas redes, alguna tiene suerte. Se
# elige con la **validación**, y el número que se publica es el de la prueba de la elegida.

# %%
others = ["logística", "densa 128", "convolucional 16", "sin recurrencia, todo 110"]
recurrent = [*options.values(), *list(readings.values())[1:3], "apilada 28", "bidireccional 30"]


def best_of(names):
    """La red que más acierta en la validación."""
    return max(names, key=lambda name: scores(name, "validation").mean())


chosen, chosen_other = best_of(recurrent), best_of(others)
between = paired(scores(chosen), scores(chosen_other))
explain(
    f"La mejor recurrente en validación es «{chosen}»: en la prueba acierta el "
    f"{100 * scores(chosen).mean():.1f} %. La mejor de las otras, «{chosen_other}»: el "
    f"{100 * scores(chosen_other).mean():.1f} %. La primera frente a la segunda: "
    f"{between.verdict('puntos', scale=100)}."
)

# %% [markdown]
# ¿Nos lo creemos? Comparemos lo guardado con lo que acabas de entrenar en la sección 1. Con `FAST = False` se repiten
# también las dos elegidas.

# %%
live = {"LSTM 44": live_lstm["test"], "logística": logistic["test"]}
if not FAST:
    for name in (chosen, chosen_other):
        rate = measured["rate"][measured["model"] == name][0]
        (row,) = measure(name, **digit_data, seeds=[SEED], rate=float(rate))
        live[name] = row["test"]
for name, value in live.items():
    low, high = 100 * scores(name).min(), 100 * scores(name).max()
    print(f"{name}: aquí, {100 * value:.1f} %; lo guardado va de {low:.1f} a {high:.1f} %")

# %% [markdown]
# **Qué no hemos demostrado**. Los intervalos cuentan lo que cambia al repetir el entrenamiento, no lo que cambiaría con otras imágenes
# de prueba: son unos cientos, y en una diferencia de medio punto caben dos. (En la validación, las dos elegidas casi empatan). Son dígitos pequeños, escritos por pocas personas y siempre
# centrados. De ocho pasos no se sigue nada sobre ochenta.
#
# El mismo código vale para imágenes de otro tamaño. Con `MNIST = True` se entrena con 28 pasos de 28 características. La LSTM que da
# su último estado lee cualquier número de filas con los mismos pesos; leer por posición pide una salida más ancha por cada paso. Con una
# repetición y una sola tasa, lo que imprime es para curiosear, no para decidir.


# %%
def compare_on(images, labels):
    """Entrena varias redes con unas imágenes cuadradas e imprime su acierto."""
    for name in ("densa 128", *readings.values()):
        (row,) = measure(name, images, labels, seeds=[SEED], epochs=5, rate=0.01)
        print(f"{name:25s} {row['params']:6d} parámetros, acierto {100 * row['test']:.1f} %")


if MNIST:
    big = load_mnist()
    compare_on(big.x_train[:10_000], big.y_train[:10_000])
print("28 filas:", build_model("LSTM 44", (28, 28))(np.zeros((2, 28, 28))).shape)

# %% [markdown]
# ## 6 · Rómpelo y arréglalo: el pronosticador perfecto
#
# Un esquema que tienta: pronosticar el paso siguiente con una red bidireccional, «porque usa más
# contexto». En cada paso $t$ de una ventana se pide el valor de $t+1$. Vamos a probarlo con una serie **imposible de
# predecir**: números al azar, cada uno independiente de los demás. Mediremos con $R^2$: la parte de la variación que
# el pronóstico explica. Cero es lo que logra quien contesta siempre la media; uno, la perfección.

# %%
noise = rng.normal(size=(1_280, 21, 1)).astype("float32")  # (lote, tiempo, 1)
past, following = noise[:, :-1], noise[:, 1:]  # en cada paso, el valor que sigue
fit_part, new_part = slice(0, 1_024), slice(1_024, None)


def forecaster(bidirectional):
    """Un pronóstico del valor siguiente en cada paso."""
    layer = layers.SimpleRNN(16, return_sequences=True)
    reader = layers.Bidirectional(layer) if bidirectional else layer
    return keras.Sequential([keras.Input((None, 1)), reader, layers.Dense(1)])


def skill_by_step(model):
    """R² en datos nuevos, paso a paso: (tiempo,)."""
    errors = model(past[new_part]).numpy() - following[new_part]
    return 1 - np.mean(errors**2, axis=0)[:, 0] / following[new_part].var(axis=0)[:, 0]


# %% [markdown]
# **Predice**: ¿qué $R^2$ tendrá cada red en datos nuevos?

# %%
forecasters = {"dos sentidos": forecaster(True), "un sentido": forecaster(False)}
for network in forecasters.values():
    network.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", steps_per_execution=8)
    network.fit(
        past[fit_part], following[fit_part], batch_size=128, epochs=15 if FAST else 60, verbose=0
    )
skills = {name: skill_by_step(network) for name, network in forecasters.items()}
plot_skill_by_step(skills, title="Predice lo impredecible… menos cuando hace falta")
plt.show()
explain(
    f"En un sentido, el R² medio es {skills['un sentido'].mean():.2f}: no hay nada que predecir. En los "
    f"dos, {skills['dos sentidos'][:-1].mean():.3f} en todos los pasos menos el último, donde cae a "
    f"{skills['dos sentidos'][-1]:.2f}."
)

# %% [markdown]
# Ese es el síntoma: predice el azar. La capa que lee hacia atrás ya ha pasado por $t+1$ cuando llega a $t$, y solo
# tiene que copiarlo. No pronostica: **lee la respuesta**. Es una **fuga** (*leak*), y los datos nuevos no la delatan,
# porque en ellos la respuesta también está delante. Solo se ve en el último paso de la ventana, el único en que el
# futuro no existe: justo el que se usa de verdad.
#
# En una serie que sí se puede predecir, un R² alto no haría sospechar. Hace falta una prueba que no dependa de los datos. Ya la
# tienes dibujada en la sección 3: **cambia el futuro y mira el presente**.
#
# ### Ejercicio 24.3 ★★★ · Demuestra la fuga
#
# `predict` es cualquier función de (lote, tiempo, entrada) a (lote, tiempo, salida): una red, o lo que sea.
# Devuelve `True` si lo que contesta en **algún** paso depende de entradas posteriores. Prueba con todos los pasos y
# con cambios al azar, sin tocar `x`. Y cuenta con el redondeo: una diferencia menor que una millonésima no es una
# fuga.


# %% tags=["exercise"]
def sees_future(predict, x):
    """¿Mira el futuro? predict: (lote, tiempo, entrada) → (lote, tiempo, salida)."""
    before = predict(x)
    noise = np.random.default_rng(0).normal(size=x.shape)
    for t in range(x.shape[1] - 1):
        ### BEGIN SOLUTION
        changed = x.copy()
        changed[:, t + 1 :] += noise[:, t + 1 :]  # otro futuro
        after = predict(changed)
        if np.abs(after - before)[:, : t + 1].max() > 1e-6:  # hasta el presente
            return True
        ### END SOLUTION
    return False


# %% tags=["check"]
sees_future = check("24.3", sees_future)

# %% [markdown]
# Hay fugas más discretas. Una frecuente: restar a cada ventana **su propia media**, que incluye lo que está por
# llegar.
#
# **Predice**: de estos cuatro, ¿cuáles miran el futuro?

# %%
window = past[:4]  # (4, 20, 1)
suspects = {
    "un sentido": forecasters["un sentido"],
    "dos sentidos": forecasters["dos sentidos"],
    "un sentido, restando la media de la ventana": lambda x: forecasters["un sentido"](
        x - x.mean(axis=1, keepdims=True)
    ),
    "un sentido, restando la media hasta cada paso": lambda x: forecasters["un sentido"](
        x - x.cumsum(axis=1) / np.arange(1, x.shape[1] + 1)[:, None]
    ),
}
verdicts = {name: sees_future(predict, window) for name, predict in suspects.items()}
for name, verdict in verdicts.items():
    print(f"{name:46s} {'mira el futuro' if verdict else 'solo mira el pasado'}")

# %% [markdown]
# El arreglo: para pronosticar, leer en un solo sentido y no usar nada que incluya lo que se va a pronosticar. Hay un
# uso legítimo de la bidireccional en un pronóstico: que lea en los dos sentidos una ventana **ya pasada** y conteste
# una sola cosa, lo que viene **después** de ella. La pregunta es siempre la misma: cuando se use de verdad, ¿estará
# ese dato?
#
# ## 7 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Sin return_sequences, Keras se niega a apilar", refused, "==", True, kind="identidad"),
    claim("En un sentido, ninguna entrada mueve las salidas anteriores", backwards["Un sentido"], "<", 1e-6, kind="identidad"),
    claim("En los dos, sí", backwards["Dos sentidos"], ">", 1e-4),
    claim("En el último paso, la mitad que lee hacia atrás no es el resumen", backward_gap, ">", 1e-2),
    claim("El resumen de la que lee hacia atrás está en el primer paso", right_gap, "<", 1e-5, kind="identidad"),
    claim("El dropout de una capa recurrente anula lo mismo en todos los pasos", mask_change, "==", 0, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("La LSTM acierta más en lo que estudió que en lo nuevo", live_lstm["train"] - live_lstm["test"], ">", 0.005),
    claim("Sin leer por posición, la memoria pone más de diez puntos", memory_in_mean.low, ">", 0.1, kind="identidad"),
    claim("De los remedios, solo la normalización sale clara con las imágenes de la prueba y con las de la validación",
          [n for n in gains if gains[n].low > 0 and elsewhere[n].low > 0] == ["normalización"], "==", True, kind="identidad"),
    claim("Leyendo por posición, menos de dos", memory_in_row.high, "<", 0.02, kind="identidad"),
    claim("Apilar, con los mismos parámetros, pierde", stacking.high, "<", 0, kind="identidad"),
    claim("Sin memoria, leer por posición pone más de diez puntos", paired(memoryless, unordered).low, ">", 0.1, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("En un sentido, nadie predice números al azar", skills["un sentido"].mean(), "<", 0.05),
    claim("En los dos, al pronóstico casi no le queda error", 1 - skills["dos sentidos"][:-1].min(), "<", 0.12),
    claim("Salvo en el último paso, el único en que no puede leer la respuesta",
          skills["dos sentidos"][-1], "<", 0.3),
    claim("Cambiar el futuro descubre a la red de dos sentidos", verdicts["dos sentidos"], "==", True, kind="identidad"),
    claim("Y absuelve a la de uno", verdicts["un sentido"], "==", False, kind="identidad"),
    claim("Restar la media de la ventana es una fuga",
          verdicts["un sentido, restando la media de la ventana"], "==", True, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Para **apilar**, todas las capas menos la última llevan `return_sequences=True`.
# - Una **bidireccional** ve en cada paso la secuencia entera, y cuesta dos redes. El resumen de la que lee hacia atrás está en el
#   primer paso. Aquí, a igual número de parámetros, apilar perdió algo y leer en los dos sentidos no dio una diferencia clara.
# - Un remedio **ayuda** si, pareja a pareja y con bastantes repeticiones, el intervalo de la diferencia deja fuera el cero. El
#   `dropout` de una capa recurrente anula lo mismo en todos los pasos; una capa `Dropout`, no.
# - Para saber qué pone una parte de la red, se quita. En estos dígitos importa mucho saber en qué fila está cada trazo: lo da una
#   memoria o lo da la lectura por posición, y con la segunda la primera casi sobra.
# - La tasa de cada red, y la red, se eligen en la validación; lo que se publica es la prueba de la elegida.
# - Pronosticar con una red que lee en los dos sentidos es leer la respuesta. Se demuestra **cambiando el futuro y
#   mirando el presente**.
#
# ## Errores frecuentes
#
# - Arreglar con `RepeatVector` el error de un `return_sequences` olvidado.
# - Tomar `salida[:, -1]` de una capa bidireccional como su resumen.
# - Elegir la red por su acierto en la prueba, o con una sola repetición.
# - Comparar dos redes con la misma tasa, que a una le viene bien y a la otra no.
# - Decir qué pone la recurrencia sin haberla quitado.
# - Creer que una bidireccional pronostica mejor porque «usa más contexto».
# - Normalizar cada ventana con una media que incluye lo que se va a pronosticar.
#
# ## Para saber más
#
# - M. Schuster y K. K. Paliwal (1997), *Bidirectional recurrent neural networks*, IEEE Transactions on Signal
#   Processing 45.
# - N. Srivastava y otros (2014), *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15.
# - J. L. Ba, J. R. Kiros, G. E. Hinton (2016), *Layer normalization*, arXiv 1607.06450.
# - Y. Gal y Z. Ghahramani (2016), *A theoretically grounded application of dropout in recurrent neural networks*,
#   NIPS 29.
#
# **Siguiente**: [25 · Ventas](25_ventas.ipynb), donde LSTM y GRU se enfrentan en un problema de negocio, con sus referencias.

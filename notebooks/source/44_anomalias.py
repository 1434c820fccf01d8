# %% [markdown]
# # 44 · Anomalías
#
# **Un sensor se estropea sin avisar. ¿Lo descubre antes una red que ha aprendido a copiar, o una mediana y una resta? ¿Y cómo se
# puntúa eso sin engañarse?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a poner un umbral sin etiquetas; a puntuar por sucesos, retraso y avisos falsos, y a sacar con ruido una nota alta en la métrica que muchos artículos publican; a montar un predictor y un autocodificador recurrentes y a saber qué fallo ve cada uno; a arreglar un autocodificador que lo copia todo; a detectar sin mirar el futuro los sucesos de una lista publicada |
# | **Antes de empezar** | [22 · GRU](22_gru.ipynb), [25 · Ventas](25_ventas.ipynb) y [41 · Pronóstico honesto](41_pronostico_honesto.ipynb); de la [34](34_encoder_decoder.ipynb) basta con saber qué es un codificador y un decodificador |
# | **Tiempo** | 90 minutos de lectura y ejercicios, en dos ratos: el primero, algo más largo, acaba con la sección 3; medio minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow y scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: las redes en directo, con el doble de épocas
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from sklearn.metrics import average_precision_score

from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired
from course_utils.datasets import load_elnino, load_own_series, load_result, load_weather
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_44 import (
    COASTAL_EVENTS,
    COLUMNS,
    plot_coastal,
    plot_detector_networks,
    plot_fault_map,
    plot_faults,
    plot_levels,
    plot_noise,
    plot_scores,
    repeats,
    windows,
)
from course_utils.synthetic import FAULT_KINDS, sensor
from course_utils.training import keras_progress

# %% [markdown]
# ## 1 · Seis maneras de fallar
#
# **Detectar anomalías** (*anomaly detection*) es encontrar las medidas que no encajan con lo que se espera ahí. En este curso «anomalía» ya es
# cuánto se aparta un valor de lo habitual, así que a lo que se busca lo llamaremos **fallo** o **suceso** (*event*). El problema es que
# casi nunca hay etiquetas: nadie ha señalado los fallos pasados, y el de mañana puede ser de otra clase. Se aprende **lo normal** y se
# avisa de lo que se aparta. Para saber si eso funciona hace falta la verdad, así que usamos un sensor generado: el caudal que entra en un barrio, cada
# media hora. Son ocho semanas limpias para aprender, dos de **calibración** para poner el umbral y diecisiete de prueba, con cuatro
# fallos de cada clase.

# %%
PER_DAY, WEEK = 48, 7 * 48  # medidas
data = sensor(190, faults=4, clean_days=70, seed=200 + SEED)
values, count = data.values, len(data.values)
train, calm, test = (
    slice(0, 56 * PER_DAY),
    slice(56 * PER_DAY, 70 * PER_DAY),
    slice(70 * PER_DAY, None),
)
kinds, faulty = data.truth.kinds, data.truth.faulty  # solo para puntuar: un detector no los ve
events = [(start, end) for _, start, end in data.truth.faults]
first = {kind: next(f for f in data.truth.faults if f.kind == kind) for kind in FAULT_KINDS}

# %%
excerpts, spans = {}, {}
for kind, (_, start, end) in first.items():
    shown = slice(start - 20, end + 20)
    excerpts[kind] = np.stack([values[shown], data.truth.clean[shown]])
    spans[kind] = (20, 20 + end - start)
plot_faults(excerpts, spans, unit="caudal (l/s)", title="Un fallo de cada clase, sobre fondo")
plt.show()
low, high = values[train].min(), values[train].max()
beyond = ((values < low) | (values > high))[faulty].mean()
explain(
    f"En azul, lo medido; de puntos, lo que se habría medido sin el fallo. De las medidas con fallo, "
    f"solo el {100 * beyond:.0f} % se sale de lo visto en el entrenamiento, de {low:.1f} a "
    f"{high:.1f} l/s."
)

# %% [markdown]
# Un **pico** (*spike*) dura una medida o dos; un **escalón** (*level shift*), de medio día a dos; una **deriva** (*drift*) se aparta
# poco a poco; un sensor **atascado** (*stuck*) repite la última medida; en el **cambio de ritmo** (*seasonal outlier*), el día va más
# deprisa; y **fuera de hora** (*contextual outlier*), el valor es corriente, pero a otra hora. Casi todos toman valores que ya se habían
# visto: mirar si uno es grande o pequeño no basta. Lo raro es el valor **en su contexto**.
#
# **Predice**: ¿cuál de los seis será el más difícil? ¿Cambiará según el detector?
#
# ## 2 · Una mediana y una resta
#
# El detector más sencillo que tiene en cuenta el contexto empieza por **lo habitual**: la mediana de cada media hora en el
# entrenamiento, con los laborables por un lado y el fin de semana por otro. Cuánto se aparta de ella cada medida es su **anomalía**, como en
# las lecciones 11 y 25. Dividida entre lo que suele apartarse, es el **z robusto estacional** (*robust seasonal z-score*). ¿Por qué
# medianas? Porque un fallo en el entrenamiento mueve mucho una media y apenas una mediana.


# %%
def usual(values, known):
    """Lo habitual en cada medida, con las `known` primeras: (n,)."""
    steps = np.arange(len(values))
    place = steps % PER_DAY + PER_DAY * (
        steps // PER_DAY % 7 >= 5
    )  # media hora, aparte el fin de semana
    medians = [np.median(values[:known][place[:known] == k]) for k in range(2 * PER_DAY)]
    return np.array(medians)[place]


def robust_spread(values):
    """Una desviación típica que aguanta unos cuantos valores disparatados."""
    return 1.4826 * np.median(np.abs(values - np.median(values)))


away = values - usual(values, train.stop)  # la anomalía, en l/s
anomaly = away / robust_spread(away[train])  # la anomalía, en desviaciones
scores = {"z": np.abs(anomaly)}

# %% [markdown]
# La **desviación absoluta mediana** (*median absolute deviation*, MAD) es la mediana de cuánto se aparta cada valor de la mediana. En
# una distribución normal, 1,4826 veces la MAD es la desviación típica.
#
# Falta el umbral: ¿a partir de qué puntuación se avisa? Con etiquetas se elegiría el que más acierta; sin ellas solo hay puntuaciones, y
# quizá con algún fallo dentro.
#
# ### Ejercicio 44.1 ★ · Un umbral robusto
#
# Devuelve la mediana de las puntuaciones más `multiple` veces su desviación típica **estimada con la MAD**. Las medidas sin puntuación
# llegan como NaN y no cuentan.


# %% tags=["exercise"]
def robust_threshold(scores, multiple):
    """Un umbral que unas cuantas puntuaciones enormes apenas mueven. scores: (n,)."""
    ### BEGIN SOLUTION
    known = scores[~np.isnan(scores)]
    centre = np.median(known)
    spread = 1.4826 * np.median(np.abs(known - centre))
    return centre + multiple * spread
    ### END SOLUTION


# %% tags=["check"]
robust_threshold = check("44.1", robust_threshold)

# %% [markdown]
# ¿De verdad aguanta? Calibramos con las dos semanas limpias y, después, con las diecisiete de la prueba, que tienen fallos y nadie los ha
# señalado. Al lado, la receta de siempre, la media más unas cuantas desviaciones típicas: aquí seis, el mismo múltiplo.
#
# **Predice**: ¿cuánto subirá cada umbral?

# %%
recipes = {
    "media y desviación": lambda scores: scores.mean() + 6 * scores.std(),
    "mediana y MAD": lambda scores: robust_threshold(scores, 6),
}
rises, caught = {}, {}
for name, recipe in recipes.items():
    clean, dirty = recipe(scores["z"][calm]), recipe(scores["z"][test])
    rises[name] = dirty / clean
    caught[name] = (scores["z"] > dirty)[faulty].mean()
    print(f"{name:19s} limpia {clean:5.1f}   con fallos {dirty:5.1f}")
explain(
    f"Con fallos en la calibración, la media y la desviación multiplican el umbral por "
    f"{rises['media y desviación']:.1f} y solo pasa el {100 * caught['media y desviación']:.0f} % de las "
    f"medidas con fallo; la mediana y la MAD, por {rises['mediana y MAD']:.1f}, y pasa el "
    f"{100 * caught['mediana y MAD']:.0f} %."
)

# %% [markdown]
# Con la media, los fallos suben el umbral y así se esconden unos a otros: a eso se le llama **enmascaramiento** (*masking*). Al robusto
# también lo suben, pero bastante menos.

# %%
THREE_WEEKS = slice(test.start, test.start + 3 * WEEK)


def show(scores, thresholds, title):
    """Tres semanas de la prueba con unas puntuaciones."""
    inside = [(s - test.start, e - test.start) for s, e in events if e <= THREE_WEEKS.stop]
    pieces = {name: found[THREE_WEEKS] for name, found in scores.items()}
    options = {"unit": "l/s", "per_day": PER_DAY, "title": title}
    plot_scores(values[THREE_WEEKS], pieces, thresholds, inside, **options)
    plt.show()


limit = robust_threshold(scores["z"][calm], 6)
show(scores, {"z": limit}, "Tres semanas de prueba, y el z robusto")
above = scores["z"][test] > limit
explain(
    "Sobre fondo, los fallos; de rayas, el umbral. En toda la prueba, la puntuación lo pasa en el "
    f"{100 * above[faulty[test]].mean():.0f} % de las medidas con fallo y en el "
    f"{100 * above[~faulty[test]].mean():.2f} % de las demás."
)

# %% [markdown]
# ## 3 · Puntuar sin engañarse
#
# A quien vigila el sensor no le importan las medidas, sino los **sucesos**: si se entera de cada uno, cuánto tarda y cuántas veces lo
# despiertan para nada. Una puntuación que parpadea no son veinte avisos, así que tras cada **aviso** (*alert*) se calla seis horas.
#
# ### Ejercicio 44.2 ★★ · Sucesos y avisos falsos
#
# `alarms` dice en qué medidas hay alarma; `events` son parejas (primera medida, la que sigue a la última). Devuelve dos cosas:
#
# - **cuántos sucesos se encuentran**: los que tienen dentro alguna alarma;
# - **cuántos avisos falsos hay a la semana**. No cuentan las alarmas de dentro de un suceso ni las de las `quiet` medidas que lo
#   siguen: quien ha ido a mirar sigue allí. De las que quedan, la primera es un aviso, y calla a las de las `quiet` medidas siguientes;
#   la primera que llegue después es otro, y así hasta el final. `week` son las medidas de una semana.


# %% tags=["exercise"]
def score_alarms(alarms, events, quiet, week):
    """Sucesos encontrados y avisos falsos por semana. alarms: (n,), de sí y no."""
    ### BEGIN SOLUTION
    found = sum(bool(alarms[start:end].any()) for start, end in events)
    outside = alarms.copy()
    for start, end in events:
        outside[start : end + quiet] = False
    false, free = 0, 0  # avisos falsos y primera medida en que se puede volver a avisar
    for step in np.flatnonzero(outside):
        if step >= free:
            false, free = false + 1, step + quiet + 1
    return found, false / (len(alarms) / week)
    ### END SOLUTION


# %% tags=["check"]
score_alarms = check("44.2", score_alarms)

# %% [markdown]
# Quien siempre avisa encuentra todos los sucesos y despierta a alguien cada seis horas: por eso van los dos números juntos. Ahora sí se
# puede elegir el múltiplo, **sin etiquetas**: el menor con el que, en las semanas de calibración, se avise como mucho una vez cada dos
# semanas. Solo se supone que en ellas casi todo es normal. Dos semanas son pocas para eso; juntamos las de seis sensores que ha medido un
# programa aparte, ninguno de ellos el tuyo.

# %%
QUIET = PER_DAY // 4
grid = load_result("anomalias")
print(grid.script, "·", len(grid["area"]), "filas ·", grid.machine)
methods = list(dict.fromkeys(grid["method"]))
multiples = np.unique(grid["multiple"])


def rows(method, multiple=multiples[0]):
    """Qué filas son de un detector con un umbral, una por sensor; el área es la misma en todos."""
    return (grid["method"] == method) & (grid["multiple"] == multiple)


def calm_multiple(method):
    """El menor múltiplo que avisa poco en calibración; si ninguno, el mayor."""
    calls = [grid["calibration"][rows(method, multiple)].mean() for multiple in multiples]
    quiet = np.array(calls) <= 0.5  # avisos por semana
    return multiples[np.argmax(quiet)] if quiet.any() else multiples[-1]  # argmax: el primero


# %%
def judge(scores, multiple):
    """Sucesos, avisos falsos por semana y horas que se tarda, con un umbral robusto."""
    alarms = scores > robust_threshold(scores[calm], multiple)
    found, false = score_alarms(alarms[test], moved(events), QUIET, WEEK)
    delays = [np.flatnonzero(alarms[s:e])[0] / 2 for s, e in events if alarms[s:e].any()]  # horas
    return found, false, np.mean(delays) if delays else np.nan


def moved(events):
    """Los sucesos, contados desde el principio de la prueba."""
    return [(start - test.start, end - test.start) for start, end in events]


z_report = judge(scores["z"], calm_multiple("z"))
explain(
    f"Con un múltiplo de {calm_multiple('z'):g}, el z robusto encuentra {z_report[0]} de los "
    f"{len(events)} fallos, da {z_report[1]:.1f} avisos falsos por semana y tarda {z_report[2]:.1f} "
    "horas de media en los que encuentra."
)

# %% [markdown]
# (El retraso medio es solo de los que encuentra: quien encuentra menos puede parecer más rápido). Y hace falta una métrica que no
# dependa del umbral: el **área de precisión y exhaustividad** (`precision-recall`; también, precisión media). De cada cien alarmas, cuántas son de un fallo
# es la precisión; de cada cien medidas con fallo, cuántas se señalan, la exhaustividad; el área promedia la primera al bajar el
# umbral. Quien puntúa al azar saca la parte de medidas que son fallos.
#
# ### La métrica que se publica
#
# Muchos artículos dan otra: la **F1 con ajuste de puntos** (*point-adjusted F1*). Con $A$ aciertos, $F$ falsas alarmas y $P$ medidas con
# fallo, la precisión es $A/(A+F)$ y la exhaustividad, $A/P$; la F1 es su media armónica, $2A/(A+F+P)$. El ajuste parece razonable: si hay
# **una** alarma dentro de un suceso, alguien irá a mirar, así que se cuentan como aciertos **todas** sus medidas. Y el umbral, el que más
# convenga.
#
# **Predice**: ¿qué F1 sacaría quien avisara al azar, sin mirar el sensor?
#
# ### Ejercicio 44.3 ★★ · Gana puntos con ruido
#
# Alguien avisa en cada medida con probabilidad `rate`, sin mirar nada. `lengths` son las medidas que dura cada suceso; `normal`, cuántas
# medidas no tienen fallo. Devuelve la F1 con ajuste de puntos que cabe esperar: con los aciertos y las falsas alarmas **esperados** en la
# fórmula. Ayuda: ¿con qué probabilidad cae al menos una alarma en un suceso de $L$ medidas?


# %% tags=["exercise"]
def noise_f1(lengths, normal, rate):
    """F1 ajustada de quien avisa al azar. lengths: (sucesos,)."""
    ### BEGIN SOLUTION
    seen = 1 - (1 - rate) ** lengths  # probabilidad de que caiga alguna alarma dentro
    hits = (seen * lengths).sum()  # con el ajuste, cuentan todas sus medidas
    false = rate * normal
    return 2 * hits / (hits + false + lengths.sum())
    ### END SOLUTION


# %% tags=["check"]
noise_f1 = check("44.3", noise_f1)

# %%
rates = np.geomspace(0.003, 0.5, 25)
lengths, normal = np.array([end - start for start, end in events]), int((~faulty[test]).sum())
expected = np.array([noise_f1(lengths, normal, rate) for rate in rates])
blind = np.random.default_rng(SEED).random(count)  # una puntuación que no mira nada


def adjusted_f1(alarms):
    """La F1 tras dar por señalado entero cada suceso con alguna alarma."""
    hits = sum(end - start for start, end in moved(events) if alarms[start:end].any())
    return 2 * hits / (hits + (alarms & ~faulty[test]).sum() + faulty[test].sum())


simulated = np.array([adjusted_f1(blind[test] > 1 - rate) for rate in rates])
plain = max(2 * (a & faulty[test]).sum() / (a.sum() + faulty[test].sum())
            for a in (blind[test] > 1 - rate for rate in rates))  # fmt: skip

# %%
published = {name: grid["adjusted"][rows(name)].mean() for name in methods}
compared = ("z", "autocodificador, tal cual", "bosque, tal cual")
noise_best = expected.max()
title = f"Sin mirar nada, una F1 ajustada de {noise_best:.2f}"
plot_noise(rates, expected, simulated, {name: published[name] for name in compared}, title=title)
plt.show()
pairs = {
    c: (grid[c][rows("azar")], grid[c][rows("bosque, tal cual")]) for c in ("adjusted", "area")
}
ahead_of, area_behind = paired(*pairs["adjusted"]), paired(*pairs["area"])
explain(
    f"Línea, lo esperado; círculos, un sorteo. Avisando en el {100 * rates[expected.argmax()]:.0f} % de "
    f"las medidas, el ruido llega a {noise_best:.2f}; sin el ajuste, a {plain:.2f}. Las rayas son medias "
    f"de seis sensores, cada uno con su mejor umbral; el autocodificador y el bosque de aislamiento "
    f"llegan en las secciones 4 y 5. Frente a ese bosque, que sí mira, la F1 ajustada "
    f"del azar: {ahead_of.verdict('puntos', scale=100)}. Su área: "
    f"{area_behind.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Los sucesos largos son fáciles de tocar por azar, y cada toque regala el suceso entero. Con esta métrica, **Kim y otros (2022)** vieron, en
# varios conjuntos de datos conocidos, que una puntuación al azar queda a la altura de lo mejor publicado. Aquí no gana al z, que casi no se
# equivoca; pero la métrica no separa a quien no mira nada de un bosque (sección 5) que sí mira, y el área sí los separa. Desde ahora:
# área, sucesos, retraso y avisos falsos.
#
# Hasta aquí, el primer rato.
#
# ## 4 · Dos redes
#
# Una red puede aprender lo normal de dos maneras. El **predictor** lee lo anterior, pronostica la medida siguiente y puntúa lo que
# falla. El **autocodificador** (*autoencoder*) lee una ventana entera, la resume en unos pocos números, el **cuello de botella** (*bottleneck*), y la
# reconstruye a partir de ellos: si solo sabe escribir días normales, de un día raro escribirá otra cosa.

# %%
plot_detector_networks(title="Pronosticar la medida siguiente, o copiar la ventana por un cuello")
plt.show()
explain(
    "Arriba, el predictor: una GRU lee un día y una capa densa, que además sabe a qué hora será, dice la "
    "medida siguiente. Abajo, el autocodificador: una GRU lee el día que acaba en la medida, el cuello "
    "lo resume y otra GRU lo vuelve a escribir."
)

# %% [markdown]
# Las dos leen un día en doce pasos de dos horas, cuatro medidas por paso. La puntuación de una medida es el error **en ella**: la que sigue
# a la ventana del predictor, y la última de la ventana del autocodificador. No hace falta esperar a ninguna posterior.
#
# ### Ejercicio 44.4 ★★★ · Un autocodificador que lo reconstruye todo
#
# Este se entrena de maravilla, y no sirve: le basta con **copiar** la ventana para que su error sea casi cero, también dentro de un fallo.
#
# ```text
# 1  ventana = keras.Input((pasos, características))
# 2  h = layers.GRU(32, return_sequences=True)(ventana)
# 3  cuello = layers.Dense(ancho)(h)
# 4  h = layers.GRU(32, return_sequences=True)(cuello)
# 5  h = layers.Concatenate()([h, ventana])
# 6  salida = layers.Dense(características)(h)
# 7  modelo = keras.Model(ventana, salida)
# ```
#
# Cuenta los números que pasan de la ventana a la salida: hay **dos** caminos que no deberían estar. Escribe la función que devuelve el
# modelo, sin compilar, de manera que por el cuello pasen `width` números en total, y por ningún otro sitio. Las dos GRU, de 32
# unidades; el cuello y la salida, dos capas densas sin activación. `layers.RepeatVector(n)` repite un vector `n` veces.


# %% tags=["exercise"]
def build_autoencoder(steps, features, width):
    """Un modelo de Keras: de (lote, pasos, características) a lo mismo, por `width` números."""
    ### BEGIN SOLUTION
    window = keras.Input((steps, features))
    summary = layers.GRU(32)(window)  # solo el último estado: (lote, 32)
    neck = layers.Dense(width)(summary)  # (lote, width)
    repeated = layers.RepeatVector(steps)(neck)  # lo único que recibe el decodificador
    written = layers.GRU(32, return_sequences=True)(repeated)
    return keras.Model(window, layers.Dense(features)(written))
    ### END SOLUTION


# %% tags=["check"]
build_autoencoder = check("44.4", build_autoencoder)

# %% [markdown]
# Lo que ha comprobado `check` es, sobre todo, el **rango** (*rank*) de la matriz de derivadas de la salida respecto de la entrada:
# cuántos números independientes pasan de una a otra. Por un cuello de cuatro no pueden pasar más de cuatro. Entrenamos el autocodificador
# con la serie **tal cual**, solo escalada, como en muchos tutoriales (la hora no la sabe: tiene que deducirla de la ventana), y el
# predictor con las **anomalías**, que ya no tienen ritmo.


# %%
WINDOW, NECK = 48, 4
epochs = 15 if FAST else 30


def fit(model, x, y):
    """Entrena sin mirar la calibración ni la prueba."""
    updates = epochs * -(-len(y) // 128)  # los lotes de una época, redondeados hacia arriba
    rate = keras.optimizers.schedules.CosineDecay(0.01, updates)
    # Cada llamada hace una época entera, y así va más deprisa.
    model.compile(keras.optimizers.Adam(rate), loss="mse", steps_per_execution=updates // epochs)
    callbacks = [keras_progress()]
    model.fit(x, y, epochs=epochs, batch_size=128, verbose=0, callbacks=callbacks)
    return model


def from_window(errors):
    """Una puntuación por medida: NaN donde aún no hay ventana."""
    return np.concatenate([np.full(count - len(errors), np.nan), np.abs(errors)])


# %%
raw = (values - values[train].mean()) / values[train].std()
x = windows(raw)  # (ventanas, 12, 4): la ventana i acaba en la medida i + 47
copier = build_autoencoder(12, 4, NECK)
known = train.stop - WINDOW + 1
fit(copier, x[:known], x[:known])
copied = copier.predict(x, batch_size=2048, verbose=0).reshape(len(x), WINDOW)
scores["autocodificador, tal cual"] = from_window(copied[:, -1] - raw[WINDOW - 1 :])

# %%
steps = np.arange(count)
angle = 2 * np.pi * (steps % PER_DAY) / PER_DAY
clock = np.column_stack([np.sin(angle), np.cos(angle), steps // PER_DAY % 7 >= 5])
past, hour = keras.Input((12, 4)), keras.Input((3,))
joined = layers.Concatenate()([layers.GRU(32)(past), hour])
forecaster = keras.Model([past, hour], layers.Dense(1)(layers.Dense(32, "relu")(joined)))
inputs, target = [windows(anomaly)[:-1], clock[WINDOW:]], anomaly[WINDOW:].astype("float32")
known = train.stop - WINDOW
fit(forecaster, [part[:known] for part in inputs], target[:known])
forecast = forecaster.predict(inputs, batch_size=2048, verbose=0)[:, 0]
scores["predictor, anomalías"] = from_window(forecast - anomaly[WINDOW:])

# %%
networks = {
    "autocodificador": "autocodificador, tal cual",
    "predictor": "predictor, anomalías",
}
chosen = {name: calm_multiple(method) for name, method in networks.items()}
drawn = {name: scores[method] for name, method in networks.items()}
limits = {name: robust_threshold(found[calm], chosen[name]) for name, found in drawn.items()}
show(drawn, limits, "Las mismas tres semanas, según las dos redes")
reports = {name: judge(found, chosen[name]) for name, found in drawn.items()}
told = [
    f"el {name}, {found} de {len(events)} fallos, {false:.1f} avisos falsos por semana y {delay:.1f} horas"
    for name, (found, false, delay) in ({"z": z_report} | reports).items()
]
explain(f"Cada una con su umbral: {'; '.join(told)}.")

# %% [markdown]
# Mira los tres números juntos, no solo los fallos encontrados. Y no concluyas aún: es un solo sensor, y cada red ha recibido una cosa
# distinta. Para saber qué se debe a la red y qué a lo que se le ha dado, hay que dar a cada detector las dos cosas, la serie tal cual y
# las anomalías, en más de un sensor.
#
# ## 5 · Qué método para qué fallo
#
# Un programa aparte lo ha medido en seis sensores, cada uno con sus veinticuatro fallos y sus redes. Entran dos rivales más:
#
# - El **bosque de aislamiento** (*isolation forest*, Liu y otros, 2008) parte los datos al azar una y otra vez; un punto raro se queda solo
#   con pocos cortes. Mira las cuatro últimas medidas y, si son tal cual, también la hora.
# - Una **regla**: tres medidas iguales seguidas. No lleva múltiplo.
#
# Y tres referencias: la **media de las dos últimas horas** del z; el **cambio habitual**, que pronostica una fracción fija de la última
# anomalía y puntúa lo que falla; y el **azar**, cuyas puntuaciones, de 0 a 1, no pasan ningún umbral de varias desviaciones. Qué
# ventanas, cuántas unidades y cuántas medidas mira cada uno se decidió con otros dos sensores, que no salen aquí.
#
# **Predice**: sin ritmo que aprender, ¿mejorará el autocodificador con las anomalías? ¿Y quién verá el sensor atascado?

# %%
NAMES = {
    "z": "z robusto",
    "z de 2 horas": "z, media de 2 horas",
    "cambio habitual": "cambio habitual",
    "bosque, anomalías": "bosque (anomalías)",
    "predictor, anomalías": "predictor (anomalías)",
    "autocodificador, anomalías": "autocodificador (anomalías)",
    "bosque, tal cual": "bosque (tal cual)",
    "predictor, tal cual": "predictor (tal cual)",
    "autocodificador, tal cual": "autocodificador (tal cual)",
    "repetido": "tres iguales (regla)",
    "azar": "azar",
}


# %%
def measured(method, column):
    """Una columna de la tabla con el umbral que se eligió en calibración: un valor por sensor."""
    return grid[column][rows(method, calm_multiple(method))]


def found_by(method):
    """De cada clase, los fallos que encuentra y las horas que tarda en ellos, sensor a sensor."""
    columns = COLUMNS.values()
    found = np.array([measured(method, f"{column}_found") for column in columns])
    return found, np.array([measured(method, f"{column}_delay") for column in columns]) / 2


every = 4 * len(COLUMNS) * len(np.unique(grid["seed"]))  # fallos de todos los sensores
print(f"{'detector':27s}  área  F1 ajustada  encuentra  múltiplo  falsos/semana  horas")
for method, name in NAMES.items():
    seen, hours = (part.sum() for part in found_by(method))
    multiple = "–" if method in ("repetido", "azar") else f"{calm_multiple(method):g}"
    total, adjusted, false = (measured(method, c).mean() for c in ("area", "adjusted", "false"))
    row = f"{name:27s}  {total:.2f} {adjusted:12.2f} {100 * seen / every:8.0f} %"
    late = f"{hours / seen:.1f}" if seen else "–"
    print(f"{row} {multiple:>9s} {false:14.2f} {late:>6s}")

# %%
print(f"encontrados de {every // len(COLUMNS)}, y horas hasta la primera alarma")
print(" " * 27 + "".join(f"{kind:>16s}" for kind in COLUMNS))
for method, name in NAMES.items():
    seen, hours = (part.sum(axis=1) for part in found_by(method))
    cells = [f"{k} ({h / k:4.1f} h)" if k else "0" for k, h in zip(seen, hours, strict=True)]
    print(f"{name:27s}" + "".join(f"{cell:>16s}" for cell in cells))

# %% [markdown]
# En el área de todos los fallos mandan los que duran mucho. Por clases, cada una sin las medidas de las demás, se ve quién sirve para qué.

# %%
by_kind = {
    name: np.array([grid[column][rows(method)].mean() for column in COLUMNS.values()])
    for method, name in NAMES.items()
}
price = {name: measured(method, "false").mean() for method, name in NAMES.items()}
options = {"side": price, "side_name": "falsos/semana"}
plot_fault_map(by_kind, list(COLUMNS), title="Qué método para qué fallo", **options)
plt.show()


# %%
def winners(column):
    """El detector con mayor área media en una clase y los que no se distinguen de él."""
    runs = {name: grid[column][rows(method)] for method, name in NAMES.items()}
    best, *rest = sorted(runs, key=lambda name: -runs[name].mean())
    return best, [name for name in rest if not paired(runs[best], runs[name]).is_clear]


leaders = {kind: winners(column) for kind, column in COLUMNS.items()}
told = [
    f"{kind}, {best}" + (f" (sin diferencia clara con {' ni con '.join(tied)})" if tied else "")
    for kind, (best, tied) in leaders.items()
]
explain(
    "Recuadrada, la mayor área media de cada clase (al redondear, puede haber varias): "
    f"{'; '.join(told)}. A la derecha, los avisos falsos por semana de cada uno con su umbral."
)

# %% [markdown]
# El área de una clase depende de cuánto dura: compara dentro de una columna, no entre columnas. Y mira las tablas juntas: un área grande no
# garantiza encontrar mucho **con ese umbral**. El bosque con anomalías es el ejemplo: sus puntuaciones tienen un tope, y lo que le va mal
# puede ser un umbral de tantas desviaciones, no el bosque. La media de dos horas solo se diferencia del z en promediar, y con eso ya se le
# escapan muchos picos.
#
# ¿Son claras las diferencias? Cada sensor da una pareja. Son muchos intervalos a la vez: de uno que roce el cero, no te fíes. Al bosque,
# además de quitarle el ritmo, se le quita la hora, que ya no le hace falta. Y una red puede perder por su **tasa de aprendizaje**:
# por eso, al final, va cada una con la mejor de cuatro, elegida **con la prueba**. Es trampa, y a su favor.

# %%
area = {method: grid["area"][rows(method)] for method in methods}
copiers = "autocodificador, anomalías", "autocodificador, tal cual"
duels = {
    "quitar el ritmo al predictor": ("predictor, anomalías", "predictor, tal cual"),
    "quitar el ritmo al autocodificador": copiers,
    "quitar el ritmo al bosque": ("bosque, anomalías", "bosque, tal cual"),
    "z frente al predictor con anomalías": ("z", "predictor, anomalías"),
    "z frente al autocodificador con anomalías": ("z", "autocodificador, anomalías"),
    "bosque con anomalías frente al z": ("bosque, anomalías", "z"),
    "bosque con anomalías frente al z de 2 horas": ("bosque, anomalías", "z de 2 horas"),
}
gaps = {name: paired(area[one], area[other]) for name, (one, other) in duels.items()}
for name, gap in gaps.items():
    print(f"{name}: {gap.verdict('puntos de área', scale=100)}")


# %%
rate_grid = load_result("anomalias_tasas")
TRIED = np.unique(rate_grid["rate"])


def luckiest(network, inputs):
    """Área con la mejor de las cuatro tasas, elegida en cada sensor con la propia prueba."""
    own = (rate_grid["network"] == network) & (rate_grid["inputs"] == inputs)
    others = [rate_grid["area"][own & (rate_grid["rate"] == rate)] for rate in TRIED]
    return np.max([*others, area[f"{network}, {inputs}"]], axis=0)


favoured = {name: paired(area["z"], luckiest(name, "anomalías")) for name in networks}
flattened = {
    name: paired(area[f"{name}, anomalías"], luckiest(name, "tal cual")) for name in networks
}
print(f"tasas: {', '.join(f'{rate:g}' for rate in sorted([0.01, *TRIED]))}")
for name in sorted(networks):
    print(f"z frente al {name} con su mejor tasa: {favoured[name].verdict('puntos', scale=100)}")
    verdict = flattened[name].verdict("puntos", scale=100)
    print(f"quitar el ritmo al {name}, si tal cual lleva la mejor: {verdict}")


# %%
def per_sensor(method):
    """De cada sensor, la parte de los fallos que encuentra, los avisos falsos y las horas."""
    found, hours = (part.sum(axis=0) for part in found_by(method))
    return found / (4 * len(COLUMNS)), measured(method, "false"), hours / found


measures = {"fallos encontrados (%)": 100, "avisos falsos por semana": 1, "horas": 1}
for name in ("predictor", "autocodificador"):
    ours, theirs = per_sensor("z"), per_sensor(f"{name}, anomalías")
    for (measure, scale), one, other in zip(measures.items(), ours, theirs, strict=True):
        verdict = paired(one, other).verdict(scale=scale, decimals=2)
        print(f"z frente al {name} con anomalías, {measure}: {verdict}")

# %% [markdown]
# A las redes les ayuda mucho **quitar antes lo habitual**: la red, los datos y la receta son los mismos. Aun así, su área se queda por
# debajo de la de una resta. Con su umbral, en cambio, ven casi los mismos fallos: mira cuáles de esas diferencias son claras. En área, solo
# el bosque mejora al z, por poco, y a cambio de no ver lo breve.
#
# Hay además una sorpresa. El cambio habitual y el predictor tienen que pronosticar lo mismo: la anomalía siguiente a partir de las
# anteriores. El primero se acostumbra enseguida a un escalón, porque pronostica que seguirá buena parte de lo último; la red podría hacer
# igual.

# %%
stepped = {m: grid["level"][rows(m)] for m in ("predictor, anomalías", "cambio habitual")}
step_gap = paired(*stepped.values())
before, now = anomaly[train][:-1], anomaly[train][1:]
fraction = before @ now / (before @ before)  # la que mejor va en el entrenamiento


def believed(level):
    """Cuánto pronostica el predictor, de media, si a dos semanas limpias se les suma un escalón."""
    lifted = [windows(anomaly[calm] + level)[:-1], clock[calm][WINDOW:]]
    return forecaster.predict(lifted, batch_size=2048, verbose=0).mean()


def residual(cap):
    """Lo que falla el cambio habitual si no se cree anomalías mayores que `cap`."""
    return np.concatenate([[np.nan], np.abs(anomaly[1:] - fraction * anomaly[:-1].clip(-cap, cap))])


def area_of(score, kind):
    """Área en la prueba de una clase, sin las medidas de las demás."""
    apart = (kinds[test] == "") | (kinds[test] == kind)
    return average_precision_score(kinds[test][apart] == kind, score[test][apart])


# %%
steps_seen = {
    "cambio habitual": area_of(residual(np.inf), "escalón"),
    "con tope": area_of(residual(2.0), "escalón"),
    "predictor": area_of(scores["predictor, anomalías"], "escalón"),
}
explain(
    f"En seis sensores, con los escalones, el predictor frente al cambio habitual: "
    f"{step_gap.verdict('puntos de área', scale=100)}. En este sensor, el cambio habitual saca "
    f"{steps_seen['cambio habitual']:.2f}; el predictor, {steps_seen['predictor']:.2f}; y el cambio "
    f"habitual que no se cree una anomalía mayor que dos desviaciones, {steps_seen['con tope']:.2f}."
)

# %%
kept = {level: (believed(level) - believed(0.0)) / level for level in (1.0, 3.0, 6.0, 12.0)}
explain(
    "De un escalón que ya dura un día entero, el predictor pronostica que seguirá "
    + "; ".join(f"el {100 * part:.0f} %, si es de {level:g}" for level, part in kept.items())
    + f" desviaciones. El cambio habitual, siempre el {100 * fraction:.0f} %."
)

# %% [markdown]
# Fuera de lo que vio, la red deja de acompañar al nivel, como en la 41: **no extrapola**. Cuanto mayor es el escalón, menor es la parte que
# pronostica, y le sigue pareciendo raro durante horas. Un tope puesto a mano, y nada más, da al cambio habitual buena parte de esa ventaja. El defecto que
# en la 41 arruinaba un pronóstico aquí viene bien.
#
# ## 6 · Lo que se cuela: en el entrenamiento y por el cuello
#
# Las semanas «limpias» de una serie real no lo son. Repetimos con seis y con doce fallos sin señalar en las diez primeras semanas.
#
# **Predice**: ¿a quién le hará más daño?

# %%
dirty_grid = load_result("anomalias_datos")
watched = {
    "z": "z",
    "bosque, anomalías": "bosque",
    "predictor, anomalías": "predictor",
    "autocodificador, anomalías": "autocodificador",
}
amounts = [0, *np.unique(dirty_grid["faults"])]


def dirty_area(method, faults):
    """Área en cada sensor con tantos fallos en el entrenamiento."""
    if not faults:
        return area[method]
    return dirty_grid["area"][(dirty_grid["method"] == method) & (dirty_grid["faults"] == faults)]


# %%
polluted = {n: np.array([dirty_area(m, k) for k in amounts]) for m, n in watched.items()}
share = dirty_grid["share"][dirty_grid["faults"] == amounts[-1]].mean()
losses = {name: paired(runs[0], runs[-1]) for name, runs in polluted.items()}
options = {"xlabel": "fallos sin señalar en el entrenamiento", "ylabel": "área en la prueba"}
plot_levels(list(map(str, amounts)), polluted, title="Entrenar con fallos dentro", **options)
plt.show()
explain(
    f"Con {amounts[-1]} fallos, el {100 * share:.0f} % de las medidas. Lo que saca cada uno sin "
    "ninguno, frente a con todos: "
    + "; ".join(f"{name}, {gap.verdict('puntos', scale=100)}" for name, gap in losses.items())
    + "."
)

# %% [markdown]
# La mediana apenas se entera; las redes pierden mucho más. Cuadra con lo anterior: si les venía bien no haber visto nunca nada tan grande, ahora
# ya lo han visto. Pero aquí solo hemos medido cuánto pierden, no por qué.
#
# Y el cuello: ¿cuántos números? Con anomalías, uno de **cero** números reconstruiría siempre lo mismo, y su error sería casi el del z: el z es
# un autocodificador que no deja pasar nada. En el otro extremo, sin cuello, está el del ejercicio 44.4 (sin el atajo de la línea 5).
#
# **Predice**: ¿qué anchura señalará mejor?

# %%
neck_grid = load_result("anomalias_cuello")
widths = {"1": 1, "4": 4, "16": 16, "sin cuello": 0}


def neck(inputs, width, column="area"):
    """Lo medido con una anchura: un valor por sensor."""
    chosen = (neck_grid["width"] == width) & (neck_grid["inputs"] == inputs)
    return neck_grid[column][chosen] if width != 4 else area[f"autocodificador, {inputs}"]


necks = {
    inputs: np.array([neck(inputs, width) for width in widths.values()])
    for inputs in ("tal cual", "anomalías")
}
options = {"xlabel": "números del cuello", "ylabel": "área en la prueba"}
plot_levels(list(widths), necks, title="De un cuello de un número a no tener cuello", **options)
plt.show()

# %%
against_none = {
    (inputs, width): paired(neck(inputs, width), neck(inputs, 0))
    for inputs in necks
    for width in (1, 4, 16)
}
told = [
    f"{inputs}, {width}: {gap.verdict('puntos de área', scale=100)}"
    for (inputs, width), gap in against_none.items()
]
explain(f"Cada cuello, según sus números, frente a no tenerlo: {'; '.join(told)}.")

# %%
print("error de reconstrucción, en desviaciones de su serie   en lo normal   en los fallos")
for inputs in necks:
    for name, width in {"16 números": 16, "sin cuello": 0}.items():
        inside, outside = (neck(inputs, width, column).mean() for column in ("faulty", "normal"))
        print(f"{inputs + ', ' + name:54s} {outside:12.2f} {inside:15.2f}")
closest = paired(area["z"], neck("anomalías", 0))
explain(
    "El z, frente a la red de anomalías sin cuello: "
    f"{closest.verdict('puntos de área', scale=100)}."
)

# %% [markdown]
# Tal cual, sin cuello la red copia casi todo, también los fallos, y señala peor que con cuatro números; con uno, los sensores no se ponen
# de acuerdo. Con anomalías, la segunda sorpresa: sin cuello señala **mejor** que con cuatro. Su error da una pista: copia muy bien lo
# pequeño, que es lo normal, y muy mal lo enorme, que no ha visto. Es un cuello que nadie ha puesto. Si en el entrenamiento hay fallos
# grandes, quizá deje de haberlo: al autocodificador de cuatro números ya has visto que le hacen mucho daño; a este no se lo hemos medido.
#
# ## 7 · Rómpelo y arréglalo: un aviso antes de tiempo
#
# Las puntuaciones parpadean y es costumbre suavizarlas. Alguien lo ha hecho así, y sus retrasos son los mejores de la empresa.
#
# **Predice**: ¿qué tiene de raro un detector que avisa antes de que el fallo empiece?


# %%
def smooth(scores, width):
    """Media móvil, con tantas medidas a un lado como al otro."""
    return np.convolve(scores, np.ones(width) / width, mode="same")


def early(score):
    """Parte de los sucesos con alguna alarma en las dos horas de antes."""
    alarms = score > robust_threshold(score[calm], calm_multiple("z"))
    return np.mean([alarms[start - 4 : start].any() for start, _ in events])


def looks_ahead(smoothing):
    """Cuánto cambian las puntuaciones anteriores si cambia la última medida."""
    changed = scores["z"].copy()
    changed[-1] += 50
    return np.abs(smoothing(changed, 9) - smoothing(scores["z"], 9))[:-1].max()


centred = early(smooth(scores["z"], 9)), looks_ahead(smooth)
explain(
    f"Avisa en las dos horas de antes del {100 * centred[0]:.0f} % de los fallos. Al cambiar la última "
    f"medida, una puntuación anterior cambia hasta en {centred[1]:.1f} desviaciones."
)

# %% [markdown]
# Nadie puede avisar antes de que pase algo que no da señales. La media está **centrada**: la puntuación de las doce usa medidas de las dos de
# la tarde. La prueba que ya conoces lo delata. Se cura con una media de lo que ya ha pasado.


# %%
def smooth(scores, width):
    """Media de cada medida y de las anteriores."""
    total = np.concatenate([np.zeros(width), scores]).cumsum()
    return (total[width:] - total[:-width]) / width


trailing = early(smooth(scores["z"], 9)), looks_ahead(smooth)
explain(
    f"Ahora avisa antes del {100 * trailing[0]:.0f} % de los fallos, y cambiar la última medida cambia "
    f"las anteriores en {trailing[1]:g}."
)

# %% [markdown]
# ## 8 · El Niño, con la lista en la mano
#
# La temperatura del mar de la lección 11 tiene sus propios sucesos. ¿Cuáles? Hay una lista publicada: la de la comisión peruana **ENFEN** (2024),
# que sale del **índice costero El Niño** (ICEN). Es de la misma zona que nuestra serie, la región Niño 1+2; la lista más conocida, por el
# índice ONI, es de otra, la Niño 3.4, y no serviría.
#
# Dos avisos. El ICEN se calcula con otra versión de los datos (ERSST v5, no la v3b) y con otra climatología. Y es la media de tres meses
# centrada en cada uno: **mira un mes adelante**, y un suceso solo se confirma con tres meses seguidos por encima del umbral. Encontrar la
# lista con casi los mismos datos no es descubrir nada; lo que se mide es el **retraso** de quien no sabe el futuro.


# %%
def past_usual(values, period, cycles):
    """La mediana del mismo lugar en los `cycles` ciclos anteriores; NaN si no los hay."""
    usual = np.full(len(values), np.nan)
    for step in range(cycles * period, len(values)):
        usual[step] = np.median(values[step - cycles * period : step : period])
    return usual


def causal_z(values, period, cycles):
    """El z robusto de cada medida, solo con las anteriores; NaN al principio."""
    away = values - past_usual(values, period, cycles)
    start = cycles * period
    z = np.full(len(values), np.nan)
    for step in range(start + 2 * period, len(values)):
        z[step] = away[step] / robust_spread(away[start:step])
    return z


# %%
sea = load_elnino()
sea_z = causal_z(sea.values, period=12, cycles=10)
means = np.convolve(sea_z, np.ones(3) / 3, mode="valid")  # de cada mes y los dos anteriores
sea_z3 = np.concatenate([[np.nan] * 2, means])
month = {str(date): place for place, date in enumerate(sea.dates)}
judged = int(np.argmax(~np.isnan(sea_z3)))  # el primer mes con puntuación
listed = [event for event in COASTAL_EVENTS if month[event.first] >= judged]
sea_events = [(month[event.first], month[event.last] + 1) for event in listed]
later = [(start - judged, end - judged) for start, end in sea_events]
sea_detectors = {"z de un mes": sea_z, "z de tres meses": sea_z3}

# %% [markdown]
# Lo habitual de cada mes es la mediana de los diez años anteriores; la escala, la de todas las anomalías ya vistas. Se avisa cuando el
# mar está caliente: con el signo, no con el tamaño. Sin etiquetas no hay razón para un múltiplo u otro, así que van varios; de cerca
# miraremos el de en medio. Un aviso anterior al primer mes de la lista cuenta como falso, aunque acabe en suceso.
#
# **Predice**: ¿cuántos meses tardará en avisar, de mediana? ¿Se le escapará alguno de los grandes?


# %%
def sea_report(z, multiple):
    """Sucesos, avisos falsos en diez años y mediana de los meses que tarda en los encontrados."""
    alarms = np.nan_to_num(z[judged:]) > multiple
    found, false = score_alarms(alarms, later, 2, 120)
    delays = [np.flatnonzero(alarms[s:e])[0] for s, e in later if alarms[s:e].any()]
    return found, false, np.median(delays)


for name, z in sea_detectors.items():
    for multiple in (1.0, 1.5, 2.0, 2.5, 3.0):
        found, false, delay = sea_report(z, multiple)
        row = (
            f"{name:16s} > {multiple:3.1f}: {found:2d} de {len(listed)}, {false:3.1f} avisos falsos"
        )
        print(f"{row} en diez años, {delay:3.1f} meses de retraso (mediana)")

# %%
chosen, shown = 2.0, slice(judged, None)
calls = {name: np.nan_to_num(z) > chosen for name, z in sea_detectors.items()}
drawn = {name: alarms[shown] for name, alarms in calls.items()}
one_month = sea_report(sea_z, chosen)
seen = f"Avisa en {one_month[0]} de los {len(listed)} sucesos de la lista"
options = {"unit": "desviaciones", "title": seen}
plot_coastal(sea.dates[shown], sea_z[shown], later, drawn, **options)
plt.show()
explain(
    "Sobre fondo, los sucesos de la lista; la línea y el título son del z de un mes; arriba, los meses "
    f"en que avisa cada detector con un múltiplo de {chosen:g}."
)

# %%
print("empieza  magnitud        se avisa  meses después")
missed = []
for event, (start, end) in zip(listed, sea_events, strict=True):
    hits = np.flatnonzero(calls["z de un mes"][start:end])
    when = f"{sea.dates[start + hits[0]]}   {hits[0]:2d}" if len(hits) else "–"
    if not len(hits):
        missed.append(event.magnitude)
    print(f"{event.first}  {event.magnitude:15s} {when}")
explain(
    f"El z de un mes encuentra {one_month[0]} de {len(listed)}, con una mediana de {one_month[2]:.1f} "
    f"meses de retraso, y da {one_month[1]:.1f} avisos falsos en diez años. Se le escapan "
    f"{len(missed)}; de magnitud débil, {missed.count('débil')}."
)

# %% [markdown]
# Los sucesos duran meses, y ya sabes que lo largo se toca por azar. El control: las **mismas** alarmas, con sus mismas rachas, corridas en el
# tiempo todos los meses posibles.

# %%
warm = calls["z de un mes"][judged:]
lucky = np.array([sum(np.roll(warm, k)[s:e].any() for s, e in later) for k in range(1, len(warm))])
as_many = (lucky >= one_month[0]).mean()
explain(
    f"Corridas, esas alarmas tocan {lucky.mean():.1f} sucesos de media, y en el "
    f"{100 * as_many:.1f} % de los casos, tantos o más que en su sitio ({one_month[0]})."
)

# %% [markdown]
# La propia regla de la lista no puede confirmar un suceso hasta tres meses después de que empiece: necesita tres meses seguidos y, como la
# media del último está centrada, también el mes siguiente. El z puede avisar antes porque no espera a confirmar nada; y fíjate en cuáles se
# le escapan. Aquí no probamos redes: son muy pocos meses para entrenar una, y menos sucesos aún para decir si ayuda.
#
# ## 9 · Con tu propia serie
#
# Tu archivo no tendrá semanas limpias ni lo habitual será siempre lo mismo: en invierno hace más frío. Por eso lo de la sección 8 sirve
# también aquí: lo habitual de cada hora es la mediana de los días **anteriores**. Para probarlo, la temperatura de un aeropuerto de
# Nueva York, hora a hora, con dos fallos puestos a mano.
#
# **Predice**: ¿quién verá el sensor atascado, y quién la hora con nueve grados de más?

# %%
temporary = tempfile.TemporaryDirectory()  # se borra al cerrar el cuaderno
path = Path(temporary.name) / "mi_sensor.csv"
weather = load_weather("JFK")
temperature = weather.temperature.copy()
stuck, jump = slice(6000, 6036), 7200  # un día y medio atascado y una hora con nueve grados de más
temperature[stuck] = temperature[stuck.start - 1]
temperature[jump] += 9
lines = [
    f"{date};{value:.1f}"
    for date, value in zip(weather.dates, temperature, strict=True)
    if not np.isnan(value)
]
with_commas = "\n".join(["hora;temperatura", *lines]).replace(".", ",")  # decimales con coma
path.write_text(with_commas, encoding="utf-8")

# %%
columns = {"date_column": "hora", "value_column": "temperatura"}
own = load_own_series(path, **columns, unit="°C", frequency="hourly", fill="previous")


# %%
def watch(series, *, cycles=14, multiple=8):
    """Avisa en la segunda mitad de cualquier serie, con umbrales de la primera."""
    values, period, half = series.values, series.period, len(series.values) // 2
    away = values - past_usual(values, period, cycles)
    start = cycles * period
    if half < start + 2 * period:
        raise ValueError(f"{len(values)} valores son pocos: baja cycles, que es {cycles}.")
    before, now = away[start : half - 1], away[start + 1 : half]
    fraction = before @ now / (before @ before)
    slow = np.concatenate([[np.nan], np.abs(away[1:] - fraction * away[:-1])])
    equal = repeats(values)
    found = {
        "z": (np.abs(away), robust_threshold(np.abs(away[:half]), multiple)),
        "cambio habitual": (slow, robust_threshold(slow[:half], multiple)),
        "iguales seguidas": (equal, equal[:half].max()),  # más que en toda la primera mitad
    }
    second = np.arange(len(values)) >= half
    return {name: second & (np.nan_to_num(score) > limit) for name, (score, limit) in found.items()}


# %%
own_alarms = watch(own)
for name, alarms in own_alarms.items():
    dates = ", ".join(map(str, own.dates[alarms][:4]))
    print(f"{name:17s} {alarms.sum():3d} alarmas; las primeras: {dates or 'ninguna'}")

# %%
hidden = {"atascado": (stuck.start, stuck.stop), "salto": (jump, jump + 1)}
for name, alarms in own_alarms.items():
    _, false = score_alarms(alarms, list(hidden.values()), 6, 168)
    seen = ", ".join(kind for kind, (s, e) in hidden.items() if alarms[s:e].any()) or "ninguno"
    print(f"{name:17s} ve: {seen:18s} avisos falsos por semana: {2 * false:.2f}")  # medio año

# %% [markdown]
# Con tu archivo, pon en `load_own_series` tu ruta, tus columnas y tu `frequency`, mira las fechas de las alarmas y borra la celda que
# escribe el archivo y la de `hidden`: son solo de este ejemplo. El múltiplo es alto a propósito: la primera mitad, de la que salen los
# umbrales, no está limpia. El z, que en el sensor lo veía casi todo, aquí no ve ninguno: ni lo repetido ni el salto se apartan de lo
# habitual tanto como pide su umbral. Si cada método ve lo suyo, a quien
# vigila una serie le pueden convenir **varios detectores sencillos**, cada uno con su clase de fallo. Dos fallos puestos a mano no miden
# nada: son un ejemplo. `fill="previous"` rellena un hueco con lo anterior, que ya se conocía; si el hueco es largo, parecerá un sensor
# atascado, y no va descaminado.
#
# ## 10 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("El z robusto encuentra casi todos los fallos", z_report[0] / len(events), ">", 0.85, of=len(events)),
    claim("Y molesta poco: menos de un aviso falso por semana", z_report[1], "<", 1.0),
    claim("Con fallos en la calibración, el umbral de la media sube mucho más que el robusto",
          rises["media y desviación"] / rises["mediana y MAD"], ">", 1.5),
    claim("Sin mirar nada se saca una F1 con ajuste de puntos mayor que siete décimas", noise_best, ">", 0.7),
    claim("Y sin el ajuste, ni la mitad de esa", plain / noise_best, "<", 0.5),
    claim("El autocodificador, con la serie tal cual, señala mucho peor que el z",
          average_precision_score(faulty[test], scores["z"][test])
          - average_precision_score(faulty[test], scores["autocodificador, tal cual"][test]), ">", 0.15),
    claim("Con un escalón, el predictor señala mejor que el cambio habitual",
          steps_seen["predictor"] - steps_seen["cambio habitual"], ">", 0.05),
    claim("Un tope, sin red, da al cambio habitual la mayor parte de esa ventaja",
          (steps_seen["con tope"] - steps_seen["cambio habitual"])
          / (steps_seen["predictor"] - steps_seen["cambio habitual"]), ">", 0.6),
    claim("De un escalón enorme, el pronóstico de la red recoge una parte menor que de uno pequeño",
          kept[12.0] / kept[1.0], "<", 0.8),
    claim("La media centrada avisa antes de que empiecen más fallos que la de lo ya pasado",
          centred[0] - trailing[0], ">", 0.05),
)  # fmt: skip

# %% [markdown]
# Y lo que hay en las tablas guardadas y en la serie del mar, que no cambia con la semilla de este cuaderno.

# %% tags=["nbval-check-output"]
verify(
    claim("Quitar lo habitual mejora a las dos redes y al bosque",
          min(gaps[name].low for name in list(duels)[:3]), ">", 0, kind="identidad"),
    claim("Aun con anomalías, las dos redes señalan peor que el z",
          min(gaps[name].low for name in list(duels)[3:5]), ">", 0, kind="identidad"),
    claim("Ni eligiendo su tasa con la prueba alcanzan al z, ni tal cual a las anomalías",
          min(gap.low for gap in [*favoured.values(), *flattened.values()]), ">", 0, kind="identidad"),
    claim("Entre la F1 ajustada del azar y la de un bosque que sí mira no hay diferencia clara",
          ahead_of.is_clear, "==", False, kind="identidad"),
    claim("El área, en cambio, pone muy por debajo al azar", area_behind.high, "<", -0.1, kind="identidad"),
    claim("En área, el bosque con anomalías señala algo mejor que el z",
          gaps["bosque con anomalías frente al z"].low, ">", 0, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Con fallos en el entrenamiento, las dos redes pierden más que el z y que el bosque",
          min(losses["predictor"].low, losses["autocodificador"].low)
          - max(losses["z"].high, losses["bosque"].high), ">", 0, kind="identidad"),
    claim("Tal cual, sin cuello se señala peor que con cuatro números",
          against_none["tal cual", 4].low, ">", 0, kind="identidad"),
    claim("Con anomalías, al revés", against_none["anomalías", 4].high, "<", 0, kind="identidad"),
    claim("En el sensor atascado, la regla de tres iguales los encuentra todos",
          measured("repetido", "stuck_found").min(), "==", 4, kind="identidad"),
    claim("Con un múltiplo de dos, el z causal encuentra más de la mitad de los sucesos de la lista",
          one_month[0] / len(listed), ">", 0.5, kind="identidad"),
    claim("Menos del 2 % de las veces se tocan tantos o más con esas alarmas corridas en el tiempo",
          as_many, "<", 0.02, kind="identidad"),
    claim("La media que no mira adelante no cambia el pasado", trailing[1], "==", 0, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# **Qué no hemos demostrado.** El sensor es generado: su ritmo no cambia en meses y su ruido siempre es igual, y eso favorece a una mediana
# fija. Con muchas variables que dependen unas de otras, o con un ritmo que ninguna tabla recoge, una red puede ver lo que un z no puede; aquí
# no lo hemos probado. Las redes son pequeñas, de una sola clase y con pocas épocas, y el autocodificador puntúa solo la última medida de
# la ventana: hay otras maneras. Y seis sensores dan intervalos anchos: una diferencia que no se ve puede existir.
#
# ## Resumen
#
# - Primero se quita lo habitual, con medianas. Con eso, una resta encuentra casi todos los fallos de este sensor, y las dos redes mejoran mucho.
# - El umbral sale de la mediana y la MAD de unas puntuaciones sin etiquetas, que pueden llevar fallos dentro.
# - La F1 con ajuste de puntos premia al ruido. Se puntúa por sucesos, retraso, avisos falsos por semana y área.
# - Cada detector ve unas clases: un sensor atascado se ve mejor con una regla de una línea que con una red.
# - Unos cuantos fallos sin señalar en el entrenamiento apenas mueven las medianas y estropean las dos redes.
# - Un autocodificador sin cuello copia casi todo. Con la serie tal cual, copia también los fallos; con anomalías, los enormes no.
# - Un detector que avisa antes de que pase nada está mirando el futuro.
#
# ## Errores frecuentes
#
# - Elegir el umbral con las etiquetas de la prueba.
# - Comparar retrasos sin decir cuántos sucesos encuentra cada uno.
# - Dar solo la F1 con ajuste de puntos, o no poner al lado la del azar.
# - Suavizar con una media centrada, o poner la puntuación de una ventana en su medida del medio.
# - Celebrar que el autocodificador reconstruye muy bien.
# - Comparar una serie de una región con la lista de sucesos de otra.
#
# ## Para saber más
#
# - S. Kim, K. Choi, H.-S. Choi, B. Lee y S. Yoon (2022), *Towards a Rigorous Evaluation of Time-Series Anomaly Detection*,
#   AAAI-22: la puntuación al azar y el ajuste de puntos; proponen exigir que se señale una parte del suceso, y no una medida.
# - F. T. Liu, K. M. Ting y Z.-H. Zhou (2008), *Isolation Forest*, IEEE International Conference on Data Mining.
# - P. Malhotra y otros (2016), *LSTM-based Encoder-Decoder for Multi-sensor Anomaly Detection*, taller de detección de anomalías de
#   la ICML: el autocodificador recurrente.
# - R. Wu y E. J. Keogh (2021), *Current Time Series Anomaly Detection Benchmarks are Flawed and are Creating the Illusion of
#   Progress*, IEEE Transactions on Knowledge and Data Engineering.
# - Comisión Multisectorial ENFEN (2024), *Definición operacional de los eventos El Niño Costero y La Niña Costera en el Perú*, Nota
#   Técnica ENFEN 01-2024: la lista.
# - K. Takahashi, K. Mosquera y J. Reupo (2014), *El Índice Costero El Niño (ICEN): historia y actualización*, boletín técnico del
#   Instituto Geofísico del Perú 1(2).
#
# **Siguiente**: [54 · Voz y CTC](54_voz_y_ctc.ipynb), uno de los proyectos del módulo 5, más largos y menos guiados.

# %% [markdown]
# # 11 · Secuencias
#
# **¿Cómo se convierte una serie de números en algo que una red pueda aprender, y cómo se sabe si ha aprendido
# de verdad?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a cortar una serie en ventanas y objetivos sin equivocarte en un paso; a medir un pronóstico con MAE, RMSE y MASE frente a un modelo de referencia; a separar entrenamiento y prueba sin fugas; a reconocer un resultado demasiado bueno |
# | **Antes de empezar** | [00 · Empieza aquí](00_empieza_aqui.ipynb); de Python, funciones, bucles, listas, diccionarios y listas por comprensión, `[f(x) for x in xs]`; de NumPy, crear arrays, cortarlos (`x[2:5]`) y operar con ellos elemento a elemento |
# | **Tiempo** | 60 minutos de lectura y ejercicios; medio minuto de ejecución |
# | **Herramientas** | NumPy y scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: más repeticiones en el experimento de la sección 5 (unos veinte segundos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor

from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired
from course_utils.datasets import load_co2, load_elnino, load_sunspots
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_11 import (
    plot_horizons,
    plot_leak,
    plot_series,
    plot_windows,
)

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Tres series
#
# Una **secuencia** es una lista de datos en la que importa el orden. Si son números medidos cada cierto tiempo, se
# llama **serie temporal**. Estas tres son reales; la última volverá en las lecciones 15, 22 y 25.

# %%
sunspots, co2, elnino = load_sunspots(), load_co2(), load_elnino()
plot_series([sunspots, co2, elnino])
plt.show()
explain(
    f"Las manchas solares suben y bajan en ciclos de unos {sunspots.period / 12:.0f} años, "
    f"ninguno igual a otro. El CO2 "
    f"tiene una tendencia, de {co2.values[0]:.0f} a {co2.values[-1]:.0f} ppm (partes por millón), "
    f"y un vaivén anual. La temperatura del mar "
    "repite el año casi siempre; cuando no lo hace, hablamos de El Niño y La Niña."
)

# %% [markdown]
# ## 2 · De la serie al tensor
#
# Un modelo aprende de ejemplos: «con esto que se ve, pasa aquello». Una serie no trae ejemplos, pero se pueden cortar. Se
# toma un tramo de `width` valores seguidos, la **ventana**, y como **objetivo** el valor que viene después. Luego se
# corre todo un paso y se repite.

# %%
plot_windows(sunspots.values[:9], width=4, title="Ventanas (azul) y objetivos (naranja)")
plt.show()
explain(
    "Cada fila es un ejemplo: en azul, la ventana de cuatro meses; en naranja, su objetivo. Con "
    "nueve meses salen cinco "
    "ejemplos, y ventanas vecinas comparten casi todo. Ese parecido nos dará problemas en la "
    "sección 5."
)

# %% [markdown]
# A veces interesa más lejos: el **horizonte** (`horizon`) dice a cuántos pasos del último valor visto está el objetivo. Con
# horizonte 1 es el siguiente; con 12, el de dentro de un año.
#
# Así quedan los ejemplos con horizonte 3.

# %%
plot_windows(sunspots.values[:9], width=4, horizon=3, title="Ventanas (azul) y objetivos (naranja)")
plt.show()
explain("Entre la ventana y su objetivo quedan dos meses que no se usan, y salen tres ejemplos.")

# %% [markdown]
# **Predice**: de una serie de 100 valores, ¿cuántos ejemplos salen con ventanas de 24 y horizonte 12?
#
# ### Ejercicio 11.1 ★ · Ventanas y objetivos
#
# La ventana `i` empieza en `series[i]`. Su objetivo está `horizon` pasos después del **último** valor de la ventana.


# %% tags=["exercise"]
def make_windows(series, width, horizon=1):
    """Ventanas (ejemplos, width) y objetivos (ejemplos,) de una serie (tiempo,)."""
    inputs, targets = [], []
    ### BEGIN SOLUTION
    for start in range(len(series) - width - horizon + 1):
        inputs.append(series[start : start + width])
        targets.append(series[start + width + horizon - 1])
    ### END SOLUTION
    return np.array(inputs), np.array(targets)


# %% tags=["check"]
make_windows = check("11.1", make_windows)

# %%
inputs, targets = make_windows(np.arange(100.0), width=24, horizon=12)
print("ejemplos:", len(inputs))
print("primera ventana: de", inputs[0, 0], "a", inputs[0, -1], "→ objetivo", targets[0])

# %% [markdown]
# El último ejemplo es aquel cuyo objetivo es el último valor de la serie, así que hay 100 - 24 - 12 + 1. Fíjate en el truco
# de la celda: con una **rampa** 0, 1, 2… cada valor dice en qué posición estaba, y un error de un
# paso salta a la vista. Úsalo siempre que escribas código que corte series.
#
# Las redes que verás desde la lección 12 reciben un array de tres dimensiones, un **tensor**: **(lote, tiempo,
# características)**. El **lote** (*batch*) son los ejemplos; el tiempo, los pasos de la ventana; las **características**
# (*features*), lo que se mide en cada paso. Con una sola medida, la tercera dimensión es 1. Podemos añadir la época del año
# con el seno y el coseno de un ángulo que da una vuelta cada doce meses: así diciembre queda al lado de enero.

# %%
window_values, _ = make_windows(elnino.values, width=24)
one_feature = window_values[..., None]  # con `None` se añade un eje: (lote, tiempo, 1)
month_angle = 2 * np.pi * (np.arange(len(elnino.values)) % 12) / 12
month_windows = [make_windows(f(month_angle), width=24)[0] for f in (np.sin, np.cos)]
three_features = np.stack([window_values, *month_windows], axis=-1)  # (lote, tiempo, 3)
print("solo la temperatura:         ", one_feature.shape)
print("temperatura y época del año: ", three_features.shape)

# %% [markdown]
# ## 3 · Antes de una red, una referencia
#
# Un error no dice nada hasta que se compara. El primer rival de cualquier modelo es el que no aprende:
#
# - **persistencia**: mañana será como hoy;
# - **persistencia estacional**: será como en el mismo punto del ciclo anterior.
#
# Y el segundo, el más sencillo de los que aprenden: una **regresión lineal**, que multiplica cada valor de la ventana por un
# coeficiente y suma. En scikit-learn, `fit` busca los coeficientes con los ejemplos de **entrenamiento** y `predict`
# pronostica.
#
# Para medir usaremos el **MAE** (*mean absolute error*), la media de los errores sin signo, y el **RMSE** (*root mean squared
# error*), que eleva al cuadrado antes de promediar y castiga más los errores grandes. Los dos se expresan en las unidades de
# la serie.


# %%
def mae(actual, forecast):
    """Error absoluto medio."""
    return np.abs(actual - forecast).mean()


def rmse(actual, forecast):
    """Raíz del error cuadrático medio."""
    return np.sqrt(np.square(actual - forecast).mean())


calm = np.array([3.0, -3.0, 3.0, -3.0])
spiky = np.array([0.0, 0.0, 0.0, 12.0])
for name, errors in {"errores iguales": calm, "un solo error grande": spiky}.items():
    print(f"{name:21s} MAE {mae(errors, 0):.1f}   RMSE {rmse(errors, 0):.1f}")

# %% [markdown]
# Falta comparar series con unidades diferentes. El **MASE** (*mean absolute scaled error*; Hyndman y Koehler, 2006) divide el MAE entre el que comete la
# persistencia, a un paso, **en el tramo de entrenamiento**: la media de $|y_t - y_{t-1}|$. Si la serie tiene un ciclo de
# `period` pasos, se usa la persistencia estacional: la media de $|y_t - y_{t-\text{period}}|$. Menos de 1 significa que el
# error es menor que el que esa persistencia cometía en el entrenamiento.
#
# ### Ejercicio 11.2 ★★ · MASE


# %% tags=["exercise"]
def mase(actual, forecast, training, period=1):
    """MAE dividido entre el de la persistencia (estacional) dentro del entrenamiento."""
    ### BEGIN SOLUTION
    reference = np.abs(training[period:] - training[:-period]).mean()
    return np.abs(actual - forecast).mean() / reference
    ### END SOLUTION


# %% tags=["check"]
mase = check("11.2", mase)

# %% [markdown]
# Ya podemos comparar. El conjunto de **prueba** es el 15 % final de los ejemplos: se entrena con el pasado y se examina con el
# futuro, como en la vida real.


# %%
def chronological(count, horizon, test=0.15):
    """Índices de entrenamiento y de prueba, en orden.

    Entre ambos se descartan horizon - 1 ejemplos: cuando se hiciera el primer pronóstico de
    prueba, sus objetivos aún no habrían ocurrido.
    """
    first_test = count - round(test * count)
    return np.arange(first_test - (horizon - 1)), np.arange(first_test, count)


# %% [markdown]
# Cada modelo tendrá a su lado la persistencia y otras referencias:
#
# - la **persistencia estacional**. Si el objetivo está a seis meses, copia el mismo mes de un año antes. Si está a dieciocho,
#   el de un año antes tampoco ha llegado: hay que retroceder dos. Se retroceden los ciclos enteros que hagan falta hasta dar
#   con un mes ya visto, y son `horizon / period`, redondeado hacia arriba. En las manchas el ciclo es de once años;
# - si el ciclo es el año, la **climatología**, lo normal en cada mes: su media en el entrenamiento. Si no, la **media** de todo;
# - y el **cambio habitual**: lo último visto, más lo que la serie ha cambiado de media en el entrenamiento entre ese mes del año
#   y el del objetivo. Si no hay tendencia, viene a ser la climatología más la última anomalía (cuánto se aparta hoy de lo
#   normal).
#
# Un array se puede indexar con otro. Con uno de posiciones, `x[[4, 0]]` da esos dos valores, en ese orden; con uno de
# verdadero o falso, `x[x > 0]` da los valores donde es verdadero.


# %%
WIDTH = 24  # meses de cada ventana


def monthly_forecasts(inputs, targets, train, test):
    """Los dos rivales que conocen cada mes del año: {nombre: (prueba,)}."""
    month = np.arange(len(targets)) % 12  # los ejemplos con el mismo número caen en el mismo mes

    def usual(values):
        by_month = np.array([values[train][month[train] == m].mean() for m in range(12)])
        return by_month[month[test]]

    last = inputs[:, -1]
    return {
        "climatología": usual(targets),
        "habitual": last[test] + usual(targets - last),
    }


# %%
def forecast_all(series, horizon, train, test):
    """Lo que pasó en los ejemplos de prueba y lo que pronostica cada modelo."""
    inputs, targets = make_windows(series.values, WIDTH, horizon)
    places = test + WIDTH + horizon - 1  # dónde están los objetivos en la serie
    back = series.period * math.ceil(horizon / series.period)  # ciclos, hasta un mes ya visto
    forecasts = {
        "persistencia": inputs[test, -1],
        "estacional": series.values[places - back],
        "lineal": LinearRegression().fit(inputs[train], targets[train]).predict(inputs[test]),
    }
    if series.period == 12:
        forecasts |= monthly_forecasts(inputs, targets, train, test)  # los añade al diccionario
    else:
        forecasts["media"] = np.full(len(test), targets[train].mean())
    return targets[test], forecasts


# %%
def evaluate(series, horizon):
    """MAE en prueba de cada modelo, junto con lo que pasó y lo que pronosticó el lineal."""
    train, test = chronological(len(series.values) - WIDTH - horizon + 1, horizon)
    actual, forecasts = forecast_all(series, horizon, train, test)
    errors = {name: mae(actual, forecast) for name, forecast in forecasts.items()}
    return errors, actual, forecasts["lineal"]


# %%
def print_errors(errors_of):
    """Una línea por serie."""
    for name, errors in errors_of.items():
        shown = "  ".join(f"{model} {error:5.2f}" for model, error in errors.items())
        print(f"{name:31s} {shown}")


# %% [markdown]
# **Predice**: a un mes vista, ¿para cuál de las tres series será mejor la persistencia estacional que la simple?

# %%
all_series = (sunspots, co2, elnino)
one_step = {series.name: evaluate(series, horizon=1)[0] for series in all_series}
print_errors(one_step)

# %% [markdown]
# A un paso, para ninguna en este examen, aunque en el mar por poco. Y fíjate en la última columna del mar y del CO2: con
# doce medias, el cambio habitual está a la altura del modelo lineal. ¿Y a seis meses vista? ¿Y a doce?

# %%
further = {
    horizon: {series.name: evaluate(series, horizon)[0] for series in all_series}
    for horizon in (6, 12)
}
for horizon, errors_of in further.items():
    print(f"a {horizon} meses")
    print_errors(errors_of)

# %% [markdown]
# A seis meses toca la estación contraria, y la persistencia simple se hunde en las dos series con ciclo anual. A doce, el doble
# de lejos, se recupera: es otra vez el mismo mes, y las dos persistencias son la misma. En las manchas, sin ciclo
# anual, solo empeora. La climatología no sirve en el CO2, que tiene tendencia; en el mar, a seis y a doce, es aquí la
# mejor de todas. Cuál es la referencia más fuerte depende de la serie **y** del horizonte: pruébalas todas.
#
# ¿Y el MASE? Usémoslo para comparar series que no comparten unidades.

# %%
mases = {}
for series in all_series:
    _, actual, forecast = evaluate(series, horizon=1)
    training = series.values[: -len(actual)]
    period = 12 if series.period == 12 else 1  # el ciclo de las manchas no dura siempre igual
    mases[series.name] = mase(actual, forecast, training, period)
steps = np.abs(np.diff(sunspots.values))  # los errores de la persistencia a un mes
test_size = len(evaluate(sunspots, horizon=1)[1])
harder = steps[-test_size:].mean() / steps[:-test_size].mean()
explain(
    "MASE del modelo lineal a un mes: "
    + "; ".join(f"{name}, {value:.2f}" for name, value in mases.items())
    + ". En las manchas solares, la propia persistencia se equivoca en la prueba "
    f"{harder:.2f} veces lo que en el entrenamiento."
)

# %% [markdown]
# ¿No pasa de 1 el de las manchas solares, cuando en la tabla el lineal tiene menos error que la persistencia?
# La tabla compara en la prueba; el MASE divide entre el error de la persistencia **en el
# entrenamiento**, y el final de la serie es más difícil. Un MASE mayor que 1 puede decir que el modelo
# es malo o que la prueba es más difícil que lo estudiado.
#
# ## 4 · Más lejos
#
# A un mes, el lineal y la persistencia se equivocan mucho menos que la media. La pregunta útil es hasta dónde llega eso.
#
# **Predice**: en las manchas solares, ¿cuánto crecerá el error del modelo lineal entre 1 y 24 meses?

# %%
horizons = (1, 6, 12, 24)
results = {horizon: evaluate(sunspots, horizon) for horizon in horizons}
test_dates = sunspots.dates[-240:]
plot_horizons(
    {
        horizon: (actual[-240:], forecast[-240:])
        for horizon, (_, actual, forecast) in results.items()
    },
    dates=test_dates,
    unit=sunspots.unit,
)
plt.show()
far_actual, far_forecast = (values[-240:] for values in results[24][1:])
explain(
    "Los últimos 20 años de la prueba; el error de cada título es el de esos años. A un mes, el "
    f"pronóstico se pega a lo que pasó. A 24 meses no pasa de {far_forecast.max():.0f} manchas, "
    f"cuando llegó a haber {far_actual.max():.0f}, y hasta pronostica {far_forecast.min():.0f}: "
    "nadie le ha dicho que no puede haber menos de cero."
)

# %% [markdown]
# Mira el primer panel: parece magia, pero ¿cuánto mejor es que copiar el último mes? Un gráfico a un paso no demuestra
# que un modelo sepa algo. Compara con todas las referencias, y a varios horizontes.

# %%
linear_errors = {horizon: errors["lineal"] for horizon, (errors, _, _) in results.items()}
gains = {}
for horizon, (errors, _, _) in results.items():
    gains[horizon] = {
        name: 1 - errors["lineal"] / errors[name]
        for name in ("persistencia", "media", "estacional")
    }
    shown = ", ".join(
        f"{100 * gain:2.0f} % frente a la {name}" for name, gain in gains[horizon].items()
    )
    print(f"horizonte {horizon:2d}: error {errors['lineal']:4.1f}; baja un {shown}")

# %% [markdown]
# Si miras solo la primera columna dirás que el modelo vale más cuanto más lejos; si miras otra, lo contrario. Lo que pasa es
# que a un mes el rival duro es la persistencia y a 24, la estacional: repetir lo de hace un ciclo. La ventaja que cuenta es
# **sobre el rival más fuerte de cada horizonte**, la menor de las tres, y a dos años apenas queda. Sin esa última columna
# nadie lo habría visto.
#
# ### ¿Y con otro examen?
#
# Todo lo anterior se ha medido en un solo examen, el final de cada serie. Si la serie hubiera acabado antes, ¿ganaría
# el mismo? Se puede probar. Se elige un mes, el **origen** (*forecast origin*); se entrena con lo anterior, se
# examina en el tramo que sigue, y se repite con un origen posterior. Dos cuidados:
#
# - los tramos de examen no se solapan: un mismo mes contado en dos exámenes no son dos pruebas;
# - los modelos se comparan **por parejas**, tramo a tramo: lo que un tramo tenga de difícil para los dos se resta.


# %%
def errors_by_origin(series, horizon, length, first):
    """MAE de cada modelo en tramos de `length` ejemplos; en cada uno se entrena con lo anterior."""
    count = len(series.values) - WIDTH - horizon + 1
    exams = []
    for origin in range(first, count - length + 1, length):
        train, test = np.arange(origin - (horizon - 1)), np.arange(origin, origin + length)
        actual, forecasts = forecast_all(series, horizon, train, test)
        exams.append({name: mae(actual, forecast) for name, forecast in forecasts.items()})
    return {name: np.array([errors[name] for errors in exams]) for name in exams[0]}


# %% [markdown]
# `paired` da la diferencia media y, entre paréntesis, un **intervalo** del 95 %: si todo se repitiera, unos 95 de cada 100
# intervalos así contendrían la diferencia verdadera. Solo si deja fuera el cero diremos que uno **gana**. Los tramos, de
# dos años en el mar y en el CO2, y de un ciclo en las manchas.
#
# **Predice**: en el mar, ¿a qué horizontes, de 1, 6 y 12 meses, ganará el modelo lineal al cambio habitual? ¿Y a la
# climatología?

# %%
lengths = {sunspots.name: sunspots.period, co2.name: 24, elnino.name: 24}
against_last = {}
for series in all_series:
    by_origin = errors_by_origin(series, horizon=1, length=lengths[series.name], first=180)
    against_last[series.name] = paired(by_origin["lineal"], by_origin["persistencia"])
    verdict = against_last[series.name].verdict(series.unit, decimals=2)
    print(f"{series.name}, a 1 mes, lineal frente a persistencia: {verdict}")
simple_gap = paired(by_origin["persistencia"], by_origin["estacional"])  # la última serie: el mar
explain(
    "En el mar y a un mes iban tan justas la persistencia simple y la estacional que convenía "
    f"mirarlo mejor: {simple_gap.verdict(elnino.unit, decimals=2)}."
)

# %%
duels = [
    (elnino, rival, horizon) for rival in ("habitual", "climatología") for horizon in (1, 6, 12)
]
duels += [(sunspots, "estacional", horizon) for horizon in (12, 24)]
against, neighbours = {}, []
for series, rival, horizon in duels:
    by_origin = errors_by_origin(series, horizon, lengths[series.name], first=180)
    gap = paired(by_origin["lineal"], by_origin[rival])
    against[series.name, rival, horizon] = gap
    differences = by_origin["lineal"] - by_origin[rival]
    neighbours.append(np.corrcoef(differences[:-1], differences[1:])[0, 1])
    verdict = gap.verdict(series.unit, decimals=2)
    print(f"{series.name}, horizonte {horizon:2d}, frente a {rival}: {verdict}")

# %% [markdown]
# A un mes, el lineal gana a la persistencia en las tres series. Pero en el mar **pierde** con el cambio habitual, aunque en el
# examen de antes iba por delante. A doce gana al cambio habitual, que a esa distancia solo repite el año pasado, y pierde
# con la climatología. A seis no se sabe con ninguno de los dos. **A ningún horizonte se puede decir que gane a
# todos**: con un solo rival habríamos concluido lo que quisiéramos. En las manchas gana a repetir el ciclo a un año; a dos no se sabe.
#
# Ese intervalo supone que lo que pasa en un tramo no dice nada del siguiente. No es seguro: los tramos son vecinos y comparten
# entrenamiento. Se puede mirar si las diferencias de dos tramos seguidos van juntas: su **correlación** sería de 1 si una
# se supiera por la otra, y de 0 si no tuvieran relación.

# %%
explain(
    "De todas esas comparaciones, la mayor correlación entre la diferencia de un tramo y la del "
    f"siguiente es {max(neighbours):.2f}. No se ve que los intervalos sean demasiado estrechos, "
    "aunque con unos veinte tramos la propia correlación se conoce mal."
)

# %% [markdown]
# Cuando esa correlación es alta, hacen falta tramos más largos o un **bootstrap por bloques**, que vuelve a sortear los datos
# a trozos (`course_utils.comparison.block_bootstrap`). Y hay cosas que no hemos demostrado: los primeros orígenes
# entrenan con solo quince años, y con más el lineal podría mejorar; y si el clima cambia, lo medido en años ya vividos puede no valer.
#
# Puedes parar aquí y seguir otro día.
#
# ## 5 · La fuga
#
# En muchos cursos los datos se reparten al azar entre entrenamiento y prueba. Con series es una trampa, y vamos a medirla.
# Suavizamos las manchas con la media de los últimos doce meses y pronosticamos a 24 meses con ventanas de 60. Un modelo
# es el lineal. El otro solo sabe **memorizar**: busca la ventana más parecida que ha visto y copia su objetivo.

# %%
smooth = np.convolve(sunspots.values, np.ones(12) / 12, mode="valid")  # solo mira atrás
inputs, targets = make_windows(smooth, width=60, horizon=24)
models = {"memoria": KNeighborsRegressor(1), "lineal": LinearRegression()}


def error_of(model, train, test):
    """MAE en `test` del modelo entrenado en `train`; `fit` empieza siempre de cero."""
    return mae(targets[test], model.fit(inputs[train], targets[train]).predict(inputs[test]))


# %% [markdown]
# **Predice**: ¿cuál parecerá mejor si repartimos al azar? ¿Y si repartimos en orden?

# %%
train, test = chronological(len(targets), horizon=24)
in_order = {name: error_of(model, train, test) for name, model in models.items()}

repeats = 5 if FAST else 30
at_random = {name: [] for name in models}
for _ in range(repeats):
    shuffled = rng.permutation(len(targets))
    random_train, random_test = shuffled[: len(train)], shuffled[len(train) :]
    for name, model in models.items():
        at_random[name].append(error_of(model, random_train, random_test))
at_random = {name: np.mean(errors) for name, errors in at_random.items()}
for name in models:
    print(f"{name:8s} al azar {at_random[name]:5.1f}   en orden {in_order[name]:5.1f}  (manchas)")

# %% [markdown]
# Al azar, el que memoriza parece un genio; en orden, su error es muchas veces mayor (si aún va por delante del lineal, es un
# solo examen, y ya sabes lo que vale). Un sospechoso está en la figura de la
# sección 2: ventanas vecinas son casi iguales, y sus objetivos también. Si una cae en entrenamiento y la de al lado en
# prueba, basta con copiar. Que la prueba se cuele así en el entrenamiento se llama **fuga de datos** (*data leakage*).
#
# ¿Es fuga toda la diferencia? También el lineal cambia de un reparto a otro, y **el examen es distinto**: uno mezcla todas las
# épocas y el otro es solo el final de la serie. Para medir solo la fuga hay que poner **el mismo examen**. Elegimos unas
# ventanas al azar y las predecimos tres veces: entrenando con todas las demás; sin las que comparten algún mes con la
# examinada; y, como control, sin otras tantas, pero lejanas. (Siempre se entrena también con el futuro: es un
# experimento para aislar la fuga, no una manera de examinar un modelo.)


# %%
def same_exam(model, exam, margin, away=0):
    """Error en las mismas ventanas, sin entrenar con las que están a `margin` pasos o menos.

    Esos pasos se cuentan desde la ventana examinada o, con `away`, desde otra a esa distancia.
    """
    places = np.arange(len(targets))
    errors = []
    for window in exam:
        center = (window + away) % len(targets)
        kept = (np.abs(places - center) > margin) & (places != window)
        errors.append(error_of(model, places[kept], [window]))
    return np.mean(errors)


exam = rng.choice(len(targets), size=100 if FAST else 500, replace=False)
margin = 60 + 24 + 10  # a más distancia, dos ventanas suavizadas no comparten ningún mes
settings = {"con": (0, 0), "sin": (margin, 0), "control": (margin, len(targets) // 2)}
same = {
    kind: {name: same_exam(model, exam, *setting) for name, model in models.items()}
    for kind, setting in settings.items()
}

# %%
title = "Quien memoriza vive de las ventanas vecinas"
plot_leak(same["con"], same["sin"], unit=sunspots.unit, title=title)
plt.show()
leak, control = (
    {name: same[kind][name] / same["con"][name] for name in models} for kind in ("sin", "control")
)
edges = [same[kind]["memoria"] / same[kind]["lineal"] for kind in ("con", "sin")]
explain(
    f"El mismo examen. Sin las ventanas vecinas, el error del que memoriza se multiplica por "
    f"{leak['memoria']:.1f}; el del lineal, por {leak['lineal']:.2f}. Si se quitan otras tantas, "
    f"pero lejanas, por {control['memoria']:.2f} y {control['lineal']:.2f}: importa cuáles faltan, "
    f"no cuántas. Con vecinas, el error del que memoriza era {edges[0]:.2f} veces el del lineal; "
    f"sin ellas, {edges[1]:.2f}: su ventaja era fuga."
)

# %% [markdown]
# Una red neuronal también puede memorizar. La regla: **entrena con el pasado,
# examina con el futuro**, y deja entre ambos el hueco del horizonte.
#
# ## 6 · El escalador, o no toda fuga se nota
#
# A las redes se les suele dar valores pequeños y centrados: se resta la media y se divide entre la desviación
# típica. ¿De qué datos se calculan? Si se usan todos, la media del futuro se cuela en el entrenamiento. Los
# manuales lo prohíben. Midamos cuánto importa.
#
# ### Ejercicio 11.3 ★★ · Separar y escalar sin fugas
#
# Devuelve los tramos de entrenamiento y de prueba, en ese orden y ya escalados, con la media y la desviación típica que
# **se podían conocer** al entrenar. La desviación es la de NumPy, `std()`, que divide entre el número de valores
# (la de pandas divide entre uno menos).


# %% tags=["exercise"]
def split_and_scale(series, test_size):
    """Entrenamiento y prueba (los últimos `test_size` valores), escalados sin fugas."""
    ### BEGIN SOLUTION
    train, test = series[:-test_size], series[-test_size:]
    mean, std = train.mean(), train.std()
    return (train - mean) / std, (test - mean) / std
    ### END SOLUTION


# %% tags=["check"]
split_and_scale = check("11.3", split_and_scale)


# %% [markdown]
# Ahora, el experimento. Pronosticamos el CO2 a un mes con tu escalador y con la fuga, y medimos el error dos veces: en
# unidades escaladas y en ppm, deshaciendo la escala. Probamos también una regresión con **penalización** (`Ridge`), que
# prefiere coeficientes pequeños: cuánto los prefiere lo dice `alpha`.
#
# **Predice**: ¿cuánto cambiará la fuga el error del modelo lineal?


# %%
def one_step_errors(scaled, std, model):
    """MAE en prueba a un mes: (en ppm, en unidades escaladas)."""
    inputs, targets = make_windows(scaled, WIDTH)
    train, test = chronological(len(targets), horizon=1)
    error = mae(targets[test], model.fit(inputs[train], targets[train]).predict(inputs[test]))
    return error * std, error


values = co2.values
test_size = round(0.15 * (len(values) - WIDTH))
clean_std, leaky_std = values[:-test_size].std(), values.std()
clean_scaled = np.concatenate(split_and_scale(values, test_size))
leaky_scaled = (values - values.mean()) / leaky_std
scaling = {}
for name, model in {"lineal": LinearRegression(), "con penalización": Ridge(alpha=10)}.items():
    clean = one_step_errors(clean_scaled, clean_std, model)
    leaky = one_step_errors(leaky_scaled, leaky_std, model)
    scaling[name] = clean, leaky
    print(
        f"{name:16s} en ppm: {clean[0]:.4f} → {leaky[0]:.4f}   escalado: {clean[1]:.4f} → "
        f"{leaky[1]:.4f}"
    )

# %%
(clean_ppm, clean_units), (leaky_ppm, leaky_units) = scaling["lineal"]
(ridge_clean, _), (ridge_leaky, _) = scaling["con penalización"]
stronger = Ridge(alpha=10 * (leaky_std / clean_std) ** 2)
ridge_stronger, _ = one_step_errors(clean_scaled, clean_std, stronger)
sea = elnino.values
sea_std = sea[: -round(0.15 * (len(sea) - WIDTH))].std()
explain(
    "En ppm, la fuga no cambia el error del modelo lineal. En unidades escaladas parece mejorar un "
    f"{100 * (1 - leaky_units / clean_units):.0f} %, con los mismos pronósticos: es lo que crece la "
    f"desviación típica, de {clean_std:.1f} a {leaky_std:.1f} ppm. En el mar, que no tiene esa "
    f"tendencia, va de {sea_std:.2f} a {sea.std():.2f} °C. Al modelo con penalización la fuga lo "
    f"empeora un {100 * (ridge_leaky / ridge_clean - 1):.0f} % también en ppm."
)

# %% [markdown]
# Tres resultados que conviene separar:
#
# 1. A la regresión lineal le da igual la escala: otra escala solo cambia sus coeficientes, no sus pronósticos.
# 2. Si el error se da **en unidades escaladas**, la fuga estira la regla de medir. Como el CO2 crece, la desviación típica
#    de toda la serie es mayor, y el mismo error parece más pequeño. Por eso aquí el error se mide siempre en las unidades
#    de la serie.
# 3. Si el modelo depende de la escala, los pronósticos cambian. Con penalización, otra escala equivale a otro `alpha`, y
#    esta vez sale peor. La fuga es un error porque mide otra cosa, no porque favorezca siempre el resultado.
#
# ## 7 · Rómpelo y arréglalo
#
# Tres personas han escrito su función de ventanas, a un paso. En las tres hay tantos objetivos como ventanas, y ninguna
# lanza una excepción. Cada una mide también la persistencia con sus propias ventanas.


# %%
def cut_a(series, width):
    count = len(series) - width - 1
    return np.array([series[i : i + width] for i in range(count)]), series[width - 1 : -2]


def cut_b(series, width):
    count = len(series) - width
    return np.array([series[i : i + width] for i in range(count)]), series[width:]


def cut_c(series, width):
    count = len(series) - width - 1
    return np.array([series[i : i + width] for i in range(count)]), series[width + 1 :]


cuts = {"cut_a": cut_a, "cut_b": cut_b, "cut_c": cut_c}
cut_errors, cut_references = {}, {}
for name, cut in cuts.items():
    x, y = cut(sunspots.values, WIDTH)
    train, test = chronological(len(y), horizon=1)
    cut_errors[name] = mae(y[test], LinearRegression().fit(x[train], y[train]).predict(x[test]))
    cut_references[name] = mae(y[test], x[test, -1])
    print(
        f"{name}: MAE {cut_errors[name]:.1f}, y el de la persistencia, {cut_references[name]:.1f}"
    )

# %% [markdown]
# Una da un error de cero: demasiado bueno para ser verdad. Pero ¿y las otras dos? Las dos mejoran a su referencia en una
# proporción parecida. Mirando los resultados, nadie sabría cuál está mal.
#
# ### Ejercicio 11.4 ★★★ · Un detector de desplazamientos
#
# Escribe una función que reciba **otra función**, como `cut_a`, y diga cuántos pasos está desplazado su objetivo: 0 si es el
# que sigue a la ventana, -1 si llega un paso antes (y se cuela en la ventana), 1 si llega un paso después… La rampa te dirá en
# qué lugar de la serie están la ventana y el objetivo que esa función devuelve.


# %% tags=["exercise"]
def measure_shift(cut):
    """Pasos que el objetivo de cut(series, width) está desplazado; 0 es lo correcto."""
    ### BEGIN SOLUTION
    ramp = np.arange(40.0)
    inputs, targets = cut(ramp, 6)
    return targets[0] - inputs[0, -1] - 1
    ### END SOLUTION


# %% tags=["check"]
measure_shift = check("11.4", measure_shift)

# %%
shifts = {name: int(measure_shift(cut)) for name, cut in cuts.items()}
for name, shift in shifts.items():
    print(f"{name}: desplazamiento {shift}, MAE {cut_errors[name]:.1f}")

# %% [markdown]
# Lo que se adelanta se nota: el objetivo es el último valor de la ventana y basta con copiarlo. Lo que se retrasa no: solo
# empeora un poco. Por eso se busca con una prueba y no mirando el resultado.
#
# ## 8 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("A seis meses, en el mar la persistencia simple se equivoca más del triple que a doce",
          further[6][elnino.name]["persistencia"] / further[12][elnino.name]["persistencia"],
          ">", 3, kind="identidad"),
    claim("Un MASE mayor que 1 no impide tener menos error que la persistencia en la prueba",
          min(mases[sunspots.name], one_step[sunspots.name]["persistencia"] / linear_errors[1]),
          ">", 1.02, kind="identidad"),
    claim("A 24 meses, el error es más del doble que a uno",
          linear_errors[24] / linear_errors[1], ">", 2, kind="identidad"),
    claim("La ventaja sobre la persistencia crece con el horizonte",
          gains[24]["persistencia"] - gains[1]["persistencia"], ">", 0.2, kind="identidad"),
    claim("Y la ventaja sobre la media mengua",
          gains[1]["media"] - gains[24]["media"], ">", 0.2, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("A un mes, el lineal gana a la persistencia en las tres series",
          max(gap.high for gap in against_last.values()), "<", 0, kind="identidad"),
    claim("En el mar, a un mes le gana el cambio habitual",
          against[elnino.name, "habitual", 1].low, ">", 0, kind="identidad"),
    claim("A seis meses no se sabe si gana a uno o al otro",
          max(against[elnino.name, rival, 6].is_clear for rival in ("habitual", "climatología")),
          "==", 0, kind="identidad"),
    claim("A doce meses gana al cambio habitual",
          against[elnino.name, "habitual", 12].high, "<", 0, kind="identidad"),
    claim("Pero pierde con la climatología",
          against[elnino.name, "climatología", 12].low, ">", 0, kind="identidad"),
    claim("En las manchas, a un año gana a repetir el ciclo",
          against[sunspots.name, "estacional", 12].high, "<", 0, kind="identidad"),
    claim("Y a dos años no se sabe",
          against[sunspots.name, "estacional", 24].is_clear, "==", 0, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Al azar, el que memoriza parece mejor que el lineal",
          at_random["memoria"] / at_random["lineal"], "<", 0.25),
    claim("Con el mismo examen, la fuga divide su error por más de cuatro", leak["memoria"], ">", 4),
    claim("Al lineal la fuga apenas le cambia el error", leak["lineal"], "in", (0.9, 1.1)),
    claim("Sin fuga, el que memoriza pierde su ventaja", edges[1], ">", 0.65),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El escalador con fuga no cambia los pronósticos del lineal",
          abs(leaky_ppm - clean_ppm), "<", 1e-8, kind="identidad"),
    claim("Pero en unidades escaladas parece mejorar",
          leaky_units / clean_units, "<", 0.9, kind="identidad"),
    claim("Con penalización, la fuga equivale a penalizar más",
          abs(ridge_stronger - ridge_leaky), "<", 1e-8, kind="identidad"),
    claim("La función retrasada un paso tiene menos error que su referencia, como la buena que la suya",
          max(cut_errors[name] / cut_references[name] for name in ("cut_b", "cut_c")),
          "<", 0.95, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Una serie se corta en **ventanas** con su **objetivo**; a una red le llegan como (lote, tiempo, características).
# - Todo error se compara con una **referencia**: persistencia, persistencia estacional, climatología, cambio habitual,
#   regresión lineal.
# - Mira varios **horizontes**, y en cada uno compárate con el rival más fuerte.
# - «Gana» se dice con varios orígenes y un intervalo que deja fuera el cero.
# - Entrena con el pasado y examina con el futuro. Al azar, quien memoriza hace trampa sin querer.
# - El error, en las unidades de la serie.
#
# ## Errores frecuentes
#
# - Un objetivo desplazado un paso: pruébalo con una rampa.
# - Repartir ventanas al azar entre entrenamiento y prueba.
# - Calcular la escala con toda la serie y dar el error en unidades escaladas.
# - Enseñar un gráfico a un paso como prueba de que el modelo funciona.
# - No decir cuánto acierta el modelo que no aprende nada.
# - Decidir quién gana con un solo examen.
#
# ## Para saber más
#
# - R. J. Hyndman y A. B. Koehler (2006), *Another look at measures of forecast accuracy*, International Journal of
#   Forecasting 22.
# - R. J. Hyndman y G. Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3.ª edición.
# - L. J. Tashman (2000), *Out-of-sample tests of forecasting accuracy: an analysis and review*, International Journal of
#   Forecasting 16: los exámenes con varios orígenes.
# - S. Kapoor y A. Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*,
#   Patterns 4.
#
# **Siguiente**: [12 · Una red recurrente con NumPy](12_rnn_numpy.ipynb).

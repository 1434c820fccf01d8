# %% [markdown]
# # 11 · Secuencias
#
# **¿Cómo se convierte una serie de números en algo que una red pueda aprender, y cómo se sabe si ha aprendido
# de verdad?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a cortar una serie en ventanas y objetivos sin equivocarte en un paso; a medir un pronóstico con MAE, RMSE y MASE frente a un modelo de referencia; a separar entrenamiento y prueba sin fugas; a reconocer un resultado demasiado bueno |
# | **Antes de empezar** | [00 · Empieza aquí](00_empieza_aqui.ipynb); Python y NumPy básicos |
# | **Tiempo** | 45 minutos de lectura y ejercicios; medio minuto de ejecución |
# | **Herramientas** | NumPy y scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: más repeticiones en el experimento de la sección 5 (unos veinte segundos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor

from course_utils.claims import claim, explain, verify
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
one_feature = window_values[..., None]  # (lote, tiempo, 1)
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
# El mismo MAE puede esconder errores muy distintos: el RMSE los delata.
#
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
# Un modelo lineal por cada serie y horizonte, y a su lado las referencias: la **media** del entrenamiento, la persistencia y, si
# el ciclo cabe en la ventana, la persistencia estacional.


# %%
def evaluate(series, horizon, width=24):
    """MAE en prueba de cada modelo, junto con lo que pasó y lo que pronosticó el lineal."""
    inputs, targets = make_windows(series.values, width, horizon)
    train, test = chronological(len(targets), horizon)
    linear = LinearRegression().fit(inputs[train], targets[train]).predict(inputs[test])
    forecasts = {
        "media": np.full(len(test), targets[train].mean()),
        "persistencia": inputs[test, -1],
        "lineal": linear,
    }
    if series.period <= width:  # el mismo mes del último año que la ventana contiene
        forecasts["estacional"] = inputs[test, -series.period + (horizon - 1) % series.period]
    errors = {name: mae(targets[test], forecast) for name, forecast in forecasts.items()}
    return errors, targets[test], linear


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
# A un paso, para ninguna, aunque en el mar por poco: el último mes visto se parece más al siguiente que el mismo mes del año
# anterior. Las manchas solares no
# tienen columna estacional: su ciclo, de unos once años, no cabe en una ventana de dos años. ¿Y a seis meses vista?

# %%
six_steps = {series.name: evaluate(series, horizon=6)[0] for series in all_series}
print_errors(six_steps)

# %% [markdown]
# Medio año después es la estación contraria, y la persistencia simple se hunde en las dos series con ciclo anual.
# Cuál es la referencia más fuerte depende de la serie **y** del horizonte: pruébalas todas.
#
# ¿Y el MASE? Usémoslo para comparar series que no comparten unidades.

# %%
mases = {}
for series in all_series:
    _, actual, forecast = evaluate(series, horizon=1)
    training = series.values[: -len(actual)]
    period = series.period if series.period <= 24 else 1
    mases[series.name] = mase(actual, forecast, training, period)
explain(
    "MASE del modelo lineal a un mes: "
    + "; ".join(f"{name}, {value:.2f}" for name, value in mases.items())
    + "."
)

# %% [markdown]
# Un momento: ¿no pasa de 1 el de las manchas solares, cuando en la tabla el lineal ganaba a la persistencia? Las dos cosas
# son ciertas. La tabla compara en la prueba; el MASE divide entre el error de la persistencia **en el entrenamiento**, y
# los siglos de entrenamiento fueron más tranquilos que el final de la serie. Un MASE mayor que 1 puede decir que el modelo
# es malo o que la prueba es más difícil que lo estudiado. Mira siempre las dos cosas.
#
# ## 4 · Más lejos
#
# A un paso casi cualquier modelo parece bueno, porque mañana se parece mucho a hoy. La pregunta útil es hasta dónde llega.
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
lowest = results[24][2][-240:].min()
explain(
    "Los últimos 20 años de la prueba; el error de cada título es el de esos años. A un mes, el "
    "pronóstico se pega a lo que pasó. A 24 meses llega tarde, no alcanza los "
    f"máximos y hasta pronostica {lowest:.0f} manchas: nadie le ha dicho que no puede haber menos "
    f"de cero."
)

# %% [markdown]
# Mira el primer panel: parece magia, pero la persistencia haría un dibujo casi igual. Un gráfico a un paso nunca demuestra
# que un modelo sepa algo. Compara con todas las referencias, y a varios horizontes.

# %%
linear_errors = {horizon: errors["lineal"] for horizon, (errors, _, _) in results.items()}
gains = {}
for horizon, (errors, _, _) in results.items():
    gains[horizon] = {
        name: 1 - errors["lineal"] / errors[name] for name in ("persistencia", "media")
    }
    print(
        f"horizonte {horizon:2d}: error {errors['lineal']:4.1f}   "
        f"mejora a la persistencia un {100 * gains[horizon]['persistencia']:2.0f} % "
        f"y a la media un {100 * gains[horizon]['media']:2.0f} %"
    )

# %% [markdown]
# Si miras solo la primera mejora dirás que el modelo vale más cuanto más lejos; si miras solo la segunda, lo contrario. Lo
# que pasa es que a un mes el rival duro es la persistencia y a 24, la media. La mejora que cuenta es **sobre el rival más
# fuerte de cada horizonte**, la menor de las dos: aquí también crece con el horizonte, pero menos de lo que promete la
# primera columna, y a 24 meses quien pone el listón es la media.
#
# ## 5 · La fuga
#
# En muchos cursos los datos se reparten al azar entre entrenamiento y prueba. Con series es una trampa, y vamos a medirla.
# Suavizamos las manchas con la media de los últimos doce meses y pronosticamos a 24 meses con ventanas de 60. Un modelo
# es el lineal. El otro solo sabe **memorizar**: busca la ventana más parecida que ha visto y copia su objetivo.

# %%
smooth = np.convolve(sunspots.values, np.ones(12) / 12, mode="valid")  # solo mira atrás
inputs, targets = make_windows(smooth, width=60, horizon=24)
models = {"memoria": lambda: KNeighborsRegressor(1), "lineal": LinearRegression}


def error_of(make_model, train, test):
    """MAE en `test` de un modelo recién creado y entrenado en `train`."""
    model = make_model().fit(inputs[train], targets[train])
    return mae(targets[test], model.predict(inputs[test]))


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
# Al azar, el que memoriza parece un genio; en orden, su error es muchas veces mayor. La razón está en la figura de la sección 2: ventanas vecinas son casi iguales, y
# sus objetivos también. Si una cae en entrenamiento y la de al lado en prueba, basta con copiar. Que la prueba se cuele así en
# el entrenamiento se llama **fuga de datos** (*data leakage*).
#
# ¿Es fuga toda la diferencia? También el lineal cambia de un reparto a otro, y él no puede memorizar. Es que **el examen es
# distinto**: uno mezcla todas las épocas y el otro es solo el final de la serie, un tramo particular. Para medir solo la fuga hay que poner **el mismo examen**. Elegimos unas ventanas al azar
# y las predecimos dos veces: entrenando con todas las demás, y entrenando solo con las que no comparten ningún mes con
# ellas. (En los dos casos se entrena también con el futuro: es un experimento para aislar la fuga, no una manera de
# examinar un modelo.)


# %%
def same_exam(make_model, exam, margin):
    """Error en las mismas ventanas entrenando sin las que están a `margin` pasos o menos."""
    everything = np.arange(len(targets))
    errors = [
        error_of(make_model, everything[np.abs(everything - window) > margin], [window])
        for window in exam
    ]
    return np.mean(errors)


exam = rng.choice(len(targets), size=100 if FAST else 500, replace=False)
with_neighbours = {name: same_exam(model, exam, margin=0) for name, model in models.items()}
without_neighbours = {
    name: same_exam(model, exam, margin=60 + 24 + 10) for name, model in models.items()
}

# %%
title = "Quien memoriza vive de las ventanas vecinas"
plot_leak(with_neighbours, without_neighbours, unit=sunspots.unit, title=title)
plt.show()
memory_leak = without_neighbours["memoria"] / with_neighbours["memoria"]
linear_leak = without_neighbours["lineal"] / with_neighbours["lineal"]
explain(
    f"El mismo examen. Sin las ventanas vecinas, el error del que memoriza se multiplica por "
    f"{memory_leak:.1f}; el del "
    f"lineal, por {linear_leak:.2f}. Toda esa diferencia era fuga: sin ella los dos modelos "
    f"quedan a la par."
)

# %% [markdown]
# Un modelo capaz de memorizar, y una red neuronal lo es, aprovechará cualquier rendija. La regla: **entrena con el pasado,
# examina con el futuro**, y deja entre ambos el hueco del horizonte.
#
# ## 6 · El escalador, o no toda fuga se nota
#
# Las redes aprenden mejor con valores pequeños y centrados, así que se suele restar la media y dividir entre la desviación
# típica. ¿De qué datos se calculan? Si se usan todos, la media del futuro se cuela en el entrenamiento. Todos los
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
# **Predice**: ¿cuánto mejorará el error del modelo lineal gracias a la fuga?


# %%
def one_step_errors(scaled, std, model):
    """MAE en prueba a un mes: (en ppm, en unidades escaladas)."""
    inputs, targets = make_windows(scaled, 24)
    train, test = chronological(len(targets), horizon=1)
    error = mae(targets[test], model.fit(inputs[train], targets[train]).predict(inputs[test]))
    return error * std, error


values = co2.values
test_size = round(0.15 * (len(values) - 24))
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
explain(
    "En ppm, la fuga no cambia el error del modelo lineal. En unidades escaladas parece mejorar un "
    f"{100 * (1 - leaky_units / clean_units):.0f} %, con los mismos pronósticos. Y al modelo con "
    f"penalización lo empeora un "
    f"{100 * (ridge_leaky / ridge_clean - 1):.0f} % también en ppm."
)

# %% [markdown]
# Tres resultados que conviene separar:
#
# 1. A la regresión lineal le da igual la escala: otra escala solo cambia sus coeficientes, no sus pronósticos.
# 2. Si el error se da **en unidades escaladas**, la fuga estira la regla de medir. Como el CO2 crece, la desviación típica
#    de toda la serie es mayor y el mismo error parece más pequeño. Por eso aquí el error se mide siempre en las unidades
#    de la serie.
# 3. Si el modelo depende de la escala, los pronósticos cambian. Con penalización, otra escala equivale a otro `alpha`, y
#    esta vez sale peor. A casi todas las redes también les importa la escala. La fuga es un error porque mide otra cosa,
#    no porque favorezca siempre el resultado.
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
    x, y = cut(sunspots.values, 24)
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
# El error que se adelanta se nota, porque el modelo copia el último valor de la ventana. El que se retrasa no: solo
# empeora un poco. Por eso se busca con una prueba y no mirando el resultado.
#
# ## 8 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("A un mes, la persistencia simple gana a la estacional en el CO2",
          one_step[co2.name]["persistencia"] / one_step[co2.name]["estacional"], "<", 0.9, kind="identidad"),
    claim("El lineal mejora a la persistencia en las tres series",
          max(errors["lineal"] / errors["persistencia"] for errors in one_step.values()), "<", 1, kind="identidad"),
    claim("A seis meses, en la temperatura del mar gana la persistencia estacional",
          six_steps[elnino.name]["estacional"] / six_steps[elnino.name]["persistencia"], "<", 0.5, kind="identidad"),
    claim("Un MASE mayor que 1 no impide ganar a la persistencia en la prueba",
          mases[sunspots.name], ">", 1.02, kind="identidad"),
    claim("A 24 meses, el error es más del doble que a uno",
          linear_errors[24] / linear_errors[1], ">", 2, kind="identidad"),
    claim("Frente a la persistencia, el lineal mejora más cuanto más lejos",
          gains[24]["persistencia"] - gains[1]["persistencia"], ">", 0.2, kind="identidad"),
    claim("Frente a la media, mejora menos cuanto más lejos",
          gains[1]["media"] - gains[24]["media"], ">", 0.2, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Al azar, el que memoriza parece mejor que el lineal",
          at_random["memoria"] / at_random["lineal"], "<", 0.25),
    claim("Con el mismo examen, la fuga divide su error por más de cuatro", memory_leak, ">", 4),
    claim("Al lineal la fuga apenas le cambia el error", linear_leak, "in", (0.9, 1.1)),
    claim("Sin fuga, ninguno de los dos gana con claridad",
          without_neighbours["memoria"] / without_neighbours["lineal"], "in", (0.6, 1.6)),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El escalador con fuga no cambia los pronósticos del lineal",
          abs(leaky_ppm - clean_ppm), "<", 1e-8, kind="identidad"),
    claim("Pero en unidades escaladas parece mejorar",
          leaky_units / clean_units, "<", 0.9, kind="identidad"),
    claim("Con penalización, los pronósticos sí cambian",
          abs(ridge_leaky / ridge_clean - 1), ">", 0.05, kind="identidad"),
    claim("La fuga equivale a penalizar más", abs(ridge_stronger - ridge_leaky), "<", 1e-8, kind="identidad"),
    claim("La función adelantada un paso parece perfecta", cut_errors["cut_a"], "<", 1e-6, kind="identidad"),
    claim("La retrasada mejora a su referencia tanto como la buena a la suya",
          cut_errors["cut_c"] / cut_references["cut_c"] - cut_errors["cut_b"] / cut_references["cut_b"],
          "in", (-0.1, 0.1), kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Una serie se corta en **ventanas** con su **objetivo**; a una red le llegan como (lote, tiempo, características).
# - Todo error se compara con una **referencia**: persistencia, persistencia estacional, regresión lineal.
# - A un paso todo parece bueno; mira varios **horizontes**, y en cada uno compárate con el rival más fuerte.
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
#
# ## Para saber más
#
# - R. J. Hyndman y A. B. Koehler (2006), *Another look at measures of forecast accuracy*, International Journal of
#   Forecasting 22.
# - R. J. Hyndman y G. Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3.ª edición.
# - S. Kapoor y A. Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*,
#   Patterns 4.
#
# **Siguiente**: [12 · Una red recurrente con NumPy](12_rnn_numpy.ipynb).

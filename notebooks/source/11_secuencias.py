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
FAST = True  # False: más repeticiones en el experimento de la sección 5
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
from course_utils.plotting.series import (
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
# llama **serie temporal**. Estas tres son reales y nos acompañarán varias lecciones.

# %%
sunspots, co2, elnino = load_sunspots(), load_co2(), load_elnino()
plot_series([sunspots, co2, elnino])
plt.show()
explain(
    f"Las manchas solares suben y bajan en ciclos de unos {sunspots.period / 12:.0f} años, ninguno igual a otro. El CO2 "
    f"tiene una tendencia, de {co2.values[0]:.0f} a {co2.values[-1]:.0f} ppm, y un vaivén anual. La temperatura del mar "
    "repite el año casi siempre; cuando no lo hace, hablamos de El Niño y La Niña."
)

# %% [markdown]
# ## 2 · De la serie al tensor
#
# Un modelo aprende de ejemplos: «con esto que se ve, pasa aquello». Una serie no trae ejemplos, pero se pueden cortar. Se
# toma un tramo de `width` valores seguidos, la **ventana**, y como **objetivo** el valor que viene después. Luego se
# corre todo un paso y se repite.

# %%
plot_windows(sunspots.values[:9], width=4)
plt.show()
explain(
    "Cada fila es un ejemplo: en azul, la ventana de cuatro meses; en naranja, su objetivo. Con nueve meses salen cinco "
    "ejemplos, y ventanas vecinas comparten casi todo. Ese parecido nos dará problemas en la sección 5."
)

# %% [markdown]
# A veces interesa más lejos: el **horizonte** (`horizon`) dice a cuántos pasos del último valor visto está el objetivo. Con
# horizonte 1 es el siguiente; con 12, el de dentro de un año.
#
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
# Fíjate en el truco de la última celda: con una **rampa** 0, 1, 2… cada valor dice en qué posición estaba, y un error de un
# paso salta a la vista. Úsalo siempre que escribas código que corte series.
#
# A una red recurrente los datos le llegan en tres dimensiones: **(lote, tiempo, características)**. El lote son los
# ejemplos; el tiempo, los pasos de la ventana; las **características** (*features*), lo que se mide en cada paso. Con una
# sola medida, la tercera dimensión es 1.

# %%
window_values, _ = make_windows(elnino.values, width=24)
one_feature = window_values[..., None]  # (lote, tiempo, 1)
month_angle = 2 * np.pi * (np.arange(len(elnino.values)) % 12) / 12
month_windows = [make_windows(f(month_angle), width=24)[0] for f in (np.sin, np.cos)]
three_features = np.stack([window_values, *month_windows], axis=-1)  # (lote, tiempo, 3)
print("solo la temperatura:         ", one_feature.shape)
print("temperatura y época del año: ", three_features.shape)

# %% [markdown]
# El mes va como seno y coseno para que diciembre quede al lado de enero.
#
# ## 3 · Antes de una red, una referencia
#
# «El error es de 13 manchas» no dice nada hasta que se compara. El primer rival de cualquier modelo es el que no aprende:
#
# - **persistencia**: mañana será como hoy;
# - **persistencia estacional**: será como en el mismo punto del ciclo anterior.
#
# Y el segundo, el más sencillo de los que aprenden: una **regresión lineal** sobre la ventana. Para medir usaremos el
# **MAE**, la media de los errores sin signo, y el **RMSE**, que eleva al cuadrado antes de promediar y castiga más los
# errores grandes. Los dos tienen las unidades de la serie.


# %%
def mae(actual, forecast):
    """Error absoluto medio."""
    return np.abs(actual - forecast).mean()


def rmse(actual, forecast):
    """Raíz del error cuadrático medio."""
    return np.sqrt(np.square(actual - forecast).mean())


calm = np.array([3.0, -3.0, 3.0, -3.0])
spiky = np.array([0.0, 0.0, 0.0, 12.0])
for name, errors in {"errores parejos": calm, "un solo error grande": spiky}.items():
    print(f"{name:21s} MAE {mae(errors, 0):.1f}   RMSE {rmse(errors, 0):.1f}")

# %% [markdown]
# El mismo MAE puede esconder errores muy distintos: el RMSE los delata.
#
# Falta comparar series con unidades diferentes. El **MASE** (Hyndman y Koehler, 2006) divide el MAE entre el que comete la
# persistencia, a un paso, **en el tramo de entrenamiento**. Si la serie tiene un ciclo de `period` pasos, la persistencia
# es la estacional. Menos de 1 es mejorar a esa referencia.
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
# Ya podemos comparar. El conjunto de **prueba** es el 15 % final de la serie: se entrena con el pasado y se examina con el
# futuro, como en la vida real.


# %%
def chronological(count, horizon, test=0.15):
    """Índices de entrenamiento y de prueba, en orden. Entre ambos se dejan horizon - 1 ejemplos."""
    first_test = count - round(test * count)
    return np.arange(first_test - (horizon - 1)), np.arange(first_test, count)


def evaluate(series, horizon, width=24):
    """MAE en prueba de cada modelo, junto con lo que pasó y lo que pronosticó el lineal."""
    inputs, targets = make_windows(series.values, width, horizon)
    train, test = chronological(len(targets), horizon)
    linear = LinearRegression().fit(inputs[train], targets[train]).predict(inputs[test])
    forecasts = {"persistencia": inputs[test, -1], "lineal": linear}
    if series.period <= width:
        forecasts["estacional"] = inputs[test, -series.period + (horizon - 1) % series.period]
    errors = {name: mae(targets[test], forecast) for name, forecast in forecasts.items()}
    return errors, targets[test], linear


# %% [markdown]
# **Predice**: a un mes vista, ¿para cuál de las tres series será mejor la persistencia estacional que la simple?

# %%
one_step = {series.name: evaluate(series, horizon=1)[0] for series in (sunspots, co2, elnino)}
for name, errors in one_step.items():
    print(f"{name:32s}", "  ".join(f"{model} {error:.2f}" for model, error in errors.items()))

# %% [markdown]
# A un paso, para ninguna. El mes pasado se parece más al que viene que el mismo mes del año anterior: en el CO2, porque un
# año de tendencia pesa más que un mes de vaivén; en la temperatura del mar, por poco. Las manchas solares no tienen
# columna estacional: su ciclo, de unos once años, no cabe en una ventana de dos.
#
# ¿Y el MASE? Usémoslo para comparar series que no comparten unidades.

# %%
mases = {}
for series in (sunspots, co2, elnino):
    _, actual, forecast = evaluate(series, horizon=1)
    training = series.values[: -len(actual)]
    mases[series.name] = mase(actual, forecast, training)
explain(
    "MASE del modelo lineal a un mes: "
    + "; ".join(f"{name}, {value:.2f}" for name, value in mases.items())
    + "."
)

# %% [markdown]
# Un momento: ¿no pasa de 1 el de las manchas solares, cuando en la tabla el lineal ganaba a la persistencia? Las dos cosas
# son ciertas. La tabla compara en la prueba; el MASE divide entre el error de la persistencia **en el entrenamiento**, y
# los siglos de entrenamiento fueron más tranquilos que el final de la serie. Un MASE mayor que 1 puede decir que el modelo
# es malo o que el examen es más difícil que lo estudiado. Mira siempre las dos cosas.

# %% [markdown]
# ## 4 · Más lejos
#
# A un paso casi cualquier modelo parece bueno, porque mañana se parece mucho a hoy. La pregunta útil es hasta dónde llega.
#
# **Predice**: en las manchas solares, ¿cuánto crecerá el error del modelo lineal entre 1 y 24 meses?

# %%
horizons = (1, 6, 12, 24)
results = {horizon: evaluate(sunspots, horizon) for horizon in horizons}
plot_horizons(
    {horizon: result[1:] for horizon, result in results.items()}, unit=sunspots.unit, last=240
)
plt.show()
linear_errors = {horizon: errors["lineal"] for horizon, (errors, _, _) in results.items()}
persistence_errors = {
    horizon: errors["persistencia"] for horizon, (errors, _, _) in results.items()
}
explain(
    f"Los últimos 20 años del examen. A un mes, el pronóstico se pega a lo que pasó: error de {linear_errors[1]:.0f} manchas. A 24 meses "
    f"llega tarde y no alcanza los máximos: {linear_errors[24]:.0f} manchas, {linear_errors[24] / linear_errors[1]:.1f} veces más."
)

# %% [markdown]
# Mira el primer panel: parece magia, pero la persistencia haría un dibujo casi igual. Un gráfico a un paso nunca demuestra
# que un modelo sepa algo. Compara siempre con la referencia, y a varios horizontes.

# %%
for horizon in horizons:
    gain = 1 - linear_errors[horizon] / persistence_errors[horizon]
    print(
        f"{horizon:2d} meses: lineal {linear_errors[horizon]:5.1f}   "
        f"persistencia {persistence_errors[horizon]:5.1f}   mejora {gain:4.0%}"
    )

# %% [markdown]
# Lo que el modelo aporta **crece** con el horizonte: a un mes casi todo el mérito es de la inercia del Sol.
#
# ## 5 · La fuga
#
# En muchos cursos los datos se reparten al azar entre entrenamiento y prueba. Con series es una trampa, y vamos a medirla.
# Suavizamos las manchas con la media de los doce meses anteriores y pronosticamos a 24 meses con ventanas de 60. Un modelo
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
# Al azar, el que memoriza parece un genio. La razón está en la figura de la sección 2: ventanas vecinas son casi iguales, y
# sus objetivos también. Si una cae en entrenamiento y la de al lado en prueba, basta con copiar.
#
# Pero cuidado: también el lineal cambia de un reparto a otro, y él no puede memorizar. Es que **el examen es distinto**: el
# final de la serie tiene ciclos más altos que la media de todas las épocas. Para medir solo la fuga hay que poner el mismo
# examen. Elegimos unas ventanas de prueba al azar y las predecimos dos veces: entrenando con todas las demás, y
# entrenando solo con las que no se solapan con ellas.


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
    name: same_exam(model, exam, margin=60 + 24) for name, model in models.items()
}

# %%
plot_leak(with_neighbours, without_neighbours, unit=sunspots.unit)
plt.show()
memory_leak = without_neighbours["memoria"] / with_neighbours["memoria"]
linear_leak = without_neighbours["lineal"] / with_neighbours["lineal"]
explain(
    f"El mismo examen. Sin las ventanas vecinas, el error del que memoriza se multiplica por {memory_leak:.1f}; el del "
    f"lineal, por {linear_leak:.2f}. Toda esa diferencia era fuga: sin ella los dos modelos quedan a la par."
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
# **se podían conocer** al entrenar.


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
# Ahora, el experimento. Pronosticamos el CO2 a un mes con el escalador bien calculado y con la fuga, y medimos el error
# dos veces: en ppm, deshaciendo la escala, y en unidades escaladas.
#
# **Predice**: ¿cuánto mejorará el error del modelo lineal gracias a la fuga?


# %%
def scaled_errors(model, scaler_values, values=co2.values, width=24):
    """MAE en prueba (en ppm, en unidades escaladas) con la escala calculada de `scaler_values`."""
    mean, std = scaler_values.mean(), scaler_values.std()
    inputs, targets = make_windows((values - mean) / std, width)
    train, test = chronological(len(targets), horizon=1)
    error = mae(targets[test], model.fit(inputs[train], targets[train]).predict(inputs[test]))
    return error * std, error


known = co2.values[: -round(0.15 * (len(co2.values) - 24))]  # lo que se conoce al entrenar
scaling = {}
for name, model in {
    "lineal": LinearRegression(),
    "lineal con penalización": Ridge(alpha=10),
}.items():
    scaling[name] = clean, leaky = scaled_errors(model, known), scaled_errors(model, co2.values)
    print(
        f"{name:24s} en ppm: {clean[0]:.4f} → {leaky[0]:.4f}    escalado: {clean[1]:.4f} → {leaky[1]:.4f}"
    )

# %%
(clean_ppm, clean_scaled), (leaky_ppm, leaky_scaled) = scaling["lineal"]
(ridge_clean_ppm, _), (ridge_leaky_ppm, _) = scaling["lineal con penalización"]
explain(
    f"En ppm, la fuga cambia el error del modelo lineal en {abs(leaky_ppm - clean_ppm):.0e}: nada. En unidades escaladas parece "
    f"mejorar un {1 - leaky_scaled / clean_scaled:.0%}, con los mismos pronósticos. Y al lineal con penalización la fuga lo "
    f"empeora un {ridge_leaky_ppm / ridge_clean_ppm - 1:.0%} también en ppm."
)

# %% [markdown]
# Tres resultados que conviene separar:
#
# 1. A la regresión lineal le da igual la escala: otra escala solo cambia sus coeficientes, no sus pronósticos.
# 2. Si el error se da **en unidades escaladas**, la fuga estira la regla de medir. Como el CO2 crece, la desviación típica
#    de toda la serie es mayor y el mismo error parece más pequeño. Por eso aquí el error se mide siempre en las unidades
#    de la serie.
# 3. Si el modelo depende de la escala, como los que penalizan los pesos grandes o casi todas las redes, los pronósticos
#    cambian. No siempre a mejor: la fuga es un error porque mide otra cosa, no porque siempre halague.
#
# ## 7 · Rómpelo y arréglalo
#
# Tres personas han escrito su función de ventanas, a un paso. Las tres devuelven formas correctas y ninguna falla.


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
cut_errors = {}
for name, cut in cuts.items():
    x, y = cut(sunspots.values, 24)
    train, test = chronological(len(y), horizon=1)
    cut_errors[name] = mae(y[test], LinearRegression().fit(x[train], y[train]).predict(x[test]))
    print(f"{name}: {x.shape} {y.shape}   MAE {cut_errors[name]:.1f}")

# %% [markdown]
# Una da un error de cero: demasiado bueno para ser verdad. Pero ¿y las otras dos? Se parecen tanto que nadie sospecharía.
#
# ### Ejercicio 11.4 ★★★ · Un detector de desplazamientos
#
# Escribe una función que reciba **otra función**, como `cut_a`, y diga cuántos pasos está desplazado su objetivo: 0 si es el
# que sigue a la ventana, -1 si llega un paso antes (y se cuela en la ventana), 1 si llega un paso después… Pista: la rampa.


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
    print(f"{name}: desplazada {shift:+d} pasos, MAE {cut_errors[name]:.1f}")

# %% [markdown]
# El error que se adelanta se nota, porque el modelo copia el último valor de la ventana. El que se retrasa no: solo
# empeora un poco. Por eso se busca con una prueba y no mirando el resultado.
#
# ## 8 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("A un mes, la persistencia simple gana a la estacional en el CO2",
          one_step[co2.name]["persistencia"] / one_step[co2.name]["estacional"], "<", 0.9, seeded=False),
    claim("El lineal mejora a la persistencia en las tres series",
          max(errors["lineal"] / errors["persistencia"] for errors in one_step.values()), "<", 1, seeded=False),
    claim("Un MASE mayor que 1 no impide ganar a la persistencia en la prueba",
          mases[sunspots.name], ">", 1.02, seeded=False),
    claim("A 24 meses, el error es más del doble que a uno",
          linear_errors[24] / linear_errors[1], ">", 2, seeded=False),
    claim("Lo que el lineal aporta a 24 meses supera lo que aporta a uno",
          (linear_errors[1] / persistence_errors[1]) - (linear_errors[24] / persistence_errors[24]), ">", 0.2, seeded=False),
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
          abs(leaky_ppm - clean_ppm), "<", 1e-8, seeded=False),
    claim("Pero en unidades escaladas parece mejorar",
          leaky_scaled / clean_scaled, "<", 0.9, seeded=False),
    claim("Con penalización, los pronósticos sí cambian",
          abs(ridge_leaky_ppm / ridge_clean_ppm - 1), ">", 0.05, seeded=False),
    claim("La función adelantada un paso parece perfecta", cut_errors["cut_a"], "<", 1e-6, seeded=False),
    claim("La retrasada se parece a la buena",
          cut_errors["cut_c"] / cut_errors["cut_b"], "in", (1, 1.2), seeded=False),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Una serie se corta en **ventanas** con su **objetivo**; a una red le llegan como (lote, tiempo, características).
# - Todo error se compara con una **referencia**: persistencia, persistencia estacional, regresión lineal.
# - A un paso todo parece bueno; mira varios **horizontes**.
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

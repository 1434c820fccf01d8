# %% [markdown]
# # 25 · Ventas
#
# **Es el ejercicio de todos los manuales: pronosticar ventas con una LSTM y con una GRU. ¿Cuál gana? ¿Y a quién?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a preparar una serie sin que la prueba se cuele en el entrenamiento; a dar a cada rival su mejor receta y elegirla con la validación; a decir si una diferencia es azar de las semillas, de los días o de la serie; a dar a un modelo lo que se sabe de mañana; a auditar un resultado ajeno |
# | **Antes de empezar** | [11 · Secuencias](11_secuencias.ipynb), [14 · Gradientes](14_gradientes.ipynb), [15 · Keras y PyTorch](15_keras_y_pytorch.ipynb) y [22 · GRU](22_gru.ipynb); tuplas con nombre, que ya usaste en la 12 |
# | **Tiempo** | 60 minutos de lectura y ejercicios, en dos ratos: el primero acaba con la sección 5; medio minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow, scikit-learn y statsmodels |

# %% tags=["parameters"]
FAST = True  # False: las redes en directo, con sesenta épocas (unos dos minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import tempfile
import time
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.linear_model import LinearRegression

from course_utils.claims import claim, explain, verify
from course_utils.comparison import block_bootstrap, paired, welch
from course_utils.datasets import load_elnino, load_own_series, load_result, load_sales
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_25 import fit_ets, plot_errors, plot_forecasts, plot_split
from course_utils.metrics import mae, mase
from course_utils.sequences import make_windows
from course_utils.training import keras_progress

# %% [markdown]
# ## 1 · Cinco años de una tienda
#
# Cada noche hay que pronosticar las ventas **del día siguiente** con las de todos los anteriores. Un quinto de los días, los
# últimos, son la prueba; el quinto de antes, la validación.

# %%
sales = load_sales()
units = sales.units.astype(float)
held = len(units) // 5
first_validation, first_test = len(units) - 2 * held, len(units) - held
cuts = first_validation, first_test
plot_split(sales.dates, units, cuts, unit="unidades al día", title="Tres años para aprender")
plt.show()
explain(
    f"{len(units)} días: {first_validation} de entrenamiento, {held} de validación y {held} de "
    f"prueba. De media se venden {units[:first_validation].mean():.0f} unidades en el "
    f"entrenamiento y {units[first_test:].mean():.0f} en la prueba. Sube cada invierno."
)

# %% [markdown]
# La serie está **generada**: es el producto de una tendencia, la semana, el año, los festivos, las promociones y un ruido.
# Eso nos da algo que con datos reales no se tiene: el error de quien lo supiera todo menos el ruido de ese día. Es el **suelo**, y
# ningún modelo honrado baja de ahí salvo por azar. En el otro extremo, dos referencias de la lección 11: la persistencia y la
# persistencia estacional.
#
# **Predice**: ¿qué será mejor, repetir lo de ayer o lo del mismo día de la semana pasada?

# %%
test_days = slice(first_test, None)
known = units[:first_validation]
floor = mae(units[test_days], sales.truth.best_forecast[test_days])
references = {
    "ayer": mae(units[test_days], units[first_test - 1 : -1]),
    "hace siete días": mae(units[test_days], units[first_test - 7 : -7]),
}
week_mase = mase(units[test_days], units[first_test - 7 : -7], training=known, period=7)
explain(
    f"Repetir ayer falla en {references['ayer']:.1f} unidades de media; repetir la semana, en "
    f"{references['hace siete días']:.1f}, que es un MASE de {week_mase:.2f}. El suelo está en "
    f"{floor:.1f}."
)

# %% [markdown]
# Ninguna de las dos vale mucho, y entre ellas y el suelo hay sitio. Lo de ayer dice si se está vendiendo
# mucho o poco; lo de hace una semana, qué día es.
# (El MASE de la referencia pasa de 1: en la prueba se vende
# más que en el entrenamiento, y los errores crecen con las ventas.)
#
# ## 2 · Una serie preparada sin fugas
#
# Las redes aprenden mejor con valores escalados. ¿Qué media y qué desviación se conocían al entrenar? ¿Qué ventanas
# habían ocurrido ya? Es lo que hiciste en el ejercicio 11.3, ahora con ventanas; aquí fallan muchos tutoriales.
#
# ### Ejercicio 25.1 ★★ · Sin fugas
#
# `cut` es el primer día que no se puede usar al entrenar. `make_windows(serie, width=…)` es la función de la lección 11:
# devuelve ventanas y objetivos. Devuelve tres parejas: ventanas y objetivos de entrenamiento; los que quedan después, que empiezan
# con el objetivo del día `cut`; y la media y la desviación. Ventanas y objetivos, escalados.


# %% tags=["exercise"]
def leak_free_windows(values, width, cut):
    """Antes del corte (x, y), después (x, y) y escala (media, desviación) de una serie (tiempo,)."""
    ### BEGIN SOLUTION
    mean, std = values[:cut].mean(), values[:cut].std()
    inputs, targets = make_windows((values - mean) / std, width=width)
    count = cut - width  # la ventana i tiene su objetivo en el día i + width
    return (inputs[:count], targets[:count]), (inputs[count:], targets[count:]), (mean, std)
    ### END SOLUTION


# %% tags=["check"]
leak_free_windows = check("25.1", leak_free_windows)

# %% [markdown]
# Que la primera ventana de prueba mire los últimos días del entrenamiento no es una fuga: al pronosticar ya se conocían. Con
# esa función preparamos **cualquier** serie; al final la usarás con la tuya.


# %%
class Problem(NamedTuple):
    """Una serie lista para pronosticar cada valor con los `width` anteriores."""

    values: np.ndarray  # (tiempo,) en sus unidades
    period: int  # pasos de un ciclo
    x: np.ndarray  # (ventanas, tiempo, características), escalado
    y: np.ndarray  # (ventanas,) escalado
    scale: tuple  # lo que se restó y entre cuánto se dividió
    train: slice  # qué ventanas son de cada parte
    validation: slice
    test: slice
    logs: bool = False  # si antes se tomaron logaritmos


# %%
def prepare(values, period, width):
    """Reparte 60, 20 y 20 %, en orden, y escala con el entrenamiento."""
    held = len(values) // 5
    known = values[: len(values) - 2 * held]
    longest = len(known) // 2  # la ventana más ancha que deja bastantes ejemplos
    if width > longest:
        advice = f"baja cycles a {longest // period}"
        if longest < period:
            advice = f"no caben ni dos ciclos: pide cycles=1 y un period de {longest} o menos"
        if longest < 8:
            advice = "hacen falta al menos 26"
        raise ValueError(f"{len(values)} valores son pocos para ventanas de {width}: {advice}.")
    if np.ptp(known) == 0:
        raise ValueError("En el entrenamiento todos los valores son iguales: no hay qué aprender.")
    train, rest, scale = leak_free_windows(values, width, len(values) - 2 * held)
    x, y = (np.concatenate(pair).astype("float32") for pair in zip(train, rest, strict=True))
    count = len(train[1])
    parts = slice(0, count), slice(count, count + held), slice(count + held, None)
    return Problem(values, period, x[..., None], y, scale, *parts)


# %%
def in_units(problem, scaled):
    """Deshace la escala."""
    center, spread = problem.scale
    values = np.asarray(scaled, dtype=float) * spread + center
    return np.exp(values) if problem.logs else values


def errors(problem, forecast, part):
    """MAE de cada semilla en una parte, en unidades: (semillas,)."""
    actual = problem.values[-len(problem.y) :]
    return np.abs(forecast.values - actual)[:, part].mean(axis=1)


plain = prepare(units, period=7, width=14)
print("x:", plain.x.shape, "  y:", plain.y.shape)

# %% [markdown]
# ## 3 · Los rivales
#
# De cada modelo guardaremos su pronóstico de todas las ventanas, una fila por semilla, cuántos parámetros ajusta y cuántos
# segundos de procesador cuesta cada entrenamiento. Los dos primeros ya los conoces. El tercero es el **cambio habitual** de la
# lección 11, como en la 22: la media de cada día de la semana en el entrenamiento (con meses, la **climatología**) más la
# **anomalía** de ayer, lo que ayer se apartó de su día. Se suma entera o **amortiguada**: por la fracción que mejor va en el
# entrenamiento.


# %%
class Forecast(NamedTuple):
    """Lo que un modelo pronostica y lo que cuesta."""

    values: np.ndarray  # (semillas, ventanas), en unidades
    parameters: int
    seconds: float  # de cada entrenamiento
    note: str = ""


def repeat(problem, lag):
    """Persistencia: lo de hace `lag` pasos."""
    width = problem.x.shape[1]
    return Forecast(problem.values[None, width - lag : -lag], 0, 0.0)


def linear(problem):
    """Regresión lineal sobre todo lo que trae la ventana."""
    start = time.process_time()
    flat = problem.x.reshape(len(problem.x), -1)  # (ventanas, tiempo · características)
    model = LinearRegression().fit(flat[problem.train], problem.y[problem.train])
    values = in_units(problem, model.predict(flat))
    return Forecast(values[None], flat.shape[1] + 1, time.process_time() - start)


# %%
def usual_change(problem, *, damped):
    """Lo normal en ese paso del ciclo más la última anomalía, entera o amortiguada."""
    values, width = problem.values, problem.x.shape[1]
    known, place = width + problem.train.stop, np.arange(len(problem.values)) % problem.period
    means = [values[:known][place[:known] == k].mean() for k in range(problem.period)]
    usual = np.array(means)[place]  # (tiempo,)
    anomaly = values - usual
    before, now = anomaly[: known - 1], anomaly[1:known]
    fraction = before @ now / max(before @ before, np.finfo(float).tiny) if damped else 1.0
    forecast = usual[1:] + fraction * anomaly[:-1]
    return Forecast(forecast[None, width - 1 :], problem.period + damped, 0.0)


# %% [markdown]
# El último es de 1960. El **suavizado exponencial** (*exponential smoothing*) de Holt y Winters guarda tres cosas: un nivel,
# una tendencia y un valor para cada día de la semana. El pronóstico es el nivel más la tendencia, al que se suma el
# valor del día o que se multiplica por él. Después corrige las tres cosas, cada una con una fracción fija del error. El nivel, si la
# estación se suma:
#
# $$\ell_t = \ell_{t-1} + b_{t-1} + \alpha\,(y_t - \hat y_t)$$
#
# donde $b$ es la tendencia (no un sesgo), $\hat y_t$ el pronóstico y $\alpha$ la parte del error que se corrige. Como $\hat y_t$ es
# $\ell_{t-1}+b_{t-1}+s$, con $s$ el valor del día, queda $\ell_t = (1-\alpha)(\ell_{t-1}+b_{t-1})+\alpha\,(y_t-s)$: una red
# recurrente de un puñado de números, la unidad con fugas de la lección 14 con $f=1-\alpha$.
#
# La versión moderna se llama **ETS** (*error, trend, seasonality*): las mismas ecuaciones, con un modelo del error. `fit_ets`
# llama a la de statsmodels. Ajusta con el entrenamiento, por **máxima verosimilitud** (los números con los que lo visto es
# más probable), las tres fracciones, el nivel, la pendiente y los siete valores con que empieza. Después recorre el
# resto viendo cada día **después** de pronosticarlo. Si error y estación se suman o se multiplican lo decide la validación.


# %%
def smoothing(problem):
    """Holt-Winters: parámetros del entrenamiento, pronósticos a un paso de toda la serie."""
    width, candidates = problem.x.shape[1], []
    known, period = width + problem.train.stop, problem.period
    for kind in ("add", "mul") if problem.values.min() > 0 else ("add",):
        start = time.process_time()
        fitted = fit_ets(problem.values, known, period=period, kind=kind)
        seconds = time.process_time() - start
        note = {"add": "estación sumada", "mul": "estación multiplicada"}[kind]
        note += "" if fitted.converged else "; el ajuste no acabó"
        candidates.append(Forecast(fitted.forecast[None, width:], fitted.parameters, seconds, note))
    return min(candidates, key=lambda one: errors(problem, one, problem.validation).mean())


# %% [markdown]
# ¿Seguro que no mira adelante? La prueba de la lección 24 sirve con cualquier modelo, aunque no descubre todos los fallos: cambia el
# último día y mira si cambia algún pronóstico de los anteriores.

# %%
altered = units.copy()
altered[-1] *= 3
before, after = (smoothing(prepare(values, 7, 14)).values for values in (units, altered))
peek = np.abs(after - before).max()
explain(f"Al triplicar las ventas del último día, ningún pronóstico cambia más de {peek:g}.")

# %% [markdown]
# ## 4 · Las redes
#
# Tres celdas con dieciséis unidades. Preparar el entrenamiento también cuesta (lección 15), así que cada red se compila
# una vez. Con cada semilla se ponen pesos nuevos y se vacía la memoria de Adam.


# %%
def build(layer, features):
    """Una capa recurrente y una salida."""
    model = keras.Sequential([keras.Input((None, features)), layer(16), keras.layers.Dense(1)])
    adam = keras.optimizers.Adam(learning_rate=0.01)
    model.compile(optimizer=adam, loss="mse", steps_per_execution=9)  # lotes por llamada
    model.optimizer.build(model.trainable_variables)
    return model


def start_again(model, seed):
    """Pesos nuevos y un optimizador que aún no ha dado ningún paso."""
    keras.utils.set_random_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    rate = float(model.optimizer.learning_rate)
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = rate


# %%
seeds = [1000 * SEED + k for k in range(2)]
epochs = 8 if FAST else 60


def network(problem, model, seeds=seeds):
    """Entrena el modelo una vez por semilla; se queda con la época de menor error de validación."""
    runs, seconds = [], []
    train, validation = ((problem.x[p], problem.y[p]) for p in (problem.train, problem.validation))
    options = {"batch_size": 64, "validation_data": validation, "validation_batch_size": 512}
    for seed in seeds:
        start_again(model, seed)
        stop = keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True)
        start = time.process_time()
        callbacks = [stop, keras_progress()]
        model.fit(*train, epochs=epochs, callbacks=callbacks, verbose=0, **options)
        seconds.append(time.process_time() - start)
        runs.append(in_units(problem, model(problem.x).numpy()[:, 0]))
    return Forecast(np.array(runs), model.count_params(), np.median(seconds))


# %%
def compare(problem, models, seeds=seeds):
    """Todos los modelos sobre la misma serie."""
    forecasts = {
        "persistencia": repeat(problem, 1),
        "pers. estac.": repeat(problem, problem.period),
        "cambio habitual": usual_change(problem, damped=False),
        "… amortiguado": usual_change(problem, damped=True),
        "lineal": linear(problem),
        "Holt-Winters": smoothing(problem),
    }
    return forecasts | {name: network(problem, model, seeds) for name, model in models.items()}


# %%
def report(problem, forecasts):
    """La tabla: error en la validación y en la prueba, con su dispersión, y coste."""
    known = problem.values[: problem.x.shape[1] + problem.train.stop]
    reference = np.abs(known[problem.period :] - known[: -problem.period]).mean()  # la del MASE
    tiny = 1e-9 * np.abs(known).max()  # una serie que se repite siempre no tiene MASE
    print(
        f"{'modelo':17s} {'valid.':>7s} {'prueba':>7s} {'MASE':>5s} {'parámetros':>10s} {'s':>5s}"
    )
    for name, forecast in forecasts.items():
        found, seen = (errors(problem, forecast, p) for p in (problem.test, problem.validation))
        scaled = f"{found.mean() / reference:5.2f}" if reference > tiny else "    –"
        row = f"{name:17s} {seen.mean():7.2f} {found.mean():7.2f} {scaled}"
        print(f"{row} {forecast.parameters:10d} {forecast.seconds:5.1f} {forecast.note}".rstrip())


# %% [markdown]
# En directo entrenamos la GRU con la receta de muchos cuadernos: ventanas escaladas y unas pocas épocas.
#
# **Predice**: ordénalos, del peor al mejor.

# %%
gru = build(keras.layers.GRU, features=1)
forecasts = compare(plain, {"GRU": gru})
report(plain, forecasts)

# %% [markdown]
# Antes de decir que la red pierde, hay que darle su mejor receta. ¿Qué le falta? Épocas, quizá. Y quizá esté gastando unidades de la red en
# seguir el **nivel**: una ventana de enero y otra de diciembre se parecen, salvo en cuánto se vende. Se le puede quitar: se toman
# logaritmos, a cada ventana se le resta su media y se suma de nuevo al final. En logaritmos, restar es dividir: la red ve
# proporciones. Catorce días son dos semanas justas, así que a la media no le importa en qué día empiecen.


# %%
def without_level(problem):
    """El mismo problema en logaritmos, y a cada ventana se le resta su media."""
    inputs, targets = make_windows(np.log(problem.values), width=problem.x.shape[1])
    level = inputs.mean(axis=1)  # (ventanas,)
    spread = (targets - level)[problem.train].std()
    x = (inputs - level[:, None])[..., None] / spread
    y = (targets - level) / spread
    scaled = {"x": x.astype("float32"), "y": y.astype("float32")}
    return problem._replace(**scaled, scale=(level, spread), logs=True)


level_free = without_level(plain)
live = {"tal cual": forecasts["GRU"], "sin nivel": network(level_free, gru)}

# %% [markdown]
# Con sesenta épocas y veinte semillas no cabe aquí: lo ha medido un programa aparte, con las mismas ecuaciones y veinte redes a la
# vez. Prueba también una receta en el espíritu de la que ganó la competición M4 en 2018: en vez de la media de la ventana, le resta el nivel y la
# estación que lleva el ETS, y la red corrige lo que queda. (La ganadora ajustaba las dos cosas juntas, y la red, con miles de
# series; aquí, primero el ETS y después la red, con una sola). De un escalón a otro cambia eso y la escala que le toca, con
# las mismas semillas.
#
# **Predice**: ¿qué bajará más el error: más épocas, los logaritmos, quitar el nivel o quitar también la estación? Se mira en la
# **validación**: la prueba solo dirá, al final, cómo va lo elegido.

# %%
live_errors = {
    "tal cual": errors(plain, live["tal cual"], plain.test),
    "sin nivel": errors(level_free, live["sin nivel"], plain.test),
}
grid = load_result("ventas")
print(grid.script, "·", len(grid["test"]), "filas ·", grid.machine)


def stored(cell, recipe, *, epochs=60, rate=0.01, calendar=False, part="test"):
    """Error de cada red guardada, en unidades: (semillas,)."""
    asked = {"cell": cell, "recipe": recipe, "epochs": epochs, "rate": rate, "calendar": calendar}
    return grid[part][np.all([grid[name] == value for name, value in asked.items()], axis=0)]


# %%
recipes = {
    "GRU tal cual, 8 épocas": ("tal cual", 8),
    "con 60 épocas": ("tal cual", 60),
    "y en logaritmos": ("en logaritmos", 60),
    "y sin nivel": ("sin nivel", 60),
    "y suavizada": ("suavizada", 60),
}
ladder = {
    name: stored("GRU", recipe, epochs=count, part="validation")
    for name, (recipe, count) in recipes.items()
}

# %%
classics = ("lineal", "cambio habitual", "Holt-Winters")
seen = {name: errors(plain, forecasts[name], plain.validation) for name in classics}
days = slice(first_validation, first_test)
marks = {
    "suelo": mae(units[days], sales.truth.best_forecast[days]),
    "hace siete días": mae(units[days], units[first_validation - 7 : first_test - 7]),
}
first, *_, last = (values.mean() for values in ladder.values())
title = f"En validación, la misma red va de {first:.0f} a {last:.0f} unidades"
plot_errors(ladder | seen, unit="unidades", lines=marks, title=title)
plt.show()
steps = list(ladder)
gains = {after: paired(ladder[after], ladder[before]) for before, after in pairwise(steps)}
explain(
    "Un punto por red; un rombo si no hay azar. Frente al escalón anterior: "
    + "; ".join(f"{name}, {gap.verdict('unidades')}" for name, gap in gains.items())
    + f". Holt-Winters, {seen['Holt-Winters'][0]:.1f}."
)

# %% [markdown]
# Las épocas y quitar el nivel bajan el error; en los logaritmos solos no se ve. La receta de menor error es la que
# parte de un modelo clásico. Con la de muchos cuadernos, la misma celda quedaba detrás de una regresión: antes de culpar a una
# red hay que darle su mejor receta. (Cada red se queda además con su mejor época de validación: esta figura la favorece un poco. El
# veredicto es de la prueba).

# %%
winner = min(ladder, key=lambda name: ladder[name].mean())
recipe, count = recipes[winner]
elected = stored("GRU", recipe, epochs=count)
classic = {name: errors(plain, forecasts[name], plain.test) for name in classics}
ahead = paired(elected, np.full(len(elected), classic["Holt-Winters"][0]))
explain(
    f"La validación elige la receta «{recipe}». En la prueba se equivoca en {elected.mean():.1f} "
    f"unidades; «sin nivel», en {stored('GRU', 'sin nivel').mean():.1f}; Holt-Winters, en "
    f"{classic['Holt-Winters'][0]:.1f}, y el cambio habitual, en {classic['cambio habitual'][0]:.1f}. "
    f"Según las semillas, la elegida frente a Holt-Winters: {ahead.verdict('unidades')}."
)

# %% [markdown]
# Todas llevan la misma tasa. También la **tasa** se elige con la validación.

# %%
rates = np.unique(grid["rate"])
cells = ("SimpleRNN", "LSTM", "GRU")
swept = {cell: (cell, "sin nivel", False) for cell in cells}
swept["GRU suavizada"] = ("GRU", "suavizada", False)
swept["GRU con calendario"] = ("GRU", "sin nivel", True)  # la verás en la sección 5
best_rate = {}
for name, (cell, recipe, extra) in swept.items():
    asked = {"calendar": extra, "part": "validation"}
    found = [stored(cell, recipe, rate=rate, **asked).mean() for rate in rates]
    best_rate[name] = rates[np.argmin(found)]
    listed = "  ".join(f"{rate:g}: {error:.1f}" for rate, error in zip(rates, found, strict=True))
    print(f"{name:18s} validación según la tasa: {listed}")
by_cell = {c: stored(c, "sin nivel", rate=best_rate[c]) for c in cells}
by_cell_usual = {c: stored(c, "sin nivel") for c in cells}  # las de la tasa de siempre, 0.01

# %% [markdown]
# Las tres celdas eligen una tasa de dentro de la rejilla; la LSTM y la GRU, por poco. La suavizada, la de la figura. Con calendario, la
# menor de las probadas, por muy poco: quizá otra menor aún le vaya mejor.
#
# ¿Es menor de verdad el error de Holt-Winters? Con una sola serie, repetir semillas no basta: la muestra son los **días**. El
# bootstrap por bloques de la lección 15 sortea semanas de la prueba y dice cuánto cambiaría la diferencia con otros días parecidos.


# %%
def daily_errors(problem, forecast):
    """Error de cada día de prueba, media de las semillas: (días,)."""
    actual = problem.values[-len(problem.y) :]
    return np.abs(forecast.values - actual)[:, problem.test].mean(axis=0)


by_day = {
    name: daily_errors(plain, forecasts[name]) for name in ("Holt-Winters", "cambio habitual")
}
by_day["GRU sin nivel"] = daily_errors(level_free, live["sin nivel"])
versus = {
    name: block_bootstrap(by_day[name], by_day["Holt-Winters"], seed=SEED)
    for name in ("GRU sin nivel", "cambio habitual")
}
explain(
    "Frente a Holt-Winters, según los días: "
    + "; ".join(f"{name}, {gap.verdict('unidades')}" for name, gap in versus.items())
    + f". La GRU es la de aquí, con {epochs} épocas."
)

# %% [markdown]
# Sola, ni con su mejor receta mejora la red a un modelo que se ajusta en un instante, ni al cambio habitual, que son siete medias.
# (El sorteo de días es con la red de aquí: de las guardadas no tenemos el error de cada día). Encima del ETS sí baja el error: le da
# hechos el nivel y la estación. ¿Qué pone ella? En la sección 6 lo separamos.
#
# ## 5 · Lo que se sabe de mañana
#
# ¿Qué días fallan más? En la figura, Holt-Winters y la media de las GRU sin nivel de la sección 4.

# %%
start = 95  # día de la prueba en que empieza la figura
shown_days = slice(first_test + start, first_test + start + 42)
mean_forecast = {
    name: one.values.mean(axis=0)[plain.test]
    for name, one in (("Holt-Winters", forecasts["Holt-Winters"]), ("GRU", live["sin nivel"]))
}
lines = {name: values[start : start + 42] for name, values in mean_forecast.items()}
options = {"unit": "unidades", "marked": sales.promotion[shown_days], "mark": "promoción"}
title = "Ninguno ve venir la promoción"
plot_forecasts(sales.dates[shown_days], units[shown_days], lines, title=title, **options)
plt.show()

# %%
misses = np.abs(mean_forecast["GRU"] - units[test_days])
holiday, promotion = sales.holiday[test_days], sales.promotion[test_days]
first_day = promotion & ~sales.promotion[first_test - 1 : -1]
ordinary = ~first_day & ~holiday
over = ~promotion & sales.promotion[first_test - 1 : -1]  # la promoción acabó ayer
after = {name: (values - units[test_days])[over].mean() for name, values in mean_forecast.items()}
share = misses[ordinary].sum() / misses.sum()
explain(
    f"En la prueba, la GRU se equivoca en {misses[first_day].mean():.0f} unidades los {first_day.sum()} "
    f"primeros días de promoción y en {misses[holiday].mean():.0f} los {holiday.sum()} festivos; los "
    f"demás, en {misses[ordinary].mean():.0f}, y entre todos suman el {100 * share:.0f} % del error. El "
    f"día después de una promoción, Holt-Winters pronostica {after['Holt-Winters']:.0f} unidades de "
    f"más; la GRU, {after['GRU']:.0f}."
)

# %% [markdown]
# Las ventas no dicen qué día empezará una promoción, pero la tienda **sabe** qué días la habrá, qué días son festivos y qué día de la
# semana es mañana. No es una fuga: es información que existe al pronosticar. Lo que harán mañana el tiempo o la
# competencia, en cambio, no lo sabe nadie.
#
# ### Ejercicio 25.2 ★★ · El calendario de mañana
#
# En cada paso de la ventana irán lo vendido ese día y el calendario **del siguiente**: así, en el último paso está el calendario
# del día que se pronostica. `scaled` son las ventas escaladas, (tiempo,); `calendar`, una fila por día, (tiempo, columnas).
# Devuelve las ventanas, con las ventas en la primera columna.


# %% tags=["exercise"]
def calendar_windows(scaled, calendar, width):
    """Ventanas (tiempo - width, width, 1 + columnas)."""
    ### BEGIN SOLUTION
    steps = np.column_stack([scaled[:-1], calendar[1:]])  # (tiempo - 1, 1 + columnas)
    starts = range(len(scaled) - width)
    return np.stack([steps[start : start + width] for start in starts])
    ### END SOLUTION


# %% tags=["check"]
calendar_windows = check("25.2", calendar_windows)

# %% [markdown]
# **Predice**: ¿qué bajará más el error: cambiar de celda o dar el calendario?

# %%
weekday = (sales.dates.astype(int) + 3) % 7  # 0 es lunes
calendar = np.column_stack([np.eye(7)[weekday], sales.holiday, sales.promotion])  # (1826, 9)


def with_calendar(problem):
    """El mismo problema, con el calendario en cada paso."""
    windows = calendar_windows(problem.values, calendar, problem.x.shape[1])
    x = np.concatenate([problem.x, windows[..., 1:]], axis=2)  # las ventas ya están en x
    return problem._replace(x=x.astype("float32"))


known_days, level_free_days = with_calendar(plain), with_calendar(level_free)
informed_gru = build(keras.layers.GRU, features=10)
informed = {
    "lineal": linear(known_days),
    "lineal, sin nivel": linear(level_free_days),
    "GRU, sin nivel": network(level_free_days, informed_gru),
}

# %% [markdown]
# La regresión «sin nivel» es otra idea sobre las unidades. Un sábado no vende un número fijo de unidades más que un martes: vende
# una **proporción** más. Los efectos se multiplican; en logaritmos un producto es una suma, y sumar es lo que
# sabe hacer una regresión.
#
# Holt-Winters no tiene dónde poner un calendario, pero hay un rodeo. Una regresión en logaritmos, ajustada con el
# entrenamiento, dice por cuánto multiplica las ventas un festivo y por cuánto una promoción. Se divide por ello, se pronostica
# lo que queda y se vuelve a multiplicar.

# %%
trained = slice(0, first_validation)
effects = LinearRegression().fit(calendar[trained], np.log(units[trained])).coef_  # (9,)
factor = np.exp(calendar[:, 7:] @ effects[7:])  # (días,): festivo y promoción
regular = smoothing(prepare(units / factor, period=7, width=14))
informed["Holt-Winters"] = regular._replace(values=regular.values * factor[14:])
holiday_factor, promotion_factor = np.exp(effects[7:])
report(plain, informed)
explain(
    f"Un festivo multiplica las ventas por {holiday_factor:.2f}; una promoción, por "
    f"{promotion_factor:.2f}."
)

# %% [markdown]
# Y la GRU, con sesenta épocas y veinte semillas, otra vez del programa aparte.
#
# **Predice**: ¿alcanzará a la regresión?

# %%
with_days = {
    name: errors(plain, one, plain.test)
    for name, one in informed.items()
    if name != "GRU, sin nivel"
}
live_informed = errors(plain, informed["GRU, sin nivel"], plain.test)
with_days["GRU, tal cual"] = stored("GRU", "tal cual", calendar=True)
with_days["GRU, sin nivel"] = stored("GRU", "sin nivel", calendar=True)
without = {"GRU, sin nivel": stored("GRU", "sin nivel"), "Holt-Winters": classic["Holt-Winters"]}
ratio = with_days["GRU, sin nivel"].mean() / without["GRU, sin nivel"].mean()
title = f"Con calendario, a la GRU le queda el {100 * ratio:.0f} % del error"
plot_errors(
    {f"{name}, sin calendario": one for name, one in without.items()}
    | {f"{name}, con él": one for name, one in with_days.items()},
    unit="unidades",
    lines={"suelo": floor},
    title=title,
)
plt.show()

# %%
calendar_gain = welch(with_days["GRU, sin nivel"], without["GRU, sin nivel"])
recipe_gain = paired(with_days["GRU, sin nivel"], with_days["GRU, tal cual"])
straight = with_days["lineal, sin nivel"][0]
explain(
    f"Con calendario, la GRU sin nivel se equivoca en {calendar_gain.verdict('unidades')} que sin él, y "
    f"en {recipe_gain.verdict('unidades')} que la que recibe las ventas tal cual. La regresión sin nivel "
    f"está en {straight:.1f}; la GRU, de media, en {with_days['GRU, sin nivel'].mean():.1f}; el suelo, en "
    f"{floor:.1f}."
)

# %% [markdown]
# ¿Qué ha ayudado: saber qué pasa mañana o entender lo que ya pasó, como unas ventas infladas por una promoción? Con la regresión se
# separa en un momento.

# %%
past_days = [calendar[start : start + 14].ravel() for start in range(len(plain.y))]
extras = {"ninguno": [], "el de los días pasados": [past_days], "el de mañana": [calendar[14:]]}
extras["los dos"] = [past_days, calendar[14:]]
by_calendar = {}
for name, extra in extras.items():
    columns = np.column_stack([level_free.x[..., 0], *extra])  # (ventanas, columnas)
    wide = level_free._replace(x=columns[..., None])
    by_calendar[name] = errors(wide, linear(wide), plain.test)[0]
    print(f"calendario: {name:22s} MAE {by_calendar[name]:.1f}")

# %% [markdown]
# Hacen falta los dos: el calendario explica el pasado y anuncia el día siguiente. A una regresión le bastan las proporciones y el
# calendario para acercarse al suelo. La GRU la alcanza, con muchos más parámetros.
#
# No saques de aquí una ley. Estas ventas las generó una fórmula de productos, y eso favorece al logaritmo y al rodeo de
# Holt-Winters. La regla es medirlo.
#
# *Puedes parar aquí: la segunda mitad empieza con una pregunta nueva.*
#
# ## 6 · ¿LSTM o GRU?
#
# ¿Es la GRU mejor que la LSTM? ¿Y basta una `SimpleRNN` con pocos datos, como se dice a
# menudo? Lo primero es si lo que separa dos celdas es mayor que lo que pone el azar de las semillas. Dos celdas no comparten
# pesos iniciales aunque la semilla sea la misma: aquí no hay parejas.
#
# ### Ejercicio 25.3 ★★ · ¿LSTM o GRU?
#
# Recibes los errores de dos modelos, uno por entrenamiento; quizá no sean igual de largos. La diferencia de sus medias tiene un
# margen: el de la **t de Welch**. Con $n$ errores de varianza $s^2$ (la que divide entre $n-1$), cada modelo aporta $s^2/n$;
# llámalos $a$ y $b$, y $n$ y $m$ a las longitudes. El margen del 95 % es
#
# $$t\,\sqrt{a+b},\qquad t = \texttt{stats.t.ppf(0.975, } \nu\texttt{)},\qquad
# \nu = \frac{(a+b)^2}{a^2/(n-1) + b^2/(m-1)}$$
#
# donde $t$ sale de la t de Student y $\nu$ sus grados de libertad: con pocos errores, el margen se ensancha. Si se
# repitiera todo con otras semillas, unos 95 de cada 100 márgenes así contendrían la diferencia verdadera. Devuelve la diferencia
# de las medias, el primero menos el segundo, y su margen.


# %% tags=["exercise"]
def mean_difference(one, other):
    """Diferencia entre las medias de dos listas de errores y su margen del 95 %."""
    ### BEGIN SOLUTION
    a, b = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    freedom = (a + b) ** 2 / (a**2 / (len(one) - 1) + b**2 / (len(other) - 1))
    margin = stats.t.ppf(0.975, freedom) * np.sqrt(a + b)
    return one.mean() - other.mean(), margin
    ### END SOLUTION


# %% tags=["check"]
mean_difference = check("25.3", mean_difference)

# %% [markdown]
# Es lo que hace `welch`, de `course_utils.comparison`, que además lo dice en palabras. Cada celda, sin nivel y con la tasa que
# eligió su validación.

# %%
gap, margin = mean_difference(by_cell["LSTM"], by_cell["GRU"])
by_seed = welch(by_cell["LSTM"], by_cell["GRU"])
usual = welch(by_cell_usual["LSTM"], by_cell_usual["GRU"])
simple = {name: welch(by_cell["SimpleRNN"], by_cell[name]) for name in ("GRU", "LSTM")}
explain(
    f"LSTM menos GRU: {gap:+.2f} ± {margin:.2f} unidades. En palabras, según las semillas: "
    f"{by_seed.verdict('unidades', decimals=2)}; con la tasa 0.01 para las dos: "
    f"{usual.verdict('unidades', decimals=2)}. SimpleRNN, según las semillas: "
    + "; ".join(f"frente a {n}, {one.verdict('unidades', decimals=2)}" for n, one in simple.items())
    + "."
)

# %% [markdown]
# Las semillas son solo uno de los azares, y en la sección 4 vimos el de los días. Hay otro que casi nunca se mira: **la serie**. Como
# la nuestra está generada, podemos generar veinte tiendas, con otras promociones y otro ruido, y ordenar los modelos en cada una. La
# regresión va aquí en logaritmos; las tasas son las elegidas en nuestra tienda.
#
# De paso separamos qué pone la GRU suavizada. Una regresión y una capa densa de dieciséis unidades, sin recurrencia, reciben sus
# mismas ventanas. La densa se entrena igual que la GRU, y elige su tasa en cada tienda, con la validación.
#
# **Predice**: ¿quedará alguna celda siempre por delante de las otras? ¿Hará falta una red encima del ETS?

# %%
stores = load_result("ventas_series")
measured = {"error": stores["error"] / stores["floor"], "coste": stores["cost"]}
smoothed = ("lineal suavizada", "densa suavizada", "GRU suavizada")
relative = {
    name: measured["error"][stores["model"] == name]  # veces el suelo
    for name in ("lineal", "Holt-Winters", *cells, *smoothed)
}
places = stats.rankdata(list(relative.values()), axis=0)  # (modelos, tiendas): 1 es el mejor
ranks = dict(zip(relative, places.mean(axis=1), strict=True))
title = "Veinte tiendas y el puesto medio"
plot_errors(
    {f"{name} ({ranks[name]:.1f})": values for name, values in relative.items()},
    unit="veces el suelo", title=title,
)  # fmt: skip
plt.show()


# %%
def store_gap(quantity, one, other):
    """Diferencia entre dos modelos en las mismas veinte tiendas."""
    return paired(*(measured[quantity][stores["model"] == name] for name in (one, other)))


against = {name: store_gap("error", name, "Holt-Winters") for name in (*cells, *smoothed)}
lift = store_gap("error", "GRU suavizada", "densa suavizada")
cell_gaps = {pair: store_gap("error", *pair) for pair in combinations(cells, 2)}
explain(
    "Un punto por tienda; entre paréntesis, el puesto medio: 1 es el mejor. Frente a Holt-Winters, en "
    "veces el suelo: "
    + "; ".join(f"{name}, {one.verdict(decimals=2)}" for name, one in against.items())
    + f". GRU suavizada frente a densa suavizada: {lift.verdict(decimals=2)}. "
    + "; ".join(f"{a} frente a {b}: {g.verdict(decimals=2)}" for (a, b), g in cell_gaps.items())
    + "."
)

# %% [markdown]
# Entre LSTM y GRU, las semillas dan una diferencia clara con la tasa 0.01; con la que elige la validación de cada una, ni las
# semillas ni las tiendas. La `SimpleRNN`, que con las mismas unidades tiene menos parámetros, queda por detrás de las dos en nuestra
# serie; en otras veinte, solo por detrás de la LSTM está claro. Lo que sí
# se repite de tienda en tienda es lo de la sección 4: solas, las tres celdas se equivocan más que Holt-Winters; la GRU
# suavizada, menos. Y lo pone ella: con las mismas ventanas, ni la regresión ni la densa mejoran con claridad a Holt-Winters. La
# pregunta del título era la menos importante.
#
# **Qué no hemos demostrado.** Las veinte tiendas son de la misma fórmula. A las redes les cortamos la memoria a catorce días, todas
# son de dieciséis unidades y bajan el error cuadrático, aunque contamos el absoluto. El pronóstico es a un día, con una sola prueba
# por tienda, y nadie se reajusta al pasar el tiempo. La densa tiene menos parámetros que la GRU: una más ancha no la hemos probado.
#
# ## 7 · ¿Cuánto pedir?
#
# La tienda no quiere un pronóstico: quiere saber cuánto pedir. Si cada unidad que falta cuesta nueve veces lo que cada una que
# sobra, lo que menos cuesta es pedir el **cuantil** 0.9: lo que basta nueve de cada diez días. El coste de un día es la **pérdida
# del cuantil** (*pinball loss*): 0.9 por cada unidad que falta y 0.1 por cada una que sobra. De un pronóstico se pasa a un pedido
# multiplicándolo por el cuantil 0.9 de la razón entre lo vendido y lo pronosticado, medida en la validación. Damos por hecho que lo
# vendido es todo lo que se habría vendido, y que lo que sobra no vale para otro día.
#
# Una red también puede **entrenarse** con esa pérdida: la GRU del cuantil dice ya el pedido. Se corrige con la validación como los
# demás, y elige su tasa en cada tienda.
#
# **Predice**: la red que ganaba en error, ¿ganará también en coste? ¿Y la que se entrena con el coste?

# %%
ordered = (
    "Holt-Winters",
    "GRU suavizada",
    "Holt-Winters con calendario",
    "densa con calendario",
    "GRU del cuantil",
    "lineal con calendario",
    "GRU con calendario",
)
costs = {name: measured["coste"][stores["model"] == name] for name in ordered}
served = {name: 100 * stores["served"][stores["model"] == name].mean() for name in ordered}
cheapest = min(costs, key=lambda name: costs[name].mean())
title = f"El pedido más barato de media: {cheapest}"
plot_errors(costs, unit="por día", quantity="coste medio", title=title)
plt.show()

# %%
saving = store_gap("coste", "GRU suavizada", "Holt-Winters")
rivals = [f"{name} con calendario" for name in ("Holt-Winters", "densa", "lineal")]
duels = [("GRU con calendario", name) for name in rivals]
duels.append(("lineal con calendario", "Holt-Winters con calendario"))
duels += [("GRU del cuantil", name) for name in ("lineal con calendario", "GRU con calendario")]
costing = {duel: store_gap("coste", *duel) for duel in duels}
missing = {duel: store_gap("error", *duel) for duel in duels[:4]}  # la del cuantil no pronostica
explain(
    f"Un punto por tienda. Coste. GRU suavizada frente a Holt-Winters: {saving.verdict(decimals=2)}. "
    + "; ".join(f"{a} frente a {b}: {g.verdict(decimals=2)}" for (a, b), g in costing.items())
    + f". El pedido bastó entre el {min(served.values()):.1f} y el {max(served.values()):.1f} % de los "
    "días. Y el error, en veces el suelo. "
    + "; ".join(f"{a} frente a {b}: {g.verdict(decimals=2)}" for (a, b), g in missing.items())
    + "."
)

# %% [markdown]
# Quien gana en error medio no gana por eso en la decisión: la GRU suavizada no abarata el pedido de Holt-Winters. Quizá porque el
# coste depende más de los días extremos; no lo hemos separado.
#
# Con calendario, en cambio, la red gana en las dos cosas: a Holt-Winters con él, a una densa que lee las mismas ventanas de una vez
# y, por mucho menos, a la regresión, que ya había ganado a Holt-Winters sin red ninguna. Entrenarla con la pérdida del cuantil no la
# mejora: su pedido sale más caro que el de la misma GRU con el error cuadrático, y que el de la regresión.
#
# ## 8 · Rómpelo y arréglalo: el cuaderno de siempre
#
# Este cuaderno no es de nadie, pero se parece a muchos. Las líneas van numeradas.
#
# ```text
#  1  ventas = pd.read_csv("ventas.csv", index_col="fecha", parse_dates=True).sort_index()["unidades"].to_numpy()
#  2  escala = MinMaxScaler().fit(ventas[:, None])
#  3  y = escala.transform(ventas[:, None])[:, 0]
#  4  dias = range(28, len(y))
#  5  x = np.stack([y[d - 28 : d] for d in dias])[..., None]
#  6  objetivo = np.array([y[d - 1] for d in dias])
#  7  corte = len(x) - 365; x1, y1, x2, y2 = x[:corte], objetivo[:corte], x[corte:], objetivo[corte:]
#  8  red = lambda: keras.Sequential([keras.Input((28, 1)), layers.LSTM(32), layers.Dense(1)])
#  9  parar = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
# 10  ajuste = dict(epochs=50, shuffle=True, validation_data=(x2, y2), callbacks=[parar])
# 11  error = lambda red: np.abs(red.predict(x2)[:, 0] - y2).mean() * escala.data_range_[0]
# 12  mejor = min(error(entrena(red(), x1, y1, ajuste)) for _ in range(10))
# 13  referencia = np.abs(ventas[-365:] - ventas[-372:-7]).mean()
# 14  print(f"{mejor:.1f} unidades de error; repetir la semana, {referencia:.1f}")
# ```
#
# ### Ejercicio 25.4 ★★★ · Audítalo
#
# `entrena` compila la red y la ajusta. El cuaderno tiene **cuatro** fallos que pueden cambiar el resultado publicado, uno por línea.
# Señala la línea donde nace cada uno y juzga cada línea como si las demás estuvieran bien. Devuelve un diccionario que a cada línea
# que falla le dé la letra de su causa, como `{14: "G"}`. Hay causas de sobra y líneas que parecen sospechosas y están bien.
#
# | | Causa |
# |---|---|
# | A | La escala se calcula con días de la prueba. |
# | B | El objetivo está dentro de su ventana. |
# | C | La prueba decide cuándo parar. |
# | D | Se publica el mejor de varios resultados, elegido con la prueba. |
# | E | Días de entrenamiento y de prueba comparten ventana. |
# | F | Barajar rompe el orden de la serie. |
# | G | El error no está en unidades vendidas. |
# | H | La referencia no es comparable: son otros días u otro horizonte. |
# | I | La capa recurrente no devuelve lo que la siguiente espera. |


# %% tags=["exercise"]
def audit():
    """Devuelve un diccionario {línea: causa} con los cuatro fallos."""
    ### BEGIN SOLUTION
    return {2: "A", 6: "B", 10: "C", 12: "D"}
    ### END SOLUTION


# %% tags=["check"]
audit = check("25.4", audit)

# %% [markdown]
# ¿Cuánto adorna cada fallo? Medimos la escala y el objetivo, por separado y con la GRU de la sección 4, tal cual. (Parar con la
# prueba no lo medimos. Ojo: con `restore_best_weights=True` la prueba elige la época aunque el
# entrenamiento no llegue a pararse). Añadimos un atajo que
# este cuaderno no toma, pero otros sí: dar el error del entrenamiento.
#
# **Predice**: ¿cuál adornará más? ¿Y menos?

# %%
everything = units.mean(), units.std()
leaky_x = ((in_units(plain, plain.x) - everything[0]) / everything[1]).astype("float32")
leaky_y = ((in_units(plain, plain.y) - everything[0]) / everything[1]).astype("float32")
leaky = plain._replace(x=leaky_x, y=leaky_y, scale=everything)
inside = plain._replace(y=plain.x[:, -1, 0])  # el objetivo es el último día de la ventana
published = {
    "bien hecho": errors(plain, live["tal cual"], plain.test),
    "escala con la prueba": errors(leaky, network(leaky, gru), plain.test),
    "error del entrenamiento": errors(plain, live["tal cual"], plain.train),
}
copied = network(inside, gru, seeds[:1])
copied_error = np.abs(copied.values - in_units(plain, inside.y))[:, plain.test].mean(axis=1)
published["objetivo en la ventana"] = copied_error

# %%
title = "Con el objetivo en la ventana, el error no significa nada"
plot_errors(published, unit="unidades", lines={"suelo": floor}, title=title)
plt.show()
flattery = {
    name: 1 - values.mean() / published["bien hecho"][: len(values)].mean()
    for name, values in published.items()
}
train_floor = mae(units[14:first_validation], sales.truth.best_forecast[14:first_validation])
explain(
    f"Con la escala, el error cambia un {-100 * flattery['escala con la prueba']:+.1f} %; en el "
    f"entrenamiento, un {-100 * flattery['error del entrenamiento']:+.0f} % (la raya es el suelo de la "
    f"prueba; el suyo es {train_floor:.1f}); con el objetivo en la ventana, un "
    f"{-100 * flattery['objetivo en la ventana']:+.0f} %."
)

# %% [markdown]
# Queda el cuarto: publicar la mejor de diez redes, elegida con la prueba. Su error es menor que la media, por fuerza. ¿Cuánto de esa
# ventaja es suerte y cuánto es que la red era de verdad mejor? Se elige con las semanas impares de la prueba y se mira también en las
# pares, que no la eligieron.


# %%
def choose_best(recipe, epochs, part, among=10, draws=1000):
    """Ventaja de la mejor de diez según `part`: la aparente y la que tiene en las semanas pares."""
    rng = np.random.default_rng(SEED)
    seen, other = (stored("GRU", recipe, epochs=epochs, part=p) for p in (part, "even_weeks"))
    apparent, real = [], []
    for _ in range(draws):
        some = rng.choice(len(seen), among, replace=False)  # diez de las veinte
        best = some[np.argmin(seen[some])]
        apparent.append(1 - seen[best] / seen[some].mean())
        real.append(1 - other[best] / other[some].mean())
    return 100 * np.mean(apparent), 100 * np.mean(real)


chosen = {}
for recipe, count in (("tal cual", 8), ("tal cual", 60), ("sin nivel", 60)):
    for part in ("odd_weeks", "validation"):
        chosen[recipe, count, part] = choose_best(recipe, count, part)
        by = {"odd_weeks": "la prueba", "validation": "la validación"}[part]
        shown = "aparente {:4.1f} %, en las otras semanas {:4.1f} %".format(
            *chosen[recipe, count, part]
        )
        print(f"GRU {recipe:9s} {count:2d} épocas, elegida con {by:13s}: {shown}")

# %% [markdown]
# Con pocas épocas las redes varían mucho, y casi toda la ventaja es real: se mantiene en las otras semanas. Con más épocas, una
# buena parte de lo que se publicaría es suerte; con la mejor receta, la mayor parte. Elegir no es el fallo: lo es publicar la ventaja
# aparente. La validación, que tiene el doble de días, elige aquí al menos tan bien, y no gasta la prueba.
#
# La escala, que es lo que más se repite en los manuales, aquí apenas se nota, y dos semillas no bastan para ver algo tan pequeño. En
# la lección 11 dependía del modelo y de las unidades. Sigue siendo un fallo: nadie sabe de antemano si se notará. En el
# entrenamiento el error es menor, y en esos años también se vendía menos y el suelo era más bajo. Y con el objetivo dentro de la ventana,
# la red ha aprendido a copiar.
#
# Un resultado así de bueno tendría que haber encendido una alarma: está **por debajo del suelo**. Con datos reales no tienes el
# suelo, pero sí la rampa de la lección 11, que delata el paso de más. La prueba de la sección 3 no lo vería: ese modelo no mira
# adelante; se le examina de un día que ya ha visto.
#
# ## 9 · Con tu propia serie
#
# `load_own_series` lee un CSV con una columna de fechas y otra de valores, lo comprueba y, si algo falla, dice qué y en qué
# línea. Para probarlo escribimos uno con la temperatura del mar de la lección 11, como lo guardaría una hoja de cálculo en
# español.

# %%
temporary = tempfile.TemporaryDirectory()  # se borra al cerrar el cuaderno
path = Path(temporary.name) / "mi_serie.csv"
elnino = load_elnino()
rows = [
    f"{date};{value:.2f}".replace(".", ",")
    for date, value in zip(elnino.dates, elnino.values, strict=True)
]
path.write_text("\n".join(["mes;temperatura", *rows]), encoding="utf-8")


def study(series, models, *, cycles=2, runs=2):
    """Toda la comparación, con cualquier serie: ventanas de `cycles` ciclos y `runs` semillas."""
    problem = prepare(series.values, series.period, width=max(cycles * series.period, 8))
    found = compare(problem, models, seeds[:runs])
    report(problem, found)
    return {name: errors(problem, one, problem.test) for name, one in found.items()}


# %% [markdown]
# **Predice**: ¿ganará alguien a al cambio habitual amortiguado, que son trece números?

# %%
own = load_own_series(path, date_column="mes", value_column="temperatura", unit="°C")
own_errors = study(own, {"GRU": gru}, cycles=1, runs=1)

# %% [markdown]
# Cambia la ruta y los nombres de las columnas por los tuyos, y tendrás tu tabla; con series cortas, baja `cycles`; el periodo se
# deduce de las fechas, y si no es el tuyo se da con `period`. Aquí nadie va por delante del cambio habitual amortiguado, trece
# números. (La red lleva pocas épocas y una sola semilla: no es su mejor marca). Si tu serie tiene una tendencia fuerte, la red
# tendrá que pronosticar valores que nunca ha visto: pronostica entonces diferencias, o quítale el nivel a cada ventana.
#
# ¿Y si el archivo viene mal? Le quitamos dos meses y metemos texto en un número.

# %%
broken = {
    "con_huecos.csv": rows[:40] + rows[42:],
    "con_texto.csv": [*rows[:8], "1950-09;sin dato", *rows[9:]],
}
messages = []
for name, lines in broken.items():
    path.with_name(name).write_text("\n".join(["mes;temperatura", *lines]), encoding="utf-8")
    try:
        load_own_series(path.with_name(name), date_column="mes", value_column="temperatura")
    except ValueError as error:
        messages.append(str(error))
        print(error, end="\n\n")

# %% [markdown]
# Nada se rellena sin que lo pidas. Si decides rellenar, recuerda que `fill="linear"` mira el valor siguiente, que es del futuro.
#
# ## 10 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("La GRU, con la receta de muchos cuadernos, mejora a repetir la semana",
          live_errors["tal cual"].mean() / references["hace siete días"], "<", 0.95),
    claim("Holt-Winters se equivoca menos que ella",
          classic["Holt-Winters"][0] / live_errors["tal cual"].mean(), "<", 0.95),
    claim("Lo medido en directo se parece a lo guardado",
          live_errors["tal cual"].mean() / stored("GRU", "tal cual", epochs=8).mean(), "in", (0.8, 1.25)),
    claim("Con calendario, una GRU sin nivel no baja del suelo, ni con ocho épocas está lejos",
          live_informed.mean() / floor, "in", (1.05, 1.5)),
    claim("El error del entrenamiento es mucho menor", flattery["error del entrenamiento"], ">", 0.15),
    claim("Con el objetivo dentro de la ventana, cae por debajo del suelo",
          published["objetivo en la ventana"].max() / floor, "<", 0.8),
    claim("La escala con la prueba adorna mucho menos que eso",
          flattery["objetivo en la ventana"] - abs(flattery["escala con la prueba"]), ">", 0.5),
    claim("En el mar, la red no mejora al cambio habitual en una décima parte",
          own_errors["GRU"].mean() / own_errors["cambio habitual"][0], ">", 0.9),
)  # fmt: skip

# %% [markdown]
# Y lo que hay en las tablas guardadas, que no cambia con la semilla de este cuaderno.

# %% tags=["nbval-check-output"]
verify(
    claim("Holt-Winters no mira adelante", peek, "==", 0, kind="identidad"),
    claim("A la GRU le ayudan las épocas, y quitar el nivel; los logaritmos solos, no",
          [gains[name].high < 0 for name in steps[1:4]] == [True, False, True], "==", True, kind="identidad"),
    claim("En veinte tiendas, la GRU puesta encima del ETS mejora a Holt-Winters y las tres celdas solas, no",
          against["GRU suavizada"].high < 0 < min(against[name].low for name in cells), "==", True, kind="identidad"),
    claim("Encima del ETS, la GRU mejora a una densa, que a Holt-Winters no lo mejora con claridad",
          lift.high < 0 and not against["densa suavizada"].is_clear, "==", True, kind="identidad"),
    claim("En el coste del pedido, entre la GRU suavizada y Holt-Winters no hay diferencia clara",
          saving.is_clear, "==", False, kind="identidad"),
    claim("Con calendario, la GRU pide más barato que Holt-Winters, que una densa y que la regresión",
          max(costing[duel].high for duel in duels[:3]), "<", 0, kind="identidad"),
    claim("La GRU del cuantil, más caro que la regresión y que la otra GRU",
          min(costing[duel].low for duel in duels[4:]), ">", 0, kind="identidad"),
    claim("El calendario mejora a la GRU", calendar_gain.high, "<", 0, kind="identidad"),
    claim("Con la tasa que elige la validación, entre LSTM y GRU no hay diferencia clara: ni las semillas ni las tiendas",
          by_seed.is_clear or cell_gaps["LSTM", "GRU"].is_clear, "==", False, kind="identidad"),
    claim("Un archivo con huecos se rechaza, y con texto en los números también", len(messages), "==", 2,
          kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Escala, ventanas, tasas y recetas se deciden **sin la prueba**; el error, en las unidades de la serie y frente a varias referencias.
# - En esta serie y sin calendario, la GRU con la receta de muchos cuadernos pierde con un modelo de 1960; con más épocas y sin nivel
#   se le acerca, y puesta encima de él se equivoca menos.
# - ¿LSTM o GRU? La diferencia se da con su margen, y hay uno por cada azar: las semillas, los días, la serie.
# - Dar al modelo el calendario, el pasado y el de mañana, vale mucho más que cambiar de celda. Con él, la GRU gana en error y en
#   coste; a una regresión con el mismo calendario, por poco.
# - La mejor de diez redes, elegida con la prueba, parece mejor de lo que es. Con el objetivo dentro de la ventana, el error queda por
#   debajo de lo posible.
#
# ## Errores frecuentes
#
# - Calcular la escala con toda la serie, o dar el error en unidades escaladas.
# - Parar, elegir la semilla o la celda mirando la prueba.
# - Poner en cada paso el calendario de su día: del día que se pronostica, el modelo no sabe nada.
# - Dar como «conocido» algo que mañana nadie sabrá, como el tiempo que hizo.
# - Comparar dos redes con una semilla, y no compararlas con nada más.
#
# ## Para saber más
#
# - S. Smyl (2020), *A hybrid method of exponential smoothing and recurrent neural networks for time series forecasting*,
#   International Journal of Forecasting 36: la receta que ganó la M4.
# - P. R. Winters (1960), *Forecasting sales by exponentially weighted moving averages*, Management Science 6.
# - R. J. Hyndman, A. B. Koehler, J. K. Ord y R. D. Snyder (2008), *Forecasting with Exponential Smoothing: The State Space
#   Approach*, Springer.
# - S. Makridakis, E. Spiliotis y V. Assimakopoulos (2018), *Statistical and machine learning forecasting methods: concerns and
#   ways forward*, PLOS ONE 13.
# - H. Hewamalage y otros (2021), *Recurrent neural networks for time series forecasting: current status and
#   future directions*, International Journal of Forecasting 37.
#
# **Siguiente**: [31 · Texto a tensores](31_texto_a_tensores.ipynb), donde la serie es un texto.

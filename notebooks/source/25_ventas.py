# %% [markdown]
# # 25 · Ventas
#
# **Es el ejercicio de todos los manuales: pronosticar ventas con una LSTM y con una GRU. ¿Cuál gana? ¿Y a quién?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a preparar una serie sin que la prueba se cuele en el entrenamiento; a comparar redes, una regresión y un modelo clásico en la misma tabla; a decir si una diferencia es mayor que el azar de las semillas; a dar a un modelo lo que se sabe de mañana; a auditar un resultado ajeno; a repetirlo todo con tus datos |
# | **Antes de empezar** | [11 · Secuencias](11_secuencias.ipynb), [14 · Gradientes](14_gradientes.ipynb), [15 · Keras y PyTorch](15_keras_y_pytorch.ipynb) y [22 · GRU](22_gru.ipynb) |
# | **Tiempo** | 55 minutos de lectura y ejercicios; medio minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow, scikit-learn y statsmodels |

# %% tags=["parameters"]
FAST = True  # False: más semillas y épocas, y más redes con calendario (de cuatro a cinco minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.linear_model import LinearRegression
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from course_utils.claims import claim, explain, verify
from course_utils.datasets import load_elnino, load_own_series, load_sales
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_25 import plot_errors, plot_forecasts, plot_split
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
    scale: tuple  # media y desviación
    train: slice  # qué ventanas son de cada parte
    validation: slice
    test: slice


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
    mean, std = problem.scale
    return np.asarray(scaled, dtype=float) * std + mean


def errors(problem, forecast, part):
    """MAE de cada semilla en una parte, en unidades: (semillas,)."""
    actual = in_units(problem, problem.y[part])
    return np.abs(forecast.values[:, part] - actual).mean(axis=1)


plain = prepare(units, period=7, width=14)
print("x:", plain.x.shape, "  y:", plain.y.shape)

# %% [markdown]
# ## 3 · Los rivales
#
# De cada modelo guardaremos su pronóstico de todas las ventanas, una fila por semilla, cuántos parámetros ajusta y cuántos
# segundos de procesador cuesta cada entrenamiento. Los dos primeros ya los conoces.


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


# %% [markdown]
# El tercero es de 1960. El **suavizado exponencial** (*exponential smoothing*) de Holt y Winters guarda tres cosas: un nivel,
# una tendencia y un valor para cada día de la semana. El pronóstico es el nivel más la tendencia, al que se suma el
# valor del día o que se multiplica por él. Después corrige las tres cosas, cada una con una fracción fija del error. El nivel, si la
# estación se suma:
#
# $$\ell_t = \ell_{t-1} + b_{t-1} + \alpha\,(y_t - \hat y_t)$$
#
# donde $b$ es la tendencia (no un sesgo), $\hat y_t$ el pronóstico y $\alpha$ la parte del error que se corrige. Como $\hat y_t$ es
# $\ell_{t-1}+b_{t-1}+s$, con $s$ el valor del día, queda $\ell_t = (1-\alpha)(\ell_{t-1}+b_{t-1})+\alpha\,(y_t-s)$: una red
# recurrente de un puñado de números, la unidad con fugas de la lección 14 con $f=1-\alpha$. Ajustamos $\alpha$
# y las demás con el entrenamiento; después recorre el resto viendo cada día **después** de pronosticarlo. Si la estación se
# suma o multiplica lo decide la validación.


# %%
def smoothing(problem):
    """Holt-Winters: parámetros del entrenamiento, pronósticos a un paso de toda la serie."""
    width, candidates = problem.x.shape[1], []
    for kind in ("add", "mul") if problem.values.min() > 0 else ("add",):
        start = time.process_time()
        seasonal = {"seasonal": kind, "seasonal_periods": problem.period}
        options = {"error": kind, "trend": "add"} | (seasonal if problem.period > 1 else {})
        known = problem.values[: width + problem.train.stop]
        fitted = ETSModel(known, **options).fit(disp=False)
        ahead = ETSModel(problem.values, **options).smooth(fitted.params).fittedvalues
        seconds = time.process_time() - start
        kind = {"add": "estación sumada", "mul": "estación multiplicada"}[kind]
        candidates.append(Forecast(ahead[None, width:], len(fitted.params), seconds, kind))
    return min(candidates, key=lambda one: errors(problem, one, problem.validation).mean())


# %% [markdown]
# ¿Seguro que no mira adelante? Hay una prueba que sirve con cualquier modelo, aunque no descubre todos los fallos: cambia el último día y mira si cambia algún
# pronóstico de los anteriores.

# %%
altered = units.copy()
altered[-1] *= 3
before, after = (smoothing(prepare(values, 7, 14)).values for values in (units, altered))
peek = np.abs(after - before).max()
explain(f"Al triplicar las ventas del último día, ningún pronóstico cambia más de {peek:g}.")

# %% [markdown]
# ## 4 · Las redes
#
# Tres celdas con dieciséis unidades. Preparar el entrenamiento cuesta tanto como entrenar (lección 15), así que se compila una
# vez por celda. Con cada semilla se ponen pesos nuevos y se vacía la memoria de Adam.


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
seeds = [1000 * SEED + k for k in range(3 if FAST else 6)]
epochs, patience = (8, 4) if FAST else (60, 10)


def network(problem, model, seeds=seeds):
    """Entrena el modelo una vez por semilla; la validación decide cuándo parar."""
    runs, seconds = [], []
    train, validation = ((problem.x[p], problem.y[p]) for p in (problem.train, problem.validation))
    options = {"batch_size": 64, "validation_data": validation, "validation_batch_size": 512}
    for seed in seeds:
        start_again(model, seed)
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
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
        "lineal": linear(problem),
        "Holt-Winters": smoothing(problem),
    }
    return forecasts | {name: network(problem, model, seeds) for name, model in models.items()}


# %%
def report(problem, forecasts):
    """La tabla: error en la prueba, con su dispersión entre semillas, y coste."""
    known = problem.values[: problem.x.shape[1] + problem.train.stop]
    reference = np.abs(known[problem.period :] - known[: -problem.period]).mean()  # la del MASE
    tiny = 1e-9 * np.abs(known).max()  # una serie que se repite siempre no tiene MASE
    print(
        f"{'modelo':15s} {'MAE':>7s}  {'de … a …':15s} {'MASE':>5s} {'parámetros':>10s} {'s':>5s}"
    )
    for name, forecast in forecasts.items():
        found = errors(problem, forecast, problem.test)
        spread = f"{found.min():.2f} – {found.max():.2f}" if len(found) > 1 else ""
        scaled = f"{found.mean() / reference:5.2f}" if reference > tiny else "    –"
        row = f"{name:15s} {found.mean():7.2f}  {spread:15s} {scaled}"
        print(f"{row} {forecast.parameters:10d} {forecast.seconds:5.1f} {forecast.note}".rstrip())


# %% [markdown]
# **Predice**: ordena los siete, del peor al mejor.

# %%
layers = keras.layers
cells = {"SimpleRNN": layers.SimpleRNN, "LSTM": layers.LSTM, "GRU": layers.GRU}
models = {name: build(layer, features=1) for name, layer in cells.items()}
forecasts = compare(plain, models)
report(plain, forecasts)

# %%
by_seed = {name: errors(plain, one, plain.test) for name, one in forecasts.items()}
marks = {"suelo": floor, "hace siete días": references["hace siete días"]}
shown = {name: by_seed[name] for name in ("lineal", "Holt-Winters", *cells)}
best = min(shown, key=lambda name: shown[name].mean())
title = f"Sin calendario, el menor error es el de {best}"
plot_errors(shown, unit="unidades", lines=marks, title=title)
plt.show()
cell_means = {name: by_seed[name].mean() for name in cells}
best_cell = min(cell_means, key=cell_means.get)
classic = by_seed["Holt-Winters"].mean()
explain(
    f"Un punto por semilla; un rombo si no hay azar. Holt-Winters se equivoca en {classic:.1f} "
    f"unidades; la mejor celda, de media, en {cell_means[best_cell]:.1f}; la regresión, en "
    f"{by_seed['lineal'].mean():.1f}. Las {3 * len(seeds)} redes van de "
    f"{min(by_seed[n].min() for n in cells):.1f} a {max(by_seed[n].max() for n in cells):.1f}."
)

# %% [markdown]
# Las redes mejoran con holgura a repetir la semana; frente a la regresión, depende de la celda y de la semilla, y pierden con un modelo clásico que se ajusta en un instante. No es raro: él
# recorre toda la serie y ellas ven catorce días; Holt y Winters le dieron hecho lo que una red tiene que descubrir, y aquí se
# entrenan poco (con `FAST = False` puedes ver cuánto mejoran). No hemos separado cuánto pesa cada cosa. Una tabla que no trae un modelo así no permite saber si la red
# valía la pena.
#
# ## 5 · Lo que se sabe de mañana
#
# ¿Qué días fallan más? En la figura, Holt-Winters y la GRU, que es la media de sus redes.

# %%
start = 95  # día de la prueba en que empieza la figura
shown_days = slice(first_test + start, first_test + start + 42)
mean_forecast = {
    name: forecasts[name].values.mean(axis=0)[plain.test] for name in ("Holt-Winters", "GRU")
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
# Holt-Winters toma la promoción por una subida y la arrastra. Ningún modelo puede adivinarla, pero la tienda **sabe** qué días la
# habrá, qué días son festivos y qué día de la semana es mañana. No es una fuga: es información que existe al pronosticar. Lo que harán mañana el tiempo o la
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
    scaled = (problem.values - problem.scale[0]) / problem.scale[1]
    windows = calendar_windows(scaled, calendar, problem.x.shape[1])
    return problem._replace(x=windows.astype("float32"))


known_days = with_calendar(plain)
informed_gru = build(layers.GRU, features=10)
informed = {"lineal": linear(known_days), "GRU": network(known_days, informed_gru)}
if not FAST:
    informed["LSTM"] = network(known_days, build(layers.LSTM, features=10))
report(known_days, informed)

# %% [markdown]
# ¿Qué ha ayudado: saber qué pasa mañana o entender lo que ya pasó, como unas ventas infladas por una promoción? Con la regresión se
# separa en un momento.

# %%
past_days = [calendar[start : start + 14].ravel() for start in range(len(plain.y))]
extras = {"ninguno": [], "el de los días pasados": [past_days], "el de mañana": [calendar[14:]]}
extras["los dos"] = [past_days, calendar[14:]]
by_calendar = {}
for name, extra in extras.items():
    columns = np.column_stack([plain.x[..., 0], *extra])  # (ventanas, columnas)
    wide = plain._replace(x=columns[..., None])
    by_calendar[name] = errors(wide, linear(wide), plain.test)[0]
    print(f"calendario: {name:22s} MAE {by_calendar[name]:.1f}")

# %% [markdown]
# Hacen falta los dos: el calendario explica el pasado y anuncia el día siguiente.
#
# Otra idea, esta sobre las unidades. Un sábado no vende un número fijo de unidades más que un martes: vende una **proporción**
# más, tanto en enero como en diciembre. Los efectos se multiplican. En logaritmos un producto es una suma, y sumar es lo que
# sabe hacer una regresión. Damos a la regresión el logaritmo de las ventas y deshacemos el cambio con la exponencial.
#
# **Predice**: ¿alcanzará a la GRU?

# %%
logs = with_calendar(prepare(np.log(units), period=7, width=14))


def from_logs(forecast):
    """El mismo pronóstico, en unidades."""
    return forecast._replace(values=np.exp(forecast.values))


informed["lineal, en logaritmos"] = from_logs(linear(logs))
if not FAST:
    informed["GRU, en logaritmos"] = from_logs(network(logs, informed_gru))

# %% [markdown]
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
explain(
    f"Un festivo multiplica las ventas por {holiday_factor:.2f}; una promoción, por "
    f"{promotion_factor:.2f}."
)

# %%
with_days = {name: errors(plain, one, plain.test) for name, one in informed.items()}
without = {f"{name}, sin calendario": by_seed[name] for name in ("GRU", "Holt-Winters")}
title = "El calendario pesa más que la celda"
plot_errors(
    without | {f"{name}, con él": one for name, one in with_days.items()},
    unit="unidades",
    lines={"suelo": floor},
    title=title,
)
plt.show()
calendar_gain = by_seed["GRU"].mean() - with_days["GRU"].mean()
log_error = with_days["lineal, en logaritmos"].mean()
explain(
    f"El calendario quita a la GRU {calendar_gain:.1f} unidades de error y la deja en "
    f"{with_days['GRU'].mean():.1f}; la regresión con calendario está en "
    f"{with_days['lineal'].mean():.1f}. En logaritmos, la regresión baja a {log_error:.1f}: a "
    f"{log_error - floor:.1f} del suelo. Holt-Winters pasa de {classic:.1f} a "
    f"{with_days['Holt-Winters'].mean():.1f}."
)

# %% [markdown]
# Con el calendario mejoran los tres, y mucho más de lo que separa a una celda de otra. A la regresión le basta una línea más, el
# logaritmo, para alcanzar a la red o adelantarla. (La red no ha tenido esa ventaja: con `FAST = False` se le da).
#
# No saques de aquí una ley. Estas ventas las generó una fórmula de productos, y eso favorece al logaritmo y al rodeo de
# Holt-Winters. Con muchas tiendas, o con efectos que nadie ha escrito en una columna, una red puede ganar. La regla es medirlo.
#
# ## 6 · ¿LSTM o GRU?
#
# Volvamos a la figura de la sección 4. ¿Es la GRU mejor que la LSTM? ¿Y basta una `SimpleRNN` con pocos datos, como se dice a
# menudo? La pregunta es si lo que separa dos celdas es mayor que lo que separa dos semillas.
#
# ### Ejercicio 25.3 ★★ · ¿LSTM o GRU?
#
# Recibes los errores de dos modelos, semilla a semilla. Resta cada pareja: las diferencias tienen una media, y esa media, un
# margen. Con $n$ parejas y desviación típica $s$ (la que divide entre $n-1$), el margen del 95 % es
#
# $$t\,\frac{s}{\sqrt n}$$
#
# donde $t$ es `stats.t.ppf(0.975, n - 1)`, el cuantil de la t de Student: con pocas parejas, el margen se ensancha. Si se repitiera
# todo con otras semillas, unos 95 de cada 100 márgenes así contendrían la diferencia verdadera; si el margen contiene el cero, no se
# sabe quién gana. Devuelve
# la diferencia media, el primero menos el segundo, y su margen.


# %% tags=["exercise"]
def paired_difference(one, other):
    """Diferencia media entre dos listas de errores (semillas,) y su margen del 95 %."""
    ### BEGIN SOLUTION
    gaps = one - other
    margin = stats.t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps))
    return gaps.mean(), margin
    ### END SOLUTION


# %% tags=["check"]
paired_difference = check("25.3", paired_difference)

# %%
gap, margin = paired_difference(by_seed["LSTM"], by_seed["GRU"])
simple_gap, simple_margin = paired_difference(by_seed["SimpleRNN"], by_seed["GRU"])
seed_spread = max(np.ptp(by_seed[name]) for name in cells)
verdict = {True: "no se sabe cuál es mejor", False: "la diferencia no es azar de semillas"}
explain(
    f"LSTM menos GRU: {gap:+.2f} ± {margin:.2f} unidades con {len(seeds)} semillas: "
    f"{verdict[abs(gap) < margin]}. SimpleRNN menos GRU: {simple_gap:+.2f} ± {simple_margin:.2f}: "
    f"{verdict[abs(simple_gap) < simple_margin]}. Entre dos semillas de una misma celda hay hasta "
    f"{seed_spread:.2f}."
)

# %% [markdown]
# Un margen más ancho que la diferencia no dice que sean iguales: dice que con estas semillas no se ve. Con `FAST = False` hay
# más. (Es el margen del azar de las semillas; otros días
# de prueba darían otra diferencia. Y emparejar conviene cuando las parejas comparten azar, como los repartos de la lección 24; aquí
# comparten poco y el margen sale ancho). Pero mira antes qué hay en juego: el calendario movía el error mucho más.
#
# En esta serie la pregunta estaba mal elegida. Lo que más pesa es qué sabe el modelo; la celda, mucho menos. Nosotros mismos
# hemos cortado la memoria a catorce días, y quizá por eso una `SimpleRNN` no se queda atrás.
#
# ## 7 · Rómpelo y arréglalo: el cuaderno de siempre
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
# ¿Cuánto adorna cada fallo? Medimos tres: la escala y el objetivo, por separado y con la GRU con calendario, y elegir la mejor de
# varias redes. (Parar con la prueba no lo medimos. Ojo: con `restore_best_weights=True` la prueba elige la época aunque el
# entrenamiento no llegue a pararse). Añadimos un atajo que
# este cuaderno no toma, pero otros sí: dar el error del entrenamiento.
#
# **Predice**: ¿cuál adornará más? ¿Y menos?

# %%
everything = units.mean(), units.std()
leaky_x, leaky_y = known_days.x.copy(), in_units(plain, plain.y)
leaky_x[..., 0] = (in_units(plain, plain.x[..., 0]) - everything[0]) / everything[1]
leaky_y = ((leaky_y - everything[0]) / everything[1]).astype("float32")
leaky = known_days._replace(x=leaky_x, y=leaky_y, scale=everything)
inside = known_days._replace(y=plain.x[:, -1, 0])  # el objetivo es el último día de la ventana
published = {
    "bien hecho": with_days["GRU"],
    "escala con la prueba": errors(leaky, network(leaky, informed_gru, seeds[:2]), plain.test),
    "error del entrenamiento": errors(plain, informed["GRU"], plain.train),
    "objetivo en la ventana": errors(inside, network(inside, informed_gru, seeds[:1]), plain.test),
}

# %%
title = "Con el objetivo en la ventana, el error no significa nada"
plot_errors(published, unit="unidades", lines={"suelo": floor}, title=title)
plt.show()
flattery = {
    name: 1 - values.mean() / published["bien hecho"][: len(values)].mean()
    for name, values in published.items()
}
train_floor = mae(units[14:first_validation], sales.truth.best_forecast[14:first_validation])
network_errors = np.concatenate([by_seed[name] for name in cells])
lucky = max(1 - by_seed[name].min() / by_seed[name].mean() for name in cells)
explain(
    f"Con la escala, el error cambia un {-100 * flattery['escala con la prueba']:+.1f} %; en el "
    f"entrenamiento, un {-100 * flattery['error del entrenamiento']:+.0f} % (la raya es el suelo de la "
    f"prueba; el suyo es {train_floor:.1f}); con el objetivo en la ventana, un "
    f"{-100 * flattery['objetivo en la ventana']:+.0f} %. Y publicar la mejor de {len(seeds)} redes de "
    f"una misma celda, sin calendario, en vez de la media, hasta un {-100 * lucky:+.0f} %."
)

# %% [markdown]
# La escala, que es lo que más se repite en los manuales, aquí apenas se nota. En la lección 11 dependía del modelo y de
# las unidades. Sigue siendo
# un fallo: nadie sabe de antemano si se notará. Elegir con la prueba adorna siempre, y más cuanto más varían las semillas. En el
# entrenamiento el error es menor, sobre todo porque en esos años se vendía menos: también el suelo era más bajo. Y con el objetivo dentro de la ventana,
# la red ha aprendido a copiar.
#
# Un resultado así de bueno tendría que haber encendido una alarma: está **por debajo del suelo**. Con datos reales no tienes el
# suelo, pero sí la rampa de la lección 11, que delata el paso de más. La prueba de la sección 3 no lo vería: ese modelo no mira
# adelante; se le examina de un día que ya ha visto.
#
# ## 8 · Con tu propia serie
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


def study(series, models, *, cycles=2, runs=3):
    """Toda la comparación, con cualquier serie: ventanas de `cycles` ciclos y `runs` semillas."""
    problem = prepare(series.values, series.period, width=max(cycles * series.period, 8))
    found = compare(problem, models, seeds[:runs])
    report(problem, found)
    return {name: errors(problem, one, problem.test) for name, one in found.items()}


# %% [markdown]
# **Predice**: ¿ganará alguien a Holt-Winters?

# %%
own = load_own_series(path, date_column="mes", value_column="temperatura", unit="°C")
own_errors = study(own, {"GRU": models["GRU"]}, cycles=1, runs=1 if FAST else 3)

# %% [markdown]
# Cambia la ruta y los nombres de las columnas por los tuyos, y tendrás tu tabla; con series cortas, baja `cycles`; el periodo se
# deduce de las fechas, y si no es el tuyo se da con `period`. Esta vez nadie gana con claridad: la regresión,
# el modelo clásico y la red quedan muy cerca. Si tu serie tiene una tendencia fuerte, la red tendrá que pronosticar
# valores que nunca ha visto y lo pagará: pronostica entonces diferencias.
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
# ## 9 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Toda red mejora a repetir la semana", network_errors.max() / references["hace siete días"], "<", 0.95),
    claim("Holt-Winters, con un puñado de parámetros, mejora a la media de cada celda",
          classic / min(cell_means.values()), "<", 1),
    claim("Holt-Winters no mira adelante", peek, "==", 0, kind="identidad"),
    claim("Con el mismo entrenamiento, la SimpleRNN no se queda atrás",
          cell_means["SimpleRNN"] / np.mean([cell_means["LSTM"], cell_means["GRU"]]), "<", 1.2),
    claim("Ningún modelo honrado baja del suelo",
          min(log_error, network_errors.min(), with_days["GRU"].min()) / floor, ">", 1.05),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El calendario mejora a la GRU en más de un tercio",
          with_days["GRU"].mean() / by_seed["GRU"].mean(), "<", 0.65),
    claim("Lo que separa a LSTM y GRU es mucho menos", abs(gap) / calendar_gain, "<", 0.5),
    claim("Con calendario, la GRU y la regresión quedan cerca",
          with_days["GRU"].mean() / with_days["lineal"].mean(), "in", (0.7, 1.1)),
    claim("A la regresión le ayudan el calendario pasado y el de mañana, y los dos más que uno",
          by_calendar["los dos"] / min(by_calendar["el de los días pasados"], by_calendar["el de mañana"]), "<", 0.9, kind="identidad"),
    claim("Holt-Winters con el calendario queda cerca de la GRU",
          with_days["Holt-Winters"].mean() / with_days["GRU"].mean(), "in", (0.75, 1.2)),
    claim("La regresión en logaritmos alcanza a la GRU con calendario",
          log_error / with_days["GRU"].mean(), "<", 1.05),
    claim("Y a la regresión con las ventas tal cual",
          log_error / with_days["lineal"].mean(), "<", 0.9, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("La escala con fuga apenas cambia el error",
          flattery["escala con la prueba"], "in", (-0.1, 0.1)),
    claim("Elegir con la prueba la mejor red de una celda lo adorna", lucky, ">", 0.01),
    claim("El error del entrenamiento es mucho menor", flattery["error del entrenamiento"], ">", 0.2),
    claim("Con el objetivo dentro de la ventana, el error cae por debajo del suelo",
          published["objetivo en la ventana"].max() / floor, "<", 0.8),
    claim("En otra serie, la misma función: la red mejora a repetir el año",
          own_errors["GRU"].max() / own_errors["pers. estac."].mean(), "<", 0.7),
    claim("Un archivo con huecos se rechaza, y con texto en los números también", len(messages), "==", 2,
          kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Escala, ventanas y paradas se deciden **sin la prueba**; el error, en las unidades de la serie y frente a una referencia.
# - En esta serie, sin calendario, un modelo de 1960 mejora a las tres celdas, y una `SimpleRNN` no queda peor que
#   las otras.
# - ¿LSTM o GRU? La diferencia se da con su margen; aquí es pequeña frente a lo demás.
# - Dar al modelo el calendario, el pasado y el de mañana, vale mucho más que cambiar de celda; dárselo en unidades adecuadas también
#   ayuda.
# - No todos los fallos se notan; el objetivo dentro de la ventana, sí: queda por debajo de lo posible.
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
# - P. R. Winters (1960), *Forecasting sales by exponentially weighted moving averages*, Management Science 6.
# - R. J. Hyndman, A. B. Koehler, J. K. Ord y R. D. Snyder (2008), *Forecasting with Exponential Smoothing*, Springer.
# - S. Makridakis, E. Spiliotis y V. Assimakopoulos (2018), *Statistical and machine learning forecasting methods: concerns and
#   ways forward*, PLOS ONE 13.
# - H. Hewamalage y otros (2021), *Recurrent neural networks for time series forecasting: current status and
#   future directions*, International Journal of Forecasting 37.
#
# **Siguiente**: el módulo 3, donde la serie es un texto.

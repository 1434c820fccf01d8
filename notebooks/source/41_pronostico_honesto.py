# %% [markdown]
# # 41 · Pronóstico honesto
#
# **Un modelo ha ganado a otro en tu serie. ¿Ganará también el mes que viene, o ganó porque cortaste ahí?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a reconocer un pronóstico que llega un día tarde; a medir desde muchos orígenes y dar los puestos con su incertidumbre; a saber qué premia cada medida; a decir si una diferencia es real cuando los plazos se solapan; a que una red salga de lo que ha visto; a auditar un «predigo el precio» |
# | **Antes de empezar** | [25 · Ventas](25_ventas.ipynb), de donde vienen el suavizado, la preparación sin fugas y las comparaciones con su margen |
# | **Tiempo** | 80 minutos de lectura y ejercicios, en dos ratos: el primero acaba con la sección 6; menos de un minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow, statsmodels y scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: las redes en directo, con el triple de épocas
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import tempfile
import time
from functools import partial
from itertools import combinations
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.linear_model import LinearRegression

# %%
from course_utils.claims import claim, explain, verify
from course_utils.comparison import diebold_mariano, paired
from course_utils.datasets import load_co2, load_own_series, load_result, load_weather
from course_utils.exercises import check, hint, progress, solution
from course_utils.forecasting import (
    autoregression,
    choose_smoothing,
    climatology,
    exponential_smoothing,
    multistep_windows,
    theta,
)

# %%
from course_utils.lessons.lesson_41 import (
    build,
    five_series,
    plot_beyond,
    plot_forecaster,
    plot_late,
    plot_mean_ranks,
    plot_measures,
    plot_rank_grid,
    plot_ratios,
    train,
)
from course_utils.metrics import mae

# %% [markdown]
# ## 1 · Un pronóstico que parece perfecto
#
# «Predigo el precio de mañana con una red recurrente». Hay miles de cuadernos así, y casi todos enseñan la misma figura. Vamos a
# hacerla con veinte precios **inventados** de los que lo sabemos todo: son **paseos aleatorios** (*random walks*), el de ayer más
# un número al azar. Lo que pasará mañana no está escrito en ninguna parte.

# %%
DAYS, CUT, WIDTH = 500, 380, 10  # la prueba empieza en el día 380; la red ve diez días
rng = np.random.default_rng([SEED, 41])
prices = 100 + rng.normal(size=(20, DAYS)).cumsum(axis=1)  # (paseos, días), en euros
views = np.lib.stride_tricks.sliding_window_view(prices, WIDTH + 1, axis=1)  # (20, 490, 11)
first = CUT - WIDTH  # la primera ventana cuyo objetivo es de la prueba
# Entrenamiento (una ventana de cada cuatro), validación y prueba.
learned, held, test = slice(0, first - 60, 4), slice(first - 60, first), slice(first, None)


def examples(scaled, part):
    """Ventanas y objetivos de todos los paseos: (lote, tiempo, 1) y (lote, 1)."""
    chosen = scaled[:, part].reshape(-1, WIDTH + 1).astype("float32")
    return chosen[:, :-1, None], chosen[:, -1:]


# %% [markdown]
# La red es una GRU de dieciséis unidades y una capa densa que da el pronóstico. `build` la compila y `train` la entrena desde pesos
# nuevos y se queda con su mejor época de validación: es lo que viste en la lección 25. Una sola red aprende de los veinte paseos,
# que es más de lo que tienen esos cuadernos. Primero, con su receta: cada precio, escalado con la media y la desviación de su
# entrenamiento.

# %%
epochs = 8 if FAST else 24
network = build(horizon=1)


def tomorrow(scaled):
    """Entrena con el principio de cada paseo y pronostica cada día de prueba: (paseos, días)."""
    options = {"seed": SEED, "epochs": epochs}
    train(network, examples(scaled, learned), examples(scaled, held), **options)
    return network(examples(scaled, test)[0]).numpy().reshape(len(prices), -1)


known = prices[:, :CUT]
center, spread = known.mean(axis=1, keepdims=True), known.std(axis=1, keepdims=True)
scaled = (views - center[..., None]) / spread[..., None]
said = {"GRU tal cual": tomorrow(scaled) * spread + center}

# %% [markdown]
# **Predice**: ¿cuánto se parecerá el pronóstico a lo que pasó? Y, si se parece mucho, ¿qué ha aprendido la red?


# %%
def correlation(actual, forecast, lag):
    """Entre lo que cambia el pronóstico y lo que la serie cambió `lag` días antes."""
    change, moved = np.diff(actual), np.diff(forecast)
    if lag < 0:
        early, late = change[-lag:], moved[:lag]
    else:
        early, late = change[: len(change) - lag], moved[lag:]
    return np.corrcoef(early, late)[0, 1]


actual, yesterday = prices[:, CUT:], prices[:, CUT - 1 : -1]
lags = np.arange(-2, 6)
pairs = list(zip(actual, said["GRU tal cual"], strict=True))
correlations = np.array([[correlation(a, f, lag) for lag in lags] for a, f in pairs])
outside = np.maximum(actual.max(axis=1) - known.max(axis=1), known.min(axis=1) - actual.min(axis=1))
shown = np.argmin(outside)  # el paseo que menos se sale de lo visto

# %%
peaks = lags[correlations.argmax(axis=1)]
title = "El pronóstico sigue al precio, un día tarde"
plot_late(actual[shown][:60], said["GRU tal cual"][shown][:60], lags, correlations,
          unit="euros", title=title)  # fmt: skip
plt.show()
r2 = 1 - np.mean((actual - said["GRU tal cual"])[shown] ** 2) / actual[shown].var()
explain(
    f"Un paseo, el que menos se sale de lo visto, con un R² de {r2:.2f} en la prueba. A la derecha, los "
    f"veinte: en {np.sum(peaks == 1)} de {len(peaks)} el pronóstico se parece, sobre todo, al precio de "
    f"un día antes. Con el del mismo día, la correlación media de los cambios es "
    f"{correlations[:, lags == 0].mean():.2f}; con el de ayer, {correlations[:, lags == 1].mean():.2f}."
)

# %% [markdown]
# La figura de la izquierda engaña a cualquiera. La de la derecha es la **correlación cruzada** (*cross-correlation*) de los
# cambios: compara lo que se mueve el pronóstico con lo que la serie se movió unos días antes. La red ha aprendido a repetir el
# último precio, que es lo mejor que se puede hacer: en un paseo de pasos independientes y simétricos, no hay pronóstico con menor
# error absoluto esperado que el valor de ayer.
#
# Y la red, ¿al menos lo iguala? Le damos la receta que mejor le va (a cada ventana se le resta su último precio, sección 7) y la
# acompañamos de una regresión y de la **deriva**, que prolonga la recta del primer valor al último. Todos, a un día.


# %%
def regression(windows):
    """Una autorregresión por paseo, ajustada con todo lo anterior a la prueba."""
    known, later = windows[:first], windows[first:]
    return LinearRegression().fit(known[:, :-1], known[:, -1]).predict(later[:, :-1])


last = views[..., -2:-1]  # el último precio de cada ventana
said["GRU sin nivel"] = tomorrow(views - last) + last[:, first:, 0]
said["autorregresión"] = np.array([regression(windows) for windows in views])
said["deriva"] = yesterday + (known[:, -1:] - known[:, :1]) / (CUT - 1)
misses = {name: np.abs(one - actual).mean(axis=1) for name, one in said.items()}  # (paseos,)
persistent = np.abs(yesterday - actual).mean(axis=1)

# %%
ratios = {name: one / persistent for name, one in misses.items()}
plot_ratios(ratios, quantity="error, dividido entre el de repetir ayer", reference=("repetir ayer", 1.0),
            title="Veinte paseos y cuatro modelos")  # fmt: skip
plt.show()
duels = {name: paired(one, persistent) for name, one in misses.items()}
by_exit = ratios["GRU tal cual"][np.argsort(outside)]  # del paseo que menos se sale al que más
explain(
    "Un punto por paseo. Frente a repetir el precio de ayer: "
    + "; ".join(f"{name}, {gap.verdict('euros', decimals=3)}" for name, gap in duels.items())
    + f". La red tal cual comete {by_exit[:10].mean():.1f} veces ese error en los diez paseos que "
    f"menos se salen de lo que vio, y {by_exit[10:].mean():.1f} en los diez que más."
)

# %% [markdown]
# En un paseo así nadie puede mejorar de verdad a la persistencia. Si alguna vez una de estas diferencias sale a favor de un modelo,
# es el azar: con cuatro comparaciones al 95 %, pasa. La red «tal cual» tiene además otro problema con los paseos que se salen de
# lo que vio; lo verás en la sección 7. (Y aunque en la figura se vea mucho peor, puede salir «no hay diferencia clara»: unos pocos
# paseos en que falla muchísimo más que en los otros bastan para ensanchar el intervalo de la media).
#
# Con precios de verdad, la primera pregunta es la misma: **¿y repetir el de ayer?** (Un precio de verdad no es un paseo aleatorio
# exacto. Que no se pueda predecir este no demuestra que no se pueda predecir ninguno; enseña con qué hay que compararse y que la
# figura no prueba nada).
#
# ## 2 · Seis modelos antes de la red
#
# ¿A quién hay que ganar? Tres se escriben en una línea o dos. Un modelo es aquí una función `modelo(historia, horizonte)` que
# devuelve el plazo entero.


# %%
def persistence(history, horizon):
    """Todo el plazo, como el último valor."""
    return np.full(horizon, history[-1])


def seasonal(history, horizon, *, period):
    """Se repite el último ciclo."""
    return np.resize(history[-period:], horizon)


def straight(history, horizon):
    """Deriva: la recta del primer valor al último, prolongada."""
    slope = (history[-1] - history[0]) / (len(history) - 1)
    return history[-1] + slope * np.arange(1, horizon + 1)


# %% [markdown]
# Los otros tres son los de quien vive de esto, y los ajusta `course_utils.forecasting` con statsmodels:
#
# - **Suavizado exponencial** (ETS), que conoces de la lección 25. Hay muchas formas: error y estación que se suman o se multiplican,
#   con o sin tendencia, amortiguada o no. Se prueban las habituales y se queda la de menor **criterio de Akaike** corregido: lo mal
#   que explica lo visto, más un castigo por cada número que se ajusta.
# - **Theta**, que ganó la competición M3: se quita la estación, y a un suavizado simple se le suma la mitad de la pendiente de la
#   recta que mejor ajusta la historia (Hyndman y Billah, 2003, vieron que era eso). Después se devuelve la estación.
# - **Autorregresión**: una regresión con los valores anteriores, la de Yule en 1927 para las manchas solares. Cuántos, lo elige el
#   **criterio de Schwarz**, que castiga más que el de Akaike. Con ciclo lleva una constante por lugar del ciclo.
#
# Ninguno mira la prueba para elegir. La forma del suavizado se elige una vez, con lo anterior a todo lo que se mide; los parámetros
# se ajustan en cada pronóstico.


# %%
def six_models(known, period):
    """Los seis, listos para pronosticar desde `known` en adelante."""
    smooth_period = period if period <= 60 else 1  # con más, statsmodels tarda minutos
    shape = choose_smoothing(known, period=smooth_period)
    return {
        "persistencia": persistence,
        "estacional": partial(seasonal, period=period),
        "deriva": straight,
        "suavizado": partial(exponential_smoothing, period=smooth_period, shape=shape),
        "theta": partial(theta, period=period),
        "autorregresión": partial(autoregression, period=period),
    }


# %% [markdown]
# ## 3 · El origen móvil
#
# Con un solo corte se mide un solo pronóstico. Con el **origen móvil** (*rolling origin*) se repite: se pronostica desde un momento
# con todo lo que había pasado, se avanza y se pronostica otra vez.
#
# ### Ejercicio 41.1 ★★ · Los cortes
#
# Devuelve una lista de parejas `(entrenamiento, plazo)`, del origen más antiguo al más reciente, cada una de dos `slice` para
# indexar una serie de `count` valores. El entrenamiento es **todo** lo anterior al origen; el plazo, los `horizon` valores que
# empiezan en él. De un origen al siguiente hay `step` pasos, son `origins` y el último plazo acaba justo con la serie. Con
# `count=10, horizon=2, origins=3, step=2`, los plazos empiezan en 4, 6 y 8.


# %% tags=["exercise"]
def rolling_cuts(count, horizon, origins, step):
    """Cortes [(slice, slice), ...] cuyo último plazo acaba con la serie."""
    ### BEGIN SOLUTION
    first = count - horizon - (origins - 1) * step
    starts = range(first, count - horizon + 1, step)
    return [(slice(0, start), slice(start, start + horizon)) for start in starts]
    ### END SOLUTION


# %% tags=["check"]
rolling_cuts = check("41.1", rolling_cuts)


# %%
def backtest(values, models, cuts):
    """Error absoluto medio de cada modelo desde cada origen y segundos de cada pronóstico."""
    errors, seconds = {}, {}
    for name, model in models.items():
        start = time.process_time()
        forecasts = [model(values[past], len(values[plan])) for past, plan in cuts]
        seconds[name] = (time.process_time() - start) / len(cuts)
        errors[name] = np.array(
            [mae(values[plan], one) for one, (_, plan) in zip(forecasts, cuts, strict=True)]
        )
    return errors, seconds


# %% [markdown]
# Lo estrenamos con El Niño, la temperatura del mar: doce orígenes, un año de plazo y de paso, para que los plazos no se solapen.
#
# **Predice**: el modelo con menor error medio, ¿en cuántos de los doce orígenes será el mejor?

# %%
tasks = five_series()
sea = tasks["El Niño"]
cuts = rolling_cuts(len(sea.values), sea.horizon, 12, sea.horizon)
start = time.process_time()
models = six_models(sea.values[cuts[0][0]], sea.period)
choosing = time.process_time() - start
errors, seconds = backtest(sea.values, models, cuts)
for name, found in errors.items():
    print(f"{name:15s} MAE {found.mean():.2f} °C  {1000 * seconds[name]:6.1f} ms por pronóstico")
print(f"Elegir la forma del suavizado: {choosing:.1f} s")


# %%
def rank_models(errors):
    """El puesto de cada modelo en cada origen; 1 es el mejor y los empates se reparten."""
    places = stats.rankdata(list(errors.values()), axis=0)  # (modelos, orígenes)
    return dict(zip(errors, places, strict=True))


ranks = rank_models(errors)
best = min(errors, key=lambda name: errors[name].mean())
crowned = {name: int(np.sum(places == 1)) for name, places in ranks.items()}
title = f"Menor error medio: {best}; es el mejor en {crowned[best]} de 12 años"
plot_rank_grid(ranks, [str(1999 + k) for k in range(12)], title=title)
plt.show()
explain(
    "El puesto de cada modelo en cada origen; 1 es el mejor. Veces que gana cada uno: "
    + ", ".join(f"{name} {count}" for name, count in crowned.items())
    + "."
)

# %% [markdown]
# El orden cambia de columna en columna. Quien hubiera cortado en un solo año habría publicado el ganador de esa columna.
#
# ## 4 · Cinco series, veinte orígenes
#
# ¿Es cosa de El Niño? Ahora con cinco: las manchas solares (una media al año, a cinco años), el CO2 y El Niño (a doce meses), la
# temperatura de un aeropuerto de Nueva York en los dos últimos meses de 2013 (a 24 horas; los pocos huecos repiten la última
# medida) y las ventas de la 25 (a siete días). Veinte orígenes cada una, sin solape; los de la temperatura son los veinte últimos
# días de diciembre. Reajustar tantas veces no cabe aquí: lo midió un programa aparte.

# %%
table = load_result("pronosticos")
columns = [f"origin_{k + 1:02d}" for k in range(20)]
print(table.script, "·", len(table["model"]), "filas ·", table.machine)


def stored(series):
    """El error guardado de cada modelo desde cada origen: {modelo: (20,)}."""
    rows = np.flatnonzero(table["series"] == series)
    return {str(table["model"][row]): np.array([table[c][row] for c in columns]) for row in rows}


classic = {series: stored(series) for series in tasks}

# %% [markdown]
# Un puesto medio también tiene incertidumbre. La muestra son los orígenes, y dos seguidos se pueden parecer: se promedian de dos en
# dos, y con las diez medias se calcula un intervalo con la $t$ de Student. (Sortear bloques, como en la 15, pide veinte o más; con
# diez, el intervalo sale demasiado estrecho).


# %%
def rank_interval(places):
    """Puesto medio y su intervalo del 95 %."""
    pairs = places.reshape(-1, 2).mean(axis=1)  # de cada dos orígenes seguidos, su media
    margin = stats.t.ppf(0.975, len(pairs) - 1) * stats.sem(pairs)
    return places.mean(), places.mean() - margin, places.mean() + margin


places = {series: rank_models(found) for series, found in classic.items()}
intervals = {
    series: {name: rank_interval(one) for name, one in found.items()}
    for series, found in places.items()
}
leaders = {series: min(found, key=lambda n: found[n][0]) for series, found in intervals.items()}
title = f"Modelos con el mejor puesto en alguna serie: {len(set(leaders.values()))}"
plot_mean_ranks(intervals, title=title)
plt.show()

# %%
wins = {series: np.mean(places[series][name] == 1) for series, name in leaders.items()}
kings = {series: sum(np.any(p == 1) for p in found.values()) for series, found in places.items()}
for series, name in leaders.items():
    middle, low, high = intervals[series][name]
    print(f"{series:12s} mejor puesto medio: {name} ({middle:.1f}, entre {low:.1f} y {high:.1f}); "
          f"gana en {20 * wins[series]:.0f} de 20; otros ganadores: {kings[series] - 1}")  # fmt: skip
explain(
    "Puesto medio en veinte orígenes y su intervalo del 95 %. Con un solo corte elegido al azar, el "
    "mejor de media habría quedado primero en "
    + ", ".join(f"{series} el {100 * share:.0f} %" for series, share in wins.items())
    + " de las veces."
)

# %% [markdown]
# **El orden de los modelos cambia con el origen: un solo corte dice poco.** ¿Y con la serie? Que el primero sea otro no basta: con
# intervalos que se pisan, puede ser azar. Buscamos parejas de modelos en que uno se equivoca menos **con claridad** en una serie, y
# más, también con claridad, en otra. (Son muchas comparaciones y alguna saldrá por azar; en la sección 8 verás cómo ser más
# exigente. Las parejas con la deriva se cuentan, pero no se escriben, para no alargar la lista).

# %%
leans = {
    (a, b): {series: paired(found[a], found[b]) for series, found in classic.items()}
    for a, b in combinations(classic["CO2"], 2)
}
sides = [
    (pair, [s for s in tasks if found[s].high < 0], [s for s in tasks if found[s].low > 0])
    for pair, found in leans.items()
]
turned = [(pair, less, more) for pair, less, more in sides if less and more]

# %%
losers = {
    a if gap.value > 0 else b
    for (a, b), found in leans.items()
    for gap in found.values()
    if gap.is_clear
}
unbeaten = [name for name in classic["CO2"] if name not in losers]
explain(
    f"Parejas que se dan la vuelta con claridad: {len(turned)} de {len(leans)}. "
    + "; ".join(
        f"{a} frente a {b}, menos error en {', '.join(less)} y más en {', '.join(more)}"
        for (a, b), less, more in turned
        if "deriva" not in (a, b)
    )
    + f" (sin escribir las de la deriva). A quien ninguno gana con claridad en ninguna: "
    f"{', '.join(unbeaten) or 'nadie'}."
)

# %% [markdown]
# Que un modelo gane a otro en tu serie no dice que le gane en otra. Y el orden cambia con lo que se promedie: quien gana por poco
# muchas veces tiene buen puesto; quien evita los desastres, poco error.

# %%
smallest = {s: min(found, key=lambda n: found[n].mean()) for s, found in classic.items()}
split = [s for s in tasks if smallest[s] != leaders[s]]
costs = {name: 1000 * table["seconds"][table["model"] == name].max() for name in classic["El Niño"]}
explain(
    "Series en que el menor error medio y el mejor puesto medio son de modelos distintos: "
    + ("; ".join(f"{s}, {smallest[s]} y {leaders[s]}" for s in split) or "ninguna")
    + ". Milisegundos por pronóstico en la serie más cara, contando lo que cuesta elegir la forma, "
    "repartido entre los orígenes: "
    + "; ".join(f"{name}, {cost:.1f}" for name, cost in costs.items())
    + "."
)

# %% [markdown]
# ## 5 · Qué premia cada medida
#
# «Se equivoca un 12 %» suena mejor que «se equivoca en 31 unidades». El **MAPE** (*mean absolute percentage error*) es la media de
# $|y-\hat y|/y$. Supón que tienes que dar un solo número para muchos días, y que las ventas son asimétricas: muchos días flojos y
# algunos enormes. El error cuadrático lo minimiza la media; el absoluto, la mediana. ¿Y el MAPE?
#
# Con densidad $g$ y pronóstico $f$, lo que se minimiza es $\int |y-f|\,\frac{g(y)}{y}\,dy$: un error absoluto en el que cada día
# pesa $1/y$. Es la mediana de una muestra en la que los días flojos cuentan más. Como el peso baja al crecer $y$, **nunca está por
# encima de la mediana**. En una **lognormal** ($\ln y$ es normal, de media $\mu$ y desviación $\sigma$, y la densidad de $y$ lleva
# un factor $1/y$) se ve en un renglón:
#
# $$\frac{g(y)}{y}\;\propto\;\exp\!\Big(\!-\frac{(\ln y-\mu)^2}{2\sigma^2}-2\ln y\Big)
# \;\propto\;\frac1y\exp\!\Big(\!-\frac{(\ln y-\mu+\sigma^2)^2}{2\sigma^2}\Big)$$
#
# Es otra lognormal, con $\mu-\sigma^2$. Así que el mejor para el MAPE es $e^{\mu-\sigma^2}$; para el absoluto, $e^{\mu}$; y para el
# cuadrático, $e^{\mu+\sigma^2/2}$.
#
# **Predice**: con $\sigma=0.8$, ¿qué parte de la mediana pide el MAPE: nueve décimas, tres cuartos, la mitad?

# %%
mu, sigma = 3.4, 0.8
sample = rng.lognormal(mu, sigma, size=4000)  # panes vendidos cada día
tried = np.linspace(3, 70, 269)
gaps = np.abs(sample[:, None] - tried)  # (días, pronósticos)
measured = {
    "MAPE": (gaps / sample[:, None]).mean(axis=0),
    "MAE": gaps.mean(axis=0),
    "RMSE": np.sqrt((gaps**2).mean(axis=0)),
}
winners = {name: tried[np.argmin(values)] for name, values in measured.items()}
formula = dict(zip(measured, np.exp(mu + np.array([-(sigma**2), 0, sigma**2 / 2])), strict=True))
title = f"El MAPE pide {winners['MAPE']:.0f} panes; la mediana son {np.median(sample):.0f}"
plot_measures(tried, {name: values / values.min() for name, values in measured.items()},
              unit="panes al día", title=title)  # fmt: skip
plt.show()
explain(
    "El número que hace menor cada medida, en la muestra y según la fórmula: "
    + "; ".join(f"{n}, {winners[n]:.1f} y {formula[n]:.1f}" for n in measured)
    + f". El del MAPE es el {100 * winners['MAPE'] / np.median(sample):.0f} % de la mediana."
)

# %% [markdown]
# **El mejor pronóstico para el MAPE no es la mediana: es demasiado bajo.** Quedarse corto cuesta como mucho un 100 %; pasarse en un
# día flojo puede costar un 500 %.
#
# ### Ejercicio 41.2 ★★ · Un pronóstico que gana en MAPE
#
# Gana un concurso que puntúa con el MAPE. Recibes una muestra de ventas pasadas, todas positivas y sin ordenar; devuelve el número
# cuyo MAPE con esa muestra es el **menor posible**, no uno parecido. Vale cualquiera que lo consiga.


# %% tags=["exercise"]
def best_for_mape(sample):
    """El pronóstico constante con menor MAPE en una muestra positiva (días,)."""
    ### BEGIN SOLUTION
    values = np.sort(sample)
    weight = np.cumsum(1 / values)
    return values[np.searchsorted(weight, weight[-1] / 2)]  # la mediana con pesos 1/y
    ### END SOLUTION


# %% tags=["check"]
best_for_mape = check("41.2", best_for_mape)

# %% [markdown]
# Y ahora el dinero. Cada pan que falta son 3 € que no se ganan; cada pan que sobra, 1 € tirado. Se pide el mismo número cada día de
# un año nuevo. Lo que menos cuesta es, como en la 25, un cuantil: el 0.75.

# %%
fresh = rng.lognormal(mu, sigma, size=365)
orders = {
    "el del MAPE": best_for_mape(sample),
    "mediana": np.median(sample),
    "media": sample.mean(),
    "cuantil 0.75": np.quantile(sample, 0.75),
}
bills = {
    name: np.where(fresh > order, 3 * (fresh - order), order - fresh)
    for name, order in orders.items()
}

# %%
for name, order in orders.items():
    mape = np.mean(np.abs(fresh - order) / fresh)
    print(
        f"{name:13s} {order:5.1f} panes  MAPE {100 * mape:4.0f} %  {bills[name].mean():5.1f} € al día"
    )
dearer = paired(bills["el del MAPE"], bills["mediana"])
explain(
    f"El pedido que gana en MAPE, frente a pedir la mediana: {dearer.verdict('€ al día')}. Y ni siquiera "
    f"la mediana es el que conviene: con el cuantil se pierden {bills['cuantil 0.75'].mean():.1f} € al día."
)

# %% [markdown]
# ¿Qué usar entonces?
#
# | Medida | Qué es | Qué pronóstico premia | Cuándo falla |
# |---|---|---|---|
# | MAE | media de los errores | la mediana | no compara series de distinto tamaño |
# | RMSE | raíz de la media de sus cuadrados | la media | lo mismo; un día malo puede con todo |
# | MAPE | media de cada error dividido entre su valor | por debajo de la mediana | con ceros; si el cero es arbitrario (°C); con asimetría |
# | WAPE | suma de errores dividida entre la de valores | la mediana | si el cero es arbitrario; si la suma se acerca a cero |
# | MASE | MAE dividido entre el de repetir el ciclo en el entrenamiento | la mediana | si en el entrenamiento cada ciclo es idéntico al anterior |
# | RMSSE | lo mismo, al cuadrado y con raíz | la media | lo mismo; un día malo puede con todo |
#
# `course_utils.metrics` las trae. El MASE y el RMSSE no cambian si cambias de unidades; el MAPE y el WAPE sí, si el cero se mueve.

# %%
hours = tasks["temperatura"].values
days = hours[-20 * 24 :]
guess = hours[-21 * 24 : -24]
zeros = int(np.sum(days == 0))
units = {"°F": 32 + 1.8 * days, "K": days + 273.15}
guesses = {"°F": 32 + 1.8 * guess, "K": guess + 273.15}
by_unit = {unit: 100 * np.mean(np.abs(guesses[unit] - y) / y) for unit, y in units.items()}
explain(
    f"El mismo pronóstico de temperatura, repetir la de ayer, tiene un MAPE del {by_unit['°F']:.0f} % en "
    f"°F y del {by_unit['K']:.1f} % en K. En °C hay {zeros} horas a cero grados"
    + (" y no está definido." if zeros else ", y basta una para que no esté definido.")
)

# %% [markdown]
# ## 6 · ¿Es real la diferencia?
#
# Con veinte orígenes sin solape, la `paired` de siempre puede valer. Pero lo habitual es pronosticar cada mes a doce meses: dos
# pronósticos seguidos comparten once. Sus errores se parecen, y contarlos como dos muestras es contar dos veces lo mismo.
#
# Sea $d_t$ lo que un modelo se equivoca más que el otro desde el origen $t$. **Diebold y Mariano** (1995) miden cuánto varía su
# media sin suponer que los $d_t$ sean independientes: con un plazo de $h$ pasos, se parecen los que distan menos de $h$. Con
# $\gamma_k$ la covarianza de los que distan $k$,
#
# $$\gamma_k=\frac1n\sum_{t=k+1}^{n}(d_t-\bar d)(d_{t-k}-\bar d),\qquad
# V=\frac1n\Big(\gamma_0+2\sum_{k=1}^{h-1}\gamma_k\Big)$$
#
# **Harvey, Leybourne y Newbold** (1997) corrigen lo corta que se queda $V$ con pocos orígenes: la dividen entre
# $C=\frac1n\left(n+1-2h+\frac{h(h-1)}n\right)$ y usan la $t$ de Student con $n-1$ grados de libertad. El margen del 95 % queda en
#
# $$q\,\sqrt{V/C},\qquad q=\texttt{stats.t.ppf(0.975, n - 1)}$$
#
# ### Ejercicio 41.3 ★★ · ¿Es real?
#
# Recibes los $d_t$ de $n$ orígenes seguidos y el plazo $h$. Devuelve su media y ese margen, sin usar `diebold_mariano`. En los
# casos de la comprobación, $V$ es positiva.


# %% tags=["exercise"]
def overlap_margin(gaps, horizon):
    """Media de las diferencias (orígenes,) y su margen del 95 %, con el solape en cuenta."""
    ### BEGIN SOLUTION
    n, centred = len(gaps), gaps - gaps.mean()
    gamma = [centred[lag:] @ centred[: n - lag] / n for lag in range(horizon)]
    variance = (gamma[0] + 2 * sum(gamma[1:])) / n
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    return gaps.mean(), stats.t.ppf(0.975, n - 1) * np.sqrt(variance / correction)
    ### END SOLUTION


# %% tags=["check"]
overlap_margin = check("41.3", overlap_margin)

# %% [markdown]
# Es lo que hace `diebold_mariano`, de `course_utils.comparison` (que además sabe qué hacer si $V$ sale negativa). ¿Hace falta? Lo
# probamos donde se sabe la verdad: dos modelos **igual de buenos**, con plazos de doce pasos que se solapan. Una prueba que promete
# equivocarse el 5 % de las veces debería ver una diferencia en 5 de cada 100. Cada diferencia será la media de doce números al azar
# seguidos: comparte once con la siguiente, como los plazos.
#
# **Predice**: ¿en cuántas de cada 100 la verá `paired`, que no sabe del solape?

# %%
noise = rng.normal(size=(400, 96 + 11))
overlapped = np.lib.stride_tricks.sliding_window_view(noise, 12, axis=1).mean(axis=2)  # (400, 96)
zero = np.zeros(96)
false_alarms = {
    "paired": np.mean([paired(gaps, zero).is_clear for gaps in overlapped]),
    "Diebold y Mariano": np.mean(
        [diebold_mariano(gaps, zero, horizon=12).is_clear for gaps in overlapped]
    ),
}
explain(
    "Diferencias falsas en 400 sorteos de 96 orígenes: "
    + "; ".join(f"{name}, {100 * share:.0f} %" for name, share in false_alarms.items())
    + ". Lo prometido era el 5 %."
)

# %% [markdown]
# La corregida tampoco es perfecta (doce es mucho plazo para 96 orígenes; no hemos probado con más), pero está mucho más cerca de lo que promete. Ahora,
# El Niño mes a mes: dos modelos rápidos y siete años de orígenes.

# %%
monthly = rolling_cuts(len(sea.values), 12, 84, 1)
rapid = {name: models[name] for name in ("theta", "autorregresión")}
by_month, _ = backtest(sea.values, rapid, monthly)
two = by_month["theta"], by_month["autorregresión"]
naive_gap, honest_gap = paired(*two), diebold_mariano(*two, horizon=12)
wider = (honest_gap.high - honest_gap.low) / (naive_gap.high - naive_gap.low)
explain(
    f"Theta frente a la autorregresión, a doce meses. Sin mirar el solape: "
    f"{naive_gap.verdict('°C', decimals=2)}. Con él: {honest_gap.verdict('°C', decimals=2)}. El intervalo "
    f"es {wider:.1f} veces más ancho."
)

# %% [markdown]
# *Puedes parar aquí: la segunda mitad empieza con una pregunta nueva.*
#
# ## 7 · Una red no sale de lo que ha visto
#
# El CO2 sube desde que se mide. Entrenamos una GRU con lo anterior a 1982 (los últimos años, de validación) y le pedimos, desde
# veinte orígenes, los doce meses siguientes. Una receta dice qué ve la red de cada ventana y qué se suma a lo que responde. La
# primera es la de siempre: se resta la media del entrenamiento, y se suma.


# %%
def frame(values, first, horizon, width, see):
    """Ventanas y objetivos de antes del primer origen, en la escala de la red, y esa escala."""
    known = first - max(first // 5, 2 * horizon)  # lo que va de ahí al origen es validación
    inputs, targets = multistep_windows(values[:first], width=width, horizon=horizon)
    x, base = see(inputs)  # lo que ve la red, y lo que se sumará a lo que diga
    count = known - width - horizon + 1  # ventanas cuyo plazo acaba antes de la validación
    scale = x[:count].std(), (targets - base)[:count].std()
    x = (x / scale[0]).astype("float32")[..., None]  # (ventanas, tiempo, 1)
    y = ((targets - base) / scale[1]).astype("float32")  # (ventanas, horizonte)
    jump = slice(0, count, max(1, count // 600))  # con muchas, se entrena con unas pocas
    after = slice(count + horizon - 1, None)  # su plazo empieza en la validación
    return (x[jump], y[jump]), (x[after], y[after]), scale


# %%
def learn(values, first, horizon, *, width, see, network=None, epochs=12):
    """Una GRU entrenada con lo anterior al primer origen: modelo(historia, horizonte)."""
    learned, held, scale = frame(values, first, horizon, width, see)
    network = build(horizon) if network is None else network
    options = {"rate": 0.03, "epochs": epochs if FAST else 3 * epochs}
    train(network, learned, held, seed=SEED, **options)
    weights = network.get_weights()

    def model(history, horizon):
        network.set_weights(weights)  # los suyos, aunque la red se haya vuelto a entrenar
        x, base = see(history[None, -width:])
        x = (x / scale[0]).astype("float32")[..., None]
        return (network.predict_on_batch(x) * scale[1] + base)[0]

    return model


# %%
air = tasks["CO2"]
air_cuts = rolling_cuts(len(air.values), 12, 20, 12)
origin = air.origins[0]  # el mismo que el de air_cuts[0]
level = air.values[: origin - air.held].mean()  # la media de lo que se usa para entrenar


def as_is(windows):
    """Tal cual: se resta la media del entrenamiento."""
    return windows - level, level


setting = {"width": 24, "network": build(horizon=12)}
gru = {"tal cual": learn(air.values, origin, 12, see=as_is, **setting)}

# %% [markdown]
# **Predice**: dibuja con el dedo lo que dirá la red de 1982 a 2001.


# %%
def all_plans(model, values, cuts):
    """Los pronósticos de todos los orígenes, uno detrás de otro."""
    return np.concatenate([model(values[past], len(values[plan])) for past, plan in cuts])


highest = air.values[: origin - air.held].max()
drawn = {"GRU tal cual": all_plans(gru["tal cual"], air.values, air_cuts)}
later = air.values[origin:]
short = (later - drawn["GRU tal cual"])[-12:].mean()
title = f"El último año, la red se queda {short:.0f} ppm corta"
plot_beyond(load_co2().dates, air.values, drawn, limit=highest, unit="ppm", title=title)
plt.show()
repeat = mae(later, all_plans(partial(seasonal, period=12), air.values, air_cuts))
explain(
    f"La raya es el mayor valor con que se entrenó, {highest:.0f} ppm. El error medio de la red es "
    f"{mae(later, drawn['GRU tal cual']):.1f} ppm; repetir el año pasado falla en {repeat:.1f}."
)

# %% [markdown]
# ¿Es por el nivel, o es que la red no ha aprendido nada? El control: **la misma red, con los mismos pesos**, y las mismas ventanas
# de la prueba bajadas a un nivel que sí vio. A cada una se le quita lo que su media pasa de la del entrenamiento, y se le devuelve
# al final.


# %%
def lowered(history, horizon):
    """La red de antes, con cada ventana llevada al nivel medio del entrenamiento."""
    excess = history[-24:].mean() - level
    return gru["tal cual"](history - excess, horizon) + excess


control = mae(later, all_plans(lowered, air.values, air_cuts))
explain(
    f"Con las ventanas bajadas, la misma red falla en {control:.2f} ppm en lugar de "
    f"{mae(later, drawn['GRU tal cual']):.1f}. Lo único que ha cambiado es el nivel."
)

# %% [markdown]
# Era el nivel. El estado de una GRU está siempre entre −1 y 1, así que lo que dice la capa densa, que lo suma con sus pesos, tiene un
# **tope**. ¿Lo toca? Se baja la última ventana de antes de 1982 al nivel medio y se va subiendo.

# %%
lifts = [0, 5, 10, 20, 40, 1000]  # ppm
lowest = air.values[:origin] - (air.values[origin - 24 : origin].mean() - level)
answers = [gru["tal cual"](lowest + lift, 12).mean() for lift in lifts]
explain(
    f"La red se entrenó con valores de hasta {highest - level:.0f} ppm sobre la media. Lo que dice, de "
    "media, según cuánto se suba lo que ve: "
    + "; ".join(f"{lift} ppm, {answer:.0f}" for lift, answer in zip(lifts, answers, strict=True))
    + "."
)

# %% [markdown]
# Fuera de lo que vio, la respuesta deja de acompañar al nivel. El arreglo ya está en el control: que la red no vea el nivel. Tres
# maneras de hacerlo:
#
# 1. **Menos el último**: a la ventana se le resta su último valor, y se le suma a la respuesta. La red pronostica cuánto cambiará.
# 2. **Diferencias**: la red ve lo que la serie cambia de un mes a otro, y se suma el último valor.
# 3. **Sobre el suavizado**: la red ve los errores a un paso de un ETS y corrige lo que este pronostica. Es la receta que ganó en la 25.

# %%
plot_forecaster(title="La red que no ve el nivel")
plt.show()
explain(
    "A la ventana se le resta su último valor; la GRU lee los cambios y una capa densa da los del plazo "
    "entero; al final se suma otra vez el último valor."
)


# %%
def minus_last(windows):
    """Menos el último: la ventana y la respuesta, medidas desde el último valor."""
    return windows - windows[:, -1:], windows[:, -1:]


def differences(windows):
    """Diferencias: lo que cambia cada paso; la respuesta, desde el último valor."""
    return np.diff(windows, axis=1, prepend=windows[:, :1]), windows[:, -1:]


for name, see in (("menos el último", minus_last), ("diferencias", differences)):
    gru[name] = learn(air.values, origin, 12, see=see, **setting)
air_errors, _ = backtest(air.values, gru, air_cuts)
for name, found in air_errors.items():
    print(f"{name:15s} {found.mean():5.2f} ppm")

# %% [markdown]
# Las cuatro recetas, con dos tasas y cinco semillas, también están medidas. La tasa y la receta se eligen en la **validación**; la
# prueba se mira una vez.

# %%
nets = load_result("pronosticos_red")


def runs(series, recipe, rate):
    """De cada semilla, el error de validación (semillas,) y el de cada origen (semillas, 20)."""
    asked = {"series": series, "recipe": recipe, "rate": rate}
    rows = np.all([nets[name] == value for name, value in asked.items()], axis=0)
    return nets["validation"][rows], np.stack([nets[c][rows] for c in columns], axis=1)


def chosen(series):
    """La tasa de cada receta, y la receta, con menor error de validación: {receta: tasa}, receta."""
    recipes = np.unique(nets["recipe"][nets["series"] == series])
    seen = {
        (str(recipe), rate): runs(series, recipe, rate)[0].mean()
        for recipe in recipes
        for rate in np.unique(nets["rate"])
    }
    rates = {one: min((v, r) for (n, r), v in seen.items() if n == one)[1] for one, _ in seen}
    return rates, min(seen, key=seen.get)[0]


# %%
rates, recipe = chosen("CO2")
scale = table["scale"][table["series"] == "CO2"][0]
tested = {name: runs("CO2", name, rate)[1] for name, rate in rates.items()}  # (semillas, orígenes)
mended = {name: found.mean(axis=1) / scale for name, found in tested.items()}
title = f"La validación elige «{recipe}»"
alone = classic["CO2"]["suavizado"]
plot_ratios(mended, quantity="MASE en la prueba",
            reference=("el suavizado solo", alone.mean() / scale), title=title)  # fmt: skip
plt.show()

# %%
by_origin = {name: found.mean(axis=0) for name, found in tested.items()}
repairs = {
    name: diebold_mariano(one, by_origin["tal cual"], horizon=1)  # los plazos no se solapan
    for name, one in by_origin.items()
    if name != "tal cual"
}
explain(
    "Un punto por semilla. Frente a la red tal cual, según los orígenes: "
    + "; ".join(f"{name}, {gap.verdict('ppm')}" for name, gap in repairs.items())
    + f". El suavizado solo, sin red, tiene un MASE de {alone.mean() / scale:.2f}; frente a él, la "
    f"elegida: {diebold_mariano(by_origin[recipe], alone, horizon=1).verdict('ppm', decimals=2)}."
)

# %% [markdown]
# Los tres arreglan la tendencia. Y fíjate en la última frase: arreglada, la red todavía tiene que vérselas con quien no es una red.
#
# ## 8 · La red entra en la tabla
#
# En cada serie, la receta y la tasa de la GRU las elige su validación. Se entrena **una vez**, antes del primer origen; los seis se
# ajustan de nuevo en cada uno, que les cuesta un instante. Es una ventaja suya, y de las de verdad.
#
# Y falta un rival: la **climatología más la última anomalía** (lección 25), la media de cada lugar del ciclo más lo que el último
# valor se aparta de la suya. Sale al momento, así que se mide aquí.
#
# **Predice**: ¿en cuántas de las cinco series tendrá la GRU el mejor puesto medio? ¿Y en cuántas se equivocará menos que **todos**,
# con claridad?

# %%
full, elected = {}, {}
for series, task in tasks.items():
    rates, recipe = chosen(series)
    found = runs(series, recipe, rates[recipe])[1]  # (semillas, orígenes)
    low, high = found.mean(axis=1).min(), found.mean(axis=1).max()
    elected[series] = (
        f"{recipe}, tasa {rates[recipe]:g}; según la semilla, de {low:.2f} a {high:.2f} {task.unit}"
    )
    recent = rolling_cuts(len(task.values), task.horizon, 20, task.horizon)
    usual = {"climatología": partial(climatology, period=task.period)}
    full[series] = classic[series] | backtest(task.values, usual, recent)[0]
    full[series]["GRU"] = found.mean(axis=0)

# %%
# Los plazos no se solapan: horizon=1.
real = {
    (series, rival): diebold_mariano(found["GRU"], one, horizon=1)
    for series, found in full.items()
    for rival, one in found.items()
    if rival != "GRU"
}
ahead = [duel for duel, gap in real.items() if gap.high < 0]
behind = [duel for duel, gap in real.items() if gap.low > 0]
beaten = {series: [rival for s, rival in ahead if s == series] for series in tasks}
best_of_all = [series for series in tasks if len(beaten[series]) == len(full[series]) - 1]

# %%
spans = {
    series: {name: rank_interval(one) for name, one in rank_models(found).items()}
    for series, found in full.items()
}
first_places = [s for s, found in spans.items() if min(found, key=lambda n: found[n][0]) == "GRU"]
title = (
    f"Mejor puesto medio, la GRU en {len(first_places)} de 5 series; menos error que todos, "
    f"con claridad, en {len(best_of_all)}"
)
plot_mean_ranks(spans, title=title)
plt.show()
explain(
    "Puesto medio de la GRU entre ocho: "
    + "; ".join(
        "{}, {:.1f} (entre {:.1f} y {:.1f})".format(series, *found["GRU"])
        for series, found in spans.items()
    )
    + "."
)

# %%
hardest = {s: min((n for n in f if n != "GRU"), key=lambda n: f[n].mean()) for s, f in full.items()}
for series, rival in hardest.items():
    print(f"{series}: {elected[series]}")
    print(f"   menos error, con claridad, que {', '.join(beaten[series]) or 'nadie'}")
    print(f"   frente a {rival}, el que menos falla de los otros: "
          f"{real[series, rival].verdict(tasks[series].unit, decimals=2)}")  # fmt: skip

# %%
# Más exigentes: el 5 % repartido entre todas, y orígenes seguidos que se parecen.
strict = {
    (series, rival): [
        diebold_mariano(full[series]["GRU"], full[series][rival], **options)
        for options in ({"horizon": 1, "level": 1 - 0.05 / len(real)}, {"horizon": 2})
    ]
    for series, rival in real
}
kept = [duel for duel in ahead if strict[duel][0].high < 0]
best_strictly = [s for s in tasks if sum(one == s for one, _ in kept) == len(full[s]) - 1]
changed = [duel for duel, gap in real.items() if strict[duel][1].is_clear != gap.is_clear]
explain(
    f"De {len(real)} comparaciones, la GRU se equivoca menos con claridad en {len(ahead)} y más en "
    f"{len(behind)}; en las otras {len(real) - len(ahead) - len(behind)} no hay diferencia clara. Con el 5 % "
    f"repartido entre todas quedan {len(kept)} a favor, y la GRU gana a todos en {len(best_strictly)} "
    f"series. Si se cuenta con que dos orígenes seguidos se parecen, cambian {len(changed)} conclusiones."
)

# %% [markdown]
# Tener el mejor puesto medio no es ganar. Con tantas comparaciones, alguna sale clara por azar; **repartir el 5 %** entre todas (la
# corrección de Bonferroni) lo evita, y es exigente. Y mira qué receta elige cada serie: donde el nivel no se mueve, como en la
# temperatura, la validación puede quedarse con la de siempre.
#
# **Qué no hemos demostrado.** Son cinco series cortas, una red pequeña por serie y un solo plazo en cada una. Salvo en las
# manchas, todos los orígenes caen en el mismo lugar del ciclo: la misma hora, el mismo día de la semana, el mismo mes. De la GRU se
# promedian cinco semillas; no se vuelve a entrenar y los otros sí. Las redes que ganan competiciones aprenden de miles de series a
# la vez, y aquí cada una ve una. Y de la temperatura hay veinte días de diciembre: nada de esto se ha visto en verano.
#
# ## 9 · Rómpelo y arréglalo: el error que no crece
#
# Alguien alarga el plazo a dos años y escribe así la persistencia estacional. Con el CO2, va de maravilla.


# %%
def repeat_year(values, origin, horizon, *, period):
    """Lo mismo que hace `period` pasos."""
    steps = np.arange(origin, origin + horizon)
    return values[steps - period]


def by_year(model, values, horizon=24):
    """Error del primer año y del segundo, media de diez orígenes."""
    origins = [len(values) - horizon - 12 * k for k in range(10)]
    gaps = [np.abs(model(values, o, horizon, period=12) - values[o : o + horizon]) for o in origins]
    return np.mean(gaps, axis=0).reshape(2, 12).mean(axis=1)


flat = by_year(repeat_year, air.values)
print(f"primer año {flat[0]:.2f} ppm, segundo {flat[1]:.2f} ppm")

# %% [markdown]
# El síntoma: el segundo año no es más difícil que el primero. En una serie que sube, repetir un año más viejo tendría que fallar
# más. Busca la causa antes de seguir: ¿qué valor usa para el mes 13?
#
# La prueba de la lección 25 la encuentra sin leer el código: se cambia el futuro y se mira si cambia el pronóstico.


# %%
def sees_the_future(model, values, horizon=24):
    """Si el pronóstico cambia al cambiar lo que aún no ha pasado."""
    origin = len(values) - horizon
    altered = values.copy()
    altered[origin:] += 50
    said, again = (model(one, origin, horizon, period=12) for one in (values, altered))
    return not np.array_equal(said, again)


print("mira el futuro:", "sí" if sees_the_future(repeat_year, air.values) else "no")

# %% [markdown]
# Mira el futuro. Arregla `repeat_year` en su celda, ejecútala y vuelve a pasar la prueba; después compara con esta.


# %%
def mended_year(values, origin, horizon, *, period):
    """El último ciclo conocido, las veces que haga falta."""
    return np.resize(values[origin - period : origin], horizon)


grows = by_year(mended_year, air.values)
caught = sees_the_future(mended_year, air.values)
explain(
    f"El arreglado mira el futuro: {'sí' if caught else 'no'}. Su error pasa de {grows[0]:.2f} ppm el "
    f"primer año a {grows[1]:.2f} el segundo."
)

# %% [markdown]
# Con el plazo más largo que el ciclo, «hace un ciclo» **aún no ha ocurrido**. El mes 13 se pronosticaba con el mes 1 de verdad.
#
# ## 10 · Audita un «predigo el precio»
#
# Este cuaderno no es de nadie, pero se parece a muchos. Las líneas van numeradas. `precios` es una tabla con un cierre por día; en
# alguno no se negoció y falta.
#
# ```text
#  1  precios = pd.read_csv("acciones.csv", index_col="fecha", parse_dates=True).sort_index()
#  2  def estudia(accion):
#  3      cierre = precios[accion].interpolate()
#  4      media = cierre.rolling(5, center=True, min_periods=1).mean()
#  5      tabla = np.column_stack([cierre, media])
#  6      corte = int(0.8 * len(tabla))
#  7      z = StandardScaler().fit(tabla[:corte]).transform(tabla)
#  8      x, y = np.stack([z[d - 30 : d] for d in range(30, len(z))]), z[30:, 0]
#  9      red.fit(x[: corte - 30], y[: corte - 30], epochs=50, shuffle=True)
# 10      dice = red.predict(x[corte - 30 :])[:, 0] * cierre[:corte].std(ddof=0) + cierre[:corte].mean()
# 11      hoy, ayer = cierre.to_numpy()[corte:], cierre.to_numpy()[corte - 1 : -1]
# 12      print("acierto:", r2_score(hoy, dice))
# 13      compra = hoy > dice
# 14      return np.sum(compra * (hoy - ayer))
# 15  print("beneficio:", max(estudia(accion) for accion in precios.columns))
# ```
#
# ### Ejercicio 41.4 ★★★ · Audítalo
#
# Tiene **cinco** fallos que pueden adornar lo que publica, uno por línea. `red` parte cada vez de pesos nuevos. Señala la línea
# donde nace cada uno y juzga cada línea como si las demás estuvieran bien. Devuelve un diccionario que a cada línea que falla le dé
# la letra de su causa, como `{14: "G"}`. Hay causas de sobra y líneas que parecen sospechosas y están bien. Se compra al cierre de
# ayer y se vende al de hoy, sin comisiones.
#
# | | Causa |
# |---|---|
# | A | Un hueco se rellena con valores posteriores. |
# | B | Una característica de un día usa los días siguientes. |
# | C | La escala se calcula con días de la prueba. |
# | D | El objetivo está dentro de su ventana. |
# | E | Barajar rompe el orden de la serie. |
# | F | Repetir el precio de ayer también sacaría una nota muy alta: la medida no distingue. |
# | G | La decisión usa un precio que aún no se conoce cuando se toma. |
# | H | Se publica el mejor de varios resultados, elegido con la prueba. |
# | I | La ganancia se cuenta en unidades escaladas. |


# %% tags=["exercise"]
def audit():
    """Devuelve un diccionario {línea: causa} con los cinco fallos."""
    ### BEGIN SOLUTION
    return {3: "A", 4: "B", 12: "F", 13: "G", 15: "H"}
    ### END SOLUTION


# %% tags=["check"]
audit = check("41.4", audit)

# %% [markdown]
# ¿Cuánto adornan los dos últimos fallos, el de la compra y el de lo que se publica? En nuestros veinte paseos nadie puede ganar
# nada, así que todo lo que se «gane» es adorno.
#
# **Predice**: comprando cuando hoy supera al pronóstico, ¿cuánto se ganará al día?

# %%
forecast = said["GRU sin nivel"]
moves = actual - yesterday
honest = ((forecast > yesterday) * moves).mean(axis=1)  # decide con lo que sabía ayer
cheating = ((actual > forecast) * moves).mean(axis=1)  # decide con el precio de hoy
for name, gain in (("decidiendo ayer", honest), ("decidiendo con el de hoy", cheating)):
    print(f"{name:25s} media {gain.mean():+.3f} € al día, la mejor de veinte {gain.max():+.3f}")
profit = paired(honest, np.zeros(len(honest)))
explain(
    f"Sin trampa, en veinte paseos, frente a no hacer nada: {profit.verdict('€ al día', decimals=3)}. "
    f"Publicando la mejor de veinte, {honest.max():.2f} € al día; decidiendo con el precio de hoy, "
    f"{cheating.mean():.2f}."
)

# %% [markdown]
# ## 11 · Con tu propia serie
#
# Todo lo anterior, con un archivo tuyo. Para probarlo guardamos tres semanas de temperaturas de otro aeropuerto, LaGuardia, hora a hora y
# como las escribiría una hoja de cálculo.

# %%
temporary = tempfile.TemporaryDirectory()  # se borra al cerrar el cuaderno
path = Path(temporary.name) / "mi_serie.csv"
airport = load_weather("LGA").series("temperature", fill="previous")
lines = [
    f"{str(date).replace('T', ' ')};{value:.1f}".replace(".", ",")
    for date, value in zip(airport.dates[-504:], airport.values[-504:], strict=True)
]
path.write_text("\n".join(["hora;grados", *lines]), encoding="utf-8")


# %%
def study(series, *, horizon=None, origins=10, cycles=30):
    """Los seis modelos y una GRU en cualquier serie; se miran sus últimos `cycles` ciclos."""
    period, horizon = series.period, horizon or max(series.period, 4)
    needed = max(2 * period + 4 * horizon, 3 * period + 1, 30)  # para que aprendan todos
    values = series.values[-(origins * horizon + max(cycles * period, 400)) :]
    first = len(values) - origins * horizon
    if first < needed or origins < 6:
        fit = max((len(values) - needed) // horizon, 0)
        raise ValueError(
            f"{len(series.values)} valores no dan para {origins} orígenes de {horizon} pasos: antes "
            f"del primero hacen falta {needed}, y son 6 orígenes o más. "
            + (f"Pide origins={fit}." if fit >= 6 else "Pide un horizon menor.")
        )
    if np.ptp(values[:first]) == 0:
        raise ValueError("Antes del primer origen todo vale lo mismo: no hay nada que aprender.")
    cuts = rolling_cuts(len(values), horizon, origins, horizon)
    width = 2 * period if period > 1 else 10
    models = six_models(values[:first], period)
    models["GRU"] = learn(values, first, horizon, width=width, see=minus_last)
    return backtest(values, models, cuts)[0]


# %% [markdown]
# **Esta es la celda que tienes que cambiar**: la ruta y los nombres de las columnas. El ciclo se deduce de las fechas; si no es el
# tuyo, se da con `period`.

# %%
own = load_own_series(path, date_column="hora", value_column="grados", unit="°C")
print(f"{len(own.values)} valores ({own.frequency}), con un ciclo de {own.period} pasos")

# %%
own_errors = study(own, origins=6)
own_ranks = rank_models(own_errors)
order = sorted(own_errors, key=lambda name: own_errors[name].mean())
top, second = order[:2]
count = len(own_errors[top])
title = f"Menor error medio: {top}; es el mejor en {np.sum(own_ranks[top] == 1)} de {count}"
plot_rank_grid(own_ranks, [str(k + 1) for k in range(count)], title=title)
plt.show()
gap = paired(own_errors[top], own_errors[second])
explain(
    "Error medio: "
    + "; ".join(f"{name}, {own_errors[name].mean():.2f} {own.unit}".rstrip() for name in order)
    + f". {top} frente a {second}: {gap.verdict(own.unit, decimals=2)}."
)

# %% [markdown]
# Un archivo con huecos, fechas repetidas o texto entre los números no pasa: `load_own_series` dice qué falla y en qué línea. Y si
# tu serie es demasiado corta, `study` dice qué pedirle.
#
# ## 12 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("En casi todos los paseos, el pronóstico llega un día tarde", np.mean(peaks == 1), ">", 0.8, of=20),
    claim("Ningún modelo mejora de media a repetir el precio de ayer",
          min(one.mean() for one in ratios.values()), ">", 0.985),
    claim("El mejor pronóstico para el MAPE queda muy por debajo de la mediana", winners["MAPE"] / np.median(sample), "<", 0.65),
    claim("Y donde dice la fórmula", winners["MAPE"] / formula["MAPE"], "in", (0.85, 1.15)),
    claim("El que gana en MAPE cuesta bastante más que la mediana", bills["el del MAPE"].mean() / bills["mediana"].mean(), ">", 1.1),
    claim("Con plazos que se solapan, la prueba emparejada ve muchas diferencias falsas",
          false_alarms["paired"], ">", 0.4, of=400),
    claim("La de Diebold y Mariano, muchas menos", false_alarms["Diebold y Mariano"], "<", 0.25, of=400),
    claim("Fuera de lo visto, la red se equivoca más que repitiendo el año pasado",
          mae(later, drawn["GRU tal cual"]) / repeat, ">", 3),
    claim("Con las ventanas bajadas a un nivel visto, la misma red se equivoca mucho menos",
          control / mae(later, drawn["GRU tal cual"]), "<", 0.3),
    claim("Sin ver el nivel, la red mejora a repetir el año pasado",
          air_errors["menos el último"].mean() / repeat, "<", 0.95),
    claim("Lo medido en directo, con menos épocas, anda cerca de lo guardado",
          air_errors["menos el último"].mean() / runs("CO2", "menos el último", 0.03)[1].mean(), "in", (0.5, 2.1)),
    claim("Decidiendo con el precio de hoy se gana donde no se puede", cheating.mean(), ">", 0.2),
)  # fmt: skip

# %% [markdown]
# Y lo que hay en las tablas guardadas, que no cambia con la semilla de este cuaderno.

# %% tags=["nbval-check-output"]
verify(
    claim("En cada serie, el de mejor puesto medio pierde en más de un tercio de los cortes",
          max(wins.values()), "<", 2 / 3, kind="identidad"),
    claim("El suavizado y repetir el ciclo se dan la vuelta con claridad de una serie a otra",
          ("estacional", "suavizado") in [pair for pair, *_ in turned], "==", True, kind="identidad"),
    claim("De los seis, a la autorregresión no le gana nadie con claridad", "autorregresión" in unbeaten, "==", True, kind="identidad"),
    claim("Con el 5 % repartido, la GRU no gana a todos en ninguna serie", len(best_strictly), "==", 0, kind="identidad"),
    claim("En el CO2, la red elegida no mejora con claridad al suavizado solo",
          real["CO2", "suavizado"].high, ">", 0, kind="identidad"),
    claim("En El Niño, lo medido aquí es lo guardado",
          max(np.abs(errors[n] - classic["El Niño"][n][-12:]).max() for n in ("estacional", "theta", "autorregresión")),
          "<", 0.001, kind="identidad"),
    claim("Los tres arreglos mejoran a la red tal cual en el CO2",
          max(gap.high for gap in repairs.values()), "<", 0, kind="identidad"),
    claim("La persistencia estacional arreglada no mira el futuro", caught, "==", False, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Antes que la red van seis modelos; tres se escriben en una línea o dos y los otros tres se ajustan solos, sin mirar la prueba.
# - Un corte dice poco: se mide desde muchos **orígenes** y se dan los puestos con su intervalo.
# - Cada medida premia otra cosa. El MAPE premia quedarse corto y no admite ceros; el WAPE los admite; el MASE y el RMSSE, además, no
#   cambian con las unidades.
# - Si los plazos se solapan, la diferencia se mide con **Diebold y Mariano**, corregida.
# - Tener el mejor puesto medio no es ganar: mira el margen, y cuántas comparaciones haces.
# - Una figura que se parece mucho no prueba nada: mira el retardo y compara con repetir ayer.
# - Una red no sale del nivel que ha visto: quítaselo, y devuélveselo al final.
#
# ## Errores frecuentes
#
# - Publicar un solo corte, o el corte en que ganas.
# - Dar el R² de un precio como si fuera acierto.
# - Elegir el modelo por el MAPE y pagar el pedido en euros.
# - Comparar con una prueba emparejada pronósticos que comparten casi todo su plazo.
# - «Hace un ciclo», con un plazo más largo que el ciclo.
# - Darle a la red el nivel de una serie que crece.
#
# ## Para saber más
#
# - F. X. Diebold y R. S. Mariano (1995), *Comparing predictive accuracy*, Journal of Business & Economic Statistics 13.
# - D. Harvey, S. Leybourne y P. Newbold (1997), *Testing the equality of prediction mean squared errors*, International Journal of
#   Forecasting 13.
# - L. J. Tashman (2000), *Out-of-sample tests of forecasting accuracy: an analysis and review*, International Journal of Forecasting 16.
# - V. Assimakopoulos y K. Nikolopoulos (2000), *The theta model: a decomposition approach to forecasting*, International Journal of
#   Forecasting 16; y R. J. Hyndman y B. Billah (2003), *Unmasking the theta method*, en la misma revista, 19.
# - R. J. Hyndman y A. B. Koehler (2006), *Another look at measures of forecast accuracy*, International Journal of Forecasting 22.
# - T. Gneiting (2011), *Making and evaluating point forecasts*, Journal of the American Statistical Association 106.
# - G. U. Yule (1927), *On a method of investigating periodicities in disturbed series, with special reference to Wolfer's sunspot
#   numbers*, Philosophical Transactions of the Royal Society A 226.
#
# **Siguiente**: [42 · Multipaso](42_multipaso.ipynb), donde el plazo se alarga.

# %% [markdown]
# # 42 · Multipaso
#
# **Una red acierta la temperatura de la hora siguiente. ¿Qué sabe de mañana? Y un coche que va por su carril, ¿dónde estará dentro de tres segundos?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a pronosticar un día entero de cuatro maneras y a decir, hora a hora y con su margen, cuál gana; a ver cómo una red recursiva acumula un error que a una hora no se nota; a medir trayectorias en metros, por maniobras y con rivales que merezcan ese nombre; a encontrar una hora que se fuga |
# | **Antes de empezar** | [25 · Ventas](25_ventas.ipynb) y, del codificador-decodificador, la [34](34_encoder_decoder.ipynb); de la 41, las referencias y los orígenes |
# | **Tiempo** | 65 minutos de lectura y ejercicios, en dos ratos: el primero, hasta el final de la sección 5; medio minuto de ejecución |
# | **Herramientas** | PyTorch, scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: las redes de aquí, con cinco veces más épocas (un par de minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.linear_model import LinearRegression
from torch import nn

from course_utils.claims import claim, explain, verify
from course_utils.comparison import block_bootstrap, paired, welch
from course_utils.datasets import load_own_series, load_result, load_weather
from course_utils.exercises import check, hint, progress, solution
from course_utils.forecasting import FutureLeakError, ObservedOnly, climatology, forecast_windows

# %%
from course_utils.lessons.lesson_42 import (
    describe_strategies,
    plot_by_horizon,
    plot_by_manoeuvre,
    plot_outlook,
    plot_paths,
    plot_strategies,
    traffic,
    weather,
)
from course_utils.synthetic import MANOEUVRES, vehicle_windows, vehicles

# %% [markdown]
# ## 1 · Un año de temperaturas
#
# La temperatura de un aeropuerto, hora a hora, durante 2013. Desde **cada** hora pronosticaremos las veinticuatro siguientes: ese momento es el
# **origen**. La red ve las veinticuatro anteriores y la hora del día, escrita con un seno y un coseno para que las 23 queden al lado de las 0.

# %%
series = load_weather("JFK").series("temperature", fill="previous")
problem = weather.prepare(series)
parts = {
    "entrenamiento": problem.train,
    "validación": problem.validation,
    "prueba": problem.test,
}
for name, origins in parts.items():
    first, last = (str(series.dates[o])[:10] for o in origins[[0, -1]])
    degrees = series.values[origins]
    print(
        f"{name:14s}{len(origins):5d} orígenes, del {first} al {last}: de {degrees.min():5.1f} a {degrees.max():4.1f} °C, "
        f"media {degrees.mean():4.1f}"
    )
gaps = len(series.filled)
explain(
    f"Faltan {gaps} horas: se repite la última, y ningún origen se entrena ni se evalúa con ellas."
)

# %% [markdown]
# Mira las fechas. **Es un solo año**: se aprende del invierno a junio y se examina del final del verano al invierno siguiente. Son estaciones distintas, y
# no hay otro año con el que saber qué es lo normal un 3 de noviembre: una climatología anual no se puede calcular. Las fechas van en hora universal (UTC), donde no hay
# hora repetida ni perdida; en otra parte del reloj, el cambio de hora sería una trampa.
#
# ## 2 · Una hora, veinticuatro veces
#
# Empecemos por lo conocido: una red de **un paso**. No da la temperatura: da cuánto cambia respecto de la última.


# %%
class Reader(nn.Module):
    """Una LSTM que lee lo visto y da `outputs` horas: lo último visto más lo que diga la red."""

    def __init__(self, outputs):
        super().__init__()
        self.lstm = nn.LSTM(3, weather.SIZE, batch_first=True)
        self.output = nn.Linear(weather.SIZE, outputs)

    def forward(self, past):
        states, _ = self.lstm(past)  # (lote, 24, oculto)
        return past[:, -1, :1] + self.output(states[:, -1])  # (lote, outputs)


# %%
past = {
    name: weather.past(problem, origins) for name, origins in parts.items()
}  # (orígenes, 24, 3)
clock = {name: weather.ahead(problem, origins)[0] for name, origins in parts.items()}  # (…, 24, 2)
epochs = weather.EPOCHS if FAST else 5 * weather.EPOCHS
RATE = 0.01  # la elegiremos en la sección 4


def train(model, inputs, targets):
    """Entrena con `inputs[parte]`, una lista de tensores, y se queda con la mejor época de validación."""
    examples, validation = (
        (*inputs[name], targets[name]) for name in ("entrenamiento", "validación")
    )
    weather.train(model, examples, validation, seed=SEED, rate=RATE, epochs=epochs)
    return model


next_hour = {name: weather.ahead(problem, origins)[1][:, :1] for name, origins in parts.items()}
only_past = {name: [seen] for name, seen in past.items()}
torch.manual_seed(SEED)
one_step = train(Reader(1), only_past, next_hour)

# %% [markdown]
# ¿Y la segunda hora? Para la red, la primera es un dato que aún no ha pasado. La estrategia **recursiva** (*recursive*) le da el que tiene: su propio
# pronóstico. Lo añade a la ventana, quita la hora más antigua y vuelve a preguntar.
#
# ### Ejercicio 42.1 ★★ · El bucle recursivo
#
# `model(past)` da la hora siguiente, (lote, 1). Cada paso de `past` lleva tres números: la temperatura y los dos del reloj. El reloj de las horas que vienen
# **se conoce**: es `clock`. La ventana mide siempre lo mismo.


# %% tags=["exercise"]
def recursive(model, past, clock):
    """past: (lote, ancho, 3); clock: (lote, horas, 2) → pronósticos, (lote, horas)."""
    forecasts = []
    with torch.inference_mode():
        for k in range(clock.shape[1]):
            ### BEGIN SOLUTION
            value = model(past)  # (lote, 1)
            step = torch.cat([value, clock[:, k]], dim=1)  # (lote, 3)
            past = torch.cat([past[:, 1:], step[:, None]], dim=1)
            forecasts.append(value)
            ### END SOLUTION
    return torch.cat(forecasts, dim=1)


# %% tags=["check"]
recursive = check("42.1", recursive)

# %% [markdown]
# **Predice**: ¿cuántas horas aguantará antes de apartarse?

# %%
origin = int(np.argmax(series.dates[problem.test] == np.datetime64("2013-10-12T12:00")))
scaled = recursive(one_step, past["prueba"], clock["prueba"])  # (orígenes, 24)
by_strategy = {"recursiva": weather.in_units(problem, scaled)}
start = problem.test[origin]
plot_outlook(
    series.values[start - 24 : start],
    series.values[start : start + 24],
    {"recursiva": by_strategy["recursiva"][origin]},
    unit="temperatura (°C)",
    title=f"Desde las {str(series.dates[start])[11:16]} UTC del {str(series.dates[start])[:10]}",
)
plt.show()
one_day = np.abs(by_strategy["recursiva"][origin] - series.values[start : start + 24])
explain(
    f"Ese día falla en {one_day[0]:.1f} °C a una hora, {one_day[5]:.1f} a seis y {one_day[23]:.1f} a veinticuatro."
)

# %% [markdown]
# Un día no dice nada: hay que medirla desde todos los orígenes de la prueba, y con referencias.
#
# ## 3 · El error de cada hora
#
# ### Ejercicio 42.2 ★★ · La tabla de objetivos
#
# Cada fila, un origen: las `width` filas de `features` que acaban justo antes de él y los `horizon` valores que empiezan en él. El valor es la
# primera columna de `features`. Entran todos los orígenes que tienen una ventana entera y un plazo entero.


# %% tags=["exercise"]
def direct_table(features, width, horizon):
    """features: (tiempo, columnas) → ventanas (orígenes, width, columnas) y objetivos (orígenes, horizon)."""
    ### BEGIN SOLUTION
    origins = np.arange(width, len(features) - horizon + 1)
    windows = features[origins[:, None] + np.arange(-width, 0)]
    targets = features[origins[:, None] + np.arange(horizon), 0]
    return windows, targets
    ### END SOLUTION


# %% tags=["check"]
direct_table = check("42.2", direct_table)

# %%
_, every_target = direct_table(problem.features, 24, 24)  # la fila i es el origen i + 24
target = {name: torch.as_tensor(every_target[origins - 24]) for name, origins in parts.items()}
actual = {name: weather.in_units(problem, rows) for name, rows in target.items()}  # °C


def hourly_error(forecast, part="prueba"):
    """Error medio de cada hora, en grados: (24,)."""
    return np.abs(forecast - actual[part]).mean(axis=0)


# %% [markdown]
# Las referencias de la lección 41, con lo que un año permite. La **persistencia** repite la última temperatura; la de **ayer**, la de la misma hora. La **media de la hora**, la de esa hora en los
# últimos días, tres o más, hace de climatología. A ella se le suma la **última anomalía**, lo que ahora se aparta de su media, cada hora un poco menos. Cuántos días y
# cuánto menos lo dice la validación. Y una regresión **lineal** por hora, con lo mismo que ve la red.


# %%
def climate(part, days, keep):
    """La media de la hora en los últimos días más lo que queda de la última anomalía."""
    histories = (series.values[:origin] for origin in parts[part])
    options = {"period": 24, "cycles": days, "keep": keep}
    return np.stack([climatology(history, 24, **options) for history in histories])


chosen = {}
for name, keeps in {"media de la hora": (0.0,), "con anomalía": (0.9, 0.95, 0.97, 1.0)}.items():
    tried = {
        (days, keep): hourly_error(climate("validación", days, keep), "validación").mean()
        for days in (3, 7, 14)
        for keep in keeps
    }
    chosen[name] = min(tried, key=tried.get)
    print(f"{name}: {chosen[name][0]} días; de la anomalía queda cada hora {chosen[name][1]:g}")

# %%
flat = {name: seen.flatten(1).numpy() for name, seen in past.items()}  # (orígenes, 72)
regression = LinearRegression().fit(flat["entrenamiento"], target["entrenamiento"].numpy())
references = {
    "persistencia": np.repeat(series.values[problem.test - 1][:, None], 24, axis=1),
    "ayer": series.values[problem.test[:, None] + np.arange(24) - 24],
    "media de la hora": climate("prueba", *chosen["media de la hora"]),
    "con anomalía": climate("prueba", *chosen["con anomalía"]),
    "lineal": weather.in_units(problem, torch.as_tensor(regression.predict(flat["prueba"]))),
}

# %% [markdown]
# **Predice**: ¿a partir de qué hora ganará la media de la hora a la persistencia? ¿Y a la red?

# %%
reference_error = {name: hourly_error(forecast) for name, forecast in references.items()}
recursive_error = hourly_error(by_strategy["recursiva"])
shown = {"recursiva": recursive_error} | reference_error
plot_by_horizon(
    {name: error[None] for name, error in shown.items()},
    unit="°C",
    title="Lo visto ayuda mucho a una hora y poco a un día",
)
plt.show()
climate_error = reference_error["media de la hora"]
gap_1, gap_24 = ((climate_error - recursive_error)[h] for h in (0, 23))
crossing = int(np.argmax(reference_error["persistencia"] > climate_error)) + 1
explain(
    f"A una hora, la red falla en {recursive_error[0]:.2f} °C y la persistencia, en {reference_error['persistencia'][0]:.2f}. La media de la hora "
    f"adelanta a la persistencia a las {crossing} horas. Su distancia a la red pasa de {gap_1:.2f} °C a {gap_24:.2f}. A veinticuatro: "
    + "; ".join(f"{name}, {error[23]:.2f}" for name, error in shown.items())
    + "."
)

# %% [markdown]
# Saber qué ha pasado en las últimas horas vale muchísimo para la siguiente y cada vez menos después. A un día vista, casi todo lo que queda por
# saber no está en el termómetro. La persistencia vuelve a bajar al final: a la misma hora de mañana hará una temperatura parecida.
#
# ## 4 · Otras tres maneras
#
# La recursiva se entrena para una hora y se examina de veinticuatro. Se puede entrenar para lo que se le va a pedir.

# %%
plot_strategies(title="Cuatro maneras de dar tres horas")
plt.show()
explain(describe_strategies())

# %% [markdown]
# La **directa** (*direct*) tiene una red para cada hora: veinticuatro entrenamientos. **Todo a la vez** (*multi-output*), una sola con veinticuatro salidas:
# nuestro `Reader(24)`. El **codificador-decodificador** es el de la lección 34, con una diferencia: su decodificador no recibe lo que ha escrito, sino lo que se
# **sabe** de cada hora que viene. Aquí es el reloj; en una tienda, los festivos. Así no puede acumular nada.


# %%
class EncoderDecoder(nn.Module):
    """Una LSTM lee lo visto; otra, desde su estado, lee el reloj de lo que viene."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(3, weather.SIZE, batch_first=True)
        self.decoder = nn.LSTM(2, weather.SIZE, batch_first=True)
        self.output = nn.Linear(weather.SIZE, 1)

    def forward(self, past, clock):
        _, memory = self.encoder(past)
        states, _ = self.decoder(clock, memory)  # (lote, 24, oculto)
        return past[:, -1, :1] + self.output(states)[..., 0]  # (lote, 24)


# %% [markdown]
# Entrenamos aquí una de cada; de la directa, solo la red de las veinticuatro horas. **Predice**: ¿cuál ganará a una hora? ¿Y a veinticuatro?

# %%
torch.manual_seed(SEED)
all_at_once = train(Reader(24), only_past, target)
torch.manual_seed(SEED)
with_clock = {name: [past[name], clock[name]] for name in parts}
encoder_decoder = train(EncoderDecoder(), with_clock, target)
torch.manual_seed(SEED)
last_hour = {name: rows[:, 23:] for name, rows in target.items()}
direct_24 = train(Reader(1), only_past, last_hour)

with torch.inference_mode():
    answers = {
        "todo a la vez": all_at_once(past["prueba"]),
        "codificador-decodificador": encoder_decoder(past["prueba"], clock["prueba"]),
    }
    direct_answer = weather.in_units(problem, direct_24(past["prueba"]))[:, 0]
by_strategy |= {name: weather.in_units(problem, rows) for name, rows in answers.items()}
live = {name: hourly_error(forecast) for name, forecast in by_strategy.items()}
direct_error = np.abs(direct_answer - actual["prueba"][:, 23]).mean()

# %%
weights = {
    name: sum(part.numel() for part in model.parameters())
    for name, model in {
        "recursiva": one_step,
        "todo a la vez": all_at_once,
        "codificador-decodificador": encoder_decoder,
    }.items()
}
for name, error in live.items():
    print(
        f"{name:26s}{weights[name]:6d} pesos   1 h: {error[0]:.2f}   6 h: {error[5]:.2f}   24 h: {error[23]:.2f} °C"
    )
print(
    f"{'directa':26s}{24 * weights['recursiva']:6d} pesos"
    + " " * 25
    + f"24 h: {direct_error:.2f} °C"
)

# %% [markdown]
# Una red de cada no basta: la semilla también cuenta. `tools/experiments/multistep.py` ha entrenado seis de cada, iguales que estas y con dos tasas; la tasa se
# elige con la validación. (De la directa, con la otra tasa solo se entrenaron tres horas).

# %%
table = load_result("multipaso")


def stored(strategy, column, *, rate=None, hours=range(1, 25)):
    """Lo que se midió de cada semilla a cada hora: (semillas, horas)."""
    mine = (table["strategy"] == strategy) & (table["rate"] == (rate or best_rate[strategy]))
    return np.stack([table[column][mine & (table["hour"] == hour)] for hour in hours], axis=1)


best_rate = {}
for strategy in weather.STRATEGIES:
    hours = (1, 12, 24) if strategy == "directa" else range(1, 25)
    found = {r: stored(strategy, "validation", rate=r, hours=hours).mean() for r in weather.RATES}
    best_rate[strategy] = min(found, key=found.get)
    listed = "  ".join(f"{rate:g}: {error:.3f}" for rate, error in found.items())
    print(f"{strategy:26s} validación según la tasa: {listed}")
best_rate["directa"] = 0.01  # la única con todas las horas

# %%
errors = {strategy: stored(strategy, "test") for strategy in weather.STRATEGIES}
linear_error = reference_error["lineal"]
compared = errors | {"con anomalía": reference_error["con anomalía"][None]}
plot_by_horizon(
    {name: error - linear_error for name, error in compared.items()},
    unit="°C",
    quantity="error medio menos el de la regresión",
    title="Frente a una regresión por hora, seis redes de cada",
)
plt.show()
explain(
    "La línea es la media de las seis, y la banda, de la mejor a la peor. Error medio: "
    + "; ".join(
        f"{name}, {e[:, 0].mean():.2f} °C a una hora, {e[:, 11].mean():.2f} a doce y {e[:, 23].mean():.2f} a veinticuatro"
        for name, e in errors.items()
    )
    + "."
)

# %% [markdown]
# Las cuatro van casi juntas, y con ellas una regresión. ¿Cuáles de esas distancias son mayores que su margen? Dos estrategias no comparten nada: Welch.


# %%
def place(name, rival, hour):
    """Quién se equivoca menos a una hora, según las semillas, y el intervalo de la diferencia."""
    if name == rival:
        return ""
    mine = errors[name][:, hour - 1]
    if rival in errors:
        gap = welch(mine, errors[rival][:, hour - 1])
    else:
        gap = paired(mine, np.full(len(mine), reference_error[rival][hour - 1]))
    who = "igual" if not gap.is_clear else ("gana" if gap.high < 0 else "pierde")
    return f"{who} {gap.low:+.2f} {gap.high:+.2f}"


rivals = ("todo a la vez", "codificador-decodificador", "con anomalía", "lineal")
print(f"{'frente a:':28s}" + "".join(f"{rival[:17]:20s}" for rival in rivals).rstrip())
for hour in (1, 6, 12, 24):
    print(f"a {hour} h")
    for name in errors:
        cells = "".join(f"{place(name, rival, hour):20s}" for rival in rivals)
        print(f"  {name:26s}{cells}".rstrip())

# %% [markdown]
# Léela por filas: «igual» es que no hay diferencia clara, y los dos números, el intervalo de la diferencia, en grados. El margen es **de las semillas**: dice si otra red igual saldría parecida. Falta el otro
# azar, el de los días: ¿ganaría la misma en otro otoño? Con las redes de aquí, sorteamos tandas de seis días de la prueba.


# %%
def daily(forecast, hours=slice(None)):
    """Error medio de unas horas, promediado en cada día de la prueba: (días,)."""
    days = series.dates[problem.test].astype("datetime64[D]")
    misses = np.abs(forecast - actual["prueba"])[:, hours].mean(axis=1)
    return np.array([misses[days == day].mean() for day in np.unique(days)])


# %%
duels = [
    ("recursiva", "todo a la vez"),
    ("codificador-decodificador", "todo a la vez"),
    ("todo a la vez", "con anomalía"),
    ("todo a la vez", "lineal"),
]
both = by_strategy | references
for text, hours in {"las veinticuatro horas": slice(None), "la última": slice(23, 24)}.items():
    by_day = {
        duel: block_bootstrap(*(daily(both[name], hours) for name in duel), seed=SEED, block=6)
        for duel in duels
    }
    found = (f"{a} frente a {b}, {gap.verdict('°C', decimals=2)}" for (a, b), gap in by_day.items())
    explain(f"Según los días, en {text}: " + "; ".join(found) + ".")

# %% [markdown]
# Con una sola serie de temperaturas, entre las estrategias que no se leen a sí mismas hay poco que elegir, y una regresión por hora, que se ajusta en un instante,
# las acompaña; al final del día, también unas medias y una anomalía. Lo que sí las separa es el **coste**: la directa son veinticuatro redes.
#
# ## 5 · El error que no se ve a una hora
#
# La banda de la recursiva se abre como ninguna. A una hora, sus seis redes van juntas; a veinticuatro, no. Miremos el **sesgo**: la media de lo pronosticado menos
# lo que pasó, con su signo. **Predice**: ¿cuánto sesgo hace falta a una hora para estropear un día?

# %%
bias = {strategy: stored(strategy, "bias") for strategy in weather.STRATEGIES}
small, large = (np.abs(bias["recursiva"][:, h]).mean() for h in (0, 23))
title = f"El sesgo de la recursiva pasa de {small:.2f} °C a {large:.1f} en un día"
plot_by_horizon(bias, unit="°C", quantity="sesgo", title=title)
plt.show()
explain(
    "Sesgo a veinticuatro horas, sin mirar el signo, media de las seis: "
    + "; ".join(f"{name}, {np.abs(b[:, 23]).mean():.2f} °C" for name, b in bias.items())
    + ". Desviación típica del error entre semillas, a una hora y a veinticuatro: "
    + "; ".join(
        f"{name}, {e[:, 0].std(ddof=1):.3f} y {e[:, 23].std(ddof=1):.3f}"
        for name, e in errors.items()
    )
    + "."
)

# %% [markdown]
# Es muy poco por hora: en el error de una hora no se nota. Pero la red lo repite sobre lo que ya traía. ¿Es eso, o hay otra cosa que también crece? El control: la
# misma red, a la que se le resta **en cada paso** su sesgo de una hora. Si se mide en la propia prueba es un diagnóstico, no un pronóstico. Si se mide en la **validación**, es
# un arreglo que se puede usar.
#
# **Predice**: sin él, ¿cuánto sesgo quedará a veinticuatro horas? ¿Y cuánto bajará el error?

# %%
missed = (one_step(past["validación"]) - target["validación"][:, :1]).mean().detach()


def mended(seen):
    """La red de un paso, sin el sesgo que tiene en la validación."""
    return one_step(seen) - missed


mended_answer = recursive(mended, past["prueba"], clock["prueba"])
repaired = weather.in_units(problem, mended_answer)
drift, drift_repaired = (
    (forecast - actual["prueba"]).mean(axis=0) for forecast in (by_strategy["recursiva"], repaired)
)
explain(
    f"La red de aquí tiene {drift[0]:+.3f} °C de sesgo a una hora y {drift[23]:+.2f} a veinticuatro. Corregida con la validación, {drift_repaired[23]:+.2f}; su error a "
    f"veinticuatro pasa de {live['recursiva'][23]:.2f} a {hourly_error(repaired)[23]:.2f} °C."
)

# %%
changes = {}
for name, how in {
    "recursiva, sin sesgo": "el de la prueba",
    "recursiva, corregida": "el de la validación",
}.items():
    best_rate[name] = best_rate["recursiva"]
    pair = [[stored(one, c)[:, 23] for one in (name, "recursiva")] for c in ("bias", "test")]
    changes[name] = paired(*np.abs(pair[0])), paired(*pair[1])
    print(
        f"Restando {how}, a veinticuatro horas. Sesgo: {changes[name][0].verdict('°C', decimals=2)}."
    )
    print(f"    Error: {changes[name][1].verdict('°C', decimals=2)}.")
rest = welch(stored("recursiva, sin sesgo", "test")[:, 23], errors["todo a la vez"][:, 23])
explain(
    f"En las seis guardadas, la recursiva sin sesgo, frente a todo a la vez, a veinticuatro horas: {rest.verdict('°C', decimals=2)}."
)

# %% [markdown]
# Quitar ese poco en cada paso quita casi todo el sesgo del día: **era acumulación**. El error no tiene por qué bajar lo mismo: es bastante mayor que el
# sesgo, y una red que se lee a sí misma acumula más cosas que una constante. Esas no las hemos separado.
#
# Que acumule no la condena. Corregida, o si al entrenar no se sabe hasta cuándo se va a pronosticar, puede ser la que sirve. La regla: mira el **sesgo hora a hora**, no solo el error.
#
# **Qué no hemos demostrado.** Es un aeropuerto, una variable y un año, y la prueba es otra estación: en otro año, otro sesgo. Los pesos son distintos: el codificador-decodificador tiene casi el doble. Y con un termómetro no
# se hace el pronóstico de mañana: para eso están los modelos de la atmósfera.
#
# *Puedes parar aquí: la segunda mitad cambia los grados por metros.*
#
# ## 6 · Vehículos
#
# Un coche ve a otro durante dos segundos y debe decir por dónde irá en los **tres** siguientes. Los recorridos son generados: un modelo de bicicleta, sin derrapes, vistos por
# un sensor que se equivoca un poco. Cada vehículo sigue recto, frena, gira o cambia de carril, y la maniobra puede empezar antes, durante o
# después de lo visto. Todo va en **metros y segundos**; si tus datos vienen de una cámara, en píxeles, pásalos antes: un píxel del fondo son muchos metros.

# %%
generated = vehicles(traffic.COUNT, seed=SEED)
windows = vehicle_windows(generated)
split = traffic.split_vehicles(windows)
drivers = [set(windows.vehicle[part]) for part in split]
print("lo visto:", windows.seen.shape, "  lo que viene:", windows.ahead.shape)
explain(
    f"{len(drivers[0])} vehículos para entrenar, {len(drivers[1])} de validación y {len(drivers[2])} de prueba; ninguno está en dos partes: "
    f"{len(drivers[0] & drivers[2]) + len(drivers[0] & drivers[1]) + len(drivers[1] & drivers[2])} en común. De cada uno salen varias ventanas que se solapan. El sensor se equivoca unos {100 * generated.noise:.0f} cm."
)

# %% [markdown]
# Se reparten **vehículos, no instantes**: dos ventanas del mismo, con medio segundo de diferencia, son casi la misma.
#
# ### Ejercicio 42.3 ★★ · Errores en metros
#
# El error de un paso es la **distancia** entre la posición que se dijo y la verdadera. El error medio de desplazamiento (*average displacement error*) es su media
# en los pasos; el final (*final displacement error*), el del último. Las posiciones pueden venir escaladas: `metres` dice cuántos metros mide una unidad **de
# cada eje**, o de los dos si es un solo número.


# %% tags=["exercise"]
def displacement_errors(forecast, actual, metres=1.0):
    """Posiciones (ventanas, pasos, 2) → error medio y final de cada ventana, en metros, (ventanas,)."""
    ### BEGIN SOLUTION
    distance = np.linalg.norm((forecast - actual) * metres, axis=2)  # (ventanas, pasos)
    return distance.mean(axis=1), distance[:, -1]
    ### END SOLUTION


# %% tags=["check"]
displacement_errors = check("42.3", displacement_errors)

# %% [markdown]
# ¿Con quién se compara? Muchos artículos ponen de rival la **velocidad constante** calculada con los dos últimos puntos. Con un sensor que se equivoca,
# es un muñeco de paja: un error pequeño, dividido entre una décima de segundo, es una velocidad disparatada. Ajustada con una recta a **un segundo**, es otra cosa. Y hay más rivales sin red, de una parábola al mismo
# segundo: **giro constante**, que sigue el arco, y **aceleración constante**, que sigue frenando hasta pararse.
#
# **Predice**: en línea recta, ¿cuánto fallará la velocidad constante con dos puntos? ¿Y con un segundo?

# %%
steps = windows.ahead.shape[1]
rival_paths = {
    "velocidad constante": traffic.constant_velocity(windows.seen, steps),
    "giro constante": traffic.constant_turn(windows.seen, steps),
    "aceleración constante": traffic.constant_braking(windows.seen, steps),
}

# %%
two_points = traffic.constant_velocity(windows.seen, steps, seconds=0.2)


def by_manoeuvre(forecast, measure=0):
    """El error medio (o el final, con measure=1) de cada maniobra, en metros: (4,)."""
    distance = displacement_errors(forecast, windows.ahead_truth)[measure]
    return np.array(
        [distance[split.test & (windows.manoeuvre == name)].mean() for name in MANOEUVRES]
    )


straw, fitted = by_manoeuvre(two_points), by_manoeuvre(rival_paths["velocidad constante"])
two_seconds = by_manoeuvre(traffic.constant_velocity(windows.seen, steps, seconds=2.0))
explain(
    "Velocidad constante con dos puntos y con un segundo, en metros: "
    + "; ".join(
        f"{m}, {a:.2f} y {b:.2f}" for m, a, b in zip(MANOEUVRES, straw, fitted, strict=True)
    )
    + "."
)

# %%
for name, rival in traffic.RIVALS.items():
    for seconds in traffic.SPANS:
        path = rival(windows.seen, steps, seconds=seconds)
        chosen_error = displacement_errors(path, windows.ahead_truth)[0][split.validation].mean()
        each = "  ".join(
            f"{m} {e:5.2f}" for m, e in zip(MANOEUVRES, by_manoeuvre(path), strict=True)
        )
        print(f"{name:22s}{seconds:.1f} s  validación {chosen_error:5.2f}   {each}")

# %% [markdown]
# Cada rival tiene su terreno, y su segundo: cuanto más tiempo se ajusta, menos ruido y más tarde se entera de la maniobra. Con uno, la recta ya
# casi no falla. En adelante, cada rival va con los segundos que elija la validación y, la velocidad constante, además con uno y con dos.
#
# ## 7 · ¿Dónde gana la red?
#
# La red es la de todo a la vez: lee veinte posiciones y da treinta. Pero ¿qué posiciones? Lo que importa de un vehículo es **cuánto se aparta de una recta**. Así que giramos los
# ejes de cada uno hasta que vaya hacia delante, ajustamos su recta al último segundo y le damos a la red lo que esa recta no explica, con la velocidad al lado. Y la red da lo que
# **se apartará**. Es la idea de la 25: encima de un modelo clásico.

# %%
examples = traffic.make_examples(windows, split.train)
torch.manual_seed(SEED)
driver = traffic.build_driver()
driver_rate = 0.01
driver_epochs = traffic.EPOCHS if FAST else 5 * traffic.EPOCHS
traffic.train_driver(driver, examples, split, seed=SEED, rate=driver_rate, epochs=driver_epochs)
with torch.inference_mode():
    output = driver(torch.as_tensor(examples.x)).numpy()  # (ventanas, 30, 2), escalado
network_path = examples.in_metres(output)
scaled_error = displacement_errors(output, examples.y)[0][split.test].mean()
metre_error = displacement_errors(output, examples.y, metres=examples.spread)[0][split.test].mean()
explain(
    f"En la escala de la red, el error es de {scaled_error:.2f} «unidades»; en metros, de {metre_error:.2f}: una unidad mide {examples.spread[0]:.1f} m hacia delante y "
    f"{examples.spread[1]:.1f} de lado."
)

# %% [markdown]
# Un error sin metros no se puede comparar con nada. Se entrena además con **lo que se va a medir**, la distancia media, y no su cuadrado; ahora verás por qué. Antes, cuatro
# vehículos de la prueba. **Predice**: ¿en qué maniobras ganará la red?

# %%
paths = {}
frame = traffic.own_frame(windows.seen)
for name, wanted in zip(MANOEUVRES, (np.nan, 1.5, 1.5, 1.5), strict=True):
    mine = split.test & (windows.manoeuvre == name)
    mine &= np.isnan(windows.since) if np.isnan(wanted) else np.abs(windows.since - wanted) < 0.3
    one = slice(int(np.flatnonzero(mine)[0]), int(np.flatnonzero(mine)[0]) + 1)
    here, axes = windows.seen[one, -1:], traffic.Frame(frame.axes[one])
    drawn = {"visto": windows.seen, "fue": windows.ahead_truth}
    drawn |= {"velocidad cte.": rival_paths["velocidad constante"], "red": network_path}
    paths[name] = {key: axes.turn(path[one] - here)[0] for key, path in drawn.items()}
plot_paths(paths, title="Tres segundos por delante, en cuatro vehículos de la prueba")
plt.show()
explain(
    "Error final, velocidad constante y red, en metros: "
    + "; ".join(
        f"{name}, {np.linalg.norm(p['velocidad cte.'] - p['fue'], axis=1)[-1]:.1f} y {np.linalg.norm(p['red'] - p['fue'], axis=1)[-1]:.1f}"
        for name, p in paths.items()
    )
    + "."
)

# %% [markdown]
# Cuatro ejemplos elegidos por una regla, el primero de cada maniobra que la empezó hace segundo y medio; la cuenta es con todos. Otra vez, seis redes guardadas: cada una con
# **otros vehículos**, así que el margen es de la red y de los datos. Cada rival, con los mismos.

# %%
drives = load_result("trayectorias")


def driven(model, column="average", *, phase=None, setting=None):
    """Lo medido de cada semilla en cada maniobra, (semillas, 4), en metros."""
    chosen = drives["model"] == model
    chosen &= drives["setting"] == (best_setting[model] if setting is None else setting)
    chosen &= np.isin(drives["phase"], ["–", "antes", "durante"] if phase is None else ["–", phase])
    rows = []
    for seed in np.unique(drives["seed"]):
        mine = [chosen & (drives["seed"] == seed) & (drives["manoeuvre"] == m) for m in MANOEUVRES]
        rows.append(
            [np.average(drives[column][one], weights=drives["windows"][one]) for one in mine]
        )
    return np.array(rows)


# %%
best_setting = dict.fromkeys(traffic.NETWORKS[1:], 0.01)
for model in (*traffic.RIVALS, "red"):
    options = np.unique(drives["setting"][drives["model"] == model])
    seen_error = [
        drives["validation"][(drives["model"] == model) & (drives["setting"] == one)].mean()
        for one in options
    ]
    best_setting[model] = options[np.argmin(seen_error)]
    unit = "de tasa" if model == "red" else "s"
    print(f"{model:22s} la validación elige {best_setting[model]:g} {unit}")
one_second = driven("velocidad constante", setting=1.0)
network = driven("red")

# %%
plot_by_manoeuvre(
    list(MANOEUVRES),
    {
        "velocidad constante, 1 s": one_second,
        "giro constante": driven("giro constante"),
        "aceleración constante": driven("aceleración constante"),
        "red": network,
    },
    title="Error de cada maniobra: un punto por semilla",
)
plt.show()

# %%
rival_errors = {name: driven(name) for name in traffic.RIVALS}
rival_errors |= {
    f"velocidad constante, {seconds} s": driven("velocidad constante", setting=float(seconds))
    for seconds in (1, 2)
}
best_rival = [min(rival_errors, key=lambda name: rival_errors[name][:, k].mean()) for k in range(4)]
duel = {
    m: paired(network[:, k], rival_errors[best_rival[k]][:, k]) for k, m in enumerate(MANOEUVRES)
}
explain(
    "La red frente al mejor rival de cada maniobra: "
    + "; ".join(
        f"{m} ({best_rival[k]}, {rival_errors[best_rival[k]][:, k].mean():.2f} m), {duel[m].verdict('m', decimals=2)}"
        for k, m in enumerate(MANOEUVRES)
    )
    + "."
)

# %%
against_velocity = {m: paired(network[:, k], one_second[:, k]) for k, m in enumerate(MANOEUVRES)}
final = driven("red", "final"), driven("velocidad constante", "final", setting=1.0)
explain(
    "Frente a la velocidad constante de un segundo: "
    + "; ".join(f"{m}, {gap.verdict('m', decimals=2)}" for m, gap in against_velocity.items())
    + ". Error final, red y velocidad constante: "
    + "; ".join(
        f"{m}, {a:.1f} y {b:.1f} m"
        for m, a, b in zip(MANOEUVRES, *(f.mean(axis=0) for f in final), strict=True)
    )
    + "."
)

# %% [markdown]
# A la velocidad constante cuesta mucho ganarla en recta y al cambiar de carril; Schöller y otros lo vieron con personas. En recta, cuantos más segundos de ajuste, mejor. La media de todas las maniobras lo habría tapado: depende de cuántas frenadas haya en tus datos.
# El mejor rival de cada maniobra se elige aquí **sabiendo** la maniobra; la red no la sabe.
#
# ¿De dónde sale la ventaja? Separemos las ventanas en que la maniobra **no ha empezado**. **Predice**: ¿verá la red venir una frenada?

# %%
before, during = (
    paired(
        driven("red", phase=phase)[:, 1],
        driven("velocidad constante", setting=1.0, phase=phase)[:, 1],
    )
    for phase in ("antes", "durante")
)
explain(
    f"Frenadas, red frente a velocidad constante: si aún no ha empezado, {before.verdict('m', decimals=2)}; si ya ha empezado, "
    f"{during.verdict('m', decimals=2)}."
)

# %% [markdown]
# La ventaja está en lo que **ya ha empezado**: la red lo reconoce antes. De lo que aún no se ve en dos segundos, poco puede saber nadie.
#
# Y ahora, los controles: la misma red, cambiando una sola cosa cada vez. **Predice**: si se entrena con el cuadrado de la distancia, ¿qué hará en una recta?

# %%
base = driven("red", setting=0.01)
controls = {name: driven(name) for name in traffic.NETWORKS[1:]}
plot_by_manoeuvre(
    list(MANOEUVRES), {"red": base} | controls, title="La misma red, cambiando una cosa cada vez"
)
plt.show()
straight = paired(controls["red, error cuadrático"][:, 0], base[:, 0])
braking = paired(controls["red, posiciones"][:, 1], base[:, 1])
apart = welch(controls["red, por instantes"].mean(axis=1), base.mean(axis=1))
explain(
    f"Con el error cuadrático, en recta: {straight.verdict('m', decimals=2)}. Con las posiciones en lugar de lo que se apartan de la recta, al frenar: "
    f"{braking.verdict('m', decimals=2)}. Repartiendo instantes, el error que se publicaría, media de las maniobras: {apart.verdict('m', decimals=2)}."
)

# %% [markdown]
# Esta es la sorpresa. El cuadrado castiga los fallos grandes, y lo que más lo baja es la **media** de lo que puede pasar: como algunos de los que van rectos frenarán, la red frena un poco en
# **todas** las rectas. La distancia pide algo parecido a la mediana: lo más habitual. Ninguna de las dos es «la buena»: es la de tu medida.
#
# Y la red que recibe posiciones tiene **la misma información**; no la aprovecha en estas épocas. Lo que se le da hecho cuenta tanto como la celda.
#
# ## 8 · Rómpelo y arréglalo: una hora que se fuga
#
# Vuelta al aeropuerto. Hay otros dos al lado, LaGuardia y Newark: su temperatura debe de ayudar. En la 25 pusiste en cada paso el calendario **del siguiente**, que se
# conoce. Alguien aprovecha aquella función para meter también a las vecinas.

# %%
neighbours = np.stack(
    [load_weather(a).series("temperature", fill="previous").values for a in ("LGA", "EWR")], axis=1
)  # (tiempo, 2)
own, hours_of_day = series.values, problem.features[:, 1:].astype(float)


def station_windows_fast(own, clock, others, width):
    """Ventanas (tiempo - width, width, columnas): la temperatura de aquí, el reloj y las vecinas."""
    known = np.column_stack([clock, others])
    steps = np.column_stack([own[:-1], known[1:]])  # en cada paso, lo que se sabe del siguiente
    return np.stack([steps[start : start + width] for start in range(len(own) - width)])


# %%
def fit_stations(windows):
    """Una regresión por hora, con esas ventanas: el modelo y lo que pronostica en la prueba."""
    rows = {
        name: windows[origins - 24].reshape(len(origins), -1) for name, origins in parts.items()
    }
    model = LinearRegression().fit(rows["entrenamiento"], actual["entrenamiento"])
    return model, model.predict(rows["prueba"])


alone = station_windows_fast(own, hours_of_day, np.zeros((len(own), 0)), 24)
leaky = station_windows_fast(own, hours_of_day, neighbours, 24)
_, alone_forecast = fit_stations(alone)
leaky_model, leaky_forecast = fit_stations(leaky)
alone_error, leaky_error = hourly_error(alone_forecast), hourly_error(leaky_forecast)
explain(
    f"Con las vecinas, el error baja un {100 * (1 - leaky_error[0] / alone_error[0]):.0f} % a una hora, un {100 * (1 - leaky_error[1] / alone_error[1]):.0f} % a dos y un "
    f"{100 * (1 - leaky_error[23] / alone_error[23]):.0f} % a veinticuatro."
)

# %% [markdown]
# Parece una buena noticia, y es creíble: son aeropuertos cercanos. Ahora úsalo **de verdad**: son las doce, el modelo pide la temperatura de la una en LaGuardia y
# todavía nadie la ha medido. Se le da lo último que hay. **Predice**: ¿qué error tendrá?

# %%
in_use = leaky.copy()
in_use[:, -1, 3:] = in_use[:, -2, 3:]  # de las vecinas, la última hora que hay
rows = in_use[problem.test - 24].reshape(len(problem.test), -1)
use_forecast = leaky_model.predict(rows)
use_error = hourly_error(use_forecast)
future = neighbours.copy()
origin = problem.test[0]
future[origin:] += 10  # lo que aún no ha pasado, cambiado
peek = np.abs(station_windows_fast(own, hours_of_day, future, 24) - leaky)[origin - 24].max()
explain(
    f"En uso, a una hora falla en {use_error[0]:.3f} °C: en la prueba decía {leaky_error[0]:.3f}, y sin vecinas eran {alone_error[0]:.3f}. Al cambiar en diez grados las vecinas a partir "
    f"del origen, lo que «ve» el modelo cambia en {peek:.0f}."
)

# %% [markdown]
# La segunda cifra es la prueba que lo delata, y sirve con cualquier modelo: **cambia el futuro y mira si cambia lo que ve**. La fuga es de **una sola hora**, por eso
# pasa por una mejora.
#
# ### Ejercicio 42.4 ★★★ · Una hora que se fuga
#
# Arregla la función: en cada paso, la temperatura de aquí y las de las vecinas **de esa hora**, y el reloj de la siguiente. Las columnas, en el mismo orden.


# %% tags=["exercise"]
def station_windows(own, clock, others, width):
    """Ventanas (tiempo - width, width, columnas): la temperatura de aquí, el reloj y las vecinas."""
    ### BEGIN SOLUTION
    steps = np.column_stack([own[:-1], clock[1:], others[:-1]])
    return np.stack([steps[start : start + width] for start in range(len(own) - width)])
    ### END SOLUTION


# %% tags=["check"]
station_windows = check("42.4", station_windows)

# %%
honest = station_windows(own, hours_of_day, neighbours, 24)
_, honest_forecast = fit_stations(honest)
honest_error = hourly_error(honest_forecast)
peek_honest = np.abs(station_windows(own, hours_of_day, future, 24) - honest)[origin - 24].max()

# %%
stations = {
    "bien alineadas": honest_error,
    "con fuga, en la prueba": leaky_error,
    "con fuga, en uso": use_error,
}
plot_by_horizon(
    {name: (error - alone_error)[None, :12] for name, error in stations.items()},
    unit="°C",
    quantity="error medio menos el de sin vecinas",
    title="Lo que prometía la fuga y lo que da",
)
plt.show()

# %%
changed = {
    "bien alineadas": honest_error,
    "en la prueba, con fuga": leaky_error,
    "en uso": use_error,
}
explain(
    "Con las vecinas, el error a una hora cambia: "
    + "; ".join(
        f"{name}, {100 * (e[0] / alone_error[0] - 1):+.0f} %" for name, e in changed.items()
    )
    + f". Al cambiar el futuro, las ventanas buenas cambian en {peek_honest:.0f}."
)


# %%
first = slice(0, 1)
station_gaps = {
    name: block_bootstrap(daily(forecast, first), daily(alone_forecast, first), seed=SEED, block=6)
    for name, forecast in {
        "bien alineadas": honest_forecast,
        "con fuga, en uso": use_forecast,
    }.items()
}
explain(
    "Frente a no tener vecinas, a una hora y según los días: "
    + "; ".join(f"{name}, {gap.verdict('°C', decimals=3)}" for name, gap in station_gaps.items())
    + "."
)

# %% [markdown]
# Bien alineadas, las vecinas ayudan menos de lo que se habría publicado; y a una hora, el modelo con fuga **no** da en uso lo que prometía. ¿Cómo se evita? Diciendo, de cada columna, si se conoce por adelantado. En
# `course_utils.forecasting` son dos tipos, y la lección 43 los usará: `KnownAhead` y `ObservedOnly`. Pedir el futuro del segundo no es una costumbre fea, es un error.

# %%
messages = []
laguardia = ObservedOnly("LaGuardia", neighbours[:, 0])
try:
    forecast_windows(own, width=24, horizon=24, known=[laguardia])
except FutureLeakError as error:
    messages.append(str(error))
    print(error)

# %% [markdown]
# ## 9 · Con tu propia serie
#
# Todo lo del tiempo vale para cualquier serie con un ciclo: cambia la ruta y los nombres de las columnas. Aquí, un CSV como el que daría una hoja de cálculo: unos meses de LaGuardia.

# %%
temporary = tempfile.TemporaryDirectory()  # se borra al cerrar el cuaderno
path = Path(temporary.name) / "mi_serie.csv"
rows = [
    f"{str(date).replace('T', ' ')};{value:.1f}".replace(".", ",")
    for date, value in zip(series.dates[:2400], neighbours[:2400, 0], strict=True)
]
path.write_text("\n".join(["hora;grados", *rows]), encoding="utf-8")
mine = load_own_series(path, date_column="hora", value_column="grados", unit="°C")


# %%
def trained(own):
    """Una red de todo a la vez y una regresión por paso: lo que pronostican en la prueba, escalado."""
    inputs = [weather.past(own, part) for part in (own.train, own.validation, own.test)]
    wanted = [weather.ahead(own, part)[1] for part in (own.train, own.validation)]
    torch.manual_seed(SEED)
    model = weather.build_reader(own.period)
    weather.train(model, (inputs[0], wanted[0]), (inputs[1], wanted[1]), seed=SEED, rate=RATE)
    line = LinearRegression().fit(inputs[0].flatten(1).numpy(), wanted[0].numpy())
    with torch.inference_mode():
        answer = model(inputs[2])
    return {"todo a la vez": answer, "lineal": torch.as_tensor(line.predict(inputs[2].flatten(1)))}


def study(series):
    """Un ciclo entero por delante con cualquier serie: el error de cada modelo en cada paso."""
    own = weather.prepare(series)
    places = own.test[:, None] + np.arange(own.period)
    found = {name: weather.in_units(own, answer) for name, answer in trained(own).items()}
    found["persistencia"] = np.repeat(own.values[own.test - 1][:, None], own.period, axis=1)
    found["ciclo anterior"] = own.values[places - own.period]
    return {name: np.abs(guess - own.values[places]).mean(axis=0) for name, guess in found.items()}


# %%
own_errors = study(mine)
for name, error in own_errors.items():
    shown_steps = "   ".join(
        f"{k + 1}: {error[k]:.2f}" for k in (0, len(error) // 2 - 1, len(error) - 1)
    )
    print(f"{name:16s} {shown_steps} {mine.unit}")

# %% [markdown]
# Con pocos días, antes que la de la red mira la fila de la regresión y la del ciclo anterior.
#
# ## 10 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("A una hora, la red de un paso se equivoca mucho menos que la media de la hora",
          recursive_error[0] / climate_error[0], "<", 0.5),
    claim("En un día, su distancia a la media de la hora se cierra casi del todo",
          gap_24 / gap_1, "<", 0.5),
    claim("En recta, la velocidad constante con dos puntos es un muñeco de paja", straw[0] / fitted[0], ">", 4),
    claim("Lo medido aquí se parece a lo guardado",
          live["todo a la vez"].mean() / errors["todo a la vez"].mean(), "in", (0.85, 1.15)),
    claim("Al frenar, la red se equivoca menos que la velocidad constante",
          by_manoeuvre(network_path)[1] / fitted[1], "<", 0.8),
    claim("Y también al girar", by_manoeuvre(network_path)[2] / fitted[2], "<", 0.8),
    claim("En recta, pierde con la velocidad constante de dos segundos",
          by_manoeuvre(network_path)[0] / two_seconds[0], ">", 1.3),
)  # fmt: skip

# %% [markdown]
# Y lo que hay en las tablas guardadas, o no depende de la semilla de este cuaderno.

# %% tags=["nbval-check-output"]
verify(
    claim("La fuga parece una mejora, y en uso es peor que no tener vecinas",
          leaky_error[0] < honest_error[0] < alone_error[0] < use_error[0], "==", True, kind="identidad"),
    claim("Cambiar el futuro delata la fuga, y en la función arreglada no cambia nada",
          peek > 0 and peek_honest == 0, "==", True, kind="identidad"),
    claim("Pedir el futuro de una vecina es un error", len(messages), "==", 1, kind="identidad"),
    claim("En seis redes, restar el sesgo de una hora quita el de un día",
          changes["recursiva, sin sesgo"][0].high, "<", 0, kind="identidad"),
    claim("Con vehículos, la red gana al mejor rival al frenar y, en recta, pierde con él",
          duel["frenada"].high < 0 < duel["recta"].low, "==", True, kind="identidad"),
    claim("Con el error cuadrático, en recta falla más", straight.low, ">", 0, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Para dar muchas horas hay cuatro maneras. Con este termómetro, las que no se leen a sí mismas van casi juntas, y una regresión por hora las acompaña.
# - La recursiva **acumula**: un sesgo que a una hora no se nota crece en cada paso. Se descubre, y se corrige, mirándolo hora a hora.
# - A un día vista, la última hora ya dice poco, y la media de la hora queda cerca.
# - En trayectorias: metros, vehículos enteros en cada parte, rivales bien ajustados y el resultado por maniobra. La red gana donde algo **ha empezado**; en recta, una línea.
# - La pérdida es una apuesta: con el cuadrado, la red frena por si acaso.
# - Una fuga de una hora parece una mejora. **Cambia el futuro y mira si cambia lo que ve el modelo.**
#
# ## Errores frecuentes
#
# - Entrenar a un paso y publicar solo el error de un paso.
# - Dar al bucle recursivo el reloj de una hora que no es la suya.
# - Comparar con una velocidad de dos puntos, o dar solo la media de todas las maniobras.
# - Medir en píxeles o en la escala de la red.
# - Repartir ventanas del mismo vehículo entre entrenamiento y prueba.
# - Alinear lo observado como si fuera calendario.
#
# ## Para saber más
#
# - S. Ben Taieb, G. Bontempi, A. F. Atiya y A. Sorjamaa (2012), *A review and comparison of strategies for multi-step ahead time series forecasting based on the
#   NN5 forecasting competition*, Expert Systems with Applications 39.
# - R. Wen, K. Torkkola, B. Narayanaswamy y D. Madeka (2017), *A multi-horizon quantile recurrent forecaster*, NIPS Time Series Workshop.
# - C. Schöller, V. Aravantinos, F. Lay y A. Knoll (2020), *What the constant velocity model can teach us about pedestrian motion prediction*, IEEE Robotics and Automation Letters 5.
# - A. Alahi y otros (2016), *Social LSTM: human trajectory prediction in crowded spaces*, CVPR: la red recurrente con la que se compararon.
# - P. Polack y otros (2017), *The kinematic bicycle model: a consistent model for planning feasible trajectories for autonomous vehicles?*, IEEE Intelligent
#   Vehicles Symposium.
#
# **Siguiente**: 43 · Multivariante, en preparación.

# %% [markdown]
# # 42 · Multipaso
#
# **Una red acierta la temperatura de la hora siguiente. ¿Qué sabe de mañana? Y un coche que va por su carril, ¿dónde estará dentro de tres segundos?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a pronosticar un día entero de cuatro maneras y a decir, hora a hora y con su margen, cuál gana; a ver cómo una red recursiva acumula un error que a una hora no se nota; a medir trayectorias en metros, por maniobras y con rivales que merezcan ese nombre; a encontrar una hora que se fuga |
# | **Antes de empezar** | [25 · Ventas](25_ventas.ipynb) y, del codificador-decodificador, la [34](34_encoder_decoder.ipynb); de la 41, las referencias y los orígenes |
# | **Tiempo** | 80 minutos de lectura y ejercicios, en dos ratos: el primero, hasta el final de la sección 5; medio minuto de ejecución |
# | **Herramientas** | PyTorch, scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: las redes de aquí, con cinco veces más épocas (un par de minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import tempfile
from itertools import combinations
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
# La temperatura de un aeropuerto, hora a hora, durante 2013. El **origen** es la primera hora que se pronostica: la red ve las veinticuatro anteriores y da
# esa y las veintitrés que siguen. Hay un origen en **cada** hora. De lo visto tiene la temperatura y la hora del día, escrita con un seno y un coseno para que
# las 23 queden al lado de las 0.

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
    f"Faltan {gaps} horas: en lo visto se repite la última, y ningún plazo que se entrena o se evalúa las tiene."
)

# %% [markdown]
# Mira las fechas. **Es un solo año**: se aprende del invierno a junio y se examina del final del verano al invierno siguiente. Son estaciones distintas, y
# no hay otro año con el que saber qué es lo normal un 3 de noviembre: una climatología anual no se puede calcular. Las fechas van en hora universal (UTC), donde no hay
# hora repetida ni perdida; con la hora local, el cambio de hora sería una trampa.
#
# ## 2 · Una hora, veinticuatro veces
#
# Empecemos por lo conocido: una red de **un paso**. Por dentro no calcula la temperatura, sino cuánto cambia
# respecto de la última; `forward` ya suma las dos.


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
RATE = 0.01  # una para todas; en la sección 4, la validación elige la de cada una


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
# Las referencias de la lección 41, con lo que un año permite. La **persistencia** repite la última temperatura; la de **ayer**, la de la misma hora del día
# anterior. La **media de la hora** hace de climatología: la de esa hora en los últimos días, tres o más (con uno solo sería la de ayer). A ella se le
# suma la **última anomalía**, lo que ahora se aparta de su media, cada hora un poco menos. Cuántos días y cuánto menos lo dice la validación. Y una
# regresión **lineal** por hora, con lo mismo que ve la red.


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
    kept = f"; de la anomalía queda cada hora {chosen[name][1]:g}" if len(keeps) > 1 else ""
    print(f"{name}: {chosen[name][0]} días{kept}")

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
ahead_of = np.flatnonzero(climate_error < reference_error["persistencia"]) + 1
ahead_of_network = (climate_error < recursive_error).sum()
explain(
    f"A una hora, la red falla en {recursive_error[0]:.2f} °C y la persistencia, en {reference_error['persistencia'][0]:.2f}. La media de la hora "
    f"falla menos que la persistencia de {ahead_of[0]} a {ahead_of[-1]} horas vista; y menos que la red, en {ahead_of_network} de las veinticuatro. "
    f"Su distancia a la red pasa de {gap_1:.2f} °C a {gap_24:.2f}. A veinticuatro: "
    + "; ".join(f"{name}, {error[23]:.2f}" for name, error in shown.items())
    + "."
)

# %% [markdown]
# Saber qué ha pasado en las últimas horas vale muchísimo para la siguiente y cada vez menos después: al cabo de un día, la red y una media de pocos días quedan
# cerca. La persistencia vuelve a bajar al final, porque a veinticuatro horas repetir lo último **es** repetir lo de ayer. ¿Le gana alguien entonces? Con márgenes, en
# la sección siguiente.
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
# **sabe** de cada hora que viene. Aquí es el reloj; en una tienda, los festivos. Así no acumula sus propios pronósticos.


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
# Una red de cada no basta: la semilla también cuenta. `tools/experiments/multistep.py` ha entrenado seis de cada, iguales que estas salvo en la tasa: prueba cuatro y
# la validación elige la de cada estrategia. Aquí es la misma para todas. (La directa son veinticuatro redes: con la tasa menor y la mayor solo están las de 1, 12 y 24 horas, y
# en esas tres se compara).

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
    scope = "  (a 1, 12 y 24 h)" if strategy == "directa" else ""
    print(f"{strategy:26s} validación según la tasa: {listed}{scope}")

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
# ¿Cuáles de esas distancias son mayores que su margen? Hay **dos azares**. El primero, el de las **semillas**: ¿saldría parecida otra red igual? Lo dicen las
# seis guardadas. Dos redes de estrategias distintas no se emparejan en nada, así que Welch.

# %%
HOURS = 1, 6, 12, 24


def says(gap):
    """Si el primero se equivoca menos que el segundo, y el intervalo de la diferencia."""
    who = "duda" if not gap.is_clear else ("gana" if gap.high < 0 else "pierde")
    return f"{who} {gap.low:+.2f} {gap.high:+.2f}"


def print_table(rows):
    """Una fila por duelo y una columna por hora."""
    print(f"{'°C':34s}" + "".join(f"{f'a {hour} h':19s}" for hour in HOURS).rstrip())
    for name, gaps in rows.items():
        print(f"{name:34s}" + "".join(f"{says(gap):19s}" for gap in gaps).rstrip())


short = {name: name.split("-")[0] for name in errors}  # «codificador», para que quepa
print_table(
    {
        f"{short[one]} / {short[other]}": [
            welch(errors[one][:, hour - 1], errors[other][:, hour - 1]) for hour in HOURS
        ]
        for one, other in combinations(errors, 2)
    }
)

# %% [markdown]
# En cada fila, el primero **gana** al segundo (se equivoca menos), **pierde** o **duda**, que no es un empate: con estas redes no se sabe. Los dos números son el
# intervalo de la diferencia, en grados. Y son muchos: de cada veinte intervalos, uno puede engañar.
#
# Falta el otro azar, el de los **días**: ¿ganaría la misma en otro otoño? Con las redes de aquí, sorteamos tandas de seis días **seguidos** de la
# prueba, por si un día malo trae otro; más largas, no llegarían a veinte.
#
# **Predice**: a veinticuatro horas, ¿gana la red a repetir el día de ayer?


# %%
def daily(forecast, hours=slice(None)):
    """Error medio de unas horas, promediado en cada día de la prueba: (días,)."""
    days = series.dates[problem.test].astype("datetime64[D]")
    misses = np.abs(forecast - actual["prueba"])[:, hours].mean(axis=1)
    return np.array([misses[days == day].mean() for day in np.unique(days)])


# %%
both = by_strategy | references
duels = [("todo a la vez", name) for name in references]
duels += [(name, "todo a la vez") for name in ("recursiva", "codificador-decodificador")]
by_day = {
    (one, other): [
        block_bootstrap(
            *(daily(both[name], slice(hour - 1, hour)) for name in (one, other)), seed=SEED, block=6
        )
        for hour in HOURS
    ]
    for one, other in duels
}
print_table(
    {f"{short[one]} / {short.get(other, other)}": gaps for (one, other), gaps in by_day.items()}
)
explain(
    "A veinticuatro horas y según los días, todo a la vez, frente a repetir lo de ayer: "
    f"{by_day['todo a la vez', 'ayer'][-1].verdict('°C', decimals=2)}; frente a la media de la hora: "
    f"{by_day['todo a la vez', 'media de la hora'][-1].verdict('°C', decimals=2)}."
)

# %%
pair = "codificador-decodificador", "todo a la vez"
two_here = by_day[pair][0].verdict("°C", decimals=2)
six_each = welch(*(errors[name][:, 0] for name in pair)).verdict("°C", decimals=2)
one, other = (stored(name, "test", rate=RATE)[:, 0] for name in pair)
explain(
    f"A una hora, el codificador-decodificador frente a todo a la vez. Las dos redes de aquí, según los días: {two_here}. Seis de cada, según las semillas: {six_each}. "
    f"Con la tasa de aquí, de las seis semillas de la tabla falla menos en {(one < other).sum()}."
)

# %% [markdown]
# Si las dos tablas se contradicen, no es un error: cada una mira **un** azar. El margen de los días es el de **estas** dos redes; otra semilla, u otra tasa, puede darle la vuelta, y
# eso los días no lo ven.
#
# Mira la última columna: a un día vista, **repetir el día de ayer** es mucho más difícil de ganar que a seis o a doce horas. Y mira las filas de la última anomalía y de la regresión,
# que se ajustan en un instante: pasadas las primeras horas, la red tiene poco que añadirles. Entre las estrategias que no se leen a sí mismas hay poco que elegir; lo que sí las
# separa es el **coste**: la directa son veinticuatro redes.
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
# un arreglo que se podría usar; si sirve, lo dirá la prueba.
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
for name in ("recursiva, sin sesgo", "recursiva, corregida"):
    best_rate[name] = best_rate["recursiva"]
left = stored("recursiva, sin sesgo", "bias")[:, 23]
gain = (bias["recursiva"][:, 23] - left) / bias["recursiva"][:, 0]
explain(
    f"En las seis guardadas, sin el sesgo que tienen a una hora en la prueba, el de un día pasa de {large:.2f} °C a {np.abs(left).mean():.2f}, de media y sin signo. "
    f"Lo que se quita en un día es, en cada red, de {gain.min():.0f} a {gain.max():.0f} veces lo que se resta en un paso."
)

# %%
repair = [np.abs(stored("recursiva, corregida", "bias")[:, 23]), np.abs(bias["recursiva"][:, 23])]
day_error = {
    name: stored(name, "test")[:, 23] for name in ("recursiva, sin sesgo", "recursiva, corregida")
}
plain_error = errors["recursiva"][:, 23]
explain(
    "A veinticuatro horas y frente a la recursiva tal cual. Error sin el sesgo de la prueba: "
    f"{paired(day_error['recursiva, sin sesgo'], plain_error).verdict('°C', decimals=2)}. Sesgo, corregida con la validación: "
    f"{paired(*repair).verdict('°C', decimals=2)}; y su error: {paired(day_error['recursiva, corregida'], plain_error).verdict('°C', decimals=2)}."
)

# %% [markdown]
# **Era acumulación**, y de la más simple: el sesgo de una hora se suma, casi entero, una vez por paso. Con el error es otra cosa: es mayor que el
# sesgo, y una red que se lee a sí misma acumula más cosas que una constante. Esas no las hemos separado.
#
# El diagnóstico no es el arreglo: corregir con la validación solo sirve si su sesgo es el de la prueba, y son dos estaciones. Y que acumule no la condena: si al entrenar no se
# sabe hasta cuándo se va a pronosticar, puede ser la única que sirve. La regla: mira el **sesgo hora a hora**, no solo el error.
#
# **Qué no hemos demostrado.** Es un aeropuerto, una variable y un año, y la prueba es otra estación: en otro año, otro sesgo. Son redes pequeñas, con pocas épocas y cuatro
# tasas; con `FAST = False`, las de aquí se entrenan cinco veces más. Los pesos son distintos: el codificador-decodificador tiene casi el doble que la de todo a la vez. Y con un
# termómetro no se hace el pronóstico de mañana: para eso están los modelos de la atmósfera.
#
# *Puedes parar aquí: la segunda mitad cambia los grados por metros.*
#
# ## 6 · Vehículos
#
# Un coche ve a otro durante dos segundos y debe decir por dónde irá en los **tres** siguientes. Los recorridos son generados: un modelo de bicicleta (dos ruedas y gira la
# de delante), sin derrapes, vistos por un sensor que se equivoca un poco. Cada vehículo sigue recto, frena, gira o cambia de carril, y la maniobra puede empezar antes, durante o
# después de lo visto. Una ventana lleva el nombre de la maniobra que cae en ella, aunque sea en parte; si no cae ninguna, porque no llega o porque ya acabó, es «recta». Todo va en **metros y segundos**; si tus datos vienen de una cámara, en píxeles, pásalos antes: un píxel del fondo son muchos metros.

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
# en los pasos; el final (*final displacement error*), el del último. Las posiciones pueden venir escaladas: `metres` es un array de dos, los metros que mide una
# unidad **de cada eje**, o un solo número si miden lo mismo.


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
# ¿Con quién se compara? El rival de siempre es la **velocidad constante**, y es costumbre calcularla con los dos últimos puntos. Con un punto cada décima de segundo y un sensor que se
# equivoca, es un muñeco de paja: un error pequeño, dividido entre una décima, es una velocidad disparatada. Ajustada con una recta a **un segundo**, es otra cosa. Y hay más rivales
# sin red, que ajustan una parábola a esos puntos: **giro constante**, que sigue el arco, y **aceleración constante**, que sigue frenando hasta pararse.
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
# Cada rival tiene su terreno, y sus segundos: cuanto más tiempo se ajusta, menos ruido, y más tarde se entera de la maniobra.
#
# ## 7 · ¿Dónde gana la red?
#
# La red es la de todo a la vez: lee veinte posiciones y da treinta. Pero ¿qué posiciones? Lo que importa de un vehículo es **cuánto se aparta de una recta**. Así que giramos los
# ejes de cada uno hasta que vaya hacia delante, ajustamos su recta al último segundo y le damos a la red lo que esa recta no explica, con la velocidad al lado. Y la red da lo que
# **se apartará**. Es la idea de la 25: la red, encima de un modelo clásico.

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
    "De lado, la escala está ampliada. Error final, velocidad constante y red, en metros: "
    + "; ".join(
        f"{name}, {np.linalg.norm(p['velocidad cte.'] - p['fue'], axis=1)[-1]:.1f} y {np.linalg.norm(p['red'] - p['fue'], axis=1)[-1]:.1f}"
        for name, p in paths.items()
    )
    + "."
)

# %% [markdown]
# Los cuatro, elegidos por una regla: el primero que empezó cada maniobra hace segundo y medio, más o menos, y el primero que va recto. Mira el cambio de carril: ¿lo ve la red?
# La cuenta es con todos. Otra vez, seis redes guardadas: cada una con
# **otros vehículos**, así que el margen es de la red y de los datos. Cada rival, con los mismos: parejas.

# %%
drives = load_result("trayectorias").columns


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
one_second = driven("velocidad constante", setting=1.0)  # la de la sección 6, no la elegida
network = driven("red")
half_stop, full_stop = (rows[:, 1].mean() for rows in (driven("velocidad constante"), one_second))
print(f"velocidad constante, al frenar: la elegida, {half_stop:.2f} m; la de 1 s, {full_stop:.2f}")

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
def best_rival(column, phase=None):
    """El rival, con sus segundos, que menos falla en una maniobra, y lo que falla en cada semilla."""
    options = [(name, seconds) for name in traffic.RIVALS for seconds in traffic.SPANS]
    found = {one: driven(one[0], phase=phase, setting=one[1])[:, column] for one in options}
    name, seconds = min(found, key=lambda one: found[one].mean())
    return f"{name}, {seconds:g} s", found[name, seconds]


bars = {m: best_rival(k) for k, m in enumerate(MANOEUVRES)}
duel = {m: paired(network[:, k], bars[m][1]) for k, m in enumerate(MANOEUVRES)}
explain(
    "La red frente al mejor rival de cada maniobra: "
    + "; ".join(
        f"{m} ({bars[m][0]}: {bars[m][1].mean():.2f} m), {duel[m].verdict('m', decimals=2)}"
        for m in MANOEUVRES
    )
    + "."
)

# %%
final = driven("red", "final"), driven("velocidad constante", "final", setting=1.0)
for k, m in enumerate(MANOEUVRES):
    against = paired(network[:, k], one_second[:, k]).verdict("m", decimals=2)
    ends = " y ".join(f"{errors_at[:, k].mean():.1f}" for errors_at in final)
    print(f"{m:17s}frente a la velocidad constante de 1 s: {against}")
    print(f"{'':17s}error final de la red y de ella: {ends} m")

# %% [markdown]
# En recta, una línea bien ajustada es difícil de ganar; Schöller y otros lo vieron con personas. La media de todas las maniobras lo habría tapado: depende
# de cuántas frenadas haya en tus datos.
#
# Pero ese mejor rival se ha elegido **sabiendo la maniobra**, y la red no la sabe. ¿Qué hace ella bien: seguir una frenada o **darse cuenta** de que la hay? Hacen falta dos controles.
# El primero, un rival sin red que también elija. Ajusta la parábola y mira cuánto acelera el vehículo: si es menos que un umbral, la recta de dos segundos; si es más y
# hacia atrás, la frenada; si es más y de lado, el arco. Los segundos y el umbral, con la validación.


# %%
def chooser(seen, steps, seconds, least):
    """Recta, frenada o arco, según lo que acelere hacia delante o de lado, en m/s²."""
    now = traffic.fit_motion(seen, seconds=seconds, degree=2)
    pull = traffic.own_frame(seen).turn(now.acceleration[:, None])[:, 0]  # (ventanas, 2)
    kind = np.where(np.abs(pull).max(axis=1) < least, 0, 1 + np.abs(pull).argmax(axis=1))
    options = [
        traffic.constant_velocity(seen, steps, seconds=2.0),
        traffic.constant_braking(seen, steps, seconds=seconds),
        traffic.constant_turn(seen, steps, seconds=seconds),
    ]
    return np.choose(kind[:, None, None], options)


# %%
CHOICES = [(seconds, least) for seconds in (1.0, 1.25, 1.5) for least in (1.0, 1.5, 2.0)]


def measure_chooser(seed):
    """Lo que falla el que elige en la prueba de una semilla, con lo que elija su validación."""
    fleet = vehicle_windows(vehicles(traffic.COUNT, seed=seed))
    cut = traffic.split_vehicles(fleet)
    tried = [chooser(fleet.seen, steps, *choice) for choice in CHOICES]
    misses = [
        displacement_errors(one, fleet.ahead_truth)[0][cut.validation].mean() for one in tried
    ]
    best = int(np.argmin(misses))
    head = {"model": "el que elige", "setting": 0.0, "seed": seed, "validation": misses[best]}
    return [head | row for row in traffic.by_manoeuvre(fleet, cut.test, tried[best])]


rows = [row for seed in np.unique(drives["seed"]) for row in measure_chooser(int(seed))]
drives = {name: np.append(column, [row[name] for row in rows]) for name, column in drives.items()}
best_setting["el que elige"] = 0.0

# %% [markdown]
# El segundo control: separar las ventanas en que la maniobra **aún no ha empezado**, y dar a cada caso su mejor rival, elegido mirando la prueba. Juega con mucha ventaja: sabe
# la maniobra y si ha empezado. **Predice**: ¿verá la red venir una frenada? Y ya empezada, ¿ganará a quien lo sabe?

# %%
cases = {MANOEUVRES[0]: (0, None)}
cases |= {
    f"{MANOEUVRES[k]}, {words}": (k, phase)
    for k in (1, 2, 3)
    for phase, words in {"antes": "sin empezar", "durante": "en marcha"}.items()
}
by_case = {}
print(f"{'error medio, m':30s}red    el que elige             el mejor rival de cada caso")
for case, (k, phase) in cases.items():
    mine, picks = (driven(model, phase=phase)[:, k] for model in ("red", "el que elige"))
    rival_name, best = best_rival(k, phase)
    gaps = by_case[k, phase] = paired(mine, picks), paired(mine, best)
    one, other = (
        f"{bar.mean():.2f} {says(gap)}" for bar, gap in zip((picks, best), gaps, strict=True)
    )
    print(f"{case:30s}{mine.mean():.2f}   {one:25s}{other:25s}{rival_name}")

# %%
picked = driven("el que elige")
overall = paired(network.mean(axis=1), picked.mean(axis=1))
alone_rivals = {name: driven(name).mean(axis=1) for name in traffic.RIVALS}
fixed_name = min(alone_rivals, key=lambda name: alone_rivals[name].mean())
lift = paired(picked.mean(axis=1), alone_rivals[fixed_name])
explain(
    f"Media de las cuatro maniobras. El que elige, frente al mejor rival fijo ({fixed_name}): {lift.verdict('m', decimals=2)}. La red, frente al que elige: "
    f"{overall.verdict('m', decimals=2)}."
)

# %% [markdown]
# «Gana» y «pierde» son de la red. **Antes** de que empiece, no ve venir nada que no vea el mejor rival: en los dos segundos vistos aún no hay nada de ella. **En
# marcha**, quien supiera cuál es le queda cerca, por encima o por debajo según la maniobra: lo que la red hace bien es, sobre todo, **elegir**. Y elegir también se puede sin red, en diez líneas: el que elige explica buena parte de la ventaja sobre los rivales fijos,
# y la red hace el resto.
#
# Quien se dedica a esto elige con varios filtros de Kalman a la vez: cada uno sigue al vehículo suponiendo un movimiento, y se reparten el peso en
# cada instante. Aquí no han jugado.
#
# Y ahora, los controles de la red: la misma, con la tasa de la de aquí, cambiando una sola cosa cada vez. **Predice**: si se entrena con el cuadrado de la distancia, ¿qué hará en una recta?

# %%
base = driven("red", setting=0.01)
controls = {name: driven(name) for name in traffic.NETWORKS[1:]}
plot_by_manoeuvre(
    list(MANOEUVRES), {"red": base} | controls, title="La misma red, cambiando una cosa cada vez"
)
plt.show()
straight, stopping = (paired(controls["red, error cuadrático"][:, k], base[:, k]) for k in (0, 1))
braking = paired(controls["red, posiciones"][:, 1], base[:, 1])
apart = welch(controls["red, por instantes"].mean(axis=1), base.mean(axis=1))
explain(
    f"Con el error cuadrático, en recta: {straight.verdict('m', decimals=2)}; al frenar: {stopping.verdict('m', decimals=2)}. Con las posiciones en lugar de lo que se apartan de la recta, al frenar: "
    f"{braking.verdict('m', decimals=2)}. Repartiendo instantes, el error que se publicaría, media de las maniobras: {apart.verdict('m', decimals=2)}."
)

# %% [markdown]
# Con el cuadrado, la red falla más en recta y menos al frenar. ¿Por qué? Una idea: el cuadrado se hace mínimo en la **media** de lo que puede pasar y, como algunos de los que van rectos frenarán, lo mejor es frenar
# un poco en **todas** las rectas. La distancia pide algo parecido a la mediana: lo más habitual. Si es eso, en las rectas debe quedarse **corta**, no fallar a los dos lados.

# %%
torch.manual_seed(SEED)
squared_driver = traffic.build_driver()
options = {"seed": SEED, "rate": driver_rate, "epochs": driver_epochs}
traffic.train_driver(squared_driver, examples, split, squared=True, **options)
nets = {"la distancia": network_path, "el cuadrado": traffic.drive(squared_driver, examples)}
pace = np.linalg.norm(traffic.fit_motion(windows.seen, seconds=1.0, degree=1).velocity, axis=1)
on_the_move = split.test & (windows.manoeuvre == "recta") & (pace > 1)  # sin los ya parados
beyond = {  # a los tres segundos, cuánto más adelante de donde estará, en metros
    name: frame.turn(path - windows.ahead_truth)[on_the_move, -1, 0] for name, path in nets.items()
}
explain(
    "A los tres segundos de una recta, de media: "
    + "; ".join(
        f"con {name}, {gap.mean():+.2f} m, y corta en el {100 * (gap < 0).mean():.0f} % de las ventanas"
        for name, gap in beyond.items()
    )
    + "."
)

# %% [markdown]
# Esta es la sorpresa: con el cuadrado, frena por si acaso. Ninguna pérdida es «la buena»: es la de tu medida. Y si la de la distancia también se queda algo corta, encaja: la
# mediana **cuenta** a los que frenarán; la media, además, mide **cuánto**. Encajar no es demostrar: puede haber más causas.
#
# La red que recibe posiciones tiene **la misma información**; con esta tasa y estas épocas no la aprovecha al frenar. Lo que se le da hecho también cuenta. Y si repartir instantes no sale
# claramente mejor, no es permiso: una red que se aprenda los vehículos de memoria lo aprovechará, y no lo sabrás.
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
    f"Con las vecinas, el error de la prueba baja un {100 * (1 - leaky_error[0] / alone_error[0]):.0f} % a una hora, un {100 * (1 - leaky_error[1] / alone_error[1]):.0f} % a dos y un "
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
# La última cifra es la prueba que lo delata, y sirve con cualquier modelo: **cambia el futuro y mira si cambia lo que ve**. La fuga es de **una sola hora**, por eso
# pasa por una mejora.
#
# ### Ejercicio 42.4 ★★★ · Una hora que se fuga
#
# Arregla la función: en cada paso, la temperatura de aquí y las de las vecinas **de esa hora**, y el reloj de la siguiente. Las columnas, en el orden de
# antes: la temperatura de aquí, el reloj y las vecinas.


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
one_hour = {
    name: daily(forecast, slice(0, 1))
    for name, forecast in {
        "con fuga, en uso": use_forecast,
        "bien alineadas": honest_forecast,
        "sin vecinas": alone_forecast,
    }.items()
}
station_gaps = {
    (one, other): block_bootstrap(one_hour[one], one_hour[other], seed=SEED, block=6)
    for one, other in combinations(one_hour, 2)
}
for name, error in stations.items():
    print(f"{name:24s}error a una hora: {100 * (error[0] / alone_error[0] - 1):+3.0f} %")
for (one, other), gap in station_gaps.items():
    print(f"según los días, {one} / {other}: {gap.verdict('°C', decimals=3)}")
explain(f"Al cambiar el futuro, las ventanas buenas cambian en {peek_honest:.0f}.")

# %% [markdown]
# Bien alineadas, las vecinas ayudan, y menos de lo que se habría publicado. El modelo con fuga **no** da en uso lo que prometía: apostó por una columna que no llega.
# ¿Cómo se evita? Diciendo, de cada columna, si se conoce por adelantado. En
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
print(f"{len(mine.values)} valores ({mine.frequency}), con un ciclo de {mine.period} pasos")


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
full, yesterday = live["todo a la vez"], reference_error["ayer"]
network_error = by_manoeuvre(network_path)
verify(
    claim("A una hora, la red de un paso falla mucho menos que la media de la hora",
          recursive_error[0] / climate_error[0], "<", 0.3),
    claim("Al cabo de un día, esa distancia se queda en menos de un tercio", gap_24 / gap_1, "<", 1 / 3),
    claim("A seis horas, todo a la vez falla menos que la persistencia",
          full[5] / reference_error["persistencia"][5], "<", 0.8),
    claim("A veinticuatro, falla casi lo mismo que repetir lo de ayer", full[23] / yesterday[23], "in", (0.85, 1.15)),
    claim("En recta, la velocidad constante con dos puntos es un muñeco de paja", straw[0] / fitted[0], ">", 4),
    claim("Al frenar, la red falla menos que la velocidad constante", network_error[1] / fitted[1], "<", 0.8),
    claim("Y también al girar", network_error[2] / fitted[2], "<", 0.8),
    claim("En recta, pierde con la velocidad constante de dos segundos",
          network_error[0] / two_seconds[0], ">", 1.08),
    claim("Con el error cuadrático, en las rectas se queda corta", beyond["el cuadrado"].mean(), "<", -1),
)  # fmt: skip

# %% [markdown]
# Y lo que está en las tablas guardadas, o no depende de la semilla de este cuaderno.

# %% tags=["nbval-check-output"]
verify(
    claim("La fuga parece una mejora, y en uso es peor que alinear bien",
          leaky_error[0] < honest_error[0] < alone_error[0] and station_gaps["con fuga, en uso", "bien alineadas"].low > 0,
          "==", True, kind="identidad"),
    claim("Cambiar el futuro delata la fuga, y en la función arreglada no cambia nada",
          peek > 0 and peek_honest == 0, "==", True, kind="identidad"),
    claim("Pedir el futuro de una vecina es un error", len(messages), "==", 1, kind="identidad"),
    claim("En cada una de seis redes recursivas, el sesgo de una hora se multiplica por más de veinte en un día",
          gain.min(), ">", 20, kind="identidad"),
    claim("Con vehículos, la red gana al mejor rival al frenar y, en recta, pierde con él",
          duel["frenada"].high < 0 < duel["recta"].low, "==", True, kind="identidad"),
    claim("Antes de que empiece, la red no gana al mejor rival de cada caso",
          min(gaps[1].high for (_, phase), gaps in by_case.items() if phase == "antes"), ">", 0, kind="identidad"),
    claim("Elegir sin red mejora al mejor rival fijo, y la red, al que elige",
          max(lift.high, overall.high), "<", 0, kind="identidad"),
    claim("Con el error cuadrático, en recta falla más", straight.low, ">", 0, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Para dar muchas horas hay cuatro maneras. Con este termómetro, las que no se leen a sí mismas van casi juntas, y una regresión por hora las acompaña.
# - La recursiva **acumula**: un sesgo que a una hora no se nota crece en cada paso. Se descubre mirándolo hora a hora; quitarlo pide saberlo antes.
# - A un día vista, la última hora ya dice poco; repetir lo de ayer, o unas medias con la última anomalía, son rivales serios.
# - En trayectorias: metros, vehículos enteros en cada parte, rivales bien ajustados y el resultado por maniobra. La red solo gana cuando algo **ha empezado**, y la mayor parte de esa ventaja la tiene también quien elige sin red; en recta, una línea.
# - La pérdida es una apuesta: con el cuadrado, la red frena por si acaso.
# - Una fuga de una hora parece una mejora. **Cambia el futuro y mira si cambia lo que ve el modelo.**
#
# ## Errores frecuentes
#
# - Entrenar a un paso y publicar solo el error de un paso.
# - Dar al bucle recursivo el reloj de una hora que no es la suya.
# - Comparar con una velocidad de dos puntos, o solo con rivales que no eligen; dar solo la media de todas las maniobras.
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
# **Siguiente**: [43 · Multivariante y probabilístico](43_multivariante_y_probabilistico.ipynb).

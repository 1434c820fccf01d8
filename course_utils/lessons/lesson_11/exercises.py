"""Ejercicios de la lección 11: secuencias."""

from __future__ import annotations

from functools import partial

import numpy as np

from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Secuencias"


def _draw_windows(rng: np.random.Generator) -> tuple:
    width, horizon = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    return rng.normal(size=width + horizon + int(rng.integers(4, 9))), width, horizon


WINDOWS = Exercise(
    key="11.1",
    title="Corta la serie en ventanas y objetivos.",
    stars=1,
    hints=(
        "El último valor de la ventana que empieza en `start` está en la posición "
        "`start + width - 1`. Suma el horizonte para llegar al objetivo.",
        "Haz un bucle `for start in range(...)`. La última ventana es aquella cuyo objetivo, en "
        "`start + width + horizon - 1`, es el último valor de la serie.",
    ),
    mistakes=(
        Mistake(
            "El objetivo es el último valor de la ventana, que ya se conoce: suma el horizonte "
            "completo.",
            swap=(
                ("width - horizon + 1", "width - horizon + 2"),
                ("width + horizon - 1", "width + horizon - 2"),
            ),
        ),
        Mistake(
            "El objetivo está un paso de más: cuenta desde el último valor de la ventana, no desde "
            "el siguiente.",
            swap=(
                ("width - horizon + 1", "width - horizon"),
                ("width + horizon - 1", "width + horizon"),
            ),
        ),
        Mistake(
            "Te falta el último ejemplo: la serie da para una ventana más.",
            swap=(("width - horizon + 1", "width - horizon"),),
        ),
        Mistake(
            "No has usado el horizonte: el objetivo no siempre es el valor siguiente.",
            swap=(("width + horizon - 1", "width"),),
        ),
        Mistake(
            "Van primero las ventanas y después los objetivos.",
            swap=(("np.array(inputs), np.array(targets)", "np.array(targets), np.array(inputs)"),),
        ),
        Mistake(
            "Sin el horizonte salen más ejemplos de la cuenta, y sus objetivos son los siguientes.",
            swap=(("width - horizon + 1", "width"), ("width + horizon - 1", "width")),
        ),
        Mistake(
            "Las ventanas no se solapan: hay que avanzar de uno en uno, no de ventana en ventana.",
            swap=(("horizon + 1)", "horizon + 1, width)"), ("range(len", "range(0, len")),
        ),
        Mistake(
            "Cada ventana está al revés: el valor más reciente va al final.",
            swap=(("[start : start + width]", "[start : start + width][::-1]"),),
        ),
    ),
    variants=(
        "def make_windows(series, width, horizon=1):\n"
        "    views = np.lib.stride_tricks.sliding_window_view(series, width)\n"
        "    targets = series[width + horizon - 1 :]\n"
        "    return views[: len(targets)], targets",
        "def make_windows(series, width, horizon=1):\n"
        "    inputs, targets, start = [], [], 0\n"
        "    while start + width + horizon <= len(series):\n"
        "        inputs.append(list(series[start : start + width]))\n"
        "        targets.append(float(series[start + width + horizon - 1]))\n"
        "        start += 1\n"
        "    return inputs, targets",
    ),
    equivalent={
        "línea 7: «np.array(inputs)» → «inputs»": "una lista de ventanas vale igual que un array",
        "línea 7: «np.array(targets)» → «targets»": "una lista de objetivos vale igual que un array",
    },
    draw=_draw_windows,
    edges=((np.arange(8.0), 3),),
    mutates=(
        "def make_windows(series, width, horizon=1):\n"
        "    series -= 0.5\n"
        "    views = np.lib.stride_tricks.sliding_window_view(series, width)\n"
        "    targets = series[width + horizon - 1 :]\n"
        "    return views[: len(targets)], targets"
    ),
)


def _draw_mase(rng: np.random.Generator) -> tuple:
    size, length = int(rng.integers(9, 15)), int(rng.integers(20, 30))
    actual, forecast = rng.normal(size=(2, size)) * 10
    return actual, forecast, rng.normal(size=length).cumsum(), int(rng.integers(2, 7))


MASE = Exercise(
    key="11.2",
    title="Calcula el MASE.",
    stars=2,
    hints=(
        "Son dos MAE divididos: arriba, el del pronóstico; abajo, el que comete la persistencia "
        "dentro de `training`.",
        "La persistencia estacional pronostica `training[t]` con `training[t - period]`: sus errores "
        "son `training[period:] - training[:-period]`.",
    ),
    mistakes=(
        Mistake(
            "La referencia no usa `period`: con un ciclo, la persistencia es la estacional.",
            swap=(("training[period:] - training[:-period]", "training[1:] - training[:-1]"),),
        ),
        Mistake(
            "La referencia se calcula en el entrenamiento, no en la prueba.",
            swap=(
                ("training[period:] - training[:-period]", "actual[period:] - actual[:-period]"),
            ),
        ),
        Mistake(
            "Falta el valor absoluto en la referencia: los errores se compensan.",
            swap=(
                (
                    "np.abs(training[period:] - training[:-period]).mean()",
                    "(training[period:] - training[:-period]).mean()",
                ),
            ),
        ),
        Mistake(
            "El cociente está al revés: el error del pronóstico va arriba.",
            swap=(
                (
                    "np.abs(actual - forecast).mean() / reference",
                    "reference / np.abs(actual - forecast).mean()",
                ),
            ),
        ),
        Mistake(
            "Eso es el RMSE escalado: se pide el error absoluto medio.",
            swap=(
                (
                    "np.abs(actual - forecast).mean()",
                    "np.sqrt(np.square(actual - forecast).mean())",
                ),
            ),
        ),
        Mistake("Falta dividir entre la referencia.", swap=((" / reference", ""),)),
        Mistake(
            "`np.diff(x, n)` repite la resta n veces; aquí hay que comparar valores separados n pasos.",
            swap=(("training[period:] - training[:-period]", "np.diff(training, period)"),),
        ),
        Mistake(
            "`np.roll` compara los primeros valores con los últimos: esas restas sobran.",
            swap=(
                ("training[period:] - training[:-period]", "training - np.roll(training, period)"),
            ),
        ),
    ),
    variants=(
        "def mase(actual, forecast, training, period=1):\n"
        "    naive = [abs(training[t] - training[t - period]) for t in range(period, len(training))]\n"
        "    return np.mean(np.abs(forecast - actual)) / np.mean(naive)",
        "def mase(actual, forecast, training, period=1):\n"
        "    scale = np.sum(np.abs(training[period:] - training[:-period])) / (len(training) - period)\n"
        "    return sum(abs(a - f) for a, f in zip(actual, forecast)) / len(actual) / scale",
    ),
    draw=_draw_mase,
    edges=((np.array([5.0, 6.0]), np.array([5.0, 7.0]), np.array([1.0, 3.0, 5.0, 7.0])),),
    mutates=(
        "def mase(actual, forecast, training, period=1):\n"
        "    actual -= forecast\n"
        "    return np.abs(actual).mean() / np.abs(training[period:] - training[:-period]).mean()"
    ),
)


def _draw_split(rng: np.random.Generator) -> tuple:
    length, test_size = int(rng.integers(20, 40)), int(rng.integers(3, 9))
    trend = np.linspace(0, rng.uniform(5, 20), length)
    return trend + rng.normal(size=length), test_size


SPLIT = Exercise(
    key="11.3",
    title="Separa y escala sin fugas.",
    stars=2,
    hints=(
        "Primero se separa y después se escala. ¿Qué datos se conocían en el momento de entrenar?",
        "Calcula la media y la desviación típica del tramo de entrenamiento, y usa esas dos "
        "cifras, las mismas, para los dos tramos.",
    ),
    mistakes=(
        Mistake(
            "La media y la desviación salen de toda la serie: el futuro se cuela en el "
            "entrenamiento.",
            swap=(("train.mean(), train.std()", "series.mean(), series.std()"),),
        ),
        Mistake(
            "La prueba se escala con sus propias cifras: en la vida real aún no se conocen, y el "
            "modelo vería otra escala.",
            swap=(("(test - mean) / std", "(test - test.mean()) / test.std()"),),
        ),
        Mistake("La prueba ha quedado sin escalar.", swap=((", (test - mean) / std", ", test"),)),
        Mistake(
            "Esa es la varianza: falta la raíz. La desviación típica es `std`.",
            swap=(("train.std()", "train.var()"),),
        ),
        Mistake(
            "La media es la del entrenamiento, pero la desviación sale de toda la serie.",
            swap=(("train.std()", "series.std()"),),
        ),
        Mistake(
            "Faltan paréntesis: primero se resta la media y después se divide.",
            swap=(
                (
                    "(train - mean) / std, (test - mean) / std",
                    "train - mean / std, test - mean / std",
                ),
            ),
        ),
        Mistake(
            "Has restado la media, pero falta dividir entre la desviación.",
            swap=((") / std", ")"),),
        ),
        Mistake(
            "El orden es entrenamiento y después prueba.",
            swap=(
                (
                    "(train - mean) / std, (test - mean) / std",
                    "(test - mean) / std, (train - mean) / std",
                ),
            ),
        ),
        Mistake(
            "La prueba son los últimos valores, no los primeros.",
            swap=(
                (
                    "series[:-test_size], series[-test_size:]",
                    "series[test_size:], series[:test_size]",
                ),
            ),
        ),
    ),
    variants=(
        "from sklearn.preprocessing import StandardScaler\n"
        "def split_and_scale(series, test_size):\n"
        "    scaler = StandardScaler().fit(series[:-test_size, None])\n"
        "    scaled = scaler.transform(series[:, None])[:, 0]\n"
        "    return scaled[:-test_size], scaled[-test_size:]",
        "def split_and_scale(series, test_size):\n"
        "    cut = len(series) - test_size\n"
        "    known = series[:cut]\n"
        "    mean = sum(known) / cut\n"
        "    std = (sum((value - mean) ** 2 for value in known) / cut) ** 0.5\n"
        "    scaled = [(value - mean) / std for value in series]\n"
        "    return scaled[:cut], scaled[cut:]",
    ),
    draw=_draw_split,
    mutates=(
        "def split_and_scale(series, test_size):\n"
        "    mean, std = series[:-test_size].mean(), series[:-test_size].std()\n"
        "    series -= mean\n"
        "    series /= std\n"
        "    return series[:-test_size], series[-test_size:]"
    ),
)


def _cut(series: np.ndarray, width: int, *, shift: int, late: int, trim: int) -> tuple:
    """Función de ventanas con el objetivo desplazado ``shift`` pasos; empieza ``late`` pasos tarde."""
    first = late + width + shift
    count = len(series) - max(late + width - 1, first) - trim
    inputs = np.array([series[start : start + width] for start in range(late, late + count)])
    return inputs, series[first : first + count]


def _draw_shift(rng: np.random.Generator) -> tuple:
    shift, late, trim = rng.integers((-3, 0, 0), (4, 4, 3))
    return (partial(_cut, shift=int(shift), late=int(late), trim=int(trim)),)


SHIFT = Exercise(
    key="11.4",
    title="Mide cuántos pasos está desplazado un objetivo.",
    stars=3,
    hints=(
        "Llama a `cut` con una rampa, `np.arange(40.0)`, y una anchura cualquiera. Cada valor te "
        "dice en qué posición estaba.",
        "Con la rampa, el objetivo correcto de la primera ventana vale uno más que su último valor. "
        "¿Cuánto se aparta `targets[0]` de eso?",
    ),
    mistakes=(
        Mistake(
            "Falta restar 1: el objetivo correcto ya está un paso después de la ventana.",
            swap=(("inputs[0, -1] - 1", "inputs[0, -1]"),),
        ),
        Mistake(
            "El signo está al revés: positivo es que el objetivo llega tarde.",
            swap=(("targets[0] - inputs[0, -1] - 1", "inputs[0, -1] + 1 - targets[0]"),),
        ),
        Mistake(
            "Comparas con el primer valor de la ventana; hay que comparar con el último.",
            swap=(("inputs[0, -1] - 1", "inputs[0, 0] - 1"),),
        ),
        Mistake(
            "Solo miras el objetivo, pero las ventanas también pueden empezar más tarde.",
            swap=(("targets[0] - inputs[0, -1] - 1", "targets[0] - 6"),),
        ),
        Mistake(
            "Cuentas los ejemplos, pero una función puede descartar alguno sin desplazar el objetivo: "
            "mira los valores.",
            swap=(("targets[0] - inputs[0, -1] - 1", "len(ramp) - 6 - len(targets)"),),
        ),
        Mistake(
            "Solo dices si está desplazado; hace falta cuánto y hacia dónde.",
            swap=(
                (
                    "return targets[0] - inputs[0, -1] - 1",
                    "return int(targets[0] != inputs[0, -1] + 1)",
                ),
            ),
        ),
    ),
    variants=(
        "def measure_shift(cut):\n"
        "    inputs, targets = cut(np.arange(100), 10)\n"
        "    return int(np.median(targets - inputs[:, -1])) - 1",
        "def measure_shift(cut):\n"
        "    width = 4\n"
        "    inputs, targets = cut(np.arange(30.0), width)\n"
        "    return targets[0] - (inputs[0][0] + width)",
    ),
    equivalent={
        "línea 3: «40.0» → «80.0»": "la longitud de la rampa da igual mientras quepa una ventana",
        "línea 4: «6» → «7»": "vale cualquier anchura",
        "línea 4: «6» → «5»": "vale cualquier anchura",
    },
    draw=_draw_shift,
    draws=8,
)

EXERCISES = (WINDOWS, MASE, SPLIT, SHIFT)

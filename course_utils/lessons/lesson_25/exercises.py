"""Ejercicios de la lección 25: ventas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Ventas"


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation(np.arange(2, 9))[:count]]


# ---------------------------------------------------------------- 25.1


def _draw_series(rng: np.random.Generator) -> tuple:
    """Una serie que crece: la media y la desviación del principio no son las de toda."""
    width = _sizes(rng, 1)[0]
    cut, rest = int(rng.integers(16, 24)), int(rng.integers(10, 15))
    days = np.arange(cut + rest)
    return 100 + 3.0 * days + 20 * rng.normal(size=len(days)), width, cut


def _window_names() -> dict[str, Any]:
    from course_utils.sequences import make_windows

    return {"make_windows": make_windows}


def _named_pairs(answer: Callable[..., Any], *args: Any) -> dict[str, Any] | None:
    """Lo que devuelve, cada cosa con su nombre: así el mensaje dice cuál falla."""
    returned = answer(*args)
    if returned is None:
        return None
    pairs = list(returned) if isinstance(returned, tuple | list) else []
    if [len(pair) if isinstance(pair, tuple | list) else 0 for pair in pairs] != [2, 2, 2]:
        raise TypeError(
            "se esperaban tres parejas, cada una entre paréntesis: (ventanas, objetivos) de "
            "entrenamiento, (ventanas, objetivos) de prueba y (media, desviación)"
        )
    names = (
        ("ventanas de entrenamiento", "objetivos de entrenamiento"),
        ("ventanas de prueba", "objetivos de prueba"),
        ("media", "desviación"),
    )
    return {
        name: value
        for pair, labels in zip(returned, names, strict=True)
        for name, value in zip(labels, pair, strict=True)
    }


_PIPELINE = "def leak_free_windows(values, width, cut):\n"
_SCALE = "values[:cut].mean(), values[:cut].std()"

PIPELINE = Exercise(
    key="25.1",
    title="Corta y escala una serie sin que la prueba se cuele en el entrenamiento.",
    stars=2,
    hints=(
        "Tres pasos: la media y la desviación del tramo que se conoce al entrenar; la serie entera "
        "escalada con ellas y cortada en ventanas; y el corte. ¿En qué día está el objetivo de la "
        "ventana `i`? ¿Qué ventana tiene el suyo en `cut`?",
        "La ventana `i` tiene su objetivo en el día `i + width`, así que el primer ejemplo de prueba "
        "es el número `cut - width`. Sus ventanas pueden empezar antes: ese pasado ya se "
        "conocía.",
    ),
    mistakes=(
        Mistake(
            "La media y la desviación salen de toda la serie: la prueba se ha colado en la escala.",
            swap=((_SCALE, "values.mean(), values.std()"),),
        ),
        Mistake(
            "Cortas por el número de ventana y no por el día del objetivo: los últimos objetivos del "
            "entrenamiento son días de la prueba.",
            swap=(("count = cut - width", "count = cut"),),
        ),
        Mistake(
            "El corte está corrido un ejemplo: el primer día de prueba ha caído en el entrenamiento.",
            swap=(("cut - width", "cut - width + 1"),),
        ),
        Mistake(
            "El corte está corrido un ejemplo: el último día del entrenamiento ha caído en la prueba.",
            swap=(("cut - width", "cut - width - 1"),),
        ),
        Mistake(
            "Cortas la serie antes de hacer las ventanas, y la prueba pierde sus primeros días: sus "
            "ventanas pueden mirar el final del entrenamiento, que ya se conocía.",
            code=_PIPELINE + f"    mean, std = {_SCALE}\n"
            "    scaled = (values - mean) / std\n"
            "    train = make_windows(scaled[:cut], width=width)\n"
            "    test = make_windows(scaled[cut:], width=width)\n"
            "    return train, test, (mean, std)",
        ),
        Mistake(
            "La prueba se escala con su propia media: hay que usar la del entrenamiento, también para "
            "ella.",
            code=_PIPELINE + f"    mean, std = {_SCALE}\n"
            "    own = values[cut:].mean(), values[cut:].std()\n"
            "    train = (values[:cut] - mean) / std\n"
            "    test = (values[cut:] - own[0]) / own[1]\n"
            "    inputs, targets = make_windows(np.concatenate([train, test]), width=width)\n"
            "    count = cut - width\n"
            "    train = inputs[:count], targets[:count]\n"
            "    return train, (inputs[count:], targets[count:]), (mean, std)",
        ),
        Mistake(
            "La media y la desviación son las de las ventanas, que repiten los días centrales: "
            "calcúlalas con la serie.",
            code=_PIPELINE + "    inputs, targets = make_windows(values, width=width)\n"
            "    count = cut - width\n"
            "    mean, std = inputs[:count].mean(), inputs[:count].std()\n"
            "    inputs, targets = (inputs - mean) / std, (targets - mean) / std\n"
            "    train = inputs[:count], targets[:count]\n"
            "    return train, (inputs[count:], targets[count:]), (mean, std)",
        ),
        Mistake(
            "La desviación es la de `std()` sin más, que divide entre n.",
            swap=((".std()", ".std(ddof=1)"),),
        ),
        Mistake(
            "Nada está escalado: falta restar la media y dividir entre la desviación.",
            swap=(("(values - mean) / std", "values"),),
        ),
        Mistake(
            "Falta dividir entre la desviación típica.",
            swap=(("(values - mean) / std", "values - mean"),),
        ),
        Mistake(
            "Los objetivos no están escalados: deben llevar la misma escala que las ventanas.",
            swap=(
                (
                    "    count =",
                    "    targets = make_windows(values, width=width).targets\n    count =",
                ),
            ),
        ),
        Mistake(
            "A `mean` y `std` les faltan los paréntesis: son la función y no su resultado.",
            swap=((_SCALE, "values[:cut].mean, values[:cut].std"),),
        ),
    ),
    variants=(
        _PIPELINE + "    known = np.asarray(values)[:cut]\n"
        "    center, spread = known.mean(), np.sqrt(((known - known.mean()) ** 2).mean())\n"
        "    z = (np.asarray(values) - center) / spread\n"
        "    days = range(width, len(z))\n"
        "    pairs = [(z[day - width : day], z[day], day < cut) for day in days]\n"
        "    parts = []\n"
        "    for wanted in (True, False):\n"
        "        chosen = [pair for pair in pairs if pair[2] == wanted]\n"
        "        parts.append((np.array([p[0] for p in chosen]), np.array([p[1] for p in chosen])))\n"
        "    return parts[0], parts[1], (center, spread)",
        _PIPELINE + f"    mean, std = {_SCALE}\n"
        "    scaled = (values - mean) / std\n"
        "    train = make_windows(scaled[:cut], width=width)\n"
        "    test = make_windows(scaled[cut - width :], width=width)\n"
        "    return [list(train), list(test), [mean, std]]",
    ),
    draw=_draw_series,
    probe=_named_pairs,
    namespace=_window_names,
    mutates=(
        _PIPELINE + f"    mean, std = {_SCALE}\n"
        "    values -= mean\n"
        "    values /= std\n"
        "    inputs, targets = make_windows(values, width=width)\n"
        "    count = cut - width\n"
        "    train = inputs[:count], targets[:count]\n"
        "    return train, (inputs[count:], targets[count:]), (mean, std)"
    ),
)


# ---------------------------------------------------------------- 25.2


def _draw_calendar(rng: np.random.Generator) -> tuple:
    width, columns = _sizes(rng, 2)
    days = width + int(rng.integers(9, 14))
    return rng.normal(size=days), rng.normal(size=(days, columns)), width


_CALENDAR = "def calendar_windows(scaled, calendar, width):\n"
_STEPS = "np.column_stack([scaled[:-1], calendar[1:]])"

CALENDAR = Exercise(
    key="25.2",
    title="Pon en cada paso lo vendido ese día y lo que se sabe del siguiente.",
    stars=2,
    hints=(
        "Empieza por la tabla de pasos, de una fila menos que días: en la fila `t`, lo vendido el día "
        "`t` y el calendario del día `t + 1`. ¿Qué día sobra en cada una de las dos?",
        "A lo vendido le sobra el último día, `[:-1]`; al calendario, el primero, `[1:]`. Júntalos con "
        "`np.column_stack` y apila después los tramos de `width` filas que empiezan en cada día, "
        "tantos como días menos `width`.",
    ),
    mistakes=(
        Mistake(
            "Cada paso lleva el calendario de su propio día: del día que hay que pronosticar, el modelo "
            "no sabe nada.",
            swap=(("calendar[1:]", "calendar[:-1]"),),
        ),
        Mistake(
            "Has adelantado también las ventas: el objetivo está dentro de la ventana.",
            swap=((_STEPS, "np.column_stack([scaled[1:], calendar[1:]])"),),
        ),
        Mistake(
            "El desplazamiento va al revés: cada paso lleva las ventas de un día y el calendario del "
            "anterior, y además el objetivo se ha colado en la ventana.",
            swap=((_STEPS, "np.column_stack([scaled[1:], calendar[:-1]])"),),
        ),
        Mistake(
            "Las ventas van en la primera columna y el calendario, detrás.",
            swap=((_STEPS, "np.column_stack([calendar[1:], scaled[:-1]])"),),
        ),
        Mistake(
            "Falta el calendario: solo están las ventas.",
            swap=((_STEPS, "scaled[:-1, None]"),),
        ),
        Mistake(
            "Falta la última ventana, la que pronostica el último día.",
            swap=(("len(scaled) - width)", "len(scaled) - width - 1)"),),
        ),
        Mistake(
            "Sobra una ventana por el final: del calendario, que empieza un día después, sale una menos que de las "
            "ventas.",
            swap=(("len(scaled) - width)", "len(scaled) - width + 1)"),),
        ),
        Mistake(
            "El calendario sale repetido en todos los pasos: en cada uno va el del día siguiente a ese.",
            code=_CALENDAR + "    windows = []\n"
            "    for start in range(len(scaled) - width):\n"
            "        own = np.repeat(calendar[start + width][None], width, axis=0)\n"
            "        windows.append(np.column_stack([scaled[start : start + width], own]))\n"
            "    return np.stack(windows)",
        ),
    ),
    variants=(
        _CALENDAR + "    windows = []\n"
        "    for day in range(width, len(scaled)):\n"
        "        past = scaled[day - width : day]\n"
        "        known = calendar[day - width + 1 : day + 1]\n"
        "        windows.append(np.concatenate([past[:, None], known], axis=1))\n"
        "    return np.array(windows)",
        _CALENDAR + "    steps = np.c_[scaled, np.roll(calendar, -1, axis=0)][:-1]\n"
        "    views = np.lib.stride_tricks.sliding_window_view(steps, width, axis=0)\n"
        "    return views.transpose(0, 2, 1).tolist()",
    ),
    equivalent={
        "línea 5: «np.stack([steps[start : start + width] for start in starts])» → "
        "«[steps[start:start + width] for start in starts]»": (
            "una lista de ventanas vale como array"
        ),
    },
    draw=_draw_calendar,
    mutates=(
        _CALENDAR + "    calendar[:-1] = calendar[1:].copy()\n"
        "    steps = np.column_stack([scaled[:-1], calendar[:-1]])\n"
        "    starts = range(len(scaled) - width)\n"
        "    return np.stack([steps[start : start + width] for start in starts])"
    ),
)


# ---------------------------------------------------------------- 25.3


def _draw_errors(rng: np.random.Generator) -> tuple:
    """Errores de dos modelos con las mismas semillas: suben y bajan en parte a la vez."""
    runs = int(rng.integers(3, 9))
    shared = rng.normal(size=runs)
    one, other = (rng.uniform(30, 40) + shared + rng.normal(size=runs) for _ in range(2))
    return one, other


def _statistics_names() -> dict[str, Any]:
    from scipy import stats

    return {"stats": stats}


_PAIRED = "def paired_difference(one, other):\n"

PAIRED = Exercise(
    key="25.3",
    title="¿Cuánto difieren dos modelos, y con qué margen?",
    stars=2,
    hints=(
        "Resta primero, pareja a pareja: queda una lista de diferencias. La media y la desviación "
        "típica que hacen falta son las de esa lista.",
        "El margen es `t * s / raíz(n)`. Para `s`, `std` con `ddof=1`, que divide entre n - 1; para "
        "`t`, el cuantil 0.975 con n - 1 grados de libertad.",
    ),
    mistakes=(
        Mistake(
            "La desviación divide entre n: con tan pocas parejas se queda corta. Falta `ddof=1`.",
            swap=(("std(ddof=1)", "std()"),),
        ),
        Mistake(
            "Falta dividir entre la raíz de n: eso es lo que varía una pareja, no la media de todas.",
            swap=((" / np.sqrt(len(gaps))", ""),),
        ),
        Mistake(
            "Se divide entre la raíz de n, no entre n.",
            swap=(("np.sqrt(len(gaps))", "len(gaps)"),),
        ),
        Mistake(
            "El 1.96 vale con muchas parejas. Con tan pocas hace falta la t de Student, que es mayor.",
            swap=(("stats.t.ppf(0.975, len(gaps) - 1)", "1.96"),),
        ),
        Mistake(
            "Un margen del 95 % deja un 2.5 % por cada lado: el cuantil es 0.975.",
            swap=(("0.975", "0.95"),),
        ),
        Mistake(
            "Los grados de libertad son n - 1.",
            swap=(("len(gaps) - 1", "len(gaps)"),),
        ),
        Mistake(
            "El signo está al revés: es el primero menos el segundo.",
            swap=(("one - other", "other - one"),),
        ),
        Mistake(
            "Has quitado el signo de cada diferencia: así nunca se compensan.",
            swap=(("gaps = one - other", "gaps = np.abs(one - other)"),),
        ),
        Mistake(
            "Sumas las dispersiones de los dos modelos por separado: hay que restar antes, pareja a "
            "pareja.",
            code=_PAIRED
            + "    spread = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / len(one))\n"
            "    return one.mean() - other.mean(), stats.t.ppf(0.975, len(one) - 1) * spread",
        ),
        Mistake(
            "Devuelves el margen primero: va detrás de la diferencia.",
            code=_PAIRED + "    gaps = one - other\n"
            "    margin = stats.t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps))\n"
            "    return margin, gaps.mean()",
        ),
    ),
    variants=(
        _PAIRED + "    result = stats.ttest_rel(one, other)\n"
        "    interval = result.confidence_interval(0.95)\n"
        "    return [(interval.low + interval.high) / 2, (interval.high - interval.low) / 2]",
        _PAIRED + "    gaps = [a - b for a, b in zip(one, other)]\n"
        "    n = len(gaps)\n"
        "    mean = sum(gaps) / n\n"
        "    error = (sum((gap - mean) ** 2 for gap in gaps) / (n - 1) / n) ** 0.5\n"
        "    return float(mean), float(-error * stats.t.ppf(0.025, n - 1))",
    ),
    draw=_draw_errors,
    namespace=_statistics_names,
    mutates=(
        _PAIRED + "    one -= other\n"
        "    margin = stats.t.ppf(0.975, len(one) - 1) * one.std(ddof=1) / np.sqrt(len(one))\n"
        "    return one.mean(), margin"
    ),
)


# ---------------------------------------------------------------- 25.4

FAULTS = {2: "A", 6: "B", 10: "C", 12: "D"}
LINES = 14
CAUSES = "ABCDEFGHI"


def _diagnosis(answer: Callable[[], Any]) -> tuple:
    """Lo primero que hay que decirle a quien audita: qué tiene mal o cuánto le falta."""
    found = answer()
    if not isinstance(found, Mapping):
        return ("se esperaba un diccionario de líneas y causas",)
    pairs = {}
    for line, cause in found.items():
        if not str(line).isdigit() or not 1 <= int(line) <= LINES:
            return (f"no hay ninguna línea {line!r}; van de la 1 a la {LINES}",)
        pairs[int(line)] = str(cause).strip().upper()
    for line, cause in pairs.items():
        if len(cause) != 1 or cause not in CAUSES:
            return (f"la causa de la línea {line} debe ser una letra entre la A y la I",)
    innocent = sorted(set(pairs) - set(FAULTS))
    if innocent:
        return ("inocente", innocent[0])
    wrong = sorted(line for line, cause in pairs.items() if cause != FAULTS[line])
    if wrong:
        return ("causa", wrong[0], pairs[wrong[0]])
    return ("faltan", len(FAULTS) - len(pairs))


def _audit_fault(received: tuple, expected: tuple) -> str | None:
    """Qué se le dice, sin señalar ninguna línea que no haya señalado ya."""
    if received == expected:
        return None
    kind, *details = received
    if kind == "inocente":
        return f"la línea {details[0]} no es un fallo"
    if kind == "causa":
        return f"en la línea {details[0]} hay un fallo, pero la causa no es la {details[1]}"
    if kind == "faltan":
        if details[0] == len(FAULTS):
            return "no has señalado ninguna línea"
        left = "te falta 1" if details[0] == 1 else f"te faltan {details[0]}"
        return f"lo que señalas está bien, pero quedan fallos: {left}"
    return kind


def _audit(pairs: str) -> str:
    return f"def audit():\n    return {{{pairs}}}"


AUDIT = Exercise(
    key="25.4",
    title="Audita un cuaderno: en qué líneas falla y por qué.",
    stars=3,
    hints=(
        "Sigue dos preguntas por el cuaderno. ¿Qué números de los días de prueba intervienen antes del "
        "examen? Y, con una rampa 0, 1, 2… en lugar de las ventas, ¿cuánto vale cada objetivo y cuánto "
        "el último paso de su ventana?",
        "Hay un fallo al escalar, uno al cortar las ventanas, uno al entrenar y uno al elegir qué se "
        "publica. Barajar los ejemplos de entrenamiento no cambia lo que hay dentro de ninguno, y la "
        "ventana de un día de prueba puede mirar cualquier día anterior.",
    ),
    mistakes=(
        Mistake(
            "Ordenar por fecha es lo que hay que hacer antes de cortar ventanas.",
            code=_audit("1: 'F', 2: 'A', 6: 'B', 10: 'C', 12: 'D'"),
        ),
        Mistake(
            "Escalar toda la serie está bien si la escala sale solo del entrenamiento: mira dónde se "
            "calcula, no dónde se aplica.",
            code=_audit("3: 'A', 6: 'B', 10: 'C', 12: 'D'"),
        ),
        Mistake(
            "La ventana tiene los 28 días anteriores a su objetivo: con una rampa se ve que ahí no está "
            "el error.",
            code=_audit("2: 'A', 5: 'B', 10: 'C', 12: 'D'"),
        ),
        Mistake(
            "El corte es cronológico y con horizonte 1 no hace falta dejar hueco. Que las primeras "
            "ventanas de prueba miren días del entrenamiento no es una fuga: ese pasado ya se conocía.",
            code=_audit("2: 'A', 6: 'B', 7: 'E', 10: 'C', 12: 'D'"),
        ),
        Mistake(
            "Para muchos a uno, la capa debe dar solo su último estado, que es lo que hace por omisión.",
            code=_audit("2: 'A', 6: 'B', 8: 'I', 10: 'C', 12: 'D'"),
        ),
        Mistake(
            "Quedarse con los mejores pesos está bien: lo que importa es con qué datos se decide cuáles "
            "son, y eso no está en esta línea.",
            code=_audit("2: 'A', 6: 'B', 9: 'C', 12: 'D'"),
        ),
        Mistake(
            "En esta línea el problema no es barajar: cada ventana lleva dentro su propio orden. Mira "
            "qué más recibe `fit`.",
            code=_audit("2: 'A', 6: 'B', 10: 'F', 12: 'D'"),
        ),
        Mistake(
            "El error está en unidades: lo escalado se multiplica por lo que mide la escala.",
            code=_audit("2: 'A', 6: 'B', 10: 'C', 11: 'G', 12: 'D'"),
        ),
        Mistake(
            "Arreglada la 6, la referencia repite el día de la semana anterior en los días de la prueba, y se "
            "mide en unidades: es la que debe ser.",
            code=_audit("2: 'A', 6: 'B', 10: 'C', 12: 'D', 13: 'H'"),
        ),
        Mistake(
            "Piensa en qué momento del entrenamiento interviene la prueba.",
            code=_audit("2: 'A', 6: 'B', 10: 'E', 12: 'D'"),
        ),
        Mistake(
            "Tres no son todos. Repasa con la rampa de la lección 11.",
            code=_audit("2: 'A', 10: 'C', 12: 'D'"),
        ),
        Mistake(
            "La escala es el fallo más conocido, y no el único: sigue leyendo.",
            code=_audit("2: 'A'"),
        ),
        Mistake(
            "Se pide un diccionario que a cada línea le dé su letra.",
            code="def audit():\n    return [2, 6, 10, 12]",
        ),
    ),
    variants=(
        "def audit():\n    return {12: 'd', 10: 'c', 6: 'b', 2: 'a'}",
        "def audit():\n    return dict(zip((2, 6, 10, 12), 'ABCD'))",
    ),
    probe=_diagnosis,
    compare=_audit_fault,
)

EXERCISES = (PIPELINE, CALENDAR, PAIRED, AUDIT)

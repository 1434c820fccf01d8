"""Ejercicios de la lección 41: pronóstico honesto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes
from course_utils.exercises.line_audit import line_audit

# ---------------------------------------------------------------- 41.1


def _draw_cuts(rng: np.random.Generator) -> tuple:
    """Tamaños todos distintos, y una serie que no acaba donde caiga."""
    horizon, origins, step = draw_sizes(rng, 3)
    return horizon + (origins - 1) * step + int(rng.integers(9, 16)), horizon, origins, step


def _named_cuts(answer: Callable[..., Any], count: int, *sizes: int) -> dict[str, Any] | None:
    """Los lugares de cada corte, cada cosa con su nombre."""
    cuts = answer(count, *sizes)
    if cuts is None or (isinstance(cuts, list) and not cuts):
        return None
    places, named = np.arange(count), {}
    for number, pair in enumerate(cuts, start=1):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                "se esperaba una lista de parejas (entrenamiento, plazo), y la "
                f"{number} es {pair!r}"
            )
        for name, part in zip(("entrenamiento", "plazo"), pair, strict=True):
            chosen = part if isinstance(part, slice) else np.asarray(part)
            named[f"{name} del corte {number}"] = places[chosen]
    return {"número de cortes": number, "lugares": named}


CUTS = Exercise(
    key="41.1",
    draw=_draw_cuts,
    edges=((10, 2, 3, 2), (7, 3, 1, 2), (9, 2, 4, 1), (20, 2, 3, 5), (6, 5, 1, 3)),
    probe=_named_cuts,
)


# ---------------------------------------------------------------- 41.2


def _draw_sample(rng: np.random.Generator) -> tuple:
    """Un número impar de días, como en los casos fijos: así la mediana es una sola."""
    return (rng.lognormal(3, rng.uniform(0.6, 1.1), size=2 * int(rng.integers(4, 8)) + 1),)


def _edge_samples() -> tuple[tuple, ...]:
    """Un solo día, dos iguales, números redondos, una venta que se repite, y un día enorme."""
    rng = np.random.default_rng(4102)
    huge = rng.lognormal(2, 0.5, size=11)
    huge[4] = 900.0
    simple = ([7.5], [4.0, 4.0, 9.0], [40.0, 3.0, 12.0, 5.0, 8.0], [9.0, 4.0, 9.0, 9.0, 9.0])
    return *((np.array(days),) for days in simple), (huge,)


def _reached(answer: Callable[..., Any], sample: np.ndarray) -> dict[str, float] | None:
    """El MAPE que consigue: puede haber más de un pronóstico que dé el menor."""
    guess = answer(sample)
    if guess is None:
        return None
    if np.ndim(guess) != 0:
        raise TypeError(f"se esperaba un solo número y ha llegado algo de forma {np.shape(guess)}")
    return {"MAPE que consigue": float(np.mean(np.abs(sample - float(guess)) / sample))}


BEST = Exercise(
    key="41.2",
    draw=_draw_sample,
    edges=_edge_samples(),
    probe=_reached,
)


# ---------------------------------------------------------------- 41.3


def _draw_gaps(rng: np.random.Generator) -> tuple:
    """Diferencias de plazos que se solapan: sumas móviles de un ruido, y su media no es cero."""
    horizon = int(rng.integers(2, 7))
    while True:
        count = int(rng.integers(31, 48))
        noise = rng.normal(size=count + horizon - 1)
        gaps = rng.uniform(-0.9, 0.9) + np.convolve(noise, np.ones(horizon), "valid")
        if _long_run(gaps, horizon) > 0.5 * gaps.var():
            return gaps, horizon


def _long_run(gaps: np.ndarray, horizon: int) -> float:
    centred, count = gaps - gaps.mean(), len(gaps)
    lags = range(1, horizon)
    return float(centred @ centred + 2 * sum(centred[k:] @ centred[:-k] for k in lags)) / count


def _edge_gaps() -> tuple[tuple, ...]:
    """Sin solape, con números enteros y con muy pocos orígenes."""
    rng = np.random.default_rng(4103)
    return (
        (rng.normal(-0.8, 1.0, size=12), 1),
        (np.array([3.0, 4, 4, 1, 0, -1, 0, 2, 3, 5, 4, 2]), 2),
        (np.repeat(rng.normal(0.2, 1.0, size=5), 3), 3),
    )


def _statistics_names() -> dict[str, Any]:
    from scipy import stats

    return {"stats": stats}


OVERLAP = Exercise(
    key="41.3",
    draw=_draw_gaps,
    edges=_edge_gaps(),
    namespace=_statistics_names,
    tolerance=1e-5,
)


# ---------------------------------------------------------------- 41.4

DIAGNOSIS, FAULT = line_audit(
    {3: "A", 4: "B", 12: "F", 13: "G", 15: "H"}, lines=15, causes="ABCDEFGHI"
)
AUDIT = Exercise(key="41.4", probe=DIAGNOSIS, compare=FAULT)

EXERCISES = (CUTS, BEST, OVERLAP, AUDIT)

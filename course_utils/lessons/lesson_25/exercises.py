"""Ejercicios de la lección 25: ventas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes
from course_utils.exercises.line_audit import line_audit

# ---------------------------------------------------------------- 25.1


def _draw_series(rng: np.random.Generator) -> tuple:
    """Una serie que crece: la media y la desviación del principio no son las de toda."""
    width = draw_sizes(rng, 1)[0]
    cut, rest = int(rng.integers(16, 24)), int(rng.integers(10, 15))
    days = np.arange(cut + rest)
    return 100 + 3.0 * days + 20 * rng.normal(size=len(days)), width, cut


def _short_series() -> tuple[tuple, ...]:
    """Con un solo ejemplo de prueba, uno solo de entrenamiento y números enteros."""
    units = np.array([12, 9, 15, 11, 18, 14, 21, 16, 25, 19])
    return (units / 2, 3, 9), (units / 2, 4, 5), (units, 1, 6)


def _window_names() -> dict[str, Any]:
    from course_utils.sequences import make_windows

    return {"make_windows": make_windows}


def _named_pairs(answer: Callable[..., Any], *args: Any) -> dict[str, Any] | None:
    """Lo que devuelve, cada cosa con su nombre: así el mensaje dice cuál falla."""
    returned = answer(*args)
    if returned is None:
        return None
    pairs = list(returned) if isinstance(returned, tuple | list) else []
    kinds = tuple | list | np.ndarray
    if [len(pair) if isinstance(pair, kinds) else 0 for pair in pairs] != [2, 2, 2]:
        raise TypeError(
            "se esperaban tres parejas, cada una entre paréntesis: (ventanas, objetivos) de "
            "entrenamiento, (ventanas, objetivos) de prueba y (media, desviación). Han llegado "
            f"{len(pairs)} cosas"
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


PIPELINE = Exercise(
    key="25.1",
    draw=_draw_series,
    edges=_short_series(),
    probe=_named_pairs,
    namespace=_window_names,
    tolerance=1e-5,
)


# ---------------------------------------------------------------- 25.2


def _draw_calendar(rng: np.random.Generator) -> tuple:
    width, columns = draw_sizes(rng, 2)
    days = width + int(rng.integers(9, 14))
    return rng.normal(size=days), rng.normal(size=(days, columns)), width


def _calendars() -> tuple[tuple, ...]:
    """Calendarios de sí y no, de enteros y de una columna, y una serie con una sola ventana."""
    rng = np.random.default_rng(2502)
    flags = rng.random((9, 4)) < 0.5
    return (
        (rng.normal(size=9), flags, 3),
        (rng.normal(size=9), flags.astype(int) * 3, 2),
        (rng.normal(size=6), rng.normal(size=(6, 1)), 5),
        (rng.normal(size=5), flags[:5, :2].astype(float), 1),
    )


CALENDAR = Exercise(key="25.2", draw=_draw_calendar, edges=_calendars())


# ---------------------------------------------------------------- 25.3


def _draw_errors(rng: np.random.Generator) -> tuple:
    """Errores de dos modelos que no varían lo mismo ni se han entrenado las mismas veces."""
    runs = draw_sizes(rng, 2, range(3, 9))
    return tuple(
        rng.uniform(30, 40) + spread * rng.normal(size=size)
        for size, spread in zip(runs, (3.0, 1.0), strict=True)
    )


def _statistics_names() -> dict[str, Any]:
    from scipy import stats

    return {"stats": stats}


# En precisión simple, la varianza de errores de unas 40 unidades se equivoca en unas millonésimas:
# con esta tolerancia se acepta siempre, y los errores de verdad son mayores.
DIFFERENCE = Exercise(
    key="25.3",
    draw=_draw_errors,
    edges=((np.array([33.0, 35.5]), np.array([36.0, 34.0, 34.5])),),
    namespace=_statistics_names,
    tolerance=1e-4,
)


# ---------------------------------------------------------------- 25.4

DIAGNOSIS, FAULT = line_audit({2: "A", 6: "B", 10: "C", 12: "D"}, lines=14, causes="ABCDEFGHI")
AUDIT = Exercise(key="25.4", probe=DIAGNOSIS, compare=FAULT)

EXERCISES = (PIPELINE, CALENDAR, DIFFERENCE, AUDIT)

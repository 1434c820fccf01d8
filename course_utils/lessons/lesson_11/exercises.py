"""Ejercicios de la lección 11: secuencias."""

from __future__ import annotations

from functools import partial

import numpy as np

from course_utils.exercises.definition import Exercise


def _draw_windows(rng: np.random.Generator) -> tuple:
    width, horizon = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    return rng.normal(size=width + horizon + int(rng.integers(4, 9))), width, horizon


# Dos series del mismo tamaño, una con un solo ejemplo y otra con ventanas de un valor.
WINDOWS = Exercise(
    key="11.1",
    draw=_draw_windows,
    edges=(
        (np.arange(8.0), 3),
        (np.array([2.0, 7.0, 1.0, 8.0, 3.0, 6.0, 4.0, 5.0]), 3),
        (np.array([3.0, 1.0, 4.0, 2.0, 5.0]), 3, 2),
        (np.square(np.arange(12.0)), 1, 7),
    ),
)


def _draw_mase(rng: np.random.Generator) -> tuple:
    size, length = int(rng.integers(9, 15)), int(rng.integers(20, 30))
    actual, forecast = rng.normal(size=(2, size)) * 10
    return actual, forecast, rng.normal(size=length).cumsum(), int(rng.integers(2, 7))


# Dos casos del mismo tamaño y otro con un solo pronóstico y un periodo largo.
MASE = Exercise(
    key="11.2",
    draw=_draw_mase,
    edges=(
        (np.array([5.0, 6.0]), np.array([5.0, 7.0]), np.array([1.0, 3.0, 5.0, 7.0])),
        (np.array([4.0, 9.0]), np.array([6.0, 6.0]), np.array([2.0, 1.0, 5.0, 3.0])),
        (np.array([8.0]), np.array([3.0]), np.square(np.arange(20.0)) % 13, 12),
    ),
)


def _draw_split(rng: np.random.Generator) -> tuple:
    length, test_size = int(rng.integers(20, 40)), int(rng.integers(3, 9))
    trend = np.linspace(0, rng.uniform(5, 20), length)
    return trend + rng.normal(size=length), test_size


# Dos series del mismo tamaño, con un solo valor de prueba que además se aparta mucho.
SPLIT = Exercise(
    key="11.3",
    draw=_draw_split,
    edges=(
        (np.array([2.0, 4.0, 3.0, 1.0, 5.0, 40.0]), 1),
        (np.array([6.0, 5.0, 7.0, 6.0, 8.0, -30.0]), 1),
    ),
)


def _cut(series: np.ndarray, width: int, *, shift: int, late: int, trim: int) -> tuple:
    """Función de ventanas con el objetivo a ``shift`` pasos; empieza ``late`` pasos tarde.

    Más tarde, si hace falta para que el primer objetivo esté dentro de la serie.
    """
    late = max(late, -width - shift)
    first = late + width + shift
    count = len(series) - max(late + width - 1, first) - trim
    inputs = np.array([series[start : start + width] for start in range(late, late + count)])
    return inputs, series[first : first + count]


def _draw_shift(rng: np.random.Generator) -> tuple:
    shift, late, trim = rng.integers((-5, 0, 0), (6, 4, 3))
    return (partial(_cut, shift=int(shift), late=int(late), trim=int(trim)),)


# El primero es el que más serie necesita: una rampa que le basta vale en todos.
SHIFT = Exercise(
    key="11.4",
    draw=_draw_shift,
    draws=8,
    edges=((partial(_cut, shift=5, late=3, trim=2),), (partial(_cut, shift=-5, late=0, trim=0),)),
)

EXERCISES = (WINDOWS, MASE, SPLIT, SHIFT)

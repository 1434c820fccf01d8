"""Ejercicios de la lección 11: secuencias."""

from __future__ import annotations

from functools import partial

import numpy as np

from course_utils.exercises.definition import Exercise


def _draw_windows(rng: np.random.Generator) -> tuple:
    width, horizon = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    return rng.normal(size=width + horizon + int(rng.integers(4, 9))), width, horizon


WINDOWS = Exercise(key="11.1", draw=_draw_windows, edges=((np.arange(8.0), 3),))


def _draw_mase(rng: np.random.Generator) -> tuple:
    size, length = int(rng.integers(9, 15)), int(rng.integers(20, 30))
    actual, forecast = rng.normal(size=(2, size)) * 10
    return actual, forecast, rng.normal(size=length).cumsum(), int(rng.integers(2, 7))


MASE = Exercise(
    key="11.2",
    draw=_draw_mase,
    edges=((np.array([5.0, 6.0]), np.array([5.0, 7.0]), np.array([1.0, 3.0, 5.0, 7.0])),),
)


def _draw_split(rng: np.random.Generator) -> tuple:
    length, test_size = int(rng.integers(20, 40)), int(rng.integers(3, 9))
    trend = np.linspace(0, rng.uniform(5, 20), length)
    return trend + rng.normal(size=length), test_size


SPLIT = Exercise(key="11.3", draw=_draw_split)


def _cut(series: np.ndarray, width: int, *, shift: int, late: int, trim: int) -> tuple:
    """Función de ventanas con el objetivo a ``shift`` pasos; empieza ``late`` pasos tarde."""
    first = late + width + shift
    count = len(series) - max(late + width - 1, first) - trim
    inputs = np.array([series[start : start + width] for start in range(late, late + count)])
    return inputs, series[first : first + count]


def _draw_shift(rng: np.random.Generator) -> tuple:
    shift, late, trim = rng.integers((-3, 0, 0), (4, 4, 3))
    return (partial(_cut, shift=int(shift), late=int(late), trim=int(trim)),)


SHIFT = Exercise(key="11.4", draw=_draw_shift, draws=8)

EXERCISES = (WINDOWS, MASE, SPLIT, SHIFT)

"""Ejercicio de la lección 00: empieza aquí."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.definition import Exercise


def _draw_series(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=int(rng.integers(5, 12))),)


PERSISTENCE = Exercise(
    key="00.1",
    draw=_draw_series,
    edges=((np.array([4.0, 9.0, 2.0, 6.0, 5.0]),), (np.array([7.0]),)),
)

EXERCISES = (PERSISTENCE,)

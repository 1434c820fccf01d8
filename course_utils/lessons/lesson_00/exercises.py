"""Ejercicio de la lección 00: empieza aquí."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Empieza aquí"


def _draw_series(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=int(rng.integers(5, 12))),)


PERSISTENCE = Exercise(
    key="00.1",
    title="Devuelve el último valor de la serie.",
    stars=1,
    hints=(
        "En Python se puede contar desde el final: el índice del último elemento es -1.",
        "Es una sola línea: `return`, el nombre de la serie y, entre corchetes, el índice.",
    ),
    mistakes=(
        Mistake(
            "Ese es el primer valor, el más antiguo: se pide el último.",
            swap=(("series[-1]", "series[0]"),),
        ),
        Mistake("Ese es el penúltimo: el último tiene el índice -1.", swap=(("[-1]", "[-2]"),)),
        Mistake(
            "Eso es la media de la serie; la persistencia solo mira el último valor.",
            swap=(("series[-1]", "series.mean()"),),
        ),
        Mistake(
            "Devuelves la serie entera: basta con su último valor.",
            swap=(("series[-1]", "series"),),
        ),
        Mistake(
            "Eso es el último valor dentro de otra cosa: devuelve el número, sin dos puntos, corchetes "
            "ni coma de más.",
            swap=(("series[-1]", "series[-1:]"),),
        ),
    ),
    variants=(
        "def persistence_forecast(series):\n    return series[len(series) - 1]",
        "def persistence_forecast(series):\n    return float(list(series).pop())",
    ),
    draw=_draw_series,
    mutates=("def persistence_forecast(series):\n    series.sort()\n    return series[-1]"),
)

EXERCISES = (PERSISTENCE,)

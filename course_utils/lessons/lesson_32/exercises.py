"""Ejercicios de la lección 32: cómo se sortean sus casos y qué se mira."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes
from course_utils.text import build_vocabulary

WORDS = "bueno malo no es muy caro sopa hotel libro lento gran año".split()


def _draw_texts(rng: np.random.Generator, count: int, longest: int) -> list[list[str]]:
    """Textos de longitudes distintas, con palabras repetidas."""
    lengths = rng.permutation(np.arange(2, longest + 2))[:count]
    return [[str(word) for word in rng.choice(WORDS, n)] for n in lengths]


# --- 32.1 -----------------------------------------------------------------------------------------


def _draw_bag(rng: np.random.Generator) -> tuple:
    """Textos con palabras repetidas, unas con columna y otras sin ella, y columnas sin orden."""
    count, known = draw_sizes(rng, 2, range(3, 8))
    places = rng.permutation(known).tolist()
    columns = dict(zip(rng.permutation(WORDS)[:known].tolist(), places, strict=True))
    repeated = next(iter(columns))
    return [*_draw_texts(rng, count, 9), [repeated] * 3], columns


BAG = Exercise(
    key="32.1",
    draw=_draw_bag,
    edges=(
        ([["muy", "muy", "malo"], []], {"malo": 1, "caro": 0, "muy": 2}),
        ([["otra"]], {"malo": 0}),
    ),
)

# --- 32.2 -----------------------------------------------------------------------------------------


def _draw_states(rng: np.random.Generator) -> tuple:
    """Estados negativos muchos de ellos, y en el relleno, números que se notan."""
    batch, hidden = draw_sizes(rng, 2)
    steps = int(rng.integers(9, 14))
    lengths = rng.integers(1, steps + 1, size=batch)
    lengths[0] = steps
    states = rng.normal(size=(batch, steps, hidden)) - 1.5
    states[np.arange(steps) >= lengths[:, None]] = 7.0
    return states, lengths


POOL = Exercise(
    key="32.2",
    draw=_draw_states,
    edges=((-np.ones((2, 3, 4)) * np.arange(1, 4)[:, None], np.array([1, 3])),),
)

# --- 32.3 -----------------------------------------------------------------------------------------


class Reader:
    """Un modelo diminuto que lee en orden y no pasa de un número de palabras."""

    def __init__(self, vectors: np.ndarray, decay: float) -> None:
        self.vectors, self.decay = vectors, decay

    def __call__(self, ids: Any) -> np.ndarray:
        """De (lote, palabras) a un logit por fila."""
        if not isinstance(ids, np.ndarray):  # a Keras una lista de listas le son varias entradas
            raise TypeError(
                f"score espera un array (lote, palabras); ha llegado {type(ids).__name__}: "
                "envuélvelo con np.array."
            )
        if ids.ndim != 2:
            raise ValueError(f"score espera (lote, palabras); ha llegado la forma {ids.shape}.")
        state = np.zeros(len(ids))
        for column in ids.T:
            state = np.tanh(self.decay * state + self.vectors[column])
        return 3 * state


def _draw_reader(rng: np.random.Generator) -> tuple:
    size, steps = draw_sizes(rng, 2, range(4, 11))
    reader = Reader(rng.normal(size=size), float(rng.uniform(0.6, 1.2)))
    return reader, rng.integers(0, size, size=steps)


EFFECTS = Exercise(
    key="32.3",
    draw=_draw_reader,
    edges=(
        (Reader(np.array([0.3, -0.9, 0.5]), 0.8), np.array([2, 1])),
        (Reader(np.array([0.3, -0.9, 0.5]), -0.8), np.array([1, 2, 1, 1])),
    ),
)

# --- 32.4 -----------------------------------------------------------------------------------------


def _draw_logits(rng: np.random.Generator) -> tuple:
    """Logits exagerados o tímidos, que aciertan casi siempre."""
    count, steps = int(rng.integers(30, 60)), int(rng.integers(15, 30))
    true = rng.normal(size=count) * 2
    labels = (rng.random(count) < 1 / (1 + np.exp(-true))).astype(int)
    return true * float(rng.choice([0.5, 2.0, 4.0])), labels, np.geomspace(0.2, 9, steps)


TEMPERATURE = Exercise(
    key="32.4",
    draw=_draw_logits,
    draws=8,
    edges=(
        (np.array([800.0, -2.0, 3.0, 1.0]), np.array([1, 0, 0, 1]), np.array([0.5, 1.0, 3.0, 9.0])),
        (np.array([1.0, -1.0]), np.array([1, 0]), np.array([0.5, 2.0])),
        (np.array([0.0, 0.0]), np.array([1, 0]), np.array([2.0, 0.5, 3.0])),
        (np.array([4.0, -4.0]), np.array([0, 1]), np.array([0.5, 2.0])),
        (np.array([400.0, -400.0]), np.array([1, 0]), np.array([0.5, 1.0])),
    ),
)

# --- 32.5 -----------------------------------------------------------------------------------------


def _draw_collection(rng: np.random.Generator) -> tuple:
    """Una colección con casi iguales a los dos lados y textos más largos que el corte."""
    texts = _draw_texts(rng, 12, 13)
    groups = np.arange(12)
    groups[[3, 7, 9]] = 3
    groups[[5, 8]] = 5
    order = rng.permutation(12)
    return texts, groups, order, *draw_sizes(rng, 3, range(3, 8))


def _parts(answer: Callable, *args: Any) -> dict[str, Any] | None:
    """Lo que devuelve, con el vocabulario como lista de piezas."""
    found = answer(*args)
    if found is None:
        return None
    train, test, vocabulary, ids = found
    return {
        "entrenamiento": train,
        "prueba": test,
        "vocabulario": list(vocabulary.pieces),
        "números": [list(map(int, one)) for one in ids],
    }


AUDIT = Exercise(
    key="32.5",
    draw=_draw_collection,
    draws=6,
    edges=(
        (
            [["muy", "malo"], ["malo"], ["caro", "caro"], ["muy", "malo", "no"]],
            np.array([0, 1, 2, 0]),
            np.array([3, 1, 0, 2]),
            1,
            5,
            2,
        ),
    ),
    probe=_parts,
    namespace=lambda: {"build_vocabulary": build_vocabulary},
)

EXERCISES = (BAG, POOL, EFFECTS, TEMPERATURE, AUDIT)

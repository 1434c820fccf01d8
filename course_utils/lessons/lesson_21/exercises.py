"""Ejercicios de la lección 21: la celda LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.cells import LSTMWeights, init_lstm, lstm_forward, sigmoid
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes


def reorder(weights: tuple, order: Sequence[int]) -> LSTMWeights:
    """Cambia de sitio los cuatro bloques, como en la lección."""
    blocks = [np.split(part, 4, axis=-1) for part in weights]
    return LSTMWeights(*(np.concatenate([four[k] for k in order], axis=-1) for four in blocks))


# Sin el 4, que es también el número de bloques.
SIZES = (2, 3, 5, 6, 7)


def _weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> LSTMWeights:
    """Pesos y sesgos al azar, sin ninguno a cero."""
    drawn = init_lstm(input_size, hidden_size, rng=rng)
    return LSTMWeights(
        2 * drawn.input, 1.5 * drawn.hidden, drawn.bias + rng.normal(size=drawn.bias.shape)
    )


# ---------------------------------------------------------------- 21.1


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = draw_sizes(rng, 3, SIZES)
    x = rng.normal(size=(batch, input_size))
    h = rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, 2 * rng.normal(size=(batch, hidden_size)), _weights(rng, input_size, hidden_size)


STEP = Exercise(
    key="21.1", draw=_draw_step, namespace=lambda: {"sigmoid": sigmoid, "LSTMWeights": LSTMWeights}
)


# ---------------------------------------------------------------- 21.2


def _draw_sizes(rng: np.random.Generator) -> tuple:
    return tuple(draw_sizes(rng, 2, range(1, 60)))


COUNT = Exercise(key="21.2", draw=_draw_sizes, edges=((3, 7),))


# ---------------------------------------------------------------- 21.3


def _draw_forget(rng: np.random.Generator) -> tuple:
    """Compuertas que cambian mucho de un paso a otro: así no da igual qué media se haga."""
    timesteps, hidden_size = int(rng.integers(9, 16)), draw_sizes(rng, 1, SIZES)[0]
    return (sigmoid(rng.normal(1.5, 2.0, size=(timesteps, hidden_size))),)


LIFE = Exercise(key="21.3", draw=_draw_forget)


# ---------------------------------------------------------------- 21.4


def _draw_mixed(rng: np.random.Generator) -> tuple:
    """Pesos con los bloques en un orden cualquiera, una entrada y los estados que deben salir."""
    batch, input_size, hidden_size = draw_sizes(rng, 3, SIZES)
    weights = _weights(rng, input_size, hidden_size)
    x = rng.normal(size=(batch, int(rng.integers(9, 13)), input_size))
    # Con menos cifras, como en un archivo.
    states = lstm_forward(x, weights).states.astype("float32")
    return reorder(weights, rng.permutation(4)), x, states


def _parts(answer: Any, *args: Any) -> Any:
    """Los tres arrays; la lección los usa por su nombre, así que una lista no sirve."""
    returned = answer(*args)
    if isinstance(returned, list):
        raise TypeError("se esperaba un LSTMWeights y ha llegado una lista: LSTMWeights(*lista)")
    return tuple(returned) if isinstance(returned, tuple) else returned


MEND = Exercise(
    key="21.4",
    draw=_draw_mixed,
    draws=5,
    probe=_parts,
    namespace=lambda: {
        "permutations": permutations,
        "reorder": reorder,
        "lstm_forward": lstm_forward,
        "LSTMWeights": LSTMWeights,
    },
)

EXERCISES = (STEP, COUNT, LIFE, MEND)

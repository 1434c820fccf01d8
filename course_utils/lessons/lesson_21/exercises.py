"""Ejercicios de la lección 21: la celda LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

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


def _step(rng: np.random.Generator, batch: int, input_size: int, hidden_size: int) -> tuple:
    x = rng.normal(size=(batch, input_size))
    h = rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, 2 * rng.normal(size=(batch, hidden_size)), _weights(rng, input_size, hidden_size)


def _step_edges() -> tuple[tuple, ...]:
    """Otros pesos de las mismas formas, y una sola secuencia y una sola unidad, como al cablear."""
    rng = np.random.default_rng(2101)
    sizes = ((3, 5, 2), (3, 5, 2), (1, 3, 2), (2, 3, 1), (1, 1, 1))
    return tuple(_step(rng, *each) for each in sizes)


STEP = Exercise(
    key="21.1",
    draw=lambda rng: _step(rng, *draw_sizes(rng, 3, SIZES)),
    edges=_step_edges(),
    namespace=lambda: {"sigmoid": sigmoid, "LSTMWeights": LSTMWeights},
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 21.2


def _draw_sizes(rng: np.random.Generator) -> tuple:
    return tuple(draw_sizes(rng, 2, range(1, 60)))


COUNT = Exercise(key="21.2", draw=_draw_sizes, edges=((3, 7), (1, 1)))


# ---------------------------------------------------------------- 21.3


def _gates(rng: np.random.Generator, timesteps: int, hidden_size: int) -> tuple:
    """Compuertas que cambian mucho de un paso a otro: así no da igual qué media se haga."""
    return (sigmoid(rng.normal(1.5, 2.0, size=(timesteps, hidden_size))),)


def _draw_forget(rng: np.random.Generator) -> tuple:
    return _gates(rng, int(rng.integers(9, 16)), draw_sizes(rng, 1, SIZES)[0])


def _forget_edges() -> tuple[tuple, ...]:
    """Una unidad, un paso, un recorrido cuyo producto ya es cero y uno como los de Keras."""
    rng = np.random.default_rng(2103)
    few = (_gates(rng, *sizes) for sizes in ((12, 3), (12, 1), (1, 3), (2_500, 3)))
    return (*few, (sigmoid(rng.normal(5.0, 1.2, size=(9_000, 1))).astype("float32"),))


# La tolerancia es la de sumar con precisión simple.
LIFE = Exercise(key="21.3", draw=_draw_forget, edges=_forget_edges(), tolerance=1e-4)


# ---------------------------------------------------------------- 21.4


def _mixed(
    rng: np.random.Generator, sizes: Sequence[int], order: Sequence[int], *, alike: bool = False
) -> tuple:
    """Pesos con los bloques en ese orden, una entrada y los estados que deben salir.

    Con ``alike``, los cuatro bloques se parecen: hay que comparar con cuidado.
    """
    batch, timesteps, input_size, hidden_size = sizes
    weights = _weights(rng, input_size, hidden_size)
    if alike:
        blocks = (np.split(part, 4, axis=-1) for part in weights)
        weights = LSTMWeights(
            *(np.concatenate([four[0] + 0.02 * one for one in four], axis=-1) for four in blocks)
        )
    x = rng.normal(size=(batch, timesteps, input_size))
    # Con menos cifras, como en un archivo.
    states = lstm_forward(x, weights).states.astype("float32")
    return reorder(weights, order), x, states


def _draw_mixed(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = draw_sizes(rng, 3, SIZES)
    sizes = batch, int(rng.integers(9, 13)), input_size, hidden_size
    return _mixed(rng, sizes, rng.permutation(4))


def _mixed_edges() -> tuple[tuple, ...]:
    """Los bloques ya en orden y en el de la lección; una secuencia, una unidad; muchos números."""
    rng = np.random.default_rng(2104)
    return (
        _mixed(rng, (3, 10, 5, 2), (0, 1, 2, 3)),
        _mixed(rng, (3, 10, 5, 2), (0, 1, 3, 2)),
        _mixed(rng, (1, 10, 3, 1), (3, 0, 1, 2)),
        _mixed(rng, (7, 60, 3, 6), (2, 3, 0, 1)),
        _mixed(rng, (5, 12, 3, 6), (1, 3, 2, 0), alike=True),
    )


MEND = Exercise(
    key="21.4",
    draw=_draw_mixed,
    edges=_mixed_edges(),
    namespace=lambda: {
        "permutations": permutations,
        "reorder": reorder,
        "lstm_forward": lstm_forward,
        "LSTMWeights": LSTMWeights,
    },
)

EXERCISES = (STEP, COUNT, LIFE, MEND)

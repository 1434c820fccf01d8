"""Ejercicios de la lección 13: retropropagación a través del tiempo."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils import cells
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, draw_timesteps


def _weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> cells.RNNWeights:
    weights = cells.init_rnn(input_size, hidden_size, rng=rng)
    return weights._replace(bias=0.3 * rng.normal(size=hidden_size))


def _lesson_names() -> dict[str, Any]:
    return {
        "RNNWeights": cells.RNNWeights,
        "rnn_forward": cells.rnn_forward,
        "chunk_gradient": _chunk_gradient,
    }


def _chunk_gradient(
    x: np.ndarray,
    targets: np.ndarray,
    weights: cells.RNNWeights,
    readout: np.ndarray,
    h_0: np.ndarray,
) -> tuple[cells.RNNWeights, np.ndarray]:
    """La función de la lección, con las celdas del curso."""
    run = cells.rnn_forward(x, weights, h0=h_0)
    grad_states = 2 * (run.states @ readout - targets) @ readout.T
    return cells.rnn_backward(run, weights, grad_states).weights, run.states[:, -1]


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = draw_sizes(rng, 3, range(2, 8))
    states = rng.uniform(-0.9, 0.9, size=(2, batch, hidden_size))
    grad_h, x = rng.normal(size=(batch, hidden_size)), rng.normal(size=(batch, input_size))
    return grad_h, x, *states, _weights(rng, input_size, hidden_size)


STEP = Exercise(key="13.1", draw=_draw_step, namespace=_lesson_names)


def _quadratic(array: np.ndarray) -> float:
    """Una función con derivadas distintas en cada elemento y términos cruzados."""
    ramp = np.arange(1.0, array.size + 1).reshape(array.shape)
    return float(np.sum(ramp * array**3) + np.sum(array) ** 2 + array.flat[0] * array.flat[-1])


def _draw_function(rng: np.random.Generator) -> tuple:
    shape = [(3,), (2, 4), (4, 3), (2, 3, 5)][int(rng.integers(4))]
    return _quadratic, rng.normal(size=shape)


NUMERIC = Exercise(key="13.2", draw=_draw_function, tolerance=1e-5)


def _draw_backward(rng: np.random.Generator) -> tuple:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe."""
    batch, input_size, hidden_size = draw_sizes(rng, 3, range(2, 8))
    timesteps = draw_timesteps(rng)
    weights = _weights(rng, input_size, hidden_size)
    x = rng.normal(size=(batch, timesteps, input_size))
    states = cells.rnn_forward(x, weights).states.copy()
    return x, states, weights, rng.normal(size=states.shape)


MEND = Exercise(key="13.3", draw=_draw_backward, namespace=_lesson_names)


def _draw_truncated(rng: np.random.Generator) -> tuple:
    """Secuencias que no son múltiplo de la longitud del tramo."""
    batch, input_size, hidden_size = draw_sizes(rng, 3, range(2, 8))
    timesteps, length = [(11, 4), (13, 5), (10, 3), (9, 2)][int(rng.integers(4))]
    x = rng.normal(size=(batch, timesteps, input_size))
    targets, readout = rng.normal(size=(batch, timesteps, 1)), rng.normal(size=(hidden_size, 1))
    return x, targets, _weights(rng, input_size, hidden_size), readout, length


TRUNCATED = Exercise(key="13.4", draw=_draw_truncated, namespace=_lesson_names)

EXERCISES = (STEP, NUMERIC, MEND, TRUNCATED)

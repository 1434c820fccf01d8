"""Ejercicios de la lección 13: retropropagación a través del tiempo."""

from __future__ import annotations

from functools import partial
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
        "chunk_gradient": chunk_gradient,
    }


def chunk_gradient(
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


def _step_case(
    rng: np.random.Generator, batch: int, input_size: int, hidden_size: int, *, scale: float = 1.0
) -> tuple:
    states = rng.uniform(-0.9, 0.9, size=(2, batch, hidden_size))
    grad_h = scale * rng.normal(size=(batch, hidden_size))
    x = rng.normal(size=(batch, input_size))
    return grad_h, x, *states, _weights(rng, input_size, hidden_size)


def _draw_step(rng: np.random.Generator) -> tuple:
    return _step_case(rng, *draw_sizes(rng, 3, range(2, 8)))


# Dos casos con las mismas formas, uno con gradientes grandes; una secuencia; una unidad.
STEP = Exercise(
    key="13.1",
    draw=_draw_step,
    edges=(
        _step_case(np.random.default_rng(0), 2, 4, 3),
        _step_case(np.random.default_rng(1), 2, 4, 3, scale=100.0),
        _step_case(np.random.default_rng(2), 1, 3, 2),
        _step_case(np.random.default_rng(3), 2, 1, 1),
    ),
    namespace=_lesson_names,
)


def _misfit(array: np.ndarray, inputs: np.ndarray, targets: np.ndarray | float) -> float:
    """Una pérdida que necesita la forma del array y cuya derivada depende del empujón."""
    gap = inputs @ array - targets
    return float(np.sum(gap**2 + gap**3))


def _function_of(
    rng: np.random.Generator, shape: tuple[int, ...], *epsilon: float, solved: bool = False
) -> tuple:
    """Función y array, y quizá el empujón; ``solved`` si el array es grande y no tiene error."""
    array = rng.normal(size=shape) + 100.0 * solved
    inputs = rng.normal(size=(6, shape[-2:][0]))
    targets = inputs @ array if solved else rng.normal()
    return partial(_misfit, inputs=inputs, targets=targets), array, *epsilon


def _draw_function(rng: np.random.Generator) -> tuple:
    shape = [(3,), (2, 4), (4, 3), (2, 3, 5)][int(rng.integers(4))]
    return _function_of(rng, shape, *[0.25][: int(rng.integers(2))])


# Con un empujón grande se nota si no se usa; con un array grande, si falta precisión.
NUMERIC = Exercise(
    key="13.2",
    draw=_draw_function,
    edges=(
        _function_of(np.random.default_rng(0), (2, 3)),
        _function_of(np.random.default_rng(1), (2, 3), 0.25),
        _function_of(np.random.default_rng(2), (1, 1)),
        _function_of(np.random.default_rng(3), (3, 2), solved=True),
    ),
    tolerance=1e-5,
)


def _backward_case(
    rng: np.random.Generator,
    batch: int,
    timesteps: int,
    input_size: int,
    hidden_size: int,
    *,
    scale: float = 1.0,
) -> tuple:
    weights = _weights(rng, input_size, hidden_size)
    x = rng.normal(size=(batch, timesteps, input_size))
    states = cells.rnn_forward(x, weights).states.copy()
    return x, states, weights, scale * rng.normal(size=states.shape)


def _draw_backward(rng: np.random.Generator) -> tuple:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe."""
    batch, input_size, hidden_size = draw_sizes(rng, 3, range(2, 8))
    return _backward_case(rng, batch, draw_timesteps(rng), input_size, hidden_size)


# Dos casos con las mismas formas, uno de ellos con gradientes grandes; uno largo y otro de un paso.
MEND = Exercise(
    key="13.3",
    draw=_draw_backward,
    edges=(
        _backward_case(np.random.default_rng(0), 2, 5, 4, 3),
        _backward_case(np.random.default_rng(1), 2, 5, 4, 3, scale=100.0),
        _backward_case(np.random.default_rng(2), 1, 40, 1, 1),
        _backward_case(np.random.default_rng(3), 3, 1, 1, 2),
    ),
    namespace=_lesson_names,
)


def _truncated_case(
    rng: np.random.Generator,
    batch: int,
    timesteps: int,
    input_size: int,
    hidden_size: int,
    length: int,
) -> tuple:
    x = rng.normal(size=(batch, timesteps, input_size))
    targets, readout = rng.normal(size=(batch, timesteps, 1)), rng.normal(size=(hidden_size, 1))
    return x, targets, _weights(rng, input_size, hidden_size), readout, length


def _draw_truncated(rng: np.random.Generator) -> tuple:
    """Secuencias que no son múltiplo de la longitud del tramo."""
    batch, input_size, hidden_size = draw_sizes(rng, 3, range(2, 8))
    timesteps, length = [(11, 4), (13, 5), (10, 3), (9, 2)][int(rng.integers(4))]
    return _truncated_case(rng, batch, timesteps, input_size, hidden_size, length)


# Dos casos con las mismas formas, tramos de un paso, tramos que dividen la secuencia y uno solo.
TRUNCATED = Exercise(
    key="13.4",
    draw=_draw_truncated,
    edges=(
        _truncated_case(np.random.default_rng(0), 2, 8, 4, 3, 3),
        _truncated_case(np.random.default_rng(1), 2, 8, 4, 3, 3),
        _truncated_case(np.random.default_rng(2), 1, 4, 1, 2, 1),
        _truncated_case(np.random.default_rng(3), 3, 10, 1, 2, 5),
        _truncated_case(np.random.default_rng(4), 3, 12, 1, 2, 12),
    ),
    namespace=_lesson_names,
)

EXERCISES = (STEP, NUMERIC, MEND, TRUNCATED)

"""Ejercicios de la lección 22: GRU."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.cells import GRUWeights, sigmoid
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_arrays, draw_sizes, layer_arrays, torch_names


def _gru_weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> GRUWeights:
    """Pesos al azar, con los dos sesgos distintos de cero."""
    shapes = ((input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size))
    shapes += ((3 * hidden_size,), (3 * hidden_size,))
    return GRUWeights(*draw_arrays(rng, *shapes))


# ---------------------------------------------------------------- 22.1


def _step(rng: np.random.Generator, batch: int, input_size: int, hidden_size: int) -> tuple:
    weights = _gru_weights(rng, input_size, hidden_size)
    x, h = rng.normal(size=(batch, input_size)), rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, weights


def _step_edges() -> tuple[tuple, ...]:
    """Otros pesos de las mismas formas; una secuencia, una unidad; y las compuertas forzadas."""
    rng = np.random.default_rng(2201)
    sizes = (4, 5, 3), (4, 5, 3), (1, 5, 3), (3, 2, 1), (1, 1, 1)
    x, h, weights = _step(rng, 4, 5, 3)
    forced = weights._replace(bias=weights.bias + np.repeat([30.0, -30.0, 0.0], 3))
    return (*(_step(rng, *each) for each in sizes), (x, h, forced))


STEP = Exercise(
    key="22.1",
    draw=lambda rng: _step(rng, *draw_sizes(rng, 3)),
    edges=_step_edges(),
    namespace=lambda: {"sigmoid": sigmoid},
    tolerance=1e-11,  # la lección afirma después que dos recorridos coinciden con 1e-9
)


# ---------------------------------------------------------------- 22.2


def _draw_weights(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = draw_sizes(rng, 2)
    return (_gru_weights(rng, input_size, hidden_size),)


def _weights_edges() -> tuple[tuple, ...]:
    """Otros pesos de las mismas formas, y una sola unidad."""
    rng = np.random.default_rng(2202)
    return tuple((_gru_weights(rng, *sizes),) for sizes in ((4, 3), (4, 3), (3, 1), (1, 1)))


SWAP = Exercise(
    key="22.2",
    draw=_draw_weights,
    edges=_weights_edges(),
    namespace=lambda: {"GRUWeights": GRUWeights},
    tolerance=1e-13,  # la lección afirma después que los estados coinciden con 1e-12
)


# ---------------------------------------------------------------- 22.3


def _arrays(rng: np.random.Generator, input_size: int, hidden_size: int) -> tuple:
    shapes = (input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size), (2, 3 * hidden_size)
    return (draw_arrays(rng, *shapes),)


def _arrays_edges() -> tuple[tuple, ...]:
    """Otros pesos de las mismas formas; una entrada, como en la lección; una unidad."""
    rng = np.random.default_rng(2203)
    sizes = (4, 3), (4, 3), (1, 5), (3, 1), (4, 4)
    return tuple(_arrays(rng, *each) for each in sizes)


def _effective_gru(answer: Callable, weights: list[np.ndarray]) -> Any:
    """Lo que usará la capa: en las compuertas los dos sesgos se suman; en el candidato, no."""
    state = answer(weights)
    if not isinstance(state, Mapping):
        return state
    arrays = layer_arrays(state)
    size = len(weights[1])
    for name in ("bias_ih_l0", "bias_hh_l0"):
        if arrays[name].shape != (3 * size,):
            raise TypeError(f"{name} debe medir {(3 * size,)} y mide {arrays[name].shape}")
    one, other = arrays.pop("bias_ih_l0"), arrays.pop("bias_hh_l0")
    return arrays | {
        "bias_ih_l0 + bias_hh_l0, compuertas": (one + other)[: 2 * size],
        "bias_ih_l0, candidato": one[2 * size :],
        "bias_hh_l0, candidato": other[2 * size :],
    }


PORT = Exercise(
    key="22.3",
    draw=lambda rng: _arrays(rng, *draw_sizes(rng, 2)),
    edges=_arrays_edges(),
    probe=_effective_gru,
    namespace=torch_names,
)

EXERCISES = (STEP, SWAP, PORT)

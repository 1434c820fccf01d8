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


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = draw_sizes(rng, 3)
    weights = _gru_weights(rng, input_size, hidden_size)
    x, h = rng.normal(size=(batch, input_size)), rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, weights


STEP = Exercise(key="22.1", draw=_draw_step, namespace=lambda: {"sigmoid": sigmoid})


# ---------------------------------------------------------------- 22.2


def _draw_weights(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = draw_sizes(rng, 2)
    return (_gru_weights(rng, input_size, hidden_size),)


SWAP = Exercise(key="22.2", draw=_draw_weights, namespace=lambda: {"GRUWeights": GRUWeights})


# ---------------------------------------------------------------- 22.3


def _draw_arrays(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = draw_sizes(rng, 2)
    shapes = (input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size), (2, 3 * hidden_size)
    return (draw_arrays(rng, *shapes),)


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


PORT = Exercise(key="22.3", draw=_draw_arrays, probe=_effective_gru, namespace=torch_names)

EXERCISES = (STEP, SWAP, PORT)

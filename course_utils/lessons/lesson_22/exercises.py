"""Ejercicios de la lección 22: GRU."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.cells import GRUWeights, sigmoid
from course_utils.exercises.definition import Exercise


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation(np.arange(2, 9))[:count]]


def _gru_weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> GRUWeights:
    """Pesos al azar, con los dos sesgos distintos de cero."""
    shapes = ((input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size))
    shapes += ((3 * hidden_size,), (3 * hidden_size,))
    return GRUWeights(*(rng.normal(size=shape) for shape in shapes))


# ---------------------------------------------------------------- 22.1


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = _sizes(rng, 3)
    weights = _gru_weights(rng, input_size, hidden_size)
    x, h = rng.normal(size=(batch, input_size)), rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, weights


STEP = Exercise(key="22.1", draw=_draw_step, namespace=lambda: {"sigmoid": sigmoid})


# ---------------------------------------------------------------- 22.2


def _draw_weights(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = _sizes(rng, 2)
    return (_gru_weights(rng, input_size, hidden_size),)


SWAP = Exercise(key="22.2", draw=_draw_weights, namespace=lambda: {"GRUWeights": GRUWeights})


# ---------------------------------------------------------------- 22.3


def _torch_names() -> dict[str, Any]:
    """Lo que una respuesta encuentra importado; cargarlo no cuenta en su tiempo."""
    import torch

    return {"torch": torch, "nn": torch.nn}


def _draw_arrays(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = _sizes(rng, 2)
    shapes = (input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size), (2, 3 * hidden_size)
    return ([rng.normal(size=shape) for shape in shapes],)


def _numpy(value: Any) -> np.ndarray:
    """Un array, venga como venga: también de un tensor de PyTorch."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


_STATE_NAMES = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}


def _effective_gru(answer: Callable, weights: list[np.ndarray]) -> Any:
    """Lo que usará la capa: en las compuertas los dos sesgos se suman; en el candidato, no."""
    state = answer(weights)
    if not isinstance(state, Mapping):
        return state
    if set(state) != _STATE_NAMES:
        raise TypeError(f"las claves deben ser {sorted(_STATE_NAMES)} y son {sorted(state)}")
    arrays = {name: _numpy(value) for name, value in state.items()}
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


PORT = Exercise(key="22.3", draw=_draw_arrays, probe=_effective_gru, namespace=_torch_names)

EXERCISES = (STEP, SWAP, PORT)

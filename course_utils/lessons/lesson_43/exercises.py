"""Ejercicios de la lección 43: cómo se sortean sus casos y qué se compara."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, torch_names

# ---------------------------------------------------------------- 43.1 y 43.2


def _floats(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(np.array(array, dtype="float64") for array in arrays)


def _loss_and_gradients(
    answer: Callable[..., Any], args: Sequence[Any], learned: Sequence[str]
) -> dict[str, Any] | None:
    """Lo que vale la pérdida y su gradiente respecto de las primeras entradas, por su nombre."""
    import torch

    args = [torch.as_tensor(arg) for arg in args]  # comparten la memoria de lo recibido
    leaves = [arg.clone().requires_grad_() for arg in args[: len(learned)]]
    # Se dan copias que no son hojas: en una hoja, torch no deja escribir, y lo diría en inglés.
    inputs = [*(leaf.clone() for leaf in leaves), *args[len(learned) :]]
    value = answer(*inputs)
    changed = [
        (arg, one)
        for arg, one in zip(args, inputs, strict=True)
        if not torch.equal(one.detach(), arg)
    ]
    for arg, one in changed:  # así se ve que ha modificado lo que recibe
        arg.copy_(one.detach())
    if value is None or changed:
        return None
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        shape = tuple(value.shape) if hasattr(value, "shape") else type(value).__name__
        raise TypeError(f"se esperaba un tensor de un solo número y ha llegado {shape}")
    if value.requires_grad:
        value.backward()
    slopes = {
        f"gradiente de {name}": np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        for name, leaf in zip(learned, leaves, strict=True)
    }
    return {"pérdida": float(value)} | slopes


def _quantile_probe(answer: Callable[..., Any], *args: Any) -> dict[str, Any] | None:
    return _loss_and_gradients(answer, args, ("quantiles",))


def _count_probe(answer: Callable[..., Any], *args: Any) -> dict[str, Any] | None:
    return _loss_and_gradients(answer, args, ("mean", "dispersion"))


def _draw_quantiles(rng: np.random.Generator) -> tuple:
    batch, horizon, count = draw_sizes(rng, 3)
    levels = np.sort(rng.uniform(0.03, 0.97, size=count))
    actual = rng.normal(scale=3.0, size=(batch, horizon))
    return _floats(rng.normal(scale=3.0, size=(batch, horizon, count)), actual, levels)


def _quantile_edges() -> tuple[tuple, ...]:
    """Un solo nivel, un solo plazo, y todo por debajo o todo por encima."""
    rng = np.random.default_rng(4301)
    return (
        _floats(rng.normal(size=(4, 3, 1)), rng.normal(size=(4, 3)), np.array([0.9])),
        _floats(rng.normal(size=(5, 1, 2)), rng.normal(size=(5, 1)), np.array([0.2, 0.7])),
        _floats(
            rng.normal(size=(2, 3, 4)) - 9, rng.normal(size=(2, 3)), np.array([0.1, 0.3, 0.4, 0.8])
        ),
        _floats(
            rng.normal(size=(2, 3, 4)) + 9, rng.normal(size=(2, 3)), np.array([0.1, 0.3, 0.4, 0.8])
        ),
    )


QUANTILE_LOSS = Exercise(
    key="43.1",
    draw=_draw_quantiles,
    edges=_quantile_edges(),
    probe=_quantile_probe,
    namespace=torch_names,
    tolerance=1e-6,
)


def _draw_counts(rng: np.random.Generator) -> tuple:
    batch, horizon = draw_sizes(rng, 2)
    shape = (batch, horizon)
    mean, dispersion = rng.uniform(0.5, 20, size=shape), rng.uniform(0.05, 2, size=shape)
    return _floats(mean, dispersion, rng.poisson(mean).astype(float))


def _count_edges() -> tuple[tuple, ...]:
    """Solo ceros, conteos grandes y casi una Poisson."""
    rng = np.random.default_rng(4302)
    return (
        _floats(
            rng.uniform(1, 4, size=(3, 1)), rng.uniform(0.1, 1, size=(3, 1)), np.zeros((3, 1))
        ),
        _floats(
            np.full((2, 3), 150.0),
            np.full((2, 3), 0.02),
            rng.poisson(150, size=(2, 3)).astype(float),
        ),
        _floats(np.array([3.0, 8.0]), np.array([1e-3, 2e-3]), np.array([2.0, 11.0])),
    )


COUNT_LOSS = Exercise(
    key="43.2",
    draw=_draw_counts,
    edges=_count_edges(),
    probe=_count_probe,
    namespace=torch_names,
    tolerance=1e-6,
)


# ---------------------------------------------------------------- 43.3


def _calibration(rng: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Lo que pasó y un intervalo que a veces se queda corto por un lado y a veces por el otro."""
    middle, half = rng.normal(scale=4, size=count), rng.uniform(0.5, 2.5, size=count)
    return middle + rng.normal(scale=2, size=count), middle - half, middle + 1.3 * half


def _draw_calibration(rng: np.random.Generator) -> tuple:
    level = float(rng.choice([0.6, 0.7, 0.8, 0.9, 0.95]))
    sizes = [n for n in range(20, 60) if abs((n + 1) * level - round((n + 1) * level)) > 0.02]
    return (*_calibration(rng, int(rng.choice(sizes))), level)


def _calibration_edges() -> tuple[tuple, ...]:
    """El último lugar, uno más allá, uno exacto, todo dentro y todo por arriba."""
    rng = np.random.default_rng(4303)
    wide = _calibration(rng, 12)
    return (
        (*_calibration(rng, 3), 0.75),
        (*_calibration(rng, 3), 0.9),
        (*_calibration(rng, 7), 0.5),
        (wide[0], wide[0] - 3.0 - np.arange(12), wide[0] + 2.5 + np.arange(12), 0.8),
        (wide[2] + 1 + np.arange(12.0), wide[1], wide[2], 0.8),
    )


def _math_names() -> dict[str, Any]:
    return {"math": math}


MARGIN = Exercise(
    key="43.3",
    draw=_draw_calibration,
    edges=_calibration_edges(),
    namespace=_math_names,
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 43.4


def _draw_groups(rng: np.random.Generator) -> tuple:
    """Grupos de tamaños y dispersiones distintos; a veces llega uno que no estaba."""
    sizes = draw_sizes(rng, 3, range(12, 30))
    names = rng.permutation(9)[:4]
    groups = np.repeat(names[:3], sizes)
    order = rng.permutation(len(groups))
    actual, low, high = _calibration(rng, len(groups))
    actual = actual + np.repeat([0.0, 4.0, -9.0], sizes)
    new = rng.choice(names, size=int(rng.integers(5, 11)))
    return (actual[order], low[order], high[order], groups[order], new, 0.83)


def _group_edges() -> tuple[tuple, ...]:
    """Un grupo con muy pocos, uno que no estaba, y uno solo para todos."""
    rng = np.random.default_rng(4304)
    groups = np.array([0] * 15 + [1] * 4)
    return (
        (*_calibration(rng, 19), groups, np.array([1, 0, 0, 1, 2]), 0.9),
        (*_calibration(rng, 11), np.full(11, 3), np.array([3, 3]), 0.83),
        (*_calibration(rng, 19), groups[::-1].copy(), np.array([2, 2, 0]), 0.73),
    )


GROUPS = Exercise(
    key="43.4",
    draw=_draw_groups,
    edges=_group_edges(),
    namespace=_math_names,
    requires=("43.3",),
    tolerance=1e-9,
)

EXERCISES = (QUANTILE_LOSS, COUNT_LOSS, MARGIN, GROUPS)

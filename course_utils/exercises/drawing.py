"""Lo que comparten los ejercicios de varias lecciones: cómo se sortea y qué se mira."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

LAYER_NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def draw_sizes(
    rng: np.random.Generator, count: int, among: Sequence[int] = range(2, 9)
) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar.

    Examples
    --------
    >>> sizes = draw_sizes(np.random.default_rng(0), 3)
    >>> len(set(sizes))
    3
    """
    return [int(size) for size in rng.permutation(among)[:count]]


def draw_timesteps(rng: np.random.Generator) -> int:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe.

    Examples
    --------
    >>> draw_timesteps(np.random.default_rng(0)) in range(9, 14)
    True
    """
    return int(rng.integers(9, 14))


def draw_arrays(
    rng: np.random.Generator, *shapes: tuple[int, ...], scale: float = 1.0
) -> list[np.ndarray]:
    """Arrays de números normales, uno de cada forma y con esa desviación típica.

    Examples
    --------
    >>> [part.shape for part in draw_arrays(np.random.default_rng(0), (2, 3), (3,))]
    [(2, 3), (3,)]
    """
    return [scale * rng.normal(size=shape) for shape in shapes]


def follows_rng(
    draw: Callable[[np.random.Generator], Any], drawn: Any, seed: int
) -> tuple[bool, bool]:
    """Si un sorteo repite ``drawn`` con la misma semilla y da otra cosa con la siguiente.

    Examples
    --------
    >>> follows_rng(lambda rng: [0.0], [0.0], seed=3)
    (True, False)
    """
    again, other = (np.asarray(draw(np.random.default_rng(n))) for n in (seed, seed + 1))
    return np.array_equal(drawn, again), not np.allclose(drawn, other, atol=1e-3)


def torch_names(*, optimizer: bool = False) -> dict[str, Any]:
    """Lo que una respuesta de PyTorch encuentra importado.

    También lo llaman los sorteos: PyTorch tiene que cargarse fuera del límite de tiempo de una
    respuesta, porque una importación interrumpida lo deja inservible.

    Parameters
    ----------
    optimizer : bool, default False
        Si además se carga lo que PyTorch no importa hasta que se usa el primer optimizador.
    """
    import torch

    if optimizer:
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0).zero_grad()
    return {"torch": torch, "nn": torch.nn}


def refuse_model(answer: Any, name: str) -> None:
    """Rechaza un modelo de PyTorch ya creado donde se pide su clase."""
    import torch

    if isinstance(answer, torch.nn.Module):
        raise TypeError(f"se esperaba la clase, y ha llegado un modelo ya creado: pasa `{name}`")


def gradients(model: Any, output: Any, x: Any) -> list[np.ndarray]:
    """El gradiente de la suma de una salida respecto de la entrada y de cada parámetro.

    Parameters
    ----------
    model : torch.nn.Module
        El modelo.
    output : object
        Lo que ha dado.
    x : torch.Tensor
        Su entrada, que pide gradiente.

    Returns
    -------
    list of ndarray
        El de la entrada y los de los parámetros, en su orden; ceros adonde no llega.

    Examples
    --------
    >>> import torch
    >>> model, x = torch.nn.Linear(2, 1), torch.ones(3, 2, requires_grad=True)
    >>> [part.shape for part in gradients(model, model(x), x)]
    [(3, 2), (1, 2), (1,)]
    >>> [bool(part.any()) for part in gradients(model, model(x.detach()).detach(), x.detach())]
    [False, False, False]
    """
    parts = [x, *model.parameters()]
    for part in parts:
        part.grad = None
    if getattr(output, "requires_grad", False):
        output.sum().backward()
    return [
        np.zeros(tuple(part.shape)) if part.grad is None else part.grad.numpy() for part in parts
    ]


def to_numpy(value: Any) -> np.ndarray:
    """Un array, venga como venga: también de un tensor de PyTorch."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def layer_arrays(state: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Los cuatro pesos de una capa recurrente de PyTorch, como arrays.

    Raises
    ------
    TypeError
        Si las claves no son las de PyTorch.
    """
    if set(state) != set(LAYER_NAMES):
        raise TypeError(f"las claves deben ser {sorted(LAYER_NAMES)} y son {sorted(state)}")
    return {name: to_numpy(value) for name, value in state.items()}

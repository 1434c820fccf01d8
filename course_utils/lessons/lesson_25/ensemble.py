"""Muchas redes a la vez: mismas ecuaciones que las capas de Keras, una red por fila de un lote.

Entrenar veinte redes de dieciséis unidades cuesta así poco más que entrenar una.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.lessons.lesson_25.recipes import Parts

if TYPE_CHECKING:
    from torch import Tensor

UNITS, BATCH = 16, 64
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}  # bloques de unidades de cada celda


def start_weights(cell: str, features: int, seeds: Sequence[int]) -> list[Tensor]:
    """Pesos iniciales como los de Keras, de todas las redes: cada uno, (redes, ...).

    Son el núcleo, la matriz recurrente, el sesgo, el sesgo recurrente si es una GRU, y los dos de
    la salida.

    Examples
    --------
    >>> [tuple(part.shape) for part in start_weights("GRU", 1, range(5))][:3]
    [(5, 1, 48), (5, 16, 48), (5, 1, 48)]
    """
    import torch

    networks = [_one_network(cell, features, seed) for seed in seeds]
    return [torch.stack(parts).requires_grad_() for parts in zip(*networks, strict=True)]


def _one_network(cell: str, features: int, seed: int) -> list[Tensor]:
    import torch

    random, width = torch.Generator().manual_seed(seed), GATES[cell] * UNITS

    def glorot(rows: int, columns: int) -> Tensor:
        limit = (6 / (rows + columns)) ** 0.5
        return limit * (2 * torch.rand(rows, columns, generator=random) - 1)

    basis, upper = torch.linalg.qr(torch.randn(width, UNITS, generator=random))
    recurrent = (basis * torch.sign(torch.diagonal(upper))).T
    bias = torch.zeros(1, width)
    if cell == "LSTM":
        bias[:, UNITS : 2 * UNITS] = 1  # la compuerta de olvido
    extra = [torch.zeros(1, width)] if cell == "GRU" else []
    return [glorot(features, width), recurrent, bias, *extra, glorot(UNITS, 1), torch.zeros(1, 1)]


def forecast(cell: str, x: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Lo que dice cada red de sus ventanas.

    Parameters
    ----------
    cell : str
        Nombre de la celda.
    x : Tensor of shape (redes, lote, tiempo, características)
        Ventanas.
    weights : sequence of Tensor
        Los de :func:`start_weights`.

    Returns
    -------
    Tensor of shape (redes, lote)
    """
    import torch

    kernel, recurrent, bias, *extra, out_kernel, out_bias = weights
    networks, batch, timesteps, features = x.shape
    entries = torch.baddbmm(bias, x.reshape(networks, batch * timesteps, features), kernel)
    h = c = torch.zeros(networks, batch, UNITS)
    for entry in entries.view(networks, batch, timesteps, -1).unbind(2):
        if cell == "SimpleRNN":
            h = torch.tanh(torch.baddbmm(entry, h, recurrent))
        elif cell == "GRU":
            past = torch.baddbmm(extra[0], h, recurrent)
            (z, r, new), (past_z, past_r, past_new) = (part.chunk(3, -1) for part in (entry, past))
            z, candidate = torch.sigmoid(z + past_z), new + torch.sigmoid(r + past_r) * past_new
            h = z * h + (1 - z) * torch.tanh(candidate)
        else:
            i, f, new, o = torch.baddbmm(entry, h, recurrent).chunk(4, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(new)
            h = torch.sigmoid(o) * torch.tanh(c)
    return torch.baddbmm(out_bias, h, out_kernel)[..., 0]


def pinball(errors: Tensor, quantile: float) -> Tensor:
    """Pérdida de un cuantil: quedarse corto pesa ``quantile``; pasarse, lo que falta hasta 1.

    Examples
    --------
    >>> pinball(np.array([1.0]), 0.9), pinball(np.array([-1.0]), 0.9).round(2)
    (array([0.9]), array([0.1]))
    """
    return quantile * errors.clip(min=0) + (1 - quantile) * (-errors).clip(min=0)


def train_networks(
    cell: str,
    x: np.ndarray,
    y: np.ndarray,
    parts: Parts,
    *,
    seeds: Sequence[int],
    rate: float,
    epochs: Sequence[int],
    loss: Callable[[Tensor], Tensor] | None = None,
) -> dict[int, np.ndarray]:
    """Entrena una red por semilla, todas a la vez y sin que ninguna sepa de las otras.

    Cada una tiene sus pesos, su orden de los ejemplos y su Adam, y se queda con lo que decía en
    la época de menor pérdida de validación.

    Parameters
    ----------
    cell : str
        Nombre de la celda.
    x : ndarray of shape ([redes,] ventanas, tiempo, características)
        Ventanas; si son las mismas para todas las redes, sin el primer eje.
    y : ndarray of shape ([redes,] ventanas)
        Objetivos.
    parts : Parts
        Cuáles son de entrenamiento y de validación.
    seeds : sequence of int
        Una por red.
    rate : float
        Tasa de aprendizaje.
    epochs : sequence of int
        Cuántas épocas; con varias, se apunta lo que se tendría parando en cada una.
    loss : callable, optional
        De un error (objetivo menos pronóstico), su pérdida; sin ella, su cuadrado.

    Returns
    -------
    dict of int to ndarray of shape (redes, ventanas)
        Lo que dice cada red de todas las ventanas, según las épocas.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 4, 1)).astype("float32")
    >>> parts = Parts(slice(0, 40), slice(40, 50), slice(50, 60))
    >>> found = train_networks("GRU", x, x[:, -1, 0], parts, seeds=[0, 1], rate=0.01, epochs=[2])
    >>> found[2].shape
    (2, 60)
    """
    import torch

    def losses(outputs: Tensor, targets: Tensor) -> Tensor:
        errors = targets - outputs
        return (errors**2 if loss is None else loss(errors)).mean(-1)

    x, y = (torch.as_tensor(np.asarray(part), dtype=torch.float32) for part in (x, y))
    if y.ndim == 1:
        x, y = x.expand(len(seeds), *x.shape), y.expand(len(seeds), -1)
    weights = start_weights(cell, x.shape[-1], seeds)
    adam = torch.optim.Adam(weights, lr=rate, eps=1e-7)  # el épsilon de Keras
    shuffles = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]
    rows = torch.arange(len(seeds))[:, None]
    best, kept, found = torch.full((len(seeds),), torch.inf), weights, {}
    for epoch in range(1, max(epochs) + 1):
        orders = [torch.randperm(parts.train.stop, generator=random) for random in shuffles]
        for some in torch.stack(orders).split(BATCH, dim=1):
            adam.zero_grad()
            losses(forecast(cell, x[rows, some], weights), y[rows, some]).sum().backward()
            adam.step()
        with torch.no_grad():
            seen = forecast(cell, x[:, parts.validation], weights)
            now = losses(seen, y[:, parts.validation])
            better = (now < best)[:, None, None]
            kept = [torch.where(better, new, old) for new, old in zip(weights, kept, strict=True)]
            best = torch.minimum(now, best)
            if epoch in epochs:
                found[epoch] = forecast(cell, x, kept).numpy()
    return found

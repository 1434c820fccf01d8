"""La tarea de memoria de la lección 21 y los entrenamientos que no caben en ella."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.cells import LSTMWeights, global_norm, init_lstm, lstm_backward, lstm_forward
from course_utils.cells.common import draw_matrices
from course_utils.synthetic import mark_task

if TYPE_CHECKING:
    import torch

BLOCKS = {"LSTM": 4, "RNN": 1}  # bloques de columnas de cada celda
LOOKS = (15, 30, 60, 120)  # épocas tras las que se mide el error
LEARNED = 0.5  # pérdida en la tarea de la marca; la de contestar siempre cero es 1
TRAIN_SIZE, TEST_SIZE, BATCH = 2_048, 500, 128


def memory_task(
    count: int, rng: np.random.Generator, *, timesteps: int = 30, distractors: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Secuencias con marcas y preguntas, y lo que hay que tener guardado en cada paso.

    Parameters
    ----------
    count : int
        Cuántas secuencias.
    rng : numpy.random.Generator
        De dónde salen.
    timesteps : int
        Pasos de cada una.
    distractors : bool
        Si también llegan valores en los pasos sin marca.

    Returns
    -------
    x : ndarray of shape (secuencias, tiempo, 3)
        Valor, marca y pregunta de cada paso. El primero siempre lleva marca.
    held : ndarray of shape (secuencias, tiempo)
        El valor de la última marca.

    Examples
    --------
    >>> x, held = memory_task(2, np.random.default_rng(0), timesteps=5)
    >>> x.shape, bool(np.allclose(held[:, 0], x[:, 0, 0]))
    ((2, 5, 3), True)
    """
    values = rng.uniform(-1, 1, size=(count, timesteps))
    marks = rng.random((count, timesteps)) < 0.08
    marks[:, 0] = True
    asks = rng.random((count, timesteps)) < 0.2
    if not distractors:
        values = np.where(marks, values, 0.0)
    last = np.maximum.accumulate(np.where(marks, np.arange(timesteps), 0), axis=1)
    held = np.take_along_axis(values, last, axis=1)
    return np.stack([values, marks, asks], axis=-1).astype("float32"), held


def init_networks(cell: str, units: int, seeds: Sequence[int]) -> list[np.ndarray]:
    """Pesos de una red por semilla, con los valores por omisión de Keras.

    Returns
    -------
    list of ndarray, each of shape (redes, ...)
        ``W_x``, ``W_h`` y ``b`` de la celda, y los pesos y el sesgo de la salida.

    Examples
    --------
    >>> [part.shape for part in init_networks("LSTM", 2, range(3))]
    [(3, 3, 8), (3, 2, 8), (3, 8), (3, 2, 1), (3, 1)]
    """
    networks = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])
        w_input, hidden = draw_matrices(3, units, BLOCKS[cell], rng=rng)
        bias = np.zeros(BLOCKS[cell] * units)
        if cell == "LSTM":
            bias[units : 2 * units] = 1.0
        limit = np.sqrt(6 / (units + 1))
        readout = rng.uniform(-limit, limit, size=(units, 1))
        networks.append((w_input, hidden, bias, readout, np.zeros(1)))
    return [np.stack(parts) for parts in zip(*networks, strict=True)]


def answer_all(cell: str, parts: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Lo que contesta cada red en cada paso. x: (tiempo, redes, lote, 3) → (tiempo, redes, lote).

    Examples
    --------
    >>> import torch
    >>> parts = [torch.tensor(part) for part in init_networks("RNN", 6, range(2))]
    >>> answer_all("RNN", parts, torch.zeros(5, 2, 4, 3, dtype=torch.float64)).shape
    torch.Size([5, 2, 4])
    """
    import torch

    w_input, hidden, bias, readout, readout_bias = parts
    from_input = x @ w_input + bias[:, None]
    h = c = x.new_zeros(*x.shape[1:3], hidden.shape[1])  # (redes, lote, oculto)
    states = []
    for z in from_input:
        z = torch.baddbmm(z, h, hidden)
        if cell == "LSTM":
            i, f, g, o = z.chunk(4, dim=-1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        else:
            h = z.tanh()
        states.append(h)
    return (torch.stack(states) @ readout + readout_bias[:, None])[..., 0]


def train_together(
    cell: str, units: int, rate: float, *, seeds: Sequence[int], looks: Sequence[int] = LOOKS
) -> np.ndarray:
    """Entrena una red por semilla en la tarea de memoria, todas a la vez.

    Cada una lo hace como en la lección: 2048 secuencias en lotes de 128, Adam y recorte por norma
    global a uno. Con la misma semilla, cualquier celda y cualquier tasa leen las mismas secuencias
    en el mismo orden.

    Parameters
    ----------
    cell : {"LSTM", "RNN"}
        La celda.
    units : int
        Unidades.
    rate : float
        Tasa de aprendizaje.
    seeds : sequence of int
        Una por red.
    looks : sequence of int
        Épocas tras las que se mide; se entrena hasta la última.

    Returns
    -------
    ndarray of shape (miradas, redes)
        Error en secuencias nuevas, entre el de contestar siempre cero.

    Examples
    --------
    >>> train_together("RNN", 6, 0.01, seeds=range(2), looks=(1,)).shape
    (1, 2)
    """
    import torch

    rngs = [np.random.default_rng(seed) for seed in seeds]
    x, y = _draw(TRAIN_SIZE, rngs)
    new_x, new_y = _draw(TEST_SIZE, rngs)
    start = init_networks(cell, units, seeds)
    parts = [torch.tensor(part, dtype=torch.float32, requires_grad=True) for part in start]
    optimizer = torch.optim.Adam(parts, lr=rate, eps=1e-7)
    errors = []
    for epoch in range(1, max(looks) + 1):
        order = torch.tensor(np.array([rng.permutation(TRAIN_SIZE) for rng in rngs]))
        for rows in order.split(BATCH, dim=1):  # (redes, lote)
            each = torch.arange(len(rngs))[:, None]
            output = answer_all(cell, parts, x[:, each, rows])
            loss = ((output - y[:, each, rows]) ** 2).mean(dim=(0, 2)).sum()
            optimizer.zero_grad()
            loss.backward()
            _clip_each(parts)
            optimizer.step()
        if epoch in looks:
            with torch.inference_mode():
                gaps = answer_all(cell, parts, new_x) - new_y
            squares = [(part**2).mean(dim=(0, 2)).numpy() for part in (gaps, new_y)]
            errors.append(np.sqrt(squares[0] / squares[1]))
    return np.array(errors)


def _draw(count: int, rngs: Sequence[np.random.Generator]) -> tuple[torch.Tensor, torch.Tensor]:
    """Entradas (tiempo, redes, count, 3) y respuestas (tiempo, redes, count) de cada red."""
    import torch

    drawn = [memory_task(count, rng) for rng in rngs]
    x = torch.tensor(np.stack([x for x, _ in drawn])).permute(2, 0, 1, 3)
    held = torch.tensor(np.stack([held for _, held in drawn]), dtype=torch.float32)
    return x, held.permute(2, 0, 1) * x[..., 2]


def _clip_each(parts: Sequence[torch.Tensor]) -> None:
    """Recorta a uno la norma global del gradiente de cada red."""
    squares = sum(part.grad.flatten(1).square().sum(dim=1) for part in parts)
    scale = (1 / squares.sqrt()).clamp(max=1)  # (redes,)
    for part in parts:
        part.grad *= scale.view(-1, *[1] * (part.dim() - 1))


def train_loud(
    seed: int | Sequence[int], *, rate: float, cap: float = np.inf, steps: int = 150
) -> tuple[np.ndarray, np.ndarray]:
    """Entrena en la tarea de la marca, a 15 pasos, una LSTM de pesos recurrentes grandes.

    Son ocho veces los de Keras, con las entradas diez veces menores. Con la misma semilla empieza
    igual y lee los mismos lotes, con cualquier tasa y cualquier tope.

    Parameters
    ----------
    seed : int or sequence of int
        De ella salen los pesos y las secuencias.
    rate : float
        Tasa del descenso por gradiente.
    cap : float
        Tope de la norma global; sin él, no se recorta.
    steps : int
        Actualizaciones.

    Returns
    -------
    losses, norms : ndarray of shape (actualizaciones,)
        Pérdida de cada lote y norma del gradiente antes de recortar. Acaban antes si se desborda.

    Examples
    --------
    >>> losses, norms = train_loud(0, rate=0.05, cap=1.0, steps=3)
    >>> losses.shape, norms.shape
    ((3,), (3,))
    """
    rng, history = np.random.default_rng(seed), []
    weights = init_lstm(6, 16, rng=rng)
    readout = 0.1 * rng.normal(size=16)
    parts = [0.1 * weights.input, 8 * weights.hidden, weights.bias, readout]
    for _ in range(steps):
        loss, grads = _backward(LSTMWeights(*parts[:3]), parts[3], *mark_task(32, 15, rng=rng))
        norm = global_norm(grads)
        history.append((loss, norm))
        scale = rate * min(1.0, cap / norm)
        parts = [part - scale * grad for part, grad in zip(parts, grads, strict=True)]
        if not loss < 1e100:  # desbordada: lo que sigue ya no serían números
            break
    losses, norms = np.array(history).T
    return losses, norms


def _backward(
    weights: LSTMWeights, readout: np.ndarray, x: np.ndarray, answers: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """Pérdida y gradientes de los tres pesos de la celda y de la salida (oculto,)."""
    run = lstm_forward(x, weights)
    last = run.states[:, -1]  # (lote, oculto)
    errors = last @ readout - answers
    grad_states = np.zeros_like(run.states)  # (lote, tiempo, oculto)
    grad_states[:, -1] = np.outer(2 * errors / len(x), readout)
    grads = lstm_backward(run, weights, grad_states).weights
    return float(np.mean(errors**2)), [*grads, last.T @ (2 * errors / len(x))]

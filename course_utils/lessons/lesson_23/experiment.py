"""¿Qué celda recuerda más? RNN, LSTM y GRU en tareas que solo se resuelven recordando."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.synthetic import adding_problem, echo, temporal_order

if TYPE_CHECKING:
    import torch

SOLVED = 0.01  # error de prueba con el que una tarea se da por resuelta
LOOK_EVERY = 100  # pasos entre dos miradas al error de prueba
TEST_SIZE = 500  # secuencias de prueba


class Task(NamedTuple):
    """Una tarea de memoria.

    Attributes
    ----------
    make : callable
        ``make(count, length, rng=...)`` da las secuencias y las respuestas.
    input_size, output_size : int
        Tamaños de la entrada de cada paso y de la salida.
    """

    make: Callable[..., tuple[np.ndarray, np.ndarray]]
    input_size: int
    output_size: int


TASKS = {
    "suma": Task(adding_problem, 2, 1),
    "eco": Task(echo, 4, 4),
    "orden": Task(temporal_order, 6, 4),
}
CELLS = ("RNN", "LSTM", "GRU")  # los nombres de torch.nn
IDENTITY = "IRNN"  # una RNN con ReLU y W_h identidad


class Outcome(NamedTuple):
    """Cómo acabó un entrenamiento.

    Attributes
    ----------
    solved : bool
        Si el error de prueba llegó a ``SOLVED``.
    updates : int
        Pasos que se dieron; se para al resolver la tarea.
    error : float
        Último error de prueba.
    errors : ndarray
        El error de prueba cada ``LOOK_EVERY`` pasos.
    """

    solved: bool
    updates: int
    error: float
    errors: np.ndarray


def build_model(
    cell: str,
    task: str,
    *,
    hidden_size: int = 32,
    keep_bias: float | None = None,
) -> torch.nn.Module:
    """Una capa recurrente que lee la secuencia y una salida que mira su último estado.

    Cada bloque de ``W_h`` empieza ortogonal, y cada uno de ``W_x``, según Glorot; los sesgos, a
    cero. (Keras sortea igual, pero la matriz entera de una vez: solo coincide en la RNN). La IRNN
    es la de Le y otros (2015), *A simple way to initialize recurrent networks of rectified
    linear units*: una RNN sin compuertas, con ReLU, ``W_h`` identidad y ``W_x`` casi cero.

    Parameters
    ----------
    cell : {"RNN", "LSTM", "GRU", "IRNN"}
        La celda.
    task : {"suma", "eco", "orden"}
        La tarea, que decide los tamaños de la entrada y de la salida.
    hidden_size : int, default 32
        Unidades.
    keep_bias : float, optional
        Sesgo inicial de la compuerta que conserva: la de olvido de la LSTM o la de actualización de
        la GRU. Sin él, 1 y 0, lo que pone Keras. Las RNN no tienen compuertas y no lo admiten.

    Raises
    ------
    ValueError
        Si la celda o la tarea no son de esas, o si se pide ``keep_bias`` sin compuertas.

    Examples
    --------
    >>> model = build_model("LSTM", "eco")
    >>> sum(parameter.numel() for parameter in model.parameters())
    4996
    """
    from torch import nn

    if cell not in (*CELLS, IDENTITY):
        known = ", ".join((*CELLS, IDENTITY))
        raise ValueError(f"cell debe ser una de {known}; ha llegado {cell!r}.")
    if keep_bias is not None and cell not in ("LSTM", "GRU"):
        raise ValueError("Una RNN no tiene compuertas: no le des keep_bias.")
    chosen = _find_task(task)
    if cell == IDENTITY:
        options = {"nonlinearity": "relu", "batch_first": True}
        layer = nn.RNN(chosen.input_size, hidden_size, **options)
        nn.init.normal_(layer.weight_ih_l0, std=0.001)
        nn.init.eye_(layer.weight_hh_l0)
    else:
        layer = getattr(nn, cell)(chosen.input_size, hidden_size, batch_first=True)
        for block in layer.weight_ih_l0.data.split(hidden_size):
            nn.init.xavier_uniform_(block)
        for block in layer.weight_hh_l0.data.split(hidden_size):
            nn.init.orthogonal_(block)
    nn.init.zeros_(layer.bias_ih_l0)
    nn.init.zeros_(layer.bias_hh_l0)
    if keep_bias is None and cell == "LSTM":
        keep_bias = 1.0
    if keep_bias is not None:  # la compuerta que conserva es el segundo bloque en las dos celdas
        layer.bias_ih_l0.data[hidden_size : 2 * hidden_size] = keep_bias

    class LastState(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer
            self.head = nn.Linear(hidden_size, chosen.output_size)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            states, _ = self.layer(x)  # (lote, tiempo, oculto)
            return self.head(states[:, -1])  # (lote, salida)

    return LastState()


def train(
    task: str,
    cell: str,
    length: int,
    *,
    seed: int,
    rate: float = 1e-2,
    clip: float | None = 1.0,
    keep_bias: float | None = None,
    hidden_size: int = 32,
    updates: int = 2_000,
) -> Outcome:
    """Entrena una red en una tarea, con lotes de 32 secuencias siempre nuevas.

    Con Adam. Se para en cuanto el error en 500 secuencias de prueba baja hasta ``SOLVED``.

    Parameters
    ----------
    task, cell : str
        Como en :func:`build_model`, igual que ``keep_bias`` y ``hidden_size``.
    length : int
        Pasos de cada secuencia.
    seed : int
        De ella salen los pesos y los datos.
    rate : float, default 1e-2
        Tasa de aprendizaje.
    clip : float or None, default 1.0
        Norma máxima del gradiente; ``None``, sin recorte.
    updates : int, default 2000
        Pasos, como mucho.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        Como :func:`build_model`.

    Examples
    --------
    >>> train("eco", "RNN", 12, seed=0).solved
    True
    """
    import torch
    from torch import nn

    chosen = _find_task(task)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        model = build_model(cell, task, hidden_size=hidden_size, keep_bias=keep_bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    loss_of = nn.functional.mse_loss if task == "suma" else nn.functional.cross_entropy
    rng = np.random.default_rng([seed, length])
    test_x, test_y = map(torch.from_numpy, chosen.make(TEST_SIZE, length, rng=rng))
    errors = []
    for update in range(1, updates + 1):
        x, y = map(torch.from_numpy, chosen.make(32, length, rng=rng))
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        if update % LOOK_EVERY == 0 or update == updates:
            with torch.inference_mode():
                output = model(test_x)
            wrong = (output - test_y) ** 2 if task == "suma" else output.argmax(dim=1) != test_y
            errors.append(float(wrong.double().mean()))
            if errors[-1] <= SOLVED:
                break
    return Outcome(errors[-1] <= SOLVED, update, errors[-1], np.array(errors))


def _find_task(name: str) -> Task:
    if name not in TASKS:
        raise ValueError(f"task debe ser una de {', '.join(TASKS)}; ha llegado {name!r}.")
    return TASKS[name]

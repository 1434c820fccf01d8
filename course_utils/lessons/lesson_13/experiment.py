"""¿Qué aprende una red si el gradiente se corta? Un eco, con tramos de distinta longitud."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course_utils.cells import RNNWeights, init_rnn, rnn_backward, rnn_forward

DELAY, TIMESTEPS = 6, 48
UNITS, BATCH = 16, 32
FRESH = 128  # secuencias nuevas con las que se mide cada red

# (x, targets, weights, readout, length) → el gradiente, un RNNWeights
Gradient = Callable[[np.ndarray, np.ndarray, RNNWeights, np.ndarray, int], RNNWeights]


class EchoRun(NamedTuple):
    """Lo que queda de un entrenamiento, con secuencias nuevas y relativo a contestar siempre cero.

    Attributes
    ----------
    error : float
        Error de la red con la lectura que ha aprendido.
    born : float
        Error de la mejor lectura lineal de los estados de la red antes de entrenarla.
    """

    error: float
    born: float


def echo_task(
    batch: int, timesteps: int, delay: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Signos al azar y, en cada paso, el que entró ``delay`` pasos antes; cero si no hay.

    Returns
    -------
    x, targets : ndarray of shape (lote, tiempo, 1)
        Las entradas y lo que hay que contestar en cada paso.

    Examples
    --------
    >>> x, targets = echo_task(2, 5, 3, np.random.default_rng(0))
    >>> np.array_equal(targets[:, 3:], x[:, :2]), targets[0, :3, 0]
    (True, array([0., 0., 0.]))
    """
    x = rng.choice([-1.0, 1.0], size=(batch, timesteps, 1))
    targets = np.zeros_like(x)
    targets[:, delay:] = x[:, :-delay]
    return x, targets


def truncated_gradient(
    x: np.ndarray, targets: np.ndarray, weights: RNNWeights, readout: np.ndarray, length: int
) -> RNNWeights:
    """El gradiente truncado, con todos los tramos a la vez, como si fueran más secuencias.

    Da lo mismo que recorrerlos uno a uno, y tarda menos.

    Parameters
    ----------
    x, targets : ndarray of shape (lote, tiempo, 1)
        Entradas y objetivos.
    weights : RNNWeights
        Los pesos de la red.
    readout : ndarray of shape (oculto, 1)
        La lectura lineal.
    length : int
        Pasos de cada tramo; divide a los de la secuencia.

    Raises
    ------
    ValueError
        Si la secuencia no se parte en tramos iguales.
    """
    if x.shape[1] % length:
        raise ValueError(
            f"Se esperaba una longitud que divida a {x.shape[1]}, los pasos de la secuencia; ha "
            f"llegado {length}."
        )
    states = rnn_forward(x, weights).states
    ends = states[:, length - 1 : -1 : length]  # con lo que empiezan todos los tramos menos uno
    starts = np.concatenate([np.zeros_like(states[:, :1]), ends], axis=1)
    x, targets = (part.reshape(-1, length, 1) for part in (x, targets))
    run = rnn_forward(x, weights, h0=starts.reshape(len(x), -1))
    grad_states = 2 * (run.states @ readout - targets) @ readout.T
    return rnn_backward(run, weights, grad_states).weights


def train_echo(
    length: int,
    seed: int,
    *,
    rate: float,
    updates: int,
    gradient: Gradient = truncated_gradient,
) -> EchoRun:
    """Entrena una red con el gradiente truncado y mide lo que ha aprendido.

    Parameters
    ----------
    length : int
        Pasos de cada tramo; con ``TIMESTEPS``, la retropropagación completa.
    seed : int
        De ella salen los pesos iniciales y todas las secuencias.
    rate : float
        Tasa de aprendizaje.
    updates : int
        Actualizaciones.
    gradient : callable
        Quién calcula el gradiente de la red.

    Returns
    -------
    EchoRun
        Sus errores.

    Examples
    --------
    >>> run = train_echo(12, seed=0, rate=0.2, updates=100)
    >>> run.error < run.born
    True
    """
    rng = np.random.default_rng(seed)
    weights, readout = init_rnn(1, UNITS, rng=rng), 0.1 * rng.normal(size=(UNITS, 1))
    exam = [echo_task(FRESH, TIMESTEPS, DELAY, rng) for _ in range(2)]
    born = best_readout_error(weights, *exam)
    for _ in range(updates):
        x, targets = echo_task(BATCH, TIMESTEPS, DELAY, rng)
        grads = gradient(x, targets, weights, readout, length)
        states = rnn_forward(x, weights).states
        grad_readout = 2 * np.einsum("bth,bto->ho", states, states @ readout - targets)
        readout = readout - rate / x.size * grad_readout
        weights = RNNWeights(
            *(part - rate / x.size * grad for part, grad in zip(weights, grads, strict=True))
        )
    x, targets = exam[1]
    return EchoRun(_relative_error(rnn_forward(x, weights).states @ readout, targets), born)


def best_readout_error(
    weights: RNNWeights,
    examples: tuple[np.ndarray, np.ndarray],
    exam: tuple[np.ndarray, np.ndarray],
) -> float:
    """Error, en unas secuencias, de la lectura por mínimos cuadrados ajustada con otras."""
    states, targets = _rows(rnn_forward(examples[0], weights).states), _rows(examples[1])
    readout, *_ = np.linalg.lstsq(states, targets, rcond=None)
    return _relative_error(rnn_forward(exam[0], weights).states @ readout, exam[1])


def _rows(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1, array.shape[-1])


def _relative_error(outputs: np.ndarray, targets: np.ndarray) -> float:
    return float(np.sum((outputs - targets) ** 2) / np.sum(targets**2))

"""La GRU (Cho et al., 2014), con la compuerta de reinicio antes o después del producto.

``z, r = σ(…)``, cada una con su bloque de ``x_t W_x + h_{t-1} W_h + b + b_h``, y
``h_t = z · h_{t-1} + (1 - z) · n``. El candidato ``n`` tiene dos versiones, que no son la misma
función:

- ``reset="after"``: ``n = tanh(x_t W_x + b + r · (h_{t-1} W_h + b_h))``. Es la de cuDNN, la de
  PyTorch y, por omisión, la de Keras (``reset_after=True``); primera versión de arXiv 1406.1078.
- ``reset="before"``: ``n = tanh(x_t W_x + b + b_h + (r · h_{t-1}) W_h)``. Tercera versión del mismo
  artículo; en Keras, ``reset_after=False``.

Otros textos (Chung et al., 2014) intercambian los papeles de ``z`` y ``1 - z``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from course_utils.cells.common import (
    check_gradient,
    check_input,
    check_mask,
    check_run,
    check_state,
    check_weights,
    contract,
    draw_matrices,
    project,
    shifted,
    sigmoid,
    time_first,
)
from course_utils.validation import describe

Reset = Literal["after", "before"]


class GRUWeights(NamedTuple):
    """Parámetros de una GRU: tres bloques en el orden z, r, n.

    Son las compuertas de actualización y de reinicio y el candidato, en el orden de Keras; PyTorch
    las guarda como r, z, n.

    Attributes
    ----------
    input : ndarray of shape (entrada, 3 · oculto)
        W_x, de la entrada a las compuertas.
    hidden : ndarray of shape (oculto, 3 · oculto)
        W_h, del estado anterior a las compuertas.
    bias : ndarray of shape (3 · oculto,)
        b, el sesgo que se suma a lo que viene de la entrada.
    hidden_bias : ndarray of shape (3 · oculto,)
        b_h, el que se suma a lo que viene del estado. Solo con ``reset="after"`` añade algo a
        ``bias``, y solo en el candidato, porque la compuerta de reinicio lo multiplica.
    """

    input: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray
    hidden_bias: np.ndarray


class GRURun(NamedTuple):
    """Lo que deja un recorrido hacia delante.

    Attributes
    ----------
    states : ndarray of shape (lote, tiempo, oculto)
        El estado en cada paso.
    gates : ndarray of shape (lote, tiempo, 3 · oculto)
        z, r y n, ya activadas.
    recurrent : ndarray of shape (lote, tiempo, oculto)
        Lo que la compuerta de reinicio multiplica: ``h_{t-1} W_h + b_h`` en el bloque del
        candidato, o ``h_{t-1}`` si ``reset="before"``.
    x : ndarray of shape (lote, tiempo, entrada)
        La entrada.
    h0 : ndarray of shape (lote, oculto)
        El estado inicial.
    mask : ndarray of shape (lote, tiempo) or None
        Los pasos reales.
    reset : {"after", "before"}
        Dónde actúa la compuerta de reinicio.
    """

    states: np.ndarray
    gates: np.ndarray
    recurrent: np.ndarray
    x: np.ndarray
    h0: np.ndarray
    mask: np.ndarray | None
    reset: Reset


class GRUGradients(NamedTuple):
    """Gradientes de la pérdida.

    Attributes
    ----------
    weights : GRUWeights
        Respecto de cada parámetro, con su forma.
    x : ndarray of shape (lote, tiempo, entrada)
        Respecto de la entrada.
    h0 : ndarray of shape (lote, oculto)
        Respecto del estado inicial.
    """

    weights: GRUWeights
    x: np.ndarray
    h0: np.ndarray


def init_gru(input_size: int, hidden_size: int, *, rng: np.random.Generator) -> GRUWeights:
    """Sortea los parámetros de una GRU como los valores por omisión de Keras.

    Parameters
    ----------
    input_size, hidden_size : int
        Tamaños de la entrada y del estado oculto.
    rng : numpy.random.Generator
        De dónde salen los números.

    Returns
    -------
    GRUWeights
        En doble precisión, con los sesgos a cero.

    Raises
    ------
    TypeError, ValueError
        Si un tamaño no es un entero positivo.

    Examples
    --------
    >>> init_gru(3, 5, rng=np.random.default_rng(0)).hidden.shape
    (5, 15)
    """
    w_input, w_hidden = draw_matrices(input_size, hidden_size, 3, rng=rng)
    return GRUWeights(w_input, w_hidden, np.zeros(3 * hidden_size), np.zeros(3 * hidden_size))


def gru_step(
    x: np.ndarray, h: np.ndarray, weights: GRUWeights, *, reset: Reset = "after"
) -> np.ndarray:
    """Un paso de la GRU.

    Parameters
    ----------
    x : ndarray of shape (lote, entrada)
        Entrada en este paso.
    h : ndarray of shape (lote, oculto)
        Estado anterior.
    weights : GRUWeights
        Parámetros.
    reset : {"after", "before"}, default "after"
        Dónde actúa la compuerta de reinicio.

    Returns
    -------
    ndarray of shape (lote, oculto)
        Estado nuevo.

    Raises
    ------
    ValueError
        Si ``reset`` no es una de las dos opciones.

    Examples
    --------
    >>> keep = GRUWeights(np.zeros((1, 3)), np.zeros((1, 3)), np.array([9.0, 0, 0]), np.zeros(3))
    >>> gru_step(np.zeros((1, 1)), np.array([[0.5]]), keep).round(3)
    array([[0.5]])
    """
    check_reset(reset)
    size = h.shape[1]
    from_input = x @ weights.input + weights.bias  # (lote, 3 · oculto)
    from_hidden = h @ weights.hidden + weights.hidden_bias  # (lote, 3 · oculto)
    z, r = np.split(sigmoid(from_input + from_hidden)[:, : 2 * size], 2, axis=1)
    if reset == "after":
        candidate = r * from_hidden[:, 2 * size :]
    else:
        candidate = (r * h) @ weights.hidden[:, 2 * size :] + weights.hidden_bias[2 * size :]
    n = np.tanh(from_input[:, 2 * size :] + candidate)
    return z * h + (1 - z) * n


def gru_forward(
    x: np.ndarray,
    weights: GRUWeights,
    *,
    h0: np.ndarray | None = None,
    mask: np.ndarray | None = None,
    reset: Reset = "after",
) -> GRURun:
    """Recorre secuencias enteras y guarda estados y compuertas.

    Parameters
    ----------
    x : ndarray of shape (lote, tiempo, entrada)
        Un lote de secuencias. Su precisión es la del resultado.
    weights : GRUWeights
        Parámetros, los mismos en todos los pasos.
    h0 : ndarray of shape (lote, oculto), optional
        Estado inicial; ceros si falta.
    mask : ndarray of bool, shape (lote, tiempo), optional
        Verdadero en los pasos reales; en los demás el estado no cambia.
    reset : {"after", "before"}, default "after"
        Dónde actúa la compuerta de reinicio.

    Returns
    -------
    GRURun
        Los estados en ``states`` y lo que hace falta para :func:`gru_backward`.

    Raises
    ------
    TypeError, ValueError
        Si las formas no encajan, hay valores que no son finitos o ``reset`` no vale.

    Examples
    --------
    >>> weights = init_gru(3, 5, rng=np.random.default_rng(0))
    >>> gru_forward(np.zeros((2, 7, 3)), weights).states.shape
    (2, 7, 5)
    """
    x = check_input(x)
    check_reset(reset)
    w_input, w_hidden, bias, hidden_bias = check_weights(weights, GRUWeights, 3, x)
    size = len(w_hidden)
    h = h0 = check_state("h0", h0, x, size)
    mask = check_mask(mask, x)
    steps = time_first(x)  # (tiempo, lote, entrada)
    # (tiempo, lote, 3 · oculto); cada paso se completa en su sitio
    gates = project(steps, w_input) + bias
    states, recurrent = np.empty((2, *gates.shape[:2], size), dtype=x.dtype)
    gate_weights, candidate_weights = w_hidden[:, : 2 * size], w_hidden[:, 2 * size :].copy()
    gate_bias, candidate_bias = hidden_bias[: 2 * size], hidden_bias[2 * size :]
    for t, step in enumerate(gates):
        if reset == "after":
            from_hidden = h @ w_hidden + hidden_bias  # los tres bloques de una vez
            step[:, : 2 * size] = sigmoid(step[:, : 2 * size] + from_hidden[:, : 2 * size])
            z, r, n = np.split(step, 3, axis=1)
            recurrent[t] = from_hidden[:, 2 * size :]
            n += r * recurrent[t]
        else:
            step[:, : 2 * size] = sigmoid(step[:, : 2 * size] + h @ gate_weights + gate_bias)
            z, r, n = np.split(step, 3, axis=1)
            recurrent[t] = h
            n += (r * h) @ candidate_weights + candidate_bias
        np.tanh(n, out=n)
        states[t] = n + z * (h - n)
        if mask is not None:
            np.copyto(states[t], h, where=~mask[:, t, None])
        h = states[t]
    batch_first = (part.swapaxes(0, 1) for part in (states, gates, recurrent, steps))
    return GRURun(*batch_first, h0, mask, reset)


def gru_backward(run: GRURun, weights: GRUWeights, grad_states: np.ndarray) -> GRUGradients:
    """Retropropagación a través del tiempo de la GRU, con el reinicio donde lo tuvo el recorrido.

    Parameters
    ----------
    run : GRURun
        Lo que devolvió :func:`gru_forward`.
    weights : GRUWeights
        Los mismos parámetros.
    grad_states : ndarray of shape (lote, tiempo, oculto)
        Gradiente directo de la pérdida respecto de cada estado.

    Returns
    -------
    GRUGradients
        Respecto de los parámetros, de la entrada y del estado inicial.

    Raises
    ------
    TypeError, ValueError
        Si el recorrido es de otra celda o las formas no encajan.

    Examples
    --------
    >>> weights = init_gru(3, 5, rng=np.random.default_rng(0))
    >>> run = gru_forward(np.ones((2, 7, 3)), weights)
    >>> gru_backward(run, weights, np.ones((2, 7, 5))).weights.hidden_bias.shape
    (15,)
    """
    w_input, w_hidden, *_ = check_run(run, GRURun, weights, GRUWeights, 3)
    from_loss = check_gradient("grad_states", grad_states, run.states)
    size = len(w_hidden)
    states, gates, recurrent = (
        part.swapaxes(0, 1) for part in (run.states, run.gates, run.recurrent)
    )
    previous = shifted(states, run.h0)
    hidden_transposed = w_hidden.T.copy()  # seguida en memoria: se lee una vez por paso
    gates_transposed, candidate_transposed = np.split(hidden_transposed, [2 * size])
    after = run.reset == "after"
    from_future = np.zeros_like(run.h0)
    grad_input = np.empty_like(gates)  # respecto de lo que hay dentro de cada activación
    grad_hidden = np.empty_like(gates)  # respecto de lo que multiplica a W_h, bloque a bloque
    for t in reversed(range(len(states))):
        z, r, n = np.split(gates[t], 3, axis=1)
        grad_h = from_loss[t] + from_future
        copied = 0.0
        if run.mask is not None:  # un paso enmascarado copia el estado y no toca los pesos
            real = run.mask[:, t, None]
            grad_h, copied = grad_h * real, grad_h * ~real
        inside = grad_h * (1 - z) * (1 - n**2)  # dentro de la tanh del candidato
        through_reset = inside if after else inside @ candidate_transposed
        grad_update = grad_h * (previous[t] - n) * z * (1 - z)
        grad_reset = through_reset * recurrent[t] * r * (1 - r)
        np.concatenate([grad_update, grad_reset, inside], axis=1, out=grad_input[t])
        grad_hidden[t] = grad_input[t]
        if after:
            grad_hidden[t, :, 2 * size :] *= r
            from_future = grad_h * z + grad_hidden[t] @ hidden_transposed + copied
        else:
            through_gates = grad_hidden[t, :, : 2 * size] @ gates_transposed
            from_future = grad_h * z + through_gates + through_reset * r + copied
    factor = previous if after else gates[..., size : 2 * size] * previous  # junto a W_h, en n
    grad_matrix = np.concatenate(
        [
            contract(previous, grad_hidden[..., : 2 * size]),
            contract(factor, grad_hidden[..., 2 * size :]),
        ],
        axis=1,
    )
    return GRUGradients(
        GRUWeights(
            contract(run.x.swapaxes(0, 1), grad_input),
            grad_matrix,
            grad_input.sum(axis=(0, 1)),
            grad_hidden.sum(axis=(0, 1)),
        ),
        project(grad_input, w_input.T).swapaxes(0, 1),
        from_future,
    )


def check_reset(reset: object) -> None:
    """Comprueba dónde actúa la compuerta de reinicio."""
    if reset not in ("after", "before"):
        raise ValueError(
            f'reset debe ser `"after"` (después del producto) o `"before"` (antes); ha llegado '
            f"{describe(reset)}. PyTorch y Keras usan «after» por omisión."
        )

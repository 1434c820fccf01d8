"""La LSTM (Hochreiter y Schmidhuber, 1997), con la compuerta de olvido de Gers et al. (2000).

``i, f, o = σ(…)`` y ``g = tanh(…)``, cada una con su bloque de ``x_t W_x + h_{t-1} W_h + b``;
``c_t = f · c_{t-1} + i · g`` y ``h_t = o · tanh(c_t)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.cells.common import (
    blocks,
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


class LSTMWeights(NamedTuple):
    """Parámetros de una LSTM: cuatro bloques en el orden i, f, g, o.

    Son las compuertas de entrada y de olvido, el candidato y la compuerta de salida. Es el orden de
    Keras (que llama ``c`` al candidato) y el de PyTorch.

    Attributes
    ----------
    input : ndarray of shape (entrada, 4 · oculto)
        W_x, de la entrada a las compuertas.
    hidden : ndarray of shape (oculto, 4 · oculto)
        W_h, del estado anterior a las compuertas.
    bias : ndarray of shape (4 · oculto,)
        b, el sesgo.
    """

    input: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray


class LSTMRun(NamedTuple):
    """Lo que deja un recorrido hacia delante.

    Attributes
    ----------
    states : ndarray of shape (lote, tiempo, oculto)
        El estado oculto en cada paso.
    cells : ndarray of shape (lote, tiempo, oculto)
        La memoria en cada paso.
    gates : ndarray of shape (lote, tiempo, 4 · oculto)
        i, f, g y o, ya activadas.
    x : ndarray of shape (lote, tiempo, entrada)
        La entrada.
    h0, c0 : ndarray of shape (lote, oculto)
        El estado oculto y la memoria iniciales.
    mask : ndarray of shape (lote, tiempo) or None
        Los pasos reales.
    """

    states: np.ndarray
    cells: np.ndarray
    gates: np.ndarray
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray
    mask: np.ndarray | None


class LSTMGradients(NamedTuple):
    """Gradientes de la pérdida.

    Attributes
    ----------
    weights : LSTMWeights
        Respecto de cada parámetro, con su forma.
    x : ndarray of shape (lote, tiempo, entrada)
        Respecto de la entrada.
    h0, c0 : ndarray of shape (lote, oculto)
        Respecto del estado oculto y de la memoria iniciales.
    """

    weights: LSTMWeights
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray


def init_lstm(input_size: int, hidden_size: int, *, rng: np.random.Generator) -> LSTMWeights:
    """Sortea los parámetros de una LSTM como los valores por omisión de Keras.

    El sesgo es cero, menos el de la compuerta de olvido, que es uno (Jozefowicz et al., 2015): así
    la celda empieza recordando.

    Parameters
    ----------
    input_size, hidden_size : int
        Tamaños de la entrada y del estado oculto.
    rng : numpy.random.Generator
        De dónde salen los números.

    Returns
    -------
    LSTMWeights
        En doble precisión.

    Raises
    ------
    TypeError, ValueError
        Si un tamaño no es un entero positivo.

    Examples
    --------
    >>> init_lstm(3, 2, rng=np.random.default_rng(0)).bias
    array([0., 0., 1., 1., 0., 0., 0., 0.])
    """
    w_input, w_hidden = draw_matrices(input_size, hidden_size, 4, rng=rng)
    bias = np.zeros(4 * hidden_size)
    bias[hidden_size : 2 * hidden_size] = 1.0
    return LSTMWeights(w_input, w_hidden, bias)


def lstm_step(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, weights: LSTMWeights
) -> tuple[np.ndarray, np.ndarray]:
    """Un paso de la LSTM.

    Parameters
    ----------
    x : ndarray of shape (lote, entrada)
        Entrada en este paso.
    h, c : ndarray of shape (lote, oculto)
        Estado oculto y memoria anteriores.
    weights : LSTMWeights
        Parámetros.

    Returns
    -------
    h, c : ndarray of shape (lote, oculto)
        Estado oculto y memoria nuevos.

    Examples
    --------
    >>> forget_nothing = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), np.array([-9.0, 9, 0, 9]))
    >>> h, c = lstm_step(np.zeros((1, 1)), np.zeros((1, 1)), np.array([[0.5]]), forget_nothing)
    >>> c.round(3)
    array([[0.5]])
    """
    i, f, g, o = np.split(x @ weights.input + h @ weights.hidden + weights.bias, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def lstm_forward(
    x: np.ndarray,
    weights: LSTMWeights,
    *,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    mask: np.ndarray | None = None,
) -> LSTMRun:
    """Recorre secuencias enteras y guarda estados, memorias y compuertas.

    Parameters
    ----------
    x : ndarray of shape (lote, tiempo, entrada)
        Un lote de secuencias. Su precisión es la del resultado.
    weights : LSTMWeights
        Parámetros, los mismos en todos los pasos.
    h0, c0 : ndarray of shape (lote, oculto), optional
        Estado oculto y memoria iniciales; ceros si faltan.
    mask : ndarray of bool, shape (lote, tiempo), optional
        Verdadero en los pasos reales; en los demás, ni el estado ni la memoria cambian.

    Returns
    -------
    LSTMRun
        Los estados en ``states`` y lo que hace falta para :func:`lstm_backward`.

    Raises
    ------
    TypeError, ValueError
        Si las formas no encajan o hay valores que no son finitos.

    Examples
    --------
    >>> weights = init_lstm(3, 5, rng=np.random.default_rng(0))
    >>> run = lstm_forward(np.zeros((2, 7, 3)), weights)
    >>> run.states.shape, run.gates.shape
    ((2, 7, 5), (2, 7, 20))
    """
    x = check_input(x)
    w_input, w_hidden, bias = (
        blocks(part, 4) for part in check_weights(weights, LSTMWeights, 4, x)
    )
    size = bias.shape[-1]
    h = h0 = check_state("h0", h0, x, size)
    c = c0 = check_state("c0", c0, x, size)
    mask = check_mask(mask, x)
    steps = time_first(x)  # (tiempo, lote, entrada)
    gates = steps[:, None] @ w_input  # (tiempo, 4, lote, oculto)
    states, cells = np.empty((2, *steps.shape[:2], size), dtype=x.dtype)
    for t, z in enumerate(gates):  # cada paso se completa en su sitio
        z += h @ w_hidden + bias[:, None]
        z[:2], z[2], z[3] = sigmoid(z[:2]), np.tanh(z[2]), sigmoid(z[3])
        i, f, g, o = z  # (lote, oculto) cada una
        cells[t] = f * c + i * g
        states[t] = o * np.tanh(cells[t])
        if mask is not None:
            np.copyto(cells[t], c, where=~mask[:, t, None])
            np.copyto(states[t], h, where=~mask[:, t, None])
        h, c = states[t], cells[t]
    gates = np.concatenate(gates.swapaxes(0, 1), axis=-1)  # (tiempo, lote, 4 · oculto)
    batch_first = (part.swapaxes(0, 1) for part in (states, cells, gates, steps))
    return LSTMRun(*batch_first, h0, c0, mask)


def lstm_backward(
    run: LSTMRun,
    weights: LSTMWeights,
    grad_states: np.ndarray,
    *,
    grad_cells: np.ndarray | None = None,
) -> LSTMGradients:
    """Retropropagación a través del tiempo de la LSTM.

    El gradiente vuelve por dos caminos: por el estado oculto, que pasa por W_h, y por la memoria,
    donde en cada paso solo se multiplica por la compuerta de olvido.

    Parameters
    ----------
    run : LSTMRun
        Lo que devolvió :func:`lstm_forward`.
    weights : LSTMWeights
        Los mismos parámetros.
    grad_states : ndarray of shape (lote, tiempo, oculto)
        Gradiente directo de la pérdida respecto de cada estado oculto.
    grad_cells : ndarray of shape (lote, tiempo, oculto), optional
        Lo mismo respecto de cada memoria; ceros si falta.

    Returns
    -------
    LSTMGradients
        Respecto de los parámetros, de la entrada y de los estados iniciales.

    Raises
    ------
    TypeError, ValueError
        Si el recorrido es de otra celda o las formas no encajan.

    Examples
    --------
    >>> weights = init_lstm(3, 5, rng=np.random.default_rng(0))
    >>> run = lstm_forward(np.ones((2, 7, 3)), weights)
    >>> lstm_backward(run, weights, np.ones((2, 7, 5))).weights.hidden.shape
    (5, 20)
    """
    w_input, w_hidden, *_ = check_run(run, LSTMRun, weights, LSTMWeights, 4)
    h_from_loss = check_gradient("grad_states", grad_states, run.states)
    zeros = np.zeros_like(run.cells)
    c_from_loss = check_gradient(
        "grad_cells", zeros if grad_cells is None else grad_cells, run.cells
    )
    hidden_transposed = w_hidden.T.copy()  # seguida en memoria: se lee una vez por paso
    states, cells, gates = (part.swapaxes(0, 1) for part in (run.states, run.cells, run.gates))
    each_gate = blocks(gates, 4)  # (4, tiempo, lote, oculto)
    previous_cells = shifted(cells, run.c0)
    h_from_future, c_from_future = np.zeros_like(run.h0), np.zeros_like(run.c0)
    grad_z = np.empty_like(gates)  # respecto de lo que hay dentro de cada activación
    for t in reversed(range(len(states))):
        i, f, g, o = each_gate[:, t]  # (lote, oculto) cada una
        squashed = np.tanh(cells[t])
        grad_h = h_from_loss[t] + h_from_future
        copied = c_from_loss[t] + c_from_future
        grad_c = copied + grad_h * o * (1 - squashed**2)
        parts = (  # lo que llega a cada compuerta, por la derivada de su activación
            grad_c * g * i * (1 - i),
            grad_c * previous_cells[t] * f * (1 - f),
            grad_c * i * (1 - g**2),
            grad_h * squashed * o * (1 - o),
        )
        np.concatenate(parts, axis=1, out=grad_z[t])
        if run.mask is None:
            h_from_future = grad_z[t] @ hidden_transposed
            c_from_future = grad_c * f
        else:  # un paso enmascarado copia el estado: el gradiente pasa entero y no toca los pesos
            real = run.mask[:, t, None]
            grad_z[t] *= real
            h_from_future = grad_z[t] @ hidden_transposed + grad_h * ~real
            c_from_future = np.where(real, grad_c * f, copied)
    return LSTMGradients(
        LSTMWeights(
            contract(run.x.swapaxes(0, 1), grad_z),
            contract(shifted(states, run.h0), grad_z),
            grad_z.sum(axis=(0, 1)),
        ),
        project(grad_z, w_input.T).swapaxes(0, 1),
        h_from_future,
        c_from_future,
    )

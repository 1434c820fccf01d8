"""La red recurrente simple (Elman, 1990): ``h_t = tanh(x_t W_x + h_{t-1} W_h + b)``."""

from __future__ import annotations

from typing import NamedTuple

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
    time_first,
)


class RNNWeights(NamedTuple):
    """Parámetros de una red recurrente simple.

    Attributes
    ----------
    input : ndarray of shape (entrada, oculto)
        W_x, de la entrada al estado.
    hidden : ndarray of shape (oculto, oculto)
        W_h, del estado anterior al nuevo.
    bias : ndarray of shape (oculto,)
        b, el sesgo.
    """

    input: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray


class RNNRun(NamedTuple):
    """Lo que deja un recorrido hacia delante.

    Attributes
    ----------
    states : ndarray of shape (lote, tiempo, oculto)
        El estado en cada paso; con máscara de relleno a la derecha, ``states[:, -1]`` es el último
        real.
    x : ndarray of shape (lote, tiempo, entrada)
        La entrada.
    h0 : ndarray of shape (lote, oculto)
        El estado inicial.
    mask : ndarray of shape (lote, tiempo) or None
        Los pasos reales.
    """

    states: np.ndarray
    x: np.ndarray
    h0: np.ndarray
    mask: np.ndarray | None


class RNNGradients(NamedTuple):
    """Gradientes de la pérdida.

    Attributes
    ----------
    weights : RNNWeights
        Respecto de cada parámetro, con su forma.
    x : ndarray of shape (lote, tiempo, entrada)
        Respecto de la entrada: lo que recibe la capa de debajo.
    h0 : ndarray of shape (lote, oculto)
        Respecto del estado inicial.
    """

    weights: RNNWeights
    x: np.ndarray
    h0: np.ndarray


def init_rnn(input_size: int, hidden_size: int, *, rng: np.random.Generator) -> RNNWeights:
    """Sortea los parámetros de una red recurrente simple.

    W_x sigue la uniforme de Glorot y Bengio (2010, ec. 16); W_h es ortogonal (Saxe et al., 2014);
    el sesgo es cero. Son también los valores por omisión de ``SimpleRNN`` en Keras.

    Parameters
    ----------
    input_size, hidden_size : int
        Tamaños de la entrada y del estado oculto.
    rng : numpy.random.Generator
        De dónde salen los números.

    Returns
    -------
    RNNWeights
        En doble precisión.

    Raises
    ------
    TypeError, ValueError
        Si un tamaño no es un entero positivo.

    Examples
    --------
    >>> weights = init_rnn(3, 5, rng=np.random.default_rng(0))
    >>> weights.input.shape, weights.hidden.shape, weights.bias.shape
    ((3, 5), (5, 5), (5,))
    """
    w_input, w_hidden = draw_matrices(input_size, hidden_size, 1, rng=rng)
    return RNNWeights(w_input, w_hidden, np.zeros(hidden_size))


def rnn_step(x: np.ndarray, h: np.ndarray, weights: RNNWeights) -> np.ndarray:
    """Un paso de la red: combina la entrada de ahora con el estado de antes.

    Parameters
    ----------
    x : ndarray of shape (lote, entrada)
        Entrada en este paso.
    h : ndarray of shape (lote, oculto)
        Estado anterior.
    weights : RNNWeights
        Parámetros.

    Returns
    -------
    ndarray of shape (lote, oculto)
        Estado nuevo.

    Examples
    --------
    >>> weights = RNNWeights(np.array([[1.0]]), np.array([[0.5]]), np.array([0.0]))
    >>> rnn_step(np.array([[0.0]]), np.array([[2.0]]), weights).round(3)
    array([[0.762]])
    """
    return np.tanh(x @ weights.input + h @ weights.hidden + weights.bias)


def rnn_forward(
    x: np.ndarray,
    weights: RNNWeights,
    *,
    h0: np.ndarray | None = None,
    mask: np.ndarray | None = None,
) -> RNNRun:
    """Recorre secuencias enteras y guarda el estado de cada paso (Elman, 1990).

    Parameters
    ----------
    x : ndarray of shape (lote, tiempo, entrada)
        Un lote de secuencias. Su precisión es la del resultado.
    weights : RNNWeights
        Parámetros, los mismos en todos los pasos.
    h0 : ndarray of shape (lote, oculto), optional
        Estado inicial; ceros si falta.
    mask : ndarray of bool, shape (lote, tiempo), optional
        Verdadero en los pasos reales; en los demás el estado no cambia.

    Returns
    -------
    RNNRun
        Los estados en ``states`` y lo que hace falta para :func:`rnn_backward`.

    Raises
    ------
    TypeError, ValueError
        Si las formas no encajan o hay valores que no son finitos.

    Examples
    --------
    >>> weights = init_rnn(3, 5, rng=np.random.default_rng(0))
    >>> rnn_forward(np.zeros((2, 7, 3)), weights).states.shape
    (2, 7, 5)
    """
    x = check_input(x)
    w_input, w_hidden, bias = check_weights(weights, RNNWeights, 1, x)
    h = h0 = check_state("h0", h0, x, len(bias))
    mask = check_mask(mask, x)
    steps = time_first(x)  # (tiempo, lote, entrada)
    # El producto con la entrada no depende del estado: se hace de una vez para todos los pasos.
    # (tiempo, lote, oculto); cada paso se completa en su sitio
    states = project(steps, w_input) + bias
    for t, state in enumerate(states):
        state += h @ w_hidden
        np.tanh(state, out=state)  # (lote, oculto)
        if mask is not None:
            np.copyto(state, h, where=~mask[:, t, None])
        h = state
    return RNNRun(states.swapaxes(0, 1), steps.swapaxes(0, 1), h0, mask)


def rnn_backward(run: RNNRun, weights: RNNWeights, grad_states: np.ndarray) -> RNNGradients:
    """Retropropagación a través del tiempo (Werbos, 1990).

    En cada paso, del último al primero, el gradiente que llega al estado es la suma del que trae la
    pérdida de ese paso y del que vuelve del paso siguiente.

    Parameters
    ----------
    run : RNNRun
        Lo que devolvió :func:`rnn_forward`.
    weights : RNNWeights
        Los mismos parámetros.
    grad_states : ndarray of shape (lote, tiempo, oculto)
        Gradiente directo de la pérdida respecto de cada estado; ceros donde no entra en ella.

    Returns
    -------
    RNNGradients
        Respecto de los parámetros, de la entrada y del estado inicial.

    Raises
    ------
    TypeError, ValueError
        Si el recorrido es de otra celda o las formas no encajan.

    Examples
    --------
    >>> weights = RNNWeights(np.array([[1.0]]), np.array([[0.5]]), np.array([0.0]))
    >>> run = rnn_forward(np.zeros((1, 3, 1)), weights)
    >>> rnn_backward(run, weights, np.array([[[0.0], [0.0], [1.0]]])).x.ravel()
    array([0.25, 0.5 , 1.  ])
    """
    w_input, w_hidden, *_ = check_run(run, RNNRun, weights, RNNWeights, 1)
    from_loss = check_gradient("grad_states", grad_states, run.states)
    states = run.states.swapaxes(0, 1)  # (tiempo, lote, oculto)
    slope = 1 - states**2  # la derivada de tanh
    hidden_transposed = w_hidden.T.copy()  # seguida en memoria: se lee una vez por paso
    from_future = np.zeros_like(run.h0)  # (lote, oculto)
    grad_z = np.empty_like(states)  # respecto de lo que hay dentro de tanh
    for t in reversed(range(len(states))):
        grad_h = from_loss[t] + from_future
        grad_z[t] = grad_h * slope[t]
        if run.mask is None:
            from_future = grad_z[t] @ hidden_transposed
        else:  # un paso enmascarado copia el estado: el gradiente pasa entero y no toca los pesos
            real = run.mask[:, t, None]
            grad_z[t] *= real
            from_future = grad_z[t] @ hidden_transposed + grad_h * ~real
    x = run.x.swapaxes(0, 1)
    return RNNGradients(
        RNNWeights(
            contract(x, grad_z),
            contract(shifted(states, run.h0), grad_z),
            grad_z.sum(axis=(0, 1)),
        ),
        project(grad_z, w_input.T).swapaxes(0, 1),
        from_future,
    )

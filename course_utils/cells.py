"""Celdas recurrentes en NumPy, escritas para leerse: la referencia que construyen las lecciones.

Notación: las filas son ejemplos, ``h_t = tanh(x_t W_x + h_{t-1} W_h + b)``, con ``x_t`` de forma
``(lote, entrada)`` y ``W_x`` de forma ``(entrada, oculto)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.validation import as_array, as_int, describe


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
    input_size = as_int("input_size", input_size, minimum=1)
    hidden_size = as_int("hidden_size", hidden_size, minimum=1)
    limit = np.sqrt(6 / (input_size + hidden_size))
    q, r = np.linalg.qr(rng.normal(size=(hidden_size, hidden_size)))
    return RNNWeights(
        rng.uniform(-limit, limit, size=(input_size, hidden_size)),
        q * np.sign(np.diag(r)),  # así la matriz ortogonal es uniforme (Mezzadri, 2007)
        np.zeros(hidden_size),
    )


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


def rnn_forward(x: np.ndarray, weights: RNNWeights, *, h0: np.ndarray | None = None) -> np.ndarray:
    """Recorre secuencias enteras y devuelve el estado en cada paso (Elman, 1990).

    Parameters
    ----------
    x : ndarray of shape (lote, tiempo, entrada)
        Un lote de secuencias de la misma longitud. Su precisión es la del resultado.
    weights : RNNWeights
        Parámetros, los mismos en todos los pasos.
    h0 : ndarray of shape (lote, oculto), optional
        Estado inicial; ceros si falta.

    Returns
    -------
    ndarray of shape (lote, tiempo, oculto)
        Los estados; el último es ``states[:, -1]``.

    Raises
    ------
    TypeError, ValueError
        Si las formas no encajan o hay valores que no son finitos.

    Examples
    --------
    >>> weights = init_rnn(3, 5, rng=np.random.default_rng(0))
    >>> rnn_forward(np.zeros((2, 7, 3)), weights).shape
    (2, 7, 5)
    """
    x = as_array("x", x, ndim=3)
    x = x if x.dtype.kind == "f" else x.astype(float)
    w_input, w_hidden, bias = _check_weights(weights, x)
    batch, timesteps, _ = x.shape
    hidden_size = len(bias)
    if h0 is None:
        h = np.zeros((batch, hidden_size), dtype=x.dtype)
    else:
        h = as_array("h0", h0, ndim=2, dtype=x.dtype)
        if h.shape != (batch, hidden_size):
            raise ValueError(
                f"h0 debe tener forma (lote, oculto) = {(batch, hidden_size)}; ha llegado "
                f"{h.shape}. Pasa un estado por secuencia del lote."
            )
    # El producto con la entrada no depende del estado: se hace de una vez para todos los pasos.
    drive = np.ascontiguousarray(x.swapaxes(0, 1)) @ w_input + bias  # (tiempo, lote, oculto)
    for t in range(timesteps):
        drive[t] += h @ w_hidden
        h = np.tanh(drive[t], out=drive[t])  # (lote, oculto)
    return drive.swapaxes(0, 1)


def _check_weights(weights: RNNWeights, x: np.ndarray) -> RNNWeights:
    """Comprueba que los parámetros encajan con la entrada y los lleva a su precisión."""
    if not isinstance(weights, tuple) or len(weights) != 3:
        raise TypeError(
            f"weights debe ser RNNWeights(input, hidden, bias); ha llegado {describe(weights)}."
        )
    w_input, w_hidden, bias = (
        as_array(f"weights.{name}", value, ndim=ndim, dtype=x.dtype)
        for name, value, ndim in zip(RNNWeights._fields, weights, (2, 2, 1), strict=True)
    )
    hidden_size = len(bias)
    expected = ((x.shape[-1], hidden_size), (hidden_size, hidden_size))
    if (w_input.shape, w_hidden.shape) != expected:
        raise ValueError(
            f"Con una entrada de tamaño {x.shape[-1]} y un sesgo de tamaño {hidden_size}, "
            f"weights.input debe ser {expected[0]} y weights.hidden {expected[1]}; han llegado "
            f"{w_input.shape} y {w_hidden.shape}. ¿Alguna está transpuesta?"
        )
    return RNNWeights(w_input, w_hidden, bias)

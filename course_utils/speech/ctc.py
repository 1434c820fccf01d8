"""Clasificación temporal conexionista (CTC): puntuar un texto sin saber cuándo suena cada letra.

La red da, en cada paso, la probabilidad de cada símbolo y la de no escribir nada, el **blanco**.
Muchos caminos dan el mismo texto: se juntan los símbolos iguales y seguidos y se quitan los
blancos. La probabilidad del texto es la suma de todos, y se calcula sin enumerarlos.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from course_utils.validation import as_array, as_int

SLACK = 1e-3  # lo que pueden desviarse de 1 las probabilidades de un paso


def ctc_loss(log_probs: np.ndarray, labels: Sequence[int], *, blank: int = 0) -> float:
    """Menos el logaritmo de la probabilidad de un texto.

    Parameters
    ----------
    log_probs : ndarray of shape (pasos, símbolos)
        Logaritmos de las probabilidades de cada paso.
    labels : sequence of int
        El texto, sin blancos; puede estar vacío.
    blank : int, default 0
        Qué símbolo es el blanco.

    Returns
    -------
    float
        Infinito si el texto no cabe en los pasos que hay (:func:`frames_needed`) o alguno de sus
        símbolos es imposible.

    Raises
    ------
    TypeError, ValueError
        Si no son logaritmos de probabilidades o el texto tiene blancos o símbolos que no hay.

    Notes
    -----
    Recursión hacia delante, en el dominio logarítmico: Graves, Fernández, Gomez y Schmidhuber
    (2006), *Connectionist temporal classification*, ICML, ecuaciones 5 a 8.

    Examples
    --------
    Con dos pasos, el texto «1» sale de tres caminos: 1 y blanco, blanco y 1, y 1 dos veces.

    >>> probs = np.array([[0.6, 0.4], [0.5, 0.5]])
    >>> ways = 0.4 * 0.5 + 0.6 * 0.5 + 0.4 * 0.5
    >>> bool(np.isclose(ctc_loss(np.log(probs), [1]), -np.log(ways)))
    True
    >>> ctc_loss(np.log(probs), [1, 1])
    inf
    """
    log_probs, labels, blank = _check(log_probs, labels, blank)
    return -_total(_forward(log_probs, with_blanks(labels, blank=blank), blank)[-1])


def ctc_posteriors(log_probs: np.ndarray, labels: Sequence[int], *, blank: int = 0) -> np.ndarray:
    """De los caminos que dan el texto, qué parte pasa por cada lugar en cada paso.

    Parameters
    ----------
    log_probs, labels, blank
        Como en :func:`ctc_loss`.

    Returns
    -------
    ndarray of shape (pasos, 2 · letras + 1)
        Una columna por letra y una por cada blanco de alrededor, en orden
        (:func:`with_blanks`). Cada fila suma 1.

    Raises
    ------
    TypeError, ValueError
        Como :func:`ctc_loss`, y también si el texto no puede salir.

    Examples
    --------
    >>> ctc_posteriors(np.log([[0.1, 0.9], [0.9, 0.1]]), [1]).round(2)
    array([[0.01, 0.99, 0.  ],
           [0.  , 0.11, 0.89]])
    """
    log_probs, labels, blank = _check(log_probs, labels, blank)
    symbols = with_blanks(labels, blank=blank)
    forward = _forward(log_probs, symbols, blank)
    total = _total(forward[-1])
    if total == -np.inf:
        needed = frames_needed(labels)
        why = (
            f"necesita {needed} pasos y hay {len(log_probs)}"
            if needed > len(log_probs)
            else "alguno de sus símbolos tiene probabilidad 0 donde haría falta"
        )
        raise ValueError(f"El texto no puede salir: {why}. No hay caminos que repartir.")
    # Hacia atrás es hacia delante con el tiempo y el texto del revés.
    backward = _forward(log_probs[::-1], symbols[::-1], blank)[::-1, ::-1]
    with np.errstate(invalid="ignore"):  # −inf menos −inf, donde no pasa ningún camino
        shares = np.exp(forward + backward - log_probs[:, symbols] - total)
    return np.nan_to_num(shares, nan=0.0)


def ctc_gradient(log_probs: np.ndarray, labels: Sequence[int], *, blank: int = 0) -> np.ndarray:
    """El gradiente de :func:`ctc_loss` respecto de las puntuaciones, antes de la softmax.

    En cada paso, lo que la red da a cada símbolo menos lo que le toca según los caminos buenos.

    Parameters
    ----------
    log_probs, labels, blank
        Como en :func:`ctc_loss`.

    Returns
    -------
    ndarray of shape (pasos, símbolos)
        Cada fila suma 0.

    Raises
    ------
    TypeError, ValueError
        Como :func:`ctc_posteriors`.

    Examples
    --------
    >>> ctc_gradient(np.log([[0.6, 0.4], [0.5, 0.5]]), [1]).round(3)
    array([[ 0.171, -0.171],
           [ 0.214, -0.214]])
    """
    log_probs, labels, blank = _check(log_probs, labels, blank)
    shares = ctc_posteriors(log_probs, labels, blank=blank)
    wanted = np.zeros_like(log_probs)
    for place, symbol in enumerate(with_blanks(labels, blank=blank)):
        wanted[:, symbol] += shares[:, place]
    return np.exp(log_probs) - wanted


def with_blanks(labels: Sequence[int], *, blank: int = 0) -> np.ndarray:
    """El texto con un blanco delante, otro detrás y uno entre cada dos letras.

    Examples
    --------
    >>> with_blanks([3, 3, 1])
    array([0, 3, 0, 3, 0, 1, 0])
    """
    spread = np.full(2 * len(labels) + 1, blank)
    spread[1::2] = labels
    return spread


def frames_needed(labels: Sequence[int]) -> int:
    """Los pasos que pide un texto: entre dos letras iguales hace falta un blanco.

    Examples
    --------
    >>> frames_needed([1, 2, 3]), frames_needed([1, 1, 1]), frames_needed([])
    (3, 5, 0)
    """
    return len(labels) + sum(one == other for one, other in pairwise(labels))


def _forward(log_probs: np.ndarray, symbols: np.ndarray, blank: int) -> np.ndarray:
    """Logaritmo de lo que suman los caminos que llegan a cada lugar en cada paso."""
    emitted = log_probs[:, symbols]  # (pasos, lugares)
    # Se puede saltar el blanco si las letras de sus dos lados son distintas.
    can_jump = symbols != blank
    can_jump[2:] &= symbols[2:] != symbols[:-2]
    can_jump[:2] = False
    forward = np.full(emitted.shape, -np.inf)
    forward[0, :2] = emitted[0, :2]
    for step in range(1, len(emitted)):
        before = forward[step - 1]
        reached = before.copy()
        reached[1:] = np.logaddexp(reached[1:], before[:-1])
        jumped = np.logaddexp(reached[2:], before[:-2])
        reached[2:] = np.where(can_jump[2:], jumped, reached[2:])
        forward[step] = reached + emitted[step]
    return forward


def _total(last: np.ndarray) -> float:
    """Todos los caminos acaban en la última letra o en el blanco que la sigue."""
    return float(np.logaddexp.reduce(last[-2:]))


def _check(
    log_probs: np.ndarray, labels: Sequence[int], blank: int
) -> tuple[np.ndarray, list[int], int]:
    log_probs = check_log_probs(log_probs)
    blank = as_int("blank", blank, minimum=0)
    labels = [as_int("cada símbolo de labels", label, minimum=0) for label in labels]
    symbols = log_probs.shape[1]
    if blank >= symbols:
        raise ValueError(f"blank es {blank} y solo hay {symbols} símbolos, del 0 al {symbols - 1}.")
    wrong = next((one for one in labels if one == blank or one >= symbols), None)
    if wrong is not None:
        raise ValueError(
            f"labels debe tener símbolos del 0 al {symbols - 1} y ningún blanco ({blank}); ha "
            f"llegado {wrong}. El blanco no se escribe: lo pone la recursión."
        )
    return log_probs, labels, blank


def check_log_probs(log_probs: np.ndarray) -> np.ndarray:
    """Comprueba que son logaritmos de probabilidades: (pasos, símbolos), cada fila suma 1."""
    array = as_array("log_probs", log_probs, ndim=2, dtype="float64", finite=False, min_length=1)
    if np.isnan(array).any():
        raise ValueError("log_probs tiene NaN. Revisa lo que da la red.")
    sums = np.exp(np.minimum(array, 1.0)).sum(axis=1)
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > SLACK:
        raise ValueError(
            "log_probs debe tener logaritmos de probabilidades; las del paso "
            f"{worst} suman {sums[worst]:.3g} y no 1. ¿Falta log_softmax?"
        )
    return array

"""Sortear el siguiente símbolo: temperatura, los k más probables y el núcleo.

Tres pasos que se encadenan: :func:`softmax` pasa de puntuaciones a probabilidades, con su
temperatura; :func:`top_k` o :func:`nucleus` quitan la cola; :func:`sample` sortea. Todo es por
filas: el último eje es el vocabulario, y los demás, los que haya.
"""

from __future__ import annotations

import math
import numbers

import numpy as np

from course_utils.validation import as_array, as_int, describe

SUM_TOLERANCE = 1e-5  # la de unas probabilidades en precisión simple


def softmax(scores: np.ndarray, *, temperature: float = 1.0) -> np.ndarray:
    r"""Probabilidades a partir de puntuaciones (*logits*), con temperatura.

    .. math:: p_i = \frac{e^{s_i/T}}{\sum_j e^{s_j/T}}

    Con :math:`T<1` se reparten menos y con :math:`T>1`, más. ``temperature=0`` es el límite: todo
    para la puntuación mayor, a partes iguales si hay empate.

    Parameters
    ----------
    scores : ndarray of shape (..., vocabulario)
        Las puntuaciones. Vale :math:`-\infty`, que da probabilidad cero, si no lo son todas las de
        una fila.
    temperature : float, default 1.0
        Cero o más, finita.

    Returns
    -------
    ndarray of float64, shape (..., vocabulario)
        Cada fila suma 1.

    Raises
    ------
    TypeError, ValueError
        Si hay un NaN o un :math:`+\infty`, si alguna fila no tiene nada que elegir o si la
        temperatura no vale.

    Notes
    -----
    La temperatura es la de Ackley, Hinton y Sejnowski (1985), *A learning algorithm for Boltzmann
    machines*, Cognitive Science 9.

    Examples
    --------
    >>> softmax([0.0, np.log(3.0)]).round(3)
    array([0.25, 0.75])
    >>> softmax([0.0, np.log(3.0)], temperature=0.5).round(3)
    array([0.1, 0.9])
    >>> softmax([2.0, 2.0, -np.inf], temperature=0)
    array([0.5, 0.5, 0. ])
    """
    scores = as_array("scores", scores, dtype="float64", finite=False)
    _check_vocabulary("scores", scores)
    if not _is_number(temperature) or not 0 <= temperature < math.inf:
        raise ValueError(
            f"temperature debe ser un número finito, cero o más; ha llegado "
            f"{describe(temperature)}. Con 1 no cambia nada; prueba con temperature=0.7."
        )
    if np.isnan(scores).any() or (scores == np.inf).any():
        raise ValueError(
            "scores debe tener números o -inf, y hay algún NaN o +inf. Mira si la red ha divergido."
        )
    best = scores.max(axis=-1, keepdims=True)
    if (best == -np.inf).any():
        raise ValueError(
            "Hay una fila de scores en la que todo es -inf: no hay nada que elegir. Deja al menos "
            "una puntuación finita."
        )
    with np.errstate(over="ignore", under="ignore"):
        # Con temperaturas minúsculas el cociente se desborda hacia -inf, que es lo que debe dar.
        gaps = scores - best
        weights = np.exp(gaps / temperature) if temperature > 0 else (gaps == 0).astype("float64")
        if temperature > 0:
            weights[gaps == 0] = 1.0
        return weights / weights.sum(axis=-1, keepdims=True)


def top_k(probabilities: np.ndarray, k: int) -> np.ndarray:
    """Deja los k símbolos más probables y reparte entre ellos la probabilidad de los demás.

    Parameters
    ----------
    probabilities : ndarray of shape (..., vocabulario)
        Cada fila suma 1.
    k : int
        Cuántos quedan. Si son todos los del vocabulario, o más, no cambia nada. De dos igual de
        probables, va antes el primero del vocabulario.

    Returns
    -------
    ndarray of float64, shape (..., vocabulario)
        Cada fila suma 1.

    Raises
    ------
    TypeError, ValueError
        Si no son probabilidades o ``k`` no es un entero positivo.

    Notes
    -----
    Fan, Lewis y Dauphin (2018), *Hierarchical neural story generation*, ACL.

    Examples
    --------
    >>> top_k([0.5, 0.3, 0.2], 2)
    array([0.625, 0.375, 0.   ])
    """
    probabilities = _as_probabilities(probabilities)
    k = as_int("k", k, minimum=1)
    if k >= probabilities.shape[-1]:
        return probabilities.copy()
    return _keep(probabilities, _ranks(probabilities) < k)


def nucleus(probabilities: np.ndarray, p: float) -> np.ndarray:
    """Deja el núcleo: los símbolos más probables, los justos para que sumen p o más.

    A diferencia de :func:`top_k`, cuántos quedan depende de lo seguro que esté el modelo.

    Parameters
    ----------
    probabilities : ndarray of shape (..., vocabulario)
        Cada fila suma 1.
    p : float
        Más de 0 y hasta 1. Con 1 no cambia nada. Siempre queda al menos el más probable; de dos
        igual de probables, va antes el primero del vocabulario.

    Returns
    -------
    ndarray of float64, shape (..., vocabulario)
        Cada fila suma 1.

    Raises
    ------
    TypeError, ValueError
        Si no son probabilidades o ``p`` no vale.

    Notes
    -----
    Holtzman, Buys, Du, Forbes y Choi (2020), *The curious case of neural text degeneration*, ICLR.

    Examples
    --------
    >>> nucleus([0.5, 0.3, 0.2], 0.6)
    array([0.625, 0.375, 0.   ])
    >>> nucleus([0.9, 0.1], 0.6)
    array([1., 0.])
    """
    probabilities = _as_probabilities(probabilities)
    if not _is_number(p) or not 0 < p <= 1:
        raise ValueError(
            f"p debe ser un número mayor que 0 y hasta 1; ha llegado {describe(p)}. Prueba con "
            "p=0.9."
        )
    if p == 1:
        return probabilities.copy()
    order = np.argsort(-probabilities, axis=-1, kind="stable")
    ordered = np.take_along_axis(probabilities, order, axis=-1)
    before = np.cumsum(ordered, axis=-1) - ordered  # lo que suman los que van delante
    # Sin la holgura, un redondeo (0.5 + 0.3 es 0.8, o casi) dejaría entrar a uno de más.
    inside = np.take_along_axis(before < p - 1e-12, _ranks(probabilities), axis=-1)
    return _keep(probabilities, inside | (_ranks(probabilities) == 0))


def sample(probabilities: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Sortea un símbolo de cada fila según sus probabilidades.

    Parameters
    ----------
    probabilities : ndarray of shape (..., vocabulario)
        Cada fila suma 1.
    rng : numpy.random.Generator
        De dónde sale el azar.

    Returns
    -------
    ndarray of int64, shape (...)
        El lugar del símbolo sorteado; nunca uno de probabilidad cero.

    Raises
    ------
    TypeError, ValueError
        Si no son probabilidades.

    Examples
    --------
    >>> sample([[0.0, 1.0], [1.0, 0.0]], rng=np.random.default_rng(0))
    array([1, 0])
    """
    probabilities = _as_probabilities(probabilities)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng debe ser un generador de NumPy; ha llegado {describe(rng)}. Escribe "
            "rng=np.random.default_rng(0)."
        )
    totals = probabilities.cumsum(axis=-1)
    drawn = rng.random(probabilities.shape[:-1])[..., None] * totals[..., -1:]
    places = (totals <= drawn).sum(axis=-1)  # el primero que pasa de lo sorteado
    last = probabilities.shape[-1] - 1 - (probabilities[..., ::-1] > 0).argmax(axis=-1)
    return np.minimum(places, last)


def _ranks(probabilities: np.ndarray) -> np.ndarray:
    """El puesto de cada símbolo: 0, el más probable; en los empates, el primero."""
    order = np.argsort(-probabilities, axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable")


def _keep(probabilities: np.ndarray, kept: np.ndarray) -> np.ndarray:
    remaining = np.where(kept, probabilities, 0.0)
    return remaining / remaining.sum(axis=-1, keepdims=True)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _as_probabilities(value: object) -> np.ndarray:
    array = as_array("probabilities", value, dtype="float64")
    _check_vocabulary("probabilities", array)
    if (array < 0).any():
        raise ValueError(
            f"probabilities debe tener solo números que no sean negativos; ha llegado "
            f"{array.min():g}. Si son puntuaciones, pásalas antes por softmax."
        )
    sums = array.sum(axis=-1)
    if (np.abs(sums - 1) > SUM_TOLERANCE).any():
        worst = sums.ravel()[np.abs(sums - 1).argmax()]
        raise ValueError(
            f"Cada fila de probabilities debe sumar 1; una suma {worst:g}. Si son puntuaciones, "
            "pásalas antes por softmax; si son cuentas, divídelas entre su suma."
        )
    return array


def _check_vocabulary(name: str, array: np.ndarray) -> None:
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(
            f"{name} debe tener un número por símbolo del vocabulario en su último eje; ha llegado "
            f"{describe(array)}. Pasa un array de forma (..., vocabulario)."
        )

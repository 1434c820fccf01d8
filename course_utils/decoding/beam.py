"""Búsqueda en haz: las secuencias más probables de un modelo que escribe símbolo a símbolo."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_utils.validation import as_int, describe

# step(símbolos, estado) → logaritmos (hipótesis, vocabulario) y el estado siguiente
Step = Callable[[np.ndarray, Any], tuple[Any, Any]]
SLACK = 1e-4  # lo que el redondeo puede dejar a un logaritmo por encima de cero


class Hypothesis(NamedTuple):
    """Una secuencia que propone la búsqueda.

    Attributes
    ----------
    symbols : tuple of int
        Lo escrito, sin el símbolo de inicio y con el de fin, si ha llegado a él.
    log_prob : float
        El logaritmo de su probabilidad.
    score : float
        Con lo que se ordena: ``log_prob`` dividido entre la longitud elevada a ``length_power``.
    ended : bool
        Si acaba con el símbolo de fin.
    """

    symbols: tuple[int, ...]
    log_prob: float
    score: float
    ended: bool


def beam_search(
    step: Step,
    state: Any,
    *,
    start: int,
    end: int,
    width: int,
    limit: int,
    length_power: float = 0.0,
) -> list[Hypothesis]:
    """Busca las secuencias más probables conservando ``width`` en cada paso.

    En cada paso alarga todas las que sigue con todos los símbolos y se queda con las ``width`` más
    probables; las que acaban, se apartan. Con ``width=1`` es la búsqueda voraz. Si en el haz cabe
    todo lo que se puede escribir, encuentra el máximo.

    Parameters
    ----------
    step : callable
        ``step(symbols, state)`` recibe el último símbolo de cada hipótesis, (hipótesis,), y su
        estado. Devuelve los logaritmos de las probabilidades del símbolo siguiente, (hipótesis,
        vocabulario), y el estado nuevo.
    state : array, tensor or tuple
        El estado con el que se empieza, con una fila. Si son varios, una tupla. En el eje 0, las
        hipótesis.
    start, end : int
        Los símbolos de inicio y de fin.
    width : int
        Cuántas se conservan.
    limit : int
        Símbolos como mucho, contado el de fin.
    length_power : float, default 0
        Con 0 gana la más probable. La probabilidad de una secuencia es un producto, que mengua con
        cada símbolo; con 1 se compara la media por símbolo.

    Returns
    -------
    list of Hypothesis
        La mejor, primero: ``width`` como mucho. Si ninguna ha acabado antes del límite, las que
        quedaban sin acabar.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale o ``step`` no devuelve logaritmos de probabilidades.

    Notes
    -----
    Las que siguen miden todas lo mismo: la longitud solo decide entre las que han acabado. Fuente:
    Sutskever, Vinyals y Le (2014), *Sequence to sequence learning with neural networks*; la
    normalización, como en Wu y otros (2016), arXiv 1609.08144, con otra fórmula.

    Examples
    --------
    Se empieza por 1 o por 2 y se acaba con 0. La voraz cae en la trampa:

    >>> probs = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.9, 0, 0.1], [0, 0.6, 0.4]])
    >>> def step(symbols, state):
    ...     with np.errstate(divide="ignore"):
    ...         return np.log(probs[symbols]), state
    >>> options = {"start": 3, "end": 0, "limit": 3}
    >>> [beam_search(step, np.zeros(1), width=w, **options)[0].symbols for w in (1, 2)]
    [(1, 0), (2, 0)]
    """
    width, limit = as_int("width", width, minimum=1), as_int("limit", limit, minimum=1)
    start, end = as_int("start", start, minimum=0), as_int("end", end, minimum=0)
    power = _check_power(length_power)
    alive, log_probs = np.array([[start]]), np.zeros(1)  # (hipótesis, escritos), (hipótesis,)
    ended: list[Hypothesis] = []
    for _ in range(limit):
        following, state = step(alive[:, -1], state)
        totals = log_probs[:, None] + _check_log_probs(following, len(alive), end)
        rows, symbols = _largest(totals, width)
        scores = totals[rows, symbols]
        alive = np.column_stack([alive[rows], symbols])
        over = symbols == end
        ended += _hypotheses(alive[over], scores[over], power, ended=True)
        ended = sorted(ended, key=lambda one: -one.score)[:width]
        alive, log_probs, state = alive[~over], scores[~over], _take(state, rows[~over])
        if not len(alive) or _settled(ended, log_probs, width, limit**power):
            break
    unfinished = _hypotheses(alive, log_probs, power, ended=False)
    return ended or sorted(unfinished, key=lambda one: -one.score)


def _largest(totals: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Fila y columna de los mayores, de mayor a menor; lo imposible no se elige."""
    order = np.argsort(-totals, axis=None, kind="stable")[:count]
    order = order[totals.ravel()[order] > -np.inf]
    return np.unravel_index(order, totals.shape)


def _hypotheses(
    prefixes: np.ndarray, log_probs: np.ndarray, power: float, *, ended: bool
) -> list[Hypothesis]:
    length = prefixes.shape[1] - 1  # sin el símbolo de inicio
    return [
        Hypothesis(tuple(symbols[1:].tolist()), float(total), float(total / length**power), ended)
        for symbols, total in zip(prefixes, log_probs, strict=True)
    ]


def _settled(ended: list[Hypothesis], log_probs: np.ndarray, width: int, longest: float) -> bool:
    """Si ninguna de las que siguen puede entrar ya entre las mejores."""
    return len(ended) == width and log_probs.max() / longest <= ended[-1].score


def _take(state: Any, rows: np.ndarray) -> Any:
    """Las filas de un estado, o de cada uno si es una tupla."""
    if isinstance(state, tuple):
        return tuple(_take(part, rows) for part in state)
    return state[rows]


def _check_power(power: object) -> float:
    if not isinstance(power, numbers.Real) or not 0 <= power < math.inf:
        raise ValueError(
            f"length_power debe ser un número que no sea negativo; ha llegado {describe(power)}. "
            "Usa 0 para no normalizar o 1 para la media por símbolo."
        )
    return float(power)


def _check_log_probs(following: Any, count: int, end: int) -> np.ndarray:
    """Comprueba lo que devuelve ``step``."""
    array = np.asarray(following.detach() if hasattr(following, "detach") else following, float)
    if array.ndim != 2 or len(array) != count or array.shape[1] <= end:
        raise ValueError(
            f"step debe devolver una fila por hipótesis y una columna por símbolo, ({count}, más "
            f"de {end}); ha devuelto la forma {array.shape}."
        )
    if np.isnan(array).any() or array.max() > SLACK:
        found = "hay NaN" if np.isnan(array).any() else f"el mayor es {array.max():.3g}"
        raise ValueError(
            f"step debe devolver logaritmos de probabilidades, de cero para abajo; {found}. "
            "¿Falta log_softmax?"
        )
    return array

"""De las probabilidades de cada paso al texto: el mejor camino y el mejor texto no son lo mismo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from course_utils.speech.ctc import check_log_probs
from course_utils.validation import as_int


class Reading(NamedTuple):
    """Un texto que propone la búsqueda.

    Attributes
    ----------
    labels : tuple of int
        Sus símbolos, sin blancos.
    log_prob : float
        El logaritmo de la probabilidad de los caminos encontrados: nunca más que la del texto.
    """

    labels: tuple[int, ...]
    log_prob: float


def collapse(path: Sequence[int], *, blank: int = 0) -> list[int]:
    """El texto de un camino: los iguales y seguidos son uno, y los blancos no se escriben.

    Examples
    --------
    >>> collapse([0, 3, 3, 0, 3, 1, 1])
    [3, 3, 1]
    """
    return [int(symbol) for symbol, _ in groupby(path) if symbol != blank]


def greedy(log_probs: np.ndarray, *, blank: int = 0) -> list[int]:
    """El texto del camino más probable: el mejor símbolo de cada paso.

    Parameters
    ----------
    log_probs : ndarray of shape (pasos, símbolos)
        Logaritmos de las probabilidades.
    blank : int, default 0
        Qué símbolo es el blanco.

    Raises
    ------
    TypeError, ValueError
        Si no son logaritmos de probabilidades.

    Examples
    --------
    >>> greedy(np.log([[0.1, 0.9], [0.6, 0.4], [0.2, 0.8]]))
    [1, 1]
    """
    return collapse(check_log_probs(log_probs).argmax(axis=1), blank=blank)


def prefix_beam(log_probs: np.ndarray, *, width: int, blank: int = 0) -> list[Reading]:
    """Los textos más probables, buscados con un haz de prefijos.

    De cada prefijo se guardan por separado los caminos que acaban en blanco y los que acaban en su
    última letra: repetirla tras un blanco escribe otra; sin él, no escribe nada.

    Parameters
    ----------
    log_probs : ndarray of shape (pasos, símbolos)
        Logaritmos de las probabilidades.
    width : int
        Cuántos prefijos se conservan en cada paso. Si caben todos, encuentra el máximo.
    blank : int, default 0
        Qué símbolo es el blanco.

    Returns
    -------
    list of Reading
        El mejor, primero: ``width`` como mucho.

    Raises
    ------
    TypeError, ValueError
        Si no son logaritmos de probabilidades o ``width`` no es un entero mayor que cero.

    Notes
    -----
    Graves (2012), *Supervised sequence labelling with recurrent neural networks*, Springer, sección
    7.5; en esta forma, Hannun, Maas, Jurafsky y Ng (2014), arXiv 1408.2873.

    Examples
    --------
    El camino más probable es dos blancos, 0.36; pero el texto «1» reúne tres caminos, 0.64:

    >>> probs = np.log([[0.6, 0.4], [0.6, 0.4]])
    >>> greedy(probs), prefix_beam(probs, width=2)[0].labels
    ([], (1,))
    """
    log_probs = check_log_probs(log_probs)
    width = as_int("width", width, minimum=1)
    beam = {(): (0.0, -np.inf)}  # prefijo → caminos que acaban en blanco y en su última letra
    for step in log_probs:
        grown: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [-np.inf, -np.inf])
        for prefix, (blanks, letters) in beam.items():
            either = np.logaddexp(blanks, letters)
            _add(grown[prefix], 0, either + step[blank])
            if prefix:
                _add(grown[prefix], 1, letters + step[prefix[-1]])
            for symbol, log_prob in enumerate(step):
                if symbol != blank and log_prob > -np.inf:
                    repeated = bool(prefix) and symbol == prefix[-1]
                    _add(grown[*prefix, symbol], 1, (blanks if repeated else either) + log_prob)
        best = sorted(grown.items(), key=lambda item: -np.logaddexp(*item[1]))[:width]
        beam = {prefix: tuple(ends) for prefix, ends in best if max(ends) > -np.inf}
    return [Reading(prefix, float(np.logaddexp(*ends))) for prefix, ends in beam.items()]


def _add(ends: list[float], place: int, log_prob: float) -> None:
    ends[place] = float(np.logaddexp(ends[place], log_prob))

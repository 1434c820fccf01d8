"""Números que parecen una marca de «no hay dato»: un extremo repetido, lejos de todo lo demás."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.datasets.own.faults import count, enumerate_some, on_lines

# Los que más se usan para decir que no hay dato.
_NINES = [float(f"{'9' * n}{end}") for n in range(1, 7) for end in ("", ".9", ".99")]
USUAL = np.array(
    [*(-nine for nine in _NINES), *_NINES[6:], -1, -200, -8888, 8888, -32768, 32767, 1e20, -1e30]
)
FEWEST = 8  # valores que hacen falta, sin la marca, para decir que está lejos de ellos


def sentinel_faults(values: np.ndarray, lines: np.ndarray, texts: Sequence[str] = ()) -> list[str]:
    """Valores que quizá signifiquen que no hay dato.

    Parameters
    ----------
    values : ndarray of float
        Los valores, NaN donde no hay.
    lines : ndarray of int
        La línea de cada uno.
    texts : sequence of str
        Lo que ya se ha dicho que significa que no hay dato.

    Examples
    --------
    >>> values = np.array([12.0, 15, 11, 13, -200, 14, 12, 16, -200, 13, 11])
    >>> sentinel_faults(values, np.arange(2, 13))[0][:52]
    'El valor -200 aparece 2 veces (en las líneas 6 y 10)'
    """
    found = find_sentinels(values)
    if not found:
        return []
    rest = values[np.isfinite(values) & ~np.isin(values, found)]
    shown = [
        f"{value:.12g} aparece {count(len(places), 'vez', 'veces')} (en {on_lines(places)})"
        for value in found
        for places in [lines[values == value]]
    ]
    said = [f'"{text}"' for text in texts]
    listed = ", ".join([*said, *(f"{value:.12g}" for value in found)])
    kept = ", ".join([*said, "np.nan"] if said else [])
    return [
        f"El valor {enumerate_some(shown)}, lejos de los demás, que van de {rest.min():.12g} a "
        f"{rest.max():.12g}. Si significa que no hay dato, pasa missing=[{listed}]; si es un dato "
        f"como los otros, missing=[{kept}]."
    ]


def find_sentinels(values: np.ndarray) -> list[float]:
    """Los extremos que parecen una marca, uno a uno: sin el primero puede verse otro.

    Examples
    --------
    >>> measured = np.array([3.0, 5, 4, 6, 5, 3, 4, 6, 4])
    >>> find_sentinels(np.concatenate([measured, [9999, -999, 9999]]))
    [9999.0, -999.0]
    >>> find_sentinels(measured)
    []
    """
    distinct, times = np.unique(values[np.isfinite(values)], return_counts=True)
    found: list[float] = []
    while len(distinct) > 3:
        for end, rest in ((-1, slice(None, -1)), (0, slice(1, None))):
            if _stands_out(distinct[end], times[end], distinct[rest], times[rest]):
                found.append(float(distinct[end]))
                distinct, times = distinct[rest], times[rest]
                break
        else:
            break
    return found


def _stands_out(value: float, repeated: int, rest: np.ndarray, times: np.ndarray) -> bool:
    """Si un extremo no es uno más de una serie cuyos otros valores son ``rest``."""
    usual = value in USUAL
    if times.sum() < FEWEST or (not usual and repeated > 0.25 * times.sum()):
        return False  # un nivel de la serie, como el cero de lo que casi nunca se vende
    width = rest[-1] - rest[0]
    gaps = np.abs(rest - value)
    if gaps.min() > width:
        return repeated > 1 or (usual and abs(value) >= 99)
    # Una marca habitual puede estar más cerca, si es más frecuente que todos sus vecinos juntos.
    alone = repeated > times[gaps <= max(gaps.min(), 0.1 * width)].sum()
    return bool(usual and alone and repeated > 1 and (value > 0 or rest[0] >= 0))

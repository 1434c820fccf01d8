"""Cómo se puntúa un detector: sucesos, avisos falsos y la F1 con ajuste de puntos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Span = tuple[int, int]  # la primera medida de un suceso y la que sigue a la última


def robust_spread(values: np.ndarray) -> float:
    """La desviación típica estimada con la mediana: 1,4826 veces la desviación absoluta mediana.

    Examples
    --------
    >>> round(robust_spread(np.array([-1.0, 0.0, 1.0, 100.0])), 3)
    1.483
    """
    return float(1.4826 * np.nanmedian(np.abs(values - np.nanmedian(values))))


def count_calls(alarms: np.ndarray, quiet: int) -> int:
    """Cuántas veces se avisa si, tras cada aviso, se calla durante ``quiet`` medidas.

    Parameters
    ----------
    alarms : ndarray of bool, shape (n,)
        En qué medidas hay alarma.
    quiet : int
        Medidas de silencio.

    Examples
    --------
    >>> count_calls(np.array([1, 1, 1, 0, 1, 0], bool), quiet=2)
    2
    """
    calls, free = 0, 0
    for step in np.flatnonzero(alarms):
        if step >= free:
            calls, free = calls + 1, step + quiet + 1
    return calls


def first_alarms(alarms: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """Cuántas medidas tarda en llegar la primera alarma de cada suceso; NaN si no llega.

    Examples
    --------
    >>> first_alarms(np.array([0, 0, 1, 0, 0], bool), [(1, 3), (3, 5)])
    array([ 1., nan])
    """
    inside = [np.flatnonzero(alarms[start:end]) for start, end in spans]
    return np.array([found[0] if len(found) else np.nan for found in inside])


def false_calls(alarms: np.ndarray, spans: Sequence[Span], quiet: int) -> int:
    """Los avisos que no son de ningún suceso, sin contar los que llegan justo después de uno.

    Examples
    --------
    >>> false_calls(np.array([1, 0, 1, 1, 0, 1], bool), [(2, 3)], quiet=1)
    2
    """
    outside = alarms.copy()
    for start, end in spans:
        outside[start : end + quiet] = False
    return count_calls(outside, quiet)


def best_adjusted_f1(scores: np.ndarray, spans: Sequence[Span]) -> float:
    """La mayor F1 con ajuste de puntos que se puede publicar, con el umbral que más convenga.

    Con el ajuste, una sola alarma dentro de un suceso lo da por señalado entero.

    Examples
    --------
    >>> round(best_adjusted_f1(np.array([0.1, 0.9, 0.2, 0.3, 0.0]), [(1, 4)]), 3)
    1.0
    """
    lengths = np.array([end - start for start, end in spans])
    peaks = np.array([scores[start:end].max() for start, end in spans])
    normal = np.ones(len(scores), bool)
    for start, end in spans:
        normal[start:end] = False
    # Entre dos máximos de sucesos solo cambian las falsas alarmas: basta con esos umbrales.
    results = [
        _f1(lengths[peaks >= threshold].sum(), (scores[normal] >= threshold).sum(), lengths.sum())
        for threshold in peaks
    ]
    return float(max(results))


def _f1(hits: float, false: float, positives: float) -> float:
    return 2 * hits / (hits + false + positives)

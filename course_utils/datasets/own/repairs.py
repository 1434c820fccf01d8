"""Los arreglos que se piden expresamente: juntar las filas de una fecha y rellenar huecos."""

from __future__ import annotations

import numpy as np

from course_utils.datasets.own.rhythm import Grid


def combine_rows(values: np.ndarray, grid: Grid, how: str) -> np.ndarray:
    """Un valor por fecha; NaN donde no hay ninguno.

    Parameters
    ----------
    values : ndarray of float, shape (filas,)
        Los valores, NaN donde no hay.
    grid : Grid
        Las fechas y el sitio de cada fila.
    how : {"sum", "mean", "last"}
        Qué se hace con varios valores de la misma fecha.
    """
    known = np.isfinite(values)
    index, values, size = grid.index[known], values[known], len(grid.dates)
    combined = np.full(size, np.nan)
    if how == "last":
        combined[index] = values  # de una fecha repetida queda la última fila
        return combined
    rows = np.bincount(index, minlength=size)
    total = np.bincount(index, weights=values, minlength=size)
    return np.divide(total, rows if how == "mean" else 1, out=combined, where=rows > 0)


def fill_gaps(measured: np.ndarray, fill: str | None) -> np.ndarray:
    """Rellena los NaN; con ``None``, no debe haberlos.

    Examples
    --------
    >>> measured = np.array([1.0, np.nan, 3.0])
    >>> [fill_gaps(measured, fill)[1].item() for fill in ("previous", "linear", "zero")]
    [1.0, 2.0, 0.0]
    """
    known = np.flatnonzero(np.isfinite(measured))
    places = np.arange(len(measured))
    if fill == "linear":
        return np.interp(places, known, measured[known])
    if fill == "previous":
        return measured[known[np.searchsorted(known, places, side="right") - 1]]
    return np.where(np.isnan(measured), 0.0, measured)


def inner_slots(discarded: np.ndarray, size: int) -> tuple[int, int]:
    """Entre qué fechas queda la serie si se quitan las primeras y las últimas que no valen.

    Examples
    --------
    >>> inner_slots(np.array([0, 1, 4, 9]), 10)
    (2, 9)
    """
    kept = np.setdiff1d(np.arange(size), discarded)
    return (int(kept[0]), int(kept[-1]) + 1) if kept.size else (0, size)

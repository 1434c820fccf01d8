"""Cada cuánto hay un valor: cómo se reconoce y qué fechas debería haber."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# El 1 de enero del año 1 fue lunes: desde él se cuentan los días laborables.
_FIRST_MONDAY = np.datetime64("0001-01-01")
_DAYS_PER_MONTH = 365.2425 / 12


class Rhythm(NamedTuple):
    """Cada cuánto hay un valor.

    Attributes
    ----------
    name : str
        Cómo se llama la serie: «diaria», «mensual».
    unit : {"D", "B", "M"}
        En qué se cuenta: días, días de lunes a viernes o meses.
    step : int
        Cuántos van de un valor al siguiente.
    period : int
        Pasos de su ciclo más habitual.
    """

    name: str
    unit: str
    step: int
    period: int


RHYTHMS = {
    "daily": Rhythm("diaria", "D", 1, 7),
    "business": Rhythm("de lunes a viernes", "B", 1, 5),
    "weekly": Rhythm("semanal", "D", 7, 52),
    "monthly": Rhythm("mensual", "M", 1, 12),
    "quarterly": Rhythm("trimestral", "M", 3, 4),
    "yearly": Rhythm("anual", "M", 12, 1),
}


class Grid(NamedTuple):
    """Las fechas que debería tener una serie.

    Attributes
    ----------
    dates : ndarray of datetime64
        Todas, desde la primera hasta la última.
    index : ndarray of int, one per row
        Qué lugar ocupa en ``dates`` cada fila del archivo.
    off : ndarray of bool, one per row
        Las filas cuya fecha no es ninguna de las que debería haber; su ``index`` no vale.
    rhythm : Rhythm
        Cada cuánto hay un valor.
    """

    dates: np.ndarray
    index: np.ndarray
    off: np.ndarray
    rhythm: Rhythm


def detect_rhythm(days: np.ndarray) -> str | None:
    """Reconoce cada cuánto hay un valor, aunque falten algunos.

    Parameters
    ----------
    days : ndarray of datetime64[D]
        Fechas en orden y sin repetir.

    Returns
    -------
    str or None
        Una clave de ``RHYTHMS``, la del paso que más se repite. ``None`` si ninguno es el de la
        mitad de las veces.

    Examples
    --------
    >>> detect_rhythm(np.array(["2024-01-31", "2024-02-29", "2024-03-31"], "datetime64[D]"))
    'monthly'
    >>> detect_rhythm(np.array(["2024-01-05", "2024-01-08", "2024-01-09"], "datetime64[D]"))
    'business'
    >>> detect_rhythm(np.array(["2024-01-01", "2024-01-04", "2024-01-17"], "datetime64[D]"))
    """
    scores = {name: _regularity(days, rhythm) for name, rhythm in RHYTHMS.items()}
    best = max(scores, key=scores.get)
    return best if scores[best] >= 0.5 else None


def _regularity(days: np.ndarray, rhythm: Rhythm) -> float:
    """Qué parte de los pasos entre fechas seguidas son los de un ritmo."""
    if len(days) < 2 or (rhythm.unit == "B" and _is_weekend(days).any()):
        return 0.0
    right = np.diff(_ticks(days, rhythm.unit)) == rhythm.step
    if rhythm.unit == "M":  # y, además, con los días que tiene un paso así
        length = np.diff(days).astype(int)
        right &= np.abs(length - rhythm.step * _DAYS_PER_MONTH) <= 4
    return float(right.mean())


def make_grid(days: np.ndarray, rhythm: Rhythm) -> Grid:
    """Coloca cada fecha en las que debería tener una serie.

    Parameters
    ----------
    days : ndarray of datetime64[D]
        La fecha de cada fila, en cualquier orden.
    rhythm : Rhythm
        Cada cuánto hay un valor. Si es en meses, el día del mes no cuenta.

    Examples
    --------
    >>> days = np.array(["2024-01-05", "2024-01-08", "2024-01-10"], dtype="datetime64[D]")
    >>> grid = make_grid(days, RHYTHMS["business"])
    >>> grid.dates.astype(str).tolist(), grid.index
    (['2024-01-05', '2024-01-08', '2024-01-09', '2024-01-10'], array([0, 1, 3]))
    """
    ticks = _ticks(days, rhythm.unit)
    phase = np.bincount(ticks % rhythm.step).argmax()
    off = ticks % rhythm.step != phase
    if rhythm.unit == "B":
        off |= _is_weekend(days)
    slots = ticks // rhythm.step
    first, last = slots.min(), slots.max()
    dates = _dates(np.arange(first, last + 1) * rhythm.step + phase, rhythm.unit)
    return Grid(dates, slots - first, off, rhythm)


def _is_weekend(days: np.ndarray) -> np.ndarray:
    return ~np.is_busday(days)


def _ticks(days: np.ndarray, unit: str) -> np.ndarray:
    """Días, días de lunes a viernes o meses desde una fecha fija."""
    if unit == "B":
        return np.busday_count(_FIRST_MONDAY, days)
    return days.astype(f"datetime64[{unit}]").astype(np.int64)


def _dates(ticks: np.ndarray, unit: str) -> np.ndarray:
    """La inversa de ``_ticks``."""
    if unit == "B":
        return np.busday_offset(_FIRST_MONDAY, ticks)
    return ticks.astype(f"datetime64[{unit}]")

"""Cada cuánto hay un valor: cómo se reconoce y qué fechas debería haber."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# El 1 de enero del año 1 fue lunes: desde él se cuentan los días laborables.
_FIRST_MONDAY = np.datetime64("0001-01-01")
_DAYS_PER_MONTH = 365.2425 / 12
_MINUTES = {"m": 1, "D": 1440, "B": 1440, "M": 1440 * _DAYS_PER_MONTH}


class Rhythm(NamedTuple):
    """Cada cuánto hay un valor.

    Attributes
    ----------
    name : str
        Cómo se llama la serie: «diaria», «mensual».
    unit : {"m", "D", "B", "M"}
        En qué se cuenta: minutos, días, días de lunes a viernes o meses.
    step : int
        Cuántos van de un valor al siguiente.
    period : int
        Pasos de su ciclo más habitual.
    """

    name: str
    unit: str
    step: int
    period: int

    @property
    def minutes(self) -> float:
        """Cuánto dura un paso, más o menos."""
        return self.step * _MINUTES[self.unit]

    @property
    def by_clock(self) -> bool:
        """Si se cuenta por debajo del día."""
        return self.unit == "m"


RHYTHMS = {
    "daily": Rhythm("diaria", "D", 1, 7),
    "business": Rhythm("de lunes a viernes", "B", 1, 5),
    "weekly": Rhythm("semanal", "D", 7, 52),
    "monthly": Rhythm("mensual", "M", 1, 12),
    "quarterly": Rhythm("trimestral", "M", 3, 4),
    "yearly": Rhythm("anual", "M", 12, 1),
    "hourly": Rhythm("horaria", "m", 60, 24),
    "30min": Rhythm("de media en media hora", "m", 30, 48),
    "20min": Rhythm("de veinte en veinte minutos", "m", 20, 72),
    "15min": Rhythm("de cuarto en cuarto de hora", "m", 15, 96),
    "10min": Rhythm("de diez en diez minutos", "m", 10, 144),
    "5min": Rhythm("de cinco en cinco minutos", "m", 5, 288),
    "1min": Rhythm("de un valor por minuto", "m", 1, 1440),
    "2h": Rhythm("de dos en dos horas", "m", 120, 12),
    "3h": Rhythm("de tres en tres horas", "m", 180, 8),
    "4h": Rhythm("de cuatro en cuatro horas", "m", 240, 6),
    "6h": Rhythm("de seis en seis horas", "m", 360, 4),
    "8h": Rhythm("de ocho en ocho horas", "m", 480, 3),
    "12h": Rhythm("de doce en doce horas", "m", 720, 2),
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

    def cut(self, first: int, last: int, rows: np.ndarray) -> Grid:
        """Solo las fechas de ``first`` a ``last``, sin incluir esta, y esas filas."""
        return Grid(self.dates[first:last], self.index[rows] - first, self.off[rows], self.rhythm)


def detect_rhythm(times: np.ndarray, days: np.ndarray | None = None) -> str | None:
    """Reconoce cada cuánto hay un valor, aunque falten algunos.

    Parameters
    ----------
    times : ndarray of datetime64
        Fechas en orden y sin repetir, con hora si la tienen.
    days : ndarray of datetime64[D], optional
        Los días en que caen, en orden y sin repetir, si no son los de ``times``: con desfases,
        cada fecha es del día que lleva escrito.

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
    >>> detect_rhythm(np.array(["2024-01-01T10:30", "2024-01-01T11:30"], "datetime64[s]"))
    'hourly'
    >>> detect_rhythm(np.array(["2024-01-01", "2024-01-04", "2024-01-17"], "datetime64[D]"))
    """
    by_clock = [name for name, rhythm in RHYTHMS.items() if rhythm.by_clock]
    others = [name for name in RHYTHMS if name not in by_clock]
    days = distinct(times.astype("datetime64[D]")) if days is None else days
    for names, found in ((by_clock, times), (others, days)):
        scores = {name: regularity(found, RHYTHMS[name]) for name in names}
        best = max(scores, key=scores.get)
        if scores[best] >= 0.5:
            return best
    return None


def regularity(times: np.ndarray, rhythm: Rhythm) -> float:
    """Qué parte de los pasos entre fechas seguidas son los de un ritmo."""
    if len(times) < 2 or (rhythm.unit == "B" and _is_weekend(times).any()):
        return 0.0
    right = np.diff(count_ticks(times, rhythm.unit)) == rhythm.step
    if rhythm.unit == "M":  # y, además, con los días que tiene un paso así
        length = np.diff(times.astype("datetime64[D]")).astype(int)
        right &= np.abs(length - rhythm.step * _DAYS_PER_MONTH) <= 4
    return float(right.mean())


def make_grid(times: np.ndarray, rhythm: Rhythm, *, join: bool = False) -> Grid:
    """Coloca cada fecha en las que debería tener una serie.

    Parameters
    ----------
    times : ndarray of datetime64
        La fecha de cada fila, en cualquier orden.
    rhythm : Rhythm
        Cada cuánto hay un valor. Si es en meses, el día del mes no cuenta.
    join : bool, default False
        Si en cada fecha caben varias filas: las semanas empiezan entonces en lunes, los trimestres
        y los años en enero y las horas en punto. Si no, empiezan donde diga el archivo.

    Examples
    --------
    >>> days = np.array(["2024-01-05", "2024-01-08", "2024-01-10"], dtype="datetime64[D]")
    >>> grid = make_grid(days, RHYTHMS["business"])
    >>> grid.dates.astype(str).tolist(), grid.index
    (['2024-01-05', '2024-01-08', '2024-01-09', '2024-01-10'], array([0, 1, 3]))
    >>> make_grid(days, RHYTHMS["weekly"], join=True).dates.astype(str).tolist()
    ['2024-01-01', '2024-01-08']
    """
    ticks = count_ticks(times, rhythm.unit)
    phase = usual_phase(ticks, rhythm)
    off = np.zeros(len(ticks), dtype=bool) if join else ticks % rhythm.step != phase
    if join:
        phase = 4 % rhythm.step if rhythm.unit == "D" else 0  # el 5 de enero de 1970 fue lunes
    if rhythm.unit == "B":
        off |= _is_weekend(times)
    slots = (ticks - phase) // rhythm.step
    first, last = slots.min(), slots.max()
    dates = _dates(np.arange(first, last + 1) * rhythm.step + phase, rhythm.unit)
    return Grid(dates, slots - first, off, rhythm)


def usual_phase(ticks: np.ndarray, rhythm: Rhythm) -> int:
    """En qué punto del paso cae casi todo: los miércoles, los minutos 5…"""
    return int(np.bincount(ticks % rhythm.step).argmax())


def ticks_per_slot(grid: Grid, rhythm: Rhythm, phase: int) -> np.ndarray:
    """Cuántos valores de un ritmo caben en cada fecha de otro más lento.

    Examples
    --------
    >>> days = np.array(["2024-01-05", "2024-02-20"], dtype="datetime64[D]")
    >>> ticks_per_slot(make_grid(days, RHYTHMS["monthly"]), RHYTHMS["daily"], 0)
    array([31, 29])
    """
    unit, step = grid.rhythm.unit, grid.rhythm.step
    ends = _dates(count_ticks(grid.dates[-1:], unit) + step, unit)
    edges = count_ticks(np.concatenate([grid.dates, ends]), rhythm.unit)
    return np.diff(-((phase - edges) // rhythm.step))


def count_ticks(times: np.ndarray, unit: str) -> np.ndarray:
    """Minutos, días, días de lunes a viernes o meses desde una fecha fija."""
    if unit == "B":
        return np.busday_count(_FIRST_MONDAY, times.astype("datetime64[D]"))
    return times.astype(f"datetime64[{unit}]").astype(np.int64)


def distinct(times: np.ndarray) -> np.ndarray:
    """Las fechas, en orden y sin repetir; con muchas, bastante antes que ``np.unique``.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3]))
    array([1, 3])
    """
    times = np.sort(times)
    return times[np.append(True, times[1:] != times[:-1])] if len(times) else times


def _is_weekend(times: np.ndarray) -> np.ndarray:
    return ~np.is_busday(times.astype("datetime64[D]"))


def _dates(ticks: np.ndarray, unit: str) -> np.ndarray:
    """La inversa de ``count_ticks``."""
    if unit == "B":
        return np.busday_offset(_FIRST_MONDAY, ticks)
    return ticks.astype(f"datetime64[{unit}]")

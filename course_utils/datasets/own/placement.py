"""De las filas de un archivo a las fechas de una serie, con un valor en cada una."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.datasets.own import checks
from course_utils.datasets.own.checks import Rows
from course_utils.datasets.own.coverage import coverage_fault, find_uneven
from course_utils.datasets.own.faults import refusal
from course_utils.datasets.own.repairs import combine_rows, inner_slots
from course_utils.datasets.own.rhythm import (
    RHYTHMS,
    Grid,
    Rhythm,
    count_ticks,
    detect_rhythm,
    distinct,
    make_grid,
)


class Placed(NamedTuple):
    """Las filas, en su sitio.

    Attributes
    ----------
    rows : Rows
        Las filas del archivo.
    grid : Grid
        Las fechas de la serie y a cuál va cada fila.
    frequency : str
        Cada cuánto hay un valor en la serie.
    native : str or None
        Cada cuánto hay una fila en el archivo.
    faults : list of str
        Las horas que sobran.
    """

    rows: Rows
    grid: Grid
    frequency: str
    native: str | None
    faults: list[str]


def place_rows(
    path: Path, rows: Rows, told: str | None, duplicates: str | None, faults: list[str]
) -> Placed:
    """La frecuencia y el sitio de cada fila; si no se saben, no hay nada más que mirar."""
    times, days = distinct(rows.times), distinct(rows.days)
    native = frequency = detect_rhythm(times, days)
    by_days = told is None and duplicates is not None and rows.timed.size > 0
    if by_days:  # juntar es, si no se dice más, por días
        frequency = detect_rhythm(days)
    if len(days if by_days else times) < 2:
        raise refusal(path, *faults, f"Solo hay una fecha, {days[0]}, y hace falta una serie.")
    frequency = told or frequency
    if frequency is None:
        spare = [] if duplicates else checks.hour_faults(rows)
        raise refusal(path, *faults, *spare, checks.rhythm_fault(rows))
    rhythm = RHYTHMS[frequency]
    spare = [] if rhythm.by_clock or duplicates else checks.hour_faults(rows)
    holes = checks.hole_faults(rows, rhythm)
    if holes:
        raise refusal(path, *faults, *holes)
    times = rows.times if rhythm.by_clock else rows.local
    grid = make_grid(times, rhythm, join=_is_joined(times, rhythm, native, told, duplicates))
    if grid.off.any():
        raise refusal(path, *faults, *spare, checks.off_fault(rows, grid))
    return Placed(rows, grid, frequency, native, spare)


def _is_joined(
    times: np.ndarray, rhythm: Rhythm, native: str | None, told: str | None, duplicates: str | None
) -> bool:
    """Si en cada fecha caben varias filas, que no tienen por qué guardar el mismo paso."""
    if native is not None and RHYTHMS[native].minutes < rhythm.minutes:
        return True
    mixed = np.ptp(count_ticks(times, rhythm.unit) % rhythm.step) > 0
    return bool(told and duplicates and (native is None or mixed))


class Joined(NamedTuple):
    """Un valor por fecha.

    Attributes
    ----------
    rows, grid : Rows, Grid
        Las filas que quedan y las fechas de la serie.
    measured : ndarray of float
        El valor de cada fecha, NaN si no tiene.
    discarded : ndarray of int
        Las fechas que se quedan sin valor por incompletas.
    faults : list of str
        Fechas repetidas o incompletas.
    """

    rows: Rows
    grid: Grid
    measured: np.ndarray
    discarded: np.ndarray
    faults: list[str]


def join_rows(placed: Placed, duplicates: str | None, incomplete: str | None) -> Joined:
    """Junta las filas de cada fecha y mira si a alguna le faltan."""
    rows, grid = placed.rows, placed.grid
    measured = combine_rows(rows.values, grid, duplicates or "last")
    joined = Joined(rows, grid, measured, np.array([], dtype=int), [])
    if duplicates is None:
        return joined._replace(faults=checks.duplicate_faults(rows, grid))
    uneven = find_uneven(rows, grid, placed.native)
    if duplicates == "last" or incomplete == "keep" or not uneven.slots.size:
        return joined
    if incomplete is None:
        return joined._replace(faults=[coverage_fault(uneven, grid)])
    measured[uneven.slots] = np.nan
    first, last = inner_slots(uneven.slots, len(measured))
    kept = (grid.index >= first) & (grid.index < last)
    inside = uneven.slots[(uneven.slots >= first) & (uneven.slots < last)] - first
    return Joined(rows.only(kept), grid.cut(first, last, kept), measured[first:last], inside, [])

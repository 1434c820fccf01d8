"""Si al juntar filas queda alguna fecha con muchas menos que las demás, o con más."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.checks import Rows
from course_utils.datasets.own.faults import enumerate_some
from course_utils.datasets.own.rhythm import (
    RHYTHMS,
    Grid,
    Rhythm,
    count_ticks,
    distinct,
    regularity,
    ticks_per_slot,
    usual_phase,
)

TOLERANCE = 0.05  # deja pasar los días de 23 y 25 horas
IRREGULAR = 0.25  # y esto, si al archivo le faltan filas por todas partes


class Uneven(NamedTuple):
    """Las fechas con menos filas de las que les tocan, o con más.

    Attributes
    ----------
    slots : ndarray of int
        Su lugar en la serie.
    found, expected : ndarray of int
        Cuántas filas con valor tienen y cuántas deberían tener.
    """

    slots: np.ndarray
    found: np.ndarray
    expected: np.ndarray


def find_uneven(rows: Rows, grid: Grid, native: str | None) -> Uneven:
    """Compara las filas de cada fecha con las que le tocan.

    Parameters
    ----------
    rows : Rows
        Las filas; las que no tienen valor no cuentan.
    grid : Grid
        En qué fecha de la serie se junta cada una.
    native : str or None
        Cada cuánto hay una fila en el archivo, si guardan un paso.

    Examples
    --------
    >>> from course_utils.datasets.own.rhythm import make_grid
    >>> days = np.arange("2024-01-25", "2024-04-01", dtype="datetime64[D]")
    >>> rows = Rows(days, days, np.ones(len(days)), np.arange(len(days)))
    >>> find_uneven(rows, make_grid(days, RHYTHMS["monthly"]), "daily")
    Uneven(slots=array([0]), found=array([7]), expected=array([31]))
    """
    known = np.isfinite(rows.values)
    index = grid.index[known]
    found = np.bincount(index, minlength=len(grid.dates))
    rhythm = RHYTHMS.get(native)
    if not known.any() or rhythm is None or rhythm.minutes >= grid.rhythm.minutes:
        return _uneven_rows(found, np.ones(len(found)), fewest=2)
    times = (rows.times if rhythm.by_clock else rows.local)[known]
    ticks = count_ticks(times, rhythm.unit)
    room = ticks_per_slot(grid, rhythm, usual_phase(ticks, rhythm))
    _, firsts = np.unique(ticks // rhythm.step, return_index=True)
    present = np.bincount(index[firsts], minlength=len(found))
    lacking = _lacking(present, room, times, rhythm)
    if lacking.size:
        return Uneven(lacking, present[lacking], room[lacking])
    return _uneven_rows(found, present, fewest=1)


def _lacking(
    present: np.ndarray, room: np.ndarray, times: np.ndarray, rhythm: Rhythm
) -> np.ndarray:
    """Fechas a las que faltan filas de las que debería haber según el paso del archivo."""
    share = np.divide(present, room, out=np.ones(len(room)), where=room > 0)
    least = 1 - TOLERANCE
    if rhythm.unit == "B" or regularity(distinct(times), rhythm) < 0.9:
        least = (1 - IRREGULAR) * np.quantile(share[present > 0], 0.75)
    return np.flatnonzero((share < least) & (present > 0))


def _uneven_rows(rows: np.ndarray, room: np.ndarray, *, fewest: int) -> Uneven:
    """Fechas con otro número de filas, cuando la mayoría tiene justo las mismas por hueco."""
    filled = (rows > 0) & (room > 0)
    share = np.divide(rows, room, out=np.zeros(len(room)), where=filled)
    usual = np.median(share[filled]) if filled.any() else 0.0
    odd = filled & (np.abs(share - usual) > TOLERANCE * usual)
    steady = (share[filled] == usual).mean() > 0.5 and odd.sum() <= 0.25 * filled.sum()
    slots = np.flatnonzero(odd & steady & (usual >= fewest))
    return Uneven(slots, rows[slots], np.round(usual * room[slots]).astype(int))


def coverage_fault(uneven: Uneven, grid: Grid) -> str:
    """Qué fechas son y qué se puede hacer con ellas."""
    shown = enumerate_some(
        range(len(uneven.slots)),
        lambda i: f"{grid.dates[uneven.slots[i]]} ({uneven.found[i]} de {uneven.expected[i]})",
    )
    many = (
        "1 fecha no junta las filas que le tocan"
        if len(uneven.slots) == 1
        else f"{len(uneven.slots)} fechas no juntan las filas que les tocan"
    )
    return (
        f"{many}, para una serie {grid.rhythm.name}: {shown}. Completa el archivo o di qué hacer "
        'con ellas: incomplete="discard" las deja sin valor, y las quita si son las primeras o las '
        'últimas; incomplete="keep" las junta como están.'
    )

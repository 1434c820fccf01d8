"""Lo que puede impedir que unas filas sean una serie: el orden, las fechas y los valores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.faults import count, enumerate_some, on_lines
from course_utils.datasets.own.rhythm import Grid

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
JOIN_ADVICE = 'duplicates="sum", "mean" o "last"'
FILL_ADVICE = (
    'Completa el archivo o di cómo rellenar los huecos: fill="previous" repite el último valor, '
    'fill="linear" traza una recta hasta el siguiente y fill="zero" pone un cero.'
)


class Rows(NamedTuple):
    """Las filas de un archivo, en su orden.

    Attributes
    ----------
    times : ndarray of datetime64[s]
        Sus fechas, con hora si la tienen.
    values : ndarray of float
        Sus valores, NaN donde no hay.
    lines : ndarray of int
        La línea del archivo en que está cada una.
    """

    times: np.ndarray
    values: np.ndarray
    lines: np.ndarray

    @property
    def days(self) -> np.ndarray:
        """Las fechas sin la hora."""
        return self.times.astype("datetime64[D]")

    def place(self, row: int) -> str:
        """La fecha de una fila y su línea."""
        return f"{self.days[row]} (línea {self.lines[row]})"


def order_faults(rows: Rows) -> list[str]:
    """Filas que no van de la más antigua a la más reciente.

    Examples
    --------
    >>> days = np.array(["2024-01-03", "2024-01-02", "2024-01-01"], dtype="datetime64[s]")
    >>> order_faults(Rows(days, np.ones(3), np.array([2, 3, 4])))[0][:55]
    'Las fechas van de la más reciente a la más antigua. Ord'
    """
    steps = np.diff(rows.times).astype(np.int64)
    back = np.flatnonzero(steps < 0) + 1
    if not back.size:
        return []
    many = count(len(back), "fecha va", "fechas van")
    what = f"{many} detrás de otra posterior: {enumerate_some(back, rows.place)}."
    if (steps <= 0).all():
        what = "Las fechas van de la más reciente a la más antigua."
    return [f"{what} Ordena las filas o pasa sort=True."]


def hour_faults(rows: Rows) -> list[str]:
    """Fechas con hora, cuando no se ha dicho cómo juntar las de un día."""
    timed = np.flatnonzero(rows.days != rows.times)
    if not timed.size:
        return []
    first = str(rows.times[timed[0]]).replace("T", " ")
    return [
        f"Las fechas llevan hora, como {first} (línea {rows.lines[timed[0]]}), y aquí cabe "
        f"un valor por día como mucho. Di cómo juntar los de cada día: {JOIN_ADVICE}."
    ]


def off_fault(rows: Rows, grid: Grid) -> str:
    """Fechas que no son ninguna de las que debería haber."""
    off = np.flatnonzero(grid.off)
    many = count(len(off), "fecha no encaja", "fechas no encajan")
    why = "no guarda el paso de las demás" if len(off) == 1 else "no guardan el paso de las demás"
    if grid.rhythm.unit == "B":
        why = "cae en fin de semana" if len(off) == 1 else "caen en fin de semana"
    return (
        f"{many} en una serie {grid.rhythm.name} porque {why}: "
        f"{enumerate_some(off, rows.place)}. Corrígelo o pasa otra frequency=…"
    )


def duplicate_faults(rows: Rows, grid: Grid) -> list[str]:
    """Fechas que están en varias filas; si llevan hora, ya lo dice ``hour_faults``."""
    slots, times = np.unique(grid.index, return_counts=True)
    repeated = slots[times > 1]
    if not repeated.size or (rows.days != rows.times).any():
        return []

    def place(slot: int) -> str:
        return f"{grid.dates[slot]} (líneas {enumerate_some(rows.lines[grid.index == slot])})"

    many = count(len(repeated), "fecha está repetida", "fechas están repetidas")
    return [
        f"{many}: {enumerate_some(repeated, place)}. Deja una fila de cada una o di qué hacer con "
        f"ellas: {JOIN_ADVICE}. Si el archivo mezcla varias series, como una por tienda, separa "
        "antes la que quieras."
    ]


def gap_faults(rows: Rows, grid: Grid, measured: np.ndarray, fill: str | None) -> list[str]:
    """Fechas sin valor: si no se ha dicho cómo rellenarlas, todas; si se ha dicho, las que no deja.

    Parameters
    ----------
    rows : Rows
        Las filas del archivo.
    grid : Grid
        Las fechas que debería haber y el sitio de cada fila.
    measured : ndarray of float
        El valor de cada fecha, NaN si no tiene.
    fill : str or None
        Cómo se van a rellenar.
    """
    empty = np.isnan(measured)
    if empty.all():
        return ["La columna de valores está vacía."]
    faults = _hole_faults(rows, grid, empty)
    if fill is None:
        faults += _absent_faults(rows, grid) + _blank_faults(rows, grid, empty)
        return [*faults[:-1], f"{faults[-1]} {FILL_ADVICE}"] if faults else []
    if fill != "zero" and empty[0]:
        faults.append(_edge_fault(grid.dates[0], "primera", fill))
    if fill == "linear" and empty[-1]:
        faults.append(_edge_fault(grid.dates[-1], "última", fill))
    return faults


def _absent_faults(rows: Rows, grid: Grid) -> list[str]:
    """Fechas que no están en ninguna fila, agrupadas en huecos."""
    absent = np.setdiff1d(np.arange(len(grid.dates)), grid.index)
    if not absent.size:
        return []
    holes = np.split(absent, np.flatnonzero(np.diff(absent) > 1) + 1)

    def place(hole: np.ndarray) -> str:
        first, last = grid.dates[hole[0]], grid.dates[hole[-1]]
        before = rows.lines[grid.index == hole[0] - 1][-1]
        return f"{first if first == last else f'de {first} a {last}'} (tras la línea {before})"

    many = "Falta 1 fecha" if len(absent) == 1 else f"Faltan {len(absent)} fechas"
    if 1 < len(holes) < len(absent):
        many += f" en {len(holes)} huecos"
    return [
        f"{many}, para una serie {grid.rhythm.name}: {enumerate_some(holes, place)}."
        f"{_weekday_note(grid, absent)}"
    ]


def _weekday_note(grid: Grid, absent: np.ndarray) -> str:
    """Si todas las que faltan caen en el mismo día de la semana, será que ese día se cierra."""
    if len(absent) < 2 or grid.rhythm.name != "diaria":
        return ""
    # El 1 de enero de 1970 fue jueves.
    found = np.unique((grid.dates[absent].astype(np.int64) + 3) % 7)
    return f" Todas caen en {WEEKDAYS[found[0]]}." if len(found) == 1 else ""


def _blank_faults(rows: Rows, grid: Grid, empty: np.ndarray) -> list[str]:
    """Filas con fecha y sin valor."""
    lines = rows.lines[empty[grid.index]]
    if not lines.size:
        return []
    many = count(len(lines), "celda sin dato", "celdas sin dato")
    return [f"Falta el valor en {on_lines(lines)} ({many})."]


def _hole_faults(rows: Rows, grid: Grid, empty: np.ndarray) -> list[str]:
    """Un hueco mayor que todo lo medido es casi siempre un año mal escrito."""
    known = np.flatnonzero(~empty)
    holes = np.diff(known) - 1
    if not holes.size or holes.max() <= len(known):
        return []
    widest = int(np.argmax(holes))
    before, after = grid.dates[known[widest]], grid.dates[known[widest + 1]]
    line = rows.lines[grid.index == known[widest + 1]][0]
    return [
        f"Entre {before} y {after} (línea {line}) faltan {holes[widest]} valores, más de los que "
        f"hay ({len(known)}). ¿Está mal escrita alguna de esas fechas?"
    ]


def _edge_fault(date: np.datetime64, which: str, fill: str) -> str:
    side = "anterior" if which == "primera" else "posterior"
    return (
        f"La {which} fecha, {date}, no tiene valor y fill={fill!r} necesita uno {side}. Borra esa "
        "línea o complétala."
    )


def value_faults(
    rows: Rows, measured: np.ndarray, *, minimum: float | None, min_length: int
) -> list[str]:
    """Valores imposibles, series cortas y series que no cambian."""
    faults = []
    low = np.flatnonzero(rows.values < (-np.inf if minimum is None else minimum))
    if low.size:
        many = count(len(low), "valor es menor", "valores son menores")
        shown = enumerate_some(low, lambda i: f"{rows.values[i]:.12g} (línea {rows.lines[i]})")
        faults.append(
            f"{many} que el mínimo, {minimum:.12g}: {shown}. Corrige el archivo o cambia minimum=…"
        )
    if len(measured) < min_length:
        faults.append(
            f"Tiene {len(measured)} valores y hacen falta al menos {min_length}. Usa una serie más "
            "larga o una ventana más corta."
        )
    known = measured[np.isfinite(measured)]
    if len(known) > 1 and (known == known[0]).all():
        faults.append(f"Todos los valores son {known[0]:.12g}: no hay nada que pronosticar.")
    return faults

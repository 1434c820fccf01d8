"""Lo que puede impedir que unas filas sean una serie: el orden, las fechas y los valores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.faults import count, enumerate_some, on_lines
from course_utils.datasets.own.rhythm import RHYTHMS, Grid, Rhythm, count_ticks, distinct

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MOST_SLOTS = 10**7
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
        Sus fechas, con hora si la tienen y todas con el mismo desfase.
    local : ndarray of datetime64[s]
        Las fechas como están escritas.
    values : ndarray of float
        Sus valores, NaN donde no hay.
    lines : ndarray of int
        La línea del archivo en que está cada una.
    """

    times: np.ndarray
    local: np.ndarray
    values: np.ndarray
    lines: np.ndarray

    @property
    def days(self) -> np.ndarray:
        """Las fechas sin la hora."""
        return self.local.astype("datetime64[D]")

    @property
    def timed(self) -> np.ndarray:
        """Las filas cuya fecha lleva hora."""
        return np.flatnonzero(self.days != self.local)

    def place(self, row: int) -> str:
        """La fecha de una fila y su línea."""
        date = str(self.local[row]).replace("T", " ").removesuffix(" 00:00:00").removesuffix(":00")
        return f"{date} (línea {self.lines[row]})"

    def only(self, kept: np.ndarray) -> Rows:
        """Solo esas filas."""
        return Rows(*(column[kept] for column in self))


def order_faults(rows: Rows) -> list[str]:
    """Filas que no van de la más antigua a la más reciente.

    Examples
    --------
    >>> days = np.array(["2024-01-03", "2024-01-02", "2024-01-01"], dtype="datetime64[s]")
    >>> order_faults(Rows(days, days, np.ones(3), np.array([2, 3, 4])))[0][:55]
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
    return [f"{what}{_clock_note(rows.local[back])} Ordena las filas o pasa sort=True."]


def hour_faults(rows: Rows) -> list[str]:
    """Fechas con hora, cuando no se ha dicho cómo juntar las de un día."""
    if not rows.timed.size:
        return []
    first = rows.timed[0]
    shown = str(rows.local[first]).replace("T", " ")
    return [
        f"Las fechas llevan hora, como {shown} (línea {rows.lines[first]}), y aquí cabe un valor "
        f"por fecha como mucho. Di cómo juntar los de cada una: {JOIN_ADVICE}, y con frequency=… "
        "si cada una es un día, una hora o un mes."
    ]


def rhythm_fault(rows: Rows) -> str:
    """Fechas sin un paso que se repita."""
    times = distinct(rows.times if rows.timed.size else rows.days)
    steps, times = np.unique(np.diff(times).astype(int), return_counts=True)
    unit, units = 1, "días"
    if rows.timed.size:
        unit, units = (60, "minutos") if (steps % 60 == 0).all() else (1, "segundos")
    common = enumerate_some(steps[np.argsort(-times, kind="stable")][:3] // unit)
    units = units[:-1] if common == "1" else units
    listed = ", ".join(f'"{name}"' for name in RHYTHMS)
    return (
        "Las fechas no guardan un paso regular: de una a la siguiente hay, sobre todo, "
        f"{common} {units}. Di cada cuánto debería haber un valor, con frequency=… ({listed}). "
        'Para juntarlas por meses, frequency="monthly" y duplicates="sum" o "mean".'
    )


def _clock_note(times: np.ndarray) -> str:
    """Si todo pasa a la misma hora de la madrugada de un domingo, será el cambio de hora."""
    days = times.astype("datetime64[D]")
    hours = (times - days).astype("timedelta64[h]").astype(int)
    same_hour = len(np.unique(hours)) == 1 and hours[0] <= 3 and (times != days).any()
    return " Parece el cambio de hora." if same_hour and (_weekday(days) == 6).all() else ""


def _weekday(days: np.ndarray) -> np.ndarray:
    """De 0, el lunes, a 6: el 1 de enero de 1970 fue jueves."""
    return (days.astype(np.int64) + 3) % 7


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
    """Fechas que están en varias filas; si sobra la hora, ya lo dice ``hour_faults``."""
    slots, times = np.unique(grid.index, return_counts=True)
    repeated = slots[times > 1]
    if not repeated.size or (rows.timed.size and not grid.rhythm.by_clock):
        return []

    def place(slot: int) -> str:
        return f"{grid.dates[slot]} (líneas {enumerate_some(rows.lines[grid.index == slot])})"

    many = count(len(repeated), "fecha está repetida", "fechas están repetidas")
    advice = f"Deja una fila de cada una o di qué hacer con ellas: {JOIN_ADVICE}"
    if grid.rhythm.by_clock:
        name = next(name for name, rhythm in RHYTHMS.items() if rhythm == grid.rhythm)
        advice += f', siempre con frequency="{name}" (sin ella se junta cada día entero)'
    others = "Si el archivo mezcla varias series, como una por tienda, separa antes la que quieras."
    if len(repeated) == len(slots):
        others += " Si la hora está en otra columna, júntala con la fecha."
    return [
        f"{many}: {enumerate_some(repeated, place)}."
        f"{_clock_note(grid.dates[repeated]) if grid.rhythm.by_clock else ''} {advice}. {others}"
    ]


def gap_faults(
    rows: Rows, grid: Grid, measured: np.ndarray, fill: str | None, discarded: np.ndarray
) -> list[str]:
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
    discarded : ndarray of int
        Las fechas incompletas, que se han quedado sin valor.
    """
    empty = np.isnan(measured)
    if empty.all():
        return ["La columna de valores está vacía."]
    faults = []
    if fill is None:
        faults += _absent_faults(rows, grid) + _blank_faults(rows, grid, empty, discarded)
        return [*faults[:-1], f"{faults[-1]} {FILL_ADVICE}"] if faults else []
    if fill != "zero" and empty[0]:
        faults.append(_edge_fault(grid.dates[0], "primera", fill))
    if fill == "linear" and empty[-1]:
        faults.append(_edge_fault(grid.dates[-1], "última", fill))
    return faults


def _absent_faults(rows: Rows, grid: Grid) -> list[str]:
    """Fechas que no están en ninguna fila, agrupadas en huecos."""
    absent = np.flatnonzero(np.bincount(grid.index, minlength=len(grid.dates)) == 0)
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
        f"{_pattern_note(grid, absent)}"
    ]


def _pattern_note(grid: Grid, absent: np.ndarray) -> str:
    """Qué tienen en común las que faltan: el día que se cierra o el cambio de hora."""
    if grid.rhythm.by_clock:
        return _clock_note(grid.dates[absent])
    if len(absent) < 2 or grid.rhythm.name != "diaria":
        return ""
    found = np.unique(_weekday(grid.dates[absent]))
    return f" Todas caen en {WEEKDAYS[found[0]]}." if len(found) == 1 else ""


def _blank_faults(rows: Rows, grid: Grid, empty: np.ndarray, discarded: np.ndarray) -> list[str]:
    """Filas con fecha y sin valor, y fechas incompletas que no se han querido."""
    faults = []
    blank = empty.copy()
    blank[discarded] = False
    lines = rows.lines[blank[grid.index]]
    if lines.size:
        many = count(len(lines), "celda sin dato", "celdas sin dato")
        faults.append(f"Falta el valor en {on_lines(lines)} ({many}).")
    if len(discarded):
        many = count(len(discarded), "fecha incompleta se queda", "fechas incompletas se quedan")
        faults.append(f"{many} sin valor: {enumerate_some(grid.dates[discarded])}.")
    return faults


def hole_faults(rows: Rows, rhythm: Rhythm) -> list[str]:
    """Un hueco mayor que todo lo medido es casi siempre un año mal escrito."""
    known = np.flatnonzero(np.isfinite(rows.values))
    if not known.size:
        return []
    slots = count_ticks(rows.times[known], rhythm.unit) // rhythm.step
    present, firsts = np.unique(slots, return_index=True)
    holes = np.diff(present) - 1
    if not holes.size or holes.max() <= len(present):
        return _size_faults(present, rhythm)
    widest = int(np.argmax(holes))
    last = np.flatnonzero(slots == present[widest])[-1]
    before, after = (rows.local[known[row]] for row in (last, firsts[widest + 1]))
    kind = "m" if rhythm.by_clock else "M" if rhythm.unit == "M" else "D"
    before, after = (date.astype(f"datetime64[{kind}]") for date in (before, after))
    return [
        f"Entre {before} y {after} (línea {rows.lines[known[firsts[widest + 1]]]}) faltan "
        f"{holes[widest]} valores, más de los que hay ({len(present)}). ¿Está mal escrita alguna "
        "de esas fechas?"
    ]


def _size_faults(slots: np.ndarray, rhythm: Rhythm) -> list[str]:
    """Casi todo serían huecos: la frecuencia es demasiado alta."""
    size = int(np.ptp(slots)) + 1
    if size <= max(MOST_SLOTS, 20 * len(slots)):
        return []
    return [
        f"Una serie {rhythm.name} tendría {size} valores y hay {len(slots)}. Pasa otra frequency=…"
    ]


def _edge_fault(date: np.datetime64, which: str, fill: str) -> str:
    side = "anterior" if which == "primera" else "posterior"
    return (
        f"La {which} fecha, {date}, no tiene valor y fill={fill!r} necesita uno {side}. Borra esa "
        "línea o complétala."
    )


def value_faults(
    rows: Rows,
    measured: np.ndarray,
    *,
    minimum: float | None,
    min_length: int,
    constant: bool = False,
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
    if not constant and len(known) > 1 and (known == known[0]).all():
        faults.append(f"Todos los valores son {known[0]:.12g}: no hay nada que pronosticar.")
    return faults

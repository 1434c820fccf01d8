"""De los textos de una columna a fechas, sin adivinar: si hay dos lecturas, se pregunta."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.cells import digits_at, group_by_shape
from course_utils.datasets.own.date_faults import (
    Reading,
    ambiguous_date,
    identifier_fault,
    mixed_fault,
    short_year_fault,
    unread_dates,
)
from course_utils.datasets.own.date_forms import MONTHS, ROMAN, full_orders, pattern_of
from course_utils.datasets.own.faults import on_lines
from course_utils.datasets.own.table import plain

TWO_DIGITS_FROM = 1950  # a qué siglo pertenece un año de dos cifras junto al nombre de un mes
YEARS_ALONE = range(1600, 2101)  # un número suelto fuera de aquí no se toma por un año
ID_NAMES = frozenset(
    "id identificador codigo cod code numero num n no nº index indice indicador fila row cliente "
    "pedido ticket factura referencia ref producto sku orden order".split()
)


class Dates(NamedTuple):
    """Una columna de fechas.

    Attributes
    ----------
    times : ndarray of datetime64[s]
        Una por fila. Si las fechas llevan desfase, todas en el menor de los que haya, que es la
        hora de invierno. Si hay problemas, vacía.
    local : ndarray of datetime64[s]
        Las mismas, tal como están escritas.
    faults : list of str
        Los problemas.
    """

    times: np.ndarray
    local: np.ndarray
    faults: list[str]


def parse_dates(
    texts: Sequence[str],
    lines: Sequence[int],
    *,
    date_format: str | None = None,
    name: str = "",
) -> Dates:
    """Lee una columna de fechas.

    Parameters
    ----------
    texts : sequence of str
        Las celdas.
    lines : sequence of int
        La línea de cada una.
    date_format : str, optional
        Como en ``datetime.strptime``, con los nombres en español o en inglés. Sin él se prueban
        las formas de ``DATE_ORDERS``, y vale la única con la que se leen todas.
    name : str, default ""
        El nombre de la columna.

    Examples
    --------
    >>> parse_dates(["31/01/2024", "01/02/2024"], [2, 3]).local.astype("datetime64[D]")
    array(['2024-01-31', '2024-02-01'], dtype='datetime64[D]')
    >>> parse_dates(["01/02/2024"], [2]).faults[0][:47]
    'La fecha «01/02/2024» (línea 2) tiene dos lectu'
    """
    blank = [line for text, line in zip(texts, lines, strict=True) if not text]
    if blank:
        return _faulty(f"La columna de fechas está vacía en {on_lines(blank)}. Complétala.")
    readings = _read_all(texts, date_format)
    complete = [found for found in readings.values() if not np.isnat(found.local).any()]
    if not complete:
        return _faulty(unread_dates(texts, lines, readings, date_format))
    if date_format is None and plain(name) in ID_NAMES and all(map(str.isdigit, texts)):
        return _faulty(identifier_fault(name))
    first = complete[0]
    for other in complete[1:]:
        differ = np.flatnonzero(first.local != other.local)
        if differ.size:
            return _faulty(ambiguous_date(texts, lines, differ[0], first, other))
    fault = mixed_fault(texts, lines, first) or short_year_fault(texts, first, date_format)
    return _faulty(fault) if fault else Dates(_same_offset(first), first.local, [])


def reads_as_date(text: str, date_format: str | None = None) -> bool:
    """Si un texto se lee como una fecha, de la manera que sea.

    Examples
    --------
    >>> reads_as_date("ene-18"), reads_as_date("2010T1"), reads_as_date("Fuente: INE")
    (True, True, False)
    """
    readings = _read_all([text], date_format).values()
    return any(not np.isnat(found.local[0]) for found in readings)


def _faulty(*faults: str) -> Dates:
    nothing = np.array([], dtype="datetime64[s]")
    return Dates(nothing, nothing, list(faults))


def _read_all(texts: Sequence[str], date_format: str | None) -> dict[str, Reading]:
    if date_format is None:
        joined = "\0".join(texts)
        if "  " in joined or not joined.isascii():  # espacios de más o que no se parten
            texts = re.sub("[\u00a0\u202f]| {2,}", " ", joined).split("\0")
        shapes = group_by_shape(texts)
        return {
            label: _read(texts, shapes, patterns, TWO_DIGITS_FROM)
            for label, patterns in full_orders().items()
        }
    pattern = pattern_of(date_format)
    if pattern is None:
        return {date_format: _read_slowly(texts, date_format)}
    shapes = group_by_shape(texts)
    return {date_format: _read(texts, shapes, [re.compile(pattern)], 1969, any_year=True)}


def _read(
    texts: Sequence[str],
    shapes: dict[str, np.ndarray],
    patterns: Sequence[re.Pattern],
    pivot: int,
    *,
    any_year: bool = False,
) -> Reading:
    """Lee una columna forma a forma; de cada una se entiende una celda y se leen todas a la vez."""
    size = len(texts)
    reading = Reading(
        np.full(size, np.datetime64("NaT"), dtype="datetime64[s]"),
        np.full(size, np.nan),
        np.full(size, "D"),
        np.zeros(size, dtype=bool),
    )
    for shape, rows in shapes.items():
        found = next(filter(None, (pattern.fullmatch(shape) for pattern in patterns)), None)
        if found is None or len(shape) != len(texts[rows[0]]) or _only_weekday(found):
            continue
        parts = _numbers_of(found, [texts[row] for row in rows], pivot)
        local = _datetimes(parts)
        if not any_year and shape in ("0000", "000000"):
            sure = np.isin(parts["year"], YEARS_ALONE)
            local[~sure] = np.datetime64("NaT")
        reading.local[rows] = local
        if "offset" in parts:
            reading.offset[rows] = parts["offset"]
        reading.detail[rows] = (
            "D"
            if "day" in parts
            else "Q"
            if "quarter" in parts
            else "M"
            if "month" in parts
            else "Y"
        )
        reading.short[rows] = found.groupdict().get("short") is not None
    return reading


def _only_weekday(found: re.Match) -> bool:
    """«mar 2018» es marzo, y no un martes sin día del mes."""
    words = found.groupdict()
    return words.get("weekday") is not None and words.get("day") is None


def _numbers_of(found: re.Match, texts: Sequence[str], pivot: int) -> dict[str, np.ndarray]:
    """Año, mes, día… de unas celdas de la misma forma; lo escrito con letras es igual en todas."""
    words = {key: text for key, text in found.groupdict().items() if text}
    digits = [key for key, text in words.items() if not text.strip("0")]
    parts = dict(zip(digits, digits_at(texts, [found.span(key) for key in digits]), strict=True))
    if "short" in parts:
        parts["year"] = (parts["short"] - pivot) % 100 + pivot
    if "name" in words:
        parts["month"] = np.full(len(texts), MONTHS[words["name"]])
    if "roman" in words:
        parts["quarter"] = np.full(len(texts), ROMAN[words["roman"]])
    if "half" in words:
        past_noon = 12 * (words["half"] == "p")
        parts["hour"] = np.where(parts["hour"] > 12, 24, parts["hour"] % 12 + past_noon)
    if "zone" in words:
        parts["offset"] = np.zeros(len(texts))
    if "sign" in words:
        minutes = 60 * parts["zone_hour"] + parts.get("zone_minute", 0)
        parts["offset"] = minutes if words["sign"] == "+" else -minutes
    return parts


def _datetimes(parts: dict[str, np.ndarray]) -> np.ndarray:
    """Las fechas de unos números; NaT donde no existen, como un 30 de febrero."""
    year, day = parts["year"], parts.get("day", np.int64(1))
    month = 3 * parts["quarter"] - 2 if "quarter" in parts else parts.get("month", np.int64(1))
    hour, minute, second = (parts.get(key, np.int64(0)) for key in ("hour", "minute", "second"))
    months = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months)
    valid &= (hour < 24) & (minute < 60) & (second < 60)
    seconds = days.astype("datetime64[s]") + (3600 * hour + 60 * minute + second)
    return np.where(valid, seconds, np.datetime64("NaT"))


def _read_slowly(texts: Sequence[str], date_format: str) -> Reading:
    """Con ``strptime``, celda a celda; los nombres de los meses, en inglés."""

    def read(text: str) -> datetime | None:
        try:
            return datetime.strptime(text, date_format).replace(tzinfo=None)
        except (ValueError, re.error):
            return None

    local = np.array([read(text) for text in texts], dtype="datetime64[s]")
    size = len(texts)
    return Reading(local, np.full(size, np.nan), np.full(size, "D"), np.zeros(size, dtype=bool))


def _same_offset(reading: Reading) -> np.ndarray:
    """Las fechas en el menor de los desfases, que en invierno es el escrito."""
    if np.isnan(reading.offset).any():
        return reading.local
    ahead = reading.offset - reading.offset.min()
    return reading.local - (60 * ahead).astype("timedelta64[s]")

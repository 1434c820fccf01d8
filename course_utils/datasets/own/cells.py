"""De los textos de un CSV a fechas y números, sin adivinar: si hay dos lecturas, se pregunta."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.faults import count, enumerate_some, on_lines

MISSING = frozenset(("", "-", "--", "?", "na", "n/a", "n.a.", "nan", "nd", "n/d", "s/d", "null"))
INFINITE = re.compile(r"[+-]?(inf|infinity|infinito|∞)", re.I)
SPACES = " \u00a0\u202f"  # también los que no se parten, entre millares

_TIME = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
# Cómo puede estar escrita una fecha. Todas empiezan o acaban en un año de cuatro cifras.
DATE_ORDERS = {
    "año, mes y día": (
        r"(?P<year>\d{4})(?:(?P<sep>[-/.])(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?)?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    ),
    "día, mes y año": (r"(?:(?P<day>\d{1,2})[-/.])?(?P<month>\d{1,2})[-/.](?P<year>\d{4})",),
    "mes, día y año": (r"(?P<month>\d{1,2})[-/.](?:(?P<day>\d{1,2})[-/.])?(?P<year>\d{4})",),
}


class Column(NamedTuple):
    """Una columna leída.

    Attributes
    ----------
    values : ndarray
        Un valor por fila: datetime64[s], o float con NaN donde no hay dato. Si hay problemas,
        vacía.
    faults : list of str
        Los problemas.
    """

    values: np.ndarray
    faults: list[str]


def parse_dates(
    texts: Sequence[str], lines: Sequence[int], *, date_format: str | None = None
) -> Column:
    """Lee una columna de fechas.

    Parameters
    ----------
    texts : sequence of str
        Las celdas.
    lines : sequence of int
        La línea de cada una.
    date_format : str, optional
        Como en ``datetime.strptime``. Sin él se prueban año-mes-día, día/mes/año y mes/día/año, y
        vale el único con el que se leen todas.

    Examples
    --------
    >>> parse_dates(["31/01/2024", "01/02/2024"], [2, 3]).values.astype("datetime64[D]")
    array(['2024-01-31', '2024-02-01'], dtype='datetime64[D]')
    >>> parse_dates(["01/02/2024"], [2]).faults[0][:47]
    'La fecha «01/02/2024» (línea 2) tiene dos lectu'
    """
    blank = [line for text, line in zip(texts, lines, strict=True) if not text]
    if blank:
        return _faulty(f"La columna de fechas está vacía en {on_lines(blank)}. Complétala.")
    if date_format is None:
        readers = {label: _pattern_reader(order) for label, order in DATE_ORDERS.items()}
    else:
        readers = {date_format: _format_reader(date_format)}
    readings = {label: [read(text) for text in texts] for label, read in readers.items()}
    complete = [found for found in readings.values() if None not in found]
    if not complete:
        return _faulty(_unread_dates(texts, lines, readings, date_format))
    for other in complete[1:]:
        if other != complete[0]:
            return _faulty(_ambiguous_date(texts, lines, complete[0], other))
    return Column(np.array(complete[0], dtype="datetime64[s]"), [])


def _faulty(*faults: str) -> Column:
    return Column(np.array([]), list(faults))


def _pattern_reader(patterns: Sequence[str]) -> Callable[[str], datetime | None]:
    compiled = [re.compile(pattern + _TIME, re.ASCII) for pattern in patterns]

    def read(text: str) -> datetime | None:
        found = next(filter(None, (pattern.fullmatch(text) for pattern in compiled)), None)
        if found is None:
            return None
        parts = {k: int(v) for k, v in found.groupdict().items() if v and k != "sep"}
        try:
            return datetime(**{"month": 1, "day": 1, **parts})
        except ValueError:  # un 30 de febrero
            return None

    return read


def _format_reader(date_format: str) -> Callable[[str], datetime | None]:
    def read(text: str) -> datetime | None:
        try:
            return datetime.strptime(text, date_format).replace(tzinfo=None)
        except ValueError:
            return None

    return read


def _unread_dates(
    texts: Sequence[str],
    lines: Sequence[int],
    readings: dict[str, list[datetime | None]],
    date_format: str | None,
) -> str:
    """Las celdas que no son fechas, según la forma con la que se leen más."""
    label = max(readings, key=lambda label: sum(date is not None for date in readings[label]))
    bad = [place for place, date in enumerate(readings[label]) if date is None]
    shown = _cells_at(texts, lines, bad)
    if len(bad) == len(texts):
        start = "No se entiende ninguna fecha"
    else:
        like = f"como las demás ({label})"
        start = count(
            len(bad), f"celda no es una fecha escrita {like}", f"celdas no son fechas {like}"
        )
    return f"{start}: {shown}. {_date_advice([texts[place] for place in bad], date_format)}"


def _cells_at(texts: Sequence[str], lines: Sequence[int], places: Sequence[int]) -> str:
    return enumerate_some([f"«{texts[place][:40]}» (línea {lines[place]})" for place in places])


def _date_advice(bad: Sequence[str], date_format: str | None) -> str:
    if date_format is not None:
        return f"Se esperaban con date_format={date_format!r}; corrígelas o cambia el formato."
    if all(re.fullmatch(r"\d{5}", text) for text in bad):
        return "Parecen números de serie de una hoja de cálculo: da formato de fecha a la columna."
    if all(re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", text) for text in bad):
        form = _format_of(bad[0], "%d%m%y")
        return f'El año debe tener cuatro cifras; si no, di el formato: date_format="{form}".'
    return 'Escríbelas como 2024-03-31 o di el formato, por ejemplo date_format="%d/%m/%Y".'


def _ambiguous_date(
    texts: Sequence[str],
    lines: Sequence[int],
    first: list[datetime | None],
    second: list[datetime | None],
) -> str:
    place = next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    day_first, month_first = (_format_of(texts[place], order) for order in ("%d%m%Y", "%m%d%Y"))
    return (
        f"La fecha «{texts[place]}» (línea {lines[place]}) tiene dos lecturas, "
        f"{first[place]:%Y-%m-%d} y {second[place]:%Y-%m-%d}, y ninguna otra lo aclara. Di cuál: "
        f'date_format="{day_first}" si el día va delante o date_format="{month_first}" si va el '
        "mes."
    )


def _format_of(text: str, order: str) -> str:
    """El ``date_format`` de una fecha cuyas tres primeras cifras van en ese orden."""
    codes = iter(re.findall("%.", f"{order}%H%M%S%f"))
    return re.sub(r"\d+", lambda _: next(codes), text)


def parse_numbers(
    texts: Sequence[str], lines: Sequence[int], *, decimal: str | None = None
) -> Column:
    """Lee una columna de números; una celda sin dato es un NaN.

    Parameters
    ----------
    texts : sequence of str
        Las celdas.
    lines : sequence of int
        La línea de cada una.
    decimal : {",", "."}, optional
        Qué signo separa los decimales; el otro, o un espacio, puede separar los millares. Sin él
        se prueban los dos, y vale el único con el que se leen todas.

    Examples
    --------
    >>> parse_numbers(["1.234,5", "7", ""], [2, 3, 4]).values
    array([1234.5,    7. ,    nan])
    >>> parse_numbers(["12 €"], [2]).faults
    ['1 celda no es un número: «12 €» (línea 2). Deja solo la cifra, sin texto ni unidades.']
    """
    infinite = [line for text, line in zip(texts, lines, strict=True) if INFINITE.fullmatch(text)]
    if infinite:
        return _faulty(f"Hay valores infinitos en {on_lines(infinite)}. Corrígelos o bórralos.")
    signs = (".", ",") if decimal is None else (decimal,)
    readings = {sign: _read_numbers(texts, sign) for sign in signs}
    complete = [found for found in readings.values() if None not in found]
    if not complete:
        return _faulty(_unread_numbers(texts, lines, readings))
    values, other = (np.array(complete[place], dtype=float) for place in (0, -1))
    differ = np.flatnonzero(~np.isclose(values, other, rtol=0, atol=0, equal_nan=True))
    if differ.size:
        return _faulty(_ambiguous_number(texts, lines, differ[0], values, other))
    huge = [lines[place] for place in np.flatnonzero(np.isinf(values))]
    if huge:
        return _faulty(f"Hay números demasiado grandes en {on_lines(huge)}. Corrígelos.")
    return Column(values, [])


def _read_numbers(texts: Sequence[str], decimal: str) -> list[float | None]:
    """Los números; NaN donde no hay dato y ``None`` donde no se entiende."""
    mark, thousands = re.escape(decimal), re.escape("." if decimal == "," else ",")
    grouped = "|".join(
        rf"[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+" for sign in (thousands, f"[{SPACES}]")
    )
    number = re.compile(
        rf"[+-]?(?:(?:{grouped}|[0-9]+)(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    )
    strip = str.maketrans(dict.fromkeys(f"{SPACES}{'.' if decimal == ',' else ','}"))

    def read(text: str) -> float | None:
        if text.lower() in MISSING:
            return math.nan
        text = text.replace("−", "-")
        return float(text.translate(strip).replace(",", ".")) if number.fullmatch(text) else None

    return [read(text) for text in texts]


def _unread_numbers(
    texts: Sequence[str], lines: Sequence[int], readings: dict[str, list[float | None]]
) -> str:
    found = list(readings.values())
    bad = [i for i in range(len(texts)) if all(numbers[i] is None for numbers in found)]
    if bad:
        many = count(len(bad), "celda no es un número", "celdas no son números")
        advice = "Deja solo la cifra, sin texto ni unidades."
        if len(readings) == 1:
            advice += f" Los decimales se esperaban con «{next(iter(readings))}»."
        return f"{many}: {_cells_at(texts, lines, bad)}. {advice}"
    with_point, with_comma = (
        next(i for i, value in enumerate(numbers) if value is None) for numbers in reversed(found)
    )
    return (
        f"Unos decimales llevan punto, como {_cells_at(texts, lines, [with_point])}, y otros coma, "
        f"como {_cells_at(texts, lines, [with_comma])}. Escríbelos todos igual."
    )


def _ambiguous_number(
    texts: Sequence[str],
    lines: Sequence[int],
    place: int,
    with_point: np.ndarray,
    with_comma: np.ndarray,
) -> str:
    return (
        f"«{texts[place]}» (línea {lines[place]}) puede ser {with_point[place]:.12g} o "
        f"{with_comma[place]:.12g}, y ninguna otra celda lo aclara. Di qué signo separa los "
        'decimales: decimal="," o decimal=".".'
    )

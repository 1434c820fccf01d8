"""De los textos de una columna a fechas, sin adivinar: si hay dos lecturas, se pregunta."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.cells import cells_at, digits_at, group_by_shape
from course_utils.datasets.own.faults import count, on_lines
from course_utils.datasets.own.table import SKIP_ADVICE, is_total, plain

# Meses por su nombre, en español y en inglés, entero o abreviado.
_MONTH_NAMES = (
    "enero ene january jan".split(),
    "febrero febr feb february".split(),
    "marzo mar mzo march".split(),
    "abril abr april apr".split(),
    "mayo may".split(),
    "junio jun june".split(),
    "julio jul july".split(),
    "agosto ago agos august aug".split(),
    "septiembre setiembre sept sep set september".split(),
    "octubre oct october".split(),
    "noviembre nov november".split(),
    "diciembre dic december dec".split(),
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names}
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
TWO_DIGITS_FROM = 1950  # a qué siglo pertenece un año de dos cifras junto al nombre de un mes
YEARS_ALONE = range(1600, 2101)  # un número suelto fuera de aquí no se toma por un año
ID_NAMES = frozenset(
    "id identificador codigo cod code numero num n no nº index indice indicador fila row cliente "
    "pedido ticket factura referencia ref producto sku orden order".split()
)

_NAMED = rf"(?P<name>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?"
_SEP = r"(?:[-/. ]| del? | ?, ?)"
_QUARTER = r"(?:t|q|trim\.?|trimestre) ?-?(?:(?P<quarter>[0])|(?P<roman>i{1,3}|iv))"
_QUARTER_FIRST = (
    r"(?:(?P<quarter>0)(?:º|o|er|ro|do|to)?\.?|(?P<roman>i{1,3}|iv)) ?-?(?:t|q|trim\.?|trimestre)"
)
# Cómo puede estar escrita una fecha, en minúsculas y con un 0 en lugar de cada cifra.
DATE_ORDERS = {
    "año, mes y día": (
        r"(?P<year>0000)(?:(?P<sep>[-/. ])(?P<month>00?)(?:(?P=sep)(?P<day>00?))?)?",
        r"(?P<year>0000)(?P<month>00)(?P<day>00)?",
        r"(?P<year>0000)-?m(?P<month>00?)",
    ),
    "día, mes y año": (r"(?:(?P<day>00?)[-/. ])?(?P<month>00?)[-/. ](?P<year>0000)",),
    "mes, día y año": (r"(?P<month>00?)[-/. ](?:(?P<day>00?)[-/. ])?(?P<year>0000)",),
    "mes con letras": (
        rf"(?:(?P<day>00?)º?{_SEP}?)?{_NAMED}{_SEP}?(?:(?P<year>0000)|(?P<short>00))",
        rf"(?P<year>0000){_SEP}?{_NAMED}(?:{_SEP}(?P<day>00?))?",
        rf"{_NAMED} (?P<day>00?)(?:st|nd|rd|th)?,? (?P<year>0000)",
    ),
    "año y trimestre": (
        rf"(?P<year>0000)[-/:. ]?{_QUARTER}",
        rf"(?P<year>0000)[-/:. ]?{_QUARTER_FIRST}",
        rf"{_QUARTER}(?:{_SEP}?(?P<year>0000)|{_SEP}(?P<short>00))",
        rf"{_QUARTER_FIRST}(?:{_SEP}?(?P<year>0000)|{_SEP}(?P<short>00))",
        r"(?P<year>0000)[-/ ](?P<roman>i{1,3}|iv)",
        r"(?P<roman>i{1,3}|iv)[-/ ](?P<year>0000)",
    ),
}
_DAYS = "lun|mar|mie|mié|jue|vie|sab|sáb|dom|mon|tue|wed|thu|fri|sat|sun"
_WEEKDAY = rf"(?:(?P<weekday>{_DAYS})[a-zñáéíóú]*\.?,? )?"
_CLOCK = (
    r"(?P<hour>00?):(?P<minute>00)(?::(?P<second>00)(?:[.,]0+)?)?"
    r"(?: ?(?P<half>[ap])\.? ?m\.?| ?h\.?)?"
)
_ZONE = r"(?: ?(?:(?P<zone>z|utc|gmt)|(?P<sign>[-+−])(?P<zone_hour>00)(?::?(?P<zone_minute>00))?))"
_TIME = rf"(?:(?:t|,? +){_CLOCK}{_ZONE}?)?"
# Sin separadores: 20240131T2300Z o 202401312300.
_PACKED = (
    r"(?P<year>0000)(?P<month>00)(?P<day>00)[t ]?(?P<hour>00)(?P<minute>00)(?P<second>00)?"
    rf"{_ZONE}?"
)
_CODES = {
    "Y": r"(?P<year>0000)",
    "y": r"(?P<short>00)",
    "m": r"(?P<month>00?)",
    "d": r"(?P<day>00?)",
    "H": r"(?P<hour>00?)",
    "I": r"(?P<hour>00?)",
    "M": r"(?P<minute>00?)",
    "S": r"(?P<second>00?)",
    "f": r"0{1,9}",
    "p": r"(?P<half>[ap])\.? ?m\.?",
    "z": _ZONE,
    "%": "%",
    **{code: _NAMED for code in "bBh"},
    **{code: r"[a-zñáéíóú]+\.?" for code in "aA"},
}


class Dates(NamedTuple):
    """Una columna de fechas.

    Attributes
    ----------
    times : ndarray of datetime64[s]
        Una por fila. Si las fechas llevan desfase, todas en el menor de los que haya, que es la
        hora de invierno. Si hay problemas, vacía.
    local : ndarray of datetime64[s]
        Como están escritas.
    faults : list of str
        Los problemas.
    """

    times: np.ndarray
    local: np.ndarray
    faults: list[str]


class Reading(NamedTuple):
    """Una manera de leer una columna.

    Attributes
    ----------
    local : ndarray of datetime64[s]
        La fecha y hora escritas; NaT donde no se entienden.
    offset : ndarray of float
        Minutos que van por delante de la hora universal; NaN si no lo dicen.
    detail : ndarray of {"Y", "Q", "M", "D"}
        Hasta dónde precisa cada una: año, trimestre, mes o día.
    short : ndarray of bool
        Las que llevan el año en dos cifras.
    """

    local: np.ndarray
    offset: np.ndarray
    detail: np.ndarray
    short: np.ndarray


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
        return _faulty(_unread_dates(texts, lines, readings, date_format))
    if date_format is None and plain(name) in ID_NAMES and all(map(str.isdigit, texts)):
        return _faulty(_identifier_fault(name))
    first = complete[0]
    for other in complete[1:]:
        differ = np.flatnonzero(first.local != other.local)
        if differ.size:
            return _faulty(_ambiguous_date(texts, lines, differ[0], first, other))
    fault = _mixed_fault(texts, lines, first) or _short_year_fault(texts, first, date_format)
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
        texts = re.sub("[\u00a0\u202f]| {2,}", " ", "\0".join(texts)).split("\0")
        shapes = group_by_shape(texts)
        return {
            label: _read(texts, shapes, patterns, TWO_DIGITS_FROM)
            for label, patterns in _full_orders().items()
        }
    pattern = _pattern_of(date_format)
    if pattern is None:
        return {date_format: _read_slowly(texts, date_format)}
    shapes = group_by_shape(texts)
    return {date_format: _read(texts, shapes, [re.compile(pattern)], 1969, any_year=True)}


@cache
def _full_orders() -> dict[str, list[re.Pattern]]:
    """Los de ``DATE_ORDERS``, con el día de la semana delante y la hora detrás."""
    orders = {
        label: [re.compile(_WEEKDAY + pattern + _TIME) for pattern in patterns]
        for label, patterns in DATE_ORDERS.items()
    }
    orders["año, mes y día"].append(re.compile(_PACKED))
    return orders


def _pattern_of(date_format: str) -> str | None:
    """La expresión regular de un formato; ``None`` si lleva algo que solo entiende strptime.

    Examples
    --------
    >>> re.fullmatch(_pattern_of("%d de %B, %Y"), "00 de enero, 0000")["name"]
    'enero'
    """
    parts = re.split(r"%(.)", date_format)
    literals = (
        re.sub(r"(\\\s)+", r"\\s+", re.escape(re.sub(r"\d", "0", text.lower())))
        for text in parts[::2]
    )
    codes = [_CODES.get(code) for code in parts[1::2]]
    if None in codes:
        return None
    pattern = "".join(text + code for text, code in zip(literals, [*codes, ""], strict=True))
    try:
        re.compile(pattern)
    except re.error:  # dos veces lo mismo, como «%H %I»
        return None
    return pattern


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


def _mixed_fault(texts: Sequence[str], lines: Sequence[int], reading: Reading) -> str | None:
    """Unas fechas dicen más que otras: años entre meses, o desfases solo en algunas."""
    without = np.isnan(reading.offset)
    if without.any() and not without.all():
        some, other = (cells_at(texts, lines, np.flatnonzero(w)[:1]) for w in (~without, without))
        return f"Unas fechas llevan desfase, como {some}, y otras no, como {other}. Ponlo en todas."
    if (reading.detail == reading.detail[0]).all():
        return None
    kinds, firsts = np.unique(reading.detail, return_index=True)
    names = {"Y": "un año", "Q": "un trimestre", "M": "un mes", "D": "un día"}
    shown = " y otras ".join(
        f"son {names[kind]}, como {cells_at(texts, lines, [first])}"
        for kind, first in zip(kinds.tolist(), firsts, strict=True)
    )
    rare = min(kinds, key=lambda kind: (reading.detail == kind).sum())
    skip = [lines[row] for row in np.flatnonzero(reading.detail == rare)]
    advice = f"Si son totales, {SKIP_ADVICE}{skip}." if len(skip) <= 10 else "Deja una sola clase."
    return f"Unas fechas {shown}. {advice}"


def _short_year_fault(
    texts: Sequence[str], reading: Reading, date_format: str | None
) -> str | None:
    """«ene-01», «ene-02», «ene-03»… pueden ser días de enero o eneros de tres años."""
    months = reading.local.astype("datetime64[M]").astype(int) % 12
    alone = reading.short.all() and (reading.detail == "M").all() and len(texts) > 1
    if date_format is not None or not alone or len(np.unique(months)) > 1:
        return None
    return (
        f"«{texts[0]}» puede ser un mes de {reading.local[0].astype('datetime64[Y]')} o un día sin "
        'año, y ninguna otra fecha lo aclara. Si es lo primero, pasa date_format="%b-%y"; si no, '
        "añade el año."
    )


def _identifier_fault(name: str) -> str:
    return (
        f"La columna «{name}» parece un identificador y no de fechas. Da en date_column la de las "
        'fechas o, si son años, pasa date_format="%Y".'
    )


def _unread_dates(
    texts: Sequence[str],
    lines: Sequence[int],
    readings: dict[str, Reading],
    date_format: str | None,
) -> str:
    """Las celdas que no son fechas, según la forma con la que se leen más."""
    label = min(readings, key=lambda label: np.isnat(readings[label].local).sum())
    bad = np.flatnonzero(np.isnat(readings[label].local))
    if len(bad) == len(texts):
        start = "No se entiende ninguna fecha"
    else:
        like = f"como las demás ({label})"
        start = count(
            len(bad), f"celda no es una fecha escrita {like}", f"celdas no son fechas {like}"
        )
    advice = _date_advice([texts[place] for place in bad], [lines[place] for place in bad])
    if date_format is not None:
        advice = f"Se esperaban con date_format={date_format!r}; corrígelas o cambia el formato."
    return f"{start}: {cells_at(texts, lines, bad)}. {advice}"


# Lo que suele haber en lugar de una fecha y qué hacer; vale si todas las celdas son así.
DATE_ADVICE = {
    r".*\b24:00(:00)?\b.*": (
        "Las 24:00 no existen para Python: son las 00:00 del día siguiente. Escríbelas así."
    ),
    r"\d{4}[- ]?w\d{1,2}(-\d)?|\d{4}[- ]?sem(ana)?\.? ?\d{1,2}|sem(ana)?\.? \d{1,2}.*": (
        "Las semanas del año (ISO) no se leen: escribe el lunes de cada una, como 2024-01-29."
    ),
    r"\d{4}[- ]?s\d{1,2}|\d\.?º? ?s(em(estre)?)?\.? .*": (
        "Los semestres no se leen: escribe el primer mes de cada uno, como 2024-07."
    ),
    r"\d{4}[- ]?[tq]\d": "Los trimestres van del 1 al 4.",
    r"\d{9,10}([.,]\d+)?|\d{13}|\d{16}|\d{19}": (
        "Parecen segundos (o milisegundos) desde 1970, que no se leen: cámbialos por fechas, como "
        "2024-03-31 10:00; con pandas, to_datetime(columna, unit='s')."
    ),
    r"\d{5}([.,]\d+)?": (
        "Parecen números de serie de una hoja de cálculo: da formato de fecha a la columna."
    ),
    r"\d+": (
        "Son números y no fechas: ¿es un identificador o un número de orden? Da en date_column la "
        'columna de las fechas o, si son años, pasa date_format="%Y".'
    ),
    r"\d{1,2}:\d{2}(:\d{2})?.*": (
        "Es la hora sin el día: junta las dos en una columna, como 2024-03-31 10:00."
    ),
    rf"(\d{{1,2}}[-/. ](de )?)?({'|'.join(MONTHS)})\.?": (
        "Falta el año: escríbelas como 2024-03 o 2024-03-31."
    ),
    r"#.*": "Son errores de una hoja de cálculo o una columna demasiado estrecha: corrígelos allí.",
    r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4} .* - .*": "Son intervalos: deja solo el principio de cada uno.",
}


def _date_advice(bad: Sequence[str], lines: Sequence[int]) -> str:
    if all(re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", text) for text in bad):
        form = _format_of(bad[0], "%d%m%y")
        return f'El año debe tener cuatro cifras; si no, di el formato: date_format="{form}".'
    for pattern, advice in DATE_ADVICE.items():
        if all(re.fullmatch(pattern, text.lower()) for text in bad):
            return advice
    if len(bad) <= 10 and all(is_total(text) or not re.search(r"\d", text) for text in bad):
        return f"Si son totales o textos, y no datos, {SKIP_ADVICE}{lines}."
    return 'Escríbelas como 2024-03-31 o di el formato, por ejemplo date_format="%d/%m/%Y".'


def _ambiguous_date(
    texts: Sequence[str], lines: Sequence[int], place: int, first: Reading, second: Reading
) -> str:
    day_first, month_first = (_format_of(texts[place], order) for order in ("%d%m%Y", "%m%d%Y"))
    one, other = (found.local[place].astype("datetime64[D]") for found in (first, second))
    return (
        f"La fecha «{texts[place]}» (línea {lines[place]}) tiene dos lecturas, {one} y {other}, y "
        f'ninguna otra lo aclara. Di cuál: date_format="{day_first}" si el día va delante o '
        f'date_format="{month_first}" si va el mes.'
    )


def _format_of(text: str, order: str) -> str:
    """El ``date_format`` de una fecha cuyas tres primeras cifras van en ese orden.

    Examples
    --------
    >>> _format_of("03-04-2024 10:30+01:00", "%d%m%Y")
    '%d-%m-%Y %H:%M%z'
    """
    text = re.sub(r"(?<=:\d\d) ?(Z|[-+−]\d{2}:?\d{2})$", "%z", text)
    codes = iter(re.findall("%.", f"{order}%H%M%S%f"))
    return re.sub(r"\d+", lambda _: next(codes), text)

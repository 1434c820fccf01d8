"""Por qué no se puede leer una columna de fechas y qué hacer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.cells import cells_at
from course_utils.datasets.own.date_forms import MONTHS
from course_utils.datasets.own.faults import count
from course_utils.datasets.own.table import SKIP_ADVICE, is_total


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


def mixed_fault(texts: Sequence[str], lines: Sequence[int], reading: Reading) -> str | None:
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


def short_year_fault(texts: Sequence[str], reading: Reading, date_format: str | None) -> str | None:
    """«ene-01», «ene-02», «ene-03»… pueden ser días de enero o el mismo mes de tres años."""
    months = reading.local.astype("datetime64[M]").astype(int) % 12
    alone = reading.short.all() and (reading.detail == "M").all() and len(texts) > 1
    if date_format is not None or not alone or len(np.unique(months)) > 1:
        return None
    return (
        f"«{texts[0]}» puede ser un mes de {reading.local[0].astype('datetime64[Y]')} o un día sin "
        'año, y ninguna otra fecha lo aclara. Si es lo primero, pasa date_format="%b-%y"; si no, '
        "añade el año."
    )


def identifier_fault(name: str) -> str:
    """Una columna de números que, por su nombre, no son años."""
    return (
        f"La columna «{name}» parece un identificador y no de fechas. Da en date_column la de las "
        'fechas o, si son años, pasa date_format="%Y".'
    )


def unread_dates(
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


def ambiguous_date(
    texts: Sequence[str], lines: Sequence[int], place: int, first: Reading, second: Reading
) -> str:
    """Una fecha que se lee de dos maneras, con el formato de cada una."""
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

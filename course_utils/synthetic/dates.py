"""Fechas escritas en español de varias maneras, y su forma ISO 8601."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from course_utils.synthetic.number_words import to_number, to_words
from course_utils.validation import as_int, describe

MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()
WEEKDAYS = "lunes martes miércoles jueves viernes sábado domingo".split()
STYLES = (
    "larga",
    "con día de la semana",
    "día con palabras",
    "con palabras",
    "barras",
    "guiones",
    "mes abreviado",
)
FIRST_YEAR, LAST_YEAR = 1000, 2999


def spell_date(date: datetime.date, style: str = "larga") -> str:
    """Escribe una fecha en uno de los estilos habituales.

    Parameters
    ----------
    date : datetime.date
        La fecha, entre los años 1000 y 2999.
    style : str
        Cómo se escribe: uno de ``STYLES``.

    Raises
    ------
    TypeError, ValueError
        Si no es una fecha, está fuera de esos años o el estilo no existe.

    Examples
    --------
    >>> day = datetime.date(2021, 3, 1)
    >>> for style in STYLES:
    ...     print(spell_date(day, style))
    1 de marzo de 2021
    lunes, 1 de marzo de 2021
    el uno de marzo de 2021
    uno de marzo de dos mil veintiuno
    1/3/2021
    01-03-2021
    1 mar 2021
    """
    if not isinstance(date, datetime.date):
        raise TypeError(f"date debe ser datetime.date; ha llegado {describe(date)}.")
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise ValueError(
            f"El año debe estar entre {FIRST_YEAR} y {LAST_YEAR}; ha llegado {date.year}."
        )
    month = MONTHS[date.month - 1]
    long = f"{date.day} de {month} de {date.year}"
    match style:
        case "larga":
            return long
        case "con día de la semana":
            return f"{WEEKDAYS[date.weekday()]}, {long}"
        case "día con palabras":
            return f"el {to_words(date.day)} de {month} de {date.year}"
        case "con palabras":
            return f"{to_words(date.day)} de {month} de {to_words(date.year)}"
        case "barras":
            return f"{date.day}/{date.month}/{date.year}"
        case "guiones":
            return f"{date.day:02d}-{date.month:02d}-{date.year}"
        case "mes abreviado":
            return f"{date.day} {_short(month)} {date.year}"
    raise ValueError(f"style debe ser uno de {', '.join(STYLES)}; ha llegado {style!r}.")


def _short(month: str) -> str:
    """Abreviatura de tres letras; la de septiembre tiene cuatro, como en el CLDR de Unicode."""
    return "sept" if month == "septiembre" else month[:3]


def to_iso(text: str) -> str:
    """Lee una fecha escrita en cualquiera de los estilos y devuelve AAAA-MM-DD.

    Parameters
    ----------
    text : str
        La fecha.

    Raises
    ------
    TypeError
        Si no es un texto.
    ValueError
        Si no se reconoce, no existe o el día de la semana no es el suyo.

    Examples
    --------
    >>> to_iso("miércoles, 29 de febrero de 2012")
    '2012-02-29'
    >>> to_iso("jueves, 29 de febrero de 2012")
    Traceback (most recent call last):
    ...
    ValueError: «jueves, 29 de febrero de 2012»: ese día fue miércoles.
    """
    if not isinstance(text, str):
        raise TypeError(f"text debe ser un texto; ha llegado {describe(text)}.")
    plain = " ".join(unicodedata.normalize("NFC", text).lower().split())
    weekday, _, rest = plain.removeprefix("el ").rpartition(", ")
    numeric = re.fullmatch(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})", rest)
    named = re.fullmatch(r"(.+?)(?: de)? (\w+)(?: de)? (\d{4}|[\w ]+)", rest)
    if numeric:
        day, month, year = int(numeric[1]), int(numeric[3]), int(numeric[4])
    elif spelt := re.fullmatch(r"(.+) de (\w+) de (.+)", rest) or named:
        day, month, year = _number(spelt[1], text), _month(spelt[2], text), _number(spelt[3], text)
    else:
        raise ValueError(f"No se reconoce la fecha «{text}». Escríbela como «3 de mayo de 2024».")
    try:
        date = datetime.date(year, month, day)
    except ValueError as error:
        raise ValueError(f"La fecha «{text}» no existe en el calendario.") from error
    if weekday and weekday != WEEKDAYS[date.weekday()]:
        raise ValueError(f"«{text}»: ese día fue {WEEKDAYS[date.weekday()]}.")
    return date.isoformat()


def _number(words: str, text: str) -> int:
    if words.isdecimal():
        return int(words)
    try:
        return to_number(words)
    except ValueError as error:
        raise ValueError(f"No se reconoce «{words}» en la fecha «{text}».") from error


def _month(word: str, text: str) -> int:
    for place, month in enumerate(MONTHS, start=1):
        if word in (month, _short(month)):
            return place
    raise ValueError(f"«{word}» no es un mes, en la fecha «{text}».")


def date_pairs(
    count: int,
    *,
    rng: np.random.Generator,
    styles: Sequence[str] = STYLES,
    first: datetime.date = datetime.date(1900, 1, 1),
    last: datetime.date = datetime.date(2099, 12, 31),
) -> list[tuple[str, str]]:
    """Parejas de una fecha escrita, en un estilo al azar, y su forma ISO.

    Parameters
    ----------
    count : int
        Cuántas parejas.
    rng : numpy.random.Generator
        De dónde sale el azar.
    styles : sequence of str
        Entre qué estilos se sortea.
    first, last : datetime.date
        Entre qué fechas, las dos incluidas.

    Returns
    -------
    list of (str, str)
        Fecha escrita y AAAA-MM-DD.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` no vale o ``last`` es anterior a ``first``.

    Examples
    --------
    >>> date_pairs(2, rng=np.random.default_rng(0), styles=("larga", "barras"))
    [('15/2/2070', '2070-02-15'), ('24 de mayo de 2027', '2027-05-24')]
    """
    count = as_int("count", count, minimum=0)
    if last < first:
        raise ValueError(f"last debe ser posterior a first; han llegado {last} y {first}.")
    days = rng.integers(first.toordinal(), last.toordinal(), size=count, endpoint=True)
    places = rng.integers(len(styles), size=count)
    dates = [datetime.date.fromordinal(int(day)) for day in days]
    return [
        (spell_date(date, styles[place]), date.isoformat())
        for date, place in zip(dates, places, strict=True)
    ]

"""Cómo puede estar escrita una fecha: las formas que se reconocen y las que dice quien lee."""

from __future__ import annotations

import re
from functools import cache

# spelling: off
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
# spelling: on


@cache
def full_orders() -> dict[str, list[re.Pattern]]:
    """Los de ``DATE_ORDERS``, con el día de la semana delante y la hora detrás."""
    orders = {
        label: [re.compile(_WEEKDAY + pattern + _TIME) for pattern in patterns]
        for label, patterns in DATE_ORDERS.items()
    }
    orders["año, mes y día"].append(re.compile(_PACKED))
    return orders


def pattern_of(date_format: str) -> str | None:
    """La expresión regular de un formato; ``None`` si solo lo entiende ``strptime``.

    Examples
    --------
    >>> re.fullmatch(pattern_of("%d de %B, %Y"), "00 de enero, 0000")["name"]
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

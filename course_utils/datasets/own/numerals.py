"""De los textos de una columna a números, sin adivinar: si hay dos lecturas, se pregunta."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from course_utils.datasets.own.cells import cells_at, group_by_shape
from course_utils.datasets.own.faults import count, on_lines
from course_utils.datasets.own.table import plain

MISSING = frozenset(
    ". .. ... : - -- – — ? na n/a n.a. <na> nan nd n/d n.d. s/d s.d. null none".split()
) | {""}
INFINITE = re.compile(r"[+-]?(inf|infinity|infinito|∞)", re.I)
FORMULA_ERROR = re.compile(r"#+$|#[¡A-Z].*", re.I)  # «#N/D», «#¡VALOR!» o «####»
SPACES = " \u00a0\u202f"  # también los que no se parten, entre millares
KNOWN_TEXTS = {
    "ip": "En los datos de AEMET, «Ip» es lluvia inapreciable, menos de 0,1 mm: cámbialo por 0.",
    "acum": "En los datos de AEMET, «Acum» es lluvia que se sumó a la de otro día.",
    "varias": "En los datos de AEMET, «Varias» es que hubo varias horas.",
}


class Numbers(NamedTuple):
    """Una columna de números.

    Attributes
    ----------
    values : ndarray of float
        Un valor por fila, NaN donde no hay dato. Si hay problemas, vacía.
    faults : list of str
        Los problemas.
    """

    values: np.ndarray
    faults: list[str]


class Reading(NamedTuple):
    """Lo que se lee con un signo decimal.

    Attributes
    ----------
    values : ndarray of float
        NaN donde no hay dato o no se entiende.
    unread : ndarray of bool
        Dónde no se entiende.
    """

    values: np.ndarray
    unread: np.ndarray


def parse_numbers(
    texts: Sequence[str],
    lines: Sequence[int],
    *,
    decimal: str | None = None,
    missing: Collection[str | float] = (),
) -> Numbers:
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
    missing : collection of str or float
        Textos y números que significan que no hay dato.

    Examples
    --------
    >>> parse_numbers(["1.234,5", "7", "", "-200"], [2, 3, 4, 5], missing=[-200]).values
    array([1234.5,    7. ,    nan,    nan])
    >>> parse_numbers(["12 €"], [2]).faults
    ['1 celda no es un número: «12 €» (línea 2). Deja solo la cifra, sin texto ni unidades.']
    """
    shapes = group_by_shape(texts)
    infinite = [rows for shape, rows in shapes.items() if INFINITE.fullmatch(shape)]
    if infinite:
        places = [lines[row] for row in np.sort(np.concatenate(infinite))]
        return _faulty(f"Hay valores infinitos en {on_lines(places)}. Corrígelos o bórralos.")
    marks = MISSING | {plain(mark) for mark in missing if isinstance(mark, str)}
    signs = (".", ",") if decimal is None else (decimal,)
    readings = {sign: _read_numbers(texts, shapes, sign, marks) for sign in signs}
    complete = [found.values for found in readings.values() if not found.unread.any()]
    if not complete:
        return _faulty(_unread_numbers(texts, lines, readings))
    values, other = complete[0], complete[-1]
    differ = np.flatnonzero((values != other) & ~(np.isnan(values) & np.isnan(other)))
    if differ.size:
        return _faulty(_ambiguous_number(texts, lines, differ[0], values, other))
    huge = [lines[place] for place in np.flatnonzero(np.isinf(values))]
    if huge:
        return _faulty(f"Hay números demasiado grandes en {on_lines(huge)}. Corrígelos.")
    codes = [float(mark) for mark in missing if not isinstance(mark, str)]
    return Numbers(np.where(np.isin(values, codes), np.nan, values), [])


def _faulty(*faults: str) -> Numbers:
    return Numbers(np.array([]), list(faults))


def _read_numbers(
    texts: Sequence[str], shapes: dict[str, np.ndarray], decimal: str, marks: Collection[str]
) -> Reading:
    """Los números, forma a forma; cada una se entiende o no para todas sus celdas."""
    mark, thousands = re.escape(decimal), re.escape("." if decimal == "," else ",")
    grouped = "|".join(rf"0{{1,3}}(?:{sign}000)+" for sign in (thousands, f"[{SPACES}]"))
    power = r"(?:e[+-]?0+)?"
    single = re.compile(rf"[+−-]?(?:0+(?:{mark}0*)?|{mark}0+){power}")
    in_groups = re.compile(rf"[+−-]?(?:{grouped})(?:{mark}0*)?{power}")
    clean = str.maketrans({**dict.fromkeys(f"{SPACES}{'.' if decimal == ',' else ','}"), "−": "-"})
    blank = group_by_shape(list(marks))
    values, unread = np.full(len(texts), np.nan), np.zeros(len(texts), dtype=bool)
    for shape, rows in shapes.items():
        wrong = np.zeros(len(rows), dtype=bool)
        if plain(shape) in blank:
            wrong = np.array([plain(texts[row]) not in marks for row in rows])
        elif in_groups.fullmatch(shape) and not single.fullmatch(shape):
            # Los millares no empiezan por cero.
            wrong = np.array([texts[row].lstrip("+−-")[0] == "0" for row in rows])
        elif not single.fullmatch(shape):
            wrong[:] = True
        unread[rows[wrong]] = True
        if plain(shape) not in blank and not wrong.all():
            written = "\0".join([texts[row] for row in rows[~wrong]])
            numbers = written.translate(clean).replace(",", ".").split("\0")
            values[rows[~wrong]] = [float(number) for number in numbers]
    return Reading(values, unread)


def _unread_numbers(
    texts: Sequence[str], lines: Sequence[int], readings: dict[str, Reading]
) -> str:
    unread = [found.unread for found in readings.values()]
    bad = np.flatnonzero(np.logical_and.reduce(unread))
    if bad.size:
        many = count(len(bad), "celda no es un número", "celdas no son números")
        return f"{many}: {cells_at(texts, lines, bad)}. {_number_advice(texts, bad, readings)}"
    with_comma, with_point = (np.flatnonzero(places)[:1] for places in unread)
    return (
        f"Unos decimales llevan punto, como {cells_at(texts, lines, with_point)}, y otros coma, "
        f"como {cells_at(texts, lines, with_comma)}. Escríbelos todos igual."
    )


def _number_advice(texts: Sequence[str], bad: np.ndarray, readings: dict[str, Reading]) -> str:
    distinct = list(dict.fromkeys(texts[place] for place in bad))
    told = "missing=[" + ", ".join(f'"{text}"' for text in distinct[:3]) + "]"
    if all(FORMULA_ERROR.fullmatch(text) for text in distinct):
        return (
            "Son errores que deja una hoja de cálculo en lugar del valor. Corrige allí la fórmula "
            f"o, si significan que no hay dato, pasa {told}."
        )
    advice = "Deja solo la cifra, sin texto ni unidades."
    if len(readings) == 1:
        advice += f" Los decimales se esperaban con «{next(iter(readings))}»."
    for word in filter(KNOWN_TEXTS.get, map(plain, distinct)):
        advice += f" {KNOWN_TEXTS[word]}"
    words = len(distinct) <= 3 and re.fullmatch(r"[^\W\d][^\d\"]{0,60}", "".join(distinct))
    return f"{advice} Si significan que no hay dato, pasa {told}." if words else advice


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

"""Del texto de un CSV a los de dos de sus columnas, cada uno con su línea."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from statistics import mode
from typing import NamedTuple

from course_utils.datasets.own.faults import count, enumerate_some, on_lines, refusal

SEPARATORS = (",", ";", "\t", "|")
HEADER_WITHIN = 60  # líneas entre las que se busca la cabecera
NOTES_WITHIN = 100  # filas del final entre las que se buscan notas
SKIP_ADVICE = "borra esas líneas o sáltalas con skip_lines="
# Cómo empieza, bajo una tabla, lo que no son datos.
# spelling: off
TOTALS = (
    r"(sub)?total(es)?|sumas?|promedio|media|acumulado|max(imo)?|min(imo)?|sum|mean|"
    r"average|grand total"
)
NOTES = (
    r"fuentes?|notas?|source|notes?|elaboracion|unidad(es)?|leyenda|aviso|copyright|"
    r"(ultima )?actualizacion|actualizado|descargado|datos"
)
# spelling: on
OUTSIDE = re.compile(rf"(({TOTALS}|{NOTES})\b|#(?!#)|[*(©])")


class Cells(NamedTuple):
    """Dos columnas de un archivo, fila a fila, sin las filas vacías.

    Attributes
    ----------
    dates, values : list of str
        Los textos, sin espacios alrededor.
    lines : list of int
        La línea del archivo en que empieza cada fila; la primera es la 1.
    """

    dates: list[str]
    values: list[str]
    lines: list[int]


class Header(NamedTuple):
    """La cabecera de una tabla.

    Attributes
    ----------
    separator : str
        Lo que separa las celdas.
    cells : list of str
        Los nombres de las columnas.
    line : int
        La línea en que empieza.
    start : int
        El carácter en que empieza.
    """

    separator: str
    cells: list[str]
    line: int
    start: int


def read_cells(
    path: Path,
    text: str,
    *,
    date_column: str,
    value_column: str,
    is_date: Callable[[str], bool],
    skip_lines: Collection[int] = (),
) -> Cells:
    """Lee dos columnas de un CSV separado por comas, puntos y comas, tabuladores o barras.

    La cabecera es la primera línea que, con alguno de esos separadores, tiene las dos columnas; lo
    que haya encima son títulos. Lo que hay debajo de la última fecha y empieza como un total o una
    nota se pasa por alto.

    Parameters
    ----------
    path : Path
        El archivo, para nombrarlo.
    text : str
        Lo que contiene.
    date_column, value_column : str
        Los nombres de las columnas.
    is_date : callable
        Dice si un texto se lee como una fecha.
    skip_lines : collection of int
        Líneas que no se leen.

    Raises
    ------
    ValueError
        Si no es un CSV legible con esas dos columnas; dice qué y en qué línea.
    """
    wanted = [_normal(date_column), _normal(value_column)]
    header = _find_header(path, text, wanted, skip_lines)
    places = [header.cells.index(column) for column in wanted]
    above = _dated_above(text, header, places[0], is_date)
    if above:
        raise refusal(
            path,
            f"La cabecera está en la línea {header.line} y encima hay filas con fecha, en "
            f"{on_lines(above)}. Ponla la primera.",
        )
    cells, ragged, tail = _read_rows(path, text, header, places, skip_lines)
    end = _first_outside(tail, places[0], is_date)
    kept = bisect_left(cells.lines, end)
    cells = Cells(*(column[:kept] for column in cells))
    ragged = {line: size for line, size in ragged.items() if line < end}
    if ragged:
        raise refusal(path, _ragged_fault(ragged, header))
    if not cells.lines:
        raise refusal(path, "Solo tiene la cabecera: después debe venir una línea por fecha.")
    again = [
        line for *row, line in zip(*cells, strict=True) if row[0] == wanted[0] and row == wanted
    ]
    if again:
        raise refusal(
            path,
            f"La cabecera se repite en {on_lines(again)}: si son varios archivos pegados, "
            f"{SKIP_ADVICE}{again[:10]}.",
        )
    return cells


def plain(text: str) -> str:
    """Sin mayúsculas ni tildes, para buscar parecidos.

    Examples
    --------
    >>> plain("Año")
    'ano'
    """
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def is_total(text: str) -> bool:
    """Si un texto empieza como la línea de un total o de una nota.

    Examples
    --------
    >>> is_total("Total 2024"), is_total("Fuente: INE"), is_total("totora")
    (True, True, False)
    """
    return OUTSIDE.match(plain(text)) is not None


def _normal(text: str) -> str:
    """Una ñ escrita como n y tilde, que es lo que hacen algunos sistemas, es la misma ñ."""
    return unicodedata.normalize("NFC", text).strip()


def _find_header(path: Path, text: str, wanted: list[str], skip_lines: Collection[int]) -> Header:
    """La primera línea que, con algún separador, tiene las columnas pedidas."""
    told = re.match(r'"?sep=(.)"?[\r\n]', text)
    separators = told[1] if told else SEPARATORS
    starts = [0, *(end.end() for end in islice(re.finditer(r"\r\n|\r|\n", text), HEADER_WITHIN))]
    candidates = []
    for line, start in enumerate(starts, start=1):
        for separator in separators:
            cells = _first_record(text[start : start + 20_000], separator)
            candidates.append(Header(separator, cells, line, start))
            if line in skip_lines or not set(wanted) <= set(cells):
                continue
            repeated = [column for column in wanted if cells.count(column) > 1]
            if repeated:
                raise refusal(
                    path, f"La columna «{repeated[0]}» está más de una vez en la cabecera."
                )
            return candidates[-1]
    raise refusal(path, _missing_columns(_likely_header(candidates), wanted))


def _reader(text: str, separator: str):
    """Las filas de un texto, con las comillas bien cerradas."""
    file = io.StringIO(text, newline="")
    return csv.reader(file, delimiter=separator, skipinitialspace=True, strict=True)


def _first_record(text: str, separator: str) -> list[str]:
    try:
        return [_normal(cell) for cell in next(_reader(text, separator), [])]
    except csv.Error:  # con este separador la fila no se entiende
        return []


def _likely_header(candidates: list[Header]) -> Header:
    """La primera fila con tantas celdas como casi todas, con el separador que las iguala más."""

    def score(rows: list[Header]) -> tuple[int, int]:
        width = mode(len(row.cells) for row in rows)
        return width > 1 and sum(len(row.cells) == width for row in rows), width

    filled = [row for row in candidates if any(row.cells)]
    separators = dict.fromkeys(row.separator for row in filled)
    groups = ([row for row in filled if row.separator == mark] for mark in separators)
    best = max(groups, key=score)
    width = score(best)[1]
    return next(row for row in best if len(row.cells) == width)


def _missing_columns(header: Header, wanted: list[str]) -> str:
    missing = [column for column in wanted if column not in header.cells]
    names = " ni ".join(f"«{column}»" for column in missing)
    where = "La primera línea" if header.line == 1 else f"La línea {header.line}"
    if len(header.cells) < 2:
        return (
            f"No hay ninguna columna {names}: {where[0].lower()}{where[1:]}, que debe ser la "
            "cabecera, no tiene separadores (coma, punto y coma, tabulador o barra vertical)."
        )
    known = {plain(column): column for column in header.cells}
    close = [get_close_matches(plain(column), known, n=1) for column in missing]
    guesses = [f"«{known[found[0]]}»" for found in close if found]
    listed = enumerate_some([f"«{column}»" for column in header.cells])
    advice = f" ¿Querías decir {' y '.join(guesses)}?" if guesses else ""
    if sum(cell[:1].isdigit() for cell in header.cells) > 3:
        advice = (
            " ¿Van las fechas de izquierda a derecha? Cambia filas por columnas: una línea por "
            "fecha."
        )
    elif any(cell[:1].isdigit() for cell in header.cells):
        advice = " ¿Le falta la cabecera? La primera línea debe llevar los nombres."
    return f"No hay ninguna columna {names}. {where} tiene: {listed}.{advice}"


def _dated_above(
    text: str, header: Header, date_place: int, is_date: Callable[[str], bool]
) -> list[int]:
    """Las líneas que hay encima de la cabecera y no son títulos, sino datos."""
    lines = re.split(r"\r\n|\r|\n", text[: header.start])
    rows = [_first_record(line, header.separator) for line in lines]
    return [
        line
        for line, row in enumerate(rows, start=1)
        if len(row) == len(header.cells) and is_date(row[date_place])
    ]


def _read_rows(
    path: Path, text: str, header: Header, places: list[int], skip_lines: Collection[int]
) -> tuple[Cells, dict[int, int], Sequence[tuple[int, list[str]]]]:
    """Las filas no vacías que siguen a la cabecera.

    Returns
    -------
    cells : Cells
        Las dos columnas de las que tienen tantas celdas como la cabecera.
    ragged : dict of int to int
        La línea de las demás y cuántas celdas tienen.
    tail : sequence of (int, list of str)
        La línea y las celdas de las últimas, tengan las que tengan.
    """
    reader = _reader(text[header.start :], header.separator)
    width = len(next(reader))
    cells, ragged, tail = Cells([], [], []), {}, deque(maxlen=NOTES_WITHIN)
    line = header.line + reader.line_num
    try:
        for row in reader:
            while len(row) > width and not row[-1].strip():
                row.pop()
            if any(map(str.strip, row)) and line not in skip_lines:
                tail.append((line, row))
                if len(row) == width:
                    cells.lines.append(line)
                    cells.dates.append(row[places[0]].strip())
                    cells.values.append(row[places[1]].strip())
                else:
                    ragged[line] = len(row)
            line = header.line + reader.line_num
    except csv.Error as error:
        raise refusal(
            path,
            f"En la línea {line} hay unas comillas sin cerrar o mal puestas. Quítalas o ciérralas.",
        ) from error
    return cells, ragged, tail


def _first_outside(
    tail: Sequence[tuple[int, list[str]]], date_place: int, is_date: Callable[[str], bool]
) -> float:
    """La línea en que empiezan los totales y las notas del final; infinito, si no hay."""
    end = math.inf
    for line, row in reversed(tail):
        if not _is_outside(row, date_place, is_date):
            break
        end = line
    return end


def _is_outside(cells: list[str], date_place: int, is_date: Callable[[str], bool]) -> bool:
    """Si una fila del final es un total o una nota, y no un dato mal escrito."""
    date = cells[date_place].strip() if date_place < len(cells) else ""
    if any(map(str.isdigit, date)) and (date[0].isdigit() or is_date(date)):
        return False
    filled = [cell.strip() for cell in cells if cell.strip()]
    alone = len(filled) == 1 and len(filled[0].split()) > 2  # una frase
    return is_total(filled[0]) or is_total(date) or alone


def _ragged_fault(ragged: dict[int, int], header: Header) -> str:
    lines, width = list(ragged), len(header.cells)
    others = f" Pasa en {count(len(lines), 'línea', 'líneas')}: {enumerate_some(lines)}."
    advice = "Corrígelas en el archivo."
    if header.separator == "," and ragged[lines[0]] > width:
        advice = (
            "Si los decimales llevan coma, guárdalo con «;» como separador o pon los números entre "
            "comillas."
        )
    elif len(lines) <= 10:
        advice = f"Corrígelas o, si no son datos, sáltalas con skip_lines={lines}."
    return (
        f"La línea {lines[0]} tiene {count(ragged[lines[0]], 'celda', 'celdas')} y la cabecera "
        f"{width}.{others if len(lines) > 1 else ''} {advice}"
    )

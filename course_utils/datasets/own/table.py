"""De un archivo CSV a los textos de dos de sus columnas, cada uno con su línea."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from course_utils.datasets.own.faults import count, enumerate_some, refusal
from course_utils.validation import describe

SEPARATORS = (",", ";", "\t", "|")
NOT_TEXT = {
    b"PK\x03\x04": "un libro de hoja de cálculo o un archivo comprimido",
    b"\xd0\xcf\x11\xe0": "un libro antiguo de hoja de cálculo",
    b"%PDF": "un PDF",
}
SAVE_AS_CSV = "Ábrelo con una hoja de cálculo y guárdalo como «CSV UTF-8»."


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


def read_cells(
    path: Path, *, date_column: str, value_column: str, encoding: str = "utf-8"
) -> Cells:
    """Lee dos columnas de un CSV separado por comas, puntos y comas, tabuladores o barras.

    El separador es aquel con el que la cabecera tiene las dos columnas.

    Raises
    ------
    FileNotFoundError, OSError
        Si no hay archivo o no se puede leer.
    ValueError
        Si no es un CSV legible con esas dos columnas; dice qué y en qué línea.
    """
    wanted = [_normal(date_column), _normal(value_column)]
    text = _decode(path, _read(path), encoding)
    separator, header = _find_header(path, text, wanted)
    places = [header.index(column) for column in wanted]
    rows, ragged = [], []
    for line, row in _records(path, text, separator):
        while len(row) > len(header) and not row[-1]:
            row.pop()
        if len(row) == len(header):
            rows.append((line, row))
        else:
            ragged.append((line, len(row)))
    if ragged:
        raise refusal(path, _ragged_fault(ragged, len(header), separator))
    _, *rows = rows
    if not rows:
        raise refusal(path, "Solo tiene la cabecera: después debe venir una línea por fecha.")
    dates, values = ([row[place] for _, row in rows] for place in places)
    return Cells(dates, values, [line for line, _ in rows])


def _normal(text: str) -> str:
    """Una ñ escrita como n y tilde, que es lo que hacen algunos sistemas, es la misma ñ."""
    return unicodedata.normalize("NFC", text).strip()


def _read(path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(f"No existe el archivo {path.absolute()}. {_neighbours(path)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path.absolute()} es una carpeta: añade el nombre del archivo.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OSError(
            f"No se puede leer {path.absolute()} ({error.strerror or error}). Comprueba que "
            "tienes permiso y que no lo tienes abierto en otro programa."
        ) from error
    for signature, what in NOT_TEXT.items():
        if content.startswith(signature):
            raise refusal(path, f"No es un CSV, sino {what}. {SAVE_AS_CSV}")
    if not content.strip():
        raise refusal(path, "Está vacío.")
    return content


def _neighbours(path: Path) -> str:
    """Qué archivos parecidos hay cerca del que no existe."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return "Tampoco existe esa carpeta: revisa la ruta."
    known = sorted(file.name for file in folder.glob("*.csv"))
    if not known:
        return "En esa carpeta no hay ningún CSV: revisa la ruta."
    close = get_close_matches(path.name, known, n=1)
    guess = f" ¿Querías decir «{close[0]}»?" if close else ""
    return f"En esa carpeta hay: {enumerate_some(known)}.{guess}"


def _decode(path: Path, content: bytes, encoding: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and "16" not in encoding:
        raise refusal(path, 'Está en UTF-16: pasa encoding="utf-16".')
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise ValueError(
            "encoding debe ser el nombre de una codificación, como `utf-8` o `cp1252`; ha llegado "
            f"{describe(encoding)}."
        ) from error
    except UnicodeDecodeError as error:
        raise refusal(path, _encoding_fault(content, error)) from error
    if "\0" in text:
        raise refusal(path, f"No es un archivo de texto. {SAVE_AS_CSV}")
    return text


def _encoding_fault(content: bytes, error: UnicodeDecodeError) -> str:
    start = content.rfind(b"\n", 0, error.start) + 1
    line = content[start:].split(b"\n", 1)[0].strip().decode("cp1252", errors="replace")
    where = f"La línea {content[:start].count(10) + 1}"  # 10 es el salto de línea
    if error.encoding.replace("_", "-") != "utf-8":
        return f"{where} no está en {error.encoding}. Prueba sin encoding, que es UTF-8."
    return (
        f"{where} no está en UTF-8. Si el archivo sale de Windows o de una hoja de cálculo, pasa "
        f'encoding="cp1252", con lo que esa línea se lee «{line[:60]}», o guárdalo como '
        "«CSV UTF-8»."
    )


def _find_header(path: Path, text: str, wanted: list[str]) -> tuple[str, list[str]]:
    """El separador con el que la primera fila tiene las columnas pedidas, y esa fila."""
    headers = {separator: _first_record(text, separator) for separator in SEPARATORS}
    for separator, header in headers.items():
        if set(wanted) <= set(header):
            repeated = [column for column in wanted if header.count(column) > 1]
            if repeated:
                raise refusal(
                    path, f"La columna «{repeated[0]}» está más de una vez en la cabecera."
                )
            return separator, header
    raise refusal(path, _missing_columns(max(headers.values(), key=len), wanted))


def _reader(text: str, separator: str):
    """Las filas de un texto, con las comillas bien cerradas."""
    file = io.StringIO(text, newline="")
    return csv.reader(file, delimiter=separator, skipinitialspace=True, strict=True)


def _first_record(text: str, separator: str) -> list[str]:
    try:
        rows = _reader(text, separator)
        return next(([_normal(cell) for cell in row] for row in rows if any(row)), [])
    except csv.Error:  # con este separador la primera fila no se entiende
        return []


def _missing_columns(header: list[str], wanted: list[str]) -> str:
    missing = [column for column in wanted if column not in header]
    names = " ni ".join(f"«{column}»" for column in missing)
    if len(header) < 2:
        return (
            f"No hay ninguna columna {names}: la primera línea, que debe ser la cabecera, no tiene "
            "separadores (coma, punto y coma, tabulador o barra vertical)."
        )
    plain = {_plain(column): column for column in header}
    close = [get_close_matches(_plain(column), plain, n=1) for column in missing]
    guesses = [f"«{plain[found[0]]}»" for found in close if found]
    listed = enumerate_some([f"«{column}»" for column in header])
    advice = f" ¿Querías decir {' y '.join(guesses)}?" if guesses else ""
    if any(cell[:1].isdigit() for cell in header):
        advice = " ¿Le falta la cabecera? La primera línea debe llevar los nombres."
    return f"No hay ninguna columna {names}. La primera línea tiene: {listed}.{advice}"


def _plain(text: str) -> str:
    """Sin mayúsculas ni tildes, para buscar parecidos."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _records(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Las filas que no están vacías, cada una con la línea en que empieza."""
    reader = _reader(text, separator)
    line = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise refusal(
                path,
                f"En la línea {line} hay unas comillas sin cerrar o mal puestas. Quítalas o "
                "ciérralas.",
            ) from error
        if row is None:
            return
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _ragged_fault(ragged: list[tuple[int, int]], width: int, separator: str) -> str:
    (line, cells), lines = ragged[0], [line for line, _ in ragged]
    others = f" Pasa en {count(len(lines), 'línea', 'líneas')}: {enumerate_some(lines)}."
    advice = "Corrígelas en el archivo."
    if separator == "," and cells > width:
        advice = (
            "Si los decimales llevan coma, guárdalo con «;» como separador o pon los números entre "
            "comillas."
        )
    return (
        f"La línea {line} tiene {count(cells, 'celda', 'celdas')} y la cabecera {width}."
        f"{others if len(lines) > 1 else ''} {advice}"
    )

"""Cómo se cuenta lo que le pasa a un archivo: qué, dónde y cuántas veces."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from course_utils.notes import enumerate_words

Item = TypeVar("Item")

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}  # de control, de formato y sin dibujo conocido
SHOWN = 5  # casos que se nombran; de los demás, solo cuántos son


def enumerate_some(items: Sequence[Item], show: Callable[[Item], object] = str) -> str:
    """Enumera los primeros, escritos con ``show``, y dice cuántos quedan.

    Examples
    --------
    >>> enumerate_some(["lunes"]), enumerate_some([2, 3, 5])
    ('lunes', '2, 3 y 5')
    >>> enumerate_some(range(10))
    '0, 1, 2, 3, 4 y 5 más'
    """
    shown = [str(show(item)) for item in items[:SHOWN]]
    if len(items) > SHOWN:
        shown.append(f"{len(items) - SHOWN} más")
    return enumerate_words(shown)


def on_lines(lines: Sequence[int]) -> str:
    """Nombra las líneas de un archivo.

    Examples
    --------
    >>> on_lines([4]), on_lines([4, 9])
    ('la línea 4', 'las líneas 4 y 9')
    """
    return f"{'la línea' if len(lines) == 1 else 'las líneas'} {enumerate_some(lines)}"


def count(number: int, one: str, many: str) -> str:
    """Concuerda un número con lo que se cuenta.

    Examples
    --------
    >>> count(1, "celda", "celdas"), count(3, "celda", "celdas")
    ('1 celda', '3 celdas')
    """
    return f"{number} {one if number == 1 else many}"


def refusal(path: Path, *faults: str) -> ValueError:
    """El error que cuenta, de una vez, todo lo que le pasa a un archivo.

    Examples
    --------
    >>> refusal(Path("ventas.csv"), "Está vacío.")
    ValueError('«ventas.csv» no se puede usar así. Está vacío.')
    """
    name, *faults = map(printable, (path.name, *faults))
    if len(faults) == 1:
        return ValueError(f"«{name}» no se puede usar así. {faults[0]}")
    bullets = "".join(f"\n- {fault}" for fault in faults)
    return ValueError(f"«{name}» no se puede usar así:{bullets}")


def printable(text: str) -> str:
    """Cambia lo que una pantalla no puede enseñar: un mensaje nunca lleva caracteres de control.

    Examples
    --------
    >>> printable("a\\tb\\x07")
    'a b�'
    """
    return "".join(map(_printable, text))


def _printable(mark: str) -> str:
    if mark.isspace():
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(mark) in HIDDEN else mark

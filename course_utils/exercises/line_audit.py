"""Auditar un programa ajeno: qué líneas fallan y por qué, en varias lecciones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

NUMBERS = {2: "dos", 3: "tres", 4: "cuatro", 5: "cinco", 6: "seis"}


def line_audit(
    faults: Mapping[int, str], *, lines: int, causes: str
) -> tuple[Callable[..., tuple], Callable[[tuple, tuple], str | None]]:
    """Cómo se mira y se juzga un diccionario de líneas y causas.

    Parameters
    ----------
    faults : mapping of int to str
        La letra de la causa de cada línea que falla.
    lines : int
        Cuántas líneas tiene el programa.
    causes : str
        Las letras que hay, en orden.

    Returns
    -------
    probe, compare : callable
        Los de :class:`~course_utils.exercises.definition.Exercise`.

    Examples
    --------
    >>> probe, compare = line_audit({2: "A", 3: "B"}, lines=4, causes="ABC")
    >>> compare(probe(lambda: {2: "A", 4: "B"}), probe(lambda: {2: "A", 3: "B"}))
    'La línea 4 no es un fallo'
    """

    def diagnosis(answer: Callable[[], Any]) -> tuple:
        """Lo primero que hay que decirle a quien audita: qué tiene mal o qué fallo le falta."""
        found = answer()
        if not isinstance(found, Mapping):
            return ("Se esperaba un diccionario de líneas y causas",)
        pairs = {}
        for line, cause in found.items():
            if not str(line).isdecimal() or not 1 <= int(line) <= lines:
                return (f"La clave debe ser una línea, de la 1 a la {lines}, y hay una {line!r}",)
            pairs[int(line)] = str(cause).strip().upper()
        for line, cause in pairs.items():
            if len(cause) != 1 or cause not in causes:
                ends = f"entre la {causes[0]} y la {causes[-1]}"
                return (f"La causa de la línea {line} debe ser una letra {ends}",)
        if not pairs:
            return ("El diccionario está vacío: no señalas ninguna línea",)
        innocent = sorted(set(pairs) - set(faults))
        if innocent:
            return ("inocente", innocent[0])
        wrong = sorted(line for line, cause in pairs.items() if cause != faults[line])
        if wrong:
            return ("causa", wrong[0], pairs[wrong[0]])
        return ("falta", min(set(faults) - set(pairs), default=None))

    def fault(received: tuple, expected: tuple) -> str | None:
        """Qué se le dice, sin señalar ninguna línea que no haya señalado ya."""
        if received == expected:
            return None
        kind, *details = received
        if kind == "inocente":
            return f"La línea {details[0]} no es un fallo"
        if kind == "causa":
            return f"En la línea {details[0]} hay un fallo, pero la causa no es la {details[1]}"
        if kind == "falta":
            count = NUMBERS[len(faults)]
            return f"Lo que señalas está bien, y son {count} fallos: aún falta alguno"
        return kind

    return diagnosis, fault

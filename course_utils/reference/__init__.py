"""Páginas de consulta: el glosario y las notaciones."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

from course_utils.notes import show


def glossary(term: str = "") -> None:
    """Muestra el glosario español-inglés, o las entradas que contienen ``term``.

    Parameters
    ----------
    term : str, optional
        Palabra en español o en inglés, con tildes o sin ellas.

    Raises
    ------
    LookupError
        Si ninguna entrada la contiene.

    Examples
    --------
    >>> glossary("hidden state")
    | Español | Inglés | Qué es |
    |---|---|---|
    | estado oculto | hidden state | Lo que la red recuerda en un paso: $h_t$. |
    """
    page = _read("glosario.md")
    if not term:
        show(page, page)
        return
    table = [line for line in page.splitlines() if line.startswith("|")]
    header, rows = table[:2], table[2:]
    found = [row for row in rows if _plain(term) in _plain("|".join(row.split("|")[1:3]))]
    if not found:
        raise LookupError(
            f"El glosario no tiene ninguna entrada con «{term}». Prueba con otra forma de la "
            "palabra o mira la lista entera con glossary()."
        )
    rows = "\n".join([*header, *found])
    show(rows, rows)


def notation() -> None:
    """Muestra las equivalencias entre la notación del curso, los artículos, Keras y PyTorch."""
    page = _read("notacion.md")
    show(page, page)


def _read(name: str) -> str:
    return (files(__name__) / name).read_text(encoding="utf-8").strip()


def _plain(text: str) -> str:
    """Minúsculas y sin tildes, para buscar."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))

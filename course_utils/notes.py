"""Textos que un cuaderno muestra como Markdown y una terminal como texto."""

from __future__ import annotations

from collections.abc import Sequence


class Note:
    """Texto con dos caras: Markdown para el cuaderno y texto sin marcas para la terminal.

    Examples
    --------
    >>> Note("**Mal.** Tu línea es `y = x**2`.")
    Mal. Tu línea es y = x**2.
    """

    def __init__(self, markdown: str, plain: str | None = None) -> None:
        self.markdown = markdown
        self.plain = _without_marks(markdown) if plain is None else plain

    def __repr__(self) -> str:
        return self.plain

    def _repr_markdown_(self) -> str:
        return self.markdown


def show(markdown: str, plain: str | None = None) -> None:
    """Muestra un texto donde se esté: en un cuaderno o en una terminal.

    Parameters
    ----------
    markdown : str
        El texto, con sus marcas.
    plain : str, optional
        Lo que se ve en una terminal; sin él, el mismo texto sin negritas ni comillas de código.
    """
    from IPython.display import display

    display(Note(markdown, plain))


def enumerate_words(words: Sequence[str], *, last: str = "y") -> str:
    """Enumera en español: con comas, y la conjunción antes del último.

    Parameters
    ----------
    words : sequence of str
        Lo que se enumera; al menos uno.
    last : str, default "y"
        La conjunción.

    Examples
    --------
    >>> enumerate_words(["lunes"]), enumerate_words(["Python", "paquetes", "datos"])
    ('lunes', 'Python, paquetes y datos')
    >>> enumerate_words(["train", "test"], last="o")
    'train o test'
    """
    *start, end = words
    return f"{', '.join(start)} {last} {end}" if start else end


def _without_marks(markdown: str) -> str:
    """Quita las negritas y las comillas de código; lo que hay dentro del código no se toca."""
    pieces = markdown.split("`")
    return "".join(
        piece if place % 2 else piece.replace("**", "") for place, piece in enumerate(pieces)
    )

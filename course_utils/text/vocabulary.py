"""De piezas a números: un vocabulario con símbolos especiales y un sitio para lo desconocido."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from course_utils.validation import as_int, describe

PAD, UNKNOWN, START, END = "<relleno>", "<desconocida>", "<inicio>", "<fin>"
SPECIALS = (PAD, UNKNOWN, START, END)


class Vocabulary:
    """Una lista de piezas; el número de cada una es su lugar.

    Los cuatro primeros números son siempre los de :data:`SPECIALS`: relleno (0), desconocida (1),
    inicio (2) y fin (3).

    Parameters
    ----------
    pieces : sequence of str
        Las piezas, sin los símbolos especiales, en orden.

    Attributes
    ----------
    pieces : tuple of str
        Todas, con los especiales delante.
    ids : dict of str to int
        El número de cada pieza.

    Raises
    ------
    ValueError
        Si alguna se repite o es un símbolo especial.

    Examples
    --------
    >>> vocabulary = Vocabulary(["la", "luna"])
    >>> vocabulary.encode(["la", "lunera", "luna"])
    [4, 1, 5]
    >>> vocabulary.decode([4, 1, 5, 0])
    ['la', '<desconocida>', 'luna', '<relleno>']
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = (*SPECIALS, *pieces)
        self.ids = {piece: place for place, piece in enumerate(self.pieces)}
        if len(self.ids) < len(self.pieces):
            repeated = [piece for piece, times in Counter(self.pieces).items() if times > 1]
            raise ValueError(
                f"Se esperaban piezas todas distintas y han llegado repetidas: {repeated[:5]}. "
                "Quita las que sobran; los símbolos especiales se ponen solos."
            )

    def __len__(self) -> int:
        return len(self.pieces)

    def __contains__(self, piece: object) -> bool:
        return piece in self.ids

    def encode(self, pieces: Iterable[str]) -> list[int]:
        """El número de cada pieza; el de las que no están es 1."""
        return [self.ids.get(piece, self.ids[UNKNOWN]) for piece in pieces]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """La pieza de cada número.

        Raises
        ------
        ValueError
            Si algún número no es de este vocabulario.
        """
        return [self.pieces[check_id(number, len(self))] for number in ids]


def check_id(number: object, size: int) -> int:
    """Un número de pieza, si es de un vocabulario de ese tamaño.

    Raises
    ------
    TypeError, ValueError
        Si no es un entero o no está entre 0 y el tamaño menos uno.

    Examples
    --------
    >>> check_id(3, 4)
    3
    """
    number = as_int("id", number, minimum=0)
    if number >= size:
        raise ValueError(
            f"Se esperaba un número de 0 a {size - 1} y ha llegado {number}. ¿Es de otro "
            "vocabulario?"
        )
    return number


def build_vocabulary(
    pieces: Iterable[str], *, size: int | None = None, min_count: int = 1
) -> Vocabulary:
    """Vocabulario con las piezas más frecuentes; en un empate, la menor por sus códigos.

    Parameters
    ----------
    pieces : iterable of str
        Las piezas de los textos de entrenamiento, repetidas.
    size : int, optional
        Cuántas, como mucho, sin contar los símbolos especiales.
    min_count : int, default 1
        Cuántas veces tiene que salir una pieza para entrar.

    Raises
    ------
    TypeError, ValueError
        Si ha llegado un texto en lugar de piezas, o si los tamaños no valen.

    Examples
    --------
    >>> build_vocabulary("la luna y la mar".split(), size=2).pieces[4:]
    ('la', 'luna')
    """
    if isinstance(pieces, str):
        raise TypeError(
            f"Se esperaban piezas y ha llegado un texto, {describe(pieces)}. Pártelo antes."
        )
    as_int("min_count", min_count, minimum=1)
    limit = None if size is None else as_int("size", size, minimum=0)
    counts = Counter(pieces)
    order = sorted(counts, key=lambda piece: (-counts[piece], piece))
    kept = [piece for piece in order if counts[piece] >= min_count and piece not in SPECIALS]
    return Vocabulary(kept[:limit])

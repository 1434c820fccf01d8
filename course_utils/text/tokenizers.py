"""Tokenizadores de caracteres, de palabras y de trozos que no pierden nada."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from course_utils.text.bpe import Pair, apply_merges, learn_bpe
from course_utils.text.normal import nfc
from course_utils.text.vocabulary import SPECIALS, build_vocabulary, check_id
from course_utils.validation import as_int, describe

# Una palabra o unos signos, con el espacio que llevan delante; o más espacios. No deja nada fuera.
_CHUNK = re.compile(r" ?\w+| ?[^\w\s]+|\s+")
_PIECE = re.compile(r"\w+|[^\w\s]|\s")  # una palabra, un signo o un espacio
_WORD = re.compile(r"\w+")
BYTES = 256


def words(text: str) -> list[str]:
    """Las palabras de un texto, en NFC y en minúsculas, sin signos ni espacios.

    Examples
    --------
    >>> words("¿Qué? «Mañana», dijo él.")
    ['qué', 'mañana', 'dijo', 'él']
    """
    return _WORD.findall(nfc(text).lower())


def pieces(text: str) -> list[str]:
    """Un texto en palabras, signos y espacios; juntos son el texto, en NFC.

    Examples
    --------
    >>> pieces("¿Qué tal?")
    ['¿', 'Qué', ' ', 'tal', '?']
    """
    return _PIECE.findall(nfc(text))


def chunks(text: str) -> list[str]:
    """Un texto en palabras y grupos de signos, cada uno con el espacio que lleva delante.

    Es lo que se cuenta para aprender un BPE: ninguna fusión pasa de un trozo a otro. Juntos son el
    texto, en NFC.

    Examples
    --------
    >>> chunks("—No, gracias.")
    ['—', 'No', ',', ' gracias', '.']
    """
    return _CHUNK.findall(nfc(text))


class Tokenizer:
    """De texto a números y de números a texto, sin perder nada.

    Los números van en este orden: los símbolos especiales, los 256 bytes y las piezas conocidas. Lo
    que no es una pieza conocida se escribe con sus bytes en UTF-8, así que
    ``decode(encode(texto)) == nfc(texto)`` para cualquier texto.

    Parameters
    ----------
    known : sequence of str
        Las piezas conocidas, todas distintas y ninguna vacía.
    split : callable
        Parte un texto normalizado en piezas que, juntas, son el texto.

    Raises
    ------
    ValueError
        Si hay piezas repetidas o vacías.

    Examples
    --------
    >>> tokenizer = Tokenizer(["l", "a"], list)
    >>> tokenizer.encode("la ñ")
    [260, 261, 36, 199, 181]
    >>> tokenizer.decode([260, 261, 36, 199, 181])
    'la ñ'
    """

    def __init__(self, known: Sequence[str], split: Callable[[str], Iterable[str]]) -> None:
        self.known, self.split = tuple(known), split
        first = len(SPECIALS) + BYTES
        self.ids = {piece: first + place for place, piece in enumerate(self.known)}
        if len(self.ids) < len(self.known) or "" in self.ids:
            raise ValueError(
                "Se esperaban piezas distintas y con algún carácter, y han llegado repetidas o "
                f"vacías: {describe(list(known))}. Quita las que sobran."
            )
        self._bytes = [b""] * len(SPECIALS) + [bytes([value]) for value in range(BYTES)]
        self._bytes += [piece.encode("utf-8") for piece in self.known]

    def __len__(self) -> int:
        return len(self._bytes)

    def tokens(self, text: str) -> list[str]:
        """Las piezas del texto, conocidas o no."""
        return list(self.split(nfc(text)))

    def is_known(self, piece: str) -> bool:
        """Si una pieza tiene número propio."""
        return piece in self.ids

    def encode(self, text: str) -> list[int]:
        """Los números del texto.

        Raises
        ------
        TypeError, ValueError
            Si no es un texto o lleva un sustituto suelto.
        """
        return [number for piece in self.tokens(text) for number in self._numbers(piece)]

    def _numbers(self, piece: str) -> Iterator[int]:
        if piece in self.ids:
            yield self.ids[piece]
        else:
            yield from (len(SPECIALS) + value for value in piece.encode("utf-8"))

    def decode(self, ids: Iterable[int]) -> str:
        """El texto de unos números; los símbolos especiales no se escriben.

        Unos bytes que no forman un carácter, como los que puede inventar un modelo, salen como «�».

        Raises
        ------
        TypeError, ValueError
            Si algún número no es de este tokenizador.
        """
        parts = (self._bytes[check_id(number, len(self))] for number in ids)
        return b"".join(parts).decode("utf-8", errors="replace")


def char_tokenizer(texts: Iterable[str], *, size: int | None = None) -> Tokenizer:
    """Tokenizador de caracteres, con los más frecuentes de unos textos.

    Parameters
    ----------
    texts : iterable of str
        Los textos de entrenamiento.
    size : int, optional
        Cuántos caracteres, como mucho.

    Examples
    --------
    >>> tokenizer = char_tokenizer(["mañana"])
    >>> tokenizer.known, tokenizer.decode(tokenizer.encode("¡mañana, sí!"))
    (('a', 'm', 'n', 'ñ'), '¡mañana, sí!')
    """
    return Tokenizer(_most_common(map(nfc, _several(texts)), size), list)


def word_tokenizer(texts: Iterable[str], *, size: int | None = None) -> Tokenizer:
    """Tokenizador de palabras, signos y espacios, con los más frecuentes de unos textos.

    Parameters
    ----------
    texts : iterable of str
        Los textos de entrenamiento.
    size : int, optional
        Cuántas piezas, como mucho.

    Examples
    --------
    >>> tokenizer = word_tokenizer(["la luna y la mar"])
    >>> [tokenizer.is_known(piece) for piece in tokenizer.tokens("la lunera")]
    [True, True, False]
    """
    return Tokenizer(_most_common(map(pieces, _several(texts)), size), pieces)


def bpe_tokenizer(texts: Iterable[str], *, merges: int) -> Tokenizer:
    """Tokenizador de trozos: los caracteres de unos textos y lo que juntan las fusiones.

    Parameters
    ----------
    texts : iterable of str
        Los textos de entrenamiento.
    merges : int
        Cuántas fusiones.

    Examples
    --------
    >>> tokenizer = bpe_tokenizer(["la luna, la lunera"], merges=3)
    >>> tokenizer.tokens("la lunita")
    ['l', 'a', ' lun', 'i', 't', 'a']
    """
    counts = Counter(chunk for text in _several(texts) for chunk in chunks(text))
    return bpe_from_merges(sorted(set("".join(counts))), learn_bpe(counts, merges))


def bpe_from_merges(alphabet: Sequence[str], merges: Sequence[Pair]) -> Tokenizer:
    """Tokenizador de trozos, con unas fusiones ya aprendidas.

    Parameters
    ----------
    alphabet : sequence of str
        Los caracteres conocidos.
    merges : sequence of (str, str)
        Las fusiones, en orden.

    Examples
    --------
    >>> bpe_from_merges(["a", "l"], [("l", "a")]).tokens("lala, al")
    ['la', 'la', ',', ' ', 'a', 'l']
    """
    ranks = {tuple(pair): place for place, pair in enumerate(merges)}
    memory: dict[str, list[str]] = {}  # cada trozo distinto se parte una vez

    def split(text: str) -> Iterator[str]:
        for chunk in chunks(text):
            if chunk not in memory:
                memory[chunk] = apply_merges(chunk, ranks)
            yield from memory[chunk]

    joined = dict.fromkeys("".join(pair) for pair in merges)  # dos fusiones pueden dar lo mismo
    return Tokenizer([*alphabet, *joined], split)


def _most_common(split: Iterable[Iterable[str]], size: int | None) -> tuple[str, ...]:
    if size is not None:
        as_int("size", size, minimum=0)
    found = (piece for parts in split for piece in parts)
    return build_vocabulary(found, size=size).pieces[len(SPECIALS) :]


def _several(texts: Iterable[str]) -> Iterable[str]:
    if isinstance(texts, str):
        raise TypeError(
            f"Se esperaban varios textos y ha llegado uno, {describe(texts)}. Pásalo en una lista."
        )
    return texts

"""Números escritos con palabras en español, en los dos sentidos, del 0 al 999 999 999.

Sigue la Ortografía de la lengua española (RAE, 2010): hasta treinta en una palabra, con sus tildes
(dieciséis, veintidós), y «uno» apocopado ante «mil» y «millones» (veintiún mil).
"""

from __future__ import annotations

import unicodedata

import numpy as np

from course_utils.validation import as_int

LARGEST = 999_999_999

UNITS = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve"
).split()
TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
).split()


def to_words(number: int) -> str:
    """Escribe un número con palabras.

    Parameters
    ----------
    number : int
        Entre 0 y 999 999 999.

    Raises
    ------
    TypeError, ValueError
        Si no es un entero o no está en ese intervalo.

    Examples
    --------
    >>> to_words(21_022)
    'veintiún mil veintidós'
    >>> to_words(1_000_100)
    'un millón cien'
    """
    number = as_int("number", number, minimum=0)
    if number > LARGEST:
        raise ValueError(
            f"number debe ser como mucho {LARGEST}; ha llegado {number}. Usa un número menor."
        )
    if number == 0:
        return UNITS[0]
    millions, rest = divmod(number, 1_000_000)
    thousands, ones = divmod(rest, 1_000)
    parts = []
    if millions:
        parts.append(
            "un millón" if millions == 1 else f"{_shorten(_below_1000(millions))} millones"
        )
    if thousands:
        parts.append("mil" if thousands == 1 else f"{_shorten(_below_1000(thousands))} mil")
    if ones:
        parts.append(_below_1000(ones))
    return " ".join(parts)


def _below_1000(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if number == 100:
        return "cien"
    parts = [HUNDREDS[hundreds - 1]] if hundreds else []
    if rest:
        tens, ones = divmod(rest, 10)
        tail = UNITS[rest] if rest < 30 else TENS[tens - 3] + (f" y {UNITS[ones]}" if ones else "")
        parts.append(tail)
    return " ".join(parts)


def _shorten(words: str) -> str:
    """Apócope ante mil y millones: veintiuno → veintiún, treinta y uno → treinta y un."""
    if words.endswith("veintiuno"):
        return words[:-4] + "iún"
    return words.removesuffix("o") if words.endswith("uno") else words


VALUES = (
    {word: value for value, word in enumerate(UNITS)}
    | {word: 10 * (place + 3) for place, word in enumerate(TENS)}
    | {word: 100 * (place + 1) for place, word in enumerate(HUNDREDS)}
    | {"cien": 100, "un": 1, "veintiún": 21}
)


def to_number(words: str) -> int:
    """Lee un número escrito con palabras.

    Solo acepta la forma correcta: si no es justo la que daría :func:`to_words`, lo dice.

    Parameters
    ----------
    words : str
        El número, en minúsculas o mayúsculas, con sus tildes.

    Raises
    ------
    TypeError
        Si no es un texto.
    ValueError
        Si no es un número bien escrito; el mensaje nombra la palabra o la forma correcta.

    Examples
    --------
    >>> to_number("quinientos treinta y un mil dos")
    531002
    >>> to_number("ventidós")
    Traceback (most recent call last):
    ...
    ValueError: «ventidós» no es una palabra de un número. Revisa las tildes.
    """
    if not isinstance(words, str):
        raise TypeError(f"words debe ser un texto; ha llegado {type(words).__name__}.")
    text = " ".join(unicodedata.normalize("NFC", words).lower().split())
    total = group = 0
    for word in text.split():
        if word == "mil":
            total, group = total + (group or 1) * 1_000, 0
        elif word in ("millón", "millones"):
            total, group = (total + group) * 1_000_000, 0
        elif word in VALUES:
            group += VALUES[word]
        elif word != "y":
            raise ValueError(f"«{word}» no es una palabra de un número. Revisa las tildes.")
    number = total + group
    if number > LARGEST or to_words(number) != text:
        best = f" Lo más parecido es «{to_words(number)}»." if number <= LARGEST else ""
        raise ValueError(f"«{words}» no es un número bien escrito entre 0 y {LARGEST}.{best}")
    return number


def number_pairs(
    count: int, *, rng: np.random.Generator, largest: int = LARGEST
) -> list[tuple[str, str]]:
    """Parejas de un número con palabras y el mismo con cifras.

    La cantidad de cifras se sortea por igual, para que haya números de todos los tamaños.

    Parameters
    ----------
    count : int
        Cuántas parejas.
    rng : numpy.random.Generator
        De dónde sale el azar.
    largest : int, default 999 999 999
        El mayor número posible.

    Returns
    -------
    list of (str, str)
        Palabras y cifras; puede haber repetidas.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` o ``largest`` no valen.

    Examples
    --------
    >>> number_pairs(2, rng=np.random.default_rng(1), largest=999)
    [('setenta y siete', '77'), ('noventa y cinco', '95')]
    """
    count = as_int("count", count, minimum=0)
    largest = as_int("largest", largest, minimum=1)
    pairs = []
    for digits in rng.integers(1, len(str(largest)) + 1, size=count):
        low = 0 if digits == 1 else 10 ** (digits - 1)
        number = int(rng.integers(low, min(10**digits - 1, largest), endpoint=True))
        pairs.append((to_words(number), str(number)))
    return pairs

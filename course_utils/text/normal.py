"""Un texto, una sola forma: la normalización NFC."""

from __future__ import annotations

import re
import unicodedata

from course_utils.validation import describe

_SURROGATE = re.compile("[\ud800-\udfff]")


def nfc(text: str) -> str:
    """El texto en forma NFC: cada letra con su tilde, en un solo código si existe.

    Parameters
    ----------
    text : str
        Cualquier texto.

    Raises
    ------
    TypeError
        Si no es un texto.
    ValueError
        Si lleva un sustituto suelto (*lone surrogate*): media letra, que no se puede escribir.

    Notes
    -----
    Fuente: Unicode Standard Annex #15, *Unicode Normalization Forms*.

    Examples
    --------
    >>> decomposed = "an\\u0303o"
    >>> len(decomposed), len(nfc(decomposed)), nfc(decomposed) == "año"
    (4, 3, True)
    """
    if not isinstance(text, str):
        hint = 'Con bytes, usa antes .decode("utf-8").' if isinstance(text, bytes) else ""
        raise TypeError(f"Se esperaba un texto y ha llegado {describe(text)}. {hint}".rstrip())
    if lone := _SURROGATE.search(text):
        raise ValueError(
            f"El texto debe poder escribirse en UTF-8 y en la posición {lone.start()} hay un "
            f"sustituto suelto, U+{ord(lone.group()):04X}: es media letra. Lee el archivo con "
            'encoding="utf-8", sin errors="surrogateescape", o quítalo.'
        )
    return unicodedata.normalize("NFC", text)

"""Cuánto se equivoca un reconocedor: letras y palabras que hay que cambiar, quitar o poner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_utils.validation import describe

UNITS = ("characters", "words")


class Errors(NamedTuple):
    """Los errores de unas transcripciones, una por una.

    Attributes
    ----------
    edits : ndarray of int64, shape (locuciones,)
        Letras o palabras cambiadas, de más y de menos.
    lengths : ndarray of int64, shape (locuciones,)
        Cuántas tiene la transcripción verdadera.
    """

    edits: np.ndarray
    lengths: np.ndarray

    @property
    def rate(self) -> float:
        """La tasa de error: todos los errores entre todas las letras o palabras verdaderas.

        Puede pasar de 1, si lo que sobra es mucho.
        """
        return float(self.edits.sum() / self.lengths.sum())


def count_errors(
    references: Sequence[str], hypotheses: Sequence[str], *, unit: str = "words"
) -> Errors:
    """Los errores de cada transcripción.

    Parameters
    ----------
    references, hypotheses : sequence of str
        Lo que se dijo y lo que se ha entendido, en el mismo orden.
    unit : {"words", "characters"}
        Qué se cuenta. Entre letras, el espacio es una más; los de los extremos no cuentan.

    Raises
    ------
    TypeError, ValueError
        Si no son listas de textos de la misma longitud, o no se dijo nada en ninguna.

    Notes
    -----
    La distancia es la de Levenshtein (1966). Las tasas son las de ``jiwer``: *WER* y *CER*.

    Examples
    --------
    >>> errors = count_errors(["dos tres", "uno"], ["dos", "uno uno"])
    >>> errors.edits.tolist(), errors.lengths.tolist(), round(errors.rate, 3)
    ([1, 1], [2, 1], 0.667)
    >>> count_errors(["dos tres"], ["dos tes"], unit="characters").rate
    0.125
    """
    if unit not in UNITS:
        raise ValueError(f"unit debe ser 'characters' o 'words'; ha llegado {describe(unit)}.")
    references, hypotheses = (
        _as_texts(name, texts)
        for name, texts in (("references", references), ("hypotheses", hypotheses))
    )
    if len(references) != len(hypotheses):
        raise ValueError(
            "references y hypotheses deben ir de dos en dos; han llegado "
            f"{len(references)} y {len(hypotheses)}."
        )
    cut = str.split if unit == "words" else str.strip
    pairs = [(cut(one), cut(other)) for one, other in zip(references, hypotheses, strict=True)]
    lengths = np.array([len(reference) for reference, _ in pairs], dtype=np.int64)
    if not lengths.sum():
        raise ValueError("references no dice nada: sin nada que entender no hay tasa de error.")
    edits = [edit_distance(reference, hypothesis) for reference, hypothesis in pairs]
    return Errors(np.array(edits, dtype=np.int64), lengths)


def edit_distance(reference: Sequence, hypothesis: Sequence) -> int:
    """Cuántos cambios llevan de una secuencia a la otra: poner, quitar o cambiar un elemento.

    Examples
    --------
    >>> edit_distance("tres", "seis"), edit_distance(["dos", "tres"], ["tres"])
    (3, 1)
    """
    row = list(range(len(hypothesis) + 1))  # de nada a cada comienzo de hypothesis
    for place, wanted in enumerate(reference, start=1):
        diagonal, row[0] = row[0], place
        for other, found in enumerate(hypothesis, start=1):
            changed = diagonal + (wanted != found)
            diagonal = row[other]
            row[other] = min(changed, row[other] + 1, row[other - 1] + 1)
    return row[-1]


def _as_texts(name: str, texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{name} debe ser una lista de textos; ha llegado {describe(texts)}.")
    return list(texts)

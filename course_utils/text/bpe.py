"""Byte pair encoding: qué parejas de símbolos se funden, y cómo se parte con ellas una palabra."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from course_utils.validation import as_int

Pair = tuple[str, str]


def merge_pair(symbols: Sequence[str], pair: Pair) -> list[str]:
    """Funde una pareja en todos los sitios donde está, de izquierda a derecha.

    Parameters
    ----------
    symbols : sequence of str
        Los símbolos de una palabra.
    pair : (str, str)
        Los dos que se juntan.

    Examples
    --------
    >>> merge_pair(["l", "a", "l", "a", "l"], ("l", "a"))
    ['la', 'la', 'l']
    >>> merge_pair(["a", "a", "a"], ("a", "a"))
    ['aa', 'a']
    """
    merged, place = [], 0
    while place < len(symbols):
        width = 2 if tuple(symbols[place : place + 2]) == tuple(pair) else 1
        merged.append("".join(symbols[place : place + width]))
        place += width
    return merged


def learn_bpe(counts: Mapping[str, int], merges: int) -> list[Pair]:
    """Aprende qué parejas se funden, cada vez la más frecuente (Sennrich et al., 2016).

    En un empate gana la que tiene el símbolo izquierdo más antiguo y, después, el derecho. El
    alfabeto se ordena por códigos y cada símbolo nuevo va detrás: es la regla de la biblioteca
    ``tokenizers``, y con ella las fusiones son las mismas.

    Parameters
    ----------
    counts : mapping of str to int
        Cuántas veces sale cada palabra.
    merges : int
        Cuántas fusiones; si antes no queda ninguna pareja, menos.

    Returns
    -------
    list of (str, str)
        Las fusiones, en orden.

    Notes
    -----
    Fuente: R. Sennrich, B. Haddow y A. Birch (2016), *Neural Machine Translation of Rare Words with
    Subword Units*, algoritmo 1.

    Examples
    --------
    >>> learn_bpe({"lunes": 2, "luna": 3, "una": 1}, 3)
    [('u', 'n'), ('l', 'un'), ('lun', 'a')]
    """
    as_int("merges", merges, minimum=0)
    ids = {symbol: place for place, symbol in enumerate(sorted(set("".join(counts))))}
    split = {word: list(word) for word in counts}
    pairs: Counter[Pair] = Counter()
    where: dict[Pair, set[str]] = defaultdict(set)  # las palabras en las que está cada pareja

    def tally(word: str, sign: int) -> None:
        for pair in pairwise(split[word]):
            pairs[pair] += sign * counts[word]
            where[pair].add(word)

    for word in counts:
        tally(word, 1)
    learned: list[Pair] = []
    while len(learned) < merges and (most := max(pairs.values(), default=0)) > 0:
        tied = [pair for pair, count in pairs.items() if count == most]
        best = min(tied, key=lambda pair: (ids[pair[0]], ids[pair[1]]))
        learned.append(best)
        ids.setdefault("".join(best), len(ids))
        for word in where.pop(best):
            tally(word, -1)
            split[word] = merge_pair(split[word], best)
            tally(word, 1)
        pairs += Counter()  # quita las parejas que ya no están
    return learned


def apply_merges(symbols: Sequence[str], ranks: Mapping[Pair, int]) -> list[str]:
    """Parte una palabra: mientras se pueda, funde la pareja que antes se aprendió.

    Parameters
    ----------
    symbols : sequence of str
        Los caracteres de la palabra.
    ranks : mapping of (str, str) to int
        El puesto de cada fusión.

    Examples
    --------
    >>> apply_merges("lunar", {("u", "n"): 0, ("l", "un"): 1, ("lun", "a"): 2})
    ['luna', 'r']
    """
    symbols = list(symbols)
    while len(symbols) > 1:
        best = min(pairwise(symbols), key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            break
        symbols = merge_pair(symbols, best)
    return symbols

"""Números con palabras que se escriben con cifras, con combinaciones apartadas para la prueba."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_utils.seq2seq.batches import Batch, make_batch
from course_utils.synthetic import to_words

WORDS = ["·", *sorted({w for n in [*range(1_000), 21_000, 31_000] for w in to_words(n).split()})]
DIGITS = "·<>0123456789"
ORDERS = ("normal", "invertida", "las dos")
FIGURES = (3, 4, 5, 6)  # los números de menos cifras son tan pocos que se ven todos
TEST_SIZE = 200  # números de prueba de cada clase
EXAMPLES = 24_000


def has_pair(numbers: np.ndarray) -> np.ndarray:
    """En qué números se lee «ochocientos cuarenta…», en los miles o al final.

    Examples
    --------
    >>> has_pair(np.array([842, 12_849, 840_000, 804, 480]))
    array([ True,  True,  True, False, False])
    """
    thousands, ones = np.divmod(numbers, 1_000)
    return (thousands // 10 == 84) | (ones // 10 == 84)


def has_place(numbers: np.ndarray) -> np.ndarray:
    """En qué números se lee «setenta… mil».

    Examples
    --------
    >>> has_place(np.array([71_000, 270_005, 7_000, 170]))
    array([ True,  True, False, False])
    """
    return numbers // 10_000 % 10 == 7


class Numbers(NamedTuple):
    """Los números de un reparto.

    Attributes
    ----------
    train : ndarray of shape (ejemplos,)
        Para entrenar, con repetidos; ninguno tiene las combinaciones apartadas.
    tests : dict of str to ndarray
        Por cantidad de cifras, sin combinaciones apartadas y fuera de ``train``; ``"pareja"`` y
        ``"lugar"``, de seis cifras, con una de las dos combinaciones apartadas y sin la otra.
    """

    train: np.ndarray
    tests: dict[str, np.ndarray]


def split_numbers(seed: int | Sequence[int], *, largest: int = 999_999) -> Numbers:
    """Reparte los números hasta ``largest``, con igual parte de cada cantidad de cifras.

    Examples
    --------
    >>> numbers = split_numbers(0)
    >>> len(numbers.train), {name: len(test) for name, test in numbers.tests.items()}
    (24000, {'3': 200, '4': 200, '5': 200, '6': 200, 'pareja': 200, 'lugar': 200})
    >>> bool(np.isin(numbers.train, np.concatenate(list(numbers.tests.values()))).any())
    False
    """
    rng = np.random.default_rng(seed)
    every = np.arange(1_000_000)
    pair, place = has_pair(every), has_place(every)
    figures = np.searchsorted(10 ** np.arange(1, 6), every, side="right") + 1
    classes = {str(n): (figures == n) & ~pair & ~place for n in FIGURES}
    classes |= {"pareja": (figures == 6) & pair & ~place, "lugar": (figures == 6) & place & ~pair}
    tests = {
        name: rng.choice(np.flatnonzero(chosen), TEST_SIZE, replace=False)
        for name, chosen in classes.items()
    }
    free = (every <= largest) & ~pair & ~place
    free[np.concatenate(list(tests.values()))] = False
    lengths = range(1, len(str(largest)) + 1)
    groups = [np.flatnonzero(free & (figures == n)) for n in lengths]
    drawn = [rng.choice(group, EXAMPLES // len(groups)) for group in groups]
    return Numbers(rng.permutation(np.concatenate(drawn)), tests)


def encode_numbers(numbers: Sequence[int], *, order: str = "normal") -> Batch:
    """Los números, como los recibe la red.

    Parameters
    ----------
    numbers : sequence of int
        Hasta 999 999.
    order : {"normal", "invertida", "las dos"}
        Qué se da la vuelta: nada, lo que se lee, o lo que se lee y lo que se escribe.

    Examples
    --------
    >>> batch = encode_numbers([21_000, 5])
    >>> [WORDS[code] for code in batch.source[0]], batch.lengths.tolist()
    (['veintiún', 'mil'], [2, 1])
    >>> ["".join(DIGITS[code] for code in row[1]) for row in batch[2:]]
    ['<5····', '5>····']
    """
    if order not in ORDERS:
        raise ValueError(f"order debe ser uno de {', '.join(ORDERS)}; ha llegado {order!r}.")
    read = [[WORDS.index(word) for word in to_words(int(n)).split()] for n in numbers]
    written = [[DIGITS.index(figure) for figure in str(n)] for n in numbers]
    if order != "normal":
        read = [codes[::-1] for codes in read]
    if order == "las dos":
        written = [codes[::-1] for codes in written]
    return make_batch(read, written)

"""Números con palabras: frente a una biblioteca independiente y en los dos sentidos."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from course_utils.synthetic import number_pairs, to_number, to_words
from course_utils.synthetic.number_words import LARGEST


def independent(number):
    """Lo que escribe num2words, con el apócope que su versión española no siempre hace."""
    millions, rest = divmod(number, 1_000_000)
    thousands, ones = divmod(rest, 1_000)
    parts = []
    for group, name in ((millions, "millones"), (thousands, "mil")):
        if not group:
            continue
        words = num2words(group, lang="es")
        words = words.replace("veintiuno", "veintiún") if words.endswith("veintiuno") else words
        words = words.removesuffix("o") if words.endswith("uno") else words
        if group == 1:
            words, name = ("un", "millón") if name == "millones" else ("", "mil")
        parts.append(f"{words} {name}".strip())
    if ones or not parts:
        parts.append(num2words(ones, lang="es"))
    return " ".join(parts)


def test_every_number_below_ten_thousand_agrees_with_num2words():
    for number in range(10_000):
        assert to_words(number) == independent(number)


@given(st.integers(0, LARGEST))
def test_large_numbers_agree_with_num2words(number):
    assert to_words(number) == independent(number)


def test_a_large_sample_goes_both_ways():
    rng = np.random.default_rng(0)
    for words, figures in number_pairs(20_000, rng=rng):
        assert to_number(words) == int(figures)
        assert to_words(int(figures)) == words


def test_different_numbers_have_different_words():
    assert len({to_words(number) for number in range(50_000)}) == 50_000


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "cero"),
        (16, "dieciséis"),
        (22, "veintidós"),
        (31, "treinta y uno"),
        (100, "cien"),
        (101, "ciento uno"),
        (1_000, "mil"),
        (21_000, "veintiún mil"),
        (31_000, "treinta y un mil"),
        (101_000, "ciento un mil"),
        (700_500, "setecientos mil quinientos"),
        (1_000_000, "un millón"),
        (21_000_001, "veintiún millones uno"),
        (
            LARGEST,
            "novecientos noventa y nueve millones novecientos noventa y nueve mil "
            "novecientos noventa y nueve",
        ),
    ],
)
def test_the_academy_spelling(number, words):
    assert to_words(number) == words
    assert to_number(f"  {words.upper()} ") == number


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("veintidos", "no es una palabra"),
        ("", "no es un número bien escrito"),
        ("uno mil", "Lo más parecido es «mil»"),
        ("veintiuno mil", "Lo más parecido es «veintiún mil»"),
        ("cien uno", "Lo más parecido es «ciento uno»"),
        ("treinta uno", "Lo más parecido es «treinta y uno»"),
        ("dos tres", "Lo más parecido es «cinco»"),
        ("mil millones", "no es un número bien escrito"),
        ("y", "no es un número bien escrito"),
    ],
)
def test_badly_written_numbers_say_why(words, message):
    with pytest.raises(ValueError, match=message):
        to_number(words)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: to_words(-1), ValueError, "al menos 0"),
        (lambda: to_words(LARGEST + 1), ValueError, "como mucho 999999999"),
        (lambda: to_words(2.0), TypeError, "entero"),
        (lambda: to_words(True), TypeError, "entero"),
        (lambda: to_number(3), TypeError, "debe ser un texto"),
        (lambda: number_pairs(-1, rng=np.random.default_rng(0)), ValueError, "count"),
        (lambda: number_pairs(1, rng=np.random.default_rng(0), largest=0), ValueError, "largest"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_pairs_are_seeded_and_of_every_length():
    first, again = (number_pairs(500, rng=np.random.default_rng(5)) for _ in range(2))
    assert first == again
    assert {len(figures) for _, figures in first} == set(range(1, 10))
    small = number_pairs(300, rng=np.random.default_rng(5), largest=120)
    assert max(int(figures) for _, figures in small) <= 120

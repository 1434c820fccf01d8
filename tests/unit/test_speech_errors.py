"""Tasas de error: las de jiwer; y su intervalo, el que dice."""

from __future__ import annotations

import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.comparison import ratio_bootstrap, ratio_gap
from course_utils.speech import count_errors, edit_distance

words = st.lists(st.sampled_from("uno dos tres seis siete".split()), min_size=1, max_size=6)
spoken = st.lists(st.tuples(words, words | st.just([])), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(spoken, st.sampled_from([" ", "  "]))
def test_the_rates_are_those_of_jiwer(pairs, space):
    """También con transcripciones vacías y con espacios de más entre palabras."""
    references = [" ".join(one) for one, _ in pairs]
    hypotheses = [space.join(other) for _, other in pairs]
    found = {unit: count_errors(references, hypotheses, unit=unit).rate
             for unit in ("words", "characters")}  # fmt: skip
    np.testing.assert_allclose(found["words"], jiwer.wer(references, hypotheses))
    np.testing.assert_allclose(found["characters"], jiwer.cer(references, hypotheses))


@settings(max_examples=60, deadline=None)
@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_the_distance_is_a_distance(one, other, third):
    gap = edit_distance(one, other)
    assert gap == edit_distance(other, one)
    assert (gap == 0) == (one == other)
    assert abs(len(one) - len(other)) <= gap <= max(len(one), len(other))
    assert gap <= edit_distance(one, third) + edit_distance(third, other)


@pytest.mark.parametrize(
    ("references", "hypotheses", "unit", "kind", "message"),
    [
        (["a"], ["a", "b"], "words", ValueError, "de dos en dos; han llegado 1 y 2"),
        (["a"], ["a"], "letras", ValueError, "'characters' o 'words'"),
        (["", " "], ["a", "b"], "words", ValueError, "no dice nada"),
        ("a", ["a"], "words", TypeError, "lista de textos"),
        ([1], ["a"], "words", TypeError, "lista de textos"),
    ],
)
def test_what_cannot_be_counted(references, hypotheses, unit, kind, message):
    with pytest.raises(kind, match=message):
        count_errors(references, hypotheses, unit=unit)


def test_an_interval_covers_what_it_says():
    """De cada cien muestras, unos noventa y cinco intervalos contienen la tasa verdadera."""
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(100):
        sizes = rng.integers(3, 6, size=80)
        hard = rng.beta(1, 4, size=80)  # unas locuciones son más difíciles que otras
        found = ratio_bootstrap(rng.binomial(sizes, hard), sizes, seed=seed)
        hits += found.low <= 0.2 <= found.high
    assert 88 <= hits <= 99


def test_whole_voices_vary_more_than_loose_utterances():
    """Si los errores van por voces, sortear locuciones sueltas se queda corto."""
    rng = np.random.default_rng(1)
    voices = np.repeat(np.arange(12), 15)
    errors = rng.binomial(4, np.repeat(rng.beta(0.5, 2, size=12), 15))
    loose = ratio_bootstrap(errors, np.full(180, 4), seed=0)
    whole = ratio_bootstrap(errors, np.full(180, 4), seed=0, groups=voices, cases="voces")
    assert loose.value == whole.value
    assert whole.high - whole.low > 1.5 * (loose.high - loose.low)
    assert whole.sample == "12 voces"


def test_the_gap_is_the_difference_of_the_rates():
    rng = np.random.default_rng(2)
    one, other = rng.binomial(4, [[0.3], [0.1]], size=(2, 50))
    gap = ratio_gap(one, other, np.full(50, 4), seed=0)
    assert gap.value == pytest.approx((one.sum() - other.sum()) / 200)
    assert gap.is_clear
    assert not ratio_gap(one, one, np.full(50, 4), seed=0).is_clear


@pytest.mark.parametrize(
    ("counts", "sizes", "groups", "message"),
    [
        (np.ones(5), np.ones(5), None, "al menos 8 locuciones"),
        (np.ones(20), np.zeros(20), None, "más que cero"),
        (np.ones(20), np.ones(20), np.arange(20) // 5, "al menos 8 locuciones para sortear; hay 4"),
        (np.ones(20), np.ones(19), None, "la misma longitud"),
    ],
)
def test_too_little_to_draw_from(counts, sizes, groups, message):
    with pytest.raises(ValueError, match=message):
        ratio_bootstrap(counts, sizes, seed=0, groups=groups)

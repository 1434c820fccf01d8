"""Sortear el siguiente símbolo: lo que se cumple siempre, con cualquier reparto."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.decoding import nucleus, sample, softmax, top_k

numbers = st.floats(-60, 60, allow_nan=False, width=32)
score_rows = arrays("float64", array_shapes(max_dims=3, max_side=7), elements=numbers)
temperatures = st.floats(0.05, 20)


def some_forbidden(scores: np.ndarray) -> np.ndarray:
    """Las mismas puntuaciones con -inf en una de cada tres, nunca en la primera de una fila."""
    forbidden = np.arange(scores.shape[-1]) % 3 == 2
    return np.where(forbidden, -np.inf, scores)


@given(score_rows, temperatures)
def test_probabilities_sum_to_one_and_keep_the_order(scores, temperature):
    scores = some_forbidden(scores)
    chances = softmax(scores, temperature=temperature)
    np.testing.assert_allclose(chances.sum(axis=-1), 1)
    assert (chances >= 0).all()
    assert (chances[scores == -np.inf] == 0).all()
    by_score = np.take_along_axis(chances, np.argsort(scores, axis=-1), axis=-1)
    assert (np.diff(by_score, axis=-1) >= 0).all()


@given(score_rows, temperatures, st.floats(-500, 500))
def test_softmax_is_the_formula_and_a_constant_changes_nothing(scores, temperature, constant):
    weights = np.exp((scores - scores.max()) / temperature)
    wanted = weights / weights.sum(axis=-1, keepdims=True) if weights.min() > 1e-280 else None
    chances = softmax(scores, temperature=temperature)
    if wanted is not None:
        np.testing.assert_allclose(chances, wanted, rtol=1e-9)
    moved = softmax(scores + constant, temperature=temperature)
    np.testing.assert_allclose(moved, chances, atol=1e-9)


@given(score_rows)
def test_temperature_towards_zero_is_greedy_and_ties_share(scores):
    greedy = softmax(scores, temperature=0)
    best = scores == scores.max(axis=-1, keepdims=True)
    np.testing.assert_allclose(greedy, best / best.sum(axis=-1, keepdims=True))
    apart = np.where(best, scores + 1, scores)  # la mayor, con ventaja de sobra
    for temperature in (1e-3, 1e-300, 5e-324):
        np.testing.assert_allclose(softmax(apart, temperature=temperature), greedy, atol=1e-12)


@given(score_rows)
def test_a_very_high_temperature_is_uniform(scores):
    chances = softmax(scores, temperature=1e9)
    np.testing.assert_allclose(chances, 1 / scores.shape[-1], rtol=1e-6)


@given(score_rows, st.integers(1, 9))
def test_top_k_leaves_the_k_likeliest(scores, k):
    chances = softmax(scores)
    kept = top_k(chances, k)
    np.testing.assert_allclose(kept.sum(axis=-1), 1)
    width = chances.shape[-1]
    ranks = np.argsort(np.argsort(-chances, axis=-1, kind="stable"), axis=-1)
    assert (kept[ranks >= k] == 0).all()
    inside = np.where(ranks < k, chances, 0)
    np.testing.assert_allclose(kept, inside / inside.sum(axis=-1, keepdims=True))
    if k >= width:
        np.testing.assert_array_equal(kept, chances)


@given(score_rows, st.floats(0.01, 0.99))
def test_the_nucleus_is_the_smallest_that_reaches_p(scores, p):
    chances = softmax(scores)
    kept = nucleus(chances, p)
    np.testing.assert_allclose(kept.sum(axis=-1), 1)
    for row, inside in zip(
        chances.reshape(-1, chances.shape[-1]), kept.reshape(-1, chances.shape[-1]), strict=True
    ):
        mass = row[inside > 0].sum()
        assert mass >= p - 1e-9
        assert mass - row[inside > 0].min() < p + 1e-9  # sin el último no llegaba
        if (inside == 0).any():
            assert row[inside == 0].max() <= row[inside > 0].min()


@given(score_rows)
def test_p_one_and_k_the_vocabulary_change_nothing(scores):
    chances = softmax(scores)
    np.testing.assert_array_equal(nucleus(chances, 1), chances)
    np.testing.assert_array_equal(top_k(chances, chances.shape[-1]), chances)
    assert nucleus(chances, 1) is not chances


def test_ties_are_broken_by_the_order_of_the_vocabulary():
    np.testing.assert_array_equal(top_k([0.25, 0.25, 0.25, 0.25], 2), [0.5, 0.5, 0, 0])
    np.testing.assert_array_equal(nucleus([0.25, 0.25, 0.25, 0.25], 0.5), [0.5, 0.5, 0, 0])
    np.testing.assert_array_equal(nucleus([0.2, 0.3, 0.3, 0.2], 0.3), [0, 1, 0, 0])


def test_rounding_lets_nobody_else_in():
    """0.1 + 0.2 pasa de 0.3 por un redondeo, y 0.7 + 0.1 no llega a 0.8: da igual."""
    assert np.count_nonzero(nucleus([0.7, 0.1, 0.1, 0.1], 0.8)) == 2
    assert np.count_nonzero(nucleus([0.6, 0.2, 0.1, 0.1], 0.8)) == 2


@given(score_rows, st.integers(0, 2**32))
def test_a_sample_is_always_possible_and_follows_its_generator(scores, seed):
    chances = softmax(some_forbidden(scores), temperature=0.5)
    drawn = sample(chances, rng=np.random.default_rng(seed))
    assert drawn.shape == scores.shape[:-1]
    assert (np.take_along_axis(chances, np.asarray(drawn)[..., None], axis=-1) > 0).all()
    np.testing.assert_array_equal(drawn, sample(chances, rng=np.random.default_rng(seed)))


def test_samples_have_the_frequencies_they_should():
    chances = np.array([0.0, 0.5, 0.0, 0.3, 0.2, 0.0])
    drawn = sample(np.tile(chances, (20_000, 1)), rng=np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(drawn, minlength=6) / 20_000, chances, atol=0.015)


class Highest(np.random.Generator):
    """Un generador que sortea siempre el mayor número que puede salir."""

    def random(self, size=None):
        return np.full(size, np.nextafter(1, 0))


def test_the_highest_draw_never_falls_on_a_forbidden_symbol():
    drawn = sample([[0.1] * 10 + [0.0]], rng=Highest(np.random.PCG64(0)))
    assert drawn.tolist() == [9]


def test_inputs_are_not_modified():
    scores = np.array([[1.0, 2.0, 3.0]])
    chances = softmax(scores)
    before = chances.copy()
    top_k(chances, 1), nucleus(chances, 0.1), softmax(scores, temperature=0)
    sample(chances, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(scores, [[1, 2, 3]])
    np.testing.assert_array_equal(chances, before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: softmax([1.0, np.nan]), "NaN"),
        (lambda: softmax([1.0, np.inf]), r"\+inf"),
        (lambda: softmax([[0.0, 1.0], [-np.inf, -np.inf]]), "no hay nada que elegir"),
        (lambda: softmax([1.0, 2.0], temperature=-0.1), "temperature debe ser"),
        (lambda: softmax([1.0, 2.0], temperature=np.nan), "temperature debe ser"),
        (lambda: softmax([1.0, 2.0], temperature=np.inf), "temperature debe ser"),
        (lambda: softmax([1.0, 2.0], temperature="alta"), "temperature debe ser"),
        (lambda: softmax([]), "vocabulario"),
        (lambda: softmax(3.0), "vocabulario"),
        (lambda: top_k([0.5, 0.5], 0), "k debe ser al menos 1"),
        (lambda: top_k([0.5, np.nan], 1), "valores finitos"),
        (lambda: top_k([2.0, -1.0], 1), "pásalas antes por softmax"),
        (lambda: top_k([0.5, 0.1], 1), "debe sumar 1"),
        (lambda: nucleus([0.5, 0.5], 0), "p debe ser"),
        (lambda: nucleus([0.5, 0.5], 1.01), "p debe ser"),
        (lambda: nucleus([0.5, 0.5], True), "p debe ser"),
        (lambda: nucleus([[3, 1]], 0.5), "debe sumar 1"),
        (lambda: sample([0.5, 0.6], rng=np.random.default_rng(0)), "debe sumar 1"),
        (lambda: sample([0.5, np.nan], rng=np.random.default_rng(0)), "valores finitos"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="k debe ser un número entero"):
        top_k([0.5, 0.5], 1.5)
    with pytest.raises(TypeError, match="rng debe ser un generador"):
        sample([0.5, 0.5], rng=0)
    with pytest.raises(TypeError, match="array de números"):
        softmax(["a"])

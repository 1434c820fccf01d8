"""La comparación con varias redes y los mismos ejemplos: qué cuenta y de qué se queja."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.comparison import crossed_bootstrap, paired, welch


def draw(rng, *, networks=5, examples=120, gap=0.0, spread=0.0, noise=1.0):
    """Dos modelos con ejemplos comunes; ``spread`` es lo que varía cada red."""
    common = rng.normal(size=examples)
    return tuple(
        level
        + common
        + spread * rng.normal(size=(networks, 1))
        + noise * rng.normal(size=(networks, examples))
        for level in (gap, 0.0)
    )


def width(found):
    return found.high - found.low


def test_with_one_network_each_it_is_the_paired_comparison():
    one, other = draw(np.random.default_rng(0), networks=1, gap=0.5)
    found, expected = crossed_bootstrap(one, other, seed=0), paired(one[0], other[0])
    assert found.value == pytest.approx(expected.value)
    assert width(found) == pytest.approx(width(expected), rel=0.1)


def test_if_only_the_networks_vary_the_margin_is_that_of_the_networks():
    one, other = draw(np.random.default_rng(1), networks=30, spread=1.0, noise=0.0)
    found, expected = (
        crossed_bootstrap(one, other, seed=0),
        welch(one.mean(axis=1), other.mean(axis=1)),
    )
    assert found.value == pytest.approx(expected.value)
    assert width(found) == pytest.approx(width(expected), rel=0.15)


def test_one_network_that_fails_is_not_taken_for_a_difference_of_the_kind():
    rng = np.random.default_rng(2)
    one, other = (rng.random((5, 160)) < 0.7 for _ in range(2))
    other[0] = rng.random(160) < 0.4
    assert paired(one.mean(axis=0), other.mean(axis=0)).is_clear
    assert not crossed_bootstrap(one, other, seed=0).is_clear


def test_the_interval_holds_the_truth_at_least_as_often_as_it_says():
    rng, runs = np.random.default_rng(3), 200
    held = 0
    for seed in range(runs):
        found = crossed_bootstrap(*draw(rng, gap=0.3, spread=0.3, examples=60), seed=seed)
        held += found.low <= 0.3 <= found.high
    assert held / runs > 0.9


def test_turning_the_models_over_turns_the_difference():
    one, other = draw(np.random.default_rng(4), gap=0.4)
    found, turned = crossed_bootstrap(one, other, seed=0), crossed_bootstrap(other, one, seed=0)
    assert found.value == pytest.approx(-turned.value)
    assert found.low == pytest.approx(-turned.high, abs=0.03)


def test_a_seed_repeats_and_the_inputs_stay():
    one, other = draw(np.random.default_rng(5))
    kept = one.copy()
    assert crossed_bootstrap(one, other, seed=3) == crossed_bootstrap(one, other, seed=3)
    assert crossed_bootstrap(one, other, seed=3) != crossed_bootstrap(one, other, seed=4)
    np.testing.assert_array_equal(one, kept)


def test_equal_models_have_no_difference():
    same = np.ones((4, 20))
    assert crossed_bootstrap(same, same, seed=0).verdict() == (
        "no hay ninguna diferencia (4 y 4 redes, 20 ejemplos)"
    )
    assert crossed_bootstrap(same, same[:1], seed=0).sample == "4 redes, 20 ejemplos"
    assert crossed_bootstrap(same[:1], same[:1], seed=0).sample == "20 ejemplos"


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (np.ones((4, 20)), np.ones((4, 21)), "los mismos ejemplos.*20 y 21"),
        (np.ones((4, 19)), np.ones((4, 19)), "al menos 20 ejemplos.*one tiene 19.*traspuesta"),
        (np.ones((4, 20)), np.ones((3, 20)), "al menos 4 redes.*other tiene 3"),
        (np.ones(20), np.ones((4, 20)), "one"),
        (np.full((4, 20), np.nan), np.ones((4, 20)), "one"),
    ],
)
def test_bad_input_says_what_was_expected(one, other, message):
    with pytest.raises(ValueError, match=message):
        crossed_bootstrap(one, other, seed=0)

"""El paso conforme: cumple lo que promete de media, y solo eso."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.forecasting import (
    conformal_margin,
    conformal_quantiles,
    count_crossings,
    gaussian_interval,
    mend_crossings,
    split_conformal,
)
from course_utils.metrics import coverage, crps_quantiles

LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95])
scores = arrays("float64", st.integers(25, 60), elements=st.floats(0, 100))


@given(scores, LEVELS)
def test_the_margin_agrees_with_numpy(values, level):
    """Es el cuantil empírico de NumPy en el nivel corregido, el de Romano y otros."""
    place = np.ceil(round((len(values) + 1) * level, 9))
    expected = np.quantile(values, (place - 0.5) / len(values), method="inverted_cdf")
    assert conformal_margin(values, level=level) == expected


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_least_calibration_is_the_first_that_can_promise(level):
    """Con una puntuación menos, ni la mayor basta."""
    needed = next(n for n in range(1, 200) if np.ceil(round((n + 1) * level, 9)) <= n)
    conformal_margin(np.arange(needed), level=level)
    with pytest.raises(ValueError, match=f"al menos {needed} ejemplos"):
        conformal_margin(np.arange(needed - 1), level=level)


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_the_promise_holds_on_average(level):
    """De media entre muchas calibraciones, entre el nivel y el nivel más 1/(n + 1)."""
    rng, n = np.random.default_rng(0), 30
    found = []
    for _ in range(4000):
        actual = rng.standard_t(3, size=n + 1)
        interval = split_conformal(actual[:n], np.zeros(n), [0.0], level=level)
        found.append(coverage(actual[n:], *interval))
    assert level - 0.015 < np.mean(found) < level + 1 / (n + 1) + 0.015


def test_quantiles_that_lie_are_mended_on_average():
    """CQR lleva al 90 % unos cuantiles que prometían 90 y cubrían la mitad, y otros de sobra."""
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.5, 3, size=6000)
    actual = spread * rng.normal(size=6000)
    for width in (0.7, 4.0):
        low, high = -width * spread, width * spread
        before = coverage(actual[3000:], low[3000:], high[3000:])
        interval = conformal_quantiles(
            actual[:3000], low[:3000], high[:3000], low[3000:], high[3000:], level=0.9
        )
        assert abs(before - 0.9) > 0.05
        assert coverage(actual[3000:], *interval) == pytest.approx(0.9, abs=0.02)
        assert np.ptp(interval.high - interval.low) > 1  # unos siguen más anchos que otros


def test_each_step_has_its_own_margin():
    """Con dos ejes, lo mismo que plazo a plazo."""
    rng = np.random.default_rng(0)
    actual = rng.normal(size=(50, 4)) * np.arange(1, 5)
    zeros, new = np.zeros((50, 4)), np.zeros((3, 4))
    interval = split_conformal(actual, zeros, new, level=0.8)
    for step in range(4):
        alone = split_conformal(actual[:, step], zeros[:, step], new[:, step], level=0.8)
        np.testing.assert_array_equal(interval.low[:, step], alone.low)
    assert (np.diff(interval.high[0]) > 0).all()


def test_conformal_by_hand():
    """Nueve ejemplos y nivel 0.8: cuenta el octavo."""
    actual = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9])
    interval = split_conformal(actual, np.zeros(9), [10.0, 20.0], level=0.8)
    assert (interval.low.tolist(), interval.high.tolist()) == ([2, 12], [18, 28])
    # Todo cae dentro, a 1, 2… de arriba: el octavo de -9…-1 es -2 y el intervalo se estrecha.
    mended = conformal_quantiles(actual, actual - 20, np.full(9, 10.0), [0.0], [10.0], level=0.8)
    assert (mended.low.tolist(), mended.high.tolist()) == ([2], [8])


def test_a_shrunk_interval_never_crosses():
    mended = conformal_quantiles(
        np.zeros(20), np.full(20, -9.0), np.full(20, 9.0), [0.0], [2.0], level=0.9
    )
    assert (mended.low.tolist(), mended.high.tolist()) == ([1], [1])


@given(
    arrays(
        "float64", st.tuples(st.integers(1, 6), st.integers(2, 5)), elements=st.floats(-100, 100)
    )
)
def test_mending_crossings_never_costs(quantiles):
    levels = np.linspace(0.1, 0.9, quantiles.shape[1])
    actual = quantiles.mean(axis=1)
    mended = mend_crossings(quantiles)
    assert count_crossings(mended) == 0
    before = crps_quantiles(actual, quantiles, levels=levels)
    assert crps_quantiles(actual, mended, levels=levels) <= before + 1e-9


@given(st.floats(-10, 10), st.floats(0, 5), LEVELS)
def test_the_gaussian_interval_agrees_with_scipy(mean, std, level):
    from scipy import stats

    low, high = gaussian_interval([mean], [std], level=level)
    z = stats.norm.ppf((1 + level) / 2)
    assert (low[0], high[0]) == pytest.approx((mean - z * std, mean + z * std))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split_conformal(np.ones(20), np.ones(19), [1.0], level=0.9), "misma forma"),
        (lambda: split_conformal(np.ones((20, 2)), np.ones((20, 2)), [1.0], level=0.9), "plazos"),
        (lambda: conformal_margin(np.ones(20), level=1), "entre 0 y 1"),
        (lambda: conformal_margin(np.ones((2, 2, 2)), level=0.5), "1 o 2 dimensiones"),
        (lambda: gaussian_interval([1.0], [-1.0], level=0.9), "std debe ser positiva"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()

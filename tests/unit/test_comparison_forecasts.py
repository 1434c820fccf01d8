"""Diebold y Mariano con la corrección de Harvey: contra dos implementaciones ajenas y a mano."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.comparison import diebold_mariano

HORIZONS = st.integers(1, 6)
losses = arrays("float64", st.tuples(st.just(2), st.integers(20, 60)), elements=st.floats(0, 100))


def overlapping(seed: int, count: int, horizon: int) -> np.ndarray:
    """Dos pérdidas cuyas diferencias se parecen de un origen al siguiente, como si se solaparan."""
    shocks = np.random.default_rng(seed).normal(size=(2, count + horizon - 1))
    return np.stack([np.convolve(row, np.ones(horizon), "valid") for row in shocks])


def test_by_hand():
    """n = 8 y plazo 2, con los números que salen en papel."""
    one = np.array([3.0, 4, 5, 5, 4, 2, 1, 2])
    other = np.array([2.0, 2, 2, 1, 1, 1, 2, 2])
    gaps = one - other  # 1 2 3 4 3 1 -1 0, media 13/8
    centred = gaps - 13 / 8
    variance = (centred @ centred + 2 * centred[1:] @ centred[:-1]) / 8
    correction = (8 + 1 - 4 + 2 * 1 / 8) / 8
    error = math.sqrt(variance / 8 / correction)
    found = diebold_mariano(one, other, horizon=2)
    assert found.value == 13 / 8
    assert found.high - found.value == pytest.approx(2.364624 * error, rel=1e-6)  # t de 7 grados
    assert (found.n, found.sample) == (8, "8 orígenes")


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_agrees_with_statsmodels(horizon):
    """Su error típico con covarianzas sin pesos es el mismo, salvo la corrección."""
    from statsmodels.regression.linear_model import OLS

    one, other = overlapping(1, 80, horizon)
    n = len(one)
    fitted = OLS(one - other, np.ones(n)).fit(
        cov_type="HAC", cov_kwds={"maxlags": horizon - 1, "kernel": "uniform"}
    )
    found = diebold_mariano(one, other, horizon=horizon)
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    from scipy import stats

    statistic = fitted.tvalues[0] * math.sqrt(correction)
    assert found.value == pytest.approx(fitted.params[0])
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(statistic), n - 1), rel=1e-9)


@pytest.mark.parametrize("horizon", range(1, 7))
@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_published_package(seed, horizon):
    """``dieboldmariano``, con la corrección de Harvey y las pérdidas tal cual."""
    reference = pytest.importorskip("dieboldmariano")
    one, other = overlapping(seed, 50, 3)
    _, expected = reference.dm_test(
        [0.0] * 50, one.tolist(), other.tolist(), h=horizon, loss=lambda _, forecast: forecast
    )
    found = diebold_mariano(one, other, horizon=horizon)
    assert found.p_value == pytest.approx(expected, rel=1e-6)


@given(losses, HORIZONS)
def test_the_interval_and_the_p_value_agree(pair, horizon):
    """Deja fuera el cero justo si el valor p baja de 0.05; al cambiar de lado cambia de signo."""
    found = diebold_mariano(*pair, horizon=horizon)
    assert found.is_clear == (found.p_value < 0.05)
    mirror = diebold_mariano(*pair[::-1], horizon=horizon)
    assert (mirror.low, mirror.high) == pytest.approx((-found.high, -found.low))


def test_false_alarms_are_rare():
    """Sin diferencia y con solapes, avisa una vez de cada veinte, y no una de cada cuatro."""
    horizon, runs = 4, 300
    clear = [
        diebold_mariano(*overlapping(seed, 120, horizon), horizon=horizon).is_clear
        for seed in range(runs)
    ]
    blind = [
        diebold_mariano(*overlapping(seed, 120, horizon), horizon=1).is_clear
        for seed in range(runs)
    ]
    assert np.mean(clear) < 0.12 < 0.2 < np.mean(blind)


def test_a_negative_sum_falls_back_to_bartlett():
    gaps = np.tile([1.0, -1.0], 12) + np.linspace(0, 0.1, 24)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = diebold_mariano(gaps, np.zeros(24), horizon=2)
    assert "Bartlett" in found.method
    assert found.low < found.value < found.high


def test_the_same_difference_everywhere():
    found = diebold_mariano(np.full(12, 3.0), np.full(12, 1.0), horizon=3)
    assert (found.low, found.value, found.high, found.p_value) == (2, 2, 2, 0)
    same = diebold_mariano(np.ones(12), np.ones(12), horizon=3)
    assert (same.value, same.p_value, same.is_clear) == (0, 1, False)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diebold_mariano([1.0] * 7, [2.0] * 7, horizon=1), "al menos 8 orígenes"),
        (lambda: diebold_mariano([1.0] * 20, [2.0] * 20, horizon=24), "al menos 48 orígenes"),
        (lambda: diebold_mariano([1.0] * 8, [2.0] * 9, horizon=1), "misma longitud"),
        (lambda: diebold_mariano([1.0] * 8, [2.0] * 8, horizon=0), "horizon debe ser al menos 1"),
        (lambda: diebold_mariano([1.0] * 8, [2.0] * 8, horizon=1, level=95), "pasa level=0.95"),
        (lambda: diebold_mariano([np.nan] * 8, [2.0] * 8, horizon=1), "valores finitos"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()

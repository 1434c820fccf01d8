"""Cuantiles, muestras e intervalos: iguales a otras bibliotecas y a las cuentas a mano."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.metrics import (
    coverage,
    crps_quantiles,
    crps_samples,
    interval_score,
    mae,
    pinball,
)

LEVELS = st.sampled_from([0.05, 0.1, 0.5, 0.8, 0.95])
numbers = st.floats(-1e3, 1e3)
values = arrays("float64", st.integers(1, 20), elements=numbers)


def close(expected: float):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def draw(seed: int = 0, count: int = 40, width: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Lo que pasó y unas muestras de cada paso."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=count), rng.normal(size=(count, width)) * 2 + 1


@given(values, LEVELS)
def test_pinball_agrees_with_scikit_learn(actual, level):
    from sklearn.metrics import mean_pinball_loss

    forecast = actual[::-1] * 0.5
    assert pinball(actual, forecast, level=level) == close(
        mean_pinball_loss(actual, forecast, alpha=level)
    )
    assert pinball(actual, forecast, level=0.5) == close(mae(actual, forecast) / 2)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_pinball_is_least_at_the_quantile(level):
    """Entre todos los pronósticos constantes, el mejor es el cuantil de la muestra."""
    actual = np.arange(1.0, 102.0)
    losses = [pinball(actual, np.full(101, guess), level=level) for guess in actual]
    assert actual[np.argmin(losses)] == np.quantile(actual, level)


def test_by_hand():
    """Con números que se siguen de cabeza."""
    assert pinball([10, 10], [8, 14], level=0.75) == (0.75 * 2 + 0.25 * 4) / 2
    assert crps_quantiles([5.0], [[2.0, 6.0]], levels=[0.25, 0.75]) == 0.25 * 3 + 0.25 * 1
    # Distan 1, 1 y 4 de 3; entre sí, de dos en dos y en los dos órdenes, 2·(2 + 5 + 3) = 20.
    assert crps_samples([3.0], [[2.0, 4.0, 7.0]]) == close(2 - 20 / 9 / 2)
    assert coverage([1, 2, 3, 4], [1, 3, 0, 0], [1, 4, 9, 3]) == 0.5
    assert interval_score([0, 5, 9], [1, 1, 1], [6, 6, 6], level=0.8) == close(
        5 + (10 * 1 + 10 * 3) / 3
    )


def test_scores_agree_with_scoringrules():
    scoringrules = pytest.importorskip("scoringrules")
    actual, samples = draw()
    quantiles, levels = np.sort(samples, axis=1), np.linspace(0.1, 0.9, 7)
    low, high = quantiles[:, 0], quantiles[:, -1]
    assert crps_quantiles(actual, quantiles, levels=levels) == close(
        scoringrules.crps_quantile(actual, quantiles, levels).mean()
    )
    assert crps_samples(actual, samples) == close(
        scoringrules.crps_ensemble(actual, samples, estimator="nrg").mean()
    )
    assert interval_score(actual, low, high, level=0.8) == close(
        scoringrules.interval_score(actual, low, high, 0.2).mean()
    )


def test_coverage_agrees_with_utilsforecast():
    losses = pytest.importorskip("utilsforecast.losses")
    import pandas as pd

    actual, samples = draw()
    low, high = samples.min(axis=1), samples.max(axis=1)
    table = pd.DataFrame(
        {"unique_id": "a", "ds": range(40), "y": actual, "m-lo-90": low, "m-hi-90": high}
    )
    assert coverage(actual, low, high) == close(losses.coverage(table, ["m"], 90)["m"].iloc[0])


def test_crps_of_many_samples_is_that_of_the_normal():
    """Contra la fórmula cerrada de la normal, por muestras y por cuantiles."""
    from scipy import stats

    expected = 0.8 * (2 * stats.norm.cdf(0.8) - 1)
    expected += 2 * stats.norm.pdf(0.8) - 1 / np.sqrt(np.pi)
    levels = (np.arange(2000) + 0.5) / 2000
    quantiles = stats.norm.ppf(levels)
    assert crps_quantiles([0.8], [quantiles], levels=levels) == pytest.approx(expected, abs=2e-4)
    assert crps_samples([0.8], [quantiles]) == pytest.approx(expected, abs=2e-3)


@given(arrays("float64", st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=numbers))
def test_crps_of_samples_is_the_double_sum(samples):
    """La suma con pesos es la media de todas las distancias de dos en dos."""
    actual = samples.mean(axis=1) + 1
    between = np.abs(samples[:, :, None] - samples[:, None, :]).mean(axis=(1, 2))
    direct = np.abs(samples - actual[:, None]).mean(axis=1) - between / 2
    assert crps_samples(actual, samples) == pytest.approx(direct.mean(), rel=1e-7, abs=1e-7)


def test_inputs_stay_as_they_were():
    actual, samples = draw()
    copies = actual.copy(), samples.copy()
    crps_samples(actual, samples)
    crps_quantiles(actual, samples, levels=np.linspace(0.1, 0.9, 7))
    assert all(np.array_equal(*pair) for pair in zip(copies, (actual, samples), strict=True))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pinball([1], [2], level=1.0), "entre 0 y 1"),
        (lambda: pinball([1], [2], level=90), "pasa 0.9"),
        (lambda: pinball([1, 2], [[1], [2]], level=0.5), "misma forma"),
        (lambda: pinball([], [], level=0.5), "vacíos"),
        (lambda: pinball([np.nan], [1], level=0.5), "valores finitos"),
        (lambda: crps_quantiles([1], [[1, 2]], levels=[0.5]), "un valor por nivel"),
        (lambda: crps_quantiles([1], [[1, 2]], levels=[0.9, 0.1]), "de menor a mayor"),
        (lambda: crps_quantiles([1, 2], [[1, 2]], levels=[0.1, 0.9]), "un eje más al final"),
        (lambda: crps_samples(1.0, 2.0), "un eje más al final"),
        (lambda: coverage([1], [3], [2]), "En 1 de 1 intervalos"),
        (lambda: interval_score([1], [0], [2, 3], level=0.9), "misma forma"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Métricas y modelos de referencia."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.metrics import mae, mase, rmse, seasonal_persistence
from course_utils.sequences import make_windows

values = arrays("float64", st.integers(2, 20), elements=st.floats(-1e3, 1e3))


@given(values)
def test_mae_and_rmse_agree_with_scikit_learn(actual):
    from sklearn.metrics import mean_absolute_error, root_mean_squared_error

    forecast = actual[::-1] * 0.5
    assert mae(actual, forecast) == pytest.approx(mean_absolute_error(actual, forecast))
    assert rmse(actual, forecast) == pytest.approx(root_mean_squared_error(actual, forecast))
    assert mae(actual, forecast) <= rmse(actual, forecast) + 1e-9


@pytest.mark.parametrize(("dtype", "gap"), [("float16", 500), ("int8", 100), ("uint8", 200)])
def test_errors_do_not_overflow_in_the_type_of_the_data(dtype, gap):
    actual = np.array([0, gap] * 500, dtype=dtype)
    forecast = actual[::-1]
    assert mae(actual, forecast) == rmse(actual, forecast) == gap
    assert mase(actual, forecast, training=actual) == 1


@given(st.integers(1, 6), st.floats(0.1, 100))
def test_mase_has_no_units(period, scale):
    rng = np.random.default_rng(period)
    training, actual, forecast = rng.normal(size=30), rng.normal(size=7), rng.normal(size=7)
    one = mase(actual, forecast, training=training, period=period)
    other = mase(scale * actual, scale * forecast, training=scale * training, period=period)
    assert one == pytest.approx(other)


def test_mase_of_the_seasonal_reference_on_its_own_training_is_one():
    series = np.random.default_rng(0).normal(size=50)
    windows = make_windows(series, width=7)
    forecast = seasonal_persistence(windows.inputs, period=7)
    assert mase(windows.targets, forecast, training=series, period=7) == pytest.approx(1.0)


@pytest.mark.parametrize("horizon", [1, 2, 4, 5, 9])
def test_seasonal_persistence_is_exact_on_a_periodic_series(horizon):
    series = np.tile([3.0, 1.0, 4.0, 1.5], 8)
    windows = make_windows(series, width=6, horizon=horizon)
    forecast = seasonal_persistence(windows.inputs, horizon=horizon, period=4)
    np.testing.assert_array_equal(forecast, windows.targets)


def test_persistence_repeats_the_last_value_at_any_horizon():
    windows = np.arange(12.0).reshape(3, 4)
    for horizon in (1, 5):
        np.testing.assert_array_equal(
            seasonal_persistence(windows, horizon=horizon), windows[:, -1]
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mae([1, 2], [1]), "misma forma"),
        (lambda: mae(np.zeros((3, 1)), np.zeros(3)), "misma forma"),
        (lambda: rmse([], []), "vacíos"),
        (lambda: mae([1, np.nan], [1, 2]), "valores finitos"),
        (lambda: mase([1], [2], training=[5, 5, 5]), "no está definido"),
        (lambda: mase([1], [2], training=np.sin(np.arange(48) * np.pi / 6), period=12), "repite"),
        (lambda: mase([1], [2], training=[5, 6], period=2), "al menos 3 elementos"),
        (lambda: seasonal_persistence(np.zeros((2, 3)), period=4), "al menos period=4"),
        (lambda: seasonal_persistence(np.zeros(3)), "2 dimensiones"),
        (lambda: seasonal_persistence(np.zeros((2, 3)), horizon=0), "horizon debe ser al menos"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()

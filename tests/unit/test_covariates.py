"""Lo que se conoce por adelantado y lo que no: el futuro no se cuela por ninguna puerta."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.forecasting import (
    FutureLeakError,
    KnownAhead,
    ObservedOnly,
    backtest,
    forecast_windows,
    with_covariates,
)

HOUR = KnownAhead("hora", np.arange(60) % 24)
WIND = ObservedOnly("viento", np.arange(60.0) + 1000)
SERIES = np.arange(60.0) + np.sin(np.arange(60))


@pytest.mark.parametrize(
    "leak",
    [
        lambda: WIND.future(30, 2),
        lambda: forecast_windows(SERIES, width=4, horizon=2, known=[WIND]),
        lambda: forecast_windows(SERIES, width=4, horizon=2, known=[HOUR, WIND]),
        lambda: with_covariates(lambda *parts: parts, known=[WIND]),
    ],
)
def test_the_future_of_what_is_only_observed_is_an_error(leak):
    """En español, con el nombre de la covariable y qué hacer."""
    with pytest.raises(FutureLeakError, match="«viento» solo se observa"):
        leak()


@pytest.mark.parametrize(
    "undeclared",
    [
        lambda: forecast_windows(SERIES, width=4, horizon=2, known=[SERIES]),
        lambda: forecast_windows(SERIES, width=4, horizon=2, observed=[SERIES]),
        lambda: forecast_windows(SERIES, width=4, horizon=2, observed=[HOUR]),
        lambda: with_covariates(lambda *parts: parts, known=[[1, 2]]),
    ],
)
def test_a_covariate_must_be_declared(undeclared):
    with pytest.raises(TypeError, match=r"KnownAhead\(nombre, valores\)"):
        undeclared()


@given(st.integers(1, 9), st.integers(1, 9))
def test_windows_align_everything(width, horizon):
    """Cada cosa con su momento: el pasado llega hasta el origen y el futuro empieza en él."""
    windows = forecast_windows(SERIES, width=width, horizon=horizon, known=[HOUR], observed=[WIND])
    assert len(windows.origins) == 60 - width - horizon + 1
    for past, future, targets, origin in zip(*windows, strict=True):
        np.testing.assert_array_equal(past[:, 0], SERIES[origin - width : origin])
        np.testing.assert_array_equal(past[:, 1], np.arange(origin - width, origin) % 24)
        np.testing.assert_array_equal(past[:, 2], np.arange(origin - width, origin) + 1000)
        np.testing.assert_array_equal(future[:, 0], np.arange(origin, origin + horizon) % 24)
        np.testing.assert_array_equal(targets, SERIES[origin : origin + horizon])


@given(st.integers(10, 50))
def test_what_comes_later_changes_nothing_in_the_past(origin):
    """Cambiar lo posterior al origen no cambia lo que ve el modelo, salvo lo que ya se sabía."""
    later = np.where(np.arange(60) >= origin, -999.0, 0.0)
    changed = ObservedOnly("viento", np.arange(60.0) + 1000 + later)
    inputs = [
        forecast_windows(
            series, width=5, horizon=3, known=[HOUR], observed=[wind], origins=[origin]
        )
        for series, wind in ((SERIES, WIND), (SERIES + later, changed))
    ]
    np.testing.assert_array_equal(inputs[0].past, inputs[1].past)
    np.testing.assert_array_equal(inputs[0].future, inputs[1].future)


def test_without_covariates_the_future_is_empty():
    windows = forecast_windows(SERIES, width=4, horizon=2)
    assert windows.past.shape == (55, 4, 1)
    assert windows.future.shape == (55, 2, 0)


def test_a_model_with_covariates_goes_where_the_others_go():
    """Con la hora sabida de antemano se acierta lo que solo depende de ella."""
    hours = np.arange(60) % 24
    seen = []

    def by_hour(history, horizon, past, future):
        seen.append((len(history), past.shape, future.shape))
        return 3 * future[:, 0]

    model = with_covariates(by_hour, known=[HOUR], observed=[WIND])
    table = backtest(3.0 * hours, {"hora": model}, horizon=6, origins=2, step=6)
    assert (table["actual"] == table["forecast"]).all()
    assert seen == [(48, (48, 2), (6, 1)), (54, (54, 2), (6, 1))]


def test_values_are_copied_both_ways():
    values = np.arange(10.0)
    item = KnownAhead("hora", values)
    values[:] = -1
    item.past(5)[:] = -2
    item.future(5, 2)[:] = -3
    assert item.past(5).ravel().tolist() == [0, 1, 2, 3, 4]
    assert item.future(5, 2).ravel().tolist() == [5, 6]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HOUR.future(58, 3), "hacen falta 61"),
        (lambda: WIND.past(61), "no se pueden dar"),
        (lambda: WIND.past(3, 4), "los 4 anteriores al origen 3"),
        (lambda: KnownAhead("hora", [1.0, np.nan]), "la covariable hora debe tener solo valores"),
        (
            lambda: forecast_windows(SERIES, width=4, horizon=2, observed=[ObservedOnly("x", [1])]),
            "x tiene 1 valores y la serie, 60",
        ),
        (lambda: forecast_windows(SERIES[:5], width=4, horizon=2), "al menos 6"),
        (
            lambda: forecast_windows(SERIES, width=4, horizon=2, origins=[3]),
            "entre 4 y 58",
        ),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()

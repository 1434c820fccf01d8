"""Orígenes, referencias, estrategias, la tabla de resultados y los modelos de la estadística."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.forecasting import (
    FromWindows,
    SmoothingShape,
    all_at_once,
    autoregression,
    backtest,
    choose_smoothing,
    climatology,
    direct,
    drift,
    exponential_smoothing,
    multistep_windows,
    naive,
    rank_table,
    recursive,
    rolling_origin,
    score_table,
    seasonal_naive,
    theta,
)
from course_utils.metrics import mae, mase, rmsse, seasonal_persistence, wape
from course_utils.sequences import make_windows

histories = arrays("float64", st.integers(12, 40), elements=st.floats(-1e3, 1e3))
HORIZONS = st.integers(1, 15)
WAVE = np.tile([3.0, 1.0, 4.0, 1.5], 12)


# ---------------------------------------------------------------- orígenes


@given(st.integers(20, 60), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_cuts_never_see_the_future(count, horizon, origins, step):
    """El entrenamiento acaba donde empieza la prueba, y el último plazo, con la serie."""
    cuts = list(rolling_origin(count, horizon=horizon, origins=origins, step=step))
    assert len(cuts) == origins
    assert all(cut.train == slice(0, cut.origin) for cut in cuts)
    assert all(cut.test.stop - cut.test.start == horizon for cut in cuts)
    assert cuts[-1].test.stop == count
    assert np.diff([cut.origin for cut in cuts]).tolist() == [step] * (origins - 1)


def test_a_sliding_window_keeps_its_width():
    cuts = list(rolling_origin(20, horizon=2, origins=3, step=2, width=5))
    assert [(cut.train.start, cut.train.stop) for cut in cuts] == [(9, 14), (11, 16), (13, 18)]


def test_cuts_agree_with_scikit_learn():
    from sklearn.model_selection import TimeSeriesSplit

    ours = [
        (np.arange(30)[cut.train].tolist(), np.arange(30)[cut.test].tolist())
        for cut in rolling_origin(30, horizon=4, origins=5, step=4)
    ]
    theirs = TimeSeriesSplit(n_splits=5, test_size=4).split(np.arange(30))
    assert ours == [(train.tolist(), test.tolist()) for train, test in theirs]


# ---------------------------------------------------------------- referencias


@given(histories, HORIZONS, st.integers(1, 12))
def test_references_are_what_they_say(history, horizon, period):
    assert (naive(history, horizon) == history[-1]).all()
    repeated = seasonal_naive(history, horizon, period=period)
    for step in range(horizon):
        window = history[None]
        expected = seasonal_persistence(window, horizon=step + 1, period=period)[0]
        assert repeated[step] == expected
    line = drift(history, horizon)
    slope = (history[-1] - history[0]) / (len(history) - 1)
    assert line[-1] == pytest.approx(history[-1] + horizon * slope)
    # Con un solo ciclo y sin anomalía, la climatología es el ciclo anterior.
    last = climatology(history, horizon, period=period, cycles=1)
    np.testing.assert_allclose(last, repeated, atol=1e-9)


@given(histories, HORIZONS, st.integers(1, 12))
def test_climatology_is_the_mean_of_each_place(history, horizon, period):
    """Contra la cuenta más larga: de cada paso, los valores que caen en su lugar."""
    n = len(history)
    means = [history[(step + n) % period :: period].mean() for step in range(-1, horizon)]
    anomaly = history[-1] - means[0]
    found = climatology(history, horizon, period=period, keep=0.5)
    expected = means[1:] + anomaly * 0.5 ** np.arange(1, horizon + 1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_climatology_follows_a_recent_window():
    """Con la media de la hora en pocos días, un verano no arrastra el invierno."""
    hours = np.arange(24 * 60)
    series = 10 * np.sin(2 * np.pi * hours / 24) + 0.02 * hours
    actual = 10 * np.sin(2 * np.pi * np.arange(24) / 24) + 0.02 * (hours[-1] + 1 + np.arange(24))
    recent = climatology(series, 24, period=24, cycles=5, keep=0)
    whole = climatology(series, 24, period=24, keep=0)
    assert mae(actual, recent) < mae(actual, whole) / 4


# ---------------------------------------------------------------- estrategias


def test_strategies_agree_on_a_linear_recurrence():
    """Donde el modelo es exacto, las tres dan lo mismo: lo que sigue en la serie."""
    windows = multistep_windows(WAVE, width=4, horizon=6)
    step = lambda x: x[:, -4]  # noqa: E731
    steps = [lambda x, k=k: x[:, -4 + k % 4] for k in range(6)]
    whole = lambda x: np.tile(x, 2)  # noqa: E731
    for forecast in (
        recursive(step, windows.inputs, 6),
        direct(steps, windows.inputs, 6),
        all_at_once(whole, windows.inputs, 6),
    ):
        np.testing.assert_array_equal(forecast, windows.targets)


def test_the_recursive_one_sees_its_own_forecasts():
    seen = []

    def step(x):
        seen.append(x.copy())
        return x[:, -1] + 1

    recursive(step, [[1.0, 2.0], [5.0, 7.0]], 3)
    assert [x.tolist() for x in seen] == [
        [[1, 2], [5, 7]],
        [[2, 3], [7, 8]],
        [[3, 4], [8, 9]],
    ]


def test_multistep_windows_hold_every_target():
    windows = multistep_windows(np.arange(20.0), width=3, horizon=4)
    for step in range(1, 5):
        single = make_windows(np.arange(20.0), width=3, horizon=step)
        count = len(windows.targets)
        np.testing.assert_array_equal(windows.inputs, single.inputs[:count])
        np.testing.assert_array_equal(windows.targets[:, step - 1], single.targets[:count])


def test_strategies_take_a_scikit_learn_model():
    from sklearn.linear_model import LinearRegression

    windows = multistep_windows(WAVE, width=4, horizon=3)
    one = LinearRegression().fit(windows.inputs, windows.targets[:, 0])
    every = LinearRegression().fit(windows.inputs, windows.targets)
    for predict in (partial(recursive, one.predict), partial(all_at_once, every.predict)):
        np.testing.assert_allclose(predict(windows.inputs, 3), windows.targets, atol=1e-9)


def test_strategies_take_a_torch_network():
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(4, 3).double()
    predict = partial(all_at_once, lambda x: net(torch.as_tensor(x)).detach().numpy())
    model = FromWindows(predict=predict, width=4, trained_until=20)
    table = backtest(WAVE, {"red": model}, horizon=3, origins=5)
    expected = net(torch.as_tensor(WAVE[-7:-3])[None]).detach().numpy()[0]
    np.testing.assert_allclose(table["forecast"].tail(3), expected)


def test_a_model_changing_its_window_does_not_spoil_the_next():
    def vandal(x):
        x[:] = 0
        return x[:, -1] + 1

    windows = np.array([[1.0, 2.0]])
    direct([vandal, vandal], windows, 2)
    recursive(vandal, windows, 2)
    assert windows.tolist() == [[1, 2]]


# ---------------------------------------------------------------- la tabla


def test_the_table_has_a_row_for_everything():
    series = np.random.default_rng(0).normal(size=60).cumsum() + 50
    models = {"igual": naive, "ciclo": partial(seasonal_naive, period=7)}
    table = backtest(series, models, horizon=3, origins=5, step=2, period=7, name="rara")
    assert len(table) == 2 * 5 * 3
    assert not table.duplicated(["series", "model", "origin", "horizon"]).any()
    assert set(table["series"]) == {"rara"}
    places = table["origin"] + table["horizon"] - 1
    np.testing.assert_array_equal(table["actual"], series[places])
    igual = table[table["model"] == "igual"]
    np.testing.assert_array_equal(igual["forecast"], series[igual["origin"] - 1])
    assert (table["seconds"] >= 0).all()


def test_scores_are_the_metrics_of_each_origin():
    series = np.random.default_rng(1).normal(size=60).cumsum() + 50
    table = backtest(series, {"igual": naive}, horizon=4, origins=3, step=4, period=7)
    for row in score_table(table).itertuples():
        history, actual = series[: row.origin], series[row.origin : row.origin + 4]
        pair, rest = (actual, naive(history, 4)), {"training": history, "period": 7}
        assert row.mae == pytest.approx(mae(*pair))
        assert row.mase == pytest.approx(mase(*pair, **rest))
        assert row.rmsse == pytest.approx(rmsse(*pair, **rest))
        assert row.wape == pytest.approx(wape(*pair))


def test_ranks_share_ties():
    table = backtest(WAVE, {"a": naive, "b": naive, "c": drift}, horizon=1, origins=3)
    ranks = rank_table(score_table(table))
    assert (ranks["a"] == ranks["b"]).all()
    assert (ranks.sum(axis=1) == 6).all()


def test_models_only_see_what_has_passed():
    """Cada uno recibe una copia de la historia, y si la estropea no se entera nadie."""
    lengths = []

    def vandal(history, horizon):
        lengths.append(len(history))
        history[:] = -1
        return np.zeros(horizon)

    series = WAVE.copy()
    table = backtest(series, {"malo": vandal, "igual": naive}, horizon=2, origins=3, step=2)
    assert lengths == [42, 44, 46]
    np.testing.assert_array_equal(series, WAVE)
    assert table.loc[table["model"] == "igual", "forecast"].gt(0).all()


def test_quantiles_become_columns():
    fan = lambda history, horizon: history[-1] + np.tile([-1.0, 0.0, 2.0], (horizon, 1))  # noqa: E731
    table = backtest(
        WAVE, {"abanico": fan, "igual": naive}, horizon=2, origins=2, levels=(0.1, 0.5, 0.9)
    )
    own = table[table["model"] == "abanico"]
    assert (own["q0.9"] - own["q0.1"]).eq(3).all()
    assert own["forecast"].equals(own["q0.5"])
    point = table[table["model"] == "igual"]
    assert point["q0.1"].equals(point["forecast"])


def test_a_trained_model_cannot_be_tested_on_its_training():
    model = FromWindows(predict=partial(recursive, lambda x: x[:, -1]), width=3, trained_until=45)
    assert len(backtest(WAVE, {"red": model}, horizon=1, origins=3)) == 3
    with pytest.raises(ValueError, match="se entrenó con los 45 primeros valores"):
        backtest(WAVE, {"red": model}, horizon=1, origins=4)


# ---------------------------------------------------------------- los de la estadística


def test_classical_models_follow_a_clean_season():
    """Con ciclo y tendencia sin ruido, los tres aciertan y la persistencia no."""
    t = np.arange(96)
    series = 100 + 0.5 * t + 10 * np.sin(2 * np.pi * t / 12)
    for model in (
        partial(theta, period=12),
        partial(autoregression, period=12),
        partial(exponential_smoothing, period=12, shape=SmoothingShape("add", "add", False, "add")),
    ):
        forecast = model(series[:84], 12)
        assert forecast.shape == (12,)
        assert mae(series[84:], forecast) < mae(series[84:], naive(series[:84], 12)) / 2


def test_the_shape_is_chosen_by_the_library_criterion():
    rng = np.random.default_rng(0)
    t = np.arange(72)
    seasonal = choose_smoothing(50 + 8 * np.sin(np.pi * t / 3) + rng.normal(size=72), period=6)
    assert seasonal.seasonal is not None
    assert choose_smoothing(rng.normal(size=60)).trend is None
    assert choose_smoothing(-50 + rng.normal(size=40)).error == "add"  # no es positiva


def test_without_the_libraries_the_message_says_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"necesitan statsmodels.*pip install"):
        theta(WAVE, 2)
    with pytest.raises(ImportError, match=r"tabla de pandas.*pip install"):
        backtest(WAVE, {"igual": naive}, horizon=1, origins=1)


# ---------------------------------------------------------------- lo que se rechaza


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rolling_origin(10, horizon=4, origins=3, step=4), "harían falta 13"),
        (lambda: rolling_origin(10, horizon=0, origins=1), "horizon debe ser al menos 1"),
        (lambda: rolling_origin(10, horizon=2, origins=1, width=9), "no caben 1 orígenes"),
        (lambda: naive([], 1), "al menos 1 valores"),
        (lambda: seasonal_naive([1, 2], 1, period=3), "al menos 3 valores"),
        (lambda: drift([1], 1), "al menos 2 valores"),
        (lambda: climatology([1, 2, 3], 1, period=2, cycles=2), "al menos 4 valores"),
        (lambda: climatology([1, 2, 3], 1, period=2, keep=2), "keep debe estar entre 0 y 1"),
        (lambda: recursive(lambda x: x, [[1.0, 2.0]], 2), "un valor por ventana"),
        (lambda: recursive(lambda x: x[:, -1] * np.nan, [[1.0, 2.0]], 2), "valores finitos"),
        (lambda: direct([lambda x: x[:, -1]], [[1.0]], 2), "un modelo por paso"),
        (lambda: all_at_once(lambda x: x[:, :1], [[1.0, 2.0]], 2), "una columna por paso"),
        (lambda: multistep_windows([1, 2, 3], width=2, horizon=2), "al menos 4"),
        (lambda: backtest(WAVE, {}, horizon=1, origins=1), "models está vacío"),
        (
            lambda: backtest(WAVE, {"m": lambda h, k: h[:1]}, horizon=2, origins=1),
            "«m» debe dar 2 pasos",
        ),
        (
            lambda: backtest(WAVE, {"m": lambda h, k: [np.nan, 1]}, horizon=2, origins=1),
            "«m», en el origen 46, debe tener solo valores finitos",
        ),
        (
            lambda: backtest(WAVE, {"m": lambda h, k: np.zeros((k, 2))}, horizon=2, origins=1),
            "da 2 cuantiles y se esperaban 0",
        ),
        (
            lambda: backtest([5.0] * 30, {"m": naive}, horizon=2, origins=1),
            "no hay con qué escalar",
        ),
        (lambda: theta([1, 2, 3], 1, period=4), "al menos 8 valores"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unknown_measure_names_the_known_ones():
    scores = score_table(backtest(WAVE, {"m": naive}, horizon=1, origins=2))
    with pytest.raises(ValueError, match="Las hay: mae, rmse, mase"):
        rank_table(scores, measure="mape")

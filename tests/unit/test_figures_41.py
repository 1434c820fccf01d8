"""Figuras del pronóstico honesto: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_41 import figures
from tests.unit.drawn import texts

DATES = np.arange("2024-01-01", "2024-01-13", dtype="datetime64[D]")


def test_late_draws_both_series_and_a_curve_for_each_walk():
    lags, found = np.arange(-1, 3), np.random.default_rng(0).normal(size=(5, 4))
    left, right = figures.plot_late(np.arange(9.0), np.ones(9), lags, found, unit="euros")
    happened, said = left.lines
    assert list(happened.get_ydata()) == list(range(9))
    assert set(said.get_ydata()) == {1.0}
    *curves, zero = right.lines
    assert [list(line.get_ydata()) for line in curves] == found.tolist()
    assert set(zero.get_ydata()) == {0}
    assert list(right.get_xticks()) == list(lags)


def test_late_needs_one_correlation_for_each_lag():
    with pytest.raises(ValueError, match="misma longitud"):
        figures.plot_late(np.ones(9), np.ones(9), np.arange(3), np.ones((5, 4)), unit="euros")


def test_ratios_show_each_repetition_its_mean_and_the_reference():
    ratios = {"GRU": np.array([1.0, 3.0]), "deriva": np.array([0.5])}
    ax = figures.plot_ratios(ratios, quantity="error", reference=("ayer", 1.0))
    runs, alone, mean, _, line = ax.lines
    assert list(runs.get_xdata()) == [1.0, 3.0]
    assert list(alone.get_xdata()) == [0.5]
    assert set(mean.get_xdata()) == {2.0}
    assert set(line.get_xdata()) == {1.0}
    assert texts(ax) == ["ayer"]


def test_the_grid_writes_every_rank_and_marks_the_best():
    ranks = {"a": np.array([1.0, 2.0, 1.5]), "b": np.array([2.0, 1.0, 1.5])}
    ax = figures.plot_rank_grid(ranks, ["1", "2", "3"])
    written = [text.get_text() for text in ax.texts]
    assert written == ["1", "2", "1.5", "2", "1", "1.5"]
    bold = [text.get_weight() == "bold" for text in ax.texts]
    assert bold == [True, False, True, False, True, True]


def test_the_grid_needs_one_rank_for_each_origin():
    with pytest.raises(ValueError, match="misma longitud"):
        figures.plot_rank_grid({"a": np.ones(2)}, ["1", "2", "3"])


def test_what_is_not_a_rank_is_told():
    with pytest.raises(ValueError, match="van de 1 a 1"):
        figures.plot_rank_grid({"a": np.array([0.4, 2.0])}, ["1", "2"])


def test_mean_ranks_draw_each_interval_in_its_panel():
    ranks = {
        "CO2": {"a": (1.5, 1.2, 1.9), "b": (1.5, 1.1, 1.8)},
        "mar": {"a": (1, 1, 1), "b": (2, 2, 2)},
    }
    air, sea = figures.plot_mean_ranks(ranks)
    assert list(air.lines[0].get_xdata()) == [1.5, 1.5]
    assert list(sea.lines[0].get_xdata()) == [1, 2]
    segments = air.collections[0].get_segments()
    assert [list(one[:, 0]) for one in segments] == [[1.2, 1.9], [1.1, 1.8]]
    assert air.get_xlim()[0] <= 1
    assert air.get_xlim()[1] >= 2


def test_mean_ranks_want_the_same_models_in_all_series():
    with pytest.raises(ValueError, match="los modelos con los mismos nombres"):
        figures.plot_mean_ranks({"CO2": {"a": (1, 1, 1)}, "mar": {"b": (1, 1, 1)}})


def test_measures_mark_where_each_is_least():
    curves = {"MAE": np.array([3.0, 1.0, 2.0]), "RMSE": np.array([3.0, 2.0, 1.0])}
    ax = figures.plot_measures(np.array([10.0, 20.0, 30.0]), curves, unit="panes")
    assert texts(ax) == ["MAE: 20", "RMSE: 30"]
    assert [set(line.get_xdata()) for line in ax.lines[1::2]] == [{20.0}, {30.0}]


def test_beyond_draws_the_last_steps_on_their_dates():
    values = np.arange(12.0)
    ax = figures.plot_beyond(DATES, values, {"GRU": np.ones(4)}, limit=7.0, unit="ppm")
    happened, said, limit = ax.lines
    assert list(happened.get_ydata()) == list(values)
    assert len(said.get_xdata()) == 4
    assert said.get_xdata()[-1] == happened.get_xdata()[-1]
    assert set(limit.get_ydata()) == {7.0}


def test_more_steps_than_dates_are_refused():
    with pytest.raises(ValueError, match="trae 13 pasos"):
        figures.plot_beyond(DATES, np.ones(12), {"GRU": np.ones(13)}, limit=1.0, unit="")

"""Figuras de series temporales: qué dibujan y con qué se quejan."""

import matplotlib
import numpy as np
import pytest

from course_utils.datasets import load_co2, load_sunspots
from course_utils.lessons.lesson_11 import figures as series
from course_utils.plotting.canvas import BLUE, ORANGE
from tests.unit.drawn import texts


def test_series_have_their_units_and_their_panel():
    axes = series.plot_series([load_sunspots(), load_co2()])
    assert [ax.get_ylabel() for ax in axes] == ["manchas", "ppm"]
    assert len(axes[0].lines[0].get_ydata()) == len(load_sunspots().values)
    with pytest.raises(ValueError, match="al menos una serie"):
        series.plot_series([])


def test_windows_colour_the_window_and_its_target():
    ax = series.plot_windows(np.arange(7.0), width=3)
    colours = [matplotlib.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    first_row = colours[:7]
    assert first_row[:3] == [BLUE] * 3
    assert first_row[3] == ORANGE
    assert colours.count(ORANGE) == 4  # un objetivo por ejemplo
    with pytest.raises(ValueError, match="al menos 8 valores"):
        series.plot_windows(np.arange(7.0), width=7)


def test_windows_with_a_horizon_skip_what_is_between():
    ax = series.plot_windows(np.arange(7.0), width=3, horizon=2)
    colours = [matplotlib.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert colours[3:5] == ["#FFFFFF", ORANGE]


def test_horizons_show_the_error_of_what_they_draw():
    dates = np.arange("2000-01", "2000-11", dtype="datetime64[M]")
    forecast = np.array([9.0] * 5 + [1.0] * 5)
    (ax,) = series.plot_horizons({6: (np.zeros(10), forecast)}, dates=dates, unit="manchas")
    assert ax.get_title(loc="left") == "A 6 meses: error medio de 5"
    assert [len(line.get_ydata()) for line in ax.lines] == [10, 10]


def test_leak_labels_each_bar_with_its_value():
    ax = series.plot_leak({"memoria": 2.0}, {"memoria": 20.0}, unit="manchas")
    assert texts(ax) == [" 2.0 con vecinas", " 20.0 sin vecinas"]
    with pytest.raises(ValueError, match="con los mismos nombres"):
        series.plot_leak({"memoria": 2.0}, {"memoria": 20.0, "lineal": 3.0}, unit="manchas")

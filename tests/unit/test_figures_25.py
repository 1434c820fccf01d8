"""Figuras de una comparación de pronósticos: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_25 import figures as forecasts
from tests.unit.drawn import texts

DATES = np.arange("2024-01-01", "2024-01-13", dtype="datetime64[D]")


def test_split_draws_every_day_once_in_its_part():
    values = np.arange(12.0)
    ax = forecasts.plot_split(DATES, values, (7, 10), unit="pares")
    train, validation, test, *cuts = ax.lines
    assert [list(line.get_ydata()) for line in (train, validation, test)] == [
        list(values[:7]),
        list(values[7:10]),
        list(values[10:]),
    ]
    assert len(cuts) == 2
    assert texts(ax) == ["entrenamiento", "validación", "prueba"]
    assert ax.get_ylabel() == "pares"


def test_split_shows_the_days_below_zero():
    ax = forecasts.plot_split(DATES, np.arange(12.0) - 6, (7, 10), unit="°C")
    assert ax.get_ylim()[0] < -6


@pytest.mark.parametrize("cuts", [(10, 7), (0, 5), (5, 12), (5, 5)])
def test_cuts_out_of_order_are_named(cuts):
    with pytest.raises(ValueError, match="Los cortes deben ir en orden entre 0 y 12"):
        forecasts.plot_split(DATES, np.arange(12.0), cuts, unit="")


def test_forecasts_are_drawn_over_what_happened():
    actual, drawn = np.arange(12.0), {"GRU": np.ones(12), "lineal": np.zeros(12)}
    ax = forecasts.plot_forecasts(DATES, actual, drawn, unit="pares")
    points, *lines = ax.lines
    assert points.get_marker() == "o"
    assert list(points.get_ydata()) == list(actual)
    assert [list(line.get_ydata()) for line in lines] == [[1.0] * 12, [0.0] * 12]
    assert len({line.get_linestyle() for line in lines}) == 2
    assert ax.get_legend().get_texts()[2].get_text() == "lineal"
    assert texts(ax) == []


def test_marked_days_are_shaded_run_by_run():
    marked = np.zeros(12, bool)
    marked[[2, 3, 4, 9]] = True
    data = DATES, np.ones(12), {"GRU": np.ones(12)}
    options = {"unit": "", "marked": marked, "mark": "promoción"}
    ax = forecasts.plot_forecasts(*data, **options)
    assert len(ax.patches) == 2
    assert [patch.get_width() for patch in ax.patches] == pytest.approx([3, 1])
    assert texts(ax) == [" promoción"]
    nothing = options | {"marked": np.zeros(12, bool)}
    assert len(forecasts.plot_forecasts(*data, **nothing).patches) == 0


def test_errors_show_each_run_its_mean_and_the_references():
    errors = {"GRU": np.array([40.0, 44.0]), "suavizado": np.array([38.0])}
    ax = forecasts.plot_errors(errors, unit="pares", lines={"suelo": 15.0})
    runs, one, mean, alone, line = ax.lines
    assert list(runs.get_xdata()) == [40.0, 44.0]
    assert set(mean.get_xdata()) == {42.0}
    assert (list(one.get_xdata()), set(alone.get_xdata())) == ([38.0], {38.0})
    assert runs.get_marker() != one.get_marker()
    assert set(line.get_xdata()) == {15.0}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["GRU  42.0", "suavizado  38.0"]
    assert ax.get_xlabel() == "error medio (pares)"
    assert ax.get_xlim()[0] <= 0

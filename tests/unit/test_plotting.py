"""Figuras: qué dibujan, dónde y con qué se quejan."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.course_map import COURSE, MapEntry
from course_utils.datasets import load_co2, load_sunspots
from course_utils.lessons.lesson_00 import figures as course
from course_utils.lessons.lesson_11 import figures as series
from course_utils.lessons.lesson_12 import figures as networks


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_series_have_their_units_and_their_panel():
    axes = series.plot_series([load_sunspots(), load_co2()])
    assert [ax.get_ylabel() for ax in axes] == ["manchas", "ppm"]
    assert len(axes[0].lines[0].get_ydata()) == len(load_sunspots().values)
    with pytest.raises(ValueError, match="al menos una serie"):
        series.plot_series([])
    with pytest.raises(ValueError, match="un panel por serie"):
        series.plot_series([load_co2()], axes=axes)


def test_windows_colour_the_window_and_its_target():
    ax = series.plot_windows(np.arange(7.0), width=3)
    colours = [matplotlib.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    first_row = colours[:7]
    assert first_row[:3] == [series.BLUE] * 3
    assert first_row[3] == series.ORANGE
    assert colours.count(series.ORANGE) == 4  # un objetivo por ejemplo
    with pytest.raises(ValueError, match="al menos 8 valores"):
        series.plot_windows(np.arange(7.0), width=7)


def test_horizons_show_the_error_of_what_they_draw():
    dates = np.arange("2000-01", "2000-11", dtype="datetime64[M]")
    forecast = np.array([9.0] * 5 + [1.0] * 5)
    (ax,) = series.plot_horizons({6: (np.zeros(10), forecast)}, dates=dates, unit="manchas")
    assert ax.get_title(loc="left") == "A 6 meses: error medio de 5"
    assert [len(line.get_ydata()) for line in ax.lines] == [10, 10]


def test_windows_with_a_horizon_skip_what_is_between():
    ax = series.plot_windows(np.arange(7.0), width=3, horizon=2)
    colours = [matplotlib.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert colours[3:5] == ["#FFFFFF", series.ORANGE]


def test_leak_labels_each_bar_with_its_value():
    ax = series.plot_leak({"memoria": 2.0}, {"memoria": 20.0}, unit="manchas")
    assert texts(ax) == [" 2.0 con vecinas", " 20.0 sin vecinas"]


def test_unrolled_has_a_column_per_step():
    ax = networks.plot_unrolled("sol", np.zeros((3, 2)))
    assert [text for text in texts(ax) if len(text) == 1] == ["s", "o", "l"]
    assert texts(ax).count("$W_h$") == 1
    with pytest.raises(ValueError, match="3 pasos y 2 estados"):
        networks.plot_unrolled("sol", np.zeros((2, 2)))


def test_patterns_name_a_task_each():
    shown = " ".join(texts(networks.plot_io_patterns()))
    for task in ("imagen → descripción", "reseña → opinión", "frase → traducción"):
        assert task in shown


def test_every_figure_uses_the_axes_it_is_given():
    first, second, third = plt.figure().subplots(3)
    assert networks.plot_iterates({"tanh": np.array([0.1, 0.2])}, ax=first) is first
    assert networks.plot_latch(np.zeros(4), np.ones(4), title="", ax=second) is second
    assert series.plot_leak({"a": 1.0}, {"a": 2.0}, unit="u", ax=third) is third
    assert len(plt.get_fignums()) == 1


def test_map_shows_time_only_for_ready_lessons():
    entries = (MapEntry("11", "Una", (), 30), MapEntry("12", "Otra", ("11",)))
    labels = texts(course.plot_course_map(entries))
    assert "11\nUna\n30 min" in labels
    assert "12\nOtra" in labels


def test_order_figure_shows_both_errors():
    axes = course.plot_order_matters(
        np.arange(4.0), np.ones(4), {"lineal": (1.0, 3.0)}, unit="manchas"
    )
    assert texts(axes[2]) == [" 1", " 3"]


def test_map_depends_only_on_lessons_that_exist_and_come_before():
    numbers = [entry.number for entry in COURSE]
    assert numbers == sorted(set(numbers))
    for entry in COURSE:
        assert all(needed in numbers for needed in entry.needs), entry
    ready = {entry.number for entry in COURSE if entry.minutes is not None}
    for entry in COURSE:
        if entry.number in ready:
            assert set(entry.needs) <= ready, entry

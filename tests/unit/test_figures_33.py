"""Figuras de la generación: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_33 import figures
from course_utils.plotting.canvas import GREEN
from tests.unit.drawn import texts


def test_next_has_a_bar_per_symbol_and_distribution():
    ax = figures.plot_next(
        {"T = 1": np.array([0.7, 0.3]), "T = 2": np.array([0.6, 0.4])}, [" ", "ñ"]
    )
    assert [bar.get_height() for bar in ax.patches] == [0.7, 0.3, 0.6, 0.4]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["␣", "ñ"]
    with pytest.raises(ValueError, match="symbols: 1, T = 1: 2"):
        figures.plot_next({"T = 1": np.array([0.7, 0.3])}, ["a"])


def test_orders_name_each_curve_at_its_end():
    ax = figures.plot_orders(
        np.array([2, 3]), {"uno": np.array([3.0, 2.0]), "otro": np.array([4.0, 5.0])}
    )
    assert [line.get_ydata().tolist() for line in ax.lines] == [[3, 2], [4, 5]]
    assert texts(ax) == ["uno", "otro"]
    with pytest.raises(ValueError, match="orders: 2, uno: 1"):
        figures.plot_orders(np.array([2, 3]), {"uno": np.array([3.0])})


def test_the_diagram_reads_each_symbol_and_predicts_the_next():
    ax = figures.plot_language_model("a ñ")
    quoted = [text for text in texts(ax) if text.startswith("«")]
    assert quoted == ["«a»", "«␣»", "«␣»", "«ñ»"]
    assert texts(ax).count("GRU") == 2
    states = [patch for patch in ax.patches if patch.get_edgecolor()[:3] == to_rgb(GREEN)]
    assert len(states) == 2
    for wrong in ("ab", "demasiado largo"):
        with pytest.raises(ValueError, match="tres a ocho"):
            figures.plot_language_model(wrong)


def to_rgb(color):
    from matplotlib.colors import to_rgb as convert

    return convert(color)


def test_positions_start_at_one():
    ax = figures.plot_by_position({"sin": np.array([4.0, 3.0, 2.0])})
    assert ax.lines[0].get_xydata().tolist() == [[1, 4], [2, 3], [3, 2]]


def test_the_data_curve_has_its_mean_and_every_run():
    ax = figures.plot_data_curve(np.array([0.5, 1.0]), {"red": np.array([[2.0, 3.0], [1.0, 1.5]])})
    mean, *runs = ax.lines
    assert mean.get_xydata().tolist() == [[50, 2.5], [100, 1.25]]
    assert [run.get_ydata().tolist() for run in runs] == [[2, 1], [3, 1.5]]


def test_variety_puts_each_setting_in_its_place():
    points = {"temperatura": np.array([[0.3, 0.99], [0.5, 0.9]])}
    ax = figures.plot_variety(
        points, {"temperatura": ["0.5", "1"]}, reference=("cuentos", 0.6, 0.98)
    )
    assert ax.lines[0].get_xydata().tolist() == [[30, 99], [50, 90]]
    assert ax.lines[1].get_xydata().tolist() == [[60, 98]]
    assert texts(ax) == ["0.5", "1", "cuentos"]
    with pytest.raises(ValueError, match="un rótulo por punto"):
        figures.plot_variety(points, {"temperatura": ["0.5"]}, reference=("cuentos", 0.6, 0.98))


def test_copied_marks_the_median_and_refuses_nothing_copied():
    ax = figures.plot_copied({"modelo": np.array([10.0, 20.0, 90.0])})
    dots, median = ax.lines
    assert dots.get_xdata().tolist() == [10, 20, 90]
    assert median.get_xdata().tolist() == [20]
    with pytest.raises(ValueError, match="mayores que cero"):
        figures.plot_copied({"modelo": np.array([0.0])})

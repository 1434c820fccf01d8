"""Figuras de la lección 43: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_43 import figures
from tests.unit.drawn import texts


def test_each_quantile_loss_marks_its_lowest_point():
    tried = np.array([1.0, 2.0, 3.0])
    losses = {"0.1": np.array([1.0, 2.0, 3.0]), "0.9": np.array([3.0, 2.0, 1.0])}
    ax = figures.plot_quantile_losses(tried, losses, unit="pares")
    curves, lowest = ax.lines[::2], ax.lines[1::2]
    assert [list(line.get_ydata()) for line in curves] == [list(one) for one in losses.values()]
    assert [float(point.get_xdata()[0]) for point in lowest] == [1.0, 3.0]
    assert ax.get_xlabel() == "pronóstico (pares)"


def test_the_network_names_what_it_sees_and_its_three_heads():
    written = texts(figures.plot_network("temperatura", "hora"))
    for name in ("temperatura", "hora", "GRU", "cuantiles", "normal", "binomial negativa"):
        assert name in written


@pytest.mark.parametrize("names", [("", "hora"), ("temperatura", "")])
def test_a_network_without_names_is_told(names):
    with pytest.raises(ValueError, match="alguno ha llegado vacío"):
        figures.plot_network(*names)


def test_the_fan_holds_the_past_the_future_and_one_band_a_pair():
    quantiles = np.array([[0.0, 1.0, 2.0, 3.0], [0.0, 2.0, 3.0, 6.0]])
    ax = figures.plot_fan(
        np.array([5.0, 6.0, 7.0]),
        np.array([8.0, 9.0]),
        quantiles,
        (0.05, 0.35, 0.65, 0.95),
        unit="°C",
    )
    assert len(ax.collections) == 2
    assert list(ax.lines[0].get_xdata()) == [-2, -1, 0, 1, 2]
    assert list(ax.lines[0].get_ydata()) == [5, 6, 7, 8, 9]
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert shown == ["lo que pasó", "90 %", "30 %"]


def test_crossed_quantiles_are_not_drawn():
    with pytest.raises(ValueError, match="ordénalos si se cruzan"):
        figures.plot_fan(np.ones(2), np.ones(1), np.array([[3.0, 1.0]]), (0.05, 0.95), unit="°C")


def test_what_is_missing_from_each_promise_is_drawn_in_points():
    ax = figures.plot_promised(np.array([0.5, 0.9]), {"normal": np.array([0.4, 0.8])})
    promise, curve = ax.lines
    assert set(promise.get_ydata()) == {0}
    assert list(curve.get_xdata()) == [50, 90]
    assert list(curve.get_ydata()) == pytest.approx([-10, -10])


def test_blocks_show_every_point_the_mean_and_the_line():
    ax = figures.plot_blocks(
        {"antes": np.array([80.0, 90.0])}, unit="cobertura (%)", lines={"prometido": 90.0}
    )
    points, mean, line = ax.lines
    assert list(points.get_xdata()) == [80.0, 90.0]
    assert set(mean.get_xdata()) == {85.0}
    assert set(line.get_xdata()) == {90.0}
    assert texts(ax) == ["prometido"]


def test_the_hours_start_at_midnight_and_are_in_percent():
    ax = figures.plot_by_hour({"antes": np.full(24, 0.8)}, promised=0.9)
    promised, curve = ax.lines
    assert set(promised.get_ydata()) == {90.0}
    assert list(curve.get_xdata()) == list(range(24))
    assert set(curve.get_ydata()) == {80.0}

"""Figuras que comparan redes: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_24 import figures as comparison
from tests.unit.drawn import texts


def test_digit_names_its_rows_as_steps():
    ax = comparison.plot_digit_rows(np.arange(12.0).reshape(4, 3))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2", "3", "4"]
    assert len(ax.lines) == 3  # entre fila y fila
    assert ax.images[0].get_array().tolist() == np.arange(12.0).reshape(4, 3).tolist()


def test_influence_leaves_blank_what_does_not_arrive():
    values = np.array([[1.0, 0.1], [0.0, 10.0]])
    first, second = comparison.plot_influence({"uno": values, "dos": np.ones((2, 2))})
    drawn = first.images[0].get_array()
    assert drawn.mask.tolist() == [[False, False], [True, False]]
    assert drawn[0, 1] == 0.1
    assert first.images[0].get_clim() == second.images[0].get_clim() == (0.1, 10)
    (blank,) = comparison.plot_influence({"nada": np.zeros((2, 2))})
    assert blank.images[0].get_array().mask.all()
    assert first.get_ylabel() == "entrada del paso"
    assert second.get_title(loc="left") == "dos"
    with pytest.raises(ValueError, match="en uno hay valores negativos"):
        comparison.plot_influence({"uno": -values})


def test_gaps_are_paired_and_hollow_when_the_interval_reaches_zero():
    base = np.array([0.90, 0.92, 0.91, 0.95, 0.93, 0.94])
    noise = np.array([1, -1, 1, -1, 1, -1]) / 100
    accuracies = {"clara": base + 0.03 + noise / 10, "dudosa": base + noise}
    ax = comparison.plot_gaps(accuracies, ("LSTM", base))
    points, _, interval, clear, other_interval, unclear, zero = ax.lines
    assert points.get_xdata() == pytest.approx(100 * (0.03 + noise / 10))
    assert interval.get_xdata()[0] > 0
    assert clear.get_xdata()[0] == pytest.approx(3)
    assert other_interval.get_xdata()[0] < 0 < other_interval.get_xdata()[1]
    assert (clear.get_mfc() == "white", unclear.get_mfc() == "white") == (False, True)
    assert list(zero.get_xdata()) == [0, 0]
    assert texts(ax) == ["LSTM"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["clara", "dudosa"]
    with pytest.raises(ValueError, match="parejas"):
        comparison.plot_gaps(accuracies, ("LSTM", base[:-1]))


def test_repeats_show_every_seed_and_the_mean():
    ax = comparison.plot_repeats({"a": np.array([0.5, 0.7]), "b": np.ones(2)}, xlabel="%")
    points, _, mean, _ = ax.lines
    assert list(points.get_xdata()) == [50, 70]
    assert mean.get_xdata()[0] == pytest.approx(60)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.yaxis_inverted()


def test_skill_names_each_curve():
    curves = {"dos sentidos": np.array([1.0, 1.0, 1.0, -0.1]), "un sentido": np.zeros(4)}
    ax = comparison.plot_skill_by_step(curves)
    assert [list(line.get_xdata()) for line in ax.lines] == [[1, 2, 3, 4]] * 2
    assert list(ax.lines[0].get_ydata()) == [1.0, 1.0, 1.0, -0.1]
    assert texts(ax) == list(curves)

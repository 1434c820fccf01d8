"""Hasta dónde se aprende y por dónde pasa el gradiente: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_14 import figures as passages
from tests.unit.drawn import texts


def test_accuracy_shows_every_network_and_their_mean():
    accuracies = np.array([[1.0, 0.8], [0.5, 0.7]])
    ax = passages.plot_accuracy_by_distance([2, 40], accuracies, reference=("a mano", 1.0))
    *points, mean, reference, guess = ax.lines
    assert [list(line.get_ydata()) for line in points] == [[100, 50], [80, 70]]
    assert list(mean.get_ydata()) == pytest.approx([90, 60])
    assert (reference.get_ydata()[0], guess.get_ydata()[0]) == (100, 50)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "40"]
    assert "a mano" in texts(ax)
    assert passages.plot_accuracy_by_distance([2], np.array([[0.1]])).get_ylim()[0] < 10
    with pytest.raises(ValueError, match="distances: 3, accuracies: 2"):
        passages.plot_accuracy_by_distance([2, 10, 40], accuracies)


def test_transient_has_a_line_per_matrix_and_the_orthogonal_one():
    ratios = np.array([[1.0, 1.7, 2.0], [1.0, 1.4, 1.5]])
    ax = passages.plot_transient(ratios)
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == ratios.tolist()
    assert set(ax.lines[2].get_ydata()) == {1}


def test_starts_fill_the_networks_that_learned():
    stretches = np.array([[2.0, 0.1, 0.01], [1.0, 1e-5, 1e-9], [0.5, 0.4, 0.3]])
    learned = np.array([True, False, True])
    ax = passages.plot_starts({"una": (stretches, learned), "otra": (stretches[:1], learned[:1])})
    circles = [line for line in ax.lines if line.get_marker() == "o"]
    bars = [line for line in ax.lines if line.get_marker() == "|"]
    assert [line.get_xdata()[0] for line in circles] == [2.0, 1.0, 0.5, 2.0]
    assert [line.get_xdata()[0] for line in bars] == [0.1, 1e-5, 0.4, 0.1]
    assert [line.get_markerfacecolor() == "white" for line in circles] == [
        False,
        True,
        False,
        False,
    ]
    assert texts(ax) == ["una: aprenden 2 de 3 (rellenos)", "otra: aprenden 1 de 1 (rellenos)"]
    with pytest.raises(ValueError, match="redes: 3, aprendió: 2"):
        passages.plot_starts({"una": (stretches, learned[:2])})


def test_a_direction_that_closes_is_drawn_at_zero():
    ax = passages.plot_starts({"una": (np.array([[0.0, 0.0, 0.5]]), np.array([True]))})
    assert ax.get_xscale() == "symlog"
    assert list(ax.lines[0].get_xdata()) == [0.0, 0.5]

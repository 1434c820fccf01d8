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


def test_size_shows_mean_and_range_of_each_network():
    params = {"LSTM": 9_000, "densa": 600}
    accuracies = {"LSTM": np.array([0.9, 1.0]), "densa": np.array([0.97])}
    families = {"LSTM": "recurrente", "densa": "otra"}
    ax = comparison.plot_accuracy_by_size(params, accuracies, families=families)
    spread, mean, *other = ax.lines
    assert list(spread.get_ydata()) == [90, 100]
    assert (mean.get_xdata()[0], mean.get_ydata()[0]) == (9_000, 95)
    assert mean.get_marker() != other[1].get_marker()
    assert texts(ax) == ["LSTM", "densa"]
    with pytest.raises(ValueError, match="params debe tener solo valores mayores que cero"):
        comparison.plot_accuracy_by_size(params | {"densa": 0}, accuracies, families=families)
    with pytest.raises(ValueError, match="con los mismos nombres"):
        comparison.plot_accuracy_by_size(params, {"LSTM": np.ones(2)}, families=families)


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

"""Las figuras de lo que acierta cada red: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.plotting import networks as figures
from tests.unit.drawn import texts

CURVES = {"128": np.array([[1.0, 0.8], [0.9, 0.6]]), "32": np.array([[0.9, 0.2], [0.7, 0.1]])}


def test_accuracy_has_a_mean_line_and_a_dot_per_network():
    ax = figures.plot_accuracy(["3", "6"], CURVES, xlabel="cifras", live=np.array([0.95, 0.5]))
    first, dots, second, others, star = ax.lines
    np.testing.assert_allclose(first.get_ydata(), [0.95, 0.7])
    np.testing.assert_allclose(second.get_ydata(), [0.8, 0.15])
    assert dots.get_xydata().tolist() == [[0, 1.0], [1, 0.8], [0, 0.9], [1, 0.6]]
    assert others.get_xydata().tolist() == [[0, 0.9], [1, 0.2], [0, 0.7], [1, 0.1]]
    assert star.get_ydata().tolist() == [0.95, 0.5]
    assert texts(ax) == ["128", "32", "hoy"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["3", "6"]
    assert ax.get_xlabel() == "cifras"


def test_accuracy_wants_a_value_for_each_place():
    with pytest.raises(ValueError, match="places: 3, 128: 2, 32: 2"):
        figures.plot_accuracy(["3", "4", "6"], CURVES, xlabel="cifras")
    with pytest.raises(ValueError, match="live: 1"):
        figures.plot_accuracy(["3", "6"], CURVES, xlabel="cifras", live=np.ones(1))


def test_networks_have_a_row_a_dot_each_and_the_mean():
    groups = {"normal": np.array([0.5, 0.7]), "invertida": np.array([0.4])}
    ax = figures.plot_networks(groups, xlabel="aciertos")
    first, second, *means = ax.lines
    assert first.get_xydata().tolist() == [[0.5, 0], [0.7, 0]]
    assert second.get_xydata().tolist() == [[0.4, 1]]
    assert [line.get_xdata()[0] for line in means] == [pytest.approx(0.6), 0.4]
    assert first.get_marker() != second.get_marker()
    assert ax.get_xlim() == (0, 1)
    assert ax.get_xlabel().startswith("aciertos")

"""Figuras del gradiente en el tiempo: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.plotting import gradients
from tests.unit.drawn import texts


def test_norms_are_drawn_beside_their_reference_and_named():
    curves = {"radio 0.5": 0.5 ** np.arange(5), "radio 1": np.ones(5)}
    references = {"radio 0.5": 0.9 ** np.arange(5)}
    ax = gradients.plot_gradient_norms(curves, references=references)
    drawn = [list(line.get_ydata()) for line in ax.lines if len(line.get_ydata())]
    assert drawn == [list(curves["radio 0.5"]), list(references["radio 0.5"]), [1.0] * 5]
    assert ax.lines[0].get_color() == ax.lines[1].get_color()
    assert texts(ax) == ["radio 0.5", "radio 1"]
    with pytest.raises(ValueError, match=r"radio 0\.5, radio 1; ha llegado radio 2"):
        gradients.plot_gradient_norms(curves, references={"radio 2": np.ones(5)})


def test_a_triangle_marks_where_a_curve_goes_below_the_floor():
    values = np.array([1.0, 0.1, 1e-5, 0.1, 1e-5])
    ax = gradients.plot_gradient_norms({"a": values, "b": np.ones(5)}, floor=0.5e-3)
    curve, triangles, _, none = ax.lines
    np.testing.assert_array_equal(curve.get_ydata(), [1.0, 0.1, np.nan, 0.1, np.nan])
    assert (triangles.get_marker(), triangles.get_xydata().tolist()) == ("v", [[1, 0.1], [3, 0.1]])
    assert len(none.get_xdata()) == 0
    assert ax.get_ylim()[0] == 0.5e-3
    assert ax.texts[0].xy == (3, 0.1)
    with pytest.raises(ValueError, match="'a' queda por debajo de floor=10"):
        gradients.plot_gradient_norms({"a": values}, floor=10)


def test_a_gradient_that_vanishes_for_good_is_drawn_at_zero():
    ax = gradients.plot_gradient_norms({"ReLU": np.array([1.0, 0.1, 0.0])})
    assert ax.get_yscale() == "symlog"
    assert list(ax.lines[0].get_ydata()) == [1.0, 0.1, 0.0]


def test_divergence_marks_only_the_runs_that_stopped_or_overflowed():
    whole, stopped = np.ones(9), np.array([1.0, 50.0])
    overflowed = [np.array([1.0, 50.0, value, *range(6)]) for value in (1e7, np.inf, np.nan)]
    left, right = gradients.plot_divergence({"sin": [stopped, *overflowed], "con": [whole]})
    crosses = [line for line in left.lines if line.get_marker() == "x"]
    assert [tuple(line.get_xydata()[0]) for line in crosses] == [(1, 50), *[(2, 1e6)] * 3]
    assert max(line.get_xydata()[:, 0].max() for line in left.lines) == 2
    assert [line.get_marker() for line in right.lines] == ["None"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("sin", "con")
    with pytest.raises(ValueError, match="'con' no trae ningún entrenamiento"):
        gradients.plot_divergence({"sin": [whole], "con": []})

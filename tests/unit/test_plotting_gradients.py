"""Figuras del gradiente en el tiempo: qué dibujan y con qué se quejan."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plotting import gradients


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_accuracy_shows_every_network_and_their_mean():
    accuracies = np.array([[1.0, 0.8], [0.5, 0.7]])
    ax = gradients.plot_accuracy_by_distance([2, 40], accuracies, reference=("a mano", 1.0))
    *points, mean, reference, guess = ax.lines
    assert [list(line.get_ydata()) for line in points] == [[100, 50], [80, 70]]
    assert list(mean.get_ydata()) == pytest.approx([90, 60])
    assert (reference.get_ydata()[0], guess.get_ydata()[0]) == (100, 50)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "40"]
    assert "a mano" in texts(ax)
    with pytest.raises(ValueError, match="3 distancias y 2 filas"):
        gradients.plot_accuracy_by_distance([2, 10, 40], accuracies)


def test_norms_are_drawn_beside_their_reference_and_named():
    curves = {"radio 0.5": 0.5 ** np.arange(5), "radio 1": np.ones(5)}
    references = {"radio 0.5": 0.9 ** np.arange(5)}
    ax = gradients.plot_gradient_norms(curves, references=references, title="Se pierde")
    drawn = [list(line.get_ydata()) for line in ax.lines]
    assert drawn == [list(curves["radio 0.5"]), list(references["radio 0.5"]), [1.0] * 5]
    assert ax.lines[0].get_color() == ax.lines[1].get_color()
    assert sorted(texts(ax)) == [" radio 0.5", " radio 1"]
    assert ax.get_title(loc="left") == "Se pierde"


def test_labels_of_curves_that_end_together_do_not_overlap():
    curves = {"a": 0.5 ** np.arange(9), "b": 0.501 ** np.arange(9), "c": 2.0 ** np.arange(9)}
    ax = gradients.plot_gradient_norms(curves, title="")
    heights = np.log10([text.xy[1] for text in ax.texts])
    low, high = np.log10(ax.get_ylim())
    assert np.diff(np.sort(heights)).min() >= 0.07 * (high - low)
    assert texts(ax) == [" a", " b", " c"]


def test_what_is_below_the_floor_is_not_drawn():
    ax = gradients.plot_gradient_norms({"a": 0.1 ** np.arange(9.0)}, title="", floor=0.5e-3)
    assert len(ax.lines[0].get_ydata()) == 4
    assert ax.get_ylim()[0] == 0.5e-3
    assert ax.texts[0].xy[0] == 3


def test_transient_has_a_line_per_matrix_and_the_orthogonal_one():
    ratios = np.array([[1.0, 1.7, 2.0], [1.0, 1.4, 1.5]])
    ax = gradients.plot_transient(ratios)
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == ratios.tolist()
    assert set(ax.lines[2].get_ydata()) == {1}


def test_divergence_marks_only_the_runs_that_stopped_or_overflowed():
    whole, stopped = np.ones(9), np.array([1.0, 50.0])
    overflowed = [np.array([1.0, 50.0, value, *range(6)]) for value in (1e7, np.inf, np.nan)]
    left, right = gradients.plot_divergence({"sin": [stopped, *overflowed], "con": [whole]})
    crosses = [line for line in left.lines if line.get_marker() == "x"]
    assert [tuple(line.get_xydata()[0]) for line in crosses] == [(1, 50), *[(2, 1e6)] * 3]
    assert max(line.get_xydata()[:, 0].max() for line in left.lines) == 2
    assert [line.get_marker() for line in right.lines] == ["None"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("sin", "con")
    with pytest.raises(ValueError, match="hay 1 y han llegado 2 paneles"):
        gradients.plot_divergence({"sin": [whole]}, axes=[left, right])


def test_starts_fill_the_networks_that_learned():
    stretches = np.array([[2.0, 0.1, 0.01], [1.0, 1e-5, 1e-9], [0.5, 0.4, 0.3]])
    learned = np.array([True, False, True])
    ax = gradients.plot_starts({"una": (stretches, learned), "otra": (stretches[:1], learned[:1])})
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


def test_every_figure_uses_the_axes_it_is_given():
    first, second, third, fourth, fifth = plt.figure().subplots(5)
    curve = np.array([1.0, 0.5])
    given = gradients.plot_accuracy_by_distance([1], np.ones((1, 2)), ax=first)
    assert given is first
    assert gradients.plot_gradient_norms({"a": curve}, title="", ax=second) is second
    assert gradients.plot_transient(curve[None], ax=third) is third
    assert gradients.plot_divergence({"a": [curve]}, axes=[fourth]) == [fourth]
    start = {"a": (np.ones((1, 2)), np.array([True]))}
    assert gradients.plot_starts(start, ax=fifth) is fifth
    assert len(plt.get_fignums()) == 1


def test_bad_data_are_named():
    with pytest.raises(ValueError, match="curves debe tener solo valores finitos"):
        gradients.plot_gradient_norms({"a": np.array([1.0, np.nan])}, title="")
    with pytest.raises(ValueError, match="ratios debe tener 2 dimensiones"):
        gradients.plot_transient(np.ones(3))

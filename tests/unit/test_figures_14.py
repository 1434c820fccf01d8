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


def test_starts_tell_apart_the_networks_that_learned():
    stretches = np.array([[2.0, 0.1, 0.01], [1.0, 1e-5, 1e-9], [0.5, 0.4, 0.3]])
    learned = np.array([True, False, True])
    axes = passages.plot_starts({"una": (stretches, learned), "otra": (stretches[:1], learned[:1])})
    lines = [line for line in axes[0].lines if len(line.get_xdata())]
    assert [list(line.get_ydata()) for line in lines] == stretches.tolist()
    assert [line.get_linestyle() for line in lines] == ["-", ":", "-"]
    assert [ax.get_title(loc="left") for ax in axes] == [
        "una: 2 de 3",
        "otra: 1 de 1",
    ]
    with pytest.raises(ValueError, match="redes: 3, aprendió: 2"):
        passages.plot_starts({"una": (stretches, learned[:2])})


def test_a_direction_that_closes_is_drawn_at_zero():
    ax = passages.plot_starts({"una": (np.array([[0.5, 0.0, 0.0]]), np.array([True]))})[0]
    assert ax.get_yscale() == "symlog"
    assert list(ax.lines[0].get_ydata()) == [0.5, 0.0, 0.0]


def test_orbits_multiply_by_the_right_and_mark_what_does_not_turn():
    matrix = np.array([[0.5, 0.5], [0.0, 1.0]])  # (1, 0) @ matrix no es matrix @ (1, 0)
    ax = passages.plot_orbits({"una": matrix}, np.array([1.0, 0.0]), steps=2)[0]
    assert ax.lines[0].get_xydata().tolist() == [[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]]
    dashed = [line.get_xydata() for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2
    for ends in dashed:
        direction = ends[1] / np.linalg.norm(ends[1])
        after = direction @ matrix
        assert abs(np.cross([*direction, 0], [*after, 0])[2]) < 1e-12
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    ax = passages.plot_orbits({"gira": turn}, np.array([1.0, 0.0]))[0]
    assert not [line for line in ax.lines if line.get_linestyle() == "--"]


def test_ellipses_are_the_image_of_the_circle_and_its_axes():
    matrix = np.array([[0.7, 0.3], [0.2, 0.8]])
    ax = passages.plot_ellipses({"una": matrix})[0]
    circle, image, longest, shortest = (line.get_xydata() for line in ax.lines)
    np.testing.assert_allclose(circle @ matrix, image)
    sizes = np.linalg.norm(image, axis=1)
    assert np.linalg.norm(longest[1]) == pytest.approx(sizes.max(), rel=1e-3)
    assert np.linalg.norm(shortest[1]) == pytest.approx(sizes.min(), rel=1e-3)
    # Las puntas de las flechas están en la elipse, no solo miden lo mismo.
    for tip in (longest[1], shortest[1]):
        assert np.linalg.norm(image - tip, axis=1).min() < 0.02


def test_success_writes_every_count():
    counts = np.array([[0, 5], [24, np.nan]])
    options = {"rows": ["sin", "con"], "columns": ["0.1", "0.01"], "runs": 24, "xlabel": "tasa"}
    ax = passages.plot_success(counts, **options)
    assert texts(ax) == ["0", "5", "24", "–"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.1", "0.01"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["sin", "con"]
    with pytest.raises(ValueError, match="con números de 0 a 20"):
        passages.plot_success(counts, **options | {"runs": 20})


def test_tail_counts_every_network():
    norms = np.array([1.0, 2.0, 3.0, 5e4])
    ax = passages.plot_tail(norms)
    assert sum(bar.get_height() for bar in ax.patches) == len(norms)
    assert ax.get_xscale() == "log"
    with pytest.raises(ValueError, match="normas positivas"):
        passages.plot_tail(np.array([0.0, 1.0]))

"""Figuras de la memoria larga: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_23 import figures as memory
from tests.unit.drawn import texts


def test_learning_draws_every_cell_over_its_updates():
    curves = {"RNN": np.array([0.3, 0.17, 0.17]), "GRU": np.array([0.3, 0.16, 0.01])}
    ax = memory.plot_learning(curves, every=20, levels={"nada": 1 / 6, "un número": 1 / 12})
    nothing, half, rnn, gru = ax.lines
    assert (nothing.get_ydata()[0], half.get_ydata()[0]) == (1 / 6, 1 / 12)
    assert list(rnn.get_xdata()) == [0, 20, 40]
    assert list(gru.get_ydata()) == list(curves["GRU"])
    assert texts(ax) == ["RNN", "GRU", "nada", "un número"]
    assert ax.get_ylim()[1] > 0.3  # también se ve de dónde salen


def test_learning_names_a_cell_where_it_falls():
    curves = {"LSTM": np.array([0.3, 0.05, 0.01, 0.0])}
    ax = memory.plot_learning(curves, every=10, levels={"un número": 1 / 12})
    assert ax.texts[0].xy == (10, 0.05)


def test_success_draws_rates_and_intervals():
    rows = {"RNN": np.array([[1, 0.5, 1], [0.2, 0.1, 0.6]]), "GRU": np.array([[0, 0, 0.4]] * 2)}
    left, right = memory.plot_success([12, 50], {"eco": rows, "suma": rows})
    rnn, gru = left.lines
    assert list(rnn.get_ydata()) == [100, 20]
    assert list(gru.get_ydata()) == [0, 0]
    spans = left.collections[0].get_segments()
    assert [[end[1] for end in span] for span in spans] == [[50, 100], [10, 60]]
    assert [label.get_text() for label in left.get_xticklabels()] == ["12", "50"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("eco", "suma")
    assert rnn.get_xdata()[0] < gru.get_xdata()[0]
    assert rnn.get_marker() != gru.get_marker()


def test_success_needs_a_row_per_length():
    with pytest.raises(ValueError, match=r"forma \(3, 3\); de RNN en eco ha llegado \(2, 3\)"):
        memory.plot_success([12, 25, 50], {"eco": {"RNN": np.ones((2, 3))}})


def test_success_draws_every_cell_or_names_the_unknown():
    rows = np.array([[1, 0.5, 1]])
    (ax,) = memory.plot_success([9], {"eco": dict.fromkeys(("RNN", "LSTM", "GRU"), rows)})
    assert [line.get_label() for line in ax.lines] == ["RNN", "LSTM", "GRU"]
    with pytest.raises(ValueError, match="las celdas RNN, LSTM, GRU; ha llegado MUT"):
        memory.plot_success([9], {"eco": {"MUT": rows}})
    with pytest.raises(ValueError, match="con los mismos nombres; han llegado RNN / GRU"):
        memory.plot_success([9], {"eco": {"RNN": rows}, "suma": {"GRU": rows}})


def test_knobs_write_every_count_where_it_is_read():
    counts = np.array([[0, 1], [5, 3], [2, 4]])
    clipped, free = memory.plot_knobs(
        [0.0, 1.0, 3.0], [0.001, 0.01], {"con": counts, "sin": counts[::-1]}, runs=5
    )
    assert texts(clipped) == ["0", "1", "5", "3", "2", "4"]
    assert texts(free) == ["2", "4", "5", "3", "0", "1"]
    assert [label.get_text() for label in clipped.get_yticklabels()] == ["0", "1", "3"]
    assert [label.get_text() for label in free.get_xticklabels()] == ["0.001", "0.01"]
    np.testing.assert_array_equal(clipped.images[0].get_array(), counts)
    assert (clipped.images[0].norm.vmin, clipped.images[0].norm.vmax) == (0, 5)


def test_knobs_need_a_row_per_bias():
    with pytest.raises(ValueError, match=r"forma \(1, 2\); de «con» ha llegado \(2, 1\)"):
        memory.plot_knobs([0.0], [0.1, 0.2], {"con": np.ones((2, 1))}, runs=5)

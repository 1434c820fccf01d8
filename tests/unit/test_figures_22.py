"""Figuras de la GRU: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_22 import figures as gru
from course_utils.plotting.canvas import BLUE, ORANGE
from tests.unit.drawn import texts

TIMES = {
    "Keras": {"RNN": 10.0, "LSTM": 18.0, "GRU": 20.0},
    "PyTorch": {"RNN": 8.0, "LSTM": 12.0, "GRU": 19.0},
}


def test_interpolation_marks_only_the_steps_where_the_state_changes():
    candidates, update = np.array([0.5, -1.0, 0.2]), np.array([0.0, 1.0, 0.4])
    states = np.array([0.5, 0.5, 0.3])
    ax = gru.plot_interpolation(candidates, states, update)
    dots, line, marks, *vertical = ax.lines
    np.testing.assert_array_equal(dots.get_ydata(), candidates)
    np.testing.assert_array_equal(line.get_ydata(), states)
    assert line.get_drawstyle() == "steps-post"
    assert marks.get_xydata().tolist() == [[0, 0.5], [2, 0.3]]
    assert [mark.get_xdata()[0] for mark in vertical] == [0, 2]
    assert texts(ax) == ["marca", "candidato", "estado"]
    with pytest.raises(ValueError, match="candidates: 3, states: 3, update: 2"):
        gru.plot_interpolation(candidates, states, update[:2])


def test_zero_lines_are_where_each_grid_changes_sign():
    axis = np.linspace(-1, 1, 5)
    straight = np.broadcast_to(axis - 0.25, (5, 5))  # vale cero en la columna 0.25
    flat = np.broadcast_to(axis[:, None] + 0.25, (5, 5))  # y esta, en la fila -0.25
    ax = gru.plot_zero_lines(axis, {"uno": straight, "otro": flat})
    first, second = (item.get_paths()[0].vertices for item in ax.collections)
    np.testing.assert_allclose(first[:, 0], 0.25)
    np.testing.assert_allclose(second[:, 1], -0.25)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["uno", "otro"]
    with pytest.raises(ValueError, match="'uno' el pasado siempre aporta algo"):
        gru.plot_zero_lines(axis, {"uno": 1 + straight**2})
    with pytest.raises(ValueError, match=r"forma \(5, 5\).*ha llegado \(5, 4\)"):
        gru.plot_zero_lines(axis, {"uno": straight[:, :4]})


def test_port_errors_have_a_dot_per_network_and_a_reference():
    errors = {"bien": np.array([0.4, 0.5]), "mal": np.array([1.0, 1.2])}
    ax = gru.plot_port_errors(errors, reference=("persistencia", 0.9))
    good, bad, reference = ax.lines
    assert good.get_xydata().tolist() == [[0.4, 0], [0.5, 0]]
    assert bad.get_xydata().tolist() == [[1.0, 1], [1.2, 1]]
    assert (good.get_color(), bad.get_color()) == (BLUE, ORANGE)
    assert good.get_marker() != bad.get_marker()
    assert list(reference.get_xdata()) == [0.9, 0.9]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bien", "mal"]
    assert texts(ax) == [" persistencia"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # la primera, arriba


def test_step_times_have_a_named_bar_per_library_and_cell():
    ax = gru.plot_step_times(TIMES)
    assert [bar.get_width() for bar in ax.patches] == [10, 18, 20, 8, 12, 19]
    assert texts(ax) == [
        *(" RNN 10.0", " LSTM 18.0", " GRU 20.0"),
        *(" RNN 8.0", " LSTM 12.0", " GRU 19.0"),
    ]
    centers = [bar.get_y() + bar.get_height() / 2 for bar in ax.patches]
    np.testing.assert_allclose(ax.get_yticks(), [centers[1], centers[4]])
    assert len({bar.get_facecolor() for bar in ax.patches}) == 3
    with pytest.raises(ValueError, match="Se esperaban las celdas RNN, LSTM, GRU; ha llegado MUT"):
        gru.plot_step_times({"Keras": {"MUT": 1.0}})

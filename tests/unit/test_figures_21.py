"""Figuras de las compuertas: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_21 import figures as gates
from tests.unit.drawn import texts


def test_error_has_its_curve_and_its_references():
    ax = gates.plot_error_by_span([1, 4, 9], np.array([0.9, 0.5, 0.8]), reference=("otra", 0.1))
    curve, nothing, reference = ax.lines
    assert list(curve.get_ydata()) == [0.9, 0.5, 0.8]
    assert (nothing.get_ydata()[0], reference.get_ydata()[0]) == (1, 0.1)
    assert texts(ax) == ["olvido fijo", "no recordar nada", "otra"]
    assert ax.texts[0].xy == (4, 0.5)
    assert len(gates.plot_error_by_span([1], np.array([0.9])).lines) == 2
    with pytest.raises(ValueError, match="half_lives: 2, errors: 1"):
        gates.plot_error_by_span([1, 2], np.array([0.9]))


def test_memories_are_drawn_beside_what_they_should_hold():
    held, marks = np.array([0.5, 0.5, -1.0]), np.array([True, False, True])
    left, right = gates.plot_memories(held, {"Una": 2 * held, "Otra": held}, marks)
    assert list(left.lines[0].get_ydata()) == list(held)
    assert list(left.lines[1].get_ydata()) == [1.0, 1.0, -2.0]
    dots = [line.get_xdata()[0] for line in right.lines if line.get_marker() == "o"]
    assert dots == [0, 2]
    assert texts(right) == ["lo guardado", "lo debido"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("Una", "Otra")


def sample():
    x = np.array([[0.5, 1, 0], [-0.2, 0, 0], [0.1, 0, 1]])
    opened = {
        "entrada": np.array([1.0, 0, 0]),
        "olvido": np.array([0.0, 1, 0.9]),
        "salida": np.array([0.0, 0, 0.5]),
    }
    return x, opened, np.array([0.4, 0.4, 0.3]), np.array([0.0, 0, 0.5])


def test_gates_show_input_gates_memory_and_answer():
    x, opened, memory, answers = sample()
    top, middle, bottom = gates.plot_gates(x, opened, memory, answers, title="Se abre")
    assert [bar.get_height() for bar in top.patches] == [0.5, -0.2, 0.1]
    triangles = [line for line in top.lines if line.get_marker() == "v"]
    assert list(triangles[0].get_xdata()) == [2]
    assert texts(middle) == ["entrada", "salida", "olvido"]
    drawn = {line.get_color(): list(line.get_ydata()) for line in middle.lines}
    assert drawn.pop("black") == [0, 1]  # la línea de la marca
    for name, values in opened.items():
        assert drawn[gates.GATES[name][0]] == list(values)
    assert [list(line.get_ydata()) for line in bottom.lines[1:]] == [list(memory), list(answers)]
    assert top.get_title(loc="left") == "Se abre"
    with pytest.raises(ValueError, match="entrada, olvido, salida; ha llegado reinicio"):
        gates.plot_gates(x, {"reinicio": memory}, memory, answers)

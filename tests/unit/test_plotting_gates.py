"""Figuras de las compuertas: qué dibujan y con qué se quejan."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.lessons.lesson_21 import figures as gates


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_error_has_its_curve_and_its_references():
    ax = gates.plot_error_by_span([1, 4, 9], np.array([0.9, 0.5, 0.8]), reference=("otra", 0.1))
    curve, nothing, reference = ax.lines
    assert list(curve.get_ydata()) == [0.9, 0.5, 0.8]
    assert (nothing.get_ydata()[0], reference.get_ydata()[0]) == (1, 0.1)
    assert texts(ax) == ["olvido fijo", "no recordar nada", "otra"]
    assert ax.texts[0].get_position()[0] == 4
    assert len(gates.plot_error_by_span([1], np.array([0.9])).lines) == 2
    with pytest.raises(ValueError, match="hay 2 semividas y 1 errores"):
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
    with pytest.raises(ValueError, match="hay 1 y han llegado 2"):
        gates.plot_memories(held, {"Una": held}, marks, axes=[left, right])


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
    with pytest.raises(ValueError, match="tres paneles y han llegado 2"):
        gates.plot_gates(x, opened, memory, answers, title="", axes=[top, middle])


def test_every_figure_uses_the_axes_it_is_given():
    one, two, *three = plt.figure().subplots(5)
    assert gates.plot_error_by_span([1], np.array([0.9]), ax=one) is one
    marks = np.array([True])
    assert gates.plot_memories(np.ones(1), {"a": np.ones(1)}, marks, axes=[two]) == [two]
    assert gates.plot_gates(*sample(), title="", axes=three) == three
    assert len(plt.get_fignums()) == 1


def test_bad_data_are_named():
    with pytest.raises(ValueError, match="errors debe tener solo valores finitos"):
        gates.plot_error_by_span([1], np.array([np.nan]))
    with pytest.raises(ValueError, match="x debe tener 2 dimensiones"):
        gates.plot_gates(np.ones(3), {}, np.ones(3), np.ones(3), title="")

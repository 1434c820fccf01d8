"""Figuras de redes recurrentes: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_12 import figures as networks
from tests.unit.drawn import texts


def test_unrolled_has_a_column_per_step():
    ax = networks.plot_unrolled("sol", np.zeros((3, 2)))
    assert [text for text in texts(ax) if len(text) == 1] == ["s", "o", "l"]
    assert texts(ax).count("$W_h$") == 1
    with pytest.raises(ValueError, match="text: 3, states: 2"):
        networks.plot_unrolled("sol", np.zeros((2, 2)))


def test_patterns_name_a_task_each():
    shown = " ".join(texts(networks.plot_io_patterns()))
    for task in ("imagen → descripción", "reseña → opinión", "frase → traducción"):
        assert task in shown


def test_what_is_written_is_read_in_the_next_step():
    """Un cable discontinuo baja de cada salida escrita a la entrada del paso siguiente."""
    ax = networks.plot_io_patterns()
    wires = [patch.get_path().vertices for patch in ax.patches if patch.get_linestyle() == "--"]
    falls = [[points[0, 1], points[-1, 1]] for points in wires]
    assert np.allclose(falls, [[2.4, 0.0]] * 3)  # dos de quien solo escribe y una del que leía
    assert all(points[0, 0] < points[-1, 0] for points in wires)


def test_a_unit_that_dies_reaches_the_bottom_of_the_axis():
    ax = networks.plot_iterates({"ReLU": np.array([0.1, 0.0, 0.0]), "tanh": np.full(3, 0.1)})
    assert list(ax.lines[0].get_ydata()) == [0.1, 0.0, 0.0]
    assert ax.get_yscale() == "symlog"
    assert texts(ax) == ["ReLU: 0", "tanh: 0.1"]


def test_the_latch_is_drawn_whole_whatever_it_does():
    ax = networks.plot_latch(np.zeros(4), np.array([0.0, 1.0, 9.0, -9.0]))
    assert ax.get_ylim()[0] < -9
    assert ax.get_ylim()[1] > 9
    assert networks.plot_latch(np.zeros(4), np.zeros(4)).get_ylim() == (-1.5, 1.5)

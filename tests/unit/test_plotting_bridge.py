"""Figuras que comparan bibliotecas: qué dibujan y con qué se quejan."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.lessons.lesson_15 import figures as bridge
from course_utils.plotting.canvas import BLUE, GREY, ORANGE

LOSSES = {
    "NumPy": np.array([1.0, 0.5, 0.25]),
    "Keras": np.array([1.0, 0.5, 0.25]),
    "PyTorch": np.array([1.0, 0.2, 0.1]),
}


def test_parting_shows_two_equal_curves_one_over_the_other():
    ax = bridge.plot_parting(LOSSES, title="Una se separa")
    wide, thin, dashed = ax.lines
    assert (wide.get_color(), thin.get_color(), dashed.get_color()) == (GREY, BLUE, ORANGE)
    assert wide.get_linewidth() > 2 * thin.get_linewidth()
    assert dashed.get_linestyle() == "--"
    np.testing.assert_array_equal(dashed.get_ydata(), LOSSES["PyTorch"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(LOSSES)
    assert ax.get_yscale() == "log"
    assert ax.get_title(loc="left") == "Una se separa"


def test_gaps_draw_sizes_and_leave_zeros_out():
    gaps = {"dos sesgos": np.array([0.0, -0.3, 0.1]), "congelado": np.array([0.0, 1e-8, 0.0])}
    ax = bridge.plot_gaps(gaps, title="Diferencia")
    both, frozen = ax.lines
    assert list(both.get_xdata()) == [1, 2]
    np.testing.assert_allclose(both.get_ydata(), [0.3, 0.1])
    assert list(frozen.get_xdata()) == [1]
    assert [text.get_text() for text in ax.texts] == list(gaps)
    assert ax.texts[0].get_color() == both.get_color() != frozen.get_color()


def test_gaps_accept_curves_that_coincide_everywhere():
    ax = bridge.plot_gaps({"iguales": np.zeros(3)}, title="Nada")
    assert len(ax.lines[0].get_xdata()) == 0
    assert len(ax.texts) == 0


@pytest.mark.parametrize("draw", [bridge.plot_parting, bridge.plot_gaps])
def test_curves_must_have_the_same_steps(draw):
    with pytest.raises(ValueError, match="mismos pasos; han llegado una: 2, otra: 3"):
        draw({"una": np.ones(2), "otra": np.ones(3)}, title="Mal")
    with pytest.raises(ValueError, match="ninguna"):
        draw({}, title="Mal")


def test_they_draw_where_they_are_told():
    _, ax = plt.subplots()
    assert bridge.plot_parting(LOSSES, title="Aquí", ax=ax) is ax
    assert bridge.plot_gaps(LOSSES, title="Aquí", ax=ax) is ax

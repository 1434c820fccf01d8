"""Figuras que comparan bibliotecas: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_15 import figures as bridge
from course_utils.plotting.canvas import BLUE, GREY, ORANGE
from tests.unit.drawn import texts

LOSSES = {
    "NumPy": np.array([1.0, 0.5, 0.25]),
    "Keras": np.array([1.0, 0.5, 0.25]),
    "PyTorch": np.array([1.0, 0.2, 0.1]),
}


def test_parting_shows_two_equal_curves_one_over_the_other():
    ax = bridge.plot_parting(LOSSES)
    wide, thin, dashed = ax.lines
    assert (wide.get_color(), thin.get_color(), dashed.get_color()) == (GREY, BLUE, ORANGE)
    assert wide.get_linewidth() > 2 * thin.get_linewidth()
    assert dashed.get_linestyle() == "--"
    np.testing.assert_array_equal(dashed.get_ydata(), LOSSES["PyTorch"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(LOSSES)
    assert ax.get_yscale() == "log"


def test_gaps_draw_sizes_down_to_zero():
    gaps = {"dos sesgos": np.array([0.0, -0.3, 0.1]), "congelado": np.array([0.0, 1e-8, 0.0])}
    ax = bridge.plot_gaps(gaps)
    both, frozen = ax.lines
    assert list(both.get_xdata()) == [0, 1, 2]
    np.testing.assert_allclose(both.get_ydata(), [0, 0.3, 0.1])
    assert list(frozen.get_ydata()) == [0, 1e-8, 0]
    assert ax.get_yscale() == "symlog"
    assert ax.get_ylim()[0] < 0
    assert texts(ax) == list(gaps)
    assert ax.texts[0].get_color() == both.get_color() != frozen.get_color()


def test_gaps_accept_curves_that_coincide_everywhere():
    ax = bridge.plot_gaps({"iguales": np.zeros(3)})
    assert list(ax.lines[0].get_ydata()) == [0, 0, 0]
    assert texts(ax) == ["iguales"]


def test_epochs_mark_whose_weights_are_kept_and_name_every_curve():
    ax = bridge.plot_epochs(LOSSES, best=2)
    *curves, mark = ax.lines
    for line, values in zip(curves, LOSSES.values(), strict=True):
        assert list(line.get_xdata()) == [1, 2, 3]
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert list(mark.get_xdata()) == [2, 2]
    assert texts(ax) == ["pesos de la época 2", *LOSSES]


@pytest.mark.parametrize("best", [0, 4])
def test_epochs_refuse_an_epoch_that_never_was(best):
    with pytest.raises(ValueError, match="best"):
        bridge.plot_epochs(LOSSES, best=best)

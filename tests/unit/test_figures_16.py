"""Figuras del relleno: qué dibujan y con qué se quejan."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.lessons.lesson_16 import figures as padding
from course_utils.plotting.canvas import BLUE
from tests.unit.drawn import texts


def test_the_box_paints_real_steps_and_padding():
    mask = np.array([[True, True, True], [True, False, False]])
    ax = padding.plot_box(mask)
    colors = [to_hex(patch.get_facecolor(), keep_alpha=False).upper() for patch in ax.patches]
    painted = np.array(colors).reshape(mask.shape) == BLUE
    np.testing.assert_array_equal(painted, mask)
    assert texts(ax) == []


def test_the_box_counts_the_sequences_left_at_each_step():
    mask = np.arange(5) < np.array([[5], [4], [2]])
    ax = padding.plot_box(mask, counts=True)
    assert texts(ax)[:5] == ["3", "3", "2", "2", "1"]
    assert ax.get_ylim()[1] < -1  # los números caben


@pytest.mark.parametrize("mask", [np.ones((2, 3)), np.zeros((2, 3), dtype=int)])
def test_the_box_wants_a_boolean_mask(mask):
    with pytest.raises(TypeError, match="mask debe ser booleana"):
        padding.plot_box(mask)


def test_padding_effect_draws_each_model_and_marks_the_training():
    paddings = np.arange(4)
    curves = {"lee el relleno": np.array([0.9, 0.1, 0.9, 0.1]), "empaquetada": np.ones(4)}
    ax = padding.plot_padding_effect(paddings, curves, trained=2)
    drawn = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 4]
    np.testing.assert_array_equal(drawn, list(curves.values()))
    assert any(list(line.get_xdata()) == [2, 2] for line in ax.lines)
    assert texts(ax)[-2:] == ["lee el relleno", "empaquetada"]


def test_padding_effect_wants_a_value_for_each_amount():
    with pytest.raises(ValueError, match="paddings: 3, una: 2"):
        padding.plot_padding_effect(np.arange(3), {"una": np.ones(2)}, trained=1)


def test_the_unit_is_drawn_in_each_kind_of_sequence_and_all_of_it_is_seen():
    kinds = {
        "empieza por 1": np.array([1.0, -1.0, 1.0]),
        "empieza por 2": np.array([-1.0, 1.0, 3.0]),
    }
    ax = padding.plot_unit(np.arange(3), kinds, trained=1)
    drawn = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 3]
    np.testing.assert_array_equal(drawn, list(kinds.values()))
    assert texts(ax) == list(kinds)
    assert ax.get_ylim()[1] >= 3


def test_the_unit_wants_a_value_for_each_amount():
    with pytest.raises(ValueError, match="paddings: 3, una: 2"):
        padding.plot_unit(np.arange(3), {"una": np.ones(2)}, trained=1)


def test_costs_draw_a_panel_for_each_layer():
    costs = {
        "RNN": {"una caja": 1.0, "agrupar": 0.5},
        "LSTM": {"una caja": 1.0, "agrupar": 0.3},
    }
    shares = {name: {"una caja": 0.6, "agrupar": 0.05} for name in costs}
    axes = padding.plot_costs(costs, shares)
    assert [ax.get_title(loc="left") for ax in axes] == ["RNN", "LSTM"]
    assert [patch.get_width() for patch in axes[1].patches] == [1.0, 0.3]
    assert texts(axes[0])[1] == "0.50 (relleno: 5 %)"
    tops = [ax.get_ylim() for ax in axes]
    assert all(bottom > top for bottom, top in tops)  # el primero, arriba


def test_costs_want_the_same_ways_everywhere():
    one = {"RNN": {"una caja": 1.0}, "LSTM": {"agrupar": 0.5}}
    with pytest.raises(ValueError, match="las maneras con los mismos nombres"):
        padding.plot_costs(one, one)
    with pytest.raises(ValueError, match="del coste y del relleno con los mismos nombres"):
        padding.plot_costs(one, {"RNN": {"una caja": 0.4}})

"""Las figuras de la lección 35: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_35 import figures
from tests.unit.drawn import texts


def test_the_arrow_is_thicker_where_there_is_more_weight():
    ax = figures.plot_attention_step(["3", " ", "d"], np.array([0.1, 0.7, 0.2]), "0")
    widths = sorted({patch.get_linewidth() for patch in ax.patches} - {1.6})
    assert widths[-1] == pytest.approx(0.4 + 6 * 0.7)
    assert "␣" in texts(ax)
    assert texts(ax)[-1] == "0"
    with pytest.raises(ValueError, match="source: 2, weights: 3"):
        figures.plot_attention_step(["3", " "], np.ones(3), "0")


def test_a_map_has_a_row_for_each_symbol_written_and_a_column_for_each_read():
    ax = figures.plot_attention_map(np.arange(6).reshape(2, 3) / 6, "a b", "12")
    assert ax.images[0].get_array().shape == (2, 3)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "␣", "b"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]
    assert ax.images[0].get_clim() == (0, 1)
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {0}
    words = figures.plot_attention_map(np.eye(2), ["My", " sister"], ["Mi", " hermana"])
    assert {label.get_rotation() for label in words.get_xticklabels()} == {90}
    with pytest.raises(ValueError, match="written: 3, weights: 2"):
        figures.plot_attention_map(np.eye(2, 3), "a b", "123")
    with pytest.raises(ValueError, match="source: 2"):
        figures.plot_attention_map(np.eye(2, 3), "ab", "12")
    for scores in (3 * np.eye(2), -np.eye(2)):
        with pytest.raises(ValueError, match="no las puntuaciones"):
            figures.plot_attention_map(scores, "ab", "12")


def test_each_head_has_its_panel():
    axes = figures.plot_heads({"una": np.eye(2), "otra": np.ones((2, 2))}, "ab")
    assert [ax.get_title(loc="left") for ax in axes] == ["una", "otra"]
    assert axes[1].images[0].get_array().tolist() == [[1, 1], [1, 1]]


def test_cost_is_in_milliseconds_and_on_logarithmic_axes():
    ax = figures.plot_cost([8, 32], {"GRU": np.array([0.1, 0.4])})
    assert ax.lines[0].get_ydata().tolist() == [100, 400]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "milisegundos" in ax.get_ylabel()
    with pytest.raises(ValueError, match="mayores que cero"):
        figures.plot_cost([8, 32], {"GRU": np.array([0.1, 0.0])})
    with pytest.raises(ValueError, match="lengths: 2, GRU: 1"):
        figures.plot_cost([8, 32], {"GRU": np.array([0.1])})

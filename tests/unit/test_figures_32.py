"""La red, los aciertos, la curva, las palabras y la confianza: qué dibujan y con qué se quejan."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.lessons.lesson_32 import figures
from course_utils.plotting.canvas import BLUE, ORANGE
from tests.unit.drawn import tangled, texts


def test_the_classifier_reads_only_the_real_words():
    ax = figures.plot_classifier(["no", "es", "malo", "·", "·"])
    written = texts(ax)
    assert [text for text in written if text.startswith("$h")] == ["$h_1$", "$h_2$", "$h_3$"]
    assert written.count("relleno") == 2
    assert tangled(ax.figure) == []
    for wrong in ([], ["·"], ["no", "·", "malo"]):
        with pytest.raises(ValueError, match="relleno"):
            figures.plot_classifier(wrong)


def test_each_panel_has_its_own_reference():
    rows = {"GRU": np.array([70.0, 74.0]), "media": np.array([72.0])}
    axes = figures.plot_hits(
        {"directas": rows, "engañosas": rows}, {"directas": 91.0, "engañosas": 58.0}
    )
    assert [ax.lines[-1].get_xdata()[0] for ax in axes] == [91.0, 58.0]
    assert axes[0].lines[0].get_xdata().tolist() == [70.0, 74.0]
    with pytest.raises(ValueError, match="partes"):
        figures.plot_hits({"directas": rows}, {"engañosas": 58.0})
    with pytest.raises(ValueError, match="modelos"):
        figures.plot_hits(
            {"directas": rows, "engañosas": {"GRU": np.ones(2)}},
            {"directas": 91.0, "engañosas": 58.0},
        )


def test_the_law_is_drawn_beyond_the_data():
    sizes, future = np.array([72, 576]), np.array([72.0, 5760.0])
    errors, law = np.array([42.0, 28.0]), np.array([43.0, 18.0])
    ax = figures.plot_learning_curves(sizes, {"GRU": errors}, future, {"GRU": law})
    assert [line.get_ydata().tolist() for line in ax.lines] == [errors.tolist(), law.tolist()]
    assert texts(ax) == ["GRU"]
    with pytest.raises(ValueError, match="mismos nombres"):
        figures.plot_learning_curves(sizes, {"GRU": errors}, future, {"bolsa": law})
    with pytest.raises(ValueError, match="mayores que cero"):
        figures.plot_learning_curves(sizes, {"GRU": errors - 28}, future, {"GRU": law})


def test_words_are_blue_in_favour_and_orange_against():
    ax = figures.plot_word_effects(["no", "es", "malo"], {"red": np.array([2.0, 0.0, -1.0])})
    colors = [to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert colors[0] == BLUE.upper()
    assert colors[2] == ORANGE.upper()
    strengths = [patch.get_alpha() for patch in ax.patches]
    assert strengths[0] > strengths[2] > strengths[1] == 0
    with pytest.raises(ValueError, match="misma longitud"):
        figures.plot_word_effects(["no"], {"red": np.array([1.0, 2.0])})


def test_reliability_is_in_percent_and_shows_the_diagonal():
    ax = figures.plot_reliability({"GRU": np.array([[0.6, 0.3, 20.0], [0.9, 0.8, 60.0]])})
    diagonal, curve = ax.lines
    assert diagonal.get_xydata().tolist() == [[50, 50], [100, 100]]
    np.testing.assert_allclose(curve.get_xydata(), [[60, 30], [90, 80]])
    assert ax.get_ylim()[0] <= 30
    with pytest.raises(ValueError, match="tres columnas"):
        figures.plot_reliability({"GRU": np.ones((2, 2))})

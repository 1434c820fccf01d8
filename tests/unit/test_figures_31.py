"""El camino del texto, los vocabularios y los mapas: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_31 import figures
from tests.unit.drawn import tangled, texts


def test_text_to_tensor_has_a_box_per_piece_and_a_column_per_vector():
    stages = [("piezas", [" la", "luna", "."]), ("números", ["4", "9", "2"])]
    ax = figures.plot_text_to_tensor(stages, width=5)
    written = [text for text in texts(ax) if text]
    assert written == ["piezas", "␣la", "luna", ".", "números", "4", "9", "2", "vectores"]
    boxes = [patch for patch in ax.patches if patch.get_facecolor()[:3] != (1, 1, 1)]
    assert len(boxes) == 3 * 5
    for wrong in ([], [("piezas", [])], [("piezas", ["a"]), ("números", ["1", "2"])]):
        with pytest.raises(ValueError, match="mismas columnas"):
            figures.plot_text_to_tensor(wrong)


def test_skipgram_names_both_matrices_and_nothing_touches():
    ax = figures.plot_skipgram()
    assert {"$E$", "$C$", "$\\sigma$", "palabra", "candidata", "¿vecina?"} <= set(texts(ax))
    assert tangled(ax.figure) == []


def test_growth_is_drawn_over_its_law():
    read, seen, law = np.array([10.0, 100.0]), np.array([9.0, 60.0]), np.array([8.0, 50.0])
    ax = figures.plot_growth(read, seen, law)
    assert [line.get_ydata().tolist() for line in ax.lines] == [law.tolist(), seen.tolist()]
    with pytest.raises(ValueError, match="mayores que cero"):
        figures.plot_growth(read, seen, law - 8)


def test_families_say_the_first_and_the_last_size():
    curves = {"palabras": np.array([[40.0, 30.0], [40.0, 9.0], [40.0, 2.0]])}
    ax = figures.plot_families(curves, {"palabras": [30, 600, 3000]})
    assert texts(ax) == ["30", "3000"]
    assert ax.lines[0].get_xydata().tolist() == curves["palabras"].tolist()
    with pytest.raises(ValueError, match="tamaño"):
        figures.plot_families(curves, {"trozos": [1]})
    with pytest.raises(ValueError, match="dos columnas"):
        figures.plot_families({"palabras": np.ones((2, 3))}, {"palabras": [1, 2]})


def test_shares_are_percentages_with_their_chance():
    ax = figures.plot_neighbour_shares({"red": np.array([0.3, 0.4]), "SVD": np.array([0.5])}, 0.07)
    rows = [line.get_xdata().tolist() for line in ax.lines[:2]]
    assert rows == [[30, 40], [50]]
    assert ax.lines[2].get_xdata()[0] == pytest.approx(7)
    assert texts(ax) == ["se espera al azar"]


def test_maps_mark_their_groups():
    points = np.arange(8.0).reshape(4, 2)
    inside = np.array([True, False, False, True])
    axes = figures.plot_maps({"PCA": points, "otra": -points}, {"días": inside})
    for ax, drawn in zip(axes, (points, -points), strict=True):
        everything, group = ax.lines
        assert everything.get_xydata().tolist() == drawn.tolist()
        assert group.get_xydata().tolist() == drawn[inside].tolist()
    with pytest.raises(ValueError, match="dos ejes"):
        figures.plot_maps({"PCA": np.ones((4, 3))}, {"días": inside})

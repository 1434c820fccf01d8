"""Las piezas con que se hacen las figuras: límites, escalas, rótulos y series."""

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import plotting
from course_utils.plotting.canvas import log_scale, new_axes, new_panels, reach, set_title
from course_utils.plotting.labels import LINE_HEIGHT, End, label_ends, spread
from course_utils.plotting.series import CURVES, as_curves, styled


def test_the_curves_are_those_of_the_style():
    path = Path(plotting.__file__).with_name("curso.mplstyle")
    style = matplotlib.rc_params_from_file(path, use_default_template=False)
    cycle = [(look["color"], look["linestyle"]) for look in style["axes.prop_cycle"]]
    assert [(look["color"], look["ls"]) for look in CURVES] == cycle


def test_reach_lengthens_and_never_cuts():
    ax = new_axes(None, (3, 2))
    ax.plot([0.0, 10.0], [-4.0, 0.5])
    reach(ax, 0, 1)
    assert ax.get_ylim()[0] < -4
    assert ax.get_ylim()[1] == 1
    reach(ax, 3, 4, axis="x")
    assert ax.get_xlim()[0] < 0 < 10 < ax.get_xlim()[1]


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1.0, 10], "log"), ([0.0, 10], "symlog"), ([-1.0, 10], "symlog"), ([0.0, 0], "linear")],
)
def test_the_log_scale_shows_zeros_and_negatives(values, scale):
    ax = new_axes(None, (3, 2))
    ax.plot(values)
    log_scale(ax, np.array(values))
    assert ax.get_yscale() == scale
    low, high = ax.get_ylim()
    assert low < min(values) <= max(values) < high


def test_spare_panels_are_hidden():
    axes = new_panels(None, 3, (4, 4), columns=2)
    assert len(axes) == 3
    assert [ax.get_visible() for ax in axes[0].figure.axes] == [True, True, True, False]


def test_the_title_of_several_panels_goes_above_them():
    axes = new_panels(None, 2, (4, 2))
    set_title(axes, None)
    assert axes[0].figure.get_suptitle() == ""
    set_title(axes, "Arriba")
    assert axes[0].figure.get_suptitle() == "Arriba"


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=9), st.floats(0.1, 10), st.floats(0, 200)
)
def test_labels_keep_their_order_and_their_distance(heights, gap, room):
    low, high = -100.0, -100 + gap * len(heights) + room
    placed = spread(heights, gap, low, high)
    order = np.argsort(heights, kind="stable")
    assert np.all(np.diff(np.array(placed)[order]) >= gap - 1e-9)
    assert min(placed) >= low - 1e-9
    assert max(placed) <= high + 1e-9


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_labels_of_curves_that_end_together_do_not_overlap(scale):
    ax = plt.figure(figsize=(6, 3)).subplots()
    ends = [End(name, 9, 1 + place / 1000, "black") for place, name in enumerate("abc")]
    ax.plot([9, 9], [0.5, 9])
    ax.set_yscale(scale)
    label_ends(ax, ends)
    ax.figure.canvas.draw()
    heights = [text.get_window_extent().y0 * 72 / ax.figure.dpi for text in ax.texts]
    assert min(np.diff(heights)) >= LINE_HEIGHT - 1
    assert all(text.get_window_extent().x0 > ax.transData.transform((9, 1))[0] for text in ax.texts)


def test_more_series_than_styles_is_an_error():
    series = {str(place): [place] for place in range(len(CURVES))}
    assert [name for name, _, _ in styled(series)] == list(series)
    with pytest.raises(ValueError, match="distingue 7 series como mucho y han llegado 8"):
        styled(series | {"otra": [1]})


@pytest.mark.parametrize(
    ("curves", "error", "message"),
    [
        ([np.ones(2)], TypeError, "losses debe ser un diccionario"),
        ({}, ValueError, "losses debe tener al menos una serie"),
        ({"GRU": []}, ValueError, r"losses\['GRU'\] debe tener al menos 1 elementos"),
        ({"GRU": [1, np.nan]}, ValueError, r"losses\['GRU'\] debe tener solo valores finitos"),
    ],
)
def test_bad_series_are_named(curves, error, message):
    with pytest.raises(error, match=message):
        as_curves("losses", curves)

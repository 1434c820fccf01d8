"""Lo que deben enseñar las figuras del proyecto 55, además de lo común a todas."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.lessons.lesson_55 import plot_shifts, plot_step_parts


def test_the_line_goes_from_the_shortest_run_to_the_longest():
    parts = {"uno": np.array([30.0, 0.0, 1.0]), "dos": np.array([20.0, 3.0, 2.0])}
    whole = {"dos": np.array([24.0, 40.0, 26.0]), "uno": np.array([31.0, 29.0, 33.0])}
    (lines,) = plot_step_parts(parts, whole=whole).collections
    np.testing.assert_array_equal(
        lines.get_segments(), [[[29.0, 0.0], [33.0, 0.0]], [[24.0, 1.0], [40.0, 1.0]]]
    )
    with pytest.raises(ValueError, match="las configuraciones con los mismos nombres"):
        plot_step_parts(parts, whole={"uno": np.ones(2)})


def test_what_the_dead_had_in_its_hands_is_crossed_out():
    spans = {"A": np.array([[0.0, 1.0], [1.0, 1.5]]), "B": np.array([[0.0, 2.0]])}
    ax = plot_shifts(spans, {"A": ["1", "2"], "B": ["3"]}, deaths={"A": 1.5})
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, True, False]

"""Figuras de los detectores: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_44 import figures
from course_utils.plotting.canvas import ORANGE
from tests.unit.drawn import texts


def test_faults_show_what_was_measured_over_what_would_have_been():
    pair = np.array([[1.0, 9.0, 9.0, 2.0], [1.0, 2.0, 3.0, 2.0]])
    (ax,) = figures.plot_faults({"escalón": pair}, {"escalón": (1, 3)}, unit="l/s")
    clean, measured = ax.lines
    np.testing.assert_array_equal(
        measured.get_xydata(), np.column_stack([np.arange(4) / 2, pair[0]])
    )
    np.testing.assert_array_equal(clean.get_ydata(), pair[1])
    assert ax.patches[0].get_x() == 0.25
    assert ax.patches[0].get_width() == 1.0
    with pytest.raises(ValueError, match="dos filas en 'escalón'"):
        figures.plot_faults({"escalón": pair[:1]}, {"escalón": (1, 3)}, unit="l/s")
    with pytest.raises(ValueError, match="los fallos con los mismos nombres"):
        figures.plot_faults({"escalón": pair}, {"pico": (1, 3)}, unit="l/s")


def test_scores_mark_only_what_passes_its_threshold():
    scores = {"z": np.array([0.0, 5.0, 1.0, 7.0]), "red": np.array([0.0, 1.0, 2.0, 3.0])}
    options = {"unit": "l/s", "per_day": 2}
    top, z, network = figures.plot_scores(
        np.arange(4.0), scores, {"z": 4.0, "red": 2.0}, [(1, 2)], **options
    )
    assert z.lines[1].get_xydata().tolist() == [[0.5, 5.0], [1.5, 7.0]]
    assert network.lines[1].get_ydata().tolist() == [3.0]  # igual al umbral no es pasarlo
    assert [line.get_ydata()[0] for line in (z.lines[2], network.lines[2])] == [4.0, 2.0]
    assert all(len(ax.patches) == 1 for ax in (top, z, network))
    with pytest.raises(ValueError, match="las puntuaciones con los mismos nombres"):
        figures.plot_scores(np.arange(4.0), scores, {"z": 4.0}, [], **options)


def test_noise_has_a_line_a_draw_and_a_level_per_detector():
    rates, expected = np.array([0.01, 0.1]), np.array([0.5, 0.8])
    ax = figures.plot_noise(rates, expected, expected + 0.1, {"z": 0.9, "bosque": 0.7})
    assert ax.lines[0].get_xydata().tolist() == [[1.0, 0.5], [10.0, 0.8]]
    assert [line.get_ydata()[0] for line in ax.lines[2:]] == [0.9, 0.7]
    assert texts(ax) == ["azar", "z", "bosque"]


def test_fault_map_writes_every_share_and_its_price():
    found = {"z": np.array([1.0, 0.25]), "red": np.array([0.0, 0.5])}
    ax = figures.plot_fault_map(
        found, ["pico", "deriva"], side={"z": 0.5, "red": 2.0}, side_name="avisos"
    )
    assert texts(ax) == ["100", "25", "0.5", "0", "50", "2.0"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["pico", "deriva", "avisos"]
    assert [text.get_text() for text in ax.texts if text.get_weight() == "bold"] == ["100", "50"]
    prices = [text for text in ax.texts if "." in text.get_text()]
    assert {text.get_color() for text in prices} == {ORANGE}
    with pytest.raises(ValueError, match="los detectores con los mismos nombres"):
        figures.plot_fault_map(found, ["pico", "deriva"], side={"z": 1.0}, side_name="avisos")


def test_levels_join_the_means_and_keep_every_run():
    runs = {"z": np.array([[0.5, 0.7], [0.2, 0.4]])}
    ax = figures.plot_levels(["1", "4"], runs, xlabel="cuello", ylabel="área")
    *dots, mean = ax.lines
    assert sorted(np.concatenate([line.get_ydata() for line in dots])) == [0.2, 0.4, 0.5, 0.7]
    np.testing.assert_allclose(mean.get_xydata(), [[0, 0.6], [1, 0.3]])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "4"]


def test_coastal_marks_are_above_the_series_and_in_their_months():
    dates = np.arange("1950-01", "1950-06", dtype="datetime64[M]")
    anomaly, calls = np.array([0.0, 1.0, 3.0, 1.0, 0.0]), np.array([0, 0, 1, 1, 0], bool)
    ax = figures.plot_coastal(dates, anomaly, [(1, 4)], {"z": calls}, unit="°C")
    marks = ax.lines[1]
    assert list(marks.get_xdata()) == list(dates[calls])
    assert (marks.get_ydata() > anomaly.max()).all()
    assert len(ax.patches) == 1

"""Figuras de los pronósticos a varios pasos: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_42 import figures
from tests.unit.drawn import texts


def test_an_outlook_puts_now_at_zero():
    ax = figures.plot_outlook(
        np.array([1.0, 2.0]), np.array([3.0, 4.0]), {"red": np.array([2.5, 5.0])}, unit="°C"
    )
    seen, actual, forecast, _ = ax.lines
    assert seen.get_xydata().tolist() == [[-1, 1], [0, 2]]
    assert actual.get_xydata().tolist() == [[1, 3], [2, 4]]
    assert forecast.get_xydata().tolist() == [[1, 2.5], [2, 5]]
    assert texts(ax) == ["red"]


def test_an_outlook_wants_a_value_for_each_step():
    with pytest.raises(ValueError, match="actual: 2, red: 1"):
        figures.plot_outlook(np.ones(2), np.ones(2), {"red": np.ones(1)}, unit="°C")


def test_by_horizon_has_the_mean_and_a_band_only_with_several_runs():
    curves = {"red": np.array([[1.0, 2.0], [3.0, 6.0]]), "lineal": np.array([[1.5, 2.5]])}
    ax = figures.plot_by_horizon(curves, unit="°C", quantity="sesgo")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[2, 4], [1.5, 2.5]]
    assert ax.lines[0].get_xdata().tolist() == [1, 2]
    assert len(ax.collections) == 1
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1, 6)
    assert ax.get_ylabel() == "sesgo (°C)"


def test_by_horizon_wants_the_same_hours():
    with pytest.raises(ValueError, match="red: 2, lineal: 3"):
        figures.plot_by_horizon({"red": np.ones((1, 2)), "lineal": np.ones((1, 3))}, unit="°C")


def test_every_strategy_gives_three_hours_and_they_do_not_have_the_same_networks():
    written = texts(figures.plot_strategies())
    for hour in ("1 h", "2 h", "3 h"):
        assert written.count(hour) == 4
    assert written.count("red") == 3 + 1
    assert [name for name in written if name.startswith("red ")] == ["red 1", "red 2", "red 3"]
    assert (written.count("cod."), written.count("dec.")) == (1, 3)
    assert [name for name in written if "reloj" in name] == ["reloj 1", "reloj 2", "reloj 3"]
    for name in ("recursiva", "directa", "todo a la vez", "codificador-decodificador"):
        assert name in written
        assert name in figures.describe_strategies().lower()


def test_paths_have_a_panel_each_and_ask_for_what_they_need():
    line = np.stack([np.arange(4.0), np.zeros(4)], axis=1)
    drive = {"visto": line, "fue": line + 4, "red": line + 5}
    panels = figures.plot_paths({"recta": drive, "giro": drive})
    assert [ax.get_title(loc="left") for ax in panels] == ["recta", "giro"]
    seen, went, forecast = panels[1].lines
    assert seen.get_xydata().tolist() == line.tolist()
    assert went.get_xydata().tolist() == (line + 4)[::3].tolist()
    assert forecast.get_xydata().tolist() == (line + 5).tolist()
    with pytest.raises(ValueError, match="en giro falta fue"):
        figures.plot_paths({"giro": {"visto": line, "red": line}})


def test_by_manoeuvre_has_the_runs_and_their_mean_side_by_side():
    models = {"red": np.array([[1.0, 4.0], [3.0, 6.0]]), "recta": np.array([[2.0, 9.0]])}
    ax = figures.plot_by_manoeuvre(["recta", "giro"], models)
    runs, mean, *_ = ax.lines
    assert runs.get_xdata().tolist() == [1, 4, 3, 6]
    assert mean.get_xdata().tolist() == [2, 5]
    heights = [set(line.get_ydata().tolist()) for line in ax.lines]
    assert heights[0] == heights[1]
    assert not heights[0] & heights[2]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["recta", "giro"]
    with pytest.raises(ValueError, match="manoeuvres: 1, red: 2"):
        figures.plot_by_manoeuvre(["recta"], models)

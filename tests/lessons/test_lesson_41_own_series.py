"""La lección 41 con la serie de quien aprende: cortas, constantes, sin ciclo y de muchos pasos."""

from __future__ import annotations

import ast
import re
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.lessons.lesson_41 import experiment

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "41_pronostico_honesto.py"


@pytest.fixture(scope="module")
def names():
    """Lo que define la lección, sin ejecutar sus celdas: sus funciones y lo que importan."""
    defined = ast.Import | ast.ImportFrom | ast.FunctionDef
    body = ast.parse(SOURCE.read_text(encoding="utf-8")).body
    module = ast.Module([node for node in body if isinstance(node, defined)], type_ignores=[])
    found = {"SEED": 0, "FAST": True}
    exec(compile(module, SOURCE.name, "exec"), found)
    return found


@pytest.fixture
def study(names, monkeypatch):
    """El estudio, con la red cambiada por una persistencia: aquí se prueba lo demás."""
    monkeypatch.setitem(names, "learn", lambda *args, **options: names["persistence"])
    return names["study"]


def series(length: int, period: int, *, noise: float = 1.0) -> SimpleNamespace:
    """Una serie con un ciclo, como la que da ``load_own_series``."""
    cycle = 10 * np.sin(2 * np.pi * np.arange(length) / max(period, 2))
    values = 100 + cycle + noise * np.random.default_rng(length).normal(size=length)
    return SimpleNamespace(values=values, period=period)


@pytest.mark.parametrize(
    ("length", "period", "horizon"), [(240, 12, None), (90, 1, None), (400, 7, 3), (900, 96, 24)]
)
def test_every_rhythm_is_studied(study, length, period, horizon):
    errors = study(series(length, period), horizon=horizon, origins=6)
    assert len(errors) == 7
    assert all(found.shape == (6,) and np.isfinite(found).all() for found in errors.values())


def test_a_series_that_repeats_itself_has_a_perfect_model(study):
    errors = study(series(200, 12, noise=0.0), origins=6)
    assert errors["estacional"].max() < 1e-9


def test_ten_years_of_months_say_what_to_ask_for(study):
    """Haciendo lo que dice el mensaje, la serie ya se puede estudiar."""
    short = series(120, 12)
    with pytest.raises(ValueError, match="Pide un horizon menor"):
        study(short)
    with pytest.raises(ValueError, match=r"Pide origins=\d+") as caught:
        study(short, horizon=6, origins=15)
    asked = int(re.search(r"origins=(\d+)", str(caught.value))[1])
    assert len(study(short, horizon=6, origins=asked)["theta"]) == asked


def test_a_constant_series_is_refused(study):
    with pytest.raises(ValueError, match="todo vale lo mismo"):
        study(SimpleNamespace(values=np.full(300, 5.0), period=12))


@pytest.mark.parametrize(
    ("recipe", "see"), [("menos el último", "minus_last"), ("diferencias", "differences")]
)
def test_the_lesson_frames_windows_as_the_experiment_does(names, recipe, see):
    """Las recetas de la lección y las del programa que entrenó las redes son las mismas."""
    task = experiment.five_series()["CO2"]
    measured = experiment.frame(task, recipe).parts()
    *parts, _ = names["frame"](task.values, task.origins[0], 12, task.width, names[see])
    for found, expected in zip(parts, measured, strict=True):
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_future_changes_no_forecast(names):
    """El historial acaba en el origen: lo que venga después no llega a ningún modelo."""
    values = series(150, 12).values
    cuts = names["rolling_cuts"](150, 12, 6, 12)
    altered = values.copy()
    altered[cuts[-1][0].stop :] += 50
    models = {"estacional": partial(names["seasonal"], period=12), "deriva": names["straight"]}
    before, after = (names["backtest"](one, models, cuts)[0] for one in (values, altered))
    for name in models:
        np.testing.assert_array_equal(before[name][:-1], after[name][:-1])

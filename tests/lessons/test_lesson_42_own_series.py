"""La lección 42 con la serie de quien aprende: otros ritmos y series que no dan para tanto."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from course_utils.datasets.series import Series

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "42_multipaso.py"


@pytest.fixture(scope="module")
def names():
    """Lo que define la lección, sin ejecutar sus celdas: sus funciones y lo que importan."""
    defined = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    body = ast.parse(SOURCE.read_text(encoding="utf-8")).body
    module = ast.Module([node for node in body if isinstance(node, defined)], type_ignores=[])
    found = {"SEED": 0, "RATE": 0.01}
    exec(compile(module, SOURCE.name, "exec"), found)
    return found


@pytest.fixture
def study(names, monkeypatch):
    """El estudio, con los modelos cambiados por una persistencia: aquí se prueba lo demás."""

    def trained(own):
        last = names["weather"].past(own, own.test)[:, -1:, 0]
        return {"red": last.repeat(1, own.period)}

    monkeypatch.setitem(names, "trained", trained)
    return names["study"]


def series(length: int, period: int, *, noise: float = 1.0) -> Series:
    dates = np.datetime64("2024-01-01T00:00", "m") + 60 * np.arange(length)
    cycle = 10 * np.sin(2 * np.pi * np.arange(length) / period)
    values = 100 + cycle + noise * np.random.default_rng(length).normal(size=length)
    return Series(dates, values, "kilovatios", "kW", period, "inventada")


@pytest.mark.parametrize(("length", "period"), [(400, 24), (300, 7), (1200, 96)])
def test_every_rhythm_is_studied(study, length, period):
    errors = study(series(length, period))
    assert set(errors) == {"red", "persistencia", "ciclo anterior"}
    assert all(found.shape == (period,) and np.isfinite(found).all() for found in errors.values())
    np.testing.assert_allclose(errors["red"], errors["persistencia"], rtol=1e-4)


def test_a_series_that_repeats_itself_has_a_perfect_model(study):
    assert study(series(400, 24, noise=0.0))["ciclo anterior"].max() < 1e-9


def test_a_series_that_is_too_short_is_refused(study):
    with pytest.raises(ValueError, match="al menos doce ciclos"):
        study(series(200, 24))


def test_the_rival_that_chooses_follows_what_it_sees(names):
    """Recta, frenada y arco, sin ruido: con cada uno sigue a su rival."""
    chooser, traffic = names["chooser"], names["traffic"]
    t = np.arange(20) * traffic.STEP
    still = np.zeros_like(t)
    line, brake = np.stack([12 * t, still], axis=1), np.stack([15 * t - 2 * t**2, still], axis=1)
    arc = 25 * np.stack([np.sin(0.4 * t), 1 - np.cos(0.4 * t)], axis=1)
    wanted = {
        "recta": (line, traffic.constant_velocity(line[None], 30, seconds=2.0)),
        "frenada": (brake, traffic.constant_braking(brake[None], 30, seconds=1.0)),
        "arco": (arc, traffic.constant_turn(arc[None], 30, seconds=1.0)),
    }
    for seen, path in wanted.values():
        np.testing.assert_array_equal(chooser(seen[None], 30, 1.0, 1.5), path)

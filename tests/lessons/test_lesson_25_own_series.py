"""La lección 25 con la serie de quien aprende: series cortas y series que se repiten siempre."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.datasets import load_sales
from course_utils.lessons.lesson_25.recipes import prepare_sales

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "25_ventas.py"


@pytest.fixture(scope="module")
def lesson():
    """Lo que define la lección, sin ejecutar sus celdas: sus funciones y lo que importan."""
    defined = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    body = ast.parse(SOURCE.read_text(encoding="utf-8")).body
    module = ast.Module([node for node in body if isinstance(node, defined)], type_ignores=[])
    names = {"seeds": [0]}
    exec(compile(module, SOURCE.name, "exec"), names)
    return SimpleNamespace(**names)


def series(length: int, period: int, *, noise: float = 1.0) -> SimpleNamespace:
    """Una serie con un ciclo, como la que da ``load_own_series``."""
    cycle = 10 * np.sin(2 * np.pi * np.arange(length) / max(period, 2))
    values = 100 + cycle + noise * np.random.default_rng(length).normal(size=length)
    return SimpleNamespace(values=values, period=period)


def test_periodic_series_has_no_mase(lesson, capsys):
    """Si la serie se repite siempre, la referencia del MASE no comete error y sale una raya."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # los de las bibliotecas están en inglés
        lesson.study(series(120, 12, noise=0.0), {}, cycles=1)
    rows = capsys.readouterr().out.splitlines()[1:]
    assert len(rows) == 6
    assert all(" – " in row for row in rows)
    assert not re.search("inf|nan", "".join(rows))


def test_common_series_has_mase(lesson, capsys):
    """Con las demás, es un número."""
    lesson.study(series(120, 12), {}, cycles=1)
    rows = capsys.readouterr().out.splitlines()[1:]
    assert all(re.search(r" \d\.\d\d +\d+ +\d\.\d", row) for row in rows)


@pytest.mark.parametrize("period", [1, 4, 7, 12, 24])
def test_short_series_says_what_to_lower(lesson, period):
    """Haciendo lo que dice el mensaje, la serie ya se puede estudiar."""
    for length in range(26, 5 * period):
        try:
            lesson.prepare(series(length, period).values, period, max(2 * period, 8))
        except ValueError as error:
            cycles, allowed = advised(str(error), period)
            width = max(cycles * allowed, 8)
            lesson.prepare(series(length, allowed).values, allowed, width)


def advised(message: str, period: int) -> tuple[int, int]:
    """Cuántos ciclos y qué periodo pide el mensaje."""
    if lowered := re.search(r"baja cycles a (\d+)", message):
        return int(lowered[1]), period
    return 1, int(re.search(r"cycles=1 y un period de (\d+) o menos", message)[1])


@pytest.mark.parametrize("length", [2, 12, 23])
def test_too_short_series_says_how_many(lesson, length):
    """Con unos pocos valores no hay nada que bajar: se dice cuántos hacen falta."""
    with pytest.raises(ValueError, match=rf"^{length} valores son pocos .* al menos 26\.$"):
        lesson.study(series(length, 7), {}, cycles=1)


def test_the_lesson_takes_the_level_away_as_the_experiment_does(lesson):
    """La receta «sin nivel» de la lección y la del programa que entrenó las redes son la misma."""
    units = load_sales().units.astype(float)
    problem = lesson.without_level(lesson.prepare(units, 7, 14))
    prepared = prepare_sales(units, "sin nivel")
    np.testing.assert_array_equal(problem.x, prepared.x)
    np.testing.assert_array_equal(problem.y, prepared.y)
    np.testing.assert_allclose(lesson.in_units(problem, prepared.y), units[14:], rtol=1e-5)


def test_damping_is_fitted_and_the_whole_anomaly_is_not(lesson):
    """Si de la anomalía queda la mitad de un paso a otro, la fracción es esa."""
    cycle, rng, anomaly = np.tile([10.0, 20.0, 30.0], 400), np.random.default_rng(0), [0.0]
    for shock in rng.normal(size=1199):
        anomaly.append(0.5 * anomaly[-1] + shock)
    problem = lesson.prepare(cycle + anomaly, 3, 6)
    damped, whole = (lesson.usual_change(problem, damped=kind) for kind in (True, False))
    expected = cycle[6:] + 0.5 * np.array(anomaly)[5:-1]
    assert np.abs(damped.values[0] - expected).max() < 0.5
    part = problem.test
    assert lesson.errors(problem, damped, part) < lesson.errors(problem, whole, part)

"""El generador de mutantes y el examen de los ejercicios, con ejercicios mal hechos a propósito."""

from __future__ import annotations

import ast
import dataclasses

import numpy as np
import pytest

from course_utils.exercises import core, definition
from course_utils.exercises.definition import Exercise
from tests.lessons import audit
from tests.lessons.audit import contains_data, examine_mutants, passes_unsolved, reveals
from tests.lessons.mutation import mutants
from tests.unit import synthetic_exercises as made


def changes(code: str) -> list[str]:
    """Los cambios de un trozo de código."""
    return [mutant.change for mutant in mutants(code)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a + b", ["«a + b» → «a - b»", "«a + b» → «a»", "«a + b» → «b»"]),
        ("a * b", ["«a * b» → «a / b»"]),
        ("a ** 2", ["«a ** 2» → «a * 2»", "«2» → «3»", "«2» → «1»"]),
        ("a % b", ["«a % b» → «a // b»"]),
        ("x @ w", ["«x @ w» → «w @ x»", "«x @ w» → «x.T @ w»", "«x @ w» → «x @ w.T»"]),
        ("x @ w.T", ["«w.T» → «w»", "«x @ w.T» → «w.T @ x»"]),
        ("a < b", ["«a < b» → «a <= b»"]),
        ("a == b", ["«a == b» → «a != b»"]),
        ("a is None", ["«a is None» → «a is not None»"]),
        ("a in b", ["«a in b» → «a not in b»"]),
        ("a < b < c", ["«a < b < c» → «a <= b < c»", "«a < b < c» → «a < b <= c»"]),
        ("a and b", ["«a and b» → «a or b»", "«a and b» → «a»", "«a and b» → «b»"]),
        ("-a", ["«-a» → «a»"]),
        ("not a", ["«not a» → «a»"]),
        ("x = True", ["«True» → «False»"]),
        ("x = 0.5", ["«0.5» → «1.0»"]),
        ("x = 0.0", ["«0.0» → «1.0»"]),
        ("np.tanh(x)", ["«np.tanh(x)» → «x»", "«np.tanh(x)» → «np.arctan(x)»"]),
        ("math.tanh(x)", ["«math.tanh(x)» → «math.atan(x)»"]),
        ("f(a, b)", ["«f(a, b)» → «a»", "«f(a, b)» → «f(b, a)»"]),
        ("x.sum(axis=1)", ["«x.sum(axis=1)» → «x»", "«x.sum(axis=1)» → «x.mean(axis=1)»"]),
        ("f(x, axis=1, n=a)", ["«f(x, axis=1, n=a)» → «f(x, n=a)»"]),
        ("max(a, b)", ["«max(a, b)» → «min(a, b)»"]),
        ("range(n)", ["«range(n)» → «range(n - 1)»"]),
        ("range(1, n)", ["«range(1, n)» → «range(1, n - 1)»"]),
        ("x[i]", ["«x[i]» → «x»", "«x[i]» → «x[i - 1]»"]),
        ("x[:, t]", ["«x[:, t]» → «x[:, t - 1]»"]),
        ("x[a:b]", ["«x[a:b]» → «x[:b]»", "«x[a:b]» → «x[a + 1:b]»", "«x[a:b]» → «x[a:b + 1]»"]),
        ("x[:-1]", ["«x[:-1]» → «x[:]»", "«1» → «2»", "«-1» → «1»"]),
        ("x = f(y)", ["«x = f(y)» → «pass»"]),
        ("x += y", ["«x += y» → «pass»", "«x += y» → «x -= y»", "«x += y» → «x = y»"]),
        ("if a:\n    b()", ["«a» → «not a»"]),
        ("while a:\n    break", ["«a» → «not a»", "«break» → «pass»"]),
        ("[y for y in x if y]", ["«y» → «not y»"]),
        ("a if b else c", ["«b» → «not b»", "«a if b else c» → «a»", "«a if b else c» → «c»"]),
    ],
)
def test_rules(code, expected):
    """Cada clase de avería aparece, con una descripción que se entiende."""
    assert set(expected) <= set(changes(code))


@pytest.mark.parametrize(
    "code",
    [
        'def f():\n    """Suma 1."""',
        "def f(x: 'a + 1') -> 2: ...",
        "x: 1 + 2",
        "class A:\n    '''Suma 1.'''",
    ],
)
def test_words_are_not_touched(code):
    """Ni los docstrings ni las anotaciones se averían."""
    assert [text for text in changes(code) if "pass" not in text] == []


def test_formatted_texts_are_not_touched():
    """Lo que hay dentro de un texto con formato tampoco."""
    assert changes("x = f'{a + 1}'") == ["«x = f'{a + 1}'» → «pass»"]


def test_mutants_are_different_valid_and_repeatable():
    """Todos distintos entre sí y de la solución, todos Python, y siempre los mismos."""
    code = made.TEXTS["99.3"]["solution"] + "\n\n\ndef g(a, b):\n    return (a + a) * (a + a)"
    found = mutants(code)
    assert found == mutants(code)
    sources = {mutant.source for mutant in found} | {ast.unparse(ast.parse(code))}
    assert len(sources) == len(found) + 1
    assert len({mutant.change for mutant in found}) == len(found)
    assert any(mutant.change.endswith("(2)") for mutant in found)
    assert all(ast.parse(source) for source in sources)


def test_a_change_is_named_without_its_line():
    """La clave no depende de la línea; de dos cambios iguales, dice cuál es."""
    code = "def f(x):\n    y = x + 1\n    return x + y"
    moved = code.replace("    y", "\n    # Un comentario.\n    y")
    assert changes(moved) == changes(code)
    assert {"«y = x + 1» → «pass»", "«x + 1» → «x - 1»", "«x + y» → «x - y»"} <= set(changes(code))
    twice = code.replace("x + y", "x + 1")
    lines = {mutant.change: mutant.line for mutant in mutants(twice)}
    assert lines["«x + 1» → «x - 1» (1)"] == 2
    assert lines["«x + 1» → «x - 1» (2)"] == 3
    assert "«x + 1» → «x - 1»" not in lines


# ---------------------------------------------------------------- ejercicios mal hechos


@pytest.fixture
def packaged(monkeypatch):
    """Textos de los ejercicios de mentira; la prueba puede cambiarlos."""
    texts = {key: dict(item) for key, item in made.TEXTS.items()}
    for module in (core, definition):
        monkeypatch.setattr(module, "texts", texts.__getitem__)
    return texts


def one_column(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=(1, 1)),)


def test_weak_check_has_holes(packaged):
    """Si los casos son de una sola celda, promediar el otro eje pasa: hay un agujero."""
    strong = examine_mutants(made.FUNCTION)
    assert strong.holes == []
    assert strong.killed > 3
    by_seed = {2017: one_column, audit.OTHER_SEED: made.FUNCTION.draw}

    class Weak(Exercise):
        def cases(self, *, seed=2017, draws=None):
            return dataclasses.replace(
                made.FUNCTION, draw=by_seed.get(seed, one_column), edges=()
            ).cases(seed=seed)

    given = [item.name for item in dataclasses.fields(Exercise) if item.init]
    fields = {name: getattr(made.FUNCTION, name) for name in given}
    weak = examine_mutants(Weak(**fields))
    assert "«1» → «0»" in [mutant.change for mutant in weak.holes]
    assert weak.problems[0].startswith("La comprobación acepta línea 3")


def test_equivalent_mutants_must_be_listed(packaged):
    """Lo que no cambia nada se declara con su razón; lo que se declara de más, sobra."""
    packaged["99.2"]["solution"] = "def row_means(x):\n    return np.asarray(x.mean(axis=1))"
    name = "«np.asarray(x.mean(axis=1))» → «x.mean(axis=1)»"
    report = examine_mutants(made.FUNCTION)
    assert [mutant.change for mutant in report.equivalent] == [name]
    assert report.unlisted == report.equivalent
    assert report.problems == [
        f"línea 2: {name} no cambia nada: decláralo en equivalent, sin la línea."
    ]
    listed = dataclasses.replace(made.FUNCTION, equivalent={name: "la media ya es un array"})
    assert examine_mutants(listed).problems == []
    excused = dataclasses.replace(made.FUNCTION, equivalent={name: ""})
    assert examine_mutants(excused).unlisted == report.unlisted
    old = dataclasses.replace(listed, equivalent={**listed.equivalent, "«a» → «b»": "ya no"})
    assert examine_mutants(old).problems == ["«a» → «b» está en equivalent y no debe: quítalo."]


def test_endless_mutants_are_rejected(packaged):
    """Un mutante que no acaba cuenta como rechazado, también si no acaba ni al definirse."""
    packaged["99.2"]["solution"] = (
        "def row_means(x):\n    i = 0\n    while i < 3:\n        i = i + 1\n"
        "    return x.mean(axis=1)"
    )
    report = examine_mutants(made.FUNCTION)
    accepted = [mutant.change for mutant in (*report.holes, *report.equivalent)]
    assert "«i = i + 1» → «pass»" not in accepted
    packaged["99.1"]["solution"] = "answer = 0\nwhile answer < 12:\n    answer = answer + 1"
    assert examine_mutants(made.VALUE).killed >= 4


def test_sample_of_mutants_keeps_the_listed_ones(packaged):
    """Con un máximo, la muestra es fija e incluye los declarados."""
    every = mutants(packaged["99.3"]["solution"])
    limited = dataclasses.replace(made.LOOP, max_mutants=3)
    chosen = audit.chosen_mutants(limited)
    assert len(chosen) == 3
    assert chosen == audit.chosen_mutants(limited)
    left_out = next(mutant for mutant in every if mutant not in chosen)
    listed = dataclasses.replace(limited, equivalent={left_out.change: "razón"})
    assert left_out in audit.chosen_mutants(listed)


@pytest.mark.parametrize(
    ("exercise", "blank"),
    [
        (made.VALUE, "answer = 12"),
        (made.FUNCTION, "def row_means(x):\n    ...\n    return x.mean(axis=1)"),
        (made.CLASS, made.TEXTS["99.4"]["solution"]),
        (made.OBJECT, made.TEXTS["99.5"]["solution"]),
        (made.TRAINED, "error = 0.01"),
    ],
    ids=lambda item: getattr(item, "key", ""),
)
def test_exercise_that_passes_unsolved_is_noticed(packaged, exercise, blank):
    """Un hueco que ya da lo que se pide se descubre, sea de la clase que sea."""
    assert not passes_unsolved(exercise)
    packaged[exercise.key]["blank"] = blank
    assert passes_unsolved(exercise)


def test_hint_that_solves_is_noticed(packaged):
    """Una pista que contiene la solución se descubre."""
    assert reveals("Escribe `x.mean(axis=1)`.", made.FUNCTION)
    assert not reveals("Usa `mean` con `axis`.", made.FUNCTION)
    assert reveals("Pon answer = 12 y ya.", made.VALUE)


@pytest.mark.parametrize(
    ("value", "modifiable"),
    [((1, 2.0, "a"), False), ((1, [2]), True), ((np.zeros(1),), True), (((), ({},)), True)],
)
def test_contains_data(value, modifiable):
    """Los números y los textos no se pueden modificar; lo demás, sí."""
    assert contains_data(value) is modifiable

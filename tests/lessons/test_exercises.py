"""Las pruebas de cada ejercicio, generadas a partir de su definición.

Añadir un ejercicio a ``course_utils/lessons/lesson_NN/exercises.py`` añade aquí sus pruebas.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import tomllib
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from course_utils.exercises import check
from course_utils.exercises.core import judge
from course_utils.exercises.definition import (
    Exercise,
    lesson_exercises,
    lesson_numbers,
    reference,
    texts,
)
from course_utils.exercises.sandbox import identical
from tests.lessons.audit import (
    build,
    contains_data,
    examine_mutants,
    kinds,
    passes_unsolved,
    reveals,
    same_kinds,
)

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = [item for number in lesson_numbers() for item in lesson_exercises(number)[1]]
MISTAKES = [(item, place) for item in EXERCISES for place in range(len(item.mistakes))]
REJECTED = [(item, place) for item in EXERCISES for place in range(len(item.rejected))]
VARIANTS = [(item, place) for item in EXERCISES for place in range(len(item.variants))]
JUNK = (None, -987654.25, "texto", [], [[1], [1, 2]], {}, object(), int, lambda *_: None)

every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda item: item.key)


def numbered(pairs: list[tuple[Exercise, int]]) -> list[str]:
    return [f"{item.key}-{place + 1}" for item, place in pairs]


@every_exercise
def test_solution_is_correct(exercise, record_property):
    """La solución de la lección pasa la comprobación."""
    record_property("ejercicios", 1)
    verdict = judge(exercise, reference(exercise))
    assert verdict.state == "correcto", verdict.message
    assert verdict.usable


@every_exercise
def test_blank_is_not_tried(exercise, capsys):
    """El hueco define el nombre que se pide, cuenta como sin intentar y no detiene el cuaderno."""
    answer = build(exercise, texts(exercise.key)["blank"])
    assert judge(exercise, answer).state == "sin intentar"
    usable = check(exercise.key, answer)
    assert "Sin intentar" in capsys.readouterr().out
    assert usable is not answer
    assert judge(exercise, usable).state == "correcto"


@every_exercise
def test_blank_does_not_pass(exercise):
    """El ejercicio no está resuelto de antemano."""
    assert not passes_unsolved(exercise)


@every_exercise
def test_definition_is_complete(exercise):
    """Hay errores, variantes y pistas suficientes, y los casos son siempre los mismos."""
    causes = [mistake.cause.strip() for mistake in exercise.mistakes]
    assert len(causes) >= 4
    assert all(causes)
    assert len(set(causes)) == len(causes)
    assert len({*(item.code for item in exercise.variants), texts(exercise.key)["solution"]}) >= 3
    assert exercise.stars in (1, 2, 3)
    assert exercise.title.endswith((".", "?"))
    assert identical(exercise.cases(), exercise.cases())


@pytest.mark.parametrize(("exercise", "place"), MISTAKES, ids=numbered(MISTAKES))
def test_mistake_is_rejected_with_its_cause(exercise, place, record_property):
    """Cada error conocido se rechaza, nombra su causa y ninguna otra, y no enseña la solución."""
    record_property("respuestas equivocadas", 1)
    mistake = exercise.mistakes[place]
    verdict = judge(exercise, build(exercise, mistake.source(texts(exercise.key)["solution"])))
    assert verdict.state in ("incorrecto", "error"), verdict
    if exercise.threshold is None:
        named = [item.cause for item in exercise.mistakes if item.cause in verdict.message]
        assert named == [mistake.cause], verdict.message
    assert "\n" not in verdict.message
    assert not reveals(verdict.message, exercise)


@pytest.mark.parametrize(("exercise", "place"), REJECTED, ids=numbered(REJECTED))
def test_rejected_gets_no_wrong_cause(exercise, place, record_property):
    """Lo que no vale y no tiene una causa que nombrar se rechaza sin culpar a otra cosa."""
    record_property("respuestas equivocadas", 1)
    source = exercise.rejected[place].source(texts(exercise.key)["solution"])
    verdict = judge(exercise, build(exercise, source))
    assert verdict.state in ("incorrecto", "error"), verdict
    assert [item.cause for item in exercise.mistakes if item.cause in verdict.message] == []
    assert "\n" not in verdict.message


@pytest.mark.parametrize(("exercise", "place"), VARIANTS, ids=numbered(VARIANTS))
def test_variant_is_accepted(exercise, place, record_property):
    """Cada respuesta correcta distinta de la solución se acepta, y sirve si es del mismo tipo."""
    variant = exercise.variants[place]
    verdict = judge(exercise, build(exercise, variant.code))
    assert verdict.state == "correcto", verdict.message
    assert verdict.usable == variant.usable, verdict.message
    assert verdict.usable == (not verdict.message)
    record_property("variantes con las que sigue el cuaderno", int(verdict.usable))
    if verdict.usable and exercise.threshold is None and inspect.isfunction(reference(exercise)):
        mine = build(exercise, variant.code)
        assert same_kinds(exercise, mine, reference(exercise))


DISGUISES = {
    "lista": lambda array: array.tolist(),
    "precisión simple": lambda array: array.astype("float32"),
    "np.matrix": lambda array: np.asmatrix(array) if array.ndim == 2 else array,
    "tensor": lambda array: import_module("torch").from_numpy(np.array(array)),
    "tabla": lambda array: import_module("pandas").DataFrame(array) if array.ndim == 2 else array,
}


@pytest.mark.parametrize("disguise", DISGUISES)
@every_exercise
def test_disguised_solution_is_not_usable(exercise, disguise):
    """La solución, con sus arrays vestidos de otra cosa: el cuaderno no puede seguir con ella."""
    solution = reference(exercise)
    if exercise.threshold is not None or not inspect.isfunction(solution):
        pytest.skip("entrena, o no devuelve arrays por su cuenta")
    disguised = []

    def wear(value):
        if isinstance(value, dict):
            return {key: wear(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            items = [wear(item) for item in value]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        changed = DISGUISES[disguise](value)
        disguised.append(kinds(changed) != kinds(value))
        return changed

    verdict = judge(
        exercise, lambda *args, **options: wear(solution(*args, **options)), diagnose=False
    )
    if any(disguised):
        assert not verdict.usable
    else:
        pytest.skip("no devuelve arrays que se puedan vestir así")


def broken_answer(exercise: Exercise) -> object | None:
    """Una respuesta que falla al usarla; ``None`` si lo que se pide es un valor."""

    def explode(*args, **options):
        raise ValueError("roto\npor dentro")

    answer = reference(exercise)
    if inspect.isclass(answer):
        return type("Rota", (), {"__init__": explode})
    if callable(answer):
        return explode
    if not exercise.is_value:
        return type("Roto", (), {"__getattr__": explode})()
    return None


@every_exercise
def test_exception_is_one_line(exercise):
    """Una respuesta que lanza una excepción da un error de una línea."""
    answer = broken_answer(exercise)
    if answer is None:
        pytest.skip("la respuesta es un valor: no se ejecuta nada")
    verdict = judge(exercise, answer)
    assert verdict.state == "error"
    assert "ValueError: roto" in verdict.message
    assert "por dentro" not in verdict.message
    assert "\n" not in verdict.message


@every_exercise
def test_mutation_of_the_input_is_reported(exercise):
    """Si la entrada se puede modificar, hay una respuesta que lo hace y se le dice."""
    answer = reference(exercise)
    receives = inspect.isfunction(answer) and inspect.signature(answer).parameters
    if not (receives and contains_data(exercise.cases()[0])):
        pytest.skip("no recibe nada que se pueda modificar")
    assert exercise.mutates, "falta mutates, una respuesta que modifica su entrada"
    verdict = judge(exercise, build(exercise, exercise.mutates))
    assert verdict.state == "incorrecto"
    assert "modifica los datos que recibe" in verdict.message


@every_exercise
def test_hints_help_without_solving(exercise):
    """Dos pistas distintas que no contienen la solución."""
    assert len(exercise.hints) == 2
    assert all(len(text.strip()) > 15 for text in exercise.hints)
    assert exercise.hints[0] != exercise.hints[1]
    assert not reveals(" ".join(exercise.hints), exercise)


@every_exercise
def test_nothing_breaks_the_check(exercise):
    """Cualquier respuesta recibe un veredicto y ninguna tontería vale."""
    impatient = dataclasses.replace(exercise, seconds=1.0)
    for junk in JUNK:
        assert judge(impatient, junk).state != "correcto", junk
        if not exercise.is_value:
            # La causa ya se busca con la tontería misma; aquí costaría diez veces más.
            returned = judge(impatient, lambda *_, value=junk, **__: value, diagnose=False).state
            assert returned != "correcto", f"una función que devuelve {junk!r}"


@every_exercise
def test_mutants_are_rejected(exercise, record_property):
    """Toda avería de la solución que cambie algo se nota; las que no, están declaradas."""
    report = examine_mutants(exercise)
    record_property("mutantes rechazados", report.killed)
    record_property("mutantes equivalentes", len(report.equivalent))
    assert report.problems == []


# ---------------------------------------------------------------- registro

ANSWERS = sorted((ROOT / "course_utils" / "lessons").glob("*/answers.toml"))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.parent.name)
def test_long_texts_are_plain_literals(path):
    """Se escriben entre ''', que no admite escapes; ningún texto lleva tres comillas seguidas."""
    text = path.read_text(encoding="utf-8")
    assert '"""' not in text
    assert "'''" not in json.dumps(tomllib.loads(text))


def checked_names(path: Path) -> dict[str, str]:
    """De cada ejercicio que comprueba una fuente, el nombre que le pasa a ``check``."""
    text = path.read_text(encoding="utf-8")
    return dict(re.findall(r'^\w+ = check\(\s*"(\d\d\.\d)"\s*,\s*(\w+)', text, re.MULTILINE))


def test_every_exercise_is_in_its_three_places():
    """Lecciones, textos empaquetados y definiciones hablan de los mismos ejercicios."""
    checked, packaged = {}, {}
    for path in sorted((ROOT / "notebooks" / "source").glob("*.py")):
        checked |= checked_names(path)
    for path in sorted((ROOT / "course_utils" / "lessons").glob("*/solutions.json")):
        stored = json.loads(path.read_text(encoding="utf-8"))
        packaged |= {key: item["name"] for key, item in stored.items()}
    assert checked == packaged
    assert sorted(item.key for item in EXERCISES) == sorted(checked)


@pytest.mark.parametrize("number", lesson_numbers())
def test_exercises_are_numbered_in_order(number):
    """Dentro de una lección los ejercicios van numerados desde el 1, sin saltos."""
    title, exercises = lesson_exercises(number)
    assert [item.key for item in exercises] == [
        f"{number}.{place}" for place in range(1, len(exercises) + 1)
    ]
    source = next((ROOT / "notebooks" / "source").glob(f"{number}_*.py"))
    first = source.read_text(encoding="utf-8").splitlines()[1]
    assert first == f"# # {number} · {title}"

"""Cada lección, con una respuesta distinta de la solución en todos sus ejercicios a la vez."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.exercises.definition import lesson_numbers
from tools.notebooks.variants import current_turn, try_turn, usable_variants

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = [next(NOTEBOOKS.glob(f"{number}_*.ipynb")).stem for number in lesson_numbers()]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lesson_goes_on_with_other_answers(lesson):
    """``check`` sigue con ellas y el cuaderno llega al final, con todo lo que afirma."""
    result = try_turn(NOTEBOOKS / f"{lesson}.ipynb", current_turn())
    assert not result.problem, str(result)


@pytest.mark.parametrize("number", lesson_numbers())
def test_every_exercise_has_a_usable_variant(number):
    """De cada ejercicio hay al menos una respuesta distinta con la que seguir."""
    assert [key for key, variants in usable_variants(number).items() if not variants] == []

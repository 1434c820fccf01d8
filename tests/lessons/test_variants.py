"""De cada ejercicio hay una respuesta distinta con la que ``make variants`` prueba la lección."""

from __future__ import annotations

import pytest

from course_utils.exercises.definition import lesson_numbers
from tools.notebooks.variants import usable_variants


@pytest.mark.parametrize("number", lesson_numbers())
def test_every_exercise_has_a_usable_variant(number):
    """De cada ejercicio hay al menos una respuesta distinta con la que seguir."""
    assert [key for key, variants in usable_variants(number).items() if not variants] == []

"""El pestillo del ejercicio 12.4: se acepta el que recuerda con cualquier ruido, y solo ese."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises.core import judge
from course_utils.exercises.definition import find
from course_utils.lessons.lesson_12.exercises import DEAF, EARLY, FORGETFUL

LATCH = find("12.4")

# Con ruido al azar, todos estos aciertan casi siempre.
FRAGILE = {
    (10.0, 5.0, -0.8): EARLY,
    (8.0, 4.0, -0.7): EARLY,
    (30.0, 5.0, -2.0): EARLY,
    (7.0, 5.0, -2.0): DEAF,
    (9.0, 4.0, -2.0): FORGETFUL,
    (12.0, 3.0, -1.3): FORGETFUL,
}


@pytest.mark.parametrize("numbers", FRAGILE, ids=str)
def test_fragile_latch_is_rejected_with_its_cause(numbers):
    """El que falla con mal ruido se rechaza siempre, y se le dice por qué falla."""
    verdict = judge(LATCH, lambda: numbers)
    assert verdict.state == "incorrecto"
    assert FRAGILE[numbers] in verdict.message


def test_accepted_latch_works_with_every_noise():
    """El que pasa los casos fijos no falla en ninguno de quinientos sorteos."""
    rng = np.random.default_rng(0)
    x = np.concatenate([args[0] for args in LATCH.cases(seed=500, draws=500)[len(LATCH.edges) :]])
    first = np.where((x[..., 0] > 0.5).any(axis=1), (x[..., 0] > 0.5).argmax(axis=1), x.shape[1])
    wanted = (np.arange(x.shape[1]) >= first[:, None]).astype(int)
    accepted = 0
    for numbers in rng.uniform((5, 2, -4), (20, 10, -0.5), size=(40, 3)):
        if judge(LATCH, lambda numbers=numbers: tuple(numbers), diagnose=False).state == "correcto":
            accepted += 1
            np.testing.assert_array_equal(LATCH.probe(lambda n=numbers: n, x), wanted, str(numbers))
    assert accepted >= 5


def test_latch_that_changes_is_found_out():
    """El que da otros números cada vez que se le llama se rechaza."""
    calls = []

    def latch_numbers():
        calls.append(1)
        return (10.0, 5.0, -2.0) if len(calls) < 3 else (2.0, 0.8, 0.0)

    assert judge(LATCH, latch_numbers).state == "incorrecto"


@pytest.mark.parametrize(
    "numbers",
    [(np.ones((1, 1)), np.ones((1, 1)), np.ones(1)), {"w_x": 10}, (10.0, np.nan, -2.0)],
    ids=["matrices", "diccionario", "no es un número"],
)
def test_what_is_not_three_numbers_is_told(numbers):
    """Lo que no son tres números se dice en español, y no con el error de NumPy."""
    verdict = judge(LATCH, lambda: numbers)
    assert verdict.state == "incorrecto"
    assert "se esperaban tres números finitos" in verdict.message

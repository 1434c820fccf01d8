"""Comprobar una respuesta no cambia lo que el cuaderno sortea después."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from course_utils.exercises import check
from course_utils.exercises.definition import find, reference, texts
from course_utils.exercises.randomness import same_randomness


def seed_everything():
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - el global
    torch.manual_seed(0)


def draw():
    """Un número de cada azar global."""
    return random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002 - el global


@pytest.fixture
def first(monkeypatch, tmp_path):
    """Lo primero que se sortea con la semilla, que queda puesta otra vez."""
    monkeypatch.setenv("CURSO_HOME", str(tmp_path))
    seed_everything()
    drawn = draw()
    seed_everything()
    return drawn


def test_every_global_generator_stays_where_it_was(first):
    """Tampoco se mueve si lo de dentro falla."""

    def fail():
        with same_randomness():
            draw()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert draw() == first


@pytest.mark.parametrize("solved", [True, False], ids=["solución", "en-blanco"])
def test_check_does_not_move_them(first, solved):
    """Ni al juzgar un modelo, que sortea sus pesos, ni al entregar la referencia."""
    exercise = find("15.2")
    namespace = {"torch": torch, "nn": torch.nn}
    exec(texts("15.2")["blank"], namespace)
    answer = reference(exercise) if solved else namespace[texts("15.2")["name"]]
    seed_everything()
    check("15.2", answer)
    assert draw() == first

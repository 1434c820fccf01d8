"""Respuestas de la lección 14 que dan lo mismo que un error conocido sin parecérsele."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises.core import judge
from course_utils.exercises.definition import find


def reflection(size, radius, rng):
    """Ortogonal y al azar, pero cada unidad depende casi solo de sí misma."""
    v = rng.normal(size=size)
    return radius * (np.eye(size) - 2 * np.outer(v, v) / (v @ v))


def near_identity(size, radius, rng):
    """La identidad, con un ruido que no se nota."""
    return radius * np.linalg.qr(np.eye(size) + 1e-2 * rng.normal(size=(size, size)))[0]


def two_blocks(size, radius, rng):
    """Dos mitades que no se hablan."""
    halves = size // 2, size - size // 2
    first, second = (np.linalg.qr(rng.normal(size=(n, n)))[0] for n in halves)
    return radius * np.block(
        [[first, np.zeros(halves)], [np.zeros(halves[::-1]), second]],
    )


@pytest.mark.parametrize("answer", [reflection, near_identity, two_blocks])
def test_orthogonal_matrix_must_mix_every_unit(answer):
    """Con una así, lo que la lección mide después no se cumple."""
    verdict = judge(find("14.3"), answer)
    assert verdict.state == "incorrecto"
    assert "no mezcla todas las unidades" in verdict.message


def test_switching_gradients_off_lasts_only_one_answer():
    """Una respuesta que apaga los gradientes de PyTorch no estropea la siguiente."""
    torch = pytest.importorskip("torch")

    def off(*args):
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)

    assert judge(find("15.3"), off).state == "incorrecto"
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32

"""Lo que hace una respuesta aceptada de la lección 21 con los datos que la lección le da luego."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.cells import sigmoid
from course_utils.exercises.definition import find, reference
from tests.lessons.audit import build

LIFE = find("21.3")
USABLE = [variant.code for variant in LIFE.variants if variant.usable]


@pytest.mark.parametrize("code", USABLE)
def test_half_life_of_a_long_single_precision_run(code):
    """Las compuertas de Keras: miles de pasos con precisión simple y una semivida de unos 50."""
    rng = np.random.default_rng(0)
    forget = sigmoid(rng.normal(5.0, 1.2, size=(9_000, 1)))
    wanted = reference(LIFE)(forget).item()
    assert 30 < wanted < 80
    assert build(LIFE, code)(forget.astype("float32")).item() == pytest.approx(wanted, rel=1e-3)

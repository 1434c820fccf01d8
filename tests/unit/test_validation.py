"""Los mensajes de las comprobaciones dicen qué se esperaba, qué ha llegado y qué hacer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.validation import as_array, as_int, describe


def test_describe_is_one_short_line():
    """Ni los saltos de línea ni los textos largos llegan a los mensajes."""
    assert describe(np.zeros(2, dtype="int8")) == "un array de forma (2,) y tipo int8"
    assert describe("x" * 200).endswith("...")

    class Wordy:
        def __repr__(self) -> str:
            return "uno,\n     dos"

    assert describe(Wordy()) == "Wordy: uno, dos"


@given(st.integers(min_value=-(2**70), max_value=2**70))
def test_as_int_keeps_integers(value):
    """Un entero pasa sin cambios."""
    assert as_int("width", value) == value


def test_as_int_accepts_numpy_integers():
    """Los enteros de NumPy salen como enteros de Python."""
    assert type(as_int("width", np.int32(7))) is int


@pytest.mark.parametrize("value", [True, np.True_, 3.0, "3", None, [3], np.array([3])])
def test_as_int_rejects_other_types(value):
    """Lo que no es un entero da un TypeError con un ejemplo de lo que vale."""
    with pytest.raises(TypeError, match=r"width debe ser un número entero; ha llegado .*width=2"):
        as_int("width", value, minimum=2)


def test_as_int_rejects_small_values():
    """Por debajo del mínimo, el mensaje nombra los dos números."""
    with pytest.raises(ValueError, match=r"width debe ser al menos 1; ha llegado -4"):
        as_int("width", -4, minimum=1)


def test_as_array_does_not_copy_nor_change_the_input():
    """Un array que ya vale se devuelve tal cual; si hay que convertirlo, el original no cambia."""
    array = np.arange(3.0)
    assert as_array("x", array) is array
    small = np.arange(3)
    assert as_array("x", small, dtype="float32").dtype == np.float32
    assert small.dtype.kind == "i"


@pytest.mark.parametrize(
    ("value", "options", "error", "message"),
    [
        ([[1], [1, 2]], {}, ValueError, r"filas de la misma longitud.*Rellena o recorta"),
        (["a", "b"], {}, TypeError, r"array de números; ha llegado `?list: \['a', 'b'\]"),
        ([None, 1], {}, TypeError, "array de números"),
        (object(), {}, TypeError, "array de números"),
        (np.array([1j]), {}, TypeError, "array de números"),
        ([1, 2], {"ndim": 2}, ValueError, r"2 dimensiones; ha llegado un array de forma \(2,\)"),
        ([1, 2], {"ndim": (2, 3)}, ValueError, "2 o 3 dimensiones"),
        ([1, np.nan], {}, ValueError, r"en la posición 1 hay nan"),
        ([[1.0, 2.0], [np.inf, 0]], {}, ValueError, r"en la posición \(1, 0\) hay inf"),
        ([], {"min_length": 2}, ValueError, r"al menos 2 elementos; .*\(0,\)"),
    ],
)
def test_as_array_explains(value, options, error, message):
    """Cada clase de entrada mala tiene su mensaje."""
    with pytest.raises(error, match=message):
        as_array("x", value, **options)


def test_as_array_lets_gaps_pass_if_asked():
    """Con ``finite=False`` los huecos pasan."""
    assert np.isnan(as_array("x", [np.nan], finite=False)).all()

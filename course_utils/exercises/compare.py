"""Comparar lo recibido con lo esperado y contarlo de forma que ayude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.validation import describe

# Valores seguidos que se enseñan de dos arrays o dos listas que difieren.
SHOWN = 4


def differences(
    received: Any,
    expected: Any,
    *,
    tolerance: float = 1e-6,
    reveal: bool = True,
    where: str = "",
) -> str | None:
    """Dice en qué se diferencian dos resultados, o ``None`` si son iguales.

    Acepta otras formas de lo mismo: listas por arrays, otro tipo numérico, tensores, tuplas con o
    sin nombre. Si uno de los dos tiene precisión simple, la tolerancia se amplía a la suya.

    Parameters
    ----------
    received, expected : object
        Números, textos, arrays, o tuplas, listas y diccionarios de ellos.
    tolerance : float
        Diferencia que se admite, en unidades de ``max(1, |esperado|)``.
    reveal : bool
        Si el mensaje puede enseñar un valor esperado. En los ejercicios cuya respuesta es un
        valor no debe hacerlo.
    where : str
        Nombre de la parte que se compara, para el mensaje.

    Examples
    --------
    >>> differences([1, 2], np.array([1.0, 2.0])) is None
    True
    >>> print(differences(np.zeros((3, 2)), np.zeros((2, 3))))
    se esperaba forma (2, 3) y ha llegado (3, 2)
    """
    prefix = f"{where}: " if where else ""
    if isinstance(expected, Mapping):
        return _mapping_differences(
            received, expected, tolerance=tolerance, reveal=reveal, where=where
        )
    if _is_series(expected, nested=bool(where)):
        return _series_differences(
            received, expected, tolerance=tolerance, reveal=reveal, prefix=prefix
        )
    if isinstance(expected, tuple) or (isinstance(expected, list) and not _numeric(expected)):
        return _sequence_differences(
            received, expected, tolerance=tolerance, reveal=reveal, where=where
        )
    if isinstance(expected, str | bool | np.bool_) or expected is None:
        same = _same_kind(received, expected) and received == expected
        if same:
            return None
        if reveal:
            return f"{prefix}se esperaba {expected!r} y ha llegado {_shown(received)}"
        return f"{prefix}ha llegado {_shown(received)}, y no es la respuesta correcta"
    return _array_differences(received, expected, tolerance=tolerance, reveal=reveal, prefix=prefix)


def _shown(value: Any) -> str:
    """Lo que ha llegado, como código: así un cuaderno no lo toma por Markdown."""
    return describe(value) if isinstance(value, np.ndarray) else f"`{describe(value)}`"


def _same_kind(received: Any, expected: Any) -> bool:
    if isinstance(expected, bool | np.bool_):
        return isinstance(received, bool | np.bool_)
    return type(received) is type(expected)


def _numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except (TypeError, ValueError):
        return False


def _mapping_differences(received: Any, expected: Mapping, *, where: str, **options) -> str | None:
    if not isinstance(received, Mapping):
        return f"se esperaba un diccionario y ha llegado {_shown(received)}"
    if set(received) != set(expected):
        return f"se esperaban las claves `{sorted(expected)}` y han llegado `{sorted(received)}`"
    for key, value in expected.items():
        if message := differences(received[key], value, where=f"{where}[{key!r}]", **options):
            return message
    return None


def _sequence_differences(received: Any, expected: Any, *, where: str, **options) -> str | None:
    if not isinstance(received, tuple | list | np.ndarray):
        return f"se esperaban {len(expected)} resultados y ha llegado {_shown(received)}"
    if len(received) != len(expected) and isinstance(received, np.ndarray):
        return f"se esperaban {len(expected)} resultados y ha llegado {describe(received)}"
    if len(received) != len(expected):
        return f"se esperaban {len(expected)} resultados y han llegado {len(received)}"
    names = getattr(expected, "_fields", None) or [
        f"resultado {place}" for place in range(1, len(expected) + 1)
    ]
    for name, one, other in zip(names, received, expected, strict=True):
        label = f"{where}.{name}" if where else name
        if message := differences(one, other, where=label, **options):
            return message
    return None


def _is_series(expected: Any, *, nested: bool) -> bool:
    """Si es una serie de textos o, dentro de otra cosa, de enteros: sus elementos no tienen nombre.

    Una tupla que no está dentro de nada son varios resultados; una lista de números, un array.
    """
    if isinstance(expected, list):
        return all(isinstance(item, str) for item in expected)
    if not nested or not isinstance(expected, tuple) or hasattr(expected, "_fields"):
        return False
    return all(isinstance(item, str | int) for item in expected)


def _series_differences(
    received: Any, expected: Sequence, *, tolerance: float, reveal: bool, prefix: str
) -> str | None:
    """Si faltan o sobran elementos y, desde el primero que difiere, unos pocos seguidos."""
    if not isinstance(received, tuple | list | np.ndarray):
        return f"{prefix}se esperaban {len(expected)} elementos y ha llegado {_shown(received)}"
    pairs = zip(received, expected, strict=False)
    alike = [differences(one, other, tolerance=tolerance) is None for one, other in pairs]
    if all(alike) and len(received) == len(expected):
        return None
    first = [*alike, False].index(False)
    count = (
        f"se esperaban {len(expected)} elementos y han llegado {len(received)}; "
        if len(received) != len(expected)
        else ""
    )
    asked, given = (
        f"`{describe(list(values[first : first + SHOWN])).removeprefix('list: ')}`"
        for values in (expected, received)
    )
    place = f"{prefix}{count}desde el elemento {first + 1} "
    if not reveal:
        return f"{place}ha llegado {given}, y no es la respuesta correcta"
    return f"{place}se esperaba {asked} y ha llegado {given}"


def _array_differences(
    received: Any, expected: Any, *, tolerance: float, reveal: bool, prefix: str
) -> str | None:
    wanted = _to_array(expected)
    if _is_too_long(received, wanted):
        size = f"{len(received)} elementos, `{describe(received)}`"
        wish = f"forma {wanted.shape}" if reveal and wanted.ndim else "un solo número"
        return f"{prefix}se esperaba {wish} y ha llegado algo con {size}"
    got = _to_array(received)
    if wanted is None or wanted.dtype.kind not in "biuf":
        same = _same_kind(received, expected) and np.array_equal(received, expected)
        return None if same else f"{prefix}no es lo que se esperaba: {_shown(received)}"
    if got is None or got.dtype.kind not in "biuf":
        kind = "un número" if wanted.ndim == 0 else f"un array de forma {wanted.shape}"
        return f"{prefix}se esperaba {kind} y ha llegado {_shown(received)}"
    if got.shape != wanted.shape:
        if not reveal and wanted.ndim == 0:
            return f"{prefix}se esperaba un solo número y ha llegado {_shown(received)}"
        if isinstance(expected, list) and got.ndim == wanted.ndim == 1 and wanted.dtype.kind == "i":
            return _series_differences(
                got.tolist(), expected, tolerance=tolerance, reveal=reveal, prefix=prefix
            )
        return f"{prefix}se esperaba forma {wanted.shape} y ha llegado {got.shape}"
    single = any(array.dtype.kind == "f" and array.dtype.itemsize < 8 for array in (got, wanted))
    if tolerance and single:
        tolerance = max(tolerance, 1e-4)
    with np.errstate(all="ignore"):
        gap = np.abs(got.astype(float) - wanted.astype(float))
        close = gap <= tolerance * np.maximum(1.0, np.abs(wanted))
        equal = (got == wanted) | (close & np.isfinite(wanted))
    equal |= np.isnan(got.astype(float)) & np.isnan(wanted.astype(float))
    if equal.all():
        return None
    first = tuple(int(i) for i in np.argwhere(~equal)[0])
    place = f"en la posición {list(first)} " if first else ""
    if not reveal:
        return f"{prefix}{place}ha llegado {got[first]:.6g}, y no es el valor correcto"
    # Unos pocos valores seguidos, desde el primero que difiere.
    few = (*first[:-1], slice(first[-1], first[-1] + SHOWN)) if first else ()
    asked, given = side_by_side(np.atleast_1d(wanted[few]), np.atleast_1d(got[few]))
    if first and len(np.atleast_1d(wanted[few])) > 1:
        place = f"desde la posición {list(first)} "
    share = f" ({np.count_nonzero(~equal)} de {equal.size} valores difieren)" if first else ""
    return (
        f"{prefix}{place}se esperaba {asked} y ha llegado {given}{share}; tolerancia {tolerance:g}"
    )


def side_by_side(wanted: np.ndarray, got: np.ndarray) -> tuple[str, str]:
    """Los números de dos arrays, con las cifras justas para que se vea en qué difieren.

    Examples
    --------
    >>> side_by_side(np.array([0.123456, 2.0]), np.array([0.987654, 2.0]))
    ('0.123, 2', '0.988, 2')
    >>> side_by_side(np.array([12345.0]), np.array([12345.5]))
    ('12345', '12345.5')
    """
    for digits in range(3, 18):
        shown = [[_number(value, digits) for value in array] for array in (wanted, got)]
        if all(map(_tells_apart, wanted, got, *shown)):
            break
    return ", ".join(shown[0]), ", ".join(shown[1])


def _tells_apart(one: Any, other: Any, shown_one: str, shown_other: str) -> bool:
    """Si, redondeados, dos números se llevan más o menos lo que se llevan de verdad."""
    gap = abs(float(one) - float(other))
    if not gap or not np.isfinite(gap):
        return True
    return abs(abs(float(shown_one) - float(shown_other)) - gap) <= gap / 2


def _number(value: Any, digits: int) -> str:
    """Un número con esas cifras, y con todas las de su parte entera si no es enorme."""
    whole = len(str(int(abs(value)))) if np.isfinite(value) and abs(value) < 1e7 else 0
    return f"{value:.{max(digits, whole)}g}"


def _is_too_long(received: Any, wanted: np.ndarray | None) -> bool:
    """Si tiene tantos elementos que convertirlo en array llevaría un rato, y ya se ve que no es."""
    if wanted is None or isinstance(received, np.ndarray) or hasattr(received, "detach"):
        return False
    length = len(received) if isinstance(received, Sequence) else 0
    return length > 10_000 and length != (wanted.shape[0] if wanted.ndim else 1)


def _to_array(value: Any) -> np.ndarray | None:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        return np.asarray(value)
    except (TypeError, ValueError):
        return None

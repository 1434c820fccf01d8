"""Las muestras que se comparan: qué se admite y cuántas repeticiones hacen falta."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from itertools import count
from types import ModuleType

import numpy as np

from course_utils.validation import as_array, describe

# Lo que ante los datos es menor que esta parte es redondeo.
ROUNDING = 1e-14


def as_measures(name: str, value: object) -> np.ndarray:
    """Las medidas de un modelo, una por repetición."""
    return as_array(name, value, ndim=1, dtype="float64")


def as_outcomes(name: str, value: object) -> np.ndarray:
    """Los aciertos y fallos de un modelo, como booleanos."""
    array = as_array(name, value, ndim=1)
    if not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"{name} debe decir de cada intento si se resolvió: verdadero o falso, 1 o 0; ha "
            f"llegado {describe(value)}. De una cuenta, k de n, pasa np.arange(n) < k."
        )
    return array.astype(bool)


def as_pairs(
    one: object, other: object, convert: Callable[[str, object], np.ndarray], *, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Dos muestras con parejas suficientes para poder descartar el azar."""
    one, other = convert("one", one), convert("other", other)
    check_level(level)
    check_lengths(one, other)
    needed = next(n for n in count(1) if 2 / 2**n < 1 - level)
    if len(one) < needed:
        raise ValueError(
            f"Hacen falta al menos {needed} parejas; han llegado {len(one)}. Con menos, que todas "
            f"vayan en el mismo sentido pasa por azar {_how_often(level)}. Repite con más semillas."
        )
    return one, other


def as_groups(
    one: object, other: object, convert: Callable[[str, object], np.ndarray], *, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Dos muestras sin parejas, cada una con medidas suficientes para poder descartar el azar."""
    one, other = convert("one", one), convert("other", other)
    check_level(level)
    needed = next(n for n in count(1) if 2 / math.comb(2 * n, n) < 1 - level)
    if min(len(one), len(other)) < needed:
        raise ValueError(
            f"Hacen falta al menos {needed} medidas de cada uno; han llegado {len(one)} y "
            f"{len(other)}. Con menos, que un grupo quede entero por encima del otro pasa por azar "
            f"{_how_often(level)}. Repite con más semillas."
        )
    return one, other


def check_lengths(one: np.ndarray, other: np.ndarray) -> None:
    """Rechaza dos muestras que no pueden formar parejas."""
    if len(one) != len(other):
        raise ValueError(
            "one y other deben tener la misma longitud, porque cada valor va con el que ocupa su "
            f"lugar en el otro; han llegado {len(one)} y {len(other)}. Si no son parejas, usa "
            "comparison.welch o comparison.newcombe."
        )


def check_level(level: object) -> None:
    """Rechaza lo que no puede ser el nivel de un intervalo."""
    if not isinstance(level, numbers.Real) or not 0 < level < 1:
        raise ValueError(
            f"level debe ser un número entre 0 y 1; ha llegado {describe(level)}. "
            "Para el 95 %, pasa level=0.95."
        )


def settle(value: float, *samples: np.ndarray) -> float:
    """El valor, o cero si ante los datos solo es redondeo.

    Examples
    --------
    >>> ones = np.full(4, 1.0)
    >>> settle(1e-17, ones), settle(1e-9, ones)
    (0.0, 1e-09)
    """
    largest = max(np.abs(sample).max() for sample in samples)
    return 0.0 if abs(value) <= ROUNDING * largest else float(value)


def scipy_stats() -> ModuleType:
    """Importa ``scipy.stats``, o dice cómo instalarla."""
    try:
        from scipy import stats
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "comparison.paired, comparison.welch y comparison.mcnemar necesitan SciPy y no se "
            f"puede importar. Instálalo con: {install_command('scipy')}"
        ) from error
    return stats


def _how_often(level: float) -> str:
    return f"más del {100 * (1 - level):.3g} % de las veces"

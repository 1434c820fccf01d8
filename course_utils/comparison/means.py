"""Diferencias entre medias, con parejas y sin ellas."""

from __future__ import annotations

import math

import numpy as np

from course_utils.comparison.results import Comparison
from course_utils.comparison.samples import as_groups, as_measures, as_pairs, scipy_stats, settle


def paired(one: np.ndarray, other: np.ndarray, *, level: float = 0.95) -> Comparison:
    """Diferencia media de dos modelos que comparten semilla y datos: t de Student por parejas.

    Es el método que se debe usar si en cada repetición los dos ven lo mismo: lo que esa
    repetición tiene de fácil o de difícil se resta y no estorba.

    Parameters
    ----------
    one, other : ndarray of shape (parejas,)
        La medida de cada modelo; en el mismo lugar, la misma repetición.
    level : float, default 0.95
        Confianza del intervalo.

    Raises
    ------
    TypeError, ValueError
        Si no son números, hay huecos, las longitudes difieren o hay tan pocas parejas que ni
        siendo todas del mismo signo se podría descartar el azar: hacen falta 6 con nivel 0.95.
    ImportError
        Si falta SciPy.

    Notes
    -----
    Fuente: Student (1908), *The probable error of a mean*, Biometrika 6.

    Si la diferencia es la misma en todas las parejas, el intervalo se reduce a ella; el valor p es
    1 si esa diferencia es cero y 0 si no lo es.

    Examples
    --------
    >>> gap = paired([5, 7, 6, 9, 8, 7], [4, 5, 5, 7, 7, 5])
    >>> gap.value, round(gap.low, 2), round(gap.high, 2), gap.is_clear
    (1.5, 0.93, 2.07, True)
    >>> gap.verdict("aciertos")
    '1.5 aciertos más (entre 0.9 y 2.1; 6 parejas)'
    """
    one, other = as_pairs(one, other, as_measures, level=level)
    gaps = one - other
    return _student(
        gaps.mean(),
        gaps.std(ddof=1) / math.sqrt(len(gaps)),
        len(gaps) - 1,
        samples=(one, other),
        level=level,
        n=len(gaps),
        sample=f"{len(gaps)} parejas",
        method="t de Student por parejas",
    )


def welch(one: np.ndarray, other: np.ndarray, *, level: float = 0.95) -> Comparison:
    """Diferencia entre las medias de dos grupos sin parejas: t de Welch.

    No supone que los dos varíen lo mismo ni que tengan el mismo tamaño.

    Parameters
    ----------
    one, other : ndarray of shape (medidas,)
        Las medidas de cada modelo, cada una independiente de las demás.
    level : float, default 0.95
        Confianza del intervalo.

    Raises
    ------
    TypeError, ValueError
        Si no son números, hay huecos o hay tan pocas medidas que ni estando un grupo entero por
        encima del otro se podría descartar el azar: hacen falta 4 de cada uno con nivel 0.95.
    ImportError
        Si falta SciPy.

    Notes
    -----
    Fuente: Welch (1947), *The generalization of "Student's" problem when several different
    population variances are involved*, Biometrika 34.

    Examples
    --------
    >>> welch([5, 7, 6, 9, 8], [4, 5, 4, 6]).verdict("unidades")
    '2.2 unidades más (entre 0.2 y 4.3; 5 y 4 medidas)'
    """
    one, other = as_groups(one, other, as_measures, level=level)
    parts = np.array([values.var(ddof=1) / len(values) for values in (one, other)])
    # La parte de la varianza que pone cada grupo decide los grados de libertad.
    shares = parts / (parts.sum() or 1)
    freedom = 1 / ((shares**2 / [len(one) - 1, len(other) - 1]).sum() or 1)
    return _student(
        one.mean() - other.mean(),
        math.sqrt(parts.sum()),
        freedom,
        samples=(one, other),
        level=level,
        n=min(len(one), len(other)),
        sample=f"{len(one)} y {len(other)} medidas",
        method="t de Welch",
    )


def _student(
    value: float,
    error: float,
    freedom: float,
    *,
    samples: tuple[np.ndarray, np.ndarray],
    level: float,
    **rest: object,
) -> Comparison:
    """El intervalo y el valor p de una diferencia, con su error típico y sus grados de libertad."""
    value, error = settle(value, *samples), settle(error, *samples)
    t = scipy_stats().t
    margin = float(t.ppf((1 + level) / 2, freedom)) * error
    p_value = float(2 * t.sf(abs(value) / error, freedom)) if error else float(value == 0)
    return Comparison(
        value=value, low=value - margin, high=value + margin, level=level, p_value=p_value, **rest
    )

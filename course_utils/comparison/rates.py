"""Proporciones de aciertos: una sola y la diferencia entre dos, con parejas y sin ellas."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from course_utils.comparison.results import Comparison, Estimate
from course_utils.comparison.samples import (
    as_groups,
    as_outcomes,
    as_pairs,
    check_level,
    scipy_stats,
)


def mcnemar(one: np.ndarray, other: np.ndarray, *, level: float = 0.95) -> Comparison:
    """Diferencia de aciertos de dos modelos en los mismos casos: prueba exacta de McNemar.

    Solo cuentan las parejas en las que uno acierta y el otro falla. Si los dos fueran igual de
    buenos, cada una sería una moneda al aire.

    Parameters
    ----------
    one, other : ndarray of shape (parejas,), bool
        Si cada modelo resolvió cada caso.
    level : float, default 0.95
        Confianza del intervalo.

    Returns
    -------
    Comparison
        La diferencia entre las dos proporciones de aciertos, entre -1 y 1.

    Raises
    ------
    TypeError, ValueError
        Si no son aciertos y fallos, las longitudes difieren o hay menos parejas de las que pide
        :func:`paired`.
    ImportError
        Si falta SciPy.

    Notes
    -----
    El valor p es el exacto de McNemar (1947), *Note on the sampling error of the difference between
    correlated proportions or percentages*, Psychometrika 12. El intervalo es el del método 10 de
    Newcombe (1998), *Improved confidence intervals for the difference between binomial proportions
    based on paired data*, Statistics in Medicine 17. Como es aproximado, en algún caso deja fuera
    el cero y la prueba exacta no; entonces se alarga hasta el cero, y los dos dicen lo mismo.

    Examples
    --------
    >>> one = [True] * 12 + [False] * 3 + [True] * 45
    >>> other = [False] * 12 + [True] * 3 + [True] * 45
    >>> gap = mcnemar(one, other)
    >>> round(gap.p_value, 3), gap.verdict("puntos", scale=100)
    (0.035, '15.0 puntos más (entre 2.4 y 27.6; 60 parejas: 12 contra 3)')
    """
    one, other = as_pairs(one, other, as_outcomes, level=level)
    n, hits, other_hits = len(one), int(one.sum()), int(other.sum())
    wins, losses = int((one & ~other).sum()), int((other & ~one).sum())
    pairs = wins + losses
    p_value = float(scipy_stats().binomtest(wins, pairs).pvalue) if pairs else 1.0
    # Cuánto van juntos los aciertos de los dos, con la corrección de Newcombe.
    together = (hits - wins) * (n - hits - losses) - wins * losses
    if together > 0:
        together = max(together - n / 2, 0)
    largest = math.sqrt(hits * (n - hits) * other_hits * (n - other_hits))
    correlation = together / largest if largest else 0.0
    low, high = _rate_gap((hits, n), (other_hits, n), level=level, correlation=correlation)
    by_chance = p_value >= 1 - level
    return Comparison(
        value=(wins - losses) / n,
        low=min(low, 0.0) if by_chance else low,
        high=max(high, 0.0) if by_chance else high,
        level=level,
        n=n,
        sample=f"{n} parejas: {wins} contra {losses}",
        method="McNemar exacta, con intervalo de Newcombe",
        p_value=p_value,
    )


def newcombe(one: np.ndarray, other: np.ndarray, *, level: float = 0.95) -> Comparison:
    """Diferencia entre dos proporciones de aciertos sin parejas, con el intervalo de Newcombe.

    Parameters
    ----------
    one, other : ndarray of shape (intentos,), bool
        Si cada modelo resolvió cada uno de sus intentos.
    level : float, default 0.95
        Confianza del intervalo.

    Raises
    ------
    TypeError, ValueError
        Si no son aciertos y fallos o hay menos intentos de los que pide :func:`welch`.

    Notes
    -----
    Une los dos intervalos de Wilson. Fuente: Newcombe (1998), *Interval estimation for the
    difference between independent proportions: comparison of eleven methods*, Statistics in
    Medicine 17, método 10.

    Examples
    --------
    >>> one, other = [True] * 18 + [False] * 2, [True] * 9 + [False] * 11
    >>> newcombe(one, other).verdict("puntos", decimals=0, scale=100)
    '45 puntos más (entre 16 y 65; 18 de 20 frente a 9 de 20)'
    """
    one, other = as_groups(one, other, as_outcomes, level=level)
    (hits, n), (other_hits, other_n) = ((int(x.sum()), len(x)) for x in (one, other))
    low, high = _rate_gap((hits, n), (other_hits, other_n), level=level)
    return Comparison(
        value=hits / n - other_hits / other_n,
        low=low,
        high=high,
        level=level,
        n=min(n, other_n),
        sample=f"{hits} de {n} frente a {other_hits} de {other_n}",
        method="Newcombe",
    )


def wilson(solved: np.ndarray, *, level: float = 0.95) -> Estimate:
    """Proporción de aciertos, con el intervalo de Wilson.

    Sirve con cualquier número de intentos: si son pocos, el intervalo sale ancho, también con
    todos acertados.

    Parameters
    ----------
    solved : ndarray of shape (intentos,), bool
        Si se resolvió cada intento.
    level : float, default 0.95
        Confianza del intervalo.

    Raises
    ------
    TypeError, ValueError
        Si no son aciertos y fallos o no hay ninguno.

    Notes
    -----
    Fuente: Wilson (1927), *Probable inference, the law of succession, and statistical inference*,
    Journal of the American Statistical Association 22.

    Examples
    --------
    >>> wilson([True] * 5).in_words("%", decimals=0, scale=100)
    '100 % (entre 57 y 100; 5 de 5)'
    """
    solved = as_outcomes("solved", solved)
    check_level(level)
    n, hits = len(solved), int(solved.sum())
    if not n:
        raise ValueError("solved debe tener al menos un intento; ha llegado vacío.")
    low, high = _rate_interval(hits, n, level)
    return Estimate(
        value=hits / n,
        low=low,
        high=high,
        level=level,
        n=n,
        sample=f"{hits} de {n}",
        method="Wilson",
    )


def _rate_interval(hits: int, n: int, level: float) -> tuple[float, float]:
    """Los extremos del intervalo de Wilson."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    rate, extra = hits / n, z**2 / n
    centre = (rate + extra / 2) / (1 + extra)
    margin = z * math.sqrt(rate * (1 - rate) / n + extra / (4 * n)) / (1 + extra)
    # Los extremos del todo, sin redondeos.
    return (centre - margin if hits else 0.0), (centre + margin if hits < n else 1.0)


def _rate_gap(
    one: tuple[int, int], other: tuple[int, int], *, level: float, correlation: float = 0.0
) -> tuple[float, float]:
    """Los extremos de Newcombe para la diferencia de dos proporciones ``(aciertos, intentos)``."""
    rate, other_rate = one[0] / one[1], other[0] / other[1]
    (low, high), (other_low, other_high) = (_rate_interval(*pair, level) for pair in (one, other))

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(a**2 - 2 * correlation * a * b + b**2, 0.0))

    return (
        rate - other_rate - reach(rate - low, other_high - other_rate),
        rate - other_rate + reach(high - rate, other_rate - other_low),
    )

"""La diferencia entre dos pronósticos cuyos plazos se solapan."""

from __future__ import annotations

import math

import numpy as np

from course_utils.comparison.results import Comparison
from course_utils.comparison.samples import (
    as_measures,
    check_lengths,
    check_level,
    scipy_stats,
    settle,
)
from course_utils.validation import as_int

# Con menos, la t casi no distingue nada.
MINIMUM_ORIGINS = 8


def diebold_mariano(
    one: np.ndarray, other: np.ndarray, *, horizon: int, level: float = 0.95
) -> Comparison:
    """Diferencia media de dos pronósticos a un mismo plazo: Diebold y Mariano, corregida.

    Un pronóstico a 24 horas hecho ahora y otro hecho dentro de una hora comparten 23 horas: sus
    errores se parecen y no cuentan como dos. La prueba lo tiene en cuenta con las covarianzas de
    las diferencias hasta ``horizon - 1`` orígenes; la corrección de Harvey, Leybourne y Newbold
    evita que con pocos orígenes vea diferencias donde no las hay.

    Parameters
    ----------
    one, other : ndarray of shape (orígenes,)
        La pérdida de cada pronóstico en cada origen, en orden: el error absoluto, su cuadrado o la
        que se prefiera. Un origen por paso de la serie, y el mismo plazo en todos.
    horizon : int
        A cuántos pasos se pronostica, que es también cuántos orígenes seguidos se solapan. Si los
        orígenes van de ``s`` en ``s`` pasos, lo que se solapa: ``ceil(plazo / s)``.
    level : float, default 0.95
        Confianza del intervalo.

    Raises
    ------
    TypeError, ValueError
        Si no son números, hay huecos, las longitudes difieren o hay menos orígenes que el doble
        del plazo, o menos de 8.
    ImportError
        Si falta SciPy.

    Notes
    -----
    Fuentes: Diebold y Mariano (1995), *Comparing predictive accuracy*, Journal of Business &
    Economic Statistics 13; Harvey, Leybourne y Newbold (1997), *Testing the equality of prediction
    mean squared errors*, International Journal of Forecasting 13, ecuaciones 8 y 9: el intervalo y
    el valor p salen de una t de Student con ``orígenes - 1`` grados de libertad.

    La suma de covarianzas puede salir negativa; entonces pesan cada vez menos (Bartlett), y
    ``method`` lo dice. Si la diferencia es la misma en todos los orígenes, el intervalo se reduce a
    ella; el valor p es 1 si es cero y 0 si no lo es.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, other = np.abs(rng.normal(size=(2, 60)) * [[1.0], [1.5]])
    >>> diebold_mariano(one, other, horizon=1).verdict("unidades", decimals=2)
    '0.54 unidades menos (entre 0.32 y 0.77; 60 orígenes)'
    """
    horizon = as_int("horizon", horizon, minimum=1)
    check_level(level)
    one, other = as_measures("one", one), as_measures("other", other)
    check_lengths(one, other)
    n = len(one)
    needed = max(MINIMUM_ORIGINS, 2 * horizon)
    if n < needed:
        raise ValueError(
            f"Con horizon={horizon} hacen falta al menos {needed} orígenes; han llegado {n}. Con "
            "menos no se puede saber cuánto se parecen los errores que se solapan. Usa un tramo de "
            "prueba más largo o un plazo menor."
        )
    gaps = one - other
    variance, weights = _long_run_variance(gaps - gaps.mean(), horizon)
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    value = settle(gaps.mean(), one, other)
    error = settle(math.sqrt(variance / n / correction), one, other)
    t = scipy_stats().t
    margin = float(t.ppf((1 + level) / 2, n - 1)) * error
    return Comparison(
        value=value,
        low=value - margin,
        high=value + margin,
        level=level,
        n=n,
        sample=f"{n} orígenes",
        method=f"Diebold y Mariano a {horizon} pasos, con la corrección de Harvey{weights}",
        p_value=float(2 * t.sf(abs(value) / error, n - 1)) if error else float(value == 0),
    )


def _long_run_variance(centred: np.ndarray, horizon: int) -> tuple[float, str]:
    """La varianza de la suma entre ``n``: las covarianzas de orden 0 a ``horizon - 1``."""
    n = len(centred)
    covariances = np.array([centred[lag:] @ centred[: n - lag] / n for lag in range(horizon)])
    total = covariances[0] + 2 * covariances[1:].sum()
    if total > 0 or covariances[0] == 0:
        return max(float(total), 0.0), ""
    bartlett = 1 - np.arange(horizon) / horizon
    return float(2 * bartlett @ covariances - covariances[0]), " y pesos de Bartlett"

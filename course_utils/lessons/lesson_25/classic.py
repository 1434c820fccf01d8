"""El modelo clásico: un suavizado exponencial ajustado con el principio de una serie."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np


class Smoothed(NamedTuple):
    """Lo que un suavizado exponencial pronostica y guarda en cada paso.

    Attributes
    ----------
    forecast : ndarray of shape (tiempo,)
        Pronóstico de cada paso con los anteriores.
    level, season : ndarray of shape (tiempo,)
        El nivel y el valor de la estación de ese paso, ya corregidos con lo que pasó en él.
    parameters : int
        Cuántos números se han ajustado, los valores iniciales incluidos.
    converged : bool
        Si el ajuste acabó; con una serie sin ruido, no siempre.
    """

    forecast: np.ndarray
    level: np.ndarray
    season: np.ndarray
    parameters: int
    converged: bool


def fit_ets(values: np.ndarray, known: int, *, period: int, kind: str) -> Smoothed:
    """Ajusta un ETS con tendencia a los primeros valores y recorre con él toda la serie.

    Parameters
    ----------
    values : ndarray of shape (tiempo,)
        La serie.
    known : int
        Con cuántos valores, los primeros, se ajusta.
    period : int
        Pasos de un ciclo; con 1, sin estación.
    kind : {"add", "mul"}
        Si el error y la estación se suman o multiplican.

    Notes
    -----
    ``ETSModel``, de statsmodels, ajusta por máxima verosimilitud las fracciones del error que
    corrigen el nivel, la tendencia y la estación, y los valores iniciales de las tres.

    Examples
    --------
    >>> wave = np.tile([1.0, 2.0, 4.0], 20) + np.random.default_rng(0).normal(size=60) / 10
    >>> bool(np.abs(fit_ets(wave, 40, period=3, kind="add").forecast - wave)[40:].max() < 0.5)
    True
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    seasonal = {"seasonal": kind, "seasonal_periods": period} if period > 1 else {}
    options = {"error": kind, "trend": "add"} | seasonal
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        fitted = ETSModel(values[:known], **options).fit(disp=False)
    whole = ETSModel(values, **options).smooth(fitted.params)
    neutral = np.full(len(values), 1.0 if kind == "mul" else 0.0)
    return Smoothed(
        forecast=np.asarray(whole.fittedvalues),
        level=np.asarray(whole.level),
        season=np.asarray(whole.season) if seasonal else neutral,
        parameters=len(fitted.params),
        converged=not any(issubclass(one.category, ConvergenceWarning) for one in caught),
    )

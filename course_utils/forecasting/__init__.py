"""Pronosticar sin engañarse: orígenes, estrategias, referencias, intervalos y una tabla con todo.

Un modelo es una función ``modelo(historia, horizonte)`` que devuelve el plazo. Lo son las
referencias (:func:`naive`, :func:`seasonal_naive`, :func:`drift`, :func:`climatology`), los de la
estadística (:func:`theta`, :func:`exponential_smoothing`, :func:`autoregression`) y, con
:class:`FromWindows`, cualquier red con una estrategia (:func:`recursive`, :func:`direct`,
:func:`all_at_once`). :func:`backtest` los prueba desde muchos orígenes.

Las covariables se declaran :class:`KnownAhead` u :class:`ObservedOnly`; pedir el futuro de las
segundas es un :class:`FutureLeakError`.
"""

from course_utils.forecasting.backtest import Forecaster, backtest, rank_table, score_table
from course_utils.forecasting.classical import (
    SmoothingShape,
    autoregression,
    choose_smoothing,
    exponential_smoothing,
    theta,
)
from course_utils.forecasting.covariates import (
    ForecastWindows,
    FutureLeakError,
    KnownAhead,
    ObservedOnly,
    forecast_windows,
    with_covariates,
)
from course_utils.forecasting.intervals import (
    Interval,
    conformal_margin,
    conformal_quantiles,
    count_crossings,
    gaussian_interval,
    mend_crossings,
    split_conformal,
)
from course_utils.forecasting.origins import Cut, rolling_origin
from course_utils.forecasting.references import climatology, drift, naive, seasonal_naive
from course_utils.forecasting.strategies import (
    FromWindows,
    all_at_once,
    direct,
    multistep_windows,
    recursive,
)

__all__ = [
    "Cut",
    "ForecastWindows",
    "Forecaster",
    "FromWindows",
    "FutureLeakError",
    "Interval",
    "KnownAhead",
    "ObservedOnly",
    "SmoothingShape",
    "all_at_once",
    "autoregression",
    "backtest",
    "choose_smoothing",
    "climatology",
    "conformal_margin",
    "conformal_quantiles",
    "count_crossings",
    "direct",
    "drift",
    "exponential_smoothing",
    "forecast_windows",
    "gaussian_interval",
    "mend_crossings",
    "multistep_windows",
    "naive",
    "rank_table",
    "recursive",
    "rolling_origin",
    "score_table",
    "seasonal_naive",
    "split_conformal",
    "theta",
    "with_covariates",
]

"""Los modelos de la estadística, de statsmodels, ajustados como lo haría quien vive de ellos.

Se llaman como las referencias, ``modelo(historia, horizonte, period=...)``, y eligen sus retardos o
su forma con el criterio de información de la biblioteca.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import NamedTuple

import numpy as np

from course_utils.forecasting.references import as_history
from course_utils.validation import as_int


class SmoothingShape(NamedTuple):
    """La forma de un suavizado exponencial, como en statsmodels.

    Attributes
    ----------
    error : {"add", "mul"}
    trend : {"add", None}
    damped : bool
    seasonal : {"add", "mul", None}
    """

    error: str
    trend: str | None
    damped: bool
    seasonal: str | None


def theta(history: np.ndarray, horizon: int, *, period: int = 1) -> np.ndarray:
    """El método theta, que ganó la competición M3; con ciclo, sobre la serie sin él.

    Parameters
    ----------
    history : ndarray of shape (tiempo,)
        Lo que ha pasado, en orden y sin huecos.
    horizon : int
        Cuántos pasos se pronostican.
    period : int, default 1
        Pasos de un ciclo.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Si la historia no vale o no hay dos ciclos.
    ImportError
        Si falta statsmodels.

    Notes
    -----
    Fuente: Assimakopoulos y Nikolopoulos (2000), *The theta model*, International Journal of
    Forecasting 16.

    Examples
    --------
    >>> theta(np.arange(40.0) + np.tile([0, 5, 0, -5], 10), 4, period=4).round()
    array([39., 45., 40., 36.])
    """
    period = as_int("period", period, minimum=1)
    history, horizon = as_history(history, horizon, needed=max(2 * period, 4))
    with _statsmodels():
        from statsmodels.tsa.forecasting.theta import ThetaModel

        # Con un solo valor por ciclo, o con ceros, su división entre el ciclo no está definida.
        method = "multiplicative" if (history > 0).all() else "additive"
        model = ThetaModel(history, period=period, deseasonalize=period > 1, method=method)
        return np.asarray(model.fit().forecast(horizon), dtype="float64")


def exponential_smoothing(
    history: np.ndarray, horizon: int, *, period: int = 1, shape: SmoothingShape | None = None
) -> np.ndarray:
    """Suavizado exponencial en su forma de espacio de estados (ETS).

    Parameters
    ----------
    history, horizon, period
        Como en :func:`theta`.
    shape : SmoothingShape, optional
        Su forma; sin ella, la que elige :func:`choose_smoothing` con esta historia. Elegirla una
        vez, en el primer origen, y reajustar en los demás cuesta diez veces menos.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError, ImportError
        Como :func:`theta`.

    Notes
    -----
    Fuente: Hyndman, Koehler, Snyder y Grose (2002), *A state space framework for automatic
    forecasting using exponential smoothing methods*, International Journal of Forecasting 18.

    Examples
    --------
    >>> shape = SmoothingShape("add", "add", False, None)
    >>> exponential_smoothing(np.arange(20.0), 2, shape=shape).round(3)
    array([20., 21.])
    """
    period = as_int("period", period, minimum=1)
    history, horizon = as_history(history, horizon, needed=max(2 * period, 10))
    shape = choose_smoothing(history, period=period) if shape is None else shape
    return np.asarray(_fit_smoothing(history, period, shape).forecast(horizon), dtype="float64")


def choose_smoothing(history: np.ndarray, *, period: int = 1) -> SmoothingShape:
    """La forma de suavizado con el menor criterio de Akaike corregido.

    Prueba todas las de errores y ciclos aditivos; si la serie es positiva, también las
    multiplicativas que son estables.

    Parameters
    ----------
    history, period
        Como en :func:`theta`.

    Returns
    -------
    SmoothingShape

    Raises
    ------
    TypeError, ValueError, ImportError
        Como :func:`theta`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> choose_smoothing(np.arange(60.0) + rng.normal(size=60)).trend
    'add'
    """
    period = as_int("period", period, minimum=1)
    history, _ = as_history(history, 1, needed=max(2 * period, 10))
    trends = [(None, False), ("add", False), ("add", True)]
    seasons = [None, "add"] if period > 1 else [None]
    shapes = [SmoothingShape("add", *trend, season) for trend, season in product(trends, seasons)]
    if (history > 0).all():
        seasons = [None, "add", "mul"] if period > 1 else [None]
        shapes += [SmoothingShape("mul", *t, season) for t, season in product(trends, seasons)]
    scores = {shape: _fit_smoothing(history, period, shape).aicc for shape in shapes}
    return min(scores, key=lambda shape: scores[shape] if np.isfinite(scores[shape]) else np.inf)


def autoregression(
    history: np.ndarray, horizon: int, *, period: int = 1, max_lag: int | None = None
) -> np.ndarray:
    """Regresión con los valores anteriores; los retardos los elige el criterio de Schwarz (BIC).

    Parameters
    ----------
    history, horizon, period
        Como en :func:`theta`. Con ciclo, lleva además una constante por lugar de él.
    max_lag : int, optional
        Cuántos retardos se prueban; sin él, el ciclo y dos más, o los que quepan.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError, ImportError
        Como :func:`theta`.

    Examples
    --------
    >>> rng, values = np.random.default_rng(0), [0.0]
    >>> for noise in rng.normal(size=300):
    ...     values.append(0.9 * values[-1] + noise)
    >>> forecast = autoregression(values, 2)
    >>> bool(0.8 < forecast[0] / values[-1] < 1)
    True
    """
    period = as_int("period", period, minimum=1)
    history, horizon = as_history(history, horizon, needed=max(3 * period, 10))
    max_lag = period + 2 if max_lag is None else as_int("max_lag", max_lag, minimum=1)
    max_lag = min(max_lag, len(history) // 3)
    options = {"seasonal": period > 1, "period": period if period > 1 else None}
    with _statsmodels():
        from statsmodels.tsa.ar_model import AutoReg, ar_select_order

        lags = ar_select_order(history, max_lag, ic="bic", **options).ar_lags
        fitted = AutoReg(history, lags or 0, **options).fit()
        return np.asarray(fitted.forecast(horizon), dtype="float64")


def _fit_smoothing(history: np.ndarray, period: int, shape: SmoothingShape) -> object:
    with _statsmodels():
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        model = ETSModel(
            history,
            error=shape.error,
            trend=shape.trend,
            damped_trend=shape.damped,
            seasonal=shape.seasonal,
            seasonal_periods=period if shape.seasonal else None,
        )
        return model.fit(disp=False)


@contextmanager
def _statsmodels() -> Iterator[None]:
    """Importa statsmodels o dice cómo instalarla, y calla sus avisos de convergencia."""
    try:
        import statsmodels  # noqa: F401
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "Los modelos de forecasting.classical necesitan statsmodels y no se puede importar. "
            f"Instálalo con: {install_command('statsmodels')}"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

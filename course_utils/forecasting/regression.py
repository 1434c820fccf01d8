"""Una regresión lineal para muchas series: de una ventana normalizada, todo el plazo a la vez."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from course_utils.forecasting.references import as_history
from course_utils.validation import as_array, as_int

RIDGE = 1e-3
CHUNK = 4096
# De una serie muy larga bastan las ventanas recientes.
MOST_WINDOWS = 20_000
# Un salto enorme en una serie no decide los coeficientes de todas.
LIMIT = 10.0


def fit_shared(
    histories: Iterable[np.ndarray], *, width: int, horizon: int, ridge: float = RIDGE
) -> np.ndarray:
    """Los coeficientes de una regresión que comparten todas las series.

    Cada ventana se mide desde su media y en sus desviaciones típicas, y sus objetivos también: así
    una serie de miles y otra de décimas enseñan lo mismo.

    Parameters
    ----------
    histories : iterable of ndarray of shape (tiempo,)
        Lo que ha pasado en cada serie. Las que no dan para una ventana no cuentan.
    width : int
        Cuántos valores mira.
    horizon : int
        Cuántos pasos pronostica a la vez.
    ridge : float, default 1e-3
        Cuánto se encogen los coeficientes, por ventana.

    Returns
    -------
    ndarray of shape (ancho, horizonte)

    Raises
    ------
    TypeError, ValueError
        Si ninguna serie da para una ventana.

    Notes
    -----
    Por qué una regresión para todas puede más que una por serie: Montero-Manso y Hyndman (2021),
    *Principles and algorithms for forecasting groups of time series: locality and globality*,
    International Journal of Forecasting 37.

    Examples
    --------
    >>> waves = [k + np.sin(np.arange(60) * np.pi / 6) for k in (1.0, 50.0)]
    >>> fit_shared(waves, width=12, horizon=3).shape
    (12, 3)
    """
    width = as_int("width", width, minimum=2)
    horizon = as_int("horizon", horizon, minimum=1)
    squares, products, count = np.zeros((width, width)), np.zeros((width, horizon)), 0
    for history in histories:
        history = as_array("history", history, ndim=1, dtype="float64")
        for x, y in _normalised(history, width, horizon):
            squares += x.T @ x
            products += x.T @ y
            count += len(x)
    if not count:
        raise ValueError(
            f"Ninguna serie da para una ventana de width={width} y horizon={horizon}. Usa menos "
            "ancho o series más largas."
        )
    return np.linalg.solve(squares + ridge * count * np.eye(width), products)


def fit_own(history: np.ndarray, shared: np.ndarray, *, pull: float) -> np.ndarray:
    """Los coeficientes de una serie, atados con una goma a los que comparten todas.

    Parameters
    ----------
    history : ndarray of shape (tiempo,)
        Lo que ha pasado.
    shared : ndarray of shape (ancho, horizonte)
        Los de :func:`fit_shared`.
    pull : float
        La fuerza de la goma, por ventana; con mucha, salen los compartidos.

    Returns
    -------
    ndarray of shape (ancho, horizonte)

    Examples
    --------
    >>> wave = np.sin(np.arange(60) * np.pi / 6)
    >>> shared = fit_shared([wave], width=12, horizon=3)
    >>> np.abs(fit_own(wave, shared, pull=1e9) - shared).max() < 1e-6
    np.True_
    """
    width, horizon = shared.shape
    squares, products, count = np.zeros((width, width)), np.zeros_like(shared), 0
    for x, y in _normalised(history, width, horizon):
        squares += x.T @ x
        products += x.T @ (y - x @ shared)
        count += len(x)
    if not count:
        return shared
    return shared + np.linalg.solve(squares + pull * count * np.eye(width), products)


def predict_window(history: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """El plazo que sigue a una historia, con unos coeficientes.

    Parameters
    ----------
    history : ndarray of shape (tiempo,)
        Lo que ha pasado; solo se mira el final.
    weights : ndarray of shape (ancho, horizonte)
        Los de :func:`fit_shared` o :func:`fit_own`.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Si la historia no llega al ancho.

    Examples
    --------
    >>> wave = 7 + np.sin(np.arange(61) * np.pi / 6)
    >>> weights = fit_shared([wave[:60]], width=12, horizon=1, ridge=1e-9)
    >>> bool(abs(predict_window(wave[:60], weights)[0] - wave[60]) < 1e-6)
    True
    """
    width, horizon = weights.shape
    history, _ = as_history(history, horizon, needed=width)
    window = history[-width:]
    mean, std = window.mean(), window.std()
    if std <= _flat(window):
        return np.full(horizon, mean)
    return mean + (window - mean) / std @ weights * std


def _normalised(
    history: np.ndarray, width: int, horizon: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ventanas y objetivos medidos desde la media de la ventana y en sus desviaciones, a trozos."""
    if len(history) < width + horizon:
        return
    views = np.lib.stride_tricks.sliding_window_view(history, width + horizon)[-MOST_WINDOWS:]
    for place in range(0, len(views), CHUNK):
        both = views[place : place + CHUNK]
        x = both[:, :width]
        mean, std = x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True)
        useful = std[:, 0] > _flat(x)  # una ventana plana no enseña nada
        scaled = (both[useful] - mean[useful]) / std[useful]
        yield scaled[:, :width], np.clip(scaled[:, width:], -LIMIT, LIMIT)


def _flat(values: np.ndarray) -> float:
    return 1e-9 * float(np.abs(values).max())

"""Errores de un pronóstico y, a su lado, los modelos de referencia con los que compararlos."""

from __future__ import annotations

import numpy as np

from course_utils.probabilistic import (
    coverage,
    crps_quantiles,
    crps_samples,
    interval_score,
    pinball,
)
from course_utils.validation import as_array, as_int

__all__ = [
    "coverage",
    "crps_quantiles",
    "crps_samples",
    "interval_score",
    "mae",
    "mase",
    "pinball",
    "rmse",
    "rmsse",
    "seasonal_changes",
    "seasonal_persistence",
    "smape",
    "wape",
]


def mae(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Error absoluto medio, en las unidades de la serie.

    Parameters
    ----------
    actual, forecast : ndarray of the same shape
        Lo que pasó y lo que se había pronosticado.

    Raises
    ------
    TypeError, ValueError
        Si no son numéricos, están vacíos, tienen huecos o sus formas difieren.

    Examples
    --------
    >>> mae([1, 2, 3], [1, 2, 6])
    1.0
    """
    return float(np.abs(_errors(actual, forecast)).mean())


def rmse(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Raíz del error cuadrático medio: como el MAE, pero los errores grandes pesan más.

    Parameters
    ----------
    actual, forecast : ndarray of the same shape
        Lo que pasó y lo que se había pronosticado.

    Raises
    ------
    TypeError, ValueError
        Como :func:`mae`.

    Examples
    --------
    >>> round(rmse([1, 2, 3], [1, 2, 6]), 3)
    1.732
    """
    return float(np.sqrt(np.square(_errors(actual, forecast)).mean()))


def mase(
    actual: np.ndarray, forecast: np.ndarray, *, training: np.ndarray, period: int = 1
) -> float:
    """Error absoluto medio escalado (Hyndman y Koehler, 2006).

    Es el MAE del pronóstico dividido entre el MAE que la persistencia (estacional, si
    ``period > 1``) comete a un paso *dentro del tramo de entrenamiento*. Por debajo de 1, mejora a
    esa referencia; no tiene unidades, así que sirve para comparar series distintas.

    Parameters
    ----------
    actual, forecast : ndarray of the same shape
        Lo que pasó y lo que se había pronosticado.
    training : ndarray of shape (tiempo,)
        La serie de entrenamiento, en orden.
    period : int, default 1
        Pasos de un ciclo; 1 es la persistencia simple.

    Raises
    ------
    TypeError, ValueError
        Si las entradas no valen, el entrenamiento es más corto que un ciclo o, salvo redondeos, se
        repite de un ciclo al siguiente.

    Examples
    --------
    >>> mase([5, 6], [5, 7], training=[1, 2, 3, 4])
    0.5
    """
    period = as_int("period", period, minimum=1)
    training = as_array("training", training, ndim=1, dtype="float64", min_length=period + 1)
    scale = np.abs(training[period:] - training[:-period]).mean()
    if scale <= 1e-9 * np.abs(training).max():
        raise ValueError(
            f"training se repite de un ciclo al siguiente (period={period}): la referencia no "
            "comete error y el MASE no está definido. Usa otro tramo, otro periodo o el MAE."
        )
    return mae(actual, forecast) / float(scale)


def rmsse(
    actual: np.ndarray, forecast: np.ndarray, *, training: np.ndarray, period: int = 1
) -> float:
    """Raíz del error cuadrático medio escalado: como :func:`mase`, pero al cuadrado.

    Es la medida de la competición M5 (Makridakis, Spiliotis y Assimakopoulos, 2022). La media, y no
    la mediana, es el pronóstico que la hace menor: por eso no premia predecir cero en una serie con
    muchos ceros.

    Parameters
    ----------
    actual, forecast, training, period
        Como en :func:`mase`.

    Raises
    ------
    TypeError, ValueError
        Como :func:`mase`.

    Examples
    --------
    >>> round(rmsse([5, 6], [5, 8], training=[1, 2, 3, 4]), 3)
    1.414
    """
    changes = seasonal_changes(training, period=period)
    return rmse(actual, forecast) / float(np.sqrt(np.square(changes).mean()))


def wape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Suma de los errores absolutos entre la suma de lo que pasó.

    Es una proporción: 0.1 es un 10 %. A diferencia del MAPE, no se dispara si algún valor es casi
    cero, y los días grandes pesan lo que venden.

    Parameters
    ----------
    actual, forecast : ndarray of the same shape
        Lo que pasó y lo que se había pronosticado.

    Raises
    ------
    TypeError, ValueError
        Como :func:`mae`, o si todo lo que pasó es cero.

    Examples
    --------
    >>> wape([10, 0, 30], [8, 1, 29])
    0.1
    """
    errors = np.abs(_errors(actual, forecast)).sum()
    total = np.abs(np.asarray(actual, dtype="float64")).sum()
    if total == 0:
        raise ValueError(
            "actual es cero en todas partes: no hay total entre el que dividir y el WAPE no está "
            "definido. Usa el MAE o un tramo más largo."
        )
    return float(errors / total)


def smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Error porcentual absoluto medio simétrico, como lo define la competición M4.

    Media de ``2·|y - ŷ| / (|y| + |ŷ|)``, entre 0 y 2; la M4 lo publica multiplicado por 100. Donde
    los dos son cero, el error es cero. De simétrico tiene el nombre: quedarse corto en una cantidad
    cuesta más que pasarse en la misma.

    Parameters
    ----------
    actual, forecast : ndarray of the same shape
        Lo que pasó y lo que se había pronosticado.

    Raises
    ------
    TypeError, ValueError
        Como :func:`mae`.

    Examples
    --------
    >>> round(smape([100, 0], [80, 0]), 3), round(smape([100, 0], [120, 0]), 3)
    (0.111, 0.091)
    """
    errors = np.abs(_errors(actual, forecast))
    sizes = np.abs(np.asarray(actual, "float64")) + np.abs(np.asarray(forecast, "float64"))
    shares = np.divide(errors, sizes, out=np.zeros_like(errors), where=sizes > 0)
    return float(2 * shares.mean())


def seasonal_changes(training: np.ndarray, *, period: int = 1) -> np.ndarray:
    """Lo que cambia una serie de un ciclo al siguiente: el error de la persistencia estacional.

    La media de sus valores absolutos es el divisor de :func:`mase`; la de sus cuadrados, el de
    :func:`rmsse`.

    Parameters
    ----------
    training : ndarray of shape (tiempo,)
        La serie de entrenamiento, en orden.
    period : int, default 1
        Pasos de un ciclo.

    Returns
    -------
    ndarray of shape (tiempo - period,)

    Raises
    ------
    TypeError, ValueError
        Como :func:`mase`.

    Examples
    --------
    >>> seasonal_changes([1, 2, 4, 7], period=2)
    array([3., 5.])
    """
    period = as_int("period", period, minimum=1)
    training = as_array("training", training, ndim=1, dtype="float64", min_length=period + 1)
    changes = training[period:] - training[:-period]
    if np.abs(changes).mean() <= 1e-9 * np.abs(training).max():
        raise ValueError(
            f"training se repite de un ciclo al siguiente (period={period}): la referencia no "
            "comete error y no hay con qué escalar. Usa otro tramo, otro periodo o el MAE."
        )
    return changes


def seasonal_persistence(windows: np.ndarray, *, horizon: int = 1, period: int = 1) -> np.ndarray:
    """Pronóstico que repite lo que pasó en el mismo punto del último ciclo conocido.

    Con ``period=1`` es la persistencia simple: mañana será como hoy.

    Parameters
    ----------
    windows : ndarray of shape (ventanas, ancho)
        Lo que se conoce en cada momento, con el valor más reciente al final.
    horizon : int, default 1
        A cuántos pasos se pronostica.
    period : int, default 1
        Pasos de un ciclo.

    Returns
    -------
    ndarray of shape (ventanas,)

    Raises
    ------
    TypeError, ValueError
        Si las ventanas no son numéricas o no contienen un ciclo entero.

    Examples
    --------
    >>> seasonal_persistence([[1, 2, 3, 4]], horizon=1, period=4)
    array([1])
    >>> seasonal_persistence([[1, 2, 3, 4]], horizon=6, period=4)
    array([2])
    """
    windows = as_array("windows", windows, ndim=2)
    horizon = as_int("horizon", horizon, minimum=1)
    period = as_int("period", period, minimum=1)
    if windows.shape[1] < period:
        raise ValueError(
            f"Para repetir el último ciclo, cada ventana debe tener al menos period={period} "
            f"valores; ha llegado una de ancho {windows.shape[1]}. Usa ventanas más anchas."
        )
    # Lugar del ciclo que corresponde al objetivo, contado desde el final de la ventana.
    return windows[:, -period + (horizon - 1) % period]


def _errors(actual: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    actual = as_array("actual", actual, dtype="float64")
    forecast = as_array("forecast", forecast, dtype="float64")
    if actual.shape != forecast.shape:
        raise ValueError(
            f"actual y forecast deben tener la misma forma; han llegado {actual.shape} y "
            f"{forecast.shape}. ¿Sobra un eje? Prueba con .ravel() o [:, 0]."
        )
    if actual.size == 0:
        raise ValueError("No hay nada que medir: actual y forecast están vacíos.")
    return actual - forecast

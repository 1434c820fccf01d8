"""Errores de un pronóstico y, a su lado, los modelos de referencia con los que compararlos."""

from __future__ import annotations

import numpy as np

from course_utils.validation import as_array, as_int


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

"""Qué tal es un pronóstico que dice su incertidumbre: cuantiles, muestras e intervalos.

Se importan desde :mod:`course_utils.metrics`, al lado de las demás medidas. En todas, menos es
mejor, salvo :func:`coverage`, que debe parecerse a lo prometido.
"""

from __future__ import annotations

import numbers

import numpy as np

from course_utils.validation import as_array, describe


def pinball(actual: np.ndarray, forecast: np.ndarray, *, level: float) -> float:
    """Pérdida del cuantil (``pinball loss``), en las unidades de la serie.

    Quedarse corto cuesta ``level`` por unidad y pasarse, ``1 - level``. La hace menor el cuantil
    ``level``; con ``level=0.5`` es la mitad del error absoluto medio.

    Parameters
    ----------
    actual, forecast : ndarray of the same shape
        Lo que pasó y el cuantil que se había pronosticado.
    level : float
        Qué cuantil es, entre 0 y 1.

    Raises
    ------
    TypeError, ValueError
        Si no son numéricos, están vacíos, tienen huecos o sus formas difieren, o si ``level`` no
        está entre 0 y 1.

    Notes
    -----
    Fuente: Koenker y Bassett (1978), *Regression quantiles*, Econometrica 46.

    Examples
    --------
    >>> pinball([10, 10], [8, 12], level=0.9)
    1.0
    >>> pinball([10], [8], level=0.9), round(pinball([10], [12], level=0.9), 2)
    (1.8, 0.2)
    """
    (level,) = as_levels([level])
    actual, forecast = _same_shape(actual=actual, forecast=forecast)
    return float(_pinball_losses(actual, forecast, level).mean())


def crps_quantiles(actual: np.ndarray, quantiles: np.ndarray, *, levels: np.ndarray) -> float:
    """CRPS (``continuous ranked probability score``) aproximado con unos cuantos cuantiles.

    Es el doble de la media de la pérdida del cuantil en todos los niveles. Mide a la vez si los
    cuantiles están donde deben y si no abarcan más de lo que hace falta. Con niveles equidistantes
    que llenen el intervalo de 0 a 1, como 0.05, 0.15…, 0.95, tiende al CRPS; con tres, solo sirve
    para comparar pronósticos de los mismos tres.

    Parameters
    ----------
    actual : ndarray of shape (...)
        Lo que pasó.
    quantiles : ndarray of shape (..., niveles)
        Los cuantiles pronosticados, en el último eje.
    levels : ndarray of shape (niveles,)
        Qué cuantil es cada uno, de menor a mayor.

    Raises
    ------
    TypeError, ValueError
        Si algo no es numérico, está vacío o tiene huecos, las formas no casan o los niveles no
        están entre 0 y 1 y en orden.

    Notes
    -----
    Fuente: Gneiting y Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*,
    Journal of the American Statistical Association 102.

    Examples
    --------
    >>> round(crps_quantiles([10], [[8, 10, 13]], levels=[0.1, 0.5, 0.9]), 3)
    0.333
    """
    levels = as_levels(levels)
    actual, quantiles = _last_axis(actual, "quantiles", quantiles)
    if quantiles.shape[-1] != len(levels):
        raise ValueError(
            f"quantiles debe traer en su último eje un valor por nivel; hay {len(levels)} niveles "
            f"y ha llegado un array de forma {quantiles.shape}. Pasa los niveles que sean."
        )
    return float(2 * _pinball_losses(actual[..., None], quantiles, levels).mean())


def crps_samples(actual: np.ndarray, samples: np.ndarray) -> float:
    """CRPS (``continuous ranked probability score``) de un pronóstico dado por muestras.

    ``E|X - y| - E|X - X'| / 2``: a cuánto caen las muestras de lo que pasó, menos la mitad de
    lo que distan entre sí. Con una sola muestra es el error absoluto.

    Parameters
    ----------
    actual : ndarray of shape (...)
        Lo que pasó.
    samples : ndarray of shape (..., muestras)
        Las muestras del pronóstico, en el último eje.

    Raises
    ------
    TypeError, ValueError
        Si algo no es numérico, está vacío o tiene huecos, o las formas no casan.

    Notes
    -----
    Es el CRPS de la distribución que ponen las propias muestras. Fuente: Gneiting y Raftery (2007),
    ecuación 21. Con las muestras en orden, la media de ``|X - X'|`` es una suma con pesos.

    Examples
    --------
    >>> crps_samples([10.0], [[8.0, 12.0]])
    1.0
    >>> crps_samples([10.0], [[7.0]])
    3.0
    """
    actual, samples = _last_axis(actual, "samples", samples)
    count = samples.shape[-1]
    weights = (2 * np.arange(1, count + 1) - count - 1) / count**2
    spread = (np.sort(samples, axis=-1) * weights).sum(axis=-1)  # la mitad de E|X - X'|
    return float((np.abs(samples - actual[..., None]).mean(axis=-1) - spread).mean())


def coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Qué parte de lo que pasó cayó dentro del intervalo, extremos incluidos.

    Parameters
    ----------
    actual, low, high : ndarray of the same shape
        Lo que pasó y los extremos del intervalo pronosticado.

    Raises
    ------
    TypeError, ValueError
        Si no son numéricos, están vacíos, tienen huecos o sus formas difieren, o si algún extremo
        inferior supera al superior.

    Examples
    --------
    >>> coverage([1, 5, 9, 12], [0, 4, 4, 4], [2, 6, 8, 12])
    0.75
    """
    actual, low, high = _interval(actual, low, high)
    return float(((low <= actual) & (actual <= high)).mean())


def interval_score(actual: np.ndarray, low: np.ndarray, high: np.ndarray, *, level: float) -> float:
    """Puntuación de Winkler: la anchura del intervalo, más una multa por lo que queda fuera.

    Con ``alfa = 1 - level``, cada unidad fuera cuesta ``2 / alfa``. La hace menor el intervalo
    entre los cuantiles ``alfa/2`` y ``1 - alfa/2``: ni ensancharlo por si acaso ni estrecharlo para
    presumir compensa.

    Parameters
    ----------
    actual, low, high : ndarray of the same shape
        Lo que pasó y los extremos del intervalo pronosticado.
    level : float
        La cobertura prometida: 0.9 para un intervalo del 90 %.

    Raises
    ------
    TypeError, ValueError
        Como :func:`coverage`, o si ``level`` no está entre 0 y 1.

    Notes
    -----
    Fuentes: Winkler (1972), *A decision-theoretic approach to interval estimation*, Journal of the
    American Statistical Association 67; Gneiting y Raftery (2007), ecuación 43.

    Examples
    --------
    >>> interval_score([5], [4], [6], level=0.9)
    2.0
    >>> round(interval_score([7], [4], [6], level=0.9), 1)
    22.0
    """
    (level,) = as_levels([level])
    actual, low, high = _interval(actual, low, high)
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return float((high - low + 2 / (1 - level) * outside).mean())


def as_levels(levels: object) -> np.ndarray:
    """Los niveles de unos cuantiles, comprobados: entre 0 y 1 y de menor a mayor.

    Raises
    ------
    TypeError, ValueError
        Si no lo son.

    Examples
    --------
    >>> as_levels([0.1, 0.5, 0.9])
    array([0.1, 0.5, 0.9])
    """
    if isinstance(levels, numbers.Real):
        levels = [levels]
    found = as_array("levels", levels, ndim=1, dtype="float64", min_length=1)
    if not ((found > 0) & (found < 1)).all() or not (np.diff(found) > 0).all():
        raise ValueError(
            "Los niveles deben estar entre 0 y 1, sin ellos, y de menor a mayor; ha llegado "
            f"{describe(levels)}. Para el cuantil del 90 %, pasa 0.9."
        )
    return found


def _pinball_losses(
    actual: np.ndarray, forecast: np.ndarray, level: float | np.ndarray
) -> np.ndarray:
    gap = actual - forecast
    return np.maximum(level * gap, (level - 1) * gap)


def _interval(actual: object, low: object, high: object) -> list[np.ndarray]:
    found = _same_shape(actual=actual, low=low, high=high)
    crossed = found[1] > found[2]
    if crossed.any():
        raise ValueError(
            f"En {crossed.sum()} de {crossed.size} intervalos el extremo inferior supera al "
            "superior. Si vienen de cuantiles que se cruzan, usa antes forecasting.mend_crossings."
        )
    return found


def _same_shape(**arrays: object) -> list[np.ndarray]:
    """Los arrays, que deben tener la misma forma y algún valor."""
    found = [as_array(name, value, dtype="float64") for name, value in arrays.items()]
    if len({array.shape for array in found}) > 1:
        shapes = " y ".join(str(array.shape) for array in found)
        raise ValueError(
            f"{', '.join(arrays)} deben tener la misma forma; han llegado {shapes}. "
            "¿Sobra un eje? Prueba con .ravel() o [:, 0]."
        )
    if found[0].size == 0:
        raise ValueError(f"No hay nada que medir: {', '.join(arrays)} están vacíos.")
    return found


def _last_axis(actual: object, name: str, values: object) -> tuple[np.ndarray, np.ndarray]:
    """Lo que pasó y unos valores con un eje más, el último."""
    actual = as_array("actual", actual, dtype="float64")
    values = as_array(name, values, dtype="float64")
    if values.shape[:-1] != actual.shape or values.ndim == 0:
        raise ValueError(
            f"{name} debe tener la forma de actual y un eje más al final; han llegado "
            f"{actual.shape} y {values.shape}. Con un solo valor, pasa actual=[y]."
        )
    if values.size == 0:
        raise ValueError(f"No hay nada que medir: actual o {name} están vacíos.")
    return actual, values

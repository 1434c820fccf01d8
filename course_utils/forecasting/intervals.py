"""Intervalos: de una media y una desviación, de unos cuantiles, y el paso conforme que los repara.

El paso conforme mira cuánto falló el pronóstico en un tramo de calibración que no se usó para
entrenar, y ensancha (o estrecha) los intervalos lo justo. Promete la cobertura **de media**, y si
lo que viene se parece a la calibración: con series, casi. No promete nada de los domingos.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from course_utils.probabilistic import as_levels
from course_utils.validation import as_array


class Interval(NamedTuple):
    """Los extremos de unos intervalos.

    Attributes
    ----------
    low, high : ndarray of the same shape
    """

    low: np.ndarray
    high: np.ndarray


def gaussian_interval(mean: np.ndarray, std: np.ndarray, *, level: float) -> Interval:
    """El intervalo central de una normal.

    Parameters
    ----------
    mean, std : ndarray of the same shape
        Media y desviación típica pronosticadas.
    level : float
        La cobertura que se promete.

    Returns
    -------
    Interval

    Raises
    ------
    TypeError, ValueError
        Si no son números, las formas difieren, alguna desviación es negativa o el nivel no está
        entre 0 y 1.

    Examples
    --------
    >>> low, high = gaussian_interval([10.0], [2.0], level=0.95)
    >>> low.round(2), high.round(2)
    (array([6.08]), array([13.92]))
    """
    (level,) = as_levels([level])
    mean, std = _arrays(mean=mean, std=std)
    if (std < 0).any():
        raise ValueError(
            f"std debe ser positiva; la menor es {std.min():g}. Si la da una red, pásala por "
            "una exponencial."
        )
    margin = NormalDist().inv_cdf((1 + float(level)) / 2) * std
    return Interval(mean - margin, mean + margin)


def conformal_margin(scores: np.ndarray, *, level: float) -> np.ndarray:
    """El margen conforme: el valor que no superan bastantes puntuaciones de calibración.

    De ``n`` puntuaciones, la que ocupa el lugar ``ceil((n + 1) · level)`` de menor a mayor. Ese
    ``+ 1`` es el ejemplo nuevo, que podría caer en cualquier lugar.

    Parameters
    ----------
    scores : ndarray of shape (n,) or (n, horizonte)
        Cuánto falló cada ejemplo de calibración; con dos ejes, cada plazo por su lado.
    level : float
        La cobertura que se promete.

    Returns
    -------
    ndarray of shape () or (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Si no son números o hay tan pocos que ninguno basta: con ``level=0.9`` hacen falta 9.

    Examples
    --------
    >>> float(conformal_margin(np.arange(1.0, 20.0), level=0.9))
    18.0
    >>> conformal_margin([1.0, 2.0], level=0.9)
    Traceback (most recent call last):
    ValueError: Con level=0.9 hacen falta al menos 9 ejemplos de calibración; han llegado 2. ...
    """
    (level,) = as_levels([level])
    scores = as_array("scores", scores, ndim=(1, 2), dtype="float64")
    n = len(scores)
    place = _place(n, level)
    if place > n:
        needed = next(
            m for m in range(n + 1, math.ceil(1 / (1 - level)) + 2) if _place(m, level) <= m
        )
        raise ValueError(
            f"Con level={level:g} hacen falta al menos {needed} ejemplos de calibración; han "
            f"llegado {n}. Reserva un tramo más largo o promete menos."
        )
    return np.sort(scores, axis=0)[place - 1]


def split_conformal(
    actual: np.ndarray, forecast: np.ndarray, new_forecast: np.ndarray, *, level: float
) -> Interval:
    """Intervalo conforme alrededor de un pronóstico: el mismo margen a los dos lados.

    Parameters
    ----------
    actual, forecast : ndarray of shape (n,) or (n, horizonte)
        En el tramo de calibración, lo que pasó y lo que se pronosticó. Con dos ejes, cada plazo
        lleva su margen.
    new_forecast : ndarray of shape (m,) or (m, horizonte)
        Los pronósticos que necesitan intervalo.
    level : float
        La cobertura que se promete.

    Returns
    -------
    Interval
        Con la forma de ``new_forecast``.

    Raises
    ------
    TypeError, ValueError
        Como :func:`conformal_margin`, o si las formas no casan.

    Notes
    -----
    Fuentes: Vovk, Gammerman y Shafer (2005), *Algorithmic learning in a random world*; Lei y otros
    (2018), *Distribution-free predictive inference for regression*, Journal of the American
    Statistical Association 113.

    Examples
    --------
    >>> actual, forecast = np.arange(1.0, 20.0), np.zeros(19)
    >>> split_conformal(actual, forecast, [100.0], level=0.9)
    Interval(low=array([82.]), high=array([118.]))
    """
    actual, forecast = _arrays(actual=actual, forecast=forecast)
    (new,) = _new(actual, new_forecast=new_forecast)
    margin = conformal_margin(np.abs(actual - forecast), level=level)
    return Interval(new - margin, new + margin)


def conformal_quantiles(
    actual: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    new_low: np.ndarray,
    new_high: np.ndarray,
    *,
    level: float,
) -> Interval:
    """Cuantiles conformes (CQR): mueve los dos extremos lo que pide la calibración.

    Conserva que unos intervalos sean más anchos que otros, y también puede estrecharlos.

    Parameters
    ----------
    actual, low, high : ndarray of shape (n,) or (n, horizonte)
        En el tramo de calibración, lo que pasó y los dos cuantiles pronosticados.
    new_low, new_high : ndarray of shape (m,) or (m, horizonte)
        Los cuantiles que hay que reparar.
    level : float
        La cobertura que se promete.

    Returns
    -------
    Interval
        Con la forma de ``new_low``. Si al estrechar se cruzaran, los dos extremos se quedan en su
        punto medio.

    Raises
    ------
    TypeError, ValueError
        Como :func:`split_conformal`.

    Notes
    -----
    La puntuación es ``max(low - y, y - high)``, negativa si cayó dentro. Fuente: Romano, Patterson
    y Candès (2019), *Conformalized quantile regression*, NeurIPS.

    Examples
    --------
    >>> actual = np.arange(1.0, 20.0)
    >>> low, high = np.zeros(19), np.full(19, 10.0)
    >>> conformal_quantiles(actual, low, high, [0.0], [10.0], level=0.9)
    Interval(low=array([-8.]), high=array([18.]))
    """
    actual, low, high = _arrays(actual=actual, low=low, high=high)
    new_low, new_high = _new(actual, new_low=new_low, new_high=new_high)
    margin = conformal_margin(np.maximum(low - actual, actual - high), level=level)
    middle = (new_low + new_high) / 2
    return Interval(np.minimum(new_low - margin, middle), np.maximum(new_high + margin, middle))


def count_crossings(quantiles: np.ndarray) -> int:
    """En cuántos pronósticos algún cuantil está por encima del siguiente.

    Parameters
    ----------
    quantiles : ndarray of shape (..., niveles)
        Los cuantiles, de menor a mayor nivel en el último eje.

    Raises
    ------
    TypeError, ValueError
        Si no son números o hay huecos.

    Examples
    --------
    >>> count_crossings([[1, 2, 3], [1, 3, 2]])
    1
    """
    quantiles = as_array("quantiles", quantiles, dtype="float64")
    return int((np.diff(quantiles, axis=-1) < 0).any(axis=-1).sum())


def mend_crossings(quantiles: np.ndarray) -> np.ndarray:
    """Los mismos cuantiles, en orden: la reparación más sencilla, que nunca empeora la pérdida.

    Parameters
    ----------
    quantiles : ndarray of shape (..., niveles)
        Los cuantiles, de menor a mayor nivel en el último eje.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    TypeError, ValueError
        Si no son números o hay huecos.

    Notes
    -----
    Fuente: Chernozhukov, Fernández-Val y Galichon (2010), *Quantile and probability curves without
    crossing*, Econometrica 78.

    Examples
    --------
    >>> mend_crossings([[1, 3, 2]])
    array([[1., 2., 3.]])
    """
    return np.sort(as_array("quantiles", quantiles, dtype="float64"), axis=-1)


def _place(n: int, level: float) -> int:
    # Sin el redondeo, 0.9 · 10 podría pasar de 9 por una parte en mil billones.
    return math.ceil(round((n + 1) * level, 9))


def _arrays(**arrays: object) -> list[np.ndarray]:
    found = [as_array(name, value, dtype="float64") for name, value in arrays.items()]
    if len({array.shape for array in found}) > 1:
        shapes = " y ".join(str(array.shape) for array in found)
        raise ValueError(
            f"{', '.join(arrays)} deben tener la misma forma; han llegado {shapes}. "
            "¿Sobra un eje? Prueba con .ravel() o [:, 0]."
        )
    return found


def _new(actual: np.ndarray, **arrays: object) -> list[np.ndarray]:
    """Lo nuevo, que debe tener los plazos de la calibración."""
    found = _arrays(**arrays)
    if found[0].shape[1:] != actual.shape[1:] or found[0].ndim != actual.ndim:
        raise ValueError(
            f"{', '.join(arrays)} y la calibración deben tener los mismos plazos; han llegado "
            f"{found[0].shape} y {actual.shape}. Calibra con los plazos que pronosticas."
        )
    return found

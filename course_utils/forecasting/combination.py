"""Mezclar varios pronósticos con pesos que salen de la validación, y no de la fe."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

POWERS = (0.0, 1.0, 2.0, 4.0, 8.0)
SHARES = (0.0, 0.25, 0.5, 0.75)


class Recipe(NamedTuple):
    """Cómo se reparten los pesos.

    Attributes
    ----------
    power : float
        Con 0, todos los modelos pesan igual; cuanto mayor, más pesa el mejor.
    share : float
        Qué parte del error de un modelo en una serie se sustituye por lo que hace en todas: con
        pocos orígenes, el de una sola serie es casi ruido.
    """

    power: float
    share: float


def combination_weights(errors: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Los pesos de cada modelo en cada serie, a partir de sus errores de validación.

    Parameters
    ----------
    errors : ndarray of shape (series, modelos)
        El error de cada uno; NaN si no pudo con esa serie, y entonces no pesa.
    recipe : Recipe
        Cómo se reparten.

    Returns
    -------
    ndarray of shape (series, modelos)
        Cada fila suma 1.

    Notes
    -----
    Pesos inversos al error elevado a una potencia, como Pawlikowski y Chorowska (2020), *Weighted
    ensemble of statistical models*, International Journal of Forecasting 36, que quedaron terceros
    en la M4.

    Examples
    --------
    >>> combination_weights(np.array([[1.0, 3.0]]), Recipe(power=1, share=0))
    array([[0.75, 0.25]])
    """
    sizes = np.nanmean(errors, axis=1, keepdims=True)
    relative = errors / np.where(sizes > 0, sizes, 1.0)
    overall = np.nanmean(relative, axis=0)
    mixed = (1 - recipe.share) * relative + recipe.share * overall
    weights = np.nan_to_num(np.maximum(mixed, 1e-3) ** -recipe.power, nan=0.0)
    weights[np.isnan(errors)] = 0.0
    return weights / weights.sum(axis=1, keepdims=True)


def choose_recipe(
    errors: np.ndarray, forecasts: np.ndarray, actual: np.ndarray, scales: np.ndarray
) -> Recipe:
    """La receta que mejor mezcla los orígenes de validación con los pesos de los demás.

    Parameters
    ----------
    errors : ndarray of shape (series, modelos, orígenes)
        El error escalado de cada pronóstico de validación.
    forecasts : ndarray of shape (series, modelos, orígenes, horizonte)
        Esos pronósticos.
    actual : ndarray of shape (series, orígenes, horizonte)
        Lo que pasó.
    scales : ndarray of shape (series, orígenes)
        Entre qué se divide el error de cada serie.

    Returns
    -------
    Recipe
        Con un solo origen, que no deja otro con el que juzgar, pesos inversos al error.

    Examples
    --------
    >>> actual = np.zeros((1, 2, 1))
    >>> forecasts = np.array([[[[1.0], [1.0]], [[-1.0], [-1.0]], [[9.0], [9.0]]]])
    >>> choose_recipe(np.abs(forecasts[..., 0]), forecasts, actual, np.ones((1, 2))).power > 1
    True
    """
    origins = errors.shape[2]
    if origins < 2:
        return Recipe(1.0, 0.5)

    def loss(recipe: Recipe) -> float:
        total = 0.0
        for left_out in range(origins):
            others = np.delete(errors, left_out, axis=2).mean(axis=2)
            weights = combination_weights(others, recipe)
            mixed = mix(weights, forecasts[:, :, left_out])
            gaps = np.abs(mixed - actual[:, left_out]).mean(axis=1) / scales[:, left_out]
            total += gaps.mean()
        return total

    return min((Recipe(*pair) for pair in product(POWERS, SHARES)), key=loss)


def mix(weights: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """Los pronósticos mezclados.

    Parameters
    ----------
    weights : ndarray of shape (series, modelos)
        Los de :func:`combination_weights`.
    forecasts : ndarray of shape (series, modelos, horizonte)
        Los que se mezclan; los de peso cero pueden ser NaN.

    Returns
    -------
    ndarray of shape (series, horizonte)

    Examples
    --------
    >>> mix(np.array([[0.75, 0.25]]), np.array([[[0.0, 4.0], [8.0, 8.0]]]))
    array([[2., 5.]])
    """
    return np.einsum("sm,smh->sh", weights, np.where(weights[..., None] > 0, forecasts, 0.0))

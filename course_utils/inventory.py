"""De un pronóstico a un pedido, y de un pedido a euros: el problema del vendedor de periódicos.

Cada día se pide antes de saber cuánto se venderá. Cada unidad que falta cuesta ``shortage`` euros
(lo que se deja de ganar) y cada una que sobra al cerrar, ``holding`` (guardarla o tirarla). El
pedido que cuesta menos **de media** no es el pronóstico medio: es el cuantil
``shortage / (shortage + holding)`` de la demanda.

Notes
-----
Fuente: Arrow, Harris y Marschak (1951), *Optimal inventory policy*, Econometrica 19.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.metrics import rmsse
from course_utils.probabilistic import as_levels
from course_utils.validation import as_array, describe


def critical_ratio(shortage: np.ndarray, holding: np.ndarray) -> np.ndarray:
    """Qué cuantil de la demanda conviene pedir: ``shortage / (shortage + holding)``.

    Parameters
    ----------
    shortage, holding : float or ndarray of the same shape
        Euros que cuesta cada unidad que falta y cada una que sobra; positivos.

    Returns
    -------
    float or ndarray of that shape
        Entre 0 y 1.

    Raises
    ------
    TypeError, ValueError
        Si no son números, alguno no es positivo o las formas difieren.

    Examples
    --------
    >>> float(critical_ratio(3.0, 1.0))
    0.75
    """
    shortage, holding = _costs(shortage, holding)
    return shortage / (shortage + holding)


def orders_from_quantiles(
    quantiles: np.ndarray, *, levels: np.ndarray, ratio: np.ndarray
) -> np.ndarray:
    """El pedido de cada serie y día: el cuantil que pide su razón, en unidades enteras.

    Entre dos niveles se interpola en línea recta; más allá del primero o del último se usa ese: un
    pronóstico no dice nada de lo que no ha pronosticado. Se redondea al entero más cercano, no
    hacia arriba: el cuantil de una demanda de unidades es entero, y un 0,02 quiere decir cero.

    Parameters
    ----------
    quantiles : ndarray of shape (series, ..., niveles)
        Los pronosticados, sin cruces, en el último eje.
    levels : ndarray of shape (niveles,)
        Qué cuantil es cada uno, de menor a mayor.
    ratio : float or ndarray of shape (series,)
        El cuantil que conviene a cada serie, de :func:`critical_ratio`.

    Returns
    -------
    ndarray of int64, shape (series, ...)
        Unidades enteras, nunca menos de cero.

    Raises
    ------
    TypeError, ValueError
        Si algo no es numérico, las formas no casan, hay cuantiles que se cruzan o una razón no está
        entre 0 y 1.

    Examples
    --------
    >>> orders_from_quantiles([[2.0, 6.0], [0.02, 0.9]], levels=[0.5, 0.9], ratio=[0.7, 0.95])
    array([4, 1])
    """
    levels = as_levels(levels)
    quantiles = as_array("quantiles", quantiles, dtype="float64")
    if quantiles.ndim < 2 or quantiles.shape[-1] != len(levels):
        raise ValueError(
            "quantiles debe tener la forma (series, ..., niveles); hay "
            f"{len(levels)} niveles y ha llegado un array de forma {quantiles.shape}. Pon una fila "
            "por serie y los niveles en el último eje."
        )
    if (np.diff(quantiles, axis=-1) < 0).any():
        raise ValueError(
            "Hay cuantiles que se cruzan: no está claro cuál es el pedido. Pásalos antes por "
            "forecasting.mend_crossings."
        )
    ratio = np.broadcast_to(_ratios(ratio), len(quantiles))
    rows = [
        _interpolate(row.reshape(-1, len(levels)), levels, wanted).reshape(row.shape[:-1])
        for row, wanted in zip(quantiles, ratio, strict=True)
    ]
    return np.stack(rows)


def order_cost(
    orders: np.ndarray, demand: np.ndarray, *, shortage: np.ndarray, holding: np.ndarray
) -> np.ndarray:
    """Euros que cuesta cada pedido cuando se sabe la demanda.

    Cada día empieza de cero: lo que sobra cuesta ``holding`` y no se vende al día siguiente.

    Parameters
    ----------
    orders, demand : ndarray of the same shape, (días,) or (series, días)
        Unidades pedidas y unidades que se habrían vendido.
    shortage, holding : float or ndarray of shape (series,)
        Euros que cuesta cada unidad que falta y cada una que sobra.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    TypeError, ValueError
        Si no son números, hay unidades negativas o las formas no casan.

    Examples
    --------
    >>> order_cost([5, 5, 5], [5, 8, 1], shortage=2.0, holding=0.5)
    array([0., 6., 2.])
    """
    orders = as_array("orders", orders, ndim=(1, 2), dtype="float64")
    demand = as_array("demand", demand, ndim=(1, 2), dtype="float64")
    if orders.shape != demand.shape:
        raise ValueError(
            f"orders y demand deben tener la misma forma; han llegado {orders.shape} y "
            f"{demand.shape}. Un pedido igual todos los días se repite con np.full."
        )
    if orders.size and min(orders.min(), demand.min()) < 0:
        raise ValueError(
            f"Hay unidades negativas: la menor es {min(orders.min(), demand.min()):g}. Recorta el "
            "pedido en cero."
        )
    shortage, holding = _costs(shortage, holding)
    if shortage.ndim:
        if orders.ndim != 2 or len(shortage) != len(orders):
            raise ValueError(
                f"Han llegado los costes de {len(shortage)} series y pedidos de forma "
                f"{orders.shape}. Pasa un coste para todo o uno por fila."
            )
        shortage, holding = shortage[:, None], holding[:, None]
    return shortage * np.maximum(demand - orders, 0) + holding * np.maximum(orders - demand, 0)


def best_constant_order(demand: np.ndarray, *, shortage: float, holding: float) -> int:
    """El pedido que, repetido todos esos días, habría costado menos.

    Es la demanda que deja por debajo, o igual, a la parte :func:`critical_ratio` de los días. Si
    varias cuestan lo mismo, la menor.

    Parameters
    ----------
    demand : ndarray of int, shape (días,)
        Unidades de cada día. Con las del pasado es una política; con las de los mismos días que se
        puntúan, lo mejor que habría podido hacer quien no cambia de pedido.
    shortage, holding : float
        Euros que cuesta cada unidad que falta y cada una que sobra.

    Raises
    ------
    TypeError, ValueError
        Si no son números, no hay días o hay unidades negativas.

    Examples
    --------
    >>> best_constant_order([1, 2, 3, 4, 50], shortage=4.0, holding=1.0)
    4
    >>> best_constant_order([1, 2, 3, 4, 50], shortage=1.0, holding=1.0)
    3
    """
    demand = np.sort(as_array("demand", demand, ndim=1, dtype="float64", min_length=1))
    if demand[0] < 0:
        raise ValueError(f"Hay demanda negativa: {demand[0]:g}. Las devoluciones van aparte.")
    ratio = critical_ratio(shortage, holding)
    # Sin el redondeo, 0.8 · 5 podría pasar de 4 por una parte en mil billones.
    place = int(np.ceil(np.round(len(demand) * ratio, 9)))
    return int(np.ceil(demand[max(place, 1) - 1]))


def weighted_rmsse(
    actual: np.ndarray,
    forecast: np.ndarray,
    *,
    training: Sequence[np.ndarray],
    euros: np.ndarray,
    period: int = 1,
) -> float:
    """RMSSE de muchas series, cada una con el peso de los euros que mueve.

    Es la media del RMSSE de cada serie con pesos proporcionales a ``euros``:

    ``Σᵢ (eᵢ / Σⱼ eⱼ) · √( mediaₕ (yᵢₕ - ŷᵢₕ)² / mediaₜ (yᵢₜ - yᵢ,ₜ₋ₚ)² )``

    donde ``h`` recorre el plazo, ``t`` el entrenamiento de la serie y ``p`` es ``period``. En la
    competición M5 los euros son los vendidos en los últimos 28 días del entrenamiento, y ``p = 1``.

    Parameters
    ----------
    actual, forecast : ndarray of shape (series, plazo)
        Lo que pasó y lo que se había pronosticado.
    training : sequence of ndarray of shape (tiempo,)
        El entrenamiento de cada serie, desde que empezó a venderse: no tienen que durar lo mismo.
    euros : ndarray of shape (series,)
        Los que mueve cada serie; alguno debe ser mayor que cero.
    period : int, default 1
        Pasos de un ciclo en la escala.

    Raises
    ------
    TypeError, ValueError
        Si las formas no casan, los euros son negativos o todos cero, o una serie con euros no tiene
        con qué escalarse: un recién llegado se mide aparte.

    Notes
    -----
    Fuente: Makridakis, Spiliotis y Assimakopoulos (2022), *M5 accuracy competition: results,
    findings, and conclusions*, International Journal of Forecasting 38.

    Examples
    --------
    >>> actual, forecast, history = [[5, 6], [0, 0]], [[5, 8], [0, 0]], [[1, 2, 3, 4], [0, 10, 0]]
    >>> round(weighted_rmsse(actual, forecast, training=history, euros=[1, 3]), 3)
    0.354
    """
    actual = as_array("actual", actual, ndim=2, dtype="float64")
    forecast = as_array("forecast", forecast, ndim=2, dtype="float64")
    euros = as_array("euros", euros, ndim=1, dtype="float64")
    if actual.shape != forecast.shape or len(training) != len(actual) or len(euros) != len(actual):
        raise ValueError(
            "Debe haber una fila, un entrenamiento y unos euros por serie; han llegado "
            f"{actual.shape} reales, {forecast.shape} pronosticados, {len(training)} "
            f"entrenamientos y {len(euros)} pesos. Ponlos en el mismo orden."
        )
    if len(euros) == 0 or (euros < 0).any() or euros.sum() == 0:
        raise ValueError(
            "Los euros deben ser cero o más, y alguno mayor que cero; ha llegado "
            f"{describe(euros.tolist())}. Usa los vendidos en las últimas semanas."
        )
    total = 0.0
    for place in np.flatnonzero(euros):
        try:
            error = rmsse(actual[place], forecast[place], training=training[place], period=period)
        except ValueError as problem:
            raise ValueError(
                f"La serie {place} no se puede escalar: {problem} Si acaba de llegar, mídela "
                "aparte."
            ) from problem
        total += euros[place] * error
    return float(total / euros.sum())


def _costs(shortage: object, holding: object) -> tuple[np.ndarray, np.ndarray]:
    shortage = as_array("shortage", shortage, ndim=(0, 1), dtype="float64")
    holding = as_array("holding", holding, ndim=(0, 1), dtype="float64")
    if shortage.shape != holding.shape:
        raise ValueError(
            f"shortage y holding deben tener la misma forma; han llegado {shortage.shape} y "
            f"{holding.shape}. Pasa los dos por serie o los dos para todo."
        )
    if (shortage <= 0).any() or (holding <= 0).any():
        raise ValueError(
            "Los costes deben ser mayores que cero: cuando no cuesta nada quedarse corto, lo mejor "
            "es no pedir; cuando no cuesta nada que sobre, pedir sin fin."
        )
    return shortage, holding


def _ratios(ratio: object) -> np.ndarray:
    ratio = as_array("ratio", ratio, ndim=(0, 1), dtype="float64")
    if not ((ratio > 0) & (ratio < 1)).all():
        raise ValueError(
            f"La razón debe estar entre 0 y 1; ha llegado {describe(ratio.tolist())}. La da "
            "critical_ratio."
        )
    return ratio


def _interpolate(quantiles: np.ndarray, levels: np.ndarray, wanted: float) -> np.ndarray:
    """El cuantil ``wanted`` de cada fila, al entero más cercano y no menor que cero: (filas,)."""
    place = int(np.clip(np.searchsorted(levels, wanted) - 1, 0, max(len(levels) - 2, 0)))
    after = min(place + 1, len(levels) - 1)
    gap = levels[after] - levels[place]
    share = np.clip((wanted - levels[place]) / gap, 0, 1) if after > place else 0.0
    value = (1 - share) * quantiles[:, place] + share * quantiles[:, after]
    return np.maximum(np.floor(value + 0.5), 0).astype(np.int64)

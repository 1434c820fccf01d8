"""Lo que pediría cada cual en las semanas de prueba, y lo que le cuesta."""

from __future__ import annotations

import numpy as np

from course_utils.inventory import (
    best_constant_order,
    critical_ratio,
    order_cost,
    orders_from_quantiles,
    weighted_rmsse,
)
from course_utils.lessons.lesson_52.network import LEVELS
from course_utils.lessons.lesson_52.problem import WEEK, Examples, as_table
from course_utils.synthetic.shops import ShopDemand

HALF_YEAR = 26 * WEEK  # días del pasado de los que sale el pedido constante
RECENT = 28  # días de los que salen los euros que pesan, como en la M5


def scored_days(origins: np.ndarray) -> slice:
    """Los días que van del primer lunes al último domingo de unas semanas seguidas.

    Examples
    --------
    >>> scored_days(np.array([70, 77]))
    slice(70, 84, None)
    """
    return slice(int(origins[0]), int(origins[-1]) + WEEK)


def constant_orders(data: ShopDemand, days: slice, *, hindsight: bool = False) -> np.ndarray:
    """El mismo pedido todos los días: el mejor de las ventas del último medio año, (series, días).

    Parameters
    ----------
    data : ShopDemand
    days : slice
        Los días que se piden.
    hindsight : bool, default False
        Si se elige con la demanda de esos mismos días: nadie puede, y ninguna constante lo mejora.
    """
    past = slice(max(days.start - HALF_YEAR, 0), days.start)
    seen, source = (days, data.truth.demand) if hindsight else (past, data.sales)
    orders = np.zeros(data.sales[:, days].shape, dtype=np.int64)
    for i, row in enumerate(orders):
        units = source[i, seen][data.on_sale[i, seen]]
        if len(units):
            row[:] = best_constant_order(units, shortage=data.shortage[i], holding=data.holding[i])
    return np.where(data.on_sale[:, days], orders, 0)


def last_week_orders(data: ShopDemand, days: slice) -> np.ndarray:
    """Pedir lo que se vendió el mismo día de la semana pasada: (series, días)."""
    week = slice(days.start - WEEK, days.stop - WEEK)
    return np.where(data.on_sale[:, days], data.sales[:, week], 0)


def network_orders(quantiles: np.ndarray, examples: Examples, data: ShopDemand) -> np.ndarray:
    """Los pedidos que salen de unos cuantiles, con la razón de cada serie: (series, días)."""
    ratio = critical_ratio(data.shortage, data.holding)[examples.series]
    orders = orders_from_quantiles(quantiles, levels=LEVELS, ratio=ratio)
    return as_table(examples, orders, data)


def euros(orders: np.ndarray, data: ShopDemand, days: slice) -> np.ndarray:
    """Lo que cuesta cada pedido con la demanda verdadera: (series, días)."""
    demand = data.truth.demand[:, days]
    return order_cost(orders, demand, shortage=data.shortage, holding=data.holding)


def score_mean(mean: np.ndarray, data: ShopDemand, days: slice) -> float:
    """RMSSE ponderado por euros de un pronóstico medio (series, días), contra la demanda verdadera.

    Solo entran las series que se venden toda la prueba y llevaban, al empezar, cuatro semanas: las
    demás no tienen con qué escalarse y se miden aparte.
    """
    rows = scalable(data, days)
    training = [
        data.sales[i, : days.start][data.on_sale[i, : days.start]].astype("float64") for i in rows
    ]
    recent = slice(days.start - RECENT, days.start)
    return weighted_rmsse(
        data.truth.demand[rows, days],
        mean[rows],
        training=training,
        euros=data.price[rows] * data.sales[rows, recent].sum(axis=1),
    )


def scalable(data: ShopDemand, days: slice) -> np.ndarray:
    """Qué series entran en :func:`score_mean`."""
    whole = data.on_sale[:, days].all(axis=1)
    known = data.on_sale[:, : days.start].sum(axis=1) >= RECENT
    changes = np.array([np.ptp(row[: days.start]) > 0 for row in data.sales])
    return np.flatnonzero(whole & known & changes)

"""De unas ventas a ejemplos: ocho semanas vistas, lo que se sabe de la próxima y la próxima."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_utils.synthetic.shops import CATEGORIES, ShopDemand

WEEK, WEEKS_SEEN = 7, 8
TEST_WEEKS = VALIDATION_WEEKS = 8
PAST = ("ventas", "rotura", "promoción", "a la venta")  # lo que se da de cada día visto
PRIOR_DAYS = 14  # días de su categoría con los que empieza quien acaba de llegar
COLD_DAYS = 28  # quien lleva menos a la venta es un arranque en frío


class Parts(NamedTuple):
    """Los lunes desde los que se pronostica, como días desde el primero."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


class Examples(NamedTuple):
    """Una semana de una serie por fila.

    Attributes
    ----------
    past : ndarray of float32, shape (filas, 8, 28)
        Cada paso es una semana: sus siete ventas, en escalas; roturas, promociones y si se vendía.
    future : ndarray of float32, shape (filas, características)
        Lo que se sabe de antemano: promociones, categoría, precio, nivel, días a la venta y época.
    sales, stock : ndarray of float64, shape (filas, 7)
        Lo vendido y lo puesto a la venta, en unidades.
    scale : ndarray of float64, shape (filas,)
        Uno más las unidades al día de las últimas ocho semanas.
    series, origin : ndarray of int, shape (filas,)
        De qué serie y desde qué lunes.
    """

    past: np.ndarray
    future: np.ndarray
    sales: np.ndarray
    stock: np.ndarray
    scale: np.ndarray
    series: np.ndarray
    origin: np.ndarray


def split_weeks(data: ShopDemand) -> Parts:
    """Las ocho últimas semanas son la prueba; las ocho de antes, la validación.

    Examples
    --------
    >>> from course_utils.synthetic import shop_demand
    >>> parts = split_weeks(shop_demand(1, 30))
    >>> [len(part) for part in parts], int(parts.test[-1])
    ([6, 8, 8], 203)
    """
    mondays = np.arange(WEEK * WEEKS_SEEN, len(data.dates), WEEK)
    first_test = len(mondays) - TEST_WEEKS
    return Parts(*np.split(mondays, [first_test - VALIDATION_WEEKS, first_test]))


def make_examples(data: ShopDemand, origins: Sequence[int]) -> Examples:
    """Un ejemplo por serie que se vende esa semana y por lunes.

    Examples
    --------
    >>> from course_utils.synthetic import shop_demand
    >>> examples = make_examples(shop_demand(4, 30), [56, 63])
    >>> examples.past.shape, examples.future.shape[0] == len(examples.scale)
    ((6, 8, 28), True)
    """
    rows = [_one_week(data, int(origin)) for origin in origins]
    return Examples(*(np.concatenate(columns) for columns in zip(*rows, strict=True)))


def recent_level(data: ShopDemand, origin: int) -> np.ndarray:
    """Unidades al día de cada serie antes de un lunes, con una quincena de su categoría: (series,).

    Quien aún no se ha vendido tiene el nivel de las demás de su categoría.
    """
    seen = slice(max(origin - WEEK * WEEKS_SEEN, 0), origin)
    totals = data.sales[:, seen].sum(axis=1).astype("float64")
    days = data.on_sale[:, seen].sum(axis=1).astype("float64")
    prior = np.full(len(totals), totals.sum() / max(days.sum(), 1.0))
    for name in CATEGORIES:
        same = data.category == name
        if days[same].sum() > 0:
            prior[same] = totals[same].sum() / days[same].sum()
    return (totals + PRIOR_DAYS * prior) / (days + PRIOR_DAYS)


def is_cold(data: ShopDemand, series: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Si a cada ejemplo le faltan días para llevar cuatro semanas a la venta: (filas,)."""
    first = data.on_sale.argmax(axis=1)[series]
    return origin - first < COLD_DAYS


def as_table(examples: Examples, values: np.ndarray, data: ShopDemand) -> np.ndarray:
    """Lo de cada ejemplo, en su serie y sus días; cero donde no hay ejemplo: (series, días).

    Examples
    --------
    >>> from course_utils.synthetic import shop_demand
    >>> data = shop_demand(4, 30)
    >>> examples = make_examples(data, [56])
    >>> bool((as_table(examples, examples.sales, data)[:, 56:63] == data.sales[:, 56:63]).all())
    True
    """
    table = np.zeros(data.sales.shape, dtype=np.asarray(values).dtype)
    days = examples.origin[:, None] + np.arange(WEEK)
    table[examples.series[:, None], days] = values
    return table


def _one_week(data: ShopDemand, origin: int) -> tuple[np.ndarray, ...]:
    """Los ejemplos de un lunes, en el orden de :class:`Examples`."""
    chosen = np.flatnonzero(data.on_sale[:, origin : origin + WEEK].all(axis=1))
    seen, ahead = slice(origin - WEEK * WEEKS_SEEN, origin), slice(origin, origin + WEEK)
    scale = 1 + recent_level(data, origin)[chosen]
    days = [
        data.sales[chosen, seen] / scale[:, None],
        data.sold_out[chosen, seen],
        data.promotion[chosen, seen],
        data.on_sale[chosen, seen],
    ]
    weekly = [day.reshape(len(chosen), WEEKS_SEEN, WEEK) for day in days]
    place = 2 * np.pi * (origin + 3) / 365.25
    known_days = origin - np.where(
        data.on_sale[chosen].any(axis=1), data.on_sale[chosen].argmax(axis=1), origin
    )
    known = [
        data.promotion[chosen, ahead],
        data.category[chosen, None] == np.array(CATEGORIES),
        np.log(data.price[chosen])[:, None],
        np.log(scale)[:, None],
        np.log1p(np.clip(known_days, 0, 365))[:, None],
        np.tile([np.sin(place), np.cos(place)], (len(chosen), 1)),
    ]
    return (
        np.concatenate(weekly, axis=2).astype("float32"),
        np.concatenate(known, axis=1).astype("float32"),
        data.sales[chosen, ahead].astype("float64"),
        data.stock[chosen, ahead].astype("float64"),
        scale,
        chosen,
        np.full(len(chosen), origin),
    )

"""Las ventas de quien aprende: una serie diaria, con lo que se puso a la venta si se sabe."""

from __future__ import annotations

import numpy as np

from course_utils.datasets import Series
from course_utils.inventory import critical_ratio
from course_utils.lessons.lesson_52.classic import fit_specialist
from course_utils.synthetic.shops import CATEGORIES, ShopDemand

WEEK, MINIMUM_DAYS = 7, 56


def own_shop(
    sales: Series, *, stock: Series | int | None = None, shortage: float, holding: float
) -> ShopDemand:
    """Una tienda de una sola serie, con una semana más, la que hay que pedir.

    Los días sueltos del principio se dejan fuera: se trabaja con semanas enteras contadas desde el
    último día. Sin existencias, se cree que nunca se agotó. Un día rellenado no enseña nada, salvo
    que valga cero: entonces se cree que se cerró.

    Parameters
    ----------
    sales : Series
        Unidades vendidas cada día, de ``load_own_series``.
    stock : Series or int, optional
        Unidades puestas a la venta cada día; un número, si siempre se ponen las mismas.
    shortage, holding : float
        Euros que cuesta cada unidad que falta y cada una que sobra.

    Raises
    ------
    ValueError
        Si no es diaria, es corta, no son unidades enteras, o las dos series no casan.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> days = np.datetime64("2025-01-06") + np.arange(60)
    >>> about = {"frequency": "daily", "filled": days[:0]}
    >>> one = SimpleNamespace(dates=days, values=np.arange(60.0) % 7, **about)
    >>> shop = own_shop(one, shortage=2.0, holding=1.0)
    >>> shop.sales.shape, str(shop.dates[-1])
    ((1, 63), '2025-03-13')
    """
    critical_ratio(shortage, holding)  # si un coste no vale, lo dice
    _check_units("Las ventas", sales)
    units = sales.values.round().astype(np.int64)
    seen = ~(np.isin(sales.dates, sales.filled) & (sales.values > 0))
    available = _available(units, sales, stock)
    over = seen & (units > available)
    if over.any():
        raise ValueError(
            f"El {sales.dates[np.argmax(over)]} se vendió más de lo que había; pasa en "
            f"{over.sum()} de {len(over)} días. Si se repuso durante el día, apunta lo que se "
            "puso a la venta en total; si la columna es lo que quedó al cerrar, súmale lo "
            "vendido."
        )
    kept = len(units) // WEEK * WEEK
    dates = sales.dates[-kept:].astype("datetime64[D]")
    ahead = dates[-1] + 1 + np.arange(WEEK)
    pad = np.zeros(WEEK, dtype=np.int64)
    shape = (1, kept + WEEK)
    return ShopDemand(
        dates=np.concatenate([dates, ahead]),
        sales=np.concatenate([units[-kept:], pad])[None],
        stock=np.concatenate([available[-kept:], pad + 1])[None],
        on_sale=np.concatenate([seen[-kept:], np.ones(WEEK, dtype=bool)])[None],
        promotion=np.zeros(shape, dtype=bool),
        kind=np.array([""]),
        shop=np.array([0]),
        item=np.array([0]),
        category=np.array(CATEGORIES[:1]),
        price=np.array([1.0]),
        shortage=np.array([float(shortage)]),
        holding=np.array([float(holding)]),
        truth=None,
        source="tus datos",
    )


def _available(units: np.ndarray, sales: Series, stock: Series | int | None) -> np.ndarray:
    """Lo que se puso a la venta cada día; donde no se sabe, más de lo que se vendió nunca."""
    plenty = units.max() + 1
    if stock is None:
        return np.full_like(units, plenty)
    if isinstance(stock, int):
        return np.full_like(units, stock)
    _check_units("Las existencias", stock)
    if not np.array_equal(stock.dates, sales.dates):
        raise ValueError(
            "Las ventas y las existencias deben ser de los mismos días; van de "
            f"{sales.dates[0]} a {sales.dates[-1]} y de {stock.dates[0]} a {stock.dates[-1]}."
        )
    # Lo que se rellenó no lo apuntó nadie: ese día no se sabe si se agotó.
    unknown = np.isin(stock.dates, stock.filled) & (stock.values > 0)
    return np.where(unknown, plenty, stock.values.round()).astype(np.int64)


def next_week_orders(shop: ShopDemand) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Qué días faltan por pedir, cuánto se espera vender y cuánto conviene pedir.

    Parameters
    ----------
    shop : ShopDemand
        La de :func:`own_shop`.

    Returns
    -------
    tuple of ndarray of shape (7,)
        Días, media pronosticada y unidades.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> days = np.datetime64("2025-01-06") + np.arange(70)
    >>> values = np.random.default_rng(0).poisson(20, size=70).astype(float)
    >>> about = {"frequency": "daily", "filled": days[:0]}
    >>> one = SimpleNamespace(dates=days, values=values, **about)
    >>> _, mean, orders = next_week_orders(own_shop(one, shortage=9.0, holding=1.0))
    >>> bool((orders > mean).all())
    True
    """
    known = shop.sales.shape[1] - WEEK
    fitted = fit_specialist(shop, known)
    ratio = critical_ratio(shop.shortage, shop.holding)
    week = slice(known, None)
    return shop.dates[week], fitted.mean[0, week], fitted.quantile(ratio, week)[0]


def _check_units(what: str, series: Series) -> None:
    if series.frequency != "daily":
        raise ValueError(
            f"{what} deben ser diarias y son de frecuencia {series.frequency!r}. Si hay varias "
            'filas por día, léelas con duplicates="sum"; con semanas no se puede pedir por días.'
        )
    if len(series.values) < MINIMUM_DAYS:
        raise ValueError(
            f"{what} deben ser de al menos {MINIMUM_DAYS} días, ocho semanas; hay "
            f"{len(series.values)}."
        )
    told = ~np.isin(series.dates, series.filled)  # lo rellenado con una recta tiene decimales
    odd = told & ((series.values < 0) | (series.values % 1 != 0))
    if odd.any():
        place = int(np.argmax(odd))
        raise ValueError(
            f"{what} deben ser unidades enteras, cero o más; el {series.dates[place]} hay "
            f"{series.values[place]:g}. Las devoluciones van aparte, y los kilos se pueden contar "
            "en gramos."
        )

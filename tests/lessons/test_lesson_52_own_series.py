"""El proyecto 52 con las ventas de quien aprende: qué se puede pedir y qué no se puede usar."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.lessons.lesson_52 import next_week_orders, own_shop

COSTS = {"shortage": 3.0, "holding": 1.0}


def series(values, *, start="2025-01-06", frequency="daily"):
    """Una serie como la que da ``load_own_series``."""
    values = np.asarray(values, dtype="float64")
    days = np.datetime64(start) + np.arange(len(values))
    return SimpleNamespace(dates=days, values=values, frequency=frequency, filled=days[:0])


def weekly(days, seed=0):
    """Ventas con un sábado muy alto."""
    level = np.where(np.arange(days) % 7 == 5, 60.0, 12.0)
    return np.random.default_rng(seed).poisson(level)


@pytest.mark.parametrize("days", [56, 59, 365, 800])
def test_the_next_week_is_ordered(days):
    """Siete días, los que siguen al último; el sábado se pide más que ningún otro."""
    sold = series(weekly(days))
    dates, mean, orders = next_week_orders(own_shop(sold, **COSTS))
    assert dates[0] == sold.dates[-1] + 1
    assert len(dates) == len(mean) == len(orders) == 7
    saturday = (dates.astype(int) + 3) % 7 == 5
    assert orders[saturday].min() > 1.5 * orders[~saturday].max()


def test_what_matters_more_is_ordered_more():
    """Si falta más caro, se pide más; si lo caro es que sobre, menos."""
    sold = series(weekly(200))
    many = next_week_orders(own_shop(sold, shortage=9.0, holding=0.5))[2]
    few = next_week_orders(own_shop(sold, shortage=0.5, holding=9.0))[2]
    assert (many > few).all()


def test_knowing_the_stock_raises_the_order():
    """Con las existencias se ve que se agotaba, y se pide más."""
    demand = weekly(200)
    stock = np.full(200, 20)
    sold = series(np.minimum(demand, stock))
    blind = next_week_orders(own_shop(sold, **COSTS))[1]
    seeing = next_week_orders(own_shop(sold, stock=series(stock), **COSTS))[1]
    assert seeing.max() > 1.2 * blind.max()


def test_the_same_stock_every_day_is_written_as_a_number():
    """Quien pone siempre lo mismo no necesita una columna."""
    sold = np.minimum(weekly(200), 20)
    one = own_shop(series(sold), stock=20, **COSTS)
    assert np.array_equal(
        one.stock, own_shop(series(sold), stock=series(sold * 0 + 20), **COSTS).stock
    )
    assert one.sold_out[0, :-7].sum() == (sold[-196:] == 20).sum() > 0
    with pytest.raises(ValueError, match="más de lo que había"):
        own_shop(series(sold), stock=19, **COSTS)


def test_a_shop_that_never_sold_orders_almost_nothing():
    """Todo ceros no detiene nada."""
    assert next_week_orders(own_shop(series(np.zeros(70)), **COSTS))[2].max() <= 1


@pytest.mark.parametrize(
    ("sold", "options", "message"),
    [
        (series(weekly(100), frequency="weekly"), {}, "deben ser diarias y son de frecuencia"),
        (series(weekly(40)), {}, "al menos 56 días, ocho semanas; hay 40"),
        (series(weekly(60) - 30), {}, "unidades enteras, cero o más; el 2025-01-06 hay"),
        (series(weekly(60) + 0.5), {}, "unidades enteras"),
        (series(weekly(60)), {"stock": series(weekly(61) + 90)}, "de los mismos días"),
        (series(weekly(60)), {"stock": series(np.zeros(60))}, "se vendió más de lo que había"),
        (series(weekly(60)), {"holding": 0.0}, "mayores que cero"),
    ],
)
def test_what_cannot_be_used_is_explained(sold, options, message):
    with pytest.raises(ValueError, match=message):
        own_shop(sold, **(COSTS | options))


def test_what_was_filled_in_is_not_taken_as_written():
    """Un día rellenado no enseña, unas existencias rellenadas no dicen si se agotó; un cero, sí."""
    sales, stock = series([5] * 84), series([9] * 84)
    sales.values[40], sales.values[50], stock.values[60] = 5.5, 0, 3
    sales.filled, stock.filled = sales.dates[[40, 50]], stock.dates[[60]]
    shop = own_shop(sales, stock=stock, **COSTS)
    assert np.flatnonzero(~shop.on_sale[0]).tolist() == [40]
    assert not shop.sold_out[0, :84].any()
    stock.filled = stock.dates[:0]
    with pytest.raises(ValueError, match=r"más de lo que había; pasa en 1 de 84 días"):
        own_shop(sales, stock=stock, **COSTS)

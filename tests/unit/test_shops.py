"""Se vende lo menor de demanda y existencias, y la demanda es la que se dice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.synthetic import CATEGORIES, ITEM_KINDS, shop_demand
from course_utils.synthetic.shops import HANGOVER, PROMOTION_FACTORS, WEEKLY


@pytest.fixture(scope="module")
def data():
    return shop_demand()


@given(series=st.integers(1, 25), weeks=st.integers(20, 40), seed=st.integers(0, 2**64))
@settings(max_examples=15, deadline=None)
def test_what_always_holds(series, weeks, seed):
    """Formas, unidades y cuentas que cuadran con cualquier tamaño y semilla."""
    data, days = shop_demand(series, weeks, seed=seed), 7 * weeks
    truth = data.truth
    for table in (data.sales, data.stock, data.on_sale, data.promotion, truth.demand):
        assert table.shape == (series, days)
    for column in (data.kind, data.shop, data.item, data.category, data.price, data.holding):
        assert column.shape == (series,)
    np.testing.assert_array_equal(data.sales, np.minimum(truth.demand, data.stock))
    assert data.sales.min() >= 0
    outside = ~data.on_sale
    for table in (data.sales, data.stock, truth.demand, data.promotion):
        assert not table[outside].any()
    assert (truth.expected[data.on_sale] > 0).all()
    assert data.on_sale.any(axis=1).all()
    # Se vende en días seguidos: empezar y acabar, una vez como mucho.
    assert (np.abs(np.diff(data.on_sale.astype(int), axis=1)).sum(axis=1) <= 1).all()
    assert (data.sold_out <= data.on_sale).all()
    assert (truth.demand >= data.sales)[data.sold_out].all()
    np.testing.assert_array_equal((truth.demand > data.sales) & ~data.sold_out, False)
    assert (data.shortage > 0).all()
    assert (data.holding > 0).all()


def test_more_series_do_not_change_the_first_ones():
    """Cada serie tiene su sucesión."""
    few, many = shop_demand(7, 30, seed=4), shop_demand(23, 30, seed=4)
    np.testing.assert_array_equal(few.sales, many.sales[:7])
    np.testing.assert_array_equal(few.truth.demand, many.truth.demand[:7])


def test_the_seed_decides():
    """La misma repite, en arrays distintos; otra cambia las ventas."""
    one, again, other = (shop_demand(5, 30, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.sales, again.sales)
    assert not np.shares_memory(one.sales, again.sales)
    assert (one.sales != other.sales).any()


def test_the_kinds_are_the_ones_promised(data):
    """De doscientas, 110, 40, 30 y 20; diez tiendas con los mismos veinte artículos."""
    assert [int((data.kind == kind).sum()) for kind in ITEM_KINDS] == [110, 40, 30, 20]
    assert set(data.shop) == set(range(10))
    for item in range(20):
        same = data.item == item
        assert same.sum() == 10
        assert len(set(data.kind[same])) == len(set(data.price[same])) == 1
    assert set(data.category) <= set(CATEGORIES)


def test_newcomers_arrive_late_and_grow(data):
    """Ninguno se vende antes del 60 % del tiempo; a los dos meses se vende más que al llegar."""
    new = data.kind == "nuevo"
    first = data.on_sale[new].argmax(axis=1)
    assert first.min() >= 7 * int(0.6 * 104)
    assert not (first % 7).any()  # llegan en lunes
    early, late = [], []
    for mean, start in zip(data.truth.expected[new], first, strict=True):
        if start + 70 <= len(mean):
            early.append(mean[start : start + 7].mean())
            late.append(mean[start + 56 : start + 70].mean())
    assert len(early) > 10
    assert np.median(np.divide(late, early)) > 1.7


def test_closures_fade_and_stop(data):
    """Se retiran pasado el 85 %, y en sus últimos días se vende la mitad que seis semanas antes."""
    closing = data.kind == "cierre"
    end = data.on_sale[closing].sum(axis=1)
    assert 7 * int(0.85 * 104) <= end.min() <= end.max() < 728
    ratios = [
        mean[last - 7 : last].mean() / mean[last - 56 : last - 42].mean()
        for mean, last in zip(data.truth.expected[closing], end, strict=True)
    ]
    assert 0.4 < np.median(ratios) < 0.75


def test_intermittent_items_sell_on_few_days(data):
    """La mayoría de sus días no se vende nada; de los regulares, casi ninguno."""
    empty = {kind: (data.truth.demand == 0)[data.kind == kind] for kind in ITEM_KINDS}
    assert empty["intermitente"].mean() > 0.7
    assert empty["regular"].mean() < 0.08


def test_promotions_last_a_week_and_never_follow_each_other(data):
    """De lunes a domingo, una semana libre detrás, y la demanda sube lo que se dice."""
    always = (data.kind == "regular") | (data.kind == "intermitente")
    weekly = data.promotion[always].reshape(always.sum(), 104, 7)
    assert (weekly.all(axis=2) == weekly.any(axis=2)).all()
    promoted = weekly.any(axis=2)
    assert not (promoted[:, 1:] & promoted[:, :-1]).any()
    assert 0.10 < promoted.mean() < 0.15
    # Entre semanas seguidas la media solo cambia por la promoción, la resaca, el año y el nivel.
    sums = data.truth.expected[always].reshape(always.sum(), 104, 7).sum(axis=2)
    jump = (sums[:, 1:] / sums[:, :-1])[promoted[:, 1:]]
    assert (
        PROMOTION_FACTORS[0] - 0.3 < jump.min() < jump.max() < PROMOTION_FACTORS[1] / HANGOVER + 0.6
    )


def test_the_week_has_the_shape_of_its_category(data):
    """Dentro de una semana, el reparto de la media es el de la categoría."""
    regular = np.flatnonzero(data.kind == "regular")[:30]
    for row in regular:
        week = data.truth.expected[row, :7]
        place = CATEGORIES.index(data.category[row])
        np.testing.assert_allclose(week / week.mean(), WEEKLY[place], rtol=0.03)
    np.testing.assert_allclose(WEEKLY.mean(axis=1), 1)


def test_demand_is_a_negative_binomial(data):
    """Media la esperada y varianza ``m + k·m²``, en cada clase."""
    truth = data.truth
    for kind in ITEM_KINDS:
        rows = data.kind == kind
        mean, size = truth.expected[rows], truth.dispersion[rows, None]
        on = mean > 0
        gap = (truth.demand[rows] - mean)[on]
        variance = (mean + size * mean**2)[on]
        scores = gap / np.sqrt(variance)
        assert abs(scores.mean()) < 4 / np.sqrt(len(scores))
        assert scores.var() == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_true_quantile_is_enough_as_often_as_it_says(level):
    """Basta con su probabilidad o más, y con una unidad menos ya no basta."""
    data = shop_demand(20, 60, seed=3)
    enough, demand = data.truth.quantile(level), data.truth.demand
    on = data.on_sale
    margin = 4 * np.sqrt(level * (1 - level) / on.sum())
    assert (demand <= enough)[on].mean() > level - margin
    assert (demand < enough)[on].mean() < level + margin
    assert not enough[~on].any()
    tail = data.truth.quantile(np.full(20, level), slice(-7, None))
    np.testing.assert_array_equal(tail, enough[:, -7:])


def test_stock_outs_hide_the_largest_demands(data):
    """Falta sobre todo en promoción, y un día con rotura tenía más demanda de lo esperado."""
    truth, on = data.truth, data.on_sale
    lost = truth.demand - data.sales

    def share(days):
        return lost[days].sum() / truth.demand[days].sum()

    # Los números de datasets/README.md.
    assert share(on) == pytest.approx(0.07, abs=0.01)
    assert data.sold_out[on].mean() == pytest.approx(0.25, abs=0.03)
    assert share(data.promotion) > 2 * share(on & ~data.promotion)
    out = (lost > 0) & ~truth.failure
    assert (truth.demand / np.maximum(truth.expected, 1e-9))[out].mean() > 1.2
    assert (truth.demand - data.sales)[~data.sold_out].max() == 0


def test_bad_arguments():
    """Cada argumento equivocado dice qué se esperaba."""
    with pytest.raises(ValueError, match="weeks debe ser al menos 20"):
        shop_demand(3, 19)
    with pytest.raises(ValueError, match="series debe ser al menos 1"):
        shop_demand(0)
    with pytest.raises(TypeError, match="seed debe ser un número entero"):
        shop_demand(seed=0.5)
    with pytest.raises(ValueError, match="niveles deben estar entre 0 y 1"):
        shop_demand(1, 20).truth.quantile(1.0)

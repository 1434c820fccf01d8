"""De cuantiles a pedidos y de pedidos a euros: contra la fuerza bruta y contra la fórmula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.inventory import (
    best_constant_order,
    critical_ratio,
    order_cost,
    orders_from_quantiles,
    weighted_rmsse,
)
from course_utils.metrics import rmsse

COSTS = st.sampled_from([0.1, 0.25, 1.0, 2.0, 7.5])
UNITS = st.lists(st.integers(0, 30), min_size=1, max_size=25)


# Lo que cuesta


@given(demand=UNITS, order=st.integers(0, 40), shortage=COSTS, holding=COSTS)
@settings(max_examples=40, deadline=None)
def test_each_missing_unit_and_each_left_over_is_paid_once(demand, order, shortage, holding):
    """Se paga lo que falta o lo que sobra, nunca las dos cosas; acertar sale gratis."""
    orders = np.full(len(demand), order)
    cost = order_cost(orders, demand, shortage=shortage, holding=holding)
    wanted = [shortage * (d - order) if d > order else holding * (order - d) for d in demand]
    np.testing.assert_allclose(cost, wanted)
    assert not order_cost(demand, demand, shortage=shortage, holding=holding).any()


def test_each_series_pays_its_own_prices():
    """Con un coste por serie, cada fila va con el suyo."""
    orders, demand = np.array([[2, 2], [2, 2]]), np.array([[3, 1], [3, 1]])
    cost = order_cost(orders, demand, shortage=np.array([1.0, 10.0]), holding=np.array([2.0, 0.5]))
    np.testing.assert_allclose(cost, [[1, 2], [10, 0.5]])


# El mejor pedido constante


@given(demand=UNITS, shortage=COSTS, holding=COSTS)
@settings(max_examples=60, deadline=None)
def test_no_constant_order_is_cheaper(demand, shortage, holding):
    """Ni uno de todos los posibles cuesta menos, y ninguno menor cuesta lo mismo."""
    best = best_constant_order(demand, shortage=shortage, holding=holding)
    costs = [
        order_cost(np.full(len(demand), order), demand, shortage=shortage, holding=holding).sum()
        for order in range(32)
    ]
    assert costs[best] == pytest.approx(min(costs))
    assert best == np.flatnonzero(np.isclose(costs, min(costs), rtol=1e-12, atol=1e-9))[0]


def test_the_quantile_is_the_cheapest_order_on_average():
    """Con una demanda conocida, el cuantil de la razón crítica cuesta menos que sus vecinos."""
    demand = np.random.default_rng(0).poisson(12, size=200_000)
    best = int(np.quantile(demand, critical_ratio(3.0, 0.7), method="inverted_cdf"))
    costs = {
        order: order_cost(np.full(len(demand), order), demand, shortage=3.0, holding=0.7).mean()
        for order in range(best - 3, best + 4)
    }
    assert min(costs, key=costs.get) == best
    assert best > demand.mean() + 2  # y no es la media


# De cuantiles a pedidos


@given(
    ratio=st.floats(0.01, 0.99),
    values=st.lists(st.floats(0, 50), min_size=4, max_size=4).map(sorted),
)
@settings(max_examples=60, deadline=None)
def test_orders_are_the_interpolated_quantile_rounded(ratio, values):
    """Lo mismo que interpolar con NumPy y redondear al más cercano."""
    levels = np.array([0.1, 0.4, 0.5, 0.9])
    (order,) = orders_from_quantiles([values], levels=levels, ratio=ratio)
    wanted = np.interp(ratio, levels, values)
    assert abs(order - wanted) <= 0.5 + 1e-6
    (more,) = orders_from_quantiles([values], levels=levels, ratio=min(ratio + 0.1, 0.995))
    assert more >= order  # a más razón, nunca menos unidades


def test_orders_keep_days_and_use_the_ratio_of_each_series():
    """Una fila por serie y un pedido por día, cada serie con su razón."""
    quantiles = np.array([[[1, 3], [2, 4]], [[1, 3], [2, 4]]], dtype=float)
    orders = orders_from_quantiles(quantiles, levels=[0.5, 0.9], ratio=[0.5, 0.9])
    np.testing.assert_array_equal(orders, [[1, 2], [3, 4]])
    assert orders.dtype == np.int64


def test_orders_never_go_below_zero_and_almost_nothing_is_nothing():
    """Un cuantil negativo se pide como cero; uno de dos centésimas, también; 6,8 son 7."""
    quantiles = [[-3.0, -1.0], [0.02, 9.0], [6.8, 9.0]]
    orders = orders_from_quantiles(quantiles, levels=[0.3, 0.8], ratio=0.3)
    np.testing.assert_array_equal(orders, [0, 0, 7])


def test_a_single_level_is_the_order():
    """Con un solo nivel no hay entre qué interpolar."""
    assert orders_from_quantiles([[4.2]], levels=[0.5], ratio=0.9).tolist() == [4]


# RMSSE con pesos


def test_weighted_rmsse_is_its_formula():
    """La suma con pesos de la raíz del cociente, escrita aparte."""
    rng = np.random.default_rng(1)
    actual, forecast = rng.normal(size=(2, 3, 5))
    training, euros = [rng.normal(size=n) for n in (20, 35, 12)], np.array([3.0, 0.0, 5.0])
    found = weighted_rmsse(actual, forecast, training=training, euros=euros)
    total = 0.0
    for i in range(3):
        scale = np.mean((training[i][1:] - training[i][:-1]) ** 2)
        total += euros[i] / euros.sum() * np.sqrt(np.mean((actual[i] - forecast[i]) ** 2) / scale)
    assert found == pytest.approx(total, rel=1e-12)
    again = weighted_rmsse(actual, forecast, training=training, euros=9 * euros)
    assert again == pytest.approx(found)  # solo cuenta el reparto
    only = weighted_rmsse(actual, forecast, training=training, euros=[1, 0, 0])
    assert only == pytest.approx(rmsse(actual[0], forecast[0], training=training[0]))


def test_a_series_without_euros_needs_no_scale():
    """Una serie plana que no pesa no estorba; si pesa, se dice cuál es."""
    rows = np.ones((2, 3))
    history = [np.arange(9.0), np.ones(9)]
    assert weighted_rmsse(rows, rows, training=history, euros=[1, 0]) == 0
    with pytest.raises(ValueError, match=r"La serie 1 no se puede escalar.*mídela aparte"):
        weighted_rmsse(rows, rows, training=history, euros=[1, 1])


# Lo que no vale


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: critical_ratio(0.0, 1.0), "mayores que cero"),
        (lambda: critical_ratio([1.0, 2.0], [1.0]), "misma forma"),
        (lambda: order_cost([1, 2], [1], shortage=1.0, holding=1.0), "np.full"),
        (lambda: order_cost([-1], [1], shortage=1.0, holding=1.0), "negativas: la menor es -1"),
        (
            lambda: order_cost([1, 2], [1, 2], shortage=[1.0, 1.0], holding=[1.0, 1.0]),
            "uno por fila",
        ),
        (lambda: best_constant_order([], shortage=1.0, holding=1.0), "al menos 1"),
        (lambda: best_constant_order([-2], shortage=1.0, holding=1.0), "demanda negativa"),
        (lambda: orders_from_quantiles([1.0, 2.0], levels=[0.5, 0.9], ratio=0.5), "por serie"),
        (lambda: orders_from_quantiles([[2.0, 1.0]], levels=[0.5, 0.9], ratio=0.5), "se cruzan"),
        (lambda: orders_from_quantiles([[1.0, 2.0]], levels=[0.5, 0.9], ratio=1.0), "critical_ra"),
        (
            lambda: weighted_rmsse([[1]], [[1]], training=[[1, 2]], euros=[0]),
            "alguno mayor que cero",
        ),
        (lambda: weighted_rmsse([[1]], [[1]], training=[], euros=[1]), "mismo orden"),
    ],
)
def test_bad_arguments(call, message):
    """Cada error dice qué pasa y qué hacer."""
    with pytest.raises(ValueError, match=message):
        call()

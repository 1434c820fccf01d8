"""Figuras de la demanda: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_52 import figures


def test_the_hidden_demand_is_the_gap_between_both_lines():
    days = np.arange(4).astype("datetime64[D]")
    ax = figures.plot_hidden_demand(days, [2, 3, 3, 1], [2, 5, 3, 1], [False, True, True, False])
    demand, sold = (line.get_ydata().tolist() for line in ax.lines)
    assert demand == [2, 5, 3, 1]
    assert sold == [2, 3, 3, 1]
    assert len(ax.patches) == 2  # los dos días de promoción
    with pytest.raises(ValueError, match="demand: 3"):
        figures.plot_hidden_demand(days, [2, 3, 3, 1], [2, 5, 3], [False] * 4)


def test_the_fan_has_a_band_for_each_pair_and_the_orders():
    quantiles = np.sort(np.random.default_rng(0).gamma(2, 2, size=(5, 4)), axis=1)
    ax = figures.plot_order_fan(quantiles, np.arange(5), np.arange(5) + 1)
    assert len(ax.collections) == 2
    median, orders, demand = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(median, quantiles[:, 1:3].mean(axis=1))
    np.testing.assert_allclose(orders, np.arange(5) + 1)
    np.testing.assert_allclose(demand, np.arange(5))
    with pytest.raises(ValueError, match="orders: 4"):
        figures.plot_order_fan(quantiles, np.arange(5), np.arange(4))


def test_an_odd_fan_has_its_own_median():
    ax = figures.plot_order_fan(np.array([[1.0, 4.0, 9.0]] * 2), [1, 2], [3, 3])
    assert ax.lines[0].get_ydata().tolist() == [4, 4]


def test_each_policy_has_its_points_and_its_mean():
    ax = figures.plot_policy_costs({"red": np.array([1.2, 1.4]), "constante": np.array([2.0])})
    points, _, mean, *_ = (line.get_xdata() for line in ax.lines)
    assert points.tolist() == [1.2, 1.4]
    assert mean[0] == pytest.approx(1.3)
    assert ax.lines[-1].get_xdata()[0] == 1.0  # quien sabe la verdad

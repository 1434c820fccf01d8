"""El proyecto 52: nadie mira adelante, el rival acierta lo que debe y la red se puede repetir."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course_utils.inventory import best_constant_order, critical_ratio
from course_utils.lessons.lesson_52 import classic, experiment, m3, network, policies, problem
from course_utils.synthetic import ITEM_KINDS, shop_demand
from tools.experiments import demand as demand_grid
from tools.experiments import m3 as m3_grid


@pytest.fixture(scope="module")
def data():
    return shop_demand(40, 60, seed=9)


def altered_after(data, day):
    """Las mismas tiendas con otras ventas a partir de un día."""
    sales, stock = data.sales.copy(), data.stock.copy()
    sales[:, day:] = 3 * sales[:, day:] + 1
    stock[:, day:] = sales[:, day:] + 2
    return replace(data, sales=sales, stock=stock)


# Los ejemplos


def test_the_three_parts_are_in_order_and_do_not_overlap(data):
    """Primero entrenar, después elegir, después puntuar; cada lunes, en una parte."""
    parts = problem.split_weeks(data)
    together = np.concatenate(parts)
    np.testing.assert_array_equal(together, np.arange(56, len(data.dates), 7))
    assert len(parts.validation) == len(parts.test) == 8


def test_examples_do_not_look_ahead(data):
    """Cambiar lo que se vende desde un lunes no cambia lo que se ve ese lunes, y sí el objetivo."""
    origin = 210
    before = problem.make_examples(data, [origin])
    after = problem.make_examples(altered_after(data, origin), [origin])
    for name in ("past", "future", "scale"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    assert (before.sales != after.sales).any()


def test_examples_do_not_look_at_the_truth_or_the_kind(data):
    """Ni la demanda verdadera ni la clase son entradas."""
    hidden = replace(data, truth=None, kind=None)
    for one, other in zip(
        problem.make_examples(data, [210, 217]),
        problem.make_examples(hidden, [210, 217]),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    assert np.isfinite(classic.fit_specialist(hidden, 300).mean).all()


def test_an_example_is_what_it_says(data):
    """Ventas en su escala, semana a semana, y la tabla las devuelve a su sitio."""
    examples = problem.make_examples(data, [210, 217])
    row = 5
    series, origin = examples.series[row], examples.origin[row]
    week = examples.past[row, -1, :7] * examples.scale[row]
    np.testing.assert_allclose(week, data.sales[series, origin - 7 : origin], rtol=1e-5, atol=1e-4)
    first = examples.past[row, 0, :7] * examples.scale[row]
    np.testing.assert_allclose(
        first, data.sales[series, origin - 56 : origin - 49], rtol=1e-5, atol=1e-4
    )
    table = problem.as_table(examples, examples.stock, data)
    np.testing.assert_array_equal(table[:, 210:224], data.stock[:, 210:224])
    assert not table[:, :210].any()


def test_a_newcomer_starts_with_the_level_of_its_category():
    """Sin historia, su nivel es el de las demás de su categoría; con ella, el suyo."""
    data = shop_demand(200, 104)
    arrivals = [(i, row.argmax()) for i, row in enumerate(data.on_sale) if not row[0]]
    series, first = max(arrivals, key=lambda pair: pair[1])
    level = problem.recent_level(data, first)[series]
    others = np.flatnonzero((data.category == data.category[series]) & (np.arange(200) != series))
    seen = slice(first - 56, first)
    wanted = data.sales[others, seen].sum() / data.on_sale[others, seen].sum()
    assert level == pytest.approx(wanted)
    assert problem.is_cold(data, np.array([series]), np.array([first]))[0]


# El modelo por serie


def test_the_specialist_does_not_look_ahead(data):
    """Con lo de después cambiado, pronostica lo mismo hasta esa semana incluida."""
    before = classic.fit_specialist(data, 280)
    after = classic.fit_specialist(altered_after(data, 301), 280)
    np.testing.assert_array_equal(before.mean[:, :308], after.mean[:, :308])
    assert (before.mean[:, 308:] != after.mean[:, 308:]).any()


def test_the_specialist_finds_what_the_generator_put(data):
    """Su media se acerca a la verdadera mucho más que la semana pasada, y su dispersión también."""
    fitted = classic.fit_specialist(data, 364)
    days, on = slice(364, 420), data.on_sale[:, 364:420]
    true = data.truth.expected[:, days]
    error = np.abs(fitted.mean[:, days] - true)[on].mean()
    last_week = np.abs(data.sales[:, 357:413] - true)[on].mean()
    assert error < 0.5 * last_week
    often = true.mean(axis=1) > 3
    ratio = fitted.dispersion[often] / data.truth.dispersion[often]
    assert 0.5 < np.median(ratio) < 2


def test_uncensoring_raises_the_forecast_of_promotions(data):
    """Reponer lo que escondió la rotura sube la media, sobre todo en promoción."""
    seeing, blind = (classic.fit_specialist(data, 364, uncensor=how) for how in (True, False))
    days = slice(364, 420)
    promoted, on = data.promotion[:, days], data.on_sale[:, days]
    gain = seeing.mean[:, days].sum() / blind.mean[:, days].sum()
    inside = seeing.mean[:, days][promoted].sum() / blind.mean[:, days][promoted].sum()
    assert 1 < gain < inside
    assert (seeing.mean[:, days][~on] == 0).all()


def test_the_expected_demand_above_what_was_sold_is_exact():
    """La media de la cola, igual que sumarla término a término."""
    from scipy.stats import nbinom

    mean, sold, dispersion = np.array([[6.0]]), np.array([[9.0]]), np.array([0.2])
    units = np.arange(9, 2000)
    chances = nbinom.pmf(units, 5, 5 / 11)
    wanted = (units * chances).sum() / chances.sum()
    assert classic._expected_above(mean, sold, dispersion)[0, 0] == pytest.approx(wanted)


# Las políticas


def test_orders_and_costs_of_those_who_do_not_forecast(data):
    """La constante es la de su medio año; a posteriori, ninguna constante la mejora."""
    days = slice(364, 420)
    flat = policies.constant_orders(data, days)
    best = policies.constant_orders(data, days, hindsight=True)
    row = int(np.flatnonzero(data.on_sale.all(axis=1))[0])
    wanted = best_constant_order(
        data.sales[row, 182:364], shortage=data.shortage[row], holding=data.holding[row]
    )
    assert set(flat[row]) == {wanted}
    assert policies.euros(best, data, days).sum() <= policies.euros(flat, data, days).sum()
    for orders in (flat, best, policies.last_week_orders(data, days)):
        assert not orders[~data.on_sale[:, days]].any()


def test_knowing_the_truth_is_cheap_and_the_score_rewards_it(data):
    """El cuantil verdadero cuesta menos que todo lo demás, y la media verdadera puntúa mejor."""
    days = slice(364, 420)
    ratio = critical_ratio(data.shortage, data.holding)
    floor = policies.euros(data.truth.quantile(ratio, days), data, days).sum()
    fitted = classic.fit_specialist(data, days.start)
    assert floor < policies.euros(fitted.quantile(ratio, days), data, days).sum()
    score = policies.score_mean(data.truth.expected[:, days], data, days)
    assert score < policies.score_mean(fitted.mean[:, days], data, days)
    week = policies.last_week_orders(data, days)
    assert policies.score_mean(fitted.mean[:, days], data, days) < policies.score_mean(
        week, data, days
    )


def test_every_day_on_sale_is_of_one_kind(data):
    """Las clases reparten los días; los fríos son solo de quien acaba de llegar."""
    masks = experiment.group_masks(data, slice(364, 420))
    assert tuple(masks) == experiment.GROUPS
    np.testing.assert_array_equal(
        sum(masks[kind].astype(int) for kind in ITEM_KINDS), masks["todas"]
    )
    assert not masks["en frío"][data.kind != "nuevo"].any()


def test_what_is_not_a_network_is_measured_by_kind():
    """Una fila por modelo y clase, con el mismo suelo en todos."""
    rows = experiment.measure_plain(1003)
    assert len(rows) == len(experiment.WITHOUT_NETWORK) * len(experiment.GROUPS)
    floors = {row["model"]: row["floor"] for row in rows if row["kind"] == "todas"}
    assert len(set(floors.values())) == 1
    (truth,) = [r for r in rows if r["model"] == "verdad" and r["kind"] == "todas"]
    assert truth["euros"] == truth["floor"]


# La red


def by_hand(truth, quantiles):
    """La pérdida censurada, con NumPy."""
    gap = truth[..., :1] - np.minimum(quantiles, truth[..., 1:])
    return np.maximum(network.LEVELS * gap, (network.LEVELS - 1) * gap).mean(axis=(1, 2))


def test_the_loss_is_its_formula_and_ignores_what_nobody_could_see():
    """Igual que con NumPy; por encima de lo que había, mover el cuantil no la cambia."""
    rng = np.random.default_rng(0)
    stock = rng.uniform(1, 4, size=(5, 7, 1))
    truth = np.concatenate([np.minimum(rng.gamma(2, 1, size=(5, 7, 1)), stock), stock], axis=2)
    quantiles = np.sort(rng.gamma(2, 1, size=(5, 7, len(network.LEVELS))), axis=-1)
    truth, quantiles = truth.astype("float32"), quantiles.astype("float32")
    found = np.asarray(network.censored_loss(truth, quantiles))
    np.testing.assert_allclose(found, by_hand(truth, quantiles), rtol=1e-5)
    above = np.where(quantiles > truth[..., 1:], quantiles + 5, quantiles)
    np.testing.assert_allclose(network.censored_loss(truth, above), found, rtol=1e-6)


def test_only_a_stock_out_limits_what_was_seen(data):
    """El límite es lo puesto a la venta si se agotó; si no, o si no se quiere saber, ninguno."""
    examples = problem.make_examples(data, [210])
    limit = network.targets(examples, censored=True)[..., 1]
    out = examples.sales == examples.stock
    stock = examples.stock / examples.scale[:, None]
    np.testing.assert_allclose(limit[out], stock[out], rtol=1e-6)
    assert (limit[~out] == network.NO_LIMIT).all()
    assert (network.targets(examples, censored=False)[..., 1] == network.NO_LIMIT).all()


def test_the_networks_are_alike_in_parameters_and_never_cross():
    """La densa y la GRU, con un 5 % de diferencia como mucho; los cuantiles, en orden."""
    shape = (8, 28, 16)
    models = [network.build_network(shape, network.Recipe(recurrent=how)) for how in (True, False)]
    one, other = (model.count_params() for model in models)
    assert abs(one - other) < 0.05 * one
    rng = np.random.default_rng(0)
    inputs = (
        rng.normal(size=(6, 8, 28)).astype("float32"),
        rng.normal(size=(6, 16)).astype("float32"),
    )
    for model in models:
        found = model.predict(inputs, verbose=0)
        assert found.shape == (6, 7, len(network.LEVELS))
        assert (np.diff(found, axis=-1) >= 0).all()


def test_a_network_is_kept_and_read_back(data, tmp_path):
    """La segunda vez no se entrena: sale lo mismo; un archivo estropeado se entrena de nuevo."""
    parts = problem.split_weeks(data)
    train, validation = (problem.make_examples(data, part[:4]) for part in parts[:2])
    recipe = network.Recipe(units=16, epochs=2)
    options = {"seed": 3, "recipe": recipe, "folder": tmp_path}
    first = network.recall_or_train(train, validation, **options).quantiles(validation)
    (path,) = tmp_path.iterdir()
    written = path.read_bytes()
    again = network.recall_or_train(train, validation, **options)
    np.testing.assert_allclose(again.quantiles(validation), first, rtol=1e-6)
    assert len(again.losses) == 2
    path.write_bytes(written[: len(written) // 2])
    mended = network.recall_or_train(train, validation, **options).quantiles(validation)
    np.testing.assert_allclose(mended, first, rtol=1e-3)
    assert path.stat().st_size == len(written)


# La M3


def some_series(count=28):
    """Series mensuales inventadas, con su año y su pendiente."""
    rng = np.random.default_rng(3)
    month = np.arange(78)
    level = rng.uniform(50, 500, size=(count, 1))
    year = 1 + 0.2 * np.sin(2 * np.pi * (month + rng.integers(12, size=(count, 1))) / 12)
    values = level * year * (1 + 0.02 * rng.normal(size=(count, 78)))
    return [m3.Series(row[:60], row[60:]) for row in values]


def test_the_blocks_share_out_every_series_once():
    """Cada serie, en un bloque, y todos miden lo mismo."""
    places = [list(range(m3.COUNT))[block :: m3.BLOCKS] for block in range(m3.BLOCKS)]
    assert sorted(np.concatenate(places)) == list(range(m3.COUNT))
    assert {len(one) for one in places} == {51}


def test_the_two_scales_are_not_the_same():
    """Una serie con mucho año tiene MASE distintos según entre qué se divide."""
    row = m3.measure_classic("persistencia estacional", 0, some_series())
    assert 0 < row["smape"] < 10
    assert row["mase12"] > 1.5 * row["mase1"]
    assert row["unscaled"] == 0


def test_a_flat_series_does_not_spoil_the_mean():
    """No tiene con qué escalarse: se cuenta aparte."""
    flat = m3.Series(np.full(60, 5.0), np.full(18, 5.0))
    both = [flat, *some_series(1)]
    found = m3.score(both, [one.actual for one in both])
    assert found == {"smape": 0.0, "mase12": 0.0, "mase1": 0.0, "unscaled": 1}


def test_what_is_not_the_m3_is_refused():
    """Otra cantidad, otro plazo o valores negativos se dicen."""
    good = some_series(1)[0]
    with pytest.raises(ValueError, match="1428 series mensuales y han llegado 3"):
        m3.check_monthly([good] * 3)
    m3.check_monthly([good] * m3.COUNT)
    bad = [good] * (m3.COUNT - 1) + [m3.Series(-good.history, good.actual)]
    with pytest.raises(ValueError, match="la primera es la 1427"):
        m3.check_monthly(bad)


def test_the_network_is_measured_alone_and_with_theta():
    """Una fila por modelo y bloque, con la validación de su anchura."""
    pytest.importorskip("torch")
    series = some_series()
    rows = m3.measure_network(24, 0, series, m3.theta_forecasts(series))
    assert len(rows) == 2 * m3.BLOCKS
    assert {row["model"] for row in rows} == {"GRU para todas", "mitad GRU, mitad theta"}
    assert len({row["validation"] for row in rows}) == 1
    assert all(0 < row["smape"] < 60 for row in rows)


def test_the_grids_are_written_as_their_programs_say():
    """Sin ETS, un modelo menos; cada punto, una vez."""
    points = m3_grid.grid(2, ets=True)
    assert len(points) == 3 * m3.BLOCKS + 2 * len(m3.WIDTHS)
    assert len({tuple(point.values()) for point in points}) == len(points)
    assert not any(point["model"] == "ETS" for point in m3_grid.grid(2, ets=False))
    assert demand_grid.FIRST_SEED > 100

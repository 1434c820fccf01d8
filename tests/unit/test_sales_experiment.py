"""El experimento de las ventas: muchas redes a la vez son las de Keras, y se puede repetir."""

import numpy as np
import pytest

from course_utils.datasets import load_result, load_sales
from course_utils.lessons.lesson_25 import ensemble, experiment
from course_utils.lessons.lesson_25.classic import fit_ets
from course_utils.lessons.lesson_25.recipes import (
    RECIPES,
    WIDTH,
    prepare_sales,
    split_windows,
)
from tools.experiments import sales as sales_grid


@pytest.mark.parametrize("cell", ensemble.GATES)
def test_every_network_is_the_layer_of_keras(cell):
    """Con los mismos pesos, la capa de Keras dice lo mismo."""
    import keras
    import torch

    x = np.random.default_rng(0).normal(size=(5, 6, 3)).astype("float32")
    weights = ensemble.start_weights(cell, 3, seeds=[4, 9])
    together = ensemble.forecast(cell, torch.tensor(x).expand(2, -1, -1, -1), weights)
    layer = getattr(keras.layers, cell)
    model = keras.Sequential([keras.Input((6, 3)), layer(16), keras.layers.Dense(1)])
    for network in range(2):
        kernel, recurrent, bias, *extra, out_kernel, out_bias = (
            part[network].detach().numpy() for part in weights
        )
        biases = np.concatenate([bias, *extra]) if extra else bias[0]
        model.set_weights([kernel, recurrent, biases, out_kernel, out_bias[0]])
        expected = model(x).numpy()[:, 0]
        np.testing.assert_allclose(together[network].detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("cell", ensemble.GATES)
def test_networks_start_as_those_of_keras(cell):
    """Matriz recurrente ortogonal, sesgos a cero y, en la LSTM, el de olvido a uno."""
    weights = ensemble.start_weights(cell, 3, seeds=[0])
    kernel, recurrent, bias, *_ = (part.detach() for part in weights)
    np.testing.assert_allclose(recurrent[0] @ recurrent[0].T, np.eye(16), atol=1e-5)
    assert bias.sum() == (16 if cell == "LSTM" else 0)
    assert kernel.abs().max() <= (6 / (3 + kernel.shape[-1])) ** 0.5


def test_a_network_does_not_know_about_the_others():
    """Sola o acompañada, una semilla da la misma red."""
    rng = np.random.default_rng(0)
    x, parts = rng.normal(size=(80, 4, 1)).astype("float32"), experiment.split_windows(100)
    parts = parts._replace(train=slice(0, 50), validation=slice(50, 65))
    options = {"rate": 0.01, "epochs": (1, 3)}
    both = ensemble.train_networks("GRU", x, x[:, 1, 0], parts, seeds=[0, 1], **options)
    alone = ensemble.train_networks("GRU", x, x[:, 1, 0], parts, seeds=[1], **options)
    np.testing.assert_allclose(both[3][1], alone[3][0], atol=1e-5)
    assert not np.allclose(both[3][0], both[3][1], atol=1e-3)
    assert not np.allclose(both[1], both[3], atol=1e-3)


def test_the_best_epoch_is_kept():
    """Con más épocas, la pérdida de validación no puede ser mayor."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(80, 4, 1)).astype("float32"), rng.normal(size=80)
    parts = split_windows(100)._replace(train=slice(0, 50), validation=slice(50, 65))
    options = {"seeds": [0, 1], "rate": 0.1, "epochs": (1, 2, 6)}
    found = ensemble.train_networks("SimpleRNN", x, y, parts, **options)
    losses = [((found[e] - y) ** 2)[:, 50:65].mean(axis=1) for e in (1, 2, 6)]
    assert (np.diff(losses, axis=0) <= 1e-6).all()


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("with_calendar", [False, True])
def test_a_recipe_goes_back_to_units_and_does_not_look_ahead(recipe, with_calendar):
    """El objetivo vuelve a ser lo vendido; lo que pase mañana no cambia la ventana de hoy."""
    data = load_sales()
    units = data.units.astype(float)
    calendar = experiment.calendar_of(data) if with_calendar else None
    prepared = prepare_sales(units, recipe, calendar=calendar)
    np.testing.assert_allclose(prepared.in_units(prepared.y), units[WIDTH:], rtol=1e-4)
    altered = units.copy()
    altered[-1] *= 3
    again = prepare_sales(altered, recipe, calendar=calendar)
    np.testing.assert_array_equal(prepared.x, again.x)
    np.testing.assert_array_equal(prepared.center, again.center)


def test_the_calendar_is_that_of_the_day_forecast():
    """En el último paso está el calendario del día que se pronostica."""
    data = load_sales()
    calendar = experiment.calendar_of(data)
    prepared = prepare_sales(data.units.astype(float), "sin nivel", calendar=calendar)
    np.testing.assert_array_equal(prepared.x[:, -1, 1:], calendar[WIDTH:])


def test_a_fit_without_noise_is_told_without_warnings():
    """Los avisos son errores: si el ajuste no acaba, lo dice el resultado."""
    wave = 100 + 10 * np.sin(2 * np.pi * np.arange(120) / 12)
    assert not fit_ets(wave, 72, period=12, kind="add").converged
    noisy = wave + np.random.default_rng(0).normal(size=120)
    assert fit_ets(noisy, 72, period=12, kind="add").converged


def test_the_order_covers_what_was_asked():
    """El pedido de los días vistos basta nueve de cada diez."""
    rng = np.random.default_rng(0)
    forecast = rng.uniform(50, 100, size=500)
    actual = forecast * rng.uniform(0.8, 1.2, size=500)
    order = experiment.stock_order(forecast, actual, slice(0, 500))
    assert (actual <= order).mean() == pytest.approx(0.9, abs=0.005)


def test_a_window_read_in_one_step_is_a_dense_layer():
    """El control sin recurrencia: la ventana entera en un paso, desde un estado a cero."""
    import keras
    import torch

    x = np.random.default_rng(0).normal(size=(5, 1, 14)).astype("float32")
    weights = ensemble.start_weights("SimpleRNN", 14, seeds=[3])
    found = ensemble.forecast("SimpleRNN", torch.tensor(x)[None], weights)[0].detach().numpy()
    kernel, _, bias, out_kernel, out_bias = (part[0].detach().numpy() for part in weights)
    dense = keras.layers.Dense(16, activation="tanh")
    model = keras.Sequential([keras.Input((14,)), dense, keras.layers.Dense(1)])
    model.set_weights([kernel, bias[0], out_kernel, out_bias[0]])
    np.testing.assert_allclose(found, model(x[:, 0]).numpy()[:, 0], atol=1e-5)


def test_a_lone_rate_is_the_one_validation_chose():
    """La tasa de cada red de las veinte series sale de la rejilla de las ventas del curso."""
    result = load_result("ventas")
    lone = [network for network in experiment.NETWORKS.values() if len(network.rates) == 1]
    assert len(lone) == 5
    for network in lone:
        asked = network._asdict() | {"epochs": experiment.LONG}
        names = ("cell", "recipe", "calendar", "epochs")
        rows = np.all([result[name] == asked[name] for name in names], axis=0)
        means = [
            result["validation"][rows & (result["rate"] == rate)].mean()
            for rate in experiment.RATES
        ]
        assert network.rates == (experiment.RATES[np.argmin(means)],)


def test_with_several_rates_each_series_keeps_its_best(monkeypatch):
    """Cada serie se queda con la red de menor pérdida de validación, sea cual sea su tasa."""

    def fake(cell, x, y, parts, *, rate, seeds, epochs, loss):
        off = np.array([0.1, 0.4]) if rate == 0.01 else np.array([0.3, 0.2])
        return {experiment.LONG: y - off[:, None]}

    monkeypatch.setattr(experiment, "train_networks", fake)
    network = experiment.Network("GRU", "tal cual", (0.01, 0.03))
    monkeypatch.setitem(experiment.NETWORKS, "GRU", network)
    series = [experiment.sales(seed=seed) for seed in (1, 2)]
    spreads = [prepare_sales(one.units.astype(float), "tal cual").spread for one in series]
    rows = experiment.measure_series("GRU", (1, 2))
    expected = np.array([0.1, 0.2]) * spreads
    np.testing.assert_allclose([row["error"] for row in rows], expected, rtol=1e-3)


def test_what_ships_is_what_the_program_measures():
    """Las tablas son las de la rejilla, con veinte semillas y veinte series."""
    result = load_result("ventas")
    assert set(result.seeds) == set(range(20))
    points = [
        (point["cell"], point["recipe"], point["rate"], point["calendar"], epochs, seed)
        for point in sales_grid.grid(20)
        for epochs in (experiment.SHORT, experiment.LONG)
        for seed in range(20)
    ]
    columns = ("cell", "recipe", "rate", "calendar", "epochs", "seed")
    assert points == list(zip(*(result[name].tolist() for name in columns), strict=True))
    stores = load_result("ventas_series")
    assert stores["model"].tolist() == [m for m in experiment.SERIES_MODELS for _ in range(20)]
    (row,) = sales_grid.measure_series("Holt-Winters", 1)
    stored = stores["error"][(stores["model"] == "Holt-Winters") & (stores["seed"] == 1)]
    assert stored == pytest.approx(row["error"], rel=1e-3)
    assert row.keys() == stores.columns.keys()

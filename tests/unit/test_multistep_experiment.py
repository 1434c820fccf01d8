"""Los experimentos de la lección 42: la serie, los vehículos y lo que se dice de las tablas."""

import numpy as np
import pytest

from course_utils.comparison import paired
from course_utils.datasets import load_result, load_weather
from course_utils.datasets.series import Series
from course_utils.lessons.lesson_42 import traffic, weather
from course_utils.synthetic import MANOEUVRES, vehicle_windows, vehicles
from tools.experiments import multistep

SEEDS = range(6)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def problem():
    return weather.prepare(load_weather("JFK").series("temperature", fill="previous"))


# ---------------------------------------------------------------- el tiempo


def test_parts_are_in_order_and_their_targets_do_not_mix(problem):
    ends = [part.max() + problem.period for part in (problem.train, problem.validation)]
    assert ends[0] <= problem.validation.min()
    assert ends[1] <= problem.test.min()
    known = problem.values[: int(weather.PARTS[0] * len(problem.values))]
    assert problem.scale == (known.mean(), known.std())
    assert problem.train.max() + problem.period <= len(known)


def test_nothing_filled_is_a_target(problem):
    series = load_weather("JFK").series("temperature", fill="previous")
    filled = np.isin(series.dates, series.filled)
    for part in (problem.train, problem.validation, problem.test):
        assert not filled[part[:, None] + np.arange(problem.period)].any()


def test_what_is_seen_ends_before_what_is_asked(problem):
    origins = problem.test[:3]
    calendar, targets = weather.ahead(problem, origins)
    seen = weather.past(problem, origins)
    np.testing.assert_array_equal(targets[0], problem.features[origins[0] : origins[0] + 24, 0])
    np.testing.assert_array_equal(seen[0], problem.features[origins[0] - 24 : origins[0]])
    np.testing.assert_allclose(calendar[0], seen[0, :, 1:], atol=1e-4)  # un ciclo después, igual
    back = weather.in_units(problem, targets)
    np.testing.assert_allclose(back[0], problem.values[origins[0] : origins[0] + 24], atol=1e-4)


def test_series_that_are_too_short_or_flat_are_refused():
    def series(values):
        dates = np.datetime64("2024-01-01T00:00", "m") + 60 * np.arange(len(values))
        return Series(dates, values, "grados", "°C", 24, "inventada")

    with pytest.raises(ValueError, match="al menos doce ciclos"):
        weather.prepare(series(np.arange(200.0)))
    with pytest.raises(ValueError, match="todos los valores son iguales"):
        weather.prepare(series(np.ones(400)))


def test_the_recursive_strategy_reads_what_it_says():
    """Con el mismo ancho siempre: lo más antiguo se va."""
    import torch

    seen, calendar = torch.zeros(2, 5, 3), torch.zeros(2, 4, 2)
    seen[:, :, 0] = torch.arange(5.0)
    seen[:, :, 1:] = -1
    calendar += torch.arange(4.0)[:, None]
    widths, clocks = [], []

    def model(window):
        widths.append(window.shape[1])
        clocks.append(window[0, -1, 1].item())
        return window[:, -1, :1] + window[:, 0, :1]

    forecast = weather.run_recursive(model, seen, calendar)
    assert forecast[0].tolist() == [4, 5, 7, 10]  # 4+0, 4+1, 5+2, 7+3
    assert widths == [5] * 4
    assert clocks == [-1, 0, 1, 2]


def test_without_a_bias_each_step_is_lower(problem):
    data = weather.data_of(problem, problem.test[:4])

    def model(window):
        return window[:, -1, :1] + 0.5

    plain, mended = (weather.run_without(model, data, gap) for gap in (0.0, 0.5))
    np.testing.assert_allclose(plain - mended, np.tile(0.5 * np.arange(1, 25), (4, 1)), atol=1e-4)


# ---------------------------------------------------------------- los vehículos


def turning(radius: float, speed: float) -> np.ndarray:
    angle = np.arange(50) * traffic.STEP * speed / radius
    return radius * np.stack([np.sin(angle), 1 - np.cos(angle)], axis=1)[None]


@pytest.mark.parametrize("seconds", traffic.SPANS)
def test_every_rival_is_right_where_it_should(seconds):
    t = np.arange(50) * traffic.STEP
    straight = np.stack([3 + 10 * t, 5 - 4 * t], axis=1)[None]
    for rival in traffic.RIVALS.values():
        forecast = rival(straight[:, :20], 30, seconds=seconds)
        np.testing.assert_allclose(forecast, straight[:, 20:], atol=1e-6)
    arc = turning(30.0, 9.0)
    average = traffic.displacement(
        traffic.constant_turn(arc[:, :20], 30, seconds=seconds), arc[:, 20:]
    )[0]
    assert average < 0.6
    braking = np.stack([12 * t - 2 * t**2, np.zeros_like(t)], axis=1)[None]
    stopped = np.where(t[20:] > 3, 18.0, braking[0, 20:, 0])
    forecast = traffic.constant_braking(braking[:, :20], 30, seconds=seconds)
    np.testing.assert_allclose(forecast[0, :, 0], stopped, atol=1e-6)


def test_turning_the_street_turns_the_forecasts():
    """Los ejes de cada vehículo no dependen de hacia dónde mire la calle."""
    windows = vehicle_windows(vehicles(8))
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    moved = type(windows)(
        windows.seen @ turn + 7, windows.ahead @ turn + 7, windows.ahead_truth @ turn + 7,
        windows.vehicle, windows.manoeuvre, windows.since,
    )  # fmt: skip
    for raw in (False, True):
        one, other = (
            traffic.make_examples(w, np.ones(len(w.seen), bool), raw=raw) for w in (windows, moved)
        )
        np.testing.assert_allclose(one.x, other.x, atol=1e-4)
        np.testing.assert_allclose(one.y, other.y, atol=1e-4)
        np.testing.assert_allclose(other.in_metres(one.y), moved.ahead, atol=1e-3)


def test_no_vehicle_is_in_two_parts_unless_instants_are_split():
    windows = vehicle_windows(vehicles(traffic.COUNT))
    whole, loose = traffic.split_vehicles(windows), traffic.split_instants(windows, 0)
    for split in (whole, loose):
        assert (np.sum(split, axis=0) == 1).all()
    assert [part.sum() for part in whole] == [part.sum() for part in loose]
    groups, mixed = ([set(windows.vehicle[part]) for part in split] for split in (whole, loose))
    assert not groups[0] & groups[2]
    assert len(mixed[0] & mixed[2]) > 100


def test_phases_add_up():
    windows = vehicle_windows(vehicles(40))
    part = np.ones(len(windows.seen), bool)
    rows = traffic.by_manoeuvre(windows, part, windows.ahead_truth + np.array([3.0, 4.0]))
    assert sum(row["windows"] for row in rows) == len(windows.seen)
    assert {row["average"] for row in rows} == {row["final"] for row in rows} == {5.0}
    assert {row["phase"] for row in rows if row["manoeuvre"] == MANOEUVRES[0]} == {"–"}


# ---------------------------------------------------------------- lo que dicen las tablas


def test_what_ships_is_what_the_program_measures():
    hours, drives = load_result("multipaso"), load_result("trayectorias")
    rows = zip(*(hours[n].tolist() for n in ("strategy", "rate", "seed", "hour")), strict=True)
    asked = {
        (point["strategy"], point["rate"], point["seed"], hour)
        for point in multistep.weather_grid(SEEDS)
        for hour in point["hours"]
    }
    assert {row for row in rows if "," not in row[0]} == asked
    rows = zip(*(drives[name].tolist() for name in ("model", "setting", "seed")), strict=True)
    points = multistep.traffic_grid(SEEDS)
    assert set(rows) == {(point["model"], point["setting"], point["seed"]) for point in points}


def hourly(strategy, column, hour):
    table = load_result("multipaso")
    chosen = (table["strategy"] == strategy) & (table["rate"] == multistep.USUAL)
    return table[column][chosen & (table["hour"] == hour)]


def test_the_recursive_bias_adds_up_once_a_step():
    """Lo que quita restarlo en cada paso es unas veinticuatro veces lo que se resta en uno."""
    first, last = (hourly("recursiva", "bias", hour) for hour in (1, 24))
    mended = hourly("recursiva, sin sesgo", "bias", 24)
    gain = (last - mended) / first
    assert (gain > 20).all()
    assert (gain < 28).all()
    assert np.abs(mended).mean() < np.abs(last).mean() / 4
    others = [np.abs(hourly(name, "bias", 24)) for name in weather.STRATEGIES[1:]]
    assert np.abs(last).mean() > max(one.mean() for one in others)


def test_recursive_runs_disagree_more_at_the_end_than_the_others():
    spread = {name: hourly(name, "test", 24).std(ddof=1) for name in weather.STRATEGIES}
    assert max(spread, key=spread.get) == "recursiva"


def driven(model, setting, manoeuvre):
    table = load_result("trayectorias")
    chosen = (table["model"] == model) & (table["setting"] == setting)
    chosen &= table["manoeuvre"] == manoeuvre
    return np.array(
        [
            np.average(table["average"][mine], weights=table["windows"][mine])
            for mine in (chosen & (table["seed"] == seed) for seed in SEEDS)
        ]
    )


def test_the_network_wins_where_something_has_begun_and_not_on_a_straight():
    line, network = ({m: driven(*one, m) for m in MANOEUVRES} for one in (
        ("velocidad constante", 1.0), ("red", multistep.USUAL)
    ))  # fmt: skip
    assert paired(network["frenada"], line["frenada"]).high < 0
    assert paired(network["giro"], line["giro"]).high < 0
    longer = driven("velocidad constante", 2.0, "recta")
    assert paired(network["recta"], longer).low > 0


def test_the_loss_and_what_it_reads_matter():
    network = ("red", multistep.USUAL)
    squared, raw = (f"red, {name}" for name in ("error cuadrático", "posiciones"))
    straight = paired(driven(squared, multistep.USUAL, "recta"), driven(*network, "recta"))
    braking = paired(driven(raw, multistep.USUAL, "frenada"), driven(*network, "frenada"))
    assert straight.low > 0
    assert braking.low > 0

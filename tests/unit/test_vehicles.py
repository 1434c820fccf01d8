"""Los vehículos cumplen el modelo, hacen lo que dicen y se cortan en ventanas bien alineadas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.synthetic import MANOEUVRES, vehicle_windows, vehicles
from course_utils.synthetic.vehicles import LANE_WIDTH, STEP, WHEELBASE


@pytest.fixture(scope="module")
def data():
    """Sesenta de cada maniobra, con 20 s para que casi todas acaben."""
    return vehicles(240, seconds=20.0, seed=3)


def of(data, name: str) -> np.ndarray:
    """Qué vehículos hacen una maniobra."""
    return np.flatnonzero(data.manoeuvre == name)


def turned(data) -> np.ndarray:
    """Cuánto ha girado el rumbo de cada vehículo, de principio a fin."""
    return data.truth.heading[:, -1] - data.truth.heading[:, 0]


def sideways(data) -> np.ndarray:
    """Metros que cada vehículo se ha apartado de la línea por la que iba."""
    path = data.truth.position - data.truth.position[:, :1]
    heading = data.truth.heading[:, :1]
    return path[..., 1] * np.cos(heading) - path[..., 0] * np.sin(heading)


def fitted_velocity(seen: np.ndarray, steps: int, *, points: int = 10) -> np.ndarray:
    """Velocidad constante, ajustada por mínimos cuadrados a los últimos puntos."""
    past = np.arange(1 - points, 1) * STEP
    future = np.arange(1, steps + 1) * STEP
    design, ahead = (np.stack([np.ones_like(t), t], axis=1) for t in (past, future))
    return ahead @ (np.linalg.pinv(design) @ seen[:, -points:])


# El modelo


def test_the_state_obeys_the_bicycle_model(data):
    """x' = v cos θ, y' = v sen θ, θ' = v tan δ / L y v' = a, por diferencias centradas."""
    truth = data.truth

    def slope(values):
        return (values[:, 2:] - values[:, :-2]) / (2 * STEP)

    v, theta = truth.speed, truth.heading
    pairs = [
        (truth.position[..., 0], v * np.cos(theta)),
        (truth.position[..., 1], v * np.sin(theta)),
        (theta, v * np.tan(truth.steering) / WHEELBASE),
        (v, truth.acceleration),
    ]
    for values, rate in pairs:
        error = np.abs(slope(values) - rate[:, 1:-1])
        assert np.median(error) < 1e-3
        assert np.quantile(error, 0.99) < 0.05  # lo demás, al empezar o acabar una rampa


def test_nobody_skids_nor_goes_backwards(data):
    """La aceleración lateral no pasa de 3,5 m/s², donde el modelo vale, ni la frenada de 6."""
    lateral = data.truth.speed**2 * np.tan(data.truth.steering) / WHEELBASE
    assert np.abs(lateral).max() < 3.5 + 1e-9
    assert data.truth.acceleration.min() >= -6.0
    assert data.truth.acceleration.max() <= 0.0
    assert data.truth.speed.min() == 0.0
    assert data.truth.speed.max() <= 25.0


def test_the_turn_is_an_arc_of_a_circle():
    """Con las ruedas quietas, la curva tiene el radio L / tan δ."""
    data = vehicles(40, noise=0.0, seed=1)
    checked = 0
    for one in of(data, "giro"):
        steering = data.truth.steering[one]
        held = np.flatnonzero(np.abs(steering) >= np.abs(steering).max() - 1e-12)
        a, b, c = data.truth.position[one, held[[0, len(held) // 2, -1]]]
        sides = [np.linalg.norm(p - q) for p, q in ((a, b), (b, c), (c, a))]
        area = abs(np.cross([*(b - a), 0], [*(c - a), 0])[2]) / 2
        radius = np.prod(sides) / (4 * area)
        assert radius == pytest.approx(WHEELBASE / np.tan(np.abs(steering).max()), rel=1e-3)
        checked += 1
    assert checked == 10


# Las maniobras


def test_they_take_turns(data):
    """Las cuatro, por turno: cualquier tramo está equilibrado."""
    assert data.manoeuvre.tolist() == list(MANOEUVRES) * 60


def test_straight_means_straight(data):
    """Ni acelera, ni gira, ni tiene instante de maniobra."""
    rows = of(data, "recta")
    assert not data.truth.acceleration[rows].any()
    assert not data.truth.steering[rows].any()
    assert np.isnan(data.truth.start[rows]).all()
    assert np.isnan(data.truth.end[rows]).all()


def test_braking_ends_at_a_standstill(data):
    """Va a velocidad constante hasta que frena, y al acabar está parado y quieto."""
    for one in of(data, "frenada"):
        speed, start, end = data.truth.speed[one], data.truth.start[one], data.truth.end[one]
        assert np.ptp(speed[data.times <= start]) == 0
        if np.isnan(end):
            assert speed[-1] > 0
            continue
        assert speed[data.times < end - 0.1].min() > 0
        assert speed[data.times > end + 0.1].max(initial=0) == 0
    assert np.isfinite(data.truth.end[of(data, "frenada")]).mean() > 0.9
    np.testing.assert_allclose(sideways(data)[of(data, "frenada")], 0, atol=1e-9)


def test_a_turn_turns_what_it_says(data):
    """De 60° a 120°, a los dos lados, y lo demás del recorrido es recto."""
    rows = of(data, "giro")
    degrees = np.degrees(turned(data)[rows])
    assert np.all((np.abs(degrees) > 59.5) & (np.abs(degrees) < 120.5))
    assert 0.3 < (degrees > 0).mean() < 0.7
    for one in rows:
        outside = (data.times < data.truth.start[one]) | (data.times > data.truth.end[one])
        assert not data.truth.steering[one, outside].any()


def test_a_lane_change_ends_one_lane_aside(data):
    """Acaba con el rumbo de antes, corrido un carril a un lado o al otro."""
    rows = of(data, "cambio de carril")
    np.testing.assert_allclose(turned(data)[rows], 0, atol=1e-5)
    shift = sideways(data)[rows, -1]
    np.testing.assert_allclose(np.abs(shift), LANE_WIDTH, rtol=0.02)
    assert 0.3 < (shift > 0).mean() < 0.7
    lasted = data.truth.end[rows] - data.truth.start[rows]
    assert lasted.min() >= 3.0
    assert lasted.max() <= 6.0


def test_manoeuvres_start_where_they_say(data):
    """Entre el 20 % y el 60 % del recorrido, y hasta entonces no se toca nada."""
    moving = data.manoeuvre != "recta"
    assert data.truth.start[moving].min() >= 0.2 * 20
    assert data.truth.start[moving].max() <= 0.6 * 20
    effort = np.abs(data.truth.steering) + np.abs(data.truth.acceleration)
    first = np.array([np.argmax(row > 0) for row in effort[moving]]) * STEP
    delay = first - data.truth.start[moving]
    assert np.all((delay > 0) & (delay <= STEP + 1e-9))


# El sensor y la semilla


def test_noise_is_white_and_has_the_size_it_says(data):
    """Normal de 0,1 m en cada eje, sin relación de un instante al siguiente ni entre los ejes."""
    noise = data.measured - data.truth.position
    assert noise.std() == pytest.approx(0.1, rel=0.02)
    assert abs(noise.mean()) < 0.002
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.02


@given(
    count=st.integers(0, 9),
    seconds=st.floats(5, 30),
    noise=st.floats(0, 2),
    seed=st.integers(0, 2**64),
)
@settings(max_examples=20, deadline=None)
def test_any_request(count, seconds, noise, seed):
    """Formas iguales, valores finitos, y la verdad no depende del ruido ni de cuántos se pidan."""
    data = vehicles(count, seconds=seconds, noise=noise, seed=seed)
    more = vehicles(count + 1, seconds=seconds, noise=0.0, seed=seed)
    steps = len(data.times)
    assert steps == round(seconds / STEP)
    assert data.measured.shape == data.truth.position.shape == (count, steps, 2)
    assert np.isfinite(data.measured).all()
    for name in ("position", "speed", "heading", "steering", "acceleration", "start", "end"):
        np.testing.assert_array_equal(getattr(data.truth, name), getattr(more.truth, name)[:count])
    np.testing.assert_array_equal(more.measured, more.truth.position)


def test_the_seed_decides():
    """La misma repite, en arrays distintos; otra cambia los vehículos."""
    one, again, other = vehicles(8, seed=1), vehicles(8, seed=1), vehicles(8, seed=2)
    np.testing.assert_array_equal(one.measured, again.measured)
    assert not np.shares_memory(one.measured, again.measured)
    assert (one.truth.position != other.truth.position).any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": -1}, ValueError, "count debe ser al menos 0"),
        ({"count": 2.5}, TypeError, "count debe ser un número entero"),
        ({"count": 2, "seconds": 4.9}, ValueError, "seconds debe ser un número finito, al menos 5"),
        ({"count": 2, "seconds": "8"}, TypeError, "seconds debe ser un número; ha llegado str"),
        ({"count": 2, "noise": -0.1}, ValueError, "noise debe ser un número finito, al menos 0"),
        ({"count": 2, "noise": float("nan")}, ValueError, "ha llegado nan"),
        ({"count": 2, "noise": True}, TypeError, "noise debe ser un número; ha llegado bool"),
        ({"count": 2, "seed": -1}, ValueError, "seed debe ser al menos 0"),
    ],
)
def test_bad_arguments(arguments, error, message):
    """Cada argumento equivocado dice qué se esperaba y qué ha llegado."""
    with pytest.raises(error, match=message):
        vehicles(**arguments)


# Las ventanas


def test_windows_are_cuts_of_the_drive():
    """Lo visto y lo que viene son trozos seguidos del mismo vehículo, sin perder ni repetir."""
    data = vehicles(8, seed=5)
    windows = vehicle_windows(data, seen=2.0, ahead=3.0, every=0.5)
    assert windows.seen.shape == (56, 20, 2)
    assert windows.ahead.shape == windows.ahead_truth.shape == (56, 30, 2)
    np.testing.assert_array_equal(windows.vehicle, np.repeat(np.arange(8), 7))
    for place, (vehicle, first) in enumerate((v, 5 * w) for v in range(8) for w in range(7)):
        whole = data.measured[vehicle, first : first + 50]
        np.testing.assert_array_equal(windows.seen[place], whole[:20])
        np.testing.assert_array_equal(windows.ahead[place], whole[20:])
        truth = data.truth.position[vehicle, first + 20 : first + 50]
        np.testing.assert_array_equal(windows.ahead_truth[place], truth)


def test_a_window_is_named_after_what_happens_in_it():
    """Sin maniobra dentro, ni vista ni por venir, es una recta y no tiene instante."""
    data = vehicles(80, seconds=20.0, seed=2)
    windows = vehicle_windows(data)
    now = np.tile(np.arange(19, 170, 5) * STEP, 80)
    start, end = data.truth.start[windows.vehicle], data.truth.end[windows.vehicle]
    end = np.where(np.isnan(end), np.inf, end)
    moving = (start < now + 3.0 - 1e-9) & (end > now - 1.9 + 1e-9)
    np.testing.assert_array_equal(windows.manoeuvre != "recta", moving)
    np.testing.assert_array_equal(np.isfinite(windows.since), moving)
    np.testing.assert_allclose(windows.since[moving], (now - start)[moving])
    names = data.manoeuvre[windows.vehicle][moving]
    np.testing.assert_array_equal(windows.manoeuvre[moving], names)
    assert windows.since[moving].min() < 0 < windows.since[moving].max()


def test_constant_velocity_is_a_serious_rival():
    """Ajustada al último segundo: décimas en las rectas, un metro al cambiar de carril.

    Con dos puntos, el ruido la echa a perder; frenar y girar no los puede prever.
    """
    windows = vehicle_windows(vehicles(400, seed=1))

    def error(points):
        forecast = fitted_velocity(windows.seen, 30, points=points)
        distance = np.linalg.norm(forecast - windows.ahead_truth, axis=-1).mean(axis=1)
        return {name: distance[windows.manoeuvre == name].mean() for name in MANOEUVRES}

    fitted, hasty = error(10), error(2)
    assert 0.2 < fitted["recta"] < 0.4
    assert hasty["recta"] > 2.5
    assert 0.7 < fitted["cambio de carril"] < 1.4
    assert 4 < fitted["frenada"] < 7
    assert 3 < fitted["giro"] < 6


def test_inputs_are_not_shared_with_windows():
    """Cambiar una ventana no toca los recorridos."""
    data = vehicles(4)
    before = data.measured.copy()
    vehicle_windows(data).seen[:] = 0
    np.testing.assert_array_equal(data.measured, before)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ahead": 7.0}, ValueError, "Una ventana de 9 s no cabe en recorridos de 8 s"),
        ({"every": 0}, ValueError, "every debe ser un número finito, al menos 0.1"),
        ({"seen": "2"}, TypeError, "seen debe ser un número; ha llegado str"),
    ],
)
def test_bad_windows(arguments, error, message):
    """Una ventana imposible dice por qué."""
    with pytest.raises(error, match=message):
        vehicle_windows(vehicles(4), **arguments)

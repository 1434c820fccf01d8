"""Las ventas generadas cumplen, número a número, lo que su documentación promete."""

from __future__ import annotations

import datetime
import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.synthetic import daily_sales, sales


@pytest.fixture(scope="module")
def data():
    """Las ventas por defecto."""
    return sales()


def calendar(data) -> list[datetime.date]:
    """Las fechas como objetos de la biblioteca estándar, que no comparten código con el módulo."""
    return data.dates.tolist()


def test_shape_and_types(data):
    """Cinco años de días consecutivos, unidades enteras positivas y banderas booleanas."""
    assert calendar(data)[0] == datetime.date(2021, 1, 1)
    assert calendar(data)[-1] == datetime.date(2025, 12, 31)
    assert set(np.diff(data.dates).astype(int)) == {1}
    assert data.units.dtype == np.int64
    assert data.units.min() >= 1
    assert data.holiday.dtype == data.promotion.dtype == np.bool_
    assert (data.name, data.unit, data.period) == ("ventas diarias", "unidades", 7)


def test_units_are_the_product_of_the_truth(data):
    """Las componentes publicadas reconstruyen exactamente las unidades."""
    t = data.truth
    expected = t.trend * t.weekly * t.yearly * t.holiday * t.promotion
    np.testing.assert_array_equal(t.expected, expected)
    np.testing.assert_array_equal(data.units, np.rint(expected * (1 + t.noise)))


def test_trend(data):
    """180 el primer día, +0,10 al día hasta el 1095 y +0,03 después."""
    steps = np.diff(data.truth.trend)
    assert data.truth.trend[0] == 180
    np.testing.assert_allclose(steps[:1095], 0.10, atol=1e-9)
    np.testing.assert_allclose(steps[1095:], 0.03, atol=1e-9)


def test_weekly(data):
    """El factor sigue al día de la semana y su media es 1."""
    factors = (0.90, 0.85, 0.90, 0.95, 1.15, 1.40, 0.85)
    assert data.truth.weekly.tolist() == [factors[day.weekday()] for day in calendar(data)]
    assert math.isclose(sum(factors), 7)


def test_yearly(data):
    """Máximo en diciembre, otro entre junio y julio, y una media de 1."""
    pairs = list(zip(data.truth.yearly, calendar(data), strict=True))
    by_month = {m: np.mean([f for f, d in pairs if d.month == m]) for m in range(1, 13)}
    assert max(by_month, key=by_month.get) == 12
    assert min(by_month[6], by_month[7]) > max(by_month[4], by_month[9])
    assert abs(data.truth.yearly.mean() - 1) < 1e-3


def test_yearly_rounding_is_never_a_close_call(data):
    """El coseno puede diferir en el último bit entre máquinas: ningún redondeo depende de él."""
    days = np.array([day.timetuple().tm_yday for day in calendar(data)])
    exact = 1 + sum(
        a * np.cos(2 * np.pi * k * (days - peak) / 365.25)
        for a, peak, k in daily_sales.SALES_YEARLY
    )
    np.testing.assert_array_equal(np.round(exact, 4), data.truth.yearly)
    distance_to_tie = np.abs((exact * 1e4) % 1 - 0.5)
    assert distance_to_tie.min() > 1e-6


def test_holidays_and_eves(data):
    """Los festivos venden 0,40, sus vísperas 1,20 y los demás días nada cambia."""
    fixed = {(1, 1), (1, 6), (5, 1), (10, 12), (11, 1), (12, 25)}
    one_day = datetime.timedelta(days=1)
    is_holiday = [(d.month, d.day) in fixed for d in calendar(data)]
    is_eve = [((d + one_day).month, (d + one_day).day) in fixed for d in calendar(data)]
    assert data.holiday.tolist() == is_holiday
    assert sum(is_holiday) == 30
    wanted = [0.4 if h else 1.2 if e else 1.0 for h, e in zip(is_holiday, is_eve, strict=True)]
    assert data.truth.holiday.tolist() == wanted
    assert data.truth.holiday[-1] == 1.2  # la víspera de un festivo que ya no está en los datos


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Principio y longitud de cada racha de verdaderos."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def test_promotions(data):
    """Una por tramo de 35 días, de 4 a 7 días, con tres días de resaca."""
    found = runs(data.promotion)
    assert [start // 35 for start, _ in found] == list(range(1826 // 35))  # el último no llega
    assert all(start % 35 < 25 for start, _ in found)
    lengths = {length for start, length in found if start + length < len(data.units)}
    assert lengths == {4, 5, 6, 7}
    wanted = np.ones(len(data.units))
    for start, length in found:
        wanted[start : start + length] = 1.45
        wanted[start + length : start + length + 3] = 0.85
    np.testing.assert_array_equal(data.truth.promotion, wanted)


def test_noise_has_the_documented_memory_and_size(data):
    """Quitada la mitad del de ayer queda ruido sin memoria, de media 0 y desviación 0,06."""
    noise = data.truth.noise
    shocks = noise[1:] - 0.5 * noise[:-1]
    n = len(shocks)
    assert abs(shocks.mean()) < 3 * 0.06 / math.sqrt(n)
    assert abs(shocks.std() / 0.06 - 1) < 3 / math.sqrt(2 * n)
    assert abs(np.corrcoef(shocks[1:], shocks[:-1])[0, 1]) < 3 / math.sqrt(n)
    within_two = np.mean(np.abs(shocks) < 0.12)  # 0,954 en una normal
    assert abs(within_two - 0.954) < 0.02


def test_best_forecast_is_the_floor(data):
    """Conocerlo todo menos el ruido de mañana gana a no conocer el de ayer y a la persistencia."""
    best = np.abs(data.units - data.truth.best_forecast).mean()
    without_yesterday = np.abs(data.units - data.truth.expected).mean()
    weekly_persistence = np.abs(data.units[7:] - data.units[:-7]).mean()
    assert round(best, 1) == 13.5  # los números de datasets/README.md
    assert round(weekly_persistence, 1) == 59.3
    assert best < 0.9 * without_yesterday
    t = data.truth
    np.testing.assert_allclose(t.best_forecast[1:], t.expected[1:] * (1 + 0.5 * t.noise[:-1]))
    assert t.best_forecast[0] == t.expected[0]


def test_the_stream_never_changes(data):
    """Los bits de PCG64 y lo que se hace con ellos dan siempre los mismos números."""
    content = data.units.tobytes() + data.promotion.tobytes()
    assert hashlib.sha256(content).hexdigest() == (
        "949a6a43043ef86a649deb41862df07dee11ba2c8201025eea960e1bbcca6193"
    )


def test_same_arguments_same_numbers_other_seed_other_numbers():
    """Repetir da lo mismo, en arrays distintos; otra semilla cambia promociones y ruido."""
    first, again, other = sales(400, seed=1), sales(400, seed=1), sales(400, seed=2)
    np.testing.assert_array_equal(first.units, again.units)
    assert not np.shares_memory(first.units, again.units)
    assert (first.promotion != other.promotion).any()
    assert (first.truth.noise != other.truth.noise).any()


def test_noise_does_not_move_promotions():
    """El ruido y las promociones salen de sucesiones distintas."""
    quiet, loud = sales(400, noise=0.0), sales(400, noise=0.3)
    np.testing.assert_array_equal(quiet.promotion, loud.promotion)
    assert not quiet.truth.noise.any()
    np.testing.assert_array_equal(quiet.units, np.rint(quiet.truth.expected))


@given(
    days=st.integers(1, 900),
    start=st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)),
    noise=st.floats(0, 1),
    seed=st.integers(0, 2**64),
)
@settings(max_examples=25, deadline=None)
def test_any_calendar(days, start, noise, seed):
    """Con cualquier fecha, longitud, ruido y semilla: formas iguales y unidades positivas."""
    data = sales(days, start=start.isoformat(), noise=noise, seed=seed)
    columns = [data.dates, data.units, data.holiday, data.promotion, data.truth.expected]
    assert {column.shape for column in columns} == {(days,)}
    assert calendar(data)[0] == start
    assert data.units.min() >= 1
    assert np.isfinite(data.truth.expected).all()


def test_a_longer_series_starts_the_same():
    """Pedir más días no cambia los primeros."""
    short, long = sales(100), sales(500)
    np.testing.assert_array_equal(short.units, long.units[:100])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"days": 0}, ValueError, "days debe ser al menos 1; ha llegado 0"),
        ({"days": 1.5}, TypeError, "days debe ser un número entero"),
        ({"days": True}, TypeError, "days debe ser un número entero"),
        ({"seed": -1}, ValueError, "seed debe ser al menos 0"),
        ({"seed": None}, TypeError, "seed debe ser un número entero"),
        ({"noise": -0.1}, ValueError, "noise debe estar entre 0 y 1; ha llegado -0.1"),
        ({"noise": 6}, ValueError, "0.06 significa un 6 %"),
        ({"noise": float("nan")}, ValueError, "noise debe estar entre 0 y 1; ha llegado nan"),
        ({"noise": "0.1"}, TypeError, "noise debe ser un número; ha llegado str"),
        ({"start": "ayer"}, ValueError, "start debe ser una fecha como '2021-01-01'"),
        ({"start": "2021-02-30"}, ValueError, "Escríbela como año, mes y día"),
        ({"start": np.datetime64("NaT", "D")}, ValueError, "una fecha vacía"),
        ({"start": 2021}, TypeError, "ha llegado int: 2021"),
    ],
)
def test_bad_arguments(arguments, error, message):
    """Cada argumento equivocado dice qué se esperaba y qué ha llegado."""
    with pytest.raises(error, match=message):
        sales(**arguments)

"""El tiempo de los tres aeropuertos: lo que promete su ficha, y la hora de Nueva York."""

from __future__ import annotations

import zoneinfo

import numpy as np
import pytest

from course_utils.datasets import AIRPORTS, load_own_series, load_weather
from course_utils.datasets.weather import WEATHER_VARIABLES


@pytest.fixture(scope="module")
def weather():
    """Los tres, por sus siglas."""
    return {airport: load_weather(airport) for airport in AIRPORTS}


def longest_gap(values: np.ndarray) -> int:
    """Horas de la tanda más larga sin medida."""
    measured = np.flatnonzero(np.isfinite(np.concatenate([[0], values, [0]])))
    return int(np.diff(measured).max()) - 1


def hour(text: str) -> np.datetime64:
    """Una hora UTC."""
    return np.datetime64(text, "m")


def test_a_regular_grid_shared_by_all(weather):
    """Una fila por hora UTC, de la primera a la última; la primera siempre está medida."""
    for one in weather.values():
        assert len(one.dates) == 8730
        assert (one.dates[0], one.dates[-1]) == (hour("2013-01-01T06:00"), hour("2013-12-30T23:00"))
        assert set(np.diff(one.dates).astype(int)) == {60}
        for name in WEATHER_VARIABLES:
            values = getattr(one, name)
            assert values.shape == one.dates.shape
            assert values.dtype == np.float64
            assert np.isfinite(values[0])


@pytest.mark.parametrize(
    ("airport", "hours", "missing", "longest_pressure"),
    [
        ("EWR", 27, (28, 28, 29, 27, 962), 11),
        ("JFK", 24, (25, 25, 27, 24, 855), 9),
        ("LGA", 24, (24, 24, 24, 24, 987), 9),
    ],
)
def test_the_gaps_are_the_documented_ones(weather, airport, hours, missing, longest_pressure):
    """Los de la ficha: cuántos por variable, horas sin nada y la tanda más larga."""
    one = weather[airport]
    gaps = np.isnan([getattr(one, name) for name in WEATHER_VARIABLES])
    assert tuple(gaps.sum(axis=1)) == missing
    assert gaps.all(axis=0).sum() == hours
    assert longest_gap(one.temperature) == 5
    assert longest_gap(one.pressure) == longest_pressure


def test_pressure_is_not_missing_at_random(weather):
    """Falta en la mitad de las horas de lluvia, como dice la ficha."""
    for one, share in zip((weather[a] for a in AIRPORTS), (0.54, 0.47, 0.59), strict=True):
        wet = one.precipitation > 0
        assert np.isnan(one.pressure[wet]).mean() == pytest.approx(share, abs=0.005)
        assert np.isnan(one.pressure[one.precipitation == 0]).mean() < 0.1


def test_every_value_is_possible(weather):
    """Unidades creíbles, y el rocío nunca por encima de la temperatura."""
    limits = {
        "temperature": (-12, 38),
        "dew_point": (-24, 26),
        "wind_speed": (0, 19),
        "precipitation": (0, 31),
        "pressure": (983, 1043),
    }
    for one in weather.values():
        for name, (low, high) in limits.items():
            values = getattr(one, name)
            assert low <= np.nanmin(values) < np.nanmax(values) <= high
        assert not (one.dew_point > one.temperature).any()
        assert np.nanmax(np.abs(np.diff(one.temperature))) < 13


@pytest.mark.parametrize(
    ("airport", "when", "lost", "kept"),
    [
        ("EWR", "2013-02-12T08:00", ("wind_speed",), ("temperature", "pressure")),
        ("JFK", "2013-05-09T02:00", ("temperature", "dew_point"), ("wind_speed",)),
    ],
)
def test_impossible_values_are_gaps(weather, airport, when, lost, kept):
    """Se vacía lo imposible y nada más de esa hora."""
    one = weather[airport]
    row = int(np.flatnonzero(one.dates == hour(when))[0])
    assert all(np.isnan(getattr(one, name)[row]) for name in lost)
    assert all(np.isfinite(getattr(one, name)[row]) for name in kept)


def test_known_values(weather):
    """La primera fila, en las unidades del informe: 39,02 °F, 9 nudos y 1012 mbar en EWR."""
    one = weather["EWR"]
    first = {name: getattr(one, name)[0] for name in WEATHER_VARIABLES}
    assert first["temperature"] == pytest.approx((39.02 - 32) / 1.8)
    assert first["wind_speed"] == pytest.approx(9 * 1852 / 3600, abs=0.05)
    assert (first["precipitation"], first["pressure"]) == (0, 1012)


def test_local_time_repeats_an_hour_and_skips_another(weather):
    """Los dos cambios de hora de 2013, por las reglas de Estados Unidos, sin usar zoneinfo."""
    one = weather["JFK"]
    summer = (one.dates >= hour("2013-03-10T07:00")) & (one.dates < hour("2013-11-03T06:00"))
    wanted = one.dates - np.where(summer, 4, 5) * np.timedelta64(60, "m")
    np.testing.assert_array_equal(one.local, wanted)
    assert (one.local == hour("2013-11-03T01:00")).sum() == 2
    assert (one.local == hour("2013-03-10T02:00")).sum() == 0
    np.testing.assert_array_equal(one.local_hour, [when.hour for when in wanted.tolist()])


def test_a_series_keeps_its_gaps(weather):
    """Por defecto, los huecos son NaN; los arrays son propios."""
    one = weather["LGA"]
    series = one.series("pressure")
    assert (series.name, series.unit) == ("presión al nivel del mar en LGA", "hPa")
    assert (series.period, series.frequency, len(series.filled)) == (24, "hourly", 0)
    np.testing.assert_array_equal(series.values, one.pressure)
    np.testing.assert_array_equal(series.dates, one.dates)
    series.values[0] = 0
    series.dates[0] = series.dates[1]
    assert one.pressure[0] == load_weather("LGA").pressure[0]
    assert one.dates[0] == hour("2013-01-01T06:00")


@pytest.mark.parametrize("variable", WEATHER_VARIABLES)
def test_filling_never_looks_ahead(weather, variable):
    """Cada hueco repite la última medida; cambiar lo que viene después no cambia lo relleno."""
    one = weather["EWR"]
    values, series = getattr(one, variable), one.series(variable, fill="previous")
    last = np.nan
    for measured, found in zip(values.tolist(), series.values.tolist(), strict=True):
        last = last if np.isnan(measured) else measured
        assert found == last
    np.testing.assert_array_equal(series.filled, one.dates[np.isnan(values)])


def test_series_of_own_data_look_the_same(weather, tmp_path):
    """Una serie horaria propia y la del tiempo tienen los mismos atributos: cambia una celda."""
    one = weather["JFK"].series("temperature", fill="previous")
    rows = [f"{d},{v}" for d, v in zip(one.dates[:200].astype(str), one.values[:200], strict=True)]
    path = tmp_path / "propia.csv"
    path.write_text("fecha,grados\n" + "\n".join(rows) + "\n", encoding="utf-8")
    own = load_own_series(path, date_column="fecha", value_column="grados")
    assert (own.period, own.frequency) == (one.period, one.frequency)
    assert own.dates.dtype == one.dates.dtype
    np.testing.assert_array_equal(own.values, one.values[:200])


@pytest.mark.parametrize("airport", ["jfk", "ORD", None, 3])
def test_an_airport_that_is_not_there(airport):
    """El error dice cuáles hay."""
    with pytest.raises(ValueError, match="airport debe ser uno de EWR, JFK, LGA; ha llegado"):
        load_weather(airport)


def test_bad_series(weather):
    """Otra variable u otra manera de rellenar dicen cuáles hay."""
    with pytest.raises(ValueError, match="variable debe ser una de temperature, dew_point"):
        weather["JFK"].series("humidity")
    with pytest.raises(ValueError, match="fill debe ser None o 'previous'; ha llegado"):
        weather["JFK"].series("pressure", fill="linear")


def test_without_time_zones(weather, monkeypatch):
    """Sin husos horarios, como en Windows, se dice qué instalar."""

    def missing(name):
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr("course_utils.datasets.weather.zoneinfo.ZoneInfo", missing)
    with pytest.raises(ImportError, match=r"husos horarios.*pip install .*tzdata"):
        _ = weather["JFK"].local

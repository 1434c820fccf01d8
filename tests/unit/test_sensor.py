"""Los fallos del sensor están donde dicen, son lo que dicen y no tocan nada más."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.synthetic import FAULT_KINDS, sensor
from course_utils.synthetic.sensor import LENGTHS, PER_DAY, SIZES, SLOT_DAYS


def many(kind: str):
    """Muchos fallos de una clase: por cada uno, lo medido, lo limpio y dónde está."""
    data = sensor(200, faults=40, kinds=[kind], seed=7)
    truth = data.truth
    for fault in truth.faults:
        inside = slice(fault.start, fault.end)
        yield data.values[inside], truth.clean[inside], fault, data


# Lo que vale para todos


@given(
    faults=st.integers(0, 4),
    kinds=st.lists(st.sampled_from(FAULT_KINDS), unique=True),
    spare=st.integers(0, 9),
    clean_days=st.integers(0, 20),
    seed=st.integers(0, 2**64),
)
@settings(max_examples=40, deadline=None)
def test_faults_never_overlap_and_touch_nothing_else(faults, kinds, spare, clean_days, seed):
    """Fuera de los fallos, la serie es la limpia; y hay un día sin nada delante de cada uno."""
    days = max(1, clean_days + faults * len(kinds) * SLOT_DAYS + spare)
    data = sensor(days, faults=faults, kinds=kinds, clean_days=clean_days, seed=seed)
    truth, steps = data.truth, days * PER_DAY
    assert data.values.shape == data.dates.shape == truth.clean.shape == (steps,)
    assert np.isfinite(data.values).all()
    assert sorted(fault.kind for fault in truth.faults) == sorted(kinds * faults)
    previous = clean_days * PER_DAY
    for kind, start, end in truth.faults:
        assert start >= previous + PER_DAY
        assert LENGTHS[kind][0] <= end - start <= LENGTHS[kind][1]
        assert (truth.kinds[start:end] == kind).all()
        assert (data.values[start:end] != truth.clean[start:end]).any()
        previous = end
    assert previous <= steps
    np.testing.assert_array_equal(data.values[~truth.faulty], truth.clean[~truth.faulty])
    assert truth.faulty.sum() == sum(end - start for _, start, end in truth.faults)
    np.testing.assert_array_equal(truth.clean, np.round(truth.expected + truth.noise, 2))


@given(days=st.integers(60, 90), seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_clean_series_does_not_depend_on_the_faults(days, seed):
    """Con fallos o sin ellos, con más días o menos, debajo está la misma serie."""
    clean = sensor(60, faults=0, seed=seed)
    np.testing.assert_array_equal(clean.values, clean.truth.clean)
    assert clean.truth.faults == ()
    assert not clean.truth.faulty.any()
    dirty = sensor(days, faults=2, seed=seed)
    np.testing.assert_array_equal(dirty.truth.clean[: len(clean.values)], clean.values)


def test_the_seed_decides():
    """La misma repite, en arrays distintos; otra cambia el ruido y los fallos."""
    one, again, other = sensor(seed=1), sensor(seed=1), sensor(seed=2)
    np.testing.assert_array_equal(one.values, again.values)
    assert not np.shares_memory(one.values, again.values)
    assert not np.shares_memory(one.values, one.truth.clean)
    assert (one.truth.clean != other.truth.clean).mean() > 0.9
    assert one.truth.faults != other.truth.faults


def test_it_looks_like_a_half_hourly_series():
    """Medias horas seguidas desde un lunes, y los atributos de las demás series."""
    data = sensor(14, faults=0)
    assert str(data.dates[0]) == "2024-01-01T00:00"
    assert data.dates[0].item().weekday() == 0
    assert set(np.diff(data.dates).astype(int)) == {30}
    assert (data.period, data.frequency, data.unit) == (48, "30min", "l/s")


# Lo normal


def test_the_rhythm_is_daily_with_its_own_weekend():
    """Los días laborables son iguales entre sí, y los del fin de semana, otros."""
    expected = sensor(28, faults=0).truth.expected.reshape(4, 7, PER_DAY)
    for week in expected:
        np.testing.assert_allclose(week[:5] - week[0], 0, atol=1e-9)
        np.testing.assert_allclose(week[5:] - week[5], 0, atol=1e-9)
        assert np.abs(week[5] - week[0]).max() > 5
    assert 10 < expected.min() < expected.max() < 25
    assert np.argmax(expected[0, 0]) == 15  # a las 07:30
    assert np.abs(np.diff(expected.ravel())).max() < 4  # sin saltos, tampoco a medianoche


def test_the_noise_has_the_memory_and_size_it_says():
    """Desviación de 0,8 l/s y 0,7 de autocorrelación; lo que queda no tiene memoria."""
    noise = sensor(400, faults=0).truth.noise
    shocks = noise[1:] - 0.7 * noise[:-1]
    assert noise.std() == pytest.approx(0.8, rel=0.04)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(0.7, abs=0.02)
    assert abs(np.corrcoef(shocks[1:], shocks[:-1])[0, 1]) < 3 / np.sqrt(len(shocks))
    firsts = [sensor(1, faults=0, seed=seed).truth.noise[0] for seed in range(400)]
    assert np.std(firsts) == pytest.approx(0.8, rel=0.12)  # también la primera medida


# Cada fallo


@pytest.mark.parametrize("kind", ["pico", "escalón"])
def test_a_spike_and_a_level_are_a_constant(kind):
    """Lo medido es lo limpio más una cantidad fija, del tamaño dicho y de los dos signos."""
    low, high = SIZES[kind]
    sizes = []
    for values, clean, _, _ in many(kind):
        gap = values - clean
        np.testing.assert_allclose(gap, gap[0], atol=0.011)
        sizes.append(gap[0])
    assert low - 0.01 <= np.abs(sizes).min() <= np.abs(sizes).max() <= high + 0.01
    assert min(sizes) < 0 < max(sizes)


def test_a_drift_grows_in_a_straight_line_and_returns_at_once():
    """Crece por igual hasta su tamaño; la medida siguiente ya está bien."""
    ends = []
    for values, clean, fault, data in many("deriva"):
        gap = values - clean
        line = gap[-1] * np.arange(1, len(gap) + 1) / len(gap)
        np.testing.assert_allclose(gap, line, atol=0.011)
        assert data.values[fault.end : fault.end + 1] == data.truth.clean[fault.end : fault.end + 1]
        ends.append(gap[-1])
    assert 3.99 <= np.abs(ends).min() <= np.abs(ends).max() <= 6.01
    assert min(ends) < 0 < max(ends)


def test_a_stuck_sensor_repeats_the_last_reading():
    """Todo igual a la última medida buena."""
    for values, _, fault, data in many("atascado"):
        assert set(values) == {data.values[fault.start - 1]}


def test_a_changed_rhythm_is_normal_but_faster():
    """Con el ruido quitado, es el mismo ciclo corrido de 1,5 a 2 veces más deprisa."""
    for values, _, fault, data in many("cambio de ritmo"):
        inside = slice(fault.start, fault.end)
        bare = values - data.truth.noise[inside]
        assert bare.min() > 9.9
        assert bare.max() < 24.5
        assert bare[0] == pytest.approx(data.truth.expected[fault.start], abs=0.011)
        turns = np.abs(np.diff(bare)).sum() / np.abs(np.diff(data.truth.expected[inside])).sum()
        assert 1.2 < turns < 2.6


def test_the_wrong_hour_has_ordinary_values():
    """De madrugada, lo de seis horas antes: dentro de lo corriente, pero muy lejos de su hora."""
    for values, clean, fault, data in many("fuera de hora"):
        assert 2 <= fault.start % PER_DAY <= 4  # de la 01:00 a las 02:00
        assert data.truth.clean.min() < values.min() <= values.max() < data.truth.clean.max()
        assert (values - clean).min() > 4
        earlier = data.truth.expected[fault.start - 12 : fault.end - 12]
        np.testing.assert_allclose(
            values, earlier + data.truth.noise[fault.start : fault.end], atol=0.006
        )


# Lo que no vale


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"days": 0}, ValueError, "days debe ser al menos 1"),
        ({"days": 1.5}, TypeError, "days debe ser un número entero"),
        ({"days": 59}, ValueError, "12 fallos necesitan 60 días, .* y hay 59. Pide más días"),
        ({"days": 70, "clean_days": 80}, ValueError, "necesitan 60 días, .* y hay 0"),
        ({"faults": -1}, ValueError, "faults debe ser al menos 0"),
        ({"seed": -1}, ValueError, "seed debe ser al menos 0"),
        ({"clean_days": True}, TypeError, "clean_days debe ser un número entero"),
        ({"kinds": "pico"}, ValueError, "kinds debe ser una lista de clases distintas"),
        ({"kinds": ["spike"]}, ValueError, "de estas: pico, escalón, deriva, atascado"),
        ({"kinds": ["pico", "pico"]}, ValueError, "clases distintas"),
    ],
)
def test_bad_arguments(arguments, error, message):
    """Cada argumento equivocado dice qué se esperaba y qué ha llegado."""
    with pytest.raises(error, match=message):
        sensor(**arguments)

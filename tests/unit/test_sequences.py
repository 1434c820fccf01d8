"""Ventanas, lotes y repartos: propiedades y errores."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.sequences import (
    chronological_split,
    make_windows,
    scaled_windows,
    window_batches,
)

sizes = st.tuples(st.integers(1, 8), st.integers(1, 5), st.integers(0, 20))


@given(sizes)
def test_each_window_is_followed_by_its_target(size):
    width, horizon, extra = size
    ramp = np.arange(width + horizon + extra)
    windows = make_windows(ramp, width=width, horizon=horizon)
    assert len(windows.inputs) == len(windows.targets) == extra + 1
    for start, (inputs, target) in enumerate(zip(*windows, strict=True)):
        assert inputs.tolist() == list(range(start, start + width))
        assert target == start + width - 1 + horizon


@given(sizes, st.integers(1, 3))
def test_features_stay_together(size, features):
    width, horizon, extra = size
    table = np.arange((width + horizon + extra) * features).reshape(-1, features)
    windows = make_windows(table, width=width, horizon=horizon)
    assert windows.inputs.shape == (extra + 1, width, features)
    np.testing.assert_array_equal(windows.inputs[extra], table[extra : extra + width])
    np.testing.assert_array_equal(windows.targets[extra], table[-1])


def test_windows_are_views_and_do_not_touch_the_series():
    series = np.arange(10.0)
    windows = make_windows(series, width=3)
    assert np.shares_memory(windows.inputs, series)
    with pytest.raises(ValueError, match="read-only"):
        windows.inputs[0, 0] = 1.0


@given(sizes, st.integers(1, 7), st.integers(0, 1000))
def test_shuffled_batches_hold_every_window_once(size, batch_size, seed):
    width, horizon, extra = size
    table = np.random.default_rng(seed).normal(size=(width + horizon + extra, 2))
    whole = make_windows(table, width=width, horizon=horizon)
    rng = np.random.default_rng(seed)
    batches = list(
        window_batches(table, width=width, horizon=horizon, batch_size=batch_size, rng=rng)
    )
    assert all(len(batch.inputs) == batch_size for batch in batches[:-1])
    inputs = np.concatenate([batch.inputs for batch in batches])
    targets = np.concatenate([batch.targets for batch in batches])
    order = [int(np.flatnonzero((whole.inputs == one).all(axis=(1, 2)))[0]) for one in inputs]
    assert sorted(order) == list(range(extra + 1))
    np.testing.assert_array_equal(targets, whole.targets[order])


def test_without_rng_the_batches_come_in_order_and_are_copies():
    series = np.arange(10.0)
    batches = list(window_batches(series, width=3, batch_size=4))
    np.testing.assert_array_equal(
        np.concatenate([batch.inputs for batch in batches]), make_windows(series, width=3).inputs
    )
    batches[0].inputs[:] = -1
    batches[0].targets[:] = -1
    np.testing.assert_array_equal(series, np.arange(10.0))


def test_batches_work_on_a_series_that_is_not_contiguous():
    table = np.arange(40.0).reshape(2, 20).T
    batch = next(window_batches(table, width=4, batch_size=2))
    np.testing.assert_array_equal(batch.inputs[1], table[1:5])


def test_memory_of_an_epoch_is_that_of_a_batch():
    series = np.zeros((60_000, 4), dtype="float32")
    tracemalloc.start()
    for _ in window_batches(series, width=100, batch_size=32, rng=np.random.default_rng(0)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    everything = 60_000 * 100 * 4 * 4
    assert peak < everything / 50


@given(st.integers(20, 500), st.floats(0.05, 0.3), st.floats(0.05, 0.3), st.integers(0, 2))
def test_a_split_is_ordered_and_leaves_the_gap(count, validation, test, gap):
    split = chronological_split(count, validation=validation, test=test, gap=gap)
    places = np.arange(count)
    train, middle, last = (places[part] for part in split)
    assert len(train)
    assert len(middle) == round(count * validation)
    assert len(last) == round(count * test)
    assert last[-1] == count - 1
    assert middle[0] - train[-1] == gap + 1
    assert last[0] - middle[-1] == gap + 1


def test_a_split_can_leave_out_validation():
    split = chronological_split(10, validation=0, test=0.3, gap=1)
    assert (split.train, split.test) == (slice(0, 6), slice(7, 10))
    assert np.arange(10)[split.validation].size == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 2, 3], {"width": 3}), ValueError, "al menos 4 valores"),
        (([], {"width": 3}), ValueError, "al menos 4 valores"),
        (([1.0, np.nan, 3.0], {"width": 1}), ValueError, "posición 1"),
        ((["a", "b"], {"width": 1}), TypeError, "array de números"),
        (([1, 2, 3], {"width": -1}), ValueError, "width debe ser al menos 1"),
        (([1, 2, 3], {"width": 1.5}), TypeError, "entero"),
        (([1, 2, 3], {"width": 1, "horizon": 0}), ValueError, "horizon debe ser al menos 1"),
        ((np.zeros((2, 2, 2)), {"width": 1}), ValueError, "1 o 2 dimensiones"),
        (([[1, 2], [3]], {"width": 1}), ValueError, "misma longitud"),
    ],
)
def test_bad_input_says_what_was_expected(arguments, error, message):
    series, options = arguments
    with pytest.raises(error, match=message):
        make_windows(series, **options)
    with pytest.raises(error, match=message):
        window_batches(series, batch_size=2, **options)  # antes de pedir el primer lote


@pytest.mark.parametrize(
    ("count", "options", "message"),
    [
        (10, {"validation": 1.2}, "validation debe estar entre 0 y 1"),
        (10, {"test": -0.1}, "test debe estar entre 0 y 1"),
        (4, {"validation": 0.1, "test": 0.1}, "queda vacío"),
        (10, {"validation": 0.5, "test": 0.5}, "queda vacío"),
        (10, {"gap": 9}, "queda vacío"),
        (0, {}, "count debe ser al menos 1"),
    ],
)
def test_a_bad_split_says_why(count, options, message):
    with pytest.raises(ValueError, match=message):
        chronological_split(count, **options)


@given(st.integers(30, 120), st.integers(1, 6), st.integers(0, 1000))
def test_the_scale_knows_nothing_of_what_comes_after_training(count, width, seed):
    """Cambiar los valores que no se ven al entrenar no cambia ni la escala ni el entrenamiento."""
    series = np.random.default_rng(seed).normal(50, 9, size=count)
    parts = scaled_windows(series, width=width)
    seen = len(parts.train[1]) + width
    assert parts.mean == pytest.approx(series[:seen].mean())
    assert parts.std == pytest.approx(series[:seen].std())
    changed = np.concatenate([series[:seen], 1000 + series[seen:]])
    again = scaled_windows(changed, width=width)
    np.testing.assert_array_equal(again.train[0], parts.train[0])
    np.testing.assert_array_equal(again.train[1], parts.train[1])
    assert (again.mean, again.std) == (parts.mean, parts.std)


def test_scaled_windows_are_the_series_in_order():
    series = np.arange(40.0) ** 1.5
    parts = scaled_windows(series, width=5)
    x, y = (np.concatenate(pieces) for pieces in zip(*parts[:3], strict=True))
    assert x.shape == (35, 5, 1)
    assert y.shape == (35, 1)
    assert x.dtype == y.dtype == np.float32
    unscaled = y[:, 0] * parts.std + parts.mean
    np.testing.assert_allclose(unscaled, series[5:], rtol=1e-4)
    np.testing.assert_array_equal(x[1:, -1], y[:-1])


@pytest.mark.parametrize("dtype", ["float16", "int16", "float32"])
def test_the_scale_is_computed_in_double_precision(dtype):
    series = (3e4 * np.sin(np.arange(60.0))).astype(dtype)
    parts, expected = (scaled_windows(given, width=4) for given in (series, series.astype(float)))
    assert (parts.mean, parts.std) == (expected.mean, expected.std)
    np.testing.assert_array_equal(parts.train[0], expected.train[0])


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (np.ones(60), "son todos 1: no hay escala"),
        (np.zeros((30, 2)), "series debe tener"),
        (np.arange(4.0), "width"),
    ],
)
def test_series_without_a_scale_are_refused(series, message):
    with pytest.raises(ValueError, match=message):
        scaled_windows(series, width=4)

"""Las tareas de memoria larga: la respuesta es la que dice la entrada, y no se puede adivinar."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.synthetic import adding_problem, echo, mark_task, temporal_order


def draw(make, *args, seed=0):
    return make(*args, rng=np.random.default_rng(seed))


@given(st.integers(1, 40), st.integers(2, 60), st.integers(0, 1000))
def test_the_sum_is_that_of_the_marked_numbers(count, length, seed):
    x, y = draw(adding_problem, count, length, seed=seed)
    assert x.shape == (count, length, 2)
    assert y.shape == (count, 1)
    assert x.dtype == y.dtype == np.float32
    numbers, marks = x[..., 0], x[..., 1]
    half = length // 2
    assert set(np.unique(marks)) <= {0.0, 1.0}
    assert np.all(marks[:, :half].sum(axis=1) == 1)
    assert np.all(marks[:, half:].sum(axis=1) == 1)
    assert np.all((numbers >= 0) & (numbers < 1))
    expected = [row[row_marks == 1].sum() for row, row_marks in zip(numbers, marks, strict=True)]
    np.testing.assert_allclose(y[:, 0], expected, rtol=1e-6)


def test_answering_one_has_an_error_of_a_sixth():
    """Var(u₁ + u₂) = 2/12, y la media es 1."""
    _, y = draw(adding_problem, 200_000, 4)
    assert abs(y.mean() - 1) < 0.005
    assert abs(np.mean((y - 1) ** 2) - 1 / 6) < 0.002


def test_marks_reach_every_place():
    x, _ = draw(adding_problem, 2_000, 9)
    assert np.all(x[..., 1].mean(axis=0) > 0.1)


@given(st.integers(1, 40), st.integers(1, 60), st.integers(2, 7), st.integers(0, 1000))
def test_an_echo_is_the_first_symbol(count, length, symbols, seed):
    x, y = echo(count, length, symbols=symbols, rng=np.random.default_rng(seed))
    assert x.shape == (count, length, symbols)
    assert y.shape == (count,)
    assert x.dtype == np.float32
    assert np.issubdtype(y.dtype, np.integer)
    assert np.all(x.sum(axis=-1) == 1)
    np.testing.assert_array_equal(x[:, 0].argmax(axis=-1), y)


def test_the_other_symbols_say_nothing_of_the_echo():
    x, y = draw(echo, 20_000, 5)
    for step in range(1, 5):
        assert abs((x[:, step].argmax(axis=-1) == y).mean() - 0.25) < 0.02


@given(st.integers(1, 40), st.integers(10, 90), st.integers(0, 1000))
def test_the_order_is_that_of_the_two_symbols(count, length, seed):
    x, y = draw(temporal_order, count, length, seed=seed)
    assert x.shape == (count, length, 6)
    assert x.dtype == np.float32
    assert np.all(x.sum(axis=-1) == 1)
    ids, tenth = x.argmax(axis=-1), length // 10
    for row, label in zip(ids, y, strict=True):
        first, second = np.flatnonzero(row < 2)
        assert tenth <= first < 2 * tenth
        assert 5 * tenth <= second < 6 * tenth
        assert label == 2 * row[first] + row[second]


@given(st.integers(1, 40), st.integers(0, 60), st.integers(0, 1000))
def test_the_mark_comes_first_and_no_distractor_looks_like_one(count, distance, seed):
    x, y = draw(mark_task, count, distance, seed=seed)
    assert x.shape == (count, distance + 1, 6)
    assert np.all(x.sum(axis=-1) == 1)
    ids = x.argmax(axis=-1)
    np.testing.assert_array_equal(y, 1 - 2 * ids[:, 0])
    assert np.all(ids[:, 1:] >= 2)


def test_classes_are_balanced():
    for make in (echo, temporal_order):
        _, y = draw(make, 20_000, 20)
        np.testing.assert_allclose(np.bincount(y, minlength=4) / len(y), 0.25, atol=0.02)


@pytest.mark.parametrize("make", [adding_problem, echo, mark_task, temporal_order])
def test_the_seed_decides(make):
    one, again, other = (draw(make, 5, 30, seed=seed) for seed in (1, 1, 2))
    for a, b in zip(one, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (adding_problem, (-1, 9), "count debe ser al menos 0"),
        (adding_problem, (3, 1), "length debe ser al menos 2"),
        (echo, (3, 0), "length debe ser al menos 1"),
        (mark_task, (3, -1), "distance debe ser al menos 0"),
        (temporal_order, (3, 9), "length debe ser al menos 10"),
    ],
)
def test_sizes_that_make_no_task_are_refused(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(make, *arguments)


def test_an_echo_needs_two_symbols():
    with pytest.raises(ValueError, match="symbols debe ser al menos 2"):
        echo(3, 4, symbols=1, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match="length debe ser un número entero"):
        draw(echo, 3, 4.5)

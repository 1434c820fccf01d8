"""El experimento de los tramos: el gradiente es el que dice ser, y entrenar se puede repetir."""

import numpy as np
import pytest

from course_utils.cells import RNNWeights, init_rnn, rnn_backward, rnn_forward
from course_utils.datasets import load_result
from course_utils.lessons.lesson_13 import experiment
from tools.experiments import truncation as truncation_grid


def one_by_one(x, targets, weights, readout, length):
    """El gradiente truncado, tramo a tramo, como en la lección."""
    h = np.zeros((len(x), len(weights.bias)))
    total = [np.zeros_like(part) for part in weights]
    for start in range(0, x.shape[1], length):
        now = slice(start, start + length)
        run = rnn_forward(x[:, now], weights, h0=h)
        grads = rnn_backward(run, weights, 2 * (run.states @ readout - targets[:, now]) @ readout.T)
        total = [old + new for old, new in zip(total, grads.weights, strict=True)]
        h = run.states[:, -1]
    return RNNWeights(*total)


@pytest.fixture
def task():
    rng = np.random.default_rng(0)
    x, targets = experiment.echo_task(3, 12, 2, rng)
    return x, targets, init_rnn(1, 5, rng=rng), rng.normal(size=(5, 1))


@pytest.mark.parametrize("length", [1, 3, 4, 12])
def test_all_chunks_at_once_are_the_chunks_one_by_one(task, length):
    found, expected = (how(*task, length) for how in (experiment.truncated_gradient, one_by_one))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_the_chunks_must_be_equal(task):
    with pytest.raises(ValueError, match="divida a 12, los pasos de la secuencia; ha llegado 5"):
        experiment.truncated_gradient(*task, 5)


def test_the_seed_decides_everything_but_the_plan():
    options = {"rate": 0.1, "updates": 5}
    one = experiment.train_echo(12, 3, **options)
    assert one == experiment.train_echo(12, 3, **options)
    other = experiment.train_echo(1, 3, **options)
    assert one.born == other.born
    assert one.error != other.error
    assert experiment.train_echo(12, 4, **options).born != one.born


def test_another_gradient_trains_the_same():
    options = {"rate": 0.1, "updates": 5}
    one = experiment.train_echo(6, 0, **options)
    other = experiment.train_echo(6, 0, gradient=one_by_one, **options)
    np.testing.assert_allclose(one, other)


def test_a_state_that_keeps_the_past_can_be_read():
    """Una red que guarda la última entrada sin tocarla se lee sin error; con otras, no."""
    rng = np.random.default_rng(1)
    examples, exam = (experiment.echo_task(64, 24, 1, rng) for _ in range(2))
    shift = RNNWeights(np.array([[1e-3, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]]), np.zeros(2))
    assert experiment.best_readout_error(shift, examples, exam) < 1e-4
    forgets = shift._replace(hidden=np.zeros((2, 2)))
    assert experiment.best_readout_error(forgets, examples, exam) > 0.9


def test_what_ships_is_what_the_program_measures():
    result = load_result("tramos")
    seeds = range(max(result.seeds) + 1)
    assert len(seeds) >= 20
    asked = list(truncation_grid.grid(seeds))
    for column in ("length", "rate", "updates", "seed"):
        assert [run[column] for run in asked] == result[column].tolist()
    row = truncation_grid.measure(**asked[0] | {"updates": 2})
    assert row.keys() == result.columns.keys()

"""La RNN en NumPy: frente a su definición, frente a PyTorch y con malas entradas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.cells import RNNWeights, init_rnn, rnn_forward, rnn_step

shapes = st.tuples(*[st.integers(1, 6)] * 4)


def example(shape, seed=0):
    batch, timesteps, input_size, hidden_size = shape
    rng = np.random.default_rng(seed)
    weights = init_rnn(input_size, hidden_size, rng=rng)
    weights = weights._replace(bias=rng.normal(size=hidden_size))
    return rng.normal(size=(batch, timesteps, input_size)), weights


def zero_weights(input_shape, hidden_shape):
    return RNNWeights(np.zeros(input_shape), np.zeros(hidden_shape), np.zeros(5))


@given(shapes, st.booleans())
def test_forward_is_the_step_repeated(shape, given_state):
    x, weights = example(shape)
    h = np.full((len(x), len(weights.bias)), 0.3 if given_state else 0.0)
    states = rnn_forward(x, weights, h0=h if given_state else None)
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)
        np.testing.assert_allclose(states[:, t], h, atol=1e-12)


@settings(max_examples=20)
@given(shapes)
def test_forward_equals_pytorch(shape):
    import torch

    x, weights = example(shape)
    layer = torch.nn.RNN(x.shape[2], len(weights.bias), batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.from_numpy(weights.input.T.copy()))
        layer.weight_hh_l0.copy_(torch.from_numpy(weights.hidden.T.copy()))
        layer.bias_ih_l0.copy_(torch.from_numpy(weights.bias))
        layer.bias_hh_l0.zero_()
        expected = layer(torch.from_numpy(x))[0].numpy()
    np.testing.assert_allclose(rnn_forward(x, weights), expected, atol=1e-12)


def test_precision_follows_the_input_and_nothing_is_mutated():
    x, weights = example((2, 5, 3, 4))
    before = x.copy(), [part.copy() for part in weights]
    assert rnn_forward(x.astype("float32"), weights).dtype == np.float32
    assert rnn_forward(x, weights).dtype == np.float64
    assert rnn_forward(np.ones((1, 2, 3), dtype=int), weights).dtype == np.float64
    np.testing.assert_array_equal(x, before[0])
    for part, old in zip(weights, before[1], strict=True):
        np.testing.assert_array_equal(part, old)


def test_initial_weights_are_orthogonal_bounded_and_reproducible():
    first, again = (init_rnn(7, 5, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_allclose(first.hidden @ first.hidden.T, np.eye(5), atol=1e-12)
    assert np.abs(first.input).max() <= np.sqrt(6 / 12)
    assert not first.bias.any()
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.zeros((2, 3))}, ValueError, "3 dimensiones"),
        ({"x": np.full((1, 2, 3), np.inf)}, ValueError, "valores finitos"),
        ({"x": np.array([[["a"]]])}, TypeError, "array de números"),
        ({"x": np.zeros((1, 2, 4))}, ValueError, "entrada de tamaño 4"),
        ({"weights": "no"}, TypeError, "RNNWeights"),
        ({"weights": zero_weights((5, 3), (5, 5))}, ValueError, "transpuesta"),
        ({"weights": zero_weights((3, 5), (5, 4))}, ValueError, "weights.hidden"),
        ({"h0": np.zeros((2, 5))}, ValueError, "un estado por secuencia"),
        ({"h0": np.zeros(5)}, ValueError, "2 dimensiones"),
    ],
)  # fmt: skip
def test_bad_input_says_what_was_expected(change, error, message):
    arguments = {"x": np.zeros((1, 2, 3)), "weights": init_rnn(3, 5, rng=np.random.default_rng(0))}
    arguments |= change
    with pytest.raises(error, match=message):
        rnn_forward(arguments.pop("x"), arguments.pop("weights"), **arguments)


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (-2, ValueError), (2.0, TypeError)])
def test_a_bad_size_is_refused(size, error):
    with pytest.raises(error, match="hidden_size"):
        init_rnn(3, size, rng=np.random.default_rng(0))

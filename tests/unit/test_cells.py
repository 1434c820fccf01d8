"""Las celdas en NumPy, frente a su definición, a diferencias finitas y a PyTorch."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import cells
from course_utils.cells import cosine, global_norm, jacobian_norms, sigmoid


class Cell(NamedTuple):
    """Una celda y lo que hace falta para probarla."""

    weights: type
    init: object
    step: object
    forward: object
    backward: object
    run: type
    blocks: int
    states: tuple[str, ...] = ("h0",)


def make_gru(reset):
    return Cell(
        cells.GRUWeights,
        cells.init_gru,
        partial(cells.gru_step, reset=reset),
        partial(cells.gru_forward, reset=reset),
        cells.gru_backward,
        cells.GRURun,
        3,
    )


CELLS = {
    "rnn": Cell(
        cells.RNNWeights,
        cells.init_rnn,
        cells.rnn_step,
        cells.rnn_forward,
        cells.rnn_backward,
        cells.RNNRun,
        1,
    ),
    "lstm": Cell(
        cells.LSTMWeights,
        cells.init_lstm,
        cells.lstm_step,
        cells.lstm_forward,
        cells.lstm_backward,
        cells.LSTMRun,
        4,
        ("h0", "c0"),
    ),
    "gru-after": make_gru("after"),
    "gru-before": make_gru("before"),
}
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
shapes = st.tuples(*[st.integers(1, 6)] * 4)


def example(cell, shape, seed=0):
    """Entrada, pesos sin ceros, estados iniciales y una máscara con al menos un paso real."""
    batch, timesteps, input_size, hidden_size = shape
    rng = np.random.default_rng(seed)
    weights = cell.init(input_size, hidden_size, rng=rng)
    weights = cell.weights(*(part + 0.3 * rng.normal(size=part.shape) for part in weights))
    x = rng.normal(size=(batch, timesteps, input_size))
    initial = {name: 0.5 * rng.normal(size=(batch, hidden_size)) for name in cell.states}
    lengths = rng.integers(1, timesteps + 1, size=batch)
    return x, weights, initial, np.arange(timesteps) < lengths[:, None]


def by_steps(cell, x, weights, initial):
    """Los estados de un recorrido hecho paso a paso, y el último."""
    last, outputs = tuple(initial.values()), []
    for t in range(x.shape[1]):
        new = cell.step(x[:, t], *last, weights)
        last = new if isinstance(new, tuple) else (new,)
        outputs.append(last[0])
    return np.stack(outputs, axis=1), last


@every_cell
@given(shapes, st.booleans())
def test_forward_is_the_step_repeated(cell, shape, given_state):
    x, weights, initial, _ = example(cell, shape)
    if not given_state:
        initial = {name: np.zeros_like(state) for name, state in initial.items()}
    run = cell.forward(x, weights, **(initial if given_state else {}))
    states, last = by_steps(cell, x, weights, initial)
    np.testing.assert_allclose(run.states, states, atol=1e-12)
    if len(last) == 2:
        np.testing.assert_allclose(run.cells[:, -1], last[1], atol=1e-12)


@every_cell
@given(shapes)
def test_a_padded_sequence_ends_where_it_ends_alone(cell, shape):
    x, weights, initial, mask = example(cell, shape)
    run = cell.forward(x, weights, mask=mask, **initial)
    for row, length in enumerate(mask.sum(axis=1)):
        alone = {name: state[row : row + 1] for name, state in initial.items()}
        states = cell.forward(x[row : row + 1, :length], weights, **alone).states
        np.testing.assert_allclose(run.states[row, :length], states[0], atol=1e-12)
        np.testing.assert_array_equal(
            run.states[row, length:],
            np.broadcast_to(run.states[row, length - 1], run.states[row, length:].shape),
        )


@every_cell
def test_a_mask_may_have_holes(cell):
    x, weights, _, _ = example(cell, (3, 6, 2, 4))
    mask = np.array([True, False, True, True, False, True])
    run = cell.forward(x, weights, mask=np.tile(mask, (3, 1)))
    np.testing.assert_allclose(
        run.states[:, mask], cell.forward(x[:, mask], weights).states, atol=1e-12
    )
    np.testing.assert_array_equal(run.states[:, 1], run.states[:, 0])


def gradients(cell, x, weights, initial, mask, seed=0):
    """Gradientes de una pérdida al azar, por nombre, y la función que la calcula."""
    rng = np.random.default_rng(seed)
    run = cell.forward(x, weights, mask=mask, **initial)
    directions = {"states": rng.normal(size=run.states.shape)}
    if "c0" in initial:
        directions["cells"] = rng.normal(size=run.cells.shape)

    def loss(x, weights, initial):
        again = cell.forward(x, weights, mask=mask, **initial)
        return sum(np.sum(getattr(again, name) * way) for name, way in directions.items())

    extra = {"grad_cells": directions["cells"]} if "cells" in directions else {}
    found = cell.backward(run, weights, directions["states"], **extra)
    return found, loss


def central_differences(function, array, step=1e-6):
    """Gradiente numérico de una función de un array, elemento a elemento."""
    numeric = np.empty_like(array)
    for place in np.ndindex(array.shape):
        sides = []
        for sign in (1, -1):
            moved = array.copy()
            moved[place] += sign * step
            sides.append(function(moved))
        numeric[place] = (sides[0] - sides[1]) / (2 * step)
    return numeric


def relative_error(one, other):
    return np.linalg.norm(one - other) / (np.linalg.norm(one) + np.linalg.norm(other))


@every_cell
@pytest.mark.parametrize("masked", [False, True], ids=["entera", "con máscara"])
def test_backward_equals_central_differences(cell, masked):
    x, weights, initial, mask = example(cell, (3, 5, 2, 4))
    found, loss = gradients(cell, x, weights, initial, mask if masked else None)
    for name, part in weights._asdict().items():
        numeric = central_differences(
            lambda moved, name=name: loss(x, weights._replace(**{name: moved}), initial), part
        )
        assert relative_error(getattr(found.weights, name), numeric) < 1e-7, name
    numeric = central_differences(lambda moved: loss(moved, weights, initial), x)
    assert relative_error(found.x, numeric) < 1e-7
    for name, state in initial.items():
        numeric = central_differences(
            lambda moved, name=name: loss(x, weights, initial | {name: moved}), state
        )
        assert relative_error(getattr(found, name), numeric) < 1e-7, name


@every_cell
def test_padding_gets_no_gradient(cell):
    x, weights, initial, mask = example(cell, (4, 6, 3, 2))
    found, _ = gradients(cell, x, weights, initial, mask)
    assert not mask.all()
    assert not found.x[~mask].any()
    assert np.abs(found.x[mask]).min() > 0


def to_torch(weights, layer):
    """Copia los pesos a la capa de PyTorch, que multiplica por la izquierda y ordena r, z, n."""
    import torch

    gru = isinstance(weights, cells.GRUWeights)
    order = [1, 0, 2] if gru else range(weights.hidden.shape[1] // weights.hidden.shape[0])
    size = len(weights.hidden)
    columns = np.concatenate([np.arange(block * size, (block + 1) * size) for block in order])
    hidden_bias = weights.hidden_bias if gru else np.zeros_like(weights.bias)
    parts = (weights.input.T, weights.hidden.T, weights.bias, hidden_bias)
    with torch.no_grad():
        for target, source in zip(layer.parameters(), parts, strict=True):
            target.copy_(torch.from_numpy(np.ascontiguousarray(source[columns])))
    return columns


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru-after"])
@settings(max_examples=20)
@given(shape=shapes, masked=st.booleans())
def test_forward_and_backward_equal_pytorch(name, shape, masked):
    import torch

    cell = CELLS[name]
    x, weights, initial, mask = example(cell, shape)
    layer = getattr(torch.nn, name.split("-")[0].upper())(
        shape[2], shape[3], batch_first=True, dtype=torch.float64
    )
    columns = to_torch(weights, layer)
    tensor = torch.from_numpy(x).requires_grad_()
    start = [torch.from_numpy(state)[None].requires_grad_() for state in initial.values()]
    given = tuple(start) if len(start) == 2 else start[0]
    mask = mask if masked else np.ones_like(mask)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        tensor, torch.from_numpy(mask.sum(axis=1)), batch_first=True, enforce_sorted=False
    )
    output, _ = torch.nn.utils.rnn.pad_packed_sequence(
        layer(packed, given)[0], batch_first=True, total_length=shape[1]
    )
    direction = np.random.default_rng(1).normal(size=output.shape) * mask[:, :, None]
    output.backward(torch.from_numpy(direction))

    run = cell.forward(x, weights, mask=mask, **initial)
    found = cell.backward(run, weights, direction)
    np.testing.assert_allclose(run.states * mask[:, :, None], output.detach(), atol=1e-12)
    np.testing.assert_allclose(found.x, tensor.grad, atol=1e-10)
    for state, expected in zip(cell.states, start, strict=True):
        np.testing.assert_allclose(getattr(found, state), expected.grad[0], atol=1e-10)
    for part, expected in zip(found.weights, layer.parameters(), strict=False):
        np.testing.assert_allclose(part.T[columns], expected.grad, atol=1e-10)
    if name == "gru-after":
        expected = layer.bias_hh_l0.grad
        np.testing.assert_allclose(found.weights.hidden_bias[columns], expected, atol=1e-10)


def test_the_two_places_of_the_reset_gate_are_different_functions():
    x, weights, initial, _ = example(CELLS["gru-after"], (2, 5, 3, 4))
    after, before = (
        CELLS[f"gru-{name}"].forward(x, weights, **initial).states for name in ("after", "before")
    )
    assert np.abs(after - before).max() > 1e-2


@every_cell
def test_precision_follows_the_input_and_nothing_is_mutated(cell):
    x, weights, initial, mask = example(cell, (2, 5, 3, 4))
    given = [x, *weights, *initial.values(), mask]
    before = [part.copy() for part in given]
    run = cell.forward(x, weights, mask=mask, **initial)
    frozen = [np.copy(part) for part in run if isinstance(part, np.ndarray)]
    found = cell.backward(run, weights, run.states)
    assert run.states.dtype == found.x.dtype == found.weights.hidden.dtype == np.float64
    for part, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(part, old)
    now = [part for part in run if isinstance(part, np.ndarray)]
    for part, old in zip(now, frozen, strict=True):
        np.testing.assert_array_equal(part, old)

    single = cell.forward(x.astype("float32"), weights, mask=mask, **initial)
    small = cell.backward(single, weights, single.states)
    assert single.states.dtype == small.x.dtype == small.weights.hidden.dtype == np.float32
    np.testing.assert_allclose(single.states, run.states, atol=1e-5)
    np.testing.assert_allclose(small.weights.hidden, found.weights.hidden, atol=1e-4)
    assert cell.forward(np.ones((1, 2, 3), dtype=int), weights).states.dtype == np.float64


@every_cell
def test_a_run_keeps_its_own_copy_of_the_input(cell):
    x, weights, initial, _ = example(cell, (1, 1, 2, 3))
    run = cell.forward(x, weights, **initial)
    expected = cell.backward(run, weights, run.states).weights.input
    x[:] = 100.0
    for state in initial.values():
        state[:] = 100.0
    np.testing.assert_array_equal(cell.backward(run, weights, run.states).weights.input, expected)


@every_cell
def test_initial_weights_are_orthogonal_bounded_and_reproducible(cell):
    first, again = (cell.init(7, 5, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_allclose(first.hidden @ first.hidden.T, np.eye(5), atol=1e-12)
    limit = np.sqrt(6 / (7 + 5 * cell.blocks))
    assert 0.8 * limit < np.abs(first.input).max() <= limit
    expected = np.zeros(5 * cell.blocks)
    expected[5:10] = 1.0 if cell.blocks == 4 else 0.0
    np.testing.assert_array_equal(first.bias, expected)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.floats(-1e6, 1e6))
def test_sigmoid_never_overflows(z):
    with np.errstate(all="raise", under="ignore"):
        value = sigmoid(np.array(z))
    assert 0 <= value <= 1
    if abs(z) < 30:
        assert value == pytest.approx(1 / (1 + np.exp(-z)), abs=1e-15)


@pytest.mark.parametrize(
    ("dtype", "tails", "tolerance"),
    [
        ("float64", (-745, -700, -40, -17.4, -1, 0, 1, 17.4, 800), 1e-14),
        ("float32", (-103, -88, -40, -17.4, -1, 0, 1, 17.4, 200), 3e-7),
        ("float16", (-16, -12, -9, -1, 0, 1, 12, 60000), 1e-3),
    ],
)
def test_sigmoid_keeps_both_tails(dtype, tails, tolerance):
    """El logaritmo enseña la cola de abajo, que redondeada a cero daría menos infinito."""
    z = np.array(tails, dtype=dtype)
    value = sigmoid(z)
    assert value.dtype == dtype
    exact = 1 / (1 + np.exp(-z.astype(np.longdouble)))
    error = np.abs(value - exact)
    assert (error <= tolerance * exact + np.finfo(dtype).smallest_subnormal).all()
    assert np.isfinite(np.log(value)).all()
    assert np.log(sigmoid(np.float32(-17.4))) == pytest.approx(-17.4, rel=1e-6)


def test_sigmoid_takes_integers_lists_and_infinities():
    expected = 1 / (1 + np.exp([128.0, 3.0, -127.0]))
    for z in (np.array([-128, -3, 127], dtype="int8"), [-128, -3, 127]):
        np.testing.assert_allclose(sigmoid(z), expected, rtol=1e-14)
    np.testing.assert_array_equal(sigmoid([-np.inf, np.inf, np.nan]), [0, 1, np.nan])
    assert sigmoid([True]).dtype == np.float64


@every_cell
@pytest.mark.parametrize("masked", [False, True])
def test_an_empty_batch_goes_there_and_back(cell, masked):
    """Un filtro puede dejar un lote vacío: entonces no hay gradiente."""
    x, weights, initial, mask = example(cell, (2, 5, 3, 4))
    initial = {name: state[:0] for name, state in initial.items()}
    run = cell.forward(x[:0], weights, mask=mask[:0] if masked else None, **initial)
    found = cell.backward(run, weights, run.states)
    assert run.states.shape == (0, 5, 4)
    assert found.x.shape == (0, 5, 3)
    assert found.h0.shape == (0, 4)
    for gradient, part in zip(found.weights, weights, strict=True):
        np.testing.assert_array_equal(gradient, np.zeros_like(part))


@every_cell
def test_a_mask_without_real_steps_copies_the_state_and_its_gradient(cell):
    x, weights, initial, mask = example(cell, (2, 5, 3, 4))
    mask[0] = False
    run = cell.forward(x, weights, mask=mask, **initial)
    way = np.random.default_rng(1).normal(size=run.states.shape)
    found = cell.backward(run, weights, way)
    np.testing.assert_array_equal(run.states[0], np.tile(initial["h0"][0], (5, 1)))
    np.testing.assert_allclose(found.h0[0], way[0].sum(axis=0), atol=1e-12)
    assert not found.x[0].any()


@every_cell
@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x.tolist(),
        lambda x: x.astype("float16"),
        lambda x: x.astype("int8"),
        lambda x: x > 0,
    ],
    ids=["lista", "float16", "int8", "bool"],
)
def test_other_types_are_computed_in_double_precision(cell, convert):
    """En media precisión, sumar los gradientes de muchos pasos se desborda."""
    x, weights, _, _ = example(cell, (8, 40, 3, 4))
    x = convert(3 * x)
    run, again = (cell.forward(given, weights) for given in (x, np.asarray(x, dtype=float)))
    way = np.full(run.states.shape, 3e3)
    found, expected = cell.backward(run, weights, way), cell.backward(again, weights, way)
    assert run.states.dtype == np.float64
    np.testing.assert_array_equal(run.states, again.states)
    np.testing.assert_array_equal(found.weights.bias, expected.weights.bias)
    assert np.isfinite(found.weights.bias).all()


def test_weights_that_do_not_fit_in_the_precision_of_the_input_are_refused():
    weights = cells.init_rnn(3, 5, rng=np.random.default_rng(0))
    weights.hidden[1, 2] = 1e300
    with pytest.raises(ValueError, match=r"weights.hidden .* \(1, 2\) hay 1e\+300, que no cabe"):
        cells.rnn_forward(np.ones((1, 2, 3), dtype="float32"), weights)


def transposed(cell):
    weights = cell.init(3, 5, rng=np.random.default_rng(0))
    return weights._replace(input=weights.input.T)


def empty(cell):
    parts = {"input": np.zeros((3, 0)), "hidden": np.zeros((0, 0)), "bias": np.zeros(0)}
    return cell.weights(**parts, **dict.fromkeys(cell.weights._fields[3:], np.zeros(0)))


@every_cell
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.zeros((2, 3))}, ValueError, "3 dimensiones"),
        ({"x": np.full((1, 2, 3), np.inf)}, ValueError, "valores finitos"),
        ({"x": np.array([[["a"]]])}, TypeError, "array de números"),
        ({"x": np.zeros((1, 2, 4))}, ValueError, "entrada de tamaño 4"),
        ({"x": np.zeros((1, 0, 3))}, ValueError, r"un paso .* como mínimo; ha llegado \(1, 0, 3\)"),
        ({"x": np.zeros((1, 2, 0))}, ValueError, r"un número por paso.* ha llegado \(1, 2, 0\)"),
        ({"x": np.full((1, 2, 3), np.nan)}, ValueError, "valores finitos"),
        ({"weights": empty}, ValueError, "al menos . números.*vacío.*init_"),
        ({"mask": [[True, True], [True]]}, ValueError, "filas de la misma longitud"),
        ({"weights": "no"}, TypeError, "Weights"),
        ({"weights": (np.zeros((3, 5)), np.zeros((5, 5)))}, TypeError, "Weights"),
        ({"weights": transposed}, ValueError, r"weights.input \(3, .*transpuesta"),
        ({"h0": np.zeros((2, 5))}, ValueError, "un estado por secuencia"),
        ({"h0": np.zeros(5)}, ValueError, "2 dimensiones"),
        ({"mask": np.ones((1, 2))}, ValueError, "booleano"),
        ({"mask": np.ones((2, 1), dtype=bool)}, ValueError, r"\(lote, tiempo\) = \(1, 2\)"),
    ],
)  # fmt: skip
def test_bad_input_says_what_was_expected(cell, change, error, message):
    arguments = {"x": np.zeros((1, 2, 3)), "weights": cell.init(3, 5, rng=np.random.default_rng(0))}
    arguments |= change
    if callable(arguments["weights"]):
        arguments["weights"] = arguments["weights"](cell)
    with pytest.raises(error, match=message):
        cell.forward(arguments.pop("x"), arguments.pop("weights"), **arguments)


@every_cell
def test_weights_of_another_cell_are_refused(cell):
    for other in CELLS.values():
        if other.weights is not cell.weights:
            weights = other.init(3, 5, rng=np.random.default_rng(0))
            with pytest.raises((TypeError, ValueError), match=r"Weights|pesos de otra red"):
                cell.forward(np.zeros((1, 2, 3)), weights)


@every_cell
def test_backward_refuses_what_does_not_fit(cell):
    x, weights, initial, _ = example(cell, (2, 5, 3, 4))
    run = cell.forward(x, weights, **initial)
    with pytest.raises(ValueError, match="forma de los estados"):
        cell.backward(run, weights, run.states[:, :-1])
    with pytest.raises(ValueError, match="pesos con los que se hizo"):
        cell.backward(run, cell.init(3, 7, rng=np.random.default_rng(0)), run.states)
    with pytest.raises(TypeError, match=cell.run.__name__):
        cell.backward(run.states, weights, run.states)


@pytest.mark.parametrize("call", [cells.gru_step, cells.gru_forward])
def test_an_unknown_reset_is_refused(call):
    weights = cells.init_gru(3, 5, rng=np.random.default_rng(0))
    arguments = (
        (np.zeros((2, 3)), np.zeros((2, 5))) if call is cells.gru_step else (np.zeros((2, 1, 3)),)
    )
    with pytest.raises(ValueError, match="después del producto"):
        call(*arguments, weights, reset="later")


@every_cell
@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (-2, ValueError), (2.0, TypeError)])
def test_a_bad_size_is_refused(cell, size, error):
    with pytest.raises(error, match="hidden_size"):
        cell.init(3, size, rng=np.random.default_rng(0))


def test_the_cosine_ignores_sizes_and_the_norm_joins_every_part():
    rng = np.random.default_rng(0)
    one = [rng.normal(size=(3, 2)), rng.normal(size=4)]
    assert cosine(one, [7 * part for part in one]) == pytest.approx(1)
    assert cosine(one, [-part for part in one]) == pytest.approx(-1)
    turned = [part * factor for part, factor in zip(one, (1, 9), strict=True)]
    assert abs(cosine(one, turned)) < 0.99
    assert global_norm(one) == pytest.approx(np.hypot(*(np.linalg.norm(part) for part in one)))


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("float16", 300), ("int8", 100), ("uint8", 200), ("float32", 1e25), ("float32", 1e-30),
     ("float64", 1e200), ("float64", 1e-200)],
)  # fmt: skip
def test_sizes_are_measured_whatever_the_type(dtype, size):
    """El cuadrado no cabe en el tipo del gradiente, o se queda en cero."""
    parts = [np.array([3, 4]) * np.array(size, dtype="float64") / 5, np.zeros((2, 1))]
    parts = [part.astype(dtype) for part in parts]
    expected = np.hypot(*parts[0].astype(float))
    assert global_norm(parts) == pytest.approx(expected, rel=1e-12)
    assert cosine(parts, [part // 2 if dtype[0] in "iu" else part / 2 for part in parts]) == (
        pytest.approx(1, rel=1e-3)
    )
    assert abs(cosine([parts[0]], [parts[0][::-1]]) - 0.96) < 1e-3


def test_the_cosine_never_passes_one_and_the_norm_says_what_is_not_finite():
    rng = np.random.default_rng(0)
    for _ in range(200):
        one = [rng.normal(size=3)]
        assert cosine(one, [0.1 * one[0]]) <= 1
    assert global_norm([]) == global_norm([np.zeros(3)]) == 0
    assert global_norm([np.ones(2), np.array([np.inf])]) == np.inf
    assert np.isnan(global_norm([np.ones(2), np.array([np.nan])]))


def test_jacobian_norms_take_integers_of_any_size():
    slopes, hidden = np.full((3, 2), 20, dtype="int8"), 10 * np.eye(2, dtype="int8")
    np.testing.assert_allclose(jacobian_norms(slopes, hidden), 200.0 ** np.arange(4))


def test_gradients_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="2 números y el otro, 3"):
        cosine([np.ones(2)], [np.ones(3)])
    with pytest.raises(ValueError, match="cero no tiene dirección"):
        cosine([np.zeros(2)], [np.ones(2)])


def test_jacobian_norms_are_those_of_the_backward_pass():
    """La norma del jacobiano entero, sacado dando gradiente a cada unidad del final."""
    rng = np.random.default_rng(3)
    weights = cells.init_rnn(2, 5, rng=rng)
    run = cells.rnn_forward(np.repeat(rng.normal(size=(1, 8, 2)), 5, axis=0), weights)
    grad_states = np.zeros_like(run.states)
    grad_states[:, -1] = np.eye(5)
    jacobian = cells.rnn_backward(run, weights, grad_states).h0
    norms = jacobian_norms(1 - run.states[0] ** 2, weights.hidden)
    assert norms.shape == (9,)
    assert norms[0] == 1
    assert norms[-1] == pytest.approx(np.linalg.norm(jacobian, 2))

"""Los pesos en NumPy, Keras y PyTorch: la misma salida, y un no con su razón a lo que no la dé."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from course_utils import cells
from course_utils.environment import setup
from course_utils.porting import (
    from_keras,
    from_torch,
    keras_to_torch,
    to_keras,
    to_torch,
    torch_to_keras,
)

REPOSITORY = Path(__file__).resolve().parents[2]
BATCH, TIMESTEPS = 3, 6
LENGTHS = np.array([4, 6, 1])
MASK = np.arange(TIMESTEPS) < LENGTHS[:, None]
MAX_RSS_MB = 1200


class Cell(NamedTuple):
    """Una celda en las tres bibliotecas."""

    init: Callable
    forward: Callable
    keras: str
    torch: str
    states: int


class LessonWeights(NamedTuple):
    """La tupla que una lección define antes de importar la del curso."""

    input: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray


CELLS = {
    "rnn": Cell(cells.init_rnn, cells.rnn_forward, "SimpleRNN", "RNN", 1),
    "lstm": Cell(cells.init_lstm, cells.lstm_forward, "LSTM", "LSTM", 2),
    "gru": Cell(cells.init_gru, cells.gru_forward, "GRU", "GRU", 1),
}
SIZES = [(3, 5, 0), (1, 1, 1), (16, 8, 2)]  # entrada, oculto, semilla

every_cell = pytest.mark.parametrize("name", CELLS)
every_size = pytest.mark.parametrize("size", SIZES, ids=str)
with_and_without_bias = pytest.mark.parametrize("bias", [True, False], ids=["bias", "no_bias"])
both_precisions = pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-12)]
)


@pytest.fixture(scope="module", autouse=True)
def _frameworks():
    setup(0, frameworks=("keras", "torch"))


def draw(name, input_size, hidden_size, seed=0, *, bias=True, dtype="float64"):
    """Pesos al azar, con todos los sesgos distintos de cero o todos a cero."""
    rng = np.random.default_rng(seed)
    weights = CELLS[name].init(input_size, hidden_size, rng=rng)
    biases = [rng.normal(size=part.shape) * bias for part in weights[2:]]
    return type(weights)(*(part.astype(dtype) for part in (*weights[:2], *biases)))


def draw_input(input_size, *, dtype="float32", seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(BATCH, TIMESTEPS, input_size)).astype(dtype)


def draw_states(name, hidden_size, *, dtype="float32", seed=1):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(BATCH, hidden_size)).astype(dtype) for _ in range(CELLS[name].states)]


def make_keras(name, input_size, hidden_size, **options):
    """Una capa construida, con sesgos que no son cero."""
    import keras

    options = {"bias_initializer": "random_normal", "return_sequences": True} | options
    layer = getattr(keras.layers, CELLS[name].keras)(hidden_size, **options)
    layer.build((None, None, input_size))
    return layer


def make_keras_stack(name, input_size, hidden_size, depth, both, **options):
    import keras

    stack = []
    for _ in range(depth):
        layer = getattr(keras.layers, CELLS[name].keras)(
            hidden_size, bias_initializer="random_normal", return_sequences=True, **options
        )
        layer = keras.layers.Bidirectional(layer) if both else layer
        layer.build((None, None, input_size))
        input_size = hidden_size * (1 + both)
        stack.append(layer)
    return stack


def make_torch(name, input_size, hidden_size, *, dtype="float32", **options):
    import torch

    layer = getattr(torch.nn, CELLS[name].torch)
    return layer(input_size, hidden_size, batch_first=True, dtype=getattr(torch, dtype), **options)


def run_numpy(name, x, weights, states=(), **options):
    starts = dict(zip(("h0", "c0"), states, strict=False))
    return CELLS[name].forward(x, weights, **starts, **options).states


def run_numpy_both_ways(name, x, forward, backward, mask=None):
    """Los dos sentidos juntos; el inverso empieza en el último paso real."""
    lengths = np.full(len(x), x.shape[1]) if mask is None else mask.sum(axis=1)
    steps = np.arange(x.shape[1])
    flip = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)[..., None]
    flipped = np.take_along_axis(x, flip, axis=1)
    states = run_numpy(name, flipped, backward, mask=mask)
    there = run_numpy(name, x, forward, mask=mask)
    back = np.take_along_axis(states, flip, axis=1)
    joined = np.concatenate([there, back], axis=-1)
    return joined if mask is None else joined * mask[..., None]


def run_keras(layer, x, **options):
    return layer(x, **options).numpy()


def run_torch(module, x, states=()):
    import torch

    start = [torch.from_numpy(state)[None] for state in states]
    with torch.no_grad():
        start = (tuple(start) if len(start) == 2 else start[0]) if start else None
        return module(torch.from_numpy(x), start)[0].numpy()


def snapshot(target):
    """Copia de todo lo que guarda una capa o una lista de capas, para ver que no cambia."""
    if isinstance(target, list):
        return [array for one in target for array in snapshot(one)]
    if hasattr(target, "state_dict"):
        return [value.detach().float().numpy().copy() for value in target.state_dict().values()]
    return [np.array(value, dtype="float64") for value in target.get_weights()]


def assert_same(first, second):
    """Iguales bit a bit, y tantos en un lado como en el otro."""
    assert len(first) == len(second) > 0
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


# --- la misma salida -------------------------------------------------------------------------


@every_cell
@every_size
@with_and_without_bias
@both_precisions
def test_numpy_to_keras_and_torch(name, size, bias, dtype, tolerance):
    input_size, hidden_size, seed = size
    weights = draw(name, input_size, hidden_size, seed, bias=bias, dtype=dtype)
    layer = make_keras(name, input_size, hidden_size, use_bias=bias, dtype=dtype)
    module = make_torch(name, input_size, hidden_size, bias=bias, dtype=dtype)
    to_keras(weights, layer)
    to_torch(weights, module)
    x = draw_input(input_size, dtype=dtype, seed=seed)
    expected = run_numpy(name, x, weights)
    np.testing.assert_allclose(run_keras(layer, x), expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=tolerance)
    assert_same(from_keras(layer), weights)
    assert_same(from_torch(module), weights)


@every_cell
@every_size
@with_and_without_bias
@both_precisions
def test_keras_to_numpy_and_torch(name, size, bias, dtype, tolerance):
    input_size, hidden_size, seed = size
    layer = make_keras(name, input_size, hidden_size, use_bias=bias, dtype=dtype)
    before = snapshot(layer)
    module = make_torch(name, input_size, hidden_size, bias=bias, dtype=dtype)
    weights = from_keras(layer)
    assert type(weights) is type(draw(name, 1, 1))
    assert all(part.dtype == dtype for part in weights)
    keras_to_torch(layer, module)
    x = draw_input(input_size, dtype=dtype, seed=seed)
    expected = run_keras(layer, x)
    np.testing.assert_allclose(run_numpy(name, x, weights), expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=tolerance)
    torch_to_keras(module, layer)
    assert_same(snapshot(layer), before)


@every_cell
@every_size
@with_and_without_bias
@both_precisions
def test_torch_to_numpy_and_keras(name, size, bias, dtype, tolerance):
    input_size, hidden_size, seed = size
    module = make_torch(name, input_size, hidden_size, bias=bias, dtype=dtype)
    x = draw_input(input_size, dtype=dtype, seed=seed)
    expected = run_torch(module, x)
    layer = make_keras(name, input_size, hidden_size, use_bias=bias, dtype=dtype)
    weights = from_torch(module)
    assert all(part.dtype == dtype for part in weights)
    torch_to_keras(module, layer)
    np.testing.assert_allclose(run_numpy(name, x, weights), expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(run_keras(layer, x), expected, rtol=0, atol=tolerance)
    before = snapshot(module)
    to_torch(weights, module)
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=tolerance)
    if name == "gru":  # sus dos sesgos no se suman: vuelven cada uno a su sitio
        assert_same(snapshot(module), before)
    assert_same(from_torch(module), weights)


@every_cell
@with_and_without_bias
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("both", [False, True], ids=["one_way", "both_ways"])
def test_stacks(name, bias, depth, both):
    """Varias capas y los dos sentidos, de Keras a PyTorch, de vuelta y con NumPy."""
    stack = make_keras_stack(name, 4, 5, depth, both, use_bias=bias)
    module = make_torch(name, 4, 5, num_layers=depth, bidirectional=both, bias=bias)
    other = make_torch(name, 4, 5, num_layers=depth, bidirectional=both, bias=bias)
    x = draw_input(4)
    expected = y = x
    for place, layer in enumerate(stack):
        expected = run_keras(layer, expected)
        if both:
            weights = from_keras(layer), from_keras(layer, reverse=True)
            y = run_numpy_both_ways(name, y, *weights)
            to_torch(weights[1], other, layer=place, reverse=True)
        else:
            weights = [from_keras(layer)]
            y = run_numpy(name, y, *weights)
        to_torch(weights[0], other, layer=place)
    np.testing.assert_allclose(y, expected, rtol=0, atol=2e-6)
    keras_to_torch(stack, module)
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=2e-6)
    assert_same(snapshot(module), snapshot(other))

    trained = make_torch(name, 4, 5, num_layers=depth, bidirectional=both, bias=bias)
    torch_to_keras(trained, stack)
    result = x
    for layer in stack:
        result = run_keras(layer, result)
    np.testing.assert_allclose(result, run_torch(trained, x), rtol=0, atol=2e-6)
    before = snapshot(stack)
    keras_to_torch(stack, module)
    torch_to_keras(module, stack)
    assert_same(snapshot(stack), before)


@every_cell
@both_precisions
def test_initial_states_and_masks(name, dtype, tolerance):
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    weights = draw(name, 4, 5, dtype=dtype)
    layer, module = make_keras(name, 4, 5, dtype=dtype), make_torch(name, 4, 5, dtype=dtype)
    to_keras(weights, layer)
    to_torch(weights, module)
    x, states = draw_input(4, dtype=dtype), draw_states(name, 5, dtype=dtype)
    expected = run_numpy(name, x, weights, states)
    assert np.abs(expected - run_numpy(name, x, weights)).max() > 0.01
    np.testing.assert_allclose(
        run_keras(layer, x, initial_state=states), expected, rtol=0, atol=tolerance
    )
    np.testing.assert_allclose(run_torch(module, x, states), expected, rtol=0, atol=tolerance)

    masked = run_numpy(name, x, weights, states, mask=MASK)
    np.testing.assert_allclose(
        run_keras(layer, x, initial_state=states, mask=MASK), masked, rtol=0, atol=tolerance
    )
    start = [torch.from_numpy(state)[None] for state in states]
    packed = pack_padded_sequence(
        torch.from_numpy(x), torch.from_numpy(LENGTHS), batch_first=True, enforce_sorted=False
    )
    with torch.no_grad():
        output, last = module(packed, tuple(start) if len(start) == 2 else start[0])
    output = pad_packed_sequence(output, batch_first=True)[0].numpy()
    last = (last[0] if name == "lstm" else last)[0].numpy()
    np.testing.assert_allclose(output[MASK], masked[MASK], rtol=0, atol=tolerance)
    np.testing.assert_allclose(last, masked[:, -1], rtol=0, atol=tolerance)


@every_cell
def test_both_ways_with_a_mask(name):
    """El sentido inverso empieza en el último paso real, no en el relleno."""
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    [layer] = make_keras_stack(name, 4, 5, 1, True)
    module = make_torch(name, 4, 5, bidirectional=True)
    keras_to_torch(layer, module)
    x = draw_input(4)
    expected = run_numpy_both_ways(
        name, x, from_keras(layer), from_keras(layer, reverse=True), mask=MASK
    )
    np.testing.assert_allclose(run_keras(layer, x, mask=MASK), expected, rtol=0, atol=2e-6)
    packed = pack_padded_sequence(
        torch.from_numpy(x), torch.from_numpy(LENGTHS), batch_first=True, enforce_sorted=False
    )
    with torch.no_grad():
        output = pad_packed_sequence(module(packed)[0], batch_first=True)[0].numpy()
    np.testing.assert_allclose(output, expected, rtol=0, atol=2e-6)


@with_and_without_bias
def test_reset_before_between_keras_and_numpy(bias):
    layer = make_keras("gru", 4, 5, reset_after=False, use_bias=bias)
    weights = from_keras(layer, reset="before")
    assert not weights.hidden_bias.any()
    x = draw_input(4)
    expected = run_keras(layer, x)
    states = run_numpy("gru", x, weights, reset="before")
    np.testing.assert_allclose(states, expected, rtol=0, atol=2e-6)
    assert np.abs(run_numpy("gru", x, weights) - expected).max() > 1e-3

    other = draw("gru", 4, 5, seed=7, bias=bias)
    to_keras(other, layer, reset="before")
    states = run_numpy("gru", x, other, reset="before")
    np.testing.assert_allclose(run_keras(layer, x), states, rtol=0, atol=2e-6)


@every_cell
def test_a_layer_that_reads_backwards(name):
    layer = make_keras(name, 4, 5, go_backwards=True)
    weights = draw(name, 4, 5, dtype="float32")
    to_keras(weights, layer, reverse=True)
    assert_same(from_keras(layer, reverse=True), weights)
    x = draw_input(4)
    expected = run_numpy(name, x[:, ::-1], weights)
    np.testing.assert_allclose(run_keras(layer, x), expected, rtol=0, atol=2e-6)


@every_cell
@with_and_without_bias
def test_single_cells(name, bias):
    """Las celdas sueltas de Keras y de PyTorch, y una celda dentro de ``RNN``."""
    import keras
    import torch

    weights = draw(name, 4, 5, bias=bias)
    module = getattr(torch.nn, f"{CELLS[name].torch}Cell")(4, 5, bias=bias, dtype=torch.float64)
    cell = getattr(keras.layers, f"{CELLS[name].keras}Cell")(5, use_bias=bias, dtype="float64")
    layer = keras.layers.RNN(cell, dtype="float64")
    layer.build((None, None, 4))
    x, states = draw_input(4, dtype="float64"), draw_states(name, 5, dtype="float64")
    expected = run_numpy(name, x[:, :1], weights, states)[:, 0]

    to_torch(weights, module)
    start = [torch.from_numpy(state) for state in states]
    with torch.no_grad():
        result = module(torch.from_numpy(x[:, 0]), tuple(start) if len(start) == 2 else start[0])
    result = (result[0] if name == "lstm" else result).numpy()
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12)

    torch_to_keras(module, cell)
    np.testing.assert_allclose(cell(x[:, 0], states)[0].numpy(), expected, rtol=0, atol=1e-12)
    assert_same(from_keras(layer), weights)
    assert_same(from_torch(module), weights)


def test_a_gru_bias_sum_is_not_enough():
    """En la candidata de la GRU cada sesgo cuenta por separado: la prueba distingue si se suman."""
    weights = draw("gru", 4, 5)
    added = weights._replace(
        bias=weights.bias + weights.hidden_bias, hidden_bias=np.zeros_like(weights.bias)
    )
    x = draw_input(4, dtype="float64")
    difference = run_numpy("gru", x, weights) - run_numpy("gru", x, added)
    assert np.abs(difference).max() > 0.01


# --- copias, precisión y lo que se acepta ----------------------------------------------------


@every_cell
@pytest.mark.parametrize("size", [1, 4])
@with_and_without_bias
def test_weights_are_copies(name, size, bias):
    """También con tamaño 1, cuando una matriz y su transpuesta ocupan lo mismo."""
    for source, take in (
        (make_keras(name, size, size, use_bias=bias), from_keras),
        (make_torch(name, size, size, bias=bias), from_torch),
    ):
        before = snapshot(source)
        weights = take(source)
        for part in weights:
            assert part.flags.writeable
            assert part.flags.c_contiguous
            part += 1
        assert_same(snapshot(source), before)
        assert all(not np.shares_memory(one, other) for one in weights for other in weights
                   if one is not other)  # fmt: skip


@every_cell
def test_writing_copies_and_leaves_the_weights_alone(name):
    weights = draw(name, 1, 1, dtype="float64")
    before = [part.copy() for part in weights]
    layer, module = make_keras(name, 1, 1, dtype="float64"), make_torch(name, 1, 1, dtype="float64")
    to_keras(weights, layer)
    to_torch(weights, module)
    assert_same(weights, before)
    for part in weights:
        part += 1
    assert_same(from_keras(layer), before)
    assert_same(from_torch(module), before)


@every_cell
def test_the_target_keeps_its_precision_and_its_parameters(name):
    module, layer = make_torch(name, 4, 5), make_keras(name, 4, 5)
    module.bias_hh_l0.requires_grad_(False)
    parameters, trained = list(module.parameters()), [p.requires_grad for p in module.parameters()]
    weights = draw(name, 4, 5)
    to_torch(weights, module)
    to_keras(weights, layer)
    assert all(one is other for one, other in zip(module.parameters(), parameters, strict=True))
    assert [parameter.requires_grad for parameter in module.parameters()] == trained
    rounded = [part.astype("float32") for part in weights]
    for taken in (from_torch(module), from_keras(layer)):
        assert all(part.dtype == np.float32 for part in taken)
        assert_same(taken, rounded)


def test_any_array_of_numbers_is_accepted():
    """Enteros, listas, solo lectura, al revés en memoria y la tupla que define una lección."""
    weights = cells.RNNWeights(
        np.arange(12).reshape(4, 3)[::-1, ::-1], [[1, 0, 0], [0, 2, 0], [0, 0, 3]], (1, 2, 3)
    )
    weights.input.flags.writeable = False
    for given in (weights, LessonWeights(*weights), tuple(weights)):
        layer, module = make_keras("rnn", 4, 3), make_torch("rnn", 4, 3)
        to_keras(given, layer)
        to_torch(given, module)
        assert_same(from_keras(layer), [np.array(part) for part in weights])
        assert_same(from_torch(module), [np.array(part) for part in weights])


def test_zero_bias_fits_in_a_layer_without_it_and_no_bias_in_one_with_it():
    for name in CELLS:
        zero = draw(name, 4, 5, bias=False, dtype="float32")
        layer, module = make_keras(name, 4, 5, use_bias=False), make_torch(name, 4, 5, bias=False)
        to_keras(zero, layer)
        to_torch(zero, module)
        assert_same(from_keras(layer), zero)
        assert_same(from_torch(module), zero)
        full_layer, full_module = make_keras(name, 4, 5), make_torch(name, 4, 5)
        torch_to_keras(module, full_layer)
        keras_to_torch(layer, full_module)
        assert_same(from_keras(full_layer), zero)
        assert_same(from_torch(full_module), zero)


def test_only_one_framework_is_needed(monkeypatch):
    weights = draw("gru", 4, 5, dtype="float32")
    layer, module = make_keras("gru", 4, 5), make_torch("gru", 4, 5)
    with monkeypatch.context() as patch:
        for name in ("keras", "tensorflow"):
            patch.setitem(sys.modules, name, None)  # así, importarlo falla
        to_torch(weights, module)
        assert_same(from_torch(module), weights)
        with pytest.raises(TypeError, match="SimpleRNN, LSTM o GRU de Keras"):
            from_keras(module)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch", None)
        to_keras(weights, layer)
        assert_same(from_keras(layer), weights)
        with pytest.raises(TypeError, match="RNN, LSTM o GRU de PyTorch"):
            from_torch(layer)


# --- lo que se rechaza -----------------------------------------------------------------------


def keras_layer(name, **options):
    return lambda: make_keras(name, 4, 5, **options)


def unbuilt():
    import keras

    return keras.layers.LSTM(5)


def unbuilt_both_ways():
    import keras

    return keras.layers.Bidirectional(keras.layers.GRU(5))


def keras_subclass():
    import keras

    class Own(keras.layers.LSTM):
        pass

    layer = Own(5)
    layer.build((None, None, 4))
    return layer


def stacked_cells():
    import keras

    layer = keras.layers.RNN([keras.layers.LSTMCell(5), keras.layers.LSTMCell(5)])
    layer.build((None, None, 4))
    return layer


def dense():
    import keras

    layer = keras.layers.Dense(5)
    layer.build((None, 4))
    return layer


def keras_model():
    import keras

    return keras.Sequential([keras.Input((None, 4)), keras.layers.LSTM(5)])


def keras_both_ways(name="lstm", **options):
    def make():
        import keras

        layer = getattr(keras.layers, CELLS[name].keras)(5, return_sequences=True)
        layer = keras.layers.Bidirectional(layer, **options)
        layer.build((None, None, 4))
        return layer

    return make


def relu_backwards():
    import keras

    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(5),
        backward_layer=keras.layers.LSTM(5, go_backwards=True, activation="relu"),
    )
    layer.build((None, None, 4))
    return layer


KERAS_REFUSALS = {
    "unbuilt": (unbuilt, {}, ValueError, "debe estar construida; esta LSTM"),
    "unbuilt_both": (unbuilt_both_ways, {"reverse": True}, ValueError, "construida; esta GRU"),
    "relu": (keras_layer("rnn", activation="relu"), {}, ValueError, 'función, "relu"'),
    "linear": (keras_layer("lstm", activation=None), {}, ValueError, 'función, "linear"'),
    "hard": (
        keras_layer("lstm", recurrent_activation="hard_sigmoid"),
        {},
        ValueError,
        'recurrent_activation="sigmoid"; tiene otra función, "hard_sigmoid"',
    ),
    "other_way": (relu_backwards, {"reverse": True}, ValueError, 'función, "relu"'),
    "half": (keras_layer("gru", dtype="float16"), {}, ValueError, "los guarda en float16"),
    "before": (keras_layer("gru", reset_after=False), {}, ValueError, "que PyTorch no tiene"),
    "after": (
        keras_layer("gru"),
        {"reset": "before"},
        ValueError,
        "esta tiene reset_after=True. Quita",
    ),
    "no_gate": (
        keras_layer("lstm"),
        {"reset": "before"},
        ValueError,
        "reset solo se elige en una GRU",
    ),
    "reset": (keras_layer("gru"), {"reset": "none"}, ValueError, "reset debe ser"),
    "backwards": (
        keras_layer("rnn", go_backwards=True),
        {},
        ValueError,
        "y la lee al revés",
    ),
    "forwards": (keras_layer("rnn"), {"reverse": True}, ValueError, "y la lee hacia delante"),
    "not_bool": (keras_layer("rnn"), {"reverse": 1}, TypeError, "reverse debe ser True o False"),
    "subclass": (keras_subclass, {}, TypeError, "no una subclase; ha llegado Own"),
    "stacked": (stacked_cells, {}, TypeError, "SimpleRNN, LSTM o GRU de Keras"),
    "dense": (dense, {}, TypeError, "ha llegado Dense"),
    "model": (keras_model, {}, TypeError, "ha llegado Sequential.* no el modelo que la contiene"),
    "torch": (lambda: make_torch("lstm", 4, 5), {}, TypeError, "usa from_torch"),
}


@pytest.mark.parametrize("case", KERAS_REFUSALS)
def test_keras_layers_that_are_refused(case):
    make, options, error, message = KERAS_REFUSALS[case]
    layer = make()
    before = snapshot(layer)
    with pytest.raises(error, match=message):
        from_keras(layer, **options)
    with pytest.raises(error, match=message):
        to_keras(draw("lstm", 4, 5), layer, **options)
    for one, other in zip(snapshot(layer), before, strict=True):
        np.testing.assert_array_equal(one, other)


def torch_layer(name, **options):
    return lambda: make_torch(name, 4, 5, **options)


def torch_subclass():
    import torch

    class Own(torch.nn.LSTM):
        pass

    return Own(4, 5)


def weight_norm():
    import torch

    module = make_torch("lstm", 4, 5)
    return torch.nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")


def pruned():
    from torch.nn.utils import prune

    module = make_torch("lstm", 4, 5)
    prune.random_unstructured(module, "bias_ih_l0", amount=0.5)
    return module


def torch_model():
    import torch

    return torch.nn.Sequential(torch.nn.LSTM(4, 5))


def torch_relu_cell():
    import torch

    return torch.nn.RNNCell(4, 5, nonlinearity="relu")


def torch_cell():
    import torch

    return torch.nn.LSTMCell(4, 5)


TORCH_REFUSALS = {
    "relu": (torch_layer("rnn", nonlinearity="relu"), {}, ValueError, 'tiene "relu"'),
    "relu_cell": (torch_relu_cell, {}, ValueError, 'tiene "relu"'),
    "projection": (torch_layer("lstm", proj_size=2), {}, ValueError, "tiene proj_size=2"),
    "half": (torch_layer("gru", dtype="bfloat16"), {}, ValueError, "los guarda en bfloat16"),
    "layer": (
        torch_layer("lstm", num_layers=2),
        {"layer": 2},
        ValueError,
        "menor que num_layers=2",
    ),
    "negative": (torch_layer("lstm"), {"layer": -1}, ValueError, "layer debe ser al menos 0"),
    "not_int": (torch_layer("lstm"), {"layer": 0.0}, TypeError, "layer debe ser un número entero"),
    "one_way": (torch_layer("lstm"), {"reverse": True}, ValueError, "esta no lo es"),
    "not_bool": (torch_layer("lstm"), {"reverse": "no"}, TypeError, "True o False"),
    "cell_layer": (torch_cell, {"layer": 1}, ValueError, "menor que num_layers=1"),
    "cell_way": (torch_cell, {"reverse": True}, ValueError, "esta no lo es"),
    "subclass": (torch_subclass, {}, TypeError, "no una subclase; ha llegado Own"),
    "weight_norm": (weight_norm, {}, TypeError, "ha llegado ParametrizedLSTM"),
    "pruned": (pruned, {}, ValueError, "prune.* se perdería"),
    "model": (torch_model, {}, TypeError, "ha llegado Sequential.* no el modelo que la contiene"),
    "keras": (keras_layer("lstm"), {}, TypeError, "usa from_keras"),
    "path": (lambda: "model.pt", {}, TypeError, "ha llegado str: 'model.pt'"),
}


@pytest.mark.parametrize("case", TORCH_REFUSALS)
def test_torch_modules_that_are_refused(case):
    make, options, error, message = TORCH_REFUSALS[case]
    module = make()
    before = [] if case == "path" else snapshot(module)
    with pytest.raises(error, match=message):
        from_torch(module, **options)
    with pytest.raises(error, match=message):
        to_torch(draw("lstm", 4, 5), module, **options)
    after = [] if case == "path" else snapshot(module)
    for one, other in zip(after, before, strict=True):
        np.testing.assert_array_equal(one, other)


def broken_weights(name):
    """Pesos que no caben en una capa ``name`` de 4 entradas y 5 unidades, y qué se dice."""
    good = draw(name, 4, 5)
    other = "gru" if name == "rnn" else "rnn"
    nan = good.hidden.copy()
    nan[1, 2] = np.nan
    transposed = draw(name, 5, 5)
    gates = good.input.shape[1] // 5
    return [
        (draw(name, 3, 5), ValueError, rf"weights.input \(4, {5 * gates}\), y es \(3, {5 * gates}"),
        (draw(name, 4, 6), ValueError, "Son pesos de otra capa"),
        (good._replace(bias=good.bias[:-1]), ValueError, "weights.bias"),
        (good._replace(bias=good.bias[None]), ValueError, "weights.bias debe tener 1 dimensiones"),
        (good._replace(input=good.input.T), ValueError, "transpuesto"),
        (transposed._replace(hidden=transposed.hidden.T[:, :4]), ValueError, "weights.hidden"),
        (good._replace(hidden=nan), ValueError, r"weights.hidden .* posición \(1, 2\)"),
        (good._replace(bias=["a"] * 5 * gates), TypeError, "weights.bias debe ser un array de núm"),
        (draw(other, 4, 5), TypeError, f"weights debe ser {type(good).__name__}"),
        (good[:2], TypeError, "ha llegado tuple"),
        (list(good), TypeError, "ha llegado list"),
        (None, TypeError, "ha llegado NoneType"),
    ]


@every_cell
def test_weights_that_do_not_fit(name):
    layer, module = make_keras(name, 4, 5), make_torch(name, 4, 5)
    before = snapshot([layer, module])
    for weights, error, message in broken_weights(name):
        with pytest.raises(error, match=message):
            to_keras(weights, layer)
        with pytest.raises(error, match=message):
            to_torch(weights, module)
        assert_same(snapshot([layer, module]), before)


def test_an_lstm_and_a_gru_are_told_apart_from_an_rnn_of_the_same_fields():
    """``RNNWeights`` y ``LSTMWeights`` tienen los mismos campos: decide la clase."""
    for name, other in (("rnn", "lstm"), ("lstm", "rnn"), ("gru", "lstm")):
        with pytest.raises(TypeError, match=f"ha llegado {type(draw(other, 4, 5)).__name__}"):
            to_torch(draw(other, 4, 5), make_torch(name, 4, 5))


@every_cell
def test_a_bias_that_would_be_lost(name):
    layer, module = make_keras(name, 4, 5, use_bias=False), make_torch(name, 4, 5, bias=False)
    before = snapshot([layer, module])
    zero = draw(name, 4, 5, bias=False)
    for field in zero._fields[2:]:
        one = np.zeros_like(zero.bias)
        one[-1] = -0.25
        weights = zero._replace(**{field: one})
        with pytest.raises(ValueError, match=r"use_bias=False; vale hasta 0.25, y se perdería"):
            to_keras(weights, layer)
        with pytest.raises(ValueError, match=r"creó con bias=False; vale hasta 0.25"):
            to_torch(weights, module)
    with pytest.raises(ValueError, match="use_bias=False"):
        torch_to_keras(make_torch(name, 4, 5), layer)
    with pytest.raises(ValueError, match="bias=False"):
        keras_to_torch(make_keras(name, 4, 5), module)
    assert_same(snapshot([layer, module]), before)


def bad_second_layer():
    """La primera capa encaja y la segunda no: no debe escribirse ninguna."""
    first, _ = make_keras_stack("lstm", 4, 5, 2, False)
    return [first, make_keras("lstm", 6, 5)], torch_layer("lstm", num_layers=2)()


def biasless_second_layer():
    first, _ = make_keras_stack("lstm", 4, 5, 2, False)
    return [first, make_keras("lstm", 5, 5, use_bias=False)], torch_layer("lstm", num_layers=2)()


def repeated_layer():
    layer = make_keras("lstm", 5, 5)
    return [layer, layer], make_torch("lstm", 5, 5, num_layers=2)


def first_without_sequences():
    first = make_keras("lstm", 4, 5, return_sequences=False)
    return [first, make_keras("lstm", 5, 5)], torch_layer("lstm", num_layers=2)()


def backwards_first():
    import keras

    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(5, go_backwards=True), backward_layer=keras.layers.LSTM(5)
    )
    layer.build((None, None, 4))
    return layer, make_torch("lstm", 4, 5, bidirectional=True)


def against(make_layer, **options):
    return lambda: (make_layer(), make_torch("lstm", 4, 5, **options))


STACK_REFUSALS = {
    "second": (bad_second_layer, r"weights.input \(.*, 20\), y es \(.*, 20\)"),
    "kind": (against(keras_layer("gru")), "ha llegado (GRU|LSTM)Weights"),
    "depth": (against(lambda: make_keras_stack("lstm", 4, 5, 2, False)), "1 capas.* han llegado 2"),
    "none": (against(list), "han llegado 0"),
    "too_few": (against(keras_layer("lstm"), num_layers=2), "2 capas.* han llegado 1"),
    "one_way": (against(keras_layer("lstm"), bidirectional=True), "tiene bidirectional=True y ha"),
    "both": (against(keras_both_ways()), "tiene bidirectional=False y ha llegado Bidirectional"),
    "sum": (against(keras_both_ways(merge_mode="sum"), bidirectional=True), "merge_mode='sum'"),
    "apart": (against(keras_both_ways(merge_mode=None), bidirectional=True), "merge_mode=None"),
    "backwards_first": (backwards_first, "debe leer hacia delante, como en PyTorch"),
    "backwards": (against(keras_layer("lstm", go_backwards=True)), "y la lee al revés"),
    "sequences": (first_without_sequences, "solo da el último. Créala con return_sequences=True"),
    "before": (
        lambda: (make_keras("gru", 4, 5, reset_after=False), make_torch("gru", 4, 5)),
        "que PyTorch no tiene",
    ),
    "relu": (
        lambda: (make_keras("rnn", 4, 5), make_torch("rnn", 4, 5, nonlinearity="relu")),
        'nonlinearity="tanh"; tiene "relu"',
    ),
    "path": (against(lambda: "modelo.keras"), "layers debe tener 1 capas"),
}


@pytest.mark.parametrize("case", STACK_REFUSALS)
def test_stacks_that_are_refused(case):
    make, message = STACK_REFUSALS[case]
    layers, module = make()
    targets = [module] if isinstance(layers, str) else [layers, module]
    before = snapshot(targets)
    with pytest.raises((TypeError, ValueError), match=message):
        keras_to_torch(layers, module)
    with pytest.raises((TypeError, ValueError), match=message):
        torch_to_keras(module, layers)
    assert_same(snapshot(targets), before)


def test_a_second_layer_without_bias_leaves_the_first_untouched():
    stack, module = biasless_second_layer()
    before = snapshot(stack)
    with pytest.raises(ValueError, match="use_bias=False"):
        torch_to_keras(module, stack)
    assert_same(snapshot(stack), before)


def test_a_repeated_layer_can_be_read_twice_but_not_written_twice():
    stack, module = repeated_layer()
    before = snapshot(stack)
    with pytest.raises(ValueError, match="hay una repetida"):
        torch_to_keras(module, stack)
    assert_same(snapshot(stack), before)
    keras_to_torch(stack, module)
    x = draw_input(5)
    expected = run_keras(stack[1], run_keras(stack[0], x))
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=2e-6)


def test_arguments_in_the_wrong_order():
    layer, module, weights = make_keras("gru", 4, 5), make_torch("gru", 4, 5), draw("gru", 4, 5)
    with pytest.raises(TypeError, match="module debe ser"):
        keras_to_torch(module, layer)
    with pytest.raises(TypeError, match="module debe ser"):
        torch_to_keras(layer, module)
    with pytest.raises(TypeError, match="ha llegado GRUWeights"):
        to_torch(module, weights)
    with pytest.raises(TypeError, match="ha llegado GRUWeights"):
        to_keras(layer, weights)


# --- los dos frameworks a la vez -------------------------------------------------------------

BOTH_FRAMEWORKS = """
    import re, sys
    from pathlib import Path
    from course_utils.environment import setup

    setup(0, frameworks=sys.argv[1:])
    import keras, numpy as np, psutil, torch
    from course_utils.porting import keras_to_torch

    layer = keras.layers.LSTM(128, return_sequences=True)
    x = np.random.rand(32, 100, 64).astype("float32")
    outputs = layer(x).numpy()
    module = torch.nn.LSTM(64, 128, batch_first=True)
    keras_to_torch(layer, module)
    print(np.abs(module(torch.from_numpy(x))[0].detach().numpy() - outputs).max())

    # ru_maxrss hereda el máximo de quien lanza el proceso; VmHWM es solo de este.
    status = Path("/proc/self/status")
    if status.exists():
        print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text()).group(1)) / 1024)
    else:
        memory = psutil.Process().memory_info()
        print(getattr(memory, "peak_wset", memory.rss) / 2**20)
"""


@pytest.mark.parametrize("order", [("tensorflow", "torch"), ("torch", "tensorflow")], ids="-".join)
def test_both_frameworks_in_one_process(order, record_property):
    """En los dos órdenes: la misma salida, nada en la salida de errores y memoria de sobra."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BOTH_FRAMEWORKS), *order],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    difference, peak_mb = map(float, done.stdout.split())
    record_property(" y ".join(order), f"{peak_mb:.0f} MB")
    assert difference < 1e-5
    assert 100 < peak_mb < MAX_RSS_MB

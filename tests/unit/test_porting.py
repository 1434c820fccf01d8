"""Los pesos de Keras, en NumPy y en PyTorch: la misma salida, o un no con su razón."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import pytest

from course_utils import cells
from course_utils.environment import setup
from course_utils.porting import from_keras, keras_to_torch

REPOSITORY = Path(__file__).resolve().parents[2]
BATCH, TIMESTEPS = 3, 6
LENGTHS = np.array([4, 6, 1])
MASK = np.arange(TIMESTEPS) < LENGTHS[:, None]
MAX_RSS_MB = 1200


class Cell(NamedTuple):
    """Una celda en las tres bibliotecas."""

    weights: type
    forward: Callable
    keras: str
    torch: str
    states: int


CELLS = {
    "rnn": Cell(cells.RNNWeights, cells.rnn_forward, "SimpleRNN", "RNN", 1),
    "lstm": Cell(cells.LSTMWeights, cells.lstm_forward, "LSTM", "LSTM", 2),
    "gru": Cell(cells.GRUWeights, cells.gru_forward, "GRU", "GRU", 1),
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
    with matplotlib.rc_context():  # el estilo del curso no debe llegar a otras pruebas
        setup(0, frameworks=("keras", "torch"))


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
def test_keras_to_numpy_and_torch(name, size, bias, dtype, tolerance):
    input_size, hidden_size, seed = size
    layer = make_keras(name, input_size, hidden_size, use_bias=bias, dtype=dtype)
    before = snapshot(layer)
    module = make_torch(name, input_size, hidden_size, bias=bias, dtype=dtype)
    weights = from_keras(layer)
    assert type(weights) is CELLS[name].weights
    assert all(part.dtype == dtype for part in weights)
    keras_to_torch(layer, module)
    assert_same(snapshot(layer), before)
    x = draw_input(input_size, dtype=dtype, seed=seed)
    expected = run_keras(layer, x)
    np.testing.assert_allclose(run_numpy(name, x, weights), expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=tolerance)


@every_cell
@with_and_without_bias
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("both", [False, True], ids=["one_way", "both_ways"])
def test_stacks(name, bias, depth, both):
    """Varias capas y los dos sentidos, en NumPy y en PyTorch."""
    stack = make_keras_stack(name, 4, 5, depth, both, use_bias=bias)
    module = make_torch(name, 4, 5, num_layers=depth, bidirectional=both, bias=bias)
    x = draw_input(4)
    expected = y = x
    for layer in stack:
        expected = run_keras(layer, expected)
        if both:
            y = run_numpy_both_ways(name, y, from_keras(layer), from_keras(layer, reverse=True))
        else:
            y = run_numpy(name, y, from_keras(layer))
    np.testing.assert_allclose(y, expected, rtol=0, atol=2e-6)
    keras_to_torch(stack, module)
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=2e-6)


@every_cell
@both_precisions
def test_initial_states_and_masks(name, dtype, tolerance):
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    layer, module = make_keras(name, 4, 5, dtype=dtype), make_torch(name, 4, 5, dtype=dtype)
    weights = from_keras(layer)
    keras_to_torch(layer, module)
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


def test_reset_before_is_the_gru_of_keras_with_reset_after_false():
    """Es la que no se convierte: aquí los pesos se copian a mano."""
    layer = make_keras("gru", 4, 5, reset_after=False)
    w_input, w_hidden, bias = layer.get_weights()
    weights = cells.GRUWeights(w_input, w_hidden, bias, np.zeros_like(bias))
    x = draw_input(4)
    expected = run_keras(layer, x)
    states = run_numpy("gru", x, weights, reset="before")
    np.testing.assert_allclose(states, expected, rtol=0, atol=2e-6)
    assert np.abs(run_numpy("gru", x, weights) - expected).max() > 1e-3


@every_cell
def test_a_layer_that_reads_backwards(name):
    layer = make_keras(name, 4, 5, go_backwards=True)
    x = draw_input(4)
    states = run_numpy(name, x[:, ::-1], from_keras(layer, reverse=True))
    np.testing.assert_allclose(states, run_keras(layer, x), rtol=0, atol=2e-6)


def test_a_gru_bias_sum_is_not_enough():
    """En la candidata de la GRU cada sesgo cuenta por separado: la prueba distingue si se suman."""
    weights = from_keras(make_keras("gru", 4, 5, bias_initializer="ones", dtype="float64"))
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
    layer = make_keras(name, size, size, use_bias=bias)
    module = make_torch(name, size, size)
    before = snapshot(layer)
    weights = from_keras(layer)
    for part in weights:
        assert part.flags.writeable
        assert part.flags.c_contiguous
        part += 1
    assert all(not np.shares_memory(one, other) for one in weights for other in weights
               if one is not other)  # fmt: skip
    keras_to_torch(layer, module)
    for parameter in module.parameters():
        parameter.data += 1
    assert_same(snapshot(layer), before)


@every_cell
def test_the_target_keeps_its_precision_and_its_parameters(name):
    module, layer = make_torch(name, 4, 5), make_keras(name, 4, 5, dtype="float64")
    module.bias_hh_l0.requires_grad_(False)
    parameters, trained = list(module.parameters()), [p.requires_grad for p in module.parameters()]
    keras_to_torch(layer, module)
    assert all(one is other for one, other in zip(module.parameters(), parameters, strict=True))
    assert [parameter.requires_grad for parameter in module.parameters()] == trained
    assert {str(parameter.dtype) for parameter in parameters} == {"torch.float32"}
    x = draw_input(4)
    np.testing.assert_allclose(run_torch(module, x), run_keras(layer, x), rtol=0, atol=2e-6)


@every_cell
def test_a_layer_without_bias_fits_in_one_with_it(name):
    layer, module = make_keras(name, 4, 5, use_bias=False), make_torch(name, 4, 5)
    keras_to_torch(layer, module)
    assert not module.bias_ih_l0.any()
    assert not module.bias_hh_l0.any()


@every_cell
def test_what_is_refused_does_not_compute_the_same(name):
    """Las dos opciones que se rechazan cambian la salida; si no, no habría que rechazarlas."""
    layer, x = make_keras(name, 4, 5), draw_input(4)
    weights = from_keras(layer)
    expected = run_numpy(name, x, weights, mask=MASK)
    for options in ({"dtype": "mixed_float16"}, {"zero_output_for_mask": True}):
        other = make_keras(name, 4, 5, **options)
        other.set_weights(layer.get_weights())
        assert np.abs(run_keras(other, x, mask=MASK) - expected).max() > 1e-4
    remedy = make_keras(name, 4, 5)
    remedy.set_weights(other.get_weights())
    np.testing.assert_allclose(
        run_keras(other, x, mask=MASK), run_numpy(name, x, from_keras(remedy)) * MASK[..., None],
        rtol=0, atol=2e-6,
    )  # fmt: skip


def the_same_tanh():
    import keras
    import tensorflow as tf

    return {
        "tf.tanh": tf.tanh,
        "keras.ops.tanh": keras.ops.tanh,
        "lambda": lambda z: tf.tanh(z),
        "partial": partial(tf.math.tanh, name=None),
        "layer": keras.layers.Activation("tanh"),
        "written": lambda z: 2 * tf.sigmoid(2 * z) - 1,
    }


@every_cell
@pytest.mark.parametrize(
    "way", ["tf.tanh", "keras.ops.tanh", "lambda", "partial", "layer", "written"]
)
def test_the_same_activation_is_known_however_it_comes(name, way):
    layer = make_keras(name, 4, 5, activation=the_same_tanh()[way])
    x = draw_input(4)
    states = run_numpy(name, x, from_keras(layer))
    np.testing.assert_allclose(states, run_keras(layer, x), rtol=0, atol=2e-6)


def test_only_one_framework_is_needed(monkeypatch):
    layer, module = make_keras("gru", 4, 5), make_torch("gru", 4, 5)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch", None)  # así, importarlo falla
        assert from_keras(layer).input.shape == (4, 15)
    with monkeypatch.context() as patch:
        for name in ("keras", "tensorflow"):
            patch.setitem(sys.modules, name, None)
        with pytest.raises(TypeError, match="SimpleRNN, LSTM o GRU de Keras"):
            from_keras(module)


# --- lo que se rechaza -----------------------------------------------------------------------


def keras_layer(name, **options):
    return lambda: make_keras(name, 4, 5, **options)


def mixed_both_ways():
    import keras

    layer = keras.layers.Bidirectional(keras.layers.LSTM(5, dtype="mixed_bfloat16"))
    layer.build((None, None, 4))
    return layer


def nameless():
    """Una función sin nombre, y que no es tanh más que de lejos."""
    import keras

    return make_keras("rnn", 4, 5, activation=partial(keras.ops.clip, x_min=-1.0, x_max=1.0))


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


def single_cell():
    import keras

    cell = keras.layers.LSTMCell(5)
    cell.build((None, 4))
    return cell


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
    "mixed": (
        keras_layer("lstm", dtype="mixed_float16"),
        {},
        ValueError,
        r'usa "mixed_float16" y calcula en float16.*set_weights',
    ),
    "mixed_both_ways": (mixed_both_ways, {}, ValueError, "calcula en bfloat16"),
    "zeros": (
        keras_layer("gru", zero_output_for_mask=True),
        {},
        ValueError,
        r"da ceros en los pasos enmascarados.*states \* mask",
    ),
    "nameless": (nameless, {}, ValueError, 'debe tener activation="tanh"; tiene otra función'),
    "before": (keras_layer("gru", reset_after=False), {}, ValueError, "que PyTorch no tiene"),
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
    "torch": (lambda: make_torch("lstm", 4, 5), {}, TypeError, "ha llegado LSTM"),
    "cell": (single_cell, {}, TypeError, "ha llegado LSTMCell"),
}


@pytest.mark.parametrize("case", KERAS_REFUSALS)
def test_keras_layers_that_are_refused(case):
    make, options, error, message = KERAS_REFUSALS[case]
    layer = make()
    before = snapshot(layer)
    with pytest.raises(error, match=message):
        from_keras(layer, **options)
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


def torch_cell():
    import torch

    return torch.nn.LSTMCell(4, 5)


TORCH_REFUSALS = {
    "relu": (torch_layer("rnn", nonlinearity="relu"), 'tiene "relu"'),
    "projection": (torch_layer("lstm", proj_size=2), "tiene proj_size=2"),
    "half": (torch_layer("gru", dtype="bfloat16"), "los guarda en bfloat16"),
    "subclass": (torch_subclass, "no una subclase; ha llegado Own"),
    "weight_norm": (weight_norm, "ha llegado ParametrizedLSTM"),
    "pruned": (pruned, "prune.* se perdería"),
    "model": (torch_model, "ha llegado Sequential.* no el modelo que la contiene"),
    "cell": (torch_cell, "ha llegado LSTMCell"),
    "keras": (keras_layer("lstm"), "module debe ser una capa RNN, LSTM o GRU de PyTorch"),
    "path": (lambda: "model.pt", "ha llegado str: 'model.pt'"),
}


@pytest.mark.parametrize("case", TORCH_REFUSALS)
def test_torch_modules_that_are_refused(case):
    make, message = TORCH_REFUSALS[case]
    module = make()
    before = [] if case == "path" else snapshot(module)
    with pytest.raises((TypeError, ValueError), match=message):
        keras_to_torch(make_keras("lstm", 4, 5), module)
    after = [] if case == "path" else snapshot(module)
    for one, other in zip(after, before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("name", "other"), [("rnn", "lstm"), ("lstm", "rnn"), ("gru", "lstm")])
def test_another_cell_is_refused(name, other):
    """``RNNWeights`` y ``LSTMWeights`` tienen los mismos campos: decide la clase."""
    with pytest.raises(TypeError, match=f"los pesos son {CELLS[other].weights.__name__}"):
        keras_to_torch(make_keras(other, 4, 5), make_torch(name, 4, 5))


@every_cell
@pytest.mark.parametrize("sizes", [(3, 5), (4, 6), (5, 4)])
def test_another_size_is_refused(name, sizes):
    with pytest.raises(ValueError, match=r"\(4, 5\) en Keras y \(\d, \d\) en PyTorch"):
        keras_to_torch(make_keras(name, 4, 5), make_torch(name, *sizes))


@every_cell
def test_a_bias_that_would_be_lost(name):
    module = make_torch(name, 4, 5, bias=False)
    before = snapshot(module)
    with pytest.raises(ValueError, match=r"creó con bias=False; vale hasta .*y se perdería"):
        keras_to_torch(make_keras(name, 4, 5), module)
    assert_same(snapshot(module), before)


def bad_second_layer():
    """La primera capa encaja y la segunda no: no debe escribirse ninguna."""
    first, _ = make_keras_stack("lstm", 4, 5, 2, False)
    return [first, make_keras("lstm", 6, 5)], torch_layer("lstm", num_layers=2)()


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
    "second": (bad_second_layer, r"\(6, 5\) en Keras y \(5, 5\) en PyTorch"),
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
    assert_same(snapshot(targets), before)


def test_a_repeated_layer_is_read_twice():
    layer, module = make_keras("lstm", 5, 5), make_torch("lstm", 5, 5, num_layers=2)
    keras_to_torch([layer, layer], module)
    x = draw_input(5)
    expected = run_keras(layer, run_keras(layer, x))
    np.testing.assert_allclose(run_torch(module, x), expected, rtol=0, atol=2e-6)


def test_arguments_in_the_wrong_order():
    with pytest.raises(TypeError, match="module debe ser"):
        keras_to_torch(make_torch("gru", 4, 5), make_keras("gru", 4, 5))


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

"""El experimento de memoria: el modelo empieza como dice, y entrenar se puede repetir."""

import json

import numpy as np
import pytest

from course_utils.datasets import load_result
from course_utils.lessons.lesson_23.experiment import CELLS, SOLVED, TASKS, build_model, train
from tools.experiments import memory as memory_grid


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", TASKS)
def test_every_block_starts_orthogonal(cell, task):
    layer = build_model(cell, task, hidden_size=8).layer
    assert layer.mode.startswith(cell)
    for block in layer.weight_hh_l0.detach().numpy().reshape(-1, 8, 8):
        np.testing.assert_allclose(block @ block.T, np.eye(8), atol=1e-5)
    limit = np.sqrt(6 / (TASKS[task].input_size + 8))
    assert 0.5 * limit < layer.weight_ih_l0.abs().max().item() <= limit
    biases = (layer.bias_ih_l0 + layer.bias_hh_l0).detach().numpy().reshape(-1, 8)
    expected = [0, 1, 0, 0] if cell == "LSTM" else [0] * len(biases)
    np.testing.assert_array_equal(biases, np.outer(expected, np.ones(8)))


def test_an_irnn_starts_copying_its_state():
    """Le y otros (2015): ReLU, W_h identidad y W_x casi cero."""
    import torch

    layer = build_model("IRNN", "eco", hidden_size=8).layer
    state = torch.rand(1, 3, 8)
    with torch.no_grad():
        _, last = layer(torch.zeros(3, 50, 4), state)
        _, clipped = layer(torch.zeros(3, 1, 4), -state)
    assert torch.equal(last, state)
    assert not clipped.any()
    assert 0 < layer.weight_ih_l0.abs().max() < 0.01


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_a_large_keep_bias_makes_the_memory_last(cell):
    """Con la compuerta que conserva casi en uno, la memoria que había sigue ahí."""
    import torch

    x = torch.zeros(1, 50, 4)
    kept = {}
    for bias in (0.0, 6.0):
        layer = build_model(cell, "eco", hidden_size=8, keep_bias=bias).layer
        for name, parameter in layer.named_parameters():
            if "weight" in name:
                torch.nn.init.zeros_(parameter)
        state = torch.ones(1, 1, 8)
        with torch.no_grad():
            last = layer(x, (state, state) if cell == "LSTM" else state)[1]
        kept[bias] = float((last[1] if cell == "LSTM" else last).mean())
    assert kept[0.0] < 1e-6
    assert kept[6.0] > 0.8


def test_an_easy_task_is_solved_and_training_stops_there():
    outcome = train("eco", "RNN", 12, seed=0)
    assert outcome.solved
    assert outcome.error <= SOLVED
    assert outcome.updates < 2_000
    assert len(outcome.errors) == outcome.updates // 100
    assert outcome.errors[-1] == outcome.error
    assert np.all(outcome.errors[:-1] > SOLVED)


def test_the_seed_decides_everything():
    import torch

    options = {"updates": 30, "hidden_size": 4}
    one = train("suma", "GRU", 12, seed=3, **options)
    torch.manual_seed(99)
    again = train("suma", "GRU", 12, seed=3, **options)
    other = train("suma", "GRU", 12, seed=4, **options)
    assert one.error == again.error != other.error
    assert not one.solved
    assert one.updates == 30


def test_clipping_and_the_rate_change_the_training():
    options = {"seed": 0, "updates": 30, "hidden_size": 4}
    base = train("orden", "LSTM", 12, **options).errors
    unclipped = train("suma", "LSTM", 12, clip=None, **options).errors
    tight = train("suma", "LSTM", 12, clip=1e-4, rate=1e-2, **options).errors
    slow = train("orden", "LSTM", 12, rate=1e-6, **options).errors
    assert base != slow
    assert unclipped != tight


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("LSTM", "copia"), "task debe ser una de suma, eco, orden; ha llegado 'copia'"),
        (("lstm", "suma"), "cell debe ser una de RNN, LSTM, GRU, IRNN; ha llegado 'lstm'"),
    ],
)
def test_names_that_do_not_exist_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        build_model(*arguments)


@pytest.mark.parametrize("cell", ["RNN", "IRNN"])
def test_an_rnn_has_no_gate_to_set(cell):
    with pytest.raises(ValueError, match="Una RNN no tiene compuertas"):
        build_model(cell, "suma", keep_bias=1.0)


def test_a_measured_row_has_what_was_asked_and_what_came_out():
    run = {"task": "eco", "cell": "LSTM", "length": 12, "rate": 0.01, "clip": None, "seed": 1}
    row = memory_grid.measure(**run, updates=3)
    assert row["clip"] is False
    assert row["solved"] is False
    assert row["updates"] == 3
    assert 0 < row["error"] <= 1
    json.dumps(row)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("memoria", memory_grid.grid),
        ("memoria_mandos", memory_grid.knobs),
        ("memoria_rivales", memory_grid.rivals),
    ],
)
def test_what_ships_is_what_the_program_measures(name, make):
    result = load_result(name)
    seeds = range(max(result.seeds) + 1)
    assert len(seeds) >= 5
    asked = list(make(seeds))
    assert len(result["seed"]) == len(asked)
    for column in ("cell", "length", "rate", "seed"):
        assert [run[column] for run in asked] == result[column].tolist()

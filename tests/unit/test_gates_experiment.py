"""El experimento de la lección 21: celdas correctas, redes independientes y tablas completas."""

import numpy as np
import pytest

from course_utils.cells import LSTMWeights, RNNWeights, lstm_forward, rnn_forward
from course_utils.comparison import paired
from course_utils.datasets import load_result
from course_utils.lessons.lesson_21.experiment import (
    LEARNED,
    LOOKS,
    answer_all,
    init_networks,
    memory_task,
    train_loud,
    train_together,
)
from tools.experiments import gates as program


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_what_is_held_is_the_value_of_the_last_mark():
    x, held = memory_task(20, np.random.default_rng(0), timesteps=12)
    for values, target in zip(x, held, strict=True):
        kept = None
        for t, (value, mark, _) in enumerate(values):
            kept = value if mark else kept
            assert target[t] == pytest.approx(kept)
    assert set(x[..., 1:].ravel()) == {0, 1}


def test_without_distractors_only_marked_values_arrive():
    x, _ = memory_task(20, np.random.default_rng(0), distractors=False)
    assert not x[x[..., 1] == 0, 0].any()


@pytest.mark.parametrize(
    ("cell", "forward", "kind"),
    [("LSTM", lstm_forward, LSTMWeights), ("RNN", rnn_forward, RNNWeights)],
)
def test_every_network_is_the_cell_of_the_course(cell, forward, kind):
    import torch

    parts = init_networks(cell, 3, range(4))
    x = np.random.default_rng(1).normal(size=(7, 4, 5, 3))  # (tiempo, redes, lote, 3)
    answers = answer_all(cell, [torch.tensor(part) for part in parts], torch.tensor(x)).numpy()
    for k, (*weights, readout, bias) in enumerate(zip(*parts, strict=True)):
        states = forward(x[:, k].swapaxes(0, 1), kind(*weights)).states
        np.testing.assert_allclose(answers[:, k].T, (states @ readout + bias)[..., 0], atol=1e-12)


def test_no_network_touches_another():
    together = train_together("LSTM", 2, 0.05, seeds=[3, 4], looks=(1,))
    alone = train_together("LSTM", 2, 0.05, seeds=[4], looks=(1,))
    np.testing.assert_allclose(together[:, 1], alone[:, 0], rtol=1e-5)


def test_clipping_and_the_seed_are_all_that_change_a_loud_training():
    free, capped = (train_loud(0, rate=0.5, cap=cap, steps=5) for cap in (np.inf, 1.0))
    assert free[0][0] == capped[0][0]
    assert free[1][0] == capped[1][0] > 1
    assert not np.array_equal(free[0][1:], capped[0][1:])


def test_a_loud_training_that_overflows_stops():
    losses, norms = train_loud(0, rate=1e8)
    assert len(losses) == len(norms) < 150
    assert not losses[-1] < LEARNED


def test_what_ships_is_what_the_program_measures():
    table, clip_table = load_result("compuertas"), load_result("compuertas_recorte")
    asked = [
        {**point, "epochs": epochs, "seed": seed}
        for point in program.grid()
        for epochs in LOOKS
        for seed in program.SEEDS
    ]
    clip_asked = [
        {**point, "seed": seed} for point in program.clip_grid() for seed in program.SEEDS
    ]
    for rows, result in ((asked, table), (clip_asked, clip_table)):
        for column in rows[0]:
            assert [row[column] for row in rows] == result[column].tolist()


def test_what_the_lesson_says_of_the_cells_is_in_the_table():
    """A igual tasa gana la LSTM; con más épocas, la RNN se acerca y sigue bajando."""
    table = load_result("compuertas")

    def errors(cell, rate, epochs):
        chosen = [table["cell"] == cell, table["rate"] == rate, table["epochs"] == epochs]
        return table["error"][np.all(chosen, axis=0)]

    for rate in program.MODELS["LSTM", 2]:
        for epochs in LOOKS:
            assert errors("RNN", rate, epochs).mean() > errors("LSTM", rate, epochs).mean()
        assert paired(errors("RNN", rate, LOOKS[-1]), errors("LSTM", rate, LOOKS[-1])).low > 0
    best = [min(errors("RNN", r, e).mean() for r in program.MODELS["RNN", 6]) for e in LOOKS]
    assert best == sorted(best, reverse=True)
    assert best[-1] < 0.7 * best[1]


def test_what_the_lesson_says_of_clipping_is_in_the_table():
    """Sin recorte sirven tasas pequeñas; con él, también otras mayores."""
    table = load_result("compuertas_recorte")
    learned = {
        (clip, rate): int(table["learned"][(table["clip"] == clip) & (table["rate"] == rate)].sum())
        for clip in program.CLIPS
        for rate in program.CLIP_RATES
    }
    assert learned[0.0, 0.015] >= 18
    assert learned[0.0, 0.5] < 10 <= 18 <= learned[1.0, 0.5]

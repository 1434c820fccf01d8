"""El experimento del relleno: cada red lee lo que dice su modo, y cada pérdida cuenta lo suyo."""

import numpy as np
import pytest

from course_utils.datasets import load_result
from course_utils.lessons.lesson_16 import experiment
from tools.experiments import padding as grids


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_modes_with_one_box_start_alike_and_see_the_same_sequences(monkeypatch):
    seen = []
    real = experiment.first_symbol

    def spy(count, rng):
        seen.append(real(count, rng))
        return seen[-1]

    monkeypatch.setattr(experiment, "first_symbol", spy)
    readers = [
        experiment.train_reader(mode, seed=[3, 1], updates=2, rate=0.0)
        for mode in ("detrás", "empaquetada")
    ]
    one, other = (list(reader.parameters()) for reader in readers)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    for (a, _), (b, _) in zip(seen[:2], seen[2:], strict=True):
        np.testing.assert_array_equal(np.concatenate(a), np.concatenate(b))


def test_only_the_packed_reader_ignores_the_padding():
    import torch

    sequences, _ = experiment.first_symbol(5, np.random.default_rng(0))
    for packed, read in ((True, experiment.final_states), (False, experiment.last_position)):
        reader = experiment.build_reader(packed=packed, read=read)
        with torch.no_grad():
            one, other = (reader(*experiment.boxed(sequences, n)) for n in (16, 17))
        assert (float((one - other).abs().max()) < 1e-6) == packed


def test_final_states_puts_the_two_directions_side_by_side():
    import torch

    h_n = torch.arange(12.0).reshape(2, 3, 2)  # (sentidos, lote, oculto)
    joined = experiment.final_states(None, h_n, None)
    np.testing.assert_array_equal(joined, torch.cat([h_n[0], h_n[1]], dim=1))


def test_the_shrunk_loss_is_the_loss_on_the_box_without_what_padding_adds():
    import torch

    _, targets = experiment.next_symbols()
    scores = torch.randn(*targets.shape, len(experiment.ALPHABET))
    steps = torch.nn.functional.cross_entropy(scores.transpose(1, 2), targets, reduction="none")
    padding = float((steps * (targets == experiment.PAD)).mean())
    whole = float(experiment.loss_on_box(scores, targets))
    shrunk = float(experiment.loss_on_words_shrunk(scores, targets))
    assert whole - shrunk == pytest.approx(padding, rel=1e-4)


def test_without_the_end_symbol_nobody_is_taught_to_end():
    _, targets = experiment.next_symbols(with_end=False)
    assert not (targets == experiment.END).any()
    _, targets = experiment.next_symbols()
    assert ((targets == experiment.END).sum(dim=1) == 1).all()


def test_the_table_of_losses_is_repeatable():
    one, other = (
        experiment.score_writer(experiment.train_writer("pasos reales", seed=2, epochs=2), seed=0)
        for _ in range(2)
    )
    assert one == other


@pytest.mark.parametrize(
    ("name", "grid"), [("relleno", grids.readers), ("relleno_perdida", grids.writers)]
)
def test_the_stored_tables_hold_the_whole_grid(name, grid):
    table = load_result(name)
    points = list(grid(range(20)))
    for key in points[0]:
        assert [point[key] for point in points] == list(table[key])

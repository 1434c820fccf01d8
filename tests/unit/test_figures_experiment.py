"""El experimento de la lección 34: el reparto, la red y lo que la lección dice de la tabla."""

import numpy as np
import pytest

from course_utils import seq2seq
from course_utils.comparison import paired
from course_utils.datasets import load_result
from course_utils.lessons.lesson_34 import experiment
from course_utils.seq2seq import numbers as room
from course_utils.seq2seq.training import EPOCHS
from course_utils.synthetic import to_words
from tools.experiments import figures as program


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_what_is_held_out_is_never_trained_and_each_test_has_only_its_own():
    numbers = seq2seq.split_numbers(3)
    phrases = [f" {to_words(int(number))} " for number in np.unique(numbers.train)]
    assert not any("ochocientos cuarenta" in phrase for phrase in phrases)
    assert not any("setenta" in phrase.split(" mil ")[0] for phrase in phrases if " mil " in phrase)
    for word in ("ochocientos", "cuarenta", "setenta"):  # pero las palabras sí se ven
        assert sum(word in phrase.split() for phrase in phrases) > 100
    assert not np.isin(numbers.train, np.concatenate(list(numbers.tests.values()))).any()
    for name, test in numbers.tests.items():
        assert room.has_pair(test).all() == (name == "pareja")
        assert room.has_pair(test).any() == (name == "pareja")
        assert room.has_place(test).all() == room.has_place(test).any()
        assert len(str(test.min())) == len(str(test.max())) == (int(name) if name in "3456" else 6)


def test_every_amount_of_figures_is_trained_alike_up_to_the_largest():
    train = seq2seq.split_numbers(0, largest=99_999).train
    counts = np.bincount([len(str(number)) for number in train])
    assert counts.tolist() == [0, *[len(train) // 5] * 5]


@pytest.mark.parametrize("order", room.ORDERS)
def test_what_is_given_goes_one_step_behind_what_is_written(order):
    batch = seq2seq.encode_numbers([21_000, 5, 999_999], order=order)
    for given, target in zip(batch.given.tolist(), batch.targets.tolist(), strict=True):
        length = target.index(seq2seq.END)
        assert given[: length + 1] == [seq2seq.START, *target[:length]]
        assert set(given[length + 1 :] + target[length + 1 :]) <= {seq2seq.PAD}
    read = [seq2seq.WORDS[code] for code in batch.source[0] if code]
    assert read == (["veintiún", "mil"] if order == "normal" else ["mil", "veintiún"])


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="order debe ser uno de normal"):
        seq2seq.encode_numbers([1], order="al azar")


@pytest.mark.parametrize("neck", [None, 3])
def test_padding_changes_nothing_and_steps_give_the_same_as_all_at_once(neck):
    import torch

    torch.manual_seed(0)
    model = seq2seq.build_translator(experiment.SYMBOLS, 8, neck=neck).eval()
    batch = seq2seq.encode_numbers([5, 123_456])
    with torch.inference_mode():
        whole = model(*batch[:3])
        alone = model(batch.source[:1, :1], batch.lengths[:1], batch.given[:1])
        memory, steps = model.encode(batch.source, batch.lengths), []
        for t in range(batch.given.shape[1]):
            scores, memory = model.decode(batch.given[:, t : t + 1], memory)
            steps.append(scores)
    np.testing.assert_allclose(alone[0], whole[0], atol=1e-5)
    np.testing.assert_allclose(torch.cat(steps, dim=1), whole, atol=1e-5)


def test_a_beam_of_one_is_greedy():
    import torch

    torch.manual_seed(0)
    model = seq2seq.build_translator(experiment.SYMBOLS, 8).eval()
    batch = seq2seq.encode_numbers(range(300, 320))
    greedy = seq2seq.write_greedy(model, batch, limit=9)
    beams = seq2seq.write_beam(model, batch, width=1, limit=9)
    for row, one in zip(greedy, beams, strict=True):
        assert [int(code) for code in row if code != seq2seq.PAD] == list(one.symbols)


def test_an_error_counts_from_the_next_step_on():
    import torch

    torch.manual_seed(0)
    model = seq2seq.build_translator(experiment.SYMBOLS, 8).eval()
    positions = experiment.right_by_position(model, seq2seq.encode_numbers([123, 456, 789]))
    for own, erred in zip(positions.own, positions.erred, strict=True):
        assert erred.tolist() == [not own[:t].all() for t in range(len(own))]
    np.testing.assert_array_equal(positions.true[:, 0], positions.own[:, 0])


# ---------------------------------------------------------------- lo que dice la tabla


def stored(measure, where, **changes):
    table = load_result("cifras")
    wanted = program.BASE | changes | {"measure": measure, "where": where}
    return table["value"][np.all([table[name] == one for name, one in wanted.items()], axis=0)]


def test_what_ships_is_what_the_program_measures():
    table = load_result("cifras")
    names = [*program.BASE, "seed"]
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    asked = [tuple(point[name] for name in names) for point in program.grid(range(6))]
    assert list(dict.fromkeys(rows)) == asked


def test_longer_numbers_cost_more_and_less_state_costs_more_still():
    drops = []
    for size in program.SIZES:
        means = [stored("voraz", n, size=size).mean() for n in "3456"]
        assert means[0] > 0.9
        assert means[-1] == min(means)
        drops.append(means[0] - means[-1])
    assert drops == sorted(drops, reverse=True)
    for small, large in zip(program.SIZES, program.SIZES[1:], strict=False):
        assert paired(*(stored("voraz", "6", size=size) for size in (large, small))).low > 0


def test_with_the_other_rate_the_order_of_the_sizes_is_the_same():
    means = [
        stored("voraz", "6", size=size, rate=program.OTHER_RATE).mean() for size in program.SIZES
    ]
    assert means == sorted(means)


def test_narrowing_costs_in_long_numbers_only_and_the_layers_also_cost():
    narrow, same, none = (stored("voraz", "6", neck=neck) for neck in (8, 64, 0))
    assert paired(narrow, same).high < 0
    assert paired(same, none).high < 0
    assert not paired(*(stored("voraz", "3", neck=neck) for neck in (8, 64))).is_clear
    assert paired(stored("voraz", "6", epochs=2 * EPOCHS), none).low > 0


def test_narrowing_still_costs_with_twice_the_epochs():
    narrow, same = (stored("voraz", "6", neck=n, epochs=2 * EPOCHS) for n in (8, 64))
    assert paired(narrow, same).high < 0


def test_after_an_error_its_own_figures_are_what_costs():
    gap = paired(stored("verdaderas", "tras un error"), stored("suyas", "tras un error"))
    assert gap.low > 0.1


def test_reversing_shows_only_where_there_is_something_new():
    normal, backwards = (stored("voraz", "6", order=order) for order in ("normal", "invertida"))
    assert not paired(backwards, normal).is_clear
    assert not paired(stored("voraz", "6", order="las dos"), normal).is_clear
    moved = (stored("voraz", "lugar", order=order) for order in ("normal", "invertida"))
    assert paired(*moved).low > 0.1


def test_the_beam_gains_little():
    gap = paired(stored("haz", "6"), stored("voraz", "6"))
    assert -0.01 < gap.low < gap.high < 0.05


def test_longer_than_trained_it_writes_too_few_figures():
    longest = {"largest": 99_999}
    assert stored("voraz", "6", **longest).max() < 0.05
    assert stored("menos cifras", "6", **longest).min() > 0.9
    assert stored("voraz", "5", **longest).min() > 0.8

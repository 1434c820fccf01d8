"""El experimento de la lección 35: fechas, redes, la alineación y lo que dicen sus tablas."""

import itertools

import numpy as np
import pytest
import torch

from course_utils.comparison import welch
from course_utils.datasets import load_result
from course_utils.lessons.lesson_35 import experiment
from course_utils.seq2seq import PAD, make_batch
from course_utils.synthetic import to_iso
from tools.experiments import attention as program

KINDS = [*experiment.KINDS, "transformer", "transformer, sin posiciones"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def dates():
    return experiment.split_dates(3, examples=2_000)


def network(kind):
    torch.manual_seed(0)
    return experiment.build(kind).eval()


# ---------------------------------------------------------------- las fechas


def test_no_day_of_the_test_is_trained_and_all_is_readable(dates):
    assert not {iso for _, iso in dates.train} & {iso for _, iso in dates.test}
    assert len(dates.train) == 2_000
    for text, iso in dates.test:
        assert to_iso(text) == iso
        parts = {name: text[slice(*span)] for name, span in experiment.find_parts(text).items()}
        assert parts["año"] == iso[:4]
        separator = " de " if parts["mes"].isalpha() else "/"
        assert to_iso(separator.join(parts.values())) == iso
    assert {len(text) for text, _ in dates.test} >= {9, 10, 20}


def test_parts_are_found_with_the_month_first_too(dates):
    for _, iso in dates.test:
        text = experiment.month_first(iso)
        parts = {name: text[slice(*span)] for name, span in experiment.find_parts(text).items()}
        assert to_iso(f"{parts['día']} de {parts['mes']} de {parts['año']}") == iso
    with pytest.raises(ValueError, match="No se reconoce «ayer»"):
        experiment.find_parts("ayer")


# ---------------------------------------------------------------- las redes


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_and_steps_give_the_same_as_all_at_once(kind):
    model = network(kind)
    batch = experiment.encode_dates([("3/2/1998", "1998-02-03"), ("13 feb 1998", "1998-02-13")])
    with torch.inference_mode():
        whole = model(*experiment.widen(batch, 9)[:3])
        alone = model(batch.source[:1, :8], batch.lengths[:1], batch.given[:1])
        memory, steps = model.encode(batch.source, batch.lengths), []
        for t in range(batch.given.shape[1]):
            scores, memory = model.decode(batch.given[:, t : t + 1], memory)
            steps.append(scores)
    np.testing.assert_allclose(alone[0], whole[0], atol=1e-5)
    np.testing.assert_allclose(torch.cat(steps, dim=1), whole, atol=1e-5)


def test_without_the_mask_padding_does_change_the_answer():
    torch.manual_seed(0)
    model = experiment.build("producto", masked=False)
    batch = experiment.encode_dates([("3/2/1998", "1998-02-03")])
    with torch.inference_mode():
        gap = model(*experiment.widen(batch, 9)[:3]) - model(*batch[:3])
    assert gap.abs().max() > 1e-3


@pytest.mark.parametrize("causal", [True, False])
def test_only_the_one_without_its_mask_sees_the_future(causal):
    torch.manual_seed(0)
    model = experiment.build_transformer(experiment.SYMBOLS, causal=causal).eval()
    batch = experiment.encode_dates([("3/2/1998", "1998-02-03")])
    changed = batch.given.clone()
    changed[0, 5] = 7
    with torch.inference_mode():
        gap = (model(*batch[:2], changed) - model(*batch[:3])).abs().amax(dim=2)[0]
    assert (gap[5:] > 1e-6).all()
    assert (gap[:5] > 1e-6).any() != causal


def test_without_positions_the_order_is_not_seen():
    batch = make_batch([[5, 6, 7], [7, 5, 6]], [[3], [3]])
    for kind, same in (("transformer, sin posiciones", True), ("transformer", False)):
        with torch.inference_mode():
            first, second = network(kind)(*batch[:3])
        assert torch.allclose(first, second, atol=1e-5) == same


def test_the_weights_of_those_that_do_not_attend():
    batch = experiment.encode_dates([("3/2/1998", "1998-02-03"), ("13 feb 1998", "1998-02-13")])
    mean = experiment.attention_maps(network("media"), batch)
    last = experiment.attention_maps(network("la última"), batch)
    real = (batch.source != PAD).numpy()[:, None]
    np.testing.assert_allclose(mean, real / real.sum(axis=2, keepdims=True) * np.ones_like(mean))
    assert (last.argmax(axis=2) == np.array([[7], [10]])).all()
    assert (last.max(axis=2) == 1).all()


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind debe ser uno de producto"):
        experiment.build("a ojo")


# ---------------------------------------------------------------- lo que se mide


def test_alignment_is_one_when_all_falls_where_it_must_and_counts_the_next_character():
    text = "martes, 3 de febrero de 1998"
    maps = np.zeros((1, 11, len(text)))
    for step in range(11):
        maps[0, step, {0: 24, 1: 27, 5: 13, 6: 20, 8: 8, 9: 9}.get(step, 25)] = 1
    assert experiment.alignment(maps, [text]).tolist() == [[1] * 8]
    maps[0, 9] = np.roll(maps[0, 9], 1)  # un carácter más allá
    assert experiment.alignment(maps, [text]).tolist() == [[1] * 7 + [0]]


def test_shuffling_stays_in_what_is_real_and_keeps_each_row():
    texts = ["3/2/1998", "13/2/1998"]
    maps = experiment.attention_maps(
        network("producto"), experiment.encode_dates([(t, to_iso(t)) for t in texts])
    )
    mixed = experiment.shuffle_maps(maps, texts, np.random.default_rng(0))
    assert (mixed["barajados"][0, :, 8:] == 0).all()
    np.testing.assert_array_equal(np.sort(mixed["barajados"], axis=2), np.sort(maps, axis=2))
    np.testing.assert_array_equal(mixed["de otra fecha"][0], maps[1])


def test_reading_the_day_takes_only_those_written_with_a_figure():
    pairs = [("el tres de mayo de 1998", "1998-05-03"), ("13/2/1998", "1998-02-13")]
    model = network("media")
    one = experiment.read_day(model, [*pairs, ("3/2/1998", "1998-02-03")])
    assert one.on_figure == pytest.approx(1 / 8)
    assert one.on_next == pytest.approx(1 / 8)


@pytest.mark.parametrize("fault", ["", "suma", "relleno", "igual"])
def test_a_drawn_head_has_its_fault_and_no_other(fault):
    weights = experiment.draw_heads(np.random.default_rng(1), 7, 5, [fault])[0]
    found = {
        "suma": not np.allclose(weights.sum(axis=1), 1),
        "relleno": bool(weights[:, 5:].any()),
        "igual": np.allclose(weights[:, :5], 0.2),
    }
    assert [name for name, seen in found.items() if seen] == ([fault] if fault else [])


# ---------------------------------------------------------------- lo que dicen las tablas


def dated(measure, **changes):
    table = load_result("fechas")
    wanted = program.BASE | changes | {"measure": measure}
    return table["value"][np.all([table[name] == one for name, one in wanted.items()], axis=0)]


def necked(where, **wanted):
    table = load_result("atencion_cuello")
    wanted |= {"where": where}
    return table["value"][np.all([table[name] == one for name, one in wanted.items()], axis=0)]


def test_what_ships_is_what_the_program_measures():
    for name, grid, keys in (
        ("fechas", program.dates, [*program.BASE, "seed"]),
        ("atencion_cuello", program.necks, ["size", "kind", "seed"]),
    ):
        table = load_result(name)
        rows = zip(*(table[key].tolist() for key in keys), strict=True)
        seeds = range(int(table["seed"].max()) + 1)
        asked = [tuple(point[key] for key in keys) for point in grid(seeds)]
        assert list(dict.fromkeys(rows)) == asked
        assert len(seeds) >= 5


def test_with_attention_the_curve_is_flat_even_with_the_smallest_state():
    for size in (32, 64, 128):
        drop = necked("3", size=size, kind="producto") - necked("6", size=size, kind="producto")
        assert drop.mean() < 0.1


@pytest.mark.parametrize("size", [32, 64])
def test_with_six_figures_choosing_helps_and_seeing_all_without_choosing_does_not(size):
    choosing, mean, last = (
        necked("6", size=size, kind=kind) for kind in ("producto", "media", "la última")
    )
    assert welch(choosing, last).low > 0.1
    assert welch(choosing, mean).low > 0.1
    assert not welch(mean, last).low > 0


def test_in_a_new_place_choosing_does_not_help():
    for size in (32, 64):
        assert (
            not welch(*(necked("lugar", size=size, kind=k) for k in ("producto", "la última"))).low
            > 0
        )
    assert welch(*(necked("lugar", size=32, kind=k) for k in ("producto", "la última"))).high < 0


def test_with_dates_what_is_missing_is_not_choosing():
    chosen, mean, last = (
        dated("exactas", kind=kind) for kind in ("producto", "media", "la última")
    )
    assert min(values.mean() for values in (chosen, mean, last)) > 0.9
    for one, other in itertools.combinations((chosen, mean, last), 2):
        assert not welch(one, other).is_clear
    for without in (
        {"epochs": 6},
        {"epochs": 6, "rate": 3e-3},
        {"epochs": 16},
        {"epochs": 16, "rate": 3e-3},
    ):
        assert dated("exactas", kind="ninguna", **without).max() < chosen.min() - 0.1


def test_with_the_month_first_those_that_do_not_choose_are_right_more_often():
    chosen = dated("exactas, mes delante")
    for kind in ("media", "la última"):
        assert welch(dated("exactas, mes delante", kind=kind), chosen).low > 0.1


def test_learning_without_the_mask_hardly_shows_in_the_accuracy():
    masked = dated("exactas")
    for where in ("exactas", "exactas, sin relleno", "exactas, con más relleno"):
        assert dated(where, masked=False).min() > masked.min() - 0.05


def test_without_positions_the_transformer_does_not_learn():
    options = {"epochs": 5, "rate": 3e-3}
    assert dated("exactas", kind="transformer", **options).min() > 0.85
    assert dated("exactas", kind="transformer, sin posiciones", **options).max() < 0.2


def test_it_looks_where_it_must_and_its_controls_do_not():
    right = dated("peso, de la red")
    assert right.min() > 0.85
    for control in ("sin entrenar", "barajados", "de otra fecha"):
        assert dated(f"peso, {control}").max() < 0.6


def test_the_figure_of_the_day_decides_whatever_weight_it_has():
    assert dated("día, changed").min() > 0.9
    assert dated("día, on_figure").min() < 0.05
    assert dated("día, on_figure").max() > 0.9
    assert (dated("día, on_figure") + dated("día, on_next")).min() > 0.8


def test_without_its_weights_a_network_that_learnt_with_them_fails():
    assert dated("exactas, todo por igual").max() < 0.1

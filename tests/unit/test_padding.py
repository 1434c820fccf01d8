"""Relleno, máscaras, lotes parecidos y la prueba del relleno con modelos sanos y con cada falta."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.cells import gru_forward, init_gru
from course_utils.padding import (
    Cause,
    bucket_batches,
    check_padding_invariance,
    mask_from_lengths,
    pad,
)
from tests.unit.padding_models import (
    NUMPY_BAD,
    NUMPY_GOOD,
    TORCH_BAD,
    TORCH_GOOD,
    draw_sequences,
    last_real,
    masked_mean,
    numpy_model,
    torch_model,
)

HERE = Path(__file__).resolve().parent
CELLS = ("rnn", "gru", "lstm")
some_lengths = st.lists(st.integers(1, 9), min_size=1, max_size=6)


def sequences_of(lengths, *, ids=False, seed=0):
    return draw_sequences(lengths, ids=ids, rng=np.random.default_rng(seed))


# --- Relleno y máscaras --------------------------------------------------------------------------


@given(some_lengths, st.booleans(), st.sampled_from(["right", "left"]), st.integers(0, 3))
def test_padding_keeps_every_step_and_adds_only_the_value(lengths, ids, side, extra):
    sequences = sequences_of(lengths, ids=ids)
    value = 0 if ids else -7.5
    batch = pad(sequences, length=max(lengths) + extra, value=value, side=side)
    assert batch.values.shape[:2] == (len(lengths), max(lengths) + extra)
    assert batch.values.dtype == sequences[0].dtype
    assert batch.lengths.tolist() == lengths
    assert (batch.values[~batch.mask] == value).all()
    for row, real, sequence in zip(batch.values, batch.mask, sequences, strict=True):
        np.testing.assert_array_equal(row[real], sequence)
    straight = batch.mask if side == "right" else batch.mask[:, ::-1]
    np.testing.assert_array_equal(mask_from_lengths(lengths, max(lengths) + extra), straight)


@pytest.mark.parametrize(("keep", "kept"), [("start", [1, 2]), ("end", [3, 4])])
def test_what_is_cut_is_said(keep, kept):
    batch = pad([[1, 2, 3, 4], [5]], length=2, keep=keep)
    assert batch.values.tolist() == [kept, [5, 0]]
    assert batch.lengths.tolist() == [2, 1]


def test_padding_is_a_copy_and_takes_many_kinds_of_sequences():
    whole = np.ones((2, 3))
    batch = pad(whole)
    batch.values[:] = 9
    assert (whole == 1).all()
    assert np.isnan(pad([[1.0], [1.0, 2.0]], value=np.nan).values[0, 1])
    assert pad([[1, 2], [1.5]]).values.dtype == np.float64
    assert pad(one for one in ([1], [2, 3])).values.tolist() == [[1, 0], [2, 3]]
    assert pad([torch.ones(2), torch.ones(3)]).values.dtype == np.float32


@pytest.mark.parametrize(
    ("sequences", "options", "error", "message"),
    [
        ([], {}, ValueError, "está vacía"),
        ("abc", {}, TypeError, "lista de secuencias"),
        (3, {}, TypeError, "lista de secuencias"),
        ([1, 2], {}, ValueError, r"sequences\[0\] debe ser una secuencia"),
        ([[1], []], {}, ValueError, r"sequences\[1\] no tiene ningún paso"),
        ([["a"]], {}, TypeError, r"sequences\[0\] debe ser un array de números"),
        ([[1.0], [np.nan]], {}, ValueError, r"sequences\[1\].*posición 0"),
        (
            [np.ones((2, 3)), np.ones((2, 4))],
            {},
            ValueError,
            r"\(2, 3\) y sequences\[1\], \(2, 4\)",
        ),
        ([[1, 2, 3], [1]], {"length": 2}, ValueError, r"sequences\[0\] tiene 3 pasos.*keep="),
        ([[1, 2]], {"length": 0}, ValueError, "length debe ser al menos 1"),
        ([[1, 2]], {"keep": "middle"}, ValueError, "keep debe ser 'start' o 'end'"),
        ([[1, 2]], {"side": "top"}, ValueError, "side debe ser 'right' o 'left'"),
        ([[1, 2]], {"value": 0.5}, ValueError, "value=0.5 no cabe.*int64"),
        ([[1, 2]], {"value": np.nan}, ValueError, "no cabe"),
        ([np.ones(2, "float16")], {"value": 1e9}, ValueError, "no cabe.*float16"),
        ([[1, 2]], {"value": "0"}, TypeError, "value debe ser un array de números"),
    ],
)
def test_bad_sequences_say_what_was_expected(sequences, options, error, message):
    with pytest.raises(error, match=message):
        pad(sequences, **options)


@pytest.mark.parametrize(
    ("lengths", "timesteps", "error", "message"),
    [
        ([2, 0, -1], None, ValueError, r"al menos 1; lengths\[1\] es 0"),
        ([3, -2], 5, ValueError, r"lengths\[1\] es -2"),
        ([2, 7, 9], 5, ValueError, r"5 pasos del lote; lengths\[1\] es 7"),
        ([2.0, 3.0], None, TypeError, "números enteros"),
        ([True, False], None, TypeError, "números enteros"),
        ([[1, 2]], None, ValueError, "1 dimensiones"),
        ([], None, ValueError, "al menos 1 elementos"),
        ([1], 0, ValueError, "timesteps debe ser al menos 1"),
        ([1], 2.0, TypeError, "timesteps debe ser un número entero"),
    ],
)
def test_bad_lengths_say_which_one(lengths, timesteps, error, message):
    with pytest.raises(error, match=message):
        mask_from_lengths(lengths, timesteps)


# --- Lotes parecidos -----------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=60),
    st.integers(1, 9),
    st.integers(1, 4),
    st.integers(0, 99),
)
def test_buckets_hold_every_sequence_once(lengths, batch_size, pool, seed):
    rng = np.random.default_rng(seed)
    batches = bucket_batches(lengths, batch_size=batch_size, rng=rng, pool=pool)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    sizes = Counter(map(len, batches))
    assert max(sizes) <= batch_size
    assert sum(count for size, count in sizes.items() if size < batch_size) <= 1


def padding_share(lengths, batches):
    """Qué parte de los pasos que se calculan es relleno, si cada lote llega a su más larga."""
    return 1 - sum(lengths) / sum(len(batch) * lengths[batch].max() for batch in batches)


def test_buckets_pad_less_and_change_every_epoch():
    rng = np.random.default_rng(0)
    lengths = rng.geometric(0.05, size=640)
    epochs = [bucket_batches(lengths, batch_size=32, rng=rng, pool=20) for _ in range(2)]
    members = [{frozenset(batch.tolist()) for batch in epoch} for epoch in epochs]
    assert len(members[0] & members[1]) < 5
    longest = [lengths[batch].max() for batch in epochs[0]]
    assert longest != sorted(longest)
    shuffled = bucket_batches(lengths, batch_size=32, rng=rng, pool=1)
    assert padding_share(lengths, epochs[0]) < 0.25 < 0.6 < padding_share(lengths, shuffled)


def test_buckets_are_repeated_by_their_seed():
    one, other = (
        bucket_batches([3, 1, 2, 5], batch_size=2, rng=np.random.default_rng(4)) for _ in range(2)
    )
    for batch, again in zip(one, other, strict=True):
        np.testing.assert_array_equal(batch, again)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda rng: bucket_batches([1, 0], batch_size=2, rng=rng), ValueError, "lengths.1. es 0"),
        (lambda rng: bucket_batches([1], batch_size=0, rng=rng), ValueError, "batch_size"),
        (lambda rng: bucket_batches([1], batch_size=1, rng=rng, pool=0), ValueError, "pool"),
    ],
)
def test_bad_buckets_say_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call(np.random.default_rng(0))


# --- La prueba del relleno -----------------------------------------------------------------------


def cases(kinds):
    """Cada modelo con dos celdas, con características y con identificadores."""
    return [
        (kind, CELLS[(place + seed) % 3], bool(seed), seed)
        for place, kind in enumerate(kinds)
        for seed in (0, 1)
    ]


@pytest.mark.parametrize(("kind", "cell", "ids", "seed"), cases(TORCH_GOOD))
@pytest.mark.parametrize("steps", [0, 5])
def test_a_sound_pytorch_model_passes(kind, cell, ids, seed, steps):
    _, predict = torch_model(kind, cell, ids=ids, seed=seed, steps=steps)
    report = check_padding_invariance(predict, sequences_of((5, 2, 9), ids=ids, seed=seed))
    assert report.passed, str(report)
    assert report.causes == report.compatible == report.notes == ()
    assert report.gap < 1e-6


@pytest.mark.parametrize(("kind", "cell", "ids", "seed"), cases(TORCH_BAD))
def test_each_fault_of_a_pytorch_model_is_named(kind, cell, ids, seed):
    head = ("softmax", "linear")[seed]
    _, predict = torch_model(kind, cell, ids=ids, seed=seed, head=head, padding_idx=0)
    report = check_padding_invariance(predict, sequences_of((5, 2, 9), ids=ids, seed=seed))
    assert not report.passed
    assert report.causes == TORCH_BAD[kind], str(report)


@pytest.mark.parametrize(
    ("kind", "cell", "seed"),
    [
        ("plain h_n", "lstm", 0),
        ("plain bi mmean", "gru", 1),
        ("packed lost h_n", "rnn", 2),
        ("packed mean", "gru", 3),
        ("plain mean", "lstm", 4),
        ("packed last", "gru", 5),
    ],
)
@pytest.mark.parametrize("ids", [False, True])
def test_each_fault_is_named_after_training_with_it(kind, cell, seed, ids):
    _, predict = torch_model(kind, cell, ids=ids, seed=seed, steps=25, hidden=11)
    report = check_padding_invariance(predict, sequences_of((3, 7, 4, 6), ids=ids, seed=seed))
    assert report.causes == TORCH_BAD[kind], str(report)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", NUMPY_GOOD)
def test_a_sound_numpy_model_passes(kind, cell):
    report = check_padding_invariance(numpy_model(kind, cell), sequences_of((4, 8, 2)))
    assert report.passed, str(report)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", NUMPY_BAD)
def test_each_fault_of_a_numpy_model_is_named(kind, cell):
    report = check_padding_invariance(numpy_model(kind, cell, seed=1), sequences_of((4, 8, 2)))
    assert report.causes == NUMPY_BAD[kind], str(report)


def test_keras_models_are_judged_right():
    """En otro proceso: TensorFlow no se mezcla con PyTorch."""
    done = subprocess.run(
        [sys.executable, str(HERE / "padding_keras.py")],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == 10
    wrong = [one for one in said if one["found"] != ([one["expected"]] if one["expected"] else [])]
    assert wrong == []


@pytest.mark.parametrize("kind", ["packed h_n", "plain last", "packed lost h_n", "packed mean"])
@pytest.mark.parametrize("value", [-3.5, 100.0])
def test_the_padding_value_is_the_one_asked_for(kind, value):
    _, predict = torch_model(kind, seed=3)
    seen = []

    def spy(batch, lengths):
        pads = ~mask_from_lengths(lengths, batch.shape[1])
        seen.append(set(batch[pads].ravel().tolist()))
        return predict(batch, lengths)

    report = check_padding_invariance(spy, sequences_of((2, 4)), value=value)
    assert {value} in seen
    assert report.causes == TORCH_BAD.get(kind, ())


def test_a_mask_searched_in_the_values_is_not_a_fault():
    """El modelo no mira las longitudes: deduce la máscara de los ceros."""
    predict = numpy_model("masked last", "gru")

    def from_values(batch, lengths):
        return predict(batch, (batch != 0).any(axis=2).sum(axis=1))

    assert check_padding_invariance(from_values, sequences_of((4, 2))).passed
    faulty = numpy_model("masked lost last", "gru")

    def lost(batch, lengths):
        return faulty(batch, (batch != 0).any(axis=2).sum(axis=1))

    report = check_padding_invariance(lost, sequences_of((4, 2)))
    assert report.causes == (Cause.LOST_MASK,)


@pytest.mark.parametrize("lengths", [(6,), (1,), (4, 4, 4), (1, 1)])
@pytest.mark.parametrize("kind", ["packed h_n", "plain last", "packed mean", "plain bi split"])
def test_one_sequence_equal_lengths_and_one_step_are_enough(kind, lengths):
    _, predict = torch_model(kind, "lstm", seed=1)
    report = check_padding_invariance(predict, sequences_of(lengths))
    assert report.causes == TORCH_BAD.get(kind, ()), str(report)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kind", [*NUMPY_GOOD, *NUMPY_BAD])
def test_any_precision_is_judged_by_its_own_rounding(kind, dtype):
    sequences = [one.astype(dtype) for one in sequences_of((4, 8, 2), seed=2)]
    predict = numpy_model(kind, "gru", seed=2, dtype=dtype)

    def rounded(batch, lengths):
        """Las celdas calculan la media precisión en doble: se redondea lo que predicen."""
        return predict(batch, lengths).astype(dtype)

    report = check_padding_invariance(rounded, sequences)
    assert report.causes == NUMPY_BAD.get(kind, ()), str(report)
    assert report.tolerance == (16 * 2.0**-10 if dtype == "float16" else 1e-5)


def test_tensors_of_low_precision_are_read():
    net, predict = torch_model("packed h_n")
    for convert in (torch.Tensor.bfloat16, torch.Tensor.half, torch.Tensor.double):
        report = check_padding_invariance(
            lambda batch, lengths, convert=convert: convert(predict(batch, lengths)),
            sequences_of((3, 5)),
        )
        assert report.passed
    assert next(net.parameters()).requires_grad  # los gradientes no estorban


def test_large_predictions_are_compared_in_their_scale():
    """Con ventas en millones, el redondeo de float32 pasa de 1e-5 y no es una falta."""

    def sales(error):
        return lambda batch, lengths: (
            1e6 * (1 + last_real(batch, lengths)) + (error * batch.shape[1])
        )

    sequences = sequences_of((3, 6))
    assert check_padding_invariance(sales(0.1), sequences).passed
    assert not check_padding_invariance(sales(100.0), sequences).passed


def test_the_gap_is_given_for_each_amount_of_padding():
    _, predict = torch_model("packed mean")
    sequences = sequences_of((4, 4))
    report = check_padding_invariance(predict, sequences, paddings=(7, 1, 30))
    assert list(report.gaps) == [1, 7, 30]
    assert report.gaps[1] < report.gaps[7] < report.gaps[30] == report.gap
    alone = predict(sequences[0][None], np.array([4])).detach().numpy()[0]
    batch = pad([sequences[0], np.zeros((34, 3), "float32")])
    padded = predict(batch.values, batch.lengths).detach().numpy()[0]
    assert 1e-3 < np.abs(padded - alone).max() <= report.gap * (1 + 1e-6)


def test_a_short_start_shows_what_long_sequences_hide():
    """Leída hacia atrás, una secuencia larga borra el rastro del relleno; un paso, no."""

    def predict(batch, lengths):
        state = np.zeros((len(batch), 2))
        for t in range(batch.shape[1])[::-1]:
            state = np.tanh(batch[:, t] + 1 + 0.01 * state)
        return state + 0 * lengths[:, None]

    rng = np.random.default_rng(0)
    sequences = [rng.normal(size=(n, 2)) for n in (20, 30)]
    assert not check_padding_invariance(predict, sequences).passed


def masked_by_identifier(reading):
    """Una capa enmascarada donde el identificador es 0 y otra que no: las longitudes no se usan."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(9, 4))
    weights = [init_gru(size, 6, rng=rng) for size in (4, 6)]

    def predict(batch, lengths):
        first = gru_forward(table[batch], weights[0], mask=batch != 0).states
        return reading(first, gru_forward(first, weights[1]).states)

    return predict


def test_a_mask_taken_from_identifiers_and_lost_is_guessed_from_what_is_remembered():
    predict = masked_by_identifier(lambda first, second: second[:, -1])
    report = check_padding_invariance(predict, sequences_of((4, 2), ids=True))
    assert report.causes == (Cause.LOST_MASK,)
    assert Cause.NO_MASK in report.compatible
    sound = masked_by_identifier(lambda first, second: first[:, -1])
    assert check_padding_invariance(sound, sequences_of((4, 2), ids=True)).passed


def test_a_mean_of_states_that_never_settle_is_a_mean():
    """Los estados giran sin parar: la media no tiene forma de recta, pero cada paso pesa 1/T."""
    turn = np.exp(2j * np.pi * 0.137)

    def states(batch):
        x = batch[..., 0] + 1j * batch[..., 1]
        found = np.zeros_like(x)
        for t in range(x.shape[1]):
            found[:, t] = x[:, t] + turn * (found[:, t - 1] if t else 0)
        return np.stack([found.real, found.imag], axis=2)

    sequences = sequences_of((4, 2))
    report = check_padding_invariance(lambda b, n: states(b).mean(axis=1), sequences)
    assert report.causes == (Cause.MEAN,), str(report)
    report = check_padding_invariance(lambda b, n: states(b)[:, -1], sequences)
    assert report.causes == (Cause.NO_MASK,), str(report)


def softmax(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


@pytest.mark.parametrize("head", [softmax, sigmoid])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_mean_is_found_behind_a_steep_head(head, seed):
    """Los valores del relleno no entran y la capa de salida curva la recta."""

    def predict(batch, lengths):
        mask = mask_from_lengths(lengths, batch.shape[1])[..., None]
        return head(40 * (batch * mask * [1, 2, 3]).mean(axis=1))

    report = check_padding_invariance(predict, sequences_of((12, 9), seed=seed))
    assert report.causes == (Cause.MEAN,), str(report)


@pytest.mark.parametrize("cell", CELLS)
def test_what_cannot_be_told_apart_is_said(cell):
    _, predict = torch_model("plain last", cell, seed=1)
    report = check_padding_invariance(predict, sequences_of((5, 2)))
    assert report.causes == (Cause.NO_MASK,)
    assert report.compatible == (Cause.LAST_POSITION,)
    assert "compatible con: última posición en vez de la última real." in report.explanation
    _, predict = torch_model("plain bi h_n", cell, seed=1)
    report = check_padding_invariance(predict, sequences_of((5, 2)))
    assert report.compatible == (Cause.LAST_POSITION, Cause.BIDIRECTIONAL)


def test_the_last_position_of_a_layer_without_memory_is_named():
    report = check_padding_invariance(lambda b, n: np.tanh(b[:, -1] + 1), sequences_of((5, 2)))
    assert report.causes == (Cause.LAST_POSITION,)


# --- La pérdida ----------------------------------------------------------------------------------


def squared(predictions, targets, lengths):
    """Error de cada paso, y qué pasos son reales."""
    return np.square(predictions[..., 0] - targets), mask_from_lengths(lengths, targets.shape[1])


def per_step_mean(*arguments):
    errors, mask = squared(*arguments)
    return errors[mask].mean()


def per_sequence_mean(*arguments):
    return masked_mean(*squared(*arguments)).mean()


def plain_sum(*arguments):
    errors, mask = squared(*arguments)
    return torch.tensor(errors[mask].sum(), dtype=torch.float32)


def counts_padding(*arguments):
    return squared(*arguments)[0].mean()


def divides_by_everything(*arguments):
    errors, mask = squared(*arguments)
    return (errors * mask).mean()


def divides_by_the_time(*arguments):
    errors, mask = squared(*arguments)
    return (errors * mask).mean(axis=1).mean()


def check_loss(loss, *, kind="plain perstep", lengths=(5, 2, 7)):
    targets = [np.linspace(0, 1, n) for n in lengths]
    predict = numpy_model(kind, "gru")
    return check_padding_invariance(predict, sequences_of(lengths), loss=loss, targets=targets)


@pytest.mark.parametrize("loss", [per_step_mean, per_sequence_mean, plain_sum])
def test_a_sound_loss_passes(loss):
    report = check_loss(loss)
    assert report.passed, str(report)
    assert report.loss_gap < 1e-6


@pytest.mark.parametrize("loss", [counts_padding, divides_by_everything, divides_by_the_time])
@pytest.mark.parametrize("lengths", [(5, 2, 7), (4,), (3, 3)])
def test_a_loss_that_counts_the_padding_is_found(loss, lengths):
    report = check_loss(loss, lengths=lengths)
    assert report.causes == (Cause.LOSS,)
    assert report.gap < 1e-9 < 0.1 < report.loss_gap
    assert "La pérdida cambia" in str(report)


def test_a_faulty_model_and_a_faulty_loss_are_both_named():
    report = check_loss(counts_padding, kind="back perstep")
    assert report.causes == (Cause.BIDIRECTIONAL, Cause.LOSS)


def test_predictions_already_masked_need_no_mask_in_a_sum():
    """Si en el relleno todo es cero, sumarlo no cambia nada; dividir entre todos los pasos, sí."""

    def predict(batch, lengths):
        return batch * mask_from_lengths(lengths, batch.shape[1])[..., None]

    def total(predictions, targets, lengths):
        return np.square(predictions[..., 0] - targets).sum()

    def mean(predictions, targets, lengths):
        return np.square(predictions[..., 0] - targets).mean()

    for loss, causes in ((total, ()), (mean, (Cause.LOSS,))):
        report = check_padding_invariance(
            predict, sequences_of((5, 3)), loss=loss, targets=[np.ones(5), np.ones(3)]
        )
        assert report.causes == causes


def test_ignored_targets_are_respected():
    """Una pérdida que se guía por el relleno de los objetivos, como ignore_index de PyTorch."""
    predict = numpy_model("plain perstep")

    def cross_entropy(predictions, targets, lengths):
        return torch.nn.functional.cross_entropy(
            torch.from_numpy(predictions).flatten(0, 1),
            torch.from_numpy(targets).flatten(),
            ignore_index=-100,
        )

    targets = sequences_of((5, 3), ids=True)
    report = check_padding_invariance(
        predict,
        sequences_of((5, 3)),
        loss=cross_entropy,
        targets=[one % 2 for one in targets],
        target_value=-100,
    )
    assert report.passed, str(report)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": per_step_mean}, ValueError, "loss y targets van juntos"),
        ({"targets": [[1.0] * 4]}, ValueError, "loss y targets van juntos"),
        ({"loss": 3, "targets": [[1.0] * 4]}, TypeError, "loss debe ser una función"),
        ({"loss": per_step_mean, "targets": [[1.0] * 3]}, ValueError, r"longitudes \[4\].*\[3\]"),
        (
            {"loss": lambda p, t, n: np.ones(3), "targets": [[1.0] * 4]},
            ValueError,
            "loss debe devolver un número",
        ),
        (
            {"loss": lambda p, t, n: np.nan, "targets": [[1.0] * 4]},
            ValueError,
            "loss debe devolver un número finito",
        ),
        (
            {"loss": lambda p, t, n: None, "targets": [[1.0] * 4]},
            TypeError,
            "falta el `return`",
        ),
        (
            {"loss": lambda p, t: 0.0, "targets": [[1.0] * 4]},
            RuntimeError,
            "loss ha fallado.*TypeError",
        ),
    ],
)
def test_a_bad_loss_says_what_was_expected(options, error, message):
    with pytest.raises(error, match=message):
        check_padding_invariance(numpy_model("plain perstep"), sequences_of((4,)), **options)


def test_a_loss_needs_predictions_for_each_step():
    with pytest.raises(ValueError, match="predicciones por paso"):
        check_padding_invariance(
            numpy_model("masked last"),
            sequences_of((4,)),
            loss=per_step_mean,
            targets=[np.ones(4)],
        )


# --- Malas entradas y descuidos ------------------------------------------------------------------


def test_a_state_kept_between_calls_is_not_taken_for_a_padding_fault():
    memory = []

    def stateful(batch, lengths):
        memory.append(batch.sum())
        return batch[:, :1, 0] + sum(memory)

    report = check_padding_invariance(stateful, sequences_of((3, 5)))
    assert report.causes == (Cause.RANDOM,)
    assert "eval()" in str(report)


def test_a_squeeze_that_mixes_rows_is_named():
    def predict(batch, lengths):
        return last_real(batch, lengths) - batch.mean(axis=(0, 1))

    report = check_padding_invariance(predict, sequences_of((4, 4)))
    assert report.causes == (Cause.BATCH,)


def test_rows_left_in_order_of_length_are_named():
    """Las secuencias ya venían ordenadas: solo la compañera ocupa un sitio que no es suyo."""

    def predict(batch, lengths):
        order = np.argsort(-lengths, kind="stable")
        return last_real(batch[order], lengths[order])

    report = check_padding_invariance(predict, sequences_of((9, 5, 2)))
    assert report.causes == (Cause.BATCH,)


def fails(message):
    def predict(batch, lengths):
        raise KeyError(message)

    return predict


def sound(batch, lengths):
    return last_real(batch, lengths)


@pytest.mark.parametrize(
    ("predict", "error", "message"),
    [
        (3, TypeError, "predict debe ser una función"),
        (fails("roto"), RuntimeError, r"predict ha fallado con un lote de forma \(1, 4, 3\).*roto"),
        (lambda b, n: None, TypeError, "falta el `return`"),
        (lambda b, n: (b, n), TypeError, "quédate con la que compruebas"),
        (lambda b, n: 1.0, ValueError, "una fila por secuencia, 1"),
        (lambda b, n: b.mean(axis=0), ValueError, "una fila por secuencia, 1"),
        (lambda b, n: sound(b, n)[:1], ValueError, "una fila por secuencia"),
        (lambda b, n: sound(b, n) * np.nan, ValueError, "no son finitos en la fila 0"),
        (lambda b, n: sound(b, n) / (b.shape[1] - 11), ValueError, "no son finitos"),
        (lambda b, n: [["a"]] * len(b), TypeError, "predict debe ser un array de números"),
        (lambda b, n: b.reshape(len(b), -1), ValueError, "de la misma forma con cualquier relleno"),
        (lambda b, n: b[:, :-1], ValueError, "de la misma forma con cualquier relleno"),
    ],
)
def test_a_bad_predict_says_what_it_did(predict, error, message):
    with np.errstate(all="ignore"), pytest.raises(error, match=message):
        check_padding_invariance(predict, sequences_of((4, 3)))


def test_a_model_that_asks_for_sorted_lengths_is_told_so():
    _, predict = torch_model("packed h_n")

    def predict_sorted(batch, lengths):
        if (np.diff(lengths) > 0).any():
            raise RuntimeError("`lengths` array must be sorted")
        return predict(batch, lengths)

    with pytest.raises(RuntimeError, match=r"must be sorted.*en cualquier orden"):
        check_padding_invariance(predict_sorted, sequences_of((4, 3)))


@pytest.mark.parametrize(
    ("sequences", "options", "error", "message"),
    [
        ([], {}, ValueError, "sequences está vacía"),
        ([np.ones((0, 3))], {}, ValueError, "no tiene ningún paso"),
        ([np.zeros((2, 3))], {}, ValueError, "iguales al relleno"),
        ([np.ones((2, 3))], {"paddings": (0,)}, ValueError, "mayor que 0"),
        ([np.ones((2, 3))], {"paddings": (1.5,)}, TypeError, "paddings debe ser un número entero"),
        ([np.ones((2, 3))], {"paddings": (-1, 2)}, ValueError, "paddings debe ser al menos 0"),
        ([np.ones((2, 3))], {"paddings": ()}, ValueError, "paddings debe tener al menos 1"),
        ([np.ones((2, 3))], {"tolerance": 0}, ValueError, "tolerance debe ser mayor que 0"),
        ([np.ones((2, 3))], {"tolerance": "x"}, TypeError, "tolerance"),
        ([np.ones((2, 3))], {"seed": -1}, ValueError, "seed"),
        ([[1, 2]], {"value": 0.5}, ValueError, "no cabe"),
    ],
)
def test_bad_arguments_say_what_was_expected(sequences, options, error, message):
    with pytest.raises(error, match=message):
        check_padding_invariance(sound, sequences, **options)


def test_a_model_that_cannot_read_one_step_is_still_judged():
    def predict(batch, lengths):
        if batch.shape[1] < 3:
            raise RuntimeError("hacen falta tres pasos")
        return batch[:, 2] + batch[:, 0]

    assert check_padding_invariance(predict, sequences_of((5, 4))).passed
    with pytest.raises(RuntimeError, match="hacen falta tres pasos"):
        check_padding_invariance(predict, sequences_of((2,)))


@pytest.mark.parametrize("kind", ["plain last", "masked lost last", "back perstep"])
def test_a_model_with_a_longest_batch_is_still_judged(kind):
    free = numpy_model(kind)

    def predict(batch, lengths):
        if batch.shape[1] > 40:
            raise RuntimeError("solo llego a 40 pasos")
        return free(batch, lengths)

    report = check_padding_invariance(predict, sequences_of((5, 4)))
    assert report.causes == NUMPY_BAD[kind], str(report)


def test_nothing_is_mutated_and_a_predict_that_mutates_does_no_harm():
    sequences = sequences_of((4, 3))
    before = [one.copy() for one in sequences]

    def predict(batch, lengths):
        answer = last_real(batch, lengths)
        batch[:] = 9
        lengths[:] = 1
        return answer

    assert check_padding_invariance(predict, sequences).passed
    for one, old in zip(sequences, before, strict=True):
        np.testing.assert_array_equal(one, old)


def test_the_report_warns_of_what_it_cannot_see():
    sequences = [np.array([[1.0], [0.0], [2.0]])]
    report = check_padding_invariance(sound, sequences)
    assert [note for note in report.notes if "pasos reales iguales al relleno (0.0)" in note]
    report = check_padding_invariance(lambda b, n: sound(b, n) * 1e-9, sequences_of((3, 4)))
    assert report.passed
    assert "apenas se distinguen" in report.notes[0]
    report = check_padding_invariance(lambda b, n: sound(b, n) > 0, sequences_of((3, 4)))
    assert "las predicciones son enteros" in report.notes[0]


def test_the_report_reads_well_and_does_not_change():
    report = check_padding_invariance(torch_model("packed mean")[1], sequences_of((4, 2)))
    again = check_padding_invariance(torch_model("packed mean")[1], sequences_of((4, 2)))
    assert report == again
    lines = str(report).splitlines()
    assert lines[0].startswith("✗ No pasa: la predicción cambia como mucho 0.")
    assert lines[1].startswith("Media sobre el relleno. El efecto del relleno sigue a 1/tiempo")
    assert str(report.causes[0]) == "media sobre el relleno"
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.passed = True
    good = check_padding_invariance(sound, sequences_of((4, 2)))
    assert str(good).startswith("✓ Pasa: la predicción cambia como mucho 0 (se admite 1e-05).")


@settings(max_examples=15)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 50), st.booleans())
def test_a_masked_mean_never_raises_a_false_alarm(lengths, seed, ids):
    weights = np.random.default_rng(seed).normal(size=(10, 3))

    def predict(batch, lengths):
        values = weights[batch] if batch.ndim == 2 else batch @ weights[:3]
        return masked_mean(np.tanh(values), mask_from_lengths(lengths, batch.shape[1]))

    sequences = sequences_of(lengths, ids=ids, seed=seed)
    report = check_padding_invariance(predict, sequences, seed=seed)
    assert report.passed, str(report)

"""El experimento de la lección 14: gradientes correctos, parejas justas y tablas completas."""

import numpy as np
import pytest

from course_utils.cells import RNNWeights, rnn_backward, rnn_forward
from course_utils.datasets import load_result
from course_utils.lessons.lesson_14 import experiment
from course_utils.lessons.lesson_14.experiment import (
    LEARNED,
    PATHS,
    SIZE,
    WAYS,
    Networks,
    Way,
    clip_to,
    draw_marks,
    draw_networks,
    gradients,
    train,
    train_way,
)
from tools.experiments import gradients as program


def _case(count=3, batch=8, distance=12):
    rng = np.random.default_rng(0)
    networks = draw_networks(count, rng)
    networks = networks._replace(bias=0.3 * rng.normal(size=networks.bias.shape))
    return networks, *draw_marks((count, batch), distance, rng)


def test_the_first_symbol_decides_the_answer_and_no_other_is_a_mark():
    symbols, answers = draw_marks((50,), 7, np.random.default_rng(1))
    assert symbols.shape == (8, 50)
    np.testing.assert_array_equal(answers, np.where(symbols[0] == 0, 1, -1))
    assert set(symbols[0]) == {0, 1}
    assert set(symbols[1:].ravel()) == {2, 3, 4, 5}


def test_with_tanh_it_is_the_backpropagation_of_lesson_13():
    networks, symbols, answers = _case()
    predictions, slopes = gradients(networks, symbols, answers)
    for k, (*parts, readout) in enumerate(zip(*networks, strict=True)):
        weights = RNNWeights(*parts)
        run = rnn_forward(np.eye(6)[symbols[:, k].T], weights)
        last = run.states[:, -1]
        errors = 2 * (last @ readout - answers[k]) / len(answers[k])
        grad_states = np.zeros_like(run.states)
        grad_states[:, -1] = np.outer(errors, readout)
        back = rnn_backward(run, weights, grad_states)
        np.testing.assert_allclose(predictions[k], last @ readout)
        for mine, theirs in zip(slopes, (*back.weights, last.T @ errors), strict=True):
            np.testing.assert_allclose(mine[k], theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", Networks._fields)
def test_gradients_agree_with_central_differences(path, name):
    networks, symbols, answers = _case()
    part = getattr(networks, name)
    push = 1e-6 * np.random.default_rng(2).normal(size=part.shape)

    def loss(moved):
        predictions, _ = gradients(networks._replace(**{name: moved}), symbols, answers, path=path)
        return np.mean((predictions - answers) ** 2, axis=1).sum()

    slope = getattr(gradients(networks, symbols, answers, path=path)[1], name)
    by_push = (loss(part + push) - loss(part - push)) / 2
    assert by_push == pytest.approx(np.sum(slope * push), rel=1e-5)


def test_the_two_kinds_differ_only_in_the_hidden_matrix():
    pair = [draw_networks(4, np.random.default_rng(3), kind=kind) for kind in program.KINDS]
    for name, one, other in zip(Networks._fields, *pair, strict=True):
        assert np.array_equal(one, other) == (name != "hidden")


def test_training_leaves_alone_what_is_frozen_and_what_it_was_given():
    rng = np.random.default_rng(4)
    start = draw_networks(3, rng)
    before = [part.copy() for part in start]
    done = train(start, 3, rng, rate=0.05, updates=5, moves="nada")
    np.testing.assert_array_equal(done.networks.hidden, start.hidden.astype(np.float32))
    assert not np.array_equal(done.networks.input, start.input.astype(np.float32))
    for part, copy in zip(start, before, strict=True):
        np.testing.assert_array_equal(part, copy)


def test_no_network_touches_another():
    """Con las demás cambiadas, una red sigue igual si lee lo mismo."""
    rng = np.random.default_rng(5)
    start = draw_networks(3, rng)
    other = start._replace(hidden=start.hidden * np.array([1.0, 1.0, 9.0])[:, None, None])
    one, two = (
        train(networks, 6, np.random.default_rng(6), rate=0.05, updates=20, clip=clip_to(1.0))
        for networks in (start, other)
    )
    np.testing.assert_array_equal(one.losses[:, :2], two.losses[:, :2])
    assert not np.array_equal(one.losses[:, 2], two.losses[:, 2])


def test_clipping_bounds_each_step():
    rng = np.random.default_rng(7)
    start = draw_networks(5, rng, gain=2.0)
    done = train(start, 15, rng, rate=0.1, updates=1, clip=clip_to(1.0), path="lineal")
    pairs = zip(done.networks, start, strict=True)
    steps = [after - before.astype(np.float32) for after, before in pairs]
    sizes = np.sqrt(sum((step**2).reshape(5, -1).sum(axis=1) for step in steps))
    assert done.norms.min() > 1
    np.testing.assert_allclose(sizes, 0.1, rtol=1e-3)


def test_a_network_that_overflows_has_not_learned():
    rng = np.random.default_rng(8)
    done = train(draw_networks(6, rng), 15, rng, rate=0.5, updates=60, path="lineal")
    lost = ~np.isfinite(done.losses[-1])
    assert lost.any()
    assert not done.accuracy[lost].any()


def test_what_is_asked_wrongly_is_said():
    networks, symbols, answers = _case()
    with pytest.raises(ValueError, match="gaussiana u ortogonal"):
        draw_networks(2, np.random.default_rng(0), kind="identidad")
    with pytest.raises(ValueError, match="tanh, lineal, directo"):
        gradients(networks, symbols, answers, path="relu")


@pytest.mark.parametrize(
    ("way", "moved"),
    [
        (Way("fuga", False, "directo"), np.zeros((SIZE, SIZE))),
        (Way("fuga", True, "tanh"), np.eye(SIZE)),
        (Way("ortogonal", False, "tanh"), np.zeros((SIZE, SIZE))),
        (Way("ortogonal", True, "directo"), np.ones((SIZE, SIZE))),
    ],
)
def test_each_way_starts_and_moves_what_it_says(way, moved, monkeypatch):
    """A la distancia de la marca, una fuga deja la mitad; solo se mueve lo que se aprende."""
    runs = []

    def spy(networks, *args, **options):
        runs.append((networks.hidden, train(networks, *args, **options)))
        return runs[-1][1]

    monkeypatch.setattr(experiment, "train", spy)
    train_way(way, 10, seed=0, input_scale=1.0, rate=0.01, updates=1, count=2)
    ((before, done),) = runs
    kept = np.linalg.svd(np.linalg.matrix_power(before[0], 10), compute_uv=False)
    np.testing.assert_allclose(kept, 0.5 if way.kind == "fuga" else 1.0)
    gap = np.abs(done.networks.hidden - before.astype(np.float32)).sum(axis=0)
    np.testing.assert_array_equal(gap > 0, moved > 0)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("gradientes_recorte", program.clip_grid),
        ("gradientes_inicio", program.start_grid),
        ("gradientes_caminos", program.way_grid),
    ],
)
def test_what_ships_is_what_the_program_measures(name, make):
    result = load_result(name)
    asked = [{**point, "network": k} for point in make() for k in range(program.NETWORKS)]
    for column in asked[0]:
        assert [row[column] for row in asked] == result[column].tolist()


def _learned(name, **where):
    result = load_result(name)
    chosen = np.all([result[column] == value for column, value in where.items()], axis=0)
    return int(np.sum(result["accuracy"][chosen] > LEARNED))


def test_what_the_lesson_says_of_clipping_is_in_the_table():
    """Sin recorte hay alguna tasa buena; con él, son muchas más."""
    good = {
        cap: [
            _learned("gradientes_recorte", clip=cap, rate=rate) >= 22 for rate in program.CLIP_RATES
        ]
        for cap in (0.0, 1.0)
    }
    assert 1 <= sum(good[0.0]) < sum(good[1.0]) - 1


def test_what_the_lesson_says_of_starts_is_in_the_table():
    for rate in program.RATES:
        orthogonal, gaussian = (
            _learned("gradientes_inicio", kind=kind, rate=rate) for kind in reversed(program.KINDS)
        )
        assert orthogonal > gaussian


def test_what_the_lesson_says_of_paths_is_in_the_table():
    """Con entradas enteras decide la curva; una fuga falla con las pequeñas si es fija."""
    best = {}
    for point in program.way_grid():
        way, where = Way(*(point[name] for name in Way._fields)), dict(point)
        setting = (way, point["distance"], point["input_scale"])
        best[setting] = max(best.get(setting, 0), _learned("gradientes_caminos", **where))
    whole = {way: best[way, 50, 1.0] for way in WAYS}
    assert max(count for way, count in whole.items() if way.path == "tanh") <= 8
    assert min(count for way, count in whole.items() if way.path == "directo") >= 18
    for way in WAYS:
        assert best[way, 50, 0.1] == (0 if way.kind == "fuga" and not way.learned else 24)
    far = {way: count for (way, distance, _), count in best.items() if distance == 100}
    assert far.pop(program.RECIPE) <= 8
    assert min(count for way, count in far.items() if way.kind == "ortogonal") >= 23
    assert max(count for way, count in far.items() if way.kind == "fuga") <= 8


def test_the_live_pair_uses_the_best_rates_of_the_table():
    for path, rate in (("tanh", 0.6), ("directo", 0.01)):
        where = {"kind": "ortogonal", "learned": True, "path": path, "distance": 50,
                 "input_scale": 1.0}  # fmt: skip
        counts = [
            _learned("gradientes_caminos", **where, rate=other)
            for other in (*program.RATES, *program.HIGH_RATES)
        ]
        assert _learned("gradientes_caminos", **where, rate=rate) == max(counts)

"""CTC: igual que la de PyTorch, que enumerar los caminos y que su gradiente numérico."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.speech import (
    collapse,
    ctc_gradient,
    ctc_loss,
    ctc_posteriors,
    frames_needed,
    greedy,
    prefix_beam,
    with_blanks,
)

CLOSE = {"rtol": 0, "atol": 1e-6}


def random_log_probs(rng, steps, symbols, scale=2.0):
    """Logaritmos de probabilidades cualesquiera: (pasos, símbolos)."""
    scores = torch.from_numpy(rng.normal(scale=scale, size=(steps, symbols)))
    return torch.log_softmax(scores, dim=-1).numpy()


def torch_loss(scores, labels, blank=0):
    """La pérdida de PyTorch, en float64, de unas puntuaciones."""
    steps = len(scores)
    return torch.nn.functional.ctc_loss(
        torch.log_softmax(scores, dim=-1)[:, None],
        torch.tensor([labels], dtype=torch.long),
        torch.tensor([steps]),
        torch.tensor([len(labels)]),
        blank=blank,
        reduction="sum",
    )


def every_text(log_probs):
    """La probabilidad de cada texto, sumando camino a camino."""
    totals = defaultdict(float)
    steps, symbols = log_probs.shape
    for path in itertools.product(range(symbols), repeat=steps):
        totals[tuple(collapse(path))] += np.exp(log_probs[np.arange(steps), path].sum())
    return totals


tasks = st.tuples(
    st.integers(1, 40), st.integers(2, 8), st.integers(0, 14), st.integers(0, 2**32 - 1)
)


@settings(max_examples=60, deadline=None)
@given(tasks)
def test_the_loss_is_the_one_of_torch(task):
    """En cualquier caso, también los imposibles, que en los dos son infinitos."""
    steps, symbols, length, seed = task
    rng = np.random.default_rng(seed)
    log_probs = random_log_probs(rng, steps, symbols)
    labels = rng.integers(1, symbols, size=length).tolist()
    expected = torch_loss(torch.from_numpy(log_probs), labels).item()
    found = ctc_loss(log_probs, labels)
    assert (found == np.inf) == (frames_needed(labels) > steps)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize(
    ("steps", "labels"),
    [
        (1, []),
        (5, []),
        (1, [1]),
        (1, [1, 2]),
        (2, [1, 1]),
        (3, [1, 1]),
        (5, [2, 2, 2]),
        (4, [2, 2, 2]),
        (9, [1, 2, 1, 2, 2]),
        (300, [1, 2, 3] * 30),
    ],
)
@pytest.mark.parametrize("blank", [0, 4])
def test_edge_cases(steps, labels, blank):
    """Vacíos, justos, repetidos, imposibles y tan largos que la probabilidad se desborda."""
    labels = [label - (blank == 4) for label in labels]
    log_probs = random_log_probs(np.random.default_rng(steps), steps, 5, scale=5.0)
    expected = torch_loss(torch.from_numpy(log_probs), labels, blank).item()
    found = ctc_loss(log_probs, labels, blank=blank)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_the_loss_is_the_sum_of_every_path(seed):
    rng = np.random.default_rng(seed)
    log_probs = random_log_probs(rng, 6, 3)
    totals = every_text(log_probs)
    np.testing.assert_allclose(sum(totals.values()), 1.0)
    for labels, probability in totals.items():
        np.testing.assert_allclose(ctc_loss(log_probs, labels), -np.log(probability), **CLOSE)


@pytest.mark.parametrize(("steps", "labels"), [(7, [1, 2, 2]), (4, [3]), (3, [1, 1]), (9, [])])
def test_the_gradient_is_the_numerical_one_and_that_of_torch(steps, labels):
    rng = np.random.default_rng(5)
    scores = torch.from_numpy(rng.normal(size=(steps, 4))).requires_grad_()
    torch_loss(scores, labels).backward()
    found = ctc_gradient(torch.log_softmax(scores, dim=-1).detach().numpy(), labels)
    np.testing.assert_allclose(found, scores.grad.numpy(), **CLOSE)
    numerical = np.zeros_like(found)
    for place in np.ndindex(*found.shape):
        moved = []
        for step in (1e-5, -1e-5):
            changed = scores.detach().clone()
            changed[place] += step
            moved.append(ctc_loss(torch.log_softmax(changed, dim=-1).numpy(), labels))
        numerical[place] = (moved[0] - moved[1]) / 2e-5
    gap = np.linalg.norm(found - numerical)
    assert gap / (np.linalg.norm(found) + np.linalg.norm(numerical)) < 1e-6


@settings(max_examples=30, deadline=None)
@given(tasks)
def test_each_step_shares_out_all_the_paths(task):
    steps, symbols, length, seed = task
    rng = np.random.default_rng(seed)
    labels = rng.integers(1, symbols, size=length).tolist()
    log_probs = random_log_probs(rng, steps, symbols)
    if frames_needed(labels) > steps:
        with pytest.raises(ValueError, match=rf"necesita {frames_needed(labels)} pasos y hay"):
            ctc_posteriors(log_probs, labels)
        return
    shares = ctc_posteriors(log_probs, labels)
    assert shares.shape == (steps, 2 * length + 1)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(ctc_gradient(log_probs, labels).sum(axis=1), 0.0, atol=1e-9)


def test_a_symbol_that_is_impossible_everywhere():
    """La pérdida es infinita, y repartir los caminos dice por qué no se puede."""
    with np.errstate(divide="ignore"):
        log_probs = np.log([[0.5, 0.5, 0.0]] * 4)
    assert ctc_loss(log_probs, [1, 2]) == np.inf
    assert np.isfinite(ctc_loss(log_probs, [1, 1]))
    with pytest.raises(ValueError, match="probabilidad 0"):
        ctc_posteriors(log_probs, [1, 2])


@pytest.mark.parametrize(
    ("log_probs", "labels", "options", "message"),
    [
        (np.zeros((3, 2)), [1], {}, "suman 2 y no 1. ¿Falta log_softmax"),
        (np.full((3, 2), np.nan), [1], {}, "tiene NaN"),
        (np.log([[0.5, 0.5]]), [0], {}, "ningún blanco"),
        (np.log([[0.5, 0.5]]), [2], {}, "del 0 al 1"),
        (np.log([[0.5, 0.5]]), [1], {"blank": 2}, "solo hay 2 símbolos"),
        (np.zeros((0, 2)), [1], {}, "al menos 1"),
    ],
)
def test_what_is_not_a_ctc_problem(log_probs, labels, options, message):
    with pytest.raises(ValueError, match=message):
        ctc_loss(log_probs, labels, **options)


def test_inputs_are_not_changed():
    log_probs = random_log_probs(np.random.default_rng(0), 6, 4)
    labels, kept = [1, 2, 2], log_probs.copy()
    ctc_gradient(log_probs, labels)
    prefix_beam(log_probs, width=3)
    np.testing.assert_array_equal(log_probs, kept)
    assert labels == [1, 2, 2]


# Leer


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_a_wide_beam_finds_what_trying_everything_finds(steps, symbols, seed):
    """Si caben todos los prefijos, el haz da todos los textos y sus probabilidades exactas."""
    log_probs = random_log_probs(np.random.default_rng(seed), steps, symbols)
    totals = every_text(log_probs)
    readings = prefix_beam(log_probs, width=2_000)
    assert {reading.labels for reading in readings} == set(totals)
    for labels, log_prob in readings:
        np.testing.assert_allclose(np.exp(log_prob), totals[labels], rtol=1e-9)
    assert readings[0].labels == max(totals, key=totals.get)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(2, 6), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_a_beam_never_promises_more_than_the_text_has(steps, symbols, width, seed):
    log_probs = random_log_probs(np.random.default_rng(seed), steps, symbols)
    readings = prefix_beam(log_probs, width=width)
    assert 1 <= len(readings) <= width
    scores = [reading.log_prob for reading in readings]
    assert scores == sorted(scores, reverse=True)
    for labels, log_prob in readings:
        assert log_prob <= -ctc_loss(log_probs, labels) + 1e-9


def test_the_best_path_is_not_the_best_text():
    log_probs = np.log([[0.6, 0.4], [0.6, 0.4]])
    assert greedy(log_probs) == []
    assert prefix_beam(log_probs, width=2)[0].labels == (1,)


def test_greedy_with_certainty_is_the_beam():
    """Cuando la red está segura de cada paso, las dos leen lo mismo."""
    path = [0, 1, 1, 0, 1, 2, 2, 0]
    log_probs = np.log(np.full((len(path), 3), 1e-6))
    log_probs[np.arange(len(path)), path] = np.log(1 - 2e-6)
    assert greedy(log_probs) == [1, 1, 2] == list(prefix_beam(log_probs, width=4)[0].labels)


def test_blanks_go_everywhere():
    assert with_blanks([], blank=3).tolist() == [3]
    assert with_blanks([1, 1], blank=0).tolist() == [0, 1, 0, 1, 0]
    assert collapse([2, 2, 2], blank=2) == []


@pytest.mark.parametrize("width", [0, -1, 1.5, True])
def test_the_width_must_be_a_count(width):
    with pytest.raises((TypeError, ValueError), match="width"):
        prefix_beam(np.log([[0.5, 0.5]]), width=width)

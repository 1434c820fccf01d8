"""La búsqueda en haz, contra la enumeración de todo lo que se puede escribir."""

from itertools import product

import numpy as np
import pytest

from course_utils.decoding import Hypothesis, beam_search

START, END, SYMBOLS, LIMIT = 4, 0, 4, 5


def tree(seed, *, symbols=SYMBOLS):
    """Un modelo en el que cada símbolo depende de todos los anteriores."""

    def log_probs(prefix):
        rng = np.random.default_rng([seed, *(int(one) for one in prefix)])
        return np.log(rng.dirichlet(np.full(symbols, 0.5)) + 1e-9)

    return log_probs


def searched(log_probs, **options):
    """El haz sobre un modelo de prefijos: el estado es lo escrito."""

    def step(symbols, prefixes):
        prefixes = np.column_stack([prefixes, symbols])
        following = np.array([log_probs(prefix) for prefix in prefixes])
        return np.minimum(following, 0.0), prefixes

    options = {"start": START, "end": END, "limit": LIMIT} | options
    return beam_search(step, np.zeros((1, 0), dtype=int), **options)


def everything(log_probs, *, power=0.0, limit=LIMIT):
    """Todas las respuestas que acaban, de la mejor a la peor."""
    found = []
    for length in range(limit):
        for middle in product(range(1, SYMBOLS), repeat=length):
            symbols = (*middle, END)
            prefixes = ((START, *symbols[:t]) for t in range(len(symbols)))
            total = sum(
                min(log_probs(prefix)[one], 0.0)
                for prefix, one in zip(prefixes, symbols, strict=True)
            )
            found.append((total / len(symbols) ** power, symbols))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_as_wide_as_the_space_it_finds_the_true_maximum_and_all_in_order(seed, power):
    best = searched(tree(seed), width=SYMBOLS**LIMIT, length_power=power)
    wanted = everything(tree(seed), power=power)
    assert [one.symbols for one in best] == [symbols for _, symbols in wanted]
    np.testing.assert_allclose([one.score for one in best], [score for score, _ in wanted])
    assert all(one.ended for one in best)


def test_a_narrow_beam_misses_it_sometimes_and_more_width_finds_it_more_often():
    truth = [everything(tree(seed))[0][1] for seed in range(60)]
    hits = [
        sum(searched(tree(s), width=w)[0].symbols == best for s, best in enumerate(truth))
        for w in (1, 3, 20)
    ]
    assert hits[0] < hits[1] < hits[2] <= 60
    assert hits[0] < 50


@pytest.mark.parametrize("seed", range(5))
def test_with_width_one_it_is_greedy(seed):
    prefix = (START,)
    while prefix[-1] != END and len(prefix) <= LIMIT:
        prefix = (*prefix, int(tree(seed)(prefix).argmax()))
    (only,) = searched(tree(seed), width=1)
    assert only.symbols == prefix[1:]
    assert only.ended == (prefix[-1] == END)


def test_length_normalisation_can_change_the_winner():
    """Una respuesta corta de probabilidad 0.4 y otra de cuatro símbolos de 0.35."""
    chain = np.full((5, 5), 1e-9)
    chain[START, END], chain[START, 1] = 0.4, 0.35
    chain[1, 2] = chain[2, 3] = chain[3, END] = 1.0

    def step(symbols, state):
        return np.log(chain[symbols]), state

    options = {"start": START, "end": END, "width": 3, "limit": 6}
    plain, mean = (beam_search(step, np.zeros(1), length_power=p, **options)[0] for p in (0.0, 1.0))
    assert (plain.symbols, mean.symbols) == ((END,), (1, 2, 3, END))
    assert plain.score == plain.log_prob == pytest.approx(np.log(0.4))
    assert mean == Hypothesis(
        (1, 2, 3, END), pytest.approx(np.log(0.35)), pytest.approx(np.log(0.35) / 4), True
    )


def test_what_never_ends_stops_at_the_limit_and_says_so():
    def step(symbols, state):
        return np.log(np.tile([1e-9, 0.4, 0.6], (len(symbols), 1))), state

    best = beam_search(step, np.zeros(1), start=2, end=0, width=2, limit=3)
    assert best[0].symbols == (2, 2, 2)
    assert [one.ended for one in best] == [False, False]


def test_impossible_symbols_are_never_written():
    def step(symbols, state):
        return np.tile([0.0, -np.inf, -np.inf], (len(symbols), 1)), state

    assert len(beam_search(step, np.zeros(1), start=2, end=0, width=3, limit=3)) == 1


def test_every_hypothesis_keeps_its_own_state_even_in_a_tuple():
    """El estado cuenta y suma lo escrito: el haz no mezcla los de hipótesis distintas."""
    import torch

    seen = []

    def step(symbols, state):
        count, total = state
        seen.append((count.tolist(), total.tolist()))
        rows = [np.log([0.1, 0.5 - 0.1 * t, 0.4 + 0.1 * t]) for t in range(len(symbols))]
        return torch.tensor(np.array(rows)), (count + 1, total + torch.as_tensor(symbols))

    state = torch.zeros(1), torch.zeros(1)
    best = beam_search(step, state, start=0, end=0, width=2, limit=4)
    assert [count for count, _ in seen] == [[0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    assert best


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"width": 0}, ValueError, "width debe ser al menos 1"),
        ({"limit": 0}, ValueError, "limit debe ser al menos 1"),
        ({"width": 2.0}, TypeError, "width debe ser un número entero"),
        ({"end": -1}, ValueError, "end debe ser al menos 0"),
        ({"length_power": -1}, ValueError, "length_power debe ser un número que no sea negativo"),
        ({"length_power": float("nan")}, ValueError, "length_power"),
        ({"end": 7}, ValueError, r"una columna por símbolo, \(1, más de 7\).*forma \(1, 4\)"),
    ],
)
def test_arguments_are_checked(change, error, message):
    with pytest.raises(error, match=message):
        searched(tree(0), **({"width": 2} | change))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0.2, np.nan, 0.1], "hay NaN"),
        ([0.5, 3.0, -1.0], "el mayor es 3.*log_softmax"),
    ],
)
def test_what_is_not_a_logarithm_of_a_probability_is_refused(row, message):
    with pytest.raises(ValueError, match=message):
        beam_search(
            lambda symbols, state: (np.array([row]), state),
            np.zeros(1), start=0, end=0, width=1, limit=2,
        )  # fmt: skip

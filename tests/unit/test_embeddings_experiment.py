"""Los vectores de la lección 31: sus parejas, sus vecinos y lo que mide su programa."""

from collections import Counter

import numpy as np
import pytest

from course_utils.datasets import load_result, load_stories
from course_utils.lessons.lesson_31 import CLASSES, vectors
from course_utils.text import words
from tools.experiments import embeddings


def test_classes_share_no_word_and_are_in_the_stories():
    counts = Counter(word for story in load_stories() for word in words(story))
    members = [word for group in CLASSES.values() for word in group]
    assert len(set(members)) == len(members)
    assert [word for word in members if counts[word] < 5] == []
    assert min(map(len, CLASSES.values())) >= 5


def test_half_of_every_class_is_for_choosing():
    classed = vectors.classed_words([word for group in CLASSES.values() for word in group])
    for label in range(len(CLASSES)):
        mine = classed.labels == label
        assert np.sum(mine & classed.chosen) - np.sum(mine & ~classed.chosen) in (0, 1)


def test_pairs_respect_the_window_and_the_words_in_between():
    text = "la gran mar azul".split()
    pairs = vectors.neighbour_pairs([text, ["la"]], ["la", "mar", "azul"], 2)
    assert sorted(map(tuple, pairs.tolist())) == [(0, 1), (1, 0), (1, 2), (2, 1)]


def test_neighbours_do_not_count_themselves_nor_their_length():
    classed = vectors.classed_words(["lunes", "azul", "martes", "rojo"])
    along = np.array([[9.0, 0.1], [0.0, 1.0], [0.1, 0.0], [0.2, 5.0]])
    assert vectors.neighbour_share(along, classed, 1).tolist() == [1.0] * 4
    assert vectors.neighbour_share(along[[0, 2, 1, 3]], classed, 1).tolist() == [0.0] * 4
    assert vectors.chance_share(classed) == pytest.approx(1 / 3)


def test_random_vectors_are_at_chance():
    classed = vectors.classed_words([word for group in CLASSES.values() for word in group])
    rng = np.random.default_rng(0)
    found = [
        vectors.neighbour_share(rng.normal(size=(len(classed.rows), 20)), classed).mean()
        for _ in range(10)
    ]
    assert np.mean(found) == pytest.approx(vectors.chance_share(classed), abs=0.01)


def test_maps_that_only_turn_keep_every_neighbour():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 2))
    turned = points @ np.array([[0.6, -0.8], [0.8, 0.6]])
    assert vectors.kept_neighbours(points, turned) == 1
    assert vectors.kept_neighbours(points, rng.permutation(points)) < 0.4
    labels = np.repeat([0, 1, 2], 20)
    gaps = vectors.island_gaps(points, labels)
    np.testing.assert_allclose(gaps, vectors.island_gaps(turned, labels))


def test_a_network_learns_who_goes_together():
    """Dos grupos que solo van entre sí acaban separados, y desde una semilla sale lo mismo."""
    rng = np.random.default_rng(0)
    pairs = np.concatenate([rng.integers(0, 5, (2_000, 2)), rng.integers(5, 10, (2_000, 2))])
    options = {"width": 4, "rate": 0.05, "epochs": 8, "seed": 3}
    *_, learned = vectors.train_skipgram(pairs, 10, **options)
    near = vectors.nearest(vectors.unit(learned), 4)
    assert ((near < 5) == (np.arange(10) < 5)[:, None]).all()
    np.testing.assert_array_equal(vectors.train_skipgram(pairs, 10, **options)[-1], learned)


def test_what_ships_is_what_the_program_measures():
    result = load_result("incrustaciones")
    expected = {
        (window, rate, seed, epochs)
        for window in embeddings.WINDOWS
        for rate in embeddings.RATES
        for seed in embeddings.SEEDS
        for epochs in range(1, embeddings.EPOCHS + 1)
    }
    columns = (result[name].tolist() for name in ("window", "rate", "seed", "epochs"))
    assert set(zip(*columns, strict=True)) == expected
    assert len(result["seed"]) == len(expected)

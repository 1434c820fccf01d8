"""Frases con las mismas palabras y sentido contrario."""

from collections import Counter

import numpy as np
import pytest

from course_utils.synthetic import word_order_puzzles


def words(phrase):
    return Counter(phrase.replace(",", "").replace(":", "").split())


def test_each_pair_has_the_same_words_and_opposite_labels():
    puzzles = word_order_puzzles(400, rng=np.random.default_rng(0))
    assert len({phrase for phrase, _ in puzzles}) == 800
    for (one, label), (other, opposite) in zip(puzzles[::2], puzzles[1::2], strict=True):
        assert words(one) == words(other)
        assert one != other
        assert label + opposite == 1


def test_a_bag_of_words_is_exactly_at_half():
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    puzzles = word_order_puzzles(400, rng=np.random.default_rng(1))
    phrases, labels = zip(*puzzles, strict=True)
    bag = CountVectorizer().fit_transform(phrases)
    labels = np.array(labels)
    model = LogisticRegression().fit(bag[:600], labels[:600])
    assert (model.predict(bag[600:]) == labels[600:]).mean() == 0.5


def test_the_order_decides():
    """Quien mire solo la última palabra afirmada acierta siempre."""
    good = {"bueno", "buena", "estupendo", "estupenda", "agradable", "maravilloso",
            "maravillosa", "excelente", "magnífico", "magnífica"}  # fmt: skip
    for phrase, label in word_order_puzzles(300, rng=np.random.default_rng(2)):
        assert (phrase.split()[-1] in good) == bool(label)


def test_both_orders_come_first_as_often():
    puzzles = word_order_puzzles(400, rng=np.random.default_rng(3))
    assert 0.4 < np.mean([label for _, label in puzzles[::2]]) < 0.6


def test_too_many_pairs():
    with pytest.raises(ValueError, match="Solo hay 3024 parejas distintas"):
        word_order_puzzles(10_000, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="count"):
        word_order_puzzles(-1, rng=np.random.default_rng(0))

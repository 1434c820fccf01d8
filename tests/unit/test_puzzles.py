"""Frases con las mismas palabras y sentido contrario."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from course_utils.synthetic import (
    BLIND_FRAMES,
    HELD_OUT_FRAMES,
    puzzle_opinions,
    word_order_puzzles,
)
from course_utils.synthetic.puzzles import FRAMES


def plain(phrase):
    return phrase.replace(",", "").replace(":", "").split()


def words(phrase):
    return Counter(plain(phrase))


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


@pytest.mark.parametrize("frames", [FRAMES, BLIND_FRAMES, HELD_OUT_FRAMES])
@pytest.mark.parametrize("place", [0, -1])
def test_the_first_and_the_last_adjective_are_at_half(frames, place):
    opinions = puzzle_opinions()
    puzzles = word_order_puzzles(200, rng=np.random.default_rng(2), frames=frames)
    found = [
        opinions[[word for word in plain(phrase) if word in opinions][place]] == label
        for phrase, label in puzzles
    ]
    assert np.mean(found) == 0.5


def test_the_order_decides():
    """El adjetivo de después de estas palabras es el descartado, y el otro manda."""
    opinions = puzzle_opinions()
    frames = ("{thing} no es {rejected}, es {asserted}", "{thing} es más {asserted} que {rejected}")
    for phrase, label in word_order_puzzles(300, rng=np.random.default_rng(2), frames=frames):
        words = plain(phrase)
        decisive = words[-1] if "no" in words else words[words.index("más") + 1]
        assert opinions[decisive] == label


def test_blind_frames_have_the_same_pairs_of_words_too():
    puzzles = word_order_puzzles(90, rng=np.random.default_rng(4), frames=BLIND_FRAMES)
    for (one, _), (other, _) in zip(puzzles[::2], puzzles[1::2], strict=True):
        assert Counter(pairwise(plain(one))) == Counter(pairwise(plain(other)))


def test_held_out_frames_say_nothing_new():
    seen = {word for frame in FRAMES for word in plain(frame)}
    assert set(HELD_OUT_FRAMES).isdisjoint(FRAMES)
    assert {word for frame in HELD_OUT_FRAMES for word in plain(frame)} <= seen


def test_an_odd_count_is_as_even_as_it_can():
    opinions = puzzle_opinions()
    puzzles = word_order_puzzles(7, rng=np.random.default_rng(1))
    last = [[opinions[w] for w in plain(phrase) if w in opinions][-1] for phrase, _ in puzzles]
    hits = sum(found == label for found, (_, label) in zip(last, puzzles, strict=True))
    assert len(puzzles) == 14
    assert hits in (6, 8)


def test_both_orders_come_first_as_often():
    puzzles = word_order_puzzles(400, rng=np.random.default_rng(3))
    assert 0.4 < np.mean([label for _, label in puzzles[::2]]) < 0.6


def test_too_many_pairs():
    with pytest.raises(ValueError, match="Solo hay 7776 parejas distintas"):
        word_order_puzzles(10_000, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="count"):
        word_order_puzzles(-1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="tantos moldes"):
        word_order_puzzles(2, rng=np.random.default_rng(0), frames=FRAMES[:1])

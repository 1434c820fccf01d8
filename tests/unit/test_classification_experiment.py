"""Los clasificadores de la lección 32: sus datos, sus redes y lo que se ha medido con ellos."""

from collections import Counter

import numpy as np
import pytest

from course_utils.datasets import load_result, load_trained
from course_utils.environment import setup
from course_utils.lessons.lesson_32 import experiment
from tools.experiments import classification
from tools.models import reviews as shipping


def test_the_vocabulary_is_only_of_the_training_reviews():
    reviews = experiment.encoded_reviews([0, 1, 2])
    assert len(reviews.train.ids) == 3
    assert reviews.train.ids.max() == len(reviews.vocabulary) - 1
    assert len(experiment.encoded_reviews().vocabulary) > 10 * len(reviews.vocabulary)


def test_shuffling_keeps_the_words_of_each_text():
    test = experiment.encoded_reviews([0, 1]).test
    mixed = experiment.shuffle_words(test, np.random.default_rng(0))
    assert not np.array_equal(mixed.ids, test.ids)
    for one, other in zip(mixed.ids, test.ids, strict=True):
        assert Counter(one.tolist()) == Counter(other.tolist())
        assert ((one == 0) == (other == 0)).all()


def test_puzzles_share_no_phrase_and_every_part_is_even():
    puzzles = experiment.encoded_puzzles(np.random.default_rng(0))
    phrases = [phrase for part in puzzles.phrases.values() for phrase in part]
    assert len(set(phrases)) == len(phrases)
    assert [len(part) // 2 for part in puzzles.phrases.values()] == list(experiment.PUZZLE_SIZES)
    for part in puzzles[1:5]:
        assert part.labels.mean() == 0.5
        assert (part.ids != 1).all()  # ninguna palabra desconocida


def test_hits_survive_being_written():
    logits, labels = np.array([1.0, -1.0, 2.0]), np.array([1, 1, 0])
    written = experiment.hits_text(logits, labels)
    assert experiment.hits_matrix([written]).tolist() == [[True, False, False]]


@pytest.mark.parametrize("network", experiment.NETWORKS)
def test_padding_changes_nothing_and_only_the_mean_ignores_the_order(network):
    setup(0, frameworks=("tensorflow",))
    model = experiment.build_classifier(network, 9)
    ids = np.array([[4, 5, 6, 7], [5, 4, 7, 6]], dtype="int32")
    first, second = model.predict_on_batch(ids)[:, 0]
    padded = model.predict_on_batch(np.pad(ids, ((0, 0), (0, 3))))[:, 0]
    np.testing.assert_allclose(padded, [first, second], atol=1e-6)
    assert (abs(first - second) < 1e-6) == (network == "media")


def test_an_unknown_network_is_named():
    with pytest.raises(ValueError, match="network debe ser una de media"):
        experiment.build_classifier("RNN", 9)


def test_the_epoch_is_chosen_with_the_first_watched_part():
    setup(0, frameworks=("tensorflow",))
    rng = np.random.default_rng(0)
    ids = rng.integers(4, 8, size=(64, 5)).astype("int32")
    train = experiment.Texts(ids, (ids[:, 0] > 5).astype("float32"))
    flipped = train._replace(labels=1 - train.labels)  # cuanto más aprende, peor lo hace aquí
    options = {"rate": 0.02, "epochs": 4, "seed": 0}
    honest, backwards = (
        experiment.train_classifier("media", 8, train, [watched], **options)
        for watched in (train, flipped)
    )
    assert honest.epoch == 4
    assert backwards.epoch == 1
    again = honest.model.predict_on_batch(ids)[:, 0]
    np.testing.assert_allclose(again, honest.logits[0], atol=1e-5)


def test_what_ships_is_what_the_program_measures():
    table = load_result("clasificacion")
    points = list(
        zip(table["network"].tolist(), table["rate"].tolist(), table["seed"].tolist(), strict=True)
    )
    networks = (*experiment.NETWORKS, experiment.SHUFFLED)
    expected = {
        (network, rate, seed)
        for network in networks
        for rate in classification.RATES
        for seed in classification.SEEDS
        if classification.is_worth(network, rate, seed)
    }
    assert set(points) == expected
    assert len(points) == len(expected)
    assert set(classification.CHOSEN) == set(networks)


def test_the_chosen_rate_has_the_least_validation_loss():
    table = load_result("clasificacion")
    for network, rate in classification.CHOSEN.items():
        if network == experiment.SHUFFLED:
            assert rate == classification.CHOSEN["GRU, todos"]
            continue
        losses = {}
        for tried in classification.RATES:
            rows = (table["network"] == network) & (table["rate"] == tried)
            rows &= np.isin(table["seed"], list(classification.SEEDS[:2]))
            losses[tried] = table["loss"][rows].mean()
        assert min(losses, key=losses.get) == rate


def test_the_shipped_classifier_measures_what_its_card_says():
    setup(0, frameworks=("tensorflow",))
    trained = load_trained("resenas")
    assert shipping.check_model(trained) == []
    assert trained.script == "tools/models/reviews.py"

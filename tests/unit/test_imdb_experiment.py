"""Las críticas de IMDB: cada arreglo hace lo que dice y el reparto no separa copias."""

import keras
import numpy as np
import pytest

from course_utils.datasets import load_result
from course_utils.lessons.lesson_32 import imdb
from course_utils.lessons.lesson_32.duplicates import near_duplicates, split_groups
from course_utils.lessons.lesson_32.imdb import BEST, REPAIRS, Recipe
from tools.experiments import imdb as program

TINY = {"units": 5, "width": 4, "words": 9, "steps": 6}


@pytest.fixture
def reviews():
    """Cuarenta críticas de 4 a 12 palabras: decide la última, que es un 1 o un 2."""
    rng = np.random.default_rng(0)
    texts = [rng.integers(3, 15, size) for size in rng.integers(4, 13, 40)]
    labels = np.arange(40) % 2
    for text, label in zip(texts, labels, strict=True):
        text[-1] = 1 + label
    return texts, labels


def test_published_recipe_is_the_one_of_the_articles():
    published = Recipe()
    assert (published.words, published.steps, published.width) == (20_000, 100, 128)
    assert (published.cell, published.units, published.drop, published.recurrent_drop) == (
        "LSTM", 128, 0.2, 0.2,
    )  # fmt: skip
    assert (published.batch, published.epochs) == (32, 5)
    layer = next(one for one in imdb.build_network(published).layers if one.name.startswith("lstm"))
    assert (layer.dropout, layer.recurrent_dropout) == (0.2, 0.2)


def test_each_repair_changes_one_thing_and_the_best_has_them_all():
    for change in REPAIRS.values():
        (name,) = change
        assert getattr(Recipe(), name) != change[name]
        assert getattr(BEST, name) == change[name] or name == "reading"
    assert BEST.reading == "all"


def test_a_cut_keeps_the_end_or_the_start_and_rare_words_share_a_number():
    review = np.array([3, 12, 5, 9, 10, 11, 1])
    before = review.copy()
    (end,) = imdb.encode([review], Recipe(words=9, steps=4))
    (start,) = imdb.encode([review], Recipe(words=9, steps=4, keep="start"))
    assert end.tolist() == [9, 10, 10, 1]
    assert start.tolist() == [3, 10, 5, 9]
    assert np.array_equal(review, before)


def test_padding_goes_where_the_recipe_says_and_no_further_than_needed():
    batch = [np.array([4, 5, 6]), np.array([7])]
    assert imdb.fill(batch, Recipe(steps=5)).tolist() == [[0, 0, 4, 5, 6], [0, 0, 0, 0, 7]]
    bucketed = Recipe(steps=5, side="right", bucketed=True)
    assert imdb.fill(batch, bucketed).tolist() == [[4, 5, 6], [7, 0, 0]]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("reading", ["last", "mean", "all"])
def test_only_a_masked_network_ignores_the_padding(side, reading):
    keras.utils.set_random_seed(0)
    rows = {
        length: imdb.fill([np.array([4, 2, 7])], Recipe(steps=length, side=side))
        for length in (3, 8)
    }
    for masked in (True, False):
        model = imdb.build_network(Recipe(**TINY, side=side, reading=reading, masked=masked))
        alone, padded = (float(model(rows[length])[0, 0]) for length in (3, 8))
        assert (abs(alone - padded) < 1e-6) == masked


def test_the_output_reads_the_real_states_and_vectors():
    keras.utils.set_random_seed(0)
    model = imdb.build_network(Recipe(**TINY, reading="all", masked=True, side="right"))
    words = np.array([[4, 2, 7, 0, 0]])
    wanted = [next(one for one in model.layers if one.name.startswith(kind)).output
              for kind in ("lstm", "spatial")]  # fmt: skip
    states, vectors = (found.numpy()[0, :3] for found in keras.Model(model.input, wanted)(words))
    weights, bias = model.layers[-1].get_weights()
    read = np.concatenate([states.mean(axis=0), states.max(axis=0), vectors.mean(axis=0)])
    expected = 1 / (1 + np.exp(-(read @ weights + bias)))
    assert model(words).numpy()[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("bucketed", [False, True])
def test_every_review_is_seen_once_an_epoch_and_buckets_save_padding(monkeypatch, bucketed):
    texts = [np.full(size, size) for size in range(1, 41)]
    seen, fill = [], imdb.fill
    monkeypatch.setattr(
        imdb, "fill", lambda batch, recipe: seen.append(fill(batch, recipe)) or seen[-1]
    )
    recipe = Recipe(units=2, width=2, words=50, steps=40, batch=8, epochs=2, bucketed=bucketed)
    imdb.train_network(texts, np.arange(40) % 2, recipe, seed=0)
    sizes = np.concatenate([batch.max(axis=1) for batch in seen])
    assert sorted(sizes) == sorted([*range(1, 41)] * 2)
    assert not np.array_equal(sizes[:40], sizes[40:])  # cada época, en otro orden
    padding = sum((batch == 0).sum() for batch in seen)
    assert padding < 2 * 40 * 4 if bucketed else padding == 2 * (40 * 40 - 820)


@pytest.mark.parametrize("falling", [False, True])
def test_rate_falls_to_zero_only_if_asked(monkeypatch, reviews, falling):
    rates, adam = [], keras.optimizers.Adam
    monkeypatch.setattr(keras.optimizers, "Adam", lambda rate: rates.append(rate) or adam(rate))
    imdb.train_network(*reviews, Recipe(**TINY, epochs=2, rate=0.5, falling=falling), seed=0)
    if falling:
        assert [float(rates[0](step)) for step in (0, 2, 4)] == [0.5, 0.25, 0.0]
    else:
        assert rates == [0.5]


def test_network_learns_what_the_end_says_and_not_what_it_does_not_read(reviews):
    texts, labels = reviews
    recipe = BEST._replace(**TINY, epochs=30, rate=0.05, batch=8, spatial_drop=0.0, output_drop=0.0)
    learned = imdb.train_network(texts, labels, recipe, seed=0)
    assert np.mean((learned.predict(texts) > 0.5) == labels) == 1
    other = [np.append(text, [5] * 6) for text in texts]  # ahora la que decide no cabe
    assert np.ptp(learned.predict(other)) < 1e-5


def test_a_seed_repeats_and_a_prediction_does_not_depend_on_its_company(reviews):
    texts, labels = reviews
    recipe = BEST._replace(**TINY, batch=16)
    one, again, other = (imdb.train_network(texts, labels, recipe, seed=s) for s in (1, 1, 2))
    together = one.predict(texts)
    np.testing.assert_array_equal(again.predict(texts), together)
    assert not np.allclose(other.predict(texts), together)
    np.testing.assert_allclose(one.predict(texts[::-1])[::-1], together, atol=1e-6)
    np.testing.assert_allclose(one.predict(texts[3:4]), together[3:4], atol=1e-6)
    assert one.params == imdb.build_network(recipe).count_params()


def test_best_recipe_takes_only_the_arrays(monkeypatch, reviews):
    asked = []
    monkeypatch.setattr(imdb, "train_network", lambda *arguments, **seed: asked.append(arguments))
    imdb.train_best(*reviews)
    assert asked == [(*reviews, BEST)]


def test_rival_reads_pairs_in_their_order_and_ignores_what_it_never_saw():
    good, bad = np.array([1, 2, 3]), np.array([2, 1, 3])  # las mismas palabras
    trained = imdb.train_linear([good, bad] * 10, np.array([1, 0] * 10))
    assert trained.predict([good, bad])[0] > 0.5 > trained.predict([good, bad])[1]
    known, unknown = trained.predict([good, np.append(good, [70, 80])])
    assert known == unknown


def test_near_duplicates_are_found_and_shared_phrases_are_not():
    rng = np.random.default_rng(0)
    first, second, third = (rng.integers(1, 5_000, 60) for _ in range(3))
    changed = first.copy()
    changed[30] = 1
    cut = second[:40]
    quoting = np.concatenate([third[:12], rng.integers(1, 5_000, 60)])
    short = np.array([7, 8])
    texts = [first, second, third, changed, cut, quoting, short, short.copy(), np.array([8, 7])]
    groups = near_duplicates(texts)
    assert groups.tolist() == [0, 1, 2, 0, 1, 3, 4, 4, 5]


def test_groups_are_never_split_and_every_text_is_in_one_part():
    groups = np.random.default_rng(0).integers(0, 60, 200)
    groups = np.unique(groups, return_inverse=True)[1]
    parts = split_groups(groups, [40, 50], seed=3)
    assert sorted(np.concatenate(parts).tolist()) == list(range(200))
    owners = np.concatenate([np.unique(groups[part]) for part in parts])
    assert len(owners) == len(np.unique(groups))
    assert 40 <= len(parts[0]) < 50
    assert 40 <= len(parts[1]) < 60
    again, other = (split_groups(groups, [40, 50], seed=seed) for seed in (3, 4))
    assert np.array_equal(parts[0], again[0])
    assert not np.array_equal(parts[0], other[0])


@pytest.fixture
def file(tmp_path):
    """Un archivo como el de las críticas: 60 textos, el segundo una copia del primero."""
    rng = np.random.default_rng(0)
    texts = [rng.integers(1, 50, size) for size in rng.integers(12, 30, 60)]
    labels = np.arange(60) % 2
    texts[1], labels[1] = texts[0], labels[0]

    def write(order):
        path = tmp_path / "reviews.npz"
        tokens = np.concatenate([texts[place] for place in order])
        lengths = [len(texts[place]) for place in order]
        np.savez(path, tokens=tokens, lengths=lengths, labels=labels[order].astype(np.int8))
        return str(path)

    return write


def test_order_of_the_file_does_not_matter(file):
    one, answers = program.read_reviews(file(np.arange(60)))
    other, same = program.read_reviews(file(np.arange(60)[::-1]))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert np.array_equal(answers, same)


def test_a_point_is_trained_with_its_stage_and_scored_with_the_rest(file, monkeypatch):
    monkeypatch.setattr(program, "PART", 12)
    program.read_parts.cache_clear()
    data = file(np.arange(60))
    rows = [program.measure(data, program.RIVAL, None, stage, 0) for stage in program.STAGES]
    choosing, final, whole = rows
    assert [row["examples"] for row in rows] == sorted(row["examples"] for row in rows)
    assert whole["examples"] == 60
    assert 0 <= choosing["validation"] <= 1 >= final["test"] >= 0
    assert np.isnan([final["validation"], whole["validation"], whole["test"]]).all()
    assert all(row["megabytes"] > 10 for row in rows)


def test_what_ships_is_what_the_program_measures():
    result = load_result("imdb")
    names = ("recipe", "stage", "seed")
    shipped = list(zip(*(result[name].tolist() for name in names), strict=True))
    assert shipped == [tuple(point[name] for name in names) for point in program.grid("")]

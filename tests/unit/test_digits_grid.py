"""El experimento de los dígitos: mide lo que dice y se puede repetir."""

import numpy as np
import pytest

from course_utils.datasets import load_result
from course_utils.lessons.lesson_24 import experiment as digits
from tools.experiments import digits as digits_grid


@pytest.fixture(scope="module")
def squares():
    """Imágenes de 6 × 6 de tres clases muy distintas, con ruido."""
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    images = rng.random((120, 6, 6))
    for label in range(3):
        images[labels == label, :, 2 * label : 2 * label + 2] += 4
    return images, labels


def test_split_is_stratified_disjoint_and_repeatable(squares):
    images, labels = squares
    marked = images + np.arange(120)[:, None, None] * 1e-3  # cada imagen se reconoce
    parts = digits.split_digits(marked, labels, seed=3)
    assert [len(y) for _, y in parts] == [78, 18, 24]
    assert [np.bincount(y).tolist() for _, y in parts] == [[26] * 3, [6] * 3, [8] * 3]
    everything = np.concatenate([x.reshape(len(x), -1) for x, _ in parts])
    assert len(np.unique(everything, axis=0)) == 120
    assert everything.max() == 1
    again = digits.split_digits(marked, labels, seed=3)
    other = digits.split_digits(marked, labels, seed=4)
    assert np.array_equal(parts.train[0], again.train[0])
    assert np.array_equal(parts.test[0], other.test[0])  # con toda semilla, la misma prueba
    assert not np.array_equal(parts.train[0], other.train[0])
    with pytest.raises(ValueError, match="una etiqueta por imagen"):
        digits.split_digits(images, labels[:-1], seed=0)


@pytest.mark.parametrize("name", digits.MODELS)
def test_every_network_reads_images_of_any_size(name):
    model = digits.build_model(name, (6, 6), classes=4)
    output = model(np.zeros((2, 6, 6), dtype="float32")).numpy()
    assert output.shape == (2, 4)
    assert output.sum(axis=1) == pytest.approx([1, 1])


def test_unknown_network_is_named():
    with pytest.raises(ValueError, match=r"'transformer'\. Las hay: densa 128"):
        digits.build_model("transformer", (8, 8))


def test_measure_learns_and_starts_afresh_with_each_seed(squares):
    images, labels = squares
    rows = list(digits.measure("densa 128", images, labels, seeds=(1, 2), epochs=20))
    assert [(row["model"], row["params"], row["seed"]) for row in rows] == [
        ("densa 128", 37 * 128 + 129 * 3, 1),
        ("densa 128", 37 * 128 + 129 * 3, 2),
    ]
    assert min(row["test"] for row in rows) > 0.9
    (alone,) = digits.measure("densa 128", images, labels, seeds=[2], epochs=20)
    parts = ("train", "validation", "test")
    assert [rows[1][part] for part in parts] == [alone[part] for part in parts]


def test_logistic_is_measured_like_the_rest(squares):
    (row,) = digits.measure_logistic(*squares, seeds=[1])
    assert (row["model"], row["params"], row["seed"]) == ("logística", 6 * 6 * 3 + 3, 1)
    assert row["test"] == 1


def test_reading_by_position_is_what_tells_one_order_from_another():
    """Sin recurrencia y con la media, dan igual las filas cambiadas de orden; en fila, no."""
    image = np.random.default_rng(0).random((1, 6, 6)).astype("float32")
    changed = image[:, ::-1]
    for name, sees_order in (("media 500", False), ("todo 110", True)):
        model = digits.build_model(f"sin recurrencia, {name}", (6, 6))
        same = np.allclose(model(image), model(changed), atol=1e-6)
        assert same != sees_order


def test_shuffled_pixels_are_the_same_pixels_for_every_image(squares, monkeypatch):
    images, labels = squares
    shuffled = digits.shuffle_pixels(images)
    before, after = (group.reshape(120, -1) for group in (images, shuffled))
    assert not np.array_equal(before, after)
    where = [np.flatnonzero((before == column[:, None]).all(axis=0)) for column in after.T]
    assert sorted(np.concatenate(where)) == list(range(36))
    seen = []
    split = digits.split_digits
    monkeypatch.setattr(
        digits, "split_digits", lambda x, *a, **k: seen.append(x) or split(x, *a, **k)
    )
    for name in (digits.SHUFFLED, "convolucional 16"):
        list(digits.measure(name, images, labels, seeds=[0], epochs=1))
    assert np.array_equal(seen[0], shuffled)
    assert seen[1] is images


def test_restarted_network_is_the_fresh_one(squares):
    images, labels = squares
    model, fresh = (digits.build_model("LSTM 44 con dropout", (6, 6)) for _ in range(2))
    digits._compile(model, 0.01, 2)
    model.fit(images, labels, epochs=2, verbose=0)
    digits._restart(model, fresh)
    for old, new in zip(model.variables, fresh.variables, strict=True):
        assert np.array_equal(old.numpy(), new.numpy())
    assert all(not np.any(variable.numpy()) for variable in model.optimizer.variables)


@pytest.mark.parametrize("name", ["digits_tasas", "digits"])
def test_what_ships_is_what_the_program_measures(name):
    result = load_result(name)
    points = {"digits_tasas": digits_grid.rate_grid, "digits": digits_grid.grid}[name]()
    asked = [(point["model"], point["rate"], seed) for point in points for seed in point["seeds"]]
    columns = (result[column].tolist() for column in ("model", "rate", "seed"))
    assert asked == list(zip(*columns, strict=True))


def test_rates_are_chosen_on_repeats_that_are_not_measured():
    assert not set(load_result("digits_tasas").seeds) & set(load_result("digits").seeds)


def test_a_point_is_a_network_with_all_its_seeds():
    """Y sale lo registrado: la regresión logística da lo mismo en cualquier ordenador."""
    result = load_result("digits")
    point = digits_grid.grid()[0] | {"seeds": [0, 1]}
    rows = digits_grid.measure(**point)
    assert [row["seed"] for row in rows] == [0, 1]
    for place, row in enumerate(rows):
        assert row.keys() == result.columns.keys()
        assert row["model"] == result["model"][place]
        assert row["test"] == pytest.approx(result["test"][place], abs=0.01)

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
    assert np.array_equal(parts.test[0], again.test[0])
    assert not np.array_equal(parts.test[0], other.test[0])
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


def test_restarted_network_is_the_fresh_one(squares):
    images, labels = squares
    model, fresh = (digits.build_model("LSTM 44 con dropout", (6, 6)) for _ in range(2))
    digits._compile(model, 2)
    model.fit(images, labels, epochs=2, verbose=0)
    digits._restart(model, fresh)
    for old, new in zip(model.variables, fresh.variables, strict=True):
        assert np.array_equal(old.numpy(), new.numpy())
    assert all(not np.any(variable.numpy()) for variable in model.optimizer.variables)


def test_what_ships_is_what_the_program_measures():
    result = load_result("digits")
    points = digits_grid.grid(seeds=len(result.seeds), epochs=digits.EPOCHS)
    asked = [(point["model"], seed) for point in points for seed in point["seeds"]]
    assert asked == list(zip(result["model"].tolist(), result["seed"].tolist(), strict=True))


def test_a_point_is_a_network_with_all_its_seeds():
    """Y sale lo registrado: la regresión logística da lo mismo en cualquier ordenador."""
    result = load_result("digits")
    point, *_ = digits_grid.grid(seeds=2, epochs=1)
    rows = digits_grid.measure(**point)
    assert [row["seed"] for row in rows] == [0, 1]
    for place, row in enumerate(rows):
        assert row.keys() == result.columns.keys()
        assert row["model"] == result["model"][place]
        assert row["test"] == pytest.approx(result["test"][place], abs=0.01)

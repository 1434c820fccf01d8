"""Lo que las respuestas de la lección 24 encuentran después, y lo que no deben poder saber."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises.definition import find, reference, run_text

LEAK = find("24.3")


@pytest.fixture(scope="module")
def suspects():
    """Los de la sección 6 de la lección, sin entrenar, y si miran el futuro."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)

    def forecaster(*, bidirectional: bool):
        layer = layers.SimpleRNN(16, return_sequences=True)
        reader = layers.Bidirectional(layer) if bidirectional else layer
        return keras.Sequential([keras.Input((None, 1)), reader, layers.Dense(1)])

    one_way = forecaster(bidirectional=False)
    return [
        (one_way, False),
        (forecaster(bidirectional=True), True),
        (lambda x: one_way(x - x.mean(axis=1, keepdims=True)), True),
        (lambda x: one_way(x - x.cumsum(axis=1) / np.arange(1, x.shape[1] + 1)[:, None]), False),
    ]


@pytest.mark.parametrize("place", range(-1, len(LEAK.variants)))
def test_accepted_detectors_work_with_networks(suspects, place):
    """Lo que se acepta en 24.3 juzga bien las redes que la lección le da después."""
    answer = reference(LEAK)
    if place >= 0:
        answer = run_text(LEAK, LEAK.variants[place].code, label="variante")
    window = np.random.default_rng(0).normal(size=(2, 5, 1)).astype("float32")
    assert [answer(predict, window) for predict, _ in suspects] == [leaks for _, leaks in suspects]


def test_predictors_have_no_name():
    """Una respuesta no puede reconocer por su nombre a quien mira el futuro."""
    names = set()

    def spy(predict, x):
        names.add((predict.__name__, predict.__doc__))
        return False

    for case in LEAK.cases():
        LEAK.observe(spy, case)
    assert len(names) == 1


def test_gallery_comes_in_any_order():
    """Ni por el orden en que se prueban."""
    orders = {tuple(predictors) for predictors, _ in LEAK.cases(draws=6)[len(LEAK.edges) :]}
    assert len(orders) == 6

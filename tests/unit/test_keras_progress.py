"""La línea de progreso de Keras y su botón de parar, con Keras de verdad."""

import signal
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest

from course_utils.environment import setup
from course_utils.training import keras_progress, progress
from tests.unit.test_training import Screen

X = np.linspace(-1, 1, 60, dtype="float32")[:, None]


@pytest.fixture(scope="module")
def keras():
    with matplotlib.rc_context():  # el estilo del curso no debe llegar a otras pruebas
        setup(0, frameworks=("tensorflow",))
    import keras

    return keras


@pytest.fixture
def screen(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(progress, "FIRST_LOOK", 0)
    monkeypatch.setattr(progress, "REFRESH", 0)
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=screen, modules={}))
    return screen


def train(keras, *others, epochs=3):
    """Tres lotes por época; devuelve el historial y si el modelo ha cambiado."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    start = model.get_weights()
    callbacks = [keras_progress(), *others]
    options = {"batch_size": 20, "validation_data": (X, X), "callbacks": callbacks}
    history = model.fit(X, 2 * X, epochs=epochs, verbose=0, **options)
    return history, not np.array_equal(model.get_weights()[0], start[0])


def interrupt_at(keras, *batches):
    """Pulsa el botón de parar al acabar esos lotes, contados desde 1."""
    seen = []

    def press(batch, logs):
        seen.append(batch)
        if len(seen) in batches:
            signal.raise_signal(signal.SIGINT)

    return keras.callbacks.LambdaCallback(on_train_batch_end=press)


def test_the_line_tells_where_it_is_and_clears_itself(keras, screen):
    history, changed = train(keras)
    assert screen.line() == ""
    assert "\n" not in screen.getvalue()
    lines = [piece.strip() for piece in screen.getvalue().split("\r") if piece.strip()]
    assert lines[-1].startswith("época 3 de 3, paso 3 de 3 · pérdida ")
    assert " · validación " in lines[-1]
    assert changed
    assert len(history.history["loss"]) == 3


def test_nobody_watching_sees_nothing(keras, capfd):
    train(keras)
    assert capfd.readouterr() == ("", "")


def test_stopping_keeps_what_was_learnt(keras, capsys):
    before = signal.getsignal(signal.SIGINT)
    history, changed = train(keras, interrupt_at(keras, 4))
    assert capsys.readouterr().out == (
        "Interrumpido en la época 2: el modelo conserva lo aprendido.\n"
    )
    assert changed
    assert len(history.history["loss"]) == len(history.history["val_loss"]) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_stopping_keeps_the_best_weights_of_early_stopping(keras):
    stop = keras.callbacks.EarlyStopping(patience=9, restore_best_weights=True)
    history, changed = train(keras, stop, interrupt_at(keras, 5))
    assert changed
    assert len(history.history["loss"]) == 2


def test_a_second_press_cuts_at_once(keras):
    with pytest.raises(KeyboardInterrupt):
        train(keras, interrupt_at(keras, 4), interrupt_at(keras, 4))


def test_the_button_is_as_it_was_after_a_whole_training(keras):
    before = signal.getsignal(signal.SIGINT)
    train(keras)
    assert signal.getsignal(signal.SIGINT) is before

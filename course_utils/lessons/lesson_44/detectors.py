"""Los detectores que se comparan: qué puntuación da cada uno a cada medida.

Todas son causales: la de una medida sale de ella y de las anteriores. Los modelos se ajustan solo
con las semanas de entrenamiento.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.lessons.lesson_44.scoring import robust_spread
from course_utils.synthetic import Sensor, sensor

if TYPE_CHECKING:
    from keras import Model

PER_DAY = 48
TRAIN_DAYS, CALIBRATION_DAYS, FAULTS = 56, 14, 4
KNOWN = TRAIN_DAYS * PER_DAY  # medidas de entrenamiento
UNSEEN = KNOWN + CALIBRATION_DAYS * PER_DAY  # donde empieza la prueba
STEPS, CHUNK = 12, 4  # una red lee un día: doce pasos de dos horas, cuatro medidas en cada uno
WINDOW = STEPS * CHUNK
UNITS, WIDTH = 32, 4  # de cada capa recurrente y del cuello
EPOCHS, BATCH, RATE = 15, 128, 0.01
RECENT = 4  # medidas que mira el bosque
REPEATED = 1.5  # la regla avisa con tres medidas iguales seguidas: dos repeticiones


class Spread(NamedTuple):
    """Una serie de dos maneras: escalada tal cual y sin lo que es habitual a cada hora."""

    raw: np.ndarray
    anomaly: np.ndarray


def make_case(seed: int) -> Sensor:
    """El sensor de una semilla: diez semanas limpias y cuatro fallos de cada clase."""
    days = TRAIN_DAYS + CALIBRATION_DAYS
    return sensor(days + 6 * FAULTS * 5, faults=FAULTS, clean_days=days, seed=seed)


def usual_values(values: np.ndarray, known: int = KNOWN) -> np.ndarray:
    """La mediana de cada media hora, en laborables y en fin de semana aparte: (n,).

    Examples
    --------
    >>> usual_values(np.tile(np.arange(48.0), 14), 14 * 48)[:3]
    array([0., 1., 2.])
    """
    steps = np.arange(len(values))
    place = steps % PER_DAY + PER_DAY * (steps // PER_DAY % 7 >= 5)
    medians = [np.median(values[:known][place[:known] == k]) for k in range(2 * PER_DAY)]
    return np.array(medians)[place]


def spread_out(values: np.ndarray) -> Spread:
    """Escala una serie de las dos maneras, con lo que se sabe en el entrenamiento."""
    away = values - usual_values(values)
    known = values[:KNOWN]
    return Spread((values - known.mean()) / known.std(), away / robust_spread(away[:KNOWN]))


def repeats(values: np.ndarray) -> np.ndarray:
    """Cuántas veces seguidas se ha repetido ya cada medida.

    Examples
    --------
    >>> repeats(np.array([1.0, 1.0, 1.0, 2.0]))
    array([0., 1., 2., 0.])
    """
    counts = np.zeros(len(values))
    for step in range(1, len(values)):
        counts[step] = (counts[step - 1] + 1) * (values[step] == values[step - 1])
    return counts


def last_mean(values: np.ndarray, width: int) -> np.ndarray:
    """La media de las últimas ``width`` medidas; al principio, de las que haya.

    Examples
    --------
    >>> last_mean(np.array([2.0, 4.0, 6.0]), 2)
    array([2., 3., 5.])
    """
    total = np.concatenate([[0.0], values.cumsum()])
    steps = np.arange(1, len(values) + 1)
    start = np.maximum(steps - width, 0)
    return (total[steps] - total[start]) / (steps - start)


def damped_residual(anomaly: np.ndarray, cap: float = np.inf) -> np.ndarray:
    """Lo que falla el cambio habitual amortiguado: una fracción de la última anomalía.

    Con ``cap``, el pronóstico no se cree ninguna anomalía mayor que esa.

    Examples
    --------
    >>> damped_residual(np.array([1.0, 0.5, 0.25, 0.125]))
    array([0., 0., 0., 0.])
    """
    before, now = anomaly[:KNOWN][:-1], anomaly[:KNOWN][1:]
    fraction = before @ now / (before @ before)
    return np.concatenate([[0.0], np.abs(anomaly[1:] - fraction * anomaly[:-1].clip(-cap, cap))])


def forest(features: np.ndarray, seed: int) -> np.ndarray:
    """Un bosque de aislamiento: más puntuación cuanto antes se queda sola una medida."""
    from sklearn.ensemble import IsolationForest

    model = IsolationForest(n_estimators=100, random_state=seed).fit(features[:KNOWN])
    return -model.score_samples(features)


def lags(values: np.ndarray, count: int = RECENT) -> np.ndarray:
    """Las últimas ``count`` medidas en cada momento: (n, count)."""
    padded = np.concatenate([np.full(count - 1, values[0]), values])
    return np.lib.stride_tricks.sliding_window_view(padded, count)


def clock(count: int) -> np.ndarray:
    """La hora, como un punto de un círculo, y si es fin de semana: (n, 3)."""
    steps = np.arange(count)
    angle = 2 * np.pi * (steps % PER_DAY) / PER_DAY
    return np.column_stack([np.sin(angle), np.cos(angle), steps // PER_DAY % 7 >= 5])


def windows(values: np.ndarray) -> np.ndarray:
    """Un día hasta cada medida, en pasos de dos horas: (n - WINDOW + 1, STEPS, CHUNK)."""
    views = np.lib.stride_tricks.sliding_window_view(values.astype("float32"), WINDOW)
    return views.reshape(-1, STEPS, CHUNK)


@cache
def autoencoder(width: int) -> Model:
    """Un autocodificador recurrente con un cuello de ``width`` números; con cero, sin cuello."""
    import keras
    from keras import layers

    first = layers.GRU(UNITS, return_sequences=not width)
    neck = [layers.Dense(width), layers.RepeatVector(STEPS)] if width else []
    last = [layers.GRU(UNITS, return_sequences=True), layers.Dense(CHUNK)]
    return _compiled(keras.Sequential([keras.Input((STEPS, CHUNK)), first, *neck, *last]))


@cache
def forecaster() -> Model:
    """Una GRU que lee un día y pronostica la medida siguiente, sabiendo a qué hora será."""
    import keras
    from keras import layers

    past, hour = keras.Input((STEPS, CHUNK)), keras.Input((3,))
    known = layers.Concatenate()([layers.GRU(UNITS)(past), hour])
    return _compiled(keras.Model([past, hour], layers.Dense(1)(layers.Dense(UNITS, "relu")(known))))


def _compiled(model: Model) -> Model:
    import keras

    per_epoch = -(-(KNOWN - WINDOW + 1) // BATCH)
    decay = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * per_epoch)
    model.compile(keras.optimizers.Adam(decay), "mse", steps_per_execution=per_epoch)
    model.optimizer.build(model.trainable_variables)
    return model


def _restart(model: Model, seed: int) -> None:
    """Pesos nuevos y un optimizador que aún no ha dado ningún paso."""
    import keras

    keras.utils.set_random_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))


def reconstruct(values: np.ndarray, seed: int, width: int = WIDTH) -> np.ndarray:
    """Lo que reconstruye de cada ventana un autocodificador: (ventanas, WINDOW)."""
    model, x = autoencoder(width), windows(values)
    _restart(model, seed)
    train = x[: KNOWN - WINDOW + 1]
    model.fit(train, train, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model.predict(x, batch_size=2048, verbose=0).reshape(len(x), WINDOW)


def forecast(values: np.ndarray, seed: int) -> np.ndarray:
    """Lo que pronostica la GRU de cada medida desde la ``WINDOW``: (n - WINDOW,)."""
    model, x, hour = forecaster(), windows(values)[:-1], clock(len(values))[WINDOW:]
    _restart(model, seed)
    count = KNOWN - WINDOW
    target = values[WINDOW:].astype("float32")
    train = {"epochs": EPOCHS, "batch_size": BATCH, "verbose": 0}
    model.fit([x[:count], hour[:count]], target[:count], **train)
    return model.predict([x, hour], batch_size=2048, verbose=0)[:, 0]


def forecast_scores(values: np.ndarray, seed: int) -> np.ndarray:
    """Lo que falla el pronóstico en cada medida; NaN mientras no hay un día entero detrás."""
    misses = np.abs(forecast(values, seed) - values[WINDOW:])
    return np.concatenate([np.full(WINDOW, np.nan), misses])


def reconstruction_scores(values: np.ndarray, seed: int, width: int = WIDTH) -> np.ndarray:
    """Lo que falla en cada medida la reconstrucción de la ventana que acaba en ella."""
    last = reconstruct(values, seed, width)[:, -1]
    return np.concatenate([np.full(WINDOW - 1, np.nan), np.abs(last - values[WINDOW - 1 :])])


def plain_scores(values: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Las puntuaciones que no necesitan una red."""
    raw, anomaly = spread_out(values)
    hours = clock(len(values))
    return {
        "z": np.abs(anomaly),
        "z de 2 horas": last_mean(np.abs(anomaly), RECENT),
        "cambio habitual": damped_residual(anomaly),
        "bosque, tal cual": forest(np.column_stack([lags(raw), hours]), seed),
        "bosque, anomalías": forest(lags(anomaly), seed),
        "repetido": repeats(values),
        "azar": np.random.default_rng([seed, 44]).random(len(values)),
    }


def network_scores(values: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Las de las dos redes, con la serie tal cual y con sus anomalías."""
    raw, anomaly = spread_out(values)
    return {
        "predictor, tal cual": forecast_scores(raw, seed),
        "predictor, anomalías": forecast_scores(anomaly, seed),
        "autocodificador, tal cual": reconstruction_scores(raw, seed),
        "autocodificador, anomalías": reconstruction_scores(anomaly, seed),
    }

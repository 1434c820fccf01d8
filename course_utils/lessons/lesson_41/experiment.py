"""El experimento de la lección 41: seis modelos y una GRU en cinco series y veinte orígenes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from course_utils.datasets import load_co2, load_elnino, load_sales, load_sunspots, load_weather
from course_utils.forecasting import (
    SmoothingShape,
    autoregression,
    choose_smoothing,
    drift,
    exponential_smoothing,
    naive,
    rolling_origin,
    seasonal_naive,
    theta,
)
from course_utils.metrics import seasonal_changes

ORIGINS = 20
UNITS, BATCH, EPOCHS = 16, 64, 30
RATES = (0.01, 0.03)
RECIPES = ("tal cual", "menos el último", "diferencias", "sobre el suavizado")


class Task(NamedTuple):
    """Una serie y a qué plazo se pronostica.

    Attributes
    ----------
    values : ndarray of shape (tiempo,)
        La serie, sin huecos.
    period, horizon, width : int
        Pasos de un ciclo, del plazo y de la ventana que ve la red.
    unit : str
        Su unidad.
    stride : int
        Cada cuántos pasos se toma una ventana para entrenar.
    """

    values: np.ndarray
    period: int
    horizon: int
    width: int
    unit: str
    stride: int = 1

    @property
    def origins(self) -> list[int]:
        """Los veinte últimos orígenes cuyos plazos no se solapan."""
        options = {"horizon": self.horizon, "origins": ORIGINS, "step": self.horizon}
        return [cut.origin for cut in rolling_origin(len(self.values), **options)]

    @property
    def held(self) -> int:
        """Cuántos valores, los últimos antes del primer origen, son de validación."""
        return max(self.origins[0] // 5, 2 * self.horizon)

    @property
    def scale(self) -> float:
        """El divisor del MASE: el de lo que había pasado en el primer origen."""
        return _mean_change(self.values[: self.origins[0]], self.period)


def _mean_change(values: np.ndarray, period: int) -> float:
    return float(np.abs(seasonal_changes(values, period=period)).mean())


def five_series() -> dict[str, Task]:
    """Las cinco series de la lección, cada una con su ciclo y su plazo.

    Examples
    --------
    >>> {name: len(task.values) for name, task in five_series().items()}
    {'manchas': 260, 'CO2': 516, 'El Niño': 732, 'temperatura': 1440, 'ventas': 1826}
    """
    months = load_sunspots().values
    yearly = months[: len(months) // 12 * 12].reshape(-1, 12).mean(axis=1)  # 1749-2008
    hourly = load_weather("JFK").series("temperature", fill="previous").values
    return {
        "manchas": Task(yearly, 11, 5, 22, "manchas"),
        "CO2": Task(load_co2().values, 12, 12, 24, "ppm"),
        "El Niño": Task(load_elnino().values, 12, 12, 24, "°C"),
        "temperatura": Task(hourly[-60 * 24 :], 24, 24, 48, "°C", stride=2),
        "ventas": Task(load_sales().units.astype(float), 7, 7, 28, "unidades", stride=2),
    }


def measure_classic(series: str) -> list[dict]:
    """El error absoluto medio de seis modelos desde cada origen, y los segundos de cada pronóstico.

    La forma del suavizado se elige en el primer origen; en cada uno se ajusta todo de nuevo.

    Returns
    -------
    list of dict
        Una fila por modelo, con una columna por origen.
    """
    task = five_series()[series]
    start = time.process_time()
    shape = choose_smoothing(task.values[: task.origins[0]], period=task.period)
    choosing = time.process_time() - start
    period = {"period": task.period}
    models = {
        "persistencia": naive,
        "estacional": partial(seasonal_naive, **period),
        "deriva": drift,
        "suavizado": partial(exponential_smoothing, **period, shape=shape),
        "theta": partial(theta, **period),
        "autorregresión": partial(autoregression, **period),
    }
    rows = []
    for name, model in models.items():
        start = time.process_time()
        forecasts = [model(task.values[:origin], task.horizon) for origin in task.origins]
        seconds = time.process_time() - start + (choosing if name == "suavizado" else 0)
        row = {"series": series, "model": name, "seed": 0, "scale": round(task.scale, 5)}
        row["seconds"] = round(seconds / ORIGINS, 4)
        rows.append(row | _errors(task, np.array(forecasts)))
    return rows


def measure_network(series: str, recipe: str, rate: float, seeds: Sequence[int]) -> list[dict]:
    """El error de una GRU desde cada origen; se entrena una vez, antes del primero.

    Returns
    -------
    list of dict
        Una fila por semilla: el error de validación y una columna por origen.
    """
    task = five_series()[series]
    framed = frame(task, recipe)
    model, rows = build(task.horizon), []
    for seed in seeds:
        start = time.process_time()
        train(model, *framed.parts(), seed=seed, rate=rate)
        row = {"series": series, "recipe": recipe, "rate": rate, "seed": int(seed)}
        row["validation"] = round(float(framed.validation_error(model)), 5)
        errors = _errors(task, framed.forecasts(model, task.origins))
        rows.append(row | {"seconds": round(time.process_time() - start, 2)} | errors)
    return rows


def _errors(task: Task, forecasts: np.ndarray) -> dict[str, float]:
    actual = np.array([task.values[origin : origin + task.horizon] for origin in task.origins])
    found = np.abs(forecasts - actual).mean(axis=1)
    return {f"origin_{k + 1:02d}": round(float(error), 5) for k, error in enumerate(found)}


class Framed(NamedTuple):
    """Las ventanas de una serie, listas para la red.

    Attributes
    ----------
    x : ndarray of shape (ventanas, pasos, 1)
        Lo que ve la red. La ventana ``i`` acaba en el valor ``i + width - 1``.
    center : ndarray of shape (ventanas, horizonte)
        Lo que se suma a lo que dice la red.
    spread : float
        Por cuánto se multiplica antes.
    actual : ndarray of shape (ventanas completas, horizonte)
        Lo que pasó en cada plazo.
    width, train, first, stride : int
        El ancho, cuántas ventanas son de entrenamiento, el primer origen y cada cuántas se entrena.
    """

    x: np.ndarray
    center: np.ndarray
    spread: float
    actual: np.ndarray
    width: int
    train: int
    first: int
    stride: int

    @property
    def validation(self) -> slice:
        """Las ventanas cuyo plazo empieza en la validación y acaba antes del primer origen."""
        horizon = self.actual.shape[1]
        return slice(self.train + horizon - 1, self.first - horizon - self.width + 1)

    def parts(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Ventanas y objetivos, en la escala de la red, de entrenamiento y de validación."""
        known = self.center[: len(self.actual)]
        targets = ((self.actual - known) / self.spread).astype("float32")
        parts = slice(0, self.train, self.stride), self.validation
        return tuple((self.x[part], targets[part]) for part in parts)

    def forecasts(self, model: object, origins: Sequence[int]) -> np.ndarray:
        """Los pronósticos desde cada origen, en unidades: (orígenes, horizonte)."""
        chosen = np.array(origins) - self.width
        return model(self.x[chosen]).numpy() * self.spread + self.center[chosen]

    def validation_error(self, model: object) -> float:
        """El error absoluto medio de la validación, en unidades."""
        part = self.validation
        said = model(self.x[part]).numpy() * self.spread + self.center[part]
        return float(np.abs(said - self.actual[part]).mean())


def frame(task: Task, recipe: str) -> Framed:
    """Prepara las ventanas de una serie según la receta, sin mirar más allá de lo entrenado."""
    if recipe not in RECIPES:
        raise ValueError(f"Las recetas son {', '.join(RECIPES)}; ha llegado {recipe!r}.")
    values, width, horizon = task.values, task.width, task.horizon
    first = task.origins[0]
    known = first - task.held  # lo que se puede usar para escalar y entrenar
    views = np.lib.stride_tricks.sliding_window_view
    windows = views(values, width)  # (ventanas, ancho), hasta la que acaba con la serie
    actual = views(values[width:], horizon)
    count = known - width - horizon + 1
    last = windows[:, -1:]  # (ventanas, 1)
    center = np.repeat(last, horizon, axis=1)
    if recipe == "tal cual":
        x, center = windows - values[:known].mean(), np.full_like(center, values[:known].mean())
    elif recipe == "menos el último":
        x = windows - last
    elif recipe == "diferencias":
        x = np.diff(windows, axis=1, prepend=windows[:, :1])
    else:
        ahead, misses = smoothed_ahead(values, known, period=task.period, horizon=horizon)
        x, center = views(misses, width), ahead[width - 1 :]
    spread = float((actual - center[: len(actual)])[:count].std())
    scaled = (x / float(x[:count].std())).astype("float32")[..., None]
    return Framed(scaled, center, spread, actual, width, count, first, task.stride)


def smoothed_ahead(
    values: np.ndarray, known: int, *, period: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lo que un suavizado ajustado con el principio pronostica desde cada paso, y sus errores.

    Parameters
    ----------
    values : ndarray of shape (tiempo,)
        La serie.
    known : int
        Con cuántos valores, los primeros, se eligen su forma y sus parámetros.
    period, horizon : int
        El ciclo y el plazo.

    Returns
    -------
    ahead : ndarray of shape (tiempo, horizonte)
        Fila ``t``: los pasos que siguen a ``t``, sabiendo hasta ``t``.
    misses : ndarray of shape (tiempo,)
        Lo que pasó en ``t`` menos lo que se pronosticaba un paso antes.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    shape = choose_smoothing(values[:known], period=period)
    options = _options(shape, period)
    fitted = ETSModel(values[:known], **options).fit(disp=False)
    states = ETSModel(values, **options).smooth(fitted.params)
    steps = np.arange(1, horizon + 1)
    ahead = np.repeat(np.asarray(states.level)[:, None], horizon, axis=1)
    if shape.trend:
        damping = fitted.damping_trend if shape.damped else 1.0
        ahead = ahead + np.asarray(states.slope)[:, None] * np.cumsum(damping**steps)
    if shape.seasonal:
        places = np.arange(len(values))[:, None] + steps - period * (-(-steps // period))
        season = np.asarray(states.season)[np.maximum(places, 0)]
        ahead = ahead * season if shape.seasonal == "mul" else ahead + season
    return ahead, values - np.asarray(states.fittedvalues)


def _options(shape: SmoothingShape, period: int) -> dict[str, object]:
    seasonal = {"seasonal": shape.seasonal, "seasonal_periods": period} if shape.seasonal else {}
    return {"error": shape.error, "trend": shape.trend, "damped_trend": shape.damped} | seasonal


def build(horizon: int) -> object:
    """Una GRU que lee la ventana y una capa densa que da el plazo entero, ya compilada."""
    import keras

    layers = [keras.Input((None, 1)), keras.layers.GRU(UNITS), keras.layers.Dense(horizon)]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.Adam(), loss="mae", steps_per_execution=8)
    model.optimizer.build(model.trainable_variables)
    return model


def train(
    model: object,
    learned: tuple[np.ndarray, np.ndarray],
    held: tuple[np.ndarray, np.ndarray],
    *,
    seed: int,
    rate: float = RATES[0],
    epochs: int = EPOCHS,
) -> None:
    """Entrena desde pesos nuevos y se queda con la mejor época de validación.

    Parameters
    ----------
    model : keras.Model
        El de :func:`build`; se puede entrenar muchas veces sin compilarlo otra vez.
    learned, held : tuple of ndarray
        Ventanas ``(lote, pasos, 1)`` y objetivos ``(lote, horizonte)`` de entrenamiento y de
        validación.
    seed : int
        Semilla de los pesos y del orden.
    rate : float
        Tasa de aprendizaje.
    epochs : int
        Cuántas épocas, como mucho: se para si en diez no mejora.
    """
    import keras

    from course_utils.training import keras_progress

    keras.utils.set_random_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = rate
    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    model.fit(
        *learned,
        validation_data=held,
        batch_size=BATCH,
        validation_batch_size=512,
        epochs=epochs,
        callbacks=[stop, keras_progress()],
        verbose=0,
    )

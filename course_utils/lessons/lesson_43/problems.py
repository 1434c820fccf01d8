"""Una serie, sus covariables y sus cuatro partes, listas para una red que da una distribución."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from course_utils.datasets import load_weather
from course_utils.forecasting import ForecastWindows, KnownAhead, ObservedOnly, forecast_windows
from course_utils.synthetic.daily_sales import Sales

PARTS = ("entrenamiento", "validación", "calibración", "prueba")
WEATHER_CUTS = ("2013-07-01", "2013-08-01", "2013-10-01")  # donde acaban las tres primeras partes
OBSERVED = {"rocío": "dew_point", "viento": "wind_speed", "presión": "pressure"}
SHOP_TEST = 364  # días: trece bloques de cuatro semanas
SHOP_TRAIN, SHOP_VALIDATION = 1095, 182


class Problem(NamedTuple):
    """Lo que se pronostica y con qué.

    Attributes
    ----------
    parts : mapping of str to ForecastWindows
        Los ejemplos de entrenamiento, validación, calibración y prueba.
    shift, scale : ndarray of shape (1 + columnas,)
        Media y desviación de cada columna del pasado, en el entrenamiento.
    tail : int
        De cuántos de los últimos valores es la media de la que parte el pronóstico.
    relative : bool
        Si lo que se aparta de ella se mide en partes de ella y no en unidades.
    ratio : float
        Cuánto se aparta en el entrenamiento: en unidades o en partes.
    """

    parts: Mapping[str, ForecastWindows]
    shift: np.ndarray
    scale: np.ndarray
    tail: int
    relative: bool
    ratio: float

    def inputs(self, part: str) -> list[np.ndarray]:
        """Lo que recibe la red y el objetivo, en precisión simple.

        Returns
        -------
        list of ndarray
            El pasado escalado (lote, ancho, columnas), el futuro conocido (lote, horizonte,
            columnas), el centro y la amplitud de cada ejemplo (lote, 1) y lo que pasó.
        """
        windows = self.parts[part]
        center = _centers(windows, self.tail, self.relative)
        spread = self.ratio * (center if self.relative else np.ones_like(center))
        past = (windows.past - self.shift) / self.scale
        if self.relative:
            past[..., 0] = (windows.past[..., 0] - center) / spread
        arrays = past, windows.future, center, spread, windows.targets
        return [array.astype("float32") for array in arrays]


def prepare(
    values: np.ndarray,
    cuts: Sequence[int],
    *,
    width: int,
    horizon: int,
    known: Sequence[KnownAhead] = (),
    observed: Sequence[ObservedOnly] = (),
    tail: int = 1,
    relative: bool = False,
    filled: np.ndarray | None = None,
    every: int = 1,
) -> Problem:
    """Reparte una serie en cuatro partes, en orden, y mide la escala en la primera.

    Parameters
    ----------
    values : ndarray of shape (tiempo,)
        La serie.
    cuts : sequence of int
        Dónde acaban el entrenamiento, la validación y la calibración. Ningún plazo cruza un corte.
    width, horizon, known, observed
        Como en :func:`~course_utils.forecasting.forecast_windows`.
    tail, relative
        Como en :class:`Problem`.
    filled : ndarray of bool, shape (tiempo,), optional
        Qué valores se rellenaron: los plazos que tienen alguno se descartan.
    every : int, default 1
        Cada cuántos pasos hay un ejemplo de entrenamiento.

    Examples
    --------
    >>> problem = prepare(np.arange(60.0), (30, 40, 50), width=3, horizon=2)
    >>> {name: len(part.origins) for name, part in problem.parts.items()}
    {'entrenamiento': 26, 'validación': 9, 'calibración': 9, 'prueba': 9}
    >>> [array.shape for array in problem.inputs("prueba")]
    [(9, 3, 1), (9, 2, 0), (9, 1), (9, 1), (9, 2)]
    """
    filled = np.zeros(len(values), bool) if filled is None else np.asarray(filled, bool)
    edges, parts = (width, *cuts, len(values)), {}
    for name, start, end in zip(PARTS, edges[:-1], edges[1:], strict=True):
        step = every if name == PARTS[0] else 1
        origins = [
            o for o in range(start, end - horizon + 1, step) if not filled[o:][:horizon].any()
        ]
        if not origins:
            raise ValueError(
                f"En la parte de {name} no cabe ningún plazo de {horizon} sin rellenar: va del "
                f"lugar {start} al {end}. Usa una serie más larga o un horizonte menor."
            )
        parts[name] = forecast_windows(
            values, width=width, horizon=horizon, known=known, observed=observed, origins=origins
        )
    train = parts[PARTS[0]]
    center = _centers(train, tail, relative)
    ratio = (train.targets / center - 1 if relative else train.past[..., 0]).std()
    columns = train.past.reshape(-1, train.past.shape[-1])
    scale = np.maximum(columns.std(axis=0), 1e-9)
    if ratio == 0:
        raise ValueError("En el entrenamiento la serie no cambia: no hay qué aprender.")
    return Problem(parts, columns.mean(axis=0), scale, tail, relative, float(ratio))


def _centers(windows: ForecastWindows, tail: int, relative: bool) -> np.ndarray:
    """La media de los últimos valores de cada ejemplo: (lote, 1). Relativa, de 1 en adelante."""
    center = windows.past[:, -tail:, 0].mean(axis=1, keepdims=True)
    return np.maximum(center, 1.0) if relative else center


def on_circle(place: np.ndarray, period: int) -> np.ndarray:
    """El lugar en un ciclo como un punto de un círculo, para que tras el último vaya el primero.

    Examples
    --------
    >>> on_circle(np.array([0, 6, 24]), 24).round(2)
    array([[ 0.,  1.],
           [ 1.,  0.],
           [-0.,  1.]])
    """
    angle = 2 * np.pi * np.asarray(place) / period
    return np.column_stack([np.sin(angle), np.cos(angle)])


def weather_problem(*, without: str = "") -> Problem:
    """La temperatura de JFK a 24 horas, quizá sin una de sus covariables: la de la lección.

    Examples
    --------
    >>> weather_problem(without="presión").parts["prueba"].past.shape[1:]
    (48, 6)
    """
    weather = load_weather("JFK")
    temperature = weather.series("temperature", fill="previous")
    hour = KnownAhead("hora", on_circle(weather.local_hour, 24))
    observed = [
        ObservedOnly(name, weather.series(variable, fill="previous").values)
        for name, variable in OBSERVED.items()
    ]
    noise = np.random.default_rng(43).normal(size=len(temperature.values))
    observed.append(ObservedOnly("ruido", noise))
    return prepare(
        temperature.values,
        np.searchsorted(weather.dates, np.array(WEATHER_CUTS, dtype="datetime64[m]")),
        width=48,
        horizon=24,
        known=[hour] if without != "hora" else [],
        observed=[one for one in observed if one.name != without],
        filled=np.isin(temperature.dates, temperature.filled),
        every=2,
    )


def shop_calendar(shop: Sales) -> KnownAhead:
    """Lo que la tienda sabe de mañana: día de la semana, festivo, víspera y promoción.

    Examples
    --------
    >>> from course_utils.synthetic.daily_sales import sales
    >>> shop_calendar(sales(30)).columns
    10
    """
    weekday = (shop.dates.astype(int) + 3) % 7
    eve = np.append(shop.holiday[1:], False)
    flags = [shop.holiday, eve, shop.promotion]
    return KnownAhead("calendario", np.column_stack([np.eye(7)[weekday], *flags]))


def shop_problem(shop: Sales, counts: np.ndarray | None = None) -> Problem:
    """Las ventas de mañana, o las de un artículo, con el calendario: las de la lección.

    Examples
    --------
    >>> from course_utils.datasets import load_sales
    >>> [len(part.origins) for part in shop_problem(load_sales()).parts.values()]
    [1081, 182, 185, 364]
    """
    values = np.asarray(shop.units if counts is None else counts, dtype=float)
    cuts = SHOP_TRAIN, SHOP_TRAIN + SHOP_VALIDATION, len(values) - SHOP_TEST
    known = [shop_calendar(shop)]
    return prepare(values, cuts, width=14, horizon=1, known=known, tail=14, relative=True)

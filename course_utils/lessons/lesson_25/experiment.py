"""Los experimentos de la lección 25 que no caben en ella: muchas redes y muchas series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from course_utils.datasets import load_sales
from course_utils.lessons.lesson_25.classic import fit_ets
from course_utils.lessons.lesson_25.ensemble import pinball, train_networks
from course_utils.lessons.lesson_25.recipes import (
    PERIOD,
    WIDTH,
    prepare_sales,
    sales_calendar,
    split_windows,
)
from course_utils.synthetic.daily_sales import Sales, sales

SHORT, LONG = 8, 60  # épocas
QUANTILE = 0.9  # el pedido: que nueve de cada diez días no falten unidades
RATES = (0.003, 0.01, 0.03, 0.1)  # tasas de aprendizaje que se prueban


class Network(NamedTuple):
    """Una red de las que se entrenan en muchas series, una por serie.

    Attributes
    ----------
    cell, recipe : str
        La celda y cómo se preparan las ventanas.
    rates : tuple of float
        Tasas; con varias, cada serie se queda con la de menor pérdida de validación.
    calendar : bool
        Si cada paso lleva el calendario del día siguiente.
    loss : callable, optional
        La pérdida; sin ella, el error cuadrático.
    recurrent : bool
        Si lee la ventana paso a paso. Si no, entera en un paso: la celda es una capa densa.
    """

    cell: str
    recipe: str
    rates: tuple[float, ...]
    calendar: bool = False
    loss: Callable | None = None
    recurrent: bool = True


# Una tasa sola es la que eligió la validación en las ventas del curso.
NETWORKS = {
    "SimpleRNN": Network("SimpleRNN", "sin nivel", (0.03,)),
    "LSTM": Network("LSTM", "sin nivel", (0.03,)),
    "GRU": Network("GRU", "sin nivel", (0.03,)),
    "densa suavizada": Network("SimpleRNN", "suavizada", RATES, recurrent=False),
    "GRU suavizada": Network("GRU", "suavizada", (0.01,)),
    "densa con calendario": Network(
        "SimpleRNN", "sin nivel", RATES, calendar=True, recurrent=False
    ),
    "GRU con calendario": Network("GRU", "sin nivel", (0.003,), calendar=True),
    "GRU del cuantil": Network(
        "GRU", "sin nivel", RATES, calendar=True, loss=partial(pinball, quantile=QUANTILE)
    ),
}
CLASSICS = (
    "lineal",
    "lineal suavizada",
    "Holt-Winters",
    "lineal con calendario",
    "Holt-Winters con calendario",
)
SERIES_MODELS = (*CLASSICS, *NETWORKS)


def calendar_of(data: Sales) -> np.ndarray:
    """Semana, festivos y promociones: (días, 9)."""
    return sales_calendar(data.dates, data.holiday, data.promotion)


def measure_networks(
    cell: str, recipe: str, *, rate: float, calendar: bool, seeds: Sequence[int]
) -> list[dict]:
    """Entrena una celda con las ventas del curso y mide cada red con pocas y con muchas épocas.

    Returns
    -------
    list of dict
        Lo pedido, con la semilla y las épocas, y el MAE en unidades: en la validación, en la
        prueba y en las semanas impares y pares de la prueba.
    """
    data = load_sales()
    units, parts = data.units.astype(float), split_windows(len(data.units))
    prepared = prepare_sales(units, recipe, calendar=calendar_of(data) if calendar else None)
    found = train_networks(
        cell, prepared.x, prepared.y, parts, seeds=seeds, rate=rate, epochs=(SHORT, LONG)
    )
    rows = []
    for epochs, outputs in found.items():
        misses = np.abs(prepared.in_units(outputs) - units[WIDTH:])  # (semillas, ventanas)
        test = misses[:, parts.test]
        odd = np.arange(test.shape[1]) // PERIOD % 2 == 0
        for seed, *errors in zip(
            seeds,
            misses[:, parts.validation].mean(axis=1),
            test.mean(axis=1),
            test[:, odd].mean(axis=1),
            test[:, ~odd].mean(axis=1),
            strict=True,
        ):
            names = ("validation", "test", "odd_weeks", "even_weeks")
            measured = {name: round(float(e), 3) for name, e in zip(names, errors, strict=True)}
            chosen = {"cell": cell, "recipe": recipe, "rate": rate, "calendar": calendar}
            rows.append({**chosen, "epochs": epochs, "seed": int(seed), **measured})
    return rows


def measure_series(model: str, seeds: Sequence[int]) -> list[dict]:
    """Mide un modelo en varias series generadas; las redes, una por serie.

    Returns
    -------
    list of dict
        El MAE de la prueba, el suelo de la serie y el coste medio de un día con el pedido de
        :func:`stock_order`: nueve por cada unidad que falta y una por cada una que sobra, entre
        diez. Una red del cuantil pronostica ya el pedido: su MAE no es el de un pronóstico.
    """
    series = [sales(seed=seed) for seed in seeds]
    if model in NETWORKS:
        forecasts = _network_forecasts(series, model, seeds)
    else:
        forecasts = [classic_forecast(data, model) for data in series]
    rows = []
    for seed, data, forecast in zip(seeds, series, forecasts, strict=True):
        actual, parts = data.units[WIDTH:].astype(float), split_windows(len(data.units))
        order = stock_order(forecast, actual, parts.validation)
        misses, short = np.abs(forecast - actual)[parts.test], (actual - order)[parts.test]
        floor = np.abs(data.truth.best_forecast[WIDTH:] - actual)[parts.test]
        rows.append(
            {
                "model": model,
                "seed": int(seed),
                "floor": round(float(floor.mean()), 3),
                "error": round(float(misses.mean()), 3),
                "cost": round(float(pinball(short, QUANTILE).mean()), 3),
                "served": round(float((short <= 0).mean()), 3),
            }
        )
    return rows


def stock_order(forecast: np.ndarray, actual: np.ndarray, known: slice) -> np.ndarray:
    """El pedido de cada día: el pronóstico por el cuantil de lo que falló en unos días ya vistos.

    Examples
    --------
    >>> stock_order(np.full(3, 100.0), np.array([90.0, 100.0, 110.0]), slice(0, 3)).round(1)
    array([108., 108., 108.])
    """
    return forecast * np.quantile(actual[known] / forecast[known], QUANTILE)


def _network_forecasts(series: Sequence[Sales], model: str, seeds: Sequence[int]) -> list:
    network, parts = NETWORKS[model], split_windows(len(series[0].units))
    prepared = [
        prepare_sales(
            data.units.astype(float),
            network.recipe,
            calendar=calendar_of(data) if network.calendar else None,
        )
        for data in series
    ]
    x, y = (np.stack([getattr(one, name) for one in prepared]) for name in ("x", "y"))
    if not network.recurrent:
        x = x.reshape(*x.shape[:2], 1, -1)
    options = {"seeds": seeds, "epochs": (LONG,), "loss": network.loss}
    runs = np.stack(
        [
            train_networks(network.cell, x, y, parts, rate=rate, **options)[LONG]
            for rate in network.rates
        ]
    )  # (tasas, series, ventanas)
    losses = (network.loss or np.square)((y - runs)[..., parts.validation]).mean(axis=-1)
    chosen = runs[losses.argmin(axis=0), np.arange(len(series))]
    return [one.in_units(values) for one, values in zip(prepared, chosen, strict=True)]


def classic_forecast(data: Sales, model: str) -> np.ndarray:
    """Pronóstico de cada ventana de un modelo sin red."""
    units, calendar = data.units.astype(float), calendar_of(data)
    train, with_calendar = split_windows(len(units)).train, model.endswith("con calendario")
    if model.startswith("lineal"):
        recipe = "suavizada" if model.endswith("suavizada") else "en logaritmos"
        prepared = prepare_sales(units, recipe, calendar=calendar if with_calendar else None)
        flat = prepared.x.reshape(len(prepared.x), -1).astype(float)
        return prepared.in_units(least_squares(flat, prepared.y, train))
    factor = calendar_factor(units, calendar, WIDTH + train.stop) if with_calendar else 1.0
    known = WIDTH + train.stop
    smoothed = fit_ets(units / factor, known, period=PERIOD, kind="mul")
    return (smoothed.forecast * factor)[WIDTH:]


def least_squares(x: np.ndarray, y: np.ndarray, train: slice) -> np.ndarray:
    """Regresión lineal ajustada con unas filas, en todas: (filas,)."""
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(x[train], y[train]).predict(x)


def calendar_factor(units: np.ndarray, calendar: np.ndarray, known: int) -> np.ndarray:
    """Por cuánto multiplican las ventas de cada día un festivo y una promoción: (días,).

    Examples
    --------
    >>> calendar = np.column_stack([np.eye(7)[np.arange(70) % 7], np.zeros(70), np.arange(70) > 34])
    >>> units = np.where(np.arange(70) > 34, 150.0, 100.0)
    >>> calendar_factor(units, calendar, 60)[[0, 69]].round(2)
    array([1. , 1.5])
    """
    from sklearn.linear_model import LinearRegression

    effects = LinearRegression().fit(calendar[:known], np.log(units[:known])).coef_
    return np.exp(calendar[:, 7:] @ effects[7:])

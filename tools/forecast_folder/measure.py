"""Los pronósticos de una serie con todos los modelos: desde los orígenes de validación y de prueba.

Cada serie se mide en el proceso que sea, así que lo que comparten (los valores y la regresión de
todas) está en un archivo, ``work.npz``, que cada proceso lee una vez.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import IO

import numpy as np

from course_utils.forecasting import (
    autoregression,
    backtest,
    climatology,
    naive,
    seasonal_naive,
    theta,
)
from course_utils.forecasting.backtest import Forecaster
from course_utils.forecasting.regression import fit_own, predict_window
from course_utils.forecasting.smoothing import seasonal_smoothing

REFERENCE = "persistencia estacional"
PULLS = {"regresión propia": 0.3, "regresión propia, atada": 3.0}
RECENT_CYCLES = 4
# Los que se ajustan a cada serie no miran más atrás: en una horaria, un año.
MOST_VALUES = 8760


def measure(work: str, place: int, seed: int) -> list[dict]:
    """Los pronósticos de una serie.

    Parameters
    ----------
    work : str
        Dónde está el archivo de trabajo.
    place : int
        El lugar de la serie en él.
    seed : int
        No se usa: ningún modelo sortea nada.

    Returns
    -------
    list of dict
        Una fila por fase y modelo, con sus pronósticos por origen o con su error.
    """
    values, about, shared = load_series(work, place)
    network = {
        origin: shared["network"][row] for row, origin in enumerate(about["network_origins"])
    }
    horizon, origins = about["horizon"], about["origins"]
    known = values[: len(values) - origins * horizon]
    phases = {
        "validation": (known, about["validations"], horizon),
        "test": (values, origins, horizon),
    }
    rows = []
    for phase, (series, count, step) in phases.items():
        for name, model in candidates(tuple(about["cycles"]), shared.get(phase), network).items():
            row = {"seed": seed, "phase": phase, "model": name}
            try:
                table = backtest(
                    series,
                    {name: functools.partial(_within_reason, model)},
                    horizon=horizon,
                    origins=count,
                    step=step,
                    period=about["period"],
                )
            except Exception as error:  # lo dirá la tabla, y los demás siguen
                rows.append({**row, "error": f"{type(error).__name__}: {error}"})
                continue
            forecasts = table["forecast"].to_numpy().reshape(count, horizon)
            seconds = float(table["seconds"].iloc[::horizon].sum())
            rows.append({**row, "forecasts": forecasts.tolist(), "seconds": seconds})
    return rows


def candidates(
    cycles: tuple[int, ...], shared: np.ndarray | None, network: Mapping[int, np.ndarray]
) -> dict[str, Forecaster]:
    """Los modelos que se prueban en cada serie, por su nombre.

    Parameters
    ----------
    cycles : tuple of int
        Los ciclos de la serie, de menor a mayor; el primero es el suyo.
    shared : ndarray of shape (ancho, horizonte) or None
        Los coeficientes de la regresión de todas las series.
    network : mapping of int to ndarray
        Lo que dijo la red desde cada origen; vacío, si no la hay.
    """
    period, longest = cycles[0], cycles[-1]
    models = {
        REFERENCE: functools.partial(seasonal_naive, period=period),
        "persistencia": naive,
        "climatología": functools.partial(_recent_climatology, period=longest, keep=0.97),
        "suavizado": functools.partial(seasonal_smoothing, cycles=cycles),
        "suavizado con logaritmos": functools.partial(
            seasonal_smoothing, cycles=cycles, logarithm=True
        ),
        "theta sin ciclo": functools.partial(_theta_without_cycle, period=longest),
        "autorregresión estacional": functools.partial(_seasonal_autoregression, period=period),
    }
    if longest > period:
        week = functools.partial(seasonal_naive, period=longest)
        models |= {
            "persistencia del ciclo largo": week,
            "suavizado de un ciclo": functools.partial(seasonal_smoothing, cycles=cycles[:1]),
            "autorregresión del ciclo largo": functools.partial(
                _seasonal_autoregression, period=longest
            ),
        }
    models = {
        name: functools.partial(_recent, model, max(MOST_VALUES, 4 * longest))
        for name, model in models.items()
    }
    if shared is not None:
        models["regresión de todas"] = _with_weights(lambda history: shared)
        for name, pull in PULLS.items():
            models[name] = _with_weights(functools.partial(fit_own, shared=shared, pull=pull))
    if network:
        models["GRU de todas"] = lambda history, horizon: network[len(history)]
    return models


@functools.lru_cache(maxsize=1)
def _open(work: str) -> tuple[dict[str, np.ndarray], list[dict]]:
    with np.load(work, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return arrays, json.loads(str(arrays.pop("about")))


def load_series(work: str, place: int) -> tuple[np.ndarray, dict, dict[str, np.ndarray]]:
    """Una serie del archivo de trabajo, lo que se sabe de ella y lo que sale de todas.

    Lo último son los coeficientes de la regresión, ``"validation"`` y ``"test"``, y lo que dice la
    red desde cada origen, ``"network"``.
    """
    arrays, about = _open(work)
    mine = about[place]
    keys = {phase: f"{phase}:{mine['group']}" for phase in ("validation", "test")}
    keys["network"] = f"network:{place}"
    shared = {name: arrays[key] for name, key in keys.items() if key in arrays}
    return arrays[f"series:{place}"], mine, shared


def save_work(
    file: IO[bytes],
    series: Sequence[np.ndarray],
    about: Sequence[dict],
    shared: Mapping[str, np.ndarray],
) -> None:
    """Escribe el archivo de trabajo que leen los procesos."""
    arrays = {f"series:{place}": values for place, values in enumerate(series)}
    np.savez(file, about=np.array(json.dumps(about)), **arrays, **shared)


def _recent(model: Forecaster, most: int, history: np.ndarray, horizon: int) -> np.ndarray:
    return model(history[-most:], horizon)


def _within_reason(model: Forecaster, history: np.ndarray, horizon: int) -> np.ndarray:
    """El pronóstico, sin alejarse de lo visto más que el ancho de lo visto; ni bajo cero, si nunca.

    Un modelo que se dispara una vez entre cien estropearía la media de todas las series.
    """
    low, high = history.min(), history.max()
    floor = max(2 * low - high, 0.0) if low >= 0 else 2 * low - high
    return np.clip(model(history, horizon), floor, 2 * high - low)


def _with_weights(weights: Callable[[np.ndarray], np.ndarray]) -> Forecaster:
    return lambda history, horizon: predict_window(history, weights(history))


def _recent_climatology(
    history: np.ndarray, horizon: int, *, period: int, keep: float
) -> np.ndarray:
    cycles = max(1, min(RECENT_CYCLES, len(history) // period))
    return climatology(history, horizon, period=period, cycles=cycles, keep=keep)


def _theta_without_cycle(history: np.ndarray, horizon: int, *, period: int) -> np.ndarray:
    """Theta sobre lo que queda al quitar el perfil medio de los ciclos recientes."""
    profile = _recent_climatology(history, period, period=period, keep=0.0)
    profile -= profile.mean()
    places = np.arange(-len(history), 0) % period
    return theta(history - profile[places], horizon) + np.resize(profile, horizon)


def _seasonal_autoregression(history: np.ndarray, horizon: int, *, period: int) -> np.ndarray:
    """Autorregresión de lo que cambia de un ciclo al siguiente, sumada al último ciclo."""
    changes = history[period:] - history[:-period]
    ahead = autoregression(changes, horizon, max_lag=min(26, len(changes) // 4))
    forecast = np.concatenate([history[-period:], np.zeros(horizon)])
    for step in range(horizon):
        forecast[period + step] = forecast[step] + ahead[step]
    return forecast[period:]

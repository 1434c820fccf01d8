"""Ejercicios de la lección 42: cómo se sortean sus casos y qué se compara."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, torch_names


def _two(names: tuple[str, str], returned: Any) -> dict[str, Any] | None:
    """Las dos cosas que devuelve, cada una con su nombre: así el mensaje dice cuál falla."""
    if returned is None:
        return None
    parts = list(returned) if isinstance(returned, tuple | list | np.ndarray) else []
    if len(parts) != 2:
        raise TypeError(f"se esperaban dos cosas, {names[0]} y {names[1]}, en ese orden")
    return dict(zip(names, parts, strict=True))


# --- 42.1 -----------------------------------------------------------------------------------------


def _step_model(weights: np.ndarray) -> Callable:
    """Una red de un paso de mentira: mira toda la ventana, y más lo último."""
    import torch

    columns = torch.as_tensor(weights)

    def model(past: Any) -> Any:
        age = torch.arange(past.shape[1] - 1, -1, -1, dtype=past.dtype)
        seen = (past @ columns) * 0.7**age  # (lote, ancho)
        return torch.tanh(seen.sum(dim=1, keepdim=True))

    return model


def _draw_forecast(rng: np.random.Generator) -> tuple:
    batch, width, hours = draw_sizes(rng, 3, range(4, 9))
    return _forecast_case(rng, batch, width, hours)


def _forecast_case(rng: np.random.Generator, batch: int, width: int, hours: int) -> tuple:
    """Los pesos de la red de mentira, lo visto y el reloj de lo que viene."""
    return (
        rng.normal(size=3),
        rng.normal(size=(batch, width, 3)),
        rng.normal(size=(batch, hours, 2)),
    )


def _forecast_edges() -> tuple[tuple, ...]:
    """Una sola hora, y una ventana de un solo paso."""
    rng = np.random.default_rng(4201)
    return _forecast_case(rng, 3, 4, 1), _forecast_case(rng, 2, 1, 5)


def _recursion(answer: Callable, weights: np.ndarray, past: np.ndarray, clock: np.ndarray) -> Any:
    """Lo que pronostica con la red de mentira; los tensores comparten memoria con los casos."""
    import torch

    return answer(_step_model(weights), torch.as_tensor(past), torch.as_tensor(clock))


RECURSION = Exercise(
    key="42.1",
    draw=_draw_forecast,
    edges=_forecast_edges(),
    probe=_recursion,
    namespace=torch_names,
)


# --- 42.2 -----------------------------------------------------------------------------------------


def _draw_features(rng: np.random.Generator) -> tuple:
    width, horizon, columns = draw_sizes(rng, 3)
    return rng.normal(size=(width + horizon + int(rng.integers(9, 14)), columns)), width, horizon


def _feature_edges() -> tuple[tuple, ...]:
    """Un solo origen, una sola columna, horizonte 1 y números enteros."""
    rng = np.random.default_rng(4202)
    return (
        (rng.normal(size=(7, 3)), 4, 3),
        (rng.normal(size=(9, 1)), 2, 4),
        (rng.integers(0, 50, size=(8, 2)).astype(float), 3, 1),
    )


def _table(answer: Callable, features: np.ndarray, width: int, horizon: int) -> Any:
    return _two(("ventanas", "objetivos"), answer(features, width, horizon))


TABLE = Exercise(key="42.2", draw=_draw_features, edges=_feature_edges(), probe=_table)


# --- 42.3 -----------------------------------------------------------------------------------------


def _draw_paths(rng: np.random.Generator) -> tuple:
    """Trayectorias escaladas; una unidad no mide lo mismo en cada eje."""
    windows, steps = draw_sizes(rng, 2, range(3, 9))
    paths = rng.normal(size=(2, windows, steps, 2))
    return paths[0], paths[1], rng.uniform(0.3, 9, size=2)


def _path_edges() -> tuple[tuple, ...]:
    """En metros ya, con un solo número para los dos ejes, y con un solo paso."""
    rng = np.random.default_rng(4203)
    paths = rng.normal(size=(2, 4, 5, 2))
    return (paths[0], paths[1]), (paths[0], paths[1], 0.25), (paths[0][:, :1], paths[1][:, :1], 2.0)


def _displacements(answer: Callable, *args: Any) -> Any:
    return _two(("error medio", "error final"), answer(*args))


METRES = Exercise(key="42.3", draw=_draw_paths, edges=_path_edges(), probe=_displacements)


# --- 42.4 -----------------------------------------------------------------------------------------


def _draw_stations(rng: np.random.Generator) -> tuple:
    width, others = draw_sizes(rng, 2, range(3, 7))
    hours = width + int(rng.integers(9, 14))
    return (
        rng.normal(size=hours),
        rng.normal(size=(hours, 2)),
        rng.normal(size=(hours, others)),
        width,
    )


def _station_edges() -> tuple[tuple, ...]:
    """Con una sola vecina, sin ninguna y con una sola ventana."""
    rng = np.random.default_rng(4204)
    own, clock, others = rng.normal(size=8), rng.normal(size=(8, 2)), rng.normal(size=(8, 1))
    return (own, clock, others, 4), (own, clock, others[:, :0], 3), (own, clock, others, 7)


STATIONS = Exercise(key="42.4", draw=_draw_stations, edges=_station_edges())

EXERCISES = (RECURSION, TABLE, METRES, STATIONS)

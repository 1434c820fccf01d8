"""Suavizado exponencial con varios ciclos a la vez: el del día y el de la semana."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from course_utils.forecasting.references import as_history
from course_utils.validation import as_int

# Cuánto aprende de cada error el nivel y cada ciclo, y cuánto del último error queda al siguiente.
LEVEL_RATES = (0.0, 0.005, 0.02, 0.08, 0.3)
CYCLE_RATES = (0.0, 0.03, 0.1, 0.25, 0.5)
KEEPS = (0.0, 0.5, 0.8, 0.93, 0.98)
# Se promedian las mejores combinaciones: la mejor lo es en parte por suerte.
BEST = 5
TRIALS = 10


def seasonal_smoothing(
    history: np.ndarray, horizon: int, *, cycles: Sequence[int], logarithm: bool = False
) -> np.ndarray:
    """Nivel, un perfil por ciclo y un residuo que se va olvidando, que aprenden de cada error.

    Prueba una rejilla de tasas y se queda con las que mejor habrían pronosticado *todo el plazo*
    desde orígenes de la propia historia.

    Parameters
    ----------
    history : ndarray of shape (tiempo,)
        Lo que ha pasado, en orden y sin huecos.
    horizon : int
        Cuántos pasos se pronostican.
    cycles : sequence of int
        Los pasos de cada ciclo, de menor a mayor: ``(24, 168)`` para el día y la semana.
    logarithm : bool, default False
        Si se trabaja con logaritmos: los perfiles multiplican en vez de sumar.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Si la historia no llega a dos ciclos del más largo, o se piden logaritmos y no es positiva.

    Notes
    -----
    Es el modelo de Taylor (2003), *Short-term electricity demand forecasting using double seasonal
    exponential smoothing*, Journal of the Operational Research Society 54, sin tendencia y escrito
    como De Livera, Hyndman y Snyder (2011) escriben BATS. Las tasas se eligen probando y no con la
    verosimilitud, que solo mira un paso.

    Examples
    --------
    >>> day = np.tile([0.0, 1.0, 3.0, 1.0], 20)
    >>> seasonal_smoothing(10 + day, 6, cycles=(4,)).round(6)
    array([10., 11., 13., 11., 10., 11.])
    """
    cycles = tuple(as_int("cycles", cycle, minimum=1) for cycle in cycles)
    history, horizon = as_history(history, horizon, needed=2 * max(cycles) + 1)
    if not logarithm:
        return _smooth(history, horizon, cycles)
    if not (history > 0).all():
        raise ValueError(
            f"Con logaritmos la historia debe ser positiva; el menor valor es {history.min():g}. "
            "Usa logarithm=False."
        )
    ceiling = 2 * np.log(history.max()) - np.log(history.min())
    return np.exp(np.minimum(_smooth(np.log(history), horizon, cycles), ceiling))


def _smooth(history: np.ndarray, horizon: int, cycles: tuple[int, ...]) -> np.ndarray:
    start = 2 * max(cycles)
    rates = np.array(list(product(LEVEL_RATES, *([CYCLE_RATES] * len(cycles)), KEEPS))).T
    level_rate, *cycle_rates, keep = rates  # cada una, (combinaciones,)
    level, profiles = _first_state(history[:start], cycles, rates.shape[1])
    residual = np.zeros_like(level)
    origins = _trial_origins(start, len(history), horizon)
    losses = np.zeros_like(level)
    for t in range(start, len(history)):
        if t in origins:
            ahead = _ahead(level, profiles, residual, keep, t, min(horizon, len(history) - t))
            actual = history[t : t + horizon, None]
            losses += np.abs(ahead - actual).mean(axis=0)
        places = [t % cycle for cycle in cycles]
        expected = level + keep * residual
        for profile, place in zip(profiles, places, strict=True):
            expected = expected + profile[place]
        error = history[t] - expected
        level = level + level_rate * error
        for profile, place, rate in zip(profiles, places, cycle_rates, strict=True):
            profile[place] += rate * error
        residual = keep * residual + error
    best = np.argsort(losses, kind="stable")[:BEST]
    ahead = _ahead(level, profiles, residual, keep, len(history), horizon)
    return ahead[:, best].mean(axis=1)


def _first_state(
    start: np.ndarray, cycles: tuple[int, ...], count: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """El nivel (combinaciones,) y cada perfil (ciclo, combinaciones) con que se empieza."""
    rest = start - start.mean()
    profiles = []
    for cycle in cycles:
        places = np.arange(len(start)) % cycle
        profile = np.bincount(places, weights=rest) / np.bincount(places)
        rest = rest - profile[places]
        profiles.append(np.repeat(profile[:, None], count, axis=1))
    return np.full(count, start.mean()), profiles


def _trial_origins(start: int, count: int, horizon: int) -> set[int]:
    """Desde dónde se prueba cada combinación: repartidos, y con todo el plazo si cabe."""
    last = max(count - horizon, start)
    return set(np.linspace(start, last, TRIALS).astype(int))


def _ahead(
    level: np.ndarray,
    profiles: list[np.ndarray],
    residual: np.ndarray,
    keep: np.ndarray,
    origin: int,
    horizon: int,
) -> np.ndarray:
    """El pronóstico de cada combinación desde un origen: (horizonte, combinaciones)."""
    steps = np.arange(horizon)
    ahead = level + residual * keep ** (steps[:, None] + 1)
    for profile in profiles:
        ahead = ahead + profile[(origin + steps) % len(profile)]
    return ahead

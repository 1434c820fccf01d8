"""Hitos del proyecto 52: predicción de demanda."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes

# ---------------------------------------------------------------- 52.1


def _draw_error(rng: np.random.Generator) -> tuple:
    """Series con historias de longitudes distintas y euros muy desiguales."""
    series, horizon = draw_sizes(rng, 2, range(3, 9))
    actual = rng.poisson(6, size=(series, horizon)).astype(float)
    forecast = actual + rng.normal(scale=2, size=(series, horizon))
    lengths = draw_sizes(rng, series, range(12, 30))
    training = [rng.poisson(6, size=length).astype(float) for length in lengths]
    return actual, forecast, training, rng.uniform(1, 500, size=series)


def _error_edges() -> tuple[tuple, ...]:
    """Una sola serie; dos días; una que no mueve euros; el pronóstico perfecto."""
    rng = np.random.default_rng(5201)
    history = [rng.poisson(5, size=n).astype(float) for n in (9, 14, 20)]
    three, guess = rng.poisson(5, size=(2, 3, 4)).astype(float)
    return (
        (three[:1], guess[:1], history[:1], np.array([7.0])),
        (three[:, :2], guess[:, :2] + 0.5, history, np.array([1.0, 2.0, 9.0])),
        (three, guess, history, np.array([3.0, 0.0, 1.0])),
        (three, three.copy(), history, np.array([3.0, 2.0, 1.0])),
    )


ERROR = Exercise(key="52.1", draw=_draw_error, edges=_error_edges(), tolerance=1e-9)


# ---------------------------------------------------------------- 52.2


NO_LIMIT = 1e6  # lo que el enunciado llama un número enorme


def _draw_censored(rng: np.random.Generator) -> tuple:
    """Días con rotura y sin ella; cuantiles por encima y por debajo de lo que había."""
    rows, days, count = draw_sizes(rng, 3)
    levels = np.sort(rng.uniform(0.03, 0.97, size=count))
    stock = rng.integers(2, 12, size=(rows, days)).astype(float)
    sales = np.minimum(rng.poisson(6, size=(rows, days)), stock)
    stock = np.where(sales < stock, NO_LIMIT, stock)  # sin rotura no hay límite
    quantiles = np.sort(rng.gamma(3.0, 2.0, size=(rows, days, count)), axis=-1)
    return quantiles, sales, stock, levels


def _censored_edges() -> tuple[tuple, ...]:
    """Todo por encima de lo que había; existencias de sobra; un nivel; la tienda vacía."""
    rng = np.random.default_rng(5202)
    sales = rng.poisson(5, size=(3, 4)).astype(float)
    quantiles = np.sort(rng.gamma(3.0, 2.0, size=(3, 4, 2)), axis=-1)
    levels = np.array([0.3, 0.9])
    return (
        (quantiles + 30, sales, np.where(sales > 4, sales, NO_LIMIT), levels),
        (quantiles, sales, np.full((3, 4), NO_LIMIT), levels),
        (quantiles[..., :1], sales, sales, levels[1:]),
        (quantiles, np.zeros((3, 4)), np.zeros((3, 4)), levels),
    )


CENSORED = Exercise(key="52.2", draw=_draw_censored, edges=_censored_edges(), tolerance=1e-9)


# ---------------------------------------------------------------- 52.3


def _draw_orders(rng: np.random.Generator) -> tuple:
    """Razones críticas entre dos niveles, por debajo del primero y por encima del último."""
    series, days, count = draw_sizes(rng, 3, range(3, 9))
    levels = np.sort(rng.uniform(0.1, 0.9, size=count))
    quantiles = np.sort(rng.gamma(2.0, 8.0, size=(series, days, count)), axis=-1)
    return quantiles, levels, rng.uniform(0.2, 9.0, size=series), rng.uniform(0.2, 4.0, size=series)


def _orders_edges() -> tuple[tuple, ...]:
    """Más allá de los dos extremos, un solo día, y cuantiles que son casi cero."""
    rng = np.random.default_rng(5203)
    levels = np.array([0.2, 0.5, 0.8])
    quantiles = np.sort(rng.gamma(2.0, 8.0, size=(2, 3, 3)), axis=-1)
    return (
        (quantiles, levels, np.array([9.7, 0.3]), np.array([0.3, 9.1])),
        (quantiles[:, :1], levels, np.array([2.0, 1.0]), np.array([1.0, 2.1])),
        (quantiles / 200, levels, np.array([2.0, 3.0]), np.array([1.0, 1.0])),
    )


ORDERS = Exercise(key="52.3", draw=_draw_orders, edges=_orders_edges(), tolerance=1e-9)


# ---------------------------------------------------------------- 52.4


def _draw_constant(rng: np.random.Generator) -> tuple:
    """Unos días de ventas y costes tan desiguales que la media casi nunca acierta."""
    days = int(rng.integers(15, 40))
    units = rng.negative_binomial(2, 0.15, size=days)
    return units, float(rng.uniform(1.0, 9.0)), float(rng.uniform(0.2, 2.0))


def _constant_edges() -> tuple[tuple, ...]:
    """Un solo día; todos iguales; casi todo ceros; lo caro es que sobre; un día enorme."""
    return (
        (np.array([4]), 1.3, 0.7),
        (np.full(9, 5), 2.0, 3.1),
        (np.array([0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0]), 1.7, 1.1),
        (np.array([3, 8, 1, 9, 4, 7]), 0.37, 4.1),
        (np.array([2, 3, 2, 900, 4, 3, 2]), 2.9, 1.0),
        (np.array([340, 120]), 2.0, 2.0),  # empatan de 120 a 340
        (np.array([1, 5, 3, 7]), 3.0, 1.0),  # empatan 5, 6 y 7
    )


CONSTANT = Exercise(key="52.4", draw=_draw_constant, draws=6, edges=_constant_edges())

EXERCISES = (ERROR, CENSORED, ORDERS, CONSTANT)

"""Figuras de la demanda: lo que esconde una rotura, la red, el abanico y lo que cuesta pedir."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    new_axes,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import block, new_diagram, symbol, wire, word
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import as_curves, as_dates, same_length
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADE = "#f6d9c8"  # el fondo de una promoción
ROWS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"))


def plot_hidden_demand(
    dates: np.ndarray,
    sales: np.ndarray,
    demand: np.ndarray,
    promotion: np.ndarray,
    *,
    unit: str = "unidades al día",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Lo vendido y lo que se habría vendido; entre las dos, lo que escondió la rotura.

    Parameters
    ----------
    dates : ndarray of datetime64, shape (días,)
    sales, demand : ndarray of shape (días,)
        Lo vendido y la demanda verdadera.
    promotion : ndarray of bool, shape (días,)
        Días que llevan fondo.
    unit : str, default "unidades al día"
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no son series de números o no miden lo mismo.

    Examples
    --------
    >>> days = np.arange(3).astype("datetime64[D]")
    >>> ax = plot_hidden_demand(days, [2, 3, 3], [2, 5, 3], [False, True, False])
    >>> [text.get_text() for text in ax.texts]
    ['vendido', 'demanda']
    """
    dates = as_dates("dates", dates)
    sales = as_array("sales", sales, ndim=1, dtype="float64", min_length=1)
    demand = as_array("demand", demand, ndim=1, dtype="float64")
    promotion = as_array("promotion", promotion, ndim=1).astype(bool)
    same_length({"dates": dates, "sales": sales, "demand": demand, "promotion": promotion})
    ax = new_axes(ax, (7.4, 3.2))
    for day in np.flatnonzero(promotion):
        edge = np.timedelta64(12, "h")
        ax.axvspan(dates[day] - edge, dates[day] + edge, color=SHADE, lw=0)
    ax.fill_between(dates, sales, demand, color=ORANGE, alpha=0.35, lw=0)
    ax.plot(dates, demand, color=ORANGE, ls="--", lw=1.4)
    ax.plot(dates, sales, color=BLUE, lw=1.7)
    ax.set(xlabel="fecha", ylabel=unit)
    ax.tick_params(axis="x", rotation=20)
    reach(ax, 0, 0)
    ends = [("vendido", sales, BLUE), ("demanda", demand, ORANGE)]
    label_ends(ax, [End(name, dates[-1], line[-1], color) for name, line, color in ends])
    set_title(ax, title)
    return ax


def plot_demand_network(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """La red: una GRU que lee semanas, lo que se sabe de la próxima y los cuantiles de sus días.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_demand_network().texts if "$" not in text.get_text()]
    ['ocho semanas vistas', 'promoción, precio, nivel…', 'GRU', 'densa', 'densa', 'suma']
    """
    ax = new_diagram(ax, 16.6, 4.6)
    top, below = 3.2, 1.1
    word(ax, (2.2, top + 0.95), "ocho semanas vistas", color=BLUE)
    word(ax, (3.1, below - 0.75), "promoción, precio, nivel…", color=GREY)
    symbol(ax, (1.6, top), "$x_1,…,x_8$")
    symbol(ax, (1.6, below), "$f$")
    block(ax, (4.9, top), 1.9, "GRU", color=BLUE)
    block(ax, (7.7, top), 1.9, "densa")
    block(ax, (10.4, top), 1.9, "densa")
    block(ax, (13.0, top), 1.7, "suma", color=ORANGE)
    symbol(ax, (15.6, top), r"$q_{0.05}…$")
    for start, end in ((2.9, 3.95), (5.85, 6.75), (8.65, 9.45), (11.35, 12.15), (13.85, 14.65)):
        wire(ax, (start, top), (end, top))
    wire(ax, (2.0, below), (7.7, below), (7.7, top - 0.4), color=GREY)
    set_title(ax, title)
    return ax


def plot_order_fan(
    quantiles: np.ndarray,
    demand: np.ndarray,
    orders: np.ndarray,
    *,
    unit: str = "unidades al día",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Los cuantiles de cada día, la demanda que hubo y el pedido que sale de ellos.

    Parameters
    ----------
    quantiles : ndarray of shape (días, niveles)
        De menor a mayor.
    demand, orders : ndarray of shape (días,)
        Lo que se habría vendido y lo que se pide.
    unit : str, default "unidades al día"
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no son números o no miden lo mismo.

    Examples
    --------
    >>> ax = plot_order_fan([[1.0, 2, 3], [2, 3, 5]], [2.0, 4.0], [3.0, 5.0])
    >>> [text.get_text() for text in ax.texts]
    ['mediana', 'pedido']
    """
    quantiles = as_array("quantiles", quantiles, ndim=2, dtype="float64", min_length=1)
    demand = as_array("demand", demand, ndim=1, dtype="float64")
    orders = as_array("orders", orders, ndim=1, dtype="float64")
    same_length({"quantiles": quantiles, "demand": demand, "orders": orders})
    ax, days = new_axes(ax, (7.4, 3.2)), np.arange(1, len(demand) + 1)
    levels = quantiles.shape[1]
    for low in range(levels // 2):
        ax.fill_between(
            days, quantiles[:, low], quantiles[:, levels - 1 - low], color=BLUE, alpha=0.12, lw=0
        )
    median = quantiles[:, (levels - 1) // 2 : levels // 2 + 1].mean(axis=1)
    ax.plot(days, median, color=BLUE, lw=1.6)
    ax.step(days, orders, where="mid", color=ORANGE, ls="--", lw=1.6)
    ax.plot(days, demand, "o", color="black", ms=4)
    ax.set(xlabel="día de la prueba (los puntos son la demanda)", ylabel=unit)
    reach(ax, 0, 0)
    label_ends(
        ax,
        [End("mediana", days[-1], median[-1], BLUE), End("pedido", days[-1], orders[-1], ORANGE)],
    )
    set_title(ax, title)
    return ax


def plot_policy_costs(
    costs: Mapping[str, np.ndarray],
    *,
    xlabel: str = "veces lo que cuesta a quien sabe la verdad",
    floor: float | None = 1.0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Lo que cuesta cada política, un punto por repetición y una raya en la media.

    Parameters
    ----------
    costs : mapping of str to ndarray of shape (repeticiones,)
        De cada política, sus costes; no tienen que ser los mismos.
    xlabel : str
        Qué se mide.
    floor : float, optional
        Dónde va la raya de quien sabe la verdad.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no hay ninguna o algo no es un número.

    Examples
    --------
    >>> ax = plot_policy_costs({"red": np.array([1.2, 1.4]), "constante": np.array([2.0])})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['red', 'constante']
    """
    costs = as_curves("costs", costs)
    ax = new_axes(ax, (7.4, 0.9 + 0.42 * len(costs)))
    looks = [look for look, _ in zip(cycle(ROWS), costs, strict=False)]
    draw_rows(ax, costs, looks)
    for row, (values, (color, _)) in enumerate(zip(costs.values(), looks, strict=True)):
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=color, lw=2.4)
    if floor is not None:
        ax.axvline(floor, color=GREY, ls=":", lw=1.6)
    ax.set(xlabel=xlabel, ylabel="política")
    set_title(ax, title)
    return ax

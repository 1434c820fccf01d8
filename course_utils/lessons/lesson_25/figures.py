"""Figuras de una comparación de pronósticos: el reparto, los días y los errores."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, pairwise
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = ("entrenamiento", "validación", "prueba")
LOOKS = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))


def plot_split(
    dates: np.ndarray,
    values: np.ndarray,
    cuts: tuple[int, int],
    *,
    unit: str,
    title: str,
    ax: Axes | None = None,
) -> Axes:
    """Una serie y el reparto de sus días en entrenamiento, validación y prueba.

    Parameters
    ----------
    dates : ndarray of datetime64, shape (tiempo,)
        Fechas.
    values : ndarray of shape (tiempo,)
        La serie.
    cuts : (int, int)
        Lugares en que empiezan la validación y la prueba.
    unit : str
        Unidad de la serie.
    title : str
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si los cortes no están en orden dentro de la serie.

    Examples
    --------
    >>> dates = np.arange("2024-01-01", "2024-01-11", dtype="datetime64[D]")
    >>> ax = plot_split(dates, np.arange(10.0), (6, 8), unit="unidades", title="Diez días")
    >>> [text.get_text() for text in ax.texts]
    ['entrenamiento', 'validación', 'prueba']
    """
    values = as_array("values", values, ndim=1)
    edges = (0, *cuts, len(values))
    if not all(start < end for start, end in pairwise(edges)):
        raise ValueError(
            f"Los cortes deben ir en orden entre 0 y {len(values)}; han llegado {tuple(cuts)}. "
            "Primero, dónde empieza la validación; después, dónde empieza la prueba."
        )
    ax = new_axes(ax, (7.0, 3.0))
    shades = ("black", GREY, BLUE)
    for start, end, name, color in zip(edges[:-1], edges[1:], PARTS, shades, strict=True):
        ax.plot(dates[start:end], values[start:end], color=color, lw=0.8, ls="-")
        middle = dates[start] + (dates[end - 1] - dates[start]) / 2
        ax.text(middle, 1.0, name, color=color, ha="center", va="bottom", weight="bold",
                transform=ax.get_xaxis_transform())  # fmt: skip
    for cut in cuts:
        ax.axvline(dates[cut], color=GREY, ls=":", lw=1.4)
    ax.set(ylabel=unit, ylim=(0, None))
    ax.set_title(title, loc="left", pad=20)
    return ax


def plot_forecasts(
    dates: np.ndarray,
    actual: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    *,
    unit: str,
    title: str,
    marked: np.ndarray | None = None,
    mark: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Unos días de prueba: lo que pasó, en puntos, y lo que cada modelo pronosticó.

    Parameters
    ----------
    dates : ndarray of datetime64, shape (días,)
        Fechas.
    actual : ndarray of shape (días,)
        Lo que pasó.
    forecasts : mapping of str to ndarray of shape (días,)
        Lo que pronosticó cada modelo.
    unit : str
        Unidad de la serie.
    title : str
        Lo que hay que ver.
    marked : ndarray of bool, shape (días,), optional
        Días que se sombrean.
    mark : str
        Qué tienen esos días.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> dates = np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]")
    >>> ax = plot_forecasts(dates, np.ones(3), {"GRU": np.zeros(3)}, unit="unidades", title="")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['lo que pasó', 'GRU']
    """
    from matplotlib.dates import DateFormatter

    actual = as_array("actual", actual, ndim=1)
    ax = new_axes(ax, (7.0, 3.3))
    if marked is not None and np.any(marked):
        half = np.timedelta64(12, "h")
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            ax.axvspan(dates[start] - half, dates[end - 1] + half, color="#ececec", lw=0)
        ax.text(dates[edges[0]] - half, 0.03, f" {mark}", color=GREY, va="bottom",
                transform=ax.get_xaxis_transform())  # fmt: skip
    ax.plot(dates, actual, "o", color="black", ms=4, label="lo que pasó")
    for (name, values), (color, style) in zip(forecasts.items(), cycle(LOOKS), strict=False):
        ax.plot(dates, values, color=color, ls=style, lw=1.8, label=name)
    ax.set(ylabel=unit, xlabel="día/mes")
    ax.xaxis.set_major_formatter(DateFormatter("%d/%m"))
    ax.legend(loc="upper left", bbox_to_anchor=(0, 1.02), ncols=3, fontsize=10)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.18 * (high - low))
    ax.set_title(title, loc="left")
    return ax


def plot_errors(
    errors: Mapping[str, np.ndarray],
    *,
    unit: str,
    title: str,
    lines: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El error de cada modelo: un punto por sorteo y una barra vertical en la media.

    Parameters
    ----------
    errors : mapping of str to ndarray of shape (sorteos,)
        Error medio de cada entrenamiento; un modelo sin azar trae uno solo.
    unit : str
        Unidad del error.
    title : str
        Lo que hay que ver.
    lines : mapping of str to float, optional
        Errores con los que se compara: una línea vertical con su nombre.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_errors({"GRU": np.array([3.0, 5.0])}, unit="unidades", title="Uno",
    ...                  lines={"suelo": 2.0})
    >>> [label.get_text() for label in ax.get_yticklabels()], ax.texts[0].get_text()
    (['GRU  4.0'], 'suelo')
    """
    ax = new_axes(ax, (7.0, 1.2 + 0.36 * len(errors)))
    for row, values in enumerate(errors.values()):
        values = as_array("errors", np.atleast_1d(values), ndim=1)
        color = BLUE if len(values) > 1 else ORANGE
        look = "o" if len(values) > 1 else "D"
        ax.plot(values, np.full(len(values), row), look, color=color, ms=7, alpha=0.55, mew=0)
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=color, lw=2.4, ls="-")
    for place, (name, value) in enumerate((lines or {}).items()):
        ax.axvline(value, color=GREY, ls=(":", "--", "-.")[place % 3], lw=1.6)
        ax.text(value, 1.0, name, color=GREY, ha="center", va="bottom", fontsize=10,
                transform=ax.get_xaxis_transform())  # fmt: skip
    labels = [f"{name}  {np.mean(values):.1f}" for name, values in errors.items()]
    ax.set_yticks(range(len(errors)), labels)
    ax.set(ylim=(len(errors) - 0.5, -0.5), xlabel=f"error medio ({unit})")
    ax.set_xlim(left=0)
    ax.grid(axis="y", visible=False)
    ax.set_title(title, loc="left", pad=20 if lines else 6)
    return ax

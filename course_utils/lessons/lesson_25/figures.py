"""Figuras de una comparación de pronósticos: el reparto, los días y los errores."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
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
from course_utils.plotting.labels import draw_rows
from course_utils.plotting.series import as_curves, as_dates, as_numbers, same_length, styled
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
    title: str | None = None,
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
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un valor por fecha o los cortes no están en orden dentro de la serie.

    Examples
    --------
    >>> dates = np.arange("2024-01-01", "2024-01-11", dtype="datetime64[D]")
    >>> ax = plot_split(dates, np.arange(10.0), (6, 8), unit="unidades", title="Diez días")
    >>> [text.get_text() for text in ax.texts]
    ['entrenamiento', 'validación', 'prueba']
    """
    from matplotlib.dates import AutoDateLocator

    values = as_array("values", values, ndim=1)
    dates = as_dates("dates", dates)
    same_length({"dates": dates, "values": values})
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
    ax.xaxis.set_major_locator(AutoDateLocator(maxticks=7))
    for cut in cuts:
        ax.axvline(dates[cut], color=GREY, ls=":", lw=1.4)
    ax.set(xlabel="fecha", ylabel=unit)
    reach(ax, 0, 0)
    set_title(ax, title, pad=20)
    return ax


def plot_forecasts(
    dates: np.ndarray,
    actual: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    *,
    unit: str,
    marked: np.ndarray | None = None,
    mark: str = "",
    title: str | None = None,
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
    marked : ndarray of bool, shape (días,), optional
        Días que se sombrean.
    mark : str
        Qué tienen esos días.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si algo no trae un valor por fecha o hay más modelos que estilos.

    Examples
    --------
    >>> dates = np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]")
    >>> ax = plot_forecasts(dates, np.ones(3), {"GRU": np.zeros(3)}, unit="unidades")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['lo que pasó', 'GRU']
    """
    from matplotlib.dates import DateFormatter

    dates, actual = as_dates("dates", dates), as_array("actual", actual, ndim=1, min_length=1)
    forecasts = as_curves("forecasts", forecasts)
    marked = np.zeros(len(actual), bool) if marked is None else np.asarray(marked, bool)
    same_length({"dates": dates, "actual": actual, "marked": marked} | forecasts)
    ax = new_axes(ax, (7.0, 3.3))
    if marked.any():
        half = np.timedelta64(12, "h")
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            ax.axvspan(dates[start] - half, dates[end - 1] + half, color="#ececec", lw=0)
        ax.text(dates[edges[0]] - half, 0.03, f" {mark}", color=GREY, va="bottom",
                transform=ax.get_xaxis_transform())  # fmt: skip
    ax.plot(dates, actual, "o", color="black", ms=4, label="lo que pasó")
    for name, values, (color, style) in styled(forecasts, LOOKS):
        ax.plot(dates, values, color=color, ls=style, lw=1.8, label=name)
    ax.set(ylabel=unit, xlabel="día/mes")
    ax.xaxis.set_major_formatter(DateFormatter("%d/%m"))
    ax.legend(loc="upper left", bbox_to_anchor=(0, 1.02), ncols=3, fontsize=10)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.18 * (high - low))
    set_title(ax, title)
    return ax


def plot_errors(
    errors: Mapping[str, np.ndarray],
    *,
    unit: str,
    quantity: str = "error medio",
    lines: Mapping[str, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El error de cada modelo: un punto por sorteo y una barra vertical en la media.

    Parameters
    ----------
    errors : mapping of str to ndarray of shape (sorteos,)
        Error medio de cada entrenamiento; un modelo sin azar trae uno solo.
    unit : str
        Unidad del error.
    quantity : str, default "error medio"
        Qué se mide.
    lines : mapping of str to float, optional
        Errores con los que se compara, tres como mucho: una línea vertical con su nombre.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de tres líneas.

    Examples
    --------
    >>> ax = plot_errors({"GRU": np.array([3.0, 5.0])}, unit="unidades", lines={"suelo": 2.0})
    >>> [label.get_text() for label in ax.get_yticklabels()], ax.texts[0].get_text()
    (['GRU  4.0'], 'suelo')
    """
    errors = as_curves("errors", errors)
    lines = as_numbers("lines", lines) if lines else {}
    ax = new_axes(ax, (7.0, 1.2 + 0.36 * len(errors)))
    looks = [(BLUE, "o") if len(values) > 1 else (ORANGE, "D") for values in errors.values()]
    labels = [f"{name}  {values.mean():.1f}" for name, values in errors.items()]
    draw_rows(ax, errors, looks, labels=labels)
    for row, (values, (color, _)) in enumerate(zip(errors.values(), looks, strict=True)):
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=color, lw=2.4, ls="-")
    for name, value, style in styled(lines, (":", "--", "-.")):
        ax.axvline(value, color=GREY, ls=style, lw=1.6)
        ax.text(value, 1.0, name, color=GREY, ha="center", va="bottom", fontsize=10,
                transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set_xlabel(f"{quantity} ({unit})")
    reach(ax, 0, 0, axis="x")
    set_title(ax, title, pad=20 if lines else 6)
    return ax

"""Figuras de series temporales: ellas mismas, sus ventanas y sus pronósticos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREY, ORANGE, new_axes, new_panels, set_title
from course_utils.plotting.diagrams import hide_frame
from course_utils.plotting.series import as_dates, as_numbers, check_series, same_length, same_names
from course_utils.validation import as_array, as_int

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course_utils.datasets import Series


def plot_series(
    series: Sequence[Series], *, title: str | None = None, axes: Sequence[Axes] | None = None
) -> list[Axes]:
    """Una o varias series, cada una en su panel y con sus unidades.

    Parameters
    ----------
    series : sequence of Series
        Las series, con fechas, valores, nombre y unidad.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por serie.

    Raises
    ------
    ValueError
        Si no hay series o los paneles no son tantos como ellas.
    """
    if not series:
        raise ValueError("plot_series espera al menos una serie; ha llegado una lista vacía.")
    axes = new_panels(axes, len(series), (7, 0.5 + 1.4 * len(series)), columns=1)
    for ax, item in zip(axes, series, strict=True):
        ax.plot(item.dates.astype("datetime64[D]"), item.values, color=BLUE, lw=0.9, ls="-")
        ax.set_title(item.name[0].upper() + item.name[1:], fontsize=11, loc="left")
        ax.set_ylabel(item.unit)
    axes[-1].set_xlabel("año")
    set_title(axes, title)
    return axes


def plot_windows(
    values: np.ndarray,
    *,
    width: int,
    horizon: int = 1,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cómo se corta una serie: cada fila, una ventana, en azul, y su objetivo, en naranja.

    Parameters
    ----------
    values : ndarray of shape (tiempo,)
        Una serie corta.
    width : int
        Ancho de la ventana.
    horizon : int, default 1
        A cuántos pasos de la ventana está el objetivo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_windows(np.arange(6.0), width=3)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['ejemplo 1', 'ejemplo 2', 'ejemplo 3', 'serie']
    """
    from matplotlib.patches import Rectangle

    values = as_array("values", values, ndim=1)
    width = as_int("width", width, minimum=1)
    horizon = as_int("horizon", horizon, minimum=1)
    needed = width + horizon
    count = len(values) - needed + 1
    if count < 1:
        raise ValueError(
            f"Con width={width} y horizon={horizon} hacen falta al menos {needed} valores; han "
            f"llegado {len(values)}. Usa una serie más larga."
        )
    ax = new_axes(ax, (7, 0.7 + 0.42 * (count + 1)))
    for row in range(count + 1):
        for t, value in enumerate(values):
            color = _cell_color(t - row, width, horizon) if row < count else "#f0f0f0"
            top = row + 0.3 * (row == count)  # la serie, algo separada de los ejemplos
            box = Rectangle((t, top), 0.94, 0.86, facecolor=color, edgecolor="#d0d0d0", lw=0.8)
            ax.add_patch(box)
            ink = "white" if color in (BLUE, ORANGE) else GREY
            ax.text(t + 0.47, top + 0.43, f"{value:.0f}", ha="center", va="center", color=ink)
    ax.set(xlim=(0, len(values)), ylim=(count + 1.3, 0), xlabel="tiempo →", xticks=[])
    labels = [f"ejemplo {row + 1}" for row in range(count)] + ["serie"]
    ax.set_yticks([*(np.arange(count) + 0.43), count + 0.73], labels)
    ax.tick_params(length=0)
    hide_frame(ax)
    set_title(ax, title)
    return ax


def _cell_color(offset: int, width: int, horizon: int) -> str:
    """Color de una casilla según su lugar respecto a la ventana de su fila."""
    if 0 <= offset < width:
        return BLUE
    return ORANGE if offset == width + horizon - 1 else "white"


def plot_horizons(
    forecasts: Mapping[int, tuple[np.ndarray, np.ndarray]],
    *,
    dates: np.ndarray,
    unit: str,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """El mismo modelo a varios horizontes: lo que pasó y lo que pronosticó.

    Parameters
    ----------
    forecasts : mapping of int to (ndarray, ndarray)
        De cada horizonte, en meses, los valores reales y los pronosticados.
    dates : ndarray of datetime64
        Fecha de cada valor.
    unit : str
        Unidad de la serie.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por horizonte.

    Raises
    ------
    ValueError
        Si no hay un valor real y uno pronosticado por fecha, o un panel por horizonte.

    Examples
    --------
    >>> dates = np.arange("2000-01", "2000-06", dtype="datetime64[M]")
    >>> axes = plot_horizons({1: (np.zeros(5), np.ones(5))}, dates=dates, unit="manchas")
    >>> axes[0].get_title(loc="left")
    'A 1 mes: error medio de 1'
    """
    check_series("forecasts", forecasts)
    days = as_dates("dates", dates).astype("datetime64[D]")
    columns = min(2, len(forecasts))
    size = (7.4, 2.0 * -(-len(forecasts) // columns))
    axes = new_panels(axes, len(forecasts), size, columns=columns, sharex=True, sharey=True)
    for ax, (horizon, pair) in zip(axes, forecasts.items(), strict=True):
        actual, forecast = (as_array(f"forecasts[{horizon}]", one, ndim=1) for one in pair)
        same_length({"fechas": days, "reales": actual, "pronosticados": forecast})
        ax.plot(days, actual, color=GREY, lw=1.0, ls="-")
        ax.plot(days, forecast, color=ORANGE, lw=1.6, ls="-")
        error = np.abs(actual - forecast).mean()
        months = "mes" if horizon == 1 else "meses"
        ax.set_title(f"A {horizon} {months}: error medio de {error:.0f}", fontsize=11, loc="left")
    for ax in axes[::columns]:
        ax.set_ylabel(unit)
    for ax in axes[-columns:]:
        ax.set_xlabel("año")
        ax.tick_params(labelbottom=True)
    for x, label, color in ((0.3, "real", GREY), (0.45, "pronóstico", ORANGE)):
        style = {"color": color, "weight": "bold", "va": "top"}
        axes[0].text(x, 0.97, label, transform=axes[0].transAxes, **style)
    set_title(axes, title)
    return axes


def plot_leak(
    leaky: Mapping[str, float],
    clean: Mapping[str, float],
    *,
    unit: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El mismo examen con y sin ventanas vecinas en el entrenamiento.

    Parameters
    ----------
    leaky, clean : mapping of str to float
        Error de cada modelo con vecinas y sin ellas.
    unit : str
        Unidad del error.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si a algún modelo le falta uno de los dos errores.

    Examples
    --------
    >>> plot_leak({"lineal": 2.0}, {"lineal": 3.0}, unit="manchas").get_xlabel()
    'error medio en el mismo examen (manchas)'
    """
    leaky, clean = as_numbers("leaky", leaky), as_numbers("clean", clean)
    same_names("los errores con vecinas y sin ellas", leaky, clean)
    ax = new_axes(ax, (6.8, 0.9 + 0.75 * len(leaky)))
    places = np.arange(len(leaky))
    rows = (("con vecinas", leaky, ORANGE, -0.2, "///"), ("sin vecinas", clean, BLUE, 0.2, ""))
    for label, errors, color, offset, hatch in rows:
        values = [errors[name] for name in leaky]
        ax.barh(places + offset, values, 0.36, color=color, hatch=hatch, edgecolor="white")
        for place, value in zip(places, values, strict=True):
            ax.text(value, place + offset, f" {value:.1f} {label}", va="center", fontsize=10)
    ax.set_yticks(places, list(leaky))
    ax.set_ylim(len(leaky) - 0.5, -0.5)
    ax.margins(x=0.35)
    ax.set_xlabel(f"error medio en el mismo examen ({unit})")
    ax.grid(axis="y", visible=False)
    set_title(ax, title)
    return ax

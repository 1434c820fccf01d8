"""Figuras de la lección 41: pronósticos tardíos, puestos por origen, medidas y tendencias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    log_scale,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import BLOCK_HEIGHT, block, new_diagram, wire, word
from course_utils.plotting.labels import draw_rows
from course_utils.plotting.series import (
    as_curves,
    as_dates,
    check_series,
    same_length,
    same_names,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_MODELS = 8  # filas de una tabla de puestos que se leen bien


def plot_late(
    actual: np.ndarray,
    forecast: np.ndarray,
    lags: np.ndarray,
    correlations: np.ndarray,
    *,
    unit: str,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Un pronóstico que sigue a su serie y, al lado, con qué retardo la sigue en cada repetición.

    Parameters
    ----------
    actual, forecast : ndarray of shape (días,)
        La serie y lo que se pronosticó de cada día.
    lags : ndarray of shape (retardos,)
        Los días de retraso.
    correlations : ndarray of shape (repeticiones, retardos)
        La correlación con cada uno.
    unit : str
        Unidad de la serie.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Dos paneles.

    Raises
    ------
    ValueError
        Si no hay un pronóstico por día o una correlación por retardo.

    Examples
    --------
    >>> left, right = plot_late(np.arange(5.0), np.arange(5.0), np.arange(3), np.ones((2, 3)),
    ...                         unit="euros")
    >>> len(right.lines)
    3
    """
    actual, forecast = (
        as_array(name, values, ndim=1, min_length=1)
        for name, values in (("actual", actual), ("forecast", forecast))
    )
    same_length({"actual": actual, "forecast": forecast})
    lags = as_array("lags", lags, ndim=1, min_length=1)
    correlations = as_array("correlations", correlations, ndim=2, min_length=1)
    same_length({"lags": lags, "correlations": correlations[0]})
    left, right = new_panels(axes, 2, (9.0, 3.3), width_ratios=(3, 2))
    days = np.arange(len(actual))
    left.plot(days, actual, "o-", color="black", ms=3.5, lw=1.0, label="lo que pasó")
    left.plot(days, forecast, color=ORANGE, ls="--", lw=1.8, label="pronóstico")
    left.set(xlabel="día", ylabel=unit)
    left.legend(loc="best", fontsize=10)
    for row in correlations:
        right.plot(lags, row, color=BLUE, lw=0.9, alpha=0.45, marker="o", ms=3, ls="-")
    right.axhline(0, color=GREY, lw=1.0, ls=":")
    right.set(xlabel="días de retraso", ylabel="correlación de los cambios")
    right.set_xticks(lags)
    set_title([left, right], title)
    return [left, right]


def plot_ratios(
    ratios: Mapping[str, np.ndarray],
    *,
    quantity: str,
    reference: tuple[str, float],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cuánto se equivoca cada modelo frente a una referencia: un punto por repetición y la media.

    El eje es logarítmico: el doble y la mitad quedan igual de lejos.

    Parameters
    ----------
    ratios : mapping of str to ndarray of shape (repeticiones,)
        Lo medido.
    quantity : str
        Qué es, para el eje.
    reference : (str, float)
        Nombre y valor de la línea con que se compara.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_ratios({"GRU": np.array([1.0, 1.2])}, quantity="error", reference=("igual", 1.0))
    >>> [label.get_text() for label in ax.get_yticklabels()], ax.texts[0].get_text()
    (['GRU  1.10'], 'igual')
    """
    from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

    ratios = as_curves("ratios", ratios)
    name, value = reference
    ax = new_axes(ax, (7.0, 1.2 + 0.42 * len(ratios)))
    labels = [f"{model}  {values.mean():.2f}" for model, values in ratios.items()]
    draw_rows(ax, ratios, [(BLUE, "o")] * len(ratios), labels=labels)
    for row, values in enumerate(ratios.values()):
        ax.plot([values.mean()] * 2, [row - 0.32, row + 0.32], color=BLUE, lw=2.4, ls="-")
    ax.axvline(value, color=GREY, ls=":", lw=1.6)
    ax.text(value, 1.0, name, color=GREY, ha="center", va="bottom", fontsize=10,
            transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set_xlabel(quantity)
    log_scale(ax, *ratios.values(), np.array([value]), axis="x")
    if ax.get_xscale() == "log":
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FormatStrFormatter("%g"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    set_title(ax, title, pad=20)
    return ax


def plot_rank_grid(
    ranks: Mapping[str, np.ndarray],
    origins: Sequence[str],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El puesto de cada modelo en cada origen: una fila por modelo, una columna por origen.

    Parameters
    ----------
    ranks : mapping of str to ndarray of shape (orígenes,)
        Los puestos; 1 es el mejor.
    origins : sequence of str
        El nombre de cada origen.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un puesto por origen, o no van de 1 al número de modelos.

    Examples
    --------
    >>> ranks = {"deriva": np.array([1.0, 2.0]), "theta": np.array([2.0, 1.0])}
    >>> ax = plot_rank_grid(ranks, ["1990", "1991"])
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', '2', '1']
    """
    ranks = as_curves("ranks", ranks)
    for name, values in ranks.items():
        same_length({"origins": origins, name: values})
    table = np.stack(list(ranks.values()))  # (modelos, orígenes)
    if table.min() < 1 or table.max() > len(ranks):
        raise ValueError(
            f"Los puestos de {len(ranks)} modelos van de 1 a {len(ranks)}; han llegado de "
            f"{table.min():g} a {table.max():g}. ¿Son errores? Usa scipy.stats.rankdata."
        )
    ax = new_axes(ax, (9.0, 1.1 + 0.42 * len(ranks)))
    ax.imshow(table, cmap="Blues_r", aspect="auto", vmin=0.0, vmax=len(ranks) + 1.5)
    for (row, column), rank in np.ndenumerate(table):
        dark = rank <= len(ranks) / 2
        ax.text(column, row, f"{rank:.2g}", ha="center", va="center", fontsize=9,
                color="white" if dark else "black",
                weight="bold" if rank == table[:, column].min() else "normal")  # fmt: skip
    ax.set_yticks(range(len(ranks)), list(ranks))
    ax.set_xticks(range(len(origins)), origins, rotation=60, fontsize=9)
    ax.set(xlabel="origen", ylabel="modelo")
    ax.grid(False)
    set_title(ax, title)
    return ax


def plot_mean_ranks(
    ranks: Mapping[str, Mapping[str, tuple[float, float, float]]],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """El puesto medio de cada modelo y su intervalo, en un panel por serie.

    Parameters
    ----------
    ranks : mapping of str to mapping of str to (float, float, float)
        De cada serie y cada modelo, el puesto medio y los extremos de su intervalo.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Un panel por serie.

    Raises
    ------
    ValueError
        Si las series no llevan los mismos modelos.

    Examples
    --------
    >>> (ax,) = plot_mean_ranks({"CO2": {"deriva": (2.0, 1.5, 2.5)}})
    >>> ax.get_title(loc="center"), [label.get_text() for label in ax.get_yticklabels()]
    ('CO2', ['deriva'])
    """
    check_series("ranks", ranks)
    same_names("los modelos", *ranks.values())
    models = list(next(iter(ranks.values())))
    size = (9.5, 1.4 + 0.34 * len(models))
    panels = new_panels(axes, len(ranks), size, sharey=axes is None)
    for ax, (series, found) in zip(panels, ranks.items(), strict=True):
        places = as_curves(series, found)  # el puesto y los extremos de su intervalo
        middle, low, high = np.array([places[model] for model in models]).T
        rows = np.arange(len(models))
        ax.hlines(rows, low, high, color=BLUE, lw=2.2)
        ax.plot(middle, rows, "o", color=BLUE, ms=5.5)
        ax.set_title(series, fontsize=10.5)
        reach(ax, 1, len(models), axis="x")
        ax.set_xticks(range(1, len(models) + 1, 2))
        ax.set_yticks(rows, models)
        ax.set_ylim(len(models) - 0.5, -0.5)
        ax.set_xlabel("puesto")
    panels[0].set_ylabel("modelo")
    set_title(panels, title)
    return panels


def plot_measures(
    forecasts: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    unit: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Lo que vale cada medida según lo que se pronostique, y dónde es menor.

    Parameters
    ----------
    forecasts : ndarray of shape (pronósticos,)
        Los pronósticos que se prueban.
    curves : mapping of str to ndarray of shape (pronósticos,)
        El valor de cada medida, entre el menor de los suyos.
    unit : str
        Unidad del pronóstico.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna curva no trae un valor por pronóstico.

    Examples
    --------
    >>> ax = plot_measures(np.arange(3.0), {"MAE": np.array([2.0, 1.0, 2.0])}, unit="panes")
    >>> ax.texts[0].get_text(), ax.texts[0].xy[0]
    ('MAE: 1', np.float64(1.0))
    """
    forecasts = as_array("forecasts", forecasts, ndim=1, min_length=1)
    curves = as_curves("curves", curves)
    ax = new_axes(ax, (7.0, 3.5))
    for place, (name, values, style) in enumerate(styled(curves)):
        same_length({"forecasts": forecasts, name: values})
        best = forecasts[np.argmin(values)]
        ax.plot(forecasts, values, lw=2.0, **style)
        ax.axvline(best, lw=1.2, **style)
        ax.annotate(
            f"{name}: {best:.3g}", (best, 0.97 - 0.1 * place), (5, 0), color=style["color"],
            xycoords=ax.get_xaxis_transform(), textcoords="offset points", weight="bold", va="top",
        )  # fmt: skip
    ax.set(xlabel=f"lo que se pronostica ({unit})", ylabel="veces la menor")
    set_title(ax, title)
    return ax


def plot_beyond(
    dates: np.ndarray,
    values: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    *,
    limit: float,
    unit: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una serie que crece, lo más que se había visto y lo que dice de después cada modelo.

    Parameters
    ----------
    dates : ndarray of datetime64, shape (tiempo,)
        Fechas.
    values : ndarray of shape (tiempo,)
        La serie.
    forecasts : mapping of str to ndarray of shape (pasos,)
        Lo que cada modelo pronosticó de los últimos pasos.
    limit : float
        El mayor valor que se vio al entrenar.
    unit : str
        Unidad de la serie.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un valor por fecha o hay más modelos que estilos.

    Examples
    --------
    >>> dates = np.arange("2024-01-01", "2024-01-07", dtype="datetime64[D]")
    >>> ax = plot_beyond(dates, np.arange(6.0), {"GRU": np.ones(2)}, limit=3.0, unit="ppm")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['lo que pasó', 'GRU']
    """
    dates, values = as_dates("dates", dates), as_array("values", values, ndim=1, min_length=1)
    forecasts = as_curves("forecasts", forecasts)
    same_length({"dates": dates, "values": values})
    ax = new_axes(ax, (7.5, 3.5))
    ax.plot(dates, values, color="black", lw=1.1, ls="-", label="lo que pasó")
    looks = ((ORANGE, "--"), (BLUE, "-."), (GREEN, ":"))
    for name, said, (color, style) in styled(forecasts, looks):
        if len(said) > len(dates):
            raise ValueError(
                f"«{name}» trae {len(said)} pasos y la serie tiene {len(dates)}: debe traer los "
                "últimos, o menos."
            )
        ax.plot(dates[-len(said) :], said, color=color, ls=style, lw=1.8, label=name)
    ax.axhline(limit, color=GREY, ls=":", lw=1.4)
    ax.annotate("lo más que se vio al entrenar", (0.01, limit), (0, 3), color=GREY, fontsize=10,
                xycoords=ax.get_yaxis_transform(), textcoords="offset points")  # fmt: skip
    ax.set(xlabel="fecha", ylabel=unit)
    ax.legend(loc="upper left", fontsize=10)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.1 * (high - low))
    set_title(ax, title)
    return ax


def plot_forecaster(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """La red de la lección: se resta el último valor, lee una GRU, y se vuelve a sumar.

    Examples
    --------
    >>> ax = plot_forecaster()
    >>> "GRU" in [text.get_text() for text in ax.texts]
    True
    """
    ax = new_diagram(ax, 14.6, 4.2)
    row, half = 1.4, BLOCK_HEIGHT / 2
    parts = (
        (1.4, 2.4, "ventana", BLUE),
        (4.3, 1.0, "−", GREY),
        (6.8, 1.7, "GRU", GREEN),
        (9.4, 1.9, "densa", GREEN),
        (11.6, 1.0, "+", GREY),
        (13.5, 1.8, "plazo", ORANGE),
    )
    for x, width, name, color in parts:
        block(ax, (x, row), width, name, color=color)
    for (x, width, *_), (after, wide, *_) in pairwise(parts):
        wire(ax, (x + width / 2, row), (after - wide / 2, row))
    wire(ax, (1.4, row + half), (1.4, 3.3), (11.6, 3.3), (11.6, row + half), color=ORANGE)
    wire(ax, (4.3, 3.3), (4.3, row + half), color=ORANGE)
    word(ax, (8.0, 3.75), "último valor", color=ORANGE)
    word(ax, (5.4, 0.55), "cambios", color=GREY)
    word(ax, (10.6, 0.55), "cambios", color=GREY)
    set_title(ax, title)
    return ax

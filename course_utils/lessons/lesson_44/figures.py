"""Figuras de los detectores: los fallos, las puntuaciones, lo que gana el ruido y el mapa final."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    log_scale,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import block, new_diagram, symbol, wire, word
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import (
    as_curves,
    as_dates,
    as_numbers,
    check_series,
    same_length,
    same_names,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADE = "#f6d9c8"  # el fondo de un suceso
LOOKS = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"))


def plot_faults(
    excerpts: Mapping[str, np.ndarray],
    spans: Mapping[str, tuple[int, int]],
    *,
    unit: str,
    step: float = 0.5,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Un trozo de serie por panel: lo que se mide, lo que se habría medido y dónde está el fallo.

    Parameters
    ----------
    excerpts : mapping of str to ndarray of shape (2, n)
        De cada fallo, lo medido y lo limpio.
    spans : mapping of str to (int, int)
        La primera medida de cada fallo y la que sigue a la última.
    unit : str
        Unidad de la serie.
    step : float, default 0.5
        Horas entre dos medidas.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si un trozo no tiene dos filas o los nombres no coinciden.

    Examples
    --------
    >>> pair = np.array([[1.0, 9.0], [1.0, 2.0]])
    >>> axes = plot_faults({"pico": pair}, {"pico": (1, 2)}, unit="l/s")
    >>> axes[0].get_title(loc="left")
    'pico'
    """
    excerpts = as_curves("excerpts", excerpts, ndim=2)
    same_names("los fallos", excerpts, spans)
    rows = -(-len(excerpts) // 3)
    axes = new_panels(axes, len(excerpts), (7.4, 0.9 + 1.75 * rows), columns=3, sharey=True)
    for ax, (name, pair) in zip(axes, excerpts.items(), strict=True):
        if len(pair) != 2:
            raise ValueError(
                f"Se esperaban dos filas en {name!r}, lo medido y lo limpio; han llegado "
                f"{len(pair)}. Apílalas con np.stack."
            )
        hours = step * np.arange(pair.shape[1])
        start, end = spans[name]
        ax.axvspan(step * (start - 0.5), step * (end - 0.5), color=SHADE, lw=0)
        ax.plot(hours, pair[1], color=GREY, ls=":", lw=1.4)
        ax.plot(hours, pair[0], color=BLUE, ls="-", lw=1.6)
        ax.set_title(name, loc="left", fontsize=11)
        ax.set_xlabel("horas")
    for ax in axes[::3]:
        ax.set_ylabel(unit)
    set_title(axes, title)
    return axes


def plot_scores(
    values: np.ndarray,
    scores: Mapping[str, np.ndarray],
    thresholds: Mapping[str, float],
    spans: Sequence[tuple[int, int]],
    *,
    unit: str,
    per_day: int,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Una serie y, debajo, las puntuaciones que recibe cada medida, con su umbral y los sucesos.

    Parameters
    ----------
    values : ndarray of shape (n,)
        La serie.
    scores : mapping of str to ndarray of shape (n,)
        Las puntuaciones, una por panel.
    thresholds : mapping of str to float
        El umbral de cada una.
    spans : sequence of (int, int)
        La primera medida de cada suceso y la que sigue a la última.
    unit : str
        Unidad de la serie.
    per_day : int
        Medidas en un día.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Dónde dibujar: un panel más que puntuaciones.

    Raises
    ------
    ValueError
        Si no hay una puntuación por medida o falta algún umbral.

    Examples
    --------
    >>> scores, options = {"z": np.ones(4)}, {"unit": "l/s", "per_day": 2}
    >>> axes = plot_scores(np.ones(4), scores, {"z": 2.0}, [(1, 2)], **options)
    >>> [ax.get_ylabel() for ax in axes]
    ['l/s', 'z']
    """
    values, scores = as_array("values", values, ndim=1), as_curves("scores", scores)
    thresholds = as_numbers("thresholds", thresholds)
    same_names("las puntuaciones", scores, thresholds)
    same_length({"values": values} | scores)
    count = 1 + len(scores)
    axes = new_panels(axes, count, (7.4, 1.0 + 1.45 * count), columns=1, sharex=True)
    days = np.arange(len(values)) / per_day
    for ax in axes:
        for start, end in spans:
            ax.axvspan((start - 0.5) / per_day, (end - 0.5) / per_day, color=SHADE, lw=0)
    axes[0].plot(days, values, color="black", lw=1.0, ls="-")
    axes[0].set_ylabel(unit)
    for ax, (name, found) in zip(axes[1:], scores.items(), strict=True):
        ax.plot(days, found, color=BLUE, lw=1.0, ls="-")
        above = found > thresholds[name]
        ax.plot(days[above], found[above], "o", color=ORANGE, ms=3)
        ax.axhline(thresholds[name], color=GREY, ls="--", lw=1.4)
        ax.set_ylabel(name)
    axes[-1].set_xlabel("días")
    set_title(axes, title)
    return axes


def plot_noise(
    rates: np.ndarray,
    expected: np.ndarray,
    simulated: np.ndarray,
    levels: Mapping[str, float],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """La F1 ajustada de quien avisa al azar, según con qué frecuencia, y la de unos detectores.

    Parameters
    ----------
    rates : ndarray of shape (n,)
        Probabilidad de avisar en cada medida, en tanto por uno y positiva.
    expected, simulated : ndarray of shape (n,)
        La F1 que cabe esperar y la de un sorteo.
    levels : mapping of str to float
        La F1 de cada detector, cuatro como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las longitudes difieren o hay más de cuatro detectores.

    Examples
    --------
    >>> rates = np.array([0.01, 0.1])
    >>> ax = plot_noise(rates, np.array([0.5, 0.8]), np.array([0.4, 0.9]), {"z": 0.7})
    >>> [text.get_text() for text in ax.texts]
    ['azar', 'z']
    """
    rates, expected, simulated = (
        as_array(name, values, ndim=1, min_length=1)
        for name, values in (("rates", rates), ("expected", expected), ("simulated", simulated))
    )
    same_length({"rates": rates, "expected": expected, "simulated": simulated})
    levels = as_numbers("levels", levels)
    ax = new_axes(ax, (7.0, 3.4))
    percents = 100 * rates
    ax.plot(percents, expected, color="black", lw=2, ls="-")
    ax.plot(percents, simulated, "o", color="black", ms=5, mfc="white")
    ends = [End("azar", percents[-1], expected[-1], "black")]
    for name, value, (color, style, _) in styled(levels, LOOKS):
        ax.axhline(value, color=color, ls=style, lw=1.8)
        ends.append(End(name, percents[-1], value, color))
    ax.set(xlabel="alarmas al azar (% de las medidas)", ylabel="F1 con ajuste de puntos")
    log_scale(ax, percents, axis="x")
    reach(ax, 0, 1)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_detector_networks(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Las dos redes: el predictor, que dice la medida siguiente, y el autocodificador, que copia.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_detector_networks().texts if "$" not in text.get_text()]
    ['predictor', 'hora', 'autocodificador', 'GRU', 'densa', 'GRU', 'cuello', 'GRU']
    """
    ax = new_diagram(ax, 15.2, 6.2)
    top, bottom = 4.6, 1.3
    word(ax, (2.1, top + 1.15), "predictor", color=BLUE)
    word(ax, (12.4, top - 1.05), "hora", color=GREY)
    word(ax, (2.1, bottom + 1.15), "autocodificador", color=BLUE)
    symbol(ax, (1.3, top), "$x_{t-48},…,x_{t-1}$")
    block(ax, (5.6, top), 2.0, "GRU", color=BLUE)
    block(ax, (9.6, top), 2.0, "densa")
    symbol(ax, (13.0, top), r"$\hat x_t$")
    for start, end in ((3.1, 4.6), (6.6, 8.6), (10.6, 12.4)):
        wire(ax, (start, top), (end, top))
    wire(ax, (11.5, top - 1.05), (9.6, top - 1.05), (9.6, top - 0.4), color=GREY)
    symbol(ax, (1.3, bottom), "$x_{t-47},…,x_t$")
    block(ax, (5.0, bottom), 1.9, "GRU", color=BLUE)
    block(ax, (7.9, bottom), 1.9, "cuello", color=ORANGE)
    block(ax, (10.8, bottom), 1.9, "GRU", color=BLUE)
    symbol(ax, (13.8, bottom), r"$\hat x_{t-47},…,\hat x_t$")
    for start, end in ((3.0, 4.05), (5.95, 6.95), (8.85, 9.85), (11.75, 12.3)):
        wire(ax, (start, bottom), (end, bottom))
    set_title(ax, title)
    return ax


def plot_fault_map(
    areas: Mapping[str, np.ndarray],
    kinds: Sequence[str],
    *,
    side: Mapping[str, float],
    side_name: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Lo bien que cada detector señala cada clase de fallo, y a qué precio.

    En negrita y recuadrado, el mejor de cada clase, y los que se escriben igual que él.

    Parameters
    ----------
    areas : mapping of str to ndarray of shape (clases,)
        De cada detector, su área con cada clase.
    kinds : sequence of str
        Las clases.
    side : mapping of str to float
        El precio de cada detector, en una columna aparte.
    side_name : str
        Qué es ese precio.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un valor por clase o los detectores no coinciden.

    Examples
    --------
    >>> ax = plot_fault_map({"z": np.array([1.0])}, ["pico"], side={"z": 0.5}, side_name="avisos")
    >>> [text.get_text() for text in ax.texts]
    ['100', '0.5']
    """
    areas, side = as_curves("areas", areas), as_numbers("side", side)
    same_names("los detectores", areas, side)
    for name, row in areas.items():
        same_length({"kinds": kinds, f"areas[{name!r}]": row})
    ax = new_axes(ax, (7.6, 1.5 + 0.36 * len(areas)))
    table = 100 * np.array(list(areas.values()))
    shades = {"vmin": min(0, table.min()), "vmax": max(130, table.max())}  # con 130, 100 se lee
    ax.imshow(table, cmap="Blues", aspect="auto", **shades)
    best = np.round(table.max(axis=0))  # si dos se escriben igual, empatan
    for row, (name, values) in enumerate(zip(areas, table, strict=True)):
        for column, value in enumerate(values):
            look = {"color": "white" if value > 80 else "black", "ha": "center", "va": "center"}
            if np.round(value) == best[column]:
                look |= {"weight": "bold", "bbox": {"fill": False, "ec": ORANGE, "lw": 1.6}}
            ax.text(column, row, f"{value:.0f}", **look)
        ax.text(len(kinds), row, f"{side[name]:.1f}", ha="center", va="center", color=ORANGE)
    ax.set_xlim(-0.5, len(kinds) + 0.5)
    ax.set_xticks(range(len(kinds) + 1), [*kinds, side_name], rotation=35, ha="left")
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(areas)), list(areas))
    ax.set(xlabel="área de precisión y exhaustividad, de 0 a 100", ylabel="detector")
    ax.grid(visible=False)
    set_title(ax, title, pad=10)
    return ax


def plot_levels(
    levels: Sequence[str],
    runs: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    ylabel: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cómo cambia una medida al cambiar un mando: un punto por sensor y una línea por las medias.

    Parameters
    ----------
    levels : sequence of str
        Los valores del mando.
    runs : mapping of str to ndarray of shape (valores, sensores)
        Lo medido con cada uno; cuatro series como mucho.
    xlabel, ylabel : str
        Qué es el mando y qué se mide.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay una fila por valor del mando o hay más de cuatro series.

    Examples
    --------
    >>> runs = {"z": np.array([[0.5], [0.6]])}
    >>> ax = plot_levels(["1", "2"], runs, xlabel="cuello", ylabel="área")
    >>> [text.get_text() for text in ax.texts]
    ['z']
    """
    runs = as_curves("runs", runs, ndim=2)
    ax = new_axes(ax, (7.0, 3.4))
    ends, places = [], np.arange(len(levels))
    for name, values, (color, style, marker) in styled(runs, LOOKS):
        same_length({"levels": levels, f"runs[{name!r}]": values})
        ax.plot(places, values, marker, color=color, ms=4, alpha=0.5)
        ax.plot(places, values.mean(axis=1), color=color, ls=style, lw=2.2)
        ends.append(End(name, places[-1], values[-1].mean(), color))
    ax.set_xticks(places, list(levels))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    reach(ax, 0, 0)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_coastal(
    dates: np.ndarray,
    anomaly: np.ndarray,
    spans: Sequence[tuple[int, int]],
    detections: Mapping[str, np.ndarray],
    *,
    unit: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una anomalía mes a mes, los sucesos de una lista y los meses en que avisa cada detector.

    Parameters
    ----------
    dates : ndarray of datetime64, shape (meses,)
        Meses.
    anomaly : ndarray of shape (meses,)
        Lo que se aparta cada mes de lo habitual.
    spans : sequence of (int, int)
        El primer mes de cada suceso y el que sigue al último.
    detections : mapping of str to ndarray of bool, shape (meses,)
        En qué meses avisa cada detector, cuatro como mucho.
    unit : str
        Unidad de la anomalía.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si algo no trae un valor por mes o hay más detectores que símbolos.

    Examples
    --------
    >>> dates = np.arange("1950-01", "1950-05", dtype="datetime64[M]")
    >>> calls = {"z": np.array([False, True, False, False])}
    >>> ax = plot_coastal(dates, np.zeros(4), [(1, 3)], calls, unit="°C")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['z']
    """
    dates, anomaly = as_dates("dates", dates), as_array("anomaly", anomaly, ndim=1)
    check_series("detections", detections)
    detections = {name: np.asarray(calls, bool) for name, calls in detections.items()}
    same_length({"dates": dates, "anomaly": anomaly} | detections)
    ax = new_axes(ax, (7.6, 3.4))
    for start, end in spans:
        ax.axvspan(dates[start], dates[end - 1] + 1, color=SHADE, lw=0)
    ax.plot(dates, anomaly, color="black", lw=0.9, ls="-")
    height = max(np.ptp(anomaly), 1e-12) * 0.07
    for row, (name, calls, (color, _, marker)) in enumerate(styled(detections, LOOKS)):
        y = anomaly.max() + (row + 1) * height
        ax.plot(dates[calls], np.full(calls.sum(), y), marker, color=color, ms=5, label=name, ls="")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False)
    ax.set(xlabel="año", ylabel=f"anomalía ({unit})")
    set_title(ax, title)
    return ax

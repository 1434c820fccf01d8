"""Figuras de la lección 00: el mapa del curso y lo que vale el orden."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.course_map import MODULES, MapEntry
from course_utils.plotting.canvas import (
    BLUE,
    GREY,
    ORANGE,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import arrow, box
from course_utils.plotting.series import as_curves, check_names
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_course_map(
    entries: Sequence[MapEntry], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Mapa del curso: una fila por módulo y, en cada casilla, en qué se apoya la lección.

    Parameters
    ----------
    entries : sequence of MapEntry
        Las lecciones. Las flechas unen las de un módulo; «tras» nombra las de otros. Las que no
        tienen duración se dibujan en gris.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay ninguna lección o alguna se apoya en otra que no está.

    Examples
    --------
    >>> from course_utils.course_map import COURSE
    >>> len(plot_course_map(COURSE).patches) >= len(COURSE)
    True
    """
    if not entries:
        raise ValueError("plot_course_map espera al menos una lección; ha llegado una lista vacía.")
    places = {entry.number: _place(entry) for entry in entries}
    check_names("las lecciones", (needed for entry in entries for needed in entry.needs), places)
    ax = new_axes(ax, (8.4, 6.4))
    for entry in entries:
        x, y = places[entry.number]
        available = entry.minutes is not None
        color, edge = (BLUE, BLUE) if available else ("#f2f2f2", "#bdbdbd")
        rounded = "round,pad=0.02,rounding_size=0.08"
        box(ax, (x, y), (0.84, 0.62), color, edge=edge, boxstyle=rounded, zorder=3)
        ink = "white" if available else GREY
        ax.text(x, y, _label(entry), ha="center", va="center", fontsize=7.5, color=ink, zorder=4)
        for needed in entry.needs:
            if places[needed][1] == y:
                _connect(ax, places[needed], (x, y))
    for module in sorted({entry.module for entry in entries}):
        ax.text(
            0.35, -module, f"{module} · {MODULES[module]}", ha="right", va="center", weight="bold"
        )
    ax.set(xlim=(-1.35, max(max(x for x, _ in places.values()) + 0.5, 6.5)))
    ax.set(ylim=(-max(e.module for e in entries) - 0.5, 0.5))
    ax.axis("off")
    set_title(ax, title)
    return ax


def _place(entry: MapEntry) -> tuple[float, float]:
    """Centro de la casilla de una lección."""
    return max(1, int(entry.number[1])), -entry.module


def _label(entry: MapEntry) -> str:
    """Número, título, de qué otros módulos depende y cuánto dura."""
    earlier = [number for number in entry.needs if int(number[0]) != entry.module]
    lines = [entry.number, *textwrap.wrap(entry.title, 16)]
    if earlier:
        lines.append(f"tras {', '.join(earlier)}")
    if entry.minutes is not None:
        lines.append(f"{entry.minutes} min")
    return "\n".join(lines)


def _connect(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Flecha entre dos casillas de la misma fila: recta si son vecinas, por encima si no."""
    if end[0] - start[0] > 1:
        tail, head, bend = (start[0] + 0.2, start[1] + 0.33), (end[0], end[1] + 0.33), -0.2
    else:
        tail, head, bend = (start[0] + 0.44, start[1]), (end[0] - 0.44, end[1]), 0.0
    arrow(ax, tail, head, "#808080", bend=bend, zorder=1)


def plot_order_matters(
    ordered: np.ndarray,
    shuffled: np.ndarray,
    errors: Mapping[str, tuple[float, float]],
    *,
    unit: str,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Los mismos valores en orden y barajados, y lo que cuesta pronosticarlos.

    Parameters
    ----------
    ordered, shuffled : ndarray of shape (tiempo,)
        La serie y la misma barajada.
    errors : mapping of str to (float, float)
        De cada modelo, su error en orden y barajado.
    unit : str
        Unidad de la serie.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Tres paneles: la serie en orden, barajada y los errores.

    Raises
    ------
    ValueError
        Si los paneles no son tres o algún modelo no trae dos errores.

    Examples
    --------
    >>> axes = plot_order_matters(np.arange(4.0), np.zeros(4), {"lineal": (1.0, 2.0)}, unit="°C")
    >>> axes[2].get_xlabel()
    'error medio (°C)'
    """
    import matplotlib.pyplot as plt

    series = {
        "En orden": (as_array("ordered", ordered, ndim=1, min_length=1), BLUE),
        "De la serie barajada": (as_array("shuffled", shuffled, ndim=1, min_length=1), ORANGE),
    }
    pairs = as_curves("errors", errors)
    if any(len(pair) != 2 for pair in pairs.values()):
        raise ValueError("Se esperaban dos errores por modelo: con la serie en orden y barajada.")
    if axes is None:
        layout = [["ordered", "errors"], ["shuffled", "errors"]]
        _, grid = plt.subplot_mosaic(layout, figsize=(7.6, 3.6), width_ratios=(1.5, 1))
        axes = [grid[name] for name in ("ordered", "shuffled", "errors")]
    top, bottom, bars = axes = new_panels(axes, 3, (7.6, 3.6))
    for ax, (name, (values, color)) in zip((top, bottom), series.items(), strict=True):
        ax.plot(values, lw=0.8, ls="-", color=color)
        ax.set_title(name, fontsize=11, loc="left")
        ax.set_ylabel(unit)
        reach(ax, 0, 0)
    reach(bottom, *top.get_ylim())
    reach(top, *bottom.get_ylim())
    bottom.set_xlabel("meses")
    _draw_pairs(bars, pairs)
    bars.set_xlabel(f"error medio ({unit})")
    set_title(axes, title)
    return axes


def _draw_pairs(ax: Axes, pairs: Mapping[str, np.ndarray]) -> None:
    """Dos barras por modelo, en orden y barajada, con su valor."""
    places = np.arange(len(pairs))
    for side, (color, hatch) in enumerate(((BLUE, ""), (ORANGE, "///"))):
        values = [pair[side] for pair in pairs.values()]
        ax.barh(places + 0.4 * side - 0.2, values, 0.36, color=color, hatch=hatch, ec="white")
        for place, value in zip(places, values, strict=True):
            ax.text(value, place + 0.4 * side - 0.2, f" {value:.0f}", va="center", fontsize=10)
    ax.set_yticks(places, list(pairs))
    ax.set_ylim(len(pairs) - 0.5, -0.5)
    ax.margins(x=0.2)
    ax.grid(axis="y", visible=False)

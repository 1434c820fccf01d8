"""Figuras de la lección 00: el mapa del curso y lo que vale el orden."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.course_map import MODULES, MapEntry
from course_utils.plotting.canvas import BLUE, GREY, ORANGE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_course_map(entries: Sequence[MapEntry], *, ax: Axes | None = None) -> Axes:
    """Mapa del curso: una fila por módulo y, en cada casilla, en qué se apoya la lección.

    Parameters
    ----------
    entries : sequence of MapEntry
        Las lecciones. Las flechas unen las de un módulo; «tras» nombra las de otros. Las que no
        tienen duración se dibujan en gris.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> from course_utils.course_map import COURSE
    >>> len(plot_course_map(COURSE).patches) >= len(COURSE)
    True
    """
    from matplotlib.patches import FancyBboxPatch

    ax = new_axes(ax, (8.4, 6.4))
    places = {entry.number: _place(entry) for entry in entries}
    for entry in entries:
        x, y = places[entry.number]
        available = entry.minutes is not None
        box = FancyBboxPatch(
            (x - 0.42, y - 0.31),
            0.84,
            0.62,
            boxstyle="round,pad=0.02,rounding_size=0.08",
            facecolor=BLUE if available else "#f2f2f2",
            edgecolor=BLUE if available else "#bdbdbd",
            zorder=3,
        )
        ax.add_patch(box)
        ink = "white" if available else GREY
        ax.text(x, y, _label(entry), ha="center", va="center", fontsize=7.5, color=ink, zorder=4)
        for needed in entry.needs:
            if places[needed][1] == y:
                _connect(ax, places[needed], (x, y))
    for module in sorted({entry.module for entry in entries}):
        ax.text(
            0.35, -module, f"{module} · {MODULES[module]}", ha="right", va="center", weight="bold"
        )
    ax.set(xlim=(-1.35, 6.5), ylim=(-max(e.module for e in entries) - 0.5, 0.5))
    ax.axis("off")
    ax.set_title("En azul, las lecciones que ya puedes seguir; en gris, en preparación", loc="left")
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
        tail, head, curve = (start[0] + 0.2, start[1] + 0.33), (end[0], end[1] + 0.33), -0.2
    else:
        tail, head, curve = (start[0] + 0.44, start[1]), (end[0] - 0.44, end[1]), 0.0
    style = {"arrowstyle": "-|>", "color": "#808080", "lw": 1.0}
    style["connectionstyle"] = f"arc3,rad={curve}"
    ax.annotate("", head, tail, arrowprops=style, zorder=1)


def plot_order_matters(
    ordered: np.ndarray,
    shuffled: np.ndarray,
    errors: Mapping[str, tuple[float, float]],
    *,
    unit: str,
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

    Examples
    --------
    >>> axes = plot_order_matters(np.arange(4.0), np.zeros(4), {"lineal": (1.0, 2.0)}, unit="°C")
    >>> axes[2].get_xlabel()
    'error medio (°C)'
    """
    import matplotlib.pyplot as plt

    ordered = as_array("ordered", ordered, ndim=1)
    shuffled = as_array("shuffled", shuffled, ndim=1)
    layout = [["ordered", "errors"], ["shuffled", "errors"]]
    _, axes = plt.subplot_mosaic(layout, figsize=(7.6, 3.6), width_ratios=(1.5, 1))
    for name, values, title, color in (
        ("ordered", ordered, "En orden", BLUE),
        ("shuffled", shuffled, "De la serie barajada", ORANGE),
    ):
        axes[name].plot(values, lw=0.8, ls="-", color=color)
        axes[name].set_title(title, fontsize=11, loc="left")
        axes[name].set_ylabel(unit)
        axes[name].set_ylim(0, 1.05 * max(ordered.max(), shuffled.max()))
    axes["shuffled"].set_xlabel("meses")
    bars = axes["errors"]
    places = np.arange(len(errors))
    for side, (color, hatch) in enumerate(((BLUE, ""), (ORANGE, "///"))):
        values = [pair[side] for pair in errors.values()]
        bars.barh(places + 0.4 * side - 0.2, values, 0.36, color=color, hatch=hatch, ec="white")
        for place, value in zip(places, values, strict=True):
            bars.text(value, place + 0.4 * side - 0.2, f" {value:.0f}", va="center", fontsize=10)
    bars.set_yticks(places, list(errors))
    bars.set(ylim=(len(errors) - 0.5, -0.5), xlim=(0, 1.2 * max(map(max, errors.values()))))
    bars.set_xlabel(f"error medio ({unit})")
    bars.grid(axis="y", visible=False)
    return [axes["ordered"], axes["shuffled"], bars]

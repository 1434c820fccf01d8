"""Piezas de los diagramas: cajas y flechas."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]


def arrow(
    ax: Axes, start: Point, end: Point, color: str, *, bend: float = 0.0, **style: object
) -> None:
    """Una flecha entre dos puntos, recta o curvada.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (2, 2))
    >>> arrow(ax, (0, 0), (1, 1), "black")
    >>> ax.texts[0].xy
    (1, 1)
    """
    look = {"arrowstyle": "-|>", "color": color, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    look["connectionstyle"] = f"arc3,rad={bend}"
    ax.annotate("", end, start, arrowprops=look, **style)


def box(
    ax: Axes, center: Point, size: Point, color: str, *, edge: str = "none", **style: object
) -> None:
    """Una caja de esquinas redondas con el centro y el tamaño (ancho, alto) dados.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (2, 2))
    >>> box(ax, (1, 1), (0.5, 0.4), "black")
    >>> len(ax.patches)
    1
    """
    from matplotlib.patches import FancyBboxPatch

    corner = (center[0] - size[0] / 2, center[1] - size[1] / 2)
    look = {"boxstyle": "round,pad=0.03", "facecolor": color, "edgecolor": edge} | style
    ax.add_patch(FancyBboxPatch(corner, *size, **look))


def hide_frame(ax: Axes) -> None:
    """Quita el marco y la cuadrícula, y deja los rótulos de los ejes."""
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)

"""Nombres junto a lo que nombran, en lugar de una leyenda: curvas, líneas de referencia y filas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.plotting.canvas import GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_HEIGHT = 14  # puntos entre dos rótulos


class End(NamedTuple):
    """Dónde acaba una curva, cómo se llama y de qué color es."""

    label: str
    x: float
    y: float
    color: str


def label_ends(ax: Axes, ends: Sequence[End], *, side: str = "right", **style: object) -> None:
    """Escribe el nombre de cada curva junto a su extremo; aparta los que se pisarían.

    Se llama con todo dibujado y las escalas puestas: de ellas salen las alturas.

    Parameters
    ----------
    ax : Axes
        Los ejes.
    ends : sequence of End
        Los extremos de las curvas.
    side : {"right", "left"}
        A qué lado del extremo se escribe.
    **style
        Lo que cambia del aspecto, como en ``ax.annotate``.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (3, 2))
    >>> label_ends(ax, [End("GRU", 1, 0.5, "black"), End("LSTM", 1, 0.5, "grey")])
    >>> [text.get_text() for text in ax.texts]
    ['GRU', 'LSTM']
    """
    from matplotlib.patheffects import withStroke

    ax.autoscale_view()
    points_per_pixel = 72 / ax.figure.dpi
    heights = [ax.transData.transform((end.x, end.y))[1] * points_per_pixel for end in ends]
    bottom, top = ax.bbox.y0 * points_per_pixel + LINE_HEIGHT / 2, ax.bbox.y1 * points_per_pixel
    shift, align = (6, "left") if side == "right" else (-6, "right")
    style = {"weight": "bold", "va": "center", "ha": align, "annotation_clip": False} | style
    style["path_effects"] = [withStroke(linewidth=3, foreground="white")]  # se lee sobre una curva
    for end, height, place in zip(
        ends, heights, spread(heights, LINE_HEIGHT, bottom, top), strict=True
    ):
        ax.annotate(
            end.label, (end.x, end.y), (shift, place - height), textcoords="offset points",
            color=end.color, **style,
        )  # fmt: skip


def level(
    ax: Axes,
    y: float,
    name: str,
    *,
    color: str = GREY,
    side: str = "left",
    below: bool = False,
    **style: object,
) -> None:
    """Una línea horizontal de referencia con su nombre encima, o debajo, pegado a un lado.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (3, 2))
    >>> level(ax, 0.5, "al azar")
    >>> ax.texts[0].get_text(), ax.lines[0].get_ydata()[0]
    ('al azar', 0.5)
    """
    ax.axhline(y, **{"color": color, "ls": ":", "lw": 1.6} | style)
    ax.annotate(
        name, (0.01 if side == "left" else 0.99, y), (0, -3 if below else 2), color=color,
        xycoords=ax.get_yaxis_transform(), textcoords="offset points", weight="bold", ha=side,
        va="top" if below else "bottom",
    )  # fmt: skip


def draw_rows(
    ax: Axes,
    rows: Mapping[str, np.ndarray],
    looks: Iterable[tuple[str, str]],
    *,
    labels: Sequence[str] | None = None,
) -> None:
    """Una fila por nombre, la primera arriba, con un punto por valor.

    Parameters
    ----------
    ax : Axes
        Los ejes.
    rows : mapping of str to ndarray of shape (valores,)
        Los valores de cada fila.
    looks : iterable of (str, str)
        Color y símbolo de cada fila.
    labels : sequence of str, optional
        Los rótulos de las filas, si no son sus nombres.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (3, 2))
    >>> draw_rows(ax, {"GRU": np.array([1.0, 2.0])}, [("black", "o")])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['GRU']
    """
    for row, (values, (color, marker)) in enumerate(zip(rows.values(), looks, strict=True)):
        ax.plot(values, np.full(len(values), row), marker, color=color, ms=7, alpha=0.6, mew=0)
    ax.set_yticks(range(len(rows)), list(rows) if labels is None else labels)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)


def spread(
    heights: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf
) -> list[float]:
    """Alturas separadas al menos ``gap``, en el mismo orden y, si caben, entre ``low`` y ``high``.

    Examples
    --------
    >>> spread([5.0, 1.0, 5.0], 2)
    [5.0, 1.0, 7.0]
    >>> spread([5.0, 1.0, 5.0], 2, high=6)
    [4.0, 1.0, 6.0]
    """
    order = np.argsort(heights, kind="stable")
    placed = np.array(heights, dtype=float)
    floor = low
    for place in order:
        floor = placed[place] = max(placed[place], floor)
        floor += gap
    ceiling = high
    for place in order[::-1]:
        ceiling = placed[place] = min(placed[place], ceiling)
        ceiling -= gap
    return placed.tolist()

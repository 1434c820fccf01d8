"""Qué acierta cada red, y dónde: un punto por red y su media."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, ORANGE, new_axes, reach, set_title
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import as_curves, same_length, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", ":"))


def plot_accuracy(
    places: Sequence[str],
    curves: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    live: np.ndarray | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Acierto en cada lugar: una línea por clase de red, con la media, y un punto por red.

    Parameters
    ----------
    places : sequence of str
        Los lugares, en orden.
    curves : mapping of str to ndarray of shape (redes, lugares)
        Acierto de cada red, de 0 a 1; tres clases como mucho.
    xlabel : str
        Qué son los lugares.
    live : ndarray of shape (lugares,), optional
        Acierto de la red que se acaba de entrenar.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un valor por lugar o hay más de tres clases.

    Examples
    --------
    >>> ax = plot_accuracy(["3", "4"], {"64": np.array([[1.0, 0.8]])}, xlabel="cifras")
    >>> [text.get_text() for text in ax.texts], ax.lines[0].get_ydata().tolist()
    (['64'], [1.0, 0.8])
    """
    curves = as_curves("curves", curves, ndim=2)
    live = None if live is None else as_array("live", live, ndim=1)
    rows = {name: values[0] for name, values in curves.items()}
    same_length({"places": places} | rows | ({} if live is None else {"live": live}))
    ax = new_axes(ax, (7.0, 3.4))
    x, ends = np.arange(len(places)), []
    for name, values, (color, marker, line) in styled(curves, LOOKS):
        mean = values.mean(axis=0)
        ax.plot(x, mean, color=color, ls=line, lw=2.2)
        ax.plot(
            np.tile(x, len(values)), values.ravel(), marker, color=color, ms=5, alpha=0.5, mew=0
        )
        ends.append(End(name, x[-1], mean[-1], color))
    if live is not None:
        ax.plot(x, live, "*", color="black", ms=11)
        ends.append(End("hoy", x[-1], live[-1], "black"))
    ax.set_xticks(x, places)
    ax.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    ax.set(xlabel=xlabel, ylabel="parte acertada")
    reach(ax, 0, 1.12)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_networks(
    groups: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una fila por grupo con un punto por red; la primera es con la que se compara.

    Parameters
    ----------
    groups : mapping of str to ndarray of shape (redes,)
        Lo que acierta cada red, de 0 a 1.
    xlabel : str
        Qué se acierta.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_networks({"normal": np.array([0.5, 0.6])}, xlabel="aciertos")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['normal']
    """
    groups = as_curves("groups", groups)
    ax = new_axes(ax, (6.8, 0.9 + 0.42 * len(groups)))
    draw_rows(ax, groups, [(BLUE, "o")] + [(ORANGE, "s")] * (len(groups) - 1))
    for row, values in enumerate(groups.values()):
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color="black", ls="-", lw=2)
    ax.set_xlabel(f"{xlabel}: un punto por red y su media")
    reach(ax, 0, 1, axis="x")
    set_title(ax, title)
    return ax

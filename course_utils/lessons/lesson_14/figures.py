"""Figuras de la lección 14: hasta dónde se aprende y por dónde pasa el gradiente."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    ORANGE,
    log_scale,
    new_axes,
    reach,
    set_title,
)
from course_utils.plotting.labels import level
from course_utils.plotting.series import check_series, same_length
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GUESS = 0.5  # lo que se acierta tirando una moneda


def plot_accuracy_by_distance(
    distances: Sequence[int],
    accuracies: np.ndarray,
    *,
    reference: tuple[str, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Acierto de varias redes según a cuántos pasos está lo que hay que recordar.

    Parameters
    ----------
    distances : sequence of int
        Distancias, en orden.
    accuracies : ndarray of shape (distancias, redes)
        Acierto de cada red entrenada, entre 0 y 1.
    reference : (str, float), optional
        Nombre y acierto de algo que no depende de la distancia.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay una fila por distancia.

    Examples
    --------
    >>> ax = plot_accuracy_by_distance([2, 40], np.array([[1.0, 1.0], [0.5, 0.6]]))
    >>> ax.get_xlabel()
    'pasos entre la marca y la pregunta'
    """
    from matplotlib.ticker import MultipleLocator

    distances = as_array("distances", distances, ndim=1)
    accuracies = as_array("accuracies", accuracies, ndim=2, min_length=1)
    same_length({"distances": distances, "accuracies": accuracies})
    ax = new_axes(ax, (6.8, 3.1))
    places = np.arange(len(distances))
    ax.plot(places, 100 * accuracies, "o", color=BLUE, ms=6, alpha=0.45, mew=0)
    ax.plot(places, 100 * accuracies.mean(axis=1), color=BLUE, lw=2.2, ls="-")
    ax.text(places[0], 100 * accuracies[0].mean() - 4, "red entrenada", color=BLUE,
            weight="bold", va="top")  # fmt: skip
    if reference is not None:
        name, value = reference
        level(ax, 100 * value, name, color=ORANGE, ls="--", side="right")
    level(ax, 100 * GUESS, "al azar")
    ax.set_xticks(places, [str(distance) for distance in distances])
    ax.set(xlabel="pasos entre la marca y la pregunta", ylabel="acierto (%)")
    ax.yaxis.set_major_locator(MultipleLocator(25))
    reach(ax, 35, 112)
    set_title(ax, title)
    return ax


def plot_transient(ratios: np.ndarray, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Norma de las potencias de una matriz, dividida entre las de su radio espectral.

    Parameters
    ----------
    ratios : ndarray of shape (matrices, distancias)
        Norma de la potencia k entre el radio elevado a k; en una matriz ortogonal vale siempre 1.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> plot_transient(np.array([[1.0, 1.7, 2.0]])).get_ylabel()
    'norma / radio$^k$'
    """
    ratios = as_array("ratios", ratios, ndim=2, min_length=1)
    ax = new_axes(ax, (6.8, 3.0))
    ax.plot(ratios.T, lw=1.8)
    level(ax, 1, "matriz ortogonal", color="black", side="right", below=True)
    ax.set(xlabel="distancia $k$ (pasos hacia atrás)", ylabel="norma / radio$^k$")
    reach(ax, 0, 1)
    set_title(ax, title)
    return ax


def plot_starts(
    starts: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Por cuántas direcciones llega el gradiente a la marca en cada red, y si después aprendió.

    Parameters
    ----------
    starts : mapping of str to (ndarray of shape (redes, direcciones), ndarray of shape (redes,))
        De cada manera de sortear los pesos, lo que estira el jacobiano en cada dirección y si la
        red aprendió.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no se sabe de alguna red si aprendió.

    Examples
    --------
    >>> stretches, learned = np.array([[1.0, 0.9, 0.8], [0.9, 0.5, 0.1]]), np.array([True, False])
    >>> ax = plot_starts({"ortogonal": (stretches, learned)})
    >>> ax.texts[0].get_text()
    'ortogonal: aprenden 1 de 2 (rellenos)'
    """
    check_series("starts", starts)
    rows = sum(len(learned) for _, learned in starts.values())
    ax = new_axes(ax, (6.8, 1.0 + 0.15 * rows + 0.25 * len(starts)))
    row, drawn = 0.0, []
    for name, (stretches, learned) in starts.items():
        stretches = as_array(f"starts[{name!r}]", stretches, ndim=2, min_length=1)
        same_length({"redes": stretches, "aprendió": learned})
        label = f"{name}: aprenden {np.count_nonzero(learned)} de {len(learned)} (rellenos)"
        ax.text(0.01, row, label, weight="bold", va="center", transform=ax.get_yaxis_transform())
        for values, success in zip(stretches, learned, strict=True):
            row += 1
            ends = np.array([np.median(values), values.max()])
            drawn.append(ends)
            _draw_start(ax, row, ends, success)
        row += 1.6
    log_scale(ax, *drawn, axis="x")
    ax.set(ylim=(row - 1, -0.8), yticks=[])
    ax.set_xlabel("lo que estira: dirección mediana (barra) y mejor dirección (círculo)")
    set_title(ax, title)
    return ax


def _draw_start(ax: Axes, row: float, ends: np.ndarray, success: bool) -> None:
    """De la dirección mediana a la mejor; relleno, si la red aprendió."""
    color, style = (BLUE, "-") if success else (ORANGE, ":")
    ax.plot(ends, [row, row], color=color, lw=1.6, ls=style)
    face = color if success else "white"
    ax.plot(ends[1:], [row], "o", mfc=face, mec=color, ms=7, mew=1.8, ls="none")
    ax.plot(ends[:1], [row], "|", color=color, ms=8, mew=2, ls="none")

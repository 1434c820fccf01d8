"""Figuras de redes recurrentes: desplegadas, sus repartos y sus estados en el tiempo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    log_scale,
    new_axes,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import arrow, box, hide_frame, wire
from course_utils.plotting.labels import End, label_ends, level
from course_utils.plotting.series import as_curves, same_length, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_unrolled(
    text: Sequence[str], states: np.ndarray, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Red desplegada: una columna por paso, con el valor de cada unidad del estado.

    Parameters
    ----------
    text : sequence of str
        Lo que entra en cada paso.
    states : ndarray of shape (tiempo, oculto)
        Estados; el color llega a -1 y 1, o más si hace falta.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un estado por paso.

    Examples
    --------
    >>> ax = plot_unrolled("hola", np.zeros((4, 3)))
    >>> ax.get_ylabel()
    'unidad del estado'
    """
    states = as_array("states", states, ndim=2, min_length=1)
    same_length({"text": text, "states": states})
    timesteps, hidden_size = states.shape
    limit = max(1, np.abs(states).max())
    ax = new_axes(ax, (7.6, 3.2))
    image = ax.imshow(
        states.T,
        cmap="RdBu",
        vmin=-limit,
        vmax=limit,
        extent=(0, timesteps, 0, hidden_size),
        origin="lower",
        aspect="auto",
    )
    # Cada columna se separa de la siguiente para que se vea la flecha que lleva el estado.
    for t in range(timesteps):
        ax.axvspan(t + 0.72, t + 1, color="white", zorder=2)
        if t < timesteps - 1:
            arrow(ax, (t + 0.73, hidden_size / 2), (t + 1.0, hidden_size / 2), "black")
            if t == 0:
                ax.text(0.86, hidden_size / 2 + 0.3, "$W_h$", ha="center", fontsize=11)
        arrow(ax, (t + 0.36, -0.75), (t + 0.36, -0.05), GREY)
        shown = "␣" if text[t] == " " else text[t]
        ax.text(t + 0.36, -0.85, shown, ha="center", va="top", fontsize=13, family="monospace")
    ax.text(0.45, -0.42, "$W_x$", va="center", fontsize=11, color=GREY)
    ax.set(xlim=(0, timesteps - 0.25), ylim=(-2.1, hidden_size), xticks=[])
    ax.set_yticks(np.arange(hidden_size) + 0.5, [str(unit + 1) for unit in range(hidden_size)])
    ax.set_ylabel("unidad del estado")
    ax.set_xlabel("entrada de cada paso temporal →")
    hide_frame(ax)
    set_title(ax, title)
    ax.figure.colorbar(image, ax=ax, label="valor", shrink=0.8, ticks=[-limit, 0, limit])
    return ax


def plot_iterates(
    paths: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Valor de una unidad que se aplica a sí misma, con varias activaciones.

    Parameters
    ----------
    paths : mapping of str to ndarray of shape (pasos + 1,)
        Los valores de cada activación, desde el inicial.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más activaciones que estilos.

    Examples
    --------
    >>> plot_iterates({"tanh": np.array([0.1, 0.2, 0.3])}).get_yscale()
    'log'
    """
    paths = as_curves("paths", paths)
    ax = new_axes(ax, (6.4, 3.0))
    ends = []
    for name, values, look in styled(paths):
        ax.plot(values, lw=2.2, **look)
        label = f"{name}: {values[-1]:.3g}"
        ends.append(End(label, len(values) - 1, values[-1], look["color"]))
    log_scale(ax, *paths.values())
    ax.set(xlabel="paso temporal", ylabel="estado (escala logarítmica)")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_io_patterns(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Los cuatro repartos de entradas y salidas de una red recurrente.

    Cuando la red escribe, un cable discontinuo lleva cada salida a la entrada del paso siguiente,
    que se dibuja sin rellenar porque no viene de fuera.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_io_patterns()
    >>> sum(patch.get_linestyle() == "--" for patch in ax.patches)
    3
    """
    patterns = (
        ("De uno a muchos", "imagen → descripción", (1, 0, 0), (1, 1, 1)),
        ("De muchos a uno", "reseña → opinión", (1, 1, 1), (0, 0, 1)),
        ("De muchos a muchos,\npaso a paso", "palabra → categoría", (1, 1, 1), (1, 1, 1)),
        ("De muchos a muchos,\nleer y después escribir", "frase → traducción",
         (1, 1, 0, 0), (0, 0, 1, 1)),
    )  # fmt: skip
    ax = new_axes(ax, (8.6, 3.3))
    left = 0.0
    for name, task, inputs, outputs in patterns:
        middle = left + (len(inputs) - 1) / 2
        ax.text(middle, 3.15, name, ha="center", va="bottom", weight="bold", fontsize=10)
        ax.text(middle, -0.75, task, ha="center", va="top", fontsize=10, color=GREY)
        for t, (has_input, has_output) in enumerate(zip(inputs, outputs, strict=True)):
            x = left + t
            is_fed = not has_input and t > 0 and outputs[t - 1]  # con la salida anterior
            boxes = [(1.2, GREEN)] + [(0.0, BLUE)] * has_input + [(2.4, ORANGE)] * has_output
            for y, color in boxes:
                box(ax, (x, y), (0.5, 0.44), color)
            if is_fed:
                box(ax, (x, 0.0), (0.5, 0.44), "white", edge=BLUE)
                corners = (x - 0.72, 2.4), (x - 0.5, 2.4), (x - 0.5, 0.0)
                wire(ax, *corners, color=ORANGE, ls="--", head=False)
                wire(ax, (x - 0.5, 0.0), (x - 0.28, 0.0), color=ORANGE)
            if has_input or is_fed:
                arrow(ax, (x, 0.27), (x, 0.93), GREY)
            if has_output:
                arrow(ax, (x, 1.47), (x, 2.13), GREY)
            if t:
                arrow(ax, (x - 0.7, 1.2), (x - 0.3, 1.2), GREY)
        left += len(inputs) + 0.9
    for y, name, color in ((0, "entrada", BLUE), (1.2, "estado", GREEN), (2.4, "salida", ORANGE)):
        ax.text(-0.6, y, name, ha="right", va="center", color=color, weight="bold")
    ax.set(xlim=(-1.7, left - 0.9), ylim=(-1.2, 4.1), aspect="equal")
    ax.axis("off")
    set_title(ax, title)
    return ax


def plot_latch(
    inputs: np.ndarray, states: np.ndarray, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Entrada y estado de una unidad que recuerda si ha llegado una marca.

    Parameters
    ----------
    inputs, states : ndarray of shape (tiempo,)
        Lo que entra y lo que la unidad recuerda.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no miden lo mismo.

    Examples
    --------
    >>> plot_latch(np.zeros(5), np.zeros(5), title="Sin marcas").get_xlabel()
    'paso temporal'
    """
    inputs = as_array("inputs", inputs, ndim=1, min_length=1)
    states = as_array("states", states, ndim=1)
    same_length({"inputs": inputs, "states": states})
    ax = new_axes(ax, (6.8, 3.0))
    ax.plot(inputs, color=GREY, lw=1.2, ls="-")
    ax.plot(states, color=ORANGE, lw=2.4, ls="-")
    level(ax, 0.5, "umbral", color="black", lw=0.8)
    ax.set(xlabel="paso temporal", ylabel="valor")
    reach(ax, -1.5, 1.5)
    last = len(states) - 1
    ends = [End("estado", last, states[-1], ORANGE), End("entrada", last, inputs[-1], GREY)]
    label_ends(ax, ends)
    set_title(ax, title)
    return ax

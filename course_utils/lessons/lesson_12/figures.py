"""Figuras de redes recurrentes: desplegadas, sus repartos y sus estados en el tiempo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, GREY, ORANGE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    style = {"arrowstyle": "-|>", "color": color, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)


def plot_unrolled(text: Sequence[str], states: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Red desplegada: una columna por paso, con el valor de cada unidad del estado.

    Parameters
    ----------
    text : sequence of str
        Lo que entra en cada paso.
    states : ndarray of shape (tiempo, oculto)
        Estados, entre -1 y 1.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un estado por paso.

    Examples
    --------
    >>> ax = plot_unrolled("hola", np.zeros((4, 3)))
    >>> ax.get_title(loc="left")
    'La misma red en cada paso; el estado pasa de uno a otro'
    """
    states = as_array("states", states, ndim=2)
    if len(text) != len(states):
        raise ValueError(
            f"Se esperaba un estado por paso: hay {len(text)} pasos y {len(states)} estados. "
            "Pasa los estados de una sola secuencia."
        )
    timesteps, hidden_size = states.shape
    ax = new_axes(ax, (7.6, 3.2))
    image = ax.imshow(
        states.T,
        cmap="RdBu",
        vmin=-1,
        vmax=1,
        extent=(0, timesteps, 0, hidden_size),
        origin="lower",
        aspect="auto",
    )
    # Cada columna se separa de la siguiente para que se vea la flecha que lleva el estado.
    for t in range(timesteps):
        ax.axvspan(t + 0.72, t + 1, color="white", zorder=2)
        if t < timesteps - 1:
            _arrow(ax, (t + 0.73, hidden_size / 2), (t + 1.0, hidden_size / 2), "black")
            if t == 0:
                ax.text(0.86, hidden_size / 2 + 0.3, "$W_h$", ha="center", fontsize=11)
        _arrow(ax, (t + 0.36, -0.75), (t + 0.36, -0.05), GREY)
        shown = "␣" if text[t] == " " else text[t]
        ax.text(t + 0.36, -0.85, shown, ha="center", va="top", fontsize=13, family="monospace")
    ax.text(0.45, -0.42, "$W_x$", va="center", fontsize=11, color=GREY)
    ax.set(xlim=(0, timesteps - 0.25), ylim=(-2.1, hidden_size), xticks=[])
    ax.set_yticks(np.arange(hidden_size) + 0.5, [str(unit + 1) for unit in range(hidden_size)])
    ax.set_ylabel("unidad del estado")
    ax.set_xlabel("entrada de cada paso temporal →")
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title("La misma red en cada paso; el estado pasa de uno a otro", loc="left")
    ax.figure.colorbar(image, ax=ax, label="valor", shrink=0.8, ticks=[-1, 0, 1])
    return ax


def plot_iterates(paths: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Valor de una unidad que se aplica a sí misma, con varias activaciones.

    Parameters
    ----------
    paths : mapping of str to ndarray of shape (pasos + 1,)
        Los valores de cada activación, positivos, desde el inicial.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> plot_iterates({"tanh": np.array([0.1, 0.2, 0.3])}).get_yscale()
    'log'
    """
    ax = new_axes(ax, (6.4, 3.0))
    for name, values in paths.items():
        (line,) = ax.plot(values, lw=2.2)
        ax.annotate(
            f" {name}: {values[-1]:.3g}",
            (len(values) - 1, values[-1]),
            color=line.get_color(),
            va="center",
            weight="bold",
            annotation_clip=False,
        )
    ax.set(yscale="log", xlabel="paso temporal", ylabel="estado (escala logarítmica)")
    ax.set_title("Con peso 1.3, ReLU se dispara y tanh se frena", loc="left")
    return ax


def plot_io_patterns(*, ax: Axes | None = None) -> Axes:
    """Los cuatro repartos de entradas y salidas de una red recurrente.

    Examples
    --------
    >>> len(plot_io_patterns().patches)
    31
    """
    from matplotlib.patches import FancyBboxPatch

    patterns = (
        ("De uno a muchos", "imagen → descripción", (1, 0, 0), (1, 1, 1)),
        ("De muchos a uno", "reseña → opinión", (1, 1, 1), (0, 0, 1)),
        ("De muchos a muchos,\npaso a paso", "palabra → categoría", (1, 1, 1), (1, 1, 1)),
        ("De muchos a muchos,\nleer y después escribir", "frase → traducción",
         (1, 1, 0, 0), (0, 0, 1, 1)),
    )  # fmt: skip
    ax = new_axes(ax, (8.6, 3.3))
    left = 0.0
    for title, task, inputs, outputs in patterns:
        middle = left + (len(inputs) - 1) / 2
        ax.text(middle, 3.15, title, ha="center", va="bottom", weight="bold", fontsize=10)
        ax.text(middle, -0.75, task, ha="center", va="top", fontsize=10, color=GREY)
        for t, (has_input, has_output) in enumerate(zip(inputs, outputs, strict=True)):
            x = left + t
            boxes = [(1.2, GREEN)] + [(0.0, BLUE)] * has_input + [(2.4, ORANGE)] * has_output
            for y, color in boxes:
                box = FancyBboxPatch(
                    (x - 0.25, y - 0.22), 0.5, 0.44, boxstyle="round,pad=0.03", fc=color, ec="none"
                )
                ax.add_patch(box)
            if has_input:
                _arrow(ax, (x, 0.27), (x, 0.93), GREY)
            if has_output:
                _arrow(ax, (x, 1.47), (x, 2.13), GREY)
            if t:
                _arrow(ax, (x - 0.7, 1.2), (x - 0.3, 1.2), GREY)
        left += len(inputs) + 0.9
    for y, name, color in ((0, "entrada", BLUE), (1.2, "estado", GREEN), (2.4, "salida", ORANGE)):
        ax.text(-0.6, y, name, ha="right", va="center", color=color, weight="bold")
    ax.set(xlim=(-1.7, left - 0.9), ylim=(-1.2, 4.1), aspect="equal")
    ax.axis("off")
    return ax


def plot_latch(
    inputs: np.ndarray, states: np.ndarray, *, title: str, ax: Axes | None = None
) -> Axes:
    """Entrada y estado de una unidad que recuerda si ha llegado una marca.

    Parameters
    ----------
    inputs, states : ndarray of shape (tiempo,)
        Lo que entra y lo que la unidad recuerda.
    title : str
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> plot_latch(np.zeros(5), np.zeros(5), title="Sin marcas").get_xlabel()
    'paso temporal'
    """
    inputs = as_array("inputs", inputs, ndim=1)
    states = as_array("states", states, ndim=1)
    ax = new_axes(ax, (6.8, 3.0))
    ax.plot(inputs, color=GREY, lw=1.2, ls="-")
    ax.plot(states, color=ORANGE, lw=2.4, ls="-")
    ax.axhline(0.5, color="black", lw=0.8, ls=":")
    last = len(states) - 1
    ax.text(last + 0.6, states[-1], "estado", color=ORANGE, weight="bold", va="center")
    ax.text(last + 0.6, inputs[-1], "entrada", color=GREY, weight="bold", va="center")
    ax.text(0, 0.52, "umbral", fontsize=9, va="bottom")
    ax.set(xlabel="paso temporal", ylabel="valor", ylim=(-1.5, 1.5))
    ax.set_title(title, loc="left")
    return ax

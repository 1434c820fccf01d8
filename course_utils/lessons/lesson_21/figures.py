"""Figuras de las compuertas: cuánto dura una memoria, qué guarda y quién la abre y la cierra."""

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
from course_utils.plotting.labels import level
from course_utils.plotting.series import as_curves, check_names, same_length
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GATES = {  # color y trazo de cada compuerta: se distinguen también en gris
    "entrada": (ORANGE, "-"),
    "olvido": (BLUE, "--"),
    "salida": (GREEN, "-."),
}


def plot_error_by_span(
    half_lives: Sequence[float],
    errors: np.ndarray,
    *,
    reference: tuple[str, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Error de una memoria que siempre olvida al mismo ritmo, según su semivida.

    Parameters
    ----------
    half_lives : sequence of float
        Semividas, en pasos.
    errors : ndarray of shape (semividas,)
        Error con cada una; uno es no recordar nada.
    reference : (str, float), optional
        Nombre y error de algo que no tiene una semivida fija.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un error por semivida.

    Examples
    --------
    >>> plot_error_by_span([1, 10], np.array([0.9, 0.6])).get_xlabel()
    'semivida (pasos, escala logarítmica)'
    """
    half_lives = as_array("half_lives", half_lives, ndim=1, min_length=1)
    errors = as_array("errors", errors, ndim=1)
    same_length({"half_lives": half_lives, "errors": errors})
    ax = new_axes(ax, (6.6, 3.0))
    ax.plot(half_lives, errors, "o-", color=BLUE, lw=2, ms=5)
    place = int(np.argmin(errors))
    ax.annotate(
        "olvido fijo", (half_lives[place], errors[place]), (0, -8), textcoords="offset points",
        color=BLUE, weight="bold", va="top", ha="center",
    )  # fmt: skip
    level(ax, 1, "no recordar nada")
    if reference is not None:
        level(ax, reference[1], reference[0], color=ORANGE, ls="--")
    log_scale(ax, half_lives, axis="x")
    ax.set(xlabel="semivida (pasos, escala logarítmica)", ylabel="error")
    reach(ax, 0, 1.18)
    set_title(ax, title)
    return ax


def plot_memories(
    held: np.ndarray,
    memories: Mapping[str, np.ndarray],
    marks: np.ndarray,
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Lo que guarda cada memoria junto a lo que debería guardar, un panel por memoria.

    Parameters
    ----------
    held : ndarray of shape (tiempo,)
        Lo que hay que guardar en cada paso.
    memories : mapping of str to ndarray of shape (tiempo,)
        Lo que guarda cada memoria; el nombre es el título del panel.
    marks : ndarray of bool, shape (tiempo,)
        Los pasos con marca.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por memoria.

    Raises
    ------
    ValueError
        Si los paneles no son tantos como las memorias o algo no mide lo mismo que lo demás.

    Examples
    --------
    >>> axes = plot_memories(np.ones(3), {"Con olvido": np.ones(3)}, np.array([True, False, False]))
    >>> axes[0].get_title(loc="left")
    'Con olvido'
    """
    held = as_array("held", held, ndim=1, min_length=1)
    marks = as_array("marks", marks, ndim=1)
    memories = as_curves("memories", memories)
    same_length({"held": held, "marks": marks} | memories)
    axes = new_panels(axes, len(memories), (7.6, 3.0), sharey=True)
    for ax, (name, memory) in zip(axes, memories.items(), strict=True):
        ax.step(np.arange(len(held)), held, where="post", color=GREY, lw=3.5, ls="-", alpha=0.5)
        ax.step(np.arange(len(memory)), memory, where="post", color=ORANGE, lw=1.8, ls="-")
        _draw_marks(ax, marks)
        ax.set_xlabel("paso temporal")
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].set_ylabel("valor")
    style = {"va": "top", "ha": "right", "weight": "bold", "fontsize": 10}
    style |= {"transform": axes[-1].transAxes, "bbox": {"fc": "white", "ec": "none", "pad": 1}}
    axes[-1].text(0.98, 0.98, "lo guardado", color=ORANGE, **style)
    axes[-1].text(0.98, 0.87, "lo debido", color=GREY, **style)
    set_title(axes, title)
    return axes


def plot_gates(
    x: np.ndarray,
    gates: Mapping[str, np.ndarray],
    memory: np.ndarray,
    answers: np.ndarray,
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Entrada, compuertas, memoria y respuesta de una unidad a lo largo de una secuencia.

    Parameters
    ----------
    x : ndarray of shape (tiempo, 3)
        Valor, marca y pregunta de cada paso.
    gates : mapping of str to ndarray of shape (tiempo,)
        Compuertas ``"entrada"``, ``"olvido"`` y ``"salida"``, entre 0 y 1.
    memory, answers : ndarray of shape (tiempo,)
        La memoria de la unidad y la respuesta de la red.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Tres paneles, de arriba abajo.

    Raises
    ------
    ValueError
        Si los paneles no son tres, alguna compuerta no es de las esperadas o algo no mide lo
        mismo que la entrada.

    Examples
    --------
    >>> gates = {"entrada": np.ones(2), "olvido": np.ones(2), "salida": np.ones(2)}
    >>> axes = plot_gates(np.zeros((2, 3)), gates, np.zeros(2), np.zeros(2), title="Sin marcas")
    >>> len(axes), axes[0].get_title(loc="left")
    (3, 'Sin marcas')
    """
    x = as_array("x", x, ndim=2, min_length=1)
    gates = as_curves("gates", gates)
    check_names("las compuertas", gates, GATES)
    lines = {"memory": memory, "answers": answers}
    lines = {name: as_array(name, values, ndim=1) for name, values in lines.items()}
    same_length({"x": x} | gates | lines)
    axes = new_panels(axes, 3, (7.4, 5.2), columns=1, sharex=True)
    steps, (top, middle, bottom) = np.arange(len(x)), axes
    top.bar(steps, x[:, 0], color=GREY, width=0.5)
    _draw_marks(top, x[:, 1] > 0)
    for ax in (middle, bottom):
        for step in np.flatnonzero(x[:, 1] > 0):
            ax.axvline(step, color="black", lw=0.8, ls=":", zorder=0)
    asked = steps[x[:, 2] > 0]
    top.plot(asked, np.full(len(asked), 1.25), "v", color=GREEN, ms=6)
    top.text(len(x), 1.25, "▼ pregunta", color=GREEN, va="center", fontsize=10)
    top.text(len(x), -0.9, "● marca", color="black", va="center", fontsize=10)
    top.set(ylabel="entrada", yticks=[-1, 0, 1])
    reach(top, -1.5, 1.6)
    for place, name in enumerate(sorted(gates, key=lambda name: gates[name][-1])):
        color, dash = GATES[name]
        middle.plot(gates[name], color=color, ls=dash, lw=2)
        middle.text(len(x), 0.1 + 0.4 * place, name, color=color, va="center", weight="bold")
    middle.set(ylabel="compuertas", yticks=[0, 0.5, 1])
    reach(middle, -0.06, 1.06)
    bottom.plot(lines["memory"], color=PURPLE, lw=2.4, ls="-")
    bottom.plot(lines["answers"], color="black", lw=1.4, ls=":")
    style = {"va": "center", "weight": "bold", "transform": bottom.transAxes}
    bottom.text(1.005, 0.8, "memoria", color=PURPLE, **style)
    bottom.text(1.005, 0.4, "respuesta", color="black", **style)
    bottom.set(ylabel="valor", xlabel="paso temporal", xlim=(-0.8, len(x) - 0.4))
    set_title(top, title)
    return axes


def _draw_marks(ax: Axes, marks: np.ndarray) -> None:
    """Señala los pasos con marca: un punto abajo y una línea fina."""
    for step in np.flatnonzero(marks):
        ax.axvline(step, color="black", lw=0.8, ls=":", zorder=0)
        ax.plot(step, 0.03, "o", color="black", ms=6, transform=ax.get_xaxis_transform())

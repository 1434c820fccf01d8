"""Figuras que comparan la misma red en NumPy, Keras y PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, GREY, ORANGE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Anchas y claras debajo, finas encima: dos curvas que coinciden se ven las dos.
LOOKS = (
    {"color": GREY, "lw": 6, "alpha": 0.4, "ls": "-"},
    {"color": BLUE, "lw": 1.8, "ls": "-"},
    {"color": ORANGE, "lw": 2.2, "ls": "--"},
    {"color": GREEN, "lw": 1.8, "ls": "-."},
)
MARKS = ((ORANGE, "s", "--"), (BLUE, "o", "-"), (GREEN, "^", "-."))


def plot_parting(losses: Mapping[str, np.ndarray], *, title: str, ax: Axes | None = None) -> Axes:
    """Pérdida paso a paso de la misma red en varias bibliotecas, en escala logarítmica.

    Parameters
    ----------
    losses : mapping of str to ndarray of shape (pasos,)
        Una curva por biblioteca, positivas; la primera se dibuja ancha, debajo de las demás.
    title : str
        Lo que la figura enseña.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las curvas no tienen los mismos pasos.

    Examples
    --------
    >>> ax = plot_parting({"NumPy": np.array([2.0, 1.0])}, title="Baja")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['NumPy']
    """
    curves = {name: as_array(name, values, ndim=1) for name, values in losses.items()}
    _check_same_length(curves)
    ax = new_axes(ax, (6.6, 3.2))
    for (name, values), look in zip(curves.items(), cycle(LOOKS), strict=False):
        ax.plot(values, label=name, **look)
    ax.set(yscale="log", xlabel="paso de entrenamiento", ylabel="pérdida (escala logarítmica)")
    ax.legend(handlelength=3)
    ax.set_title(title, loc="left")
    return ax


def plot_gaps(gaps: Mapping[str, np.ndarray], *, title: str, ax: Axes | None = None) -> Axes:
    """Diferencia entre dos curvas de pérdida, paso a paso, en escala logarítmica.

    Los pasos en los que la diferencia es exactamente cero no tienen lugar en esta escala y no se
    dibujan.

    Parameters
    ----------
    gaps : mapping of str to ndarray of shape (pasos,)
        Diferencias con su nombre; se dibuja su valor absoluto.
    title : str
        Lo que la figura enseña.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no tienen los mismos pasos.

    Examples
    --------
    >>> ax = plot_gaps({"dos sesgos": np.array([0.0, -0.1])}, title="Se separan")
    >>> ax.lines[0].get_ydata()
    array([0.1])
    """
    curves = {name: np.abs(as_array(name, values, ndim=1)) for name, values in gaps.items()}
    _check_same_length(curves)
    ax = new_axes(ax, (6.6, 3.2))
    for (name, values), (color, marker, style) in zip(curves.items(), cycle(MARKS), strict=False):
        steps = np.flatnonzero(values)
        ax.plot(steps, values[steps], color=color, marker=marker, ms=3.5, ls=style, lw=1.2)
        if len(steps):
            middle = steps[len(steps) // 2]
            style = {"color": color, "weight": "bold", "ha": "center", "va": "bottom"}
            ax.annotate(
                name, (middle, values[steps].max()), (0, 4), textcoords="offset points", **style
            )
    ax.set(yscale="log", xlabel="paso de entrenamiento")
    ax.set_ylabel("diferencia de pérdida\n(valor absoluto)")
    ax.margins(y=0.15)
    ax.set_title(title, loc="left")
    return ax


def _check_same_length(curves: Mapping[str, np.ndarray]) -> None:
    lengths = {name: len(values) for name, values in curves.items()}
    if not lengths or len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name}: {count}" for name, count in lengths.items()) or "ninguna"
        raise ValueError(
            f"Se esperaban curvas con los mismos pasos; han llegado {shown}. Entrena todas "
            "el mismo número de pasos."
        )

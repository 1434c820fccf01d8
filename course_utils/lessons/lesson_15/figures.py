"""Figuras que comparan la misma red en NumPy, Keras y PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    log_scale,
    new_axes,
    set_title,
)
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import CURVES, as_curves, same_length, styled
from course_utils.validation import as_int

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


def plot_parting(
    losses: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Pérdida paso a paso de la misma red en varias bibliotecas, en escala logarítmica.

    Parameters
    ----------
    losses : mapping of str to ndarray of shape (pasos,)
        Una curva por biblioteca; la primera se dibuja ancha, debajo de las demás.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las curvas no tienen los mismos pasos o son más que los estilos.

    Examples
    --------
    >>> ax = plot_parting({"NumPy": np.array([2.0, 1.0])}, title="Baja")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['NumPy']
    """
    curves = as_curves("losses", losses)
    same_length(curves)
    ax = new_axes(ax, (6.6, 3.2))
    for name, values, look in styled(curves, LOOKS):
        ax.plot(values, label=name, **look)
    log_scale(ax, *curves.values())
    ax.set(xlabel="paso de entrenamiento", ylabel="pérdida (escala logarítmica)")
    ax.legend(handlelength=3)
    set_title(ax, title)
    return ax


def plot_gaps(
    gaps: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Diferencia entre dos curvas de pérdida, paso a paso, en escala logarítmica.

    Si alguna diferencia es exactamente cero, el eje llega hasta el cero.

    Parameters
    ----------
    gaps : mapping of str to ndarray of shape (pasos,)
        Diferencias con su nombre; se dibuja su valor absoluto.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no tienen los mismos pasos o son más que los estilos.

    Examples
    --------
    >>> ax = plot_gaps({"dos sesgos": np.array([0.0, -0.1])}, title="Se separan")
    >>> ax.lines[0].get_ydata()
    array([0. , 0.1])
    """
    curves = {name: np.abs(values) for name, values in as_curves("gaps", gaps).items()}
    same_length(curves)
    ax = new_axes(ax, (6.6, 3.2))
    for name, values, (color, marker, style) in styled(curves, MARKS):
        ax.plot(values, color=color, marker=marker, ms=3.5, ls=style, lw=1.2)
        ax.annotate(
            name, (len(values) // 2, values.max()), (0, 4), textcoords="offset points",
            color=color, weight="bold", ha="center", va="bottom",
        )  # fmt: skip
    ax.margins(y=0.15)
    log_scale(ax, *curves.values())
    ax.set_xlabel("paso de entrenamiento")
    ax.set_ylabel("diferencia de pérdida\n(valor absoluto)")
    set_title(ax, title)
    return ax


def plot_epochs(
    losses: Mapping[str, np.ndarray],
    *,
    best: int,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Varias pérdidas época a época, en escala logarítmica, y la época de la que son los pesos.

    Parameters
    ----------
    losses : mapping of str to ndarray of shape (épocas,)
        Una curva por manera de medir.
    best : int
        La época, desde 1, cuyos pesos se guardan.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las curvas no tienen las mismas épocas, son más que los estilos o ``best`` no es una.

    Examples
    --------
    >>> ax = plot_epochs({"validación": np.array([0.3, 0.1, 0.2])}, best=2)
    >>> [text.get_text() for text in ax.texts]
    ['pesos de la época 2', 'validación']
    """
    curves = as_curves("losses", losses)
    same_length(curves)
    epochs = len(next(iter(curves.values())))
    if as_int("best", best, minimum=1) > epochs:
        raise ValueError(
            f"best debe ser una de las {epochs} épocas, desde 1; ha llegado {best}. Pasa la de "
            "menor pérdida de validación."
        )
    ax = new_axes(ax, (6.6, 3.4))
    looks = {}
    for name, values, look in styled(curves, CURVES):
        ax.plot(np.arange(1, epochs + 1), values, marker="o", ms=3.5, lw=1.8, **look)
        looks[name] = look["color"]
    ax.axvline(best, color=GREY, ls=":", lw=1.5)
    left = best > epochs / 2
    ax.annotate(
        f"pesos de la época {best}", (best, 1), (-5 if left else 5, -5),
        xycoords=ax.get_xaxis_transform(), textcoords="offset points",
        color=GREY, ha="right" if left else "left", va="top",
    )  # fmt: skip
    log_scale(ax, *curves.values())
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel="época", ylabel="pérdida (escala logarítmica)")
    label_ends(ax, [End(name, epochs, values[-1], looks[name]) for name, values in curves.items()])
    set_title(ax, title)
    return ax

"""Figuras de la GRU: guardar o cambiar, dónde actúa el reinicio, qué cuesta y cómo se porta mal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREY, ORANGE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELLS = {"RNN": (GREY, ""), "LSTM": (BLUE, ""), "GRU": (ORANGE, "//")}  # color y trama


def plot_interpolation(
    candidates: np.ndarray, states: np.ndarray, update: np.ndarray, *, ax: Axes | None = None
) -> Axes:
    """Un estado que se guarda o se cambia por su candidato, paso a paso.

    Parameters
    ----------
    candidates : ndarray of shape (tiempo,)
        Lo que se propone en cada paso.
    states : ndarray of shape (tiempo,)
        El estado después de cada paso.
    update : ndarray of shape (tiempo,)
        La compuerta de actualización: con 1 se guarda y con 0 se cambia.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no miden lo mismo.

    Examples
    --------
    >>> ax = plot_interpolation(np.array([0.5, -1.0]), np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    >>> [text.get_text() for text in ax.texts]
    [' marca', 'candidato', 'estado']
    """
    candidates, states, update = (
        as_array(name, values, ndim=1)
        for name, values in (("candidates", candidates), ("states", states), ("update", update))
    )
    if not len(candidates) == len(states) == len(update):
        raise ValueError(
            "Se esperaban tres arrays con los mismos pasos; han llegado de "
            f"{len(candidates)}, {len(states)} y {len(update)}. Toma los tres de un recorrido."
        )
    ax = new_axes(ax, (6.8, 3.0))
    ax.plot(candidates, ls=":", lw=1.2, color=GREY, marker="o", ms=3)
    ax.plot(states, drawstyle="steps-post", color=BLUE, lw=2.4, ls="-")
    changes = np.flatnonzero(update < 0.5)
    ax.plot(changes, states[changes], "s", color=ORANGE, ms=8, mew=0)
    for place in changes:
        ax.axvline(place, color=ORANGE, lw=1, ls="--", zorder=0)
    if len(changes):
        ax.text(changes[0], -1.0, " marca", color=ORANGE, weight="bold", va="center")
    place = len(states) - 1
    for name, value, color in (("candidato", candidates[-1], GREY), ("estado", states[-1], BLUE)):
        ax.annotate(
            name, (place, value), (7, 0), textcoords="offset points", color=color, weight="bold",
            va="center", annotation_clip=False,
        )  # fmt: skip
    ax.set(xlabel="paso temporal", ylabel="valor", ylim=(-1.1, 1.1))
    ax.set_title("El estado se guarda hasta la próxima marca", loc="left")
    return ax


def plot_zero_lines(
    axis: np.ndarray, contributions: Mapping[str, np.ndarray], *, ax: Axes | None = None
) -> Axes:
    """Los estados desde los que el pasado no aporta nada al candidato de una unidad.

    Parameters
    ----------
    axis : ndarray of shape (n,)
        Valores de cada una de las dos unidades del estado.
    contributions : mapping of str to ndarray of shape (n, n)
        Lo que el pasado aporta; la fila es la segunda unidad y la columna, la primera.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna cuadrícula no mide lo mismo que el eje, por sus dos lados.

    Examples
    --------
    >>> axis = np.linspace(-1, 1, 3)
    >>> ax = plot_zero_lines(axis, {"antes": axis[None] - axis[:, None]})
    >>> ax.get_xlabel()
    'unidad 1 del estado'
    """
    axis = as_array("axis", axis, ndim=1)
    ax = new_axes(ax, (5.2, 3.9))
    looks = ((BLUE, "-", 2.6), (ORANGE, "--", 2.2))
    handles = []
    for (name, values), (color, style, width) in zip(contributions.items(), looks, strict=False):
        values = as_array("contributions", values, ndim=2)
        if values.shape != (len(axis), len(axis)):
            raise ValueError(
                f"Se esperaba una cuadrícula de forma {(len(axis), len(axis))}, una fila y una "
                f"columna por valor del eje; ha llegado {values.shape}."
            )
        ax.contour(
            axis, axis, values, levels=[0], colors=[color], linestyles=[style], linewidths=[width]
        )
        handles += ax.plot([], [], color=color, ls=style, lw=width, label=name)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set(xlabel="unidad 1 del estado", ylabel="unidad 2 del estado", aspect="equal")
    ax.set_title("Sin sesgos, después del producto, una recta; antes, una curva", loc="left")
    return ax


def plot_port_errors(
    errors: Mapping[str, np.ndarray], *, reference: tuple[str, float], ax: Axes | None = None
) -> Axes:
    """Error de las mismas redes, bien y mal convertidas.

    Parameters
    ----------
    errors : mapping of str to ndarray of shape (redes,)
        Error de cada red en °C, con el nombre de lo que falla; la primera es la buena.
    reference : (str, float)
        Nombre y error de un modelo con el que comparar.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_port_errors({"bien": np.array([0.4])}, reference=("persistencia", 0.9))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['bien']
    """
    ax = new_axes(ax, (6.8, 0.9 + 0.42 * len(errors)))
    name, value = reference
    for row, values in enumerate(errors.values()):
        values = as_array("errors", values, ndim=1)
        color, marker = (BLUE, "o") if row == 0 else (ORANGE, "s")
        ax.plot(values, np.full(len(values), row), marker, color=color, ms=8, alpha=0.75, mew=0)
    ax.axvline(value, color=GREY, ls="--", lw=1.8)
    ax.text(value, -0.72, f" {name}", color=GREY, weight="bold", va="center")
    ax.set_yticks(range(len(errors)), list(errors))
    ax.set(xlabel="error absoluto medio en la prueba (°C)", xlim=(0, None))
    ax.set_ylim(len(errors) - 0.5, -1)
    ax.set_title("Unos fallos se notan; otros parecen una red algo peor", loc="left")
    return ax


def plot_step_times(times: Mapping[str, Mapping[str, float]], *, ax: Axes | None = None) -> Axes:
    """Milisegundos por paso de entrenamiento de cada celda, en varias bibliotecas.

    Parameters
    ----------
    times : mapping of str to mapping of str to float
        De cada biblioteca, los milisegundos de cada celda: RNN, LSTM y GRU.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna celda no es una de las tres.

    Examples
    --------
    >>> ax = plot_step_times({"Keras": {"RNN": 10.0, "LSTM": 18.0, "GRU": 20.0}})
    >>> [text.get_text() for text in ax.texts]
    [' RNN 10.0', ' LSTM 18.0', ' GRU 20.0']
    """
    if unknown := {cell for row in times.values() for cell in row} - set(CELLS):
        raise ValueError(
            f"Se esperaban las celdas {', '.join(CELLS)}; ha llegado {', '.join(sorted(unknown))}."
        )
    ax = new_axes(ax, (6.8, 0.8 + 0.8 * len(times)))
    bars = len(CELLS)
    for group, row in enumerate(times.values()):
        for place, (cell, value) in enumerate(row.items()):
            color, hatch = CELLS[cell]
            y = group * (bars + 1) + place
            ax.barh(y, value, height=0.85, color=color, hatch=hatch, edgecolor="white")
            ax.text(value, y, f" {cell} {value:.1f}", va="center", fontsize=10)
    ax.set_yticks([group * (bars + 1) + (bars - 1) / 2 for group in range(len(times))], list(times))
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("milisegundos por paso de entrenamiento")
    ax.set_title("Tres cuartos de los parámetros no son tres cuartos del tiempo", loc="left")
    return ax

"""Figuras de la memoria larga: cómo se aprende, qué celda recuerda más y qué lo decide."""

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
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import (
    as_curves,
    as_numbers,
    check_names,
    check_series,
    same_names,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Cada celda, siempre con su color, su marca y su trazo.
LOOKS = {"RNN": (BLUE, "o", "-"), "LSTM": (ORANGE, "s", "--"), "GRU": (GREEN, "^", "-.")}
TASKS = {"suma": "suma", "eco": "eco", "orden": "orden temporal"}


def plot_learning(
    curves: Mapping[str, np.ndarray],
    *,
    every: int,
    levels: Mapping[str, float],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Error de prueba de cada celda mientras aprende, con los niveles que ayudan a leerlo.

    Parameters
    ----------
    curves : mapping of str to ndarray of shape (miradas,)
        Error de cada celda.
    every : int
        Actualizaciones entre dos miradas.
    levels : mapping of str to float
        Errores de referencia, con su nombre.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna celda no es de las conocidas.

    Examples
    --------
    >>> ax = plot_learning({"GRU": np.array([0.2, 0.0])}, every=20, levels={"nada": 1 / 6})
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('actualización', ['GRU', 'nada'])
    """
    curves, levels = as_curves("curves", curves), as_numbers("levels", levels)
    check_names("las celdas", curves, LOOKS)
    ax = new_axes(ax, (6.8, 3.3))
    last = every * (max(map(len, curves.values())) - 1)
    for level in levels.values():
        ax.axhline(level, color=GREY, ls=":", lw=1.4)
    for cell, errors in curves.items():
        color, _, style = LOOKS[cell]
        ax.plot(every * np.arange(len(errors)), errors, color=color, ls=style, lw=2.2)
        low = np.flatnonzero(errors < min(levels.values()))
        place = low[0] if len(low) else len(errors) - 1  # donde cae o, si no cae, al final
        offset, side = ((6, 0), "left") if len(low) else ((0, 9), "right")
        style = {"color": color, "weight": "bold", "ha": side, "textcoords": "offset points"}
        ax.annotate(cell, (every * place, errors[place]), xytext=offset, **style)
    log_scale(ax, *curves.values(), np.array(list(levels.values())))
    ax.set_xlim(0, max(last, 1))
    ax.set(xlabel="actualización", ylabel="error cuadrático medio\n(escala logarítmica)")
    ends = [End(name, last, level, GREY) for name, level in levels.items()]
    label_ends(ax, ends, weight="normal")
    set_title(ax, title)
    return ax


def plot_success(
    lengths: Sequence[int],
    panels: Mapping[str, Mapping[str, np.ndarray]],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Proporción de éxitos de cada celda según la longitud, con su intervalo; un panel por tarea.

    Parameters
    ----------
    lengths : sequence of int
        Longitudes, en orden.
    panels : mapping of str to mapping of str to ndarray of shape (longitudes, 3)
        De cada tarea y cada celda: proporción de éxitos y extremos del intervalo, entre 0 y 1.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por tarea.

    Raises
    ------
    ValueError
        Si a una celda no le corresponde una fila por longitud o no es de las conocidas.

    Examples
    --------
    >>> axes = plot_success([12, 25], {"eco": {"RNN": np.array([[1, 0.5, 1], [0, 0, 0.4]])}})
    >>> axes[0].get_title(loc="left"), axes[0].get_ylabel()
    ('eco', 'resueltos (%)')
    """
    check_series("panels", panels)
    panels = {task: as_curves(f"panels[{task!r}]", cells, ndim=2) for task, cells in panels.items()}
    same_names("las celdas de todas las tareas", *panels.values())  # una sola leyenda para todas
    check_names("las celdas", next(iter(panels.values())), LOOKS)
    axes = new_panels(axes, len(panels), (8.4, 3.2), sharey=True)
    places = np.arange(len(lengths))
    for ax, (task, by_cell) in zip(axes, panels.items(), strict=True):
        shifts = 0.16 * (np.arange(len(by_cell)) - (len(by_cell) - 1) / 2)
        for shift, (cell, rows) in zip(shifts, by_cell.items(), strict=True):
            if rows.shape != (len(lengths), 3):
                raise ValueError(
                    f"Se esperaba una fila de proporción, mínimo y máximo por longitud, forma "
                    f"{(len(lengths), 3)}; de {cell} en {task} ha llegado {rows.shape}."
                )
            color, marker, style = LOOKS[cell]
            share, low, high = 100 * rows.T
            ax.vlines(places + shift, low, high, color=color, lw=2.2, alpha=0.45)
            ax.plot(
                places + shift,
                share,
                color=color,
                marker=marker,
                ls=style,
                lw=1.5,
                ms=7,
                label=cell,
            )
        ax.set_xticks(places, [str(length) for length in lengths])
        ax.set(xlabel="longitud (pasos)", yticks=[0, 50, 100])
        reach(ax, -4, 106)
        ax.set_title(TASKS.get(task, task), loc="left", fontsize=11)
    axes[0].set_ylabel("resueltos (%)")
    axes[-1].legend(loc="lower left", fontsize=10, handlelength=2.4)
    set_title(axes, title)
    return axes


def plot_knobs(
    biases: Sequence[float],
    rates: Sequence[float],
    panels: Mapping[str, np.ndarray],
    *,
    runs: int,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Cuántos entrenamientos se resuelven con cada sesgo inicial y cada tasa.

    Parameters
    ----------
    biases, rates : sequence of float
        Sesgos y tasas de aprendizaje, en orden.
    panels : mapping of str to ndarray of shape (sesgos, tasas)
        Resueltos de cada combinación, un panel por nombre.
    runs : int
        Entrenamientos de cada combinación.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por nombre.

    Raises
    ------
    ValueError
        Si una tabla no tiene una fila por sesgo y una columna por tasa, o cuenta más resueltos
        que entrenamientos.

    Examples
    --------
    >>> axes = plot_knobs([0.0, 3.0], [0.01], {"con recorte": np.array([[0], [5]])}, runs=5)
    >>> [text.get_text() for text in axes[0].texts]
    ['0', '5']
    """
    biases, rates = as_array("biases", biases, ndim=1), as_array("rates", rates, ndim=1)
    panels = as_curves("panels", panels, ndim=2)
    axes = new_panels(axes, len(panels), (7.2, 3.2), sharey=True)
    for ax, (name, counts) in zip(axes, panels.items(), strict=True):
        if counts.shape != (len(biases), len(rates)):
            raise ValueError(
                f"Se esperaba una fila por sesgo y una columna por tasa, forma "
                f"{(len(biases), len(rates))}; de «{name}» ha llegado {counts.shape}."
            )
        if counts.min() < 0 or counts.max() > runs:
            raise ValueError(
                f"Se esperaban de 0 a {runs} resueltos; en «{name}» hay de {counts.min():g} a "
                f"{counts.max():g}. Revisa runs."
            )
        ax.imshow(counts, vmin=0, vmax=runs, cmap="cividis", aspect="auto")
        for row, column in np.ndindex(counts.shape):
            solved = counts[row, column]
            color = "black" if solved > 0.55 * runs else "white"
            ax.text(column, row, f"{solved:.0f}", color=color, ha="center", va="center",
                    weight="bold", fontsize=13)  # fmt: skip
        ax.grid(False)
        ax.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        ax.set_yticks(range(len(biases)), [f"{bias:g}" for bias in biases])
        ax.set_xlabel("tasa de aprendizaje")
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].set_ylabel("sesgo de olvido inicial")
    set_title(axes, title)
    return axes

"""Figuras de secuencias de longitudes distintas: la caja, el relleno y lo que cuestan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import (
    as_curves,
    as_numbers,
    check_series,
    same_length,
    same_names,
    styled,
)
from course_utils.validation import as_array, describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EMPTY = "#e2e2e2"


def plot_box(
    mask: np.ndarray, *, counts: bool = False, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Un lote como una caja: una fila por secuencia, con los pasos reales y el relleno.

    Parameters
    ----------
    mask : ndarray of shape (lote, tiempo)
        Booleana, verdadera en los pasos reales.
    counts : bool, default False
        Si se escribe sobre cada paso cuántas secuencias siguen; entonces el relleno no se dibuja.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si la máscara no es booleana o no tiene dos ejes.

    Examples
    --------
    >>> ax = plot_box(np.array([[True, True], [True, False]]), title="Dos", counts=True)
    >>> [text.get_text() for text in ax.texts]
    ['2', '1', 'secuencias que siguen']
    """
    from matplotlib.patches import Patch, Rectangle

    mask = as_array("mask", mask, ndim=2, min_length=1)
    if mask.dtype != bool:
        raise TypeError(
            "mask debe ser booleana, verdadera en los pasos reales; ha llegado "
            f"{describe(mask)}. Conviértela con .astype(bool)."
        )
    batch, timesteps = mask.shape
    absent = "none" if counts else EMPTY  # contando secuencias, lo que falta no se guarda
    ax = new_axes(ax, (7.2, 0.9 + 0.2 * batch + 0.3 * counts))
    for row, t in np.ndindex(mask.shape):
        color = BLUE if mask[row, t] else absent
        ax.add_patch(Rectangle((t + 0.5, row - 0.42), 0.9, 0.84, facecolor=color, lw=0))
    if counts:
        for t, alive in enumerate(mask.sum(axis=0), start=1):
            ax.text(t, -0.75, str(alive), ha="center", va="bottom", fontsize=9)
        ax.text(timesteps + 0.7, -0.75, "secuencias que siguen", va="bottom", fontsize=9)
    ax.set(xlim=(0.4, timesteps + 0.6), ylim=(batch - 0.4, -0.6 - counts), yticks=[])
    ax.set(xlabel="paso temporal", ylabel="secuencias")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    ax.grid(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    if not counts:
        handles = [Patch(facecolor=BLUE, label="dato"), Patch(facecolor=EMPTY, label="relleno")]
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(1.0, 0.0))
    set_title(ax, title)
    return ax


def plot_padding_effect(
    paddings: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    trained: int,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """La predicción según cuánto relleno lleva la secuencia, con una línea por modelo.

    Parameters
    ----------
    paddings : ndarray of shape (puntos,)
        Pasos de relleno.
    curves : mapping of str to ndarray of shape (puntos,)
        Probabilidad que da a la respuesta correcta cada modelo, tres como mucho.
    trained : int
        Relleno que llevaba la secuencia en el entrenamiento.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un valor por cada cantidad de relleno o hay más de tres modelos.

    Examples
    --------
    >>> ax = plot_padding_effect(np.arange(3), {"h_n": np.ones(3)}, trained=1)
    >>> [text.get_text() for text in ax.texts]
    ['relleno del entrenamiento', 'al azar', 'h_n']
    """
    paddings = as_array("paddings", paddings, ndim=1, min_length=1)
    curves = as_curves("curves", curves)
    same_length({"paddings": paddings} | curves)
    ax = new_axes(ax, (7.2, 3.3))
    ax.axhline(0.5, color=GREY, lw=1, ls=":")
    ax.plot([trained, trained], [-0.05, 1.12], color="black", lw=1, ls="--")
    ax.text(trained, 1.17, "relleno del entrenamiento", ha="center", fontsize=10)
    ends = [End("al azar", paddings[-1], 0.5, GREY)]
    looks = ((ORANGE, "o", 0.5), (BLUE, "", 3.6), (GREEN, "s", 0))
    for name, values, (color, marker, width) in styled(curves, looks):
        face = "white" if marker == "s" else color  # hueco: que se vea sobre otra curva
        ax.plot(paddings, values, color=color, ls="-", marker=marker, ms=5, mfc=face, lw=width)
        ends.append(End(name, paddings[-1], values[-1], color))
    ax.set(xlabel="pasos de relleno", yticks=[0, 0.25, 0.5, 0.75, 1])
    ax.set_ylabel("probabilidad de\nla respuesta correcta")
    reach(ax, -0.05, 1.3)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_unit(
    paddings: np.ndarray,
    activity: Mapping[str, np.ndarray],
    *,
    trained: int,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una unidad del estado mientras llega el relleno, con una línea por clase de secuencia.

    Parameters
    ----------
    paddings : ndarray of shape (puntos,)
        Pasos de relleno.
    activity : mapping of str to ndarray of shape (puntos,)
        Lo que vale la unidad, de -1 a 1, en cada clase; dos como mucho.
    trained : int
        Relleno que llevaban las secuencias en el entrenamiento.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un valor por cada cantidad de relleno o hay más de dos clases.

    Examples
    --------
    >>> ax = plot_unit(np.arange(3), {"empieza por 1": np.array([1.0, -1.0, 1.0])}, trained=1)
    >>> ax.get_ylabel()
    'valor de la unidad'
    """
    paddings = as_array("paddings", paddings, ndim=1, min_length=1)
    activity = as_curves("activity", activity)
    same_length({"paddings": paddings} | activity)
    ax = new_axes(ax, (7.2, 2.2))
    ax.axvline(trained, color="black", lw=1, ls="--")
    ends = []
    looks = ((PURPLE, "o", "-"), (GREY, "s", "--"))
    for name, values, (color, marker, line) in styled(activity, looks):
        ax.plot(paddings, values, color=color, ls=line, marker=marker, ms=4, lw=0.8)
        ends.append(End(name, paddings[-1], values[-1], color))
    ax.set(xlabel="pasos de relleno", ylabel="valor de la unidad", yticks=[-1, 0, 1])
    reach(ax, -1.1, 1.1)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_costs(
    costs: Mapping[str, Mapping[str, float]],
    shares: Mapping[str, Mapping[str, float]],
    *,
    title: str | None = None,
    axes: list[Axes] | None = None,
) -> list[Axes]:
    """Lo que tarda cada manera de montar los lotes, y qué parte de sus casillas es relleno.

    Parameters
    ----------
    costs : mapping of str to mapping of str to float
        De cada capa, el tiempo de cada manera, en partes del de la primera.
    shares : mapping of str to mapping of str to float
        Con las mismas claves, la parte de relleno, de 0 a 1.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : list of Axes, optional
        Un panel por capa.

    Raises
    ------
    ValueError
        Si no hay un panel por capa, o no todas nombran las mismas maneras.

    Examples
    --------
    >>> cost = {"RNN": {"una caja": 1.0, "cubos": 0.5}}
    >>> axes = plot_costs(cost, {"RNN": {"una caja": 0.4, "cubos": 0.1}})
    >>> axes[0].texts[1].get_text()
    '0.50 (relleno: 10 %)'
    """
    check_series("costs", costs)
    costs = {name: as_numbers(f"costs[{name!r}]", times) for name, times in costs.items()}
    same_names("las capas del coste y del relleno", costs, shares)
    same_names("las maneras", *costs.values(), *shares.values())
    axes = new_panels(axes, len(costs), (8.2, 2.7), sharey=True, sharex=True)
    for ax, (name, times) in zip(axes, costs.items(), strict=True):
        places = np.arange(len(times))
        ax.barh(places, list(times.values()), color=BLUE, height=0.6)
        for place, (way, value) in zip(places, times.items(), strict=True):
            ax.annotate(
                f"{value:.2f} (relleno: {100 * shares[name][way]:.0f} %)", (value, place), (4, 0),
                textcoords="offset points", va="center", fontsize=9,
                bbox={"fc": "white", "ec": "none", "pad": 0.5},
            )  # fmt: skip
        ax.axvline(1, color=GREY, lw=1, ls=":")
        ax.set_yticks(places, list(times))
        ax.set_xlabel("tiempo de CPU (una caja = 1)")
        reach(ax, 0, 2.1 * max(1, *times.values()), axis="x")
        ax.set_title(name, loc="left", fontsize=11)
        ax.grid(False, axis="y")
    axes[0].invert_yaxis()
    set_title(axes, title)
    return axes

"""Figuras del gradiente en el tiempo: cómo mengua, cómo explota y qué lo conserva."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREY, ORANGE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GUESS = 0.5  # lo que se acierta tirando una moneda


def plot_accuracy_by_distance(
    distances: Sequence[int],
    accuracies: np.ndarray,
    *,
    reference: tuple[str, float] | None = None,
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
    accuracies = as_array("accuracies", accuracies, ndim=2)
    if len(distances) != len(accuracies):
        raise ValueError(
            f"Se esperaba una fila por distancia: hay {len(distances)} distancias y "
            f"{len(accuracies)} filas. ¿Has transpuesto accuracies?"
        )
    ax = new_axes(ax, (6.8, 3.1))
    places = np.arange(len(distances))
    ax.plot(places, 100 * accuracies, "o", color=BLUE, ms=6, alpha=0.45, mew=0)
    ax.plot(places, 100 * accuracies.mean(axis=1), color=BLUE, lw=2.2, ls="-")
    style = {"weight": "bold", "va": "bottom"}
    ax.text(places[0], 100 * accuracies[0].mean() - 4, "red entrenada", color=BLUE,
            weight="bold", va="top")  # fmt: skip
    if reference is not None:
        ax.axhline(100 * reference[1], color=ORANGE, ls="--", lw=2)
        ax.text(places[-1], 100 * reference[1] + 1, reference[0], color=ORANGE, ha="right", **style)
    ax.axhline(100 * GUESS, color=GREY, ls=":", lw=1.4)
    ax.text(places[0], 100 * GUESS + 1, "al azar", color=GREY, **style)
    ax.set_xticks(places, [str(distance) for distance in distances])
    ax.set(xlabel="pasos entre la marca y la pregunta", ylabel="acierto (%)", ylim=(35, 112))
    ax.set_yticks([50, 75, 100])
    ax.set_title("Cuanto más lejos está la marca, peor se aprende", loc="left")
    return ax


def plot_gradient_norms(
    curves: Mapping[str, np.ndarray],
    *,
    title: str,
    references: Mapping[str, np.ndarray] | None = None,
    ylabel: str = "norma del jacobiano",
    floor: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cuánto gradiente llega a cada distancia, en escala logarítmica.

    Parameters
    ----------
    curves : mapping of str to ndarray of shape (distancias,)
        Valores positivos de cada curva, a 0, 1, 2… pasos.
    title : str
        Lo que hay que ver.
    references : mapping of str to ndarray of shape (distancias,), optional
        Curvas con las que se comparan, con los mismos nombres: salen punteadas y sin rótulo.
    ylabel : str
        Qué se mide.
    floor : float, optional
        Hasta dónde baja el eje; lo que queda por debajo no se dibuja.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_gradient_norms({"radio 0.5": 0.5 ** np.arange(9)}, title="Se desvanece")
    >>> ax.get_yscale(), ax.texts[0].get_text()
    ('log', ' radio 0.5')
    """
    ax = new_axes(ax, (6.8, 3.4))
    ax.set(yscale="log", xlabel="distancia (pasos hacia atrás)", ylabel=ylabel)
    ends = {}
    for name, values in curves.items():
        values = as_array("curves", values, ndim=1)
        if floor is not None:
            values = values[values >= floor]
        (line,) = ax.plot(values, lw=2.2)
        if references is not None and name in references:
            ax.plot(references[name], color=line.get_color(), lw=1.2, ls=":")
        ends[name] = (len(values) - 1, values[-1], line.get_color())
    ax.set_ylim(bottom=floor)
    _label_ends(ax, ends)
    ax.set_title(title, loc="left")
    return ax


def _label_ends(ax: Axes, ends: Mapping[str, tuple[int, float, str]]) -> None:
    """Escribe el nombre de cada curva donde acaba, sin que dos se pisen."""
    low, high = np.log10(ax.get_ylim())
    gap = 0.075 * (high - low)
    previous = -np.inf
    for name, (x, y, color) in sorted(ends.items(), key=lambda item: item[1][1]):
        previous = max(np.log10(y), low + 0.03 * (high - low), previous + gap)
        style = {"color": color, "va": "center", "weight": "bold"}
        ax.annotate(f" {name}", (x, 10**previous), annotation_clip=False, **style)


def plot_transient(ratios: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Norma de las potencias de una matriz, dividida entre las de su radio espectral.

    Parameters
    ----------
    ratios : ndarray of shape (matrices, distancias)
        Norma de la potencia k entre el radio elevado a k; en una matriz ortogonal vale siempre 1.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> plot_transient(np.array([[1.0, 1.7, 2.0]])).get_ylabel()
    'norma / radio$^k$'
    """
    ratios = as_array("ratios", ratios, ndim=2)
    ax = new_axes(ax, (6.8, 3.0))
    ax.plot(ratios.T, lw=1.8)
    ax.axhline(1, color="black", lw=1.2, ls=":")
    ax.text(len(ratios[0]) - 1, 0.93, "matriz ortogonal", ha="right", va="top", fontsize=10)
    ax.set(xlabel="distancia $k$ (pasos hacia atrás)", ylabel="norma / radio$^k$")
    ax.set_ylim(0, None)
    ax.set_title("Primero crece; después ya no", loc="left")
    return ax


def plot_divergence(
    panels: Mapping[str, Sequence[np.ndarray]],
    *,
    ceiling: float = 1e6,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """La pérdida de varios entrenamientos, un panel por cada manera de entrenar.

    Un aspa marca el final del que se paró antes o se salió por arriba.

    Parameters
    ----------
    panels : mapping of str to sequence of ndarray
        Pérdidas de cada entrenamiento, cada uno con su longitud.
    ceiling : float, default 1e6
        La pérdida que llega aquí, o deja de ser un número, se da por desbordada.
    axes : sequence of Axes, optional
        Un panel por cada manera.

    Raises
    ------
    ValueError
        Si los paneles no son tantos como las maneras de entrenar.

    Examples
    --------
    >>> axes = plot_divergence({"sin recorte": [np.array([1.0, 1e3])], "con": [np.ones(5)]})
    >>> axes[0].get_title(loc="left"), axes[1].get_yscale()
    ('sin recorte', 'log')
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if axes is None:
        _, grid = plt.subplots(1, len(panels), figsize=(7.4, 3.1), sharey=True, squeeze=False)
        axes = grid[0]
    if len(axes) != len(panels):
        raise ValueError(
            f"Se esperaba un panel por manera de entrenar: hay {len(panels)} y han llegado "
            f"{len(axes)} paneles."
        )
    complete = max(len(losses) for runs in panels.values() for losses in runs)
    colors = cycle((ORANGE, BLUE))
    for ax, color, (name, runs) in zip(axes, colors, panels.items(), strict=False):
        for losses in runs:
            drawn = np.fmin(losses, ceiling)  # lo que no es un número, también arriba
            over = np.flatnonzero(drawn >= ceiling)
            drawn = drawn[: over[0] + 1] if over.size else drawn
            ax.plot(drawn, color=color, lw=1.4, ls="-", alpha=0.8)
            if len(drawn) < complete:
                ax.plot(len(drawn) - 1, drawn[-1], "x", color="black", ms=7, mew=2)
        ax.set(yscale="log", xlabel="actualización")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].set_ylabel("pérdida")
    return list(axes)


def plot_starts(
    starts: Mapping[str, tuple[np.ndarray, np.ndarray]], *, ax: Axes | None = None
) -> Axes:
    """Por cuántas direcciones llega el gradiente a la marca en cada red, y si después aprendió.

    Parameters
    ----------
    starts : mapping of str to (ndarray of shape (redes, direcciones), ndarray of shape (redes,))
        De cada manera de sortear los pesos, lo que estira el jacobiano en cada dirección y si la
        red aprendió.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> stretches, learned = np.array([[1.0, 0.9, 0.8], [0.9, 0.5, 0.1]]), np.array([True, False])
    >>> ax = plot_starts({"ortogonal": (stretches, learned)})
    >>> ax.texts[0].get_text()
    'ortogonal: aprenden 1 de 2 (rellenos)'
    """
    rows = sum(len(learned) for _, learned in starts.values())
    ax = new_axes(ax, (6.8, 1.0 + 0.15 * rows + 0.25 * len(starts)))
    row = 0.0
    for name, (stretches, learned) in starts.items():
        stretches = as_array("starts", stretches, ndim=2)
        label = f"{name}: aprenden {np.count_nonzero(learned)} de {len(learned)} (rellenos)"
        ax.text(0.01, row, label, weight="bold", va="center", transform=ax.get_yaxis_transform())
        for values, success in zip(stretches, learned, strict=True):
            row += 1
            color = BLUE if success else ORANGE
            middle, best = np.median(values), values.max()
            ax.plot([middle, best], [row, row], color=color, lw=1.6, ls="-" if success else ":")
            face = color if success else "white"
            ax.plot([best], [row], "o", mfc=face, mec=color, ms=7, mew=1.8, ls="none")
            ax.plot([middle], [row], "|", color=color, ms=8, mew=2, ls="none")
        row += 1.6
    ax.set(xscale="log", ylim=(row - 1, -0.8), yticks=[])
    ax.set_xlabel("lo que estira: dirección mediana (barra) y mejor dirección (círculo)")
    ax.set_title("La ortogonal deja pasar el gradiente por todas partes", loc="left")
    return ax

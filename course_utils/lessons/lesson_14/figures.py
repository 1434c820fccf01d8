"""Figuras de la lección 14: hasta dónde se aprende, con qué tasas y por dónde pasa el gradiente."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREY,
    ORANGE,
    log_scale,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.labels import level
from course_utils.plotting.series import as_curves, check_series, same_length
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
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Cuánto gradiente llega a la marca por cada dirección en cada red, y si después aprendió.

    Parameters
    ----------
    starts : mapping of str to (ndarray of shape (redes, direcciones), ndarray of shape (redes,))
        De cada manera de sortear los pesos, los valores singulares del jacobiano, de mayor a menor,
        y si la red aprendió.
    title : str, optional
        Lo que hay que ver, encima de los paneles.
    axes : sequence of Axes, optional
        Un panel por manera.

    Raises
    ------
    ValueError
        Si no se sabe de alguna red si aprendió.

    Examples
    --------
    >>> stretches, learned = np.array([[1.0, 0.9, 0.8], [0.9, 0.5, 0.1]]), np.array([True, False])
    >>> axes = plot_starts({"ortogonal": (stretches, learned)})
    >>> axes[0].get_title(loc="left")
    'ortogonal: 1 de 2'
    """
    check_series("starts", starts)
    axes = new_panels(axes, len(starts), (7.6, 3.4), sharey=True)
    every = [np.ravel(stretches) for stretches, _ in starts.values()]
    for ax, (name, (stretches, learned)) in zip(axes, starts.items(), strict=True):
        stretches = as_array(f"starts[{name!r}]", stretches, ndim=2, min_length=1)
        same_length({"redes": stretches, "aprendió": learned})
        places = np.arange(1, stretches.shape[1] + 1)
        for values, success in zip(stretches, learned, strict=True):
            color, style = (BLUE, "-") if success else (ORANGE, ":")
            ax.plot(places, values, color=color, ls=style, lw=1.4, alpha=0.8)
        log_scale(ax, *every)
        ax.set_xlabel("dirección (1, la mejor)")
        count = f"{np.count_nonzero(learned)} de {len(learned)}"
        ax.set_title(f"{name}: {count}", loc="left", fontsize=11)
    axes[0].set_ylabel("lo que llega de 1")
    axes[-1].plot([], [], color=BLUE, ls="-", label="aprende después")
    axes[-1].plot([], [], color=ORANGE, ls=":", label="no aprende")
    axes[-1].legend(loc="lower left", fontsize=10, handlelength=2.4)
    set_title(axes, title)
    return axes


def _of_two(panels: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Los paneles, si todas sus matrices son de 2 × 2."""
    panels = as_curves("panels", panels, ndim=2)
    for name, matrix in panels.items():
        if matrix.shape != (2, 2):
            raise ValueError(f"«{name}» debe ser una matriz de 2 × 2; tiene forma {matrix.shape}.")
    return panels


def plot_orbits(
    panels: Mapping[str, np.ndarray],
    start: np.ndarray,
    *,
    steps: int = 8,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Por dónde va un vector de dos números al multiplicarlo una y otra vez por una matriz.

    A rayas, las direcciones que la matriz no gira, si las hay.

    Parameters
    ----------
    panels : mapping of str to ndarray of shape (2, 2)
        Una matriz por panel; el vector, una fila, se multiplica por su derecha.
    start : ndarray of shape (2,)
        De dónde sale.
    steps : int, default 8
        Cuántas veces se multiplica.
    title : str, optional
        Lo que hay que ver, encima de los paneles.
    axes : sequence of Axes, optional
        Un panel por matriz.

    Raises
    ------
    ValueError
        Si una matriz no es de 2 × 2 o el vector no es de dos números.

    Examples
    --------
    >>> turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    >>> ax = plot_orbits({"gira": turn}, np.array([1.0, 0.0]), steps=2)[0]
    >>> ax.lines[0].get_xydata().tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]
    """
    panels, start = _of_two(panels), as_array("start", start, ndim=1)
    if len(start) != 2:
        raise ValueError(f"start debe ser un vector de dos números; tiene {len(start)}.")
    axes = new_panels(axes, len(panels), (7.6, 3.1))
    for ax, (name, matrix) in zip(axes, panels.items(), strict=True):
        orbit = [start]
        for _ in range(steps):
            orbit.append(orbit[-1] @ matrix)
        orbit = np.array(orbit)
        ax.plot(*orbit.T, "o-", color=BLUE, ms=5, lw=1.2)
        ax.plot(*orbit[0], "o", mfc="white", mec=BLUE, ms=8, mew=1.8)
        ax.annotate(
            "salida", orbit[0], (-8, -6), textcoords="offset points", color=BLUE, ha="right"
        )
        far = 1.1 * np.abs(orbit).max() or 1.0
        values, vectors = np.linalg.eig(matrix.T)  # v M = λ v
        for value, vector in zip(values, vectors.T, strict=True):
            if np.isreal(value):
                ends = np.outer([-far, far], vector.real / np.abs(vector.real).max())
                ax.plot(*ends.T, color=ORANGE, lw=1.4, ls="--", zorder=1)
        ax.plot(0, 0, "+", color=GREY, ms=9, mew=1.6)
        ax.set(xlim=(-far, far), ylim=(-far, far), aspect="equal", xlabel="unidad 1")
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].set_ylabel("unidad 2")
    set_title(axes, title)
    return axes


def plot_ellipses(
    panels: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """En qué convierte una matriz de 2 × 2 el círculo de los vectores que miden uno.

    Las flechas son lo que más y lo que menos se estira: los valores singulares.

    Parameters
    ----------
    panels : mapping of str to ndarray of shape (2, 2)
        Una matriz por panel.
    title : str, optional
        Lo que hay que ver, encima de los paneles.
    axes : sequence of Axes, optional
        Un panel por matriz.

    Raises
    ------
    ValueError
        Si una matriz no es de 2 × 2.

    Examples
    --------
    >>> ax = plot_ellipses({"un paso": np.diag([2.0, 0.5])})[0]
    >>> [text.get_text() for text in ax.texts]
    ['2.00', '0.50']
    """
    panels = _of_two(panels)
    axes = new_panels(axes, len(panels), (7.6, 3.1), sharex=True, sharey=True)
    angles = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (puntos, 2)
    for ax, (name, matrix) in zip(axes, panels.items(), strict=True):
        image = circle @ matrix
        ax.plot(*circle.T, color=GREY, lw=1.2, ls=":")
        ax.fill(*image.T, color=BLUE, alpha=0.15)
        ax.plot(*image.T, color=BLUE, lw=1.8, ls="-")
        _, sizes, directions = np.linalg.svd(matrix)
        for size, direction, color in zip(sizes, directions, (ORANGE, "black"), strict=True):
            tip = size * direction * (1 if direction[1] > 0 else -1)
            ax.plot(*np.stack([0 * tip, tip], axis=1), color=color, lw=2.4, ls="-")
            ax.annotate(f"{size:.2f}", tip, (5, 3), textcoords="offset points", color=color,
                        weight="bold")  # fmt: skip
        ax.set(aspect="equal", xlabel="unidad 1")
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].set_ylabel("unidad 2")
    set_title(axes, title)
    return axes


def plot_success(
    counts: np.ndarray,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    runs: int,
    xlabel: str,
    ylabel: str = "manera",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Mapa de calor: cuántas redes aprenden de cada manera y en cada caso.

    Parameters
    ----------
    counts : ndarray of shape (maneras, casos)
        Redes que aprenden; ``nan`` si no se ha medido.
    rows : sequence of str
        Las maneras.
    columns : sequence of str
        Los casos.
    runs : int
        Redes de cada combinación.
    xlabel, ylabel : str
        Qué son los casos y las maneras.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay una fila por manera y una columna por caso, o se cuenta de más.

    Examples
    --------
    >>> names = {"rows": ["sin recorte"], "columns": ["0.1", "1"], "xlabel": "tasa"}
    >>> ax = plot_success(np.array([[0, 5]]), runs=5, **names)
    >>> [text.get_text() for text in ax.texts]
    ['0', '5']
    """
    counts = as_array("counts", counts, ndim=2, min_length=1, dtype="float64", finite=False)
    least, most = np.nanmin(counts), np.nanmax(counts)
    if counts.shape != (len(rows), len(columns)) or least < 0 or most > runs:
        raise ValueError(
            f"Se esperaba una fila por manera y una columna por caso, forma "
            f"{(len(rows), len(columns))}, con números de 0 a {runs}; ha llegado {counts.shape}, "
            f"de {least:g} a {most:g}."
        )
    ax = new_axes(ax, (7.4, 1.5 + 0.4 * len(rows)))
    ax.imshow(counts, vmin=0, vmax=runs, cmap="cividis", aspect="auto")
    for row, column in np.ndindex(counts.shape):
        count = counts[row, column]
        color = "white" if count <= 0.55 * runs else "black"
        shown = "–" if np.isnan(count) else f"{count:.0f}"
        ax.text(column, row, shown, color=color, ha="center", va="center", weight="bold")
    ax.grid(False)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    set_title(ax, title)
    return ax


def rounded(number: float) -> str:
    """Un número con dos cifras significativas y un espacio entre los millares.

    Examples
    --------
    >>> rounded(9.23), rounded(1234), rounded(57_381)
    ('9.2', '1200', '57 000')
    """
    kept = float(f"{number:.2g}")
    return f"{kept:,.0f}".replace(",", " ") if kept >= 10_000 else f"{kept:g}"


def plot_tail(norms: np.ndarray, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Histograma de la norma del gradiente de muchas redes, en escala logarítmica.

    Parameters
    ----------
    norms : ndarray of shape (redes,)
        La norma en cada red, positiva.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna norma no es positiva.

    Examples
    --------
    >>> ax = plot_tail(np.array([1.0, 2.0, 1000.0]))
    >>> [text.get_text() for text in ax.texts]
    ['mediana: 2', 'la mayor: 1000']
    """
    norms = as_array("norms", norms, ndim=1, min_length=1)
    if norms.min() <= 0:
        raise ValueError(f"Se esperaban normas positivas y la menor es {norms.min():g}.")
    ax = new_axes(ax, (6.8, 2.9))
    edges = np.geomspace(norms.min(), norms.max(), 40)
    counts, _, _ = ax.hist(norms, bins=edges, color=BLUE, alpha=0.75)
    ax.set_xscale("log")
    for value, name, color in (
        (np.median(norms), "mediana", ORANGE),
        (norms.max(), "la mayor", "black"),
    ):
        ax.axvline(value, color=color, lw=2, ls="--")
        ax.annotate(f"{name}: {rounded(value)}", (value, 1.06 * counts.max()), (-5, 0), color=color,
                    textcoords="offset points", ha="right", va="bottom", weight="bold")  # fmt: skip
    ax.set(xlabel="norma global del primer gradiente", ylabel="redes")
    reach(ax, 0, 1.25 * counts.max())
    set_title(ax, title)
    return ax

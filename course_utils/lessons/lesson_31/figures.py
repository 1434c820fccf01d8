"""Figuras de la lección 31: el camino del texto, los vocabularios, los vecinos y los mapas."""

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
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import arrow, block, box, new_diagram, symbol, wire, word
from course_utils.plotting.labels import draw_rows
from course_utils.plotting.series import (
    as_curves,
    check_positive,
    check_series,
    same_length,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Color, marca, trazo y a qué lado van los tamaños de una familia: nunca uno encima de otro
LINES = (
    (BLUE, "o", "-", "right"),
    (ORANGE, "s", "--", "left"),
    (GREEN, "D", ":", "left"),
)
DOTS = (
    (BLUE, "o"), (ORANGE, "s"), (GREEN, "D"), (PURPLE, "^"), (GREY, "v"), ("black", "P"),
)  # fmt: skip


def plot_text_to_tensor(
    stages: Sequence[tuple[str, Sequence[str]]],
    *,
    width: int = 4,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El camino de un texto: una fila por etapa y, al final, una fila de la matriz por pieza.

    Parameters
    ----------
    stages : sequence of (str, sequence of str)
        Nombre de cada etapa y lo que hay en cada columna, igual de largas.
    width : int
        Casillas que se dibujan de cada vector.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay etapas o no tienen todas las mismas columnas.

    Examples
    --------
    >>> ax = plot_text_to_tensor([("piezas", ["la", "luna"]), ("números", ["4", "9"])])
    >>> [text.get_text() for text in ax.texts if text.get_text()][:3]
    ['piezas', 'la', 'luna']
    """
    columns = {len(cells) for _, cells in stages}
    if len(columns) != 1 or 0 in columns:
        raise ValueError(
            "Se esperaban etapas con las mismas columnas, una o más; han llegado "
            f"{[len(cells) for _, cells in stages]}."
        )
    count, step = columns.pop(), 1.9
    ax = new_diagram(ax, 3.2 + step * count, 1.25 * len(stages) + 0.45 * width + 0.7)
    for row, (name, cells) in enumerate(stages):
        y = ax.get_ylim()[1] - 0.6 - 1.25 * row
        word(ax, (1.4, y), name, GREY)
        for place, cell in enumerate(cells):
            x = 3.2 + step * (place + 0.5)
            box(ax, (x, y), (1.5, 0.6), "white", edge=BLUE)
            ax.text(x, y, cell.replace(" ", "␣"), fontsize=12, ha="center", va="center")
            arrow(ax, (x, y - 0.37), (x, y - 0.83), GREY)
    y -= 1.25
    word(ax, (1.4, y + 0.3 - 0.225 * width), "vectores", GREY)
    shades = np.random.default_rng(3).uniform(0.1, 0.9, (count, width))
    for place, row in enumerate(shades):
        for depth, shade in enumerate(row):
            box(ax, (3.2 + step * (place + 0.5), y + 0.1 - 0.45 * depth), (0.7, 0.34), BLUE,
                alpha=shade)  # fmt: skip
    set_title(ax, title)
    return ax


def plot_skipgram(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """La red que aprende los vectores: una fila de cada matriz, su producto y una sigmoide.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_skipgram().texts][:3]
    ['palabra', '$E$', '$e_w$']
    """
    ax = new_diagram(ax, 13.6, 3.4)
    dot = 8.0
    for y, name, matrix, row in (
        (2.7, "palabra", "$E$", "$e_w$"),
        (0.7, "candidata", "$C$", "$c_v$"),
    ):
        word(ax, (1.3, y), name)
        wire(ax, (2.8, y), (3.6, y))
        block(ax, (4.4, y), 1.5, matrix, color=BLUE)
        wire(ax, (5.2, y), (dot, y), (dot, 1.7 + np.sign(y - 1.7) * 0.42))
        symbol(ax, (6.2, y + 0.38), row)
    block(ax, (dot, 1.7), 2.0, "$c_v\\cdot e_w$", color=GREY)
    wire(ax, (dot + 1.1, 1.7), (9.7, 1.7))
    block(ax, (10.25, 1.7), 1.0, r"$\sigma$", color=GREEN)
    wire(ax, (10.8, 1.7), (11.5, 1.7))
    word(ax, (12.6, 1.7), "¿vecina?")
    set_title(ax, title)
    return ax


def plot_growth(
    read: np.ndarray,
    seen: np.ndarray,
    fit: np.ndarray,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Palabras distintas según se leen más, en escala logarítmica, y la ley que las sigue.

    Parameters
    ----------
    read, seen, fit : ndarray of shape (puntos,)
        Palabras leídas, distintas y las que dice la ley; positivas.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de unas que de otras o alguna no es positiva.

    Examples
    --------
    >>> ax = plot_growth(np.array([10.0, 100.0]), np.array([8.0, 50.0]), np.array([8.0, 50.0]))
    >>> ax.get_xscale(), ax.get_yscale()
    ('log', 'log')
    """
    curves = as_curves("curvas", {"read": read, "seen": seen, "fit": fit})
    same_length(curves)
    for name, values in curves.items():
        check_positive(name, values)
    ax = new_axes(ax, (6.8, 3.0))
    ax.loglog(curves["read"], curves["fit"], color=ORANGE, ls="--", lw=1.8, label="ley de Heaps")
    ax.loglog(curves["read"], curves["seen"], color=BLUE, lw=2.2, label="cuentos")
    ax.set(xlabel="palabras leídas", ylabel="palabras distintas")
    ax.legend()
    set_title(ax, title)
    return ax


def plot_families(
    families: Mapping[str, np.ndarray],
    sizes: Mapping[str, Sequence[int]],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Longitud de la secuencia y piezas desconocidas de varias familias de vocabularios.

    Parameters
    ----------
    families : mapping of str to ndarray of shape (vocabularios, 2)
        Piezas por cada cien caracteres y desconocidas, en tanto por ciento, de cada vocabulario.
    sizes : mapping of str to sequence of int
        Cuántas piezas tiene cada vocabulario; se escribe el del primero y el del último.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si de alguna familia no se sabe el tamaño de sus vocabularios.

    Examples
    --------
    >>> words = np.array([[20.0, 30.0], [20.0, 3.0]])
    >>> ax = plot_families({"palabras": words}, {"palabras": [9, 99]})
    >>> [text.get_text() for text in ax.texts]
    ['9', '99']
    """
    families = as_curves("families", families, ndim=2)
    check_series("sizes", sizes)
    ax = new_axes(ax, (6.8, 3.6))
    for name, points, (color, marker, style, side) in styled(families, LINES):
        if name not in sizes or points.shape[1] != 2:
            raise ValueError(
                f"Se esperaban dos columnas en {name!r} y el tamaño de cada vocabulario; han "
                f"llegado {points.shape[1]} columnas y tamaños de {', '.join(sizes)}."
            )
        same_length({name: points, f"tamaños de {name}": sizes[name]})
        ax.plot(*points.T, color=color, marker=marker, ls=style, ms=7, label=name)
        for place in dict.fromkeys((0, len(points) - 1)):
            shift = (6, 5) if side == "left" else (-6, 5)
            ax.annotate(f"{sizes[name][place]}", points[place], shift, color=color, weight="bold",
                        textcoords="offset points", ha=side)  # fmt: skip
    ax.set(xlabel="longitud (piezas por cada 100 caracteres)", ylabel="desconocidas (%)")
    reach(ax, 0, 1)
    ax.margins(0.09)
    ax.legend()
    set_title(ax, title)
    return ax


def plot_neighbour_shares(
    shares: Mapping[str, np.ndarray],
    chance: float,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Vecinos de la misma clase con varias maneras de hacer vectores, un punto por repetición.

    Parameters
    ----------
    shares : mapping of str to ndarray of shape (repeticiones,)
        Parte de los vecinos que son de la misma clase.
    chance : float
        Lo que se espera al azar.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_neighbour_shares({"red": np.array([0.3, 0.4])}, 0.07)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['red']
    """
    shares = as_curves("shares", shares)
    ax = new_axes(ax, (6.8, 0.5 * len(shares) + 1.1))
    percent = {name: 100 * values for name, values in shares.items()}
    draw_rows(ax, percent, [(BLUE, "o")] * len(percent))
    ax.axvline(100 * chance, color=GREY, ls=":", lw=1.8)
    ax.annotate("se espera al azar", (100 * chance, len(percent) - 0.6), (4, 0), color=GREY,
                weight="bold", textcoords="offset points")  # fmt: skip
    ax.set_xlabel("vecinos de la misma clase (%)")
    reach(ax, 0, 55, axis="x")
    set_title(ax, title)
    return ax


def plot_maps(
    maps: Mapping[str, np.ndarray],
    groups: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Varios mapas de los mismos puntos, con unos grupos señalados.

    Parameters
    ----------
    maps : mapping of str to ndarray of shape (puntos, 2)
        Los mapas.
    groups : mapping of str to ndarray of bool, shape (puntos,)
        Qué puntos son de cada grupo.
    title : str, optional
        Lo que hay que ver, encima de los paneles.
    axes : sequence of Axes, optional
        Un panel por mapa.

    Raises
    ------
    ValueError
        Si los mapas no tienen los mismos puntos, o alguno no tiene dos ejes.

    Examples
    --------
    >>> axes = plot_maps({"PCA": np.zeros((3, 2))}, {"días": np.array([True, False, True])})
    >>> axes[0].get_title(loc="left")
    'PCA'
    """
    maps, groups = as_curves("maps", maps, ndim=2), as_curves("groups", groups)
    same_length({**maps, **groups})
    axes = new_panels(axes, len(maps), (7.6, 6.6), columns=2)
    for ax, (name, points) in zip(axes, maps.items(), strict=True):
        if points.shape[1] != 2:
            raise ValueError(f"Se esperaban dos ejes en {name!r} y han llegado {points.shape[1]}.")
        ax.plot(*points.T, "o", color="#bdbdbd", ms=3, mew=0, label="las demás")
        for group, inside, (color, marker) in styled(groups, DOTS):
            ax.plot(*points[inside.astype(bool)].T, marker, color=color, ms=6, mew=0, label=group)
        ax.set_title(name, loc="left", fontsize=11)
        ax.set(xticks=[], yticks=[], xlabel="primera coordenada", ylabel="segunda")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    set_title(axes, title)
    return axes

"""Figuras que comparan redes: qué ve cada una, cuánto acierta y cuánto varía al repetir."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREY,
    ORANGE,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import (
    as_curves,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_digit_rows(image: np.ndarray, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Un dígito, con cada fila señalada como un paso temporal.

    Parameters
    ----------
    image : ndarray of shape (filas, columnas)
        Intensidades.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> plot_digit_rows(np.eye(8)).get_ylabel()
    'paso temporal'
    """
    image = as_array("image", image, ndim=2, min_length=1)
    rows, columns = image.shape
    ax = new_axes(ax, (4.2, 3.1))
    ax.imshow(image, cmap="Greys", vmin=min(0, image.min()))
    for row in range(1, rows):
        ax.axhline(row - 0.5, color=BLUE, lw=1.2)
    ax.set_xticks(range(columns), [str(column) for column in range(1, columns + 1)])
    ax.set_yticks(range(rows), [str(row) for row in range(1, rows + 1)])
    ax.set(xlabel="característica", ylabel="paso temporal")
    ax.grid(False)
    set_title(ax, title)
    return ax


def plot_influence(
    influences: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Qué entradas llegan a qué salidas; lo que no llega, en blanco.

    El color, logarítmico, vale lo mismo en todos los paneles.

    Parameters
    ----------
    influences : mapping of str to ndarray of shape (tiempo, tiempo)
        Fila, el paso cuya entrada se cambia; columna, el paso de la salida que se mira. Ninguna
        es negativa.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por red.

    Raises
    ------
    ValueError
        Si los paneles no son tantos como las redes o alguna influencia es negativa.

    Examples
    --------
    >>> axes = plot_influence({"un sentido": np.triu(np.ones((4, 4)))})
    >>> axes[0].get_title(loc="left")
    'un sentido'
    """
    from matplotlib.colors import LogNorm

    influences = as_curves("influences", influences, ndim=2)
    if negative := [name for name, values in influences.items() if values.min() < 0]:
        raise ValueError(
            f"Se esperaba cuánto cambia cada salida; en {', '.join(negative)} hay valores "
            "negativos. Toma su valor absoluto."
        )
    size = (3.4 * len(influences) + 0.8, 3.2)
    axes = new_panels(axes, len(influences), size, sharey=True, layout="constrained")
    shown = {name: np.ma.masked_equal(values, 0) for name, values in influences.items()}
    drawn = np.concatenate([values.compressed() for values in shown.values()])
    norm = LogNorm(drawn.min(), drawn.max()) if drawn.size else None
    for ax, (name, values) in zip(axes, shown.items(), strict=True):
        image = ax.imshow(values, cmap="viridis_r", norm=norm)
        steps = range(0, len(values), -(-len(values) // 8))
        ax.set_xticks(steps, [str(step + 1) for step in steps])
        ax.set_yticks(steps, [str(step + 1) for step in steps])
        ax.set_xlabel("salida del paso")
        ax.grid(False)
        ax.set_title(name, loc="left")
    axes[0].set_ylabel("entrada del paso")
    axes[0].figure.colorbar(image, ax=axes, label="cuánto cambia la salida")
    set_title(axes, title)
    return axes


def plot_gaps(
    accuracies: Mapping[str, np.ndarray],
    reference: tuple[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cuánto acierta más o menos cada red que una de referencia, pareja a pareja.

    Un punto por pareja y, en la media, el intervalo de :func:`course_utils.comparison.paired`. Si
    deja fuera el cero, el símbolo está relleno; si no, hueco y gris.

    Parameters
    ----------
    accuracies : mapping of str to ndarray of shape (parejas,)
        Acierto de cada red en cada repetición, entre 0 y 1.
    reference : (str, ndarray of shape (parejas,))
        Nombre y acierto de la red con la que se comparan.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> hits = np.linspace(0.9, 0.95, 6)
    >>> ax = plot_gaps({"densa": hits + 0.02}, ("LSTM", hits), title="La densa gana")
    >>> [label.get_text() for label in ax.get_yticklabels()], ax.texts[0].get_text()
    (['densa'], 'LSTM')
    """
    from course_utils.comparison import paired

    accuracies, (name, base) = as_curves("accuracies", accuracies), reference
    gaps = [paired(values, base) for values in accuracies.values()]
    points = {row: 100 * (values - base) for row, values in accuracies.items()}
    ax = new_axes(ax, (6.8, 1.2 + 0.5 * len(gaps)))
    draw_rows(ax, points, [(GREY, ".")] * len(gaps))
    for row, gap in enumerate(gaps):
        color = BLUE if gap.is_clear else GREY
        ax.plot([100 * gap.low, 100 * gap.high], [row, row], color=color, lw=3, ls="-")
        face = color if gap.is_clear else "white"
        ax.plot([100 * gap.value], [row], "o", color=color, mfc=face, ms=8, mew=2)
    ax.axvline(0, color=ORANGE, ls="--", lw=1.6)
    ax.annotate(
        name, (0, 1), (0, 2), xycoords=ax.get_xaxis_transform(), textcoords="offset points",
        color=ORANGE, weight="bold", ha="center",
    )  # fmt: skip
    ax.set_xlabel("diferencia de acierto en la prueba (puntos porcentuales)")
    set_title(ax, title, pad=20)
    return ax


def plot_repeats(
    accuracies: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una fila por red, un punto por semilla y una barra en la media.

    Parameters
    ----------
    accuracies : mapping of str to ndarray of shape (semillas,)
        Lo que midió cada repetición, entre 0 y 1.
    xlabel : str
        Qué se mide, con su unidad.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_repeats({"sin nada": np.array([0.96, 0.97])}, title="Parecidas", xlabel="%")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['sin nada']
    """
    rows = {name: 100 * values for name, values in as_curves("accuracies", accuracies).items()}
    ax = new_axes(ax, (6.8, 0.9 + 0.5 * len(rows)))
    draw_rows(ax, rows, [(BLUE, "o")] * len(rows))
    for row, values in enumerate(rows.values()):
        ax.plot([values.mean()], [row], "|", color="black", ms=16, mew=2.4)
    ax.set_xlabel(xlabel)
    set_title(ax, title)
    return ax


def plot_skill_by_step(
    curves: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """R² del pronóstico en cada paso de la ventana.

    Parameters
    ----------
    curves : mapping of str to ndarray of shape (tiempo,)
        Una curva por red; tres como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de tres redes.

    Examples
    --------
    >>> ax = plot_skill_by_step({"un sentido": np.zeros(5)}, title="No hay nada que predecir")
    >>> ax.get_xlabel(), ax.texts[0].get_text()
    ('paso de la ventana', 'un sentido')
    """
    from matplotlib.ticker import MaxNLocator

    ax = new_axes(ax, (6.8, 3.1))
    styles, ends = ((ORANGE, "o-"), (BLUE, "s--"), (GREY, "^:")), []
    for name, values, (color, style) in styled(as_curves("curves", curves), styles):
        ax.plot(np.arange(1, len(values) + 1), values, style, color=color, ms=5, lw=2)
        ends.append(End(name, len(values), values[-1], color))
    ax.set(xlabel="paso de la ventana", ylabel="R²")
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    reach(ax, -0.35, 1.1)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax

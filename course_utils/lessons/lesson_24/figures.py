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
from course_utils.plotting.labels import End, draw_rows, label_ends, spread
from course_utils.plotting.series import (
    as_curves,
    as_numbers,
    check_names,
    check_positive,
    same_names,
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


def plot_accuracy_by_size(
    params: Mapping[str, int],
    accuracies: Mapping[str, np.ndarray],
    *,
    families: Mapping[str, str],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Acierto de cada red según sus parámetros, con la media y lo que varía al repetir.

    Parameters
    ----------
    params : mapping of str to int
        Parámetros de cada red.
    accuracies : mapping of str to ndarray of shape (semillas,)
        Acierto de cada red con cada semilla, entre 0 y 1.
    families : mapping of str to str
        De cada red, ``"recurrente"`` o ``"otra"``: deciden el color y el símbolo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si los tres no nombran las mismas redes o alguna familia no es de las dos.

    Examples
    --------
    >>> ax = plot_accuracy_by_size({"LSTM": 9778}, {"LSTM": np.array([0.95, 0.97])},
    ...                            families={"LSTM": "recurrente"}, title="Una red")
    >>> ax.get_xscale(), ax.texts[0].get_text()
    ('log', 'LSTM')
    """
    params, accuracies = as_numbers("params", params), as_curves("accuracies", accuracies)
    same_names("los parámetros, los aciertos y las familias", params, accuracies, families)
    styles = {"recurrente": (BLUE, "o"), "otra": (ORANGE, "s")}
    check_positive("params", params.values())
    check_names("las familias", families.values(), styles)
    ax = new_axes(ax, (7.4, 4.2))
    for name, size in params.items():
        values = 100 * accuracies[name]
        color, marker = styles[families[name]]
        ax.plot([size, size], [values.min(), values.max()], color=color, lw=1.4, ls="-", alpha=0.6)
        ax.plot([size], [values.mean()], marker, color=color, ms=7, ls="none")
    ax.set(xscale="log", xlabel="parámetros", ylabel="acierto en la prueba (%)")
    low, high = min(params.values()), max(params.values())
    ax.set_xlim(low / 1.5, high * 6)
    means = [100 * accuracies[name].mean() for name in params]
    bottom, top = ax.get_ylim()
    heights = spread(means, 0.055 * (top - bottom), bottom, top)
    for (name, size), mean, height in zip(params.items(), means, heights, strict=True):
        color, start = styles[families[name]][0], (size * 1.04, mean)
        line = {"arrowstyle": "-", "color": color, "lw": 0.8, "alpha": 0.6}
        place = (max(1.35 * size, 1.25 * high if size > high / 3 else 0), height)
        ax.annotate(name, start, xytext=place, color=color, va="center", fontsize=9,
                    arrowprops=line)  # fmt: skip
    set_title(ax, title)
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

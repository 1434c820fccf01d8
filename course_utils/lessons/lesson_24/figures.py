"""Figuras que comparan redes: qué ve cada una, cuánto acierta y cuánto varía al repetir."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREY, ORANGE, new_axes
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_digit_rows(image: np.ndarray, label: int, *, ax: Axes | None = None) -> Axes:
    """Un dígito, con cada fila señalada como un paso temporal.

    Parameters
    ----------
    image : ndarray of shape (filas, columnas)
        Intensidades.
    label : int
        Qué dígito es.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> plot_digit_rows(np.eye(8), 1).get_ylabel()
    'paso temporal'
    """
    image = as_array("image", image, ndim=2)
    rows, columns = image.shape
    ax = new_axes(ax, (4.2, 3.1))
    ax.imshow(image, cmap="Greys", vmin=0)
    for row in range(1, rows):
        ax.axhline(row - 0.5, color=BLUE, lw=1.2)
    ax.set_xticks(range(columns), [str(column) for column in range(1, columns + 1)])
    ax.set_yticks(range(rows), [str(row) for row in range(1, rows + 1)])
    ax.set(xlabel="característica", ylabel="paso temporal")
    ax.grid(False)
    ax.set_title(f"Un {label}, leído fila a fila", loc="left")
    return ax


def plot_influence(
    influences: Mapping[str, np.ndarray], *, axes: Sequence[Axes] | None = None
) -> list[Axes]:
    """Qué entradas llegan a qué salidas; lo que no llega, en blanco.

    El color, logarítmico, vale lo mismo en todos los paneles.

    Parameters
    ----------
    influences : mapping of str to ndarray of shape (tiempo, tiempo)
        Fila, el paso cuya entrada se cambia; columna, el paso de la salida que se mira.
    axes : sequence of Axes, optional
        Un panel por red.

    Raises
    ------
    ValueError
        Si los paneles no son tantos como las redes.

    Examples
    --------
    >>> axes = plot_influence({"un sentido": np.triu(np.ones((4, 4)))})
    >>> axes[0].get_title(loc="left")
    'un sentido'
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import LogNorm

    if axes is None:
        size = (3.4 * len(influences) + 0.8, 3.2)
        options = {"sharey": True, "squeeze": False, "layout": "constrained"}
        axes = plt.subplots(1, len(influences), figsize=size, **options)[1][0]
    if len(axes) != len(influences):
        raise ValueError(
            f"Se esperaba un panel por red: hay {len(influences)} y han llegado {len(axes)}."
        )
    shown = {
        name: np.ma.masked_less_equal(as_array("influences", values, ndim=2), 0)
        for name, values in influences.items()
    }
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
    axes[0].figure.colorbar(image, ax=list(axes), label="cuánto cambia la salida")
    return list(axes)


def plot_accuracy_by_size(
    params: Mapping[str, int],
    accuracies: Mapping[str, np.ndarray],
    *,
    families: Mapping[str, str],
    title: str,
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
    title : str
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si los tres no nombran las mismas redes.

    Examples
    --------
    >>> ax = plot_accuracy_by_size({"LSTM": 9778}, {"LSTM": np.array([0.95, 0.97])},
    ...                            families={"LSTM": "recurrente"}, title="Una red")
    >>> ax.get_xscale(), ax.texts[0].get_text()
    ('log', 'LSTM')
    """
    if not params.keys() == accuracies.keys() == families.keys():
        raise ValueError(
            f"Se esperaban las mismas redes en los tres: {list(params)}, {list(accuracies)} y "
            f"{list(families)}."
        )
    ax = new_axes(ax, (7.4, 4.2))
    styles = {"recurrente": (BLUE, "o"), "otra": (ORANGE, "s")}
    for name, size in params.items():
        values = 100 * as_array("accuracies", accuracies[name], ndim=1)
        color, marker = styles[families[name]]
        ax.plot([size, size], [values.min(), values.max()], color=color, lw=1.4, ls="-", alpha=0.6)
        ax.plot([size], [values.mean()], marker, color=color, ms=7, ls="none")
    ax.set(xscale="log", xlabel="parámetros", ylabel="acierto en la prueba (%)")
    low, high = min(params.values()), max(params.values())
    ax.set_xlim(low / 1.5, high * 6)
    heights = _apart(
        {name: 100 * accuracies[name].mean() for name in params}, np.ptp(ax.get_ylim())
    )
    for name, height in heights.items():
        size, color = params[name], styles[families[name]][0]
        start = (size * 1.04, 100 * accuracies[name].mean())
        line = {"arrowstyle": "-", "color": color, "lw": 0.8, "alpha": 0.6}
        place = (max(1.35 * size, 1.25 * high if size > high / 3 else 0), height)
        ax.annotate(name, start, xytext=place, color=color, va="center", fontsize=9,
                    arrowprops=line)  # fmt: skip
    ax.set_title(title, loc="left")
    return ax


def _apart(heights: Mapping[str, float], span: float) -> dict[str, float]:
    """Las alturas de los rótulos, separadas lo justo para que no se pisen."""
    gap = 0.055 * span
    placed: dict[str, float] = {}
    previous = -np.inf
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        previous = placed[name] = max(height, previous + gap)
    excess = (sum(placed.values()) - sum(heights.values())) / len(placed)
    return {name: height - excess for name, height in placed.items()}


def plot_repeats(
    accuracies: Mapping[str, np.ndarray], *, title: str, xlabel: str, ax: Axes | None = None
) -> Axes:
    """Una fila por red, un punto por semilla y una barra en la media.

    Parameters
    ----------
    accuracies : mapping of str to ndarray of shape (semillas,)
        Lo que midió cada repetición, entre 0 y 1.
    title : str
        Lo que hay que ver.
    xlabel : str
        Qué se mide, con su unidad.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_repeats({"sin nada": np.array([0.96, 0.97])}, title="Parecidas", xlabel="%")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['sin nada']
    """
    ax = new_axes(ax, (6.8, 0.9 + 0.5 * len(accuracies)))
    for row, values in enumerate(accuracies.values()):
        values = 100 * as_array("accuracies", values, ndim=1)
        ax.plot(values, np.full(len(values), row), "o", color=BLUE, ms=7, alpha=0.55, mew=0)
        ax.plot([values.mean()], [row], "|", color="black", ms=16, mew=2.4)
    ax.set_yticks(range(len(accuracies)), list(accuracies))
    ax.set(xlabel=xlabel, ylim=(len(accuracies) - 0.4, -0.6))
    ax.set_title(title, loc="left")
    return ax


def plot_skill_by_step(
    curves: Mapping[str, np.ndarray], *, title: str, ax: Axes | None = None
) -> Axes:
    """R² del pronóstico en cada paso de la ventana.

    Parameters
    ----------
    curves : mapping of str to ndarray of shape (tiempo,)
        Una curva por red.
    title : str
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_skill_by_step({"un sentido": np.zeros(5)}, title="No hay nada que predecir")
    >>> ax.get_xlabel(), ax.texts[0].get_text()
    ('paso de la ventana', 'un sentido')
    """
    from matplotlib.ticker import MaxNLocator

    ax = new_axes(ax, (6.8, 3.1))
    styles = zip((ORANGE, BLUE, GREY), ("o-", "s--", "^:"), strict=True)
    for (name, values), (color, style) in zip(curves.items(), styles, strict=False):
        values = as_array("curves", values, ndim=1)
        ax.plot(np.arange(1, len(values) + 1), values, style, color=color, ms=5, lw=2)
        ax.text(1.5, values[:3].mean() - 0.08, name, color=color, weight="bold", va="top")
    ax.set(xlabel="paso de la ventana", ylabel="R²", ylim=(-0.35, 1.1))
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    ax.set_title(title, loc="left")
    return ax

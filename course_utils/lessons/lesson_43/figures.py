"""Figuras de la lección 43: cuantiles, abanicos y lo que se promete frente a lo que hay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, GREY, ORANGE, new_axes, reach, set_title
from course_utils.plotting.diagrams import block, body, joint, new_diagram, wire, word
from course_utils.plotting.labels import draw_rows, level
from course_utils.plotting.series import as_curves, as_numbers, same_length, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEADS = (
    ("cuantiles", r"$q_{0.05}\ldots q_{0.95}$", BLUE),
    ("normal", r"$\mu,\ \sigma$", ORANGE),
    ("binomial negativa", r"$\mu,\ \alpha$", GREEN),
)
SHADE = 0.16  # opacidad de cada banda del abanico


def plot_quantile_losses(
    forecasts: np.ndarray,
    losses: Mapping[str, np.ndarray],
    *,
    unit: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """La pérdida media de dar siempre el mismo pronóstico, con un punto en la menor.

    Parameters
    ----------
    forecasts : ndarray of shape (pronósticos,)
        Los pronósticos que se prueban.
    losses : mapping of str to ndarray of shape (pronósticos,)
        La pérdida media de cada uno, para cada nivel.
    unit : str
        Unidad de la serie.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no hay una pérdida por pronóstico o hay más niveles que estilos.

    Examples
    --------
    >>> ax = plot_quantile_losses(np.arange(3.0), {"0.5": np.array([2.0, 1.0, 3.0])}, unit="pares")
    >>> float(ax.lines[1].get_xdata()[0])
    1.0
    """
    forecasts = as_array("forecasts", forecasts, ndim=1, min_length=1)
    losses = as_curves("losses", losses)
    same_length({"forecasts": forecasts} | losses)
    ax = new_axes(ax, (7.0, 3.2))
    for name, values, look in styled(losses):
        ax.plot(forecasts, values, lw=1.8, label=name, **look)
        best = int(values.argmin())
        ax.plot(forecasts[best], values[best], "o", color=look["color"], ms=8)
    ax.set(xlabel=f"pronóstico ({unit})", ylabel=f"pérdida media ({unit})")
    ax.legend(title="nivel", fontsize=10)
    reach(ax, 0, 0)
    set_title(ax, title)
    return ax


def plot_network(
    past: str, future: str, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """La red de la lección: lo que ve cada parte y las tres cabezas que se le pueden poner.

    Parameters
    ----------
    past, future : str
        Lo que recibe la GRU y lo que se conoce del plazo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si falta el nombre de una de las dos.

    Examples
    --------
    >>> ax = plot_network("temperatura y rocío", "hora")
    >>> [text.get_text() for text in ax.texts if "\\\\mu" in text.get_text()]
    ['$\\\\mu,\\\\ \\\\sigma$', '$\\\\mu,\\\\ \\\\alpha$']
    """
    if not past or not future:
        raise ValueError(
            "Se esperaba el nombre de lo que ve cada parte; alguno ha llegado vacío. Pasa, por "
            "ejemplo, 'temperatura' y 'hora'."
        )
    ax = new_diagram(ax, 13.4, 5.2)
    body(ax, (3.9, 0.3), (8.6, 5.0))
    word(ax, (1.6, 3.95), past)
    word(ax, (1.6, 3.45), "hasta ahora", GREY)
    word(ax, (1.6, 1.55), future)
    word(ax, (1.6, 1.05), "del plazo", GREY)
    block(ax, (5.1, 3.7), 1.5, "GRU")
    block(ax, (7.5, 2.5), 1.5, "lineal")
    wire(ax, (3.3, 3.7), (4.35, 3.7))
    wire(ax, (5.85, 3.7), (6.3, 3.7), (6.3, 2.5), head=False)
    wire(ax, (3.3, 1.3), (6.3, 1.3), (6.3, 2.5), head=False)
    wire(ax, (6.3, 2.5), (6.75, 2.5))
    joint(ax, (6.3, 2.5))
    word(ax, (5.75, 4.3), r"$h_T$")
    for row, (name, text, color) in enumerate(HEADS):
        y = 4.25 - 1.75 * row
        wire(ax, (8.25, 2.5), (8.95, 2.5), (8.95, y), (9.4, y), ls="--", color=GREY)
        block(ax, (11.3, y), 3.7, text, name, color=color)
    set_title(ax, title)
    return ax


def plot_fan(
    before: np.ndarray,
    actual: np.ndarray,
    quantiles: np.ndarray,
    levels: Sequence[float],
    *,
    unit: str,
    step: str = "horas",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Un abanico: lo que pasó, y los intervalos que se pronosticaron desde el origen.

    Parameters
    ----------
    before : ndarray of shape (pasado,)
        La serie hasta el origen.
    actual : ndarray of shape (horizonte,)
        Lo que pasó después.
    quantiles : ndarray of shape (horizonte, niveles)
        Los cuantiles pronosticados, en orden y sin cruces.
    levels : sequence of float
        Sus niveles, simétricos: 0.05 con 0.95.
    unit, step : str
        Unidad de la serie y qué es cada paso, en plural.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si las formas no casan o los cuantiles se cruzan.

    Examples
    --------
    >>> ax = plot_fan(np.ones(4), np.ones(2), np.array([[0, 2], [0, 3]]), (0.05, 0.95), unit="°C")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['lo que pasó', '90 %']
    """
    from matplotlib.patches import Patch

    before = as_array("before", before, ndim=1, min_length=1)
    actual = as_array("actual", actual, ndim=1, min_length=1)
    quantiles = as_array("quantiles", quantiles, ndim=2)
    if quantiles.shape != (len(actual), len(levels)) or (np.diff(quantiles, axis=1) < 0).any():
        raise ValueError(
            f"Se esperaban cuantiles de forma {(len(actual), len(levels))}, de menor a mayor; ha "
            f"llegado {quantiles.shape}. Pasa un nivel por columna y ordénalos si se cruzan."
        )
    ax = new_axes(ax, (7.0, 3.3))
    ahead = np.arange(1, len(actual) + 1)
    pairs = len(levels) // 2
    for place in range(pairs):
        low, high = quantiles[:, place], quantiles[:, -1 - place]
        ax.fill_between(ahead, low, high, color=BLUE, alpha=SHADE, lw=0)
    steps = np.concatenate([np.arange(1 - len(before), 1), ahead])
    (line,) = ax.plot(steps, np.concatenate([before, actual]), color="black", ls="-", lw=1.6)
    ax.axvline(0.5, color=GREY, ls=":", lw=1.4)
    ax.set(xlabel=f"{step} desde el origen", ylabel=unit)
    shades = {  # lo que se ve donde se solapan todas las bandas hasta esa
        f"{100 * (levels[-1 - k] - levels[k]):.0f} %": Patch(
            color=BLUE, alpha=1 - (1 - SHADE) ** (k + 1)
        )
        for k in dict.fromkeys((0, pairs - 1))
    }
    names = ["lo que pasó", *shades]  # la leyenda va fuera: dentro tapa la curva
    ax.legend([line, *shades.values()], names, fontsize=10, loc="upper left", bbox_to_anchor=(1, 1))
    set_title(ax, title)
    return ax


def plot_promised(
    promised: np.ndarray,
    had: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Lo que la cobertura se aparta de lo prometido, para cada promesa; en cero, se cumple.

    Parameters
    ----------
    promised : ndarray of shape (intervalos,)
        Lo que promete cada intervalo, entre 0 y 1.
    had : mapping of str to ndarray of shape (intervalos,)
        La cobertura que hay, para cada pronóstico.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no hay una cobertura por promesa o hay más pronósticos que estilos.

    Examples
    --------
    >>> ax = plot_promised(np.array([0.5, 0.9]), {"normal": np.array([0.4, 0.8])})
    >>> ax.get_xlabel()
    'cobertura prometida (%)'
    """
    promised = as_array("promised", promised, ndim=1, min_length=1)
    had = as_curves("had", had)
    same_length({"promised": promised} | had)
    ax = new_axes(ax, (7.0, 3.4))
    level(ax, 0, "lo prometido", side="right")
    markers = "osD^vPX"
    for marker, (name, values, look) in zip(markers, styled(had), strict=False):
        gap = 100 * (values - promised)
        ax.plot(100 * promised, gap, marker=marker, ms=6, lw=1.6, label=name, **look)
    ax.set(xlabel="cobertura prometida (%)", ylabel="la que hay menos\nla prometida (puntos)")
    ax.legend(loc="best", fontsize=10)
    set_title(ax, title)
    return ax


def plot_blocks(
    blocks: Mapping[str, np.ndarray],
    *,
    unit: str,
    lines: Mapping[str, float] | None = None,
    decimals: int = 1,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una fila por nombre, un punto por bloque (una semana, una tienda) y una barra en su media.

    Parameters
    ----------
    blocks : mapping of str to ndarray of shape (bloques,)
        Lo medido en cada bloque.
    unit : str
        Qué es, con su unidad.
    lines : mapping of str to float, optional
        Valores con los que se compara, dos como mucho: una línea vertical con su nombre.
    decimals : int, default 1
        Decimales con que se escriben las medias.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si alguna fila no son números o hay más de dos líneas.

    Examples
    --------
    >>> ax = plot_blocks({"antes": np.array([80.0, 90.0])}, unit="cobertura (%)")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['antes  85.0']
    """
    blocks = as_curves("blocks", blocks)
    lines = as_numbers("lines", lines) if lines else {}
    ax = new_axes(ax, (7.0, 1.2 + 0.4 * len(blocks)))
    labels = [f"{name}  {values.mean():z.{decimals}f}" for name, values in blocks.items()]
    draw_rows(ax, blocks, [(BLUE, "o")] * len(blocks), labels=labels)
    for row, values in enumerate(blocks.values()):
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=BLUE, lw=2.4, ls="-")
    for name, value, style in styled(lines, (":", "--")):
        ax.axvline(value, color=GREY, ls=style, lw=1.6)
        ax.text(value, 1.0, name, color=GREY, ha="center", va="bottom", fontsize=10,
                transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set_xlabel(unit)
    set_title(ax, title, pad=20 if lines else 6)
    return ax


def plot_by_hour(
    coverage: Mapping[str, np.ndarray],
    *,
    promised: float,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """La cobertura de cada hora del día, con la que se prometía.

    Parameters
    ----------
    coverage : mapping of str to ndarray of shape (horas,)
        Qué parte cayó dentro, para cada pronóstico; la primera hora es la 0.
    promised : float
        Lo prometido, entre 0 y 1.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no hay una cobertura por hora en todos o hay más pronósticos que estilos.

    Examples
    --------
    >>> ax = plot_by_hour({"antes": np.full(24, 0.8)}, promised=0.9)
    >>> ax.get_xlabel()
    'hora del día'
    """
    coverage = as_curves("coverage", coverage)
    same_length(coverage)
    ax = new_axes(ax, (7.0, 3.2))
    level(ax, 100 * promised, f"prometido: {100 * promised:.0f} %")
    for name, values, look in styled(coverage):
        ax.plot(np.arange(len(values)), 100 * values, lw=1.8, label=name, **look)
    ax.set(xlabel="hora del día", ylabel="cobertura (%)")
    ax.legend(loc="best", fontsize=10)
    set_title(ax, title)
    return ax

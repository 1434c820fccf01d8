"""Figuras de la lección 32: la red, los aciertos, lo que falta, las palabras y la confianza."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    new_axes,
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import block, box, new_diagram, symbol, wire, word
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import (
    as_curves,
    as_numbers,
    check_positive,
    check_series,
    same_length,
    same_names,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."))
VECTOR_ROW, STATE_ROW, SUMMARY_ROW = 1.9, 3.3, 4.9  # alturas del diagrama


def plot_classifier(
    tokens: Sequence[str], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """El clasificador: incrustación, GRU, media y máximo de los estados reales, y el logit.

    Parameters
    ----------
    tokens : sequence of str
        Las palabras; «·» es relleno y va al final.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay ninguna palabra o alguna va después del relleno.

    Examples
    --------
    >>> [text.get_text() for text in plot_classifier(["no", "·"]).texts][:3]
    ['no', '$e_1$', '$h_1$']
    """
    real = sum(token != "·" for token in tokens)
    if not real or "·" in tokens[:real]:
        raise ValueError(
            "Se esperaban una o más palabras y después, si acaso, el relleno «·»; ha llegado "
            f"{list(tokens)}."
        )
    step, tall = 2.2, 0.37
    ax = new_diagram(ax, step * len(tokens) + 6.7, 5.6)
    end = step * len(tokens) + 0.2
    for t, token in enumerate(tokens):
        x = step * (t + 0.5)
        if t >= real:
            word(ax, (x, 0.5), "relleno", GREY)
            continue
        word(ax, (x, 0.5), token)
        block(ax, (x, VECTOR_ROW), 1.2, f"$e_{t + 1}$", color=BLUE)
        block(ax, (x, STATE_ROW), 1.2, f"$h_{t + 1}$", color=GREEN)
        wire(ax, (x, 0.85), (x, VECTOR_ROW - tall))
        wire(ax, (x, VECTOR_ROW + tall), (x, STATE_ROW - tall))
        if t:
            wire(ax, (x - step + 0.6, STATE_ROW), (x - 0.6, STATE_ROW))
        wire(ax, (x, STATE_ROW + tall), (x, SUMMARY_ROW), head=False)
    wire(ax, (step / 2, SUMMARY_ROW), (end, SUMMARY_ROW))
    block(ax, (end + 1.8, SUMMARY_ROW), 3.6, "media, máx.", color=GREY)
    wire(ax, (end + 3.6, SUMMARY_ROW), (end + 4.2, SUMMARY_ROW))
    block(ax, (end + 4.8, SUMMARY_ROW), 1.2, "$w$", color=GREY)
    wire(ax, (end + 5.4, SUMMARY_ROW), (end + 5.9, SUMMARY_ROW))
    symbol(ax, (end + 6.2, SUMMARY_ROW), "$s$")
    for height, name in ((VECTOR_ROW, "incrustación"), (STATE_ROW, "GRU")):
        word(ax, (end + 1.8, height), name, GREY)
    set_title(ax, title)
    return ax


def plot_hits(
    panels: Mapping[str, Mapping[str, np.ndarray]],
    levels: Mapping[str, float],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Aciertos de varios modelos, un punto por repetición, con una raya de referencia por panel.

    Parameters
    ----------
    panels : mapping of str to mapping of str to ndarray of shape (repeticiones,)
        De cada panel, los aciertos de cada modelo, en tanto por ciento; los mismos modelos en
        todos.
    levels : mapping of str to float
        La referencia de cada panel.
    title : str, optional
        Lo que hay que ver, encima de los paneles.
    axes : sequence of Axes, optional
        Un panel por parte.

    Raises
    ------
    ValueError
        Si no hay los mismos modelos en todos los paneles, o alguno no tiene su referencia.

    Examples
    --------
    >>> axes = plot_hits({"todas": {"GRU": np.array([71.0, 74.0])}}, {"todas": 75.0})
    >>> axes[0].get_title(loc="left"), axes[0].get_yticklabels()[0].get_text()
    ('todas', 'GRU')
    """
    check_series("panels", panels)
    same_names("las partes", panels, levels)
    panels = {name: as_curves(f"panels[{name!r}]", rows) for name, rows in panels.items()}
    same_names("los modelos", *panels.values())
    levels = as_numbers("levels", levels)
    count = len(next(iter(panels.values())))
    size = (4.4 + 2.6 * (len(panels) - 1), 0.42 * count + 1.2)
    axes = new_panels(axes, len(panels), size, sharey=True)
    for ax, (name, rows) in zip(axes, panels.items(), strict=True):
        draw_rows(ax, rows, [(BLUE, "o")] * len(rows))
        ax.axvline(levels[name], color=ORANGE, ls="--", lw=1.8)
        ax.set_title(name, loc="left", fontsize=11)
        ax.set_xlabel("aciertos (%)")
        ax.margins(x=0.1)
    set_title(axes, title)
    return axes


def plot_learning_curves(
    sizes: np.ndarray,
    curves: Mapping[str, np.ndarray],
    future: np.ndarray,
    laws: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Error según los textos de entrenamiento, y la recta que lo alarga, en papel logarítmico.

    Parameters
    ----------
    sizes : ndarray of shape (tamaños,)
        Textos con los que se ha entrenado.
    curves : mapping of str to ndarray of shape (tamaños,)
        El error de cada modelo, en tanto por ciento.
    future : ndarray of shape (puntos,)
        Textos para los que se calcula la recta.
    laws : mapping of str to ndarray of shape (puntos,)
        Lo que dice la recta de cada modelo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si algo no mide lo que debe, no es positivo, o hay más modelos que trazos.

    Examples
    --------
    >>> sizes, future = np.array([72, 576]), np.array([72.0, 5760.0])
    >>> curves, laws = {"bolsa": np.array([35.0, 25.0])}, {"bolsa": np.array([35.0, 18.0])}
    >>> ax = plot_learning_curves(sizes, curves, future, laws)
    >>> ax.get_xscale(), [text.get_text() for text in ax.texts]
    ('log', ['bolsa'])
    """
    sizes = as_array("sizes", sizes, ndim=1, min_length=1)
    future = as_array("future", future, ndim=1, min_length=1)
    curves, laws = as_curves("curves", curves), as_curves("laws", laws)
    same_names("los modelos", curves, laws)
    same_length({"sizes": sizes, **curves})
    same_length({"future": future, **laws})
    for named in ({"sizes": sizes, "future": future}, curves, laws):
        for name, values in named.items():
            check_positive(name, values)
    ax = new_axes(ax, (6.8, 3.4))
    ends = []
    for name, errors, (color, marker, style) in styled(curves, POINTS):
        ax.loglog(sizes, errors, marker, color=color, ms=7)
        ax.loglog(future, laws[name], ls=style, color=color, lw=1.6)
        ends.append(End(name, future[-1], laws[name][-1], color))
    ax.set(xlabel="textos de entrenamiento", ylabel="error (%)")
    ticks = [tick for tick in (5, 10, 20, 30, 50) if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, map(str, ticks))
    ax.minorticks_off()
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_word_effects(
    words: Sequence[str],
    effects: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una frase por fila, con cada palabra pintada según lo que pone: a favor o en contra.

    Parameters
    ----------
    words : sequence of str
        Las palabras.
    effects : mapping of str to ndarray of shape (palabras,)
        El efecto de cada palabra según cada red; el color se mide con el mayor de su fila.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si los efectos no son tantos como las palabras.

    Examples
    --------
    >>> ax = plot_word_effects(["no", "es", "malo"], {"red": np.array([2.0, 0.1, -1.0])})
    >>> [text.get_text() for text in ax.texts]
    ['red', 'no', 'es', 'malo']
    """
    effects = as_curves("effects", effects)
    for name, values in effects.items():
        same_length({"words": words, name: values})
    widths = [0.55 + 0.21 * len(text) for text in words]
    starts = np.cumsum([3.6, *widths])
    ax = new_diagram(ax, starts[-1] + 0.2, 1.0 * len(effects))
    for row, (name, values) in enumerate(effects.items()):
        y = len(effects) - 0.5 - row
        ax.text(3.3, y, name, fontsize=11, weight="bold", ha="right", va="center", color=GREY)
        shares = np.abs(values) / (np.abs(values).max() or 1)
        for text, value, share, start, width in zip(
            words, values, shares, starts[:-1], widths, strict=True
        ):
            center = start + width / 2, y
            box(ax, center, (width - 0.16, 0.66), BLUE if value > 0 else ORANGE, alpha=0.75 * share)
            ax.text(*center, text, fontsize=11, ha="center", va="center")
    set_title(ax, title)
    return ax


def plot_reliability(
    groups: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Diagrama de fiabilidad: lo que acierta cada grupo según lo segura que dice estar la red.

    Parameters
    ----------
    groups : mapping of str to ndarray of shape (grupos, 3)
        De cada red, y de cada grupo: confianza media, parte de aciertos y cuántas respuestas, que
        dicen el tamaño del punto.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si algún grupo no trae esas tres cosas.

    Examples
    --------
    >>> ax = plot_reliability({"GRU": np.array([[0.6, 0.5, 20], [0.9, 0.8, 60]])})
    >>> ax.get_xlabel()
    'confianza (%)'
    """
    groups = as_curves("groups", groups, ndim=2)
    ax = new_axes(ax, (5.4, 4.0))
    ax.plot([50, 100], [50, 100], color=GREY, ls=":", lw=1.6)
    ends = [End("dice la verdad", 100, 100, GREY)]
    for name, rows, (color, marker, style) in styled(groups, POINTS):
        if rows.shape[1] != 3:
            raise ValueError(
                f"Se esperaban tres columnas en {name!r} (confianza, aciertos y cuántas) y han "
                f"llegado {rows.shape[1]}."
            )
        ax.plot(100 * rows[:, 0], 100 * rows[:, 1], color=color, ls=style, lw=1.4)
        sizes = 20 + 180 * rows[:, 2] / rows[:, 2].sum()
        ax.scatter(100 * rows[:, 0], 100 * rows[:, 1], sizes, color=color, marker=marker)
        ends.append(End(name, 100 * rows[-1, 0], 100 * rows[-1, 1], color))
    ax.set(xlabel="confianza (%)", ylabel="aciertos (%)")
    reach(ax, 50, 100, axis="x")
    reach(ax, 40, 100)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax

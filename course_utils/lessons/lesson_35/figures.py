"""Figuras de la atención: la red, adónde mira, cada cabeza y lo que cuesta una secuencia larga."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    ORANGE,
    new_axes,
    new_panels,
    set_title,
)
from course_utils.plotting.diagrams import (
    BLOCK_HEIGHT,
    block,
    body,
    new_diagram,
    wire,
    word,
)
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import as_curves, check_positive, same_length, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUNDING = 1e-5  # lo que puede pasarse de uno un peso de 32 bits
LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", ":"))


def plot_attention_step(
    source: Sequence[str],
    weights: np.ndarray,
    written: str,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Un paso del decodificador que mira todo lo leído: cuanto más peso, más gruesa la flecha.

    Parameters
    ----------
    source : sequence of str
        Lo leído, un símbolo por posición.
    weights : ndarray of shape (posiciones,)
        El peso de cada una.
    written : str
        Lo que escribe en ese paso.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay un peso por símbolo.

    Examples
    --------
    >>> ax = plot_attention_step(["3", "/", "2"], np.array([0.1, 0.8, 0.1]), "3")
    >>> [text.get_text() for text in ax.texts][-4:]
    ['$s_t$', '$c_t$', 'tanh', '3']
    """
    weights = as_array("weights", weights, ndim=1)
    same_length({"source": source, "weights": weights})
    width, tall = max(len(source), 8), BLOCK_HEIGHT / 2
    ax = new_diagram(ax, width + 5.4, 5.2)
    body(ax, (0.04, 0.04), (width + 0.1, 2.75))
    word(ax, (width / 2, 0.35), "codificador")
    context = (width / 2, 4.35)
    for place, (token, weight) in enumerate(zip(source, weights, strict=True)):
        x = 0.5 + place
        block(ax, (x, 1.05), 0.72, token.replace(" ", "␣"), color=BLUE)
        block(ax, (x, 2.25), 0.72, f"$h_{{{place + 1}}}$", color=GREEN)
        wire(ax, (x, 1.05 + tall), (x, 2.25 - tall))
        if place:
            wire(ax, (x - 0.64, 2.25), (x - 0.36, 2.25))
        wire(ax, (x, 2.25 + tall), context, color=ORANGE, lw=0.4 + 6 * weight, head=False)
    state, mixed, out = (width + 1.6, 2.25), (width + 1.6, 4.35), (width + 4.2, 4.35)
    wire(ax, state, (state[0], mixed[1] - tall))
    wire(ax, context, (mixed[0] - 0.75, context[1]))
    wire(ax, mixed, (out[0] - 0.5, out[1]))
    word(ax, (state[0], state[1] - 0.75), "decodificador")
    block(ax, state, 1.0, "$s_t$", color=GREEN)
    block(ax, context, 1.0, "$c_t$", color=ORANGE)
    block(ax, mixed, 1.5, "tanh", color=GREEN)
    block(ax, out, 1.0, written, color=ORANGE)
    set_title(ax, title)
    return ax


def plot_attention_map(
    weights: np.ndarray,
    source: Sequence[str],
    written: Sequence[str],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Adónde mira la red: una fila por símbolo escrito y una columna por posición leída.

    Parameters
    ----------
    weights : ndarray of shape (pasos, posiciones)
        Los pesos, de 0 (blanco) a 1 (negro).
    source, written : sequence of str
        Lo leído y lo escrito.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay una fila por símbolo escrito y una columna por leído, o algún peso no está entre
        0 y 1.

    Examples
    --------
    >>> ax = plot_attention_map(np.eye(2), "ab", "12")
    >>> ax.images[0].get_array().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    weights = as_array("weights", weights, ndim=2)
    same_length({"written": written, "weights": weights})
    same_length({"source": source, "weights[0]": weights[0]})
    if weights.min() < 0 or weights.max() > 1 + ROUNDING:
        raise ValueError(
            f"weights debe estar entre 0 y 1; ha llegado de {weights.min():g} a {weights.max():g}. "
            "Pasa los pesos, después de softmax, y no las puntuaciones."
        )
    rows, columns = weights.shape
    ax = new_axes(ax, (1.2 + 0.24 * columns, 1.0 + 0.24 * rows))
    ax.imshow(weights, vmin=0, vmax=1, cmap="Greys", aspect="auto")
    turned = 90 * any(len(token) > 1 for token in source)  # de pie, las palabras no se pisan
    ax.set_xticks(range(columns), [token.replace(" ", "␣") for token in source], rotation=turned)
    ax.set_yticks(range(rows), written)
    ax.set_xticks(np.arange(0.5, columns), minor=True)
    ax.set_yticks(np.arange(0.5, rows), minor=True)
    ax.grid(False)
    ax.grid(True, which="minor", color="#d9d9d9", lw=0.6)
    ax.tick_params(which="both", length=0)
    ax.set(xlabel="lo que lee", ylabel="lo que escribe")
    set_title(ax, title)
    return ax


def plot_heads(
    heads: Mapping[str, np.ndarray],
    tokens: Sequence[str],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Un panel por cabeza de autoatención: una fila por posición que mira.

    Parameters
    ----------
    heads : mapping of str to ndarray of shape (posiciones, posiciones)
        Los pesos de cada cabeza.
    tokens : sequence of str
        El símbolo de cada posición.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Un panel por cabeza.

    Examples
    --------
    >>> axes = plot_heads({"cabeza 1": np.eye(2), "cabeza 2": np.eye(2)}, "ab")
    >>> [ax.get_title(loc="left") for ax in axes]
    ['cabeza 1', 'cabeza 2']
    """
    heads = as_curves("heads", heads, ndim=2)
    axes = new_panels(axes, len(heads), (2.3 * len(heads), 2.6), layout="constrained")
    for ax, (name, weights) in zip(axes, heads.items(), strict=True):
        plot_attention_map(weights, tokens, tokens, ax=ax)
        ax.set(xlabel="mira a", ylabel="posición" if ax is axes[0] else "")
        ax.set_title(name, loc="left")
    set_title(axes, title)
    return axes


def plot_cost(
    lengths: Sequence[int],
    seconds: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Milisegundos de procesador según la longitud, en escalas logarítmicas.

    Parameters
    ----------
    lengths : sequence of int
        Las longitudes.
    seconds : mapping of str to ndarray of shape (longitudes,)
        Segundos de cada capa; tres como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_cost([8, 16], {"GRU": np.array([0.1, 0.2])})
    >>> ax.get_xscale(), ax.lines[0].get_ydata().tolist()
    ('log', [100.0, 200.0])
    """
    seconds = as_curves("seconds", seconds)
    same_length({"lengths": lengths} | seconds)
    ax = new_axes(ax, (6.4, 3.4))
    ends = []
    for name, values, (color, marker, line) in styled(seconds, LOOKS):
        check_positive(f"seconds[{name!r}]", values)
        ax.plot(lengths, 1000 * values, color=color, marker=marker, ls=line)
        ends.append(End(name, lengths[-1], 1000 * values[-1], color))
    ax.set(xscale="log", yscale="log", xlabel="posiciones", ylabel="milisegundos de procesador")
    ax.set_xticks(list(lengths), [str(length) for length in lengths])
    ax.minorticks_off()
    label_ends(ax, ends)
    set_title(ax, title)
    return ax

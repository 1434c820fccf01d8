"""Figuras de la generación: la red, sus bits, lo que escribe y lo que copia."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, new_axes, set_title
from course_utils.plotting.diagrams import (
    BLOCK_HEIGHT,
    block,
    new_diagram,
    symbol,
    wire,
    word,
)
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import (
    as_curves,
    check_positive,
    same_length,
    same_names,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = ((GREY, ""), (BLUE, "//"), (ORANGE, ".."))  # color y trama
POINTS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"))
LABEL_SHIFTS = ((5, -12), (-8, -14), (-2, 8), (5, 4))  # de los rótulos de cada manera de sortear
ROWS = ((GREY, "o"), (BLUE, "s"), (ORANGE, "^"), (GREEN, "D"))


def visible(text: str) -> str:
    """Un carácter que se ve: el espacio y el salto de línea tienen su signo.

    Examples
    --------
    >>> visible(" a\\n")
    '␣a⏎'
    """
    return text.replace(" ", "␣").replace("\n", "⏎")


def plot_next(
    chances: Mapping[str, np.ndarray],
    symbols: Sequence[str],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Probabilidad de unos cuantos caracteres, según varios repartos.

    Parameters
    ----------
    chances : mapping of str to ndarray of shape (caracteres,)
        Los repartos, tres como mucho.
    symbols : sequence of str
        Los caracteres, en el mismo orden.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de tres o alguno no mide lo mismo que los caracteres.

    Examples
    --------
    >>> ax = plot_next({"T = 1": np.array([0.7, 0.3])}, ["a", " "])
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['a', '␣']
    """
    chances = as_curves("chances", chances)
    same_length({"symbols": symbols, **chances})
    ax = new_axes(ax, (6.8, 2.9))
    places, width = np.arange(len(symbols)), 0.82 / len(chances)
    for row, (name, values, (color, hatch)) in enumerate(styled(chances, BARS)):
        shift = (row - (len(chances) - 1) / 2) * width
        ax.bar(
            places + shift, values, width, color=color, hatch=hatch, edgecolor="white", label=name
        )
    ax.set_xticks(places, [visible(symbol) for symbol in symbols])
    ax.grid(visible=False, axis="x")
    ax.set(xlabel="carácter siguiente", ylabel="probabilidad")
    ax.legend(loc="upper right")
    set_title(ax, title)
    return ax


def plot_orders(
    orders: np.ndarray,
    bits: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Bits por carácter de modelos de cuentas, según cuántos caracteres miran.

    Parameters
    ----------
    orders : ndarray of shape (órdenes,)
        Caracteres que se miran a la vez.
    bits : mapping of str to ndarray of shape (órdenes,)
        Los de cada modelo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguno no mide lo mismo que los órdenes, o hay más curvas que trazos.

    Examples
    --------
    >>> ax = plot_orders(np.array([2, 3]), {"Kneser-Ney": np.array([3.3, 2.7])})
    >>> ax.get_xlabel()
    'caracteres que mira (orden)'
    """
    orders = as_array("orders", orders, ndim=1, min_length=1)
    bits = as_curves("bits", bits)
    ax = new_axes(ax, (6.8, 3.3))
    ends = []
    for name, values, look in styled(bits):
        same_length({"orders": orders, name: values})
        ax.plot(orders, values, marker="o", ms=5, **look)
        ends.append(End(name, orders[-1], values[-1], look["color"]))
    ax.set(xlabel="caracteres que mira (orden)", ylabel="bits por carácter")
    ax.set_xticks(orders)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_language_model(text: str, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """La red de la lección, desplegada: de cada carácter, las puntuaciones del siguiente.

    Parameters
    ----------
    text : str
        Lo que lee y, desplazado un lugar, lo que tiene que predecir: de tres a ocho caracteres.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si el texto no tiene de tres a ocho caracteres.

    Examples
    --------
    >>> ax = plot_language_model("era")
    >>> [text.get_text() for text in ax.texts if "h" in text.get_text()]
    ['$h_{0}$', '$h_{1}$', '$h_{2}$']
    """
    if not 3 <= len(text) <= 8:
        raise ValueError(
            f"Se esperaba un texto de tres a ocho caracteres; ha llegado {text!r}. Usa uno que "
            "quepa en el dibujo."
        )
    steps, column, tall = len(text) - 1, 2.5, BLOCK_HEIGHT / 2
    rows = {"entra": 0.5, "incrustación": 1.7, "GRU": 3.1, "salida": 4.5, "sale": 5.7}
    ax = new_diagram(ax, 3.2 + column * steps, 6.3)
    symbol(ax, (2.7, rows["GRU"]), "$h_{0}$")
    for step in range(steps):
        x = 4.4 + column * step
        symbol(ax, (x, rows["entra"]), f"«{visible(text[step])}»")
        symbol(ax, (x, rows["sale"]), f"«{visible(text[step + 1])}»")
        for low, high, gap in (
            ("entra", "incrustación", 0.3),
            ("incrustación", "GRU", tall),
            ("GRU", "salida", tall),
            ("salida", "sale", tall),
        ):
            end = rows[high] - (0.3 if high == "sale" else tall)
            wire(ax, (x, rows[low] + gap), (x, end))
        block(ax, (x, rows["incrustación"]), 1.5, "E", color=GREY)
        block(ax, (x, rows["GRU"]), 1.5, "GRU", color=BLUE)
        block(ax, (x, rows["salida"]), 1.5, "W", color=GREY)
        left = 3.0 if step == 0 else x - column + 0.75
        wire(ax, (left, rows["GRU"]), (x - 0.75, rows["GRU"]), color=GREEN, lw=3)
        if step:
            symbol(ax, (x - column / 2, rows["GRU"] + 0.42), f"$h_{{{step}}}$")
    for name in ("entra", "incrustación", "salida", "sale"):
        word(ax, (1.35, rows[name]), name, color=GREY)
    word(ax, (1.35, rows["GRU"]), "estado", color=GREEN)
    set_title(ax, title)
    return ax


def plot_by_position(
    bits: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Bits por carácter según el lugar que ocupa en su tramo.

    Parameters
    ----------
    bits : mapping of str to ndarray of shape (pasos,)
        Los de cada manera de leer.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más curvas que trazos.

    Examples
    --------
    >>> ax = plot_by_position({"sin estado": np.array([4.4, 3.0])})
    >>> ax.lines[0].get_xdata().tolist()
    [1, 2]
    """
    bits = as_curves("bits", bits)
    ax = new_axes(ax, (6.8, 3.0))
    ends = []
    for name, values, look in styled(bits):
        steps = np.arange(1, len(values) + 1)
        ax.plot(steps, values, **look)
        ends.append(End(name, steps[-1], values[-1], look["color"]))
    ax.set(xlabel="lugar en el tramo", ylabel="bits por carácter")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_data_curve(
    shares: np.ndarray,
    bits: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Bits por carácter según con cuántos cuentos se aprende; un punto por entrenamiento.

    Parameters
    ----------
    shares : ndarray of shape (partes,)
        Qué parte de los cuentos, de 0 a 1.
    bits : mapping of str to ndarray of shape (partes, veces)
        Los de cada modelo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguno no mide lo mismo que las partes, o hay más modelos que trazos.

    Examples
    --------
    >>> ax = plot_data_curve(np.array([0.5, 1.0]), {"GRU": np.array([[2.1, 2.0], [1.9, 1.9]])})
    >>> ax.lines[0].get_ydata().tolist()
    [2.05, 1.9]
    """
    shares = as_array("shares", shares, ndim=1, min_length=1)
    bits = as_curves("bits", bits, ndim=2)
    ax = new_axes(ax, (6.8, 3.3))
    ends = []
    for name, values, (color, marker, line) in styled(bits, POINTS):
        same_length({"shares": shares, name: values})
        ax.plot(100 * shares, values.mean(axis=1), color=color, ls=line, lw=2)
        ax.plot(100 * shares, values, marker, color=color, ms=6, alpha=0.7, mew=0, ls="")
        ends.append(End(name, 100 * shares[-1], values[-1].mean(), color))
    ax.set(xlabel="cuentos de entrenamiento que se usan (%)", ylabel="bits por carácter")
    ax.set_xticks(100 * shares)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_variety(
    points: Mapping[str, np.ndarray],
    labels: Mapping[str, Sequence[str]],
    *,
    reference: tuple[str, float, float],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Palabras de verdad frente a variedad: dónde cae cada manera de sortear.

    Parameters
    ----------
    points : mapping of str to ndarray of shape (ajustes, 2)
        De cada manera, la variedad y la parte de palabras de verdad de cada ajuste, de 0 a 1.
    labels : mapping of str to sequence of str
        Qué ajuste es cada punto.
    reference : (str, float, float)
        Nombre, variedad y palabras de verdad de un texto con el que comparar.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si algún punto no tiene dos números o un rótulo, o hay más maneras que trazos.

    Examples
    --------
    >>> ax = plot_variety(
    ...     {"temperatura": np.array([[0.3, 0.99], [0.5, 0.9]])},
    ...     {"temperatura": ["0.5", "1"]},
    ...     reference=("cuentos", 0.5, 0.98),
    ... )
    >>> [text.get_text() for text in ax.texts]
    ['0.5', '1', 'cuentos']
    """
    points = as_curves("points", points, ndim=2)
    same_names("las maneras de sortear", points, labels)
    ax = new_axes(ax, (6.8, 4.2))
    for (name, values, look), shift in zip(styled(points, POINTS), LABEL_SHIFTS, strict=False):
        color, marker, line = look
        if values.shape != (len(labels[name]), 2):
            raise ValueError(
                f"Se esperaban en {name!r} dos números y un rótulo por punto; ha llegado un array "
                f"de forma {values.shape} y {len(labels[name])} rótulos. Pasa un rótulo por fila."
            )
        ax.plot(*(100 * values.T), color=color, marker=marker, ls=line, ms=7, label=name)
        for (x, y), label in zip(100 * values, labels[name], strict=True):
            ax.annotate(label, (x, y), shift, textcoords="offset points", color=color)
    name, x, y = reference
    ax.plot(100 * x, 100 * y, "*", color="black", ms=14)
    ax.annotate(name, (100 * x, 100 * y), (8, -14), textcoords="offset points", weight="bold")
    ax.set(xlabel="variedad: palabras distintas (%)", ylabel="palabras de verdad (%)")
    ax.legend(loc="lower left")
    set_title(ax, title)
    return ax


def plot_copied(
    lengths: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Longitud del mayor tramo de cada texto que está en los cuentos de entrenamiento.

    Parameters
    ----------
    lengths : mapping of str to ndarray of shape (textos,)
        De quién son los textos, cuatro autores como mucho, y sus longitudes, mayores que cero.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de cuatro autores o alguna longitud no es positiva.

    Examples
    --------
    >>> ax = plot_copied({"modelo": np.array([20.0, 31.0])})
    >>> ax.get_xscale()
    'log'
    """
    lengths = as_curves("lengths", lengths)
    looks = [look for _, _, look in styled(lengths, ROWS)]
    for values in lengths.values():
        check_positive("lengths", values)
    ax = new_axes(ax, (6.8, 0.9 + 0.55 * len(lengths)))
    draw_rows(ax, lengths, looks)
    for row, values in enumerate(lengths.values()):
        ax.plot(np.median(values), row, "|", color="black", ms=22, mew=2.5)
    ax.set_xscale("log")
    ax.set_xlabel("mayor tramo copiado (caracteres); la raya, la mediana")
    set_title(ax, title)
    return ax

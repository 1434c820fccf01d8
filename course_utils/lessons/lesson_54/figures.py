"""Figuras de la voz: lo que oye la red, lo que dice en cada paso y cuánto se equivoca."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
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
from course_utils.plotting.diagrams import BLOCK_HEIGHT, block, new_diagram, symbol, wire, word
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import as_curves, same_length, styled
from course_utils.speech import BANDS, HOP, RATE
from course_utils.speech.features import band_centres
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEP = HOP / RATE  # segundos
SHOWN_HERTZ = (250, 500, 1000, 2000, 3000)
POINTS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"))
LETTERS = (BLUE, ORANGE, GREEN, PURPLE)


def plot_spectrogram(
    features: np.ndarray, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Lo que oye la red: la energía de cada banda en cada paso, más oscura cuanta más.

    Parameters
    ----------
    features : ndarray of shape (pasos, 20)
        Las bandas, de 0 a 255.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no son 20 bandas.

    Examples
    --------
    >>> ax = plot_spectrogram(np.full((40, 20), 128))
    >>> ax.get_xlabel(), float(ax.get_xlim()[1])
    ('tiempo (s)', 1.0)
    """
    features = as_array("features", features, ndim=2, dtype="float64", min_length=1)
    if features.shape[1] != BANDS:
        raise ValueError(
            f"features debe tener {BANDS} bandas, una por columna; ha llegado un array de forma "
            f"{features.shape}. ¿Está traspuesto?"
        )
    ax = new_axes(ax, (6.8, 2.6))
    ax.imshow(
        features.T,
        origin="lower",
        aspect="auto",
        cmap="Greys",
        extent=(0, len(features) * STEP, -0.5, BANDS - 0.5),
        vmin=min(0.0, features.min()),
        vmax=max(255.0, features.max()),
    )
    places = np.interp(SHOWN_HERTZ, band_centres(), np.arange(BANDS))
    ax.set_yticks(places, [str(hertz) for hertz in SHOWN_HERTZ])
    ax.grid(visible=False)
    ax.set(xlabel="tiempo (s)", ylabel="frecuencia (Hz)")
    set_title(ax, title)
    return ax


def plot_spikes(
    features: np.ndarray,
    chances: np.ndarray,
    alphabet: str,
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Lo que oye la red y, debajo, la probabilidad que da en cada paso al blanco y a cada letra.

    Parameters
    ----------
    features : ndarray of shape (pasos, 20)
        Las bandas.
    chances : ndarray of shape (pasos, símbolos)
        Las probabilidades; la primera columna, la del blanco.
    alphabet : str
        Las letras, en el orden de las demás columnas.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Los dos paneles.

    Raises
    ------
    ValueError
        Si los pasos no son los mismos o hay más o menos letras que columnas.

    Examples
    --------
    >>> chances = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])
    >>> axes = plot_spikes(np.full((3, 20), 99), chances, "s")
    >>> [text.get_text() for text in axes[1].texts]
    ['s']
    """
    chances = as_array("chances", chances, ndim=2, dtype="float64", min_length=1)
    same_length({"features": features, "chances": chances})
    same_length({"alphabet": alphabet, "columnas de chances": range(chances.shape[1] - 1)})
    panels = new_panels(axes, 2, (6.8, 4.4), columns=1, sharex=True)
    plot_spectrogram(features, ax=panels[0])
    panels[0].set_xlabel("")
    ax, times = panels[1], (np.arange(len(chances)) + 0.5) * STEP
    ax.fill_between(times, chances[:, 0], color="#d9d9d9", lw=0)
    ax.plot(times, chances[:, 0], color=GREY, lw=1, ls="-")
    for column in range(1, chances.shape[1]):
        color = LETTERS[column % len(LETTERS)]
        ax.plot(times, chances[:, column], color=color, lw=1.8, ls="-")
    for step, letter in _peaks(chances):
        color = LETTERS[letter % len(LETTERS)]
        shown = alphabet[letter - 1].replace(" ", "␣")
        spot = times[step], chances[step, letter]
        ax.annotate(shown, spot, (0, 3), textcoords="offset points", ha="center",
                    color=color, weight="bold", annotation_clip=False)  # fmt: skip
    reach(ax, 0, 1.12)
    reach(ax, 0, len(chances) * STEP, axis="x")
    ax.set(xlabel="tiempo (s)", ylabel="probabilidad")
    set_title(panels, title)
    return panels


def _peaks(chances: np.ndarray) -> list[tuple[int, int]]:
    """El paso en que más suena cada letra del camino más probable, y cuál es."""
    best, found, start = chances.argmax(axis=1), [], 0
    for step in range(1, len(best) + 1):
        if step == len(best) or best[step] != best[start]:
            if best[start]:
                top = start + int(chances[start:step, best[start]].argmax())
                found.append((top, int(best[start])))
            start = step
    return found


def plot_paths(
    shares: np.ndarray, text: str, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Por dónde pasan los caminos de un texto: qué parte de ellos está en cada lugar en cada paso.

    Parameters
    ----------
    shares : ndarray of shape (pasos, 2 · letras + 1)
        La parte, de 0 a 1, de cada letra y de los blancos de alrededor.
    text : str
        El texto.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si los lugares no son los del texto.

    Examples
    --------
    >>> ax = plot_paths(np.eye(3), "a")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['a']
    """
    shares = as_array("shares", shares, ndim=2, dtype="float64", min_length=1)
    places = 2 * len(text) + 1
    if shares.shape[1] != places:
        raise ValueError(
            f"shares debe tener {places} columnas, una por letra de «{text}» y una por blanco; "
            f"ha llegado un array de forma {shares.shape}."
        )
    ax = new_axes(ax, (6.8, 3.6))
    ax.imshow(
        shares.T,
        aspect="auto",
        cmap="Blues",
        extent=(0, len(shares) * STEP, places - 0.5, -0.5),
        vmin=min(0.0, shares.min()),
        vmax=max(1.0, shares.max()),
    )
    ax.set_yticks(range(1, places, 2), [letter.replace(" ", "␣") for letter in text])
    ax.grid(visible=False)
    ax.set(xlabel="tiempo (s)", ylabel="lugar en el texto")
    set_title(ax, title)
    return ax


def plot_voice_curve(
    counts: np.ndarray,
    rates: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Palabras equivocadas según con cuántas voces se aprende; un punto por entrenamiento.

    Parameters
    ----------
    counts : ndarray of shape (cuántas,)
        Voces de entrenamiento.
    rates : mapping of str to ndarray of shape (cuántas, veces)
        La tasa de error con cada clase de voces.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna no mide lo mismo que ``counts``, o hay más curvas que trazos.

    Examples
    --------
    >>> ax = plot_voice_curve(np.array([5, 15]), {"conocidas": np.array([[0.1, 0.2], [0.1, 0.1]])})
    >>> ax.lines[0].get_ydata().round(3).tolist()
    [15.0, 10.0]
    """
    counts = as_array("counts", counts, ndim=1, min_length=1)
    rates = as_curves("rates", rates, ndim=2)
    ax = new_axes(ax, (6.8, 3.3))
    where, ends = np.arange(len(counts)), []
    for name, values, (color, marker, line) in styled(rates, POINTS):
        same_length({"counts": counts, name: values})
        ax.plot(where, 100 * values.mean(axis=1), color=color, ls=line, lw=2)
        ax.plot(where, 100 * values, marker, color=color, ms=6, alpha=0.6, mew=0, ls="")
        ends.append(End(name, where[-1], 100 * values[-1].mean(), color))
    ax.set_xticks(where, [f"{count:g}" for count in counts])
    reach(ax, 0, 0)
    ax.set(xlabel="voces de entrenamiento", ylabel="palabras equivocadas (%)")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_error_rows(
    rates: Mapping[str, np.ndarray], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Una fila por voz o por persona, con un punto por red y una raya en la media.

    Parameters
    ----------
    rates : mapping of str to ndarray of shape (redes,)
        La parte equivocada.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay ninguna.

    Examples
    --------
    >>> ax = plot_error_rows({"zac": np.array([0.2, 0.4]), "m4": np.array([0.0, 0.1])})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['zac', 'm4']
    """
    rates = {name: 100 * values for name, values in as_curves("rates", rates).items()}
    ax = new_axes(ax, (6.8, 0.9 + 0.28 * len(rates)))
    draw_rows(ax, rates, [(BLUE, "o")] * len(rates))
    for row, values in enumerate(rates.values()):
        ax.plot([values.mean()] * 2, [row - 0.35, row + 0.35], color=ORANGE, lw=2.5, ls="-")
    reach(ax, 0, 0, axis="x")
    ax.set_xlabel("equivocadas (%)")
    set_title(ax, title)
    return ax


def plot_listener(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """La red del proyecto: de las bandas de cada paso a la probabilidad de cada símbolo.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_listener()
    >>> sum(text.get_text() == "LSTM" for text in ax.texts)
    6
    """
    ax = new_diagram(ax, 12.4, 7.0)
    rows = {"bandas": 0.5, "ida": 2.0, "vuelta": 3.4, "capa lineal": 4.9, "símbolo": 6.4}
    tall, columns = BLOCK_HEIGHT / 2, (4.6, 7.4, 10.2)
    for name, height in rows.items():
        word(ax, (1.4, height), name, color=GREEN if name in ("ida", "vuelta") else GREY)
    for place, (x, shown) in enumerate(zip(columns, ("–", "s", "–"), strict=True)):
        symbol(ax, (x, rows["bandas"]), f"$x_{{{place + 1}}}$")
        symbol(ax, (x, rows["símbolo"]), f"«{shown}»")
        block(ax, (x, rows["ida"]), 1.5, "LSTM", color=BLUE)
        block(ax, (x, rows["vuelta"]), 1.5, "LSTM", color=ORANGE)
        block(ax, (x, rows["capa lineal"]), 1.5, "W", color=GREY)
        wire(ax, (x, rows["bandas"] + 0.35), (x, rows["ida"] - tall))
        low, top = rows["bandas"] + 0.45, rows["vuelta"] - tall
        wire(ax, (x, low), (x + 1.1, low), (x + 1.1, top + tall), (x + 0.78, top + tall))
        wire(ax, (x, rows["vuelta"] + tall), (x, rows["capa lineal"] - tall))
        side = rows["ida"], rows["capa lineal"]
        wire(ax, (x - 0.78, side[0]), (x - 1.0, side[0]), (x - 1.0, side[1]), (x - 0.78, side[1]))
        wire(ax, (x, rows["capa lineal"] + tall), (x, rows["símbolo"] - 0.35))
    for left, right in pairwise(columns):
        wire(ax, (left + 0.78, rows["ida"]), (right - 0.78, rows["ida"]), color=GREEN, lw=3)
        wire(ax, (right - 0.78, rows["vuelta"]), (left + 0.78, rows["vuelta"]), color=GREEN, lw=3)
    set_title(ax, title)
    return ax

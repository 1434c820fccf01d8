"""Figuras del entrenamiento: cómo cambia lo que se mide, época a época."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    new_axes,
    set_title,
)
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import styled
from course_utils.training import History
from course_utils.validation import describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = {
    "loss": "pérdida",
    "grad_norm": "norma del gradiente (media)",
    "grad_norm_max": "norma del gradiente (máxima)",
}
LOOKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (GREY, "v"))


def plot_history(
    histories: History | Mapping[str, History],
    *,
    metric: str = "loss",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una medida época a época: la de entrenamiento, continua; la de validación, a trazos.

    Se marca la mejor época de cada entrenamiento, la de menor pérdida de validación.

    Parameters
    ----------
    histories : History or mapping of str to History
        Un entrenamiento o varios con sus nombres, de PyTorch o de Keras.
    metric : str, default "loss"
        Qué medida; si existe ``val_`` y su nombre, también se dibuja.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    TypeError, ValueError
        Si no son historiales, no tienen esa medida, no hay ninguna época o hay más entrenamientos
        que colores.

    Examples
    --------
    >>> history = History({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.8]})
    >>> ax = plot_history(history)
    >>> [text.get_text() for text in ax.texts]
    ['mejor: época 2', 'entrenamiento', 'validación']
    """
    named = _check(histories, metric)
    ax = new_axes(ax, (7, 3.4))
    draw = _draw_one if isinstance(histories, History) else _draw_several
    ends = draw(ax, named, metric)
    ax.set(xlabel="época", ylabel=LABELS.get(metric, metric))
    ax.xaxis.get_major_locator().set_params(integer=True)
    last = max(history.epochs for history in named.values())
    label_ends(ax, [End(label, last, _last(values), color) for label, values, color in ends])
    set_title(ax, title)
    return ax


def _draw_one(ax: Axes, named: dict[str, History], metric: str) -> list[tuple]:
    """Entrenamiento y validación, cada uno de su color."""
    (history,) = named.values()
    curves = [("entrenamiento", history[metric], BLUE, "-")]
    if f"val_{metric}" in history.values:
        curves.append(("validación", history[f"val_{metric}"], ORANGE, "--"))
    for _, values, color, style in curves:
        ax.plot(np.arange(1, len(values) + 1), values, color=color, ls=style, lw=1.8)
    if history.best_epoch:
        _, values, color, _ = curves[-1]
        point = (history.best_epoch, values[history.best_epoch - 1])
        _mark(ax, point, color, "o")
        late = history.best_epoch > 0.75 * history.epochs  # a su derecha está el rótulo de la curva
        style = {"ha": "right" if late else "center", "va": "bottom", "fontsize": 9, "color": color}
        ax.annotate(
            f"mejor: época {history.best_epoch}", point, (0, 7), textcoords="offset points", **style
        )
    return [(label, values, color) for label, values, color, _ in curves]


def _draw_several(ax: Axes, named: dict[str, History], metric: str) -> list[tuple]:
    """Un color por entrenamiento; la etiqueta dice cuál fue su mejor época."""
    ends = []
    for name, history, (color, marker) in styled(named, LOOKS):
        epochs, values, label = np.arange(1, history.epochs + 1), history[metric], name
        ax.plot(epochs, values, color=color, ls="-", lw=1.8)
        if f"val_{metric}" in history.values:
            values = history[f"val_{metric}"]
            ax.plot(epochs, values, color=color, ls="--", lw=1.8)
        if history.best_epoch:
            _mark(ax, (history.best_epoch, values[history.best_epoch - 1]), color, marker)
            label = f"{name} (mejor: {history.best_epoch})"
        ends.append((label, values, color))
    if any(f"val_{metric}" in history.values for history in named.values()):
        for label, style in (("entrenamiento", "-"), ("validación", "--")):
            ax.plot([], [], color=GREY, ls=style, lw=1.8, label=label)
        ax.legend()
    return ends


def _check(histories: object, metric: str) -> dict[str, History]:
    """Los historiales por su nombre, vacío si es uno solo."""
    several = {"": histories} if isinstance(histories, History) else histories
    if (
        not isinstance(several, Mapping)
        or not several
        or not all(isinstance(history, History) for history in several.values())
    ):
        raise TypeError(
            "plot_history espera un History o un diccionario con un History por nombre; ha "
            f"llegado {describe(histories)}. Los de Keras, antes, con History.from_keras(...)."
        )
    for name, history in several.items():
        whose = f"el historial de {name}" if name else "el historial"
        if metric not in history.values:
            raise ValueError(
                f"metric={metric!r} no está en {whose}, que tiene {', '.join(history.values)}. "
                "Elige una de esas medidas."
            )
        if not history.epochs:
            raise ValueError(f"No hay nada que dibujar: {whose} no tiene ninguna época completa.")
    return dict(several)


def _mark(ax: Axes, point: tuple[int, float], color: str, marker: str) -> None:
    ax.plot(*point, marker=marker, ms=8, mfc="white", mec=color, mew=1.8, ls="none")


def _last(values: np.ndarray) -> float:
    """El último valor que se puede dibujar: un entrenamiento de Keras puede acabar en NaN."""
    return next((value for value in values[::-1] if np.isfinite(value)), 0.0)

"""Figuras de los pronósticos a varios pasos: horas, estrategias y trayectorias."""

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
from course_utils.plotting.diagrams import BLOCK_HEIGHT, block, body, new_diagram, wire, word
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import CURVES, as_curves, check_series, same_length, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"))


def plot_outlook(
    past: np.ndarray,
    actual: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    *,
    unit: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Un pronóstico: lo visto, lo que pasó, en puntos, y lo que dijo cada modelo.

    Parameters
    ----------
    past : ndarray of shape (pasado,)
        Lo visto, hasta ahora.
    actual : ndarray of shape (horizonte,)
        Lo que pasó.
    forecasts : mapping of str to ndarray of shape (horizonte,)
        Lo que pronosticó cada modelo.
    unit : str
        Qué se pronostica y en qué unidad.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si algún pronóstico no tiene un valor por paso, o hay más modelos que estilos.

    Examples
    --------
    >>> ax = plot_outlook(np.ones(3), np.ones(2), {"igual": np.ones(2)}, unit="°C")
    >>> ax.lines[0].get_xdata().tolist(), ax.lines[1].get_xdata().tolist()
    ([-2, -1, 0], [1, 2])
    """
    past, actual = (
        as_array(name, values, ndim=1, min_length=1)
        for name, values in (("past", past), ("actual", actual))
    )
    forecasts = as_curves("forecasts", forecasts)
    same_length({"actual": actual} | forecasts)
    ax = new_axes(ax, (7.0, 3.4))
    steps = np.arange(1, len(actual) + 1)
    ax.plot(np.arange(1 - len(past), 1), past, color="black", ls="-", lw=1.8)
    ax.plot(steps, actual, "o", color="black", ms=4)
    ends = []
    for name, values, look in styled(forecasts):
        ax.plot(steps, values, lw=1.8, **look)
        ends.append(End(name, steps[-1], values[-1], look["color"]))
    ax.axvline(0.5, color=GREY, ls=":", lw=1.4)
    ax.set(xlabel="horas desde ahora (puntos: lo que pasó)", ylabel=unit)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_by_horizon(
    curves: Mapping[str, np.ndarray],
    *,
    unit: str,
    quantity: str = "error medio",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Una medida a cada horizonte: la media de cada modelo y, si son varios, de menor a mayor.

    Parameters
    ----------
    curves : mapping of str to ndarray of shape (repeticiones, horas)
        Lo medido a cada hora; un modelo sin azar trae una fila.
    unit : str
        Su unidad.
    quantity : str, default "error medio"
        Qué se mide.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si los modelos no llegan a la misma hora o hay más modelos que estilos.

    Examples
    --------
    >>> ax = plot_by_horizon({"red": np.array([[1.0, 2.0], [1.0, 4.0]])}, unit="°C")
    >>> ax.lines[0].get_ydata().tolist(), ax.texts[0].get_text()
    ([1.0, 3.0], 'red')
    """
    curves = as_curves("curves", curves, ndim=2)
    same_length({name: values[0] for name, values in curves.items()})
    ax = new_axes(ax, (7.0, 3.8))
    ends = []
    for name, values, look in styled(curves):
        hours, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
        ax.plot(hours, mean, lw=2, **look)
        if len(values) > 1:
            low, high = values.min(axis=0), values.max(axis=0)
            ax.fill_between(hours, low, high, color=look["color"], alpha=0.15, lw=0)
        ends.append(End(name, hours[-1], mean[-1], look["color"]))
    ax.set(xlabel="horas por delante", ylabel=f"{quantity} ({unit})")
    reach(ax, 0, 0)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_strategies(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Las cuatro maneras de dar tres horas: cuántas redes hay y qué lee cada una.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_strategies().texts][:2]
    ['recursiva', 'visto']
    """
    ax = new_diagram(ax, 17.2, 9.4)
    panels = {
        "recursiva": (0.1, 5.0, _draw_recursive),
        "directa": (8.8, 5.0, _draw_direct),
        "todo a la vez": (0.1, 0.2, _draw_all_at_once),
        "codificador-decodificador": (8.8, 0.2, _draw_encoder_decoder),
    }
    for name, (left, low, draw) in panels.items():
        body(ax, (left, low), (left + 8.3, low + 4.2))
        word(ax, (left + 4.15, low + 3.85), name)
        block(ax, (left + 1.0, low + 0.75), 1.5, "visto", color=BLUE)
        draw(ax, left, low)
    set_title(ax, title)
    return ax


OUTPUTS = (3.4, 5.3, 7.2)  # dónde va cada hora, desde el borde de su panel
HALF = BLOCK_HEIGHT / 2


def _hour(ax: Axes, left: float, low: float, k: int, start: float) -> None:
    """La caja de una hora y la flecha que llega a ella desde la altura ``start``."""
    x = left + OUTPUTS[k]
    block(ax, (x, low + 3.1), 1.1, f"{k + 1} h", color=ORANGE)
    wire(ax, (x, low + start), (x, low + 3.1 - HALF))


def _draw_recursive(ax: Axes, left: float, low: float) -> None:
    for k, x in enumerate(left + place for place in OUTPUTS):
        block(ax, (x, low + 1.9), 1.1, "red", color=GREEN)
        _hour(ax, left, low, k, 1.9 + HALF)
        start = left + (OUTPUTS[k - 1] + 0.55 if k else 1.0)
        if k:  # lo que acaba de pronosticar, a la entrada de la siguiente
            middle = start + 0.4
            corners = (start, low + 3.1), (middle, low + 3.1), (middle, low + 1.9)
            wire(ax, *corners, (x - 0.55, low + 1.9), color=ORANGE)
        else:
            wire(ax, (start, low + 0.75 + HALF), (start, low + 1.9), (x - 0.55, low + 1.9))


def _draw_direct(ax: Axes, left: float, low: float) -> None:
    wire(ax, (left + 1.75, low + 0.75), (left + OUTPUTS[-1], low + 0.75), head=False)
    for k, x in enumerate(left + place for place in OUTPUTS):
        block(ax, (x, low + 1.9), 1.3, f"red {k + 1}", color=GREEN)
        wire(ax, (x, low + 0.75), (x, low + 1.9 - HALF))
        _hour(ax, left, low, k, 1.9 + HALF)


def _draw_all_at_once(ax: Axes, left: float, low: float) -> None:
    middle = left + OUTPUTS[1]
    block(ax, (middle, low + 1.9), 4.9, "red", color=GREEN)
    wire(ax, (left + 1.75, low + 0.75), (middle, low + 0.75), (middle, low + 1.9 - HALF))
    for k in range(3):
        _hour(ax, left, low, k, 1.9 + HALF)


def _draw_encoder_decoder(ax: Axes, left: float, low: float) -> None:
    block(ax, (left + 1.0, low + 1.9), 1.5, "cod.", color=GREEN)
    wire(ax, (left + 1.0, low + 0.75 + HALF), (left + 1.0, low + 1.9 - HALF))
    end = left + 1.75
    for k, x in enumerate(left + place for place in OUTPUTS):
        block(ax, (x, low + 1.9), 1.1, "dec.", color=GREEN)
        wire(ax, (end, low + 1.9), (x - 0.55, low + 1.9), color=GREEN, lw=3)
        block(ax, (x, low + 0.75), 1.5, f"reloj {k + 1}", color=GREY)
        wire(ax, (x, low + 0.75 + HALF), (x, low + 1.9 - HALF))
        _hour(ax, left, low, k, 1.9 + HALF)
        end = x + 0.55


def describe_strategies() -> str:
    """Lo que dibuja :func:`plot_strategies`, en palabras, para ``explain``.

    Examples
    --------
    >>> describe_strategies().split(":")[0]
    'Recursiva'
    """
    return (
        "Recursiva: la misma red tres veces; cada hora que da entra en la siguiente. Directa: tres "
        "redes, una por hora, y las tres leen solo lo visto. Todo a la vez: una red con tres "
        "salidas. Codificador-decodificador: una red lee lo visto y otra, que empieza en su "
        "estado, da una hora por paso mirando el reloj, que se conoce de antemano."
    )


def plot_paths(
    paths: Mapping[str, Mapping[str, np.ndarray]],
    *,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Un panel por vehículo: lo visto, por dónde fue, en puntos, y por dónde se pronosticó.

    Parameters
    ----------
    paths : mapping of str to mapping of str to ndarray of shape (pasos, 2)
        De cada vehículo, ``"visto"``, ``"fue"`` y sus pronósticos, en metros.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Dónde dibujar, uno por vehículo.

    Raises
    ------
    ValueError
        Si a un vehículo le falta lo visto o por dónde fue, o hay más pronósticos que estilos.

    Examples
    --------
    >>> line = np.stack([np.arange(3.0), np.zeros(3)], axis=1)
    >>> panels = plot_paths({"recta": {"visto": line, "fue": line + 3, "red": line + 3}})
    >>> panels[0].get_title(loc="left"), len(panels[0].lines)
    ('recta', 3)
    """
    check_series("paths", paths)
    paths = {name: as_curves(name, lines, ndim=2) for name, lines in paths.items()}
    axes = new_panels(axes, len(paths), (7.6, 1.5 + 2.5 * -(-len(paths) // 2)), columns=2)
    for ax, (name, lines) in zip(axes, paths.items(), strict=True):
        if missing := {"visto", "fue"} - lines.keys():
            raise ValueError(
                f"De cada vehículo se esperaba lo visto y por dónde fue; en {name} falta "
                f"{', '.join(sorted(missing))}. Pásalo con ese nombre."
            )
        ax.plot(*lines["visto"].T, color="black", ls="-", lw=2.4, label="visto")
        ax.plot(*lines["fue"][::3].T, "o", color="black", ms=3.5, label="por dónde fue")
        rest = {key: line for key, line in lines.items() if key not in ("visto", "fue")}
        for key, line, look in styled(rest, CURVES):
            ax.plot(*line.T, lw=2, label=key, **look)
        ax.set(xlabel="hacia delante (m)", ylabel="hacia la izquierda (m)")
        low, high = ax.get_ylim()
        reach(ax, min(low, -4), max(high, 4))
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].legend(loc="lower left", fontsize=8)
    set_title(axes, title)
    return axes


def plot_by_manoeuvre(
    manoeuvres: Sequence[str],
    models: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El error medio de cada modelo en cada maniobra: un punto por repetición y su media.

    Parameters
    ----------
    manoeuvres : sequence of str
        Las maniobras, de arriba abajo.
    models : mapping of str to ndarray of shape (repeticiones, maniobras)
        El error de cada modelo, en metros; cuatro modelos como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si un modelo no trae un valor por maniobra o hay más de cuatro.

    Examples
    --------
    >>> ax = plot_by_manoeuvre(["recta", "giro"], {"red": np.array([[0.4, 2.0]])})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['recta', 'giro']
    """
    models = as_curves("models", models, ndim=2)
    same_length({"manoeuvres": manoeuvres} | {name: one[0] for name, one in models.items()})
    ax = new_axes(ax, (7.0, 1.4 + 0.62 * len(manoeuvres)))
    rows = np.arange(len(manoeuvres))
    for place, (name, values, (color, marker)) in enumerate(styled(models, LOOKS)):
        height = rows + 0.2 * (place - (len(models) - 1) / 2)
        flat = np.tile(height, len(values))
        ax.plot(values.ravel(), flat, marker, color=color, ms=5, alpha=0.5, mew=0)
        mean = values.mean(axis=0)
        ax.plot(mean, height, marker, color=color, ms=8, mfc="white", mew=2, label=name)
    ax.set_yticks(rows, manoeuvres)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel("error medio de desplazamiento (m); hueco, la media")
    reach(ax, 0, 0, axis="x")
    ax.legend(loc="best", fontsize=9)
    set_title(ax, title)
    return ax

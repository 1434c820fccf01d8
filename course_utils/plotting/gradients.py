"""Figuras de varias lecciones sobre el gradiente en el tiempo: cómo mengua y cómo explota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, ORANGE, log_scale, new_axes, new_panels, set_title
from course_utils.plotting.labels import End, label_ends
from course_utils.plotting.series import as_curves, check_names, check_series, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_gradient_norms(
    curves: Mapping[str, np.ndarray],
    *,
    references: Mapping[str, np.ndarray] | None = None,
    ylabel: str = "norma del jacobiano",
    floor: float | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cuánto gradiente llega a cada distancia, en escala logarítmica.

    Parameters
    ----------
    curves : mapping of str to ndarray of shape (distancias,)
        Los valores de cada curva, a 0, 1, 2… pasos.
    references : mapping of str to ndarray of shape (distancias,), optional
        Curvas con las que se comparan, con los mismos nombres: salen punteadas y sin rótulo.
    ylabel : str
        Qué se mide.
    floor : float, optional
        Hasta dónde baja el eje; un triángulo señala dónde una curva sigue por debajo.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más curvas que estilos, alguna queda entera por debajo del suelo o una referencia
        no es de ninguna curva.

    Examples
    --------
    >>> ax = plot_gradient_norms({"radio 0.5": 0.5 ** np.arange(9)}, title="Se desvanece")
    >>> ax.get_yscale(), ax.texts[0].get_text()
    ('log', 'radio 0.5')
    """
    curves = {name: _above(name, one, floor) for name, one in as_curves("curves", curves).items()}
    references = {} if references is None else as_curves("references", references)
    check_names("referencias de las curvas", references, curves)
    references = {name: _above(name, one, floor) for name, one in references.items()}
    ax = new_axes(ax, (6.8, 3.4))
    ends = []
    for name, values, look in styled(curves):
        ax.plot(values, lw=2.2, **look)
        if name in references:
            ax.plot(references[name], color=look["color"], lw=1.2, ls=":")
        seen = np.isfinite(values)
        below = np.flatnonzero(seen[:-1] & ~seen[1:])
        ax.plot(below, values[below], "v", color=look["color"], ms=8, mew=0)
        last = np.flatnonzero(seen)[-1]
        ends.append(End(name, last, values[last], look["color"]))
    log_scale(ax, *curves.values(), *references.values())
    ax.set(xlabel="distancia (pasos hacia atrás)", ylabel=ylabel)
    ax.set_ylim(bottom=floor)
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def _above(name: str, values: np.ndarray, floor: float | None) -> np.ndarray:
    """La curva, con huecos donde baja del suelo."""
    if floor is None:
        return values
    if not np.any(values >= floor):
        raise ValueError(
            f"Toda la curva {name!r} queda por debajo de floor={floor:g}. Baja floor o quítalo."
        )
    return np.where(values >= floor, values, np.nan)


def plot_divergence(
    panels: Mapping[str, Sequence[np.ndarray]],
    *,
    ceiling: float = 1e6,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """La pérdida de varios entrenamientos, un panel por cada manera de entrenar.

    Un aspa marca el final del que se paró antes o se salió por arriba.

    Parameters
    ----------
    panels : mapping of str to sequence of ndarray
        Pérdidas de cada entrenamiento, cada uno con su longitud.
    ceiling : float, default 1e6
        La pérdida que llega aquí, o deja de ser un número, se da por desbordada.
    title : str, optional
        Lo que hay que ver, encima de todos los paneles.
    axes : sequence of Axes, optional
        Un panel por cada manera.

    Raises
    ------
    ValueError
        Si los paneles no son tantos como las maneras de entrenar o alguna no trae ninguna pérdida.

    Examples
    --------
    >>> axes = plot_divergence({"sin recorte": [np.array([1.0, 1e3])], "con": [np.ones(5)]})
    >>> axes[0].get_title(loc="left"), axes[1].get_yscale()
    ('sin recorte', 'log')
    """
    from matplotlib.ticker import MaxNLocator

    check_series("panels", panels)
    drawn = {name: _until_overflow(name, runs, ceiling) for name, runs in panels.items()}
    every = [losses for runs in drawn.values() for losses in runs]
    complete = max(len(losses) for runs in panels.values() for losses in runs)
    axes = new_panels(axes, len(panels), (7.4, 3.1), sharey=True)
    for ax, color, (name, runs) in zip(axes, cycle((ORANGE, BLUE)), drawn.items(), strict=False):
        for losses in runs:
            ax.plot(losses, color=color, lw=1.4, ls="-", alpha=0.8)
            if len(losses) < complete:
                ax.plot(len(losses) - 1, losses[-1], "x", color="black", ms=7, mew=2)
        log_scale(ax, *every)
        ax.set_xlabel("actualización")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.set_title(name, loc="left", fontsize=11)
    axes[0].set_ylabel("pérdida")
    set_title(axes, title)
    return axes


def _until_overflow(name: str, runs: Sequence[np.ndarray], ceiling: float) -> list[np.ndarray]:
    """Cada entrenamiento hasta la primera pérdida que se desborda, que se queda en el techo."""
    if not len(runs):
        raise ValueError(f"{name!r} no trae ningún entrenamiento. Pasa uno por lo menos o quítalo.")
    cut = []
    for losses in runs:
        losses = as_array(f"panels[{name!r}]", losses, ndim=1, finite=False, min_length=1)
        capped = np.fmin(losses, ceiling)  # lo que no es un número, también arriba
        over = np.flatnonzero(capped >= ceiling)
        cut.append(capped[: over[0] + 1] if over.size else capped)
    return cut

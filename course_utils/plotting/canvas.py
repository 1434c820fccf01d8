"""Lo que comparten todas las figuras: colores, ejes, paneles, títulos y límites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe e Ito (2008), los mismos que el estilo del curso.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#595959"


def new_axes(ax: Axes | None, figsize: tuple[float, float]) -> Axes:
    """Los ejes dados o, si no hay, unos nuevos del tamaño pedido (en pulgadas)."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize)[1] if ax is None else ax


def new_panels(
    axes: Sequence[Axes] | None,
    count: int,
    figsize: tuple[float, float],
    *,
    columns: int | None = None,
    **options: object,
) -> list[Axes]:
    """Los paneles dados o, si no hay, unos nuevos; siempre tantos como hagan falta.

    Parameters
    ----------
    axes : sequence of Axes or None
        Los paneles que ha dado quien llama.
    count : int
        Cuántos hacen falta.
    figsize : tuple of (float, float)
        Tamaño de la figura nueva, en pulgadas.
    columns : int, optional
        Paneles por fila; sin él, todos en una.
    **options
        Lo demás que admite ``plt.subplots``.

    Raises
    ------
    ValueError
        Si no hace falta ninguno o los dados son más o menos.

    Examples
    --------
    >>> len(new_panels(None, 3, (6, 4), columns=2))
    3
    """
    import matplotlib.pyplot as plt

    if count < 1:
        raise ValueError("Se esperaba al menos un panel y no ha llegado nada que dibujar.")
    if axes is None:
        columns = columns or count
        rows = -(-count // columns)
        _, grid = plt.subplots(rows, columns, figsize=figsize, squeeze=False, **options)
        for spare in grid.ravel()[count:]:
            spare.set_visible(False)
        return list(grid.ravel()[:count])
    if len(axes) != count:
        raise ValueError(
            f"Se esperaba un panel por cada cosa que se dibuja: hacen falta {count} y han llegado "
            f"{len(axes)}. Pasa axes con {count}, o no los pases."
        )
    return list(axes)


def set_title(where: Axes | Sequence[Axes], title: str | None, *, pad: float = 6) -> None:
    """Pone el título a la izquierda; en una figura de paneles, encima de todos."""
    if title is None:
        return
    if isinstance(where, Sequence):
        where[0].figure.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=12)
    else:
        where.set_title(title, loc="left", pad=pad)


def reach(ax: Axes, low: float, high: float, *, axis: str = "y") -> None:
    """Alarga un eje para que vaya, por lo menos, de ``low`` a ``high``: nunca recorta lo dibujado.

    Examples
    --------
    >>> ax = new_axes(None, (3, 2))
    >>> _ = ax.plot([0.2, -3])
    >>> reach(ax, 0, 1)
    >>> print(ax.get_ylim()[0] < -3, ax.get_ylim()[1])
    True 1.0
    """
    ax.autoscale_view()
    start, end = getattr(ax, f"get_{axis}lim")()
    getattr(ax, f"set_{axis}lim")(min(start, low), max(end, high))


def log_scale(ax: Axes, *drawn: np.ndarray, axis: str = "y") -> None:
    """Pone un eje en escala logarítmica sin perder los ceros ni los negativos de lo dibujado.

    Con alguno, la escala es lineal cerca de cero, hasta el menor tamaño, y logarítmica más allá. Se
    llama con todo dibujado.

    Examples
    --------
    >>> ax = new_axes(None, (3, 2))
    >>> log_scale(ax, np.array([1.0, 10.0]))
    >>> ax.get_yscale()
    'log'
    >>> log_scale(ax, np.array([0.0, 0.02, 10.0]))
    >>> ax.get_yscale(), ax.yaxis.get_transform().linthresh
    ('symlog', 0.01)
    """
    values = np.concatenate([np.ravel(one) for one in drawn])
    values = values[np.isfinite(values)]
    sizes = np.abs(values[values != 0])
    set_scale = getattr(ax, f"set_{axis}scale")
    if (values > 0).all():
        set_scale("log")
    elif sizes.size:
        threshold = 10.0 ** float(np.floor(np.log10(sizes.min())))
        set_scale("symlog", linthresh=threshold, linscale=0.5)
        getattr(ax, f"{axis}axis").get_major_locator().set_params(numticks=7)
        if (values >= 0).all():
            ax.autoscale_view()
            getattr(ax, f"set_{axis}lim")(-threshold / 4, None)  # por debajo de cero no hay nada

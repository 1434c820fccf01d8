"""Lo que comparten todas las figuras: colores y ejes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe e Ito (2008), los mismos que el estilo del curso.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#595959"


def new_axes(ax: Axes | None, figsize: tuple[float, float]) -> Axes:
    """Los ejes dados o, si no hay, unos nuevos del tamaño pedido (en pulgadas)."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize)[1] if ax is None else ax

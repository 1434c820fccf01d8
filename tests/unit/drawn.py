"""Lo que hay dibujado en una figura, para las pruebas."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def texts(ax: Axes) -> list[str]:
    """Los rótulos escritos dentro de unos ejes."""
    return [text.get_text() for text in ax.texts]


def titles(figure: Figure) -> list[str]:
    """Todos los títulos, de la figura y de sus paneles."""
    found = [figure.get_suptitle()]
    found += [ax.get_title(loc=side) for ax in figure.axes for side in ("left", "center", "right")]
    return [title for title in found if title]


def everything_written(figure: Figure) -> str:
    """Todo el texto de una figura, en minúsculas."""
    return "\n".join(text.get_text() for text in figure.findobj(Text)).lower()


def count_artists(figure: Figure) -> int:
    """Cuántas cosas dibujadas hay."""
    return sum(
        len(ax.lines) + len(ax.patches) + len(ax.collections) + len(ax.images) + len(ax.texts)
        for ax in figure.axes
    )


def is_labelled(ax: Axes, axis: str) -> bool:
    """Si un eje dice qué mide: con su rótulo, con nombres en lugar de números o sin marcas."""
    if not ax.axison or getattr(ax, f"get_{axis}label")():
        return True
    ticks = [label.get_text() for label in getattr(ax, f"get_{axis}ticklabels")()]
    return all(any(map(str.isalpha, tick)) for tick in ticks)


def points(ax: Axes) -> Iterator[tuple[str, np.ndarray]]:
    """Qué es cada cosa dibujada con coordenadas de los datos, y sus puntos, de forma (n, 2)."""
    for line in ax.lines:
        if line.get_transform() == ax.transData:
            yield f"la línea {line.get_label()}", line.get_xydata()
    for patch in ax.patches:
        if patch.get_data_transform() == ax.transData:
            path = patch.get_patch_transform().transform_path(patch.get_path())
            drawn = ... if path.codes is None else path.codes != Path.CLOSEPOLY
            yield "una barra", path.vertices[drawn]
    for collection in ax.collections:
        yield "una banda", collection.get_datalim(ax.transData).get_points()


def hidden(figure: Figure) -> list[str]:
    """Lo dibujado que sus ejes, o sus colores, no enseñan."""
    found = []
    for ax in figure.axes:
        limits = np.sort([ax.get_xlim(), ax.get_ylim()], axis=1)
        for what, where in points(ax):
            where = where[np.isfinite(where).all(axis=1)]
            with np.errstate(all="ignore"):
                shown = ax.transScale.transform(where)
            (left, right), (low, high) = np.sort(ax.transScale.transform(limits.T).T, axis=1)
            near = 1e-6 * np.array([right - left, high - low])
            inside = np.isfinite(shown).all(axis=1)
            inside &= (shown >= np.array([left, low]) - near).all(axis=1)
            inside &= (shown <= np.array([right, high]) + near).all(axis=1)
            if not inside.all():
                found.append(f"{what} se sale en {where[~inside][0]} de {limits.tolist()}")
        for image in ax.images:
            low, high = image.get_clim()
            if image.get_array().min() < low or image.get_array().max() > high:
                found.append(f"una imagen con valores fuera de los colores, {low} a {high}")
    return found


def tangled(figure: Figure) -> list[str]:
    """Los textos que se salen de la figura o de su caja, se tocan o tienen una flecha encima."""
    figure.canvas.draw()
    written = [
        child
        for ax in figure.axes
        for child in ax.get_children()
        if isinstance(child, Text) and child.get_text()
    ]
    places = {text: text.get_window_extent() for text in written}
    found = [
        f"{one.get_text()} toca {other.get_text()}"
        for one, other in combinations(written, 2)
        if places[one].overlaps(places[other])
    ]
    for text, place in places.items():
        name = text.get_text()
        if not _holds(figure.bbox, place):
            found.append(f"{name} se sale de la figura")
        for box in figure.findobj(FancyBboxPatch):
            edges = box.get_window_extent()
            if edges.overlaps(place) and not _holds(edges, place):
                found.append(f"{name} se sale de una caja")
        for arrow in figure.findobj(FancyArrowPatch):
            strokes = arrow.get_path().to_polygons(arrow.get_transform(), closed_only=False)
            if any(Path(stroke).intersects_bbox(place, filled=False) for stroke in strokes):
                found.append(f"{name} tiene una flecha encima")
    return found


def _holds(outside: Bbox, inside: Bbox) -> bool:
    """Si un rectángulo contiene a otro entero."""
    return bool((outside.min <= inside.min).all() and (inside.max <= outside.max).all())

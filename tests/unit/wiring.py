"""Qué une cada cable de un diagrama, leído de lo dibujado."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from course_utils.plotting.diagrams import BODY, RADIUS, Point

NEAR = 0.05  # a menos de esto, un cable toca una caja, un círculo u otro cable
REACH = 0.75  # a menos de esto del centro de un nombre, el cable empieza o acaba en él
SIGNS = {"+": "suma", ".": "producto"}


class Wiring:
    """Lo dibujado en unos ejes: nudos (cajas, operaciones y nombres sueltos) y cables."""

    def __init__(self, ax: Axes):
        boxes = [
            patch
            for patch in ax.patches
            if isinstance(patch, FancyBboxPatch) and patch.get_facecolor() != to_rgba(BODY)
        ]
        self.boxes = {(b.get_x(), b.get_y(), b.get_width(), b.get_height()): [] for b in boxes}
        self.symbols = {}
        for text in ax.texts:
            inside = [box for box in self.boxes if _distance_to_box(text.get_position(), box) == 0]
            if inside:
                self.boxes[inside[0]].append(text.get_text())
            elif "$" in text.get_text():
                self.symbols[text.get_text().strip("$")] = text.get_position()
        signs = {
            (line.get_xdata()[0], line.get_ydata()[0]): SIGNS[line.get_marker()]
            for line in ax.lines
            if line.get_marker() in SIGNS
        }
        circles = [patch.center for patch in ax.patches if isinstance(patch, Circle)]
        assert sorted(circles) == sorted(signs), "cada círculo lleva su signo"
        self.operations = {
            center: f"{sign} {[*signs.values()][:place].count(sign) + 1}"
            for place, (center, sign) in enumerate(signs.items())
        }
        self.joints = [
            (line.get_xdata()[0], line.get_ydata()[0])
            for line in ax.lines
            if line.get_marker() == "o"
        ]
        self.wires = [
            _points(patch)
            for patch in ax.patches
            if isinstance(patch, FancyArrowPatch) and patch.get_edgecolor() != to_rgba(BODY)
        ]

    def node(self, point: Point) -> str | None:
        """La caja, la operación o el nombre suelto que hay en un punto."""
        for box, names in self.boxes.items():
            if _distance_to_box(point, box) < NEAR:
                return " ".join(names)
        for center, name in self.operations.items():
            if abs(np.hypot(*np.subtract(point, center)) - RADIUS) < NEAR:
                return name
        for name, center in self.symbols.items():
            if np.hypot(*np.subtract(point, center)) < REACH:
                return name
        return None

    def sources(self, wire: list[Point]) -> set[str]:
        """De dónde viene lo que lleva un cable, también a través de las uniones."""
        start = self.node(wire[0])
        found = {start} - {None}
        if start is None:
            before = [
                other
                for other in self.wires
                if other is not wire and _distance_to_wire(wire[0], other) < NEAR
            ]
            assert before, f"nada llega a {wire[0]}"
            assert any(np.allclose(wire[0], joint) for joint in self.joints) or all(
                np.allclose(wire[0], other[-1]) for other in before
            ), f"falta el punto de unión de {wire[0]}"
            found |= set().union(*(self.sources(other) for other in before))
        for other in self.wires:
            if (
                other is not wire
                and self.node(other[-1]) is None
                and _distance_to_wire(other[-1], wire) < NEAR
            ):
                found |= self.sources(other)
        return found

    def ends(self, patch: FancyArrowPatch) -> tuple[str | None, str | None]:
        """Los nudos en que empieza y acaba un cable."""
        points = _points(patch)
        return self.node(points[0]), self.node(points[-1])

    def nearest_wire(self, point: Point) -> list[Point]:
        """El cable que pasa más cerca de un punto."""
        return min(self.wires, key=lambda wire: _distance_to_wire(point, wire))

    def edges(self) -> set[tuple[str, str]]:
        """Todas las parejas (de dónde, adónde)."""
        ends = {id(wire): self.node(wire[-1]) for wire in self.wires}
        return {
            (source, ends[id(wire)])
            for wire in self.wires
            if ends[id(wire)] is not None
            for source in self.sources(wire)
        }


def _distance_to_box(point: Point, box: tuple[float, float, float, float]) -> float:
    """Cero dentro; fuera, la mayor de las distancias a lo ancho y a lo alto."""
    low, size = np.array(box[:2]), np.array(box[2:])
    return float(np.maximum(np.maximum(low - point, point - low - size), 0).max())


def _points(patch: FancyArrowPatch) -> list[Point]:
    """Los puntos por los que pasa un cable, sin la punta de la flecha."""
    return [tuple(point) for point in patch._path_original.vertices]


def _distance_to_wire(point: Point, wire: list[Point]) -> float:
    """Lo que dista un punto de un cable de tramos rectos."""
    distances = []
    for start, end in pairwise(wire):
        along = np.subtract(end, start)
        share = np.clip(np.dot(np.subtract(point, start), along) / np.dot(along, along), 0, 1)
        distances.append(float(np.hypot(*(start + share * along - point))))
    return min(distances)

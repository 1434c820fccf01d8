"""Cuántas lecciones caducan al cambiar una línea de cada módulo de ``course_utils``.

Uso::

    python -m tools.notebooks.stale
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from tools.notebooks.build import ROOT, read_lesson
from tools.notebooks.fingerprint import Dependencies
from tools.notebooks.names import Course
from tools.notebooks.pieces import code_lines


@dataclass(frozen=True)
class Row:
    """Lo que pasa con un módulo: a qué lecciones hace caducar cada línea de código."""

    module: str
    stale: tuple[frozenset[str], ...]

    @property
    def mean(self) -> float:
        """Lecciones que caducan, de media sobre sus líneas."""
        return fmean(map(len, self.stale))

    @property
    def worst(self) -> int:
        """Lecciones que caducan con la línea que más."""
        return max(map(len, self.stale))


def lesson_dependencies(root: Path) -> dict[str, Dependencies]:
    """De qué depende cada lección del curso."""
    lessons = [read_lesson(path, root=root) for path in (root / "notebooks/source").glob("*.py")]
    return {
        lesson.number: Dependencies(
            root,
            lesson.number,
            [
                cell.source
                for cell in lesson.solved.cells
                if cell.cell_type == "code" and cell.id != "colab"
            ],
        )
        for lesson in lessons
    }


def stale_table(root: Path, dependencies: Mapping[str, Dependencies]) -> list[Row]:
    """Una fila por módulo con código."""
    users: dict[tuple[str, int], set[str]] = {}
    for number, lesson in dependencies.items():
        for module, pieces in lesson.pieces.items():
            for line in {line for piece in pieces for line in piece.lines}:
                users.setdefault((module, line), set()).add(number)
    course = Course(root)
    rows = []
    for module in course.names():
        lines = code_lines(course.file(module).read_text(encoding="utf-8"))
        if lines:
            stale = (frozenset(users.get((module, line), ())) for line in lines)
            rows.append(Row(module, tuple(stale)))
    return rows


def summary(rows: Iterable[Row]) -> str:
    """Las medias: por módulo, por líneas y con la peor línea de cada módulo."""
    rows = list(rows)
    by_line = fmean(len(lessons) for row in rows for lessons in row.stale)
    return (
        f"media por módulo {fmean(row.mean for row in rows):.2f} · "
        f"por líneas {by_line:.2f} · "
        f"con la peor línea de cada módulo {fmean(row.worst for row in rows):.2f}"
    )


def main(*, root: Path = ROOT) -> None:
    """Imprime la tabla, de más a menos."""
    rows = stale_table(root, lesson_dependencies(root))
    print(f"{'módulo':50s} líneas  media  peor")
    for row in sorted(rows, key=lambda row: (-row.mean, row.module)):
        print(f"{row.module:50s} {len(row.stale):6d} {row.mean:6.2f} {row.worst:5d}")
    print(f"{len(rows)} módulos · lecciones caducadas: {summary(rows)}")


if __name__ == "__main__":
    main()

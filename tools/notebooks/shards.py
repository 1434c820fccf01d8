"""Reparte las lecciones entre trabajos que duren parecido, para la integración continua.

Los segundos de procesador de cada lección constan en su solución guardada; de una sin ejecutar se
espera la media de las demás. El reparto depende solo de eso y de las lecciones que hay, así que dos
máquinas hacen siempre el mismo. Solo usa la biblioteca estándar: se ejecuta antes de instalar nada.

Uso::

    python -m tools.notebooks.shards 3          # el reparto, como lo lee un flujo de GitHub
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.notebooks.costs import ROOT, stored_seconds


def lesson_seconds(root: Path = ROOT) -> dict[str, float | None]:
    """Segundos de cada lección que tiene fuente, por su número; ``None`` si no constan."""
    stems = sorted(path.stem for path in (root / "notebooks" / "source").glob("*.py"))
    return {stem.split("_")[0]: stored_seconds(stem, root=root) for stem in stems}


def share(lessons: Iterable[str], seconds: Mapping[str, float], count: int) -> list[list[str]]:
    """Reparte lecciones en ``count`` grupos de duración parecida.

    De la más larga a la más corta, cada una va al grupo que menos lleva: el más cargado no pasa de
    4/3 del mejor reparto posible (R. L. Graham, 1969).

    Parameters
    ----------
    lessons : iterable of str
        Números de lección.
    seconds : mapping of str to float
        Lo que dura cada una; de las que falten se espera la media de las que haya.
    count : int
        Cuántos grupos; ninguno queda vacío, así que pueden salir menos.

    Examples
    --------
    >>> share(["11", "12", "13"], {"11": 10, "12": 30, "13": 15}, 2)
    [['11', '13'], ['12']]
    """
    lessons = sorted(lessons)
    usual = statistics.fmean(seconds.values()) if seconds else 1.0
    expected = {lesson: seconds.get(lesson, usual) for lesson in lessons}
    groups: list[list[str]] = [[] for _ in range(min(count, len(lessons)))]
    for lesson in sorted(lessons, key=lambda lesson: -expected[lesson]):
        lightest = min(groups, key=lambda group: sum(expected[name] for name in group))
        lightest.append(lesson)
    return sorted(sorted(group) for group in groups)


def main(argv: list[str] | None = None) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description="Reparte las lecciones en trabajos parecidos.")
    parser.add_argument("count", type=int, help="cuántos trabajos")
    options = parser.parse_args(argv)
    if options.count < 1:
        parser.error(f"hace falta al menos un trabajo; ha llegado {options.count}")
    seconds = lesson_seconds()
    known = {lesson: spent for lesson, spent in seconds.items() if spent is not None}
    print(json.dumps([" ".join(group) for group in share(seconds, known, options.count)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

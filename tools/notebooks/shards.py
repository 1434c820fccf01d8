"""Reparte las lecciones entre trabajos que duren parecido, para la integración continua.

Los segundos de procesador de cada lección están en ``seconds.toml``, a su lado, que se confirma
en git; de una lección sin medir se espera la media de las demás. El reparto depende solo de ese
archivo y de las lecciones que hay, así que dos máquinas hacen siempre el mismo.

Uso::

    python -m tools.notebooks.shards 3          # el reparto, como lo lee un flujo de GitHub
    python -m tools.notebooks.shards --record   # apunta los segundos de build/report.json
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.files import replace_files

ROOT = Path(__file__).resolve().parents[2]
SECONDS = Path(__file__).with_name("seconds.toml")
HEADER = """\
# Segundos de procesador de cada lección, sin resolver y en el perfil rápido. Sirven para repartir
# el trabajo; no son un límite. Se apuntan con `python -m tools.notebooks.shards --record`.
"""


def stored_seconds(path: Path = SECONDS) -> dict[str, float]:
    """Segundos apuntados de cada lección, por su número."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def written_lessons(root: Path = ROOT) -> list[str]:
    """Números de las lecciones que tienen fuente, en orden."""
    return sorted(path.name[:2] for path in (root / "notebooks" / "source").glob("*.py"))


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


def measured_seconds(report: Path) -> dict[str, float]:
    """Mediana de los segundos de cada lección que terminó bien, según un informe."""
    found: dict[str, list[float]] = {}
    for row in json.loads(report.read_text(encoding="utf-8")):
        if row["status"] == "ok":
            found.setdefault(row["lesson"][:2], []).append(row["seconds"])
    return {lesson: round(statistics.median(values), 1) for lesson, values in found.items()}


def record(report: Path, *, path: Path = SECONDS, lessons: Iterable[str]) -> None:
    """Apunta los segundos medidos; conserva los de las demás lecciones que sigan existiendo."""
    known = {**stored_seconds(path), **measured_seconds(report)}
    rows = [f'"{lesson}" = {known[lesson]}\n' for lesson in sorted(lessons) if lesson in known]
    replace_files({path: "".join([HEADER, *rows])})


def main(argv: list[str] | None = None) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description="Reparte las lecciones en trabajos parecidos.")
    parser.add_argument("count", type=int, nargs="?", default=1, help="cuántos trabajos")
    parser.add_argument("--record", action="store_true", help="apunta los segundos medidos")
    parser.add_argument("--report", type=Path, default=ROOT / "build" / "report.json")
    options = parser.parse_args(argv)
    if options.count < 1:
        parser.error(f"hace falta al menos un trabajo; ha llegado {options.count}")
    if options.record:
        if not options.report.is_file():
            parser.error(f"no existe {options.report}: ejecuta antes `make notebooks`")
        record(options.report, lessons=written_lessons())
    else:
        groups = share(written_lessons(), stored_seconds(), options.count)
        print(json.dumps([" ".join(group) for group in groups]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Ejecuta los cuadernos sin resolver, en paralelo, y dice qué ha pasado con cada uno.

Es lo que vive quien se salta todos los ejercicios: papermill ejecuta cada cuaderno en su propio
proceso, en una carpeta vacía, con un hilo por núcleo y con otra semilla que la guardada.

Uso::

    python -m tools.notebooks.run                        # semilla 1, perfil rápido
    python -m tools.notebooks.run 11 12 --seeds 0-4
    python -m tools.notebooks.run --full                 # FAST = False: el entrenamiento largo
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import nbformat

from course_utils.environment import available_cores
from tools.files import replace_files
from tools.notebooks.costs import stored_seconds
from tools.notebooks.measure import HANG_SECONDS, Measured, run_measured
from tools.notebooks.pool import in_pool

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "build" / "report.json"
MAX_SECONDS = 60.0  # de procesador
MAX_PROJECT_SECONDS = 90.0
MAX_COURSE_SECONDS = 900.0  # todas las lecciones, una vez
MAX_MEMORY_MB = 1200.0
STORED_SEED = 0
DEFAULT_SEED = STORED_SEED + 1
START_TRIES = 3


@dataclass
class Result:
    """Qué ha pasado con una lección: lo que ``build/report.json`` guarda de ella.

    ``seconds`` son de procesador; ``wall``, de reloj, solo para saberlo.
    """

    lesson: str
    seed: int
    status: str
    seconds: float
    peak_rss_mb: float
    claims: list[dict] = field(default_factory=list)
    wall: float = 0.0

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    def __str__(self) -> str:
        return (
            f"{'✓' if self.ok else '✗'} {self.lesson} · semilla {self.seed} · "
            f"{self.seconds:.1f} s de procesador ({self.wall:.1f} de reloj) · "
            f"{self.peak_rss_mb:.0f} MB" + ("" if self.ok else f" · {self.status}")
        )


@dataclass(frozen=True)
class Budget:
    """Límites de una ejecución.

    Attributes
    ----------
    seconds : float or None
        Segundos de procesador; ``None`` en el perfil largo.
    memory_mb : float
        Memoria del núcleo y lo que lance.
    hang_seconds : int or None
        Reloj con el que una celda se da por colgada; ``None`` en el perfil largo.
    """

    seconds: float | None = MAX_SECONDS
    memory_mb: float = MAX_MEMORY_MB
    hang_seconds: int | None = HANG_SECONDS

    def broken_by(self, measured: Measured) -> str:
        """Qué límite se ha pasado, en una línea; vacío si ninguno."""
        if self.seconds is not None and measured.seconds > self.seconds:
            return f"gasta {measured.seconds:.1f} s de procesador; el límite son {self.seconds:.0f}"
        if measured.peak_mb > self.memory_mb:
            return f"ocupa {measured.peak_mb:.0f} MB; el límite son {self.memory_mb:.0f}"
        return ""


def lesson_budget(stem: str) -> Budget:
    """Los límites de una lección; los de un proyecto son más anchos."""
    from course_utils.course_map import COURSE

    number = stem.split("_")[0]
    is_project = any(entry.number == number and entry.kind == "proyecto" for entry in COURSE)
    return Budget(seconds=MAX_PROJECT_SECONDS if is_project else MAX_SECONDS)


class Run(NamedTuple):
    """Una ejecución de un cuaderno: qué ha costado y qué ha ido mal (vacío si nada)."""

    measured: Measured
    problem: str


def run_notebook(
    path: Path,
    output: Path,
    *,
    budget: Budget,
    parameters: Mapping[str, object],
    environment: Mapping[str, str],
) -> Run:
    """Ejecuta un cuaderno con papermill en su propio proceso y en una carpeta vacía.

    Un arranque que falla (dos núcleos que eligen el mismo puerto, por ejemplo) se repite: ninguna
    celda ha empezado y no se pierde nada.

    Parameters
    ----------
    path, output : Path
        El cuaderno y dónde se deja el ejecutado.
    budget : Budget
        Límites que se exigen.
    parameters : mapping
        Lo que sustituye a la celda ``parameters``, como ``{"SEED": 1}``.
    environment : mapping
        Variables de entorno del núcleo.
    """
    for _ in range(START_TRIES):
        run = _attempt(path, output, budget=budget, parameters=parameters, environment=environment)
        if not run.problem or run.measured.cut or started_cells(output):
            break
    return run


def _attempt(
    path: Path, output: Path, *, budget: Budget, parameters: Mapping, environment: Mapping
) -> Run:
    output.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="curso-") as folder:
        workdir, log = Path(folder) / "trabajo", Path(folder) / "stderr.txt"
        workdir.mkdir()
        command = [sys.executable, "-m", "papermill", str(path), str(output), "--cwd", str(workdir)]
        command += ["--no-progress-bar", "--log-level", "ERROR", "--kernel", "python3"]
        command += ["--start-timeout", str(HANG_SECONDS)]
        if budget.hang_seconds:
            command += ["--execution-timeout", str(budget.hang_seconds)]
        for name, value in parameters.items():
            command += ["-p", name, str(value)]
        measured = run_measured(
            command,
            environment=environment,
            log=log,
            memory_limit_mb=2 * budget.memory_mb,
            wall_limit=2 * HANG_SECONDS if budget.hang_seconds else None,
        )
        said = log.read_text(encoding="utf-8", errors="replace")
    if measured.cut:
        return Run(measured, last_cell(output) + measured.cut)
    if measured.code:
        return Run(measured, describe_failure(output, said))
    return Run(measured, budget.broken_by(measured))


def run_lesson(
    path: Path, *, seed: int, budget: Budget | None = None, parameters: dict | None = None
) -> Result:
    """Ejecuta una lección con una semilla y recoge lo que afirma.

    Parameters
    ----------
    path : Path
        El cuaderno.
    seed : int
        Valor de ``SEED``.
    budget : Budget, optional
        Límites que se exigen; por omisión, los de la lección.
    parameters : dict, optional
        Otros parámetros, como ``{"FAST": False}``.
    """
    with tempfile.TemporaryDirectory(prefix="curso-") as folder:
        claims = Path(folder) / "claims.jsonl"
        run = run_notebook(
            path,
            Path(folder) / "salida.ipynb",
            budget=lesson_budget(path.stem) if budget is None else budget,
            parameters={"SEED": seed, **(parameters or {})},
            environment={
                "CURSO_HOME": str(Path(folder) / "casa"),
                "CURSO_CLAIMS_FILE": str(claims),
            },
        )
        rows = claims.read_text(encoding="utf-8").splitlines() if claims.is_file() else []
    seconds, wall, peak = run.measured.seconds, run.measured.wall, run.measured.peak_mb
    return Result(
        path.stem,
        seed,
        run.problem or "ok",
        round(seconds, 1),
        round(peak, 0),
        [json.loads(row) for row in rows],
        round(wall, 1),
    )


# ---------------------------------------------------------------- contar lo que ha fallado


def describe_failure(output: Path, said: str) -> str:
    """Celda y error de una ejecución fallida, en una línea."""
    # Antes que el error guardado: una celda interrumpida guarda un KeyboardInterrupt.
    if "CellTimeoutError" in said:
        return f"{last_cell(output)}la celda no ha terminado a tiempo"
    if "DeadKernelError" in said or "Kernel died" in said:
        where = last_cell(output) or "antes de la primera celda: "
        return f"{where}el núcleo ha muerto (Kernel died)"
    for cell in read_cells(output):
        for item in cell.get("outputs", []):
            if item.output_type == "error":
                return f"falla la celda «{cell.get('id')}»: {item.ename}: {first_line(item.evalue)}"
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "papermill ha terminado mal y sin decir por qué"


def read_cells(output: Path) -> list[nbformat.NotebookNode]:
    """Celdas de un cuaderno ejecutado a medias; ninguna si no se puede leer."""
    try:
        return nbformat.read(output, as_version=4).cells
    except (OSError, ValueError):
        return []


def started_cells(output: Path) -> list[str]:
    """Identificadores de las celdas que llegaron a empezar, en orden.

    papermill da por completadas las que nunca se ejecutaron si muere el núcleo: lo que no miente es
    la hora a la que empezó cada una.
    """
    return [
        cell.get("id", "")
        for cell in read_cells(output)
        if cell.metadata.get("papermill", {}).get("start_time")
    ]


def last_cell(output: Path) -> str:
    """Última celda que empezó a ejecutarse, para el principio de un mensaje."""
    started = started_cells(output)
    return f"celda «{started[-1]}»: " if started else ""


def first_line(text: str) -> str:
    """Primera línea de un texto, sin colores de terminal; con las afirmaciones, todas."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).strip()
    return plain.replace("\n", " · ")[:500]


# ---------------------------------------------------------------- todas a la vez


def run_all(
    paths: Sequence[Path],
    *,
    seeds: Sequence[int],
    jobs: int,
    budget: Budget | None = None,
    parameters: dict | None = None,
) -> list[Result]:
    """Ejecuta cada cuaderno con cada semilla, ``jobs`` a la vez, aunque alguno falle."""

    def run(work: tuple[Path, int]) -> Result:
        path, seed = work
        return run_lesson(path, seed=seed, budget=budget, parameters=parameters)

    results = in_pool(
        run,
        [(path, seed) for seed in seeds for path in paths],
        jobs=jobs,
        expected=lambda work: stored_seconds(work[0].stem),
        tell=str,
    )
    return sorted(results, key=lambda result: (result.lesson, result.seed))


def write_report(results: Sequence[Result], path: Path = REPORT) -> None:
    """Guarda el informe de una vez."""
    rows = [asdict(result) for result in results]
    replace_files({path: json.dumps(rows, indent=1, ensure_ascii=False) + "\n"})


def parse_seeds(text: str) -> list[int]:
    """Convierte ``"0-4"`` o ``"1,3"`` en una lista.

    Examples
    --------
    >>> parse_seeds("0-2,7")
    [0, 1, 2, 7]
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part.strip())
        if match is None:
            raise argparse.ArgumentTypeError(f"semillas como 0-4 o 1,3; ha llegado {text!r}")
        seeds += range(int(match[1]), int(match[2] or match[1]) + 1)
    return seeds


def main(argv: list[str] | None = None) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description="Ejecuta los cuadernos del curso con papermill.")
    parser.add_argument("lessons", nargs="*", help="números de lección; todas sin ellos")
    parser.add_argument("--seeds", type=parse_seeds, default=[DEFAULT_SEED], help="como 0-4 o 1,3")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="cuántos a la vez")
    parser.add_argument("--full", action="store_true", help="FAST = False, sin límite de tiempo")
    parser.add_argument("--folder", type=Path, default=ROOT / "notebooks", help="dónde están")
    parser.add_argument("--report", type=Path, default=REPORT, help="dónde dejar el informe")
    options = parser.parse_args(argv)
    paths = sorted(options.folder.glob("*.ipynb"))
    chosen = [p for p in paths if not options.lessons or p.stem.split("_")[0] in options.lessons]
    if not chosen:
        print(f"No hay cuadernos {' '.join(options.lessons)} en {options.folder}.", file=sys.stderr)
        return 2
    budget = Budget(seconds=None, hang_seconds=None) if options.full else None
    start = time.monotonic()
    results = run_all(
        chosen,
        seeds=options.seeds,
        jobs=options.jobs,
        budget=budget,
        parameters={"FAST": False} if options.full else {},
    )
    wall = time.monotonic() - start
    write_report(results, options.report)
    seconds = [result.seconds for result in results]
    bad = [result for result in results if not result.ok]
    print(
        f"{len(results)} ejecuciones, {len(bad)} con problemas · {sum(seconds):.1f} s de "
        f"procesador · {wall:.1f} s de reloj con {options.jobs} a la vez"
    )
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

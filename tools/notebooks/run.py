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
import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
import psutil
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "build" / "report.json"
MAX_SECONDS = 60.0
MAX_RSS_MB = 1200.0
CELL_TIMEOUT = 60
STORED_SEED = 0
DEFAULT_SEED = STORED_SEED + 1
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
# Dos núcleos que arrancan a la vez pueden elegir el mismo puerto: entonces se repite.
START_FAILURES = ("Address already in use", "Kernel died before replying", "Kernel didn't respond")


@dataclass
class Result:
    """Qué ha pasado con una lección: lo que ``build/report.json`` guarda de ella."""

    lesson: str
    seed: int
    status: str
    seconds: float
    peak_rss_mb: float
    claims: list[dict] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.status == "ok"


@dataclass(frozen=True)
class Budget:
    """Límites de una ejecución; ``seconds`` es ``None`` en el perfil largo."""

    seconds: float | None = MAX_SECONDS
    rss_mb: float = MAX_RSS_MB
    cell_timeout: int | None = CELL_TIMEOUT


class MemoryWatch(threading.Thread):
    """Vigila la memoria residente de un proceso y de sus hijos, y lo corta si se desboca."""

    def __init__(
        self, process: subprocess.Popen, *, limit_mb: float, interval: float = 0.1
    ) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.limit_mb = limit_mb
        self.interval = interval
        self.peak_mb = 0.0
        self.stopped_it = False

    def run(self) -> None:
        while self.process.poll() is None:
            self.peak_mb = max(self.peak_mb, kernel_rss_mb(self.process.pid))
            if self.peak_mb > self.limit_mb:
                self.stopped_it = True
                kill_tree(self.process.pid)
                return
            time.sleep(self.interval)


def kernel_rss_mb(pid: int) -> float:
    """Memoria residente, en MB, de los procesos hijos: el núcleo y lo que él lance."""
    total = 0
    try:
        for child in psutil.Process(pid).children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        return 0.0
    return total / 1e6


def kill_tree(pid: int) -> None:
    """Termina un proceso y todos sus hijos."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.Error:
        return
    for process in family:
        try:
            process.kill()
        except psutil.Error:
            continue


def run_lesson(
    path: Path, *, seed: int, budget: Budget = Budget(), parameters: dict | None = None
) -> Result:
    """Ejecuta un cuaderno en su propio proceso.

    Parameters
    ----------
    path : Path
        El cuaderno.
    seed : int
        Valor de ``SEED``.
    budget : Budget
        Límites que se exigen.
    parameters : dict, optional
        Otros parámetros, como ``{"FAST": False}``.
    """
    result = _attempt(path, seed=seed, budget=budget, parameters=parameters or {})
    if any(symptom in result.status for symptom in START_FAILURES):
        result = _attempt(path, seed=seed, budget=budget, parameters=parameters or {})
    return result


def _attempt(path: Path, *, seed: int, budget: Budget, parameters: dict) -> Result:
    with tempfile.TemporaryDirectory(prefix="curso-") as folder:
        output = Path(folder) / "salida.ipynb"
        claims = Path(folder) / "claims.jsonl"
        workdir = Path(folder) / "trabajo"
        workdir.mkdir()
        command = [sys.executable, "-m", "papermill", str(path), str(output), "--cwd", str(workdir)]
        command += ["--no-progress-bar", "--log-level", "ERROR", "--kernel", "python3"]
        if budget.cell_timeout:
            command += ["--execution-timeout", str(budget.cell_timeout)]
        for name, value in {"SEED": seed, **parameters}.items():
            command += ["-p", name, str(value)]
        environment = {
            **os.environ,
            **ONE_THREAD,
            "CURSO_HOME": str(Path(folder) / "casa"),
            "CURSO_CLAIMS_FILE": str(claims),
        }
        start = time.perf_counter()
        with (Path(folder) / "stderr.txt").open("w+", encoding="utf-8") as stderr:
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=stderr
            )
            watch = MemoryWatch(process, limit_mb=2 * budget.rss_mb)
            watch.start()
            # Tope duro: un núcleo muerto u ocupado no puede detener a los demás.
            hard_limit = None if budget.seconds is None else 3 * budget.seconds
            try:
                code = process.wait(hard_limit)
            except subprocess.TimeoutExpired:
                kill_tree(process.pid)
                code = process.wait()
            seconds = time.perf_counter() - start
            watch.join()
            stderr.seek(0)
            log = stderr.read()
        rows = claims.read_text(encoding="utf-8").splitlines() if claims.is_file() else []
        result = Result(path.stem, seed, "ok", round(seconds, 1), round(watch.peak_mb, 0))
        result.claims = [json.loads(row) for row in rows]
        if watch.stopped_it:
            limit = f"{2 * budget.rss_mb:.0f} MB de memoria"
            result.status = f"{last_cell(output)}se ha cortado al pasar de {limit}"
        elif hard_limit is not None and seconds >= hard_limit:
            result.status = f"{last_cell(output)}no acaba; se ha cortado a los {hard_limit:.0f} s"
        elif code != 0:
            result.status = describe_failure(output, log)
        elif budget.seconds is not None and seconds > budget.seconds:
            result.status = f"tarda {seconds:.0f} s; el límite son {budget.seconds:.0f}"
        elif watch.peak_mb > budget.rss_mb:
            result.status = f"ocupa {watch.peak_mb:.0f} MB; el límite son {budget.rss_mb:.0f}"
        return result


def describe_failure(output: Path, log: str) -> str:
    """Celda y error de una ejecución fallida, en una línea."""
    # Antes que el error guardado: una celda interrumpida guarda un KeyboardInterrupt.
    if "CellTimeoutError" in log:
        return f"{last_cell(output)}la celda no ha terminado a tiempo"
    if "DeadKernelError" in log or "Kernel died" in log:
        return f"{last_cell(output)}el núcleo ha muerto (Kernel died)"
    for cell in read_cells(output):
        for item in cell.get("outputs", []):
            if item.output_type == "error":
                return f"falla la celda «{cell.get('id')}»: {item.ename}: {first_line(item.evalue)}"
    lines = [line for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "papermill ha terminado mal y sin decir por qué"


def read_cells(output: Path) -> list[nbformat.NotebookNode]:
    """Celdas de un cuaderno ejecutado a medias; ninguna si no se puede leer."""
    try:
        return nbformat.read(output, as_version=4).cells
    except (OSError, ValueError):
        return []


def last_cell(output: Path) -> str:
    """Última celda que empezó a ejecutarse, para el principio de un mensaje."""
    states = [(cell.get("id"), cell.metadata.get("papermill", {})) for cell in read_cells(output)]
    started = [name for name, state in states if state.get("status", "pending") != "pending"]
    return f"celda «{started[-1]}»: " if started else ""


def first_line(text: str) -> str:
    """Primera línea de un texto, sin colores de terminal; con las afirmaciones, todas."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).strip()
    return plain.replace("\n", " · ")[:500]


def available_cores() -> int:
    """Núcleos que este proceso puede usar de verdad."""
    from course_utils.environment import available_cores as cores

    return max(1, int(cores()))


def run_all(
    paths: list[Path], *, seeds: list[int], jobs: int, budget: Budget, parameters: dict
) -> list[Result]:
    """Ejecuta cada cuaderno con cada semilla, ``jobs`` a la vez, aunque alguno falle."""
    known = {row["lesson"]: row["seconds"] for row in read_report()}
    work = [(path, seed) for seed in seeds for path in paths]
    # Primero los más largos: así el último no deja a los demás núcleos esperando.
    work.sort(key=lambda item: -known.get(item[0].stem, math.inf))
    results = []
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(work), unit="cuaderno") as bar:
        futures = [
            pool.submit(run_lesson, path, seed=seed, budget=budget, parameters=parameters)
            for path, seed in work
        ]
        for future in as_completed(futures):
            result = future.result()
            results.append(result)
            bar.update()
            bar.write(
                f"{'✓' if result.ok else '✗'} {result.lesson} · semilla {result.seed} · "
                f"{result.seconds:.1f} s · {result.peak_rss_mb:.0f} MB"
                + ("" if result.ok else f" · {result.status}")
            )
    return sorted(results, key=lambda result: (result.lesson, result.seed))


def read_report(path: Path = REPORT) -> list[dict]:
    """Informe anterior, o una lista vacía."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []


def write_report(results: list[Result], path: Path = REPORT) -> None:
    """Guarda el informe de una vez."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".nuevo")
    rows = [asdict(result) for result in results]
    temporary.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)


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
    budget = Budget(seconds=None, cell_timeout=None) if options.full else Budget()
    start = time.perf_counter()
    results = run_all(
        chosen,
        seeds=options.seeds,
        jobs=options.jobs,
        budget=budget,
        parameters={"FAST": False} if options.full else {},
    )
    wall = time.perf_counter() - start
    write_report(results, options.report)
    seconds = [result.seconds for result in results]
    floor = max(max(seconds), sum(seconds) / options.jobs)
    bad = [result for result in results if not result.ok]
    print(
        f"{len(results)} ejecuciones, {len(bad)} con problemas · {wall:.1f} s "
        f"({wall / floor:.2f} veces lo mínimo posible con {options.jobs} a la vez)"
    )
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

"""Mide las afirmaciones de las lecciones con muchas semillas y dice qué holgura tiene cada una.

Uso::

    python -m tools.notebooks.seeds                      # todas, con veinte semillas
    python -m tools.notebooks.seeds 14 23                # solo esas
    python -m tools.notebooks.seeds --seeds 100-103      # otras semillas, que no se registran

Ejecuta cada lección sin resolver, tal como sale de su fuente, una vez por semilla. Lo medido se
guarda en ``build/seeds/`` según se mide: si se corta, la siguiente llamada sigue donde estaba. Con
las veinte semillas va además a ``datasets/results/afirmaciones.csv``, donde lo lee la prueba que
compara los límites sin entrenar nada. Una lección solo se vuelve a medir si cambia algo de lo que
depende lo que mide: no cuentan el texto ni el límite de sus afirmaciones.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from course_utils.claims import GO_ON_VARIABLE
from course_utils.datasets.results import read_result
from course_utils.environment import available_cores
from tools.experiments.results import write_result
from tools.notebooks.build import (
    RECORDED_PACKAGES,
    ROOT,
    Lesson,
    as_text,
    exercises_text,
    read_lesson,
    targets,
    write_text,
)
from tools.notebooks.costs import stored_seconds
from tools.notebooks.pool import in_pool
from tools.notebooks.room import SEEDS, Measured
from tools.notebooks.run import Budget, Result, parse_seeds, run_lesson
from tools.notebooks.written_claims import code_cells, measure_fingerprint, written_claims

TABLE = "afirmaciones"
DIGITS = 6  # cifras significativas de la tabla: bastan para la regla y la hacen pequeña

# Lo que una semilla da: por cada afirmación, en orden, su valor y el límite con que se comparó.
Run = list[dict]


@dataclass(frozen=True)
class Subject:
    """Una lección que se mide."""

    lesson: Lesson
    fingerprint: str
    root: Path = ROOT

    @property
    def number(self) -> str:
        return self.lesson.number

    def cache(self, seed: int) -> Path:
        """Archivo donde queda lo medido con una semilla."""
        folder = self.root / "build" / "seeds" / f"{self.number}-{self.fingerprint}"
        return folder / f"{seed}.json"


def read_subject(path: Path, root: Path = ROOT) -> Subject:
    """Una lección tal como está hoy su fuente."""
    lesson = read_lesson(path, root=root)
    return Subject(lesson, measure_fingerprint(lesson, root), root)


# ---------------------------------------------------------------- lo ya medido


def read_table(root: Path = ROOT) -> list[dict]:
    """Filas de la tabla registrada; ninguna si aún no existe."""
    folder = root / "datasets" / "results"
    if not (folder / f"{TABLE}.toml").is_file():
        return []
    columns = read_result(folder, TABLE).columns
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def registered_runs(subject: Subject, table: list[dict]) -> dict[int, Run]:
    """Lo que la tabla tiene de una lección; nada si se midió antes de algún cambio."""
    rows = [row for row in table if row["lesson"] == subject.number]
    if not rows or any(row["fingerprint"] != subject.fingerprint for row in rows):
        return {}
    return {seed: [_from_table(row, seed) for row in rows] for seed in SEEDS}


def known_runs(subject: Subject, table: list[dict], seeds: Iterable[int]) -> dict[int, Run]:
    """Lo ya medido de una lección con unas semillas, en la tabla o en ``build/``."""
    registered = registered_runs(subject, table)
    cached = {
        seed: json.loads(subject.cache(seed).read_text(encoding="utf-8"))
        for seed in seeds
        if seed not in registered and subject.cache(seed).is_file()
    }
    return {seed: run for seed, run in (registered | cached).items() if seed in seeds}


def _from_table(row: dict, seed: int) -> dict:
    recorded = {name: json.loads(row[name]) for name in ("bound", "of") if row[name]}
    return {"value": float(row[f"s{seed}"]), **recorded}


def measured_claims(subject: Subject, runs: dict[int, Run]) -> list[Measured]:
    """Las afirmaciones de una lección, con los límites de hoy y lo medido.

    Raises
    ------
    ValueError
        Si las afirmaciones no se ejecutan una vez cada una y en orden, o el límite de alguna cambia
        de una semilla a otra.
    """
    written = written_claims(code_cells(subject.lesson))
    if wrong := {len(run) for run in runs.values()} - {len(written)}:
        raise ValueError(
            f"{subject.lesson.stem}: la fuente tiene {len(written)} afirmaciones y al ejecutarla "
            f"salen {wrong.pop()}. Escribe cada claim(...) una vez, fuera de bucles y condiciones."
        )
    found = []
    for place, claim in enumerate(written):
        rows = [run[place] for run in runs.values()]
        numbers = dict(claim.literal)  # lo que está escrito en la fuente puede haber cambiado
        for name in {"bound", "of"} - numbers.keys():
            numbers[name] = _same(rows, name, claim.text)
        values = tuple(row["value"] for row in rows)
        found.append(
            Measured(subject.number, claim.text, claim.operator, claim.kind, values, **numbers)
        )
    return found


def _same(rows: list[dict], name: str, text: str) -> object:
    """El valor de un campo, que ha de ser el mismo con toda semilla; ``None`` si no hay ninguna."""
    found = [row.get(name) for row in rows] or [None]
    if any(value != found[0] for value in found):
        raise ValueError(
            f"En «{text}», {name} cambia de una semilla a otra: {found[:3]}… Afirma algo de la "
            "diferencia o del cociente, con un límite fijo."
        )
    return found[0]


# ---------------------------------------------------------------- medir


def measure(missing: list[tuple[Subject, int]], *, jobs: int) -> list[Result]:
    """Ejecuta lo que falta, lo guarda según acaba y devuelve las ejecuciones que han fallado."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="curso-semillas-") as folder:
        paths = {}
        for subject in {subject.number: subject for subject, _ in missing}.values():
            _check_solutions(subject)
            paths[subject.number] = Path(folder) / f"{subject.lesson.stem}.ipynb"
            write_text(paths[subject.number], as_text(subject.lesson.learner))
        work = {(paths[subject.number], seed): subject for subject, seed in missing}
        for result, path in _run_all(list(work), jobs=jobs):
            if result.ok:
                subject = work[path, result.seed]
                rows = [
                    {name: row[name] for name in ("value", "bound", "of")} for row in result.claims
                ]
                write_text(subject.cache(result.seed), json.dumps(rows) + "\n")
            else:
                failed.append(result)
    return failed


def _check_solutions(subject: Subject) -> None:
    """Quien se salta un ejercicio sigue con la solución generada: ha de ser la de la fuente."""
    path = targets(subject.lesson, subject.root)[-1]
    if subject.lesson.exercises and path.read_text("utf-8") != exercises_text(subject.lesson):
        raise ValueError(
            f"{path.relative_to(subject.root)} no coincide con su fuente. Ejecuta "
            f"python -m tools.notebooks.build {subject.number}."
        )


def _run_all(work: list[tuple[Path, int]], *, jobs: int) -> Iterator[tuple[Result, Path]]:
    """Cada ejecución, según acaba, sin que una afirmación falsa detenga su lección."""

    def run(item: tuple[Path, int]) -> tuple[Result, Path]:
        path, seed = item
        # El tiempo lo vigilan las pruebas: aquí una máquina lenta no debe perder lo medido.
        return run_lesson(path, seed=seed, budget=Budget(seconds=None)), path

    os.environ[GO_ON_VARIABLE] = "1"
    try:
        yield from in_pool(
            run,
            work,
            jobs=jobs,
            expected=lambda item: stored_seconds(item[0].stem),
            tell=lambda done: str(done[0]),
        )
    finally:
        del os.environ[GO_ON_VARIABLE]


# ---------------------------------------------------------------- registrar y contar


def table_rows(subject: Subject, runs: dict[int, Run]) -> list[dict]:
    """Las filas de una lección: lo que no se puede leer en su fuente y los veinte valores."""
    rows = []
    for place, claim in enumerate(written_claims(code_cells(subject.lesson))):
        recorded = {
            name: "" if name in claim.literal else json.dumps(runs[0][place][name])
            for name in ("bound", "of")
        }
        values = {f"s{seed}": _short(runs[seed][place]["value"]) for seed in SEEDS}
        known = {"lesson": subject.number, "fingerprint": subject.fingerprint, "text": claim.text}
        rows.append({**known, **recorded, **values})
    return rows


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def write_table(table: list[dict], new: dict[str, list[dict]], root: Path = ROOT) -> None:
    """Cambia en la tabla las lecciones de ``new``; las demás se quedan, salvo si ya no existen."""
    existing = {path.stem[:2] for path in root.glob("notebooks/source/*.py")}
    kept = [row for row in table if row["lesson"] in existing - new.keys()]
    rows = sorted(sum(new.values(), kept), key=lambda row: row["lesson"])
    if rows and rows != table:
        write_result(
            TABLE,
            rows,
            script=root / "tools" / "notebooks" / "seeds.py",
            description="Lo que mide cada afirmación de cada lección, con veinte semillas",
            seeds=SEEDS,
            packages=RECORDED_PACKAGES,
            root=root,
        )


def print_claims(claims: list[Measured]) -> None:
    """La holgura de cada afirmación de una lección, la peor primero."""
    for claim in sorted(claims, key=lambda claim: (not claim.wrong_kind, claim.room)):
        shown = f"{claim.room:.2f}" if claim.kind == "medida" or claim.problem else claim.kind
        print(
            f"{'✗' if claim.problem else '✓'} {shown:>9}  {claim.text} · {claim.operator} "
            f"{claim.bound} · mediana {median(claim.values):.3g}, de {min(claim.values):.3g} a "
            f"{max(claim.values):.3g}"
        )


def report(chosen: list[Subject], runs: dict[str, dict[int, Run]]) -> list[Measured]:
    """Cuenta la holgura de todas las afirmaciones y devuelve las que no cumplen."""
    print(
        "Holgura en partes de la exigida: desde 1, suficiente; negativa, alguna semilla la rompe."
    )
    wrong = []
    for subject in chosen:
        claims = measured_claims(subject, runs[subject.number])
        print(f"\n{subject.lesson.stem} · semillas: {len(runs[subject.number])}")
        print_claims(claims)
        wrong += [claim for claim in claims if claim.problem]
    print(f"\nNo cumplen {len(wrong)}:" if wrong else "\nTodas cumplen.")
    for claim in wrong:
        print(f"✗ {claim.lesson} · {claim.text} · {claim.problem}")
    return wrong


def main(argv: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Punto de entrada; devuelve 1 si una ejecución falla o alguna semilla rompe una afirmación."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lessons", nargs="*", help="números de lección; todas sin ellos")
    parser.add_argument("--seeds", type=parse_seeds, default=list(SEEDS), help="como 0-19 o 1,3")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="cuántas a la vez")
    options = parser.parse_args(argv)
    sources = {path.stem[:2]: path for path in sorted(root.glob("notebooks/source/*.py"))}
    if unknown := set(options.lessons) - sources.keys():
        print(f"No hay lección {', '.join(sorted(unknown))} en notebooks/source.", file=sys.stderr)
        return 2
    chosen = [read_subject(sources[n], root) for n in sources if n in (options.lessons or sources)]
    table = read_table(root)
    known = {x.number: known_runs(x, table, options.seeds) for x in chosen}
    missing = [(x, seed) for x in chosen for seed in options.seeds if seed not in known[x.number]]
    failed = measure(missing, jobs=options.jobs) if missing else []
    runs = {x.number: known_runs(x, table, options.seeds) for x in chosen}
    measured = [subject for subject in chosen if runs[subject.number]]
    wrong = report(measured, runs)
    complete = [x for x in measured if runs[x.number].keys() >= set(SEEDS)]
    write_table(table, {x.number: table_rows(x, runs[x.number]) for x in complete}, root)
    return int(bool(failed) or any(claim.room < 0 for claim in wrong))


if __name__ == "__main__":
    sys.exit(main())

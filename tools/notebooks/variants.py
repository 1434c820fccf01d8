"""Ejecuta cada lección con las respuestas de otra gente: en cada ejercicio, una variante.

Que ``check`` acepte una respuesta promete que el cuaderno sigue con ella. Aquí se ve: se rellena el
cuaderno con una variante usable en todos los ejercicios a la vez, se ejecuta con otra semilla que
la guardada y, si algo falla, se busca por mitades de qué respuestas es.

Cada commit es una vuelta, y en cada vuelta toca otra combinación; ``--all`` las da todas. En
``make test`` le toca cada vez a una de cada tres lecciones.

Uso::

    python -m tools.notebooks.variants               # la vuelta de este commit
    python -m tools.notebooks.variants 12 --all
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nbformat

from course_utils.environment import available_cores
from course_utils.exercises.definition import lesson_exercises, lesson_numbers
from tools.notebooks.costs import stored_seconds
from tools.notebooks.pool import in_pool
from tools.notebooks.run import DEFAULT_SEED, first_line, lesson_budget, run_notebook

ROOT = Path(__file__).resolve().parents[2]
GOES_ON = "El cuaderno sigue con tu respuesta."
ONE_IN = 3


@dataclass(frozen=True)
class Filled:
    """Qué ha pasado con una lección resuelta con variantes.

    Attributes
    ----------
    lesson : str
        El nombre del cuaderno.
    turn : int
        La vuelta, que dice qué variante toca en cada ejercicio.
    problem : str
        Qué ha fallado; vacío si nada.
    culprits : tuple of str
        Los ejercicios cuyas variantes bastan para que falle; ninguno si falla también sin ellas.
    """

    lesson: str
    turn: int
    problem: str = ""
    culprits: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.problem:
            return f"✓ {self.lesson} · vuelta {self.turn}"
        blamed = ", ".join(self.culprits) or "no es de ninguna variante"
        return f"✗ {self.lesson} · vuelta {self.turn} · {blamed}: {self.problem}"


def usable_variants(number: str) -> dict[str, list[str]]:
    """De cada ejercicio de una lección, las variantes con las que el cuaderno puede seguir."""
    return {
        exercise.key: [variant.code for variant in exercise.variants if variant.usable]
        for exercise in lesson_exercises(number)[1]
    }


def turns_of(number: str) -> int:
    """Cuántas vueltas hacen falta para que toquen todas las variantes de una lección."""
    return max(map(len, usable_variants(number).values()))


def answers_for(number: str, turn: int) -> dict[str, str]:
    """La variante que toca en cada ejercicio en una vuelta."""
    return {
        key: variants[turn % len(variants)]
        for key, variants in usable_variants(number).items()
        if variants
    }


def current_turn(root: Path = ROOT) -> int:
    """La vuelta de este commit; 0 donde no hay git."""
    command = ["git", "-C", str(root), "rev-parse", "--short=8", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return 0
    return int(done.stdout, 16) if done.returncode == 0 else 0


def lessons_due(turn: int) -> list[str]:
    """Los números de las lecciones a las que les toca en una vuelta: una de cada tres."""
    return [number for place, number in enumerate(lesson_numbers()) if (place + turn) % ONE_IN == 0]


def fill(learner: nbformat.NotebookNode, answers: Mapping[str, str]) -> nbformat.NotebookNode:
    """El cuaderno de quien aprende con unas respuestas escritas en sus huecos."""
    filled = nbformat.from_dict(learner)
    code = [cell for cell in filled.cells if cell.cell_type == "code"]
    for cell, following in pairwise(code):
        for key, answer in answers.items():
            if f'check("{key}"' in following.source:
                cell.source = answer
    return filled


def run_filled(path: Path, answers: Mapping[str, str], *, seed: int = DEFAULT_SEED) -> str:
    """Ejecuta una lección con esas respuestas; qué falla, también si alguna no se ha usado."""
    with tempfile.TemporaryDirectory(prefix="curso-") as folder:
        written, output = Path(folder) / path.name, Path(folder) / "salida.ipynb"
        nbformat.write(fill(nbformat.read(path, as_version=4), answers), written)
        run = run_notebook(
            written,
            output,
            budget=lesson_budget(path.stem),
            parameters={"SEED": seed},
            environment={"CURSO_HOME": str(Path(folder) / "casa"), "CURSO_CASO": "31"},
        )
        return run.problem or ignored_answers(nbformat.read(output, as_version=4), answers)


def ignored_answers(executed: nbformat.NotebookNode, answers: Mapping[str, str]) -> str:
    """Lo que dijo ``check`` de las respuestas con las que el cuaderno no siguió."""
    said = {}
    for cell in executed.cells:
        for key in answers:
            if cell.cell_type == "code" and f'check("{key}"' in cell.source:
                said[key] = " ".join(map(_text, cell.outputs))
    ignored = [
        first_line(said.get(key, key)) for key in answers if GOES_ON not in said.get(key, "")
    ]
    return " · ".join(ignored)


def _text(output: nbformat.NotebookNode) -> str:
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


def find_culprits(
    answers: Mapping[str, str], problem_of: Callable[[Mapping[str, str]], str]
) -> dict[str, str]:
    """Un grupo pequeño de respuestas con el que algo falla, buscado por mitades.

    Examples
    --------
    >>> find_culprits(dict.fromkeys("abcde", ""), lambda some: "mal" if "d" in some else "")
    {'d': ''}
    """
    if problem_of({}):
        return {}
    blamed = dict(answers)
    while len(blamed) > 1:
        keys = list(blamed)
        halves = (keys[: len(keys) // 2], keys[len(keys) // 2 :])
        parts = ({key: blamed[key] for key in half} for half in halves)
        failing = next((part for part in parts if problem_of(part)), None)
        if failing is None:  # hace falta juntar las dos mitades
            break
        blamed = failing
    return blamed


def learner_notebook(number: str) -> Path:
    """El cuaderno sin resolver de una lección."""
    return next((ROOT / "notebooks").glob(f"{number}_*.ipynb"))


def try_turn(path: Path, turn: int) -> Filled:
    """Ejecuta una lección con las variantes de una vuelta y, si falla, busca de cuáles es."""
    answers = answers_for(path.stem[:2], turn)
    problem = run_filled(path, answers)
    if not problem:
        return Filled(path.stem, turn)
    culprits = find_culprits(answers, lambda some: run_filled(path, some))
    return Filled(path.stem, turn, problem, tuple(culprits))


def main(argv: list[str] | None = None) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description="Ejecuta las lecciones con variantes.")
    parser.add_argument("lessons", nargs="*", help="números de lección; todas sin ellos")
    parser.add_argument("--all", action="store_true", help="todas las variantes")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="cuántas a la vez")
    options = parser.parse_args(argv)
    chosen = [n for n in lesson_numbers() if not options.lessons or n in options.lessons]
    if not chosen:
        print(f"No hay lecciones {' '.join(options.lessons)}.", file=sys.stderr)
        return 2
    work = [
        (learner_notebook(number), turn)
        for number in chosen
        for turn in (range(turns_of(number)) if options.all else [current_turn()])
    ]
    results = in_pool(
        lambda item: try_turn(*item),
        work,
        jobs=options.jobs,
        expected=lambda item: stored_seconds(item[0].stem),
        tell=str,
    )
    bad = [result for result in results if result.problem]
    print(f"{len(work)} ejecuciones, {len(bad)} con problemas.")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

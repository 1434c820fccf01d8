"""Recorre lecciones como quien aprende, en JupyterLab y con el navegador.

``python -m tests.e2e.walk 21 22`` abre cada lección con `make lab`, la ejecuta entera sin responder
nada, teclea en cada ejercicio una respuesta equivocada y después la buena, y la ejecuta entera otra
vez con todo resuelto. Dice qué mostró la comprobación y acaba mal si algo no es lo que debe. Tarda
un par de minutos por lección, así que no forma parte de `make test`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from course_utils.exercises.definition import Exercise, find, texts
from tests.e2e.session import (
    Session,
    browser_page,
    copy_course,
    open_lab,
    red_outputs,
    run_all,
    running_lab,
)

NOTEBOOK = "jupyterapp.shell.currentWidget.content"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lessons", nargs="+", metavar="NN")
    problems = []
    for number in parser.parse_args().lessons:
        with tempfile.TemporaryDirectory() as folder:
            course = copy_course(Path(folder) / "curso")
            with running_lab(course, lesson=number) as lab, browser_page() as page:
                problems += walk(page, lab)
    print("\n".join(problems) or "Todo es lo que debe ser.")
    return 1 if problems else 0


def walk(page, lab: Session) -> list[str]:
    """Recorre una lección y devuelve lo que no es como debe."""
    name, start, problems = open_lab(page, lab), time.monotonic(), []
    run_all(page)
    notebook = lab.notebook(name)
    problems += [f"{name}, sin responder: {text}" for text in red_outputs(notebook)]
    checks = {
        cell.source.split('check("')[1].split('"')[0]: place
        for place, cell in enumerate(notebook.cells)
        if "check" in cell.metadata.get("tags", [])
    }
    for key, place in checks.items():
        solution, mistake = texts(key)["solution"], find(key).mistakes[0]
        wrong = answer(page, place, mistake.source(solution))
        right = answer(page, place, solution)
        print(f"{key}  {first_line(wrong)}\n      {first_line(right)}")
        problems += judge(find(key), wrong, right)
    run_all(page)
    problems += [f"{name}, resuelta: {text}" for text in red_outputs(lab.notebook(name))]
    problems += [
        f"{key} no queda correcto" for key, at in checks.items() if "✓" not in read(page, at)
    ]
    print(f"{name}: {len(checks)} ejercicios, {time.monotonic() - start:.0f} s")
    return problems


def judge(exercise: Exercise, wrong: str, right: str) -> list[str]:
    """Qué no es como debe en lo que mostró la comprobación."""
    problems = []
    if "✗" not in wrong:
        problems.append(f"{exercise.key}: una respuesta equivocada muestra {first_line(wrong)!r}")
    if "✓" not in right:
        problems.append(f"{exercise.key}: la solución muestra {first_line(right)!r}")
    return problems


def answer(page, place: int, text: str) -> str:
    """Teclea una respuesta en la celda anterior a su comprobación y ejecuta las dos."""
    page.evaluate(
        f"""place => {{
            {NOTEBOOK}.activeCellIndex = place;
            {NOTEBOOK}.mode = 'edit';
            {NOTEBOOK}.activeCell.editor.focus();
        }}""",
        place - 1,
    )
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    for _ in range(2):
        page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
    return read(page, place)


def read(page, place: int) -> str:
    """Lo que muestra una celda, como texto."""
    return page.evaluate(
        f"""place => {NOTEBOOK}.widgets[place].model.outputs.toJSON()
            .map(output => output.text || output.data?.['text/markdown'] || output.evalue || '')
            .join('')""",
        place,
    )


def first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "(nada)")[:110]


if __name__ == "__main__":
    sys.exit(main())

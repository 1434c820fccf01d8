"""Genera los cuadernos y las soluciones a partir de ``notebooks/source/*.py``.

Cada lección se escribe una sola vez, resuelta. De ella salen:

- ``notebooks/NN_x.ipynb``: lo que recibe quien aprende, con los ejercicios en blanco y sin salidas;
- ``solutions/NN_x.ipynb``: la lección resuelta, con sus salidas (``--execute``);
- ``course_utils/lessons/lesson_NN/solutions.json``: los textos que usan ``check`` y ``solution``;
- en ``README.md``, las insignias y el mapa del curso.

Uso::

    python -m tools.notebooks.build             # genera
    python -m tools.notebooks.build --execute   # genera y ejecuta las soluciones que han cambiado
    python -m tools.notebooks.build --check     # no escribe; falla si algo no está al día
"""

from __future__ import annotations

import argparse
import ast
import base64
import hashlib
import io
import json
import re
import sys
import tempfile
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jupytext
import nbformat

from course_utils.environment import available_cores
from tools.files import replace_files
from tools.notebooks.costs import stored_seconds
from tools.notebooks.fingerprint import lesson_fingerprint
from tools.notebooks.pool import in_pool
from tools.notebooks.readme import render, text_badges
from tools.notebooks.run import Budget, lesson_budget, run_notebook

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# Lo que parece una marca y no lo es: otras mayúsculas, otras almohadillas, otra palabra detrás.
NEARLY_MARK = re.compile(r"#.*SOLUTION|(?i:##+ *(begin|end)\b)")
BLANK = "# TU CÓDIGO AQUÍ"
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
MAX_FIGURE_BYTES = 60_000
MAX_SOLVED_BYTES = 1_500_000
RECORDED_PACKAGES = ("numpy", "matplotlib", "scikit-learn", "tensorflow", "keras", "torch")
# Avisos para ruff que quien aprende no tiene por qué ver.
TOOL_COMMENT = r" +# (fmt: skip|noqa\b.*)$"
STRAY_REPR = (
    r"\[?<[^>]* at 0x|\[?<[\w.]*(Axes|Figure|Line2D|Text|\w*Container)|Text\("
    r"|<(function|module|class) "
)
MEND = "python -m tools.notebooks.build --execute (o make build)"

COLAB_CELL = """\
# @title Solo en Colab: trae el curso con sus datos. En tu ordenador y en Binder no hace nada.
try:
    import google.colab
except ImportError:
    pass
else:
    import importlib
    import os
    import subprocess
    import sys

    origin = "https://github.com/{repository}.git"
    if not os.path.isdir("curso-rnn"):
        clone = ["git", "-c", "advice.detachedHead=false", "clone", "--quiet", "--depth", "1"]
        subprocess.run([*clone, "--branch", "{tag}", origin, "curso-rnn"], check=True)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "./curso-rnn"], check=True)
    importlib.invalidate_caches()"""


class SourceError(Exception):
    """Una fuente está mal escrita; el mensaje nombra archivo y línea."""


class BuildRefused(Exception):
    """El archivo que habría que escribir contiene algo que se perdería."""


@dataclass(frozen=True)
class Lesson:
    """Lo que una fuente genera.

    Attributes
    ----------
    stem : str
        Nombre común, como ``"12_rnn_numpy"``.
    learner, solved : NotebookNode
        Los dos cuadernos, sin salidas.
    exercises : dict
        De ``"12.1"`` a ``{"name", "blank", "solution"}``.
    fingerprint : str
        Huella de todo aquello de lo que dependen las salidas.
    """

    stem: str
    learner: nbformat.NotebookNode
    solved: nbformat.NotebookNode
    exercises: dict[str, dict[str, str]] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def number(self) -> str:
        return self.stem.split("_")[0]


# ---------------------------------------------------------------- de la fuente a las celdas


def check_markers(text: str, path: Path) -> None:
    """Comprueba que cada región de solución se abre y se cierra dentro de una celda."""
    opened: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        mark = line.strip()
        if mark == BEGIN:
            if opened is not None:
                raise SourceError(
                    f"{path}:{number}: región de solución dentro de otra, abierta en la línea "
                    f"{opened}. Ciérrala antes con «{END}»."
                )
            opened = number
        elif mark == END:
            if opened is None:
                raise SourceError(
                    f"{path}:{number}: «{END}» sin su «{BEGIN}». Bórralo o abre la región antes."
                )
            opened = None
        elif NEARLY_MARK.match(mark):
            raise SourceError(
                f"{path}:{number}: marca mal escrita «{mark}». Escribe «{BEGIN}» o «{END}»."
            )
        elif opened is not None and line.startswith("# %%"):
            break
    if opened is not None:
        raise SourceError(
            f"{path}:{opened}: región de solución sin cerrar. Añade «{END}» en la misma celda."
        )


def blank_and_solved(code: str) -> tuple[str, str]:
    """Las dos caras de una celda: con el hueco y con la solución.

    Examples
    --------
    >>> blank, solved = blank_and_solved(
    ...     "def f(x):\\n    ### BEGIN SOLUTION\\n    return 2 * x\\n    ### END SOLUTION")
    >>> print(blank)
    def f(x):
        # TU CÓDIGO AQUÍ
        ...
    >>> print(solved)
    def f(x):
        return 2 * x
    """
    blank: list[str] = []
    solved: list[str] = []
    inside = False
    for line in code.splitlines():
        mark = line.strip()
        if mark == BEGIN:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            blank += [indent + BLANK, indent + "..."]
        elif mark == END:
            inside = False
        else:
            solved.append(line)
            if not inside:
                blank.append(line)
    return "\n".join(blank), "\n".join(solved)


def slugify(heading: str) -> str:
    """Convierte un título en la parte fija de un identificador de celda.

    Examples
    --------
    >>> slugify("3 · ¿Qué recuerda una red?")
    '3-que-recuerda-una-red'
    """
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "celda"


def assign_ids(cells: list[nbformat.NotebookNode]) -> None:
    """Da a cada celda un id: el título de su sección y su puesto dentro de ella."""
    slug, place = "inicio", 0
    seen: set[str] = set()
    for cell in cells:
        headings = []
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#{1,6} +(.+)$", cell.source, flags=re.MULTILINE)
        if headings:
            place, base, repeat = 0, slugify(headings[-1]), 2
            slug = base
            while f"{slug}-0" in seen:
                slug = f"{base}-{repeat}"
                repeat += 1
        cell.id = f"{slug}-{place}"
        seen.add(cell.id)
        place += 1


def find_exercises(cells: list[nbformat.NotebookNode], path: Path) -> dict[str, dict[str, str]]:
    """Empareja cada celda ``exercise`` con la celda ``check`` que la sigue."""
    found: dict[str, dict[str, str]] = {}
    code = [cell for cell in cells if cell.cell_type == "code"]
    for cell, following in zip(code, [*code[1:], None], strict=True):
        if "exercise" not in cell.metadata.get("tags", []):
            continue
        call = None
        if following is not None and "check" in following.metadata.get("tags", []):
            call = re.search(r'check\(\s*"(\d\d\.\d)"\s*,\s*(\w+)', following.source)
        first = cell.source.partition("\n")[0]
        if call is None:
            raise SourceError(
                f"{path}: tras el ejercicio que empieza por «{first}» se espera una celda con la "
                'etiqueta "check" que llame a check("NN.N", nombre).'
            )
        blank, solved = blank_and_solved(cell.source)
        if blank == solved:
            raise SourceError(
                f"{path}: el ejercicio {call[1]} no tiene región de solución. "
                f"Rodea la solución con «{BEGIN}» y «{END}»."
            )
        if call[1] in found:
            raise SourceError(f"{path}: el ejercicio {call[1]} aparece dos veces. Renuméralo.")
        found[call[1]] = {"name": call[2], "blank": blank, "solution": solved}
    return found


def new_notebook(cells: list[nbformat.NotebookNode], stem: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.nbformat_minor = 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "curso": {"lesson": stem, "generated_from": f"notebooks/source/{stem}.py"},
        }
    )
    notebook.metadata.curso["sha256"] = content_sha256(notebook)
    return notebook


def content_sha256(notebook: nbformat.NotebookNode) -> str:
    """Resumen de lo que la herramienta genera: celdas sin salidas ni contadores."""
    content = [
        [cell.get("id"), cell.cell_type, cell.source, sorted(cell.metadata.get("tags", []))]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def outputs_sha256(notebook: nbformat.NotebookNode) -> str:
    """Resumen de las salidas de un cuaderno."""
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(outputs, sort_keys=True).encode()).hexdigest()


def course_settings(root: Path) -> dict[str, str]:
    """El ajuste ``[tool.curso]``: dónde está publicado el curso."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["curso"]


def read_lesson(path: Path, *, root: Path = ROOT) -> Lesson:
    """Lee una fuente y genera en memoria todo lo que sale de ella.

    Raises
    ------
    SourceError
        Si la fuente está mal escrita.
    """
    text = path.read_text(encoding="utf-8")
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
        raise SourceError(f"{shown}: el nombre de una lección es como 12_rnn_numpy.py.")
    check_markers(text, shown)
    settings = course_settings(root)
    cells = jupytext.reads(text, fmt=PERCENT).cells
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        raise SourceError(f"{shown}: la primera celda es de texto y empieza por el título «# …».")
    tags = [cell.metadata.get("tags", []) for cell in cells]
    if sum("parameters" in tag for tag in tags) != 1:
        raise SourceError(f'{shown}: falta (o sobra) la celda con la etiqueta "parameters".')
    for cell in cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        cell.source = re.sub(TOOL_COMMENT, "", cell.source, flags=re.MULTILINE)
        if cell.cell_type == "code" and re.search(r"^\s*[!%]", cell.source, flags=re.MULTILINE):
            raise SourceError(f"{shown}: hay una orden «!» o «%» en: {cell.source[:60]}. Quítala.")
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise SourceError(f"{shown}:{error.lineno}: no es Python válido: {error.msg}.") from error
    assign_ids(cells)
    exercises = find_exercises(cells, shown)
    number = path.stem.split("_")[0]
    if wrong := [key for key in exercises if not key.startswith(f"{number}.")]:
        raise SourceError(f"{shown}: el ejercicio {wrong[0]} no es de la lección {number}.")
    title, _, rest = cells[0].source.partition("\n")
    links = text_badges(settings, f"notebooks/{path.stem}.ipynb")
    cells[0].source = f"{title}\n\n{links}\n{rest}".rstrip()
    colab = nbformat.v4.new_code_cell(COLAB_CELL.format(**settings), id="colab")
    colab.metadata = nbformat.from_dict(
        {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["colab"]}
    )
    cells.insert(1, colab)

    learner, solved = [], []
    for cell in cells:
        tag = cell.metadata.get("tags", [])
        if "solution-only" not in tag:
            learner.append(nbformat.from_dict({**cell, "source": blank_and_solved(cell.source)[0]}))
        if "student-only" not in tag:
            solved.append(nbformat.from_dict({**cell, "source": blank_and_solved(cell.source)[1]}))
    code = [cell.source for cell in solved if cell.cell_type == "code" and cell.id != "colab"]
    return Lesson(
        path.stem,
        new_notebook(learner, path.stem),
        new_notebook(solved, path.stem),
        exercises,
        lesson_fingerprint(root, number, code),
    )


# ---------------------------------------------------------------- escribir y comparar


def as_text(notebook: nbformat.NotebookNode) -> str:
    """Texto de un cuaderno, siempre el mismo para el mismo contenido."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def write_text(path: Path, text: str) -> bool:
    """Escribe de una vez (o nada); devuelve si ha cambiado algo."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    replace_files({path: text})
    return True


def read_notebook(path: Path) -> nbformat.NotebookNode | None:
    """Cuaderno guardado, o ``None`` si no existe o no se puede leer."""
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError):
        return None


def hand_edited(notebook: nbformat.NotebookNode) -> bool:
    """Si alguien ha cambiado a mano un cuaderno generado."""
    return notebook.metadata.get("curso", {}).get("sha256") != content_sha256(notebook)


def is_foreign(path: Path) -> bool:
    """Si un cuaderno guardado contiene algo que esta herramienta no ha escrito."""
    stored = read_notebook(path)
    return stored is None or hand_edited(stored)


def carry_outputs(lesson: Lesson, stored: nbformat.NotebookNode | None) -> nbformat.NotebookNode:
    """Cuaderno resuelto con las salidas guardadas de las celdas cuyo código no ha cambiado."""
    solved = nbformat.from_dict(lesson.solved)
    if stored is None:
        return solved
    old = {cell.get("id"): cell for cell in stored.cells if cell.cell_type == "code"}
    complete = True
    for cell in solved.cells:
        if cell.cell_type != "code":
            continue
        before = old.get(cell.id)
        if before is not None and before.source == cell.source:
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
        else:
            complete = False
    execution = stored.metadata.get("curso", {}).get("execution")
    if complete and execution:
        solved.metadata.curso["execution"] = execution
    return solved


def is_fresh(lesson: Lesson, solved: nbformat.NotebookNode) -> bool:
    """Si las salidas guardadas son de este código, con estos módulos y estos datos.

    Tampoco lo son si alguien las ha cambiado o ha vuelto a ejecutar el cuaderno por su cuenta.
    """
    execution = solved.metadata.curso.get("execution", {})
    counted = all(
        cell.execution_count is not None
        for cell in solved.cells
        if cell.cell_type == "code" and cell.source.strip()
    )
    untouched = execution.get("outputs") == outputs_sha256(solved)
    return counted and untouched and execution.get("fingerprint") == lesson.fingerprint


def execute(lesson: Lesson, *, budget: Budget | None = None) -> nbformat.NotebookNode:
    """Ejecuta la lección resuelta en una carpeta vacía y devuelve el cuaderno con salidas.

    Raises
    ------
    BuildRefused
        Si falla, si escribe en rojo o si sus salidas, su tiempo o su memoria pasan del límite.
    """
    solved = nbformat.from_dict(lesson.solved)
    with tempfile.TemporaryDirectory(prefix="curso-") as folder:
        source, output = Path(folder) / f"{lesson.stem}.ipynb", Path(folder) / "salida.ipynb"
        source.write_text(as_text(solved), encoding="utf-8")
        run = run_notebook(
            source,
            output,
            budget=budget or lesson_budget(lesson.stem),
            parameters={},
            environment={"CURSO_HOME": "curso-rnn", "PYTHONHASHSEED": "0"},
        )
        if run.problem:
            raise BuildRefused(f"{lesson.stem}: {run.problem}")
        executed = {cell.id: cell for cell in nbformat.read(output, as_version=4).cells}
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.outputs = executed[cell.id].outputs
            cell.execution_count = executed[cell.id].execution_count
    shrink_figures(solved)
    problems = output_problems(solved)
    if problems:
        raise BuildRefused(f"{lesson.stem}: " + "\n".join(problems))
    solved.metadata.curso["execution"] = {
        "fingerprint": lesson.fingerprint,
        "outputs": outputs_sha256(solved),
        "seconds": round(run.measured.seconds, 1),
        "versions": recorded_versions(),
    }
    return solved


def shrink_figures(solved: nbformat.NotebookNode) -> None:
    """Reduce las figuras a una paleta de 128 colores: lo mismo a la vista, la mitad de bytes."""
    from PIL import Image

    for cell in solved.cells:
        for output in cell.get("outputs", []):
            if "image/png" not in output.get("data", {}):
                continue
            image = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
            packed = io.BytesIO()
            palette = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
            palette.save(packed, format="PNG", optimize=True)
            output.data["image/png"] = base64.b64encode(packed.getvalue()).decode()


def output_problems(solved: nbformat.NotebookNode) -> list[str]:
    """Lo que las salidas de una lección no deben contener."""
    problems = []
    for cell in solved.cells:
        for output in cell.get("outputs", []):
            where = f"celda «{cell.id}»: "
            if output.output_type == "error" or output.get("name") == "stderr":
                shown = output.get("text") or output.get("evalue")
                problems.append(f"{where}salida en rojo: {shown[:200].strip()}")
            data = output.get("data", {})
            plain = data.get("text/plain", "")
            if "image/png" not in data and re.match(STRAY_REPR, plain):
                problems.append(f"{where}queda a la vista {plain[:60]}")
            size = len(data.get("image/png", "")) * 3 // 4
            if size > MAX_FIGURE_BYTES:
                problems.append(f"{where}la figura ocupa {size} bytes; máximo {MAX_FIGURE_BYTES}.")
    if len(as_text(solved).encode()) > MAX_SOLVED_BYTES:
        problems.append(f"el cuaderno pasa de {MAX_SOLVED_BYTES} bytes.")
    return problems


def recorded_versions() -> dict[str, str]:
    """Versiones con las que se han producido unas salidas."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in RECORDED_PACKAGES:
        try:
            found[name] = version(name).split("+")[0]
        except PackageNotFoundError:
            continue
    return found


def exercises_text(lesson: Lesson) -> str:
    return json.dumps(lesson.exercises, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def targets(lesson: Lesson, root: Path) -> tuple[Path, Path, Path]:
    """Los tres archivos que salen de una lección."""
    return (
        root / "notebooks" / f"{lesson.stem}.ipynb",
        root / "solutions" / f"{lesson.stem}.ipynb",
        root / "course_utils" / "lessons" / f"lesson_{lesson.number}" / "solutions.json",
    )


def orphans(lessons: list[Lesson], root: Path) -> list[Path]:
    """Archivos generados cuya fuente ya no existe."""
    expected = {path for lesson in lessons for path in targets(lesson, root)}
    found = [
        *root.glob("notebooks/*.ipynb"),
        *root.glob("solutions/*.ipynb"),
        *root.glob("course_utils/lessons/*/solutions.json"),
    ]
    return sorted(set(found) - expected)


def build(
    lesson: Lesson, *, root: Path = ROOT, run: bool = False, force: bool = False
) -> list[str]:
    """Escribe lo que sale de una lección y cuenta qué ha hecho.

    Raises
    ------
    BuildRefused
        Si un cuaderno se ha cambiado a mano (sin ``force``) o la ejecución falla.
    """
    learner_path, solved_path, exercises_path = targets(lesson, root)
    for path in (learner_path, solved_path):
        if path.is_file() and is_foreign(path) and not force:
            raise BuildRefused(
                f"{path.relative_to(root)}: se ha cambiado a mano y se perdería. Lleva el cambio a "
                f"notebooks/source/{lesson.stem}.py, o usa --force para descartarlo."
            )
    done = []
    # Los textos de los ejercicios van primero: la ejecución los necesita.
    if write_text(exercises_path, exercises_text(lesson)):
        done.append(f"escrito {exercises_path.relative_to(root)}")
    if write_text(learner_path, as_text(lesson.learner)):
        done.append(f"escrito {learner_path.relative_to(root)}")
    solved = carry_outputs(lesson, read_notebook(solved_path))
    if not is_fresh(lesson, solved) and run:
        solved = execute(lesson)
        done.append(f"ejecutado {lesson.stem}")
    if write_text(solved_path, as_text(solved)):
        done.append(f"escrito {solved_path.relative_to(root)}")
    return done


def out_of_sync(lesson: Lesson, *, root: Path = ROOT) -> list[str]:
    """Lo que no está al día, con el archivo y la orden que lo arregla."""
    learner_path, solved_path, exercises_path = targets(lesson, root)
    problems = []
    expected = ((learner_path, as_text(lesson.learner)), (exercises_path, exercises_text(lesson)))
    for path, text in expected:
        if not path.is_file():
            problems.append(f"{path.relative_to(root)}: falta. Ejecuta {MEND}.")
        elif path.read_text(encoding="utf-8") != text:
            problems.append(f"{path.relative_to(root)}: no coincide con su fuente. Ejecuta {MEND}.")
    stored = read_notebook(solved_path)
    if stored is None:
        problems.append(f"{solved_path.relative_to(root)}: falta o no se lee. Ejecuta {MEND}.")
    elif hand_edited(stored) or content_sha256(stored) != content_sha256(lesson.solved):
        problems.append(
            f"{solved_path.relative_to(root)}: no coincide con su fuente. Ejecuta {MEND}."
        )
    elif not is_fresh(lesson, stored):
        problems.append(f"{solved_path.relative_to(root)}: salidas caducadas. Ejecuta {MEND}.")
    return problems


def sync_readme(lessons: list[Lesson], *, root: Path, check: bool) -> str:
    """Pone al día las partes generadas del README, o dice qué falta si solo se comprueba."""
    path = root / "README.md"
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8")
    wanted = render(text, course_settings(root), {x.number: x.stem for x in lessons})
    if check:
        return "" if text == wanted else f"README.md: no está al día. Ejecuta {MEND}."
    return "escrito README.md" if write_text(path, wanted) else ""


def read_lessons(root: Path) -> list[Lesson]:
    """Lee todas las fuentes, en orden; cuenta todo lo que esté mal escrito antes de fallar.

    Raises
    ------
    SourceError
        Si alguna fuente está mal escrita.
    """
    lessons, problems = [], []
    for path in sorted((root / "notebooks" / "source").glob("*.py")):
        try:
            lessons.append(read_lesson(path, root=root))
        except SourceError as error:
            problems.append(str(error))
    if problems:
        raise SourceError("\n".join(problems))
    return lessons


def remove_orphan(path: Path, *, root: Path, check: bool, force: bool) -> tuple[str, bool]:
    """Borra un archivo sin fuente; devuelve qué decir y si algo va mal."""
    shown = path.relative_to(root)
    if check:
        return f"{shown}: su fuente ya no existe. Ejecuta {MEND}.", True
    if path.suffix == ".ipynb" and is_foreign(path) and not force:
        return f"{shown}: no sale de ninguna fuente. Muévelo o usa --force.", True
    path.unlink()
    return f"borrado {shown}: su fuente ya no existe", False


def build_or_refuse(lesson: Lesson, *, root: Path, run: bool, force: bool) -> tuple[str, bool]:
    """Escribe lo que sale de una lección; devuelve qué decir y si algo ha ido mal."""
    try:
        lines = build(lesson, root=root, run=run, force=force)
    except BuildRefused as error:
        return str(error), True
    return "\n".join(lines) or f"{lesson.stem}: al día", False


def check_lesson(lesson: Lesson, *, root: Path) -> tuple[str, bool]:
    """Compara lo generado con la fuente; devuelve qué decir y si algo no está al día."""
    lines = out_of_sync(lesson, root=root)
    return "\n".join(lines) or f"{lesson.stem}: al día", bool(lines)


def build_all(lessons: list[Lesson], *, root: Path, run: bool, force: bool, jobs: int) -> bool:
    """Escribe lo que sale de varias lecciones, a la vez; devuelve si algo ha ido mal."""
    done = in_pool(
        partial(build_or_refuse, root=root, run=run, force=force),
        lessons,
        jobs=jobs,
        expected=lambda lesson: stored_seconds(lesson.stem, root=root),
        tell=lambda result: result[0],
    )
    return any([bad for _, bad in done])


def main(argv: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(
        description="Genera los cuadernos del curso desde sus fuentes."
    )
    parser.add_argument("lessons", nargs="*", help="números o nombres de lección; todas sin ellos")
    parser.add_argument(
        "--check", action="store_true", help="no escribe; falla si algo no está al día"
    )
    parser.add_argument(
        "--execute", action="store_true", help="ejecuta las soluciones que han cambiado"
    )
    parser.add_argument("--force", action="store_true", help="descarta los cambios hechos a mano")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="cuántas a la vez")
    options = parser.parse_args(argv)
    try:
        lessons = read_lessons(root)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    wanted = options.lessons
    chosen = [x for x in lessons if not wanted or x.number in wanted or x.stem in wanted]
    unknown = set(wanted) - {name for x in chosen for name in (x.number, x.stem)}
    if unknown:
        print(f"No hay lección {', '.join(sorted(unknown))} en notebooks/source.", file=sys.stderr)
        return 2
    done = [
        remove_orphan(path, root=root, check=options.check, force=options.force)
        for path in orphans(lessons, root)
    ]
    if line := sync_readme(lessons, root=root, check=options.check):
        done.append((line, options.check))
    if options.check:
        done += [check_lesson(lesson, root=root) for lesson in chosen]
    for line, _ in done:
        print(line)
    failed = any(bad for _, bad in done)
    if not options.check:
        failed |= build_all(
            chosen, root=root, run=options.execute, force=options.force, jobs=options.jobs
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

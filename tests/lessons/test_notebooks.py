"""Las lecciones, sus cuadernos y sus soluciones guardadas tienen la forma acordada."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from course_utils.course_map import COURSE, map_entry
from tools.notebooks import build as tool

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
WRITTEN = {path.stem[:2]: path for path in SOURCES}
IN_ORDER = [WRITTEN[entry.number] for entry in COURSE if entry.number in WRITTEN]
MAX_LINES = 20
TAGS = {
    "colab",
    "parameters",
    "exercise",
    "check",
    "nbval-check-output",
    "student-only",
    "solution-only",
}
FRAMEWORKS = {"torch": "torch", "tensorflow": "keras", "keras": "keras"}
SECTIONS = ("Rómpelo y arréglalo", "Lo que hemos comprobado", "Resumen", "Errores frecuentes")
HEADER = ("Qué aprenderás", "Antes de empezar", "Tiempo", "Herramientas")

every_lesson = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


@cache
def lesson(source: Path) -> tool.Lesson:
    return tool.read_lesson(source)


@cache
def stored(source: Path, folder: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / folder / f"{source.stem}.ipynb", as_version=4)


def code_cells(notebook):
    """Celdas de código, sin la de Colab, que es generada."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "colab"]


def prose(notebook) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def calls(code: str) -> set[str]:
    """Nombres de las funciones que se llaman en un texto."""
    nodes = [node.func for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def imported_frameworks(code: str) -> set[str]:
    """Frameworks que importa un texto, o que pide a ``setup``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.keyword) and node.arg == "frameworks":
            found |= {item.value for item in ast.walk(node) if isinstance(item, ast.Constant)}
    return {FRAMEWORKS[name] for name in found if name in FRAMEWORKS}


# ---------------------------------------------------------------- al día


def test_everything_generated_is_up_to_date(capsys):
    """Los cuadernos, las soluciones y los textos salen de sus fuentes y sus salidas no caducan."""
    assert tool.main(["--check"]) == 0, "\n" + "".join(capsys.readouterr())


# ---------------------------------------------------------------- la fuente


@every_lesson
def test_first_cells(source):
    """Título con sus enlaces, Colab, parámetros, ``setup`` y, desde ahí, lo demás."""
    cells = lesson(source).learner.cells
    assert re.match(rf"# {source.stem[:2]} · \S.+\n\n\[Abrir en Colab\]\(", cells[0].source)
    assert all(f"**{name}**" in cells[0].source for name in HEADER)
    assert tags(cells[1]) == ["colab"]
    assert tags(cells[2]) == ["parameters"]
    assigned = {
        node.targets[0].id: node.value.value
        for node in ast.parse(cells[2].source).body
        if isinstance(node, ast.Assign)
    }
    assert assigned["FAST"] is True
    assert assigned["SEED"] == 0
    assert re.search(r"^setup\(SEED[,)]", cells[3].source, re.MULTILINE)
    before = ast.parse("\n".join(cell.source for cell in cells[2:4]))
    imported = {node.module for node in ast.walk(before) if isinstance(node, ast.ImportFrom)}
    assert imported == {"course_utils.environment"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(before))


@every_lesson
def test_code_cells_are_short(source):
    """Ninguna celda de código pasa de veinte líneas, sin contar las vacías."""
    lengths = {
        cell.id: sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in code_cells(lesson(source).solved)
    }
    assert {name: count for name, count in lengths.items() if count > MAX_LINES} == {}


@every_lesson
def test_tags_are_known(source):
    """Una etiqueta mal escrita no haría nada: no hay ninguna."""
    cells = [*lesson(source).learner.cells, *lesson(source).solved.cells]
    assert {tag for cell in cells for tag in tags(cell)} <= TAGS


def test_the_map_lists_what_is_written():
    """Cada fuente está en el mapa, y lo que el mapa da por terminado está escrito."""
    assert IN_ORDER == SOURCES
    finished = {entry.number for entry in COURSE if entry.minutes is not None}
    assert finished <= WRITTEN.keys()


@every_lesson
def test_frameworks_are_those_of_the_map(source):
    """Una lección usa lo que dice el mapa: nada, Keras, PyTorch o, si es puente, los dos."""
    used = set().union(
        *(imported_frameworks(cell.source) for cell in code_cells(lesson(source).solved))
    )
    assert used == {FRAMEWORKS[name] for name in map_entry(source.stem[:2]).libraries}


@every_lesson
def test_lesson_has_its_parts(source):
    """Predicción, ejercicios, afirmaciones, cierre; en preparación basta con un ejercicio."""
    text = prose(lesson(source).learner)
    is_start = source.stem.startswith("00")
    is_finished = map_entry(source.stem[:2]).minutes is not None
    assert "**Predice**" in text
    missing = [name for name in SECTIONS[is_start:] if not re.search(rf"^## .*{name}", text, re.M)]
    assert missing == []
    assert "## Para saber más" in text
    assert len(lesson(source).exercises) >= (3 if is_finished and not is_start else 1)


@every_lesson
def test_claims_are_compared(source):
    """Hay afirmaciones, y toda celda que las verifica la compara nbval."""
    verifying = [
        cell for cell in code_cells(lesson(source).solved) if "verify" in calls(cell.source)
    ]
    assert verifying
    assert [cell.id for cell in verifying if "nbval-check-output" not in tags(cell)] == []


@every_lesson
def test_every_figure_is_explained(source):
    """Tras cada figura, una frase calculada dice qué se ve, también a quien no la ve."""
    cells = code_cells(lesson(source).solved)
    unexplained = [
        cell.id
        for cell, following in zip(cells, [*cells[1:], None], strict=True)
        if "show" in calls(cell.source)
        and "explain" not in calls(cell.source)
        and (following is None or "explain" not in calls(following.source))
    ]
    assert unexplained == []


@every_lesson
def test_solutions_are_only_in_exercises(source):
    """Un hueco fuera de un ejercicio no tendría comprobación ni referencia."""
    different = [
        cell.id
        for cell in code_cells(lesson(source).learner)
        if tool.BLANK in cell.source and "exercise" not in tags(cell)
    ]
    assert different == []


@cache
def package_functions() -> frozenset[str]:
    """Nombres de todas las funciones y clases públicas de course_utils."""
    return frozenset(
        node.name
        for path in (ROOT / "course_utils").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )


@every_lesson
def test_solutions_do_not_call_what_they_teach(source):
    """Una solución no llama a la función de course_utils que el ejercicio enseña a escribir."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils")
        for alias in node.names
    }
    taught = {item["name"] for item in lesson(source).exercises.values()} & package_functions()
    assert taught & imported == set()
    for key, item in lesson(source).exercises.items():
        nodes = ast.walk(ast.parse(item["solution"]))
        attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not attributes & taught & {item["name"]}, key
        assert "course_utils" not in item["solution"], key


@every_lesson
def test_links_to_lessons_exist(source):
    """Un enlace a otra lección lleva a un cuaderno que existe."""
    linked = re.findall(r"\]\(([\w./-]+\.ipynb)[)#]", prose(lesson(source).learner))
    assert [name for name in linked if not (ROOT / "notebooks" / name).is_file()] == []


@pytest.mark.parametrize(
    ("source", "following"), list(pairwise(IN_ORDER)), ids=lambda path: path.stem[:2]
)
def test_each_lesson_leads_to_the_next(source, following):
    """El último párrafo enlaza la lección que sigue en el mapa, con su título."""
    last = prose(lesson(source).learner).split("**Siguiente**: ")[-1]
    title = prose(lesson(following).learner).splitlines()[0].removeprefix("# ")
    assert last.startswith(f"[{title}]({following.stem}.ipynb)")


# ---------------------------------------------------------------- lo generado

both_folders = pytest.mark.parametrize("folder", ["notebooks", "solutions"])


@every_lesson
@both_folders
def test_cells_are_plain_python(source, folder):
    """Ni órdenes de la terminal ni magias: cada celda de código es Python."""
    for cell in code_cells(stored(source, folder)):
        ast.parse(cell.source)
        assert not re.search(r"^\s*[!%]", cell.source, re.MULTILINE), cell.id
        assert "get_ipython" not in cell.source, cell.id


@every_lesson
def test_learner_notebook_has_no_outputs(source):
    """Quien aprende recibe el cuaderno sin ejecutar."""
    cells = code_cells(stored(source, "notebooks"))
    assert [cell.id for cell in cells if cell.outputs or cell.execution_count] == []
    assert "SOLUTION" not in nbformat.writes(stored(source, "notebooks"))


@every_lesson
def test_stored_outputs_are_clean(source):
    """Nada en rojo, nada enorme, y nbval puede comparar todo lo que tiene que comparar."""
    solved = stored(source, "solutions")
    assert tool.output_problems(solved) == []
    for cell in code_cells(solved):
        assert cell.execution_count, cell.id
        if "nbval-check-output" in tags(cell):
            assert cell.outputs, cell.id


@every_lesson
def test_stored_outputs_name_no_machine(source):
    """Lo guardado no enseña carpetas de quien lo ejecutó."""
    text = "".join(
        nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
        for cell in code_cells(stored(source, "solutions"))
    )
    folders = [str(ROOT), str(Path.home()), "/tmp/", "ipykernel_", "/home/", "site-packages"]
    assert [folder for folder in folders if folder in text] == []


@every_lesson
def test_solved_exercises_are_correct(source):
    """En la solución guardada, cada comprobación dice que la respuesta es correcta."""
    checks = [cell for cell in code_cells(stored(source, "solutions")) if "check" in tags(cell)]
    assert len(checks) == len(lesson(source).exercises)
    for cell in checks:
        (output,) = cell.outputs
        assert "✓ Correcto" in output.data["text/markdown"], cell.id

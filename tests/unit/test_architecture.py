"""Quién importa a quién: las paredes de la casa.

Ninguna lección importa otra y ninguna habitación importa una lección (el motor de los ejercicios
las busca por su número al usarlas); cada cuaderno importa la cara de la suya. Las herramientas y
las pruebas son paquetes: se importan con su nombre entero y nadie las añade a ``sys.path``.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSON = re.compile(r"course_utils\.lessons(?:\.lesson_(\d\d))?\b")
LOOK_UP = "course_utils.exercises.definition"  # busca las lecciones por su número
PACKAGES = ("course_utils", "tools", "tests")


def module_name(path: Path, root: Path) -> str:
    """Nombre de un módulo, a partir de su archivo."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, root: Path) -> Iterator[str]:
    """Lo que importa un archivo, con su nombre entero."""
    package = module_name(path, root).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            near = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*near, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def lesson_strings(path: Path) -> Iterator[str]:
    """Los textos de un archivo que nombran el paquete de las lecciones y nada más."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from [node.value] * bool(re.fullmatch(r"course_utils\.lessons[\w.]*", node.value))


def wall_problems(root: Path) -> list[str]:
    """Las importaciones que cruzan una pared entre lecciones y habitaciones."""
    problems = []
    for path in sorted((root / "course_utils").rglob("*.py")):
        name = module_name(path, root)
        own = LESSON.match(name)
        for imported in imports(path, root):
            found = LESSON.match(imported)
            if imported.split(".")[0] in ("tools", "tests"):
                problems.append(f"{name} importa {imported}, que no viaja con el curso")
            elif found and not own:
                problems.append(f"{name} es una habitación e importa {imported}")
            elif found and found[1] != own[1]:
                problems.append(f"{name} importa {imported}, de otra lección")
        if not own and name != LOOK_UP:
            problems += [f"{name} busca lecciones ({text})" for text in lesson_strings(path)]
    return problems


def notebook_problems(root: Path) -> list[str]:
    """Las fuentes que importan de otra lección o de dentro de la suya."""
    problems = []
    for path in sorted((root / "notebooks" / "source").glob("*.py")):
        face = f"course_utils.lessons.lesson_{path.name[:2]}"
        for imported in imports(path, root):
            if LESSON.match(imported) and imported.rpartition(".")[0] != face:
                problems.append(f"{path.name} importa {imported}: usa la cara, {face}")
    return problems


def path_problems(root: Path) -> list[str]:
    """Las herramientas y las pruebas que no se importan con su nombre entero."""
    problems = []
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    if settings["tool"]["pytest"]["ini_options"]["pythonpath"] != ["."]:
        problems.append("pyproject.toml: pythonpath debe ser solo la raíz")
    files = [path for name in ("tools", "tests") for path in sorted((root / name).rglob("*.py"))]
    bare = {path.stem for path in files} - set(sys.stdlib_module_names) - {*PACKAGES, "conftest"}
    for path in files:
        name = module_name(path, root)
        # Como código, no como texto: una prueba puede escribirlo en un programa aparte.
        calls = [
            node.func
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
        ]
        if any(
            re.match(r"sys\.path\.(insert|append|extend)$", ast.unparse(call)) for call in calls
        ):
            problems.append(f"{name} cambia sys.path")
        problems += [
            f"{name} importa {imported} sin decir de qué paquete"
            for imported in imports(path, root)
            if imported.split(".")[0] in bare
        ]
    return problems


CHECKS = (wall_problems, notebook_problems, path_problems)


@pytest.mark.parametrize("check", CHECKS)
def test_nobody_crosses_a_wall(check):
    """En el repositorio no hay ninguna importación prohibida."""
    assert check(ROOT) == []


ALLOWED = {
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    "course_utils/metrics.py": "import numpy as np\n",
    "course_utils/exercises/definition.py": 'PLACE = "course_utils.lessons"\n',
    "course_utils/lessons/lesson_11/__init__.py": "from .figures import plot\n",
    "course_utils/lessons/lesson_11/figures.py": "from course_utils.metrics import mae\n",
    "course_utils/lessons/lesson_12/figures.py": "",
    "notebooks/source/11_x.py": "from course_utils.lessons.lesson_11 import plot\n",
    "tools/notebooks/build.py": "from tools.notebooks import run\nimport random\n",
    "tools/notebooks/run.py": "",
    "tests/unit/test_x.py": "from tools.notebooks import build\n",
}


@pytest.fixture
def house(tmp_path):
    """Una casa pequeña en la que todo está permitido."""
    for name, text in ALLOWED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_allowed_is_not_reported(house):
    """La casa pequeña pasa."""
    assert [problem for check in CHECKS for problem in check(house)] == []


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        (
            "course_utils/lessons/lesson_11/figures.py",
            "from course_utils.lessons.lesson_12.figures import plot",
            "lesson_11.figures importa course_utils.lessons.lesson_12.figures.plot, de otra",
        ),
        (
            "course_utils/lessons/lesson_11/figures.py",
            "def f():\n    from ..lesson_12 import figures",
            "importa course_utils.lessons.lesson_12.figures, de otra",
        ),
        (
            "course_utils/lessons/lesson_11/figures.py",
            "from course_utils.lessons import lesson_12",
            "importa course_utils.lessons.lesson_12, de otra",
        ),
        (
            "course_utils/metrics.py",
            "def f():\n    import course_utils.lessons.lesson_11",
            "course_utils.metrics es una habitación e importa",
        ),
        (
            "course_utils/exercises/definition.py",
            "from course_utils import lessons",
            "course_utils.exercises.definition es una habitación e importa",
        ),
        (
            "course_utils/metrics.py",
            'import_module("course_utils.lessons.lesson_11")',
            "course_utils.metrics busca lecciones",
        ),
        ("course_utils/metrics.py", "from tools import freeze", "que no viaja con el curso"),
        (
            "notebooks/source/11_x.py",
            "from course_utils.lessons.lesson_11.figures import plot",
            "11_x.py importa course_utils.lessons.lesson_11.figures.plot: usa la cara",
        ),
        ("notebooks/source/11_x.py", "from course_utils.lessons.lesson_12 import a", "usa la cara"),
        ("tools/notebooks/build.py", "import run", "tools.notebooks.build importa run sin decir"),
        ("tests/unit/test_x.py", "from build import read_lesson", "importa build.read_lesson sin"),
        ("tests/unit/test_x.py", "import sys\nsys.path.insert(0, 'tools')", "cambia sys.path"),
        ("pyproject.toml", 'pythonpath = [".", "tools"]', "solo la raíz"),
    ],
)
def test_a_crossed_wall_is_reported(house, name, line, message):
    """Cada falta plantada se nombra, con quién la comete."""
    path = house / name
    planted = path.suffix == ".py"
    text = ALLOWED[name] + line if planted else ALLOWED[name].replace('pythonpath = ["."]', line)
    path.write_text(text + "\n", encoding="utf-8")
    problems = [problem for check in CHECKS for problem in check(house)]
    assert len(problems) == 1
    assert message in problems[0]

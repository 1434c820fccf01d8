"""La orden que lo prueba todo: orden de las partes, segundos, progreso aparte y nbval en paz."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import nbformat
import pytest

import conftest

ROOT = Path(__file__).resolve().parents[2]
PASSING = "def test_fine(record_property):\n    record_property('cosas', 2)\n"
HOME = (
    "import os\n\n\ndef test_home_is_not_yours():\n"
    "    assert os.environ['CURSO_HOME'] != '/home/de/alguien'\n"
    "    assert os.environ['OMP_NUM_THREADS'] == '1'\n"
)
SLOW_SETUP = """\
import pathlib, time

import pytest


@pytest.fixture(scope="session")
def slow():
    time.sleep(1)


def test_slow(slow, record_property):
    record_property("nota", "todo bien")
    pathlib.Path("papermill-ha-acabado").touch()
"""
BROWSER = """\
import pathlib

import pytest


def test_alone_and_last():
    assert pathlib.Path("papermill-ha-acabado").exists()


def test_browser():
    pytest.skip("no hay navegador")
"""
PARALLEL = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def stored_cell(name: str, code: str, output: str):
    """Celda que nbval compara, con su salida guardada."""
    stream = nbformat.v4.new_output("stream", text=output)
    return nbformat.v4.new_code_cell(
        code,
        id=name,
        execution_count=1,
        outputs=[stream] if output else [],
        metadata={"tags": ["nbval-check-output"]},
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Una prueba de cada parte, y una solución con una salida que ya no es cierta."""
    root = tmp_path_factory.mktemp("proyecto")
    shutil.copy(ROOT / "conftest.py", root)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    options = settings[settings.index("[tool.pytest.ini_options]") :]
    (root / "pyproject.toml").write_text(options, encoding="utf-8")
    for lane, text in {
        "unit": PASSING + HOME,
        "lessons": PASSING,
        "papermill": SLOW_SETUP,
        "e2e": BROWSER,
    }.items():
        folder = root / "tests" / lane
        folder.mkdir(parents=True)
        (folder / "test_same_name.py").write_text(text, encoding="utf-8")
    (root / "solutions").mkdir()
    cells = [
        stored_cell("igual", "import sys\nprint('a')\nprint('aviso', file=sys.stderr)", "a\n"),
        stored_cell("distinta", "print('b')", "c\n"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "no-existe", "display_name": "Otro"}
    nbformat.write(notebook, root / "solutions" / "12_prueba.ipynb")
    return root


def run_pytest(root: Path, *options: str) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CURSO_HOME": "/home/de/alguien"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *options]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module", params=[(), PARALLEL], ids=["un-proceso", "dos-procesos"])
def said(project, request) -> str:
    """Lo que escribe la orden del README en ese proyecto."""
    (project / "papermill-ha-acabado").unlink(missing_ok=True)
    code, text = run_pytest(project, *request.param, "--nbval-lax", "tests", "solutions")
    assert code == 1, text
    return text


def test_one_closing_line_counts_everything(said):
    """La última línea cuenta todas las partes."""
    assert re.search(r"1 failed, 6 passed, 1 skipped in .*s", said.strip().splitlines()[-1])


def test_the_browser_is_alone_and_the_last(said):
    """Las pruebas del navegador esperan a que acabe todo lo demás, también en otro proceso."""
    assert re.search(r"test_alone_and_last\S* PASSED|PASSED \S*test_alone_and_last", said)


def test_lanes_run_from_quick_to_slow(project):
    """Las partes van en su orden, aunque se pidan en otro."""
    _, said = run_pytest(project, "--nbval-lax", "tests", "solutions")
    places = [
        said.index(name)
        for name in (
            "tests/unit/test_same_name.py::test_fine",
            "tests/lessons/test_same_name.py",
            "tests/papermill/test_same_name.py",
            "ipynb::Cell 0",
            "tests/e2e/test_same_name.py",
        )
    ]
    assert places == sorted(places)


def test_seconds_of_each_lane(said):
    """Cada parte dice sus segundos, preparativos incluidos, y lo que sus pruebas apuntan."""
    lines = dict(re.findall(r"^(unit|lessons|papermill|nbval|e2e) +(.*)$", said, re.MULTILINE))
    assert set(lines) == {"unit", "lessons", "papermill", "nbval", "e2e"}
    assert lines["unit"].endswith("min · 2 pruebas · cosas 2")
    assert lines["papermill"].endswith("min · 1 prueba · nota: todo bien")
    spent, of_processor = re.match(
        r"([\d.]+) s \(([\d.]+) de procesador", lines["papermill"]
    ).groups()
    assert float(spent) >= 1 > float(of_processor)
    assert said.index("segundos de cada parte") < said.index("short test summary")


def test_lessons_are_shared_out():
    """Un archivo que prueba todas las lecciones se reparte por lecciones; un cuaderno, no."""
    scope = partial(conftest.ByLesson._split_scope, None)
    exercises = "tests/lessons/test_exercises.py"
    assert scope(f"{exercises}::test_a[14.1-2]") == scope(f"{exercises}::test_b[14.3]")
    assert scope(f"{exercises}::test_b[lista-14.3]") == scope(f"{exercises}::test_b[14.3]")
    assert scope(f"{exercises}::test_a[14.1]") != scope(f"{exercises}::test_a[15.1]")
    assert scope("tests/papermill/test_p.py::t[12_rnn]") != scope(
        "tests/papermill/test_p.py::t[13_b]"
    )
    assert scope("solutions/12_rnn.ipynb::Cell 0") == scope("solutions/12_rnn.ipynb::Cell 11")
    assert scope("tests/unit/test_x.py::t[14-a]") == scope("tests/unit/test_x.py::t[15-a]")


def test_nbval_compares_outputs_but_not_stderr(said):
    """Una salida distinta de la guardada falla; un aviso de una biblioteca, no."""
    assert re.search(r"ipynb::Cell 0 PASSED|PASSED \S*ipynb::Cell 0", said)
    assert re.search(r"ipynb::Cell 1 FAILED|FAILED \S*ipynb::Cell 1", said)
    assert "assert reference_output == test_output failed" in said


def test_without_solutions(project, tmp_path):
    """Con la carpeta de soluciones vacía, la orden funciona igual."""
    shutil.copytree(project, tmp_path, dirs_exist_ok=True)
    (tmp_path / "solutions" / "12_prueba.ipynb").unlink()
    code, text = run_pytest(tmp_path, "--nbval-lax", "tests/lessons", "solutions")
    assert code == 0, text
    assert "nbval" not in text.split("segundos de cada parte")[1]

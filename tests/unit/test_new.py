"""Empezar una lección pone un esqueleto que se genera y pasa las pruebas, y nada que se pise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.course_map import COURSE, MapEntry
from tools.notebooks import new as tool

ROOT = Path(__file__).resolve().parents[2]
# Sus pruebas, sin las de respuestas vestidas de otra cosa: la suya no devuelve arrays.
WHAT_IT_ADDS = "([17 or 17.1 or plot_changes or has_an_example) and not disguised"
LESSON_17 = ("course_utils/lessons/lesson_17", "course_utils/course_map.py")
COPIED = ("course_utils", "tools", "tests", "datasets")
NEIGHBOURS = ("16_longitud_variable", "21_lstm")


@pytest.fixture
def house(tmp_path):
    """Una copia del repositorio en la que solo están escritas las lecciones 16 y 21."""
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "solutions.json")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "conftest.py", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    sources = tmp_path / "notebooks" / "source"
    sources.mkdir(parents=True)
    for stem in NEIGHBOURS:
        shutil.copy(ROOT / "notebooks" / "source" / f"{stem}.py", sources)
        shutil.copy(ROOT / "notebooks" / f"{stem}.ipynb", sources.parent)
    return tmp_path


def last_paragraph(source: Path) -> str:
    return source.read_text(encoding="utf-8").splitlines()[-1]


def test_a_new_lesson_builds_and_passes_its_tests(house):
    """Una lección que no estaba en el mapa: se añade, se genera, se ejecuta y pasa sus pruebas."""

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=house,
            env={**os.environ, "PYTHONPATH": str(house)},
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    created = run("-m", "tools.notebooks.new", "17", "--title", "Una lección de más")
    assert "creado notebooks/source/17_una_leccion_de_mas.py\n" in created
    run("-m", "tools.notebooks.build", "17", "--execute")
    assert run("-m", "tools.notebooks.build", "17", "--check") == "17_una_leccion_de_mas: al día\n"
    files = ["lessons/test_exercises.py", "lessons/test_notebooks.py", "unit/test_figures.py"]
    chosen = [
        *(f"tests/{name}" for name in files),
        "-k",
        WHAT_IT_ADDS,
    ]
    passed = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen)
    assert " ejercicios 1 " in passed
    assert "skipped" not in passed
    run("-m", "ruff", "check", "notebooks/source", *LESSON_17)
    run("-m", "ruff", "format", "--check", *LESSON_17)
    run("-m", "tools.texts.spelling", "notebooks/source", "course_utils/lessons/lesson_17")

    code = "from course_utils.course_map import map_entry; print(map_entry('17'))"
    assert run("-c", code) == f"{MapEntry('17', 'Una lección de más', ('16',))}\n"
    sources = house / "notebooks" / "source"
    assert last_paragraph(sources / f"{NEIGHBOURS[0]}.py") == (
        "# **Siguiente**: [17 · Una lección de más](17_una_leccion_de_mas.ipynb)."
    )
    assert last_paragraph(sources / "17_una_leccion_de_mas.py") == (
        "# **Siguiente**: [21 · LSTM](21_lstm.ipynb)."
    )


def test_a_lesson_of_the_map_takes_its_title_and_its_frameworks(house):
    """El título, el framework y lo que necesita salen del mapa, que no cambia."""
    before = (house / "course_utils" / "course_map.py").read_bytes()
    sources = house / "notebooks" / "source"
    shutil.copy(ROOT / "notebooks" / "source" / "23_memoria_larga.py", sources)
    created = tool.create("61", root=house)
    source = sources / "61_recurrencia_moderna.py"
    assert source in created
    assert all(path.is_file() for path in created)
    text = source.read_text(encoding="utf-8")
    assert text.splitlines()[1] == "# # 61 · Recurrencia moderna"
    assert 'setup(SEED, frameworks=("torch",))' in text
    assert "[23 · Memoria larga](23_memoria_larga.ipynb) |" in text
    assert last_paragraph(source) == "# **Siguiente**: 62 · Frente a frente, en preparación."
    assert (house / "course_utils" / "course_map.py").read_bytes() == before
    assert "${" not in "".join(path.read_text(encoding="utf-8") for path in created)


@pytest.mark.parametrize(
    ("frameworks", "expected"),
    [
        ("N", "SEED"),
        ("T", 'SEED, frameworks=("torch",)'),
        ("B", 'SEED, frameworks=("tensorflow", "torch")'),
    ],
)
def test_each_framework_is_asked_of_setup(frameworks, expected):
    """Lo que se pide a ``setup`` es lo que dice el mapa."""
    entry = MapEntry("99", "Otra", frameworks=frameworks)
    assert tool.fill(entry, {})["setup"] == expected
    assert tool.fill(entry, {})["following"] == "Es la última lección del mapa."


@pytest.mark.parametrize(
    ("number", "title", "message"),
    [
        ("", "", "ha llegado «»"),
        ("3", "", "ha llegado «3»"),
        ("91", "Otra", "ha llegado «91»"),
        ("21", "", r"La lección 21 ya está empezada: mira course_utils/lessons/lesson_21\."),
        ("17", "", "La 17 no está en el mapa: dale título con TITLE"),
        ("41", "Otra", "En el mapa, la 41 es «Pronóstico honesto»"),
    ],
)
def test_what_cannot_be_started_writes_nothing(house, number, title, message, capsys):
    """Cada petición imposible es una línea que dice qué hacer, y todo queda como estaba."""
    before = {path: path.stat().st_mtime_ns for path in house.rglob("*")}
    with pytest.raises(tool.NewError, match=message):
        tool.create(number, title=title, root=house)
    assert tool.main([number, "--title", title], root=house) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in house.rglob("*")} == before


def test_the_last_and_the_first_of_the_map(house):
    """Se puede añadir detrás de la última y delante de todas menos la 00."""
    for number in ("63", "01"):
        tool.create(number, title=f"Nueva {number}", root=house)
    lines = (house / "course_utils" / "course_map.py").read_text(encoding="utf-8").splitlines()
    numbers = [line.split('"')[1] for line in lines if line.startswith("    MapEntry(")]
    assert numbers == ["00", "01", *[entry.number for entry in COURSE][1:], "63"]

"""Importar course_utils es rápido y no arrastra bibliotecas pesadas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = ("tensorflow", "torch", "keras", "pandas", "sklearn", "scipy", "matplotlib.pyplot")
LIMIT = 0.15  # segundos de `import course_utils` sobre los de `import numpy`

# Importa los módulos uno a uno y dice qué bibliotecas pesadas ha traído cada uno.
PROBE = """
import importlib, json, sys
modules, heavy = json.loads(sys.argv[1])
guilty, before = {}, set()
for module in modules:
    importlib.import_module(module)
    loaded = {name for name in heavy if name in sys.modules}
    if loaded - before:
        guilty[module] = sorted(loaded - before)
    before = loaded
print(json.dumps(guilty))
"""
CLOCK = """
import time, numpy
start = time.perf_counter()
import course_utils
print(time.perf_counter() - start)
"""


def run(code: str, *arguments: str, path: Path = REPOSITORY) -> str:
    """Lo que escribe ``code`` en otro Python, que busca los módulos en ``path``."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def list_modules(package: Path) -> list[str]:
    """Los nombres de todos los módulos de un paquete, él incluido."""
    files = [file.relative_to(package.parent).with_suffix("") for file in package.rglob("*.py")]
    return sorted(".".join(file.parts).removesuffix(".__init__") for file in files)


def find_heavy_imports(package: Path) -> dict[str, list[str]]:
    """Qué módulos del paquete cargan al importarse una biblioteca pesada, y cuál."""
    arguments = json.dumps([list_modules(package), HEAVY])
    return json.loads(run(PROBE, arguments, path=package.parent))


def test_no_module_loads_a_heavy_library():
    """Ni el paquete ni ninguno de sus módulos."""
    modules = list_modules(REPOSITORY / "course_utils")
    assert {"course_utils", "course_utils.environment", "course_utils.exercises"} <= set(modules)
    assert find_heavy_imports(REPOSITORY / "course_utils") == {}


def test_the_search_finds_a_heavy_import(tmp_path):
    """La prueba anterior puede fallar: señala el módulo culpable."""
    package = tmp_path / "pesado"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "figures.py").write_text("import matplotlib.pyplot", encoding="utf-8")
    assert find_heavy_imports(package) == {"pesado.figures": ["matplotlib.pyplot"]}


def test_importing_course_utils_is_fast():
    """La mejor de varias medidas: una máquina ocupada solo puede empeorarlas."""
    seconds = min(float(run(CLOCK)) for _ in range(5))
    assert seconds <= LIMIT

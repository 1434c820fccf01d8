"""Importar course_utils es rápido y no arrastra bibliotecas pesadas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = ("tensorflow", "torch", "keras", "pandas", "sklearn", "scipy", "matplotlib.pyplot")
# Lo que importa cualquier lección, y cuántas veces lo que cuesta NumPy puede costar sobre él.
ROOMS = ("environment", "exercises", "claims", "datasets", "sequences", "cells", "metrics")
LIMIT = 2.5

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
# El tiempo de procesador de importar unos módulos, en veces el de importar NumPy.
CLOCK = """
import importlib, sys, time
def cost(*modules):
    start = time.process_time()
    for module in modules:
        importlib.import_module(module)
    return time.process_time() - start
base = cost("numpy")
print(cost(*sys.argv[1:]) / base)
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


def test_importing_course_utils_is_fast(record_property):
    """En la mejor de varias medidas, poco más que NumPy; una biblioteca pesada, varias veces."""
    modules = ("course_utils", *(f"course_utils.{room}" for room in ROOMS))
    ratio = min(float(run(CLOCK, *modules)) for _ in range(5))
    record_property("importar el curso", f"{ratio:.2f} veces NumPy")
    assert ratio <= LIMIT

"""Huella de todo aquello de lo que dependen las salidas de una lección.

Cuenta el código de la lección, los módulos de ``course_utils`` que importa (también a través de
otros), los ejercicios de esa lección y los datos que carga. No cuentan los comentarios ni los
docstrings: corregir una tilde no obliga a ejecutar nada de nuevo.
"""

from __future__ import annotations

import ast
import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "course_utils"
RESULT_LOADER = "load_result"


def strip_comments(code: str) -> str:
    """Deja solo las líneas de código: sin docstrings, líneas de comentario ni líneas vacías.

    Trabaja con líneas, no con el árbol, para que la huella sea la misma en toda versión de Python.

    Examples
    --------
    >>> strip_comments('# nota\\nx = 1  # uno\\n\\ndef f():\\n    "Doc."\\n    return x\\n')
    'x = 1  # uno\\ndef f():\\n    return x'
    """
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    skipped: set[int] = set()
    quoted: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            skipped.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
        elif isinstance(node, ast.JoinedStr | ast.Constant):
            quoted.update(range(node.lineno + 1, node.end_lineno + 1))
    kept = []
    for number, line in enumerate(code.splitlines(), start=1):
        text = line.strip()
        if number not in skipped and (number in quoted or (text and not text.startswith("#"))):
            kept.append(line.rstrip())
    return "\n".join(kept)


def imported_modules(code: str, *, package: str = "") -> set[str]:
    """Módulos de ``course_utils`` que nombra un texto de Python.

    Parameters
    ----------
    code : str
        El texto.
    package : str, optional
        Paquete al que pertenece el texto, para resolver ``from . import x``.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return {name for name in found if name.split(".")[0] == PACKAGE and name != PACKAGE}


def module_file(root: Path, name: str) -> Path | None:
    """Archivo de un módulo de ``course_utils``, o ``None`` si el nombre no es un módulo."""
    path = root.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def module_closure(root: Path, code: str, *, extra: Iterable[str] = ()) -> list[Path]:
    """Archivos de ``course_utils`` de los que depende un texto, también indirectamente."""
    pending = imported_modules(code) | set(extra)
    files: set[Path] = set()
    while pending:
        name = pending.pop()
        parent = name.rpartition(".")[0]
        if parent and parent != PACKAGE:
            pending.add(parent)
        path = module_file(root, name)
        if path is None or path in files:
            continue
        files.add(path)
        package = name if path.name == "__init__.py" else parent
        pending |= imported_modules(path.read_text(encoding="utf-8"), package=package)
    return sorted(files)


def used_names(code: str) -> Iterator[str]:
    """Nombres que un texto usa: sueltos, tras un punto o, al importar, cambiados por otro.

    Examples
    --------
    >>> list(used_names("from course_utils.datasets import load_co2 as co2, registry"))
    ['load_co2']
    >>> list(used_names("datasets.load_co2()"))
    ['load_co2', 'datasets']
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and (node.level or _is_ours(node.module)):
            yield from (alias.name for alias in node.names if alias.asname)


def _is_ours(module: str | None) -> bool:
    return (module or "").split(".")[0] == PACKAGE


def read_results(code: str, existing: Iterable[str]) -> set[str]:
    """Resultados de ``datasets/results/`` que lee un texto con ``load_result``.

    Si alguno no está escrito tal cual en la llamada, podría ser cualquiera: se dan todos.

    Examples
    --------
    >>> read_results("grid = load_result('memoria')", ["memoria", "coste"])
    {'memoria'}
    >>> sorted(read_results("grids = [load_result(name) for name in names]", ["memoria", "coste"]))
    ['coste', 'memoria']
    """
    named = set()
    unnamed = list(used_names(code)).count(RESULT_LOADER)
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        function = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        given = [*node.args, *(word.value for word in node.keywords)]
        if function == RESULT_LOADER and given and isinstance(given[0], ast.Constant):
            named.add(given[0].value)
            unnamed -= 1
    return set(existing) if unnamed else named.intersection(existing)


def loaded_data(root: Path, codes: Iterable[str]) -> dict[str, str]:
    """sha256 registrado de cada conjunto de datos y de cada resultado que leen los textos."""
    codes = list(codes)
    used = {name for code in codes for name in used_names(code)}
    registry = root / "datasets" / "registry.toml"
    entries = _read_toml(registry) if registry.is_file() else {}
    data = {
        name: entry["sha256"]
        for name, entry in sorted(entries.items())
        if isinstance(entry, dict) and entry.get("loader") in used
    }
    results = {path.stem: path for path in (root / "datasets" / "results").glob("*.toml")}
    read = {name for code in codes for name in read_results(code, results)}
    return data | {f"results/{name}": _read_toml(results[name])["sha256"] for name in sorted(read)}


def _read_toml(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def lesson_fingerprint(root: Path, number: str, code_cells: Iterable[str]) -> str:
    """Huella sha256 de una lección.

    Parameters
    ----------
    root : Path
        Raíz del repositorio.
    number : str
        Número de la lección, como ``"12"``.
    code_cells : iterable of str
        Celdas de código resueltas, en orden.
    """
    code = "\n".join(code_cells)
    exercises = root / PACKAGE / "lessons" / f"lesson_{number}" / "exercises.py"
    extra = [f"{PACKAGE}.lessons.lesson_{number}.exercises"] if exercises.is_file() else []
    modules = module_closure(root, code, extra=extra)
    texts = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in modules
    }
    digest = hashlib.sha256(strip_comments(code).encode())
    for name, text in texts.items():
        digest.update(f"\n== {name}\n{strip_comments(text)}".encode())
    for style in sorted(root.glob(f"{PACKAGE}/**/*.mplstyle")):
        digest.update(style.read_bytes())
    for name, sha256 in loaded_data(root, [code, *texts.values()]).items():
        digest.update(f"\n== {name} {sha256}".encode())
    return digest.hexdigest()

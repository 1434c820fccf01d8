"""Lo que las lecciones importan y dibujan existe, y lo llaman como hay que llamarlo."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))

every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def imports(source: Path) -> Iterator[tuple[str, str]]:
    """Módulo y nombre de lo que una lección toma de course_utils."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils"):
            yield from ((node.module, alias.name) for alias in node.names)


def calls(source: Path) -> Iterator[ast.Call]:
    """Las llamadas a una ``plot_*``."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        name = getattr(getattr(node, "func", None), "id", "")
        if isinstance(node, ast.Call) and name.startswith("plot_"):
            yield node


@every_source
def test_what_it_imports_exists(source):
    missing = [
        f"{module}.{name}"
        for module, name in imports(source)
        if not hasattr(import_module(module), name)
    ]
    assert not missing


@every_source
def test_its_figures_come_from_its_face_or_from_a_shared_room(source):
    face = f"course_utils.lessons.lesson_{source.name[:2]}"
    for module, name in imports(source):
        if name.startswith("plot_"):
            assert module == face or module.startswith("course_utils.plotting"), name


@every_source
def test_its_figures_are_called_with_their_arguments(source):
    modules = {name: module for module, name in imports(source)}
    for call in calls(source):
        figure = getattr(import_module(modules[call.func.id]), call.func.id)
        assert not any(isinstance(argument, ast.Starred) for argument in call.args)
        given = {word.arg: None for word in call.keywords if word.arg}
        bind = inspect.signature(figure).bind
        if len(given) < len(call.keywords):  # con **opciones no se sabe cuáles son
            bind = inspect.signature(figure).bind_partial
        try:
            bind(*call.args, **given)
        except TypeError as error:
            pytest.fail(f"{source.name}:{call.lineno}: {call.func.id}: {error}")

"""Los ejemplos de los docstrings funcionan, y todo lo público tiene docstring."""

from __future__ import annotations

import doctest
import inspect
import warnings
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def module_names() -> list[str]:
    """Nombres de todos los módulos del paquete y de las herramientas."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for folder in ("course_utils", "tools")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    return [*modules, "conftest"]


@pytest.mark.parametrize("name", module_names())
def test_doctests(name):
    """Cada ejemplo da lo que dice que da."""
    module = import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    said: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for example in finder.find(module, name):
            runner.run(example, out=said.append)
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("name", [name for name in module_names() if "course_utils" in name])
def test_public_things_are_documented(name):
    """Todo lo público del paquete, y cada módulo, dice qué hace."""
    module = import_module(name)
    missing = [] if module.__doc__ else [name]
    for label, thing in vars(module).items():
        own = getattr(thing, "__module__", None) == name
        if (
            own
            and not label.startswith("_")
            and (inspect.isfunction(thing) or inspect.isclass(thing))
        ):
            doc = thing.__doc__ or ""
            automatic = inspect.isclass(thing) and doc.startswith(f"{label}(")
            if not doc.strip() or automatic:
                missing.append(f"{name}.{label}")
    assert missing == []

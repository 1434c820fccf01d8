"""Las bibliotecas que usa una respuesta: se cargan antes de medirla y se dejan como estaban."""

from __future__ import annotations

import contextlib
import dis
import importlib
import importlib.util
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

# Las que una respuesta tiene a mano. Lo que es propio del núcleo de Jupyter no se toca.
PROTECTED = ("math", "random", "numpy", "scipy", "pandas", "torch", "keras", "tensorflow")
# Lo que se carga al usar por primera vez una parte de una biblioteca, y no al importarla.
LOADED_LATER = {("torch", "optim"): "torch._dynamo"}


def load_named(answer: Any) -> None:
    """Importa las bibliotecas instaladas que nombra una respuesta y aún no se han cargado.

    Así, cargarlas no le quita tiempo y nada las interrumpe a medias.

    Examples
    --------
    >>> def answer():
    ...     import colorsys
    ...     return colorsys.rgb_to_hsv(1, 0, 0)
    >>> load_named(answer)
    >>> "colorsys" in sys.modules
    True
    """
    names = {name for code, scope in _codes(answer) for name in _libraries(code, scope)}
    for name in sorted(names - sys.modules.keys()):
        # Lo que falle al cargarse fallará también en la respuesta, y allí se contará.
        with contextlib.suppress(Exception):
            if importlib.util.find_spec(name) is not None:
                importlib.import_module(name)


def _codes(answer: Any) -> Iterator[tuple[types.CodeType, dict[str, Any]]]:
    """El código de una respuesta, el de sus métodos y el de las funciones que llama."""
    pending, seen = [answer], set()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if inspect.isclass(value):
            pending += [item for item in vars(value).values() if inspect.isfunction(item)]
        elif inspect.ismethod(value):
            pending.append(value.__func__)
        elif inspect.isfunction(value):
            yield value.__code__, value.__globals__
            called = (value.__globals__.get(name) for name in value.__code__.co_names)
            pending += [item for item in called if _same_place(item, value)]


def _same_place(item: Any, function: types.FunctionType) -> bool:
    """Si es otra función o clase de quien aprende, escrita donde la respuesta."""
    is_code = inspect.isfunction(item) or inspect.isclass(item)
    return is_code and item.__module__ == function.__module__


def _libraries(code: types.CodeType, scope: dict[str, Any]) -> Iterator[str]:
    """Los módulos que un código importa, o que toma de otro con un punto."""
    steps = list(dis.get_instructions(code))
    yield from (step.argval for step in steps if step.opname == "IMPORT_NAME" and step.argval)
    roots = {
        value.__name__
        for name in code.co_names
        if isinstance(value := scope.get(name), types.ModuleType) and hasattr(value, "__path__")
    }
    roots |= {step.argval for step in steps if step.opname == "IMPORT_NAME" and step.argval}
    yield from (f"{root}.{name}" for root in roots for name in code.co_names)
    for (library, part), later in LOADED_LATER.items():
        if library in {root.split(".")[0] for root in roots} and part in code.co_names:
            yield later
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from _libraries(constant, scope)


@contextlib.contextmanager
def same_modes() -> Iterator[None]:
    """Deja como estaban los modos de PyTorch: si apunta operaciones y el tipo por omisión.

    Examples
    --------
    >>> import torch
    >>> with same_modes():
    ...     _ = torch.set_grad_enabled(False)
    >>> torch.is_grad_enabled()
    True
    """
    torch = sys.modules.get("torch")
    modes = (torch.is_grad_enabled(), torch.get_default_dtype()) if torch else None
    try:
        yield
    finally:
        if modes:
            torch.set_grad_enabled(modes[0])
            if torch.get_default_dtype() != modes[1]:  # ponerlo cambia además otras cosas
                torch.set_default_dtype(modes[1])


class Keeper:
    """Recuerda las funciones de las bibliotecas y devuelve a su sitio las que se cambien."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.loaded = 0
        self.learn()

    def learn(self) -> None:
        """Apunta lo que tienen los módulos que se han cargado desde la última vez."""
        if len(sys.modules) == self.loaded:
            return
        for name, module in list(sys.modules.items()):
            if name not in self.known and _is_protected(name, module):
                self.known[name] = {
                    item: value
                    for item, value in vars(module).items()
                    if not item.startswith("_") and (callable(value) or type(value) is float)
                }
        self.loaded = len(sys.modules)

    def restore(self) -> list[str]:
        """Deja las bibliotecas como estaban y devuelve el nombre de lo que se había cambiado."""
        just_loaded, changed = len(sys.modules) != self.loaded, []
        for name, items in self.known.items():
            now = vars(sys.modules[name]) if name in sys.modules else items
            for item, value in items.items():
                if now.get(item) is value:
                    continue
                if just_loaded and _belongs(now.get(item), name):
                    items[item] = now[item]  # una biblioteca, al cargarse, cambia cosas suyas
                else:
                    setattr(sys.modules[name], item, value)
                    changed.append(f"{name}.{item}")
        self.learn()
        return changed


def _is_protected(name: str, module: Any) -> bool:
    parts = name.split(".")
    public = len(parts) <= 3 and not any(part.startswith("_") for part in parts)
    return parts[0] in PROTECTED and public and isinstance(module, types.ModuleType)


def _belongs(value: Any, name: str) -> bool:
    """Si un objeto es de la misma biblioteca que un módulo."""
    return (getattr(value, "__module__", None) or "").split(".")[0] == name.split(".")[0]


KEEPER = Keeper()

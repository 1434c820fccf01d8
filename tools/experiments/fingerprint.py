"""La huella de un experimento: si cambia el código que mide, lo ya medido deja de valer."""

from __future__ import annotations

import ast
import functools
import inspect
import symtable
from collections.abc import Callable
from pathlib import Path

from tools.notebooks.fingerprint import lesson_fingerprint
from tools.notebooks.names import PACKAGE

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def experiment_fingerprint(measure: Callable, *, root: Path = ROOT) -> str:
    """Huella sha256 de todo aquello de lo que depende lo que mide una función.

    Cuentan la función, lo que usa de su módulo y, como en una lección, lo que usa de
    ``course_utils`` y los datos que carga. No cuentan el resto de su módulo (la rejilla, la
    descripción), los comentarios ni los docstrings. Se calcula una vez por proceso: lo que cuenta
    es lo que el proceso cargó, aunque alguien edite los archivos mientras mide.

    Parameters
    ----------
    measure : callable
        Una función escrita al nivel de su módulo.
    root : Path, optional
        Raíz del repositorio.

    Raises
    ------
    ValueError
        Si no está escrita al nivel de su módulo, o si usa código del repositorio que no es de
        ``course_utils``.
    """
    code = reached_code(measure)
    _refuse_other_code(code, root)
    return lesson_fingerprint(root, "", [code], outputs=False)


def reached_code(measure: Callable) -> str:
    """El texto de una función y de lo que usa de su módulo, en el orden en que está escrito.

    Entran las importaciones, constantes, clases y funciones a las que llega por su nombre, y todo
    lo que el módulo hace sin definir nada: ajustar una biblioteca o llenar una tabla.

    Raises
    ------
    ValueError
        Si no es una función escrita al nivel de su módulo.
    """
    source = _source(measure)
    statements = [_text(source, node) for node in ast.parse(source).body if not _is_inert(node)]
    names = [_names(text) for text in statements]
    kept, wanted = set(), {measure.__name__}
    while new := {
        place
        for place, (defined, _) in enumerate(names)
        if place not in kept and (not defined or defined & wanted)
    }:
        kept |= new
        wanted = wanted.union(*(names[place][1] for place in new))
    return "\n".join(statements[place] for place in sorted(kept))


def _source(measure: Callable) -> str:
    name = getattr(measure, "__qualname__", "")
    if not inspect.isfunction(measure) or not name.isidentifier():
        raise ValueError(
            "La función de medida debe tener nombre y estar al nivel de su módulo; ha llegado "
            f"{measure!r}. Así otro proceso puede cargarla y se sabe de qué código depende."
        )
    return Path(inspect.getfile(inspect.unwrap(measure))).read_text(encoding="utf-8")


def _names(text: str) -> tuple[set[str], set[str]]:
    """Los nombres del módulo que una sentencia define y los que usa, según el propio Python.

    Examples
    --------
    >>> defined, used = _names("ROWS = [x * SIZE for x in GRID]")
    >>> sorted(defined), sorted(used)
    (['ROWS'], ['GRID', 'ROWS', 'SIZE'])
    """
    module = symtable.symtable(text, "<módulo>", "exec")
    pending, used = [module], set()
    while pending:
        table = pending.pop()
        pending += table.get_children()
        used |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return {symbol.get_name() for symbol in module.get_symbols() if symbol.is_local()}, used


def _is_inert(statement: ast.stmt) -> bool:
    """Si no hace nada al importar el módulo: un texto suelto o ``if __name__ == "__main__"``."""
    if isinstance(statement, ast.If):
        return "__name__" in {node.id for node in ast.walk(statement.test) if hasattr(node, "id")}
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _text(source: str, statement: ast.stmt) -> str:
    """El texto de una sentencia, con sus decoradores."""
    decorators = getattr(statement, "decorator_list", [])
    first = min(node.lineno for node in (*decorators, statement))
    return "\n".join(source.splitlines()[first - 1 : statement.end_lineno])


def _refuse_other_code(code: str, root: Path) -> None:
    """La huella solo sigue a ``course_utils``: lo demás del repositorio cambiaría sin notarse."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        else:
            continue
        for name in names:
            top = name.split(".")[0]
            places = (root / top / "__init__.py", root / f"{top}.py")
            ours = not top or any(place.is_file() for place in places)
            if ours and top != PACKAGE:
                raise ValueError(
                    f"La función de medida usa {name}, que no es de {PACKAGE}: si cambiara, no se "
                    f"notaría. Lleva a {PACKAGE} lo que necesite de ahí."
                )

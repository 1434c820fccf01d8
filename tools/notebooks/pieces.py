"""El texto de un módulo, partido en trozos, y si importarlo hace algo más que definir nombres.

Un *trozo* es una instrucción de un módulo (una función, una clase, una constante) o uno de los
nombres que importa.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

PACKAGE = "course_utils"
DOTTED = re.compile(rf"{PACKAGE}(\.\w+)+")

# Lo que se puede llamar, heredar o usar de decorador al importar sin que cambie nada fuera.
QUIET = frozenset(
    "NamedTuple Protocol StrEnum TypeVar cache cached_property classmethod contextmanager "
    "contextlib.contextmanager dataclass datetime.date dict enum.Enum enum.StrEnum enumerate field "
    "float frozenset functools.cache functools.cached_property functools.lru_cache int len list "
    "lru_cache np.array np.datetime64 object os.path.abspath os.path.dirname os.path.join property "
    "range re.compile set slice sorted staticmethod str str.maketrans tuple zip".split()
)
# Métodos que, definidos en una clase, pueden hacer algo más que guardar los campos al crear uno.
CREATION = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"}
# Con esto, un trozo puede usar cualquier módulo, si el que pide no está escrito en la llamada.
IMPORTERS = {
    "__import__",
    "import_module",
    "iter_modules",
    "run_module",
    "run_path",
    "spec_from_file_location",
    "walk_packages",
}


@dataclass(frozen=True)
class Import:
    """Un nombre importado: ``name`` es ``None`` si es el módulo, y ``"*"`` si son todos."""

    local: str
    module: str
    name: str | None

    @property
    def is_ours(self) -> bool:
        return self.module.split(".")[0] == PACKAGE


@dataclass(frozen=True, eq=False)
class Piece:
    """Una instrucción de un módulo, o uno de los nombres de un ``import``.

    Attributes
    ----------
    text : str
        Sus líneas de código; de un ``import``, el nombre y de dónde viene.
    binds : frozenset of str
        Los nombres que define en el módulo.
    mentions : tuple of tuple of str
        Los nombres que usa, cada vez y con sus puntos: ``("figures", "plot_x")``.
    imports : tuple of Import
        Lo que importa, también dentro de una función.
    lines : frozenset of int
        Las líneas que ocupa.
    opaque : bool
        Si importa un módulo cuyo nombre no está escrito.
    calls : tuple of tuple of str
        Cada llamada cuyo primer argumento es un texto: ``("load_result", "memoria")``.
    is_import : bool
        Si es un nombre de un ``import`` del módulo, y no una instrucción.
    """

    text: str
    binds: frozenset[str]
    mentions: tuple[tuple[str, ...], ...]
    imports: tuple[Import, ...]
    lines: frozenset[int]
    opaque: bool = False
    calls: tuple[tuple[str, str], ...] = ()
    is_import: bool = False

    @property
    def words(self) -> set[str]:
        """Todo nombre que aparece en él: suelto, tras un punto o importado."""
        return {word for parts in self.mentions for word in parts} | {
            item.name for item in self.imports if item.name
        }


@dataclass(frozen=True)
class Module:
    """Un módulo en trozos; ``loud`` dice si importarlo hace algo más que definir nombres."""

    name: str
    pieces: tuple[Piece, ...]
    loud: bool

    @cached_property
    def bound(self) -> dict[str, list[Piece]]:
        """Los trozos que definen cada nombre."""
        bound: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            for name in piece.binds:
                bound.setdefault(name, []).append(piece)
        return bound

    @property
    def imports(self) -> Iterator[Import]:
        for piece in self.pieces:
            yield from piece.imports


@lru_cache(maxsize=4096)
def code_lines(code: str) -> dict[int, str]:
    """Líneas de código, por su número: sin docstrings, líneas de comentario ni líneas vacías.

    Trabaja con líneas, no con el árbol, para que la huella sea la misma en toda versión de Python.

    Examples
    --------
    >>> code_lines('# nota\\nx = 1  # uno\\n\\ndef f():\\n    "Doc."\\n    return x\\n')
    {2: 'x = 1  # uno', 4: 'def f():', 6: '    return x'}
    """
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    lines = code.split("\n")
    skipped: set[int] = set()
    quoted: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            if _alone(node.body[0], lines):
                skipped.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
        elif isinstance(node, ast.JoinedStr | ast.Constant):
            quoted.update(range(node.lineno + 1, node.end_lineno + 1))
    return {
        number: line.rstrip()
        for number, line in enumerate(lines, start=1)
        if number not in skipped
        and (number in quoted or (line.strip() and not line.strip().startswith("#")))
    }


def _alone(node: ast.stmt, lines: list[str]) -> bool:
    """Si en las líneas de una instrucción no hay nada más."""
    before = lines[node.lineno - 1].encode()[: node.col_offset]
    after = lines[node.end_lineno - 1].encode()[node.end_col_offset :]
    return not before.strip() and not after.strip()


@lru_cache(maxsize=4096)
def parse_module(name: str, code: str, *, is_package: bool = False) -> Module:
    """Parte el texto de un módulo en trozos; el de una lección no tiene nombre."""
    skipped = {"TYPE_CHECKING"} | ({"__name__ == '__main__'"} if name else set())
    body = [node for node in ast.parse(code).body if not _never_runs(node, skipped)]
    lines = code_lines(code)
    package = name if is_package else name.rpartition(".")[0]
    pieces: list[Piece] = []
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            pieces += _import_pieces(node, package)
        elif not _is_docstring(node):
            pieces.append(_piece(node, lines, package))
    trusted = sys.stdlib_module_names | {"numpy"}
    other = {name for piece in pieces if not piece.is_import for name in piece.binds} | {
        item.local
        for piece in pieces
        for item in piece.imports
        if item.module.split(".")[0] not in trusted
    }
    quiet = _Quiet({name for name in QUIET if name.split(".")[0] not in other}, body)
    return Module(name, tuple(pieces), loud=not all(map(quiet.statement, body)))


def _never_runs(node: ast.stmt, conditions: Collection[str]) -> bool:
    """Si es un bloque que solo lee quien comprueba tipos, o que solo corre con ``python -m``."""
    return isinstance(node, ast.If) and not node.orelse and ast.unparse(node.test) in conditions


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _import_pieces(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[Piece]:
    """Un trozo por nombre: cambiar uno no cuenta para quien usa los demás."""
    for alias, item in zip(node.names, _imports(node, package), strict=True):
        origin = ".".join(filter(None, (item.module, item.name)))
        yield Piece(
            f"{item.local} <- {origin}",
            frozenset({item.local}),
            (),
            (item,),
            frozenset({node.lineno, alias.lineno, node.end_lineno}),
            opaque=item.name in IMPORTERS and item.local != item.name,
            is_import=True,
        )


def _imports(node: ast.Import | ast.ImportFrom, package: str) -> list[Import]:
    if isinstance(node, ast.Import):
        return [
            Import(alias.asname or alias.name.split(".")[0], alias.name, None)
            for alias in node.names
        ]
    base = node.module or ""
    if node.level:
        parents = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*parents, *([base] if base else [])])
    return [Import(alias.asname or alias.name, base, alias.name) for alias in node.names]


def _piece(node: ast.stmt, lines: dict[int, str], package: str) -> Piece:
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    own = [number for number in range(first, node.end_lineno + 1) if number in lines]
    inside = list(ast.walk(node))
    calls = [item for item in inside if isinstance(item, ast.Call)]
    literal = [(_last_name(call.func), _first_text(call)) for call in calls]
    mentions = list(_mentions(node))
    imports = [
        _imports(item, package) for item in inside if isinstance(item, ast.Import | ast.ImportFrom)
    ]
    written = [name for name, text in literal if text and not text.startswith(".")]
    named = [parts[-1] for parts in mentions]
    return Piece(
        "\n".join(lines[number] for number in own),
        frozenset(_bound_names(node)),
        tuple(mentions),
        tuple(item for group in imports for item in group),
        frozenset(own),
        opaque=any(named.count(name) != written.count(name) for name in IMPORTERS),
        calls=tuple((name, text) for name, text in literal if text is not None),
    )


def _bound_names(node: ast.stmt) -> Iterator[str]:
    """Los nombres que una instrucción define en su módulo."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            yield item.id
        elif isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield item.name
        elif isinstance(item, ast.Import | ast.ImportFrom):
            yield from (local.local for local in _imports(item, ""))


def _mentions(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """Los nombres que un árbol usa, con sus puntos; también un texto como "course_utils.x"."""
    pending = [node]
    while pending:
        item = pending.pop()
        if parts := _dotted(item):
            yield parts
        elif isinstance(item, ast.Constant) and isinstance(item.value, str):
            if DOTTED.fullmatch(item.value):
                yield tuple(item.value.split("."))
        else:
            if isinstance(item, ast.Attribute):  # de algo que no es un nombre: f().x
                yield ("", item.attr)
            pending += ast.iter_child_nodes(item)


def _dotted(node: ast.AST) -> tuple[str, ...]:
    """``("a", "b", "c")`` de ``a.b.c``; vacío si no empieza por un nombre."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


def _last_name(node: ast.AST) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", "")


def _first_text(call: ast.Call) -> str | None:
    given = [*call.args, *(word.value for word in call.keywords)]
    first = given[0].value if given and isinstance(given[0], ast.Constant) else None
    return first if isinstance(first, str) else None


class _Quiet:
    """Dice qué instrucciones no hacen, al importar el módulo, más que definir nombres."""

    def __init__(self, known: Collection[str], body: list[ast.stmt]) -> None:
        self.known = set(known)
        for node in body:  # las clases del propio módulo que solo guardan campos
            if isinstance(node, ast.ClassDef) and self.statement(node) and _only_fields(node):
                self.known.add(node.name)

    def statement(self, node: ast.stmt) -> bool:
        """Si ejecutar la instrucción solo define nombres."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            return all(alias.name != "*" for alias in node.names)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self.values([*node.decorator_list, node.args]) and self.names(
                node.decorator_list
            )
        if isinstance(node, ast.ClassDef):
            inherited = [*node.decorator_list, *node.bases]
            methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            enumerates = any("Enum" in base for item in node.bases for base in _dotted(item))
            return (
                not node.keywords
                and not (enumerates and CREATION & methods)  # sus miembros se crean al importar
                and self.values(inherited)
                and self.names(inherited)
                and all(map(self.statement, node.body))
            )
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            plain = all(
                isinstance(item, ast.Name | ast.Tuple | ast.List | ast.Store)
                for target in targets
                for item in ast.walk(target)
            )
            return plain and self.values([node.value] if node.value else [])
        return isinstance(node, ast.Pass) or _is_docstring(node)

    def names(self, nodes: Iterable[ast.expr]) -> bool:
        """Si cada decorador o clase base es de los conocidos."""
        called = [node.func if isinstance(node, ast.Call) else node for node in nodes]
        return all(self.name(".".join(_dotted(node))) for node in called)

    def name(self, dotted: str) -> bool:
        """Si llamar a algo o heredar de ello no cambia nada fuera."""
        builtin = getattr(builtins, dotted, None)
        is_exception = isinstance(builtin, type) and issubclass(builtin, BaseException)
        return dotted in self.known or is_exception

    def values(self, nodes: Iterable[ast.AST]) -> bool:
        """Si calcular unas expresiones no llama a nada que pueda hacer otra cosa."""
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
                return False
            if isinstance(node, ast.Call):
                of_text = isinstance(getattr(node.func, "value", None), ast.Constant)
                if not of_text and not self.name(".".join(_dotted(node.func))):
                    return False
            if not isinstance(node, ast.Lambda):
                pending += ast.iter_child_nodes(node)
        return True


def _only_fields(node: ast.ClassDef) -> bool:
    """Si crear un objeto de la clase no ejecuta código del curso."""
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    fields = [item for item in node.body if item not in methods]
    calls = [item for field in fields for item in ast.walk(field) if isinstance(item, ast.Call)]
    return not calls and CREATION.isdisjoint(method.name for method in methods)

"""De qué trozos de ``course_utils`` depende un texto, nombre por nombre.

Un *trozo* es una instrucción de un módulo (una función, una clase, una constante) o uno de los
nombres que importa. De cada nombre que se usa se llega al trozo que lo define, a través de las
caras de los paquetes, y de él a los que usa a su vez.

Ante la duda, el módulo entero. Importar un módulo lo ejecuta: si hace algo más que definir (llamar
a una función, cambiar otro módulo, registrar una clase), cuenta todo lo que contiene para quien lo
cargue, aunque no use ninguno de sus nombres.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

PACKAGE = "course_utils"
DOTTED = re.compile(rf"{PACKAGE}(\.\w+)+")

# Lo que se puede llamar, heredar o usar de decorador al importar sin que cambie nada fuera.
QUIET = frozenset(
    "NamedTuple Protocol StrEnum TypeVar cache cached_property classmethod contextmanager "
    "contextlib.contextmanager dataclass datetime.date dict enum.Enum enum.StrEnum enumerate field "
    "float frozenset functools.cache functools.cached_property functools.lru_cache int len list "
    "lru_cache np.datetime64 object property range re.compile set sorted staticmethod str tuple "
    "zip".split()
)
# Métodos que, definidos en una clase, pueden hacer algo más que guardar los campos al crear uno.
CREATION = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"}
# Con esto, un trozo puede usar cualquier nombre de su módulo…
READS_OWN_NAMES = {"globals", "vars", "eval", "exec", "__name__"}
# … y con esto, cualquier módulo, si el que se pide no está escrito en la llamada.
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


# ------------------------------------------------------------------ del texto a los trozos


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


# ------------------------------------------------------------------ de los nombres a los trozos


class Course:
    """Los módulos de un curso; cada archivo se lee una vez."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[str, Module | None] = {}

    def module(self, name: str) -> Module | None:
        """El módulo con ese nombre, o ``None`` si no es un módulo del curso."""
        if name not in self._read:
            path = self.file(name)
            self._read[name] = path and parse_module(
                name, path.read_text(encoding="utf-8"), is_package=path.name == "__init__.py"
            )
        return self._read[name]

    def file(self, name: str) -> Path | None:
        """El archivo de un módulo."""
        path = self.root.joinpath(*name.split("."))
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if name.split(".")[0] == PACKAGE and candidate.is_file():
                return candidate
        return None

    def names(self) -> list[str]:
        """Los nombres de todos los módulos."""
        files = sorted((self.root / PACKAGE).rglob("*.py"))
        places = [file.relative_to(self.root).with_suffix("").parts for file in files]
        return [".".join(parts).removesuffix(".__init__") for parts in places]


class Reach:
    """Todo aquello de lo que dependen unos textos.

    Parameters
    ----------
    course : Course
        El curso.
    left_out : collection of str
        Paquetes, módulos o nombres de un módulo que no cuentan: no se entra en ellos.
    known_imports : collection of str
        Funciones que importan un módulo cuyo nombre calculan y se sabe que no es de los demás.

    Attributes
    ----------
    pieces : dict
        De cada módulo, los trozos alcanzados.
    loaded : dict
        Los módulos que se ejecutan al importarlos, en orden.
    opened : set of str
        Los módulos de los que se puede leer cualquier nombre.
    """

    def __init__(
        self, course: Course, *, left_out: Collection[str], known_imports: Collection[str]
    ) -> None:
        self.course = course
        self.left_out = left_out
        self.known_imports = known_imports
        self.pieces: dict[str, set[Piece]] = {}
        self.loaded: dict[str, bool] = {}
        self.opened: set[str] = set()
        self._followed: set[tuple[str, tuple[str, ...]]] = set()
        self._pending: list[tuple[Module, Piece]] = []

    def run(self, module: Module) -> None:
        """Alcanza todo lo que un texto ejecuta, y lo que eso usa."""
        self._load(module.name)
        self._load_imports(module)
        self._run(module)
        while self._pending:
            self._follow_piece(*self._pending.pop())

    def __iter__(self) -> Iterator[tuple[str, list[Piece]]]:
        """Cada módulo, por orden alfabético, con sus trozos alcanzados en el orden del texto."""
        for name in sorted(self.pieces):
            yield name, sorted(self.pieces[name], key=lambda piece: (min(piece.lines), piece.text))

    def _load(self, name: str) -> None:
        """Anota un módulo y los que se ejecutan al importarlo."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = self.course.module(".".join(parts[:count]))
            if module is None or module.name in self.loaded:
                continue
            self.loaded[module.name] = module.loud
            if module.loud:
                self._run(module)
            self._load_imports(module)

    def _load_imports(self, module: Module) -> None:
        for item in module.imports:
            self._load(item.module)
            if item.name:
                self._load(f"{item.module}.{item.name}")

    def _run(self, module: Module) -> None:
        """Alcanza lo que un módulo ejecuta; de lo que importa, solo lo que usa."""
        for piece in module.pieces:
            if not piece.is_import:
                self._reach(module, piece, always=True)
            elif piece.imports[0].name == "*":
                self._open(piece.imports[0].module)

    def _reach(self, module: Module, piece: Piece, *, always: bool = False) -> None:
        reached = self.pieces.setdefault(module.name, set())
        if piece not in reached and (always or not self._is_left_out(module, piece)):
            reached.add(piece)
            self._pending.append((module, piece))

    def _is_left_out(self, module: Module, piece: Piece) -> bool:
        parts = module.name.split(".")
        places = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        places |= {f"{module.name}.{name}" for name in piece.binds}
        return not places.isdisjoint(self.left_out)

    def _open(self, name: str) -> None:
        """Alcanza un módulo entero, con lo que reexporta: no se sabe qué se lee de él."""
        module = self.course.module(name)
        if module is None or name in self.opened:
            return
        self.opened.add(name)
        for piece in module.pieces:
            self._reach(module, piece)
            for item in piece.imports:
                self._follow_import(item, ())

    def _follow_piece(self, module: Module, piece: Piece) -> None:
        if piece.opaque and self.known_imports.isdisjoint(
            f"{module.name}.{name}" for name in piece.binds
        ):
            for name in self.course.names():
                self._open(name)
        for root, *rest in set(piece.mentions):
            if root in READS_OWN_NAMES:
                self._open_own(module)
            elif root == PACKAGE:
                self._resolve(PACKAGE, tuple(rest))
            for item in piece.imports:
                if item.local == root:
                    self._follow_import(item, tuple(rest))
            if root in module.bound:
                self._resolve_in(module, root, tuple(rest))

    def _open_own(self, module: Module) -> None:
        for piece in module.pieces:
            self._reach(module, piece, always=True)
            for item in piece.imports:
                self._follow_import(item, ())

    def _follow_import(self, item: Import, rest: tuple[str, ...]) -> None:
        if not item.is_ours:
            return
        if item.name == "*":
            self._open(item.module)
        else:
            self._resolve(item.module, (item.name, *rest) if item.name else rest)

    def _resolve(self, name: str, parts: tuple[str, ...]) -> None:
        """Alcanza un nombre de un módulo; sin nombre, o si no lo define, el módulo entero."""
        if (name, parts) in self._followed:
            return
        self._followed.add((name, parts))
        module = self.course.module(name)
        if parts and module and parts[0] in module.bound:
            self._resolve_in(module, parts[0], parts[1:])
        elif parts and self.course.module(f"{name}.{parts[0]}"):
            self._resolve(f"{name}.{parts[0]}", parts[1:])
        else:
            self._open(name)

    def _resolve_in(self, module: Module, name: str, rest: tuple[str, ...]) -> None:
        for piece in module.bound[name]:
            self._reach(module, piece)
            for item in piece.imports:
                if item.local == name:
                    self._follow_import(item, rest)

    def third_party(self) -> set[str]:
        """Las bibliotecas que se importan al cargar los módulos: importarlas también hace cosas."""
        modules = (self.course.module(name) for name in self.loaded)
        roots = {
            item.module.split(".")[0]
            for module in modules
            for piece in module.pieces
            if piece.is_import
            for item in piece.imports
        }
        return roots - sys.stdlib_module_names - {PACKAGE}

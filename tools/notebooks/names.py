"""De qué trozos de ``course_utils`` depende un texto, nombre por nombre.

De cada nombre que se usa se llega al trozo que lo define, a través de las caras de los paquetes, y
de él a los que usa a su vez.

Ante la duda, el módulo entero. Importar un módulo lo ejecuta: si hace algo más que definir (llamar
a una función, cambiar otro módulo, registrar una clase), cuenta todo lo que contiene para quien lo
cargue, aunque no use ninguno de sus nombres.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.notebooks.pieces import PACKAGE, Import, Module, Piece, parse_module

# Con esto, un trozo puede usar cualquier nombre de su módulo.
READS_OWN_NAMES = {"globals", "vars", "eval", "exec", "__name__"}


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
    known_quiet : collection of str
        Módulos que al importarse hacen algo que se sabe que no cambia nada fuera de ellos.

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
        self,
        course: Course,
        *,
        left_out: Collection[str],
        known_imports: Collection[str],
        known_quiet: Collection[str] = (),
    ) -> None:
        self.course = course
        self.left_out = left_out
        self.known_imports = known_imports
        self.known_quiet = known_quiet
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
            self.loaded[module.name] = module.loud and module.name not in self.known_quiet
            if self.loaded[module.name]:
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

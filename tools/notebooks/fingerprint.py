"""Huella de todo aquello de lo que dependen las salidas de una lección.

Cuenta el código de la lección, lo que usa de ``course_utils`` (nombre por nombre y hasta el final,
como explica ``names.py``), sus ejercicios y los datos que lee. No cuentan los comentarios ni los
docstrings: corregir una tilde no obliga a ejecutar nada de nuevo. Lo que no puede cambiar una
salida está en ``LEFT_OUT``, con su razón.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from tools.notebooks.names import Course, Reach
from tools.notebooks.pieces import PACKAGE, Piece, code_lines, parse_module

ENGINE = f"{PACKAGE}.exercises"
DATASETS = f"{PACKAGE}.datasets"
JUDGED = "juzga la respuesta: con la solución siempre da «correcto», y same_randomness deja el azar"

# Lo que no cuenta, y por qué. De lo que está aquí tampoco cuenta lo que usa.
LEFT_OUT = {
    f"{PACKAGE}.shadows": "nombra archivos que impedirían importar: si se ejecuta, no los hay",
    f"{PACKAGE}.environment._refuse_shadows": "lo mismo: o detiene la lección o no hace nada",
    f"{PACKAGE}.environment._replace_missing_home": "dónde guardan otras bibliotecas lo suyo",
    f"{PACKAGE}.environment._suspects": "un aviso que solo sale si falta una biblioteca",
    f"{PACKAGE}.environment.home_dir": "dónde se guarda lo de quien aprende; ninguna cuenta lo lee",
    f"{PACKAGE}.doctor": "describe el equipo en el que se ejecuta; nada se calcula con ello",
    f"{PACKAGE}.requirements": "dice cómo se instala lo que falta: si se ejecuta, no falta nada",
    f"{ENGINE}.store": "guarda el progreso de quien aprende; ninguna cuenta lo lee",
    f"{ENGINE}.core.progress": "enseña el progreso de quien ejecuta, no un resultado de la lección",
    f"{ENGINE}.core.judge": JUDGED + "; sus mensajes solo salen con otra respuesta",
    f"{ENGINE}.answers": JUDGED,
    f"{ENGINE}.compare": JUDGED,
    f"{ENGINE}.contract": JUDGED,
    f"{ENGINE}.definition": JUDGED,
    f"{ENGINE}.drawing": JUDGED,
    f"{ENGINE}.libraries": "deja las bibliotecas como estaban; con la solución no hay qué reparar",
    f"{ENGINE}.output": "enseña lo que escribe una respuesta, y las soluciones no escriben",
    f"{ENGINE}.sandbox": JUDGED,
}
# Lo que tampoco cuenta si lo que importa es lo que la lección mide, y no lo que enseña.
NOT_MEASURED = {f"{ENGINE}.core": "check entrega la solución, que está en las celdas"}
# Archivos que están al lado de un módulo y no cuentan con él.
LEFT_OUT_FILES = {
    "solutions.json": "sus textos son los de las celdas",
    "answers.toml": "pistas, errores y variantes: no salen si la respuesta es la solución; con "
    "hint sí, y entonces cuenta",
}
# Funciones que importan un módulo cuyo nombre calculan, y lo que importan.
KNOWN_IMPORTS = {
    f"{PACKAGE}.environment._import_framework": "TensorFlow, Keras o PyTorch",
    f"{ENGINE}.libraries.load_named": "lo que nombra la respuesta, que está en la lección",
    f"{PACKAGE}.scaling.leash.main": "los programas de Dask, que no son del curso",
}
# Módulos que al importarse hacen algo, y por qué eso no cambia nada fuera de ellos.
KNOWN_QUIET = {
    f"{PACKAGE}.doctor": "importa buscando en otro orden y lo deja como estaba",
    f"{ENGINE}.libraries": "apunta qué funciones tienen las bibliotecas, sin cambiar ninguna",
}

RESULT_LOADER = "load_result"
# Lo que lee el registro de datos entero, o un archivo cualquiera.
DATA_DOORS = {"data_dir", "entry_of", "fetch", "read_bundled", "read_table", "registry"}
# Con esto, una salida puede enseñar docstrings y comentarios.
READS_SOURCE = {"__doc__", "getdoc", "getsource", "getsourcelines", "help", "linecache"}
# Lo que ninguna lección enseña de la maquinaria: sus docstrings y comentarios no cuentan ni así.
NOT_SHOWN = (ENGINE, f"{PACKAGE}.environment", f"{PACKAGE}.requirements")
DRAWING = {"matplotlib", "pandas", "seaborn"}


def lesson_fingerprint(
    root: Path, number: str, code_cells: Iterable[str], *, outputs: bool = True
) -> str:
    """Huella sha256 de una lección.

    Parameters
    ----------
    root : Path
        Raíz del repositorio.
    number : str
        Número de la lección, como ``"12"``.
    code_cells : iterable of str
        Celdas de código resueltas, en orden.
    outputs : bool, default True
        Si cuenta todo lo que se ve en sus salidas, también cómo se juzgan sus ejercicios y los
        docstrings que enseña, o solo lo que cambia lo que mide.
    """
    digest = hashlib.sha256()
    for name, content in Dependencies(root, number, code_cells, outputs=outputs).parts():
        digest.update(f"\n== {name}\n{content}".encode())
    return digest.hexdigest()


class Dependencies:
    """Todo aquello de lo que depende una lección; los parámetros son los de su huella."""

    def __init__(
        self, root: Path, number: str, code_cells: Iterable[str], *, outputs: bool = True
    ) -> None:
        self.root, self.outputs = root, outputs
        self.code = "\n".join(code_cells)
        self.course = Course(root)
        left_out = set(LEFT_OUT) if outputs else {*LEFT_OUT, *NOT_MEASURED}
        self.reach = Reach(
            self.course,
            left_out=left_out,
            known_imports=set(KNOWN_IMPORTS),
            known_quiet=set(KNOWN_QUIET),
        )
        self.reach.run(parse_module("", self.code))
        module = self.course.module(f"{PACKAGE}.lessons.lesson_{number}.exercises")
        if module and outputs:
            self.reach.run(module)

    @cached_property
    def pieces(self) -> dict[str, list[Piece]]:
        """Los trozos alcanzados de cada módulo; los de la lección, con el nombre vacío."""
        return dict(self.reach)

    def parts(self) -> Iterator[tuple[str, str]]:
        """Lo que entra en la huella: cada cosa, con su nombre y su contenido."""
        verbatim = self.outputs and any(
            piece.words & READS_SOURCE for _, piece in self._named_pieces()
        )
        yield "lección", self.code if verbatim else "\n".join(code_lines(self.code).values())
        for name, pieces in self.pieces.items():
            if name:
                yield name, "\n".join(piece.text for piece in pieces)
            if name and verbatim and not name.startswith(NOT_SHOWN):
                yield f"{name}, entero", self.course.file(name).read_text(encoding="utf-8")
        loud = [name for name, is_loud in self.reach.loaded.items() if is_loud]
        yield "hacen algo al importarse, en este orden", " ".join(loud)
        yield "bibliotecas que se importan", " ".join(sorted(self.reach.third_party()))
        for path in self.files():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            yield path.relative_to(self.root).as_posix(), content
        yield from self.data().items()

    def files(self) -> list[Path]:
        """Los archivos que no son código: los estilos y lo que acompaña a un módulo usado."""
        shows_hints = "hint" in self._reached_names(ENGINE)
        left_out = set(LEFT_OUT_FILES) - ({"answers.toml"} if shows_hints else set())
        folders = {self.course.file(name).parent for name in self.pieces if name}
        beside = {
            path
            for folder in folders
            for path in folder.glob("[!.]*")
            if path.is_file() and path.suffix != ".py" and path.name not in left_out
        }
        styles = set(self.root.glob(f"{PACKAGE}/**/*.mplstyle"))
        return sorted(beside - styles | (styles if self.draws() else set()))

    def draws(self) -> bool:
        """Si algo de lo que usa importa una biblioteca de dibujo, aparte de ``setup``."""
        return any(
            item.module.split(".")[0] in DRAWING
            for name, piece in self._named_pieces()
            if name != f"{PACKAGE}.environment"
            for item in piece.imports
        )

    def data(self) -> dict[str, str]:
        """sha256 registrado de cada conjunto de datos y de cada resultado que lee la lección."""
        registry = self.root / "datasets" / "registry.toml"
        entries = _read_toml(registry) if registry.is_file() else {}
        loaders = self._reached_names(DATASETS)
        data = {
            name: entry["sha256"]
            for name, entry in sorted(entries.items())
            if isinstance(entry, dict) and entry.get("loader") in loaders
        }
        # Las descargas son de los datos: solo las piden ellos.
        inside = (DATASETS, f"{PACKAGE}.downloads")
        outside = [piece for name, piece in self._named_pieces() if not name.startswith(inside)]
        if entries and any(map(_opens_a_door, outside)):
            data["registry.toml"] = registry.read_text(encoding="utf-8")
        return data | (self.results() if RESULT_LOADER in loaders else {})

    def results(self) -> dict[str, str]:
        """sha256 de los resultados que nombran las llamadas a ``load_result``.

        Si algún uso no lleva el nombre escrito, podría ser cualquiera: cuentan todos.
        """
        stored = {path.stem: path for path in (self.root / "datasets" / "results").glob("*.toml")}
        uses, named = 0, []
        for _, piece in self._named_pieces():
            uses += sum(parts[-1] == RESULT_LOADER for parts in piece.mentions)
            uses += sum(item.name == RESULT_LOADER != item.local for item in piece.imports)
            named += [text for name, text in piece.calls if name == RESULT_LOADER]
        opened = self.reach.opened & {DATASETS, f"{DATASETS}.results"}
        read = stored if opened or uses != len(named) else stored.keys() & named
        return {f"results/{name}": _read_toml(stored[name])["sha256"] for name in sorted(read)}

    def _named_pieces(self) -> Iterator[tuple[str, Piece]]:
        return ((name, piece) for name, pieces in self.pieces.items() for piece in pieces)

    def _reached_names(self, package: str) -> set[str]:
        """Los nombres que se alcanzan en los módulos de un paquete."""
        return {
            name
            for module, piece in self._named_pieces()
            if module.startswith(package)
            for name in piece.binds
        }


def _opens_a_door(piece: Piece) -> bool:
    """Si un trozo importa de los datos, o usa tras un punto, algo que lee cualquier archivo."""
    imported = {item.name for item in piece.imports if item.module.startswith(DATASETS)}
    after_a_dot = {parts[-1] for parts in piece.mentions if len(parts) > 1}
    return not DATA_DOORS.isdisjoint(imported | after_a_dot)


def _read_toml(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))

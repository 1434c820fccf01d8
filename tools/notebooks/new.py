"""Empieza una lección: su fuente, su carpeta y su sitio en el mapa, con un esqueleto que funciona.

El esqueleto está en ``template/``: las celdas obligatorias en su orden, un ejercicio y una figura
de muestra. Mientras el mapa no diga sus minutos, la lección está en preparación.

Uso::

    python -m tools.notebooks.new 31                       # el título sale del mapa
    python -m tools.notebooks.new 36 --title "Resúmenes"   # si no está en él, se añade
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from string import Template

from course_utils.course_map import COURSE, FRAMEWORKS, MODULES, MapEntry
from tools.notebooks.build import ROOT, slugify, write_text

TEMPLATE = Path(__file__).with_name("template")
FOLLOWING = "**Siguiente**: "


class NewError(Exception):
    """La lección no se puede empezar; el mensaje dice por qué y qué hacer."""


def find_entry(number: str, title: str, frameworks: str) -> tuple[MapEntry, bool]:
    """Busca la lección en el mapa o, si no está, la crea; dice también si es nueva.

    Raises
    ------
    NewError
        Si el número no vale, si falta el título o si el mapa ya le da otro.
    """
    if not re.fullmatch(r"\d\d", number) or int(number[0]) not in MODULES:
        raise NewError(f"`LESSON` es dígito de módulo y de lección; ha llegado «{number}».")
    for entry in COURSE:
        if entry.number == number:
            if title not in ("", entry.title):
                raise NewError(f"En el mapa, la {number} es «{entry.title}»: cámbialo allí.")
            return entry, False
    if not title:
        raise NewError(f'La {number} no está en el mapa: dale título con TITLE="…".')
    before = [entry.number for entry in COURSE if entry.number < number]
    return MapEntry(number, title, tuple(before[-1:]), frameworks=frameworks), True


def add_to_map(entry: MapEntry, root: Path) -> None:
    """Añade una lección a ``course_map.py``, en su orden."""
    path = root / "course_utils" / "course_map.py"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    numbers = {place: re.match(r' +MapEntry\("(\d\d)"', line) for place, line in enumerate(lines)}
    places = [place for place, found in numbers.items() if found and found[1] < entry.number]
    needs = "".join(f'"{number}",' for number in entry.needs)
    written_as = f'"{entry.number}", "{entry.title}", ({needs}), frameworks="{entry.frameworks}"'
    lines.insert(max(places) + 1, f"    MapEntry({written_as}),\n")
    write_text(path, "".join(lines))


def add_example(number: str, root: Path) -> None:
    """Añade la figura de muestra a los ejemplos con los que se prueban todas."""
    path = root / "tests" / "unit" / "figure_examples.py"
    kept = path.read_text(encoding="utf-8").rstrip().removesuffix("}")
    example = f'_lesson({int(number)}, "plot_changes"): Example((SALES, np.diff(SALES)))'
    write_text(path, f"{kept}    {example},\n}}\n")


def written(root: Path) -> dict[str, Path]:
    """De cada lección que ya tiene fuente, su número y su archivo."""
    return {path.name[:2]: path for path in sorted((root / "notebooks" / "source").glob("*.py"))}


def link(source: Path) -> str:
    """Enlace a una lección, con el título de su primera celda."""
    title = source.read_text(encoding="utf-8").splitlines()[1].removeprefix("# # ")
    return f"[{title}]({source.stem}.ipynb)"


def following_text(entry: MapEntry, sources: dict[str, Path]) -> str:
    """El último párrafo de la lección: adónde se va después."""
    later = [other for other in COURSE if other.number > entry.number]
    for other in later:
        if other.number in sources:
            return f"{FOLLOWING}{link(sources[other.number])}."
    if later:
        return f"{FOLLOWING}{later[0].number} · {later[0].title}, en preparación."
    return "Es la última lección del mapa."


def lead_here(previous: Path, source: Path) -> None:
    """Cambia el último párrafo de la lección anterior para que lleve a la nueva."""
    text = previous.read_text(encoding="utf-8")
    kept, mark, _ = text.rpartition(f"# {FOLLOWING}")
    if not mark:
        raise NewError(f"{previous.name} no acaba con «{FOLLOWING}…»: añádelo y repite.")
    write_text(previous, f"{kept}{mark}{link(source)}.\n")


def fill(entry: MapEntry, sources: dict[str, Path]) -> dict[str, str]:
    """Lo que se pone en los huecos del esqueleto."""
    loaded = [f'"{name}"' for name in entry.libraries if name != "keras"]  # con TensorFlow basta
    frameworks = f", frameworks=({', '.join(loaded)}{',' * (len(loaded) == 1)})" if loaded else ""
    needed = [link(sources[number]) for number in entry.needs if number in sources]
    return {
        "number": entry.number,
        "title": entry.title,
        "needs": ", ".join(needed) or "nada",
        "tools": FRAMEWORKS[entry.frameworks],
        "setup": f"SEED{frameworks}",
        "following": following_text(entry, sources),
    }


def create(number: str, *, title: str = "", frameworks: str = "N", root: Path = ROOT) -> list[Path]:
    """Pone todo lo de una lección nueva y devuelve los archivos creados.

    Raises
    ------
    NewError
        Si no se puede empezar; no se ha escrito nada.
    """
    entry, is_new = find_entry(number, title, frameworks)
    sources = written(root)
    source = root / "notebooks" / "source" / f"{number}_{slugify(entry.title).replace('-', '_')}.py"
    folder = root / "course_utils" / "lessons" / f"lesson_{number}"
    if number in sources or folder.exists():
        raise NewError(f"La lección {number} ya está empezada: mira {folder.relative_to(root)}.")
    values, created = fill(entry, sources), []
    for path in sorted(TEMPLATE.iterdir()):
        target = source if path.name.startswith("source") else folder / path.stem
        write_text(target, Template(path.read_text(encoding="utf-8")).substitute(values))
        created.append(target)
    add_example(number, root)
    if is_new:
        add_to_map(entry, root)
    if before := [path for other, path in sources.items() if other < number]:
        lead_here(before[-1], source)
    return created


def main(argv: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description="Empieza una lección con un esqueleto.")
    parser.add_argument("number", nargs="?", default="", help="como 31")
    parser.add_argument("--title", default="", help="si no está en el mapa")
    parser.add_argument("--frameworks", default="N", choices=FRAMEWORKS, help="lo mismo")
    options = parser.parse_args(argv)
    try:
        created = create(
            options.number, title=options.title, frameworks=options.frameworks, root=root
        )
    except NewError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"creado {path.relative_to(root)}" for path in created))
    print(f"Ahora: `make build`, `make seeds LESSON={options.number}` y `make test-lessons`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

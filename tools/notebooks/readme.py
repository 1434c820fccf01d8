"""Partes del README que se generan: las insignias, cómo clonarlo y el mapa del curso.

Están entre ``<!-- generado: nombre -->`` y ``<!-- fin -->``; el resto se escribe a mano.
"""

from __future__ import annotations

import re

from course_utils.course_map import COURSE, FRAMEWORKS, MODULES, MapEntry

BLOCK = re.compile(r"(<!-- generado: (\w+) -->\n).*?(<!-- fin -->)", flags=re.DOTALL)


def lesson_links(settings: dict[str, str], path: str) -> tuple[str, str]:
    """Direcciones para abrir un cuaderno en Colab y en Binder.

    Parameters
    ----------
    settings : dict
        ``[tool.curso]`` de pyproject.toml: ``repository`` y ``tag``.
    path : str
        El cuaderno, desde la raíz del repositorio.

    Examples
    --------
    >>> lesson_links({"repository": "a/b", "tag": "v1"}, "notebooks/x.ipynb")[1]
    'https://mybinder.org/v2/gh/a/b/v1?urlpath=lab/tree/notebooks/x.ipynb'
    """
    repository, tag = settings["repository"], settings["tag"]
    return (
        f"https://colab.research.google.com/github/{repository}/blob/{tag}/{path}",
        f"https://mybinder.org/v2/gh/{repository}/{tag}?urlpath=lab/tree/{path}",
    )


def badges(settings: dict[str, str], path: str) -> str:
    """Insignias de un cuaderno para el README, en una línea."""
    colab, binder = lesson_links(settings, path)
    return (
        f"[![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
        f"[![Abrir en Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


def text_badges(settings: dict[str, str], path: str) -> str:
    """Lo mismo para dentro de una lección: sin imágenes, que sin conexión saldrían rotas."""
    colab, binder = lesson_links(settings, path)
    return f"[Abrir en Colab]({colab}) · [Abrir en Binder]({binder})"


def course_cell(entry: MapEntry, stems: dict[str, str]) -> str:
    """Una lección en la tabla: enlazada y con sus minutos cuando ya se puede seguir."""
    label, details = f"{entry.number} {entry.title}", [FRAMEWORKS[entry.frameworks]]
    if entry.kind == "proyecto":
        details.insert(0, entry.kind)
    if entry.number in stems and entry.minutes is not None:
        label = f"[**{label}**](notebooks/{stems[entry.number]}.ipynb)"
        details.insert(0, f"{entry.minutes} min")
    return f"{label} ({', '.join(details)})"


def course_table(stems: dict[str, str]) -> str:
    """Tabla con las lecciones de cada módulo; ``stems`` da el archivo de las que ya existen."""
    rows = ["| Módulo | Lecciones |", "|---|---|"]
    for module, name in MODULES.items():
        cells = [course_cell(entry, stems) for entry in COURSE if entry.module == module]
        rows.append(f"| {module} · {name} | {' · '.join(cells)} |")
    return "\n".join(rows)


def clone_commands(settings: dict[str, str]) -> str:
    """Órdenes para traer el curso y abrirlo."""
    repository = settings["repository"]
    folder = repository.split("/")[-1]
    return f"```bash\ngit clone https://github.com/{repository}.git && cd {folder}\nmake lab\n```"


def render(text: str, settings: dict[str, str], stems: dict[str, str]) -> str:
    """README con sus partes generadas al día.

    Parameters
    ----------
    text : str
        README actual.
    settings : dict
        ``[tool.curso]`` de pyproject.toml.
    stems : dict of str to str
        De cada número de lección, el nombre de su archivo.
    """
    parts = {"mapa": course_table(stems), "clonar": clone_commands(settings)}
    if "00" in stems:
        parts["insignias"] = badges(settings, f"notebooks/{stems['00']}.ipynb")
    return BLOCK.sub(
        lambda found: f"{found[1]}{parts.get(found[2], '')}\n{found[3]}",
        text,
    )

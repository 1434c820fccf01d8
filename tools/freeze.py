"""Congela las versiones del entorno en constraints.txt y en environment.yml.

Uso, con el Python del entorno que se quiere describir::

    python -m tools.freeze           # escribe los dos ficheros
    python -m tools.freeze --check   # no escribe: termina con 1 si algo ha cambiado

Solo entran los paquetes que piden, directa o indirectamente, los extras de pyproject.toml:
lo que hayas instalado por tu cuenta no aparece. Las versiones son las públicas, sin el sufijo
local (``2.13.0+cpu`` se escribe ``2.13.0``), para que sirvan con cualquier índice.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
import tomllib
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.files import replace_files

Finder = Callable[[str], metadata.Distribution]

ROOT = Path(__file__).resolve().parents[1]
HEADER = """\
# Versiones públicas exactas con las que se probó el curso (Python {python}).
# Lo escribe tools/freeze.py: no lo edites a mano.
"""
PIN = re.compile(r"^(?P<start>\s*- )(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s#]+)", re.MULTILINE)


def read_project(root: Path = ROOT) -> dict:
    """Devuelve la tabla ``[project]`` de pyproject.toml.

    Examples
    --------
    >>> read_project()["name"]
    'curso-rnn'
    """
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


def oldest_python(requires_python: str) -> str:
    """Devuelve la primera versión que cumple ``requires-python``.

    Examples
    --------
    >>> oldest_python(">=3.11,<3.14")
    '3.11.0'
    """
    floor = next(spec.version for spec in SpecifierSet(requires_python) if spec.operator == ">=")
    return ".".join([*floor.split("."), "0"][:3])


def declared(project: dict, *extras: str) -> dict[str, Requirement]:
    """Devuelve lo que el proyecto pide, por nombre, con sus extras desplegados.

    Parameters
    ----------
    project : dict
        La tabla ``[project]``.
    *extras : str
        Extras que añadir a las dependencias. Un extra que remite a otros del propio
        proyecto (``curso-rnn[series,lab]``) se sustituye por ellos.

    Returns
    -------
    dict
        Cada requisito con su nombre normalizado como clave.

    Raises
    ------
    ValueError
        Si el proyecto no tiene ese extra, o si dos requisitos del mismo paquete discrepan.

    Examples
    --------
    >>> project = {"name": "p", "dependencies": ["numpy>=2.1"],
    ...            "optional-dependencies": {"a": ["p[b]"], "b": ["Torch>=2"]}}
    >>> sorted(declared(project, "a"))
    ['numpy', 'torch']
    """
    own = canonicalize_name(project["name"])
    available = project.get("optional-dependencies", {})
    found: dict[str, Requirement] = {}
    pending = [Requirement(text) for text in project["dependencies"]]
    pending.append(Requirement(f"{own}[{','.join(extras)}]" if extras else own))
    seen: set[str] = set()
    while pending:
        requirement = pending.pop(0)
        name = canonicalize_name(requirement.name)
        if name != own:
            if found.setdefault(name, requirement) != requirement:
                raise ValueError(
                    f"pyproject.toml pide {name} de dos maneras: «{found[name]}» y "
                    f"«{requirement}». Deja una sola."
                )
            continue
        for extra in sorted(requirement.extras - seen):
            if extra not in available:
                raise ValueError(
                    f"pyproject.toml no tiene el extra {extra!r}; tiene: "
                    f"{', '.join(sorted(available))}. Usa uno de ellos o añádelo."
                )
            seen.add(extra)
            pending += map(Requirement, available[extra])
    return found


def closure(
    roots: Iterable[Requirement], *, find: Finder = metadata.distribution
) -> dict[str, metadata.Distribution]:
    """Devuelve cada paquete instalado que las raíces necesitan, ellas incluidas.

    Parameters
    ----------
    roots : iterable of Requirement
        Los requisitos de partida.
    find : callable
        Busca una distribución instalada por su nombre.

    Returns
    -------
    dict
        Distribuciones por nombre normalizado, en orden alfabético.

    Raises
    ------
    RuntimeError
        Si falta por instalar algo que este entorno necesita.

    Examples
    --------
    >>> "pyparsing" in closure([Requirement("matplotlib")])
    True
    """
    distributions: dict[str, metadata.Distribution] = {}
    visited: set[tuple[str, frozenset[str]]] = set()
    pending = [(requirement, "pyproject.toml") for requirement in roots]
    while pending:
        requirement, parent = pending.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in visited:
            continue
        visited.add((name, frozenset(requirement.extras)))
        try:
            distribution = find(requirement.name)
        except metadata.PackageNotFoundError as error:
            raise RuntimeError(
                f"No está instalado {name}, que pide {parent}. Instala el entorno completo "
                "(python -m pip install -e '.[test]') y vuelve a intentarlo."
            ) from error
        distributions[name] = distribution
        for child in map(Requirement, distribution.requires or ()):
            extras = requirement.extras or {""}
            if child.marker is None or any(child.marker.evaluate({"extra": e}) for e in extras):
                pending.append((child, name))
    return dict(sorted(distributions.items()))


def public_versions(
    distributions: dict[str, metadata.Distribution], *, oldest_python: str
) -> dict[str, str]:
    """Devuelve la versión pública de cada paquete, si todas sirven con el Python más antiguo.

    Parameters
    ----------
    distributions : dict
        Lo que devuelve :func:`closure`.
    oldest_python : str
        La primera versión que el curso admite, como ``"3.11.0"``.

    Raises
    ------
    RuntimeError
        Si un paquete pide un Python posterior: el curso no podría instalarse con el más antiguo.

    Examples
    --------
    >>> found = closure([Requirement("cycler")])
    >>> list(public_versions(found, oldest_python="3.11.0"))
    ['cycler']
    """
    for name, distribution in distributions.items():
        wanted = distribution.metadata.get("Requires-Python")
        if wanted and oldest_python not in SpecifierSet(wanted):
            raise RuntimeError(
                f"{name} {distribution.version} pide Python {wanted} y el curso promete funcionar "
                f"con {oldest_python}. Instala una versión anterior "
                f"(python -m pip install '{name}<{distribution.version}') y vuelve a intentarlo."
            )
    return {name: Version(found.version).public for name, found in distributions.items()}


def constraints_text(versions: dict[str, str]) -> str:
    """Devuelve el contenido de constraints.txt.

    Examples
    --------
    >>> print(constraints_text({"numpy": "2.4.6"}).splitlines()[-1])
    numpy==2.4.6
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return HEADER.format(python=python) + "".join(f"{n}=={v}\n" for n, v in versions.items())


def repin(text: str, versions: dict[str, str]) -> str:
    """Devuelve environment.yml con cada ``- nombre==versión`` puesto al día.

    Todo lo demás, comentarios incluidos, queda igual.

    Examples
    --------
    >>> repin("  - keras==3.0  # motivo", {"keras": "3.15.1"})
    '  - keras==3.15.1  # motivo'
    """

    def update(match: re.Match) -> str:
        version = versions.get(canonicalize_name(match["name"]), match["version"])
        return f"{match['start']}{match['name']}=={version}"

    return PIN.sub(update, text)


def frozen_files(root: Path = ROOT) -> dict[Path, str]:
    """Devuelve el contenido que deberían tener constraints.txt y environment.yml."""
    project = read_project(root)
    versions = public_versions(
        closure(declared(project, "test").values()),
        oldest_python=oldest_python(project["requires-python"]),
    )
    environment = root / "environment.yml"
    return {
        root / "constraints.txt": constraints_text(versions),
        environment: repin(environment.read_text("utf-8"), versions),
    }


def main(argv: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Escribe o compara los ficheros; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compara sin escribir nada")
    check = parser.parse_args(argv).check
    try:
        files = frozen_files(root)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    stale = 0
    for path, wanted in files.items():
        current = path.read_text("utf-8") if path.exists() else ""
        if current == wanted:
            print(f"{path.name}: al día")
            continue
        stale += 1
        lines = difflib.unified_diff(current.splitlines(), wanted.splitlines(), lineterm="", n=0)
        print(f"{path.name}: {'distinto de este entorno' if check else 'actualizado'}")
        print("\n".join(line for line in lines if line[:2] not in ("--", "++", "@@")))
        if not check:
            replace_files({path: wanted})
    if check and stale:
        print("Para ponerlos al día con este entorno: python -m tools.freeze")
    return int(bool(check and stale))


if __name__ == "__main__":
    sys.exit(main())

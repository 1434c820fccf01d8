"""Qué versiones pide el curso y cómo se instala lo que falte.

Se leen de los metadatos del paquete instalado o, si se usa el clon sin instalar, de su
``pyproject.toml``: no hay una segunda lista que pueda quedarse atrás.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

DISTRIBUTION = "curso-rnn"
PROJECTS = ("escalar",)  # los extras que pide un proyecto y el resto del curso no
_TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def required(extra: str = "") -> list[Requirement]:
    """Lista los paquetes que pide el curso, con las versiones que admite.

    Parameters
    ----------
    extra : str, default ""
        Grupo opcional de ``pyproject.toml``; ``"curso"`` reúne los de las lecciones. Sin él,
        los paquetes imprescindibles.

    Returns
    -------
    list of packaging.requirements.Requirement
        Vacía si no se encuentra ninguna de las dos fuentes.

    Examples
    --------
    >>> sorted(requirement.name for requirement in required("tensorflow"))
    ['keras', 'tensorflow']
    """
    from packaging.requirements import Requirement

    found = []
    for requirement in map(Requirement, _declared()[1]):
        marker = requirement.marker
        is_optional = marker is not None and "extra" in str(marker)
        if is_optional != bool(extra) or (marker and not marker.evaluate({"extra": extra})):
            continue
        if requirement.name == DISTRIBUTION:
            found += [inner for name in requirement.extras for inner in required(name)]
        else:
            requirement.marker = None
            found.append(requirement)
    return sorted(found, key=str)


def install_command(name: str) -> str:
    """Escribe la orden que instala un paquete en una versión que el curso admite.

    Parameters
    ----------
    name : str
        Nombre del paquete, por ejemplo ``"torch"``.

    Returns
    -------
    str
        Una línea para la terminal.

    Examples
    --------
    >>> install_command("un-paquete-cualquiera")
    'python -m pip install "un-paquete-cualquiera"'
    """
    groups = ("", "curso", *PROJECTS)
    known = {wanted.name: wanted for extra in groups for wanted in required(extra)}
    versions = tidy_versions(known[name].specifier) if name in known else ""
    # Sin este índice, en Linux PyTorch arrastra varios GB de bibliotecas para GPU.
    index = f" --extra-index-url {_TORCH_CPU_INDEX}"
    needs_index = name == "torch" and sys.platform == "linux"
    return f'python -m pip install "{name}{versions}"{index if needs_index else ""}'


def supported_python() -> SpecifierSet:
    """Devuelve las versiones de Python que admite el curso.

    Returns
    -------
    packaging.specifiers.SpecifierSet
        Vacío, que las admite todas, si no se encuentra dónde lo declara el curso.

    Examples
    --------
    >>> "3.12" in supported_python(), "2.7" in supported_python()
    (True, False)
    """
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(_declared()[0])


def tidy_versions(specifier: SpecifierSet) -> str:
    """Escribe un intervalo de versiones con su límite inferior delante.

    Parameters
    ----------
    specifier : packaging.specifiers.SpecifierSet
        El intervalo.

    Returns
    -------
    str
        El intervalo, como se escribe para pip.

    Examples
    --------
    >>> from packaging.specifiers import SpecifierSet
    >>> tidy_versions(SpecifierSet("<3.16,>=3.13"))
    '>=3.13,<3.16'
    """
    return ",".join(sorted(map(str, specifier), reverse=True))


def _declared() -> tuple[str, list[str]]:
    """Versiones de Python y líneas de requisitos, como las escribe pip."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        installed = importlib.metadata.metadata(DISTRIBUTION)
        return installed["Requires-Python"], installed.get_all("Requires-Dist", [])
    source = Path(__file__).resolve().parent.parent / "pyproject.toml"
    if not source.is_file():
        return "", []
    import tomllib

    project = tomllib.loads(source.read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra, wanted in project["optional-dependencies"].items():
        lines += [f'{line}; extra == "{extra}"' for line in wanted]
    return project["requires-python"], lines

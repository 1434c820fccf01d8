"""Los archivos que se llaman como una biblioteca y ocupan su lugar al importarla.

Un ``torch.py`` junto al cuaderno es lo que carga ``import torch``. Aquí se encuentran, para poder
nombrarlos. Se usa solo lo que Python trae ya cargado al arrancar, porque la biblioteca estándar es
justo lo que puede estar tapado, y se entiende desde Python 3.8, porque lo usa ``tools/lab.py``.
"""

from __future__ import annotations

import os
import sys

# El buscador de módulos en carpetas; importarlo de importlib cargaría archivos.
from _frozen_importlib_external import PathFinder

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPIES = os.path.join(ROOT, "mi_curso")  # donde `make lab` deja los cuadernos de quien aprende
_STANDARD = os.path.dirname(os.__file__)
_SITES = ("site-packages", "dist-packages")
# De la biblioteca estándar, pero nadie lo importa: un test.py no molesta.
_HARMLESS = ("test",)


class Libraries:
    """Mientras dura el ``with``, las bibliotecas se buscan antes que en ninguna otra carpeta.

    Examples
    --------
    >>> import sys
    >>> sys.path.insert(0, "")
    >>> with Libraries():
    ...     print(sys.path[0] == "")
    False
    >>> sys.path.pop(0)
    ''
    """

    def __enter__(self) -> None:
        """Pone delante las carpetas de las bibliotecas."""
        self.before = sys.path[:]
        sys.path.sort(key=lambda place: not _is_library(place))

    def __exit__(self, *error: object) -> None:
        """Deja la búsqueda como estaba."""
        sys.path[:] = self.before


def places(search: list[str] | None = None) -> list[str]:
    """Enumera las carpetas en que un archivo puede tapar una biblioteca.

    Son las que Python mira antes que la de los paquetes, la actual y las del curso.

    Parameters
    ----------
    search : list of str, optional
        Las carpetas en que busca Python; por defecto, ``sys.path``.

    Returns
    -------
    list of str
        Rutas absolutas, sin repetir.

    Examples
    --------
    >>> COPIES in places()
    True
    """
    first = []
    for place in sys.path if search is None else search:
        if os.path.basename(place) in _SITES:
            break
        first.append(place)
    found = map(os.path.abspath, [*first, "", ROOT, COPIES])
    return [place for place in dict.fromkeys(found) if not _is_library(place)]


def find_shadows(folders: list[str], sites: list[str] | None = None) -> dict[str, bool]:
    """Busca los archivos y paquetes que se llaman como una biblioteca.

    Parameters
    ----------
    folders : list of str
        Dónde se buscan.
    sites : list of str, optional
        Las carpetas de los paquetes instalados; por defecto, las de este Python.

    Returns
    -------
    dict of str to bool
        La ruta de cada uno y si lo que tapa es de la biblioteca estándar.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("random.py", "numpy.py", "mis_notas.py"):
    ...     _ = (folder / name).write_text("")
    >>> [(pathlib.Path(path).name, standard) for path, standard in find_shadows([folder]).items()]
    [('numpy.py', False), ('random.py', True)]
    """
    if sites is None:
        sites = [place for place in sys.path if os.path.basename(place) in _SITES]
    found = {}
    for folder in map(str, folders):
        for name in _module_names(folder):
            path = _origin(name, [folder])
            if not path or _is_harmless(name, path):
                continue
            if _origin(name, _standard_places()):
                found[path] = True
            elif _origin(name, sites) or name == "course_utils":
                found[path] = False
    return found


def is_winning(path: str, search: list[str] | None = None) -> bool:
    """Indica si ``import`` carga hoy ese archivo en lugar de la biblioteca.

    Parameters
    ----------
    path : str
        Una ruta que ha dado :func:`find_shadows`.
    search : list of str, optional
        Las carpetas en que busca Python; por defecto, ``sys.path``.

    Examples
    --------
    >>> is_winning("/no/existe/torch.py")
    False
    """
    return _origin(library_name(path), search or sys.path) == path


def library_name(path: str) -> str:
    """Devuelve el nombre con que se importa un archivo o un paquete.

    Parameters
    ----------
    path : str
        Su ruta.

    Examples
    --------
    >>> library_name("mi_curso/torch.py"), library_name("mi_curso/torch")
    ('torch', 'torch')
    """
    return os.path.basename(path).split(".")[0]


def _module_names(folder: str) -> list[str]:
    """Nombres que se podrían importar de una carpeta."""
    try:
        entries = os.listdir(folder)
    except OSError:
        return []
    names = {entry.split(".")[0] for entry in entries}
    return sorted(name for name in names if name.isidentifier() and name != "__pycache__")


def _origin(name: str, folders: list[str]) -> str:
    """El archivo o la carpeta de donde saldría un módulo; vacío si no está."""
    spec = PathFinder.find_spec(name, folders)
    if spec is None or not spec.has_location:  # no está, o es una carpeta sin __init__.py
        return ""
    origin = os.path.abspath(spec.origin)
    return os.path.dirname(origin) if spec.submodule_search_locations else origin


def _is_harmless(name: str, path: str) -> bool:
    """Si no puede tapar nada: Python ya lo trae dentro, o es del propio curso."""
    return (
        name in _HARMLESS
        or name in sys.builtin_module_names
        or (name == "course_utils" and os.path.isdir(path))
        or (os.path.dirname(path) == ROOT and name in ("conftest", "tools"))
    )


def _standard_places() -> list[str]:
    """Las carpetas de la biblioteca estándar."""
    compiled = os.path.join(sys.base_prefix, "DLLs")  # en Windows
    return [_STANDARD, os.path.join(_STANDARD, "lib-dynload"), compiled]


def _is_library(place: str) -> bool:
    """Si una carpeta de ``sys.path`` es de bibliotecas."""
    return (
        os.path.basename(place) in _SITES
        or place.endswith(".zip")
        or os.path.abspath(place) in _standard_places()
    )

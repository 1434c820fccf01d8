"""Lo que llevas resuelto, guardado en tu equipo entre una sesión y otra.

Un archivo pequeño por ejercicio, al que solo se le añaden líneas: dos cuadernos abiertos a la vez
no se pisan, porque lo logrado es la mejor de todas.
"""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path

STATES = ("sin intentar", "error", "incorrecto", "correcto")


def folder() -> Path:
    """Carpeta donde se guarda."""
    from course_utils.environment import home_dir

    return home_dir() / "progress"


def remember(key: str, state: str) -> None:
    """Apunta un resultado; el mejor logrado se conserva.

    Raises
    ------
    OSError
        Si no se puede guardar; ``reason`` lo dice en español.
    """
    best = recall(key)
    if best is not None and STATES.index(best) >= STATES.index(state):
        return
    folder().mkdir(parents=True, exist_ok=True)
    with open(folder() / key, "ab") as file:
        # La línea empieza de nuevo aunque la anterior se quedara a medias, y se escribe de una vez.
        file.write(f"\n{state}\n".encode())


def recall(key: str) -> str | None:
    """Mejor resultado guardado de un ejercicio, o ``None``."""
    try:
        lines = (folder() / key).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return max((line for line in lines if line in STATES), key=STATES.index, default=None)


def forget() -> bool:
    """Borra todo lo guardado. Devuelve si había algo.

    Raises
    ------
    OSError
        Si algo no se puede borrar.
    """
    found = False
    with contextlib.suppress(FileNotFoundError):
        for path in list(folder().iterdir()):
            path.unlink(missing_ok=True)
            found = True
    return found


def reason(error: OSError) -> str:
    """Qué ha fallado al guardar o borrar, y qué hacer.

    Examples
    --------
    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'no queda sitio en el disco. Libera espacio y repite'
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "no queda sitio en el disco. Libera espacio y repite"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "no tienes permiso para escribir ahí. Cambia los permisos o usa CURSO_HOME"
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return "una parte de esa ruta no es lo que debe ser, carpeta o archivo. Apártala y repite"
    return f"{error.strerror or error}"

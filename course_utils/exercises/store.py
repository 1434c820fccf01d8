"""Lo que llevas resuelto, guardado en tu equipo entre una sesión y otra.

Un archivo pequeño por ejercicio: dos cuadernos abiertos a la vez no se pisan.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

STATES = ("sin intentar", "error", "incorrecto", "correcto")


def folder() -> Path:
    """Carpeta donde se guarda."""
    from course_utils.environment import home_dir

    return home_dir() / "progress"


def remember(key: str, state: str) -> bool:
    """Apunta un resultado; el mejor logrado se conserva. Devuelve si se ha podido guardar."""
    best = recall(key)
    if best is not None and STATES.index(best) >= STATES.index(state):
        return True
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place, prefix=".nuevo-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(state)
        os.replace(temporary, place / key)
    except OSError:
        return False
    return True


def recall(key: str) -> str | None:
    """Mejor resultado guardado de un ejercicio, o ``None``."""
    try:
        state = (folder() / key).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return state if state in STATES else None


def forget() -> None:
    """Borra todo lo guardado."""
    shutil.rmtree(folder(), ignore_errors=True)

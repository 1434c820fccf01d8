"""Escribir archivos de una vez: o quedan enteros o quedan como estaban."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write_text(path: Path, text: str) -> bool:
    """Escribe un texto de una vez (o nada); devuelve si ha cambiado algo."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    # Un nombre que no se repite: dos órdenes a la vez no se pisan.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.nuevo")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return True

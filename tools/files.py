"""Escribir archivos de golpe: o quedan enteros o sigue lo que había."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path


def replace_files(contents: Mapping[Path, bytes | str]) -> None:
    """Escribe varios archivos aparte y, solo cuando todos están enteros, los pone en su sitio.

    El nombre temporal es único: dos programas que escriben el mismo archivo no se estorban.

    Parameters
    ----------
    contents : mapping of Path to bytes or str
        Qué va en cada archivo; un texto se escribe en UTF-8, con sus saltos de línea tal cual. Las
        carpetas que falten se crean.

    Raises
    ------
    OSError
        Si no se puede escribir; lo que había sigue igual y no quedan restos.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> replace_files({folder / "a.txt": "uno", folder / "b.bin": b"dos"})
    >>> sorted(path.name for path in folder.iterdir())
    ['a.txt', 'b.bin']
    """
    parts = {path: path.with_name(f".{path.name}.{uuid.uuid4().hex}.part") for path in contents}
    try:
        for path, part in parts.items():
            content = contents[path]
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        for path, part in parts.items():
            os.replace(part, path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)

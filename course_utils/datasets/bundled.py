"""El registro de datos y los archivos que vienen con el curso, verificados en cada lectura."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from pathlib import Path


class DatasetError(RuntimeError):
    """Los datos del curso faltan o no son los registrados; el mensaje dice cómo recuperarlos."""


def data_dir() -> Path:
    """Carpeta de los datos que vienen con el curso, en un clon o en un paquete instalado.

    Examples
    --------
    >>> (data_dir() / "registry.toml").is_file()
    True
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def registry() -> dict[str, dict]:
    """Lee el registro de datos: por cada nombre, su archivo, sha256, licencia y procedencia.

    Raises
    ------
    DatasetError
        Si falta o no se puede leer.

    Examples
    --------
    >>> registry()["elnino"]["loader"]
    'load_elnino'
    """
    path = data_dir() / "registry.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"No se puede leer el registro de datos {path} ({error}). {mend_bundled()}"
        ) from error


def entry_of(name: str) -> dict:
    """Entrada del registro, con un sha256 que al menos tiene forma de serlo."""
    entry = registry().get(name, {})
    if not is_sha256(entry.get("sha256")):
        path = data_dir() / "registry.toml"
        raise DatasetError(
            f"En el registro de datos {path}, la entrada [{name}] falta o su sha256 no son 64 "
            f"cifras hexadecimales. {mend_bundled()}"
        )
    return entry


def read_table(name: str) -> dict[str, list[str]]:
    """Columnas de un CSV que viene con el curso, como textos."""
    rows = list(csv.reader(io.StringIO(read_bundled(name).decode("utf-8"))))
    return {column: list(values) for column, *values in zip(*rows, strict=True)}


def read_bundled(name: str) -> bytes:
    """Contenido verificado de un archivo que viene con el curso."""
    entry = entry_of(name)
    return read_verified(data_dir() / entry["file"], entry["sha256"])


def read_verified(path: Path, sha256: str) -> bytes:
    """Contenido de un archivo que viene con el curso, si es el registrado.

    Raises
    ------
    DatasetError
        Si falta, no se puede leer o su contenido es otro.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"No se puede leer {path} ({error.strerror or error}). {mend_bundled()}"
        ) from error
    verify_content(content, sha256, name=str(path), mend=mend_bundled())
    return content


def is_sha256(value: object) -> bool:
    """Dice si un valor tiene la forma de un sha256 en hexadecimal.

    Examples
    --------
    >>> is_sha256("0" * 64), is_sha256("abc"), is_sha256(None)
    (True, False, False)
    """
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def verify_content(content: bytes, sha256: str, *, name: str, mend: str) -> None:
    """Comprueba que un contenido es el registrado.

    Parameters
    ----------
    content : bytes
        Lo que se ha leído.
    sha256 : str
        El registrado.
    name, mend : str
        De qué es y qué hacer si no coincide, para el mensaje.

    Raises
    ------
    DatasetError
        Si es otro.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DatasetError(
            f"El contenido de {name} no es el registrado: se esperaba el sha256 "
            f"{sha256[:12]}… y es {found[:12]}… ({len(content)} bytes). {mend}"
        )


def mend_bundled() -> str:
    """Cómo se recuperan los datos que vienen con el curso."""
    if data_dir().name == "_datasets":
        return "Reinstala el curso con: python -m pip install --force-reinstall --no-deps curso-rnn"
    return "Recupera los datos con: git checkout -- datasets (o descarga el curso de nuevo)."

"""Cifras en inglés dichas por personas (Free Spoken Digit Dataset), que se descargan."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.datasets.bundled import entry_of, verify_content
from course_utils.datasets.fetched import read_fetched

NAME = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")  # cifra, locutor y toma


class SpokenDigits(NamedTuple):
    """Grabaciones de una cifra cada una, en el mismo orden en todos los campos.

    Attributes
    ----------
    samples : list of ndarray of int16, shape (muestras,)
        Los sonidos.
    digits, takes : ndarray of int64, shape (grabaciones,)
        La cifra y el número de la toma: cada locutor dice cada cifra cincuenta veces.
    speakers : ndarray of str, shape (grabaciones,)
        Quién habla.
    rate : int
        Muestras por segundo.
    """

    samples: list[np.ndarray]
    digits: np.ndarray
    takes: np.ndarray
    speakers: np.ndarray
    rate: int = 8_000


def load_spoken_digits(path: str | Path | None = None) -> SpokenDigits:
    """Las cifras del cero al nueve dichas en inglés por varias personas; se descargan.

    Parameters
    ----------
    path : str or Path, optional
        El ``.tar.gz`` ya descargado. Sin él se busca en la carpeta personal del curso y, si no
        está, se descarga.

    Returns
    -------
    SpokenDigits
        Ordenadas por locutor, cifra y toma.

    Raises
    ------
    DownloadError
        Si hay que descargarlas y no se puede.
    DatasetError
        Si el archivo de ``path`` no es el registrado, o el registro de datos está mal escrito.
    OSError
        Si el archivo de ``path`` no se puede leer.
    ImportError
        Si falta SciPy.

    Examples
    --------
    Ocupan 12 MB; este ejemplo solo mira de dónde se descargan:

    >>> from course_utils.datasets import registry
    >>> registry()["spoken_digits"]["url"].split("/")[-1]
    'v1.0.9.tar.gz'
    """
    content = read_fetched("spoken_digits") if path is None else _read(Path(path))
    return read_recordings(content)


def read_recordings(content: bytes) -> SpokenDigits:
    """Las grabaciones de un ``.tar.gz`` con ``recordings/CIFRA_LOCUTOR_TOMA.wav``, sin extraerlas.

    Raises
    ------
    ImportError
        Si falta SciPy.
    ValueError
        Si no hay ninguna o alguna no va a 8000 muestras por segundo.
    """
    found = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            folder, _, name = member.name.rpartition("/")
            match = NAME.fullmatch(name)
            if match and member.isfile() and folder.split("/")[-1] == "recordings":
                samples = _read_samples(archive.extractfile(member).read(), name)
                found.append((match[2], int(match[1]), int(match[3]), samples))
    if not found:
        raise ValueError("El archivo no trae ninguna grabación de recordings/.")
    found.sort(key=lambda one: one[:3])
    speakers, digits, takes, samples = zip(*found, strict=True)
    return SpokenDigits(list(samples), np.array(digits), np.array(takes), np.array(speakers))


def _read_samples(content: bytes, name: str) -> np.ndarray:
    try:
        from scipy.io import wavfile
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "load_spoken_digits necesita SciPy y no se puede importar. Instálalo con: "
            f"{install_command('scipy')}"
        ) from error
    rate, samples = wavfile.read(io.BytesIO(content))
    if rate != SpokenDigits._field_defaults["rate"] or samples.dtype != np.int16:
        raise ValueError(f"{name} debía ir a 8000 muestras por segundo de 16 bits; va a {rate}.")
    # Alguna trae dos canales iguales: basta uno.
    return samples if samples.ndim == 1 else samples[:, 0].copy()


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    mend = "Pasa el .tar.gz de la versión 1.0.9, o no pases ninguno y se descargará."
    sha256 = entry_of("spoken_digits")["sha256"]
    verify_content(content, sha256, name=str(path), mend=mend)
    return content

"""Los conjuntos opcionales, que se descargan la primera vez y se verifican siempre."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.datasets.bundled import entry_of, registry, verify_content
from course_utils.downloads import download, matches
from course_utils.validation import describe


@dataclass(frozen=True, eq=False)
class TrainTest:
    """Un conjunto que se publica ya separado en entrenamiento y prueba.

    Attributes
    ----------
    x_train, x_test : ndarray or list of ndarray
        Entradas: un array de imágenes, o una lista con un array por texto.
    y_train, y_test : ndarray of int64
        Etiquetas.
    name, source : str
        Nombre y procedencia.
    """

    x_train: np.ndarray | list[np.ndarray]
    y_train: np.ndarray
    x_test: np.ndarray | list[np.ndarray]
    y_test: np.ndarray
    name: str
    source: str


def fetch(name: str) -> Path:
    """Descarga un conjunto opcional, si no estaba ya, y dice dónde queda.

    Se guarda en la carpeta ``datasets`` de ``course_utils.environment.home_dir()``.

    Parameters
    ----------
    name : str
        Nombre en el registro: ``"imdb"``, ``"mnist"``, ``"sentence_pairs"`` o
        ``"spoken_digits"``.

    Returns
    -------
    Path
        El archivo, entero y verificado.

    Raises
    ------
    ValueError
        Si ``name`` no es un conjunto que se descargue.
    DownloadError
        Si no se consigue.
    DatasetError
        Si el registro de datos falta o está mal escrito.

    Examples
    --------
    >>> fetch("co2")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: name debe ser un conjunto que se descarga ('imdb', 'mnist', 'sentence_pairs', ...
    """
    optional = [key for key, entry in registry().items() if "url" in entry]
    if name not in optional:
        raise ValueError(
            f"name debe ser un conjunto que se descarga ({str(optional)[1:-1]}); ha llegado "
            f"{describe(name)}. Los demás vienen con el curso: usa su función load_*."
        )
    from course_utils.environment import home_dir

    entry = entry_of(name)
    path = home_dir() / "datasets" / entry["file"]
    if not matches(path, entry["sha256"]):
        print(f"Descargando {entry['file']} (unos {entry['size_mb']} MB) en {path.parent}…")
    return download(entry["url"], path, sha256=entry["sha256"], member=entry.get("member"))


def read_fetched(name: str) -> bytes:
    """Contenido verificado de un archivo que se descarga."""
    path = fetch(name)
    content = path.read_bytes()
    sha256 = entry_of(name)["sha256"]
    verify_content(content, sha256, name=str(path), mend="Vuelve a ejecutar la celda.")
    return content


def train_test(name: str, arrays: dict) -> TrainTest:
    """Los arrays de un conjunto descargado, con su nombre y su procedencia."""
    entry = entry_of(name)
    return TrainTest(
        x_train=arrays["x_train"],
        y_train=arrays["y_train"].astype(np.int64),
        x_test=arrays["x_test"],
        y_test=arrays["y_test"].astype(np.int64),
        name=entry["description"],
        source=entry["source"],
    )

"""Dígitos manuscritos, pequeños y grandes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.datasets.bundled import entry_of, verify_content
from course_utils.datasets.fetched import TrainTest, read_fetched, train_test


@dataclass(frozen=True, eq=False)
class Digits:
    """Dígitos escritos a mano.

    Attributes
    ----------
    images : ndarray of float64, shape (1797, 8, 8)
        Intensidad de cada punto, de 0 a 16.
    labels : ndarray of int64, shape (1797,)
        El dígito, de 0 a 9.
    name, source : str
        Nombre y procedencia.
    """

    images: np.ndarray
    labels: np.ndarray
    name: str
    source: str


def load_digits() -> Digits:
    """Dígitos manuscritos de 8 × 8 puntos, los que trae scikit-learn.

    Returns
    -------
    Digits
        1797 imágenes y sus etiquetas.

    Raises
    ------
    ImportError
        Si scikit-learn no está instalado.
    DatasetError
        Si los datos de la versión instalada no son los registrados.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.images.shape, digits.labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    bunch = read_digits()
    return Digits(
        images=bunch.images,
        labels=bunch.target.astype(np.int64),
        name="dígitos manuscritos",
        source=entry_of("digits")["source"],
    )


def read_digits() -> Any:
    """Los dígitos verificados, tal como los da scikit-learn."""
    try:
        from sklearn.datasets import load_digits as from_sklearn
    except ImportError as error:
        raise ImportError(
            "load_digits necesita scikit-learn y no se puede importar. Instálalo con: "
            "python -m pip install scikit-learn"
        ) from error
    sha256 = entry_of("digits")["sha256"]
    bunch = from_sklearn()
    content = bunch.images.astype(np.uint8).tobytes() + bunch.target.astype(np.uint8).tobytes()
    verify_content(
        content,
        sha256,
        name="los dígitos de scikit-learn",
        mend="Reinstala scikit-learn con: python -m pip install --force-reinstall scikit-learn",
    )
    return bunch


def load_mnist() -> TrainTest:
    """Dígitos manuscritos de 28 × 28 puntos (MNIST); la primera vez los descarga.

    Returns
    -------
    TrainTest
        60 000 imágenes de entrenamiento y 10 000 de prueba, uint8 de 0 a 255, y sus dígitos.

    Raises
    ------
    DownloadError
        Si hay que descargarlo y no se puede.
    DatasetError
        Si el registro de datos falta o está mal escrito.

    Examples
    --------
    Ocupa unos 11 MB; este ejemplo solo mira dónde está, sin descargarlo:

    >>> from course_utils.datasets import registry
    >>> registry()["mnist"]["url"].split("/")[-1]
    'mnist.npz'
    """
    with np.load(io.BytesIO(read_fetched("mnist")), allow_pickle=False) as arrays:
        return train_test("mnist", dict(arrays))

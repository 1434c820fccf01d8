"""Lectura de ``.npz`` que guardan listas de enteros como arrays de objetos.

NumPy guarda un array de objetos como *pickle*, y leer un *pickle* ajeno puede ejecutar cualquier
código. Aquí no se ejecuta nada: los tres nombres con los que NumPy describe un array se
sustituyen por huecos inertes que solo recuerdan lo que reciben, y cualquier otro nombre se rechaza.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import BinaryIO

import numpy as np


def read_npz(data: bytes) -> dict[str, np.ndarray | list[np.ndarray]]:
    """Lee un ``.npz`` sin ejecutar nada de lo que contenga.

    Parameters
    ----------
    data : bytes
        El contenido del archivo, con su sha256 ya comprobado.

    Returns
    -------
    dict
        Un array por nombre; donde el archivo guarda un array de listas de enteros, una lista de
        arrays int32, uno por lista.

    Raises
    ------
    ValueError
        Si contiene cualquier cosa que no sean números o listas de enteros.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> ragged = np.array([[1, 2, 3], [4]], dtype=object)
    >>> np.savez(file, x=ragged, y=np.array([0, 1]))
    >>> read_npz(file.getvalue())["x"]
    [array([1, 2, 3], dtype=int32), array([4], dtype=int32)]
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        return {
            name.removesuffix(".npy"): _read_npy(io.BytesIO(content))
            for name, content in members.items()
        }
    except Exception as error:  # un archivo hostil puede provocar un error de cualquier tipo
        raise ValueError(
            "El .npz debía contener solo números o listas de enteros y se ha rechazado "
            f"({error}). No lo abras con allow_pickle=True: bórralo y descárgalo de nuevo."
        ) from error


def _read_npy(file: BinaryIO) -> np.ndarray | list[np.ndarray]:
    version = np.lib.format.read_magic(file)
    # La 3.0 solo cambia la codificación de los nombres de campo, que aquí no los hay.
    read_header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = read_header(file)
    if not dtype.hasobject:
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)
    if dtype.char != "O" or len(shape) != 1:
        raise ValueError(f"un array de tipo {dtype} y forma {shape}")
    return _read_lists(file, count=shape[0])


def _read_lists(file: BinaryIO, *, count: int) -> list[np.ndarray]:
    """Lee el *pickle* de un array de objetos cuyos elementos son listas de enteros."""
    items = _inert_items(file)
    if len(items) != count:
        raise ValueError(f"{len(items)} listas donde la cabecera anuncia {count}")
    for item in items:
        if type(item) is not list or not all(type(value) is int for value in item):
            raise ValueError("un elemento que no es una lista de enteros")
    return [np.array(item, dtype=np.int32) for item in items]


def _inert_items(file: BinaryIO) -> list:
    """Elementos de un array serializado, sin crear el array ni llamar a NumPy."""

    # Se definen en cada lectura: nada de lo que un archivo les haga llega a la siguiente.
    class InertArray:
        def __init__(self, *args: object) -> None:
            """Ocupa el lugar de ``_reconstruct(ndarray, (0,), b"b")``."""

        def __setstate__(self, state: tuple) -> None:
            self.state = state  # (versión, forma, tipo, orden, elementos)

    class InertDtype:
        def __init__(self, *args: object) -> None:
            """Ocupa el lugar de ``dtype("O8", False, True)``."""

        def __setstate__(self, state: tuple) -> None:
            """No le hace falta: la cabecera del .npy ya ha dicho el tipo."""

    allowed = {
        ("numpy", "ndarray"): InertArray,
        ("numpy", "dtype"): InertDtype,
        ("numpy.core.multiarray", "_reconstruct"): InertArray,  # escrito con NumPy 1
        ("numpy._core.multiarray", "_reconstruct"): InertArray,  # escrito con NumPy 2
    }

    class Reader(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> type:
            if (module, name) not in allowed:
                raise pickle.UnpicklingError(f"pide usar {module}.{name}")
            return allowed[module, name]

    result = Reader(file).load()
    items = result.state[4] if type(result) is InertArray else None
    if type(items) is not list:
        raise ValueError("un objeto que no es un array de listas")
    return items

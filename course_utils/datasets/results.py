"""Lo que midieron los experimentos largos, que no caben en una lección.

Cada resultado son dos archivos de ``datasets/results/``, que escribe
``tools/experiments/results.py``: la tabla, ``NOMBRE.csv``, y su entrada de registro,
``NOMBRE.toml``, con el sha256 de la tabla y con lo que hace falta para repetirla.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from course_utils.datasets import bundled
from course_utils.datasets.bundled import DatasetError, is_sha256, mend_bundled, read_verified

BOOLEANS = {"true": True, "false": False}


def _floats(texts: list[str]) -> np.ndarray:
    return np.array([float(text) for text in texts])


def _integers(texts: list[str]) -> np.ndarray:
    return np.array([int(text) for text in texts], dtype=np.int64)


def _booleans(texts: list[str]) -> np.ndarray:
    return np.array([BOOLEANS[text] for text in texts])


# Lo que dice el registro de un resultado, y de qué tipo es.
ENTRY = {
    "description": str,
    "script": str,
    "seeds": list,
    "machine": str,
    "date": str,
    "sha256": str,
    "columns": dict,
    "versions": dict,
    "fingerprint": str,  # los primeros resultados no la guardan
}
# Cómo se lee una columna según el tipo que dice su registro.
READERS: dict[str, Callable[[list[str]], np.ndarray]] = {
    "bool": _booleans,
    "float": _floats,
    "int": _integers,
    "text": np.array,
}


@dataclass(frozen=True, eq=False)
class Result:
    """Lo que midió un experimento largo y cómo se midió.

    ``result["columna"]`` es lo mismo que ``result.columns["columna"]``.

    Attributes
    ----------
    columns : dict of str to ndarray, each of shape (filas,)
        Un array por columna, en el orden del archivo; las filas se corresponden.
    name, description : str
        Nombre y qué se midió.
    script : str
        Programa que lo midió, desde la raíz del repositorio.
    seeds : tuple of int
        Semillas que se usaron.
    versions : dict of str to str
        Versión de Python y de cada biblioteca de la que depende.
    machine, date : str
        En qué ordenador y qué día (año, mes y día); si fueron varios, todos y el último.
    fingerprint : str
        Huella del código que lo midió; vacía en los resultados que no la guardan.
    """

    columns: dict[str, np.ndarray]
    name: str
    description: str
    script: str
    seeds: tuple[int, ...]
    versions: dict[str, str]
    machine: str
    date: str
    fingerprint: str

    def __getitem__(self, column: str) -> np.ndarray:
        if column not in self.columns:
            raise KeyError(
                f"El resultado {self.name!r} no tiene la columna {column!r}. "
                f"Tiene: {', '.join(self.columns)}."
            )
        return self.columns[column]


def load_result(name: str) -> Result:
    """Lee el resultado de un experimento largo, verificado.

    Parameters
    ----------
    name : str
        Nombre del archivo de ``datasets/results/``, sin ``.csv``.

    Returns
    -------
    Result
        Sus columnas, como arrays, y con qué programa, semillas, versiones y ordenador se obtuvo.

    Raises
    ------
    ValueError
        Si no hay ningún resultado con ese nombre.
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> load_result("no_existe")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: No hay ningún resultado que se llame 'no_existe'. ...
    """
    folder = bundled.data_dir() / "results"
    known = _names(folder)
    if name not in known:
        close = get_close_matches(str(name), known, n=1)
        guess = f" ¿Querías decir {close[0]!r}?" if close else ""
        listed = f"Los que hay: {str(known)[1:-1]}." if known else "Todavía no hay ninguno."
        raise ValueError(f"No hay ningún resultado que se llame {name!r}. {listed}{guess}")
    return read_result(folder, name)


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def read_result(folder: Path, name: str) -> Result:
    """Lee y verifica el resultado ``name`` de una carpeta.

    Raises
    ------
    DatasetError
        Si a su registro le falta algo, o el CSV falta o no es el registrado.
    """
    path = folder / f"{name}.toml"
    try:
        entry = {"fingerprint": ""} | tomllib.loads(path.read_text(encoding="utf-8"))
        _check_entry(entry)
        content = read_verified(folder / f"{name}.csv", entry.pop("sha256"))
        columns = _read_columns(content.decode("utf-8"), entry.pop("columns"))
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(
            f"El registro del resultado, {path}, falta o está mal escrito ({error}). "
            f"{mend_bundled()}"
        ) from error
    return Result(columns=columns, name=name, **entry | {"seeds": tuple(entry["seeds"])})


def _check_entry(entry: dict) -> None:
    for key, kind in ENTRY.items():
        if not isinstance(entry.get(key), kind):
            raise ValueError(f"{key} falta o no es de tipo {kind.__name__}")
    if entry.keys() != ENTRY.keys():
        raise ValueError(f"sobra {', '.join(entry.keys() - ENTRY.keys())}")
    if not is_sha256(entry["sha256"]):
        raise ValueError("su sha256 no son 64 cifras hexadecimales")


def _read_columns(text: str, kinds: dict[str, str]) -> dict[str, np.ndarray]:
    header, *rows = csv.reader(io.StringIO(text))
    if header != list(kinds):
        raise ValueError(f"las columnas del CSV son {header} y las registradas {list(kinds)}")
    return {
        column: READERS[kinds[column]](list(texts))
        for column, texts in zip(header, zip(*rows, strict=True), strict=True)
    }


def verify_results(folder: Path) -> list[str]:
    """Comprueba los resultados de una carpeta, que puede no existir.

    Returns
    -------
    list of str
        Los problemas, uno por archivo.

    Examples
    --------
    >>> verify_results(bundled.data_dir() / "results")
    []
    """
    problems = []
    for name in _names(folder):
        try:
            read_result(folder, name)
        except DatasetError as error:
            problems.append(str(error))
    for path in sorted(folder.glob("*.csv")):
        if not path.with_suffix(".toml").is_file():
            problems.append(
                f"{path} no está registrado: falta {path.stem}.toml. Escríbelo con "
                "tools/experiments/results.py o borra el CSV."
            )
    return problems

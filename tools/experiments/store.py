"""Guarda los puntos que mide un barrido: una línea de JSON por punto, y ninguna se pierde."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from tools.experiments.results import Cell, Provenance

Point = dict[str, object]


class Measured(NamedTuple):
    """Un punto medido: los parámetros, sus filas y de dónde salen."""

    point: Point
    rows: list[dict[str, Cell]]
    source: Provenance

    @property
    def key(self) -> str:
        """Lo que distingue a este punto de los demás de la rejilla."""
        return point_key(self.point)

    def to_line(self) -> str:
        """Una línea de JSON; los números de NumPy se guardan como los de Python."""
        record = {"point": self.point, "rows": self.rows, **self.source._asdict()}
        return json.dumps(record, ensure_ascii=False, default=np.generic.item)

    @classmethod
    def from_line(cls, line: str | bytes) -> Measured:
        """El punto que hay en una línea."""
        record = json.loads(line)
        return cls(record.pop("point"), record.pop("rows"), Provenance(**record))


def point_key(point: Point) -> str:
    """Los parámetros de un punto, como texto.

    Raises
    ------
    ValueError
        Si alguno no se puede guardar tal cual en JSON.

    Examples
    --------
    >>> point_key({"seed": 0, "cell": "GRU"})
    '{"cell": "GRU", "seed": 0}'
    """
    key = json.dumps(point, sort_keys=True, ensure_ascii=False, default=str)
    if json.loads(key) != point:
        raise ValueError(
            "Los parámetros de un punto deben ser textos, números, lógicos, None o listas; "
            f"ha llegado {point!r}."
        )
    return key


class PointLog:
    """El archivo de una ejecución, en el que nadie más escribe; se crea con el primer punto.

    Parameters
    ----------
    folder : Path
        Dónde se crea.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{uuid.uuid4().hex}.jsonl"
        self._file = None

    def __enter__(self) -> PointLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def append(self, found: Measured) -> None:
        """Añade un punto y espera a que esté en el disco."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb")
        self._file.write(f"{found.to_line()}\n".encode())
        self._file.flush()
        os.fsync(self._file.fileno())


def read_points(folder: Path) -> Iterator[Measured]:
    """Lo que han medido todas las ejecuciones que dejaron su archivo en una carpeta.

    Si la última línea de un archivo quedó a medias, lo avisa y la descarta.

    Raises
    ------
    ValueError
        Si cualquier otra línea está estropeada.
    """
    for path in sorted(folder.glob("*.jsonl")):
        *lines, half = path.read_bytes().split(b"\n")
        if half:
            warn(f"{path.name} acaba en una línea a medias: ese punto se vuelve a medir.")
        for number, line in enumerate(lines, start=1):
            try:
                yield Measured.from_line(line)
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"La línea {number} de {path} está estropeada ({error}). Bórrala y ese punto "
                    "se volverá a medir."
                ) from error


def warn(text: str) -> None:
    """Avisa sin romper la barra de progreso."""
    tqdm.write(text, file=sys.stderr)

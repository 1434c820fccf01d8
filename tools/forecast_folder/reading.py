"""Encuentra las series de una carpeta de CSV: las que se pueden usar y, de las demás, la razón."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Cómo llaman unos y otros a las columnas que dicen el periodo y el horizonte de cada serie.
NAMES = {
    "name": ("series", "serie", "id", "unique_id", "m4id"),
    "period": ("period", "periodo", "frequency", "seasonality"),
    "horizon": ("horizon", "horizonte"),
}
STACKED = ("unique_id", "ds", "y")
PAIR = ("-train", "_train"), ("-test", "_test")
# La primera celda de una fila de nombres, aunque las demás sean números.
FIRST_NAMES = {"", "date", "ds", "fecha", "time", "timestamp", "datetime", *NAMES["name"]}
DATE_FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y")
LAYOUTS = ("auto", "wide", "long")


class Series(NamedTuple):
    """Una serie que se puede usar.

    Attributes
    ----------
    file, name : str
        De qué archivo y cómo se llama en él.
    values : ndarray of shape (tiempo,)
    period, horizon : int
        Su ciclo y cuántos pasos se pronostican.
    """

    file: str
    name: str
    values: np.ndarray
    period: int
    horizon: int


class Refused(NamedTuple):
    """Algo que no se puede usar: un archivo entero, si ``name`` está vacío, o una de sus series."""

    file: str
    name: str
    reason: str


class Settings(NamedTuple):
    """Lo que se pide a todas las series.

    Attributes
    ----------
    period, horizon : int or None
        Los de las series de las que no diga otra cosa ``info``.
    origins : int
        Cuántos orígenes de prueba, de horizonte en horizonte.
    validations : int
        Cuántos orígenes de validación, de horizonte en horizonte: si los plazos se solaparan, lo
        que se elige con unos no se podría juzgar con los otros.
    layout : {"auto", "wide", "long"}
        Cómo vienen: una serie por fila, una por columna, o que se mire.
    info : mapping
        De una serie, su ``{"period": …, "horizon": …}``.
    """

    period: int | None
    horizon: int | None
    origins: int = 1
    validations: int = 3
    layout: str = "auto"
    info: Mapping[str, Mapping[str, int]] = {}

    def first_origin(self, count: int, horizon: int) -> int:
        """El origen más antiguo desde el que se valida una serie de ``count`` valores."""
        return count - (self.origins + self.validations) * horizon

    def validation_origins(self, one: Series) -> list[int]:
        """Los orígenes desde los que se valida una serie: el último plazo acaba con lo conocido."""
        first = self.first_origin(len(one.values), one.horizon)
        return [first + k * one.horizon for k in range(self.validations)]

    def test_origins(self, one: Series) -> list[int]:
        """Los orígenes de prueba de una serie, cuyos plazos no se solapan."""
        first = len(one.values) - self.origins * one.horizon
        return list(range(first, len(one.values), one.horizon))


def read_folder(folder: Path, settings: Settings) -> tuple[list[Series], list[Refused]]:
    """Lee todos los CSV de una carpeta y de las que tenga dentro.

    Un par ``X-train.csv`` y ``X-test.csv`` son las mismas series cortadas: se unen, y el horizonte
    es lo que trae la prueba.

    Parameters
    ----------
    folder : Path
        La carpeta.
    settings : Settings
        Lo que se pide.

    Returns
    -------
    tuple of (list of Series, list of Refused)
        Por orden de archivo. Lo que no se puede usar no detiene a lo demás.
    """
    usable, refused = [], []
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".csv")
    for path in files:
        if _partner(path, files, PAIR[1], PAIR[0]):
            continue  # la prueba se lee con su entrenamiento
        name = path.relative_to(folder).as_posix()
        try:
            found = dict(_file_series(path, settings.layout))
            test = _partner(path, files, *PAIR)
            tails = dict(_file_series(test, settings.layout)) if test else {}
        except (ValueError, csv.Error, OSError) as error:
            refused.append(Refused(name, "", str(error)))
            continue
        for label, cells in found.items():
            try:
                usable.append(_series(name, label, cells, tails.get(label), settings))
            except ValueError as error:
                refused.append(Refused(name, label, str(error)))
    return usable, refused


def read_info(path: Path) -> dict[str, dict[str, int]]:
    """El periodo y el horizonte de cada serie, de un CSV con una fila por serie.

    Las columnas pueden llamarse como en el de la M4: ``M4id``, ``Frequency`` y ``Horizon``.

    Raises
    ------
    ValueError
        Si falta la columna de las series o las otras dos, o alguna celda no es un entero positivo.
    """
    header, *rows = _rows(path)
    lowered = [cell.strip().lower() for cell in header]
    places = {
        kind: next((lowered.index(name) for name in names if name in lowered), None)
        for kind, names in NAMES.items()
    }
    if places["name"] is None or places["period"] is places["horizon"] is None:
        wanted = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in NAMES.items())
        raise ValueError(
            f"{path} debe tener una columna con el nombre de la serie y otra con su periodo o su "
            f"horizonte; trae {', '.join(header)}. Llámalas como alguna de estas: {wanted}."
        )
    info = {}
    for row in rows:
        cells = {kind: row[place] for kind, place in places.items() if place is not None}
        name = cells.pop("name").strip()
        if not all(cell.strip().isdecimal() and int(cell) > 0 for cell in cells.values()):
            raise ValueError(
                f"En {path}, el periodo y el horizonte de {name} deben ser enteros positivos; ha "
                f"llegado {cells}. Corrige esa fila."
            )
        info[name] = {kind: int(cell) for kind, cell in cells.items()}
    return info


def _partner(path: Path, files: Iterable[Path], ends: Iterable, others: Iterable) -> Path | None:
    """El archivo que completa a uno que acaba en ``ends``: el que acaba en ``others``."""
    for end, other in zip(ends, others, strict=True):
        if path.stem.lower().endswith(end):
            wanted = path.with_name(path.stem[: -len(end)] + other + path.suffix)
            return next(
                (
                    file
                    for file in files
                    if file.name.lower() == wanted.name.lower() and file.parent == path.parent
                ),
                None,
            )
    return None


def _rows(path: Path) -> list[list[str]]:
    """Las filas de un CSV, con el separador que use."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = text.splitlines()
    if not lines or "\0" in text:
        raise ValueError("está vacío o no es texto")
    separator = max(",;\t", key=lines[0].count)
    rows = [row for row in csv.reader(lines, delimiter=separator) if any(map(str.strip, row))]
    if separator == ";":  # donde el punto y coma separa, la coma suele ser decimal
        rows = [
            [cell.replace(",", ".") if _is_number(cell.replace(",", ".")) else cell for cell in row]
            for row in rows
        ]
    return rows


def _file_series(path: Path, layout: str) -> Iterator[tuple[str, list[str]]]:
    """Cada serie de un archivo: su nombre y sus celdas."""
    rows = _rows(path)
    has_header = rows[0][0].strip().lower() in FIRST_NAMES or not any(map(_is_number, rows[0]))
    header, body = (rows[0], rows[1:]) if has_header else (None, rows)
    if not body:
        raise ValueError("solo tiene una fila de nombres")
    if header and [cell.strip().lower() for cell in header[:3]] == list(STACKED):
        yield from _stacked(body)
    elif layout == "wide" or (layout == "auto" and _looks_wide(body)):
        yield from _wide(body)
    else:
        yield from _long(header, body, path.stem)


def _looks_wide(body: list[list[str]]) -> bool:
    """Si es una serie por fila: un nombre que no es una fecha y, detrás, sobre todo números."""
    for row in body:
        cells = row[1 : len(row) - len(_trailing(row))]
        named = not _is_number(row[0]) and _parse_date(row[0]) is None
        if not named or 2 * sum(map(_is_number, cells)) <= len(cells):
            return False
    return max(map(len, body)) > 3


def _wide(body: list[list[str]]) -> Iterator[tuple[str, list[str]]]:
    for number, row in enumerate(body, start=1):
        named = not _is_number(row[0])
        cells = row[1:] if named else row
        yield (
            (row[0].strip() if named else f"fila {number}"),
            cells[: len(cells) - len(_trailing(cells))],
        )


def _long(
    header: list[str] | None, body: list[list[str]], stem: str
) -> Iterator[tuple[str, list[str]]]:
    width = max(map(len, body))
    header = (
        [cell.strip() for cell in header] if header else [f"columna {k + 1}" for k in range(width)]
    )
    dated = _parse_date(body[0][0]) is not None
    if not dated and not _is_number(body[0][0]):
        raise ValueError(
            f"su primera columna no es de fechas ni de números ({body[0][0]!r}), y tampoco trae "
            "una serie por fila"
        )
    if dated:
        _check_dates([row[0] for row in body])
    columns = range(int(dated), len(header))
    for column in columns:
        cells = [row[column] if column < len(row) else "" for row in body]
        name = stem if len(columns) == 1 else header[column]
        yield name, cells[: len(cells) - len(_trailing(cells))]


def _stacked(body: list[list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Una fila por serie y fecha, como las escribe Nixtla."""
    series: dict[str, list[str]] = {}
    for row in body:
        series.setdefault(row[0].strip(), []).append(row[2])
    yield from series.items()


def _check_dates(cells: list[str]) -> None:
    """Rechaza fechas ilegibles, repetidas o en desorden, o a las que les faltan pasos."""
    dates = [_parse_date(cell) for cell in cells]
    if None in dates:
        row = dates.index(None)
        raise ValueError(f"la fecha de la fila {row + 1}, {cells[row]!r}, no se entiende")
    gaps = np.diff(np.array(dates, dtype="datetime64[s]")).astype(float)
    if len(gaps) and gaps.min() <= 0:
        row = int(gaps.argmin()) + 1
        raise ValueError(f"las fechas se repiten o retroceden en {cells[row]!r}: ordénalas antes")
    if len(gaps) and gaps.max() > 1.2 * np.median(gaps):
        row = int(gaps.argmax()) + 1
        raise ValueError(f"faltan fechas antes de {cells[row]!r}: rellena los huecos antes")


def _series(
    file: str, name: str, cells: list[str], tail: list[str] | None, settings: Settings
) -> Series:
    """Una serie, si se puede usar."""
    said = settings.info.get(name, {})
    period = said.get("period", settings.period)
    horizon = len(tail) if tail else said.get("horizon", settings.horizon)
    for value, option in ((period, "period"), (horizon, "horizon")):
        if value is None:
            raise ValueError(f"no se sabe su {option}: pásalo con --{option} o en --info")
    values = _numbers([*cells, *(tail or [])])
    first, least = settings.first_origin(len(values), horizon), 2 * period + 4
    if first < least:
        raise ValueError(
            f"tiene {len(values)} valores y, con periodo {period} y horizonte {horizon}, hacen "
            f"falta {len(values) - first + least}"
        )
    if (
        np.abs(values[period:first] - values[: first - period]).mean()
        <= 1e-9 * np.abs(values).max()
    ):
        raise ValueError(f"se repite de un ciclo al siguiente (periodo {period}): no hay MASE")
    return Series(file, name, values, period, horizon)


def _numbers(cells: list[str]) -> np.ndarray:
    holes = [place for place, cell in enumerate(cells) if _is_missing(cell)]
    if holes:
        raise ValueError(f"tiene {len(holes)} huecos, el primero en la posición {holes[0] + 1}")
    for place, cell in enumerate(cells):
        if not _is_number(cell):
            raise ValueError(f"en la posición {place + 1} no hay un número, sino {cell!r}")
    return np.array(cells, dtype="float64")


def _trailing(cells: list[str]) -> list[str]:
    """Las celdas vacías del final."""
    count = 0
    while count < len(cells) and _is_missing(cells[-1 - count]):
        count += 1
    return cells[len(cells) - count :]


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in ("", "na", "nan", "null")


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _parse_date(cell: str) -> datetime | None:
    text = cell.strip()
    if _is_number(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None

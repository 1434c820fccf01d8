"""La puerta por la que entra una serie ajena al curso."""

from __future__ import annotations

import numbers
import os
from collections.abc import Collection
from pathlib import Path

import numpy as np

from course_utils.datasets.own import checks
from course_utils.datasets.own.cells import parse_dates, parse_numbers
from course_utils.datasets.own.checks import Rows
from course_utils.datasets.own.faults import enumerate_some, refusal
from course_utils.datasets.own.repairs import combine_rows, fill_gaps
from course_utils.datasets.own.rhythm import RHYTHMS, Grid, detect_rhythm, make_grid
from course_utils.datasets.own.table import read_cells
from course_utils.datasets.series import Series
from course_utils.validation import as_int, describe

DECIMALS = (",", ".")
DUPLICATES = ("sum", "mean", "last")
FILLS = ("previous", "linear", "zero")


def load_own_series(
    path: str | os.PathLike,
    *,
    date_column: str,
    value_column: str,
    frequency: str | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    encoding: str = "utf-8",
    sort: bool = False,
    duplicates: str | None = None,
    fill: str | None = None,
    minimum: float | None = None,
    min_length: int = 2,
    period: int | None = None,
    unit: str = "",
) -> Series:
    """Lee tu propia serie de un CSV y dice, si no sirve, qué le pasa y en qué línea.

    La primera línea es la cabecera. El separador, el signo decimal, la forma de las fechas y la
    frecuencia se deducen cuando el archivo no deja dudas; si las deja, el error dice qué opción las
    aclara. Nada se arregla sin que lo pidas. Solo se pasan por alto las líneas vacías.

    Parameters
    ----------
    path : str or path-like
        El archivo.
    date_column, value_column : str
        Nombres de las columnas de fechas y de valores, como están en la cabecera.
    frequency : {"daily", "business", "weekly", "monthly", "quarterly", "yearly"}, optional
        Cada cuánto hay un valor; ``"business"`` es de lunes a viernes. En las tres últimas el día
        del mes no cuenta.
    date_format : str, optional
        Cómo están escritas las fechas, como en ``datetime.strptime``: ``"%d/%m/%Y"``.
    decimal : {",", "."}, optional
        Qué signo separa los decimales.
    encoding : str, default "utf-8"
        Codificación del texto; la de muchos archivos de Windows es ``"cp1252"``.
    sort : bool, default False
        Si se ordenan las filas por fecha.
    duplicates : {"sum", "mean", "last"}, optional
        Qué se hace con las filas de una misma fecha: sumarlas, promediarlas o quedarse con la
        última del archivo; las que no tienen valor no cuentan. Con ``frequency`` sirve para pasar
        de días a meses (el primero y el último pueden quedar incompletos). Quita la hora a las
        fechas que la llevan.
    fill : {"previous", "linear", "zero"}, optional
        Qué valor reciben las fechas que no lo tienen: el último conocido, la recta entre el
        anterior y el siguiente (que mira al futuro) o cero.
    minimum : float, optional
        El menor valor posible: 0 si no puede haber negativos.
    min_length : int, default 2
        Cuántos valores hacen falta, por ejemplo el ancho de la ventana más el horizonte.
    period : int, optional
        Pasos de un ciclo. Si no se da, 7, 5, 52, 12, 4 o 1, según la frecuencia.
    unit : str, default ""
        Unidad de los valores, para los ejes.

    Returns
    -------
    Series
        Valores finitos y seguidos, con todas las fechas de la frecuencia, de la primera a la última
        (datetime64[M] si se cuenta en meses). ``name`` es el nombre de la columna; ``source``, el
        del archivo; ``filled``, las fechas rellenadas.

    Raises
    ------
    FileNotFoundError, OSError
        Si no hay archivo o no se puede leer.
    ValueError
        Si una opción no vale o el archivo no sirve como está; dice qué, dónde y cómo arreglarlo.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "pan.csv"
    >>> text = "día;barras\\n30/01/2024;1.250,5\\n31/01/2024;980\\n02/02/2024;1.100\\n"
    >>> _ = path.write_text(text, encoding="utf-8")
    >>> load_own_series(path, date_column="día", value_column="barras")
    Traceback (most recent call last):
    ValueError: «pan.csv» no se puede usar así. Falta 1 fecha, para una serie diaria: 2024-02-01
    (tras la línea 3). Completa el archivo o di cómo rellenar los huecos: fill="previous" repite el
    último valor, fill="linear" traza una recta hasta el siguiente y fill="zero" pone un cero.
    >>> bread = load_own_series(path, date_column="día", value_column="barras", fill="previous")
    >>> bread.values, bread.filled.astype(str).tolist(), bread.period
    (array([1250.5,  980. ,  980. , 1100. ]), ['2024-02-01'], 7)
    """
    path = Path(path).expanduser()
    _check_texts(date_column=date_column, value_column=value_column, encoding=encoding, unit=unit)
    _check_choice("frequency", frequency, RHYTHMS)
    _check_choice("decimal", decimal, DECIMALS)
    _check_choice("duplicates", duplicates, DUPLICATES)
    _check_choice("fill", fill, FILLS)
    _check_format(date_format)
    _check_minimum(minimum)
    min_length = as_int("min_length", min_length, minimum=2)
    period = None if period is None else as_int("period", period, minimum=1)

    cells = read_cells(path, date_column=date_column, value_column=value_column, encoding=encoding)
    dates = parse_dates(cells.dates, cells.lines, date_format=date_format)
    values = parse_numbers(cells.values, cells.lines, decimal=decimal)
    if dates.faults or values.faults:
        raise refusal(path, *dates.faults, *values.faults)
    rows = Rows(dates.values, values.values, np.array(cells.lines))

    faults = [] if sort else checks.order_faults(rows)
    faults += [] if duplicates else checks.hour_faults(rows)
    frequency, grid = _place(path, rows, frequency, faults)
    measured = combine_rows(rows.values, grid, duplicates or "last")
    faults += [] if duplicates else checks.duplicate_faults(rows, grid)
    faults += checks.gap_faults(rows, grid, measured, fill)
    faults += checks.value_faults(rows, measured, minimum=minimum, min_length=min_length)
    if faults:
        raise refusal(path, *faults)
    return Series(
        dates=grid.dates,
        values=fill_gaps(measured, fill),
        name=value_column,
        unit=unit,
        period=period or RHYTHMS[frequency].period,
        source=path.name,
        filled=grid.dates[np.isnan(measured)],
    )


def _check_texts(**texts: object) -> None:
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} debe ser un texto; ha llegado {describe(text)}.")
    if texts["date_column"] == texts["value_column"]:
        raise ValueError(
            f"date_column y value_column son la misma, {texts['date_column']!r}; deben ser dos."
        )


def _check_choice(name: str, value: object, allowed: Collection[str]) -> None:
    if value is not None and value not in list(allowed):
        listed = ", ".join(f"{choice!r}" for choice in allowed)
        raise ValueError(f"{name} debe ser uno de estos: {listed}; ha llegado {describe(value)}.")


def _check_format(date_format: object) -> None:
    if date_format is None:
        return
    if not isinstance(date_format, str) or not ("%Y" in date_format or "%y" in date_format):
        raise ValueError(
            "date_format debe decir dónde van el año (%Y, o %y si son dos cifras), el mes (%m) y "
            f"el día (%d), como '%d/%m/%Y'; ha llegado {describe(date_format)}."
        )


def _check_minimum(minimum: object) -> None:
    if minimum is not None and (
        isinstance(minimum, bool | np.bool_) or not isinstance(minimum, numbers.Real)
    ):
        raise TypeError(f"minimum debe ser un número; ha llegado {describe(minimum)}.")


def _place(path: Path, rows: Rows, frequency: str | None, faults: list[str]) -> tuple[str, Grid]:
    """La frecuencia y el sitio de cada fila; si no se saben, no hay nada más que mirar."""
    days = np.unique(rows.days)
    if len(days) < 2:
        raise refusal(path, *faults, f"Solo hay una fecha, {days[0]}, y hace falta una serie.")
    frequency = frequency or detect_rhythm(days)
    if frequency is None:
        raise refusal(path, *faults, _rhythm_fault(days))
    grid = make_grid(rows.days, RHYTHMS[frequency])
    if grid.off.any():
        raise refusal(path, *faults, checks.off_fault(rows, grid))
    return frequency, grid


def _rhythm_fault(days: np.ndarray) -> str:
    steps, times = np.unique(np.diff(days).astype(int), return_counts=True)
    common = enumerate_some(steps[np.argsort(-times, kind="stable")][:3])
    return (
        "Las fechas no guardan un paso regular: de una a la siguiente hay, sobre todo, "
        f"{common} días. Di con frequency cada cuánto debería haber un valor. Para juntarlas por "
        'meses, frequency="monthly" y duplicates="sum" o "mean".'
    )

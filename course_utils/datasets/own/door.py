"""La puerta por la que entra una serie ajena al curso."""

from __future__ import annotations

import numbers
import os
from collections.abc import Collection, Iterable
from functools import partial
from types import UnionType

import numpy as np

from course_utils.datasets.own import checks
from course_utils.datasets.own.checks import Rows
from course_utils.datasets.own.dates import parse_dates, reads_as_date
from course_utils.datasets.own.faults import refusal
from course_utils.datasets.own.numerals import parse_numbers
from course_utils.datasets.own.placement import join_rows, place_rows
from course_utils.datasets.own.repairs import fill_gaps
from course_utils.datasets.own.rhythm import RHYTHMS
from course_utils.datasets.own.sentinels import sentinel_faults
from course_utils.datasets.own.source import read_text
from course_utils.datasets.own.table import read_cells
from course_utils.datasets.series import Series
from course_utils.validation import as_int, describe

DECIMALS = (",", ".")
DUPLICATES = ("sum", "mean", "last")
INCOMPLETE = ("keep", "discard")
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
    incomplete: str | None = None,
    fill: str | None = None,
    missing: str | float | Collection[str | float] | None = None,
    skip_lines: int | Collection[int] = (),
    minimum: float | None = None,
    min_length: int = 2,
    constant: bool = False,
    period: int | None = None,
    unit: str = "",
) -> Series:
    """Lee tu propia serie de un CSV y dice, si no sirve, qué le pasa y en qué línea.

    El separador, el signo decimal, la forma de las fechas y la frecuencia se deducen cuando el
    archivo no deja dudas; si las deja, el error dice qué opción las aclara. Nada se arregla sin que
    lo pidas. Solo se pasan por alto las líneas vacías, las que haya encima de la cabecera (títulos,
    ``sep=;``) y, debajo de la última fecha, los totales y las notas.

    Las fechas pueden llevar el mes en letras (``ene-18``, ``1 de enero de 2018``), ser trimestres
    (``2010T1``) o tener hora, con desfase (``+01:00``, ``Z``) o sin él. No se leen semanas del año,
    segundos desde 1970 ni las ``24:00``.

    Parameters
    ----------
    path : str or path-like
        El archivo.
    date_column, value_column : str
        Nombres de las columnas de fechas y de valores, como están en la cabecera.
    frequency : str, optional
        Cada cuánto hay un valor: ``"daily"``, ``"business"`` (de lunes a viernes), ``"weekly"``,
        ``"monthly"``, ``"quarterly"`` o ``"yearly"``; por debajo del día, ``"hourly"``,
        ``"30min"``, ``"20min"``, ``"15min"``, ``"10min"``, ``"5min"`` o ``"1min"``, y también
        ``"2h"``, ``"3h"``, ``"4h"``, ``"6h"``, ``"8h"`` o ``"12h"``. De ``"monthly"`` en adelante,
        el día del mes no cuenta; por debajo del día, los segundos tampoco.
    date_format : str, optional
        Cómo están escritas las fechas, como en ``datetime.strptime``: ``"%d/%m/%Y"``. Los nombres
        de meses (``%b``, ``%B``) y días (``%a``, ``%A``) pueden estar en español.
    decimal : {",", "."}, optional
        Qué signo separa los decimales.
    encoding : str, default "utf-8"
        Codificación del texto; la de muchos archivos de Windows es ``"cp1252"``.
    sort : bool, default False
        Si se ordenan las filas por fecha.
    duplicates : {"sum", "mean", "last"}, optional
        Qué se hace con las filas de una misma fecha: sumarlas, promediarlas o quedarse con la
        última del archivo; las que no tienen valor no cuentan. Con ``frequency`` sirve para pasar
        de minutos a horas, de horas a días o de días a semanas (que empiezan en lunes) o meses; sin
        ella, las filas que llevan hora se juntan por días.
    incomplete : {"keep", "discard"}, optional
        Qué se hace, al sumar o promediar, con las fechas que juntan más de un 5 % menos de filas de
        las que les tocan, o más de las que les tocan; los días de 23 y 25 horas no lo son.
        ``"keep"`` las deja como están. ``"discard"`` las deja sin valor, y las quita si son las
        primeras o las últimas.
    fill : {"previous", "linear", "zero"}, optional
        Qué valor reciben las fechas que no lo tienen: el último conocido, la recta entre el
        anterior y el siguiente (que mira al futuro) o cero.
    missing : str, float or collection of them, optional
        Textos o números que en tu archivo significan que no hay dato, como ``[-999, "cerrado"]``.
        Mientras no haya ningún número, un extremo que se repite lejos de todo lo demás se pregunta;
        con ``missing=[]``, o con textos y ``np.nan``, todos los números son datos.
    skip_lines : int or collection of int, optional
        Líneas del archivo que no se leen, como los subtotales.
    minimum : float, optional
        El menor valor posible: 0 si no puede haber negativos.
    min_length : int, default 2
        Cuántos valores hacen falta, por ejemplo el ancho de la ventana más el horizonte.
    constant : bool, default False
        Si vale una serie que no cambia nunca: no hay nada que pronosticar, pero puede acompañar a
        otra.
    period : int, optional
        Pasos de un ciclo. Si no se da, depende de la frecuencia: un día, si es menor; una semana,
        en las diarias (7 o 5); un año, en las demás (52, 12, 4 o 1).
    unit : str, default ""
        Unidad de los valores, para los ejes.

    Returns
    -------
    Series
        Valores finitos y seguidos, con todas las fechas de la frecuencia, de la primera a la
        última: datetime64[M] si se cuenta en meses, datetime64[D] en días y datetime64[m] por
        debajo. Con desfases, en la hora del menor de ellos, que en un país que cambia la hora es
        la de invierno; los días, semanas y meses son los escritos. ``name`` es el nombre de la
        columna; ``source``, el del archivo; ``filled``, las fechas rellenadas; ``frequency``, la
        frecuencia, dicha o deducida.

    Raises
    ------
    TypeError
        Si ``path`` no es una ruta (una tabla de pandas, un archivo abierto) o una opción no es de
        su tipo.
    FileNotFoundError, OSError
        Si no hay archivo o no se puede leer.
    ValueError
        Si una opción no vale o el archivo no sirve como está; dice qué, dónde y cómo arreglarlo.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
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
    _check_texts(date_column=date_column, value_column=value_column, encoding=encoding, unit=unit)
    _check_choice("frequency", frequency, RHYTHMS)
    _check_choice("decimal", decimal, DECIMALS)
    _check_choice("duplicates", duplicates, DUPLICATES)
    _check_choice("incomplete", incomplete, INCOMPLETE)
    _check_choice("fill", fill, FILLS)
    _check_format(date_format)
    _check_minimum(minimum)
    marks = _as_marks(missing)
    skip_lines = _as_lines(skip_lines)
    min_length = as_int("min_length", min_length, minimum=2)
    period = None if period is None else as_int("period", period, minimum=1)

    path, text = read_text(path, encoding)
    cells = read_cells(
        path,
        text,
        date_column=date_column,
        value_column=value_column,
        is_date=partial(reads_as_date, date_format=date_format),
        skip_lines=skip_lines,
    )
    dates = parse_dates(cells.dates, cells.lines, date_format=date_format, name=date_column)
    values = parse_numbers(cells.values, cells.lines, decimal=decimal, missing=marks)
    if dates.faults or values.faults:
        raise refusal(path, *dates.faults, *values.faults)
    rows = Rows(dates.times, dates.local, values.values, np.array(cells.lines))

    faults = [] if sort else checks.order_faults(rows)
    texts = [mark for mark in marks if isinstance(mark, str)]
    if missing is None or (marks and texts == marks):  # de los números no ha dicho nada
        faults += sentinel_faults(rows.values, rows.lines, texts)
    placed = place_rows(path, rows, frequency, duplicates, faults)
    faults += placed.faults
    rows, grid, measured, discarded, problems = join_rows(placed, duplicates, incomplete)
    faults += problems + checks.gap_faults(rows, grid, measured, fill, discarded)
    faults += checks.value_faults(
        rows, measured, minimum=minimum, min_length=min_length, constant=constant
    )
    if faults:
        raise refusal(path, *faults)
    return Series(
        dates=grid.dates,
        values=fill_gaps(measured, fill),
        name=value_column,
        unit=unit,
        period=period or grid.rhythm.period,
        source=path.name,
        filled=grid.dates[np.isnan(measured)],
        frequency=placed.frequency,
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


def _as_marks(missing: object) -> list[str | float]:
    """Lo que significa «falta»; un número escrito como texto vale también como número."""
    marks = _as_list(() if missing is None else missing, str | numbers.Real)
    if marks is None:
        raise TypeError(
            "missing debe tener los números o textos que significan que no hay dato, como "
            f"missing=[-999]; ha llegado {describe(missing)}."
        )
    read = [parse_numbers([mark], [1]).values for mark in marks if isinstance(mark, str)]
    written = np.concatenate([*read, []])
    return [*marks, *written[~np.isnan(written)].tolist()]


def _as_lines(skip_lines: object) -> frozenset[int]:
    lines = _as_list(skip_lines, numbers.Integral)
    if lines is None or min(lines, default=1) < 1:
        raise TypeError(
            "skip_lines debe tener los números de las líneas que no se leen, como "
            f"skip_lines=[33, 34]; ha llegado {describe(skip_lines)}."
        )
    return frozenset(lines)


def _as_list(value: object, kind: type | UnionType) -> list | None:
    """Los elementos de una lista, o el único; ``None`` si no son todos de esa clase."""
    items = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    good = all(isinstance(item, kind) and not isinstance(item, bool) for item in items)
    return items if good else None

"""Las series que llegan a una figura, comprobadas, y el aspecto que le toca a cada una."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import TypeVar

import numpy as np

from course_utils.plotting.canvas import BLUE, GREEN, ORANGE, PURPLE
from course_utils.validation import as_array, describe

Value = TypeVar("Value")
Style = TypeVar("Style")

# El ciclo del estilo del curso: cada curva, con su color y su trazo.
CURVES = (
    {"color": BLUE, "ls": "-"},
    {"color": ORANGE, "ls": "--"},
    {"color": GREEN, "ls": "-."},
    {"color": PURPLE, "ls": ":"},
    {"color": "#E69F00", "ls": "-"},
    {"color": "#56B4E9", "ls": "--"},
    {"color": "#000000", "ls": "-."},
)


def as_curves(
    name: str, curves: object, *, ndim: int = 1, finite: bool = True
) -> dict[str, np.ndarray]:
    """Un diccionario de arrays, uno por serie, o el error que explica por qué no lo es.

    Parameters
    ----------
    name : str
        Nombre del argumento, para el mensaje.
    curves : mapping of str to array_like
        Lo que ha llegado.
    ndim : int, default 1
        Ejes de cada array.
    finite : bool, default True
        Si se rechazan NaN e infinitos.

    Raises
    ------
    TypeError, ValueError
        Si no es un diccionario, no tiene ninguna serie o alguna no es un array como los pedidos.

    Examples
    --------
    >>> as_curves("errors", {"GRU": [1.0, 2.0]})
    {'GRU': array([1., 2.])}
    """
    check_series(name, curves)
    return {
        series: as_array(f"{name}[{series!r}]", values, ndim=ndim, finite=finite, min_length=1)
        for series, values in curves.items()
    }


def as_numbers(name: str, numbers: object) -> dict[str, float]:
    """Un diccionario con un número finito por nombre.

    Examples
    --------
    >>> as_numbers("errors", {"GRU": 2})
    {'GRU': 2.0}
    """
    return {key: float(value) for key, value in as_curves(name, numbers, ndim=0).items()}


def as_dates(name: str, dates: object) -> np.ndarray:
    """Un array de fechas de una dimensión, o el error que explica por qué no lo es.

    Examples
    --------
    >>> as_dates("dates", np.array(["2024-01-01"], dtype="datetime64[D]"))
    array(['2024-01-01'], dtype='datetime64[D]')
    """
    array = np.asarray(dates)
    if array.dtype.kind != "M" or array.ndim != 1:
        raise TypeError(
            f"{name} debe ser un array de fechas de una dimensión; ha llegado {describe(array)}. "
            "Conviértelas con np.array(fechas, dtype='datetime64[D]')."
        )
    return array


def check_series(name: str, series: object) -> None:
    """Comprueba que ha llegado un diccionario con algo dentro."""
    if not isinstance(series, Mapping):
        raise TypeError(
            f"{name} debe ser un diccionario con un valor por nombre; ha llegado "
            f"{describe(series)}. Pasa, por ejemplo, {{'GRU': valores}}."
        )
    if not series:
        raise ValueError(
            f"{name} debe tener al menos una serie; ha llegado un diccionario vacío. Pasa lo que "
            "quieras dibujar."
        )


def same_length(sized: Mapping[str, Sized]) -> None:
    """Comprueba que varias cosas miden lo mismo.

    Examples
    --------
    >>> same_length({"dates": [1, 2], "values": [3, 4, 5]})
    Traceback (most recent call last):
      ...
    ValueError: Se esperaba la misma longitud; han llegado dates: 2, values: 3. ...
    """
    lengths = {name: len(values) for name, values in sized.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise ValueError(
            f"Se esperaba la misma longitud; han llegado {shown}. Pasa un valor de cada uno por "
            "punto y mira si alguno está transpuesto."
        )


def check_positive(name: str, values: Iterable[float]) -> None:
    """Comprueba que todo se puede dibujar en escala logarítmica.

    Examples
    --------
    >>> check_positive("lengths", [1, 0])
    Traceback (most recent call last):
      ...
    ValueError: lengths debe tener solo valores mayores que cero; ha llegado 0. ...
    """
    if low := [value for value in values if value <= 0]:
        raise ValueError(
            f"{name} debe tener solo valores mayores que cero; ha llegado {low[0]:g}. Quítalo: en "
            "este eje no tiene sitio."
        )


def check_names(what: str, given: Iterable[str], expected: Iterable[str]) -> None:
    """Comprueba que todos los nombres son de los que se esperaban.

    Examples
    --------
    >>> check_names("las celdas", ["GRU", "MUT"], ["RNN", "GRU"])
    Traceback (most recent call last):
      ...
    ValueError: Se esperaban las celdas RNN, GRU; ha llegado MUT. ...
    """
    expected = list(expected)
    if unknown := [str(name) for name in given if name not in expected]:
        raise ValueError(
            f"Se esperaban {what} {', '.join(map(str, expected))}; ha llegado "
            f"{', '.join(unknown)}. Usa esos nombres."
        )


def same_names(what: str, *named: Mapping[str, object]) -> None:
    """Comprueba que varios diccionarios nombran lo mismo: de ninguno se pierde nada."""
    for one in named:
        check_series(what, one)
    if any(one.keys() != named[0].keys() for one in named):
        shown = " / ".join(", ".join(map(str, one)) or "ninguno" for one in named)
        raise ValueError(
            f"Se esperaban {what} con los mismos nombres; han llegado {shown}. Añade los que "
            "falten o quita los que sobren."
        )


def styled(
    series: Mapping[str, Value], styles: Sequence[Style] = CURVES
) -> list[tuple[str, Value, Style]]:
    """Cada serie con su nombre y su aspecto; más series que aspectos es un error.

    Parameters
    ----------
    series : mapping of str to object
        Lo que se dibuja.
    styles : sequence, default CURVES
        Los aspectos que la figura sabe distinguir, en orden.

    Raises
    ------
    ValueError
        Si alguna serie se quedaría sin aspecto propio.

    Examples
    --------
    >>> styled({"GRU": [1], "LSTM": [2]}, ("-", "--"))
    [('GRU', [1], '-'), ('LSTM', [2], '--')]
    >>> styled({"GRU": [1], "LSTM": [2]}, ("-",))
    Traceback (most recent call last):
      ...
    ValueError: Esta figura distingue 1 series como mucho y han llegado 2: GRU, LSTM. ...
    """
    if len(series) > len(styles):
        raise ValueError(
            f"Esta figura distingue {len(styles)} series como mucho y han llegado {len(series)}: "
            f"{', '.join(map(str, series))}. Reparte las series en varias figuras."
        )
    return [
        (name, values, style)
        for (name, values), style in zip(series.items(), styles[: len(series)], strict=True)
    ]

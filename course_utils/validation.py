"""Comprobaciones de argumentos, siempre a la entrada y siempre con un mensaje que ayuda.

Cada mensaje dice qué se esperaba, qué ha llegado y qué hacer.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Sequence

import numpy as np


def describe(value: object) -> str:
    """Describe un valor en pocas palabras, para los mensajes de error.

    Examples
    --------
    >>> import numpy as np
    >>> describe(np.zeros((2, 3), dtype="float32"))
    'un array de forma (2, 3) y tipo float32'
    >>> describe([1, 2])
    'list: [1, 2]'
    """
    if isinstance(value, np.ndarray):
        return f"un array de forma {value.shape} y tipo {value.dtype}"
    try:
        text = re.sub(r"\s*\n\s*", " ", repr(value))
    except Exception:
        text = "no se puede mostrar"
    if len(text) > 60:
        text = text[:57] + "..."
    return f"{type(value).__name__}: {text}"


def as_int(name: str, value: object, *, minimum: int | None = None) -> int:
    """Devuelve ``value`` como entero o explica por qué no puede serlo.

    Parameters
    ----------
    name : str
        Nombre del argumento, para el mensaje.
    value : object
        Lo que ha llegado. Un booleano no cuenta como entero.
    minimum : int, optional
        El menor valor permitido.

    Raises
    ------
    TypeError
        Si no es un entero.
    ValueError
        Si es menor que ``minimum``.

    Examples
    --------
    >>> as_int("width", 12, minimum=1)
    12
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"{name} debe ser un número entero; ha llegado {describe(value)}. "
            f"Pasa un entero, por ejemplo {name}={1 if minimum is None else max(minimum, 1)}."
        )
    if minimum is not None and value < minimum:
        raise ValueError(
            f"{name} debe ser al menos {minimum}; ha llegado {value}. "
            f"Pasa un entero mayor o igual que {minimum}."
        )
    return int(value)


def as_array(
    name: str,
    value: object,
    *,
    ndim: int | Sequence[int] | None = None,
    dtype: str | None = None,
    finite: bool = True,
    min_length: int = 0,
) -> np.ndarray:
    """Devuelve ``value`` como array numérico o explica por qué no puede serlo.

    No copia si no hace falta; nunca modifica la entrada.

    Parameters
    ----------
    name : str
        Nombre del argumento, para el mensaje.
    value : array_like
        Lo que ha llegado: un array, una lista o cualquier cosa que NumPy sepa convertir.
    ndim : int or sequence of int, optional
        Número de dimensiones permitido.
    dtype : str, optional
        Tipo al que convertir. Sin él se conserva el que traiga, si es numérico.
    finite : bool, default True
        Si se rechazan NaN e infinitos.
    min_length : int, default 0
        Longitud mínima del primer eje.

    Raises
    ------
    TypeError
        Si no es numérico.
    ValueError
        Si la forma, la longitud o los valores no valen.

    Examples
    --------
    >>> as_array("series", [1, 2, 3], ndim=1, dtype="float64")
    array([1., 2., 3.])
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} debe ser un array con filas de la misma longitud; ha llegado "
            f"{describe(value)}. Rellena o recorta las filas antes."
        ) from error
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} debe ser un array de números; ha llegado {describe(value)}. "
            "Convierte los datos a números antes (por ejemplo, con np.asarray(..., dtype=float))."
        )
    if ndim is not None:
        allowed = (ndim,) if isinstance(ndim, int) else tuple(ndim)
        if array.ndim not in allowed:
            wanted = " o ".join(str(n) for n in allowed)
            raise ValueError(
                f"{name} debe tener {wanted} dimensiones; ha llegado un array de forma "
                f"{array.shape}. Cambia la forma con reshape o con [..., None]."
            )
    if array.ndim and len(array) < min_length:
        raise ValueError(
            f"{name} debe tener al menos {min_length} elementos; ha llegado uno de forma "
            f"{array.shape}. Usa una serie más larga."
        )
    with np.errstate(over="ignore"):
        converted = array if dtype is None else array.astype(dtype, copy=False)
    if finite and converted.dtype.kind == "f" and not np.isfinite(converted).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(converted))[0])
        where = first[0] if len(first) == 1 else first
        lost = f", que no cabe en {converted.dtype}" if np.isfinite(array[first]) else ""
        raise ValueError(
            f"{name} debe tener solo valores finitos; en la posición {where} hay "
            f"{array[first]}{lost}. "
            + ("Usa números menores." if lost else "Elimina o rellena los huecos antes.")
        )
    return converted

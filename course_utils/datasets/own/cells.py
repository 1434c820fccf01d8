"""Lo común a leer fechas y números: agrupar las celdas por su forma y nombrarlas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.datasets.own.faults import enumerate_some

_ZERO = str.maketrans("123456789", "000000000")


def group_by_shape(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Agrupa las celdas de una columna por su forma: el texto, en minúsculas, con un 0 por cifra.

    Las de una misma forma tienen las cifras en los mismos sitios, así que basta entender una.

    Returns
    -------
    dict of str to ndarray of int
        Las celdas que tienen cada forma.

    Examples
    --------
    >>> {shape: rows.tolist() for shape, rows in group_by_shape(["12-Ene", "3", "14-Ene"]).items()}
    {'00-ene': [0, 2], '0': [1]}
    """
    joined = "\0".join(texts).lower().translate(_ZERO)
    codes: dict[str, int] = {}
    found = np.array([codes.setdefault(name, len(codes)) for name in joined.split("\0")])
    order = np.argsort(found, kind="stable")
    starts = np.searchsorted(found[order], np.arange(1, len(codes)))
    return dict(zip(codes, np.split(order, starts), strict=True))


def digits_at(texts: Sequence[str], places: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """Los enteros que hay en unos sitios de unos textos, todos de la misma forma.

    Examples
    --------
    >>> digits_at(["12-2024", "10-2025"], [(0, 2), (3, 7)])
    [array([12, 10]), array([2024, 2025])]
    """
    letters = np.array(texts)
    letters = letters.view(np.uint32).reshape(len(texts), -1).astype(np.int64) - ord("0")
    powers = (10 ** np.arange(end - start)[::-1] for start, end in places)
    return [
        letters[:, start:end] @ power for (start, end), power in zip(places, powers, strict=True)
    ]


def cells_at(texts: Sequence[str], lines: Sequence[int], places: Sequence[int]) -> str:
    """Nombra unas celdas, cada una con su línea.

    Examples
    --------
    >>> cells_at(["a", "b"], [2, 3], [1])
    '«b» (línea 3)'
    """
    return enumerate_some(places, lambda place: f"«{texts[place][:40]}» (línea {lines[place]})")

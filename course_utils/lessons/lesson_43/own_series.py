"""Si una serie propia da para las cuatro partes de la lección, antes de entrenar con ella."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.lessons.lesson_43.problems import PARTS

NEEDED = {"calibración": 9}  # con menos, ningún margen cubre el 90 %; de las demás, uno


def require_room(
    count: int, cuts: Sequence[int], *, width: int, horizon: int, every: int, filled: np.ndarray
) -> None:
    """Comprueba que en cada parte quepan plazos sin rellenar y, si no, dice qué hacer.

    Parameters
    ----------
    count : int
        Los valores de la serie.
    cuts, width, horizon, every, filled
        Como en :func:`~course_utils.lessons.lesson_43.prepare`.

    Raises
    ------
    ValueError
        Si en alguna parte no caben los que hacen falta.

    Examples
    --------
    >>> options = {"width": 4, "horizon": 2, "every": 1, "filled": np.zeros(40, bool)}
    >>> require_room(40, (24, 28, 34), **options)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: En la parte de calibración, de 6 valores, solo caben 5 plazos de horizonte 2 ...
    """
    edges = (0, *cuts, count)
    for name, start, end in zip(PARTS, edges[:-1], edges[1:], strict=True):
        is_first = name == PARTS[0]
        origins = range(start + is_first * width, end - horizon + 1, every if is_first else 1)
        fits = sum(not filled[origin : origin + horizon].any() for origin in origins)
        needed = NEEDED.get(name, 1)
        if fits < needed:
            size = f"{end - start} valores" + f" ({width} son solo pasado)" * is_first
            has_room = len(origins) >= needed  # sin huecos cabrían
            raise ValueError(
                f"En la parte de {name}, de {size}, {_found(fits)} de horizonte {horizon} sin "
                f"rellenar, y se necesitan al menos {needed}. {_advice(has_room, horizon)}"
            )


def _found(fits: int) -> str:
    few = {0: "no cabe ningún plazo", 1: "solo cabe un plazo"}
    return few.get(fits, f"solo caben {fits} plazos")


def _advice(has_room: bool, horizon: int) -> str:
    first = "Elige un trozo con menos huecos" if has_room else "Usa una serie más larga"
    return first + (f" o un `period` menor que {horizon}." if horizon > 1 else ".")

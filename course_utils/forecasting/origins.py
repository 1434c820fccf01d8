"""Origen móvil: desde qué momentos se pronostica, y con qué se cuenta en cada uno."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from course_utils.validation import as_int


class Cut(NamedTuple):
    """Un corte de una serie en lo que ya se conoce y lo que se va a pronosticar.

    Attributes
    ----------
    train, test : slice
        Para indexar la serie. El origen es ``test.start``.
    """

    train: slice
    test: slice

    @property
    def origin(self) -> int:
        """Cuántos valores han pasado: el lugar del primero que se pronostica."""
        return self.test.start


def rolling_origin(
    count: int, *, horizon: int, origins: int, step: int = 1, width: int | None = None
) -> Iterator[Cut]:
    """Cortes de una serie cuyo origen avanza hasta que el último plazo acaba con ella.

    Un solo corte dice poco: el mejor modelo cambia de un origen a otro. Aquí el entrenamiento
    acaba siempre donde empieza la prueba, y crece (o, con ``width``, se desliza).

    Parameters
    ----------
    count : int
        Cuántos valores tiene la serie.
    horizon : int
        Cuántos se pronostican desde cada origen.
    origins : int
        Cuántos orígenes.
    step : int, default 1
        Pasos de un origen al siguiente. Con ``step=horizon`` los plazos no se solapan.
    width : int, optional
        Cuántos valores de entrenamiento; sin él, todos los anteriores.

    Yields
    ------
    Cut
        Por orden, del origen más antiguo al más reciente.

    Raises
    ------
    TypeError, ValueError
        Si algún tamaño no vale o la serie no da para tantos orígenes.

    Examples
    --------
    >>> for cut in rolling_origin(10, horizon=2, origins=3, step=2):
    ...     print(cut.train, cut.test)
    slice(0, 4, None) slice(4, 6, None)
    slice(0, 6, None) slice(6, 8, None)
    slice(0, 8, None) slice(8, 10, None)
    """
    count = as_int("count", count, minimum=1)
    horizon = as_int("horizon", horizon, minimum=1)
    origins = as_int("origins", origins, minimum=1)
    step = as_int("step", step, minimum=1)
    width = None if width is None else as_int("width", width, minimum=1)
    first = count - horizon - (origins - 1) * step
    if first < (width or 1):
        raise ValueError(
            f"Con {count} valores no caben {origins} orígenes cada {step} con horizon={horizon} y "
            f"al menos {width or 1} de entrenamiento: harían falta {count - first + (width or 1)}. "
            "Pide menos orígenes, un paso menor o un plazo más corto."
        )
    return (
        Cut(slice(0 if width is None else origin - width, origin), slice(origin, origin + horizon))
        for origin in range(first, count - horizon + 1, step)
    )

"""Lo que se conoce por adelantado y lo que no: dos tipos, para que el futuro no se cuele.

La hora y los festivos de mañana se saben hoy; la presión de mañana, no. Una covariable se declara
como una cosa o la otra y, a partir de ahí, pedir el futuro de la segunda es un error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from course_utils.validation import as_array, as_int, describe


class FutureLeakError(ValueError):
    """Se ha pedido de una covariable un valor que al pronosticar no se conoce todavía."""


class Covariate:
    """Una covariable de una serie; se usan sus dos clases, y esta no.

    Parameters
    ----------
    name : str
        Cómo se llama, para los mensajes.
    values : ndarray of shape (tiempo,) or (tiempo, columnas)
        Sus valores, en los mismos momentos que los de la serie. Se guarda una copia.
    """

    def __init__(self, name: str, values: np.ndarray) -> None:
        self.name = str(name)
        values = as_array(f"la covariable {self.name}", values, ndim=(1, 2), dtype="float64")
        self._values = values.reshape(len(values), -1).copy()

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {len(self)} valores)"

    @property
    def columns(self) -> int:
        """Cuántas columnas tiene."""
        return self._values.shape[1]

    def past(self, origin: int, width: int | None = None) -> np.ndarray:
        """Lo que ya se conocía de ella en un origen.

        Parameters
        ----------
        origin : int
            Cuántos valores de la serie han pasado.
        width : int, optional
            Cuántos se quieren; sin él, todos.

        Returns
        -------
        ndarray of shape (ancho, columnas)

        Raises
        ------
        TypeError, ValueError
            Si no hay tantos.
        """
        origin = as_int("origin", origin, minimum=0)
        width = origin if width is None else as_int("width", width, minimum=1)
        if not width <= origin <= len(self):
            raise ValueError(
                f"De {self.name} hay {len(self)} valores; no se pueden dar los {width} anteriores "
                f"al origen {origin}. Usa un origen entre {width} y {len(self)}."
            )
        return self._values[origin - width : origin].copy()

    def future(self, origin: int, horizon: int) -> np.ndarray:
        """Sus valores en el plazo que se pronostica, si de verdad se conocen ya."""
        raise NotImplementedError


class KnownAhead(Covariate):
    """Una covariable que se conoce por adelantado: la hora, el día, los festivos, un precio fijado.

    Parameters
    ----------
    name, values
        Como en :class:`Covariate`. Para pronosticar más allá de la serie, trae también los valores
        de ese plazo.

    Examples
    --------
    >>> hour = KnownAhead("hora", [0, 1, 2, 3, 4, 5])
    >>> hour.past(4, 2).ravel(), hour.future(4, 2).ravel()
    (array([2., 3.]), array([4., 5.]))
    """

    def future(self, origin: int, horizon: int) -> np.ndarray:
        """Sus valores en el plazo que se pronostica.

        Parameters
        ----------
        origin : int
            Cuántos valores de la serie han pasado: el primero del plazo es el de ese lugar.
        horizon : int
            Cuántos se pronostican.

        Returns
        -------
        ndarray of shape (horizonte, columnas)

        Raises
        ------
        TypeError, ValueError
            Si no llega tan lejos.
        """
        origin = as_int("origin", origin, minimum=0)
        horizon = as_int("horizon", horizon, minimum=1)
        if origin + horizon > len(self):
            raise ValueError(
                f"{self.name} se conoce por adelantado, pero solo tiene {len(self)} valores y "
                f"hacen falta {origin + horizon}: {horizon} desde el origen {origin}. Añádele los "
                "del plazo que se pronostica."
            )
        return self._values[origin : origin + horizon].copy()


class ObservedOnly(Covariate):
    """Una covariable que solo se conoce cuando ya ha pasado: la presión, el viento, otra serie.

    Parameters
    ----------
    name, values
        Como en :class:`Covariate`.

    Examples
    --------
    >>> wind = ObservedOnly("viento", [3.0, 5.0, 4.0, 8.0])
    >>> wind.past(3).ravel()
    array([3., 5., 4.])
    >>> wind.future(3, 1)
    Traceback (most recent call last):
    course_utils.forecasting.covariates.FutureLeakError: «viento» solo se observa: al pronosticar
    desde el origen 3 no se conoce todavía lo que viene después. ...
    """

    def future(self, origin: int, horizon: int) -> np.ndarray:
        """Siempre es un error: al pronosticar, no se conoce.

        Raises
        ------
        FutureLeakError
        """
        raise FutureLeakError(
            f"«{self.name}» solo se observa: al pronosticar desde el origen {origin} no se conoce "
            "todavía lo que viene después. Dale al modelo su pasado (past), pronostícala aparte o, "
            "si de verdad se sabe por adelantado, decláralo con KnownAhead."
        )


class ForecastWindows(NamedTuple):
    """Ejemplos para una red que ve un tramo y pronostica el siguiente.

    Attributes
    ----------
    past : ndarray of shape (lote, ancho, 1 + columnas)
        La serie y, detrás, todas las covariables, hasta el origen sin incluirlo.
    future : ndarray of shape (lote, horizonte, columnas)
        Las covariables que se conocen por adelantado, en el plazo.
    targets : ndarray of shape (lote, horizonte)
        Lo que pasó.
    origins : ndarray of shape (lote,)
        El origen de cada ejemplo: el lugar de su primer objetivo.
    """

    past: np.ndarray
    future: np.ndarray
    targets: np.ndarray
    origins: np.ndarray


def forecast_windows(
    series: np.ndarray,
    *,
    width: int,
    horizon: int,
    known: Sequence[KnownAhead] = (),
    observed: Sequence[ObservedOnly] = (),
    origins: Sequence[int] | None = None,
) -> ForecastWindows:
    """Corta una serie y sus covariables en ejemplos, cada cosa en su sitio.

    Parameters
    ----------
    series : ndarray of shape (tiempo,)
        La serie, en orden y sin huecos.
    width : int
        Cuántos pasos del pasado ve cada ejemplo.
    horizon : int
        Cuántos se pronostican.
    known, observed : sequence of KnownAhead, sequence of ObservedOnly
        Las covariables. De las primeras van el pasado y el plazo; de las segundas, el pasado.
    origins : sequence of int, optional
        Los orígenes que se quieren; sin ellos, todos los que caben.

    Returns
    -------
    ForecastWindows

    Raises
    ------
    FutureLeakError
        Si en ``known`` hay una covariable que solo se observa.
    TypeError, ValueError
        Si una covariable no está declarada o dura menos que la serie, o no cabe ningún ejemplo.

    Examples
    --------
    >>> hour = KnownAhead("hora", np.arange(8) % 4)
    >>> windows = forecast_windows(np.arange(10.0, 18.0), width=3, horizon=2, known=[hour])
    >>> windows.past.shape, windows.future.shape, windows.targets.shape
    ((4, 3, 2), (4, 2, 1), (4, 2))
    >>> windows.past[0, :, 0], windows.future[0, :, 0], windows.targets[0]
    (array([10., 11., 12.]), array([3., 0.]), array([13., 14.]))
    """
    series = as_array("series", series, ndim=1, dtype="float64")
    width = as_int("width", width, minimum=1)
    horizon = as_int("horizon", horizon, minimum=1)
    known, observed = check_covariates(known, observed, length=len(series))
    last = len(series) - horizon
    if last < width:
        raise ValueError(
            f"Con width={width} y horizon={horizon} la serie debe tener al menos {width + horizon} "
            f"valores; ha llegado una de {len(series)}. Usa una serie más larga o menos ancho."
        )
    origins = np.arange(width, last + 1) if origins is None else np.asarray(origins, dtype=int)
    if origins.size and not (width <= origins.min() and origins.max() <= last):
        raise ValueError(
            f"Los orígenes deben estar entre {width} y {last}; han llegado de {origins.min()} a "
            f"{origins.max()}. Antes no cabe la ventana y después falta lo que pasó."
        )
    every = np.column_stack([series, *(item.past(len(series)) for item in (*known, *observed))])
    # Solo KnownAhead tiene futuro: aquí no puede haber nada que no se sepa de antemano.
    ahead = [np.zeros((len(series), 0)), *(item.future(0, len(series)) for item in known)]
    places = origins[:, None] + np.arange(horizon)  # (lote, horizonte)
    return ForecastWindows(
        past=every[origins[:, None] + np.arange(-width, 0)],
        future=np.concatenate(ahead, axis=1)[places],
        targets=series[places],
        origins=origins,
    )


def with_covariates(
    model: Callable[..., np.ndarray],
    *,
    known: Sequence[KnownAhead] = (),
    observed: Sequence[ObservedOnly] = (),
) -> Callable[[np.ndarray, int], np.ndarray]:
    """Un pronóstico con covariables, para usarlo donde se espera uno sin ellas.

    Parameters
    ----------
    model : callable
        ``model(history, horizon, past, future)``: la historia, el plazo, el pasado de todas las
        covariables (origen, columnas) y el futuro de las que se conocen (horizonte, columnas).
    known, observed : sequence of KnownAhead, sequence of ObservedOnly
        Las covariables, que empiezan donde la serie.

    Returns
    -------
    callable
        ``(history, horizon)``; el origen es la longitud de la historia.

    Raises
    ------
    FutureLeakError, TypeError
        Como :func:`forecast_windows`.

    Examples
    --------
    >>> def cheaper_on_sale(history, horizon, past, future):
    ...     return history[-1] + 10 * future[:, 0]
    >>> sale = KnownAhead("oferta", [0, 0, 0, 1, 0])
    >>> with_covariates(cheaper_on_sale, known=[sale])(np.array([5.0, 5.0, 6.0]), 2)
    array([16.,  6.])
    """
    known, observed = check_covariates(known, observed)

    def forecast(history: np.ndarray, horizon: int) -> np.ndarray:
        origin = len(history)
        past = [item.past(origin) for item in (*known, *observed)]
        future = [item.future(origin, horizon) for item in known]
        return model(
            history,
            horizon,
            np.concatenate(past, axis=1) if past else np.zeros((origin, 0)),
            np.concatenate(future, axis=1) if future else np.zeros((horizon, 0)),
        )

    return forecast


def check_covariates(
    known: Sequence[object], observed: Sequence[object], *, length: int = 0
) -> tuple[tuple[KnownAhead, ...], tuple[ObservedOnly, ...]]:
    """Las covariables, si cada una está donde se declaró y dura lo que la serie.

    Raises
    ------
    FutureLeakError
        Si entre las que se conocen por adelantado hay una que solo se observa.
    TypeError, ValueError
        Si alguna no está declarada, está en el otro lado o dura menos de ``length``.

    Examples
    --------
    >>> check_covariates([ObservedOnly("viento", [1.0])], [])
    Traceback (most recent call last):
    course_utils.forecasting.covariates.FutureLeakError: «viento» solo se observa ...
    """
    for place, items, kind in (("known", known, KnownAhead), ("observed", observed, ObservedOnly)):
        for item in items:
            if kind is KnownAhead and isinstance(item, ObservedOnly):
                raise FutureLeakError(
                    f"«{item.name}» solo se observa y ha llegado en known, entre lo que se conoce "
                    "por adelantado: el modelo vería lo que aún no ha pasado. Pásala en observed."
                )
            if not isinstance(item, kind):
                raise TypeError(
                    f"En {place} van covariables {kind.__name__}; ha llegado {describe(item)}. "
                    "Di de cada una si se conoce por adelantado: KnownAhead(nombre, valores), o "
                    "solo cuando ha pasado: ObservedOnly(nombre, valores)."
                )
            if len(item) < length:
                raise ValueError(
                    f"{item.name} tiene {len(item)} valores y la serie, {length}. Debe traer uno "
                    "para cada momento de la serie."
                )
    return tuple(known), tuple(observed)

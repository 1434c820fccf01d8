"""Los modelos de referencia: lo que cualquier red tiene que mejorar para merecer la pena.

Todos se llaman igual, ``modelo(historia, horizonte)``, con sus opciones por nombre; con
:func:`functools.partial` se fijan y se pasan a :func:`~course_utils.forecasting.backtest`.
"""

from __future__ import annotations

import numbers

import numpy as np

from course_utils.validation import as_array, as_int, describe


def naive(history: np.ndarray, horizon: int) -> np.ndarray:
    """Persistencia: todo el plazo, como el último valor.

    Parameters
    ----------
    history : ndarray of shape (tiempo,)
        Lo que ha pasado, en orden y sin huecos.
    horizon : int
        Cuántos pasos se pronostican.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Si la historia está vacía, no es numérica o tiene huecos.

    Examples
    --------
    >>> naive([1, 2, 5], 2)
    array([5., 5.])
    """
    history, horizon = as_history(history, horizon)
    return np.full(horizon, history[-1])


def seasonal_naive(history: np.ndarray, horizon: int, *, period: int) -> np.ndarray:
    """Persistencia estacional: se repite el último ciclo.

    Parameters
    ----------
    history, horizon
        Como en :func:`naive`.
    period : int
        Pasos de un ciclo.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Como :func:`naive`, o si no hay un ciclo entero.

    Examples
    --------
    >>> seasonal_naive([1, 2, 3, 4], 5, period=3)
    array([2., 3., 4., 2., 3.])
    """
    period = as_int("period", period, minimum=1)
    history, horizon = as_history(history, horizon, needed=period)
    return np.resize(history[-period:], horizon)


def drift(history: np.ndarray, horizon: int) -> np.ndarray:
    """Deriva: la recta del primer valor al último, prolongada.

    Parameters
    ----------
    history, horizon
        Como en :func:`naive`.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Como :func:`naive`, o si la historia tiene un solo valor.

    Examples
    --------
    >>> drift([1, 5, 7], 2)
    array([10., 13.])
    """
    history, horizon = as_history(history, horizon, needed=2)
    slope = (history[-1] - history[0]) / (len(history) - 1)
    return history[-1] + slope * np.arange(1, horizon + 1)


def climatology(
    history: np.ndarray,
    horizon: int,
    *,
    period: int,
    cycles: int | None = None,
    keep: float = 1.0,
) -> np.ndarray:
    """Climatología más la última anomalía.

    La climatología es la media de cada lugar del ciclo; la anomalía, lo que el último valor se
    aparta de la suya. Con datos mensuales y ``period=12``, la de los libros. Con el tiempo horario
    de un solo año, ``period=24`` y ``cycles`` días: la media de cada hora en una ventana reciente,
    que sigue a las estaciones.

    Parameters
    ----------
    history, horizon
        Como en :func:`naive`.
    period : int
        Pasos de un ciclo.
    cycles : int, optional
        Cuántos ciclos recientes cuentan; sin él, todos.
    keep : float, default 1.0
        Qué parte de la anomalía queda a cada paso: con 1, toda y para siempre; con 0, la
        climatología sola.

    Returns
    -------
    ndarray of shape (horizonte,)

    Raises
    ------
    TypeError, ValueError
        Como :func:`naive`, o si no hay tantos ciclos o ``keep`` no está entre 0 y 1.

    Examples
    --------
    >>> climatology([1, 5, 3, 7, 2, 9], 2, period=2)
    array([4., 9.])
    >>> climatology([1, 5, 3, 7, 2, 9], 2, period=2, cycles=1, keep=0)
    array([2., 9.])
    """
    period = as_int("period", period, minimum=1)
    if cycles is not None:
        cycles = as_int("cycles", cycles, minimum=1)
    if not isinstance(keep, numbers.Real) or not 0 <= keep <= 1:
        raise ValueError(
            f"keep debe estar entre 0 y 1; ha llegado {describe(keep)}. Con 1 la anomalía dura "
            "siempre; con 0 no cuenta."
        )
    history, horizon = as_history(history, horizon, needed=period * (cycles or 1))
    recent = history if cycles is None else history[-period * cycles :]
    # Cada valor, en su lugar del ciclo, contando desde el final: el último es el de lugar -1.
    place = np.arange(-len(recent), 0) % period
    means = np.bincount(place, weights=recent) / np.bincount(place)
    steps = np.arange(horizon)
    anomaly = recent[-1] - means[-1]
    return means[steps % period] + anomaly * keep ** (steps + 1)


def as_history(history: object, horizon: object, *, needed: int = 1) -> tuple[np.ndarray, int]:
    """La historia y el plazo que recibe cualquier modelo, comprobados.

    Raises
    ------
    TypeError, ValueError
        Si no valen o la historia no llega a ``needed`` valores.

    Examples
    --------
    >>> as_history([1, 2], 3)
    (array([1., 2.]), 3)
    """
    horizon = as_int("horizon", horizon, minimum=1)
    history = as_array("history", history, ndim=1, dtype="float64")
    if len(history) < needed:
        raise ValueError(
            f"Para este modelo history debe tener al menos {needed} valores; ha llegado una de "
            f"{len(history)}. Empieza más tarde o usa un ciclo menor."
        )
    return history, horizon

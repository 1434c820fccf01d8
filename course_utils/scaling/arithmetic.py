"""Las cuentas de muchas máquinas: lo que tarda en viajar un gradiente, esperar y fallar."""

from __future__ import annotations

import math

import numpy as np

from course_utils.validation import as_array, as_int


def ring_seconds(size: float, machines: int, *, bandwidth: float, latency: float) -> float:
    """Lo que tarda, como poco, un ``all_reduce`` en anillo.

    Cada máquina manda y recibe ``2 (n - 1)`` trozos de ``size / n`` bytes, uno detrás de otro
    (Patarasuk y Yuan, 2009): con muchas máquinas, los bytes que pasan por cada cable casi no crecen
    y las esperas crecen con ``n``.

    Parameters
    ----------
    size : float
        Bytes del gradiente.
    machines : int
        Cuántas.
    bandwidth : float
        Bytes por segundo de cada cable.
    latency : float
        Segundos que tarda en llegar un mensaje vacío.

    Examples
    --------
    >>> ring_seconds(8e6, 2, bandwidth=1e9, latency=0.0)
    0.008
    >>> ring_seconds(8e6, 1, bandwidth=1e9, latency=1.0)
    0.0
    """
    machines = as_int("machines", machines, minimum=1)
    _positive("bandwidth", bandwidth)
    return 2 * (machines - 1) * (latency + size / machines / bandwidth)


def expected_slowest(times: np.ndarray, machines: int) -> float:
    """Lo que se espera al más lento de muchos, si cada uno tarda como una de las veces medidas.

    Es el máximo esperado de ``machines`` sorteos, con repetición, de lo medido: nunca pasa de lo
    más que se ha visto, así que con pocas medidas se queda corto.

    Parameters
    ----------
    times : ndarray of shape (medidas,)
        Lo que ha tardado cada vez.
    machines : int
        A cuántos se espera.

    Examples
    --------
    >>> expected_slowest(np.array([1.0, 2.0]), 1)
    1.5
    >>> round(expected_slowest(np.array([1.0, 2.0]), 3), 3)
    1.875
    """
    ordered = np.sort(as_array("times", times, ndim=1))
    machines = as_int("machines", machines, minimum=1)
    ranks = np.arange(len(ordered) + 1) / len(ordered)
    return float(ordered @ np.diff(ranks**machines))


def hours_between_failures(machine_hours: float, machines: int) -> float:
    """Cada cuántas horas falla alguna, si una sola falla cada ``machine_hours``.

    Examples
    --------
    >>> hours_between_failures(50_000, 1_000)
    50.0
    """
    _positive("machine_hours", machine_hours)
    return machine_hours / as_int("machines", machines, minimum=1)


def checkpoint_interval(cost: float, between_failures: float) -> float:
    """Cada cuánto conviene guardar, si guardar cuesta ``cost`` (Young, 1974): ``sqrt(2 c m)``.

    Los dos tiempos y el resultado van en la misma unidad.

    Examples
    --------
    >>> checkpoint_interval(0.02, 100.0)
    2.0
    """
    _positive("between_failures", between_failures)
    return math.sqrt(2 * cost * between_failures)


def lost_to_failures(cost: float, between_failures: float, interval: float) -> float:
    """Qué parte del tiempo se va en guardar y en repetir lo que un fallo se lleva.

    Guardar, ``cost / interval``; y en cada fallo se pierde, de media, medio intervalo.

    Examples
    --------
    >>> lost_to_failures(0.02, 100.0, 2.0)
    0.02
    """
    _positive("interval", interval)
    _positive("between_failures", between_failures)
    return cost / interval + interval / 2 / between_failures


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} debe ser mayor que cero; ha llegado {value!r}.")

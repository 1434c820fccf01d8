"""Cuánta memoria ocupa una familia de procesos, sin contar dos veces lo que comparten."""

from __future__ import annotations

import os
from typing import NamedTuple


class Memory(NamedTuple):
    """Lo que ocupa una familia de procesos, en MB.

    Attributes
    ----------
    proportional_mb : float
        El tamaño proporcional (``pss``): cada página compartida se reparte entre quienes la usan.
        Donde el sistema no lo da (Windows, macOS), la residente.
    resident_mb : float
        La suma de la residente (RSS) de cada proceso: lo compartido se cuenta una vez por proceso.
    processes : int
        Cuántos son.
    """

    proportional_mb: float = 0.0
    resident_mb: float = 0.0
    processes: int = 0


def family_memory(pid: int | None = None) -> Memory:
    """Lo que ocupan ahora un proceso, sus hijos y los hijos de estos.

    Parameters
    ----------
    pid : int, optional
        El proceso; sin él, este mismo.

    Examples
    --------
    >>> here = family_memory()
    >>> here.processes >= 1 and here.resident_mb > 0
    True
    """
    import psutil

    try:
        parent = psutil.Process(os.getpid() if pid is None else pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return Memory()
    total = Memory()
    for process in family:
        try:
            resident = process.memory_info().rss / 1e6
            proportional = getattr(process.memory_full_info(), "pss", resident * 1e6) / 1e6
        except psutil.Error:  # ha acabado mientras se miraba
            continue
        total = Memory(
            total.proportional_mb + proportional,
            total.resident_mb + resident,
            total.processes + 1,
        )
    return total

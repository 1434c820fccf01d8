"""Ejecutar una orden aparte y saber qué ha costado: procesador, memoria y si hubo que cortarla.

Los límites se miden en segundos de procesador del propio árbol de procesos: una máquina ocupada con
otras cosas tarda más, pero no gasta más. El reloj solo corta lo que se cuelga.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

# Lo que se espera a una celda antes de darla por colgada. De sobra para una máquina cinco veces más
# lenta: ninguna lección pasa de 60 s de procesador en total.
HANG_SECONDS = 600
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
LOOK_EVERY = 0.1  # segundos entre dos miradas al árbol de procesos


class Usage(NamedTuple):
    """Lo que gasta un árbol de procesos."""

    seconds: float = 0.0  # de procesador, de lo vivo y de lo que ya acabó
    resident_mb: float = 0.0  # sumando la de cada proceso: lo compartido se cuenta varias veces


class Measured(NamedTuple):
    """Cómo ha ido una orden.

    Attributes
    ----------
    code : int
        Código de salida.
    seconds : float
        Segundos de procesador de sus procesos hijos y los de estos: con papermill, el núcleo y lo
        que lance, sin el arranque de papermill (unos 2,6 s).
    wall : float
        Segundos de reloj.
    peak_mb : float
        Memoria máxima de esos mismos procesos.
    cut : str
        Por qué se ha cortado; vacío si ha terminado sola.
    """

    code: int
    seconds: float
    wall: float
    peak_mb: float
    cut: str = ""


def run_measured(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    memory_limit_mb: float,
    wall_limit: float | None,
) -> Measured:
    """Ejecuta una orden, mide lo que gastan sus hijos y la corta si se cuelga o se desboca.

    Parameters
    ----------
    command : sequence of str
        La orden.
    environment : mapping
        Sus variables, además de las de este proceso.
    log : Path
        Dónde se guarda lo que escribe en su salida de error.
    memory_limit_mb : float
        Memoria con la que se corta.
    wall_limit : float or None
        Segundos de reloj con los que se da por colgada.
    """
    start, seconds, resident, peak, cut = time.monotonic(), 0.0, 0.0, 0.0, ""
    with log.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            command,
            env={**os.environ, **ONE_THREAD, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        try:
            while process.poll() is None:
                usage = tree_usage(process.pid)
                seconds = max(seconds, usage.seconds)
                if usage.resident_mb > resident:  # mirarla bien detiene al proceso un momento
                    resident = 1.01 * usage.resident_mb
                    peak = max(peak, tree_memory_mb(process.pid))
                if peak > memory_limit_mb:
                    cut = f"se ha cortado al pasar de {memory_limit_mb:.0f} MB de memoria"
                elif wall_limit is not None and time.monotonic() - start > wall_limit:
                    cut = f"no acaba; se ha cortado a los {wall_limit:.0f} s"
                if cut:
                    break
                time.sleep(LOOK_EVERY)
        finally:
            if process.poll() is None:
                kill_tree(process.pid)
            code = process.wait()
    return Measured(code, seconds, time.monotonic() - start, peak, cut)


def descendants(pid: int) -> list[psutil.Process]:
    """Los hijos de un proceso y los de estos; ninguno si ya no existe."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def tree_usage(pid: int) -> Usage:
    """Lo que han gastado los descendientes de un proceso, sin él, y lo que ocupan sumados."""
    seconds, resident = 0.0, 0.0
    for process in descendants(pid):
        try:
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            continue
        # Con los hijos que ya acabaron, que solo constan en su padre.
        seconds += times.user + times.system
        seconds += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        resident += memory.rss / 1e6
    return Usage(seconds, resident)


def tree_memory_mb(pid: int) -> float:
    """Memoria que ocuparían los descendientes de un proceso si estuvieran solos en la máquina.

    La anónima se reparte entre quienes la comparten, y la de los archivos (las bibliotecas) se
    cuenta una vez. Sumar la residente de cada proceso la contaría varias; repartirla entre todos
    los que la usan, también los de otras lecciones, dependería de los vecinos.
    """
    anonymous, mapped = 0.0, [0.0]
    for process in descendants(pid):
        try:
            own, shared = memory_mb(process)
        except (psutil.Error, OSError):
            continue
        anonymous += own
        mapped.append(shared)
    return anonymous + max(mapped)


def memory_mb(process: psutil.Process) -> tuple[float, float]:
    """Memoria anónima (su parte, si es compartida) y de archivos de un proceso, en MB.

    Donde el sistema no las distingue, toda la residente cuenta como anónima.
    """
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    if not rollup.exists():
        return process.memory_info().rss / 1e6, 0.0
    lines = (line.split() for line in rollup.read_text(encoding="ascii").splitlines()[1:])
    kb = {name.rstrip(":"): int(value) for name, value, *_ in lines}
    if "Pss_Anon" not in kb:
        return kb["Pss"] * 1024 / 1e6, 0.0
    own = kb["Pss_Anon"] + kb["Pss_Shmem"]
    shared = max(kb["Rss"] - kb["Anonymous"] - kb["Pss_Shmem"], 0)
    return own * 1024 / 1e6, shared * 1024 / 1e6


def kill_tree(pid: int) -> None:
    """Termina un proceso y todos sus hijos."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.Error:
        return
    for process in family:
        try:
            process.kill()
        except psutil.Error:
            continue

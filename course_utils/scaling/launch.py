"""Lanza una función en varios procesos con ``torchrun`` y recoge lo que da cada uno."""

from __future__ import annotations

import os
import pickle
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from course_utils.scaling.memory import Memory, family_memory
from course_utils.scaling.processes import end_families, start_leashed
from course_utils.validation import as_int

TASK = "encargo.bin"  # la función y sus argumentos, como viajan a los procesos
LEASH_VARIABLE = "CURSO_CORREA"  # segundos; sin ella (lanzado a mano), no hay correa
LOOK_EVERY = 0.25  # segundos entre dos miradas a la memoria
Value = np.ndarray | float | int | str | bool


class LaunchError(RuntimeError):
    """Los procesos no han llegado al final; el mensaje dice cuál ha fallado y por qué."""


class Run(NamedTuple):
    """Lo que ha salido de unos procesos.

    Attributes
    ----------
    ranks : list of dict
        Lo que ha devuelto la función en cada proceso, por orden; arrays de NumPy.
    wall : float
        Segundos de reloj, con el arranque de los procesos.
    processor : float
        Segundos de procesador de los procesos que la han ejecutado, con lo que tardan en arrancar.
    memory : Memory
        Lo más que han ocupado a la vez, contando a quien los lanzó.
    """

    ranks: list[dict[str, np.ndarray]]
    wall: float
    processor: float
    memory: Memory


def torchrun(
    worker: Callable[..., Mapping[str, Value]],
    processes: int,
    *,
    arguments: Mapping[str, Any] | None = None,
    seconds: float = 180.0,
) -> Run:
    """Ejecuta ``worker(rank, world, **arguments)`` en varios procesos a la vez.

    Los lanza ``torchrun``, con un grupo de procesos de ``gloo`` ya formado y un hilo cada uno.
    Acaban siempre: si uno falla, se para a los demás; si pasa el tiempo, o se interrumpe la celda,
    o muere el cuaderno, se acaba con todos.

    Parameters
    ----------
    worker : callable
        Recibe qué proceso es, contando desde 0, y cuántos son; devuelve un diccionario de números,
        textos o arrays. Puede estar escrita en el cuaderno: viaja con lo que usa.
    processes : int
        Cuántos procesos.
    arguments : mapping, optional
        Lo demás que recibe, igual en todos.
    seconds : float, default 180
        De reloj, con los que se dan por colgados.

    Raises
    ------
    ValueError
        Si no se pide al menos un proceso.
    LaunchError
        Si alguno falla o no acaban a tiempo. No queda ninguno en marcha.

    Notes
    -----
    La función viaja como la mandaría Dask, con ``cloudpickle``. Quien lee un archivo así ejecuta lo
    que traiga: es de una carpeta temporal que acaba de escribir este mismo programa.

    Examples
    --------
    >>> def total(rank, world):
    ...     import torch
    ...     value = torch.tensor([float(rank + 1)])
    ...     torch.distributed.all_reduce(value)  # la suma de todos, en todos
    ...     return {"total": value.numpy()}
    >>> [float(result["total"][0]) for result in torchrun(total, 2).ranks]
    [3.0, 3.0]
    """
    count = as_int("processes", processes, minimum=1)
    with tempfile.TemporaryDirectory(prefix="curso-torchrun-") as name:
        folder = Path(name)
        _write_task(folder, worker, dict(arguments or {}))
        start = time.perf_counter()
        process = start_leashed(
            command(count),
            log=folder / "salida.txt",
            cwd=folder,
            environment={LEASH_VARIABLE: str(seconds), "GLOO_SOCKET_IFNAME": _loopback()},
        )
        try:
            memory = _wait(process, seconds)
        finally:
            end_families([process])
        wall = time.perf_counter() - start
        if process.returncode:
            raise LaunchError(_failure(folder, count, seconds))
        ranks = [read_result(folder, rank) for rank in range(count)]
    processor = sum(float(result.pop("_processor")) for result in ranks)
    return Run(ranks, wall, processor, memory)


def command(count: int, *, machines: int = 1, address: str = "") -> list[str]:
    """La orden de ``torchrun``, sin el ``python`` de delante.

    Parameters
    ----------
    count : int
        Procesos en esta máquina.
    machines : int, default 1
        Cuántas máquinas ejecutan esta misma orden.
    address : str, optional
        Con varias: nombre y puerto de una de ellas, en la que se reúnen.

    Examples
    --------
    >>> print(*command(2)[2:5])
    --standalone --local-addr=127.0.0.1 --nproc-per-node=2
    >>> print(*command(2, machines=3, address="aula-01:29400")[2:5])
    --nnodes=3 --rdzv-backend=c10d --rdzv-endpoint=aula-01:29400
    """
    # Con dirección: si el nombre de la máquina no se resuelve (VPN, macOS), no se encontrarían.
    meeting = ["--standalone", "--local-addr=127.0.0.1"]
    if machines > 1:
        meeting = [f"--nnodes={machines}", "--rdzv-backend=c10d", f"--rdzv-endpoint={address}"]
    return [
        *("-m", "torch.distributed.run", *meeting),
        *(f"--nproc-per-node={count}", "-m", "course_utils.scaling.rank"),
    ]


def _write_task(folder: Path, worker: Callable, arguments: dict[str, Any]) -> None:
    from joblib import wrap_non_picklable_objects

    # Lo escrito en un cuaderno no está en ningún módulo: su código viaja con ella.
    task = wrap_non_picklable_objects((worker, arguments), keep_wrapper=False)
    try:
        (folder / TASK).write_bytes(pickle.dumps(task))
    except (TypeError, pickle.PicklingError) as error:
        raise TypeError(
            f"La función viaja a los procesos con todo lo que usa, y algo no puede viajar: {error}."
        ) from None


def _wait(process: subprocess.Popen, seconds: float) -> Memory:
    """Espera a que acabe y devuelve lo más que ha ocupado con los suyos y con este proceso."""
    deadline, peak = time.monotonic() + seconds, Memory()
    while True:
        try:
            process.wait(LOOK_EVERY)
            return peak
        except subprocess.TimeoutExpired:
            peak = max(peak, family_memory())
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"Los procesos no han acabado en {seconds:g} segundos de reloj y se han "
                    "parado. ¿Espera alguno a otro que no llega? Todos deben hacer las mismas "
                    "llamadas a `all_reduce`, y en el mismo orden. Si solo es que tarda, pide más "
                    "segundos."
                ) from None


def _failure(folder: Path, count: int, seconds: float) -> str:
    """Qué proceso ha fallado primero y qué ha dicho."""
    errors = sorted(folder.glob("error-*.txt"), key=lambda path: path.stat().st_mtime_ns)
    said = {int(path.stem.partition("-")[2]): path.read_text("utf-8").strip() for path in errors}
    # De quien muere de golpe no queda nada escrito: los demás solo notan que falta alguien.
    own = [rank for rank, text in said.items() if "gloo/transport" not in text]
    gone = ", ".join(str(rank) for rank in range(count) if rank not in said)
    if said and not own and gone:
        return (
            f"Ha muerto un proceso sin decir por qué (de {count}, el {gone}): ¿falta de memoria, o "
            "lo ha matado alguien? Los demás se han enterado al cortarse la conexión."
        )
    if said:
        rank = (own or list(said))[0]
        return f"El proceso {rank} de {count} ha fallado: {said[rank]}"
    log = (folder / "salida.txt").read_text("utf-8", errors="replace").strip().splitlines()
    end = "\n".join(log[-8:])
    return (
        f"Los procesos han acabado mal y ninguno ha dicho por qué: ¿ha muerto alguno (falta de "
        f"memoria) o ha pasado de {seconds:g} segundos? Lo último que han escrito:\n{end}"
    )


def read_result(folder: Path, rank: int) -> dict[str, np.ndarray]:
    """Lo que dejó escrito un proceso."""
    with np.load(folder / f"resultado-{rank}.npz", allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _loopback() -> str:
    """El nombre de la red interna: ``gloo`` no depende así de cómo se llame esta máquina."""
    import psutil

    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == "127.0.0.1" for address in addresses):
            return name
    return os.environ.get("GLOO_SOCKET_IFNAME", "lo")

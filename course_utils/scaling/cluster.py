"""Un clúster de Dask en esta máquina: un planificador y unos trabajadores, cada uno un proceso.

Son los mismos programas que se lanzan en máquinas de verdad (``dask scheduler``, ``dask worker``),
así que lo que vale aquí vale con una dirección de fuera.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course_utils.scaling.processes import end_families, start_leashed
from course_utils.validation import as_int

# Sin panel web, y un trabajador que muere se nota al momento: cierra su conexión.
QUIET = {"DASK_LOGGING__DISTRIBUTED": "error", "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s"}


class LocalCluster:
    """Un clúster en marcha.

    Attributes
    ----------
    address : str
        Dónde escucha el planificador, como ``tcp://127.0.0.1:40123``.
    workers : list of int
        El identificador de proceso de cada trabajador.
    """

    def __init__(self, scheduler: subprocess.Popen, folder: Path, seconds: float) -> None:
        self._scheduler, self._folder, self._seconds = scheduler, folder, seconds
        self._workers: list[subprocess.Popen] = []
        self.address = ""

    @property
    def workers(self) -> list[int]:
        return [worker.pid for worker in self._workers]

    def alive(self) -> list[int]:
        """Los que siguen vivos."""
        return [worker.pid for worker in self._workers if worker.poll() is None]

    def add_worker(self) -> int:
        """Añade un trabajador de un hilo; devuelve su identificador de proceso."""
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
        worker = start_leashed(
            _leashed(self._seconds, "dask_worker", self.address, *options, "--host", "127.0.0.1"),
            log=self._folder / "trabajadores.txt",
            cwd=self._folder,
            environment=QUIET,
        )
        self._workers.append(worker)
        return worker.pid

    def kill_worker(self, pid: int) -> None:
        """Mata a uno de golpe, como quien tira del cable.

        Raises
        ------
        ValueError
            Si no es un trabajador de este clúster que siga vivo.
        """
        if pid not in self.alive():
            raise ValueError(
                f"pid debe ser el de un trabajador vivo, de {self.alive()}; ha llegado {pid!r}."
            )
        end_families([worker for worker in self._workers if worker.pid == pid])

    def close(self) -> None:
        """Acaba con todos."""
        end_families([*self._workers, self._scheduler])


def has_dask() -> bool:
    """Si está instalado el extra ``escalar``.

    Examples
    --------
    >>> has_dask() in (True, False)
    True
    """
    return importlib.util.find_spec("distributed") is not None


@contextmanager
def local_cluster(workers: int = 2, *, seconds: float = 300.0) -> Iterator[LocalCluster]:
    """Un clúster de procesos aparte mientras dure el bloque; después, no queda ninguno.

    Parameters
    ----------
    workers : int, default 2
        Cuántos trabajadores, de un hilo cada uno. Nadie los vuelve a levantar si mueren.
    seconds : float, default 300
        De reloj, con los que cada proceso se da por colgado.

    Raises
    ------
    ModuleNotFoundError
        Si falta el extra ``escalar``; el mensaje trae la orden que lo instala.
    RuntimeError
        Si el planificador no llega a escuchar.

    Examples
    --------
    >>> if has_dask():
    ...     from distributed import Client
    ...     with local_cluster(1) as cluster, Client(cluster.address) as client:
    ...         assert client.submit(abs, -3).result(60) == 3
    """
    count = as_int("workers", workers, minimum=1)
    if not has_dask():
        from course_utils.requirements import install_command

        raise ModuleNotFoundError(
            "local_cluster usa Dask, que no está instalado. Instálalo con: "
            f"{install_command('distributed')}",
            name="distributed",
        )
    with tempfile.TemporaryDirectory(prefix="curso-dask-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter"]
        found = ["--scheduler-file", str(folder / "planificador.json")]
        scheduler = start_leashed(
            _leashed(seconds, "dask_scheduler", *options, *found),
            log=folder / "planificador.txt",
            cwd=folder,
            environment=QUIET,
        )
        cluster = LocalCluster(scheduler, folder, seconds)
        try:
            cluster.address = _address(scheduler, folder, seconds)
            for _ in range(count):
                cluster.add_worker()
            yield cluster
        finally:
            cluster.close()


def _leashed(seconds: float, program: str, *arguments: str) -> list[str]:
    module = f"distributed.cli.{program}"
    return ["-m", "course_utils.scaling.leash", str(seconds), module, *arguments]


def _address(scheduler: subprocess.Popen, folder: Path, seconds: float) -> str:
    """La dirección que el planificador deja escrita cuando ya escucha."""
    deadline = time.monotonic() + min(seconds, 60.0)
    while scheduler.poll() is None and time.monotonic() < deadline:
        try:
            return json.loads((folder / "planificador.json").read_text("utf-8"))["address"]
        except (OSError, ValueError):  # aún no está, o está a medio escribir
            time.sleep(0.05)
    said = (folder / "planificador.txt").read_text("utf-8", errors="replace").strip()
    raise RuntimeError(f"El planificador no ha llegado a escuchar. Ha escrito:\n{said[-800:]}")

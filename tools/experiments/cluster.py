"""Dónde se miden los puntos de una rejilla: en los trabajadores de un clúster de Dask.

En cada máquina, desde una copia de este repositorio y con un hilo por trabajador::

    python -m dask scheduler                            # en una de ellas; dice su dirección
    python -m dask worker tcp://MAQUINA:8786 --nthreads 1 --nworkers 8

Con ``dask`` a secas no se encontraría ``tools``: solo ``python -m`` busca en la carpeta actual.

y el barrido, desde cualquiera: ``python -m tools.experiments.memory --cluster tcp://MAQUINA:8786``.
Los trabajadores miden y solo el barrido apunta, así que un trabajador que muere no pierde ni repite
ninguna fila: Dask encarga su punto a otro. Si mueren todos, espera a que llegue alguno.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path

from course_utils.requirements import install_command

PATIENCE = "20s"  # lo que se espera a que conteste el planificador


@contextmanager
def connect(address: str) -> Iterator[Executor]:
    """Un ejecutor que encarga cada llamada a un trabajador del clúster que escucha en ``address``.

    Raises
    ------
    ModuleNotFoundError
        Si falta Dask; el mensaje trae la orden que lo instala.
    ConnectionError
        Si nadie contesta en esa dirección.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"--cluster usa Dask, que no está instalado. Instálalo con: "
            f"{install_command('distributed')}",
            name="distributed",
        ) from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"No contesta ningún planificador de Dask en {address!r} ({error}). Arranca uno con "
            "`python -m dask scheduler` y pasa la dirección que escribe, como tcp://MAQUINA:8786."
        ) from error
    with client, client.get_executor() as executor:
        yield _Guarded(executor)


class _Guarded(Executor):
    """El ejecutor de Dask, cuyas llamadas miran antes si el trabajador sirve."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, function: Callable, *arguments: object) -> Future:
        """Encarga una llamada; la función y sus argumentos viajan a otro proceso."""
        return self._executor.submit(_call, function, *arguments)


def _call(function: Callable, *arguments: object) -> object:
    """Lo que ejecuta el trabajador."""
    from distributed import get_worker

    if (threads := get_worker().state.nthreads) != 1:
        raise RuntimeError(
            f"el trabajador tiene {threads} hilos y dos medidas a la vez se cambiarían el azar: "
            "arráncalo con --nthreads 1"
        )
    if changed := stale_modules():
        raise RuntimeError(
            f"{changed[0]} ha cambiado desde que arrancó el trabajador: reinícialo para que mida "
            "con el código de ahora"
        )
    return function(*arguments)


def stale_modules() -> list[str]:
    """Los módulos cargados del repositorio cuyo archivo es posterior a este proceso.

    La huella del código se lee de los archivos y un trabajador vive días: lo que tiene cargado
    podría ser lo de antes.
    """
    import psutil

    born = psutil.Process().create_time()
    root = Path(__file__).resolve().parents[2]
    files = {
        name: Path(module.__file__)
        for name, module in list(sys.modules.items())
        if getattr(module, "__file__", None)
    }
    return sorted(
        name
        for name, path in files.items()
        if path.is_relative_to(root) and path.suffix == ".py" and _changed_after(path, born)
    )


def _changed_after(path: Path, moment: float) -> bool:
    try:
        return os.path.getmtime(path) > moment
    except OSError:  # lo han borrado
        return True


def importable(function: Callable) -> Callable:
    """La misma función, pero del módulo que otro proceso puede importar.

    La de un programa lanzado con ``python -m`` es de ``__main__``: a otro proceso viajaría una
    copia de su código, y se quiere que cada uno cargue y compruebe el suyo.

    Raises
    ------
    ValueError
        Si el programa no se ha lanzado con ``python -m``.

    Examples
    --------
    >>> importable(importable) is importable
    True
    """
    if function.__module__ != "__main__":
        return function
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None:
        raise ValueError(
            "Con --cluster, el programa se lanza como módulo: python -m tools.experiments.NOMBRE."
        )
    return getattr(importlib.import_module(spec.name), function.__name__)

"""Lanzar procesos con correa y acabar con toda su familia."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
GRACE = 5.0  # segundos que se esperan a que desaparezca lo que se ha matado


def start_leashed(
    arguments: Sequence[str], *, log: Path, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen:
    """Lanza ``python ARGUMENTOS`` en su propio grupo, con un hilo y con el extremo de su correa.

    Parameters
    ----------
    arguments : sequence of str
        Lo que va detrás de ``python``.
    log : Path
        Dónde va todo lo que escriba.
    cwd : Path
        En qué carpeta.
    environment : mapping, optional
        Variables, además de las de este proceso.
    """
    here = [os.getcwd(), *filter(None, sys.path)]  # que encuentre los mismos módulos que aquí
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={
                **os.environ,
                **ONE_THREAD,
                "PYTHONPATH": os.pathsep.join(dict.fromkeys(here)),
                "PYTHONUTF8": "1",
                **(environment or {}),
            },
            start_new_session=True,
        )


def end_families(processes: Iterable[subprocess.Popen]) -> None:
    """Mata unos procesos y a toda su descendencia, y espera a que no quede ninguno.

    La descendencia se busca antes de matar: ``torchrun`` pone a cada hijo en un grupo propio, y
    matar el suyo los dejaría huérfanos. A los de uno que ya había muerto los acaba su correa.
    """
    import psutil

    processes, family = list(processes), []
    for process in processes:
        if process.poll() is not None:  # su número puede ser ya de otro
            continue
        with contextlib.suppress(psutil.Error):
            parent = psutil.Process(process.pid)
            family += [*parent.children(recursive=True), parent]
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    psutil.wait_procs(family, timeout=GRACE)
    for process in processes:
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)

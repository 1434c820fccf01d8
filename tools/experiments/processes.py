"""Dónde se miden los puntos de una rejilla: en otros procesos o en este mismo."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool


class Processes(ThreadPoolExecutor):
    """Procesos aparte, uno por hilo: si uno muere, solo se pierde el punto que estaba midiendo.

    Con un solo ``ProcessPoolExecutor``, la muerte de un proceso se lleva todo lo que espera turno.

    Parameters
    ----------
    jobs : int
        Cuántos procesos a la vez.

    Examples
    --------
    >>> with Processes(1) as executor:
    ...     executor.submit(abs, -3).result()
    3
    """

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs)
        self._own = threading.local()
        self._pids: set[int] = set()
        self._stopped = False

    def submit(self, function: Callable, *arguments: object) -> Future:
        """Encarga una llamada; la función y sus argumentos viajan a otro proceso."""
        return super().submit(self._call_in_own_process, function, *arguments)

    def _call_in_own_process(self, function: Callable, *arguments: object) -> object:
        try:
            if not hasattr(self._own, "pool"):
                self._start_process()
            return self._own.pool.submit(function, *arguments).result()
        except BrokenProcessPool:
            self._pids.discard(self._own.__dict__.pop("pid", 0))
            del self._own.pool
            raise RuntimeError(
                "el proceso que lo medía ha muerto (¿se acabó la memoria?)"
            ) from None

    def _start_process(self) -> None:
        # Así nace limpio: no hereda a medias los hilos de PyTorch ni los de TensorFlow.
        context = multiprocessing.get_context("spawn")
        self._own.pool = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare_process)
        self._own.pid = self._own.pool.submit(os.getpid).result()
        self._pids.add(self._own.pid)
        if self._stopped:  # han cortado mientras nacía: nadie más lo va a parar
            raise BrokenProcessPool

    def __exit__(self, kind: type | None, *details: object) -> bool | None:
        """Espera a que acabe todo; si se sale por un error, corta lo que esté a medias."""
        if kind is not None:
            self._stopped = True
            self.shutdown(wait=False, cancel_futures=True)
            for pid in list(self._pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        return super().__exit__(kind, *details)


def _prepare_process() -> None:
    """Ctrl+C termina el proceso sin más, y tampoco sobrevive a quien lo lanzó."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)

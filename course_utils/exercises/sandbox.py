"""Ejecutar la respuesta de quien aprende: con límite de tiempo y sin que pueda estropear nada."""

from __future__ import annotations

import copy
import ctypes
import dataclasses
import dis
import inspect
import random
import re
import signal
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences

# Cómo se llaman los archivos de las celdas en Jupyter y en Colab.
CELL_FILE = re.compile(r"ipykernel_\d+|ipython-input")
# Segundos entre un aviso y el siguiente, si la respuesta atrapa el primero.
RETRY = 0.5
# Cuántas veces su límite de procesador se espera, en el reloj de pared, a una respuesta.
PATIENCE = 5


class TimeIsUp(BaseException):
    """La respuesta no ha terminado a tiempo. No hereda de Exception: un ``except`` no la atrapa."""


class Limit:
    """El tiempo de una respuesta: el de procesador de su hilo y, si espera, más de reloj.

    Lo que gasten otros hilos (los de BLAS) u otros programas no cuenta como procesador.

    Attributes
    ----------
    rings : int
        Veces que se ha interrumpido a la respuesta.
    waited : bool
        Si el tiempo que se ha agotado es el de reloj: casi todo él, esperando.
    """

    def __init__(self, seconds: float, spent: Callable[[], float]) -> None:
        self.seconds, self.spent = seconds, spent
        self.started, self.start = spent(), time.monotonic()
        self.rings, self.over, self.waited = 0, False, False
        self.jitter = random.Random(0).uniform

    def ring(self, frame: types.FrameType | None) -> tuple[float, bool]:
        """Segundos hasta el próximo aviso, y si hay que interrumpir ahora lo que se ejecuta."""
        if not self.over:
            work = self.seconds - (self.spent() - self.started)
            wait = PATIENCE * self.seconds - (time.monotonic() - self.start)
            if min(work, wait) > 0:
                return max(min(work, wait), 1e-3), False
            self.over, self.waited = True, work > 0
        # Si el anterior lo ha atrapado un «except:», otro a los pocos microsegundos puede llegar
        # antes de que la respuesta vuelva a entrar en su «try»; tarde o temprano, uno llega.
        pause = self.jitter(1e-6, 3e-5) if self.rings else RETRY
        answering = _answering(frame)
        self.rings += answering
        return pause, answering


@contextmanager
def time_limit(seconds: float) -> Iterator[Limit]:
    """Interrumpe lo que haya dentro si gasta más de ``seconds`` de procesador.

    Cuenta el tiempo de procesador del hilo que lo ejecuta: ni los demás hilos ni los demás
    programas lo gastan. Lo que duerme o espera se interrumpe a las cinco veces ``seconds`` de
    reloj. En el hilo principal de Linux y macOS usa una señal; en los demás casos, una excepción
    asíncrona, que llega en cuanto se ejecuta la siguiente instrucción de Python. Si lo de dentro
    la atrapa con un ``except:`` sin más, insiste. Fuera del hilo principal (y en Windows) puede no
    bastar si además pasa el tiempo dentro de una llamada que espera, como ``time.sleep``.

    Examples
    --------
    >>> with time_limit(0.05):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
    ...
    course_utils.exercises.sandbox.TimeIsUp
    """
    in_main = threading.current_thread() is threading.main_thread()
    with (_alarm if in_main and hasattr(signal, "setitimer") else _watchdog)(seconds) as limit:
        yield limit
    if limit.rings:
        raise TimeIsUp


def _answering(frame: types.FrameType | None) -> bool:
    """Si lo que se ejecuta es la respuesta: lo que la rodea no se interrumpe."""
    waiting = (_answering.__code__.co_filename, contextmanager.__code__.co_filename)
    return frame is not None and frame.f_code.co_filename not in waiting


@contextmanager
def _alarm(seconds: float) -> Iterator[Limit]:
    limit, over = Limit(seconds, time.thread_time), False

    def ring(signum: int, frame: types.FrameType | None) -> None:
        if over:
            return
        pause, interrupt = limit.ring(frame)
        signal.setitimer(signal.ITIMER_REAL, pause, RETRY)
        if interrupt:
            raise TimeIsUp

    previous = signal.signal(signal.SIGALRM, ring)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, RETRY)
    try:
        yield limit
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if remaining:
            left = max(remaining - (time.monotonic() - limit.start), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, left, interval)


@contextmanager
def _watchdog(seconds: float) -> Iterator[Limit]:
    limit, over = Limit(seconds, _shared_clock()), False
    target = threading.get_ident()
    finished = threading.Event()
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        pause, usual = seconds, sys.getswitchinterval()
        while not finished.wait(pause) and not over:
            if limit.rings:
                sys.setswitchinterval(1e-6)
            pause, late = limit.ring(sys._current_frames().get(target))
            if late:
                interrupt(ctypes.c_ulong(target), ctypes.py_object(TimeIsUp))
        sys.setswitchinterval(usual)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield limit
    finally:
        over = True
        try:
            finished.set()
            watcher.join()
        finally:
            interrupt(ctypes.c_ulong(target), None)  # una que llegue tarde ya no cuenta


def _shared_clock() -> Callable[[], float]:
    """Reloj de procesador de este hilo que también se puede leer desde otro.

    Donde el sistema no lo tiene (macOS, Windows), lo mejor que lo acota: el hilo no gasta más que
    todo el proceso, ni más que el reloj de pared.
    """
    if hasattr(time, "pthread_getcpuclockid"):
        return partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))
    process, wall = time.process_time(), time.monotonic()
    return lambda: min(time.process_time() - process, time.monotonic() - wall)


@dataclass(frozen=True)
class Outcome:
    """Lo que ha pasado al ejecutar una respuesta en un caso.

    Attributes
    ----------
    value : object
        Lo que ha devuelto, si ha terminado bien.
    error : str or None
        La excepción en una línea, sin el rastro interno.
    late : bool
        Si ha habido que interrumpirla.
    waited : bool
        Si, al interrumpirla, llevaba casi todo el tiempo esperando.
    mutated : bool
        Si ha modificado su entrada.
    """

    value: Any = None
    error: str | None = None
    late: bool = False
    waited: bool = False
    mutated: bool = False

    @property
    def finished(self) -> bool:
        return self.error is None and not self.late


def run(action: Callable[..., Any], args: tuple, *, seconds: float) -> Outcome:
    """Llama a ``action`` con una copia de ``args`` y recoge lo que pase."""
    given = copy.deepcopy(args)
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            np.errstate(all="ignore"),
            time_limit(seconds) as limit,
        ):
            value = action(*given)
    except TimeIsUp:
        return Outcome(late=True, waited=limit.waited)
    except (Exception, SystemExit) as error:
        return Outcome(error=one_line(error))
    return Outcome(value=value, mutated=not identical(given, args))


def identical(one: Any, other: Any) -> bool:
    """Si dos argumentos contienen exactamente lo mismo."""
    if isinstance(one, tuple | list):
        same_length = len(one) == len(other)
        return same_length and all(identical(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(identical(one[k], other[k]) for k in one)
    if dataclasses.is_dataclass(one):
        names = [item.name for item in dataclasses.fields(one)]
        return all(identical(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and differences(one, other, tolerance=0.0) is None
    if hasattr(one, "detach"):
        return identical(one.detach().cpu().numpy(), other.detach().cpu().numpy())
    if isinstance(one, str | bytes | int | float | bool | type(None)):
        return one == other or (one != one and other != other)
    return True


def one_line(error: BaseException) -> str:
    """Excepción en una línea, con la línea de la respuesta que la ha causado."""
    detail = (str(error).strip().splitlines() or [""])[0]
    text = f"{type(error).__name__}: {detail}".removesuffix(": ")
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if CELL_FILE.search(frame.filename)]
    own = own or [frame for frame in frames if frame.filename.startswith("<")]
    # La respuesta está en la primera celda por la que se pasa; desde ella se puede llamar a otras.
    own = [frame for frame in own if frame.filename == own[0].filename]
    if not own or own[-1].filename.startswith("<frozen"):
        return text
    line = f": {own[-1].line}" if own[-1].line else ""
    return f"{text} (línea {own[-1].lineno} de la celda{line})"


def same_code(one: Any, other: Any) -> bool:
    """Si dos funciones o clases hacen lo mismo instrucción por instrucción.

    No cuentan los docstrings, los comentarios ni el lugar donde están escritas.
    """
    if inspect.isclass(one) and inspect.isclass(other):
        mine, theirs = (
            {name: item for name, item in vars(cls).items() if inspect.isfunction(item)}
            for cls in (one, other)
        )
        return mine.keys() == theirs.keys() and all(same_code(mine[k], theirs[k]) for k in mine)
    if inspect.isfunction(one) and inspect.isfunction(other):
        return _instructions(one.__code__) == _instructions(other.__code__)
    return False


def _instructions(code: types.CodeType) -> list[tuple]:
    return [
        (step.opname, _instructions(step.argval) if inspect.iscode(step.argval) else step.argrepr)
        for step in dis.get_instructions(code)
    ]

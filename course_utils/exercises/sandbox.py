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
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences

# Cómo se llaman los archivos de las celdas en Jupyter y en Colab.
CELL_FILE = re.compile(r"ipykernel_\d+|ipython-input")
# Segundos entre un aviso y el siguiente, si la respuesta atrapa el primero.
RETRY = 0.5


class TimeIsUp(BaseException):
    """La respuesta no ha terminado a tiempo. No hereda de Exception: un ``except`` no la atrapa."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrumpe lo que haya dentro si tarda más de ``seconds``.

    En el hilo principal de Linux y macOS usa una señal; en los demás casos, una excepción
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
    with (_alarm if in_main and hasattr(signal, "setitimer") else _watchdog)(seconds):
        yield


def _answering(frame: types.FrameType | None) -> bool:
    """Si lo que se ejecuta es la respuesta: lo que la rodea no se interrumpe."""
    waiting = (_answering.__code__.co_filename, contextmanager.__code__.co_filename)
    return frame is not None and frame.f_code.co_filename not in waiting


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    rings, over, jitter = 0, False, random.Random(0).uniform

    def ring(signum: int, frame: types.FrameType | None) -> None:
        nonlocal rings
        if over:
            return
        if rings:
            # La anterior la ha atrapado un «except:». Otra, a los pocos microsegundos, puede llegar
            # antes de que la respuesta vuelva a entrar en su «try»; tarde o temprano, una llega.
            signal.setitimer(signal.ITIMER_REAL, jitter(1e-6, 3e-5), RETRY)
        if _answering(frame):
            rings += 1
            raise TimeIsUp

    start = time.monotonic()
    previous = signal.signal(signal.SIGALRM, ring)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, RETRY)
    try:
        yield
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if remaining:
            left = max(remaining - (time.monotonic() - start), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, left, interval)
    if rings:
        raise TimeIsUp


@contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    target = threading.get_ident()
    finished = threading.Event()
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc
    rings, over = 0, False

    def ring() -> None:
        nonlocal rings
        pause, usual = seconds, sys.getswitchinterval()
        while not finished.wait(pause) and not over:
            pause = RETRY
            if rings:
                # La anterior la ha atrapado un «except:»: como arriba, se insiste a cada instante.
                pause = 1e-5
                sys.setswitchinterval(1e-6)
            if _answering(sys._current_frames().get(target)):
                rings += 1
                interrupt(ctypes.c_ulong(target), ctypes.py_object(TimeIsUp))
        sys.setswitchinterval(usual)

    watcher = threading.Thread(target=ring, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over = True
        try:
            finished.set()
            watcher.join()
        finally:
            interrupt(ctypes.c_ulong(target), None)  # una que llegue tarde ya no cuenta
    if rings:
        raise TimeIsUp


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
    mutated : bool
        Si ha modificado su entrada.
    """

    value: Any = None
    error: str | None = None
    late: bool = False
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
            time_limit(seconds),
        ):
            value = action(*given)
    except TimeIsUp:
        return Outcome(late=True)
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

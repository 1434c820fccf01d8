"""Ejecutar la respuesta de quien aprende: con límite de tiempo y sin que pueda estropear nada."""

from __future__ import annotations

import copy
import ctypes
import inspect
import linecache
import signal
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences


class TimeIsUp(BaseException):
    """La respuesta no ha terminado a tiempo. No hereda de Exception: un ``except`` no la atrapa."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrumpe lo que haya dentro si tarda más de ``seconds``.

    En el hilo principal de Linux y macOS usa una señal; en los demás casos, una excepción
    asíncrona, que llega en cuanto se ejecuta la siguiente instrucción de Python.

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
    if in_main and hasattr(signal, "setitimer"):
        with _alarm(seconds):
            yield
    else:
        with _watchdog(seconds):
            yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(signum: int, frame: object) -> None:
        raise TimeIsUp

    previous = signal.signal(signal.SIGALRM, ring)
    # Se repite por si la respuesta atrapa la primera con un «except:» sin más.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    target = ctypes.c_ulong(threading.get_ident())
    finished = threading.Event()

    def ring() -> None:
        if not finished.wait(seconds):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(TimeIsUp))

    watcher = threading.Thread(target=ring, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()


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
        with time_limit(seconds), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
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
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and differences(one, other, tolerance=0.0) is None
    if hasattr(one, "detach"):
        return identical(one.detach().numpy(), other.detach().numpy())
    if isinstance(one, str | bytes | int | float | bool | type(None)):
        return one == other or (one != one and other != other)
    return True


def one_line(error: BaseException) -> str:
    """Excepción en una línea, con la línea de la respuesta que la ha causado."""
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    here = str(Path(__file__).resolve().parent)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ipykernel" in frame.filename or frame.filename.startswith("<"):
            line = linecache.getline(frame.filename, frame.lineno).strip()
            place = f" (línea {frame.lineno} de la celda" + (f": {line}" if line else "") + ")"
            return text + place
        if not frame.filename.startswith(here) and "site-packages" not in frame.filename:
            return text
    return text


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
        return _signature(one.__code__, one.__doc__) == _signature(other.__code__, other.__doc__)
    return False


def _signature(code: types.CodeType, doc: str | None) -> tuple:
    constants = tuple(
        _signature(item, None) if isinstance(item, types.CodeType) else repr(item)
        for item in code.co_consts
        if item is not None and item != doc
    )
    return code.co_code, code.co_names, code.co_varnames, constants

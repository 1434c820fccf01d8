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
import sysconfig
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences
from course_utils.exercises.libraries import KEEPER, same_modes
from course_utils.exercises.output import Output, capture

# Cómo se llaman los archivos de las celdas en Jupyter y en Colab.
CELL_FILE = re.compile(r"ipykernel_\d+|ipython-input")
# Segundos entre un aviso y el siguiente, si la respuesta atrapa el primero.
RETRY = 0.5
# Y si se está dentro de una biblioteca, que es mejor no interrumpir.
LIBRARY_RETRY = 0.01
# Cuántas veces su límite de procesador se espera, en el reloj de pared, a una respuesta.
PATIENCE = 5


class TimeIsUp(BaseException):
    """La respuesta no ha terminado a tiempo. No hereda de Exception: un ``except`` no la atrapa."""


class Budget:
    """El tiempo que le queda a una comprobación, entre todos sus casos.

    Attributes
    ----------
    seconds : float
        El de procesador que se concede en total.
    work, wall : float
        El que queda, de procesador y de reloj.
    gentle : bool
        Si no se interrumpe nunca dentro de una biblioteca: para respuestas que se sabe que vuelven.
    """

    def __init__(self, seconds: float, *, gentle: bool = False) -> None:
        self.seconds, self.gentle = seconds, gentle
        self.work, self.wall = seconds, PATIENCE * seconds

    def spend(self, work: float, wall: float) -> None:
        """Descuenta lo gastado."""
        self.work, self.wall = self.work - work, self.wall - wall

    @contextmanager
    def half(self) -> Iterator[Budget]:
        """Un presupuesto con la mitad de lo que queda; lo que gasta se descuenta de este."""
        part = Budget(self.seconds, gentle=self.gentle)
        part.work, part.wall = self.work / 2, self.wall / 2
        before = part.work, part.wall
        try:
            yield part
        finally:
            self.spend(before[0] - part.work, before[1] - part.wall)


class Limit:
    """El tiempo de una respuesta: el de procesador de su hilo y, si espera, más de reloj.

    Lo que gasten otros hilos (los de BLAS) u otros programas no cuenta como procesador, y lo que se
    gaste en cargar una biblioteca no cuenta.

    Attributes
    ----------
    rings : int
        Veces que se ha interrumpido a la respuesta.
    waited : bool
        Si el tiempo que se ha agotado es el de reloj: casi todo él, esperando.
    """

    def __init__(self, budget: Budget, spent: Callable[[], float]) -> None:
        self.budget, self.spent, self.start = budget, spent, time.monotonic()
        self.rings, self.over, self.waited = 0, False, False
        self.jitter = random.Random(0).uniform
        self._restart()

    def _restart(self) -> None:
        self.from_work, self.from_wall = self.spent(), time.monotonic()
        self.modules = len(sys.modules)

    def used(self) -> tuple[float, float]:
        """Segundos de procesador y de reloj gastados; si se ha cargado una biblioteca, ninguno."""
        if len(sys.modules) > self.modules:
            return 0.0, 0.0
        return self.spent() - self.from_work, time.monotonic() - self.from_wall

    def ring(self, frame: types.FrameType | None) -> tuple[float, bool]:
        """Segundos hasta el próximo aviso, y si hay que interrumpir ahora lo que se ejecuta."""
        work = self.budget.work - (self.spent() - self.from_work)
        wall = self.budget.wall - (time.monotonic() - self.from_wall)
        place = _place(frame)
        if not self.over:
            if min(work, wall) > 0:
                return max(min(work, wall), 1e-3), False
            if place == "import":
                return LIBRARY_RETRY, False
            if len(sys.modules) > self.modules:  # ha cargado una biblioteca: se empieza a contar
                self._restart()
                return max(min(self.budget.work, self.budget.wall), 1e-3), False
            self.over, self.waited = True, work > 0
        if place == "engine":
            return RETRY, False
        overrun = min(work, wall) < -self.budget.seconds and not self.budget.gentle
        if place == "import" or (place == "library" and not overrun):
            return LIBRARY_RETRY, False
        # Si el anterior lo ha atrapado un «except:», otro a los pocos microsegundos puede llegar
        # antes de que la respuesta vuelva a entrar en su «try»; tarde o temprano, uno llega.
        pause = self.jitter(1e-6, 3e-5) if self.rings else RETRY
        self.rings += 1
        return pause, True


@contextmanager
def time_limit(seconds: float | Budget) -> Iterator[Limit]:
    """Interrumpe lo que haya dentro si gasta más de ``seconds`` de procesador.

    Cuenta el tiempo de procesador del hilo que lo ejecuta: ni los demás hilos ni los demás
    programas lo gastan. Lo que duerme o espera se interrumpe a las cinco veces ``seconds`` de
    reloj. En el hilo principal de Linux y macOS usa una señal; en los demás casos, una excepción
    asíncrona, que llega en cuanto se ejecuta la siguiente instrucción de Python. Si lo de dentro
    la atrapa con un ``except:`` sin más, insiste. Fuera del hilo principal (y en Windows) puede no
    bastar si además pasa el tiempo dentro de una llamada que espera, como ``time.sleep``.

    Una biblioteca interrumpida a medias puede quedar inservible o tumbar el núcleo: la interrupción
    espera a que vuelva, y solo si no vuelve en otro tanto la interrumpe; mientras se carga, nunca.

    Parameters
    ----------
    seconds : float or Budget
        El tiempo que se concede, o lo que queda de uno que se reparte entre varias llamadas.

    Examples
    --------
    >>> with time_limit(0.05):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
    ...
    course_utils.exercises.sandbox.TimeIsUp
    """
    budget = seconds if isinstance(seconds, Budget) else Budget(seconds)
    if min(budget.work, budget.wall) <= 0:
        raise TimeIsUp
    in_main = threading.current_thread() is threading.main_thread()
    with (_alarm if in_main and hasattr(signal, "setitimer") else _watchdog)(budget) as limit:
        try:
            yield limit
        finally:
            budget.spend(*limit.used())
    if limit.rings:
        raise TimeIsUp


def _place(frame: types.FrameType | None) -> str:
    """Qué se está ejecutando: ``answer``, ``engine``, ``library`` o ``import``."""
    if frame is None or frame.f_code.co_filename in (__file__, contextmanager.__code__.co_filename):
        return "engine"
    place = "answer"
    while frame is not None and _is_library(frame.f_code.co_filename):
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return "import"
        place, frame = "library", frame.f_back
    return place


def _is_library(filename: str) -> bool:
    return filename.startswith(("<frozen", *library_folders()))


@cache
def library_folders() -> tuple[str, ...]:
    """Las carpetas de Python y de lo que se ha instalado."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({sysconfig.get_path(name) for name in names})


@contextmanager
def _alarm(budget: Budget) -> Iterator[Limit]:
    limit, over = Limit(budget, time.thread_time), False

    def ring(signum: int, frame: types.FrameType | None) -> None:
        if over:
            return
        pause, interrupt = limit.ring(frame)
        signal.setitimer(signal.ITIMER_REAL, pause, RETRY)
        if interrupt:
            raise TimeIsUp

    previous = signal.signal(signal.SIGALRM, ring)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, min(budget.work, budget.wall), RETRY)
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
def _watchdog(budget: Budget) -> Iterator[Limit]:
    limit, over = Limit(budget, _shared_clock()), False
    target = threading.get_ident()
    finished = threading.Event()
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        pause, usual = min(budget.work, budget.wall), sys.getswitchinterval()
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
    refused : str or None
        Si la excepción la lanza la sonda del ejercicio, lo que dice.
    late : bool
        Si ha habido que interrumpirla.
    waited : bool
        Si, al interrumpirla, llevaba casi todo el tiempo esperando.
    mutated : bool
        Si ha modificado su entrada.
    replaced : str or None
        Lo que ha cambiado en una biblioteca, como ``numpy.tanh``; ya está como estaba.
    output : Output
        Lo que ha escrito y dibujado.
    """

    value: Any = None
    error: str | None = None
    refused: str | None = None
    late: bool = False
    waited: bool = False
    mutated: bool = False
    replaced: str | None = None
    output: Output = field(default_factory=Output, compare=False, repr=False)

    @property
    def finished(self) -> bool:
        return self.error is None and not self.late


def run(
    action: Callable[..., Any], args: tuple, *, seconds: float | Budget, ours: bool = False
) -> Outcome:
    """Llama a ``action`` con una copia de ``args`` y recoge lo que pase.

    Con ``ours``, lo que se ejecuta lo ha escrito el curso, y no hace falta mirar después, función
    por función, si ha cambiado las bibliotecas.
    """
    given = copy.deepcopy(args)
    with capture() as output:
        try:
            with same_modes():
                outcome = attempt(lambda: action(*given), seconds=seconds, kept=(given, args))
        finally:
            replaced = [] if ours else KEEPER.restore()
    return replace(outcome, output=output, replaced=replaced[0] if replaced else None)


def attempt(
    action: Callable[[], Any],
    *,
    seconds: float | Budget,
    kept: tuple[Any, Any] = ((), ()),
) -> Outcome:
    """Llama a ``action`` dentro de su tiempo; ``kept`` son dos cosas que deben seguir iguales."""
    limit = None
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            np.errstate(all="ignore"),
            time_limit(seconds) as limit,
        ):
            value = action()
            mutated = not _unchanged(*kept)
    except TimeIsUp:
        return Outcome(late=True, waited=limit is not None and limit.waited)
    except (Exception, SystemExit) as error:
        return Outcome(refused=refusal(error), error=one_line(error))
    return Outcome(value=value, mutated=mutated)


def _unchanged(given: Any, original: Any) -> bool:
    """Si sigue siendo lo mismo; lo que ya no se puede ni mirar ha cambiado."""
    try:
        return identical(given, original)
    except Exception:
        return False


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
    frames = traceback.extract_tb(error.__traceback__)
    of_library = bool(frames) and _is_library(frames[-1].filename)
    text = f"{type(error).__name__}: {_detail(error, whole=of_library)}".removesuffix(": ")
    own = [frame for frame in frames if CELL_FILE.search(frame.filename)]
    own = own or [frame for frame in frames if frame.filename.startswith("<")]
    # La respuesta está en la primera celda por la que se pasa; desde ella se puede llamar a otras.
    own = [frame for frame in own if frame.filename == own[0].filename]
    if not own or own[-1].filename.startswith("<frozen"):
        return text
    line = f": {own[-1].line}" if own[-1].line else ""
    return f"{text} (línea {own[-1].lineno} de la celda{line})"


def refusal(error: BaseException) -> str | None:
    """Lo que dice la sonda de un ejercicio cuando rechaza lo que da una respuesta.

    Es suyo si lo lanza a propósito, con ``raise``, sin pasar por la respuesta.
    """
    steps, step = [], error.__traceback__
    while step is not None:
        steps.append(step)
        step = step.tb_next
    if not steps or not all(_is_course(item.tb_frame.f_code) for item in steps):
        return None
    last = steps[-1]
    raised = last.tb_frame.f_code.co_code[last.tb_lasti] == dis.opmap["RAISE_VARARGS"]
    return _detail(error) if raised else None


def _is_course(code: types.CodeType) -> bool:
    return Path(code.co_filename).is_relative_to(Path(__file__).parents[1])


def _detail(error: BaseException, *, whole: bool = False) -> str:
    """Lo que dice una excepción en su primera línea; si decirlo también falla, nada.

    Con ``whole``, también la segunda: en los errores largos de una biblioteca, la causa va ahí.
    """
    try:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    except Exception:
        return ""
    return " ".join(lines[: 2 if whole else 1])


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

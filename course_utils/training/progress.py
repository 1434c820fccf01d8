"""La línea que se ve mientras se entrena. No deja rastro: ni en la terminal ni en el cuaderno."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Callable

from course_utils.notes import Note

FIRST_LOOK = 0.5  # segundos: un entrenamiento más corto no enseña nada mientras dura
REFRESH = 0.2


class ProgressLine:
    """Una línea que cambia y al salir se borra; muda si nadie la está mirando."""

    def __init__(self, wanted: bool, *, epochs: int, steps: int, done: int) -> None:
        self.write = _find_writer() if wanted else None
        self.epochs, self.steps = epochs, steps
        self.done_before = done * steps
        self.validation = math.nan
        self.start = time.perf_counter()
        self.next_look = self.start + FIRST_LOOK

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self.write is not None:
            self.write("")

    def update(self, epoch: int, step: int, loss: float) -> None:
        """Cambia la línea, si alguien la mira y ha pasado un momento desde la última vez."""
        now = time.perf_counter()
        if self.write is None or now < self.next_look:
            return
        self.next_look = now + REFRESH
        done = (epoch - 1) * self.steps + step
        rate = (now - self.start) / (done - self.done_before)
        known = "" if math.isnan(self.validation) else f" · validación {self.validation:.4g}"
        self.write(
            f"época {epoch} de {self.epochs}, paso {step} de {self.steps} · pérdida {loss:.4g}"
            f"{known} · quedan {_describe_wait(rate * (self.epochs * self.steps - done))}"
        )


def _describe_wait(seconds: float) -> str:
    """Un tiempo en pocas palabras.

    >>> _describe_wait(7.2), _describe_wait(200), _describe_wait(8000)
    ('7 s', '3 min', '2 h 13 min')
    """
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _find_writer() -> Callable[[str], None] | None:
    """Con qué se escribe la línea; ``None`` si nadie puede verla."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if hasattr(shell, "kernel"):
        # Quien ejecuta una celda desde Jupyter o Colab admite preguntas del programa; papermill,
        # ``nbconvert`` y nbval, no. Así la línea nunca llega a un cuaderno guardado.
        asked = shell.get_parent().get("content", {})
        return _notebook_writer() if asked.get("allow_stdin") else None
    return _terminal_writer() if sys.stderr is not None and sys.stderr.isatty() else None


def _notebook_writer() -> Callable[[str], None]:
    handle = None

    def write(text: str) -> None:
        from IPython.display import display

        nonlocal handle
        if handle is None and text:
            handle = display(Note(text), display_id=True)
        elif handle is not None:
            handle.update(Note(text) if text else {}, raw=not text)

    return write


def _terminal_writer() -> Callable[[str], None]:
    width = 0

    def write(text: str) -> None:
        nonlocal width
        text = text[: shutil.get_terminal_size().columns - 1]
        blank = "\r" + " " * width + "\r" if width else ""
        print(blank + text, end="", file=sys.stderr, flush=True)
        width = len(text)

    return write

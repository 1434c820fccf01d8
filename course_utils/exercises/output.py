"""Lo que una respuesta escribe y dibuja mientras se prueba: se recoge y se enseña una vez."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

# Caracteres y figuras que se enseñan de lo que escribe una respuesta: un bucle puede no parar.
MOST_TEXT, MOST_FIGURES = 2_000, 5


class Output:
    """Lo recogido en un caso."""

    def __init__(self) -> None:
        self.text = ""
        self.displayed: list[Any] = []
        self.figures: list[Any] = []

    def show(self) -> None:
        """Lo enseña donde se esté; si es mucho, solo el principio."""
        if self.text:
            print(self.text[:MOST_TEXT], end="" if self.text.endswith("\n") else "\n")
        if len(self.text) > MOST_TEXT:
            print(f"(… y {len(self.text) - MOST_TEXT} caracteres más)")
        for item in self.displayed[:MOST_FIGURES]:
            item.display()
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            for figure in self.figures[:MOST_FIGURES]:
                display(figure)


@contextlib.contextmanager
def capture() -> Iterator[Output]:
    """Recoge lo que se escriba, se muestre o se dibuje dentro; las figuras nuevas se cierran.

    Examples
    --------
    >>> with capture() as output:
    ...     print("un paso")
    >>> output.text
    'un paso\\n'
    """
    from IPython.utils.capture import capture_output

    output, before = Output(), _open_figures()
    with capture_output() as written:
        try:
            yield output
        finally:
            output.figures = _close_figures(since=before)
    output.text = written.stdout + written.stderr
    output.displayed = written.outputs


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def _close_figures(*, since: set[int]) -> list[Any]:
    """Cierra las figuras abiertas desde entonces y las devuelve."""
    figures = []
    for number in sorted(_open_figures() - since):
        pyplot = sys.modules["matplotlib.pyplot"]
        figures.append(pyplot.figure(number))
        pyplot.close(number)
    return figures

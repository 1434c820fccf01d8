"""Para que comprobar una respuesta no cambie lo que el cuaderno sortea después."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def same_randomness() -> Iterator[None]:
    """Deja el azar global (Python, NumPy y PyTorch) como estaba, haga lo que haga lo de dentro.

    El de Keras sale del de Python. Así, las cifras de una lección no dependen de cuántas veces se
    prueba una respuesta ni de si está bien.

    Examples
    --------
    >>> random.seed(7)
    >>> first = random.random()
    >>> random.seed(7)
    >>> with same_randomness():
    ...     drawn = random.random()
    >>> first == random.random()
    True
    """
    torch = sys.modules.get("torch")
    python, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002 - el global
    with torch.random.fork_rng(devices=[]) if torch else contextlib.nullcontext():
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(arrays)  # noqa: NPY002 - el global

"""Oír un sonido en el cuaderno; en una terminal, lo que dice y cuánto dura."""

from __future__ import annotations

import numpy as np


class Playable:
    """Un sonido con dos caras: un reproductor en el cuaderno y una frase en la terminal.

    Examples
    --------
    >>> Playable(np.zeros(4000, np.int16), 8000, "Voz m1")
    Voz m1 (0.5 s)
    """

    def __init__(self, samples: np.ndarray, rate: int, text: str) -> None:
        self.samples, self.rate, self.text = samples, rate, text

    def __repr__(self) -> str:
        return f"{self.text} ({len(self.samples) / self.rate:.1f} s)"

    def _repr_html_(self) -> str:
        from IPython.display import Audio

        player = Audio(self.samples, rate=self.rate, normalize=False)
        return f"<p>{self!r}</p>{player._repr_html_()}"


def play(samples: np.ndarray, rate: int, text: str) -> None:
    """Muestra un sonido para oírlo.

    Parameters
    ----------
    samples : ndarray of int16 or float, shape (muestras,)
        El sonido; si son decimales, de −1 a 1.
    rate : int
        Muestras por segundo.
    text : str
        Qué es.

    Examples
    --------
    >>> play(np.zeros(4000), 8000, "Silencio")
    Silencio (0.5 s)
    """
    from IPython.display import display

    display(Playable(_as_floats(samples), rate, text))


def _as_floats(samples: np.ndarray) -> np.ndarray:
    whole = np.asarray(samples).dtype.kind == "i"
    return samples / 32_768 if whole else np.asarray(samples)

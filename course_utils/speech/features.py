"""Del sonido a lo que oye la red: energía por bandas de mel cada 25 ms."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from course_utils.validation import as_array, as_int

RATE = 8_000  # muestras por segundo: el oído del teléfono, hasta 4 kHz
HOP, WINDOW = 200, 400  # muestras: un paso cada 25 ms y 50 ms de sonido en cada uno
FFT = 512
BANDS = 20
LOWEST, HIGHEST = 60.0, 3_800.0  # Hz
DEPTH = 60.0  # decibelios por debajo del máximo en los que ya es silencio


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Energía de un sonido por bandas de mel, en decibelios por debajo de su máximo.

    Parameters
    ----------
    samples : ndarray of shape (muestras,)
        El sonido, a 8000 muestras por segundo: enteros o decimales, en cualquier escala.

    Returns
    -------
    ndarray of float64, shape (pasos, 20)
        De −60 (o menos) a 0. Un paso cada 25 ms, con una ventana de Hann de 50.

    Raises
    ------
    TypeError, ValueError
        Si no son números, si duran menos de 50 ms o si es silencio del todo.

    Notes
    -----
    La escala de mel es la de O'Shaughnessy (1987), :math:`2595 \\log_{10}(1 + f/700)`. Dividir
    entre el máximo quita el volumen, que depende del micrófono y no de lo que se dice.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> energy = log_mel(tone)
    >>> energy.shape, bool(energy.max() == 0), int(energy.mean(axis=0).argmax())
    ((39, 20), True, 8)
    """
    samples = as_array("samples", samples, ndim=1, dtype="float64")
    if len(samples) < WINDOW:
        raise ValueError(
            f"samples debe durar al menos {1000 * WINDOW // RATE} ms, {WINDOW} muestras a "
            f"{RATE} por segundo; han llegado {len(samples)}. Graba algo más largo."
        )
    if not samples.any():
        raise ValueError("samples es silencio: todas sus muestras valen 0. Graba otra vez.")
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]  # (pasos, ventana)
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), n=FFT)) ** 2  # (pasos, frecuencias)
    energy = power @ mel_filters().T  # (pasos, bandas)
    loudest = energy.max()
    if loudest == 0:
        raise ValueError("samples no tiene nada entre 60 y 3800 Hz, donde está la voz.")
    return 10 * np.log10(np.maximum(energy / loudest, 10 ** (-DEPTH / 10 - 1)))


def to_bytes(energy: np.ndarray) -> np.ndarray:
    """Los decibelios como enteros de 8 bits: de 0, a 60 por debajo del máximo, a 255, el máximo.

    Un escalón es menos de un cuarto de decibelio.

    Examples
    --------
    >>> to_bytes(np.array([[0.0, -30.0, -80.0]]))
    array([[255, 128,   0]], dtype=uint8)
    """
    energy = as_array("energy", energy, ndim=2, dtype="float64")
    return np.rint(255 * (1 + np.clip(energy, -DEPTH, 0.0) / DEPTH)).astype(np.uint8)


@cache
def mel_filters() -> np.ndarray:
    """Los triángulos con que se reparte la energía entre bandas: (bandas, frecuencias).

    Examples
    --------
    >>> filters = mel_filters()
    >>> filters.shape, bool((filters.max(axis=1) > 0.5).all())
    ((20, 257), True)
    """
    edges = np.linspace(_to_mel(LOWEST), _to_mel(HIGHEST), BANDS + 2)
    edges = 700 * (10 ** (edges / 2595) - 1)  # Hz; cada triángulo usa tres seguidos
    heard = np.arange(FFT // 2 + 1) * RATE / FFT
    low, peak, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.maximum(np.minimum((heard - low) / (peak - low), (high - heard) / (high - peak)), 0.0)


def _to_mel(frequency: float) -> float:
    return 2595 * math.log10(1 + frequency / 700)


def band_centres() -> np.ndarray:
    """La frecuencia central de cada banda, en hercios.

    Examples
    --------
    >>> band_centres().round()[[0, -1]]
    array([ 127., 3435.])
    """
    edges = np.linspace(_to_mel(LOWEST), _to_mel(HIGHEST), BANDS + 2)
    return 700 * (10 ** (edges[1:-1] / 2595) - 1)


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """El mismo sonido a 8000 muestras por segundo, sin lo que ya no cabe.

    Parameters
    ----------
    samples : ndarray of shape (muestras,)
        El sonido.
    rate : int
        Sus muestras por segundo.

    Raises
    ------
    TypeError, ValueError
        Si no son números o ``rate`` no es un entero mayor que cero.
    ImportError
        Si falta SciPy.

    Examples
    --------
    >>> len(resample(np.zeros(44_100), 44_100))
    8000
    """
    samples = as_array("samples", samples, ndim=1, dtype="float64")
    rate = as_int("rate", rate, minimum=1)
    if rate == RATE:
        return samples.copy()
    try:
        from scipy.signal import resample_poly
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "resample necesita SciPy y no se puede importar. Instálalo con: "
            f"{install_command('scipy')}"
        ) from error
    common = math.gcd(rate, RATE)
    return resample_poly(samples, RATE // common, rate // common)

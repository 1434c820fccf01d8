"""Una grabación propia: de un WAV de cualquier clase a lo que oye la red, o qué le pasa."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.speech.features import DEPTH, RATE, resample
from course_utils.validation import as_array, describe

SHORTEST, LONGEST = 0.3, 20.0  # segundos
FAINTEST = 10 ** (-50 / 20)  # de lo que cabe; por debajo no se distingue la voz del ruido
CLIPPED = 0.005  # parte de las muestras pegadas al tope
BLOCK = RATE // 100  # 10 ms
STREAMED = 2**31 - 2**16  # tamaño que pone quien escribe el WAV sin saber cuánto durará

# Cómo empieza lo que se confunde con un WAV.
DISGUISES = (
    (b"ID3", 0, "un MP3"),
    (b"\xff\xfb", 0, "un MP3"),
    (b"\xff\xf3", 0, "un MP3"),
    (b"OggS", 0, "un OGG (así graban muchos mensajes de voz)"),
    (b"fLaC", 0, "un FLAC"),
    (b"ftyp", 4, "un M4A o un MP4 (así graban muchos teléfonos)"),
    (b"\x1aE\xdf\xa3", 0, "un WebM (así graban los navegadores)"),
    (b"FORM", 0, "un AIFF"),
    (b"caff", 0, "un CAF"),
    (b"#!AMR", 0, "un AMR"),
)
CONVERT = "Ábrelo con un editor de sonido, como Audacity, y expórtalo como WAV (PCM)."


class Recording(NamedTuple):
    """Una grabación lista para la red.

    Attributes
    ----------
    samples : ndarray of float64, shape (muestras,)
        El sonido, de −1 a 1, a 8000 muestras por segundo y con un solo canal.
    rate, channels, bits : int
        Cómo estaba en el archivo.
    notes : tuple of str
        Lo que se puede usar y quizá no salga bien, en español.
    """

    samples: np.ndarray
    rate: int
    channels: int
    bits: int
    notes: tuple[str, ...]


def load_own_voice(path: str | os.PathLike) -> Recording:
    """Lee una grabación tuya de un WAV y dice, si no sirve, qué le pasa.

    Vale cualquier frecuencia desde 8000 muestras por segundo, enteros de 8 a 64 bits o decimales, y
    los canales que sean: si hay varios, se usa el que más suena. Se pasa a 8000 muestras por
    segundo y se quita la componente continua; no se arregla nada más.

    Parameters
    ----------
    path : str or path-like
        El archivo.

    Returns
    -------
    Recording
        El sonido y, en ``notes``, lo que conviene saber de él.

    Raises
    ------
    TypeError
        Si ``path`` no es una ruta.
    FileNotFoundError, IsADirectoryError, OSError
        Si no hay archivo, si es una carpeta o si no se puede leer.
    ValueError
        Si no es un WAV, está comprimido, está cortado, dura menos de 0.3 segundos o más de 20, su
        frecuencia es menor de 8000, tiene valores que no son números o no se oye nada.
    ImportError
        Si falta SciPy.

    Examples
    --------
    >>> import tempfile, wave
    >>> path = Path(tempfile.mkdtemp()) / "yo.wav"
    >>> tone = (9000 * np.sin(np.arange(22_050) / 9)).astype("<i2")
    >>> with wave.open(str(path), "wb") as file:
    ...     file.setparams((1, 2, 22_050, 0, "NONE", ""))
    ...     file.writeframes(tone.tobytes())
    >>> recording = load_own_voice(path)
    >>> len(recording.samples), recording.rate, recording.bits
    (8000, 22050, 16)
    >>> _ = path.write_bytes(b"ID3" + bytes(40))
    >>> load_own_voice(path)
    Traceback (most recent call last):
    ValueError: «yo.wav» no se puede usar así. No es un WAV: es un MP3. Ábrelo con un editor de
    sonido, como Audacity, y expórtalo como WAV (PCM).
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path debe ser la ruta de un WAV; ha llegado {describe(path)}.")
    path = Path(path).expanduser()
    if path.is_dir():
        raise IsADirectoryError(f"«{path}» es una carpeta, y hace falta un archivo WAV.")
    if not path.exists():
        raise FileNotFoundError(
            f"No hay ningún archivo «{path}». Si pones solo el nombre, se busca en {Path.cwd()}: "
            "cópialo ahí."
        )
    content = path.read_bytes()
    if problem := _disguise(content):
        raise _refusal(path, problem)
    rate, table, bits = _read_wav(path, content)  # (muestras, canales), de −1 a 1
    seconds = len(table) / rate
    if problem := _unusable(table, rate, seconds):
        raise _refusal(path, problem)
    loudest = table[:, (table**2).mean(axis=0).argmax()]
    samples = resample(loudest - loudest.mean(), rate)
    if np.abs(samples).max() < FAINTEST:
        raise _refusal(path, "No se oye nada, o casi. ¿Estaba abierto el micrófono?")
    notes = _notes(loudest, samples, table.shape[1])
    return Recording(samples, rate, table.shape[1], bits, notes)


def trim_silence(samples: np.ndarray, *, keep: float = 0.1) -> np.ndarray:
    """Quita el silencio de los dos extremos, menos ``keep`` segundos.

    Silencio es lo que suena 30 decibelios menos que lo más fuerte, en tramos de 10 ms.

    Parameters
    ----------
    samples : ndarray of shape (muestras,)
        El sonido, a 8000 muestras por segundo.
    keep : float, default 0.1
        Lo que se deja a cada lado, en segundos.

    Raises
    ------
    TypeError, ValueError
        Si no son números o no hay ninguno.

    Examples
    --------
    >>> sound = np.concatenate([np.zeros(8000), np.ones(800), np.zeros(8000)])
    >>> len(trim_silence(sound))
    2400
    """
    samples = as_array("samples", samples, ndim=1, dtype="float64", min_length=1)
    first, last = _ends(samples)
    margin = round(keep * RATE)
    return samples[max(first - margin, 0) : last + margin].copy()


def _ends(samples: np.ndarray) -> tuple[int, int]:
    """Dónde empieza y dónde acaba lo que suena, en muestras."""
    padded = np.pad(samples, (0, -len(samples) % BLOCK))
    loudness = (padded.reshape(-1, BLOCK) ** 2).mean(axis=1)
    heard = np.flatnonzero(loudness >= loudness.max() * 10 ** (-DEPTH / 20))
    return int(heard[0]) * BLOCK, min(int(heard[-1] + 1) * BLOCK, len(samples))


def _disguise(content: bytes) -> str | None:
    """Por qué un archivo no es un WAV, o ``None`` si lo parece."""
    if not content:
        return "Está vacío."
    if content[:4] in (b"RIFF", b"RIFX", b"RF64") and content[8:12] == b"WAVE":
        return None
    for mark, place, name in DISGUISES:
        if content[place : place + len(mark)] == mark:
            return f"No es un WAV: es {name}. {CONVERT}"
    return f"No es un WAV, aunque se llame así: no empieza como uno. {CONVERT}"


def _read_wav(path: Path, content: bytes) -> tuple[int, np.ndarray, int]:
    """La frecuencia, las muestras de −1 a 1 por canales y los bits de cada una."""
    try:
        from scipy.io import wavfile
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "load_own_voice necesita SciPy y no se puede importar. Instálalo con: "
            f"{install_command('scipy')}"
        ) from error
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            rate, table = wavfile.read(io.BytesIO(content))
        except Exception as error:  # un WAV roto puede dar un error de cualquier tipo
            raise _refusal(path, _broken(error)) from error
    if any("EOF" in str(item.message) for item in caught) and not _streamed(content):
        raise _refusal(path, "Está cortado: trae menos sonido del que dice. Cópialo otra vez.")
    return rate, _as_floats(table if table.ndim == 2 else table[:, None]), 8 * table.dtype.itemsize


def _broken(error: Exception) -> str:
    if "Unknown wave file format" in str(error):
        return f"Es un WAV comprimido, y solo se leen los que no lo están. {CONVERT}"
    return "El WAV está roto o cortado: no se puede leer. Cópialo otra vez o vuelve a exportarlo."


def _streamed(content: bytes) -> bool:
    """Si el tamaño que dice es el de quien no sabía cuánto iba a durar."""
    place = content.find(b"data", 12)
    declared = int.from_bytes(content[place + 4 : place + 8], "little")
    return declared >= STREAMED


def _as_floats(table: np.ndarray) -> np.ndarray:
    """De −1 a 1. Los de 8 bits no llevan signo: el silencio es 128."""
    if table.dtype.kind == "f":
        return table.astype(np.float64)
    if table.dtype == np.uint8:
        return (table.astype(np.float64) - 128) / 128
    return table / -float(np.iinfo(table.dtype).min)


def _unusable(table: np.ndarray, rate: int, seconds: float) -> str | None:
    if rate < RATE:
        return (
            f"Tiene {rate} muestras por segundo y hacen falta {RATE} o más: con menos se pierden "
            "las eses. Graba a 16000 o a 44100."
        )
    if seconds < SHORTEST:
        return (
            f"Dura {1000 * seconds:.0f} milésimas de segundo y hacen falta {1000 * SHORTEST:.0f}. "
            "Graba algo más largo."
        )
    if seconds > LONGEST + 0.05:  # lo que ya no se escribe como 20.0
        return f"Dura {seconds:.1f} segundos y caben {LONGEST:.0f}. Recórtalo y pasa un trozo."
    if not np.isfinite(table).all():
        return f"Tiene valores que no son números (NaN o infinitos). {CONVERT}"
    return None


def _notes(original: np.ndarray, samples: np.ndarray, channels: int) -> tuple[str, ...]:
    """Lo que se puede usar y quizá no salga bien."""
    found = []
    if channels > 1:
        found.append(f"Tiene {channels} canales: se usa el que más suena.")
    top = np.abs(original).max()
    stuck = np.mean(np.abs(original) >= 0.999 * top)
    if top >= 0.99 and stuck > CLIPPED:
        found.append(
            f"Está saturado: el {100 * stuck:.1f} % de las muestras están en el tope. Graba más "
            "lejos o más bajo."
        )
    first, last = _ends(samples)
    for where, quiet in (("delante", first), ("detrás", len(samples) - last)):
        if quiet > RATE // 2:
            found.append(f"Hay {quiet / RATE:.1f} segundos de silencio {where}.")
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    energy = np.sort((blocks**2).mean(axis=1)) + 1e-12
    loud = energy[-10]  # un golpe dura menos de diez tramos, 100 ms
    if energy[-1] > 30 * loud:
        found.append("Hay un golpe más fuerte que la voz, y la tapa: recórtalo o graba otra vez.")
    if loud / np.quantile(energy, 0.05) < 10:
        found.append("Lo más flojo suena casi como lo más fuerte: hay mucho ruido o no hay pausas.")
    return tuple(found)


def _refusal(path: Path, fault: str) -> ValueError:
    return ValueError(f"«{path.name}» no se puede usar así. {fault}")

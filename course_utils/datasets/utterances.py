"""Cifras dichas por un sintetizador: lo que oye la red, lo que se dijo y cómo."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from course_utils.datasets.bundled import read_bundled
from course_utils.synthetic import to_words
from course_utils.validation import describe

UTTERANCE_PARTS = ("train", "validation", "known", "unknown")
SETTINGS = ("accent", "speed", "pitch", "gap", "snr", "colour", "echo")


class Utterances(NamedTuple):
    """Unas locuciones, en el mismo orden en todos los campos.

    Attributes
    ----------
    features : list of ndarray of uint8, shape (pasos, 20)
        Energía por bandas de mel, un paso cada 25 ms: de 0 a 255, el máximo de la locución.
    texts : list of str
        Lo que se dijo, con palabras.
    voices, families : ndarray of str, shape (locuciones,)
        La voz y la familia de voces parecidas a la que pertenece.
    settings : mapping of str to ndarray of shape (locuciones,)
        Cómo se hizo: ``accent``, ``speed`` (palabras por minuto), ``pitch``, ``gap`` (centésimas de
        segundo), ``snr`` (decibelios sobre el ruido), ``colour`` del ruido y ``echo`` (segundos).
    """

    features: list[np.ndarray]
    texts: list[str]
    voices: np.ndarray
    families: np.ndarray
    settings: Mapping[str, np.ndarray]

    def take(self, places: np.ndarray) -> Utterances:
        """Solo unas cuantas: sus lugares, o un booleano por locución.

        Examples
        --------
        >>> some = load_utterances("validation")
        >>> len(some.take(some.voices == "paul").texts)
        15
        """
        places = np.arange(len(self.texts))[places]
        return Utterances(
            [self.features[place] for place in places],
            [self.texts[place] for place in places],
            self.voices[places],
            self.families[places],
            {name: values[places] for name, values in self.settings.items()},
        )


class Sound(NamedTuple):
    """Un sonido entero, para oírlo.

    Attributes
    ----------
    samples : ndarray of int16, shape (muestras,)
        El sonido.
    rate : int
        Muestras por segundo.
    text, voice : str
        Lo que dice y con qué voz.
    features : ndarray of uint8, shape (pasos, 20)
        Lo que oye la red.
    """

    samples: np.ndarray
    rate: int
    text: str
    voice: str
    features: np.ndarray


def load_utterances(part: str = "train") -> Utterances:
    """Ristras de tres a cinco cifras dichas en español por muchas voces de espeak-ng.

    Parameters
    ----------
    part : {"train", "validation", "known", "unknown"}
        Entrenamiento (1110, de 45 voces); validación (75, de 5 voces que no están en otra parte);
        y dos de prueba: otras locuciones de las voces de entrenamiento (135) y 12 voces
        desconocidas (180). Ninguna familia de voces está a los dos lados.

    Raises
    ------
    ValueError
        Si la parte no existe.
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> known = load_utterances("known")
    >>> known.texts[0], known.features[0].shape, str(known.voices[0])
    ('cuatro nueve ocho', (62, 20), 'm1')
    """
    if part not in UTTERANCE_PARTS:
        raise ValueError(f"part debe ser una de {UTTERANCE_PARTS}; ha llegado {describe(part)}.")
    with _open() as arrays:
        chosen = np.flatnonzero(arrays["part"] == part)
        features = _split(arrays["features"], arrays["lengths"])
        return Utterances(
            [features[place].copy() for place in chosen],
            [spell_digits(digits) for digits in arrays["digits"][chosen]],
            arrays["voice"][chosen],
            arrays["family"][chosen],
            {name: arrays[name][chosen] for name in SETTINGS},
        )


def load_sounds() -> list[Sound]:
    """Doce locuciones de prueba con su sonido: seis voces conocidas y seis desconocidas.

    Raises
    ------
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> sounds = load_sounds()
    >>> len(sounds), sounds[0].voice, sounds[0].rate
    (12, 'm1', 8000)
    """
    with _open() as arrays:
        features = _split(arrays["features"], arrays["lengths"])
        samples = _split(arrays["sounds"], arrays["sound_lengths"])
        digits, voices = arrays["digits"], arrays["voice"]
        return [
            Sound(sound.copy(), 8_000, spell_digits(digits[place]), str(voices[place]),
                  features[place].copy())
            for sound, place in zip(samples, arrays["sound_places"], strict=True)
        ]  # fmt: skip


def spell_digits(digits: str) -> str:
    """Unas cifras con palabras.

    Examples
    --------
    >>> spell_digits("305")
    'tres cero cinco'
    """
    return " ".join(to_words(int(digit)) for digit in digits)


def _open() -> np.lib.npyio.NpzFile:
    return np.load(io.BytesIO(read_bundled("utterances")), allow_pickle=False)


def _split(joined: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    return np.split(joined, np.cumsum(lengths)[:-1])

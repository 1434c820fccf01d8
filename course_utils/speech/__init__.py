"""Del sonido al texto: lo que oye la red, cómo se puntúa y cómo se lee lo que dice.

- ``features.py``: del sonido a bandas de mel, en decibelios y en bytes.
- ``recording.py``: una grabación propia, en WAV, con lo que no se puede usar dicho en español.
- ``ctc.py``: la probabilidad de un texto sin saber en qué paso suena cada letra, y su gradiente.
- ``reading.py``: de las probabilidades de cada paso al texto, voraz o con un haz de prefijos.
- ``errors.py``: cuánto se equivoca, en letras y en palabras.
"""

from course_utils.speech.ctc import (
    ctc_gradient,
    ctc_loss,
    ctc_posteriors,
    frames_needed,
    with_blanks,
)
from course_utils.speech.errors import Errors, count_errors, edit_distance
from course_utils.speech.features import BANDS, HOP, RATE, log_mel, resample, to_bytes
from course_utils.speech.reading import collapse, greedy, prefix_beam
from course_utils.speech.recording import Recording, load_own_voice, trim_silence

__all__ = [
    "BANDS",
    "HOP",
    "RATE",
    "Errors",
    "Recording",
    "collapse",
    "count_errors",
    "ctc_gradient",
    "ctc_loss",
    "ctc_posteriors",
    "edit_distance",
    "frames_needed",
    "greedy",
    "load_own_voice",
    "log_mel",
    "prefix_beam",
    "resample",
    "to_bytes",
    "trim_silence",
    "with_blanks",
]

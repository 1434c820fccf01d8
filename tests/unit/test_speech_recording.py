"""Una grabación propia: la misma voz llega igual venga como venga, y lo que no se puede usar."""

from __future__ import annotations

import io
import warnings
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

from course_utils.speech import (
    BANDS,
    HOP,
    RATE,
    load_own_voice,
    log_mel,
    resample,
    to_bytes,
    trim_silence,
)

RATES = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000)
WIDTHS = ("u1", "i2", "i3", "i4", "f4", "f8")


def melody(rate, seconds=1.0):
    """Un tono que cambia, con pausas, por debajo de 1.5 kHz: (muestras,)."""
    times = np.arange(round(seconds * rate)) / rate
    return 0.6 * np.sin(2 * np.pi * (400 + 900 * times) * times) * (np.sin(9 * times) ** 2)


def as_width(sound, width):
    """El sonido como lo guarda un WAV de esa anchura."""
    if width[0] == "f":
        return sound.astype(width)
    if width == "u1":
        return np.rint(128 + 127 * sound).astype(np.uint8)
    size = 8 * int(width[1])
    whole = np.rint(sound * (2 ** (size - 1) - 1)).astype(np.int64)
    return whole.astype({"i2": np.int16, "i3": np.int32, "i4": np.int32}[width])


def write(path, sound, rate, width):
    """Un WAV; el de 24 bits lo escribe ``wave``, que SciPy no sabe."""
    table = as_width(sound, width)
    if width != "i3":
        wavfile.write(path, rate, table)
        return
    packed = table.astype("<i4").reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(3)
        file.setframerate(rate)
        file.writeframes(packed.tobytes())


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("rate", RATES)
def test_the_same_voice_whatever_the_file(tmp_path, rate, width, channels):
    """Cualquier frecuencia, anchura y número de canales da lo que habría a 8 kHz."""
    sound = melody(rate)
    if channels > 1:  # la voz va en el segundo; en los demás, poco
        sound = np.stack([0.05 * sound, sound, *[0.0 * sound] * (channels - 2)], axis=1)
    path = tmp_path / "voz.wav"
    write(path, sound, rate, width)
    recording = load_own_voice(path)
    assert (recording.rate, recording.channels) == (rate, channels)
    assert len(recording.samples) == RATE
    expected = melody(RATE)
    inner = slice(200, -200)  # el remuestreo no sabe qué hay fuera
    gap = np.abs(recording.samples - expected)[inner].max()
    assert gap < (0.03 if width == "u1" else 0.01)
    assert any("canales" in note for note in recording.notes) == (channels > 1)


def test_opposite_channels_do_not_cancel(tmp_path):
    """Con un canal al revés que el otro, la media sería silencio."""
    sound = melody(16_000)
    write(tmp_path / "a.wav", np.stack([sound, -sound], axis=1), 16_000, "i2")
    assert np.abs(load_own_voice(tmp_path / "a.wav").samples).max() > 0.5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Está vacío"),
        (b"ID3\x04" + bytes(60), "es un MP3"),
        (b"OggS" + bytes(60), "es un OGG"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(60), "es un M4A"),
        (b"\x1aE\xdf\xa3" + bytes(60), "es un WebM"),
        (b"FORM" + bytes(60), "es un AIFF"),
        (b"hola, soy un texto", "no empieza como uno"),
        (b"RIFF\x24\x00\x00\x00WAVE", "roto o cortado"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "roto o cortado"),
    ],
)
def test_what_is_not_a_wav(tmp_path, content, message):
    path = tmp_path / "yo.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_own_voice(path)
    assert str(caught.value).startswith("«yo.wav» no se puede usar así. ")


def wav_bytes(sound, rate, width="i2"):
    file = io.BytesIO()
    wavfile.write(file, rate, as_width(sound, width))
    return file.getvalue()


GOOD = wav_bytes(melody(16_000), 16_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD[: len(GOOD) // 2], "cortado"),
        (GOOD[:20] + b"\x11\x00" + GOOD[22:], "comprimido"),  # ADPCM
        (wav_bytes(melody(6_000), 6_000), "6000 muestras por segundo y hacen falta 8000"),
        (GOOD[: len(GOOD) // 2 + 1], "roto o cortado: no se puede leer"),
        (wav_bytes(np.zeros(0), 16_000), "Dura 0 milésimas de segundo y hacen falta 300"),
        (wav_bytes(melody(16_000, 0.1), 16_000), "Dura 100 milésimas de segundo y hacen falta 300"),
        (wav_bytes(melody(8_000, 20.3), 8_000), "Dura 20.3 segundos y caben 20"),
        (wav_bytes(np.zeros(8_000), 8_000), "No se oye nada"),
        (wav_bytes(np.full(8_000, 0.5), 8_000), "No se oye nada"),
        (wav_bytes(1e-4 * melody(8_000), 8_000), "No se oye nada"),
        (wav_bytes(np.r_[melody(8_000), np.nan], 8_000, "f4"), "no son números"),
    ],
)
def test_a_wav_that_cannot_be_used(tmp_path, content, message):
    path = tmp_path / "yo.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_own_voice(path)


def test_the_size_of_who_did_not_know_it_is_not_a_cut(tmp_path):
    """Quien escribe el WAV por una tubería pone un tamaño enorme."""
    path = tmp_path / "tubo.wav"
    place = GOOD.find(b"data") + 4
    path.write_bytes(GOOD[:place] + b"\x00\xf0\xff\x7f" + GOOD[place + 4 :])
    assert len(load_own_voice(path).samples) == RATE


def test_an_unknown_chunk_is_skipped(tmp_path):
    """Los grabadores guardan datos suyos en el WAV: no molestan ni avisan."""
    path = tmp_path / "nota.wav"
    place = GOOD.find(b"data")
    path.write_bytes(GOOD[:place] + b"bext\x04\x00\x00\x00hola" + GOOD[place:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(load_own_voice(path).samples) == RATE


@pytest.mark.parametrize("path", [None, 3, np.zeros(8_000), GOOD])
def test_what_is_not_a_path(path):
    with pytest.raises(TypeError, match="la ruta de un WAV"):
        load_own_voice(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="No hay ningún archivo"):
        load_own_voice(tmp_path / "no.wav")
    with pytest.raises(IsADirectoryError, match="es una carpeta"):
        load_own_voice(tmp_path)


def test_a_home_folder(tmp_path, monkeypatch):
    """La ruta puede empezar por ~."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "yo.wav").write_bytes(GOOD)
    assert len(load_own_voice("~/yo.wav").samples) == RATE


@pytest.mark.parametrize(
    ("sound", "note"),
    [
        (np.clip(4 * melody(16_000), -1, 1), "saturado"),
        (np.r_[np.zeros(16_000), melody(16_000)], "segundos de silencio delante"),
        (np.r_[melody(16_000), np.zeros(16_000)], "segundos de silencio detrás"),
        (0.3 * np.random.default_rng(0).normal(size=16_000).clip(-3, 3), "mucho ruido"),
        (np.r_[np.ones(80), np.zeros(4_000), 0.05 * melody(16_000)], "un golpe"),
    ],
)
def test_what_can_be_used_and_may_go_wrong(tmp_path, sound, note):
    """No se arregla: se dice."""
    write(tmp_path / "a.wav", sound, 16_000, "i2")
    assert any(note in text for text in load_own_voice(tmp_path / "a.wav").notes)


def test_a_good_recording_needs_no_notes(tmp_path):
    write(tmp_path / "a.wav", melody(16_000), 16_000, "i2")
    assert load_own_voice(tmp_path / "a.wav").notes == ()


def test_a_word_in_a_long_silence_is_not_noise(tmp_path):
    silence = np.zeros(8 * 16_000)
    write(tmp_path / "a.wav", np.r_[silence, melody(16_000, 0.5), silence], 16_000, "i2")
    assert all("silencio" in note for note in load_own_voice(tmp_path / "a.wav").notes)


# Lo que oye la red


@settings(max_examples=30, deadline=None)
@given(st.integers(400, 9_000), st.floats(1e-3, 1e4), st.integers(0, 2**32 - 1))
def test_the_volume_does_not_matter(length, gain, seed):
    sound = np.random.default_rng(seed).normal(size=length)
    heard = log_mel(sound)
    assert heard.shape == (1 + (length - 400) // HOP, BANDS)
    assert heard.max() == 0
    np.testing.assert_allclose(log_mel(gain * sound), heard, atol=1e-6)


def test_each_tone_sounds_in_its_band():
    """Al subir el tono, la banda que más suena no baja nunca y las recorre casi todas."""
    tones = np.linspace(150, 3_600, 40)
    loudest = [
        log_mel(np.sin(2 * np.pi * tone * np.arange(RATE) / RATE)).mean(axis=0).argmax()
        for tone in tones
    ]
    assert (np.diff(loudest) >= 0).all()
    assert len(set(loudest)) >= BANDS - 4


def test_a_byte_is_a_quarter_of_a_decibel():
    heard = log_mel(np.random.default_rng(0).normal(size=4_000))
    back = (to_bytes(heard) / 255.0 - 1) * 60
    assert np.abs(back - np.clip(heard, -60, 0)).max() < 0.125


@pytest.mark.parametrize(
    ("samples", "message"),
    [(np.ones(399), "al menos 50 ms"), (np.zeros(900), "silencio"), (np.ones((9, 2)), "1 dim")],
)
def test_what_has_no_bands(samples, message):
    with pytest.raises(ValueError, match=message):
        log_mel(samples)


def test_resampling_removes_what_does_not_fit():
    """Un tono de 6 kHz no cabe a 8000 muestras por segundo: no debe volver doblado en uno de 2."""
    tone = np.sin(2 * np.pi * 6_000 * np.arange(44_100) / 44_100)
    assert np.abs(resample(tone, 44_100))[500:-500].max() < 0.01


def test_trimming_keeps_the_voice_and_its_margin():
    sound = np.r_[np.zeros(RATE), melody(RATE), np.zeros(RATE // 2)]
    trimmed = trim_silence(sound, keep=0.1)
    assert RATE * 0.9 < len(trimmed) < RATE * 1.3
    np.testing.assert_array_equal(trim_silence(melody(RATE), keep=5), melody(RATE))

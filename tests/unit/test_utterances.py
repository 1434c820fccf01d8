"""Las locuciones: lo que promete su ficha, y el programa que las hace."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from course_utils.datasets import UTTERANCE_PARTS, DatasetError, load_sounds, load_utterances
from course_utils.datasets.utterances import spell_digits
from course_utils.speech import BANDS, frames_needed, log_mel, to_bytes
from tests.unit.data_copy import read_from_a_copy
from tools import make_utterances as tool

COUNTS = {"train": (1110, 45), "validation": (75, 5), "known": (135, 45), "unknown": (180, 12)}


@pytest.fixture(scope="module")
def parts():
    return {part: load_utterances(part) for part in UTTERANCE_PARTS}


@pytest.mark.parametrize("part", UTTERANCE_PARTS)
def test_each_part_has_what_its_datasheet_says(parts, part):
    found = parts[part]
    assert (len(found.texts), len(set(found.voices))) == COUNTS[part]
    assert len(found.features) == len(found.families) == len(found.texts)
    for features, text in zip(found.features, found.texts, strict=True):
        assert features.dtype == np.uint8
        assert features.shape[1] == BANDS
        assert features.max() == 255
        assert 3 <= len(text.split()) <= 5
        assert len(features) >= frames_needed(text)
    assert all(len(values) == len(found.texts) for values in found.settings.values())


def test_no_family_is_on_two_sides(parts):
    """Ni una voz ni una hermana suya se oyen al entrenar y al examinar."""
    families = {part: set(found.families) for part, found in parts.items()}
    assert families["known"] == families["train"]
    for part in ("validation", "unknown"):
        others = [families[other] for other in UTTERANCE_PARTS if other != part]
        assert not families[part] & set.union(*others)


def test_every_digit_is_said_by_everyone_alike(parts):
    """Cada cifra sale más o menos lo mismo en cada parte, y en los dos acentos."""
    for found in parts.values():
        words = " ".join(found.texts).split()
        shares = [words.count(spell_digits(str(digit))) / len(words) for digit in range(10)]
        assert min(shares) > 0.05
        assert max(shares) < 0.16
        assert 0.35 < np.mean(found.settings["accent"] == "es") < 0.65


def test_the_sounds_are_what_the_network_hears():
    """De cada sonido entregado salen las bandas entregadas, salvo un escalón de redondeo."""
    sounds = load_sounds()
    assert len({sound.voice for sound in sounds}) == len(sounds) == 12
    for sound in sounds:
        heard = to_bytes(log_mel(sound.samples)).astype(int)
        assert np.abs(heard - sound.features).max() <= 1
        level = np.abs(sound.samples.astype(int)).max()
        assert 0.25 * 32_767 < level < 0.95 * 32_767  # se oye y no satura


def test_each_call_returns_its_own_arrays():
    first = load_utterances("validation")
    first.features[0][:] = 0
    first.voices[:] = "x"
    again = load_utterances("validation")
    assert again.features[0].any()
    assert again.voices[0] != "x"


def test_taking_some(parts):
    found = parts["validation"]
    some = found.take(found.voices == "paul")
    assert set(some.voices) == {"paul"}
    assert some.texts == [text for text, v in zip(found.texts, found.voices, strict=True)
                          if v == "paul"]  # fmt: skip
    assert found.take(np.array([3, 1])).texts == [found.texts[3], found.texts[1]]


def test_a_part_that_is_not_one():
    with pytest.raises(ValueError, match="part debe ser una de"):
        load_utterances("test")


def test_a_damaged_file(tmp_path, monkeypatch):
    folder = read_from_a_copy(tmp_path, monkeypatch)
    path = folder / "locuciones.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetError, match="no es el registrado"):
        load_utterances()


# El programa


def test_who_is_family():
    """Por el nombre, por los tres primeros formantes o por cuatro escritos igual; y en cadena."""
    four = "\n".join(f"formant {k} 8{k} 50 50" for k in range(4, 8))
    variants = {
        "ana": "formant 1 130 100 100",
        "ana2": "formant 1 150 100 100",
        "eva": "formant 1 152 99 90",  # casi los de ana2
        "luis": "formant 2 70\n" + four,
        "raul": "formant 2 140\n" + four,  # copiado de luis
        "sola": "formant 3 60",
    }
    assert tool.find_families(variants) == {
        "ana": "ana", "ana2": "ana", "eva": "ana", "luis": "luis", "raul": "luis", "sola": "sola",
    }  # fmt: skip


def test_a_family_on_two_sides_is_reported():
    counts = (("train", ("ana",), 2), ("known", ("ana",), 1), ("unknown", ("eva",), 1))
    assert tool.family_problems({"ana": "ana", "eva": "eva"}, counts) == []
    assert tool.family_problems({"ana": "ana", "eva": "ana"}, counts) == [
        "ana: ['train', 'unknown']"
    ]


def test_the_parts_share_no_voice_and_add_up():
    voices = [voice for part, voices, _ in tool.COUNTS if part != "known" for voice in voices]
    assert len(set(voices)) == len(voices) == 62
    assert sum(len(voices) * count for _, voices, count in tool.COUNTS) == 1500


@pytest.mark.parametrize("echo", [0.0, 0.4])
def test_the_noise_is_as_loud_as_it_says(echo):
    """La voz queda tantos decibelios por encima del ruido como dice su ajuste."""
    rng = np.random.default_rng(0)
    speech = rng.normal(size=16_000)  # de todas las frecuencias: el eco no lo anula
    setting = tool.draw_setting(rng)._replace(snr=12.0, echo=echo, before=1.0, after=0.5)
    sound = tool.record(speech, setting, rng).astype(float)
    quiet, voice = sound[100:7_900].var(), sound[9_000:23_000].var()
    assert 10 * np.log10((voice - quiet) / quiet) == pytest.approx(12, abs=2.5)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="hace falta espeak-ng")
def test_the_first_utterance_is_made_again():
    """Con el mismo sintetizador, la primera locución sale igual; y dos veces, idéntica."""
    version, folder = tool.espeak()
    families = tool.find_families(tool.read_variants(folder))
    assert tool.family_problems(families, tool.COUNTS) == []
    made = []
    for _ in range(2):
        rng = np.random.default_rng([tool.SEED, 0])
        setting = tool.draw_setting(rng)
        made.append(tool.record(tool.speak(tool.MAIN_VOICES[0], setting), setting, rng))
    np.testing.assert_array_equal(*made)
    stored = load_utterances()
    assert spell_digits(setting.digits) == stored.texts[0]
    if version.endswith("1.51"):
        heard = to_bytes(log_mel(made[0])).astype(int)
        assert heard.shape == stored.features[0].shape
        assert np.abs(heard - stored.features[0]).max() <= 2

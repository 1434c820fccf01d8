"""Fabrica ``datasets/locuciones.npz``: cifras dichas en español por un sintetizador, espeak-ng.

Cada locución es una ristra de tres a cinco cifras con su voz, su acento, su velocidad, su tono, sus
pausas, su ruido y su habitación, todos sorteados y guardados. Lo que se entrega son las bandas de
mel, en bytes, y doce sonidos enteros.

Solo se usan las voces que trae espeak-ng, que son libres; las de MBROLA, no. Las voces que se
parecen por construcción son **familia** (:func:`find_families`) y van siempre en la misma parte.

Uso, con espeak-ng instalado (en Debian, ``apt install espeak-ng``)::

    python -m tools.make_utterances           # lo escribe, y dice el sha256 para el registro
    python -m tools.make_utterances --check   # no escribe; falla si no sale lo mismo

En la misma máquina sale igual byte a byte. Con otra versión de espeak-ng, de NumPy o de SciPy puede
no salir: el archivo dice con cuál se hizo.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.datasets.utterances import spell_digits
from course_utils.speech import RATE, log_mel, resample, to_bytes, trim_silence
from tools.files import replace_files

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "datasets" / "locuciones.npz"
SEED = 54
SPOKEN_RATE = 22_050  # muestras por segundo de espeak-ng
HEADER = 44  # bytes de la cabecera de su WAV

# Las quince primeras dicen sesenta locuciones; las otras treinta, siete.
MAIN_VOICES = tuple(
    "m1 klatt4 Diogo Mario aunty steph iven Gene f2 Alex boris grandma m2 travis norbert".split()
)
SIBLINGS = tuple(
    "Mike Nguyen Storm benjamin ed grandpa john klatt6 m7 m8 max pedro robert "
    "Hugo anika miguel michel Michael gustave marcelo belinda f4 linda f1 steph2 steph3 "
    "iven2 iven4 Gene2 f5".split()
)
VALIDATION_VOICES = tuple("edward edward2 Jacky m5 paul".split())
UNKNOWN_VOICES = tuple(
    "Denis victor Alicia Andrea Annie Marco antonio david f3 m4 shelby zac".split()
)
COUNTS = (  # parte, voces y locuciones de cada una
    ("train", MAIN_VOICES, 60),
    ("train", SIBLINGS, 7),
    ("known", MAIN_VOICES + SIBLINGS, 3),
    ("validation", VALIDATION_VOICES, 15),
    ("unknown", UNKNOWN_VOICES, 15),
)
SOUNDS = 12
CLOSE = 2  # puntos de diferencia en los tres primeros formantes
SHARED_LINES = 4  # formantes escritos igual


class Setting(NamedTuple):
    """Lo que se sortea de una locución.

    Attributes
    ----------
    digits : str
        Las cifras, de tres a cinco.
    accent : str
        ``es`` (de España) o ``es-419`` (de América: «cinco» y «cero» con ese).
    speed, pitch, gap : int
        Palabras por minuto; tono, de 0 a 99; y pausa entre palabras, en centésimas de segundo.
    snr : float
        Decibelios de la voz sobre el ruido.
    colour : float
        El ruido cae con la frecuencia elevada a esto: 0 es blanco; 1, rosa.
    echo : float
        Segundos que tarda la habitación en apagar 60 decibelios; 0, sin habitación.
    before, after : float
        Segundos de silencio delante y detrás.
    """

    digits: str
    accent: str
    speed: int
    pitch: int
    gap: int
    snr: float
    colour: float
    echo: float
    before: float
    after: float


def draw_setting(rng: np.random.Generator) -> Setting:
    """Sortea una locución.

    Examples
    --------
    >>> draw_setting(np.random.default_rng(0)).digits
    '65230'
    """
    length = int(rng.integers(3, 6))
    return Setting(
        digits="".join(map(str, rng.integers(0, 10, size=length))),
        accent=str(rng.choice(["es", "es-419"])),
        speed=int(rng.integers(120, 181)),
        pitch=int(rng.integers(30, 71)),
        gap=int(rng.integers(0, 6)),
        snr=round(float(rng.uniform(8, 35)), 1),
        colour=round(float(rng.uniform(0, 1.5)), 2),
        echo=round(float(rng.uniform(0.1, 0.5)), 2) if rng.random() < 0.5 else 0.0,
        before=round(float(rng.uniform(0.05, 0.25)), 3),
        after=round(float(rng.uniform(0.05, 0.25)), 3),
    )


def speak(voice: str, setting: Setting) -> np.ndarray:
    """Lo que dice espeak-ng, a 8000 muestras por segundo y sin silencio en los extremos."""
    options = f"-v {setting.accent}+{voice} -s {setting.speed} -p {setting.pitch} -g {setting.gap}"
    command = ["espeak-ng", *options.split(), "--stdout", spell_digits(setting.digits)]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    samples = np.frombuffer(output[HEADER:], dtype="<i2").astype(float)
    return trim_silence(resample(samples, SPOKEN_RATE), keep=0.02)


def record(speech: np.ndarray, setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """La voz en su habitación y con su ruido, como enteros de 16 bits."""
    from scipy.signal import fftconvolve

    speech = speech / np.abs(speech).max()
    power = (speech**2).mean()
    edges = round(setting.before * RATE), round(setting.after * RATE)
    sound = np.pad(speech, edges)
    if setting.echo:
        times = np.arange(round(setting.echo * RATE)) / RATE
        tail = rng.normal(size=len(times)) * 10 ** (-3 * times / setting.echo)
        tail *= 0.6 / np.sqrt((tail**2).sum())
        tail[0] = 1.0  # el sonido directo
        sound = fftconvolve(sound, tail)[: len(sound)]
    noise = coloured_noise(len(sound), setting.colour, rng)
    sound = sound + noise * np.sqrt(power * 10 ** (-setting.snr / 10))
    level = rng.uniform(0.3, 0.9)
    return np.rint(32_767 * level * sound / np.abs(sound).max()).astype(np.int16)


def coloured_noise(length: int, colour: float, rng: np.random.Generator) -> np.ndarray:
    """Ruido de potencia 1 que cae con la frecuencia.

    Examples
    --------
    >>> noise = coloured_noise(4000, 1.0, np.random.default_rng(0))
    >>> round(float((noise**2).mean()), 6)
    1.0
    """
    waves = np.fft.rfft(rng.normal(size=length))
    waves[1:] /= np.arange(1, len(waves)) ** (colour / 2)
    waves[0] = 0
    noise = np.fft.irfft(waves, n=length)
    return noise / np.sqrt((noise**2).mean())


def find_families(variants: Mapping[str, str]) -> dict[str, str]:
    """La familia de cada voz, con el nombre de la primera de ellas.

    Dos voces son familia si su nombre es el mismo sin la cifra final, si sus tres primeros
    formantes casi coinciden (dos puntos como mucho) o si tienen cuatro formantes escritos igual,
    señal de que una salió de la otra. Y la familia de la familia es familia.

    Parameters
    ----------
    variants : mapping of str to str
        Cada voz y el texto de su archivo.

    Examples
    --------
    >>> find_families({"ana": "formant 1 90", "ana2": "formant 1 120", "luis": "formant 2 80"})
    {'ana': 'ana', 'ana2': 'ana', 'luis': 'luis'}
    """
    family = {name: name for name in sorted(variants)}
    lines = {name: read_formants(text) for name, text in variants.items()}
    for one, other in combinations(family, 2):
        if _root(one) == _root(other) or _look_alike(lines[one], lines[other]):
            keep, drop = sorted((family[one], family[other]))
            family = {name: keep if head == drop else head for name, head in family.items()}
    return {name: family[name] for name in variants}


def read_formants(text: str) -> dict[int, tuple[int, ...]]:
    """Los formantes que cambia una variante: frecuencia, fuerza y anchura, en tanto por ciento.

    Examples
    --------
    >>> read_formants("name x\\nformant 1 90 100 80 // grave\\n# formant 2 10 10 10")
    {1: (90, 100, 80)}
    """
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s*formant\s+(\d)\s+([-\d\s]+)", re.split("//|#", line)[0])
        if match:
            found[int(match[1])] = tuple(map(int, match[2].split()))
    return found


def _root(name: str) -> str:
    root = re.sub(r"(\d+|Robot)$", "", name).lower()
    return root if len(root) > 1 else name  # m1 y m2 son voces distintas


def _look_alike(one: Mapping[int, tuple], other: Mapping[int, tuple]) -> bool:
    usual = (100, 100, 100)
    gaps = [abs(one.get(k, usual)[0] - other.get(k, usual)[0]) for k in (1, 2, 3)]
    shared = [k for k in one if one[k] == other.get(k) and one[k][:3] not in (usual, (0, 0, 0))]
    return max(gaps) <= CLOSE or len(shared) >= SHARED_LINES


def read_variants(folder: Path) -> dict[str, str]:
    """El texto de cada variante de espeak-ng."""
    return {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.iterdir())
    }


def family_problems(families: Mapping[str, str], counts: Sequence[tuple]) -> list[str]:
    """Las familias con voces en dos partes: entrenar y examinar con hermanas es hacer trampa."""
    sides: dict[str, set[str]] = {}
    for part, voices, _ in counts:
        for voice in voices:
            sides.setdefault(families[voice], set()).add("train" if part == "known" else part)
    return [f"{family}: {sorted(parts)}" for family, parts in sides.items() if len(parts) > 1]


def espeak() -> tuple[str, Path]:
    """La versión de espeak-ng y la carpeta de sus variantes."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit("Hace falta espeak-ng. En Debian: apt install espeak-ng")
    output = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True)
    version, _, folder = output.stdout.strip().partition("Data at:")
    return version.strip(), Path(folder.strip()) / "voices" / "!v"


def make() -> bytes:
    """El archivo entero."""
    import scipy

    version, folder = espeak()
    families = find_families(read_variants(folder))
    if problems := family_problems(families, COUNTS):
        raise SystemExit("Hay familias en dos partes: " + "; ".join(problems))
    rows, features, recorded = [], [], []
    for part, voices, count in COUNTS:
        for voice in voices:
            for _ in range(count):
                rng = np.random.default_rng([SEED, len(rows)])
                setting = draw_setting(rng)
                recorded.append(record(speak(voice, setting), setting, rng))
                features.append(to_bytes(log_mel(recorded[-1])))
                rows.append((part, voice, families[voice], setting))
    heard = choose_sounds(rows)
    settings = [setting for *_, setting in rows]
    arrays = {
        "features": np.concatenate(features),
        "lengths": np.array([len(one) for one in features], dtype=np.int16),
        "part": np.array([part for part, *_ in rows]),
        "voice": np.array([voice for _, voice, *_ in rows]),
        "family": np.array([family for *_, family, _ in rows]),
        **{name: np.array([getattr(one, name) for one in settings]) for name in Setting._fields},
        "sounds": np.concatenate([recorded[place] for place in heard]),
        "sound_lengths": np.array([len(recorded[place]) for place in heard], dtype=np.int32),
        "sound_places": np.array(heard, dtype=np.int16),
        "synthesiser": np.array(f"{version}; NumPy {np.__version__}; SciPy {scipy.__version__}"),
    }
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def choose_sounds(rows: Sequence[tuple]) -> list[int]:
    """Las locuciones que se entregan con su sonido: la primera de tres cifras de doce voces."""
    firsts: dict[str, int] = {}
    for place, (part, voice, _, setting) in enumerate(rows):
        if part in ("known", "unknown") and len(setting.digits) == 3:
            firsts.setdefault(voice, place)
    chosen = [voice for voice in (*MAIN_VOICES, *UNKNOWN_VOICES) if voice in firsts]
    known = [voice for voice in chosen if voice in MAIN_VOICES][: SOUNDS // 2]
    unknown = [voice for voice in chosen if voice in UNKNOWN_VOICES][: SOUNDS - len(known)]
    return [firsts[voice] for voice in (*known, *unknown)]


def main(arguments: Sequence[str] | None = None, *, target: Path = TARGET) -> int:
    """Punto de entrada; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="comprueba sin escribir nada")
    check = parser.parse_args(arguments).check
    content = make()
    sha256 = hashlib.sha256(content).hexdigest()
    if check and (not target.is_file() or target.read_bytes() != content):
        print(f"{target.name} no es lo que sale aquí ({sha256}).", file=sys.stderr)
        return 1
    if not check:
        replace_files({target: content})
    print(f"{target.name}: {len(content)} bytes, sha256 {sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

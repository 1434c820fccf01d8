"""Mide la receta del proyecto 54 con personas, una fuera cada vez: Free Spoken Digit Dataset.

``python -m tools.experiments.spoken_digits`` descarga las grabaciones; ``python -m
tools.experiments.spoken_digits fsdd.npz`` las lee de un archivo con ``samples``, ``lengths``,
``digits``, ``speakers`` y ``takes``, o del ``.tar.gz``. Deja ``datasets/results/voz_personas.csv``.

Con ``--score otro.npz`` no mide la tabla: entrena con todos los locutores del primer archivo y dice
cuántas cifras falla en el segundo, que no ha servido para nada antes.
"""

from __future__ import annotations

import functools
import sys
from itertools import product
from pathlib import Path

import numpy as np

from course_utils.datasets import SpokenDigits, load_spoken_digits
from course_utils.lessons.lesson_54.experiment import (
    digit_errors,
    speaker_rows,
    train_on_everyone,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "yweweler")
WARPS, SEEDS = (0.0, 0.15), range(4)


@functools.cache
def read_spoken(data: str) -> SpokenDigits:
    """Las grabaciones de un archivo, ordenadas por locutor, cifra y toma; sin él, se descargan."""
    if not data.endswith(".npz"):
        return load_spoken_digits(data or None)
    with np.load(Path(data), allow_pickle=False) as arrays:
        samples = np.split(arrays["samples"], np.cumsum(arrays["lengths"])[:-1])
        digits, takes = (arrays[name].astype(np.int64) for name in ("digits", "takes"))
        speakers = arrays["speakers"]
    order = np.lexsort((takes, digits, speakers))
    return SpokenDigits(
        [samples[place] for place in order], digits[order], takes[order], speakers[order]
    )


def measure(data: str, speaker: str, warp: float, seed: int) -> list[dict]:
    """Los errores de la receta con un locutor apartado."""
    import torch

    torch.set_num_threads(1)
    return speaker_rows(read_spoken(data), speaker, warp, seed)


def score(data: str, other: str) -> None:
    """Entrena con todos y escribe lo que falla con grabaciones que no ha visto."""
    import torch

    torch.set_num_threads(1)
    train, new = read_spoken(data), read_spoken(other)
    everything = {"unknown": np.ones(len(new.samples), dtype=bool)}
    for warp, seed in product(WARPS, SEEDS):
        recognizer = train_on_everyone(train, seed=seed, warp=warp)
        for system, found in digit_errors(recognizer, new, everything).items():
            rate = 100 * found["unknown"]
            print(f"estirar {warp:g}, semilla {seed}, {system}: {rate:.1f} % equivocadas")


def main() -> int:
    """Mide la tabla o prueba un locutor nuevo; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("data", nargs="?", default="", help="sin archivo, se descargan")
    parser.add_argument("--score", metavar="ARCHIVO", help="grabaciones de otro locutor")
    options = parser.parse_args()
    if options.score:
        score(options.data, options.score)
        return 0
    points = [{"data": options.data, "speaker": speaker, "warp": warp, "seed": seed}
              for seed, speaker, warp in product(SEEDS, SPEAKERS, WARPS)]  # fmt: skip
    found = Experiment(
        "voz_personas",
        measure,
        points,
        "Cifras equivocadas de personas conocidas y de una desconocida",
        ("numpy", "scipy", "scikit-learn", "torch"),
    )
    return run_experiments([found], options)


if __name__ == "__main__":
    sys.exit(main())

"""Mide cómo lee números un codificador-decodificador según su tamaño; lo usa la lección 34.

``python -m tools.experiments.figures`` deja ``datasets/results/cifras.csv``: de cada red, lo que
acierta según cuántas cifras hay que escribir, con combinaciones apartadas, con haz y cifra a cifra.
Tarda un cuarto de hora en un núcleo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from course_utils.lessons.lesson_34.experiment import train_and_score
from course_utils.seq2seq.training import EPOCHS, RATE
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

SIZES = (32, 64, 128)
BASE = {
    "size": 64, "neck": 0, "order": "normal", "epochs": EPOCHS, "rate": RATE, "largest": 999_999,
}  # fmt: skip
CHANGES = (
    *({"size": size} for size in SIZES),
    {"neck": 8},  # el control del cuello de botella: solo se estrecha lo que va de una a otra
    {"neck": 64},  # y el del control: las mismas capas, sin estrechar
    {"order": "invertida"},
    {"order": "las dos"},
    {"epochs": 2 * EPOCHS},
    {"neck": 8, "epochs": 2 * EPOCHS},  # y si la estrecha solo va más despacio, el doble de épocas
    {"neck": 64, "epochs": 2 * EPOCHS},
    {"largest": 99_999},
)
OTHER_RATE, RATE_SEEDS = 5e-3, 2  # ¿depende lo del tamaño de la tasa?


def grid(seeds: range) -> Iterator[dict]:
    """Una semilla detrás de otra; la otra tasa, con las dos primeras."""
    for seed in seeds:
        yield from ({**BASE, **change, "seed": seed} for change in CHANGES)
        if seed < RATE_SEEDS:
            for size in SIZES:
                yield {**BASE, "size": size, "rate": OTHER_RATE, "seed": seed}


def measure(**run: object) -> list[dict]:
    """Una red, con todo lo que se mide de ella."""
    import torch

    torch.set_num_threads(1)
    return [
        {**run, "measure": name, "where": where, "value": value}
        for name, where, value in train_and_score(**run)
    ]


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="cuántas semillas")
    options = parser.parse_args()
    points = list(grid(range(options.seeds)))
    description = "Números con palabras que escribe bien un codificador-decodificador"
    table = Experiment("cifras", measure, points, description, ("numpy", "torch"))
    return run_experiments([table], options)


if __name__ == "__main__":
    sys.exit(main())

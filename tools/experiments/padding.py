"""Mide qué les hace el relleno a dos redes; lo usa la lección 16.

``python -m tools.experiments.padding`` deja ``datasets/results/relleno.csv`` (una red que lee, con
el relleno puesto de cuatro maneras) y ``relleno_perdida.csv`` (otra que escribe, según qué pasos
cuente su pérdida). Tarda unos diez minutos en un núcleo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from course_utils.lessons.lesson_16.experiment import (
    LOSSES,
    MODES,
    examine,
    score_writer,
    train_reader,
    train_writer,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

RATE, OTHER_RATES = 5e-3, (2e-3, 1e-2)
UPDATES = (100, 500)
LOSS_RUNS = ((1e-2, 30), (3e-2, 30), (3e-2, 120))  # tasa y épocas de cada pérdida
CONTROL_RUNS = LOSS_RUNS[1:2]  # a la del control le basta con una


def readers(seeds: range) -> Iterator[dict]:
    """Los cuatro modos y, del que puede aprender a contar con el relleno, más tasas."""
    for seed in seeds:
        for mode, updates in product(MODES, UPDATES):
            yield {"mode": mode, "updates": updates, "rate": RATE, "seed": seed}
        for rate in OTHER_RATES:
            yield {"mode": "variable", "updates": UPDATES[-1], "rate": rate, "seed": seed}


def writers(seeds: range) -> Iterator[dict]:
    """Cada pérdida, con su tasa y sus épocas, y las mismas semillas."""
    *losses, control = LOSSES
    for seed in seeds:
        for loss, (rate, epochs) in (
            *product(losses, LOSS_RUNS),
            *product([control], CONTROL_RUNS),
        ):
            yield {"loss": loss, "rate": rate, "epochs": epochs, "seed": seed}


def measure_reader(mode: str, updates: int, rate: float, seed: int) -> dict:
    """Una red que lee, con su examen."""
    import torch

    torch.set_num_threads(1)
    reader = train_reader(mode, seed=seed, updates=updates, rate=rate)
    run = {"mode": mode, "updates": updates, "rate": rate, "seed": seed}
    return {**run, **examine(reader, mode, seed=[seed, 1])._asdict()}


def measure_writer(loss: str, rate: float, epochs: int, seed: int) -> dict:
    """Una red que escribe, con lo que se mide de ella."""
    import torch

    torch.set_num_threads(1)
    writer = train_writer(loss, seed=seed, epochs=epochs, rate=rate)
    run = {"loss": loss, "rate": rate, "epochs": epochs, "seed": seed}
    return {**run, **score_writer(writer, seed=seed)._asdict()}


def main() -> int:
    """Mide las dos tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="cuántas semillas")
    options = parser.parse_args()
    seeds = range(options.seeds)
    experiments = [
        Experiment(
            "relleno",
            measure_reader,
            list(readers(seeds)),
            "Acierto de una red según cómo se le dé el relleno y en qué caja se la examine",
            ("numpy", "torch"),
        ),
        Experiment(
            "relleno_perdida",
            measure_writer,
            list(writers(seeds)),
            "Acierto de una red que escribe números según qué pasos cuente su pérdida",
            ("numpy", "torch"),
        ),
    ]
    return run_experiments(experiments, options)


if __name__ == "__main__":
    sys.exit(main())

"""Mide qué aprende una LSTM y qué una RNN, con varias tasas; lo usa la lección 21.

``python -m tools.experiments.gates`` deja en ``datasets/results/`` dos tablas, con una fila por
red: ``compuertas.csv`` (la tarea de memoria, según celda, unidades, tasa y épocas) y
``compuertas_recorte.csv`` (una LSTM de pesos recurrentes grandes, con recorte y sin él). Tarda un
cuarto de hora en un núcleo.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

from course_utils.lessons.lesson_21.experiment import (
    LEARNED,
    LOOKS,
    train_loud,
    train_together,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

SEEDS = range(20)
MODELS = {("RNN", 6): (0.005, 0.01, 0.02, 0.05), ("LSTM", 2): (0.02, 0.05)}
CLIP_RATES = (0.015, 0.05, 0.15, 0.5)
CLIPS = (0.0, 1.0)  # 0: sin recorte


def grid() -> list[dict]:
    """Cada celda con sus tasas."""
    return [
        {"cell": cell, "units": units, "rate": rate}
        for (cell, units), rates in MODELS.items()
        for rate in rates
    ]


def clip_grid() -> list[dict]:
    """Cada tasa, con recorte y sin él."""
    return [{"rate": rate, "clip": clip} for rate, clip in product(CLIP_RATES, CLIPS)]


def measure(cell: str, units: int, rate: float) -> list[dict]:
    """Error de cada red tras cada mirada."""
    import torch

    torch.set_num_threads(1)
    errors = train_together(cell, units, rate, seeds=SEEDS)
    return [
        {"cell": cell, "units": units, "rate": rate, "epochs": epochs, "seed": seed,
         "error": round(float(error), 6)}
        for epochs, row in zip(LOOKS, errors, strict=True)
        for seed, error in zip(SEEDS, row, strict=True)
    ]  # fmt: skip


def measure_clip(rate: float, clip: float) -> list[dict]:
    """Si cada red aprende: si en los últimos cinco lotes su pérdida es menos de ``LEARNED``."""
    cap = clip or np.inf
    ends = [train_loud(seed, rate=rate, cap=cap)[0][-5:].mean() for seed in SEEDS]
    return [
        {"rate": rate, "clip": clip, "seed": seed, "learned": bool(end < LEARNED)}
        for seed, end in zip(SEEDS, ends, strict=True)
    ]


def main() -> int:
    """Mide las dos tablas; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    return run_experiments(
        [
            Experiment("compuertas", measure, grid(), "La tarea de memoria con LSTM y RNN",
                       ("numpy", "torch")),
            Experiment("compuertas_recorte", measure_clip, clip_grid(),
                       "Tasa y recorte en una LSTM de pesos grandes"),
        ],
        options,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

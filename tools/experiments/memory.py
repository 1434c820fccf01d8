"""Mide qué celda recuerda más y qué ayuda a recordar; lo usa la lección 23.

``python -m tools.experiments.memory`` recorre las tres tablas y deja
``datasets/results/memoria.csv`` (cada tarea, celda, longitud, tasa y semilla),
``memoria_mandos.csv`` (sesgo inicial, tasa y recorte de una LSTM) y ``memoria_rivales.csv`` (tasas
menores y redes sin compuertas con otro tamaño y otro comienzo). Tarda dos horas en un núcleo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from course_utils.lessons.lesson_23.experiment import CELLS, TASKS, train
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

LENGTHS = (12, 25, 50, 100)
RATES = (3e-3, 1e-2)
KNOBS = {
    "keep_bias": (0.0, 1.0, 3.0, 5.0),
    "rate": (1e-3, 3e-3, 1e-2),
    "clip": (1.0, None),
}
KNOBS_TASK, KNOBS_LENGTH = "orden", 100
# Lo que a la primera tabla le falta donde alguna celda no llega: tasas menores y redes sin
# compuertas con los parámetros de la LSTM de 32 unidades (66) o que empiezan de otra manera.
LOW, LOWEST = 1e-3, 3e-4
RIVALS = {
    ("suma", 50): {
        ("RNN", 32): (LOWEST, LOW),
        ("RNN", 66): (LOWEST, LOW, 3e-3),
        ("IRNN", 66): (LOWEST, LOW, 3e-3),
    },
    ("eco", 50): {
        ("RNN", 66): (LOWEST, LOW, 3e-3),
        ("IRNN", 66): (LOWEST, LOW, 3e-3),
        ("LSTM", 32): (LOW,),
        ("GRU", 32): (LOW,),
    },
    ("orden", 100): {
        ("RNN", 32): (LOWEST, LOW),
        ("RNN", 66): (LOWEST, LOW, 3e-3),
        ("IRNN", 66): (LOWEST, LOW, 3e-3),
    },
}
PACKAGES = ("numpy", "torch")


def grid(seeds: range) -> Iterator[dict]:
    """Los entrenamientos de la primera tabla, una semilla detrás de otra."""
    for seed, task, length, cell, rate in product(seeds, TASKS, LENGTHS, CELLS, RATES):
        yield {"task": task, "cell": cell, "length": length, "rate": rate, "seed": seed}


def knobs(seeds: range) -> Iterator[dict]:
    """Los de la segunda, todos con una LSTM."""
    base = {"task": KNOBS_TASK, "cell": "LSTM", "length": KNOBS_LENGTH}
    for seed, *values in product(seeds, *KNOBS.values()):
        yield {**base, **dict(zip(KNOBS, values, strict=True)), "seed": seed}


def rivals(seeds: range) -> Iterator[dict]:
    """Los de la tercera: los puntos difíciles de la primera, con lo que allí no se probó."""
    for seed, (task, length) in product(seeds, RIVALS):
        for (cell, units), rates in RIVALS[task, length].items():
            base = {"task": task, "cell": cell, "hidden_size": units, "length": length}
            for rate in rates:
                yield {**base, "rate": rate, "seed": seed}


def measure(**run: object) -> dict:
    """Un entrenamiento, con lo que salió."""
    import torch

    torch.set_num_threads(1)
    outcome = train(**run)
    clip = {"clip": run["clip"] is not None} if "clip" in run else {}
    result = {"solved": outcome.solved, "updates": outcome.updates, "error": outcome.error}
    return {**run, **clip, **result}


def main() -> int:
    """Mide las tres tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="cuántas semillas")
    options = parser.parse_args()
    tables = {
        "memoria": (grid, "Tareas de memoria que resuelven RNN, LSTM y GRU"),
        "memoria_mandos": (knobs, "Qué cambian sesgo de olvido, tasa y recorte en una LSTM"),
        "memoria_rivales": (rivals, "Tareas de memoria con tasas menores y sin compuertas"),
    }
    experiments = [
        Experiment(name, measure, list(make(range(options.seeds))), description, PACKAGES)
        for name, (make, description) in tables.items()
    ]
    return run_experiments(experiments, options)


if __name__ == "__main__":
    sys.exit(main())

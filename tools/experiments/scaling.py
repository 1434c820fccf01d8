"""Mide lo que cuesta entrenar con varios procesos y lo que cambia promediar mal; proyecto 55.

``python -m tools.experiments.scaling --jobs 0`` deja en ``datasets/results/`` dos tablas:

- ``escalar.csv``: en qué se va una actualización según los procesos y las filas de cada uno. Mide
  relojes: se lanza con la máquina libre y sin más procesos a la vez (``--jobs 0``). Unos siete
  minutos.
- ``escalar_medias.csv``: bits por carácter según cómo se promedian los procesos. Con
  ``--only escalar_medias --jobs 2`` o en un clúster; unos ocho minutos de procesador.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from course_utils.lessons.lesson_55.experiment import (
    RULES,
    split_time,
    time_steps,
    train_with_rule,
)
from course_utils.scaling import torchrun
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

# Procesos y filas del lote conjunto; con un proceso y menos filas, el control: lo que tardaría cada
# uno si juntar los gradientes no costara nada.
SHARES = ((1, 32), (1, 16), (1, 8), (2, 32), (4, 32))
NETWORKS = ((64, False), (64, True), (256, False))  # unidades, y si se empaqueta
STEPS = 12
UPDATES = 120


def time_grid(seeds: range) -> Iterator[dict]:
    """Las medidas de tiempo, una semilla detrás de otra."""
    for seed, (hidden, packed), (processes, batch) in product(seeds, NETWORKS, SHARES):
        point = {"processes": processes, "batch": batch, "hidden": hidden, "packed": packed}
        yield {**point, "seed": seed}


def measure_time(processes: int, batch: int, hidden: int, packed: bool, seed: int) -> dict:
    """En qué se va una actualización."""
    options = {"hidden_size": hidden, "packed": packed, "batch": batch, "steps": STEPS}
    run = torchrun(time_steps, processes, arguments={**options, "seed": seed})
    point = {"processes": processes, "batch": batch, "hidden": hidden, "packed": packed}
    return {**point, **split_time(run.ranks), "seed": seed}


def measure_rule(rule: str, seed: int) -> dict:
    """Un entrenamiento con una de las reglas."""
    return {"rule": rule, "seed": seed, **train_with_rule(rule, seed=seed, steps=UPDATES)}


def experiments(time_seeds: int, rule_seeds: int) -> list[Experiment]:
    """Las dos tablas."""
    rules = [{"rule": rule, "seed": seed} for seed, rule in product(range(rule_seeds), RULES)]
    packages = ("numpy", "torch")
    return [
        Experiment(
            "escalar",
            measure_time,
            list(time_grid(range(time_seeds))),
            "En qué se va una actualización según los procesos y las filas de cada uno",
            packages,
        ),
        Experiment(
            "escalar_medias",
            measure_rule,
            rules,
            "Bits por carácter según cómo se promedian las pérdidas de dos procesos",
            packages,
        ),
    ]


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--time-seeds", type=int, default=5, help="semillas de los tiempos")
    parser.add_argument("--rule-seeds", type=int, default=20, help="semillas de las reglas")
    options = parser.parse_args()
    return run_experiments(experiments(options.time_seeds, options.rule_seeds), options)


if __name__ == "__main__":
    sys.exit(main())

"""Mide detectores de anomalías en seis sensores generados; lo usa la lección 44.

``python -m tools.experiments.anomalies`` deja en ``datasets/results/`` tres tablas:
``anomalias.csv`` (once puntuaciones: área, sucesos, retraso y avisos falsos),
``anomalias_datos.csv`` (con fallos en el entrenamiento) y ``anomalias_cuello.csv`` (según la
anchura del cuello). Tarda unos nueve minutos en un núcleo.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.environment import setup
from course_utils.lessons.lesson_44 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

SEEDS = range(6)
FAULTS = (6, 12)  # sin ninguno, es la primera tabla
WIDTHS = (1, 16, 0)  # con cuatro, es la primera tabla; con cero, no hay cuello
LIBRARIES = ("numpy", "scikit-learn", "tensorflow", "keras")


def methods(seed: int) -> list[dict]:
    """Las once puntuaciones de un sensor."""
    setup(seed, frameworks=("tensorflow",))
    return experiment.measure_methods(seed)


def contaminated(faults: int, seed: int) -> list[dict]:
    """Cuatro detectores con fallos en el entrenamiento."""
    setup(seed, frameworks=("tensorflow",))
    return experiment.measure_contaminated(faults, seed)


def widths(width: int, inputs: str, seed: int) -> dict:
    """Un autocodificador con un cuello de esa anchura."""
    setup(seed, frameworks=("tensorflow",))
    return experiment.measure_width(width, inputs, seed)


def main() -> int:
    """Mide las tres tablas; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    experiments = [
        Experiment(
            "anomalias",
            methods,
            [{"seed": seed} for seed in SEEDS],
            "Qué encuentran once puntuaciones en un sensor con seis clases de fallo",
            LIBRARIES,
        ),
        Experiment(
            "anomalias_datos",
            contaminated,
            [{"faults": faults, "seed": seed} for faults, seed in product(FAULTS, SEEDS)],
            "Área de cuatro detectores con fallos sin señalar en el entrenamiento",
            LIBRARIES,
        ),
        Experiment(
            "anomalias_cuello",
            widths,
            [
                {"width": width, "inputs": inputs, "seed": seed}
                for width, inputs, seed in product(WIDTHS, ("tal cual", "anomalías"), SEEDS)
            ],
            "Área y error de un autocodificador según la anchura de su cuello",
            LIBRARIES,
        ),
    ]
    return run_experiments(experiments, options)


if __name__ == "__main__":
    sys.exit(main())

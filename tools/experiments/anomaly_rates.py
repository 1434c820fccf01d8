"""Mide las redes de la lección 44 con otras tasas de aprendizaje.

``python -m tools.experiments.anomaly_rates`` deja ``datasets/results/anomalias_tasas.csv``: el área
de las dos redes, con las dos series, en los mismos seis sensores de ``anomalias.csv``. Con la tasa
de 0,01 es esa tabla. Tarda unos seis minutos en un núcleo.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.environment import setup
from course_utils.lessons.lesson_44.rates import measure_rate
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

SEEDS = range(6)
RATES = (0.003, 0.03, 0.1)
NETWORKS = ("predictor", "autocodificador")
INPUTS = ("anomalías", "tal cual")


def rates(network: str, inputs: str, rate: float, seed: int) -> dict:
    """Una red con otra tasa."""
    setup(seed, frameworks=("tensorflow",))
    return measure_rate(network, inputs, rate, seed)


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    points = [
        {"network": network, "inputs": inputs, "rate": rate, "seed": seed}
        for inputs, network, rate, seed in product(INPUTS, NETWORKS, RATES, SEEDS)
    ]
    experiment = Experiment(
        "anomalias_tasas",
        rates,
        points,
        "Área de dos redes que buscan anomalías, según su tasa de aprendizaje",
        ("numpy", "scikit-learn", "tensorflow", "keras"),
    )
    return run_experiments([experiment], options)


if __name__ == "__main__":
    sys.exit(main())

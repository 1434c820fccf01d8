"""Mide una red para todas las series y un modelo por serie en tiendas generadas; proyecto 52.

``python -m tools.experiments.demand`` deja ``datasets/results/demanda.csv``, una fila por modelo,
semilla de las tiendas y clase de artículo, y ``demanda_redes.csv``, lo mismo de las redes, con cada
tasa. Cada semilla son otras doscientas series. Tarda media hora en un núcleo.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.lessons.lesson_52 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

FIRST_SEED = 1000  # lejos de la de la lección
RATES = (*experiment.RATES, 0.03)  # una más: las tres redes elegían la última


def measure_plain(seed: int) -> list[dict]:
    """Las filas de lo que no es una red."""
    return experiment.measure_plain(seed)


def measure_network(model: str, rate: float, seed: int) -> list[dict]:
    """Las filas de una red."""
    return experiment.measure_network(model, rate, seed)


def main() -> int:
    """Mide las dos tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=12, help="cuántas tiendas generadas")
    options = parser.parse_args()
    seeds = [FIRST_SEED + k for k in range(options.seeds)]
    plain = [{"seed": seed} for seed in seeds]
    networks = [
        {"model": model, "rate": rate, "seed": seed}
        for model, rate, seed in product(experiment.NETWORKS, RATES, seeds)
    ]
    about = "Euros y error de lo que no es una red, por clase de artículo, en tiendas generadas"
    about_networks = "Euros y error de tres redes globales, según la tasa, en tiendas generadas"
    packages = ("numpy", "scipy")
    tables = (
        Experiment("demanda", measure_plain, plain, about, packages=packages),
        Experiment(
            "demanda_redes",
            measure_network,
            networks,
            about_networks,
            packages=(*packages, "tensorflow", "keras"),
        ),
    )
    return run_experiments(tables, options)


if __name__ == "__main__":
    sys.exit(main())

"""Mide seis modelos y una GRU en cinco series; lo usa la lección 41.

``python -m tools.experiments.forecasts`` deja ``datasets/results/pronosticos.csv``, una fila por
modelo, y ``pronosticos_red.csv``, una por red entrenada, con el error desde cada origen. Tarda unos
diez minutos en un núcleo libre.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.lessons.lesson_41 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser


def grid(seeds: int) -> list[dict]:
    """Un punto por serie, receta y tasa; las diferencias, solo en la serie con más tendencia."""
    return [
        {"series": series, "recipe": recipe, "rate": rate, "seeds": seeds}
        for series, recipe, rate in product(
            experiment.five_series(), experiment.RECIPES, experiment.RATES
        )
        if recipe != "diferencias" or series == "CO2"
    ]


def measure_classic(series: str) -> list[dict]:
    """Las filas de una serie, una por modelo."""
    return experiment.measure_classic(series)


def measure_network(series: str, recipe: str, rate: float, seeds: int) -> list[dict]:
    """Las filas de un punto, una por semilla."""
    return experiment.measure_network(series, recipe, rate, range(seeds))


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="cuántas semillas de cada red")
    options = parser.parse_args()
    series = [{"series": name} for name in experiment.five_series()]
    about = "Error de seis modelos clásicos en cinco series, desde veinte orígenes"
    about_networks = "Error de una GRU en cinco series, según la receta, la tasa y la semilla"
    packages = ("numpy", "statsmodels")
    classic = Experiment("pronosticos", measure_classic, series, about, packages=packages)
    networks = Experiment(
        "pronosticos_red",
        measure_network,
        grid(options.seeds),
        about_networks,
        packages=(*packages, "tensorflow", "keras"),
    )
    return run_experiments([classic, networks], options)


if __name__ == "__main__":
    sys.exit(main())

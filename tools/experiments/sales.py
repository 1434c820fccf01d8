"""Mide qué pronostica mejor las ventas; lo usa la lección 25.

``python -m tools.experiments.sales`` entrena redes con las ventas del curso y deja
``datasets/results/ventas.csv``, un entrenamiento por fila, y ``ventas_series.csv``, modelos con
otras series generadas. Tarda unos quince minutos en un núcleo libre.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.lessons.lesson_25 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

PACKAGES = ("numpy", "torch", "statsmodels")


def grid(seeds: int) -> list[dict]:
    """Un punto por receta, celda y tasa, con todas sus semillas."""
    cells, usual = ("SimpleRNN", "LSTM", "GRU"), 0.01
    points = [(cell, "sin nivel", rate, False) for cell, rate in product(cells, experiment.RATES)]
    points += [(cell, "tal cual", usual, False) for cell in cells]
    points += [("GRU", "en logaritmos", usual, False), ("GRU", "tal cual", usual, True)]
    points += [("GRU", "suavizada", rate, False) for rate in experiment.RATES]
    points += [("GRU", "sin nivel", rate, True) for rate in experiment.RATES]
    keys = ("cell", "recipe", "rate", "calendar")
    return [dict(zip(keys, point, strict=True)) | {"seeds": seeds} for point in points]


def measure(cell: str, recipe: str, rate: float, calendar: bool, seeds: int) -> list[dict]:
    """Las filas de un punto, dos por semilla: con pocas épocas y con muchas."""
    return experiment.measure_networks(
        cell, recipe, rate=rate, calendar=calendar, seeds=range(seeds)
    )


def measure_series(model: str, seeds: int) -> list[dict]:
    """Las filas de un modelo, una por serie."""
    return experiment.measure_series(model, range(1, seeds + 1))


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="cuántas semillas y cuántas series")
    options = parser.parse_args()
    points = grid(options.seeds)
    series = [{"model": model, "seeds": options.seeds} for model in experiment.SERIES_MODELS]
    about = "Error de redes que pronostican ventas, según la celda, la receta y la tasa"
    about_series = "Error de cada modelo, y coste de sus existencias, en series de ventas generadas"
    ventas = Experiment("ventas", measure, points, about, packages=PACKAGES)
    generated = Experiment(
        "ventas_series", measure_series, series, about_series, packages=(*PACKAGES, "scikit-learn")
    )
    return run_experiments([ventas, generated], options)


if __name__ == "__main__":
    sys.exit(main())

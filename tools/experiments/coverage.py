"""Mide qué cobertura hay donde se promete un 90 %; lo usa la lección 43.

``python -m tools.experiments.coverage`` entrena redes con dos y tres cabezas y deja
``datasets/results/cobertura_tiempo.csv``, una semilla por fila, y ``cobertura_ventas.csv``, una
tienda generada por fila. Tarda unos diez minutos en un núcleo libre.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.lessons.lesson_43 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

PACKAGES = ("numpy", "scipy", "torch")
TOGETHER = 10  # tiendas de cada punto


def measure_weather(head: str, without: str, seeds: int) -> list[dict]:
    """Las filas de una cabeza, con todas las covariables o sin una."""
    return experiment.measure_weather(head, without, range(seeds))


def measure_shops(head: str, first: int, count: int) -> list[dict]:
    """Las filas de una cabeza en unas cuantas tiendas."""
    return experiment.measure_shops(head, range(first, first + count))


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="cuántas semillas con el tiempo")
    parser.add_argument("--shops", type=int, default=40, help="cuántas tiendas")
    options = parser.parse_args()
    without = ("", "rocío", "viento", "presión", "hora", "ruido")
    weather = [{"head": "normal", "without": name, "seeds": options.seeds} for name in without]
    weather.append({"head": "cuantiles", "without": "", "seeds": options.seeds})
    heads = "cuantiles", "normal", "binomial negativa"
    shops = [
        {"head": head, "first": first, "count": min(TOGETHER, options.shops + 1 - first)}
        for head, first in product(heads, range(1, options.shops + 1, TOGETHER))
    ]
    about = "Cobertura y CRPS a 24 horas de la temperatura, según la cabeza y las covariables"
    about_shops = "Cobertura de cada cabeza en tiendas generadas, antes y después del paso conforme"
    tables = (
        Experiment("cobertura_tiempo", measure_weather, weather, about, packages=PACKAGES),
        Experiment("cobertura_ventas", measure_shops, shops, about_shops, packages=PACKAGES),
    )
    return run_experiments(tables, options)


if __name__ == "__main__":
    sys.exit(main())

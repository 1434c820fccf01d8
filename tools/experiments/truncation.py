"""Mide qué aprende una red con el gradiente truncado; lo usa la lección 13.

``python -m tools.experiments.truncation`` entrena un eco con tramos y tasas distintos y
deja ``datasets/results/tramos.csv``: todas las tasas, con las mismas actualizaciones, y la menor,
con muchas más. Tarda unos seis minutos en un núcleo libre.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from course_utils.lessons.lesson_13.experiment import DELAY, TIMESTEPS, train_echo
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

LENGTHS = (1, DELAY, 2 * DELAY, TIMESTEPS)
RATES = (0.05, 0.1, 0.2, 0.4)
UPDATES = 250
LONG = UPDATES * round(RATES[-1] / RATES[0])  # con la menor tasa, tanto camino como con la mayor


def grid(seeds: range) -> Iterator[dict]:
    """Los entrenamientos: la rejilla, una semilla detrás de otra, y después los largos."""
    for seed, length, rate in product(seeds, LENGTHS, RATES):
        yield {"length": length, "rate": rate, "updates": UPDATES, "seed": seed}
    for seed, length in product(seeds, (1, DELAY)):
        yield {"length": length, "rate": RATES[0], "updates": LONG, "seed": seed}


def measure(**run: object) -> dict:
    """Un entrenamiento, con lo que salió."""
    return {**run, **train_echo(**run)._asdict()}


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="cuántas semillas")
    options = parser.parse_args()
    description = "Error en un eco según los pasos de cada tramo, la tasa y las actualizaciones"
    tramos = Experiment("tramos", measure, list(grid(range(options.seeds))), description)
    return run_experiments([tramos], options)


if __name__ == "__main__":
    sys.exit(main())

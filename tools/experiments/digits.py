"""Mide cuánto acierta cada red con los dígitos; lo usa la lección 24.

``python -m tools.experiments.digits`` deja ``datasets/results/digits_tasas.csv`` (redes con varias
tasas) y ``digits.csv`` (cada red con la tasa que más acierta en la validación, y veinte
repeticiones que no sirvieron para elegirla). Tarda unos veinte minutos en un núcleo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from course_utils.datasets import load_digits, load_result
from course_utils.environment import setup
from course_utils.lessons.lesson_24 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

RATES = (0.01, 0.03, 0.1, 0.3)
SEEDS, RATE_SEEDS = range(20), range(20, 24)


def rate_grid() -> list[dict]:
    """Un punto por red y tasa, con las semillas de elegir; el control de otra no entra."""
    models = [model for model in experiment.MODELS if model not in experiment.VARIANTS]
    return [
        {"model": model, "rate": rate, "seeds": list(RATE_SEEDS)}
        for model, rate in product(models, RATES)
    ]


def grid() -> list[dict]:
    """Un punto por red, con su tasa y las semillas de medir; un control, con la de su red."""
    swept = load_result("digits_tasas")
    rates = experiment.choose_rates(swept["model"], swept["rate"], swept["validation"])
    rates |= {variant: rates[base] for variant, base in experiment.VARIANTS.items()}
    rates = {experiment.LOGISTIC: 0.0, **rates}
    return [{"model": model, "rate": rate, "seeds": list(SEEDS)} for model, rate in rates.items()]


def measure(model: str, rate: float, seeds: list[int]) -> list[dict]:
    """Las filas de una red, una por semilla: preparar la red una vez para todas ahorra tiempo."""
    setup(0, frameworks=("tensorflow",))
    digits = load_digits()
    if model == experiment.LOGISTIC:
        return list(experiment.measure_logistic(digits.images, digits.labels, seeds=seeds))
    options = {"seeds": seeds, "rate": rate}
    return list(experiment.measure(model, digits.images, digits.labels, **options))


def experiments() -> Iterator[Experiment]:
    """Las dos tablas; la segunda lee la primera, ya escrita."""
    packages = ("numpy", "scikit-learn", "tensorflow", "keras")
    yield Experiment(
        "digits_tasas", measure, rate_grid(), "Acierto de cada red con varias tasas", packages
    )
    yield Experiment(
        "digits",
        measure,
        grid(),
        "Acierto de redes recurrentes y no recurrentes con los dígitos de 8 × 8",
        packages,
    )


def main() -> int:
    """Mide las dos tablas; devuelve el código de salida."""
    return run_experiments(experiments(), sweep_parser(__doc__).parse_args())


if __name__ == "__main__":
    sys.exit(main())

"""Mide cuánto acierta cada red con los dígitos; lo usa la lección 24.

``python -m tools.experiments.digits`` entrena cada red de la lección 24 con cinco semillas y deja
``datasets/results/digits.csv``. Tarda unos tres minutos en un núcleo libre.
"""

from __future__ import annotations

import sys

from course_utils.datasets import load_digits
from course_utils.environment import setup
from course_utils.lessons.lesson_24 import experiment
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser


def grid(*, seeds: int, epochs: int) -> list[dict]:
    """Un punto por red, con todas sus semillas."""
    models = (experiment.LOGISTIC, *experiment.MODELS)
    return [{"model": model, "seeds": list(range(seeds)), "epochs": epochs} for model in models]


def measure(model: str, seeds: list[int], epochs: int) -> list[dict]:
    """Las filas de una red, una por semilla: preparar la red una vez para todas ahorra tiempo."""
    setup(0, frameworks=("tensorflow",))
    digits = load_digits()
    if model == experiment.LOGISTIC:
        return list(experiment.measure_logistic(digits.images, digits.labels, seeds=seeds))
    options = {"seeds": seeds, "epochs": epochs}
    return list(experiment.measure(model, digits.images, digits.labels, **options))


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="cuántas semillas")
    parser.add_argument("--epochs", type=int, default=experiment.EPOCHS, help="épocas de cada red")
    options = parser.parse_args()
    digits = Experiment(
        "digits",
        measure,
        grid(seeds=options.seeds, epochs=options.epochs),
        "Acierto de redes recurrentes y no recurrentes con los dígitos de 8 × 8",
        packages=("numpy", "scikit-learn", "tensorflow", "keras"),
    )
    return run_experiments([digits], options)


if __name__ == "__main__":
    sys.exit(main())

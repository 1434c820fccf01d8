"""Mide qué vectores aprende una red con los cuentos, según sus mandos; lo usa la lección 31.

``python -m tools.experiments.embeddings`` deja ``datasets/results/incrustaciones.csv``: los vecinos
de la misma clase de cada red tras cada época, con las palabras que sirven para elegir y con las que
juzgan. Tarda unos tres minutos en un núcleo libre.
"""

from __future__ import annotations

import sys
from itertools import product

from course_utils.datasets import load_stories
from course_utils.environment import setup
from course_utils.lessons.lesson_31.vectors import (
    classed_words,
    frequent_words,
    neighbour_pairs,
    neighbour_share,
    train_skipgram,
)
from course_utils.text import words
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

WINDOWS = (1, 2)
RATES = (0.003, 0.01, 0.03)
EPOCHS = 10
WIDTH = 50
SEEDS = range(1_000, 1_004)  # ninguna es la de una red de la lección


def measure(window: int, rate: float, seed: int) -> list[dict]:
    """Una red: sus vecinos de la misma clase tras cada época."""
    setup(seed, frameworks=("tensorflow",))
    texts = [words(story) for story in load_stories()]
    frequent = frequent_words(texts)
    classed = classed_words(frequent)
    pairs = neighbour_pairs(texts, frequent, window)
    options = {"width": WIDTH, "rate": rate, "epochs": EPOCHS, "seed": seed}
    rows = []
    for epochs, vectors in enumerate(train_skipgram(pairs, len(frequent), **options), 1):
        share = neighbour_share(vectors, classed)
        chosen, judged = (share[part].mean() for part in (classed.chosen, ~classed.chosen))
        rows.append(
            {"window": window, "rate": rate, "epochs": epochs, "seed": seed,
             "chosen": round(float(chosen), 5), "judged": round(float(judged), 5)}
        )  # fmt: skip
    return rows


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    grid = [
        {"window": window, "rate": rate, "seed": seed}
        for seed, window, rate in product(SEEDS, WINDOWS, RATES)
    ]
    description = "Vecinos de la misma clase de vectores entrenados, según ventana, tasa y épocas"
    packages = ("numpy", "tensorflow", "keras")
    found = Experiment("incrustaciones", measure, grid, description, packages)
    return run_experiments([found], options)


if __name__ == "__main__":
    sys.exit(main())

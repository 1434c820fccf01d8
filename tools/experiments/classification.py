"""Mide las tablas de la lección 32: las redes con las reseñas, según los textos y con adivinanzas.

``OMP_NUM_THREADS=1 python -m tools.experiments.classification`` (unos veinte minutos de un núcleo)
escribe tres resultados en ``datasets/results/``:

- ``clasificacion``: cada red, con dos tasas y cinco semillas (tres con la tasa que sobra), en las
  reseñas; con la validación se
  eligen la época y la tasa, y de cada red se guarda qué reseñas de prueba acierta.
- ``clasificacion_curva``: dos redes, con una parte de las reseñas de entrenamiento.
- ``clasificacion_orden``: cada red, con las adivinanzas de orden.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

from course_utils.environment import setup
from course_utils.lessons.lesson_32.experiment import (
    NETWORKS,
    SHUFFLED,
    encoded_puzzles,
    encoded_reviews,
    hits_text,
    is_blind,
    shuffle_words,
    train_classifier,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

RATES = (0.003, 0.01)
# La tasa de cada red: la de menor pérdida en validación, con las dos primeras semillas.
CHOSEN = {
    "media": 0.01,
    "GRU, último": 0.003,
    "GRU, todos": 0.01,
    "GRU, dos sentidos": 0.003,
    "LSTM, último": 0.01,
    "LSTM, todos": 0.01,
    "LSTM, dos sentidos": 0.01,
    SHUFFLED: 0.01,  # la de la red a la que acompaña
}
ORDER_NETWORKS = ("GRU, último", "GRU, dos sentidos", "LSTM, último")
SIZES = (72, 144, 288)
SEEDS = range(1_000, 1_005)  # ninguna es la de una red de la lección
PACKAGES = ("numpy", "tensorflow", "keras")


def epochs_of(network: str) -> int:
    """Vueltas de cada red: la que no es recurrente tarda poco y aprende más despacio."""
    return 20 if network == "media" else 8


def measure_reviews(network: str, rate: float, seed: int) -> dict:
    """Una red: qué reseñas acierta."""
    setup(seed, frameworks=("tensorflow",))
    reviews = encoded_reviews()
    parts = list(reviews[1:])
    if network == SHUFFLED:
        rng = np.random.default_rng(seed)
        parts = [shuffle_words(part, rng) for part in parts]
    train, *watched = parts
    kind = "GRU, todos" if network == SHUFFLED else network
    trained = train_classifier(
        kind,
        len(reviews.vocabulary),
        train,
        watched,
        rate=rate,
        epochs=epochs_of(kind),
        seed=seed,
    )
    return {
        "network": network,
        "rate": rate,
        "seed": seed,
        "epoch": trained.epoch,
        "loss": round(trained.loss, 4),
        "parameters": trained.model.count_params(),
        "seconds": round(trained.seconds, 1),
        "hits": hits_text(trained.logits[1], reviews.test.labels),
    }


def measure_curve(network: str, size: int, seed: int) -> dict:
    """Una red entrenada con algunas reseñas: qué parte de las de prueba acierta."""
    setup(seed, frameworks=("tensorflow",))
    chosen = np.random.default_rng(seed).permutation(576)[:size]
    reviews = encoded_reviews(chosen.tolist())
    _, train, *watched = reviews
    trained = train_classifier(
        network,
        len(reviews.vocabulary),
        train,
        watched,
        rate=0.01,
        epochs=10,
        seed=seed,
    )
    hits = hits_text(trained.logits[1], reviews.test.labels)
    return {"network": network, "size": size, "seed": seed, "hits": hits}


def measure_order(network: str, seed: int) -> dict:
    """Una red con adivinanzas: aciertos en frases nuevas, en las ciegas y en moldes apartados."""
    setup(seed, frameworks=("tensorflow",))
    puzzles = encoded_puzzles(np.random.default_rng(seed))
    trained = train_classifier(
        network,
        len(puzzles.vocabulary),
        puzzles.train,
        [puzzles.validation, puzzles.test, puzzles.held_out],
        rate=0.01,
        epochs=8,
        seed=seed,
    )
    _, test, held_out = trained.logits
    hits = (test > 0) == (puzzles.test.labels > 0.5)
    blind = np.array([is_blind(phrase) for phrase in puzzles.phrases["test"]])
    return {
        "network": network,
        "seed": seed,
        "test": round(float(hits.mean()), 4),
        "blind": round(float(hits[blind].mean()), 4),
        "held_out": round(float(np.mean((held_out > 0) == (puzzles.held_out.labels > 0.5))), 4),
        "parameters": trained.model.count_params(),
        "seconds": round(trained.seconds, 1),
    }


def is_worth(network: str, rate: float, seed: int) -> bool:
    """Si se mide un punto: con las dos primeras semillas se elige la tasa, y las demás la usan."""
    return seed in SEEDS[:2] or rate == CHOSEN[network]


def main() -> int:
    """Mide las tres tablas; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    tables = (
        ("clasificacion", measure_reviews, (*NETWORKS, SHUFFLED), ("network", "rate"),
         "Qué reseñas de prueba acierta cada red, según la tasa"),
        ("clasificacion_orden", measure_order, ORDER_NETWORKS, ("network",),
         "Aciertos de cada red en las adivinanzas de orden"),
        ("clasificacion_curva", measure_curve, ("GRU, todos",), ("network", "size"),
         "Qué reseñas de prueba acierta una red entrenada con pocas"),
    )  # fmt: skip
    grids = {"rate": RATES, "size": SIZES}
    experiments = []
    for name, measure, networks, keys, description in tables:
        values = [networks if key == "network" else grids[key] for key in keys]
        grid = [
            {**dict(zip(keys, point, strict=True)), "seed": seed}
            for seed, *point in product(SEEDS, *values)
        ]
        if measure is measure_reviews:
            grid = [point for point in grid if is_worth(**point)]
        experiments.append(Experiment(name, measure, grid, description, PACKAGES))
    return run_experiments(experiments, options)


if __name__ == "__main__":
    sys.exit(main())

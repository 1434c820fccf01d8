"""Mide con las críticas de IMDB la receta más repetida, sus arreglos y un rival; usa la lección 32.

``python -m tools.experiments.imdb`` descarga las críticas; ``python -m tools.experiments.imdb
imdb_train.npz`` lee las de entrenamiento de un archivo con ``tokens``, ``lengths`` y ``labels``.
Deja ``datasets/results/imdb.csv``. Solo usa la mitad de entrenamiento, repartida en tres partes sin
textos casi iguales a los dos lados; las películas sí se repiten, porque nadie dice cuáles son.
Tarda unos cuarenta minutos en un núcleo libre.
"""

from __future__ import annotations

import functools
import math
import multiprocessing
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from course_utils.datasets import load_imdb
from course_utils.environment import setup
from course_utils.lessons.lesson_32.duplicates import near_duplicates, split_groups
from course_utils.lessons.lesson_32.imdb import (
    BEST,
    REPAIRS,
    Recipe,
    train_linear,
    train_network,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

# Con qué partes se entrena: para elegir, para la cifra final y para medir lo que cuesta todo.
STAGES = {
    "elegir": ("train",),
    "final": ("train", "validation"),
    "entero": ("train", "validation", "test"),
}
RIVAL = "lineal"
PART = 5_000  # críticas de la validación, y otras tantas de la prueba


def read_reviews(data: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Las críticas de entrenamiento, en un orden que no depende de dónde se leen."""
    if data:
        with np.load(data) as arrays:
            reviews = np.split(arrays["tokens"], np.cumsum(arrays["lengths"])[:-1])
            labels = arrays["labels"].astype(np.int64)
    else:
        imdb = load_imdb()
        reviews, labels = imdb.x_train, imdb.y_train
    order = sorted(range(len(reviews)), key=lambda i: (reviews[i].tolist(), labels[i]))
    return [reviews[place] for place in order], labels[order]


@functools.cache
def read_parts(data: str) -> dict[str, tuple[list[np.ndarray], np.ndarray]]:
    """Entrenamiento, validación y prueba; ningún texto casi igual a otro queda en otra parte."""
    reviews, labels = read_reviews(data)
    places = split_groups(near_duplicates(reviews), [PART, PART], seed=0)
    return {
        name: ([reviews[place] for place in part], labels[part])
        for name, part in zip(("test", "validation", "train"), places, strict=True)
    }


def measure(data: str, recipe: str, options: dict | None, stage: str, seed: int) -> dict:
    """Una receta y una semilla, en un proceso nuevo: así la memoria máxima es solo suya."""
    parts = read_parts(data)
    seen = [parts[name] for name in STAGES[stage]]
    reviews = [review for part, _ in seen for review in part]
    labels = np.concatenate([answers for _, answers in seen])
    unseen = {name: part for name, part in parts.items() if name not in STAGES[stage]}
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(train_and_score, options, seed, reviews, labels, unseen).result()
    return {"recipe": recipe, "stage": stage, "seed": seed, "examples": len(labels), **found}


def train_and_score(
    options: dict | None,
    seed: int,
    reviews: list[np.ndarray],
    labels: np.ndarray,
    unseen: dict[str, tuple[list[np.ndarray], np.ndarray]],
) -> dict:
    """Entrena en este proceso (sin opciones, el rival) y puntúa con las partes que no ha visto.

    Los segundos son los de procesador de entrenar, y la memoria, la máxima hasta ese momento.
    """
    if options is not None:
        setup(seed, frameworks=("tensorflow",))
    start = time.process_time()
    if options is None:
        trained = train_linear(reviews, labels)
    else:
        trained = train_network(reviews, labels, Recipe(**options), seed=seed)
    row = {
        "params": trained.params,
        "validation": math.nan,
        "test": math.nan,
        "seconds": round(time.process_time() - start, 1),
        "megabytes": peak_megabytes(),
    }
    for name, (texts, answers) in unseen.items():
        row[name] = float(np.mean((trained.predict(texts) > 0.5) == answers))
    return row


def peak_megabytes() -> float:
    """La memoria máxima que ha ocupado este proceso, según Linux."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024, 1)


def recipes() -> dict[str, Recipe]:
    """La mejor, y ella sin cada arreglo; la de los artículos, y con dos épocas, cada arreglo."""
    plain = Recipe()
    found = {"mejor": BEST}
    for name, change in REPAIRS.items():
        old = {field: getattr(plain, field) for field in change}
        found[f"mejor sin {name}"] = BEST._replace(**old)
    short = plain._replace(epochs=2)
    found |= {"publicada": plain, "publicada, 2 épocas": short}
    for name, change in REPAIRS.items():
        found[f"2 épocas y {name}"] = short._replace(**change)
    return found


def grid(data: str) -> list[dict]:
    """Un punto por receta, parte y semilla; primero, lo que más importa."""
    found = recipes()
    options = {name: recipe._asdict() for name, recipe in found.items()} | {RIVAL: None}
    rest = [name for name in found if name not in ("mejor", "publicada")]
    points = [(RIVAL, stage, 0) for stage in STAGES]
    points += [("mejor", "final", 0), ("publicada", "elegir", 0), ("mejor", "entero", 0)]
    points += [("mejor", "final", seed) for seed in (1, 2)] + [("mejor", "elegir", 0)]
    points += [(name, "elegir", 0) for name in rest]
    repeated = ["mejor", *(name for name in rest if name.startswith("mejor"))]
    points += [(name, "elegir", seed) for seed in (1, 2) for name in repeated]
    return [
        {"data": data, "recipe": name, "options": options[name], "stage": stage, "seed": seed}
        for name, stage, seed in points
    ]


def main() -> int:
    """Mide la tabla; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("data", nargs="?", default="", help="sin archivo, se descargan")
    options = parser.parse_args()
    found = Experiment(
        "imdb",
        measure,
        grid(options.data),
        "Acierto con las críticas de IMDB de la receta más repetida, sus arreglos y un rival",
        ("numpy", "scipy", "scikit-learn", "tensorflow", "keras"),
    )
    return run_experiments([found], options)


if __name__ == "__main__":
    sys.exit(main())

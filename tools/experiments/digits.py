"""Mide cuánto acierta cada red con los dígitos; lo usa la lección 24.

``python -m tools.experiments.digits`` entrena cada red de la lección 24 con cinco semillas y deja
``datasets/results/digits.csv``. Tarda unos tres minutos en un núcleo libre. Lo medido se va
guardando en ``build/``: si se corta, la siguiente llamada sigue donde estaba.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from course_utils.datasets import load_digits
from course_utils.environment import setup
from course_utils.lessons.lesson_24.experiment import (
    EPOCHS,
    MODELS,
    measure,
    measure_logistic,
)
from tools.experiments.results import write_result

ROOT = Path(__file__).resolve().parents[2]


def measure_all(
    images: np.ndarray, labels: np.ndarray, *, seeds: range, epochs: int, path: Path
) -> list[dict]:
    """Una fila por red y semilla; las que ya están en ``path`` no se repiten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    done = {tuple(key): row for key, row in map(json.loads, lines)}
    wanted = [(name, seed, epochs) for name in MODELS for seed in seeds]
    with tqdm(total=len(wanted), initial=len(done.keys() & set(wanted)), desc="dígitos") as bar:
        for name in MODELS:
            missing = [seed for seed in seeds if (name, seed, epochs) not in done]
            for row in measure(name, images, labels, seeds=missing, epochs=epochs):
                key = (name, row["seed"], epochs)
                done[key] = row
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, row]) + "\n")
                bar.update()
    return [done[key] for key in wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="cuántas semillas")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="épocas de cada entrenamiento")
    arguments = parser.parse_args()
    setup(0, frameworks=("tensorflow",))
    digits = load_digits()
    seeds = range(arguments.seeds)
    options = {"epochs": arguments.epochs, "path": ROOT / "build" / "digits_grid.jsonl"}
    rows = [
        *measure_logistic(digits.images, digits.labels, seeds=seeds),
        *measure_all(digits.images, digits.labels, seeds=seeds, **options),
    ]
    written = write_result(
        "digits",
        rows,
        script=__file__,
        description="Acierto de redes recurrentes y no recurrentes con los dígitos de 8 × 8",
        seeds=seeds,
        packages=("numpy", "scikit-learn", "tensorflow", "keras"),
    )
    print(written)


if __name__ == "__main__":
    main()

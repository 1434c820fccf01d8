"""Mide qué celda recuerda más y qué ayuda a recordar; lo usa la lección 23.

``python -m tools.experiments.memory`` recorre las dos tablas y deja
``datasets/results/memoria.csv`` (cada tarea, celda, longitud, tasa y semilla) y
``memoria_mandos.csv`` (sesgo inicial, tasa y recorte de una LSTM). Tarda una hora en un núcleo. Lo
medido se va guardando en ``build/``: si se corta, la siguiente llamada sigue donde estaba.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # antes de que llegue PyTorch

from tqdm import tqdm

from course_utils.lessons.lesson_23.experiment import CELLS, TASKS, train
from tools.experiments.results import write_result

ROOT = Path(__file__).resolve().parents[2]
LENGTHS = (12, 25, 50, 100)
RATES = (3e-3, 1e-2)
KNOBS = {
    "keep_bias": (0.0, 1.0, 3.0, 5.0),
    "rate": (1e-3, 3e-3, 1e-2),
    "clip": (1.0, None),
}
KNOBS_TASK, KNOBS_LENGTH = "orden", 100


def grid(seeds: range) -> Iterator[dict]:
    """Los entrenamientos de la primera tabla, una semilla detrás de otra."""
    for seed, task, length, cell, rate in product(seeds, TASKS, LENGTHS, CELLS, RATES):
        yield {"task": task, "cell": cell, "length": length, "rate": rate, "seed": seed}


def knobs(seeds: range) -> Iterator[dict]:
    """Los de la segunda, todos con una LSTM."""
    base = {"task": KNOBS_TASK, "cell": "LSTM", "length": KNOBS_LENGTH}
    for seed, *values in product(seeds, *KNOBS.values()):
        yield {**base, **dict(zip(KNOBS, values, strict=True)), "seed": seed}


def measure(run: dict) -> dict:
    """Un entrenamiento, con lo que salió."""
    import torch

    torch.set_num_threads(1)
    outcome = train(**run)
    clip = {"clip": run["clip"] is not None} if "clip" in run else {}
    result = {"solved": outcome.solved, "updates": outcome.updates, "error": outcome.error}
    return {**run, **clip, **result}


def measure_all(name: str, runs: list[dict], *, jobs: int, folder: Path) -> list[dict]:
    """Las filas de una tabla; las que ya estaban medidas no se repiten."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    done = {}
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            key, row = json.loads(line)
            done[key] = row
    keys = [json.dumps(run, sort_keys=True) for run in runs]
    missing = [(key, run) for key, run in zip(keys, runs, strict=True) if key not in done]
    with ProcessPoolExecutor(jobs) as pool, path.open("a", encoding="utf-8") as file:
        rows = pool.map(measure, (run for _, run in missing))
        for (key, _), row in tqdm(zip(missing, rows, strict=True), total=len(missing), desc=name):
            done[key] = row
            file.write(json.dumps([key, row]) + "\n")
            file.flush()
    return [done[key] for key in keys]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="cuántas semillas")
    parser.add_argument("--jobs", type=int, default=1, help="procesos a la vez")
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    tables = {
        "memoria": (grid, "Tareas de memoria que resuelven RNN, LSTM y GRU"),
        "memoria_mandos": (knobs, "Qué cambian sesgo de olvido, tasa y recorte en una LSTM"),
    }
    for name, (make, description) in tables.items():
        options = {"jobs": arguments.jobs, "folder": ROOT / "build" / "memory_grid"}
        rows = measure_all(name, list(make(seeds)), **options)
        settings = {"script": __file__, "description": description, "seeds": seeds}
        print(write_result(name, rows, packages=("numpy", "torch"), **settings))


if __name__ == "__main__":
    main()

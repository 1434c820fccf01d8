"""Mide con qué tasas, recortes y caminos se aprende la tarea de la marca; lo usa la lección 14.

``python -m tools.experiments.gradients`` deja en ``datasets/results/`` tres tablas, con una fila
por red: ``gradientes_recorte.csv`` (tasa y recorte de una red lineal), ``gradientes_inicio.csv``
(matriz gaussiana u ortogonal) y ``gradientes_caminos.csv`` (la matriz, si se aprende, y la curva,
en el camino del estado o fuera). Tarda un cuarto de hora en un núcleo.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

from course_utils.lessons.lesson_14.experiment import (
    WAYS,
    Way,
    clip_to,
    draw_networks,
    train,
    train_way,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

NETWORKS = 24
CLIP_RATES = (0.0005, 0.0015, 0.005, 0.015, 0.05, 0.15, 0.5)
CLIPS = (0.0, 10.0, 3.0, 1.0, 0.3, 0.1)  # 0: sin recorte
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
HIGH_RATES = (0.6, 1.0)  # por si a la receta de siempre le faltaba tasa
KINDS = ("gaussiana", "ortogonal")
RECIPE = Way("ortogonal", True, "tanh")  # la de la sección 7
FAR = (RECIPE, *(way for way in WAYS if way.path == "directo"))  # a 50 pasos, las demás fallan


def clip_grid() -> list[dict]:
    """Cada tasa con cada recorte, en una red lineal a quince pasos de la marca."""
    return [{"rate": rate, "clip": clip} for rate, clip in product(CLIP_RATES, CLIPS)]


def start_grid() -> list[dict]:
    """Las dos maneras de sortear W_h, a setenta pasos y con entradas pequeñas."""
    return [
        {"kind": kind, "learned": True, "path": "tanh", "distance": 70, "input_scale": 0.1,
         "rate": rate, "updates": 400}
        for kind, rate in product(KINDS, RATES)
    ]  # fmt: skip


def way_grid() -> list[dict]:
    """Cada manera con cada tasa, a 50 pasos con entradas enteras y pequeñas y a 100 con enteras."""
    places = [
        *product((50,), (1.0, 0.1), WAYS, RATES),
        *product((100,), (1.0,), FAR, RATES),
        *product((50, 100), (1.0,), (RECIPE,), HIGH_RATES),
    ]
    return [
        {**way._asdict(), "distance": distance, "input_scale": scale, "rate": rate, "updates": 700}
        for distance, scale, way, rate in places
    ]


def measure_clip(rate: float, clip: float) -> list[dict]:
    """Acierto de cada red lineal y en qué parte de sus actualizaciones se recortó el gradiente."""
    rng = np.random.default_rng(0)
    networks = draw_networks(NETWORKS, rng)
    cut = clip_to(clip) if clip else None
    done = train(networks, 15, rng, rate=rate, updates=300, clip=cut, path="lineal")
    clipped = np.mean(done.norms > (clip or np.inf), axis=0)
    return _rows({"rate": rate, "clip": clip}, clipped=clipped, accuracy=done.accuracy)


def measure_way(kind: str, learned: bool, path: str, **options: float) -> list[dict]:
    """Acierto de cada red de una manera."""
    way = Way(kind, learned, path)
    accuracies = train_way(way, seed=0, count=NETWORKS, **options)
    return _rows({**way._asdict(), **options}, accuracy=accuracies)


def _rows(point: dict, **columns: np.ndarray) -> list[dict]:
    """Una fila por red, con un número de cada columna."""
    return [
        {**point, "seed": 0, "network": network}
        | {name: round(float(values[network]), 6) for name, values in columns.items()}
        for network in range(NETWORKS)
    ]


def main() -> int:
    """Mide las tres tablas; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    tables = (
        ("gradientes_recorte", measure_clip, clip_grid(), "Tasa y recorte en una red lineal"),
        ("gradientes_inicio", measure_way, start_grid(), "Empezar con W_h gaussiana u ortogonal"),
        (
            "gradientes_caminos",
            measure_way,
            way_grid(),
            "La matriz, si se aprende, y dónde está la curva",
        ),
    )
    return run_experiments([Experiment(*table) for table in tables], options)


if __name__ == "__main__":
    sys.exit(main())

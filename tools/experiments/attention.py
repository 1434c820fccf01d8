"""Mide redes que atienden, con números y con fechas; lo usa la lección 35.

``python -m tools.experiments.attention`` deja en ``datasets/results/`` dos tablas:
``atencion_cuello.csv``, lo que acierta con números, según sus cifras, una red con atención de cada
tamaño; y ``fechas.csv``, lo que acierta y adónde mira cada clase de red con fechas. Unos
veinticinco minutos de procesador en total.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from course_utils.lessons.lesson_35.experiment import RATE, read_dates, read_numbers
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

NECKS = (
    *({"size": size, "kind": "producto"} for size in (32, 64, 128)),
    # los controles, con las mismas capas: solo el último estado, o la media de todos
    *({"size": size, "kind": kind} for size in (32, 64) for kind in ("la última", "media")),
)
BASE = {"kind": "producto", "masked": True, "epochs": 3, "rate": RATE}
CHANGES = (
    {},
    {"kind": "media"},
    {"kind": "la última"},
    {"kind": "ninguna", "epochs": 6},
    {"kind": "transformer", "rate": 3e-3, "epochs": 5},
)
EXTRAS = (  # con dos semillas
    {"masked": False},
    {"kind": "aditiva"},
    {"kind": "transformer, sin posiciones", "rate": 3e-3, "epochs": 5},
    {"kind": "ninguna", "rate": 3e-3, "epochs": 6},
    {"kind": "ninguna", "epochs": 16},
    {"kind": "ninguna", "rate": 3e-3, "epochs": 16},
)
EXTRA_SEEDS = 2


def necks(seeds: range) -> Iterator[dict]:
    """Los números, una semilla detrás de otra."""
    for seed in seeds:
        yield from ({**change, "seed": seed} for change in NECKS)


def dates(seeds: range) -> Iterator[dict]:
    """Las fechas, una semilla detrás de otra; al final, lo demás, con las primeras."""
    for seed in seeds:
        yield from ({**BASE, **change, "seed": seed} for change in CHANGES)
    for seed in seeds[:EXTRA_SEEDS]:
        yield from ({**BASE, **extra, "seed": seed} for extra in EXTRAS)


def measure_neck(**run: object) -> list[dict]:
    """Una red con números."""
    import torch

    torch.set_num_threads(1)
    return [
        {**run, "measure": name, "where": where, "value": value}
        for name, where, value in read_numbers(**run)
    ]


def measure_dates(**run: object) -> list[dict]:
    """Una red con fechas."""
    import torch

    torch.set_num_threads(1)
    return [{**run, "measure": name, "value": value} for name, value in read_dates(**run)]


def main() -> int:
    """Mide las dos tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="cuántas semillas")
    options = parser.parse_args()
    seeds, packages = range(options.seeds), ("numpy", "torch")
    neck = "Números con palabras que escribe bien una red con atención"
    date = "Fechas que escribe bien cada red, adónde mira y cuánto cuesta"
    tables = [
        Experiment("atencion_cuello", measure_neck, list(necks(seeds)), neck, packages),
        Experiment("fechas", measure_dates, list(dates(seeds)), date, packages),
    ]
    return run_experiments(tables, options)


if __name__ == "__main__":
    sys.exit(main())

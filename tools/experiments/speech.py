"""Mide lo que el proyecto 54 no puede medir en directo, con las locuciones del curso.

``python -m tools.experiments.speech`` deja tres resultados:

- ``voz_voces``: errores con voces conocidas y desconocidas según con cuántas se aprende, siempre
  con 300 locuciones y 400 actualizaciones, con las frecuencias estiradas al azar y sin ellas; y
  ``voz_voces_por_voz``, los de cada voz desconocida;
- ``voz_red``: tres redes de los mismos parámetros, cada una con tres tasas de aprendizaje.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from course_utils.lessons.lesson_54.experiment import KINDS, network_row, voices_rows
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

COUNTS, WARPS, RATES = (5, 15, 45), (0.0, 0.15), (3e-3, 1e-2, 3e-2)
VOICE_SEEDS, NETWORK_SEEDS = range(8), range(5)


def measure_voices(voices: int, warp: float, seed: int) -> Iterator[dict]:
    """Los errores de una red que ha aprendido con unas cuantas voces."""
    import torch

    torch.set_num_threads(1)
    yield from voices_rows(voices, warp, seed)


def measure_network(kind: str, rate: float, seed: int) -> dict:
    """Los errores de una red que ha aprendido con todo."""
    import torch

    torch.set_num_threads(1)
    return network_row(kind, rate, seed)


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    voices = [{"voices": count, "warp": warp, "seed": seed}
              for seed, count, warp in product(VOICE_SEEDS, COUNTS, WARPS)]  # fmt: skip
    networks = [{"kind": kind, "rate": rate, "seed": seed}
                for seed, kind, rate in product(NETWORK_SEEDS, KINDS, RATES)]  # fmt: skip
    packages = ("numpy", "torch")
    return run_experiments(
        [
            Experiment("voz_voces", measure_voices, voices,
                       "Errores con voces conocidas y desconocidas según con cuántas se aprende",
                       packages, {"por_voz": "Los errores con cada voz desconocida"}),
            Experiment("voz_red", measure_network, networks,
                       "Errores de tres redes de los mismos parámetros", packages),
        ],
        options,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

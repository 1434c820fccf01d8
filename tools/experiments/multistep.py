"""Mide cómo se pronostican varios pasos; lo usa la lección 42.

``python -m tools.experiments.multistep`` deja ``datasets/results/multipaso.csv``, cuatro
estrategias con la temperatura de un aeropuerto, hora a hora, y ``trayectorias.csv``, redes y
rivales sin red con vehículos generados. Tarda unos doce minutos en un núcleo libre.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from course_utils.lessons.lesson_42 import traffic, weather
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

USUAL = 0.01  # la tasa de los controles con vehículos
DIRECT = (0.01, 0.03)  # las de la directa con una red por hora
PROBED = (1, 12, 24)  # con las otras tasas, solo estas horas: para ver que no son mejores


def weather_grid(seeds: range) -> Iterator[dict]:
    """Una semilla detrás de otra; todas las estrategias con todas las tasas."""
    for seed in seeds:
        for strategy in weather.STRATEGIES:
            for rate in weather.RATES:
                few = strategy == "directa" and rate not in DIRECT
                hours = list(PROBED if few else range(1, 25))
                yield {"strategy": strategy, "rate": rate, "seed": seed, "hours": hours}


def traffic_grid(seeds: range) -> Iterator[dict]:
    """Los rivales, ajustados con varios segundos; la red, con varias tasas; y sus controles."""
    for seed in seeds:
        for rival in traffic.RIVALS:
            yield from ({"model": rival, "setting": s, "seed": seed} for s in traffic.SPANS)
        for rate in traffic.RATES:
            yield {"model": traffic.NETWORKS[0], "setting": rate, "seed": seed}
        for network in traffic.NETWORKS[1:]:
            yield {"model": network, "setting": USUAL, "seed": seed}


def measure_weather(strategy: str, rate: float, seed: int, hours: list[int]) -> list[dict]:
    """Una estrategia, con todas sus horas."""
    import torch

    torch.set_num_threads(1)
    return weather.measure_weather(strategy, rate=rate, seed=seed, hours=hours)


def measure_traffic(model: str, setting: float, seed: int) -> list[dict]:
    """Un rival o una red, en todas las maniobras."""
    import torch

    torch.set_num_threads(1)
    if model in traffic.RIVALS:
        return traffic.measure_rival(model, seconds=setting, seed=seed)
    return traffic.measure_network(model, rate=setting, seed=seed)


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="cuántas semillas")
    options = parser.parse_args()
    seeds, packages = range(options.seeds), ("numpy", "torch")
    hours = Experiment(
        "multipaso", measure_weather, list(weather_grid(seeds)),
        "Error hora a hora de cuatro estrategias con la temperatura de JFK", packages,
    )  # fmt: skip
    drives = Experiment(
        "trayectorias", measure_traffic, list(traffic_grid(seeds)),
        "Error de desplazamiento de redes y rivales sin red, por maniobra", packages,
    )  # fmt: skip
    return run_experiments([hours, drives], options)


if __name__ == "__main__":
    sys.exit(main())

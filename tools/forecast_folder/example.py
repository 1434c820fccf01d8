"""Escribe una carpeta de series horarias inventadas, parecidas a las de la M4, para probar.

``python -m tools.forecast_folder.example CARPETA --series 100``
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np

from tools.files import replace_files

LENGTHS = (748, 1008)
DAY, WEEK = 24, 168


def hourly_series(rng: np.random.Generator, length: int) -> np.ndarray:
    """Una serie horaria: nivel, tendencia, ciclo del día y de la semana, y ruido con memoria.

    Parameters
    ----------
    rng : numpy.random.Generator
        El azar.
    length : int
        Cuántas horas.

    Returns
    -------
    ndarray of shape (length,)
        Positiva, con dos decimales.

    Examples
    --------
    >>> hourly_series(np.random.default_rng(0), 48).shape
    (48,)
    """
    hours = np.arange(length) + rng.integers(WEEK)
    turn = 2 * np.pi * hours / DAY
    day = sum(rng.normal() / k * np.cos(k * turn + rng.uniform(0, 2 * np.pi)) for k in (1, 2, 3))
    quiet = rng.uniform(0.3, 1.0)  # lo que queda del ciclo del día en sábado y domingo
    weekend = (hours // DAY) % 7 >= 5
    shape = np.where(weekend, quiet * day - rng.uniform(0, 1.5), day)
    shape = shape * (1 + 0.3 * np.sin(2 * np.pi * hours / (6 * WEEK)))  # la amplitud cambia
    trend = rng.normal() * np.linspace(0, 1, length)
    noise, keep = np.zeros(length), rng.uniform(0.6, 0.97)
    shocks = rng.standard_t(4, size=length) * rng.uniform(0.1, 0.4)
    for t in range(1, length):
        noise[t] = keep * noise[t - 1] + np.sqrt(1 - keep**2) * shocks[t]
    level = 10 ** rng.uniform(1, 4)
    return np.round(level * np.exp(rng.uniform(0.05, 0.3) * (shape + trend + noise)), 2)


def wide_csv(count: int, *, seed: int = 0) -> str:
    """Un CSV ancho como los de la M4: una fila por serie, y las cortas, con celdas vacías al final.

    Parameters
    ----------
    count : int
        Cuántas series.
    seed : int, default 0
        La semilla.

    Examples
    --------
    >>> wide_csv(2).splitlines()[0][:9]
    'id,V1,V2,'
    """
    rng = np.random.default_rng(seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", *(f"V{place}" for place in range(1, max(LENGTHS) + 1))])
    for number in range(1, count + 1):
        length = LENGTHS[number % 2]
        values = hourly_series(rng, length)
        writer.writerow([f"H{number}", *values.tolist(), *[""] * (max(LENGTHS) - length)])
    return text.getvalue()


def main() -> int:
    """Escribe la carpeta; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, metavar="CARPETA", help="dónde")
    parser.add_argument("--series", type=int, default=100, help="cuántas series")
    parser.add_argument("--seed", type=int, default=0, help="semilla")
    options = parser.parse_args()
    path = options.folder / "horarias.csv"
    replace_files({path: wide_csv(options.series, seed=options.seed)})
    print(f"{options.series} series horarias en {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

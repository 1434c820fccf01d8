"""Mide y compara, siempre como cociente dentro de la misma ejecución.

Cada medida corre en su propio proceso, con un hilo, para que la memoria y los tiempos de una no
ensucien los de otra. Uso: ``python -m tests.benchmarks`` (o ``make bench``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def measure(task: str, *arguments: str) -> dict[str, float]:
    """Ejecuta una medida de ``tasks.py`` en un proceso nuevo y devuelve sus números."""
    return json.loads(_start(task, *arguments).communicate()[0].splitlines()[-1])


def measure_together(task: str, count: int) -> list[dict[str, float]]:
    """La misma medida en ``count`` procesos a la vez."""
    processes = [_start(task) for _ in range(count)]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]


def _start(task: str, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.benchmarks.tasks", task, *arguments]
    environment = {**os.environ, **ONE_THREAD, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def import_time() -> str:
    """Lo que cuesta importar el paquete por encima de NumPy."""
    rooms = ("environment", "exercises", "claims", "datasets", "sequences", "cells", "metrics")
    names = (
        "numpy",
        "numpy,course_utils",
        ",".join(["numpy", *(f"course_utils.{r}" for r in rooms)]),
    )
    numpy_s, course_s, rooms_s = (
        min(measure("import", name)["seconds"] for _ in range(7)) for name in names
    )
    return (
        f"{course_s - numpy_s:+.3f} s sobre import numpy ({numpy_s:.3f} s) · meta: hasta 0.150\n"
        f"    con todos los módulos que usa una lección, {rooms_s - numpy_s:+.3f} s"
    )


def windows() -> str:
    """Una época barajada de ventanas deslizantes, frente a Keras."""
    ours, keras = measure("windows", "course_utils"), measure("windows", "keras")
    ratio = ours["windows_per_second"] / keras["windows_per_second"]
    half = measure("windows", "course_utils", "0.5")
    return (
        f"{ours['windows_per_second']:,.0f} ventanas/s; Keras, {keras['windows_per_second']:,.0f}: "
        f"{ratio:.0f} veces más · meta: 50\n"
        f"    memoria añadida: {ours['extra_mb']:.0f} MB (con la mitad de ventanas, "
        f"{half['extra_mb']:.0f} MB) frente a {keras['extra_mb']:.0f} MB de Keras"
    )


def cell_times() -> str:
    """Ida y vuelta de cada celda en NumPy frente a PyTorch y a Keras, con un hilo cada uno."""
    lines = []
    for name in ("rnn", "lstm", "gru"):
        ms = measure("cell", name)
        lines.append(
            f"{name.upper():4s} NumPy {ms['numpy_ms']:.1f} ms, PyTorch {ms['torch_ms']:.1f}, Keras "
            f"{ms['keras_ms']:.1f}: {ms['numpy_ms'] / ms['torch_ms']:.2f} veces PyTorch y "
            f"{ms['numpy_ms'] / ms['keras_ms']:.2f} veces Keras · meta: hasta 2.5 de PyTorch\n"
            f"        solo los productos de matrices, {ms['products_ms']:.1f} ms: "
            f"{ms['products_ms'] / ms['numpy_ms']:.0%} de NumPy y "
            f"{ms['products_ms'] / ms['torch_ms']:.2f} veces PyTorch, que es el suelo"
        )
    return "\n    ".join(lines)


def two_trainings() -> str:
    """Dos entrenamientos de PyTorch a la vez frente a uno solo."""
    alone = statistics.median(measure("train")["ms_per_step"] for _ in range(3))
    together = [max(r["ms_per_step"] for r in measure_together("train", 2)) for _ in range(3)]
    slowest = statistics.median(together)
    return (
        f"{alone:.1f} ms por paso a solas, {slowest:.1f} ms el más lento de dos a la vez: "
        f"{slowest / alone:.2f} veces · meta: hasta 1.3"
    )


BENCHMARKS: tuple[Callable[[], str], ...] = (import_time, windows, cell_times, two_trainings)


def main() -> None:
    """Imprime una línea por medida."""
    for benchmark in BENCHMARKS:
        print(f"{benchmark.__doc__}\n    {benchmark()}", flush=True)


if __name__ == "__main__":
    main()

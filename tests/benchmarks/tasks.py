"""Lo que se mide, cada cosa en su propio proceso. Imprime un JSON con los números."""

from __future__ import annotations

import importlib
import json
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROWS, FEATURES, WIDTH, BATCH = 420_551, 14, 120, 256


def peak_mb() -> float:
    """Mayor memoria residente de este proceso, en MB."""
    status = Path("/proc/self/status")
    if status.exists():  # en Linux, ru_maxrss hereda el máximo de quien lanza el proceso
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text()).group(1)) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def median_ms(action: Callable[[], object], *, repeats: int = 31) -> float:
    """Mediana de lo que tarda una acción, en milisegundos, tras calentar."""
    action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def processor_ms(repeats: int = 31, **actions: Callable[[], object]) -> dict[str, float]:
    """Mediana del tiempo de procesador de varias acciones que se turnan, tras calentar."""
    times = {name: [] for name in actions}
    for _ in range(repeats + 2):
        for name, action in actions.items():
            start = time.process_time()
            action()
            times[name].append(time.process_time() - start)
    return {f"{name}_ms": 1e3 * statistics.median(values[2:]) for name, values in times.items()}


def import_modules(names: str) -> dict[str, float]:
    """Segundos que cuesta importar unos módulos, separados por comas."""
    start = time.perf_counter()
    for name in names.split(","):
        importlib.import_module(name)
    return {"seconds": time.perf_counter() - start}


def windows(library: str, share: str = "1") -> dict[str, float]:
    """Una época barajada de ventanas; ``share`` es la parte de la serie que se usa."""
    import numpy as np
    import psutil

    rows = int(ROWS * float(share))
    rng = np.random.default_rng(0)
    data = rng.standard_normal((rows, FEATURES), dtype="float32")

    if library == "keras":
        import keras

        def batches() -> Iterable:
            make = keras.utils.timeseries_dataset_from_array
            inputs, targets = data[:-1], data[WIDTH:, 0]
            return make(inputs, targets, WIDTH, batch_size=BATCH, shuffle=True, seed=0)
    else:
        from course_utils.sequences import window_batches

        def batches() -> Iterable:
            return window_batches(data, width=WIDTH, batch_size=BATCH, rng=rng)

    before = psutil.Process().memory_info().rss / 1e6
    start = time.perf_counter()
    seen = sum(len(inputs) for inputs, _ in batches())
    seconds = time.perf_counter() - start
    assert seen == rows - WIDTH, seen
    return {"windows_per_second": seen / seconds, "extra_mb": peak_mb() - before}


def cell(name: str) -> dict[str, float]:
    """Ida y vuelta de una celda: (32, 100, 64) con 128 unidades, en precisión simple.

    Se turnan y cuenta el tiempo de procesador: lo que la máquina haga a la vez pesa lo mismo en
    todos. ``products`` son los productos de matrices de NumPy y nada más: el suelo de su celda.
    """
    from course_utils.environment import setup

    setup(0, frameworks=("tensorflow", "torch"))
    import keras
    import numpy as np
    import tensorflow as tf
    import torch

    from course_utils import cells

    rng = np.random.default_rng(0)
    x, direction = (rng.normal(size=(32, 100, size)).astype("float32") for size in (64, 128))
    init, forward, backward = (
        getattr(cells, part) for part in (f"init_{name}", f"{name}_forward", f"{name}_backward")
    )
    weights = init(64, 128, rng=rng)
    kinds = {"rnn": ("RNN", "SimpleRNN"), "lstm": ("LSTM", "LSTM"), "gru": ("GRU", "GRU")}
    module = getattr(torch.nn, kinds[name][0])(64, 128, batch_first=True)
    layer = getattr(keras.layers, kinds[name][1])(128, return_sequences=True)
    layer.build(x.shape)
    inputs, way = torch.from_numpy(x).requires_grad_(), torch.from_numpy(direction)

    def with_numpy() -> object:
        return backward(forward(x, weights), weights, direction)

    def with_torch() -> None:
        module.zero_grad()
        module(inputs)[0].backward(way)

    @tf.function
    def with_keras(values: tf.Tensor, way: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(values)
            states = layer(values)
        watched = [values, *layer.trainable_variables]
        return tape.gradient(states, watched, output_gradients=way)

    tensors = tf.constant(x), tf.constant(direction)
    w_input, w_hidden = (part.astype("float32") for part in weights[:2])
    steps, states = (part.swapaxes(0, 1).copy() for part in (x, direction))  # el tiempo, delante
    grad_z = np.tile(states, w_hidden.shape[1] // 128)

    def only_products() -> None:
        flat_steps, flat_states, flat = (
            part.reshape(-1, part.shape[-1]) for part in (steps, states, grad_z)
        )
        hidden_transposed = w_hidden.T.copy()
        flat_steps @ w_input
        for t in range(len(steps)):
            states[t] @ w_hidden
            grad_z[t] @ hidden_transposed
        flat_steps.T @ flat, flat_states.T @ flat, flat @ w_input.T

    return processor_ms(
        numpy=with_numpy,
        products=only_products,
        torch=with_torch,
        keras=lambda: with_keras(*tensors)[0].numpy(),
    )


def train() -> dict[str, float]:
    """Pasos de entrenamiento de una LSTM pequeña, como los de una lección."""
    from course_utils.environment import setup

    setup(0, frameworks=("torch",))
    import torch

    layer = torch.nn.LSTM(8, 64, batch_first=True)
    head = torch.nn.Linear(64, 1)
    parameters = [*layer.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    x, y = torch.randn(32, 50, 8), torch.randn(32, 1)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(head(layer(x)[0][:, -1]), y).backward()
        optimizer.step()

    return {"ms_per_step": median_ms(step, repeats=400)}


TASKS = {"import": import_modules, "windows": windows, "cell": cell, "train": train}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))

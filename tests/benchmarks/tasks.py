"""Lo que se mide, cada cosa en su propio proceso. Imprime un JSON con los números."""

from __future__ import annotations

import importlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable

ROWS, FEATURES, WIDTH, BATCH = 420_551, 14, 120, 256


def peak_mb() -> float:
    """Mayor memoria residente de este proceso, en MB."""
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


def forward() -> dict[str, float]:
    """(32, 100, 64) con 128 unidades, en precisión sencilla."""
    import numpy as np
    import torch

    from course_utils.cells import init_rnn, rnn_forward

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 100, 64)).astype("float32")
    weights = init_rnn(64, 128, rng=rng)
    layer, tensor = torch.nn.RNN(64, 128, batch_first=True), torch.from_numpy(x)
    with torch.no_grad():
        return {
            "numpy_ms": median_ms(lambda: rnn_forward(x, weights)),
            "torch_ms": median_ms(lambda: layer(tensor)),
        }


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


TASKS = {"import": import_modules, "windows": windows, "forward": forward, "train": train}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))

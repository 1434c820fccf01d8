"""Lo que ejecuta cada proceso que lanza ``torchrun``: forma el grupo, llama a la función y guarda.

``torchrun`` dice a cada uno, en variables, qué número es y dónde se reúnen. El encargo está en la
carpeta desde la que se lanza; cada uno deja en ella su resultado o, si falla, su error.
"""

from __future__ import annotations

import datetime
import os
import pickle
import sysconfig
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course_utils.scaling.launch import LEASH_VARIABLE, TASK
from course_utils.scaling.leash import hold

PATIENCE = 3600.0  # segundos que `gloo` espera a los demás si se lanza a mano


def main() -> None:
    """Hace el encargo en este proceso."""
    rank = int(os.environ["RANK"])
    seconds = float(os.environ.get(LEASH_VARIABLE, PATIENCE))
    if LEASH_VARIABLE in os.environ:
        hold(seconds)
    from torch import distributed

    try:
        _do(rank, seconds)
    except BaseException as error:
        _write_error(rank, error)  # antes de soltar a los demás, que fallarán por su culpa
        raise
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


def _do(rank: int, seconds: float) -> None:
    import torch
    from torch import distributed

    torch.set_num_threads(1)
    worker, arguments = pickle.loads(Path(TASK).read_bytes())
    distributed.init_process_group("gloo", timeout=datetime.timedelta(seconds=seconds))
    result = worker(rank, distributed.get_world_size(), **arguments)
    distributed.barrier()  # nadie se va mientras otro pueda necesitarlo
    if not isinstance(result, Mapping):
        kind = type(result).__name__
        raise TypeError(f"se esperaba que la función devolviera un diccionario; ha llegado {kind}")
    arrays = {name: _as_array(name, value) for name, value in result.items()}
    if objects := [name for name, array in arrays.items() if array.dtype.hasobject]:
        raise TypeError(f"{', '.join(objects)}: se esperaban números, textos o arrays de números")
    np.savez(f"resultado-{rank}.npz", **arrays, _processor=time.process_time())


def _as_array(name: str, value: object) -> np.ndarray:
    """Un resultado, como array; de un tensor, su valor sin gradiente."""
    import torch

    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
    try:
        return np.asarray(value)
    except ValueError:
        raise TypeError(f"{name}: se esperaban números, textos o arrays de números") from None


def _write_error(rank: int, error: BaseException) -> None:
    """Su error y la última línea por la que ha pasado que no es de una biblioteca."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(frame.filename)]
    place = f" (línea {own[-1].lineno} de {own[-1].name})" if own else ""
    text = f"{type(error).__name__}: {error}{place}\n"
    Path(f"error-{rank}.txt").write_text(text, encoding="utf-8")


def _is_library(filename: str) -> bool:
    folders = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    return filename.startswith((*folders, str(Path(__file__).parent)))


if __name__ == "__main__":
    main()

"""El estado de un entrenamiento: tomarlo, volver a él, escribirlo en un archivo y leerlo."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import zipfile
import zlib
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.training.arguments import Job, dtype_name
from course_utils.training.history import History, count_epochs

if TYPE_CHECKING:
    import torch

State = dict[str, Any]
FORMAT = "course_utils.training 1"


def take_state(
    job: Job, values: dict[str, list[float]], seconds: float, best: dict | None = None
) -> State:
    """Copia de todo lo que hace falta para seguir desde aquí."""
    weights = copy.deepcopy(job.model.state_dict())
    history = History(values)
    if job.patience is not None and history.best_epoch == history.epochs:
        best = weights
    return {
        "format": FORMAT,
        "values": values,
        "seconds": seconds,
        "model": weights,
        "best": best,
        "optimizer": copy.deepcopy(job.optimizer.state_dict()),
    }


def go_back(job: Job, state: State, *, best: bool = False) -> None:
    """Deja el modelo y el optimizador como en ``state``; con ``best``, con los mejores pesos."""
    weights = state["best"] if best and state["best"] is not None else state["model"]
    job.model.load_state_dict(weights)
    # El optimizador se queda con los tensores que recibe: una copia, para que el estado no cambie.
    job.optimizer.load_state_dict(copy.deepcopy(state["optimizer"]))


def history_of(state: State) -> History:
    """El historial que lleva un estado."""
    return History(state["values"], state["seconds"])


def is_over(job: Job, state: State, epochs: int) -> bool:
    """Si ya no hay que entrenar más: por las épocas o por la parada temprana."""
    history = history_of(state)
    waited = history.epochs - (history.best_epoch or 0)
    return history.epochs >= epochs or (job.patience is not None and waited >= job.patience)


def write_checkpoint(path: Path, state: State) -> None:
    """Escribe el archivo de un golpe: quien lo lea encuentra entero el nuevo o el anterior."""
    import torch

    buffer = io.BytesIO()
    torch.save(state, buffer)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise OSError(
            f"No se ha podido guardar {path} ({error.strerror or error}). Comprueba los permisos y "
            "el espacio libre de su carpeta. Lo guardado en la época anterior sigue ahí."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def read_checkpoint(path: Path, run: list[str], epochs: int) -> State:
    """El estado guardado, si está entero y es de este entrenamiento."""
    import torch

    data = path.read_bytes()
    try:
        if zipfile.ZipFile(io.BytesIO(data)).testzip() is not None:  # torch.load no lo mira
            raise zipfile.BadZipFile("la suma de comprobación no coincide")
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # un archivo dañado puede provocar un error de cualquier tipo
        raise ValueError(
            f"{path} debía ser un archivo de fit(), y está dañado o contiene otra cosa "
            f"({len(data)} bytes). Bórralo para empezar de cero o elige otro archivo."
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError(
            f"{path} debía ser un archivo de fit(), y es otro de PyTorch (quizá solo los pesos de "
            "un modelo). Elige otro archivo."
        )
    for saved, asked in zip_longest(state["run"], run, fillvalue="nada más"):
        if saved != asked:
            raise ValueError(
                f"{path} es de otro entrenamiento: en él se lee «{saved}» y ahora toca «{asked}». "
                "Vuelve a lo de antes, elige otro archivo o borra este para empezar de cero."
            )
    done = history_of(state).epochs
    if done > epochs:
        raise ValueError(
            f"{path} ya tiene {count_epochs(done)} y has pedido epochs={epochs}. Pide al menos "
            f"{done}, elige otro archivo o borra este para empezar de cero."
        )
    return state


def describe_run(job: Job) -> list[str]:
    """Lo que debe coincidir para poder seguir, una cosa por línea."""
    lines = [
        f"parámetro {name}: {tuple(value.shape)} {dtype_name(value)}"
        for name, value in job.model.state_dict().items()
    ]
    lines += [f"modelo: {line.strip()}" for line in str(job.model).splitlines()]
    lines += [f"optimizador: {line.strip()}" for line in str(job.optimizer).splitlines()]
    lines += [
        f"loss: {getattr(job.loss, '__name__', type(job.loss).__name__)}",
        f"metrics: {', '.join(job.metrics) or 'ninguna'}",
        f"batch_size: {job.batch_size}",
        f"clip_norm: {job.clip_norm}",
        f"patience: {'no' if job.patience is None else 'sí'}",
        f"seed: {job.seed}",
        f"train: {_describe_data(job.train)}",
    ]
    return lines + [f"validation: {_describe_data(data)}" for data in [job.validation] if data]


def _describe_data(tensors: list[torch.Tensor]) -> str:
    """Formas, tipos y una huella del contenido."""
    import torch

    mark = 0
    for tensor in tensors:
        mark = zlib.crc32(tensor.cpu().contiguous().view(torch.uint8).numpy(), mark)
    shapes = ", ".join(f"{tuple(tensor.shape)} {dtype_name(tensor)}" for tensor in tensors)
    return f"{shapes}, huella {mark:08x}"

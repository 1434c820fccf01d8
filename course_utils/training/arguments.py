"""Los argumentos de ``fit``: qué se admite y en qué se convierte."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.validation import as_array, as_int, describe

if TYPE_CHECKING:
    import torch

    Measure = Callable[[Any, torch.Tensor], torch.Tensor]

RESERVED = ("loss", "grad_norm", "grad_norm_max")


@dataclass(frozen=True)
class Job:
    """Los argumentos de ``fit``, ya comprobados y con los datos en tensores."""

    model: torch.nn.Module
    loss: Measure
    metrics: Mapping[str, Measure]
    optimizer: torch.optim.Optimizer
    train: list[torch.Tensor]
    validation: list[torch.Tensor] | None
    batch_size: int
    clip_norm: float | None
    patience: int | None
    seed: int

    @property
    def names(self) -> list[str]:
        """Qué se apunta en cada época."""
        measures = ["loss", *self.metrics]
        validated = [f"val_{name}" for name in measures] if self.validation else []
        return [*measures, *validated, "grad_norm", "grad_norm_max"]

    @property
    def steps(self) -> int:
        """Pasos de una época."""
        return math.ceil(len(self.train[0]) / self.batch_size)


def check_arguments(
    model: object,
    train: object,
    loss: object,
    optimizer: object,
    batch_size: object,
    validation: object,
    clip_norm: object,
    patience: object,
    seed: object,
    metrics: object,
) -> Job:
    """Comprueba los argumentos de ``fit`` y pasa los datos a tensores."""
    _check_model(model, optimizer)
    tensors = _as_tensors("train", train, model)
    if patience is not None and validation is None:
        raise ValueError(
            "patience espera a que mejore la pérdida de validación y no ha llegado validation. "
            "Pasa validation=(x, y) o quita patience."
        )
    if clip_norm is not None and not (
        isinstance(clip_norm, numbers.Real) and 0 < clip_norm < math.inf
    ):
        raise ValueError(
            f"clip_norm debe ser un número positivo o None; ha llegado {describe(clip_norm)}. "
            "Prueba con clip_norm=1.0."
        )
    if not callable(loss) or isinstance(loss, type):
        raise TypeError(
            f"loss debe ser una función loss(salidas, objetivos); ha llegado {describe(loss)}. "
            "Usa, por ejemplo, loss=torch.nn.MSELoss(), con sus paréntesis."
        )
    return Job(
        model,
        loss,
        _check_metrics(metrics),
        optimizer,
        tensors,
        None if validation is None else _as_tensors("validation", validation, model, like=tensors),
        as_int("batch_size", batch_size, minimum=1),
        None if clip_norm is None else float(clip_norm),
        None if patience is None else as_int("patience", patience, minimum=1),
        as_int("seed", seed, minimum=0),
    )


def _check_model(model: object, optimizer: object) -> None:
    import torch

    if not isinstance(model, torch.nn.Module):
        raise TypeError(
            f"model debe ser un torch.nn.Module; ha llegado {describe(model)}. "
            "Si es una clase, créalo con sus paréntesis."
        )
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(
            f"optimizer debe ser un optimizador de torch.optim; ha llegado {describe(optimizer)}. "
            "Escribe, por ejemplo, optimizer=torch.optim.Adam(model.parameters())."
        )
    own = set(map(id, model.parameters()))
    if not own.issuperset(map(id, trained_parameters(optimizer))):
        raise ValueError(
            "optimizer debe tener los parámetros de este modelo, y tiene otros: es lo que pasa "
            "cuando se crea el modelo de nuevo y el optimizador no. Crea el optimizador después: "
            "torch.optim.Adam(model.parameters())."
        )


def trained_parameters(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """Los parámetros que mueve un optimizador."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _check_metrics(metrics: object) -> dict[str, Measure]:
    if metrics is None:
        return {}
    if not isinstance(metrics, Mapping) or not all(map(callable, metrics.values())):
        raise TypeError(
            "metrics debe ser un diccionario de nombres y funciones f(salidas, objetivos); ha "
            f'llegado {describe(metrics)}. Escribe, por ejemplo, metrics={{"mae":error}}.'
        )
    for name in metrics:
        if not isinstance(name, str) or name in RESERVED or name.startswith("val_"):
            raise ValueError(
                f"metrics no puede usar el nombre {name!r}, que tiene otro significado en el "
                "historial. Elige otro texto."
            )
    return dict(metrics)


def _as_tensors(
    name: str, data: object, model: torch.nn.Module, *, like: list[torch.Tensor] | None = None
) -> list[torch.Tensor]:
    """Los datos en tensores: decimales con la precisión del modelo y enteros de 64 bits."""
    if not isinstance(data, tuple | list) or len(data) < 2:
        raise TypeError(
            f"{name} debe ser una tupla con las entradas y, al final, el objetivo; ha llegado "
            f"{describe_value(data)}. Escribe, por ejemplo, {name}=(x, y)."
        )
    parameter = next(model.parameters())
    tensors = [_as_tensor(f"{name}[{i}]", part, parameter) for i, part in enumerate(data)]
    lengths = [len(tensor) for tensor in tensors]
    if min(lengths) != max(lengths) or not lengths[0]:
        raise ValueError(
            f"{name} debe traer el mismo número de ejemplos en todas sus partes, y al menos uno; "
            f"han llegado {', '.join(map(str, lengths))}. El primer eje de cada parte es el lote."
        )
    if like is not None and len(tensors) != len(like):
        raise ValueError(
            f"{name} debe tener las mismas partes que train, {len(like)}; han llegado "
            f"{len(tensors)}."
        )
    return tensors


def _as_tensor(name: str, part: object, parameter: torch.Tensor) -> torch.Tensor:
    import torch

    if not isinstance(part, torch.Tensor):
        part = torch.from_numpy(np.array(as_array(name, part, finite=False), order="C"))
    if part.ndim == 0:
        raise ValueError(
            f"{name} debe tener un ejemplo por fila; ha llegado un solo número. Pasa un array."
        )
    if not part.is_floating_point():
        return part.to(parameter.device, part.dtype if part.dtype == torch.bool else torch.int64)
    converted = part.detach().to(parameter.device, parameter.dtype)
    broken = (~torch.isfinite(converted)).nonzero()
    if len(broken):
        first = tuple(broken[0].tolist())
        lost = f", que no cabe en {dtype_name(converted)}" if torch.isfinite(part[first]) else ""
        raise ValueError(
            f"{name} debe tener solo valores finitos; en la posición {first} hay "
            f"{part[first].item()}{lost}. "
            + ("Usa números menores." if lost else "Elimina o rellena los huecos antes.")
        )
    return converted


def check_path(checkpoint: object) -> Path:
    """Comprueba que en ese lugar puede haber un archivo."""
    if not isinstance(checkpoint, str | os.PathLike):
        raise TypeError(
            f"checkpoint debe ser el nombre de un archivo; ha llegado {describe(checkpoint)}. "
            'Escribe, por ejemplo, checkpoint="modelo.pt".'
        )
    path = Path(checkpoint)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"checkpoint se guardaría en la carpeta {path.parent}, que no existe. Créala antes o "
            "elige otra."
        )
    if path.is_dir():
        raise ValueError(
            f"checkpoint debe ser un archivo, y {path} es una carpeta. Añade un nombre, por "
            'ejemplo "modelo.pt".'
        )
    return path


def describe_value(value: object) -> str:
    """Como ``describe``, también para tensores."""
    if hasattr(value, "shape") and hasattr(value, "requires_grad"):
        return f"un tensor de forma {tuple(value.shape)} y tipo {dtype_name(value)}"
    return describe(value)


def dtype_name(tensor: torch.Tensor) -> str:
    """El tipo de un tensor, como lo llama NumPy."""
    return str(tensor.dtype).removeprefix("torch.")

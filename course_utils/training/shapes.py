"""Salidas y objetivos que no se corresponden uno a uno, y que PyTorch difunde sin decirlo."""

from __future__ import annotations

import math
import re
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from course_utils.training.arguments import Measure

_SIZES_DIFFER = r".* size \(torch\.Size\("  # el aviso de PyTorch: va a difundir


def measure_pairs(name: str, measure: Measure, outputs: Any, targets: torch.Tensor) -> Any:
    """``measure(outputs, targets)``, si compara cada salida con su objetivo y solo con él.

    Con formas iguales no hay nada que vigilar. Si difieren solo en ejes de tamaño uno, como (8, 1)
    y (8,), una medida que los quite no crea nada mayor que las salidas; una que los difunda, sí.
    Con las demás, que pueden ser legítimas (``cross_entropy``), basta el aviso de PyTorch.
    """
    import torch

    if not isinstance(outputs, torch.Tensor) or outputs.shape == targets.shape:
        return measure(outputs, targets)
    twins = _without_ones(outputs) == _without_ones(targets)
    with warnings.catch_warnings():
        # De las gemelas decide lo que se calcula; de las demás, PyTorch.
        action = "ignore" if twins else "error"
        warnings.filterwarnings(action, message=_SIZES_DIFFER)
        try:
            with _largest_result() if twins else nullcontext() as largest:
                value = measure(outputs, targets)
        except (RuntimeError, ValueError, UserWarning) as error:
            if twins or re.match(_SIZES_DIFFER, str(error)):
                raise _mismatch(name, outputs, targets, twins=twins) from error
            raise
    if twins and largest.size > outputs.numel():
        raise _mismatch(name, outputs, targets, twins=twins)
    return value


def _without_ones(tensor: torch.Tensor) -> list[int]:
    return [size for size in tensor.shape if size != 1]


def _largest_result() -> Any:
    """Un contexto que apunta en ``size`` el mayor tensor que se calcula dentro."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Largest(TorchDispatchMode):
        size = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            self.size = max(self.size, math.prod(getattr(result, "shape", ())))
            return result

    return Largest()


def _mismatch(
    name: str, outputs: torch.Tensor, targets: torch.Tensor, *, twins: bool
) -> ValueError:
    given, wanted = tuple(targets.shape), tuple(outputs.shape)
    shape = f"({', '.join(['-1', *map(str, wanted[1:])])}{',' if len(wanted) == 1 else ''})"
    remedy = (
        f"Da a los objetivos la forma de las salidas, en `train` y en `validation`: "
        f"`y.reshape{shape}`."
        if twins and wanted[:1] == given[:1]
        else "Haz que la última capa del modelo y los objetivos den la misma forma."
    )
    return ValueError(
        f"Las salidas y los objetivos deben tener la misma forma; en este lote, las salidas son "
        f"{wanted} y los objetivos, {given}. Así {name!r} los difunde y compara cada salida con "
        f"objetivos que no son el suyo. {remedy}"
    )

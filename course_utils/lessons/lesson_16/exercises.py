"""Ejercicios de la lección 16: secuencias de longitud variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import (
    draw_sizes,
    draw_timesteps,
    gradients,
    refuse_model,
    to_numpy,
    torch_names,
)

# --- 16.1 -----------------------------------------------------------------------------------------


def _draw_batch(rng: np.random.Generator) -> tuple:
    """Secuencias de longitudes distintas; a veces la caja es más larga que todas."""
    lengths = draw_sizes(rng, int(rng.integers(3, 7)), range(1, 12))
    sequences = [rng.integers(0, 10, size=n) for n in lengths]
    timesteps = int(max(lengths) + rng.choice([0, 1, 4]))
    value = int(rng.choice([0, 0, -1, 7]))
    sequences[0][0] = value  # un dato que vale lo mismo que el relleno
    return sequences, timesteps, value


def _box_fault(received: Any, expected: tuple[np.ndarray, np.ndarray]) -> str | None:
    """Además de los números, que los identificadores sigan siendo enteros y la máscara booleana."""
    if message := differences(received, expected):
        return message
    for name, part, kinds in zip(("valores", "máscara"), received, ("iu", "b"), strict=True):
        dtype = np.asarray(part).dtype
        if dtype.kind not in kinds:
            wanted = "números enteros" if "i" in kinds else "verdadero o falso"
            mend = "" if "i" in kinds else ". Crea la máscara con `dtype=bool`"
            return f"{name}: se esperaban {wanted} y han llegado elementos de tipo {dtype}{mend}"
    return None


PAD = Exercise(
    key="16.1",
    draw=_draw_batch,
    draws=6,
    compare=_box_fault,
    edges=(
        ([np.array([3, 1, 4]), np.array([5]), np.array([0, 2])], 5),
        ([np.array([4, 0, 2])], 3),  # una sola, que llena la caja
    ),
)


# --- 16.2 -----------------------------------------------------------------------------------------


def _draw_states(rng: np.random.Generator) -> tuple:
    """Unas veces la más larga llena la caja y otras no."""
    batch, hidden = draw_sizes(rng, 2)
    timesteps = draw_timesteps(rng)
    lengths = rng.integers(1, timesteps, size=batch)
    lengths[0] = rng.choice([timesteps, timesteps - 2])
    return rng.normal(size=(batch, timesteps, hidden)), rng.permutation(lengths)


LAST = Exercise(
    key="16.2",
    draw=_draw_states,
    draws=6,
    edges=((np.linspace(-0.9, 0.8, 15).reshape(1, 5, 3), np.array([4])),),  # una sola secuencia
)


# --- 16.3 -----------------------------------------------------------------------------------------


def _draw_losses(rng: np.random.Generator) -> tuple:
    """Pérdidas por paso; el relleno, con valores mucho mayores."""
    batch, timesteps = int(rng.integers(3, 8)), draw_timesteps(rng)
    lengths = rng.integers(1, timesteps + 1, size=batch)
    lengths[:2] = (1, timesteps - 1)
    mask = np.arange(timesteps) < lengths[:, None]
    if rng.random() < 0.5:  # relleno delante
        mask = mask[:, ::-1].copy()
    losses = rng.uniform(0.1, 3.0, size=mask.shape)
    return np.where(mask, losses, rng.uniform(5.0, 9.0, size=mask.shape)), mask


_NAN_CASE = (
    np.array([[0.5, 1.5, np.nan, np.nan], [2.0, np.nan, np.nan, np.nan], [1.0, 3.0, 4.0, 6.0]]),
    np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]], dtype=bool),
)

_REAL_NAN = (np.where(_NAN_CASE[1], [1.0, np.nan, 2.0, 3.0], 5.0), _NAN_CASE[1])

MASKED_LOSS = Exercise(key="16.3", draw=_draw_losses, edges=(_NAN_CASE, _REAL_NAN))


# --- 16.4 -----------------------------------------------------------------------------------------

GAP = 1e-4  # en precisión simple, muy por encima del redondeo


def _torch_names() -> dict[str, Any]:
    from torch.nn import functional
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    return torch_names() | {
        "F": functional,
        "pack_padded_sequence": pack_padded_sequence,
        "pad_packed_sequence": pad_packed_sequence,
    }


def _draw_vectors(rng: np.random.Generator) -> tuple:
    """Secuencias de longitudes distintas, desordenadas, y los tamaños del modelo."""
    import torch  # aquí y no más tarde: al ejecutar una respuesta ya corre el tiempo

    count = int(rng.integers(3, 6))
    features, hidden, classes = draw_sizes(rng, 3)
    # Ninguna de un solo paso: ahí las dos mitades leen lo mismo se mire donde se mire.
    lengths = np.append(rng.permutation(np.arange(2, 9))[:count], rng.integers(9, 13))
    rows = [rng.normal(size=(n, features)) for n in rng.permutation(lengths)]
    rows[0][-1] = 0.0  # un paso real puede valer lo mismo que el relleno
    sequences = [torch.as_tensor(row, dtype=torch.float32) for row in rows]
    return sequences, hidden, classes, int(rng.integers(0, 4)), int(rng.integers(1_000))


def _alone_and_together(
    answer: Callable, sequences: list, hidden: int, classes: int, extra: int, seed: int
) -> dict[str, Any] | None:
    """Lo que predice el modelo de cada secuencia sola y de todas en una caja, y los gradientes.

    En la caja, el relleno es cualquier cosa: no debe influir.
    """
    import torch

    refuse_model(answer, "BothWays")
    model = answer(sequences[0].shape[1], hidden, classes)
    _fill(model, seed)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    alone = [model(one[None].clone(), torch.tensor([len(one)])) for one in sequences]
    if any(prediction is None for prediction in alone):
        return None
    box = torch.full((len(sequences), int(lengths.max()) + extra, sequences[0].shape[1]), 0.5)
    for row, sequence in zip(box, sequences, strict=True):
        row[: len(sequence)] = sequence
    together = model(box.requires_grad_(), lengths)
    reached = sorted(gradients(model, together, box), key=np.shape)  # las capas, con otros nombres
    return {
        "solas": np.concatenate([to_numpy(one) for one in alone]),
        "en un lote": to_numpy(together),
        "gradientes": reached,
    }


def _fill(model: Any, seed: int) -> None:
    """Los mismos parámetros para todas las respuestas, aunque sus capas se llamen de otro modo."""
    import torch

    seen: Counter = Counter()
    for parameter in model.parameters():
        shape = tuple(parameter.shape)
        rng = np.random.default_rng([seed, seen[shape], *shape])
        seen[shape] += 1
        parameter.data = torch.as_tensor(
            rng.normal(size=shape) / np.sqrt(shape[-1]), dtype=parameter.dtype
        )


def _padding_fault(received: dict, expected: dict) -> str | None:
    """Primero, la prueba del relleno; después, que cada sentido lea la secuencia entera."""
    alone, together = received["solas"], received["en un lote"]
    if alone.shape == together.shape == expected["solas"].shape:
        gap = float(np.abs(alone - together).max())
        if not gap <= GAP:
            return (
                "no pasa la prueba del relleno: entre una secuencia sola y la misma en el lote, la "
                f"predicción cambia hasta {gap:.2g}"
            )
    return differences(
        alone, expected["solas"], tolerance=GAP, where="cada secuencia, sola"
    ) or differences(
        received["gradientes"], expected["gradientes"], tolerance=GAP, where="gradiente"
    )


BOTH_WAYS = Exercise(
    key="16.4",
    draw=_draw_vectors,
    probe=_alone_and_together,
    compare=_padding_fault,
    fresh=False,
    namespace=_torch_names,
)

EXERCISES = (PAD, LAST, MASKED_LOSS, BOTH_WAYS)

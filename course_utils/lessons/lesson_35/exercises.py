"""Ejercicios de la lección 35: atención."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, to_numpy, torch_names
from course_utils.lessons.lesson_35.experiment import FIGURES, draw_heads
from course_utils.seq2seq import END, PAD, START


def _names() -> dict[str, Any]:
    from torch.nn import functional

    symbols = {"PAD": PAD, "START": START, "END": END, "FIGURES": FIGURES}
    return torch_names() | symbols | {"F": functional}


def _tensor(rng: np.random.Generator, *shape: int) -> Any:
    import torch

    return torch.as_tensor(rng.normal(size=shape))


def _run(function: Callable, *args: Any) -> Any:
    """Llama a ``function``; si se pierde la derivada por cambiar un tensor, lo dice en español."""
    try:
        return function(*args)
    except RuntimeError as error:
        if "in-place" in str(error) or "inplace" in str(error):
            raise TypeError(
                "cambias en su sitio un tensor que hace falta para derivar; crea uno nuevo"
            ) from None
        raise


# --- 35.1 -----------------------------------------------------------------------------------------


def _draw_attention(rng: np.random.Generator) -> tuple:
    """Consultas, claves y valores; todos los tamaños, distintos."""
    batch, queries, positions, features, width = draw_sizes(rng, 5)
    shapes = ((queries, features), (positions, features), (positions, width))
    return tuple(2 * _tensor(rng, batch, *shape).float() for shape in shapes)


def _attended(answer: Callable, *tensors: Any) -> dict[str, Any] | None:
    """El contexto, los pesos y adónde llega el gradiente."""
    tensors = [part.detach().requires_grad_() for part in tensors]
    result = _run(answer, *tensors)
    if result is None:
        return None
    if hasattr(result, "shape"):
        raise TypeError("se esperaban dos cosas, el contexto y los pesos, y ha llegado una")
    context, weights = result
    if getattr(context, "requires_grad", False):
        _run(context.square().sum().backward)
    gradient = tensors[0].grad
    return {
        "contexto": to_numpy(context),
        "pesos": to_numpy(weights),
        "gradiente": np.zeros(tuple(tensors[0].shape)) if gradient is None else gradient.numpy(),
    }


ATTENTION = Exercise(key="35.1", draw=_draw_attention, probe=_attended, namespace=_names)


# --- 35.2 -----------------------------------------------------------------------------------------


def _draw_masked(rng: np.random.Generator) -> tuple:
    """Puntuaciones, algunas muy grandes, y una máscara; en una frase no se puede mirar nada."""
    import torch

    batch, queries, positions = draw_sizes(rng, 3, range(3, 9))
    mask = rng.random((batch, 1, positions)) < 0.6
    mask[:, 0, 0] = True
    mask[1:, 0, -1] = False
    mask[int(rng.integers(batch))] = False
    scores = _tensor(rng, batch, queries, positions) * float(rng.choice([1.0, 100.0]))
    return scores, torch.as_tensor(mask)


def _weights(answer: Callable, scores: Any, mask: Any) -> dict[str, Any] | None:
    """Los pesos, cuáles son cero exacto y el gradiente."""
    scores = scores.detach().requires_grad_()
    weights = _run(answer, scores, mask)
    if weights is None:
        return None
    if getattr(weights, "requires_grad", False):
        _run(weights.square().sum().backward)
    values = to_numpy(weights)
    gradient = np.zeros(tuple(scores.shape)) if scores.grad is None else scores.grad.numpy()
    return {"pesos": values, "ceros exactos": values == 0, "gradiente": gradient}


MASK = Exercise(key="35.2", draw=_draw_masked, probe=_weights, namespace=_names, draws=6)


# --- 35.3 -----------------------------------------------------------------------------------------


def _draw_heads(rng: np.random.Generator) -> tuple:
    """Unas cabezas con faltas al azar, repetidas o no, y cuántas posiciones son reales."""
    count, real, more = draw_sizes(rng, 3, range(2, 7))
    faults = [*rng.choice(["", "suma", "relleno", "igual"], size=count), "", "igual"]
    return draw_heads(rng, real + more, real, faults), real


def _faults(answer: Callable, heads: np.ndarray, real: int) -> list[str] | None:
    found = answer(heads, real)
    return None if found is None else [str(fault) for fault in found]


def _draw_subtle() -> np.ndarray:
    """Cabezas con la falta en una fila, o que solo lo parecen: cada despiste da otra respuesta."""
    heads = draw_heads(np.random.default_rng(5), 7, 4, [""] * 8)
    heads[0, [1, 3]] *= [[1.1], [0.9]]  # entre las dos suman lo justo
    heads[1, 0] *= 0.9
    heads[2, 3] *= 0.9
    glances = (2, 4, 0.05), (0, 4, 0.6), (3, 5, 0.6)
    for head, (row, column, weight) in zip(heads[3:6], glances, strict=True):
        head[row] *= 1 - weight
        head[row, column] = weight
    heads[6, :, :4] = 0.2, 0.3, 0.5, 0.0  # todas miran lo mismo, y no todo
    heads[7, :, :4] = 0.2, 0.3, 0.2, 0.3
    heads[7, 0, :4] = 0.25  # por igual, solo la primera
    return heads


_ALMOST = draw_heads(np.random.default_rng(6), 5, 4, ["relleno", "", "relleno"])  # un solo hueco

HEADS = Exercise(
    key="35.3", draw=_draw_heads, probe=_faults, edges=((_draw_subtle(), 4), (_ALMOST, 4)), draws=6
)


# --- 35.4 -----------------------------------------------------------------------------------------

SYMBOLS = len(FIGURES)  # los mismos que en la lección


def _decoder(kind: str, seed: int, steps: int) -> Callable:
    """Un decodificador al azar en el que la salida t depende de unas entradas y no de otras."""
    import torch

    rng = np.random.default_rng(seed)
    table, output = (_tensor(rng, *shape) for shape in ((SYMBOLS, 5), (5, SYMBOLS)))
    if seed % 2:  # todas las puntuaciones suben o bajan juntas
        output = output[:, :1] @ output[:1].abs()
    output[:, PAD] = 0  # la puntuación de un símbolo no cambia nunca
    reach = np.tril(rng.normal(size=(steps, steps)))
    if kind == "futuro":
        reach = rng.normal(size=(steps, steps))
    if kind == "una de más":
        reach = np.tril(rng.normal(size=(steps, steps)), 1)
    if kind == "solo la suya":
        reach = np.eye(steps)
    if kind == "salteado":
        reach *= rng.random((steps, steps)) < 0.5
    reach = torch.as_tensor(0.3 * reach)

    def decode(given):
        return ((reach @ table[given]).tanh() + 3) @ output  # (1, pasos, símbolos)

    return decode


KINDS = ("pasado", "futuro", "una de más", "solo la suya", "salteado")


def _draw_decoder(rng: np.random.Generator) -> tuple:
    import torch

    steps = int(rng.integers(4, 9))
    given = rng.integers(PAD + 1, SYMBOLS, size=(1, steps))
    given[0, 0] = START
    return torch.as_tensor(given), str(rng.choice(KINDS)), int(rng.integers(1_000_000))


def _leaks(answer: Callable, given: Any, kind: str, seed: int) -> Any:
    found = answer(_decoder(kind, seed, given.shape[1]), given)
    return None if found is None else to_numpy(found)


LEAKS = Exercise(key="35.4", draw=_draw_decoder, probe=_leaks, namespace=_names, draws=8)

EXERCISES = (ATTENTION, MASK, HEADS, LEAKS)

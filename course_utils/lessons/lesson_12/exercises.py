"""Ejercicios de la lección 12: una red recurrente con NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils import cells
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, draw_timesteps


def _weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> cells.RNNWeights:
    return cells.RNNWeights(
        rng.normal(size=(input_size, hidden_size)) / np.sqrt(input_size),
        rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size),
        rng.normal(size=hidden_size),
    )


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = draw_sizes(rng, 3)
    weights = _weights(rng, input_size, hidden_size)
    return rng.normal(size=(batch, input_size)), rng.normal(size=(batch, hidden_size)), weights


STEP = Exercise(key="12.1", draw=_draw_step)


def _draw_forward(rng: np.random.Generator) -> tuple:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe."""
    batch, input_size, hidden_size = draw_sizes(rng, 3)
    timesteps = draw_timesteps(rng)
    weights = _weights(rng, input_size, hidden_size)
    # Pesos pequeños: los estados quedan lejos de los extremos y las diferencias se ven.
    weights = cells.RNNWeights(*(0.5 * part for part in weights))
    return rng.normal(size=(batch, timesteps, input_size)), weights


FORWARD = Exercise(key="12.2", draw=_draw_forward, requires=("12.1",))


def _draw_count(rng: np.random.Generator) -> tuple:
    return tuple(draw_sizes(rng, 3))


COUNT = Exercise(key="12.3", draw=_draw_count)


NOISE = 0.1
EARLY = (
    "El estado está arriba sin que haya llegado ninguna marca: hace falta un sesgo más negativo."
)
DEAF = "La marca no levanta el estado: w_x tiene que vencer a lo que tira hacia abajo."
FORGETFUL = (
    "El estado sube con la marca y después cae: w_h tiene que vencer al sesgo y al ruido para "
    "sostenerlo arriba."
)


def _draw_marks(rng: np.random.Generator) -> tuple:
    """Secuencias ruidosas: unas con marca, otras sin ella."""
    x = rng.uniform(-NOISE, NOISE, size=(6, 150, 1))
    for row, place in enumerate(rng.integers(0, 140, size=4)):
        x[row, place] += 1.0
    return (x,)


def _remembers(answer: Callable[[], tuple], x: np.ndarray) -> np.ndarray | None:
    """Si la unidad recuerda una marca, en cada paso: (lote, tiempo)."""
    returned = answer()
    if returned is None:
        return None
    numbers = np.asarray(returned)
    if numbers.shape != (3,) or numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        raise TypeError(
            f"se esperaban tres números finitos (w_x, w_h, b) y ha llegado {returned!r}"
        )
    w_x, w_h, b = numbers.astype(float).reshape(3, 1)
    run = cells.rnn_forward(x, cells.RNNWeights(w_x[None], w_h[None], b))
    return (run.states[..., 0] > 0.5).astype(int)


def _latch_fault(received: np.ndarray | None, expected: np.ndarray) -> str | None:
    """Dónde falla el pestillo por primera vez y por qué."""
    if np.array_equal(received, expected):
        return None
    row, step = (int(place) for place in np.argwhere(received != expected)[0])
    mark = int(np.argmax(expected[row])) if expected[row].any() else None
    where = f"en la secuencia {row + 1}, paso {step}"
    if not expected[row, step]:
        return f"{where}, el estado debía estar por debajo de 0.5 y no lo está. {EARLY}"
    cause = DEAF if step == mark else FORGETFUL
    return f"{where}, el estado debía estar por encima de 0.5 (marca en el paso {mark}). {cause}"


_QUIET = np.zeros((2, 150, 1))
_QUIET[0, 30] = 1.0

LATCH = Exercise(
    key="12.4", draw=_draw_marks, edges=((_QUIET,),), probe=_remembers, compare=_latch_fault
)


def _draw_time_first(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=draw_sizes(rng, 3)),)


BATCH_FIRST = Exercise(key="12.5", draw=_draw_time_first)

EXERCISES = (STEP, FORWARD, COUNT, LATCH, BATCH_FIRST)

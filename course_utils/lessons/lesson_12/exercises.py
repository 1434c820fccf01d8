"""Ejercicios de la lección 12: una red recurrente con NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def _step_case(
    rng: np.random.Generator, batch: int, input_size: int, hidden_size: int
) -> tuple[np.ndarray, np.ndarray, cells.RNNWeights]:
    weights = _weights(rng, input_size, hidden_size)
    return rng.normal(size=(batch, input_size)), rng.normal(size=(batch, hidden_size)), weights


def _draw_step(rng: np.random.Generator) -> tuple:
    return _step_case(rng, *draw_sizes(rng, 3))


# Dos casos con las mismas formas, una sola secuencia y un solo número en cada una.
STEP = Exercise(
    key="12.1",
    draw=_draw_step,
    edges=(
        _step_case(np.random.default_rng(0), 2, 4, 3),
        _step_case(np.random.default_rng(1), 2, 4, 3),
        _step_case(np.random.default_rng(2), 1, 3, 2),
        _step_case(np.random.default_rng(3), 2, 1, 1),
    ),
)


def _forward_case(
    rng: np.random.Generator, batch: int, timesteps: int, input_size: int, hidden_size: int
) -> tuple[np.ndarray, cells.RNNWeights]:
    """Pesos pequeños: los estados quedan lejos de los extremos y las diferencias se ven."""
    weights = _weights(rng, input_size, hidden_size)
    weights = cells.RNNWeights(*(0.5 * part for part in weights))
    return rng.normal(size=(batch, timesteps, input_size)), weights


def _draw_forward(rng: np.random.Generator) -> tuple:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe."""
    batch, input_size, hidden_size = draw_sizes(rng, 3)
    return _forward_case(rng, batch, draw_timesteps(rng), input_size, hidden_size)


# Dos casos con las mismas formas, una sola secuencia, un solo paso y tantos como en la lección.
FORWARD = Exercise(
    key="12.2",
    draw=_draw_forward,
    edges=(
        _forward_case(np.random.default_rng(0), 2, 5, 4, 3),
        _forward_case(np.random.default_rng(1), 2, 5, 4, 3),
        _forward_case(np.random.default_rng(2), 1, 4, 1, 1),
        _forward_case(np.random.default_rng(3), 3, 1, 1, 2),
        _forward_case(np.random.default_rng(4), 2, 1_000, 3, 4),
    ),
    requires=("12.1",),
)


def _draw_count(rng: np.random.Generator) -> tuple:
    return tuple(draw_sizes(rng, 3))


# Tamaños de verdad, dos con los mismos menos la salida, y todo uno.
COUNT = Exercise(
    key="12.3",
    draw=_draw_count,
    edges=((100, 300, 50), (100, 300, 7), (1, 1, 1)),
    tolerance=0.0,
)


NOISE = 0.1
EARLY = (
    "El estado está arriba sin que haya llegado ninguna marca: el sesgo, negativo, tiene que "
    "vencer al ruido, que llega multiplicado por w_x."
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


def _finite_numbers(value: Any) -> np.ndarray | None:
    try:
        numbers = np.asarray(value)
    except ValueError:
        return None
    finite = numbers.dtype.kind in "iuf" and np.isfinite(numbers).all()
    return numbers.astype(float) if finite else None


def _remembers(answer: Callable[[], tuple], x: np.ndarray) -> np.ndarray | None:
    """Si la unidad recuerda una marca, en cada paso: (lote, tiempo)."""
    returned = answer()
    if returned is None:
        return None
    numbers = _finite_numbers(returned)
    if numbers is None or numbers.shape != (3,):
        raise TypeError(
            f"se esperaban tres números finitos (w_x, w_h, b) y ha llegado {returned!r}"
        )
    if numbers[1] < 0:
        raise ValueError(
            "w_h es negativo: el estado cambiaría de lado en cada paso en lugar de quedarse donde "
            "está"
        )
    if numbers[0] <= 0:
        raise ValueError(
            "w_x tiene que ser positivo: si no, la marca no empuja el estado hacia arriba"
        )
    w_x, w_h, b = numbers.reshape(3, 1)
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
# El peor ruido: siempre hacia arriba si no hay marca, y siempre hacia abajo si la hay. Con w_x y
# w_h positivos el estado crece con cada entrada: quien pasa este caso los pasa todos.
_WORST = np.full((6, 150, 1), -NOISE)
_WORST[0] = NOISE
_WORST[range(1, 6), [0, 1, 2, 75, 149]] += 1.0

LATCH = Exercise(
    key="12.4",
    draw=_draw_marks,
    edges=((_QUIET,), (_WORST,)),
    probe=_remembers,
    compare=_latch_fault,
)


def _time_first(seed: int, *shape: int) -> tuple[np.ndarray]:
    return (np.random.default_rng(seed).normal(size=shape),)


def _draw_time_first(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=draw_sizes(rng, 3)),)


# Dos lotes de la misma forma, otro con tantos pasos como secuencias y dos con ejes que miden uno.
BATCH_FIRST = Exercise(
    key="12.5",
    draw=_draw_time_first,
    edges=(
        _time_first(0, 4, 3, 2),
        _time_first(1, 4, 3, 2),
        _time_first(2, 3, 3, 2),
        _time_first(3, 1, 4, 2),
        _time_first(4, 5, 1, 1),
    ),
)

EXERCISES = (STEP, FORWARD, COUNT, LATCH, BATCH_FIRST)

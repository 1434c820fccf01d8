"""Ejercicios de la lección 14: gradientes que desaparecen y que explotan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from course_utils.cells import cosine, global_norm
from course_utils.exercises.compare import differences
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, draw_timesteps, follows_rng

# ---------------------------------------------------------------- 14.1


def _gradients(rng: np.random.Generator, size: float) -> list[np.ndarray]:
    """De dos a cuatro gradientes de formas distintas, con esa norma global."""
    input_size, hidden_size, output_size = draw_sizes(rng, 3)
    shapes = ((input_size, hidden_size), (hidden_size,), (hidden_size, hidden_size), (output_size,))
    count = int(rng.integers(2, 5))
    parts = [rng.normal(size=shape) * rng.uniform(0.2, 2.0) for shape in shapes[:count]]
    return [size * part / global_norm(parts) for part in parts]


def _lesson_norm(gradients: list[np.ndarray]) -> np.float64:
    """La norma global de la lección, que da un número de NumPy: entre cero se divide con aviso."""
    return np.float64(global_norm(gradients))


def _draw_clip(rng: np.random.Generator) -> tuple:
    """Por encima o por debajo del tope, por poco o por mucho."""
    max_norm = round(float(rng.uniform(0.5, 5.0)), 1)
    return _gradients(rng, max_norm * rng.choice([0.3, 0.8, 1.3, 20.0])), max_norm


def _as_tuple(answer: Callable[..., Any], gradients: list[np.ndarray], max_norm: float) -> Any:
    """Lo que devuelve, como tupla: así se distingue una lista de arrays de una de listas.

    Se llama como en la lección, que nombra el tope.
    """
    returned = answer(gradients, max_norm=max_norm)
    return tuple(returned) if isinstance(returned, list) else returned


CLIP = Exercise(
    key="14.1",
    draw=_draw_clip,
    draws=6,
    edges=(
        ([np.zeros((2, 3)), np.zeros(3)], 1.5),
        ([np.array([[3.0], [0.0]]), np.array([4.0])], 5.0),  # justo el tope
        ([np.array([6.0, 8.0, 0.0])], 5.0),
    ),
    probe=_as_tuple,
    namespace=lambda: {"global_norm": _lesson_norm},
)


# ---------------------------------------------------------------- 14.2


def _draw_states(rng: np.random.Generator, *sizes: int) -> tuple:
    """Estados que no se saturan y una matriz que apenas estira ni encoge: cada factor se nota."""
    timesteps, hidden_size = sizes or (draw_timesteps(rng), draw_sizes(rng, 1)[0])
    states = rng.uniform(-0.8, 0.8, size=(timesteps, hidden_size))
    rotation = np.linalg.qr(rng.normal(size=(hidden_size, hidden_size)))[0]
    return states, 1.3 * rotation * rng.uniform(0.8, 1.25, size=hidden_size)


JACOBIAN = Exercise(
    key="14.2",
    draw=_draw_states,
    edges=tuple(_draw_states(np.random.default_rng(0), *sizes) for sizes in ((1, 3), (4, 1))),
)


# ---------------------------------------------------------------- 14.3


def _draw_orthogonal(rng: np.random.Generator) -> tuple:
    size, seed = int(rng.integers(12, 25)), int(rng.integers(1_000))
    return size, float(rng.choice([0.5, 0.9, 1.3, 2.0])), seed


class Properties(NamedTuple):
    """Lo que una matriz ortogonal al azar tiene que cumplir, se calcule como se calcule."""

    W_por_su_transpuesta: Any
    se_repite_con_el_mismo_rng: bool
    cambia_con_otro_rng: bool
    mezcla_todas_las_unidades: bool


def _mixes(sizes: np.ndarray) -> bool:
    """Si hay pocos ceros y, de media, ningún número se lleva casi toda la longitud de su fila."""
    return bool((sizes > 1e-3).mean() > 0.75 and (sizes**2).max(axis=1).mean() < 0.6)


def _properties(
    answer: Callable[..., Any], size: int, radius: float, seed: int
) -> Properties | None:
    """Mide las propiedades de la matriz que da una respuesta."""
    returned = answer(size, radius, np.random.default_rng(seed))
    if returned is None:
        return None
    matrix = np.asarray(returned)
    if matrix.dtype.kind not in "iuf" or matrix.ndim == 0:
        raise TypeError(f"se esperaba una matriz de forma {(size, size)} y ha llegado {returned!r}")
    if matrix.shape != (size, size):
        return Properties(matrix, *[False] * 3)
    product = np.round(matrix @ matrix.T, 9) + 0.0  # sin restos de redondeo ni ceros negativos
    return Properties(
        product if hasattr(returned, "shape") else product.tolist(),
        *follows_rng(partial(answer, size, radius), matrix, seed),
        _mixes(np.abs(matrix) / radius),
    )


ORTHOGONAL = Exercise(key="14.3", draw=_draw_orthogonal, edges=((32, 1.0, 5),), probe=_properties)


# ---------------------------------------------------------------- 14.4


def _draw_steps(rng: np.random.Generator) -> tuple:
    return (int(rng.integers(2, 200)),)


HALF_LIFE = Exercise(key="14.4", draw=_draw_steps, draws=5, edges=((50,), (1,)))


# ---------------------------------------------------------------- 14.5


def _that(does: str) -> Callable[[Callable], Callable]:
    """Apunta en un recorte lo que hace, como se dice en los mensajes: «con una función que…»."""

    def mark(clip: Callable) -> Callable:
        clip.does = does
        return clip

    return mark


def _by_global_norm(cap: float) -> Callable:
    @_that("encoge todo con un solo factor")
    def clip(gradients):
        scale = cap / max(global_norm(gradients), cap)
        return [scale * part for part in gradients]

    return clip


def _by_value(cap: float) -> Callable:
    @_that("recorta cada número por su cuenta")
    def clip(gradients):
        return [np.clip(part, -cap, cap) for part in gradients]

    return clip


def _by_matrix(cap: float) -> Callable:
    @_that("recorta cada array por su cuenta")
    def clip(gradients):
        return [part * cap / max(float(np.linalg.norm(part)), cap) for part in gradients]

    return clip


def _always(norm: float) -> Callable:
    @_that("lleva todo a la misma norma con un solo factor, también lo pequeño")
    def clip(gradients):
        return [norm * part / global_norm(gradients) for part in gradients]

    return clip


def _first_only(cap: float) -> Callable:
    @_that("recorta el primer array y deja los demás")
    def clip(gradients):
        return [*_by_matrix(cap)(gradients[:1]), *gradients[1:]]

    return clip


def _backwards(cap: float) -> Callable:
    @_that("encoge todo con un solo factor y cambia el signo")
    def clip(gradients):
        return [-part for part in _by_global_norm(cap)(gradients)]

    return clip


def _in_single(cap: float) -> Callable:
    @_that("encoge todo con un solo factor, en precisión simple")
    def clip(gradients):
        return [part.astype("float32") for part in _by_global_norm(cap)(gradients)]

    return clip


def _slightly_twisted(cap: float) -> Callable:
    @_that("encoge todo con un solo factor y gira tres grados")
    def clip(gradients):
        clipped = _by_global_norm(cap)(gradients)
        flat = np.concatenate([np.ravel(part) for part in clipped])
        aside = (-1.0) ** np.arange(flat.size)
        aside -= flat * (flat @ aside) / (flat @ flat)
        angle, ratio = np.radians(3), np.sqrt(flat @ flat / (aside @ aside))
        turned = np.cos(angle) * flat + np.sin(angle) * ratio * aside
        cuts = np.cumsum([np.size(part) for part in clipped])[:-1]
        pairs = zip(np.split(turned, cuts), clipped, strict=True)
        return [piece.reshape(np.shape(part)) for piece, part in pairs]

    return clip


_KINDS = (_by_global_norm, _by_value, _by_matrix, _first_only, _backwards, _slightly_twisted)


def _draw_clip_function(rng: np.random.Generator) -> tuple:
    return (_KINDS[rng.integers(len(_KINDS))](float(rng.uniform(0.5, 1.5))),)


class Verdict(NamedTuple):
    """Qué hace un recorte y lo que se dice de él."""

    does: str
    keeps: Any


def _verdict(answer: Callable[[Callable], Any], clip: Callable) -> Verdict | None:
    """Lo que la respuesta dice de un recorte; un booleano de NumPy es un booleano."""
    returned = answer(clip)
    if returned is None:
        return None
    return Verdict(clip.does, bool(returned) if isinstance(returned, np.bool_) else returned)


def _compare_verdicts(received: Verdict | None, expected: Verdict | None) -> str | None:
    if received is None or expected is None:  # una respuesta o un error conocido sin `return`
        return differences(received, expected)
    message = differences(received.keeps, expected.keeps)
    return message and f"con una función que {expected.does}, {message.replace('bool: ', '')}"


DIRECTION = Exercise(
    key="14.5",
    edges=(
        *((kind(cap),) for kind in _KINDS for cap in (0.7, 1.2)),
        *((_in_single(cap),) for cap in np.linspace(0.1, 1.0, 12)),
        (_by_global_norm(1e4),),  # deja pasar todo
        (_slightly_twisted(1e4),),  # solo gira
        (_always(500.0),),
    ),
    draw=_draw_clip_function,
    draws=40,
    probe=_verdict,
    compare=_compare_verdicts,
    namespace=lambda: {"cosine": cosine, "global_norm": _lesson_norm},
)

EXERCISES = (CLIP, JACOBIAN, ORTHOGONAL, HALF_LIFE, DIRECTION)

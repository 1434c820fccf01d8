"""Ejercicios de la lección 23: memoria larga."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import follows_rng, torch_names

# ---------------------------------------------------------------- 23.1


def _draw_batch(rng: np.random.Generator) -> tuple:
    """Longitudes pares e impares; muchas secuencias, para que salgan todos los lugares."""
    return int(rng.integers(600, 900)), int(rng.integers(9, 15)), int(rng.integers(1_000))


class Batch(NamedTuple):
    """Lo que cumple un lote de sumas, se sortee como se sortee."""

    forma_de_x: str
    forma_de_y: str
    números_repartidos_entre_0_y_1: bool
    marcas_que_valen_0_o_1: bool
    marcas_en_la_primera_mitad: str
    marcas_en_la_segunda_mitad: str
    pasos_en_los_que_cae_alguna_marca: int
    pasos_distintos_en_la_primera_mitad: bool
    mayor_error_de_la_suma: Any
    precisión_sencilla: bool
    se_repite_con_el_mismo_rng: bool
    cambia_con_otro_rng: bool


def _span(counts: np.ndarray) -> str:
    """De cuántas a cuántas."""
    low, high = counts.min(), counts.max()
    return f"{low:g}" if low == high else f"de {low:g} a {high:g}"


def _examine(answer: Callable[..., Any], count: int, length: int, seed: int) -> Batch | None:
    """Mira las propiedades del lote que da una respuesta."""
    returned = answer(count, length, np.random.default_rng(seed))
    if returned is None:
        return None
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise TypeError("se esperaban dos cosas, las secuencias y las sumas")
    x, y = (np.asarray(part) for part in returned)
    if x.dtype.kind not in "iuf" or y.dtype.kind not in "iuf" or x.ndim != 3 or x.shape[2] != 2:
        raise TypeError(f"se esperaba x de forma {(count, length, 2)} y ha llegado {x.shape}")
    numbers, marks, half = x[..., 0], x[..., 1], length // 2
    parts = marks[:, :half].sum(axis=1), marks[:, half:].sum(axis=1)
    sums = (numbers * marks).sum(axis=1, keepdims=True)
    gap = round(float(np.abs(y - sums).max()), 4) if y.shape == sums.shape else float("nan")
    are_arrays = all(hasattr(part, "shape") for part in returned)
    return Batch(
        str(x.shape),
        str(y.shape),
        bool(numbers.min() >= 0 and numbers.max() <= 1 and 0.26 < numbers.std() < 0.32),
        bool(np.isin(marks, (0, 1)).all()),
        *(f"{_span(part)} por secuencia" for part in parts),
        int(np.count_nonzero(marks.any(axis=0))),
        len({int(row.argmax()) for row in marks[:20]}) > 1,
        np.array(gap) if are_arrays else gap,
        not are_arrays or x.dtype == y.dtype == np.float32,
        *follows_rng(lambda rng: answer(count, length, rng)[0], x, seed),
    )


GENERATOR = Exercise(key="23.1", draw=_draw_batch, probe=_examine)


# ---------------------------------------------------------------- 23.2


def _draw_guess(rng: np.random.Generator) -> tuple:
    return (round(float(rng.uniform(-1.0, 3.0)), 2),)


CONSTANT = Exercise(key="23.2", draw=_draw_guess, edges=((1.0,), (0.0,)))


# ---------------------------------------------------------------- 23.3


def _draw_solved(rng: np.random.Generator) -> tuple:
    n = int(rng.integers(5, 30))
    return (np.arange(n) < rng.integers(1, n),)


INTERVAL = Exercise(
    key="23.3",
    draw=_draw_solved,
    edges=((np.ones(5, dtype=bool),), (np.zeros(7, dtype=bool),)),
    draws=6,
)


# ---------------------------------------------------------------- 23.4

LENGTH, UPDATES, ALLOWED = 40, 300, 0.1
BLOCKS = ("entrada (i)", "olvido (f)", "candidato (g)", "salida (o)")


def _learned(answer: Callable[..., Any], seeds: tuple[int, ...]) -> dict[str, Any] | None:
    """Entrena lo que prepara una respuesta: error en ecos nuevos y sesgos de los que partía."""
    import torch
    from torch.nn.utils import parameters_to_vector

    from course_utils.lessons.lesson_23.experiment import build_model
    from course_utils.synthetic import echo

    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        start = build_model("LSTM", "eco")
        untouched = parameters_to_vector(start.parameters()).detach()
        shapes = {name: value.shape for name, value in start.state_dict().items()}
        model = answer(start)
        if model is None:
            return None
        if not isinstance(model, torch.nn.Module):
            raise TypeError("se esperaba el modelo, con sus pesos iniciales cambiados")
        if {name: value.shape for name, value in model.state_dict().items()} != shapes:
            raise TypeError("la red debe ser la misma: solo se pueden cambiar sus pesos iniciales")
        same = torch.equal(untouched, parameters_to_vector(model.parameters()).detach())
        summed = (model.layer.bias_ih_l0 + model.layer.bias_hh_l0).detach()
        blocks = [float(block.mean()) for block in summed.chunk(4)]
        rng = np.random.default_rng([seed, LENGTH])
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(UPDATES):
            x, y = map(torch.from_numpy, echo(32, LENGTH, rng=rng))
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        x, y = map(torch.from_numpy, echo(500, LENGTH, rng=rng))
        with torch.inference_mode():
            errors.append(float((model(x).argmax(dim=1) != y).double().mean()))
        if errors[-1] > ALLOWED:
            break
    return {"error": errors[-1], "sesgos": blocks, "iguales": same}


def _learning_fault(received: Any) -> str | None:
    """Qué le falta a un modelo que no ha aprendido, por los sesgos de los que partía."""
    if not isinstance(received, dict):
        return "se esperaba el modelo"
    if received["error"] <= ALLOWED:
        return None
    biases = received["sesgos"]
    failed = f"tras entrenarla, falla el {100 * received['error']:.0f} % de los ecos nuevos. "
    highest = int(np.argmax(biases))
    if received["iguales"]:
        cause = (
            "Los pesos son los que tenía. Con `forget = 5.0` solo cambias a qué se refiere un "
            "nombre, y con `clone` llenas una copia; `forget.fill_(5.0)` o `forget[:] = 5.0` "
            "cambian el parámetro"
        )
    elif min(biases) > 1.5:
        cause = "Has subido los sesgos de los cuatro bloques: basta con el de olvido"
    elif biases[1] < 0.5:
        cause = "La compuerta de olvido empieza más cerrada que antes: para conservar debe abrirse"
    elif highest != 1:
        cause = (
            f"El sesgo mayor está en el bloque de {BLOCKS[highest]}. "
            "¿En qué bloque está el de olvido?"
        )
    elif biases[1] < 3.5:
        half_life = np.log(0.5) / -np.log1p(np.exp(-biases[1]))
        cause = (
            f"Con {biases[1]:.1f} en el sesgo de olvido, la semivida es de {half_life:.0f} pasos, "
            f"y hay que recordar {LENGTH - 1}"
        )
    else:
        cause = "El sesgo de olvido ya es grande: mira qué más has cambiado"
    return failed + cause


PATIENT = Exercise(
    key="23.4",
    edges=(((1, 3),),),
    probe=_learned,
    threshold=_learning_fault,
    namespace=partial(torch_names, optimizer=True),
    seconds=60.0,
    max_mutants=5,
)

EXERCISES = (GENERATOR, CONSTANT, INTERVAL, PATIENT)

"""Ejercicios de la lección 23: memoria larga."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import follows_rng, torch_names
from course_utils.lessons.lesson_23.experiment import build_model
from course_utils.synthetic import echo

# ---------------------------------------------------------------- 23.1


def _draw_batch(rng: np.random.Generator) -> tuple:
    """Longitudes pares e impares; muchas secuencias, para que salgan todos los lugares."""
    return int(rng.integers(600, 900)), int(rng.integers(9, 15)), int(rng.integers(1_000))


class Batch(NamedTuple):
    """Lo que cumple un lote de sumas, se sortee como se sortee."""

    forma_de_x: str
    forma_de_y: str
    formas_de_un_lote_de_una_secuencia: str
    números_repartidos_entre_0_y_1: bool
    marcas_que_valen_0_o_1: bool
    marcas_en_la_primera_mitad: str
    marcas_en_la_segunda_mitad: str
    pasos_sin_ninguna_marca: str
    marcas_repartidas_por_igual: bool
    lugares_de_las_dos_marcas_independientes: bool
    lugares_independientes_de_los_números: bool
    mayor_error_de_la_suma: Any
    precisión_sencilla: bool
    se_repite_con_el_mismo_rng: str
    cambia_con_otro_rng: str


def _span(counts: np.ndarray) -> str:
    """De cuántas a cuántas."""
    low, high = counts.min(), counts.max()
    return f"{low:g}" if low == high else f"de {low:g} a {high:g}"


def _pair(returned: Any) -> tuple[np.ndarray, np.ndarray]:
    """Las secuencias y las sumas."""
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise TypeError("se esperaban dos cosas, las secuencias y las sumas")
    return np.asarray(returned[0]), np.asarray(returned[1])


def _spread(marks: np.ndarray, half: int) -> tuple[str, bool, bool]:
    """Pasos que no se marcan, si los demás salen por igual y si las dos marcas no dependen."""
    counts, length = marks.sum(axis=0), marks.shape[1]
    expected = len(marks) / np.where(np.arange(length) < half, half, length - half)
    # Un lugar por mitad en cada fila: cuántas veces coinciden cada uno de una y cada uno de otra.
    together = marks[:, :half].T @ marks[:, half:]
    empty = ", ".join(map(str, np.flatnonzero(counts == 0)))
    even = bool(empty) or bool((np.abs(counts - expected) < 6 * np.sqrt(expected)).all())
    return empty or "ninguno", even, int(np.count_nonzero(together)) > together.size / 2


def _which(numbers: bool, marks: bool) -> str:
    """Qué cumple algo: los números, las marcas, los dos o nada."""
    if numbers == marks:
        return "todo" if numbers else "nada"
    return "solo los números" if numbers else "solo las marcas"


def _examine(answer: Callable[..., Any], count: int, length: int, seed: int) -> Batch | None:
    """Mira las propiedades del lote que da una respuesta."""
    returned = answer(count, length, np.random.default_rng(seed))
    if returned is None:
        return None
    x, y = _pair(returned)
    if x.dtype.kind not in "iuf" or y.dtype.kind not in "iuf" or x.ndim != 3 or x.shape[2] != 2:
        raise TypeError(f"se esperaba x de forma {(count, length, 2)} y ha llegado {x.shape}")
    numbers, marks, half = x[..., 0], x[..., 1], length // 2
    parts = marks[:, :half].sum(axis=1), marks[:, half:].sum(axis=1)
    sums = (numbers * marks).sum(axis=1, keepdims=True)
    gap = round(float(np.abs(y - sums).max()), 4) if y.shape == sums.shape else float("nan")
    are_arrays = all(hasattr(part, "shape") for part in returned)
    alone = _pair(answer(1, length, np.random.default_rng(seed)))
    repeats, changes = zip(
        *(
            follows_rng(lambda rng, k=k: _pair(answer(count, length, rng))[0][..., k], part, seed)
            for k, part in enumerate((numbers, marks))
        ),
        strict=True,
    )
    return Batch(
        str(x.shape),
        str(y.shape),
        " y ".join(str(part.shape) for part in alone),
        bool(numbers.min() >= 0 and numbers.max() <= 1 and 0.26 < numbers.std() < 0.32),
        bool(np.isin(marks, (0, 1)).all()),
        *(f"{_span(part)} por secuencia" for part in parts),
        *_spread(marks, half),
        bool(0.85 < sums.mean() / marks.sum(axis=1).mean() * 2 < 1.15),
        np.array(gap) if are_arrays else gap,
        not are_arrays or x.dtype == y.dtype == np.float32,
        _which(*repeats),
        _which(*changes),
    )


GENERATOR = Exercise(key="23.1", draw=_draw_batch, probe=_examine)


# ---------------------------------------------------------------- 23.2


def _draw_guess(rng: np.random.Generator) -> tuple:
    return (round(float(rng.uniform(-1.0, 3.0)), 2),)


CONSTANT = Exercise(
    key="23.2",
    draw=_draw_guess,
    edges=((0.0,), (0.5,), (1,)),
    tolerance=1e-10,  # la lección afirma después que 1/6 sale con 1e-9
)


# ---------------------------------------------------------------- 23.3


def _draw_solved(rng: np.random.Generator) -> tuple:
    n = int(rng.integers(5, 30))
    return rng.permutation(n) < rng.integers(1, n), round(float(rng.uniform(0.5, 3.0)), 2)


INTERVAL = Exercise(
    key="23.3",
    draw=_draw_solved,
    # Sin z y con otra, con todos o ninguno, con unos, con un solo entrenamiento y con muchos.
    edges=(
        (np.arange(8) % 4 == 1,),
        (np.arange(8) % 4 == 1, 0.8),
        (np.ones(5),),
        (np.zeros(7, dtype=bool),),
        (np.array([True]), 2.58),
        (np.arange(600) % 3 == 0, 1.64),
    ),
    draws=6,
)


# ---------------------------------------------------------------- 23.4

LENGTH, UPDATES, ALLOWED = 40, 300, 0.1
# Difíciles: con las dos primeras no aprenden los sesgos que solo aprenden a veces (2, 3 y 4).
SEEDS = (1, 19, 16, 54, 56, 2)
BLOCKS = ("entrada (i)", "olvido (f)", "candidato (g)", "salida (o)")


def echo_error(model: Any, rng: np.random.Generator) -> float:
    """Proporción de ecos nuevos que una red falla."""
    import torch

    x, y = map(torch.from_numpy, echo(500, LENGTH, rng=rng))
    with torch.inference_mode():
        return float((model(x).argmax(dim=1) != y).double().mean())


def train_echo(model: Any, rng: np.random.Generator) -> None:
    """El entrenamiento de la lección."""
    import torch

    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(UPDATES):
        x, y = map(torch.from_numpy, echo(32, LENGTH, rng=rng))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def _signature(model: Any) -> dict[str, tuple]:
    """Qué pesos tiene una red: sus nombres, formas y tipos, y si aprenden."""
    return {
        name: (part.shape, part.dtype, part.requires_grad)
        for name, part in model.named_parameters()
    }


def _rebuilt(model: Any, original: dict[str, tuple], rng: np.random.Generator) -> Any:
    """Una red nueva con los pesos de la que ha dado la respuesta, y con nada más de ella."""
    import torch

    if not isinstance(model, torch.nn.Module):
        raise TypeError("se esperaba el modelo, con sus pesos iniciales cambiados")
    if _signature(model) != original:
        raise TypeError(
            "la red debe ser la misma y seguir aprendiendo con todos sus pesos: solo se pueden "
            "cambiar los valores de los que empieza"
        )
    own = build_model("LSTM", "eco")
    own.load_state_dict({name: part.detach() for name, part in model.named_parameters()})
    x = torch.from_numpy(echo(5, LENGTH, rng=rng)[0])
    if not torch.allclose(model(x), own(x), atol=1e-5, equal_nan=True):
        raise TypeError(
            "la red que devuelves no da lo mismo que una nueva con esos pesos: has cambiado cómo "
            "calcula, y solo se pueden cambiar los pesos iniciales"
        )
    return own


def _learned(answer: Callable[..., Any], seeds: tuple[int, ...]) -> dict[str, Any] | None:
    """Entrena lo que prepara una respuesta: error en ecos nuevos y sesgos de los que partía."""
    import torch
    from torch.nn.utils import parameters_to_vector

    for seed in seeds:
        torch.manual_seed(seed)
        start, rng = build_model("LSTM", "eco"), np.random.default_rng([seed, LENGTH])
        untouched, original = parameters_to_vector(start.parameters()).detach(), _signature(start)
        prepared = answer(start)
        if prepared is None:
            return None
        model = _rebuilt(prepared, original, rng)
        if echo_error(model, rng) < 0.5:
            raise TypeError(
                "la red que devuelves ya contesta bien antes de entrenarla: se piden unos pesos "
                "con los que empezar, no una red entrenada"
            )
        same = torch.equal(untouched, parameters_to_vector(model.parameters()).detach())
        summed = (model.layer.bias_ih_l0 + model.layer.bias_hh_l0).detach()
        biases = [float(block.mean()) for block in summed.chunk(4)]
        train_echo(model, rng)
        error = echo_error(model, rng)
        if error > ALLOWED:
            break
    return {"error": error, "semilla": seed, "sesgos": biases, "iguales": same}


def _learning_fault(received: Any) -> str | None:
    """Qué le falta a un modelo que no ha aprendido, por los sesgos de los que partía."""
    if not isinstance(received, dict):
        return "se esperaba el modelo"
    if received["error"] <= ALLOWED:
        return None
    biases = received["sesgos"]
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
    elif biases[1] < 4.4:
        half_life = np.log(0.5) / -np.log1p(np.exp(-biases[1]))
        cause = (
            f"Con {biases[1]:.2g} en el sesgo de olvido, la semivida es de {half_life:.0f} pasos, "
            f"y hay que recordar {LENGTH - 1} con holgura: tras una semivida queda la mitad"
        )
    elif biases[1] > 8.5:
        cause = (
            f"Con {biases[1]:.2g} en el sesgo de olvido, la compuerta está tan abierta que cuesta "
            "moverla: prueba con menos"
        )
    else:
        cause = "El sesgo de olvido ya es grande: mira qué más has cambiado"
    return (
        f"tras entrenarla con la semilla {received['semilla']}, falla el "
        f"{100 * received['error']:.0f} % de los ecos nuevos. {cause}"
    )


PATIENT = Exercise(
    key="23.4",
    edges=((SEEDS,),),
    probe=_learned,
    threshold=_learning_fault,
    namespace=partial(torch_names, optimizer=True),
    seconds=60.0,
    max_mutants=5,
)

EXERCISES = (GENERATOR, CONSTANT, INTERVAL, PATIENT)

"""Ejercicios de la lección 33: generación."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, torch_names
from course_utils.lessons.lesson_33.experiment import Recipe, build_model

# ---------------------------------------------------------------- 33.1


def _draw_scores(rng: np.random.Generator) -> tuple:
    """Varias filas de puntuaciones y una temperatura que se note, mayor o menor que uno."""
    rows, symbols = draw_sizes(rng, 2)
    temperature = float(rng.choice([0.3, 0.6, 1.7, 2.5]))
    return rng.normal(scale=2.0, size=(rows, symbols)), temperature


SOFTMAX = Exercise(
    key="33.1",
    draw=_draw_scores,
    # Sin temperatura; una fila suelta; puntuaciones enormes, que desbordan la exponencial; -inf.
    edges=(
        (np.array([[0.2, 1.2, -0.4]]),),
        (np.array([0.0, 1.0, 3.0, -1.0]), 0.5),
        (np.array([[1000.0, 999.0, 990.0], [-3000.0, -3001.0, -2999.0]]), 0.8),
        (np.array([[0.5, -np.inf, 2.0]]), 1.5),
        (np.array([[0.3, 0.1], [0.2, 0.9]]), 1.0),
    ),
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 33.2


def _draw_nucleus(rng: np.random.Generator) -> tuple:
    """Probabilidades desordenadas y sin empates: de una casi segura a muchas parecidas."""
    size = int(rng.integers(5, 12))
    chances = rng.dirichlet(np.full(size, rng.choice([0.3, 1.0, 5.0])))
    return chances, round(float(rng.uniform(0.3, 0.95)), 2)


NUCLEUS = Exercise(
    key="33.2",
    draw=_draw_nucleus,
    draws=6,
    # Justo p con el primero y con los dos primeros; con el primero sobra; todo; alguno a cero.
    edges=(
        (np.array([0.125, 0.5, 0.375]), 0.5),
        (np.array([0.125, 0.375, 0.5]), 0.875),
        (np.array([0.05, 0.9, 0.03, 0.02]), 0.4),
        (np.array([0.1, 0.2, 0.3, 0.4]), 1.0),
        (np.array([0.0, 0.25, 0.0, 0.75]), 0.8),
    ),
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 33.3


def _draw_bits(rng: np.random.Generator) -> tuple:
    """Los bits de un texto corto y cuántas palabras tiene: de cuatro a siete caracteres por una."""
    characters = int(rng.integers(30, 80))
    return rng.gamma(1.0, 2.0, size=characters), int(characters / rng.uniform(4, 7))


PERPLEXITY = Exercise(
    key="33.3",
    draw=_draw_bits,
    edges=(
        (np.array([1.0, 3.0, 2.0, 4.0, 0.5]), 1),
        (np.array([2.0, 1.0, 0.5]), 3),
        (np.zeros(6), 2),  # un modelo que lo sabe todo
        (np.array([4.0]), 2),
    ),
    tolerance=1e-8,
)


# ---------------------------------------------------------------- 33.4


def _draw_ids(rng: np.random.Generator) -> tuple:
    """Un texto cuya longitud no es múltiplo de nada: sobra por los dos lados."""
    rows, steps = draw_sizes(rng, 2, range(2, 7))
    length = rows * (steps * int(rng.integers(3, 6)) + int(rng.integers(1, steps))) + 1
    return rng.integers(0, 50, size=length + int(rng.integers(0, rows))), rows, steps


def _batches_edges() -> tuple[tuple, ...]:
    """Números seguidos, en los que se ve todo; una fila; todo justo; un paso."""
    return (
        (np.arange(30), 3, 4),
        (np.arange(100, 113), 1, 5),
        (np.arange(25), 4, 3),
        (np.arange(17), 5, 1),
        (np.arange(40), 2, 6),
    )


BATCHES = Exercise(key="33.4", draw=_draw_ids, edges=_batches_edges())


# ---------------------------------------------------------------- 33.5


def _draw_training(rng: np.random.Generator) -> tuple:
    """Tamaños todos distintos y una semilla, de la que salen la red y el texto."""
    torch_names(optimizer=True)  # PyTorch se carga aquí, fuera del límite de tiempo
    symbols, hidden, rows, steps = draw_sizes(rng, 4, range(2, 8))
    return symbols, hidden, rows, steps, int(rng.integers(1_000))


def _trained(
    answer: Callable[..., Any], symbols: int, hidden: int, rows: int, steps: int, seed: int
) -> Any:
    """Lo que devuelve la vuelta y cómo deja la red: con pesos grandes, para que todo se note."""
    import torch

    rng = np.random.default_rng(seed)
    model = build_model(symbols, Recipe(hidden_size=hidden, embed_size=3)).double()
    with torch.no_grad():
        for part in model.parameters():
            part.copy_(torch.from_numpy(rng.normal(scale=1.2, size=tuple(part.shape))))
    text = torch.from_numpy(rng.integers(0, symbols, size=(rows, 4 * steps + 1)))
    batches = [
        (text[:, place : place + steps], text[:, place + 1 : place + steps + 1])
        for place in range(0, 4 * steps, steps)
    ]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    losses = answer(model, batches, optimizer)
    if losses is None:
        return None
    return {
        "pérdidas": losses,
        **{name: part.detach().numpy().copy() for name, part in model.named_parameters()},
    }


TRAINING = Exercise(
    key="33.5",
    draw=_draw_training,
    draws=3,
    probe=_trained,
    namespace=lambda: {**torch_names(optimizer=True), "math": math},
    seconds=20.0,
    max_mutants=20,
    tolerance=1e-7,
)

EXERCISES = (SOFTMAX, NUCLEUS, PERPLEXITY, BATCHES, TRAINING)

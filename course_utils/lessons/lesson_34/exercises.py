"""Ejercicios de la lección 34: codificador y decodificador."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, to_numpy, torch_names
from course_utils.lessons.lesson_34.experiment import SYMBOLS
from course_utils.seq2seq import (
    DIGITS,
    END,
    PAD,
    START,
    WORDS,
    Batch,
    build_translator,
    encode_numbers,
    write_greedy,
)

FIGURES = range(END + 1, len(DIGITS))


def _symbols() -> dict[str, Any]:
    return {"PAD": PAD, "START": START, "END": END}


def _torch_symbols() -> dict[str, Any]:
    from torch.nn import functional

    return torch_names() | _symbols() | {"F": functional}


# --- 34.1 -----------------------------------------------------------------------------------------


def _draw_answers(rng: np.random.Generator) -> tuple:
    """Respuestas de longitudes distintas."""
    lengths = draw_sizes(rng, int(rng.integers(3, 7)), range(1, 9))
    return ([rng.choice(FIGURES, size=n).tolist() for n in lengths],)


TEACHER = Exercise(
    key="34.1", draw=_draw_answers, edges=(([[7]],), ([[5, 3], [4, 4]],)), namespace=_symbols
)


# --- 34.2 -----------------------------------------------------------------------------------------


def _draw_scores(rng: np.random.Generator) -> tuple:
    """Puntuaciones y objetivos; en el relleno, puntuaciones que se notan."""
    import torch

    batch, symbols = draw_sizes(rng, 2, range(5, 9))  # siempre hay cifras, además del fin
    steps = int(rng.integers(9, 12))
    targets = rng.integers(1, symbols, size=(batch, steps))
    for row, length in zip(targets, rng.permutation(steps)[:batch] + 1, strict=True):
        row[length:] = PAD
    scores = torch.as_tensor(rng.normal(size=(batch, steps, symbols)) * 2)
    return scores.requires_grad_(), torch.as_tensor(targets)


def _loss_and_gradient(answer: Callable, scores: Any, targets: Any) -> dict[str, Any] | None:
    """La pérdida y adónde llega su gradiente."""
    scores = scores.detach().requires_grad_()
    loss = answer(scores, targets)
    if loss is None:
        return None
    if getattr(loss, "requires_grad", False) and loss.numel() == 1:
        loss.sum().backward()
    gradient = np.zeros(tuple(scores.shape)) if scores.grad is None else scores.grad.numpy()
    return {"pérdida": to_numpy(loss), "gradiente": gradient}


LOSS = Exercise(
    key="34.2",
    draw=_draw_scores,
    probe=_loss_and_gradient,
    namespace=_torch_symbols,
)


# --- 34.3 -----------------------------------------------------------------------------------------

WIDTH = 12


def _network(seed: int) -> Any:
    """Una red sin entrenar, de pesos grandes: escribe cosas distintas y acaba cuando quiere."""
    import torch

    model = build_translator(SYMBOLS, WIDTH)
    rng = np.random.default_rng(seed)
    for parameter in model.parameters():
        values = rng.normal(size=tuple(parameter.shape))
        parameter.data = torch.as_tensor(values, dtype=torch.float32)
    model.output.bias.data[:END] = -30.0  # ni relleno ni inicio
    return model.eval()


def _draw_readings(rng: np.random.Generator) -> tuple:
    """Lo leído y una red: unas respuestas acaban antes que otras y alguna, ninguna."""
    import torch

    batch, words = draw_sizes(rng, 2, range(4, 8))
    lengths = rng.integers(1, words + 1, size=batch)
    lengths[0] = words
    source = rng.integers(1, len(WORDS), size=(batch, words))
    source[np.arange(words) >= lengths[:, None]] = PAD
    source, lengths = torch.as_tensor(source), torch.as_tensor(lengths)
    batch = Batch(source, lengths, source, source)  # lo demás no se usa
    limit, wish = int(rng.integers(8, 12)), rng.random() < 0.5
    while True:  # la mitad de las veces, todas acaban antes del límite
        seed = int(rng.integers(1_000_000))
        written = write_greedy(_network(seed), batch, limit=limit)
        ends = (written == END).any(axis=1)
        many = len({int((row != PAD).sum()) for row in written}) > 2
        if many and (ends.all() and written.shape[1] < limit) == wish:
            return source, lengths, limit, seed


def _written(answer: Callable, source: Any, lengths: Any, limit: int, seed: int) -> Any:
    written = answer(_network(seed), source, lengths, limit)
    return None if written is None else to_numpy(written)


def _fault(received: Any, expected: np.ndarray) -> str | None:
    """Lo primero, que pare: cuántos pasos ha escrito después de los buenos."""
    steps = expected.shape[1]
    if getattr(received, "ndim", 0) == 2 and np.array_equal(received[:, :steps], expected):
        extra = received.shape[1] - steps
        if extra > 0:
            return (
                f"has escrito {extra} pasos de más: cuando todas han acabado o en el límite, para"
            )
    return differences(received, expected)


GREEDY = Exercise(
    key="34.3",
    draw=_draw_readings,
    probe=_written,
    compare=_fault,
    namespace=_torch_symbols,
    fresh=False,
)


# --- 34.4 -----------------------------------------------------------------------------------------


def _draw_numbers(rng: np.random.Generator) -> tuple:
    """Números de cifras distintas: unas respuestas son más cortas que otras."""
    figures = draw_sizes(rng, 4, range(1, 7))
    return (np.array([rng.integers(10 ** (n - 1), 10**n) for n in figures]),)


def _prepared(answer: Callable, numbers: np.ndarray) -> Batch | None:
    """El lote; lo que se recibe donde no hay nada que dar no cuenta."""
    batch = answer(numbers)
    if batch is None:
        return None
    if getattr(batch, "_fields", None) != Batch._fields:
        raise TypeError("se esperaba un lote entero, como el que da `prepare`")
    *read, given, targets = map(to_numpy, batch)
    if given.shape == targets.shape:
        given = np.where(targets == PAD, PAD, given)
    return Batch(*read, given, targets)


def _lesson_names() -> dict[str, Any]:
    return _torch_symbols() | {"Batch": Batch, "prepare": encode_numbers}


MEND = Exercise(
    key="34.4",
    draw=_draw_numbers,
    edges=((np.array([7]),),),
    probe=_prepared,
    namespace=_lesson_names,
)


# --- 34.5 -----------------------------------------------------------------------------------------


def draw_chain(rng: np.random.Generator, symbols: int) -> np.ndarray:
    """Un modelo diminuto: ``chain[a, b]``, el logaritmo de la probabilidad de escribir b tras a.

    Examples
    --------
    >>> chain = draw_chain(np.random.default_rng(0), 4)
    >>> bool(np.allclose(np.exp(chain).sum(axis=1), 1))
    True
    """
    probabilities = rng.dirichlet(np.full(symbols, 0.6), size=symbols) + 1e-6
    return np.log(probabilities / probabilities.sum(axis=1, keepdims=True))


def _draw_search(rng: np.random.Generator) -> tuple:
    symbols, width, limit = draw_sizes(rng, 3, range(3, 7))
    return draw_chain(rng, max(symbols, 4)), int(rng.choice([1, 2, width])), limit


# La más probable de cada paso no es el comienzo de la más probable.
_TRAP = np.log(
    np.array(
        [
            [0.25, 0.25, 0.25, 0.25, 0.0],
            [0.02, 0.02, 0.06, 0.5, 0.4],
            [0.2, 0.2, 0.2, 0.2, 0.2],
            [0.2, 0.2, 0.2, 0.2, 0.2],
            [0.02, 0.02, 0.9, 0.03, 0.03],
        ]
    )
    + 1e-6
)
# Acaba pronto una; la que tarda un paso más es mejor.
_LATE = np.log(
    np.array([[0.25] * 4, [0.01, 0.01, 0.4, 0.58], [0.25] * 4, [0.01, 0.01, 0.97, 0.01]])
)
# Se encuentra con anchura 3 si el haz no encoge cuando acaba una.
_SHORT = draw_chain(np.random.default_rng(74), 4)
_ENDLESS = np.log(np.array([[0.25, 0.25, 1e-6, 0.5]] * 4))  # no acaba nunca

BEAM = Exercise(
    key="34.5",
    draw=_draw_search,
    draws=8,
    edges=((_TRAP, 2, 4), (_TRAP, 1, 3), (_LATE, 3, 5), (_SHORT, 3, 5), (_ENDLESS, 2, 5)),
    namespace=_symbols,
)

EXERCISES = (TEACHER, LOSS, GREEDY, MEND, BEAM)

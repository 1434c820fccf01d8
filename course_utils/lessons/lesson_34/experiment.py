"""De números con palabras a cifras: qué se mide de cada red de la lección 34."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.seq2seq import (
    DIGITS,
    END,
    WORDS,
    Batch,
    build_translator,
    encode_numbers,
    exact,
    split_numbers,
    train,
    write_beam,
    write_greedy,
)

if TYPE_CHECKING:
    import torch

SYMBOLS = len(WORDS), len(DIGITS)
LIMIT = 9  # símbolos con los que se deja de escribir


class Positions(NamedTuple):
    """Qué cifras acierta la red con un comienzo y con otro.

    Attributes
    ----------
    true, own : ndarray of shape (números, pasos), bool
        Qué símbolos acierta si recibe los anteriores verdaderos y si recibe los suyos.
    erred : ndarray of shape (números, pasos), bool
        En cuáles, con los suyos, ya se había equivocado antes.
    """

    true: np.ndarray
    own: np.ndarray
    erred: np.ndarray


def right_by_position(model: torch.nn.Module, batch: Batch) -> Positions:
    """Qué acierta la red en cada paso; todos los números deben tener las mismas cifras.

    Examples
    --------
    >>> positions = right_by_position(build_translator(SYMBOLS, 8), encode_numbers([100, 999]))
    >>> positions.true.shape, positions.erred[:, 0].any()
    ((2, 4), np.False_)
    """
    import torch

    targets = batch.targets.numpy()
    with torch.inference_mode():
        forced = model(*batch[:3]).argmax(dim=2).numpy()
        memory, last, own = model.encode(batch.source, batch.lengths), batch.given[:, :1], []
        for _ in range(targets.shape[1]):  # aunque escriba el fin antes de tiempo, sigue
            scores, memory = model.decode(last, memory)
            last = scores.argmax(dim=2)
            own.append(last)
    own = torch.cat(own, dim=1).numpy() == targets
    erred = np.cumsum(~own, axis=1) - ~own > 0
    return Positions(forced == targets, own, erred)


def train_and_score(
    *, size: int, neck: int, order: str, epochs: int, rate: float, largest: int, seed: int
) -> list[tuple[str, str, float]]:
    """Entrena una red y la examina: qué se mide, dónde y cuánto sale.

    ``neck=0`` es sin estrechar.

    Examples
    --------
    >>> run = {"neck": 0, "order": "normal", "rate": 1e-2, "largest": 999, "seed": 0}
    >>> rows = train_and_score(size=4, epochs=1, **run)
    >>> [where for measure, where, _ in rows if measure == "voraz"]
    ['3', '4', '5', '6', 'pareja', 'lugar']
    """
    import torch

    numbers = split_numbers(seed, largest=largest)
    torch.manual_seed(seed)
    model = build_translator(SYMBOLS, size, neck=neck or None)
    data = encode_numbers(numbers.train, order=order)
    train(model, data, seed=seed, epochs=epochs, rate=rate)
    batches = {name: encode_numbers(test, order=order) for name, test in numbers.tests.items()}
    written = {name: write_greedy(model, batch, limit=LIMIT) for name, batch in batches.items()}
    rows = [
        ("voraz", name, exact(answers, batches[name].targets).mean())
        for name, answers in written.items()
    ]
    hard = batches["6"]
    figures = (written["6"] > END).sum(axis=1)
    rows.append(("menos cifras", "6", (figures < 6).mean()))
    if order == "normal" and not neck:
        beams = write_beam(model, hard, width=8, limit=LIMIT)
        rows.append(("haz", "6", exact([one.symbols for one in beams], hard.targets).mean()))
    positions = right_by_position(model, hard)
    for name, right in (("verdaderas", positions.true), ("suyas", positions.own)):
        rows += [(name, str(t), right[:, t].mean()) for t in range(right.shape[1])]
        after = right[positions.erred]
        rows.append((name, "tras un error", after.mean() if len(after) else np.nan))
    own = right_by_position(model, batches["lugar"]).own
    rows += [("suyas, lugar", str(t), own[:, t].mean()) for t in range(own.shape[1])]
    return [(measure, where, float(value)) for measure, where, value in rows]

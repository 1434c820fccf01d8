"""Escribir sin la respuesta delante: búsqueda voraz, en haz y cuántas respuestas son exactas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.decoding import Hypothesis, beam_search
from course_utils.seq2seq.batches import END, PAD, START, Batch

if TYPE_CHECKING:
    import torch


def write_greedy(model: torch.nn.Module, batch: Batch, *, limit: int) -> np.ndarray:
    """Lo que escribe la red si en cada paso elige lo más probable y lo recibe como entrada.

    Parameters
    ----------
    model : torch.nn.Module
        Una red con ``encode`` y ``decode``.
    batch : Batch
        Lo que se lee.
    limit : int
        Símbolos como mucho, contado el de fin.

    Returns
    -------
    ndarray of shape (lote, pasos)
        Los símbolos; tras el de fin, relleno.

    Examples
    --------
    >>> from course_utils.seq2seq import DIGITS, WORDS, build_translator, encode_numbers
    >>> model = build_translator((len(WORDS), len(DIGITS)), 8)
    >>> write_greedy(model, encode_numbers([21_000, 5]), limit=4).shape[0]
    2
    """
    import torch

    with torch.inference_mode():
        memory = model.encode(batch.source, batch.lengths)
        last = torch.full((len(batch.source), 1), START)
        over = torch.zeros(len(last), dtype=torch.bool)
        written = []
        while len(written) < limit and not over.all():
            scores, memory = model.decode(last, memory)
            last = scores.argmax(dim=2).masked_fill(over[:, None], PAD)
            written.append(last)
            over |= last[:, 0] == END
    return torch.cat(written, dim=1).numpy()


def write_beam(
    model: torch.nn.Module,
    batch: Batch,
    *,
    width: int,
    limit: int,
    length_power: float = 0.0,
) -> list[Hypothesis]:
    """La mejor hipótesis de la búsqueda en haz, de cada fila.

    Examples
    --------
    >>> from course_utils.seq2seq import DIGITS, WORDS, build_translator, encode_numbers
    >>> model = build_translator((len(WORDS), len(DIGITS)), 8)
    >>> best = write_beam(model, encode_numbers([21_000, 5]), width=2, limit=9)
    >>> [len(one.symbols) <= 9 for one in best]
    [True, True]
    """
    import torch

    def step(symbols: np.ndarray, memory: torch.Tensor):
        scores, memory = model.decode(torch.as_tensor(symbols)[:, None], memory)
        return torch.log_softmax(scores[:, 0], dim=1), memory

    options = {"start": START, "end": END, "limit": limit, "length_power": length_power}
    with torch.inference_mode():
        memories = model.encode(batch.source, batch.lengths)
        return [beam_search(step, memory[None], width=width, **options)[0] for memory in memories]


def exact(written: np.ndarray | Sequence[Sequence[int]], targets: torch.Tensor) -> np.ndarray:
    """Qué respuestas son justo la verdadera, con su fin.

    Examples
    --------
    >>> from course_utils.seq2seq import encode_numbers
    >>> targets = encode_numbers([12, 345]).targets
    >>> exact([targets[0].tolist(), [3, 4]], targets)
    array([ True, False])
    """
    wanted = [[code for code in row if code != PAD] for row in targets.tolist()]
    given = [[int(code) for code in row if code != PAD] for row in written]
    return np.array([one == other for one, other in zip(given, wanted, strict=True)])

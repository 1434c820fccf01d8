"""El codificador y decodificador de la lección 34: de lo leído pasa un solo estado."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def build_translator(
    symbols: tuple[int, int], size: int = 64, *, neck: int | None = None
) -> torch.nn.Module:
    """Codificador y decodificador, dos GRU del mismo tamaño.

    Parameters
    ----------
    symbols : tuple of (int, int)
        Cuántos símbolos se leen y cuántos se escriben.
    size : int, default 64
        Unidades de cada una.
    neck : int, optional
        Números por los que pasa lo que va de una a otra; sin él pasa el estado entero.

    Returns
    -------
    torch.nn.Module
        ``translator(source, lengths, given)`` da las puntuaciones, (lote, pasos, símbolos).

    Examples
    --------
    >>> from course_utils.seq2seq.batches import make_batch
    >>> translator = build_translator((9, 7), 8)
    >>> source, lengths, given, _ = make_batch([[5, 6], [7]], [[3, 4, 4], [5]])
    >>> translator(source, lengths, given).shape
    torch.Size([2, 4, 7])
    """
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.read = nn.Embedding(symbols[0], size)
            self.encoder = nn.GRU(size, size, batch_first=True)
            self.written = nn.Embedding(symbols[1], size)
            self.decoder = nn.GRU(size, size, batch_first=True)
            self.output = nn.Linear(size, symbols[1])
            self.neck = nn.Identity()
            if neck is not None:
                self.neck = nn.Sequential(nn.Linear(size, neck), nn.Linear(neck, size))

        def encode(self, source, lengths):
            packed = pack_padded_sequence(
                self.read(source), lengths, batch_first=True, enforce_sorted=False
            )
            _, h_n = self.encoder(packed)  # (1, lote, size)
            return self.neck(h_n[0])  # (lote, size)

        def decode(self, given, memory):
            states, h_n = self.decoder(self.written(given), memory[None].contiguous())
            return self.output(states), h_n[0]

        def forward(self, source, lengths, given):
            return self.decode(given, self.encode(source, lengths))[0]

    return Translator()

"""Un lote de parejas: lo que se lee, lo que recibe el decodificador y lo que debe escribir."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from course_utils.padding import pad

if TYPE_CHECKING:
    import torch

PAD, START, END = 0, 1, 2


class Batch(NamedTuple):
    """Lo que la red recibe y lo que debe escribir.

    Attributes
    ----------
    source : torch.Tensor of shape (lote, palabras)
        Lo que se lee, rellenado detrás.
    lengths : torch.Tensor of shape (lote,)
        Cuántas palabras tiene cada uno.
    given : torch.Tensor of shape (lote, pasos)
        Lo que recibe el decodificador: el inicio y las cifras verdaderas.
    targets : torch.Tensor of shape (lote, pasos)
        Lo que debe escribir: las cifras y el fin.
    """

    source: torch.Tensor
    lengths: torch.Tensor
    given: torch.Tensor
    targets: torch.Tensor


def make_batch(read: Sequence[Sequence[int]], written: Sequence[Sequence[int]]) -> Batch:
    """El lote de unas parejas de listas de identificadores, con el inicio y el fin en su sitio.

    Examples
    --------
    >>> batch = make_batch([[5, 6], [7]], [[8], [9, 4]])
    >>> [part.tolist() for part in batch[2:]]
    [[[1, 8, 0], [1, 9, 4]], [[8, 2, 0], [9, 4, 2]]]
    """
    import torch

    source = pad(read)
    parts = (
        source.values,
        source.lengths,
        pad([[START, *codes] for codes in written]).values,
        pad([[*codes, END] for codes in written]).values,
    )
    return Batch(*map(torch.as_tensor, parts))

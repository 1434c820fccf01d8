"""Un modelo de caracteres de los párrafos de los cuentos, y un entrenamiento que se reparte.

El modelo y los lotes son los de las lecciones 16 y 33. Lo demás lo comparten el cuaderno y
``tools/experiments/scaling.py``.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.datasets import load_stories
from course_utils.padding import pad

if TYPE_CHECKING:
    import torch

PAD, EDGE = 0, 1  # el relleno y el salto de línea, que abre y cierra cada párrafo
BATCH = 32  # párrafos de cada lote conjunto
LONGEST = 160  # caracteres con los que se corta un párrafo, para que quepa en un rato


class Paragraphs(NamedTuple):
    """Párrafos listos para la red.

    Attributes
    ----------
    given, targets : torch.Tensor of shape (párrafos, pasos)
        Lo que la red recibe y lo que debe decir: el carácter siguiente; rellenados detrás.
    lengths : torch.Tensor of shape (párrafos,)
        Pasos reales de cada uno.
    """

    given: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor

    def take(self, rows: Sequence[int]) -> Paragraphs:
        """Unos cuantos, sin el relleno que no les hace falta."""
        import torch

        rows = torch.as_tensor(np.asarray(rows, dtype=np.int64))
        lengths = self.lengths[rows]
        longest = int(lengths.max()) if len(rows) else 1
        return Paragraphs(self.given[rows, :longest], self.targets[rows, :longest], lengths)


@functools.cache
def load_paragraphs(part: str = "train", *, longest: int = LONGEST) -> tuple[Paragraphs, int]:
    """Los párrafos de una parte de los cuentos y cuántos símbolos distintos hay, relleno incluido.

    Se leen una vez por proceso: no los modifiques. Los símbolos son los de entrenamiento; los demás
    cuentan como uno solo, el último.

    Parameters
    ----------
    part : {"train", "validation", "test"}
        Qué parte.
    longest : int, default 160
        Con cuántos caracteres se corta un párrafo.

    Examples
    --------
    >>> paragraphs, symbols = load_paragraphs(longest=20)
    >>> symbols, int(paragraphs.lengths.min()), int(paragraphs.lengths.max())
    (88, 5, 21)
    >>> first = paragraphs.take([0])
    >>> bool((first.given[0, 1:] == first.targets[0, :-1]).all())
    True
    """
    import torch

    alphabet = sorted(set("".join(load_stories("train"))) - {"\n"})
    codes = {symbol: place for place, symbol in enumerate(alphabet, start=EDGE + 1)}
    unknown = EDGE + 1 + len(alphabet)
    texts = [line for story in load_stories(part) for line in story.split("\n") if line.strip()]
    coded = [[codes.get(symbol, unknown) for symbol in text[:longest]] for text in texts]
    given, targets = (
        pad(lists) for lists in ([[EDGE, *c] for c in coded], [[*c, EDGE] for c in coded])
    )
    return Paragraphs(
        *map(torch.as_tensor, (given.values, targets.values, given.lengths))
    ), unknown + 1


def build_model(
    symbols: int, *, hidden_size: int = 64, packed: bool = True, seed: int = 0
) -> torch.nn.Module:
    """La red: incrustación, GRU y una capa que puntúa el carácter siguiente.

    Parameters
    ----------
    symbols : int
        Tamaño del vocabulario.
    hidden_size : int, default 64
        Unidades.
    packed : bool, default True
        Si la GRU recibe las secuencias empaquetadas o rellenadas.
    seed : int, default 0
        De la que salen los pesos: la misma en todos los procesos.

    Returns
    -------
    torch.nn.Module
        ``model(given, lengths)`` da las puntuaciones, (lote, pasos, símbolos).

    Examples
    --------
    >>> import torch
    >>> given, lengths = torch.tensor([[1, 4, 5], [1, 3, 0]]), torch.tensor([3, 2])
    >>> build_model(9, hidden_size=4)(given, lengths).shape
    torch.Size([2, 3, 9])
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    class Writer(nn.Module):
        def __init__(self):
            super().__init__()
            self.read = nn.Embedding(symbols, 16)
            self.gru = nn.GRU(16, hidden_size, batch_first=True)
            self.output = nn.Linear(hidden_size, symbols)

        def forward(self, given, lengths):
            if not len(lengths):  # sin filas, pero con un gradiente, de ceros, en cada parámetro
                return self(given.new_full((1, 1), EDGE), lengths.new_ones(1))[:0]
            x = self.read(given)  # (lote, pasos, 16)
            if not packed:
                return self.output(self.gru(x)[0])
            sequence = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.gru(sequence)[0], batch_first=True)
            return self.output(states)  # (lote, pasos, símbolos)

    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return Writer()


def step_losses(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """La pérdida de cada paso, en nats: (lote, pasos); cero en el relleno.

    Examples
    --------
    >>> import torch
    >>> step_losses(torch.zeros(1, 2, 4), torch.tensor([[3, 0]]))
    tensor([[1.3863, 0.0000]])
    """
    from torch.nn import functional

    flat = functional.cross_entropy(
        scores.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="none"
    )
    return flat.reshape(targets.shape)


def bits_per_character(model: torch.nn.Module, paragraphs: Paragraphs) -> float:
    """Bits por carácter, contado el final de cada párrafo.

    Examples
    --------
    >>> paragraphs, symbols = load_paragraphs("validation", longest=9)
    >>> bits_per_character(build_model(symbols, hidden_size=4), paragraphs.take(range(8))) > 4
    True
    """
    import torch

    with torch.no_grad():
        losses = step_losses(model(paragraphs.given, paragraphs.lengths), paragraphs.targets)
    return float(losses.sum() / paragraphs.lengths.sum() / math.log(2))


def joint_batches(count: int, seed: int | Sequence[int], batch: int = BATCH) -> list[np.ndarray]:
    """Las filas de cada lote conjunto de una vuelta; el último puede quedar corto.

    Examples
    --------
    >>> [len(rows) for rows in joint_batches(7, 0, 3)]
    [3, 3, 1]
    """
    order = np.random.default_rng(seed).permutation(count)
    return [order[place : place + batch] for place in range(0, count, batch)]


def time_steps(
    rank: int, world: int, *, hidden_size: int, packed: bool, batch: int, steps: int, seed: int
) -> dict[str, np.ndarray]:
    """Actualiza ``steps`` veces dentro de un grupo ya formado y mide cada parte.

    Los dos primeros pasos calientan y no cuentan. Todos empiezan a la vez cada paso.

    Returns
    -------
    dict of str to ndarray of shape (steps,)
        Segundos de cada paso: ``compute`` y ``trip``, de reloj, los de la cuenta y los de esperar a
        los demás y sumar los gradientes; ``processor``, todos los de procesador.
    """
    import torch
    from torch import distributed

    paragraphs, symbols = load_paragraphs()
    model = build_model(symbols, hidden_size=hidden_size, packed=packed, seed=seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    measured = []
    for rows in joint_batches(len(paragraphs.lengths), seed, batch)[: steps + 2]:
        own = paragraphs.take(rows[rank::world])
        distributed.barrier()
        start, busy = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        losses = step_losses(model(own.given, own.lengths), own.targets)
        (losses.sum() * world / paragraphs.lengths[rows].sum()).backward()
        middle = time.perf_counter()
        flat = torch.nn.utils.parameters_to_vector([part.grad for part in model.parameters()])
        distributed.all_reduce(flat)
        end = time.perf_counter()
        _write_gradients(model, flat / world)
        optimizer.step()
        measured.append((middle - start, end - middle, time.process_time() - busy))
    return dict(zip(("compute", "trip", "processor"), np.array(measured[2:]).T, strict=True))


def _write_gradients(model: torch.nn.Module, flat: torch.Tensor) -> None:
    """Pone un vector en los gradientes, por orden."""
    place = 0
    for part in model.parameters():
        part.grad.copy_(flat[place : place + part.numel()].view_as(part))
        place += part.numel()


def split_time(ranks: Sequence[dict[str, np.ndarray]]) -> dict[str, float]:
    """En qué se va un paso, en segundos: medianas de todos.

    Parameters
    ----------
    ranks : sequence of dict
        Lo que ha dado :func:`time_steps` en cada proceso.

    Returns
    -------
    dict of str to float
        De reloj: ``compute``, la media de lo que calcula un proceso; ``wait``, lo que falta hasta
        el más lento; ``trip``, lo que falta hasta que la suma está en todos. De procesador, y
        sumando los de todos los procesos: ``processor``.

    Examples
    --------
    >>> fast = {"compute": np.array([1.0]), "trip": np.array([2.5]), "processor": np.array([1.5])}
    >>> slow = {"compute": np.array([3.0]), "trip": np.array([0.5]), "processor": np.array([3.5])}
    >>> split_time([fast, slow])
    {'compute': 2.0, 'wait': 1.0, 'trip': 0.5, 'processor': 5.0}
    """
    compute, trip, processor = (
        np.stack([rank[name] for rank in ranks]) for name in ("compute", "trip", "processor")
    )
    slowest = compute.max(axis=0)
    parts = {
        "compute": compute.mean(axis=0),
        "wait": slowest - compute.mean(axis=0),
        "trip": (compute + trip).max(axis=0) - slowest,
        "processor": processor.sum(axis=0),
    }
    return {name: float(np.median(values)) for name, values in parts.items()}


RULES = ("pasos del lote", "media de medias", "media de medias, por longitud")


def split_weights(lengths: np.ndarray, rule: str, world: int = 2) -> np.ndarray:
    """Cuánto pesa un paso de cada fila en la pérdida que se minimiza, según la regla.

    Con ``"por longitud"`` las filas se ordenan y cada proceso se lleva un tramo, como hace quien
    agrupa por longitud para rellenar menos.

    Examples
    --------
    >>> split_weights(np.array([1, 3]), "pasos del lote")
    array([0.25, 0.25])
    >>> split_weights(np.array([1, 3]), "media de medias")
    array([0.5       , 0.16666667])
    """
    if rule == RULES[0]:
        return np.full(len(lengths), 1 / lengths.sum())
    order = np.arange(len(lengths)) if rule == RULES[1] else np.argsort(lengths, kind="stable")
    shares = [order[k::world] for k in range(world)]
    if rule == RULES[2]:
        shares = np.array_split(order, world)
    weights = np.empty(len(lengths))
    for share in shares:
        weights[share] = 1 / lengths[share].sum() / world
    return weights


def train_with_rule(
    rule: str, *, seed: int, steps: int, rate: float = 5e-3, world: int = 2
) -> dict[str, float]:
    """Entrena en un solo proceso con la pérdida que daría cada regla repartida entre ``world``.

    Returns
    -------
    dict of str to float
        Bits por carácter en validación: de todo, de la mitad corta y de la larga.
    """
    import torch

    paragraphs, symbols = load_paragraphs()
    model = build_model(symbols, packed=False, seed=seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for step, rows in enumerate(_passes(len(paragraphs.lengths), seed, steps)):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        own = paragraphs.take(rows)
        weights = torch.as_tensor(split_weights(own.lengths.numpy(), rule, world)).float()
        optimizer.zero_grad()
        losses = step_losses(model(own.given, own.lengths), own.targets)
        (losses * weights[:, None]).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    held_out, _ = load_paragraphs("validation")
    by_length = np.argsort(held_out.lengths.numpy(), kind="stable")
    half = len(by_length) // 2
    parts = {"bits": by_length, "short_bits": by_length[:half], "long_bits": by_length[half:]}
    return {name: bits_per_character(model, held_out.take(rows)) for name, rows in parts.items()}


def _passes(count: int, seed: int, steps: int) -> list[np.ndarray]:
    """Los lotes conjuntos de tantas vueltas como hagan falta."""
    found, epoch = [], 0
    while len(found) < steps:
        found += joint_batches(count, (seed, epoch))
        epoch += 1
    return found[:steps]

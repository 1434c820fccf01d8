"""¿Qué le hace el relleno a una red? Dos tareas pequeñas: leer un símbolo y escribir números."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.padding import pad
from course_utils.synthetic import to_words
from course_utils.training import fit

if TYPE_CHECKING:
    import torch

BOX = 16  # pasos de la caja de siempre
TEST_BOXES = range(12, 49, 3)  # otras cajas en las que se examina a la red
TEST_SIZE = 150
PAD, START, END = 0, 1, 2
WRITER_BOX = 40  # pasos de la caja de los números
LIMIT = 36  # letras con las que se deja de escribir
WORDS = [to_words(number) for number in range(100)]
ALPHABET = ["·", "<", ">", *sorted(set("".join(WORDS)))]

# (estados, h_n, longitudes) → lo que lee la capa de salida, (lote, unidades)
Read = Callable[["torch.Tensor", "torch.Tensor", "torch.Tensor"], "torch.Tensor"]


# ---------------------------------------------------------------- leer el primer símbolo


def first_symbol(count: int, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
    """Secuencias de 4 a 12 símbolos, del 1 al 6, y cuál de dos es el primero.

    Returns
    -------
    sequences : list of ndarray of shape (pasos,)
        Todas empiezan por 1 o por 2.
    labels : ndarray of shape (count,)
        0 si empieza por 1; 1 si empieza por 2.

    Examples
    --------
    >>> sequences, labels = first_symbol(3, np.random.default_rng(0))
    >>> [int(sequence[0] - 1) for sequence in sequences] == labels.tolist()
    True
    """
    labels = rng.integers(2, size=count)
    sequences = [rng.integers(1, 7, size=n) for n in rng.integers(4, 13, size=count)]
    for sequence, label in zip(sequences, labels, strict=True):
        sequence[0] = label + 1
    return sequences, labels


class Mode(NamedTuple):
    """Una manera de dar secuencias desiguales a la red.

    Attributes
    ----------
    packed : bool
        Si empaqueta y lee ``h_n``; si no, lee el estado de la última posición.
    side : {"right", "left"}
        Dónde va el relleno.
    boxes : tuple of int
        La menor y la mayor de las cajas con que se entrena: se sortea una en cada lote.
    """

    packed: bool
    side: str
    boxes: tuple[int, int]


MODES = {
    "detrás": Mode(packed=False, side="right", boxes=(BOX, BOX)),
    "delante": Mode(packed=False, side="left", boxes=(BOX, BOX)),
    "variable": Mode(packed=False, side="right", boxes=(12, 24)),
    "empaquetada": Mode(packed=True, side="right", boxes=(BOX, BOX)),
}


def boxed(
    sequences: Sequence[np.ndarray], timesteps: int | None = None, side: str = "right"
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tensores de identificadores (lote, tiempo) y de longitudes (lote,).

    Examples
    --------
    >>> ids, lengths = boxed([np.array([1, 5]), np.array([2])], 3)
    >>> ids.tolist(), lengths.tolist()
    ([[1, 5, 0], [2, 0, 0]], [2, 1])
    """
    import torch

    batch = pad(sequences, length=timesteps, side=side)
    return torch.as_tensor(batch.values), torch.as_tensor(batch.lengths)


def last_position(states: torch.Tensor, h_n: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """El estado de la última posición de la caja."""
    return states[:, -1]


def final_states(states: torch.Tensor, h_n: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Lo que hay en ``h_n``: el estado final de cada sentido, uno detrás de otro."""
    return h_n.transpose(0, 1).flatten(1)


def build_reader(*, packed: bool, read: Read, directions: int = 1) -> torch.nn.Module:
    """Red que lee identificadores y da una puntuación a cada una de las dos respuestas.

    Parameters
    ----------
    packed : bool
        Si empaqueta el lote antes de la capa recurrente.
    read : callable
        ``read(states, h_n, lengths)`` elige lo que lee la capa de salida.
    directions : {1, 2}, default 1
        2 si la capa es bidireccional.

    Returns
    -------
    torch.nn.Module
        ``reader(ids, lengths)`` da las puntuaciones, (lote, 2).

    Examples
    --------
    >>> reader = build_reader(packed=True, read=final_states)
    >>> reader(*boxed([np.array([1, 5]), np.array([2])])).shape
    torch.Size([2, 2])
    """
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(7, 8, padding_idx=0)
            self.rnn = nn.RNN(8, 16, batch_first=True, bidirectional=directions == 2)
            self.output = nn.Linear(16 * directions, 2)

        def forward(self, ids, lengths):
            x = self.embedding(ids)  # (lote, tiempo, 8)
            if packed:
                x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            states, h_n = self.rnn(x)
            if packed:
                states, _ = pad_packed_sequence(states, batch_first=True)
            return self.output(read(states, h_n, lengths))

    return Reader()


def train_reader(
    mode: str, *, seed: int | Sequence[int], updates: int = 100, rate: float = 5e-3
) -> torch.nn.Module:
    """Una red entrenada con lotes de 64 secuencias, siempre nuevas.

    Los pesos recurrentes empiezan ortogonales, como en Keras, y el gradiente se recorta a norma 1.

    Parameters
    ----------
    mode : {"detrás", "delante", "variable", "empaquetada"}
        Cómo se le dan las secuencias.
    seed : int or sequence of int
        De ella salen los pesos y los datos: con la misma, los modos que usan una sola caja ven las
        mismas secuencias.
    updates : int, default 100
        Cuántas actualizaciones.
    rate : float, default 5e-3
        Tasa de aprendizaje de Adam.

    Examples
    --------
    >>> reader = train_reader("empaquetada", seed=0, updates=1)
    >>> reader(*boxed([np.array([1, 5])])).shape
    torch.Size([1, 2])
    """
    import torch
    from torch.nn import functional

    packed, side, (shortest, longest) = MODES[mode]
    rng = np.random.default_rng(seed)
    torch.manual_seed(int(rng.integers(2**31)))
    reader = build_reader(packed=packed, read=final_states if packed else last_position)
    torch.nn.init.orthogonal_(reader.rnn.weight_hh_l0)
    optimizer = torch.optim.Adam(reader.parameters(), lr=rate)
    for _ in range(updates):
        sequences, labels = first_symbol(64, rng)
        timesteps = int(rng.integers(shortest, longest + 1))
        scores = reader(*boxed(sequences, timesteps, side))
        optimizer.zero_grad()
        functional.cross_entropy(scores, torch.as_tensor(labels)).backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
    return reader


class Exam(NamedTuple):
    """Acierto de una red, de 0 a 1, con las mismas secuencias puestas de tres maneras.

    Attributes
    ----------
    usual : float
        En la caja de siempre.
    worst : float
        En la peor de las cajas de ``TEST_BOXES``.
    alone : float
        Cada secuencia sola, sin relleno.
    """

    usual: float
    worst: float
    alone: float


def examine(reader: torch.nn.Module, mode: str, *, seed: int | Sequence[int]) -> Exam:
    """Examina una red con secuencias nuevas.

    Examples
    --------
    >>> exam = examine(train_reader("empaquetada", seed=0, updates=1), "empaquetada", seed=1)
    >>> exam.worst <= exam.usual == exam.alone
    True
    """
    import torch

    sequences, labels = first_symbol(TEST_SIZE, np.random.default_rng(seed))
    side = MODES[mode].side

    @torch.inference_mode()
    def accuracy(batches: list[list[np.ndarray]], timesteps: int | None) -> float:
        answers = [reader(*boxed(batch, timesteps, side)).argmax(dim=1) for batch in batches]
        return float((torch.cat(answers).numpy() == labels).mean())

    return Exam(
        usual=accuracy([sequences], BOX),
        worst=min(accuracy([sequences], timesteps) for timesteps in TEST_BOXES),
        alone=accuracy([[sequence] for sequence in sequences], None),
    )


# ---------------------------------------------------------------- escribir números


def next_symbols(*, with_end: bool = True) -> tuple[torch.Tensor, torch.Tensor]:
    """Los números del cero al noventa y nueve: en cada paso, un símbolo y el que le sigue.

    Parameters
    ----------
    with_end : bool, default True
        Si cada palabra acaba con el símbolo de fin.

    Returns
    -------
    inputs, targets : torch.Tensor of shape (100, WRITER_BOX)
        Identificadores, con relleno detrás.

    Examples
    --------
    >>> inputs, targets = next_symbols()
    >>> ["".join(ALPHABET[code] for code in ids[2, :5]) for ids in (inputs, targets)]
    ['<dos>', 'dos>·']
    """
    codes = [[START, *map(ALPHABET.index, word), *[END] * with_end] for word in WORDS]
    ids, _ = boxed(codes, WRITER_BOX + 1)
    return ids[:, :-1], ids[:, 1:]


def build_writer() -> torch.nn.Module:
    """Red que da, de cada símbolo, una puntuación a cada posible símbolo siguiente.

    Examples
    --------
    >>> inputs, _ = next_symbols()
    >>> build_writer()(inputs[:3]).shape[:2]
    torch.Size([3, 40])
    """
    from torch import nn

    class Writer(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(len(ALPHABET), 16, padding_idx=PAD)
            self.rnn = nn.RNN(16, 64, batch_first=True)
            self.output = nn.Linear(64, len(ALPHABET))

        def forward(self, ids, lengths=None):
            return self.output(self.rnn(self.embedding(ids))[0])  # (lote, tiempo, símbolos)

    return Writer()


def loss_on_box(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Entropía cruzada media en todos los pasos de la caja."""
    from torch.nn import functional

    return functional.cross_entropy(scores.flatten(0, 1), targets.flatten())


def loss_on_words(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Entropía cruzada media en los pasos reales."""
    from torch.nn import functional

    return functional.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=PAD)


def loss_on_words_shrunk(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """La suma en los pasos reales, dividida entre todos los de la caja.

    Es ``loss_on_box`` sin lo que suma el relleno: entre las dos no cambia nada más.
    """
    return loss_on_words(scores, targets) * (targets != PAD).float().mean()


LOSSES = {
    "toda la caja": loss_on_box,
    "pasos reales": loss_on_words,
    "pasos reales, entre los de la caja": loss_on_words_shrunk,
}


def train_writer(
    loss: str, *, seed: int, epochs: int = 30, rate: float = 1e-2, with_end: bool = True
) -> torch.nn.Module:
    """Una red entrenada con las cien palabras, en lotes de 25.

    Parameters
    ----------
    loss : {"toda la caja", "pasos reales", "pasos reales, entre los de la caja"}
        Qué pasos cuentan.
    seed : int
        De los pesos y del orden: con la misma, solo cambia la pérdida.
    epochs : int, default 30
        Vueltas a las cien palabras.
    rate : float, default 1e-2
        Tasa de aprendizaje de Adam.
    with_end : bool, default True
        Si las palabras acaban con el símbolo de fin.

    Examples
    --------
    >>> writer = train_writer("pasos reales", seed=0, epochs=1)
    >>> len(write(writer, 3, seed=0))
    3
    """
    import torch

    torch.manual_seed(seed)
    writer = build_writer()
    optimizer = torch.optim.Adam(writer.parameters(), lr=rate)
    fit(writer, next_symbols(with_end=with_end), loss=LOSSES[loss], optimizer=optimizer,
        epochs=epochs, batch_size=25, seed=seed, progress=False)  # fmt: skip
    return writer


def write(writer: torch.nn.Module, count: int, *, seed: int) -> list[str]:
    """Textos que escribe la red, cada uno hasta el símbolo de fin o hasta ``LIMIT`` letras.

    Cada símbolo se sortea con las probabilidades de la red y es la entrada del paso siguiente.

    Examples
    --------
    >>> texts = write(build_writer(), 5, seed=0)
    >>> len(texts), max(map(len, texts)) <= LIMIT
    (5, True)
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    ids, state, columns = torch.full((count, 1), START), None, []
    with torch.inference_mode():
        for _ in range(LIMIT):
            states, state = writer.rnn(writer.embedding(ids), state)
            odds = writer.output(states[:, -1]).softmax(dim=-1)
            ids = torch.multinomial(odds, 1, generator=generator)
            columns.append(ids[:, 0])
    texts = []
    for row in torch.stack(columns, dim=1).tolist():
        stop = next((t for t, code in enumerate(row) if code in (PAD, END)), LIMIT)
        texts.append("".join(ALPHABET[code] for code in row[:stop]))
    return texts


class WriterScores(NamedTuple):
    """Lo que se mide de una red que escribe, de 0 a 1.

    Attributes
    ----------
    in_box : float
        Acierto en todos los pasos de la caja.
    in_words : float
        Acierto en los pasos reales.
    correct : float
        Parte de lo que escribe que es un número del cero al noventa y nueve.
    """

    in_box: float
    in_words: float
    correct: float


def score_writer(writer: torch.nn.Module, *, seed: int, count: int = 200) -> WriterScores:
    """Mide una red que escribe.

    Examples
    --------
    >>> scores = score_writer(build_writer(), seed=0, count=10)
    >>> all(0 <= score <= 1 for score in scores)
    True
    """
    import torch

    inputs, targets = next_symbols()
    with torch.inference_mode():
        right = writer(inputs).argmax(dim=-1) == targets
    return WriterScores(
        in_box=float(right.float().mean()),
        in_words=float(right[targets != PAD].float().mean()),
        correct=float(np.mean([text in WORDS for text in write(writer, count, seed=seed)])),
    )

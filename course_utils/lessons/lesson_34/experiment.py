"""De números con palabras a cifras: los datos, la red, cómo se entrena y qué se mide de ella.

La red recibe lo leído y devuelve puntuaciones en dos tiempos, ``encode`` y ``decode``; lo demás
(entrenar, escribir, medir) solo usa esos dos. ``encode`` devuelve la *memoria*, lo que el
decodificador recibe de lo leído, sea lo que sea.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.decoding import Hypothesis, beam_search
from course_utils.padding import pad
from course_utils.synthetic import to_words
from course_utils.training import fit

if TYPE_CHECKING:
    import torch

PAD, START, END = 0, 1, 2
WORDS = ["·", *sorted({w for n in [*range(1_000), 21_000, 31_000] for w in to_words(n).split()})]
DIGITS = "·<>0123456789"
LIMIT = 9  # símbolos con los que se deja de escribir
ORDERS = ("normal", "invertida", "las dos")
FIGURES = (3, 4, 5, 6)  # los números de menos cifras son tan pocos que se ven todos
TEST_SIZE = 200  # números de prueba de cada clase
EXAMPLES, EPOCHS, BATCH, RATE = 24_000, 5, 256, 1e-2  # 470 actualizaciones


# ---------------------------------------------------------------- los números


def has_pair(numbers: np.ndarray) -> np.ndarray:
    """En qué números se lee «ochocientos cuarenta…», en los miles o al final.

    Examples
    --------
    >>> has_pair(np.array([842, 12_849, 840_000, 804, 480]))
    array([ True,  True,  True, False, False])
    """
    thousands, ones = np.divmod(numbers, 1_000)
    return (thousands // 10 == 84) | (ones // 10 == 84)


def has_place(numbers: np.ndarray) -> np.ndarray:
    """En qué números se lee «setenta… mil».

    Examples
    --------
    >>> has_place(np.array([71_000, 270_005, 7_000, 170]))
    array([ True,  True, False, False])
    """
    return numbers // 10_000 % 10 == 7


class Numbers(NamedTuple):
    """Los números de un reparto.

    Attributes
    ----------
    train : ndarray of shape (ejemplos,)
        Para entrenar, con repetidos; ninguno tiene las combinaciones apartadas.
    tests : dict of str to ndarray
        Por cantidad de cifras, sin combinaciones apartadas y fuera de ``train``; ``"pareja"`` y
        ``"lugar"``, de seis cifras, con una de las dos combinaciones apartadas y sin la otra.
    """

    train: np.ndarray
    tests: dict[str, np.ndarray]


def split_numbers(seed: int | Sequence[int], *, largest: int = 999_999) -> Numbers:
    """Reparte los números hasta ``largest``, con igual parte de cada cantidad de cifras.

    Examples
    --------
    >>> numbers = split_numbers(0)
    >>> len(numbers.train), {name: len(test) for name, test in numbers.tests.items()}
    (24000, {'3': 200, '4': 200, '5': 200, '6': 200, 'pareja': 200, 'lugar': 200})
    >>> bool(np.isin(numbers.train, np.concatenate(list(numbers.tests.values()))).any())
    False
    """
    rng = np.random.default_rng(seed)
    every = np.arange(1_000_000)
    pair, place = has_pair(every), has_place(every)
    figures = np.searchsorted(10 ** np.arange(1, 6), every, side="right") + 1
    classes = {str(n): (figures == n) & ~pair & ~place for n in FIGURES}
    classes |= {"pareja": (figures == 6) & pair & ~place, "lugar": (figures == 6) & place & ~pair}
    tests = {
        name: rng.choice(np.flatnonzero(chosen), TEST_SIZE, replace=False)
        for name, chosen in classes.items()
    }
    free = (every <= largest) & ~pair & ~place
    free[np.concatenate(list(tests.values()))] = False
    lengths = range(1, len(str(largest)) + 1)
    groups = [np.flatnonzero(free & (figures == n)) for n in lengths]
    drawn = [rng.choice(group, EXAMPLES // len(groups)) for group in groups]
    return Numbers(rng.permutation(np.concatenate(drawn)), tests)


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


def encode_numbers(numbers: Sequence[int], *, order: str = "normal") -> Batch:
    """Los números, como los recibe la red.

    Parameters
    ----------
    numbers : sequence of int
        Hasta 999 999.
    order : {"normal", "invertida", "las dos"}
        Qué se da la vuelta: nada, lo que se lee, o lo que se lee y lo que se escribe.

    Examples
    --------
    >>> batch = encode_numbers([21_000, 5])
    >>> [WORDS[code] for code in batch.source[0]], batch.lengths.tolist()
    (['veintiún', 'mil'], [2, 1])
    >>> ["".join(DIGITS[code] for code in row[1]) for row in batch[2:]]
    ['<5····', '5>····']
    """
    import torch

    if order not in ORDERS:
        raise ValueError(f"order debe ser uno de {', '.join(ORDERS)}; ha llegado {order!r}.")
    read = [[WORDS.index(word) for word in to_words(int(n)).split()] for n in numbers]
    written = [[DIGITS.index(figure) for figure in str(n)] for n in numbers]
    if order != "normal":
        read = [codes[::-1] for codes in read]
    if order == "las dos":
        written = [codes[::-1] for codes in written]
    source = pad(read)
    parts = (
        source.values,
        source.lengths,
        pad([[START, *codes] for codes in written]).values,
        pad([[*codes, END] for codes in written]).values,
    )
    return Batch(*map(torch.as_tensor, parts))


# ---------------------------------------------------------------- la red


def build_translator(size: int = 64, *, neck: int | None = None) -> torch.nn.Module:
    """Codificador y decodificador, dos GRU del mismo tamaño.

    Parameters
    ----------
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
    >>> translator = build_translator(8)
    >>> source, lengths, given, _ = encode_numbers([21_000, 5])
    >>> translator(source, lengths, given).shape
    torch.Size([2, 6, 13])
    """
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.read = nn.Embedding(len(WORDS), size)
            self.encoder = nn.GRU(size, size, batch_first=True)
            self.written = nn.Embedding(len(DIGITS), size)
            self.decoder = nn.GRU(size, size, batch_first=True)
            self.output = nn.Linear(size, len(DIGITS))
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


def real_steps_loss(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Entropía cruzada media en los pasos reales."""
    from torch.nn import functional

    return functional.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=PAD)


def train(
    model: torch.nn.Module,
    batch: Batch,
    *,
    seed: int,
    epochs: int = EPOCHS,
    rate: float = RATE,
) -> list[float]:
    """Entrena con las cifras verdaderas; devuelve la pérdida de cada época.

    El gradiente se recorta a norma 1.

    Examples
    --------
    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> batch = encode_numbers(range(128))
    >>> losses = train(build_translator(8), batch, seed=0, epochs=5)
    >>> bool(losses[-1] < losses[0])
    True
    """
    import torch

    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    options = {"batch_size": BATCH, "clip_norm": 1.0, "seed": seed, "progress": False}
    history = fit(model, batch, loss=real_steps_loss, optimizer=optimizer, epochs=epochs, **options)
    return list(history["loss"])


# ---------------------------------------------------------------- escribir


def write_greedy(model: torch.nn.Module, batch: Batch, *, limit: int = LIMIT) -> np.ndarray:
    """Lo que escribe la red si en cada paso elige lo más probable y lo recibe como entrada.

    Returns
    -------
    ndarray of shape (lote, pasos)
        Los símbolos; tras el de fin, relleno.

    Examples
    --------
    >>> write_greedy(build_translator(8), encode_numbers([21_000, 5]), limit=4).shape[0]
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
    model: torch.nn.Module, batch: Batch, *, width: int, length_power: float = 0.0
) -> list[Hypothesis]:
    """La mejor hipótesis de la búsqueda en haz, de cada número.

    Examples
    --------
    >>> best = write_beam(build_translator(8), encode_numbers([21_000, 5]), width=2)
    >>> [len(one.symbols) <= LIMIT for one in best]
    [True, True]
    """
    import torch

    def step(symbols: np.ndarray, memory: torch.Tensor):
        scores, memory = model.decode(torch.as_tensor(symbols)[:, None], memory)
        return torch.log_softmax(scores[:, 0], dim=1), memory

    options = {"start": START, "end": END, "limit": LIMIT, "length_power": length_power}
    with torch.inference_mode():
        memories = model.encode(batch.source, batch.lengths)
        return [beam_search(step, memory[None], width=width, **options)[0] for memory in memories]


def exact(written: np.ndarray | Sequence[Sequence[int]], targets: torch.Tensor) -> np.ndarray:
    """Qué respuestas son justo la verdadera, con su fin.

    Examples
    --------
    >>> targets = encode_numbers([12, 345]).targets
    >>> exact([targets[0].tolist(), [3, 4]], targets)
    array([ True, False])
    """
    wanted = [[code for code in row if code != PAD] for row in targets.tolist()]
    given = [[int(code) for code in row if code != PAD] for row in written]
    return np.array([one == other for one, other in zip(given, wanted, strict=True)])


# ---------------------------------------------------------------- cifra a cifra


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
    >>> positions = right_by_position(build_translator(8), encode_numbers([100, 999]))
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


# ---------------------------------------------------------------- un punto de la rejilla


def train_and_score(
    *, size: int, neck: int, order: str, epochs: int, rate: float, largest: int, seed: int
) -> list[tuple[str, str, float]]:
    """Entrena una red y la examina: qué se mide, dónde y cuánto sale.

    ``neck=0`` es sin estrechar.

    Examples
    --------
    >>> run = {"neck": 0, "order": "normal", "rate": RATE, "largest": 999, "seed": 0}
    >>> rows = train_and_score(size=4, epochs=1, **run)
    >>> [where for measure, where, _ in rows if measure == "voraz"]
    ['3', '4', '5', '6', 'pareja', 'lugar']
    """
    import torch

    numbers = split_numbers(seed, largest=largest)
    torch.manual_seed(seed)
    model = build_translator(size, neck=neck or None)
    data = encode_numbers(numbers.train, order=order)
    train(model, data, seed=seed, epochs=epochs, rate=rate)
    batches = {name: encode_numbers(test, order=order) for name, test in numbers.tests.items()}
    written = {name: write_greedy(model, batch) for name, batch in batches.items()}
    rows = [
        ("voraz", name, exact(answers, batches[name].targets).mean())
        for name, answers in written.items()
    ]
    hard = batches["6"]
    figures = (written["6"] > END).sum(axis=1)
    rows.append(("menos cifras", "6", (figures < 6).mean()))
    if order == "normal" and not neck:
        beams = write_beam(model, hard, width=8)
        rows.append(("haz", "6", exact([one.symbols for one in beams], hard.targets).mean()))
    positions = right_by_position(model, hard)
    for name, right in (("verdaderas", positions.true), ("suyas", positions.own)):
        rows += [(name, str(t), right[:, t].mean()) for t in range(right.shape[1])]
        after = right[positions.erred]
        rows.append((name, "tras un error", after.mean() if len(after) else np.nan))
    own = right_by_position(model, batches["lugar"]).own
    rows += [("suyas, lugar", str(t), own[:, t].mean()) for t in range(own.shape[1])]
    return [(measure, where, float(value)) for measure, where, value in rows]

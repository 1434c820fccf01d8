"""Traducir frases del inglés al español: el reparto, la red, cómo se entrena y cómo escribe.

La red es la de la lección 34 con dos cambios: el codificador lee en los dos sentidos y el
decodificador recibe, además de su estado, un *contexto*. Lo que se compara es de dónde sale el
contexto (:data:`CONTEXTS`); todo lo demás, parámetros incluidos, es igual.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.attention import attend, dot_scores
from course_utils.padding import bucket_batches, pad
from course_utils.text import SPECIALS, Tokenizer, bpe_tokenizer, words

if TYPE_CHECKING:
    import torch

PAD, START, END = (SPECIALS.index(f"<{name}>") for name in ("relleno", "inicio", "fin"))
CONTEXTS = ("último estado", "media", "atención")
LONGEST = 12  # palabras en inglés: con frases más largas no se entrena
TEST, VALIDATION = 0.06, 0.02  # partes de los grupos que se apartan
MERGES, SIZE = 2_000, 192
UPDATES, BATCH, RATE = 2_000, 64, 4e-3
LIMIT = 60  # piezas con las que se deja de escribir


# ---------------------------------------------------------------- las frases


def count_words(sentences: Sequence[str]) -> np.ndarray:
    """Las palabras de cada frase, separadas por espacios.

    Examples
    --------
    >>> count_words(["I don't know.", "Go!"])
    array([3, 1])
    """
    return np.array([len(sentence.split()) for sentence in sentences])


def comparable(sentence: str) -> str:
    """Una frase sin mayúsculas, signos ni tildes: lo que no basta para que sea otra.

    Examples
    --------
    >>> comparable("¿Cómo está usted?") == comparable("Como esta usted")
    True
    """
    plain = unicodedata.normalize("NFD", " ".join(words(sentence)))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def group_pairs(english: Sequence[str], spanish: Sequence[str]) -> np.ndarray:
    """Une las parejas que comparten alguna de sus frases, y las que comparten con esas.

    Parameters
    ----------
    english, spanish : sequence of str
        Las frases, cada una con su traducción.

    Returns
    -------
    ndarray of shape (parejas,), int
        El grupo de cada pareja: el lugar de la primera de las suyas.

    Examples
    --------
    >>> group_pairs(["Hi!", "Hello!", "Bye!", "hello"], ["¡Hola!", "Hola.", "¡Adiós!", "Buenas."])
    array([0, 0, 2, 0])
    """
    parent = list(range(len(english)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for sentences in (english, spanish):
        first: dict[str, int] = {}
        for place, sentence in enumerate(sentences):
            known = first.setdefault(comparable(sentence), place)
            older, newer = sorted((root(known), root(place)))
            parent[newer] = older
    return np.array([root(place) for place in range(len(english))])


class Split(NamedTuple):
    """Los lugares de las parejas de cada parte, en orden aleatorio.

    Attributes
    ----------
    train, validation, test : ndarray of int
        Ninguna frase de una parte está en otra. En la de prueba hay una pareja por grupo.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_pairs(groups: np.ndarray, *, seed: int, reserved: Sequence[int] = ()) -> Split:
    """Reparte las parejas por grupos enteros.

    Parameters
    ----------
    groups : ndarray of shape (parejas,)
        De :func:`group_pairs`.
    seed : int
        De ella depende el reparto.
    reserved : sequence of int, optional
        Grupos que no van a ninguna parte.

    Examples
    --------
    >>> split_pairs(np.array([0, 0, 2, 3, 4, 5]), seed=0, reserved=[2]).train.tolist()
    [5, 3, 4, 1, 0]
    """
    rng = np.random.default_rng(seed)
    free = rng.permutation(np.setdiff1d(groups, reserved))
    test, validation = round(TEST * len(free)), round(VALIDATION * len(free))
    parts = np.split(free, [test, test + validation])
    order = rng.permutation(len(groups))
    test, validation, train = (order[np.isin(groups[order], part)] for part in parts)
    _, one = np.unique(groups[test], return_index=True)
    return Split(train, validation, test[np.sort(one)])


# ---------------------------------------------------------------- la red


class Memory(NamedTuple):
    """Lo que queda de lo leído.

    Attributes
    ----------
    states : torch.Tensor of shape (lote, posiciones, size)
        El estado del codificador en cada posición.
    mask : torch.Tensor of shape (lote, 1, posiciones), bool
        Qué posiciones no son relleno.
    last : torch.Tensor of shape (lote, size)
        El último estado de cada sentido.
    """

    states: torch.Tensor
    mask: torch.Tensor
    last: torch.Tensor


def build_translator(
    source_size: int, target_size: int, *, context: str, size: int = SIZE
) -> torch.nn.Module:
    """Codificador y decodificador GRU.

    Parameters
    ----------
    source_size, target_size : int
        Piezas que se pueden leer y escribir.
    context : {"último estado", "media", "atención"}
        Qué recibe el decodificador en cada paso, además de su estado: el último del codificador, la
        media de todos o la media con los pesos que elige.
    size : int, default 192
        Unidades del decodificador; las del codificador son la mitad en cada sentido.

    Returns
    -------
    torch.nn.Module
        ``translator(source, lengths, given)`` da las puntuaciones, (lote, pasos, piezas).

    Examples
    --------
    >>> import torch
    >>> translator = build_translator(20, 30, context="atención", size=8)
    >>> translator(torch.tensor([[5, 6]]), torch.tensor([2]), torch.tensor([[2, 7, 8]])).shape
    torch.Size([1, 3, 30])
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    if context not in CONTEXTS:
        raise ValueError(f"context debe ser uno de {', '.join(CONTEXTS)}; ha llegado {context!r}.")

    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.read = nn.Embedding(source_size, size // 2)
            self.encoder = nn.GRU(size // 2, size // 2, batch_first=True, bidirectional=True)
            self.written = nn.Embedding(target_size, size // 2)
            self.decoder = nn.GRU(size // 2, size, batch_first=True)
            self.combine = nn.Linear(2 * size, size)
            self.output = nn.Linear(size, target_size)

        def encode(self, source, lengths):
            packed = pack_padded_sequence(
                self.read(source), lengths, batch_first=True, enforce_sorted=False
            )
            states, h_n = self.encoder(packed)
            states, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
            last = torch.cat([h_n[0], h_n[1]], dim=1)
            return Memory(states, (source != PAD)[:, None], last)

        def decode(self, given, hidden, memory):
            states, h_n = self.decoder(self.written(given), hidden[None].contiguous())
            seen, weights = self.look(states, memory)
            mixed = torch.tanh(self.combine(torch.cat([seen, states], dim=2)))
            return self.output(mixed), h_n[0], weights

        def look(self, states, memory):
            scores = dot_scores(states, memory.states)
            if context == "media":
                scores = torch.zeros_like(scores)
            seen, weights = attend(scores, memory.states, mask=memory.mask)
            if context == "último estado":
                seen = memory.last[:, None].expand_as(states)
            return seen, weights

        def forward(self, source, lengths, given):
            memory = self.encode(source, lengths)
            return self.decode(given, memory.last, memory)[0]

    return Translator()


class Tokenizers(NamedTuple):
    """Los de cada idioma.

    Attributes
    ----------
    source, target : Tokenizer
        El del inglés y el del español.
    """

    source: Tokenizer
    target: Tokenizer


def learn_pieces(
    english: Sequence[str], spanish: Sequence[str], *, merges: int = MERGES
) -> Tokenizers:
    """Un BPE por idioma, de las frases de entrenamiento.

    Examples
    --------
    >>> pieces = learn_pieces(["the moon", "the sun"], ["la luna", "el sol"], merges=3)
    >>> pieces.source.tokens("the moon"), pieces.target.tokens("la luna")
    (['the', ' m', 'o', 'o', 'n'], ['l', 'a', ' l', 'u', 'n', 'a'])
    """
    return Tokenizers(*(bpe_tokenizer(texts, merges=merges) for texts in (english, spanish)))


# ---------------------------------------------------------------- entrenar


def batches(
    sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, seed: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Lotes sin fin de frases de longitudes parecidas: lo leído, cuánto mide, lo dado, lo escrito.

    Examples
    --------
    >>> source, lengths, given, wanted = next(batches([[9, 8]], [[7, 6, 5]], seed=0))
    >>> given.tolist(), wanted.tolist()
    ([[2, 7, 6, 5]], [[7, 6, 5, 3]])
    """
    import torch

    rng = np.random.default_rng(seed)
    sizes = [len(codes) for codes in sources]
    while True:
        for chosen in bucket_batches(sizes, batch_size=BATCH, rng=rng):
            read = pad([sources[place] for place in chosen])
            given = pad([[START, *targets[place]] for place in chosen]).values
            wanted = pad([[*targets[place], END] for place in chosen]).values
            yield tuple(map(torch.as_tensor, (read.values, read.lengths, given, wanted)))


def train(
    model: torch.nn.Module,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    *,
    seed: int,
    updates: int = UPDATES,
    rate: float = RATE,
) -> list[float]:
    """Entrena con Adam, la tasa de más a menos y el gradiente recortado a norma 1.

    Returns
    -------
    list of float
        La pérdida de cada actualización.

    Examples
    --------
    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> model = build_translator(10, 10, context="atención", size=8)
    >>> losses = train(model, [[5, 6], [7]], [[8], [9, 4]], seed=0, updates=30, rate=0.05)
    >>> losses[-1] < losses[0] / 2
    True
    """
    import torch
    from torch.nn.functional import cross_entropy

    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=updates, pct_start=0.1, anneal_strategy="linear",
        cycle_momentum=False,
    )  # fmt: skip
    losses = []
    for *inputs, wanted in islice(batches(sources, targets, seed=seed), updates):
        optimizer.zero_grad()
        scores = model(*inputs)
        loss = cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=PAD)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def train_translator(
    english: Sequence[str],
    spanish: Sequence[str],
    *,
    pieces: Tokenizers,
    context: str,
    seed: int,
    updates: int = UPDATES,
) -> torch.nn.Module:
    """Construye la red y la entrena con unas frases y sus traducciones.

    Examples
    --------
    >>> pieces = learn_pieces(["moon"], ["luna"], merges=0)
    >>> options = {"context": "atención", "seed": 0, "updates": 1}
    >>> train_translator(["moon"], ["luna"], pieces=pieces, **options).training
    False
    """
    import torch

    torch.manual_seed(seed)
    model = build_translator(len(pieces.source), len(pieces.target), context=context)
    sources, targets = map(pieces.source.encode, english), map(pieces.target.encode, spanish)
    train(model, list(sources), list(targets), seed=seed, updates=updates)
    return model.eval()


# ---------------------------------------------------------------- escribir


class Written(NamedTuple):
    """Lo que escribe la red.

    Attributes
    ----------
    symbols : ndarray of shape (lote, pasos)
        Las piezas; tras la de fin, relleno.
    weights : ndarray of shape (lote, pasos, posiciones)
        Adónde mira al escribir cada una.
    """

    symbols: np.ndarray
    weights: np.ndarray


def write(
    model: torch.nn.Module, sources: Sequence[Sequence[int]], *, limit: int = LIMIT
) -> Written:
    """Escribe la pieza más probable en cada paso, y la recibe en el siguiente.

    Examples
    --------
    >>> written = write(build_translator(10, 10, context="media", size=8), [[5, 6], [7]], limit=3)
    >>> written.weights[:, 0].tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    import torch

    read = pad(sources)
    symbols, weights = [], []
    with torch.inference_mode():
        memory = model.encode(torch.as_tensor(read.values), torch.as_tensor(read.lengths))
        hidden = memory.last
        last = torch.full((len(sources), 1), START)
        over = torch.zeros_like(last, dtype=torch.bool)
        while len(symbols) < limit and not over.all():
            scores, hidden, seen = model.decode(last, hidden, memory)
            last = scores.argmax(dim=2).masked_fill(over, PAD)
            over |= last == END
            symbols.append(last)
            weights.append(seen)
    return Written(torch.cat(symbols, dim=1).numpy(), torch.cat(weights, dim=1).numpy())


def translate(
    model: torch.nn.Module, pieces: Tokenizers, sentences: Sequence[str], *, batch: int = 256
) -> list[str]:
    """Traduce unas frases.

    Examples
    --------
    >>> pieces = learn_pieces(["moon"], ["luna"], merges=0)
    >>> model = build_translator(*map(len, pieces), context="media", size=8)
    >>> len(translate(model, pieces, ["moon", "noon", "on"], batch=2))
    3
    """
    codes = [pieces.source.encode(sentence) for sentence in sentences]
    order = np.argsort([len(one) for one in codes], kind="stable")
    found = {}
    for chosen in np.split(order, range(batch, len(order), batch)):
        symbols = write(model, [codes[place] for place in chosen]).symbols.tolist()
        found |= dict(zip(chosen.tolist(), map(pieces.target.decode, symbols), strict=True))
    return [found[place] for place in range(len(sentences))]


def attention_map(
    model: torch.nn.Module, pieces: Tokenizers, sentence: str
) -> tuple[list[str], list[str], np.ndarray]:
    """Las piezas leídas, las que escribe la red y los pesos, (escritas, leídas).

    Examples
    --------
    >>> pieces = learn_pieces(["moon"], ["luna"], merges=0)
    >>> model = build_translator(*map(len, pieces), context="media", size=8)
    >>> read, written, weights = attention_map(model, pieces, "moon")
    >>> read, weights.shape == (len(written), 4)
    (['m', 'o', 'o', 'n'], True)
    """
    symbols, weights = write(model, [pieces.source.encode(sentence)])
    names = [pieces.target.decode([code]) for code in symbols[0]]
    return pieces.source.tokens(sentence), names, weights[0]


# ---------------------------------------------------------------- la referencia


def nearest(
    known: Sequence[str], asked: Sequence[str], *, batch: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """La frase conocida más parecida a cada una, por las palabras que comparten.

    El parecido es el coseno entre cuentas de palabras, en las que las raras pesan más (*tf-idf*).

    Returns
    -------
    places : ndarray of int
        El lugar de la más parecida; en un empate, la primera.
    likeness : ndarray of float
        De 0, ninguna palabra en común, a 1.

    Examples
    --------
    >>> nearest(["The sun is big.", "I see the moon.", "Hi!"], ["The moon"])[0]
    array([1])
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=lambda text: comparable(text).split(), dtype=np.float32)
    known = vectorizer.fit_transform(known).T.tocsr()
    asked = vectorizer.transform(asked)
    places, likeness = [], []
    for start in range(0, asked.shape[0], batch):
        cosines = asked[start : start + batch] @ known
        places.append(np.asarray(cosines.argmax(axis=1)).ravel())
        likeness.append(cosines.max(axis=1).toarray().ravel())
    return np.concatenate(places), np.concatenate(likeness)

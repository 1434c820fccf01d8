"""Traducir frases del inglés al español: el reparto, cómo se entrena la red y cómo escribe.

La red es la de la lección, :func:`~course_utils.lessons.lesson_35.experiment.build_attention`, con
más símbolos: los trozos que aprende un BPE en cada idioma.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.lessons.lesson_35.experiment import build_attention
from course_utils.padding import bucket_batches
from course_utils.seq2seq import END, Batch, make_batch, real_steps_loss, write_greedy
from course_utils.text import Tokenizer, bpe_tokenizer, words

if TYPE_CHECKING:
    import torch

LONGEST = 12  # palabras en inglés: con frases más largas no se entrena
TEST, VALIDATION = 0.06, 0.02  # partes de los grupos que se apartan
MERGES, SIZE = 2_000, 160
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


# ---------------------------------------------------------------- las piezas


class Tokenizers(NamedTuple):
    """Los de cada idioma; reservan los cuatro primeros números, y ahí están el inicio y el fin.

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
) -> Iterator[Batch]:
    """Lotes sin fin de frases de longitudes parecidas.

    Examples
    --------
    >>> next(batches([[9, 8]], [[7, 6, 5]], seed=0)).given.tolist()
    [[1, 7, 6, 5]]
    """
    rng = np.random.default_rng(seed)
    lengths = [len(codes) for codes in sources]
    while True:
        for chosen in bucket_batches(lengths, batch_size=BATCH, rng=rng):
            yield make_batch([sources[i] for i in chosen], [targets[i] for i in chosen])


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
    >>> model = build_attention((10, 10), 8)
    >>> losses = train(model, [[5, 6], [7]], [[8], [9, 4]], seed=0, updates=30, rate=0.05)
    >>> losses[-1] < losses[0] / 2
    True
    """
    import torch

    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=updates, pct_start=0.1, anneal_strategy="linear",
        cycle_momentum=False,
    )  # fmt: skip
    losses = []
    for *inputs, wanted in islice(batches(sources, targets, seed=seed), updates):
        optimizer.zero_grad()
        loss = real_steps_loss(model(*inputs), wanted)
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
    kind: str,
    seed: int,
    size: int = SIZE,
    updates: int = UPDATES,
    rate: float = RATE,
) -> torch.nn.Module:
    """Construye la red y la entrena con unas frases y sus traducciones.

    ``kind`` es el de ``build_attention``: de dónde salen los pesos.

    Examples
    --------
    >>> pieces = learn_pieces(["moon"], ["luna"], merges=0)
    >>> options = {"kind": "producto", "seed": 0, "size": 8, "updates": 1}
    >>> train_translator(["moon"], ["luna"], pieces=pieces, **options).training
    False
    """
    import torch

    torch.manual_seed(seed)
    model = build_attention((len(pieces.source), len(pieces.target)), size, kind=kind)
    sources, targets = map(pieces.source.encode, english), map(pieces.target.encode, spanish)
    train(model, list(sources), list(targets), seed=seed, updates=updates, rate=rate)
    return model.eval()


# ---------------------------------------------------------------- escribir


def translate(
    model: torch.nn.Module, pieces: Tokenizers, sentences: Sequence[str], *, batch: int = 256
) -> list[str]:
    """Traduce unas frases, con la pieza más probable en cada paso.

    Examples
    --------
    >>> pieces = learn_pieces(["moon"], ["luna"], merges=0)
    >>> model = build_attention((len(pieces.source), len(pieces.target)), 8)
    >>> len(translate(model, pieces, ["moon", "noon", "on"], batch=2))
    3
    """
    codes = [pieces.source.encode(sentence) for sentence in sentences]
    order = np.argsort([len(one) for one in codes], kind="stable")
    found = {}
    for chosen in np.split(order, range(batch, len(order), batch)):
        read = make_batch([codes[i] for i in chosen], [[]] * len(chosen))
        symbols = write_greedy(model, read, limit=LIMIT).tolist()
        found |= dict(zip(chosen.tolist(), map(pieces.target.decode, symbols), strict=True))
    return [found[place] for place in range(len(sentences))]


def attention_map(
    model: torch.nn.Module, pieces: Tokenizers, sentence: str
) -> tuple[list[str], list[str], np.ndarray]:
    """Las piezas leídas, las que escribe la red y los pesos, (escritas, leídas).

    Examples
    --------
    >>> pieces = learn_pieces(["moon"], ["luna"], merges=0)
    >>> model = build_attention((len(pieces.source), len(pieces.target)), 8)
    >>> read, written, weights = attention_map(model, pieces, "moon")
    >>> read, weights.shape == (len(written), 4)
    (['m', 'o', 'o', 'n'], True)
    """
    import torch

    codes = pieces.source.encode(sentence)
    symbols = write_greedy(model, make_batch([codes], [[]]), limit=LIMIT)[0].tolist()
    symbols = [code for code in symbols if code != END]
    with torch.inference_mode():
        model(*make_batch([codes], [symbols])[:3])
    read = [pieces.source.decode([code]) for code in codes]
    written = [pieces.target.decode([code]) for code in symbols]
    return read, written, model.weights[0, : len(symbols)].numpy()


# ---------------------------------------------------------------- la referencia


def nearest(
    known: Sequence[str], asked: Sequence[str], *, batch: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """La frase conocida más parecida a cada una, por las palabras que comparten.

    El parecido es el coseno entre cuentas de palabras, en las que las raras pesan más.

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

"""De fechas escritas a fechas ISO: los datos, las redes que atienden y lo que se mide de ellas.

Cada red tiene ``encode`` y ``decode``, como en :mod:`course_utils.seq2seq`. Las que atienden dejan
en ``weights`` los pesos de la última vez que han escrito, (lote, pasos, posiciones).
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.attention import additive_scores, attend, dot_scores
from course_utils.seq2seq import (
    DIGITS,
    PAD,
    WORDS,
    Batch,
    build_translator,
    encode_numbers,
    exact,
    make_batch,
    split_numbers,
    train,
    write_greedy,
)
from course_utils.synthetic import date_pairs, spell_date
from course_utils.synthetic.dates import MONTHS, STYLES

if TYPE_CHECKING:
    import torch

Pairs = Sequence[tuple[str, str]]

ALPHABET = "· ,-/0123456789abcdefghijklmnopqrstuvwxyzáéíóú"
FIGURES = "·<>-0123456789"
SYMBOLS = len(ALPHABET), len(FIGURES)
SPELLINGS = tuple(style for style in STYLES if style != "con palabras")  # esas son muy largas
EXAMPLES, TEST_SIZE, BATCH, RATE = 12_000, 500, 128, 1e-2  # 94 actualizaciones por época
LIMIT = 12  # símbolos con los que se deja de escribir
KINDS = ("producto", "aditiva", "media", "la última")
LONGEST = 80  # posiciones que distingue el transformer
STEPS = {"año": range(4), "mes": (5, 6), "día": (8, 9)}  # dónde se escribe cada parte


# ---------------------------------------------------------------- las fechas


class Dates(NamedTuple):
    """Las fechas de un reparto.

    Attributes
    ----------
    train, test : list of (str, str)
        Fecha escrita y AAAA-MM-DD. Ningún día de la prueba se entrena, ni escrito de otra manera.
    """

    train: list[tuple[str, str]]
    test: list[tuple[str, str]]


def split_dates(seed: int | Sequence[int], *, examples: int = EXAMPLES) -> Dates:
    """Sortea las fechas, entre 1900 y 2099.

    Examples
    --------
    >>> dates = split_dates(0, examples=300)
    >>> {iso for _, iso in dates.train} & {iso for _, iso in dates.test}
    set()
    """
    rng = np.random.default_rng(seed)
    test = date_pairs(TEST_SIZE, rng=rng, styles=SPELLINGS)
    held_out = {iso for _, iso in test}
    drawn = date_pairs(examples + examples // 4, rng=rng, styles=SPELLINGS)
    return Dates([pair for pair in drawn if pair[1] not in held_out][:examples], test)


def encode_dates(pairs: Pairs) -> Batch:
    """Las fechas, como las recibe la red: un símbolo por carácter.

    Examples
    --------
    >>> encode_dates([("3/2/1998", "1998-02-03")]).source.shape
    torch.Size([1, 8])
    """
    return make_batch(
        [[ALPHABET.index(one) for one in text] for text, _ in pairs],
        [[FIGURES.index(one) for one in iso] for _, iso in pairs],
    )


def month_first(iso: str) -> str:
    """La fecha con el mes delante, como no se entrena nunca.

    Examples
    --------
    >>> month_first("1998-02-03")
    'febrero 3 de 1998'
    """
    date = datetime.date.fromisoformat(iso)
    return f"{MONTHS[date.month - 1]} {date.day} de {date.year}"


_PARTS = (
    r"^(?P<mes>[a-z]+) (?P<día>\d+) de (?P<año>\d{4})$",
    r"\b(?P<día>\d+|[a-zéóú]+(?: y [a-z]+)?)(?: de |[ /-])(?P<mes>\d+|[a-z]+)(?: de |[ /-])"
    r"(?P<año>\d{4})$",
)


def find_parts(text: str) -> dict[str, tuple[int, int]]:
    """De qué posición a qué otra, sin contarla, está cada parte de una fecha.

    Examples
    --------
    >>> find_parts("martes, 3 de febrero de 1998")
    {'día': (8, 9), 'mes': (13, 20), 'año': (24, 28)}
    >>> find_parts("febrero 3 de 1998")["mes"]
    (0, 7)
    """
    found = next(filter(None, (re.search(pattern, text) for pattern in _PARTS)), None)
    if found is None:
        raise ValueError(f"No se reconoce «{text}»: se esperaba una fecha de las de la lección.")
    return {name: found.span(name) for name in found.groupdict()}


# ---------------------------------------------------------------- las redes


def build_attention(
    symbols: tuple[int, int], size: int = 64, *, kind: str = "producto", masked: bool = True
) -> torch.nn.Module:
    """Codificador y decodificador, dos GRU del mismo tamaño, con atención entre ellos.

    Parameters
    ----------
    symbols : tuple of (int, int)
        Cuántos símbolos se leen y cuántos se escriben.
    size : int, default 64
        Unidades de cada una.
    kind : {"producto", "aditiva", "media", "la última"}
        De dónde salen los pesos. Las dos últimas no atienden: miran todo por igual o solo el último
        estado, con las mismas capas que las otras.
    masked : bool, default True
        Si el relleno no se mira.

    Returns
    -------
    torch.nn.Module

    Notes
    -----
    Como en Luong, Pham y Manning (2015), primero avanza el decodificador y después se atiende.

    Examples
    --------
    >>> network = build_attention((9, 7), 8)
    >>> source, lengths, given, _ = make_batch([[5, 6], [7]], [[3, 4, 4], [5]])
    >>> network(source, lengths, given).shape, network.weights.shape
    (torch.Size([2, 4, 7]), torch.Size([2, 4, 2]))
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    if kind not in KINDS:
        raise ValueError(f"kind debe ser uno de {', '.join(KINDS)}; ha llegado {kind!r}.")

    class Attentive(nn.Module):
        def __init__(self):
            super().__init__()
            self.kind, self.masked = kind, masked
            self.read = nn.Embedding(symbols[0], size)
            self.encoder = nn.GRU(size, size, batch_first=True)
            self.written = nn.Embedding(symbols[1], size)
            self.decoder = nn.GRU(size, size, batch_first=True)
            self.combine = nn.Linear(2 * size, size)
            self.output = nn.Linear(size, symbols[1])
            if kind == "aditiva":
                self.query, self.key = nn.Linear(size, size), nn.Linear(size, size, bias=False)
                self.vector = nn.Parameter(torch.randn(size) / size**0.5)

        def encode(self, source, lengths):
            packed = pack_padded_sequence(
                self.read(source), lengths, batch_first=True, enforce_sorted=False
            )
            states, last = self.encoder(packed)
            steps = source.shape[1]
            states, _ = pad_packed_sequence(states, batch_first=True, total_length=steps)
            places = torch.arange(steps) - lengths[:, None]  # (lote, posiciones)
            real = places == -1 if self.kind == "la última" else places < 0
            return last[0], states, real | (not self.masked)

        def decode(self, given, memory):
            state, keys, real = memory
            queries, last = self.decoder(self.written(given), state[None].contiguous())
            seen = attend(self.score(queries, keys), keys, mask=real[:, None])
            self.weights = seen.weights.detach()
            mixed = self.combine(torch.cat([queries, seen.context], dim=2)).tanh()
            return self.output(mixed), (last[0], keys, real)

        def score(self, queries, keys):
            if self.kind == "aditiva":
                return additive_scores(self.query(queries), self.key(keys), self.vector)
            return dot_scores(queries, keys) * (self.kind == "producto")

        def forward(self, source, lengths, given):
            return self.decode(given, self.encode(source, lengths))[0]

    return Attentive()


def build_transformer(
    symbols: tuple[int, int],
    size: int = 64,
    *,
    positions: bool = True,
    heads: int = 4,
    causal: bool = True,
) -> torch.nn.Module:
    """Un transformer de una capa de cada lado, sin recurrencia.

    Parameters
    ----------
    symbols : tuple of (int, int)
        Cuántos símbolos se leen y cuántos se escriben.
    size : int, default 64
        Números por posición; la capa intermedia tiene el doble.
    positions : bool, default True
        Si a cada símbolo se le suma un vector aprendido de su posición.
    heads : int, default 4
        Cabezas.
    causal : bool, default True
        Si lo escrito se mira solo hacia atrás.

    Returns
    -------
    torch.nn.Module

    Notes
    -----
    Vaswani y otros (2017), con posiciones aprendidas y sin *dropout*.

    Examples
    --------
    >>> network = build_transformer((9, 7), 8)
    >>> source, lengths, given, _ = make_batch([[5, 6], [7]], [[3, 4, 4], [5]])
    >>> network(source, lengths, given).shape
    torch.Size([2, 4, 7])
    """
    import torch
    from torch import nn

    options = {"nhead": heads, "dim_feedforward": 2 * size, "dropout": 0.0, "batch_first": True}

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.read, self.written = (nn.Embedding(count, size) for count in symbols)
            self.places = nn.Parameter(0.02 * torch.randn(2, LONGEST, size) * positions)
            self.places.requires_grad = positions
            self.encoder = nn.TransformerEncoderLayer(size, **options)
            self.decoder = nn.TransformerDecoderLayer(size, **options)
            self.output = nn.Linear(size, symbols[1])

        def encode(self, source, lengths):
            x = self.read(source) + self.places[0, : source.shape[1]]
            filling = source == PAD
            past = torch.zeros(len(source), 0, dtype=torch.long)  # aún no ha escrito nada
            return self.encoder(x, src_key_padding_mask=filling), filling, past

        def decode(self, given, memory):
            states, filling, past = memory
            whole = torch.cat([past, given], dim=1)  # (lote, escritos)
            steps = whole.shape[1]
            y = self.written(whole) + self.places[1, :steps]
            future = torch.ones(steps, steps, dtype=torch.bool).triu(1) & causal
            seen = self.decoder(y, states, tgt_mask=future, memory_key_padding_mask=filling)
            return self.output(seen[:, past.shape[1] :]), (states, filling, whole)

        def forward(self, source, lengths, given):
            return self.decode(given, self.encode(source, lengths))[0]

    return Transformer()


# ---------------------------------------------------------------- lo que se mide


def accuracy(model: torch.nn.Module, batch: Batch, *, limit: int = LIMIT) -> float:
    """Qué parte de las respuestas escribe enteras y sin un fallo.

    Examples
    --------
    >>> accuracy(build_attention(SYMBOLS, 4), encode_dates([("3/2/1998", "1998-02-03")]))
    0.0
    """
    return float(exact(write_greedy(model, batch, limit=limit), batch.targets).mean())


def attention_maps(model: torch.nn.Module, batch: Batch) -> np.ndarray:
    """Los pesos de cada respuesta, dándole los símbolos verdaderos: (lote, pasos, posiciones).

    Examples
    --------
    >>> batch = encode_dates([("3/2/1998", "1998-02-03")])
    >>> attention_maps(build_attention(SYMBOLS, 4), batch).shape
    (1, 11, 8)
    """
    import torch

    with torch.inference_mode():
        model(*batch[:3])
    return model.weights.numpy()


def alignment(maps: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Qué parte del peso cae donde debe: en la parte que se escribe o en el carácter siguiente.

    El siguiente cuenta porque su estado es el primero que ha leído la parte entera.

    Parameters
    ----------
    maps : ndarray of shape (fechas, pasos, posiciones)
        Los pesos.
    texts : sequence of str
        Las fechas escritas.

    Returns
    -------
    ndarray of shape (fechas, 8)
        Por fecha y cifra: las cuatro del año, las dos del mes y las dos del día.

    Examples
    --------
    >>> text = "3/2/1998"
    >>> alignment(np.full((1, 11, 8), 1 / 8), [text]).tolist()
    [[0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]]
    """
    rows = []
    for one, text in zip(maps, texts, strict=True):
        parts = find_parts(text)
        rows.append(
            [
                one[step, parts[name][0] : parts[name][1] + 1].sum()
                for name, steps in STEPS.items()
                for step in steps
            ]
        )
    return np.array(rows)


def shuffle_maps(
    maps: np.ndarray, texts: Sequence[str], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Los dos controles: los pesos barajados entre las posiciones reales y los de otra fecha.

    Examples
    --------
    >>> maps = np.full((2, 11, 8), 1 / 8)
    >>> controls = shuffle_maps(maps, ["3/2/1998", "4/5/2011"], np.random.default_rng(0))
    >>> [name for name in controls]
    ['barajados', 'de otra fecha']
    """
    mixed = maps.copy()
    for one, text in zip(mixed, texts, strict=True):
        one[:, : len(text)] = rng.permuted(one[:, : len(text)], axis=1)
    return {"barajados": mixed, "de otra fecha": np.roll(maps, 1, axis=0)}


class DayReading(NamedTuple):
    """De dónde sale la segunda cifra del día, en las fechas en que está escrito con una.

    Attributes
    ----------
    on_figure, on_next : float
        Qué parte del peso está en esa cifra y en el carácter que la sigue.
    changed : float
        En qué parte de las fechas escribe otra cosa si se cambia solo esa cifra.
    """

    on_figure: float
    on_next: float
    changed: float


def read_day(model: torch.nn.Module, pairs: Pairs) -> DayReading:
    """Compara adónde mira la red con lo que cambia lo que escribe.

    Examples
    --------
    >>> reading = read_day(build_attention(SYMBOLS, 4), [("3/2/1998", "1998-02-03")])
    >>> 0 < reading.on_figure < 1
    True
    """
    import torch

    step = STEPS["día"][-1]
    places = [find_parts(text)["día"] for text, _ in pairs]
    chosen = [
        (text, iso, first)
        for (text, iso), (first, last) in zip(pairs, places, strict=True)
        if text[first:last].isdigit() and last - first == 1
    ]
    edited = [
        (text[:first] + str(int(text[first]) % 9 + 1) + text[first + 1 :], iso)
        for text, iso, first in chosen
    ]
    written = []
    for part in ([(text, iso) for text, iso, _ in chosen], edited):
        with torch.inference_mode():
            written.append(model(*encode_dates(part)[:3])[:, step].argmax(dim=1))
        written.append(model.weights[:, step].numpy())
    before, weights, after, _ = written
    rows, firsts = np.arange(len(chosen)), np.array([first for *_, first in chosen])
    return DayReading(
        float(weights[rows, firsts].mean()),
        float(weights[rows, firsts + 1].mean()),
        float((before != after).float().mean()),
    )


def draw_heads(
    rng: np.random.Generator,
    steps: int,
    real: int,
    faults: Sequence[str] = ("", "suma", "relleno", "igual"),
) -> np.ndarray:
    """Pesos al azar de unas cabezas con esas faltas, en un orden al azar.

    Parameters
    ----------
    rng : numpy.random.Generator
        De dónde sale el azar.
    steps, real : int
        Cuántas posiciones hay y cuántas son reales, las primeras.
    faults : sequence of str
        La falta de cada cabeza.

    Returns
    -------
    ndarray of shape (cabezas, posiciones, posiciones)

    Examples
    --------
    >>> heads = draw_heads(np.random.default_rng(0), 4, 3, ["igual"])
    >>> heads[0, 0].round(2).tolist()
    [0.33, 0.33, 0.33, 0.0]
    """
    heads = []
    for fault in rng.permutation(faults):
        scores = 1.5 * rng.normal(size=(steps, steps)) * (fault != "igual")
        powers = np.exp(scores)
        if fault != "relleno":
            powers[:, real:] = 0.0
        sums = powers.sum(axis=0 if fault == "suma" else 1, keepdims=True)
        heads.append(powers / np.where(sums > 0, sums, 1.0))
    return np.array(heads)


# ---------------------------------------------------------------- un punto de cada rejilla


def read_numbers(*, size: int, kind: str, seed: int) -> list[tuple[str, str, float]]:
    """Lo que acierta con números, como en la lección 34, una red que atiende.

    Examples
    --------
    >>> rows = read_numbers(size=2, kind="producto", seed=0)  # doctest: +SKIP
    """
    import torch

    numbers = split_numbers(seed)
    torch.manual_seed(seed)
    model = build_attention((len(WORDS), len(DIGITS)), size, kind=kind)
    train(model, encode_numbers(numbers.train), seed=seed)
    return [
        ("exactos", name, accuracy(model, encode_numbers(test), limit=9))
        for name, test in numbers.tests.items()
    ]


def widen(batch: Batch, extra: int) -> Batch:
    """El mismo lote con ``extra`` posiciones más de relleno en lo que se lee.

    Examples
    --------
    >>> widen(encode_dates([("3/2/1998", "1998-02-03")]), 5).source.shape
    torch.Size([1, 13])
    """
    from torch.nn import functional

    return batch._replace(source=functional.pad(batch.source, (0, extra), value=PAD))


def group_by_length(pairs: Pairs) -> list[list[tuple[str, str]]]:
    """Las fechas en grupos de la misma longitud, que no necesitan relleno.

    Examples
    --------
    >>> pairs = [(text, "1998-02-03") for text in ("3/2/1998", "03-02-1998", "3 feb 1998")]
    >>> [len(group) for group in group_by_length(pairs)]
    [1, 2]
    """
    lengths = sorted({len(text) for text, _ in pairs})
    return [[pair for pair in pairs if len(pair[0]) == length] for length in lengths]


def build(kind: str, *, masked: bool = True) -> torch.nn.Module:
    """La red de cada fila de la tabla.

    Examples
    --------
    >>> build("ninguna")(*encode_dates([("3/2/1998", "1998-02-03")])[:3]).shape
    torch.Size([1, 11, 14])
    """
    if kind == "ninguna":
        return build_translator(SYMBOLS)
    if kind.startswith("transformer"):
        return build_transformer(SYMBOLS, positions=kind == "transformer")
    return build_attention(SYMBOLS, kind=kind, masked=masked)


def read_dates(
    *, kind: str, masked: bool, epochs: int, rate: float, seed: int
) -> list[tuple[str, float]]:
    """Entrena una red con fechas y la examina: qué se mide y cuánto sale.

    Examples
    --------
    >>> run = {"masked": True, "epochs": 1, "rate": RATE, "seed": 0}
    >>> rows = read_dates(kind="media", **run)  # doctest: +SKIP
    """
    import torch

    dates = split_dates(seed)
    data, test = encode_dates(dates.train), encode_dates(dates.test)
    torch.manual_seed(seed)
    model = build(kind, masked=masked)
    before = attention_maps(model, test) if kind in ("producto", "aditiva") else None
    start = time.process_time()
    train(model, data, seed=seed, epochs=epochs, rate=rate, batch_size=BATCH)
    seconds = time.process_time() - start
    barred = [
        (spell_date(datetime.date.fromisoformat(iso), "barras"), iso) for _, iso in dates.test
    ]
    turned = [(month_first(iso), iso) for _, iso in dates.test]
    alone = [
        accuracy(model.eval(), encode_dates(group)) * len(group)
        for group in group_by_length(dates.test)
    ]
    rows = {
        "segundos": seconds,
        "parámetros": sum(part.numel() for part in model.parameters() if part.requires_grad),
        "exactas": accuracy(model, test),
        "exactas, sin relleno": sum(alone) / len(dates.test),
        "exactas, con más relleno": accuracy(model, widen(test, 40)),
        "exactas, con barras": accuracy(model, encode_dates(barred)),
        "exactas, mes delante": accuracy(model, encode_dates(turned)),
    }
    if before is not None:
        rows |= measure_maps(model, test, dates.test, before, seed)
    return [(name, float(value)) for name, value in rows.items()]


def measure_maps(
    model: torch.nn.Module, test: Batch, pairs: Pairs, before: np.ndarray, seed: int
) -> dict[str, float]:
    """Qué parte del peso cae donde debe, con sus controles, y cuánto importan los pesos."""
    texts = [text for text, _ in pairs]
    maps = attention_maps(model, test)
    controls = shuffle_maps(maps, texts, np.random.default_rng(seed))
    kinds = {"de la red": maps, "sin entrenar": before} | controls
    rows = {f"peso, {name}": alignment(one, texts).mean() for name, one in kinds.items()}
    rows |= {f"día, {name}": value for name, value in read_day(model, pairs)._asdict().items()}
    trained, model.kind = model.kind, "media"
    rows["exactas, todo por igual"] = accuracy(model, test)
    model.kind = trained
    return rows

"""Qué aprenden unos modelos sencillos de los cuentos y de las reseñas del curso.

``python -m tools.texts.models`` (unos minutos): bits por carácter en los cuentos de
validación con n-gramas y con una GRU entrenada un minuto, una muestra de lo que escribe, y el
acierto en las reseñas de una bolsa de palabras y de una GRU, con varias semillas.
"""

from __future__ import annotations

import math
import re
import shutil
import statistics
import subprocess
import time
from collections import Counter, defaultdict

import numpy as np

from course_utils.datasets import Reviews, load_reviews, load_stories
from tools.texts.quality import words

SECONDS = 60.0
STREAMS, STEPS = 16, 48  # tramos del texto que se leen a la vez, y pasos de cada lectura
SAMPLE = 4_000  # caracteres de la muestra con la que se cuentan palabras; se enseñan 400
SEEDS = range(5)


def ngram_bits(train: str, test: str, *, order: int) -> float:
    """Bits por carácter de un modelo de n-gramas con suavizado de Witten-Bell (1991)."""
    counts: list[dict[str, Counter]] = [defaultdict(Counter) for _ in range(order)]
    for place in range(len(train)):
        for length in range(min(order, place + 1)):
            counts[length][train[place - length : place]][train[place]] += 1
    symbols = len(set(train) | set(test))
    bits = 0.0
    for place in range(order, len(test)):
        probability = 1 / symbols
        for length in range(order):
            seen = counts[length].get(test[place - length : place])
            if seen:
                total, kinds = sum(seen.values()), len(seen)
                probability = (seen[test[place]] + kinds * probability) / (total + kinds)
        bits -= math.log2(probability)
    return bits / (len(test) - order)


def train_gru(train: str, test: str, *, seed: int = 0) -> tuple[float, str]:
    """Entrena una GRU de 256 unidades durante un minuto; bits por carácter y una muestra."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    torch.set_num_threads(2)
    alphabet = sorted(set(train) | set(test))
    ids = {symbol: place for place, symbol in enumerate(alphabet)}

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(len(alphabet), 64)
            self.gru = nn.GRU(64, 256, batch_first=True)
            self.drop = nn.Dropout(0.1)
            self.head = nn.Linear(256, len(alphabet))

        def forward(self, x, state=None):
            states, last = self.gru(self.embed(x), state)  # (lote, tiempo, 256)
            return self.head(self.drop(states)), last

    def encode(text: str) -> torch.Tensor:
        return torch.tensor([ids[symbol] for symbol in text])

    data, model = encode(train), Model()
    optimizer = torch.optim.Adam(model.parameters())
    state, place, rows = None, len(data), data
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < SECONDS:
        for group in optimizer.param_groups:
            group["lr"] = 6e-3 * (1 - 0.97 * elapsed / SECONDS)
        if place + STEPS >= rows.shape[-1]:  # otra vuelta, empezando por otro sitio
            width = len(data) // STREAMS
            shift = -int(torch.randint(width, (1,)))
            rows = data.roll(shift)[: STREAMS * width].view(STREAMS, width)
            state, place = None, 0
        chunk = rows[:, place : place + STEPS + 1]  # (16, 49)
        scores, state = model(chunk[:, :-1], state)
        state, place = state.detach(), place + STEPS  # el estado sigue; el gradiente, no
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), chunk[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        held_out = encode(test)[None]
        scores, _ = model(held_out[:, :-1])
        loss = nn.functional.cross_entropy(scores[0], held_out[0, 1:])
        return loss.item() / math.log(2), _write(model, alphabet, ids)


def _write(model, alphabet: list[str], ids: dict[str, int], *, length: int = SAMPLE) -> str:
    """Texto que escribe el modelo a temperatura 0.7."""
    import torch

    current, state, text = torch.tensor([[ids["\n"]]]), None, ""
    while len(text) < length:
        scores, state = model(current, state)
        chances = torch.softmax(scores[0, -1] / 0.7, dim=0)
        current = torch.multinomial(chances, 1)[None]
        text += alphabet[current.item()]
    return text


def real_words_share(text: str) -> float | None:
    """Parte de las palabras enteras de un texto que están en el diccionario de español."""
    if shutil.which("hunspell") is None:
        return None
    found = re.findall(r"[^\W\d_]+", text)[:-1]
    command = ["hunspell", "-d", "es_ES", "-i", "utf-8", "-l"]
    result = subprocess.run(command, input="\n".join(found), capture_output=True, text=True)
    return 1 - len(result.stdout.split()) / len(found)


def bag_of_words(train: Reviews, test: Reviews) -> np.ndarray:
    """Aciertos, uno por reseña, de una regresión logística sobre palabras sueltas."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    bag = CountVectorizer(token_pattern=r"[^\W\d_]+")
    model = LogisticRegression(max_iter=1000).fit(bag.fit_transform(train.texts), train.labels)
    return model.predict(bag.transform(test.texts)) == test.labels


def gru_reviews(train: Reviews, test: Reviews, *, seed: int) -> np.ndarray:
    """Aciertos, uno por reseña, de una GRU pequeña sobre palabras."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    counts = Counter(word for text in train.texts for word in words(text))
    known = [word for word, count in counts.items() if count > 1]
    ids = {word: place for place, word in enumerate(known, start=2)}

    def encode(texts: list[str]) -> torch.Tensor:
        rows = [[ids.get(word, 1) for word in words(text)] for text in texts]
        width = max(map(len, rows))
        return torch.tensor([[0] * (width - len(row)) + row for row in rows])  # relleno delante

    embed, gru = nn.Embedding(len(ids) + 2, 32, padding_idx=0), nn.GRU(32, 32, batch_first=True)
    head, drop = nn.Linear(32, 1), nn.Dropout(0.4)
    parameters = [*embed.parameters(), *gru.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3, weight_decay=1e-4)
    x, y = encode(train.texts), torch.tensor(train.labels, dtype=torch.float32)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            scores = head(drop(gru(drop(embed(x[rows])))[1][0]))[:, 0]
            loss = nn.functional.binary_cross_entropy_with_logits(scores, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        scores = head(gru(embed(encode(test.texts)))[1][0])[:, 0]
    return (scores > 0).numpy() == test.labels.astype(bool)


def print_models() -> None:
    """Imprime lo que aprende cada modelo."""
    train, test = ("\n\n".join(load_stories(part)) for part in ("train", "validation"))
    print(f"\ntrigrama: {ngram_bits(train, test, order=3):.3f} bits por carácter")
    print(f"5-grama: {ngram_bits(train, test, order=5):.3f} bits por carácter")
    bits, sample = train_gru(train, test)
    print(f"GRU de 256 unidades, {SECONDS:.0f} s: {bits:.3f} bits por carácter")
    share = real_words_share(sample)
    shown = "sin hunspell" if share is None else f"{share:.1%}"
    print(f"palabras de la muestra en el diccionario: {shown}\n{sample[:400]}\n")
    train, test = load_reviews("train"), load_reviews("test")
    direct = np.array([kind == "directa" for kind in test.kinds])
    hits = bag_of_words(train, test)
    print(
        f"bolsa de palabras: {hits.mean():.1%}; directas {hits[direct].mean():.1%}, "
        f"engañosas {hits[~direct].mean():.1%}"
    )
    runs = [gru_reviews(train, test, seed=seed) for seed in SEEDS]
    for name, part in (("todas", direct | ~direct), ("directas", direct), ("engañosas", ~direct)):
        shares = [run[part].mean() for run in runs]
        print(f"GRU, {name}: {statistics.mean(shares):.1%} ± {statistics.stdev(shares):.1%}")


if __name__ == "__main__":
    print_models()

"""Un modelo de caracteres de los cuentos: cómo se construye, se entrena, se mide y escribe.

Es lo mismo que la lección escribe a la vista, más lo que solo usan los programas que entrenan y
miden aparte: ``tools/models/stories.py`` y ``tools/experiments/generation.py``.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.decoding import sample
from course_utils.lessons.lesson_33.counts import END
from course_utils.validation import as_int

if TYPE_CHECKING:
    import torch

WORD = re.compile(r"[^\W\d_]+")


class Recipe(NamedTuple):
    """Lo que se elige de un entrenamiento; lo elegido se miró en validación.

    Attributes
    ----------
    hidden_size, embed_size : int
        Unidades de la GRU y números de cada carácter.
    dropout, input_dropout, weight_dropout : float
        Qué parte se apaga, al azar, de los estados que van a la salida, de los números de cada
        carácter y de la matriz que lleva un estado al siguiente.
    rows, steps : int
        Tramos del texto que se leen a la vez y pasos de cada lectura.
    epochs : int
        Vueltas al texto.
    rate, weight_decay : float
        Tasa de aprendizaje, que baja en línea recta hasta casi cero, y encogimiento de los pesos.
    """

    hidden_size: int = 128
    embed_size: int = 64
    dropout: float = 0.0
    input_dropout: float = 0.0
    weight_dropout: float = 0.0
    rows: int = 32
    steps: int = 64
    epochs: int = 6
    rate: float = 6e-3
    weight_decay: float = 0.01


# La de la red que la lección entrena en directo.
LIVE = Recipe(hidden_size=128, epochs=5, steps=32)
# La del modelo que se entrega: de las probadas, la mejor en validación.
RECIPE = Recipe(hidden_size=448, dropout=0.35, input_dropout=0.1, epochs=18)


def alphabet_of(stories: Sequence[str]) -> list[str]:
    """Los caracteres de unos cuentos, en orden, con el salto de línea que los separa.

    Examples
    --------
    >>> alphabet_of(["año", "oca"])
    ['\\n', 'a', 'c', 'o', 'ñ']
    """
    return sorted(set(END.join(stories)) | set(END))


def encode(text: str, alphabet: Sequence[str]) -> np.ndarray:
    """El número de cada carácter: (caracteres,).

    Examples
    --------
    >>> encode("oca", ["a", "c", "o"])
    array([2, 1, 0])
    """
    places = {symbol: place for place, symbol in enumerate(alphabet)}
    return np.array([places[symbol] for symbol in text], dtype="int64")


def join_stories(stories: Sequence[str]) -> str:
    """Todos los cuentos seguidos, cada uno entre dos finales.

    Examples
    --------
    >>> join_stories(["uno", "dos"])
    '\\n\\nuno\\n\\ndos\\n\\n'
    """
    return END + END.join(stories) + END


def build_model(symbols: int, recipe: Recipe) -> torch.nn.Module:
    """La red de la lección: incrustación, GRU y una puntuación por carácter.

    Examples
    --------
    >>> model = build_model(86, Recipe(hidden_size=8, embed_size=4))
    >>> sorted(name for name, _ in model.named_parameters())[0]
    'embed.weight'
    """
    from torch import nn

    class CharModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(symbols, recipe.embed_size)
            self.gru = nn.GRU(recipe.embed_size, recipe.hidden_size, batch_first=True)
            self.head = nn.Linear(recipe.hidden_size, symbols)
            self.drop_in, self.drop_out = (
                nn.Dropout(recipe.input_dropout),
                nn.Dropout(recipe.dropout),
            )

        def forward(self, x, state=None):
            states, last = self.gru(self.drop_in(self.embed(x)), state)  # (lote, tiempo, oculto)
            return self.head(self.drop_out(states)), last

    return CharModel()


def chunks(ids: torch.Tensor, rows: int, steps: int) -> Iterator[tuple]:
    """Los tramos de una vuelta, cada fila donde se quedó: pares (entrada, objetivo).

    Examples
    --------
    >>> import torch
    >>> [x.tolist() for x, _ in chunks(torch.arange(11), rows=2, steps=2)]
    [[[0, 1], [5, 6]], [[2, 3], [7, 8]]]
    """
    width = (len(ids) - 1) // rows
    x, y = (part[: rows * width].view(rows, width) for part in (ids[:-1], ids[1:]))
    for place in range(0, width - steps + 1, steps):
        yield x[:, place : place + steps], y[:, place : place + steps]


def train(
    model: torch.nn.Module,
    ids: torch.Tensor,
    recipe: Recipe,
    *,
    seed: int,
    carry: bool = True,
    look: Callable[[int, float], None] | None = None,
) -> float:
    """Entrena con todo el texto; devuelve los segundos de procesador.

    Parameters
    ----------
    model : torch.nn.Module
        El de :func:`build_model`.
    ids : torch.Tensor of shape (caracteres,)
        El texto, como números.
    recipe : Recipe
        Cómo.
    seed : int
        De por dónde empieza cada vuelta y de lo que se apaga.
    carry : bool, default True
        Si cada fila sigue con el estado en que se quedó.
    look : callable, optional
        Se llama al acabar cada vuelta con su número y su pérdida en bits por carácter.
    """
    import torch
    from torch import nn

    torch.manual_seed(seed)
    start = time.process_time()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay
    )
    updates = recipe.epochs * sum(1 for _ in chunks(ids, recipe.rows, recipe.steps))
    done = 0
    for epoch in range(recipe.epochs):
        shift = int(torch.randint(len(ids), (1,)))  # cada vuelta empieza por un sitio
        state, losses = None, []
        for x, y in chunks(ids.roll(-shift), recipe.rows, recipe.steps):
            warm = min(1.0, (done + 1) / 50)
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * warm * (1 - 0.98 * done / updates)
            with _thinned(model.gru, recipe.weight_dropout):
                scores, state = model(x, state if carry else None)
                state = state.detach()  # el estado sigue; el gradiente, no
                loss = nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten())
                optimizer.zero_grad()
                loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
            done += 1
        if look is not None:
            look(epoch + 1, sum(losses) / len(losses) / math.log(2))
    model.eval()
    return time.process_time() - start


class _thinned:
    """Apaga al azar una parte de W_h mientras dura el ``with`` (Merity, Keskar y Socher, 2018)."""

    def __init__(self, layer: torch.nn.GRU, share: float) -> None:
        self.weight, self.share = layer.weight_hh_l0.data, share

    def __enter__(self) -> None:
        import torch

        if self.share:
            self.whole = self.weight.clone()
            kept = torch.rand_like(self.weight) > self.share
            self.weight.mul_(kept / (1 - self.share))

    def __exit__(self, *_: object) -> None:
        if self.share:
            self.weight.copy_(self.whole)


def story_bits(
    model: torch.nn.Module, stories: Sequence[str], alphabet: Sequence[str]
) -> list[np.ndarray]:
    """Bits de cada carácter de cada cuento y de su final; cada cuento empieza de cero.

    Returns
    -------
    list of ndarray of shape (caracteres + 2,)
    """
    import torch

    sequences = [torch.from_numpy(encode(END + story + END, alphabet)) for story in stories]
    padded = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)  # (cuentos, tiempo)
    model.eval()
    with torch.inference_mode():
        logs = torch.log_softmax(model(padded[:, :-1])[0], dim=-1)
        right = logs.gather(-1, padded[:, 1:, None])[..., 0]  # (cuentos, tiempo - 1)
    skip = len(END) - 1  # lo primero que se predice es el segundo carácter del final anterior
    return [
        -row[skip : len(sequence) - 1].double().numpy() / math.log(2)
        for row, sequence in zip(right, sequences, strict=True)
    ]


def write_texts(
    model: torch.nn.Module,
    alphabet: Sequence[str],
    choose: Callable[[np.ndarray], np.ndarray],
    *,
    count: int,
    length: int,
    rng: np.random.Generator,
    prompt: str = "",
) -> list[str]:
    """Textos que escribe el modelo, todos a la vez; sin lo que se le da.

    Parameters
    ----------
    model, alphabet
        El modelo y sus caracteres.
    choose : callable
        De las puntuaciones, (textos, vocabulario), a las probabilidades con las que se sortea.
    count, length : int
        Cuántos textos y de cuántos caracteres; uno al menos.
    rng : numpy.random.Generator
        El azar.
    prompt : str
        Por dónde empiezan, detrás de un final de cuento.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` o ``length`` no son enteros positivos o lo que da ``choose`` no son
        probabilidades.
    """
    import torch

    count, length = as_int("count", count, minimum=1), as_int("length", length, minimum=1)
    current = torch.from_numpy(np.tile(encode(END + prompt, alphabet), (count, 1)))
    state, written = None, []
    model.eval()
    with torch.inference_mode():
        for _ in range(length):
            scores, state = model(current, state)
            drawn = sample(choose(scores[:, -1].double().numpy()), rng=rng)
            written.append(drawn)
            current = torch.from_numpy(drawn)[:, None]  # (textos, 1)
    return ["".join(alphabet[place] for place in row) for row in np.stack(written, axis=1)]


def whole_words(text: str) -> list[str]:
    """Las palabras de un texto, sin la última, que puede estar a medias.

    Examples
    --------
    >>> whole_words("—Ven —dijo Ana. Y fu")
    ['Ven', 'dijo', 'Ana', 'Y']
    """
    return WORD.findall(text)[:-1]


def words_of(text: str) -> list[str]:
    """Las palabras de un texto, en minúsculas, sin la última, que puede estar a medias.

    Examples
    --------
    >>> words_of("—Ven —dijo Ana. Y fu")
    ['ven', 'dijo', 'ana', 'y']
    """
    return [word.lower() for word in whole_words(text)]


def longest_copied(text: str, source: str) -> str:
    """El tramo más largo de un texto que está, tal cual, en otro.

    Examples
    --------
    >>> longest_copied("la gata negra", "una gata blanca")
    'a gata '
    """
    best = ""
    for end in range(1, len(text) + 1):
        longer = text[max(0, end - len(best) - 1) : end]  # solo vale si mejora en una letra
        if len(longer) > len(best) and longer in source:
            best = longer
    return best


def dictionary_share(words: Sequence[str]) -> float:
    """Parte de unas palabras que están en el diccionario de español de hunspell.

    Raises
    ------
    RuntimeError
        Si no está hunspell o su diccionario.
    """
    command = ["hunspell", "-d", "es_ES", "-i", "utf-8", "-p", os.devnull, "-l"]
    done = shutil.which("hunspell") and subprocess.run(
        command, input="\n".join(words), capture_output=True, encoding="utf-8"
    )
    if not done or done.returncode or "open affix" in done.stderr:
        raise RuntimeError(
            "Falta hunspell con el diccionario es_ES, que dice qué palabras existen. Instálalo con "
            "`apt install hunspell hunspell-es` y repite la orden."
        )
    return 1 - len(done.stdout.split()) / len(words)


def variety(words: Sequence[str], *, sample_size: int = 2_000) -> float:
    """Palabras distintas entre las ``sample_size`` primeras, de 0 a 1.

    Examples
    --------
    >>> variety(["la", "casa", "la", "oca"], sample_size=4)
    0.75
    """
    return len(set(words[:sample_size])) / len(words[:sample_size])

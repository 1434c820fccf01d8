"""La receta: de unos sonidos y lo que dicen a un reconocedor entrenado."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.speech import (
    BANDS,
    collapse,
    ctc_loss,
    frames_needed,
    log_mel,
    prefix_beam,
    resample,
    to_bytes,
)
from course_utils.validation import as_int

if TYPE_CHECKING:
    import torch

BLANK = 0  # el primer símbolo; los demás son las letras de las transcripciones, en orden


class Recipe(NamedTuple):
    """Cómo se entrena.

    Attributes
    ----------
    kind : {"bidireccional", "unidireccional", "ventana"}
        La red: una LSTM que lee en los dos sentidos, otra que lee en uno, o una sin recurrencia,
        que mira ``2 · reach + 1`` pasos.
    hidden_size : int
        Unidades de la LSTM, en cada sentido, o de la red sin recurrencia.
    reach : int
        Pasos que mira a cada lado la red sin recurrencia.
    updates, batch : int
        Cuántas veces se corrigen los pesos y con cuántas locuciones cada vez.
    rate : float
        La mayor tasa de aprendizaje; baja hasta cero en línea recta.
    warp : float
        Cuánto se estiran o encogen las frecuencias al azar, como parte de su valor: hace de cada
        voz muchas. Cero, nada.
    noise : float
        Desviación del ruido que se suma a las bandas, ya tipificadas.
    """

    kind: str = "bidireccional"
    hidden_size: int = 64
    reach: int = 7
    updates: int = 700
    batch: int = 24
    rate: float = 1e-2
    warp: float = 0.15
    noise: float = 0.3


@dataclass(frozen=True)
class Recognizer:
    """Un reconocedor entrenado.

    Attributes
    ----------
    model : torch.nn.Module
        La red.
    alphabet : str
        Sus letras; la primera es el símbolo 1, porque el 0 es el blanco.
    mean, deviation : ndarray of shape (20,)
        Con qué se tipifica cada banda, medido en el entrenamiento.
    losses : ndarray of shape (actualizaciones,)
        La pérdida de cada lote, por letra.
    """

    model: torch.nn.Module
    alphabet: str
    mean: np.ndarray
    deviation: np.ndarray
    losses: np.ndarray

    def log_probs(self, features: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Lo que da la red en cada paso: una lista de arrays (pasos, símbolos)."""
        import torch

        self.model.eval()
        found = []
        with torch.inference_mode():
            for start in range(0, len(features), 64):
                part = [self._scale(one) for one in features[start : start + 64]]
                scores = torch.log_softmax(self.model(*pad(part)).double(), dim=-1).numpy()
                found += [row[: len(one)] for row, one in zip(scores, part, strict=True)]
        return found

    def transcribe(self, features: Sequence[np.ndarray], *, width: int | None = None) -> list[str]:
        """Lo que entiende: con la voraz o, con ``width``, con un haz de prefijos."""
        return [self.read(one, width=width) for one in self.log_probs(features)]

    def read(self, log_probs: np.ndarray, *, width: int | None = None) -> str:
        """El texto de lo que da la red con una locución."""
        if width is None:
            labels = collapse(log_probs.argmax(axis=1), blank=BLANK)
        else:
            labels = prefix_beam(log_probs, width=width, blank=BLANK)[0].labels
        return "".join(self.alphabet[label - 1] for label in labels)

    def choose(self, features: Sequence[np.ndarray], candidates: Sequence[str]) -> list[str]:
        """De unos cuantos textos posibles, el más probable según CTC para cada locución."""
        labels = [encode(text, self.alphabet) for text in candidates]
        return [
            candidates[int(np.argmin([ctc_loss(one, text, blank=BLANK) for text in labels]))]
            for one in self.log_probs(features)
        ]

    def _scale(self, features: np.ndarray) -> np.ndarray:
        return ((features - self.mean) / self.deviation).astype(np.float32)


def hear(samples: Sequence[np.ndarray], rate: int) -> list[np.ndarray]:
    """Lo que oye la red de unos sonidos.

    Examples
    --------
    >>> hear([np.sin(np.arange(8000))], 16_000)[0].shape
    (19, 20)
    """
    return [to_bytes(log_mel(resample(sound, rate))) for sound in samples]


def train_recognizer(
    samples: Sequence[np.ndarray],
    transcripts: Sequence[str],
    *,
    rate: int,
    seed: int,
    recipe: Recipe | None = None,
) -> Recognizer:
    """De unos sonidos y lo que dicen a un reconocedor: la receta entera.

    Parameters
    ----------
    samples : sequence of ndarray of shape (muestras,)
        Los sonidos.
    transcripts : sequence of str
        Lo que dice cada uno.
    rate : int
        Muestras por segundo, las mismas en todos.
    seed : int
        Semilla de los pesos, los lotes y lo que se cambia al azar.
    recipe : Recipe, optional
        Cómo; por omisión, la del curso.

    Raises
    ------
    TypeError, ValueError
        Si no van de dos en dos, falta alguna transcripción o alguna no cabe en su sonido.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> short = Recipe(hidden_size=4, updates=2, batch=2)
    >>> sounds = [rng.normal(size=4000) for _ in range(3)]
    >>> found = train_recognizer(sounds, ["uno", "dos", "uno"], rate=8000, seed=0, recipe=short)
    >>> found.alphabet, len(found.losses)
    ('dnosu', 2)
    """
    return fit_recognizer(hear(samples, rate), transcripts, seed=seed, recipe=recipe)


def fit_recognizer(
    features: Sequence[np.ndarray],
    transcripts: Sequence[str],
    *,
    seed: int,
    recipe: Recipe | None = None,
    report: Callable[[int, float], None] | None = None,
) -> Recognizer:
    """Como :func:`train_recognizer`, con lo que oye la red en lugar de los sonidos.

    ``report(actualización, pérdida)`` se llama tras cada actualización.
    """
    import torch

    recipe = Recipe() if recipe is None else recipe
    seed = as_int("seed", seed, minimum=0)
    alphabet = "".join(sorted(set("".join(transcripts))))
    labels = [encode(text, alphabet) for text in transcripts]
    _check_pairs(features, transcripts, labels)
    joined = np.concatenate(features).astype(np.float64)
    mean, deviation = joined.mean(axis=0), joined.std(axis=0) + 1.0
    scaled = [((one - mean) / deviation).astype(np.float32) for one in features]
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build_model(len(alphabet) + 1, recipe)
    losses = _train(model, scaled, labels, recipe, rng, report)
    return Recognizer(model, alphabet, mean, deviation, losses)


def _train(
    model: torch.nn.Module,
    features: list[np.ndarray],
    labels: list[list[int]],
    recipe: Recipe,
    rng: np.random.Generator,
    report: Callable[[int, float], None] | None,
) -> np.ndarray:
    import torch

    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    warmup = max(recipe.updates // 10, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / warmup, 1 - n / recipe.updates)
    )
    ctc, losses = torch.nn.CTCLoss(blank=BLANK, reduction="sum"), []
    places = np.empty(0, dtype=int)
    model.train()
    for number in range(recipe.updates):
        if len(places) < min(recipe.batch, len(features)):
            places = np.concatenate([places, rng.permutation(len(features))])
        chosen, places = places[: recipe.batch], places[recipe.batch :]
        inputs, lengths = pad([disturb(features[place], recipe, rng) for place in chosen])
        targets = [labels[place] for place in chosen]
        sizes = torch.tensor([len(one) for one in targets])
        scores = torch.log_softmax(model(inputs, lengths), dim=-1)  # (lote, pasos, símbolos)
        joined = torch.tensor([label for one in targets for label in one])
        loss = ctc(scores.transpose(0, 1), joined, lengths, sizes) / sizes.sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if report is not None:
            report(number + 1, losses[-1])
    return np.array(losses)


def disturb(features: np.ndarray, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """La misma locución con otra garganta y otro ruido: frecuencias estiradas y bandas movidas.

    Examples
    --------
    >>> clean = np.ones((5, 20), dtype=np.float32)
    >>> changed = disturb(clean, Recipe(noise=0.1), np.random.default_rng(0))
    >>> changed.shape, changed.dtype, bool((changed != clean).all())
    ((5, 20), dtype('float32'), True)
    """
    if recipe.warp:
        factor = 1 + rng.uniform(-recipe.warp, recipe.warp)
        source = np.clip(np.arange(BANDS) * factor, 0, BANDS - 1)
        below = np.minimum(source.astype(int), BANDS - 2)
        share = (source - below).astype(np.float32)
        features = features[:, below] * (1 - share) + features[:, below + 1] * share
    if recipe.noise:
        features = features + recipe.noise * rng.normal(size=features.shape).astype(np.float32)
    return features.astype(np.float32)


def build_model(symbols: int, recipe: Recipe) -> torch.nn.Module:
    """La red de una receta: de (lote, pasos, 20) y longitudes a (lote, pasos, símbolos).

    Examples
    --------
    >>> import torch
    >>> model = build_model(5, Recipe(hidden_size=4))
    >>> model(torch.zeros(2, 9, 20), torch.tensor([9, 7])).shape
    torch.Size([2, 9, 5])
    """
    import torch
    from torch import nn

    if recipe.kind not in ("bidireccional", "unidireccional", "ventana"):
        raise ValueError(
            f"kind debe ser 'bidireccional', 'unidireccional' o 'ventana'; ha llegado "
            f"{recipe.kind!r}."
        )
    both = recipe.kind == "bidireccional"

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            size = recipe.hidden_size
            self.onward = nn.LSTM(BANDS, size, batch_first=True)
            self.back = nn.LSTM(BANDS, size, batch_first=True) if both else None
            self.head = nn.Linear((1 + both) * size, symbols)

        def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
            states = [self.onward(x)[0]]
            if self.back is not None:
                # Cada locución se lee del revés por su cuenta: el relleno sigue detrás. Es lo que
                # hace una LSTM bidireccional empaquetada, varias veces más rápido en un procesador.
                states.append(flip(self.back(flip(x, lengths))[0], lengths))
            return self.head(torch.cat(states, dim=-1))

    class Window(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.look = nn.Conv1d(
                BANDS, recipe.hidden_size, 2 * recipe.reach + 1, padding=recipe.reach
            )
            self.mix = nn.Linear(recipe.hidden_size, recipe.hidden_size)
            self.head = nn.Linear(recipe.hidden_size, symbols)

        def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
            seen = torch.relu(self.look(x.transpose(1, 2))).transpose(1, 2)
            return self.head(torch.relu(self.mix(seen)))

    return Window() if recipe.kind == "ventana" else Recurrent()


def flip(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Cada fila del revés hasta su longitud; el relleno no se mueve.

    Examples
    --------
    >>> import torch
    >>> flip(torch.tensor([[[1], [2], [0]]]), torch.tensor([2])).flatten().tolist()
    [2, 1, 0]
    """
    import torch

    steps = torch.arange(x.shape[1])
    mirrored = lengths[:, None] - 1 - steps
    places = torch.where(mirrored >= 0, mirrored, steps)  # (lote, pasos)
    return x.gather(1, places[..., None].expand_as(x))


def pad(features: Sequence[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Un lote: (lote, pasos, bandas), con ceros detrás, y sus longitudes."""
    import torch

    rows = [torch.from_numpy(np.ascontiguousarray(one)) for one in features]
    lengths = torch.tensor([len(one) for one in rows])
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths


def encode(text: str, alphabet: str) -> list[int]:
    """Los símbolos de un texto: del 1 en adelante.

    Raises
    ------
    ValueError
        Si tiene una letra que no está en el alfabeto.

    Examples
    --------
    >>> encode("dos", "dnosu")
    [1, 3, 4]
    """
    if unknown := sorted(set(text) - set(alphabet)):
        raise ValueError(
            f"«{text}» tiene letras que la red no conoce: {', '.join(map(repr, unknown))}; conoce "
            f"{alphabet!r}. Escríbelo solo con ellas."
        )
    return [alphabet.index(letter) + 1 for letter in text]


def _check_pairs(
    features: Sequence[np.ndarray], transcripts: Sequence[str], labels: Sequence[list[int]]
) -> None:
    if len(features) != len(transcripts) or not len(features):
        raise ValueError(
            "Los sonidos y sus transcripciones deben ir de dos en dos; han llegado "
            f"{len(features)} y {len(transcripts)}."
        )
    for place, (sound, label) in enumerate(zip(features, labels, strict=True)):
        if not label:
            raise ValueError(f"La transcripción {place} está vacía. Escríbela o quita el sonido.")
        if len(sound) < frames_needed(label):
            raise ValueError(
                f"La transcripción {place}, «{transcripts[place]}», necesita {frames_needed(label)}"
                f" pasos y su sonido tiene {len(sound)}: la pérdida sería infinita. ¿Es la suya?"
            )

"""Mide cómo traduce una red del inglés al español con atención y sin ella; lo usa la lección 35.

``python -m tools.experiments.translation --data spa.txt`` deja en ``datasets/results/`` tres
tablas: ``traduccion.csv``, el chrF y el BLEU de cada red con frases apartadas;
``traduccion_propias.csv``, lo que escribe con las frases del curso; y ``traduccion_mapa.csv``,
adónde mira con una de ellas. Sin ``--data`` descarga las frases. Hace falta ``sacrebleu``.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from course_utils.datasets import load_sentence_pairs
from course_utils.lessons.lesson_35 import translation
from course_utils.lessons.lesson_35.sentences import MAP_SENTENCE, OWN
from course_utils.lessons.lesson_35.translation import train_translator
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

NEAREST, ATTENTIVE = "vecino", "atención"
KINDS = {ATTENTIVE: "producto", "último estado": "la última", "media": "media"}
BINS = ((1, 4), (5, 6), (7, 8), (9, 12), (13, 20))  # palabras de la frase inglesa
DESCRIPTION = "Traducción del inglés al español de frases apartadas: chrF y BLEU"
TABLES = {
    "propias": "Lo que traduce cada red de unas frases escritas para el curso",
    "mapa": "Adónde mira la red con atención al traducir una frase del curso",
}


class Task(NamedTuple):
    """Lo que comparten todos los modelos de una semilla.

    Attributes
    ----------
    train, test : tuple of list of str
        Las frases en inglés y en español, para entrenar y apartadas.
    pieces : Tokenizers
        Los dos BPE, aprendidos en las de entrenamiento.
    nearest : ndarray of int
        La frase de entrenamiento más parecida a cada una de las apartadas y de las del curso.
    places : dict of str to ndarray of int
        Qué frases apartadas cuentan en cada medida.
    """

    train: tuple[list[str], list[str]]
    test: tuple[list[str], list[str]]
    pieces: translation.Tokenizers
    nearest: np.ndarray
    places: dict[str, np.ndarray]


@functools.lru_cache(maxsize=1)
def prepare(data: str | None, seed: int) -> Task:
    """Reparte las frases y aprende las piezas. Lo que comparta algo con las del curso se quita."""
    english, spanish = load_sentence_pairs(data)
    own_english, own_spanish = zip(*OWN, strict=True)
    groups = translation.group_pairs([*english, *own_english], [*spanish, *own_spanish])
    free, own = np.split(groups, [len(english)])
    split = translation.split_pairs(free, seed=seed, reserved=own)
    lengths = translation.count_words(english)
    train = split.train[lengths[split.train] <= translation.LONGEST]
    test = split.test[lengths[split.test] <= BINS[-1][1]]
    known, asked = (tuple([texts[i] for i in part] for texts in (english, spanish))
                    for part in (train, test))  # fmt: skip
    nearest, likeness = translation.nearest(known[0], [*asked[0], *own_english])
    places = choose_places(lengths[test], likeness[: len(test)])
    return Task(known, asked, translation.learn_pieces(*known), nearest, places)


def measure(data: str | None, model: str, seed: int) -> Iterator[dict]:
    """Un modelo entrenado, o la referencia: lo que acierta, lo que escribe y adónde mira."""
    import torch

    torch.set_num_threads(1)
    task = prepare(data, seed)
    own_english, own_spanish = (list(texts) for texts in zip(*OWN, strict=True))
    seconds, parameters = 0.0, 0
    if model == NEAREST:
        written = [task.train[1][place] for place in task.nearest]
    else:
        options = {"pieces": task.pieces, "kind": KINDS[model], "seed": seed}
        start = time.process_time()
        network = train_translator(*task.train, **options)
        seconds = round(time.process_time() - start, 1)
        parameters = sum(tensor.numel() for tensor in network.parameters())
        written = translation.translate(network, task.pieces, [*task.test[0], *own_english])
        if model == ATTENTIVE:
            yield from map_rows(translation.attention_map(network, task.pieces, MAP_SENTENCE), seed)
    tested, own = written[: -len(OWN)], written[-len(OWN) :]
    parts = {
        where: ([tested[i] for i in chosen], [task.test[1][i] for i in chosen])
        for where, chosen in task.places.items()
    }
    parts["propias"] = own, own_spanish
    for where, (texts, wanted) in parts.items():
        yield {
            "table": "", "model": model, "seed": seed, "where": where, "sentences": len(texts),
            **score(texts, wanted), "parameters": parameters, "seconds": seconds,
        }  # fmt: skip
    if model == NEAREST:
        return  # lo que «escribe» son frases de los datos, que no se distribuyen
    for source, target, text in zip(own_english, own_spanish, own, strict=True):
        yield {
            "table": "propias", "model": model, "seed": seed, "english": source,
            "spanish": target, "written": text, "chrf": score([text], [target])["chrf"],
        }  # fmt: skip


def choose_places(lengths: np.ndarray, likeness: np.ndarray) -> dict[str, np.ndarray]:
    """Qué frases cuentan en cada medida.

    «Lejos» y «cerca» son la mitad menos parecida a alguna frase de entrenamiento y la otra.
    """
    usual = lengths <= translation.LONGEST
    middle = np.median(likeness[usual])
    places = {"todas": usual, "lejos": usual & (likeness <= middle)}
    places["cerca"] = usual & (likeness > middle)
    for first, last in BINS:
        places[f"{first}-{last}"] = (first <= lengths) & (lengths <= last)
    return {name: np.flatnonzero(chosen) for name, chosen in places.items() if chosen.any()}


def score(written: list[str], wanted: list[str]) -> dict[str, float]:
    """El chrF y el BLEU de unas traducciones, de 0 a 100."""
    import sacrebleu

    return {
        "chrf": round(sacrebleu.corpus_chrf(written, [wanted]).score, 3),
        "bleu": round(sacrebleu.corpus_bleu(written, [wanted]).score, 3),
    }


def map_rows(found: tuple[list[str], list[str], np.ndarray], seed: int) -> Iterator[dict]:
    """Una fila por pieza escrita y pieza leída, en orden."""
    read, written, weights = found
    for step, (piece, row) in enumerate(zip(written, weights, strict=True)):
        for position, (other, weight) in enumerate(zip(read, row, strict=True)):
            yield {
                "table": "mapa", "seed": seed, "step": step, "written": piece,
                "position": position, "read": other, "weight": round(float(weight), 5),
            }  # fmt: skip


def main() -> int:
    """Mide las tablas; devuelve el código de salida."""
    parser = sweep_parser(__doc__)
    parser.add_argument("--data", metavar="RUTA", help="las frases, ya en este ordenador")
    parser.add_argument("--seeds", type=int, default=3, help="cuántas semillas")
    options = parser.parse_args()
    points = [
        {"data": options.data, "model": model, "seed": seed}
        for seed in range(options.seeds)
        for model in (NEAREST, *KINDS)
    ]
    packages = ("numpy", "torch", "scikit-learn", "sacrebleu")
    found = Experiment("traduccion", measure, points, DESCRIPTION, packages, TABLES)
    return run_experiments([found], options)


if __name__ == "__main__":
    sys.exit(main())

"""Mide lo que la lección 33 no puede medir en directo.

``python -m tools.experiments.generation`` deja cuatro resultados:

- ``generacion_estado``: la red pequeña, con el estado de un tramo a otro y sin él;
- ``generacion_datos``: bits por carácter con la mitad, tres cuartos y todos los cuentos;
- ``generacion_muestras``: qué escribe el modelo entregado con cada manera de sortear;
- ``generacion_copia``: cuánto copian él y una red que se aprende unos cuentos de memoria.

Las dos últimas usan ``datasets/models/cuentos.safetensors``, que entrena ``tools.models.stories``;
las muestras, además, hunspell con su diccionario de español.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import product

import numpy as np

from course_utils.datasets import load_stories, load_trained
from course_utils.decoding import nucleus, softmax, top_k
from course_utils.lessons.lesson_33.counts import KneserNey
from course_utils.lessons.lesson_33.experiment import (
    LIVE,
    RECIPE,
    Recipe,
    alphabet_of,
    build_model,
    dictionary_share,
    encode,
    join_stories,
    longest_copied,
    story_bits,
    train,
    variety,
    whole_words,
    words_of,
    write_texts,
)
from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

STATE_SEEDS, DATA_SEEDS, SAMPLE_SEEDS, COPY_SEEDS = range(6), range(5), range(4), range(1)
SHARES = (0.5, 0.75, 1.0)
# Más pequeñas que la que se entrega y la de la lección: hay que entrenar muchas.
STATE = LIVE._replace(hidden_size=64)
CURVE = Recipe(dropout=0.2, rows=16, steps=48, epochs=12)
MEMORY = Recipe(hidden_size=192, epochs=60, steps=32, rows=16, weight_decay=0.0)
SETTINGS = {
    "temperatura": (0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2),
    "k": (2, 5, 10),
    "núcleo": (0.7, 0.8, 0.9, 0.95),
}


def chooser(method: str, setting: float):
    """De las puntuaciones a las probabilidades, según la manera de sortear."""
    if method == "temperatura":
        return partial(softmax, temperature=setting)
    cut = top_k if method == "k" else nucleus
    return lambda scores: cut(softmax(scores), int(setting) if method == "k" else setting)


def fitted(stories: list[str], recipe: Recipe, seed: int, **options):
    """Una red entrenada con unos cuentos, y sus caracteres."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    alphabet = alphabet_of(load_stories())
    model = build_model(len(alphabet), recipe)
    ids = torch.from_numpy(encode(join_stories(stories), alphabet))
    train(model, ids, recipe, seed=seed, **options)
    return model, alphabet


def shipped():
    """El modelo entregado y sus caracteres."""
    import torch

    torch.set_num_threads(1)
    trained = load_trained("cuentos")
    model = build_model(len(trained.vocabulary), RECIPE)
    trained.load_into(model, vocabulary=trained.vocabulary)
    return model, trained.vocabulary


def rounded_mean(bits: list[np.ndarray]) -> float:
    """Bits por carácter de todos los cuentos juntos."""
    return round(float(np.concatenate(bits).mean()), 4)


def measure_state(carry: bool, seed: int) -> dict:
    """Bits en validación de la red pequeña."""
    model, alphabet = fitted(load_stories(), STATE, seed, carry=carry)
    bits = rounded_mean(story_bits(model, load_stories("validation"), alphabet))
    return {"carry": carry, "seed": seed, "validation": bits}


def measure_data(share: float, seed: int) -> list[dict]:
    """Bits de la red y del mejor modelo de cuentas con una parte de los cuentos.

    Todas las partes dan las mismas actualizaciones: con menos cuentos, más vueltas.
    """
    stories = load_stories()
    stories = stories[: round(share * len(stories))]
    model, alphabet = fitted(stories, CURVE._replace(epochs=round(CURVE.epochs / share)), seed)
    parts = {part: load_stories(part) for part in ("validation", "test")}
    rows = [
        {"model": "red"}
        | {part: rounded_mean(story_bits(model, texts, alphabet)) for part, texts in parts.items()}
    ]
    counted = []
    for order in range(3, 10):
        counts = KneserNey(stories, order, alphabet)
        counted.append(
            {"model": "cuentas"}
            | {
                part: rounded_mean([counts.bits(text) for text in texts])
                for part, texts in parts.items()
            }
        )
    rows.append(min(counted, key=lambda row: row["validation"]))  # el orden, por validación
    return [{"share": share, "seed": seed, **row} for row in rows]


def measure_samples(method: str, setting: float, seed: int) -> dict:
    """Lo que se ve en 32 textos de 500 caracteres; con «prueba», en los cuentos de prueba."""
    if method == "prueba":
        texts = load_stories("test")
    else:
        model, alphabet = shipped()
        texts = write_texts(
            model,
            alphabet,
            chooser(method, setting),
            count=32,
            length=500,
            rng=np.random.default_rng([seed, 33]),
        )
    words = [word for text in texts for word in words_of(text)]
    known = set(words_of("\n".join(load_stories()) + " fin"))
    return {
        "method": method,
        "setting": setting,
        "seed": seed,
        "dictionary": round(dictionary_share([w for text in texts for w in whole_words(text)]), 4),
        "known": round(float(np.mean([word in known for word in words])), 4),
        "variety": round(variety(words), 4),
    }


def measure_copy(kind: str, seed: int) -> list[dict]:
    """El mayor tramo copiado en cada texto; se escriben tan largos como los de prueba."""
    tests, source = load_stories("test"), load_stories()
    if kind == "prueba":
        texts = tests
    else:
        if kind == "memoria":
            source = source[:36]
            model, alphabet = fitted(source, MEMORY, seed)
        else:
            model, alphabet = shipped()
        written = write_texts(
            model,
            alphabet,
            partial(softmax, temperature=0.7),
            count=len(tests),
            length=max(map(len, tests)),
            rng=np.random.default_rng([seed, 34]),
        )
        texts = [text[: len(test)] for text, test in zip(written, tests, strict=True)]
    joined = join_stories(source)
    return [
        {"kind": kind, "seed": seed, "text": place, "length": len(longest_copied(text, joined))}
        for place, text in enumerate(texts)
    ]


def main() -> int:
    """Mide las cuatro tablas; devuelve el código de salida."""
    options = sweep_parser(__doc__).parse_args()
    state = [{"carry": c, "seed": s} for c, s in product((True, False), STATE_SEEDS)]
    data = [{"share": share, "seed": s} for share, s in product(SHARES, DATA_SEEDS)]
    samples = [
        {"method": method, "setting": float(setting), "seed": seed}
        for method, settings in SETTINGS.items()
        for setting, seed in product(settings, SAMPLE_SEEDS)
    ]
    samples.append({"method": "prueba", "setting": 0.0, "seed": 0})
    copied = [{"kind": k, "seed": s} for k, s in product(("entregado", "memoria"), COPY_SEEDS)]
    copied.append({"kind": "prueba", "seed": 0})
    packages = ("numpy", "torch")
    return run_experiments(
        [
            Experiment("generacion_estado", measure_state, state,
                       "Bits en validación, con el estado de un tramo a otro y sin él", packages),
            Experiment("generacion_muestras", measure_samples, samples,
                       "Palabras de verdad y variedad según la manera de sortear", packages),
            Experiment("generacion_copia", measure_copy, copied,
                       "El mayor tramo copiado del entrenamiento en cada texto", packages),
            Experiment("generacion_datos", measure_data, data,
                       "Bits con la mitad, tres cuartos y todos los cuentos", packages),
        ],
        options,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

"""Ejercicios de la lección 31: cómo se sortean sus casos y qué se compara."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

import numpy as np

from course_utils.datasets import load_stories
from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes

# spelling: off
WORDS = (
    "año ano papá papa pingüino cigüeña mañana él el qué que río rio sonaba soñaba luna lunes "
    "abuela miró casa cantó canto montaña José niño"
).split()
SIGNS = "¿ ? ¡ ! « » — . , : 🎉 щ € ∞".split()
# spelling: on


def _names() -> dict[str, Any]:
    """Lo que la lección ha importado."""
    return {"re": re, "unicodedata": unicodedata, "Counter": Counter}


def _names_and_ids() -> dict[str, Any]:
    """También los números de la lección: hay quien los usa en lugar de los que recibe."""
    characters = sorted(set("".join(load_stories())))
    return _names() | {"char_ids": {char: 256 + place for place, char in enumerate(characters)}}


def _text(rng: np.random.Generator, form: str, count: int) -> str:
    """Palabras y signos al azar, en una de las dos formas."""
    parts = [
        str(rng.choice(WORDS)) + (str(rng.choice(SIGNS)) if rng.random() < 0.5 else "")
        for _ in range(count)
    ]
    return unicodedata.normalize(form, " ".join(parts))


# ---------------------------------------------------------------- 31.1


def _draw_encode(rng: np.random.Generator) -> tuple:
    """Un texto y unos caracteres conocidos, entre los que siempre está la ñ y falta alguno."""
    known = sorted({"ñ", *rng.permutation(sorted(set("".join(WORDS))))[: int(rng.integers(8, 20))]})
    text = _text(rng, str(rng.choice(["NFC", "NFD"])), int(rng.integers(3, 8)))
    return text + " mañana", {str(char): 256 + place for place, char in enumerate(known)}


ENCODE = Exercise(
    key="31.1",
    draw=_draw_encode,
    # spelling: off
    edges=(
        ("an\u0303o", {"a": 256, "o": 257, "ñ": 258}),
        ("¿щ🎉?", {"a": 256, "¿": 257}),
        ("", {"a": 256}),
        ("\u00bd ªa", {"a": 256, "1": 257}),
    ),
    # spelling: on
    namespace=_names_and_ids,
)

# ---------------------------------------------------------------- 31.2


def _draw_vocabulary(rng: np.random.Generator) -> tuple:
    """Palabras repetidas, con empates dentro y en el borde, en un orden que no ayuda."""
    chosen = [str(word) for word in rng.permutation(WORDS)[:9]]
    repeated = [
        word
        for word, times in zip(chosen, (5, 4, 3, 3, 3, 2, 2, 1, 1), strict=True)
        for _ in range(times)
    ]
    return [str(word) for word in rng.permutation(repeated)], int(rng.integers(3, 8))


VOCABULARY = Exercise(
    key="31.2",
    draw=_draw_vocabulary,
    edges=((["luna", "casa", "luna"], 5), (["b", "a", "b", "a"], 1), ([], 3), (["luna"], 0)),
    namespace=_names,
)

# ---------------------------------------------------------------- 31.3


def _draw_symbols(rng: np.random.Generator) -> tuple:
    """Símbolos de una o más letras, con la pareja repetida y, a veces, consigo misma."""
    alphabet = ["l", "a", "un", "na", "ñ"]
    pair = tuple(str(symbol) for symbol in rng.choice(alphabet, 2))
    symbols = [str(symbol) for symbol in rng.choice(alphabet, int(rng.integers(5, 11)))]
    place = int(rng.integers(0, len(symbols)))
    return [*symbols[:place], *pair, *symbols[place:], *pair], pair


MERGE = Exercise(
    key="31.3",
    draw=_draw_symbols,
    draws=8,
    edges=(
        (["l", "a", "l", "a", "l"], ("l", "a")),
        (["a"] * 5, ("a", "a")),
        (["a", "l"], ("l", "a")),
        (["la", "l", "a"], ("l", "a")),
        (["l", "a", "l"], ("la", "l")),  # la pareja no está: sus letras, sí
        (["ab", "c"], ("a", "bc")),
        (["na", "l", "a", "l"], ("l", "a")),
        (["l", "as"], ("l", "a")),  # está a mitad de otro símbolo
        ([" ", "l", "a"], ("l", "a")),
        (["l"], ("l", "a")),
        ([], ("l", "a")),
    ),
)

# ---------------------------------------------------------------- 31.4


def _draw_gradient(rng: np.random.Generator) -> tuple:
    """Tamaños todos distintos, palabras repetidas y alguna que no sale."""
    batch, steps, width = draw_sizes(rng, 3)
    size = int(rng.integers(9, 14))
    ids = rng.integers(0, size - 1, (batch, steps))
    ids[0, 0] = ids[-1, -1]
    return rng.normal(size=(batch, steps, width)), ids, size


GRADIENT = Exercise(
    key="31.4",
    draw=_draw_gradient,
    edges=((np.ones((1, 3, 2)), np.array([[2, 2, 2]]), 5),),
    namespace=_names,
)

# ---------------------------------------------------------------- 31.5


# spelling: off
def _draw_clean(rng: np.random.Generator) -> tuple:
    form = str(rng.choice(["NFC", "NFD"]))
    text = _text(rng, form, int(rng.integers(3, 8)))
    return (unicodedata.normalize(form, f"—¡ÉL cumplió {rng.integers(10, 99)} AÑOS!\n") + text,)


CLEAN = Exercise(
    key="31.5",
    draw=_draw_clean,
    edges=(
        ("¿Cuántos años tiene? «Cumplí 80».",),
        ("La 3.ª vez, 20\u00b2 y 1\u00bd…",),
        ("an\u0303o,\tAN\u0303O\n\n¡papa\u0301!",),
        ("La Straße",),
        ("  ",),
        ("",),
    ),
    namespace=_names,
)
# spelling: on

EXERCISES = (ENCODE, VOCABULARY, MERGE, GRADIENT, CLEAN)

"""Hitos del proyecto 54: voz y CTC."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes

WORDS = "cero uno dos tres cuatro cinco seis siete ocho nueve".split()

# ---------------------------------------------------------------- 54.1


def _draw_voices(rng: np.random.Generator) -> tuple:
    """Voces de varias familias, desordenadas; se apartan algunas, no todas las de su familia."""
    names = [f"{letter}{number}" for letter in "abcdef" for number in range(1, 4)]
    families = {name: name[0] for name in names}
    voices = rng.choice(names, size=int(rng.integers(30, 50)))
    apart = [f"{letter}{rng.integers(1, 4)}" for letter in rng.permutation(list("abcdef"))[:2]]
    return voices, np.array([families[voice] for voice in voices]), sorted(apart)


SPLIT = Exercise(
    key="54.1",
    draw=_draw_voices,
    edges=(
        # Una sola voz; una familia con una voz a cada lado; alguien apartado que no habla.
        (np.array(["ana", "ana2", "luis"]), np.array(["ana", "ana", "luis"]), ["ana"]),
        (np.array(["ana", "ana2", "luis"]), np.array(["ana", "ana", "luis"]), ["ana2"]),
        (np.array(["luis", "eva", "luis"]), np.array(["l", "e", "l"]), ["eva", "nadie"]),
        (np.array(["x", "y", "z", "x"]), np.array(["f", "f", "g", "f"]), ["y", "z"]),
    ),
)


# ---------------------------------------------------------------- 54.2


def _draw_path(rng: np.random.Generator) -> tuple:
    """Un camino con blancos, repeticiones seguidas y letras dobles."""
    steps, symbols = int(rng.integers(9, 15)), int(rng.integers(3, 6))
    weights = np.r_[0.4, np.full(symbols - 1, 0.6 / (symbols - 1))]
    path = [int(rng.choice(symbols, p=weights))]
    while len(path) < steps:
        stay = rng.random() < 0.4
        path.append(path[-1] if stay else int(rng.choice(symbols, p=weights)))
    scores = rng.normal(size=(steps, symbols))
    scores[np.arange(steps), path] += 3.0
    return (_log_softmax(scores),)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    return scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)


def _certain(*path: int, symbols: int = 4) -> np.ndarray:
    """Casi toda la probabilidad, en un camino."""
    scores = np.zeros((len(path), symbols))
    scores[np.arange(len(path)), path] = 9.0
    return _log_softmax(scores)


GREEDY = Exercise(
    key="54.2",
    draw=_draw_path,
    # Letra doble con blanco en medio; todo blancos; una letra larga; acaba y empieza en letra.
    edges=(
        (_certain(0, 2, 2, 0, 2, 1, 1, 0),),
        (_certain(0, 0, 0),),
        (_certain(3, 3, 3),),
        (_certain(1, 0, 0, 1),),
        (_certain(2, 0, 1, 3),),
    ),
)


# ---------------------------------------------------------------- 54.3


def _draw_loss(rng: np.random.Generator) -> tuple:
    """Un texto con alguna letra doble que cabe con holgura."""
    symbols = int(rng.integers(3, 6))
    labels = rng.integers(1, symbols, size=int(rng.integers(2, 5))).tolist()
    labels.insert(1, labels[0])
    steps = len(labels) + int(rng.integers(3, 8))
    return _log_softmax(rng.normal(scale=1.5, size=(steps, symbols))), labels


def _long_case() -> tuple:
    """Tan largo que las probabilidades, sin logaritmos, se hacen cero."""
    rng = np.random.default_rng(3)
    return _log_softmax(rng.normal(scale=4.0, size=(500, 6))), [1, 2, 3, 4, 5] * 8


_FLAT = _log_softmax(np.array([[0.3, 0.1, -0.2], [0.0, 0.5, 0.1], [0.2, -0.4, 0.4]]))

FORWARD = Exercise(
    key="54.3",
    draw=_draw_loss,
    draws=5,
    # Nada que decir; seis caminos; uno; dobles que caben justo y que no caben; largo.
    edges=(
        (_FLAT, []),
        (_FLAT, [1]),
        (_FLAT[:1], [1]),
        (_FLAT, [2, 2]),
        (_FLAT[:2], [1, 1]),
        (_FLAT, [1, 2, 1]),
        (_FLAT[:1], [1, 2]),
        _long_case(),
    ),
    tolerance=1e-8,
)


# ---------------------------------------------------------------- 54.4


def _draw_transcripts(rng: np.random.Generator) -> tuple:
    """Lo dicho y lo entendido: palabras cambiadas, de más y de menos, y largos distintos."""
    references, hypotheses = [], []
    for length in draw_sizes(rng, 4, range(1, 9)):
        said = rng.choice(WORDS, size=length).tolist()
        heard = [word for word in said if rng.random() > 0.15]
        heard = [str(rng.choice(WORDS)) if rng.random() < 0.2 else word for word in heard]
        if rng.random() < 0.6:
            heard.insert(int(rng.integers(0, len(heard) + 1)), str(rng.choice(WORDS)))
        references.append(" ".join(said))
        hypotheses.append(" ".join(heard))
    return references, hypotheses


RATE = Exercise(
    key="54.4",
    draw=_draw_transcripts,
    draws=6,
    # Todo bien; nada entendido; más errores que palabras; una de menos al principio; longitudes;
    # espacios de más, que la red escribe a veces.
    edges=(
        (["uno dos"], ["uno dos"]),
        (["uno dos", "tres"], ["", "tres"]),
        (["uno"], ["dos tres cuatro"]),
        (["uno dos tres cuatro"], ["dos tres cuatro"]),
        (["uno", "dos tres cuatro cinco seis siete"], ["dos", "dos tres cuatro cinco seis siete"]),
        (["seis siete seis"], ["siete seis siete"]),
        (["dos tres", "uno"], [" dos  tres ", "uno "]),
    ),
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 54.5


def _draw_beam(rng: np.random.Generator) -> tuple:
    """Pocos símbolos y dudas en cada paso: los caminos de un texto son muchos."""
    steps, symbols = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    scores = rng.normal(scale=1.0, size=(steps, symbols))
    return _log_softmax(scores), int(rng.choice([2, 4, 8, 30]))


def _confident() -> np.ndarray:
    """Casi toda la probabilidad, en un camino, y sin empates: el orden no decide qué se poda."""
    scores = np.random.default_rng(4).normal(size=(6, 4))
    scores[np.arange(6), [0, 2, 2, 0, 2, 1]] += 6.0
    return _log_softmax(scores)


def _best(answer: Any, log_probs: np.ndarray, width: int) -> Any:
    """El texto como tupla y su logaritmo."""
    found = answer(log_probs, width)
    if found is None:
        return None
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise TypeError("se esperaba una pareja, el texto y su logaritmo, y ha llegado otra cosa")
    labels, log_prob = found
    if isinstance(labels, str) or np.ndim(labels) != 1:
        raise TypeError("lo primero debe ser el texto, una tupla de enteros")
    if np.ndim(log_prob):
        raise TypeError("lo segundo debe ser un número, el logaritmo de la probabilidad")
    return [int(label) for label in labels], float(log_prob)


BEAM = Exercise(
    key="54.5",
    draw=_draw_beam,
    draws=8,
    probe=_best,
    # La voraz se equivoca; letra doble; seguridad; una sola hipótesis.
    edges=(
        (np.log([[0.6, 0.4], [0.6, 0.4]]), 2),
        (np.log([[0.1, 0.9], [0.7, 0.3], [0.2, 0.8]]), 4),
        (np.log([[0.4, 0.6], [0.45, 0.55], [0.4, 0.6], [0.45, 0.55]]), 6),
        (_confident(), 3),
        (_log_softmax(np.array([[0.2, 0.9, 0.1], [0.3, 0.2, 0.8]])), 1),
    ),
    tolerance=1e-8,
)

EXERCISES = (SPLIT, GREEDY, FORWARD, RATE, BEAM)

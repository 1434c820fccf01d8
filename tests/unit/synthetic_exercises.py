"""Ejercicios de mentira, uno de cada clase, para probar el motor que los corrige."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.answers import Mistake
from course_utils.exercises.definition import Exercise

HINTS = ("Una pista.", "Otra pista, más fuerte.")


def _batch(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=(3, 5)),)


def _word(rng: np.random.Generator) -> tuple:
    return ("".join(rng.choice(list("abc"), size=6)),)


def _count_twice(answer, start):
    counter = answer(start)
    counter.add()
    counter.add()
    return counter.total


def _both_ways(answer, word):
    codes = answer.encode(word)
    return codes, answer.decode(codes)


def _layer_sizes(answer, x):
    return tuple(answer(x.float()).shape), sum(item.numel() for item in answer.parameters())


def _torch_batch(rng: np.random.Generator) -> tuple:
    import torch

    return (torch.tensor(rng.normal(size=(2, 4))),)


def _good_enough(error):
    return None if 0 <= error < 0.1 else f"el error es {error:.2f} y debe ser menor que 0.1"


def _exercise(number: int, **options) -> Exercise:
    defaults = {"title": "Haz esto.", "stars": 1, "hints": HINTS, "mistakes": (), "variants": ()}
    return Exercise(key=f"99.{number}", **{**defaults, **options})


VALUE = _exercise(1, mistakes=(Mistake("¿Has sumado?", code="answer = 7"),))
FUNCTION = _exercise(
    2,
    draw=_batch,
    edges=((np.ones((2, 4)),),),
    mistakes=(
        Mistake("¿Has promediado el otro eje?", swap=(("axis=1", "axis=0"),)),
        Mistake("¿Falta dividir?", swap=(("x.mean", "x.sum"),)),
    ),
    mutates="def row_means(x):\n    x[:] = 0\n    return x.mean(axis=1)",
)
LOOP = _exercise(3, draw=_batch)
CLASS = _exercise(4, draw=lambda rng: (int(rng.integers(1, 9)),), probe=_count_twice)
OBJECT = _exercise(5, draw=_word, probe=_both_ways)
MODEL = _exercise(6, draw=_torch_batch, probe=_layer_sizes)
TRAINED = _exercise(7, threshold=_good_enough)
DIAGNOSIS = _exercise(8)
ARRAY = _exercise(9)

EXERCISES = (VALUE, FUNCTION, LOOP, CLASS, OBJECT, MODEL, TRAINED, DIAGNOSIS, ARRAY)

LOOP_START = "def squares(x):\n    out = []\n    for value in x.ravel():\n"
CODEC = """\
class Codec:
    def encode(self, word):
        return [ord(letter) - 97 for letter in word]

    def decode(self, codes):
        return "".join(chr(97 + code) for code in codes)


codec = Codec()"""

TEXTS = {
    "99.1": {"name": "answer", "blank": "answer = ...", "solution": "answer = 12"},
    "99.2": {
        "name": "row_means",
        "blank": 'def row_means(x):\n    """Medias."""\n    # TU CÓDIGO AQUÍ\n    ...',
        "solution": 'def row_means(x):\n    """Medias."""\n    return x.mean(axis=1)',
    },
    "99.3": {
        "name": "squares",
        "blank": LOOP_START + "        # TU CÓDIGO AQUÍ\n        ...\n    return out",
        "solution": LOOP_START + "        out.append(value**2)\n    return out",
    },
    "99.4": {
        "name": "Counter",
        "blank": "class Counter:\n    def __init__(self, start):\n        ...\n\n"
        "    def add(self):\n        ...",
        "solution": "class Counter:\n    def __init__(self, start):\n        self.total = start\n\n"
        "    def add(self):\n        self.total += 1",
    },
    "99.5": {"name": "codec", "blank": "codec = None", "solution": CODEC},
    "99.6": {
        "name": "model",
        "blank": "import torch\n\nmodel = ...",
        "solution": "import torch\n\nmodel = torch.nn.Linear(4, 3)",
    },
    "99.7": {"name": "error", "blank": "error = None", "solution": "error = 0.05"},
    "99.8": {"name": "cause", "blank": 'cause = ""', "solution": 'cause = "reshape"'},
    "99.9": {
        "name": "grid",
        "blank": "grid = None",
        "solution": "grid = np.arange(6.0).reshape(2, 3)",
    },
}

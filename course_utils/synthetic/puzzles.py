"""Parejas de frases con las mismas palabras y sentido contrario: solo el orden decide."""

from __future__ import annotations

from itertools import product

import numpy as np

from course_utils.validation import as_int

# Sustantivo y género.
THINGS = (
    ("la película", "f"), ("el libro", "m"), ("la comida", "f"), ("el hotel", "m"),
    ("la habitación", "f"), ("el servicio", "m"), ("la novela", "f"), ("el concierto", "m"),
    ("la tienda", "f"), ("el viaje", "m"), ("la sopa", "f"), ("el final", "m"),
)  # fmt: skip
# Masculino y femenino; todos valen para todo lo anterior.
GOOD = (
    ("bueno", "buena"),
    ("estupendo", "estupenda"),
    ("agradable", "agradable"),
    ("maravilloso", "maravillosa"),
    ("excelente", "excelente"),
    ("magnífico", "magnífica"),
)
BAD = (
    ("malo", "mala"),
    ("pésimo", "pésima"),
    ("desagradable", "desagradable"),
    ("horrible", "horrible"),
    ("lamentable", "lamentable"),
    ("espantoso", "espantosa"),
)
# En cada molde, el primer hueco es lo que se descarta y el segundo lo que se afirma.
FRAMES = (
    "{thing} no es {rejected}, es {asserted}",
    "dijeron que {thing} era {rejected}, pero es {asserted}",
    "{thing} antes era {rejected} y ahora es {asserted}",
    "esperaba que {thing} fuera {rejected} y resultó {asserted}",
    "{thing} parece {rejected} y en realidad es {asserted}",
    "nada de {rejected}: {thing} es {asserted}",
    "de {rejected} no tiene nada, {thing} es {asserted}",
)


def word_order_puzzles(count: int, *, rng: np.random.Generator) -> list[tuple[str, int]]:
    """Frases favorables (1) y desfavorables (0) que ninguna bolsa de palabras distingue.

    Van por parejas seguidas con exactamente las mismas palabras y etiquetas contrarias. Para no
    separar una pareja, reparte los datos de dos en dos.

    Parameters
    ----------
    count : int
        Cuántas parejas; salen ``2 * count`` frases, sin repetir ninguna.
    rng : numpy.random.Generator
        De dónde sale el azar.

    Returns
    -------
    list of (str, int)
        Frase y etiqueta.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` no es un entero entre 0 y el número de parejas distintas.

    Examples
    --------
    >>> for phrase, label in word_order_puzzles(1, rng=np.random.default_rng(3)):
    ...     print(label, phrase)
    1 esperaba que el viaje fuera desagradable y resultó excelente
    0 esperaba que el viaje fuera excelente y resultó desagradable
    """
    count = as_int("count", count, minimum=0)
    options = list(product(THINGS, GOOD, BAD, FRAMES))
    if count > len(options):
        raise ValueError(
            f"Solo hay {len(options)} parejas distintas; has pedido {count}. Pide menos."
        )
    puzzles: list[tuple[str, int]] = []
    for place in rng.choice(len(options), size=count, replace=False):
        (thing, gender), good, bad, frame = options[place]
        fine, poor = good[gender == "f"], bad[gender == "f"]
        pair = [
            (frame.format(thing=thing, rejected=poor, asserted=fine), 1),
            (frame.format(thing=thing, rejected=fine, asserted=poor), 0),
        ]
        puzzles += pair if rng.random() < 0.5 else pair[::-1]
    return puzzles

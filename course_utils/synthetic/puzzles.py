"""Parejas de frases con las mismas palabras y sentido contrario: solo el orden decide."""

from __future__ import annotations

from collections.abc import Sequence
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
# Cada molde tiene dos huecos: lo que se descarta y lo que se afirma, que decide la etiqueta. En la
# mitad de los moldes lo afirmado va al final; en la otra mitad, delante.
_LAST = (
    "{thing} no es {rejected}, es {asserted}",
    "dijeron que {thing} era {rejected}, pero es {asserted}",
    "{thing} antes era {rejected} y ahora es {asserted}",
    "esperaba que {thing} fuera {rejected} y resultó {asserted}",
    "{thing} parece {rejected} y en realidad es {asserted}",
    "nada de {rejected}: {thing} es {asserted}",
    "de {rejected} no tiene nada, {thing} es {asserted}",
)
_FIRST = (
    "{thing} es más {asserted} que {rejected}",
    "{thing} es {asserted}, y no {rejected}",
    "{thing} es {asserted}, aunque antes era {rejected}",
    "{thing} resultó {asserted}, y eso que parecía {rejected}",
    "{thing} es {asserted} en realidad, por más que parezca {rejected}",
    "{thing} es {asserted}: de {rejected} no tiene nada",
    "digan lo que digan, {thing} es {asserted}, no {rejected}",
)
# En estos, los dos adjetivos llevan al lado las mismas palabras.
BLIND_FRAMES = (
    "al principio {thing} era {rejected} y al final era {asserted} y lo sabe todo el mundo",
    "mienten si dicen que {thing} es {rejected} y aciertan si dicen que es {asserted} y punto",
    "al final {thing} era {asserted} y al principio era {rejected} y lo sabe todo el mundo",
    "aciertan si dicen que {thing} es {asserted} y mienten si dicen que es {rejected} y punto",
)
FRAMES = (*_LAST, *_FIRST, *BLIND_FRAMES)
# Para apartarlos del entrenamiento: sus palabras están en los otros moldes, puestas de otra manera.
HELD_OUT_FRAMES = (
    "antes {thing} era {rejected}, pero ahora es {asserted}",
    "{thing} parecía {rejected} y resultó {asserted}",
    "ahora {thing} es {asserted}, y antes era {rejected}",
    "{thing} resultó {asserted}, no {rejected}",
)


def word_order_puzzles(
    count: int, *, rng: np.random.Generator, frames: Sequence[str] = FRAMES
) -> list[tuple[str, int]]:
    """Frases favorables (1) y desfavorables (0) que ninguna bolsa de palabras distingue.

    Van por parejas seguidas con exactamente las mismas palabras y etiquetas contrarias. Para no
    separar una pareja, reparte los datos de dos en dos. En una pareja el adjetivo que se afirma es
    el último y en la siguiente, el primero, así que mirar solo uno de los dos acierta la mitad de
    las veces, también en cualquier trozo con un número par de parejas.

    Parameters
    ----------
    count : int
        Cuántas parejas; salen ``2 * count`` frases, sin repetir ninguna.
    rng : numpy.random.Generator
        De dónde sale el azar.
    frames : sequence of str, default FRAMES
        Los moldes: todos, :data:`BLIND_FRAMES`, en los que tampoco bastan las parejas de palabras
        seguidas, :data:`HELD_OUT_FRAMES`, que no están en los demás, u otros.

    Returns
    -------
    list of (str, int)
        Frase y etiqueta.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` no es un entero entre 0 y el número de parejas distintas, o si no hay tantos
        moldes con lo afirmado al final como delante.

    Examples
    --------
    >>> for phrase, label in word_order_puzzles(2, rng=np.random.default_rng(5)):
    ...     print(label, phrase)
    0 el viaje es horrible: de maravilloso no tiene nada
    1 el viaje es maravilloso: de horrible no tiene nada
    0 de maravilloso no tiene nada, el concierto es horrible
    1 de horrible no tiene nada, el concierto es maravilloso
    """
    count = as_int("count", count, minimum=0)
    late, early = halves = [
        list(
            product(THINGS, GOOD, BAD, [frame for frame in frames if _asserts_last(frame) == last])
        )
        for last in (True, False)
    ]
    if len(late) != len(early):
        raise ValueError(
            "Se esperaban tantos moldes con lo afirmado al final como delante, y han llegado "
            f"{list(frames)}. Añade o quita alguno."
        )
    if count > len(late) + len(early):
        raise ValueError(
            f"Solo hay {len(late) + len(early)} parejas distintas; has pedido {count}. Pide menos."
        )
    turn = int(rng.integers(2))
    drawn = [rng.permutation(len(late))[:count] for _ in halves]
    puzzles: list[tuple[str, int]] = []
    for place in range(count):
        half = (place + turn) % 2
        (thing, gender), good, bad, frame = halves[half][drawn[half][place // 2]]
        fine, poor = good[gender == "f"], bad[gender == "f"]
        pair = [
            (frame.format(thing=thing, rejected=poor, asserted=fine), 1),
            (frame.format(thing=thing, rejected=fine, asserted=poor), 0),
        ]
        puzzles += pair if rng.random() < 0.5 else pair[::-1]
    return puzzles


def puzzle_opinions() -> dict[str, int]:
    """Los adjetivos de las adivinanzas, en los dos géneros: 1 si es de los buenos y 0 si no.

    Examples
    --------
    >>> opinions = puzzle_opinions()
    >>> opinions["estupenda"], opinions["pésimo"]
    (1, 0)
    """
    groups = ((GOOD, 1), (BAD, 0))
    return {word: label for group, label in groups for forms in group for word in forms}


def _asserts_last(frame: str) -> bool:
    return frame.index("{asserted}") > frame.index("{rejected}")

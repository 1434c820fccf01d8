"""Cómo se define un ejercicio. Los de una lección están en su carpeta, ``lessons/lesson_NN/``.

``exercises.py`` dice cómo se sortean los casos de cada uno y qué se mira y se compara;
``answers.toml``, todo lo que se escribe: título, pistas, errores conocidos y variantes.

La solución se escribe una sola vez, en la fuente de la lección, y la herramienta que genera los
cuadernos la deja en ``solutions.json``.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from types import CodeType
from typing import Any

import numpy as np

from course_utils.exercises.answers import Mistake, Rejected, Variant, read_answers
from course_utils.exercises.compare import differences

# Fija el caso que se sortea en cada proceso, para repetir un veredicto.
SEED_VARIABLE = "CURSO_CASO"


def _call(answer: Any, *args: Any) -> Any:
    return answer(*args)


@cache
def fresh_seed() -> int:
    """Semilla del caso nuevo: la de ``CURSO_CASO`` o una sorteada, la misma en todo el proceso.

    Raises
    ------
    ValueError
        Si la variable no es un entero que no sea negativo.
    """
    chosen = os.environ.get(SEED_VARIABLE)
    if not chosen:
        return secrets.randbelow(1_000_000)
    if not chosen.isdecimal():
        raise ValueError(
            f"{SEED_VARIABLE} debe ser un entero, como 2017, y es {chosen!r}. Corrígela o quítala."
        )
    return int(chosen)


@dataclass(frozen=True)
class Exercise:
    """Todo lo que hace falta para plantear, juzgar y probar un ejercicio.

    Attributes
    ----------
    key : str
        Lección y número, como ``"12.1"``.
    draw : callable
        ``draw(rng)`` devuelve los argumentos de un caso. Sin él, el ejercicio pide un valor.
    edges : tuple of tuple
        Casos fijos que se prueban además de los sorteados.
    probe : callable
        ``probe(answer, *args)`` obtiene de la respuesta lo que se compara. Por omisión la llama.
    compare : callable
        ``compare(received, expected)`` devuelve ``None`` o qué falla.
    threshold : callable, optional
        Para resultados entrenados: ``threshold(received)`` devuelve ``None`` o qué falla, y la
        solución solo se ejecuta si hace falta.
    namespace : callable
        Nombres que la solución encuentra ya definidos en la lección.
    requires : tuple of str
        Ejercicios cuyas soluciones usa esta.
    seconds : float
        Tiempo de procesador que se concede a una respuesta en cada caso; si espera, cinco veces
        más de reloj.
    draws : int
        Cuántos casos se sortean en cada comprobación.
    tolerance : float
        Diferencia que se admite; la que usa ``compare`` por omisión.
    fresh : bool
        Si además se prueba un caso nuevo, con una semilla sorteada una vez por proceso. No lo
        tienen los modelos ni los resultados entrenados.
    max_mutants : int
        Cuántos mutantes se prueban; menos en los ejercicios que entrenan.
    title, stars, hints, mistakes, variants, rejected, mutates, equivalent
        Lo que está en ``answers.toml``: qué se pide, la dificultad (de 1 a 3), dos pistas, al menos
        cuatro errores con su causa, al menos dos respuestas correctas distintas de la solución, las
        que no valen y no tienen una causa que nombrar, una que modifica su entrada y los mutantes
        que no cambian nada, con la razón.
    known
        Lo que se va sabiendo de cada error, por su lugar y la semilla del caso nuevo.
    """

    key: str
    draw: Callable[[np.random.Generator], tuple] | None = None
    edges: tuple[tuple, ...] = ()
    probe: Callable[..., Any] = _call
    compare: Callable[[Any, Any], str | None] | None = None
    threshold: Callable[[Any], str | None] | None = None
    namespace: Callable[[], dict[str, Any]] = dict
    requires: tuple[str, ...] = ()
    seconds: float = 4.0
    draws: int = 4
    tolerance: float = 1e-6
    fresh: bool = True
    max_mutants: int = 200
    title: str = ""
    stars: int = 1
    hints: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    variants: tuple[Variant, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    mutates: str | None = None
    equivalent: Mapping[str, str] = field(default_factory=dict)
    known: dict[tuple[int, int], Any] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def is_value(self) -> bool:
        """Si lo que se pide es un valor y no algo que se llama con argumentos."""
        return self.draw is None and not self.edges

    @property
    def uses_answer(self) -> bool:
        """Si la respuesta se usa para algo: no se compara ella misma."""
        return not self.is_value or self.probe is not _call

    def cases(self, *, seed: int = 2017, draws: int | None = None) -> list[tuple]:
        """Argumentos de cada caso: los fijos y los sorteados con ``seed``."""
        if self.is_value:
            return [()]
        rng = np.random.default_rng([seed, *map(ord, self.key)])
        count = (self.draws if draws is None else draws) if self.draw else 0
        return [*self.edges, *(self.draw(rng) for _ in range(count))]

    def fresh_cases(self) -> list[tuple]:
        """El caso que no se puede haber memorizado: uno, o ninguno."""
        if not self.fresh or self.draw is None or self.threshold is not None:
            return []
        return self.cases(seed=fresh_seed(), draws=1)[len(self.edges) :]

    def observe(self, answer: Any, args: tuple) -> Any:
        """Lo que se compara de una respuesta en un caso."""
        return self.probe(answer, *args) if self.uses_answer else answer

    def verdict(
        self, received: Any, expected: Callable[[], Any], *, slack: float = 1.0
    ) -> str | None:
        """``None`` si lo recibido vale; si no, qué falla. ``slack`` amplía la tolerancia."""
        if self.threshold is not None:
            return self.threshold(received)
        if self.compare is not None:
            return self.compare(received, expected())
        return differences(
            received,
            expected(),
            tolerance=slack * self.tolerance,
            reveal=not self.is_value,
        )


def _lesson_file(number: str, name: str) -> str:
    folder = files("course_utils.lessons") / f"lesson_{number}"
    return (folder / name).read_text(encoding="utf-8")


@cache
def texts(key: str) -> dict[str, str]:
    """Textos empaquetados de un ejercicio: ``name``, ``blank`` y ``solution``."""
    try:
        return json.loads(_lesson_file(key.split(".")[0], "solutions.json"))[key]
    except (FileNotFoundError, KeyError) as error:
        raise LookupError(
            f"Falta el texto de la solución {key}. Si has instalado el curso, vuelve a instalarlo; "
            "si lo mantienes, ejecuta python -m tools.notebooks.build."
        ) from error


def run_text(exercise: Exercise, text: str, *, label: str) -> Any:
    """Ejecuta el texto de una respuesta y devuelve el objeto que define."""
    namespace: dict[str, Any] = {"np": np, **exercise.namespace()}
    for required in exercise.requires:
        name = texts(required)["name"]
        namespace[name] = reference(find(required))
    exec(_compiled(text, f"<{label} {exercise.key}>"), namespace)
    return namespace[texts(exercise.key)["name"]]


@lru_cache(maxsize=256)
def _compiled(text: str, filename: str) -> CodeType:
    """El código de un texto: el de un error conocido se ejecuta en cada comprobación."""
    return compile(text, filename, "exec")


def reference(exercise: Exercise) -> Any:
    """Objeto que define la solución de un ejercicio."""
    return run_text(exercise, texts(exercise.key)["solution"], label="solución")


@cache
def lesson_numbers() -> tuple[str, ...]:
    """Números de las lecciones que tienen ejercicios."""
    names = (entry.name for entry in files("course_utils.lessons").iterdir())
    return tuple(sorted(name[-2:] for name in names if name.startswith("lesson_")))


@cache
def lesson_answers(number: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """Título de una lección y lo que ``answers.toml`` dice de cada ejercicio."""
    return read_answers(_lesson_file(number, "answers.toml"), lesson=number)


def lesson_exercises(number: str) -> tuple[str, tuple[Exercise, ...]]:
    """Título y ejercicios de una lección, con lo que ``answers.toml`` dice de cada uno.

    Raises
    ------
    ValueError
        Si ``exercises.py`` y ``answers.toml`` no hablan de los mismos ejercicios.
    """
    defined = import_module(f"course_utils.lessons.lesson_{number}.exercises").EXERCISES
    title, answers = lesson_answers(number)
    if unpaired := {exercise.key for exercise in defined} ^ answers.keys():
        raise ValueError(
            f"Lección {number}: {', '.join(sorted(unpaired))} debe estar en exercises.py y en "
            "answers.toml, y solo está en uno. Añádelo al otro o quítalo."
        )
    return title, tuple(replace(exercise, **answers[exercise.key]) for exercise in defined)


def find(key: str) -> Exercise:
    """Busca un ejercicio por su clave.

    Raises
    ------
    ValueError
        Si no existe; el mensaje dice cuáles hay.

    Examples
    --------
    >>> find("12.1").key
    '12.1'
    """
    if not isinstance(key, str):
        raise ValueError(f'Escribe el ejercicio entre comillas, como "12.1"; ha llegado {key!r}.')
    number = key.split(".")[0]
    if number not in lesson_numbers():
        known = ", ".join(lesson_numbers())
        raise ValueError(f"No hay ejercicio {key!r}. Hay lecciones con ejercicios: {known}.")
    exercises = lesson_exercises(number)[1]
    for exercise in exercises:
        if exercise.key == key:
            return exercise
    known = ", ".join(exercise.key for exercise in exercises)
    raise ValueError(f"No hay ejercicio {key!r}. Los de la lección {number} son {known}.")

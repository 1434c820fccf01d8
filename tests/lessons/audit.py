"""Lo que se le exige a la comprobación de un ejercicio, a partir de su definición."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from course_utils.exercises import definition
from course_utils.exercises.compare import differences
from course_utils.exercises.core import assess, judge
from course_utils.exercises.definition import Exercise, run_text
from course_utils.exercises.sandbox import Outcome, run
from tests.lessons.mutation import Mutant, mutants

# Casos con los que se decide si un mutante es de verdad distinto; no son los de la comprobación.
OTHER_SEED, OTHER_DRAWS = 404, 40


@dataclasses.dataclass(frozen=True)
class MutantReport:
    """Qué ha pasado con los mutantes de un ejercicio.

    Attributes
    ----------
    killed : int
        Rechazados.
    equivalent : list of Mutant
        Aceptados que en casos independientes dan lo mismo que la solución.
    holes : list of Mutant
        Aceptados que dan algo distinto: la comprobación tiene un agujero.
    unlisted : list of Mutant
        Equivalentes que ``answers.toml`` no declara con su razón.
    obsolete : list of str
        Cambios declarados como equivalentes que ya no existen o no lo son.
    """

    killed: int
    equivalent: list[Mutant]
    holes: list[Mutant]
    unlisted: list[Mutant]
    obsolete: list[str]

    @property
    def problems(self) -> list[str]:
        """Una línea por problema, con lo que hay que hacer."""
        return [
            *(
                f"La comprobación acepta {mutant.description}: añade casos que lo distingan."
                for mutant in self.holes
            ),
            *(
                f"{mutant.description} no cambia nada: decláralo en equivalent, sin la línea."
                for mutant in self.unlisted
            ),
            *(f"{change} está en equivalent y no debe: quítalo." for change in self.obsolete),
        ]


def solution_of(exercise: Exercise) -> str:
    """Texto de la solución."""
    return definition.texts(exercise.key)["solution"]


def build(exercise: Exercise, text: str) -> Any:
    """Objeto que define un texto de respuesta."""
    return run_text(exercise, text, label="respuesta")


def solution_lines(exercise: Exercise) -> list[str]:
    """Las líneas de código que están en la solución y no en el hueco."""
    texts = definition.texts(exercise.key)
    given = {line.strip() for line in texts["blank"].splitlines()}
    lines = [line.split("  #")[0].strip() for line in texts["solution"].splitlines()]
    return [line for line in lines if line and line not in given and not line.startswith("#")]


def reveals(text: str, exercise: Exercise) -> bool:
    """Si un texto contiene la solución: todas sus líneas, con o sin el ``return``."""
    lines = [line.removeprefix("return ") for line in solution_lines(exercise)]
    return all(line in text for line in lines)


def passes_unsolved(exercise: Exercise) -> bool:
    """Si el hueco, tal como se entrega, ya da lo que se pide."""
    blank = build(exercise, definition.texts(exercise.key)["blank"])
    return assess(exercise, blank, diagnose=False).state == "correcto"


def contains_data(value: Any) -> bool:
    """Si hay algo que una respuesta pueda modificar: arrays, listas, diccionarios o tensores."""
    if isinstance(value, np.ndarray | list | dict) or hasattr(value, "detach"):
        return True
    return isinstance(value, tuple) and any(map(contains_data, value))


def kinds(value: Any) -> Any:
    """De qué tipo es todo lo que hay en un resultado, sin sus números."""
    if isinstance(value, dict):
        return {key: kinds(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value).__name__, [kinds(item) for item in value]
    if hasattr(value, "dtype") and np.ndim(value):
        return type(value).__name__, str(value.dtype), getattr(value, "requires_grad", None)
    return "precisión simple" if isinstance(value, np.float16 | np.float32) else None


def same_kinds(exercise: Exercise, one: Any, other: Any) -> bool:
    """Si dos funciones devuelven cosas del mismo tipo en todos los casos."""
    returned: list[list[Any]] = []
    for answer in (one, other):
        values: list[Any] = []

        def listen(*args: Any, answer: Any = answer, values: list = values, **options: Any) -> Any:
            values.append(answer(*args, **options))
            return values[-1]

        for args in exercise.cases():
            exercise.observe(listen, args)
        returned.append(list(map(kinds, values)))
    return returned[0] == returned[1]


def chosen_mutants(exercise: Exercise) -> list[Mutant]:
    """Los mutantes que se prueban: todos, o una muestra fija con los declarados equivalentes."""
    every = mutants(solution_of(exercise))
    if len(every) <= exercise.max_mutants:
        return every
    picked = set(random.Random(exercise.key).sample(range(len(every)), exercise.max_mutants))
    return [
        mutant
        for place, mutant in enumerate(every)
        if place in picked or mutant.change in exercise.equivalent
    ]


def examine_mutants(exercise: Exercise) -> MutantReport:
    """Juzga los mutantes de una solución como si los hubiera escrito quien aprende.

    Uno que no acaba en el tiempo de procesador del ejercicio cuenta como rechazado.
    """
    killed, equivalent, holes = 0, [], []
    build(exercise, solution_of(exercise))  # lo que importa no se descuenta a los mutantes
    is_different = distinguisher(exercise)
    for mutant in chosen_mutants(exercise):
        made = run(partial(build, exercise, mutant.source), (), seconds=exercise.seconds, ours=True)
        if not made.finished or judge(exercise, made.value, diagnose=False).state != "correcto":
            killed += 1
        elif is_different(made.value):
            holes.append(mutant)
        else:
            equivalent.append(mutant)
    return MutantReport(
        killed,
        equivalent,
        holes,
        unlisted=[item for item in equivalent if not exercise.equivalent.get(item.change)],
        obsolete=[
            change
            for change in exercise.equivalent
            if change not in {mutant.change for mutant in equivalent}
        ],
    )


def distinguisher(exercise: Exercise) -> Callable[[Any], bool]:
    """Función que dice si una respuesta difiere de la solución en casos independientes."""
    cases = exercise.cases(seed=OTHER_SEED, draws=OTHER_DRAWS)
    known: list[Any] = []

    def expected() -> list[Any]:
        if not known:
            reference = build(exercise, solution_of(exercise))
            known.extend(exercise.observe(reference, args) for args in cases)
        return known

    def is_different(answer: Any) -> bool:
        outcomes = (
            run(partial(exercise.observe, answer), (args,), seconds=exercise.seconds, ours=True)
            for args in cases
        )
        return any(
            differs(exercise, outcome, wanted)
            for outcome, wanted in zip(outcomes, expected(), strict=True)
        )

    return is_different


def differs(exercise: Exercise, outcome: Outcome, wanted: Any) -> bool:
    """Si un resultado difiere del esperado en más de diez veces la tolerancia."""
    if not outcome.finished:
        return True
    if exercise.threshold is not None:
        return exercise.threshold(outcome.value) is not None
    if exercise.compare is not None:
        return exercise.compare(outcome.value, wanted) is not None
    return differences(outcome.value, wanted, tolerance=10 * exercise.tolerance) is not None

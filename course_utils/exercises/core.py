"""``check``, ``hint``, ``solution`` y ``progress``: lo que usa quien aprende."""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import starmap
from typing import Any

import numpy as np

from course_utils.exercises import store
from course_utils.exercises.answers import Mistake
from course_utils.exercises.compare import differences
from course_utils.exercises.contract import Witness, renamed, unusable
from course_utils.exercises.definition import (
    SEED_VARIABLE,
    Exercise,
    find,
    fresh_seed,
    lesson_exercises,
    lesson_numbers,
    reference,
    run_text,
    texts,
)
from course_utils.exercises.libraries import KEEPER, load_named
from course_utils.exercises.output import Output
from course_utils.exercises.randomness import same_randomness
from course_utils.exercises.sandbox import PATIENCE, Budget, Outcome, attempt, run, same_code
from course_utils.notes import show
from course_utils.validation import describe

# Lo último que check ha entregado como referencia en cada ejercicio: si vuelve tal cual, es que la
# celda de la respuesta no se ha ejecutado de nuevo.
_HANDED_OVER: dict[str, Any] = {}

# Cuántas veces su tolerancia se admite en el caso nuevo: que acertarlo no dependa del sorteo.
FRESH_SLACK = 10.0
# Segundos que se conceden para describir en pocas palabras lo que ha llegado.
GLANCE = 1.0
# Letras que se enseñan de un texto, o una lista de textos, con los que se ha probado un caso.
INPUT_LETTERS = 120

MARKS = {"sin intentar": "○", "error": "✗", "incorrecto": "✗", "correcto": "✓"}


@dataclass(frozen=True)
class Verdict:
    """Resultado de juzgar una respuesta.

    Attributes
    ----------
    state : {"sin intentar", "error", "incorrecto", "correcto"}
        Uno de los cuatro estados.
    message : str
        Qué ha pasado y por dónde seguir.
    usable : bool
        Si el resto del cuaderno puede seguir con la respuesta.
    output : Output
        Lo que la respuesta ha escrito y dibujado en el último caso que se ha probado.
    """

    state: str
    message: str = ""
    usable: bool = False
    output: Output = field(default_factory=Output, compare=False, repr=False)


def check(key: str, answer: Any) -> Any:
    """Comprueba una respuesta y dice qué tal está.

    Parameters
    ----------
    key : str
        El ejercicio, como ``"12.1"``.
    answer : object
        Lo que has escrito: un valor, una función, una clase o un modelo.

    Returns
    -------
    object
        Tu respuesta si es correcta y el resto del cuaderno puede usarla; si no, la de referencia,
        para que funcione igual.

    Raises
    ------
    ValueError
        Si el ejercicio no existe.
    """
    exercise = find(key)
    if key in _HANDED_OVER and answer is _HANDED_OVER[key]:
        show(
            f"**{key} · ○ Sin ejecutar.** Ahora `{texts(key)['name']}` es la solución de "
            "referencia. Ejecuta antes la celda de tu respuesta y después esta."
        )
        return answer
    replaced = KEEPER.restore()
    with same_randomness():
        verdict = judge(exercise, answer)
    verdict.output.show()
    mark = MARKS[verdict.state]
    lines = [f"**{key} · {mark} {verdict.state.capitalize()}.** {verdict.message}".rstrip()]
    if verdict.usable:
        lines.append("El cuaderno sigue con tu respuesta.")
    elif verdict.state == "correcto":
        lines.append("El cuaderno sigue con la solución de referencia.")
    else:
        lines.append(
            f'El cuaderno sigue con la solución de referencia. Pistas: `hint("{key}")`, '
            f'`hint("{key}", 2)`; solución: `solution("{key}")`.'
        )
    if replaced:
        lines.append(f"`{replaced[0]}` no era la de la biblioteca; vuelve a serlo.")
    try:
        store.remember(key, verdict.state)
    except OSError as error:
        lines.append(
            f"No se ha podido guardar tu progreso en `{store.folder()}`: {store.reason(error)}."
        )
    show("  \n".join(lines))
    if verdict.usable:
        return answer
    with same_randomness():
        _HANDED_OVER[key] = distinct(reference(exercise))
    return _HANDED_OVER[key]


def distinct(value: Any) -> Any:
    """El mismo valor en un objeto nuevo, para reconocerlo si vuelve.

    Los enteros y los textos cortos son siempre el mismo objeto en Python; los de NumPy, no.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return type(np.asarray(value)[()])(value)


def judge(exercise: Exercise, answer: Any, *, diagnose: bool = True) -> Verdict:
    """Juzga una respuesta sin mostrar nada ni guardarlo.

    Parameters
    ----------
    exercise : Exercise
        El ejercicio.
    answer : object
        La respuesta.
    diagnose : bool, default True
        Si se busca la causa entre los errores conocidos.
    """
    if untouched(exercise, answer):
        return not_tried(exercise)
    return assess(exercise, answer, diagnose=diagnose)


def assess(exercise: Exercise, answer: Any, *, diagnose: bool = True) -> Verdict:
    """Juzga lo que una respuesta hace, aunque sea la celda en blanco.

    Parameters
    ----------
    exercise : Exercise
        El ejercicio.
    answer : object
        La respuesta.
    diagnose : bool, default True
        Si se busca la causa entre los errores conocidos.
    """
    if exercise.uses_answer and not callable(answer) and callable(reference(exercise)):
        name, is_class = texts(exercise.key)["name"], isinstance(reference(exercise), type)
        kind = ("una clase", "la clase") if is_class else ("una función", "la función")
        return Verdict(
            "incorrecto",
            f"Se esperaba que `{name}` fuera {kind[0]} y ha llegado `{describe(answer)}`. "
            f"¿Has guardado el resultado en lugar de {kind[1]}?",
        )
    load_named(answer)
    return Trial(exercise, answer, diagnose=diagnose).verdict()


class Trial:
    """La comprobación de una respuesta, caso por caso.

    Después de los casos fijos va uno nuevo, que no se puede haber memorizado, y otra vez el primero
    sorteado, que delata a la que recuerda algo entre llamadas. Al final, nada de lo devuelto ha de
    haber cambiado.
    """

    def __init__(self, exercise: Exercise, answer: Any, *, diagnose: bool) -> None:
        self.exercise, self.answer, self.diagnose = exercise, answer, diagnose
        self.usual = exercise.cases()
        self.cases = [*self.usual, *exercise.fresh_cases()]
        self.budget, self.expected = Budget(exercise.seconds), Expectations(exercise, self.cases)
        self.outcomes: list[Outcome] = []
        self.witnesses: list[Witness] = []

    def verdict(self) -> Verdict:
        """El veredicto: el del primer caso que falla o, si no hay ninguno, correcto."""
        reason = None
        for number in range(len(self.cases)):
            witness, failure = self.try_case(number)
            if any(value is Ellipsis for value in witness.returned):
                return not_tried(self.exercise)
            if failure is not None:
                output = self.outcomes[-1].output
                return replace(self.explained(failure, number), output=output)
            if self.exercise.threshold is None:
                pairs = zip(witness.returned, self.expected.returned[number], strict=False)
                reason = reason or next(filter(None, starmap(unusable, pairs)), None)
        if callable(self.expected.object):
            reason = reason or renamed(self.answer, self.expected.object)
        output = self.outcomes[-1].output
        if forgot := self.remembers(min(len(self.exercise.edges), len(self.usual) - 1)):
            return replace(forgot, output=output)
        if any(witness.overwritten() for witness in self.witnesses):
            return Verdict(
                "incorrecto",
                "Lo que tu respuesta devuelve en una llamada cambia en otra: escribe en un array "
                "que ya había devuelto. Crea uno nuevo cada vez.",
                output=output,
            )
        return Verdict("correcto", reason or "", usable=reason is None, output=output)

    def try_case(self, number: int, *, twice: bool = False) -> tuple[Witness, Verdict | None]:
        """Prueba un caso: lo que devuelve la respuesta y, si falla, el veredicto."""
        witness, args = Witness(self.answer, twice=twice), self.cases[number]
        action = partial(self.exercise.observe, witness.answer)
        outcome = run(action, (args,), seconds=self.budget)
        self.witnesses.append(witness)
        self.outcomes.append(outcome)
        fresh = number >= len(self.usual)
        label = case_label(self.exercise, number, args, fresh=fresh)
        expected = partial(self.expected, number)
        slack = FRESH_SLACK if fresh else 1.0
        failure = explain_failure(self.exercise, outcome, expected, label, self.budget, slack=slack)
        return witness, failure

    def explained(self, failure: Verdict, number: int) -> Verdict:
        """El veredicto de un caso que falla, con su causa si se conoce."""
        outcomes = self.outcomes[: number + 1]
        if number and not outcomes[-1].late and (forgot := self.remembers(0)):
            return forgot
        if not self.diagnose:
            return failure
        cause = likely_cause(self.exercise, self.answer, outcomes, self.expected, self.budget)
        return with_cause(failure, cause)

    def remembers(self, number: int) -> Verdict | None:
        """El veredicto de la respuesta que falla al repetir un caso que había acertado."""
        if not self.exercise.uses_answer or self.exercise.threshold is not None:
            return None
        failure = self.try_case(number, twice=True)[1]
        if failure is None or self.outcomes[-1].late:
            return None
        return Verdict(
            "incorrecto",
            f"Tu respuesta acierta el caso {number + 1} y, al repetirlo, da otra cosa: guarda algo "
            "de una llamada a otra. ¿Un argumento por omisión que cambia, una variable de fuera o "
            "un atributo de `self` que no vuelve a empezar?",
        )


def not_tried(exercise: Exercise) -> Verdict:
    """El veredicto de la celda en blanco."""
    return Verdict("sin intentar", f"{exercise.title} Tu respuesta va en la celda anterior.")


def with_cause(failure: Verdict, cause: str | None) -> Verdict:
    """El veredicto con la causa delante, que es lo que más ayuda; después, las cifras."""
    if cause is None or cause in failure.message:
        return failure
    details = failure.message[0].upper() + failure.message[1:]
    return replace(failure, message=f"{cause} {details}")


class Expectations:
    """Lo que da la solución en cada caso, calculado solo si hace falta y una sola vez.

    ``returned`` guarda, de cada caso, todo lo que la solución ha devuelto, sin pasar por la sonda.
    """

    def __init__(self, exercise: Exercise, cases: list[tuple]) -> None:
        self.exercise, self.cases = exercise, cases
        self.known: dict[int, Any] = {}
        self.returned: dict[int, list[Any]] = {}
        self.object: Any = None

    def __call__(self, number: int) -> Any:
        if self.object is None:
            self.object = reference(self.exercise)
        if number not in self.known:
            witness = Witness(self.object)
            args = copy.deepcopy(self.cases[number])
            self.known[number] = self.exercise.observe(witness.answer, args)
            self.returned[number] = witness.returned
        return self.known[number]


def untouched(exercise: Exercise, answer: Any) -> bool:
    """Si la respuesta es la celda en blanco, tal como se entrega."""
    if answer is Ellipsis:
        return True
    try:
        blank = run_text(exercise, texts(exercise.key)["blank"], label="hueco")
    except Exception:
        return False
    if callable(blank):
        return same_code(answer, blank)
    same = attempt(
        lambda: differences(answer, blank, tolerance=0.0) is None, seconds=exercise.seconds
    )
    return same.value is True


def explain_failure(
    exercise: Exercise,
    outcome: Outcome,
    expected: Callable[[], Any],
    case: str,
    budget: Budget,
    *,
    slack: float = 1.0,
) -> Verdict | None:
    """``None`` si el caso está bien; si no, el veredicto con lo esperado y lo recibido."""
    if outcome.late:
        return Verdict("incorrecto", f"{case}{late_message(outcome, budget)}")
    if outcome.replaced:
        return Verdict(
            "incorrecto",
            f"{case}tu respuesta cambia `{outcome.replaced}`, que es de la biblioteca y usan todas "
            "las celdas. Ya está como estaba; da otro nombre a lo tuyo.",
        )
    if outcome.refused:
        return Verdict("incorrecto", f"{case}{_sentence(outcome.refused)}")
    if outcome.error is not None:
        return Verdict("error", f"{case}tu respuesta lanza `{outcome.error}`.")
    if outcome.mutated:
        return Verdict(
            "incorrecto",
            f"{case}tu respuesta modifica los datos que recibe. Trabaja con una copia "
            "(`x.copy()` en NumPy, `x.clone()` en PyTorch) o crea otro nuevo.",
        )
    if outcome.value is None and not exercise.is_value and expected() is not None:
        return Verdict(
            "incorrecto", f"{case}tu función devuelve `None`. ¿Has olvidado el `return`?"
        )
    message = comparison(exercise, outcome.value, expected, budget, slack=slack)
    if message is None:
        return None
    return Verdict("incorrecto", f"{case}{_sentence(message)}")


def _sentence(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}."


def late_message(outcome: Outcome, budget: Budget) -> str:
    """Que una respuesta no ha terminado, y por qué puede ser."""
    if outcome.waited:
        return (
            f"tu respuesta no ha terminado en {PATIENCE * budget.seconds:g} segundos de reloj, "
            "entre todos los casos, y se ha interrumpido. Casi todo ese tiempo lo ha pasado "
            "esperando: ¿duerme, con `time.sleep`, o espera algo que no llega? Si no, quizá el "
            "ordenador estaba muy ocupado: vuelve a ejecutar la celda."
        )
    return (
        f"tu respuesta no ha terminado en {budget.seconds:g} segundos de procesador, entre todos "
        "los casos, y se ha interrumpido. ¿Hay un bucle que no acaba?"
    )


def comparison(
    exercise: Exercise,
    received: Any,
    expected: Callable[[], Any],
    budget: Budget,
    *,
    slack: float,
) -> str | None:
    """En qué se diferencia lo recibido; compararlo gasta del mismo tiempo que calcularlo."""
    if exercise.threshold is None:
        expected()  # si lo que falla es la referencia, que se vea
    compared = attempt(lambda: exercise.verdict(received, expected, slack=slack), seconds=budget)
    if compared.finished:
        return compared.value
    shown = attempt(lambda: describe(received), seconds=GLANCE).value or type(received).__name__
    if compared.late:
        return f"lo que ha llegado, `{shown}`, es tan grande que no da tiempo a compararlo"
    return f"no se puede comparar lo que ha llegado, `{shown}`"


def case_label(exercise: Exercise, number: int, args: tuple, *, fresh: bool) -> str:
    """Cómo se nombra un caso en un mensaje: su número y con qué se ha probado."""
    if exercise.is_value:
        return ""
    details = [f"{SEED_VARIABLE}={fresh_seed()}"] if fresh else []
    details += case_details(exercise, args)
    shown = f" ({', '.join(details)})" if details else ""
    return f"En el caso {number + 1}{shown}, "


def case_details(exercise: Exercise, args: tuple) -> list[str]:
    """Las formas, los números y los textos con los que se ha probado un caso."""
    packaged = texts(exercise.key)
    # Los nombres se leen del hueco: ejecutar la solución de un ejercicio que entrena tardaría.
    names = [
        argument.arg
        for node in ast.parse(packaged["blank"]).body
        if isinstance(node, ast.FunctionDef) and node.name == packaged["name"]
        for argument in node.args.args
    ]
    # Una sonda que nombra lo que recibe puede pasar otra cosa a la respuesta: se dice lo de ambas.
    probed = [*inspect.signature(exercise.probe).parameters.values()][1:]
    if all(parameter.kind is not parameter.VAR_POSITIONAL for parameter in probed):
        given = {parameter.name: value for parameter, value in zip(probed, args, strict=False)}
        names = [name for name in names if name in given]
        args = tuple(given[name] for name in names)
    shown = []
    for name, value in zip(names, args, strict=False):
        if isinstance(value, np.ndarray):
            shown.append(f"{name} de forma {value.shape}")
        elif isinstance(value, int | float):
            shown.append(f"{name}={value}")
        elif isinstance(value, str) or (
            isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        ):
            text = repr(value)
            whole = len(text) <= INPUT_LETTERS
            shown.append(f"`{name}={text if whole else f'{text[:INPUT_LETTERS]}…'}`")
    return shown


def likely_cause(
    exercise: Exercise,
    answer: Any,
    outcomes: list[Outcome],
    expected: Expectations,
    budget: Budget,
) -> str | None:
    """Causa del primer error conocido que hace, en todos los casos, justo lo que la respuesta.

    ``outcomes`` es lo que ha pasado en los primeros casos, hasta el que ha fallado.
    """
    if exercise.threshold is not None:
        return None
    for args in expected.cases[len(outcomes) :]:
        if outcomes[-1].late:
            break
        outcome = run(partial(exercise.observe, answer), (args,), seconds=budget)
        outcomes = [*outcomes, outcome]
    left = Budget(exercise.seconds, gentle=True)
    for place, mistake in enumerate(exercise.mistakes):
        known = exercise.known.setdefault((place, fresh_seed()), KnownMistake(exercise, mistake))
        with left.half() as part:  # alguno no acaba: que quede tiempo para los demás
            if reproduces(exercise, known, outcomes, expected, part):
                return mistake.cause
    return None


class KnownMistake:
    """Lo que hace un error conocido en cada caso; lo que ya se ha visto no se repite.

    No se guarda lo que no se puede copiar ni, de un error que no acaba a tiempo, nada.
    """

    def __init__(self, exercise: Exercise, mistake: Mistake) -> None:
        self.exercise, self.mistake = exercise, mistake
        self.seen: list[Outcome] = []
        self.lasting = True
        self.action: Callable[..., Any] | None = None

    def outcome(self, number: int, args: tuple, budget: Budget) -> Outcome:
        """Lo que pasa en un caso, después de haber probado los anteriores."""
        if number < len(self.seen):
            return self.seen[number]
        if number == 0:
            text = self.mistake.source(texts(self.exercise.key)["solution"])
            answer = run_text(self.exercise, text, label="error conocido")
            self.action = partial(self.exercise.observe, answer)
        outcome = run(self.action, (args,), seconds=budget, ours=True)
        if self.lasting:
            self.remember(outcome)
        return outcome

    def remember(self, outcome: Outcome) -> None:
        """Guarda una copia: la llamada siguiente puede pisar lo que devolvió esta."""
        try:
            self.lasting = not outcome.late
            self.seen.append(copy.deepcopy(outcome))
        except Exception:  # un generador, un tensor con su historia…
            self.lasting = False
        if not self.lasting:
            self.seen.clear()


def reproduces(
    exercise: Exercise,
    known: KnownMistake,
    outcomes: list[Outcome],
    expected: Expectations,
    budget: Budget,
) -> bool:
    """Si un error conocido da lo mismo que la respuesta en los casos ya probados."""
    for number, (args, outcome) in enumerate(zip(expected.cases, outcomes, strict=False)):
        try:
            done = known.outcome(number, args, budget)
        except Exception:
            return False
        if done.late != outcome.late or done.mutated != outcome.mutated:
            return False
        if (done.error or "").split(" (línea")[0] != (outcome.error or "").split(" (línea")[0]:
            return False
        if done.finished:
            same = partial(alike, exercise, outcome.value, done.value, partial(expected, number))
            if attempt(same, seconds=budget).value is not True:
                return False
    return True


def alike(exercise: Exercise, received: Any, known: Any, expected: Callable[[], Any]) -> bool:
    """Si dos resultados son el mismo para el ejercicio: con su tolerancia y con la misma queja."""
    if differences(received, known, tolerance=exercise.tolerance) is not None:
        return False
    if exercise.compare is None:
        return True
    return exercise.verdict(received, expected) == exercise.verdict(known, expected)


def hint(key: str, level: int = 1) -> None:
    """Muestra una pista de un ejercicio.

    Parameters
    ----------
    key : str
        El ejercicio, como ``"12.1"``.
    level : {1, 2}
        La segunda dice más que la primera.

    Raises
    ------
    ValueError
        Si el ejercicio o el nivel no existen.
    """
    hints = find(key).hints
    if level not in range(1, len(hints) + 1):
        raise ValueError(f"Hay {len(hints)} pistas, la 1 y la 2; has pedido la {level!r}.")
    show(f"**Pista {level} de {key}.** {hints[level - 1]}")


def solution(key: str) -> None:
    """Muestra la solución de un ejercicio.

    Raises
    ------
    ValueError
        Si el ejercicio no existe.
    """
    find(key)
    text = texts(key)["solution"]
    show(f"**Solución de {key}**\n\n```python\n{text}\n```", f"Solución de {key}\n\n{text}")


def progress(*, clear: bool = False) -> None:
    """Muestra lo que llevas resuelto, lección por lección.

    Parameters
    ----------
    clear : bool, default False
        Si es ``True``, borra lo guardado y empieza de cero.
    """
    if clear:
        show(_cleared())
        return
    lines = []
    for number in lesson_numbers():
        title, exercises = lesson_exercises(number)
        states = [(item.key, store.recall(item.key) or "sin intentar") for item in exercises]
        solved = sum(state == "correcto" for _, state in states)
        shown = " ".join(f"{MARKS[state]}{key}" for key, state in states)
        lines.append(f"**{number} · {title}**: {solved} de {len(states)} · {shown}")
    show("  \n".join(lines), "\n".join(lines).replace("**", ""))


def _cleared() -> str:
    """Borra el progreso y dice qué ha pasado."""
    try:
        found = store.forget()
    except OSError as error:
        return (
            f"No se ha podido borrar todo tu progreso de `{store.folder()}`: {store.reason(error)}."
        )
    if not found:
        return "No había progreso guardado: todos los ejercicios están sin intentar."
    return "Progreso borrado: todos los ejercicios están sin intentar."

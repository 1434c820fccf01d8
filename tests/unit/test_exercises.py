"""El motor de los ejercicios: qué decide, qué dice y qué no hace nunca."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import errno
import hashlib
import itertools
import re
import signal
import subprocess
import sys
import threading
import time
import types
import warnings
from collections import namedtuple
from importlib import import_module
from typing import NamedTuple

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from course_utils.exercises import (
    check,
    core,
    definition,
    hint,
    libraries,
    progress,
    sandbox,
    solution,
)
from course_utils.exercises.answers import Mistake
from course_utils.exercises.compare import differences
from course_utils.exercises.contract import Witness, unusable
from course_utils.exercises.core import judge
from course_utils.exercises.definition import find, run_text
from course_utils.exercises.sandbox import TimeIsUp, identical, run, same_code, time_limit
from course_utils.notes import Note
from tests.unit import synthetic_exercises as made

store = import_module("course_utils.exercises.store")
PACKAGED_TEXTS = definition.texts  # los de verdad, antes de que las pruebas los sustituyan


@pytest.fixture(autouse=True)
def course(monkeypatch, tmp_path):
    """Un curso con los ejercicios de mentira, y el progreso en una carpeta vacía."""
    exercises = {exercise.key: exercise for exercise in made.EXERCISES}

    def lookup(key):
        if key not in exercises:
            raise ValueError(f"No hay ejercicio {key!r}.")
        return exercises[key]

    for module in (core, definition):
        monkeypatch.setattr(module, "texts", made.TEXTS.__getitem__)
        monkeypatch.setattr(module, "find", lookup)
    monkeypatch.setattr(core, "lesson_numbers", lambda: ("99",))
    monkeypatch.setattr(core, "lesson_exercises", lambda number: ("Prueba", made.EXERCISES))
    monkeypatch.setenv("CURSO_HOME", str(tmp_path / "casa"))
    return exercises


def answer_of(exercise, text: str):
    """Objeto que define un texto de respuesta."""
    return run_text(exercise, text, label="respuesta")


def solved(exercise):
    return answer_of(exercise, made.TEXTS[exercise.key]["solution"])


def blank(exercise):
    return answer_of(exercise, made.TEXTS[exercise.key]["blank"])


def row_means(x):
    """Otra forma de lo mismo."""
    return [sum(row) / len(row) for row in x.tolist()]


# ---------------------------------------------------------------- los cuatro estados

EVERY = pytest.mark.parametrize("exercise", made.EXERCISES, ids=lambda exercise: exercise.key)


@EVERY
def test_solution_is_correct(exercise):
    """La solución de cada clase de ejercicio es correcta, y no dice nada más."""
    assert judge(exercise, solved(exercise)) == core.Verdict("correcto", usable=True)


@EVERY
def test_blank_is_not_tried(exercise):
    """El hueco, aunque devuelva algo, cuenta como sin intentar."""
    verdict = judge(exercise, blank(exercise))
    assert verdict.state == "sin intentar"
    assert exercise.title in verdict.message


@pytest.mark.parametrize(
    ("exercise", "answer", "message"),
    [
        (made.VALUE, 11, "ha llegado 11, y no es el valor correcto."),
        (made.VALUE, "doce", "se esperaba un número y ha llegado `str: 'doce'`."),
        (made.VALUE, [12, 12], "se esperaba un solo número y ha llegado `list: [12, 12]`."),
        (made.FUNCTION, lambda x: x.mean(axis=0), "se esperaba forma (2,) y ha llegado (4,)"),
        (
            made.FUNCTION,
            lambda x: x.mean(axis=1) + 1,
            "se esperaba 1, 1 y ha llegado 2, 2 (2",
        ),
        (made.FUNCTION, lambda x: print(end=""), "devuelve `None`. ¿Has olvidado el `return`?"),
        (made.FUNCTION, np.zeros(3), "Se esperaba que `row_means` fuera una función y ha llegado"),
        (
            made.LOOP,
            lambda x: x.ravel().tolist(),
            "En el caso 1 (x de forma (3, 5)), desde la posición [0] se esperaba",
        ),
        (made.MODEL, lambda: None, "En el caso 1"),
        (made.TRAINED, 0.4, "el error es 0.40 y debe ser menor que 0.1"),
        (made.TRAINED, "0.05", "no se puede comparar lo que ha llegado, `str: '0.05'`"),
        (made.DIAGNOSIS, "tanh", "ha llegado `str: 'tanh'`, y no es la respuesta correcta"),
        (made.DIAGNOSIS, 3, "ha llegado `int: 3`, y no es la respuesta correcta"),
        (made.ARRAY, np.zeros((2, 3)), "en la posición [0, 1] ha llegado 0, y no es el valor"),
    ],
)
def test_wrong_answers(exercise, answer, message):
    """Una respuesta equivocada se rechaza diciendo qué ha llegado."""
    verdict = judge(exercise, answer)
    assert verdict.state in ("incorrecto", "error")
    assert message in verdict.message


@pytest.mark.parametrize("exercise", [made.VALUE, made.DIAGNOSIS, made.ARRAY])
@pytest.mark.parametrize("answer", [-1, "z", np.full((2, 3), -1.0), [], None, {}, {1}, object()])
def test_value_exercises_never_show_the_answer(exercise, answer):
    """En un ejercicio cuya respuesta es un valor, el mensaje no lo enseña."""
    verdict = judge(exercise, answer)
    assert verdict.state != "correcto"
    message = re.sub("0x[0-9a-f]+", "", verdict.message)  # la dirección de un objeto, al azar
    assert "12" not in message
    assert "reshape" not in message
    assert "5" not in message


JUNK = (None, 3, -1.5, "texto", [], [[1], [1, 2]], {}, {1, 2}, object(), int, lambda *_: None)


@EVERY
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_nothing_breaks_the_check(exercise, junk):
    """Cualquier cosa recibe un veredicto; nunca una excepción."""
    assert judge(exercise, junk).state in ("sin intentar", "error", "incorrecto")


RETURNED = (None, "x", [], [[1], [1, 2]], {1}, np.array(["a"]), np.array(None), object(), 1j)


@pytest.mark.parametrize("value", RETURNED, ids=lambda value: type(value).__name__)
def test_functions_may_return_anything(value):
    """Tampoco rompe nada lo que devuelva una función."""
    verdict = judge(made.FUNCTION, lambda x: value)
    assert verdict.state == "incorrecto"
    assert "\n" not in verdict.message


def test_equivalent_answers_are_accepted():
    """Valen otros tipos, las listas y otras formas de calcular lo mismo."""
    assert judge(made.FUNCTION, row_means).state == "correcto"
    assert judge(made.FUNCTION, lambda x: x.astype("float32").mean(axis=1)).state == "correcto"
    assert judge(made.FUNCTION, lambda x: tuple(x.mean(axis=1))).state == "correcto"
    assert judge(made.VALUE, np.float32(12)).state == "correcto"
    assert judge(made.ARRAY, [[0, 1, 2], [3, 4, 5]]).state == "correcto"


def test_tensors_are_accepted():
    """Un tensor vale donde se espera un array, con gradiente o sin él."""
    torch = pytest.importorskip("torch")

    def means(x):
        return torch.tensor(x, requires_grad=True).mean(dim=1)

    assert judge(made.FUNCTION, means).state == "correcto"


def test_single_precision_has_its_own_tolerance():
    """Se perdona el error de la precisión simple, pero no uno mayor."""
    slightly = lambda x: (x.mean(axis=1) + 5e-5).astype("float32")  # noqa: E731
    badly = lambda x: (x.mean(axis=1) + 5e-4).astype("float32")  # noqa: E731
    exact = lambda x: x.mean(axis=1) + 5e-5  # noqa: E731
    assert judge(made.FUNCTION, slightly).state == "correcto"
    assert not judge(made.FUNCTION, slightly).usable
    assert judge(made.FUNCTION, badly).state == "incorrecto"
    assert judge(made.FUNCTION, exact).state == "incorrecto"


# ---------------------------------------------------------------- lo que hace la respuesta


def test_exception_is_one_line_with_the_learners_line():
    """Una excepción se cuenta en una línea, con la línea de la celda y sin rastro interno."""
    text = "def row_means(x):\n    total = 0\n    return total / len([])"
    verdict = judge(made.FUNCTION, answer_of(made.FUNCTION, text))
    assert verdict.state == "error"
    assert verdict.message == (
        "En el caso 1 (x de forma (2, 4)), tu respuesta lanza `ZeroDivisionError: division by zero "
        "(línea 3 de la celda)`."
    )


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("uno\ndos"), "`ValueError: uno`"),
        (ValueError("\n\nuno"), "`ValueError: uno`"),
        (AssertionError(), "`AssertionError`"),
        (SystemExit(3), "`SystemExit: 3`"),
        (KeyError("clave"), "`KeyError: 'clave'`"),
    ],
)
def test_any_exception_is_told(error, shown):
    """También las que no traen mensaje, traen varias líneas o quieren salir de Python."""

    def broken(x):
        raise error

    verdict = judge(made.FUNCTION, broken)
    assert verdict.state == "error"
    assert shown in verdict.message
    assert "Traceback" not in verdict.message


def test_an_exception_in_another_cell_points_to_the_line_of_the_answer():
    """Si falla algo que la respuesta llama, se señala la línea de la respuesta que lo llama."""
    cells = {
        "/tmp/ipykernel_7/1.py": "def helper(x):\n    y = x\n    z = y\n    return z.missing",
        "/tmp/ipykernel_7/2.py": "def row_means(x):\n    return helper(x)",
    }
    names = {}
    for file, text in cells.items():
        exec(compile(text, file, "exec"), names)
    verdict = judge(made.FUNCTION, names["row_means"])
    assert "(línea 2 de la celda" in verdict.message


def test_error_inside_a_library_points_to_the_cell():
    """Si falla una biblioteca, se señala la línea de la celda que la llama."""
    text = "def row_means(x):\n    y = x\n    return np.linalg.inv(np.zeros((2, 3)))"
    verdict = judge(made.FUNCTION, answer_of(made.FUNCTION, text))
    assert "LinAlgError" in verdict.message
    assert "(línea 3 de la celda)" in verdict.message


def test_recursion_without_end_is_an_error():
    """Una función que se llama a sí misma sin fin no tumba el cuaderno."""

    def endless(x):
        return endless(x)

    assert "RecursionError" in judge(made.FUNCTION, endless).message


def test_keyboard_interrupt_passes():
    """Si quien aprende pulsa «interrumpir», se interrumpe de verdad."""

    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(made.FUNCTION, stopped)


def test_mutating_the_input_is_reported():
    """Modificar la entrada se dice, aunque el resultado sea bueno."""

    def centred(x):
        x -= x.mean()
        return x.mean(axis=1)

    verdict = judge(made.FUNCTION, centred)
    assert verdict.state == "incorrecto"
    assert "modifica los datos que recibe" in verdict.message


def test_the_first_case_cannot_spoil_the_second(course):
    """Cada caso recibe su copia: un cambio en uno no llega a los demás ni a la referencia."""
    seen = []

    def remember(x):
        seen.append(x)
        return x.mean(axis=1)

    assert judge(made.FUNCTION, remember).state == "correcto"
    cases = [*made.FUNCTION.cases(), *made.FUNCTION.fresh_cases()]
    assert len(cases) == 6
    assert len(seen) == 8  # el primero sorteado se repite, y entonces se llama dos veces
    assert identical(seen[6], cases[1][0])
    seen = seen[:6]
    assert all(x is not case[0] for x, case in zip(seen, cases, strict=True))


class Weights(NamedTuple):
    """Como los parámetros de una celda."""

    matrix: np.ndarray


@dataclasses.dataclass
class Box:
    """Como una configuración."""

    content: list


@pytest.mark.parametrize(
    "value",
    [
        np.arange(3.0),
        np.arange(3, dtype="float32"),
        [1, [2, 3]],
        {"a": np.zeros(2)},
        Weights(np.zeros(2)),
        Box([1, 2]),
        np.array([np.nan, 1.0]),
        np.array(["a", "b"]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_identical_notices_changes(value):
    """Una copia es idéntica; con cualquier cambio en cualquier sitio deja de serlo."""
    other = copy.deepcopy(value)
    assert identical(value, other)
    inner = other
    while not isinstance(inner, np.ndarray | list):
        inner = next(iter(inner.values() if isinstance(inner, dict) else vars_or_items(inner)))
    if isinstance(inner, list):
        inner.append(4)
    elif inner.dtype.kind == "f":
        inner[-1] += 1e-6
    else:
        inner[0] = np.datetime64("1999-12-31") if inner.dtype.kind == "M" else "z"
    assert not identical(value, other)


def vars_or_items(value):
    """Contenido de una tupla o de un objeto."""
    return value if isinstance(value, tuple) else vars(value).values()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (float("nan"), float("nan"), True),
        (1.0, 2.0, False),
        (1.0, float("nan"), False),
        ((1, "a"), (1, "b"), False),
        ([1], [1, 2], False),
        (np.random.default_rng(0), np.random.default_rng(1), True),  # no se sabe mirar dentro
    ],
)
def test_identical_values(one, other, same):
    """Los números y los textos se comparan; de lo que no se sabe comparar, no se acusa a nadie."""
    assert identical((one,), (other,)) is same


def test_identical_notices_changed_tensors():
    """Con los tensores, igual."""
    torch = pytest.importorskip("torch")
    one = torch.zeros(3)
    assert identical((one,), (one.clone(),))
    assert not identical((one,), (one + 1e-6,))


# ---------------------------------------------------------------- respuestas que no terminan


def spin(*_):
    """Un bucle que no acaba."""
    while True:
        pass


def swallow(*_):
    """Un bucle que no acaba y que atrapa cualquier cosa."""
    while True:
        try:  # noqa: SIM105
            int("x")
        except:  # noqa: E722
            pass


def swallow_asleep(*_):
    """Como el anterior, pero casi siempre dentro de una llamada."""
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except:  # noqa: E722
            pass


def give_up(*_):
    """No acaba, y al interrumpirla devuelve algo."""
    try:
        spin()
    except:  # noqa: E722
        return []


def nap(*_):
    """No acaba, y pasa el tiempo durmiendo a ratos."""
    while True:
        time.sleep(0.01)


def sleep_for_good(*_):
    """Duerme de una vez más de lo que dura una prueba."""
    time.sleep(3600)


NEEDS_ALARM = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no hay señales de reloj")


@pytest.fixture
def no_wall_clock(monkeypatch):
    """Sin tope de reloj, para que en una máquina ocupada siga decidiendo el de procesador."""
    monkeypatch.setattr(sandbox, "PATIENCE", 100_000)


@pytest.mark.parametrize("endless", [spin, swallow, give_up])
@pytest.mark.usefixtures("no_wall_clock")
def test_endless_answer_is_interrupted(endless):
    """Una respuesta que no acaba se interrumpe y se dice, haga lo que haga para evitarlo."""
    verdict = judge(dataclasses.replace(made.FUNCTION, seconds=0.1), endless, diagnose=False)
    assert verdict.state == "incorrecto"
    assert "no ha terminado en 0.1 segundos de procesador" in verdict.message
    assert "¿Hay un bucle que no acaba?" in verdict.message


@NEEDS_ALARM
@pytest.mark.parametrize("waiting", [sleep_for_good, nap, swallow_asleep])
def test_waiting_answer_is_interrupted(waiting):
    """La que espera sin gastar procesador se interrumpe a las cinco veces, y se dice por qué."""
    verdict = judge(dataclasses.replace(made.FUNCTION, seconds=0.1), waiting, diagnose=False)
    assert verdict.state == "incorrecto"
    assert "no ha terminado en 0.5 segundos de reloj" in verdict.message
    assert "esperando" in verdict.message
    assert "bucle" not in verdict.message


def run_in_thread(action, *, seconds):
    """Lo que da ``run`` fuera del hilo principal."""
    outcomes = []
    thread = threading.Thread(
        target=lambda: outcomes.append(run(action, (), seconds=seconds)), daemon=True
    )
    thread.start()
    thread.join(300)
    return outcomes[0]


@pytest.fixture(params=["el reloj del hilo", "la cota"])
def clock_of_another_thread(request, monkeypatch):
    """Los dos modos de saber lo que gasta un hilo desde otro: en macOS y Windows solo hay cota."""
    if request.param == "la cota":
        monkeypatch.delattr(time, "pthread_getcpuclockid", raising=False)
    elif not hasattr(time, "pthread_getcpuclockid"):
        pytest.skip("este sistema no da el reloj de otro hilo")


@pytest.mark.parametrize("endless", [spin, swallow, give_up])
@pytest.mark.usefixtures("clock_of_another_thread", "no_wall_clock")
def test_endless_answer_in_another_thread(endless):
    """Fuera del hilo principal no hay señales, y también se interrumpe."""
    outcome = run_in_thread(endless, seconds=0.1)
    assert outcome.late
    assert not outcome.waited


@pytest.mark.usefixtures("clock_of_another_thread")
def test_waiting_answer_in_another_thread():
    """La que espera a ratos, también; ahí el tope de reloj se nota al acabar uno."""
    outcome = run_in_thread(nap, seconds=0.1)
    assert outcome.late
    assert outcome.waited


def burn(seconds):
    """Gasta ese tiempo de procesador en este hilo, sin dejar a los demás esperando."""
    start = time.thread_time()
    while time.thread_time() - start < seconds:
        hashlib.sha256(bytes(2**20))


def work_in_other_threads():
    """Espera a dos hilos que gastan entre los dos tres veces el límite de las pruebas."""
    threads = [threading.Thread(target=burn, args=(0.3,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "acabado"


def wait_for_the_neighbours():
    """En el reloj tarda el triple del límite, pero no es ella quien ocupa el procesador."""
    time.sleep(0.6)
    return "acabado"


@pytest.mark.parametrize("runner", [lambda *a, **k: run(a[0], (), **k), run_in_thread])
@pytest.mark.parametrize("answer", [work_in_other_threads, wait_for_the_neighbours])
@pytest.mark.usefixtures("no_wall_clock")
def test_only_the_time_of_the_answer_counts(answer, runner):
    """Ni los hilos de BLAS ni los programas vecinos gastan el límite de una respuesta."""
    if runner is run_in_thread and not hasattr(time, "pthread_getcpuclockid"):
        pytest.skip("este sistema no da el reloj de otro hilo")
    assert runner(answer, seconds=0.2).value == "acabado"


def test_quick_answers_leave_no_trace():
    """Lo que acaba a tiempo no deja alarmas pendientes ni vigilantes."""
    before = threading.active_count()
    assert run_in_thread(lambda: 1, seconds=30).value == 1
    assert run(len, ([1, 2],), seconds=30).value == 2
    assert threading.active_count() == before
    if hasattr(signal, "getitimer"):
        handler = signal.getsignal(signal.SIGALRM)
        assert handler is not None
        assert "sandbox" not in getattr(getattr(handler, "__code__", None), "co_filename", "")


@NEEDS_ALARM
def test_another_alarm_is_given_back():
    """Si ya había un reloj en marcha, vuelve a estarlo después, descontado lo que ha pasado."""
    rung = threading.Event()
    previous = signal.signal(signal.SIGALRM, lambda *_: rung.set())
    timer = signal.setitimer(signal.ITIMER_REAL, 3600)
    try:
        with time_limit(60):
            time.sleep(0.05)
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 3599.95
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(TimeIsUp), time_limit(0.05):
            spin()
        assert rung.wait(300)  # el que había, que ya debería haber sonado, suena ahora
    finally:
        signal.signal(signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def test_context_managers_of_a_late_answer_finish():
    """Al interrumpir, lo que la respuesta tuviera abierto se cierra."""
    closed = []

    class Guard:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            total = 0
            for value in range(20_000):
                total += value
            closed.append(total)

    def careful():
        with Guard():
            spin()

    assert run(careful, (), seconds=0.05).late
    assert closed == [199990000]


def test_warnings_of_the_answer_are_not_shown(recwarn):
    """Los avisos de la respuesta no llenan de rojo el cuaderno."""

    def noisy():
        warnings.warn("ojo", stacklevel=1)
        return np.array(1.0) / 0

    assert run(noisy, (), seconds=5).value == np.inf
    assert len(recwarn) == 0


@pytest.mark.usefixtures("no_wall_clock")
def test_the_limit_is_for_the_whole_check():
    """Lo que tarda poco en cada caso y mucho en todos se interrumpe, no caso por caso."""
    calls = []

    def slow(x):
        calls.append(x)
        burn(0.12)
        return x.mean(axis=1)

    verdict = judge(dataclasses.replace(made.FUNCTION, seconds=0.3), slow)
    assert "no ha terminado en 0.3 segundos de procesador" in verdict.message
    assert len(calls) == 3


@pytest.mark.usefixtures("no_wall_clock")
def test_comparing_is_inside_the_limit():
    """Lo que ha llegado puede ser muy caro de mirar."""

    class Endless:
        def __array__(self, *args, **options):
            spin()

    verdict = judge(dataclasses.replace(made.FUNCTION, seconds=0.2), lambda x: Endless())
    assert "es tan grande que no da tiempo a compararlo" in verdict.message


@pytest.mark.parametrize("expected", [1.0, np.zeros(3)])
def test_a_huge_sequence_is_not_converted(expected):
    """A una secuencia enorme le basta su longitud: convertirla no se puede interrumpir."""
    message = differences(range(3 * 10**12), expected)
    assert (
        "ha llegado algo con 3000000000000 elementos, `range: range(0, 3000000000000)`" in message
    )


def test_prints_are_shown_once(capsys):
    """Lo que escribe la respuesta se ve una vez, antes del veredicto: lo del caso que falla."""

    def noisy(x):
        print(f"forma {x.shape}")
        return x.mean(axis=1)

    check("99.2", noisy)
    said = capsys.readouterr().out
    assert said.startswith("forma (3, 5)\n99.2 · ✓")
    assert said.count("forma") == 1
    check("99.2", lambda x: print("mal") or x.sum(axis=0))
    assert capsys.readouterr().out.count("mal") == 1


def test_a_flood_of_prints_is_cut(capsys):
    """Un bucle que no para de escribir no llena el cuaderno."""
    check("99.2", lambda x: print("a" * 10**6))
    said = capsys.readouterr().out
    assert len(said) < 3000
    assert "998001 caracteres más" in said


def test_figures_are_shown_once():
    """Las figuras de cada caso se cierran; se enseñan las del último."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    mine = pyplot.figure()

    def draws(x):
        pyplot.figure()
        return x.mean(axis=1)

    verdict = judge(made.FUNCTION, draws)
    assert pyplot.get_fignums() == [mine.number]
    assert len(verdict.output.figures) == 1
    pyplot.close(mine)


def spoiler(x):
    """Cambia una función de NumPy y la usa."""
    np.mean = lambda *args, **options: 7.0
    return np.mean(x) + np.zeros(len(x))


def test_an_answer_that_changes_a_library_spoils_nothing():
    """La referencia y las siguientes respuestas encuentran NumPy como estaba; y se dice."""
    mean = np.mean
    verdict = judge(made.FUNCTION, spoiler)
    assert np.mean is mean
    assert verdict.state == "incorrecto"
    assert "tu respuesta cambia `numpy.mean`" in verdict.message


def test_a_cell_that_changes_a_library_is_mended(capsys):
    """Si lo que cambia NumPy es la celda y no la función, check lo repara y lo dice."""
    tanh = np.tanh
    np.tanh = np.sin
    check("99.1", 12)
    assert np.tanh is tanh
    assert "numpy.tanh no era la de la biblioteca" in capsys.readouterr().out


def test_what_a_library_changes_when_it_loads_is_not_the_answers(monkeypatch):
    """Cargar una parte de PyTorch sustituye funciones suyas: nadie las ha estropeado."""
    library = types.ModuleType("torch.pretend")
    for item in ("old", "new"):
        setattr(library, item, types.FunctionType(spin.__code__, {"__name__": "torch.pretend"}))
    monkeypatch.setitem(sys.modules, "torch.pretend", library)
    keeper = libraries.Keeper()
    library.old = library.new
    monkeypatch.setitem(sys.modules, "torch.pretend.loaded", types.ModuleType("loaded"))
    assert keeper.restore() == []
    assert library.old is library.new
    library.old = spin
    assert keeper.restore() == ["torch.pretend.old"]


class Unprintable:
    """No se deja mostrar, ni comparar, ni mirar."""

    def __repr__(self):
        raise ValueError("no")

    __str__ = __eq__ = __len__ = __array__ = __getattr__ = __repr__
    __hash__ = None


class UnprintableError(Exception):
    """Una excepción que no se deja contar."""

    __str__ = Unprintable.__repr__


@EVERY
def test_objects_that_cannot_be_shown(exercise):
    """Ni la respuesta ni lo que devuelve tienen por qué dejarse mostrar o comparar."""
    assert judge(exercise, Unprintable()).state != "correcto"
    assert judge(exercise, lambda *_: Unprintable()).state != "correcto"

    def broken(*_):
        raise UnprintableError

    assert judge(exercise, broken).state != "correcto"


# ---------------------------------------------------------------- bibliotecas


LIBRARY = """\
import time
start = time.thread_time()
while time.thread_time() - start < 0.2:
    pass
value = 3
"""


@pytest.fixture
def slow_library(tmp_path, monkeypatch):
    """Una biblioteca instalada que tarda en cargarse más que el límite de las pruebas."""
    (tmp_path / "slow_library.py").write_text(LIBRARY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    folders = (*sandbox.library_folders(), str(tmp_path))
    monkeypatch.setattr(sandbox, "library_folders", lambda: folders)
    monkeypatch.delitem(sys.modules, "slow_library", raising=False)
    yield
    sys.modules.pop("slow_library", None)


IMPORTING = """\
def load():
    import slow_library
    return slow_library.value

def row_means(x):
    assert load() == 3
    return x.mean(axis=1)
"""
HIDDEN = IMPORTING.replace("import slow_library", "slow_library = __import__('slow' + '_library')")


@pytest.mark.parametrize("text", [IMPORTING, HIDDEN], ids=["nombrada", "escondida"])
@pytest.mark.usefixtures("slow_library", "no_wall_clock")
def test_loading_a_library_takes_no_time(text):
    """Ni la que se nombra, que se carga antes, ni la que no se ve venir, que no se interrumpe."""
    exercise = dataclasses.replace(made.FUNCTION, seconds=0.1)
    assert judge(exercise, answer_of(exercise, text)).state == "correcto"


@pytest.mark.usefixtures("slow_library")
def test_named_libraries_are_loaded_before():
    """También las que se nombran dentro de un método o de otra función de la celda."""
    names = {}
    exec(IMPORTING + "class Model:\n    def run(self):\n        return load()", names)
    libraries.load_named(names["Model"])
    assert "slow_library" in sys.modules


def test_importing_for_ever_is_interrupted():
    """Una importación que falla una y otra vez no es una biblioteca que se carga."""

    def stubborn(x):
        while True:
            with contextlib.suppress(ImportError):
                import missing_library  # noqa: F401

    verdict = judge(dataclasses.replace(made.FUNCTION, seconds=0.1), stubborn, diagnose=False)
    assert "no ha terminado" in verdict.message


@NEEDS_ALARM
@pytest.mark.usefixtures("no_wall_clock")
def test_a_library_is_left_to_finish(tmp_path, monkeypatch):
    """Se interrumpe a la respuesta, no a la biblioteca a medio hacer, salvo que no vuelva."""
    done = []
    names = {"done": done, "burn": burn}
    folder = str(tmp_path)
    text = "def work(seconds):\n    done.append(0)\n    burn(seconds)\n    done.append(1)"
    exec(compile(text, f"{folder}/library.py", "exec"), names)
    monkeypatch.setattr(sandbox, "library_folders", lambda: (folder, __file__))

    own = "def answer(work):\n  while True:\n    work(0.01)\n    [0 for _ in range(10**6)]"
    exec(compile(own, "<celda>", "exec"), names)
    assert run(names["answer"], (names["work"],), seconds=0.5).late
    assert done == [0, 1] * (len(done) // 2)
    assert run(names["work"], (3600,), seconds=0.1).late


# ---------------------------------------------------------------- causas


def test_known_mistake_names_its_cause():
    """Un error conocido trae su causa; otro, no."""
    first = judge(made.FUNCTION, lambda x: x.mean(axis=0))
    second = judge(made.FUNCTION, lambda x: x.sum(axis=1))
    other = judge(made.FUNCTION, lambda x: x.max(axis=1) + 1)
    assert first.message.startswith("¿Has promediado el otro eje?")
    assert second.message.startswith("¿Falta dividir?")
    assert "¿" not in other.message
    assert judge(made.VALUE, 7).message.startswith("¿Has sumado?")


def test_mistakes_that_fail_or_never_end_are_known_too():
    """También se reconoce un error que lanza una excepción, no acaba o modifica la entrada."""
    start = "def row_means(x):\n"
    exercise = dataclasses.replace(
        made.FUNCTION,
        seconds=0.2,
        mistakes=(
            Mistake("¿No existe?", code=f"{start}    return x.average()"),
            Mistake("¿No avanza?", code=f"{start}    while True: pass"),
            Mistake("¿Y la copia?", code=f"{start}    x *= 0\n    return x.mean(axis=1)"),
        ),
    )

    def spoil(x):
        x[:] = 0
        return x[:, 0]

    assert judge(exercise, lambda x: x.average()).message.startswith("¿No existe?")
    assert judge(exercise, spin).message.startswith("¿No avanza?")
    assert judge(exercise, spoil).message.startswith("¿Y la copia?")
    assert "¿" not in judge(exercise, lambda x: x.middle()).message


def test_cause_is_not_repeated():
    """Si el ejercicio ya dice la causa por su cuenta, no se dice dos veces."""
    exercise = dataclasses.replace(made.VALUE, compare=lambda *_: "¿Has sumado?")
    assert judge(exercise, 7).message.count("¿Has sumado?") == 1


def test_diagnosis_can_be_skipped():
    """Las pruebas pueden pedir el veredicto sin buscar la causa."""
    assert "¿" not in judge(made.FUNCTION, lambda x: x.sum(axis=1), diagnose=False).message


def test_broken_reference_is_not_blamed_on_the_learner(monkeypatch):
    """Si lo que falla es la solución del curso, el error se ve entero."""
    texts = {**made.TEXTS["99.2"], "solution": "def row_means(x):\n    return 1 / 0"}
    monkeypatch.setattr(definition, "texts", lambda key: texts)
    with pytest.raises(ZeroDivisionError):
        judge(made.FUNCTION, row_means)


# ---------------------------------------------------------------- comparar


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (1, 1.0),
        ([1, 2], np.array([1, 2])),
        ((1, 2), [1, 2]),
        (np.array([np.nan, np.inf]), [np.nan, np.inf]),
        ({"a": 1}, {"a": 1.0}),
        ({"a", "b"}, {"b", "a"}),
        (np.array([(1, 2), (3, 4)]), ((1, 2), (3, 4))),
        (Weights(np.zeros(2)), (np.zeros(2),)),
        (1e9 + 1, 1e9),
        (True, True),
        (None, None),
        ("a", "a"),
        (np.array(["a"]), np.array(["a"])),
        (np.True_, True),
        (np.float32(0.1), 0.1),
        (0.1, np.float32(0.1)),
    ],
)
def test_same(received, expected):
    """Formas distintas de lo mismo son lo mismo."""
    assert differences(received, expected) is None


@pytest.mark.parametrize(
    ("received", "expected", "message"),
    [
        (1, 2, "se esperaba 2 y ha llegado 1; tolerancia 1e-06"),
        (1.0, np.inf, "se esperaba inf y ha llegado 1"),
        (np.inf, 1.0, "se esperaba 1 y ha llegado inf"),
        (np.nan, 1.0, "se esperaba 1 y ha llegado nan"),
        ([1, 2, 4], [1, 2, 3], "en la posición [2] se esperaba 3 y ha llegado 4 (1 de 3 valores"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "se esperaba forma (3, 2) y ha llegado (2, 3)"),
        (1, True, "se esperaba True y ha llegado `int: 1`"),
        ("1", 1, "se esperaba un número y ha llegado `str: '1'`"),
        ("b", "a", "se esperaba 'a' y ha llegado `str: 'b'`"),
        ([[1], [1, 2]], np.zeros(2), "se esperaba un array de forma (2,) y ha llegado `list:"),
        (3, (1, 2), "se esperaban 2 resultados y ha llegado `int: 3`"),
        ((1, 2, 3), (1, 2), "se esperaban 2 resultados y han llegado 3"),
        ((1, 5), (1, 2), "resultado 2: se esperaba 2 y ha llegado 5"),
        ((1, (2, 3)), (1, (2, 4)), "resultado 2: desde el elemento 2 se esperaba `[4]` y ha"),
        ((1, (2, 3)), (1, (2,)), "llegado 2; desde el elemento 2 se esperaba `[]`"),
        (["a", "b"], ["a", "c"], "desde el elemento 2 se esperaba `['c']` y ha llegado `['b']`"),
        (["a"], ["a", "c"], "se esperaban 2 elementos y han llegado 1; desde el elemento 2 se esp"),
        ([""], [], "desde el elemento 1 se esperaba `[]` y ha llegado `['']`"),
        ("ac", ["a", "c"], "se esperaban 2 elementos y ha llegado `str: 'ac'`"),
        ([1, 3, 4], [1, 2, 3, 4], "elemento 2 se esperaba `[2, 3, 4]` y ha llegado `[3, 4]`"),
        (np.int32(1), 1.00005, "se esperaba 1.00005 y ha llegado 1"),
        (Weights(np.ones(1)), Weights(np.zeros(1)), "matrix: en la posición [0]"),
        ({"b": 1}, {"a": 1}, "se esperaban las claves `['a']` y han llegado `['b']`"),
        ([], {"a": 1}, "se esperaba un diccionario"),
        ({"a": 2}, {"a": 1}, "['a']: se esperaba 1 y ha llegado 2"),
        ({"a"}, {"b"}, "no es lo que se esperaba: `set: {'a'}`"),
        (3, {"b"}, "no es lo que se esperaba: `int: 3`"),
        (None, 1, "se esperaba un número y ha llegado `NoneType: None`"),
        (1.0, 1.0 + 1e-5, "se esperaba"),
    ],
)
def test_different(received, expected, message):
    """Lo distinto se cuenta con lo esperado, lo recibido y el primer sitio en que difieren."""
    assert message in differences(received, expected)


def test_hidden_series_do_not_show_what_was_expected():
    """En un ejercicio cuya respuesta es una lista, el mensaje no la enseña."""
    message = differences(["a", "x"], ["a", "c", "d"], reveal=False)
    assert "ha llegado `['x']`, y no es la respuesta correcta" in message
    assert "'c'" not in message


def test_zero_tolerance_is_exact():
    """Con tolerancia cero, ni la precisión simple se perdona."""
    one = np.float32(1.0)
    assert differences(one, np.nextafter(one, np.float32(2)), tolerance=0.0) is not None


def test_texts_of_the_case_are_shown():
    """Se ven los textos con los que se ha probado; de los muy largos, el principio."""
    assert core.case_details(made.FUNCTION, (["l", "a"],)) == ["`x=['l', 'a']`"]
    (long,) = core.case_details(made.FUNCTION, ("a" * 999,))
    assert long == f"`x='{'a' * (core.INPUT_LETTERS - 1)}…`"


# ---------------------------------------------------------------- lo que se entrega en blanco


def test_only_the_untouched_blank_is_untouched():
    """Cambiar solo un comentario o el docstring no es intentarlo; cambiar el código, sí."""
    commented = 'def row_means(x):\n    """Otra cosa."""\n    # pensando...\n    ...'
    tried = "def row_means(x):\n    return x"
    assert judge(made.FUNCTION, answer_of(made.FUNCTION, commented)).state == "sin intentar"
    assert judge(made.FUNCTION, answer_of(made.FUNCTION, tried)).state == "incorrecto"
    assert judge(made.VALUE, ...).state == "sin intentar"


def test_same_code_compares_methods():
    """De dos clases se comparan los métodos, uno a uno."""
    blank_class, solved_class = blank(made.CLASS), solved(made.CLASS)
    assert same_code(blank_class, blank(made.CLASS))
    assert not same_code(blank_class, solved_class)
    assert not same_code(blank_class, solved(made.FUNCTION))


# ---------------------------------------------------------------- check, hint, solution, progress


def test_check_returns_the_learners_answer_when_correct(capsys):
    """Con una respuesta correcta el cuaderno sigue con ella."""

    def mine(x):
        return np.array([sum(row) / len(row) for row in x])

    assert check("99.2", mine) is mine
    said = capsys.readouterr().out
    assert said == "99.2 · ✓ Correcto.  \nEl cuaderno sigue con tu respuesta.\n"


def test_lists_are_correct_but_the_notebook_needs_arrays(capsys):
    """Una lista donde se espera un array es correcta, pero el cuaderno sigue con la referencia."""
    result = check("99.2", row_means)
    assert isinstance(result(np.ones((2, 3))), np.ndarray)
    assert capsys.readouterr().out == (
        "99.2 · ✓ Correcto. Devuelves listas; el resto del cuaderno hace cuentas con arrays de "
        "NumPy.  \nEl cuaderno sigue con la solución de referencia.\n"
    )
    assert store.recall("99.2") == "correcto"


@pytest.mark.parametrize(
    ("received", "expected", "mixed"),
    [
        ([1, 2], np.zeros(2), True),
        (np.zeros(2), np.zeros(2), False),
        ((np.zeros(2), [1]), (np.zeros(2), np.zeros(1)), True),
        ([np.zeros(2), [1]], (np.zeros(2), np.zeros(1)), True),
        ((np.zeros(2), 1), (np.zeros(2), 1.0), False),
        ([1, 2], [1, 2], False),
        (1, 1.0, False),
        ([[1.0, 2.0]], [np.array([1.0, 2.0])], True),
        ([np.array([1.0, 2.0])], [np.array([1.0, 2.0])], False),
        ({"w": [1.0]}, {"w": np.array([1.0])}, True),
        ({"w": np.array([1.0])}, {"w": np.array([1.0])}, False),
    ],
)
def test_lists_for_arrays(received, expected, mixed):
    """Se distingue una lista de un array, también dentro de una tupla."""
    assert (unusable(received, expected) is not None) is mixed


class Pair(NamedTuple):
    """Como los pesos de una celda."""

    first: np.ndarray


SAME_PAIR = namedtuple("Pair", "first")


@pytest.mark.parametrize(
    ("received", "expected", "reason"),
    [
        (np.eye(2).view(np.matrix), np.eye(2), "matrices `np.matrix`; el resto del cuaderno hace"),
        (np.eye(2, dtype="float32"), np.eye(2), "de tipo float32 y el resto .* de tipo float64"),
        (np.float32(1), np.float64(1), "de tipo float32"),
        (np.float64(1), 1.0, None),
        (3, 3.0, None),
        (3.0, 3, "con decimales; el resto del cuaderno lo necesita entero"),
        (np.array(1.0), 1.0, "arrays de NumPy; el resto del cuaderno usa números de Python"),
        ((np.eye(2),), Pair(np.eye(2)), "tuplas; el resto del cuaderno usa objetos `Pair`"),
        (SAME_PAIR(np.eye(2)), Pair(np.eye(2)), None),
        ([np.eye(2)], (np.eye(2),), "listas; el resto del cuaderno usa tuplas"),
        ("a", "a", None),
        (np.True_, True, None),
        (object(), object(), None),
    ],
)
def test_what_the_notebook_cannot_use(received, expected, reason):
    """Se dice por qué no sirve lo que tiene los mismos números y otro tipo."""
    found = unusable(received, expected)
    assert found is None if reason is None else re.search(reason, found)


def test_pandas_is_not_an_array():
    """Una tabla de pandas tampoco."""
    pandas = pytest.importorskip("pandas")
    assert "tablas de pandas" in unusable(pandas.DataFrame(np.eye(2)), np.eye(2))


def test_tensors_and_their_gradient():
    """Ni un tensor por un array, ni un parámetro por un tensor, ni con gradiente por sin él."""
    torch = pytest.importorskip("torch")
    plain = torch.ones(2)
    wanting = torch.ones(2, requires_grad=True)
    assert "tensores de PyTorch" in unusable(plain, np.ones(2))
    assert "parámetros `nn.Parameter`" in unusable(torch.nn.Parameter(plain), plain)
    assert "`.detach()`" in unusable(wanting, plain)
    assert "necesita su gradiente" in unusable(plain, wanting)
    assert "tipo float64" in unusable(plain.double(), plain)
    assert unusable(plain.clone(), plain) is None


def test_the_contract_looks_at_every_call(capsys):
    """También a lo que la sonda transforma y a los objetos a los que se llama."""

    class Doubler:
        def __call__(self, x):
            return (2 * x).astype("float32")

    class Wanted:
        def __call__(self, x):
            return 2 * x

    exercise = dataclasses.replace(
        made.FUNCTION, mistakes=(), probe=lambda answer, x: answer()(x).sum().round(2)
    )
    witness = Witness(Wanted)
    exercise.observe(witness.answer, (np.ones(3),))
    (returned,) = witness.returned
    assert returned.tolist() == [2, 2, 2]
    witness = Witness(Doubler)
    exercise.observe(witness.answer, (np.ones(3),))
    assert "float32" in unusable(witness.returned[0], returned)


@pytest.mark.parametrize(
    ("answer", "usable"),
    [
        (lambda x: x.mean(axis=1), True),
        (lambda x, *, axis=1: x.mean(axis=axis), True),
        (lambda *args, **options: (*args, *options.values())[0].mean(axis=1), True),
        (lambda array: array.mean(axis=1), False),
    ],
)
def test_renamed_arguments_are_not_usable(answer, usable):
    """Está bien, pero una celda que la llame con `x=...` fallaría."""
    verdict = judge(made.FUNCTION, answer)
    assert (verdict.state, verdict.usable) == ("correcto", usable)
    assert ("falta `x`" in verdict.message) is not usable


@pytest.mark.parametrize("text", ["    return ...", "    return (...)"])
def test_returning_the_dots_is_not_trying(text):
    """Devolver los puntos suspensivos es no haberlo intentado."""
    answer = answer_of(made.FUNCTION, f"def row_means(x):\n    y = x\n{text}")
    assert judge(made.FUNCTION, answer).state == "sin intentar"


def test_a_memorised_table_is_found_out():
    """El caso nuevo no está en la tabla de quien copia los de siempre; el mensaje da la semilla."""
    table = {case[0].tobytes(): case[0].mean(axis=1) for case in made.FUNCTION.cases()}
    cheat = lambda x: table.get(x.tobytes(), np.zeros(len(x)))  # noqa: E731
    first, again = judge(made.FUNCTION, cheat), judge(made.FUNCTION, cheat)
    assert first == again
    assert "En el caso 6 (CURSO_CASO=31, x de forma (3, 5))" in first.message
    assert judge(dataclasses.replace(made.FUNCTION, fresh=False), cheat).state == "correcto"


def test_the_seed_of_the_new_case(monkeypatch):
    """Sin la variable es una cualquiera, la misma en todo el proceso; con ella, esa."""
    definition.fresh_seed.cache_clear()
    monkeypatch.setenv("CURSO_CASO", "doce")
    with pytest.raises(ValueError, match="CURSO_CASO debe ser un entero"):
        definition.fresh_seed()
    monkeypatch.delenv("CURSO_CASO")
    assert definition.fresh_seed() == definition.fresh_seed() in range(1_000_000)
    definition.fresh_seed.cache_clear()
    monkeypatch.setenv("CURSO_CASO", "31")
    assert definition.fresh_seed() == 31
    assert made.TRAINED.fresh_cases() == made.VALUE.fresh_cases() == []


def test_luck_does_not_decide_the_new_case():
    """Lo que en los casos de siempre cabe por poco en la tolerancia no depende del sorteo."""
    almost = lambda x: x.mean(axis=1) + (5e-6 if x.shape == (3, 5) else 0)  # noqa: E731
    exercise = dataclasses.replace(made.FUNCTION, draws=0)
    assert judge(exercise, almost).state == "correcto"


def keeps_in_default(x, seen=[]):  # noqa: B006
    """Recuerda en un argumento por omisión lo que ha visto."""
    seen.append(0.5)
    return x.mean(axis=1) + sum(seen[1:])


class KeepsInSelf:
    """Recuerda en un atributo lo que dio la última vez."""

    def __init__(self):
        self.last = 0.0

    def __call__(self, x):
        self.last = self.last + x.mean(axis=1)
        return self.last


@pytest.mark.parametrize(
    ("answer", "probe"),
    [(keeps_in_default, lambda answer, x: answer(x)), (KeepsInSelf, lambda answer, x: answer()(x))],
    ids=["argumento", "self"],
)
def test_answers_that_remember_are_found_out(answer, probe):
    """Lo que se guarda de una llamada a otra se nota, y se dice."""
    solution = made.TEXTS["99.2"]["solution"]
    if answer is KeepsInSelf:
        solution = "class row_means:\n    def __call__(self, x):\n        return x.mean(axis=1)"
    with pytest.MonkeyPatch.context() as patch:
        for module in (core, definition):
            patch.setattr(module, "texts", lambda key: made.TEXTS[key] | {"solution": solution})
        verdict = judge(dataclasses.replace(made.FUNCTION, probe=probe, mistakes=()), answer)
    assert verdict.state == "incorrecto"
    assert "guarda algo de una llamada a otra" in verdict.message


def test_answers_that_write_over_what_they_gave_are_found_out():
    """Cada llamada acierta, pero lo que se guardó de la anterior ya no es lo que era."""
    shelf = {}

    def reused(x):
        room = shelf.setdefault(x.shape, np.empty(len(x)))
        return x.mean(axis=1, out=room)

    exercise = dataclasses.replace(made.FUNCTION, edges=((np.zeros((2, 3)),), (np.ones((2, 3)),)))
    assert judge(exercise, lambda x: reused(x).copy()).usable
    verdict = judge(exercise, reused)
    assert verdict.state == "incorrecto"
    assert "escribe en un array que ya había devuelto" in verdict.message


def refusing(answer, x):
    """Una sonda que rechaza lo que no es un array."""
    if not isinstance(answer(x), np.ndarray):
        raise TypeError("se esperaba un array y no otra cosa")
    return answer(x)


def misusing(answer, x):
    """Una sonda que tropieza con lo que llega."""
    return answer(x).mean()


@pytest.fixture
def probes_of_the_course(monkeypatch):
    """Las sondas de esta prueba cuentan como del curso; las respuestas, no."""
    monkeypatch.setattr(sandbox, "_is_course", lambda code: not code.co_filename.startswith("<"))


@pytest.mark.usefixtures("probes_of_the_course")
def test_what_the_probe_refuses_is_told_in_its_words():
    """La queja de la sonda no se presenta como una excepción de quien aprende; la suya, sí."""
    exercise = dataclasses.replace(made.FUNCTION, probe=refusing, mistakes=())
    verdict = judge(exercise, answer_of(exercise, "def row_means(x):\n    return 'doce'"))
    assert verdict.state == "incorrecto"
    assert verdict.message == (
        "En el caso 1 (x de forma (2, 4)), se esperaba un array y no otra cosa."
    )
    own = answer_of(exercise, "def row_means(x):\n    raise TypeError('mía')")
    assert "tu respuesta lanza `TypeError: mía" in judge(exercise, own).message


@pytest.mark.usefixtures("probes_of_the_course")
def test_a_probe_that_stumbles_is_not_a_refusal():
    """Solo es un rechazo lo que la sonda lanza a propósito."""
    exercise = dataclasses.replace(made.FUNCTION, probe=misusing, mistakes=())
    verdict = judge(exercise, answer_of(exercise, "def row_means(x):\n    return 'doce'"))
    assert "lanza `AttributeError" in verdict.message


def test_long_errors_of_a_library_keep_the_cause(tmp_path, monkeypatch):
    """La primera línea de Keras dice dónde ha sido; la segunda, qué."""
    monkeypatch.setattr(sandbox, "library_folders", lambda: (str(tmp_path),))
    names = {}
    said = "Exception in LSTM.call().\n\nWrong shape (3, 4)\nmás"
    text = f"def call(x):\n    raise ValueError({said!r})"
    exec(compile(text, f"{tmp_path}/keras.py", "exec"), names)
    verdict = judge(made.FUNCTION, names["call"])
    assert "`ValueError: Exception in LSTM.call(). Wrong shape (3, 4)`" in verdict.message


def test_a_cause_that_fits_coarsely_is_not_shown():
    """Parecerse a un error conocido no basta: tiene que caber en la tolerancia del ejercicio."""
    exercise = dataclasses.replace(made.FUNCTION, tolerance=1e-9)
    verdict = judge(exercise, lambda x: x.sum(axis=1) + 1e-7)
    assert "¿Falta dividir?" not in verdict.message
    strict = dataclasses.replace(made.FUNCTION, compare=lambda one, other: f"es un {type(one)}")
    assert "¿" not in judge(strict, lambda x: x.sum(axis=1).tolist()).message


def test_figures_are_the_ones_that_tell_apart():
    """Ni cifras de más ni de menos; de los arrays, unos pocos valores, uno al lado del otro."""
    assert "se esperaba 0.333 y ha llegado 0.667;" in differences(2 / 3, 1 / 3)
    assert "se esperaba 1.2345 y ha llegado 1.2346;" in differences(1.2346, 1.2345)
    assert "se esperaba 123456 y ha llegado 123457;" in differences(123457, 123456)
    message = differences(np.arange(12.0).reshape(2, 6)[:, ::-1], np.arange(12.0).reshape(2, 6))
    assert "desde la posición [0, 0] se esperaba 0, 1, 2, 3 y ha llegado 5, 4, 3, 2" in message


def test_a_value_where_a_function_is_asked():
    """Aunque el ejercicio no tenga casos."""
    exercise = dataclasses.replace(made.VALUE, probe=lambda answer: answer())
    texts = made.TEXTS["99.1"] | {"solution": "def answer():\n    return 12"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(definition, "texts", lambda key: texts)
        verdict = judge(exercise, {2: "A"})
    assert "Se esperaba que `answer` fuera una función y ha llegado `dict:" in verdict.message


@pytest.mark.parametrize("answer", [None, 3, lambda x: x, spin])
def test_check_returns_the_reference_otherwise(capsys, monkeypatch, course, answer):
    """Si no, con la de referencia, y dice cuál y cómo seguir."""
    course["99.2"] = dataclasses.replace(made.FUNCTION, seconds=0.05)
    result = check("99.2", answer)
    assert result(np.ones((2, 3))).tolist() == [1, 1]
    said = capsys.readouterr().out
    assert "El cuaderno sigue con la solución de referencia." in said
    assert 'Pistas: hint("99.2"), hint("99.2", 2); solución: solution("99.2").' in said
    assert "return x.mean" not in said


def test_terminal_text_has_no_marks_but_keeps_the_code():
    """En una terminal no se ven asteriscos ni comillas de Markdown; los del código se quedan."""
    note = Note("**Mal.** Tu línea es `y = x**2`.")
    assert repr(note) == "Mal. Tu línea es y = x**2."
    assert note._repr_markdown_() == "**Mal.** Tu línea es `y = x**2`."


def test_hints_and_solution(capsys):
    """Dos pistas, de menos a más, y la solución entera."""
    hint("99.2")
    hint("99.2", 2)
    solution("99.2")
    said = capsys.readouterr().out
    assert said.index("Una pista.") < said.index("Otra pista, más fuerte.")
    assert said.endswith(made.TEXTS["99.2"]["solution"] + "\n")
    assert "```" not in said


@pytest.mark.parametrize("level", [0, 3, -1, "2", None, 1.5])
def test_unknown_hint_level(level):
    """Solo hay dos pistas."""
    with pytest.raises(ValueError, match="Hay 2 pistas, la 1 y la 2"):
        hint("99.2", level)


def test_progress_keeps_the_best(capsys):
    """Se recuerda lo mejor que se ha logrado en cada ejercicio."""
    progress()
    assert "0 de 9" in capsys.readouterr().out
    check("99.1", 12)
    check("99.2", lambda x: 1 / 0)
    check("99.1", 11)
    capsys.readouterr()
    progress()
    said = capsys.readouterr().out
    assert said.startswith("99 · Prueba: 1 de 9 · ✓99.1 ✗99.2 ○99.3")
    assert store.recall("99.1") == "correcto"
    assert store.recall("99.2") == "error"


def test_progress_can_be_cleared(capsys):
    """Y se puede empezar de cero."""
    check("99.1", 12)
    downloaded = store.folder().parent / "datos.npz"
    downloaded.write_bytes(b"datos")
    progress(clear=True)
    assert "Progreso borrado" in capsys.readouterr().out
    assert store.recall("99.1") is None
    assert downloaded.read_bytes() == b"datos"
    progress(clear=True)


def test_progress_that_cannot_be_saved(capsys, monkeypatch, tmp_path):
    """Si la carpeta no admite escritura, se dice y el ejercicio se corrige igual."""
    (tmp_path / "ocupado").write_text("soy un archivo", encoding="utf-8")
    monkeypatch.setenv("CURSO_HOME", str(tmp_path / "ocupado"))
    assert check("99.1", 12) == 12
    said = capsys.readouterr().out
    assert "✓ Correcto" in said
    assert "No se ha podido guardar tu progreso" in said
    progress()


@pytest.mark.parametrize("content", [b"", b"casi", b"\xff\xfe", b"correcto\n\n"])
def test_damaged_progress_counts_as_none(content):
    """Un archivo dañado no estorba, y el siguiente resultado lo arregla."""
    check("99.1", 11)
    (store.folder() / "99.1").write_bytes(content)
    assert store.recall("99.1") in (None, "correcto")
    store.remember("99.1", "correcto")
    assert store.recall("99.1") == "correcto"
    assert [path.name for path in store.folder().iterdir()] == ["99.1"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "no queda sitio"),
        (errno.EACCES, "no tienes permiso"),
        (errno.EIO, "de disco"),
    ],
)
def test_failed_write_says_what_failed(number, told, capsys, monkeypatch):
    """No es lo mismo un disco lleno que una carpeta sin permiso."""

    def fail(*_):
        raise OSError(number, "error de disco")

    monkeypatch.setattr(store, "remember", fail)
    check("99.1", 12)
    assert told in capsys.readouterr().out


def test_clearing_tells_the_truth(capsys, monkeypatch):
    """Si algo no se ha podido borrar, no se dice que se ha borrado; si no había nada, tampoco."""
    progress(clear=True)
    assert "No había progreso guardado" in capsys.readouterr().out
    check("99.1", 12)
    (store.folder() / "99.2").mkdir()
    capsys.readouterr()
    progress(clear=True)
    assert "No se ha podido borrar todo tu progreso" in capsys.readouterr().out


def test_a_worse_result_written_late_keeps_the_best(monkeypatch):
    """Un núcleo que miró antes de que otro guardara «correcto» no lo pierde."""
    with monkeypatch.context() as patch:
        patch.setattr(store, "recall", lambda key: None)
        for state in ("correcto", "incorrecto", "error", "sin intentar"):
            store.remember("99.1", state)
    assert store.recall("99.1") == "correcto"


def test_two_processes_do_not_hurt_each_other():
    """Dos cuadernos a la vez no dejan nada a medias."""
    code = (
        "from importlib import import_module; import sys\n"
        "store = import_module('course_utils.exercises.store')\n"
        "for _ in range(100):\n"
        "    store.remember(sys.argv[1], 'incorrecto'); store.remember('99.9', 'correcto')\n"
        "    assert store.recall('99.9') == 'correcto'\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, key]) for key in ("99.1", "99.2")]
    assert [process.wait() for process in running] == [0, 0]
    assert sorted(path.name for path in store.folder().iterdir()) == ["99.1", "99.2", "99.9"]
    assert store.recall("99.1") == "incorrecto"


# ---------------------------------------------------------------- definiciones


def test_cases_are_repeatable_and_differ_between_exercises():
    """Los casos son siempre los mismos, y otros con otra semilla o en otro ejercicio."""
    first, again = made.FUNCTION.cases(), made.FUNCTION.cases()
    assert identical(first, again)
    assert not identical(first, made.FUNCTION.cases(seed=1))
    assert not identical(first[1:], made.LOOP.cases())
    assert len(made.FUNCTION.cases(draws=7)) == 8


@pytest.mark.parametrize("key", [None, 12.1])
def test_exercise_without_quotes(key):
    """Olvidar las comillas es fácil: el error lo dice."""
    with pytest.raises(ValueError, match="Escribe el ejercicio entre comillas"):
        find(key)


@pytest.mark.parametrize("key", ["77.1", "12.77", "", "doce"])
def test_unknown_exercise(key, monkeypatch):
    """Un ejercicio que no existe da un error que dice cuáles hay."""
    with pytest.raises(ValueError, match=r"No hay ejercicio .*(Hay lecciones|Los de la lección)"):
        find(key)


def test_missing_texts_say_what_to_do():
    """Sin los textos empaquetados, el error dice cómo recuperarlos."""
    with pytest.raises(LookupError, match=r"Falta el texto de la solución 98.1.*vuelve a instalar"):
        PACKAGED_TEXTS("98.1")


# ---------------------------------------------------------------- en un cuaderno de verdad

SETUP = """\
import dataclasses, time
import numpy as np
import course_utils.lessons.lesson_12.exercises as lesson
from course_utils.exercises import check, hint, progress, solution
quick = [dataclasses.replace(item, seconds=0.5) for item in lesson.EXERCISES]
lesson.EXERCISES = tuple(quick)
"""
START = "def rnn_step(x, h, weights):\n"
CHECK = "\nanswer = check('12.1', rnn_step)"
EQUATION = "x @ weights.input + h @ weights.hidden + weights.bias"
CELLS = {
    "setup": SETUP,
    "blank": f"{START}    ...\nrnn_step = check('12.1', rnn_step)",
    "fallback": "rnn_step.__name__",
    "raises": f"{START}    z = x @ weights.input\n    return len(z) / len([])**2{CHECK}",
    "endless": f"{START}    while True: pass{CHECK}",
    "swallows": (
        f"{START}    while True:\n        try:\n            time.sleep(0.01)\n"
        f"        except:\n            pass{CHECK}"
    ),
    "wrong": f"{START}    return {EQUATION}{CHECK}",
    "right": f"{START}    return np.tanh({EQUATION}){CHECK}\nassert answer is rnn_step",
    "hint": "hint('12.1', 2)",
    "solution": "solution('12.1')",
    "progress": "progress()",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Salidas de cada celda, en un núcleo de Jupyter de verdad."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURSO_HOME", str(tmp_path_factory.mktemp("casa")))
        cells = [nbformat.v4.new_code_cell(code, id=name) for name, code in CELLS.items()]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, kernel_name="python3", shutdown_kernel="immediate").execute()
    return {cell.id: cell.outputs for cell in notebook.cells}


def shown(outputs, name):
    """Markdown y texto de la única salida de una celda."""
    (output,) = outputs[name]
    return output.data["text/markdown"], output.data["text/plain"]


def test_notebook_renders_markdown(outputs):
    """En un cuaderno, el veredicto es Markdown y lleva también texto sin marcas."""
    markdown, plain = shown(outputs, "blank")
    assert markdown.startswith("**12.1 · ○ Sin intentar.** Escribe un paso")
    assert plain.startswith("12.1 · ○ Sin intentar. Escribe un paso")
    assert outputs["fallback"][0].data["text/plain"] == "'rnn_step'"
    assert "✓ Correcto" in shown(outputs, "right")[0]
    assert "tangente hiperbólica? En el caso 1" in shown(outputs, "wrong")[0]
    assert shown(outputs, "hint")[0].startswith("**Pista 2 de 12.1.**")
    assert "```python\ndef rnn_step" in shown(outputs, "solution")[0]
    assert "✓12.1 ○12.2" in shown(outputs, "progress")[1]


def test_notebook_line_number_is_the_cells(outputs):
    """La línea señalada es la de la celda, con su texto tal cual."""
    markdown, plain = shown(outputs, "raises")
    expected = (
        "ZeroDivisionError: division by zero (línea 3 de la celda: return len(z) / len([])**2)"
    )
    assert f"`{expected}`" in markdown
    assert expected in plain


@pytest.mark.parametrize("name", ["endless", "swallows"])
def test_notebook_interrupts_endless_answers(outputs, name):
    """El límite de tiempo funciona dentro de ipykernel, y la sesión sigue viva."""
    assert "tu respuesta no ha terminado en" in shown(outputs, name)[0]


def test_notebook_has_no_red(outputs):
    """Ninguna celda escribe en rojo."""
    kinds = [output.output_type for output in itertools.chain(*outputs.values())]
    assert set(kinds) <= {"display_data", "execute_result"}


# ---------------------------------------------------------------- ejecutar check dos veces


@pytest.mark.parametrize(
    ("exercise", "wrong"),
    [
        (made.VALUE, 11),
        (made.ARRAY, np.zeros((2, 3))),
        (made.DIAGNOSIS, "tanh"),
        (made.FUNCTION, ...),
    ],
    ids=["entero", "array", "texto", "función"],
)
def test_reference_handed_back_is_not_an_answer(exercise, wrong, capsys):
    """Ejecutar otra vez solo la celda de check no da por buena la solución de referencia."""
    handed = check(exercise.key, wrong)
    assert check(exercise.key, handed) is handed
    assert "Sin ejecutar" in capsys.readouterr().out
    assert store.recall(exercise.key) != "correcto"
    check(exercise.key, solved(exercise))
    assert store.recall(exercise.key) == "correcto"


def test_a_trained_solution_does_not_run_for_a_good_answer(monkeypatch):
    """Si la solución entrena, nadie la espera cuando la respuesta ya vale."""
    exercise = dataclasses.replace(made.FUNCTION, threshold=lambda received: None)

    def forbidden(_):
        raise AssertionError("se ha ejecutado la solución")

    monkeypatch.setattr(core, "reference", forbidden)
    assert judge(exercise, lambda x: x.mean(axis=1)).state == "correcto"

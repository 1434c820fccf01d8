"""Lo que permite probar el curso entero con una orden: ``make test``.

Reparte las pruebas entre varios procesos por archivos y, donde un archivo prueba todas las
lecciones, por lecciones; ordena las partes de la más rápida a la más lenta, deja el navegador solo
y el último, dice al final cuánto ha tardado cada parte y aparta el progreso y los hilos de quien
las ejecuta.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from course_utils.environment import available_cores
from tools.notebooks.costs import stored_seconds
from tools.notebooks.measure import HANG_SECONDS, ONE_THREAD
from tools.notebooks.run import Result, write_report

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

# La primera prueba que importa un framework tarda segundos, y una máquina ocupada tarda más: ni el
# plazo por ejemplo ni el aviso de lentitud miden nada útil.
settings.register_profile(
    "curso", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("curso")

LANES = ("unit", "lessons", "papermill", "nbval", "e2e")
OTHER = "otras"
OUTPUT_TIMEOUT = 60
NBVAL_DEFAULT_TIMEOUT = 2000
PROCESSOR = "procesador"
START = pytest.StashKey[float]()
TURN_VARIABLE = "CURSO_TURNO"


def lane_of(nodeid: str) -> str:
    """A qué parte pertenece una prueba, según dónde está.

    Examples
    --------
    >>> lane_of("tests/unit/test_cells.py::test_step"), lane_of("solutions/12_x.ipynb::Cell 0")
    ('unit', 'nbval')
    """
    path = PurePosixPath(nodeid.split("::")[0])
    if path.suffix == ".ipynb":
        return "nbval"
    folder = path.parts[1] if len(path.parts) > 2 and path.parts[0] == "tests" else ""
    return folder if folder in LANES else OTHER


def lesson_of(nodeid: str) -> str:
    """La lección que prueba un caso, según sus parámetros; vacía si no es de ninguna.

    Examples
    --------
    >>> lesson_of("tests/lessons/test_x.py::test_y[14.1-2]"), lesson_of("tests/unit/test_z.py::t")
    ('14', '')
    """
    found = re.search(r"\[(?:\w+-)?(\d\d)[._\]-]", nodeid)
    return found[1] if found else ""


class ByLesson(LoadScopeScheduling):
    """Reparte por archivos, para que cada cuaderno tenga un solo kernel, y por lecciones."""

    def _split_scope(self, nodeid: str) -> str:
        """Lo que va junto al mismo proceso."""
        lesson = lesson_of(nodeid) if lane_of(nodeid) in ("lessons", "papermill") else ""
        return f"{nodeid.split('::')[0]}::{lesson}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByLesson | None:
    """El reparto del curso; con otro ``--dist``, el que se pida."""
    return ByLesson(config, log) if config.getvalue("dist") == "loadfile" else None


class LaneClock:
    """Suma lo que tarda cada parte, con sus preparativos, y lo que sus pruebas quieran contar.

    Una prueba cuenta algo con ``record_property``: los enteros del mismo nombre se suman y los
    textos se muestran tal cual. Lo que se llama ``informe`` va a ``build/report.json``.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.processor: Counter[str] = Counter()
        self.spans: dict[str, tuple[float, float]] = {}
        self.tests: Counter[str] = Counter()
        self.totals: dict[str, Counter[str]] = defaultdict(Counter)
        self.notes: dict[str, list[str]] = defaultdict(list)
        self.results: list[Result] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        lane = lane_of(report.nodeid)
        self.seconds[lane] += report.duration
        start, stop = self.spans.get(lane, (report.start, report.stop))
        self.spans[lane] = min(start, report.start), max(stop, report.stop)
        self.tests[lane] += report.when == "setup"
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if name == PROCESSOR:
                self.processor[lane] += value
            elif name == "informe":
                self.results.append(Result(**json.loads(value)))
            elif isinstance(value, int):
                self.totals[lane][name] += value
            else:
                self.notes[lane].append(f"{name}: {value}")

    def pytest_sessionfinish(self) -> None:
        if self.results:
            write_report(sorted(self.results, key=lambda result: result.lesson))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("segundos de cada parte")
        for lane in (*LANES, OTHER):
            if not self.tests[lane]:
                continue
            totals = [f"{name} {value}" for name, value in self.totals[lane].items()]
            counted = f"{self.tests[lane]} prueba{'s' if self.tests[lane] > 1 else ''}"
            notes = " · ".join([counted, *totals, *sorted(self.notes[lane])])
            start, stop = self.spans[lane]
            terminalreporter.write_line(
                f"{lane:<9} {self.seconds[lane]:6.1f} s ({self.processor[lane]:.1f} de procesador) "
                f"en {(stop - start) / 60:.1f} min · {notes}"
            )


def is_worker(config: pytest.Config) -> bool:
    """Si este proceso ejecuta pruebas para otro, que es el que cuenta."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    home = tempfile.mkdtemp(prefix="curso-pruebas-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ.update(ONE_THREAD, CURSO_HOME=home, PYTHONHASHSEED="0", CURSO_CASO="31")
    if not is_worker(config):
        os.environ[TURN_VARIABLE] = str(Path(home) / "turno")
        config.pluginmanager.register(LaneClock(), "reloj-de-las-partes")
    if config.getoption("nbval_lax", default=False):
        config.option.nbval_current_env = True
        if config.option.nbval_cell_timeout == NBVAL_DEFAULT_TIMEOUT:
            config.option.nbval_cell_timeout = HANG_SECONDS


def pytest_xdist_auto_num_workers() -> int:
    """Un proceso por cada núcleo que de verdad se puede usar."""
    return available_cores()


def processor_seconds() -> float:
    """Segundos de procesador de este proceso y de los que ha lanzado y han acabado."""
    return sum(os.times()[:4])


def place_of(item: pytest.Item) -> tuple[int, float]:
    """Puesto de una prueba: por partes y, entre cuadernos, primero los que más tardan."""
    lane = lane_of(item.nodeid)
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    stem = item.path.stem if lane == "nbval" else parameters.get("lesson")
    seconds = stored_seconds(stem) if stem else None
    # papermill y nbval se reparten como una sola cola.
    order = {"nbval": LANES.index("papermill")}.get(lane, (*LANES, OTHER).index(lane))
    return order, -(seconds or 0.0)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=place_of)
    for item in items:
        if lane_of(item.nodeid) == "nbval":
            # nbval espera 5 s, fijos, a que lleguen las salidas: en una máquina ocupada no basta.
            item.output_timeout = OUTPUT_TIMEOUT
            if "stderr" not in item.parent.skip_compare:
                item.parent.skip_compare += ("stderr",)


@contextlib.contextmanager
def turn(*, alone: bool) -> Iterator[None]:
    """Espera su turno: las pruebas corren a la vez, salvo las que piden estar solas."""
    if fcntl is None or TURN_VARIABLE not in os.environ:
        yield
        return
    with Path(os.environ[TURN_VARIABLE]).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with turn(alone=lane_of(item.nodeid) == "e2e"):
        item.stash[START] = processor_seconds()
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Al desmontarla, lo que ha costado una prueba, con los procesos que ha lanzado."""
    report = yield
    if call.when == "teardown":
        report.user_properties.append((PROCESSOR, processor_seconds() - item.stash[START]))
    return report

"""Lo que permite probar el curso entero con una orden: ``pytest --nbval-lax tests solutions``.

Ordena las pruebas por partes, de la más rápida a la más lenta, dice al final cuánto ha tardado
cada una y aparta el progreso y los hilos de quien las ejecuta.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import PurePosixPath

import pytest
from hypothesis import settings

from tools.notebooks.run import ONE_THREAD

# La primera prueba que importa un framework tarda segundos: el plazo por ejemplo no mide nada útil.
settings.register_profile("curso", deadline=None, derandomize=True)
settings.load_profile("curso")

LANES = ("unit", "lessons", "papermill", "nbval", "e2e")
OTHER = "otras"
CELL_TIMEOUT = 120
OUTPUT_TIMEOUT = 60
NBVAL_DEFAULT_TIMEOUT = 2000


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


class LaneClock:
    """Suma lo que tarda cada parte, con sus preparativos, y lo que sus pruebas quieran contar.

    Una prueba cuenta algo con ``record_property``: los enteros del mismo nombre se suman y los
    textos se muestran tal cual.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.tests: Counter[str] = Counter()
        self.totals: dict[str, Counter[str]] = defaultdict(Counter)
        self.notes: dict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        lane = lane_of(report.nodeid)
        self.seconds[lane] += report.duration
        self.tests[lane] += report.when == "setup"
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if isinstance(value, int):
                self.totals[lane][name] += value
            else:
                self.notes[lane].append(f"{name}: {value}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("segundos de cada parte")
        for lane in (*LANES, OTHER):
            if not self.tests[lane]:
                continue
            totals = [f"{name} {value}" for name, value in self.totals[lane].items()]
            counted = f"{self.tests[lane]} prueba{'s' if self.tests[lane] > 1 else ''}"
            notes = " · ".join([counted, *totals, *self.notes[lane]])
            terminalreporter.write_line(f"{lane:<9} {self.seconds[lane]:6.1f} s · {notes}")


def pytest_configure(config: pytest.Config) -> None:
    home = tempfile.mkdtemp(prefix="curso-pruebas-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ.update(ONE_THREAD, CURSO_HOME=home, PYTHONHASHSEED="0")
    config.pluginmanager.register(LaneClock(), "reloj-de-las-partes")
    if config.getoption("nbval_lax", default=False):
        config.option.nbval_current_env = True
        if config.option.nbval_cell_timeout == NBVAL_DEFAULT_TIMEOUT:
            config.option.nbval_cell_timeout = CELL_TIMEOUT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = (*LANES, OTHER)
    items.sort(key=lambda item: order.index(lane_of(item.nodeid)))
    for item in items:
        if lane_of(item.nodeid) == "nbval":
            # nbval espera 5 s, fijos, a que lleguen las salidas: en una máquina ocupada no basta.
            item.output_timeout = OUTPUT_TIMEOUT
            if "stderr" not in item.parent.skip_compare:
                item.parent.skip_compare += ("stderr",)

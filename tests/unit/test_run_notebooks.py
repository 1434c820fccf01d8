"""La herramienta que ejecuta los cuadernos, con cuadernos que se portan mal a propósito."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from tools.notebooks import measure
from tools.notebooks import run as tool
from tools.notebooks.measure import Measured, run_measured
from tools.notebooks.run import Budget, Result, Run

CLAIMS = "from course_utils.claims import claim, verify\n"
FINE = f"""\
import os, pathlib
assert SEED == 1 and FAST is True
assert not list(pathlib.Path.cwd().iterdir())
assert os.environ["OMP_NUM_THREADS"] == "1"
assert "curso-" in os.environ["CURSO_HOME"]
{CLAIMS}
verify(claim("Uno es menor que la semilla más uno", 1, "<", SEED + 1))
verify(claim("Uno es uno", 1, "==", 1, kind="identidad"))
"""
FALSE_CLAIM = CLAIMS + 'verify(claim("Se cumple", 1, "<", 2), claim("No se cumple", 3, "<", 2))'
GREEDY = (
    "import time\nkept = []\nwhile True:\n    kept.append(b'x' * 40_000_000)\n    time.sleep(0.05)"
)
BIG = "import time\nkept = b'x' * 150_000_000\ntime.sleep(0.5)"
SLEEPY = "import time\ntime.sleep(3600)"
BUSY = "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end: pass"
DEAD = "import os\nos._exit(1)"
ROOMY = Budget(seconds=60)

# Cada cuaderno: lo que hay en sus celdas y los límites que se le ponen.
MISBEHAVING = {
    "21_no_termina": ((SLEEPY,), Budget(seconds=60, hang_seconds=10)),
    "22_muere": (("1", "2", DEAD, "4", "5", "6"), ROOMY),
    "23_devora": ((GREEDY,), Budget(seconds=60, memory_mb=180)),
    "24_ocupa": ((BIG,), Budget(seconds=60, memory_mb=180)),
    "25_gasta": ((BUSY,), Budget(seconds=1.2)),
    "26_duerme": (("import time\ntime.sleep(3)",), Budget(seconds=2.0)),
    "27_falla": (("1", "2", "1 / 0", "4"), ROOMY),
}


def write_notebook(folder, stem: str, *codes: str):
    """Cuaderno con su celda de parámetros y celdas de código «trabajo-0», «trabajo-1»…"""
    cells = [
        nbformat.v4.new_code_cell(
            "FAST = True\nSEED = 0", id="parametros", metadata={"tags": ["parameters"]}
        ),
        *(
            nbformat.v4.new_code_cell(code, id=f"trabajo-{place}")
            for place, code in enumerate(codes)
        ),
    ]
    path = folder / f"{stem}.ipynb"
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory) -> dict[str, Result]:
    """Resultado de cada cuaderno que se porta mal, todos ejecutados de una vez."""
    folder = tmp_path_factory.mktemp("cuadernos")
    with ThreadPoolExecutor(2) as pool:
        running = {
            stem: pool.submit(
                tool.run_lesson, write_notebook(folder, stem, *codes), seed=1, budget=budget
            )
            for stem, (codes, budget) in MISBEHAVING.items()
        }
        return {stem: future.result() for stem, future in running.items()}


@pytest.mark.parametrize(
    ("stem", "status"),
    [
        ("21_no_termina", "^celda «trabajo-0»: la celda no ha terminado a tiempo$"),
        ("22_muere", "^celda «trabajo-2»: el núcleo ha muerto"),
        ("23_devora", "^celda «trabajo-0»: se ha cortado al pasar de 360 MB de memoria$"),
        ("24_ocupa", r"^ocupa \d+ MB; el límite son 180$"),
        ("25_gasta", r"^gasta \d\.\d s de procesador; el límite son 1$"),
        ("27_falla", "^falla la celda «trabajo-2»: ZeroDivisionError: division by zero$"),
    ],
)
def test_misbehaving_lesson_is_reported(misbehaving, stem, status):
    """Cada forma de portarse mal se cuenta con su nombre y en la celda en que ocurre."""
    result = misbehaving[stem]
    assert not result.ok
    assert re.search(status, result.status), result.status


def test_waiting_is_not_spending(misbehaving):
    """Lo que se espera, como lo que quitan otros programas, no cuenta: solo el procesador."""
    result = misbehaving["26_duerme"]
    assert result.ok, result.status
    assert result.seconds < result.wall / 1.5


def test_memory_is_measured(misbehaving):
    """La memoria máxima es la del núcleo, con lo que haya pedido."""
    assert 180 < misbehaving["24_ocupa"].peak_rss_mb < 360
    # La que no termina, con la máquina llena, puede no haber llegado ni a importar nada.
    assert misbehaving["21_no_termina"].peak_rss_mb < 180


# ---------------------------------------------------------------- medir un árbol de procesos

# Un programa cuyo hijo reserva memoria y la comparte con sus tres hijos, que no la tocan.
SHARING = """
import os, time
kept = bytearray(b"x") * 120_000_000
for _ in range(3):
    if os.fork() == 0:
        time.sleep(3)
        os._exit(0)
time.sleep(3)
"""
FAMILY = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SHARING!r}])"
# Un programa cuyo hijo lanza otro, que gasta un segundo de procesador y acaba antes.
SPENDER = """
import subprocess, sys
busy = "import time\\nwhile time.process_time() < 1: pass"
code = "import subprocess, sys, time; subprocess.run([sys.executable, '-c', sys.argv[1]])"
subprocess.run([sys.executable, "-c", code + "; time.sleep(1)", busy])
"""
# Un programa cuyo hijo no acaba.
HUNG = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time; time.sleep(3600)"])
"""


def measured(code: str, tmp_path, **limits) -> Measured:
    options = {"memory_limit_mb": 5000.0, "wall_limit": None, **limits}
    command = [sys.executable, "-c", code]
    return run_measured(command, environment={}, log=tmp_path / "log.txt", **options)


@pytest.mark.skipif(sys.platform != "linux", reason="solo Linux reparte la memoria compartida")
def test_shared_memory_counts_once(tmp_path):
    """Cuatro procesos que comparten 120 MB ocupan eso, no cuatro veces eso."""
    assert 120 < measured(FAMILY, tmp_path).peak_mb < 240


def test_processor_time_of_finished_children_counts(tmp_path):
    """El segundo que gastó un nieto que ya acabó está en la cuenta."""
    assert measured(SPENDER, tmp_path).seconds >= 0.9


def test_a_hung_program_is_cut_with_its_children(tmp_path):
    """Al pasar su plazo se corta el programa con todo lo que haya lanzado."""
    result = measured(HUNG, tmp_path, wall_limit=1.0)
    assert result.cut == "no acaba; se ha cortado a los 1 s"
    assert measure.tree_usage(10**9) == (0.0, 0.0)
    assert measure.tree_memory_mb(10**9) == 0.0


# ---------------------------------------------------------------- la orden entera


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """La herramienta entera sobre tres cuadernos: uno bien, uno que falla y uno que miente."""
    folder = tmp_path_factory.mktemp("lecciones")
    write_notebook(folder, "11_bien", FINE)
    write_notebook(folder, "12_falla", "def f():\n    raise ValueError('roto\\npor dentro')\n\nf()")
    write_notebook(folder, "13_miente", FALSE_CLAIM)
    report = folder / "build" / "report.json"
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = tool.main(["--folder", str(folder), "--report", str(report), "--jobs", "2"])
    return code, said.getvalue(), json.loads(report.read_text(encoding="utf-8"))


def test_one_failure_does_not_stop_the_others(session):
    """Hay una línea por lección, un resumen y un código de salida que falla."""
    code, said, report = session
    assert code == 1
    assert [row["lesson"] for row in report] == ["11_bien", "12_falla", "13_miente"]
    assert "✓ 11_bien · semilla 1" in said
    assert "falla la celda «trabajo-0»: ValueError: roto · por dentro" in said
    assert "3 ejecuciones, 2 con problemas" in said


def test_report_fields(session):
    """El informe tiene los campos acordados, y las afirmaciones sus valores."""
    row = session[2][0]
    assert set(row) == {"lesson", "seed", "status", "seconds", "wall", "peak_rss_mb", "claims"}
    assert row["status"] == "ok"
    assert row["seed"] == 1
    assert row["seconds"] > 0
    assert row["peak_rss_mb"] > 30
    assert row["claims"] == [
        {
            "text": "Uno es menor que la semilla más uno",
            "value": 1.0,
            "operator": "<",
            "bound": 2.0,
            "kind": "medida",
            "of": None,
            "holds": True,
        },
        {
            "text": "Uno es uno",
            "value": 1.0,
            "operator": "==",
            "bound": 1.0,
            "kind": "identidad",
            "of": None,
            "holds": True,
        },
    ]


def test_false_claim_is_reported_with_its_values(session):
    """Una afirmación falsa detiene la lección, y el informe dice cuál es y cuánto ha salido."""
    row = session[2][2]
    assert "ClaimError" in row["status"]
    assert "✗ No se cumple: se esperaba < 2.0; ha salido 3.0" in row["status"]
    assert [claim["holds"] for claim in row["claims"]] == [True, False]


# ---------------------------------------------------------------- sin ejecutar nada


def fake_result(path, *, seed, budget, parameters):
    return Result(path.stem, seed, "ok", 1.0, 100.0, [])


@pytest.fixture
def folder(tmp_path):
    """Carpeta con dos cuadernos que no llegan a ejecutarse."""
    for stem in ("11_corta", "12_larga"):
        write_notebook(tmp_path, stem, "x = 1")
    return tmp_path


@pytest.fixture
def calls(monkeypatch):
    """Sustituye la ejecución y apunta con qué se pide."""
    seen = []

    def record(path, **options):
        seen.append((path.stem, options["seed"], options["budget"], options["parameters"]))
        return fake_result(path, **options)

    monkeypatch.setattr(tool, "run_lesson", record)
    return seen


def run_main(folder, *options: str) -> int:
    report = folder / "report.json"
    return tool.main(["--folder", str(folder), "--report", str(report), "--jobs", "1", *options])


def test_longest_lesson_goes_first(folder, calls, monkeypatch):
    """Con lo que costó cada solución guardada, la más larga empieza antes."""
    monkeypatch.setattr(tool, "stored_seconds", {"11_corta": 2.0, "12_larga": 40.0}.get)
    assert run_main(folder) == 0
    assert [stem for stem, *_ in calls] == ["12_larga", "11_corta"]


def test_default_seed_is_not_the_stored_one(folder, calls):
    """Las soluciones se guardan con la semilla 0; los cuadernos se prueban con otra."""
    run_main(folder)
    assert {seed for _, seed, *_ in calls} == {1}
    assert calls[0][2:] == (None, {})  # los límites, los de cada lección
    assert tool.lesson_budget("12_larga") == Budget(seconds=60.0, memory_mb=1200.0)
    assert tool.lesson_budget("51_proyecto").seconds == 90.0


def test_several_seeds_and_one_lesson(folder, calls):
    """Se puede pedir una sola lección con varias semillas."""
    assert run_main(folder, "12", "--seeds", "0-2") == 0
    assert sorted((stem, seed) for stem, seed, *_ in calls) == [("12_larga", s) for s in (0, 1, 2)]
    assert len(json.loads((folder / "report.json").read_text(encoding="utf-8"))) == 3


def test_full_profile(folder, calls):
    """El perfil largo pasa FAST = False y no tiene límite de tiempo, pero sí de memoria."""
    run_main(folder, "11", "--full")
    _, _, budget, parameters = calls[0]
    assert parameters == {"FAST": False}
    assert budget == Budget(seconds=None, memory_mb=1200.0, hang_seconds=None)


def test_unknown_lesson(folder, capsys):
    """Pedir una lección que no existe lo dice y no deja informe."""
    assert run_main(folder, "99") == 2
    assert "No hay cuadernos 99" in capsys.readouterr().err
    assert not (folder / "report.json").exists()


@pytest.mark.parametrize("text", ["", "uno", "1-", "-1", "1,,2", "1.5"])
def test_bad_seeds(text):
    """Unas semillas que no se entienden se explican con un ejemplo."""
    with pytest.raises(argparse.ArgumentTypeError, match="semillas como 0-4 o 1,3"):
        tool.parse_seeds(text)


def attempts(monkeypatch, *outcomes: Run, started: bool) -> list:
    """Sustituye los intentos por estos resultados y apunta cuántos se hacen."""
    tries, left = [], list(outcomes)

    def attempt(path, output, **options):
        tries.append(path)
        return left.pop(0)

    monkeypatch.setattr(tool, "_attempt", attempt)
    monkeypatch.setattr(tool, "started_cells", lambda output: ["trabajo-0"] * started)
    return tries


WRONG = Run(Measured(1, 1.0, 1.0, 50.0), "el núcleo ha muerto")
RIGHT = Run(Measured(0, 1.0, 1.0, 50.0), "")


def test_kernel_that_does_not_start_is_tried_again(monkeypatch, tmp_path):
    """Dos núcleos pueden pelearse por un puerto: si ninguna celda empezó, se intenta otra vez."""
    tries = attempts(monkeypatch, WRONG, RIGHT, started=False)
    assert tool.run_lesson(tmp_path / "11_x.ipynb", seed=1).ok
    assert len(tries) == 2


def test_what_never_starts_is_told(monkeypatch, tmp_path):
    """Tras tres arranques fallidos no se insiste más, y se cuenta."""
    tries = attempts(monkeypatch, WRONG, WRONG, WRONG, RIGHT, started=False)
    assert tool.run_lesson(tmp_path / "11_x.ipynb", seed=1).status == "el núcleo ha muerto"
    assert len(tries) == 3


def test_a_lesson_that_fails_is_not_repeated(monkeypatch, tmp_path):
    """Lo que falla cuando ya ha empezado no es del arranque: repetirlo escondería un fallo."""
    tries = attempts(monkeypatch, WRONG, RIGHT, started=True)
    assert not tool.run_lesson(tmp_path / "11_x.ipynb", seed=1).ok
    assert len(tries) == 1


def test_a_run_that_fails_at_once_ends_in_a_message(folder, monkeypatch, capsys):
    """Sin papermill no se mide nada: hay un resumen y un código de salida, no una división."""

    def fail(path, **options):
        return Result(path.stem, 1, "No module named papermill", 0.0, 0.0)

    monkeypatch.setattr(tool, "run_lesson", fail)
    assert run_main(folder) == 1
    assert "2 ejecuciones, 2 con problemas · 0.0 s de procesador" in capsys.readouterr().out

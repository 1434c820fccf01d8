"""La herramienta que ejecuta los cuadernos, con cuadernos que se portan mal a propósito."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from tools.notebooks import run as tool
from tools.notebooks.run import Budget, Result

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
SLEEPY = "import time\ntime.sleep(60)"

# Cada cuaderno, con los límites que se le ponen.
MISBEHAVING = {
    "21_no_termina": (SLEEPY, Budget(seconds=60, cell_timeout=2)),
    "22_muere": ("import os\nos._exit(1)", Budget(seconds=60)),
    "23_devora": (GREEDY, Budget(seconds=60, rss_mb=180)),
    "24_ocupa": (BIG, Budget(seconds=60, rss_mb=180)),
    "25_tarda": ("import time\ntime.sleep(1)", Budget(seconds=1.5)),
    "26_se_corta": (SLEEPY, Budget(seconds=1, cell_timeout=None)),
}


def write_notebook(folder, stem: str, code: str):
    """Cuaderno con su celda de parámetros y una celda de código con id «trabajo»."""
    cells = [
        nbformat.v4.new_code_cell(
            "FAST = True\nSEED = 0", id="parametros", metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell(code, id="trabajo"),
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
                tool.run_lesson, write_notebook(folder, stem, code), seed=1, budget=budget
            )
            for stem, (code, budget) in MISBEHAVING.items()
        }
        return {stem: future.result() for stem, future in running.items()}


@pytest.mark.parametrize(
    ("stem", "status"),
    [
        ("21_no_termina", "celda «trabajo»: la celda no ha terminado a tiempo"),
        ("22_muere", "celda «trabajo»: el núcleo ha muerto"),
        ("23_devora", "celda «trabajo»: se ha cortado al pasar de 360 MB de memoria"),
        ("24_ocupa", r"ocupa \d+ MB; el límite son 180"),
        ("25_tarda", r"tarda \d+ s; el límite son 2|se ha cortado a los 4 s"),
        ("26_se_corta", "no acaba; se ha cortado a los 3 s"),
    ],
)
def test_misbehaving_lesson_is_reported(misbehaving, stem, status):
    """Cada forma de portarse mal se cuenta con su nombre, y la celda si se sabe."""
    result = misbehaving[stem]
    assert not result.ok
    assert re.search(status, result.status), result.status


def test_misbehaving_lessons_end_soon(misbehaving):
    """Ninguna hace esperar a las demás mucho más que su límite."""
    assert max(result.seconds for result in misbehaving.values()) < 30


def test_memory_is_measured(misbehaving):
    """La memoria máxima es la del núcleo, con lo que haya pedido."""
    assert 180 < misbehaving["24_ocupa"].peak_rss_mb < 360
    assert 30 < misbehaving["21_no_termina"].peak_rss_mb < 180


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
    assert "falla la celda «trabajo»: ValueError: roto · por dentro" in said
    assert "3 ejecuciones, 2 con problemas" in said


def test_report_fields(session):
    """El informe tiene los campos acordados, y las afirmaciones sus valores."""
    row = session[2][0]
    assert set(row) == {"lesson", "seed", "status", "seconds", "peak_rss_mb", "claims"}
    assert row["status"] == "ok"
    assert row["seed"] == 1
    assert 0 < row["seconds"] < 60
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


def test_efficiency_is_printed(session):
    """La última línea compara lo que ha tardado con lo mínimo posible."""
    said = session[1]
    ratio = float(said.split(" veces lo mínimo posible con 2 a la vez")[0].rsplit("(", 1)[1])
    assert 1.0 <= ratio < 2.0


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
    """Con lo que se sabe de la vez anterior, la más larga empieza antes."""
    known = [{"lesson": "11_corta", "seconds": 2.0}, {"lesson": "12_larga", "seconds": 40.0}]
    monkeypatch.setattr(tool, "read_report", lambda: known)
    assert run_main(folder) == 0
    assert [stem for stem, *_ in calls] == ["12_larga", "11_corta"]


def test_default_seed_is_not_the_stored_one(folder, calls):
    """Las soluciones se guardan con la semilla 0; los cuadernos se prueban con otra."""
    run_main(folder)
    assert {seed for _, seed, *_ in calls} == {1}
    assert calls[0][2] == Budget(seconds=60.0, rss_mb=1200.0, cell_timeout=60)
    assert calls[0][3] == {}


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
    assert budget == Budget(seconds=None, rss_mb=1200.0, cell_timeout=None)


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


def test_kernel_that_does_not_start_is_tried_again(monkeypatch, tmp_path):
    """Dos núcleos pueden pelearse por un puerto: se intenta otra vez, pero solo una."""
    tries = []

    def attempt(path, **options):
        tries.append(path)
        return Result("11_x", 1, "zmq: Address already in use", 1.0, 0.0)

    monkeypatch.setattr(tool, "_attempt", attempt)
    assert not tool.run_lesson(tmp_path / "11_x.ipynb", seed=1).ok
    assert len(tries) == 2


def test_report_survives_being_damaged(tmp_path):
    """Un informe anterior ilegible cuenta como si no lo hubiera."""
    path = tmp_path / "report.json"
    assert tool.read_report(path) == []
    path.write_text("[{", encoding="utf-8")
    assert tool.read_report(path) == []
    tool.write_report([Result("11_x", 1, "ok", 1.0, 2.0)], path)
    assert tool.read_report(path)[0]["lesson"] == "11_x"

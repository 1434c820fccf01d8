"""El barrido: sigue donde estaba, no mezcla versiones y no pierde lo que ya ha medido."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.unit.stand_in import edit, make_repository
from tools.experiments import results
from tools.experiments.fingerprint import experiment_fingerprint, reached_code
from tools.experiments.processes import Processes
from tools.experiments.store import Measured, PointLog, point_key, read_points
from tools.experiments.sweep import Experiment, Shard, SweepError, join, run_experiments, sweep
from tools.experiments.sweep import sweep_parser as parser

ROOT = Path(__file__).resolve().parents[2]

# Un programa como los del curso, con puntos que fallan, que matan a su proceso o que no acaban.
TOY = '''\
"""Mide dobles."""

import contextlib
import os
import sys
import time
from pathlib import Path

from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

FACTOR = 2
GRID = [{"x": x, "seed": x % 2} for x in range(4)]


def measure(x, seed):
    """El doble."""
    with Path(os.environ.get("CALLS", os.devnull)).open("a") as calls:
        calls.write(f"{x}\\n")
    if str(x) == os.environ.get("DIES"):
        os._exit(9)
    if str(x) == os.environ.get("FAILS"):
        raise ArithmeticError("no sale")
    if str(x) == os.environ.get("HANGS"):
        time.sleep(600)
    if str(x) == os.environ.get("SWALLOWS"):
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(600)
    return {"x": x, "seed": seed, "double": FACTOR * x}


if __name__ == "__main__":
    options = sweep_parser(__doc__).parse_args()
    toy = Experiment("dobles", measure, GRID, "Dobles")
    sys.exit(run_experiments([toy], options, root=Path(__file__).parent))
'''


@pytest.fixture
def program(tmp_path):
    """El programa de juguete, en un repositorio vacío."""
    path = tmp_path / "toy_grid.py"
    path.write_text(TOY, encoding="utf-8")
    return path


def load(path: Path):
    """El módulo, recién leído."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def toy(path: Path, **changes) -> Experiment:
    """El experimento de juguete, con el código que hay ahora en el archivo."""
    module = load(path)
    options = {"points": module.GRID, "packages": ("numpy",)} | changes
    return Experiment("dobles", module.measure, description="Dobles", **options)


def start(path: Path, *options: str, **environment: str) -> subprocess.Popen:
    """Lanza el programa en su propio grupo de procesos."""
    return subprocess.Popen(
        [sys.executable, str(path), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "CALLS": str(calls_file(path)), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(path: Path, *options: str, **environment: str) -> tuple[int, str, str]:
    """Lo ejecuta entero: código de salida y lo que escribe."""
    process = start(path, *options, **environment)
    output, error = process.communicate(timeout=300)
    return process.returncode, output, error


def calls_file(path: Path) -> Path:
    return path.with_name("calls.txt")


def started(path: Path) -> list[int]:
    """Qué puntos se han empezado a medir, contando repeticiones."""
    file = calls_file(path)
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def calls(path: Path) -> list[int]:
    """Lo mismo, y empieza a contar de nuevo."""
    found = started(path)
    calls_file(path).unlink(missing_ok=True)
    return found


def stored(path: Path) -> set[int]:
    """Qué puntos están guardados."""
    folder = path.parent / "build" / "sweeps" / "dobles"
    return {found.point["x"] for found in read_points(folder)}


@pytest.fixture
def counted(program, monkeypatch):
    """También cuenta lo que se mide en este proceso."""
    monkeypatch.setenv("CALLS", str(calls_file(program)))
    return program


def doubles(measured: list[Measured]) -> list[int]:
    return [row["double"] for found in measured for row in found.rows]


# ------------------------------------------------------------------ lo que se guarda y lo que vale


def test_nothing_is_measured_twice(counted, tmp_path):
    """Una rejilla mayor solo mide lo nuevo, y las filas salen en el orden de la rejilla."""
    grid = [{"x": x, "seed": 0} for x in (3, 1)]
    first = sweep(toy(counted, points=grid), tmp_path / "log")
    more = sweep(toy(counted, points=[{"x": 2, "seed": 0}, *grid]), tmp_path / "log")
    assert calls(counted) == [3, 1, 2]
    assert doubles(more) == [4, 6, 2]
    assert more[1:] == first


def test_every_row_says_where_it_comes_from(program, tmp_path):
    (found, *_) = sweep(toy(program), tmp_path / "log")
    assert found.source.machine == results.describe_machine()
    assert found.source.fingerprint == toy(program).fingerprint
    assert found.source.versions["numpy"] == np.__version__
    assert next(read_points(tmp_path / "log")) == found


@pytest.mark.parametrize(
    ("old", "new"),
    [("FACTOR * x", "FACTOR * x + 1"), ("FACTOR = 2", "FACTOR = 3")],
    ids=["la función", "una constante suya"],
)
def test_a_row_of_another_code_never_comes_back(counted, tmp_path, capsys, old, new):
    """Tras editar lo que mide, se mide todo otra vez; si se deshace, vale lo de antes."""
    before = sweep(toy(counted), tmp_path / "log")
    edit(counted, old, new)
    after = sweep(toy(counted), tmp_path / "log")
    assert calls(counted) == [0, 1, 2, 3] * 2
    assert doubles(after)[1:] != doubles(before)[1:]
    assert "4 puntos guardados los midió otro código" in capsys.readouterr().err
    edit(counted, new, old)
    assert sweep(toy(counted), tmp_path / "log") == before
    assert calls(counted) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""El doble."""', '"""Dos veces x."""'),
        ("def measure", "# Lo que se mide.\ndef measure"),
        ('"Dobles")', '"El doble de cada uno")'),
        ("range(4)", "range(5)"),
    ],
    ids=["docstring", "comentario", "descripción", "rejilla"],
)
def test_what_does_not_measure_does_not_count(counted, tmp_path, old, new):
    sweep(toy(counted), tmp_path / "log")
    edit(counted, old, new)
    assert len(sweep(toy(counted), tmp_path / "log")) == len(load(counted).GRID)
    assert calls(counted) == list(range(len(load(counted).GRID)))


def test_other_libraries_are_another_experiment(counted, tmp_path, capsys, monkeypatch):
    sweep(toy(counted), tmp_path / "log")
    upgrade(monkeypatch)
    again = sweep(toy(counted), tmp_path / "log")
    assert calls(counted) == [0, 1, 2, 3] * 2
    assert again[0].source.versions["numpy"] == "99.0"
    assert "4 puntos guardados son de otras bibliotecas" in capsys.readouterr().err


def upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hace creer que hay otro NumPy."""
    monkeypatch.setattr(results.importlib.metadata, "version", lambda name: "99.0")


def test_a_half_written_line_is_measured_again(counted, tmp_path, capsys):
    """El archivo que dejó un corte de luz se lee hasta donde llegó."""
    whole = sweep(toy(counted), tmp_path / "log")
    calls(counted)
    (path,) = (tmp_path / "log").iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    assert sweep(toy(counted), tmp_path / "log") == whole
    assert calls(counted) == [3]
    assert "acaba en una línea a medias" in capsys.readouterr().err


def test_a_damaged_line_is_named(program, tmp_path):
    sweep(toy(program), tmp_path / "log")
    (path,) = (tmp_path / "log").iterdir()
    edit(path, '{"point": {"x": 1', '{"x": 1')
    with pytest.raises(ValueError, match=rf"línea 2 de .*{path.name} está estropeada"):
        sweep(toy(program), tmp_path / "log")


def test_each_row_is_on_disk_before_the_next(tmp_path, monkeypatch):
    """Cada línea llega entera al disco (``fsync``) antes de seguir."""
    seen = []
    sync = os.fsync

    def spy(descriptor):
        sync(descriptor)
        (path,) = tmp_path.glob("*.jsonl")
        seen.append(path.read_text(encoding="utf-8").count("\n"))

    monkeypatch.setattr("tools.experiments.store.os.fsync", spy)
    with PointLog(tmp_path) as log:
        for x in range(3):
            log.append(Measured({"x": x}, [], results.provenance_here([])))
    assert seen == [1, 2, 3]


def test_numbers_come_back_as_they_were(program, tmp_path):
    """Lo que da NumPy se guarda exacto: leerlo otro día da las mismas filas."""
    text = (
        "return {'seed': np.int64(seed), 'y': np.float32(0.1), 'z': float('nan'), 'ok': np.True_}"
    )
    edit(program, 'return {"x": x, "seed": seed, "double": FACTOR * x}', text)
    edit(program, "import os\n", "import os\nimport numpy as np\n")
    (first, *_) = sweep(toy(program), tmp_path / "log")
    (again, *_) = sweep(toy(program), tmp_path / "log")
    assert str(first) == str(again)
    assert first.rows[0] | {"z": 0} == {"seed": 0, "y": float(np.float32(0.1)), "z": 0, "ok": True}


@pytest.mark.parametrize("point", [{"x": (1, 2)}, {"x": np.int64(1)}, {"x": {1}}, {3: 1}])
def test_a_point_that_json_would_change_is_refused(point):
    with pytest.raises(ValueError, match="Los parámetros de un punto deben ser"):
        point_key(point)


def test_a_repeated_point_is_refused(program, tmp_path):
    with pytest.raises(ValueError, match="repite 1 puntos"):
        sweep(toy(program, points=[{"x": 1, "seed": 0}, {"seed": 0, "x": 1}]), tmp_path / "log")


# -------------------------------------------------------------------------------------- la huella


def closure_of(root: Path, code: str, name: str = "measure") -> str:
    """La huella de una función que usa el curso de prueba."""
    path = root / "grid.py"
    path.write_text(code, encoding="utf-8")
    return experiment_fingerprint(getattr(load(path), name), root=root)


USES_ADDING = "def measure(x):\n    from course_utils.adding import add\n    return add(x, x)\n"


@pytest.mark.parametrize(
    ("module", "old", "new", "same"),
    [
        ("adding.py", "inner(a) + b", "inner(a) - b", False),
        ("deep.py", "return a", "return -a", False),
        ("deep.py", "# Igual que entra.", "# Sale igual.", True),
        ("unused.py", "1", "2", True),
    ],
    ids=["lo que usa", "lo que usa lo que usa", "comentario", "otro módulo"],
)
def test_the_fingerprint_follows_course_utils(tmp_path, module, old, new, same):
    make_repository(tmp_path)
    before = closure_of(tmp_path, USES_ADDING)
    edit(tmp_path / "course_utils" / module, old, new)
    assert (closure_of(tmp_path, USES_ADDING) == before) is same


def test_the_data_it_loads_count(tmp_path):
    make_repository(tmp_path)
    door = tmp_path / "course_utils" / "datasets" / "__init__.py"
    door.parent.mkdir()
    door.write_text("def load_co2():\n    return 1\n", encoding="utf-8")
    code = "def measure(seed):\n    from course_utils.datasets import load_co2\n    load_co2()\n"
    before = closure_of(tmp_path, code)
    edit(tmp_path / "datasets" / "registry.toml", "bbbb", "cccc")
    assert closure_of(tmp_path, code) != before


def test_only_what_the_function_reaches_is_its_code(tmp_path):
    """Entran constantes, ayudas, decoradores y lo que el módulo hace; no la rejilla ni main."""
    path = tmp_path / "grid.py"
    path.write_text(
        "'''Título.'''\nimport math\nimport json as unused\nRATE = 1\nTABLE = {}\nGRID = [2]\n"
        "TABLE['a'] = 3\nmath.factor = 4\n\n\ndef helper():\n    return RATE\n\n\n"
        "def twice(f):\n    return f\n\n\n@twice\ndef measure(seed):\n    return helper()\n\n\n"
        "def main():\n    measure(GRID)\n\n\nif __name__ == '__main__':\n    main()\n",
        encoding="utf-8",
    )
    code = reached_code(load(path).measure)
    assert [line for line in code.splitlines() if not line.startswith(" ")] == [
        *("import math", "RATE = 1", "TABLE = {}", "TABLE['a'] = 3", "math.factor = 4"),
        *("def helper():", "def twice(f):", "@twice", "def measure(seed):"),
    ]


def test_code_that_would_change_unnoticed_is_refused(tmp_path):
    make_repository(tmp_path)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("", encoding="utf-8")
    code = "def measure(seed):\n    from tools.helping import train\n    return train(seed)\n"
    with pytest.raises(ValueError, match=r"usa tools\.helping, que no es de course_utils"):
        closure_of(tmp_path, code)
    with pytest.raises(ValueError, match=r"al nivel de su módulo; ha llegado <function <lambda"):
        closure_of(tmp_path, "measure = lambda seed: seed\n")


# ------------------------------------------------------------------------------- lo que sale mal


def test_a_failing_point_does_not_stop_the_rest(counted, tmp_path, monkeypatch):
    monkeypatch.setenv("FAILS", "1")
    with pytest.raises(SweepError, match=r"faltan 1 de 4 puntos:\n.*\"x\": 1}: Arith.*no sale"):
        sweep(toy(counted), tmp_path / "log")
    assert calls(counted) == [0, 1, 2, 3]
    monkeypatch.delenv("FAILS")
    assert doubles(sweep(toy(counted), tmp_path / "log")) == [0, 2, 4, 6]
    assert calls(counted) == [1]


def test_a_row_without_seed_is_refused(program, tmp_path):
    edit(program, '"seed": seed, ', "")
    with pytest.raises(SweepError, match="cada fila debe llevar su semilla"):
        sweep(toy(program), tmp_path / "log")


def test_a_process_that_dies_loses_only_its_point(program, tmp_path):
    """El punto que mata a su proceso se nombra; los demás se miden, y después solo falta él."""
    code, output, error = run(program, DIES="1")
    assert (code, output) == (1, "")
    assert "faltan 1 de 4 puntos" in error
    assert '{"seed": 1, "x": 1}: RuntimeError: el proceso que lo medía ha muerto' in error
    assert calls(program) == [0, 1, 2, 3]
    code, output, _ = run(program)
    assert code == 0
    assert calls(program) == [1]
    table = tmp_path / "datasets" / "results" / "dobles.csv"
    assert output.strip() == str(table)
    assert table.read_text() == "x,seed,double\n0,0,0\n1,1,2\n2,0,4\n3,1,6\n"


def test_a_sweep_that_dies_keeps_what_it_measured(program):
    """Morir de golpe a media rejilla no pierde nada: la misma orden mide lo que falta."""
    code, _, _ = run(program, "--jobs", "0", DIES="2")
    assert code == 9
    assert calls(program) == [0, 1, 2]
    code, _, error = run(program, "--jobs", "0")
    assert (code, calls(program)) == (0, [2, 3])
    assert "a medias" not in error


@pytest.mark.parametrize("jobs", ["0", "2"])
@pytest.mark.parametrize("whole_group", [True, False], ids=["Ctrl+C", "solo al programa"])
@pytest.mark.parametrize("slow", ["HANGS", "SWALLOWS"])
def test_ctrl_c_stops_at_once_and_keeps_the_rest(program, jobs, whole_group, slow):
    """No espera al punto que no acaba, lo trague o no; ni procesos sueltos ni trazas."""
    process = start(program, "--jobs", jobs, **{slow: "2"})
    kept = {0, 1} if jobs == "0" else {0, 1, 3}
    wait_until(lambda: 2 in started(program) and stored(program) == kept, process)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)  # si quedara un hijo, la tubería no se cerraría
    assert process.returncode == 130
    assert "Cortado. Lo medido está en" in error
    assert "Traceback" not in error
    calls(program)
    assert run(program)[0] == 0
    assert set(calls(program)) == {0, 1, 2, 3} - kept


def wait_until(happens: Callable[[], object], process: subprocess.Popen) -> None:
    """Espera a que pase algo mientras el programa sigue."""
    pause = threading.Event()
    while not happens():
        assert process.poll() is None
        pause.wait(0.05)


def test_an_error_does_not_wait_for_a_process_that_is_starting():
    """Ni para el que está naciendo ni para el que espera turno."""
    executor = Processes(1)
    futures = [executor.submit(time.sleep, 600) for _ in range(2)]
    executor.__exit__(ZeroDivisionError, None, None)
    assert futures[1].cancelled()
    assert "ha muerto" in str(futures[0].exception())


def test_ctrl_c_ends_a_process_without_a_trace():
    with Processes(1) as executor:
        assert executor.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_DFL


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="solo en Unix")
def test_no_process_outlives_a_killed_sweep(program):
    process = start(program, HANGS="0")
    wait_until(lambda: started(program), process)
    process.kill()
    process.communicate(timeout=60)  # el hijo tiene la misma tubería: solo acaba si él también


# -------------------------------------------------------------------------- quién mide y por partes


def test_any_executor_will_do(counted, tmp_path):
    """El de un clúster se usa igual, y no se cierra."""
    with ThreadPoolExecutor(2) as executor:
        measured = sweep(toy(counted), tmp_path / "log", executor=executor)
        assert executor.submit(int).result() == 0
    assert doubles(measured) == [0, 2, 4, 6]


def test_a_machine_with_another_code_measures_nothing(program, tmp_path, monkeypatch):
    """Si donde se mide hay otro código, sus filas no entran."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "toy_grid", load(program))
    measure, grid = sys.modules["toy_grid"].measure, sys.modules["toy_grid"].GRID
    experiment = Experiment("dobles", measure, grid, "Dobles")
    here = experiment.fingerprint
    edit(program, "FACTOR * x", "FACTOR * x + 1")  # el otro proceso carga esto
    with (
        Processes(1) as executor,
        pytest.raises(
            SweepError, match=r"(?s)faltan 4 de 4.*tiene otro código u otras bibliotecas"
        ),
    ):
        sweep(experiment, tmp_path / "log", executor=executor)
    assert experiment.fingerprint == here
    assert list(read_points(tmp_path / "log")) == []


def test_shards_cover_the_grid_once():
    grid = list(range(10))
    parts = [Shard(number, 3).choose(grid) for number in (1, 2, 3)]
    assert sorted(itertools.chain(*parts)) == grid
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def run_here(path: Path, root: Path, *options: str) -> int:
    """El programa de juguete en este proceso, como si fuera el ordenador de ``root``."""
    arguments = parser("").parse_args(["--jobs", "0", *options])
    return run_experiments([toy(path)], arguments, root=root)


def test_only_one_result_is_measured(counted, tmp_path, capsys):
    """Con ``--only`` los demás resultados ni se miden; un nombre que no existe se dice."""
    assert run_here(counted, tmp_path, "--only", "triples") == 1
    assert "No hay ningún resultado 'triples'. Los hay: dobles." in capsys.readouterr().err
    assert calls(counted) == []
    assert not (tmp_path / "datasets").exists()
    assert run_here(counted, tmp_path, "--only", "dobles") == 0
    assert sorted(calls(counted)) == [0, 1, 2, 3]


def test_rows_of_several_tables_go_each_to_its_result(program, tmp_path):
    """Las columnas de cada tabla son suyas; la que dice a cuál va no se guarda."""
    half = '{"table": "mitades", "seed": 5, "half": x / 2}'
    edit(program, 'return {"x": x, "seed": seed, "double": FACTOR * x}',
         'return [{"seed": seed, "double": FACTOR * x}, ' + half + "]")  # fmt: skip
    experiment = toy(program, tables={"mitades": "Mitades"})
    options = parser("").parse_args(["--jobs", "0"])
    assert run_experiments([experiment], options, root=tmp_path) == 0
    folder = tmp_path / "datasets" / "results"
    assert sorted(path.name for path in folder.iterdir()) == [
        "dobles.csv", "dobles.toml", "dobles_mitades.csv", "dobles_mitades.toml",
    ]  # fmt: skip
    assert (folder / "dobles.csv").read_text("utf-8").split() == [
        "seed,double", "0,0", "1,2", "0,4", "1,6",
    ]  # fmt: skip
    assert (folder / "dobles_mitades.csv").read_text("utf-8").split() == [
        "seed,half", "5,0.0", "5,0.5", "5,1.0", "5,1.5",
    ]  # fmt: skip
    halves = tomllib.loads((folder / "dobles_mitades.toml").read_text("utf-8"))
    assert (halves["description"], halves["seeds"]) == ("Mitades", [5])
    assert halves["fingerprint"] == entry(tmp_path)["fingerprint"] == experiment.fingerprint


def measure_in_two(path: Path, root: Path, patch: Callable[[pytest.MonkeyPatch], None]) -> None:
    """Cada mitad en un ordenador, el segundo un poco distinto, y los archivos reunidos."""
    assert run_here(path, root, "--shard", "1/2") == 0
    with pytest.MonkeyPatch.context() as other:
        patch(other)
        assert run_here(path, root / "otro", "--shard", "2/2") == 0
    for file in (root / "otro" / "build" / "sweeps" / "dobles").iterdir():
        file.rename(root / "build" / "sweeps" / "dobles" / file.name)


def change_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hace creer que el procesador es otro."""
    monkeypatch.setattr(results, "_processor", lambda: "Otro procesador")


def entry(root: Path) -> dict:
    return tomllib.loads((root / "datasets" / "results" / "dobles.toml").read_text("utf-8"))


def test_shards_join(counted, tmp_path):
    """Cada parte mide lo suyo; reunidas, salen todas las filas y los dos ordenadores."""
    measure_in_two(counted, tmp_path, change_processor)
    assert calls(counted) == [0, 2, 1, 3]
    assert not (tmp_path / "datasets").exists()
    assert run_here(counted, tmp_path, "--join") == 0
    assert calls(counted) == []
    assert entry(tmp_path)["fingerprint"] == toy(counted).fingerprint
    machines = entry(tmp_path)["machine"].split("; ")
    assert len(machines) == 2
    assert sum("Otro procesador" in machine for machine in machines) == 1


def test_shards_of_two_versions_do_not_join(counted, tmp_path, capsys):
    """Con otras bibliotecas en una parte se dice cuáles, y no se escribe nada."""
    measure_in_two(counted, tmp_path, upgrade)
    assert run_here(counted, tmp_path, "--join") == 1
    error = capsys.readouterr().err
    assert "no se juntan puntos medidos con versiones distintas" in error
    assert "2 con" in error
    assert "'numpy': '99.0'" in error
    assert not (tmp_path / "datasets").exists()


def test_the_versions_recorded_are_those_that_measured(counted, tmp_path):
    """Quien junta puede tener otras bibliotecas."""
    with pytest.MonkeyPatch.context() as patch:
        upgrade(patch)
        for part in ("1/2", "2/2"):
            assert run_here(counted, tmp_path, "--shard", part) == 0
    assert run_here(counted, tmp_path, "--join") == 0
    assert entry(tmp_path)["versions"]["numpy"] == "99.0"


def test_shards_of_another_code_do_not_join(counted, tmp_path, capsys):
    measure_in_two(counted, tmp_path, lambda _: edit(counted, "FACTOR = 2", "FACTOR = 5"))
    with pytest.raises(SweepError, match="faltan 2 de 4 puntos"):
        join(toy(counted), tmp_path / "build" / "sweeps" / "dobles")
    assert "2 puntos guardados los midió otro código" in capsys.readouterr().err


def test_a_missing_shard_is_noticed(counted, tmp_path, capsys):
    assert run_here(counted, tmp_path, "--shard", "1/2") == 0
    assert run_here(counted, tmp_path, "--join") == 1
    error = capsys.readouterr().err
    assert "faltan 2 de 4 puntos" in error
    assert '{"seed": 1, "x": 3}: sin medir' in error


@pytest.mark.parametrize("text", ["0/4", "5/4", "2", "2/4/5", "a/b"])
def test_a_wrong_shard_is_explained(text, capsys):
    with pytest.raises(SystemExit):
        parser("").parse_args(["--shard", text])
    assert "una parte se escribe como 2/4" in capsys.readouterr().err


def test_lines_are_plain_json(program, tmp_path):
    """Lo guardado se lee con cualquier cosa: una línea de JSON por punto."""
    sweep(toy(program), tmp_path / "log")
    (path,) = (tmp_path / "log").iterdir()
    for line in path.read_text(encoding="utf-8").splitlines():
        assert json.loads(line).keys() == {"point", "rows", *results.Provenance._fields}

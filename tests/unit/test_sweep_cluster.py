"""El barrido en un clúster de Dask: cada punto se apunta una vez, muera quien muera."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_utils.scaling import local_cluster
from tools.experiments import cluster as where
from tools.experiments.store import read_points
from tools.experiments.sweep import sweep_parser

pytest.importorskip("distributed", reason="falta el extra escalar")

ROOT = Path(__file__).resolve().parents[2]

# Un programa como los del curso; la primera vez que se mide el 1, no acaba.
TOY = '''\
"""Mide dobles."""

import os
import sys
import time
from pathlib import Path

from tools.experiments.sweep import Experiment, run_experiments, sweep_parser

HERE = Path(__file__).parent
GRID = [{"x": x, "seed": 0} for x in range(6)]


def measure(x, seed):
    """El doble."""
    with (HERE / "calls.txt").open("a") as calls:
        calls.write(f"{x} {os.getpid()}\\n")
    hanging = HERE / "hangs.txt"
    if x == 1 and hanging.exists():
        hanging.unlink()
        time.sleep(600)
    if x == 2 and (HERE / "fails.txt").exists():
        raise ArithmeticError("no sale")
    return {"x": x, "seed": seed, "double": 2 * x}


if __name__ == "__main__":
    options = sweep_parser(__doc__).parse_args()
    toy = Experiment("dobles", measure, GRID, "Dobles")
    sys.exit(run_experiments([toy], options, root=HERE))
'''


@pytest.fixture
def program(tmp_path, monkeypatch):
    """El programa de juguete, en una carpeta en la que los trabajadores lo encuentran."""
    (tmp_path / "toy_cluster_grid.py").write_text(TOY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(ROOT)
    return tmp_path


def start(folder: Path, *options: str) -> subprocess.Popen:
    """Lanza el barrido."""
    return subprocess.Popen(
        [sys.executable, "-m", "toy_cluster_grid", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def started(folder: Path) -> list[tuple[int, int]]:
    """Qué puntos se han empezado a medir y en qué proceso, contando repeticiones."""
    file = folder / "calls.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return [tuple(map(int, line.split())) for line in lines]


def recorded(folder: Path) -> Counter:
    """Cuántas veces está apuntado cada punto, en todos los archivos."""
    return Counter(found.point["x"] for found in read_points(folder / "build/sweeps/dobles"))


def wait_until(happens: Callable[[], object], process: subprocess.Popen) -> None:
    pause = threading.Event()
    while not happens():
        assert process.poll() is None, process.communicate()
        pause.wait(0.05)


def test_a_dead_worker_loses_nothing_and_repeats_no_row(program):
    """Muere a medio punto: otro lo mide, y en la tabla está una vez. Repetir no mide nada."""
    (program / "hangs.txt").touch()
    with local_cluster(2) as cluster:
        process = start(program, "--cluster", cluster.address)
        wait_until(lambda: any(x == 1 for x, _ in started(program)), process)
        (victim,) = [pid for x, pid in started(program) if x == 1]
        cluster.kill_worker(victim)
        output, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        times = Counter(x for x, _ in started(program))
        again = start(program, "--cluster", cluster.address)
        again.communicate(timeout=120)
        assert again.returncode == 0
    assert {pid for _, pid in started(program)} <= set(cluster.workers)
    assert times[1] == 2
    assert Counter(x for x, _ in started(program)) == times
    assert recorded(program) == dict.fromkeys(range(6), 1)
    table = program / "datasets/results/dobles.csv"
    assert output.strip() == str(table)
    rows = "".join(f"{x},0,{2 * x}\n" for x in range(6))
    assert table.read_text() == f"x,seed,double\n{rows}"


def test_a_point_that_fails_is_named_and_the_rest_is_kept(program):
    (program / "fails.txt").touch()
    with local_cluster(1) as cluster:
        process = start(program, "--cluster", cluster.address)
        _, error = process.communicate(timeout=120)
    assert process.returncode == 1
    assert '{"seed": 0, "x": 2}: ArithmeticError: no sale' in error
    assert recorded(program) == dict.fromkeys([0, 1, 3, 4, 5], 1)


def test_ctrl_c_does_not_wait_for_a_point_that_never_ends(program):
    """Lo medido queda y, sin el trabajador que no acaba, el clúster sirve para seguir."""
    (program / "hangs.txt").touch()
    with local_cluster(2) as cluster:
        process = start(program, "--cluster", cluster.address)
        wait_until(lambda: len(recorded(program)) == 5, process)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Cortado. Lo medido está en" in error
        assert "Traceback" not in error
        (stuck,) = [pid for x, pid in started(program) if x == 1]
        cluster.kill_worker(stuck)
        again = start(program, "--cluster", cluster.address)
        _, error = again.communicate(timeout=120)
        assert again.returncode == 0, error
    assert recorded(program) == dict.fromkeys(range(6), 1)


def test_nobody_answers(monkeypatch, tmp_path, capsys):
    """Una dirección en la que no hay nadie se dice en una línea, con lo que hay que hacer."""
    monkeypatch.setattr(where, "PATIENCE", "200ms")
    with (
        pytest.raises(
            ConnectionError, match=r"No contesta ningún .* 'tcp://127.0.0.1:9'.*dask sch"
        ),
        where.connect("tcp://127.0.0.1:9"),
    ):
        raise AssertionError


def test_without_dask_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ModuleNotFoundError, match=r"--cluster usa Dask.*pip install \"distributed"),
        where.connect("tcp://127.0.0.1:9"),
    ):
        raise AssertionError


def test_cluster_and_jobs_exclude_each_other(capsys):
    with pytest.raises(SystemExit):
        sweep_parser("").parse_args(["--cluster", "tcp://x:1", "--jobs", "2"])
    assert "not allowed with" in capsys.readouterr().err


def test_a_worker_of_two_threads_is_refused(monkeypatch):
    """Dos medidas a la vez en un proceso comparten el generador de números al azar."""
    worker = SimpleNamespace(state=SimpleNamespace(nthreads=2))
    monkeypatch.setattr("distributed.get_worker", lambda: worker)
    with pytest.raises(RuntimeError, match=r"tiene 2 hilos.*--nthreads 1"):
        where._call(abs, -3)
    worker.state.nthreads = 1
    monkeypatch.setattr(where, "stale_modules", list)
    assert where._call(abs, -3) == 3
    monkeypatch.setattr(where, "stale_modules", lambda: ["tools.experiments.memory"])
    with pytest.raises(RuntimeError, match=r"tools\.experiments\.memory ha cambiado.*reinícialo"):
        where._call(abs, -3)


def test_what_changed_after_the_process_began_is_stale(monkeypatch):
    born = SimpleNamespace(create_time=lambda: float("inf"))
    monkeypatch.setattr("psutil.Process", lambda: born)
    assert where.stale_modules() == []
    born.create_time = lambda: 0.0
    assert "tools.experiments.cluster" in where.stale_modules()


def test_a_measure_of_a_program_run_by_path_is_refused(monkeypatch):
    """Viajaría una copia de su código, y no se sabría si es el del trabajador."""

    def measure(seed):
        return {"seed": seed}

    measure.__module__ = "__main__"
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with pytest.raises(ValueError, match="python -m"):
        where.importable(measure)

"""Repartir entre procesos: acaban siempre, se dice quién falla y las cuentas son las que son."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.scaling import (
    LaunchError,
    checkpoint_interval,
    cluster,
    expected_slowest,
    family_memory,
    has_dask,
    hours_between_failures,
    local_cluster,
    lost_to_failures,
    ring_seconds,
    torchrun,
)

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60.0  # segundos de reloj que se esperan a que pase algo; solo cortan lo que se cuelga
needs_dask = pytest.mark.skipif(not has_dask(), reason="falta el extra escalar")


OTHERS: set[int] = set()  # los procesos que ya había: otras pruebas dejan ayudantes a pytest


@pytest.fixture(autouse=True)
def _note_who_was_here():
    OTHERS.clear()
    OTHERS.update(process.pid for process in psutil.Process().children(recursive=True))


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if one.pid not in OTHERS]


# ------------------------------------------------------------------------------------- torchrun


def test_each_process_gives_its_result():
    """La función viaja con lo que usa, aunque no esté en ningún módulo."""
    offset = np.array([10.0, 20.0])

    def gather(rank, world, factor):
        import torch

        own = torch.from_numpy(factor * offset + rank)
        torch.distributed.all_reduce(own)
        return {"rank": rank, "world": world, "sum": own.numpy(), "pid": os.getpid(), "name": "ñ"}

    run = torchrun(gather, 2, arguments={"factor": 3.0})
    assert [(int(r["rank"]), int(r["world"]), str(r["name"])) for r in run.ranks] == [
        (0, 2, "ñ"),
        (1, 2, "ñ"),
    ]
    for result in run.ranks:
        np.testing.assert_array_equal(result["sum"], [61.0, 121.0])
    assert len({int(result["pid"]) for result in run.ranks} | {os.getpid()}) == 3
    assert not any(name.startswith("_") for result in run.ranks for name in result)
    assert run.processor > 0
    assert run.memory.processes >= 3
    assert 0 < run.memory.proportional_mb <= run.memory.resident_mb
    assert children() == []


def test_the_process_that_fails_is_named_and_stops_the_rest():
    def fails(rank, world):
        from torch import distributed

        if rank == 1:
            raise ArithmeticError("no sale")
        distributed.barrier()
        return {}

    with pytest.raises(LaunchError, match=r"El proceso 1 de 2 ha fallado: Arith.*no sale.*fails"):
        torchrun(fails, 2)
    assert children() == []


def test_a_process_that_dies_without_a_word():
    def dies(rank, world):
        os._exit(9)

    with pytest.raises(LaunchError, match="ninguno ha dicho por qué"):
        torchrun(dies, 1)
    assert children() == []


def test_who_dies_is_named_and_not_who_notices():
    """El superviviente deja un error de la conexión: no es suyo, y está en inglés."""

    def dies(rank, world):
        from torch import distributed

        if rank == 1:
            os._exit(9)
        distributed.barrier()
        return {}

    with pytest.raises(LaunchError, match=r"Ha muerto un proceso sin decir por qué \(de 2, el 1\)"):
        torchrun(dies, 2)
    assert children() == []


def test_what_is_not_a_dictionary_or_cannot_travel_is_told():
    with pytest.raises(LaunchError, match="devolviera un diccionario; ha llegado NoneType"):
        torchrun(lambda rank, world: None, 1)
    lock = threading.Lock()
    with pytest.raises(TypeError, match="algo no puede viajar"):
        torchrun(lambda rank, world: {"a": lock.locked()}, 1)


def test_what_cannot_be_stored_is_refused():
    with pytest.raises(LaunchError, match="objeto: se esperaban números"):
        torchrun(lambda rank, world: {"objeto": object()}, 1)


def test_processes_that_wait_for_each_other_are_stopped():
    """Uno espera una suma a la que el otro no llega: se cortan los dos y se dice."""

    def waits(rank, world):
        import torch

        if rank == 0:
            torch.distributed.all_reduce(torch.zeros(1))
        time.sleep(600)
        return {}

    with pytest.raises(LaunchError, match=r"no han acabado en 6 segundos.*mismas llamadas"):
        torchrun(waits, 2, seconds=6)
    assert children() == []


# ------------------------------------------------------------------------ nadie queda huérfano

LAUNCHER = """
import os, sys, time
from pathlib import Path
from course_utils.scaling import local_cluster, torchrun

def sleeps(rank, world, folder):
    Path(folder, f"{rank}.pid").write_text(str(os.getpid()))
    Path(folder, f"padre{rank}.pid").write_text(str(os.getppid()))
    time.sleep(600)

kind, folder = sys.argv[1:]
if kind == "torchrun":
    torchrun(sleeps, 2, arguments={"folder": folder})
else:
    with local_cluster(2) as cluster:
        for place, pid in enumerate([*cluster.workers, cluster._scheduler.pid]):
            Path(folder, f"{place}.pid").write_text(str(pid))
        time.sleep(600)
"""


@pytest.mark.parametrize("kind", ["torchrun", pytest.param("dask", marks=needs_dask)])
@pytest.mark.parametrize("blow", ["SIGKILL", "SIGINT"])
@pytest.mark.skipif(os.name == "nt", reason="señales de Unix")
def test_nobody_outlives_the_notebook(kind, blow, tmp_path):
    """Ni matando de golpe al cuaderno ni interrumpiendo la celda."""
    parent = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, kind, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    wanted = 4 if kind == "torchrun" else 3
    deadline = time.monotonic() + WAIT
    while len(found := [p.read_text() for p in tmp_path.glob("*.pid")]) < wanted or not all(found):
        assert parent.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    family = [psutil.Process(int(pid)) for pid in set(found) if psutil.pid_exists(int(pid))]
    parent.send_signal(getattr(signal, blow))
    parent.wait(WAIT)
    _, alive = psutil.wait_procs(family, timeout=WAIT)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []


# ----------------------------------------------------------------------------------------- Dask


@needs_dask
def test_a_cluster_lasts_as_long_as_its_block():
    from distributed import Client

    with local_cluster(2) as local, Client(local.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=WAIT)
        pids = set(client.run(os.getpid).values())
        assert pids == set(local.workers) == set(local.alive())
        victim, other = local.workers
        local.kill_worker(victim)
        assert local.alive() == [other]
        assert client.submit(abs, -3).result(WAIT) == 3
        with pytest.raises(ValueError, match=rf"de \[{other}\]; ha llegado {victim}"):
            local.kill_worker(victim)
    assert children() == []


@needs_dask
def test_a_scheduler_that_cannot_listen_says_why(monkeypatch):
    monkeypatch.setattr(cluster, "_leashed", lambda *_: ["-c", "raise SystemExit('sin red')"])
    with (
        pytest.raises(RuntimeError, match=r"(?s)no ha llegado a escuchar.*sin red"),
        local_cluster(),
    ):
        raise AssertionError
    assert children() == []


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(cluster, "has_dask", lambda: False)
    with (
        pytest.raises(ModuleNotFoundError, match=r"no está instalado.*pip install \"distributed"),
        local_cluster(),
    ):
        raise AssertionError


# -------------------------------------------------------------------------------------- memoria


def test_shared_pages_are_not_counted_twice():
    """Dos procesos que comparten un bloque: sumados, dos bloques; en proporción, uno."""
    code = (
        "import mmap, os, sys\nblock = mmap.mmap(-1, 100_000_000)\n"
        "block.write(bytes(100_000_000))\n"
        "child = os.fork()\nblock[0:100_000_000:4096]\n"
        "if child: print(flush=True)\nsys.stdin.read()\n"
    )
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("el sistema no da el tamaño proporcional")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        parent.stdout.readline()
        time.sleep(1.0)  # que el hijo también lea el bloque
        memory = family_memory(parent.pid)
        parent.communicate()
    assert memory.processes == 2
    assert memory.resident_mb > 200
    assert memory.proportional_mb < 140


def test_a_process_that_is_gone_takes_nothing():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert family_memory(process.pid) == (0.0, 0.0, 0)


# --------------------------------------------------------------------------------- las cuentas

POSITIVE = st.floats(1e-3, 1e3)


@given(size=POSITIVE, machines=st.integers(1, 2_000), bandwidth=POSITIVE, latency=POSITIVE)
def test_a_ring_sends_twice_the_gradient_at_most(size, machines, bandwidth, latency):
    free = ring_seconds(size, machines, bandwidth=bandwidth, latency=0.0)
    assert free <= 2 * size / bandwidth
    steps = 2 * (machines - 1)
    whole = ring_seconds(size, machines, bandwidth=bandwidth, latency=latency)
    np.testing.assert_allclose(whole - free, steps * latency, rtol=1e-6, atol=1e-9)


@given(times=st.lists(POSITIVE, min_size=1, max_size=4), machines=st.integers(1, 4))
def test_the_slowest_is_the_mean_of_every_draw(times, machines):
    every = [max(draw) for draw in itertools.product(times, repeat=machines)]
    np.testing.assert_allclose(expected_slowest(np.array(times), machines), np.mean(every))


@given(cost=POSITIVE, between=POSITIVE, other=POSITIVE)
def test_no_interval_loses_less_than_youngs(cost, between, other):
    best = lost_to_failures(cost, between, checkpoint_interval(cost, between))
    assert best <= lost_to_failures(cost, between, other) * (1 + 1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ring_seconds(1.0, 0, bandwidth=1.0, latency=0.0),
        lambda: ring_seconds(1.0, 2, bandwidth=0.0, latency=0.0),
        lambda: hours_between_failures(-1.0, 3),
        lambda: checkpoint_interval(1.0, 0.0),
        lambda: lost_to_failures(1.0, 1.0, 0.0),
        lambda: torchrun(lambda rank, world: {}, 0),
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="ha llegado"):
        wrong()

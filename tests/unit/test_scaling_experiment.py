"""El proyecto 55: los párrafos, la red que se reparte, las reglas que se comparan y el diario."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.exercises.definition import find, reference
from course_utils.lessons.lesson_55 import experiment, grid
from tools.experiments import scaling

LENGTHS = st.lists(st.integers(1, 200), min_size=2, max_size=12).map(np.array)


def gradient(model, own, weights=None):
    """El gradiente de la pérdida media por paso o, con pesos, de la suma pesada de las filas."""
    model.zero_grad()
    losses = experiment.step_losses(model(own.given, own.lengths), own.targets)
    if weights is None:
        (losses.sum() / own.lengths.sum()).backward()
    else:
        (losses * torch.as_tensor(weights)[:, None]).sum().backward()
    return torch.nn.utils.parameters_to_vector([p.grad for p in model.parameters()]).clone()


@pytest.fixture(scope="module")
def network():
    _, symbols = experiment.load_paragraphs()
    return experiment.build_model(symbols, hidden_size=5, packed=False).double()


def test_every_target_is_the_next_symbol():
    """También al final, con su marca; y lo que sobra es relleno."""
    paragraphs, symbols = experiment.load_paragraphs("validation", longest=30)
    assert int(paragraphs.targets.max()) < symbols
    for given_ids, targets, length in zip(*paragraphs, strict=True):
        assert given_ids[0] == experiment.EDGE == targets[length - 1]
        np.testing.assert_array_equal(given_ids[1:length], targets[: length - 1])
        assert not given_ids[length:].any()
        assert not targets[length:].any()


def test_padding_and_packing_give_the_same_losses():
    paragraphs, symbols = experiment.load_paragraphs()
    own, losses = paragraphs.take([3, 1, 8]), []
    for packed in (False, True):
        model = experiment.build_model(symbols, packed=packed, seed=4).double()
        losses.append(experiment.step_losses(model(own.given, own.lengths), own.targets).detach())
    np.testing.assert_allclose(*losses, atol=1e-12)
    real = np.arange(own.given.shape[1]) < own.lengths.numpy()[:, None]
    np.testing.assert_array_equal(losses[0].numpy() != 0, real)


@pytest.mark.parametrize("packed", [False, True])
def test_a_process_without_rows_has_a_gradient_of_zeros(packed):
    """En todos los parámetros: si a uno le faltara, los procesos sumarían cosas distintas."""
    paragraphs, symbols = experiment.load_paragraphs()
    model, own = experiment.build_model(symbols, packed=packed), paragraphs.take([])
    experiment.step_losses(model(own.given, own.lengths), own.targets).sum().backward()
    assert all(part.grad is not None and not part.grad.any() for part in model.parameters())


@given(lengths=LENGTHS, world=st.integers(1, 2), rule=st.sampled_from(experiment.RULES))
def test_every_rule_shares_out_one(lengths, world, rule):
    """Entre todos los pasos reales se reparte 1, sea cual sea la regla; con un proceso, son una."""
    weights = experiment.split_weights(lengths, rule, world)
    np.testing.assert_allclose((weights * lengths).sum(), 1)
    if world == 1:
        np.testing.assert_allclose(weights, 1 / lengths.sum())


@given(lengths=LENGTHS)
def test_by_length_the_short_ones_never_weigh_less(lengths):
    weights = experiment.split_weights(lengths, experiment.RULES[2])
    ordered = weights[np.argsort(lengths, kind="stable")]
    short, long = np.array_split(ordered, 2)
    assert short.min() >= long.max() * (1 - 1e-12) or len(lengths) % 2


def test_the_weights_are_what_two_processes_would_do(network):
    """La regla pesada en un proceso es, de verdad, promediar las medias de dos."""
    own = experiment.load_paragraphs()[0].take(range(7))
    halves = [own.take(range(rank, 7, 2)) for rank in (0, 1)]
    apart = (gradient(network, halves[0]) + gradient(network, halves[1])) / 2
    weights = experiment.split_weights(own.lengths.numpy(), "media de medias")
    np.testing.assert_allclose(gradient(network, own, weights), apart, atol=1e-12)
    exact = experiment.split_weights(own.lengths.numpy(), "pasos del lote")
    np.testing.assert_allclose(gradient(network, own, exact), gradient(network, own), atol=1e-12)


@given(count=st.integers(1, 60), batch=st.integers(1, 20), seed=st.integers(0, 99))
def test_the_exercise_cuts_the_same_joint_batches(count, batch, seed):
    """Lo que se lleva cada proceso, junto, son los lotes que usan los experimentos."""
    share = reference(find("55.1"))
    joint = experiment.joint_batches(count, seed, batch)
    for world in (1, 2, 3):
        ranks = [share(count, batch, rank, world, seed) for rank in range(world)]
        for rows, parts in zip(joint, zip(*ranks, strict=True), strict=True):
            np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.sort(rows))


def test_the_long_experiments_give_whole_rows(monkeypatch):
    """Un punto de cada tabla, con lo justo."""
    monkeypatch.setattr(scaling, "STEPS", 2)
    monkeypatch.setattr(scaling, "UPDATES", 2)
    point = {"processes": 2, "batch": 4, "hidden": 8, "packed": False, "seed": 1}
    row = scaling.measure_time(**point)
    assert row.items() >= point.items()
    assert min(row[name] for name in ("compute", "wait", "trip", "processor")) >= 0
    row = scaling.measure_rule(experiment.RULES[2], 3)
    assert 3 < row["bits"] < 8
    assert (row["rule"], row["seed"]) == (experiment.RULES[2], 3)


def test_the_grid_has_its_control():
    """De cada medida con varios procesos, un solo proceso con las filas que le tocan a uno."""
    times, rules = scaling.experiments(2, 20)
    points = {tuple(point.items()) for point in times.points}
    for point in times.points:
        alone = point | {"processes": 1, "batch": point["batch"] // point["processes"]}
        assert tuple(alone.items()) in points
    assert len(rules.points) == 60


# ------------------------------------------------------------------------------------- el diario


def test_a_half_written_line_does_not_count(tmp_path):
    path = tmp_path / "diario.tsv"
    grid.note(path, "a")
    with path.open("ab") as file:
        file.write(b"7\tb\temp")
    assert [(entry.pid, entry.point) for entry in grid.read_diary(path)] == [(os.getpid(), "a")]
    assert grid.read_diary(tmp_path / "nada.tsv") == []


@pytest.fixture
def worker():
    """Un proceso que no hace nada y un clúster que solo lo tiene a él."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        killed = []
        alive = lambda: [] if killed else [process.pid]  # noqa: E731
        yield SimpleNamespace(
            pid=process.pid, alive=alive, kill_worker=killed.append, killed=killed
        )
        process.kill()


def write(path, *rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")


def test_it_dies_with_a_point_in_its_hands(worker, tmp_path):
    path = tmp_path / "diario.tsv"
    write(path, (worker.pid, "a", "empieza", 0.0, "nan"), (worker.pid, "a", "acaba", 1.0, 2.5),
          (worker.pid, "b", "empieza", 1.1, "nan"))  # fmt: skip
    assert grid.kill_in_the_middle(worker, path, after=1) == worker.pid
    assert worker.killed == [worker.pid]
    last = grid.read_diary(path)[-1]
    assert (last.pid, last.what) == (worker.pid, "muere")


def test_an_idle_worker_is_let_go(worker, tmp_path, monkeypatch):
    """Si no tenía nada a medias, sigue vivo y despierto."""
    monkeypatch.setattr(grid, "PATIENCE", 0.3)
    path = tmp_path / "diario.tsv"
    write(path, (worker.pid, "a", "empieza", 0.0, "nan"), (worker.pid, "a", "acaba", 1.0, 2.5))
    with pytest.raises(RuntimeError, match="Ningún trabajador ha tenido un punto a medias"):
        grid.kill_in_the_middle(worker, path, after=1)
    assert worker.killed == []
    assert psutil.Process(worker.pid).status() != psutil.STATUS_STOPPED


def test_one_that_ends_while_it_freezes_is_let_go(worker, tmp_path, monkeypatch):
    """Tenía un punto al mirar y ya no al congelarlo: sigue despierto, y se vuelve a intentar."""
    answers = iter([True, False, True, True])
    monkeypatch.setattr(grid, "_is_busy", lambda pid, diary: next(answers))
    path = tmp_path / "diario.tsv"
    write(path, (worker.pid, "a", "empieza", 0.0, "nan"), (worker.pid, "a", "acaba", 1.0, 2.5))
    resumed = []
    monkeypatch.setattr(psutil.Process, "resume", lambda self: resumed.append(self.pid))
    assert grid.kill_in_the_middle(worker, path, after=1) == worker.pid
    assert (resumed, worker.killed) == ([worker.pid], [worker.pid])

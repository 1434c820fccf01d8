"""El reparto de las lecciones entre trabajos de la integración continua."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.notebooks import shards as tool

ROOT = Path(tool.__file__).parents[2]
NAMES = st.dictionaries(
    st.sampled_from("11 12 13 14 15 16 21".split()), st.floats(1, 99), min_size=1
)


@given(NAMES, st.integers(1, 6))
def test_every_lesson_is_run_once_and_loads_are_alike(seconds, count):
    """Cada lección está en un grupo, ninguno vacío, y el más cargado no pasa de su cota."""
    groups = tool.share(seconds, seconds, count)
    assert sorted(name for group in groups for name in group) == sorted(seconds)
    assert len(groups) == min(count, len(seconds))
    assert all(groups)
    heaviest = max(sum(seconds[name] for name in group) for group in groups)
    longest = max(seconds.values())
    assert heaviest <= sum(seconds.values()) / count + longest * (1 - 1 / count) + 1e-9


@given(NAMES, st.integers(1, 6))
def test_the_order_of_the_lessons_does_not_matter(seconds, count):
    """El reparto depende de las lecciones y sus segundos, no de cómo lleguen."""
    backwards = dict(reversed(seconds.items()))
    assert tool.share(seconds, seconds, count) == tool.share([*backwards], backwards, count)


def test_a_lesson_without_seconds_counts_as_the_others():
    """Lo que no se ha medido se reparte como lo que suele durar una lección."""
    seconds = {"11": 10, "12": 10, "13": 10}
    groups = tool.share([*seconds, "31"], seconds, 2)
    assert [len(group) for group in groups] == [2, 2]
    assert tool.share(["11", "12"], {}, 2) == [["11"], ["12"]]


def test_stored_seconds_are_of_lessons_that_exist():
    """El registro solo habla de lecciones que hay, y todas duran algo."""
    seconds = tool.stored_seconds()
    assert seconds
    assert seconds.keys() <= set(tool.written_lessons())
    assert all(value > 0 for value in seconds.values())


def test_it_runs_without_installing_anything():
    """En CI se ejecuta con el Python del sistema, antes de crear el entorno, y da un JSON."""
    command = [sys.executable, "-S", "-m", "tools.notebooks.shards", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    groups = json.loads(done.stdout)
    assert len(groups) == 3
    assert sorted(" ".join(groups).split()) == tool.written_lessons()


def test_recording_keeps_what_was_not_run_and_forgets_what_is_gone(tmp_path):
    """Se apunta la mediana de lo que terminó bien; lo demás se queda, salvo lo que ya no existe."""
    report, path = tmp_path / "report.json", tmp_path / "seconds.toml"
    path.write_text('"11" = 5\n"12" = 7\n"99" = 1\n', encoding="utf-8")
    rows = [("12_x", "ok", 8.0), ("12_x", "ok", 9.0), ("12_x", "ok", 30.0), ("13_x", "falla", 1.0)]
    keys = ("lesson", "status", "seconds")
    report.write_text(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]), "utf-8")
    tool.record(report, path=path, lessons=["13", "12", "11"])
    assert tool.stored_seconds(path) == {"11": 5, "12": 9.0}
    assert path.read_text(encoding="utf-8").startswith("# Segundos de procesador")
    assert sorted(tmp_path.iterdir()) == [report, path]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["0"], "al menos un trabajo"), (["--record", "--report", "no"], "ejecuta antes `make note")],
)
def test_mistakes_are_explained(arguments, message, capsys):
    """Una orden imposible dice qué hacer."""
    with pytest.raises(SystemExit):
        tool.main(arguments)
    assert message in capsys.readouterr().err

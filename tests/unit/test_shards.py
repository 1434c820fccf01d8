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


def test_seconds_are_those_of_the_stored_solutions(tmp_path):
    """De cada lección con fuente, lo que costó su solución; ``None`` si no consta o no se lee."""
    for folder in ("notebooks/source", "solutions"):
        (tmp_path / folder).mkdir(parents=True)
    for stem in ("11_a", "12_b", "13_c"):
        (tmp_path / "notebooks/source" / f"{stem}.py").touch()
    stored = {"metadata": {"curso": {"execution": {"seconds": 7.5}}}}
    (tmp_path / "solutions/11_a.ipynb").write_text(json.dumps(stored), encoding="utf-8")
    (tmp_path / "solutions/12_b.ipynb").write_text("[{", encoding="utf-8")
    (tmp_path / "solutions/99_z.ipynb").write_text(json.dumps(stored), encoding="utf-8")
    assert tool.lesson_seconds(tmp_path) == {"11": 7.5, "12": None, "13": None}


def test_it_runs_without_installing_anything():
    """En CI se ejecuta con el Python del sistema, antes de crear el entorno, y da un JSON."""
    command = [sys.executable, "-S", "-m", "tools.notebooks.shards", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    groups = json.loads(done.stdout)
    assert len(groups) == 3
    assert sorted(" ".join(groups).split()) == sorted(tool.lesson_seconds())


def test_mistakes_are_explained(capsys):
    """Una orden imposible dice qué hacer."""
    with pytest.raises(SystemExit):
        tool.main(["0"])
    assert "al menos un trabajo" in capsys.readouterr().err

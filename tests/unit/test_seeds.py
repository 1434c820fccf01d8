"""La herramienta que mide las afirmaciones con muchas semillas, con lecciones de mentira."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import seeds as tool
from tools.notebooks.run import Result

SOURCE = """\
# %% [markdown]
# # {number} · De mentira

# %% tags=["parameters"]
FAST = True
SEED = 0

# %%
from course_utils.claims import claim, verify

value = {value}

# %%
verify(claim("Es poco", value, "<", 0.5))

# %%
verify(
    claim("Es mucho", value, ">", 0.01),
    claim("Aprenden casi todas", (4 + SEED % 2) / 5, ">", 0.1, of=len("redes")),
    claim("Dos son dos", 2, "==", 2, kind="identidad"),
)
"""
VALUE = "0.1 + SEED / 1000"


@pytest.fixture
def root(tmp_path):
    """Un repositorio con dos lecciones."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.curso]\nrepository = "yo/curso"\ntag = "v1"\n', encoding="utf-8"
    )
    (tmp_path / "tools" / "notebooks").mkdir(parents=True)
    (tmp_path / "tools" / "notebooks" / "seeds.py").touch()
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    write_source(tmp_path, "11")
    write_source(tmp_path, "12")
    return tmp_path


def write_source(root: Path, number: str, value: str = VALUE, **changes: str) -> None:
    text = SOURCE.format(number=number, value=value)
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    (root / "notebooks" / "source" / f"{number}_mentira.py").write_text(text, encoding="utf-8")


@pytest.fixture
def runs(monkeypatch, tmp_path_factory, capsys):
    """Ejecuta los cuadernos aquí mismo, y apunta qué lección y qué semilla se han pedido."""
    seen = []

    def run_here(path, *, seed, budget):
        seen.append((path.stem[:2], seed))
        record = tmp_path_factory.mktemp("claims") / "claims.jsonl"
        monkeypatch.setenv("CURSO_CLAIMS_FILE", str(record))
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        namespace: dict = {}
        status = "ok"
        try:
            for cell in cells:
                exec(cell.source, namespace)
                if "parameters" in cell.metadata.get("tags", []):
                    namespace["SEED"] = seed
        except ArithmeticError as error:
            status = repr(error)
        lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
        claims = [json.loads(line) for line in lines]
        return Result(path.stem, seed, status, 1.0, 100.0, claims)

    monkeypatch.setattr(tool, "run_lesson", run_here)
    return seen


def seeds(root, *options: str) -> int:
    return tool.main([*options, "--jobs", "1"], root=root)


def table_path(root) -> Path:
    return root / "datasets" / "results" / "afirmaciones.csv"


def test_twenty_seeds_go_to_the_table(root, runs, capsys):
    """Una fila por lección y afirmación, con sus veinte valores y lo que no está en la fuente."""
    assert seeds(root) == 0
    assert sorted(runs) == [(number, seed) for number in ("11", "12") for seed in range(20)]
    rows = tool.read_table(root)
    assert [(row["lesson"], row["text"]) for row in rows[:5]] == [
        ("11", "Es poco"),
        ("11", "Es mucho"),
        ("11", "Aprenden casi todas"),
        ("11", "Dos son dos"),
        ("12", "Es poco"),
    ]
    assert [rows[0][f"s{seed}"] for seed in (0, 7, 19)] == [0.1, 0.107, 0.119]
    assert [row["of"] for row in rows[:4]] == ["", "", "5", ""]
    assert {row["bound"] for row in rows} == {""}
    said = capsys.readouterr().out
    assert "Todas cumplen." in said
    lesson = said.split("11_mentira · semillas: 20\n")[1].split("\n\n")[0]
    shown = [line.split(" · ")[0].split(maxsplit=2)[1:] for line in lesson.split("\n")]
    assert shown == [
        ["17.25", "Es poco"],
        ["25.37", "Es mucho"],
        ["685.55", "Aprenden casi todas"],
        ["identidad", "Dos son dos"],
    ]


def test_nothing_is_measured_twice(root, runs):
    """Lo que está en la tabla no se repite, ni en un clon sin build/; y la tabla no cambia."""
    seeds(root)
    before = table_path(root).stat().st_mtime_ns, table_path(root).read_bytes()
    runs.clear()
    for path in sorted((root / "build").rglob("*.json")):
        path.unlink()
    assert seeds(root, "11") == 0
    assert seeds(root, "--seeds", "3,5") == 0
    assert runs == []
    assert (table_path(root).stat().st_mtime_ns, table_path(root).read_bytes()) == before


def test_an_interrupted_measure_goes_on(root, runs, monkeypatch):
    """Si se corta, lo ya medido queda y la siguiente llamada hace solo lo que falta."""
    whole = tool.run_lesson

    def power_cut(path, *, seed, budget):
        if len(runs) == 7:
            raise KeyboardInterrupt
        return whole(path, seed=seed, budget=budget)

    monkeypatch.setattr(tool, "run_lesson", power_cut)
    with pytest.raises(KeyboardInterrupt):
        seeds(root, "11")
    assert tool.GO_ON_VARIABLE not in os.environ
    assert not table_path(root).exists()
    done = list(runs)
    assert len(done) == 7
    monkeypatch.setattr(tool, "run_lesson", whole)
    runs.clear()
    seeds(root, "11")
    assert sorted([*runs, *done]) == [("11", seed) for seed in range(20)]


def test_only_the_lesson_that_changes_is_measured_again(root, runs):
    """Una lección se actualiza en la tabla sin perder las demás."""
    seeds(root)
    old = tool.read_table(root)
    runs.clear()
    write_source(root, "12", value="0.2 + SEED / 1000")
    seeds(root)
    assert sorted(runs) == [("12", seed) for seed in range(20)]
    rows = tool.read_table(root)
    assert rows[:4] == old[:4]
    assert rows[4]["s1"] == 0.201


def test_limits_and_texts_change_without_measuring(root, runs, capsys):
    """Con otro límite y otro texto, la regla se aplica a lo medido, que se casa por posición."""
    seeds(root, "11")
    runs.clear()
    changes = {"text": ("Es poco", "Es menos"), "bound": ('"<", 0.5', '"<", 0.12')}
    write_source(root, "11", **changes)
    subject = tool.read_subject(root / "notebooks" / "source" / "11_mentira.py", root)
    found = tool.measured_claims(subject, tool.registered_runs(subject, tool.read_table(root)))
    assert (found[0].text, found[0].bound) == ("Es menos", 0.12)
    assert 0 < found[0].room < 1
    assert seeds(root, "11") == 0
    assert runs == []
    assert tool.read_table(root)[0]["text"] == "Es menos"
    said = capsys.readouterr().out
    assert "No cumplen 1:\n✗ 11 · Es menos · holgura de 0.10; hace falta 1" in said


def test_a_limit_may_change_halfway(root, runs):
    """Con un límite cambiado entre dos semillas, ninguna se vuelve a medir y vale el de ahora."""
    seeds(root, "11", "--seeds", "0-9")
    write_source(root, "11", bound=('"<", 0.5', '"<", 0.3'))
    assert seeds(root, "11") == 0
    assert runs == [("11", seed) for seed in range(20)]


def test_a_broken_claim_does_not_hide_the_others(root, runs, capsys):
    """Se mide todo aunque una afirmación sea falsa, y la herramienta termina mal."""
    write_source(root, "11", bound=('"<", 0.5', '"<", 0.1185'))
    assert seeds(root, "11") == 1
    assert [row["text"] for row in tool.read_table(root)][-1] == "Dos son dos"
    said = capsys.readouterr().out
    assert "✗     -0.05  Es poco · < 0.1185 · mediana 0.11, de 0.1 a 0.119" in said
    assert "✗ 11 · Es poco · rota en 1 de 20 semillas" in said


def test_a_failed_run_is_told_and_not_kept(root, runs, capsys):
    """Una ejecución que no llega al final no cuenta: la lección no se registra."""
    write_source(root, "11", value="0.1 + SEED / 1000 if SEED != 5 else 1 / 0")
    assert seeds(root) == 1
    said = "".join(capsys.readouterr())
    assert "✗ 11_mentira · semilla 5 ·" in said
    assert "ZeroDivisionError" in said
    assert "11_mentira · semillas: 19" in said
    assert {row["lesson"] for row in tool.read_table(root)} == {"12"}


def test_other_seeds_are_told_but_not_registered(root, runs, capsys):
    """Las semillas que nadie ha probado se miden y se cuentan; la tabla es de las veinte."""
    assert seeds(root, "--seeds", "100-101") == 0
    assert sorted(runs) == [(number, seed) for number in ("11", "12") for seed in (100, 101)]
    assert "11_mentira · semillas: 2" in capsys.readouterr().out
    assert not table_path(root).exists()


def test_a_removed_lesson_leaves_the_table(root, runs):
    """La tabla no guarda lo de una lección que ya no existe."""
    seeds(root)
    (root / "notebooks" / "source" / "11_mentira.py").unlink()
    seeds(root)
    assert {row["lesson"] for row in tool.read_table(root)} == {"12"}


def test_claims_run_once_each(root, runs):
    """Una afirmación dentro de un bucle no se puede casar con lo medido."""
    write_source(root, "11", loop=("\nverify(claim", "\nfor _ in range(2): verify(claim"))
    with pytest.raises(ValueError, match="tiene 4 afirmaciones y al ejecutarla salen 5"):
        seeds(root, "11")


def test_a_bound_does_not_change_with_the_seed(root, runs):
    """Un límite que depende del azar no es un límite."""
    write_source(root, "11", bound=('"<", 0.5', '"<", 0.5 + SEED'))
    with pytest.raises(ValueError, match="En «Es poco», bound cambia de una semilla a otra"):
        seeds(root, "11")


def test_unknown_lesson(root, runs, capsys):
    """Pedir una lección que no existe lo dice y no ejecuta nada."""
    assert seeds(root, "99") == 2
    assert "No hay lección 99" in capsys.readouterr().err
    assert runs == []


def test_solutions_must_be_those_of_the_source(root, runs):
    """Un ejercicio se mide con la solución de hoy, o no se mide."""
    exercise = """
# %% tags=["exercise"]
### BEGIN SOLUTION
one = 1
### END SOLUTION

# %% tags=["check"]
one = check("11.1", one)

# %%
verify(claim"""
    write_source(root, "11", exercise=("\n# %%\nverify(claim", exercise))
    stale = root / "course_utils" / "lessons" / "lesson_11" / "solutions.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"solutions\.json no coincide con su fuente.*build 11"):
        seeds(root, "11")


def test_a_real_notebook_is_measured_to_the_end(root, capsys):
    """Con papermill de verdad: una afirmación falsa no corta la lección."""
    write_source(root, "11", bound=('"<", 0.5', '"<", 0.05'))
    assert seeds(root, "11", "--seeds", "3") == 1
    (cached,) = (root / "build" / "seeds").rglob("3.json")
    rows = json.loads(cached.read_text(encoding="utf-8"))
    assert [row["value"] for row in rows] == pytest.approx([0.103, 0.103, 1, 2])
    assert [row["of"] for row in rows] == [None, None, 5, None]

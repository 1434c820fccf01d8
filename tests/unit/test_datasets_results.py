"""Los resultados de los experimentos largos: cómo se guardan, cómo se leen y qué los estropea."""

from __future__ import annotations

import re
import shutil
import socket
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets import DatasetError, Result, load_result, verify_all
from course_utils.datasets.results import read_result, verify_results
from tests.unit.data_copy import read_from_a_copy
from tools.experiments import results as tool
from tools.experiments.results import Provenance, describe_machine, write_result

ROWS = [
    {"cell": "lstm", "lag": 10, "seed": 0, "loss": 0.1, "solved": True},
    {"cell": "gru", "lag": 10, "seed": 1, "loss": float("nan"), "solved": False},
    {"cell": "rnn, tanh", "lag": 100, "seed": 1, "loss": 1.0, "solved": False},
]


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Una copia de datasets/ sin resultados, la que se lee, en un repositorio con un programa."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "memory_grid.py").write_text("", encoding="utf-8")
    copy = read_from_a_copy(tmp_path, monkeypatch)
    shutil.rmtree(copy / "results")
    return copy


def save(copy: Path, name: str = "memory", rows=ROWS, **options) -> Path:
    """Guarda un resultado en la copia."""
    known = {
        "script": copy.parent / "tools" / "memory_grid.py",
        "description": "Retardos que resuelve cada celda",
        "seeds": [0, 1],
        "root": copy.parent,
    }
    return write_result(name, rows, **known | options)


def test_a_result_is_read_back(copy):
    """Cada columna vuelve con su tipo y con lo que hace falta para repetir el experimento."""
    table = save(copy, packages=("numpy", "psutil"), device="NVIDIA H200")
    assert table == copy / "results" / "memory.csv"
    result = load_result("memory")
    assert isinstance(result, Result)
    assert list(result.columns) == ["cell", "lag", "seed", "loss", "solved"]
    assert result["cell"].tolist() == ["lstm", "gru", "rnn, tanh"]
    assert (result["lag"].dtype, result["loss"].dtype) == (np.int64, np.float64)
    np.testing.assert_array_equal(result["loss"], [0.1, np.nan, 1.0])
    assert result["solved"].tolist() == [True, False, False]
    assert (result.name, result.script) == ("memory", "tools/memory_grid.py")
    assert (result.description, result.seeds) == ("Retardos que resuelve cada celda", (0, 1))
    assert list(result.versions) == ["python", "numpy", "psutil"]
    assert result.versions["numpy"] == np.__version__
    assert "NVIDIA H200" in result.machine
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", result.date)
    assert verify_all() == []


def test_every_call_returns_its_own_arrays(copy):
    """Modificar lo leído no afecta a la siguiente lectura."""
    save(copy)
    load_result("memory")["lag"][:] = 0
    assert load_result("memory")["lag"].tolist() == [10, 10, 100]
    with pytest.raises(AttributeError):
        load_result("memory").seeds = ()


def test_an_unknown_column_says_which_there_are(copy):
    """El error nombra las columnas."""
    save(copy)
    with pytest.raises(KeyError, match=r"no tiene la columna 'lags'\. Tiene: cell, lag, seed"):
        load_result("memory")["lags"]


def test_an_unknown_name_says_which_there_are(copy):
    """Sin ninguno lo dice; con alguno los nombra y propone el parecido."""
    with pytest.raises(ValueError, match=r"se llame 'memory'\. Todavía no hay ninguno"):
        load_result("memory")
    save(copy)
    save(copy, "cost")
    with pytest.raises(ValueError, match=r"hay: 'cost', 'memory'\. ¿Querías decir 'memory'\?"):
        load_result("memori")
    with pytest.raises(ValueError, match=r"se llame None\. Los que hay"):
        load_result(None)
    with pytest.raises(ValueError, match="No hay ningún resultado"):
        load_result("../co2")


@pytest.mark.parametrize(
    "damage",
    [lambda text: text[:-1], lambda text: text.replace("0.1", "0.2"), lambda text: ""],
    ids=["un byte menos", "otro número", "vacío"],
)
def test_an_altered_table_is_refused(copy, damage):
    """Ni se lee ni pasa la comprobación; guardarla de nuevo lo arregla."""
    table = save(copy)
    table.write_text(damage(table.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"memory\.csv no es el registrado") as caught:
        load_result("memory")
    assert "git checkout -- datasets" in str(caught.value)
    assert verify_all() == [str(caught.value)]
    save(copy)
    assert verify_all() == []


def test_a_missing_table(copy):
    """Si solo queda el registro, se dice qué archivo falta."""
    save(copy).unlink()
    with pytest.raises(DatasetError, match=r"No se puede leer .*memory\.csv"):
        load_result("memory")


def test_a_table_nobody_registered(copy):
    """Un CSV sin registro se señala, porque nadie sabe de dónde sale."""
    save(copy).with_suffix(".toml").unlink()
    (problem,) = verify_all()
    assert "memory.csv no está registrado: falta memory.toml" in problem


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sha256", "sha", "sha256 falta"),
        ('sha256 = "', 'sha256 = "0', "no son 64 cifras"),
        ("seeds = [\n    0,\n    1,\n]", "seeds = 2", "seeds falta o no es de tipo list"),
        ("machine", "ordenador", "machine falta"),
        ('description = "', 'nota = "x"\ndescription = "', "sobra nota"),
        ('lag = "int"', 'lag = "entero"', "entero"),
        ('lag = "int"', 'retardo = "int"', "las columnas del CSV son"),
        ('cell = "text"', 'cell = "float"', "lstm"),
        ("sha256", "fingerprint = 3\nsha256", "fingerprint falta o no es de tipo str"),
        ("[columns]", "[columns", "falta o está mal escrito"),
    ],
)
def test_a_wrong_entry_is_refused(copy, old, new, message):
    """Un registro cambiado a mano se explica, y no detiene a verify_all."""
    path = save(copy).with_suffix(".toml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"memory\.toml") as caught:
        load_result("memory")
    assert message in str(caught.value)
    assert verify_all() == [str(caught.value)]


def test_the_same_rows_give_the_same_bytes(copy):
    """Guardar dos veces no cambia la tabla, y no quedan archivos a medias."""
    table = save(copy)
    first = table.read_bytes()
    assert save(copy).read_bytes() == first
    assert first.decode() == (
        "cell,lag,seed,loss,solved\n"
        "lstm,10,0,0.1,true\n"
        "gru,10,1,nan,false\n"
        '"rnn, tanh",100,1,1.0,false\n'
    )
    assert {path.name for path in table.parent.iterdir()} == {"memory.csv", "memory.toml"}


def test_a_failed_write_keeps_the_previous_result(copy, monkeypatch):
    """Si el disco falla a medias, lo que había sigue entero y no queda basura."""
    table = save(copy)
    before = {path.name: path.read_bytes() for path in table.parent.iterdir()}
    write_bytes = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if ".toml" in path.name:
            raise OSError("disco lleno")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disco lleno"):
        save(copy, rows=ROWS[:2])
    assert {path.name: path.read_bytes() for path in table.parent.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Memoria larga"}, "name solo puede llevar minúsculas"),
        ({"name": "../co2"}, "name solo puede llevar minúsculas"),
        ({"rows": []}, "al menos una fila"),
        ({"rows": [ROWS[0], {"cell": "gru"}]}, r"la fila 1 tiene \['cell'\]"),
        ({"rows": [{"seed": 0, "x": 1}, {"seed": 1, "x": "dos"}]}, r"'x' debe ser .* int, str"),
        ({"rows": [{"seed": 0, "x": None}, {"seed": 1, "x": None}]}, "NoneType"),
        ({"seeds": [0, 1, 2]}, r"seeds dice \[0, 1, 2\] y en las filas hay \[0, 1\]"),
        ({"rows": [{"x": 1}], "seeds": []}, "Pasa las semillas que se han usado"),
        ({"script": __file__}, "script debe ser un programa del repositorio"),
        ({"script": "no_existe.py"}, "script debe ser un programa del repositorio"),
        ({"packages": ["no-existe"]}, "packages nombra 'no-existe', que no está instalado"),
    ],
)
def test_nothing_is_written_if_something_is_wrong(copy, options, message):
    """Cada argumento que no vale se explica antes de tocar el disco."""
    with pytest.raises(ValueError, match=message):
        save(copy, **options)
    assert not (copy / "results").exists()


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
COLUMNS = {
    "int": st.integers(-(2**62), 2**62),
    "float": st.floats(),
    "bool": st.booleans(),
    "text": TEXTS,
}


@given(
    rows=st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=5),
    description=TEXTS,
)
def test_any_table_survives_the_trip(tmp_path_factory, rows, description):
    """Números, textos con comas, comillas y saltos de línea: vuelven exactamente iguales."""
    root = tmp_path_factory.mktemp("repositorio")
    (root / "grid.py").write_text("", encoding="utf-8")
    write_result(
        "any", rows, script=root / "grid.py", description=description, seeds=[3], root=root
    )
    result = read_result(root / "datasets" / "results", "any")
    assert result.description == description
    for column in COLUMNS:
        wanted = np.array([row[column] for row in rows])
        np.testing.assert_array_equal(result[column], wanted)
        assert result[column].dtype.kind == wanted.dtype.kind


def test_a_lonely_empty_text_is_a_row(copy):
    """Una columna con un texto vacío no se confunde con una línea en blanco."""
    save(copy, rows=[{"note": "a"}, {"note": ""}])
    assert load_result("memory")["note"].tolist() == ["a", ""]


def test_the_provenance_of_the_rows_is_summarized(copy):
    """Lo medido en varios ordenadores y días: todos los ordenadores y el último día."""
    versions = {"python": "3.13.0", "numpy": "2.5.0"}
    rows = [
        Provenance("B", "2026-01-02", versions, "abc"),
        Provenance("A", "2026-01-01", versions, "abc"),
        Provenance("B", "2026-01-01", versions, "abc"),
    ]
    save(copy, provenance=rows)
    result = load_result("memory")
    assert (result.machine, result.date, result.fingerprint) == ("A; B", "2026-01-02", "abc")
    assert result.versions == versions
    for other in (rows[0]._replace(fingerprint="def"), rows[0]._replace(versions={})):
        with pytest.raises(ValueError, match="versiones distintas y no se pueden comparar"):
            save(copy, provenance=[*rows, other])
    assert load_result("memory").fingerprint == "abc"


def test_a_result_without_fingerprint_is_read(copy):
    """Los primeros no la guardaban."""
    path = save(copy).with_suffix(".toml")
    assert "fingerprint" not in path.read_text(encoding="utf-8")
    assert load_result("memory").fingerprint == ""


def test_numpy_scalars_are_stored_as_numbers(copy):
    """Lo que sale de un experimento suele ser de NumPy."""
    rows = [{"seed": np.int32(1), "mse": np.float32(0.5), "ok": np.bool_(True), "n": np.str_("a")}]
    save(copy, rows=rows, seeds=[np.int64(1)])
    entry = tomllib.loads((copy / "results" / "memory.toml").read_text(encoding="utf-8"))
    assert entry["columns"] == {"seed": "int", "mse": "float", "ok": "bool", "n": "text"}
    assert entry["seeds"] == [1]


def test_the_machine_is_described_without_its_name(monkeypatch):
    """Sistema, procesador y núcleos; nunca el nombre que le ha puesto su dueño."""
    text = describe_machine()
    assert re.search(r"\d+ núcleo", text)
    assert socket.gethostname() not in text.split()
    monkeypatch.setattr(tool.Path, "read_text", lambda *_, **__: "")
    monkeypatch.setattr(tool.platform, "processor", lambda: "")
    assert ", ," not in describe_machine()


def test_what_ships_is_verified_and_documented():
    """Cada resultado del curso pasa la comprobación, sale de un programa y está en README.md."""
    root = Path(__file__).resolve().parents[2]
    folder = root / "datasets" / "results"
    assert verify_results(folder) == []
    readme = (root / "datasets" / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("*.toml"):
        result = read_result(folder, path.stem)
        assert (root / result.script).is_file()
        assert f"`{result.name}`" in readme
        assert len(path.with_suffix(".csv").read_text(encoding="utf-8").splitlines()) > 1

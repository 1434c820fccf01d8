"""Los datos del curso: lo que devuelven, que se verifican siempre y qué pasa si están dañados."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils import datasets, synthetic
from course_utils.datasets import DatasetError, verification
from tests.unit.data_copy import edit_registry, read_from_a_copy

ROOT = Path(__file__).resolve().parents[2]
SERIES = {
    "sunspots": datasets.load_sunspots,
    "co2": datasets.load_co2,
    "elnino": datasets.load_elnino,
}
BUNDLED = {**SERIES, "sales": datasets.load_sales, "weather": datasets.load_weather}
COLUMNS = {"sales": "units", "weather": "temperature"}  # las demás, values
GIT_MENDS_IT = "git checkout -- datasets"


def month(text: str) -> np.datetime64:
    """Un mes."""
    return np.datetime64(text, "M")


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Una copia de datasets/ que se puede estropear y que es la que se lee."""
    return read_from_a_copy(tmp_path, monkeypatch)


# Qué se lee


@pytest.mark.parametrize(
    ("name", "length", "first", "last", "period", "unit", "extremes"),
    [
        ("sunspots", 3126, "1749-01", "2009-06", 132, "manchas", (0.0, 253.8)),
        ("co2", 516, "1959-01", "2001-12", 12, "ppm", (313.4, 373.8)),
        ("elnino", 732, "1950-01", "2010-12", 12, "°C", (18.95, 29.24)),
    ],
)
def test_monthly_series(name, length, first, last, period, unit, extremes):
    """Meses seguidos, valores finitos y los datos que describen la serie."""
    series = SERIES[name]()
    assert len(series.values) == len(series.dates) == length
    assert series.dates.dtype == np.dtype("datetime64[M]")
    assert (series.dates[0], series.dates[-1]) == (month(first), month(last))
    assert set(np.diff(series.dates).astype(int)) == {1}
    assert series.values.dtype == np.float64
    assert np.isfinite(series.values).all()
    assert (series.period, series.unit) == (period, unit)
    np.testing.assert_allclose((series.values.min(), series.values.max()), extremes, atol=0.05)
    assert series.name
    assert series.source


def test_sunspots_agree_with_the_yearly_series_of_statsmodels():
    """La media de cada año es el valor anual que publica la misma fuente, redondeado."""
    series = datasets.load_sunspots()
    spec = importlib.util.find_spec("statsmodels")
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "sunspots" / "sunspots.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    yearly = {int(year): float(value) for year, value in rows[1:]}
    years = np.arange(1749, 2009)
    means = series.values[: 12 * len(years)].reshape(-1, 12).mean(axis=1)
    assert np.abs(means - [yearly[year] for year in years]).max() < 0.5


def test_sunspots_name_the_interpolated_month():
    """Febrero de 1824 está entre enero y marzo, como dice la fuente."""
    series = datasets.load_sunspots()
    assert series.filled.tolist() == [month("1824-02").item()]
    before, value, after = series.values[np.searchsorted(series.dates, month("1824-01")) :][:3]
    assert value == pytest.approx((before + after) / 2, abs=0.06)


def test_weekly_co2_keeps_its_gaps():
    """Los huecos publicados siguen siendo NaN, en su fecha."""
    series = datasets.load_co2(freq="weekly")
    assert len(series.values) == 2284
    assert set(np.diff(series.dates).astype(int)) == {7}
    assert str(series.dates[0]) == "1958-03-29"
    assert np.isnan(series.values).sum() == 59
    assert np.isnan(series.values[series.dates == np.datetime64("1958-05-10")]).all()
    assert series.values[:3].tolist() == [316.1, 317.3, 317.6]
    assert (series.period, len(series.filled)) == (52, 0)


def test_monthly_co2_is_the_mean_of_the_measured_weeks():
    """Mes a mes, calculado de otra manera; solo tres meses se interpolan, y en línea recta."""
    weekly, monthly = datasets.load_co2(freq="weekly"), datasets.load_co2(freq="monthly")
    assert monthly.filled.astype(str).tolist() == ["1964-02", "1964-03", "1964-04"]
    weeks: dict[str, list[float]] = {}
    for date, value in zip(weekly.dates, weekly.values, strict=True):
        if not np.isnan(value):
            weeks.setdefault(str(date)[:7], []).append(value)
    for date, value in zip(monthly.dates, monthly.values, strict=True):
        if date not in monthly.filled:
            assert value == pytest.approx(np.mean(weeks[str(date)]))
    gap = np.searchsorted(monthly.dates, month("1964-01"))
    np.testing.assert_allclose(np.diff(monthly.values[gap : gap + 5], n=2), 0, atol=1e-9)


def test_the_error_of_filling_is_the_documented_one():
    """Ocultar febrero, marzo y abril de otros años y rellenarlos igual falla 0,3 ppm."""
    years = datasets.load_co2().values.reshape(-1, 12)
    years = np.delete(years, 1964 - 1959, axis=0)
    january, may = years[:, [0]], years[:, [4]]
    guess = january + (may - january) * np.array([1, 2, 3]) / 4
    assert np.abs(guess - years[:, 1:4]).mean() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("freq", ["daily", "Monthly", None, 12])
def test_co2_frequency_must_be_known(freq):
    """Otra frecuencia dice cuáles hay."""
    with pytest.raises(ValueError, match="freq debe ser 'monthly' o 'weekly'; ha llegado"):
        datasets.load_co2(freq=freq)


def test_elnino_is_the_table_of_statsmodels_row_by_row():
    """61 años por 12 meses, en orden."""
    spec = importlib.util.find_spec("statsmodels")
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "elnino" / "elnino.csv"
    table = np.genfromtxt(path, delimiter=",", skip_header=1)[:, 1:]
    np.testing.assert_array_equal(datasets.load_elnino().values.reshape(61, 12), table)


def test_sales_are_the_generated_ones():
    """El archivo guarda exactamente lo que el generador devuelve, verdad incluida."""
    stored, made = datasets.load_sales(), synthetic.sales()
    for column in ("dates", "units", "holiday", "promotion"):
        found, wanted = getattr(stored, column), getattr(made, column)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)
    for column in ("trend", "weekly", "yearly", "holiday", "promotion", "noise"):
        np.testing.assert_array_equal(getattr(stored.truth, column), getattr(made.truth, column))
    assert stored.truth.noise_memory == made.truth.noise_memory
    assert (stored.period, stored.unit, stored.source) == (7, "unidades", made.source)


def test_digits():
    """Imágenes y etiquetas de scikit-learn."""
    digits = datasets.load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.dtype == np.float64
    assert (digits.images.min(), digits.images.max()) == (0, 16)
    assert digits.labels.dtype == np.int64
    assert np.bincount(digits.labels).min() > 170


@pytest.mark.parametrize("name", BUNDLED)
def test_every_call_returns_its_own_arrays(name):
    """Modificar lo que devuelve una llamada no afecta a la siguiente."""
    first, column = BUNDLED[name](), COLUMNS.get(name, "values")
    values = getattr(first, column)
    wanted = values.copy()
    values += 1
    np.testing.assert_array_equal(getattr(BUNDLED[name](), column), wanted)
    with pytest.raises(AttributeError):
        first.source = "otra"


def test_digits_without_sklearn(monkeypatch):
    """Sin scikit-learn, el error dice qué función lo necesita y cómo instalarlo."""
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"load_digits necesita scikit-learn .*pip install"):
        datasets.load_digits()


def test_import_is_light():
    """Importar el módulo no carga nada pesado, ni la biblioteca de descargas."""
    code = (
        "import sys, json, course_utils.datasets; "
        "heavy = {'pandas', 'sklearn', 'scipy', 'statsmodels', 'pooch', 'requests', 'torch', "
        "'tensorflow', 'matplotlib'}; print(json.dumps(sorted(heavy & set(sys.modules))))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(output.stdout) == []


def test_reading_needs_only_numpy(tmp_path):
    """Las series y las ventas se leen sin pandas y desde cualquier carpeta."""
    code = (
        "import sys; from course_utils.datasets import load_co2, load_sales; "
        "load_co2(); load_sales(); assert 'pandas' not in sys.modules"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=True)


# Qué pasa si algo no es lo registrado


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda content: content.replace(b"\n", b"\r\n"),
    ],
    ids=["un byte menos", "mitad", "vacío", "byte cambiado", "finales de línea"],
)
def test_a_damaged_file_is_refused(copy, name, damage):
    """Ningún daño pasa; al recuperar el archivo, todo vuelve a funcionar."""
    path = copy / f"{name}.csv"
    good = path.read_bytes()
    path.write_bytes(damage(good))
    with pytest.raises(DatasetError) as caught:
        BUNDLED[name]()
    text = str(caught.value)
    assert f"El contenido de {path} no es el registrado" in text
    assert hashlib.sha256(good).hexdigest()[:12] in text
    assert GIT_MENDS_IT in text
    assert datasets.verify_all() == [text]
    path.write_bytes(good)
    assert BUNDLED[name]() is not None
    assert datasets.verify_all() == []


@pytest.mark.parametrize("name", BUNDLED)
def test_a_missing_file(copy, name):
    """Si falta, se dice cuál y cómo recuperarlo."""
    (copy / f"{name}.csv").unlink()
    with pytest.raises(DatasetError, match=rf"No se puede leer .*{name}\.csv .*{GIT_MENDS_IT}"):
        BUNDLED[name]()
    assert len(datasets.verify_all()) == 1


def test_a_wrong_hash_in_the_registry(copy):
    """El archivo está bien, pero no coincide con lo registrado: no se lee."""
    good = hashlib.sha256((copy / "elnino.csv").read_bytes()).hexdigest()
    edit_registry(copy, good, "0" * 64)
    with pytest.raises(DatasetError, match=f"se esperaba el sha256 {'0' * 12}… y es {good[:12]}…"):
        datasets.load_elnino()
    assert datasets.load_co2().values.size
    assert len(datasets.verify_all()) == 1
    edit_registry(copy, "0" * 64, good)
    assert datasets.load_elnino().values.size


@pytest.mark.parametrize("sha256", ["", "abc", "G" * 64, "A" * 64])
def test_a_hash_that_is_not_one(copy, sha256):
    """Un sha256 mal escrito se distingue de un archivo dañado."""
    good = hashlib.sha256((copy / "co2.csv").read_bytes()).hexdigest()
    edit_registry(copy, good, sha256)
    with pytest.raises(DatasetError, match=r"\[co2\] falta o su sha256 no son 64 cifras"):
        datasets.load_co2()


def test_an_entry_that_is_missing(copy):
    """Si alguien borra una entrada, el error la nombra."""
    edit_registry(copy, "[sales]", "[ventas]")
    with pytest.raises(DatasetError, match=r"la entrada \[sales\] falta"):
        datasets.load_sales()


@pytest.mark.parametrize("content", [None, b"[co2\n", b"\xff\xfe"], ids=["falta", "TOML", "UTF-8"])
def test_an_unreadable_registry(copy, content):
    """Sin registro no se lee nada, y verify_all lo cuenta en vez de fallar."""
    path = copy / "registry.toml"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(DatasetError, match="No se puede leer el registro de datos"):
        datasets.load_co2()
    (problem,) = datasets.verify_all()
    assert GIT_MENDS_IT in problem


def test_several_problems_are_all_reported(copy):
    """verify_all no se para en el primero."""
    (copy / "co2.csv").unlink()
    (copy / "sales.csv").write_bytes(b"")
    assert len(datasets.verify_all()) == 2


def test_digits_are_verified_too(copy, monkeypatch):
    """Si scikit-learn trajera otras imágenes, se notaría."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    bunch.images[5, 3, 3] += 1
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: bunch)
    with pytest.raises(DatasetError, match="Reinstala scikit-learn"):
        datasets.load_digits()
    assert len(datasets.verify_all()) == 1


def test_verify_all_without_sklearn(copy, monkeypatch):
    """La falta de scikit-learn no es un problema de los datos."""
    monkeypatch.setattr(verification.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(verification, "read_digits", lambda: pytest.fail("no debía leerlos"))
    assert datasets.verify_all() == []


def test_an_installed_package_finds_its_data_and_says_how_to_mend_them(tmp_path):
    """En un paquete instalado los datos están dentro, y se recuperan reinstalando."""
    package = Path(shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils"))
    shutil.copytree(ROOT / "datasets", package / "_datasets")
    code = (
        "from course_utils import datasets\n"
        "assert datasets.data_dir().name == '_datasets'\n"
        "datasets.load_co2()\n"
        "(datasets.data_dir() / 'co2.csv').unlink()\n"
        "try:\n    datasets.load_co2()\n"
        "except datasets.DatasetError as error:\n    print(error)\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True
    )
    assert "pip install --force-reinstall --no-deps curso-rnn" in output.stdout.decode()


# El registro y las fichas


def test_every_entry_is_complete():
    """Cada conjunto dice su función, su licencia, de dónde sale y qué es."""
    for name, entry in datasets.registry().items():
        for key in ("loader", "sha256", "licence", "source", "origin", "description"):
            assert entry.get(key), (name, key)
        assert callable(getattr(datasets, entry["loader"]))
        assert ("url" in entry) == ("size_mb" in entry)


def test_every_loader_is_registered_and_has_its_datasheet():
    """No hay función sin entrada, ni entrada sin ficha en README.md."""
    loaders = {name for name in vars(datasets) if name.startswith("load_")}
    loaders -= {"load_result", "load_own_series", "load_trained"}  # no leen un conjunto fijo
    loaders -= {"load_sounds"}  # los sonidos van con las locuciones
    assert loaders == {entry["loader"] for entry in datasets.registry().values()}
    readme = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")
    headings = [line for line in readme.splitlines() if line.startswith("## ")]
    for name, entry in datasets.registry().items():
        assert any(f"(`{entry.get('file', name)}`" in h or f"(`{name}`" in h for h in headings)
        assert f"| `{name}` | `{entry['loader']}()` |" in readme


def test_git_never_touches_line_endings():
    """En Windows, git convertiría los finales de línea y el sha256 dejaría de coincidir."""
    assert "* -text" in (ROOT / "datasets" / ".gitattributes").read_text().splitlines()

"""La lección 43 con la serie de quien aprende: un CSV con fallos, series cortas y otros ritmos."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.datasets import load_own_series
from course_utils.datasets.series import Series

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "notebooks" / "source" / "43_multivariante_y_probabilistico.py"
KEPT = {"LEVELS", "levels", "heads", "long"}  # de sus asignaciones, las que usa `study`


def is_kept(node: ast.stmt) -> bool:
    """Si hace falta para ejecutar lo de la serie propia: lo que se importa y lo que se define."""
    if isinstance(node, ast.Assign):
        return any(isinstance(name, ast.Name) and name.id in KEPT for name in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


@pytest.fixture(scope="module")
def names():
    """Lo que define la lección, sin ejecutar sus celdas; entrena de verdad."""
    body = ast.parse(SOURCE.read_text(encoding="utf-8")).body
    module = ast.Module([node for node in body if is_kept(node)], type_ignores=[])
    found = {"SEED": 0, "FAST": True}
    exec(compile(module, SOURCE.name, "exec"), found)
    return found


@pytest.fixture
def study(names, monkeypatch):
    """El estudio, con la red cambiada por la persistencia: aquí se prueba lo demás."""

    def forecast(problem, model, part):
        windows = problem.parts[part]
        spread = 3 * (names["LEVELS"] - 0.5)
        last = windows.past[:, -1:, :1]  # (lote, 1, 1)
        return np.broadcast_to(last + spread, (*windows.targets.shape, len(spread)))

    monkeypatch.setitem(names, "train", lambda *args, **options: None)
    monkeypatch.setitem(names, "forecast", forecast)
    return names["study"]


def values(length: int, period: int) -> np.ndarray:
    """Un ciclo con ruido."""
    cycle = 5 * np.sin(2 * np.pi * np.arange(length) / max(period, 2))
    return 15 + cycle + np.random.default_rng(length).normal(size=length)


def series(length: int, period: int, **others: object) -> Series:
    """Una serie como la que da ``load_own_series``."""
    dates = np.datetime64("2024-01-01T00:00", "m") + 60 * np.arange(length)
    given = {"values": values(length, period), "filled": dates[:0]} | others
    return Series(dates=dates, name="grados", unit="°C", period=period, source="", **given)


@pytest.fixture
def faulty(tmp_path):
    """Veinte días, hora a hora, con cinco fallos; cada uno en otra fila."""
    dates = np.datetime64("2024-01-01T00:00", "m") + 60 * np.arange(480)
    rows = [
        f"{str(date).replace('T', ' ')};{value:.1f}".replace(".", ",")
        for date, value in zip(dates, values(480, 24), strict=True)
    ]
    rows[100] = rows[100].replace(",", ".")  # el decimal, con punto
    rows[200] = rows[200].split(";")[0] + ";-999"  # un valor que no puede ser
    rows[40], rows[41] = rows[41], rows[40]  # el orden
    rows.insert(301, rows[300])  # una hora repetida
    del rows[350:353]  # horas que faltan
    path = tmp_path / "mi_serie.csv"
    path.write_text("\n".join(["hora;grados", *rows]), encoding="utf-8")
    return path


COLUMNS = {"date_column": "hora", "value_column": "grados"}
REPAIRS = {  # qué dice el mensaje de cada fallo, la opción que nombra y lo que se le da
    "missing": ("El valor -999", {"missing": [-999]}),
    "sort": ("detrás de otra posterior", {"sort": True}),
    "duplicates": ("está repetida", {"duplicates": "last", "frequency": "hourly"}),
    "fill": ("cómo rellenar los huecos", {"fill": "previous"}),
}
MENDED = {name: value for _, repair in REPAIRS.values() for name, value in repair.items()}


def correct_the_cell(path: Path, message: str) -> None:
    """Lo que haría quien lee «como «15.1» (línea 102)»: corregir esa celda."""
    wrong, line = re.search(r"punto, como «(.+?)» \(línea (\d+)\)", message).groups()
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[int(line) - 1] = lines[int(line) - 1].replace(wrong, wrong.replace(".", ","))
    path.write_text("\n".join(lines), encoding="utf-8")


def test_each_fault_is_told_and_its_message_says_the_option(faulty):
    """Se arreglan de uno en uno, con lo que pide el mensaje, hasta que el archivo sirve."""
    with pytest.raises(ValueError, match="Unos decimales llevan punto") as caught:
        load_own_series(faulty, **COLUMNS)
    correct_the_cell(faulty, str(caught.value))
    options, mended = {}, []
    while True:
        try:
            own = load_own_series(faulty, **COLUMNS, **options)
            break
        except ValueError as error:
            message = str(error)
        told = [name for name, (words, _) in REPAIRS.items() if words in message]
        new = [name for name in told if name not in mended]
        assert new, f"no dice nada nuevo: {message}"
        assert all(option in message for option in REPAIRS[new[0]][1]), message
        mended.append(new[0])
        options |= REPAIRS[new[0]][1]
    assert sorted(mended) == sorted(REPAIRS)
    assert len(own.values) == 480
    assert len(own.filled) == 4  # el imposible y las tres que faltan
    assert own.values.min() > -20


def test_the_mended_file_goes_through_the_cell_of_the_lesson(faulty, names, monkeypatch, capsys):
    """Solo se cambia la celda que carga; la siguiente entrena, calibra y dibuja."""
    faulty.write_text(faulty.read_text(encoding="utf-8").replace(".", ","), encoding="utf-8")
    own = load_own_series(faulty, **COLUMNS, **MENDED, unit="°C")
    cells = SOURCE.read_text(encoding="utf-8").split("# %%")
    (cell,) = (text for text in cells if "study(own)" in text)
    monkeypatch.setitem(names, "own", own)
    exec(compile(cell.partition("\n")[2], "celda", "exec"), names)
    plt.close("all")
    said = capsys.readouterr().out
    shown = re.findall(r"cobertura (\d+\.\d) %", said)
    assert len(shown) == 2
    assert all(40 < float(one) <= 100 for one in shown)
    assert "4 rellenados" in said
    for part in names["prepare"](own.values, [288, 336, 408], width=48, horizon=24,
                                 filled=np.isin(own.dates, own.filled)).parts.values():  # fmt: skip
        ends = part.origins[:, None] + np.arange(24)
        assert not np.isin(own.dates[ends], own.filled).any()


@pytest.mark.parametrize(
    ("length", "period"), [(200, 1), (150, 7), (480, 24), (900, 52), (6000, 1440)]
)
def test_every_rhythm_is_studied(study, length, period, capsys):
    windows, found = study(series(length, period))
    horizon = min(period, 48)
    assert windows.past.shape[1:] == (2 * horizon, 3)
    assert found.shape == (len(windows.origins), horizon, 10)
    assert len(re.findall(r"cobertura \d+\.\d %", capsys.readouterr().out)) == 2


def test_a_series_too_short_to_promise_is_told(study):
    """Sin nueve ejemplos de calibración no hay margen que valga; con los que pide, sí."""
    with pytest.raises(ValueError, match=r"calibración.* 9.*serie más larga.*menor que 7"):
        study(series(80, 7))
    with pytest.raises(ValueError, match=r"entrenamiento.*no cabe.*serie más larga.*menor que 24"):
        study(series(60, 24))
    study(series(110, 7))
    study(series(80, 4))


def test_a_constant_series_is_refused(study):
    with pytest.raises(ValueError, match="no cambia"):
        study(series(480, 24, values=np.full(480, 5.0)))


def test_a_gap_in_every_window_is_told(study):
    """Un negocio que cierra de noche, con las horas rellenadas: no queda ningún plazo entero."""
    whole = series(480, 24)
    closed = np.arange(480) % 24 < 8
    with pytest.raises(ValueError, match=r"no cabe.*menos huecos.*menor que 24"):
        study(series(480, 24, filled=whole.dates[closed]))
    study(series(480, 12, filled=whole.dates[closed]))


def test_the_lesson_calibrates_as_the_experiment_does(names):
    """Con las cuatro últimas semanas y con la calibración entera, los mismos extremos."""
    from course_utils.lessons.lesson_43 import experiment

    numbers = np.random.default_rng(0).normal(size=3000)
    problem = names["prepare"](numbers, (800, 1000, 1800), width=4, horizon=6)
    rng = np.random.default_rng(1)
    quantiles = {
        name: np.sort(rng.normal(size=(*part.targets.shape, 10)), axis=-1)
        for name, part in problem.parts.items()
    }
    for mine, its in (("moving", "moving_repair"), ("repaired", "repaired")):
        expected = getattr(experiment, its)(problem, quantiles)
        np.testing.assert_allclose(names[mine](problem, quantiles), expected)


def test_still_calibration_does_not_move(names):
    """El control usa siempre las cuatro semanas de antes de la prueba: un solo margen por plazo."""
    numbers = np.random.default_rng(0).normal(size=3000)
    problem = names["prepare"](numbers, (800, 1000, 1800), width=4, horizon=6)
    flat = {
        name: np.broadcast_to(names["LEVELS"] - 0.5, (*part.targets.shape, 10))
        for name, part in problem.parts.items()
    }
    still, moved = (np.array(names["moving"](problem, flat, still=yes)) for yes in (True, False))
    assert np.ptp(still, axis=1).max() == 0
    assert np.ptp(moved, axis=1).max() > 0
    first = slice(0, 168)
    np.testing.assert_array_equal(still[:, first], moved[:, first])

"""El programa para una carpeta cualquiera: qué lee, qué rechaza, qué escribe, y si muere."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from course_utils.forecasting.combination import (
    Recipe,
    choose_recipe,
    combination_weights,
    mix,
)
from course_utils.forecasting.network import fit_network
from course_utils.forecasting.regression import fit_own, fit_shared, predict_window
from course_utils.forecasting.smoothing import seasonal_smoothing
from course_utils.metrics import mae, mase, smape, wape
from tools.forecast_folder.__main__ import main
from tools.forecast_folder.example import hourly_series, wide_csv
from tools.forecast_folder.measure import REFERENCE, _within_reason
from tools.forecast_folder.reading import Settings, read_folder, read_info
from tools.forecast_folder.report import COMBINATION, MEDIAN

ROOT = Path(__file__).resolve().parents[2]
SMALL = Settings(period=4, horizon=4, validations=2)


def wave(count: int, *, seed: int = 0) -> list[float]:
    """Una serie de ciclo cuatro con algo de ruido."""
    rng = np.random.default_rng(seed)
    return (20 + np.resize([0, 3, 5, 1], count) + rng.normal(size=count)).round(3).tolist()


def wide(path: Path, rows: dict[str, list], *, header: bool = True, separator: str = ",") -> None:
    """Un CSV con una serie por fila."""
    width = max(map(len, rows.values()))
    lines = [["id", *(f"V{k}" for k in range(width))]] * header
    lines += [[name, *values, *[""] * (width - len(values))] for name, values in rows.items()]
    path.write_text("\n".join(separator.join(map(str, line)) for line in lines), encoding="utf-8")


def long(path: Path, columns: dict[str, list], *, dates: list[str] | None = None) -> None:
    """Un CSV con fechas y una serie por columna."""
    count = len(next(iter(columns.values())))
    start = np.datetime64("2016-07-01T00:00")
    stamps = dates or [str(start + np.timedelta64(h, "h")).replace("T", " ") for h in range(count)]
    rows = [["date", *columns], *zip(stamps, *columns.values(), strict=True)]
    path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reasons(folder: Path, settings: Settings = SMALL) -> dict[tuple[str, str], str]:
    return {(item.file, item.name): item.reason for item in read_folder(folder, settings)[1]}


# ---------------------------------------------------------------- qué lee


def test_every_layout_is_read(tmp_path):
    """Ancho con cabecera y sin ella, largo con fechas, apilado, y con punto y coma."""
    wide(tmp_path / "a.csv", {"H1": wave(40), "H2": wave(30)})
    wide(tmp_path / "b.csv", {"X": wave(30)}, header=False)
    long(tmp_path / "c.csv", {"OT": wave(30), "HUFL": wave(30, seed=1)})
    long(tmp_path / "sola.csv", {"valor": wave(30)})
    rows = [f"{name},{k},{value}" for name in "pq" for k, value in enumerate(wave(30))]
    (tmp_path / "d.csv").write_text("unique_id,ds,y\n" + "\n".join(rows), encoding="utf-8")
    decimal = "\n".join(
        f"01/01/2020 {k:02}:00;{x}".replace(".", ",") for k, x in enumerate(wave(24))
    )
    (tmp_path / "e.csv").write_bytes(("fecha;año\n" + decimal).encode("latin-1"))
    series, refused = read_folder(tmp_path, SMALL)
    assert refused == []
    found = {(one.file, one.name): one.values for one in series}
    assert list(found) == [
        ("a.csv", "H1"), ("a.csv", "H2"), ("b.csv", "X"), ("c.csv", "OT"), ("c.csv", "HUFL"),
        ("d.csv", "p"), ("d.csv", "q"), ("e.csv", "e"), ("sola.csv", "sola"),
    ]  # fmt: skip
    assert all(
        values.tolist() == wave(len(values))
        for key, values in found.items()
        if key != ("c.csv", "HUFL")
    )


def test_names_that_are_numbers_are_still_names(tmp_path):
    """«id,1,2,3» o «date,0,1» son nombres; con una serie llamada «fila», datos."""
    rows = ["id," + ",".join(map(str, range(30))), "H1," + ",".join(map(str, wave(30)))]
    (tmp_path / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    long(tmp_path / "b.csv", {"0": wave(30), "1": wave(30)})
    (tmp_path / "c.csv").write_text("fila," + ",".join(map(str, wave(30))), encoding="utf-8")
    series, refused = read_folder(tmp_path, SMALL)
    assert refused == []
    assert [one.name for one in series] == ["H1", "0", "1", "fila"]
    assert all(one.values.tolist() == wave(30) for one in series)


def test_a_forecast_that_blows_up_is_kept_within_reason():
    """Ni más lejos de lo visto que el ancho de lo visto, ni bajo cero si nunca lo estuvo."""
    wild = lambda history, horizon: np.array([-1e9, 7.0, 1e9])  # noqa: E731
    assert _within_reason(wild, np.array([2.0, 10.0]), 3).tolist() == [0, 7, 18]
    assert _within_reason(wild, np.array([-2.0, 10.0]), 3).tolist() == [-14, 7, 22]


def test_a_train_and_test_pair_is_one_set(tmp_path):
    """Como vienen los de la M4: se unen, y el horizonte es lo que trae la prueba."""
    values = {"H1": wave(40), "H2": wave(30)}
    wide(tmp_path / "Hourly-train.csv", {name: v[:-6] for name, v in values.items()})
    wide(tmp_path / "Hourly-test.csv", {name: v[-6:] for name, v in values.items()})
    series, refused = read_folder(tmp_path, Settings(4, None, validations=2))
    assert refused == []
    assert [(one.name, one.horizon, one.values.tolist()) for one in series] == [
        (name, 6, v) for name, v in values.items()
    ]


def test_each_series_has_its_own_period_and_horizon(tmp_path):
    folder = tmp_path / "datos"
    folder.mkdir()
    wide(folder / "a.csv", {"H1": wave(60), "H2": wave(60)})
    info = tmp_path / "info.csv"
    info.write_text("M4id,category,Frequency,Horizon\nH1,Otro,2,3\n", encoding="utf-8")
    series, _ = read_folder(folder, Settings(4, 5, info=read_info(info)))
    assert [(one.period, one.horizon) for one in series] == [(2, 3), (4, 5)]


def test_what_cannot_be_used_is_refused_with_its_reason(tmp_path):
    """Y no detiene a lo demás."""
    holes, text = wave(30), wave(30)
    holes[10], text[5] = "", "roto"
    wide(
        tmp_path / "a.csv",
        {
            "bien": wave(30),
            "huecos": holes,
            "texto": text,
            "corta": wave(9),
            "igual": [5.0] * 30,
            "ciclo": [1.0, 2.0, 3.0, 4.0] * 8,
        },
    )
    (tmp_path / "vacio.csv").write_text("", encoding="utf-8")
    (tmp_path / "binario.csv").write_bytes(b"a,b\n\0\0,1\n")
    (tmp_path / "info.csv").write_text("id,tipo,h\nH1,luz,4\nH2,agua,4\n", encoding="utf-8")
    hours = [f"2020-01-01 {h:02}:00" for h in range(24)]
    long(tmp_path / "faltan.csv", {"x": wave(23)}, dates=hours[:9] + hours[10:])
    long(tmp_path / "repite.csv", {"x": wave(24)}, dates=hours[:9] + hours[8:9] + hours[10:])
    assert [one.name for one in read_folder(tmp_path, SMALL)[0]] == ["bien"]
    found = reasons(tmp_path)
    for key, words in {
        ("a.csv", "huecos"): "tiene 1 huecos, el primero en la posición 11",
        ("a.csv", "texto"): "en la posición 6 no hay un número, sino 'roto'",
        ("a.csv", "corta"): "tiene 9 valores y, con periodo 4 y horizonte 4, hacen falta 24",
        ("a.csv", "igual"): "se repite",
        ("a.csv", "ciclo"): "se repite de un ciclo al siguiente (periodo 4)",
        ("vacio.csv", ""): "está vacío",
        ("binario.csv", ""): "no es texto",
        ("info.csv", ""): "no es de fechas ni de números ('H1')",
        ("faltan.csv", ""): "faltan fechas antes de '2020-01-01 10:00'",
        ("repite.csv", ""): "se repiten o retroceden",
    }.items():
        assert words in found[key]
    assert "pásalo con --period" in reasons(tmp_path, Settings(None, 4))["a.csv", "bien"]


def test_the_least_length_is_the_first_that_fits(tmp_path):
    """Lo que el mensaje dice que hace falta basta, y con uno menos no."""
    wide(tmp_path / "a.csv", {"justa": wave(24), "corta": wave(23)})
    series, refused = read_folder(tmp_path, SMALL)
    assert ([one.name for one in series], [item.name for item in refused]) == (["justa"], ["corta"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("serie,tipo\nH1,luz\n", "otra con su periodo"),
        ("serie,periodo\nH1,24h\n", "enteros positivos"),
    ],
)
def test_bad_info_says_what_was_expected(tmp_path, text, message):
    path = tmp_path / "info.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_info(path)


# ---------------------------------------------------------------- los modelos y la mezcla


def test_smoothing_follows_day_and_week():
    """Sin ruido da lo que viene; con ruido, mejora a repetir la semana."""
    hours = np.arange(24 * 7 * 4)
    day = 5 * np.sin(2 * np.pi * hours / 24) * ((hours // 24) % 7 < 5)
    clean = 50 + day + 0.0
    found = seasonal_smoothing(clean[:-48], 48, cycles=(24, 168))
    np.testing.assert_allclose(found, clean[-48:], atol=1e-6)
    noisy = clean + np.random.default_rng(0).normal(size=len(clean))
    forecast = seasonal_smoothing(noisy[:-48], 48, cycles=(24, 168))
    assert mae(clean[-48:], forecast) < 0.8 * mae(clean[-48:], noisy[-48 - 168 : -168])
    rising = seasonal_smoothing(np.exp(clean[:-48] / 10), 48, cycles=(24, 168), logarithm=True)
    np.testing.assert_allclose(rising, np.exp(clean[-48:] / 10), rtol=1e-6)


def test_the_shared_regression_has_no_units():
    """Multiplicar una serie o sumarle algo no cambia los coeficientes, y su pronóstico la sigue."""
    one, other = (np.array(wave(120, seed=s)) for s in (1, 2))
    weights = fit_shared([one, other], width=12, horizon=3)
    np.testing.assert_allclose(fit_shared([one * 50 - 7, other], width=12, horizon=3), weights)
    np.testing.assert_allclose(
        predict_window(one * 50 - 7, weights), predict_window(one, weights) * 50 - 7
    )


def test_the_own_regression_goes_from_its_own_to_the_shared():
    one, other = np.array(wave(120)), np.sin(np.arange(120.0))
    shared = fit_shared([other], width=8, horizon=2)
    alone = fit_shared([one], width=8, horizon=2, ridge=1e-6)
    np.testing.assert_allclose(fit_own(one, shared, pull=1e-6), alone, atol=1e-4)
    np.testing.assert_allclose(fit_own(one, shared, pull=1e9), shared, atol=1e-6)
    assert (predict_window(np.full(20, 7.0), shared) == 7).all()  # una ventana plana


def test_weights_follow_the_errors():
    errors = np.array([[1.0, 2.0, np.nan], [1.0, 3.0, 9.0]])
    for recipe in (Recipe(0, 0), Recipe(2, 0), Recipe(4, 0.75)):
        weights = combination_weights(errors, recipe)
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        assert weights[0, 2] == 0
        assert (np.diff(weights[1]) <= 0).all()
    forecasts = np.array([[[1.0], [3.0], [np.nan]]])
    assert mix(np.array([[0.5, 0.5, 0.0]]), forecasts).tolist() == [[2.0]]


def test_the_recipe_is_chosen_on_the_left_out_origin():
    """Si los errores de dos se anulan, mezcla por igual; si uno acierta siempre, se queda."""
    rng = np.random.default_rng(0)
    actual, noise = np.zeros((6, 3, 4)), rng.normal(size=(6, 3, 4)) + 2
    scales = np.ones((6, 3))

    def chosen(first: np.ndarray, second: np.ndarray) -> Recipe:
        forecasts = np.stack([first, second], axis=1)
        errors = np.abs(forecasts).mean(axis=3)
        return choose_recipe(errors, forecasts, actual, scales)

    assert chosen(noise, -noise).power == 0
    assert chosen(noise, noise * 1e-3).power == 8


# ---------------------------------------------------------------- el programa


def run(folder: Path, out: Path, *options: str) -> int:
    return main([str(folder), "--out", str(out), "--jobs", "0", *options])


SMALL_OPTIONS = ("--period", "4", "--horizon", "4", "--validations", "2", "--network", "0")


def test_the_table_holds_the_metrics(tmp_path, capsys):
    """Una fila por serie y modelo, con las medidas del curso, y un resumen por modelo."""
    folder, out = tmp_path / "datos", tmp_path / "salida"
    folder.mkdir()
    values = {"A": wave(60), "B": wave(60, seed=1), "corta": wave(9)}
    wide(folder / "a.csv", values)
    assert run(folder, out, *SMALL_OPTIONS) == 0
    rows = table(out / "table.csv")
    models = {row["model"] for row in rows}
    assert {COMBINATION, MEDIAN, REFERENCE} <= models
    assert len(rows) == 2 * len(models)
    for row in (row for row in rows if row["model"] == REFERENCE):
        training, actual = values[row["series"]][:-4], values[row["series"]][-4:]
        pair = actual, training[-4:]
        expected = {
            "mase": mase(*pair, training=training, period=4),
            "mase_1": mase(*pair, training=training),
            "smape_pct": 100 * smape(*pair),
            "wape_pct": 100 * wape(*pair),
        }
        assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=1e-5)
    summary = table(out / "summary.csv")
    assert {row["model"] for row in summary} == models
    best = [float(row["mase"]) for row in summary]
    assert best == sorted(best)
    assert table(out / "refused.csv")[0]["name"] == "corta"
    shown = capsys.readouterr().out
    assert "2 series que se pueden usar; 1 que no." in shown
    assert "a.csv: corta: tiene 9 valores" in shown


def test_the_mixture_is_not_chosen_on_the_test(tmp_path):
    """Cambiar lo que pasó en la prueba cambia las medidas, y no los pronósticos guardados."""
    stored = []
    for last in (20.0, 900.0):
        folder, out = tmp_path / f"datos{last}", tmp_path / f"salida{last}"
        folder.mkdir()
        wide(folder / "a.csv", {"A": [*wave(56), *[last] * 4], "B": wave(60, seed=1)})
        assert run(folder, out, *SMALL_OPTIONS) == 0
        lines = next((out / "work").glob("*/*.jsonl")).read_text("utf-8").splitlines()
        rows = [row for line in lines for row in json.loads(line)["rows"]]
        stored.append([row.get("forecasts") for row in rows])
    assert stored[0] == stored[1]


def test_several_origins_and_no_usable_series(tmp_path, capsys):
    folder, out = tmp_path / "datos", tmp_path / "salida"
    folder.mkdir()
    wide(folder / "a.csv", {"A": wave(60)})
    assert run(folder, out, *SMALL_OPTIONS, "--origins", "3") == 0
    assert {row["origins"] for row in table(out / "table.csv")} == {"3"}
    assert run(folder, out, "--period", "50", "--horizon", "4") == 1
    assert run(tmp_path / "no", out) == 1
    assert run(folder, out, "--horizon", "0") == 1
    said = capsys.readouterr().err
    for words in ("No hay ninguna serie que medir", "No hay ninguna carpeta", "--horizon debe ser"):
        assert words in said


def test_killed_half_way_it_goes_on(tmp_path):
    """Muere a la fuerza con puntos a medias: no queda ninguna tabla, y la repetición las iguala."""
    folder, whole, cut = tmp_path / "datos", tmp_path / "entera", tmp_path / "cortada"
    folder.mkdir()
    wide(folder / "a.csv", {f"S{k}": wave(60 + k, seed=k) for k in range(12)})
    command = [sys.executable, "-m", "tools.forecast_folder", str(folder), *SMALL_OPTIONS]
    command += ["--jobs", "0", "--out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*command, str(cut)], env=environment, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 600
    while len(_stored(cut)) < 3 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = _stored(cut)
    assert 3 <= len(before) < 12
    assert not list(cut.glob("*.csv"))
    for out in (cut, whole):
        assert run(folder, out, *SMALL_OPTIONS) == 0
    after = _stored(cut)
    assert len(after) == len(set(after)) == 12  # lo medido no se mide otra vez
    assert set(before) <= set(after)
    tables = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in table(out / "table.csv")]
        for out in (cut, whole)
    ]
    assert tables[0] == tables[1]


def _stored(out: Path) -> list[int]:
    """Las series guardadas enteras."""
    lines = [
        line
        for path in (out / "work").glob("*/*.jsonl")
        for line in path.read_bytes().split(b"\n")[:-1]
    ]
    return [json.loads(line)["point"]["place"] for line in lines]


def test_a_failing_model_is_named_and_does_not_stop_the_rest(tmp_path):
    """Sin logaritmos para una serie con negativos, los demás siguen y la tabla lo dice."""
    folder, out = tmp_path / "datos", tmp_path / "salida"
    folder.mkdir()
    wide(folder / "a.csv", {"A": wave(60), "fría": (np.array(wave(60)) - 22).tolist()})
    assert run(folder, out, *SMALL_OPTIONS) == 0
    rows = table(out / "table.csv")
    failed = [row for row in rows if row["error"]]
    assert {(row["series"], row["model"]) for row in failed} == {
        ("fría", "suavizado con logaritmos")
    }
    assert "debe ser positiva" in failed[0]["error"]
    assert all(row["mase"] for row in rows if row["model"] == COMBINATION)


def test_the_network_is_one_more_model(tmp_path):
    """Entra en la tabla y en la mezcla, y se entrena antes del primer origen de validación."""
    folder, out = tmp_path / "datos", tmp_path / "salida"
    folder.mkdir()
    wide(folder / "a.csv", {"A": wave(60), "B": wave(70, seed=1)})
    options = [*SMALL_OPTIONS[:-1], "3"]
    assert run(folder, out, *options) == 0
    first = [row for row in table(out / "table.csv") if row["model"] == "GRU de todas"]
    assert [row["series"] for row in first] == ["A", "B"]
    assert all(float(row["mase"]) > 0 for row in first)


def test_the_network_learns_and_repeats():
    """Con la misma semilla da lo mismo, no toca el azar de fuera y mejora al no entrenarla."""
    torch = pytest.importorskip("torch")
    histories = [np.array(wave(200, seed=seed)) * 10**seed for seed in range(3)]
    options = {"period": 4, "width": 8, "horizon": 4, "seed": 1}
    windows = np.stack([history[-8:] for history in histories])
    before = torch.random.get_rng_state()
    one, other, raw = (fit_network(histories, **options, updates=u) for u in (60, 60, 1))
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(one(windows, 4), other(windows, 4))
    cuts = np.stack([h[k : k + 12] for h in histories for k in range(100, 180, 7)])
    truth, scale = cuts[:, 8:], cuts[:, :8].std(axis=1, keepdims=True)
    errors = [np.abs((predict(cuts[:, :8], 4) - truth) / scale).mean() for predict in (one, raw)]
    assert errors[0] < 0.8 * errors[1]
    with pytest.raises(ValueError, match="Usa 12"):
        fit_network(histories, period=4, width=9, horizon=4, seed=0)
    with pytest.raises(ValueError, match="Ninguna serie da"):
        fit_network([np.arange(5.0)], **options)


# ---------------------------------------------------------------- el ejemplo


def test_the_example_is_what_it_says(tmp_path):
    assert wide_csv(3, seed=1) == wide_csv(3, seed=1) != wide_csv(3, seed=2)
    (tmp_path / "a.csv").write_text(wide_csv(3), encoding="utf-8")
    series, refused = read_folder(tmp_path, Settings(24, 48))
    assert refused == []
    assert [len(one.values) for one in series] == [1008, 748, 1008]
    values = np.log(hourly_series(np.random.default_rng(3), 1008))
    for cycle in (24, 168):
        apart, half = values[cycle:] - values[:-cycle], values[cycle // 2 :] - values[: -cycle // 2]
        assert np.abs(apart).mean() < np.abs(half).mean()

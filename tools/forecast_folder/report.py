"""De los pronósticos guardados a las tablas: la mezcla, las medidas y el resumen."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median

import numpy as np

from course_utils.forecasting.combination import (
    Recipe,
    choose_recipe,
    combination_weights,
    mix,
)
from course_utils.metrics import mae, seasonal_changes, smape, wape
from tools.forecast_folder.reading import Refused, Series, Settings

COMBINATION = "mezcla"
MEDIAN = "mediana de todos"
MEASURES = ("mase", "mase_1", "smape_pct", "wape_pct")
COLUMNS = ("file", "series", "model", "period", "horizon", "origins", *MEASURES, "seconds", "error")


def result_rows(
    series: Sequence[Series], measured: Sequence[list[dict]], settings: Settings
) -> tuple[list[dict], dict[int, Recipe]]:
    """Una fila por serie y modelo; también la mezcla y, para comparar, la mediana de todos.

    Parameters
    ----------
    series : sequence of Series
        Las que se han medido.
    measured : sequence of list of dict
        Lo que dio ``measure`` con cada una.
    settings : Settings
        Lo que se pidió.

    Returns
    -------
    tuple of (list of dict, dict of int to Recipe)
        Las filas y la receta de la mezcla de cada horizonte.
    """
    rows, recipes = [], {}
    horizons = defaultdict(list)
    for place, one in enumerate(series):
        horizons[one.horizon].append(place)
    mixed = {}
    for horizon, places in horizons.items():
        chosen = [(series[place], measured[place]) for place in places]
        forecasts, recipes[horizon] = _mix_group(chosen, settings)
        mixed |= dict(zip(places, forecasts, strict=True))
    for place, one in enumerate(series):
        own = [row for row in measured[place] if row["phase"] == "test"]
        seconds = sum(row.get("seconds", 0.0) for row in measured[place])
        every = np.array([row["forecasts"] for row in own if "forecasts" in row])
        joint = [
            {"model": COMBINATION, "forecasts": mixed[place], "seconds": seconds},
            {"model": MEDIAN, "forecasts": np.median(every, axis=0), "seconds": seconds},
        ]
        rows += [_result_row(one, row, settings) for row in (*joint, *own)]
    return rows, recipes


def summary_rows(rows: Iterable[Mapping]) -> list[dict]:
    """Una fila por modelo, del mejor al peor MASE medio.

    Examples
    --------
    >>> row = {"model": "a", "mase": 1.0, "mase_1": 2.0, "smape_pct": 3.0, "wape_pct": "",
    ...        "seconds": 0.5, "error": ""}
    >>> summary_rows([row, row])[0]["series"], summary_rows([row, row])[0]["mase"]
    (2, 1.0)
    """
    by_model = defaultdict(list)
    for row in rows:
        by_model[row["model"]].append(row)
    found = []
    for model, own in by_model.items():
        good = [row for row in own if not row["error"]]
        means = {
            name: fmean(values) if (values := [r[name] for r in good if r[name] != ""]) else ""
            for name in MEASURES
        }
        middle = median(row["mase"] for row in good) if good else ""
        found.append(
            {
                "model": model,
                "series": len(good),
                "failed": len(own) - len(good),
                "mase": means["mase"],
                "mase_median": middle,
                **{name: means[name] for name in MEASURES[1:]},
                "seconds": sum(row["seconds"] for row in good),
            }
        )
    return sorted(found, key=lambda row: (row["mase"] == "", row["mase"]))


def to_csv(rows: Sequence[Mapping], columns: Sequence[str]) -> str:
    """Las filas como CSV; los números, con seis cifras.

    Examples
    --------
    >>> to_csv([{"a": 1 / 3, "b": "x"}], ["a", "b"])
    'a,b\\n0.333333,x\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow([f"{x:.6g}" if isinstance(x, float) else x for x in cells])
    return text.getvalue()


def refused_csv(refused: Iterable[Refused]) -> str:
    """Lo que no se ha podido usar, como CSV."""
    return to_csv([item._asdict() for item in refused], Refused._fields)


def summary_text(rows: Sequence[Mapping]) -> str:
    """El resumen, para la terminal.

    Examples
    --------
    >>> print(summary_text([{"model": "a", "series": 2, "failed": 0, "mase": 1.0,
    ...     "mase_median": 1.0, "smape_pct": 3.0, "wape_pct": 4.0, "seconds": 0.5}]))
    modelo  series  MASE  mediana  sMAPE %  WAPE %  segundos
    a            2  1.000    1.000     3.00    4.00       0.5
    """
    wide = max(len(row["model"]) for row in rows)
    lines = [f"{'modelo':<{wide}}  series  MASE  mediana  sMAPE %  WAPE %  segundos"]
    for row in rows:
        cells = (
            f"{row['series']:>6}",
            _cell(row["mase"], 3, 5),
            _cell(row["mase_median"], 3, 7),
            _cell(row["smape_pct"], 2, 7),
            _cell(row["wape_pct"], 2, 6),
            _cell(row["seconds"], 1, 8),
        )
        lines.append(f"{row['model']:<{wide}}  {'  '.join(cells)}")
    return "\n".join(lines)


def _cell(value: float | str, decimals: int, width: int) -> str:
    return f"{value:>{width}.{decimals}f}" if value != "" else " " * width


def _result_row(one: Series, row: Mapping, settings: Settings) -> dict:
    """Las medidas de un modelo en una serie: la media de sus orígenes."""
    base = {
        "file": one.file,
        "series": one.name,
        "model": row["model"],
        "period": one.period,
        "horizon": one.horizon,
        "origins": settings.origins,
    }
    if "error" in row:
        blank = dict.fromkeys(MEASURES, "")
        return {**base, **blank, "seconds": 0.0, "error": row["error"]}
    found = defaultdict(list)
    for forecast, origin in zip(row["forecasts"], settings.test_origins(one), strict=True):
        history, actual = one.values[:origin], one.values[origin : origin + one.horizon]
        error = mae(actual, forecast)
        found["mase"].append(error / _scale(history, one.period))
        found["mase_1"].append(error / _scale(history, 1))
        found["smape_pct"].append(100 * smape(actual, forecast))
        if actual.any():
            found["wape_pct"].append(100 * wape(actual, forecast))
    measures = {name: fmean(found[name]) if found[name] else "" for name in MEASURES}
    return {**base, **measures, "seconds": row["seconds"], "error": ""}


def _mix_group(
    group: Sequence[tuple[Series, list[dict]]], settings: Settings
) -> tuple[np.ndarray, Recipe]:
    """La mezcla de las series que comparten horizonte: (series, orígenes, horizonte)."""
    horizon = group[0][0].horizon
    models = list(dict.fromkeys(row["model"] for _, rows in group for row in rows))
    counts = {"validation": settings.validations, "test": settings.origins}
    forecasts = {
        phase: np.full((len(group), len(models), count, horizon), np.nan)
        for phase, count in counts.items()
    }
    for place, (_, rows) in enumerate(group):
        for row in rows:
            if "forecasts" in row:
                forecasts[row["phase"]][place, models.index(row["model"])] = row["forecasts"]
    # Un modelo cuenta en una serie si pudo con las dos fases.
    worked = np.isfinite(forecasts["validation"]).all((2, 3))
    worked &= np.isfinite(forecasts["test"]).all((2, 3))
    keep = worked.any(axis=0)
    worked, forecasts = worked[:, keep], {p: f[:, keep] for p, f in forecasts.items()}
    actual, scales = _validation_truth([one for one, _ in group], settings)
    gaps = np.abs(forecasts["validation"] - actual[:, None]).mean(axis=3)
    errors = np.where(worked[..., None], gaps / scales[:, None], np.nan)
    recipe = choose_recipe(errors, forecasts["validation"], actual, scales)
    weights = combination_weights(errors.mean(axis=2), recipe)
    mixed = [mix(weights, forecasts["test"][:, :, k]) for k in range(settings.origins)]
    return np.stack(mixed, axis=1), recipe


def _validation_truth(
    series: Sequence[Series], settings: Settings
) -> tuple[np.ndarray, np.ndarray]:
    """Lo que pasó en cada origen de validación y entre qué se divide su error."""
    actual, scales = [], []
    for one in series:
        origins = settings.validation_origins(one)
        actual.append([one.values[origin : origin + one.horizon] for origin in origins])
        scales.append([_scale(one.values[:origin], one.period) for origin in origins])
    return np.array(actual), np.array(scales)


def _scale(history: np.ndarray, period: int) -> float:
    return float(np.abs(seasonal_changes(history, period=period)).mean())

"""La orden: lee la carpeta, mide cada serie y escribe las tablas."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

import tools.forecast_folder
from course_utils.forecasting.regression import fit_shared
from tools.experiments.processes import Processes
from tools.experiments.sweep import INTERRUPTED, ROOT, Experiment, SweepError, sweep
from tools.files import replace_files
from tools.forecast_folder.measure import measure, save_work
from tools.forecast_folder.reading import LAYOUTS, Refused, Series, Settings, read_folder, read_info
from tools.forecast_folder.report import (
    COLUMNS,
    refused_csv,
    result_rows,
    summary_rows,
    summary_text,
    to_csv,
)

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
HOURS = 24
SHOWN = 20  # cuántas de las que no se pueden usar se enseñan; en refused.csv están todas


def main(arguments: Sequence[str] | None = None) -> int:
    """Lo hace todo; devuelve el código de salida: 1 si no hay nada que medir o falta algo."""
    start = time.perf_counter()
    options = _parser().parse_args(arguments)
    out = options.out or ROOT / "build" / "forecast_folder" / options.folder.resolve().name
    try:
        settings = _settings(options)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    series, refused = read_folder(options.folder, settings)
    print(f"{len(series)} series que se pueden usar; {len(refused)} que no.", flush=True)
    _show(refused)
    if not series:
        print(f"No hay ninguna serie que medir en {options.folder}.", file=sys.stderr)
        return 1
    work = _prepare(series, settings, out, weekly=not options.no_week)
    points = [{"work": str(work), "place": place, "seed": 0} for place in range(len(series))]
    experiment = Experiment("pronósticos", measure, points, "Una serie", PACKAGES)
    try:
        with Processes(options.jobs) if options.jobs else nullcontext() as executor:
            measured = sweep(experiment, work.parent, executor=executor)
    except SweepError as error:
        print(f"{error}\nLo demás está guardado: repite la orden y seguirá.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Cortado. Lo medido está guardado: repite la orden y seguirá.", file=sys.stderr)
        return INTERRUPTED
    rows, recipes = result_rows(series, [found.rows for found in measured], settings)
    summary = summary_rows(rows)
    replace_files(
        {
            out / "table.csv": to_csv(rows, COLUMNS),
            out / "summary.csv": to_csv(summary, list(summary[0])),
            out / "refused.csv": refused_csv(refused),
        }
    )
    print(summary_text(summary))
    for horizon, recipe in recipes.items():
        print(f"Mezcla a {horizon} pasos: {recipe}")
    print(f"{time.perf_counter() - start:.0f} s en total. Tablas en {out}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.forecast_folder",
        description=tools.forecast_folder.__doc__.split("\n")[0],
    )
    parser.add_argument("folder", type=Path, metavar="CARPETA", help="dónde están los CSV")
    parser.add_argument(
        "--period", type=int, help="pasos de un ciclo, el del MASE: 24 si es horario"
    )
    parser.add_argument("--horizon", type=int, help="cuántos pasos se pronostican")
    parser.add_argument(
        "--info", type=Path, metavar="CSV", help="periodo y horizonte de cada serie"
    )
    parser.add_argument("--origins", type=int, default=1, help="orígenes de prueba (1)")
    parser.add_argument("--validations", type=int, default=3, help="orígenes de validación (3)")
    parser.add_argument("--layout", choices=LAYOUTS, default="auto", help="una serie por fila o no")
    parser.add_argument("--no-week", action="store_true", help="sin el ciclo de la semana")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="procesos; 0, en este")
    parser.add_argument("--out", type=Path, metavar="SALIDA", help="dónde van las tablas")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    """Lo que se pide, comprobado."""
    if not options.folder.is_dir():
        raise ValueError(f"No hay ninguna carpeta {options.folder}. Pasa la de los CSV.")
    for name in ("period", "horizon", "origins", "validations"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise ValueError(f"--{name} debe ser al menos 1; ha llegado {value}.")
    return Settings(
        options.period,
        options.horizon,
        options.origins,
        options.validations,
        options.layout,
        read_info(options.info) if options.info else {},
    )


def _prepare(series: Sequence[Series], settings: Settings, out: Path, *, weekly: bool) -> Path:
    """El archivo de trabajo, en una carpeta que solo vale para estas series y estas opciones."""
    firsts = [settings.first_origin(len(one.values), one.horizon) for one in series]
    cycles = [_cycles(one, first, weekly) for one, first in zip(series, firsts, strict=True)]
    groups = [json.dumps([own, one.horizon]) for own, one in zip(cycles, series, strict=True)]
    about = [
        {
            "name": one.name,
            "period": one.period,
            "horizon": one.horizon,
            "cycles": own,
            "group": group,
            "origins": settings.origins,
            "validations": settings.validations,
        }
        for one, own, group in zip(series, cycles, groups, strict=True)
    ]
    key = _digest(series, about)
    work = out / "work" / key / "work.npz"
    if not work.is_file():
        members = defaultdict(list)
        for place, group in enumerate(groups):
            members[group].append(place)
        shared = {}
        for group, places in members.items():
            own, horizon = json.loads(group)
            tests = [len(series[k].values) - settings.origins * horizon for k in places]
            ends = {"validation": [firsts[k] for k in places], "test": tests}
            for phase, cuts in ends.items():
                known = [series[k].values[:cut] for k, cut in zip(places, cuts, strict=True)]
                width = max(8, 2 * own[-1])
                if any(len(history) >= width + horizon for history in known):
                    shared[f"{phase}:{group}"] = fit_shared(known, width=width, horizon=horizon)
        content = io.BytesIO()
        save_work(content, [one.values for one in series], about, shared)
        replace_files({work: content.getvalue()})
    return work


def _cycles(one: Series, first: int, weekly: bool) -> list[int]:
    """Los ciclos de una serie: el suyo y, si es de horas o menos y hay tres, la semana."""
    week = 7 * one.period
    is_daily_cycle = one.period >= HOURS and one.period % HOURS == 0
    return [one.period, week] if weekly and is_daily_cycle and first >= 3 * week else [one.period]


def _digest(series: Sequence[Series], about: Sequence[dict]) -> str:
    digest = hashlib.sha256(json.dumps(about).encode())
    for one in series:
        digest.update(np.ascontiguousarray(one.values).tobytes())
    return digest.hexdigest()[:16]


def _show(refused: Sequence[Refused]) -> None:
    for item in refused[:SHOWN]:
        print(f"  {': '.join(part for part in (item.file, item.name) if part)}: {item.reason}.")
    if len(refused) > SHOWN:
        print(f"  … y {len(refused) - SHOWN} más, en refused.csv.")


if __name__ == "__main__":
    sys.exit(main())

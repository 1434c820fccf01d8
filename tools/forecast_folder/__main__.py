"""La orden: lee la carpeta, mide cada serie y escribe las tablas."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import tools.forecast_folder
from tools.experiments.processes import Processes
from tools.experiments.sweep import INTERRUPTED, ROOT, Experiment, SweepError, sweep
from tools.files import replace_files
from tools.forecast_folder.measure import measure
from tools.forecast_folder.reading import LAYOUTS, Refused, Settings, read_folder, read_info
from tools.forecast_folder.report import (
    COLUMNS,
    refused_csv,
    result_rows,
    summary_rows,
    summary_text,
    to_csv,
)
from tools.forecast_folder.work import prepare

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
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
    work = prepare(series, settings, out, weekly=not options.no_week, updates=options.network)
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
    parser.add_argument(
        "--network",
        type=int,
        default=1500,
        metavar="N",
        help="actualizaciones de la GRU de todas las series (1500); 0, sin ella ni PyTorch",
    )
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


def _show(refused: Sequence[Refused]) -> None:
    for item in refused[:SHOWN]:
        print(f"  {': '.join(part for part in (item.file, item.name) if part)}: {item.reason}.")
    if len(refused) > SHOWN:
        print(f"  … y {len(refused) - SHOWN} más, en refused.csv.")


if __name__ == "__main__":
    sys.exit(main())

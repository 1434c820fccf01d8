"""Recorre la rejilla de un experimento largo: en varios procesos, por partes y sin perder nada.

Un programa de esta carpeta dice qué mide y con qué parámetros, y el barrido hace lo demás::

    def measure(cell: str, lag: int, seed: int) -> dict:
        ...
        return {"cell": cell, "lag": lag, "seed": seed, "error": error}

    def main() -> int:
        options = sweep_parser("Mide retardos.").parse_args()
        points = [{"cell": c, "lag": l, "seed": s} for c, l, s in product(CELLS, LAGS, SEEDS)]
        experiment = Experiment("retardos", measure, points, "Retardos que resuelve cada celda")
        return run_experiments([experiment], options)

Lo medido queda en ``build/sweeps/NOMBRE/``, una línea por punto, y la misma orden sigue donde
estaba. Un punto guardado solo vale si lo midió el mismo código, con las mismas bibliotecas. Con
``--shard 2/4`` se mide una de cuatro partes, en el ordenador que sea; reunidos los archivos de
todas en la misma carpeta, ``--join`` escribe el resultado. Con ``--cluster DIRECCIÓN`` miden los
trabajadores de un clúster de Dask (``cluster.py``) y solo este programa apunta.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from tools.experiments.cluster import connect, importable
from tools.experiments.fingerprint import experiment_fingerprint
from tools.experiments.processes import Processes
from tools.experiments.results import Cell, Provenance, provenance_here, write_result
from tools.experiments.store import Measured, Point, PointLog, point_key, read_points, warn

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130  # el código de salida de un programa que se corta con Ctrl+C


@dataclass(frozen=True)
class Experiment:
    """Un experimento largo.

    Attributes
    ----------
    name : str
        Nombre del resultado.
    measure : callable
        ``measure(**punto)`` da una fila o varias; cada una, un diccionario con su ``seed``. Está
        escrita al nivel de su módulo y todo lo suyo que usa del repositorio es de ``course_utils``.
    points : sequence of dict
        La rejilla: los argumentos de cada llamada, que se puedan guardar en JSON.
    description : str
        Qué se mide, en una línea.
    packages : tuple of str
        Bibliotecas de cuya versión dependen los números.
    tables : mapping of str to str
        Si las filas son de varios resultados: la descripción de cada uno de los demás. De cuál es
        una fila lo dice su ``table``, que no se guarda: ``"mapa"`` va a ``NOMBRE_mapa`` y ``""`` a
        ``NOMBRE``.
    """

    name: str
    measure: Callable[..., Mapping[str, Cell] | Iterable[Mapping[str, Cell]]]
    points: Sequence[Point]
    description: str
    packages: tuple[str, ...] = ("numpy",)
    tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Huella del código que mide."""
        return experiment_fingerprint(self.measure)


class SweepError(RuntimeError):
    """Falta algún punto de la rejilla, o no todos son comparables."""


class Shard(NamedTuple):
    """Una parte de la rejilla: la ``number`` de ``count``, contando desde 1."""

    number: int = 1
    count: int = 1

    def choose(self, points: Sequence[Point]) -> Sequence[Point]:
        """Uno de cada ``count`` puntos.

        Examples
        --------
        >>> Shard(2, 3).choose("abcdefg")
        'be'
        """
        return points[self.number - 1 :: self.count]


WHOLE = Shard()


def sweep(
    experiment: Experiment,
    folder: Path,
    *,
    executor: Executor | None = None,
    shard: Shard = WHOLE,
) -> list[Measured]:
    """Mide los puntos que falten y los va guardando.

    Parameters
    ----------
    experiment : Experiment
        Qué se mide.
    folder : Path
        Carpeta de lo medido. Cada llamada añade un archivo; se leen todos los que haya.
    executor : concurrent.futures.Executor, optional
        Quién mide: :class:`Processes`, el de un clúster (:func:`tools.experiments.cluster.connect`)
        o cualquier otro. No se cierra. Sin él, este proceso, punto a punto.
    shard : Shard, optional
        Qué parte de la rejilla; sin ella, toda.

    Returns
    -------
    list of Measured
        Los puntos de esa parte, en el orden de la rejilla.

    Raises
    ------
    SweepError
        Si alguno falla: dice cuáles y por qué. Los demás quedan guardados.
    ValueError
        Si la rejilla o la función de medida no valen, o un archivo guardado está estropeado.
    """
    wanted = _by_key(shard.choose(experiment.points))
    stored = _measured_by_this_code(experiment, folder, wanted)
    here = provenance_here(experiment.packages, fingerprint=experiment.fingerprint)
    done = {found.key: found for found in stored if found.source.recipe == here.recipe}
    if others := {found.key for found in stored} - done.keys():
        warn(f"{experiment.name}: {len(others)} puntos guardados son de otras bibliotecas.")
    missing = [point for key, point in wanted.items() if key not in done]
    call = functools.partial(_measure_point, experiment.measure, experiment.packages, here)
    failures = {}
    bar = tqdm(total=len(wanted), initial=len(done), desc=experiment.name, unit="punto")
    with bar, PointLog(folder) as log, closing(_outcomes(executor, call, missing)) as outcomes:
        for point, outcome in outcomes:
            try:
                found = outcome()
            except Exception as error:
                failures[point_key(point)] = f"{type(error).__name__}: {error}"
                bar.set_postfix({"fallan": len(failures)})
            else:
                log.append(found)
                done[found.key] = found
                bar.update()
    return _whole_grid(experiment.name, wanted, done, failures)


def join(experiment: Experiment, folder: Path) -> list[Measured]:
    """Reúne lo medido por partes, quizá en varios ordenadores, sin medir nada.

    Parameters
    ----------
    experiment : Experiment
        Qué se mide.
    folder : Path
        Carpeta con los archivos de todas las partes.

    Returns
    -------
    list of Measured
        Todos los puntos, en el orden de la rejilla. Los midió el código de aquí y, todos, las
        mismas bibliotecas, aunque no sean las de este ordenador.

    Raises
    ------
    SweepError
        Si falta algún punto, o los hay medidos con bibliotecas de versiones distintas.
    """
    wanted = _by_key(experiment.points)
    stored = _measured_by_this_code(experiment, folder, wanted)
    counts = Counter(str(found.source.versions) for found in stored)
    if len(counts) > 1:
        raise SweepError(
            f"{experiment.name}: no se juntan puntos medidos con versiones distintas: "
            + "; ".join(f"{count} con {versions}" for versions, count in counts.items())
            + ". Deja solo los archivos de una."
        )
    return _whole_grid(experiment.name, wanted, {found.key: found for found in stored}, {})


def _by_key(points: Sequence[Point]) -> dict[str, Point]:
    wanted = {point_key(point): point for point in points}
    if len(wanted) < len(points):
        raise ValueError(f"La rejilla repite {len(points) - len(wanted)} puntos. Quítalos.")
    return wanted


def _measured_by_this_code(
    experiment: Experiment, folder: Path, wanted: Mapping[str, Point]
) -> list[Measured]:
    """Los puntos guardados que se piden y que no midió otra versión del código."""
    stored = [found for found in read_points(folder) if found.key in wanted]
    valid = [found for found in stored if found.source.fingerprint == experiment.fingerprint]
    if old := len(stored) - len(valid):
        warn(f"{experiment.name}: {old} puntos guardados los midió otro código y no cuentan.")
    return valid


def _measure_point(
    measure: Callable, packages: tuple[str, ...], expected: Provenance, point: Point
) -> Measured:
    """Mide un punto allí donde le ha tocado, si el código y las bibliotecas son los esperados."""
    here = provenance_here(packages, fingerprint=experiment_fingerprint(measure))
    if here.recipe != expected.recipe:
        raise RuntimeError(f"{here.machine} tiene otro código u otras bibliotecas: {here.versions}")
    result = measure(**point)
    rows = [result] if isinstance(result, Mapping) else list(result)
    if not all("seed" in row for row in rows):
        raise ValueError("cada fila debe llevar su semilla, en «seed»")
    return Measured.from_line(Measured(point, rows, here).to_line())  # igual que se leerá después


def _outcomes(
    executor: Executor | None, call: Callable[[Point], Measured], points: list[Point]
) -> Iterator[tuple[Point, Callable[[], Measured]]]:
    """Cada punto según se acaba, con la función que da lo medido o lanza su error."""
    if executor is None:
        for point in points:
            yield point, functools.partial(_heed_interruption, call, point)
        return
    futures = {executor.submit(call, point): point for point in points}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result
    finally:
        for future in futures:
            future.cancel()


def _heed_interruption(call: Callable[[Point], Measured], point: Point) -> Measured:
    """Mide en este proceso; un Ctrl+C corta aunque la medida se lo trague.

    ``fit`` lo hace: devuelve las épocas que lleva, y el punto se guardaría a medio entrenar.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return call(point)
    interruptions = []

    def note(number: int, frame: object) -> None:
        interruptions.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        found = call(point)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if interruptions:
        raise KeyboardInterrupt
    return found


def _whole_grid(
    name: str,
    wanted: Mapping[str, Point],
    done: Mapping[str, Measured],
    failures: Mapping[str, str],
) -> list[Measured]:
    """Lo medido en el orden de la rejilla, si no falta nada."""
    missing = [key for key in wanted if key not in done]
    if missing:
        listed = "".join(f"\n  {key}: {failures.get(key, 'sin medir')}" for key in missing)
        raise SweepError(f"{name}: faltan {len(missing)} de {len(wanted)} puntos:{listed}")
    return [done[key] for key in wanted]


def sweep_parser(description: str) -> argparse.ArgumentParser:
    """Las opciones de cualquier barrido; cada programa añade las suyas.

    Parameters
    ----------
    description : str
        Qué mide el programa: la primera línea de su docstring.

    Examples
    --------
    >>> sweep_parser("Mide.").parse_args(["--jobs", "4", "--shard", "2/3"])
    Namespace(jobs=4, cluster=None, only=None, shard=Shard(number=2, count=3), join=False)
    """
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, default=1, help="procesos a la vez; 0, en este mismo")
    where.add_argument("--cluster", metavar="DIRECCIÓN", help="los de un clúster de Dask")
    parser.add_argument("--only", metavar="RESULTADO", help="solo uno de sus resultados")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--shard", type=_parse_shard, default=WHOLE, help="solo una parte, como 2/4")
    part.add_argument("--join", action="store_true", help="no mide: junta lo medido por partes")
    return parser


def _parse_shard(text: str) -> Shard:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"una parte se escribe como 2/4; ha llegado {text!r}")
    return Shard(int(match[1]), int(match[2]))


def run_experiments(
    experiments: Iterable[Experiment], options: argparse.Namespace, *, root: Path = ROOT
) -> int:
    """Mide unos experimentos y escribe sus resultados, los que estén enteros.

    Parameters
    ----------
    experiments : iterable of Experiment
        Qué se mide, uno detrás de otro.
    options : argparse.Namespace
        Las de :func:`sweep_parser`.
    root : Path, optional
        Raíz del repositorio en el que se escribe.

    Returns
    -------
    int
        El código de salida: 1 si falta algo, 130 si se ha cortado con Ctrl+C.
    """
    failed, names = False, []
    for experiment in experiments:
        names.append(experiment.name)
        if options.only not in (None, experiment.name):
            continue
        folder = root / "build" / "sweeps" / experiment.name
        try:
            measured = _measure(experiment, folder, options)
        except (ConnectionError, ModuleNotFoundError) as error:
            print(error, file=sys.stderr)
            return 1
        except SweepError as error:
            print(f"{error}\nLo medido está en {folder}.", file=sys.stderr)
            failed = True
        except KeyboardInterrupt:
            print(f"Cortado. Lo medido está en {folder}: repite y seguirá.", file=sys.stderr)
            return INTERRUPTED
        else:
            whole = options.shard == WHOLE
            print(_write(experiment, measured, root) if whole else f"Parte medida, en {folder}")
    if options.only not in (None, *names):
        print(
            f"No hay ningún resultado {options.only!r}. Los hay: {', '.join(names)}.",
            file=sys.stderr,
        )
        failed = True
    return int(failed)


def _measure(experiment: Experiment, folder: Path, options: argparse.Namespace) -> list[Measured]:
    if options.join:
        return join(experiment, folder)
    if options.cluster:
        experiment = replace(experiment, measure=importable(experiment.measure))
        executor = connect(options.cluster)
    else:
        executor = Processes(options.jobs) if options.jobs else nullcontext()
    with executor as chosen:
        return sweep(experiment, folder, executor=chosen, shard=options.shard)


def _write(experiment: Experiment, measured: list[Measured], root: Path) -> str:
    """Escribe sus tablas y dice cuáles son."""
    written = []
    for table, description in {"": experiment.description, **experiment.tables}.items():
        rows = [
            {name: cell for name, cell in row.items() if name != "table"}
            for found in measured
            for row in found.rows
            if row.get("table", "") == table
        ]
        path = write_result(
            "_".join(filter(None, (experiment.name, table))),
            rows,
            script=inspect.getfile(inspect.unwrap(experiment.measure)),
            description=description,
            seeds={row["seed"] for row in rows},
            provenance=[found.source for found in measured],
            root=root,
        )
        written.append(str(path))
    return "\n".join(written)

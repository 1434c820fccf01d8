"""El diario de una rejilla: qué empezó cada trabajador y qué acabó, y matar a uno a medias."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.scaling import LocalCluster

STARTS, ENDS, DIES = "empieza", "acaba", "muere"
PATIENCE = 120.0  # segundos de reloj que se espera a que los trabajadores trabajen


class Entry(NamedTuple):
    """Una línea del diario.

    Attributes
    ----------
    pid : int
        Qué proceso la escribió.
    point : str
        De qué punto.
    what : {"empieza", "acaba", "muere"}
        Qué hacía; que muere no lo escribe él, sino quien lo mata.
    moment : float
        Segundo en que la escribió.
    value : float
        El resultado, si acaba; si empieza, NaN.
    """

    pid: int
    point: str
    what: str
    moment: float
    value: float


class Span(NamedTuple):
    """Un encargo: quién lo hizo, qué punto, y cuándo empezó y acabó; NaN si no lo acabó."""

    pid: int
    point: str
    start: float
    stop: float


def note(diary: str | Path, point: str, value: float | None = None) -> None:
    """Añade una línea al diario: que este proceso empieza un punto o, con un valor, que lo acaba.

    Parameters
    ----------
    diary : str or Path
        El archivo.
    point : str
        El punto, como texto.
    value : float, optional
        Su resultado.
    """
    what, value = (STARTS, np.nan) if value is None else (ENDS, value)
    _write(diary, os.getpid(), point, what, value)


def _write(diary: str | Path, pid: int, point: str, what: str, value: float) -> None:
    """Una sola escritura, al final del archivo: son varios los que escriben."""
    line = "\t".join([str(pid), point, what, repr(time.time()), repr(float(value))])
    with Path(diary).open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def read_diary(diary: str | Path) -> list[Entry]:
    """Las líneas del diario, en orden; la última, si quedó a medias, no cuenta.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "diario.tsv")
    >>> note(path, "a")
    >>> note(path, "a", 2.5)
    >>> [(entry.point, entry.what, entry.value) for entry in read_diary(path)]
    [('a', 'empieza', nan), ('a', 'acaba', 2.5)]
    """
    path = Path(diary)
    whole = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
    rows = (line.split("\t") for line in whole)
    return [Entry(int(r[0]), r[1], r[2], float(r[3]), float(r[4])) for r in rows]


def read_spans(entries: list[Entry]) -> list[Span]:
    """Los encargos de un diario, por orden de comienzo.

    Examples
    --------
    >>> rows = [(7, "a", "empieza", 0.0), (8, "b", "empieza", 0.1), (7, "a", "acaba", 1.0)]
    >>> for span in read_spans([Entry(*row, 0.0) for row in rows]):
    ...     print(*span)
    7 a 0.0 1.0
    8 b 0.1 nan
    """
    opened, spans = {}, []
    for entry in entries:
        if entry.what == STARTS:
            opened[entry.pid, entry.point] = len(spans)
            spans.append(Span(entry.pid, entry.point, entry.moment, np.nan))
        elif entry.what == ENDS and (entry.pid, entry.point) in opened:
            place = opened.pop((entry.pid, entry.point))
            spans[place] = spans[place]._replace(stop=entry.moment)
    return spans


class Shifts(NamedTuple):
    """Lo que hizo cada trabajador, para dibujarlo: sus encargos, sus puntos y cuándo murió."""

    spans: dict[str, np.ndarray]
    labels: dict[str, list[str]]
    deaths: dict[str, float]


def read_shifts(entries: list[Entry], points: Sequence[str]) -> Shifts:
    """Los turnos de cada trabajador, en segundos desde el primer encargo.

    Un encargo que nadie acabó llega hasta que su trabajador murió o hasta el final del diario.

    Parameters
    ----------
    entries : list of Entry
        El diario.
    points : sequence of str
        Los puntos de la rejilla, como texto; se numeran desde 1.

    Examples
    --------
    >>> rows = [(7, "a", "empieza", 5.0), (8, "b", "empieza", 5.5), (7, "", "muere", 6.0)]
    >>> rows += [(8, "b", "acaba", 7.0)]
    >>> shifts = read_shifts([Entry(*row, 0.0) for row in rows], ["b", "a"])
    >>> shifts.labels, shifts.deaths
    ({'trabajador 1': ['2'], 'trabajador 2': ['1']}, {'trabajador 1': 1.0})
    >>> shifts.spans["trabajador 1"].tolist(), shifts.spans["trabajador 2"].tolist()
    ([[0.0, 1.0]], [[0.5, 2.0]])
    """
    done = read_spans(entries)
    origin, last = done[0].start, max(entry.moment for entry in entries)
    dead = {entry.pid: entry.moment for entry in entries if entry.what == DIES}
    spans, labels, deaths = {}, {}, {}
    for place, pid in enumerate(dict.fromkeys(span.pid for span in done), start=1):
        name, own = f"trabajador {place}", [span for span in done if span.pid == pid]
        stops = [dead.get(pid, last) if np.isnan(span.stop) else span.stop for span in own]
        starts = [span.start for span in own]
        spans[name] = np.column_stack([starts, stops]) - origin
        labels[name] = [str(points.index(span.point) + 1) for span in own]
        if pid in dead:
            deaths[name] = dead[pid] - origin
    return Shifts(spans, labels, deaths)


def kill_in_the_middle(cluster: LocalCluster, diary: str | Path, *, after: int = 3) -> int:
    """Mata a un trabajador justo mientras mide un punto; devuelve su identificador de proceso.

    Para estar seguro, cuando el diario dice que tiene algo a medias lo congela y lo mira otra vez;
    si lo ha acabado entretanto, lo suelta y lo vuelve a intentar. Solo se congela un instante: a un
    proceso congelado no lo acaba su correa.

    Parameters
    ----------
    cluster : LocalCluster
        El clúster, trabajando.
    diary : str or Path
        El diario que escriben sus trabajadores.
    after : int, default 3
        Cuántos puntos deben haberse acabado antes; al menos uno, suyo.

    Raises
    ------
    RuntimeError
        Si no se ha podido en dos minutos.
    """
    import psutil

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(0.05)
        done = [entry.pid for entry in read_diary(diary) if entry.what == ENDS]
        for pid in set(cluster.alive()) & set(done) if len(done) >= after else ():
            if not _is_busy(pid, diary):
                continue
            psutil.Process(pid).suspend()
            if _is_busy(pid, diary):
                cluster.kill_worker(pid)
                _write(diary, pid, "", DIES, np.nan)
                return pid
            psutil.Process(pid).resume()
    raise RuntimeError(
        "Ningún trabajador ha tenido un punto a medias en dos minutos. ¿Están trabajando? Mira qué "
        "dice el diario."
    )


def _is_busy(pid: int, diary: str | Path) -> bool:
    """Si, según el diario, tiene un punto a medias."""
    spans = read_spans(read_diary(diary))
    return any(span.pid == pid and np.isnan(span.stop) for span in spans)

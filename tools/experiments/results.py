"""Guarda lo que ha medido un experimento largo, con lo que hace falta para repetirlo.

Lo llama, al terminar, el programa de ``tools/`` que hace el experimento::

    from tools.experiments.results import write_result

    write_result(
        "memoria",
        [{"cell": "lstm", "lag": 100, "seed": 0, "solved": True}, ...],
        script=__file__,
        description="Retardos que resuelve cada celda",
        seeds=range(5),
        packages=("numpy", "torch"),
    )

Deja en ``datasets/results/`` la tabla, ``memoria.csv``, y su registro, ``memoria.toml``. Las
lecciones la leen con ``course_utils.datasets.load_result("memoria")``.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib.metadata
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tomli_w

from tools.files import replace_files

ROOT = Path(__file__).resolve().parents[2]
Cell = bool | int | float | str


class Provenance(NamedTuple):
    """De dónde sale algo medido.

    Attributes
    ----------
    machine : str
        El ordenador, como lo describe :func:`describe_machine`.
    date : str
        El día: año, mes y día.
    versions : dict of str to str
        Versión de Python y de cada biblioteca de la que depende.
    fingerprint : str
        Huella del código que lo midió; vacía si no se conoce.
    """

    machine: str
    date: str
    versions: dict[str, str]
    fingerprint: str = ""

    @property
    def recipe(self) -> tuple[str, dict[str, str]]:
        """Con qué se midió: el código y las bibliotecas."""
        return self.fingerprint, self.versions


def provenance_here(
    packages: Iterable[str], *, device: str = "", fingerprint: str = ""
) -> Provenance:
    """La procedencia de lo que se mide en este ordenador y en este momento.

    Parameters
    ----------
    packages : iterable of str
        Bibliotecas de cuya versión dependen los números, como se escriben en pip.
    device : str, optional
        El acelerador, si se ha usado.
    fingerprint : str, optional
        Huella del código.

    Raises
    ------
    ValueError
        Si alguna biblioteca no está instalada.

    Examples
    --------
    >>> list(provenance_here(["numpy"]).versions)
    ['python', 'numpy']
    """
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Provenance(describe_machine(device), today, _versions(packages), fingerprint)


def write_result(
    name: str,
    rows: Sequence[Mapping[str, Cell]],
    *,
    script: str | Path,
    description: str,
    seeds: Iterable[int],
    packages: Iterable[str] = ("numpy",),
    device: str = "",
    provenance: Sequence[Provenance] = (),
    root: Path = ROOT,
) -> Path:
    """Escribe un resultado y su registro; si ya existía, lo sustituye.

    Las mismas filas dan los mismos bytes en cualquier sistema.

    Parameters
    ----------
    name : str
        Nombre del resultado: minúsculas sin tilde, cifras y ``_``.
    rows : sequence of mapping
        Las filas, todas con las mismas columnas. Una columna es toda de textos, de lógicos, de
        enteros o de decimales; vale cualquiera de NumPy. Entre los decimales puede haber NaN.
    script : str or Path
        El programa que lo ha medido, ``__file__``.
    description : str
        Qué se ha medido, en una línea.
    seeds : iterable of int
        Semillas que se han usado; si hay una columna ``seed``, las mismas.
    packages : iterable of str
        Bibliotecas de cuya versión dependen los números.
    device : str, optional
        El acelerador, si se ha usado.
    provenance : sequence of Provenance, optional
        De dónde sale cada fila, si no se han medido todas aquí y ahora: se registra el resumen, y
        ``packages`` y ``device`` no cuentan.
    root : Path, optional
        Raíz del repositorio.

    Returns
    -------
    Path
        La tabla.

    Raises
    ------
    ValueError
        Si algo no vale; no se escribe nada.
    """
    seeds = sorted({int(seed) for seed in seeds})
    _check(name, rows, seeds)
    columns = {column: _column(column, [row[column] for row in rows]) for column in rows[0]}
    lines = [list(columns), *zip(*(texts for _, texts in columns.values()), strict=True)]
    table = "".join(",".join(map(_quote, line)) + "\n" for line in lines).encode("utf-8")
    relative = _relative(script, root)
    source = _summarize(provenance or [provenance_here(packages, device=device)])
    entry = {
        "description": description,
        "script": relative,
        "seeds": seeds,
        "machine": source.machine,
        "date": source.date,
        **({"fingerprint": source.fingerprint} if source.fingerprint else {}),
        "sha256": hashlib.sha256(table).hexdigest(),
        "columns": {column: kind for column, (kind, _) in columns.items()},
        "versions": source.versions,
    }
    notice = f"# Lo escribe {relative} al terminar: no lo edites a mano.\n"
    path = root / "datasets" / "results" / f"{name}.csv"
    replace_files({path: table, path.with_suffix(".toml"): notice + tomli_w.dumps(entry)})
    return path


def _summarize(provenance: Sequence[Provenance]) -> Provenance:
    """Lo que se registra de todas las filas: los ordenadores y el último día.

    Examples
    --------
    >>> rows = [Provenance("B", "2026-01-02", {}), Provenance("A", "2026-01-01", {})]
    >>> _summarize(rows)
    Provenance(machine='A; B', date='2026-01-02', versions={}, fingerprint='')
    """
    first = provenance[0]
    if any(row.recipe != first.recipe for row in provenance):
        raise ValueError(
            "Las filas se han medido con códigos o bibliotecas de versiones distintas y no se "
            "pueden comparar. Mide todas con las mismas."
        )
    machines = "; ".join(sorted({row.machine for row in provenance}))
    return first._replace(machine=machines, date=max(row.date for row in provenance))


def _check(name: str, rows: Sequence[Mapping[str, Cell]], seeds: list[int]) -> None:
    if not re.fullmatch("[a-z0-9_]+", name):
        raise ValueError(
            f"name solo puede llevar minúsculas sin tilde, cifras y «_»; ha llegado {name!r}. "
            "Usa, por ejemplo, 'memoria_larga'."
        )
    if not rows or not rows[0]:
        raise ValueError("rows debe traer al menos una fila con alguna columna; no trae ninguna.")
    for place, row in enumerate(rows):
        if row.keys() != rows[0].keys():
            raise ValueError(
                f"Todas las filas deben tener las columnas de la primera, {list(rows[0])}; la fila "
                f"{place} tiene {list(row)}."
            )
    used = sorted({int(row["seed"]) for row in rows}) if "seed" in rows[0] else seeds
    if not seeds or used != seeds:
        raise ValueError(
            f"seeds dice {seeds} y en las filas hay {used}. Pasa las semillas que se han usado."
        )


def _column(name: str, values: list[Cell]) -> tuple[str, list[str]]:
    """Tipo de una columna y sus textos.

    Examples
    --------
    >>> _column("error", [np.float32(0.5), 1])
    ('float', ['0.5', '1.0'])
    >>> _column("solved", [True, False])
    ('bool', ['true', 'false'])
    """
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    kinds = {type(value) for value in plain}
    if kinds == {bool}:
        return "bool", [str(value).lower() for value in plain]
    if kinds == {int}:
        return "int", [str(value) for value in plain]
    if kinds == {str}:
        return "text", plain
    if kinds <= {int, float}:
        return "float", [repr(float(value)) for value in plain]
    raise ValueError(
        f"La columna {name!r} debe ser toda de textos, de lógicos, de enteros o de decimales; "
        f"tiene {', '.join(sorted(kind.__name__ for kind in kinds))}."
    )


def _quote(text: str) -> str:
    """Las comillas de un campo; ``csv.writer`` no las pone en todos los Python a un ``\\r``."""
    return '"' + text.replace('"', '""') + '"' if re.search('[,"\r\n]|^$', text) else text


def _relative(script: str | Path, root: Path) -> str:
    path = Path(script).resolve()
    if not path.is_file() or not path.is_relative_to(root.resolve()):
        raise ValueError(
            f"script debe ser un programa del repositorio; ha llegado {str(script)!r}. "
            "Pasa __file__ desde un archivo de tools/."
        )
    return path.relative_to(root.resolve()).as_posix()


def _versions(packages: Iterable[str]) -> dict[str, str]:
    """Versiones de Python y de cada paquete.

    Examples
    --------
    >>> list(_versions(["numpy"]))
    ['python', 'numpy']
    """
    try:
        found = {name: importlib.metadata.version(name) for name in packages}
    except importlib.metadata.PackageNotFoundError as error:
        raise ValueError(
            f"packages nombra {error.name!r}, que no está instalado. Escríbelo como en pip."
        ) from error
    return {"python": platform.python_version(), **found}


def describe_machine(device: str = "") -> str:
    """Describe el ordenador: sistema, procesador y núcleos; nunca su nombre.

    Parameters
    ----------
    device : str, optional
        El acelerador, si se ha usado.

    Examples
    --------
    >>> describe_machine("NVIDIA H200").endswith(", NVIDIA H200")
    True
    """
    from course_utils.environment import available_cores

    cores = available_cores()
    parts = [
        f"{platform.system()} {platform.machine()}",
        _processor(),
        "1 núcleo" if cores == 1 else f"{cores} núcleos",
        device,
    ]
    return ", ".join(part for part in parts if part)


def _processor() -> str:
    """Modelo del procesador; vacío si el sistema no lo dice."""
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        if found := re.search(r"^model name\s*: (.+)$", text, re.M):
            return found[1].strip()
    return "" if platform.processor() == platform.machine() else platform.processor()

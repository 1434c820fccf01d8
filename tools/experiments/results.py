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
import json
import os
import platform
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
Cell = bool | int | float | str


def write_result(
    name: str,
    rows: Sequence[Mapping[str, Cell]],
    *,
    script: str | Path,
    description: str,
    seeds: Iterable[int],
    packages: Iterable[str] = ("numpy",),
    device: str = "",
    root: Path = ROOT,
) -> Path:
    """Escribe un resultado y su registro; si ya existía, lo sustituye.

    Los dos archivos se escriben aparte y ocupan su sitio al final, de un golpe cada uno. Las mismas
    filas dan los mismos bytes en cualquier sistema.

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
    entry = {
        "description": description,
        "script": relative,
        "seeds": seeds,
        "machine": describe_machine(device),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "sha256": hashlib.sha256(table).hexdigest(),
        "columns": {column: kind for column, (kind, _) in columns.items()},
        "versions": _versions(packages),
    }
    folder = root / "datasets" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    _replace_all({path: table, path.with_suffix(".toml"): _toml(entry).encode("utf-8")})
    return path


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


def _toml(entry: dict) -> str:
    """El registro en TOML, con las tablas al final, como las espera el formato."""
    lines = [f"# Lo escribe {entry['script']} al terminar: no lo edites a mano."]
    for key, value in sorted(entry.items(), key=lambda item: isinstance(item[1], dict)):
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{_text(k)} = {_text(v)}" for k, v in value.items())]
        else:
            lines.append(f"{key} = {_text(value)}")
    return "\n".join(lines) + "\n"


def _text(value: str | list[int]) -> str:
    """Un texto o una lista de enteros: JSON y TOML los escriben igual."""
    return json.dumps(value, ensure_ascii=False)


def _replace_all(contents: Mapping[Path, bytes]) -> None:
    """Escribe varios archivos aparte y, solo cuando todos están enteros, los pone en su sitio."""
    parts = {path: path.with_name(f".{path.name}.{uuid.uuid4().hex}.part") for path in contents}
    try:
        for path, part in parts.items():
            part.write_bytes(contents[path])
        for path, part in parts.items():
            os.replace(part, path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)

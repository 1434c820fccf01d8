"""Regenera, byte a byte, los archivos que vienen con el curso en ``datasets/``.

Los datos reales salen de la copia que trae statsmodels instalado, sin usar la red; las ventas, de
``course_utils.synthetic``. Todo se copia como texto o se escribe con decimales fijos, de modo que
el resultado no depende de las versiones de Python, NumPy ni pandas.

Los cuentos y las reseñas se escribieron uno a uno: se comprueba que son los registrados y que
cumplen lo que su ficha promete (``tools/texts/quality.py``). Los resultados de los experimentos
largos, de ``datasets/results/``, tampoco se rehacen aquí: se comprueba que son los registrados.

Uso::

    python -m tools.make_datasets           # escribe lo que falte o haya cambiado
    python -m tools.make_datasets --check   # no escribe; falla si algo no coincide
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import io
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.files import replace_files
from tools.texts.quality import review_problems, story_problems

ROOT = Path(__file__).resolve().parent.parent
MONTHS = range(1, 13)


class OriginError(Exception):
    """No se encuentra el archivo original del que sale un conjunto."""


def main(arguments: Sequence[str] | None = None, *, folder: Path = ROOT / "datasets") -> int:
    """Punto de entrada: devuelve 0 si todo coincide y 1 si no.

    Parameters
    ----------
    arguments : sequence of str, optional
        Lo escrito tras el nombre del programa.
    folder : Path, optional
        Carpeta de los datos y de su registro.
    """
    parser = argparse.ArgumentParser(description="Regenera los archivos de datasets/.")
    parser.add_argument("--check", action="store_true", help="comprueba sin escribir nada")
    check = parser.parse_args(arguments).check
    registry = tomllib.loads((folder / "registry.toml").read_text(encoding="utf-8"))
    problems = []
    for name, make in GENERATORS.items():
        try:
            content = make()
        except OriginError as error:
            problems.append(f"{name}: {error}")
            continue
        entry = registry[name]
        path = folder / entry["file"]
        problem = _registry_problem(content, entry) or _settle(content, path, check)
        if problem:
            problems.append(f"{name}: {problem}")
        else:
            print(f"{entry['file']}: correcto ({len(content)} bytes)")
    for name in WRITTEN:
        faults = written_problems(name, folder / registry[name]["file"], registry[name])
        problems += [f"{name}: {fault}" for fault in faults]
        if not faults:
            print(f"{registry[name]['file']}: correcto (escrito para el curso)")
    problems += result_problems(folder / "results")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def result_problems(folder: Path) -> list[str]:
    """Lo que no coincide entre los resultados guardados y su registro."""
    from course_utils.datasets.results import verify_results

    problems = verify_results(folder)
    if not problems:
        for path in sorted(folder.glob("*.csv")):
            print(f"results/{path.name}: correcto (resultado guardado)")
    return problems


def written_problems(name: str, path: Path, entry: dict) -> list[str]:
    """Lo que no cumple un archivo escrito para el curso."""
    if not path.is_file():
        return [f"{path.name} falta. Recupéralo con: git checkout -- {path.name}"]
    content = path.read_bytes()
    mismatch = _registry_problem(content, entry)
    return [mismatch] if mismatch else WRITTEN[name](content.decode("utf-8"))


def _registry_problem(content: bytes, entry: dict) -> str | None:
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 == entry["sha256"]:
        return None
    return (
        f"lo que hay tiene sha256 {sha256} y el registro dice {entry['sha256']}. Si has cambiado "
        "el generador o su origen a propósito, pon el nuevo en datasets/registry.toml y repite; "
        "si no, deshaz el cambio."
    )


def _settle(content: bytes, path: Path, check: bool) -> str | None:
    """Escribe el archivo si hace falta; con ``check`` solo dice si haría falta."""
    if path.is_file() and path.read_bytes() == content:
        return None
    if check:
        what = "no es el que se genera" if path.is_file() else "falta"
        return f"{path.name} {what}. Arréglalo con: python -m tools.make_datasets"
    replace_files({path: content})
    return None


def sunspots() -> bytes:
    """Manchas solares mensuales: la tabla de años por meses, puesta en una columna."""
    lines = _origin("sunspots/src/sunspots_monthly.dat").splitlines()
    years = [line.split() for line in lines if line[:4].isdigit()]
    return _csv(["month", "sunspots"], _by_month(years))


def co2() -> bytes:
    """CO2 semanal: las mismas filas con la fecha en ISO 8601 y los huecos vacíos."""
    rows = _origin_rows("co2/co2.csv")
    return _csv(["date", "co2_ppm"], ([f"{d[:4]}-{d[4:6]}-{d[6:]}", value] for d, value in rows))


def elnino() -> bytes:
    """Temperatura del mar: la tabla de años por meses, puesta en una columna."""
    return _csv(["month", "temperature_c"], _by_month(_origin_rows("elnino/elnino.csv")))


def sales() -> bytes:
    """Ventas generadas: lo que ve un modelo y, con el prefijo ``true_``, la verdad."""
    from course_utils.synthetic import sales as generate

    data = generate()
    truth = ("trend", "weekly", "yearly", "holiday", "promotion", "noise")
    columns = [
        data.dates.astype(str).tolist(),
        data.units.tolist(),
        data.holiday.astype(int).tolist(),
        data.promotion.astype(int).tolist(),
        *([f"{v:.4f}" for v in getattr(data.truth, name).tolist()] for name in truth),
    ]
    header = ["date", "units", "holiday", "promotion", *(f"true_{name}" for name in truth)]
    return _csv(header, zip(*columns, strict=True))


WRITTEN = {"stories": story_problems, "reviews": review_problems}
GENERATORS = {"sunspots": sunspots, "co2": co2, "elnino": elnino, "sales": sales}


def _by_month(years: Iterable[Sequence[str]]) -> Iterable[list[str]]:
    """De ``[año, enero, febrero, ...]`` a ``[año-mes, valor]``; el último año puede ir a medias."""
    for year, *values in years:
        for month, value in zip(MONTHS, values, strict=False):
            yield [f"{year}-{month:02d}", value]


def _csv(header: list[str], rows: Iterable[Sequence[object]]) -> bytes:
    lines = [header, *rows]
    return "".join(",".join(map(str, line)) + "\n" for line in lines).encode("utf-8")


def _origin_rows(name: str) -> list[list[str]]:
    """Filas de un CSV de statsmodels, sin la cabecera."""
    return list(csv.reader(io.StringIO(_origin(name))))[1:]


def _origin(name: str) -> str:
    """Texto de un archivo de ``statsmodels/datasets``, sin importar statsmodels."""
    spec = importlib.util.find_spec("statsmodels")
    if spec is None:
        raise OriginError("hace falta statsmodels: python -m pip install 'statsmodels>=0.15'")
    path = Path(spec.submodule_search_locations[0]) / "datasets" / name
    if not path.is_file():
        raise OriginError(
            f"el statsmodels instalado no trae datasets/{name}; lo trae desde la versión 0.15: "
            "python -m pip install 'statsmodels>=0.15'"
        )
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # el course_utils de este clon, no otro que esté instalado
    sys.exit(main())

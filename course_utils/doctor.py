"""Revisión del entorno: qué está bien, qué no y qué hacer.

En la terminal, ``python -m course_utils.doctor`` (con ``--rapido`` no prueba los frameworks).
En un cuaderno, ``doctor(quick=True)``.
"""

# Solo se importa aquí lo que trae Python: esta revisión tiene que arrancar, y explicarlo, con un
# Python sin los paquetes del curso o demasiado antiguo.
from __future__ import annotations

import sys

from course_utils import shadows

# Un random.py en la carpeta desde la que se ejecuta no debe impedir que esta revisión lo nombre.
with shadows.Libraries():
    import errno
    import importlib.metadata
    import importlib.util
    import os
    import platform
    import shutil
    import signal
    import subprocess
    import tempfile
    import time
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from dataclasses import dataclass
    from pathlib import Path
    from typing import TYPE_CHECKING, Literal

    from course_utils import environment, requirements
    from course_utils.notes import enumerate_words

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_OLDEST_PYTHON = (3, 11)
_GIGABYTE = 10**9
# Una lección ocupa como mucho 1,2 GB; con menos de la mitad no arranca un framework.
_COMFORTABLE_MEMORY, _MINIMUM_MEMORY = 1.2 * _GIGABYTE, 0.6 * _GIGABYTE
_COMFORTABLE_DISK, _MINIMUM_DISK = 1.0 * _GIGABYTE, 0.2 * _GIGABYTE

# Cada framework se prueba con lo que más usa el curso: una LSTM pequeña.
_PROBES = {
    "tensorflow": (
        "TensorFlow y Keras",
        "import os; os.environ['KERAS_BACKEND'] = 'tensorflow'\n"
        "import keras, tensorflow\n"
        "assert keras.layers.LSTM(3)(keras.ops.ones((4, 5, 2))).shape == (4, 3)",
    ),
    "torch": (
        "PyTorch",
        "import torch\nassert torch.nn.LSTM(2, 3)(torch.ones(5, 4, 2))[0].shape == (5, 4, 3)",
    ),
}

# Cambian de dónde toma Python sus bibliotecas; los procesos de prueba se abren sin ellas.
_SEARCH_VARIABLES = ("PYTHONPATH", "PYTHONHOME")
_CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT")

_USAGE = """\
Uso: python -m course_utils.doctor [--rapido]

Revisa el entorno del curso y dice qué hacer con cada problema.
Termina con 0 si todo está en orden (o solo hay avisos) y con 1 si algo falla.

  --rapido   no prueba a importar los frameworks
  --help     muestra esta ayuda"""


@dataclass(frozen=True)
class Finding:
    """Una comprobación: ``✓`` bien, ``!`` aviso, ``✗`` problema; con lo que hay que hacer.

    Examples
    --------
    >>> print(Finding("✗", "disco", "quedan 0,1 GB", "Libera espacio."))
    ✗ Disco: quedan 0,1 GB
      → Libera espacio.
    """

    level: Literal["✓", "!", "✗"]
    topic: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        line = f"{self.level} {self.topic[0].upper()}{self.topic[1:]}: {self.text}"
        return f"{line}\n  → {self.advice}" if self.advice else line


@dataclass(frozen=True, repr=False)
class Report:
    """El resultado de la revisión. ``print`` lo muestra entero; un cuaderno, lo que importa.

    Examples
    --------
    >>> report = Report((
    ...     Finding("✓", "Python", "3.12.1"),
    ...     Finding("✓", "datos", "completos"),
    ...     Finding("!", "memoria", "quedan 0,9 GB", "Cierra otros cuadernos."),
    ... ))
    >>> report
    ✓ En orden: Python y datos.
    ! Memoria: quedan 0,9 GB
      → Cierra otros cuadernos.
    >>> report.ok
    True
    """

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Si no hay ningún ``✗``; un aviso no impide seguir el curso."""
        return all(finding.level != "✗" for finding in self.findings)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.findings), _closing_line(self.findings)])

    def __repr__(self) -> str:
        return "\n".join(self._short_lines())

    def _repr_markdown_(self) -> str:
        return "\n\n".join(line.replace("\n  →", "<br>→") for line in self._short_lines())

    def _short_lines(self) -> list[str]:
        """Lo que está bien en una línea, sin cifras de la máquina; el resto, entero."""
        good = [finding.topic for finding in self.findings if finding.level == "✓"]
        rest = [str(finding) for finding in self.findings if finding.level != "✓"]
        opening = "En orden" if rest else "Todo en orden"
        return [*([f"✓ {opening}: {enumerate_words(good)}."] if good else []), *rest]


def doctor(*, quick: bool = False) -> Report:
    """Revisa el entorno del curso.

    Parameters
    ----------
    quick : bool, default False
        Si se salta la prueba de los frameworks, que tarda unos segundos por cada uno.

    Returns
    -------
    Report
        Al final de una celda muestra un resumen; ``print`` lo muestra con detalle.

    Examples
    --------
    >>> report = doctor(quick=True)
    >>> [finding.topic for finding in report.findings][:2]
    ['Python', 'paquetes']
    """
    return Report(tuple(_findings(quick=quick)))


def _findings(*, quick: bool = False) -> Iterator[Finding]:
    """Hace las comprobaciones una a una, según se van pidiendo.

    Si Python no vale, la carpeta no existe o faltan los paquetes imprescindibles, no sigue.
    """
    if sys.version_info < _OLDEST_PYTHON or not importlib.util.find_spec("packaging"):
        yield _explain_wrong_python()
        return
    if not _here():
        text = "ya no existe la carpeta desde la que se hace esta revisión"
        yield Finding("✗", "carpeta", text, "Vuelve con `cd` a la del curso y repítela.")
        return
    yield from _safely("archivos", _check_shadows, sys.path[:])
    yield from _safely("variables", _check_variables)
    yield from _safely("Python", lambda: [_check_python(platform.python_version())])
    yield from _safely("paquetes", _check_packages)
    if any(_installed_version(needed.name) is None for needed in requirements.required()):
        return
    yield from _safely("procesador", lambda: [_check_cores()])
    yield from _safely("memoria", lambda: [_check_memory(environment.available_memory())])
    yield from _safely("disco", lambda: [_check_disk()])
    yield from _safely("progreso", lambda: [_check_progress(environment.home_dir())])
    yield from _safely("datos", _check_datasets)
    for module, (title, _) in _PROBES.items():
        if not quick:
            yield from _safely(title, _check_installed_framework, module)


def _here() -> str:
    """La carpeta actual; vacía si la han borrado."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _safely(topic: str, check: Callable[..., Iterable[Finding]], *given: object) -> list[Finding]:
    """Hace una comprobación con las bibliotecas delante; si falla, eso también es un problema."""
    try:
        with shadows.Libraries():
            return list(check(*given))
    except Exception as error:
        text = f"no se ha podido comprobar ({type(error).__name__}: {error})"
        advice = "Resuelve antes los demás problemas; si sigue igual, crea el entorno de nuevo."
        return [Finding("✗", topic, text, advice)]


def _explain_wrong_python() -> Finding:
    """Explica que este Python no puede ser el del curso."""
    if sys.version_info < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        text = f"{platform.python_version()} es demasiado antiguo; el curso necesita {oldest} o más"
        return Finding("✗", "Python", text, "Instala uno más nuevo y ejecuta `make lab`.")
    return Finding(
        "✗",
        "Python",
        f"el de {sys.executable} no tiene los paquetes del curso",
        "Ejecuta `make doctor`, que usa el Python del curso, o activa antes su entorno.",
    )


def _check_shadows(search: list[str]) -> Iterator[Finding]:
    """Nombra los archivos que se llaman como una biblioteca y pueden ocupar su lugar."""
    for path, standard in shadows.find_shadows(shadows.places(search)).items():
        yield Finding(
            "!" if standard and not shadows.is_winning(path, search) else "✗",
            "archivos",
            f"{path} se llama como la biblioteca {shadows.library_name(path)} y puede ocupar su "
            "lugar",
            "Cámbiale el nombre o llévalo a otra carpeta y reinicia el kernel.",
        )


def _check_variables() -> Iterator[Finding]:
    """Busca variables de entorno perdidas, que estropean lo que no tienen que ver."""
    if home := os.environ.get("PYTHONHOME"):
        text = f"`PYTHONHOME` ({home}) cambia de dónde toma Python sus bibliotecas"
        yield Finding("!", "variables", text, "Quítala con `unset PYTHONHOME`.")
    for name in _CERTIFICATE_VARIABLES:
        if os.environ.get(name) and not os.path.exists(os.environ[name]):
            text = f"{name} señala a {os.environ[name]}, que no existe: nada se podrá descargar"
            yield Finding("!", "variables", text, f"Corrígela o quítala con `unset {name}`.")


def _check_python(version: str) -> Finding:
    """Compara la versión de Python con las que admite el curso."""
    supported = requirements.supported_python()
    if supported.contains(version, prereleases=True):
        return Finding("✓", "Python", version)
    return Finding(
        "✗",
        "Python",
        f"{version} no está entre las versiones admitidas "
        f"({requirements.tidy_versions(supported)})",
        "Instala una de ellas y crea con ella un entorno nuevo: `make lab` lo hace.",
    )


def _check_packages() -> Iterator[Finding]:
    """Compara los paquetes instalados con los que pide el curso."""
    if _installed_version(requirements.DISTRIBUTION) is None:
        yield Finding(
            "!",
            "instalación",
            "course_utils no está instalado: solo se puede importar desde la carpeta del curso",
            "En esa carpeta, ejecuta: python -m pip install --no-deps -e .",
        )
    # El cuaderno puede ser otro que JupyterLab, así que sus paquetes solo dan avisos; y Colab
    # trae el suyo.
    notebook = {package.name for package in requirements.required("lab")}
    needed = requirements.required() + requirements.required("curso")
    if environment.where_am_i() == "colab":
        needed = [package for package in needed if package.name not in notebook]
    problems = [
        problem
        for package in needed
        for problem in _check_package(package, level="!" if package.name in notebook else "✗")
    ]
    yield from problems
    if needed and not problems:
        found = (f"{package.name} {_installed_version(package.name)}" for package in needed)
        yield Finding("✓", "paquetes", ", ".join(found))


def _check_package(package: Requirement, *, level: Literal["!", "✗"] = "✗") -> list[Finding]:
    """El problema de un paquete, con la gravedad ``level``; ninguno si su versión vale."""
    version = _installed_version(package.name)
    command = requirements.install_command(package.name)
    if version is None:
        return [Finding(level, "paquetes", f"falta {package.name}", f"Instálalo con: {command}")]
    if package.specifier.contains(version, prereleases=True):
        return []
    text = (
        f"{package.name} {version} no está entre las versiones admitidas "
        f"({requirements.tidy_versions(package.specifier)})"
    )
    if environment.where_am_i() == "colab":
        advice = "En Colab no la cambies: sigue adelante y cuéntanoslo si una lección falla."
        return [Finding("!", "paquetes", text, advice)]
    return [Finding(level, "paquetes", text, f"Instala una que valga con: {command}")]


def _installed_version(name: str) -> str | None:
    """Devuelve la versión instalada de un paquete, o ``None`` si falta."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _check_cores() -> Finding:
    """Cuenta los núcleos que se pueden usar, que en un contenedor no son todos."""
    usable, total = environment.available_cores(), os.cpu_count()
    text = "1 núcleo disponible" if usable == 1 else f"{usable} núcleos disponibles"
    return Finding("✓", "procesador", text if usable == total else f"{text} de {total}")


def _check_memory(available: int) -> Finding:
    """Dice si ``available`` bytes de memoria bastan para una lección."""
    level = _grade(available, comfortable=_COMFORTABLE_MEMORY, minimum=_MINIMUM_MEMORY)
    advice = (
        "Cierra otros programas y apaga los cuadernos que no uses (menú Kernel); una lección "
        f"necesita hasta {_gigabytes(_COMFORTABLE_MEMORY)}."
    )
    text = f"{_gigabytes(available)} libres"
    return Finding(level, "memoria", text, "" if level == "✓" else advice)


def _check_disk() -> Finding:
    """Mide el espacio libre en esta carpeta y en la del progreso: cuenta la que menos tiene."""
    folders = [Path.cwd(), _nearest_existing(environment.home_dir())]
    free, folder = min((shutil.disk_usage(folder).free, folder) for folder in folders)
    level = _grade(free, comfortable=_COMFORTABLE_DISK, minimum=_MINIMUM_DISK)
    advice = f"Libera espacio en el disco de {folder}."
    text = f"{_gigabytes(free)} libres"
    return Finding(level, "disco", text, "" if level == "✓" else advice)


def _check_progress(home: Path) -> Finding:
    """Prueba a escribir donde el curso guarda tu progreso, sin dejar nada."""
    try:
        with tempfile.TemporaryFile(dir=_nearest_existing(home)):
            pass
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return Finding(
            "✗",
            "progreso",
            f"no se puede escribir en {home}",
            f"{'Libera espacio' if full else 'Da permiso de escritura'} en esa carpeta o elige "
            "otra con la variable CURSO_HOME.",
        )
    if home == environment.temporary_home():
        text = f"no tienes carpeta personal: se guarda en {home}, que el sistema puede borrar"
        return Finding("!", "progreso", text, "Elige una con la variable CURSO_HOME.")
    return Finding("✓", "progreso", f"se guarda en {home}")


def _check_datasets() -> Iterator[Finding]:
    """Verifica los datos que vienen con el curso."""
    from course_utils.datasets import verify_all

    problems = verify_all()
    yield from (Finding("✗", "datos", problem) for problem in problems)
    if not problems:
        yield Finding("✓", "datos", "completos y sin cambios")


def _check_installed_framework(module: str) -> Iterator[Finding]:
    """Prueba un framework, salvo que falte, que ya lo han dicho los paquetes."""
    if importlib.util.find_spec(module):
        yield _check_framework(module)


def _check_framework(module: str, *, timeout: float = 120.0) -> Finding:
    """Importa un framework en otro proceso y hace con él una cuenta pequeña."""
    title, code = _PROBES[module]
    again = f"Reinstálalo con: {requirements.install_command(module)} --force-reinstall --no-deps"
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code],
            env={name: os.environ[name] for name in os.environ if name not in _SEARCH_VARIABLES},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        text = f"no ha terminado de importarse en {timeout:.0f} s"
        return Finding("✗", title, text, f"Cierra otros programas y repítelo. {again}")
    if done.returncode == 0:
        seconds = time.perf_counter() - start
        return Finding("✓", title, f"importación y cálculo correctos ({seconds:.0f} s)")
    if done.returncode < 0:
        return _explain_signal(title, -done.returncode, again)
    message = (done.stderr.strip().splitlines() or ["sin más explicación"])[-1][:300]
    if "DLL load failed" in message:  # lo habitual en un Windows recién instalado
        again = f"Instala Microsoft Visual C++ Redistributable y repítelo. {again}"
    return Finding("✗", title, f"no se puede importar: {message}", again)


def _explain_signal(title: str, number: int, advice: str) -> Finding:
    """Explica por qué el sistema ha cerrado el proceso que probaba un framework."""
    if number == signal.SIGILL:
        text = "el procesador no admite las instrucciones que necesita (SIGILL)"
        return Finding("✗", title, text, "Sigue el curso en Google Colab.")
    if number == signal.SIGKILL:
        text = "el sistema ha cerrado el proceso (SIGKILL), casi siempre por falta de memoria"
        return Finding("✗", title, text, "Cierra otros programas y repítelo.")
    text = f"el proceso se ha cerrado de golpe ({signal.Signals(number).name})"
    return Finding("✗", title, text, advice)


def _grade(value: float, *, comfortable: float, minimum: float) -> Literal["✓", "!", "✗"]:
    """Clasifica una cantidad: sobra, va justa o no llega."""
    if value >= comfortable:
        return "✓"
    return "!" if value >= minimum else "✗"


def _gigabytes(size: float) -> str:
    """Escribe un tamaño en GB."""
    return f"{size / _GIGABYTE:.1f} GB"


def _nearest_existing(folder: Path) -> Path:
    """Devuelve ``folder`` o, si no existe o no se deja ver, la primera superior que sí."""
    return next(place for place in (folder, *folder.parents) if os.path.exists(place))


def _closing_line(findings: Sequence[Finding]) -> str:
    """Resume la revisión en una línea."""
    problems = sum(finding.level == "✗" for finding in findings)
    warnings = sum(finding.level == "!" for finding in findings)
    if problems:
        return f"Problemas por resolver (✗): {problems}."
    return f"Puedes seguir el curso; avisos (!): {warnings}." if warnings else "Todo en orden."


def main(arguments: Sequence[str]) -> int:
    """Hace la revisión desde la terminal y devuelve el código de salida.

    Examples
    --------
    >>> main(["--help"])  # doctest: +ELLIPSIS
    Uso: python -m course_utils.doctor [--rapido]
    ...
    0
    """
    if "--help" in arguments or "-h" in arguments:
        print(_USAGE)
        return 0
    if unknown := [argument for argument in arguments if argument != "--rapido"]:
        print(f"No existe la opción {unknown[0]}.\n\n{_USAGE}", file=sys.stderr)
        return 2
    found = []
    for finding in _findings(quick=bool(arguments)):
        print(finding, flush=True)
        found.append(finding)
    print(_closing_line(found))
    return 0 if Report(tuple(found)).ok else 1


if __name__ == "__main__":
    # Una consola de Windows puede no saber escribir «✓»; mejor un signo raro que un error.
    sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))

"""Prepara el curso y lo abre: la orden que hay detrás de `make lab`.

Solo usa la biblioteca estándar, porque se ejecuta antes de instalar nada, y se entiende desde
Python 3.8, para que hasta un Python demasiado viejo responda con una línea clara.
Sin make (por ejemplo, en Windows) se usa igual: `py tools/lab.py`.
"""

from __future__ import annotations

import os
import sys

# Como programa, Python busca antes aquí y en `PYTHONPATH` que en su biblioteca: un random.py en una
# de esas carpetas impediría lo que sigue. Solo os y sys están siempre cargados.
if __name__ == "__main__":
    TOOLS = os.path.dirname(os.path.abspath(__file__))
    RISKY = {TOOLS, *map(os.path.abspath, os.environ.get("PYTHONPATH", "").split(os.pathsep))}
    RISKY.discard(os.path.dirname(os.__file__))
    sys.path[:] = [place for place in sys.path if os.path.abspath(place) not in RISKY]

import argparse
import csv
import errno
import hashlib
import importlib.util
import json
import platform
import re
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ((3, 11), (3, 12), (3, 13))
SUPPORTED_TEXT = "3.11, 3.12 o 3.13"
EXTRAS = ("curso", "test")  # el segundo contiene al primero
NEEDED_GB = 4.0
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
DEFAULT_PORT = 8888
COPIES = "mi_curso"
# Lo que venv y pip ponen en un entorno, fuera de los paquetes, y los programas que crea venv.
VENV_NAMES = (
    "bin Scripts include Include lib Lib lib64 share etc pyvenv.cfg .gitignore .curso.json"
).split()
VENV_PROGRAM = re.compile(
    r"(pythonw?|pip)[\d.]*(\.exe)?|(de)?activate(\.\w+)?|Activate\.ps1|__pycache__|~.*"
)
SYSTEM_PACKAGES = {"chromium": "del navegador", "hunspell": "de ortografía"}
# Variables que cambian de dónde toma Python sus bibliotecas: el curso abre sin ellas lo que abre.
SEARCH_VARIABLES = ("PYTHONPATH", "PYTHONHOME")
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT")
# El médico, aunque el curso no esté instalado y en su carpeta haya un random.py.
DOCTOR = (
    "import sys; sys.path[:] = [*filter(None, sys.path), sys.argv.pop(1)]; import runpy; "
    "runpy.run_module('course_utils.doctor', run_name='__main__', alter_sys=True)"
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

HELP = """Uso: python tools/lab.py [orden] (con make, lo mismo: make lab, make reset…)

  lab [LECCIÓN]      instala lo que falte y abre JupyterLab en tu copia de la lección (la 00)
  reset LECCIÓN      empieza de nuevo una lección; tu copia anterior se conserva al lado
  doctor             comprueba el entorno y dice cómo arreglar lo que falle
  install            solo instala; con --extra test, lo que necesita quien mantiene el curso,
                     y con --system, además, el navegador y el diccionario (apt, como root)

  --port N           puerto de JupyterLab (por defecto, 8888)
  -- ARGUMENTOS      lo que va detrás de -- se pasa tal cual a JupyterLab o al doctor

Variables: CURSO_VENV=carpeta usa un entorno ya preparado (conda, por ejemplo) sin instalar nada.
"""


class LabError(Exception):
    """Un problema que se cuenta en una línea, con lo que hay que hacer."""


# ---------------------------------------------------------------------------
# Lo que se dice
# ---------------------------------------------------------------------------


def say(text: str) -> None:
    """Escribe una línea al momento, aunque la salida vaya a un archivo."""
    print(text, flush=True)


def order(name: str, *, lesson: str = "", port: int = 0) -> str:
    """Escribe una orden como la teclearía quien lee: con make o sin él."""
    if "MAKELEVEL" in os.environ:
        words = ["make", name] + [f"LESSON={lesson}"] * bool(lesson) + [f"PORT={port}"] * bool(port)
    else:
        words = ["py" if os.name == "nt" else "python3", "tools/lab.py", name]
        words += [lesson] * bool(lesson) + [f"--port {port}"] * bool(port)
    return " ".join(words)


def is_root() -> bool:
    """Indica si esto lo ejecuta el administrador del sistema (en Windows, nunca se sabe)."""
    return getattr(os, "geteuid", lambda: 1)() == 0


def warn_root(doing: str) -> None:
    """Dice en voz alta que se hace algo con todos los permisos."""
    if is_root():
        say(f"Aviso: {doing} como root, que puede con todo; fuera de un contenedor, usa otro.")


def duration(seconds: float) -> str:
    """Escribe una duración.

    Examples
    --------
    >>> duration(7.4), duration(125)
    ('7 s', '2 min 5 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def joined(words: list[str]) -> str:
    """Enumera en español.

    Examples
    --------
    >>> joined(["11"]), joined(["00", "11", "12"])
    ('11', '00, 11 y 12')
    """
    return " y ".join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])


# ---------------------------------------------------------------------------
# Lo que se hereda: variables, carpeta personal y archivos con nombre de biblioteca
# ---------------------------------------------------------------------------


def clean_variables(**more: str) -> dict:
    """Devuelve las variables con que se abre otro programa.

    Sin las que le harían tomar otras bibliotecas y, si no hay carpeta personal donde escribir (un
    usuario sin nombre en un contenedor), con una dentro de la de quien aprende.
    """
    kept = {name: value for name, value in os.environ.items() if name not in SEARCH_VARIABLES}
    if os.name == "posix" and not os.access(os.path.expanduser("~"), os.W_OK):
        home = ROOT / COPIES / ".hogar"
        home.mkdir(parents=True, exist_ok=True)
        kept["HOME"] = str(home)
    return {**kept, **more}


def warn_variables() -> None:
    """Nombra las variables que no se heredan."""
    for name in SEARCH_VARIABLES:
        if os.environ.get(name):
            say(
                f"Aviso: no hago caso de la variable {name} ({os.environ[name]}), que cambia de "
                f"dónde toma Python sus bibliotecas. Si no la necesitas, quítala: `unset {name}`."
            )


def warn_shadows(root: Path, venv: Path) -> None:
    """Nombra los archivos que se llaman como una biblioteca y pueden ocupar su lugar."""
    # Por su ruta: el course_utils que haya instalado puede ser de otra copia del curso.
    place = ROOT / "course_utils" / "shadows.py"
    spec = importlib.util.spec_from_file_location("shadows", str(place))
    shadows = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shadows)
    sites = [str(place) for place in site_packages(venv)]
    for path in shadows.find_shadows([str(root), str(root / COPIES)], sites):
        say(
            f"Aviso: {os.path.relpath(path, str(root))} se llama como la biblioteca "
            f"{shadows.library_name(path)} y puede ocupar su lugar: cámbiale el nombre."
        )


# ---------------------------------------------------------------------------
# Python y el entorno
# ---------------------------------------------------------------------------

PROBE = (
    "import sys, importlib.util as u; "
    "print(sys.version_info[0], sys.version_info[1], int(bool(u.find_spec('ensurepip'))))"
)


def ask_python(command: list[str]) -> tuple[tuple[int, int], bool] | None:
    """Pregunta a un intérprete su versión y si puede crear entornos; None si no funciona."""
    try:
        answer = subprocess.run(
            [*command, "-I", "-c", PROBE],
            env=clean_variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=True,
        )
        major, minor, can_create = answer.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return (int(major), int(minor)), can_create == b"1"


def python_candidates() -> list[list[str]]:
    """Enumera los Python que podrían servir, empezando por el que ejecuta esto."""
    versions = [f"{major}.{minor}" for major, minor in reversed(SUPPORTED)]
    found = [shutil.which(f"python{version}") for version in versions]
    found += [shutil.which(name) for name in ("python3", "python")]
    commands = [[sys.executable]] + [[path] for path in found if path]
    if os.name == "nt" and shutil.which("py"):
        commands += [["py", f"-{version}"] for version in versions]
    return commands


def find_python(*, candidates: list[list[str]] | None = None, ask=ask_python) -> list[str]:
    """Elige el primer Python que el curso admite y que puede crear entornos.

    Raises
    ------
    LabError
        Si no hay ninguno; el mensaje dice qué versión hay y cuál instalar.
    """
    candidates = python_candidates() if candidates is None else candidates
    crippled = None
    for command in candidates:
        answer = ask(command)
        if answer and answer[0] in SUPPORTED:
            if answer[1]:
                return command
            crippled = crippled or answer[0]
    if crippled:
        version = "{}.{}".format(*crippled)
        raise LabError(
            f"A Python {version} le falta el módulo que crea entornos: instálalo (en Debian y "
            f"Ubuntu, `sudo apt install python{version}-venv`) y repite `{order('lab')}`."
        )
    mine = ask(candidates[0]) if candidates else None
    here = "el que hay es Python {}.{}".format(*mine[0]) if mine else "no hay ninguno que funcione"
    raise LabError(
        f"Hace falta Python {SUPPORTED_TEXT} y {here}: instala uno de esos desde "
        f"https://www.python.org/downloads/ y repite `{order('lab')}`."
    )


def environment(root: Path) -> tuple[Path, bool]:
    """Devuelve la carpeta del entorno y si es este programa quien lo gestiona."""
    chosen = os.environ.get("CURSO_VENV")
    return (Path(chosen).resolve(), False) if chosen else (root / ".venv", True)


def venv_python(venv: Path) -> Path:
    """Devuelve el intérprete de un entorno."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site_packages(venv: Path) -> list[Path]:
    """Devuelve las carpetas de paquetes de un entorno (una, salvo en un entorno roto)."""
    return [*venv.glob("lib/python*/site-packages"), *venv.glob("Lib/site-packages")]


def fingerprint(root: Path) -> str:
    """Resume de qué depende el entorno: lo que pide el curso y la carpeta en que está."""
    parts = [(root / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join([*parts, str(root).encode("utf-8")])).hexdigest()


def is_ready(root: Path, venv: Path, extra: str) -> bool:
    """Indica si el entorno se instaló entero y para lo que hoy pide el curso."""
    stamp = read_json(venv / ".curso.json")
    return (
        venv_python(venv).exists()
        and stamp.get("fingerprint") == fingerprint(root)
        and stamp.get("extra") in EXTRAS[EXTRAS.index(extra) :]
    )


def pinned_version(root: Path, package: str) -> str:
    """Lee la versión que constraints.txt fija para un paquete."""
    text = (root / "constraints.txt").read_text(encoding="utf-8")
    match = re.search(rf"(?mi)^{re.escape(package)}==([^\s;#]+)", text)
    if not match:
        raise LabError(
            f"constraints.txt no fija la versión de {package}: recupera el archivo con "
            "`git checkout constraints.txt`."
        )
    return match.group(1)


# ---------------------------------------------------------------------------
# Instalación
# ---------------------------------------------------------------------------


def progress_text(line: str) -> str:
    """Traduce una línea de pip a lo que está pasando; cadena vacía si no dice nada.

    Examples
    --------
    >>> progress_text("Collecting torch==2.13.0 (from -c constraints.txt)")
    'busco torch'
    >>> progress_text("Installing collected packages: six, numpy")
    'copio 2 paquetes (es lo que más tarda)'
    """
    first, _, rest = line.strip().partition(" ")
    if first == "Collecting":
        return "busco " + re.split(r"[\s=<>!~;\[(]", rest)[0]
    if first in ("Downloading", "Using", "Processing") and rest.endswith(")"):
        return "descargo " + rest.replace("cached ", "").rsplit("/", 1)[-1].split("-")[0]
    if line.startswith("Installing collected packages:"):
        return f"copio {line.count(',') + 1} paquetes (es lo que más tarda)"
    return ""


def show_progress(text: str, seconds: float, *, last: float) -> float:
    """Muestra por dónde va: en una terminal, siempre en la misma línea; si no, cada 30 s."""
    message = f"      {text} ({duration(seconds)})"
    if sys.stdout.isatty():
        print("\r" + message[:78].ljust(78), end="", flush=True)
    elif seconds - last >= 30:
        say(message)
        return seconds
    return last


def error_text(line: str) -> str:
    """Extrae lo que dice una línea de error de pip o la última de una traza; si no, nada.

    Examples
    --------
    >>> error_text("ERROR: No matching distribution found for torch")
    'No matching distribution found for torch'
    >>> error_text("OSError: invalid path"), error_text("ERROR: Exception:")
    ('invalid path', '')
    """
    match = re.match(r"(?:ERROR|[\w.]+Error): (.+)", line.strip())
    if not match or match.group(1) == "Exception:" or "ResolutionImpossible" in line:
        return ""
    return match.group(1)


def run_logged(command: list[str], log: Path) -> tuple[int, str]:
    """Ejecuta una orden, guarda todo lo que dice y cuenta por dónde va.

    Returns
    -------
    tuple of (int, str)
        El código de salida y la última línea de error, sin «ERROR:».
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    env = clean_variables(PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8", PIP_USER="0")
    start, last, error = time.monotonic(), 0.0, ""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    with log.open("a", buffering=1, encoding="utf-8") as record:
        record.write("$ " + " ".join(command) + "\n")
        with subprocess.Popen(
            command, env=env, encoding="utf-8", errors="replace", **pipes
        ) as process:
            for line in process.stdout:
                record.write(line)
                error = error_text(line) or error
                text = progress_text(line)
                if text:
                    last = show_progress(text, time.monotonic() - start, last=last)
    if sys.stdout.isatty():
        print("\r" + " " * 78 + "\r", end="", flush=True)
    return process.returncode, error


def require(result: tuple[int, str], doing: str, log: Path) -> None:
    """Convierte el fallo de una orden en una línea clara."""
    code, error = result
    if code == 0:
        return
    refuse_local(error, doing)
    raise LabError(
        f"No he podido {doing} ({error or f'código {code}'}): comprueba la conexión y repite "
        f"`{order('lab')}`; seguirá donde estaba. Todos los detalles, en {log}."
    )


def refuse_local(error: str, doing: str) -> None:
    """Cuenta en una línea lo que falla en este ordenador: no es cosa de la conexión."""
    again = f"y repite `{order('lab')}`; seguirá donde estaba."
    if re.search(r"No space left|Errno 28|[Qq]uota exceeded|Errno 122", error):
        raise LabError(
            f"El disco se ha llenado al {doing}: libera unos {NEEDED_GB:.0f} GB "
            f"(también en la carpeta temporal) {again}"
        )
    if "CA certificate bundle" in error:
        missing = [
            name
            for name in CERTIFICATE_VARIABLES
            if os.environ.get(name) and not os.path.exists(os.environ[name])
        ]
        raise LabError(
            f"No he podido {doing}: faltan los certificados con que se comprueba quién contesta "
            f"({error}). Corrige o quita {joined(missing) or 'la variable que los nombra'} {again}"
        )
    if re.search(r"Permission denied|Read-only|Errno (13|30)\b", error):
        raise LabError(
            f"No he podido {doing} por falta de permiso ({error}): pon el curso en una carpeta "
            f"tuya {again}"
        )


def folder_gb(folder: Path) -> float:
    """Suma lo que ocupa una carpeta, en GB; 0 si no existe."""
    total = 0
    for parent, _, names in os.walk(folder):
        total += sum(os.lstat(os.path.join(parent, name)).st_size for name in names)
    return total / 1e9


def check_disk(root: Path, venv: Path, *, usage=shutil.disk_usage) -> None:
    """Comprueba que cabe lo que falta por instalar."""
    missing = max(NEEDED_GB - folder_gb(venv), 0.3)
    free = usage(root).free / 1e9
    if free < missing:
        raise LabError(
            f"No cabe: el curso necesita {missing:.1f} GB más en {root} y quedan {free:.1f} GB. "
            f"Libera espacio y repite `{order('lab')}`."
        )


def remove_half_installed(venv: Path) -> None:
    """Quita la ficha de los paquetes que una interrupción dejó a medias.

    pip escribe INSTALLER lo último: una ficha sin él es de un paquete incompleto, que pip daría
    por bueno. Sin la ficha lo vuelve a instalar encima.
    """
    for folder in site_packages(venv):
        for record in folder.glob("*.dist-info"):
            if not (record / "INSTALLER").exists():
                shutil.rmtree(record)
        for leftover in folder.glob("~*"):
            shutil.rmtree(leftover, ignore_errors=True)


def check_disposable(venv: Path) -> None:
    """Comprueba que un entorno que no funciona se puede vaciar sin perder nada de nadie.

    Raises
    ------
    LabError
        Si es un enlace, no es una carpeta o contiene algo que no han puesto ni venv ni pip.
    """
    if venv.is_symlink():
        found = f"es un enlace a {os.readlink(venv)}"
    elif not venv.is_dir():
        found = "no es una carpeta"
    else:
        strangers = unknown_things(venv)
        if not strangers:
            return
        shown = ", ".join(strangers[:3]) + "…" * (len(strangers) > 3)
        found = f"contiene lo que no han puesto ni venv ni pip ({shown})"
    raise LabError(
        f"{venv} no tiene un Python que funcione y {found}: no lo toco. Guarda lo que te importe, "
        f"quita {venv.name} o cámbiale el nombre y repite `{order('lab')}`."
    )


def unknown_things(venv: Path) -> list[str]:
    """Enumera lo que hay en un entorno y no han puesto ni venv ni pip.

    Mira la carpeta, la de sus programas y la de sus paquetes; pip apunta lo suyo en los RECORD.
    """
    known = {venv / name for name in VENV_NAMES}
    folders = [venv, venv / "bin", venv / "Scripts", *site_packages(venv)]
    for folder in site_packages(venv):
        for record in folder.glob("*.dist-info"):
            known.update([record, *recorded(folder, record / "RECORD")])
    return [
        str(path.relative_to(venv))
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path not in known and not VENV_PROGRAM.fullmatch(path.name)
    ]


def recorded(folder: Path, record: Path) -> set[Path]:
    """Devuelve lo que un RECORD dice que pip puso: carpetas de paquetes y programas."""
    if not record.is_file():
        return set()
    with record.open(encoding="utf-8", newline="") as rows:
        names = [row[0] for row in csv.reader(rows) if row]
    programs = {Path(os.path.normpath(folder / name)) for name in names if name.startswith("..")}
    return programs | {folder / name.split("/")[0] for name in names}


def create_venv(venv: Path, log: Path, *, run=run_logged, find=find_python, ask=ask_python) -> None:
    """Crea el entorno, o completa el que quedó a medias."""
    python = str(venv_python(venv))
    answer = ask([python]) if os.path.lexists(venv) else None
    if answer is None:
        if os.path.lexists(venv):
            check_disposable(venv)
        base = find()
        say(f"[1/3] Creo el entorno {venv.name} (suele tardar unos segundos).")
        require(
            run([*base, "-I", "-m", "venv", "--clear", str(venv)], log), "crear el entorno", log
        )
        return
    if answer[0] not in SUPPORTED:
        version = "{}.{}".format(*answer[0])
        raise LabError(
            f"El entorno {venv} es de Python {version} y hace falta {SUPPORTED_TEXT}: borra esa "
            f"carpeta y repite `{order('lab')}`."
        )
    say(f"[1/3] Aprovecho el entorno {venv.name}, que ya existe.")
    (venv / ".curso.json").unlink(missing_ok=True)  # hasta que se termine, no está listo
    remove_half_installed(venv)
    if not any(list(folder.glob("pip-*.dist-info")) for folder in site_packages(venv)):
        require(run([python, "-P", "-m", "ensurepip", "--default-pip"], log), "instalar pip", log)


def install_torch(root: Path, venv: Path, log: Path, *, run=run_logged) -> None:
    """Instala PyTorch desde su índice para CPU; si no responde, lo hará el índice habitual.

    En Linux el índice habitual trae la versión para GPU, con varios GB de bibliotecas de NVIDIA;
    en macOS y Windows trae la misma versión para CPU, y no hace falta nada especial.
    """
    if platform.system() != "Linux":
        say("[2/3] PyTorch llegará con lo demás (unos 200 MB).")
        return
    say("[2/3] Instalo PyTorch para CPU (unos 200 MB; suele tardar alrededor de un minuto).")
    impatient = ["--retries", "0", "--timeout", "10"]
    pinned = f"torch=={pinned_version(root, 'torch')}"
    code, error = run(pip(venv, *impatient, "--no-deps", "--index-url", CPU_INDEX, pinned), log)
    if code:
        refuse_local(error, "instalar PyTorch")
        say(
            "      El índice de PyTorch para CPU no responde: lo tomo del habitual, que puede dar "
            "la versión para GPU (unos 3 GB de descarga y 8 GB de disco)."
        )


def pip(venv: Path, *options: str) -> list[str]:
    """Devuelve la orden `pip install` del entorno, sin preguntas ni adornos."""
    quiet = ["--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    return [str(venv_python(venv)), "-P", "-m", "pip", "install", *quiet, *options]


def install(root: Path, extra: str, *, run=run_logged, find=find_python, ask=ask_python) -> None:
    """Deja el entorno listo; si ya lo está, no tarda nada.

    Parameters
    ----------
    root : Path
        Carpeta del curso.
    extra : str
        ``"curso"`` para quien aprende; ``"test"`` para quien mantiene el curso.
    run, find, ask : callable
        Lo que ejecuta órdenes, busca Python y le pregunta su versión.
    """
    venv, managed = environment(root)
    if not managed:
        answer = ask([str(venv_python(venv))])
        if answer is None or answer[0] not in SUPPORTED:
            raise LabError(
                f"CURSO_VENV señala a {venv}, donde no hay un Python {SUPPORTED_TEXT} que "
                "funcione: corrígela o quítala para que el curso cree su propio entorno."
            )
        return
    if is_ready(root, venv, extra):
        return
    start, log = time.monotonic(), root / "build" / "instalacion.log"
    check_disk(root, venv)
    warn_root("instalo")
    say(
        "Preparo el curso. La primera vez suele tardar de 3 a 10 minutos (alrededor de 1 GB de "
        "descarga); después, unos segundos."
    )
    create_venv(venv, log, run=run, find=find, ask=ask)
    install_torch(root, venv, log, run=run)
    say("[3/3] Instalo TensorFlow, JupyterLab y lo demás (suele tardar de 2 a 8 minutos).")
    course = pip(venv, "-c", str(root / "constraints.txt"), "-e", f"{root}[{extra}]")
    require(run(course, log), "instalar lo que usa el curso", log)
    write_json(venv / ".curso.json", {"fingerprint": fingerprint(root), "extra": extra})
    say(f"Entorno listo en {duration(time.monotonic() - start)}.")


def system_packages(*, wanted: bool, which=shutil.which, run=subprocess.call) -> None:
    """Instala con apt el navegador y el diccionario si se pide; si no, dice cómo tenerlos.

    Parameters
    ----------
    wanted : bool
        Si quien da la orden quiere que se instalen (``--system``).
    which, run : callable
        Lo que busca programas y ejecuta órdenes.
    """
    missing = [] if any(which(name) for name in BROWSERS) else ["chromium"]
    missing += [] if which("hunspell") else ["hunspell"]
    if not missing:
        return
    packages = [*missing, *["hunspell-es"] * ("hunspell" in missing)]
    skipped = f"no habrá pruebas {joined([SYSTEM_PACKAGES[name] for name in missing])}"
    has_apt = bool(which("apt-get"))
    if wanted and has_apt and is_root():
        if not apt_install(packages, run=run):
            say(f"apt no ha podido instalar {joined(packages)}: {skipped}.")
        return
    if not has_apt:
        how = "instálalo con lo que use tu sistema"
    elif is_root():
        how = "`make test SYSTEM=1`"
    else:
        how = f"`sudo apt install {' '.join(packages)}`"
    lack = "Faltan" if len(missing) > 1 else "Falta"
    say(f"{lack} {joined(missing)}: {skipped}. Para tenerlas, {how}.")


def apt_install(packages: list[str], *, run) -> bool:
    """Instala paquetes con apt, sin preguntas, e indica si ha podido."""
    say(f"Instalo con apt {joined(packages)} (suele tardar un minuto).")
    quiet = {
        "env": dict(os.environ, DEBIAN_FRONTEND="noninteractive"),
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    run(["apt-get", "update"], **quiet)
    return run(["apt-get", "install", "-y", "--no-install-recommends", *packages], **quiet) == 0


# ---------------------------------------------------------------------------
# Las copias de quien aprende
# ---------------------------------------------------------------------------


def read_json(path: Path) -> dict:
    """Lee un objeto JSON; si falta o está dañado, devuelve uno vacío."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_bytes(path: Path, data: bytes) -> None:
    """Escribe un archivo de una vez: o queda entero o queda como estaba.

    El nombre provisional es único: dos ejecuciones a la vez, aunque sean de dos contenedores
    con el mismo número de proceso, no se pisan.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        if partial.exists():
            partial.unlink()


def write_json(path: Path, value: dict) -> None:
    """Escribe un objeto JSON de una vez."""
    write_bytes(path, json.dumps(value, indent=1, sort_keys=True).encode("utf-8") + b"\n")


def content_sha256(notebook: dict) -> str:
    """Resume las celdas de un cuaderno, como al generarlo (tools/notebooks/build.py)."""
    content = [
        [
            cell.get("id"),
            cell["cell_type"],
            "".join(cell["source"]),
            sorted(cell["metadata"].get("tags", [])),
        ]
        for cell in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode("utf-8")).hexdigest()


def is_pristine(data: bytes) -> bool | None:
    """Indica si un cuaderno es el que se generó, sin salidas; None si no lleva con qué saberlo.

    Raises
    ------
    ValueError
        Si no es un cuaderno que se pueda abrir.
    """
    try:
        notebook = json.loads(data.decode("utf-8"))
        used = any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"])
        found, given = content_sha256(notebook), notebook["metadata"].get("curso", {}).get("sha256")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("no es un cuaderno") from error
    return None if given is None else found == given and not used


def git(root: Path, *arguments: str) -> tuple[int, bytes]:
    """Pregunta a git por el curso; sin git, o fuera de un clon, el código no es 0 ni 1."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            env=clean_variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
    except OSError:
        return 128, b""
    return done.returncode, done.stdout


def lesson_data(root: Path, lesson: Path) -> tuple[bytes, str]:
    """Lee una lección como la da el curso, aunque alguien la haya cambiado en notebooks/.

    Returns
    -------
    tuple of (bytes, str)
        El cuaderno y, si el de notebooks/ no es el del curso, una línea que lo cuenta.

    Raises
    ------
    LabError
        Si alguien la ha cambiado, o no se puede abrir, y no hay git del que sacar la original.
    """
    name, data = f"notebooks/{lesson.name}", lesson.read_bytes()
    try:
        pristine, problem = is_pristine(data), "no es como la da el curso: alguien la ha cambiado"
    except ValueError:
        pristine, problem = False, "no se puede abrir: está a medias o no es un cuaderno"
    if pristine:
        return data, ""
    code, original = git(root, "show", f"HEAD:./{name}")
    if code:
        if pristine is None:
            return data, ""
        raise LabError(
            f"{name} {problem}. No la copio, y aquí no hay un git del que sacar la original: "
            "si ahí está tu trabajo, guárdalo; después descarga otra vez el curso y repite."
        )
    if not is_notebook(original):
        raise LabError(f"{name} {problem}, y en git tampoco: mira `git log {name}`.")
    if is_notebook(data) and git(root, "diff", "--quiet", "HEAD", "--", name)[0] == 0:
        return data, "" if pristine is None else f"Aviso: {name} {problem}, y así consta en git."
    staged = git(root, "diff", "--quiet", "--cached", "--", name)[0] == 1
    return original, (
        f"Aviso: {name} {problem}. Te doy la original, que está en git. Si ahí está tu trabajo, "
        f"cópialo a {COPIES}/; después, `git checkout {'HEAD ' * staged}{name}` la recupera."
    )


def is_notebook(data: bytes) -> bool:
    """Indica si es un cuaderno que se puede abrir."""
    try:
        is_pristine(data)
    except ValueError:
        return False
    return True


def available_lessons(root: Path) -> list[Path]:
    """Enumera las lecciones del curso, en orden."""
    lessons = sorted((root / "notebooks").glob("[0-9]*_*.ipynb"))
    if not lessons:
        raise LabError(
            f"No hay lecciones en {root / 'notebooks'}: descarga el curso entero "
            "(`git clone`) o recupéralas con `git checkout notebooks`."
        )
    return lessons


def find_lesson(root: Path, wanted: str) -> Path:
    """Busca una lección por su número, su nombre o el principio de su nombre."""
    lessons = available_lessons(root)
    numbers = joined([lesson.stem.split("_")[0] for lesson in lessons])
    name = wanted.strip()
    name = name[: -len(".ipynb")] if name.endswith(".ipynb") else name
    if not name:
        raise LabError(f"Falta decir qué lección: `{order('reset', lesson='12')}`. Hay: {numbers}.")
    exact = [lesson for lesson in lessons if name in (lesson.stem, lesson.stem.split("_")[0])]
    found = exact or [lesson for lesson in lessons if lesson.stem.startswith(name)]
    if not found:
        raise LabError(
            f"No hay ninguna lección «{name}». Hay: {numbers}. Si falta alguna, "
            "`git checkout notebooks` la recupera."
        )
    if len(found) > 1:
        stems = joined([lesson.stem for lesson in found])
        raise LabError(f"«{name}» vale para varias lecciones ({stems}): escribe solo una.")
    return found[0]


def copies_folder(root: Path) -> Path:
    """Devuelve la carpeta de quien aprende, creándola la primera vez."""
    folder = root / COPIES
    if os.path.lexists(folder) and not folder.is_dir():
        raise LabError(f"{folder} debe ser una carpeta y es otra cosa: cámbiale el nombre.")
    folder.mkdir(exist_ok=True)
    return folder


def copy_lessons(root: Path) -> tuple[list[str], list[str]]:
    """Copia en mi_curso/ las lecciones que falten, sin tocar nunca una que ya esté.

    Returns
    -------
    tuple of (list of str, list of str)
        Los nombres de las que ha copiado y de las que tienen una versión más nueva.
    """
    folder = copies_folder(root)
    given, news = read_json(folder / ".versiones.json"), {}
    copied, outdated = [], []
    for lesson in available_lessons(root):
        copy, missing = folder / lesson.name, not os.path.lexists(folder / lesson.name)
        try:
            data, notice = lesson_data(root, lesson)
        except LabError as error:
            data, notice = None, str(error)
        if missing and notice:
            say(notice)
        if data is None:
            continue
        version = hashlib.sha256(data).hexdigest()
        if missing:
            write_bytes(copy, data)
            copied.append(lesson.stem)
            news[lesson.name] = version
        elif lesson.name not in given:
            news[lesson.name] = version
        elif given[lesson.name] != version:
            outdated.append(lesson.stem)
    note_versions(folder, news)
    return copied, outdated


def note_versions(folder: Path, news: dict) -> None:
    """Apunta qué versión se ha dado de unas lecciones, sin tocar lo apuntado de las demás."""
    record = folder / ".versiones.json"
    if news:
        write_json(record, {**read_json(record), **news})


def announce_copies(copied: list[str], outdated: list[str]) -> None:
    """Cuenta qué lecciones se han copiado y cuáles tienen una versión nueva."""
    if copied:
        numbers = joined([stem.split("_")[0] for stem in copied])
        say(f"He copiado en {COPIES}/ lo nuevo ({numbers}): es tuyo, cambia lo que quieras.")
    for stem in outdated:
        number = stem.split("_")[0]
        say(
            f"Hay una versión nueva de la lección {number}: "
            f"`{order('reset', lesson=number)}` te la da; tu copia se conserva."
        )


def reset(root: Path, wanted: str) -> None:
    """Empieza de nuevo una lección y guarda la copia anterior al lado."""
    lesson = find_lesson(root, wanted)
    data, notice = lesson_data(root, lesson)
    folder = copies_folder(root)
    copy = folder / lesson.name
    if notice:
        say(notice)
    if copy.exists() and copy.read_bytes() == data:
        say(f"{COPIES}/{lesson.name} ya está sin cambios: no hay nada que empezar de nuevo.")
        return
    backup = keep_backup(copy) if copy.exists() else None
    write_bytes(copy, data)
    note_versions(folder, {lesson.name: hashlib.sha256(data).hexdigest()})
    say(f"{COPIES}/{lesson.name} empieza de nuevo.")
    if backup:
        say(
            f"Tu copia anterior está en {COPIES}/{backup.name}. Si tienes la lección abierta en "
            "JupyterLab, ciérrala sin guardar y vuelve a abrirla."
        )


def keep_backup(copy: Path) -> Path:
    """Guarda una copia con el primer número libre, sin pisar ninguna anterior."""
    number = 1
    while True:
        backup = copy.with_name(f"{copy.stem}.antes-{number}{copy.suffix}")
        try:
            with backup.open("xb") as target:
                target.write(copy.read_bytes())
        except FileExistsError:
            number += 1
            continue
        shutil.copystat(copy, backup)
        return backup


# ---------------------------------------------------------------------------
# JupyterLab
# ---------------------------------------------------------------------------


def is_taken(port: int) -> bool:
    """Indica si alguien escucha ya en un puerto de este ordenador."""
    with socket.socket() as client:
        client.settimeout(1)
        if client.connect_ex(("127.0.0.1", port)) == 0:
            return True
    with socket.socket() as server:
        if os.name != "nt":  # en Windows, esta opción dejaría quitarle el puerto a otro
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise LabError(
                f"El sistema no te deja usar el puerto {port}: elige otro, por ejemplo "
                f"`{order('lab', port=DEFAULT_PORT)}`."
            ) from error
    return False


def choose_port(text: str) -> int:
    """Comprueba que el puerto pedido existe y está libre."""
    if not text:
        port = DEFAULT_PORT
    elif re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
        port = int(text)
    else:
        raise LabError(f"PORT debe ser un número entre 1 y 65535; ha llegado «{text}».")
    if is_taken(port):
        free = next(other for other in range(DEFAULT_PORT, 65536) if not is_taken(other))
        raise LabError(
            f"El puerto {port} está ocupado (¿tienes JupyterLab abierto en otra ventana?): "
            f"ciérralo o usa otro, por ejemplo `{order('lab', port=free)}`."
        )
    return port


def lab_command(root: Path, lesson: str, port: int, arguments: list[str]) -> list[str]:
    """Devuelve la orden que abre JupyterLab, en español y sin preguntas, en una lección."""
    venv, _ = environment(root)
    folder = root / COPIES
    command = [
        str(venv_python(venv)),
        "-P",  # lo que haya en la carpeta del curso no ocupa el lugar de una biblioteca
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
        "--KernelManager.transport_encryption=auto",  # sin esto, avisa en inglés de que no cifra
        "--ServerApp.answer_yes=True",  # con Ctrl+C termina, sin preguntar en inglés
        f"--LabApp.default_url=/lab/tree/{lesson}",
        f"--LabApp.app_settings_dir={root / 'tools' / 'jupyterlab'}",
        f"--LabApp.workspaces_dir={folder / '.jupyterlab'}",
    ]
    if is_root():
        command.append("--allow-root")
    if not has_display():
        command.append("--no-browser")
    return command + arguments


def has_display() -> bool:
    """Indica si aquí se puede abrir un navegador."""
    if platform.system() != "Linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))


def lab_variables() -> dict:
    """Devuelve las variables con que se abre JupyterLab."""
    variables = clean_variables()
    variables.setdefault("JUPYTER_TOKEN", secrets.token_hex(16))
    # El núcleo del curso gana a otro «python3» que haya en la carpeta personal.
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"
    # Un hilo por núcleo de Jupyter: dos lecciones a la vez no se estorban.
    variables.setdefault("OMP_NUM_THREADS", "1")
    variables.setdefault("MKL_NUM_THREADS", "1")
    variables.setdefault("PYTHONUTF8", "1")
    return variables


def start(command: list[str], variables: dict) -> int:
    """Cede el sitio a otro programa y devuelve su código de salida."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, variables)
    process = subprocess.Popen(command, env=variables)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Ctrl+C ya le ha llegado también a él
            continue


def lab(root: Path, wanted: str, port: str, arguments: list[str], *, start=start) -> int:
    """Prepara el curso y abre JupyterLab en una lección de quien aprende."""
    lesson = find_lesson(root, wanted) if wanted else available_lessons(root)[0]
    number = choose_port(port)
    install(root, "curso")
    announce_copies(*copy_lessons(root))
    if not os.path.lexists(root / COPIES / lesson.name):
        raise LabError(f"No hay una copia de la lección {lesson.stem} que abrir.")
    warn_root("abro JupyterLab")
    warn_variables()
    warn_shadows(root, environment(root)[0])
    variables = lab_variables()
    url = f"http://localhost:{number}/?token={variables['JUPYTER_TOKEN']}"
    say(
        f"Abro {COPIES}/{lesson.name} en JupyterLab (unos segundos). "
        "Para terminar, pulsa Ctrl+C en esta ventana."
    )
    say(f"Si el navegador no se abre solo, ve a {url}")
    return start(lab_command(root, lesson.name, number, arguments), variables)


def doctor(root: Path, arguments: list[str], *, start=start) -> int:
    """Comprueba el entorno con el médico del curso."""
    venv, _ = environment(root)
    if not venv_python(venv).exists():
        raise LabError(f"Todavía no hay nada instalado: empieza por `{order('lab')}`.")
    warn_variables()
    command = [str(venv_python(venv)), "-c", DOCTOR, str(root), *arguments]
    return start(command, clean_variables())


# ---------------------------------------------------------------------------
# La orden
# ---------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """Un lector de órdenes que se explica en español."""

    def error(self, message: str) -> None:
        """Cuenta un error en una línea."""
        raise LabError(f"No entiendo la orden: mira las que hay con `{order('help')}`.")

    def format_help(self) -> str:
        """Devuelve la ayuda."""
        return HELP


def main(argv: list[str] | None = None, *, root: Path = ROOT, start=start) -> int:
    """Ejecuta una orden y devuelve su código de salida."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    argv = sys.argv[1:] if argv is None else argv
    cut = argv.index("--") if "--" in argv else len(argv)
    parser = Parser()
    parser.add_argument("command", nargs="?", default="lab")
    parser.add_argument("lesson", nargs="?", default="")
    parser.add_argument("--port", default="")
    parser.add_argument("--extra", default="curso", choices=EXTRAS)
    parser.add_argument("--system", action="store_true")
    try:
        options = parser.parse_args(argv[:cut])
        return run_order(options, argv[cut + 1 :], root=root, start=start)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrumpido. Para seguir donde estaba: `{order('lab')}`.", file=sys.stderr)
        return 130
    except OSError as error:
        print(explain_os_error(error), file=sys.stderr)
        return 1


def run_order(options: argparse.Namespace, arguments: list[str], *, root: Path, start) -> int:
    """Ejecuta la orden ya leída."""
    if options.command == "lab":
        return lab(root, options.lesson, options.port, arguments, start=start)
    if options.command == "doctor":
        return doctor(root, arguments, start=start)
    if options.command == "reset":
        reset(root, options.lesson)
    elif options.command == "install":
        install(root, options.extra)
        if options.extra == "test":
            system_packages(wanted=options.system)
    elif options.command == "help":
        say(HELP)
    else:
        raise LabError(
            f"No existe la orden «{options.command}»: mira las que hay con `{order('help')}`."
        )
    return 0


def explain_os_error(error: OSError) -> str:
    """Cuenta un error del sistema en una línea."""
    where = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"El disco está lleno: libera espacio y repite `{order('lab')}`."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No tienes permiso para usar{where}: pon el curso en una carpeta tuya y repite."
    if error.errno == errno.ENOENT:
        return f"No existe{where or ' la carpeta en que estás'}: vuelve a la del curso y repite."
    return f"No puedo usar{where}: {error.strerror or error}."


if __name__ == "__main__":
    sys.exit(main())

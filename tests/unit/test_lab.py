"""tools/lab.py: prepara el entorno, reparte las lecciones y abre JupyterLab.

Ninguna de estas pruebas instala nada: las órdenes son de mentira y las carpetas, temporales.
"""

from __future__ import annotations

import ast
import errno
import functools
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import lab

ROOT = Path(lab.__file__).parents[1]
Usage = namedtuple("Usage", "total used free")
MAKE = shutil.which("make")


@pytest.fixture(autouse=True)
def plain_shell(monkeypatch):
    """Como si llamara un usuario corriente desde su terminal, aunque sea root bajo make."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    for name in [*os.environ]:
        if name.startswith(("MAKE", "CURSO_VENV", "JUPYTER_", "OMP_", "MKL_", "PYTHON")):
            monkeypatch.delenv(name)


def notebook(text: str, *, sealed: bool = True, **used) -> str:
    """Un cuaderno con una celda, como lo genera el curso; ``used`` es lo que deja ejecutarla."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": [text], "outputs": [], **used}
    value = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    if sealed:
        value["metadata"]["curso"] = {"sha256": lab.content_sha256(value)}
    return json.dumps(value)


@pytest.fixture
def course(tmp_path):
    """Un curso con tres lecciones y nada instalado."""
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text(
        "numpy==2.4.6\ntorch==2.13.0\ntorchinfo==1.0\n", encoding="utf-8"
    )
    (tmp_path / "notebooks").mkdir()
    for name in ("00_bienvenida", "11_secuencias", "12_rnn_numpy"):
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(notebook(f"{name} v1"), "utf-8")
    return tmp_path


class Machine:
    """Un ordenador de mentira: crea el entorno, recuerda las órdenes y falla donde se le diga."""

    def __init__(self, course: Path, version=(3, 11)):
        self.venv = course / ".venv"
        self.version = version
        self.orders: list[str] = []
        self.failures: dict[str, object] = {}

    @property
    def site(self) -> Path:
        return self.venv / "lib" / "python3.11" / "site-packages"

    def ask(self, command):
        return (self.version, True) if Path(command[0]).exists() else None

    def find(self):
        return ["python3.11"]

    def run(self, command, log):
        order = " ".join(command)
        self.orders.append(order)
        for word, failure in self.failures.items():
            if word in order:
                if isinstance(failure, BaseException):
                    raise failure
                return failure
        if "-m venv" in order:
            shutil.rmtree(self.venv, ignore_errors=True)
            python = lab.venv_python(self.venv)
            python.parent.mkdir(parents=True)
            python.touch()
            self.add_package("pip-24.0")
        return 0, ""

    def add_package(self, name: str, *, whole: bool = True) -> Path:
        record = self.site / f"{name}.dist-info"
        record.mkdir(parents=True)
        (record / "METADATA").touch()
        if whole:
            (record / "INSTALLER").touch()
        return record

    def install(self, course: Path, extra: str = "curso") -> None:
        self.orders.clear()
        lab.install(course, extra, run=self.run, find=self.find, ask=self.ask)


@pytest.fixture
def machine(course, monkeypatch):
    """El ordenador de mentira, con Linux."""
    monkeypatch.setattr(lab.platform, "system", lambda: "Linux")
    return Machine(course)


# ---------------------------------------------------------------------------
# Python
# ---------------------------------------------------------------------------


def asker(**answers):
    """Devuelve un «ask» que contesta por nombre; lo demás no funciona."""
    return lambda command: answers.get(command[0])


def test_it_understands_python_38_and_needs_nothing_installed():
    """Lo lee hasta un Python viejo y solo importa la biblioteca estándar."""
    tree = ast.parse(Path(lab.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.name.split(".")[0] for node in imports for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= set(sys.stdlib_module_names) | {"pathlib"}


def test_the_python_that_calls_is_preferred():
    """Si el Python que ejecuta la orden sirve, es ese."""
    ask = asker(mine=((3, 12), True), other=((3, 13), True))
    assert lab.find_python(candidates=[["mine"], ["other"]], ask=ask) == ["mine"]
    assert lab.python_candidates()[0] == [sys.executable]


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_another_python_is_found_when_the_caller_does_not_serve(version):
    """Si no sirve, busca otro que sí, y se salta los que no funcionan."""
    ask = asker(mine=(version, True), good=((3, 11), True))
    assert lab.find_python(candidates=[["mine"], ["broken"], ["good"]], ask=ask) == ["good"]


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_no_suitable_python_is_one_line(version):
    """Demasiado viejo o demasiado nuevo: se dice cuál hay y cuál hace falta."""
    with pytest.raises(lab.LabError) as error:
        lab.find_python(candidates=[["mine"], ["broken"]], ask=asker(mine=(version, True)))
    message = str(error.value)
    assert "3.11, 3.12 o 3.13" in message
    assert "Python {}.{}".format(*version) in message
    assert "\n" not in message


def test_no_working_python_is_one_line():
    """Si ninguno funciona, también se dice qué instalar."""
    with pytest.raises(lab.LabError, match=r"no hay ninguno que funcione.*python\.org"):
        lab.find_python(candidates=[["broken"]], ask=asker())


def test_a_python_without_venv_says_what_to_install():
    """En Debian, Python puede venir sin lo que crea entornos."""
    with pytest.raises(lab.LabError, match=r"apt install python3\.12-venv"):
        lab.find_python(candidates=[["mine"]], ask=asker(mine=((3, 12), False)))


def test_asking_a_real_python():
    """Un intérprete de verdad contesta; lo que no lo es, no."""
    assert lab.ask_python([sys.executable]) == (sys.version_info[:2], True)
    assert lab.ask_python(["/no/existe"]) is None
    assert lab.ask_python([sys.executable, "--esta-opcion-no-existe"]) is None


# ---------------------------------------------------------------------------
# Instalación
# ---------------------------------------------------------------------------


def test_a_first_install(course, machine, capsys):
    """Crea el entorno, pide PyTorch a su índice para CPU, instala el curso y lo cuenta."""
    machine.install(course)
    venv, torch, rest = machine.orders
    assert venv.startswith("python3.11 -I -m venv")
    assert f"--index-url {lab.CPU_INDEX}" in torch
    assert torch.endswith(" torch==2.13.0")
    assert "--retries 0" in torch
    assert "--no-deps" in torch
    assert "--index-url" not in rest
    assert f"-c {course / 'constraints.txt'} -e {course}[curso]" in rest
    said = capsys.readouterr().out
    assert "suele tardar" in said
    assert [line[:5] for line in said.splitlines() if line[0] == "["] == ["[1/3]", "[2/3]", "[3/3]"]
    assert said.splitlines()[-1].startswith("Entorno listo en ")
    assert "para GPU" not in said


def test_a_second_install_does_nothing(course, machine, capsys):
    """Con el entorno listo no se ejecuta ni se dice nada."""
    machine.install(course)
    capsys.readouterr()
    machine.install(course)
    assert machine.orders == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_what_the_course_needs_has_changed(course, machine, name):
    """Si cambia lo que pide el curso, el entorno se actualiza sin crearse de nuevo."""
    machine.install(course)
    with (course / name).open("a", encoding="utf-8") as file:
        file.write("# otra cosa\n")
    machine.install(course)
    assert len(machine.orders) == 2
    assert not any("-m venv" in order for order in machine.orders)
    machine.install(course)
    assert machine.orders == []


def test_the_extras_contain_one_another(course, machine):
    """El entorno de quien mantiene el curso sirve para seguirlo, pero no al revés."""
    machine.install(course, "curso")
    machine.install(course, "test")
    assert machine.orders[-1].endswith(f"-e {course}[test]")
    machine.install(course, "curso")
    assert machine.orders == []


def test_a_moved_folder_is_installed_again(course, machine, tmp_path_factory):
    """La instalación señala a la carpeta del curso: si cambia de sitio, se rehace."""
    machine.install(course)
    moved = tmp_path_factory.mktemp("otro") / "curso"
    course.rename(moved)
    there = Machine(moved)
    there.install(moved)
    assert there.orders[-1].endswith(f"-e {moved}[curso]")


def test_the_cpu_index_does_not_answer(course, machine, capsys):
    """Sin el índice para CPU se sigue con el habitual, y se dice cuánto puede ocupar."""
    machine.failures["whl/cpu"] = 1, "No matching distribution found"
    machine.install(course)
    assert machine.orders[-1].endswith("[curso]")
    said = capsys.readouterr().out
    assert "3 GB de descarga y 8 GB de disco" in said
    assert lab.is_ready(course, machine.venv, "curso")


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_only_linux_needs_the_cpu_index(course, machine, monkeypatch, system):
    """En macOS y Windows el índice habitual ya da la versión para CPU."""
    monkeypatch.setattr(lab.platform, "system", lambda: system)
    machine.install(course)
    assert not any("whl/cpu" in order for order in machine.orders)


def test_a_failed_install_leaves_no_stamp(course, machine):
    """Si pip falla, se dice por qué y dónde mirar; la próxima vez se termina."""
    machine.failures["[curso]"] = 1, "No matching distribution found for keras"
    with pytest.raises(lab.LabError, match=r"found for keras.*instalacion\.log"):
        machine.install(course)
    assert not lab.is_ready(course, machine.venv, "curso")
    machine.failures.clear()
    machine.install(course)
    assert not any("-m venv" in order for order in machine.orders)
    assert lab.is_ready(course, machine.venv, "curso")


def test_the_disk_fills_up_while_installing(course, machine):
    """El error del disco lleno se reconoce y se dice qué hacer."""
    machine.failures["[curso]"] = 1, "Could not install: [Errno 28] No space left on device"
    with pytest.raises(lab.LabError, match=r"El disco se ha llenado.*libera unos 4 GB"):
        machine.install(course)


def test_an_interrupted_install_is_mended(course, machine):
    """Lo que una interrupción dejó a medias se instala otra vez; lo entero se respeta."""
    machine.failures["[curso]"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        machine.install(course)
    whole = machine.add_package("numpy-2.4.6")
    half = machine.add_package("tensorflow-2.21.0", whole=False)
    (machine.site / "~umpy").mkdir()
    machine.failures.clear()
    machine.install(course)
    assert whole.exists()
    assert not half.exists()
    assert not (machine.site / "~umpy").exists()
    assert lab.is_ready(course, machine.venv, "curso")


def test_an_interrupted_update_does_not_look_finished(course, machine):
    """Aunque después se deshaga el cambio, el entorno a medias no pasa por bueno."""
    machine.install(course)
    before = (course / "pyproject.toml").read_bytes()
    (course / "pyproject.toml").write_text("otro\n", encoding="utf-8")
    machine.failures["[curso]"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        machine.install(course)
    (course / "pyproject.toml").write_bytes(before)
    assert not lab.is_ready(course, machine.venv, "curso")


def test_pip_itself_was_left_half_installed(course, machine):
    """Si lo que quedó a medias es pip, se recupera antes de usarlo."""
    machine.run(["python3.11", "-m", "venv"], None)
    (machine.site / "pip-24.0.dist-info" / "INSTALLER").unlink()
    machine.install(course)
    assert "-m ensurepip" in machine.orders[0]


def broken_environment(machine) -> Path:
    """Un entorno de verdad (de mentira) al que se le ha perdido el Python."""
    machine.run(["python3.11", "-m", "venv"], None)
    lab.venv_python(machine.venv).unlink()
    record = machine.site / "pip-24.0.dist-info" / "RECORD"
    record.write_text("pip/__init__.py,,\n../../../bin/pip,,\n../../../bin/curso,,\n", "utf-8")
    for name in ("pip/__init__.py", "../../../bin/pip3.11", "../../../bin/curso", "~ip/x"):
        (machine.site / name).parent.mkdir(exist_ok=True)
        (machine.site / name).touch()
    for name in ("pyvenv.cfg", "bin/activate", "bin/activate.fish", "bin/Activate.ps1"):
        (machine.venv / name).touch()
    return machine.venv


def test_a_broken_environment_of_venv_and_pip_is_emptied(course, machine):
    """Si todo lo que hay lo pusieron venv y pip, se vacía y se crea de nuevo."""
    assert lab.unknown_things(broken_environment(machine)) == []
    machine.install(course)
    assert "-m venv --clear" in machine.orders[0]


@pytest.mark.parametrize(
    "name",
    ["notas.txt", "src/", "bin/mi_programa", "bin/pip.txt", "lib/python3.11/site-packages/mio.py"],
)
def test_what_nobody_knows_is_not_emptied(course, machine, name):
    """Algo que no pusieron ni venv ni pip puede ser de alguien: se nombra y no se toca."""
    stranger = broken_environment(machine) / name
    stranger.mkdir() if name.endswith("/") else stranger.write_text("mío", encoding="utf-8")
    before = sorted(machine.venv.rglob("*"))
    with pytest.raises(lab.LabError) as error:
        machine.install(course)
    assert str(Path(name)) in str(error.value)
    assert "cámbiale el nombre y repite" in str(error.value)
    assert machine.orders == []
    assert sorted(machine.venv.rglob("*")) == before


def test_only_three_unknown_things_are_named(machine):
    """Con muchas cosas desconocidas, el mensaje sigue siendo una línea."""
    venv = broken_environment(machine)
    for letter in "abcde":
        (venv / letter).touch()
    with pytest.raises(lab.LabError, match=r"\(a, b, c…\): no lo toco"):
        lab.check_disposable(machine.venv)


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_to_a_broken_environment_is_not_followed(course, machine, tmp_path_factory, exists):
    """Vaciar un enlace vaciaría la carpeta a la que señala, que es de otro."""
    other = tmp_path_factory.mktemp("otro") / "entorno"
    if exists:
        other.mkdir()
        (other / "valioso.txt").touch()
    try:
        machine.venv.symlink_to(other)
    except OSError:
        pytest.skip("este sistema no deja crear enlaces simbólicos")
    with pytest.raises(lab.LabError, match=f"es un enlace a {other}: no lo toco"):
        machine.install(course)
    assert machine.orders == []
    assert machine.venv.is_symlink()
    assert (other / "valioso.txt").exists() == exists


def test_a_file_called_venv_is_not_replaced(course, machine):
    """Un archivo con ese nombre tampoco se borra."""
    machine.venv.write_text("mío", encoding="utf-8")
    with pytest.raises(lab.LabError, match="no es una carpeta: no lo toco"):
        machine.install(course)
    assert machine.venv.read_text(encoding="utf-8") == "mío"


def test_root_is_told_when_it_installs(course, machine, monkeypatch, capsys):
    """Instalar como root se dice, en una línea; con otro usuario, o sin nada que hacer, no."""
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    machine.install(course)
    warned = [line for line in capsys.readouterr().out.splitlines() if "root" in line]
    assert [line.split(",")[0] for line in warned] == ["Aviso: instalo como root"]
    machine.install(course)
    assert capsys.readouterr().out == ""
    lab.warn_root("instalo")
    assert "root" in capsys.readouterr().out
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    lab.warn_root("instalo")
    assert capsys.readouterr().out == ""


def test_an_environment_of_another_python_is_not_touched(course, machine):
    """Un .venv de otro Python puede ser de alguien: se pide borrarlo."""
    machine.run(["python3.11", "-m", "venv"], None)
    machine.version = (3, 10)
    with pytest.raises(lab.LabError, match=r"es de Python 3\.10.*borra esa carpeta"):
        machine.install(course)
    assert lab.venv_python(machine.venv).exists()


def test_no_disk_space(course):
    """Si no cabe, se dice cuánto falta antes de descargar nada."""
    little = Usage(100e9, 99e9, 1e9)
    with pytest.raises(lab.LabError, match=r"necesita 4\.0 GB más.*quedan 1\.0 GB"):
        lab.check_disk(course, course / ".venv", usage=lambda folder: little)


def test_what_is_already_installed_does_not_count(course, monkeypatch):
    """Para terminar una instalación basta con el espacio de lo que falta."""
    monkeypatch.setattr(lab, "folder_gb", lambda folder: 3.5)
    lab.check_disk(course, course / ".venv", usage=lambda folder: Usage(0, 0, 1e9))
    with pytest.raises(lab.LabError, match="No cabe"):
        lab.check_disk(course, course / ".venv", usage=lambda folder: Usage(0, 0, 0.4e9))


def test_the_size_of_a_folder(tmp_path):
    """Se suma lo que hay dentro; una carpeta que no existe no ocupa."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"0" * 3000)
    (tmp_path / "y").write_bytes(b"0" * 1000)
    assert lab.folder_gb(tmp_path) == pytest.approx(4e-6)
    assert lab.folder_gb(tmp_path / "no") == 0


def test_an_environment_of_ones_own(course, machine, monkeypatch):
    """Con CURSO_VENV se usa un entorno ya preparado y no se instala nada."""
    other = course / "conda"
    monkeypatch.setenv("CURSO_VENV", str(other))
    with pytest.raises(lab.LabError, match="CURSO_VENV señala a"):
        machine.install(course)
    lab.venv_python(other).parent.mkdir(parents=True)
    lab.venv_python(other).touch()
    machine.install(course)
    assert machine.orders == []
    assert lab.lab_command(course, "x", 1, [])[0] == str(lab.venv_python(other))


def test_constraints_without_torch(course):
    """Sin versión de torch no se adivina ninguna."""
    assert lab.pinned_version(course, "torch") == "2.13.0"
    (course / "constraints.txt").write_text("torchinfo==1\n", encoding="utf-8")
    with pytest.raises(lab.LabError, match="no fija la versión de torch"):
        lab.pinned_version(course, "torch")


def test_the_real_constraints_pin_torch_without_local_suffix():
    """constraints.txt fija torch sin sufijo, para que valga el índice que sea."""
    assert lab.pinned_version(ROOT, "torch").replace(".", "").isdigit()


def test_a_logged_order(tmp_path):
    """Todo lo que dice la orden queda en el registro; de los errores, el último que dice algo."""
    code = (
        "import sys; print('Collecting ñ'); print('ERROR: nada'); print('ERROR: no cabe'); "
        "print('ERROR: ResolutionImpossible: mira la web'); sys.exit(3)"
    )
    log = tmp_path / "build" / "registro.log"
    assert lab.run_logged([sys.executable, "-c", code], log) == (3, "no cabe")
    assert lab.run_logged([sys.executable, "-c", "print('otra vez')"], log) == (0, "")
    text = log.read_text(encoding="utf-8")
    assert "Collecting ñ" in text
    assert text.endswith("otra vez\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Collecting torch==2.13.0 (from -c constraints.txt)", "busco torch"),
        ("Collecting jupyterlab<5,>=4.4", "busco jupyterlab"),
        ("  Downloading keras-3.15.1-py3-none-any.whl (2.4 MB)", "descargo keras"),
        ("  Using cached keras-3.15.1-py3-none-any.whl (2.4 MB)", "descargo keras"),
        ("Installing collected packages: six, numpy", "copio 2 paquetes (es lo que más tarda)"),
        ("Requirement already satisfied: six", ""),
        ("", ""),
    ],
)
def test_what_pip_is_doing(line, expected):
    """Las líneas de pip se cuentan en pocas palabras."""
    assert lab.progress_text(line) == expected


def test_progress_without_a_terminal_is_sparse(capsys):
    """Si la salida va a un archivo, una línea cada treinta segundos como mucho."""
    assert lab.show_progress("busco six", 29, last=0) == 0
    assert capsys.readouterr().out == ""
    assert lab.show_progress("busco six", 65, last=0) == 65
    assert capsys.readouterr().out == "      busco six (1 min 5 s)\n"


def test_progress_in_a_terminal_stays_on_one_line(monkeypatch, capsys):
    """En una terminal, cada aviso se escribe encima del anterior."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    lab.show_progress("busco six", 2, last=0)
    said = capsys.readouterr().out
    assert said.startswith("\r      busco six (2 s)")
    assert "\n" not in said
    assert len(said) == 79


# ---------------------------------------------------------------------------
# Chromium y hunspell
# ---------------------------------------------------------------------------


def system(present, *, uid, monkeypatch, wanted=True, codes=(0, 0)):
    """Prueba system_packages con lo que hay y quién es; devuelve las órdenes."""
    orders = []
    answers = iter(codes)
    monkeypatch.setattr(os, "geteuid", lambda: uid, raising=False)

    def run(command, **options):
        orders.append(command)
        return next(answers)

    which = {name: name for name in present}.get
    lab.system_packages(wanted=wanted, which=which, run=run)
    return orders


@pytest.mark.parametrize("wanted", [True, False])
def test_nothing_is_missing(monkeypatch, capsys, wanted):
    """Con un navegador y hunspell no se hace ni se dice nada."""
    present = {"google-chrome", "hunspell", "apt-get"}
    assert system(present, uid=0, wanted=wanted, monkeypatch=monkeypatch) == []
    assert capsys.readouterr().out == ""


def test_root_installs_what_is_missing_when_asked(monkeypatch, capsys):
    """Siendo root en Debian, y si se pide, se instala con apt solo lo que falta."""
    update, install = system({"apt-get", "hunspell"}, uid=0, monkeypatch=monkeypatch)
    assert update == ["apt-get", "update"]
    assert install[-1] == "chromium"
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("present", "uid", "wanted", "how"),
    [
        ({"apt-get"}, 0, False, "`make test SYSTEM=1`"),
        ({"apt-get"}, 1000, False, "`sudo apt install chromium hunspell hunspell-es`"),
        ({"apt-get"}, 1000, True, "`sudo apt install chromium hunspell hunspell-es`"),
        (set(), 0, True, "instálalo con lo que use tu sistema"),
        (set(), 1000, False, "instálalo con lo que use tu sistema"),
    ],
)
def test_nothing_is_installed_without_asking(monkeypatch, capsys, present, uid, wanted, how):
    """Si no se pide o no se puede, una línea dice qué falta, qué se salta y cómo se instala."""
    assert system(present, uid=uid, wanted=wanted, monkeypatch=monkeypatch) == []
    said = capsys.readouterr().out
    assert said.startswith("Faltan chromium y hunspell: no habrá pruebas del navegador y de orto")
    assert said.endswith(f"{how}.\n")
    assert said.count("\n") == 1


def test_apt_fails(monkeypatch, capsys):
    """Si apt no puede, se dice y se sigue."""
    system({"apt-get"}, uid=0, codes=(0, 100), monkeypatch=monkeypatch)
    assert "apt no ha podido instalar chromium, hunspell" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), None), (("--extra", "test"), False), (("--extra", "test", "--system"), True)],
)
def test_system_packages_only_when_asked(course, monkeypatch, options, expected):
    """`install` solo toca el sistema con --system; sin --extra test, ni lo mira."""
    calls = []
    monkeypatch.setattr(lab, "install", lambda root, extra: None)
    monkeypatch.setattr(lab, "system_packages", lambda *, wanted: calls.append(wanted))
    assert lab.main(["install", *options], root=course) == 0
    assert calls == ([] if expected is None else [expected])


# ---------------------------------------------------------------------------
# Copias
# ---------------------------------------------------------------------------


def copies(course: Path) -> dict[str, str]:
    """Lo que hay en mi_curso/, sin lo oculto."""
    folder = course / "mi_curso"
    return {path.name: text_of(path) for path in folder.iterdir() if path.name[0] != "."}


def text_of(path: Path) -> str:
    """Lo que hay en la celda de un cuaderno, o en otro archivo."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text)["cells"][0]["source"][0] if text.startswith("{") else text


def edit(course: Path, folder: str, stem: str, text: str) -> None:
    """Pone otra versión de una lección, o cambia una copia."""
    whole = notebook(text) if folder == "notebooks" else text
    (course / folder / f"{stem}.ipynb").write_text(whole, encoding="utf-8")


def test_the_first_time_everything_is_copied(course):
    """La primera vez se copian todas las lecciones, y nada más queda por ahí."""
    copied, outdated = lab.copy_lessons(course)
    assert copied == ["00_bienvenida", "11_secuencias", "12_rnn_numpy"]
    assert outdated == []
    assert copies(course)["12_rnn_numpy.ipynb"] == "12_rnn_numpy v1"
    hidden = [path.name for path in (course / "mi_curso").iterdir() if path.name[0] == "."]
    assert hidden == [".versiones.json"]


def test_a_copy_is_never_overwritten(course):
    """Ni la tocada ni la intacta, aunque haya una versión nueva."""
    lab.copy_lessons(course)
    edit(course, "mi_curso", "11_secuencias", "mis respuestas")
    edit(course, "notebooks", "11_secuencias", "11_secuencias v2")
    edit(course, "notebooks", "12_rnn_numpy", "12_rnn_numpy v2")
    before = copies(course)
    assert lab.copy_lessons(course) == ([], ["11_secuencias", "12_rnn_numpy"])
    assert copies(course) == before
    assert lab.copy_lessons(course) == ([], ["11_secuencias", "12_rnn_numpy"])


def test_only_missing_lessons_are_copied(course):
    """Una lección nueva, o una copia borrada, se copia; las demás siguen igual."""
    lab.copy_lessons(course)
    (course / "mi_curso" / "11_secuencias.ipynb").unlink()
    edit(course, "notebooks", "13_bptt", "13 v1")
    edit(course, "mi_curso", "12_rnn_numpy", "mis respuestas")
    assert lab.copy_lessons(course) == (["11_secuencias", "13_bptt"], [])
    assert copies(course)["12_rnn_numpy.ipynb"] == "mis respuestas"


@pytest.mark.parametrize("damage", ["{", "[]", None])
def test_a_damaged_record_loses_no_answers(course, damage):
    """Sin saber qué versión se dio, se respeta la copia y se toma nota desde hoy."""
    lab.copy_lessons(course)
    record = course / "mi_curso" / ".versiones.json"
    record.unlink() if damage is None else record.write_text(damage, encoding="utf-8")
    edit(course, "mi_curso", "11_secuencias", "mis respuestas")
    assert lab.copy_lessons(course) == ([], [])
    assert copies(course)["11_secuencias.ipynb"] == "mis respuestas"
    edit(course, "notebooks", "11_secuencias", "11_secuencias v2")
    assert lab.copy_lessons(course) == ([], ["11_secuencias"])


def test_a_dangling_link_is_somebodys(course):
    """Un enlace roto también es de quien aprende."""
    (course / "mi_curso").mkdir()
    link = course / "mi_curso" / "11_secuencias.ipynb"
    try:
        link.symlink_to("no_existe.ipynb")
    except OSError:
        pytest.skip("este sistema no deja crear enlaces simbólicos")
    copied, _ = lab.copy_lessons(course)
    assert "11_secuencias" not in copied
    assert link.is_symlink()


def test_what_is_said_about_copies(capsys):
    """Se cuenta lo copiado en una línea, y cada versión nueva con la orden que la da."""
    lab.announce_copies(["00_bienvenida", "11_secuencias"], ["12_rnn_numpy"])
    first, second = capsys.readouterr().out.splitlines()
    assert "(00 y 11)" in first
    assert second.startswith("Hay una versión nueva de la lección 12: `")
    assert "reset 12` te la da; tu copia se conserva." in second


def test_orders_are_written_as_they_were_given(monkeypatch):
    """Bajo make se aconseja make; sin él, la orden de Python."""
    assert lab.order("reset", lesson="12").endswith("tools/lab.py reset 12")
    assert lab.order("lab", port=8889).endswith("tools/lab.py lab --port 8889")
    monkeypatch.setenv("MAKELEVEL", "1")
    assert lab.order("reset", lesson="12") == "make reset LESSON=12"
    assert lab.order("lab", port=8889) == "make lab PORT=8889"


def test_mi_curso_is_a_file(course):
    """Si mi_curso no es una carpeta, se dice en vez de borrarlo."""
    (course / "mi_curso").touch()
    with pytest.raises(lab.LabError, match="debe ser una carpeta"):
        lab.copy_lessons(course)


def test_a_copy_is_whole_or_is_not(course, monkeypatch):
    """Si algo falla a mitad de una escritura, no queda un archivo a medias con el nombre bueno."""

    def fail(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lab.os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        lab.copy_lessons(course)
    assert list((course / "mi_curso").iterdir()) == []


def test_two_runs_at_once_do_not_clobber_each_other(course):
    """Dos procesos con el mismo número, como en dos contenedores, escriben a la vez y acaban."""
    code = """
import os, sys
from pathlib import Path
from tools import lab
os.getpid = lambda: 1
course, name = Path(sys.argv[1]), sys.argv[2]
lab.copies_folder(course)
for turn in range(300):
    lab.write_bytes(course / "compartido", name.encode() * 5000)
    lab.copy_lessons(course)
lab.note_versions(course / "mi_curso", {name: "1"})
"""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(course), name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for name in "ab"
    ]
    assert [run.wait() for run in runs] == [0, 0]
    assert (course / "compartido").read_text("utf-8") in ("a" * 5000, "b" * 5000)
    assert len(copies(course)) == 3
    versions = json.loads((course / "mi_curso" / ".versiones.json").read_text("utf-8"))
    assert {name for name in versions if name.endswith(".ipynb")} == set(copies(course))
    assert list(course.rglob(".*.tmp")) == []


def test_a_record_keeps_what_another_run_noted(course):
    """Lo que otra ejecución apunta mientras esta copia no se pierde."""
    lab.copy_lessons(course)
    folder = course / "mi_curso"
    lab.note_versions(folder, {"99_otra.ipynb": "v1"})
    lab.note_versions(folder, {"11_secuencias.ipynb": "v2"})
    versions = lab.read_json(folder / ".versiones.json")
    assert versions["99_otra.ipynb"] == "v1"
    assert versions["11_secuencias.ipynb"] == "v2"
    assert len(versions) == 4


def test_reset_keeps_every_old_copy(course, capsys):
    """Empezar de nuevo guarda la copia anterior, y no pisa las que ya se guardaron."""
    lab.copy_lessons(course)
    edit(course, "mi_curso", "12_rnn_numpy", "primer intento")
    lab.reset(course, "12")
    edit(course, "mi_curso", "12_rnn_numpy", "segundo intento")
    edit(course, "notebooks", "12_rnn_numpy", "12_rnn_numpy v2")
    lab.reset(course, "12")
    found = copies(course)
    assert found["12_rnn_numpy.ipynb"] == "12_rnn_numpy v2"
    assert found["12_rnn_numpy.antes-1.ipynb"] == "primer intento"
    assert found["12_rnn_numpy.antes-2.ipynb"] == "segundo intento"
    assert "12_rnn_numpy.antes-2.ipynb" in capsys.readouterr().out
    assert lab.copy_lessons(course) == ([], [])


def test_reset_without_a_copy(course, capsys):
    """Si no había copia, se da la lección y no se guarda nada."""
    lab.reset(course, "12_rnn_numpy.ipynb")
    assert list(copies(course)) == ["12_rnn_numpy.ipynb"]
    assert "anterior" not in capsys.readouterr().out


def test_an_interrupted_reset_loses_nothing(course, monkeypatch):
    """Si falla al poner la lección nueva, la copia sigue en su sitio."""
    lab.copy_lessons(course)
    edit(course, "mi_curso", "12_rnn_numpy", "mis respuestas")

    def fail(path, data):
        raise OSError("se ha ido la luz")

    monkeypatch.setattr(lab, "write_bytes", fail)
    with pytest.raises(OSError, match="luz"):
        lab.reset(course, "12")
    assert copies(course)["12_rnn_numpy.ipynb"] == "mis respuestas"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("", r"Falta decir qué lección.*reset 12.*Hay: 00, 11 y 12"),
        ("  ", "Falta decir qué lección"),
        ("99", r"No hay ninguna lección «99»\. Hay: 00, 11 y 12"),
        ("1", r"vale para varias lecciones \(11_secuencias y 12_rnn_numpy\)"),
        ("../pyproject", "No hay ninguna lección"),
        ("*", "No hay ninguna lección"),
    ],
)
def test_a_lesson_that_cannot_be_reset(course, wanted, message):
    """Cada petición imposible tiene su línea y no cambia nada."""
    with pytest.raises(lab.LabError, match=message):
        lab.reset(course, wanted)
    assert not (course / "mi_curso").exists()


@pytest.mark.parametrize("wanted", ["12", "12_rnn_numpy", "12_rnn_numpy.ipynb", "12_r", " 12 "])
def test_ways_to_name_a_lesson(course, wanted):
    """Una lección se nombra por su número, su nombre o como empieza."""
    assert lab.find_lesson(course, wanted).stem == "12_rnn_numpy"


def test_a_whole_number_is_that_lesson(course):
    """El número entero gana al principio de otro nombre."""
    edit(course, "notebooks", "1_otra", "otra")
    assert lab.find_lesson(course, "1").stem == "1_otra"


def test_a_course_without_lessons(course):
    """Si falta la carpeta de lecciones, se dice cómo recuperarla."""
    shutil.rmtree(course / "notebooks")
    with pytest.raises(lab.LabError, match="git checkout notebooks"):
        lab.copy_lessons(course)


# ---------------------------------------------------------------------------
# JupyterLab
# ---------------------------------------------------------------------------


@pytest.fixture
def taken_port():
    """Un puerto en el que alguien escucha."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port(taken_port):
    """Si el puerto está ocupado, una línea propone otro que esté libre."""
    with pytest.raises(lab.LabError, match=f"El puerto {taken_port} está ocupado") as error:
        lab.choose_port(str(taken_port))
    proposed = int(str(error.value).split("--port ")[1].split("`")[0])
    assert not lab.is_taken(proposed)


def test_a_port_bound_by_somebody_who_does_not_listen_yet():
    """Un puerto reservado tampoco está libre."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        assert lab.is_taken(server.getsockname()[1])


def test_a_free_port(taken_port):
    """Un puerto libre se acepta; sin pedir ninguno, es el de siempre."""
    free = next(port for port in range(taken_port + 1, 65536) if not lab.is_taken(port))
    assert lab.choose_port(str(free)) == free


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80.5", "８８８８"])
def test_a_port_that_is_not_one(text):
    """Lo que no es un puerto se dice tal cual llegó."""
    with pytest.raises(lab.LabError, match=f"entre 1 y 65535; ha llegado «{text}»"):
        lab.choose_port(text)


def test_a_forbidden_port(monkeypatch):
    """Si el sistema no deja usarlo, no se confunde con uno ocupado."""

    class Forbidden(socket.socket):
        def bind(self, address):
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(lab.socket, "socket", Forbidden)
    with pytest.raises(lab.LabError, match="no te deja usar el puerto 1"):
        lab.choose_port("1")


def opened(course, machine, monkeypatch, *arguments):
    """Ejecuta la orden con un JupyterLab de mentira; devuelve su orden y sus variables."""
    calls = []
    install = functools.partial(lab.install, run=machine.run, find=machine.find, ask=machine.ask)
    monkeypatch.setattr(lab, "install", install)
    monkeypatch.setattr(lab, "is_taken", lambda port: False)
    code = lab.main(list(arguments), root=course, start=lambda *call: calls.append(call) or 7)
    assert code == 7
    return calls[0]


def test_lab_opens_lesson_00(course, machine, monkeypatch, capsys):
    """Instala, copia y abre la lección 00 en la carpeta de quien aprende."""
    command, variables = opened(course, machine, monkeypatch)
    assert command[:4] == [str(lab.venv_python(machine.venv)), "-P", "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={course / 'mi_curso'}" in command
    assert "--LabApp.default_url=/lab/tree/00_bienvenida.ipynb" in command
    assert "--ServerApp.port=8888" in command
    assert len(copies(course)) == 3
    said = capsys.readouterr().out
    assert f"http://localhost:8888/?token={variables['JUPYTER_TOKEN']}" in said
    assert "Ctrl+C" in said


def test_root_is_told_when_it_opens_jupyterlab(course, machine, monkeypatch, capsys):
    """Abrir JupyterLab como root se dice cada vez."""
    machine.install(course)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    capsys.readouterr()
    opened(course, machine, monkeypatch)
    assert "Aviso: abro JupyterLab como root, que" in capsys.readouterr().out


def test_lab_passes_what_is_asked(course, machine, monkeypatch):
    """La lección, el puerto y los argumentos llegan a JupyterLab."""
    arguments = ("lab", "12", "--port", "9000", "--", "--no-browser", "--ip=0.0.0.0")
    command, _ = opened(course, machine, monkeypatch, *arguments)
    assert command[-2:] == ["--no-browser", "--ip=0.0.0.0"]
    assert "--ServerApp.port=9000" in command
    assert "--LabApp.default_url=/lab/tree/12_rnn_numpy.ipynb" in command


@pytest.mark.parametrize(("uid", "expected"), [(0, True), (1000, False)])
def test_root_is_allowed_only_to_root(course, monkeypatch, uid, expected):
    """En un contenedor, root puede abrir JupyterLab; a los demás no les hace falta."""
    monkeypatch.setattr(os, "geteuid", lambda: uid, raising=False)
    assert ("--allow-root" in lab.lab_command(course, "x", 1, [])) == expected


@pytest.mark.parametrize(
    ("system", "display", "expected"),
    [("Linux", "", False), ("Linux", ":0", True), ("Darwin", "", True), ("Windows", "", True)],
)
def test_a_browser_needs_a_screen(course, monkeypatch, system, display, expected):
    """Sin pantalla no se intenta abrir un navegador."""
    monkeypatch.setattr(lab.platform, "system", lambda: system)
    for name in ("WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", display)
    assert lab.has_display() == expected
    assert ("--no-browser" in lab.lab_command(course, "x", 1, [])) != expected


def test_variables_respect_what_was_there(monkeypatch):
    """Lo que ya estaba en el entorno manda, salvo de dónde sale el núcleo."""
    monkeypatch.setenv("JUPYTER_TOKEN", "mía")
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    variables = lab.lab_variables()
    assert variables["JUPYTER_TOKEN"] == "mía"
    assert variables["OMP_NUM_THREADS"] == "4"
    assert variables["MKL_NUM_THREADS"] == "1"
    assert variables["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_each_session_has_its_own_token():
    """Sin contraseña propia, cada vez hay una nueva y difícil de adivinar."""
    first, second = (lab.lab_variables()["JUPYTER_TOKEN"] for _ in range(2))
    assert first != second
    assert len(first) >= 32


def test_jupyterlab_speaks_spanish_and_asks_nothing():
    """Los ajustes de JupyterLab son los que esperan sus versiones."""
    settings = json.loads((ROOT / "tools/jupyterlab/overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/translation-extension:plugin"]["locale"] == "es_ES"
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    command = lab.lab_command(ROOT, "x", 1, [])
    assert f"--LabApp.app_settings_dir={ROOT / 'tools' / 'jupyterlab'}" in command


# ---------------------------------------------------------------------------
# La orden
# ---------------------------------------------------------------------------


def failed(capsys, course, *arguments) -> str:
    """Ejecuta una orden que debe fallar y devuelve la única línea que escribe."""
    assert lab.main(list(arguments), root=course, start=None) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_a_taken_port_is_seen_before_installing(course, taken_port, capsys):
    """El puerto se mira antes de pasar minutos instalando, y es una sola línea."""
    assert "está ocupado" in failed(capsys, course, "lab", "--port", str(taken_port))
    assert not (course / ".venv").exists()


def test_an_unsuitable_python_is_one_line(course, monkeypatch, capsys):
    """Desde la orden, un Python que no sirve también es una sola línea clara."""
    monkeypatch.setattr(lab, "SUPPORTED", ((3, 99),))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(lab, "is_taken", lambda port: False)
    assert lab.main(["lab"], root=course) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("Hace falta Python")
    assert captured.err.count("\n") == 1
    assert not (course / "mi_curso").exists()


def test_no_space_is_one_line(course, monkeypatch, capsys):
    """Desde la orden, un disco sin sitio es una sola línea."""
    full = functools.partial(lab.check_disk, usage=lambda folder: Usage(9e9, 9e9, 0))
    monkeypatch.setattr(lab, "check_disk", full)
    assert failed(capsys, course, "install").startswith("No cabe: el curso necesita 4.0 GB")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("volar",), "No existe la orden «volar»"),
        (("lab", "--puerto", "1"), "No entiendo la orden"),
        (("install", "--extra", "todo"), "No entiendo la orden"),
        (("reset",), "Falta decir qué lección"),
        (("lab", "99"), "No hay ninguna lección «99»"),
        (("doctor",), "Todavía no hay nada instalado"),
    ],
)
def test_mistakes_are_one_line(course, capsys, arguments, message):
    """Cada error de quien escribe la orden es una línea que dice qué hacer."""
    assert message in failed(capsys, course, *arguments)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "El disco está lleno"),
        (errno.EACCES, "No tienes permiso para usar /x"),
        (errno.EIO, "No puedo usar /x"),
    ],
)
def test_system_errors_are_one_line(course, monkeypatch, capsys, code, message):
    """Los errores del sistema se cuentan sin traza."""

    def fail(root, wanted):
        raise OSError(code, "Something went wrong", "/x")

    monkeypatch.setattr(lab, "reset", fail)
    assert message in failed(capsys, course, "reset", "12")


def test_an_interruption_says_how_to_go_on(course, monkeypatch, capsys):
    """Ctrl+C a mitad no deja una traza."""

    def interrupt(root, extra):
        raise KeyboardInterrupt

    monkeypatch.setattr(lab, "install", interrupt)
    monkeypatch.setattr(lab, "is_taken", lambda port: False)
    assert lab.main(["lab"], root=course) == 130
    assert "Interrumpido. Para seguir" in capsys.readouterr().err


def test_doctor_passes_its_arguments(course, machine):
    """El médico del curso se ejecuta con el Python del entorno y su código es el que vale."""
    machine.install(course)
    calls = []
    code = lab.main(
        ["doctor", "--", "--rapido"], root=course, start=lambda *call: calls.append(call[0]) or 4
    )
    assert code == 4
    python = str(lab.venv_python(machine.venv))
    assert calls == [[python, "-c", lab.DOCTOR, str(course), "--rapido"]]


def test_a_program_takes_the_place_of_this_one():
    """start entrega las variables y devuelve el código del otro programa."""
    code = (
        "import os, sys; from tools import lab; "
        "sys.exit(lab.start([sys.executable, '-c', "
        "'import os, sys; sys.exit(int(os.environ[\"N\"]))'], dict(os.environ, N='5')))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, check=False)
    assert done.returncode == 5


def test_help_is_in_utf8_whatever_the_locale():
    """La salida es UTF-8 aunque la terminal diga otra cosa."""
    plain = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "lab.py"), "help"],
        env={**os.environ, **plain},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert "LECCIÓN" in done.stdout.decode("utf-8")


# ---------------------------------------------------------------------------
# Makefile
# ---------------------------------------------------------------------------

needs_make = pytest.mark.skipif(MAKE is None, reason="no hay make: instálalo con tu sistema")


def make(*arguments, **variables):
    """Ejecuta make en la raíz del curso, sin lo que herede de un `make test SYSTEM=1`."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    options = {"MFLAGS", *re.findall(r"(?m)^([A-Z]+) \?=", text)}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MAKE") and name not in options
    }
    return subprocess.run(
        [MAKE, *arguments],
        cwd=ROOT,
        env={**inherited, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@needs_make
def test_make_help_lists_every_order():
    """`make` a secas enumera todas las órdenes."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = text.split(".PHONY:")[1].splitlines()[0].split()
    listed = [line.split()[1] for line in make().stdout.splitlines() if line.strip()]
    assert sorted(listed) == sorted(phony)
    assert {"lab", "reset", "help", "test", "test-unit", "notebooks", "build"} <= set(listed)
    assert {"seeds", "bench", "doctor"} <= set(listed)


@needs_make
def test_make_without_python_is_one_line(tmp_path):
    """Sin Python no sale un error de la consola, sino qué instalar."""
    done = make("lab", PATH=str(tmp_path))
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Hace falta Python 3.11, 3.12 o 3.13" in done.stderr
    assert done.stderr.count("\n") == 1


@needs_make
def test_make_finds_a_python_that_is_not_called_python3(tmp_path):
    """Si solo hay «python», se usa ese."""
    (tmp_path / "python").symlink_to(sys.executable)
    done = make("-n", "lab", PATH=str(tmp_path))
    assert "exec python -I tools/lab.py lab" in done.stdout


@needs_make
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("lab", "PORT=9", "LESSON=12", "ARGS=--a --b"), 'lab "12" --port "9" -- --a --b'),
        (("reset", "LESSON=12"), 'tools/lab.py reset "12"'),
        (("install-dev",), "tools/lab.py install --extra test\n"),
        (("test", "SYSTEM=1"), "tools/lab.py install --extra test --system\n"),
        (
            ("test", "ARGS=-x"),
            "-m pytest -n auto --dist loadfile --no-loadscope-reorder --nbval-lax",
        ),
        (("test", "ARGS=-x"), "tests solutions -x"),
        (("test-unit",), "--no-loadscope-reorder tests/unit"),
        (("test-lessons",), "--no-loadscope-reorder tests/lessons"),
        (("test-solutions",), "--nbval-lax solutions \n"),
        (("test-solutions", "LESSONS=11 25"), "solutions/11_secuencias.ipynb solutions/25_"),
        (("test-e2e",), "-m pytest tests/e2e"),
        (("notebooks",), "-m tools.notebooks.run"),
        (("notebooks", "LESSONS=11 25"), "-m tools.notebooks.run 11 25"),
        (("variants", "ARGS=--all"), "-m tools.notebooks.variants  --all"),
        (("seeds",), "-m tools.notebooks.seeds --seeds 0-19"),
        (("seeds", "LESSON=12", "SEEDS=0-2"), "-m tools.notebooks.seeds --seeds 0-2 12"),
        (("build",), "-m tools.notebooks.build --execute"),
        (("new", "LESSON=31"), '-m tools.notebooks.new 31 --title ""'),
        (("bench",), "-m tests.benchmarks"),
        (("doctor",), "tools/lab.py doctor"),
    ],
)
def test_what_each_make_order_runs(arguments, expected):
    """Cada orden ejecuta lo que dice, con lo que se le pase."""
    assert expected in make("-n", *arguments).stdout


def test_maintainer_orders_install_first():
    """Las órdenes de quien mantiene el curso preparan antes su entorno."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    first = set(re.findall(r"(?m)^([a-z0-9-]+): install-dev ", text))
    assert first >= {"test", "test-unit", "test-lessons", "test-solutions", "test-e2e"}
    assert first >= {"notebooks", "build", "check", "seeds", "bench", "lint", "new"}


# ---------------------------------------------------------------------------
# Archivos con nombre de biblioteca, variables perdidas y carpeta personal
# ---------------------------------------------------------------------------

STRAYS = ["random", "email", "json", "types", "pathlib", "argparse", "re", "enum", "subprocess"]


@pytest.fixture
def clone(course):
    """Un curso de mentira con el tools/lab.py de verdad."""
    for name in ("tools/lab.py", "course_utils/shadows.py"):
        (course / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, course / name)
    return course


def run_clone(clone, *arguments, **variables) -> subprocess.CompletedProcess:
    """Ejecuta la orden como quien no tiene make, desde la carpeta del curso."""
    return subprocess.run(
        [sys.executable, "tools/lab.py", *arguments],
        cwd=clone,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("name", STRAYS)
@pytest.mark.parametrize("search", [None, "", ".", f"no_existe{os.pathsep}.", "tools"])
def test_a_file_named_like_a_library_does_not_stop_the_order(clone, name, search):
    """Ni en la carpeta del curso, ni en tools/, ni por culpa de `PYTHONPATH`."""
    for folder in (clone, clone / "tools"):
        (folder / f"{name}.py").write_text("raise RuntimeError('soy del alumno')", "utf-8")
    variables = {} if search is None else {"PYTHONPATH": search}
    if search and name == "types":
        pytest.skip("Python la carga antes de leer nada del curso: de eso defiende `make`, con -I")
    done = run_clone(clone, "reset", "12", **variables)
    assert done.stderr == ""
    assert done.stdout == "mi_curso/12_rnn_numpy.ipynb empieza de nuevo.\n"


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONHOME": "/no/existe"},
        {"PYTHONPATH": "/no/existe"},
        {"PYTHONPATH": "."},
        {"PYTHONHOME": "/no/existe", "PYTHONPATH": "."},
        {"PYTHONPATH": str(ROOT / "tools")},
    ],
)
@needs_make
def test_make_ignores_stray_variables(clone, variables):
    """Con make, ni siquiera una `PYTHONHOME` que no existe impide arrancar."""
    shutil.copy(ROOT / "Makefile", clone)
    (clone / "types.py").write_text("raise RuntimeError('soy del alumno')", encoding="utf-8")
    done = subprocess.run(
        [MAKE, "reset", "LESSON=12"],
        cwd=clone,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    assert "empieza de nuevo" in done.stdout


@pytest.mark.parametrize("name", lab.SEARCH_VARIABLES)
def test_what_is_opened_does_not_inherit_stray_variables(monkeypatch, tmp_path, capsys, name):
    """Los programas que se abren van sin ellas; la orden las nombra con su valor."""
    monkeypatch.setenv(name, str(tmp_path))
    assert lab.ask_python([sys.executable]) == (sys.version_info[:2], True)
    code = f"import os; print('ERROR: ' + str({name!r} in os.environ))"
    assert lab.run_logged([sys.executable, "-c", code], tmp_path / "x.log") == (0, "False")
    assert name not in lab.lab_variables()
    lab.warn_variables()
    (said,) = capsys.readouterr().out.splitlines()
    assert f"{name} ({tmp_path})" in said
    assert f"`unset {name}`" in said


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("random.py", True),
        ("mi_curso/email.py", True),
        ("mi_curso/torch.py", True),
        ("mi_curso/keras/__init__.py", True),
        ("mi_curso/course_utils.py", True),
        ("mi_curso/mis_notas.py", False),
        ("mi_curso/test.py", False),
        ("mi_curso/sys.py", False),
        ("mi_curso/torch/notas.txt", False),
        ("mi_curso/torch.txt", False),
        ("tools/__init__.py", False),
    ],
)
def test_a_file_that_hides_a_library_is_named(course, machine, monkeypatch, capsys, place, named):
    """`make lab` nombra lo que ocupa el lugar de una biblioteca, y nada más."""
    machine.install(course)
    for name in ("torch", "keras", "tools"):
        (machine.site / name).mkdir()
        (machine.site / name / "__init__.py").touch()
    (course / place).parent.mkdir(parents=True, exist_ok=True)
    (course / place).touch()
    monkeypatch.setattr("importlib.util.spec_from_file_location", spec_in(course), raising=True)
    opened(course, machine, monkeypatch)
    said = [line for line in capsys.readouterr().out.splitlines() if "se llama como" in line]
    shown = place.replace("/__init__.py", "")
    assert [line.split()[1] for line in said] == ([shown] if named else [])


def spec_in(course):
    """Carga el módulo de verdad como si estuviera en otro curso."""
    real = importlib.util.spec_from_file_location

    def spec(name, place):
        (course / "course_utils").mkdir(exist_ok=True)
        return real(name, shutil.copy(place, course / "course_utils" / "shadows.py"))

    return spec


@pytest.mark.parametrize("home", [None, "", "/no/existe", "/proc"])
def test_without_a_home_there_is_one(monkeypatch, tmp_path, home):
    """Sin carpeta personal donde escribir, lo que se abre tiene una en la de quien aprende."""
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.setattr(lab.os, "access", lambda place, mode: False)
    monkeypatch.delenv("HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert lab.clean_variables()["HOME"] == str(tmp_path / "mi_curso" / ".hogar")
    assert (tmp_path / "mi_curso" / ".hogar").is_dir()


def test_a_home_is_respected(monkeypatch, tmp_path):
    """La de siempre, si se puede escribir en ella."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert lab.clean_variables(A="1") == {**os.environ, "A": "1"}


def test_an_old_environment_of_ones_own(course, machine, monkeypatch):
    """Un CURSO_VENV con un Python que no vale se dice antes de abrir nada con él."""
    monkeypatch.setenv("CURSO_VENV", str(course / "conda"))
    lab.venv_python(course / "conda").parent.mkdir(parents=True)
    lab.venv_python(course / "conda").touch()
    machine.version = (3, 10)
    with pytest.raises(lab.LabError, match=r"no hay un Python 3\.11, 3\.12 o 3\.13 que"):
        machine.install(course)


# ---------------------------------------------------------------------------
# Lo que falla en este ordenador no es la conexión
# ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("Could not find a suitable TLS CA certificate bundle, invalid path: /x", "certificados"),
        ("[Errno 122] Disk quota exceeded", "El disco se ha llenado"),
        ("[Errno 28] No space left on device: '/x'", "El disco se ha llenado"),
        ("[Errno 13] Permission denied: '/x'", "por falta de permiso"),
        ("[Errno 30] Read-only file system: '/x'", "por falta de permiso"),
    ],
)
def test_a_local_failure_is_not_the_network(course, machine, capsys, error, message):
    """No tienen la culpa ni la conexión ni el índice de PyTorch."""
    machine.failures["pip"] = 1, error
    with pytest.raises(lab.LabError, match=message) as caught:
        machine.install(course)
    assert "conexión" not in str(caught.value)
    assert "no responde" not in capsys.readouterr().out


def test_missing_certificates_name_the_variable(course, machine, monkeypatch):
    """La variable que señala a ninguna parte se nombra; la que está bien, no."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/existe.pem")
    monkeypatch.setenv("PIP_CERT", __file__)
    machine.failures["pip"] = 1, "Could not find a suitable TLS CA certificate bundle"
    with pytest.raises(lab.LabError, match=r"quita REQUESTS_CA_BUNDLE y repite"):
        machine.install(course)


def test_a_real_pip_without_certificates(tmp_path, monkeypatch):
    """El pip de verdad acaba en una traza: de ella se toma la última línea."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/existe.pem")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--retries", "0"]
    command += ["--index-url", "https://127.0.0.1:9/", "six"]
    code, error = lab.run_logged([*command, "-d", str(tmp_path)], tmp_path / "x.log")
    assert code != 0
    assert "CA certificate bundle" in error


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ERROR: Exception:", ""),
        ("OSError: Could not find it", "Could not find it"),
        ("pip._vendor.urllib3.exceptions.ProxyError: no", "no"),
        ("ERROR: ResolutionImpossible: mira la web", ""),
        ("Collecting error: nada", ""),
    ],
)
def test_what_an_error_line_says(line, expected):
    """De las líneas de pip, solo las que dicen qué ha fallado."""
    assert lab.error_text(line) == expected


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.EDQUOT, "Quota exceeded", "/x"), "El disco está lleno"),
        (OSError(errno.EROFS, "Read-only", "/x"), "No tienes permiso para usar /x"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), "No existe /x"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "No existe la carpeta en que estás"),
        (OSError("algo raro"), "No puedo usar: algo raro."),
    ],
)
def test_more_system_errors(error, message):
    """Cada error del sistema dice lo suyo."""
    assert lab.explain_os_error(error).startswith(message)


# ---------------------------------------------------------------------------
# Lecciones cambiadas en notebooks/
# ---------------------------------------------------------------------------

BROKEN = {
    "vacía": "",
    "a medias": notebook("12_rnn_numpy v1")[:-9],
    "otra cosa": "{}",
    "una lista": "[]",
    "sin celdas": '{"cells": 3, "metadata": {}}',
    "texto": "12_rnn_numpy v1",
    "conflicto de git": "<<<<<<< HEAD\n" + notebook("a"),
    "binaria": "\x00\x01",
}
ORIGINAL = "12_rnn_numpy v1"
EDITED = {
    "una celda": notebook(ORIGINAL).replace("numpy v1", "numpy rota"),
    "ejecutada": notebook(ORIGINAL, execution_count=3),
    "con salidas": notebook(ORIGINAL, outputs=[{"output_type": "stream", "text": "hola"}]),
    "sin huella": notebook("rota", sealed=False),
    "etiqueta": notebook(ORIGINAL).replace('"metadata": {},', '"metadata": {"tags": ["a"]},', 1),
}


@pytest.fixture
def repository(course):
    """El curso, en un clon de git."""
    run_git(course, "init", "--quiet")
    commit(course)
    return course


def run_git(course, *arguments) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=course, check=True, capture_output=True)


def commit(course) -> None:
    run_git(course, "add", "notebooks")
    run_git(course, "commit", "--quiet", "-m", "x")


def spoil(course, text) -> None:
    (course / "notebooks" / "12_rnn_numpy.ipynb").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("text", [*BROKEN.values(), *EDITED.values()], ids=[*BROKEN, *EDITED])
def test_reset_gives_the_original_lesson(repository, capsys, text):
    """Lo que alguien haya hecho en notebooks/ no llega a la copia, y se dice cómo volver atrás."""
    spoil(repository, text)
    lab.reset(repository, "12")
    assert copies(repository) == {"12_rnn_numpy.ipynb": ORIGINAL}
    warned, said = capsys.readouterr().out.splitlines()
    assert warned.startswith("Aviso: notebooks/12_rnn_numpy.ipynb no ")
    assert "`git checkout notebooks/12_rnn_numpy.ipynb` la recupera" in warned
    assert said.endswith("empieza de nuevo.")
    run_git(repository, *warned.split("`git ")[1].split("`")[0].split())
    lab.reset(repository, "12")
    assert "Aviso" not in capsys.readouterr().out


@pytest.mark.parametrize("text", [*BROKEN.values(), *EDITED.values()], ids=[*BROKEN, *EDITED])
def test_the_first_copy_is_the_original_lesson(repository, capsys, text):
    """Al copiar por primera vez, lo mismo; con la copia hecha, ni se anuncia otra versión."""
    spoil(repository, text)
    assert lab.copy_lessons(repository)[0][-1] == "12_rnn_numpy"
    assert copies(repository)["12_rnn_numpy.ipynb"] == ORIGINAL
    assert "git checkout" in capsys.readouterr().out
    assert lab.copy_lessons(repository) == ([], [])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "text",
    [*BROKEN.values(), *(text for name, text in EDITED.items() if name != "sin huella")],
)
def test_without_git_a_changed_lesson_is_not_copied(course, capsys, text):
    """Sin original no se copia: la copia de quien aprende, si la hay, sigue como estaba."""
    lab.copy_lessons(course)
    edit(course, "mi_curso", "12_rnn_numpy", "mis respuestas")
    spoil(course, text)
    with pytest.raises(lab.LabError, match="descarga otra vez el curso"):
        lab.reset(course, "12")
    assert copies(course)["12_rnn_numpy.ipynb"] == "mis respuestas"
    assert lab.copy_lessons(course) == ([], [])
    (course / "mi_curso" / "12_rnn_numpy.ipynb").unlink()
    capsys.readouterr()
    assert lab.copy_lessons(course) == ([], [])
    assert "notebooks/12_rnn_numpy.ipynb no " in capsys.readouterr().out
    assert "12_rnn_numpy.ipynb" not in copies(course)


def test_a_lesson_that_cannot_be_copied_is_not_opened(course, machine, monkeypatch, capsys):
    """`make lab LESSON=12` con la lección rota lo dice y no abre una página vacía."""
    spoil(course, "")
    machine.install(course)
    monkeypatch.setattr(lab, "is_taken", lambda port: False)
    monkeypatch.setattr(lab, "install", lambda root, extra: None)
    assert lab.main(["lab", "12"], root=course, start=None) == 1
    assert "No hay una copia de la lección 12_rnn_numpy" in capsys.readouterr().err


def test_a_change_already_staged_comes_back_too(repository, capsys):
    """Tras un `git add`, el camino de vuelta es otro."""
    spoil(repository, EDITED["una celda"])
    run_git(repository, "add", "notebooks")
    lab.reset(repository, "12")
    assert "`git checkout HEAD notebooks/12_rnn_numpy.ipynb`" in capsys.readouterr().out


def test_a_change_in_git_is_told_and_given(repository, capsys):
    """Si el cambio consta en git es de quien da el curso: se da, y se dice."""
    spoil(repository, EDITED["una celda"])
    commit(repository)
    lab.reset(repository, "12")
    assert "así consta en git" in capsys.readouterr().out
    assert copies(repository) == {"12_rnn_numpy.ipynb": "12_rnn_numpy rota"}


def test_a_broken_lesson_in_git_is_never_given(repository):
    """Un cuaderno que no se abre no se copia, ni aunque sea el de git."""
    spoil(repository, "")
    commit(repository)
    with pytest.raises(lab.LabError, match="y en git tampoco"):
        lab.reset(repository, "12")


def test_a_lesson_generated_again_is_given(repository, capsys):
    """Quien mantiene el curso la genera sin confirmarla: es buena aunque git la vea cambiada."""
    edit(repository, "notebooks", "12_rnn_numpy", "12_rnn_numpy v2")
    lab.reset(repository, "12")
    assert copies(repository) == {"12_rnn_numpy.ipynb": "12_rnn_numpy v2"}
    assert "Aviso" not in capsys.readouterr().out


def test_every_real_lesson_is_pristine():
    """La huella de lab.py es la de la herramienta que genera los cuadernos."""
    for lesson in lab.available_lessons(ROOT):
        assert lab.is_pristine(lesson.read_bytes()), lesson.name

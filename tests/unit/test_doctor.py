"""La revisión del entorno: cada problema se ve, se explica y dice qué hacer."""

from __future__ import annotations

import errno
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.requirements import Requirement

from course_utils import datasets, doctor, environment, requirements, shadows
from course_utils.doctor import Finding, Report

REPOSITORY = Path(__file__).resolve().parents[2]
TOPICS = ["Python", "paquetes", "procesador", "memoria", "disco", "progreso", "datos"]


@pytest.fixture(autouse=True)
def _healthy_machine(monkeypatch, tmp_path):
    """Una máquina en la que todo está bien, para estropear en cada prueba una sola cosa."""
    for name in ("BINDER_LAUNCH_HOST", "BINDER_REPO_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CURSO_HOME", str(tmp_path / "curso"))
    monkeypatch.setattr(environment, "available_memory", lambda: 8 * 10**9)
    monkeypatch.setattr(
        doctor.shutil, "disk_usage", lambda folder: SimpleNamespace(free=50 * 10**9)
    )
    monkeypatch.setattr(datasets, "verify_all", list)


@pytest.fixture
def versions(monkeypatch):
    """Versiones instaladas que se pueden cambiar; ``None`` es que falta el paquete."""
    real = importlib.metadata.version
    fake = {"curso-rnn": "0.1.0"}

    def version(name):
        found = fake[name] if name in fake else real(name)
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(importlib.metadata, "version", version)
    return fake


@pytest.fixture
def on_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


def problems(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.level != "✓"]


def only_problem(*, quick: bool = True) -> Finding:
    """El único problema de la revisión, que además siempre dice qué hacer."""
    (problem,) = problems(doctor.doctor(quick=quick))
    assert problem.advice or problem.topic == "datos"
    return problem


def run_doctor(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "course_utils.doctor", *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8", **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


# --- el informe ------------------------------------------------------------------------------


def test_all_is_well(versions):
    """Todo en orden, y las líneas largas solo al pedirlas con print."""
    report = doctor.doctor(quick=True)
    assert [finding.topic for finding in report.findings] == TOPICS
    assert report.ok
    assert repr(report) == (
        "✓ Todo en orden: Python, paquetes, procesador, memoria, disco, progreso y datos."
    )
    assert report._repr_markdown_() == repr(report)
    assert "✓ Memoria: 8.0 GB libres\n" in str(report)
    assert str(report).endswith("\nTodo en orden.")


def test_the_short_report_does_not_depend_on_the_machine(versions, monkeypatch):
    """Lo que guarda el cuaderno no cambia con cifras de la máquina mientras todo vaya bien."""
    before = repr(doctor.doctor(quick=True))
    monkeypatch.setattr(environment, "available_memory", lambda: 3 * 10**9)
    monkeypatch.setattr(environment, "available_cores", lambda: 64)
    versions["numpy"] = "2.3.1"
    assert repr(doctor.doctor(quick=True)) == before


def test_a_problem_is_shown_whole():
    """En el resumen, en el informe entero y en Markdown, con lo que hay que hacer."""
    report = Report(
        (
            Finding("✓", "Python", "3.12.1"),
            Finding("✗", "disco", "0.1 GB libres", "Libera espacio."),
            Finding("!", "memoria", "0.9 GB libres", "Cierra cuadernos."),
        )
    )
    assert not report.ok
    assert repr(report).splitlines() == [
        "✓ En orden: Python.",
        "✗ Disco: 0.1 GB libres",
        "  → Libera espacio.",
        "! Memoria: 0.9 GB libres",
        "  → Cierra cuadernos.",
    ]
    assert "✗ Disco: 0.1 GB libres<br>→ Libera espacio." in report._repr_markdown_()
    assert str(report).endswith("Problemas por resolver (✗): 1.")


def test_a_warning_does_not_stop_anyone():
    """Un aviso se dice, pero se puede seguir."""
    report = Report((Finding("!", "memoria", "0.9 GB libres", "Cierra cuadernos."),))
    assert report.ok
    assert str(report).endswith("Puedes seguir el curso; avisos (!): 1.")
    assert repr(report).startswith("! Memoria")


# --- Python y paquetes -----------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.9.18", "3.10.13", "3.14.0", "3.14.0rc1", "4.0"])
def test_python_outside_the_range(version):
    """Ni demasiado antiguo ni demasiado nuevo."""
    finding = doctor._check_python(version)
    assert str(finding).startswith(
        f"✗ Python: {version} no está entre las versiones admitidas (>=3.11,<3.14)\n  → "
    )


@pytest.mark.parametrize("version", ["3.11.0", "3.12.1", "3.13.9", "3.13.0rc1"])
def test_python_inside_the_range(version):
    """Los tres que admite el curso."""
    assert doctor._check_python(version) == Finding("✓", "Python", version)


def test_the_oldest_python_is_the_one_the_project_declares():
    """La constante que permite explicarse a un Python antiguo no se queda atrás."""
    major, minor = doctor._OLDEST_PYTHON
    assert f"{major}.{minor}" in requirements.supported_python()
    assert f"{major}.{minor - 1}" not in requirements.supported_python()


def test_an_old_python_gets_one_clear_line(monkeypatch):
    """Sin seguir con comprobaciones que no podría hacer."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    (finding,) = doctor.doctor().findings
    assert "demasiado antiguo; el curso necesita 3.11 o más" in finding.text
    assert "make lab" in finding.advice


def test_a_python_without_the_course_gets_one_clear_line():
    """El error más corriente: usar el Python del sistema en vez del del curso."""
    # -S deja fuera site-packages: un Python recién instalado.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "course_utils.doctor"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    first, advice, _ = done.stdout.splitlines()
    assert first.startswith("✗ Python: el de ")
    assert first.endswith(" no tiene los paquetes del curso")
    assert "make doctor" in advice
    assert done.returncode == 1


@pytest.mark.parametrize("version", ["3.16.0", "3.12.9"])
def test_a_package_outside_its_range(versions, version):
    """Demasiado nuevo o demasiado antiguo: qué se esperaba y la orden que lo arregla."""
    versions["keras"] = version
    assert str(only_problem()) == (
        f"✗ Paquetes: keras {version} no está entre las versiones admitidas (>=3.13,<3.16)\n"
        '  → Instala una que valga con: python -m pip install "keras>=3.13,<3.16"'
    )


def test_a_local_build_of_a_package_is_accepted():
    """PyTorch para CPU se llama 2.13.0+cpu."""
    assert doctor._check_package(Requirement("torch>=2,<99")) == []


def test_a_missing_package(versions):
    """Qué falta y cómo se instala; lo demás se revisa igual."""
    versions["pandas"] = None
    problem = only_problem()
    assert (problem.level, problem.text) == ("✗", "falta pandas")
    assert problem.advice.startswith('Instálalo con: python -m pip install "pandas>=')


def test_a_missing_essential_package_stops_the_review(versions):
    """Sin él no se puede comprobar el resto."""
    versions["numpy"] = None
    report = doctor.doctor()
    assert [finding.text for finding in problems(report)] == ["falta numpy"]
    assert "memoria" not in [finding.topic for finding in report.findings]


def test_another_notebook_than_jupyterlab_is_only_a_warning(versions):
    """Se puede seguir el curso con otro programa."""
    versions["jupyterlab"] = None
    assert only_problem().level == "!"


def test_the_course_used_without_installing_is_a_warning(versions):
    """Desde la carpeta funciona; desde otra, no."""
    versions["curso-rnn"] = None
    problem = only_problem()
    assert (problem.level, problem.topic) == ("!", "instalación")
    assert "pip install --no-deps -e ." in problem.advice


@pytest.mark.usefixtures("on_colab")
def test_colab_is_not_asked_to_change_its_packages(versions):
    """Ni echa de menos JupyterLab ni se le pide que instale otra versión."""
    versions.update({"jupyterlab": None, "tqdm": None, "keras": "3.12.0"})
    problem = only_problem()
    assert problem.level == "!"
    assert problem.text.startswith("keras 3.12.0")
    assert "pip install" not in problem.advice


# --- máquina, progreso y datos ---------------------------------------------------------------


@pytest.mark.parametrize(("free", "level"), [(2_000, "✓"), (900, "!"), (300, "✗")])
def test_memory(versions, monkeypatch, free, level):
    """Sobra, va justa o no llega."""
    monkeypatch.setattr(environment, "available_memory", lambda: free * 10**6)
    (finding,) = [f for f in doctor.doctor(quick=True).findings if f.topic == "memoria"]
    assert finding.level == level
    assert bool(finding.advice) is (level != "✓")


@pytest.mark.parametrize(("usable", "text"), [(1, "1 núcleo disponible de 8"), (8, "8 núcleos")])
def test_cores(versions, monkeypatch, usable, text):
    """Los que el contenedor deja usar, y de cuántos."""
    monkeypatch.setattr(environment, "available_cores", lambda: usable)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert doctor._check_cores().text.startswith(text)


@pytest.mark.parametrize(("free", "level"), [(0.5e9, "!"), (0.1e9, "✗")])
def test_disk(versions, monkeypatch, tmp_path, free, level):
    """Cuenta el disco que menos tiene, aunque la carpeta del progreso aún no exista."""
    monkeypatch.setattr(
        doctor.shutil,
        "disk_usage",
        lambda folder: SimpleNamespace(free=free if folder == tmp_path else 9e9),
    )
    problem = only_problem()
    assert (problem.level, problem.topic) == (level, "disco")
    assert str(tmp_path) in problem.advice


def test_progress_that_cannot_be_written(versions, monkeypatch, tmp_path):
    """La carpeta elegida no puede existir: hay un archivo en medio."""
    (tmp_path / "archivo").touch()
    monkeypatch.setenv("CURSO_HOME", str(tmp_path / "archivo" / "curso"))
    problem = only_problem()
    assert (problem.level, problem.topic) == ("✗", "progreso")
    assert "CURSO_HOME" in problem.advice


def test_the_review_leaves_nothing_behind(versions, tmp_path):
    """Ni crea la carpeta del progreso ni deja archivos de prueba."""
    doctor.doctor(quick=True)
    assert list(tmp_path.iterdir()) == []


def test_damaged_data(versions, monkeypatch):
    """Cada problema de los datos, con su texto."""
    monkeypatch.setattr(datasets, "verify_all", lambda: ["co2.csv está dañado: haz esto."])
    problem = only_problem()
    assert str(problem) == "✗ Datos: co2.csv está dañado: haz esto."


# --- frameworks ------------------------------------------------------------------------------


@pytest.fixture
def fake_torch(tmp_path, monkeypatch):
    """Pone delante del verdadero un torch de mentira con este código."""
    title, probe = doctor._PROBES["torch"]
    search = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    monkeypatch.setitem(doctor._PROBES, "torch", (title, search + probe))

    def write(code: str) -> None:
        (tmp_path / "torch.py").write_text(code, encoding="utf-8")

    return write


def test_a_framework_that_works(fake_torch):
    """Se importa y hace su cuenta."""
    fake_torch(
        "class Result:\n    shape = (5, 4, 3)\n"
        "class nn:\n    LSTM = lambda *sizes: lambda x: (Result, None)\n"
        "def ones(*shape): pass\n"
    )
    finding = doctor._check_framework("torch")
    assert (finding.level, finding.topic, finding.advice) == ("✓", "PyTorch", "")


@pytest.mark.parametrize(
    ("code", "text", "advice"),
    [
        ("raise OSError('falta libtorch.so')", "OSError: falta libtorch.so", "--force-reinstall"),
        ("raise ImportError('DLL load failed')", "DLL load failed", "Visual C++"),
        ("class nn: LSTM = None", "no se puede importar: TypeError", "--force-reinstall"),
        ("import sys; sys.exit(3)", "sin más explicación", "--force-reinstall"),
        ("import os; os.kill(os.getpid(), 9)", "(SIGKILL), casi siempre por falta", "Cierra"),
        ("import os; os.kill(os.getpid(), 4)", "el procesador no admite", "Google Colab"),
        ("import os; os.kill(os.getpid(), 11)", "de golpe (SIGSEGV)", "--force-reinstall"),
    ],
    ids=["excepción", "DLL", "cuenta", "salida", "SIGKILL", "SIGILL", "SIGSEGV"],
)
def test_a_framework_that_fails(fake_torch, code, text, advice):
    """Falla en su proceso y la revisión lo cuenta."""
    if "os.kill" in code and sys.platform == "win32":
        pytest.skip("Windows no tiene señales")
    fake_torch(code)
    finding = doctor._check_framework("torch")
    assert finding.level == "✗"
    assert text in finding.text
    assert advice in finding.advice


def test_a_framework_that_hangs(fake_torch):
    """Se interrumpe al agotar el tiempo."""
    fake_torch("import time; time.sleep(60)")
    finding = doctor._check_framework("torch", timeout=1)
    assert finding.level == "✗"
    assert finding.text == "no ha terminado de importarse en 1 s"
    assert "Cierra otros programas" in finding.advice


def test_every_framework_is_tried_unless_in_a_hurry(versions, monkeypatch):
    """Los dos, salvo con quick, y no el que falta, que ya lo dicen los paquetes."""
    tried = []

    def note(module):
        tried.append(module)
        return Finding("✓", module, "bien")

    monkeypatch.setattr(doctor, "_check_framework", note)
    doctor.doctor(quick=True)
    assert tried == []
    doctor.doctor()
    assert tried == ["tensorflow", "torch"]
    monkeypatch.setitem(sys.modules, "torch", None)
    doctor.doctor()
    assert tried == ["tensorflow", "torch", "tensorflow"]


# --- la orden --------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "code"), [("✓", 0), ("!", 0), ("✗", 1)])
def test_exit_code(monkeypatch, capsys, level, code):
    """0 si se puede seguir el curso; 1 si algo falla."""
    finding = Finding(level, "datos", "texto", "consejo")
    monkeypatch.setattr(doctor, "_findings", lambda *, quick: iter([finding]))
    assert doctor.main([]) == code
    assert capsys.readouterr().out.startswith(f"{level} Datos: texto\n  → consejo\n")


def test_the_command_reviews_this_very_environment(tmp_path):
    """De principio a fin y de verdad, con un problema puesto a propósito."""
    (tmp_path / "archivo").touch()
    done = run_doctor("--rapido", CURSO_HOME=str(tmp_path / "archivo"))
    assert done.stderr == ""
    assert "✓ Python: " in done.stdout
    assert f"✗ Progreso: no se puede escribir en {tmp_path / 'archivo'}\n  → Da" in done.stdout
    assert "PyTorch: " not in done.stdout
    assert done.returncode == 1


def test_the_command_survives_a_console_without_unicode(tmp_path):
    """Una consola antigua de Windows enseña un signo raro, no un error."""
    done = run_doctor("--rapido", PYTHONIOENCODING="ascii", CURSO_HOME=str(tmp_path))
    assert done.stderr == ""
    assert done.stdout.startswith("? Python: ")


def test_the_command_refuses_what_it_does_not_know(capsys):
    """Una opción mal escrita se explica y da 2."""
    assert doctor.main(["--deprisa"]) == 2
    assert capsys.readouterr().err.startswith("No existe la opción --deprisa.\n\nUso: ")


def test_the_command_explains_itself(capsys):
    """--help, en español."""
    assert doctor.main(["--help"]) == 0
    assert "--rapido" in capsys.readouterr().out


# --- archivos con nombre de biblioteca y variables perdidas ----------------------------------

MINE = "raise RuntimeError('soy del alumno')"


def test_the_command_names_the_files_that_hide_a_library(tmp_path, monkeypatch):
    """Con todos en la carpeta desde la que se ejecuta: ni una traza, y se nombra cada uno."""
    names = "random email enum json tempfile signal torch keras numpy packaging psutil".split()
    places = [tmp_path / f"{name}.py" for name in names] + [tmp_path / "pandas"]
    (tmp_path / "pandas").mkdir()
    for place in [*places[:-1], tmp_path / "pandas" / "__init__.py"]:
        place.write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = run_doctor("--rapido", CURSO_HOME=str(tmp_path))
    assert done.stderr == ""
    for place in places:
        line = f"✗ Archivos: {place} se llama como la biblioteca {place.stem} y puede"
        assert line in done.stdout
    assert "→ Cámbiale el nombre" in done.stdout
    assert "✓ Datos: completos" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("name", ["mis_notas.py", "sys.py", "test.py", "torch.txt", "numpy"])
def test_a_file_that_hides_nothing_is_not_named(versions, monkeypatch, tmp_path, name):
    """Una biblioteca de dentro de Python no se puede tapar, ni una carpeta sin código tapa nada."""
    (tmp_path / name).mkdir() if "." not in name else (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert problems(doctor.doctor(quick=True)) == []


def test_a_stray_pythonpath_names_its_file(tmp_path):
    """La carpeta que añade PYTHONPATH se mira igual."""
    (tmp_path / "random.py").write_text(MINE, encoding="utf-8")
    search = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    done = run_doctor("--rapido", PYTHONPATH=search)
    assert done.stderr == ""
    assert f"✗ Archivos: {tmp_path / 'random.py'} se llama como" in done.stdout


def test_a_file_of_python_that_hides_nothing_yet_is_a_warning(versions, monkeypatch, tmp_path):
    """Lo que hay junto a los cuadernos y aún no gana a la biblioteca de Python solo avisa."""
    copies = tmp_path / "mi_curso"
    copies.mkdir()
    (copies / "email.py").touch()
    (copies / "torch.py").touch()
    monkeypatch.setattr(shadows, "COPIES", str(copies))
    found = {Path(f.text.split()[0]).name: f.level for f in problems(doctor.doctor(quick=True))}
    assert found == {"email.py": "!", "torch.py": "✗"}


def test_frameworks_are_tried_clean(monkeypatch, tmp_path):
    """Un torch.py al lado, o en PYTHONPATH, no estropea la prueba del torch de verdad."""
    (tmp_path / "sys_path.py").touch()
    (tmp_path / "torch.py").write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setitem(
        doctor._PROBES,
        "torch",
        (
            "PyTorch",
            "import importlib.util as u\nassert 'site-packages' in u.find_spec('torch').origin",
        ),
    )
    assert doctor._check_framework("torch").level == "✓"


@pytest.mark.parametrize("name", doctor._CERTIFICATE_VARIABLES)
def test_certificates_that_do_not_exist(versions, monkeypatch, tmp_path, name):
    """La variable se nombra; si el archivo está, no."""
    monkeypatch.setenv(name, str(tmp_path / "no.pem"))
    problem = only_problem()
    assert (problem.level, problem.topic) == ("!", "variables")
    assert problem.text.startswith(f"{name} señala a {tmp_path / 'no.pem'}")
    (tmp_path / "no.pem").touch()
    assert problems(doctor.doctor(quick=True)) == []


def test_a_stray_pythonhome_is_named(versions, monkeypatch):
    """Aunque este Python haya podido arrancar."""
    monkeypatch.setenv("PYTHONHOME", "/no/existe")
    assert only_problem().text.startswith("`PYTHONHOME` (/no/existe) cambia")


@pytest.mark.parametrize(
    ("broken", "topic"),
    [
        ("_check_variables", "variables"),
        ("_check_shadows", "archivos"),
        ("_check_packages", "paquetes"),
        ("_check_cores", "procesador"),
        ("_check_memory", "memoria"),
        ("_check_disk", "disco"),
        ("_check_progress", "progreso"),
        ("_check_datasets", "datos"),
    ],
)
def test_a_check_that_fails_is_one_more_problem(versions, monkeypatch, broken, topic):
    """La revisión no falla nunca: sigue con lo demás."""

    def fail(*given):
        raise RuntimeError("algo inesperado")

    monkeypatch.setattr(doctor, broken, fail)
    report = doctor.doctor(quick=True)
    (problem,) = problems(report)
    assert problem.topic == topic
    assert problem.text == "no se ha podido comprobar (RuntimeError: algo inesperado)"
    assert report.findings[-1].topic == "datos"


def test_the_folder_has_been_deleted(versions, monkeypatch, tmp_path):
    """Se dice, en vez de una traza."""
    (tmp_path / "borrada").mkdir()
    monkeypatch.chdir(tmp_path / "borrada")
    (tmp_path / "borrada").rmdir()
    assert only_problem().topic == "carpeta"


def test_progress_on_a_full_disk(versions, monkeypatch):
    """Sin sitio no se aconseja cambiar los permisos."""

    def full(**given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", full)
    assert only_problem().advice.startswith("Libera espacio en esa carpeta")


def test_a_home_that_cannot_be_seen(versions, monkeypatch):
    """Una carpeta personal de otro usuario, en la que no se puede ni mirar."""
    real = os.path.exists
    monkeypatch.setattr(
        os.path, "exists", lambda place: "de_otro" not in str(place) and real(place)
    )
    assert doctor._nearest_existing(Path("/de_otro/x/y")) == Path("/")

"""El cuaderno de quien aprende, solo y en una carpeta vacía, funciona en un doble de Colab.

Colab no se puede usar aquí. El doble es un entorno virtual recién hecho que solo ve una carpeta
de enlaces a lo que Colab trae instalado y la lección usa según el mapa, tomado del entorno
que ejecuta las pruebas: se crea en décimas de segundo y lo demás de verdad no está, ni el paquete
del curso ni JupyterLab, jupytext, papermill, nbval, hypothesis… La carpeta queda fuera del entorno
virtual a propósito: así pip la ve como instalada, pero se niega a desinstalar nada de ella, y una
celda que moviera un paquete se nota en `pip freeze` sin estropear el entorno real.

Lo que el doble no prueba: las versiones de Colab (aquí, las de constraints.txt) ni su red.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_utils.course_map import COURSE, LIBRARIES, map_entry
from tools import freeze
from tools.notebooks.build import COLAB_CELL
from tools.notebooks.shards import lesson_seconds

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETTINGS = PYPROJECT["tool"]["curso"]

# Lo que Colab trae y usan todas las lecciones, según las listas que Google publica en
# googlecolab/backend-info (pip-freeze.txt). pip es el que ejecuta la propia celda.
PREINSTALLED = (
    "ipykernel",
    "ipython",
    "ipywidgets",
    "joblib",
    "matplotlib",
    "numpy",
    "packaging",
    "pandas",
    "pip",
    "platformdirs",
    "pooch",
    "psutil",
    "safetensors",
    "scikit-learn",
    "scipy",
    "threadpoolctl",
    "statsmodels",
    "tqdm",
)
LEFT_OUT = ("jupyterlab", "jupytext", "papermill", "nbval", "hypothesis", "pytest", "course_utils")

# Las lecciones que, según el mapa, no usan Keras ni PyTorch y duran pocos segundos.
LESSONS = tuple(
    entry.number
    for entry in COURSE
    if not entry.libraries and (lesson_seconds().get(entry.number) or 60) < 15
)

PROBE = """\
import course_utils
from course_utils.datasets import load_sunspots
from course_utils.exercises import hint, solution

print("paquete:", course_utils.__file__)
print("manchas:", load_sunspots().values.shape)
solution("{exercise}")
hint("{exercise}")
"""

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="el doble de Colab usa enlaces simbólicos"),
    pytest.mark.skipif(shutil.which("git") is None, reason="falta git, que la celda de Colab usa"),
]


# ---------------------------------------------------------------- el doble


def link_packages(folder: Path, roots: tuple[str, ...]) -> None:
    """Enlaza en ``folder`` los paquetes indicados y lo que necesitan."""
    folder.mkdir()
    for distribution in freeze.closure(map(Requirement, roots)).values():
        for name in {file.parts[0] for file in distribution.files}:
            if name not in ("..", "__pycache__") and not (folder / name).is_symlink():
                (folder / name).symlink_to(distribution.locate_file(name))


class StandIn:
    """Un Colab de mentira: su Python, su carpeta de trabajo y sus variables de entorno."""

    def __init__(self, folder: Path, packages: Path, variables: dict[str, str], *, colab: bool):
        home, environment = folder / "home", folder / "venv"
        self.work = folder / "content"
        for path in (home, self.work):
            path.mkdir(parents=True)
        venv.create(environment, symlinks=True, with_pip=False)
        paths = {"base": str(environment), "platbase": str(environment)}
        site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
        visible = [packages]
        if colab:
            (folder / "colab/google/colab").mkdir(parents=True)
            (folder / "colab/google/colab/__init__.py").touch()
            visible.append(folder / "colab")
        (site / "colab.pth").write_text("".join(f"{path}\n" for path in visible), "utf-8")
        self.python = environment / "bin/python"
        self.prefix = environment
        self.variables = {
            "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **variables,
        }

    def run(self, *command: str, cwd: Path | None = None) -> str:
        """Ejecuta una orden en el doble y devuelve lo que escribe; falla si termina mal."""
        done = subprocess.run(
            command, cwd=cwd or self.work, env=self.variables, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def installed(self) -> set[str]:
        """Lo que `pip freeze` enumera."""
        return set(self.run(str(self.python), "-m", "pip", "freeze", "--all").splitlines())

    def run_notebook(self, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Ejecuta el cuaderno con el kernel del doble, en su carpeta de trabajo.

        papermill corre en otro proceso, con el Python de las pruebas; el kernel, con el del doble.
        """
        spec = self.prefix / "share/jupyter/kernels/colab"
        spec.mkdir(parents=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        content = {"argv": argv, "display_name": "Colab", "language": "python"}
        (spec / "kernel.json").write_text(json.dumps(content), "utf-8")
        source, result = self.prefix / "cuaderno.ipynb", self.prefix / "resultado.ipynb"
        nbformat.write(notebook, source)
        self.variables["JUPYTER_PATH"] = str(spec.parents[1])
        options = ["--kernel", "colab", "--no-progress-bar", "--execution-timeout", "600"]
        self.run(sys.executable, "-m", "papermill", *options, str(source), str(result))
        return nbformat.read(result, as_version=4)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """Los ficheros del repositorio tal como están ahora: seguidos, o nuevos y no ignorados."""
    folder = tmp_path_factory.mktemp("curso")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def github(checkout, tmp_path_factory) -> dict[str, str]:
    """Un «GitHub» local con el repositorio y la etiqueta, y las variables que llevan git a él."""
    base = tmp_path_factory.mktemp("github")
    bare = base / f"{SETTINGS['repository']}.git"
    author = ["-c", "user.name=prueba", "-c", "user.email=prueba@example.org"]
    work = tmp_path_factory.mktemp("publicado") / "curso"
    shutil.copytree(checkout, work)
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        [*author, "commit", "--quiet", "--no-gpg-sign", "--message", "estado actual"],
        [*author, "tag", "--no-sign", SETTINGS["tag"]],
        ["clone", "--quiet", "--bare", ".", str(bare)],
    ):
        variables = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        subprocess.run(["git", *command], cwd=work, env=variables, check=True)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{base.as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """La carpeta de enlaces con lo que Colab trae y estas lecciones pueden usar."""
    folder = tmp_path_factory.mktemp("colab") / "dist-packages"
    libraries = {name for number in LESSONS for name in map_entry(number).libraries}
    link_packages(folder, (*PREINSTALLED, *sorted(libraries)))
    return folder


@pytest.fixture(scope="module")
def builder(tmp_path_factory) -> Path:
    """hatchling, que pip pide al índice para construir el paquete del curso; nada más."""
    folder = tmp_path_factory.mktemp("hatchling")
    download = ["download", "--quiet", "--retries", "0", "--timeout", "15", "--dest", str(folder)]
    wanted = [*PYPROJECT["build-system"]["requires"], "editables"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *download, *wanted], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"sin acceso al índice para bajar hatchling: {done.stderr.strip()[-200:]}")
    return folder


@pytest.fixture
def make_stand_in(tmp_path, packages, builder, github):
    """Crea dobles en los que pip solo puede instalar hatchling y lo que encuentre en disco."""
    variables = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(builder),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **github,
    }

    def make(name: str, *, colab: bool = False, packages: Path = packages) -> StandIn:
        return StandIn(tmp_path / name, packages, variables, colab=colab)

    return make


def read_lesson(number: str) -> nbformat.NotebookNode:
    """El cuaderno que recibe quien aprende."""
    (path,) = ROOT.glob(f"notebooks/{number}_*.ipynb")
    return nbformat.read(path, as_version=4)


def colab_cell(notebook: nbformat.NotebookNode) -> str:
    """El código de la celda que prepara Colab."""
    (cell,) = filter(is_colab, notebook.cells)
    return cell.source


def is_colab(cell: nbformat.NotebookNode) -> bool:
    return "colab" in cell.metadata.get("tags", [])


def streams(cell: nbformat.NotebookNode) -> str:
    """El texto que una celda ha mostrado, de cualquier forma."""
    return "".join(
        output.get("text", "") or "".join(output.get("data", {}).get("text/markdown", ""))
        for output in cell.outputs
    )


# ---------------------------------------------------------------- pruebas


def test_stand_in_lacks_what_colab_lacks(make_stand_in):
    """Lo que se deja fuera falta de verdad; lo que Colab trae se importa."""
    colab = make_stand_in("colab", colab=True)
    found = colab.run(
        str(colab.python),
        "-c",
        "import sys, google.colab, numpy, pooch, matplotlib\n"
        "from importlib.util import find_spec\n"
        "print([name for name in sys.argv[1:] if find_spec(name)])",
        *LEFT_OUT,
    )
    assert found == "[]\n"


def test_lessons_need_nothing_that_colab_lacks():
    """Lo que pide el paquete, con o sin frameworks, está en Colab: --no-deps basta."""
    project = PYPROJECT["project"]
    wanted = freeze.declared(project, "series", "tensorflow", "torch")
    there = {canonicalize_name(name) for name in (*PREINSTALLED, *LIBRARIES["B"])}
    assert wanted.keys() - there == set()


@pytest.mark.parametrize("number", LESSONS)
def test_notebook_alone_runs_to_the_end(number, make_stand_in):
    """El cuaderno trae el curso y sus datos, llega al final y no mueve ningún paquete."""
    colab = make_stand_in("colab", colab=True)
    before = colab.installed()
    notebook = read_lesson(number)
    probe = PROBE.format(exercise=f"{number}.1")
    notebook.cells.append(nbformat.v4.new_code_cell(probe))

    done = colab.run_notebook(notebook)

    assert sorted(item.name for item in colab.work.iterdir()) == ["curso-rnn"]
    assert streams(next(cell for cell in done.cells if is_colab(cell))) == ""
    shown = streams(done.cells[-1])
    assert f"paquete: {colab.prefix}" in shown
    assert "manchas: (" in shown
    assert "```python" in shown
    after = colab.installed()
    assert before - after == set()
    assert [line.split()[0] for line in after - before] == [PYPROJECT["project"]["name"]]


def test_colab_cell_has_no_hook_for_the_tests():
    """Lo que recibe quien aprende trae el curso de GitHub, diga lo que diga su entorno."""
    assert "environ" not in COLAB_CELL
    assert "getenv" not in COLAB_CELL
    assert '"https://github.com/{repository}.git"' in COLAB_CELL


def test_colab_cell_says_nothing_elsewhere(make_stand_in):
    """Fuera de Colab la celda ni clona ni instala."""
    elsewhere = make_stand_in("local")
    elsewhere.run(str(elsewhere.python), "-c", colab_cell(read_lesson(LESSONS[0])))
    assert list(elsewhere.work.iterdir()) == []


def test_colab_cell_asks_for_nothing_and_can_be_run_twice(make_stand_in, tmp_path):
    """La celda no instala dependencias, ni aunque falten, y al repetirla no vuelve a clonar."""
    link_packages(tmp_path / "solo_pip", ("pip",))
    colab = make_stand_in("colab", colab=True, packages=tmp_path / "solo_pip")
    source = colab_cell(read_lesson(LESSONS[0]))
    colab.run(str(colab.python), "-c", source)
    mark = colab.work / "curso-rnn/mi_marca"
    mark.touch()
    colab.run(str(colab.python), "-c", source)
    assert mark.exists()


def assert_finds_everything(stand_in: StandIn, *, location: Path) -> None:
    """El paquete instalado está donde debe y encuentra sus datos, sus soluciones y sus pistas."""
    probe = PROBE.format(exercise=f"{LESSONS[0]}.1")
    shown = stand_in.run(str(stand_in.python), "-c", probe)
    assert f"paquete: {location.resolve()}" in shown
    assert "manchas: (" in shown
    assert f"Solución de {LESSONS[0]}.1\n" in shown
    assert f"Pista 1 de {LESSONS[0]}.1. " in shown
    code = "from course_utils.datasets import verify_all; print(verify_all())"
    assert stand_in.run(str(stand_in.python), "-c", code) == "[]\n"


def test_installed_wheel_finds_data_and_solutions(checkout, make_stand_in):
    """Un wheel instalado lleva dentro los datos y las soluciones, aunque el clon desaparezca."""
    plain = make_stand_in("wheel")
    pip = [str(plain.python), "-m", "pip"]
    plain.run(*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(plain.work), str(checkout))
    (wheel,) = plain.work.glob("*.whl")
    plain.run(*pip, "install", "--quiet", "--no-deps", str(wheel))
    assert_finds_everything(plain, location=plain.prefix)


def test_binder_postbuild_installs_the_course_and_nothing_else(checkout, make_stand_in, tmp_path):
    """postBuild deja una instalación editable que encuentra sus datos y no mueve nada."""
    clone = tmp_path / "repositorio"
    shutil.copytree(checkout, clone)
    binder = make_stand_in("binder")
    before = binder.installed()

    binder.run("bash", "./postBuild", cwd=clone)

    after = binder.installed()
    assert before - after == set()
    assert {line for line in after - before if not line.startswith("#")} == {f"-e {clone}"}
    assert_finds_everything(binder, location=clone)
    settings = binder.prefix / "share/jupyter/lab/settings/overrides.json"
    assert json.loads(settings.read_text("utf-8"))["@jupyterlab/translation-extension:plugin"] == {
        "locale": "es_ES"
    }
    assert os.access(ROOT / "postBuild", os.X_OK), "Binder solo ejecuta postBuild si es ejecutable"

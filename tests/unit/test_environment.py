"""setup(), límites del contenedor y carpetas: lo que promete course_utils.environment."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib
import nbformat
import numpy as np
import pytest
import threadpoolctl
from nbclient import NotebookClient

from course_utils import environment
from course_utils.environment import (
    available_cores,
    available_memory,
    home_dir,
    setup,
    where_am_i,
)

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = (
    *environment._THREAD_VARIABLES,
    "BINDER_LAUNCH_HOST",
    "BINDER_REPO_URL",
    "CURSO_HOME",
    "KERAS_BACKEND",
    "TF_CPP_MIN_LOG_LEVEL",
)
NOISY = """\
    import logging, os, sys
    os.write(2, b"ruido de C++\\n")
    print("ruido de Python", file=sys.stderr)
    logging.getLogger("ruidoso").addHandler(logging.StreamHandler())
    def manual_seed(seed): pass
    def set_num_threads(count): pass
    def set_num_interop_threads(count): pass
"""


@pytest.fixture(autouse=True)
def _fresh_settings(monkeypatch):
    """Sin variables del curso, y todo como estaba al terminar."""
    for name in SETTINGS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    with matplotlib.rc_context(), threadpoolctl.threadpool_limits(None):
        yield


@pytest.fixture
def fake_frameworks(monkeypatch):
    """Frameworks de mentira, ya cargados, que apuntan lo que se les pide."""
    calls = []

    def note(name):
        return lambda *arguments: calls.append((name, *arguments))

    torch = SimpleNamespace(
        manual_seed=note("torch.manual_seed"),
        set_num_threads=note("torch.set_num_threads"),
        set_num_interop_threads=note("torch.set_num_interop_threads"),
    )
    threading = SimpleNamespace(
        set_intra_op_parallelism_threads=note("tf.intra"),
        set_inter_op_parallelism_threads=note("tf.inter"),
    )
    tensorflow = SimpleNamespace(
        random=SimpleNamespace(set_seed=note("tf.set_seed")),
        config=SimpleNamespace(
            threading=threading,
            experimental=SimpleNamespace(enable_op_determinism=note("tf.determinism")),
        ),
    )
    keras = SimpleNamespace(
        utils=SimpleNamespace(set_random_seed=note("keras.set_random_seed")),
        config=SimpleNamespace(backend=lambda: "tensorflow"),
    )
    for name, module in {"torch": torch, "tensorflow": tensorflow, "keras": keras}.items():
        monkeypatch.setitem(sys.modules, name, module)
    return SimpleNamespace(calls=calls, torch=torch, tensorflow=tensorflow, keras=keras)


def write_module(folder: Path, name: str, code: str) -> None:
    (folder / f"{name}.py").write_text(textwrap.dedent(code), encoding="utf-8")


def run_python(code: str, *paths: Path) -> subprocess.CompletedProcess:
    """Ejecuta ``code`` en otro Python que encuentra antes los módulos de ``paths``."""
    search = os.pathsep.join(map(str, (*paths, REPOSITORY)))
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def run_cells(*cells: str, paths: tuple[Path, ...] = ()) -> list[list]:
    """Las salidas de cada celda en un kernel de verdad, como se guardarían en el cuaderno."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells]
    )
    # Dentro de pytest, ipykernel deja de vigilar el descriptor 2: la prueba no probaría nada.
    kernel_environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "PYTHONPATH": os.pathsep.join(map(str, (*paths, REPOSITORY))),
    }
    client = NotebookClient(notebook, kernel_name="python3", shutdown_kernel="immediate")
    client.execute(env=kernel_environment)
    return [cell.outputs for cell in notebook.cells]


# --- setup: argumentos -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"seed": -1}, ValueError, "seed debe ser al menos 0"),
        ({"seed": 2**32}, ValueError, "seed debe ser menor que 2**32"),
        ({"seed": 1.0}, TypeError, "seed debe ser un número entero"),
        ({"seed": True}, TypeError, "seed debe ser un número entero"),
        ({"frameworks": "torch"}, TypeError, 'Escribe, por ejemplo, frameworks=("torch",)'),
        ({"frameworks": {"torch"}}, TypeError, "una tupla de nombres"),
        ({"frameworks": ("pytorch",)}, ValueError, "ha llegado str: 'pytorch'"),
        ({"frameworks": (3,)}, ValueError, "ha llegado int: 3"),
        ({"threads": 0}, ValueError, "threads debe ser al menos 1"),
        ({"threads": "2"}, TypeError, "threads debe ser un número entero"),
    ],
)
def test_setup_explains_a_wrong_argument(arguments, error, message):
    """Cada argumento que no vale se explica, y nada cambia."""
    state = random.getstate()
    with pytest.raises(error, match=re.escape(message)):
        setup(**arguments)
    assert random.getstate() == state


def test_setup_says_nothing_and_returns_nothing(capfd):
    """Si todo va bien no escribe ni devuelve nada."""
    assert setup(np.int64(3)) is None
    assert capfd.readouterr() == ("", "")


# --- setup: semillas -------------------------------------------------------------------------


def test_same_seed_same_numbers():
    """La misma semilla repite los números; otra, no."""

    def draw(seed):
        setup(seed)
        return random.random(), *np.random.rand(3)  # noqa: NPY002

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


def test_setup_seeds_the_frameworks_already_loaded(fake_frameworks):
    """Los que ya estén cargados reciben la semilla aunque no se nombren."""
    setup(11)
    for seeded in ("torch.manual_seed", "tf.set_seed", "keras.set_random_seed"):
        assert (seeded, 11) in fake_frameworks.calls
    assert ("tf.determinism",) in fake_frameworks.calls


def test_setup_does_not_load_what_nobody_asked_for():
    """Ni frameworks ni pyplot."""
    done = run_python(
        """
        import sys
        from course_utils.environment import setup
        setup(0)
        heavy = {"torch", "tensorflow", "keras", "pandas", "matplotlib.pyplot"}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


# --- setup: hilos ----------------------------------------------------------------------------


def test_one_thread_by_default_everywhere(fake_frameworks):
    """NumPy, PyTorch y TensorFlow, y lo que se cargue más tarde."""
    setup(0)
    for limited in (
        "torch.set_num_threads",
        "torch.set_num_interop_threads",
        "tf.intra",
        "tf.inter",
    ):
        assert (limited, 1) in fake_frameworks.calls
    assert {library["num_threads"] for library in threadpoolctl.threadpool_info()} == {1}
    assert {os.environ[name] for name in environment._THREAD_VARIABLES} == {"1"}


@pytest.mark.parametrize(("asked", "given"), [(None, 4), (2, 2), (64, 4)])
def test_threads_never_exceed_the_available_cores(fake_frameworks, monkeypatch, asked, given):
    """``None`` los usa todos; pedir de más da los que hay."""
    monkeypatch.setattr(environment, "available_cores", lambda: 4)
    setup(0, threads=asked)
    assert ("torch.set_num_threads", given) in fake_frameworks.calls


def test_setup_respects_the_thread_variables_already_set(monkeypatch):
    """Quien haya puesto OMP_NUM_THREADS la conserva."""
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    setup(0)
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert os.environ["MKL_NUM_THREADS"] == "1"


def test_setup_accepts_frameworks_already_running(fake_frameworks):
    """Si ya han arrancado no se pueden cambiar sus hilos, y no pasa nada."""

    def too_late(count):
        raise RuntimeError("cannot be modified after initialization")

    fake_frameworks.torch.set_num_interop_threads = too_late
    fake_frameworks.tensorflow.config.threading.set_intra_op_parallelism_threads = too_late
    setup(8)
    assert ("tf.set_seed", 8) in fake_frameworks.calls


# --- setup: importar los frameworks ----------------------------------------------------------


def test_start_up_logs_are_hidden_only_during_the_import(tmp_path):
    """Se calla lo de C++ y lo de Python; después, la salida de errores funciona, y los registros
    que el framework preparó al importarse, también."""
    write_module(tmp_path, "torch", NOISY)
    done = run_python(
        """
        import logging, os, sys
        from course_utils.environment import setup
        setup(0, frameworks=("torch",))
        os.write(2, b"C++ despues\\n")
        print("Python después", file=sys.stderr)
        logging.getLogger("ruidoso").warning("registro después")
        """,
        tmp_path,
    )
    assert done.returncode == 0
    assert done.stderr == "C++ despues\nPython después\nregistro después\n"


def test_a_notebook_stays_clean(tmp_path):
    """En un kernel de verdad, setup() no deja nada en la celda; el ruido de después, sí."""
    write_module(tmp_path, "torch", NOISY)
    quiet, noisy, style = run_cells(
        'from course_utils.environment import setup\nsetup(0, frameworks=("torch",))',
        """
        import os, sys, threading
        heard, write = threading.Event(), sys.stderr.write
        sys.stderr.write = lambda text: (write(text), heard.set())[0]
        os.write(2, b"a la vista")
        assert heard.wait(300)  # el kernel lee el descriptor 2 en otro hilo
        """,
        'import matplotlib.pyplot as plt\nplt.rcParams["axes.spines.top"]',
        paths=(tmp_path,),
    )
    assert quiet == []
    assert [output["text"] for output in noisy] == ["a la vista"]
    assert style[0]["data"]["text/plain"] == "False"


def test_a_broken_framework_shows_its_logs_and_is_explained(tmp_path):
    """Si la importación falla se ve todo lo que escribió, y después un error en español."""
    write_module(tmp_path, "torch", NOISY + "    raise OSError('falta libtorch.so')\n")
    done = run_python(
        'from course_utils.environment import setup\nsetup(0, frameworks=("torch",))', tmp_path
    )
    assert done.stderr.startswith("ruido de C++\nruido de Python\n")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: PyTorch está instalado, pero no se puede importar")
    assert "OSError: falta libtorch.so" in last
    assert "course_utils.doctor" in last


def test_a_framework_without_one_of_its_own_pieces_is_broken_not_missing(tmp_path):
    """Que falte una dependencia del framework no es que falte el framework."""
    write_module(tmp_path, "torch", "import una_pieza_que_no_existe")
    done = run_python(
        'from course_utils.environment import setup\nsetup(0, frameworks=("torch",))', tmp_path
    )
    assert "PyTorch está instalado, pero no se puede importar" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "module", "title"),
    [
        ("torch", "torch", "PyTorch"),
        ("keras", "tensorflow", "TensorFlow"),
        ("tensorflow", "tensorflow", "TensorFlow"),
    ],
)
def test_a_missing_framework_says_how_to_install_it(monkeypatch, name, module, title):
    """El error trae la orden, con las versiones que admite el curso."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError) as caught:
        setup(0, frameworks=(name,))
    message = str(caught.value)
    assert message.startswith(f"Esta lección usa {title}, que no está instalado.")
    assert f'python -m pip install "{module}>=' in message
    assert caught.value.name == module


@pytest.mark.parametrize(
    "stderr",
    ["sys.stderr = None", "sys.stderr = io.StringIO()"],
    ids=["sin sys.stderr", "con el del cuaderno"],
)
def test_setup_works_without_a_stderr_descriptor(tmp_path, stderr):
    """En pythonw y en algunos cuadernos de Windows no hay descriptor 2."""
    write_module(tmp_path, "torch", NOISY.replace('os.write(2, b"ruido de C++\\n")', "pass"))
    code = f"""
        import io, os, sys
        {stderr}
        os.close(2)
        from course_utils.environment import setup
        setup(0, frameworks=("torch",))
        print(sys.stderr and sys.stderr.getvalue(), "torch" in sys.modules)
        """
    done = run_python(code, tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] in ("None True", " True")


@pytest.mark.parametrize("name", ["keras", "tensorflow"])
def test_keras_is_always_imported_on_tensorflow(tmp_path, monkeypatch, name):
    """El motor se elige antes de importar, aunque el entorno pida otro."""
    fake = """
        import os
        from unittest.mock import MagicMock
        print(__name__, os.environ["KERAS_BACKEND"], os.environ["TF_CPP_MIN_LOG_LEVEL"])
        random = utils = MagicMock()
        config = MagicMock(backend=lambda: "tensorflow")
    """
    write_module(tmp_path, "tensorflow", fake)
    write_module(tmp_path, "keras", fake)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    done = run_python(
        f'from course_utils.environment import setup; setup(0, frameworks=("{name}",))', tmp_path
    )
    assert done.stdout == "tensorflow tensorflow 3\nkeras tensorflow 3\n"


def test_keras_already_on_another_backend_is_refused(fake_frameworks):
    """No se puede cambiar sin reiniciar: se dice."""
    fake_frameworks.keras.config.backend = lambda: "jax"
    with pytest.raises(RuntimeError, match=r"ya está cargado sobre jax\. Reinicia el kernel"):
        setup(0, frameworks=("keras",))


TRAIN_BOTH = """
    import sys
    from course_utils.environment import setup

    def losses(order):
        setup(3, frameworks=order)
        import keras, numpy as np, tensorflow as tf, torch
        model = keras.Sequential(
            [keras.Input((5, 2)), keras.layers.LSTM(3), keras.layers.Dropout(0.5),
             keras.layers.Dense(1)]
        )
        model.compile("adam", "mse")
        x = np.random.rand(33, 5, 2)
        fit = model.fit(x, x.sum(axis=(1, 2)), epochs=2, verbose=0)
        assert torch.get_num_threads() == 1
        assert tf.config.threading.get_intra_op_parallelism_threads() == 1
        assert tf.config.threading.get_inter_op_parallelism_threads() == 1
        hidden = torch.nn.LSTM(2, 3)(torch.rand(5, 4, 2))[0].detach()
        return fit.history["loss"], float(hidden.sum())
"""


def test_both_frameworks_in_one_process_tensorflow_first():
    """Los de verdad, en un kernel: nada en rojo, ni al importar ni al entrenar, y se repite."""
    outputs = run_cells(
        TRAIN_BOTH,
        'first = losses(("tensorflow", "torch"))',
        'assert losses(("tensorflow", "torch")) == first',
    )
    assert outputs == [[], [], []]


def test_both_frameworks_in_one_process_torch_first():
    """Los de verdad, en el otro orden."""
    done = run_python(
        """
        from course_utils.environment import setup
        setup(0, frameworks=("torch", "keras"))
        import keras, torch
        print(keras.layers.LSTM(3)(keras.ops.ones((4, 5, 2))).shape)
        print(tuple(torch.nn.LSTM(2, 3)(torch.ones(5, 4, 2))[0].shape))
        """
    )
    assert (done.stdout, done.stderr) == ("(4, 3)\n(5, 4, 3)\n", "")


def test_setup_applies_the_course_style():
    """Las figuras llevan el estilo del curso."""
    matplotlib.rcdefaults()
    setup(0)
    assert matplotlib.rcParams["axes.spines.top"] is False
    assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][0].lower() == "#0072b2"


# --- límites del contenedor ------------------------------------------------------------------


def write_tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


V1_HERE = "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n"


def test_available_cores(monkeypatch):
    """No son los de la máquina, sino los que se dejan usar."""
    assert 1 <= available_cores() <= os.cpu_count()
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert available_cores() == 1


MEGABYTE = 2**20


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "sys/fs/cgroup/memory.max": f"{100 * MEGABYTE}\n",
                "sys/fs/cgroup/memory.current": f"{60 * MEGABYTE}\n",
                "sys/fs/cgroup/memory.stat": f"anon 5\ninactive_file {20 * MEGABYTE}\nslab 1\n",
            },
            60 * MEGABYTE,
        ),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/memory.max": f"{50 * MEGABYTE}\n",
                "sys/fs/cgroup/a/memory.current": f"{40 * MEGABYTE}\n",
                "sys/fs/cgroup/a/b/memory.max": "max\n",
            },
            10 * MEGABYTE,
        ),
        (
            {
                "proc/self/cgroup": V1_HERE,
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{80 * MEGABYTE}\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{30 * MEGABYTE}\n",
                "sys/fs/cgroup/memory/memory.stat": (
                    f"inactive_file 7\ntotal_inactive_file {5 * MEGABYTE}\n"
                ),
            },
            55 * MEGABYTE,
        ),
        (
            {
                "sys/fs/cgroup/memory.max": f"{100 * MEGABYTE}\n",
                "sys/fs/cgroup/memory.current": f"{101 * MEGABYTE}\n",
            },
            0,
        ),
    ],
    ids=["v2", "v2 límite en un antecesor", "v1", "sin nada libre"],
)
def test_available_memory_respects_the_container(tmp_path, files, expected):
    """Lo que queda hasta el límite, sin contar la caché que el sistema puede soltar."""
    files = {"proc/self/cgroup": "0::/\n", **files}
    assert available_memory(write_tree(tmp_path, files)) == expected


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"},
        {
            "proc/self/cgroup": V1_HERE,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    ],
    ids=["sin cgroup", "v2 sin límite", "v1 sin límite"],
)
def test_available_memory_without_a_limit_is_that_of_the_machine(tmp_path, monkeypatch, files):
    """Sin contenedor, lo libre en la máquina."""
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=123_456))
    assert available_memory(write_tree(tmp_path, files)) == 123_456


# --- dónde estoy y dónde se guarda lo mío ----------------------------------------------------


def test_where_am_i(monkeypatch):
    """Tu máquina si nada dice lo contrario; Colab gana a Binder."""
    assert where_am_i() == "local"
    monkeypatch.setenv("BINDER_REPO_URL", "https://github.com/curso/curso")
    assert where_am_i() == "binder"
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert where_am_i() == "colab"


def test_colab_is_recognised_before_anything_imports_it(tmp_path):
    """Basta con que google.colab se pueda importar."""
    (tmp_path / "google" / "colab").mkdir(parents=True)
    (tmp_path / "google" / "colab" / "__init__.py").touch()
    done = run_python(
        "from course_utils.environment import where_am_i; print(where_am_i())", tmp_path
    )
    assert done.stdout == "colab\n"


def test_home_dir_follows_the_variable_and_creates_nothing(tmp_path, monkeypatch):
    """CURSO_HOME manda, también con ~; la carpeta no se crea."""
    monkeypatch.setenv("CURSO_HOME", str(tmp_path / "curso"))
    assert home_dir() == tmp_path / "curso"
    assert not home_dir().exists()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("CURSO_HOME", "~/mio")
    assert home_dir() == tmp_path / "mio"


def test_home_dir_by_default_is_the_users(monkeypatch):
    """Sin la variable, o con ella vacía, la carpeta de datos de la persona."""
    default = home_dir()
    assert default.name == "curso-rnn"
    assert default.is_absolute()
    monkeypatch.setenv("CURSO_HOME", "")
    assert home_dir() == default


# --- sin carpeta personal ni entrada de usuario ----------------------------------------------

UNSHARE = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
NAMELESS = """\
import os, pwd
os.environ.pop("HOME", None)
def nobody(uid):
    raise KeyError("getpwuid(): uid not found")
pwd.getpwuid = nobody
"""


def can_unshare() -> bool:
    """Si aquí se puede ser de verdad un usuario sin nombre."""
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run_nameless(code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Ejecuta ``code`` como un usuario sin nombre y sin HOME, como en algunos contenedores."""
    if not hasattr(os, "getuid"):
        pytest.skip("en Windows no hay usuarios sin nombre")
    private = ("HOME", "CURSO_HOME", "MPLCONFIGDIR", "KERAS_HOME", "XDG_DATA_HOME")
    kept = {name: value for name, value in os.environ.items() if name not in private}
    return subprocess.run(
        [*(UNSHARE if can_unshare() else []), sys.executable, "-W", "error", "-c", NAMELESS + code],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder), **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


NAMELESS_CASES = {
    "carpeta": "from course_utils.environment import home_dir; print(home_dir())",
    "figura": (
        "from course_utils.environment import setup; setup(0)\n"
        "import matplotlib.pyplot as plt; plt.figure(); plt.savefig('f.png'); print('ok')"
    ),
    "progreso": (
        "from course_utils.exercises import store\n"
        "store.remember('12.1', 'correcto'); print(store.recall('12.1'))"
    ),
    "check": (
        "from course_utils.lessons.lesson_12 import exercises\n"
        "from course_utils.exercises import check, progress\n"
        "check('12.1', lambda *given: 0); print(progress())"
    ),
    "médico": "from course_utils.doctor import main; main(['--rapido'])",
    "CURSO_HOME con ~": (
        "os.environ['CURSO_HOME'] = '~/mio'\n"
        "from course_utils.environment import home_dir; print(home_dir())"
    ),
    "Keras": (
        "from course_utils.environment import setup; setup(0)\n"
        "assert os.environ['KERAS_HOME'].startswith(os.environ['TMPDIR'])"
    ),
}


@pytest.mark.parametrize("code", NAMELESS_CASES.values(), ids=NAMELESS_CASES)
def test_without_a_home_everything_works_in_spanish(tmp_path, code):
    """Ni una traza, ni un aviso en inglés, ni una carpeta «~» donde se esté."""
    done = run_nameless(code, tmp_path)
    assert done.stderr == ""
    assert done.returncode == 0
    assert not (tmp_path / "~").exists()


def test_without_a_home_the_folder_is_temporary_and_the_doctor_says_so(tmp_path):
    """La carpeta es la misma cada vez, y la revisión avisa de que se puede perder."""
    folder = run_nameless(NAMELESS_CASES["carpeta"], tmp_path).stdout.strip()
    assert Path(folder).parent == tmp_path
    assert Path(folder).name.startswith("curso-rnn-")
    said = run_nameless(NAMELESS_CASES["médico"], tmp_path).stdout
    assert f"! Progreso: no tienes carpeta personal: se guarda en {folder}, que el" in said
    assert "con la variable CURSO_HOME." in said


def test_without_a_home_progress_is_kept_between_sessions(tmp_path):
    """Lo que apunta un proceso lo lee el siguiente."""
    assert run_nameless(NAMELESS_CASES["progreso"], tmp_path).stdout == "correcto\n"
    code = "from course_utils.exercises import store; print(store.recall('12.1'))"
    assert run_nameless(code, tmp_path).stdout == "correcto\n"


def test_a_chosen_folder_is_used_without_a_home(tmp_path):
    """CURSO_HOME, si se entiende, sigue mandando."""
    done = run_nameless(NAMELESS_CASES["carpeta"], tmp_path, CURSO_HOME=str(tmp_path / "mio"))
    assert done.stdout.strip() == str(tmp_path / "mio")


def test_a_home_of_ones_own_changes_nothing(monkeypatch, tmp_path):
    """Con carpeta personal, Matplotlib y Keras guardan lo suyo en la de siempre."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    environment._replace_missing_home()
    assert "MPLCONFIGDIR" not in os.environ
    assert "KERAS_HOME" not in os.environ


# --- archivos junto al cuaderno que se llaman como una biblioteca ----------------------------


@pytest.mark.parametrize("library", ["torch", "keras", "tensorflow", "numpy", "pandas", "sklearn"])
@pytest.mark.parametrize("code", ["", "raise RuntimeError('soy del alumno')"])
def test_setup_names_the_file_beside_the_notebook(tmp_path, monkeypatch, library, code):
    """Aunque se importe sin fallar: nadie entendería lo que viene después."""
    (tmp_path / f"{library}.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    with pytest.raises(ImportError, match=re.escape(str(tmp_path / library))) as caught:
        setup(0, frameworks=("torch", "keras"))
    message = str(caught.value)
    assert message.startswith("El archivo ")
    assert f"la biblioteca {library} y ocupa su lugar. Cámbiale el nombre" in message


@pytest.mark.parametrize("name", ["torch.py", "email.py", "mis_notas.py", "utils.py", "torch.txt"])
def test_setup_does_not_complain_without_reason(tmp_path, monkeypatch, name):
    """Ni por un framework que la lección no usa, ni por lo que no tapa nada."""
    (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    setup(0)


def test_in_a_kernel_setup_and_the_doctor_name_the_file(tmp_path, monkeypatch):
    """En un núcleo de verdad, con torch.py y random.py junto al cuaderno."""
    for name in ("torch", "random"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('mío')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    refused, report = run_cells(
        "from course_utils.environment import setup\n"
        "try:\n    setup(0, frameworks=('torch',))\nexcept ImportError as error:\n    print(error)",
        "from course_utils.doctor import doctor\nprint(doctor(quick=True))",
    )
    assert f"El archivo {tmp_path / 'torch.py'} se llama como" in refused[0]["text"]
    assert f"✗ Archivos: {tmp_path / 'torch.py'} se llama" in report[0]["text"]
    assert f"{tmp_path / 'random.py'} se llama como" in report[0]["text"]


def test_a_framework_broken_by_another_file_names_it(tmp_path, monkeypatch):
    """Si falla por algo que tapa una pieza suya, el error dice qué cambiar de nombre."""
    write_module(tmp_path, "torch", "import yaml\nyaml.safe_load")
    (tmp_path / "yaml.py").touch()
    done = run_python(
        'from course_utils.environment import setup\nsetup(0, frameworks=("torch",))', tmp_path
    )
    last = done.stderr.splitlines()[-1]
    assert "Antes cambia de nombre lo que tapa una biblioteca:" in last
    assert str(tmp_path / "yaml.py") in last

"""El entorno en el que corre una lección: semillas, hilos, frameworks, límites y carpetas.

Cada lección empieza con ``setup(SEED)``. Lo demás lo usan el propio curso y su revisión,
``python -m course_utils.doctor``.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Literal

# Qué se importa con cada nombre, y en qué orden. TensorFlow y Keras siempre llegan juntos.
_MODULES = {
    "tensorflow": ("tensorflow", "keras"),
    "keras": ("tensorflow", "keras"),
    "torch": ("torch",),
}
_LIBRARIES = ("numpy", "pandas", "scipy", "sklearn", "matplotlib")
_TITLES = {"tensorflow": "TensorFlow", "keras": "Keras", "torch": "PyTorch"}

# Las bibliotecas numéricas leen estas variables una sola vez, al cargarse.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def setup(seed: int = 0, *, frameworks: Sequence[str] = (), threads: int | None = 1) -> None:
    """Prepara el cuaderno: semillas, hilos, frameworks y estilo de las figuras.

    Se llama una vez, al principio de cada lección. Si todo va bien no escribe nada.

    Parameters
    ----------
    seed : int, default 0
        Semilla de ``random``, de NumPy, de los frameworks que se nombren y de los que ya
        estén cargados. Entre 0 y 2**32 - 1.
    frameworks : sequence of str, default ()
        Los que usa la lección: ``"tensorflow"`` (o ``"keras"``, que es lo mismo: Keras sobre
        TensorFlow) y ``"torch"``. Se importan aquí para que sus registros de arranque no
        llenen de rojo el cuaderno; si la importación falla, se muestran.
    threads : int or None, default 1
        Hilos de cálculo de NumPy y de los frameworks, nunca más que los núcleos disponibles;
        ``None`` los usa todos. Las redes pequeñas apenas ganan con más de uno, y dos
        cuadernos que entrenan a la vez con varios hilos cada uno se estorban tanto que
        pueden ir cientos de veces más despacio.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale.
    ModuleNotFoundError
        Si falta un framework. El mensaje trae la orden que lo instala.
    ImportError
        Si un framework está instalado pero no se puede importar, o junto al cuaderno hay un archivo
        que se llama como una de sus bibliotecas.
    RuntimeError
        Si Keras ya está cargado sobre otro motor.

    Notes
    -----
    TensorFlow fija sus hilos al ejecutar la primera operación: si ya ha arrancado, conserva
    los que tenía. Sus operaciones se hacen deterministas, para que la misma semilla repita
    el mismo resultado en la misma máquina. Sus registros posteriores al arranque se ocultan
    con ``TF_CPP_MIN_LOG_LEVEL=3``, salvo que esa variable ya tenga otro valor.

    Examples
    --------
    >>> import numpy as np
    >>> setup(7)
    >>> first = np.random.rand()
    >>> setup(7)
    >>> first == np.random.rand()
    True
    """
    seed = _checked_seed(seed)
    names = _checked_frameworks(frameworks)
    _refuse_shadows([*_LIBRARIES, *(module for name in names for module in _MODULES[name])])
    count = _thread_count(threads)

    _replace_missing_home()
    _limit_libraries(count)
    for name in names:
        for module in _MODULES[name]:
            _import_framework(module)
    _limit_frameworks(count)
    _seed_everything(seed)
    _use_course_style()


def where_am_i() -> Literal["colab", "binder", "local"]:
    """Dice dónde corre el cuaderno: en Google Colab, en Binder o en tu máquina.

    Returns
    -------
    str
        ``"colab"``, ``"binder"`` o ``"local"``.

    Examples
    --------
    >>> where_am_i() in {"colab", "binder", "local"}
    True
    """
    if "google.colab" in sys.modules or _is_importable("google.colab"):
        return "colab"
    if "BINDER_REPO_URL" in os.environ or "BINDER_LAUNCH_HOST" in os.environ:
        return "binder"
    return "local"


def home_dir() -> Path:
    """Devuelve la carpeta donde el curso guarda lo tuyo: progreso y datos descargados.

    Es la de la variable de entorno ``CURSO_HOME`` o, sin ella, la que tu sistema reserva para
    los datos de un programa; si no tienes carpeta personal, una temporal. No la crea.

    Returns
    -------
    pathlib.Path
        Ruta absoluta.

    Examples
    --------
    >>> home_dir().is_absolute()
    True
    """
    chosen = os.environ.get("CURSO_HOME")
    with contextlib.suppress(RuntimeError):  # sin carpeta personal no se sabe qué es «~»
        if chosen:
            return Path(chosen).expanduser().absolute()
        import platformdirs

        folder = platformdirs.user_data_path("curso-rnn", appauthor=False)
        if folder.is_absolute():
            return folder
    return temporary_home()


def temporary_home() -> Path:
    """Devuelve la carpeta de quien no tiene carpeta personal: la misma cada vez, pero temporal.

    Returns
    -------
    pathlib.Path
        Ruta absoluta.

    Examples
    --------
    >>> temporary_home().name.startswith("curso-rnn-")
    True
    """
    user = os.getuid() if hasattr(os, "getuid") else "curso"
    return Path(tempfile.gettempdir(), f"curso-rnn-{user}")


def available_cores() -> int:
    """Cuenta los núcleos que este proceso puede usar de verdad.

    Los cuenta joblib, que tiene en cuenta la afinidad del proceso y la cuota de CPU del contenedor,
    no solo los núcleos de la máquina. Una cuota con decimales se redondea hacia arriba.

    Returns
    -------
    int
        Al menos 1.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    import joblib

    return joblib.cpu_count()


def available_memory(root: str | Path = "/") -> int:
    """Mide la memoria que este proceso aún puede ocupar.

    Es la menor entre la libre en la máquina y la que queda hasta el límite del contenedor
    (cgroup v1 y v2), sin contar como ocupada la caché de archivos que el sistema puede soltar.

    Parameters
    ----------
    root : str or Path, default "/"
        Raíz del sistema de archivos; solo cambia en las pruebas.

    Returns
    -------
    int
        En bytes.

    Examples
    --------
    >>> available_memory() > 0
    True
    """
    import psutil

    available = psutil.virtual_memory().available
    for folder in _memory_cgroups(Path(root)):
        limit = _read(folder / "memory.max") or _read(folder / "memory.limit_in_bytes")
        if limit in ("", "max"):
            continue
        used = _read(folder / "memory.current") or _read(folder / "memory.usage_in_bytes")
        detail = dict(line.split() for line in _read(folder / "memory.stat").splitlines())
        cache = detail.get("total_inactive_file") or detail.get("inactive_file")
        working = int(used or 0) - int(cache or 0)
        available = min(available, int(limit) - working)
    return max(0, available)


def _checked_seed(seed: object) -> int:
    from course_utils.validation import as_int

    seed = as_int("seed", seed, minimum=0)
    if seed >= 2**32:
        raise ValueError(
            f"seed debe ser menor que 2**32, el límite de NumPy; ha llegado {seed}. "
            "Pasa un entero más pequeño, por ejemplo seed=0."
        )
    return seed


def _checked_frameworks(frameworks: object) -> tuple[str, ...]:
    from course_utils.validation import describe

    if isinstance(frameworks, str) or not isinstance(frameworks, Sequence):
        raise TypeError(
            f"frameworks debe ser una tupla de nombres; ha llegado {describe(frameworks)}. "
            'Escribe, por ejemplo, frameworks=("torch",), con su coma.'
        )
    for name in frameworks:
        if name not in _MODULES:
            raise ValueError(
                "frameworks solo puede contener "
                + ", ".join(f'"{known}"' for known in _MODULES)
                + f"; ha llegado {describe(name)}. Corrige el nombre o quítalo."
            )
    return tuple(frameworks)


def _thread_count(threads: object) -> int:
    from course_utils.validation import as_int

    cores = available_cores()
    return cores if threads is None else min(as_int("threads", threads, minimum=1), cores)


def _limit_libraries(count: int) -> None:
    """Limita los hilos de lo ya cargado (NumPy) y de lo que se cargue después."""
    import threadpoolctl

    for variable in _THREAD_VARIABLES:
        os.environ.setdefault(variable, str(count))
    threadpoolctl.threadpool_limits(count)


def _limit_frameworks(count: int) -> None:
    """Limita los hilos de los frameworks cargados. Lo que ya ha arrancado se queda como está."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(count)
        with contextlib.suppress(RuntimeError):
            torch.set_num_interop_threads(count)
    if tensorflow := sys.modules.get("tensorflow"):
        with contextlib.suppress(RuntimeError):
            tensorflow.config.threading.set_intra_op_parallelism_threads(count)
            tensorflow.config.threading.set_inter_op_parallelism_threads(count)


def _seed_everything(seed: int) -> None:
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - el generador global, por si una biblioteca lo usa
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
    if tensorflow := sys.modules.get("tensorflow"):
        tensorflow.random.set_seed(seed)
        tensorflow.config.experimental.enable_op_determinism()
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(seed)


def _replace_missing_home() -> None:
    """Da una carpeta a Matplotlib y a Keras si no hay una personal: sin ella, fallan."""
    if not os.access(os.path.expanduser("~"), os.W_OK):
        os.environ.setdefault("MPLCONFIGDIR", str(temporary_home() / "matplotlib"))
        os.environ.setdefault("KERAS_HOME", str(temporary_home() / "keras"))


def _refuse_shadows(names: Sequence[str]) -> None:
    """Nombra el archivo que está junto al cuaderno y tapa una biblioteca que hace falta."""
    from course_utils import shadows

    for path, standard in shadows.find_shadows([os.curdir]).items():
        name = shadows.library_name(path)
        if not standard and name in names and shadows.is_winning(path):
            raise ImportError(
                f"El archivo {path} se llama como la biblioteca {name} y ocupa su lugar. "
                "Cámbiale el nombre y reinicia el kernel.",
                name=name,
                path=path,
            )


def _suspects() -> str:
    """Una frase con los archivos que ahora mismo ocupan el lugar de una biblioteca, si los hay."""
    from course_utils import shadows

    found = filter(shadows.is_winning, shadows.find_shadows(shadows.places()))
    names = ", ".join(found)
    return f"Antes cambia de nombre lo que tapa una biblioteca: {names}. " if names else ""


def _use_course_style() -> None:
    import matplotlib.style

    matplotlib.style.use("course_utils.plotting.curso")


def _import_framework(module: str) -> None:
    """Importa ``module`` sin sus registros de arranque, o explica en español por qué no puede."""
    if module in ("tensorflow", "keras"):
        _choose_keras_backend()
    title = _TITLES[module]
    try:
        with _silent_stderr():
            importlib.import_module(module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name == module:
            from course_utils.requirements import install_command

            raise ModuleNotFoundError(
                f"Esta lección usa {title}, que no está instalado. "
                f"Instálalo con: {install_command(module)} y reinicia el kernel.",
                name=module,
            ) from None
        raise ImportError(
            f"{title} está instalado, pero no se puede importar ({type(error).__name__}: {error}). "
            f"{_suspects()}"
            "Reinicia el kernel; si vuelve a fallar, ejecuta python -m course_utils.doctor.",
            name=module,
        ) from error


def _choose_keras_backend() -> None:
    """Keras elige su motor al importarse y ya no lo cambia."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras = sys.modules.get("keras")
    if keras and keras.config.backend() != "tensorflow":
        raise RuntimeError(
            "El curso usa Keras sobre TensorFlow, pero Keras ya está cargado sobre "
            f"{keras.config.backend()}. Reinicia el kernel y llama a setup() antes de importarlo."
        )


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Guarda lo que se escriba en la salida de errores; solo lo muestra si hay una excepción."""
    if sys.stderr is None:  # sin terminal ni cuaderno (pythonw): no hay nada que ocultar
        yield
        return
    with tempfile.TemporaryFile(buffering=0) as log:
        try:
            with _stderr_into(log):
                yield
        except Exception:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise


@contextlib.contextmanager
def _stderr_into(log: IO[bytes]) -> Iterator[None]:
    """Lleva a ``log`` lo que escriban en la salida de errores C++ y Python.

    En un cuaderno son cosas distintas. De ``sys.stderr`` se cambia ``write`` y no el objeto,
    porque TensorFlow y absl guardan el objeto al importarse y escriben en él más tarde.
    """
    stream, write = sys.stderr, sys.stderr.write
    stream.flush()
    with _descriptor_into(log):
        stream.write = lambda text: log.write(text.encode(errors="replace")) and len(text)
        try:
            yield
        finally:
            stream.write = write
            stream.flush()


@contextlib.contextmanager
def _descriptor_into(log: IO[bytes]) -> Iterator[None]:
    """Lleva a ``log`` el descriptor 2, que es donde escribe C++."""
    original = None
    with contextlib.suppress(OSError):  # algunos cuadernos de Windows no tienen descriptor 2
        original = os.dup(2)
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        if original is not None:
            os.dup2(original, 2)
            os.close(original)


def _memory_cgroups(root: Path) -> list[Path]:
    """Carpetas cgroup del proceso, hasta la raíz: cualquiera de ellas puede poner un límite."""
    mount = root / "sys/fs/cgroup"
    folders = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:  # v2
            base = mount
        elif "memory" in controllers.split(","):  # v1
            base = mount / "memory"
        else:
            continue
        own = base / path.strip("/")
        folders += [own, *(folder for folder in own.parents if folder.is_relative_to(base))]
    return folders


def _read(path: Path) -> str:
    """Texto de un archivo del sistema; vacío si no existe o no se deja leer."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _is_importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # falta el paquete que lo contiene
        return False

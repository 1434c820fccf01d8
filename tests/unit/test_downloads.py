"""Descargas: con cualquier fallo, nada dañado queda con su nombre y el siguiente intento sirve."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pooch
import pytest

from course_utils.downloads import DownloadError, download, matches
from tests.unit.local_server import misbehaving_server

ROOT = Path(__file__).resolve().parents[2]
CONTENT = bytes(range(256)) * 800  # más de un bloque de lectura
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = {"sha256": SHA256, "timeout": 300.0}
IMPATIENT = {**QUICK, "timeout": 1.0}  # solo donde el servidor se cuelga a propósito


@pytest.fixture(autouse=True)
def local_and_quick(monkeypatch):
    """El servidor es local aunque la máquina use un proxy, y entre intentos no hay pausa."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time", SimpleNamespace(sleep=lambda seconds: None))


@pytest.fixture
def server():
    """Un servidor que se porta mal cuando se le pide."""
    with misbehaving_server(CONTENT) as running:
        yield running


@pytest.fixture
def path(tmp_path):
    """Donde debe quedar el archivo; la carpeta no existe todavía."""
    return tmp_path / "casa" / "datasets" / "datos.npz"


def assert_nothing_left(path: Path) -> None:
    """Ni el archivo ni restos provisionales."""
    assert not path.exists()
    assert not path.parent.exists() or list(path.parent.iterdir()) == []


def assert_next_try_succeeds(server, path: Path) -> None:
    """Con el servidor sano, el siguiente intento deja el archivo y nada más."""
    server.script.clear()
    assert download(server.url, path, **QUICK) == path
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_downloads_once_and_then_stays_off_the_network(server, path):
    """La segunda vez no se pide nada."""
    download(server.url, path, **QUICK)
    download(server.url, path, **QUICK)
    assert path.read_bytes() == CONTENT
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [[500], [503, 429], ["hang"], ["stall"], ["truncate"], ["short"], ["flip"], ["portal"]],
    ids=str,
)
def test_a_passing_fault_is_retried(server, path, script):
    """Un fallo pasajero se cura solo, sin que nadie lo note."""
    server.script = list(script)
    download(server.url, path, **(IMPATIENT if script[0] in ("hang", "stall") else QUICK))
    assert path.read_bytes() == CONTENT
    assert len(server.requests) == len(script) + 1
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_nothing_unverified_ever_gets_the_final_name(server, path, monkeypatch):
    """Lo que llega mal no ocupa el nombre definitivo ni por un momento."""
    moved = []
    move = shutil.move

    def spy(source, target):
        moved.append(Path(source).read_bytes() == CONTENT and Path(target) == path)
        move(source, target)

    monkeypatch.setattr("pooch.core.shutil.move", spy)
    server.script = ["flip", "short"]
    download(server.url, path, **QUICK)
    assert moved == [True]


def test_a_redirect_is_followed_and_verified(server, path):
    """El archivo puede haberse mudado: lo que importa es su contenido."""
    server.script = ["redirect"]
    download(server.url, path, **QUICK)
    assert path.read_bytes() == CONTENT
    assert server.requests == ["/datos.npz", "/movido"]


@pytest.mark.parametrize(
    ("action", "requests", "message"),
    [
        (500, 3, "error 500"),
        (404, 3, "error 404"),
        ("hang", 3, "ha dejado de responder durante 1 segundos"),
        ("stall", 3, "ha dejado de responder durante 1 segundos"),
        ("truncate", 3, "se ha cortado a medias"),
        ("short", 3, "no es el archivo esperado"),
        ("flip", 3, "no es el archivo esperado"),
        ("portal", 3, "un portal de acceso"),
        ("loop", None, "redirige sin fin"),
    ],
)
def test_a_lasting_fault_says_what_to_do(server, path, action, requests, message):
    """El error dice qué pasa, de dónde bajarlo a mano y dónde ponerlo; después todo va bien."""
    server.script = [action] * 3
    with pytest.raises(DownloadError) as caught:
        download(server.url, path, **(IMPATIENT if action in ("hang", "stall") else QUICK))
    text = str(caught.value)
    assert text.startswith("No se ha podido descargar datos.npz. ")
    assert message in text
    assert f"descarga tú {server.url} y guárdalo como {path}" in text
    if requests is not None:
        assert len(server.requests) == requests
    assert_nothing_left(path)
    server.release.set()
    assert_next_try_succeeds(server, path)


def test_no_network(server, path):
    """Sin nadie al otro lado, el error habla de la conexión."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/datos.npz"
    with pytest.raises(DownloadError, match=r"No hay conexión con 127\.0\.0\.1"):
        download(url, path, **QUICK)
    assert_nothing_left(path)
    assert_next_try_succeeds(server, path)


def test_an_impossible_address_is_a_download_error(path):
    """Una dirección mal escrita en el registro no acaba en un error ajeno."""
    with pytest.raises(DownloadError, match="MissingSchema"):
        download("datos.npz", path, **QUICK)


def test_wrong_hash_in_the_registry(server, path):
    """Con el sha256 equivocado no se guarda nada."""
    with pytest.raises(DownloadError, match="otro sha256"):
        download(server.url, path, **{**QUICK, "sha256": "0" * 64})
    assert_nothing_left(path)
    assert_next_try_succeeds(server, path)


@pytest.mark.parametrize("damage", [b"", CONTENT[:1000], CONTENT[:-1] + b"\0"])
def test_a_damaged_copy_is_downloaded_again(server, path, damage):
    """Lo que ya había, vacío, truncado o con un byte cambiado, se sustituye."""
    path.parent.mkdir(parents=True)
    path.write_bytes(damage)
    assert_next_try_succeeds(server, path)


def test_a_damaged_copy_is_never_taken_for_good(server, path):
    """Si tampoco se puede bajar, hay error, y lo dañado sigue sin valer."""
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:1000])
    server.script = [404] * 3
    with pytest.raises(DownloadError):
        download(server.url, path, **QUICK)
    assert not matches(path, SHA256)
    assert_next_try_succeeds(server, path)


def test_a_folder_that_cannot_be_created(server, path):
    """Sobre un archivo no se puede crear una carpeta, tampoco siendo root."""
    home = path.parents[1]
    home.write_text("no soy una carpeta")
    with pytest.raises(DownloadError, match=r"No se puede escribir en .*CURSO_HOME"):
        download(server.url, path, **QUICK)
    assert server.requests == []
    home.unlink()
    assert_next_try_succeeds(server, path)


@pytest.mark.parametrize("operation", ["probe", "open", "move"])
def test_a_read_only_cache(server, path, monkeypatch, operation):
    """Falle al probar, al escribir o al poner el nombre: error claro y ningún resto."""
    path.parent.mkdir(parents=True)
    target, name = {
        "probe": ("pooch.utils.tempfile", "NamedTemporaryFile"),
        "open": ("pooch.HTTPDownloader", "__call__"),
        "move": ("pooch.core.shutil", "move"),
    }[operation]

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(f"{target}.{name}", refuse)
        with pytest.raises(DownloadError) as caught:
            download(server.url, path, **QUICK)
    text = str(caught.value)
    assert f"No se puede escribir en {path.parent} (Read-only file system)" in text
    assert "elige otra con la variable de entorno CURSO_HOME" in text
    assert_nothing_left(path)
    assert_next_try_succeeds(server, path)


@pytest.mark.skipif(
    os.name == "nt" or getattr(os, "geteuid", lambda: 1)() == 0,
    reason="root escribe en cualquier carpeta y Windows no usa estos permisos",
)
def test_a_folder_without_write_permission(server, path):
    """Lo mismo con permisos de verdad."""
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(DownloadError, match="No se puede escribir"):
            download(server.url, path, **QUICK)
    finally:
        path.parent.chmod(0o700)
    assert_next_try_succeeds(server, path)


def test_a_good_copy_in_a_read_only_cache_is_used(server, path, monkeypatch):
    """Si el archivo ya está bien, no hace falta escribir nada."""
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    monkeypatch.setattr(Path, "mkdir", lambda *args, **kwargs: pytest.fail("ha escrito"))
    assert download(server.url, path, **QUICK) == path
    assert server.requests == []


def test_another_process_won_the_race(server, path, monkeypatch):
    """En Windows no se puede sustituir un archivo abierto; si ya está bien, sirve."""

    def other_process_did_it(source, target):
        Path(target).write_bytes(CONTENT)
        raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr("pooch.core.shutil.move", other_process_did_it)
    assert download(server.url, path, **QUICK) == path
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def _start_process(url: str, path: Path) -> subprocess.Popen:
    code = (
        "import sys; from pathlib import Path; from course_utils.downloads import download; "
        "download(sys.argv[1], Path(sys.argv[2]), sha256=sys.argv[3], timeout=300)"
    )
    return subprocess.Popen([sys.executable, "-c", code, url, str(path), SHA256], cwd=ROOT)


def test_two_processes_at_once(server, path):
    """Dos procesos descargan a la vez, los dos lo consiguen y no queda ningún resto."""
    server.script = ["meet", "meet"]
    processes = [_start_process(server.url, path) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(server.requests) == 2
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_process_killed_half_way(server, path):
    """Lo que deja un proceso muerto no se confunde con el archivo ni estorba."""
    server.script = ["stall"]
    process = _start_process(server.url, path)
    try:
        assert server.half_sent.wait(300)
        while process.poll() is None and not list(path.parent.iterdir()):
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    server.release.set()
    (remains,) = path.parent.iterdir()
    assert remains != path
    assert remains.name.startswith("tmp")
    remains.rename(path.parents[1] / remains.name)
    assert_next_try_succeeds(server, path)


def test_an_interrupted_download_leaves_nothing(server, path, monkeypatch):
    """Interrumpir la celda a medias tampoco deja restos."""

    def interrupt(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pooch.core.shutil.move", interrupt)
        with pytest.raises(KeyboardInterrupt):
            download(server.url, path, **QUICK)
    assert_nothing_left(path)
    assert_next_try_succeeds(server, path)


def test_as_many_attempts_as_asked(server, path):
    """Ni uno menos."""
    server.script = [500] * 4
    download(server.url, path, **QUICK, attempts=5)
    assert len(server.requests) == 5


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_missing_certificates_are_not_a_full_disk(path, monkeypatch, variable):
    """No todo ``OSError`` es del disco: también lo lanza requests si le faltan certificados."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(path / "ninguna-parte.pem"))
    with pytest.raises(DownloadError) as caught:
        download("https://127.0.0.1:9/datos.npz", path, **QUICK)
    assert "faltan los certificados" in str(caught.value)
    assert "ninguna-parte.pem" in str(caught.value)
    assert "No se puede escribir" not in str(caught.value)
    assert_nothing_left(path)


def test_nothing_is_said_in_english(server, path, monkeypatch, caplog):
    """Los avisos de `pooch` sobre cada intento no llegan al cuaderno."""
    monkeypatch.setattr(pooch.get_logger(), "handlers", [caplog.handler])
    pooch.get_logger().setLevel(logging.INFO)  # como viene
    server.script = [500]
    download(server.url, path, **QUICK)
    assert caplog.records == []


@pytest.mark.parametrize("attempts", [0, -1])
def test_attempts_must_be_positive(path, attempts):
    """Sin intentos no hay descarga: es un error de quien llama."""
    with pytest.raises(ValueError, match="attempts debe ser al menos 1"):
        download("http://127.0.0.1:9/x", path, **QUICK, attempts=attempts)


def test_matches(tmp_path):
    """Un archivo que falta, una carpeta y otro contenido no valen."""
    file = tmp_path / "a"
    file.write_bytes(CONTENT)
    assert matches(file, SHA256)
    assert not matches(file, "0" * 64)
    assert not matches(tmp_path, SHA256)
    assert not matches(tmp_path / "b", SHA256)

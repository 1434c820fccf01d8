"""Descarga de un archivo: entero y verificado, o nada.

Lo que llega se escribe con un nombre provisional y único; solo cuando su sha256 es el esperado
ocupa, de un golpe, el nombre definitivo. Así, ni un corte de red, ni un proceso que muere a
medias, ni dos procesos a la vez dejan un archivo dañado donde alguien vaya a leerlo.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from course_utils.validation import as_int

PART_SUFFIX = ".part"
STALE_SECONDS = 3600  # una descarga viva escribe mucho más a menudo
RETRY_STATUS = (408, 429)  # errores 4xx que se curan esperando


class DownloadError(RuntimeError):
    """No se ha podido descargar un archivo; el mensaje dice por qué y qué hacer."""


def matches(path: Path, sha256: str) -> bool:
    """Dice si un archivo existe y su contenido es el esperado.

    Parameters
    ----------
    path : Path
        El archivo.
    sha256 : str
        Su sha256, en hexadecimal.

    Examples
    --------
    >>> matches(Path("no-existe.npz"), "0" * 64)
    False
    """
    import pooch

    try:
        return pooch.file_hash(str(path)) == sha256
    except OSError:
        return False


def download(
    url: str,
    path: Path,
    *,
    sha256: str,
    attempts: int = 3,
    timeout: float = 30.0,
    wait: float = 1.0,
) -> Path:
    """Deja en ``path`` el archivo de ``url``, verificado; si ya estaba bien, no toca la red.

    Parameters
    ----------
    url : str
        De dónde se descarga.
    path : Path
        Nombre definitivo. Su carpeta se crea si hace falta.
    sha256 : str
        Lo que debe valer el sha256 del contenido.
    attempts : int, default 3
        Cuántas veces se intenta. No se insiste cuando el servidor dice que el archivo no existe
        o no se puede leer, ni cuando envía dos veces el mismo contenido equivocado.
    timeout : float, default 30.0
        Segundos que se espera sin recibir nada antes de dar un intento por perdido.
    wait : float, default 1.0
        Segundos de pausa tras el primer fallo; cada pausa dura el doble que la anterior.

    Returns
    -------
    Path
        El mismo ``path``.

    Raises
    ------
    DownloadError
        Si no se consigue. En ``path`` no queda nada dañado.

    Examples
    --------
    >>> import hashlib, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "datos.csv"
    >>> _ = path.write_bytes(b"1,2")
    >>> known = hashlib.sha256(b"1,2").hexdigest()
    >>> download("http://example.org/datos.csv", path, sha256=known).name
    'datos.csv'
    """
    attempts = as_int("attempts", attempts, minimum=1)
    if matches(path, sha256):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale_parts(path)
        problem = _try_several_times(url, path, sha256, attempts, timeout, wait)
    except OSError as error:
        problem = (
            f"No se puede escribir en {path.parent} ({error.strerror or error}). Comprueba los "
            "permisos y el espacio libre de esa carpeta o elige otra con la variable de entorno "
            "CURSO_HOME."
        )
    if problem is None or matches(path, sha256):  # quizá lo ha conseguido otro proceso
        return path
    with contextlib.suppress(OSError):
        path.unlink()  # un archivo dañado de antes no se queda con el nombre definitivo
    raise DownloadError(f"No se ha podido descargar {path.name}. {problem}")


def _try_several_times(
    url: str, path: Path, sha256: str, attempts: int, timeout: float, wait: float
) -> str | None:
    """Devuelve ``None`` si lo consigue; si no, el último problema y qué hacer."""
    import requests

    advice = (
        "Vuelve a intentarlo dentro de un rato o, si tu navegador sí llega, descarga tú "
        f"{url} y guárdalo como {path}."
    )
    problem, wrong = None, set()
    for attempt in range(attempts):
        if attempt:
            time.sleep(wait * 2 ** (attempt - 1))
        try:
            received, size = _fetch_once(url, path, sha256, timeout)
        except requests.RequestException as error:
            problem = _describe_network_error(error, url, timeout)
            if _is_final(error):
                break
            continue
        if received == sha256:
            return None
        problem = (
            f"Han llegado {size} bytes que no son los esperados (sha256 {received[:12]}… en vez de "
            f"{sha256[:12]}…): los ha cambiado la red (un portal de acceso, un proxy) o ya no es "
            "el mismo archivo en el servidor."
        )
        if received in wrong:
            break
        wrong.add(received)
    return f"{problem} {advice}"


def _fetch_once(url: str, path: Path, sha256: str, timeout: float) -> tuple[str, int]:
    """Descarga a un nombre provisional y lo mueve a su sitio solo si es el esperado."""
    import pooch

    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART_SUFFIX}")
    fetch = pooch.HTTPDownloader(timeout=timeout, chunk_size=2**16)
    try:
        fetch(url, str(part), None)
        received, size = pooch.file_hash(str(part)), part.stat().st_size
        if received == sha256:
            os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return received, size


def _remove_stale_parts(path: Path) -> None:
    """Borra lo que dejaron a medias procesos que murieron; lo que aún crece no se toca."""
    for part in path.parent.glob(f"{path.name}.*{PART_SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                part.unlink()


def _is_final(error: Exception) -> bool:
    """Si insistir no sirve: el servidor ha contestado que no."""
    response = getattr(error, "response", None)
    return (
        response is not None
        and 400 <= response.status_code < 500
        and response.status_code not in RETRY_STATUS
    )


def _describe_network_error(error: Exception, url: str, timeout: float) -> str:
    import requests

    host = urlsplit(url).hostname
    if isinstance(error, requests.HTTPError):
        return f"El servidor {host} ha contestado con un error {error.response.status_code}."
    if isinstance(error, requests.TooManyRedirects):
        return f"El servidor {host} redirige sin fin, quizá por un portal de acceso a la red."
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"El servidor {host} ha dejado de responder durante {timeout:g} segundos."
    if isinstance(error, requests.exceptions.SSLError):
        return f"La conexión segura con {host} no es de fiar: revisa la hora y los certificados."
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"La conexión con {host} se ha cortado a medias."
    if isinstance(error, requests.ConnectionError):
        return f"No hay conexión con {host}: comprueba internet y, si lo usas, tu proxy."
    return f"La petición a {host} ha fallado ({type(error).__name__})."

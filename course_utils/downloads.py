"""Descarga de un archivo: entero y verificado, o nada.

El nombre provisional, el sha256 y los intentos son de pooch; aquí se dice en español qué ha
fallado y qué hacer. Un corte de red, un proceso que muere a medias o dos a la vez no dejan nunca un
archivo dañado con el nombre definitivo.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from course_utils.validation import as_int


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
    member: str | None = None,
    attempts: int = 3,
    timeout: float = 30.0,
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
    member : str, optional
        Si lo que se descarga es un zip: el nombre que tiene dentro el archivo que se quiere. Solo
        se guarda ese.
    attempts : int, default 3
        Cuántas veces se intenta, cada vez con una pausa un segundo más larga que la anterior.
    timeout : float, default 30.0
        Segundos que se espera sin recibir nada antes de dar un intento por perdido.

    Returns
    -------
    Path
        El mismo ``path``.

    Raises
    ------
    DownloadError
        Si no se consigue. Lo que hubiera en ``path`` se queda como estaba.

    Notes
    -----
    Un proceso que muere a medias deja en la carpeta un archivo provisional, ``tmp…``. Nadie lo lee
    y se puede borrar.

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
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)  # sus avisos de cada intento están en inglés
    store = pooch.create(
        path=path.parent,
        base_url="",
        registry={path.name: sha256},
        urls={path.name: url},
        retry_if_failed=attempts - 1,
    )
    downloader = pooch.HTTPDownloader(timeout=timeout)
    if member is not None:
        downloader = _unzipping(downloader, member)
    try:
        store.fetch(path.name, downloader=downloader)
    except (OSError, ValueError) as error:
        problem = _describe(error, url, path, member, timeout)
    else:
        return path
    if matches(path, sha256):  # lo ha conseguido otro proceso
        return path
    raise DownloadError(f"No se ha podido descargar {path.name}. {problem}")


def _unzipping(download_zip: Callable, member: str) -> Callable:
    """Descarga como ``download_zip`` y deja, en lugar del zip, uno de sus archivos."""

    def download_member(url: str, file: str, pooch: object) -> None:
        download_zip(url, file, pooch)
        try:
            with zipfile.ZipFile(file) as archive:
                content = archive.read(member)
        except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError) as error:
            raise ValueError(f"{url} no es un zip con {member}.") from error
        Path(file).write_bytes(content)

    return download_member


def _describe(error: Exception, url: str, path: Path, member: str | None, timeout: float) -> str:
    """Qué ha fallado, en la red o en esta máquina, y qué hacer."""
    import requests

    if isinstance(error, requests.RequestException | ValueError):
        file = "guárdalo" if member is None else f"guarda {member}, que está dentro,"
        return (
            f"{_describe_remote(error, urlsplit(url).hostname, timeout)} Vuelve a intentarlo "
            "dentro de un rato o, si tu navegador sí llega, descarga tú "
            f"{url} y {file} como {path}."
        )
    local = error.__cause__ or error  # pooch envuelve la falta de permiso y le quita el número
    if local.errno is None:  # no viene del sistema: es requests, antes de conectar
        return (
            f"No se puede comprobar quién contesta, porque faltan los certificados ({error}). "
            "Corrige o borra la variable de entorno REQUESTS_CA_BUNDLE o CURL_CA_BUNDLE."
        )
    return (
        f"No se puede escribir en {path.parent} ({local.strerror}). Comprueba los permisos y el "
        "espacio libre de esa carpeta o elige otra con la variable de entorno CURSO_HOME."
    )


def _describe_remote(error: Exception, host: str | None, timeout: float) -> str:
    import requests

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
    if isinstance(error, requests.RequestException):
        return f"La petición a {host} ha fallado ({type(error).__name__})."
    return (
        "Lo que ha llegado no es el archivo esperado (tiene otro sha256): lo ha cambiado la red "
        "(un portal de acceso, un proxy) o ya no es el mismo en el servidor."
    )

"""Un servidor HTTP local que se porta mal a propósito, para probar las descargas sin red."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class MisbehavingServer(ThreadingHTTPServer):
    """Sirve ``content``; cada petición consume el siguiente comportamiento de ``script``.

    Cuando el guion se acaba, sirve bien. Comportamientos: ``ok``, un número (código de error),
    ``hang`` (no contesta), ``stall`` (se queda a medias), ``truncate`` (corta a medias),
    ``short`` (envía la mitad como si fuera todo), ``flip`` (cambia un byte), ``portal`` (página de
    acceso), ``redirect`` (a donde sí está), ``loop`` (redirige sin fin) y ``meet`` (espera a que
    haya dos peticiones a la vez).
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.script: list[str | int] = []
        self.requests: list[str] = []
        self.half_sent = threading.Event()
        self.release = threading.Event()
        self.pair = threading.Barrier(2)

    @property
    def url(self) -> str:
        """Dirección del archivo."""
        return f"http://127.0.0.1:{self.server_port}/datos.npz"

    def handle_error(self, request: object, client_address: object) -> None:
        """Calla los cortes de conexión, que aquí son lo esperado."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        server.requests.append(self.path)
        found = self.path == "/movido"
        action = "ok" if found or not server.script else server.script.pop(0)
        if isinstance(action, int):
            self.send_error(action)
        else:
            getattr(self, f"_{action}")(server.content)

    def _ok(self, content: bytes) -> None:
        self._send(content, announced=len(content))

    def _send(self, body: bytes, *, announced: int | None) -> None:
        self.send_response(200)
        if announced is not None:
            self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _hang(self, content: bytes) -> None:
        self.server.release.wait()

    def _stall(self, content: bytes) -> None:
        self._send(content[: len(content) // 2], announced=len(content))
        self.server.half_sent.set()
        self.server.release.wait()

    def _truncate(self, content: bytes) -> None:
        self._send(content[: len(content) // 2], announced=len(content))

    def _short(self, content: bytes) -> None:
        self._send(content[: len(content) // 2], announced=None)

    def _flip(self, content: bytes) -> None:
        middle = len(content) // 2
        damaged = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        self._send(damaged, announced=len(content))

    def _portal(self, content: bytes) -> None:
        self._send(b"<html>Acepta las condiciones</html>", announced=None)

    def _redirect(self, content: bytes) -> None:
        self._redirect_to("/movido")

    def _loop(self, content: bytes) -> None:
        self.server.script.append("loop")
        self._redirect_to("/otra-vez")

    def _redirect_to(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _meet(self, content: bytes) -> None:
        self.server.pair.wait()
        self._ok(content)

    def log_message(self, *args: object) -> None:
        """No escribe nada."""


@contextlib.contextmanager
def misbehaving_server(content: bytes) -> Iterator[MisbehavingServer]:
    """Arranca el servidor en otro hilo y lo cierra al salir."""
    server = MisbehavingServer(content)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()

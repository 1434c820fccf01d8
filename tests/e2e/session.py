"""Abre el curso como quien aprende: `make lab` de verdad y un navegador de verdad.

Todo ocurre en una copia del repositorio: el mi_curso/ de quien prueba no se toca. La copia usa
el entorno que ya está instalado (CURSO_VENV), así que no instala nada.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "prueba"
HANGS = 600  # segundos de reloj: solo corta lo que se cuelga, también en una máquina lenta
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_BROWSER = "no hay Chromium: instálalo (en Debian, `sudo apt install chromium`)"
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Session:
    """Un `make lab` en marcha."""

    folder: Path
    url: str
    seconds: float
    log: Path

    def notebook(self, name: str) -> nbformat.NotebookNode:
        """Lee del disco la copia de una lección."""
        return nbformat.read(self.folder / "mi_curso" / name, as_version=4)


def copy_course(target: Path) -> Path:
    """Copia lo que `make lab` necesita y devuelve la carpeta."""
    names = ("Makefile", "pyproject.toml", "constraints.txt")
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(ROOT / name, target / name)
    for name in ("tools", "notebooks", "course_utils"):
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    return target


def free_port() -> int:
    """Pide al sistema un puerto libre."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


@contextmanager
def running_lab(folder: Path, *, lesson: str = "") -> Iterator[Session]:
    """Ejecuta `make lab` en una copia del curso, espera a que responda y al salir lo para."""
    port, log = free_port(), folder / "lab.log"
    private = {name: str(folder / "home" / name) for name in ("JUPYTER_CONFIG_DIR", "CURSO_HOME")}
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    variables.update(CURSO_VENV=sys.prefix, JUPYTER_TOKEN=TOKEN, **private)
    command = ["make", "lab", f"PORT={port}", f"LESSON={lesson}"]
    command += ["ARGS=--no-browser --expose-app-in-browser"]
    start = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/api", process, log)
        seconds = time.monotonic() - start
        yield Session(folder, f"http://127.0.0.1:{port}/?token={TOKEN}", seconds, log)
    finally:
        stop(process)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    """Espera a que una dirección responda; si el programa acaba antes, cuenta lo que dijo."""
    deadline = time.monotonic() + HANGS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"`make lab` ha terminado sin abrir nada:\n{log.read_text('utf-8')}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"JupyterLab no responde en {HANGS} s:\n{log.read_text('utf-8')}")


def stop(process: subprocess.Popen) -> None:
    """Para `make lab` y lo que haya abierto."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def find_browser() -> str | None:
    """Busca Chromium o Chrome."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def browser_page(*, width: int = 1280, height: int = 900) -> Iterator:
    """Abre una página de navegador sin ventana, con el navegador en inglés."""
    from playwright.sync_api import sync_playwright

    root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), headless=True, args=[*QUIET, *root]
        )
        try:
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, locale="en-US")
            page.set_default_timeout(1000 * HANGS)
            yield page
        finally:
            browser.close()


def open_lab(page, session: Session) -> str:
    """Entra en JupyterLab, espera a que el cuaderno tenga núcleo y devuelve su nombre."""
    page.goto(session.url)
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook")
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    return page.evaluate("() => jupyterapp.shell.currentWidget.context.path")


def run_all(page) -> None:
    """Ejecuta todas las celdas, espera a que acaben y guarda el cuaderno."""
    page.evaluate("() => { window.done = false; }")
    page.evaluate(
        """() => {
            jupyterapp.commands.execute('notebook:run-all-cells')
                .then(() => jupyterapp.commands.execute('docmanager:save'))
                .then(() => { window.done = true; });
        }"""
    )
    page.wait_for_function("() => window.done")


def red_outputs(notebook: nbformat.NotebookNode) -> list[str]:
    """Enumera lo que en el cuaderno saldría en rojo: errores y avisos.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook, new_output
    >>> cell = new_code_cell(outputs=[new_output("stream", name="stderr", text="¡Cuidado!")])
    >>> red_outputs(new_notebook(cells=[new_code_cell(), cell]))
    ['celda 1: ¡Cuidado!']
    """
    red = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                red.append(f"celda {number}: {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                red.append(f"celda {number}: {output.text}")
    return red

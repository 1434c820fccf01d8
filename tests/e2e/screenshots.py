"""Guarda cómo se ve una lección en JupyterLab, pantalla a pantalla.

Uso: python -m tests.e2e.screenshots LECCIÓN CARPETA [--sin-ejecutar]

Abre la lección con `make lab` en una copia del curso, ejecuta todas las celdas y guarda
01.png, 02.png… en la carpeta. Sirve para mirar una lección como la verá quien aprende.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.e2e.session import (
    NO_BROWSER,
    browser_page,
    copy_course,
    find_browser,
    open_lab,
    red_outputs,
    run_all,
    running_lab,
)

SCROLL = """(step) => {
    const outer = document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer');
    outer.scrollTop += step;
    const last = [...outer.querySelectorAll('.jp-Cell')].pop();
    const edge = outer.getBoundingClientRect().bottom;
    return { height: outer.clientHeight, end: last.getBoundingClientRect().bottom <= edge };
}"""


def main() -> None:
    """Abre la lección, la ejecuta y guarda las pantallas."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", help="número de la lección: 12")
    parser.add_argument("folder", type=Path, help="carpeta en la que guardar las imágenes")
    parser.add_argument("--sin-ejecutar", action="store_true", help="no ejecuta las celdas")
    options = parser.parse_args()
    if find_browser() is None:
        raise SystemExit(NO_BROWSER)
    options.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(copy_course(Path(folder)), lesson=options.lesson) as session,
        browser_page(height=1200) as page,
    ):
        name = open_lab(page, session)
        if not options.sin_ejecutar:
            run_all(page)
        count = save_screens(page, options.folder)
        print(f"{count} pantallas de {name} en {options.folder}")
        for line in red_outputs(session.notebook(name)):
            print("en rojo:", line)


def save_screens(page, folder: Path) -> int:
    """Recorre el cuaderno de arriba abajo y guarda cada pantalla; devuelve cuántas son."""
    page.evaluate(SCROLL, -1_000_000)
    count = 0
    while True:
        page.wait_for_timeout(700)  # al desplazarse, JupyterLab dibuja las celdas que faltan
        count += 1
        page.screenshot(path=folder / f"{count:02d}.png")
        view = page.evaluate(SCROLL, 0)
        if view["end"]:
            return count
        page.evaluate(SCROLL, view["height"] - 60)


if __name__ == "__main__":
    main()

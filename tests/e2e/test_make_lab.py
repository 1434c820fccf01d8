"""`make lab` abre de verdad la lección 00 y todas sus celdas se ejecutan sin error."""

from __future__ import annotations

import pytest

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

pytestmark = pytest.mark.skipif(find_browser() is None, reason=NO_BROWSER)

RED = "[data-mime-type='application/vnd.jupyter.stderr']"  # así dibuja errores y avisos


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Una copia del curso en la que todavía no se ha abierto nada."""
    return copy_course(tmp_path_factory.mktemp("curso"))


@pytest.fixture(scope="module")
def lab(course):
    """El primer `make lab` en esa copia."""
    with running_lab(course) as session:
        yield session


@pytest.fixture(scope="module")
def page(lab):
    """La página que abre `make lab`."""
    with browser_page() as page:
        page.lesson = open_lab(page, lab)
        yield page


def test_the_lessons_are_copied(lab, course):
    """La primera vez, mi_curso/ recibe todas las lecciones tal como son."""
    given = {path.name: path.read_bytes() for path in (course / "notebooks").glob("*.ipynb")}
    copies = {path.name: path.read_bytes() for path in (course / "mi_curso").glob("*.ipynb")}
    assert given
    assert copies == given


def test_it_opens_lesson_00_in_spanish_without_questions(page):
    """Se abre la lección 00, los menús están en español y nadie pregunta por las noticias."""
    assert page.lesson.startswith("00_")
    assert page.locator(".lm-MenuBar-itemLabel").first.inner_text() == "Archivo"
    assert page.title().startswith("00_")
    page.wait_for_timeout(1500)  # la pregunta de las noticias tarda en salir
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0


def test_running_all_cells_leaves_nothing_red(page, lab):
    """Al ejecutarlo todo, ni en la página ni en el archivo guardado hay errores ni avisos."""
    run_all(page)
    notebook = lab.notebook(page.lesson)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert code
    assert [cell.source for cell in code if cell.execution_count is None] == []
    assert red_outputs(notebook) == []
    assert page.locator(RED).count() == 0


def test_a_second_start_keeps_the_answers(page, lab, course, record_property):
    """La segunda vez ni instala ni copia, y la copia sigue como quedó."""
    lesson = course / "mi_curso" / page.lesson
    before = lesson.read_bytes()
    with running_lab(course) as again:
        record_property("segundo arranque", f"{again.seconds:.1f} s")
        said = again.log.read_text(encoding="utf-8")
    assert lesson.read_bytes() == before != (course / "notebooks" / page.lesson).read_bytes()
    assert "He copiado" not in said
    assert "Instalo" not in said

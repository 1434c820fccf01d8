"""La huella cambia con todo lo que puede cambiar una salida, y con nada más."""

from __future__ import annotations

import pytest
from fingerprint import (
    imported_modules,
    lesson_fingerprint,
    loaded_data,
    module_closure,
    strip_comments,
)
from stand_in import edit, make_repository

CODE = "from course_utils.adding import add\nprint(add(1, 2))"


@pytest.fixture
def repository(tmp_path):
    """El curso de prueba."""
    make_repository(tmp_path)
    return tmp_path


def fingerprint(root, code=CODE):
    return lesson_fingerprint(root, "12", [code])


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("adding.py", "inner(a) + b", "inner(a) - b"),
        ("deep.py", "return a", "return -a"),
        ("helping.py", "return 1", "return 2"),
        ("exercises/e12.py", "'Prueba'", "'Otra'"),
        ("exercises/__init__.py", "", "X = 1\n"),
        ("plotting/curso.mplstyle", "1", "2"),
    ],
    ids=["importado", "indirecto", "ayuda-de-los-ejercicios", "ejercicios", "paquete", "estilo"],
)
def test_code_changes_count(repository, module, old, new):
    """Un cambio de código en un módulo del que depende la lección, o en el estilo, cuenta."""
    before = fingerprint(repository)
    path = repository / "course_utils" / module
    if old:
        edit(path, old, new)
    else:
        path.write_text(new, encoding="utf-8")
    assert fingerprint(repository) != before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("adding.py", "Suma dos números.", "Suma dos números, a y b."),
        ("adding.py", '"""Suma."""\n', '"""Suma.\n\nCon más palabras.\n"""\n'),
        ("deep.py", "# Igual que entra.", "# Sale igual que entra."),
        ("deep.py", "    return a", "\n\n    return a"),
        ("unused.py", "1", "2"),
    ],
    ids=["docstring", "docstring-más-largo", "comentario", "líneas-en-blanco", "no-importado"],
)
def test_words_do_not_count(repository, module, old, new):
    """Corregir un comentario o un docstring no obliga a ejecutar nada."""
    before = fingerprint(repository)
    edit(repository / "course_utils" / module, old, new)
    assert fingerprint(repository) == before


def test_lesson_code_counts_and_its_comments_do_not(repository):
    """El código de la lección cuenta; sus comentarios, no."""
    before = fingerprint(repository)
    assert fingerprint(repository, CODE + "\n# nota") == before
    assert fingerprint(repository, CODE.replace("2", "3")) != before


def test_only_the_data_it_loads_counts(repository):
    """Un sha256 nuevo en el registro cuenta para las lecciones que cargan ese archivo."""
    code = "from course_utils import datasets\nseries = datasets.load_sunspots()"
    before, unrelated = fingerprint(repository, code), fingerprint(repository)
    edit(repository / "datasets" / "registry.toml", "bbbb", "cccc")
    assert fingerprint(repository, code) == before
    edit(repository / "datasets" / "registry.toml", "aaaa", "dddd")
    assert fingerprint(repository, code) != before
    assert fingerprint(repository) == unrelated


def test_data_loaded_by_a_module_counts(repository):
    """También cuentan los datos que carga un módulo por cuenta de la lección."""
    edit(repository / "course_utils" / "deep.py", "return a", "return load_co2()")
    before = fingerprint(repository)
    edit(repository / "datasets" / "registry.toml", "bbbb", "cccc")
    assert fingerprint(repository) != before


def test_no_registry_no_data(tmp_path):
    """Un curso sin registro de datos no carga ninguno."""
    assert loaded_data(tmp_path, ["load_sunspots()"]) == {}


def test_closure_follows_relative_imports(repository):
    """Los imports relativos también se siguen, hasta el final y sin repetir."""
    path = repository / "course_utils" / "plotting" / "lines.py"
    path.write_text("from . import curves\nfrom ..deep import inner\n", encoding="utf-8")
    (path.parent / "curves.py").write_text("from .lines import x\n", encoding="utf-8")
    files = module_closure(repository, "from course_utils.plotting.lines import draw")
    names = {file.relative_to(repository / "course_utils").as_posix() for file in files}
    assert files == sorted(files)  # el orden no depende de la ejecución
    assert names == {"plotting/__init__.py", "plotting/lines.py", "plotting/curves.py", "deep.py"}


def test_imports_of_other_packages_are_ignored():
    """Solo interesan los módulos del curso."""
    code = "import numpy as np\nimport course_utils\nfrom course_utils_x import y"
    assert imported_modules(code) == set()


def test_text_that_looks_like_a_comment_is_kept():
    """Dentro de un texto, una línea que empieza por # o está vacía no es un comentario."""
    code = 'corpus = """\n# título\n\nfin"""\n# nota'
    assert strip_comments(code) == 'corpus = """\n# título\n\nfin"""'

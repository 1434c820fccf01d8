"""La huella cambia con todo lo que puede cambiar una salida, y con nada más."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.stand_in import edit, make_repository
from tools.notebooks.fingerprint import (
    imported_modules,
    lesson_fingerprint,
    loaded_data,
    module_closure,
    strip_comments,
)

ROOT = Path(__file__).resolve().parents[2]
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
        ("lessons/lesson_12/exercises.py", "'Prueba'", "'Otra'"),
        ("lessons/lesson_12/__init__.py", "", "X = 1\n"),
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


def test_a_renamed_loader_counts(repository):
    """Importar un cargador con otro nombre no esconde sus datos."""
    code = "from course_utils.datasets import load_sunspots as spots\nspots()"
    assert loaded_data(repository, [code]) == {"sunspots": "aaaa"}
    assert loaded_data(repository, ["from elsewhere import load_sunspots as spots"]) == {}


@pytest.fixture
def with_results(repository):
    """El curso de prueba, con dos resultados de experimentos largos."""
    folder = repository / "datasets" / "results"
    folder.mkdir()
    for name, sha256 in (("memory", "1111"), ("cost", "2222")):
        (folder / f"{name}.toml").write_text(f'sha256 = "{sha256}"\n', encoding="utf-8")
    return repository


def test_only_the_results_it_reads_count(with_results):
    """Un resultado medido de nuevo cuenta para las lecciones que lo leen, y solo para ellas."""
    code = "from course_utils.datasets import load_result\nlags = load_result('memory')['lag']"
    before, unrelated = fingerprint(with_results, code), fingerprint(with_results)
    edit(with_results / "datasets" / "results" / "cost.toml", "2222", "3333")
    assert fingerprint(with_results, code) == before
    edit(with_results / "datasets" / "results" / "memory.toml", "1111", "4444")
    assert fingerprint(with_results, code) != before
    assert fingerprint(with_results) == unrelated


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("load_result('memory')", {"memory"}),
        ("datasets.load_result('cost')", {"cost"}),
        ("load_result(name='memory')", {"memory"}),
        ("load_result('memory')\nload_result('cost')", {"memory", "cost"}),
        ("load_result('otro')", set()),
        ("load_result(NAME)", {"memory", "cost"}),
        ("load_result(f'mem{x}')", {"memory", "cost"}),
        ("load_result('memory')\nload_result(NAME)", {"memory", "cost"}),
        ("read = load_result\nread('memory')", {"memory", "cost"}),
        ("from course_utils.datasets import load_result as r\nr('cost')", {"memory", "cost"}),
        ("def load_result(name): ...", set()),
        ("text = 'load_result'", set()),
    ],
)
def test_which_results_a_text_reads(with_results, code, read):
    """Los que nombra; si alguno no está escrito en la llamada, todos."""
    found = loaded_data(with_results, [code])
    assert set(found) == {f"results/{name}" for name in read}


def test_results_read_by_a_module_count(with_results):
    """También los que lee un módulo por cuenta de la lección."""
    edit(with_results / "course_utils" / "deep.py", "return a", "return load_result('cost')")
    before = fingerprint(with_results)
    edit(with_results / "datasets" / "results" / "cost.toml", "2222", "3333")
    assert fingerprint(with_results) != before


def test_the_package_of_data_does_not_read_them_all():
    """Importar el paquete de datos no es cargar los datos: solo cuentan los que se piden."""
    modules = (ROOT / "course_utils" / "datasets").rglob("*.py")
    assert loaded_data(ROOT, [path.read_text(encoding="utf-8") for path in modules]) == {}


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

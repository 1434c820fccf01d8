"""La herramienta que genera los cuadernos, con fuentes y cuadernos mal hechos a propósito."""

from __future__ import annotations

import json
import shutil
import sys

import nbformat
import pytest

from tests.unit.stand_in import LESSON, edit, make_repository
from tools.notebooks import build as tool
from tools.notebooks.run import Budget

START = LESSON.split("# %% [markdown]\n# ## 1")[0]
PRINTER = START + '\n# %% tags=["nbval-check-output"]\nprint("hola", SEED)\n'
GENERATED = (
    "notebooks/12_prueba.ipynb",
    "solutions/12_prueba.ipynb",
    "course_utils/lessons/lesson_12/solutions.json",
)


@pytest.fixture
def source(tmp_path):
    """Fuente de la lección de prueba, en su propio curso."""
    return make_repository(tmp_path)


@pytest.fixture
def build(tmp_path, capsys):
    """Llama a la herramienta y devuelve su código de salida y lo que ha escrito."""

    def call(*options: str) -> tuple[int, str]:
        code = tool.main([*options], root=tmp_path)
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return call


def write_lesson(root, body: str):
    """Curso de prueba con una lección que solo tiene el principio y ``body``."""
    return make_repository(root, lesson=START + "\n" + body)


def notebook(root, folder="notebooks"):
    return nbformat.read(root / folder / "12_prueba.ipynb", as_version=4)


def cell_with(book, text):
    return next(cell for cell in book.cells if text in cell.source)


# ---------------------------------------------------------------- fuentes mal escritas


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("# %%\n### BEGIN SOLUTION\nx = 1\n", 12, "sin cerrar"),
        ("# %%\n### BEGIN SOLUTION\nx = 1\n\n# %%\n### END SOLUTION\n", 12, "sin cerrar"),
        (
            "# %%\n### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n",
            13,
            "dentro de otra, abierta en la línea 12",
        ),
        ("# %%\nx = 1\n### END SOLUTION\n", 13, "sin su «### BEGIN SOLUTION»"),
        ("# %%\n# BEGIN SOLUTION\nx = 1\n", 12, "marca mal escrita «# BEGIN SOLUTION»"),
        ("# %%\n### BEGIN SOLUTION:\nx = 1\n", 12, "marca mal escrita"),
        ("# %%\n### begin solution\nx = 1\n", 12, "marca mal escrita"),
        ("# %%\n### BEGIN SOLUCIÓN\nx = 1\n", 12, "marca mal escrita"),
        ("# %%\nx = (1\n", 12, "no es Python válido"),
        ("# %%\nfiles = !ls\n", 12, "no es Python válido"),
    ],
)
def test_bad_source_names_file_and_line(tmp_path, build, body, line, message):
    """Una marca mal puesta o un error de sintaxis se señala con archivo y línea."""
    write_lesson(tmp_path, body)
    code, said = build()
    assert code == 1
    assert f"notebooks/source/12_prueba.py:{line}: " in said.replace("\\", "/")
    assert message in said
    assert not (tmp_path / "notebooks" / "12_prueba.ipynb").exists()


EXERCISE = '# %% tags=["exercise"]\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n\n'
CHECK = '# %% tags=["check"]\nx = check("12.1", x)\n\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (EXERCISE, "se espera una celda con la etiqueta"),
        (EXERCISE + "# %%\ny = 2\n", "se espera una celda con la etiqueta"),
        (EXERCISE + '# %% tags=["check"]\nx = revisa(x)\n', "se espera una celda"),
        ('# %% tags=["exercise"]\nx = 1\n\n' + CHECK, "12.1 no tiene región de solución"),
        ('# %% tags=["exercise"]\n\n' + CHECK, "no tiene región de solución"),
        (EXERCISE + CHECK + EXERCISE + CHECK, "12.1 aparece dos veces"),
        (EXERCISE + CHECK.replace("12.1", "13.1"), "13.1 no es de la lección 12"),
        ("# %%\n!ls\n", "hay una orden «!» o «%» en: !ls"),
        ("# %%\nx = 1\n%timeit x\n", "hay una orden «!» o «%»"),
        ('# %% tags=["parameters"]\nOTHER = 1\n', 'la celda con la etiqueta "parameters"'),
    ],
)
def test_badly_built_lesson_is_refused(tmp_path, build, body, message):
    """Un ejercicio incompleto, una orden de la terminal o unos parámetros repetidos no pasan."""
    write_lesson(tmp_path, body)
    code, said = build()
    assert code == 1
    assert message in said


@pytest.mark.parametrize(
    ("lesson", "message"),
    [
        (
            START.replace('# %% tags=["parameters"]', "# %%"),
            'la celda con la etiqueta "parameters"',
        ),
        ("# %%\nx = 1\n", "empieza por el título"),
        (START.replace("# # 12", "# 12"), "empieza por el título"),
        ("", "empieza por el título"),
    ],
)
def test_lesson_without_a_beginning_is_refused(tmp_path, build, lesson, message):
    """Sin título o sin parámetros no hay lección."""
    make_repository(tmp_path, lesson=lesson)
    code, said = build()
    assert code == 1
    assert message in said


def test_lesson_name_is_checked(tmp_path, build):
    """El nombre del archivo lleva el número de la lección."""
    make_repository(tmp_path, stem="prueba")
    code, said = build()
    assert code == 1
    assert "es como 12_rnn_numpy.py" in said


def test_one_bad_source_does_not_hide_another(tmp_path, build):
    """Se señalan todas las fuentes mal escritas, no solo la primera."""
    source = write_lesson(tmp_path, "# %%\n### END SOLUTION\n")
    shutil.copy(source, source.with_name("13_otra.py"))
    code, said = build()
    assert code == 1
    assert "12_prueba.py:12" in said
    assert "13_otra.py:12" in said


def test_commented_command_stays_commented(tmp_path, build):
    """jupytext convierte a veces un comentario «# !orden» en una orden; aquí, no."""
    write_lesson(tmp_path, "# %%\n# !ls\n# %timeit x\nx = 1\n")
    assert build()[0] == 0
    assert cell_with(notebook(tmp_path), "x = 1").source == "# !ls\n# %timeit x\nx = 1"


# ---------------------------------------------------------------- lo que se genera


def test_two_faces_of_an_exercise(tmp_path, source, build):
    """El cuaderno lleva el hueco, la solución lleva el código y ambos comparten los ids."""
    assert build()[0] == 0
    learner, solved = notebook(tmp_path), notebook(tmp_path, "solutions")
    assert cell_with(learner, "def double").source.splitlines()[-2:] == [
        "    # TU CÓDIGO AQUÍ",
        "    ...",
    ]
    assert cell_with(solved, "def double").source.endswith("    return add(x, x)")
    assert [cell.id for cell in learner.cells] == [cell.id for cell in solved.cells]
    texts = json.loads((tmp_path / GENERATED[2]).read_text(encoding="utf-8"))
    assert texts["12.1"]["name"] == "double"
    assert texts["12.1"]["solution"] == cell_with(solved, "def double").source
    assert texts["12.1"]["blank"] == cell_with(learner, "def double").source
    for book in (learner, solved):
        assert "SOLUTION" not in nbformat.writes(book)


def test_links_and_colab_come_from_the_settings(tmp_path, source, build):
    """Con cambiar el ajuste del proyecto basta para publicar el curso en otro sitio."""
    build()
    book = notebook(tmp_path)
    assert book.cells[0].source.startswith("# 12 · Lección de prueba\n\n[Abrir en Colab](")
    assert "quien/curso/blob/v9/notebooks/12_prueba.ipynb" in book.cells[0].source
    assert '"v9"' in book.cells[1].source
    edit(tmp_path / "pyproject.toml", "quien/curso", "otra/casa")
    code, said = build("--check")
    assert code == 1
    assert "notebooks/12_prueba.ipynb: no coincide con su fuente" in said.replace("\\", "/")
    build()
    assert "/github/otra/casa/blob/v9/" in notebook(tmp_path).cells[0].source


def test_cells_for_one_side_only(tmp_path, build):
    """Las etiquetas student-only y solution-only llevan una celda a un solo cuaderno."""
    body = '# %% tags=["student-only"]\na = 1\n\n# %% tags=["solution-only"]\nb = 2\n'
    write_lesson(tmp_path, body)
    assert build()[0] == 0
    learner = [cell.source for cell in notebook(tmp_path).cells]
    solved = [cell.source for cell in notebook(tmp_path, "solutions").cells]
    assert "a = 1" in learner
    assert "b = 2" not in learner
    assert "b = 2" in solved
    assert "a = 1" not in solved


def test_build_is_deterministic(tmp_path, build):
    """La misma fuente da los mismos bytes, en cualquier carpeta y las veces que sea."""
    copies = []
    for name in ("una", "otra"):
        root = tmp_path / name
        root.mkdir()
        make_repository(root)
        tool.main([], root=root)
        copies.append({path: (root / path).read_bytes() for path in GENERATED})
        times = {path: (root / path).stat().st_mtime_ns for path in GENERATED}
        tool.main([], root=root)
        assert times == {path: (root / path).stat().st_mtime_ns for path in GENERATED}
    assert copies[0] == copies[1]
    assert b"\r" not in b"".join(copies[0].values())


def test_inserted_cell_renames_only_its_section(tmp_path, source, build):
    """Una celda nueva cambia los ids que la siguen en su sección, y ninguno más."""
    build()
    before = {cell.source: cell.id for cell in notebook(tmp_path).cells}
    edit(source, "# %%\nfrom course_utils", "# %%\nnew = 1\n\n# %%\nfrom course_utils")
    build()
    after = {cell.source: cell.id for cell in notebook(tmp_path).cells}
    renamed = {text for text in before if before[text] != after[text]}
    assert all("1-sumar" in before[text] for text in renamed)
    assert len(renamed) == 3
    assert after["new = 1"] == "1-sumar-1"


def test_ids_are_unique_and_valid(tmp_path, build):
    """Títulos repetidos, vacíos de letras o larguísimos siguen dando ids distintos y válidos."""
    headings = ("## Igual", "## Igual", "## Igual 2", "## ¿¡!?", "## " + "muy " * 40)
    body = "\n".join(f"# %% [markdown]\n# {heading}\n\n# %%\nx = 1\n" for heading in headings)
    write_lesson(tmp_path, body)
    assert build()[0] == 0
    ids = [cell.id for cell in notebook(tmp_path).cells]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 64


@pytest.mark.parametrize("name", ["13", "13_otra"])
def test_one_lesson(tmp_path, source, build, name):
    """Se puede generar una sola, por su número o por su nombre."""
    other = source.with_name("13_otra.py")
    other.write_text(LESSON.replace("12", "13"), encoding="utf-8")
    code, said = build(name)
    assert code == 0
    assert "escrito" in said
    assert (tmp_path / "notebooks" / "13_otra.ipynb").exists()
    assert not (tmp_path / "notebooks" / "12_prueba.ipynb").exists()


README = """\
# Mi curso

Texto a mano.

<!-- generado: clonar -->
lo de antes
<!-- fin -->

<!-- generado: mapa -->
<!-- fin -->
"""


def test_readme_follows_the_settings(tmp_path, source, build):
    """Las partes generadas del README se ponen al día; lo escrito a mano se queda."""
    path = tmp_path / "README.md"
    path.write_text(README, encoding="utf-8")
    code, said = build("--check")
    assert code == 1
    assert "README.md: no está al día. Ejecuta" in said
    assert path.read_text(encoding="utf-8") == README
    assert "escrito README.md" in build()[1]
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Mi curso\n\nTexto a mano.\n")
    assert "git clone https://github.com/quien/curso.git && cd curso" in text
    assert "lo de antes" not in text
    assert "(notebooks/12_prueba.ipynb)" in text
    assert "README.md" not in build("--check")[1]
    assert "escrito README.md" not in build()[1]


def test_unknown_lesson(source, build):
    """Pedir una lección que no existe es un error que la nombra."""
    code, said = build("12", "77")
    assert code == 2
    assert "No hay lección 77" in said


# ---------------------------------------------------------------- cambios a mano


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_hand_edited_notebook_is_not_overwritten(tmp_path, source, build, folder):
    """Ni al generar se pierde un cambio hecho a mano, salvo con --force."""
    build()
    path = tmp_path / folder / "12_prueba.ipynb"
    edit(path, "el doble de tres", "el doble de 3")
    edited = path.read_bytes()
    code, said = build("--check")
    assert code == 1
    assert f"{folder}/12_prueba.ipynb: no coincide con su fuente" in said.replace("\\", "/")
    assert "make build" in said
    code, said = build()
    assert code == 1
    assert "se ha cambiado a mano y se perdería" in said
    assert "notebooks/source/12_prueba.py" in said
    assert "--force" in said
    assert path.read_bytes() == edited
    assert build("--force")[0] == 0
    assert "el doble de tres" in path.read_text(encoding="utf-8")


def test_unreadable_notebook_is_not_overwritten(tmp_path, source, build):
    """Un cuaderno que no se puede leer (un conflicto de git, por ejemplo) tampoco se pierde."""
    build()
    path = tmp_path / "notebooks" / "12_prueba.ipynb"
    edit(path, "{", "<<<<<<< HEAD\n{")
    assert build()[0] == 1
    assert build("--check")[0] == 1
    assert path.read_text(encoding="utf-8").startswith("<<<<<<<")


@pytest.mark.parametrize("name", GENERATED)
def test_missing_file_is_named(tmp_path, source, build, name):
    """Si falta algo generado, --check dice qué y cómo se arregla."""
    build()
    (tmp_path / name).unlink()
    code, said = build("--check")
    assert code == 1
    assert f"{name}: falta" in said.replace("\\", "/")


def test_edited_exercise_texts_are_noticed(tmp_path, source, build):
    """El archivo con los textos de los ejercicios también se compara."""
    build()
    edit(tmp_path / GENERATED[2], "add(x, x)", "x")
    code, said = build("--check")
    assert code == 1
    assert "lesson_12/solutions.json: no coincide con su fuente" in said


def test_check_writes_nothing(tmp_path, source, build):
    """--check no crea ningún archivo."""
    before = sorted(tmp_path.rglob("*"))
    assert build("--check")[0] == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_orphans(tmp_path, source, build):
    """Al retirar una fuente, lo que salía de ella se señala y después se borra."""
    build()
    source.rename(source.with_name("13_nueva.py"))
    edit(source.with_name("13_nueva.py"), "12.1", "13.1")
    code, said = build("--check")
    assert code == 1
    for name in GENERATED:
        assert f"{name}: su fuente ya no existe" in said.replace("\\", "/")
    assert build()[0] == 0
    assert not any((tmp_path / name).exists() for name in GENERATED)


def test_foreign_notebook_is_not_deleted(tmp_path, source, build):
    """Un cuaderno de otra persona en la carpeta no se borra por no tener fuente."""
    foreign = tmp_path / "notebooks" / "mio.ipynb"
    foreign.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(), foreign)
    code, said = build()
    assert code == 1
    assert "mio.ipynb: no sale de ninguna fuente" in said
    assert foreign.exists()
    assert build("--force")[0] == 0
    assert not foreign.exists()


# ---------------------------------------------------------------- salidas


@pytest.fixture(scope="module")
def executed_repository(tmp_path_factory):
    """Curso de prueba ya ejecutado, una sola vez; cada prueba trabaja con una copia."""
    root = tmp_path_factory.mktemp("ejecutado")
    make_repository(root, lesson=PRINTER)
    assert tool.main(["--execute"], root=root) == 0
    return root


@pytest.fixture
def executed(executed_repository, tmp_path):
    """Copia del curso ya ejecutado."""
    shutil.copytree(executed_repository, tmp_path, dirs_exist_ok=True)
    return tmp_path / "notebooks" / "source" / "12_prueba.py"


@pytest.fixture
def no_kernel(monkeypatch):
    """Falla si la herramienta quiere ejecutar algo."""

    def refuse(lesson):
        raise AssertionError(f"se ha ejecutado {lesson.stem}")

    monkeypatch.setattr(tool, "execute", refuse)


@pytest.mark.usefixtures("no_kernel")
def test_outputs_are_stored_once(tmp_path, executed, build):
    """Lo ejecutado guarda salidas, contadores, huella y versiones, y no se ejecuta de nuevo."""
    assert build("--check") == (0, "12_prueba: al día\n")
    assert build("--execute")[0] == 0
    solved = notebook(tmp_path, "solutions")
    cell = cell_with(solved, "print(")
    assert cell.outputs[0].text == "hola 0\n"
    assert cell.execution_count
    versions = solved.metadata.curso.execution.versions
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "numpy" in versions
    assert all(not cell.get("outputs") for cell in notebook(tmp_path).cells)


@pytest.mark.usefixtures("no_kernel")
def test_prose_changes_keep_the_outputs(tmp_path, executed, build):
    """Corregir un texto no obliga a ejecutar."""
    edit(executed, "¿Cuánto suma?", "¿Cuánto dará?")
    assert build("--execute")[0] == 0
    assert build("--check")[0] == 0
    assert cell_with(notebook(tmp_path, "solutions"), "print(").outputs


def test_stale_code_is_noticed(executed, build):
    """Si cambia el código, la salida guardada ya no vale."""
    edit(executed, '"hola"', '"adiós"')
    build()
    code, said = build("--check")
    assert code == 1
    assert "solutions/12_prueba.ipynb: salidas caducadas" in said.replace("\\", "/")
    assert "make build" in said


def test_stale_module_is_noticed(tmp_path, executed, build):
    """Si cambia un módulo del que depende, aunque sea de lejos, tampoco."""
    edit(tmp_path / "course_utils" / "helping.py", "return 1", "return 2")
    code, said = build("--check")
    assert code == 1
    assert "salidas caducadas" in said


@pytest.mark.usefixtures("no_kernel")
def test_reworded_module_is_not_stale(tmp_path, executed, build):
    """Un comentario en ese mismo módulo no caduca nada."""
    edit(tmp_path / "course_utils" / "helping.py", "def help_me", "# nota\ndef help_me")
    assert build("--check")[0] == 0


def test_edited_output_is_noticed(tmp_path, executed, build):
    """Una salida retocada a mano cuenta como caducada."""
    edit(tmp_path / "solutions" / "12_prueba.ipynb", "hola 0", "hola 1")
    code, said = build("--check")
    assert code == 1
    assert "salidas caducadas" in said


def test_output_without_count_is_noticed(tmp_path, executed, build):
    """Una celda sin contador no la compararía nbval: cuenta como sin ejecutar."""
    path = tmp_path / "solutions" / "12_prueba.ipynb"
    book = nbformat.read(path, as_version=4)
    cell_with(book, "print(").execution_count = None
    nbformat.write(book, path)
    assert build("--check")[0] == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys\nprint('aviso', file=sys.stderr)", "salida en rojo: aviso"),
        ("class Thing: ...\nThing()", "queda a la vista <__main__.Thing at 0x"),
    ],
    ids=["lanza", "rojo", "repr"],
)
def test_lesson_that_misbehaves_is_not_stored(tmp_path, executed, build, code, message):
    """Una lección que falla, escribe en rojo o enseña un objeto no deja salidas guardadas."""
    before = (tmp_path / "solutions" / "12_prueba.ipynb").read_bytes()
    edit(executed, 'print("hola", SEED)', code)
    status, said = build("--execute")
    assert status == 1
    assert "12_prueba: " in said
    assert message in said
    assert (tmp_path / "solutions" / "12_prueba.ipynb").read_bytes() == before


@pytest.mark.parametrize(
    ("code", "budget", "message"),
    [
        ("import os\nos._exit(1)", Budget(), "el núcleo ha muerto"),
        ("import time\ntime.sleep(60)", Budget(hang_seconds=5), "no ha terminado a tiempo"),
        ("import time\nwhile time.process_time() < 3: pass", Budget(seconds=1), "de procesador"),
    ],
    ids=["muere", "no-termina", "gasta"],
)
def test_what_goes_wrong_when_executing_is_told(tmp_path, code, budget, message):
    """Un núcleo que muere, se cuelga o gasta demasiado se cuenta con el nombre de la lección."""
    lesson = tool.read_lesson(write_lesson(tmp_path, f"# %%\n{code}\n"), root=tmp_path)
    with pytest.raises(tool.BuildRefused, match=f"12_prueba: .*{message}"):
        tool.execute(lesson, budget=budget)


@pytest.mark.parametrize(
    "text",
    [
        "<Axes: title={'center': 'Pérdida'}>",
        "[<matplotlib.lines.Line2D at 0x7f00>]",
        "<BarContainer object of 3 artists>",
        "Text(0.5, 1.0, 'Pérdida')",
        "<function __main__.f(x)>",
    ],
)
def test_stray_reprs(text):
    """Lo que devuelve una función de matplotlib no se queda a la vista."""
    output = nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)
    cells = [nbformat.v4.new_code_cell("x", id="fea", outputs=[output])]
    problems = tool.output_problems(tool.new_notebook(cells, "12_prueba"))
    assert problems == [f"celda «fea»: queda a la vista {text}"]


@pytest.mark.parametrize("text", ["'<b>texto</b>'", "0.5", "<tf.Tensor: shape=(), numpy=1.0>"])
def test_values_may_be_seen(text):
    """Un valor que la celda quiere enseñar no molesta."""
    output = nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)
    cells = [nbformat.v4.new_code_cell("x", outputs=[output])]
    assert tool.output_problems(tool.new_notebook(cells, "12_prueba")) == []


def test_output_limits():
    """Figuras y cuadernos demasiado grandes se señalan con su celda."""
    big = nbformat.v4.new_output("display_data", {"image/png": "A" * 100_000})
    cells = [nbformat.v4.new_code_cell("x", id="grande", outputs=[big])]
    book = tool.new_notebook(cells, "12_prueba")
    problems = tool.output_problems(book)
    assert problems == ["celda «grande»: la figura ocupa 75000 bytes; máximo 60000."]
    text = nbformat.v4.new_output("stream", text="x" * 1_600_000)
    book.cells[0].outputs = [text]
    assert tool.output_problems(book) == ["el cuaderno pasa de 1500000 bytes."]


def test_a_figure_may_have_a_repr():
    """El texto alternativo de una figura no es un objeto a la vista."""
    data = {"image/png": "AAAA", "text/plain": "<Figure size 640x480 with 1 Axes>"}
    cells = [nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("display_data", data)])]
    assert tool.output_problems(tool.new_notebook(cells, "12_prueba")) == []

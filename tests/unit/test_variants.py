"""La lección rellena con variantes: qué se escribe, qué se mira y a quién se culpa."""

from __future__ import annotations

import nbformat
import pytest

from course_utils.exercises.definition import lesson_numbers
from tools.notebooks import variants

FIRST, SECOND = "def one(x):\n    return x", "def two(x):\n    return 2 * x"


def notebook(*outputs: str) -> nbformat.NotebookNode:
    """Dos ejercicios en blanco, cada uno con su comprobación y lo que dijo."""
    said = [[nbformat.v4.new_output("stream", text=text)] for text in outputs] or [[], []]
    cells = [
        nbformat.v4.new_code_cell("def one(x):\n    ..."),
        nbformat.v4.new_markdown_cell("Ahora, comprueba."),
        nbformat.v4.new_code_cell('one = check("12.1", one)', outputs=said[0]),
        nbformat.v4.new_code_cell("def two(x):\n    ..."),
        nbformat.v4.new_code_cell('two = check("12.2", two)', outputs=said[1]),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_answers_go_in_their_blanks():
    """Cada respuesta ocupa la celda de antes de su comprobación; lo demás no se toca."""
    blank = notebook()
    filled = variants.fill(blank, {"12.2": SECOND})
    assert [cell.source for cell in filled.cells][3] == SECOND
    assert [cell.source for cell in blank.cells][3] != SECOND
    assert filled.cells[0] == blank.cells[0]


def test_an_answer_left_aside_is_a_problem():
    """Si check siguió con la de referencia, la variante no ha probado nada."""
    answers = {"12.1": FIRST, "12.2": SECOND}
    executed = notebook(
        f"12.1 · ✓ Correcto.\n{variants.GOES_ON}", "12.2 · ✓ Correcto. Es una lista."
    )
    assert variants.ignored_answers(executed, answers) == "12.2 · ✓ Correcto. Es una lista."
    assert variants.ignored_answers(executed, {"12.1": FIRST}) == ""


@pytest.mark.parametrize(
    ("fails", "blamed"),
    [
        (lambda some: "c" in some, "c"),
        (lambda some: {"a", "e"} <= set(some), "abcde"),
        (lambda some: {"d", "e"} <= set(some), "de"),
        (lambda some: True, ""),
    ],
    ids=["una", "dos-separadas", "dos-juntas", "ninguna"],
)
def test_who_is_to_blame(fails, blamed):
    """Por mitades, hasta una; si hacen falta dos que caen en mitades distintas, todas."""
    found = variants.find_culprits(
        dict.fromkeys("abcde", ""), lambda some: "mal" if fails(some) else ""
    )
    assert "".join(found) == blamed


def test_every_turn_is_another_combination():
    """Con tantas vueltas como dice una lección, salen todas con las que se sigue."""
    for number in lesson_numbers():
        turns = [variants.answers_for(number, turn) for turn in range(variants.turns_of(number))]
        for key, codes in variants.usable_variants(number).items():
            assert {turn.get(key) for turn in turns} - {None} == set(codes)


def test_the_turn_is_of_the_commit(tmp_path):
    """La misma en el mismo commit; sin git, la primera."""
    assert variants.current_turn() == variants.current_turn()
    assert variants.current_turn(tmp_path) == 0


def test_a_broken_variant_is_found(monkeypatch):
    """Lo que se cuenta de una lección que falla nombra el ejercicio y la vuelta."""
    path = next((variants.ROOT / "notebooks").glob("12_*.ipynb"))
    monkeypatch.setattr(
        variants, "run_filled", lambda _, answers: "se rompe" if "12.2" in answers else ""
    )
    result = variants.try_turn(path, 0)
    assert result.culprits == ("12.2",)
    assert str(result) == f"✗ {path.stem} · vuelta 0 · 12.2: se rompe"


def test_every_lesson_is_due_once_in_three_turns():
    """En tres vueltas seguidas le toca una vez a cada lección."""
    turns = range(7, 7 + variants.ONE_IN)
    due = [number for turn in turns for number in variants.lessons_due(turn)]
    assert sorted(due) == list(lesson_numbers())

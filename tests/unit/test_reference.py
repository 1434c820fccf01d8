"""Glosario y notaciones."""

import pytest

from course_utils.reference import _read, glossary, notation


def test_search_ignores_accents_and_case_in_both_languages(capsys):
    glossary("PERDIDA")
    spanish = capsys.readouterr().out
    glossary("loss")
    assert spanish == capsys.readouterr().out
    assert "| pérdida | loss |" in spanish


def test_unknown_term_says_what_to_do():
    with pytest.raises(LookupError, match="no tiene ninguna entrada con «xilófono»"):
        glossary("xilófono")


def test_pages_are_shown_whole(capsys):
    glossary()
    notation()
    shown = capsys.readouterr().out
    assert "Glosario español-inglés" in shown
    assert "weight_ih_l0" in shown


def test_glossary_is_sorted_and_has_no_repeats():
    rows = [line.split("|")[1].strip() for line in _read("glosario.md").splitlines()[4:]]
    key = str.maketrans("áéíóúñ", "aeioun")
    folded = [row.translate(key) for row in rows]
    assert folded == sorted(folded)
    assert len(set(rows)) == len(rows)

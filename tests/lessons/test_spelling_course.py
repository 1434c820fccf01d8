"""Los textos del curso están bien escritos."""

from __future__ import annotations

import pytest
import spelling

MEND = (
    "Corrígelo, o mira «python tools/spelling.py» y las listas de tools/spelling/ si es correcto:\n"
)


def test_the_course_has_no_confused_words():
    """Ninguna pareja confundida, ningún signo sin su pareja, ninguna palabra repetida."""
    problems = spelling.check(spelling.find_texts(), dictionary=False)
    assert not problems, MEND + "\n".join(map(str, problems))


def test_the_course_passes_the_dictionary():
    """Todas las palabras están en es_ES o entre las propias del curso."""
    try:
        problems = spelling.check(spelling.find_texts())
    except spelling.DictionaryMissing as missing:
        pytest.skip(str(missing))
    assert not problems, MEND + "\n".join(map(str, problems))


def test_the_texts_are_really_read():
    """El repaso no pasa por no leer: entran la documentación, el paquete y las lecciones."""
    found = {path.relative_to(spelling.ROOT).as_posix() for path in spelling.find_texts()}
    expected = {"README.md", "CONTRIBUTING.md", "Makefile", "environment.yml", "datasets/README.md"}
    assert expected <= found
    assert any(name.startswith("notebooks/source/") for name in found)
    assert "course_utils/exercises/core.py" in found
    words = sum(
        len(spelling.WORD.findall(fragment.text))
        for path in spelling.find_texts()
        for fragment in spelling.read(path)
    )
    assert words > 20_000

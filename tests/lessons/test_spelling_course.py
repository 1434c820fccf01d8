"""Los textos del curso están bien escritos."""

from __future__ import annotations

import pytest

from tools.texts import spelling

MEND = (
    "Corrígelo, o mira «python -m tools.texts.spelling» y las listas de tools/texts/words/ "
    "si es correcto:\n"
)


@pytest.fixture(scope="module")
def review() -> tuple[list[spelling.Problem], str]:
    """Las faltas de todo el repositorio y, si no hay diccionario, cómo conseguirlo."""
    paths = spelling.find_texts()
    try:
        return spelling.check(paths), ""
    except spelling.DictionaryMissing as missing:
        return spelling.check(paths, dictionary=False), str(missing)


def test_the_course_has_no_confused_words(review):
    """Ninguna pareja confundida, ningún signo sin su pareja, ninguna palabra repetida."""
    found = [problem for problem in review[0] if problem.reason != spelling.UNKNOWN]
    assert not found, MEND + "\n".join(map(str, found))


def test_the_course_passes_the_dictionary(review):
    """Todas las palabras están en es_ES o entre las propias del curso."""
    problems, missing = review
    if missing:
        pytest.skip(missing)
    found = [problem for problem in problems if problem.reason == spelling.UNKNOWN]
    assert not found, MEND + "\n".join(map(str, found))


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "Makefile",
        "environment.yml",
        "datasets/README.md",
        "notebooks/source/12_rnn_numpy.py",
        "course_utils/exercises/core.py",
        "course_utils/lessons/lesson_12/exercises.py",
        "course_utils/lessons/lesson_12/answers.toml",
        "tools/notebooks/run.py",
    ],
)
def test_the_texts_are_really_read(name):
    """El repaso no pasa por no leer: de cada clase de archivo salen bastantes palabras."""
    path = spelling.ROOT / name
    assert path in spelling.find_texts()
    words = sum(len(spelling.WORD.findall(fragment.text)) for fragment in spelling.read(path))
    assert words > len(path.read_text(encoding="utf-8")) / 60

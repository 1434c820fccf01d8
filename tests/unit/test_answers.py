"""Lo que se lee de ``answers.toml``, los cambios sobre la solución y los errores al escribirlo."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from course_utils.exercises import definition
from course_utils.exercises.answers import Mistake, Rejected, Variant, apply_swaps, read_answers
from course_utils.exercises.definition import Exercise, lesson_exercises

WHOLE = """
title = "Prueba"

[99.1]
title = "Suma uno."
stars = 2
hints = [
  "Una pista.",
  '''
  Otra pista, en
  dos líneas.
  ''',
]

[[99.1.mistakes]]
cause = "Eso resta."
swap = [['+', '-']]

[[99.1.mistakes]]
cause = "Eso no suma."
code = '''
def add(x):
    return x
'''

[[99.1.variants]]
code = '''
def add(x):
    return 1 + x
'''

[[99.1.variants]]
usable = false
code = "add = np.add"

[[99.1.rejected]]
why = "multiplica"
swap = [['+', '*']]

[99.1.mutates]
code = '''
def add(x):
    x += 1
    return x
'''

[99.1.equivalent]
'«x + 1» → «1 + x»' = "la suma es conmutativa"
"""


def test_every_key_is_a_field_of_the_exercise():
    """Las frases, en una línea; el código, sin el salto del principio ni el del final."""
    title, exercises = read_answers(WHOLE, lesson="99")
    assert title == "Prueba"
    assert exercises == {
        "99.1": {
            "title": "Suma uno.",
            "stars": 2,
            "hints": ("Una pista.", "Otra pista, en dos líneas."),
            "mistakes": (
                Mistake("Eso resta.", swap=(("+", "-"),)),
                Mistake("Eso no suma.", code="def add(x):\n    return x"),
            ),
            "variants": (
                Variant("def add(x):\n    return 1 + x"),
                Variant("add = np.add", usable=False),
            ),
            "rejected": (Rejected("multiplica", swap=(("+", "*"),)),),
            "mutates": "def add(x):\n    x += 1\n    return x",
            "equivalent": {"«x + 1» → «1 + x»": "la suma es conmutativa"},
        }
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Prueba"', "", "lección 99: falta «title»"),
        ('title = "Suma uno."\n', "", "[99.1]: falta «title»"),
        ("hints", "hint", "[99.1]: sobra «hint». ¿Es «hints»?"),
        ("stars = 2", "stars = 2\nvideo = 1", "[99.1]: sobra «video». Puede haber: title, stars,"),
        ("stars = 2", "stars = 4", "[99.1], «stars»: se esperaba 1, 2 o 3 y ha llegado 4"),
        ('"Una pista."', "1", "[99.1], «hints», 1: se esperaba un texto y ha llegado 1"),
        ("[[99.1.mistakes]]\ncause", "[[99.1.mistakes]]\ncausa", "1: sobra «causa». ¿Es «cause»?"),
        ('cause = "Eso no suma."', "", "[99.1], «mistakes», 2: falta «cause»"),
        ("swap = [['+', '-']]", "", "1: se esperaba «cause» y una de las dos, «code» o «swap»"),
        ("[['+', '-']]", "[['+']]", "«swap», 1: se esperaba una pareja, lo viejo y lo nuevo"),
        ("[['+', '-']]", "['+', '-']", "«swap», 1: se esperaba una lista y ha llegado '+'"),
        ("[[99.1.rejected]]", "[99.1.rejected]", "«rejected»: se esperaba una lista"),
        ("usable = false", "usable = 0", "«usable»: se esperaba true o false y ha llegado 0"),
        ("[99.1.mutates]", "[[99.1.mutates]]", "«mutates»: se esperaba una tabla"),
        ("[99.1", "[98.1", "lección 99: sobra «98»"),
        ("[99.1]", "[99.1", "lección 99: no es TOML válido"),
    ],
)
def test_what_is_badly_written_is_said(old, new, message):
    """El error dice dónde está y qué se esperaba."""
    text = WHOLE.replace(old, new)
    assert text != WHOLE
    with pytest.raises(ValueError, match=re.escape(message)):
        read_answers(text, lesson="99")


SOLUTION = """\
def f(x):
    for a in x:
        y = g(a)
        h(y)
    y = g(x)
    return y"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        # Un trozo de línea, en todas partes.
        ("g(", "k(", SOLUTION.replace("g(", "k(")),
        # Una línea por dos: la segunda toma la sangría de la primera.
        ("h(y)", "h(y)\nh(a)", SOLUTION.replace("h(y)", "h(y)\n        h(a)")),
        # Una línea que se queda sin nada desaparece.
        ("h(y)", "", SOLUTION.replace("        h(y)\n", "")),
        # Líneas enteras, con la sangría que tengan.
        ("y = g(a)\nh(y)", "h(g(a))", SOLUTION.replace("y = g(a)\n        h(y)", "h(g(a))")),
        (
            "for a in x:\n    y = g(a)\n    h(y)",
            "for a in x:\n    h(a)",
            SOLUTION.replace("        y = g(a)\n        h(y)", "        h(a)"),
        ),
        ("y = g(a)\nh(y)", "", SOLUTION.replace("        y = g(a)\n        h(y)\n", "")),
        ("y = g(x)\nreturn y", "return x", SOLUTION.replace("y = g(x)\n    return y", "return x")),
    ],
)
def test_a_swap_takes_the_indentation_of_the_place(old, new, changed):
    """Un cambio se escribe sin sangría y encaja donde esté lo que cambia."""
    assert apply_swaps(SOLUTION, ((old, new),)) == changed


@pytest.mark.parametrize("old", ["tanh", "y = g(x)\nh(y)", "    return"])
def test_a_swap_that_changes_nothing_is_an_error(old):
    """Si la solución cambia, los errores escritos como cambios sobre ella avisan."""
    new = old if old in SOLUTION else "x"
    with pytest.raises(ValueError, match=re.escape(f"Se esperaba encontrar {old!r}")):
        apply_swaps(SOLUTION, ((old, new),))


@pytest.mark.parametrize("defined", [("99.1", "99.2"), ()])
def test_both_files_define_the_same_exercises(monkeypatch, defined):
    """Un ejercicio que está en un solo archivo se nombra."""
    module = SimpleNamespace(EXERCISES=tuple(Exercise(key=key) for key in defined))
    monkeypatch.setattr(definition, "import_module", lambda name: module)
    monkeypatch.setattr(
        definition, "lesson_answers", lambda number: read_answers(WHOLE, lesson="99")
    )
    alone = "99.2" if defined else "99.1"
    with pytest.raises(ValueError, match=f"Lección 99: {alone} debe estar en exercises.py"):
        lesson_exercises("99")

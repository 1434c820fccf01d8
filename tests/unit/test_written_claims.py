"""Las afirmaciones tal como están escritas, y qué cambios obligan a medir de nuevo."""

from __future__ import annotations

import pytest

from tools.notebooks.written_claims import WrittenClaim, without_limits, written_claims

CELL = """\
verify(
    claim("Sube «ñ»", np.max([f"{x}" for x in α]), ">", 2 / 3),
    claim(
        "Cuenta", good / len(runs), "==", 1, of=len(runs),
    ), claim("Cerca", gap, "in", (-0.1, +0.1), kind="identidad"),
)
x = 1
"""


def test_claims_are_read_in_order():
    """Textos, operadores, clases y los números que se pueden leer sin ejecutar."""
    assert written_claims([CELL, "y = 2", 'verify(claim("Otra", y, "<", np.log(3), of=4))']) == [
        WrittenClaim("Sube «ñ»", ">", "medida", {"bound": 2 / 3, "of": None}),
        WrittenClaim("Cuenta", "==", "medida", {"bound": 1}),
        WrittenClaim("Cerca", "in", "identidad", {"bound": (-0.1, 0.1), "of": None}),
        WrittenClaim("Otra", "<", "medida", {"of": 4}),
    ]


@pytest.mark.parametrize(
    "code",
    ['claim(f"Sube {x}", x, ">", 1)', 'claim("Sube", x, sign, 1)', 'claim("Sube", x, ">")',
     'claim("Sube", x, ">", 1, kind=kind)', 'claim("Sube", value=x, operator=">", bound=1)'],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error(code):
    """Lo que identifica a una afirmación se escribe tal cual."""
    with pytest.raises(ValueError, match=r"No se puede leer «claim\("):
        written_claims([code])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Sube «ñ»", "Baja"),
        ('">", 2 / 3', '"<=", -5'),
        ("(-0.1, +0.1)", "(0, 1)"),
        (', kind="identidad"', ""),
        ('"==", 1,', '"<", 3,'),
    ],
)
def test_limits_do_not_count(old, new):
    """Cambiar un texto, un operador, un límite o una clase no cambia lo medido."""
    assert CELL.count(old) == 1
    assert without_limits(CELL.replace(old, new)) == without_limits(CELL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("good /", "bad /"),
        ("of=len(runs)", "of=len(nets)"),
        ("2 / 3", "np.log(2)"),
        ("x = 1", "x = 2"),
    ],
)
def test_everything_else_counts(old, new):
    """Un valor, un límite que hay que calcular o cualquier otra cosa sí obliga a medir."""
    assert CELL.count(old) == 1
    assert without_limits(CELL.replace(old, new)) != without_limits(CELL)


def test_only_claims_are_touched():
    """Lo que queda es el mismo texto, con las afirmaciones reducidas a su valor."""
    assert without_limits(CELL) == (
        "verify(\n"
        '    claim(np.max([f"{x}" for x in α])),\n'
        "    claim(good / len(runs), len(runs)), claim(gap),\n"
        ")\n"
        "x = 1\n"
    )

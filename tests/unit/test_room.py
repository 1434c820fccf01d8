"""La regla de holgura: cuánto puede empeorar lo medido sin que una afirmación se rompa."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.notebooks.room import Measured, breaking_chance, room

POSITIVE = st.lists(st.floats(0.01, 100), min_size=3, max_size=20)


@pytest.mark.parametrize(
    ("values", "operator", "bound", "expected"),
    [
        # Positivos: en logaritmos. De 2 a 4 se dobla; de 4 al límite, también.
        ([1.5, 2, 4], "<", 8.0, 1.0),
        ([1.5, 2, 4], "<", 16.0, 2.0),
        ([1.5, 2, 4], "<", 4 * math.sqrt(2), 0.5),
        ([8.5, 8, 4], ">", 2.0, 1.0),
        ([8.5, 8, 4], ">=", 1.0, 2.0),
        # Con un valor o un límite que no es positivo, distancias.
        ([-0.5, 0.5, 1], "<", 1.5, 1.0),
        ([0.5, 0.25, 0.125], ">", 0, 1.0),
        ([-3.5, -3, -2], "<", -1.5, 0.5),
        # El intervalo: el extremo con menos holgura.
        ([-0.1, 0, 0.2], "in", (-1.0, 0.3), 0.5),
        ([-0.1, 0, 0.2], "in", (-0.15, 1.0), 0.5),
        # Los demás solo importan si son la mediana o el peor.
        ([0.001, 2, 4, 1.5, 3], "<", 8.0, 1.0),
    ],
)
def test_room_is_measured_beyond_the_worst(values, operator, bound, expected):
    """Lo que queda más allá de la peor, en partes de lo que va de la mediana a la peor."""
    assert room(values, operator, bound) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "operator", "bound", "expected"),
    [
        ([0.5, 0.5, 0.66, 0.5], "in", (0.35, 0.65), -0.25),
        ([2, 1.5, 1.2], "<", 1.5, -2 / 3),
        ([1, math.nan], "<", 2, -0.5),
        ([1, 1, 0], "==", 1, -1 / 3),
        ([1, 0.8], "==", 1, -0.5),
    ],
)
def test_a_broken_claim_has_negative_room(values, operator, bound, expected):
    """Negativa: la parte de las semillas que la rompen."""
    assert room(values, operator, bound) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "operator", "bound", "enough"),
    [
        ([3, 2, 9], "<", 10, False),  # uno más sería 10
        ([8, 8, 8], "<", 10, True),
        ([9, 9, 9], "<", 10, False),
        ([9, 9, 9], "<", 9.5, True),  # un límite que no es entero no habla de unidades
        ([6, 6, 6], ">", 5, False),
        ([7, 7, 7], ">", 5, True),
        ([1.0, 1.0, 1.0], ">", 0.9, True),
    ],
)
def test_integers_move_one_unit_at_a_time(values, operator, bound, enough):
    """Con enteros, un salto más de la peor no puede romper la afirmación."""
    assert (room(values, operator, bound) >= 1) is enough


@pytest.mark.parametrize(
    ("values", "operator", "bound"),
    [([1, 1], "==", 1), ([0.5, 0.5, 0.5], "<", 1), ([math.inf, math.inf], ">", 1.3)],
)
def test_what_does_not_move_has_all_the_room(values, operator, bound):
    """Sin distancia de la mediana a la peor, cualquier holgura basta."""
    assert room(values, operator, bound) == math.inf


@given(POSITIVE, st.floats(1.01, 10))
def test_room_grows_with_the_bound(values, factor):
    """Alejar el límite nunca quita holgura, y las unidades en que se mide no cuentan."""
    bound = 1.5 * max(values)
    assert room(values, "<", bound) <= room(values, "<", factor * bound)
    scaled = room([factor * value for value in values], "<", factor * bound)
    assert scaled == pytest.approx(room(values, "<", bound), rel=1e-6)


@given(POSITIVE)
def test_both_sides_are_the_same_rule(values):
    """En logaritmos, «menor que» y «mayor que» son la misma regla vista al revés."""
    bound = 1.5 * max(values)
    inverse = [1 / value for value in values]
    assert room(inverse, ">", 1 / bound) == pytest.approx(room(values, "<", bound), rel=1e-6)


def test_chance_of_a_count_is_the_binomial():
    """Con un acierto y un fallo más de los vistos: aquí, once de catorce y tres de catorce."""
    shares = [1, 1, 1, 1 / 3]
    good, bad = 11 / 14, 3 / 14
    assert breaking_chance(shares, "==", 1, of=3) == pytest.approx(1 - good**3)
    assert breaking_chance(shares, ">", 0.5, of=3) == pytest.approx(bad**3 + 3 * bad**2 * good)
    assert breaking_chance(shares, ">=", 0, of=3) == 0


@pytest.mark.parametrize(
    ("values", "bound", "enough"),
    [
        ([1] * 20, 0.9, False),  # todos: que falle una, con p = 101/102, es una de veinte
        ([1] * 20, 0.7, True),  # que fallen dos, una de mil
        ([1] * 19 + [0.8], 0.7, True),
        ([1] * 15 + [0.8] * 5, 0.7, False),  # con p = 96/102, una de treinta
    ],
)
def test_a_count_breaks_less_than_once_in_a_hundred(values, bound, enough):
    """La regla de los recuentos no mira la mediana, sino la probabilidad."""
    assert (room(values, ">", bound, of=5) >= 1) is enough


def measured(values, *, kind="medida", operator="<", bound=1.0, of=None) -> Measured:
    return Measured("11", "texto", operator, kind, tuple(values), bound, of)


@pytest.mark.parametrize(
    ("claim", "kind_problem", "lack"),
    [
        (measured([0.1 + i / 1000 for i in range(20)]), "", ""),
        (
            measured([0.1] * 20),
            "",
            "vale 0.1 con toda semilla: es una identidad o un recuento (of=)",
        ),
        (measured([0.1] * 3), "", ""),  # con tres semillas aún no se sabe
        (measured([1] * 20, operator=">", bound=0.5, of=4), "", ""),
        (measured([0.1] * 20, kind="identidad"), "", ""),
        (measured([1e-7, 3e-6, 5e-8], kind="identidad", bound=1e-5), "", ""),
        (measured([100.0, 100.0001], kind="identidad", bound=200), "", ""),
        (measured([0.1, 0.2], kind="identidad"), "varía de 0.1 a 0.2", ""),
        (measured([2.0, 2.0], kind="identidad"), "", "rota en 2 de 2 semillas"),
        (measured([0.5, 0.5, 0.9]), "", "holgura de 0.18; hace falta 1"),
        (measured([0.5, 1.5, 0.9]), "", "rota en 1 de 3 semillas"),
    ],
)
def test_what_is_wrong_with_a_claim(claim, kind_problem, lack):
    """Lo que contradice a su clase, lo que le falta, y primero lo primero."""
    assert kind_problem in claim.wrong_kind
    assert bool(kind_problem) == bool(claim.wrong_kind)
    assert claim.lack == lack
    assert claim.problem == (claim.wrong_kind or claim.lack)

"""Fechas escritas: frente a una biblioteca independiente y en los dos sentidos."""

import datetime

import numpy as np
import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from course_utils.synthetic import date_pairs, spell_date, to_iso
from course_utils.synthetic.dates import STYLES

days = st.dates(datetime.date(1000, 1, 1), datetime.date(2999, 12, 31))
PATTERNS = {
    "larga": "d 'de' MMMM 'de' y",
    "con día de la semana": "EEEE, d 'de' MMMM 'de' y",
    "barras": "d/M/y",
    "guiones": "dd-MM-y",
    "mes abreviado": "d MMM y",
}


@given(days, st.sampled_from(sorted(PATTERNS)))
def test_spelling_agrees_with_babel(day, style):
    assert spell_date(day, style) == format_date(day, PATTERNS[style], locale="es_ES")


@given(days, st.sampled_from(STYLES))
def test_every_style_goes_both_ways(day, style):
    assert to_iso(spell_date(day, style)) == day.isoformat()
    assert to_iso(spell_date(day, style).upper()) == day.isoformat()


def test_a_large_sample_is_exact_seeded_and_uses_every_style():
    first, again = (date_pairs(5_000, rng=np.random.default_rng(2)) for _ in range(2))
    assert first == again
    for text, iso in first:
        assert to_iso(text) == iso
        assert "1900-01-01" <= iso <= "2099-12-31"
    written = {text for text, _ in first}
    assert any("," in text for text in written)
    assert any("/" in text for text in written)
    assert any("dos mil" in text for text in written)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30 de febrero de 2020", "no existe"),
        ("29/2/2021", "no existe"),
        ("martes, 1 de marzo de 2021", "fue lunes"),
        ("1 de brumario de 2021", "«brumario» no es un mes"),
        ("primer de marzo de 2021", "No se reconoce «primer»"),
        ("ayer", "No se reconoce la fecha"),
        ("", "No se reconoce la fecha"),
        ("1/3-2021", "No se reconoce la fecha"),
    ],
)
def test_bad_dates_say_why(text, message):
    with pytest.raises(ValueError, match=message):
        to_iso(text)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: to_iso(20210301), TypeError, "debe ser un texto"),
        (lambda: spell_date("2021-03-01"), TypeError, "datetime.date"),
        (lambda: spell_date(datetime.date(2021, 3, 1), "corta"), ValueError, "uno de larga"),
        (lambda: spell_date(datetime.date(999, 3, 1)), ValueError, "entre 1000 y 2999"),
        (
            lambda: date_pairs(
                1,
                rng=np.random.default_rng(0),
                first=datetime.date(2020, 1, 2),
                last=datetime.date(2020, 1, 1),
            ),
            ValueError,
            "posterior",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()

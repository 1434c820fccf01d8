"""Los límites escritos hoy, comparados con lo medido con veinte semillas, sin entrenar nada."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tools.notebooks import seeds as tool
from tools.notebooks.room import Measured

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {path.stem[:2]: path for path in sorted((ROOT / "notebooks" / "source").glob("*.py"))}
DEBTS = tomllib.loads(Path(__file__).with_name("claim_debts.toml").read_text(encoding="utf-8"))
MAX_LESSON_BYTES = 200_000 / 28  # la tabla de las 28 lecciones cabe en 200 kB

every_lesson = pytest.mark.parametrize("number", SOURCES)


@cache
def table() -> list[dict]:
    return tool.read_table()


@cache
def claims(number: str) -> list[Measured]:
    """Las afirmaciones de hoy de una lección, con lo que la tabla guarda de ellas."""
    subject = tool.read_subject(SOURCES[number])
    return tool.measured_claims(subject, tool.registered_runs(subject, table()))


def measured(number: str, kind: str = "") -> list[Measured]:
    """Las de una clase, o todas; de una lección sin medir ya se queja la primera prueba."""
    if not claims(number)[0].values:
        pytest.skip(f"lección {number} sin medir")
    return [claim for claim in claims(number) if kind in ("", claim.kind)]


@every_lesson
def test_measured_as_it_is_today(number):
    """La tabla tiene las veinte semillas de cada afirmación, medidas con el código de hoy."""
    counts = {len(claim.values) for claim in claims(number)}
    assert counts == {len(tool.SEEDS)}, f"sin medir como es hoy: ejecuta make seeds LESSON={number}"


@every_lesson
def test_texts_name_one_claim(number):
    """Dos afirmaciones de una lección no dicen lo mismo: el texto es su nombre."""
    texts = [claim.text for claim in claims(number)]
    assert len(texts) == len(set(texts))


@every_lesson
def test_kinds(number):
    """Una identidad no varía con la semilla; una medida, sí."""
    problems = {claim.text: claim.wrong_kind for claim in measured(number) if claim.wrong_kind}
    assert problems == {}


@every_lesson
def test_identities_always_hold(number):
    """Lo que es cierto por construcción no se rompe nunca: no puede ser una deuda."""
    broken = {claim.text: claim.lack for claim in measured(number, "identidad") if claim.lack}
    assert broken == {}


@every_lesson
def test_room(number):
    """Cada medida tiene holgura, salvo las deudas declaradas; y las declaradas lo son de verdad."""
    lacking = {claim.text: claim.lack for claim in measured(number, "medida") if claim.lack}
    debts = DEBTS.get(number, {})
    paid = sorted(debts.keys() - lacking.keys())
    assert not paid, f"ya cumplen o ya no existen: bórralas de claim_debts.toml: {paid}"
    new = {text: lack for text, lack in lacking.items() if text not in debts}
    assert not new, (
        f"sin holgura (como se escribirían en claim_debts.toml):\n{as_toml(number, new)}"
    )


def as_toml(number: str, debts: dict[str, str]) -> str:
    lines = [
        f"{json.dumps(text, ensure_ascii=False)} = {json.dumps(debts[text])}" for text in debts
    ]
    return "\n".join([f'["{number}"]', *lines])


def test_debts_have_a_reason_and_a_lesson():
    """Cada deuda es de una lección que existe y dice por qué."""
    assert DEBTS.keys() <= SOURCES.keys()
    assert all(reason.strip() for debts in DEBTS.values() for reason in debts.values())


def test_table_has_nothing_else_and_is_small():
    """La tabla no guarda lecciones que ya no existen, y seguirá cabiendo cuando estén todas."""
    lessons = {str(row["lesson"]) for row in table()}
    assert lessons <= SOURCES.keys()
    path = ROOT / "datasets" / "results" / f"{tool.TABLE}.csv"
    assert path.is_file(), "aún no se ha medido nada: ejecuta make seeds"
    assert path.stat().st_size <= MAX_LESSON_BYTES * len(lessons)

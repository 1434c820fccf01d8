"""Los cuadernos, sin resolver y con otras respuestas, con otra semilla que la guardada."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.notebooks.costs import stored_seconds
from tools.notebooks.run import (
    DEFAULT_SEED,
    MAX_COURSE_SECONDS,
    STORED_SEED,
    run_lesson,
)
from tools.notebooks.variants import current_turn, learner_notebook, lessons_due, try_turn

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
TURN = current_turn()


@pytest.mark.parametrize("lesson", LESSONS)
def test_unsolved_lesson_reaches_the_end(lesson, record_property):
    """Quien se salta los ejercicios llega al final dentro de los límites, y todo se cumple."""
    result = run_lesson(NOTEBOOKS / f"{lesson}.ipynb", seed=DEFAULT_SEED)
    record_property("informe", json.dumps(asdict(result)))
    record_property(
        lesson[:2],
        f"{result.seconds:.1f} s de procesador ({result.wall:.1f} de reloj) y "
        f"{result.peak_rss_mb:.0f} MB",
    )
    assert result.status == "ok"
    assert result.claims
    assert [row["text"] for row in result.claims if not row["holds"]] == []


@pytest.mark.parametrize("lesson", [learner_notebook(n).stem for n in lessons_due(TURN)])
def test_lesson_goes_on_with_other_answers(lesson):
    """Con una variante en todos los ejercicios a la vez, el cuaderno también llega al final."""
    tried = try_turn(NOTEBOOKS / f"{lesson}.ipynb", TURN)
    assert not tried.problem, str(tried)


def test_the_seed_is_not_the_stored_one():
    """Lo que se prueba no es repetir lo guardado."""
    assert DEFAULT_SEED != STORED_SEED


def test_the_course_fits_in_its_budget(record_property):
    """Todas las lecciones juntas, según lo que costaron al guardarlas."""
    seconds = [stored_seconds(lesson) for lesson in LESSONS]
    record_property("el curso entero", f"{sum(seconds):.0f} s de procesador")
    assert sum(seconds) <= MAX_COURSE_SECONDS

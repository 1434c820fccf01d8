"""El mapa del curso y la figura del orden: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.course_map import COURSE, MapEntry
from course_utils.lessons.lesson_00 import figures as course
from tests.unit.drawn import texts


def test_map_shows_time_only_for_ready_lessons():
    entries = (MapEntry("11", "Una", (), 30), MapEntry("12", "Otra", ("11",)))
    labels = texts(course.plot_course_map(entries))
    assert "11\nUna\n30 min" in labels
    assert "12\nOtra" in labels


def test_map_depends_only_on_lessons_that_exist_and_come_before():
    numbers = [entry.number for entry in COURSE]
    assert numbers == sorted(set(numbers))
    for entry in COURSE:
        assert all(needed in numbers for needed in entry.needs), entry
    ready = {entry.number for entry in COURSE if entry.minutes is not None}
    for entry in COURSE:
        if entry.number in ready:
            assert set(entry.needs) <= ready, entry


def test_order_figure_shows_both_errors():
    axes = course.plot_order_matters(
        np.arange(4.0), np.ones(4), {"lineal": (1.0, 3.0)}, unit="manchas"
    )
    assert texts(axes[2]) == [" 1", " 3"]
    with pytest.raises(ValueError, match="dos errores por modelo"):
        course.plot_order_matters(np.arange(4.0), np.ones(4), {"lineal": (1.0,)}, unit="manchas")


def test_both_series_share_their_limits_and_show_what_is_below_zero():
    top, bottom, _ = course.plot_order_matters(
        np.array([-5.0, 1.0]), np.array([1.0, 9.0]), {"lineal": (1.0, 3.0)}, unit="°C"
    )
    assert top.get_ylim() == bottom.get_ylim()
    assert top.get_ylim()[0] < -5


def test_map_names_the_lesson_that_is_missing():
    with pytest.raises(ValueError, match="las lecciones 12; ha llegado 11"):
        course.plot_course_map([MapEntry("12", "Otra", ("11",))])
    with pytest.raises(ValueError, match="al menos una lección"):
        course.plot_course_map([])

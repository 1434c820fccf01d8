"""El mapa del curso: valores admitidos y lo que el README saca de él."""

from __future__ import annotations

import pytest

from course_utils.course_map import COURSE, FRAMEWORKS, KINDS, LIBRARIES, MapEntry, map_entry
from tools.notebooks.readme import course_cell


def test_frameworks_and_kinds_are_known():
    """Cada lección se hace con algo conocido y es de una clase conocida."""
    assert {entry.frameworks for entry in COURSE} <= FRAMEWORKS.keys() == LIBRARIES.keys()
    assert {entry.kind for entry in COURSE} <= set(KINDS)


def test_a_long_lesson_says_so():
    """Lo que pasa de una hora es una lección larga o un proyecto."""
    long = {entry.number for entry in COURSE if (entry.minutes or 0) > 60}
    assert long
    assert long <= {entry.number for entry in COURSE if entry.kind != "lección"}


def test_projects_are_module_five():
    """El módulo 5 es el de los proyectos, y no los hay fuera."""
    projects = {entry.number for entry in COURSE if entry.kind == "proyecto"}
    assert projects == {entry.number for entry in COURSE if entry.module == 5}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (MapEntry("12", "Doce", (), 40), "[**12 Doce**](notebooks/12_x.ipynb) (40 min, NumPy)"),
        (MapEntry("12", "Doce"), "12 Doce (NumPy)"),
        (MapEntry("15", "Dos", (), 80, "B", "larga"), "15 Dos (Keras y PyTorch)"),
        (MapEntry("51", "Cinco", kind="proyecto", frameworks="T"), "51 Cinco (proyecto, PyTorch)"),
    ],
)
def test_a_lesson_in_the_readme(entry, expected):
    """Enlazada y con minutos si está escrita y terminada; si no, solo su nombre."""
    assert course_cell(entry, {"12": "12_x"}) == expected


def test_an_unknown_lesson_is_named():
    """Una lección que no está en el mapa se nombra, con las que hay."""
    with pytest.raises(ValueError, match=r"No hay lección '99' en el mapa\. Hay: 00, 11"):
        map_entry("99")

"""La figura del entrenamiento: qué dibuja, qué señala y con qué se queja."""

from __future__ import annotations

import math

import pytest

from course_utils.plotting.canvas import BLUE, GREY, ORANGE
from course_utils.plotting.training import plot_history
from course_utils.training import History
from tests.unit.drawn import texts

LOSS, VALIDATION = [4.0, 2.0, 1.0, 0.5], [5.0, 3.0, 2.0, 2.5]


def curves(ax):
    """Las líneas con algo que dibujar: color, trazo, x e y."""
    return [
        (line.get_color(), line.get_linestyle(), list(line.get_xdata()), list(line.get_ydata()))
        for line in ax.lines
        if line.get_linestyle() != "None" and len(line.get_xdata())
    ]


def marks(ax):
    """Dónde están las señales de la mejor época."""
    return [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in ax.lines
        if line.get_linestyle() == "None"
    ]


def test_one_training_solid_and_its_validation_dashed():
    ax = plot_history(History({"loss": LOSS, "val_loss": VALIDATION}))
    assert curves(ax) == [
        (BLUE, "-", [1, 2, 3, 4], LOSS),
        (ORANGE, "--", [1, 2, 3, 4], VALIDATION),
    ]
    assert marks(ax) == [(3, 2.0)]
    assert texts(ax) == ["mejor: época 3", "entrenamiento", "validación"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("época", "pérdida")
    assert ax.get_legend() is None


def test_without_validation_the_best_is_marked_on_the_only_curve():
    ax = plot_history(History({"loss": [3, 1, 2]}))
    assert [curve[:2] for curve in curves(ax)] == [(BLUE, "-")]
    assert marks(ax) == [(2, 1.0)]
    assert texts(ax) == ["mejor: época 2", "entrenamiento"]


def test_several_trainings_have_a_colour_each_and_a_key_for_the_strokes():
    one = History({"loss": LOSS, "val_loss": VALIDATION})
    other = History({"loss": [6.0, 5.0]})
    ax = plot_history({"GRU": one, "RNN": other})
    assert [curve[:2] for curve in curves(ax)] == [(BLUE, "-"), (BLUE, "--"), (ORANGE, "-")]
    assert marks(ax) == [(3, 2.0), (2, 5.0)]
    assert texts(ax) == ["GRU (mejor: 3)", "RNN (mejor: 2)"]
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["entrenamiento", "validación"]
    assert [line.get_color() for line in legend.get_lines()] == [GREY, GREY]
    assert len({line.get_marker() for line in ax.lines if line.get_linestyle() == "None"}) == 2


def test_several_without_validation_need_no_key():
    ax = plot_history({"a": History({"loss": [2.0, 1.0]}), "b": History({"loss": [2.0, 1.5]})})
    assert ax.get_legend() is None


def test_another_measure_keeps_the_best_epoch_of_the_loss():
    history = History({"loss": [3, 2, 1], "val_loss": [3, 1, 2], "grad_norm": [9, 8, 7]})
    ax = plot_history(history, metric="grad_norm")
    assert ax.get_ylabel() == "norma del gradiente (media)"
    assert marks(ax) == [(2, 8.0)]
    both = History({"loss": [3, 2], "mae": [5, 4], "val_mae": [6, 5]})
    ax = plot_history(both, metric="mae")
    assert ax.get_ylabel() == "mae"
    assert [curve[3] for curve in curves(ax)] == [[5, 4], [6, 5]]


def test_a_training_that_ended_in_nan_is_labelled_where_it_was_last_seen():
    ax = plot_history(
        {
            "rota": History({"loss": [3.0, 2.0, math.nan]}),
            "nada": History({"loss": [math.nan] * 3}),
        }
    )
    assert dict(zip(texts(ax), [text.xy for text in ax.texts], strict=True)) == {
        "nada": (3, 0.0),
        "rota (mejor: 2)": (3, 2.0),
    }


@pytest.mark.parametrize(
    ("given", "options", "error", "message"),
    [
        ({"loss": [1.0]}, {}, TypeError, r"espera un History .*History.from_keras"),
        ({}, {}, TypeError, "espera un History o un diccionario"),
        ([History({"loss": [1.0]})], {}, TypeError, "espera un History o un diccionario"),
        (
            History({"loss": [1.0]}),
            {"metric": "mae"},
            ValueError,
            "metric='mae' no está en el historial, que tiene loss",
        ),
        (
            {"GRU": History({"loss": [1.0]})},
            {"metric": "mae"},
            ValueError,
            "no está en el historial de GRU",
        ),
        (History({"loss": []}), {}, ValueError, "el historial no tiene ninguna época completa"),
    ],
)
def test_bad_input_says_what_was_expected(given, options, error, message):
    with pytest.raises(error, match=message):
        plot_history(given, **options)

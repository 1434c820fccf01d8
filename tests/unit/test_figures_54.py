"""Figuras de la voz: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_54 import figures
from tests.unit.drawn import texts


def test_the_spectrogram_has_time_across_and_low_sounds_below():
    features = np.zeros((40, 20))
    features[:, 3] = 200.0
    ax = figures.plot_spectrogram(features)
    (image,) = ax.images
    assert image.get_array().shape == (20, 40)
    assert image.get_array()[3].min() == 200
    assert image.origin == "lower"
    assert ax.get_xlim() == (0, 1)
    assert ax.get_yticks().tolist() == sorted(ax.get_yticks())
    with pytest.raises(ValueError, match="traspuesto"):
        figures.plot_spectrogram(features.T)


def test_each_spike_has_its_letter_where_it_wins():
    chances = np.full((8, 3), 0.05)
    chances[:, 0] = 0.9
    chances[2] = [0.1, 0.8, 0.1]
    chances[3] = [0.2, 0.7, 0.1]  # la misma letra, menos
    chances[6] = [0.1, 0.1, 0.8]
    axes = figures.plot_spikes(np.full((8, 20), 9.0), chances, " a")
    assert texts(axes[1]) == ["␣", "a"]
    assert [text.xy[0] for text in axes[1].texts] == pytest.approx([2.5 * 0.025, 6.5 * 0.025])
    with pytest.raises(ValueError, match="features: 7, chances: 8"):
        figures.plot_spikes(np.full((7, 20), 9.0), chances, " a")
    with pytest.raises(ValueError, match="alphabet: 1"):
        figures.plot_spikes(np.full((8, 20), 9.0), chances, "a")


def test_the_paths_name_every_letter():
    ax = figures.plot_paths(np.eye(7), "a b")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "␣", "b"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # el texto se lee de arriba abajo
    with pytest.raises(ValueError, match="debe tener 5 columnas"):
        figures.plot_paths(np.eye(7), "ab")


def test_the_voice_curve_has_its_mean_and_every_run():
    ax = figures.plot_voice_curve(np.array([5, 45]), {"a": np.array([[0.2, 0.4], [0.1, 0.1]])})
    mean, *runs = ax.lines
    assert mean.get_ydata() == pytest.approx([30, 10])
    assert [run.get_ydata().tolist() for run in runs] == [pytest.approx([20, 10]),
                                                          pytest.approx([40, 10])]  # fmt: skip
    assert [label.get_text() for label in ax.get_xticklabels()] == ["5", "45"]


def test_the_rows_have_their_mean():
    ax = figures.plot_error_rows({"zac": np.array([0.2, 0.4]), "m4": np.array([0.0])})
    means = [line.get_xdata()[0] for line in ax.lines[2:]]
    assert means == pytest.approx([30, 0])


def test_the_diagram_has_two_readings_of_three_steps():
    ax = figures.plot_listener()
    assert texts(ax).count("LSTM") == 6
    assert texts(ax).count("W") == 3

"""Figuras del aprendizaje: qué dibujan y con qué se quejan."""

import numpy as np
import pytest

from course_utils.lessons.lesson_13 import figures as learning
from tests.unit.drawn import texts


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_the_tangent_touches_the_curve_and_the_arrow_goes_downhill(slope):
    weights = np.linspace(-2, 2, 401)
    ax = learning.plot_tangent(weights, weights**2, at=slope / 2, slope=slope, name="w")
    (left, right), (low, high) = ax.lines[1].get_data()
    assert (high - low) / (right - left) == pytest.approx(slope)
    assert low + slope * (slope / 2 - left) == pytest.approx(1.0, abs=1e-3)
    arrow = next(text for text in ax.texts if not text.get_text())
    assert np.sign(arrow.xy[0] - arrow.xyann[0]) == -np.sign(slope)
    assert ax.get_ylim()[0] < arrow.xy[1]  # se ve
    assert f"pendiente {slope:.2f}" in texts(ax)


def test_the_chain_names_every_factor_with_its_value():
    names = "h0 z1 h1 z2 h2 loss error slope2 slope1 w_h delta2 delta1".split()
    values = {name: 0.11 * place for place, name in enumerate(names, start=1)}
    shown = " ".join(texts(learning.plot_chain(values)))
    for name in names[:6]:
        assert f"\n{values[name]:.3g}" in shown, name
    for name in names[6:10]:
        assert f"{values[name]:.2f}" in shown, name
    assert f"= {values['delta1'] * values['h0'] + values['delta2'] * values['h1']:.3f}" in shown
    assert f"{values['delta1']:.3f}" in shown
    assert f"{values['delta2']:.3f}" in shown
    del values["w_h"]
    with pytest.raises(ValueError, match="faltan w_h"):
        learning.plot_chain(values)


def test_step_errors_draw_each_method():
    steps = 10.0 ** np.arange(-5, 0)
    names = ["un solo lado", "central", "simple"]
    ax = learning.plot_step_errors(
        steps, dict(zip(names, (steps, steps**2, 2 * steps), strict=True))
    )
    assert texts(ax) == names
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), steps**2)


def test_losses_draw_the_reference_once():
    losses = {"una": np.array([2.0, 1.0]), "otra": np.array([2.0, 1.5, 1.2])}
    ax = learning.plot_losses(losses, reference=("azar", 2.5))
    assert sorted(texts(ax)) == ["azar", "otra", "una"]
    assert list(ax.lines[-1].get_ydata()) == [2.5, 2.5]


def test_extrapolation_marks_what_was_seen():
    truth = np.arange(4.0, 20)
    ax = learning.plot_extrapolation(truth, {"red": np.minimum(truth, 10)}, trained=(4, 10))
    assert ax.patches[0].get_x() == 4
    assert ax.patches[0].get_width() == 6
    assert ax.lines[1].get_ydata().max() == 10
    assert texts(ax) == ["visto", "exacto", "red"]


def test_truncation_shows_the_mean_and_the_spread():
    cosines = np.array([[0.4, 0.8, 1.0], [0.6, 0.9, 1.0]])
    ax = learning.plot_truncation(np.array([1, 2, 4]), {8: cosines})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), cosines.mean(axis=0))
    assert texts(ax) == ["retardo 8"]
    with pytest.raises(ValueError, match="un valor por cada uno de los 2 puntos de lengths"):
        learning.plot_truncation(np.array([1, 2]), {8: cosines})


def test_parts_write_the_mean_where_asked():
    lengths = np.array([1, 2, 4])
    inside = np.array([[0.1, 0.4, 0.8], [0.3, 0.6, 1.0]])
    axes = learning.plot_parts(lengths, {"dentro": inside, "más allá": 1 - inside}, at=2)
    assert [ax.get_title() for ax in axes] == ["dentro", "más allá"]
    assert [texts(ax) for ax in axes] == [["0.50"], ["0.50"]]
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), 1 - inside.mean(axis=0))
    with pytest.raises(ValueError, match="at=3 no está en las longitudes"):
        learning.plot_parts(lengths, {"dentro": inside}, at=3)


def test_rates_draw_the_median_and_what_it_is_compared_with():
    errors = {"una": np.array([[0.1, 0.2], [0.3, 0.2], [9.0, 0.5]])}
    ax = learning.plot_rates(np.array([0.1, 0.2]), errors, reference=("lectura", 0.25))
    assert list(ax.lines[0].get_ydata()) == [0.3, 0.2]
    assert list(ax.lines[1].get_ydata()) == [0.25, 0.25]
    assert sorted(texts(ax)) == ["lectura", "una"]
    assert ax.get_yscale() == "log"

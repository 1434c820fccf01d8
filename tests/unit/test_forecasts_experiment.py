"""El experimento del pronóstico honesto: qué mide, sin ver el futuro, y se puede repetir."""

import numpy as np
import pytest

from course_utils.datasets import load_result
from course_utils.forecasting import choose_smoothing, exponential_smoothing
from course_utils.lessons.lesson_41 import experiment
from tools.experiments import forecasts as forecasts_grid

TASKS = experiment.five_series()


@pytest.mark.parametrize("name", TASKS)
def test_twenty_plans_end_with_the_series_and_do_not_overlap(name):
    task = TASKS[name]
    origins = np.array(task.origins)
    assert len(origins) == experiment.ORIGINS
    assert set(np.diff(origins)) == {task.horizon}
    assert origins[-1] + task.horizon == len(task.values)
    assert np.isfinite(task.values).all()


@pytest.mark.parametrize("recipe", experiment.RECIPES)
def test_a_recipe_goes_back_to_units_and_does_not_look_ahead(recipe):
    """Con los objetivos como respuesta, lo que pasó; y el futuro no cambia ninguna ventana."""
    task = TASKS["El Niño"]
    framed = experiment.frame(task, recipe)
    (x, y), (_, held) = framed.parts()
    count = framed.train
    np.testing.assert_allclose(
        y * framed.spread + framed.center[:count], framed.actual[:count], rtol=1e-4
    )
    assert len(x) == len(y) == count
    last = framed.validation.stop - 1 + task.width + task.horizon
    assert last == framed.first
    assert framed.validation.start == count + task.horizon - 1
    assert len(held) == framed.validation.stop - framed.validation.start
    altered = task.values.copy()
    altered[framed.first :] += 9.0
    again = experiment.frame(task._replace(values=altered), recipe)
    seen = framed.first - task.width + 1
    np.testing.assert_array_equal(framed.x[:seen], again.x[:seen])
    np.testing.assert_array_equal(framed.center[:seen], again.center[:seen])
    assert framed.spread == again.spread


def test_an_unknown_recipe_is_named():
    with pytest.raises(ValueError, match="Las recetas son"):
        experiment.frame(TASKS["CO2"], "a ojo")


@pytest.mark.parametrize("name", ["CO2", "El Niño"])
def test_what_the_smoothing_says_at_the_end_is_its_forecast(name):
    """La fila de lo último conocido es lo que pronostica statsmodels con ese ajuste."""
    task = TASKS[name]
    known = task.values[:300]
    ahead, misses = experiment.smoothed_ahead(known, 300, period=12, horizon=15)
    shape = choose_smoothing(known, period=12)
    expected = exponential_smoothing(known, 15, period=12, shape=shape)
    np.testing.assert_allclose(ahead[-1], expected, rtol=1e-4)
    np.testing.assert_allclose(ahead[11:-1, 0] + misses[12:], known[12:], rtol=1e-6)


def test_what_ships_is_what_the_program_measures():
    """Las tablas son las de la rejilla; lo que no tiene azar se mide otra vez igual."""
    classic, networks = load_result("pronosticos"), load_result("pronosticos_red")
    assert classic["series"].tolist() == [name for name in TASKS for _ in range(6)]
    asked = [
        (point["series"], point["recipe"], point["rate"], seed)
        for point in forecasts_grid.grid(5)
        for seed in range(5)
    ]
    columns = ("series", "recipe", "rate", "seed")
    assert asked == list(zip(*(networks[name].tolist() for name in columns), strict=True))
    rows = {row["model"]: row for row in forecasts_grid.measure_classic("manchas")}
    for model in ("estacional", "theta", "autorregresión"):
        place = (classic["series"] == "manchas") & (classic["model"] == model)
        assert classic["origin_20"][place] == pytest.approx(rows[model]["origin_20"], rel=1e-3)

"""El experimento de la cobertura: parte bien, no mira adelante y es el de la lección."""

import numpy as np
import pytest

from course_utils.datasets import load_result, load_sales
from course_utils.forecasting import conformal_quantiles
from course_utils.lessons.lesson_43 import experiment, problems
from course_utils.synthetic.daily_sales import sales


def test_no_window_crosses_a_cut_nor_has_a_filled_target():
    values, filled = np.arange(100.0), np.zeros(100, bool)
    filled[70] = True
    problem = problems.prepare(values, (40, 60, 80), width=5, horizon=3, filled=filled)
    for (name, part), (start, end) in zip(
        problem.parts.items(), [(5, 40), (40, 60), (60, 80), (80, 100)], strict=True
    ):
        assert start <= part.origins[0], name
        assert part.targets.max() < end, name
        assert not (part.targets == 70).any()


def test_the_scale_comes_from_the_training_only():
    values = np.concatenate([np.arange(50.0), 1e6 * np.arange(50.0)])
    one = problems.prepare(values, (50, 65, 80), width=5, horizon=2)
    other = problems.prepare(np.minimum(values, 60), (50, 65, 80), width=5, horizon=2)
    assert one.ratio == other.ratio
    np.testing.assert_array_equal(one.scale, other.scale)


def test_a_relative_problem_is_the_same_in_other_units():
    shop = load_sales()
    one, other = (problems.shop_problem(shop, k * shop.units) for k in (1, 10))
    for a, b in zip(one.inputs("prueba")[:2], other.inputs("prueba")[:2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [60, 12])
def test_a_short_or_flat_series_is_told(size):
    with pytest.raises(ValueError, match=r"no cabe ningún plazo|no cambia"):
        problems.prepare(np.ones(size), (size // 2, size // 2 + 3, size - 3), width=4, horizon=3)


def test_moving_calibration_only_sees_what_has_ended():
    """Cambiar lo que pasó desde una semana no cambia los intervalos de antes ni los suyos."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=3000)
    cuts = (800, 1000, 1800)
    quantiles = {}

    def intervals(series: np.ndarray) -> np.ndarray:
        problem = problems.prepare(series, cuts, width=4, horizon=6)
        for name, part in problem.parts.items():
            quantiles[name] = np.broadcast_to(experiment.LEVELS - 0.5, (*part.targets.shape, 10))
        return np.array(experiment.moving_repair(problem, quantiles))

    changed = values.copy()
    start = 1800 + 2 * experiment.WEEK
    changed[start:] *= 50
    before, after = intervals(values), intervals(changed)
    same = start + experiment.WEEK - 1800
    np.testing.assert_array_equal(before[:, :same], after[:, :same])
    assert not np.allclose(before[:, same + 10 :], after[:, same + 10 :])


def test_the_fixed_repair_is_the_one_of_the_course():
    problem = problems.shop_problem(sales(seed=3))
    rng = np.random.default_rng(1)
    quantiles = {
        name: np.sort(rng.uniform(50, 350, size=(*part.targets.shape, 10)))
        for name, part in problem.parts.items()
    }
    low, high = experiment.repaired(problem, quantiles)
    seen, new = quantiles["calibración"], quantiles["prueba"]
    ends = seen[..., 0], seen[..., -1], new[..., 0], new[..., -1]
    expected = conformal_quantiles(problem.parts["calibración"].targets, *ends, level=0.9)
    np.testing.assert_array_equal([low, high], expected)


def test_every_head_gives_ordered_or_free_quantiles_and_a_finite_loss():
    import torch

    raw = torch.randn(4, 3, 10, generator=torch.Generator().manual_seed(0))
    center, spread = torch.full((4, 1, 1), 20.0), torch.full((4, 1, 1), 5.0)
    for name, head in experiment.make_heads().items():
        parameters = head.shape(raw[..., : head.size], center, spread)
        assert torch.isfinite(head.loss(parameters, torch.full((4, 3), 18.0))), name
        found = head.quantiles(parameters.numpy().astype(float))
        assert found.shape == (4, 3, 10)
        if name != "cuantiles":
            assert (np.diff(found, axis=-1) >= 0).all()


def test_the_stored_tables_have_what_the_lesson_reads():
    weather, shops = load_result("cobertura_tiempo"), load_result("cobertura_ventas")
    assert set(weather["head"]) == {"normal", "cuantiles"}
    assert {"nada", "rocío", "viento", "presión", "hora", "ruido"} == set(weather["without"])
    assert set(shops["head"]) == {"cuantiles", "normal", "binomial negativa"}
    for kind in ("all", "sunday", "holiday", "other"):
        assert (shops[f"{kind}_fixed"] <= shops[f"days_{kind}"]).all()
    whole = shops["days_sunday"] + shops["days_holiday"] + shops["days_other"]
    np.testing.assert_array_equal(whole, shops["days_all"])

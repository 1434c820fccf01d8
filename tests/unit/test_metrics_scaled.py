"""RMSSE, WAPE y sMAPE: iguales a las de ``utilsforecast`` y a las cuentas a mano."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.metrics import mase, rmsse, seasonal_changes, smape, wape

values = arrays("float64", st.integers(2, 20), elements=st.floats(1, 1e3))


def test_by_hand():
    """Con números que se siguen de cabeza."""
    actual, forecast, training = [10, 0, 30], [8, 1, 29], [1, 4, 2, 8]
    assert wape(actual, forecast) == 4 / 40
    assert smape(actual, forecast) == pytest.approx((2 * 2 / 18 + 2 * 1 / 1 + 2 * 1 / 59) / 3)
    # Los cambios son 3, -2 y 6: sus cuadrados suman 49; los de los errores, 6.
    assert rmsse(actual, forecast, training=training) == pytest.approx(np.sqrt((6 / 3) / (49 / 3)))
    assert seasonal_changes(training, period=2).tolist() == [1, 4]


def test_scaled_errors_agree_with_utilsforecast():
    """Con varias series y un ciclo."""
    losses = pytest.importorskip("utilsforecast.losses")
    import pandas as pd

    rng = np.random.default_rng(0)
    train = {name: rng.uniform(1, 9, size=30) for name in "ab"}
    actual, forecast = ({name: rng.uniform(1, 9, size=6) for name in "ab"} for _ in range(2))

    def frame(**columns):
        size = len(next(iter(columns.values()))["a"])
        ids = {"unique_id": np.repeat(["a", "b"], size), "ds": np.tile(np.arange(size), 2)}
        return pd.DataFrame(ids | {k: np.concatenate([v["a"], v["b"]]) for k, v in columns.items()})

    table, training = frame(y=actual, model=forecast), frame(y=train)
    scaled = {"seasonality": 7, "train_df": training}
    expected = {
        "mase": losses.mase(table, ["model"], **scaled),
        "rmsse": losses.rmsse(table, ["model"], **scaled),
        "smape": losses.smape(table, ["model"]),
        "nd": losses.nd(table, ["model"]),
    }
    for place, name in enumerate("ab"):
        pair, rest = (actual[name], forecast[name]), {"training": train[name], "period": 7}
        found = {"mase": mase(*pair, **rest), "rmsse": rmsse(*pair, **rest), "nd": wape(*pair)}
        found["smape"] = smape(*pair) / 2  # la de ``utilsforecast`` va de 0 a 1
        for measure, table in expected.items():
            assert found[measure] == pytest.approx(table["model"].iloc[place])


@given(values, st.floats(0.01, 100))
def test_no_units(actual, scale):
    """Cambiar de unidades no cambia ninguna; el sMAPE no pasa de 2."""
    forecast, training = actual[::-1] * 0.5, np.arange(10.0) ** 2
    for measure in (wape, smape):
        assert measure(actual, forecast) == pytest.approx(measure(scale * actual, scale * forecast))
    assert rmsse(actual, forecast, training=training) == pytest.approx(
        rmsse(scale * actual, scale * forecast, training=scale * training)
    )
    assert 0 <= smape(actual, -forecast) <= 2


def test_rmsse_of_the_reference_on_its_own_training_is_one():
    series = np.random.default_rng(0).normal(size=50)
    assert rmsse(series[7:], series[:-7], training=series, period=7) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wape([0, 0], [1, 2]), "WAPE no está definido"),
        (lambda: rmsse([1], [2], training=[5, 5, 5]), "se repite de un ciclo al siguiente"),
        (lambda: rmsse([1], [2], training=[5, 6], period=2), "al menos 3 elementos"),
        (lambda: smape([], []), "vacíos"),
        (lambda: smape([1, 2], [1]), "misma forma"),
        (lambda: seasonal_changes([1, 2, 3], period=0), "period debe ser al menos 1"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()

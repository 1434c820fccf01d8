"""El experimento de las anomalías: puntuaciones causales, sin fugas, y una lista bien copiada."""

import numpy as np
import pytest

from course_utils.datasets import load_elnino, load_result
from course_utils.exercises.definition import find, reference
from course_utils.lessons.lesson_44 import COASTAL_EVENTS, detectors, experiment, scoring
from course_utils.synthetic import FAULT_KINDS, sensor
from tools.experiments import anomalies as grid
from tools.experiments import anomaly_rates

# Los meses que la nota técnica da a cada suceso, en su propia columna.
MONTHS = [8, 9, 17, 3, 11, 3, 11, 13, 9, 17, 13, 11, 7, 3, 17, 3, 5, 4, 4]


def test_the_published_events_last_what_their_source_says():
    """La lista está en orden, dentro de la serie, y cada suceso dura los meses de la nota."""
    months = np.array([[event.first, event.last] for event in COASTAL_EVENTS], "datetime64[M]")
    lengths = (months[:, 1] - months[:, 0]).astype(int) + 1
    assert lengths.tolist() == MONTHS
    assert (months[1:, 0] > months[:-1, 1]).all()
    dates = load_elnino().dates
    assert dates[0] <= months.min()
    assert months.max() <= dates[-1]
    assert {event.magnitude for event in COASTAL_EVENTS} == {
        "débil", "moderada", "fuerte", "extraordinaria"
    }  # fmt: skip


def test_the_published_events_are_the_warm_spells_of_our_series():
    """El índice costero, calculado con nuestra serie, coincide con la lista casi siempre."""
    series = load_elnino()
    months, of_year = series.dates.astype("datetime64[M]"), np.arange(len(series.values)) % 12
    recent = months >= np.datetime64("1981-01")
    usual = np.array([series.values[recent & (of_year == month)].mean() for month in range(12)])
    index = np.convolve(series.values - usual[of_year], np.ones(3) / 3, mode="same")
    listed = np.zeros(len(months), bool)
    for event in COASTAL_EVENTS:
        spell = (months >= np.datetime64(event.first)) & (months <= np.datetime64(event.last))
        listed |= spell
        assert index[spell].max() > 0.4 or event.magnitude == "débil"
    assert np.mean(listed == (index > 0.4)) > 0.9


def test_a_case_is_clean_until_the_test():
    """Diez semanas sin fallos; en la prueba, cuatro de cada clase."""
    case = detectors.make_case(3)
    assert not case.truth.faulty[: detectors.UNSEEN].any()
    spans = experiment.fault_spans(case)
    assert list(spans) == list(experiment.COLUMNS) == list(FAULT_KINDS)
    assert all(len(each) == detectors.FAULTS for each in spans.values())


def test_contamination_puts_faults_only_before_the_test():
    """Lo limpio de debajo es lo mismo, y más fallos tocan más medidas."""
    case = detectors.make_case(1)
    clean, shares = case.values, []
    for faults in (0, 4, 12):
        dirty = experiment.contaminate(1, faults)
        np.testing.assert_array_equal(dirty[detectors.UNSEEN :], clean[detectors.UNSEEN :])
        shares.append((dirty != clean).mean())
    assert shares[0] == 0 < shares[1] < shares[2]
    short = sensor(70, faults=2, seed=1)
    np.testing.assert_array_equal(short.truth.clean, case.truth.clean[: detectors.UNSEEN])


def test_plain_scores_do_not_see_the_future():
    """Cambiar la última medida no cambia ninguna puntuación anterior."""
    values = detectors.make_case(2).values
    changed = values.copy()
    changed[-1] += 30.0
    before, after = (detectors.plain_scores(each, 2) for each in (values, changed))
    for name, score in before.items():
        np.testing.assert_array_equal(score[:-1], after[name][:-1], err_msg=name)
        assert len(score) == len(values)


def test_windows_end_at_their_measure():
    """La ventana i acaba en la medida i + WINDOW - 1, en pasos de CHUNK medidas."""
    x = detectors.windows(np.arange(60.0))
    assert x.shape == (60 - detectors.WINDOW + 1, detectors.STEPS, detectors.CHUNK)
    np.testing.assert_array_equal(x[3].ravel(), np.arange(3.0, 3 + detectors.WINDOW))


def test_the_usual_value_is_the_one_of_that_half_hour():
    """Laborables y fin de semana, aparte; lo que pase después de lo conocido no cuenta."""
    steps = np.arange(21 * 48)
    weekend = steps // 48 % 7 >= 5
    values = np.where(weekend, 100.0, 0.0) + steps % 48
    spoiled = values.copy()
    spoiled[14 * 48 :] += 50
    np.testing.assert_array_equal(detectors.usual_values(spoiled, 14 * 48), values)


def test_scoring_agrees_with_the_exercises():
    """Lo que mide el experimento es lo que enseñan los ejercicios."""
    rng = np.random.default_rng(0)
    threshold, report = reference(find("44.1")), reference(find("44.2"))
    for _ in range(20):
        scores = np.abs(rng.normal(size=90))
        expected = np.median(scores) + 4.5 * scoring.robust_spread(scores)
        assert threshold(scores, 4.5) == pytest.approx(expected)
        alarms, spans = rng.random(90) < 0.3, [(10, 14), (40, 41), (70, 82)]
        found, false = report(alarms, spans, 5, 30)
        assert found == np.isfinite(scoring.first_alarms(alarms, spans)).sum()
        assert false == pytest.approx(scoring.false_calls(alarms, spans, 5) / 3)


def test_the_best_adjusted_f1_is_the_best_of_all_thresholds():
    """Probando todos los umbrales a mano sale lo mismo."""
    rng = np.random.default_rng(1)
    for _ in range(10):
        scores, spans = rng.random(80), [(5, 9), (30, 50), (60, 61)]
        truth = np.zeros(80, bool)
        for start, end in spans:
            truth[start:end] = True
        results = []
        for limit in np.unique(scores):
            alarms = scores >= limit
            for start, end in spans:
                alarms[start:end] = alarms[start:end].any()
            results.append(2 * (alarms & truth).sum() / (alarms.sum() + truth.sum()))
        assert scoring.best_adjusted_f1(scores, spans) == pytest.approx(max(results))


def test_a_blind_score_gets_what_the_formula_says():
    """La F1 ajustada de un sorteo largo se parece a la esperada del ejercicio 44.3."""
    rng = np.random.default_rng(2)
    expected = reference(find("44.3"))(np.array([40] * 200), 20000, 0.05)
    hits = 40 * (rng.random((200, 40)) < 0.05).any(axis=1).sum()
    false = (rng.random(20000) < 0.05).sum()
    assert 2 * hits / (hits + false + 8000) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("anomalias", len(grid.SEEDS)),
        ("anomalias_datos", len(grid.SEEDS) * len(grid.FAULTS)),
        ("anomalias_cuello", len(grid.SEEDS) * len(grid.WIDTHS) * 2),
        ("anomalias_tasas", len(grid.SEEDS) * len(anomaly_rates.RATES) * 4),
    ],
)
def test_the_stored_tables_are_whole(name, points):
    """Están todos los puntos de la rejilla, sin huecos."""
    table = load_result(name)
    rows = {"anomalias": 11 * len(experiment.MULTIPLES), "anomalias_datos": 4}.get(name, 1)
    assert len(table["area"]) == points * rows
    assert np.isfinite(table["area"]).all()
    assert set(table["seed"]) == set(grid.SEEDS)

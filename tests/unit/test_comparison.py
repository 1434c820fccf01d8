"""¿Es real la diferencia? Las cuentas, las palabras y lo que se rechaza."""

from __future__ import annotations

import dataclasses
import math
import re
import sys
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.comparison import (
    Comparison,
    block_bootstrap,
    mcnemar,
    newcombe,
    paired,
    welch,
    wilson,
)
from course_utils.comparison.days import DRAWS, resampled_means

LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])
# Medidas con pocos decimales: ni todo redondeo ni diferencias inapreciables.
measures = st.integers(-1000, 1000).map(lambda x: x / 8)
samples = arrays("float64", st.integers(8, 30), elements=measures)
two_samples = st.integers(8, 30).flatmap(lambda n: arrays("float64", (2, n), elements=measures))
outcomes = arrays("bool", st.integers(8, 40))
two_outcomes = st.integers(8, 40).flatmap(lambda n: arrays("bool", (2, n)))


def close(expected: object):
    return pytest.approx(expected, rel=1e-10, abs=1e-10)


def ends(found: Comparison) -> tuple[float, float]:
    return found.low, found.high


def outcome_pairs(both: int, wins: int, losses: int, neither: int) -> np.ndarray:
    """Los aciertos de dos modelos, a partir de las cuatro cuentas: (2, parejas)."""
    rows = [[True, True]] * both + [[True, False]] * wins + [[False, True]] * losses
    return np.array(rows + [[False, False]] * neither).T


def make(value: float, low: float, high: float) -> Comparison:
    """Una diferencia cualquiera, para ver cómo se dice."""
    return Comparison(
        value=value, low=low, high=high, level=0.95, n=20, sample="20 parejas", method="a ojo"
    )


# ---------------------------------------------------------------- iguales a las bibliotecas


@given(two_samples, LEVELS)
def test_paired_agrees_with_scipy(pair, level):
    from scipy import stats

    assume(np.ptp(pair[0] - pair[1]) > 0)
    found, expected = paired(*pair, level=level), stats.ttest_rel(*pair)
    assert found.value == close(np.mean(pair[0] - pair[1]))
    assert ends(found) == close(tuple(expected.confidence_interval(level)))
    assert found.p_value == close(expected.pvalue)
    assert (found.n, found.level) == (pair.shape[1], level)


@given(samples, samples, LEVELS)
def test_welch_agrees_with_scipy(one, other, level):
    from scipy import stats

    assume(np.ptp(one) > 0 and np.ptp(other) > 0)
    found, expected = welch(one, other, level=level), stats.ttest_ind(one, other, equal_var=False)
    assert ends(found) == close(tuple(expected.confidence_interval(level)))
    assert found.p_value == close(expected.pvalue)
    assert found.n == min(len(one), len(other))


def test_welch_with_one_constant_group_agrees_with_scipy():
    from scipy import stats

    one, other = [2.0, 2.0, 2.0, 2.0, 2.0], [1.0, 3.0, 2.5, 0.5]
    with pytest.warns(RuntimeWarning, match="Precision loss"):  # la de SciPy, no la nuestra
        expected = stats.ttest_ind(one, other, equal_var=False)
    assert ends(welch(one, other)) == close(tuple(expected.confidence_interval()))


@given(two_outcomes)
def test_mcnemar_agrees_with_statsmodels(pair):
    from statsmodels.stats.contingency_tables import mcnemar as reference

    one, other = pair
    table = [
        [(one & other).sum(), (one & ~other).sum()],
        [(other & ~one).sum(), (~one & ~other).sum()],
    ]
    assume(table[0][1] + table[1][0] > 0)
    found = mcnemar(one, other)
    assert found.p_value == close(reference(table, exact=True).pvalue)
    assert found.value == close(one.mean() - other.mean())


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Cavo et al. (2012), en Fagerland, Lydersen y Laake (2014).
        ((59, 6, 16, 80), (-0.1186, -0.0046)),
        ((36, 12, 2, 0), (0.0569, 0.3404)),
    ],
)
def test_the_interval_of_mcnemar_is_the_published_one(counts, expected):
    """El de Newcombe, en casos publicados, salvo que la prueba exacta no descarte el azar."""
    found = mcnemar(*outcome_pairs(*counts))
    by_chance = found.p_value >= 0.05
    low, high = (min(expected[0], 0), max(expected[1], 0)) if by_chance else expected
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(outcomes, LEVELS)
def test_wilson_agrees_with_statsmodels(solved, level):
    from statsmodels.stats.proportion import proportion_confint

    found = wilson(solved, level=level)
    expected = proportion_confint(solved.sum(), len(solved), alpha=1 - level, method="wilson")
    assert (found.low, found.high) == close(expected)
    assert 0 <= found.low <= found.value == solved.mean() <= found.high <= 1


@given(outcomes, outcomes, LEVELS)
def test_newcombe_agrees_with_statsmodels(one, other, level):
    from statsmodels.stats.proportion import confint_proportions_2indep

    counts = one.sum(), len(one), other.sum(), len(other)
    expected = confint_proportions_2indep(
        *counts, method="newcomb", compare="diff", alpha=1 - level
    )
    found = newcombe(one, other, level=level)
    assert ends(found) == close(expected)
    assert found.p_value is None


def test_the_bootstrap_draws_blocks_of_consecutive_days():
    """La anchura del intervalo es la que dan las medias de los bloques, contadas una a una."""
    gaps = np.repeat(np.random.default_rng(0).normal(size=100), 10)  # rachas de diez días
    for block in (1, 10):
        means = [np.mean(np.roll(gaps, -start)[:block]) for start in range(1000)]
        spread = np.std(means) / np.sqrt(1000 / block)
        found = block_bootstrap(gaps, np.zeros(1000), seed=0, block=block)
        assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.05)


def test_the_last_block_is_cut_to_the_length_of_the_series():
    """Con 61 días y bloques de 3, el bloque que sobra es de un día: ninguno cuenta de más."""
    rng = np.random.default_rng(0)
    assert resampled_means(np.ones(61), 3, rng).tolist() == [1.0] * DRAWS


# ---------------------------------------------------------------- lo que todas cumplen


def bootstrap(one: np.ndarray, other: np.ndarray, **options) -> Comparison:
    """El bootstrap, con una muestra corta repetida hasta los días que pide."""
    return block_bootstrap(np.resize(one, 45), np.resize(other, 45), seed=3, block=2, **options)


@pytest.mark.parametrize("compare", [paired, welch, bootstrap])
@given(two_samples, st.sampled_from([0.25, 3.0, 1000.0]))
def test_differences_turn_over_and_scale(compare, pair, scale):
    """Cambiar el orden cambia el signo; cambiar la unidad, solo la unidad."""
    one, other = pair
    found, turned = compare(one, other), compare(other, one)
    scaled = compare(scale * one, scale * other)
    assert turned.value == close(-found.value)
    assert ends(turned) == close((-found.high, -found.low))
    assert (scaled.value, *ends(scaled)) == pytest.approx(
        (scale * found.value, scale * found.low, scale * found.high), rel=1e-9, abs=1e-9
    )
    assert scaled.p_value == (None if found.p_value is None else close(found.p_value))


@pytest.mark.parametrize("compare", [mcnemar, newcombe])
@given(two_outcomes)
def test_rates_turn_over_and_fit(compare, pair):
    """Cambiar el orden cambia el signo, y nada sale de entre -1 y 1."""
    found, turned = compare(*pair), compare(*pair[::-1])
    assert turned.value == close(-found.value)
    assert ends(turned) == close((-found.high, -found.low))
    assert turned.p_value == (None if found.p_value is None else close(found.p_value))
    assert -1 - 1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12


@pytest.mark.parametrize(
    ("compare", "pairs"),
    [(paired, two_samples), (mcnemar, two_outcomes)],
    ids=["paired", "mcnemar"],
)
@given(data=st.data())
def test_the_order_of_the_pairs_does_not_matter(compare, pairs, data):
    pair = data.draw(pairs)
    order = data.draw(st.permutations(range(pair.shape[1])))
    found, moved = compare(*pair), compare(*pair[:, order])
    assert (moved.value, *ends(moved), moved.p_value) == close(
        (found.value, *ends(found), found.p_value)
    )


@pytest.mark.parametrize("compare", [paired, welch, mcnemar])
@given(data=st.data())
def test_the_interval_and_the_p_value_say_the_same(compare, data):
    pair, level = data.draw(two_outcomes), data.draw(LEVELS)
    found = compare(*pair, level=level)
    assume(abs(found.p_value - (1 - level)) > 1e-9)
    assert found.is_clear == (found.p_value < 1 - level)


def test_an_approximate_interval_does_not_contradict_the_exact_test():
    """Con 7 contra 1, el intervalo de Newcombe deja fuera el cero y la prueba exacta no."""
    found = mcnemar(*outcome_pairs(1, 1, 7, 12))
    assert round(found.p_value, 4) == 0.0703
    assert (round(found.low, 3), found.high) == (-0.507, 0)
    assert not found.is_clear


@given(two_samples)
def test_inputs_are_not_changed(pair):
    before = pair.copy()
    for compare in (paired, welch, bootstrap):
        compare(*pair)
    np.testing.assert_array_equal(pair, before)


def test_a_seed_repeats_the_draw_and_another_changes_it():
    one, other = np.random.default_rng(0).normal(size=(2, 140))
    same = [block_bootstrap(one, other, seed=5) for _ in range(2)]
    assert same[0] == same[1]
    assert same[0] != block_bootstrap(one, other, seed=6)


def test_results_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make(1, 0, 2).value = 0


# ---------------------------------------------------------------- cuántas veces aciertan


def draw_measures(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    shared = rng.normal(size=8)
    return shared + rng.normal(size=8), shared + rng.normal(size=8) + 0.5


def draw_groups(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=6), rng.normal(size=12) * 3 + 0.5


def draw_outcomes(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.random(20) < 0.4, rng.random(20) < 0.9


def draw_days(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cada día se parece algo al anterior."""
    noise = rng.normal(size=365)
    noise[1:] += 0.4 * noise[:-1]
    return noise, np.full(365, 0.5)


@pytest.mark.parametrize(
    ("compare", "draw", "runs"),
    [
        (paired, draw_measures, 400),
        (welch, draw_groups, 400),
        (mcnemar, draw_outcomes, 400),
        (newcombe, draw_outcomes, 400),
        (lambda *days: block_bootstrap(*days, seed=0), draw_days, 60),
    ],
    ids=["paired", "welch", "mcnemar", "newcombe", "block_bootstrap"],
)
def test_intervals_hold_the_truth_as_often_as_they_say(compare, draw, runs):
    """La diferencia verdadera es -0.5: unos 95 de cada 100 intervalos la contienen."""
    rng = np.random.default_rng(0)
    intervals = [ends(compare(*draw(rng))) for _ in range(runs)]
    held = np.mean([low <= -0.5 <= high for low, high in intervals])
    # Cuatro desviaciones de una binomial.
    assert abs(held - 0.95) < 4 * math.sqrt(0.95 * 0.05 / runs)


def test_pairing_helps_when_the_pairs_share_their_chance():
    rng = np.random.default_rng(0)
    shared = 10 * rng.normal(size=20)
    one, other = shared + rng.normal(size=20) + 3, shared + rng.normal(size=20)
    assert paired(one, other).is_clear
    assert not welch(one, other).is_clear


# ---------------------------------------------------------------- sin variación


@pytest.mark.parametrize("compare", [paired, welch, bootstrap])
def test_all_equal_is_no_difference(compare):
    """También si solo se distinguen en el redondeo, que a la suma no le falta."""
    one = np.full(9, 0.1)
    for other in (one, np.full(7, 0.1) if compare is welch else one, one + 1e-17, 0.3 - 2 * one):
        found = compare(one, other)
        assert (found.value, *ends(found)) == (0, 0, 0)
        assert found.p_value in (1, None)
        assert found.verdict("puntos").startswith("no hay ninguna diferencia (")


@pytest.mark.parametrize("compare", [paired, welch, bootstrap])
def test_a_constant_difference_has_no_margin(compare):
    found = compare(np.full(9, 0.3), np.full(9, 0.1))
    assert found.low == found.value == found.high == close(0.2)
    assert found.p_value in (0, None)
    assert found.is_clear
    assert found.verdict("puntos").startswith("siempre 0.2 puntos más (")


def test_pairs_that_always_agree_say_nothing():
    found = mcnemar([True] * 10, [True] * 10)
    assert (found.value, found.p_value, found.is_clear) == (0, 1, False)
    assert found.verdict("puntos", decimals=0, scale=100) == (
        "no hay diferencia clara (entre −28 y 28 puntos; 10 parejas: 0 contra 0)"
    )


# ---------------------------------------------------------------- en palabras


@pytest.mark.parametrize(
    ("found", "options", "words"),
    [
        (make(-0.8, -1.3, -0.3), {}, "0.8 puntos menos (entre 0.3 y 1.3; 20 parejas)"),
        (make(0.8, 0.3, 1.3), {}, "0.8 puntos más (entre 0.3 y 1.3; 20 parejas)"),
        (
            make(0.25, -0.6, 1.1),
            {},
            "no hay diferencia clara (entre −0.6 y 1.1 puntos; 20 parejas)",
        ),
        (make(0.8, 0.3, 1.3), {"unit": ""}, "0.8 más (entre 0.3 y 1.3; 20 parejas)"),
        (
            make(0.8, -0.3, 1.9),
            {"unit": ""},
            "no hay diferencia clara (entre −0.3 y 1.9; 20 parejas)",
        ),
        (
            make(-0.08, -0.13, -0.03),
            {"scale": 100, "decimals": 0},
            "8 puntos menos (entre 3 y 13; 20 parejas)",
        ),
        (
            make(-0.8, -1.3, -0.3),
            {"words": ("mayor", "menor"), "decimals": 2},
            "0.80 puntos menor (entre 0.30 y 1.30; 20 parejas)",
        ),
        # Ni un extremo claro que parezca cero, ni «1 puntos», ni «−0».
        (make(0.5, 0.004, 1.0), {}, "0.500 puntos más (entre 0.004 y 1.000; 20 parejas)"),
        (make(1.2, 0.6, 1.8), {"decimals": 0}, "1.2 puntos más (entre 0.6 y 1.8; 20 parejas)"),
        (
            make(-0.5, -1.0, 0.01),
            {},
            "no hay diferencia clara (entre −1.0 y 0.0 puntos; 20 parejas)",
        ),
        (
            make(0.5, -0.01, 1.0),
            {},
            "no hay diferencia clara (entre 0.0 y 1.0 puntos; 20 parejas)",
        ),
    ],
)
def test_verdict_reads_well(found, options, words):
    assert found.verdict(**{"unit": "puntos", **options}) == words


@given(two_samples, st.integers(0, 3))
def test_a_clear_verdict_never_shows_a_zero_and_an_unclear_one_holds_it(pair, decimals):
    found = paired(*pair)
    words = found.verdict(decimals=decimals)
    if found.is_clear:
        assert ("más" in words) == (found.value > 0)
        numbers = re.findall(r"[\d.]+(?=[ ;])", words.partition(" parejas")[0])
        assert min(map(float, numbers[:3])) > 0
    else:
        assert words.startswith(("no hay diferencia clara (", "no hay ninguna diferencia ("))


def test_estimates_in_words():
    assert make(-0.8, -1.3, -0.3).in_words("puntos") == (
        "−0.8 puntos (entre −1.3 y −0.3; 20 parejas)"
    )
    assert wilson([1, 0, 1, 1]).in_words(decimals=2) == "0.75 (entre 0.30 y 0.95; 3 de 4)"


@pytest.mark.parametrize(
    ("found", "sample", "method"),
    [
        (paired(range(6), [1] * 6), "6 parejas", "t de Student por parejas"),
        (welch(range(6), range(4)), "6 y 4 medidas", "t de Welch"),
        (
            block_bootstrap(np.arange(60), np.ones(60), seed=0, block=3, steps="meses"),
            "60 meses",
            "bootstrap por bloques de 3 meses",
        ),
        (newcombe([1, 1, 0, 1], [0, 0, 0, 1, 0]), "3 de 4 frente a 1 de 5", "Newcombe"),
        (wilson([1, 0]), "1 de 2", "Wilson"),
    ],
)
def test_results_say_their_sample_and_their_method(found, sample, method):
    assert (found.sample, found.method) == (sample, method)


# ---------------------------------------------------------------- lo que se rechaza


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: paired([1] * 5, [2] * 5), ValueError, "6 parejas; han llegado 5.*más del 5 %"),
        (lambda: paired([1] * 7, [2] * 7, level=0.99), ValueError, "8 parejas; .*más del 1 %"),
        (lambda: mcnemar([1] * 5, [0] * 5), ValueError, "al menos 6 parejas; han llegado 5"),
        (lambda: welch([1] * 9, [2] * 3), ValueError, "4 medidas de cada uno; han llegado 9 y 3"),
        (lambda: newcombe([1] * 3, [0] * 9), ValueError, "4 medidas de cada uno"),
        (lambda: wilson([]), ValueError, "al menos un intento"),
        (
            lambda: block_bootstrap(np.ones(139), np.ones(139), seed=0),
            ValueError,
            "al menos 140 días, 20 bloques de 7; han llegado 139. .*demasiado estrecho",
        ),
        (
            lambda: block_bootstrap(np.ones(99), np.ones(99), seed=0, block=12, steps="meses"),
            ValueError,
            "al menos 240 meses",
        ),
        (lambda: paired([1] * 8, [2] * 7), ValueError, "misma longitud.*han llegado 8 y 7.*welch"),
        (lambda: mcnemar([1] * 8, [0] * 7), ValueError, "misma longitud"),
        (
            lambda: block_bootstrap(np.ones(200), np.ones(199), seed=0),
            ValueError,
            "misma longitud",
        ),
        (lambda: paired([1, 2, 3, 4, 5, np.nan], [1] * 6), ValueError, "one .*posición 5 hay nan"),
        (
            lambda: welch([1] * 6, [1, 2, 3, np.inf]),
            ValueError,
            "other debe tener solo valores fin",
        ),
        (lambda: mcnemar([1] * 6, [0, 0, 0, 0, 0, np.nan]), ValueError, "valores finitos"),
        (lambda: paired(np.ones((6, 1)), np.ones((6, 1))), ValueError, "1 dimensiones"),
        (lambda: wilson(5), ValueError, "1 dimensiones"),
        (lambda: welch(["a"] * 6, [1] * 6), TypeError, "array de números"),
        (lambda: mcnemar([0.5] * 6, [0] * 6), ValueError, "verdadero o falso.*np.arange"),
        (lambda: wilson([3, 5]), ValueError, "verdadero o falso"),
        (lambda: paired([1] * 6, [2] * 6, level=95), ValueError, "entre 0 y 1; ha llegado int: 95"),
        (lambda: welch([1] * 6, [2] * 6, level="alto"), ValueError, "level debe ser un número"),
        (lambda: wilson([1], level=1), ValueError, "level debe ser"),
        (lambda: newcombe([1] * 6, [0] * 6, level=0), ValueError, "level debe ser"),
        (
            lambda: block_bootstrap(np.ones(200), np.ones(200), seed=0, level=math.nan),
            ValueError,
            "level debe ser",
        ),
        (
            lambda: block_bootstrap(np.ones(200), np.ones(200), seed=None),
            TypeError,
            "seed debe ser un número entero",
        ),
        (
            lambda: block_bootstrap(np.ones(200), np.ones(200), seed=0, block=0),
            ValueError,
            "block debe ser al menos 1",
        ),
        (lambda: make(1, 0.5, 2).verdict(decimals=-1), ValueError, "decimals debe ser al menos 0"),
        (lambda: make(1, 0.5, 2).in_words(decimals=1.5), TypeError, "decimals debe ser un número"),
    ],
)
def test_bad_input_says_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_the_least_sample_is_the_first_that_can_rule_chance_out(level):
    """Con las que se piden, la separación más clara es rara por azar; con una menos, no."""

    def least(compare) -> int:
        for n in range(1, 30):
            try:
                compare(np.arange(n), -1 - np.arange(n), level=level)
            except ValueError:
                continue
            return n
        raise AssertionError("nunca es bastante")

    n, m = least(paired), least(welch)
    assert 2 / 2**n < 1 - level <= 2 / 2 ** (n - 1)
    assert 2 / math.comb(2 * m, m) < 1 - level <= 2 / math.comb(2 * m - 2, m - 1)


def test_without_scipy_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=r"comparison\.paired.* necesitan SciPy.*pip install"):
        paired([1, 2, 3, 4, 5, 6], [2] * 6)
    assert wilson([True]).n == 1


def test_nothing_warns_near_zero_variation():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paired(np.full(6, 1e-200), np.full(6, 3e-200))
        welch([1e-200, 2e-200, 1e-200, 1e-200], [0.0, 0.0, 0.0, 1e-210])

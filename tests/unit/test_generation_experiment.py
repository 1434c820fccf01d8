"""El experimento de la lección 33: cuentas que suman uno, red que lee bien y tablas completas."""

from __future__ import annotations

import ast
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets import load_result, load_stories, load_trained
from course_utils.lessons.lesson_33.counts import END, KneserNey
from course_utils.lessons.lesson_33.experiment import (
    RECIPE,
    Recipe,
    alphabet_of,
    build_model,
    chunks,
    encode,
    join_stories,
    longest_copied,
    story_bits,
    train,
    variety,
    words_of,
    write_texts,
)
from tools.experiments import generation as program
from tools.models import stories as shipping

ROOT = Path(__file__).resolve().parents[2]
TINY = ["la casa", "la cosa", "el caso"]
SMALL = Recipe(hidden_size=5, embed_size=3, rows=2, steps=4, epochs=2)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small_model(alphabet, recipe=SMALL, seed=0):
    import torch

    torch.manual_seed(seed)
    return build_model(len(alphabet), recipe)


# ---------------------------------------------------------------- cuentas


@given(st.text("abc\n", max_size=9), st.integers(1, 5))
def test_counts_share_out_all_the_probability(context, order):
    model = KneserNey(["abca", "bacab", "cc"], order, "\nabc")
    chances = model.probabilities(context)
    assert chances.sum() == pytest.approx(1)
    assert (chances > 0).all()


def test_kneser_ney_is_its_formula():
    """Un bigrama hecho a mano, con los descuentos que dice el propio modelo."""
    alphabet = sorted(set("".join(TINY)) | {"\n"})
    model = KneserNey(TINY, 2, alphabet)
    pairs = [pair for story in TINY for pair in itertools.pairwise("\n" + story + END)]
    kinds = sorted(set(pairs))
    few, many = model._discounts

    def below(symbol):
        fans = {s: sum(pair[1] == s for pair in kinds) for s in alphabet}
        seen = {s: n for s, n in fans.items() if n}
        freed = sum(few[min(n, 3) - 1] for n in seen.values())
        own = seen[symbol] - few[min(seen[symbol], 3) - 1] if symbol in seen else 0
        return (own + freed / len(alphabet)) / len(kinds)

    for first, second in itertools.product("lac", alphabet):
        counts = {s: pairs.count((first, s)) for s in alphabet if pairs.count((first, s))}
        freed = sum(many[min(n, 3) - 1] for n in counts.values())
        own = counts[second] - many[min(counts[second], 3) - 1] if second in counts else 0
        # El primer salto de línea de cada cuento no se predice: de él solo se aprende qué lo sigue.
        wanted = (own + freed * below(second)) / sum(counts.values())
        assert model.probabilities(first)[alphabet.index(second)] == pytest.approx(wanted)


def test_bits_are_those_of_the_story_and_its_end():
    alphabet = alphabet_of(TINY)
    model = KneserNey(TINY, 3, alphabet)
    text, bits = "\n\n" + "la caso" + END, model.bits("la caso")
    wanted = [
        -math.log2(model.probabilities(text[:place])[alphabet.index(text[place])])
        for place in range(2, len(text))
    ]
    np.testing.assert_allclose(bits, wanted)


def test_what_counts_cannot_do_is_told():
    with pytest.raises(ValueError, match=r"no están en el alfabeto: \['ñ'\]"):
        KneserNey(["año"], 2, "\nao")
    with pytest.raises(ValueError, match=r"no están en el alfabeto: \['ñ'\]"):
        KneserNey(["ao"], 2, "\nao").bits("año")
    with pytest.raises(ValueError, match="al menos un cuento"):
        KneserNey([], 2, "\na")
    with pytest.raises(ValueError, match="order debe ser al menos 1"):
        KneserNey(["a"], 0, "\na")


# ---------------------------------------------------------------- red


def test_bits_of_the_network_are_read_one_by_one():
    """Con cuentos de distinta longitud en un lote, igual que cada uno solo y letra a letra."""
    import torch

    alphabet = alphabet_of(TINY)
    model = small_model(alphabet).eval()
    stories = ["la casa", "el", "cosa loca"]
    for story, bits in zip(stories, story_bits(model, stories, alphabet), strict=True):
        state, found = None, []
        text = END + story + END
        with torch.inference_mode():
            for place in range(len(text) - 1):
                now = torch.tensor([[alphabet.index(text[place])]])
                scores, state = model(now, state)
                logs = torch.log_softmax(scores[0, -1], dim=-1)
                found.append(-float(logs[alphabet.index(text[place + 1])]) / math.log(2))
        np.testing.assert_allclose(bits, found[1:], rtol=1e-5)


def test_chunks_go_on_where_they_stopped():
    import torch

    ids = torch.arange(53)
    pieces = list(chunks(ids, rows=3, steps=4))
    x = torch.cat([x for x, _ in pieces], dim=1)
    assert x.tolist() == [list(range(17 * row, 17 * row + 16)) for row in range(3)]
    for given_x, given_y in pieces:
        assert (given_y == given_x + 1).all()


def test_training_lowers_the_loss_and_follows_its_seed():
    import torch

    alphabet = alphabet_of(TINY)
    ids = torch.from_numpy(encode(join_stories(TINY * 10), alphabet))
    recipe = SMALL._replace(epochs=8, rate=0.02, weight_dropout=0.2)
    ends, losses = [], []
    for _ in range(2):
        model = small_model(alphabet, recipe)
        seen = []
        train(model, ids, recipe, seed=3, look=lambda epoch, loss, seen=seen: seen.append(loss))
        ends.append(torch.cat([part.detach().flatten() for part in model.parameters()]))
        losses.append(seen)
        assert not model.training
    assert torch.equal(*ends)
    assert losses[0][-1] < losses[0][0] - 0.5


def test_without_carrying_the_state_it_learns_something_else():
    import torch

    alphabet = alphabet_of(TINY)
    ids = torch.from_numpy(encode(join_stories(TINY * 4), alphabet))
    heads = []
    for carry in (True, False):
        model = small_model(alphabet)
        train(model, ids, SMALL, seed=0, carry=carry)
        heads.append(model.head.weight.detach().clone())
    assert not torch.equal(*heads)


def test_a_prompt_goes_on_with_what_the_model_says():
    alphabet = alphabet_of(TINY)
    model = small_model(alphabet).eval()

    def greedy(scores):
        return np.eye(scores.shape[-1])[scores.argmax(axis=-1)]

    rng = np.random.default_rng(0)
    options = {"count": 2, "rng": rng, "prompt": "la c"}
    long = write_texts(model, alphabet, greedy, length=6, **options)
    assert long[0] == long[1]
    assert write_texts(model, alphabet, greedy, length=4, **options)[0] == long[0][:4]


def test_the_lesson_builds_the_same_network():
    """La clase del cuaderno admite los pesos de la de aquí y da lo mismo."""
    import torch
    from torch import nn

    source = (ROOT / "notebooks" / "source" / "33_generacion.py").read_text(encoding="utf-8")
    node = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == "CharModel"
    )
    names = {"nn": nn}
    exec(ast.unparse(node), names)
    here = small_model("abcd").eval()
    there = names["CharModel"](4, hidden_size=5, embed_size=3)
    there.load_state_dict(here.state_dict())
    x = torch.tensor([[0, 1, 3]])
    assert torch.equal(here(x)[0], there(x)[0])


# ---------------------------------------------------------------- medidas


@given(st.text("ab ", max_size=12), st.text("ab ", max_size=20))
def test_the_longest_copied_span_is_the_longest(text, source):
    wanted = max(
        (
            end - start
            for start in range(len(text))
            for end in range(start + 1, len(text) + 1)
            if text[start:end] in source
        ),
        default=0,
    )
    found = longest_copied(text, source)
    assert len(found) == wanted
    assert found in source
    assert found in text


def test_words_and_variety():
    assert words_of("¿Qué? Dijo Ana 3 vec") == ["qué", "dijo", "ana"]
    assert variety(["a", "a", "b", "c"], sample_size=2) == 0.5


def test_the_shipped_model_is_what_its_card_says():
    """Su red, sus caracteres, sus bits en prueba y su ficha; las cuentas las mira ``--check``."""
    trained = load_trained("cuentos")
    assert trained.script == "tools/models/stories.py"
    assert trained.arrays["gru.weight_hh_l0"].shape[1] == RECIPE.hidden_size
    found = shipping.network_measures(trained.arrays, trained.vocabulary)
    for name, value in found.items():
        assert trained.measures[name] == pytest.approx(value, abs=2e-3)
    assert shipping.card_of(trained) == shipping._read_card()
    assert trained.measures["bits_prueba"] <= 1.9
    assert trained.measures["bits_prueba"] <= trained.measures["cuentas_bits_prueba"] - 0.05


def test_every_table_is_whole():
    """Las filas de cada resultado son las de la rejilla de hoy."""
    state = load_result("generacion_estado")
    assert sorted(zip(state["carry"], state["seed"], strict=True)) == sorted(
        itertools.product((True, False), program.STATE_SEEDS)
    )
    data = load_result("generacion_datos")
    assert sorted(zip(data["share"], data["seed"], data["model"], strict=True)) == sorted(
        itertools.product(program.SHARES, program.DATA_SEEDS, ("cuentas", "red"))
    )
    samples = load_result("generacion_muestras")
    settings = [
        (method, float(setting), seed)
        for method, values in program.SETTINGS.items()
        for setting, seed in itertools.product(values, program.SAMPLE_SEEDS)
    ]
    found = zip(samples["method"], samples["setting"], samples["seed"], strict=True)
    assert sorted(found) == sorted([*settings, ("prueba", 0.0, 0)])
    copied = load_result("generacion_copia")
    assert set(copied["kind"]) == {"entregado", "memoria", "prueba"}
    assert all(np.bincount(copied["text"][copied["kind"] == "prueba"]) == 1)
    assert len(copied["text"][copied["kind"] == "prueba"]) == len(load_stories("test"))

"""La traducción de la lección 35: el reparto, la red, lo que escribe y lo que dice la tabla."""

import itertools

import numpy as np
import pytest

from course_utils.lessons.lesson_35 import sentences, translation
from tools.experiments import translation as program

ENGLISH = ["I see the sun.", "I see the moon.", "You see the sun!", "We want a red house.", "Go!"]
SPANISH = ["Veo el sol.", "Veo la luna.", "¡Ves el sol!", "Queremos una casa roja.", "¡Ve!"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def pieces():
    return translation.learn_pieces(ENGLISH, SPANISH, merges=20)


def build(pieces, context, *, size=8):
    import torch

    torch.manual_seed(0)
    sizes = map(len, pieces)
    return translation.build_translator(*sizes, context=context, size=size).eval()


# ---------------------------------------------------------------- el reparto


def test_no_sentence_is_in_two_parts_in_either_language():
    """Con frases que se repiten mucho, en un idioma o en otro, tal cual o casi."""
    rng = np.random.default_rng(0)
    english = [
        f"Word {n}{mark}" for n, mark in zip(rng.integers(400, size=600), "!.?" * 200, strict=True)
    ]
    spanish = [f"¿Cómo {n}" if n % 2 else f"como {n}." for n in rng.integers(900, size=600)]
    groups = translation.group_pairs(english, spanish)
    split = translation.split_pairs(groups, seed=1)
    for texts in (english, spanish):
        parts = [{translation.comparable(texts[place]) for place in part} for part in split]
        assert all(parts)
        assert len(set.union(*parts)) == sum(map(len, parts))
    assert len(np.unique(groups[split.test])) == len(split.test)
    used = np.concatenate(split)
    assert len(np.unique(used)) == len(used)
    left = np.setdiff1d(np.arange(600), used)  # las otras parejas de los grupos de prueba
    assert np.isin(groups[left], groups[split.test]).all()


def test_groups_are_the_connected_components():
    """Comparados con los de una búsqueda en el grafo."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rng = np.random.default_rng(1)
    english, spanish = rng.integers(300, size=(2, 400))
    graph = coo_array((np.ones(400), (english, 300 + spanish)), shape=(600, 600))
    known = connected_components(graph, directed=False)[1][english]
    found = translation.group_pairs([str(n) for n in english], [str(n) for n in spanish])
    np.testing.assert_array_equal(found[:, None] == found, known[:, None] == known)
    assert (found <= np.arange(400)).all()


@pytest.mark.parametrize("other", ["Él canta", "¡él   CANTA!", "El canta.", "E\u0301l canta"])
def test_case_marks_and_accents_do_not_make_another_sentence(other):
    assert translation.comparable(other) == translation.comparable("Él canta.")


def test_reserved_groups_are_in_no_part():
    groups = np.repeat(np.arange(100), 2)
    split = translation.split_pairs(groups, seed=0, reserved=[3, 5, 1_000])
    assert not np.isin(groups[np.concatenate(split)], [3, 5]).any()
    assert len(split.train) == 2 * (98 - 6 - 2)


def test_another_seed_is_another_split():
    groups = np.arange(100)
    tests = [set(translation.split_pairs(groups, seed=seed).test.tolist()) for seed in (0, 0, 1)]
    assert tests[0] == tests[1] != tests[2]


# ---------------------------------------------------------------- la red


@pytest.mark.parametrize("context", translation.CONTEXTS)
def test_padding_changes_nothing_and_steps_give_the_same_as_all_at_once(pieces, context):
    import torch

    model = build(pieces, context)
    sources = [pieces.source.encode(text) for text in ENGLISH]
    targets = [pieces.target.encode(text) for text in SPANISH]
    source, lengths, given, _ = next(translation.batches(sources, targets, seed=0))
    shortest = int(lengths.argmin())
    with torch.inference_mode():
        whole = model(source, lengths, given)
        size = int(lengths[shortest])
        alone = model(source[[shortest], :size], lengths[[shortest]], given[[shortest]])
        memory = model.encode(source, lengths)
        hidden, steps = memory.last, []
        for t in range(given.shape[1]):
            scores, hidden, _ = model.decode(given[:, t : t + 1], hidden, memory)
            steps.append(scores)
    np.testing.assert_allclose(alone[0], whole[shortest], atol=1e-5)
    np.testing.assert_allclose(torch.cat(steps, dim=1), whole, atol=1e-5)


def test_the_three_contexts_have_the_same_parameters_and_start(pieces):
    models = [build(pieces, context) for context in translation.CONTEXTS]
    for first, *others in zip(*(model.state_dict().items() for model in models), strict=True):
        for other in others:
            assert first[0] == other[0]
            np.testing.assert_array_equal(first[1], other[1])


def test_what_each_context_looks_at(pieces):
    source = [pieces.source.encode(text) for text in ENGLISH[:4]]
    for context in translation.CONTEXTS:
        weights = translation.write(build(pieces, context), source, limit=4).weights
        np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
        for row, codes in zip(weights, source, strict=True):
            assert not row[:, len(codes) :].any()
            if context == "media":
                np.testing.assert_allclose(row[:, : len(codes)], 1 / len(codes), atol=1e-6)


def test_the_fixed_context_does_not_see_the_states(pieces):
    """Cambiar los estados del codificador, y no el último, no cambia nada sin atención."""
    import torch

    source, lengths = torch.tensor([[5, 6, 7]]), torch.tensor([3])
    for context in translation.CONTEXTS:
        model = build(pieces, context)
        with torch.inference_mode():
            memory = model.encode(source, lengths)
            moved = memory._replace(states=memory.states + 1)
            given = torch.tensor([[translation.START]])
            before, after = (model.decode(given, memory.last, m)[0] for m in (memory, moved))
        assert torch.equal(before, after) == (context == "último estado")


def test_an_unknown_context_is_refused():
    with pytest.raises(ValueError, match="context debe ser uno de último estado, media, atención"):
        translation.build_translator(5, 5, context="ninguno")


# ---------------------------------------------------------------- entrenar y escribir


def test_what_is_given_goes_one_step_behind_and_every_pair_comes_once_an_epoch(pieces):
    sources = [[10 + n] * (1 + n % 5) for n in range(300)]
    targets = [[10 + n, 5] for n in range(300)]
    epoch = list(itertools.islice(translation.batches(sources, targets, seed=0), 3))
    seen = []
    for source, lengths, given, wanted in epoch:
        assert source.shape[1] == lengths.max()
        assert given[:, 0].eq(translation.START).all()
        np.testing.assert_array_equal(given[:, 1:], wanted[:, :-1])
        assert wanted[:, -1].eq(translation.END).all()
        np.testing.assert_array_equal(source[:, 0], wanted[:, 0])  # cada una con la suya
        seen += source[:, 0].tolist()
    assert sorted(seen) == list(range(10, 310))


@pytest.mark.parametrize("context", translation.CONTEXTS)
def test_it_learns_five_sentences_by_heart_and_writes_them_in_order(pieces, context):
    import torch

    torch.manual_seed(0)
    model = translation.build_translator(*map(len, pieces), context=context, size=32)
    codes = [
        list(map(tokenizer.encode, texts))
        for tokenizer, texts in zip(pieces, (ENGLISH, SPANISH), strict=True)
    ]
    losses = translation.train(model, *codes, seed=0, updates=120, rate=0.02)
    assert losses[-1] < 0.1
    assert translation.translate(model.eval(), pieces, ENGLISH, batch=2) == SPANISH
    read, written, weights = translation.attention_map(model, pieces, ENGLISH[3])
    assert "".join(read) == ENGLISH[3]
    assert "".join(written) == SPANISH[3]
    assert weights.shape == (len(written), len(read))


def test_writing_stops_at_the_end_of_each_and_at_the_limit(pieces):
    import torch

    model = build(pieces, "atención")
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.zero_()
        model.output.bias[20] = 1.0
        assert translation.write(model, [[5], [6, 7]], limit=7).symbols.tolist() == [[20] * 7] * 2
        model.output.bias[translation.END] = 2.0
        assert translation.write(model, [[5], [6, 7]]).symbols.tolist() == [[translation.END]] * 2


# ---------------------------------------------------------------- la referencia


def test_the_nearest_shares_the_rare_words_and_ignores_marks():
    known = ["The sun.", "THE MOON!", "I see the cat and the dog", "nothing"]
    places, likeness = translation.nearest(known, ["the moon", "a dog", "zzz"], batch=2)
    assert places.tolist() == [1, 2, 0]
    assert likeness[0] == pytest.approx(1, abs=1e-6)
    assert likeness[2] == 0


@pytest.fixture
def tiny(monkeypatch):
    """Los datos, de cien parejas; las redes, con dos actualizaciones; se anota qué se entrena."""
    english = [f"The {word} number {n} is here{mark}" for n, (word, mark) in enumerate(
        itertools.product(("cat", "dog", "bird", "fish", "horse"), "." * 20))]  # fmt: skip
    english += ["Frogs, sing!", "word " * 12, "word " * 13, "word " * 21]
    spanish = [f"{text} En español." for text in english]
    trained = []

    def train(*texts, **options):
        trained.append((options["context"], texts))
        return translation.train_translator(*texts, **options, updates=2)

    monkeypatch.setattr(program, "load_sentence_pairs", lambda path: (english, spanish))
    monkeypatch.setattr(program, "train_translator", train)
    program.prepare.cache_clear()
    yield trained
    program.prepare.cache_clear()


def test_a_point_is_measured_as_the_tables_say(tiny):
    pytest.importorskip("sacrebleu")
    rows = {model: list(program.measure(None, model, 3)) for model in program.MODELS}
    assert [context for context, _ in tiny] == list(program.MODELS[1:])
    assert all(texts == tiny[0][1] for _, texts in tiny)  # todas, con las mismas
    for text in tiny[0][1][0]:
        assert len(text.split()) <= translation.LONGEST
        assert translation.comparable(text) != "frogs sing"  # es de las del curso
    for model, found in rows.items():
        tables = {name: [row for row in found if row["table"] == name] for name in ("", "propias")}
        assert [row["where"] for row in tables[""]][:3] == ["todas", "lejos", "cerca"]
        counts = {row["where"]: row["sentences"] for row in tables[""]}
        assert counts["lejos"] + counts["cerca"] == counts["todas"]
        assert counts["propias"] == len(sentences.OWN)
        assert [row["english"] for row in tables["propias"]] == [one for one, _ in sentences.OWN]
        assert {row["seed"] for row in found} == {3}
        assert (len(found) > sum(map(len, tables.values()))) == (model == "atención")
    cells = [row for row in rows["atención"] if row["table"] == "mapa"]
    assert "".join(row["read"] for row in cells if row["step"] == 0) == sentences.MAP_SENTENCE
    assert sum(row["weight"] for row in cells if row["step"] == 0) == pytest.approx(1, abs=1e-3)


def test_the_places_of_each_measure():
    lengths = np.array([1, 4, 5, 8, 12, 13, 20])
    likeness = np.array([0.1, 0.9, 0.2, 0.8, 0.3, 1.0, 1.0])
    places = {
        name: found.tolist() for name, found in program.choose_places(lengths, likeness).items()
    }
    assert places == {
        "todas": [0, 1, 2, 3, 4], "lejos": [0, 2, 4], "cerca": [1, 3], "1-4": [0, 1], "5-6": [2],
        "7-8": [3], "9-12": [4], "13-20": [5, 6],
    }  # fmt: skip


def test_scores_are_those_of_sacrebleu():
    """Lo perfecto, 100; sin nada en común, 0; y un caso a mano: 4 de 5 palabras, en su orden."""
    pytest.importorskip("sacrebleu")
    wanted = ["Veo la luna en el mar ."]
    assert program.score(wanted, wanted) == {"chrf": 100.0, "bleu": 100.0}
    assert program.score(["xyz"], wanted)["chrf"] == 0
    found = program.score(["Veo la luna en el lago ."], wanted)["bleu"]
    assert found == pytest.approx(100 * (6 / 7 * 4 / 6 * 3 / 5 * 2 / 4) ** 0.25, abs=0.01)


def test_own_sentences_are_not_repeated_and_the_mapped_one_is_there():
    english, spanish = zip(*sentences.OWN, strict=True)
    for texts in (english, spanish):
        assert len({translation.comparable(text) for text in texts}) == len(texts)
    assert sentences.MAP_SENTENCE in english
    assert translation.count_words(english).max() <= translation.LONGEST

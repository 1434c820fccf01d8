"""La traducción de la lección 35: el reparto, lo que escribe la red y lo que se mide de ella."""

import itertools

import numpy as np
import pytest
import torch

from course_utils.datasets import load_result
from course_utils.lessons.lesson_35 import sentences, translation
from course_utils.lessons.lesson_35.experiment import build_attention
from course_utils.seq2seq import END, PAD, START, make_batch
from tools.experiments import translation as program

ENGLISH = ["I see the sun.", "I see the moon.", "You see the sun!", "We want a red house.", "Go!"]
SPANISH = ["Veo el sol.", "Veo la luna.", "¡Ves el sol!", "Queremos una casa roja.", "¡Ve!"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def pieces():
    return translation.learn_pieces(ENGLISH, SPANISH, merges=20)


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


# ---------------------------------------------------------------- entrenar y escribir


def test_what_the_network_reads_and_writes_never_collides_with_its_marks(pieces):
    """El relleno, el inicio y el fin no son ninguna pieza, y no se escriben."""
    for tokenizer, texts in zip(pieces, (ENGLISH, SPANISH), strict=True):
        codes = {code for text in [*texts, "\x00\x01ñ☂"] for code in tokenizer.encode(text)}
        assert not codes & {PAD, START, END}
        assert tokenizer.decode([START, *tokenizer.encode("☂ sol"), END, PAD]) == "☂ sol"


def test_every_pair_comes_once_an_epoch_with_its_own():
    sources = [[10 + n] * (1 + n % 5) for n in range(300)]
    targets = [[10 + n, 5] for n in range(300)]
    seen = []
    for batch in itertools.islice(translation.batches(sources, targets, seed=0), 5):
        assert batch.source.shape[1] == batch.lengths.max()
        np.testing.assert_array_equal(batch.source[:, 0], batch.targets[:, 0])
        seen += batch.source[:, 0].tolist()
    assert sorted(seen) == list(range(10, 310))


@pytest.mark.parametrize("kind", program.KINDS.values())
def test_it_learns_five_sentences_by_heart_and_writes_them_in_order(pieces, kind):
    options = {"kind": kind, "seed": 0, "size": 32, "updates": 120, "rate": 0.02}
    model = translation.train_translator(ENGLISH, SPANISH, pieces=pieces, **options)
    assert translation.translate(model, pieces, ENGLISH, batch=2) == SPANISH
    read, written, weights = translation.attention_map(model, pieces, ENGLISH[3])
    assert "".join(read) == ENGLISH[3]
    assert "".join(written) == SPANISH[3]
    assert weights.shape == (len(written), len(read))
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)


def test_the_three_kinds_have_the_same_parameters_and_start(pieces):
    sizes = len(pieces.source), len(pieces.target)
    weights = []
    for kind in program.KINDS.values():
        torch.manual_seed(0)
        weights.append(build_attention(sizes, 8, kind=kind).state_dict())
    for name, first in weights[0].items():
        assert all(torch.equal(first, other[name]) for other in weights[1:])
    assert len({tuple(one) for one in weights}) == 1


def test_the_map_is_where_it_looked_while_it_wrote(pieces):
    """Escribiendo paso a paso se ven los mismos pesos."""
    torch.manual_seed(0)
    model = build_attention((len(pieces.source), len(pieces.target)), 8).eval()
    codes = pieces.source.encode(ENGLISH[3])
    _, written, weights = translation.attention_map(model, pieces, ENGLISH[3])
    source, lengths, given, _ = make_batch([codes], [[]])
    steps = []
    with torch.inference_mode():
        memory = model.encode(source, lengths)
        for _ in written:
            scores, memory = model.decode(given, memory)
            given = scores.argmax(dim=2)
            steps.append(model.weights[0, 0].numpy())
    np.testing.assert_allclose(weights, steps, atol=1e-5)


def test_writing_stops_at_the_end_and_at_the_limit(pieces):
    model = build_attention((len(pieces.source), len(pieces.target)), 8).eval()
    letter = pieces.target.encode("V")[0]
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.zero_()
        model.output.bias[letter] = 1.0
        assert translation.translate(model, pieces, ["sun", "Go!"]) == ["V" * translation.LIMIT] * 2
        model.output.bias[END] = 2.0
        assert translation.translate(model, pieces, ["sun", "Go!"]) == ["", ""]


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
        trained.append((options["kind"], texts))
        return translation.train_translator(*texts, **options, updates=2)

    monkeypatch.setattr(program, "load_sentence_pairs", lambda path: (english, spanish))
    monkeypatch.setattr(program, "train_translator", train)
    program.prepare.cache_clear()
    yield trained
    program.prepare.cache_clear()


def test_a_point_is_measured_as_the_tables_say(tiny):
    pytest.importorskip("sacrebleu")
    rows = {
        model: list(program.measure(None, model, 3)) for model in (program.NEAREST, *program.KINDS)
    }
    assert [kind for kind, _ in tiny] == list(program.KINDS.values())
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
        named = [row["english"] for row in tables["propias"]]
        shown = model != program.NEAREST  # la referencia copia frases de los datos
        assert named == [one for one, _ in sentences.OWN if shown]
        assert {row["seed"] for row in found} == {3}
        assert (len(found) > sum(map(len, tables.values()))) == (model == program.ATTENTIVE)
    cells = [row for row in rows[program.ATTENTIVE] if row["table"] == "mapa"]
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


# ---------------------------------------------------------------- lo que dicen las tablas


def test_what_ships_is_what_the_program_measures():
    names = (program.NEAREST, *program.KINDS)
    seeds = range(3)
    tables = {
        name: load_result(name)
        for name in ("traduccion", *(f"traduccion_{one}" for one in program.TABLES))
    }
    assert list(program.TABLES) == ["propias", "mapa"]
    asked = {
        "traduccion": [(model, seed) for seed in seeds for model in names],
        "traduccion_propias": [(model, seed) for seed in seeds for model in program.KINDS],
    }
    for name, points in asked.items():
        rows = zip(*(tables[name][column].tolist() for column in ("model", "seed")), strict=True)
        assert list(dict.fromkeys(rows)) == points
    own = tables["traduccion_propias"]
    pairs = list(zip(own["english"].tolist(), own["spanish"].tolist(), strict=True))
    assert pairs == [*sentences.OWN] * len(seeds) * len(program.KINDS)
    heat = tables["traduccion_mapa"]
    assert list(dict.fromkeys(heat["seed"].tolist())) == list(seeds)
    for seed in seeds:
        read = heat["read"][(heat["seed"] == seed) & (heat["step"] == 0)]
        assert "".join(read.tolist()) == sentences.MAP_SENTENCE
        sums = np.bincount(heat["step"][heat["seed"] == seed], heat["weight"][heat["seed"] == seed])
        np.testing.assert_allclose(sums, 1, atol=1e-3)


def test_choosing_wins_among_networks_and_copying_wins_where_there_is_something_to_copy():
    table = load_result("traduccion")

    def chrf(model, where):
        return table["chrf"][(table["model"] == model) & (table["where"] == where)]

    for where in ("todas", "lejos", "cerca", *(f"{first}-{last}" for first, last in program.BINS)):
        for other in ("último estado", "media"):
            assert (chrf(program.ATTENTIVE, where) - chrf(other, where)).min() > 2
    assert (chrf("media", "todas") - chrf("último estado", "todas")).max() < 0
    assert chrf(program.ATTENTIVE, "todas").max() < chrf(program.NEAREST, "todas").min()
    assert chrf(program.ATTENTIVE, "lejos").min() > chrf(program.NEAREST, "lejos").max()


def test_the_chrf_of_the_own_sentences_is_that_of_what_is_written():
    sacrebleu = pytest.importorskip("sacrebleu")
    own, whole = load_result("traduccion_propias"), load_result("traduccion")
    for model in program.KINDS:
        rows = (own["model"] == model) & (own["seed"] == 0)
        found = sacrebleu.corpus_chrf(
            own["written"][rows].tolist(), [own["spanish"][rows].tolist()]
        )
        same = (whole["model"] == model) & (whole["seed"] == 0) & (whole["where"] == "propias")
        assert whole["chrf"][same].tolist() == [pytest.approx(found.score, abs=1e-2)]

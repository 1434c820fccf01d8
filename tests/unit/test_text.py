"""La habitación del texto: nada se pierde, los empates se deciden y lo imposible se rechaza."""

import json
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_utils.datasets import load_stories
from course_utils.text import (
    SPECIALS,
    UNKNOWN,
    Tokenizer,
    Vocabulary,
    bpe_from_merges,
    bpe_tokenizer,
    build_vocabulary,
    char_tokenizer,
    chunks,
    learn_bpe,
    merge_pair,
    nfc,
    pieces,
    word_tokenizer,
    words,
)

LEARNED = ["La niña miró la montaña.\n—¿Mañana? «¡Sí!»", "la luna,  la lunera"]
TOKENIZERS = (
    char_tokenizer(LEARNED),
    char_tokenizer(LEARNED, size=4),
    word_tokenizer(LEARNED),
    bpe_tokenizer(LEARNED, merges=0),
    bpe_tokenizer(LEARNED, merges=30),
    Tokenizer([], pieces),
)
FAMILIES = ("caracteres", "cuatro", "palabras", "sin fusiones", "BPE", "solo bytes")
any_text = st.text(st.characters(exclude_categories=["Cs"]))
every_tokenizer = pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=FAMILIES)


@every_tokenizer
@settings(deadline=None)
@given(text=any_text)
@example(text="")
@example(text="an\u0303o 👩\u200d👩\u200d👧 🇪🇸 ❤\ufe0f")
@example(text="\u0301suelta, y dos: a\u0301\u0323")
@example(text="שלום مرحبا \u202eal revés\u202c")
@example(text="\x00\x07\x1b\r\n\u2028\ufeff\U0010ffff")
@example(text="<fin> <relleno> \ufffd")
@example(text="한국어 ｶﾞ Å ½ ª ﬁ İ ß")
def test_every_text_comes_back(tokenizer, text):
    """Vuelve en NFC, sea el que sea, con números que existen y sin símbolos especiales."""
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == unicodedata.normalize("NFC", text)
    assert all(len(SPECIALS) <= number < len(tokenizer) for number in ids)
    assert tokenizer.encode(unicodedata.normalize("NFD", text)) == ids
    assert "".join(tokenizer.tokens(text)) == unicodedata.normalize("NFC", text)


@every_tokenizer
@pytest.mark.parametrize("lone", ["\ud83d", "ab\udcf1o", "\ude00\ud83d"])
def test_lone_surrogates_are_refused(tokenizer, lone):
    """Media letra no se puede escribir: se dice dónde está y qué hacer."""
    with pytest.raises(ValueError, match=r"sustituto suelto, U\+D.*utf-8"):
        tokenizer.encode(lone)


def test_what_is_not_text_is_refused():
    with pytest.raises(TypeError, match=r"texto.*decode"):
        nfc("año".encode())
    with pytest.raises(TypeError, match="texto y ha llegado"):
        nfc(None)
    for build in (char_tokenizer, word_tokenizer):
        with pytest.raises(TypeError, match="varios textos"):
            build("la luna")
    with pytest.raises(TypeError, match="varios textos"):
        bpe_tokenizer("la luna", merges=3)


@every_tokenizer
def test_numbers_of_another_tokenizer_are_refused(tokenizer):
    for number in (len(tokenizer), -1):
        with pytest.raises(ValueError, match="ha llegado"):
            tokenizer.decode([number])
    with pytest.raises(TypeError, match="entero"):
        tokenizer.decode(["a"])


def test_bytes_that_are_no_character_do_not_break_a_sample():
    """Un modelo puede inventarse bytes sueltos: se ven, y los demás se leen."""
    tokenizer = char_tokenizer(["año"])
    first = len(SPECIALS)
    ids = [*tokenizer.encode("a"), first + 0xC3, *tokenizer.encode("o"), *range(first)]
    assert tokenizer.decode(ids) == "a\ufffdo"


def test_the_stories_are_known_and_short():
    """Los trozos reparten los cuentos de otra manera, y todos vuelven."""
    stories = load_stories()
    few, many = (bpe_tokenizer(stories, merges=merges) for merges in (50, 300))
    for story in load_stories("validation")[:6]:
        assert few.decode(few.encode(story)) == story
        assert len(many.encode(story)) < len(few.encode(story)) < len(story)


def test_vocabulary_sorts_by_count_and_then_by_code_point():
    vocabulary = build_vocabulary("ñu b a a b c".split())
    assert vocabulary.pieces == (*SPECIALS, "a", "b", "c", "ñu")
    assert build_vocabulary("a a b".split(), min_count=2).pieces[4:] == ("a",)
    assert build_vocabulary("a a b".split(), size=0).pieces == SPECIALS
    assert len(vocabulary) == 8
    assert "ñu" in vocabulary
    assert vocabulary.decode(vocabulary.encode(["ñu", "gnu"])) == ["ñu", UNKNOWN]


def test_vocabulary_refuses_what_it_cannot_number():
    with pytest.raises(ValueError, match="repetidas"):
        Vocabulary(["a", "a"])
    with pytest.raises(ValueError, match="repetidas"):
        Vocabulary([UNKNOWN])
    with pytest.raises(TypeError, match="Pártelo"):
        build_vocabulary("texto")
    with pytest.raises(ValueError, match="otro vocabulario"):
        Vocabulary(["a"]).decode([5])
    with pytest.raises(ValueError, match="al menos 1"):
        build_vocabulary(["a"], min_count=0)
    for known in (["a", "a"], [""]):
        with pytest.raises(ValueError, match="repetidas o vacías"):
            Tokenizer(known, list)


def test_words_keep_accents_and_lose_signs():
    assert words("¿AN\u0303O? «Él, 3.ª»") == ["año", "él", "3", "ª"]


@given(text=any_text)
def test_splits_lose_nothing(text):
    assert "".join(pieces(text)) == "".join(chunks(text)) == nfc(text)


def oldest(pair, ids):
    """Nuestra regla en los empates."""
    return ids[pair[0]], ids[pair[1]]


def slow_bpe(counts, merges, tie=oldest):
    """El algoritmo de Sennrich tal cual: en cada fusión se cuenta todo de nuevo."""
    ids = {char: place for place, char in enumerate(sorted(set("".join(counts))))}
    split = {word: list(word) for word in counts}
    learned = []
    for _ in range(merges):
        pairs = Counter()
        for word, symbols in split.items():
            for pair in pairwise(symbols):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], tie(pair, ids)))
        ids.setdefault("".join(best), len(ids))
        split = {word: merge_pair(symbols, best) for word, symbols in split.items()}
        learned.append(best)
    return learned


@settings(deadline=None)
@given(
    counts=st.dictionaries(st.text("abñ", min_size=1, max_size=9), st.integers(1, 5), max_size=9),
    merges=st.integers(0, 20),
)
@example(counts={"aaaa": 2, "aaaaa": 1}, merges=4)
def test_updating_the_counts_is_counting_again(counts, merges):
    assert learn_bpe(counts, merges) == slow_bpe(counts, merges)


@pytest.mark.parametrize(
    "tie", [lambda pair, ids: pair, lambda pair, ids: (-ids[pair[0]], -ids[pair[1]])]
)
def test_another_tie_rule_parts_soon(tie):
    """Por el texto de la pareja, o la más nueva: en menos de cien fusiones ya son otras."""
    counts = Counter(chunk for story in load_stories() for chunk in chunks(story))
    assert slow_bpe(counts, 100, tie) != learn_bpe(counts, 100)


def test_two_merges_can_give_the_same_symbol():
    """«abc» puede salir de dos parejas: es una sola pieza."""
    tokenizer = bpe_from_merges(list("abc"), [("a", "b"), ("b", "c"), ("ab", "c"), ("a", "bc")])
    assert tokenizer.known.count("abc") == 1
    assert tokenizer.tokens("abc") == ["abc"]


@pytest.fixture(scope="module")
def theirs():
    """El BPE de la biblioteca tokenizers, aprendido en los mismos trozos de los cuentos."""
    library = pytest.importorskip("tokenizers")
    stories = load_stories()
    found = library.Tokenizer(library.models.BPE())
    split = library.Regex(r" ?\w+| ?[^\w\s]+|\s+")
    found.pre_tokenizer = library.pre_tokenizers.Split(split, behavior="isolated")
    size = len(set("".join(stories))) + 2_500
    trainer = library.trainers.BpeTrainer(vocab_size=size, special_tokens=[], show_progress=False)
    found.train_from_iterator(stories, trainer)
    return found


def test_bpe_is_the_one_of_the_tokenizers_library(theirs):
    """Las 2500 fusiones, una a una, y lo que hacen con cuentos que no se han visto."""
    stories = load_stories()
    expected = [tuple(pair) for pair in json.loads(theirs.to_str())["model"]["merges"]]
    merges = learn_bpe(Counter(chunk for story in stories for chunk in chunks(story)), 2_500)
    assert len(merges) == 2_500
    assert merges == expected
    tokenizer = bpe_from_merges(sorted(set("".join(stories))), merges)
    for story in load_stories("validation"):
        known = [piece for piece in tokenizer.tokens(story) if tokenizer.is_known(piece)]
        assert known == theirs.encode(story).tokens

"""Las medidas de los textos, con textos malos a propósito, y los textos que vienen con el curso."""

import numpy as np
import pytest

from course_utils.datasets import data_dir, load_reviews, load_stories
from tools.texts import models as text_models
from tools.texts import quality

STORIES = (data_dir() / "cuentos.txt").read_text(encoding="utf-8")
REVIEWS = (data_dir() / "resenas.csv").read_text(encoding="utf-8")


def test_the_shipped_texts_keep_their_promises():
    assert quality.story_problems(STORIES) == []
    assert quality.review_problems(REVIEWS) == []


def spoil(content, old, new, count=1):
    assert old in content
    return content.replace(old, new, count)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "son pocos"),
        (lambda text: text + "\nCorto.", "tiene 6 caracteres"),
        (lambda text: spoil(text, "á", "a\u0301"), "NFC"),
        (lambda text: text + "\n\n" + text.split("\n\n")[0], "semejanza 1.00"),
        (
            lambda text: "\n\n".join(
                f"Un día {story}" if place % 20 == 0 else story
                for place, story in enumerate(text.split("\n\n"))
            ),
            "empieza por «un día»",
        ),
    ],
)
def test_bad_stories_are_noticed(damage, message):
    assert any(message in problem for problem in quality.story_problems(damage(STORIES)))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: spoil(text, "text,label", "texto,label"), "las columnas deben ser"),
        (lambda text: spoil(text, ",positiva,", ",buena,"), "valores extraños en label: buena"),
        (lambda text: spoil(text, ",positiva,", ",negativa,"), "no están equilibradas"),
        (lambda text: "\n".join(text.splitlines()[:500]), "al menos 800"),
        (lambda text: text + "Buena.,positiva,hotel,directa,train\n", "entre 15 y 60 palabras"),
        (
            lambda text: text.replace(",negación,", ",directa,").replace(",ironía,", ",directa,"),
            "menos de un tercio",
        ),
    ],
)
def test_bad_reviews_are_noticed(damage, message):
    assert any(message in problem for problem in quality.review_problems(damage(REVIEWS)))


def test_measures_on_texts_whose_answer_is_known():
    same, other = "uno dos tres cuatro", "cinco seis siete ocho"
    assert quality.repeated_share([same, same], length=3) == 1.0
    assert quality.repeated_share([same, other], length=3) == 0.0
    assert quality.most_alike([same, other, same]) == 1.0
    assert quality.commonest_opening([same, same, other]) == ("uno dos", 2 / 3)
    assert quality.commonest_ending([same, other, other]) == ("siete ocho", 2 / 3)
    assert quality.forms_to_cover(["a a a a a a a a b c"], 0.8) == 1
    assert quality.compression_ratio("a" * 10_000) < 0.05


def test_a_word_dictionary_notices_invented_words():
    share = text_models.real_words_share("La casa blorfa tenía una ventana grunta y otra más fin")
    if share is None:
        pytest.skip("falta hunspell: en Debian, apt-get install hunspell hunspell-es")
    assert share == pytest.approx(8 / 10)


def test_ngrams_give_the_entropy_of_a_known_source():
    coin = "".join(np.random.default_rng(0).choice(["a", "b"], size=20_000))
    bits = text_models.ngram_bits(coin, coin[:5_000][::-1], order=3)
    assert bits == pytest.approx(1.0, abs=0.02)
    assert text_models.ngram_bits("ab" * 500, "ab" * 100, order=3) < 0.02


def test_stories_are_whole_and_the_parts_do_not_overlap():
    parts = [load_stories(part) for part in ("train", "validation", "test")]
    everything = [story for part in parts for story in part]
    assert everything == STORIES.strip().split("\n\n")
    assert len(set(everything)) == len(everything)
    assert {"ñ", "á", "é", "í", "ó", "ú", "ü", "—", "¿", "¡"} <= set("".join(parts[0]))
    assert set("".join(parts[1] + parts[2])) <= set("".join(parts[0]))


def test_reviews_are_split_alike_and_labelled():
    parts = {part: load_reviews(part) for part in ("train", "validation", "test")}
    texts = [set(reviews.texts) for reviews in parts.values()]
    assert sum(map(len, texts)) == len(set.union(*texts)) == 816
    for reviews in parts.values():
        assert 0.45 < reviews.labels.mean() < 0.55
        assert len(set(reviews.domains)) == 6
        assert 0.3 < np.mean([kind != "directa" for kind in reviews.kinds]) < 0.5
    across = texts[0], texts[2]
    train, test = (list(part) for part in across)
    sets = [[set(quality.runs(text, 3)) for text in part] for part in (train, test)]
    alike = max(len(a & b) / len(a | b) for a in sets[0] for b in sets[1])
    assert alike < 0.2


@pytest.mark.parametrize("load", [load_stories, load_reviews])
def test_an_unknown_split_is_explained(load):
    with pytest.raises(ValueError, match="split debe ser train, validation o test"):
        load("entrenamiento")

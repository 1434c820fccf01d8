"""La receta de la voz y lo que se mide con ella: relleno, voces, personas y tablas."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.datasets import SpokenDigits, data_dir, load_result, load_utterances
from course_utils.lessons.lesson_54 import experiment, recipe, resume
from course_utils.lessons.lesson_54.experiment import (
    KINDS,
    SHARE,
    choose_utterances,
    choose_voices,
    speaker_rows,
    stretch,
)
from course_utils.lessons.lesson_54.recipe import (
    BLANK,
    Recipe,
    build_model,
    disturb,
    fit_recognizer,
    flip,
    pad,
    train_recognizer,
)
from tools.experiments import speech as program
from tools.experiments import spoken_digits

SMALL = Recipe(hidden_size=5, updates=3, batch=4)
TONES = {"a": 300, "i": 900, "u": 2_500}  # tres «letras», cada una con su tono


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def say(text, rng):
    """Un tono por letra, con un poco de silencio entre medias y ruido."""
    times = np.arange(1_200) / 8_000
    parts = [np.r_[np.sin(2 * np.pi * TONES[letter] * times), np.zeros(600)] for letter in text]
    sound = np.concatenate([np.zeros(800), *parts])
    return sound + 0.02 * rng.normal(size=len(sound))


@pytest.fixture(scope="module")
def spoken():
    """Unas cuantas locuciones de tonos y lo que dicen."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list(TONES), size=rng.integers(2, 5))) for _ in range(40)]
    return [say(text, rng) for text in texts], texts


@pytest.fixture(scope="module")
def learned(spoken):
    """Un reconocedor de tonos."""
    options = Recipe(hidden_size=12, updates=250, batch=10, warp=0.0, rate=2e-2)
    return train_recognizer(*spoken, rate=8_000, seed=0, recipe=options)


# ---------------------------------------------------------------- la receta


def test_it_learns_where_nobody_said_when(learned):
    """Sin saber en qué paso suena cada tono, lee ristras nuevas, también con letras dobles."""
    rng = np.random.default_rng(1)
    texts = ["aiu", "uua", "iaai", "aa", "uiau"]
    heard = recipe.hear([say(text, rng) for text in texts], 8_000)
    assert learned.transcribe(heard) == texts
    assert learned.transcribe(heard, width=5) == texts
    assert learned.choose(heard, ["aiu", "uua", "iaai", "aa", "uiau", "i"]) == texts


@pytest.mark.parametrize("kind", KINDS)
def test_padding_does_not_matter(kind):
    """Una locución sola y la misma en un lote, rellenada, dan lo mismo."""
    torch.manual_seed(0)
    model = build_model(4, KINDS[kind]._replace(hidden_size=6)).eval()
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(length, 20)).astype(np.float32) for length in (30, 11, 22)]
    with torch.inference_mode():
        together = model(*pad(rows))
        for row, found in zip(rows, together, strict=True):
            alone = model(*pad([row]))[0]
            torch.testing.assert_close(found[: len(row)], alone, rtol=0, atol=1e-5)


def test_two_lstms_are_a_packed_bidirectional_one():
    """La red que da la vuelta a cada fila calcula lo que la de PyTorch empaquetada."""
    torch.manual_seed(1)
    model = build_model(4, Recipe(hidden_size=6))
    packed = torch.nn.LSTM(20, 6, batch_first=True, bidirectional=True)
    for name, value in model.onward.named_parameters():
        getattr(packed, name).data.copy_(value)
        getattr(packed, f"{name}_reverse").data.copy_(getattr(model.back, name))
    rng = np.random.default_rng(0)
    inputs, lengths = pad([rng.normal(size=(n, 20)).astype(np.float32) for n in (9, 14, 5)])
    rows = torch.nn.utils.rnn.pack_padded_sequence(
        inputs, lengths, batch_first=True, enforce_sorted=False
    )
    states, _ = torch.nn.utils.rnn.pad_packed_sequence(packed(rows)[0], batch_first=True)
    found, expected = model(inputs, lengths), model.head(states)
    for row, other, length in zip(found, expected, lengths, strict=True):
        torch.testing.assert_close(row[:length], other[:length], rtol=0, atol=1e-5)


def test_flipping_twice_changes_nothing():
    rng = np.random.default_rng(0)
    x, lengths = torch.from_numpy(rng.normal(size=(3, 7, 2))), torch.tensor([7, 1, 4])
    torch.testing.assert_close(flip(flip(x, lengths), lengths), x)
    assert torch.equal(flip(x, lengths)[2, :4], x[2, :4].flip(0))
    assert torch.equal(flip(x, lengths)[2, 4:], x[2, 4:])


def test_the_networks_that_are_compared_have_the_same_parameters():
    sizes = {
        kind: sum(p.numel() for p in build_model(15, one).parameters())
        for kind, one in KINDS.items()
    }
    assert max(sizes.values()) < 1.04 * min(sizes.values()), sizes


def test_the_seed_decides_and_nobody_else_notices(spoken):
    sounds, texts = spoken
    kept = [sound.copy() for sound in sounds]
    torch.manual_seed(7)
    before = torch.rand(1)
    torch.manual_seed(7)
    runs = [
        train_recognizer(sounds, texts, rate=8_000, seed=seed, recipe=SMALL).losses
        for seed in (3, 3, 4)
    ]
    assert torch.equal(torch.rand(1), before)
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()
    for sound, other in zip(sounds, kept, strict=True):
        np.testing.assert_array_equal(sound, other)


def test_disturbing_moves_the_voice_and_not_the_time():
    quiet = Recipe(warp=0.0, noise=0.0)
    features = np.zeros((6, 20), dtype=np.float32)
    features[:, 10] = 1.0
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(disturb(features, quiet, rng), features)
    peaks = {int(disturb(features, quiet._replace(warp=0.3), rng)[0].argmax()) for _ in range(60)}
    assert min(peaks) < 10 < max(peaks)
    assert np.ptp(disturb(features, quiet._replace(warp=0.3), rng), axis=0).max() == 0


@pytest.mark.parametrize(
    ("features", "texts", "message"),
    [
        ([np.zeros((9, 20))], ["a", "b"], "de dos en dos; han llegado 1 y 2"),
        ([], [], "de dos en dos"),
        ([np.zeros((9, 20)), np.zeros((9, 20))], ["a", ""], "La transcripción 1 está vacía"),
        ([np.zeros((2, 20))], ["aa"], "«aa», necesita 3 pasos y su sonido tiene 2"),
    ],
)
def test_what_does_not_fit_is_said_before_training(features, texts, message):
    with pytest.raises(ValueError, match=message):
        fit_recognizer(features, texts, seed=0, recipe=SMALL)


def test_an_unknown_network():
    with pytest.raises(ValueError, match="'bidireccional', 'unidireccional' o 'ventana'"):
        build_model(4, Recipe(kind="otra"))


def test_the_blank_is_never_written(learned):
    logs = np.log(np.full((4, 4), 0.1))
    logs[:, BLANK] = np.log(0.7)
    assert learned.read(logs) == ""


# ---------------------------------------------------------------- seguir otro rato


def test_another_sitting_reads_the_same_network(tmp_path, spoken, monkeypatch):
    sounds = recipe.hear(spoken[0], 8_000)
    options = {"recipe": SMALL, "folder": tmp_path}
    first = resume.recall_or_train(sounds, spoken[1], seed=0, **options)
    (path,) = tmp_path.iterdir()
    good = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(resume, "fit_recognizer", lambda *_, **__: pytest.fail("no debía entrenar"))
        again = resume.recall_or_train(sounds, spoken[1], seed=0, **options)
    np.testing.assert_allclose(again.losses, first.losses, rtol=1e-6)
    for one, other in zip(first.log_probs(sounds), again.log_probs(sounds), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    resume.recall_or_train(sounds, spoken[1], seed=1, **options)
    assert len(list(tmp_path.iterdir())) == 2  # otra semilla, otro archivo
    path.write_bytes(good[: len(good) // 2])
    resume.recall_or_train(sounds, spoken[1], seed=0, **options)
    assert path.read_bytes() == good  # el estropeado se ha rehecho


# ---------------------------------------------------------------- voces


@pytest.mark.parametrize("count", [5, 15, 45])
def test_the_same_utterances_from_more_voices(count):
    """Siempre trescientas, las mismas de cada voz o una más, y cada semilla sortea otras."""
    train = load_utterances()
    voices = choose_voices(train, count, seed=0)
    chosen = choose_utterances(train, voices, seed=0)
    found, counts = np.unique(chosen.voices, return_counts=True)
    assert (len(chosen.texts), found.tolist()) == (SHARE, voices.tolist())
    assert np.ptp(counts) <= 1
    assert choose_utterances(train, voices, seed=1).texts != chosen.texts
    if count == 5:
        assert set(choose_voices(train, 5, seed=1)) != set(voices)


@pytest.mark.parametrize("count", [0, 16, 44, 46])
def test_counts_of_voices_that_cannot_be(count):
    with pytest.raises(ValueError, match="count debe ir de 1 a 15, o ser 45"):
        choose_voices(load_utterances(), count, seed=0)


def test_more_than_they_say():
    train = load_utterances()
    with pytest.raises(ValueError, match="dicen 60 locuciones y se piden 300"):
        choose_utterances(train, ["m1"], seed=0)


def test_the_rows_of_a_point(monkeypatch):
    """Una fila con sus errores y una por voz desconocida, con todas sus palabras."""
    monkeypatch.setattr(experiment, "CURVE", SMALL)
    row, *others = program.measure_voices(voices=5, warp=0.0, seed=2)
    assert (row["voices"], row["families"], row["seed"]) == (5, 5, 2)
    assert 0 <= row["known"] <= 2
    assert len(others) == 12
    unknown = load_utterances("unknown")
    assert sum(one["words"] for one in others) == sum(len(t.split()) for t in unknown.texts)
    assert {one["table"] for one in others} == {"por_voz"}
    total = sum(one["errors"] for one in others) / sum(one["words"] for one in others)
    assert total == pytest.approx(row["unknown"], abs=1e-4)


def test_a_network_row(monkeypatch):
    monkeypatch.setitem(KINDS, "bidireccional", SMALL)
    row = program.measure_network("bidireccional", 1e-2, 0)
    assert set(row) >= {"kind", "rate", "seed", "params", "validation", "unknown", "unknown_beam"}


# ---------------------------------------------------------------- personas


@pytest.fixture
def crowd():
    """Tres personas que «dicen» tres cifras, seis tomas cada una."""
    rng = np.random.default_rng(0)
    rows = [(who, digit, take) for who in ("ana", "eva", "luis") for digit in (1, 3, 7)
            for take in range(7)]  # fmt: skip
    speakers, digits, takes = map(np.array, zip(*rows, strict=True))
    names = dict(zip((1, 3, 7), TONES, strict=True))
    sounds = [(9_000 * say(names[int(digit)], rng)).astype(np.int16) for digit in digits]
    return SpokenDigits(sounds, digits, takes, speakers)


def test_the_speaker_who_is_out_is_not_heard(crowd, monkeypatch):
    """Se entrena sin esa persona y sin las tomas reservadas de las demás."""
    heard = []

    def small_training(samples, texts, **options):
        heard.append((len(samples), sorted(set(texts))))
        return train_recognizer(samples, texts, **(options | {"recipe": SMALL}))

    monkeypatch.setattr(experiment, "train_recognizer", small_training)
    rows = speaker_rows(crowd, "eva", 0.0, 0)
    assert heard == [(2 * 3 * 2, ["1", "3", "7"])]
    assert [row["system"] for row in rows] == ["libre", "entre diez", "logística"]
    assert rows[2]["known"] == rows[2]["unknown"] == 0.0  # los tonos son fáciles
    assert [row["system"] for row in speaker_rows(crowd, "eva", 0.15, 0)] == ["libre", "entre diez"]


def test_the_choice_is_among_the_digits_it_has_heard(crowd):
    """Con tres cifras oídas se elige entre tres, y pedir otra se dice en español."""
    found = train_recognizer(crowd.samples, [str(d) for d in crowd.digits], rate=8_000, seed=0,
                             recipe=SMALL)  # fmt: skip
    rates = experiment.digit_errors(found, crowd, {"todas": np.ones(len(crowd.digits), bool)})
    assert set(rates) == {"libre", "entre diez"}
    assert 0 <= rates["entre diez"]["todas"] <= 1
    with pytest.raises(ValueError, match="«9» tiene letras que la red no conoce"):
        found.choose(recipe.hear(crowd.samples[:1], 8_000), ["1", "9"])


def write_recordings(path, crowd, order):
    """Unas cuantas grabaciones, en el archivo que leen los mantenedores."""
    np.savez(
        path,
        samples=np.concatenate([crowd.samples[k] for k in order]),
        lengths=np.array([len(crowd.samples[k]) for k in order]),
        digits=crowd.digits[order],
        speakers=crowd.speakers[order],
        takes=crowd.takes[order],
    )


def test_the_file_of_the_maintainers(tmp_path, crowd):
    """Se lee en el mismo orden venga como venga."""
    path = tmp_path / "voces.npz"
    write_recordings(path, crowd, np.random.default_rng(0).permutation(len(crowd.digits)))
    read = spoken_digits.read_spoken(str(path))
    np.testing.assert_array_equal(read.digits, crowd.digits)
    np.testing.assert_array_equal(read.speakers, crowd.speakers)
    for one, other in zip(read.samples, crowd.samples, strict=True):
        np.testing.assert_array_equal(one, other)


def test_scoring_someone_new(tmp_path, crowd, monkeypatch, capsys):
    """Se entrena con todo el primer archivo, se prueba con el segundo y no se guarda nada."""
    heard = []

    def small_training(samples, texts, **options):
        heard.append(len(samples))
        return train_recognizer(samples, texts, **(options | {"recipe": SMALL}))

    monkeypatch.setattr(experiment, "train_recognizer", small_training)
    monkeypatch.setattr(spoken_digits, "SEEDS", range(2))
    new = crowd.speakers == "eva"
    paths = [str(tmp_path / name) for name in ("conocidos.npz", "nuevo.npz")]
    for path, chosen in zip(paths, (~new, new), strict=True):
        write_recordings(path, crowd, np.flatnonzero(chosen))
    monkeypatch.setattr("sys.argv", ["spoken_digits", paths[0], "--score", paths[1]])
    assert spoken_digits.main() == 0
    assert heard == [2 * 3 * 7] * 4
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * 2 * 2
    assert all(line.endswith("% equivocadas") for line in lines)
    assert len(list(tmp_path.iterdir())) == 2


def test_stretching_keeps_the_ends():
    features = np.random.default_rng(0).uniform(0, 255, size=(9, 20))
    table = stretch(features, steps=5).reshape(5, 20)
    np.testing.assert_allclose(table[[0, -1]], features[[0, -1]])
    np.testing.assert_allclose(table[2], features[4])


# ---------------------------------------------------------------- tablas


def stored(name, order):
    """Un resultado, si ya está medido."""
    if not (data_dir() / "results" / f"{name}.csv").is_file():
        pytest.skip(f"sin medir: {order}")
    return load_result(name)


def test_the_voice_tables_are_whole():
    runs = stored("voz_voces", "python -m tools.experiments.speech")
    points = set(
        zip(runs["voices"].tolist(), runs["warp"].tolist(), runs["seed"].tolist(), strict=True)
    )
    assert len(points) == len(runs["seed"]) == 48
    by_voice = stored("voz_voces_por_voz", "python -m tools.experiments.speech")
    assert len(by_voice["seed"]) == 48 * 12


def test_the_network_table_is_whole():
    runs = stored("voz_red", "python -m tools.experiments.speech")
    assert len(runs["seed"]) == 3 * 3 * 5
    assert set(runs["kind"]) == set(KINDS)


def test_the_people_table_is_whole():
    runs = stored("voz_personas", "python -m tools.experiments.spoken_digits")
    assert set(runs["speaker"]) == set(spoken_digits.SPEAKERS)
    assert len(runs["seed"]) == 5 * 2 * 4 * 2 + 5

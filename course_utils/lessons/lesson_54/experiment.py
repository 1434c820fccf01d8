"""Qué se mide de un reconocedor: con cuántas voces aprende, con qué red y con qué voces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from course_utils.datasets import SpokenDigits, Utterances, load_utterances
from course_utils.lessons.lesson_54.recipe import (
    Recipe,
    Recognizer,
    fit_recognizer,
    train_recognizer,
)
from course_utils.speech import RATE, Errors, count_errors
from course_utils.validation import as_int

SHARE = 300  # locuciones con que se entrena en la curva, sean de cinco voces o de cuarenta y cinco
MAIN = 60  # locuciones de cada una de las quince voces principales
CURVE = Recipe(updates=400)
# Con los mismos parámetros, unos 46 000.
KINDS = {
    "bidireccional": Recipe(),
    "unidireccional": Recipe(kind="unidireccional", hidden_size=96),
    "ventana": Recipe(kind="ventana", hidden_size=110),
}
HELD_TAKES = 5  # las cinco primeras tomas de cada cifra: las que reservan quienes las grabaron
STEPS = 16  # a los que se estira cada grabación para el rival sin recurrencia


def choose_voices(train: Utterances, count: int, *, seed: int) -> np.ndarray:
    """Unas cuantas voces de entrenamiento: hasta quince, de las principales; si no, todas.

    Examples
    --------
    >>> train = load_utterances()
    >>> [len(choose_voices(train, count, seed=0)) for count in (5, 15, 45)]
    [5, 15, 45]
    """
    voices, counts = np.unique(train.voices, return_counts=True)
    main = voices[counts == MAIN]
    if count not in range(1, len(main) + 1) and count != len(voices):
        raise ValueError(
            f"count debe ir de 1 a {len(main)}, o ser {len(voices)}, que son todas; ha llegado "
            f"{count}."
        )
    rng = np.random.default_rng([seed, 54])
    return voices if count == len(voices) else np.sort(rng.permutation(main)[:count])


def choose_utterances(
    train: Utterances, voices: Sequence[str], *, seed: int, share: int = SHARE
) -> Utterances:
    """``share`` locuciones de unas voces, las mismas de cada una o una más.

    Examples
    --------
    >>> train = load_utterances()
    >>> voices = choose_voices(train, 45, seed=0)
    >>> some = choose_utterances(train, voices, seed=0)
    >>> len(some.texts), np.unique(np.unique(some.voices, return_counts=True)[1]).tolist()
    (300, [6, 7])
    """
    share = as_int("share", share, minimum=1)
    rng = np.random.default_rng([seed, 55])
    own = [rng.permutation(np.flatnonzero(train.voices == voice)) for voice in voices]
    rounds = [[places[turn] for places in own if turn < len(places)]
              for turn in range(max(map(len, own)))]  # fmt: skip
    order = np.concatenate([rng.permutation(places) for places in rounds])
    if len(order) < share:
        raise ValueError(f"Esas voces dicen {len(order)} locuciones y se piden {share}.")
    return train.take(order[:share])


def wrong(recognizer: Recognizer, spoken: Utterances, *, unit: str = "words") -> Errors:
    """Los errores de un reconocedor, con la voraz."""
    return count_errors(spoken.texts, recognizer.transcribe(spoken.features), unit=unit)


def voices_rows(count: int, warp: float, seed: int) -> Iterator[dict]:
    """Con cuántas voces aprende: los errores con las que conoce y, voz a voz, con las demás."""
    train = load_utterances()
    voices = choose_voices(train, count, seed=seed)
    chosen = choose_utterances(train, voices, seed=seed)
    recipe = CURVE._replace(warp=warp)
    recognizer = fit_recognizer(chosen.features, chosen.texts, seed=seed, recipe=recipe)
    known = load_utterances("known")
    parts = {
        "known": known.take(np.isin(known.voices, voices)),
        "validation": load_utterances("validation"),
        "unknown": load_utterances("unknown"),
    }
    point = {"voices": count, "warp": warp, "seed": seed}
    row: dict = point | {"families": len(np.unique(chosen.families))}
    for part, spoken in parts.items():
        row[part] = round(wrong(recognizer, spoken).rate, 4)
        row[f"{part}_letters"] = round(wrong(recognizer, spoken, unit="characters").rate, 4)
    yield row
    for voice in np.unique(parts["unknown"].voices):
        errors = wrong(recognizer, parts["unknown"].take(parts["unknown"].voices == voice))
        counts = {"errors": int(errors.edits.sum()), "words": int(errors.lengths.sum())}
        yield {"table": "por_voz"} | point | {"voice": str(voice)} | counts


def network_row(kind: str, rate: float, seed: int) -> dict:
    """Una red entrenada con todo: sus errores en cada parte y con un haz."""
    train = load_utterances()
    recipe = KINDS[kind]._replace(rate=rate)
    recognizer = fit_recognizer(train.features, train.texts, seed=seed, recipe=recipe)
    row: dict = {"kind": kind, "rate": rate, "seed": seed,
                 "params": sum(part.numel() for part in recognizer.model.parameters())}  # fmt: skip
    for part in ("validation", "known", "unknown"):
        spoken = load_utterances(part)
        row[part] = round(wrong(recognizer, spoken).rate, 4)
        row[f"{part}_letters"] = round(wrong(recognizer, spoken, unit="characters").rate, 4)
    spoken = load_utterances("unknown")
    read = recognizer.transcribe(spoken.features, width=8)
    return row | {"unknown_beam": round(count_errors(spoken.texts, read).rate, 4)}


def speaker_rows(spoken: SpokenDigits, speaker: str, warp: float, seed: int) -> list[dict]:
    """Un locutor apartado: los errores con los que conoce y con él, de la red y del rival."""
    mine = spoken.speakers == speaker
    held = spoken.takes < HELD_TAKES
    train, parts = ~mine & ~held, {"known": ~mine & held, "unknown": mine}
    answers = [str(digit) for digit in spoken.digits]
    texts = [answers[place] for place in np.flatnonzero(train)]
    sounds = [spoken.samples[place] for place in np.flatnonzero(train)]
    recognizer = train_recognizer(
        sounds, texts, rate=spoken.rate, seed=seed, recipe=Recipe(warp=warp)
    )
    rows = digit_errors(recognizer, spoken, parts)
    point = {"speaker": speaker, "warp": warp, "seed": seed}
    found = [point | {"system": name} | errors for name, errors in rows.items()]
    if seed == 0 and not warp:  # el rival no tiene azar
        found.append(point | {"system": "logística"} | rival_errors(spoken, train, parts))
    return found


def digit_errors(
    recognizer: Recognizer, spoken: SpokenDigits, parts: dict[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Parte de cifras equivocadas, escribiendo lo que oye y eligiendo entre las diez."""
    from course_utils.lessons.lesson_54.recipe import hear

    found: dict[str, dict[str, float]] = {"libre": {}, "entre diez": {}}
    for part, chosen in parts.items():
        places = np.flatnonzero(chosen)
        heard = hear([spoken.samples[place] for place in places], spoken.rate)
        answers = np.array([str(spoken.digits[place]) for place in places])
        found["libre"][part] = float(np.mean(np.array(recognizer.transcribe(heard)) != answers))
        best = np.array(recognizer.choose(heard, list(recognizer.alphabet)))
        found["entre diez"][part] = float(np.mean(best != answers))
    return {name: {part: round(rate, 4) for part, rate in one.items()}
            for name, one in found.items()}  # fmt: skip


def rival_errors(
    spoken: SpokenDigits, train: np.ndarray, parts: dict[str, np.ndarray]
) -> dict[str, float]:
    """Una regresión logística con cada grabación estirada a 16 pasos: sin recurrencia ni CTC.

    Su regularización se elige apartando por turnos a uno de los locutores de entrenamiento.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from course_utils.lessons.lesson_54.recipe import hear

    table = np.array([stretch(one) for one in hear(spoken.samples, spoken.rate)])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    grid = {"logisticregression__C": [1e-3, 1e-2, 1e-1]}
    search = GridSearchCV(model, grid, cv=LeaveOneGroupOut())
    search.fit(table[train], spoken.digits[train], groups=spoken.speakers[train])
    return {
        part: round(float(1 - search.score(table[chosen], spoken.digits[chosen])), 4)
        for part, chosen in parts.items()
    }


def stretch(features: np.ndarray, steps: int = STEPS) -> np.ndarray:
    """Unas bandas estiradas o encogidas a ``steps`` pasos, en una fila.

    Examples
    --------
    >>> stretch(np.array([[0.0], [10.0]]), steps=3).tolist()
    [0.0, 5.0, 10.0]
    """
    places = np.linspace(0, len(features) - 1, steps)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, len(features) - 1)
    share = (places - below)[:, None]
    return (features[below] * (1 - share) + features[above] * share).ravel()


def train_on_everyone(spoken: SpokenDigits, *, seed: int, warp: float) -> Recognizer:
    """La receta registrada, con todos los locutores: para probarla con uno nuevo."""
    texts = [str(digit) for digit in spoken.digits]
    recipe = Recipe(warp=warp)
    return train_recognizer(spoken.samples, texts, rate=RATE, seed=seed, recipe=recipe)

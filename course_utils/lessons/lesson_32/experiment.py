"""Los clasificadores de la lección 32: de textos a números, las redes y cómo se entrenan.

Lo usan el cuaderno, los programas que miden sus tablas y el que entrena el que se distribuye.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.datasets import load_reviews
from course_utils.padding import pad
from course_utils.synthetic import BLIND_FRAMES, HELD_OUT_FRAMES, word_order_puzzles
from course_utils.text import Vocabulary, build_vocabulary, words

if TYPE_CHECKING:
    import keras

NETWORKS = (
    "media",
    "GRU, último",
    "GRU, todos",
    "GRU, dos sentidos",
    "LSTM, último",
    "LSTM, todos",
    "LSTM, dos sentidos",
)
WIDTH, UNITS, DROPOUT, BATCH = 32, 32, 0.4, 32
SHUFFLED = "GRU, todos, barajadas"  # el control: la misma red, sin el orden


class Texts(NamedTuple):
    """Unos textos, listos para una red.

    Attributes
    ----------
    ids : ndarray of int32, shape (textos, palabras)
        El número de cada palabra; 0 es el relleno, al final.
    labels : ndarray of float32, shape (textos,)
        1 si es favorable.
    """

    ids: np.ndarray
    labels: np.ndarray


def encode_texts(texts: Sequence[str], vocabulary: Vocabulary) -> np.ndarray:
    """Los números de las palabras de cada texto, con relleno al final.

    Examples
    --------
    >>> encode_texts(["la luna", "sí"], Vocabulary(["la", "luna"]))
    array([[4, 5],
           [1, 0]], dtype=int32)
    """
    return pad([vocabulary.encode(words(text)) for text in texts]).values.astype("int32")


def review_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """Las palabras que salen dos veces o más en los textos de entrenamiento.

    Examples
    --------
    >>> review_vocabulary(["muy bueno", "muy malo"]).pieces[4:]
    ('muy',)
    """
    return build_vocabulary((word for text in texts for word in words(text)), min_count=2)


def build_classifier(network: str, size: int) -> keras.Model:
    """Una red sin entrenar que da el logit de que un texto sea favorable.

    Parameters
    ----------
    network : str
        Una de :data:`NETWORKS`. «último» lee el último estado; «todos», la media y el máximo de
        los estados de los pasos reales; «dos sentidos», los últimos de dos capas, una por sentido.
    size : int
        Piezas del vocabulario.

    Returns
    -------
    keras.Model
        De (lote, palabras) a (lote, 1).

    Raises
    ------
    ValueError
        Si no existe esa red.
    """
    import keras
    from keras import layers, ops

    if network not in NETWORKS:
        raise ValueError(f"network debe ser una de {', '.join(NETWORKS)}; ha llegado {network!r}.")
    cell, _, reading = network.partition(", ")
    ids = keras.Input((None,), dtype="int32")
    x = layers.Embedding(size, WIDTH, mask_zero=True)(ids)  # (lote, palabras, ancho)
    x = layers.SpatialDropout1D(DROPOUT)(x)
    real = ops.cast(ops.expand_dims(ids != 0, -1), "float32")  # (lote, palabras, 1)
    if cell == "media":
        summary = masked_mean(x, real)
    else:
        layer = getattr(layers, cell)(UNITS, return_sequences=reading == "todos")
        summary = layers.Bidirectional(layer)(x) if reading == "dos sentidos" else layer(x)
    if reading == "todos":
        summary = ops.concatenate([masked_mean(summary, real), masked_max(summary, real)], axis=-1)
    return keras.Model(ids, layers.Dense(1)(layers.Dropout(DROPOUT)(summary)))


def masked_mean(states: keras.KerasTensor, real: keras.KerasTensor) -> keras.KerasTensor:
    """La media de los pasos reales: (lote, tiempo, ancho) → (lote, ancho)."""
    from keras import ops

    return ops.sum(states * real, axis=1) / ops.sum(real, axis=1)


def masked_max(states: keras.KerasTensor, real: keras.KerasTensor) -> keras.KerasTensor:
    """El máximo de los pasos reales: (lote, tiempo, ancho) → (lote, ancho)."""
    from keras import ops

    return ops.max(states - 1e9 * (1 - real), axis=1)


class Trained(NamedTuple):
    """Una red entrenada, tal como quedó en la época elegida.

    Attributes
    ----------
    model : keras.Model
        La red, con los pesos de esa época.
    logits : list of ndarray
        Lo que da en cada conjunto mirado.
    epoch : int
        La época elegida, desde 1: la de menor pérdida en el primero de ellos.
    loss : float
        Esa pérdida.
    seconds : float
        Segundos de procesador.
    """

    model: keras.Model
    logits: list[np.ndarray]
    epoch: int
    loss: float
    seconds: float


def log_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """La entropía cruzada media de unos logits.

    Examples
    --------
    >>> round(log_loss(np.array([0.0, 0.0]), np.array([1, 0])), 4)
    0.6931
    """
    return float(np.mean(np.logaddexp(0, logits) - labels * logits))


def train_classifier(
    network: str,
    size: int,
    train: Texts,
    watched: Sequence[Texts],
    *,
    rate: float,
    epochs: int,
    seed: int,
) -> Trained:
    """Entrena una red y se queda con la época que mejor predice el primer conjunto mirado.

    Parameters
    ----------
    network : str
        Una de :data:`NETWORKS`.
    size : int
        Piezas del vocabulario.
    train : Texts
        Con qué se entrena.
    watched : sequence of Texts
        Los que se miran tras cada época; con el primero se elige, y de los demás solo se apunta.
    rate : float
        Tasa de aprendizaje de Adam.
    epochs : int
        Vueltas.
    seed : int
        Semilla de los pesos, del orden y del *dropout*.
    """
    import keras

    keras.utils.set_random_seed(seed)
    start = time.process_time()
    model = build_classifier(network, size)
    model.compile(
        optimizer=keras.optimizers.Adam(rate, clipnorm=1.0),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    best = None
    for epoch in range(1, epochs + 1):
        model.fit(train.ids, train.labels[:, None], batch_size=BATCH, verbose=0)
        logits = [model.predict_on_batch(part.ids)[:, 0] for part in watched]
        loss = log_loss(logits[0], watched[0].labels)
        if best is None or loss < best.loss:
            best = Trained(model, logits, epoch, loss, 0.0)
            weights = model.get_weights()
    model.set_weights(weights)
    return best._replace(seconds=time.process_time() - start)


# ---------------------------------------------------------------- lo que se mide


class Reviews(NamedTuple):
    """Las reseñas en números: el vocabulario del entrenamiento y las tres partes."""

    vocabulary: Vocabulary
    train: Texts
    validation: Texts
    test: Texts


def encoded_reviews(chosen: Sequence[int] | None = None) -> Reviews:
    """Las reseñas en números; el vocabulario, solo del entrenamiento que se usa.

    Parameters
    ----------
    chosen : sequence of int, optional
        Qué reseñas de entrenamiento se usan; sin él, todas.
    """
    parts = {split: load_reviews(split) for split in ("train", "validation", "test")}
    places = range(len(parts["train"].texts)) if chosen is None else chosen
    texts = [parts["train"].texts[place] for place in places]
    vocabulary = review_vocabulary(texts)
    labels = {split: part.labels.astype("float32") for split, part in parts.items()}
    return Reviews(
        vocabulary,
        Texts(encode_texts(texts, vocabulary), labels["train"][list(places)]),
        *(
            Texts(encode_texts(parts[split].texts, vocabulary), labels[split])
            for split in ("validation", "test")
        ),
    )


def shuffle_words(texts: Texts, rng: np.random.Generator) -> Texts:
    """Los mismos textos con las palabras de cada uno en un orden sorteado; el relleno no se mueve.

    Examples
    --------
    >>> mixed = shuffle_words(Texts(np.array([[5, 6, 7, 0]]), np.ones(1)), np.random.default_rng(0))
    >>> sorted(mixed.ids[0, :3].tolist()), int(mixed.ids[0, 3])
    ([5, 6, 7], 0)
    """
    ids = texts.ids.copy()
    for row in ids:
        row[: np.count_nonzero(row)] = rng.permutation(row[row != 0])
    return texts._replace(ids=ids)


def hits_text(logits: np.ndarray, labels: np.ndarray) -> str:
    """Qué textos se aciertan, uno tras otro: 1 si se acierta y 0 si no.

    Examples
    --------
    >>> hits_text(np.array([2.0, -1.0, 0.5]), np.array([1, 1, 0]))
    '100'
    """
    return "".join("01"[int(hit)] for hit in (logits > 0) == (labels > 0.5))


def hits_matrix(texts: Sequence[str]) -> np.ndarray:
    """Lo que escribe :func:`hits_text`, de varias redes: (redes, textos).

    Examples
    --------
    >>> hits_matrix(["10", "11"]).tolist()
    [[True, False], [True, True]]
    """
    return np.array([[hit == "1" for hit in row] for row in texts])


class Puzzles(NamedTuple):
    """Adivinanzas de orden en números y, aparte, las de los moldes apartados."""

    vocabulary: Vocabulary
    train: Texts
    validation: Texts
    test: Texts
    held_out: Texts
    phrases: dict[str, list[str]]


BLIND_ENDS = tuple({frame.split()[-1] for frame in BLIND_FRAMES})
PUZZLE_SIZES = (400, 60, 200, 100)  # parejas de cada parte


def encoded_puzzles(rng: np.random.Generator) -> Puzzles:
    """Adivinanzas repartidas por parejas; el vocabulario, solo del entrenamiento."""
    sizes = dict(zip(("train", "validation", "test"), PUZZLE_SIZES, strict=False))
    drawn = word_order_puzzles(sum(sizes.values()), rng=rng)
    parts, start = {}, 0
    for name, pairs in sizes.items():
        parts[name] = drawn[start : start + 2 * pairs]
        start += 2 * pairs
    parts["held_out"] = word_order_puzzles(PUZZLE_SIZES[-1], rng=rng, frames=HELD_OUT_FRAMES)
    phrases = {name: [phrase for phrase, _ in part] for name, part in parts.items()}
    vocabulary = build_vocabulary(word for phrase in phrases["train"] for word in words(phrase))
    texts = {
        name: Texts(
            encode_texts(phrases[name], vocabulary),
            np.array([label for _, label in part], dtype="float32"),
        )
        for name, part in parts.items()
    }
    return Puzzles(vocabulary, **texts, phrases=phrases)


def is_blind(phrase: str) -> bool:
    """Si una adivinanza es de un molde en que los dos adjetivos llevan al lado lo mismo.

    Examples
    --------
    >>> is_blind("mienten si dicen que es malo y aciertan si dicen que es bueno y punto")
    True
    """
    return phrase.endswith(BLIND_ENDS)

"""Vectores de palabras: aprendidos por una red o sacados de cuentas, y cómo se juzgan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.lessons.lesson_31.classes import CLASSES
from course_utils.validation import as_array

if TYPE_CHECKING:
    import keras

SMOOTHING = 0.75  # las palabras frecuentes pesan algo menos (Levy, Goldberg y Dagan, 2015)
NEGATIVES = 5  # palabras sorteadas por cada vecina de verdad


class Classed(NamedTuple):
    """Las palabras de un vocabulario que tienen clase.

    Attributes
    ----------
    rows : ndarray of int, shape (palabras,)
        Su número en el vocabulario.
    labels : ndarray of int, shape (palabras,)
        El número de su clase.
    names : tuple of str
        El nombre de cada clase.
    chosen : ndarray of bool, shape (palabras,)
        Las que sirven para elegir; con las demás se juzga.
    """

    rows: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    chosen: np.ndarray


def frequent_words(texts: Iterable[Sequence[str]], least: int = 5) -> list[str]:
    """Las palabras que salen al menos ``least`` veces, de más a menos.

    Parameters
    ----------
    texts : iterable of sequence of str
        Las palabras de cada texto.
    least : int, default 5
        Cuántas veces.

    Examples
    --------
    >>> frequent_words([["la", "mar"], ["y", "la", "mar"], ["la"]], 2)
    ['la', 'mar']
    """
    counts = Counter(word for text in texts for word in text)
    return [word for word, count in counts.most_common() if count >= least]


def neighbour_pairs(
    texts: Iterable[Sequence[str]], words: Sequence[str], window: int
) -> np.ndarray:
    """Las parejas de palabras de la lista que están a ``window`` lugares o menos.

    Parameters
    ----------
    texts : iterable of sequence of str
        Las palabras de cada texto.
    words : sequence of str
        Las que se numeran, por su lugar; las demás ocupan su sitio y no forman pareja.
    window : int
        Hasta qué distancia.

    Returns
    -------
    ndarray of int, shape (parejas, 2)
        Cada pareja, en los dos sentidos.

    Examples
    --------
    >>> neighbour_pairs([["la", "gran", "mar", "azul"]], ["la", "mar", "azul"], 1).tolist()
    [[1, 2], [2, 1]]
    """
    numbers = {word: place for place, word in enumerate(words)}
    pairs = [
        (numbers[one], numbers[other])
        for text in texts
        for distance in range(1, window + 1)
        for one, other in zip(text, text[distance:], strict=False)
        if one in numbers and other in numbers
    ]
    return np.array(pairs + [(other, one) for one, other in pairs])


def classed_words(words: Sequence[str]) -> Classed:
    """Qué palabras de una lista tienen clase; de cada clase, una sí y otra no sirven para elegir.

    Parameters
    ----------
    words : sequence of str
        Las palabras, cada una en su lugar.

    Examples
    --------
    >>> found = classed_words(["la", "lunes", "azul", "martes", "raro"])
    >>> found.rows.tolist(), [found.names[label] for label in found.labels]
    ([0, 1, 2, 3], ['determinantes', 'días', 'colores', 'días'])
    """
    places = {word: place for place, word in enumerate(words)}
    labels = {
        places[word]: label
        for label, members in enumerate(CLASSES.values())
        for word in members
        if word in places
    }
    rows = np.array(sorted(labels), dtype=int)
    label = np.array([labels[row] for row in rows], dtype=int)
    order = np.array([np.sum(label[:place] == one) for place, one in enumerate(label)])
    return Classed(rows, label, tuple(CLASSES), order % 2 == 0)


def nearest(points: np.ndarray, count: int) -> np.ndarray:
    """Los vecinos más cercanos de cada punto, del más cercano al más lejano.

    Parameters
    ----------
    points : ndarray of shape (puntos, ejes)
        Los puntos.
    count : int
        Cuántos vecinos.

    Returns
    -------
    ndarray of int, shape (puntos, count)
        Sus lugares; ninguno es el del propio punto.

    Examples
    --------
    >>> nearest(np.array([[0.0], [1.0], [5.0]]), 1).tolist()
    [[1], [0], [1]]
    """
    points = as_array("points", points, ndim=2, min_length=count + 1).astype(float)
    squares = (points**2).sum(axis=1)
    gaps = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(gaps, np.inf)
    return np.argsort(gaps, axis=1, kind="stable")[:, :count]


def kept_neighbours(one: np.ndarray, other: np.ndarray, count: int = 10) -> float:
    """Parte de los vecinos de cada punto que lo son en los dos mapas.

    Parameters
    ----------
    one, other : ndarray of shape (puntos, ejes)
        Los mismos puntos en dos mapas; los ejes pueden no ser los mismos.
    count : int, default 10
        Cuántos vecinos se miran.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [3.0], [7.0]])
    >>> kept_neighbours(line, -line, 2), kept_neighbours(line, line[[1, 3, 0, 2]], 1)
    (1.0, 0.0)
    """
    pairs = zip(nearest(one, count), nearest(other, count), strict=True)
    return float(np.mean([len(set(a) & set(b)) / count for a, b in pairs]))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Los vectores con longitud uno; los nulos se quedan como están.

    Examples
    --------
    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(sizes > 0, sizes, 1.0)


def neighbour_share(vectors: np.ndarray, classed: Classed, count: int = 5) -> np.ndarray:
    """De los vecinos de cada palabra con clase, qué parte es de la suya; se mira solo entre ellas.

    Parameters
    ----------
    vectors : ndarray of shape (vocabulario, ancho)
        Un vector por palabra.
    classed : Classed
        Las palabras con clase.
    count : int, default 5
        Cuántos vecinos, por coseno.

    Returns
    -------
    ndarray of shape (palabras,)

    Examples
    --------
    >>> classed = classed_words(["lunes", "martes", "azul", "rojo"])
    >>> vectors = np.array([[1.0, 0.1], [1.0, 0.0], [0.0, 1.0], [0.1, 1.0]])
    >>> neighbour_share(vectors, classed, 1).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    found = nearest(unit(vectors[classed.rows]), count)
    return (classed.labels[found] == classed.labels[:, None]).mean(axis=1)


def chance_share(classed: Classed) -> float:
    """La parte de vecinos de la misma clase que se espera si se eligen al azar.

    Examples
    --------
    >>> chance_share(classed_words(["lunes", "martes", "azul", "rojo"]))  # una de las otras tres
    0.3333333333333333
    """
    sizes = np.bincount(classed.labels)[classed.labels]
    return float(np.mean((sizes - 1) / (len(sizes) - 1)))


def island_gaps(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Las distancias entre los centros de las clases, por parejas.

    Examples
    --------
    >>> island_gaps(np.array([[0.0, 0.0], [0.0, 2.0], [3.0, 1.0]]), np.array([0, 0, 1])).tolist()
    [3.0]
    """
    centers = np.array([points[labels == label].mean(axis=0) for label in np.unique(labels)])
    above = np.triu_indices(len(centers), 1)
    return np.linalg.norm(centers[above[0]] - centers[above[1]], axis=1)


def build_skipgram(vocabulary: int, width: int, *, rate: float) -> keras.Model:
    """La red que dice si dos palabras van juntas: el producto de una fila de cada matriz.

    Sus entradas son una palabra y varias candidatas a vecina; sus salidas, una puntuación por
    candidata (Mikolov et al., 2013).

    Parameters
    ----------
    vocabulary : int
        Palabras.
    width : int
        Ancho de los vectores.
    rate : float
        Tasa de aprendizaje.

    Examples
    --------
    >>> model = build_skipgram(20, 4, rate=0.01)
    >>> model([np.array([3]), np.array([[1, 2, 5]])]).shape
    TensorShape([1, 3])
    """
    import keras
    from keras import layers

    word = keras.Input((), dtype="int32")
    candidates = keras.Input((None,), dtype="int32")
    vector = layers.Embedding(vocabulary, width, name="palabras")(word)  # (lote, ancho)
    others = layers.Embedding(vocabulary, width, name="vecinas")(candidates)  # (lote, n, ancho)
    model = keras.Model([word, candidates], layers.Dot(axes=(2, 1))([others, vector]))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, steps_per_execution=23)
    return model


def train_skipgram(
    pairs: np.ndarray, vocabulary: int, *, width: int, rate: float, epochs: int, seed: int
) -> list[np.ndarray]:
    """Entrena la red con parejas de vecinas y con otras sorteadas; da los vectores de cada época.

    Parameters
    ----------
    pairs : ndarray of int, shape (parejas, 2)
        Una palabra y otra que está a su lado.
    vocabulary : int
        Palabras.
    width : int
        Ancho de los vectores.
    rate : float
        Tasa de aprendizaje.
    epochs : int
        Vueltas a las parejas; en cada una, vecinas falsas nuevas.
    seed : int
        Semilla de los pesos y de los sorteos.

    Returns
    -------
    list of ndarray of shape (vocabulario, ancho)
        Uno por época.

    Examples
    --------
    >>> pairs = np.array([[0, 1], [1, 0], [2, 3], [3, 2]])
    >>> [part.shape for part in train_skipgram(pairs, 4, width=3, rate=0.1, epochs=2, seed=0)]
    [(4, 3), (4, 3)]
    """
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build_skipgram(vocabulary, width, rate=rate)
    odds = np.bincount(pairs[:, 1], minlength=vocabulary) ** SMOOTHING
    answers = np.eye(1, NEGATIVES + 1).repeat(len(pairs), axis=0)  # solo la primera es de verdad
    by_epoch = []
    for _ in range(epochs):
        drawn = rng.choice(vocabulary, (len(pairs), NEGATIVES), p=odds / odds.sum())
        candidates = np.concatenate([pairs[:, 1:], drawn], axis=1)
        model.fit([pairs[:, 0], candidates], answers, batch_size=1024, verbose=0)
        by_epoch.append(model.get_layer("palabras").get_weights()[0])
    return by_epoch

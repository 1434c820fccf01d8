"""Críticas de cine de IMDB: la receta más repetida, sus arreglos y un rival sin red."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from course_utils.padding import bucket_batches, pad

if TYPE_CHECKING:
    import keras
    import tensorflow as tf
    from scipy.sparse import csr_array

SCORED = 250  # críticas por lote al predecir
PAIR = 1 << 20  # más que palabras distintas: así un par es un solo número
RARE = 3  # una palabra o un par que sale en menos críticas no cuenta


class Trained(NamedTuple):
    """Un clasificador ya entrenado.

    Attributes
    ----------
    predict : callable
        ``predict(reviews)`` da, de cada crítica, la probabilidad de que sea favorable.
    params : int
        Sus parámetros.
    """

    predict: Callable[[Sequence[np.ndarray]], np.ndarray]
    params: int


class Recipe(NamedTuple):
    """Una red y cómo se entrena; sin cambiar nada, la receta de los artículos.

    Attributes
    ----------
    cell : {"LSTM", "GRU"}
        La capa recurrente.
    units, width : int
        Su tamaño y el de los vectores de las palabras.
    words : int
        Palabras del vocabulario, las más frecuentes; las demás comparten un solo número.
    steps : int
        Palabras que se leen, como mucho, de cada crítica.
    keep : {"start", "end"}
        De qué extremo de la crítica.
    side : {"left", "right"}
        Dónde va el relleno.
    masked : bool
        Si la red sabe qué es relleno y no lo lee.
    reading : {"last", "mean", "all"}
        Qué lee la salida: el último estado; la media de los estados; o la media y el máximo de los
        estados y la media de los vectores de las palabras.
    drop, recurrent_drop : float
        ``dropout`` y ``recurrent_dropout`` de la capa recurrente.
    spatial_drop : float
        ``SpatialDropout1D`` tras los vectores.
    output_drop : float
        ``Dropout`` delante de la salida.
    batch, epochs : int
        Críticas por lote y vueltas a todas ellas.
    rate : float
        Tasa de aprendizaje de Adam.
    falling : bool
        Si la tasa cae en línea recta hasta cero.
    bucketed : bool
        Si cada lote reúne críticas de longitud parecida y solo se rellena hasta la más larga.
    """

    cell: Literal["LSTM", "GRU"] = "LSTM"
    units: int = 128
    width: int = 128
    words: int = 20_000
    steps: int = 100
    keep: Literal["start", "end"] = "end"
    side: Literal["left", "right"] = "left"
    masked: bool = False
    reading: Literal["last", "mean", "all"] = "last"
    drop: float = 0.2
    recurrent_drop: float = 0.2
    spatial_drop: float = 0.0
    output_drop: float = 0.0
    batch: int = 32
    epochs: int = 5
    rate: float = 1e-3
    falling: bool = False
    bucketed: bool = False


# Los arreglos, uno a uno, sobre la receta de los artículos.
REPAIRS: dict[str, dict[str, bool | int | str]] = {
    "máscara": {"masked": True},
    "250 palabras": {"steps": 250},
    "media de los estados": {"reading": "mean"},
    "tasa que cae": {"falling": True},
    "lotes por longitud": {"bucketed": True},
}

# Los cinco a la vez, con una red menor, lotes mayores, menos épocas y una salida que lee algo más.
BEST = Recipe(
    cell="GRU",
    units=64,
    width=32,
    steps=250,
    side="right",
    masked=True,
    reading="all",
    drop=0.0,
    recurrent_drop=0.0,
    spatial_drop=0.3,
    output_drop=0.3,
    batch=160,
    epochs=2,
    rate=6e-3,
    falling=True,
    bucketed=True,
)


def train_best(reviews: Sequence[np.ndarray], labels: np.ndarray, *, seed: int = 0) -> Trained:
    """La mejor receta con red que ha salido de la validación, de principio a fin.

    Parameters
    ----------
    reviews : sequence of ndarray of int, shape (palabras,)
        Las críticas de entrenamiento, ``load_imdb().x_train``.
    labels : ndarray of int, shape (críticas,)
        Sus etiquetas, ``load_imdb().y_train``: 1 si es favorable y 0 si no.
    seed : int, default 0
        Semilla de los pesos y del orden de las críticas.

    Returns
    -------
    Trained
        Lo que predice: ``trained.predict(reviews)``.

    Examples
    --------
    >>> imdb = load_imdb()  # doctest: +SKIP
    >>> trained = train_best(imdb.x_train, imdb.y_train)  # doctest: +SKIP
    >>> float(np.mean((trained.predict(imdb.x_test) > 0.5) == imdb.y_test))  # doctest: +SKIP
    0.88
    """
    return train_network(reviews, labels, BEST, seed=seed)


def train_network(
    reviews: Sequence[np.ndarray], labels: np.ndarray, recipe: Recipe, *, seed: int
) -> Trained:
    """Entrena una red con una receta.

    Parameters
    ----------
    reviews : sequence of ndarray of int, shape (palabras,)
        Las críticas: cada palabra, su puesto por frecuencia desde 1.
    labels : ndarray of int, shape (críticas,)
        Sus etiquetas.
    recipe : Recipe
        La red y cómo se entrena.
    seed : int
        Semilla de los pesos y del orden de las críticas.

    Returns
    -------
    Trained
        Lo que predice: ``trained.predict(reviews)``.

    Examples
    --------
    >>> reviews = [np.array([1, 2, 3]), np.array([4, 2])]
    >>> tiny = Recipe(units=3, width=2, words=5, steps=4, epochs=1)
    >>> trained = train_network(reviews, np.array([1, 0]), tiny, seed=0)
    >>> trained.predict(reviews).shape
    (2,)
    """
    import keras

    keras.utils.set_random_seed(seed)
    inputs = encode(reviews, recipe)
    batches = _draw_batches(inputs, recipe, np.random.default_rng(seed))
    rate = recipe.rate
    if recipe.falling:
        rate = keras.optimizers.schedules.PolynomialDecay(rate, len(batches), 0.0)
    model = build_network(recipe)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    data = _dataset(inputs, np.asarray(labels), batches, recipe)
    model.fit(data, shuffle=False, verbose=0)
    return Trained(lambda new: _predict(model, new, recipe), model.count_params())


def encode(reviews: Sequence[np.ndarray], recipe: Recipe) -> list[np.ndarray]:
    """Las palabras que lee la red: el trozo que dice la receta, con las raras en un solo número.

    Parameters
    ----------
    reviews : sequence of ndarray of int, shape (palabras,)
        Las críticas: cada palabra, su puesto por frecuencia desde 1.
    recipe : Recipe
        De ella cuentan ``words``, ``steps`` y ``keep``.

    Examples
    --------
    >>> encode([np.array([7, 1, 9, 2])], Recipe(words=5, steps=3))
    [array([1, 6, 2], dtype=int32)]
    """
    kept = slice(-recipe.steps, None) if recipe.keep == "end" else slice(recipe.steps)
    return [np.minimum(review[kept], recipe.words + 1).astype("int32") for review in reviews]


def fill(batch: Sequence[np.ndarray], recipe: Recipe) -> np.ndarray:
    """Un lote: hasta la crítica más larga, si van por longitud, o hasta los pasos de la receta.

    Parameters
    ----------
    batch : sequence of ndarray of int, shape (palabras,)
        Críticas, como las da :func:`encode`.
    recipe : Recipe
        De ella cuentan ``steps``, ``side`` y ``bucketed``.

    Returns
    -------
    ndarray of int32, shape (lote, tiempo)

    Examples
    --------
    >>> fill([np.array([4, 5]), np.array([6])], Recipe(steps=3))
    array([[0, 4, 5],
           [0, 0, 6]])
    >>> fill([np.array([4, 5]), np.array([6])], Recipe(steps=3, side="right", bucketed=True))
    array([[4, 5],
           [6, 0]])
    """
    return pad(batch, length=None if recipe.bucketed else recipe.steps, side=recipe.side).values


def build_network(recipe: Recipe) -> keras.Model:
    """La red de una receta, sin entrenar.

    Parameters
    ----------
    recipe : Recipe
        De ella cuentan la celda, los tamaños, la máscara, la lectura y los ``dropout``.

    Examples
    --------
    >>> build_network(Recipe()).count_params()  # 20 002 vectores, una LSTM y una salida
    2691969
    """
    import keras
    from keras import layers

    cell = {"LSTM": layers.LSTM, "GRU": layers.GRU}[recipe.cell]
    words = keras.Input((None,), dtype="int32")
    real = keras.ops.not_equal(words, 0) if recipe.masked else None
    vectors = layers.Embedding(recipe.words + 2, recipe.width)(words)
    vectors = layers.SpatialDropout1D(recipe.spatial_drop)(vectors)
    read = cell(
        recipe.units,
        return_sequences=recipe.reading != "last",
        dropout=recipe.drop,
        recurrent_dropout=recipe.recurrent_drop,
    )
    # Si el relleno va detrás y la salida solo mira pasos reales, la celda puede leerlo sin más: lo
    # que saca de él no llega a la salida, y sin máscara va más deprisa.
    unread = recipe.reading != "last" and recipe.side == "right"
    found = read(vectors, mask=None if unread else real)
    if recipe.reading != "last":
        found = _pool(found, vectors, real, recipe.reading)
    found = layers.Dropout(recipe.output_drop)(found)
    return keras.Model(words, layers.Dense(1, activation="sigmoid")(found))


def _pool(
    states: keras.KerasTensor,
    vectors: keras.KerasTensor,
    real: keras.KerasTensor | None,
    reading: str,
) -> keras.KerasTensor:
    """Lo que lee la salida de todos los pasos o, si se sabe cuáles lo son, de los reales."""
    import keras
    from keras import layers

    mean = layers.GlobalAveragePooling1D()
    if reading == "mean":
        return mean(states, mask=real)
    shown = states
    if real is not None:
        shown = keras.ops.where(real[..., None], states, -1.0)  # ningún estado baja de −1
    parts = [mean(states, mask=real), keras.ops.max(shown, axis=1), mean(vectors, mask=real)]
    return layers.Concatenate()(parts)


def _draw_batches(
    inputs: list[np.ndarray], recipe: Recipe, rng: np.random.Generator
) -> list[np.ndarray]:
    """Los lotes de todas las épocas, en orden."""
    lengths = np.array([len(review) for review in inputs])
    pool = 50 if recipe.bucketed else 1  # con 1 no se ordena nada por longitud
    return [
        batch
        for _ in range(recipe.epochs)
        for batch in bucket_batches(lengths, batch_size=recipe.batch, rng=rng, pool=pool)
    ]


def _dataset(
    inputs: list[np.ndarray], labels: np.ndarray, batches: list[np.ndarray], recipe: Recipe
) -> tf.data.Dataset:
    """Los lotes, que se rellenan según hacen falta; cada uno puede tener otra longitud."""
    import tensorflow as tf

    def generate() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for batch in batches:
            yield fill([inputs[place] for place in batch], recipe), labels[batch]

    shapes = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))
    data = tf.data.Dataset.from_generator(generate, output_signature=shapes)
    return data.apply(tf.data.experimental.assert_cardinality(len(batches)))


def _predict(model: keras.Model, reviews: Sequence[np.ndarray], recipe: Recipe) -> np.ndarray:
    """Las probabilidades, de lote en lote y de la crítica más corta a la más larga."""
    inputs = encode(reviews, recipe)
    order = np.argsort([len(review) for review in inputs], kind="stable")
    batches = np.split(order, range(SCORED, len(order), SCORED))
    data = _dataset(inputs, np.zeros(len(inputs), dtype=int), batches, recipe)
    found = np.empty(len(inputs))
    found[order] = model.predict(data.map(lambda words, _: words), verbose=0)[:, 0]
    return found


def train_linear(
    reviews: Sequence[np.ndarray], labels: np.ndarray, *, penalty: float = 1.0
) -> Trained:
    """El rival sin red: regresión logística sobre las palabras y los pares que hay en la crítica.

    Cada palabra o par de palabras seguidas, si está, vale el logaritmo de cuánto más sale en las
    críticas favorables que en las otras (Wang y Manning, 2012).

    Parameters
    ----------
    reviews : sequence of ndarray of int, shape (palabras,)
        Las críticas de entrenamiento: cada palabra, su puesto por frecuencia desde 1.
    labels : ndarray of int, shape (críticas,)
        Sus etiquetas.
    penalty : float, default 1.0
        ``C`` de la regresión: cuanto mayor, menos se frenan los pesos.

    Returns
    -------
    Trained
        Lo que predice: ``trained.predict(reviews)``.

    Examples
    --------
    >>> good, bad = np.array([1, 2, 3]), np.array([1, 2, 4])
    >>> trained = train_linear([good, bad] * 5, np.array([1, 0] * 5))
    >>> (trained.predict([np.array([2, 3]), np.array([2, 4])]) > 0.5).tolist()
    [True, False]
    """
    from sklearn.linear_model import LogisticRegression

    labels = np.asarray(labels)
    found = [_words_and_pairs(review) for review in reviews]
    codes, counts = np.unique(np.concatenate(found), return_counts=True)
    codes = codes[counts >= RARE]
    present = _presence(found, codes)
    favourable, other = (1 + present[labels == label].sum(axis=0) for label in (1, 0))
    ratios = np.log(favourable / favourable.sum()) - np.log(other / other.sum())
    model = LogisticRegression(C=penalty, solver="liblinear", dual=True, random_state=0)
    model.fit(_weigh(present, ratios), labels)

    def predict(new: Sequence[np.ndarray]) -> np.ndarray:
        table = _presence([_words_and_pairs(review) for review in new], codes)
        return model.predict_proba(_weigh(table, ratios))[:, 1]

    return Trained(predict, len(codes) + 1)


def _words_and_pairs(review: np.ndarray) -> np.ndarray:
    """Los códigos, sin repetir, de las palabras y los pares de una crítica.

    Examples
    --------
    >>> [divmod(int(code), PAIR) for code in _words_and_pairs(np.array([3, 5, 3]))]
    [(0, 3), (0, 5), (3, 5), (5, 3)]
    """
    review = review.astype(np.int64)
    return np.unique(np.concatenate([review, review[:-1] * PAIR + review[1:]]))


def _presence(found: list[np.ndarray], codes: np.ndarray) -> csr_array:
    """Una fila por crítica y una columna por código: 1 si está."""
    from scipy.sparse import csr_array

    rows = np.repeat(np.arange(len(found), dtype=np.int32), [len(part) for part in found])
    flat = np.concatenate(found)
    columns = np.minimum(np.searchsorted(codes, flat), len(codes) - 1).astype(np.int32)
    known = codes[columns] == flat
    rows, columns = rows[known], columns[known]
    return csr_array(
        (np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(found), len(codes))
    )


def _weigh(present: csr_array, ratios: np.ndarray) -> csr_array:
    """Cada columna, por su logaritmo."""
    weighed = present.astype(float)
    weighed.data *= ratios[weighed.indices]
    return weighed

"""¿Qué red lee mejor un dígito? Recurrentes y no recurrentes, con los mismos datos."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import keras

Examples = tuple[np.ndarray, np.ndarray]

EPOCHS, BATCH = 30, 128
LOGISTIC = "logística"
SHUFFLED = "convolucional 16, píxeles barajados"
RATE = 0.03  # la tasa de aprendizaje del primer paso; baja hasta cero
CLIP = 1.0  # norma máxima del gradiente: sin ella, alguna red se estropea con la tasa mayor


class Parts(NamedTuple):
    """Los tres conjuntos; cada uno, imágenes (lote, filas, columnas) y etiquetas (lote,)."""

    train: Examples
    validation: Examples
    test: Examples


def split_digits(images: np.ndarray, labels: np.ndarray, *, seed: int) -> Parts:
    """Reparte las imágenes al azar, con la misma proporción de cada dígito en las tres partes.

    Las de la prueba son siempre las mismas, y las otras dos partes cambian con la semilla: ninguna
    imagen con la que se elige una red se usa después para ponerle nota.

    Parameters
    ----------
    images : ndarray of shape (lote, filas, columnas)
        Intensidades.
    labels : ndarray of shape (lote,)
        Los dígitos.
    seed : int
        Semilla del reparto entre entrenamiento y validación.

    Returns
    -------
    Parts
        El 65 % para entrenar, el 15 % para validar y el 20 % para probar; las intensidades, en
        float32 y de 0 a 1.

    Raises
    ------
    ValueError
        Si no hay tantas etiquetas como imágenes.

    Examples
    --------
    >>> parts = split_digits(np.ones((200, 8, 8)), np.arange(200) % 10, seed=0)
    >>> [len(labels) for _, labels in parts]
    [130, 30, 40]
    """
    from sklearn.model_selection import train_test_split

    if len(images) != len(labels):
        raise ValueError(
            f"Se esperaba una etiqueta por imagen: hay {len(images)} imágenes y {len(labels)} "
            "etiquetas. ¿Vienen de conjuntos distintos?"
        )
    scaled = (images / images.max()).astype("float32")
    x, test_x, y, test_y = train_test_split(
        scaled, labels, test_size=0.2, stratify=labels, random_state=0
    )
    x, validation_x, y, validation_y = train_test_split(
        x, y, test_size=0.1875, stratify=y, random_state=seed
    )
    return Parts((x, y), (validation_x, validation_y), (test_x, test_y))


def _dense(units: int) -> list:
    from keras import layers

    return [layers.Flatten(), layers.Dense(units, activation="relu")]


def _convolutional(filters: int) -> list:
    from keras import layers

    options = {"kernel_size": 3, "padding": "same", "activation": "relu"}
    return [
        layers.Conv2D(filters, **options),
        layers.MaxPooling2D(2),
        layers.Conv2D(2 * filters, **options),
        layers.Flatten(),
    ]


def _lstm(*units: int, both: bool = False, every: bool = False, **options) -> list:
    """Capas apiladas; con ``both``, en los dos sentidos; con ``every``, salen todos los estados."""
    from keras import layers

    stack = []
    for place, size in enumerate(units):
        sequences = every or place < len(units) - 1
        layer = layers.LSTM(size, return_sequences=sequences, **options)
        stack.append(layers.Bidirectional(layer) if both else layer)
    return stack


def _dropped(rate: float, units: int) -> list:
    """Una capa ``Dropout`` delante: sortea en cada paso lo que anula."""
    from keras import layers

    return [layers.Dropout(rate), *_lstm(units)]


def _normalized(units: int) -> list:
    """Normalización por capa sobre el último estado."""
    from keras import layers

    return [*_lstm(units), layers.LayerNormalization()]


def _by_row(units: int) -> list:
    """Sin recurrencia: la misma capa densa con cada fila, y ninguna sabe de las demás."""
    from keras import layers

    return [layers.Dense(units, activation="relu")]


def _flattened(steps: list) -> list:
    """Lo que sale de cada paso, puesto en fila: la salida sabe de qué paso es cada número."""
    from keras import layers

    return [*steps, layers.Flatten()]


def _averaged(steps: list) -> list:
    """La media de lo que sale de cada paso: la salida no sabe de qué paso es nada."""
    from keras import layers

    return [*steps, layers.GlobalAveragePooling1D()]


# Lo que va entre la entrada y la salida de cada red. Todas rondan los diez mil parámetros.
MODELS: dict[str, Callable[[], list]] = {
    "densa 128": lambda: _dense(128),
    "convolucional 16": lambda: _convolutional(16),
    "LSTM 44": lambda: _lstm(44),
    "media de los estados 44": lambda: _averaged(_lstm(44, every=True)),
    "todos los estados 38": lambda: _flattened(_lstm(38, every=True)),
    "sin recurrencia, media 500": lambda: _averaged(_by_row(500)),
    "sin recurrencia, todo 110": lambda: _flattened(_by_row(110)),
    "bidireccional 30": lambda: _lstm(30, both=True),
    "apilada 28": lambda: _lstm(28, 28),
    SHUFFLED: lambda: _convolutional(16),
    "LSTM 44 con dropout": lambda: _lstm(44, dropout=0.2),
    "LSTM 44 con Dropout delante": lambda: _dropped(0.2, 44),
    "LSTM 44 con recurrent_dropout": lambda: _lstm(44, recurrent_dropout=0.2),
    "LSTM 44 con normalización": lambda: _normalized(44),
}

# El control de otra red: solo cambia en una cosa, y se entrena con la tasa de esa otra.
VARIANTS = {SHUFFLED: "convolucional 16"}


def build_model(name: str, shape: tuple[int, int], *, classes: int = 10) -> keras.Model:
    """Una de las redes que se comparan, sin entrenar.

    Parameters
    ----------
    name : str
        Una de ``MODELS``.
    shape : (int, int)
        Filas y columnas de cada imagen: pasos y características para una red recurrente.
    classes : int, default 10
        Salidas.

    Raises
    ------
    ValueError
        Si el nombre no es de ninguna.

    Examples
    --------
    >>> build_model("lstm", (8, 8))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: No hay ninguna red 'lstm'. Las hay: densa 128, convolucional 16, ...
    """
    import keras

    if name not in MODELS:
        raise ValueError(f"No hay ninguna red {name!r}. Las hay: {', '.join(MODELS)}.")
    start = [keras.layers.Reshape((*shape, 1))] if name.startswith("convolucional") else []
    output = keras.layers.Dense(classes, activation="softmax")
    return keras.Sequential([keras.Input(shape), *start, *MODELS[name](), output])


def accuracy(model: keras.Model, examples: Examples) -> float:
    """Parte de las imágenes que el modelo acierta.

    Parameters
    ----------
    model : keras.Model
        Da, de cada imagen, una probabilidad por dígito.
    examples : (ndarray of shape (lote, filas, columnas), ndarray of shape (lote,))
        Imágenes y etiquetas.

    Examples
    --------
    >>> accuracy(build_model("LSTM 44", (8, 8)), parts.test)  # doctest: +SKIP
    0.094
    """
    images, labels = examples
    return float(np.mean(model(images).numpy().argmax(axis=1) == labels))


def measure_logistic(
    images: np.ndarray, labels: np.ndarray, *, seeds: Iterable[int]
) -> Iterator[dict[str, str | int | float]]:
    """La referencia: una regresión logística sobre todos los puntos, la de scikit-learn.

    Parameters
    ----------
    images : ndarray of shape (lote, filas, columnas)
        Intensidades.
    labels : ndarray of shape (lote,)
        Los dígitos.
    seeds : iterable of int
        Semillas del reparto.

    Yields
    ------
    dict
        Una fila como las de :func:`measure`; los segundos son los del ajuste entero.

    Examples
    --------
    >>> images = np.eye(40)[:, :16].reshape(40, 4, 4) + np.arange(40)[:, None, None] % 2
    >>> (row,) = measure_logistic(images, np.arange(40) % 2, seeds=[0])
    >>> row["params"], row["train"]
    (17, 1.0)
    """
    from sklearn.linear_model import LogisticRegression

    for seed in seeds:
        parts = split_digits(images, labels, seed=seed)
        flat = {part: (x.reshape(len(x), -1), y) for part, (x, y) in parts._asdict().items()}
        start = time.process_time()
        model = LogisticRegression(max_iter=1_000).fit(*flat["train"])
        seconds = time.process_time() - start
        hits = {part: float(model.score(*examples)) for part, examples in flat.items()}
        params = model.coef_.size + model.intercept_.size
        row = {"model": LOGISTIC, "params": params, "rate": 0.0, "seed": seed}  # sin tasa
        yield {**row, **hits, "seconds": seconds}


def measure(
    name: str,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    seeds: Iterable[int],
    epochs: int = EPOCHS,
    rate: float = RATE,
) -> Iterator[dict[str, str | int | float]]:
    """Con cada semilla, reparte los datos, entrena la red desde cero y mide cuánto acierta.

    La semilla decide el reparto, los pesos iniciales y el orden de los lotes. Adam, con una tasa
    que baja hasta cero como medio periodo de coseno, recorte a norma 1 y entropía cruzada. No hay
    parada temprana: la validación sirve para elegir.

    Parameters
    ----------
    name : str
        Una de ``MODELS``.
    images : ndarray of shape (lote, filas, columnas)
        Intensidades.
    labels : ndarray of shape (lote,)
        Los dígitos.
    seeds : iterable of int
        Semillas.
    epochs : int
        Pasadas por los datos de entrenamiento.
    rate : float
        Tasa de aprendizaje del primer paso.

    Yields
    ------
    dict
        Red, parámetros, tasa, semilla, acierto en cada conjunto y segundos de procesador que costó
        entrenarla. En la primera semilla, también lo que TensorFlow tarda en preparar la red.

    Examples
    --------
    >>> rows = measure("LSTM 44", digits.images, digits.labels, seeds=range(5))  # doctest: +SKIP
    >>> [row["test"] for row in rows]  # doctest: +SKIP
    [0.936, 0.958, 0.956, 0.978, 0.967]
    """
    import keras

    shape, classes = images.shape[1:], len(np.unique(labels))
    if name == SHUFFLED:
        images = shuffle_pixels(images)
    model = None
    for seed in seeds:
        parts = split_digits(images, labels, seed=seed)
        x, y = parts.train
        rng = np.random.default_rng(seed)
        order = np.concatenate([rng.permutation(len(x)) for _ in range(epochs)])
        keras.utils.set_random_seed(seed)
        fresh = build_model(name, shape, classes=classes)
        if model is None:
            model = fresh
            _compile(model, rate, -(-len(order) // BATCH))
        else:
            _restart(model, fresh)
        start = time.process_time()
        # Todas las épocas de una vez: con redes tan pequeñas, lo que más cuesta es empezarlas.
        model.fit(x[order], y[order], batch_size=BATCH, shuffle=False, verbose=0)
        seconds = time.process_time() - start
        hits = {part: accuracy(model, examples) for part, examples in parts._asdict().items()}
        row = {"model": name, "params": model.count_params(), "rate": rate, "seed": seed}
        yield {**row, **hits, "seconds": seconds}


def shuffle_pixels(images: np.ndarray) -> np.ndarray:
    """Cambia de sitio los píxeles, igual en todas las imágenes: cada uno pierde a sus vecinos.

    Parameters
    ----------
    images : ndarray of shape (lote, filas, columnas)
        Intensidades.

    Examples
    --------
    >>> shuffle_pixels(np.arange(8).reshape(2, 2, 2)).tolist()
    [[[2, 0], [1, 3]], [[6, 4], [5, 7]]]
    """
    flat = images.reshape(len(images), -1)
    order = np.random.default_rng(0).permutation(flat.shape[1])
    return flat[:, order].reshape(images.shape)


def choose_rates(models: np.ndarray, rates: np.ndarray, accuracies: np.ndarray) -> dict[str, float]:
    """De cada red, la tasa con la que más acierta de media.

    Parameters
    ----------
    models : ndarray of shape (ejecuciones,)
        Nombre de la red de cada ejecución.
    rates : ndarray of shape (ejecuciones,)
        Su tasa.
    accuracies : ndarray of shape (ejecuciones,)
        Su acierto en la validación.

    Examples
    --------
    >>> models = np.array(["LSTM 44"] * 4)
    >>> choose_rates(models, np.array([0.01, 0.1, 0.1, 0.01]), np.array([0.9, 0.7, 1.0, 0.9]))
    {'LSTM 44': 0.01}
    """

    def mean(name: str, rate: float) -> float:
        return accuracies[(models == name) & (rates == rate)].mean()

    chosen = {}
    for name in dict.fromkeys(models.tolist()):
        tried = np.unique(rates[models == name]).tolist()
        chosen[name] = max(tried, key=lambda rate, name=name: mean(name, rate))
    return chosen


def _compile(model: keras.Model, rate: float, steps: int) -> None:
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule, global_clipnorm=CLIP),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=min(steps, 20),  # pasos por llamada a TensorFlow: menos espera
    )


def _restart(model: keras.Model, fresh: keras.Model) -> None:
    """Deja un modelo ya compilado como recién creado: preparar otro cuesta más que entrenarlo."""
    for old, new in zip(model.variables, fresh.variables, strict=True):
        old.assign(new)
    for variable in model.optimizer.variables:
        variable.assign(variable * 0)

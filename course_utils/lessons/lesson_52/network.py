"""Una red para todas las series: lee ocho semanas y da diez cuantiles de cada día de la próxima."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from course_utils.environment import home_dir
from course_utils.lessons.lesson_52.problem import WEEK, Examples

if TYPE_CHECKING:
    import keras

LEVELS = np.round(np.arange(0.05, 1.0, 0.1), 2)  # 0.05, 0.15, …, 0.95
BATCH = 256
NO_LIMIT = 1e6  # en escalas: un día en que la demanda se vio entera
DENSE_UNITS = {32: 26, 16: 10}  # tantos parámetros como la GRU de esas unidades, o casi


@dataclass(frozen=True)
class Recipe:
    """Cómo se hace una red.

    Attributes
    ----------
    units : int
        Tamaño del estado.
    rate : float
        Tasa de aprendizaje al empezar; baja hasta cero como un coseno.
    epochs : int
        Vueltas; se queda con la de menor pérdida de validación.
    recurrent : bool
        Si lee las semanas una a una. Si no, una capa densa las ve todas a la vez.
    censored : bool
        Si la pérdida sabe que un día con rotura esconde demanda.
    """

    units: int = 32
    rate: float = 0.003
    epochs: int = 12
    recurrent: bool = True
    censored: bool = True


class GlobalNetwork:
    """La red entrenada y cuánto perdió en la validación en cada época."""

    def __init__(self, model: keras.Model, losses: np.ndarray) -> None:
        self.model, self.losses = model, losses

    def quantiles(self, examples: Examples) -> np.ndarray:
        """Los cuantiles de cada día, en unidades y sin cruces: (filas, 7, niveles)."""
        found = self.model.predict((examples.past, examples.future), batch_size=2048, verbose=0)
        return found.astype("float64") * examples.scale[:, None, None]


def mean_of(quantiles: np.ndarray) -> np.ndarray:
    """La media de una demanda, aproximada con sus cuantiles, que van de diez en diez puntos.

    Examples
    --------
    >>> mean_of(np.array([[1.0, 2.0, 6.0]]))
    array([3.])
    """
    return quantiles.mean(axis=-1)


def build_network(features: tuple[int, int, int], recipe: Recipe) -> keras.Model:
    """La red sin entrenar.

    Parameters
    ----------
    features : tuple of (int, int, int)
        Semanas que se ven, números por semana y números que se saben de antemano.
    recipe : Recipe
    """
    import keras

    weeks, per_week, ahead = features
    past = keras.Input((weeks, per_week), name="visto")
    future = keras.Input((ahead,), name="sabido")
    if recipe.recurrent:
        summary = keras.layers.GRU(recipe.units)(past)  # (lote, oculto)
    else:
        dense = keras.layers.Dense(DENSE_UNITS[recipe.units], activation="tanh")
        summary = dense(keras.layers.Flatten()(past))
    both = keras.layers.Concatenate()([summary, future])
    hidden = keras.layers.Dense(32, activation="relu")(both)
    steps = keras.layers.Dense(WEEK * len(LEVELS), activation="softplus")(hidden)
    steps = keras.layers.Reshape((WEEK, len(LEVELS)))(steps)  # (lote, 7, niveles), positivos
    # Cada cuantil es el anterior y algo más: no se pueden cruzar.
    return keras.Model((past, future), keras.ops.cumsum(steps, axis=-1))


def censored_loss(truth: object, quantiles: object) -> object:
    """Pérdida del cuantil que no castiga lo que las existencias no dejaron ver.

    Parameters
    ----------
    truth : tensor of shape (lote, 7, 2)
        Lo vendido y hasta dónde se pudo ver la demanda.
    quantiles : tensor of shape (lote, 7, niveles)

    Notes
    -----
    Se compara lo vendido con el menor de dos: el cuantil y el límite. Fuente de la idea: Powell
    (1986), *Censored regression quantiles*, Journal of Econometrics 32.
    """
    from keras import ops

    levels = ops.convert_to_tensor(LEVELS.astype("float32"))
    gap = truth[..., :1] - ops.minimum(quantiles, truth[..., 1:])
    return ops.mean(ops.maximum(levels * gap, (levels - 1.0) * gap), axis=(1, 2))


def targets(examples: Examples, *, censored: bool) -> np.ndarray:
    """Lo vendido y hasta dónde se pudo ver la demanda, en escalas: (filas, 7, 2).

    Un día con rotura se vio hasta lo puesto a la venta. Los demás se vio entera: no hay límite. Con
    el límite todos los días, nada baja a un cuantil que se ha pasado, y sube sin fin.
    """
    sold_out = (examples.sales >= examples.stock) & censored
    limit = np.where(sold_out, examples.stock / examples.scale[:, None], NO_LIMIT)
    return np.stack([examples.sales / examples.scale[:, None], limit], axis=2).astype("float32")


def fit_global(
    train: Examples,
    validation: Examples,
    *,
    seed: int,
    recipe: Recipe = Recipe(),
    callbacks: tuple = (),
) -> GlobalNetwork:
    """Entrena una red con todas las series.

    Parameters
    ----------
    train, validation : Examples
    seed : int
        Semilla de los pesos y del orden de los ejemplos.
    recipe : Recipe, optional
    callbacks : tuple of keras.callbacks.Callback, optional
        Para ver por dónde va.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model = build_network((*train.past.shape[1:], train.future.shape[1]), recipe)
    updates = recipe.epochs * -(-len(train.past) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(recipe.rate, updates)
    adam = keras.optimizers.Adam(schedule, global_clipnorm=1.0)
    model.compile(optimizer=adam, loss=censored_loss, steps_per_execution=8)
    stop = keras.callbacks.EarlyStopping(patience=recipe.epochs, restore_best_weights=True)
    history = model.fit(
        (train.past, train.future),
        targets(train, censored=recipe.censored),
        validation_data=(
            (validation.past, validation.future),
            targets(validation, censored=recipe.censored),
        ),
        batch_size=BATCH,
        validation_batch_size=2048,
        epochs=recipe.epochs,
        callbacks=[stop, *callbacks],
        verbose=0,
    )
    return GlobalNetwork(model, np.array(history.history["val_loss"]))


def recall_or_train(
    train: Examples,
    validation: Examples,
    *,
    seed: int,
    recipe: Recipe = Recipe(),
    callbacks: tuple = (),
    folder: Path | None = None,
) -> GlobalNetwork:
    """La red de esos ejemplos, esa semilla y esa receta: la guardada, si la hay, o una nueva.

    Si el archivo está estropeado, se entrena otra y se guarda encima.

    Parameters
    ----------
    train, validation, seed, recipe, callbacks
        Como en :func:`fit_global`.
    folder : Path, optional
        Dónde se guarda; por omisión, ``proyectos/52`` de la carpeta personal del curso.
    """
    folder = home_dir() / "proyectos" / "52" if folder is None else folder
    path = folder / f"{_key(train, validation, seed, recipe)}.npz"
    if path.is_file():
        try:
            return _recall(path, train, recipe)
        except (ValueError, KeyError, OSError, BadZipFile):
            pass  # cortado o de otra versión: se entrena de nuevo
    found = fit_global(train, validation, seed=seed, recipe=recipe, callbacks=callbacks)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {f"peso_{i:02d}": one for i, one in enumerate(found.model.get_weights())}
    with open(path, "wb") as file:
        np.savez(file, losses=found.losses, **weights)
    return found


def _recall(path: Path, train: Examples, recipe: Recipe) -> GlobalNetwork:
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
        weights = [arrays[name] for name in sorted(arrays.files) if name.startswith("peso_")]
        losses = arrays["losses"]
    model = build_network((*train.past.shape[1:], train.future.shape[1]), recipe)
    model.set_weights(weights)
    return GlobalNetwork(model, losses)


def _key(train: Examples, validation: Examples, seed: int, recipe: Recipe) -> str:
    """Lo que distingue un entrenamiento de otro, resumido; el código que entrena también."""
    digest = hashlib.sha256(repr((seed, recipe)).encode())
    digest.update(Path(inspect.getfile(Recipe)).read_bytes())
    for one in (*train, *validation):
        digest.update(np.ascontiguousarray(one).tobytes())
    return digest.hexdigest()[:16]

"""De una serie a lo que come una red: ventanas, objetivos y conjuntos sin fugas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from course_utils.validation import as_array, as_int


class Windows(NamedTuple):
    """Ventanas y sus objetivos.

    Attributes
    ----------
    inputs : ndarray of shape (ventanas, ancho) or (ventanas, ancho, características)
        Cada fila, un tramo seguido de la serie.
    targets : ndarray of shape (ventanas,) or (ventanas, características)
        El valor que sigue a cada ventana a ``horizon`` pasos.
    """

    inputs: np.ndarray
    targets: np.ndarray


class Split(NamedTuple):
    """Tres tramos seguidos en el tiempo, como ``slice`` para indexar arrays."""

    train: slice
    validation: slice
    test: slice


class ScaledWindows(NamedTuple):
    """Una serie en ventanas escaladas y repartidas en orden, como las quiere una red."""

    train: tuple[np.ndarray, np.ndarray]  # (ventanas, tiempo, 1) y objetivos (ventanas, 1)
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    mean: float  # la escala, en las unidades de la serie
    std: float


def make_windows(series: np.ndarray, *, width: int, horizon: int = 1) -> Windows:
    """Corta una serie en ventanas deslizantes con su objetivo.

    La ventana ``i`` es ``series[i : i + width]`` y su objetivo ``series[i + width + horizon - 1]``.

    Parameters
    ----------
    series : ndarray of shape (tiempo,) or (tiempo, características)
        La serie, en orden temporal y sin huecos.
    width : int
        Cuántos valores ve cada ventana.
    horizon : int, default 1
        A cuántos pasos del último valor visto está el objetivo; 1 es el siguiente.

    Returns
    -------
    Windows
        ``inputs`` es una vista de solo lectura de la serie: no ocupa memoria. Con una serie de una
        dimensión, ``inputs[..., None]`` tiene la forma (lote, tiempo, características).

    Raises
    ------
    TypeError, ValueError
        Si la serie no es numérica, tiene huecos o es demasiado corta, o los tamaños no valen.

    Examples
    --------
    >>> windows = make_windows([10, 20, 30, 40, 50], width=3)
    >>> windows.inputs
    array([[10, 20, 30],
           [20, 30, 40]])
    >>> windows.targets
    array([40, 50])
    """
    series = as_array("series", series, ndim=(1, 2))
    width = as_int("width", width, minimum=1)
    horizon = as_int("horizon", horizon, minimum=1)
    _check_length(series, width, horizon)
    targets = series[width + horizon - 1 :]
    views = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)[: len(targets)]
    inputs = np.moveaxis(views, -1, 1) if series.ndim == 2 else views
    return Windows(inputs, targets)


def _check_length(series: np.ndarray, width: int, horizon: int) -> None:
    needed = width + horizon
    if len(series) < needed:
        raise ValueError(
            f"Con width={width} y horizon={horizon} la serie debe tener al menos {needed} valores; "
            f"ha llegado una de {len(series)}. Usa una serie más larga o una ventana menor."
        )


def window_batches(
    series: np.ndarray,
    *,
    width: int,
    batch_size: int,
    horizon: int = 1,
    rng: np.random.Generator | None = None,
) -> Iterator[Windows]:
    """Recorre las ventanas de una serie en lotes, sin tenerlas nunca todas en memoria.

    Parameters
    ----------
    series : ndarray of shape (tiempo,) or (tiempo, características)
        La serie, en orden temporal y sin huecos.
    width, horizon : int
        Como en :func:`make_windows`.
    batch_size : int
        Ventanas por lote; el último puede traer menos.
    rng : numpy.random.Generator, optional
        Si se da, las ventanas salen barajadas; si no, en orden.

    Yields
    ------
    Windows
        Copias propias: modificarlas no cambia la serie.

    Raises
    ------
    TypeError, ValueError
        Como :func:`make_windows`, antes de dar el primer lote.

    Examples
    --------
    >>> batches = window_batches(range(10), width=3, batch_size=4)
    >>> [batch.inputs.shape for batch in batches]
    [(4, 3), (3, 3)]
    """
    batch_size = as_int("batch_size", batch_size, minimum=1)
    windows = make_windows(series, width=width, horizon=horizon)
    return _batches(np.ascontiguousarray(series), windows, width, batch_size, rng)


def _batches(
    series: np.ndarray,
    windows: Windows,
    width: int,
    batch_size: int,
    rng: np.random.Generator | None,
) -> Iterator[Windows]:
    count = len(windows.targets)
    order = np.arange(count) if rng is None else rng.permutation(count)
    # Cada ventana es un bloque seguido de la serie aplanada: se copia de un tirón.
    step = series[0].size
    blocks = np.lib.stride_tricks.sliding_window_view(series.ravel(), width * step)[::step]
    for start in range(0, count, batch_size):
        chosen = order[start : start + batch_size]
        inputs = blocks[chosen].reshape(len(chosen), width, *series.shape[1:])
        yield Windows(inputs, windows.targets[chosen])


def chronological_split(
    count: int, *, validation: float = 0.15, test: float = 0.15, gap: int = 0
) -> Split:
    """Reparte ``count`` ejemplos en orden: primero se entrena, después se valida y se prueba.

    Parameters
    ----------
    count : int
        Número de ejemplos, ordenados en el tiempo.
    validation, test : float
        Qué parte va a cada conjunto.
    gap : int, default 0
        Ejemplos que se descartan entre un conjunto y el siguiente. Con ventanas de horizonte
        ``h``, ``gap = h - 1`` evita que un objetivo de entrenamiento sea posterior al momento en
        que se hace el primer pronóstico de prueba.

    Returns
    -------
    Split
        ``slice`` para entrenamiento, validación y prueba.

    Raises
    ------
    TypeError, ValueError
        Si las partes no son fracciones o algún conjunto que se ha pedido queda vacío.

    Examples
    --------
    >>> chronological_split(100, validation=0.2, test=0.1)
    Split(train=slice(0, 70, None), validation=slice(70, 90, None), test=slice(90, 100, None))
    """
    count = as_int("count", count, minimum=1)
    gap = as_int("gap", gap, minimum=0)
    for name, part in (("validation", validation), ("test", test)):
        if not 0 <= part < 1:
            raise ValueError(
                f"{name} debe estar entre 0 y 1; ha llegado {part}. Usa, p. ej., 0.15."
            )
    n_validation, n_test = round(count * validation), round(count * test)
    test_start = count - n_test
    validation_end = test_start - gap if n_test else test_start
    validation_start = validation_end - n_validation
    train_end = validation_start - gap if n_validation else validation_end
    emptied = (validation and not n_validation) or (test and not n_test)
    if train_end < 1 or emptied:
        raise ValueError(
            f"Con {count} ejemplos, validation={validation}, test={test} y gap={gap} algún "
            "conjunto queda vacío. Usa más ejemplos, partes mayores o un gap menor."
        )
    return Split(
        slice(0, train_end), slice(validation_start, validation_end), slice(test_start, count)
    )


def scaled_windows(series: np.ndarray, *, width: int) -> ScaledWindows:
    """Ventanas de una serie, en orden y escaladas solo con lo que se conoce al entrenar.

    Las partes son las de :func:`chronological_split`; la media y la desviación, las de los valores
    que ven las ventanas y los objetivos de entrenamiento.

    Parameters
    ----------
    series : ndarray of shape (tiempo,)
        La serie, en orden temporal y sin huecos.
    width : int
        Cuántos valores ve cada ventana; el objetivo es el siguiente.

    Returns
    -------
    ScaledWindows
        Entrenamiento, validación y prueba, en precisión simple, y la escala.

    Raises
    ------
    TypeError, ValueError
        Si la serie no es de una dimensión, es demasiado corta para esa anchura o sus valores de
        entrenamiento son todos iguales.

    Examples
    --------
    >>> parts = scaled_windows(np.arange(30.0), width=4)
    >>> parts.train[0].shape, parts.train[1].shape, parts.mean
    ((18, 4, 1), (18, 1), 10.5)
    """
    series = as_array("series", series, ndim=1, dtype="float64")
    windows = make_windows(series, width=width)
    split = chronological_split(len(windows.targets))
    known = series[: split.train.stop + width]
    mean, std = float(known.mean()), float(known.std())
    if std == 0:
        raise ValueError(
            f"Los {len(known)} valores de entrenamiento son todos {mean:g}: no hay escala que "
            "calcular ni nada que aprender. Comprueba la serie."
        )
    x = ((windows.inputs - mean) / std)[..., None].astype(np.float32)
    y = ((windows.targets - mean) / std)[:, None].astype(np.float32)
    return ScaledWindows(*((x[part], y[part]) for part in split), mean, std)

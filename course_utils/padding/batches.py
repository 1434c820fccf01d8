"""Lotes de secuencias de longitudes distintas: montarlos, enmascararlos y agruparlos.

Aquí toda secuencia tiene al menos un paso: de una vacía no se puede leer un último estado ni hacer
una media, y ``pack_padded_sequence`` tampoco la admite. Quítala o ponle una marca de final.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from course_utils.validation import as_array, as_int, describe

Side = Literal["right", "left"]
End = Literal["start", "end"]
_EMPTY = "Quita las secuencias vacías o ponles una marca de final."


class Padded(NamedTuple):
    """Un lote rellenado.

    Attributes
    ----------
    values : ndarray of shape (lote, tiempo, ...)
        Las secuencias, con el mismo número de pasos.
    lengths : ndarray of shape (lote,)
        Los pasos reales de cada una, ya recortada si hacía falta.
    mask : ndarray of shape (lote, tiempo)
        Verdadero en los pasos reales.
    """

    values: np.ndarray
    lengths: np.ndarray
    mask: np.ndarray


def pad(
    sequences: Sequence[np.ndarray],
    *,
    length: int | None = None,
    value: float = 0.0,
    side: Side = "right",
    keep: End | None = None,
) -> Padded:
    """Rellena secuencias de longitudes distintas hasta que caben en un array.

    Parameters
    ----------
    sequences : sequence of ndarray of shape (pasos,) or (pasos, características)
        Identificadores o características. Ninguna puede estar vacía.
    length : int, optional
        Pasos del lote; sin él, los de la secuencia más larga.
    value : float, default 0.0
        Con qué se rellena. NaN vale si las secuencias tienen decimales: delata a quien lo lea.
    side : {"right", "left"}, default "right"
        Dónde va el relleno: tras la secuencia o antes de ella. ``pad_sequences``, de Keras, lo pone
        delante si no se le dice otra cosa.
    keep : {"start", "end"}, optional
        Qué parte se conserva de una secuencia más larga que ``length``. Sin él es un error:
        recortar es perder datos.

    Returns
    -------
    Padded
        Con la precisión de las secuencias.

    Raises
    ------
    TypeError, ValueError
        Si una secuencia está vacía, no es numérica, tiene huecos o no encaja con las demás; si no
        cabe en ``length``; o si el relleno no cabe en el tipo de las secuencias.

    Examples
    --------
    >>> batch = pad([[7, 8, 9], [5]])
    >>> batch.values
    array([[7, 8, 9],
           [5, 0, 0]])
    >>> batch.lengths
    array([3, 1])
    >>> pad([[7, 8, 9], [5]], length=2, keep="end", side="left").values
    array([[8, 9],
           [0, 5]])
    """
    arrays = as_sequences("sequences", sequences)
    _check_option("side", side, ("right", "left"))
    longest = max(map(len, arrays))
    length = longest if length is None else as_int("length", length, minimum=1)
    arrays = [_cut(place, array, length, keep) for place, array in enumerate(arrays)]
    dtype = np.result_type(*arrays)
    values = np.full(
        (len(arrays), length, *arrays[0].shape[1:]), as_filling(value, dtype), dtype=dtype
    )
    lengths = np.array([len(array) for array in arrays])
    mask = mask_from_lengths(lengths, length)
    if side == "left":
        mask = mask[:, ::-1].copy()
    for row, real, array in zip(values, mask, arrays, strict=True):
        row[real] = array
    return Padded(values, lengths, mask)


def as_sequences(name: str, sequences: Iterable[object]) -> list[np.ndarray]:
    """Comprueba una lista de secuencias: numéricas, sin huecos, no vacías y del mismo ancho.

    Raises
    ------
    TypeError, ValueError
        Con el nombre y el lugar de la primera que no vale.

    Examples
    --------
    >>> [len(array) for array in as_sequences("sequences", [[1, 2], [3]])]
    [2, 1]
    """
    if isinstance(sequences, str | bytes) or not isinstance(sequences, Iterable):
        raise TypeError(
            f"{name} debe ser una lista de secuencias; ha llegado {describe(sequences)}. Pasa una "
            "lista de arrays, por ejemplo [[1, 2, 3], [4, 5]]."
        )
    arrays = [as_array(f"{name}[{place}]", one) for place, one in enumerate(sequences)]
    if not arrays:
        raise ValueError(f"{name} está vacía. Pasa al menos una secuencia.")
    for place, array in enumerate(arrays):
        if array.ndim == 0:
            raise ValueError(
                f"{name}[{place}] debe ser una secuencia; ha llegado el número {array}. Pasa una "
                "lista de secuencias, aunque solo haya una: [[1, 2, 3]]."
            )
        if len(array) == 0:
            raise ValueError(f"{name}[{place}] no tiene ningún paso. {_EMPTY}")
        if array.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(
                f"Todas las secuencias deben tener las mismas características por paso; {name}[0] "
                f"tiene forma {arrays[0].shape} y {name}[{place}], {array.shape}."
            )
    return arrays


def as_filling(value: object, dtype: np.dtype) -> np.ndarray:
    """Lleva el valor de relleno al tipo de las secuencias, si cabe sin cambiar.

    Raises
    ------
    TypeError, ValueError
        Si no es un número o el tipo de las secuencias no lo puede guardar.

    Examples
    --------
    >>> as_filling(-1.0, np.dtype("int64"))
    array(-1)
    """
    number = as_array("value", value, ndim=0, finite=False)
    with np.errstate(all="ignore"):
        filling = number.astype(dtype)
        kept = np.isclose(filling.astype("float64"), number, rtol=1e-2, equal_nan=True)
    if not kept or (dtype.kind in "biu" and filling != number):
        raise ValueError(
            f"value={number} no cabe en secuencias de tipo {dtype}: se convertiría en {filling}. "
            "Usa otro relleno o cambia antes el tipo de las secuencias."
        )
    return filling


def _cut(place: int, array: np.ndarray, length: int, keep: End | None) -> np.ndarray:
    if keep is not None:
        _check_option("keep", keep, ("start", "end"))
    if len(array) <= length:
        return array
    if keep is None:
        raise ValueError(
            f"sequences[{place}] tiene {len(array)} pasos y no cabe en length={length}. Usa un "
            'length mayor, o di qué parte se conserva: keep="start" o keep="end".'
        )
    return array[:length] if keep == "start" else array[-length:]


def _check_option(name: str, value: object, options: tuple[str, ...]) -> None:
    if value not in options:
        wanted = " o ".join(map(repr, options))
        raise ValueError(f"{name} debe ser {wanted}; ha llegado {describe(value)}.")


def mask_from_lengths(lengths: np.ndarray, timesteps: int | None = None) -> np.ndarray:
    """De las longitudes a la máscara, con el relleno a la derecha.

    Parameters
    ----------
    lengths : ndarray of shape (lote,)
        Pasos reales de cada secuencia: enteros desde 1.
    timesteps : int, optional
        Pasos del lote; sin él, la mayor de las longitudes.

    Returns
    -------
    ndarray of shape (lote, tiempo)
        Verdadero en los pasos reales.

    Raises
    ------
    TypeError, ValueError
        Si las longitudes no son enteros positivos o alguna no cabe en ``timesteps``.

    Examples
    --------
    >>> mask_from_lengths([1, 3]).astype(int)
    array([[1, 0, 0],
           [1, 1, 1]])
    """
    if timesteps is not None:
        timesteps = as_int("timesteps", timesteps, minimum=1)
    lengths = _as_lengths(lengths, timesteps=timesteps)
    return np.arange(timesteps or lengths.max()) < lengths[:, None]


def _as_lengths(
    lengths: object, *, batch: int | None = None, timesteps: int | None = None
) -> np.ndarray:
    """Comprueba unas longitudes y dice cuál es la primera que no vale."""
    lengths = as_array("lengths", lengths, ndim=1, min_length=1)
    if lengths.dtype.kind not in "iu":
        raise TypeError(
            f"lengths debe tener números enteros; ha llegado {describe(lengths)}. Si son enteros "
            "con decimales, conviértelos con .astype(int)."
        )
    if batch is not None and len(lengths) != batch:
        raise ValueError(
            f"lengths debe tener una longitud por secuencia, {batch}; han llegado {len(lengths)}."
        )
    for row in np.flatnonzero(lengths < 1)[:1]:
        raise ValueError(
            f"Cada longitud debe ser al menos 1; lengths[{row}] es {lengths[row]}. {_EMPTY}"
        )
    for row in np.flatnonzero(lengths > (timesteps or np.inf))[:1]:
        raise ValueError(
            f"Ninguna longitud puede pasar de los {timesteps} pasos del lote; lengths[{row}] es "
            f"{lengths[row]}. ¿Son las longitudes de antes de recortar, o de otro lote?"
        )
    return lengths


def lengths_from_mask(mask: np.ndarray) -> np.ndarray:
    """De la máscara a las longitudes, si el relleno está todo a la derecha.

    Parameters
    ----------
    mask : ndarray of shape (lote, tiempo)
        Booleana, verdadera en los pasos reales.

    Returns
    -------
    ndarray of shape (lote,)

    Raises
    ------
    TypeError, ValueError
        Si no es booleana, si una secuencia no tiene pasos reales o si alguna tiene un hueco o el
        relleno delante: ninguna longitud puede describirlas.

    Examples
    --------
    >>> lengths_from_mask([[True, False, False], [True, True, True]])
    array([1, 3])
    >>> lengths_from_mask([[True, True], [False, True]])
    Traceback (most recent call last):
        ...
    ValueError: El relleno debe estar todo a la derecha; la fila 1 tiene relleno en el paso 0 y un
    paso real después. Pon el relleno detrás (side="right" en pad) o usa la máscara tal cual.
    """
    mask = _as_mask(mask)
    lengths = mask.sum(axis=1)
    expected = np.arange(mask.shape[1]) < lengths[:, None]
    for row in np.flatnonzero((mask != expected).any(axis=1))[:1]:
        step = int(np.argmin(mask[row]))
        raise ValueError(
            f"El relleno debe estar todo a la derecha; la fila {row} tiene relleno en el paso "
            f'{step} y un paso real después. Pon el relleno detrás (side="right" en pad) o usa la '
            "máscara tal cual."
        )
    return lengths


def _as_mask(mask: object) -> np.ndarray:
    mask = as_array("mask", mask, ndim=2)
    if mask.dtype != bool:
        raise TypeError(
            f"mask debe ser booleana, verdadera en los pasos reales; ha llegado {describe(mask)}. "
            "Si son ceros y unos, conviértela con .astype(bool)."
        )
    for row in np.flatnonzero(~mask.any(axis=1))[:1]:
        raise ValueError(f"La fila {row} de mask no tiene ningún paso real. {_EMPTY}")
    return mask


def last_real(states: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """El valor de cada secuencia en su último paso real, con el relleno a la derecha.

    Es lo correcto en una capa que va solo hacia delante. La que va hacia atrás termina en el paso
    0, y empieza en el relleno si nadie se lo impide.

    Parameters
    ----------
    states : ndarray of shape (lote, tiempo, ...)
        Un valor por paso: normalmente, los estados.
    lengths : ndarray of shape (lote,)
        Pasos reales de cada secuencia.

    Returns
    -------
    ndarray of shape (lote, ...)

    Raises
    ------
    TypeError, ValueError
        Si las longitudes no encajan con los estados.

    Examples
    --------
    >>> last_real([[1, 2, 0], [3, 4, 5]], [2, 3])
    array([2, 5])
    """
    states = _as_steps("states", states)
    lengths = _as_lengths(lengths, batch=len(states), timesteps=states.shape[1])
    return states[np.arange(len(states)), lengths - 1]


def masked_mean(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """La media de cada secuencia en sus pasos reales.

    Parameters
    ----------
    values : ndarray of shape (lote, tiempo, ...)
        Un valor por paso. Lo que haya en el relleno no cuenta, ni aunque sea NaN.
    mask : ndarray of shape (lote, tiempo)
        Booleana, verdadera en los pasos reales; puede tener huecos.

    Returns
    -------
    ndarray of shape (lote, ...)

    Raises
    ------
    TypeError, ValueError
        Si la máscara no es booleana, no encaja con los valores o deja una fila sin pasos reales.

    Examples
    --------
    >>> masked_mean([[1.0, 3.0, 99.0]], [[True, True, False]])
    array([2.])
    """
    values = _as_steps("values", values, finite=False)
    mask = _as_mask(mask)
    if mask.shape != values.shape[:2]:
        raise ValueError(
            f"mask debe tener forma (lote, tiempo) = {values.shape[:2]}; ha llegado {mask.shape}."
        )
    return values.mean(axis=1, where=mask.reshape(*mask.shape, *[1] * (values.ndim - 2)))


def _as_steps(name: str, values: object, *, finite: bool = True) -> np.ndarray:
    values = as_array(name, values, finite=finite)
    if values.ndim < 2:
        raise ValueError(
            f"{name} debe tener forma (lote, tiempo, ...); ha llegado {describe(values)}. "
            "A una sola secuencia ponle delante el eje del lote: values[None]."
        )
    return values


def bucket_batches(
    lengths: np.ndarray,
    *,
    batch_size: int,
    rng: np.random.Generator,
    pool: int = 50,
) -> list[np.ndarray]:
    """Reparte las secuencias de una época en lotes de longitudes parecidas, en orden aleatorio.

    Baraja las secuencias, las separa en grupos de ``pool`` lotes, ordena cada grupo por longitud,
    lo corta en lotes y baraja los lotes. Cada secuencia sale una vez, y solo un lote puede traer
    menos de ``batch_size``.

    Parameters
    ----------
    lengths : ndarray of shape (secuencias,)
        Pasos de cada secuencia.
    batch_size : int
        Secuencias por lote.
    rng : numpy.random.Generator
        De dónde sale el orden.
    pool : int, default 50
        Lotes que se ordenan juntos. Con más hay menos relleno, pero los lotes se repiten más de
        una época a otra; con 1 no hay agrupación.

    Returns
    -------
    list of ndarray
        Los índices de cada lote.

    Raises
    ------
    TypeError, ValueError
        Si las longitudes o los tamaños no son enteros positivos.

    Examples
    --------
    >>> lengths = [2, 9, 3, 8, 2, 9]
    >>> batches = bucket_batches(lengths, batch_size=2, rng=np.random.default_rng(0))
    >>> sorted(sorted(lengths[i] for i in batch) for batch in batches)
    [[2, 2], [3, 8], [9, 9]]
    """
    lengths = _as_lengths(lengths)
    batch_size = as_int("batch_size", batch_size, minimum=1)
    pool = as_int("pool", pool, minimum=1)
    order = rng.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), pool * batch_size):
        group = order[start : start + pool * batch_size]
        group = group[np.argsort(lengths[group], kind="stable")]
        batches += [group[i : i + batch_size] for i in range(0, len(group), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def padding_share(lengths: np.ndarray, batches: Iterable[np.ndarray]) -> float:
    """Qué parte de los pasos que se calculan es relleno, si cada lote llega a su más larga.

    Parameters
    ----------
    lengths : ndarray of shape (secuencias,)
        Pasos de cada secuencia.
    batches : iterable of ndarray of int
        Los índices de cada lote.

    Returns
    -------
    float
        Entre 0, sin relleno, y 1.

    Raises
    ------
    TypeError, ValueError
        Si no hay lotes, alguno está vacío o sus índices no son de ``lengths``.

    Examples
    --------
    >>> padding_share([1, 4, 4, 3], [[0, 1], [2, 3]])
    0.25
    """
    lengths = _as_lengths(lengths)
    real = computed = 0
    for place, batch in enumerate(batches):
        batch = as_array(f"batches[{place}]", batch, ndim=1, min_length=1)
        if batch.dtype.kind not in "iu" or batch.min() < 0 or batch.max() >= len(lengths):
            raise ValueError(
                f"batches[{place}] debe tener índices enteros entre 0 y {len(lengths) - 1}; ha "
                f"llegado {batch}. ¿Son los lotes de otras secuencias?"
            )
        real += int(lengths[batch].sum())
        computed += len(batch) * int(lengths[batch].max())
    if not computed:
        raise ValueError("batches está vacío: no hay relleno que contar. Pasa al menos un lote.")
    return 1 - real / computed

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


def _as_lengths(lengths: object, *, timesteps: int | None = None) -> np.ndarray:
    """Comprueba unas longitudes y dice cuál es la primera que no vale."""
    lengths = as_array("lengths", lengths, ndim=1, min_length=1)
    if lengths.dtype.kind not in "iu":
        raise TypeError(
            f"lengths debe tener números enteros; ha llegado {describe(lengths)}. Si son enteros "
            "con decimales, conviértelos con .astype(int)."
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

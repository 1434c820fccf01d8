"""El banco de la prueba del relleno: monta lotes, llama al modelo y compara predicciones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.padding.batches import as_filling, as_sequences
from course_utils.validation import as_array, describe

Predict = Callable[[np.ndarray, np.ndarray], object]

# Sorteos distintos: la compañera del lote, otra compañera, otros datos y el ruido en el relleno.
COMPANION, OTHER_COMPANION, OTHER_DATA, NOISE = range(4)
# Cifras en binario de la parte decimal de cada tipo.
FRACTION_BITS = {"bfloat16": 7, "float16": 10, "float32": 23, "float64": 52}


@dataclass(frozen=True)
class Bench:
    """El modelo y las secuencias con que se prueba.

    Attributes
    ----------
    predict : callable
        El modelo.
    sequences : list of ndarray
        Las que se han dado y, detrás, el primer paso de cada una: en una secuencia corta el
        relleno pesa más.
    given : int
        Cuántas se han dado.
    lengths : ndarray of shape (secuencias,)
        Sus longitudes.
    value : ndarray of shape ()
        El relleno.
    steps : ndarray of shape (pasos, ...)
        Los pasos reales, de los que se sortean los demás.
    seed : int
        La de los sorteos.
    per_step : bool
        Si hay una predicción por paso.
    alone : ndarray of shape (números,)
        Las predicciones de cada secuencia sola, una detrás de otra.
    owner : ndarray of shape (números,)
        De qué secuencia es cada una.
    width : int
        Cuántos números tiene una predicción.
    discrete : bool
        Si el modelo predice enteros.
    scale, tolerance : float
        Por cuánto se dividen las diferencias y cuánto pueden valer.
    cache : dict of int to ndarray
        Las predicciones ya hechas, según los pasos del lote.
    """

    predict: Predict
    sequences: list[np.ndarray]
    given: int
    lengths: np.ndarray
    value: np.ndarray
    steps: np.ndarray
    seed: int
    per_step: bool
    alone: np.ndarray
    owner: np.ndarray
    width: int
    discrete: bool
    scale: float
    tolerance: float
    cache: dict[int, np.ndarray]

    @property
    def longest(self) -> int:
        """Los pasos de la secuencia más larga."""
        return int(self.lengths.max())

    @property
    def floor(self) -> float:
        """Por debajo, un cambio no es una señal."""
        return self.tolerance / 10

    def draw(self, stream: int, *shape: int) -> np.ndarray:
        """Sortea pasos entre los reales."""
        return draw_rows(self.steps, (self.seed, stream), *shape)

    def batch(
        self, timesteps: int, *, companion: int = COMPANION, other_data: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Monta un lote y sus longitudes, con una compañera que llega al final en la última fila.

        Con ``other_data``, las secuencias se cambian por otras de sus mismas longitudes.
        """
        rows = self.sequences
        if other_data:
            rows = [self.draw(OTHER_DATA + 10 * i, n) for i, n in enumerate(self.lengths, 1)]
        return stack([*rows, self.draw(companion, timesteps)], self.value)

    def padding(self, timesteps: int, place: str = "all") -> np.ndarray:
        """Dónde está el relleno de cada fila: todo, o su primer paso, el central o el último."""
        places = np.arange(timesteps)
        start = np.append(self.lengths, timesteps)[:, None]
        pads = places >= start
        if place == "all":
            return pads
        chosen = {"first": start, "middle": (start + timesteps) // 2, "last": timesteps - 1}
        return pads & (places == chosen[place])

    def plain(self, timesteps: int) -> np.ndarray:
        """Predice el lote sin más cambio que el relleno."""
        if timesteps not in self.cache:
            self.cache[timesteps] = self.vector(*self.batch(timesteps))
        return self.cache[timesteps]

    def vector(self, values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Predice un lote y pone en un vector las predicciones de los pasos reales."""
        return self.flatten(call(self.predict, values, lengths)[:-1], values.shape[1])

    def flatten(self, outputs: np.ndarray, timesteps: int) -> np.ndarray:
        """Pone en un vector las predicciones de los pasos reales, sin la compañera."""
        if not self.per_step:
            return outputs.ravel()
        check_steps(outputs, timesteps)
        rows = zip(outputs, self.lengths, strict=True)
        return np.concatenate([row[:n].ravel() for row, n in rows])

    def change(self, one: np.ndarray, other: np.ndarray) -> float:
        """Mide la mayor diferencia, en la escala de la tolerancia."""
        if one.shape != other.shape:
            raise ValueError(
                "predict debe devolver predicciones de la misma forma con cualquier relleno; para "
                f"las mismas secuencias ha devuelto {other.size} números y luego {one.size}. Si el "
                "tiempo del lote entra en la forma, debe ser el segundo eje: (lote, tiempo, ...)."
            )
        return float(np.abs(one - other).max()) / self.scale

    def try_change(self, values: np.ndarray, lengths: np.ndarray) -> float:
        """Mide cuánto cambia la predicción con este lote; infinito si el modelo no lo admite."""
        try:
            return self.change(self.vector(values, lengths), self.plain(values.shape[1]))
        except (RuntimeError, ValueError):
            return np.inf

    def noisy(self, timesteps: int, place: str = "all") -> float:
        """Mide cuánto cambia la predicción con pasos reales de otras secuencias en el relleno.

        En un solo sitio se pone siempre el mismo paso, tenga el lote los pasos que tenga.
        """
        values, lengths = self.batch(timesteps)
        where = self.padding(timesteps, place)
        changes = []
        for stream in (NOISE, NOISE + 10):
            noise = values.copy()
            columns = timesteps if place == "all" else 1
            steps = self.draw(stream, len(values), columns)
            noise[where] = np.broadcast_to(steps, values.shape)[where]
            changes.append(self.try_change(noise, lengths))
        return max(changes)


def make_bench(
    predict: Predict, sequences: object, *, value: object, tolerance: object, seed: int
) -> Bench:
    """Comprueba las secuencias y predice cada una sola.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        Como :func:`~course_utils.padding.check_padding_invariance`.
    """
    tolerance = float(as_array("tolerance", tolerance, ndim=0))
    if tolerance <= 0:
        raise ValueError(f"tolerance debe ser mayor que 0; ha llegado {tolerance}. Usa 1e-5.")
    arrays = as_sequences("sequences", sequences)
    arrays = [array.astype(np.result_type(*arrays), copy=False) for array in arrays]
    given, filling = len(arrays), as_filling(value, arrays[0].dtype)
    steps = np.concatenate(arrays)
    steps = steps[(steps != filling).reshape(len(steps), -1).any(axis=1)]
    if not len(steps):
        raise ValueError(
            f"Todos los pasos de las secuencias son iguales al relleno ({filling}). Usa otro value."
        )
    single = [_predict_alone(predict, array) for array in arrays]
    starts = [array[:1] for array in arrays if len(array) > 1 and (array[0] != filling).any()]
    try:
        single += [_predict_alone(predict, array) for array in starts]
        arrays = arrays + starts
    except RuntimeError:
        pass  # el modelo no admite secuencias de un paso
    outputs = [output for output, _ in single]
    lengths = np.array([len(array) for array in arrays])
    # Con un lote más largo se sabe si el segundo eje es el tiempo.
    longer = int(lengths.max()) + 1
    companion = draw_rows(steps, (seed, COMPANION), longer)
    probe = call(predict, *stack([*arrays, companion], filling))
    per_step = all(
        output.ndim > 1 and output.shape[1] == timesteps
        for output, timesteps in zip([*outputs, probe], [*lengths, longer], strict=True)
    )
    alone = np.concatenate([output.ravel() for output in outputs])
    kinds = [kind for _, kind in single]
    coarsest = min(FRACTION_BITS.get(kind, FRACTION_BITS["float32"]) for kind in kinds)
    return Bench(
        predict=predict,
        sequences=arrays,
        given=given,
        lengths=lengths,
        value=filling,
        steps=steps,
        seed=seed,
        per_step=per_step,
        alone=alone,
        owner=np.repeat(np.arange(len(arrays)), [output.size for output in outputs]),
        width=outputs[0].shape[-1] if outputs[0].ndim > 1 else 1,
        discrete=not any("float" in kind for kind in kinds),
        scale=max(1.0, float(np.abs(alone).max())),
        tolerance=max(tolerance, 16 * 2.0**-coarsest),
        cache={},
    )


def draw_rows(rows: np.ndarray, seed: tuple[int, int], *shape: int) -> np.ndarray:
    """Sortea filas de un array.

    Examples
    --------
    >>> draw_rows(np.array([5]), (0, 0), 2, 3)
    array([[5, 5, 5],
           [5, 5, 5]])
    """
    return rows[np.random.default_rng(seed).integers(len(rows), size=shape)]


def stack(rows: list[np.ndarray], value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rellena las filas hasta la última, que es la más larga, y da sus longitudes.

    Examples
    --------
    >>> stack([np.array([1]), np.array([2, 3])], np.array(0))
    (array([[1, 0],
           [2, 3]]), array([1, 2]))
    """
    values = np.full((len(rows), *rows[-1].shape), value, dtype=rows[-1].dtype)
    for place, row in enumerate(rows):
        values[place, : len(row)] = row
    return values, np.array([len(row) for row in rows])


def _predict_alone(predict: Predict, sequence: np.ndarray) -> tuple[np.ndarray, str]:
    return call_typed(predict, sequence[None], np.array([len(sequence)]))


def call(function: Callable, values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Predice y devuelve las predicciones en doble precisión.

    Examples
    --------
    >>> call(lambda batch, lengths: batch.sum(axis=1), np.ones((1, 3)), np.array([3]))
    array([3.])
    """
    return call_typed(function, values, lengths)[0]


def call_typed(
    function: Callable, values: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, str]:
    """Predice con copias, comprueba lo que vuelve y dice de qué tipo era.

    Raises
    ------
    RuntimeError
        Si ``function`` falla.
    TypeError, ValueError
        Si no devuelve una fila de números finitos por secuencia.
    """
    where = f"con un lote de forma {values.shape} y longitudes {lengths.tolist()}"
    try:
        returned = function(values.copy(), lengths.copy())
    except Exception as error:
        raise RuntimeError(
            f"predict ha fallado {where}: {type(error).__name__}: {error}. Debe admitir lotes de "
            "cualquier tamaño y longitudes en cualquier orden."
        ) from error
    outputs, kind = to_numpy("predict", returned)
    if outputs.ndim == 0 or len(outputs) != len(values):
        raise ValueError(
            f"predict debe devolver una fila por secuencia, {len(values)}, {where}; ha devuelto "
            f"{describe(outputs)}. Revisa los ejes de lo que devuelve."
        )
    if not np.isfinite(outputs).all():
        row = int(np.argwhere(~np.isfinite(outputs))[0][0])
        raise ValueError(
            f"predict ha devuelto valores que no son finitos en la fila {row}, {where}. Búscalos "
            "antes de comprobar el relleno: una softmax sin nada que sumar, una división entre 0."
        )
    return outputs, kind


def check_steps(outputs: np.ndarray, timesteps: int) -> None:
    """Comprueba que hay una predicción por paso.

    Raises
    ------
    ValueError
        Si el segundo eje no tiene los pasos del lote.
    """
    if outputs.ndim < 2 or outputs.shape[1] != timesteps:
        raise ValueError(
            f"predict debe devolver una predicción por cada uno de los {timesteps} pasos del lote, "
            f"como en los demás; ha devuelto {describe(outputs)}. Revisa el eje del tiempo."
        )


def to_numpy(name: str, value: object) -> tuple[np.ndarray, str]:
    """Lleva un array, o un tensor de PyTorch o de TensorFlow, a NumPy en doble precisión.

    Parameters
    ----------
    name : str
        Quién lo ha devuelto, para el mensaje.
    value : array_like
        Lo que ha devuelto.

    Returns
    -------
    tuple of ndarray and str
        Los números y el nombre del tipo que traían.

    Raises
    ------
    TypeError
        Si no son números.

    Examples
    --------
    >>> to_numpy("predict", np.ones(2, dtype="float16"))
    (array([1., 1.]), 'float16')
    """
    if isinstance(value, tuple | dict) or value is None:
        raise TypeError(
            f"{name} debe devolver un array o un tensor; ha devuelto {describe(value)}. Si da "
            "varias cosas, quédate con la que compruebas; si no da nada, falta el `return`."
        )
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    kind = str(getattr(value, "dtype", "float64"))
    # PyTorch no sabe pasar bfloat16 a NumPy; NumPy lo recibe de TensorFlow con un tipo ajeno.
    if "bfloat16" in kind:
        value = value.float() if hasattr(value, "float") else np.asarray(value).astype("float32")
    kinds = [known for known in FRACTION_BITS if known in kind]
    array = as_array(f"Lo que devuelve {name}", value, dtype="float64", finite=False)
    return array, kinds[0] if kinds else kind

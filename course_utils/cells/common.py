"""Lo que comparten las tres celdas: la activación, los sorteos y las comprobaciones."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from course_utils.validation import as_array, as_int, describe

Weights = TypeVar("Weights", bound=tuple)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Función logística, ``1 / (1 + exp(-z))``, exacta en las dos colas y sin desbordarse.

    Con ``z`` negativa es ``exp(z) / (1 + exp(z))``: así ninguna exponencial crece.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    z = _with_decimals(np.asarray(z))
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def _with_decimals(array: np.ndarray) -> np.ndarray:
    """Los enteros y los booleanos pasan a doble precisión."""
    return array if array.dtype.kind == "f" else array.astype(float)


def draw_matrices(
    input_size: int, hidden_size: int, gates: int, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sortea W_x y W_h como los valores por omisión de Keras.

    W_x sigue la uniforme de Glorot y Bengio (2010, ec. 16); las filas de W_h son ortonormales (Saxe
    et al., 2014), así que con un solo bloque W_h es una matriz ortogonal.

    Raises
    ------
    TypeError, ValueError
        Si un tamaño no es un entero positivo.
    """
    input_size = as_int("input_size", input_size, minimum=1)
    hidden_size = as_int("hidden_size", hidden_size, minimum=1)
    limit = np.sqrt(6 / (input_size + gates * hidden_size))
    q, r = np.linalg.qr(rng.normal(size=(gates * hidden_size, hidden_size)))
    q *= np.sign(np.diag(r))  # así la matriz ortogonal es uniforme (Mezzadri, 2007)
    return rng.uniform(-limit, limit, size=(input_size, gates * hidden_size)), q.T


def check_input(x: object) -> np.ndarray:
    """La entrada (lote, tiempo, entrada), en precisión simple o doble.

    La media precisión pasa a doble, como los enteros: sumar en ella muchos pasos se desborda.
    """
    x = as_array("x", x, ndim=3)
    if 0 in x.shape[1:]:
        raise ValueError(
            "x debe tener forma (lote, tiempo, entrada), con un paso y un número por paso como "
            f"mínimo; ha llegado {x.shape}. Comprueba el recorte o el filtro de donde sale."
        )
    return x.astype(float) if x.dtype == np.float16 else _with_decimals(x)


def check_weights(weights: object, kind: type[Weights], gates: int, x: np.ndarray) -> Weights:
    """Comprueba que los parámetros encajan con la entrada y los lleva a su precisión."""
    names = kind._fields
    if not isinstance(weights, tuple) or getattr(weights, "_fields", names) != names:
        raise TypeError(_wrong_weights(kind, weights))
    if len(weights) != len(names):
        raise TypeError(_wrong_weights(kind, weights))
    checked = kind(
        *(
            as_array(f"weights.{name}", value, ndim=2 if place < 2 else 1, dtype=x.dtype)
            for place, (name, value) in enumerate(zip(names, weights, strict=True))
        )
    )
    width = len(checked.bias)
    if not width:
        raise ValueError(
            f"weights.bias debe tener al menos {gates} números, uno por unidad y bloque; está "
            "vacío. Sortea los parámetros con la función init_* de esta celda."
        )
    hidden_size = width // gates
    expected = ((x.shape[-1], width), (hidden_size, width)) + ((width,),) * (len(names) - 2)
    received = tuple(part.shape for part in checked)
    if width % gates or received != expected:
        blocks = f" ({gates} bloques iguales)" if gates > 1 else ""
        pairs = zip(names, expected, received, strict=True)
        raise ValueError(
            f"Con una entrada de tamaño {x.shape[-1]} y un sesgo de tamaño {width}{blocks}, las "
            "formas deben ser "
            + "; ".join(f"weights.{name} {shape}, y es {got}" for name, shape, got in pairs)
            + ". ¿Hay alguna transpuesta o son pesos de otra red?"
        )
    return checked


def _wrong_weights(kind: type, weights: object) -> str:
    return (
        f"weights debe ser {kind.__name__}({', '.join(kind._fields)}); ha llegado "
        f"{type(weights).__name__ if hasattr(weights, '_fields') else describe(weights)}. Pasa los "
        "parámetros de esta celda."
    )


def check_state(name: str, value: object, x: np.ndarray, hidden_size: int) -> np.ndarray:
    """Un estado inicial (lote, oculto); ceros si falta."""
    shape = (len(x), hidden_size)
    if value is None:
        return np.zeros(shape, dtype=x.dtype)
    state = as_array(name, value, ndim=2, dtype=x.dtype)
    if state.shape != shape:
        raise ValueError(
            f"{name} debe tener forma (lote, oculto) = {shape}; ha llegado {state.shape}. "
            "Pasa un estado por secuencia del lote."
        )
    return state.copy()


def check_mask(mask: object, x: np.ndarray) -> np.ndarray | None:
    """La máscara (lote, tiempo), o ``None``; verdadero donde el paso es real."""
    if mask is None:
        return None
    mask = as_array("mask", mask)
    if mask.dtype != bool or mask.shape != x.shape[:2]:
        raise ValueError(
            f"mask debe ser un array booleano de forma (lote, tiempo) = {x.shape[:2]}, verdadero "
            f"en los pasos reales; ha llegado {describe(mask)}. Créala, por ejemplo, con "
            "mask_from_lengths."
        )
    return mask.copy()


def check_gradient(name: str, value: object, like: np.ndarray) -> np.ndarray:
    """Un gradiente (lote, tiempo, oculto) que viene de la pérdida, con el tiempo delante."""
    gradient = as_array(name, value, ndim=3, dtype=like.dtype)
    if gradient.shape != like.shape:
        raise ValueError(
            f"{name} debe tener la forma de los estados, {like.shape}; ha llegado "
            f"{gradient.shape}. Pon ceros en los pasos que no entran en la pérdida."
        )
    return time_first(gradient)


def check_run(
    run: object, run_kind: type, weights: object, kind: type[Weights], gates: int
) -> Weights:
    """Comprueba que un recorrido es de esta celda y que los pesos son los suyos."""
    if not isinstance(run, run_kind):
        raise TypeError(
            f"run debe ser el {run_kind.__name__} que devuelve la función *_forward de esta celda; "
            f"ha llegado {type(run).__name__}."
        )
    checked = check_weights(weights, kind, gates, run.x)
    if run.states.shape[-1] != len(checked.hidden):
        raise ValueError(
            f"El recorrido tiene {run.states.shape[-1]} unidades y los pesos, "
            f"{len(checked.hidden)}: pasa los mismos pesos con los que se hizo."
        )
    return checked


def time_first(array: np.ndarray) -> np.ndarray:
    """Copia con el tiempo delante: así cada paso ocupa un trozo seguido de memoria."""
    return np.array(array.swapaxes(0, 1), order="C")


def shifted(states: np.ndarray, first: np.ndarray) -> np.ndarray:
    """El estado anterior a cada paso: el inicial y todos menos el último."""
    return np.concatenate([first[None], states[:-1]])


def blocks(array: np.ndarray, count: int) -> np.ndarray:
    """Los bloques del último eje, uno detrás de otro: cada uno ocupa un trozo seguido."""
    return np.stack(np.split(array, count, axis=-1))


def project(steps: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """El producto de todos los pasos por una matriz, de una vez."""
    return (steps.reshape(-1, len(matrix)) @ matrix).reshape(*steps.shape[:2], matrix.shape[1])


def contract(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Suma en el tiempo y en el lote de los productos ``leftᵀ right``, con un solo producto."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])

"""Ejercicios de la lección 24: redes profundas y bidireccionales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, draw_timesteps


def _keras_names() -> dict[str, Any]:
    """Lo que una respuesta encuentra importado; también lo carga fuera de su límite de tiempo."""
    import keras

    return {"keras": keras, "layers": keras.layers}


# ---------------------------------------------------------------- 24.1


def _draw_stack(rng: np.random.Generator) -> tuple:
    """Características, unidades y clases, todas distintas."""
    _keras_names()
    features, classes, *units = draw_sizes(rng, 5, range(2, 7))
    return features, tuple(units), classes


def _stacked(answer: Callable, features: int, units: tuple, classes: int) -> Any:
    """Formas de los pesos y salida con unos pesos que dependen solo de ellas."""
    import keras

    try:
        model = answer(features, units, classes)
    except ValueError as error:
        if "expected ndim=3, found ndim=2" in str(error):  # Keras nombra capas que cambian
            raise TypeError(
                "una capa recurrente necesita tres ejes, (lote, tiempo, características), y le "
                "llegan dos"
            ) from error
        raise
    if model is None:
        return None
    if not isinstance(model, keras.Model):
        raise TypeError("se esperaba un modelo de Keras, como el que da keras.Sequential([...])")
    if not model.built:
        raise TypeError("el modelo no tiene entrada: empieza con keras.Input((None, features))")
    if model.input_shape[1] is not None:
        raise TypeError(
            f"debe leer cualquier longitud, (None, None, {features}), y lee {model.input_shape}"
        )
    if any(isinstance(layer, keras.layers.RepeatVector) for layer in model.layers):
        raise TypeError("RepeatVector repite un solo estado, y aquí no hace falta")
    shapes = [tuple(weight.shape) for weight in model.weights]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 9, features)).astype("float32")
    model.set_weights([rng.uniform(-0.8, 0.8, shape) for shape in shapes])
    return {"pesos": " ".join(map(str, shapes)), "salida": np.asarray(model(x))}


STACK = Exercise(
    key="24.1",
    draw=_draw_stack,
    probe=_stacked,
    namespace=_keras_names,
    draws=2,
    fresh=False,
    tolerance=1e-5,
    seconds=10.0,
    max_mutants=8,
)


# ---------------------------------------------------------------- 24.2


def _draw_count(rng: np.random.Generator) -> tuple:
    features, units, outputs = draw_sizes(rng, 3, range(2, 12))
    return features, units, outputs


COUNT = Exercise(key="24.2", draw=_draw_count, edges=((8, 30, 10),))


# ---------------------------------------------------------------- 24.3

# Cada caso es una función que pronostica, y los datos con que se prueba. Las hay que solo miran el
# pasado y las hay que miran el futuro de maneras distintas: de lejos, en un solo paso, en una sola
# característica, en una sola secuencia.


def _running_mean(x: np.ndarray) -> np.ndarray:
    return x.cumsum(axis=1) / np.arange(1, x.shape[1] + 1)[:, None]


def _present(x: np.ndarray) -> np.ndarray:
    return np.tanh(3 * x) + x**2


def _by_subtraction(x: np.ndarray) -> np.ndarray:
    """Lo acumulado hasta aquí, como total menos lo que falta: exacto, salvo redondeo."""
    later = x[:, ::-1].cumsum(axis=1)[:, ::-1] - x
    return 1e3 * x.sum(axis=1, keepdims=True) - 1e3 * later


def _window_mean(x: np.ndarray) -> np.ndarray:
    return _running_mean(x) - x.mean(axis=1, keepdims=True)


def _next_value(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x[:, 1:], np.zeros_like(x[:, :1])], axis=1)


def _far_ahead(x: np.ndarray) -> np.ndarray:
    """El primer paso mira el último, y nada más."""
    output = _running_mean(x)
    output[:, 0] += np.tanh(x[:, -1])
    return output


def _only_late(x: np.ndarray) -> np.ndarray:
    """Solo el penúltimo paso mira el último."""
    output = _running_mean(x)
    output[:, -2] += np.tanh(x[:, -1])
    return output


def _only_middle(x: np.ndarray) -> np.ndarray:
    """Un paso hacia la mitad mira el siguiente."""
    output = np.tanh(x)
    output[:, 5] += 0.3 * np.tanh(x[:, 6])
    return output


def _last_feature(x: np.ndarray) -> np.ndarray:
    """Solo la última característica deja ver el futuro."""
    return _running_mean(x) + 0.01 * _next_value(x)[..., -1:]


def _last_output(x: np.ndarray) -> np.ndarray:
    """Solo la última salida ve el futuro."""
    output = _running_mean(x)
    output[..., -1] += np.tanh(_next_value(x)[..., -1])
    return output


def _last_sequence(x: np.ndarray) -> np.ndarray:
    """Solo la última secuencia del lote ve el futuro, como al rellenar huecos con lo que sigue."""
    output = _running_mean(x)
    output[-1] += _next_value(x)[-1]
    return output


def _opposite(x: np.ndarray) -> np.ndarray:
    """Lo que sigue, con el signo contrario: la suma con lo anterior no lo delata."""
    return np.tanh(x) - 0.5 * np.tanh(_next_value(x))


def _scale_of_future(x: np.ndarray) -> np.ndarray:
    """Divide entre la desviación típica de la ventana."""
    return x / (x.std(axis=1, keepdims=True) + 1)


def _square_ahead(x: np.ndarray) -> np.ndarray:
    """Ve el tamaño de lo que sigue y no su signo."""
    return np.tanh(x) + _next_value(x) ** 2


def _delay(x: np.ndarray) -> np.ndarray:
    """Lo de antes: ni el futuro ni el presente."""
    return np.concatenate([np.zeros_like(x[:, :1]), x[:, :-1]], axis=1)


def _nothing(x: np.ndarray) -> np.ndarray:
    return np.zeros_like(x)


def _only_start(x: np.ndarray) -> np.ndarray:
    """Contesta solo en el primer paso, y es el último."""
    output = np.zeros_like(x)
    output[:, 0] = x[:, -1]
    return output


def _first_sequence(x: np.ndarray) -> np.ndarray:
    output = np.zeros_like(x)
    output[0] = np.tanh(x[0])
    return output


PREDICTORS = {
    "la media hasta cada paso": _running_mean,
    "restar la media de la ventana": _window_mean,
    "una curva del presente": _present,
    "el valor que sigue": _next_value,
    "lo acumulado, como total menos lo que falta": _by_subtraction,
    "mirar el último paso desde el primero": _far_ahead,
    "mirar el último paso desde el penúltimo": _only_late,
    "mirar adelante solo hacia la mitad": _only_middle,
    "mirar adelante solo en una característica": _last_feature,
    "mirar adelante solo en la última salida": _last_output,
    "mirar adelante solo en una secuencia del lote": _last_sequence,
    "restar lo que sigue": _opposite,
    "dividir entre la desviación típica de la ventana": _scale_of_future,
    "el cuadrado de lo que sigue": _square_ahead,
    "repetir el valor anterior": _delay,
    "contestar siempre cero": _nothing,
    "contestar solo al principio, con el último valor": _only_start,
    "contestar solo en la primera secuencia": _first_sequence,
}


def _draw_window(rng: np.random.Generator) -> tuple:
    batch, features = draw_sizes(rng, 2, range(2, 7))
    timesteps = draw_timesteps(rng)
    return (rng.normal(size=(batch, timesteps, features)),)


def _verdicts(answer: Callable, x: np.ndarray) -> Any:
    """Lo que la respuesta dice de cada manera de pronosticar."""
    found = {}
    for name, predict in PREDICTORS.items():
        verdict = answer(predict, x)
        if verdict is None:
            return None
        if not isinstance(verdict, bool | np.bool_):
            raise TypeError(f"se esperaba True o False y ha llegado un {type(verdict).__name__}")
        found[name] = bool(verdict)
    return found


LEAK = Exercise(key="24.3", draw=_draw_window, probe=_verdicts, draws=3)

EXERCISES = (STACK, COUNT, LEAK)

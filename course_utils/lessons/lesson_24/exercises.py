"""Ejercicios de la lección 24: redes profundas y bidireccionales."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
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


# Lo que Keras dice en inglés de un modelo mal montado, sin los nombres de capa, que cambian.
_AXES = re.compile(r"expected ndim=3, found ndim=(\d).*?(\d+)\)$", re.DOTALL)


def _keras_fault(error: ValueError, features: int, units: tuple) -> str | None:
    """Qué le falta o le sobra a un modelo que Keras no acepta, si se sabe."""
    text = str(error)
    if "must be fully-defined" in text:
        if "lstm" in text:
            return "la entrada no dice cuántas características hay: van en el último eje"
        return "una capa no sabe cuántos números le llegan, porque dependen de la longitud"
    if not (found := _AXES.search(text)):
        return None
    axes, size = map(int, found.groups())
    if axes > 3:
        return "a una LSTM le llegan cuatro ejes, y lee tres: (lote, tiempo, características)"
    places = {features: "primera", units[0]: "segunda", units[1]: "tercera"}
    which = f"la {places[size]} LSTM" if size in places else "una LSTM"
    return f"a {which} le llegan dos ejes, y lee tres: (lote, tiempo, características)"


def _weighted_layers(model: Any) -> list[str]:
    """De qué clase son las capas con pesos, también las de los modelos que haya dentro."""
    names = []
    for layer in model.layers:
        if hasattr(layer, "layers"):
            names += _weighted_layers(layer)
        elif layer.weights:
            names.append(type(layer).__name__)
    return sorted(names)


def _require_open_input(model: Any) -> None:
    """Si el modelo declara su entrada, que admita cualquier lote y cualquier longitud."""
    if not getattr(model, "inputs", None):
        return
    batch, length = tuple(model.inputs[0].shape)[:2]
    if length is not None:
        raise TypeError(f"debe leer cualquier longitud, y su entrada tiene {length} pasos")
    if batch is not None:
        raise TypeError(f"debe admitir cualquier lote, y su entrada es de {batch}")


def _stacked(answer: Callable, features: int, units: tuple, classes: int) -> Any:
    """Lo que contesta el modelo; si no tiene las capas que se piden, lo dice."""
    import keras

    if isinstance(answer, keras.Model):
        raise TypeError("se esperaba la función, y ha llegado un modelo ya creado")
    x = np.random.default_rng(0).normal(size=(3, 10, features)).astype("float32")
    try:
        model = answer(features, units, classes)
        if model is None:
            return None
        if not isinstance(model, keras.Model):
            kind = type(model).__name__
            raise TypeError(f"se esperaba un modelo de Keras y ha llegado un objeto `{kind}`")
        _require_open_input(model)
        if not all(layer.built for layer in model.layers):
            model(x)  # crea sus pesos
    except ValueError as error:
        if fault := _keras_fault(error, features, units):
            raise TypeError(fault) from error
        raise
    if any(isinstance(layer, keras.layers.RepeatVector) for layer in model.layers):
        raise TypeError("RepeatVector repite un solo estado, y aquí no hace falta")
    names = _weighted_layers(model)
    shapes = Counter(tuple(weight.shape) for weight in model.weights)
    wanted = Counter(_stack_shapes(features, units, classes))
    if shapes != wanted:
        if names != ["Dense", "LSTM", "LSTM", "LSTM"]:
            layers = ", ".join(names) or "ninguna"
            raise TypeError(f"las capas con pesos son {layers}; se piden tres LSTM y una Dense")
        raise TypeError("; ".join(_listed(shapes - wanted, wanted - shapes)))
    return _outputs(model, x)


def _listed(extra: Counter, missing: Counter) -> Iterable[str]:
    """Qué pesos sobran y cuáles faltan."""
    for what, shapes in (("sobran", extra), ("faltan", missing)):
        if shapes:
            yield f"{what} pesos de forma {', '.join(map(str, sorted(shapes.elements())))}"


def _stack_shapes(features: int, units: tuple, classes: int) -> list[tuple]:
    """Las formas de los pesos de tres LSTM y una salida."""
    pairs = zip((features, *units), units, strict=False)
    recurrent = [shape for d, h in pairs for shape in ((d, 4 * h), (h, 4 * h), (4 * h,))]
    return [*recurrent, (units[-1], classes), (classes,)]


def _outputs(model: Any, x: np.ndarray) -> dict[str, np.ndarray]:
    """Lo que contesta con unos pesos que dependen solo de sus formas, y que no depende de más."""
    shapes = [list(weight.shape) for weight in model.weights]
    rngs = (np.random.default_rng(shape) for shape in shapes)
    model.set_weights([rng.uniform(-0.8, 0.8, s) for rng, s in zip(rngs, shapes, strict=True)])
    changed = x.copy()
    changed[:, -1] += 1.0  # otro último paso
    both = np.concatenate([x, changed])
    found = np.asarray(model(both))
    if not np.allclose(found, np.asarray(model(both, training=True)), atol=1e-5):
        raise TypeError("al entrenar contesta otra cosa que al usarlo, y no se pide")
    if np.allclose(found[: len(x)], found[len(x) :], atol=1e-5):
        raise TypeError("la salida no cambia cuando cambia el último paso de la secuencia")
    return {
        "salida": found[: len(x)],
        "salida con una secuencia de un paso": np.asarray(model(x[:1, :1])),
    }


STACK = Exercise(
    key="24.1",
    draw=_draw_stack,
    probe=_stacked,
    namespace=_keras_names,
    draws=2,
    fresh=False,
    tolerance=1e-5,
    seconds=20.0,
    max_mutants=8,
)


# ---------------------------------------------------------------- 24.2


def _draw_count(rng: np.random.Generator) -> tuple:
    features, units, outputs = draw_sizes(rng, 3, range(2, 12))
    return features, units, outputs


COUNT = Exercise(
    key="24.2", draw=_draw_count, edges=((8, 30, 10), (1, 1, 1)), namespace=_keras_names
)


# ---------------------------------------------------------------- 24.3

# Cada caso es una galería de funciones que pronostican y los datos con que se prueban. Unas solo
# miran el pasado y otras miran el futuro de maneras distintas: de lejos, en un solo paso, en una
# sola característica, en una sola secuencia, solo su signo, muy poco.


def _running_mean(x: np.ndarray) -> np.ndarray:
    return x.cumsum(axis=1) / np.arange(1, x.shape[1] + 1)[:, None]


def _present(x: np.ndarray) -> np.ndarray:
    return np.tanh(3 * x) + x**2


def _by_subtraction(x: np.ndarray) -> np.ndarray:
    """Lo acumulado hasta aquí, como total menos lo que falta: exacto, salvo redondeo."""
    x = np.asarray(x, dtype=float)
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


def _only_end(x: np.ndarray) -> np.ndarray:
    """Contesta solo en el último paso, que puede verlo todo."""
    output = np.zeros_like(x)
    output[:, -1] = x.mean(axis=1)
    return output


def _one_output(x: np.ndarray) -> np.ndarray:
    """Una sola salida por paso, tenga las características que tenga."""
    return np.tanh(x.sum(axis=2, keepdims=True))


def _sign_ahead(x: np.ndarray) -> np.ndarray:
    """Ve si lo que sigue es positivo, y nada más."""
    return np.tanh(x) + (_next_value(x) > 0)


def _alarm(x: np.ndarray) -> np.ndarray:
    """Baja cuando lo que sigue pasa de cero; si no pasa, le da igual cuánto valga."""
    return np.tanh(x) - np.maximum(_next_value(x), 0)


def _slightly(x: np.ndarray) -> np.ndarray:
    return _running_mean(x) + 5e-6 * np.tanh(_next_value(x))


def _among_large(x: np.ndarray) -> np.ndarray:
    """Una diferencia pequeña al lado de lo que pronostica."""
    return 1000.0 + np.tanh(x) + 5e-3 * np.tanh(_next_value(x))


def _negligible(x: np.ndarray) -> np.ndarray:
    """Se mueve mucho menos de una millonésima, como al redondear."""
    return 2e-8 * np.tanh(_next_value(x))


def _in_keras(predict: Callable, x: np.ndarray) -> Any:
    """El mismo pronóstico, como lo da una red: un tensor de precisión simple."""
    import keras

    return keras.ops.convert_to_tensor(predict(x), dtype="float32")


# Las que valen con cualquier ventana, también con la de un solo paso.
PLAIN = {
    "la media hasta cada paso": _running_mean,
    "restar la media de la ventana": _window_mean,
    "una curva del presente": _present,
    "el valor que sigue": _next_value,
    "repetir el valor anterior": _delay,
    "repetir lo que entra": np.copy,
    "contestar siempre cero": _nothing,
    "contestar solo al final": _only_end,
    "dar una sola salida": _one_output,
    "la media hasta cada paso, con un tensor de Keras": partial(_in_keras, _running_mean),
    "el valor que sigue, con un tensor de Keras": partial(_in_keras, _next_value),
}
PREDICTORS = PLAIN | {
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
    "contestar solo al principio, con el último valor": _only_start,
    "contestar solo en la primera secuencia": _first_sequence,
    "mirar solo el signo de lo que sigue": _sign_ahead,
    "bajar si lo que sigue pasa de cero": _alarm,
    "mirar adelante muy poco": _slightly,
    "mirar adelante, con números grandes": _among_large,
    "moverse menos de una millonésima": _negligible,
}


def _draw_window(rng: np.random.Generator) -> tuple:
    """La galería, en cualquier orden, y una ventana."""
    batch, features = draw_sizes(rng, 2, range(2, 7))
    x = rng.normal(size=(batch, draw_timesteps(rng), features))
    return _shuffled(rng, PREDICTORS), x


def _shuffled(rng: np.random.Generator, predictors: dict) -> dict:
    names = list(predictors)
    return {names[place]: predictors[names[place]] for place in rng.permutation(len(names))}


def _windows() -> Iterable[tuple]:
    """Ventanas que no se sortean: bajo cero, de ceros, de una secuencia y de un solo paso."""
    rng = np.random.default_rng(2403)
    yield PREDICTORS, -0.5 - np.abs(rng.normal(size=(4, 10, 3)))
    yield PREDICTORS, np.zeros((2, 9, 4))
    yield PLAIN, rng.normal(size=(1, 11, 1)).astype("float32")
    yield PLAIN, rng.normal(size=(3, 1, 2))


def _verdicts(answer: Callable, predictors: dict, x: np.ndarray) -> Any:
    """Lo que la respuesta dice de cada manera de pronosticar, sin saber cuál es."""
    found = {}
    for name, predict in predictors.items():
        verdict = answer(lambda values, predict=predict: predict(values), x)
        if verdict is None:
            return None
        if not isinstance(verdict, bool | np.bool_):
            raise TypeError(f"se esperaba True o False y ha llegado un {type(verdict).__name__}")
        found[name] = bool(verdict)
    return found


def _verdict_fault(received: dict, expected: dict) -> str | None:
    """La primera manera de pronosticar con la que la respuesta se equivoca."""
    if not isinstance(received, dict):
        return "se esperaba True o False"
    for name, verdict in expected.items():
        if received[name] != verdict:
            return (
                f"con un `predict` que consiste en «{name}», se esperaba {verdict} y ha llegado "
                f"{received[name]}"
            )
    return None


LEAK = Exercise(
    key="24.3",
    draw=_draw_window,
    edges=tuple(_windows()),
    probe=_verdicts,
    compare=_verdict_fault,
    namespace=_keras_names,
    draws=3,
)

EXERCISES = (STACK, COUNT, LEAK)

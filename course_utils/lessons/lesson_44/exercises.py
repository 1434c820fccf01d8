"""Ejercicios de la lección 44: anomalías."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes

# ---------------------------------------------------------------- 44.1


def _draw_scores(rng: np.random.Generator) -> tuple:
    """Puntuaciones con unos huecos al principio y algunas enormes."""
    size, gaps, large = draw_sizes(rng, 3, (2, 3, 5, 31, 40))
    scores = np.abs(rng.normal(2.0, 1.0, size=45 + size))
    scores[rng.permutation(len(scores))[:large]] += rng.uniform(20, 40)
    scores[:gaps] = np.nan
    return scores, float(rng.uniform(2, 9))


def _score_edges() -> tuple[tuple, ...]:
    """Sin huecos, con un número par, con enteros y con una sola puntuación."""
    return (
        (np.array([3.0, 1.0, 2.0, 9.0]), 4.0),
        (np.array([np.nan, 5.0, 7.0, 6.0, np.nan, 80.0]), 2.5),
        (np.array([1, 4, 2, 8, 5]), 3),
        (np.array([2.5]), 6.0),
        (np.array([-3.0, -1.0, -2.5, -0.2]), 3.5),
    )


# La constante exacta, 1,482602…, también vale: con la tolerancia de siempre no pasaría.
THRESHOLD = Exercise(key="44.1", draw=_draw_scores, edges=_score_edges(), tolerance=1e-4)


# ---------------------------------------------------------------- 44.2


def _draw_alarms(rng: np.random.Generator) -> tuple:
    """Alarmas al azar, en rachas, y unos sucesos separados, de distinta duración."""
    lengths = draw_sizes(rng, 3, range(1, 7))
    gaps = draw_sizes(rng, 3, range(5, 12))
    events, start = [], 0
    for gap, length in zip(gaps, lengths, strict=True):
        start += gap
        events.append((start, start + length))
        start += length
    alarms = rng.random(start + int(rng.integers(6, 14))) < rng.uniform(0.25, 0.5)
    return alarms, events, int(rng.integers(1, 4)), int(rng.integers(13, 20))


def _alarm_edges() -> tuple[tuple, ...]:
    """Siempre alarma, nunca, sin silencio, sin sucesos y sucesos que tocan los dos extremos."""
    some = np.array([1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1], bool)
    return (
        (np.ones(17, bool), [(3, 6)], 2, 9),
        (np.zeros(11, bool), [(2, 5), (7, 8)], 3, 7),
        (some, [(4, 6), (9, 11)], 0, 8),
        (some, [], 2, 5),
        (some, [(0, 2), (13, 15)], 4, 6),
        (some, [(4, 6), (11, 14)], 20, 3),
    )


def _named_report(answer: Callable, *args: Any) -> Any:
    """Las dos cosas, cada una con su nombre: así el mensaje dice cuál falla."""
    returned = answer(*args)
    if returned is None:
        return None
    if not isinstance(returned, tuple | list | np.ndarray) or np.shape(returned) != (2,):
        raise TypeError(
            "se esperaban dos cosas: cuántos sucesos se encuentran y cuántos avisos falsos hay a "
            "la semana"
        )
    return {"sucesos encontrados": returned[0], "avisos falsos por semana": returned[1]}


REPORT = Exercise(key="44.2", draw=_draw_alarms, edges=_alarm_edges(), probe=_named_report)


# ---------------------------------------------------------------- 44.3


def _draw_lengths(rng: np.random.Generator) -> tuple:
    count = draw_sizes(rng, 1, range(3, 9))[0]
    lengths = rng.integers(1, 90, size=count)
    return lengths, int(rng.integers(800, 3000)), float(rng.uniform(0.01, 0.3))


NOISE = Exercise(
    key="44.3",
    draw=_draw_lengths,
    edges=(
        (np.array([1]), 50, 0.2),
        (np.array([40, 2]), 900, 0.003),
        (np.array([7, 30, 3]), 100, 1.0),
        (np.array([60.0, 5.0]), 400, 0.5),
    ),
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 44.4

TINY = 1e-4  # un valor singular que, al lado del mayor, es un redondeo


def _keras_names() -> dict[str, Any]:
    """Lo que una respuesta encuentra importado; también lo carga fuera de su límite de tiempo."""
    import keras

    return {"keras": keras, "layers": keras.layers}


def _draw_window(rng: np.random.Generator) -> tuple:
    """Pasos, características y cuello, todos distintos; el cuello, el menor."""
    _keras_names()
    steps, features = draw_sizes(rng, 2, range(5, 9))
    return steps, features, int(rng.integers(2, 5))


def _fix_weights(model: Any) -> None:
    """Pesos que dependen solo de sus formas, para que el veredicto sea siempre el mismo."""
    for weight in model.weights:
        shape = tuple(weight.shape)
        rng = np.random.default_rng(list(shape))
        weight.assign(rng.uniform(-1, 1, size=shape) * (3 / shape[0]) ** 0.5)


def _jacobian(model: Any, x: np.ndarray) -> np.ndarray:
    """Cuánto cambia cada número de la salida con cada número de la entrada: (salidas, entradas)."""
    import tensorflow as tf

    size = x.size
    same = tf.constant(np.repeat(x[None], size, axis=0))  # la misma ventana, una vez por salida
    with tf.GradientTape() as tape:
        tape.watch(same)
        output = tf.reshape(model(same), (size, size))
        total = tf.reduce_sum(tf.linalg.diag_part(output))
    return tape.gradient(total, same).numpy().reshape(size, size)


def _leaves(model: Any) -> Iterator[Any]:
    """Las capas de un modelo, también las de los modelos y los envoltorios que haya dentro."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _leaves(layer)
        elif hasattr(layer, "forward_layer"):  # lee en los dos sentidos: son dos
            yield from (layer.forward_layer, layer.backward_layer)
        else:
            yield getattr(layer, "layer", layer)  # dentro de un TimeDistributed hay otra


def _recurrent_and_activations(model: Any) -> tuple[list[str], list[str]]:
    """Las capas recurrentes, con sus unidades, y las demás que llevan una activación."""
    import keras

    recurrent, active = [], []
    for layer in _leaves(model):
        if isinstance(layer, keras.layers.RNN):
            kind = type(layer.cell).__name__.removesuffix("Cell")
            recurrent.append(f"{kind} de {getattr(layer.cell, 'units', '?')}")
            continue
        activation = getattr(layer, "activation", keras.activations.linear)
        if activation is not keras.activations.linear:
            size = f" en una capa de {layer.units}" if hasattr(layer, "units") else ""
            active.append(f"`{getattr(activation, '__name__', activation)}`{size}")
    return sorted(recurrent), sorted(active)


def _built(answer: Callable, steps: int, features: int, width: int) -> Any:
    """El modelo que crea la respuesta; lo que Keras dice en inglés, en español."""
    import keras

    try:
        model = answer(steps, features, width)
    except ValueError as error:
        if "expected ndim=3, found ndim=2" in str(error):
            raise TypeError(
                "a una GRU le llega un solo vector y lee una secuencia: falta repetirlo, un vector "
                "por paso"
            ) from error
        raise
    if model is None:
        return None
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"se esperaba un modelo de Keras y ha llegado un objeto `{type(model).__name__}`"
        )
    if not getattr(model, "inputs", None):
        raise TypeError(
            "el modelo no dice qué entrada tiene: empieza por `keras.Input((steps, features))`"
        )
    if len(model.inputs) != 1:
        raise TypeError(
            f"el modelo debe tener una entrada, la ventana, y tiene {len(model.inputs)}"
        )
    return model


def _through_the_neck(answer: Callable, steps: int, features: int, width: int) -> Any:
    """De qué está hecho el modelo y cuántos números pasan de la entrada a la salida."""
    import keras

    if isinstance(answer, keras.Model):
        raise TypeError("se esperaba la función, y ha llegado un modelo ya creado")
    model = _built(answer, steps, features, width)
    if model is None:
        return None
    shape = tuple(model.output_shape[1:])
    if tuple(model.input_shape[1:]) != (steps, features) or shape != (steps, features):
        return {"forma de la salida": shape, "entrada": tuple(model.input_shape[1:])}
    _fix_weights(model)
    x = np.random.default_rng(44).normal(size=(steps, features)).astype("float32")
    slopes = _jacobian(model, x)
    singular = np.linalg.svd(slopes, compute_uv=False)
    blocks = np.abs(slopes).reshape(steps, features, steps, features)
    largest = max(float(blocks.max()), 1e-30)
    recurrent, active = _recurrent_and_activations(model)
    return {
        "forma de la salida": shape,
        "activaciones": active,
        "números que pasan por el cuello": int((singular > TINY * singular[0]).sum()),
        "pasos de la entrada que se leen": int((blocks.max(axis=(0, 1, 3)) > 1e-9 * largest).sum()),
        "pasos de la salida que se escriben": int(
            (blocks.max(axis=(1, 2, 3)) > 1e-9 * largest).sum()
        ),
        "capas recurrentes": recurrent,
    }


def _neck_fault(received: Any, expected: Any) -> str | None:
    """Lo primero que no se cumple, en palabras."""
    for name, wanted in expected.items():
        if name not in received:
            return f"la entrada debe medir (pasos, características) y mide {received['entrada']}"
        found = received[name]
        if found == wanted:
            continue
        if name == "forma de la salida":
            return f"cada ventana debe salir con forma {wanted} y sale con {found}"
        if name == "activaciones":
            return f"el cuello y la salida van sin activación, y hay {' y '.join(found)}"
        if name.startswith("números"):
            whole = found == np.prod(expected["forma de la salida"])
            passing = "pasan todos los números" if whole else _passing(found)
            return f"de la entrada a la salida {passing}, y el cuello es de {wanted}"
        if name == "capas recurrentes":
            layers = " y ".join(found) or "ninguna"
            return f"se piden dos GRU de 32 unidades, y las capas recurrentes son: {layers}"
        return f"{name}: son {found} de {wanted}"
    return None


def _passing(count: int) -> str:
    few = {0: "no pasa ningún número", 1: "pasa un solo número"}
    return few.get(count, f"pasan {count} números")


NECK = Exercise(
    key="44.4",
    draw=_draw_window,
    edges=((6, 1, 2),),
    probe=_through_the_neck,
    compare=_neck_fault,
    namespace=_keras_names,
    draws=2,
    fresh=False,
    seconds=20.0,
    max_mutants=8,
)

EXERCISES = (THRESHOLD, REPORT, NOISE, NECK)

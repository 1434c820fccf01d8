"""Ejercicios de la lección 24: redes profundas y bidireccionales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Redes profundas y bidireccionales"


def _keras_names() -> dict[str, Any]:
    """Lo que una respuesta encuentra importado; también lo carga fuera de su límite de tiempo."""
    import keras

    return {"keras": keras, "layers": keras.layers}


# ---------------------------------------------------------------- 24.1


def _draw_stack(rng: np.random.Generator) -> tuple:
    """Características, unidades y clases, todas distintas."""
    _keras_names()
    features, classes, *units = (int(size) for size in rng.permutation(np.arange(2, 7)))
    return features, tuple(units), classes


def _stacked(answer: Callable, features: int, units: tuple, classes: int) -> Any:
    """Formas de los pesos y salida con unos pesos que dependen solo de ellas."""
    import keras

    try:
        model = answer(features, units, classes)
    except ValueError as error:
        if "expected ndim=3, found ndim=2" in str(error):  # Keras nombra capas que cambian
            raise TypeError(
                "una capa recurrente necesita tres ejes, (lote, tiempo, características), y le llegan "
                "dos"
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


_FIRST = "layers.LSTM(units[0], return_sequences=True)"
_SECOND = "layers.LSTM(units[1], return_sequences=True)"

STACK = Exercise(
    key="24.1",
    title="Apila tres capas LSTM.",
    stars=2,
    hints=(
        "Una capa recurrente necesita tres ejes: (lote, tiempo, características). ¿Cuáles de las tres "
        "tienen otra capa recurrente encima? ¿Y qué estado debe mirar la salida?",
        "`keras.Sequential` con una lista: `keras.Input((None, features))`, tres `layers.LSTM` y un "
        '`layers.Dense` con `activation="softmax"`. Las dos primeras LSTM llevan '
        "`return_sequences=True`; la tercera, no.",
    ),
    mistakes=(
        Mistake(
            "La tercera capa no lleva `return_sequences=True`: la salida debe mirar solo el último "
            "estado, y así contesta en cada paso.",
            swap=(("layers.LSTM(units[2])", "layers.LSTM(units[2], return_sequences=True)"),),
        ),
        Mistake(
            "`RepeatVector` quita el error, pero la segunda capa solo lee, repetido, el último estado "
            "de la primera. Usa `return_sequences=True`.",
            swap=(
                (_FIRST, "layers.LSTM(units[0]), layers.RepeatVector(9)"),
                (_SECOND, "layers.LSTM(units[1]), layers.RepeatVector(9)"),
            ),
        ),
        Mistake(
            "La salida mira la media de todos los estados de la tercera capa; se pide que mire solo el "
            "último.",
            swap=(
                (
                    "layers.LSTM(units[2])",
                    "layers.LSTM(units[2], return_sequences=True), layers.GlobalAveragePooling1D()",
                ),
            ),
        ),
        Mistake(
            "Falta `return_sequences=True` en las dos primeras capas: a la siguiente le falta el eje "
            "del tiempo.",
            swap=((", return_sequences=True", ""),),
        ),
        Mistake(
            "El orden de las capas está al revés: la primera tiene `units[0]` unidades.",
            swap=((_FIRST, _FIRST.replace("[0]", "[2]")), ("LSTM(units[2])", "LSTM(units[0])")),
        ),
        Mistake(
            'La salida debe dar probabilidades: falta `activation="softmax"`.',
            swap=((', activation="softmax"', ""),),
        ),
        Mistake(
            "La activación de la salida es softmax, que reparte la probabilidad entre las clases; la "
            "sigmoide da un número a cada una por su cuenta.",
            swap=(("softmax", "sigmoid"),),
        ),
        Mistake(
            "Falta una capa: son tres.",
            swap=((f"            {_SECOND},\n", ""),),
        ),
        Mistake(
            "Se piden capas LSTM.",
            swap=(("layers.LSTM", "layers.GRU"),),
        ),
        Mistake(
            "Las tres capas tienen `units[0]` unidades, y cada una debe tener las suyas.",
            swap=(("units[1]", "units[0]"), ("units[2]", "units[0]")),
        ),
    ),
    variants=(
        "def stack_three(features, units, classes):\n"
        "    entry = keras.Input(shape=(None, features))\n"
        "    x = entry\n"
        "    for place, size in enumerate(units):\n"
        "        x = keras.layers.LSTM(size, return_sequences=place < 2)(x)\n"
        "    output = keras.layers.Dense(classes, 'softmax')(x)\n"
        "    return keras.Model(entry, output)",
        "def stack_three(features, units, classes):\n"
        "    model = keras.Sequential()\n"
        "    model.add(keras.Input((None, features)))\n"
        "    for size in units:\n"
        "        model.add(layers.LSTM(size, return_sequences=True))\n"
        "    model.add(layers.Lambda(lambda states: states[:, -1]))\n"
        "    model.add(layers.Dense(classes))\n"
        "    model.add(layers.Softmax())\n"
        "    return model",
    ),
    draw=_draw_stack,
    probe=_stacked,
    namespace=_keras_names,
    draws=2,
    tolerance=1e-5,
    seconds=10.0,
    max_mutants=8,
)


# ---------------------------------------------------------------- 24.2


def _draw_count(rng: np.random.Generator) -> tuple:
    features, units, outputs = (int(size) for size in rng.permutation(np.arange(2, 12))[:3])
    return features, units, outputs


_LSTM = "4 * (units * (units + features) + units)"
_HEAD = "outputs * (2 * units + 1)"

COUNT = Exercise(
    key="24.2",
    title="Cuenta los parámetros de una red bidireccional.",
    stars=1,
    hints=(
        "Son dos LSTM iguales, cada una con sus pesos. ¿Cuántos números recibe la capa de salida, si se "
        "le dan los dos estados, uno detrás del otro?",
        "Dos veces el número de parámetros de una LSTM, más la salida: una matriz de `2 * units` por "
        "`outputs` y `outputs` sesgos.",
    ),
    mistakes=(
        Mistake(
            "Has contado un solo sentido: hay dos LSTM, cada una con sus pesos.",
            swap=(("2 * one_direction", "one_direction"),),
        ),
        Mistake(
            "La salida recibe los dos estados: `2 * units` números.",
            swap=((_HEAD, "outputs * (units + 1)"),),
        ),
        Mistake(
            "Es el modelo de un solo sentido.",
            swap=(("2 * one_direction", "one_direction"), (_HEAD, "outputs * (units + 1)")),
        ),
        Mistake(
            "Se duplica la LSTM, no el modelo entero: hay una sola capa de salida.",
            swap=((f"2 * one_direction + {_HEAD}", "2 * (one_direction + outputs * (units + 1))"),),
        ),
        Mistake(
            "No es una LSTM del doble de unidades: cada sentido tiene su $W_h$, de `units` por `units`.",
            swap=(
                (_LSTM, "4 * (2 * units * (2 * units + features) + 2 * units)"),
                ("2 * one_direction", "one_direction"),
            ),
        ),
        Mistake(
            "Falta el 4: una LSTM tiene tres compuertas y un candidato.",
            swap=((_LSTM, "units * (units + features) + units"),),
        ),
        Mistake(
            "Son cuatro bloques, no tres: las compuertas y el candidato.",
            swap=((_LSTM, "3 * (units * (units + features) + units)"),),
        ),
        Mistake(
            "Faltan los sesgos de las LSTM.",
            swap=((_LSTM, "4 * units * (units + features)"),),
        ),
        Mistake(
            "Faltan los sesgos de la capa de salida.",
            swap=((_HEAD, "outputs * 2 * units"),),
        ),
        Mistake(
            "Falta la capa de salida.",
            swap=((f" + {_HEAD}", ""),),
        ),
    ),
    variants=(
        "def count_bidirectional(features, units, outputs):\n"
        "    shapes = 2 * [(features, 4 * units), (units, 4 * units), (4 * units,)]\n"
        "    shapes += [(2 * units, outputs), (outputs,)]\n"
        "    return sum(int(np.prod(shape)) for shape in shapes)",
        "def count_bidirectional(features, units, outputs):\n"
        "    return 8 * units * (features + units + 1) + 2 * units * outputs + outputs",
    ),
    draw=_draw_count,
    edges=((8, 30, 10),),
)


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
    batch, features = (int(size) for size in rng.permutation(np.arange(2, 7))[:2])
    timesteps = int(rng.integers(9, 14))
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


_CHANGE = "changed[:, t + 1 :] += noise[:, t + 1 :]"
_WATCH = "[:, : t + 1].max() > 1e-6"
_START = (
    "def sees_future(predict, x):\n"
    "    before = predict(x)\n"
    "    noise = np.random.default_rng(0).normal(size=x.shape)\n"
)

LEAK = Exercise(
    key="24.3",
    title="Demuestra si un modelo mira el futuro.",
    stars=3,
    hints=(
        "Si cambias solo lo que viene después del paso t, ¿qué salidas pueden cambiar sin que haya "
        "fuga? ¿Y cuáles no?",
        "Copia `x` y súmale `noise` desde `t + 1` hasta el final, en el eje del tiempo. Calcula la "
        "salida y compárala con `before` en los pasos de 0 a `t`, incluidos: si la mayor diferencia, "
        "en valor absoluto, pasa de una millonésima, devuelve `True`.",
    ),
    mistakes=(
        Mistake(
            "Cambias también el presente, y de él sí puede depender la salida: empieza en `t + 1`.",
            swap=((_CHANGE, "changed[:, t:] += noise[:, t:]"),),
        ),
        Mistake(
            "Miras las salidas posteriores al cambio, que es normal que cambien: mira hasta `t`, "
            "incluido.",
            swap=((_WATCH, "[:, t + 1 :].max() > 1e-6"),),
        ),
        Mistake(
            "Miras todas las salidas, y las posteriores al cambio es normal que cambien: mira hasta "
            "`t`, incluido.",
            swap=((_WATCH, ".max() > 1e-6"),),
        ),
        Mistake(
            "Exiges que coincidan del todo, y el redondeo puede cambiar la última cifra: admite una "
            "millonésima.",
            swap=(("> 1e-6", "> 0"),),
        ),
        Mistake(
            "Solo cambias el último paso: quien mira adelante desde otro lugar se te escapa.",
            swap=((_CHANGE, "changed[:, -1] += noise[:, -1]"),),
        ),
        Mistake(
            "Solo compruebas el primer paso: la fuga puede estar en otro.",
            swap=((_WATCH, "[:, 0].max() > 1e-6"),),
        ),
        Mistake(
            "Solo miras la primera secuencia del lote: la fuga puede estar en otra.",
            swap=((_WATCH, "[0, : t + 1].max() > 1e-6"),),
        ),
        Mistake(
            "Solo miras la primera salida de cada paso: la fuga puede estar en otra.",
            swap=((_WATCH, "[:, : t + 1, 0].max() > 1e-6"),),
        ),
        Mistake(
            "Cambiar el signo no basta: hay fugas que solo ven el tamaño. Suma números al azar.",
            swap=((_CHANGE, "changed[:, t + 1 :] *= -1"),),
        ),
        Mistake(
            "El primer eje es el lote: así cambias otras secuencias, no el futuro.",
            swap=((_CHANGE, "changed[t + 1 :] += noise[t + 1 :]"),),
        ),
        Mistake(
            "Está al revés: `True` significa que mira el futuro.",
            swap=(
                ("return True", "return None"),
                ("return False", "return True"),
                ("return None", "return False"),
            ),
        ),
        Mistake(
            "La salida puede tener otro número de características que la entrada: compara con "
            "`before`, no con `x`.",
            swap=(("after - before", "after - x"),),
        ),
    ),
    variants=(
        _START + "    for t in range(x.shape[1] - 1):\n"
        "        changed = x.copy()\n"
        "        changed[:, t + 1] += 2.0 + noise[:, t + 1]\n"
        "        gap = np.asarray(predict(changed)) - before\n"
        "        if (gap[:, : t + 1] ** 2).max() > 1e-12:\n"
        "            return True\n"
        "    return False",
        _START + "    for t in range(1, x.shape[1]):\n"
        "        other = np.concatenate([x[:, :t], 5 * noise[:, t:]], axis=1)\n"
        "        if not np.allclose(predict(other)[:, :t], before[:, :t], rtol=0, atol=1e-6):\n"
        "            return True\n"
        "    return False",
        "def sees_future(predict, x):\n"
        "    x = np.array(x, dtype=float)\n"
        "    rng = np.random.default_rng(7)\n"
        "    worst = 0.0\n"
        "    for last in range(x.shape[1]):\n"
        "        mask = (np.arange(x.shape[1]) > last)[None, :, None]\n"
        "        moved = predict(np.where(mask, rng.uniform(2, 3, x.shape), x))\n"
        "        worst = max(worst, np.abs(moved - predict(x))[:, : last + 1].max())\n"
        "    return worst > 1e-6",
    ),
    equivalent={
        "línea 4: «0» → «1»": "otra semilla da otros números al azar, que también sirven",
        "línea 5: «x.shape[1] - 1» → «x.shape[1] + 1»": "tras el último paso no hay nada que cambiar",
        "línea 5: «x.shape[1] - 1» → «x.shape[1]»": "tras el último paso no hay nada que cambiar",
        "línea 5: «1» → «0» (2)": "tras el último paso no hay nada que cambiar",
        "línea 7: «changed[:, t + 1 :] += noise[:, t + 1 :]» → «changed[:, t + 1:] -= noise[:, t + "
        "1:]»": "restar números al azar también cambia el futuro",
        "línea 7: «changed[:, t + 1 :] += noise[:, t + 1 :]» → «changed[:, t + 1:] = noise[:, t + "
        "1:]»": "poner números al azar también cambia el futuro",
        "línea 9: «np.abs(after - before)[:, : t + 1].max() > 1e-6» → «np.abs(after - before)[:, :t + "
        "1].max() >= 1e-06»": "ninguna diferencia vale justo una millonésima",
        "línea 9: «np.abs(after - before)» → «after - before»": "con cambios al azar, alguna salida "
        "sube",
        "línea 9: «1e-6» → «2e-06»": "entre el redondeo y una fuga hay muchos órdenes de magnitud",
    },
    draw=_draw_window,
    probe=_verdicts,
    draws=3,
    mutates=(
        _START + "    for t in range(x.shape[1] - 1):\n"
        "        x[:, t + 1 :] += noise[:, t + 1 :]\n"
        "        if np.abs(predict(x) - before)[:, : t + 1].max() > 1e-6:\n"
        "            return True\n"
        "    return False"
    ),
)

EXERCISES = (STACK, COUNT, LEAK)

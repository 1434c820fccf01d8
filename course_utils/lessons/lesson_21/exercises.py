"""Ejercicios de la lección 21: la celda LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.cells import LSTMWeights, init_lstm, lstm_forward, sigmoid
from course_utils.exercises.definition import Exercise, Mistake

TITLE = "LSTM"


def reorder(weights: tuple, order: Sequence[int]) -> LSTMWeights:
    """Cambia de sitio los cuatro bloques, como en la lección."""
    blocks = [np.split(part, 4, axis=-1) for part in weights]
    return LSTMWeights(*(np.concatenate([four[k] for k in order], axis=-1) for four in blocks))


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation((2, 3, 5, 6, 7))[:count]]


def _weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> LSTMWeights:
    """Pesos y sesgos al azar, sin ninguno a cero."""
    drawn = init_lstm(input_size, hidden_size, rng=rng)
    return LSTMWeights(
        2 * drawn.input, 1.5 * drawn.hidden, drawn.bias + rng.normal(size=drawn.bias.shape)
    )


# ---------------------------------------------------------------- 21.1


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = _sizes(rng, 3)
    x = rng.normal(size=(batch, input_size))
    h = rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, 2 * rng.normal(size=(batch, hidden_size)), _weights(rng, input_size, hidden_size)


_STEP = "def lstm_step(x, h, c, weights):\n"
_SUM = "    z = x @ weights.input + h @ weights.hidden + weights.bias\n"

STEP = Exercise(
    key="21.1",
    title="Escribe un paso de la LSTM.",
    stars=2,
    hints=(
        "Calcula una sola vez `z`, con los pesos de los cuatro bloques juntos, y córtalo. Tres bloques pasan "
        "por la sigmoide y uno por tanh.",
        "`z` es la suma de la RNN sin la activación; sus bloques son, en orden, i, f, g, o. La memoria nueva "
        "es olvido por memoria vieja más entrada por candidato. El estado, salida por la tanh de la memoria "
        "**nueva**. Devuelve primero el estado y después la memoria.",
    ),
    mistakes=(
        Mistake(
            "El orden de los bloques es i, f, g, o: el candidato es el tercero.",
            swap=(("i, f, g, o =", "i, f, o, g ="),),
        ),
        Mistake(
            "Has intercambiado las compuertas de entrada y de olvido: la primera es la de entrada.",
            swap=(("i, f, g, o =", "f, i, g, o ="),),
        ),
        Mistake("¿Falta el sesgo?", swap=((" + weights.bias", ""),)),
        Mistake(
            "El candidato pasa por tanh, no por la sigmoide: debe poder ser negativo.",
            swap=(("np.tanh(g)", "sigmoid(g)"),),
        ),
        Mistake(
            "El candidato no ha pasado por tanh.",
            swap=(("np.tanh(g)", "g"),),
        ),
        Mistake(
            "Lo que se enseña es la tanh de la memoria, no la memoria.",
            swap=(("sigmoid(o) * np.tanh(c)", "sigmoid(o) * c"),),
        ),
        Mistake(
            "La compuerta de olvido está al revés: en uno conserva.",
            swap=(("sigmoid(f) * c", "(1 - sigmoid(f)) * c"),),
        ),
        Mistake(
            "Las compuertas no han pasado por la sigmoide.",
            swap=(("sigmoid(f)", "f"), ("sigmoid(i)", "i"), ("sigmoid(o)", "o")),
        ),
        Mistake(
            "El estado se calcula con la memoria vieja; hace falta la nueva.",
            code=_STEP + _SUM + "    i, f, g, o = np.split(z, 4, axis=1)\n"
            "    new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)\n"
            "    return sigmoid(o) * np.tanh(c), new",
        ),
        Mistake(
            "Devuelves los dos al revés: primero el estado oculto, después la memoria.",
            swap=(("return sigmoid(o) * np.tanh(c), c", "return c, sigmoid(o) * np.tanh(c)"),),
        ),
        Mistake(
            "Solo devuelves el estado oculto: falta la memoria.",
            swap=(("np.tanh(c), c", "np.tanh(c)"),),
        ),
        Mistake(
            "La memoria vieja se pierde: a lo escrito hay que sumarle lo que conserva el olvido.",
            swap=(("sigmoid(f) * c + ", ""),),
        ),
        Mistake(
            "Los bloques son de columnas: falta `axis=1`, y sin él se corta el lote.",
            swap=((", axis=1", ""),),
        ),
    ),
    variants=(
        _STEP + "    n = h.shape[1]\n"
        "    z = np.hstack([x, h]) @ np.vstack([weights.input, weights.hidden]) + weights.bias\n"
        "    gates = sigmoid(z)\n"
        "    i, f, o = gates[:, :n], gates[:, n:2 * n], gates[:, 3 * n:]\n"
        "    memory = i * np.tanh(z[:, 2 * n:3 * n]) + f * c\n"
        "    return np.tanh(memory) * o, memory",
        _STEP + "    w_x, w_h, b = weights\n"
        "    size = len(w_h)\n"
        "    def block(k):\n"
        "        part = slice(k * size, (k + 1) * size)\n"
        "        return x @ w_x[:, part] + h @ w_h[:, part] + b[part]\n"
        "    c = c / (1 + np.exp(-block(1))) + np.tanh(block(2)) / (1 + np.exp(-block(0)))\n"
        "    return [(np.tanh(c) / (1 + np.exp(-block(3)))).tolist(), c.tolist()]",
    ),
    draw=_draw_step,
    namespace=lambda: {"sigmoid": sigmoid, "LSTMWeights": LSTMWeights},
    mutates=(
        _STEP + _SUM + "    i, f, g, o = np.split(z, 4, axis=1)\n"
        "    c *= sigmoid(f)\n"
        "    c += sigmoid(i) * np.tanh(g)\n"
        "    return sigmoid(o) * np.tanh(c), c"
    ),
)


# ---------------------------------------------------------------- 21.2


def _draw_sizes(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = rng.permutation(np.arange(1, 60))[:2]
    return int(input_size), int(hidden_size)


_COUNT = "4 * (hidden_size * (input_size + hidden_size) + hidden_size)"

COUNT = Exercise(
    key="21.2",
    title="Cuenta los parámetros de una LSTM.",
    stars=1,
    hints=(
        "¿Cuántos parámetros tiene una red recurrente como la de la lección 12? La LSTM calcula la misma suma "
        "varias veces.",
        "Cada bloque tiene una matriz para la entrada, otra para el estado y un sesgo: lo mismo que una RNN. "
        "¿Cuántos bloques hay? El candidato también es uno.",
    ),
    mistakes=(
        Mistake(
            "Eso es una RNN: la LSTM tiene varios bloques como ese.",
            swap=(("4 * (", "("),),
        ),
        Mistake(
            "Cuentas tres bloques, uno por compuerta: falta el del candidato.",
            swap=(("4 * (", "3 * ("),),
        ),
        Mistake(
            "Faltan los sesgos.",
            swap=((_COUNT, "4 * hidden_size * (input_size + hidden_size)"),),
        ),
        Mistake(
            "Cada bloque tiene su sesgo, y cuentas uno solo para los cuatro.",
            swap=((_COUNT, "4 * hidden_size * (input_size + hidden_size) + hidden_size"),),
        ),
        Mistake(
            "Cuentas dos sesgos por bloque: eso es PyTorch. En la celda de la lección hay uno.",
            swap=((_COUNT, "4 * (hidden_size * (input_size + hidden_size) + 2 * hidden_size)"),),
        ),
        Mistake(
            "Falta la matriz que lee el estado anterior.",
            swap=((_COUNT, "4 * (hidden_size * input_size + hidden_size)"),),
        ),
        Mistake(
            "Has intercambiado los tamaños: cada bloque tiene tantas columnas como unidades.",
            swap=((_COUNT, "4 * (input_size * (input_size + hidden_size) + input_size)"),),
        ),
    ),
    variants=(
        "def lstm_parameters(input_size, hidden_size):\n"
        "    width = 4 * hidden_size\n"
        "    return sum(rows * width for rows in (input_size, hidden_size, 1))",
        "def lstm_parameters(input_size, hidden_size):\n"
        "    shapes = [(input_size, hidden_size), (hidden_size, hidden_size), (hidden_size,)]\n"
        "    return float(sum(np.prod(shape) for shape in shapes for _ in 'ifgo'))",
    ),
    draw=_draw_sizes,
    edges=((3, 7),),
)


# ---------------------------------------------------------------- 21.3


def _draw_forget(rng: np.random.Generator) -> tuple:
    """Compuertas que cambian mucho de un paso a otro: así no da igual qué media se haga."""
    timesteps, hidden_size = int(rng.integers(9, 16)), _sizes(rng, 1)[0]
    return (sigmoid(rng.normal(1.5, 2.0, size=(timesteps, hidden_size))),)


_LIFE = "def measured_half_life(forget):\n"

LIFE = Exercise(
    key="21.3",
    title="Mide la semivida a partir de la compuerta de olvido.",
    stars=2,
    hints=(
        "Primero los logaritmos y después la media: al revés sale otra cosa. ¿A lo largo de qué eje?",
        "La media de los logaritmos se hace sobre el tiempo, `axis=0`. La semivida es el logaritmo de un medio "
        "dividido entre esa media.",
    ),
    mistakes=(
        Mistake(
            "Usas la media de los valores. Lo que se multiplica pide la media de los **logaritmos**.",
            swap=(("np.log(forget).mean(axis=0)", "np.log(forget.mean(axis=0))"),),
        ),
        Mistake(
            "La media va sobre el tiempo, el eje 0: sale una semivida por unidad.",
            swap=(("axis=0", "axis=1"),),
        ),
        Mistake(
            "Falta `axis=0`: has promediado también las unidades.",
            swap=((".mean(axis=0)", ".mean()"),),
        ),
        Mistake(
            "El cociente está al revés.",
            swap=(
                (
                    "np.log(0.5) / np.log(forget).mean(axis=0)",
                    "np.log(forget).mean(axis=0) / np.log(0.5)",
                ),
            ),
        ),
        Mistake("Sale negativa: el logaritmo es el de 0.5.", swap=(("np.log(0.5)", "np.log(2)"),)),
        Mistake(
            "Con la suma mides la semivida de todo el recorrido en un solo paso: hace falta la media por paso.",
            swap=((".mean(axis=0)", ".sum(axis=0)"),),
        ),
        Mistake(
            "Promedias las semividas de cada paso; lo que se promedia son los logaritmos.",
            code=_LIFE + "    return (np.log(0.5) / np.log(forget)).mean(axis=0)",
        ),
        Mistake(
            "Eso es la media geométrica de la compuerta. Falta pasarla a semivida.",
            code=_LIFE + "    return np.exp(np.log(forget).mean(axis=0))",
        ),
        Mistake(
            "`forget` ya ha pasado por la sigmoide: no la apliques otra vez.",
            swap=(("np.log(forget)", "np.log(1 / (1 + np.exp(-forget)))"),),
        ),
    ),
    variants=(
        _LIFE + "    per_step = np.prod(forget, axis=0) ** (1 / len(forget))\n"
        "    return -np.log(2) / np.log(per_step)",
        _LIFE + "    lives = []\n"
        "    for unit in range(forget.shape[1]):\n"
        "        bits = sum(-np.log2(value) for value in forget[:, unit])\n"
        "        lives.append(float(len(forget) / bits))\n"
        "    return lives",
    ),
    draw=_draw_forget,
    mutates=(
        _LIFE + "    np.log(forget, out=forget)\n    return np.log(0.5) / forget.mean(axis=0)"
    ),
)


# ---------------------------------------------------------------- 21.4


def _draw_mixed(rng: np.random.Generator) -> tuple:
    """Pesos con los bloques en un orden cualquiera, una entrada y los estados que deben salir."""
    batch, input_size, hidden_size = _sizes(rng, 3)
    weights = _weights(rng, input_size, hidden_size)
    x = rng.normal(size=(batch, int(rng.integers(9, 13)), input_size))
    states = lstm_forward(x, weights).states.astype(
        "float32"
    )  # con menos cifras, como en un archivo
    return reorder(weights, rng.permutation(4)), x, states


def _parts(answer: Any, *args: Any) -> Any:
    """Los tres arrays; la lección los usa por su nombre, así que una lista no sirve."""
    returned = answer(*args)
    if isinstance(returned, list):
        raise TypeError("se esperaba un LSTMWeights y ha llegado una lista: LSTMWeights(*lista)")
    return tuple(returned) if isinstance(returned, tuple) else returned


_MEND = "def mend_order(weights, x, states):\n"
_TEST = "np.allclose(lstm_forward(x, candidate).states, states)"

MEND = Exercise(
    key="21.4",
    title="Averigua en qué orden venían los bloques y ponlos en el del curso.",
    stars=3,
    hints=(
        "No hace falta adivinar: con cada orden, recorre la entrada y compara los estados que salen con los que "
        "debían salir.",
        "Un bucle sobre `permutations(range(4))`. Dentro, el candidato es `reorder` con ese orden; recórrelo con "
        "`lstm_forward`, toma sus `.states` y compáralos con `np.allclose`. Si coinciden, devuelve el candidato.",
    ),
    mistakes=(
        Mistake(
            "Devuelves los pesos como venían. Que las formas encajen no dice nada: hay que comparar los estados.",
            code=_MEND + "    return weights",
        ),
        Mistake(
            "Supones que siempre vienen en el orden i, f, o, g, y el orden cambia de un caso a otro.",
            code=_MEND + "    return reorder(weights, (0, 1, 3, 2))",
        ),
        Mistake(
            "Devuelves el último orden del bucle, coincida o no.",
            code=_MEND + "    for order in permutations(range(4)):\n"
            "        candidate = reorder(weights, order)\n"
            "    return candidate",
        ),
        Mistake(
            "El orden está bien, pero lo aplicas al revés: lo que coincidió es `reorder(weights, order)`.",
            swap=(("return candidate", "return reorder(weights, np.argsort(order))"),),
        ),
        Mistake(
            "Devuelves el orden; hay que devolver los pesos ordenados.",
            swap=(("return candidate", "return order"),),
        ),
        Mistake(
            "`lstm_forward` devuelve el recorrido entero: compara su `.states`.",
            swap=((_TEST, "np.allclose(lstm_forward(x, candidate), states)"),),
        ),
        Mistake(
            "Solo cambias de sitio el sesgo o solo las matrices: los tres arrays llevan el mismo orden.",
            swap=(("return candidate", "return candidate._replace(bias=weights.bias)"),),
        ),
        Mistake(
            "No ha coincidido ningún orden: con el redondeo, dos estados iguales difieren en las últimas cifras. "
            "Compara con `np.allclose`.",
            swap=((_TEST, "(lstm_forward(x, candidate).states == states).all()"),),
        ),
        Mistake(
            "Comparar dos arrays con `==` da un array, no un sí o un no: usa `np.allclose`.",
            swap=((_TEST, "lstm_forward(x, candidate).states == states"),),
        ),
    ),
    variants=(
        _MEND + "    def gap(order):\n"
        "        return np.abs(lstm_forward(x, reorder(weights, order)).states - states).max()\n"
        "    return reorder(weights, min(permutations(range(4)), key=gap))",
        _MEND + "    blocks = [np.split(part, 4, axis=-1) for part in weights]\n"
        "    for i, f, g, o in permutations(range(4)):\n"
        "        parts = [np.concatenate([b[i], b[f], b[g], b[o]], axis=-1) for b in blocks]\n"
        "        last = lstm_forward(x, LSTMWeights(*parts)).states[:, -1]\n"
        "        if np.abs(last - states[:, -1]).max() < 1e-5:\n"
        "            return LSTMWeights(*parts)",
    ),
    equivalent={
        f"línea 5: «{_TEST}» → «np.allclose(states, lstm_forward(x, candidate).states)»": (
            "dos arrays que coinciden, coinciden en los dos sentidos"
        ),
    },
    draw=_draw_mixed,
    draws=5,
    probe=_parts,
    namespace=lambda: {
        "permutations": permutations,
        "reorder": reorder,
        "lstm_forward": lstm_forward,
        "LSTMWeights": LSTMWeights,
    },
    mutates=(
        _MEND + "    for order in permutations(range(4)):\n"
        "        candidate = reorder(weights, order)\n"
        f"        if {_TEST}:\n"
        "            weights.bias[:] = candidate.bias\n"
        "            return candidate"
    ),
)

EXERCISES = (STEP, COUNT, LIFE, MEND)

"""Ejercicios de la lección 13: retropropagación a través del tiempo."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils import cells
from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Retropropagación a través del tiempo"


def _sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    """Lote, entrada y oculto, todos distintos: así una transposición no puede pasar."""
    batch, input_size, hidden_size = rng.permutation(np.arange(2, 8))[:3]
    return int(batch), int(input_size), int(hidden_size)


def _weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> cells.RNNWeights:
    weights = cells.init_rnn(input_size, hidden_size, rng=rng)
    return weights._replace(bias=0.3 * rng.normal(size=hidden_size))


def _lesson_names() -> dict[str, Any]:
    return {
        "RNNWeights": cells.RNNWeights,
        "rnn_forward": cells.rnn_forward,
        "chunk_gradient": _chunk_gradient,
    }


def _chunk_gradient(
    x: np.ndarray,
    targets: np.ndarray,
    weights: cells.RNNWeights,
    readout: np.ndarray,
    h_0: np.ndarray,
) -> tuple[cells.RNNWeights, np.ndarray]:
    """La función de la lección, con las celdas del curso."""
    run = cells.rnn_forward(x, weights, h0=h_0)
    grad_states = 2 * (run.states @ readout - targets) @ readout.T
    return cells.rnn_backward(run, weights, grad_states).weights, run.states[:, -1]


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = _sizes(rng)
    states = rng.uniform(-0.9, 0.9, size=(2, batch, hidden_size))
    grad_h, x = rng.normal(size=(batch, hidden_size)), rng.normal(size=(batch, input_size))
    return grad_h, x, *states, _weights(rng, input_size, hidden_size)


_STEP_END = "    return grad_before, grads"

STEP = Exercise(
    key="13.1",
    title="Da un paso hacia atrás.",
    stars=2,
    hints=(
        "El gradiente de algo tiene la forma de ese algo: `grad_before` es (lote, oculto); el de "
        "W_x, (entrada, oculto); el de W_h, (oculto, oculto); el del sesgo, (oculto,).",
        "Hacia atrás se multiplica `delta` por la transpuesta, `weights.hidden.T`. El gradiente de un "
        "peso es lo que multiplicó, transpuesto, por `delta`. El del sesgo, la suma de `delta` sobre "
        "el lote.",
    ),
    mistakes=(
        Mistake(
            "Para volver al estado anterior hace falta la transpuesta: `weights.hidden.T`.",
            swap=(("weights.hidden.T", "weights.hidden"),),
        ),
        Mistake(
            "En el gradiente de W_h va el estado anterior, `h_before`: es el que multiplicó.",
            swap=(("h_before.T @ delta", "h.T @ delta"),),
        ),
        Mistake(
            "Usas `grad_h` donde va `delta`: falta pasar por la derivada de tanh.",
            swap=(("delta @", "grad_h @"), ("@ delta", "@ grad_h"), ("delta.sum", "grad_h.sum")),
        ),
        Mistake(
            "El gradiente de los pesos suma sobre el lote; aquí se promedia.",
            swap=(
                ("x.T @ delta", "x.T @ delta / len(x)"),
                ("h_before.T @ delta", "h_before.T @ delta / len(x)"),
                ("delta.sum(axis=0)", "delta.mean(axis=0)"),
            ),
        ),
        Mistake(
            "El sesgo tiene forma (oculto,): su gradiente se suma sobre el lote, el primer eje.",
            swap=(("delta.sum(axis=0)", "delta.sum(axis=1)"),),
        ),
        Mistake(
            "Al sesgo llega `delta` de todas las secuencias: falta sumar sobre el lote.",
            swap=(("delta.sum(axis=0)", "delta"),),
        ),
        Mistake(
            "El gradiente de W_h está transpuesto: como la matriz es cuadrada, la forma encaja y nadie "
            "avisa.",
            swap=(("h_before.T @ delta", "delta.T @ h_before"),),
        ),
        Mistake(
            "Al estado anterior se vuelve con `delta`, no con `grad_h`: falta la derivada de tanh.",
            swap=(("delta @ weights.hidden.T", "grad_h @ weights.hidden.T"),),
        ),
        Mistake(
            "Sin `axis`, `sum` lo suma todo: el gradiente del sesgo tiene un número por unidad.",
            swap=(("delta.sum(axis=0)", "delta.sum()"),),
        ),
        Mistake(
            "El sesgo tiene forma (oculto,); con `keepdims` queda (1, oculto).",
            swap=(("delta.sum(axis=0)", "delta.sum(axis=0, keepdims=True)"),),
        ),
        Mistake(
            "Los productos están al revés: `x.T @ delta` tiene la forma de W_x.",
            swap=(("x.T @ delta", "delta.T @ x"), ("h_before.T @ delta", "delta.T @ h_before")),
        ),
    ),
    variants=(
        "def step_backward(grad_h, x, h_before, h, weights):\n"
        "    delta = grad_h * (1 - h**2)\n"
        "    grad_before = np.einsum('bj,ij->bi', delta, weights.hidden)\n"
        "    grads = [np.einsum('bi,bj->ij', x, delta), np.einsum('bi,bj->ij', h_before, delta),\n"
        "             np.ones(len(x)) @ delta]\n" + _STEP_END,
        "def step_backward(grad_h, x, h_before, h, weights):\n"
        "    delta = np.multiply(grad_h, 1 - np.square(h))\n"
        "    grad_before = (weights.hidden @ delta.T).T\n"
        "    grads = RNNWeights((delta.T @ x).T, (delta.T @ h_before).T, delta.sum(0))\n"
        + _STEP_END,
    ),
    draw=_draw_step,
    namespace=_lesson_names,
    mutates=(
        "def step_backward(grad_h, x, h_before, h, weights):\n"
        "    grad_h *= 1 - h**2\n"
        "    delta = grad_h\n"
        "    grads = RNNWeights(x.T @ delta, h_before.T @ delta, delta.sum(axis=0))\n"
        "    return delta @ weights.hidden.T, grads"
    ),
)


def _quadratic(array: np.ndarray) -> float:
    """Una función con derivadas distintas en cada elemento y términos cruzados."""
    ramp = np.arange(1.0, array.size + 1).reshape(array.shape)
    return float(np.sum(ramp * array**3) + np.sum(array) ** 2 + array.flat[0] * array.flat[-1])


def _draw_function(rng: np.random.Generator) -> tuple:
    shape = [(3,), (2, 4), (4, 3), (2, 3, 5)][int(rng.integers(4))]
    return _quadratic, rng.normal(size=shape)


NUMERIC = Exercise(
    key="13.2",
    title="Calcula un gradiente con empujones.",
    stars=2,
    hints=(
        "En cada vuelta hacen falta dos copias del array: una con el elemento un poco mayor y otra con "
        "el mismo elemento un poco menor.",
        "La derivada es la función en la primera copia menos la función en la segunda, entre la "
        "distancia de los dos empujones, `2 * epsilon`. Guárdala en `gradient[place]`.",
    ),
    mistakes=(
        Mistake(
            "La distancia entre los dos puntos es 2ε: falta dividir entre dos.",
            swap=(("(2 * epsilon)", "epsilon"),),
        ),
        Mistake(
            "Empujas el array entero; hay que mover un solo elemento cada vez.",
            swap=(
                ("above[place] += epsilon", "above += epsilon"),
                ("below[place] -= epsilon", "below -= epsilon"),
            ),
        ),
        Mistake(
            "El signo está cambiado: es la función arriba menos la función abajo.",
            swap=(("function(above) - function(below)", "function(below) - function(above)"),),
        ),
        Mistake(
            "Sale casi cero: ¿faltan los paréntesis de `(2 * epsilon)`, van los dos empujones hacia el "
            "mismo lado, o son el mismo array sin `.copy()`?",
            swap=(("below[place] -=", "below[place] +="),),
        ),
        Mistake(
            "Empujas hacia un solo lado; las diferencias centrales empujan hacia los dos.",
            swap=(
                ("function(above) - function(below)", "function(above) - function(array)"),
                ("(2 * epsilon)", "epsilon"),
            ),
        ),
        Mistake(
            "Falta dividir entre la distancia de los dos empujones.",
            swap=((" / (2 * epsilon)", ""),),
        ),
        Mistake(
            "Empujas el array recibido sin copiarlo y no deshaces el cambio: los empujones se "
            "acumulan.",
            code=(
                "def numeric_gradient(function, array, epsilon=1e-5):\n"
                "    array, gradient = array.copy(), np.zeros_like(array)\n"
                "    for place in np.ndindex(array.shape):\n"
                "        array[place] += 2 * epsilon\n"
                "        above = function(array)\n"
                "        array[place] -= epsilon\n"
                "        gradient[place] = (above - function(array)) / (2 * epsilon)\n"
                "    return gradient"
            ),
        ),
    ),
    variants=(
        "def numeric_gradient(function, array, epsilon=1e-5):\n"
        "    values = []\n"
        "    for k in range(array.size):\n"
        "        push = np.zeros(array.size)\n"
        "        push[k] = epsilon\n"
        "        push = push.reshape(array.shape)\n"
        "        values.append((function(array + push) - function(array - push)) / epsilon / 2)\n"
        "    return np.array(values).reshape(array.shape)",
        "def numeric_gradient(function, array, epsilon=1e-5):\n"
        "    gradient, moved = np.zeros_like(array), array.copy()\n"
        "    for place in np.ndindex(array.shape):\n"
        "        moved[place] = array[place] + epsilon\n"
        "        above = function(moved)\n"
        "        moved[place] = array[place] - epsilon\n"
        "        gradient[place] = 0.5 * (above - function(moved)) / epsilon\n"
        "        moved[place] = array[place]\n"
        "    return gradient",
    ),
    equivalent={
        "línea 1: «1e-5» → «2e-05»": "un empujón algo mayor da la misma derivada, salvo redondeo",
    },
    draw=_draw_function,
    tolerance=1e-5,
    mutates=(
        "def numeric_gradient(function, array, epsilon=1e-5):\n"
        "    gradient = np.zeros_like(array)\n"
        "    for place in np.ndindex(array.shape):\n"
        "        array[place] += epsilon\n"
        "        above = function(array)\n"
        "        array[place] -= 2 * epsilon\n"
        "        gradient[place] = (above - function(array)) / (2 * epsilon)\n"
        "    return gradient"
    ),
)


def _draw_backward(rng: np.random.Generator) -> tuple:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe."""
    batch, input_size, hidden_size = _sizes(rng)
    timesteps = int(rng.integers(9, 14))
    weights = _weights(rng, input_size, hidden_size)
    x = rng.normal(size=(batch, timesteps, input_size))
    states = cells.rnn_forward(x, weights).states.copy()
    return x, states, weights, rng.normal(size=states.shape)


MEND = Exercise(
    key="13.3",
    title="Encuentra los tres fallos.",
    stars=3,
    hints=(
        "Compara cada línea con la sección 3: ¿por qué matriz vuelve el gradiente?, ¿qué estado "
        "multiplicó a W_h?, ¿qué pasos cuentan para el sesgo?",
        "Uno está en `delta` y le falta una transpuesta. Otro usa el estado de ahora donde va el de "
        "antes, que en el primer paso son ceros. En el tercero, `=` borra lo anterior.",
    ),
    mistakes=(
        Mistake(
            "`delta` todavía vuelve por W_h sin transponer.",
            swap=(("weights.hidden.T", "weights.hidden"),),
        ),
        Mistake(
            "El gradiente de W_h todavía usa el estado de ahora: lo que multiplicó fue el anterior.",
            swap=(("before.T @ delta", "states[:, t].T @ delta"),),
        ),
        Mistake(
            "El gradiente del sesgo solo guarda el último paso visitado: hay que acumular con `+=`.",
            swap=(("total[2] += delta", "total[2] = delta"),),
        ),
        Mistake(
            "En el primer paso, `states[:, t - 1]` es `states[:, -1]`: el último estado. Antes del "
            "primero hay ceros.",
            swap=((" if t > 0 else np.zeros_like(delta)", ""),),
        ),
        Mistake(
            "Es la función sin arreglar: quedan los tres fallos.",
            swap=(
                ("weights.hidden.T", "weights.hidden"),
                ("before.T @ delta", "states[:, t].T @ delta"),
                ("total[2] += delta", "total[2] = delta"),
            ),
        ),
        Mistake(
            "`grad_states` tiene que sumarse a lo que vuelve del paso siguiente, antes de multiplicar "
            "por la derivada de tanh.",
            swap=(
                (
                    "(grad_states[:, t] + delta @ weights.hidden.T) * (1 - states[:, t] ** 2)",
                    "grad_states[:, t] + delta @ weights.hidden.T * (1 - states[:, t] ** 2)",
                ),
            ),
        ),
        Mistake(
            "La pendiente de tanh es la del paso `t`; se usa la del estado anterior.",
            swap=(("(1 - states[:, t] ** 2)", "(1 - before ** 2)"),),
        ),
    ),
    variants=(
        "def mended_backward(x, states, weights, grad_states):\n"
        "    before = np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1)\n"
        "    delta = np.zeros_like(states)\n"
        "    back = 0.0\n"
        "    for t in range(x.shape[1] - 1, -1, -1):\n"
        "        delta[:, t] = (grad_states[:, t] + back) * (1 - states[:, t] ** 2)\n"
        "        back = delta[:, t] @ weights.hidden.T\n"
        "    return RNNWeights(np.einsum('bti,btj->ij', x, delta),\n"
        "                      np.einsum('bti,btj->ij', before, delta), delta.sum(axis=(0, 1)))",
        "def mended_backward(x, states, weights, grad_states):\n"
        "    w_x, w_h, b = (np.zeros_like(part) for part in weights)\n"
        "    back = np.zeros_like(states[:, 0])\n"
        "    for t in reversed(range(x.shape[1])):\n"
        "        delta = (grad_states[:, t] + back) * (1 - states[:, t] ** 2)\n"
        "        w_x = w_x + x[:, t].T @ delta\n"
        "        if t > 0:\n"
        "            w_h = w_h + states[:, t - 1].T @ delta\n"
        "        b = b + delta.sum(axis=0)\n"
        "        back = delta @ weights.hidden.T\n"
        "    return w_x, w_h, b",
    ),
    equivalent={
        "línea 3: «0» → «1»": "de ese paso solo se toma la forma",
        "línea 3: «0» → «-1»": "de ese paso solo se toma la forma",
    },
    draw=_draw_backward,
    namespace=_lesson_names,
    mutates=(
        "def mended_backward(x, states, weights, grad_states):\n"
        "    w_x, w_h, b = (np.zeros_like(part) for part in weights)\n"
        "    for t in reversed(range(x.shape[1])):\n"
        "        delta = grad_states[:, t] * (1 - states[:, t] ** 2)\n"
        "        w_x += x[:, t].T @ delta\n"
        "        b += delta.sum(axis=0)\n"
        "        if t > 0:\n"
        "            w_h += states[:, t - 1].T @ delta\n"
        "            grad_states[:, t - 1] += delta @ weights.hidden.T\n"
        "    return RNNWeights(w_x, w_h, b)"
    ),
)


def _draw_truncated(rng: np.random.Generator) -> tuple:
    """Secuencias que no son múltiplo de la longitud del tramo."""
    batch, input_size, hidden_size = _sizes(rng)
    timesteps, length = [(11, 4), (13, 5), (10, 3), (9, 2)][int(rng.integers(4))]
    x = rng.normal(size=(batch, timesteps, input_size))
    targets, readout = rng.normal(size=(batch, timesteps, 1)), rng.normal(size=(hidden_size, 1))
    return x, targets, _weights(rng, input_size, hidden_size), readout, length


_TRUNCATED_START = (
    "def truncated_gradient(x, targets, weights, readout, length):\n"
    "    h = np.zeros((len(x), len(weights.bias)))\n"
)

TRUNCATED = Exercise(
    key="13.4",
    title="Trunca la retropropagación.",
    stars=2,
    hints=(
        "Cada tramo va de `start` a `start + length`, tanto en `x` como en `targets`, y empieza con el "
        "estado en que acabó el anterior.",
        "`chunk_gradient` devuelve dos cosas: el gradiente del tramo, que se suma a `total` parte a "
        "parte, y el último estado, que se guarda en `h` para el tramo siguiente.",
    ),
    mistakes=(
        Mistake(
            "Cada tramo empieza de cero: guarda en `h` el último estado para el siguiente.",
            swap=(("grads, h = chunk", "grads, _ = chunk"),),
        ),
        Mistake(
            "Solo queda el gradiente del último tramo: hay que sumar los de todos.",
            swap=(
                (
                    "RNNWeights(*(old + new for old, new in zip(total, grads, strict=True)))",
                    "grads",
                ),
            ),
        ),
        Mistake(
            "Pasas la secuencia entera a cada tramo: falta recortar `x` y `targets`.",
            swap=(("x[:, start:stop]", "x"), ("targets[:, start:stop]", "targets")),
        ),
        Mistake(
            "Recortas el lote en lugar del tiempo: el tiempo es el segundo eje, `x[:, start:stop]`.",
            swap=(
                ("x[:, start:stop]", "x[start:stop]"),
                ("targets[:, start:stop]", "targets[start:stop]"),
            ),
        ),
        Mistake(
            "Al sumar dos `RNNWeights` con `+` se juntan las tuplas: suma parte a parte.",
            swap=(
                (
                    "RNNWeights(*(old + new for old, new in zip(total, grads, strict=True)))",
                    "total + grads",
                ),
            ),
        ),
        Mistake(
            "Las dos salidas de `chunk_gradient` van en el otro orden: primero el gradiente, después el "
            "estado.",
            swap=(("grads, h = chunk", "h, grads = chunk"),),
        ),
        Mistake(
            "Solo se hace el primer tramo: ¿está el `return` dentro del bucle?",
            swap=(
                ("        total = RNNWeights(*(old + new", "        return RNNWeights(*(old + new"),
            ),
        ),
        Mistake(
            "El tramo acaba en `start + length`, no en `length`.",
            swap=(("stop = start + length", "stop = length"),),
        ),
        Mistake(
            "Falta el último tramo, el que es más corto que los demás.",
            code=(
                _TRUNCATED_START
                + "    total = RNNWeights(*(np.zeros_like(part) for part in weights))\n"
                "    for start in range(0, x.shape[1] - length + 1, length):\n"
                "        part = slice(start, start + length)\n"
                "        grads, h = chunk_gradient(x[:, part], targets[:, part], weights, readout, h)\n"
                "        total = RNNWeights(*(old + new for old, new in zip(total, grads)))\n"
                "    return total"
            ),
        ),
        Mistake(
            "El gradiente cruza todas las fronteras: es la retropropagación completa, en un solo "
            "tramo.",
            code=(
                _TRUNCATED_START + "    return chunk_gradient(x, targets, weights, readout, h)[0]"
            ),
        ),
        Mistake(
            "Promedias los gradientes de los tramos; hay que sumarlos.",
            code=(
                _TRUNCATED_START + "    chunks = []\n"
                "    for start in range(0, x.shape[1], length):\n"
                "        part = slice(start, start + length)\n"
                "        grads, h = chunk_gradient(x[:, part], targets[:, part], weights, readout, h)\n"
                "        chunks.append(grads)\n"
                "    return RNNWeights(*(np.mean(parts, axis=0) for parts in zip(*chunks)))"
            ),
        ),
    ),
    variants=(
        _TRUNCATED_START + "    total = [np.zeros_like(part) for part in weights]\n"
        "    start = 0\n"
        "    while start < x.shape[1]:\n"
        "        part = slice(start, min(start + length, x.shape[1]))\n"
        "        grads, h = chunk_gradient(x[:, part], targets[:, part], weights, readout, h)\n"
        "        for old, new in zip(total, grads):\n"
        "            old += new\n"
        "        start += length\n"
        "    return total",
        _TRUNCATED_START + "    chunks = []\n"
        "    for start in range(0, x.shape[1], length):\n"
        "        part = np.s_[:, start:start + length]\n"
        "        grads, h = chunk_gradient(x[part], targets[part], weights, readout, h)\n"
        "        chunks.append(grads)\n"
        "    return RNNWeights(*(np.sum(parts, axis=0) for parts in zip(*chunks)))",
    ),
    equivalent={
        "línea 8: «zip(total, grads, strict=True)» → «zip(grads, total, strict=True)»": (
            "la suma es conmutativa"
        ),
        "línea 8: «zip(total, grads, strict=True)» → «zip(total, grads)»": (
            "las dos partes siempre miden lo mismo"
        ),
        "línea 8: «True» → «False»": "las dos partes siempre miden lo mismo",
    },
    draw=_draw_truncated,
    namespace=_lesson_names,
    mutates=(
        _TRUNCATED_START + "    total = [np.zeros_like(part) for part in weights]\n"
        "    while x.shape[1]:\n"
        "        now = slice(length)\n"
        "        grads, h = chunk_gradient(x[:, now], targets[:, now], weights, readout, h)\n"
        "        total = [old + new for old, new in zip(total, grads)]\n"
        "        x[:, now] = 0.0\n"
        "        x, targets = x[:, length:], targets[:, length:]\n"
        "    return total"
    ),
)

EXERCISES = (STEP, NUMERIC, MEND, TRUNCATED)

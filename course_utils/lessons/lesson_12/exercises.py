"""Ejercicios de la lección 12: una red recurrente con NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils import cells
from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Una red recurrente con NumPy"


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation(np.arange(2, 9))[:count]]


def _weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> cells.RNNWeights:
    return cells.RNNWeights(
        rng.normal(size=(input_size, hidden_size)) / np.sqrt(input_size),
        rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size),
        rng.normal(size=hidden_size),
    )


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = _sizes(rng, 3)
    weights = _weights(rng, input_size, hidden_size)
    return rng.normal(size=(batch, input_size)), rng.normal(size=(batch, hidden_size)), weights


STEP = Exercise(
    key="12.1",
    title="Escribe un paso de la red recurrente.",
    stars=1,
    hints=(
        "Son tres sumandos dentro de una tangente hiperbólica: lo que llega, lo que se recordaba y "
        "el sesgo.",
        "Con filas como ejemplos, el dato va delante: `x @ weights.input`. Haz lo mismo con `h` y "
        "`weights.hidden`, y suma `weights.bias`.",
    ),
    mistakes=(
        Mistake("¿Has olvidado la tangente hiperbólica?", swap=(("np.tanh(", "("),)),
        Mistake("¿Has olvidado el sesgo?", swap=((" + weights.bias", ""),)),
        Mistake(
            "Falta lo que se recordaba: ¿dónde entra `h`?", swap=((" + h @ weights.hidden", ""),)
        ),
        Mistake(
            "¿Has transpuesto W_h? Con las filas como ejemplos es `h @ weights.hidden`.",
            swap=(("weights.hidden", "weights.hidden.T"),),
        ),
        Mistake(
            "La activación de esta red es tanh, no la sigmoide.",
            code=(
                "def rnn_step(x, h, weights):\n"
                "    z = x @ weights.input + h @ weights.hidden + weights.bias\n"
                "    return 1 / (1 + np.exp(-z))"
            ),
        ),
        Mistake(
            "`*` multiplica elemento a elemento; el producto de matrices es `@`.",
            swap=(("@", "*"),),
        ),
        Mistake(
            "El orden de un producto de matrices importa: el dato va delante, `x @ weights.input`.",
            swap=(("x @ weights.input", "weights.input @ x"),),
        ),
    ),
    variants=(
        "def rnn_step(x, h, weights):\n"
        "    w_x, w_h, b = weights\n"
        "    z = np.dot(x, w_x) + np.dot(h, w_h) + b\n"
        "    return (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)",
        "def rnn_step(x, h, weights):\n"
        "    joined = np.concatenate([x, h], axis=1).astype('float32')\n"
        "    stacked = np.concatenate([weights.input, weights.hidden]).astype('float32')\n"
        "    return np.tanh(joined @ stacked + weights.bias.astype('float32')).tolist()",
    ),
    draw=_draw_step,
    mutates=(
        "def rnn_step(x, h, weights):\n"
        "    h[:] = np.tanh(x @ weights.input + h @ weights.hidden + weights.bias)\n"
        "    return h"
    ),
)


def _draw_forward(rng: np.random.Generator) -> tuple:
    """Más pasos que ninguna otra cosa: así se nota si la cadena se rompe."""
    batch, input_size, hidden_size = _sizes(rng, 3)
    timesteps = int(rng.integers(9, 14))
    weights = _weights(rng, input_size, hidden_size)
    # Pesos pequeños: los estados quedan lejos de los extremos y las diferencias se ven.
    weights = cells.RNNWeights(*(0.5 * part for part in weights))
    return rng.normal(size=(batch, timesteps, input_size)), weights


_FORWARD_START = (
    "def rnn_forward(x, weights):\n"
    "    batch, timesteps, _ = x.shape\n"
    "    h = np.zeros((batch, len(weights.bias)))\n"
)

FORWARD = Exercise(
    key="12.2",
    title="Recorre la secuencia entera.",
    stars=2,
    hints=(
        "En cada vuelta hacen falta dos líneas: calcular el estado nuevo y guardarlo.",
        "La entrada del paso `t` de todas las secuencias es `x[:, t]`. El estado nuevo sustituye al "
        "viejo: `h = rnn_step(...)`; después, `states.append(h)`.",
    ),
    mistakes=(
        Mistake(
            "El estado no pasa de un paso al siguiente: cada uno empieza de cero.",
            swap=(
                ("h = rnn_step(x[:, t], h, weights)", "new = rnn_step(x[:, t], h, weights)"),
                ("append(h)", "append(new)"),
            ),
        ),
        Mistake(
            "Parece que recorres el lote en lugar del tiempo: los pasos están en el segundo eje, "
            "`x[:, t]`.",
            swap=(
                ("range(timesteps)", "range(min(batch, timesteps))"),
                ("x[:, t]", "x[t]"),
            ),
        ),
        Mistake(
            "Los estados están bien, pero en orden inverso: ¿recorres la secuencia desde el final?",
            code=_FORWARD_START + "    states = []\n"
            "    for t in range(timesteps):\n"
            "        h = rnn_step(x[:, t], h, weights)\n"
            "        states.insert(0, h)\n"
            "    return np.stack(states, axis=1)",
        ),
        Mistake(
            "Guardas el estado antes de actualizarlo: todo queda retrasado un paso.",
            code=_FORWARD_START + "    states = []\n"
            "    for t in range(timesteps):\n"
            "        states.append(h)\n"
            "        h = rnn_step(x[:, t], h, weights)\n"
            "    return np.stack(states, axis=1)",
        ),
        Mistake(
            "Cada estado sale del primero; tiene que salir del anterior.",
            code=_FORWARD_START + "    states = []\n"
            "    for t in range(timesteps):\n"
            "        states.append(rnn_step(x[:, t], states[0] if states else h, weights))\n"
            "    return np.stack(states, axis=1)",
        ),
        Mistake(
            "Calculas el estado, pero no lo guardas en la lista: falta `states.append(h)`.",
            swap=(("        states.append(h)\n", ""),),
        ),
        Mistake(
            "`append` cambia la lista y devuelve `None`: escribe `states.append(h)`, sin asignar.",
            swap=(("states.append(h)", "states = states.append(h)"),),
        ),
        Mistake(
            "Le pasas la secuencia entera: cada paso recibe solo `x[:, t]`.",
            swap=(("x[:, t]", "x"),),
        ),
        Mistake(
            "Usas siempre la misma entrada: ¿dónde aparece `t`?",
            swap=(("x[:, t]", "x[:, 0]"),),
        ),
    ),
    variants=(
        _FORWARD_START + "    out = np.zeros((batch, timesteps, len(weights.bias)))\n"
        "    for t in range(timesteps):\n"
        "        out[:, t] = h = np.tanh(x[:, t] @ weights.input + h @ weights.hidden + weights.bias)\n"
        "    return out",
        "def rnn_forward(x, weights):\n"
        "    rows = []\n"
        "    for sequence in x:\n"
        "        h, states = np.zeros((1, len(weights.bias))), []\n"
        "        for row in sequence:\n"
        "            h = rnn_step(row[None], h, weights)\n"
        "            states.append(h[0])\n"
        "        rows.append(states)\n"
        "    return np.array(rows)",
    ),
    draw=_draw_forward,
    requires=("12.1",),
    mutates=(
        _FORWARD_START + "    out = np.zeros((batch, timesteps, len(weights.bias)))\n"
        "    for t in range(timesteps):\n"
        "        out[:, t] = h = rnn_step(x[:, t], h, weights)\n"
        "        x[:, t] = 0.0\n"
        "    return out"
    ),
)


def _draw_count(rng: np.random.Generator) -> tuple:
    return tuple(_sizes(rng, 3))


COUNT = Exercise(
    key="12.3",
    title="Cuenta los parámetros.",
    stars=1,
    hints=(
        "Hay cinco piezas: W_x, W_h y b en la recurrencia; W_y y b_y en la salida.",
        "Una matriz de forma (a, b) tiene a · b parámetros; un sesgo de forma (a,), a. "
        "La longitud de la secuencia no aparece.",
    ),
    mistakes=(
        Mistake("¿Has olvidado el sesgo del estado?", swap=((" + hidden_size\n", "\n"),)),
        Mistake("¿Has olvidado el sesgo de la salida?", swap=((" + output_size", ""),)),
        Mistake(
            "¿Has olvidado los dos sesgos, el del estado y el de la salida?",
            swap=((" + hidden_size\n", "\n"), (" + output_size", "")),
        ),
        Mistake(
            "Falta W_h: el estado también se conecta consigo mismo.",
            swap=((" + hidden_size * hidden_size", ""),),
        ),
        Mistake(
            "Falta la capa de salida, W_y y b_y.",
            code=(
                "def count_parameters(input_size, hidden_size, output_size):\n"
                "    return hidden_size * (input_size + hidden_size + 1)"
            ),
        ),
        Mistake(
            "La salida se calcula del estado, no de la entrada: W_y es (oculto, salida).",
            swap=(("hidden_size * output_size", "input_size * output_size"),),
        ),
    ),
    variants=(
        "def count_parameters(input_size, hidden_size, output_size):\n"
        "    return (input_size + hidden_size + 1) * hidden_size + (hidden_size + 1) * output_size",
        "def count_parameters(input_size, hidden_size, output_size):\n"
        "    shapes = [(input_size, hidden_size), (hidden_size, hidden_size), (hidden_size,),\n"
        "              (hidden_size, output_size), (output_size,)]\n"
        "    return float(sum(np.prod(shape) for shape in shapes))",
    ),
    draw=_draw_count,
)


NOISE = 0.1
EARLY = (
    "El estado está arriba sin que haya llegado ninguna marca: hace falta un sesgo más negativo."
)
DEAF = "La marca no levanta el estado: w_x tiene que vencer a lo que tira hacia abajo."
FORGETFUL = (
    "El estado sube con la marca y después cae: w_h tiene que vencer al sesgo y al ruido para "
    "sostenerlo arriba."
)


def _draw_marks(rng: np.random.Generator) -> tuple:
    """Secuencias ruidosas: unas con marca, otras sin ella."""
    x = rng.uniform(-NOISE, NOISE, size=(6, 150, 1))
    for row, place in enumerate(rng.integers(0, 140, size=4)):
        x[row, place] += 1.0
    return (x,)


def _remembers(answer: Callable[[], tuple], x: np.ndarray) -> np.ndarray | None:
    """Si la unidad recuerda una marca, en cada paso: (lote, tiempo)."""
    returned = answer()
    if returned is None:
        return None
    numbers = np.asarray(returned)
    if numbers.shape != (3,) or numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        raise TypeError(
            f"se esperaban tres números finitos (w_x, w_h, b) y ha llegado {returned!r}"
        )
    w_x, w_h, b = numbers.astype(float).reshape(3, 1)
    run = cells.rnn_forward(x, cells.RNNWeights(w_x[None], w_h[None], b))
    return (run.states[..., 0] > 0.5).astype(int)


def _latch_fault(received: np.ndarray | None, expected: np.ndarray) -> str | None:
    """Dónde falla el pestillo por primera vez y por qué."""
    if np.array_equal(received, expected):
        return None
    row, step = (int(place) for place in np.argwhere(received != expected)[0])
    mark = int(np.argmax(expected[row])) if expected[row].any() else None
    where = f"en la secuencia {row + 1}, paso {step}"
    if not expected[row, step]:
        return f"{where}, el estado debía estar por debajo de 0.5 y no lo está. {EARLY}"
    cause = DEAF if step == mark else FORGETFUL
    return f"{where}, el estado debía estar por encima de 0.5 (marca en el paso {mark}). {cause}"


_QUIET = np.zeros((2, 150, 1))
_QUIET[0, 30] = 1.0

LATCH = Exercise(
    key="12.4",
    title="Cablea un pestillo con una sola unidad.",
    stars=3,
    hints=(
        "Busca dos reposos: sin entrada, un estado cercano a -1 debe seguir cerca de -1, y uno "
        "cercano a 1 debe seguir cerca de 1. Para eso w_h tiene que ser bastante mayor que 1, y b, "
        "negativo.",
        "Ponte en lo peor y deja holgura. Al empezar, el ruido no debe levantarlo: |b| > 0.1·w_x. Al "
        "llegar la marca: 0.9·w_x > w_h + |b|. Ya arriba: w_h > |b| + 0.1·w_x. Con una diferencia "
        "de 1 en la primera y de 2 en las otras dos, funciona.",
    ),
    mistakes=(
        Mistake(EARLY, swap=(("10.0, 5.0, -2.0", "5.0, 2.0, 0.0"),)),
        Mistake(DEAF, swap=(("10.0, 5.0, -2.0", "2.0, 5.0, -2.0"),)),
        Mistake(FORGETFUL, swap=(("10.0, 5.0, -2.0", "12.0, 4.0, -5.0"),)),
        Mistake(
            "se esperaban tres números finitos (w_x, w_h, b)",
            swap=(("10.0, 5.0, -2.0", "10.0, 5.0"),),
        ),
    ),
    variants=(
        "def latch_numbers():\n    return [20, 10, -5]",
        "def latch_numbers():\n    return np.array([14.0, 7.0, -3.0])",
    ),
    draw=_draw_marks,
    edges=((_QUIET,),),
    probe=_remembers,
    compare=_latch_fault,
)


def _draw_time_first(rng: np.random.Generator) -> tuple:
    return (rng.normal(size=_sizes(rng, 3)),)


BATCH_FIRST = Exercise(
    key="12.5",
    title="Cambia el orden de los ejes sin mezclar las secuencias.",
    stars=2,
    hints=(
        "No hay que cambiar la forma: hay que intercambiar dos ejes.",
        "Busca en NumPy `swapaxes` o `transpose`: los ejes que se intercambian son el 0 y el 1.",
    ),
    mistakes=(
        Mistake(
            "La forma es correcta y los valores no: `reshape` no mueve los ejes.",
            code=(
                "def to_batch_first(x):\n"
                "    timesteps, batch, features = x.shape\n"
                "    return x.reshape(batch, timesteps, features)"
            ),
        ),
        Mistake(
            "`x.T` invierte los tres ejes; solo hay que intercambiar los dos primeros.",
            code="def to_batch_first(x):\n    return x.T",
        ),
        Mistake("Intercambias otros ejes.", swap=(("swapaxes(0, 1)", "swapaxes(1, 2)"),)),
        Mistake("Devuelves la entrada sin cambiarla.", code="def to_batch_first(x):\n    return x"),
    ),
    variants=(
        "def to_batch_first(x):\n    return np.transpose(x, (1, 0, 2))",
        "def to_batch_first(x):\n"
        "    return [[x[t, row] for t in range(x.shape[0])] for row in range(x.shape[1])]",
    ),
    equivalent={
        "línea 3: «x.swapaxes(0, 1)» → «x.swapaxes(1, 0)»": "intercambiar dos ejes es simétrico",
    },
    draw=_draw_time_first,
    mutates="def to_batch_first(x):\n    out = x.swapaxes(0, 1).copy()\n    x[:] = 0\n    return out",
)

EXERCISES = (STEP, FORWARD, COUNT, LATCH, BATCH_FIRST)

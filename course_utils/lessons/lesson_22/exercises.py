"""Ejercicios de la lección 22: GRU."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.cells import GRUWeights, sigmoid
from course_utils.exercises.definition import Exercise, Mistake

TITLE = "GRU"


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation(np.arange(2, 9))[:count]]


def _gru_weights(rng: np.random.Generator, input_size: int, hidden_size: int) -> GRUWeights:
    """Pesos al azar, con los dos sesgos distintos de cero."""
    shapes = ((input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size))
    shapes += ((3 * hidden_size,), (3 * hidden_size,))
    return GRUWeights(*(rng.normal(size=shape) for shape in shapes))


# ---------------------------------------------------------------- 22.1


def _draw_step(rng: np.random.Generator) -> tuple:
    batch, input_size, hidden_size = _sizes(rng, 3)
    weights = _gru_weights(rng, input_size, hidden_size)
    x, h = rng.normal(size=(batch, input_size)), rng.uniform(-1, 1, size=(batch, hidden_size))
    return x, h, weights


_STEP = "def gru_step(x, h, weights):\n"
_CANDIDATE = "from_input[2] + r * from_hidden[2]"
_UPDATE = "z * h + (1 - z) * n"

STEP = Exercise(
    key="22.1",
    title="Escribe un paso de la GRU.",
    stars=2,
    hints=(
        "Cada compuerta es la sigmoide de su parte de la entrada más su parte del estado. El "
        "candidato es una tangente, y dentro de ella `r` multiplica a una sola de las dos partes.",
        "Los bloques van en el orden z, r, n: índices 0, 1 y 2. En el candidato, `r` multiplica a "
        "`from_hidden[2]`. El estado nuevo es `z` por el viejo más lo que a `z` le falta para uno "
        "por el candidato.",
    ),
    mistakes=(
        Mistake(
            "Usas `z` al revés: aquí `z` multiplica al estado anterior y `1 - z`, al candidato.",
            swap=((_UPDATE, "(1 - z) * h + z * n"),),
        ),
        Mistake(
            "Los bloques van en el orden z, r, n: has tomado el primero como reinicio.",
            swap=(
                ("    z = sigmoid(from_input[0] + from_hidden[0])", "    ??"),
                ("    r = sigmoid(from_input[1] + from_hidden[1])", "    z = @@"),
                ("??", "r = sigmoid(from_input[0] + from_hidden[0])"),
                ("@@", "sigmoid(from_input[1] + from_hidden[1])"),
            ),
        ),
        Mistake(
            "`b_h` también va dentro: `r` multiplica a todo lo que viene del estado, con su sesgo.",
            swap=(
                (
                    _CANDIDATE,
                    "from_input[2] + r * (from_hidden[2] - np.split(weights.hidden_bias, 3)[2])"
                    " + np.split(weights.hidden_bias, 3)[2]",
                ),
            ),
        ),
        Mistake(
            "Al candidato le falta la tangente.",
            swap=((f"np.tanh({_CANDIDATE})", _CANDIDATE),),
        ),
        Mistake(
            "En el candidato va `r`, no `z`.",
            swap=((_CANDIDATE, "from_input[2] + z * from_hidden[2]"),),
        ),
        Mistake(
            "`r` multiplica también a lo que viene de la entrada; debe multiplicar solo a lo que "
            "viene del estado.",
            swap=((_CANDIDATE, "r * (from_input[2] + from_hidden[2])"),),
        ),
        Mistake(
            "Falta `r`: el candidato ve siempre todo el pasado.",
            swap=((_CANDIDATE, "from_input[2] + from_hidden[2]"),),
        ),
        Mistake(
            "Has puesto `r` en la parte de la entrada; va en la del estado.",
            swap=((_CANDIDATE, "r * from_input[2] + from_hidden[2]"),),
        ),
        Mistake(
            "El candidato usa el estado tal cual: falta su producto con W_h, que ya está en "
            "`from_hidden[2]`.",
            swap=((_CANDIDATE, "from_input[2] + r * h"),),
        ),
        Mistake(
            "El reinicio está antes del producto: es otra GRU, la de la sección 3. Aquí `r` "
            "multiplica a `from_hidden[2]`.",
            swap=(
                (
                    _CANDIDATE,
                    "from_input[2] + (r * h) @ np.split(weights.hidden, 3, axis=1)[2]"
                    " + np.split(weights.hidden_bias, 3)[2]",
                ),
            ),
        ),
        Mistake(
            "El candidato lleva tangente hiperbólica, no sigmoide.",
            swap=(("np.tanh", "sigmoid"),),
        ),
        Mistake(
            "A las compuertas les falta la sigmoide: no quedan entre 0 y 1.",
            swap=(
                ("sigmoid(from_input[0] + from_hidden[0])", "from_input[0] + from_hidden[0]"),
                ("sigmoid(from_input[1] + from_hidden[1])", "from_input[1] + from_hidden[1]"),
            ),
        ),
        Mistake(
            "Las compuertas solo miran la entrada: súmales la parte del estado.",
            swap=((" + from_hidden[0])", ")"), (" + from_hidden[1])", ")")),
        ),
        Mistake(
            "Devuelves el candidato: falta mezclarlo con el estado anterior.",
            swap=((f"return {_UPDATE}", "return n"),),
        ),
        Mistake(
            "`from_input` es una lista de tres arrays: toma uno con su índice antes de sumar.",
            swap=(("from_input[0] + from_hidden[0]", "from_input + from_hidden[0]"),),
        ),
    ),
    variants=(
        _STEP + "    size = h.shape[1]\n"
        "    a = x @ weights.input + weights.bias\n"
        "    b = h @ weights.hidden + weights.hidden_bias\n"
        "    gates = sigmoid(a[:, :2 * size] + b[:, :2 * size])\n"
        "    z, r = gates[:, :size], gates[:, size:]\n"
        "    n = np.tanh(a[:, 2 * size:] + b[:, 2 * size:] * r)\n"
        "    return n + z * (h - n)",
        _STEP + "    w_x, w_h, b, b_h = weights\n"
        "    size = len(w_h)\n"
        "    new = np.empty_like(h)\n"
        "    for row in range(len(x)):\n"
        "        for unit in range(size):\n"
        "            inputs, past = [], []\n"
        "            for block in range(3):\n"
        "                k = block * size + unit\n"
        "                inputs.append(x[row] @ w_x[:, k] + b[k])\n"
        "                past.append(h[row] @ w_h[:, k] + b_h[k])\n"
        "            keep = 1 / (1 + np.exp(-inputs[0] - past[0]))\n"
        "            reset = 1 / (1 + np.exp(-inputs[1] - past[1]))\n"
        "            candidate = np.tanh(inputs[2] + reset * past[2])\n"
        "            new[row, unit] = candidate + keep * (h[row, unit] - candidate)\n"
        "    return new.tolist()",
    ),
    draw=_draw_step,
    namespace=lambda: {"sigmoid": sigmoid},
    mutates=(
        _STEP + "    from_input = np.split(x @ weights.input + weights.bias, 3, axis=1)\n"
        "    from_hidden = np.split(h @ weights.hidden + weights.hidden_bias, 3, axis=1)\n"
        "    z = sigmoid(from_input[0] + from_hidden[0])\n"
        "    r = sigmoid(from_input[1] + from_hidden[1])\n"
        "    n = np.tanh(from_input[2] + r * from_hidden[2])\n"
        "    h *= z\n"
        "    h += (1 - z) * n\n"
        "    return h"
    ),
)


# ---------------------------------------------------------------- 22.2


def _draw_weights(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = _sizes(rng, 2)
    return (_gru_weights(rng, input_size, hidden_size),)


_SWAP = "def swap_convention(weights):\n"

SWAP = Exercise(
    key="22.2",
    title="Cambia el convenio de la compuerta de actualización.",
    stars=2,
    hints=(
        "La otra variante necesita σ(-a) donde tú tienes σ(a), y a es una suma: entrada, estado y "
        "los dos sesgos. ¿Qué hay que hacerle a cada sumando para que la suma cambie de signo?",
        "Prepara un vector de 3 · oculto signos: -1 en el bloque de z y 1 en los otros dos. Con "
        "`part * signos` se multiplican las columnas de cualquiera de los cuatro arrays. Devuelve "
        "`GRUWeights(...)` con los cuatro.",
    ),
    mistakes=(
        Mistake(
            "Los sesgos del bloque de z también cambian de signo: forman parte de la suma.",
            code=_SWAP + "    size = len(weights.hidden)\n"
            "    signs = np.repeat([-1.0, 1.0, 1.0], size)\n"
            "    return weights._replace(input=weights.input * signs, hidden=weights.hidden * signs)",
        ),
        Mistake(
            "Falta `hidden_bias`: son cuatro arrays.",
            code=_SWAP + "    size = len(weights.hidden)\n"
            "    signs = np.repeat([-1.0, 1.0, 1.0], size)\n"
            "    w_x, w_h, b = (part * signs for part in weights[:3])\n"
            "    return GRUWeights(w_x, w_h, b, weights.hidden_bias)",
        ),
        Mistake(
            "Has cambiado el signo de todo: solo el bloque de z, que es el primero.",
            swap=(("[-1.0, 1.0, 1.0]", "[-1.0, -1.0, -1.0]"),),
        ),
        Mistake(
            "Has cambiado el segundo bloque, que es el de r: el de z es el primero.",
            swap=(("[-1.0, 1.0, 1.0]", "[1.0, -1.0, 1.0]"),),
        ),
        Mistake(
            "Las dos compuertas han cambiado de signo; solo debe cambiar z.",
            swap=(("[-1.0, 1.0, 1.0]", "[-1.0, -1.0, 1.0]"),),
        ),
        Mistake(
            "Uno menos los pesos no es lo que hace falta: es la compuerta, ya activada, la que "
            "pasa a uno menos ella. Mira qué le ocurre a lo de dentro de la sigmoide.",
            code=_SWAP + "    size = len(weights.hidden)\n"
            "    first = np.arange(3 * size) < size\n"
            "    return GRUWeights(*(np.where(first, 1 - part, part) for part in weights))",
        ),
        Mistake(
            "Cambias solo `input`: la suma tiene además la parte del estado y los sesgos.",
            code=_SWAP + "    signs = np.repeat([-1.0, 1.0, 1.0], len(weights.hidden))\n"
            "    return weights._replace(input=weights.input * signs)",
        ),
        Mistake(
            "Has cambiado las primeras filas; los bloques están en las columnas.",
            code=_SWAP + "    size = len(weights.hidden)\n"
            "    parts = [part.copy() for part in weights]\n"
            "    for part in parts:\n"
            "        part[:size] *= -1\n"
            "    return GRUWeights(*parts)",
        ),
        Mistake(
            "`weights` es una tupla y no admite el signo menos: recorre sus cuatro arrays.",
            code=_SWAP + "    return -weights",
        ),
    ),
    variants=(
        _SWAP + "    size = len(weights.hidden)\n"
        "    parts = []\n"
        "    for part in weights:\n"
        "        copy = part.copy()\n"
        "        copy[..., :size] = -copy[..., :size]\n"
        "        parts.append(copy)\n"
        "    return GRUWeights(*parts)",
        _SWAP + "    swapped = []\n"
        "    for part in weights:\n"
        "        z, r, n = np.split(part, 3, axis=part.ndim - 1)\n"
        "        swapped.append(np.concatenate([-z, r, n], axis=-1).tolist())\n"
        "    return tuple(swapped)",
    ),
    equivalent={
        "línea 5: «part * signs» → «part / signs»": "dividir entre 1 o -1 es multiplicar",
    },
    draw=_draw_weights,
    namespace=lambda: {"GRUWeights": GRUWeights},
    mutates=(
        _SWAP + "    size = len(weights.hidden)\n"
        "    for part in weights:\n"
        "        part[..., :size] *= -1\n"
        "    return weights"
    ),
)


# ---------------------------------------------------------------- 22.3


def _torch_names() -> dict[str, Any]:
    """Lo que una respuesta encuentra importado; cargarlo no cuenta en su tiempo."""
    import torch

    return {"torch": torch, "nn": torch.nn}


def _draw_arrays(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = _sizes(rng, 2)
    shapes = (input_size, 3 * hidden_size), (hidden_size, 3 * hidden_size), (2, 3 * hidden_size)
    return ([rng.normal(size=shape) for shape in shapes],)


def _numpy(value: Any) -> np.ndarray:
    """Un array, venga como venga: también de un tensor de PyTorch."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


_STATE_NAMES = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}


def _effective_gru(answer: Callable, weights: list[np.ndarray]) -> Any:
    """Lo que usará la capa: en las compuertas los dos sesgos se suman; en el candidato, no."""
    state = answer(weights)
    if not isinstance(state, Mapping):
        return state
    if set(state) != _STATE_NAMES:
        raise TypeError(f"las claves deben ser {sorted(_STATE_NAMES)} y son {sorted(state)}")
    arrays = {name: _numpy(value) for name, value in state.items()}
    size = len(weights[1])
    for name in ("bias_ih_l0", "bias_hh_l0"):
        if arrays[name].shape != (3 * size,):
            raise TypeError(f"{name} debe medir {(3 * size,)} y mide {arrays[name].shape}")
    one, other = arrays.pop("bias_ih_l0"), arrays.pop("bias_hh_l0")
    return arrays | {
        "bias_ih_l0 + bias_hh_l0, compuertas": (one + other)[: 2 * size],
        "bias_ih_l0, candidato": one[2 * size :],
        "bias_hh_l0, candidato": other[2 * size :],
    }


_PORT = "def port_gru(weights):\n    kernel, recurrent_kernel, bias = weights\n"

PORT = Exercise(
    key="22.3",
    title="Lleva una GRU de Keras a PyTorch.",
    stars=3,
    hints=(
        "Son dos cambios: los tres bloques de columnas cambian de orden, de z, r, n a r, z, n, y las "
        "matrices se transponen. Lo primero les pasa también a los sesgos.",
        "Parte cada array con `np.split(part, 3, axis=-1)`, júntalo en el orden nuevo con "
        "`np.concatenate` y transpón. Hazlo con las dos matrices y con las dos filas de `bias`: la "
        "primera va a `bias_ih_l0`.",
    ),
    mistakes=(
        Mistake(
            "Los bloques siguen en el orden de Keras: PyTorch espera r, z, n.",
            swap=(("[r, z, n]", "[z, r, n]"),),
        ),
        Mistake(
            "Has reordenado las matrices, pero no los sesgos: tienen los mismos tres bloques.",
            swap=(("reorder(bias[0])", "bias[0]"), ("reorder(bias[1])", "bias[1]")),
        ),
        Mistake(
            "Las filas de `bias` están cruzadas: la primera va con la entrada (`ih`) y la segunda, con "
            "el estado (`hh`).",
            swap=(("bias[0]", "bias[?]"), ("bias[1]", "bias[0]"), ("bias[?]", "bias[1]")),
        ),
        Mistake(
            "Los dos sesgos no se pueden juntar en uno: en el candidato, r multiplica solo al segundo.",
            swap=(
                ("reorder(bias[0])", "reorder(bias.sum(axis=0))"),
                ("reorder(bias[1])", "np.zeros_like(bias[1])"),
            ),
        ),
        Mistake(
            "El segundo sesgo se ha perdido: es la fila `bias[1]`.",
            swap=(("reorder(bias[1])", "np.zeros_like(bias[1])"),),
        ),
        Mistake(
            "Falta transponer: PyTorch guarda las matrices como (3 · oculto, entrada).",
            swap=((", axis=-1).T", ", axis=-1)"),),
        ),
        Mistake(
            "Has puesto el candidato el primero: en PyTorch también va al final.",
            swap=(("[r, z, n]", "[n, z, r]"),),
        ),
        Mistake(
            "El orden es r, z, n, y los tuyos van n, r, z.",
            swap=(("[r, z, n]", "[n, r, z]"),),
        ),
        Mistake(
            "El signo del bloque de z no cambia: Keras y PyTorch usan el mismo convenio.",
            swap=(("[r, z, n]", "[r, -z, n]"),),
        ),
        Mistake(
            "`reshape` da la forma que se pide, pero no transpone: mezcla los pesos.",
            swap=((", axis=-1).T", ", axis=-1).reshape(part.shape[::-1])"),),
        ),
        Mistake(
            "Reordenas solo `kernel`: `recurrent_kernel` y los sesgos tienen los mismos bloques.",
            swap=(
                ("reorder(recurrent_kernel)", "recurrent_kernel.T"),
                ("reorder(bias[0])", "bias[0]"),
                ("reorder(bias[1])", "bias[1]"),
            ),
        ),
        Mistake(
            "Los bloques están en las columnas, y `np.split` sin `axis` parte las filas: usa `axis=-1`.",
            swap=(("np.split(part, 3, axis=-1)", "np.split(part, 3)"),),
        ),
        Mistake(
            "Los nombres de PyTorch acaban en `_l0`, el número de la capa.",
            swap=(("_l0", ""),),
        ),
    ),
    variants=(
        _PORT + "    size = len(recurrent_kernel)\n"
        "    places = np.arange(3 * size).reshape(3, size)[[1, 0, 2]].ravel()\n"
        "    return {\n"
        "        'weight_ih_l0': kernel.T[places], 'weight_hh_l0': recurrent_kernel.T[places],\n"
        "        'bias_ih_l0': bias[0][places], 'bias_hh_l0': bias[1][places]}",
        _PORT + "    size = len(recurrent_kernel)\n"
        "    kernel, recurrent_kernel, bias = kernel.copy(), recurrent_kernel.copy(), bias.copy()\n"
        "    for part in (kernel, recurrent_kernel, bias):\n"
        "        z = part[:, :size].copy()\n"
        "        part[:, :size] = part[:, size : 2 * size]\n"
        "        part[:, size : 2 * size] = z\n"
        "    first, second = bias\n"
        "    first[: 2 * size] += second[: 2 * size]\n"
        "    second[: 2 * size] = 0\n"
        "    return dict(weight_ih_l0=kernel.T.tolist(), weight_hh_l0=recurrent_kernel.T.tolist(),\n"
        "                bias_ih_l0=first.tolist(), bias_hh_l0=second.tolist())",
        _PORT + "    state = {}\n"
        "    parts = {'weight_ih_l0': kernel.T, 'weight_hh_l0': recurrent_kernel.T,\n"
        "             'bias_ih_l0': bias[0], 'bias_hh_l0': bias[1]}\n"
        "    for name, part in parts.items():\n"
        "        z, r, n = torch.tensor(part).chunk(3)\n"
        "        state[name] = torch.cat([r, z, n])\n"
        "    return state",
    ),
    draw=_draw_arrays,
    probe=_effective_gru,
    namespace=_torch_names,
    mutates=(
        _PORT + "    size = len(recurrent_kernel)\n"
        "    for part in weights:\n"
        "        z = part[:, :size].copy()\n"
        "        part[:, :size] = part[:, size : 2 * size]\n"
        "        part[:, size : 2 * size] = z\n"
        "    return {'weight_ih_l0': kernel.T, 'weight_hh_l0': recurrent_kernel.T,\n"
        "            'bias_ih_l0': bias[0], 'bias_hh_l0': bias[1]}"
    ),
)

EXERCISES = (STEP, SWAP, PORT)

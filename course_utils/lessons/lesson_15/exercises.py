"""Ejercicios de la lección 15: Keras y PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Keras y PyTorch"


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation(np.arange(2, 9))[:count]]


def _torch_names() -> dict[str, Any]:
    """Lo que una respuesta encuentra importado.

    También lo llaman los sorteos: PyTorch tiene que cargarse fuera del límite de tiempo de una
    respuesta, porque una importación interrumpida lo deja inservible. Y una parte no se carga hasta
    que se usa el primer optimizador.
    """
    import torch

    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0).zero_grad()

    return {"torch": torch, "nn": torch.nn}


def _numpy(value: Any) -> np.ndarray:
    """Un array, venga como venga: también de un tensor de PyTorch."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


# ---------------------------------------------------------------- 15.1


def _draw_weights(rng: np.random.Generator) -> tuple:
    input_size, hidden_size = _sizes(rng, 2)
    shapes = (input_size, hidden_size), (hidden_size, hidden_size), (hidden_size,)
    return ([rng.normal(size=shape) for shape in shapes],)


_STATE_NAMES = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}


def _effective_weights(answer: Callable, weights: list[np.ndarray]) -> Any:
    """Lo que usará la capa: suma sus dos sesgos, así que no importa de qué manera se repartan."""
    state = answer(weights)
    if not isinstance(state, Mapping):
        return state
    if set(state) != _STATE_NAMES:
        raise TypeError(f"las claves deben ser {sorted(_STATE_NAMES)} y son {sorted(state)}")
    first, second = _numpy(state["bias_ih_l0"]), _numpy(state["bias_hh_l0"])
    if first.shape != second.shape:
        raise TypeError(
            f"bias_ih_l0 y bias_hh_l0 deben medir lo mismo y miden {first.shape} y {second.shape}"
        )
    matrices = {name: _numpy(value) for name, value in state.items() if "bias" not in name}
    return matrices | {"bias_ih_l0 + bias_hh_l0": first + second}


_PORT_START = "def port_simple_rnn(weights):\n    kernel, recurrent_kernel, bias = weights\n"

PORT = Exercise(
    key="15.1",
    title="Lleva los pesos de Keras a PyTorch.",
    stars=1,
    hints=(
        "Las dos matrices cambian de forma entre una lista y la otra. Con `recurrent_kernel` no se "
        "nota, porque es cuadrada, pero le pasa lo mismo. Y la capa suma los dos sesgos: ¿cuánto "
        "debe valer esa suma?",
        "Transpón las dos matrices con `.T`. Da el sesgo entero a `bias_ih_l0` y, a `bias_hh_l0`, "
        "ceros: `np.zeros_like(bias)`.",
    ),
    mistakes=(
        Mistake(
            "`recurrent_kernel` también se transpone: es cuadrada y la forma no avisa.",
            swap=(("recurrent_kernel.T", "recurrent_kernel"),),
        ),
        Mistake(
            "Falta transponer `kernel`: PyTorch lo guarda como (oculto, entrada).",
            swap=(('": kernel.T', '": kernel'),),
        ),
        Mistake(
            "Faltan las dos transposiciones: en PyTorch las matrices van al revés.",
            swap=(('": kernel.T', '": kernel'), ("recurrent_kernel.T", "recurrent_kernel")),
        ),
        Mistake(
            "Los dos sesgos se suman: si los dos llevan `bias`, cuenta dos veces.",
            swap=(("np.zeros_like(bias)", "bias"),),
        ),
        Mistake(
            "El sesgo se ha perdido: uno de los dos tiene que llevarlo.",
            swap=(('"bias_ih_l0": bias', '"bias_ih_l0": np.zeros_like(bias)'),),
        ),
        Mistake(
            "Falta `bias_hh_l0`: `load_state_dict` pide los cuatro nombres.",
            swap=(('        "bias_hh_l0": np.zeros_like(bias),\n', ""),),
        ),
        Mistake(
            "`reshape` da la forma que se pide, pero no transpone: mezcla los pesos.",
            swap=(
                ('": kernel.T', '": kernel.reshape(kernel.shape[::-1])'),
                ("recurrent_kernel.T", "recurrent_kernel"),
            ),
        ),
        Mistake(
            "Has cruzado las matrices: `ih` va de la entrada al estado; `hh`, del estado al estado.",
            swap=(
                ('"weight_ih_l0"', '"weight_??_l0"'),
                ('"weight_hh_l0"', '"weight_ih_l0"'),
                ('"weight_??_l0"', '"weight_hh_l0"'),
            ),
        ),
    ),
    variants=(
        _PORT_START + "    names = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']\n"
        "    parts = [np.swapaxes(kernel, 0, 1), np.transpose(recurrent_kernel), 0 * bias, bias]\n"
        "    return dict(zip(names, parts))",
        _PORT_START + "    return dict(\n"
        "        weight_ih_l0=kernel.T.tolist(), weight_hh_l0=recurrent_kernel.T.tolist(),\n"
        "        bias_ih_l0=(bias / 2).tolist(), bias_hh_l0=(bias / 2).tolist())",
        "def port_simple_rnn(weights):\n"
        "    import torch\n"
        "    w_x, w_h, b = (torch.tensor(part) for part in weights)\n"
        "    return {'weight_ih_l0': w_x.T, 'weight_hh_l0': w_h.T,\n"
        "            'bias_ih_l0': b, 'bias_hh_l0': torch.zeros(len(b), dtype=b.dtype)}",
    ),
    draw=_draw_weights,
    probe=_effective_weights,
    mutates=(
        "def port_simple_rnn(weights):\n"
        "    kernel, recurrent_kernel, bias = weights\n"
        "    state = {'weight_ih_l0': kernel.T, 'weight_hh_l0': recurrent_kernel.T,\n"
        "             'bias_ih_l0': bias.copy(), 'bias_hh_l0': bias}\n"
        "    bias *= 0\n"
        "    return state"
    ),
)


# ---------------------------------------------------------------- 15.2


def _draw_model(rng: np.random.Generator) -> tuple:
    """Tamaños del modelo y un lote con más pasos que ninguna otra cosa."""
    _torch_names()
    batch, input_size, first, second, outputs = _sizes(rng, 5)
    timesteps = int(rng.integers(9, 14))
    x = rng.normal(size=(batch, timesteps, input_size)).astype("float32")
    return input_size, first, second, outputs, x


def _translated(answer: Callable, *args: Any) -> Any:
    """Formas de los parámetros, por nombre, y salida con unos pesos que dependen solo de ellas."""
    import torch

    *sizes, x = args
    if isinstance(answer, torch.nn.Module):
        raise TypeError("se esperaba la clase, y ha llegado un modelo ya creado: pasa `Translated`")
    model = answer(*sizes)
    if not isinstance(model, torch.nn.Module):
        raise TypeError("se esperaba una clase que herede de nn.Module")
    state = model.state_dict()
    if {name.split(".")[0] for name in state} != {"first", "second", "head"}:
        raise TypeError("las capas deben llamarse `first`, `second` y `head`, y no puede haber más")
    shapes = {name: str(tuple(state[name].shape)) for name in sorted(state)}
    rng = np.random.default_rng(0)
    weights = {name: rng.uniform(-0.6, 0.6, tuple(state[name].shape)) for name in shapes}
    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    model.eval()
    with torch.no_grad():
        output = model(torch.from_numpy(x.copy()))
    return None if output is None else {"parámetros": shapes, "salida": _numpy(output)}


_FIRST = 'nn.RNN(input_size, first, nonlinearity="relu", batch_first=True)'
_CLASS_START = (
    "class Translated(nn.Module):\n"
    "    def __init__(self, input_size, first, second, outputs):\n"
    "        super().__init__()\n"
)

TRANSLATE = Exercise(
    key="15.2",
    title="Traduce un modelo de Keras a PyTorch.",
    stars=2,
    hints=(
        "En `__init__` van tres capas. La segunda lee los estados de la primera, así que su entrada "
        "mide `first`. Las dos recurrentes necesitan `batch_first=True`.",
        'La primera lleva `nonlinearity="relu"`. En `forward`, cada `nn.RNN` devuelve una pareja: de '
        "la primera interesa lo primero, todos los estados; de la segunda, lo segundo, el último "
        "estado, al que hay que quitar el eje de las capas con `[-1]`.",
    ),
    mistakes=(
        Mistake(
            'La primera capa usa ReLU: falta `nonlinearity="relu"`.',
            swap=((', nonlinearity="relu"', ""),),
        ),
        Mistake(
            "Solo la primera capa usa ReLU: la segunda se queda con tanh.",
            swap=(
                (
                    "nn.RNN(first, second, batch_first=True)",
                    'nn.RNN(first, second, nonlinearity="relu", batch_first=True)',
                ),
            ),
        ),
        Mistake(
            "Sin `batch_first=True`, PyTorch lee el lote como si fuera el tiempo.",
            swap=((", batch_first=True", ""),),
        ),
        Mistake(
            "A la segunda capa también le hace falta `batch_first=True`.",
            swap=(("nn.RNN(first, second, batch_first=True)", "nn.RNN(first, second)"),),
        ),
        Mistake(
            "Sobra el eje de las capas: toma `last[-1]`, de forma (lote, segunda capa).",
            swap=(("self.head(last[-1])", "self.head(last)"),),
        ),
        Mistake(
            "La salida mira todos los pasos: en Keras, la segunda capa solo da el último estado.",
            swap=(
                ("_, last = self.second(every)", "last, _ = self.second(every)"),
                ("last[-1]", "last"),
            ),
        ),
        Mistake(
            "Tomas la última secuencia del lote: con `batch_first=True` el último paso es "
            "`output[:, -1]`.",
            swap=(("_, last = self.second(every)", "last, _ = self.second(every)"),),
        ),
        Mistake(
            "A la segunda capa le llega solo el último estado de la primera, y debe leerlos todos.",
            swap=(
                ("every, _ = self.first(x)", "_, every = self.first(x)"),
                ("self.second(every)", "self.second(every[-1][:, None])"),
            ),
        ),
        Mistake(
            "`nn.RNN` devuelve primero todos los estados y después el último: de la primera capa hacen "
            "falta todos.",
            swap=(("every, _ = self.first(x)", "_, every = self.first(x)"),),
        ),
        Mistake(
            "La entrada de la segunda capa son los estados de la primera: mide `first`.",
            swap=(("nn.RNN(first, second", "nn.RNN(input_size, second"),),
        ),
        Mistake(
            "`nn.RNN` devuelve dos cosas, los estados y el último: recógelas por separado.",
            swap=(("every, _ = self.first(x)", "every = self.first(x)"),),
        ),
        Mistake(
            "Falta `super().__init__()`, que prepara el módulo.",
            swap=(("        super().__init__()\n", ""),),
        ),
    ),
    variants=(
        _CLASS_START + f"        self.first = {_FIRST}\n"
        "        self.second = nn.RNN(first, second, 1, 'tanh', batch_first=True)\n"
        "        self.head = nn.Linear(second, outputs, bias=True)\n"
        "    def forward(self, x):\n"
        "        return self.head(self.second(self.first(x)[0])[0][:, -1])",
        _CLASS_START + "        self.head = nn.Linear(second, outputs)\n"
        "        self.second = nn.RNN(first, second)\n"
        "        self.first = nn.RNN(input_size, first, nonlinearity='relu')\n"
        "    def forward(self, x):\n"
        "        every, _ = self.first(x.transpose(0, 1))\n"
        "        every, _ = self.second(torch.tanh(every) * 0 + every)\n"
        "        return self.head(every[-1])",
    ),
    equivalent={
        "línea 13: «1» → «0»": "hay una sola capa: la última es también la primera",
    },
    draw=_draw_model,
    probe=_translated,
    namespace=_torch_names,
)


# ---------------------------------------------------------------- 15.3


def _draw_training(rng: np.random.Generator) -> tuple:
    """Pesos de una red, sus datos, la tasa y los pasos."""
    _torch_names()
    batch, input_size, hidden_size = _sizes(rng, 3)
    timesteps = int(rng.integers(9, 14))
    shapes = (
        (hidden_size, input_size),
        (hidden_size, hidden_size),
        (hidden_size,),
        (hidden_size,),
        (1, hidden_size),
        (1,),
    )
    weights = [0.4 * rng.normal(size=shape) for shape in shapes]
    x, y = rng.normal(size=(batch, timesteps, input_size)), rng.normal(size=batch)
    return weights, x, y, 0.1, int(rng.integers(4, 8))


def _small_network(weights: list[np.ndarray]) -> Any:
    """La red de la lección con unos pesos dados, en doble precisión."""
    import torch

    class TorchRNN(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            hidden_size, input_size = weights[0].shape
            self.rnn = torch.nn.RNN(input_size, hidden_size, batch_first=True)
            self.head = torch.nn.Linear(hidden_size, 1)

        def forward(self, x: Any) -> Any:
            return self.head(self.rnn(x)[1][-1])

    model = TorchRNN().double()
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(array))
    return model


def _trained(answer: Callable, *args: Any) -> Any:
    """Las pérdidas y los pesos que deja un bucle de entrenamiento."""
    import torch

    weights, x, y, rate, steps = args
    model = _small_network(weights)
    losses = answer(model, torch.from_numpy(x), torch.from_numpy(y), rate, steps)
    if losses is None:
        return None
    if isinstance(losses, float) or getattr(losses, "ndim", 1) == 0:
        raise TypeError("se esperaba una lista con la pérdida de cada paso y ha llegado un número")
    state = {name: _numpy(value) for name, value in model.state_dict().items()}
    return {"pérdidas": [float(loss) for loss in losses], **state}


_LOOP = (
    "def mended_train(model, x, y, rate, steps):\n"
    "    optimizer = torch.optim.SGD(model.parameters(), lr=rate)\n"
    "    losses = []\n"
)

LOOP = Exercise(
    key="15.3",
    title="Encuentra los dos fallos del bucle.",
    stars=2,
    hints=(
        "Escribe en una celda nueva `(model(x) - y).shape`, con el modelo y los datos de la celda de "
        "arriba. Y compara las líneas del bucle con las cuatro partes de la sección 3.",
        "La salida del modelo es (lote, 1): quítale el último eje con `[:, 0]` antes de restar. Y al "
        "empezar cada vuelta borra los gradientes con `optimizer.zero_grad()`.",
    ),
    mistakes=(
        Mistake(
            "Falta `optimizer.zero_grad()` en cada vuelta: los gradientes de todos los pasos se acumulan.",
            swap=(("        optimizer.zero_grad()\n", ""),),
        ),
        Mistake(
            "La resta sigue cruzando cada predicción con cada objetivo: (lote, 1) menos (lote,).",
            swap=(("model(x)[:, 0]", "model(x)"),),
        ),
        Mistake(
            "Es el bucle sin arreglar: quedan los dos fallos.",
            swap=(("        optimizer.zero_grad()\n", ""), ("model(x)[:, 0]", "model(x)")),
        ),
        Mistake(
            "Los pesos no se mueven: `zero_grad` borra el gradiente antes de que `step` lo use. El orden es "
            "borrar, ida, vuelta y mover.",
            swap=(
                ("        optimizer.zero_grad()\n", ""),
                ("loss.backward()", "loss.backward()\n        optimizer.zero_grad()"),
            ),
        ),
        Mistake(
            "Sumas los errores en lugar de promediarlos: los pasos salen más largos.",
            swap=((".mean()", ".sum()"),),
        ),
        Mistake(
            "Con `detach` la pérdida se separa del modelo y no hay vuelta que dar.",
            swap=(("model(x)[:, 0]", "model(x).detach()[:, 0]"),),
        ),
        Mistake(
            "El optimizador se crea con su tasa por omisión: falta `lr=rate`.",
            swap=((", lr=rate", ""),),
        ),
    ),
    variants=(
        _LOOP + "    for _ in range(steps):\n"
        "        loss = nn.functional.mse_loss(model(x), y[:, None])\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "        optimizer.zero_grad(set_to_none=False)\n"
        "        losses.append(float(loss))\n"
        "    return np.array(losses)",
        "def mended_train(model, x, y, rate, steps):\n"
        "    losses = []\n"
        "    model.train()\n"
        "    for _ in range(steps):\n"
        "        loss = (model(x).squeeze(1) - y).square().mean()\n"
        "        grads = torch.autograd.grad(loss, list(model.parameters()))\n"
        "        with torch.no_grad():\n"
        "            for parameter, grad in zip(model.parameters(), grads):\n"
        "                parameter -= rate * grad\n"
        "        losses.append(loss.item())\n"
        "    return losses",
    ),
    equivalent={
        "línea 7: «0» → «-1»": "la salida del modelo tiene una sola columna",
        "línea 10: «loss.item()» → «loss»": "un tensor de un solo número vale como número",
    },
    draw=_draw_training,
    probe=_trained,
    namespace=_torch_names,
    mutates=(
        _LOOP + "    for _ in range(steps):\n"
        "        optimizer.zero_grad()\n"
        "        loss = ((model(x)[:, 0] - y) ** 2).mean()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "        losses.append(loss.item())\n"
        "    x.mul_(0.0)\n"
        "    return losses"
    ),
)


# ---------------------------------------------------------------- 15.4


def _draw_counts(rng: np.random.Generator) -> tuple:
    input_size, hidden_size, output_size, layers = _sizes(rng, 4)
    return input_size, hidden_size, output_size, layers


_PAIR = "keras_total, keras_total + layers * hidden_size"

COUNT = Exercise(
    key="15.4",
    title="Cuenta los parámetros en las dos bibliotecas.",
    stars=2,
    hints=(
        "Cada capa recurrente de Keras tiene $W_x$, $W_h$ y un sesgo. La primera lee `input_size` "
        "números; las demás, los `hidden_size` de la capa anterior. La capa de salida tiene su "
        "matriz y su sesgo, igual en las dos bibliotecas.",
        "Una capa de `hidden_size` unidades que lee `size` números tiene "
        "`hidden_size * (size + hidden_size + 1)` parámetros en Keras. En PyTorch cada capa "
        "recurrente tiene un sesgo más: otros `hidden_size`.",
    ),
    mistakes=(
        Mistake(
            "Das el mismo número en las dos: ¿y el segundo sesgo de PyTorch?",
            swap=((_PAIR, "keras_total, keras_total"),),
        ),
        Mistake(
            "El segundo sesgo está en todas las capas recurrentes, no solo en una.",
            swap=((_PAIR, "keras_total, keras_total + hidden_size"),),
        ),
        Mistake(
            "La capa de salida tiene un solo sesgo también en PyTorch.",
            swap=((_PAIR, _PAIR + " + output_size"),),
        ),
        Mistake(
            "Has intercambiado los dos resultados: primero, Keras.",
            swap=((_PAIR, "keras_total + layers * hidden_size, keras_total"),),
        ),
        Mistake(
            "Solo la primera capa lee la entrada; las demás leen `hidden_size` números.",
            swap=(("input_size if layer == 0 else hidden_size", "input_size"),),
        ),
        Mistake(
            "Falta el sesgo de la capa de salida.",
            swap=(("output_size * (hidden_size + 1)", "output_size * hidden_size"),),
        ),
        Mistake(
            "Falta la capa de salida.",
            swap=(("keras_total = output_size * (hidden_size + 1)", "keras_total = 0"),),
        ),
        Mistake(
            "Keras también tiene un sesgo en cada capa recurrente.",
            swap=(("(size + hidden_size + 1)", "(size + hidden_size)"),),
        ),
        Mistake(
            "Cuentas una sola capa recurrente: hay `layers`.",
            swap=(("range(layers)", "range(1)"), ("layers * hidden_size", "hidden_size")),
        ),
    ),
    variants=(
        "def count_both(input_size, hidden_size, output_size, layers):\n"
        "    shapes = [(hidden_size, output_size), (output_size,)]\n"
        "    for size in [input_size] + [hidden_size] * (layers - 1):\n"
        "        shapes += [(size, hidden_size), (hidden_size, hidden_size), (hidden_size,)]\n"
        "    total = sum(int(np.prod(shape)) for shape in shapes)\n"
        "    return [total, total + hidden_size * layers]",
        "def count_both(input_size, hidden_size, output_size, layers):\n"
        "    def total(biases):\n"
        "        first = hidden_size * (input_size + hidden_size + biases)\n"
        "        rest = (layers - 1) * hidden_size * (2 * hidden_size + biases)\n"
        "        return first + rest + output_size * hidden_size + output_size\n"
        "    return total(1), total(2)",
    ),
    draw=_draw_counts,
    edges=((1, 16, 1, 1),),
)

EXERCISES = (PORT, TRANSLATE, LOOP, COUNT)

"""Los pesos de una red recurrente, de NumPy a Keras y a PyTorch, y de vuelta.

Las celdas de :mod:`course_utils.cells` guardan los pesos como Keras. PyTorch los guarda
transpuestos, con dos sesgos por celda y, en la GRU, con las compuertas en el orden r, z, n en vez
de z, r, n.

Solo se convierte lo que calcula lo mismo en los dos lados; lo demás se rechaza con la razón y sin
haber escrito nada. Lo que solo actúa al entrenar (*dropout*, regularización) y el estado que guarda
una capa ``stateful`` no viajan. Basta con tener instalado el framework que se usa.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from course_utils.cells import GRUWeights, LSTMWeights, RNNWeights
from course_utils.cells.gru import Reset, check_reset
from course_utils.validation import as_array, as_int, describe

if TYPE_CHECKING:
    import keras
    import torch

Weights = RNNWeights | LSTMWeights | GRUWeights


class _Kind(NamedTuple):
    """Una celda y cómo se llama su capa en cada sitio; su celda suelta añade ``Cell``."""

    weights: type[Weights]
    keras: str
    torch: str


_KINDS = (
    _Kind(RNNWeights, "SimpleRNN", "RNN"),
    _Kind(LSTMWeights, "LSTM", "LSTM"),
    _Kind(GRUWeights, "GRU", "GRU"),
)
_TORCH_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

# Lo que se va a escribir: cada variable o parámetro con su valor, ya comprobado.
_Plan = list[tuple[Any, np.ndarray]]


def from_keras(
    layer: keras.layers.Layer, *, reverse: bool = False, reset: Reset = "after"
) -> Weights:
    """Copia a NumPy los pesos de una capa recurrente de Keras.

    Parameters
    ----------
    layer : keras.layers.Layer
        Una capa ``SimpleRNN``, ``LSTM`` o ``GRU`` ya construida, su celda suelta, o una
        ``Bidirectional`` de ellas. Una subclase no vale: puede calcular otra cosa.
    reverse : bool, default False
        El sentido que lee la secuencia al revés: el de una ``Bidirectional`` o el de una capa con
        ``go_backwards=True``. En NumPy, dale a la celda ``x[:, ::-1]``.
    reset : {"after", "before"}, default "after"
        Dónde actúa la compuerta de reinicio de una GRU; ``"before"`` es la de
        ``reset_after=False``. Pasa lo mismo a ``gru_forward``: los pesos no lo recuerdan.

    Returns
    -------
    RNNWeights, LSTMWeights or GRUWeights
        Copias con la precisión de la capa. Sin sesgo (``use_bias=False``), ceros.

    Raises
    ------
    TypeError
        Si no es una capa recurrente de Keras.
    ValueError
        Si no está construida o calcula algo distinto de la celda de NumPy: otras activaciones, otro
        sentido u otra posición de la compuerta de reinicio.

    Examples
    --------
    >>> from course_utils.environment import setup
    >>> setup(0, frameworks=("keras",))
    >>> import keras
    >>> layer = keras.layers.LSTM(5)
    >>> layer.build((None, None, 3))  # (lote, tiempo, entrada)
    >>> from_keras(layer).input.shape
    (3, 20)
    """
    kind, cell = _find_keras_cell(layer, reverse, reset)
    w_input, w_hidden = cell.kernel.numpy(), cell.recurrent_kernel.numpy()
    zeros = np.zeros_like(w_hidden[0])
    bias = zeros if cell.bias is None else cell.bias.numpy()
    if kind.weights is not GRUWeights:
        return _own_copies(kind, w_input, w_hidden, bias)
    bias, hidden_bias = bias if bias.ndim == 2 else (bias, zeros)
    return _own_copies(kind, w_input, w_hidden, bias, hidden_bias)


def to_keras(
    weights: Weights, layer: keras.layers.Layer, *, reverse: bool = False, reset: Reset = "after"
) -> None:
    """Escribe unos pesos de NumPy en una capa recurrente de Keras.

    Parameters
    ----------
    weights : RNNWeights, LSTMWeights or GRUWeights
        Los pesos, de la misma celda y del mismo tamaño que la capa.
    layer : keras.layers.Layer
        Donde se escriben; como en :func:`from_keras`. Conserva su precisión: si es menor que la de
        los pesos, se redondean.
    reverse, reset
        Como en :func:`from_keras`. Con ``reset="before"`` Keras tiene un solo sesgo, que recibe la
        suma de ``bias`` y ``hidden_bias``: en esa GRU es lo mismo.

    Raises
    ------
    TypeError
        Si la capa o los pesos no son de una celda recurrente.
    ValueError
        Como :func:`from_keras`, o si los pesos son de otro tamaño, tienen valores que no son
        finitos o llevan un sesgo que la capa no puede guardar. Entonces no se escribe nada.

    Examples
    --------
    >>> from course_utils.cells import init_gru
    >>> from course_utils.environment import setup
    >>> setup(0, frameworks=("keras",))
    >>> import keras
    >>> layer = keras.layers.GRU(5)
    >>> layer.build((None, None, 3))  # (lote, tiempo, entrada)
    >>> weights = init_gru(3, 5, rng=np.random.default_rng(0))
    >>> to_keras(weights, layer)
    >>> float(abs(from_keras(layer).input - weights.input).max()) < 1e-7
    True
    """
    _write_keras(_plan_keras(weights, layer, reverse, reset))


def from_torch(module: torch.nn.Module, *, layer: int = 0, reverse: bool = False) -> Weights:
    """Copia a NumPy los pesos de una capa recurrente de PyTorch.

    Parameters
    ----------
    module : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
        La capa, o su celda suelta: ``RNNCell``, ``LSTMCell`` o ``GRUCell``. Una subclase no vale:
        puede calcular otra cosa.
    layer : int, default 0
        Cuál de las ``num_layers`` capas apiladas; 0 es la que lee la entrada.
    reverse : bool, default False
        El sentido inverso de una capa bidireccional. En NumPy, dale a la celda ``x[:, ::-1]``.

    Returns
    -------
    RNNWeights, LSTMWeights or GRUWeights
        Copias con la precisión de la capa. En la RNN y la LSTM, ``bias`` es la suma de los dos
        sesgos. Sin sesgo (``bias=False``), ceros.

    Raises
    ------
    TypeError
        Si no es una capa recurrente de PyTorch.
    ValueError
        Si no tiene esa capa o ese sentido, o calcula algo distinto de la celda de NumPy:
        ``nonlinearity="relu"`` o ``proj_size``.

    Examples
    --------
    >>> import torch
    >>> module = torch.nn.GRU(3, 5, num_layers=2)
    >>> from_torch(module, layer=1).input.shape
    (5, 15)
    """
    kind, parameters = _find_torch_parameters(module, layer, reverse)
    w_input, w_hidden, *biases = (
        None if parameter is None else parameter.detach().cpu().numpy().T
        for parameter in parameters
    )
    zeros = np.zeros_like(w_hidden[0])
    bias, hidden_bias = (zeros if one is None else one for one in biases)
    if kind.weights is GRUWeights:
        return _own_copies(kind, *map(_swap_gates, (w_input, w_hidden, bias, hidden_bias)))
    return _own_copies(kind, w_input, w_hidden, bias + hidden_bias)


def to_torch(
    weights: Weights, module: torch.nn.Module, *, layer: int = 0, reverse: bool = False
) -> None:
    """Escribe unos pesos de NumPy en una capa recurrente de PyTorch.

    En la RNN y la LSTM, ``bias`` va a ``bias_ih`` y ``bias_hh`` queda a cero. En la GRU, ``bias``
    va a ``bias_ih`` y ``hidden_bias`` a ``bias_hh``.

    Parameters
    ----------
    weights : RNNWeights, LSTMWeights or GRUWeights
        Los pesos, de la misma celda y del mismo tamaño que la capa. Los de una GRU, de una que se
        use con ``reset="after"``: PyTorch no tiene otra.
    module : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
        Donde se escriben, o su celda suelta. Conserva su precisión (si es menor que la de los
        pesos, se redondean), su dispositivo y qué se entrena.
    layer, reverse
        Como en :func:`from_torch`.

    Raises
    ------
    TypeError
        Si la capa o los pesos no son de una celda recurrente.
    ValueError
        Como :func:`from_torch`, o si los pesos son de otro tamaño, tienen valores que no son
        finitos o llevan un sesgo y la capa no (``bias=False``). Entonces no se escribe nada.

    Notes
    -----
    La salida es la misma, el entrenamiento no: PyTorch entrena los dos sesgos y su suma se mueve el
    doble de rápido que el único de Keras.

    Examples
    --------
    >>> import torch
    >>> from course_utils.cells import init_lstm
    >>> weights = init_lstm(3, 5, rng=np.random.default_rng(0))
    >>> module = torch.nn.LSTM(3, 5, dtype=torch.float64)
    >>> to_torch(weights, module)
    >>> bool((from_torch(module).input == weights.input).all())
    True
    """
    _write_torch(_plan_torch(weights, module, layer, reverse))


def keras_to_torch(
    layers: keras.layers.Layer | Sequence[keras.layers.Layer], module: torch.nn.Module
) -> None:
    """Escribe en una capa de PyTorch los pesos de una pila de capas de Keras.

    Parameters
    ----------
    layers : keras.layers.Layer or sequence of keras.layers.Layer
        Las capas, de la entrada a la salida: tantas como ``num_layers``; todas ``Bidirectional`` si
        ``module`` es bidireccional.
    module : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
        Donde se escriben.

    Raises
    ------
    TypeError, ValueError
        Como :func:`from_keras` y :func:`to_torch`, o si la pila no calcula lo mismo que ``module``:
        otro número de capas, otros sentidos, ``merge_mode`` distinto de ``"concat"`` o una capa
        intermedia sin ``return_sequences=True``. Entonces no se escribe nada.

    Notes
    -----
    Lo que una ``Bidirectional`` con ``return_sequences=False`` devuelve en Keras está en la ``h_n``
    de PyTorch, no en ``output[:, -1]``: ahí el sentido inverso solo ha leído el último paso.

    Examples
    --------
    >>> import torch
    >>> from course_utils.environment import setup
    >>> setup(0, frameworks=("keras",))
    >>> import keras
    >>> layers = [
    ...     keras.layers.Bidirectional(keras.layers.GRU(5, return_sequences=True)),
    ...     keras.layers.Bidirectional(keras.layers.GRU(5)),
    ... ]
    >>> model = keras.Sequential([keras.Input((None, 3)), *layers])
    >>> module = torch.nn.GRU(3, 5, num_layers=2, bidirectional=True, batch_first=True)
    >>> keras_to_torch(layers, module)
    >>> x = np.ones((2, 7, 3), dtype="float32")
    >>> last = module(torch.from_numpy(x))[1][-2:]  # (sentido, lote, oculto)
    >>> expected = torch.cat(tuple(last), dim=1).detach().numpy()
    >>> bool(np.allclose(model(x), expected, atol=1e-5))
    True
    """
    plan = [
        pair
        for layer, place, reverse in _match_stacks(layers, module)
        for pair in _plan_torch(from_keras(layer, reverse=reverse), module, place, reverse)
    ]
    _write_torch(plan)


def torch_to_keras(
    module: torch.nn.Module, layers: keras.layers.Layer | Sequence[keras.layers.Layer]
) -> None:
    """Escribe en una pila de capas de Keras los pesos de una capa de PyTorch.

    Parameters
    ----------
    module : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
        La que se copia.
    layers : keras.layers.Layer or sequence of keras.layers.Layer
        Donde se escriben, ya construidas; como en :func:`keras_to_torch` y sin repetir ninguna.

    Raises
    ------
    TypeError, ValueError
        Como :func:`keras_to_torch`. Entonces no se escribe nada.

    Examples
    --------
    >>> import torch
    >>> from course_utils.environment import setup
    >>> setup(0, frameworks=("keras",))
    >>> import keras
    >>> layer = keras.layers.SimpleRNN(5)
    >>> layer.build((None, None, 3))  # (lote, tiempo, entrada)
    >>> module = torch.nn.RNN(3, 5)
    >>> torch_to_keras(module, layer)
    >>> bool((from_keras(layer).hidden == from_torch(module).hidden).all())
    True
    """
    plan = [
        pair
        for layer, place, reverse in _match_stacks(layers, module)
        for pair in _plan_keras(
            from_torch(module, layer=place, reverse=reverse), layer, reverse, "after"
        )
    ]
    if len({id(variable) for variable, _ in plan}) < len(plan):
        raise ValueError(
            "layers debe tener capas distintas; hay una repetida, y lo que se escriba en ella la "
            "segunda vez borraría lo de la primera. Crea una capa de Keras por cada una de PyTorch."
        )
    _write_keras(plan)


def _plan_keras(weights: object, layer: object, reverse: object, reset: object) -> _Plan:
    """Qué se escribe en cada variable de Keras, sin escribirlo."""
    kind, cell = _find_keras_cell(layer, reverse, reset)
    shapes = tuple(cell.kernel.shape), tuple(cell.recurrent_kernel.shape)
    w_input, w_hidden, *biases = _check_weights(weights, kind, shapes, layer)
    # La GRU con reset_after=True guarda sus dos sesgos en filas; las demás celdas, uno solo.
    in_rows = kind.weights is GRUWeights and cell.reset_after
    bias = np.stack(biases) if in_rows else sum(biases)
    plan = [(cell.kernel, w_input), (cell.recurrent_kernel, w_hidden)]
    if cell.bias is not None:
        return [*plan, (cell.bias, bias)]
    _check_no_bias(bias, "use_bias")
    return plan


def _plan_torch(weights: object, module: object, layer: object, reverse: object) -> _Plan:
    """Qué se escribe en cada parámetro de PyTorch, sin escribirlo."""
    kind, parameters = _find_torch_parameters(module, layer, reverse)
    shapes = tuple(tuple(parameter.shape[::-1]) for parameter in parameters[:2])
    checked = _check_weights(weights, kind, shapes, module)
    if kind.weights is GRUWeights:
        parts = [_swap_gates(part) for part in checked]
    else:
        parts = [*checked, np.zeros_like(checked.bias)]
    if not module.bias:
        _check_no_bias(np.stack(parts[2:]), "bias")
    return [
        (parameter, np.array(part.T, order="C"))
        for parameter, part in zip(parameters, parts, strict=True)
        if parameter is not None
    ]


def _write_keras(plan: _Plan) -> None:
    for variable, array in plan:
        variable.assign(array)


def _write_torch(plan: _Plan) -> None:
    import torch

    with torch.no_grad():
        for parameter, array in plan:
            parameter.copy_(torch.from_numpy(array))


def _own_copies(kind: _Kind, *parts: np.ndarray) -> Weights:
    """Cambiar estos arrays no cambia la capa, ni al revés."""
    return kind.weights(*(np.array(part, order="C") for part in parts))


def _swap_gates(array: np.ndarray) -> np.ndarray:
    """Pasa los bloques de una GRU del orden z, r, n al r, z, n, o al contrario."""
    first, second, candidate = np.split(array, 3, axis=-1)
    return np.concatenate([second, first, candidate], axis=-1)


def _is_exactly(thing: object, framework: str, *names: str) -> bool:
    """Si es de una de esas clases, sin contar subclases, que pueden calcular otra cosa.

    Lo que es de un framework lo ha cargado antes: no hace falta importarlo.
    """
    place = {"keras": "layers", "torch": "nn"}[framework]
    classes = getattr(sys.modules.get(framework), place, None)
    return type(thing) in [getattr(classes, name, None) for name in names]


def _find_keras_cell(layer: object, reverse: object, reset: object) -> tuple[_Kind, Any]:
    """La celda de una capa de Keras que calcula lo mismo que la de NumPy, o por qué no la hay."""
    _check_reverse(reverse)
    check_reset(reset)
    one_way = layer
    if _is_exactly(layer, "keras", "Bidirectional"):
        directions = layer.forward_layer, layer.backward_layer
        one_way = next(one for one in directions if one.go_backwards == reverse)
    is_layer = _is_exactly(one_way, "keras", "RNN", *(kind.keras for kind in _KINDS))
    cell = one_way.cell if is_layer else one_way
    for kind in _KINDS:
        if _is_exactly(cell, "keras", f"{kind.keras}Cell"):
            _check_keras_cell(cell, kind)
            _check_reset_matches(cell, kind, reset)
            _check_direction(one_way, reverse)
            return kind, cell
    raise TypeError(
        "layer debe ser una capa SimpleRNN, LSTM o GRU de Keras, su celda o una `Bidirectional` "
        f"de ellas, no una subclase; ha llegado {describe(layer)}. Pasa la capa, no el modelo que "
        "la contiene; si es de PyTorch, usa from_torch o to_torch."
    )


def _check_keras_cell(cell: Any, kind: _Kind) -> None:
    """Rechaza una celda sin construir o con otras activaciones o precisión."""
    from keras import activations

    if not cell.built:
        raise ValueError(
            f"La capa debe estar construida; esta {kind.keras} aún no sabe el tamaño de su entrada "
            "y no tiene pesos. Llámala una vez con datos o usa layer.build((None, None, entrada))."
        )
    for name, expected in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
        used = getattr(cell, name, None)
        if hasattr(cell, name) and used is not getattr(activations, expected):
            raise ValueError(
                f'La capa debe tener {name}="{expected}"; tiene otra función, '
                f'"{getattr(used, "__name__", used)}". Crea la capa con {name}="{expected}", '
                "escrito así."
            )
    _check_precision(cell.kernel.dtype, 'Crea la capa con dtype="float32".')


def _check_reset_matches(cell: Any, kind: _Kind, reset: object) -> None:
    """Rechaza una GRU con la compuerta de reinicio en otro sitio que el que se ha dicho."""
    if kind.weights is not GRUWeights:
        if reset != "after":
            raise ValueError(
                f"reset solo se elige en una GRU; ha llegado {describe(reset)} con una "
                f"{kind.keras}. Quita reset."
            )
    elif not cell.reset_after and reset == "after":
        raise ValueError(
            "La GRU debe tener reset_after=True; esta tiene reset_after=False: aplica la compuerta "
            "de reinicio antes del producto con el estado y calcula otra función, que PyTorch no "
            "tiene. Crea y entrena la capa con reset_after=True o, si solo la quieres en NumPy, "
            'pasa reset="before" aquí y en gru_forward.'
        )
    elif cell.reset_after and reset == "before":
        raise ValueError(
            'reset="before" pide una GRU con reset_after=False; esta tiene reset_after=True. Quita '
            "reset aquí y en gru_forward."
        )


def _check_direction(layer: Any, reverse: object) -> None:
    """Rechaza una capa que lee la secuencia en otro sentido que el que se ha dicho."""
    backwards = getattr(layer, "go_backwards", False)
    if backwards and not reverse:
        raise ValueError(
            "La capa debe leer la secuencia hacia delante y la lee al revés (go_backwards=True). "
            "Si es lo que quieres, pasa reverse=True y dale a la celda de NumPy la secuencia "
            "invertida, x[:, ::-1]."
        )
    if reverse and not backwards:
        raise ValueError(
            "reverse=True pide una capa que lea la secuencia al revés, y la lee hacia delante "
            "(go_backwards=False). Quita reverse=True."
        )


def _check_reverse(reverse: object) -> None:
    if not isinstance(reverse, bool):
        raise TypeError(
            f"reverse debe ser True o False; ha llegado {describe(reverse)}. Pasa reverse=True "
            "para el sentido inverso."
        )


def _find_torch_parameters(
    module: object, layer: object, reverse: object
) -> tuple[_Kind, list[Any]]:
    """Los cuatro parámetros de una capa de PyTorch; ``None`` los sesgos que no tiene."""
    kind = _check_torch_module(module)
    layer = as_int("layer", layer, minimum=0)
    _check_reverse(reverse)
    depth, both = _layout(module)
    if layer >= depth:
        raise ValueError(
            f"layer debe ser menor que num_layers={depth}; ha llegado {layer}. La primera capa es "
            "layer=0."
        )
    if reverse and not both:
        raise ValueError(
            "reverse=True pide el sentido inverso de una capa bidireccional; esta no lo es. Quita "
            "reverse=True o crea la capa con bidirectional=True."
        )
    suffix = f"_l{layer}" if hasattr(module, "num_layers") else ""  # una celda suelta no se numera
    suffix += "_reverse" if reverse else ""
    own = dict(module.named_parameters(recurse=False))
    parameters = [own.get(name + suffix) for name in _TORCH_NAMES]
    if any(parameter is None for parameter in (parameters if module.bias else parameters[:2])):
        raise ValueError(
            "Cada parámetro de la capa debe ser independiente; alguno se calcula a partir de otros "
            "(¿con `weight_norm` o `prune`?) o se comparte, y lo que se escribiera en él se "
            "perdería. Deshaz esa transformación antes de convertir."
        )
    return kind, parameters


def _layout(module: Any) -> tuple[int, bool]:
    """Cuántas capas apila y si lee en los dos sentidos; una celda suelta, una y en uno."""
    return getattr(module, "num_layers", 1), getattr(module, "bidirectional", False)


def _check_torch_module(module: object) -> _Kind:
    """Qué celda es una capa de PyTorch, o por qué no es ninguna de las de NumPy."""
    kind = next(
        (kind for kind in _KINDS if _is_exactly(module, "torch", kind.torch, f"{kind.torch}Cell")),
        None,
    )
    if kind is None:
        raise TypeError(
            "module debe ser una capa RNN, LSTM o GRU de PyTorch o su celda, no una subclase; ha "
            f"llegado {describe(module)}. Pasa la capa, no el modelo que la contiene; si es de "
            "Keras, usa from_keras o to_keras."
        )
    if getattr(module, "nonlinearity", "tanh") != "tanh":
        raise ValueError(
            f'La capa debe tener nonlinearity="tanh"; tiene "{module.nonlinearity}", que calcula '
            "otra cosa. Crea la capa con la activación por omisión."
        )
    if getattr(module, "proj_size", 0):
        raise ValueError(
            f"La LSTM debe tener proj_size=0; tiene proj_size={module.proj_size}: proyecta el "
            "estado con otra matriz, y ni la celda de NumPy ni Keras lo hacen. Crea la capa sin "
            "proj_size."
        )
    precision = str(next(module.parameters()).dtype).removeprefix("torch.")
    _check_precision(precision, "Conviértela antes, por ejemplo con module.float().")
    return kind


def _check_precision(name: str, remedy: str) -> None:
    if name not in ("float32", "float64"):
        raise ValueError(
            f"La capa debe guardar sus pesos en float32 o float64; los guarda en {name}. {remedy}"
        )


def _check_weights(
    weights: object, kind: _Kind, shapes: tuple[tuple[int, ...], tuple[int, ...]], target: object
) -> Weights:
    """Los pesos en doble precisión, si son de la celda y del tamaño de la capa de destino."""
    names = kind.weights._fields
    others = tuple(other.weights for other in _KINDS if other is not kind)
    right = isinstance(weights, tuple) and not isinstance(weights, others)
    if not right or len(weights) != len(names) or getattr(weights, "_fields", names) != names:
        received = type(weights).__name__ if hasattr(weights, "_fields") else describe(weights)
        raise TypeError(
            f"Para esta capa ({describe(target)}) weights debe ser "
            f"{kind.weights.__name__}({', '.join(names)}); ha llegado {received}. Pasa los pesos "
            "de una celda de la misma clase."
        )
    checked = kind.weights(
        *(
            as_array(f"weights.{name}", value, ndim=2 if place < 2 else 1, dtype="float64")
            for place, (name, value) in enumerate(zip(names, weights, strict=True))
        )
    )
    expected = shapes + (shapes[1][1:],) * (len(names) - 2)
    received = tuple(part.shape for part in checked)
    if received != expected:
        triples = zip(names, expected, received, strict=True)
        raise ValueError(
            f"Para esta capa ({describe(target)}) las formas deben ser "
            + "; ".join(f"weights.{name} {shape}, y es {got}" for name, shape, got in triples)
            + ". ¿Son pesos de otra capa o hay alguno transpuesto?"
        )
    return checked


def _check_no_bias(bias: np.ndarray, option: str) -> None:
    """Rechaza escribir un sesgo en una capa que no lo tiene."""
    if bias.any():
        raise ValueError(
            f"Los pesos deben tener el sesgo a cero, porque la capa se creó con {option}=False; "
            f"vale hasta {np.abs(bias).max():.3g}, y se perdería. Crea la capa con {option}=True."
        )


def _match_stacks(layers: object, module: object) -> list[tuple[Any, int, bool]]:
    """A qué capa y sentido de PyTorch corresponde cada capa de Keras, si calculan lo mismo."""
    _check_torch_module(module)
    stack = list(layers) if isinstance(layers, Sequence) else [layers]
    depth, both = _layout(module)
    if len(stack) != depth:
        raise ValueError(
            f"layers debe tener {depth} capas, como num_layers; han llegado {len(stack)}. Pasa las "
            "capas recurrentes, de la entrada a la salida."
        )
    for place, layer in enumerate(stack):
        if _is_exactly(layer, "keras", "Bidirectional") != both:
            raise ValueError(
                "Las capas de Keras deben ser `Bidirectional` si, y solo si, la de PyTorch tiene "
                f"bidirectional=True; tiene bidirectional={both} y ha llegado {describe(layer)}. "
                "Cambia una de las dos."
            )
        if both:
            _check_merge(layer)
        if place < depth - 1 and not getattr(layer, "return_sequences", False):
            raise ValueError(
                "Las capas intermedias deben dar un estado por paso, como en PyTorch; "
                f"{describe(layer)} solo da el último. Créala con return_sequences=True."
            )
    directions = (False, True) if both else (False,)
    return [(layer, place, way) for place, layer in enumerate(stack) for way in directions]


def _check_merge(layer: Any) -> None:
    """Rechaza una ``Bidirectional`` que no junta los dos sentidos como PyTorch."""
    if layer.merge_mode != "concat":
        raise ValueError(
            '`Bidirectional` debe tener merge_mode="concat", porque PyTorch concatena los dos '
            f"sentidos; tiene merge_mode={layer.merge_mode!r}. Créala así o convierte cada sentido "
            "con from_keras y to_torch."
        )
    if layer.forward_layer.go_backwards:
        raise ValueError(
            "El primer sentido de `Bidirectional` debe leer hacia delante, como en PyTorch, y lee "
            "al revés (go_backwards=True). Crea la capa sin go_backwards."
        )

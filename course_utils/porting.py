"""Los pesos de una red recurrente, de Keras a NumPy y a PyTorch.

Las celdas de :mod:`course_utils.cells` guardan los pesos como Keras. PyTorch los guarda
transpuestos, con dos sesgos por celda y, en la GRU, con las compuertas en el orden r, z, n en vez
de z, r, n.

Solo se convierte lo que calcula lo mismo en los dos lados; lo demás se rechaza con la razón y sin
haber escrito nada. Lo que solo actúa al entrenar (*dropout*, regularización) y el estado que guarda
una capa ``stateful`` no viajan.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from course_utils.cells import GRUWeights, LSTMWeights, RNNWeights
from course_utils.validation import describe

if TYPE_CHECKING:
    import keras
    import torch

Weights = RNNWeights | LSTMWeights | GRUWeights


class _Kind(NamedTuple):
    """Una celda y cómo se llama su capa en cada sitio."""

    weights: type[Weights]
    keras: str
    torch: str


_KINDS = (
    _Kind(RNNWeights, "SimpleRNN", "RNN"),
    _Kind(LSTMWeights, "LSTM", "LSTM"),
    _Kind(GRUWeights, "GRU", "GRU"),
)
_TORCH_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def from_keras(layer: keras.layers.Layer, *, reverse: bool = False) -> Weights:
    """Copia a NumPy los pesos de una capa recurrente de Keras.

    Parameters
    ----------
    layer : keras.layers.Layer
        Una capa ``SimpleRNN``, ``LSTM`` o ``GRU`` ya construida, o una ``Bidirectional`` de ellas.
        Una subclase no vale: puede calcular otra cosa.
    reverse : bool, default False
        El sentido que lee la secuencia al revés: el de una ``Bidirectional`` o el de una capa con
        ``go_backwards=True``. En NumPy, dale a la celda ``x[:, ::-1]``.

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
        sentido, precisión mixta, ``zero_output_for_mask=True`` o ``reset_after=False``.

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
    kind, cell = _find_keras_cell(layer, reverse)
    w_input, w_hidden = cell.kernel.numpy(), cell.recurrent_kernel.numpy()
    zeros = np.zeros_like(w_hidden[0])
    if kind.weights is GRUWeights:  # sus dos sesgos, en filas
        biases = [zeros, zeros] if cell.bias is None else cell.bias.numpy()
    else:
        biases = [zeros if cell.bias is None else cell.bias.numpy()]
    # Copias propias: cambiarlas no cambia la capa, ni al revés.
    return kind.weights(*(np.array(part, order="C") for part in (w_input, w_hidden, *biases)))


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
        Como :func:`from_keras`, o si la pila no calcula lo mismo que ``module``: otra celda, otro
        tamaño, otro número de capas, otros sentidos, ``merge_mode`` distinto de ``"concat"``, una
        capa intermedia sin ``return_sequences=True``, ``nonlinearity="relu"`` o ``proj_size``; o si
        ``module`` no puede guardar el sesgo. Entonces no se escribe nada.

    Notes
    -----
    En la RNN y la LSTM, el sesgo va a ``bias_ih`` y ``bias_hh`` queda a cero. La salida es la
    misma, el entrenamiento no: PyTorch entrena los dos sesgos y su suma se mueve el doble de rápido
    que el único de Keras. ``module`` conserva su precisión, su dispositivo y qué se entrena.

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
    import torch

    plan = [
        pair
        for layer, place, reverse in _match_stacks(layers, module)
        for pair in _plan(from_keras(layer, reverse=reverse), module, place, reverse)
    ]
    with torch.no_grad():
        for parameter, array in plan:
            parameter.copy_(torch.from_numpy(array))


def _plan(weights: Weights, module: Any, place: int, reverse: bool) -> list[tuple[Any, np.ndarray]]:
    """Qué se escribe en cada parámetro de una capa de PyTorch, ya comprobado y sin escribirlo."""
    parameters = _torch_parameters(module, place, reverse)
    _check_fits(weights, parameters, module)
    if isinstance(weights, GRUWeights):
        parts = [_swap_gates(part) for part in weights]
    else:
        parts = [*weights, np.zeros_like(weights.bias)]
    if not module.bias:
        _check_no_bias(np.stack(parts[2:]))
    return [
        (parameter, np.array(part.T, order="C"))
        for parameter, part in zip(parameters, parts, strict=True)
        if parameter is not None
    ]


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


def _find_keras_cell(layer: object, reverse: object) -> tuple[_Kind, Any]:
    """La celda de una capa de Keras que calcula lo mismo que la de NumPy, o por qué no la hay."""
    _check_reverse(reverse)
    one_way = layer
    if _is_exactly(layer, "keras", "Bidirectional"):
        directions = layer.forward_layer, layer.backward_layer
        one_way = next(one for one in directions if one.go_backwards == reverse)
    for kind in _KINDS:
        if _is_exactly(one_way, "keras", kind.keras):
            _check_keras_cell(one_way.cell, kind)
            _check_direction(one_way, reverse)
            if one_way is layer:  # dentro de una `Bidirectional` lo decide ella, no quien la crea
                _check_masked_output(layer)
            return kind, one_way.cell
    raise TypeError(
        "layer debe ser una capa SimpleRNN, LSTM o GRU de Keras o una `Bidirectional` de ellas, no "
        f"una subclase; ha llegado {describe(layer)}. Pasa la capa, no el modelo que la contiene."
    )


def _check_keras_cell(cell: Any, kind: _Kind) -> None:
    """Rechaza una celda sin construir o que calcula otra cosa que la de NumPy."""
    from keras import activations

    if not cell.built:
        raise ValueError(
            f"La capa debe estar construida; esta {kind.keras} aún no sabe el tamaño de su entrada "
            "y no tiene pesos. Llámala una vez con datos o usa layer.build((None, None, entrada))."
        )
    for name, expected in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
        used = getattr(cell, name, None)
        if hasattr(cell, name) and not _computes(used, getattr(activations, expected)):
            raise ValueError(
                f'La capa debe tener {name}="{expected}"; tiene otra función, '
                f'"{getattr(used, "__name__", used)}". Crea la capa con {name}="{expected}", '
                "escrito así."
            )
    _check_precision(cell.kernel.dtype, 'Crea la capa con dtype="float32".')
    if cell.compute_dtype != cell.kernel.dtype:
        raise ValueError(
            f"La capa debe calcular con la precisión de sus pesos, {cell.kernel.dtype}; esta usa "
            f'"{cell.dtype_policy.name}" y calcula en {cell.compute_dtype}: no da lo mismo. Crea '
            'la capa con dtype="float32" y copia en ella los pesos con set_weights.'
        )
    if kind.weights is GRUWeights and not cell.reset_after:
        raise ValueError(
            "La GRU debe tener reset_after=True; esta tiene reset_after=False: aplica la compuerta "
            "de reinicio antes del producto con el estado y calcula otra función, que PyTorch no "
            "tiene. Crea y entrena la capa con reset_after=True."
        )


def _computes(used: Any, expected: Any) -> bool:
    """Si dos activaciones son la misma función, aunque una venga envuelta."""
    if used is expected:
        return True
    import keras

    points = np.linspace(-30, 30, 2001, dtype="float32")[None]  # (lote, unidades)
    values = []
    for function in (used, expected):
        try:
            values.append(keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(points))))
        except Exception:  # lo que falla con unos números no es la activación esperada
            return False
    return values[0].shape == points.shape and np.allclose(*values, rtol=1e-5, atol=1e-6)


def _check_masked_output(layer: Any) -> None:
    """Rechaza una capa que da ceros donde la celda de NumPy repite el estado."""
    if getattr(layer, "zero_output_for_mask", False):
        raise ValueError(
            "La capa debe tener zero_output_for_mask=False; con True da ceros en los pasos "
            "enmascarados, y la celda de NumPy repite el último estado. Crea la capa sin esa "
            "opción, copia en ella los pesos con set_weights y pon tú los ceros, si los quieres, "
            "con `states * mask[..., None]`."
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


def _torch_parameters(module: Any, place: int, reverse: bool) -> list[Any]:
    """Los cuatro parámetros de una capa de PyTorch; ``None`` los sesgos que no tiene."""
    suffix = f"_l{place}" + ("_reverse" if reverse else "")
    own = dict(module.named_parameters(recurse=False))
    parameters = [own.get(name + suffix) for name in _TORCH_NAMES]
    if any(parameter is None for parameter in (parameters if module.bias else parameters[:2])):
        raise ValueError(
            "Cada parámetro de la capa debe ser independiente; alguno se calcula a partir de otros "
            "(¿con `weight_norm` o `prune`?) o se comparte, y lo que se escribiera en él se "
            "perdería. Deshaz esa transformación antes de convertir."
        )
    return parameters


def _check_torch_module(module: object) -> _Kind:
    """Qué celda es una capa de PyTorch, o por qué no es ninguna de las de NumPy."""
    kind = next((kind for kind in _KINDS if _is_exactly(module, "torch", kind.torch)), None)
    if kind is None:
        raise TypeError(
            "module debe ser una capa RNN, LSTM o GRU de PyTorch, no una subclase; ha llegado "
            f"{describe(module)}. Pasa la capa, no el modelo que la contiene."
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


def _check_fits(weights: Weights, parameters: list[Any], module: Any) -> None:
    """Rechaza unos pesos de otra celda o de otro tamaño que la capa de PyTorch."""
    kind = _check_torch_module(module)
    if not isinstance(weights, kind.weights):
        raise TypeError(
            f"Para una {kind.torch} de PyTorch hace falta una {kind.keras} de Keras; los pesos son "
            f"{type(weights).__name__}. Cambia una de las dos capas."
        )
    here = len(weights.input), len(weights.hidden)
    there = tuple(parameter.shape[1] for parameter in parameters[:2])
    if here != there:
        raise ValueError(
            "Las dos capas deben tener el mismo tamaño: entrada y oculto son "
            f"{here} en Keras y {there} en PyTorch. Crea una de las dos con el de la otra."
        )


def _check_no_bias(bias: np.ndarray) -> None:
    if bias.any():
        raise ValueError(
            "Los pesos deben tener el sesgo a cero, porque la capa de PyTorch se creó con "
            f"bias=False; vale hasta {np.abs(bias).max():.3g}, y se perdería. Créala con bias=True."
        )


def _match_stacks(layers: object, module: object) -> list[tuple[Any, int, bool]]:
    """A qué capa y sentido de PyTorch corresponde cada capa de Keras, si calculan lo mismo."""
    _check_torch_module(module)
    stack = list(layers) if isinstance(layers, Sequence) else [layers]
    depth, both = module.num_layers, module.bidirectional
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
            f"sentidos; tiene merge_mode={layer.merge_mode!r}. Créala así."
        )
    if layer.forward_layer.go_backwards:
        raise ValueError(
            "El primer sentido de `Bidirectional` debe leer hacia delante, como en PyTorch, y lee "
            "al revés (go_backwards=True). Crea la capa sin go_backwards."
        )

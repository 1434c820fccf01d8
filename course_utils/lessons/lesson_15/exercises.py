"""Ejercicios de la lección 15: Keras y PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import (
    draw_arrays,
    draw_sizes,
    draw_timesteps,
    gradients,
    layer_arrays,
    refuse_model,
    to_numpy,
    torch_names,
)

_torch_names = partial(torch_names, optimizer=True)


# ---------------------------------------------------------------- 15.1


def _draw_weights(rng: np.random.Generator, *sizes: int) -> tuple:
    input_size, hidden_size = sizes or draw_sizes(rng, 2)
    shapes = (input_size, hidden_size), (hidden_size, hidden_size), (hidden_size,)
    return (draw_arrays(rng, *shapes),)


def _effective_weights(answer: Callable, weights: list[np.ndarray]) -> Any:
    """Lo que usará la capa: suma sus dos sesgos, así que no importa de qué manera se repartan."""
    state = answer(weights)
    if not isinstance(state, Mapping):
        return state
    arrays = layer_arrays(state)
    first, second = arrays.pop("bias_ih_l0"), arrays.pop("bias_hh_l0")
    if first.shape != second.shape:
        raise TypeError(
            f"bias_ih_l0 y bias_hh_l0 deben medir lo mismo y miden {first.shape} y {second.shape}"
        )
    return arrays | {"bias_ih_l0 + bias_hh_l0": first + second}


PORT = Exercise(
    key="15.1",
    draw=_draw_weights,
    edges=(_draw_weights(np.random.default_rng(0), 1, 4),),  # una sola entrada, como en la lección
    probe=_effective_weights,
)


# ---------------------------------------------------------------- 15.2


def _draw_model(rng: np.random.Generator) -> tuple:
    """Tamaños del modelo y un lote con más pasos que ninguna otra cosa."""
    _torch_names()
    batch, *sizes = draw_sizes(rng, 5)
    return *sizes, _draw_box(rng, batch, draw_timesteps(rng), sizes[0])


def _draw_box(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype("float32")


def _translated(answer: Callable, *args: Any) -> Any:
    """Formas de los parámetros, salida con unos pesos que dependen solo de ellas y gradientes."""
    import torch

    *sizes, x = args
    refuse_model(answer, "Translated")
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
    given = torch.from_numpy(x.copy()).requires_grad_()
    output = model(given)
    if output is None:
        return None
    if isinstance(output, tuple):
        raise TypeError("se esperaba que `forward` devolviera solo la salida, y devuelve una tupla")
    reached = zip(("x", *model.state_dict()), gradients(model, output, given), strict=True)
    return {"parámetros": shapes, "salida": to_numpy(output), "gradientes": dict(reached)}


TRANSLATE = Exercise(
    key="15.2",
    draw=_draw_model,
    edges=((2, 3, 4, 1, _draw_box(np.random.default_rng(0), 1, 1, 2)),),  # una secuencia de un paso
    probe=_translated,
    namespace=_torch_names,
    fresh=False,
)


# ---------------------------------------------------------------- 15.3


def _draw_training(rng: np.random.Generator) -> tuple:
    """Pesos de una red, sus datos, la tasa y los pasos."""
    _torch_names()
    batch, input_size, hidden_size = draw_sizes(rng, 3)
    timesteps = draw_timesteps(rng)
    shapes = (
        (hidden_size, input_size),
        (hidden_size, hidden_size),
        (hidden_size,),
        (hidden_size,),
        (1, hidden_size),
        (1,),
    )
    weights = draw_arrays(rng, *shapes, scale=0.4)
    x, y = rng.normal(size=(batch, timesteps, input_size)), rng.normal(size=batch)
    single = (part.astype("float32") for part in (x, y))
    return weights, *single, 0.1, int(rng.integers(4, 8))


def _small_network(weights: list[np.ndarray]) -> Any:
    """La red de la lección con unos pesos dados."""
    import torch

    class TorchRNN(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            hidden_size, input_size = weights[0].shape
            self.rnn = torch.nn.RNN(input_size, hidden_size, batch_first=True)
            self.head = torch.nn.Linear(hidden_size, 1)

        def forward(self, x: Any) -> Any:
            return self.head(self.rnn(x)[1][-1])

    model = TorchRNN()
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
    if not isinstance(losses, list | tuple) and not getattr(losses, "ndim", 0):
        raise TypeError(
            "se esperaba una lista con la pérdida de cada paso y ha llegado un objeto "
            f"`{type(losses).__name__}`"
        )
    if any(part.dtype != torch.float32 for part in model.parameters()):
        raise TypeError("los pesos del modelo han cambiado de precisión, y después se usa como era")
    if not all(part.requires_grad for part in model.parameters()):
        raise TypeError(
            "los pesos del modelo quedan congelados, y ya no se podría seguir entrenando"
        )
    state = {name: to_numpy(value) for name, value in model.state_dict().items()}
    return {"pérdidas": [float(loss) for loss in losses], **state}


LOOP = Exercise(
    key="15.3", draw=_draw_training, probe=_trained, namespace=_torch_names, tolerance=1e-4
)


# ---------------------------------------------------------------- 15.4


def _draw_counts(rng: np.random.Generator) -> tuple:
    input_size, hidden_size, output_size, layers = draw_sizes(rng, 4)
    return input_size, hidden_size, output_size, layers


def _counted(answer: Callable, *sizes: int) -> Any:
    """Se llama como en la lección, que nombra el último argumento."""
    *rest, layers = sizes
    return answer(*rest, layers=layers)


COUNT = Exercise(key="15.4", draw=_draw_counts, edges=((1, 16, 1, 1),), probe=_counted)

EXERCISES = (PORT, TRANSLATE, LOOP, COUNT)

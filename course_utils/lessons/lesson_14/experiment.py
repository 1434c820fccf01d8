"""La tarea de la marca y el entrenamiento de muchas redes pequeñas a la vez."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np

from course_utils.cells import global_norm

SYMBOLS = 6  # dos marcas y cuatro distractores
SIZE = 16  # unidades
PATHS = ("tanh", "lineal", "directo")
LEARNED = 0.9  # acierto desde el que una red ha aprendido
# Qué números de W_h se mueven al entrenar
MOVES = {"todo": np.ones(()), "diagonal": np.eye(SIZE), "nada": np.zeros(())}
NEGLIGIBLE = 1e-30  # un gradiente así no mueve nada, y con números tan pequeños se calcula despacio


class Networks(NamedTuple):
    """Varias redes recurrentes con su capa de salida; el primer eje es siempre el de las redes.

    Attributes
    ----------
    input : ndarray of shape (redes, entrada, oculto)
        W_x.
    hidden : ndarray of shape (redes, oculto, oculto)
        W_h.
    bias : ndarray of shape (redes, oculto)
        b.
    readout : ndarray of shape (redes, oculto)
        w_y: la respuesta de una red es el producto de su último estado por w_y.
    """

    input: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray
    readout: np.ndarray


class Training(NamedTuple):
    """Lo que deja un entrenamiento.

    Attributes
    ----------
    losses : ndarray of shape (actualizaciones, redes)
        Error cuadrático medio de cada lote; no es un número desde que la red se desborda.
    norms : ndarray of shape (actualizaciones, redes)
        Norma global del gradiente, antes de recortarlo.
    accuracy : ndarray of shape (redes,)
        Acierto en los últimos veinte lotes; cero en las que se desbordaron.
    networks : Networks
        Los pesos al acabar.
    """

    losses: np.ndarray
    norms: np.ndarray
    accuracy: np.ndarray
    networks: Networks


def draw_marks(
    shape: tuple[int, ...], distance: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sortea secuencias que empiezan con una marca, A (0) o B (1), y siguen con distractores.

    Parameters
    ----------
    shape : tuple of int
        Cuántas: un lote, o redes y lote.
    distance : int
        Distractores: a cuántos pasos del final queda la marca.
    rng : numpy.random.Generator
        De dónde salen.

    Returns
    -------
    symbols : ndarray of int, shape (tiempo, *shape)
        El símbolo de cada paso.
    answers : ndarray of shape shape
        1 si la marca era A; -1 si era B.

    Examples
    --------
    >>> symbols, answers = draw_marks((2,), 3, np.random.default_rng(0))
    >>> symbols.T.tolist(), answers.tolist()
    ([[0, 4, 3, 2], [1, 3, 2, 2]], [1.0, -1.0])
    """
    symbols = rng.integers(2, SYMBOLS, size=(distance + 1, *shape))
    symbols[0] = rng.integers(0, 2, size=shape)
    return symbols, np.where(symbols[0] == 0, 1.0, -1.0)


def draw_networks(
    count: int,
    rng: np.random.Generator,
    *,
    kind: str = "gaussiana",
    gain: float = 1.0,
    input_scale: float = 1.0,
) -> Networks:
    """Sortea redes. Con el mismo ``rng``, las de las dos clases solo difieren en ``W_h``.

    Parameters
    ----------
    count : int
        Cuántas.
    rng : numpy.random.Generator
        De dónde salen los números.
    kind : {"gaussiana", "ortogonal"}
        Cómo es ``W_h``: gaussiana, con desviación típica 1/√oculto, u ortogonal (Saxe et al.,
        2014).
    gain : float
        Por cuánto se multiplica ``W_h``.
    input_scale : float
        Por cuánto se multiplica ``W_x``, gaussiana con desviación típica 1/√entrada.

    Raises
    ------
    ValueError
        Si la clase no es de esas.

    Examples
    --------
    >>> hidden = draw_networks(3, np.random.default_rng(0), kind="ortogonal").hidden
    >>> np.allclose(hidden @ hidden.swapaxes(1, 2), np.eye(16))
    True
    """
    if kind not in ("gaussiana", "ortogonal"):
        raise ValueError(f"kind debe ser gaussiana u ortogonal; ha llegado {kind!r}.")
    w_input = input_scale * rng.normal(size=(count, SYMBOLS, SIZE)) / np.sqrt(SYMBOLS)
    square = rng.normal(size=(count, SIZE, SIZE))
    hidden = np.linalg.qr(square)[0] if kind == "ortogonal" else square / np.sqrt(SIZE)
    readout = 0.1 * rng.normal(size=(count, SIZE))
    return Networks(w_input, gain * hidden, np.zeros((count, SIZE)), readout)


def gradients(
    networks: Networks, symbols: np.ndarray, answers: np.ndarray, *, path: str = "tanh"
) -> tuple[np.ndarray, Networks]:
    """Predicciones y gradientes de muchas redes: la retropropagación de la lección 13.

    Lo que va de un estado al siguiente es, según ``path``:

    - ``"tanh"``: ``h_t = tanh(h_{t-1} W_h + x_t W_x + b)``, la red de siempre;
    - ``"lineal"``: ``h_t = h_{t-1} W_h + x_t W_x + b``;
    - ``"directo"``: ``h_t = h_{t-1} W_h + tanh(x_t W_x + b)``, con la curva fuera del camino.

    Parameters
    ----------
    networks : Networks
        Las redes. Su precisión es la del resultado.
    symbols : ndarray of int, shape (tiempo, redes, lote)
        Lo que lee cada una.
    answers : ndarray of shape (redes, lote)
        Lo que debe responder.
    path : {"tanh", "lineal", "directo"}
        El camino del estado.

    Returns
    -------
    predictions : ndarray of shape (redes, lote)
        Lo que responde.
    gradients : Networks
        Del error cuadrático medio de cada red.

    Raises
    ------
    ValueError
        Si el camino no es de esos.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> predictions, slopes = gradients(draw_networks(3, rng), *draw_marks((3, 8), 5, rng))
    >>> predictions.shape, slopes.input.shape
    ((3, 8), (3, 6, 16))
    """
    if path not in PATHS:
        raise ValueError(f"path debe ser uno de {', '.join(PATHS)}; ha llegado {path!r}.")
    w_input, hidden, bias, readout = networks
    added = w_input + bias[:, None]  # lo que añade cada símbolo: (redes, entrada, oculto)
    if path == "directo":
        added = np.tanh(added)
    places = symbols + SYMBOLS * np.arange(len(bias))[:, None]
    read = added.reshape(-1, SIZE).take(places, axis=0)  # (tiempo, redes, lote, oculto)
    states = np.zeros((len(read) + 1, *read.shape[1:]), read.dtype)
    for t, new in enumerate(read):
        np.add(states[t] @ hidden, new, out=states[t + 1])
        if path == "tanh":
            np.tanh(states[t + 1], out=states[t + 1])
    predictions = (states[-1] @ readout[..., None])[..., 0]
    grad_predictions = (2 * (predictions - answers) / answers.shape[-1]).astype(read.dtype)
    grad_h = grad_predictions[..., None] * readout[:, None]  # (redes, lote, oculto)
    grad_readout = (grad_predictions[:, None] @ states[-1])[:, 0]
    grad_hidden, grad_input = np.zeros_like(hidden), np.zeros_like(w_input)
    # (tiempo, redes, entrada, lote)
    one_hot = (symbols[:, :, None] == np.arange(SYMBOLS)[:, None]).astype(read.dtype)
    transposed = hidden.swapaxes(1, 2).copy()
    for t in reversed(range(len(read))):
        if path == "tanh":
            grad_h *= 1 - states[t + 1] ** 2
        if t % 10 == 0:
            grad_h[np.abs(grad_h) < NEGLIGIBLE] = 0
        grad_input += one_hot[t] @ grad_h
        grad_hidden += states[t].swapaxes(1, 2) @ grad_h
        grad_h = grad_h @ transposed
    if path == "directo":
        grad_input *= 1 - added**2
    return predictions, Networks(grad_input, grad_hidden, grad_input.sum(axis=1), grad_readout)


def clip_to(cap: float) -> Callable[[list[np.ndarray]], list[np.ndarray]]:
    """Recorte por norma global con ese tope, el del ejercicio 14.1.

    Examples
    --------
    >>> clip_to(1.0)([np.array([3.0]), np.array([4.0])])
    [array([0.6]), array([0.8])]
    """

    def clip(parts: list[np.ndarray]) -> list[np.ndarray]:
        scale = cap / max(global_norm(parts), cap)
        return [scale * part for part in parts]

    return clip


def train(
    networks: Networks,
    distance: int,
    rng: np.random.Generator,
    *,
    rate: float | tuple[float, ...],
    updates: int,
    clip: Callable[[list[np.ndarray]], list[np.ndarray]] | None = None,
    path: str = "tanh",
    moves: str = "todo",
    batch: int = 32,
) -> Training:
    """Descenso por gradiente en la tarea de la marca, cada red con sus secuencias y su gradiente.

    Cada lote es nuevo. Se calcula en precisión simple.

    Parameters
    ----------
    networks : Networks
        Las redes; no se modifican.
    distance : int
        Pasos de la marca al final.
    rng : numpy.random.Generator
        De dónde salen las secuencias: desde la misma semilla, las mismas sea como sea la red.
    rate : float or tuple of float
        Tasa de aprendizaje: una, o una por parámetro, en el orden de ``Networks``.
    updates : int
        Actualizaciones.
    clip : callable, optional
        Recibe los gradientes de una red, una lista de arrays, y devuelve los que hay que usar.
    path : {"tanh", "lineal", "directo"}
        Lo de :func:`gradients`.
    moves : {"todo", "diagonal", "nada"}
        Qué números de ``W_h`` se mueven; los demás no cuentan en la norma.
    batch : int
        Secuencias de cada lote.

    Returns
    -------
    Training
        Con un valor por red.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> near = train(draw_networks(4, rng), 1, rng, rate=0.05, updates=100)
    >>> near.losses.shape, bool(near.accuracy.min() > 0.9)
    ((100, 4), True)
    """
    networks = Networks(*(part.astype(np.float32) for part in networks))
    count = len(networks.bias)
    losses, norms, hits = np.empty((3, updates, count))
    rates = np.broadcast_to(rate, len(networks)).astype(np.float32)
    mask = MOVES[moves].astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # una red puede desbordarse
        for update in range(updates):
            symbols, answers = draw_marks((count, batch), distance, rng)
            predictions, slopes = gradients(networks, symbols, answers, path=path)
            losses[update] = np.mean((predictions - answers) ** 2, axis=1)
            hits[update] = np.mean(np.sign(predictions) == answers, axis=1)
            slopes = slopes._replace(hidden=slopes.hidden * mask)
            each = [list(parts) for parts in zip(*slopes, strict=True)]
            norms[update] = [global_norm(parts) for parts in each]
            used = each if clip is None else [clip(parts) for parts in each]
            steps = (np.stack(parts).astype(np.float32) for parts in zip(*used, strict=True))
            together = zip(networks, rates, steps, strict=True)
            networks = Networks(*(part - rate * step for part, rate, step in together))
    accuracy = np.where(np.isfinite(losses[-1]), hits[-20:].mean(axis=0), 0.0)
    return Training(losses, norms, accuracy, networks)


class Way(NamedTuple):
    """Una manera de llevar el estado de un paso al siguiente.

    Attributes
    ----------
    kind : {"gaussiana", "ortogonal", "fuga"}
        Cómo empieza ``W_h``. Con ``"fuga"`` es la identidad por un número, con el que a la
        distancia de la marca queda la mitad.
    learned : bool
        Si ``W_h`` se aprende; de una fuga, solo la diagonal: un coeficiente por unidad.
    path : {"tanh", "directo"}
        Si la curva está en el camino del estado o fuera: lo de :func:`gradients`.
    """

    kind: str
    learned: bool
    path: str


WAYS = tuple(
    Way(kind, learned, path)
    for path, kind, learned in product(("tanh", "directo"), ("ortogonal", "fuga"), (True, False))
)


def train_way(
    way: Way,
    distance: int,
    *,
    seed: int | list[int],
    input_scale: float,
    rate: float,
    updates: int,
    count: int = 24,
) -> np.ndarray:
    """Acierto de varias redes de una manera, con recorte a uno.

    Con la misma semilla, todas las maneras leen las mismas secuencias y empiezan con los mismos
    ``W_x`` y ``w_y``.

    Parameters
    ----------
    way : Way
        La manera.
    distance : int
        Pasos de la marca al final.
    seed : int or list of int
        Semilla de los pesos y de las secuencias.
    input_scale : float
        Por cuánto se multiplica ``W_x`` al empezar.
    rate : float
        Tasa de aprendizaje.
    updates : int
        Actualizaciones.
    count : int
        Redes.

    Returns
    -------
    ndarray of shape (redes,)
        Acierto en los últimos veinte lotes.

    Examples
    --------
    >>> options = {"seed": 0, "input_scale": 1.0, "rate": 0.03, "updates": 100, "count": 4}
    >>> train_way(Way("ortogonal", True, "directo"), 2, **options).min() > 0.9
    np.True_
    """
    rng = np.random.default_rng(seed)
    leaks = way.kind == "fuga"
    drawn = "ortogonal" if leaks else way.kind
    networks = draw_networks(count, rng, kind=drawn, input_scale=input_scale)
    if leaks:
        forget = 0.5 ** (1 / distance)
        networks = networks._replace(hidden=np.tile(forget * np.eye(SIZE), (count, 1, 1)))
    learns = "diagonal" if leaks else "todo"
    moves = learns if way.learned else "nada"
    options = {"clip": clip_to(1.0), "path": way.path, "moves": moves}
    return train(networks, distance, rng, rate=rate, updates=updates, **options).accuracy

"""Atención: mirar una parte de lo leído, más unas posiciones que otras.

Cada *consulta* puntúa todas las *claves*; con ``softmax``, las puntuaciones se hacen pesos que
suman uno, y el resultado es la media de los *valores* con esos pesos. Son tensores de PyTorch:
consultas, (…, consultas, rasgos); claves y valores, (…, posiciones, rasgos).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from course_utils.validation import describe

if TYPE_CHECKING:
    import torch


class Attended(NamedTuple):
    """Lo que devuelve :func:`attend`.

    Attributes
    ----------
    context : torch.Tensor of shape (…, consultas, rasgos)
        Por consulta, la media de los valores con sus pesos.
    weights : torch.Tensor of shape (…, consultas, posiciones)
        Los pesos; cada fila suma uno, o es toda ceros si no había nada que mirar.
    """

    context: torch.Tensor
    weights: torch.Tensor


def dot_scores(queries: torch.Tensor, keys: torch.Tensor, *, scaled: bool = False) -> torch.Tensor:
    r"""Puntúa con el producto escalar de cada consulta y cada clave.

    Parameters
    ----------
    queries : torch.Tensor of shape (…, consultas, rasgos)
        Las consultas.
    keys : torch.Tensor of shape (…, posiciones, rasgos)
        Las claves.
    scaled : bool, default False
        Si se divide entre la raíz de los rasgos: así, con consultas y claves de varianza uno, las
        puntuaciones también la tienen, haya los rasgos que haya.

    Returns
    -------
    torch.Tensor of shape (…, consultas, posiciones)

    Raises
    ------
    ValueError
        Si consultas y claves no tienen los mismos rasgos.

    Notes
    -----
    Sin escalar es la forma *dot* de Luong, Pham y Manning (2015), ecuación 8; escalada, la
    ecuación 1 de Vaswani y otros (2017).

    Examples
    --------
    >>> import torch
    >>> keys = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    >>> dot_scores(torch.tensor([[1.0, 3.0]]), keys)
    tensor([[1., 6.]])
    """
    _same_features(queries, keys)
    scale = math.sqrt(queries.shape[-1]) if scaled else 1.0
    return queries @ keys.transpose(-2, -1) / scale


def additive_scores(
    queries: torch.Tensor, keys: torch.Tensor, vector: torch.Tensor
) -> torch.Tensor:
    r"""Puntúa con una capa oculta: :math:`v^\top\tanh(q + k)`.

    Parameters
    ----------
    queries : torch.Tensor of shape (…, consultas, rasgos)
        Las consultas, ya multiplicadas por su matriz.
    keys : torch.Tensor of shape (…, posiciones, rasgos)
        Las claves, ya multiplicadas por la suya.
    vector : torch.Tensor of shape (rasgos,)
        Cuánto pesa cada rasgo.

    Returns
    -------
    torch.Tensor of shape (…, consultas, posiciones)

    Raises
    ------
    ValueError
        Si los rasgos no coinciden.

    Notes
    -----
    Bahdanau, Cho y Bengio (2015), apéndice A.1.2.

    Examples
    --------
    >>> import torch
    >>> zeros = torch.zeros(3, 2)
    >>> additive_scores(torch.zeros(1, 2), zeros, torch.ones(2))
    tensor([[0., 0., 0.]])
    """
    _same_features(queries, keys)
    if vector.shape != queries.shape[-1:]:
        raise ValueError(
            f"vector debe tener un número por rasgo, ({queries.shape[-1]},); ha llegado la forma "
            f"{tuple(vector.shape)}."
        )
    return (queries[..., :, None, :] + keys[..., None, :, :]).tanh() @ vector


def attention_weights(scores: torch.Tensor, *, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Convierte las puntuaciones en pesos que suman uno.

    Parameters
    ----------
    scores : torch.Tensor of shape (…, consultas, posiciones)
        Las puntuaciones.
    mask : torch.Tensor of bool, optional
        Qué puede mirar cada consulta: ``True``, sí. Sirve cualquier forma que se reparta sobre la
        de ``scores``; la de un lote de frases con relleno es (lote, 1, posiciones).

    Returns
    -------
    torch.Tensor of shape (…, consultas, posiciones)
        Fuera de la máscara, ceros exactos. Una fila que no puede mirar nada es toda ceros.

    Raises
    ------
    TypeError
        Si la máscara no es booleana.

    Examples
    --------
    >>> import torch
    >>> mask = torch.tensor([[True, True, False], [False, False, False]])
    >>> attention_weights(torch.zeros(2, 3), mask=mask).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    """
    if mask is None:
        return scores.softmax(dim=-1)
    if str(getattr(mask, "dtype", None)) != "torch.bool":
        raise TypeError(
            f"mask debe ser un tensor booleano, con True en lo que se puede mirar; ha llegado "
            f"{describe(mask)}. Conviértelo con `mask.bool()`."
        )
    weights = scores.masked_fill(~mask, _lowest(scores)).softmax(dim=-1)
    return weights.masked_fill(~mask, 0.0)  # exactos también si la fila no puede mirar nada


def attend(
    scores: torch.Tensor, values: torch.Tensor, *, mask: torch.Tensor | None = None
) -> Attended:
    """Media de los valores con los pesos que salen de las puntuaciones.

    Parameters
    ----------
    scores : torch.Tensor of shape (…, consultas, posiciones)
        Las puntuaciones, de :func:`dot_scores` o :func:`additive_scores`.
    values : torch.Tensor of shape (…, posiciones, rasgos)
        Los valores.
    mask : torch.Tensor of bool, optional
        Como en :func:`attention_weights`.

    Returns
    -------
    Attended
        El contexto y los pesos. Si una consulta no puede mirar nada, su contexto es cero.

    Examples
    --------
    >>> import torch
    >>> values = torch.tensor([[0.0], [10.0]])
    >>> attend(torch.tensor([[0.0, 0.0]]), values)
    Attended(context=tensor([[5.]]), weights=tensor([[0.5000, 0.5000]]))
    """
    weights = attention_weights(scores, mask=mask)
    return Attended(weights @ values, weights)


def _same_features(queries: torch.Tensor, keys: torch.Tensor) -> None:
    if queries.shape[-1] != keys.shape[-1]:
        raise ValueError(
            f"Consultas y claves deben tener los mismos rasgos; han llegado {queries.shape[-1]} y "
            f"{keys.shape[-1]}. Multiplica unas por una matriz que las lleve a ese tamaño."
        )


def _lowest(scores: torch.Tensor) -> float:
    """El menor número finito: con -inf, una fila toda enmascarada daría 0/0."""
    import torch

    return torch.finfo(scores.dtype).min

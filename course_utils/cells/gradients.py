"""El tamaño y la dirección de un gradiente que viene en varias partes, una por parámetro."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def global_norm(gradients: Iterable[np.ndarray]) -> float:
    """Norma de todos los gradientes juntos, como si fueran un solo vector.

    Parameters
    ----------
    gradients : iterable of ndarray
        Un gradiente por parámetro, de cualquier forma.

    Examples
    --------
    >>> global_norm([np.array([3.0]), np.array([[0.0, 4.0]])])
    5.0
    """
    return float(np.sqrt(sum(np.sum(part**2) for part in gradients)))


def cosine(one: Iterable[np.ndarray], other: Iterable[np.ndarray]) -> float:
    """Coseno del ángulo entre dos gradientes: uno si apuntan igual, cero si nada tienen que ver.

    Parameters
    ----------
    one, other : iterable of ndarray
        Las partes de cada uno, en el mismo orden y con las mismas formas.

    Raises
    ------
    ValueError
        Si no miden lo mismo, o si alguno es cero y no tiene dirección.

    Examples
    --------
    >>> one = [np.array([1.0]), np.array([[1.0, 0.0]])]
    >>> other = [np.array([2.0]), np.array([[0.0, 0.0]])]
    >>> round(cosine(one, other), 4)
    0.7071
    """
    a, b = (np.concatenate([part.ravel() for part in parts]) for parts in (one, other))
    if len(a) != len(b):
        raise ValueError(
            f"Un gradiente tiene {len(a)} números y el otro, {len(b)}. Compara los de los mismos "
            "parámetros."
        )
    sizes = np.linalg.norm(a) * np.linalg.norm(b)
    if sizes == 0:
        raise ValueError("Un gradiente cero no tiene dirección con la que comparar.")
    return float(a @ b / sizes)

"""Medir gradientes: su tamaño y dirección, y cuánto llega de un paso a otro."""

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
    flat = _flatten(gradients)
    size = np.abs(flat).max(initial=0)  # sin ella, el cuadrado de un número grande se desborda
    return float(size * np.linalg.norm(flat / size)) if 0 < size < np.inf else float(size)


def _flatten(gradients: Iterable[np.ndarray]) -> np.ndarray:
    """Todos los números seguidos, en doble precisión."""
    return np.concatenate([np.zeros(0), *map(np.ravel, gradients)])


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
    a, b = map(_flatten, (one, other))
    if len(a) != len(b):
        raise ValueError(
            f"Un gradiente tiene {len(a)} números y el otro, {len(b)}. Compara los de los mismos "
            "parámetros."
        )
    if not (a.any() and b.any()):
        raise ValueError("Un gradiente cero no tiene dirección con la que comparar.")
    a, b = (part / np.abs(part).max() for part in (a, b))  # la dirección no depende del tamaño
    return float(np.clip(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1))


def jacobian_norms(slopes: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Cuánto gradiente llega a cada distancia en una red recurrente simple.

    Es la norma de ∂h_T/∂h_t, el producto de ``D_t W_h^T`` desde el final: lo que estira en la
    dirección que más estira (Pascanu, Mikolov y Bengio, 2013).

    Parameters
    ----------
    slopes : ndarray of shape (tiempo, oculto)
        Pendiente de la activación en cada paso; con tanh, ``1 - h_t**2``.
    hidden : ndarray of shape (oculto, oculto)
        ``W_h``.

    Returns
    -------
    ndarray of shape (tiempo + 1,)
        La norma a 0, 1, 2… pasos del final.

    Examples
    --------
    >>> jacobian_norms(np.ones((3, 2)), 0.5 * np.eye(2))
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    slopes, hidden = (np.asarray(part, dtype=float) for part in (slopes, hidden))
    product = np.eye(len(hidden))
    norms = [1.0]
    for slope in slopes[::-1]:
        product = product @ (slope[:, None] * hidden.T)
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)

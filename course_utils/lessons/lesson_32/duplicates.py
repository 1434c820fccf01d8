"""Textos casi iguales: cómo se encuentran y cómo se reparten sin que queden a los dos lados."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WINDOW = 8  # palabras seguidas que se comparan
SHARE = 0.5  # parte del texto más corto que debe estar en el otro
COMMON = 50  # una ventana que sale en más textos es una frase hecha: no se cuenta


def near_duplicates(
    texts: Sequence[np.ndarray], *, window: int = WINDOW, share: float = SHARE
) -> np.ndarray:
    """Agrupa los textos que comparten buena parte de sus ventanas de palabras seguidas.

    Dos textos van juntos si al menos ``share`` de las ventanas del más corto están en el otro; y
    también si los une una cadena de textos así.

    Parameters
    ----------
    texts : sequence of ndarray of int, shape (palabras,)
        Los textos, con palabras numeradas desde 1.
    window : int, default 8
        Palabras de cada ventana. Las últimas de cada texto se completan con ceros.
    share : float, default 0.5
        Parte de las ventanas del más corto.

    Returns
    -------
    ndarray of int, shape (textos,)
        El número del grupo de cada texto.

    Examples
    --------
    >>> one = np.arange(1, 21)
    >>> groups = near_duplicates([one, np.arange(50, 90), np.append(one, [7, 7])])
    >>> groups.tolist()
    [0, 1, 0]
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    rows, codes = _windows(texts, window)
    _, columns, counts = np.unique(codes, return_inverse=True, return_counts=True)
    sizes = np.bincount(rows, minlength=len(texts))
    kept = (counts[columns] > 1) & (counts[columns] <= COMMON)
    rows, columns = rows[kept], columns[kept]
    shape = (len(texts), len(counts))
    shared = csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)
    pairs = (shared @ shared.T).tocoo()
    near = pairs.data >= share * np.minimum(sizes[pairs.row], sizes[pairs.col])
    links = csr_array(
        (near[near], (pairs.row[near], pairs.col[near])), shape=(len(texts), len(texts))
    )
    return connected_components(links, directed=False)[1]


def _windows(texts: Sequence[np.ndarray], window: int) -> tuple[np.ndarray, np.ndarray]:
    """Las ventanas distintas de cada texto: el número del texto y un código de la ventana."""
    gap = np.zeros(window - 1, dtype=np.uint64)
    words = np.concatenate([part for text in texts for part in (text.astype(np.uint64), gap)])
    weights = np.random.default_rng(0).integers(1, 2**63, window).astype(np.uint64)
    codes = sum(
        weight * words[place : len(words) - window + 1 + place]
        for place, weight in enumerate(weights)
    )
    ends = np.cumsum([len(text) for text in texts])
    distinct = [np.unique(part) for part in np.split(codes[words[: len(codes)] > 0], ends[:-1])]
    rows = np.repeat(np.arange(len(texts)), [len(part) for part in distinct])
    return rows, np.concatenate(distinct)


def split_groups(groups: np.ndarray, sizes: Sequence[int], *, seed: int) -> list[np.ndarray]:
    """Reparte unos textos al azar en partes, con cada grupo entero en una sola.

    Parameters
    ----------
    groups : ndarray of int, shape (textos,)
        El grupo de cada texto, como los da :func:`near_duplicates`.
    sizes : sequence of int
        Cuántos textos, al menos, va a tener cada parte; la última se queda con el resto.
    seed : int
        Semilla del reparto.

    Returns
    -------
    list of ndarray of int
        Los lugares de los textos de cada parte; una más que ``sizes``.

    Examples
    --------
    >>> parts = split_groups(np.array([0, 0, 1, 2, 3, 3]), [2], seed=0)
    >>> sum(len(part) for part in parts), set(parts[0]) & set(parts[1])
    (6, set())
    """
    order = np.random.default_rng(seed).permutation(groups.max() + 1)
    place = np.argsort(order)[groups]  # el puesto de cada grupo en el sorteo
    texts = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place))
    cuts = [ends[np.searchsorted(ends, size)] for size in np.cumsum(sizes)]
    return np.split(texts, cuts)

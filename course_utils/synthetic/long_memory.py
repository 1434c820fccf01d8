"""Tareas que solo se resuelven recordando: suma, eco, orden temporal y la marca.

En todas, lo que decide la respuesta llega pronto, se pregunta al final y por el medio solo hay
distracciones. Cuántos pasos hay que recordar lo elige quien pide los datos.
"""

from __future__ import annotations

import numpy as np

from course_utils.validation import as_int


def adding_problem(
    count: int, length: int, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Suma de los dos números marcados de cada secuencia.

    Cada paso trae un número entre 0 y 1 y una marca. Hay dos marcas: una en la primera mitad de la
    secuencia y otra en la segunda. Contestar siempre 1, la media, da un error cuadrático de 1/6.

    Parameters
    ----------
    count : int
        Secuencias.
    length : int
        Pasos de cada secuencia, al menos 2.
    rng : numpy.random.Generator
        De dónde sale el azar.

    Returns
    -------
    x : ndarray, shape (count, length, 2)
        Número y marca de cada paso, en float32.
    y : ndarray, shape (count, 1)
        La suma, en float32.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` o ``length`` no son enteros de ese tamaño.

    References
    ----------
    S. Hochreiter y J. Schmidhuber (1997), *Long short-term memory*, experimento 4. Las marcas, una
    en cada mitad, como en Q. V. Le, N. Jaitly y G. E. Hinton (2015), arXiv 1504.00941.

    Examples
    --------
    >>> x, y = adding_problem(1, 4, rng=np.random.default_rng(0))
    >>> print(x[0].round(2))
    [[0.85 1.  ]
     [0.64 0.  ]
     [0.51 1.  ]
     [0.27 0.  ]]
    >>> print(y[0].round(2))
    [1.36]
    """
    count, length = as_int("count", count, minimum=0), as_int("length", length, minimum=2)
    numbers = rng.random((count, length), dtype="float32")
    marks = np.zeros((count, length), dtype="float32")
    rows, half = np.arange(count), length // 2
    marks[rows, rng.integers(0, half, size=count)] = 1.0
    marks[rows, rng.integers(half, length, size=count)] = 1.0
    x = np.stack([numbers, marks], axis=-1)  # (secuencias, tiempo, 2)
    return x, (numbers * marks).sum(axis=1, keepdims=True)


def echo(
    count: int, length: int, *, symbols: int = 4, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """El primer símbolo de una secuencia de símbolos al azar.

    Se pregunta al final, ``length - 1`` pasos después; los demás símbolos distraen. Al azar se
    acierta una de cada ``symbols`` veces.

    Parameters
    ----------
    count : int
        Secuencias.
    length : int
        Pasos de cada secuencia.
    symbols : int, default 4
        Símbolos distintos, al menos 2.
    rng : numpy.random.Generator
        De dónde sale el azar.

    Returns
    -------
    x : ndarray, shape (count, length, symbols)
        Un 1 en el símbolo de cada paso, en float32.
    y : ndarray, shape (count,)
        El primer símbolo, entero.

    Raises
    ------
    TypeError, ValueError
        Si ``count``, ``length`` o ``symbols`` no son enteros de ese tamaño.

    Examples
    --------
    >>> x, y = echo(1, 5, rng=np.random.default_rng(0))
    >>> x[0].argmax(axis=-1).tolist(), y.tolist()
    ([3, 2, 2, 1, 1], [3])
    """
    count, length = as_int("count", count, minimum=0), as_int("length", length, minimum=1)
    symbols = as_int("symbols", symbols, minimum=2)
    ids = rng.integers(symbols, size=(count, length))
    return _one_hot(ids, symbols), ids[:, 0].copy()


def temporal_order(
    count: int, length: int, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """En qué orden llegaron dos símbolos señalados: XX, XY, YX o YY.

    El primero llega entre el 10 y el 20 % de la secuencia y el segundo, entre el 50 y el 60 %.
    Todos los demás pasos traen uno de cuatro símbolos que no cuentan. Al azar se acierta una de
    cada cuatro veces.

    Parameters
    ----------
    count : int
        Secuencias.
    length : int
        Pasos de cada secuencia, al menos 10.
    rng : numpy.random.Generator
        De dónde sale el azar.

    Returns
    -------
    x : ndarray, shape (count, length, 6)
        Un 1 en el símbolo de cada paso, en float32. Los dos primeros símbolos son X e Y.
    y : ndarray, shape (count,)
        La clase: 0 para XX, 1 para XY, 2 para YX y 3 para YY.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` o ``length`` no son enteros de ese tamaño.

    References
    ----------
    S. Hochreiter y J. Schmidhuber (1997), *Long short-term memory*, experimento 6a.

    Examples
    --------
    >>> x, y = temporal_order(1, 10, rng=np.random.default_rng(1))
    >>> "".join("XYabcd"[symbol] for symbol in x[0].argmax(axis=-1)), y.tolist()
    ('bYddaXddab', [2])
    """
    count, length = as_int("count", count, minimum=0), as_int("length", length, minimum=10)
    ids = rng.integers(2, 6, size=(count, length))
    first, second = rng.integers(2, size=(2, count))
    rows, tenth = np.arange(count), length // 10
    ids[rows, rng.integers(tenth, 2 * tenth, size=count)] = first
    ids[rows, rng.integers(5 * tenth, 6 * tenth, size=count)] = second
    return _one_hot(ids, 6), 2 * first + second


def mark_task(
    count: int, distance: int, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """La marca: qué símbolo, de dos, llegó el primero; detrás vienen distractores que no lo son.

    Parameters
    ----------
    count : int
        Secuencias.
    distance : int
        Distractores que llegan después de la marca.
    rng : numpy.random.Generator
        De dónde sale el azar.

    Returns
    -------
    x : ndarray, shape (count, distance + 1, 6)
        Un 1 en el símbolo de cada paso: 0 y 1 son las marcas; los demás, distractores. En float64,
        que es como se miden los gradientes de las celdas de NumPy.
    y : ndarray, shape (count,)
        1 si la marca era la 0 y -1 si era la 1.

    Raises
    ------
    TypeError, ValueError
        Si ``count`` o ``distance`` no son enteros, o son negativos.

    Examples
    --------
    >>> x, y = mark_task(3, 4, rng=np.random.default_rng(1))
    >>> x.argmax(axis=-1)[:, 0], y
    (array([0, 1, 1]), array([ 1., -1., -1.]))
    """
    count, distance = as_int("count", count, minimum=0), as_int("distance", distance, minimum=0)
    symbols = rng.integers(2, 6, size=(count, distance + 1))
    symbols[:, 0] = rng.integers(0, 2, size=count)
    return np.eye(6)[symbols], np.where(symbols[:, 0] == 0, 1.0, -1.0)


def _one_hot(ids: np.ndarray, symbols: int) -> np.ndarray:
    """Un 1 en el lugar de cada identificador."""
    return (ids[..., None] == np.arange(symbols)).astype("float32")

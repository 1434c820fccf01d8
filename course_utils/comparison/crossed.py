"""La diferencia cuando varían las redes y también los ejemplos con los que se prueban."""

from __future__ import annotations

import numpy as np

from course_utils.comparison.results import Comparison
from course_utils.comparison.samples import check_level, settle
from course_utils.validation import as_array, as_int

MINIMUM_NETWORKS, MINIMUM_EXAMPLES = 4, 20
DRAWS = 4_000


def crossed_bootstrap(
    one: np.ndarray, other: np.ndarray, *, seed: int, level: float = 0.95
) -> Comparison:
    """Diferencia media de dos modelos en los mismos ejemplos, con varias redes de cada uno.

    Promediar las redes y comparar ejemplo a ejemplo calla que otras redes habrían salido distintas;
    comparar los aciertos de cada red calla que otra prueba tendría otros ejemplos. Aquí se sortean
    las dos cosas. Si mandan los ejemplos, el intervalo sale algo más ancho de lo justo. Con cuatro
    o cinco redes que varían mucho más que los ejemplos sale estrecho: contiene la verdad poco más
    de ocho de cada diez veces, y no las que dice ``level``.

    Parameters
    ----------
    one, other : ndarray of shape (redes, ejemplos)
        Lo que saca cada red en cada ejemplo; los ejemplos son los mismos y las redes, de cada uno.
        Un modelo que no depende de la semilla tiene una sola fila, y su red no se sortea.
    seed : int
        Semilla del sorteo.
    level : float, default 0.95
        Confianza del intervalo.

    Returns
    -------
    Comparison
        Sin valor p.

    Raises
    ------
    TypeError, ValueError
        Si no son números, hay huecos, no comparten ejemplos, no llegan a 20 o hay dos o tres redes.

    Notes
    -----
    Con los percentiles de 4 000 sorteos. Fuente: Owen (2007), *The pigeonhole bootstrap*, Annals of
    Applied Statistics 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hard = rng.uniform(size=200)  # lo difícil que es cada ejemplo
    >>> one, other = rng.uniform(size=(5, 200)) > 0.8 * hard, rng.uniform(size=(5, 200)) > hard
    >>> crossed_bootstrap(one, other, seed=0).verdict("puntos", scale=100)
    '13.4 puntos más (entre 6.8 y 19.8; 5 y 5 redes, 200 ejemplos)'
    """
    seed = as_int("seed", seed, minimum=0)
    check_level(level)
    one, other = (_as_table(name, table) for name, table in (("one", one), ("other", other)))
    if one.shape[1] != other.shape[1]:
        raise ValueError(
            "one y other deben tener los mismos ejemplos, uno por columna; han llegado "
            f"{one.shape[1]} y {other.shape[1]}."
        )
    rng = np.random.default_rng(seed)
    examples = one.shape[1]
    drawn = rng.multinomial(examples, np.full(examples, 1 / examples), size=DRAWS) / examples
    value = one.mean() - other.mean()
    gaps = _resampled_means(one, drawn, rng) - _resampled_means(other, drawn, rng)
    ends = np.quantile(gaps, [(1 - level) / 2, (1 + level) / 2])
    value, low, high = (settle(x, one, other) for x in (value, *ends))
    return Comparison(
        value=value,
        low=low,
        high=high,
        level=level,
        n=examples,
        sample=_sample(one, other),
        method="bootstrap de redes y ejemplos",
    )


def _as_table(name: str, value: object) -> np.ndarray:
    """Una tabla (redes, ejemplos) en la que hay bastante que sortear."""
    table = as_array(name, value, ndim=2, dtype="float64")
    networks, examples = table.shape
    if examples < MINIMUM_EXAMPLES:
        raise ValueError(
            f"Hacen falta al menos {MINIMUM_EXAMPLES} ejemplos, uno por columna; {name} tiene "
            f"{examples}. Si los ejemplos van por filas, pásala traspuesta."
        )
    if 1 < networks < MINIMUM_NETWORKS:
        raise ValueError(
            f"Hacen falta al menos {MINIMUM_NETWORKS} redes, una por fila; {name} tiene "
            f"{networks}. Con menos no se sabe cuánto varían: entrena más, o pasa la media en una "
            "sola fila."
        )
    return table


def _resampled_means(
    table: np.ndarray, examples: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """La media de cada sorteo; ``examples``, (sorteos, ejemplos), dice cuánto pesa cada ejemplo."""
    networks = len(table)
    draws = max(networks - 1, 1)  # con una menos, lo que varía la media sale sin sesgo
    drawn = rng.multinomial(draws, np.full(networks, 1 / networks), size=DRAWS) / draws
    return ((examples @ table.T) * drawn).sum(axis=1)


def _sample(one: np.ndarray, other: np.ndarray) -> str:
    """Lo que se sortea, en palabras: las redes de quien tiene varias y los ejemplos."""
    examples = f"{one.shape[1]} ejemplos"
    networks = " y ".join(str(len(table)) for table in (one, other) if len(table) > 1)
    return f"{networks} redes, {examples}" if networks else examples

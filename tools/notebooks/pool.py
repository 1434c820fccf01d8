"""Hacer muchos trabajos largos a la vez, los más largos primero, contando cómo van."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_pool(
    action: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    jobs: int,
    expected: Callable[[Item], float | None],
    tell: Callable[[Result], str],
    unit: str = "cuaderno",
) -> Iterator[Result]:
    """Aplica ``action`` a cada elemento, ``jobs`` a la vez, y da los resultados según acaban.

    Cada trabajo espera a un proceso aparte, así que basta un hilo para cada uno.

    Parameters
    ----------
    action : callable
        Lo que se hace; si lanza una excepción, llega a quien recorre los resultados.
    items : sequence
        Los trabajos.
    jobs : int
        Cuántos a la vez.
    expected : callable
        Segundos que se espera de cada uno; ``None`` si no se sabe. Primero van los más largos: así
        el último no deja a los demás núcleos esperando.
    tell : callable
        La línea que se escribe al acabar cada uno.
    """

    def longest_first(item: Item) -> float:
        seconds = expected(item)
        return -math.inf if seconds is None else -seconds

    with (
        ThreadPoolExecutor(jobs) as pool,
        tqdm(total=len(items), unit=unit, disable=None) as bar,  # solo en una terminal
    ):
        futures = [pool.submit(action, item) for item in sorted(items, key=longest_first)]
        try:
            for future in as_completed(futures):
                result = future.result()
                bar.update()
                bar.write(tell(result))
                yield result
        finally:
            for future in futures:
                future.cancel()

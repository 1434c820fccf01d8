"""El rival de la red: contar qué carácter sigue a los n - 1 anteriores, con Kneser-Ney."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from course_utils.validation import as_int

END = "\n\n"  # lo que separa dos cuentos: con esto empieza y acaba cada uno
Table = dict[str, dict[str, int]]  # de cada contexto, las cuentas de cada carácter que lo sigue


class KneserNey:
    """Modelo de n-gramas de caracteres con el suavizado de Kneser y Ney, interpolado.

    De cada cuenta se descuenta un poco, y lo descontado se reparte como diga el contexto un
    carácter más corto. En los contextos cortos no se cuenta cuántas veces aparece un carácter, sino
    **detrás de cuántos caracteres distintos** aparece con ese contexto. Los descuentos son tres por
    orden, para lo visto una, dos y más veces, y salen de las propias cuentas.

    Parameters
    ----------
    stories : sequence of str
        Los cuentos de los que se aprende.
    order : int
        Caracteres que se miran a la vez, contando el que se predice: 5 es un 5-grama.
    alphabet : sequence of str
        Los caracteres posibles.

    Raises
    ------
    ValueError
        Si el orden no es un entero positivo, no hay cuentos o alguno tiene un carácter que no está
        en el alfabeto.

    Notes
    -----
    Kneser y Ney (1995), *Improved backing-off for m-gram language modeling*, ICASSP; la variante de
    tres descuentos es de Chen y Goodman (1999), *An empirical study of smoothing techniques for
    language modeling*, Computer Speech and Language 13.

    Examples
    --------
    >>> model = KneserNey(["la casa", "la cosa"], order=3, alphabet="\\n acols")
    >>> "\\n acols"[model.probabilities("la c").argmax()]
    'a'
    >>> float(model.probabilities("zzz").sum().round(6))
    1.0
    """

    def __init__(self, stories: Sequence[str], order: int, alphabet: Sequence[str]) -> None:
        self.order = as_int("order", order, minimum=1)
        self.alphabet = tuple(alphabet)
        self._places = {symbol: place for place, symbol in enumerate(self.alphabet)}
        strange = sorted(set("".join(stories)) | set(END) - set(self.alphabet))
        if strange := [symbol for symbol in strange if symbol not in self._places]:
            raise ValueError(
                f"Hay caracteres que no están en el alfabeto: {strange}. Añádelos o quítalos."
            )
        if not stories:
            raise ValueError("stories debe tener al menos un cuento y ha llegado vacío.")
        self._tables = _count(stories, self.order)
        self._discounts = [_discounts(table) for table in self._tables]
        self._smoothed = lru_cache(maxsize=100_000)(self._smooth)

    def probabilities(self, context: str) -> np.ndarray:
        """Probabilidad de cada carácter tras un contexto, del que solo mira el final.

        Parameters
        ----------
        context : str
            Lo que va delante.

        Returns
        -------
        ndarray of shape (alfabeto,)
            Ninguna es cero y suman 1.
        """
        return self._smoothed(context[max(0, len(context) - self.order + 1) :]).copy()

    def bits(self, story: str) -> np.ndarray:
        r"""Bits de cada carácter de un cuento y de su final: :math:`-\log_2 p`.

        Parameters
        ----------
        story : str
            El cuento, sin nada delante ni detrás.

        Returns
        -------
        ndarray of shape (caracteres + 2,)

        Raises
        ------
        ValueError
            Si tiene un carácter que no está en el alfabeto.
        """
        if strange := sorted(set(story) - self._places.keys()):
            raise ValueError(
                f"El cuento tiene caracteres que no están en el alfabeto: {strange}. Quítalos."
            )
        padded, start = _pad(story, self.order)
        return np.array(
            [
                -np.log2(self.probabilities(padded[:place])[self._places[padded[place]]])
                for place in range(start, len(padded))
            ]
        )

    def _smooth(self, context: str) -> np.ndarray:
        size = len(self.alphabet)
        below = self._smoothed(context[1:]) if context else np.full(size, 1 / size)
        seen = self._tables[len(context)].get(context)
        if seen is None:
            return below
        discounts, kept, freed = self._discounts[len(context)], np.zeros(size), 0.0
        for symbol, count in seen.items():
            discount = discounts[min(count, 3) - 1]
            kept[self._places[symbol]] = count - discount
            freed += discount
        return (kept + freed * below) / sum(seen.values())


def _pad(story: str, order: int) -> tuple[str, int]:
    """El cuento entre sus finales, con contexto de sobra delante, y dónde empieza."""
    start = max(order - 1, len(END))
    return "\n" * start + story + END, start


def _count(stories: Sequence[str], order: int) -> list[Table]:
    """Por cada longitud de contexto, de 0 a ``order - 1``, sus cuentas.

    Las de la mayor son veces; las demás, cuántos caracteres distintos hay delante.
    """
    tables: list[Table] = [defaultdict(Counter) for _ in range(order)]
    for story in stories:
        padded, start = _pad(story, order)
        for place in range(start, len(padded)):
            tables[-1][padded[place - order + 1 : place]][padded[place]] += 1
    for length in range(order - 1, 0, -1):
        for context, seen in tables[length].items():
            for symbol in seen:
                tables[length - 1][context[1:]][symbol] += 1
    return tables


def _discounts(table: Table) -> tuple[float, float, float]:
    """Lo que se descuenta a lo visto una, dos y tres o más veces (Chen y Goodman, 1999)."""
    spread = Counter(min(count, 5) for seen in table.values() for count in seen.values())
    one, two = spread[1], spread[2]
    y = one / (one + 2 * two) if one else 0.5
    rule = (k - (k + 1) * y * spread[k + 1] / spread[k] if spread[k] else 0.5 for k in (1, 2, 3))
    # Con muy pocas cuentas la regla puede dar cero o un negativo: algo hay que dejar a lo no visto.
    return tuple(max(value, 0.1) for value in rule)

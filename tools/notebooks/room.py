"""La regla de holgura: cuánto puede empeorar lo medido sin que una afirmación deje de cumplirse.

Ninguna semilla la rompe y, más allá de la peor, queda al menos tanto como de la mediana a la peor.
Lo que se afirma vale así para las semillas que nadie ha probado, y no solo para las medidas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from course_utils.claims import Claim

SEEDS = range(20)
CHANCE = 0.01  # la de que un recuento rompa su afirmación
# Lo que un mismo cálculo en precisión simple cambia al sumar en otro orden.
ROUNDING = 1e-5


def room(
    values: Sequence[float],
    operator: str,
    bound: float | tuple[float, float],
    *,
    of: int | None = None,
) -> float:
    """Holgura de una afirmación, en partes de la que exige la regla.

    Entre números positivos las distancias se miden en logaritmos: lo que cuenta es por cuánto se
    multiplican. Con ``in``, cada extremo se mira por separado. Si el límite y los valores son
    enteros, el límite se acerca una unidad: un salto más no puede romper nada. En un recuento es
    ``CHANCE`` entre la probabilidad de que lo rompa la binomial. Con ``==`` no hay distancias:
    basta con que se cumpla siempre.

    Parameters
    ----------
    values : sequence of float
        Lo medido, un valor por semilla.
    operator : {"<", "<=", ">", ">=", "==", "in"}
        Cómo se compara con ``bound``.
    bound : float or tuple of float
        El límite, o el intervalo con ``in``.
    of : int, optional
        Si los valores vienen de contar, sobre cuántos.

    Returns
    -------
    float
        Desde 1, suficiente. Si alguna semilla la rompe, menos la parte de las que lo hacen.

    Examples
    --------
    La mediana es 2, la peor 4 y el límite 8: hasta él, el valor aún se puede doblar otra vez.

    >>> round(room([1.5, 2.0, 2.0, 2.0, 4.0], "<", 8), 3)
    1.0
    >>> room([1.5, 2.0, 2.0, 2.0, 4.0], "<", 7) < 1
    True
    >>> room([0.5, 0.51, 0.5, 0.64], "in", (0.35, 0.65)) < 1
    True
    >>> room([0.5, 0.51, 0.5, 0.66], "in", (0.35, 0.65))
    -0.25
    >>> room([1, 1, 0.8, 1], ">", 0.7, of=5) < 1 < room([1, 1, 0.8, 1], ">", 0.5, of=5)
    True
    """
    broken = sum(not Claim("", value, operator, bound).holds for value in values)
    if broken:
        return -broken / len(values)
    if of is not None:
        chance = breaking_chance(values, operator, bound, of=of)
        return CHANCE / chance if chance else math.inf
    if operator == "==":
        return math.inf
    low, high = bound if operator == "in" else (bound, bound)
    below = _room_to_edge(values, low, -1) if operator in (">", ">=", "in") else math.inf
    above = _room_to_edge(values, high, 1) if operator in ("<", "<=", "in") else math.inf
    return min(below, above)


def _room_to_edge(values: Sequence[float], edge: float, sign: int) -> float:
    """Holgura hasta un límite que está por encima (``sign`` 1) o por debajo (-1)."""
    if all(float(number).is_integer() for number in (*values, edge)):
        edge -= sign
    scale = math.log if edge > 0 and min(values) > 0 else float
    points = [sign * scale(value) for value in values]
    worst = max(points)
    left = sign * scale(edge) - worst
    if worst == median(points):
        return math.inf if left > 0 else 0.0
    return left / (worst - median(points))


def breaking_chance(
    values: Sequence[float], operator: str, bound: float | tuple[float, float], *, of: int
) -> float:
    """Probabilidad de que un recuento rompa su afirmación, si cada intento es independiente.

    La de que un intento salga bien se estima con un acierto y un fallo más de los que ha habido (la
    regla de sucesión de Laplace): que aún no se haya visto ninguno no dice que no pueda fallar. Por
    eso «todos» no cumple nunca y «todos menos uno» sí puede.

    Examples
    --------
    Aprenden cinco de cinco con veinte semillas. ¿Y si falla una de la siguiente? ¿Y dos?

    >>> round(breaking_chance([1] * 20, "==", 1, of=5), 3)
    0.048
    >>> round(breaking_chance([1] * 20, ">=", 4 / 5, of=5), 3)
    0.001
    """
    p = (of * sum(values) + 1) / (of * len(values) + 2)
    return math.fsum(
        math.comb(of, count) * p**count * (1 - p) ** (of - count)
        for count in range(of + 1)
        if not Claim("", count / of, operator, bound).holds
    )


@dataclass(frozen=True)
class Measured:
    """Una afirmación tal como está escrita hoy, con lo que se ha medido de ella.

    Attributes
    ----------
    lesson : str
        Número de la lección.
    values : tuple of float
        Un valor por semilla.
    text, operator, kind, bound, of
        Los de :class:`course_utils.claims.Claim`.
    """

    lesson: str
    text: str
    operator: str
    kind: str
    values: tuple[float, ...]
    bound: float | tuple[float, float]
    of: int | None = None

    @property
    def room(self) -> float:
        """Su holgura; la de una identidad que se cumple siempre no tiene límite."""
        found = room(self.values, self.operator, self.bound, of=self.of)
        return math.inf if self.kind == "identidad" and found >= 0 else found

    @property
    def wrong_kind(self) -> str:
        """Qué contradice a su clase: una identidad solo cambia lo que cambia un redondeo."""
        rounding = ROUNDING * max(1, abs(median(self.values)))
        if self.kind == "identidad" and max(self.values) - min(self.values) > rounding:
            return f"varía de {min(self.values):.4g} a {max(self.values):.4g}: no es una identidad"
        return ""

    @property
    def lack(self) -> str:
        """Por qué no cumple la regla; vacío si la cumple.

        Lo medido varía, salvo un recuento, que puede salir siempre entero.
        """
        constant = len(self.values) >= len(SEEDS) and len(set(self.values)) == 1
        if self.kind == "medida" and constant and self.of is None:
            return (
                f"vale {self.values[0]:.4g} con toda semilla: es una identidad o un recuento (of=)"
            )
        if self.room < 0:
            broken = round(-self.room * len(self.values))
            return f"rota en {broken} de {len(self.values)} semillas"
        return f"holgura de {self.room:.2f}; hace falta 1" if self.room < 1 else ""

    @property
    def problem(self) -> str:
        """Lo primero que hay que arreglar; vacío si nada."""
        return self.wrong_kind or self.lack

"""Afirmaciones que se comprueban al ejecutarse y frases que se calculan.

``verify(claim(...), ...)`` imprime una línea por afirmación, igual para toda semilla, y falla si
alguna no se cumple. ``explain(...)`` pone bajo una figura la frase que dice qué ver en ella.
"""

from __future__ import annotations

import json
import math
import operator as op
import os
from dataclasses import dataclass
from pathlib import Path

from course_utils.notes import show

OPERATORS = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge, "==": op.eq}
RECORD_VARIABLE = "CURSO_CLAIMS_FILE"


class ClaimError(AssertionError):
    """Una afirmación de la lección no se cumple."""


@dataclass(frozen=True)
class Claim:
    """Una afirmación con todo lo necesario para comprobarla.

    Attributes
    ----------
    text : str
        Lo que se afirma.
    value : float
        El valor medido.
    operator : str
        ``<``, ``<=``, ``>``, ``>=``, ``==`` o ``in``.
    bound : float or tuple of float
        El límite; con ``in``, el intervalo cerrado ``(mínimo, máximo)``.
    seeded : bool
        Si el valor depende de la semilla.
    """

    text: str
    value: float
    operator: str
    bound: float | tuple[float, float]
    seeded: bool = True

    @property
    def holds(self) -> bool:
        """Si se cumple. Un valor que no es un número no cumple nada."""
        if math.isnan(self.value):
            return False
        if self.operator == "in":
            low, high = self.bound
            return low <= self.value <= high
        return bool(OPERATORS[self.operator](self.value, self.bound))

    @property
    def margin(self) -> float | None:
        """Holgura relativa: 0 es justo en el límite, negativa si no se cumple.

        Con ``==`` no hay holgura y es ``None``. Con ``in`` es la distancia al extremo más
        cercano en partes de la anchura; con los demás, en partes del límite.
        """
        if self.operator == "==":
            return None
        if math.isnan(self.value):
            return -math.inf
        if self.operator == "in":
            low, high = self.bound
            return min(self.value - low, high - self.value) / ((high - low) or 1.0)
        distance = self.value - self.bound
        signed = distance if self.operator.startswith(">") else -distance
        return signed / (abs(self.bound) or 1.0)


def claim(
    text: str,
    value: object,
    operator: str,
    bound: object,
    *,
    seeded: bool = True,
) -> Claim:
    """Prepara una afirmación para :func:`verify`.

    Parameters
    ----------
    text : str
        Lo que se afirma, sin cifras que dependan de la ejecución.
    value : float
        El valor medido: un número, o un array o tensor de un solo elemento.
    operator : {"<", "<=", ">", ">=", "==", "in"}
        Cómo se compara con ``bound``.
    bound : float or tuple of float
        El límite, o el intervalo ``(mínimo, máximo)`` con ``in``.
    seeded : bool, default True
        ``False`` si el valor es el mismo para toda semilla.

    Raises
    ------
    TypeError
        Si el valor o el límite no son números.
    ValueError
        Si el operador no existe o el texto está vacío.

    Examples
    --------
    >>> claim("Dos es menor que tres", 2, "<", 3).holds
    True
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("claim espera un texto que diga lo que se afirma; ha llegado vacío.")
    if operator not in (*OPERATORS, "in"):
        raise ValueError(
            f"claim espera un operador de {', '.join((*OPERATORS, 'in'))}; ha llegado {operator!r}."
        )
    if operator == "in":
        if not isinstance(bound, tuple | list) or len(bound) != 2:
            raise TypeError(
                f"La afirmación «{text}» necesita un intervalo (mínimo, máximo); ha llegado "
                f"{type(bound).__name__}. Escribe, por ejemplo, (0.4, 0.6)."
            )
        low, high = (_as_number(text, end) for end in bound)
        if not low <= high:
            raise ValueError(f"El intervalo de «{text}» está al revés: ({low}, {high}).")
        return Claim(text, _as_number(text, value), operator, (low, high), seeded)
    return Claim(text, _as_number(text, value), operator, _as_number(text, bound), seeded)


def _as_number(text: str, value: object) -> float:
    try:
        if isinstance(value, str | bytes):
            raise TypeError("un texto no es un número")
        # Un array o un tensor de un solo elemento, tenga las dimensiones que tenga.
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"La afirmación «{text}» necesita números; ha llegado {type(value).__name__}. "
            "Pasa un solo número, por ejemplo con float(...) o .mean()."
        ) from error


def verify(*claims: Claim) -> None:
    """Comprueba las afirmaciones e imprime una línea ``✓`` por cada una.

    La salida no lleva los valores: es la misma para toda semilla. ``[fija]`` marca lo que no
    depende de ella. Si la variable de entorno
    ``CURSO_CLAIMS_FILE`` nombra un archivo, apunta en él cada afirmación con sus valores.

    Raises
    ------
    ClaimError
        Si alguna no se cumple; el mensaje lleva los valores de todas las que fallan.
    ValueError
        Si no hay nada que comprobar.

    Examples
    --------
    >>> verify(claim("La media de 1 y 3 es 2", (1 + 3) / 2, "==", 2, seeded=False))
    ✓ La media de 1 y 3 es 2 [fija]
    """
    if not claims:
        raise ValueError("verify espera al menos una afirmación: verify(claim(...)).")
    _record(claims)
    false = []
    for item in claims:
        if item.holds:
            print(f"✓ {item.text}" + ("" if item.seeded else " [fija]"))
        else:
            false.append(
                f"✗ {item.text}: se esperaba {item.operator} {item.bound}; ha salido {item.value}"
            )
    if false:
        raise ClaimError("No se cumple lo que la lección afirma:\n" + "\n".join(false))


def _record(claims: tuple[Claim, ...]) -> None:
    target = os.environ.get(RECORD_VARIABLE)
    if not target:
        return
    with Path(target).open("a", encoding="utf-8") as file:
        for item in claims:
            row = {
                "text": item.text,
                "value": item.value,
                "operator": item.operator,
                "bound": item.bound,
                "seeded": item.seeded,
                "holds": item.holds,
                "margin": item.margin,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def explain(text: str) -> None:
    """Muestra una frase calculada, normalmente bajo una figura.

    Es lo que recibe quien no puede ver la figura: di qué se ve y con qué números.

    Examples
    --------
    >>> explain(f"El error se multiplica por {6 / 2:.1f}.")
    El error se multiplica por 3.0.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("explain espera una frase; ha llegado vacía o no es texto.")
    show(text)

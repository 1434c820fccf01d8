"""Afirmaciones que se comprueban al ejecutarse y frases que se calculan.

``verify(claim(...), ...)`` imprime una línea por afirmación, igual para toda semilla, y falla si
alguna no se cumple. ``explain(...)`` pone bajo una figura la frase que dice qué ver en ella.
"""

from __future__ import annotations

import json
import math
import operator as op
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from course_utils.notes import show

OPERATORS = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge, "==": op.eq}
KINDS = ("medida", "identidad")
# Variables de entorno: dónde se apunta cada afirmación, y si se sigue aunque alguna no se cumpla.
RECORD_VARIABLE = "CURSO_CLAIMS_FILE"
GO_ON_VARIABLE = "CURSO_CLAIMS_GO_ON"


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
    kind : str
        ``medida`` si el azar de la semilla cambia el valor; ``identidad`` si no lo cambia o si la
        afirmación es cierta por construcción.
    of : int or None
        Si el valor es la parte de unos intentos que salen bien, cuántos intentos son.
    """

    text: str
    value: float
    operator: str
    bound: float | tuple[float, float]
    kind: str = "medida"
    of: int | None = None

    @property
    def holds(self) -> bool:
        """Si se cumple. Un valor que no es un número no cumple nada."""
        if math.isnan(self.value):
            return False
        if self.operator == "in":
            low, high = self.bound
            return low <= self.value <= high
        return bool(OPERATORS[self.operator](self.value, self.bound))


def claim(
    text: str,
    value: object,
    operator: str,
    bound: object,
    *,
    kind: str = "medida",
    of: int | None = None,
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
    kind : {"medida", "identidad"}
        ``"identidad"`` si el valor no varía con la semilla o si la afirmación es cierta por
        construcción.
    of : int, optional
        Si el valor viene de contar, sobre cuántos se cuenta: si aprenden 4 redes de 5, el valor es
        ``4 / 5`` y ``of``, 5.

    Raises
    ------
    TypeError
        Si el valor o el límite no son números.
    ValueError
        Si el operador o la clase no existen, si el texto está vacío o si el valor no puede ser una
        parte de ``of``.

    Examples
    --------
    >>> claim("Dos es menor que tres", 2, "<", 3, kind="identidad").holds
    True
    >>> claim("Casi todas aprenden", 9 / 10, ">", 0.7, of=10).holds
    True
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("claim espera un texto que diga lo que se afirma; ha llegado vacío.")
    if operator not in (*OPERATORS, "in"):
        raise ValueError(
            f"claim espera un operador de {', '.join((*OPERATORS, 'in'))}; ha llegado {operator!r}."
        )
    if kind not in KINDS:
        raise ValueError(
            f"claim espera kind={' o kind='.join(map(repr, KINDS))}; ha llegado {kind!r}."
        )
    number = _as_number(text, value)
    if of is not None and not _is_share(number, of):
        raise ValueError(
            f"El valor de «{text}» debe ser una parte de {of!r}, un entero; ha llegado "
            f"{number:g}. Pasa qué parte, no cuántos."
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
        return Claim(text, number, operator, (low, high), kind, of)
    return Claim(text, number, operator, _as_number(text, bound), kind, of)


def _is_share(value: float, of: int) -> bool:
    """Si un valor es ``k / of``, con ``k`` entero, salvo redondeo."""
    return isinstance(of, int) and any(abs(value * of - k) < 1e-6 * of for k in range(of + 1))


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

    La salida no lleva los valores: es la misma para toda semilla. ``[identidad]`` marca lo que no
    depende de ella. Si la variable de entorno ``CURSO_CLAIMS_FILE`` nombra un archivo, apunta en él
    cada afirmación con sus valores.

    Raises
    ------
    ClaimError
        Si alguna no se cumple; el mensaje lleva los valores de todas las que fallan. Quien mide con
        muchas semillas lo evita con la variable de entorno ``CURSO_CLAIMS_GO_ON``: así la lección
        llega al final y se sabe cuánto sale en todas.
    ValueError
        Si no hay nada que comprobar.

    Examples
    --------
    >>> verify(claim("La media de 1 y 3 es 2", (1 + 3) / 2, "==", 2, kind="identidad"))
    ✓ La media de 1 y 3 es 2 [identidad]
    """
    if not claims:
        raise ValueError("verify espera al menos una afirmación: verify(claim(...)).")
    _record(claims)
    false = []
    for item in claims:
        if item.holds:
            print(f"✓ {item.text}" + (" [identidad]" if item.kind == "identidad" else ""))
        else:
            false.append(
                f"✗ {item.text}: se esperaba {item.operator} {item.bound}; ha salido {item.value}"
            )
    if false and GO_ON_VARIABLE not in os.environ:
        raise ClaimError("No se cumple lo que la lección afirma:\n" + "\n".join(false))


def _record(claims: tuple[Claim, ...]) -> None:
    target = os.environ.get(RECORD_VARIABLE)
    if not target:
        return
    with Path(target).open("a", encoding="utf-8") as file:
        for item in claims:
            row = {**asdict(item), "holds": item.holds}
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

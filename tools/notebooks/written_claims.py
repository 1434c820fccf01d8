"""Las afirmaciones de una lección tal como están escritas en su fuente, leídas sin ejecutarla."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from tools.notebooks.build import Lesson
from tools.notebooks.fingerprint import lesson_fingerprint

ARITHMETIC = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.Tuple, ast.List)
MARKS = (ast.operator, ast.unaryop, ast.expr_context)
FINGERPRINT_LENGTH = 12


@dataclass(frozen=True)
class WrittenClaim:
    """Una llamada a ``claim`` de la fuente.

    Attributes
    ----------
    text, operator, kind : str
        Lo que dicen la llamada o, si calla, los valores por omisión de ``claim``.
    literal : dict
        ``bound`` y ``of``, si se pueden leer sin ejecutar nada.
    """

    text: str
    operator: str
    kind: str
    literal: dict[str, object]


def code_cells(lesson: Lesson) -> list[str]:
    """Celdas de código de una lección resuelta, sin la de Colab, que es generada."""
    return [c.source for c in lesson.solved.cells if c.cell_type == "code" and c.id != "colab"]


def _calls(code: str) -> Iterator[ast.Call]:
    """Las llamadas a ``claim`` de un texto, en orden."""
    found = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "claim"
    ]
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _is_constant(node: ast.expr) -> bool:
    """Si una expresión solo tiene números, con sus cuentas y sus paréntesis."""
    return all(isinstance(part, (*ARITHMETIC, *MARKS)) for part in ast.walk(node))


def _evaluate(node: ast.expr) -> object:
    return eval(ast.unparse(node), {"__builtins__": {}})


def written_claims(cells: Iterable[str]) -> list[WrittenClaim]:
    """Las afirmaciones de unas celdas, en orden.

    Raises
    ------
    ValueError
        Si una llamada no tiene sus cuatro argumentos en orden, o su texto, su operador o su clase
        no están escritos tal cual.

    Examples
    --------
    >>> (found,) = written_claims(['verify(claim("Baja", a / b, "<", 2 / 3, kind="identidad"))'])
    >>> found.text, found.operator, found.kind, round(found.literal["bound"], 2)
    ('Baja', '<', 'identidad', 0.67)
    >>> written_claims(['claim("Cuenta", k, "==", n, of=n)'])[0].literal
    {}
    """
    return [_read(call) for code in cells for call in _calls(code)]


def _read(call: ast.Call) -> WrittenClaim:
    options = {word.arg: word.value for word in call.keywords}
    kind = options.get("kind", ast.Constant("medida"))
    if len(call.args) != 4 or not all(
        isinstance(node, ast.Constant) for node in (call.args[0], call.args[2], kind)
    ):
        raise ValueError(
            f"No se puede leer «{ast.unparse(call)[:80]}»: escribe claim(texto, valor, operador, "
            "límite, kind=...), con el texto, el operador y la clase entre comillas."
        )
    text, _, operator, bound = call.args
    numbers = {"bound": bound, "of": options.get("of", ast.Constant(None))}
    literal = {name: _evaluate(node) for name, node in numbers.items() if _is_constant(node)}
    return WrittenClaim(text.value, operator.value, kind.value, literal)


def without_limits(code: str) -> str:
    """El texto de una celda sin lo que una afirmación dice de su valor: lo que no cambia lo medido.

    Trabaja con el texto, no con el árbol, para que el resultado sea el mismo en toda versión de
    Python.

    Examples
    --------
    >>> without_limits('verify(claim("Baja", a / b, "<", 0.9), claim("Son", k, "==", n, of=n))')
    'verify(claim(a / b), claim(k, n, n))'
    """
    content = code.encode()
    starts = list(accumulate(map(len, content.splitlines(keepends=True)), initial=0))

    def span(node: ast.expr) -> slice:
        return slice(
            starts[node.lineno - 1] + node.col_offset,
            starts[node.end_lineno - 1] + node.end_col_offset,
        )

    for call in reversed(list(_calls(code))):
        options = [word.value for word in call.keywords if word.arg != "kind"]
        limits = [node for node in (*call.args[3:], *options) if not _is_constant(node)]
        kept = b", ".join(content[span(node)] for node in (*call.args[1:2], *limits))
        where = span(call)
        content = content[: where.start] + b"claim(" + kept + b")" + content[where.stop :]
    return content.decode()


def measure_fingerprint(lesson: Lesson, root: Path) -> str:
    """Huella de lo que mide una lección: no depende del límite ni del texto de lo que afirma.

    Tampoco de cómo se juzgan sus ejercicios: se mide sin resolver, y entonces sigue con las
    soluciones, que están en las celdas.
    """
    cells = [without_limits(code) for code in code_cells(lesson)]
    found = lesson_fingerprint(root, lesson.number, cells, outputs=False)
    return found[:FINGERPRINT_LENGTH]

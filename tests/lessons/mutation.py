"""Mutantes: pequeñas averías en una solución que una buena comprobación tiene que notar.

Cada mutante cambia un solo lugar del árbol sintáctico. Lo que cambia, ``«antes» → «después»``, es
la clave con la que ``answers.toml`` declara en ``equivalent`` los que de verdad no cambian nada. Si
el mismo cambio cabe en varios lugares, la clave lleva detrás cuál es: ``(1)``, ``(2)``…
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

# Lo que cuelga de estos nombres son funciones de una biblioteca, no métodos de un dato.
LIBRARIES = frozenset({"np", "torch", "nn", "F", "keras", "tf", "math", "random"})
BINARY = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
RENAMED = {
    "tanh": "arctan",
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "argmax": "argmin",
    "argmin": "argmax",
    "sum": "mean",
    "mean": "sum",
}
ARCTAN = {"math": "atan", "tf": "atan"}
SIMPLE = (
    ast.Assign,
    ast.AugAssign,
    ast.Expr,
    ast.Return,
    ast.Raise,
    ast.Assert,
    ast.Break,
    ast.Continue,
    ast.Delete,
)


@dataclass(frozen=True)
class Mutant:
    """Una solución con un solo cambio.

    Attributes
    ----------
    change : str
        El cambio, y cuál es si hay varios iguales: ``«a + b» → «a - b» (2)``.
    line : int
        Línea de la solución en que está.
    source : str
        Texto completo, ya cambiado.
    """

    change: str
    line: int
    source: str

    @property
    def description(self) -> str:
        """Dónde está y qué cambia, para quien lo lee."""
        return f"línea {self.line}: {self.change}"


def mutants(source: str) -> list[Mutant]:
    """Todos los mutantes de un texto, siempre los mismos y en el mismo orden.

    No toca los docstrings, las anotaciones ni los textos con formato. Si dos cambios dan el mismo
    texto, queda el primero.

    Examples
    --------
    >>> for mutant in mutants("def f(x):\\n    return x + 1"):
    ...     print(mutant.description)
    línea 2: «return x + 1» → «pass»
    línea 2: «x + 1» → «x - 1»
    línea 2: «x + 1» → «x»
    línea 2: «x + 1» → «1»
    línea 2: «1» → «2»
    línea 2: «1» → «0»
    """
    tree = ast.parse(source)
    skipped = _skipped(tree)
    conditions = _conditions(tree)
    places = [node for node in ast.walk(tree) if id(node) not in skipped]
    places.sort(key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))
    seen = {ast.unparse(tree)}
    found = []
    for node in places:
        replacements = [*_replacements(node)]
        if id(node) in conditions:
            replacements.append(ast.UnaryOp(ast.Not(), node))
        for replacement in replacements:
            text = _replaced(tree, node, replacement)
            if text in seen:
                continue
            seen.add(text)
            old = " ".join(ast.get_source_segment(source, node).split())
            new = " ".join(ast.unparse(replacement).split())
            found.append(Mutant(f"«{old}» → «{new}»", node.lineno, text))
    return _numbered(found)


def _numbered(found: list[Mutant]) -> list[Mutant]:
    """Añade a los cambios que se repiten cuál de ellos es cada uno."""
    times, seen = Counter(mutant.change for mutant in found), Counter()
    numbered = []
    for mutant in found:
        seen[mutant.change] += 1
        which = f" ({seen[mutant.change]})" if times[mutant.change] > 1 else ""
        numbered.append(replace(mutant, change=mutant.change + which))
    return numbered


def _conditions(tree: ast.AST) -> set[int]:
    """Identidad de las condiciones, que además de cambiar por dentro se pueden negar."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            found.add(id(node.test))
        elif isinstance(node, ast.comprehension):
            found.update(map(id, node.ifs))
    return found


def _skipped(tree: ast.AST) -> set[int]:
    """Identidad de los nodos que no se tocan: docstrings, anotaciones y textos con formato."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node) is not None:
                roots.append(node.body[0])
            roots.append(getattr(node, "returns", None) or ast.Pass())
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            roots.append(node.annotation)
        elif isinstance(node, ast.JoinedStr):
            roots.append(node)
    return {id(inner) for root in roots for inner in ast.walk(root)}


def _replaced(tree: ast.AST, old: ast.AST, new: ast.AST) -> str:
    """Texto del árbol con un nodo cambiado por otro; el árbol queda como estaba."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                text = ast.unparse(tree)
                setattr(parent, field, old)
                return text
            if isinstance(value, list) and any(item is old for item in value):
                place = next(i for i, item in enumerate(value) if item is old)
                value[place] = new
                text = ast.unparse(tree)
                value[place] = old
                return text
    raise AssertionError("el nodo no está en el árbol")


def _changed(node: ast.AST, **fields: object) -> ast.AST:
    """Copia de un nodo con algunos campos cambiados."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Por qué otros nodos se puede cambiar uno."""
    if isinstance(node, SIMPLE):
        yield ast.Pass()
    rule = RULES.get(type(node))
    if rule is not None:
        yield from rule(node)


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in BINARY:
        yield _changed(node, op=BINARY[type(node.op)]())
    if isinstance(node.op, ast.MatMult):
        yield _changed(node, left=node.right, right=node.left)
        for side in ("left", "right"):
            operand = getattr(node, side)
            if not _is_transposed(operand):
                yield _changed(node, **{side: ast.Attribute(operand, "T", ast.Load())})
    yield node.left
    yield node.right


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        other = [*node.ops]
        other[place] = COMPARISONS[type(operator)]()
        yield _changed(node, ops=other)


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    yield from node.values


def _choice(node: ast.IfExp) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node.value, float):
        yield ast.Constant(node.value * 2 or 1.0)


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in BINARY:
        yield _changed(node, op=BINARY[type(node.op)]())
    yield ast.Assign([node.target], node.value, lineno=node.lineno)


def _attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    if _is_transposed(node):
        yield node.value


def _call(node: ast.Call) -> Iterator[ast.AST]:
    method = isinstance(node.func, ast.Attribute) and _root(node.func) not in LIBRARIES
    if method:
        yield node.func.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if renamed := _renamed(node.func):
        yield _changed(node, func=renamed)
    if len(node.args) > 1 and not any(isinstance(arg, ast.Starred) for arg in node.args[:2]):
        yield _changed(node, args=[node.args[1], node.args[0], *node.args[2:]])
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield _changed(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        stop = min(1, len(node.args) - 1)
        if not isinstance(node.args[stop], ast.Constant):
            args = [*node.args]
            args[stop] = _shifted(args[stop], -1)
            yield _changed(node, args=args)


def _renamed(func: ast.expr) -> ast.expr | None:
    """La función contraria o parecida, si se conoce."""
    if isinstance(func, ast.Name) and func.id in RENAMED and func.id not in ("sum", "mean"):
        return _changed(func, id=RENAMED[func.id])
    if isinstance(func, ast.Attribute) and func.attr in RENAMED:
        other = RENAMED[func.attr]
        return _changed(func, attr=ARCTAN.get(_root(func), other) if other == "arctan" else other)
    return None


def _subscript(node: ast.Subscript) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield node.value
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, part in enumerate(parts):
        for other in _indices(part):
            others = [*parts]
            others[place] = other
            whole = _changed(node.slice, elts=others) if len(parts) > 1 else other
            yield _changed(node, slice=whole)


def _indices(part: ast.expr) -> Iterator[ast.expr]:
    """Un índice desplazado, o un corte con un extremo desplazado o suprimido.

    De los números escritos tal cual ya se ocupa la regla de las constantes.
    """
    if isinstance(part, ast.Slice):
        for name in ("lower", "upper"):
            bound = getattr(part, name)
            if bound is not None:
                yield _changed(part, **{name: None})
                if not _is_literal(bound):
                    yield _changed(part, **{name: _shifted(bound, 1)})
    elif isinstance(part, ast.Name | ast.BinOp):
        yield _shifted(part, -1)


def _shifted(node: ast.expr, step: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _is_transposed(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"


def _root(node: ast.expr) -> str | None:
    """Primer nombre de una cadena de atributos: ``np`` en ``np.linalg.norm``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


RULES: dict[type[ast.AST], Callable[[ast.AST], Iterator[ast.AST]]] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.IfExp: _choice,
    ast.Constant: _constant,
    ast.AugAssign: _augmented,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
}

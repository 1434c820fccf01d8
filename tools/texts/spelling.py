"""Corrector ortográfico del curso: lee todo lo que una persona va a leer y señala las faltas.

Hace dos revisiones. La primera pasa cada palabra por el diccionario es_ES de hunspell, ampliado con
``tools/texts/words/palabras.txt``. La segunda busca lo que un diccionario no puede ver: parejas
como `ano` y «año» o `esta` y «está», que existen las dos. Están en
``tools/texts/words/confusables.toml``, cada una con los contextos en que se señala y
los contextos en que se aprueba.

Uso::

    python -m tools.texts.spelling                 # todo el repositorio
    python -m tools.texts.spelling README.md course_utils

Lee el Markdown entero; de Python, los comentarios, los docstrings y las cadenas que se muestran; de
``answers.toml``, la prosa entera y el código como el de Python; del resto, los comentarios y los
textos entre comillas. Deja fuera el código, las fórmulas, los
nombres de archivos e identificadores y los títulos y autores de las referencias. Lo que quede entre
dos líneas con ``spelling: off`` y ``spelling: on`` no se revisa.
"""

from __future__ import annotations

import argparse
import ast
import csv
import functools
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tokenize
import tomllib
import unicodedata
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).resolve().parent / "words"
HOW_TO_GET_HUNSPELL = (
    "Falta hunspell con el diccionario es_ES: solo se revisan las parejas confundibles. Instálalo "
    "con `apt install hunspell hunspell-es` (Debian, Ubuntu) o `brew install hunspell` más los "
    "archivos es_ES.aff y es_ES.dic."
)

SKIPPED_FOLDERS = {
    "build",
    "dist",
    "mi_curso",
    "node_modules",
    "results",
    "solutions",
    "words",
    "__pycache__",
}
READ_HIDDEN_FOLDERS = {".ci", ".github"}
OTHER_TEXTS = {".cfg", ".mplstyle", ".sh", ".toml", ".yaml", ".yml"}
OTHER_NAMES = {"Makefile", "postBuild", "run"}

UNKNOWN = (
    "no está en el diccionario; corrígela o, si es un término del curso, añádela a "
    "tools/texts/words/palabras.txt."
)
BROKEN = "no es Python o TOML válido; arréglalo y vuelve a revisar la ortografía."
HOLE = "□"  # ocupa el sitio de lo que no se revisa: código, fórmulas, valores de un f-string
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Fragment:
    """Un párrafo que se revisa de una vez: su texto en una línea y de qué líneas viene."""

    text: str
    starts: tuple[int, ...]
    lines: tuple[int, ...]
    reference: bool = False

    def line_at(self, offset: int) -> int:
        """Devuelve la línea del archivo en que está la posición ``offset`` del texto."""
        return self.lines[bisect_right(self.starts, offset) - 1]


@dataclass(frozen=True, order=True)
class Problem:
    """Una falta: dónde está, qué palabra es y por qué se señala."""

    path: str
    line: int
    word: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.word} — {self.reason}"


class DictionaryMissing(RuntimeError):
    """No está hunspell, o no está su diccionario es_ES."""


# --- Del archivo a los párrafos -----------------------------------------------------------------

# Lo que se sustituye por un hueco, en este orden.
_HIDDEN = [
    re.compile(pattern, flags)
    for pattern, flags in [
        (r"<!--.*?-->", re.S),
        (r"^( *)(```|~~~).*?^\1\2 *$", re.S | re.M),  # bloques de código
        (r"(?::\w+:)?(`+)(?!`).+?(?<!`)\1(?!`)", re.S),
        (r"\$\$.+?\$\$", re.S),
        (r"(?<![\\$\w])\$(?=\S)[^$\n]*[^$\n\\\s]\$|(?<![\\$\w])\$[^$\s]\$", 0),
        (r"\\begin\{.*?\\end\{\w+\*?\}|\\[a-zA-Z]+(?:\{[^{}]*\})*", re.S),
        (r"</?[a-zA-Z][^<>]*>|&\w+;", 0),
        (r"\b\w+://\S+[^\s.,;:)»\]]|\b[\w.-]+@[\w-]+\.[\w.-]+|\bwww\.\S+\b", 0),
        (r"(?<=\])\([^()\s]+(?: \"[^\"]*\")?\)|(?<=\])\[[\w .-]*\]", 0),  # destinos de enlaces
        (r"^ *\[[^\]]+\]: .*$", re.M),
        (r"%\(\w+\)[a-z]|%[-+\d.]*[sdrfgx]\b|\{[^{}\s]*\}", 0),
        (r"[\w.~-]*[~/][\w.~*-]*/[\w./~*-]*|(?<![\w/])/[\w./-]+|\w[\w.-]*/(?!\w)", 0),  # rutas
        (r"(?<![\w/])[\w-]*[./_][\w-]*/[\w./-]+|\b[\w-]+/[\w-]*[._][\w./-]+", 0),
        (r"\b[\w.]+\((?:\)|(?=[^()\n]*[\"'=\d…]|\.\.\.)[^()\n]*\))", 0),
        (r"(?<!\w)\.?\w+(?:\.\w+)+|(?<![\w.])\.\w+|\b\w+=\S+", 0),
        (r"(?<!\w)--?[a-zA-Z][\w-]*|\w*_\w*|\b(?=\w*\d)(?=\w*[^\W\d])\w+", 0),
        (r"\b[^\W\d_]*[a-záéíóúñ][A-ZÁÉÍÓÚÑ]\w*", 0),  # CamelCase
    ]
]
_ITEM = re.compile(r"\s*(?:[-*+•·]|\d+[.)]|#+|>|\[\^?\w+\]:) ")
_ENGLISH_SUMMARY = re.compile(r"^## English summary.*?(?=^## |\Z)", re.S | re.M)
_REFERENCE = re.compile(r"\((?:[^()]*\W)?(?:19|20)\d\d[a-z]?\)")
_TITLES = re.compile(r"(?<!\*)\*(?!\s)[^*]+\*(?!\*)|«[^»]*»|“[^”]*”|\"[^\"]*\"|\[[^\]]*\](?=□)")


def _hide(text: str, pattern: re.Pattern[str]) -> str:
    """Cambia por un hueco cada aparición de ``pattern``, sin perder saltos de línea."""
    return pattern.sub(lambda found: HOLE + "\n" * found[0].count("\n"), text)


def mask(text: str) -> str:
    """Tapa lo que no es prosa: código, fórmulas, direcciones, rutas, identificadores.

    Examples
    --------
    >>> mask("La capa `GRU` calcula $h_t$ en course_utils.cells")
    'La capa □ calcula □ en □'
    """
    for pattern in _HIDDEN:
        text = _hide(text, pattern)
    return text


def prose(text: str, *, first_line: int = 1) -> list[Fragment]:
    """Lee Markdown, o un texto suelto, y lo parte en párrafos con el código tapado.

    Cada elemento de una lista y cada celda de una tabla cuenta como un párrafo. Las columnas que se
    titulan «Inglés» no se leen.

    Examples
    --------
    >>> [f.text for f in prose("Una *frase*\\nlarga.\\n\\n- Usa `fit`.")]
    ['Una frase larga.', 'Usa □.']
    """
    found: list[Fragment] = []
    block: list[tuple[int, str]] = []
    header: list[str] = []

    def close() -> None:
        if block:
            found.append(_fragment(block))
            block.clear()

    for number, line in enumerate(mask(text).split("\n"), start=first_line):
        if line.lstrip().startswith("|"):
            close()
            cells = [cell.strip() for cell in line.split("|")]
            header = header or cells
            found += [
                _fragment([(number, cell)])
                for cell, title in zip_longest(cells, header)
                if cell and title not in ("Inglés", "English")
            ]
            continue
        header = []
        item = _ITEM.match(line)
        if item or not line.strip():
            close()
        if line.strip():
            block.append((number, line[item.end() :] if item else line))
        if item and "#" in item[0]:
            close()
    close()
    return found


def _fragment(block: list[tuple[int, str]]) -> Fragment:
    text = "\n".join(line for _, line in block)
    reference = bool(_REFERENCE.search(text))
    if reference:
        text = _hide(text, _TITLES)
    lines = [" ".join(line.replace("*", "").split()) for line in text.split("\n")]
    starts = tuple(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))
    return Fragment(" ".join(lines), starts, tuple(number for number, _ in block), reference)


# --- Python: comentarios, docstrings y cadenas --------------------------------------------------

_DIRECTIVE = re.compile(
    r"#\s*(?:%%|noqa|type:|ruff:|pragma|fmt:|-\*-|!|TU CÓDIGO|## (?:BEGIN|END) SOLUTION|spelling:)"
)
# Argumentos con nombre cuyo valor es código o una clave, no un texto.
_CODE_ARGUMENTS = re.compile(
    "cmd|code|color|command|cwd|dtype|encoding|env|flags|fmt|format|key|marker|match|mode|new|old|"
    "loc|path|pattern|regex|repl|sep|source|swap|swaps|tags|textcoords|variants"
)
_CODE_CALLS = re.compile(
    "compile|count|endswith|find|findall|finditer|fullmatch|getattr|getenv|index|removeprefix|"
    "removesuffix|replace|search|split|startswith|sub"
)
# Argumentos y funciones que muestran lo que reciben: se revisa aunque sea una sola palabra.
_SHOWN_ARGUMENTS = re.compile("cause|description|epilog|help|hints?|label|title|[xyz]label")
_SHOWING_CALLS = re.compile(
    r"annotate|claim|explain|print|set_title|set_[xyz]label|suptitle|text|title|warn|[xyz]label|"
    r"\w*(?:Error|Exception|Warning)"
)
# Lo que hay en el árbol de «lote, tiempo» o de «aviso: nada», que también son Python.
_NOT_CODE = (
    ast.AnnAssign | ast.BinOp | ast.Module | ast.Name | ast.Tuple | ast.expr_context | ast.operator
)
_SOURCE_LINE = re.compile(
    r"^\s*(?:def \w+\(|import \w|from [\w.]+ import|return\b|class \w+.*:$|[\w.\[\], ]+ [-+*/@]?= )"
    r"|[{};]\s*$|=>|&&|\$\(|==|\\[bdswBDSW]|\(\?[:=!<P]|\[\^",
    re.M,
)
_TWO_WORDS = re.compile(
    r"(?:[^\W\d_]{2,}|□),? +(?:[aeouy] +)?[^\W\d_]{3,}|[^\W\d_]{3,} +(?:[^\W\d_]{2}\b|□)"
)
_ENGLISH = re.compile(
    "the|of|and|is|to|for|with|not|are|this|that|from|be|was|on|at|by|it|an|in|already|before|"
    "after|did|didn|have|when|while|can|cannot|could|should|must|into|than|then|there|which"
)
_SPANISH = re.compile("el|la|de|que|los|las|una?|en|con|por|para|se|es|del|al|y|o|su|lo|si|no|hay")
_FIELD_SECTIONS = re.compile(
    "Attributes|Other Parameters|Parameters|Raises|Receives|Returns|Warns|Yields"
)


def python_fragments(text: str, *, strings: bool = True) -> list[Fragment]:
    """Lee un archivo de Python: celdas de Markdown, comentarios, docstrings y cadenas.

    Con ``strings=False`` no lee más cadenas que los docstrings.
    """
    return [*_comments(text), *_strings(ast.parse(text), everything=strings)]


def _comments(text: str) -> Iterator[Fragment]:
    """Junta las líneas seguidas de comentario; una celda ``[markdown]`` se lee como Markdown."""
    block: list[str] = []
    first, column, in_markdown = 0, 0, False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        (row, start), own_line = token.start, not token.line[: token.start[1]].strip()
        if block and (row != first + len(block) or start != column or not own_line):
            yield from _comment_block(block, first)
            block = []
        if token.string.startswith("# %%"):
            yield from _comment_block(block, first)
            block, in_markdown = [], "[markdown]" in token.string
        elif (in_markdown and own_line) or not _DIRECTIVE.match(token.string):
            first, column = (row, start) if not block else (first, column)
            block.append(re.sub(r"^#+:? ?|-{3,}", "", token.string))
            if not in_markdown and is_code(block[-1]):
                block[-1] = ""
    yield from _comment_block(block, first)


def _comment_block(block: list[str], first: int) -> list[Fragment]:
    return prose("\n".join(block), first_line=first)


def is_code(text: str) -> bool:
    """Indica si un texto es código de Python y no una palabra o una lista de nombres.

    Examples
    --------
    >>> is_code("h = np.tanh(x @ W)"), is_code("lote, tiempo"), is_code("La red aprende")
    (True, False, False)
    """
    tree = _parsed(text)
    if tree is None:
        return bool(_SOURCE_LINE.search(text))
    return any(
        not isinstance(node, _NOT_CODE) or getattr(node, "value", None) is not None
        for node in ast.walk(tree)
        if not isinstance(node, ast.Expr | ast.Constant)
    )


def _parsed(text: str) -> ast.AST | None:
    with warnings.catch_warnings(action="ignore"):  # las barras invertidas de un texto
        try:
            return ast.parse(textwrap.dedent(text))
        except (SyntaxError, ValueError):
            return None


def is_prose(text: str) -> bool:
    """Indica si una cadena que no se sabe si se muestra parece un texto en español.

    Examples
    --------
    >>> is_prose("falta el archivo"), is_prose("época"), is_prose("float32"), is_prose("a = b + c")
    (True, True, False, False)
    >>> is_prose("oneDNN custom operations are on in the graph")
    False
    """
    masked = mask(text)
    if not (_TWO_WORDS.search(masked) or re.search(r"[áéíóúñ]|[¿¡]\w", masked)):
        return False
    if text.isupper() or is_code(text):
        return False
    words = [word.lower() for word in WORD.findall(masked)]
    english, spanish = (
        sum(bool(known.fullmatch(word)) for word in words) for known in (_ENGLISH, _SPANISH)
    )
    return english <= spanish


def _strings(tree: ast.AST, *, everything: bool) -> Iterator[Fragment]:
    """Recorre las cadenas del programa: los docstrings enteros y las demás si son prosa."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
    }
    for node, text, shown in _literals(tree):
        if id(node) in docstrings:
            text = docstring_prose(text)
        elif not everything or not (is_prose(text) or (shown and not is_code(text))):
            continue
        exact = text.count("\n") <= node.end_lineno - node.lineno
        for fragment in prose(text, first_line=node.lineno):
            lines = fragment.lines if exact else (node.lineno,) * len(fragment.lines)
            yield replace(fragment, lines=lines)


def _literals(node: ast.AST, shown: bool = False) -> Iterator[tuple[ast.expr, str, bool]]:
    """Da cada cadena con su texto y si se muestra tal cual; salta las que son código o claves."""
    text = _literal(node)
    if text is not None:
        yield node, text, shown
        for inner in ast.walk(node):
            if isinstance(inner, ast.FormattedValue):
                yield from _literals(inner.value)
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if _CODE_CALLS.fullmatch(name):
            return
        shows = bool(_SHOWING_CALLS.fullmatch(name))
        yield from _literals(node.func)
        for value in node.args:
            yield from _literals(value, shows)
        for keyword in node.keywords:
            argument = keyword.arg or ""
            if not _CODE_ARGUMENTS.fullmatch(argument):
                yield from _literals(keyword.value, bool(_SHOWN_ARGUMENTS.fullmatch(argument)))
    elif isinstance(node, ast.Compare):
        for value in (node.left, *node.comparators):
            if _literal(value) is None:
                yield from _literals(value)
    else:
        children: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.Subscript):
            children = [node.value]
        passes = isinstance(node, ast.Tuple | ast.List | ast.IfExp | ast.BoolOp | ast.Starred)
        for child in children:
            yield from _literals(child, shown and passes)


def _literal(node: ast.AST) -> str | None:
    """Texto de una cadena, un f-string o una suma de cadenas, con huecos donde hay valores."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) or HOLE for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        if left is not None or right is not None:
            return (left or HOLE) + (right or HOLE)
    return None


def docstring_prose(text: str) -> str:
    """Deja en blanco las líneas de un docstring que no son prosa, sin cambiar cuántas hay.

    Quita títulos de sección, nombres y tipos de los argumentos, ejemplos y bloques de código.

    Examples
    --------
    >>> docstring_prose("Suma.\\n\\nParameters\\n----------\\na : int\\n    Un sumando.")
    'Suma.\\n\\n\\n\\n\\n    Un sumando.'
    """
    lines = text.split("\n")
    kept, section, base, literal_indent, in_example = [], "", 0, -1, False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        bare, indent = line.strip(), len(line) - len(line.lstrip())
        in_example = bool(bare) and (in_example or bare.startswith(">>>"))
        if bare and indent <= literal_indent:
            literal_indent = -1
        underlined = set(following.strip()) == {"-"} and bool(bare)
        if underlined:
            section, base = bare, indent
        hidden = (
            in_example
            or underlined
            or set(bare) == {"-"}
            or literal_indent >= 0
            or bare.startswith(".. ")
            or section == "References"
            or bool(_FIELD_SECTIONS.fullmatch(section) and indent <= base)
        )
        if bare.endswith("::") and literal_indent < 0:
            literal_indent = indent
        see_also = re.sub(r"^\s*[\w., ]+ : ", "", line) if section == "See Also" else line
        kept.append("" if hidden else see_also)
    return "\n".join(kept)


# --- Makefile, YAML, TOML y guiones de la terminal ----------------------------------------------

_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")


def hash_fragments(text: str) -> list[Fragment]:
    """Lee los comentarios con ``#`` y los textos entre comillas.

    Examples
    --------
    >>> [f.text for f in hash_fragments("lab: .venv  ## abre JupyterLab\\n# Sin prisa.")]
    ['Sin prisa.', 'abre □']
    """
    own_lines, others = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        comment = re.search(r"(?:^|(?<=\s))#+ (.*)", line)
        before = line[: comment.start()] if comment else line
        remark = comment[1] if comment and not _DIRECTIVE.match(comment[0]) else ""
        own_lines.append("" if before.strip() else remark)
        if before.strip():
            others += prose(remark, first_line=number)
        for quoted in _QUOTED.finditer(before):
            value = quoted[1] or quoted[2] or ""
            if is_prose(value):
                others += prose(value, first_line=number)
    return [*prose("\n".join(own_lines)), *others]


# --- answers.toml: lo que se dice de los ejercicios y las respuestas con que se prueban -----------

_ANSWERS = "answers.toml"
_ANSWER_CODE = ("code", "swap")


def answers_fragments(text: str) -> list[Fragment]:
    """Lee las frases y, del código, los comentarios y las cadenas.

    Examples
    --------
    >>> text = '[12.1]\\ntitle = "Suma."\\n[12.1.mutates]\\ncode = "x += 1  # Suma uno."'
    >>> [(f.text, f.lines) for f in answers_fragments(text)]
    [('Suma.', (2,)), ('Suma uno.', (4,))]
    """
    return [fragment for leaf in _answer_leaves(text) for fragment in _leaf_fragments(*leaf)]


def _answer_leaves(text: str) -> Iterator[tuple[str, str, int]]:
    """Da cada texto con su clave y la línea en que empieza."""
    place = 0
    for key, value in _leaves(tomllib.loads(text)):
        found = text.find(value, place)
        place = found if found >= 0 else max(text.find(value), 0)
        yield key, value, text.count("\n", 0, place) + 1
        place += len(value)


def _leaves(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Da los textos de un documento, en orden, con la clave de la que cuelgan."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, key)


def _leaf_fragments(key: str, value: str, line: int) -> list[Fragment]:
    if key not in _ANSWER_CODE:
        block = [*enumerate(mask(value).split("\n"), start=line)]
        return [_fragment([(number, part) for number, part in block if part.strip()] or block)]
    return [
        replace(fragment, lines=tuple(number + line - 1 for number in fragment.lines))
        for fragment in python_fragments(_program(value))
    ]


def _program(code: str) -> str:
    """El código sin su sangría; nada, si es un trozo suelto que no se puede leer."""
    return textwrap.dedent(code) if _parsed(code) else ""


# --- Las parejas que un diccionario no distingue ------------------------------------------------


@dataclass(frozen=True, eq=False)
class Rule:
    """Una entrada de ``confusables.toml``, con sus patrones ya compilados."""

    words: tuple[tuple[re.Pattern[str], str], ...]
    firsts: tuple[re.Pattern[str], ...]
    why: str
    flags: tuple[re.Pattern[str], ...]
    allows: tuple[re.Pattern[str], ...]
    case: bool

    def right_for(self, wrong: str) -> str:
        """Devuelve la forma correcta que corresponde a ``wrong``."""
        for pattern, right in self.words:
            if found := pattern.fullmatch(wrong):
                return found.expand(right)
        raise KeyError(wrong)


@functools.cache
def load_rules(path: Path = DATA / "confusables.toml") -> tuple[Rule, ...]:
    """Lee las parejas revisadas."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    groups = {name: f"(?:{'|'.join(words.split())})" for name, words in document["groups"].items()}
    return tuple(_rule(entry, groups) for entry in document["pair"])


def _rule(entry: dict, groups: dict[str, str]) -> Rule:
    pairs = [line.split(": ") for line in entry["words"]]
    wrong = "(?P<wrong>" + "|".join(word for word, _ in pairs) + ")"

    def compiled(pattern: str) -> re.Pattern[str]:
        lead = "" if pattern.startswith(("<start>", "[", "^", "¿", "¡", ",")) else r"(?<![\w□])"
        for name, group in groups.items():
            pattern = pattern.replace(f"<{name}>", group)
        marked = pattern.replace("@", rf"(?<![\w□]){wrong}(?![\w□])")
        return re.compile(f"{lead}(?:{marked})(?!\\w)")

    return Rule(
        words=tuple((re.compile(word, re.I), right) for word, right in pairs),
        firsts=tuple(re.compile(word.split()[0], re.I) for word, _ in pairs),
        why=entry["why"],
        flags=tuple(compiled(pattern) for pattern in entry.get("flag", ["@"])),
        allows=tuple(compiled(pattern) for pattern in entry.get("allow", [])),
        case=entry.get("case", False),
    )


@functools.cache
def _candidates(word: str, rules: tuple[Rule, ...]) -> tuple[int, ...]:
    """Índices de las reglas en que ``word`` es, o empieza, la forma equivocada."""
    return tuple(i for i, rule in enumerate(rules) if any(p.fullmatch(word) for p in rule.firsts))


def confusables(fragment: Fragment, rules: tuple[Rule, ...]) -> Iterator[tuple[int, str, str]]:
    """Da línea, palabra y motivo de cada pareja confundida en un párrafo."""
    lowered = fragment.text.lower()
    reported: set[int] = set()
    present = {index for word in set(WORD.findall(lowered)) for index in _candidates(word, rules)}
    for rule in (rules[index] for index in sorted(present)):
        text = fragment.text if rule.case else lowered
        flagged = _spans(rule.flags, text).keys() - reported
        if flagged:
            flagged -= _spans(rule.allows, text).keys()
        for start in sorted(flagged):
            reported.add(start)
            wrong = _spans(rule.flags, text)[start]
            reason = f"¿«{rule.right_for(wrong)}»? {rule.why}"
            yield fragment.line_at(start), fragment.text[start : start + len(wrong)], reason


def _spans(patterns: Iterable[re.Pattern[str]], text: str) -> dict[int, str]:
    """Dónde está la palabra dudosa en cada aparición de los patrones."""
    return {m.start("wrong"): m["wrong"] for p in patterns for m in p.finditer(text)}


# --- Signos y palabras repetidas ----------------------------------------------------------------

_REPEATED = re.compile(
    r"(?<![\w□])(?<!en vez )(?<!en lugar )([^\W\d_]{2,}|[aeouy]) \1(?![\w□])", re.I
)
_MAY_REPEAT = {"bla", "nos"}
_MARK = re.compile(r"[¿¡]|(?<=[\w□»\")…¿])[?!]+(?=$|[\s)»\"”.,;:…*/])")
_OPENING = {"?": "¿", "!": "¡"}


def punctuation(fragment: Fragment) -> Iterator[tuple[int, str, str]]:
    """Da los signos sin pareja (``¿ ?``, ``¡ !``) y las palabras escritas dos veces seguidas."""
    opened: list[tuple[str, int]] = []
    for mark in _MARK.finditer(fragment.text):
        line = fragment.line_at(mark.start())
        for sign in dict.fromkeys(mark[0]):
            if sign in "¿¡":
                opened.append((sign, line))
                continue
            partner = next((pair for pair in reversed(opened) if pair[0] == _OPENING[sign]), None)
            if partner:
                opened.remove(partner)
            else:
                before = fragment.text[: mark.end()].split()[-1]
                yield line, before, f"falta «{_OPENING[sign]}» al principio de la frase."
    for sign, line in opened:
        yield line, sign, "se abre y no se cierra."
    for pair in _REPEATED.finditer(fragment.text):
        if pair[1].lower() not in _MAY_REPEAT:
            yield fragment.line_at(pair.start()), pair[0], "palabra repetida."


# --- El diccionario -----------------------------------------------------------------------------


def unknown_words(words: Iterable[str]) -> set[str]:
    """Devuelve las palabras que el diccionario es_ES no conoce, con una sola llamada a hunspell.

    Raises
    ------
    DictionaryMissing
        Si no está hunspell o no encuentra es_ES.
    """
    if shutil.which("hunspell") is None:
        raise DictionaryMissing(HOW_TO_GET_HUNSPELL)
    command = ["hunspell", "-d", "es_ES", "-i", "utf-8", "-p", os.devnull, "-l"]
    answer = subprocess.run(
        command, input="\n".join(sorted(words)) + "\n", capture_output=True, encoding="utf-8"
    )
    if answer.returncode or "open affix" in answer.stderr:
        raise DictionaryMissing(HOW_TO_GET_HUNSPELL)
    return set(answer.stdout.split())


def misspelled(words: Iterable[str]) -> set[str]:
    """Palabras que no conoce el diccionario ni son un verbo suyo con pronombres."""
    verbs = {word: without_enclitics(word) for word in unknown_words(words)}
    not_verbs = unknown_words({verb for found in verbs.values() for verb in found})
    return {word for word, found in verbs.items() if not_verbs.issuperset(found)}


def load_words(path: Path = DATA / "palabras.txt") -> frozenset[str]:
    """Lee las palabras propias del curso, una por línea."""
    return frozenset(path.read_text(encoding="utf-8").split())


def words_to_check(fragment: Fragment, own: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Da las palabras de un párrafo que hay que buscar en el diccionario, con su línea."""
    for found in WORD.finditer(fragment.text):
        word, start, end = found[0], found.start(), found.end()
        around = fragment.text[max(start - 1, 0) : start] + fragment.text[end : end + 1]
        in_title = fragment.reference and (word[0].isupper() or _ENGLISH.fullmatch(word))
        known = word in own or word.lower() in own or (word.isupper() and word.title() in own)
        if len(word) > 1 and HOLE not in around and not in_title and not known:
            yield fragment.line_at(start), word


_ENCLITIC = re.compile("(.{2,})(?:me|te|se|nos|lo|la|los|las|le|les)")


def without_enclitics(word: str) -> list[str]:
    """Verbos que quedan al quitar uno o dos pronombres del final; ninguno si falta la tilde.

    El diccionario no conoce «instálalo»; sí conoce «instala».

    Examples
    --------
    >>> without_enclitics("Repítelo"), without_enclitics("descartarlo")
    (['repite'], ['descartar'])
    >>> without_enclitics("instalalo")
    []
    """
    verbs, stem = [], word.lower()
    while len(verbs) < 2 and (found := _ENCLITIC.fullmatch(stem)):
        stem = found[1]
        verbs.append((stem, _without_accents(stem)))
    return [
        plain
        for verb, plain in verbs
        if verb[-1] == plain[-1] and (verb != plain or plain.endswith("r"))
    ]


def _without_accents(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).replace("\u0301", ""))


def identifiers(text: str) -> frozenset[str]:
    """Nombres que un programa, o el código que guarda como texto, define o usa.

    No son palabras de ningún idioma, y los mensajes los nombran.

    Examples
    --------
    >>> sorted(identifiers("def f(width): return width.real\\nCODE = 'x = ramp(3)'"))
    ['CODE', 'f', 'ramp', 'real', 'width', 'x']
    """
    program = ast.parse(text)
    kept = (node.value for node in ast.walk(program) if isinstance(node, ast.Constant))
    stored = (_parsed(value) for value in kept if isinstance(value, str) and set(value) & set("=("))
    kinds = {ast.Name: "id", ast.arg: "arg", ast.keyword: "arg", ast.Attribute: "attr"}
    kinds |= dict.fromkeys((ast.FunctionDef, ast.ClassDef, ast.alias), "name")
    return frozenset(
        getattr(node, kinds[type(node)]) or ""
        for tree in (program, *stored)
        for node in (ast.walk(tree) if tree else ())
        if type(node) in kinds
    )


def _names(path: Path, text: str) -> frozenset[str]:
    """Identificadores que los textos de un archivo pueden nombrar."""
    if path.suffix == ".py":
        return identifiers(text)
    if path.name == _ANSWERS:
        code = (value for key, value, _ in _answer_leaves(text) if key in _ANSWER_CODE)
        return frozenset().union(*(identifiers(_program(value)) for value in code))
    return frozenset()


# --- Todo junto ---------------------------------------------------------------------------------


def find_texts(root: Path = ROOT) -> list[Path]:
    """Lista los archivos con texto que se revisan, por orden."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED_FOLDERS
            and (not name.startswith(".") or name in READ_HIDDEN_FOLDERS)
            and not name.endswith(".egg-info")
        ]
        found += [Path(folder, name) for name in names if _reader(Path(folder, name))]
    return sorted(found)


def _reader(path: Path) -> Callable[[str], list[Fragment]] | None:
    """Elige cómo se lee un archivo, o ``None`` si no tiene textos que revisar."""
    if path.suffix == ".md":
        return lambda text: prose(_hide(text, _ENGLISH_SUMMARY))
    if path.suffix == ".py":
        # En las pruebas hay cadenas mal escritas a propósito; se lee lo que las explica.
        return functools.partial(python_fragments, strings="tests" not in path.parts[-3:-1])
    if path.name == _ANSWERS:
        return answers_fragments
    if path.suffix == ".toml" and path.parent.name == "models":
        return None  # la ficha en TOML la escribe un programa: un alfabeto, huellas y cifras
    if path.suffix in OTHER_TEXTS or path.name in OTHER_NAMES:
        return hash_fragments
    return WRITTEN_TEXTS.get(path.name)


def _csv_fragments(text: str) -> list[Fragment]:
    """Lee la columna ``text`` de un CSV con una fila por línea."""
    rows = csv.DictReader(io.StringIO(text))
    return [_fragment([(number, row["text"])]) for number, row in enumerate(rows, start=2)]


# Textos escritos para el curso: tienen sus propias palabras (nombres, diminutivos, americanismos).
WRITTEN_TEXTS = {"cuentos.txt": prose, "resenas.csv": _csv_fragments}


def _text(path: Path) -> str:
    """Contenido de un archivo, con cada tilde unida a su letra."""
    return unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))


def read(path: Path, text: str | None = None) -> list[Fragment]:
    """Lee los párrafos de un archivo, sin las regiones apagadas con ``spelling: off``."""
    text = _text(path) if text is None else text
    reader, skipped = _reader(path), _skipped_lines(text)
    return [f for f in reader(text) if f.lines[0] not in skipped] if reader else []


def check_fragments(
    fragments: Iterable[Fragment], *, rules: tuple[Rule, ...]
) -> list[tuple[int, str, str]]:
    """Revisa parejas confundibles, signos y repeticiones: todo lo que no pide diccionario."""
    return [
        problem
        for fragment in fragments
        for problem in (*confusables(fragment, rules), *punctuation(fragment))
    ]


def check(paths: Iterable[Path], *, dictionary: bool = True, root: Path = ROOT) -> list[Problem]:
    """Revisa archivos y devuelve sus faltas, ordenadas.

    Parameters
    ----------
    paths : iterable of Path
        Los archivos, por ejemplo los de ``find_texts()``.
    dictionary : bool, default True
        Si además se pasa cada palabra por hunspell.
    root : Path
        Carpeta respecto a la que se escriben los nombres.

    Raises
    ------
    DictionaryMissing
        Si se pide el diccionario y no está.
    """
    rules, own = load_rules(), load_words()
    in_texts = own | load_words(DATA / "palabras_textos.txt")
    problems: list[Problem] = []
    to_look_up: list[Problem] = []
    sources: dict[str, list[str]] = {}
    for path in paths:
        text = _text(path)
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        try:
            known = in_texts if path.name in WRITTEN_TEXTS else own | _names(path, text)
        except (SyntaxError, tomllib.TOMLDecodeError) as error:
            line = getattr(error, "lineno", None) or 1
            problems.append(Problem(name, line, "(código)", BROKEN))
            continue
        fragments, sources[name] = read(path, text), text.split("\n")
        # En un cuento cada frase es de otro asunto: ahí las parejas señalan sobre todo aciertos.
        pairs = () if path.name in WRITTEN_TEXTS else rules
        problems += [Problem(name, *found) for found in check_fragments(fragments, rules=pairs)]
        for fragment in fragments if dictionary else ():
            found = words_to_check(fragment, known)
            to_look_up += [Problem(name, line, word, UNKNOWN) for line, word in found]
    wrong = misspelled({problem.word for problem in to_look_up}) if dictionary else set()
    problems += [problem for problem in to_look_up if problem.word in wrong]
    return sorted({_settle(problem, sources.get(problem.path, [])) for problem in problems})


def _skipped_lines(text: str) -> set[int]:
    """Líneas entre un comentario ``spelling: off`` y otro ``spelling: on``."""
    skipped, state = set(), "on"
    for number, line in enumerate(text.split("\n"), start=1):
        state = [state, *re.findall(r"(?:#|<!--) *spelling: (off|on)\b", line)][-1]
        if state == "off":
            skipped.add(number)
    return skipped


def _settle(problem: Problem, lines: list[str]) -> Problem:
    """Afina la línea de una palabra que viene de una cadena partida en varias."""
    whole = re.compile(rf"(?<!\w){re.escape(problem.word)}(?!\w)")
    nearby = range(problem.line, min(problem.line + 40, len(lines) + 1))
    line = next((n for n in nearby if whole.search(lines[n - 1])), problem.line)
    return replace(problem, line=line)


def main(arguments: list[str] | None = None) -> int:
    """Escribe las faltas, una por línea, y devuelve 1 si hay alguna."""
    parser = argparse.ArgumentParser(description="Revisa la ortografía de los textos del curso.")
    parser.add_argument("paths", nargs="*", type=Path, help="archivos o carpetas (todo, sin nada)")
    options = parser.parse_args(arguments)
    chosen: list[Path] = []
    for path in options.paths or [ROOT]:
        if not path.exists():
            parser.error(f"no existe {path}; escribe la ruta de un archivo o de una carpeta.")
        chosen += find_texts(path.resolve()) if path.is_dir() else [path.resolve()]
    readable = [path for path in chosen if _reader(path)]
    try:
        problems = check(readable)
    except DictionaryMissing as missing:
        print(missing, file=sys.stderr)
        problems = check(readable, dictionary=False)
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"Faltas: {len(problems)}. Archivos: {len(readable)}.", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

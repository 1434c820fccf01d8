"""Lee ``answers.toml``: lo que se dice de cada ejercicio y las respuestas con las que se prueba.

Hay uno por lección, al lado de su ``exercises.py``, y sus claves son campos de ``Exercise``::

    title = "Una red recurrente con NumPy"

    [12.5]
    title = "Cambia el orden de los ejes sin mezclar las secuencias."
    stars = 2
    hints = [
        "No hay que cambiar la forma: hay que intercambiar dos ejes.",
        "Busca en NumPy `swapaxes` o `transpose`: los ejes son el 0 y el 1.",
    ]

    [[12.5.mistakes]]
    cause = "Intercambias otros ejes."
    swap = [['swapaxes(0, 1)', 'swapaxes(1, 2)']]

    [[12.5.mistakes]]
    cause = "Devuelves la entrada sin cambiarla."
    code = '''
    def to_batch_first(x):
        return x
    '''

    [[12.5.variants]]
    code = '''
    def to_batch_first(x):
        return np.transpose(x, (1, 0, 2))
    '''

    [[12.5.variants]]
    usable = false
    code = '''
    def to_batch_first(x):
        return np.transpose(x, (1, 0, 2)).tolist()
    '''

    [[12.5.rejected]]
    why = "baraja las secuencias"
    swap = [['swapaxes(0, 1)', 'reshape(x.shape[1], x.shape[0], -1)']]

    [12.5.mutates]
    code = '''
    def to_batch_first(x):
        x[:] = 0
        return x
    '''

    [12.5.equivalent]
    '«x.swapaxes(0, 1)» → «x.swapaxes(1, 0)»' = "intercambiar dos ejes es simétrico"

Una frase se puede partir en varias líneas: se lee como una sola. Al código de varias
líneas se le quita la sangría que comparten.
"""

from __future__ import annotations

import difflib
import re
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Swap = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class WrongAnswer:
    """Una respuesta equivocada: el texto de la celda o unos cambios sobre la solución."""

    code: str | None = None
    swap: tuple[Swap, ...] = ()

    def source(self, solution: str) -> str:
        """Texto de la respuesta."""
        return self.code if self.code is not None else apply_swaps(solution, self.swap)


@dataclass(frozen=True)
class Mistake(WrongAnswer):
    """Una respuesta equivocada que da gente real, y la causa que hay que nombrarle.

    Se escribe como texto completo de la celda (``code``) o como cambios sobre la solución
    (``swap``, pares de texto viejo y nuevo). Cuando una respuesta produce justo lo que
    produce este error, ``check`` muestra ``cause``.
    """

    cause: str


@dataclass(frozen=True)
class Variant:
    """Una respuesta correcta distinta de la solución; ``usable`` si el cuaderno sigue con ella."""

    code: str
    usable: bool = True


@dataclass(frozen=True)
class Rejected(WrongAnswer):
    """Una respuesta que no vale y de la que no se nombra causa; ``why`` es para quien mantiene."""

    why: str


def apply_swaps(solution: str, swaps: tuple[Swap, ...]) -> str:
    """Aplica cambios, uno tras otro, cada uno en todos los sitios donde encaja.

    Un cambio se escribe sin sangría: lo nuevo toma la del sitio. Si lo viejo tiene varias líneas,
    son líneas enteras. Una línea que se queda sin nada desaparece.

    Raises
    ------
    ValueError
        Si un cambio no cambia nada.

    Examples
    --------
    >>> solution = "def f(x):\\n    y = g(x)\\n    return y"
    >>> print(apply_swaps(solution, (("y = g(x)", "y = g(x)\\ny += 1"),)))
    def f(x):
        y = g(x)
        y += 1
        return y
    >>> print(apply_swaps(solution, (("y = g(x)\\nreturn y", "return x"),)))
    def f(x):
        return x
    """
    for old, new in swaps:
        changed = _swap_lines(solution, old, new) if "\n" in old else _swap(solution, old, new)
        if changed == solution:
            raise ValueError(
                f"Se esperaba encontrar {old!r} en la solución para cambiarlo por {new!r}. "
                "Actualiza el cambio en answers.toml."
            )
        solution = changed
    return solution


def _swap(text: str, old: str, new: str) -> str:
    """Cambia un trozo de línea."""
    lines = []
    for line in text.split("\n"):
        margin = line[: len(line) - len(line.lstrip())]
        changed = line.replace(old, new.replace("\n", f"\n{margin}"))
        if changed.strip() or changed == line:
            lines.append(changed)
    return "\n".join(lines)


def _swap_lines(text: str, old: str, new: str) -> str:
    """Cambia unas líneas enteras, tengan la sangría que tengan."""
    for margin in sorted(set(re.findall(r"^ *", text, re.MULTILINE))):
        block = re.escape(textwrap.indent(old, margin))
        instead = textwrap.indent(new, margin) + "\n" if new else ""
        text = re.sub(f"^{block}\n", lambda _, lines=instead: lines, f"{text}\n", flags=re.M)[:-1]
    return text


def read_answers(text: str, *, lesson: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """Título de una lección y, de cada ejercicio, los campos que están en ``answers.toml``.

    Parameters
    ----------
    text : str
        Contenido del archivo.
    lesson : str
        Número de la lección, como ``"12"``.

    Raises
    ------
    ValueError
        Si algo falta, sobra o no es lo que debe ser; el mensaje dice dónde.

    Examples
    --------
    >>> read_answers('title = "Secuencias"', lesson="11")
    Traceback (most recent call last):
    ...
    ValueError: answers.toml de la lección 11: falta «11».
    """
    where = f"answers.toml de la lección {lesson}"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where}: no es TOML válido. {error}") from error
    read = _table(document, where, {"title": _sentence, lesson: _any_table})
    exercises = {
        f"{lesson}.{place}": _exercise(table, f"{where}, [{lesson}.{place}]")
        for place, table in read[lesson].items()
    }
    return read["title"], exercises


def _exercise(table: Any, where: str) -> dict[str, Any]:
    return _table(
        table,
        where,
        {
            "title": _sentence,
            "stars": _stars,
            "hints": _list_of(_sentence),
            "mistakes": _list_of(_mistake),
            "variants": _list_of(_variant),
        },
        {"rejected": _list_of(_rejected), "mutates": _answer, "equivalent": _reasons},
    )


# Cada lector recibe lo que hay en el archivo y dónde está, y devuelve el campo o explica qué falla.
Reader = Callable[[Any, str], Any]


def _table(
    value: Any, where: str, needed: dict[str, Reader], optional: dict[str, Reader] | None = None
) -> dict[str, Any]:
    """Lee una tabla con unas claves obligatorias, otras que pueden faltar y ninguna más."""
    readers = needed | (optional or {})
    for key in _any_table(value, where):
        if key not in readers:
            near = difflib.get_close_matches(key, readers, n=1)
            mend = f"¿Es «{near[0]}»?" if near else f"Puede haber: {', '.join(readers)}."
            raise ValueError(f"{where}: sobra «{key}». {mend}")
    for key in needed:
        if key not in value:
            raise ValueError(f"{where}: falta «{key}».")
    return {key: readers[key](item, f"{where}, «{key}»") for key, item in value.items()}


def _any_table(value: Any, where: str) -> dict[str, Any]:
    return _expect(isinstance(value, dict), value, where, "una tabla")


def _list_of(reader: Reader) -> Reader:
    def read(value: Any, where: str) -> tuple:
        _expect(isinstance(value, list), value, where, "una lista")
        return tuple(reader(item, f"{where}, {place}") for place, item in enumerate(value, 1))

    return read


def _sentence(value: Any, where: str) -> str:
    return " ".join(_code(value, where).split())


def _code(value: Any, where: str) -> str:
    text = _expect(isinstance(value, str), value, where, "un texto")
    return textwrap.dedent(text).strip("\n") if "\n" in text else text


def _stars(value: Any, where: str) -> int:
    return _expect(value in (1, 2, 3), value, where, "1, 2 o 3")


def _answer(value: Any, where: str) -> str:
    return _table(value, where, {"code": _code})["code"]


def _variant(value: Any, where: str) -> Variant:
    return Variant(**_table(value, where, {"code": _code}, {"usable": _flag}))


def _flag(value: Any, where: str) -> bool:
    return _expect(isinstance(value, bool), value, where, "true o false")


def _mistake(value: Any, where: str) -> Mistake:
    return Mistake(**_wrong_answer(value, where, "cause"))


def _rejected(value: Any, where: str) -> Rejected:
    return Rejected(**_wrong_answer(value, where, "why"))


def _wrong_answer(value: Any, where: str, reason: str) -> dict[str, Any]:
    found = _table(value, where, {reason: _sentence}, {"code": _code, "swap": _list_of(_pair)})
    _expect(len(found) == 2, sorted(found), where, f"«{reason}» y una de las dos, «code» o «swap»")
    return found


def _pair(value: Any, where: str) -> Swap:
    pair = _list_of(_code)(value, where)
    return _expect(len(pair) == 2, pair, where, "una pareja, lo viejo y lo nuevo")


def _reasons(value: Any, where: str) -> dict[str, str]:
    return {
        change: _sentence(reason, f"{where}, {change}")
        for change, reason in _any_table(value, where).items()
    }


def _expect(holds: bool, value: Any, where: str, wanted: str) -> Any:
    if not holds:
        raise ValueError(f"{where}: se esperaba {wanted} y ha llegado {value!r}.")
    return value

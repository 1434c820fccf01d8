"""Si el resto del cuaderno puede seguir con lo que da una respuesta correcta.

Dos resultados con los mismos números no siempre se usan igual: una lista no se suma como un array y
con precisión simple dejan de cumplirse afirmaciones que la lección hace después. Se mira lo que
devuelve la respuesta, sin pasar por la sonda del ejercicio, al lado de lo que devuelve la solución.
"""

from __future__ import annotations

import copy
import functools
import inspect
import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np

NAMES = {
    "list": "listas",
    "tuple": "tuplas",
    "dict": "diccionarios",
    "ndarray": "arrays de NumPy",
    "matrix": "matrices `np.matrix`",
    "Tensor": "tensores de PyTorch",
    "EagerTensor": "tensores de TensorFlow",
    "Parameter": "parámetros `nn.Parameter`",
    "DataFrame": "tablas de pandas",
    "Series": "columnas de pandas",
}


class Witness:
    """Apunta todo lo que devuelve una respuesta cuando la llaman.

    De una clase, lo que devuelven sus objetos cuando se les llama, como a un modelo de PyTorch.

    Parameters
    ----------
    answer : object
        La respuesta.
    twice : bool, default False
        Si cada llamada se hace antes otra vez, con una copia de los argumentos: la que no recuerda
        nada da lo mismo.

    Attributes
    ----------
    answer : object
        La respuesta, o una que hace lo mismo y deja apuntado lo que devuelve.
    returned : list
        Lo que ha devuelto, en orden; si no es una función ni una clase, ella misma.
    """

    def __init__(self, answer: Any, *, twice: bool = False) -> None:
        self.returned: list[Any] = []
        self._snapshots: list[tuple[np.ndarray, np.ndarray]] = []
        self.answer, self.twice = answer, twice
        if inspect.isclass(answer):
            self.answer = self._class(answer) if _has_call(answer) else answer
        elif inspect.isroutine(answer) or isinstance(answer, functools.partial):
            self.answer = self._function(answer)
        else:
            self.returned.append(answer)

    def _function(self, answer: Any, *, own: int = 0) -> Any:
        """Los primeros ``own`` argumentos (``self``) no se copian."""

        @functools.wraps(answer)
        def witnessed(*args: Any, **options: Any) -> Any:
            if self.twice and (copied := _copied((args[own:], options))):
                answer(*args[:own], *copied[0], **copied[1])
            value = answer(*args, **options)
            self.returned.append(value)
            self._snapshots += [(array, array.copy()) for array in _arrays_in(value)]
            return value

        return witnessed

    def overwritten(self) -> bool:
        """Si algún array ha cambiado desde que se devolvió: la respuesta lo reutiliza.

        Examples
        --------
        >>> shelf = np.zeros(2)
        >>> witness = Witness(lambda x: np.add(x, 1.0, out=shelf))
        >>> first, second = witness.answer(1.0), witness.answer(2.0)
        >>> witness.overwritten()
        True
        """
        return any(not np.array_equal(*pair, equal_nan=True) for pair in self._snapshots)

    def _class(self, answer: type) -> type:
        calls = self._function(answer.__call__, own=1)
        try:
            return type(answer)(answer.__name__, (answer,), {"__call__": calls})
        except Exception:  # una clase que no admite herederas se prueba tal cual
            return answer


def _arrays_in(value: Any) -> Iterator[np.ndarray]:
    """Los arrays de números que hay en un resultado."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        yield value
    elif isinstance(value, tuple | list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _arrays_in(part)


def _copied(value: Any) -> Any:
    """Una copia, o ``None`` si no se deja copiar."""
    try:
        return copy.deepcopy(value)
    except Exception:
        return None


def _has_call(answer: type) -> bool:
    return any("__call__" in vars(base) for base in answer.__mro__)


def unusable(received: Any, expected: Any) -> str | None:
    """Por qué el cuaderno no puede seguir con lo recibido, o ``None`` si puede.

    Los dos son correctos: tienen los mismos números.

    Examples
    --------
    >>> unusable([1.0], np.ones(1))
    'Devuelves listas; el resto del cuaderno hace cuentas con arrays de NumPy.'
    >>> unusable(np.ones(1), np.zeros(1)) is None
    True
    """
    if isinstance(expected, dict):
        pairs = ((received[key], value) for key, value in expected.items())
        return _kind(received, expected, dict) or _keys(received, expected) or _first(pairs)
    if isinstance(expected, tuple | list):
        wrong = _kind(received, expected, type(expected))
        return wrong or _first(zip(received, expected, strict=False))
    if isinstance(expected, np.ndarray) or hasattr(expected, "detach"):
        return _kind(received, expected, type(expected)) or _array(received, expected)
    if isinstance(expected, bool | np.bool_ | str) or expected is None:
        return None
    if isinstance(expected, numbers.Number):
        return _number(received, expected)
    return None


def renamed(answer: Any, expected: Any) -> str | None:
    """Que la respuesta llama a sus argumentos de otra manera, o ``None`` si no.

    El resto del cuaderno puede llamarla con ``nombre=valor``.

    Examples
    --------
    >>> renamed(lambda a: a, lambda x: x)
    'El resto del cuaderno puede usar los nombres de los argumentos, y falta `x`.'
    >>> renamed(lambda x, y=0: x, lambda x: x) is None
    True
    """
    try:
        named, wanted = inspect.signature(answer).parameters, inspect.signature(expected).parameters
    except (TypeError, ValueError):
        return None
    missing = next((name for name in wanted if name not in named), None)
    if missing is None or any(item.kind is item.VAR_KEYWORD for item in named.values()):
        return None
    return f"El resto del cuaderno puede usar los nombres de los argumentos, y falta `{missing}`."


def _first(pairs: Any) -> str | None:
    return next((reason for pair in pairs if (reason := unusable(*pair))), None)


def _keys(received: dict, expected: dict) -> str | None:
    """Otras claves que la comprobación ha dado por buenas, como textos por números."""
    if received.keys() == expected.keys():
        return None
    return "Las claves de tu diccionario no son las que usa el resto del cuaderno."


def _kind(received: Any, expected: Any, wanted: type) -> str | None:
    """Otra clase de objeto; donde se pide un diccionario vale cualquiera que lo sea."""
    if _same_class(type(received), wanted) or (wanted is dict and isinstance(received, dict)):
        return None
    needs = "hace cuentas con" if hasattr(expected, "dtype") else "usa"
    return f"Devuelves {_plural(received)}; el resto del cuaderno {needs} {_plural(expected)}."


def _same_class(one: type, other: type) -> bool:
    """La misma, o una tupla con nombre igual que la lección haya definido por su cuenta."""
    fields = getattr(other, "_fields", None)
    return one is other or (
        fields is not None
        and (one.__name__, getattr(one, "_fields", None)) == (other.__name__, fields)
    )


def _plural(value: Any) -> str:
    name = type(value).__name__
    if isinstance(value, np.generic):
        return "números de NumPy"
    if isinstance(value, numbers.Number):
        return "números de Python"
    return NAMES.get(name, f"objetos `{name}`")


def _array(received: Any, expected: Any) -> str | None:
    """Otra precisión, o un tensor que quiere gradiente donde no hace falta, o al revés."""
    if received.dtype != expected.dtype:
        return _precision(received.dtype, expected.dtype)
    wish = getattr(received, "requires_grad", None), getattr(expected, "requires_grad", None)
    if wish == (True, False):
        return (
            "El tensor que devuelves guarda cómo se ha calculado, para el gradiente; el resto del "
            "cuaderno lo usa sin eso (`.detach()`)."
        )
    if wish == (False, True):
        return (
            "El tensor que devuelves no guarda cómo se ha calculado, y el resto del cuaderno "
            "necesita su gradiente: ¿has usado `no_grad` o `.detach()`?"
        )
    return None


def _precision(received: Any, expected: Any) -> str:
    got, wanted = (str(dtype).removeprefix("torch.") for dtype in (received, expected))
    return (
        f"Devuelves números de tipo {got} y el resto del cuaderno los necesita de tipo {wanted}: "
        "lo que se afirma después podría no cumplirse."
    )


def _number(received: Any, expected: Any) -> str | None:
    """Un entero vale donde se pide un decimal; uno de menos precisión, o un array, no."""
    if not isinstance(received, numbers.Number):
        return _kind(received, expected, type(expected))
    got, wanted = np.asarray(received).dtype, np.asarray(expected).dtype
    if got.kind == "f" and wanted.kind in "iu":
        return "Devuelves un número con decimales; el resto del cuaderno lo necesita entero."
    if got.kind == "f" and got.itemsize < wanted.itemsize:
        return _precision(got, wanted)
    return None

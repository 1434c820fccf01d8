"""El mapa del curso: la única lista de lecciones.

De ella salen el mapa del README y el de la lección 00, cuál es la lección siguiente, qué lecciones
pueden comparar Keras y PyTorch, y qué necesita cada una en Colab.
"""

from __future__ import annotations

from typing import NamedTuple

MODULES = {
    0: "Empieza aquí",
    1: "Fundamentos",
    2: "LSTM y GRU",
    3: "Texto",
    4: "Series temporales",
    5: "Proyectos",
    6: "Más allá",
}
# Con qué se hace una lección. Las puente («B») comparan las dos bibliotecas; las demás usan una.
FRAMEWORKS = {"N": "NumPy", "K": "Keras", "T": "PyTorch", "B": "Keras y PyTorch"}
LIBRARIES = {
    "N": (),
    "K": ("tensorflow", "keras"),
    "T": ("torch",),
    "B": ("tensorflow", "keras", "torch"),
}
KINDS = ("lección", "larga", "proyecto")  # una larga pasa de una hora


class MapEntry(NamedTuple):
    """Una lección en el mapa.

    Attributes
    ----------
    number : str
        Dígito del módulo y dígito de la lección.
    title : str
        Título corto.
    needs : tuple of str
        Lecciones en las que se apoya.
    minutes : int or None
        Minutos de lectura y ejercicios; ``None`` mientras está en preparación.
    frameworks : {"N", "K", "T", "B"}
        Con qué se hace: solo NumPy, Keras, PyTorch o las dos bibliotecas (una lección puente).
    kind : {"lección", "larga", "proyecto"}
        Qué clase de lección es.
    """

    number: str
    title: str
    needs: tuple[str, ...] = ()
    minutes: int | None = None
    frameworks: str = "N"
    kind: str = "lección"

    @property
    def module(self) -> int:
        return int(self.number[0])

    @property
    def libraries(self) -> tuple[str, ...]:
        """Los paquetes de aprendizaje profundo que importa."""
        return LIBRARIES[self.frameworks]


COURSE = (
    MapEntry("00", "Empieza aquí", (), 25),
    MapEntry("11", "Secuencias", ("00",), 60),
    MapEntry("12", "RNN con NumPy", ("11",), 60),
    MapEntry("13", "BPTT", ("12",), 70, kind="larga"),
    MapEntry("14", "Gradientes", ("13",), 75, kind="larga"),
    MapEntry("15", "Keras y PyTorch", ("13",), 75, frameworks="B", kind="larga"),
    MapEntry("16", "Longitud variable", ("14", "15"), 65, frameworks="B", kind="larga"),
    MapEntry("21", "LSTM", ("14", "15"), 60, frameworks="K"),
    MapEntry("22", "GRU", ("21",), 60, frameworks="B"),
    MapEntry("23", "Memoria larga", ("22",), 60, frameworks="T"),
    MapEntry("24", "Profundas y bidireccionales", ("21", "16"), 55, frameworks="K"),
    MapEntry("25", "Ventas", ("22",), 60, frameworks="K"),
    MapEntry("31", "Texto a tensores", ("16",), 60, frameworks="K"),
    MapEntry("32", "Clasificación", ("31", "22"), 75, frameworks="K", kind="larga"),
    MapEntry("33", "Generación", ("31", "22"), 75, frameworks="T", kind="larga"),
    MapEntry("34", "Codificador-decodificador", ("33",), 60, frameworks="T"),
    MapEntry("35", "Atención", ("34",), 70, frameworks="T", kind="larga"),
    MapEntry("41", "Pronóstico honesto", ("25",), 80, frameworks="K", kind="larga"),
    MapEntry("42", "Multipaso", ("41", "34"), 80, frameworks="T", kind="larga"),
    MapEntry("43", "Multivariante", ("41",), 90, frameworks="T", kind="larga"),
    MapEntry("44", "Anomalías", ("41",), 90, frameworks="K", kind="larga"),
    MapEntry("51", "Escribir texto", ("33",), frameworks="T", kind="proyecto"),
    MapEntry("52", "Demanda", ("42", "43"), frameworks="K", kind="proyecto"),
    MapEntry("53", "Música", ("33",), frameworks="T", kind="proyecto"),
    MapEntry("54", "Voz y CTC", ("35",), 180, frameworks="T", kind="proyecto"),
    MapEntry("55", "Escalar", ("16", "33"), 150, frameworks="T", kind="proyecto"),
    MapEntry("61", "Recurrencia moderna", ("23",), frameworks="T"),
    MapEntry("62", "Frente a frente", ("24",), frameworks="B"),
)


def map_entry(number: str) -> MapEntry:
    """Busca una lección por su número.

    Raises
    ------
    ValueError
        Si no está en el mapa; el mensaje dice cuáles hay.

    Examples
    --------
    >>> map_entry("15").frameworks
    'B'
    """
    for entry in COURSE:
        if entry.number == number:
            return entry
    known = ", ".join(entry.number for entry in COURSE)
    raise ValueError(f"No hay lección {number!r} en el mapa. Hay: {known}.")

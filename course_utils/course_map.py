"""El mapa del curso: qué lecciones hay, cuánto duran y en qué se apoyan."""

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
    """

    number: str
    title: str
    needs: tuple[str, ...] = ()
    minutes: int | None = None

    @property
    def module(self) -> int:
        return int(self.number[0])


COURSE = (
    MapEntry("00", "Empieza aquí", (), 25),
    MapEntry("11", "Secuencias", ("00",), 45),
    MapEntry("12", "RNN con NumPy", ("11",), 40),
    MapEntry("13", "BPTT", ("12",), 75),
    MapEntry("14", "Gradientes", ("13",), 75),
    MapEntry("15", "Keras y PyTorch", ("13",), 80),
    MapEntry("16", "Longitud variable", ("14", "15"), 70),
    MapEntry("21", "LSTM", ("14", "15"), 60),
    MapEntry("22", "GRU", ("21",), 60),
    MapEntry("23", "Memoria larga", ("22",), 60),
    MapEntry("24", "Profundas y bidireccionales", ("22",), 55),
    MapEntry("25", "Ventas", ("22",), 55),
    MapEntry("31", "Texto a tensores", ("16",)),
    MapEntry("32", "Clasificación", ("31", "22")),
    MapEntry("33", "Generación", ("31", "22")),
    MapEntry("34", "Codificador-decodificador", ("33",)),
    MapEntry("35", "Atención", ("34",)),
    MapEntry("41", "Pronóstico honesto", ("25",)),
    MapEntry("42", "Varios pasos", ("41",)),
    MapEntry("43", "Multivariante", ("41",)),
    MapEntry("44", "Anomalías", ("41",)),
    MapEntry("51", "Escribir texto", ("33",)),
    MapEntry("52", "Demanda", ("42",)),
    MapEntry("53", "Música", ("33",)),
    MapEntry("54", "Voz y CTC", ("35",)),
    MapEntry("55", "Escalar", ("22",)),
    MapEntry("61", "Recurrencia moderna", ("23",)),
    MapEntry("62", "Frente a frente", ("24",)),
)


def ready() -> tuple[MapEntry, ...]:
    """Lecciones que ya se pueden seguir.

    Examples
    --------
    >>> [entry.number for entry in ready()][:3]
    ['00', '11', '12']
    """
    return tuple(entry for entry in COURSE if entry.minutes is not None)

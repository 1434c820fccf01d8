"""Un sensor de caudal con seis clases de fallo de las que se sabe dónde están."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course_utils.validation import as_int, describe

FAULT_KINDS = ("pico", "escalón", "deriva", "atascado", "cambio de ritmo", "fuera de hora")
PER_DAY = 48  # una medida cada media hora
START = np.datetime64("2024-01-01T00:00", "m")  # un lunes
BASE = 10.0  # l/s de madrugada
# Puntas del consumo: l/s, hora a la que llegan y horas que las ensanchan.
WEEKDAY = ((14.0, 7.5, 1.5), (6.0, 13.5, 2.5), (12.0, 20.5, 2.0))
WEEKEND = ((11.0, 10.0, 2.0), (8.0, 14.0, 2.5), (12.0, 20.5, 2.0))
NOISE, MEMORY = 0.8, 0.7  # l/s de desviación, y parte del ruido anterior que queda
SLOT_DAYS = 5  # un fallo en cada tramo de estos días, o mayores
# Medidas que dura cada fallo, de menos a más.
LENGTHS = {
    "pico": (1, 2),
    "escalón": (24, 96),
    "deriva": (72, 144),
    "atascado": (16, 48),
    "cambio de ritmo": (48, 96),
    "fuera de hora": (2, 5),
}
# Lo que se aparta de lo limpio, en l/s; la deriva, al final. El signo se sortea.
SIZES = {"pico": (5.0, 7.0), "escalón": (3.0, 5.0), "deriva": (4.0, 6.0)}
RATE = (1.5, 2.0)  # cuántas veces más deprisa va el ritmo cambiado
EARLIER = 6 * PER_DAY // 24  # «fuera de hora» repite lo normal de seis horas antes…
NIGHT = (2, 4)  # …y empieza entre estas medidas del día: de la 01:00 a las 02:00


class Fault(NamedTuple):
    """Un fallo: su clase, la primera medida y la que sigue a la última."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class SensorTruth:
    """Lo que pasaba de verdad en un sensor generado; un modelo no debe verlo.

    Attributes
    ----------
    expected, noise : ndarray of float64, shape (n,)
        El ritmo y el ruido, en l/s.
    clean : ndarray of float64, shape (n,)
        Lo que habría medido el sensor sin fallos: su suma, redondeada a centésimas.
    faults : tuple of Fault
        Los fallos, en orden.
    """

    expected: np.ndarray
    noise: np.ndarray
    clean: np.ndarray
    faults: tuple[Fault, ...]

    @property
    def faulty(self) -> np.ndarray:
        """Si cada medida cae dentro de un fallo."""
        return self.kinds != ""

    @property
    def kinds(self) -> np.ndarray:
        """La clase de fallo de cada medida; el texto vacío es «sin fallo»."""
        kinds = np.full(len(self.clean), "", dtype="<U16")
        for kind, start, end in self.faults:
            kinds[start:end] = kind
        return kinds


@dataclass(frozen=True, eq=False)
class Sensor:
    """Lo que mide un sensor de caudal generado.

    Attributes
    ----------
    dates : ndarray of datetime64[m], shape (n,)
        Horas seguidas, cada media.
    values : ndarray of float64, shape (n,)
        Caudal medido, con sus fallos, en litros por segundo.
    truth : SensorTruth
        Lo que pasaba de verdad y dónde están los fallos.
    name, unit, source : str
        Nombre, unidad y procedencia, para ejes y pies de figura.
    period : int
        Pasos de un ciclo: 48 medidas, un día.
    frequency : str
        ``"30min"``, como en ``load_own_series``.
    """

    dates: np.ndarray
    values: np.ndarray
    truth: SensorTruth
    name: str = "caudal de un barrio"
    unit: str = "l/s"
    period: int = PER_DAY
    frequency: str = "30min"
    source: str = "datos generados por course_utils.synthetic.sensor"


def sensor(
    days: int = 60,
    *,
    faults: int = 2,
    kinds: Sequence[str] = FAULT_KINDS,
    clean_days: int = 0,
    seed: int = 44,
) -> Sensor:
    """Genera el caudal de agua que entra en un barrio, medido cada media hora, con fallos.

    Lo normal es un ritmo diario entre 10 y unos 24 l/s, con puntas al levantarse, a mediodía y por
    la noche (el fin de semana se madruga menos), más un ruido de 0,8 l/s de desviación que guarda
    el 70 % del anterior. Los fallos:

    - **pico**: 1 o 2 medidas, de 5 a 7 l/s por encima o por debajo;
    - **escalón**: de medio día a dos, de 3 a 5 l/s de más o de menos;
    - **deriva**: día y medio a tres, se aparta poco a poco hasta 4 o 6 l/s y vuelve de golpe;
    - **atascado**: de 8 a 24 horas repitiendo la última medida;
    - **cambio de ritmo**: uno o dos días en que el ciclo va de 1,5 a 2 veces más deprisa;
    - **fuera de hora**: de 1 hora a 2,5, de madrugada, el caudal normal de seis horas antes: el
      valor es corriente y solo la hora está mal.

    Hay un fallo en cada tramo de al menos cinco días y, delante de cada uno, al menos un día entero
    sin ninguno.

    Parameters
    ----------
    days : int, default 60
        Días completos.
    faults : int, default 2
        Cuántos fallos de cada clase; con 0, la serie está limpia. Para contaminar un entrenamiento,
        pide más: la serie limpia de debajo es la misma.
    kinds : sequence of str, default FAULT_KINDS
        Qué clases.
    clean_days : int, default 0
        Días del principio sin ningún fallo, para entrenar.
    seed : int, default 44
        Semilla. El ruido y los fallos salen de sucesiones distintas.

    Returns
    -------
    Sensor
        Lo medido y la verdad, con arrays nuevos en cada llamada.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale o los fallos no caben.

    Examples
    --------
    >>> data = sensor(30, faults=1)
    >>> print(data.truth.faults[0])
    Fault(kind='fuera de hora', start=146, end=149)
    >>> bool((data.values == data.truth.clean)[~data.truth.faulty].all())
    True
    """
    days, seed = as_int("days", days, minimum=1), as_int("seed", seed, minimum=0)
    faults = as_int("faults", faults, minimum=0)
    clean_days = as_int("clean_days", clean_days, minimum=0)
    _check_kinds(kinds)
    _check_room(days - clean_days, faults * len(kinds))
    steps = np.arange(days * PER_DAY)
    expected = _rhythm(steps)
    noise = _noise(len(steps), np.random.default_rng([seed, 0]))
    clean = np.round(expected + noise, 2)
    values, rng = clean.copy(), np.random.default_rng([seed, 1])
    placed = _place(list(kinds) * faults, clean_days * PER_DAY, len(steps), rng)
    for fault in placed:
        values[fault.start : fault.end] = _faulty(fault, clean, noise, rng)
    return Sensor(
        dates=START + steps * np.timedelta64(24 * 60 // PER_DAY, "m"),
        values=values,
        truth=SensorTruth(expected=expected, noise=noise, clean=clean, faults=tuple(placed)),
    )


def _check_kinds(kinds: Sequence[str]) -> None:
    known = not isinstance(kinds, str) and all(kind in FAULT_KINDS for kind in kinds)
    if not known or len(set(kinds)) < len(kinds):
        raise ValueError(
            f"kinds debe ser una lista de clases distintas, de estas: {', '.join(FAULT_KINDS)}; ha "
            f"llegado {describe(kinds)}. Pide, por ejemplo, kinds=['pico', 'deriva']."
        )


def _check_room(days: int, count: int) -> None:
    if days < count * SLOT_DAYS:
        raise ValueError(
            f"{count} fallos necesitan {count * SLOT_DAYS} días, sin contar los de clean_days, y "
            f"hay {max(days, 0)}. Pide más días o menos fallos."
        )


def _rhythm(steps: np.ndarray) -> np.ndarray:
    """Lo normal en cada paso, que puede no ser entero: una base y tres puntas al día."""
    day, hour = np.floor(steps / PER_DAY), steps % PER_DAY * (24 / PER_DAY)
    return np.where(day % 7 < 5, _bumps(hour, WEEKDAY), _bumps(hour, WEEKEND))


def _bumps(hour: np.ndarray, peaks: Sequence[tuple[float, float, float]]) -> np.ndarray:
    total = np.full(len(hour), BASE)
    for height, centre, width in peaks:
        distance = np.abs(hour - centre)
        distance = np.minimum(distance, 24 - distance)  # las 23:00 y la 01:00 están cerca
        total += height * np.exp(-((distance / width) ** 2) / 2)
    return total


def _noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """Ruido que guarda parte del anterior, con la misma desviación desde el principio."""
    shocks = NOISE * np.sqrt(1 - MEMORY**2) * rng.standard_normal(count)
    noise = np.empty(count)
    noise[0] = shocks[0] / np.sqrt(1 - MEMORY**2)
    for t in range(1, count):
        noise[t] = MEMORY * noise[t - 1] + shocks[t]
    return noise


def _place(kinds: list[str], first: int, last: int, rng: np.random.Generator) -> list[Fault]:
    """Reparte los fallos, en orden al azar, uno por tramo y con un día limpio delante."""
    edges = np.linspace(first, last, len(kinds) + 1).astype(int)
    placed = []
    for kind, low, high in zip(rng.permutation(kinds), edges[:-1], edges[1:], strict=True):
        length = int(rng.integers(*LENGTHS[kind], endpoint=True))
        starts = np.arange(low + PER_DAY, high - length + 1)
        if kind == "fuera de hora":
            starts = starts[(starts % PER_DAY >= NIGHT[0]) & (starts % PER_DAY <= NIGHT[1])]
        start = int(rng.choice(starts))
        placed.append(Fault(str(kind), start, start + length))
    return placed


def _faulty(
    fault: Fault, clean: np.ndarray, noise: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Lo que mide el sensor mientras dura un fallo."""
    kind, start, end = fault
    steps = np.arange(start, end)
    if kind == "atascado":
        return np.full(len(steps), clean[start - 1])
    if kind == "cambio de ritmo":
        expected = _rhythm(start + rng.uniform(*RATE) * (steps - start))
        return np.round(expected + noise[start:end], 2)
    if kind == "fuera de hora":
        return np.round(_rhythm(steps - EARLIER) + noise[start:end], 2)
    size = rng.choice([-1.0, 1.0]) * rng.uniform(*SIZES[kind])
    growth = np.arange(1, len(steps) + 1) / len(steps) if kind == "deriva" else 1.0
    return np.round(clean[start:end] + size * growth, 2)

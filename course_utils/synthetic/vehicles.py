"""Vehículos que siguen recto, frenan, giran o cambian de carril, vistos por un sensor con ruido."""

from __future__ import annotations

import numbers
from dataclasses import dataclass

import numpy as np

from course_utils.validation import as_int, describe

MANOEUVRES = ("recta", "frenada", "giro", "cambio de carril")
WHEELBASE = 2.7  # m entre ejes
STEP = 0.1  # s entre dos medidas del sensor
FINE = 10  # pasos de integración por medida
RAMP = 0.5  # s que tardan los frenos o la dirección en llegar a su valor
LANE_WIDTH = 3.5  # m
# Los valores se sortean por igual entre los dos; velocidades en m/s, lo demás en su unidad.
SPEED = {"recta": (8, 25), "frenada": (10, 25), "giro": (6, 11), "cambio de carril": (12, 25)}
DECELERATION = (2.5, 6.0)  # m/s²
LATERAL = (2.0, 3.5)  # m/s² hacia dentro de la curva
TURN_ANGLE = (np.pi / 3, 2 * np.pi / 3)  # radianes
LANE_SECONDS = (3.0, 6.0)  # s que dura el cambio de carril
START = (0.2, 0.6)  # parte del recorrido en la que puede empezar la maniobra


@dataclass(frozen=True, eq=False)
class VehicleTruth:
    """Lo que hicieron de verdad unos vehículos generados; un modelo no debe verlo.

    Attributes
    ----------
    position : ndarray of float64, shape (vehículos, tiempo, 2)
        Centro del eje trasero, sin ruido, en metros.
    speed, heading, steering, acceleration : ndarray of float64, shape (vehículos, tiempo)
        Velocidad (m/s), rumbo (radianes desde el eje x, en contra de las agujas del reloj), ángulo
        de las ruedas (radianes) y aceleración (m/s²).
    start, end : ndarray of float64, shape (vehículos,)
        Segundos en que empieza y acaba la maniobra; NaN en la recta, y el final también si queda
        fuera del recorrido. Una frenada acaba cuando el vehículo se para.
    """

    position: np.ndarray
    speed: np.ndarray
    heading: np.ndarray
    steering: np.ndarray
    acceleration: np.ndarray
    start: np.ndarray
    end: np.ndarray


@dataclass(frozen=True, eq=False)
class Vehicles:
    """Recorridos de vehículos generados.

    Attributes
    ----------
    times : ndarray of float64, shape (tiempo,)
        Segundos desde el principio, cada 0,1.
    measured : ndarray of float64, shape (vehículos, tiempo, 2)
        Posición que da el sensor, con su ruido, en metros.
    manoeuvre : ndarray of str, shape (vehículos,)
        Lo que hace cada uno, de :data:`MANOEUVRES`.
    noise : float
        Desviación típica del ruido en cada eje, en metros.
    truth : VehicleTruth
        Lo que pasó de verdad.
    """

    times: np.ndarray
    measured: np.ndarray
    manoeuvre: np.ndarray
    noise: float
    truth: VehicleTruth


@dataclass(frozen=True, eq=False)
class VehicleWindows:
    """Lo visto y lo que viene, en varios instantes de cada vehículo.

    Las de un mismo vehículo se solapan: para repartirlas, separa vehículos, no ventanas.

    Attributes
    ----------
    seen, ahead : ndarray of float64, shape (ventanas, pasos, 2)
        Posiciones medidas, la última la de ahora, y las que vienen después, en metros.
    ahead_truth : ndarray of float64, shape (ventanas, pasos, 2)
        Las siguientes sin ruido, para evaluar.
    vehicle : ndarray of int64, shape (ventanas,)
        De qué vehículo es cada una.
    manoeuvre : ndarray of str, shape (ventanas,)
        Qué maniobra cae dentro, aunque sea en parte; si ninguna, o si ya está parado, «recta».
    since : ndarray of float64, shape (ventanas,)
        Segundos desde que empezó la maniobra: negativos si aún no ha empezado; NaN en la recta.
    """

    seen: np.ndarray
    ahead: np.ndarray
    ahead_truth: np.ndarray
    vehicle: np.ndarray
    manoeuvre: np.ndarray
    since: np.ndarray


def vehicles(count: int, *, seconds: float = 8.0, noise: float = 0.1, seed: int = 42) -> Vehicles:
    """Genera recorridos con un modelo cinemático de bicicleta.

    El vehículo es un segmento de 2,7 m con una rueda en cada punta, que no derrapa. Con la posición
    del eje trasero, el rumbo θ, la velocidad v, el ángulo δ de las ruedas y la distancia L entre
    ejes::

        x' = v cos θ    y' = v sen θ    θ' = v tan δ / L    v' = a

    Los vehículos hacen por turno las cuatro maniobras, desde un sitio y con un rumbo al azar:

    - **recta**: de 8 a 25 m/s, sin tocar nada;
    - **frenada**: de 10 a 25 m/s, pierde de 2,5 a 6 m/s cada segundo hasta pararse;
    - **giro**: de 6 a 11 m/s, dobla de 60° a 120° a un lado, con 2 a 3,5 m/s² hacia dentro;
    - **cambio de carril**: de 12 a 25 m/s, se corre 3,5 m a un lado en 3 a 6 s.

    La maniobra empieza entre el 20 % y el 60 % del recorrido; los frenos y, en el giro, la
    dirección tardan medio segundo en llegar a su valor. El conductor no duda ni corrige, no hay más
    tráfico y la carretera es llana: una recta de aquí es más fácil que una de verdad. Y la
    velocidad ya dice algo de lo que viene: quien va despacio gira más a menudo.

    Parameters
    ----------
    count : int
        Vehículos.
    seconds : float, default 8.0
        Lo que dura cada recorrido, al menos 5: 2 s vistos y 3 por delante.
    noise : float, default 0.1
        Desviación típica del ruido del sensor, normal e independiente en cada eje, en metros.
    seed : int, default 42
        Semilla. Cada vehículo tiene su propio azar: pedir más no cambia los primeros, y cambiar
        ``noise`` no cambia lo que pasó de verdad.

    Returns
    -------
    Vehicles
        Lo que ve el sensor y la verdad, con arrays nuevos en cada llamada.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale.

    References
    ----------
    El modelo y hasta dónde vale: P. Polack, F. Altché, B. d'Andréa-Novel y A. de La Fortelle
    (2017), *The kinematic bicycle model: a consistent model for planning feasible trajectories for
    autonomous vehicles?*, IEEE Intelligent Vehicles Symposium; piden una aceleración lateral menor
    que 0,5 μ g, unos 4 m/s² en asfalto seco, y aquí no pasa de 3,5. El cambio de carril: T. Toledo
    y D. Zohar (2007), *Modeling duration of lane changes*, Transportation Research Record 1999;
    suele durar de 5 a 6 s, y aquí algo menos para que quepa. La frenada: 3,4 m/s² es la que supone
    el manual de trazado de carreteras de AASHTO; 6 ya es de emergencia. El ruido de 0,1 m y los
    demás intervalos son supuestos de este curso.

    Examples
    --------
    >>> data = vehicles(4, noise=0.0)
    >>> data.measured.shape, data.manoeuvre.tolist()
    ((4, 80, 2), ['recta', 'frenada', 'giro', 'cambio de carril'])
    >>> data.truth.speed[1][[0, -1]].round(1)  # m/s, al principio y al final de la frenada
    array([16.1,  0. ])
    """
    count, seed = as_int("count", count, minimum=0), as_int("seed", seed, minimum=0)
    seconds = _positive("seconds", seconds, minimum=5.0)
    noise = _positive("noise", noise, minimum=0.0)
    steps = round(seconds / STEP)
    names = [MANOEUVRES[vehicle % len(MANOEUVRES)] for vehicle in range(count)]
    drives = [
        _drive(name, steps, np.random.default_rng([seed, vehicle, 0]))
        for vehicle, name in enumerate(names)
    ]
    states = np.array([state for state, _, _ in drives]).reshape(count, 6, steps)
    x, y, speed, heading, steering, acceleration = np.moveaxis(states, 1, 0)
    position = np.stack([x, y], axis=-1)  # (vehículos, tiempo, 2)
    shocks = [
        np.random.default_rng([seed, vehicle, 1]).standard_normal((steps, 2))
        for vehicle in range(count)
    ]
    return Vehicles(
        times=np.arange(steps) * STEP,
        measured=position + noise * np.array(shocks).reshape(count, steps, 2),
        manoeuvre=np.array(names, dtype="<U16"),
        noise=noise,
        truth=VehicleTruth(
            position=position,
            speed=speed,
            heading=heading,
            steering=steering,
            acceleration=acceleration,
            start=np.array([start for _, start, _ in drives], dtype=float),
            end=np.array([end for _, _, end in drives], dtype=float),
        ),
    )


def _positive(name: str, value: object, *, minimum: float) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{name} debe ser un número; ha llegado {describe(value)}. "
            f"Pasa, por ejemplo, {name}={max(minimum, 0.1)}."
        )
    if not minimum <= value < np.inf:
        raise ValueError(
            f"{name} debe ser un número finito, al menos {minimum}; ha llegado {value}. "
            f"Pasa, por ejemplo, {name}={max(minimum, 0.1)}."
        )
    return float(value)


def _drive(name: str, steps: int, rng: np.random.Generator) -> tuple[np.ndarray, float, float]:
    """Un recorrido: (6, tiempo) con x, y, v, θ, δ, a, y cuándo empieza y acaba la maniobra."""
    times = np.arange(steps * FINE) * (STEP / FINE)
    start = rng.uniform(*START) * steps * STEP
    side, speed = rng.choice([-1.0, 1.0]), rng.uniform(*SPEED[name])
    steering, acceleration = np.zeros_like(times), np.zeros_like(times)
    end = np.nan
    if name == "frenada":
        acceleration, end = _brake(times - start, speed, rng)
    elif name == "giro":
        steering, end = _turn(times - start, speed, rng)
    elif name == "cambio de carril":
        steering, end = _change_lane(times - start, speed, rng)
    place = (*rng.uniform(-100, 100, size=2), rng.uniform(-np.pi, np.pi))
    state = _integrate(*place, speed, side * steering, acceleration)[:, ::FINE]
    end = start + end
    return state, np.nan if name == "recta" else start, np.nan if end >= steps * STEP else end


def _brake(t: np.ndarray, speed: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Aceleración de una frenada que empieza en t = 0, y segundos hasta pararse."""
    strength = rng.uniform(*DECELERATION)
    return -strength * np.clip(t / RAMP, 0, 1), speed / strength + RAMP / 2


def _turn(t: np.ndarray, speed: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Ángulo de las ruedas de un giro que empieza en t = 0, y segundos que dura."""
    steering = np.arctan(WHEELBASE * rng.uniform(*LATERAL) / speed**2)
    turning = rng.uniform(*TURN_ANGLE) * WHEELBASE / (speed * np.tan(steering))
    end = turning + RAMP  # las dos rampas giran lo que una de ellas entera
    return steering * np.clip(np.minimum(t, end - t) / RAMP, 0, 1), end


def _change_lane(t: np.ndarray, speed: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Ángulo de las ruedas de un cambio de carril, un ciclo de seno, y segundos que dura."""
    end = rng.uniform(*LANE_SECONDS)
    # La curvatura k sen(2πt/T) desplaza v² k T² / 2π: se elige k para que sea un carril.
    curvature = 2 * np.pi * LANE_WIDTH / (speed * end) ** 2
    inside = (t >= 0) & (t < end)
    return np.where(inside, np.arctan(WHEELBASE * curvature * np.sin(2 * np.pi * t / end)), 0), end


def _integrate(
    x: float,
    y: float,
    heading: float,
    speed: float,
    steering: np.ndarray,
    acceleration: np.ndarray,
) -> np.ndarray:
    """Las cuatro ecuaciones del modelo, sumadas por trapecios cada centésima de segundo."""
    v = np.maximum(speed + _cumulative(acceleration), 0.0)  # parado, no va hacia atrás
    theta = heading + _cumulative(v * np.tan(steering) / WHEELBASE)
    return np.array(
        [
            x + _cumulative(v * np.cos(theta)),
            y + _cumulative(v * np.sin(theta)),
            v,
            theta,
            steering,
            np.where(v > 0, acceleration, 0.0),
        ]
    )


def _cumulative(rate: np.ndarray) -> np.ndarray:
    """Integral desde el principio, por la regla del trapecio."""
    pieces = (rate[1:] + rate[:-1]) / 2 * (STEP / FINE)
    return np.concatenate([[0.0], np.cumsum(pieces)])


def vehicle_windows(
    data: Vehicles, *, seen: float = 2.0, ahead: float = 3.0, every: float = 0.5
) -> VehicleWindows:
    """Corta los recorridos en ventanas: unos segundos vistos y los que vienen.

    Parameters
    ----------
    data : Vehicles
        Los recorridos.
    seen, ahead : float, default 2.0 and 3.0
        Segundos vistos y segundos que hay que pronosticar.
    every : float, default 0.5
        Segundos entre una ventana y la siguiente del mismo vehículo.

    Returns
    -------
    VehicleWindows
        Todas las ventanas enteras, por vehículos y en orden.

    Raises
    ------
    TypeError, ValueError
        Si algún tiempo no es al menos una décima o la ventana no cabe en el recorrido.

    Examples
    --------
    >>> windows = vehicle_windows(vehicles(4))
    >>> windows.seen.shape, windows.ahead.shape
    ((28, 20, 2), (28, 30, 2))
    >>> train = windows.vehicle < 3  # por vehículos, no por instantes
    >>> train.sum(), (~train).sum()
    (np.int64(21), np.int64(7))
    """
    back, forward, gap = (
        round(_positive(name, value, minimum=STEP) / STEP)
        for name, value in (("seen", seen), ("ahead", ahead), ("every", every))
    )
    length = len(data.times)
    if back + forward > length:
        raise ValueError(
            f"Una ventana de {(back + forward) * STEP:g} s no cabe en recorridos de "
            f"{length * STEP:g} s. Pide recorridos más largos, con vehicles(..., seconds=...), o "
            "ventanas menores."
        )
    nows = np.arange(back - 1, length - forward, gap)  # el último paso visto
    vehicle = np.repeat(np.arange(len(data.measured)), len(nows))
    now = np.tile(nows, len(data.measured))
    past, future = now[:, None] + np.arange(1 - back, 1), now[:, None] + np.arange(1, forward + 1)
    row = vehicle[:, None]
    since = data.times[now] - data.truth.start[vehicle]
    ended = data.times[past[:, 0]] >= data.truth.end[vehicle]
    inside = (since > -forward * STEP) & ~ended  # con NaN, falso
    return VehicleWindows(
        seen=data.measured[row, past],
        ahead=data.measured[row, future],
        ahead_truth=data.truth.position[row, future],
        vehicle=vehicle,
        manoeuvre=np.where(inside, data.manoeuvre[vehicle], MANOEUVRES[0]),
        since=np.where(inside, since, np.nan),
    )

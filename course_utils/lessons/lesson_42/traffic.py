"""Pronosticar por dónde irá un vehículo: rivales sin red, la red y lo que se mide de ellos."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.synthetic import MANOEUVRES, VehicleWindows, vehicle_windows, vehicles
from course_utils.training import fit

if TYPE_CHECKING:
    import torch

STEP = 0.1  # s entre dos posiciones
SPANS = (0.5, 1.0, 1.5, 2.0)  # s de lo visto con los que se ajusta un rival
COUNT = 700  # vehículos
CUTS = 400, 500  # el primero de validación y el primero de prueba
SIZE, BATCH, EPOCHS = 48, 128, 30
RATES = (0.003, 0.01, 0.03, 0.1)


class Motion(NamedTuple):
    """Cómo se mueve un vehículo ahora: posición, velocidad y aceleración, (ventanas, 2)."""

    place: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray


def fit_motion(seen: np.ndarray, *, seconds: float, degree: int) -> Motion:
    """Ajusta por mínimos cuadrados una recta o una parábola a los últimos segundos vistos.

    Examples
    --------
    >>> seen = np.stack([np.arange(20) * 0.5, np.zeros(20)], axis=1)[None]  # 5 m/s hacia x
    >>> fit_motion(seen, seconds=1.0, degree=1).velocity.round(6)
    array([[5., 0.]])
    """
    points = max(round(seconds / STEP), degree + 1)
    times = np.arange(1 - points, 1) * STEP
    solver = np.linalg.pinv(np.stack([times**n for n in range(degree + 1)], axis=1))
    found = solver @ seen[:, -points:]  # (ventanas, degree + 1, 2)
    curve = found[:, 2] if degree > 1 else np.zeros_like(found[:, 0])
    return Motion(found[:, 0], found[:, 1], 2 * curve)


def future_times(steps: int) -> np.ndarray:
    """Segundos que faltan hasta cada paso: (pasos,)."""
    return np.arange(1, steps + 1) * STEP


def constant_velocity(seen: np.ndarray, steps: int, *, seconds: float = 1.0) -> np.ndarray:
    """Sigue recto a la velocidad de los últimos segundos: (ventanas, pasos, 2).

    Examples
    --------
    >>> seen = np.stack([np.arange(20) * 0.5, np.zeros(20)], axis=1)[None]
    >>> constant_velocity(seen, 2).round(6).tolist()
    [[[10.0, 0.0], [10.5, 0.0]]]
    """
    now = fit_motion(seen, seconds=seconds, degree=1)
    return now.place[:, None] + future_times(steps)[:, None] * now.velocity[:, None]


def constant_turn(seen: np.ndarray, steps: int, *, seconds: float = 1.0) -> np.ndarray:
    """Sigue girando lo mismo, a la misma velocidad: un arco de circunferencia.

    La parábola se ajusta bien a un arco en mitad de lo visto y peor en las puntas: el arco sale de
    esa mitad.

    Examples
    --------
    >>> angle = np.arange(50) * 0.04  # un círculo de 25 m de radio a 10 m/s
    >>> circle = 25 * np.stack([np.sin(angle), 1 - np.cos(angle)], axis=1)
    >>> gap = constant_turn(circle[None, :20], 30) - circle[20:]
    >>> bool(np.abs(gap).max() < 0.3)
    True
    """
    now = fit_motion(seen, seconds=seconds, degree=2)
    middle = (seconds - STEP) / 2
    place = now.place - now.velocity * middle + now.acceleration * middle**2 / 2
    velocity = now.velocity - now.acceleration * middle
    speed = np.linalg.norm(velocity, axis=1)
    heading = np.arctan2(velocity[:, 1], velocity[:, 0])
    sideways = velocity[:, 0] * now.acceleration[:, 1] - velocity[:, 1] * now.acceleration[:, 0]
    turn = np.where(speed > 1, sideways / np.maximum(speed, 1) ** 2, 0.0)  # radianes por segundo
    times = future_times(steps) + middle
    half = turn[:, None] * times / 2  # la mitad de lo que habrá girado
    length = speed[:, None] * times * np.sinc(half / np.pi)  # la cuerda del arco
    angle = heading[:, None] + half
    return place[:, None] + length[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=2)


def constant_braking(seen: np.ndarray, steps: int, *, seconds: float = 1.0) -> np.ndarray:
    """Sigue recto, ganando o perdiendo la misma velocidad cada segundo, y si se para, parado.

    Examples
    --------
    >>> place = 10 * np.arange(20) * 0.1 - 2 * (np.arange(20) * 0.1) ** 2  # frena a 4 m/s²
    >>> seen = np.stack([place, np.zeros(20)], axis=1)[None]
    >>> constant_braking(seen, 30)[0, [-2, -1], 0].round(2)  # se para a los 12.5 m
    array([12.5, 12.5])
    """
    now = fit_motion(seen, seconds=seconds, degree=2)
    speed = np.linalg.norm(now.velocity, axis=1)
    direction = now.velocity / np.maximum(speed, 1e-9)[:, None]
    gain = (now.acceleration * direction).sum(axis=1)  # m/s²
    stop = np.where(gain < 0, speed / np.maximum(-gain, 1e-9), np.inf)
    times = np.minimum(future_times(steps), stop[:, None])
    travelled = speed[:, None] * times + gain[:, None] * times**2 / 2
    return now.place[:, None] + travelled[..., None] * direction[:, None]


RIVALS: dict[str, Callable[..., np.ndarray]] = {
    "velocidad constante": constant_velocity,
    "giro constante": constant_turn,
    "aceleración constante": constant_braking,
}


def displacement(forecast: np.ndarray, actual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Error medio y final de desplazamiento de cada ventana, en metros.

    Examples
    --------
    >>> displacement(np.zeros((1, 2, 2)), np.array([[[3.0, 4.0], [0.0, 1.0]]]))
    (array([3.]), array([1.]))
    """
    distance = np.linalg.norm(forecast - actual, axis=-1)  # (ventanas, pasos)
    return distance.mean(axis=1), distance[:, -1]


# ---------------------------------------------------------------- la red


class Frame(NamedTuple):
    """Los ejes de cada vehículo: uno hacia donde va y otro hacia su izquierda.

    Attributes
    ----------
    axes : ndarray of shape (ventanas, 2, 2)
        Los dos ejes, uno por columna.
    """

    axes: np.ndarray

    def turn(self, arrows: np.ndarray) -> np.ndarray:
        """Desplazamientos (ventanas, pasos, 2) de los ejes de la calle a los de su vehículo."""
        return arrows @ self.axes

    def turn_back(self, arrows: np.ndarray) -> np.ndarray:
        """La vuelta, de los ejes de cada vehículo a los de la calle."""
        return arrows @ self.axes.transpose(0, 2, 1)


def own_frame(seen: np.ndarray) -> Frame:
    """Los ejes de cada vehículo, según su último segundo.

    Examples
    --------
    >>> seen = np.stack([np.zeros(20), np.arange(20) * 0.5], axis=1)[None]  # va hacia y
    >>> own_frame(seen).turn(seen)[0, -1].round(6) + 0.0
    array([9.5, 0. ])
    """
    now = fit_motion(seen, seconds=1.0, degree=1)
    cosine, sine = (now.velocity / np.linalg.norm(now.velocity, axis=1, keepdims=True)).T
    return Frame(np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2))


class Examples(NamedTuple):
    """Lo que la red recibe y lo que debe dar, y cómo se vuelve a metros.

    Attributes
    ----------
    x : ndarray of float32, shape (ventanas, pasos, 3)
        Cuánto se aparta lo visto de una recta a velocidad constante, hacia delante y de lado, y la
        velocidad; cada columna, escalada.
    y : ndarray of float32, shape (ventanas, pasos, 2)
        Cuánto se apartará lo que viene de la misma recta, escalado.
    spread : ndarray of shape (2,)
        Metros de una unidad de ``y`` en cada eje.
    frame : Frame
        Los ejes de cada vehículo.
    line : ndarray of shape (ventanas, pasos, 2)
        La recta, en metros y en la calle.
    """

    x: np.ndarray
    y: np.ndarray
    spread: np.ndarray
    frame: Frame
    line: np.ndarray

    def in_metres(self, output: np.ndarray) -> np.ndarray:
        """Lo que da la red, en metros y en los ejes de la calle."""
        return self.line + self.frame.turn_back(output * self.spread)


def make_examples(windows: VehicleWindows, known: np.ndarray, *, raw: bool = False) -> Examples:
    """Prepara ventanas para la red; la escala, con las de entrenamiento (``known``).

    Con ``raw``, la red recibe las posiciones en los ejes de su vehículo, sin restarles la recta.

    Examples
    --------
    >>> windows = vehicle_windows(vehicles(8))
    >>> examples = make_examples(windows, windows.vehicle < 6)
    >>> examples.x.shape, examples.y.shape
    ((56, 20, 3), (56, 30, 2))
    >>> bool(np.allclose(examples.in_metres(examples.y), windows.ahead, atol=1e-4))
    True
    """
    frame = own_frame(windows.seen)
    now = fit_motion(windows.seen, seconds=1.0, degree=1)
    back = np.arange(1 - windows.seen.shape[1], 1) * STEP
    seen_line = now.place[:, None] + back[:, None] * now.velocity[:, None]
    line = constant_velocity(windows.seen, windows.ahead.shape[1])
    seen = frame.turn(windows.seen - (now.place[:, None] if raw else seen_line))
    speed = np.linalg.norm(now.velocity, axis=1)[:, None, None]
    seen = np.concatenate([seen, np.broadcast_to(speed, (*seen.shape[:2], 1))], axis=2)
    coming = frame.turn(windows.ahead - line)
    spread = coming[known].std(axis=(0, 1))
    x, y = seen / seen[known].std(axis=(0, 1)), coming / spread
    return Examples(x.astype("float32"), y.astype("float32"), spread, frame, line)


def build_driver(steps: int = 30, *, size: int = SIZE) -> torch.nn.Module:
    """Una LSTM que lee lo visto y da todas las posiciones a la vez.

    Examples
    --------
    >>> import torch
    >>> build_driver()(torch.zeros(5, 20, 3)).shape
    torch.Size([5, 30, 2])
    """
    from torch import nn

    class Driver(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, size, batch_first=True)
            self.output = nn.Linear(size, 2 * steps)

        def forward(self, seen):
            states, _ = self.lstm(seen)  # (lote, pasos, size)
            return self.output(states[:, -1]).unflatten(1, (steps, 2))

    return Driver()


def train_driver(
    model: torch.nn.Module,
    examples: Examples,
    split: Split,
    *,
    seed: int,
    rate: float,
    squared: bool = False,
    epochs: int = EPOCHS,
) -> None:
    """Entrena la red y se queda con su mejor época de validación.

    La pérdida es la distancia media, en metros, o con ``squared``, su cuadrado.
    """
    import torch

    spread = torch.as_tensor(examples.spread, dtype=torch.float32)

    def loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        squares = ((output - target) * spread).square().sum(dim=-1)  # (lote, pasos), m²
        return squares.mean() if squared else (squares + 1e-6).sqrt().mean()

    parts = [(examples.x[part], examples.y[part]) for part in split[:2]]
    fit(
        model, parts[0], loss=loss, validation=parts[1], epochs=epochs,
        optimizer=torch.optim.Adam(model.parameters(), lr=rate), batch_size=BATCH, clip_norm=1.0,
        patience=epochs, seed=seed, progress=False,
    )  # fmt: skip


def drive(model: torch.nn.Module, examples: Examples) -> np.ndarray:
    """Lo que pronostica la red, en metros: (ventanas, pasos, 2)."""
    import torch

    with torch.inference_mode():
        return examples.in_metres(model(torch.as_tensor(examples.x)).numpy().astype(float))


# ---------------------------------------------------------------- un punto de la rejilla


class Split(NamedTuple):
    """Qué ventanas son de cada parte."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_vehicles(windows: VehicleWindows) -> Split:
    """Reparte por vehículos enteros: 400, 100 y 200.

    Examples
    --------
    >>> windows = vehicle_windows(vehicles(COUNT))
    >>> [len(np.unique(windows.vehicle[part])) for part in split_vehicles(windows)]
    [400, 100, 200]
    """
    first, second = CUTS
    number = windows.vehicle
    return Split(number < first, (number >= first) & (number < second), number >= second)


def split_instants(windows: VehicleWindows, seed: int) -> Split:
    """Reparte ventanas sueltas al azar, las mismas de cada parte: lo que no se debe hacer.

    Examples
    --------
    >>> windows = vehicle_windows(vehicles(COUNT))
    >>> [len(np.unique(windows.vehicle[part])) for part in split_instants(windows, 0)][0] > 600
    True
    """
    order = np.random.default_rng(seed).permutation(len(windows.vehicle))
    return Split(*(part[order] for part in split_vehicles(windows)))


def when(windows: VehicleWindows) -> np.ndarray:
    """Si la maniobra ya ha empezado en cada ventana: «antes» o «durante»; en la recta, «–»."""
    started = np.where(windows.since >= 0, "durante", "antes")
    return np.where(np.isnan(windows.since), "–", started)


def by_manoeuvre(windows: VehicleWindows, part: np.ndarray, forecast: np.ndarray) -> list[dict]:
    """Errores medio y final, en metros, en cada maniobra y antes o después de que empiece."""
    average, final = displacement(forecast, windows.ahead_truth)
    moment, rows = when(windows), []
    for name in MANOEUVRES:
        for phase in ("–",) if name == MANOEUVRES[0] else ("antes", "durante"):
            chosen = part & (windows.manoeuvre == name) & (moment == phase)
            found = {"average": average[chosen].mean(), "final": final[chosen].mean()}
            row = {"manoeuvre": name, "phase": phase, "windows": int(chosen.sum())}
            rows.append(row | {name: round(float(value), 4) for name, value in found.items()})
    return rows


def measure_rival(rival: str, *, seconds: float, seed: int) -> list[dict]:
    """Un rival sin red, con los vehículos de una semilla."""
    windows = vehicle_windows(vehicles(COUNT, seed=seed))
    forecast = RIVALS[rival](windows.seen, windows.ahead.shape[1], seconds=seconds)
    split = split_vehicles(windows)
    chosen = displacement(forecast, windows.ahead_truth)[0][split.validation].mean()
    head = {"model": rival, "setting": seconds, "seed": seed, "validation": round(float(chosen), 4)}
    return [head | row for row in by_manoeuvre(windows, split.test, forecast)]


NETWORKS = ("red", "red, error cuadrático", "red, posiciones", "red, por instantes")


def measure_network(network: str, *, rate: float, seed: int) -> list[dict]:
    """Una red, con vehículos nuevos en cada semilla.

    De la de ``NETWORKS`` a la primera cambia una cosa: la pérdida, lo que recibe o el reparto.
    """
    import torch

    windows = vehicle_windows(vehicles(COUNT, seed=seed))
    apart = network == "red, por instantes"
    split = split_instants(windows, seed) if apart else split_vehicles(windows)
    examples = make_examples(windows, split.train, raw=network == "red, posiciones")
    torch.manual_seed(seed)
    model = build_driver()
    train_driver(
        model, examples, split, seed=seed, rate=rate, squared=network == "red, error cuadrático"
    )
    forecast = drive(model, examples)
    chosen = displacement(forecast, windows.ahead_truth)[0][split.validation].mean()
    head = {"model": network, "setting": rate, "seed": seed, "validation": round(float(chosen), 4)}
    return [head | row for row in by_manoeuvre(windows, split.test, forecast)]

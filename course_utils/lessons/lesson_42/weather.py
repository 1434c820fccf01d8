"""Pronosticar un día entero hora a hora: la serie preparada, las redes y lo que se mide de ellas.

Cuatro estrategias. La *recursiva* es una red de un paso que lee sus propios pronósticos; la
*directa*, una red por hora; *todo a la vez*, una red con una salida por hora; y el
*codificador-decodificador* lee el pasado y escribe una hora por paso, mirando el calendario.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.datasets import load_weather
from course_utils.datasets.series import Series
from course_utils.training import fit

if TYPE_CHECKING:
    import torch

PARTS = 0.5, 0.65  # dónde empiezan la validación y la prueba
SIZE, BATCH, EPOCHS = 32, 128, 8
RATES = (0.003, 0.01, 0.03, 0.1)
STRATEGIES = ("recursiva", "directa", "todo a la vez", "codificador-decodificador")


class Problem(NamedTuple):
    """Una serie lista para pronosticar un ciclo entero desde cada momento.

    Attributes
    ----------
    values : ndarray of shape (tiempo,)
        La serie, en sus unidades.
    period : int
        Pasos de un ciclo: los que se ven y los que se pronostican.
    features : ndarray of float32, shape (tiempo, 3)
        El valor escalado y el calendario: seno y coseno del lugar en el ciclo.
    scale : (float, float)
        Media y desviación del entrenamiento.
    train, validation, test : ndarray of int, shape (orígenes,)
        Orígenes de cada parte: el lugar del primer valor que se pronostica.
    """

    values: np.ndarray
    period: int
    features: np.ndarray
    scale: tuple[float, float]
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def prepare(series: Series) -> Problem:
    """Escala con el entrenamiento y reparte los orígenes en orden: 50, 15 y 35 %.

    Un origen de una parte tiene en ella todo su plazo, y en él no hay nada rellenado. Lo que se ve
    puede ser de la parte anterior: ya había pasado.

    Raises
    ------
    ValueError
        Si la serie no da para doce ciclos, o en el entrenamiento todos los valores son iguales.

    Examples
    --------
    >>> problem = prepare(load_weather("JFK").series("temperature", fill="previous"))
    >>> problem.features.shape, len(problem.train), len(problem.test)
    ((8730, 3), 4222, 2907)
    """
    values, period, count = series.values, series.period, len(series.values)
    if period < 2 or count < 12 * period:
        raise ValueError(
            f"Hacen falta al menos doce ciclos de dos pasos o más; ha llegado una serie de {count} "
            f"valores con ciclos de {period}. Usa una más larga o dale su period."
        )
    first_validation, first_test = (int(part * count) for part in PARTS)
    known = values[:first_validation]
    if known.std() == 0:
        raise ValueError("En el entrenamiento todos los valores son iguales: no hay qué aprender.")
    angle = 2 * np.pi * np.arange(count) / period
    scale = known.mean(), known.std()
    features = np.stack([(values - scale[0]) / scale[1], np.sin(angle), np.cos(angle)], axis=1)
    starts = np.arange(period, count - period + 1)  # hay un ciclo antes y otro después
    filled = np.isin(series.dates, series.filled)
    measured = ~np.lib.stride_tricks.sliding_window_view(filled, period)[starts].any(axis=1)
    starts = starts[measured]
    ends = starts + period
    parts = (
        ends <= first_validation,
        (starts >= first_validation) & (ends <= first_test),
        starts >= first_test,
    )
    return Problem(
        values, period, features.astype("float32"), scale, *(starts[part] for part in parts)
    )


def past(problem: Problem, origins: np.ndarray) -> torch.Tensor:
    """Lo que se ve desde cada origen: valores y calendario, (orígenes, ciclo, 3)."""
    import torch

    return torch.as_tensor(problem.features[origins[:, None] + np.arange(-problem.period, 0)])


def ahead(problem: Problem, origins: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """El calendario que viene (orígenes, ciclo, 2) y los valores escalados (orígenes, ciclo)."""
    import torch

    rows = torch.as_tensor(problem.features[origins[:, None] + np.arange(problem.period)])
    return rows[..., 1:], rows[..., 0]


def in_units(problem: Problem, scaled: torch.Tensor) -> np.ndarray:
    """Deshace la escala."""
    center, spread = problem.scale
    return scaled.numpy().astype(float) * spread + center


# ---------------------------------------------------------------- las redes


def build_reader(outputs: int, *, size: int = SIZE) -> torch.nn.Module:
    """Una LSTM que lee el pasado y da unas horas: lo último visto más lo que diga la red.

    Examples
    --------
    >>> import torch
    >>> build_reader(24)(torch.zeros(5, 24, 3)).shape
    torch.Size([5, 24])
    """
    from torch import nn

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, size, batch_first=True)
            self.output = nn.Linear(size, outputs)

        def forward(self, past):
            states, _ = self.lstm(past)  # (lote, ciclo, size)
            return past[:, -1, :1] + self.output(states[:, -1])  # (lote, outputs)

    return Reader()


def build_encoder_decoder(*, size: int = SIZE) -> torch.nn.Module:
    """Una LSTM lee el pasado; otra, desde su estado, lee el calendario que viene.

    Examples
    --------
    >>> import torch
    >>> build_encoder_decoder()(torch.zeros(5, 24, 3), torch.zeros(5, 24, 2)).shape
    torch.Size([5, 24])
    """
    from torch import nn

    class EncoderDecoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.LSTM(3, size, batch_first=True)
            self.decoder = nn.LSTM(2, size, batch_first=True)
            self.output = nn.Linear(size, 1)

        def forward(self, past, calendar):
            _, memory = self.encoder(past)
            states, _ = self.decoder(calendar, memory)  # (lote, ciclo, size)
            return past[:, -1, :1] + self.output(states)[..., 0]  # (lote, ciclo)

    return EncoderDecoder()


def train(
    model: torch.nn.Module,
    examples: Sequence[torch.Tensor],
    validation: Sequence[torch.Tensor],
    *,
    seed: int,
    rate: float,
    epochs: int = EPOCHS,
) -> float:
    """Entrena y se queda con la mejor época de validación; devuelve su pérdida."""
    import torch

    history = fit(
        model, examples, loss=torch.nn.MSELoss(), validation=validation, epochs=epochs,
        optimizer=torch.optim.Adam(model.parameters(), lr=rate), batch_size=BATCH, clip_norm=1.0,
        patience=epochs, seed=seed, progress=False,
    )  # fmt: skip
    return min(history["val_loss"])


def run_recursive(
    model: torch.nn.Module, past: torch.Tensor, calendar: torch.Tensor
) -> torch.Tensor:
    """Una red de un paso que lee sus propios pronósticos: (orígenes, horas).

    Examples
    --------
    >>> import torch
    >>> seen, calendar = torch.ones(1, 2, 3), torch.zeros(1, 3, 2)
    >>> run_recursive(lambda x: 2 * x[:, -1, :1], seen, calendar)
    tensor([[2., 4., 8.]])
    """
    import torch

    with torch.inference_mode():
        for k in range(calendar.shape[1]):
            new = torch.cat([model(past[:, k:]), calendar[:, k]], dim=1)  # (orígenes, 3)
            past = torch.cat([past, new[:, None]], dim=1)
    return past[:, -calendar.shape[1] :, 0]


# ---------------------------------------------------------------- un punto de la rejilla


class Data(NamedTuple):
    """De unos orígenes: lo visto, el calendario que viene y los valores que vienen, escalados."""

    past: torch.Tensor
    calendar: torch.Tensor
    targets: torch.Tensor


def data_of(problem: Problem, origins: np.ndarray) -> Data:
    """Los tensores de unos orígenes."""
    return Data(past(problem, origins), *ahead(problem, origins))


def forecast_with(
    strategy: str, problem: Problem, *, rate: float, seed: int, hours: Sequence[int]
) -> dict[str, torch.Tensor]:
    """Entrena una estrategia y pronostica la validación y la prueba, seguidas.

    Returns
    -------
    dict of str to torch.Tensor of shape (orígenes, horas pedidas)
        Los pronósticos, escalados. De la recursiva salen tres: tal cual; sin el sesgo que a una
        hora tiene en la validación, en cada paso; y, como diagnóstico, sin el que tiene en la
        prueba.
    """
    import torch

    train_set, chosen, test = (
        data_of(problem, part) for part in (problem.train, problem.validation, problem.test)
    )
    asked = Data(*(torch.cat(pair) for pair in zip(chosen, test, strict=True)))
    columns = [hour - 1 for hour in hours]
    options = {"seed": seed, "rate": rate}
    torch.manual_seed(seed)
    if strategy == "directa":
        answers = []
        for column in columns:
            model, target = build_reader(1), slice(column, column + 1)
            pairs = [(part.past, part.targets[:, target]) for part in (train_set, chosen)]
            train(model, *pairs, **options)
            with torch.inference_mode():
                answers.append(model(asked.past))
        return {strategy: torch.cat(answers, dim=1)}
    if strategy == "codificador-decodificador":
        model = build_encoder_decoder()
        train(model, train_set, chosen, **options)
        with torch.inference_mode():
            return {strategy: model(*asked[:2])[:, columns]}
    outputs = 1 if strategy == "recursiva" else problem.period
    model = build_reader(outputs)
    pairs = [(part.past, part.targets[:, :outputs]) for part in (train_set, chosen)]
    train(model, *pairs, **options)
    with torch.inference_mode():
        if outputs > 1:
            return {strategy: model(asked.past)[:, columns]}
        bias = {
            "recursiva": 0.0,
            "recursiva, corregida": (model(chosen.past) - chosen.targets[:, :1]).mean(),
            "recursiva, sin sesgo": (model(test.past) - test.targets[:, :1]).mean(),
        }
        return {name: run_without(model, asked, gap)[:, columns] for name, gap in bias.items()}


def run_without(model: torch.nn.Module, data: Data, bias: float | torch.Tensor) -> torch.Tensor:
    """La estrategia recursiva, si a cada paso de la red se le resta lo mismo."""
    return run_recursive(lambda seen: model(seen) - bias, data.past, data.calendar)


def measure_weather(strategy: str, *, rate: float, seed: int, hours: Sequence[int]) -> list[dict]:
    """Una estrategia con la temperatura de JFK: por cada hora, error y sesgo, en grados.

    El sesgo es la media de lo pronosticado menos lo que pasó.
    """
    problem = prepare(load_weather("JFK").series("temperature", fill="previous"))
    cut, rows = len(problem.validation), []
    asked = np.concatenate([problem.validation, problem.test])
    actual = problem.values[asked[:, None] + np.array(hours) - 1]
    answers = forecast_with(strategy, problem, rate=rate, seed=seed, hours=hours)
    for name, answer in answers.items():
        misses = in_units(problem, answer) - actual  # (orígenes, horas)
        found = {
            "validation": np.abs(misses[:cut]).mean(axis=0),
            "test": np.abs(misses[cut:]).mean(axis=0),
            "bias": misses[cut:].mean(axis=0),
        }
        for place, hour in enumerate(hours):
            measured = {key: round(float(values[place]), 4) for key, values in found.items()}
            rows.append({"strategy": name, "rate": rate, "seed": seed, "hour": hour} | measured)
    return rows

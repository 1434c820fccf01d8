"""Lo que la lección 43 mide con más semillas y más tiendas de las que caben en ella."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_utils.forecasting import conformal_quantiles, count_crossings, mend_crossings
from course_utils.lessons.lesson_43.problems import Problem, shop_problem, weather_problem
from course_utils.metrics import crps_quantiles
from course_utils.synthetic.daily_sales import sales

if TYPE_CHECKING:
    import torch

LEVELS = np.linspace(0.05, 0.95, 10)
PROMISED = 0.9
WEEK = 168  # horas
MOVING = 4  # semanas de calibración que acompañan a la prueba


class Recipe(NamedTuple):
    """Cómo se entrena la red de un problema."""

    hidden: int
    epochs: int
    rate: float
    batch: int


WEATHER, SHOP = Recipe(32, 10, 0.005, 128), Recipe(16, 25, 0.01, 64)


class Head(NamedTuple):
    """Qué distribución da una red: sus parámetros, su pérdida y sus cuantiles.

    Attributes
    ----------
    size : int
        Números de la red por paso del plazo.
    shape : callable
        ``shape(raw, center, spread)``: los parámetros de la distribución, en unidades.
    loss : callable
        ``loss(parameters, actual)``.
    quantiles : callable
        ``quantiles(parameters)``: los de :data:`LEVELS`, en el último eje.
    """

    size: int
    shape: Callable
    loss: Callable
    quantiles: Callable


def make_heads() -> dict[str, Head]:
    """Las tres cabezas de la lección, por su nombre."""
    import torch
    from scipy import stats
    from torch.distributions import NegativeBinomial, Normal

    levels = torch.tensor(LEVELS, dtype=torch.float32)

    def pinball(quantiles: torch.Tensor, actual: torch.Tensor) -> torch.Tensor:
        gap = actual[..., None] - quantiles
        return torch.maximum(levels * gap, (levels - 1) * gap).mean()

    def positive(raw: torch.Tensor, center: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
        mean = center * torch.exp(spread / center * raw[..., :1])
        return torch.cat([mean, torch.exp(raw[..., 1:] - 3)], dim=-1)

    def counts(parameters: torch.Tensor, actual: torch.Tensor) -> torch.Tensor:
        mean, dispersion = parameters.unbind(-1)
        law = NegativeBinomial(1 / dispersion, logits=torch.log(dispersion * mean))
        return -law.log_prob(actual).mean()

    def count_quantiles(parameters: np.ndarray) -> np.ndarray:
        mean, size = parameters[..., :1], 1 / parameters[..., 1:]
        return stats.nbinom.ppf(LEVELS, size, size / (size + mean))

    return {
        "cuantiles": Head(len(LEVELS), lambda r, c, s: c + s * r, pinball, lambda p: p),
        "normal": Head(
            2,
            lambda r, c, s: torch.cat([c + s * r[..., :1], s * torch.exp(r[..., 1:])], dim=-1),
            lambda p, y: -Normal(*p.unbind(-1)).log_prob(y).mean(),
            lambda p: p[..., :1] + p[..., 1:] * stats.norm.ppf(LEVELS),
        ),
        "binomial negativa": Head(2, positive, counts, count_quantiles),
    }


def train_head(problem: Problem, head: Head, recipe: Recipe, seed: int) -> dict[str, np.ndarray]:
    """Entrena una red con esa cabeza; sus cuantiles, tal cual, de cada parte.

    Returns
    -------
    dict of str to ndarray of shape (lote, horizonte, niveles)
    """
    import torch
    from torch import nn

    from course_utils.training import fit

    class Network(nn.Module):
        def __init__(self, columns: int, ahead: int, horizon: int) -> None:
            super().__init__()
            self.horizon = horizon
            self.gru = nn.GRU(columns, recipe.hidden, batch_first=True)
            self.out = nn.Linear(recipe.hidden + horizon * ahead, horizon * head.size)

        def forward(self, past, future, center, spread):
            state = self.gru(past)[1][0]
            raw = self.out(torch.cat([state, future.flatten(1)], dim=1))
            raw = raw.unflatten(1, (self.horizon, head.size))
            return head.shape(raw, center[..., None], spread[..., None])

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        train = problem.inputs("entrenamiento")
        model = Network(train[0].shape[2], train[1].shape[2], train[-1].shape[1])
    options = {"epochs": recipe.epochs, "patience": recipe.epochs, "batch_size": recipe.batch}
    adam = torch.optim.Adam(model.parameters(), recipe.rate)
    validation = problem.inputs("validación")
    fit(model, train, loss=head.loss, optimizer=adam, validation=validation, clip_norm=1.0,
        seed=seed, progress=False, **options)  # fmt: skip
    found = {}
    with torch.no_grad():
        for name in problem.parts:
            parameters = model(*map(torch.from_numpy, problem.inputs(name)[:-1]))
            found[name] = head.quantiles(parameters.numpy().astype(float))
    return found


def repaired(problem: Problem, quantiles: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Los extremos de la prueba tras el paso conforme con la calibración."""
    seen, new = (mend_crossings(quantiles[part]) for part in ("calibración", "prueba"))
    actual = problem.parts["calibración"].targets
    ends = seen[..., 0], seen[..., -1], new[..., 0], new[..., -1]
    return conformal_quantiles(actual, *ends, level=PROMISED)


def moving_repair(
    problem: Problem, quantiles: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Lo mismo, con las cuatro semanas ya vistas cuando empieza cada semana de prueba."""
    both = [problem.parts[part] for part in ("calibración", "prueba")]
    origins, actual = (
        np.concatenate([getattr(p, n) for p in both]) for n in ("origins", "targets")
    )
    every = mend_crossings(np.concatenate([quantiles["calibración"], quantiles["prueba"]]))
    horizon, first = actual.shape[1], both[1].origins[0]
    low, high = np.empty((2, *both[1].targets.shape))
    week = (both[1].origins - first) // WEEK
    for number in np.unique(week):
        start = first + WEEK * number
        seen = (origins >= start - WEEK * MOVING) & (origins + horizon <= start)
        new = (origins >= start) & (origins < start + WEEK)
        ends = [every[rows][..., k] for rows in (seen, new) for k in (0, -1)]
        found = conformal_quantiles(actual[seen], *ends, level=PROMISED)
        low[week == number], high[week == number] = found
    return low, high


def measure_weather(head: str, without: str, seeds: Sequence[int]) -> list[dict]:
    """Una fila por semilla: CRPS, y cobertura y anchura antes y después, con el tiempo."""
    problem, rows = weather_problem(without=without), []
    for seed in seeds:
        quantiles = train_head(problem, make_heads()[head], WEATHER, seed)
        windows = problem.parts["prueba"]
        test = mend_crossings(quantiles["prueba"])
        row = {"head": head, "without": without or "nada", "seed": int(seed)}
        row["crps"] = round(crps_quantiles(windows.targets, test, levels=LEVELS), 4)
        row["crossed"] = round(count_crossings(quantiles["prueba"]) / windows.targets.size, 4)
        ends = {
            "raw": (test[..., 0], test[..., -1]),
            "fixed": repaired(problem, quantiles),
            "moving": moving_repair(problem, quantiles),
        }
        for name, (low, high) in ends.items():
            inside = (low <= windows.targets) & (windows.targets <= high)
            row[f"coverage_{name}"] = round(float(inside.mean()), 4)
            row[f"width_{name}"] = round(float((high - low).mean()), 3)
        rows.append(row)
    return rows


def measure_shops(head: str, shops: Sequence[int]) -> list[dict]:
    """Una fila por tienda: CRPS, y cobertura antes y después, todos los días y en algunos."""
    rows = []
    for number in shops:
        shop = sales(seed=number)
        problem = shop_problem(shop)
        quantiles = train_head(problem, make_heads()[head], SHOP, seed=number)
        windows, test = problem.parts["prueba"], mend_crossings(quantiles["prueba"])
        days = kinds_of_day(shop.dates[windows.origins], shop.holiday[windows.origins])
        row = {"head": head, "seed": int(number)}
        row["crps"] = round(crps_quantiles(windows.targets, test, levels=LEVELS), 3)
        row |= {f"days_{name}": int(chosen.sum()) for name, chosen in days.items()}
        ends = {"raw": (test[..., 0], test[..., -1]), "fixed": repaired(problem, quantiles)}
        for when, (low, high) in ends.items():
            inside = ((low <= windows.targets) & (windows.targets <= high))[:, 0]
            row |= {f"{name}_{when}": int(inside[chosen].sum()) for name, chosen in days.items()}
            row[f"width_{when}"] = round(float((high - low).mean()), 2)
        rows.append(row)
    return rows


def kinds_of_day(dates: np.ndarray, holiday: np.ndarray) -> dict[str, np.ndarray]:
    """Qué días son de cada clase: todos, domingos, festivos y los demás.

    Examples
    --------
    >>> dates = np.arange("2025-01-04", "2025-01-08", dtype="datetime64[D]")  # sábado
    >>> days = kinds_of_day(dates, np.array([False, False, True, False]))
    >>> {name: chosen.astype(int).tolist() for name, chosen in days.items()}
    {'all': [1, 1, 1, 1], 'sunday': [0, 1, 0, 0], 'holiday': [0, 0, 1, 0], 'other': [1, 0, 0, 1]}
    """
    sunday = (dates.astype(int) + 3) % 7 == 6
    every = np.ones(len(dates), bool)
    other = ~(sunday | holiday)
    return {"all": every, "sunday": sunday & ~holiday, "holiday": holiday, "other": other}

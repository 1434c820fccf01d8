"""Un modelo por serie, como lo haría quien vive de ello: nivel, semana, promoción y roturas.

Todas las series a la vez, pero ninguna sabe de otra salvo al empezar, cuando aún no tiene historia.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.synthetic.shops import ShopDemand

RATES = (0.01, 0.03, 0.06, 0.12, 0.25)  # cuánto aprende el nivel de cada error
DISPERSIONS = (0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.8, 1.5)
ROUNDS = 3  # vueltas de estimar y reponer lo que escondió la rotura
LEAST_EFFECT = 0.01
PRIOR_DAYS = 14  # días de su categoría con los que empieza quien acaba de llegar
RECENT = 182  # días con los que se eligen tasa y dispersión


class Specialist(NamedTuple):
    """Un pronóstico por serie y día: una binomial negativa.

    Attributes
    ----------
    mean : ndarray of shape (series, días)
        La media que se pronosticaba el lunes de esa semana.
    dispersion : ndarray of shape (series,)
        La ``k``: la varianza es ``m + k·m²``.
    rate : ndarray of shape (series,)
        Cuánto aprende su nivel de cada error.
    """

    mean: np.ndarray
    dispersion: np.ndarray
    rate: np.ndarray

    def quantile(self, level: float | np.ndarray, days: slice = slice(None)) -> np.ndarray:
        """El cuantil de cada serie y día, con un nivel para todas o uno por serie."""
        from scipy.stats import nbinom

        mean, size = self.mean[:, days], 1 / self.dispersion[:, None]
        levels = np.reshape(np.atleast_1d(np.asarray(level, dtype="float64")), (-1, 1))
        found = nbinom.ppf(levels, size, size / (size + mean))
        return np.where(mean > 0, found, 0).astype(np.int64)


def fit_specialist(data: ShopDemand, known: int, *, uncensor: bool = True) -> Specialist:
    """Ajusta los modelos con los primeros ``known`` días y pronostica cada semana de todos.

    La media de un día es el nivel por el lugar de la semana, por la promoción o su resaca. El nivel
    se corrige con cada error (suavizado exponencial; al principio, la media de lo visto). Los
    efectos y la tasa salen de los días conocidos; luego, el nivel sigue viendo cada día **después**
    de pronosticarlo. Un día con rotura cuenta como lo que se espera que se habría vendido, dado que
    fue lo vendido o más.

    Parameters
    ----------
    data : ShopDemand
        Las ventas; no mira ``truth`` ni ``kind``.
    known : int
        Días con los que se ajusta: semanas enteras.
    uncensor : bool, default True
        Si repone lo que escondió la rotura; sin ello, cree que se vendió lo que se quería comprar.

    Examples
    --------
    >>> from course_utils.synthetic import shop_demand
    >>> data = shop_demand(3, 30)
    >>> fitted = fit_specialist(data, 140)
    >>> fitted.mean.shape, bool((fitted.quantile(0.9) >= fitted.quantile(0.5)).all())
    ((3, 210), True)
    """
    sold, out = data.sales.astype("float64"), data.sold_out & uncensor
    demand, kinds = sold.copy(), _kinds_of_day(data)
    dispersion = np.full(len(sold), 0.1)
    for _ in range(ROUNDS):
        effects = _effects(demand, data, kinds, known)  # (series, días)
        means = _filter(demand, effects, data, known)  # (tasas, series, días)
        errors = ((demand - means) ** 2 * data.on_sale)[
            ..., known - RECENT if known > RECENT else 0 : known
        ]
        best = errors.sum(axis=2).argmin(axis=0)
        mean = np.take_along_axis(means, best[None, :, None], axis=0)[0]
        dispersion = _dispersion(sold, mean, out, data.on_sale, known)
        demand = np.where(out, _expected_above(mean, sold, dispersion), sold)
    return Specialist(mean, dispersion, np.array(RATES)[best])


def _kinds_of_day(data: ShopDemand) -> np.ndarray:
    """0, un día corriente; 1, de promoción; 2, de la semana que sigue a una: (series, días)."""
    after = np.zeros_like(data.promotion)
    after[:, 7:] = data.promotion[:, :-7] & ~data.promotion[:, 7:]
    return np.where(data.promotion, 1, np.where(after, 2, 0))


def _effects(demand: np.ndarray, data: ShopDemand, kinds: np.ndarray, known: int) -> np.ndarray:
    """Por cuánto multiplica el nivel cada día, encogido hacia lo de su categoría."""
    count = demand.shape[1]
    shape = np.ones(demand.shape)
    for places, prior in (
        (np.broadcast_to(np.arange(count) % 7, demand.shape), 8.0),
        (kinds, 14.0),
    ):
        groups = int(places.max()) + 1
        level = np.maximum(_level(demand / shape, data.on_sale, known), 1e-9)
        factors = np.ones((len(demand), groups))
        for place in range(groups):
            days = (places == place)[:, :known] & data.on_sale[:, :known]
            own, weight = ((demand / shape)[:, :known] * days).sum(axis=1), days.sum(axis=1) * level
            pooled = _by_category(own, weight, data.category)
            # Con poca historia, lo que diga la categoría pesa más.
            factors[:, place] = (own + prior * level * pooled) / (weight + prior * level)
        # Un día en que nunca se vende nada no deja el efecto en cero: se divide entre él.
        shape = shape * np.take_along_axis(np.maximum(factors, LEAST_EFFECT), places, axis=1)
    return shape


def _level(values: np.ndarray, on_sale: np.ndarray, known: int) -> np.ndarray:
    """Unidades al día de cada serie en lo conocido; sin historia, lo de las demás: (series,)."""
    days = on_sale[:, :known]
    totals, counts = (values[:, :known] * days).sum(axis=1), days.sum(axis=1)
    everyone = totals.sum() / max(counts.sum(), 1)
    return (totals + PRIOR_DAYS * everyone) / (counts + PRIOR_DAYS)


def _by_category(totals: np.ndarray, weights: np.ndarray, category: np.ndarray) -> np.ndarray:
    """El cociente de las sumas de cada categoría, repetido en sus series: (series,)."""
    found = np.ones(len(totals))
    for name in np.unique(category):
        same = category == name
        if weights[same].sum() > 0:
            found[same] = totals[same].sum() / weights[same].sum()
    return found


def _filter(demand: np.ndarray, effects: np.ndarray, data: ShopDemand, known: int) -> np.ndarray:
    """La media de cada día vista desde el lunes de su semana, con cada tasa."""
    rates = np.array(RATES)[:, None]
    start = _first_level(demand / effects, data, known)
    level = np.broadcast_to(start, (len(RATES), len(start))).copy()
    seen = np.full(len(start), float(PRIOR_DAYS))
    means, monday = np.empty((len(RATES), *demand.shape)), level
    for day in range(demand.shape[1]):
        if day % 7 == 0:
            monday = level.copy()
        on = data.on_sale[:, day]
        means[..., day] = np.where(on, monday * effects[:, day], 0.0)
        # Mientras hay pocos días, la media de lo visto: nadie espera a que una tasa fija aprenda.
        step = np.maximum(rates, 1 / (seen + 1)) * on
        level = level + step * (demand[:, day] / effects[:, day] - level)
        seen = seen + on
    return means


def _first_level(levels: np.ndarray, data: ShopDemand, known: int) -> np.ndarray:
    """Con qué empieza cada serie: la primera quincena de las de su categoría, (series,).

    Quien llega después del primer día empieza como los que llegaron después, si hubo alguno. Solo
    cuenta lo conocido: una serie que aún no ha llegado no presta nada.
    """
    since = np.cumsum(data.on_sale, axis=1)
    early = data.on_sale & (since <= PRIOR_DAYS) & (np.arange(levels.shape[1]) < known)
    totals, counts = (levels * early).sum(axis=1), early.sum(axis=1).astype("float64")
    late = ~data.on_sale[:, 0]
    everyone = _by_category(totals, counts, data.category)
    arrivals = _by_category(totals * late, counts * late, data.category)
    lent = [(counts * late)[data.category == name].sum() > 0 for name in data.category]
    return np.maximum(np.where(late & lent, arrivals, everyone), 1e-3)


def _dispersion(
    sold: np.ndarray, mean: np.ndarray, out: np.ndarray, on_sale: np.ndarray, known: int
) -> np.ndarray:
    """La más verosímil de cada serie, sabiendo que un día con rotura fue lo vendido o más."""
    from scipy.stats import nbinom

    days = slice(max(known - RECENT, 0), known)
    sold, mean, out, on = sold[:, days], mean[:, days], out[:, days], on_sale[:, days]
    scores = []
    for k in DISPERSIONS:
        size = 1 / k
        share = size / (size + np.maximum(mean, 1e-9))
        exact, above = nbinom.logpmf(sold, size, share), nbinom.logsf(sold - 1, size, share)
        scores.append((np.where(out, above, exact) * on).sum(axis=1))
    return np.array(DISPERSIONS)[np.argmax(scores, axis=0)]


def _expected_above(mean: np.ndarray, sold: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """La demanda media de un día del que se sabe que fue lo vendido o más: (series, días)."""
    from scipy.stats import nbinom

    size = 1 / dispersion[:, None]
    share = size / (size + np.maximum(mean, 1e-9))
    # d·P(d; r) = m·P(d - 1; r + 1): la media de la cola es el cociente de dos colas.
    tail = nbinom.sf(sold - 1, size, share)
    ratio = nbinom.sf(sold - 2, size + 1, share) / np.maximum(tail, 1e-12)
    return np.maximum(mean * ratio, sold)

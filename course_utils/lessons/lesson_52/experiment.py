"""Los experimentos del proyecto 52 que no caben en él: muchas tiendas generadas y muchas redes."""

from __future__ import annotations

import numpy as np

from course_utils.inventory import critical_ratio
from course_utils.lessons.lesson_52.classic import fit_specialist
from course_utils.lessons.lesson_52.network import Recipe, fit_global, mean_of
from course_utils.lessons.lesson_52.policies import (
    constant_orders,
    euros,
    last_week_orders,
    network_orders,
    score_mean,
    scored_days,
)
from course_utils.lessons.lesson_52.problem import (
    COLD_DAYS,
    as_table,
    make_examples,
    split_weeks,
)
from course_utils.synthetic.shops import ITEM_KINDS, ShopDemand, shop_demand

RATES = (0.001, 0.003, 0.01)
NETWORKS = {
    "GRU": Recipe(),
    "GRU sin censura": Recipe(censored=False),
    "densa": Recipe(recurrent=False),
}
WITHOUT_NETWORK = (
    "verdad",
    "constante",
    "constante a posteriori",
    "semana pasada",
    "uno por serie",
    "uno por serie, sin censura",
)
GROUPS = ("todas", *ITEM_KINDS, "en frío")


def measure_network(model: str, rate: float, seed: int) -> list[dict]:
    """Una red en unas tiendas generadas: una fila por clase de artículo.

    Returns
    -------
    list of dict
        ``euros``, lo que cuestan las ocho semanas de prueba; ``floor``, lo que cuestan a quien
        conoce todo menos el azar; ``wrmsse``, de todas las series, la misma en todas las filas; y
        ``validation``, la menor pérdida de validación.
    """
    from dataclasses import replace

    data = shop_demand(seed=seed)
    parts = split_weeks(data)
    train, validation, test = (make_examples(data, part) for part in parts)
    recipe = replace(NETWORKS[model], rate=rate)
    found = fit_global(train, validation, seed=seed, recipe=recipe)
    quantiles, days = found.quantiles(test), scored_days(parts.test)
    orders = network_orders(quantiles, test, data)[:, days]
    mean = as_table(test, mean_of(quantiles), data)[:, days]
    about = {"model": model, "rate": rate, "seed": seed}
    rows = _rows(orders, mean, data, days)
    return [about | row | {"validation": round(float(found.losses.min()), 5)} for row in rows]


def measure_plain(seed: int) -> list[dict]:
    """Todo lo que no es una red, en unas tiendas generadas: una fila por modelo y clase."""
    data = shop_demand(seed=seed)
    days = scored_days(split_weeks(data).test)
    ratio = critical_ratio(data.shortage, data.holding)
    specialist = fit_specialist(data, days.start)
    blind = fit_specialist(data, days.start, uncensor=False)
    flat = constant_orders(data, days)
    week = last_week_orders(data, days)
    found = {
        "verdad": (data.truth.quantile(ratio, days), data.truth.expected[:, days]),
        "constante": (flat, flat),
        "constante a posteriori": (constant_orders(data, days, hindsight=True), flat),
        "semana pasada": (week, week),
        "uno por serie": (specialist.quantile(ratio, days), specialist.mean[:, days]),
        "uno por serie, sin censura": (blind.quantile(ratio, days), blind.mean[:, days]),
    }
    return [
        {"model": name, "rate": 0.0, "seed": seed} | row | {"validation": 0.0}
        for name, (orders, mean) in found.items()
        for row in _rows(orders, mean, data, days)
    ]


def group_masks(data: ShopDemand, days: slice) -> dict[str, np.ndarray]:
    """Qué serie y qué día de la prueba es de cada grupo: cada uno, (series, días).

    Un mismo día puede ser de dos: el de su clase y el de los que acaban de llegar.
    """
    on = data.on_sale[:, days]
    day = np.arange(days.start, days.stop)
    monday = day - (day - days.start) % 7
    first = data.on_sale.argmax(axis=1)[:, None]
    kinds = {kind: on & (data.kind == kind)[:, None] for kind in ITEM_KINDS}
    return {"todas": on} | kinds | {"en frío": on & (monday - first < COLD_DAYS)}


def _rows(orders: np.ndarray, mean: np.ndarray, data: ShopDemand, days: slice) -> list[dict]:
    cost = euros(orders, data, days)
    best = data.truth.quantile(critical_ratio(data.shortage, data.holding), days)
    floor = euros(best, data, days)
    score = round(score_mean(mean, data, days), 4)
    return [
        {
            "kind": name,
            "euros": round(float(cost[mask].sum()), 2),
            "floor": round(float(floor[mask].sum()), 2),
            "wrmsse": score,
        }
        for name, mask in group_masks(data, days).items()
    ]

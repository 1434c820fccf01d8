"""Lo que se vende de cada artículo en unas tiendas de las que se sabe cuánto se habría vendido."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from course_utils.probabilistic import as_levels
from course_utils.validation import as_int

ITEM_KINDS = ("regular", "intermitente", "nuevo", "cierre")
CATEGORIES = ("fresco", "bebida", "hogar", "temporada")
ITEMS = 20  # artículos de cada tienda
START = np.datetime64("2022-01-03", "D")  # un lunes
# De cada veinte artículos: 11 regulares, 4 intermitentes, 3 nuevos y 2 que se retiran.
KIND_OF_ITEM = "rrnirrcirrnrirrnrirc"
MINIMUM_WEEKS = 20

# De lunes a domingo, de media 1, según la categoría.
WEEKLY = np.array(
    [
        [0.90, 0.85, 0.90, 1.00, 1.25, 1.45, 0.65],
        [0.75, 0.75, 0.80, 0.95, 1.35, 1.60, 0.80],
        [1.00, 0.95, 0.95, 0.95, 1.05, 1.25, 0.85],
        [0.80, 0.80, 0.85, 0.95, 1.20, 1.50, 0.90],
    ]
)
YEARLY = ((0.05, 160), (0.20, 200), (0.05, 330), (0.45, 350))  # amplitud y día del máximo
MARGIN = np.array([0.35, 0.30, 0.40, 0.45])  # del precio: lo que se pierde si falta una unidad…
KEEPING = np.array([0.25, 0.04, 0.04, 0.12])  # …y lo que cuesta que sobre una, al día
PRICES = ((0.8, 4.0), (1.0, 6.0), (3.0, 20.0), (5.0, 30.0))  # euros, de menos a más

# Según la clase: unidades al día y dispersión k, con varianza m + k·m².
LEVELS = {"regular": (4.0, 40.0), "intermitente": (0.06, 0.5)}
DISPERSION = {"regular": (0.03, 0.15), "intermitente": (0.3, 1.2)}
DRIFT = 0.025  # desviación del cambio semanal del nivel, en logaritmos
PROMOTION_CHANCE = 0.14  # de cada semana, si la anterior no la tuvo
PROMOTION_FACTORS = (1.4, 2.6)
HANGOVER = 0.85  # la semana de después: parte de la compra se adelantó
LAUNCH = (0.60, 0.99)  # parte del tiempo en que llega un nuevo…
CLOSE = (0.85, 0.99)  # …y en que se retira el que se retira
START_SHARE, RAMP_DAYS = 0.3, 21.0  # un nuevo empieza con esta parte de su nivel y crece
FADE_DAYS, FADE_SHARE = 42, 0.5  # lo que cae quien se retira antes de irse
COVER = (1.1, 1.9)  # lo que la tienda pone a la venta, en veces lo que se vende de normal
FORESEEN = 0.5  # qué parte del efecto de una promoción prevé
FAILURE_CHANCE, FAILURE_DAYS = 0.012, (1, 4)  # el proveedor no trae lo pedido
FAILURE_SHARE = (0.0, 0.6)  # lo que trae entonces


@dataclass(frozen=True, eq=False)
class ShopTruth:
    """Lo que se habría vendido sin roturas; un modelo no debe verlo.

    Attributes
    ----------
    expected : ndarray of float64, shape (series, días)
        Demanda media; cero fuera de la venta.
    dispersion : ndarray of float64, shape (series,)
        La ``k`` de la binomial negativa: su varianza es ``m + k·m²``.
    demand : ndarray of int64, shape (series, días)
        Lo que se habría vendido con existencias de sobra.
    failure : ndarray of bool, shape (series, días)
        Si ese día el proveedor no trajo lo pedido.
    """

    expected: np.ndarray
    dispersion: np.ndarray
    demand: np.ndarray
    failure: np.ndarray

    def quantile(self, level: float | np.ndarray, days: slice = slice(None)) -> np.ndarray:
        """Cuántas unidades bastan con probabilidad ``level``, si se conoce todo menos el azar.

        Parameters
        ----------
        level : float or ndarray of shape (series,)
            Entre 0 y 1; uno para todas las series o uno por serie.
        days : slice, optional
            Qué días; por omisión, todos.

        Returns
        -------
        ndarray of int64, shape (series, días)

        Raises
        ------
        TypeError, ValueError
            Si algún nivel no está entre 0 y 1.
        ImportError
            Si falta SciPy.

        Examples
        --------
        >>> truth = shop_demand(4).truth
        >>> enough = truth.quantile(0.9)
        >>> bool(0.88 < (truth.demand <= enough)[truth.expected > 5].mean() < 0.95)
        True
        """
        levels = np.atleast_1d(np.asarray(level))
        as_levels(np.unique(levels))
        mean = self.expected[:, days]
        size = 1 / self.dispersion[:, None]
        found = _binomial()(np.reshape(levels, (-1, 1)), size, size / (size + mean))
        return np.where(mean > 0, found, 0).astype(np.int64)


@dataclass(frozen=True, eq=False)
class ShopDemand:
    """Las ventas de unas series de tienda y artículo, y lo que la tienda sabe de ellas.

    Attributes
    ----------
    dates : ndarray of datetime64[D], shape (días,)
        Días seguidos, desde un lunes.
    sales, stock : ndarray of int64, shape (series, días)
        Unidades vendidas y puestas a la venta.
    on_sale, promotion : ndarray of bool, shape (series, días)
        Si el artículo está a la venta en esa tienda y si está en promoción. Se saben de antemano.
    kind : ndarray of str, shape (series,)
        De :data:`ITEM_KINDS`. Es la respuesta de «¿con qué se falla?»: no es una entrada.
    shop, item : ndarray of int64, shape (series,)
    category : ndarray of str, shape (series,)
        De :data:`CATEGORIES`.
    price : ndarray of float64, shape (series,)
        Euros por unidad.
    shortage, holding : ndarray of float64, shape (series,)
        Lo que cuesta, en euros, cada unidad que falta y cada una que sobra al cerrar.
    truth : ShopTruth
        Lo que se habría vendido.
    name, unit, source : str
        Nombre, unidad y procedencia, para ejes y pies de figura.
    period : int
        Pasos de un ciclo: 7 días.
    """

    dates: np.ndarray
    sales: np.ndarray
    stock: np.ndarray
    on_sale: np.ndarray
    promotion: np.ndarray
    kind: np.ndarray
    shop: np.ndarray
    item: np.ndarray
    category: np.ndarray
    price: np.ndarray
    shortage: np.ndarray
    holding: np.ndarray
    truth: ShopTruth
    name: str = "ventas por tienda y artículo"
    unit: str = "unidades al día"
    period: int = 7
    source: str = "datos generados por course_utils.synthetic.shop_demand"

    @property
    def sold_out(self) -> np.ndarray:
        """Si ese día se vendió todo: la demanda fue esa o mayor, y no se sabe cuánto."""
        return self.on_sale & (self.sales == self.stock)


def shop_demand(series: int = 200, weeks: int = 104, *, seed: int = 52) -> ShopDemand:
    """Genera las ventas diarias de unos artículos en unas tiendas, con sus roturas.

    Cada tienda vende los mismos veinte artículos, de cuatro categorías. La demanda de un día es una
    binomial negativa cuya media es el nivel de la serie por la semana y el año de su categoría, por
    la promoción. En detalle:

    - el nivel cambia cada semana, al azar y poco (2,5 % de desviación);
    - 11 de cada 20 artículos son **regulares**, de 4 a 40 unidades al día;
    - 4 son **intermitentes**: una unidad cada dos días, o cada quince;
    - 3 son **nuevos**: llegan pasado el 60 % del tiempo, con el 30 % de su nivel, y en tres semanas
      han hecho dos tercios del camino que les falta;
    - 2 **se retiran** pasado el 85 %, tras seis semanas en que caen a la mitad;
    - una promoción dura de lunes a domingo y multiplica la demanda de 1,4 a 2,6 veces, según el
      artículo; la semana siguiente se vende 0,85 veces lo normal.

    La tienda pone a la venta de 1,1 a 1,9 veces lo normal (cada serie, lo suyo), prevé la mitad del
    efecto de una promoción y a veces el proveedor le falla unos días. Lo vendido es lo menor entre
    la demanda y lo puesto a la venta: **la rotura esconde la demanda justo cuando es mayor**.

    Parameters
    ----------
    series : int, default 200
        Cuántas series; veinte por tienda.
    weeks : int, default 104
        Cuántas semanas, 20 o más.
    seed : int, default 52
        Semilla. Cada serie, cada tienda y cada artículo tienen su sucesión: pedir más series no
        cambia las primeras.

    Returns
    -------
    ShopDemand
        Las ventas y su verdad, con arrays nuevos en cada llamada.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale.

    Examples
    --------
    >>> data = shop_demand(20, 30)
    >>> data.sales.shape, [int((data.kind == kind).sum()) for kind in ITEM_KINDS]
    ((20, 210), [11, 4, 3, 2])
    >>> bool((data.sales == np.minimum(data.truth.demand, data.stock)).all())
    True
    """
    series, seed = as_int("series", series, minimum=1), as_int("seed", seed, minimum=0)
    weeks = as_int("weeks", weeks, minimum=MINIMUM_WEEKS)
    made = [_one_series(i, weeks, seed) for i in range(series)]
    stacked = {name: np.stack([one[name] for one in made]) for name in made[0]}
    truth = ShopTruth(
        **{name: stacked.pop(name) for name in ("expected", "dispersion", "demand", "failure")}
    )
    dates = START + np.arange(7 * weeks) * np.timedelta64(1, "D")
    return ShopDemand(dates=dates, truth=truth, **stacked)


def _one_series(number: int, weeks: int, seed: int) -> dict[str, np.ndarray]:
    """Una serie: lo que se ve y lo que no."""
    shop, item = divmod(number, ITEMS)
    about = _about_item(item, np.random.default_rng([seed, 1, item]))
    size = np.exp(np.random.default_rng([seed, 2, shop]).normal(0, 0.35))  # la tienda
    rng = np.random.default_rng([seed, 3, number])
    on_sale, life = _life(about["kind"], weeks, rng)
    level = about["level"] * size * np.exp(rng.normal(0, 0.25) + _walk(weeks, rng))
    promotion, factor = _promotions(weeks, about["effect"], rng)
    base = level * life * _calendar(about["place"], weeks)  # (días,), sin promociones
    expected = np.where(on_sale, base * factor, 0.0)
    demand = _draw_counts(expected, about["dispersion"], rng)
    planned = base * (1 + FORESEEN * (factor - 1)) * rng.uniform(*COVER)
    failure, share = _failures(len(base), rng)
    stock = np.where(failure, np.floor(planned * share), np.maximum(np.rint(planned), 1))
    stock = np.where(on_sale, stock, 0).astype(np.int64)
    price, place = about["price"], about["place"]
    return {
        "sales": np.minimum(demand, stock),
        "stock": stock,
        "on_sale": on_sale,
        "promotion": promotion & on_sale,
        "kind": np.asarray(about["kind"], dtype="<U12"),
        "shop": np.int64(shop),
        "item": np.int64(item),
        "category": np.asarray(CATEGORIES[place], dtype="<U12"),
        "price": np.float64(price),
        "shortage": np.float64(round(price * MARGIN[place], 4)),
        "holding": np.float64(round(price * KEEPING[place], 4)),
        "expected": expected,
        "dispersion": np.float64(about["dispersion"]),
        "demand": demand,
        "failure": failure & on_sale,
    }


def _about_item(item: int, rng: np.random.Generator) -> dict[str, object]:
    """Lo que un artículo tiene igual en todas las tiendas."""
    kind = next(kind for kind in ITEM_KINDS if kind[0] == KIND_OF_ITEM[item])
    pace = "intermitente" if kind == "intermitente" else "regular"
    place = int(rng.integers(len(CATEGORIES)))
    low, high = np.log(LEVELS[pace])
    return {
        "kind": kind,
        "place": place,  # de su categoría
        "price": round(float(rng.uniform(*PRICES[place])), 2),
        "level": float(np.exp(rng.uniform(low, high))),
        "effect": float(rng.uniform(*PROMOTION_FACTORS)),
        "dispersion": float(rng.uniform(*DISPERSION[pace])),
    }


def _walk(weeks: int, rng: np.random.Generator) -> np.ndarray:
    """Por cuánto se aparta el nivel cada semana, en logaritmos: (días,)."""
    return np.repeat(np.cumsum(rng.normal(0, DRIFT, size=weeks)), 7)


def _calendar(place: int, weeks: int) -> np.ndarray:
    """La semana y el año de una categoría: (días,)."""
    amplitude, peak = YEARLY[place]
    day = np.arange(7 * weeks)  # el primero es el 3 de enero
    return np.tile(WEEKLY[place], weeks) * (
        1 + amplitude * np.cos(2 * np.pi * (day + 3 - peak) / 365.25)
    )


def _life(kind: str, weeks: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Qué días se vende y qué parte de su nivel: los dos, (días,)."""
    day, on_sale = np.arange(7 * weeks), np.ones(7 * weeks, dtype=bool)
    moment = rng.uniform()  # se sortea siempre: así lo demás no depende de la clase
    if kind == "nuevo":
        first = 7 * int(weeks * np.interp(moment, [0, 1], LAUNCH))
        age = np.maximum(day - first, 0)
        return day >= first, 1 - (1 - START_SHARE) * np.exp(-age / RAMP_DAYS)
    if kind == "cierre":
        end = 7 * int(weeks * np.interp(moment, [0, 1], CLOSE))
        left = np.clip((end - day) / FADE_DAYS, 0, 1)
        return day < end, FADE_SHARE + (1 - FADE_SHARE) * left
    return on_sale, np.ones(7 * weeks)


def _promotions(
    weeks: int, effect: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Qué días hay promoción y por cuánto multiplica: los dos, (días,)."""
    wanted = rng.uniform(size=weeks) < PROMOTION_CHANCE
    promotion, factor = np.zeros(weeks, dtype=bool), np.ones(weeks)
    for week in np.flatnonzero(wanted):
        if week == 0 or not promotion[week - 1]:
            promotion[week], factor[week] = True, effect
            factor[week + 1 : week + 2] = HANGOVER
    return np.repeat(promotion, 7), np.repeat(factor, 7)


def _failures(days: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Qué días falla el proveedor y qué parte trae: los dos, (días,)."""
    failure, share = np.zeros(days, dtype=bool), np.ones(days)
    for day in np.flatnonzero(rng.uniform(size=days) < FAILURE_CHANCE):
        end = day + int(rng.integers(*FAILURE_DAYS, endpoint=True))
        failure[day:end], share[day:end] = True, rng.uniform(*FAILURE_SHARE)
    return failure, share


def _draw_counts(mean: np.ndarray, dispersion: float, rng: np.random.Generator) -> np.ndarray:
    """Una binomial negativa de esa media; cero donde la media es cero."""
    size = 1 / dispersion
    return rng.negative_binomial(size, size / (size + mean)).astype(np.int64)


def _binomial() -> partial:
    try:
        from scipy.stats import nbinom
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "ShopTruth.quantile necesita SciPy y no se puede importar. "
            f"Instálalo con: {install_command('scipy')}"
        ) from error
    return nbinom.ppf

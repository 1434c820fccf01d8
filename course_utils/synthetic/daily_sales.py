"""Generadores de datos cuya verdad se conoce.

Cada generador devuelve, junto a lo que vería un modelo, las componentes exactas con las que se
han creado los datos. Así se puede comprobar qué ha aprendido un modelo y cuál es el menor error
posible.
"""

from __future__ import annotations

import datetime
import math
import numbers
from dataclasses import dataclass

import numpy as np

from course_utils.validation import as_int, describe

# Ventas diarias: un calendario ficticio y efectos multiplicativos sobre la tendencia.
SALES_START_LEVEL = 180.0  # unidades el primer día
SALES_SLOPES = (0.10, 0.03)  # unidades por día, antes y después del cambio
SALES_CHANGE_DAY = 1095  # días desde el principio en que cambia la pendiente
SALES_WEEKLY = (0.90, 0.85, 0.90, 0.95, 1.15, 1.40, 0.85)  # de lunes a domingo, media 1
SALES_YEARLY = ((0.14, 350, 1), (0.09, 180, 2))  # amplitud, día del año del máximo, ciclos al año
SALES_HOLIDAYS = ((1, 1), (1, 6), (5, 1), (10, 12), (11, 1), (12, 25))  # mes, día
SALES_HOLIDAY_FACTOR = 0.40
SALES_EVE_FACTOR = 1.20
SALES_PROMOTION_FACTOR = 1.45
SALES_HANGOVER = (3, 0.85)  # días tras una promoción y su factor: compras adelantadas
SALES_NOISE_MEMORY = 0.5  # parte del ruido de ayer que queda hoy


@dataclass(frozen=True, eq=False)
class SalesTruth:
    """Componentes exactas de unas ventas generadas; un modelo nunca debe verlas.

    Attributes
    ----------
    trend : ndarray of float, shape (n,)
        Nivel en unidades.
    weekly, yearly, holiday, promotion : ndarray of float, shape (n,)
        Factores que multiplican el nivel; 1 es «sin efecto».
    noise : ndarray of float, shape (n,)
        Ruido relativo; ``expected * (1 + noise)``, redondeado, son las unidades.
    noise_memory : float
        Parte del ruido de ayer que queda hoy.
    """

    trend: np.ndarray
    weekly: np.ndarray
    yearly: np.ndarray
    holiday: np.ndarray
    promotion: np.ndarray
    noise: np.ndarray
    noise_memory: float

    @property
    def expected(self) -> np.ndarray:
        """Ventas sin ruido: el producto de todas las componentes."""
        return self.trend * self.weekly * self.yearly * self.holiday * self.promotion

    @property
    def best_forecast(self) -> np.ndarray:
        """Pronóstico a un día de quien conoce todo menos el ruido de mañana.

        Su error medio es el suelo: ningún modelo honrado baja de ahí salvo por azar.
        """
        previous = np.concatenate([[0.0], self.noise[:-1]])
        return self.expected * (1 + self.noise_memory * previous)


@dataclass(frozen=True, eq=False)
class Sales:
    """Ventas diarias generadas, una columna por atributo.

    Attributes
    ----------
    dates : ndarray of datetime64[D], shape (n,)
        Días consecutivos.
    units : ndarray of int64, shape (n,)
        Unidades vendidas, siempre al menos una.
    holiday : ndarray of bool, shape (n,)
        Si el día es festivo. Se sabe de antemano.
    promotion : ndarray of bool, shape (n,)
        Si el día hay promoción. Se sabe de antemano.
    truth : SalesTruth
        Componentes con las que se han generado.
    name, unit, source : str
        Nombre, unidad y procedencia, para ejes y pies de figura.
    period : int
        Pasos de un ciclo estacional: 7 días.
    """

    dates: np.ndarray
    units: np.ndarray
    holiday: np.ndarray
    promotion: np.ndarray
    truth: SalesTruth
    name: str = "ventas diarias"
    unit: str = "unidades"
    period: int = 7
    source: str = "datos generados por course_utils.synthetic.sales"


def sales(
    days: int = 1826, *, start: str = "2021-01-01", noise: float = 0.06, seed: int = 25
) -> Sales:
    """Genera ventas diarias con tendencia, estaciones, festivos, promociones y ruido.

    Las unidades son ``trend * weekly * yearly * holiday * promotion * (1 + noise)``, redondeadas
    y con un mínimo de 1. En detalle:

    - la tendencia sube 0,10 unidades al día y, desde el día 1095, solo 0,03;
    - la semana va de 0,85 (martes y domingo) a 1,40 (sábado);
    - el año tiene su máximo en diciembre y otro, menor, entre junio y julio;
    - un festivo vende 0,40 veces lo normal y su víspera 1,20;
    - cada 35 días hay una promoción de 4 a 7 días que multiplica por 1,45; los 3 días siguientes
      se vende 0,85 veces lo normal, porque parte de las compras se adelantó;
    - el ruido de hoy es la mitad del de ayer más uno nuevo, casi normal, de desviación ``noise``.

    Parameters
    ----------
    days : int, default 1826
        Número de días. El valor por defecto son cinco años, con uno bisiesto.
    start : str, default "2021-01-01"
        Primer día, como ``"aaaa-mm-dd"``.
    noise : float, default 0.06
        Desviación típica del ruido nuevo de cada día, relativa a las ventas esperadas.
    seed : int, default 25
        Semilla de promociones y ruido. Cada una usa su propia sucesión: cambiar ``noise`` no
        mueve las promociones.

    Returns
    -------
    Sales
        Las ventas y su verdad, con arrays nuevos en cada llamada.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale.

    Notes
    -----
    Los mismos argumentos dan los mismos números en toda versión de NumPy: solo se usan los bits
    de PCG64, cuya sucesión NumPy garantiza (NEP 19), y toda componente se redondea a cuatro
    decimales antes de usarla.

    Examples
    --------
    >>> data = sales(14, noise=0.0)
    >>> data.units[:7]
    array([101, 308, 187, 198, 224,  79, 208])
    >>> data.truth.weekly[:7]
    array([1.15, 1.4 , 0.85, 0.9 , 0.85, 0.9 , 0.95])
    """
    days = as_int("days", days, minimum=1)
    seed = as_int("seed", seed, minimum=0)
    _check_noise(noise)
    # Un día de más por el final: la víspera del último día depende del siguiente.
    calendar = _first_day(start) + np.arange(days + 1).astype("timedelta64[D]")
    holiday = _is_holiday(calendar)
    promotion = _promotion_days(days, np.random.PCG64([seed, 0]))
    truth = SalesTruth(
        trend=_trend(days),
        weekly=np.take(SALES_WEEKLY, _weekday(calendar[:-1])),
        yearly=_yearly(calendar[:-1]),
        holiday=_holiday_factor(holiday),
        promotion=_promotion_factor(promotion),
        noise=_noise(days, noise, np.random.PCG64([seed, 1])),
        noise_memory=SALES_NOISE_MEMORY,
    )
    units = np.maximum(np.rint(truth.expected * (1 + truth.noise)), 1).astype(np.int64)
    return Sales(calendar[:-1], units, holiday[:-1], promotion, truth)


def _check_noise(noise: object) -> None:
    if isinstance(noise, bool | np.bool_) or not isinstance(noise, numbers.Real):
        raise TypeError(
            f"noise debe ser un número; ha llegado {describe(noise)}. Pasa, por ejemplo, 0.06."
        )
    if not 0 <= noise <= 1:
        raise ValueError(
            f"noise debe estar entre 0 y 1; ha llegado {noise}. Es una desviación relativa: "
            "0.06 significa un 6 %."
        )


def _first_day(start: object) -> np.datetime64:
    if not isinstance(start, str | datetime.date | np.datetime64):
        raise TypeError(
            "start debe ser una fecha como '2021-01-01'; "
            f"ha llegado {describe(start)}. Pásala como texto."
        )
    try:
        day = np.datetime64(start, "D")
    except ValueError as error:
        raise ValueError(
            "start debe ser una fecha como '2021-01-01'; "
            f"ha llegado {describe(start)}. Escríbela como año, mes y día."
        ) from error
    if np.isnat(day):
        raise ValueError(
            "start debe ser una fecha como '2021-01-01'; ha llegado una fecha vacía (NaT). "
            "Escríbela como año, mes y día."
        )
    return day


def _weekday(dates: np.ndarray) -> np.ndarray:
    """Día de la semana, 0 es lunes. El 1 de enero de 1970 fue jueves (3)."""
    return (dates.astype(np.int64) + 3) % 7


def _trend(days: int) -> np.ndarray:
    day = np.arange(days)
    before, after = SALES_SLOPES
    level = SALES_START_LEVEL + before * np.minimum(day, SALES_CHANGE_DAY)
    return np.round(level + after * np.maximum(day - SALES_CHANGE_DAY, 0), 4)


def _yearly(dates: np.ndarray) -> np.ndarray:
    day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64) + 1
    factor = [
        1 + sum(a * math.cos(2 * math.pi * k * (d - peak) / 365.25) for a, peak, k in SALES_YEARLY)
        for d in day_of_year.tolist()
    ]
    return np.round(factor, 4)


def _is_holiday(dates: np.ndarray) -> np.ndarray:
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return np.logical_or.reduce([(month == m) & (day == d) for m, d in SALES_HOLIDAYS])


def _holiday_factor(holiday: np.ndarray) -> np.ndarray:
    """Factor de cada día; ``holiday`` trae un día de más para conocer la última víspera."""
    eve = np.where(holiday[1:], SALES_EVE_FACTOR, 1.0)
    return np.where(holiday[:-1], SALES_HOLIDAY_FACTOR, eve)


def _promotion_days(days: int, bits: np.random.PCG64) -> np.ndarray:
    """Una promoción de 4 a 7 días en cada tramo de 35, que empieza en sus primeros 25."""
    promotion = np.zeros(days, dtype=bool)
    slots = -(-days // 35)
    raw = bits.random_raw(2 * slots).reshape(slots, 2)
    starts = 35 * np.arange(slots) + (raw[:, 0] % 25).astype(np.int64)
    for start, length in zip(starts, 4 + (raw[:, 1] % 4).astype(np.int64), strict=True):
        promotion[start : start + length] = True
    return promotion


def _promotion_factor(promotion: np.ndarray) -> np.ndarray:
    length, low = SALES_HANGOVER
    factor = np.ones(len(promotion))
    for end in np.flatnonzero(promotion[:-1] & ~promotion[1:]) + 1:
        factor[end : end + length] = low
    factor[promotion] = SALES_PROMOTION_FACTOR
    return factor


def _noise(days: int, scale: float, bits: np.random.PCG64) -> np.ndarray:
    """Ruido con memoria; cada novedad es una suma de doce uniformes menos 6, casi N(0, 1)."""
    uniform = (bits.random_raw(12 * days).reshape(days, 12) >> np.uint64(11)).astype(np.int64)
    shocks = scale * (uniform.sum(axis=1) / 2**53 - 6)
    noise, previous = np.empty(days), 0.0
    for t, shock in enumerate(shocks.tolist()):
        previous = round(SALES_NOISE_MEMORY * previous + shock, 4)
        noise[t] = previous
    return noise

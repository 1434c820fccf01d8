"""Las series temporales que vienen con el curso."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from course_utils.datasets.bundled import read_table, registry
from course_utils.synthetic.daily_sales import SALES_NOISE_MEMORY, Sales, SalesTruth
from course_utils.validation import describe


def _no_dates() -> np.ndarray:
    return np.array([], dtype="datetime64[D]")


@dataclass(frozen=True, eq=False)
class Series:
    """Una serie temporal con lo que hace falta para dibujarla y citarla.

    Attributes
    ----------
    dates : ndarray of datetime64, shape (n,)
        Fechas en orden y a intervalos iguales; en las series mensuales, de tipo datetime64[M], y
        por debajo del día, datetime64[m]. Una serie tuya puede ser de lunes a viernes.
    values : ndarray of float64, shape (n,)
        Valores en ``unit``.
    name, unit, source : str
        Nombre, unidad y procedencia, para ejes y pies de figura.
    period : int
        Pasos de un ciclo estacional: 12 en una serie mensual con estaciones.
    filled : ndarray of datetime64
        Fechas cuyo valor no se midió, sino que se ha rellenado.
    frequency : str
        Cada cuánto hay un valor: ``"monthly"``, ``"daily"``, ``"hourly"``… como en
        ``load_own_series``.
    """

    dates: np.ndarray
    values: np.ndarray
    name: str
    unit: str
    period: int
    source: str
    filled: np.ndarray = field(default_factory=_no_dates)
    frequency: str = ""


def load_sunspots() -> Series:
    """Manchas solares: media mensual desde enero de 1749 hasta junio de 2009.

    El ciclo dura unos 132 meses (11 años), no 12. Es el número de Wolf anterior a la revisión de
    2015: no lo mezcles con valores actuales.

    Returns
    -------
    Series
        3126 valores. El de febrero de 1824 lo interpoló ya el observatorio.

    Raises
    ------
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> sunspots = load_sunspots()
    >>> len(sunspots.values), sunspots.period, str(sunspots.dates[-1])
    (3126, 132, '2009-06')
    >>> sunspots.values[:3]
    array([58. , 62.6, 70. ])
    """
    table = read_table("sunspots")
    return Series(
        dates=np.array(table["month"], dtype="datetime64[M]"),
        values=np.array(table["sunspots"], dtype=float),
        name="manchas solares",
        unit="manchas",
        period=132,
        source=registry()["sunspots"]["source"],
        filled=np.array(["1824-02"], dtype="datetime64[M]"),
        frequency="monthly",
    )


def load_co2(*, freq: str = "monthly") -> Series:
    """CO2 en el aire de Mauna Loa (Hawái), en partes por millón.

    Parameters
    ----------
    freq : {"monthly", "weekly"}, default "monthly"
        ``"weekly"`` devuelve lo publicado: 2284 semanas desde marzo de 1958 hasta diciembre de
        2001, con 59 huecos como NaN. ``"monthly"`` devuelve una serie sin huecos de los años
        completos, de 1959 a 2001: cada mes es la media de sus semanas medidas, y los tres meses
        sin ninguna (febrero, marzo y abril de 1964) se interpolan en línea recta entre enero y
        mayo. Esos tres están en ``filled``.

    Returns
    -------
    Series
        516 meses (``period`` 12) o 2284 semanas (``period`` 52).

    Raises
    ------
    ValueError
        Si ``freq`` no es una de las dos.
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> co2 = load_co2()
    >>> len(co2.values), bool(np.isnan(co2.values).any()), co2.filled.astype(str).tolist()
    (516, False, ['1964-02', '1964-03', '1964-04'])
    >>> int(np.isnan(load_co2(freq="weekly").values).sum())
    59
    """
    if freq not in ("monthly", "weekly"):
        raise ValueError(
            f"freq debe ser 'monthly' o 'weekly'; ha llegado {describe(freq)}. "
            "Usa load_co2() para la serie mensual sin huecos."
        )
    table = read_table("co2")
    dates = np.array(table["date"], dtype="datetime64[D]")
    values = np.array([float(text) if text else np.nan for text in table["co2_ppm"]])
    filled = _no_dates()
    if freq == "monthly":
        dates, values, filled = _monthly_means(dates, values)
    return Series(
        dates=dates,
        values=values,
        name="CO2 en Mauna Loa",
        unit="ppm",
        period=12 if freq == "monthly" else 52,
        source=registry()["co2"]["source"],
        filled=filled,
        frequency=freq,
    )


def _monthly_means(
    dates: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Medias de los meses de años completos; los meses sin datos se interpolan en línea recta."""
    months = np.arange("1959-01", "2002-01", dtype="datetime64[M]")
    measured = np.isfinite(values)
    position = (dates.astype("datetime64[M]") - months[0]).astype(int)
    inside = measured & (position >= 0)
    total = np.bincount(position[inside], weights=values[inside], minlength=len(months))
    count = np.bincount(position[inside], minlength=len(months))
    known = np.flatnonzero(count)
    means = np.interp(np.arange(len(months)), known, total[known] / count[known])
    return months, means, months[count == 0]


def load_elnino() -> Series:
    """Temperatura del mar frente a Perú y Ecuador (región Niño 1+2), media mensual, 1950-2010.

    Returns
    -------
    Series
        732 valores en grados Celsius, sin huecos, con un ciclo de 12 meses.

    Raises
    ------
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> elnino = load_elnino()
    >>> len(elnino.values), elnino.unit, str(elnino.dates[0])
    (732, '°C', '1950-01')
    """
    table = read_table("elnino")
    return Series(
        dates=np.array(table["month"], dtype="datetime64[M]"),
        values=np.array(table["temperature_c"], dtype=float),
        name="temperatura del mar (Niño 1+2)",
        unit="°C",
        period=12,
        source=registry()["elnino"]["source"],
        frequency="monthly",
    )


def load_sales() -> Sales:
    """Ventas diarias generadas, de 2021 a 2025, con las componentes que las crearon.

    Es lo que devuelve ``course_utils.synthetic.sales()``, guardado para que no cambie nunca. Un
    modelo puede usar ``units``, ``holiday`` y ``promotion``; ``truth`` es para evaluarlo.

    Returns
    -------
    Sales
        1826 días, con un ciclo de 7.

    Raises
    ------
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> sales = load_sales()
    >>> len(sales.units), sales.units[:3].tolist(), int(sales.promotion.sum())
    (1826, [100, 266, 187], 288)
    >>> sales.truth.weekly[:3]
    array([1.15, 1.4 , 0.85])
    """
    table = read_table("sales")
    truth = {
        name.removeprefix("true_"): np.array(column, dtype=float)
        for name, column in table.items()
        if name.startswith("true_")
    }
    return Sales(
        dates=np.array(table["date"], dtype="datetime64[D]"),
        units=np.array(table["units"], dtype=np.int64),
        holiday=np.array(table["holiday"]) == "1",
        promotion=np.array(table["promotion"]) == "1",
        truth=SalesTruth(**truth, noise_memory=SALES_NOISE_MEMORY),
        source=registry()["sales"]["source"],
    )

"""El tiempo, hora a hora, en los tres aeropuertos de Nueva York."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

import numpy as np

from course_utils.datasets.bundled import read_table, registry
from course_utils.datasets.series import Series
from course_utils.requirements import install_command
from course_utils.validation import describe

AIRPORTS = {"EWR": "Newark", "JFK": "John F. Kennedy", "LGA": "LaGuardia"}
WEATHER_VARIABLES = {
    "temperature": ("temperatura", "°C"),
    "dew_point": ("punto de rocío", "°C"),
    "wind_speed": ("viento", "m/s"),
    "precipitation": ("precipitación", "mm"),
    "pressure": ("presión al nivel del mar", "hPa"),
}
WEATHER_START = np.datetime64("2013-01-01T06:00", "m")  # hora UTC de la primera fila
PRESSURE_BASE = 1000.0  # hPa que el archivo no repite en cada fila


@dataclass(frozen=True, eq=False)
class Weather:
    """El tiempo de un aeropuerto: una columna por atributo y una fila por hora, sin saltos.

    Lo que no se midió, o se midió mal, es NaN: no hay ningún valor inventado.

    Attributes
    ----------
    dates : ndarray of datetime64[m], shape (n,)
        Horas UTC seguidas. Las de todos los aeropuertos son las mismas.
    temperature, dew_point : ndarray of float64, shape (n,)
        Temperatura y punto de rocío, en grados Celsius.
    wind_speed : ndarray of float64, shape (n,)
        Velocidad del viento, en metros por segundo.
    precipitation : ndarray of float64, shape (n,)
        Lluvia, o nieve fundida, de esa hora, en milímetros.
    pressure : ndarray of float64, shape (n,)
        Presión reducida al nivel del mar, en hectopascales. Falta una de cada diez.
    airport, source : str
        Siglas del aeropuerto y procedencia.
    period : int
        Pasos de un ciclo: 24 horas.
    frequency : str
        ``"hourly"``, como en ``load_own_series``.
    """

    dates: np.ndarray
    temperature: np.ndarray
    dew_point: np.ndarray
    wind_speed: np.ndarray
    precipitation: np.ndarray
    pressure: np.ndarray
    airport: str
    source: str
    period: int = 24
    frequency: str = "hourly"

    @property
    def local(self) -> np.ndarray:
        """Lo que marcaba el reloj en Nueva York a cada hora, como datetime64[m].

        Es para agrupar por hora o por día, no para ordenar: el 10 de marzo no hubo las 02:00 y el 3
        de noviembre hubo dos veces la 01:00. En ``dates``, que es UTC, no falta ni sobra ninguna.

        Raises
        ------
        ImportError
            Si el sistema no trae los husos horarios; el mensaje dice qué instalar.
        """
        try:
            zone = zoneinfo.ZoneInfo("America/New_York")
        except zoneinfo.ZoneInfoNotFoundError as error:
            raise ImportError(
                "La hora de Nueva York necesita los husos horarios, que este sistema no trae. "
                f"Instálalos con: {install_command('tzdata')}"
            ) from error
        seconds = self.dates.astype("datetime64[s]").astype(np.int64).tolist()
        offsets = [datetime.datetime.fromtimestamp(s, zone).utcoffset() for s in seconds]
        return self.dates + np.array(offsets, dtype="timedelta64[m]")

    @property
    def local_hour(self) -> np.ndarray:
        """La hora del reloj de Nueva York, de 0 a 23: la que siguen las personas."""
        local = self.local
        return (local - local.astype("datetime64[D]")).astype(np.int64) // 60

    def series(self, variable: str, *, fill: str | None = None) -> Series:
        """Una de las variables como :class:`Series`, igual que las demás series del curso.

        Parameters
        ----------
        variable : {"temperature", "dew_point", "wind_speed", "precipitation", "pressure"}
            Cuál.
        fill : {None, "previous"}, default None
            Qué hacer con los huecos. Por defecto siguen siendo NaN. ``"previous"`` repite la última
            medida, que es lo único que se sabía entonces: interpolar usaría la siguiente, que
            aún no había llegado. Lo rellenado queda en ``filled``; no evalúes nada ahí.

        Raises
        ------
        ValueError
            Si la variable o la manera de rellenar no existen.

        Examples
        --------
        >>> pressure = load_weather("LGA").series("pressure", fill="previous")
        >>> pressure.name, pressure.unit, len(pressure.filled)
        ('presión al nivel del mar en LGA', 'hPa', 987)
        """
        if variable not in WEATHER_VARIABLES:
            raise ValueError(
                f"variable debe ser una de {', '.join(WEATHER_VARIABLES)}; ha llegado "
                f"{describe(variable)}. Pide, por ejemplo, series('temperature')."
            )
        if fill not in (None, "previous"):
            raise ValueError(
                f"fill debe ser None o 'previous'; ha llegado {describe(fill)}. Con None los "
                "huecos se quedan como NaN."
            )
        name, unit = WEATHER_VARIABLES[variable]
        values = getattr(self, variable)
        filled = np.isnan(values) & (fill is not None)
        return Series(
            dates=self.dates.copy(),
            values=_repeat_last(values) if fill else values.copy(),
            name=f"{name} en {self.airport}",
            unit=unit,
            period=self.period,
            source=self.source,
            filled=self.dates[filled],
            frequency=self.frequency,
        )


def _repeat_last(values: np.ndarray) -> np.ndarray:
    """Cada hueco, con la última medida anterior."""
    place = np.where(np.isnan(values), 0, np.arange(len(values)))
    return values[np.maximum.accumulate(place)]


def load_weather(airport: str = "JFK") -> Weather:
    """El tiempo de 2013, hora a hora, en un aeropuerto de Nueva York.

    Es un solo año: no da para una climatología anual, tiene unos diez festivos y, si se entrena con
    el principio y se prueba con el final, son estaciones distintas.

    Parameters
    ----------
    airport : {"JFK", "LGA", "EWR"}, default "JFK"
        John F. Kennedy, junto al océano; LaGuardia, en la bahía; o Newark, tierra adentro.

    Returns
    -------
    Weather
        8730 horas, del 1 de enero a las 06:00 UTC al 30 de diciembre a las 23:00 UTC. De 24 a 27 no
        tienen ningún dato, la tanda más larga de 5, y los huecos son NaN.

    Raises
    ------
    ValueError
        Si el aeropuerto no es uno de los tres.
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> weather = load_weather("JFK")
    >>> len(weather.dates), str(weather.dates[0]), str(weather.local[0])
    (8730, '2013-01-01T06:00', '2013-01-01T01:00')
    >>> weather.temperature[:3]
    array([3.9, 3.9, 4.4])
    >>> int(np.isnan(weather.temperature).sum()), int(np.isnan(weather.pressure).sum())
    (25, 855)
    """
    if airport not in AIRPORTS:
        raise ValueError(
            f"airport debe ser uno de {', '.join(AIRPORTS)}; ha llegado {describe(airport)}. "
            "Pide, por ejemplo, load_weather('JFK')."
        )
    table = read_table("weather")
    columns = {name: _measures(table[f"{airport.lower()}_{name}"]) for name in WEATHER_VARIABLES}
    columns["pressure"] += PRESSURE_BASE
    return Weather(
        dates=WEATHER_START + np.arange(len(columns["pressure"])) * np.timedelta64(60, "m"),
        **columns,
        airport=airport,
        source=registry()["weather"]["source"],
    )


def _measures(tenths: list[str]) -> np.ndarray:
    """De décimas, como textos, a números; lo vacío es NaN."""
    return np.array([int(text) if text else np.nan for text in tenths]) / 10

"""Archivos como los que trae la gente: qué se lee, qué se rehúsa y qué no puede callarse."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import unicodedata
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from course_utils.datasets import Series, load_elnino, load_own_series
from course_utils.datasets.own import source
from course_utils.datasets.own.rhythm import RHYTHMS
from course_utils.datasets.own.sentinels import find_sentinels

MADRID = ZoneInfo("Europe/Madrid")
SHORT = "ene feb mar abr may jun jul ago sep oct nov dic".split()
LONG = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()
WEEK = "lunes martes miércoles jueves viernes sábado domingo".split()
MONTHS = [(2018 + i // 12, i % 12) for i in range(30)]


def days(count: int, start: str = "2024-01-01", *, step: int = 1) -> list[str]:
    """Días seguidos."""
    return [str(np.datetime64(start) + step * i) for i in range(count)]


def clock(count: int, minutes: int = 60, start: str = "2024-01-01T00:00", form="%Y-%m-%d %H:%M"):
    """Momentos seguidos."""
    first = datetime.fromisoformat(start)
    return [(first + timedelta(minutes=minutes * i)).strftime(form) for i in range(count)]


def units(count: int) -> list[int]:
    """Valores cualesquiera."""
    return [10 + i * i % 11 for i in range(count)]


def table(dates, values=None, *, separator=";", header=("fecha", "valor")) -> str:
    """Un CSV de dos columnas."""
    values = units(len(dates)) if values is None else values
    rows = [header, *zip(dates, values, strict=True)]
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


@pytest.fixture
def read(tmp_path):
    """Escribe un archivo y lo lee como serie."""

    def run(content: str | bytes, **options) -> Series:
        path = tmp_path / "mi_serie.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return load_own_series(path, **{"date_column": "fecha", "value_column": "valor"} | options)

    return run


@pytest.fixture
def refused(read):
    """Lee un archivo que no sirve y devuelve lo que dice, sin nada que no se pueda imprimir."""

    def run(content: str | bytes, **options) -> str:
        with pytest.raises(ValueError, match=r"«mi_serie\.csv» no se puede usar así") as caught:
            read(content, **options)
        message = str(caught.value)
        assert {unicodedata.category(mark) for mark in message.replace("\n- ", "")}.isdisjoint(
            {"Cc", "Cf", "Cs", "Co", "Cn"}
        )
        return message

    return run


# Meses con letras, trimestres y otras maneras de escribir una fecha

MONTHLY = {
    "ene-18": lambda y, m: f"{SHORT[m]}-{y % 100}",
    "ene/18": lambda y, m: f"{SHORT[m]}/{y % 100}",
    "ene.-18": lambda y, m: f"{SHORT[m]}.-{y % 100}",
    "ene18": lambda y, m: f"{SHORT[m]}{y % 100}",
    "ene 2018": lambda y, m: f"{SHORT[m]} {y}",
    "ENE 2018": lambda y, m: f"{SHORT[m].upper()} {y}",
    "sept. 2018": lambda y, m: f"{'sept' if m == 8 else SHORT[m]}. {y}",
    "set-2018": lambda y, m: f"{'set' if m == 8 else SHORT[m]}-{y}",
    "enero 2018": lambda y, m: f"{LONG[m]} {y}",
    "Enero de 2018": lambda y, m: f"{LONG[m].title()} de {y}",
    "enero del 2018": lambda y, m: f"{LONG[m]} del {y}",
    "Setiembre, 2018": lambda y, m: f"{LONG[m].replace('sept', 'set').title()}, {y}",
    "2018 enero": lambda y, m: f"{y} {LONG[m]}",
    "2018-ene": lambda y, m: f"{y}-{SHORT[m]}",
    "2018M01": lambda y, m: f"{y}M{m + 1:02d}",
    "2018M1": lambda y, m: f"{y}M{m + 1}",
    "201801": lambda y, m: f"{y}{m + 1:02d}",
    "2018 01": lambda y, m: f"{y} {m + 1:02d}",
    "01/2018": lambda y, m: f"{m + 1:02d}/{y}",
    "01-ene-2018": lambda y, m: f"01-{SHORT[m]}-{y}",
    "01ene2018": lambda y, m: f"01{SHORT[m]}{y}",
    "1/ene/18": lambda y, m: f"1/{SHORT[m]}/{y % 100}",
    "2018-ene-01": lambda y, m: f"{y}-{SHORT[m]}-01",
    "1 de enero de 2018": lambda y, m: f"1 de {LONG[m]} de {y}",
    "1º de enero de 2018": lambda y, m: f"1º de {LONG[m]} de {y}",
    "Jan-18": lambda y, m: date(y, m + 1, 1).strftime("%b-%y"),
    "January 1, 2018": lambda y, m: date(y, m + 1, 1).strftime("%B 1, %Y"),
    "espacios que no se parten": lambda y, m: f"{LONG[m]}\u00a0de\u00a0{y}",
}


@pytest.mark.parametrize("form", MONTHLY)
def test_months_by_their_names(read, form):
    """En español o en inglés, enteros o no, con el año en dos cifras o en cuatro."""
    series = read(table([MONTHLY[form](*month) for month in MONTHS]))
    assert series.frequency == "monthly"
    assert series.period == 12
    assert series.dates.astype(str).tolist() == [f"{y}-{m + 1:02d}" for y, m in MONTHS]
    assert series.values.tolist() == units(30)


QUARTERLY = [
    *"{y}T{q} {y}-T{q} {y}Q{q} {y}-Q{q} {y}:Q{q} {y}.T{q} {q}T{y} {q}T-{y} T{q}-{y}".split(),
    *"T{q}/{s} {y}T{r} {y}-{r}".split(),
    *("{y} T{q}", "T{q} {y}", "{q}º trimestre de {y}", "Trim. {q} {y}", "{r} {y}", "{y} {q}T"),
]


@pytest.mark.parametrize("form", QUARTERLY)
def test_quarters(read, form):
    """Con T, con Q, con números romanos, delante o detrás del año."""
    texts = [
        form.format(y=2010 + i // 4, s=10 + i // 4, q=i % 4 + 1, r=["I", "II", "III", "IV"][i % 4])
        for i in range(12)
    ]
    series = read(table(texts))
    assert (series.frequency, series.period, len(series.values)) == ("quarterly", 4, 12)
    assert series.dates.astype(str).tolist()[:5] == [
        "2010-01",
        "2010-04",
        "2010-07",
        "2010-10",
        "2011-01",
    ]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (
            lambda day: f"{WEEK[day.weekday()]}, {day.day} de {LONG[day.month - 1]} de {day.year}",
            None,
        ),
        (lambda day: f"{WEEK[day.weekday()][:3]} {day:%d/%m/%Y}", None),
        (lambda day: f"{day:%d}-{SHORT[day.month - 1]}-{day:%y}", None),
        (lambda day: f"{day.day} {SHORT[day.month - 1].title()}. {day.year}", None),
        (lambda day: f"{day:%d %m %Y}", None),
        (lambda day: f"{day.day} de {LONG[day.month - 1]} de {day.year}", "%d de %B de %Y"),
        (lambda day: f"{day:%y}/{SHORT[day.month - 1]}/{day:%d}", "%y/%b/%d"),
        (lambda day: f"{WEEK[day.weekday()]} {day:%d.%m.%y}", "%A %d.%m.%y"),
        (lambda day: f"{day:%Y día %j}", "%Y día %j"),
    ],
)
def test_days_with_words(read, form, told):
    """Sin decir el formato, o diciéndolo con nombres en español."""
    dates = days(40, "2024-01-20")
    series = read(table([form(date.fromisoformat(day)) for day in dates]), date_format=told)
    assert series.dates.astype(str).tolist() == dates


def test_march_is_not_tuesday(read):
    """«mar 2018» es un mes, aunque «mar» también sea martes."""
    series = read(table([f"{name} 2018" for name in SHORT]))
    assert series.dates[2] == np.datetime64("2018-03")
    yearly = read(table(["mar 2018", "mar 2019", "mar 2020"]))
    assert yearly.dates.astype(str).tolist() == ["2018-03", "2019-03", "2020-03"]


def test_days_of_one_month_without_year_are_not_years(read, refused):
    """De «ene-01» a «ene-24» pueden ser días: se pregunta, y la opción que se nombra lo aclara."""
    text = table([f"ene-{day:02d}" for day in range(1, 25)])
    assert 'pasa date_format="%b-%y"' in refused(text)
    assert read(text, date_format="%b-%y").frequency == "yearly"


# Por debajo del día

STEPS = {name: rhythm.step for name, rhythm in RHYTHMS.items() if rhythm.by_clock}


@pytest.mark.parametrize("name", STEPS)
def test_rhythms_below_a_day(read, name):
    """Con su frecuencia, su ciclo de un día y fechas con hora, dichas o deducidas."""
    moments = clock(2 * 1440 // STEPS[name] + 3, STEPS[name], "2024-01-01T00:00")
    series = read(table(moments))
    assert series.frequency == name
    assert series.period == 1440 // STEPS[name]
    assert series.dates.dtype == np.dtype("datetime64[m]")
    assert [str(moment).replace("T", " ") for moment in series.dates] == moments
    assert read(table(moments), frequency=name).dates.tolist() == series.dates.tolist()


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S.000",
        "%Y-%m-%dT%H:%M:%S.000+01:00",
        "%Y-%m-%d %H:%M:%S+0100",
        "%Y-%m-%d %H:%M -03",
        "%Y-%m-%d %H:%M:%S UTC",
        "%Y%m%dT%H%M%SZ",
        "%Y%m%d%H%M",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y, %H:%M h",
        "%d/%m/%Y %I:%M %p",
        "%m/%d/%Y %I:%M:%S %p",
        "%d/%m/%Y %I:%M a. m.",
    ],
)
def test_hours_as_people_write_them(read, form):
    """Con desfase o sin él, con a. m. y p. m., pegadas o separadas: la hora es la escrita."""
    texts = clock(24 * 20, form=form)
    if form.endswith("a. m."):
        texts = [text[:-5] + ("p. m." if i % 24 >= 12 else "a. m.") for i, text in enumerate(texts)]
    series = read(table(texts))
    assert series.frequency == "hourly"
    assert (series.dates[0], len(series.dates)) == (np.datetime64("2024-01-01T00:00"), 480)


def madrid_year(form=None) -> list[str]:
    """Todas las horas de 2024 en Madrid, como las publica Red Eléctrica."""
    start = datetime(2023, 12, 31, 23, tzinfo=UTC)
    moments = [(start + timedelta(hours=i)).astimezone(MADRID) for i in range(8784)]
    return [m.strftime(form) if form else m.isoformat(timespec="milliseconds") for m in moments]


def test_a_year_of_hours_with_both_offsets(read):
    """Ni la hora que falta en marzo ni la repetida en octubre son fallos: lo dice el desfase."""
    series = read(table(madrid_year()))
    assert (series.frequency, len(series.values), len(series.filled)) == ("hourly", 8784, 0)
    assert (np.diff(series.dates) == np.timedelta64(60, "m")).all()
    assert str(series.dates[0]) == "2024-01-01T00:00"  # la hora de invierno, que es la escrita
    daily = read(table(madrid_year(), [1 + i % 2 for i in range(8784)]), duplicates="sum")
    assert (daily.frequency, len(daily.values)) == ("daily", 366)
    assert daily.values.sum() == 8784 * 1.5


def test_a_year_of_hours_without_offsets_names_the_clock_change(read, refused):
    """Sin desfase, faltan una hora y sobra otra, y se dice por qué; sumar días no se rehúsa."""
    text = table(madrid_year("%d/%m/%Y %H:%M"))
    message = refused(text)
    assert message.count("Parece el cambio de hora") == 2
    assert "2024-10-27T02:00 (líneas" in message
    assert "2024-03-31T02:00 (tras la línea" in message
    series = read(text, frequency="hourly", duplicates="mean", fill="linear")
    assert series.filled.astype(str).tolist() == ["2024-03-31T02:00"]
    assert len(read(text, duplicates="sum").values) == 366


def test_daily_data_with_offsets_keep_their_day(read):
    """La medianoche de verano no es del día anterior."""
    texts = [f"{day}T00:00:00+0{2 if '-04' < day[4:7] < '-11' else 1}:00" for day in days(366)]
    assert read(table(texts)).dates.astype(str).tolist() == days(366)


def test_seconds_of_a_sensor_are_not_minutes(read):
    """Una lectura cada diez minutos con los segundos que sean."""
    moments = [f"{text}:{i * 7 % 60:02d}" for i, text in enumerate(clock(300, 10))]
    assert read(table(moments)).frequency == "10min"


# Fechas que no se leen, y por qué

UNREAD = {
    "semanas ISO": ([f"2024-W{week:02d}" for week in range(1, 20)], "semanas del año (ISO) no se"),
    "semanas sin guion": ([f"2024W{week:02d}" for week in range(1, 20)], "semanas del año (ISO)"),
    "semanas en español": ([f"semana {week} 2024" for week in range(1, 20)], "semanas del año"),
    "segundos desde 1970": (range(1704067200, 1704067200 + 72000, 3600), "segundos (o miliseg"),
    "milisegundos": (range(1704067200000, 1704067200000 + 72000000, 3600000), "desde 1970"),
    "las 24:00": ([*clock(23, start="2024-01-01T01:00"), "2024-01-01 24:00"], "00:00 del día"),
    "semestres": (["2020S1", "2020S2", "2021S1"], "Los semestres no se leen"),
    "un quinto trimestre": (["2010T1", "2010T2", "2010T3", "2010T4", "2010T5"], "van del 1 al 4"),
    "sin año": (["1 ene", "2 ene", "3 ene"], "Falta el año"),
    "meses sin año": (LONG, "Falta el año"),
    "solo la hora": (["10:00", "11:00", "12:00"], "junta las dos en una columna"),
    "intervalos": (["01.01.2024 00:00 - 01.01.2024 01:00"], "Son intervalos"),
    "números seguidos": (range(1, 40), "¿es un identificador o un número de orden?"),
    "identificador": (range(1001, 1101), "¿es un identificador o un número de orden?"),
    "identificador de seis cifras": (range(100001, 100101), "¿es un identificador"),
    "identificador de ocho cifras": (range(20240101, 20240201), "«20240132» (línea 33)"),
    "columna estrecha": (["########"] * 5, "una columna demasiado estrecha"),
    "desfase en unas sí y en otras no": (
        ["2024-01-01T00:00Z", "2024-01-01T01:00"],
        "Unas fechas llevan desfase, como «2024-01-01T00:00Z» (línea 2), y otras no",
    ),
    "totales entre los meses": (
        ["2018", *(f"2018-{m:02d}" for m in range(1, 13)), "2019", "2019-01"],
        "son un mes, como «2018-01» (línea 3) y otras son un año, como «2018» (línea 2). Si son "
        "totales, borra esas líneas o sáltalas con skip_lines=[2, 15]",
    ),
    "totales entre los trimestres": (
        ["2018T1", "2018T2", "2018T3", "2018T4", "2018", "2019T1"],
        "«2018» (línea 6)",
    ),
}


@pytest.mark.parametrize("case", UNREAD)
def test_dates_that_are_not_read_say_what_they_are(refused, case):
    """Lo que no se lee se llama por su nombre."""
    texts, message = UNREAD[case]
    assert message in refused(table(list(texts)))


@pytest.mark.parametrize("name", ["id", "ID", "Código", "n", "nº", "index", "pedido"])
def test_an_identifier_is_not_a_year(read, refused, name):
    """Aunque sus números podrían ser años; si lo son, se puede decir."""
    text = table(range(1950, 2020), header=(name, "valor"))
    assert f"La columna «{name}» parece un identificador" in refused(text, date_column=name)
    assert read(text, date_column=name, date_format="%Y").frequency == "yearly"


def test_years_are_still_years(read):
    """De 1600 a 2100, sin decir nada; los demás, con ``date_format``."""
    assert read(table(range(1749, 1850), header=("año", "valor")), date_column="año").period == 1
    series = read(table(range(1001, 1101)), date_format="%Y")
    assert (str(series.dates[0]), len(series.dates)) == ("1001-01", 100)


# Tramos incompletos al juntar filas


def without(moments: list[str], *gone: str) -> list[str]:
    """Los momentos que no empiezan por ninguno de esos."""
    return [moment for moment in moments if not moment.startswith(gone)]


HOURS = clock(24 * 60)
LATE = tuple(f"2024-01-{day:02d} {hour}" for day in (5, 9, 20) for hour in range(12, 24))
DAILY = days(366)
UNEVEN = {
    "medios días": (without(HOURS, *LATE), {}, "3 fechas no juntan", "2024-01-05 (12 de 24)"),
    "dos horas menos": (
        without(HOURS, "2024-01-05 22", "2024-01-05 23"),
        {},
        "1 fecha no junta",
        "2024-01-05 (22 de 24)",
    ),
    "el último día, a medias": (HOURS[:-10], {}, "1 fecha", "2024-02-29 (14 de 24)"),
    "el primer día, a medias": (HOURS[7:], {}, "1 fecha", "2024-01-01 (17 de 24)"),
    "un día pegado dos veces": (
        HOURS[:48] + HOURS[24:],
        {"sort": True},
        "1 fecha",
        "2024-01-02 (48 de 24)",
    ),
    "medias horas a horas": (
        without(clock(480, 30), "2024-01-05 07:30"),
        {"frequency": "hourly"},
        "1 fecha",
        "2024-01-05T07:00 (1 de 2)",
    ),
    "diez minutos a días": (
        without(clock(1440, 10), "2024-01-05 0"),
        {"frequency": "daily"},
        "1 fecha",
        "2024-01-05 (84 de 144)",
    ),
    "minutos a cuartos": (
        without(clock(1440, 1), "2024-01-01 03:1"),
        {"frequency": "15min"},
        "2 fechas",
        "2024-01-01T03:00 (10 de 15)",
    ),
    "un mes con siete días": (
        [day for day in DAILY if not "2024-05-08" <= day <= "2024-05-31"],
        {"frequency": "monthly"},
        "1 fecha",
        "2024-05 (7 de 31)",
    ),
    "meses a medias en los dos bordes": (
        days(130, "2024-01-25"),
        {"frequency": "monthly"},
        "2 fechas",
        "2024-01 (7 de 31) y 2024-06 (2 de 30)",
    ),
    "horas a meses": (
        without(clock(24 * 91), "2024-01-1"),
        {"frequency": "monthly"},
        "1 fecha",
        "2024-01 (504 de 744)",
    ),
    "semanas que no empiezan en lunes": (
        days(100, "2024-01-03"),
        {"frequency": "weekly"},
        "2 fechas",
        "2024-01-01 (5 de 7) y 2024-04-08 (4 de 7)",
    ),
    "años de siete meses": (
        [f"{2018 + i // 12}-{i % 12 + 1:02d}" for i in range(31)],
        {"frequency": "yearly"},
        "1 fecha",
        "2020-01 (7 de 12)",
    ),
    "trimestres de dos meses": (
        [f"{2018 + i // 12}-{i % 12 + 1:02d}" for i in range(35)],
        {"frequency": "quarterly"},
        "1 fecha",
        "2020-10 (2 de 3)",
    ),
    "laborables": (
        [d for d in DAILY if np.is_busday(d) and not "2024-08-05" <= d <= "2024-08-23"],
        {"frequency": "monthly"},
        "1 fecha",
        "2024-08 (7 de 22)",
    ),
    "tres tiendas y un día dos": (
        [day for day in days(60) for _ in range(3)][1:],
        {},
        "1 fecha",
        "2024-01-01 (2 de 3)",
    ),
    "la hora en otra columna": (
        [day for day in days(60) for _ in range(24)][:-9],
        {},
        "1 fecha",
        "2024-02-29 (15 de 24)",
    ),
}


@pytest.mark.parametrize("how", ["sum", "mean"])
@pytest.mark.parametrize("case", UNEVEN)
def test_incomplete_slots_are_never_joined_in_silence(read, refused, case, how):
    """Se nombran con sus cuentas; con ``incomplete`` se juntan igual o se quitan."""
    moments, options, many, shown = UNEVEN[case]
    text, options = table(moments), options | {"duplicates": how}
    message = refused(text, **options)
    assert many in message
    assert shown in message
    kept = read(text, incomplete="keep", **options)
    clean = read(text, incomplete="discard", fill="previous", **options)
    assert len(kept.values) - len(clean.values) + len(clean.filled) == int(many.split()[0])


EVEN = {
    "hora de menos y hora de más": (madrid_year("%d/%m/%Y %H:%M"), {}),
    "cada mes, sus días": (DAILY, {"frequency": "monthly"}),
    "cierra los domingos": (
        [day for day in DAILY if date.fromisoformat(day).weekday() < 6],
        {"frequency": "monthly"},
    ),
    "bolsa con festivos": (
        [d for d in DAILY if np.is_busday(d) and d[5:] not in ("01-01", "03-29", "12-25", "12-26")],
        {"frequency": "monthly"},
    ),
    "semanas completas": (days(364), {"frequency": "weekly"}),
    "meses a trimestres": (
        [f"{2018 + i // 12}-{i % 12 + 1:02d}" for i in range(36)],
        {"frequency": "quarterly"},
    ),
    "semanas a meses": (days(104, "2024-01-06", step=7), {"frequency": "monthly"}),
    "una fila por venta": (
        sorted(f"2024-01-{day:02d}" for day in np.random.default_rng(0).integers(1, 32, 600)),
        {},
    ),
    "mañana y tarde": ([f"{day} {hour}" for day in days(30) for hour in ("09:15", "18:15")], {}),
    "tres tiendas": ([day for day in days(60) for _ in range(3)], {}),
}


@pytest.mark.parametrize("case", EVEN)
def test_what_is_complete_is_not_refused(read, case):
    """El cambio de hora, los meses cortos, los domingos y las ventas sueltas no son fallos."""
    moments, options = EVEN[case]
    values = np.arange(len(moments)) % 11 + 1
    series = read(table(moments, values), duplicates="sum", **options)
    assert series.values.sum() == values.sum()


def test_days_become_weeks_from_monday(read, refused):
    """La fecha de una semana es su lunes; sin decir cómo juntarlas, se pregunta."""
    text = table(days(70), range(70))
    assert "10 fechas están repetidas: 2024-01-01 (líneas 2, 3, 4" in refused(
        text, frequency="weekly"
    )
    series = read(text, frequency="weekly", duplicates="sum")
    assert series.dates.astype(str).tolist()[:2] == ["2024-01-01", "2024-01-08"]
    assert series.values[:2].tolist() == [21, 70]
    own = read(table(days(60, "2024-01-06", step=7)), frequency="weekly", duplicates="last")
    assert str(own.dates[0]) == "2024-01-06"  # una serie semanal conserva su día


def test_a_discarded_slot_inside_asks_how_to_fill_it(refused):
    """Quitar lo incompleto deja un hueco, y un hueco no se rellena sin pedirlo."""
    text = table([day for day in DAILY if not "2024-05-08" <= day <= "2024-05-31"])
    message = refused(text, frequency="monthly", duplicates="sum", incomplete="discard")
    assert "1 fecha incompleta se queda sin valor: 2024-05. Completa el archivo o di" in message


def test_empty_cells_count_as_missing_rows(read, refused):
    """Una hora sin dato falta lo mismo que una hora sin fila."""
    values = ["" if moment.startswith(LATE) else 3 + i % 5 for i, moment in enumerate(HOURS)]
    assert "2024-01-05 (12 de 24)" in refused(table(HOURS, values), duplicates="sum")
    marked = [-999 if value == "" else value for value in values]
    assert "missing=[-999]" in refused(table(HOURS, marked), duplicates="sum")
    assert "(12 de 24)" in refused(table(HOURS, marked), duplicates="sum", missing=-999)


# Números que significan «falta»

SMOOTH = (20 + 5 * np.sin(np.arange(200) / 7) + np.arange(200) % 3).round(1)


def marked(code: float, *places: int) -> list[float]:
    """Una serie suave con un código en esos sitios."""
    values = SMOOTH.tolist()
    for place in places or (10, 11, 50):
        values[place] = code
    return values


@pytest.mark.parametrize(
    "code",
    [-200, -999, -9999, -99, -99.9, -999.9, -1, -32768, 999, 9999, 99999, 8888, 9999.9, 1e20, -77],
)
def test_a_repeated_faraway_extreme_is_asked_about(read, refused, code):
    """Con ``missing`` falta; con ``missing=[]`` es un dato; sin decir nada, se pregunta."""
    text = table(days(200), marked(code))
    message = refused(text)
    assert f"El valor {code:.12g} aparece 3 veces (en las líneas 12, 13 y 52)" in message
    assert f"pasa missing=[{code:.12g}]" in message
    series = read(text, missing=[code], fill="linear")
    assert series.filled.astype(str).tolist() == ["2024-01-11", "2024-01-12", "2024-02-20"]
    assert series.values.min() > 10
    assert code in read(text, missing=[]).values


@pytest.mark.parametrize("mark", ["Ip", "cerrado", "s/datos", "#N/D", "-999", "9999,0"])
def test_texts_can_mean_missing(read, mark):
    """Una palabra, un error de hoja de cálculo o un número escrito como texto."""
    text = table(days(10), [1, 2, mark, 4, 5, 7, 6, 8, 9, 3])
    assert read(text, missing=mark, fill="linear").values[2] == 3


def test_saying_which_texts_are_missing_says_nothing_of_the_numbers(read, refused):
    """Un código no entra callado porque se haya dicho qué textos faltan."""
    values = [*marked(-999), "avería", 21]
    text = table(days(202), values)
    message = refused(text, missing=["avería"])
    assert 'pasa missing=["avería", -999]' in message
    assert 'como los otros, missing=["avería", np.nan].' in message
    assert read(text, missing=["avería", -999], fill="linear").values.min() > 10
    assert read(text, missing=["avería", np.nan], fill="previous").values.min() == -999


def test_two_codes_are_named_at_once(refused):
    """El segundo no se esconde detrás del primero."""
    values = marked(-200)
    values[60] = values[70] = 9999
    assert "missing=[9999, -200]" in refused(table(days(200), values))


@pytest.mark.parametrize(
    "values",
    [
        np.arange(200) % 2,
        np.where(np.arange(200) % 3, 0, 1 + np.arange(200) % 9),
        np.where(np.arange(200) % 4, 0, 50),
        np.where(np.arange(200) < 60, 3, 10 + np.arange(200) % 7),
        np.append(SMOOTH, [80, 81]),
        np.append(SMOOTH, 80),
        np.round(10 * np.sin(np.arange(200) / 20)),
        np.array([1.0, 1.0, 1000.0]),
        load_elnino().values,
    ],
)
def test_ordinary_series_have_no_codes(values):
    """Ceros y unos, lluvia, un escalón, un pico: nada de eso es una marca."""
    assert find_sentinels(np.asarray(values, dtype=float)) == []


# Lo que rodea a la tabla

BODY = table(days(30))
AROUND = {
    "sep=;": "sep=;\r\n" + BODY,
    "sep con la marca inicial": "\ufeffsep=;\n" + BODY,
    "sep entre comillas": '"sep=;"\n' + BODY,
    "sep que no es de los corrientes": "sep=:\n" + table(days(30), separator=":"),
    "un título": "Paro registrado\n" + BODY,
    "títulos con comas": "Paro, por meses\nEspaña, 2024\n\n" + BODY,
    "títulos con separadores": "Paro registrado;\nMiles;\n;\n" + BODY,
    "títulos con comillas sueltas": 'El "nuevo\n"Paro "registrado""\n' + BODY,
    "comentarios": "# exportado\n# unidad: MWh\n" + BODY,
    "un total": BODY + "Total;9999\n",
    "un total con año": BODY + "TOTAL 2024;9999\n",
    "total y media": BODY + "\nTotal;9999\nPromedio;12,5\n",
    "fuente": BODY + "\nFuente: INE, Madrid.\n",
    "fuente con comas en un archivo con comas": table(days(30), separator=",")
    + "Fuente: INE, Madrid, 2024\n",
    "notas": BODY + "Notas:\n(1) Provisional\n(2) Estimado;\n* Revisado\n",
    "una frase": BODY + "Los meses de 2024 son provisionales.\n",
    "fin de archivo antiguo": BODY + "\x1a",
    "finales de línea antiguos": BODY.replace("\n", "\r"),
    "todo a la vez": f"sep=;\nTítulo;\n\n{BODY}\nTotal;1\nFuente: INE\nActualizado el 3/4/2024\n",
}


@pytest.mark.parametrize("case", AROUND)
def test_lines_around_the_table_are_not_data(read, case):
    """Ni los títulos, ni los totales, ni las notas."""
    assert read(AROUND[case]).values.tolist() == units(30)


NOT_AROUND = {
    "una fecha mal escrita al final": (BODY + "31-enro-2024;5\n", "«31-enro-2024» (línea 32)"),
    "una palabra al final": (BODY + "ayer;5\n", "«ayer» (línea 32)"),
    "un valor sin fecha al final": (BODY + ";77\n", "vacía en la línea 32"),
    "una fecha sin valor al final": (BODY + "2024-01-31;\n", "Falta el valor en la línea 32"),
    "una fecha sola al final": (BODY + "2024-01-31\n", "La línea 32 tiene 1 celda"),
    "un subtotal en medio": (
        BODY + "Subtotal;9\n" + BODY.partition("\n")[2],
        "«Subtotal» (línea 32). Si son totales o textos, y no datos, borra esas líneas o sáltalas "
        "con skip_lines=[32]",
    ),
    "la cabecera otra vez": (BODY + BODY, "La cabecera se repite en la línea 32"),
    "las unidades bajo la cabecera": (
        BODY.replace("valor\n", "valor\ndd/mm/aaaa;MWh\n"),
        "sáltalas con skip_lines=[2]",
    ),
    "la tabla en horizontal": (
        "serie;2018-01;2018-02;2018-03;2018-04\nparo;1;2;3;4\n",
        "¿Van las fechas de izquierda a derecha?",
    ),
    "otra cabecera bajo un título": (
        "Paro, España\n\nPeriodo;Total\n2018-01;3\n2018-02;4\n",
        "La línea 3 tiene: «Periodo» y «Total»",
    ),
    "la cabecera, la última": (
        BODY.partition("\n")[2] + "fecha;valor\n",
        "La cabecera está en la línea 31 y encima hay filas con fecha, en las líneas 1, 2, 3",
    ),
    "todo son notas": ("fecha;valor\nFuente: INE\n", "Solo tiene la cabecera"),
}


@pytest.mark.parametrize("case", NOT_AROUND)
def test_what_could_be_data_is_never_dropped(refused, case):
    """Lo que está en la tabla y no se entiende, se dice."""
    content, message = NOT_AROUND[case]
    assert message in refused(content)


def test_lines_can_be_skipped_by_number(read):
    """Las que el mensaje propone, tal como las escribe."""
    text = BODY.replace("valor\n", "valor\ndd/mm/aaaa;MWh\n") + "Subtotal;9\nhoy;3\n"
    assert read(text, skip_lines=[2, 33, 34]).values.tolist() == units(30)


# Lo que no es un CSV


def zipped(**files: str) -> bytes:
    """Un archivo zip; los nombres, con «__» en vez de «/»."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


OTHER_THINGS = {
    "gzip": (gzip.compress(BODY.encode()), "un archivo comprimido (gzip). Descomprímelo"),
    "bzip2": (bz2.compress(BODY.encode()), "un archivo comprimido (bzip2)"),
    "xz": (lzma.compress(BODY.encode()), "un archivo comprimido (xz)"),
    "zip": (zipped(datos=BODY), "un archivo comprimido (zip). Descomprímelo"),
    "tar": (bytes(257) + b"ustar" + bytes(300), "(tar)"),
    "Excel": (zipped(xl__workbook="x"), "un libro de Excel. Ábrelo"),
    "LibreOffice": (
        zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        "un libro de LibreOffice",
    ),
    "Word": (zipped(word__document="x"), "un documento de Word"),
    "Parquet": (b"PAR1\x15\x04", "una tabla en Parquet"),
    "SQLite": (b"SQLite format 3\x00" + bytes(50), "una base de datos SQLite"),
    "NumPy": (b"\x93NUMPY\x01\x00", "un array de NumPy"),
    "una foto": (b"\x89PNG\r\n\x1a\n" + bytes(50), "una imagen"),
    "bytes cualesquiera": (np.random.default_rng(0).bytes(5000), "No es un archivo de texto"),
    "bytes pequeños": (bytes(i * 7 % 128 for i in range(5000)), "No es un archivo de texto"),
    "página web": ("<!DOCTYPE html>\n<html><body>" + BODY, "una página web guardada"),
    "página sin doctype": ("\ufeff  <HTML>\n<title>Población</title>", "una página web guardada"),
    "página en otra codificación": ("<html>España".encode("cp1252"), "una página web guardada"),
    "tabla de una página": ("<table><tr><td>fecha</td></tr></table>", "una página web"),
    "página en un archivo": ("From: <Saved by Blink>\nMIME-Version: 1.0", "una página web"),
    "XML": ("<?xml version='1.0'?><datos/>", "sino XML"),
    "JSON": ('[{"fecha": "2024-01-01", "valor": 3}]', "sino JSON"),
    "ficha de Git LFS": ("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "UTF-16 sin marca": (BODY.encode("utf-16-le"), 'pasa encoding="utf-16-le"'),
    "UTF-16 al revés": (BODY.encode("utf-16-be"), 'pasa encoding="utf-16-be"'),
    "UTF-32": (BODY.encode("utf-32"), 'pasa encoding="utf-32"'),
    "un carácter de control": (BODY.replace(";11", ";1\x071"), "La línea 3 lleva un carácter de"),
    "#N/D": (
        table(days(5), [1, "#N/D", 3, "#¡VALOR!", 5]),
        "Son errores que deja una hoja de cálculo en lugar del valor",
    ),
    "celdas de almohadillas": (table(days(5), ["####"] * 5), "errores que deja una hoja de cál"),
    "celda de dos líneas": ('fecha;valor\n2024-01-01;"3\n4"\n', "«3 4» (línea 2)"),
    "moneda": (table(days(5), ["1.234,56 €"] * 5), "«1.234,56 €» (línea 2)"),
}


@pytest.mark.parametrize("case", OTHER_THINGS)
def test_a_file_that_is_something_else_is_called_by_its_name(refused, case):
    """Una frase clara, sin caracteres de control."""
    content, message = OTHER_THINGS[case]
    assert message in refused(content)


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("https://www.ine.es/datos.csv", ValueError, "path es una dirección web, https://www"),
        ("HTTP://ine.es/datos.csv", ValueError, "descárgalo con el navegador"),
        ("www.ine.es/datos.csv", ValueError, "dirección web"),
        (Path("https://ine.es/datos.csv"), ValueError, "dirección web"),
        ("ftp://ine.es/datos.csv", ValueError, "dirección web"),
        ("s3://cubo/datos.csv", ValueError, "dirección web"),
        ("file:///datos.csv", ValueError, "dirección web"),
        (pd.DataFrame({"fecha": [1]}), TypeError, "DataFrame, una tabla ya leída. Guárdala con su"),
        (pd.Series([1]), TypeError, "una tabla ya leída"),
        (io.StringIO("fecha"), TypeError, "StringIO, un archivo abierto. Pasa su ruta"),
        (load_elnino(), TypeError, "una serie ya leída"),
        (None, TypeError, "NoneType"),
        (3, TypeError, "int: 3"),
        (["datos.csv"], TypeError, "list"),
        (b"datos.csv", TypeError, "bytes"),
        (np.zeros(3), TypeError, "un array de forma (3,)"),
        ("", ValueError, "path está vacío"),
        ("fecha;valor\n2024-01-01;3\n", ValueError, "Si es el contenido de un CSV, guárdalo"),
        ("C:\temp\x07.csv", ValueError, "ponle una r delante"),
        ("/dev/null", OSError, "no es un archivo corriente"),
    ],
)
def test_a_path_that_is_something_else(path, error, message):
    """Direcciones, tablas y archivos abiertos: qué ha llegado y qué hacer."""
    with pytest.raises(error, match=re.escape(message)) as caught:
        load_own_series(path, date_column="fecha", value_column="valor")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"missing": True}, TypeError, "missing debe tener los números o textos"),
        ({"missing": [None]}, TypeError, "missing debe tener los números o textos"),
        ({"skip_lines": [0]}, TypeError, "skip_lines debe tener los números de las líneas"),
        ({"skip_lines": "33"}, TypeError, "skip_lines debe tener los números de las líneas"),
        ({"incomplete": "drop"}, ValueError, "incomplete debe ser uno de estos: 'keep', 'discard'"),
        ({"frequency": "15 min"}, ValueError, "'15min'"),
    ],
)
def test_the_new_options_are_checked(read, options, error, message):
    """Dicen qué esperan."""
    with pytest.raises(error, match=re.escape(message)):
        read(BODY, **options)


# Archivos parecidos a los de verdad


def test_a_table_of_the_statistics_office(read, refused):
    """INE: títulos, punto y coma, trimestres del más reciente al más antiguo y notas."""
    rows = [
        f"Ambos sexos;{year}T{quarter};{10 + year % 7},{quarter}5\n"
        for year in range(2023, 2010, -1)
        for quarter in (4, 3, 2, 1)
    ]
    text = (
        "Tasas de paro por sexo\nUnidades: Tasas\n\nSexo;Periodo;Total\n"
        + "".join(rows)
        + "\nNotas: \n1.- Serie revisada en 2021\nFuente: Instituto Nacional de Estadística\n"
    )
    names = {"date_column": "Periodo", "value_column": "Total"}
    assert "de la más reciente a la más antigua" in refused(text, **names)
    series = read(text, sort=True, **names)
    assert (str(series.dates[0]), len(series.values)) == ("2011-01", 52)
    assert series.values[0] == 12.15


def test_a_table_of_the_weather_service(read, refused):
    """AEMET: todo entre comillas, coma decimal, «Ip» en la lluvia y «Varias» en las horas."""
    rain = ["0,0", "Ip", "1,2"]
    rows = [
        f'"3195";"{day}";"{8 + i % 5},{i % 10}";"{rain[i % 3]}";"{["07:10", "Varias"][i % 2]}"\n'
        for i, day in enumerate(days(60))
    ]
    text = '"indicativo";"fecha";"tmed";"prec";"horatmin"\n' + "".join(rows)
    assert read(text, value_column="tmed").values[:2].tolist() == [8.0, 9.1]
    message = refused(text, value_column="prec")
    assert "«Ip» es lluvia inapreciable" in message
    assert 'pasa missing=["Ip"]' in message
    assert len(read(text, value_column="prec", missing="Ip", fill="zero").filled) == 20
    assert "«Varias» es que hubo varias horas" in refused(text, value_column="horatmin")


def test_a_table_of_the_central_bank(read, refused):
    """Banco de España: varias líneas de cabecera, meses abreviados y la fuente al final."""
    rows = [
        f'"{name.upper()} {year}","{year / 1000:.3f}"\n' for year in (1999, 2000) for name in SHORT
    ]
    text = (
        '"CÓDIGO DE LA SERIE","D_1"\n"NÚMERO SECUENCIAL","123456"\n"ALIAS DE LA SERIE","TI_1_1"\n'
        + "".join(rows)
        + '"FUENTE","Banco de España"\n"NOTAS",""\n'
    )
    names = {"date_column": "CÓDIGO DE LA SERIE", "value_column": "D_1", "decimal": "."}
    assert "sáltalas con skip_lines=[2, 3]" in refused(text, **names)
    series = read(text, skip_lines=[2, 3], **names)
    assert (str(series.dates[0]), len(series.values)) == ("1999-01", 24)


def test_a_table_of_the_grid_operator(read):
    """REE: cinco minutos con milisegundos y desfase, entre otras columnas."""
    moments = clock(576, 5, form="%Y-%m-%dT%H:%M:%S.000+01:00")
    rows = [
        f"1293;Demanda real;8741;Península;{20000 + i % 97};{m}\n" for i, m in enumerate(moments)
    ]
    series = read(
        "id;name;geoid;geoname;value;datetime\n" + "".join(rows),
        date_column="datetime",
        value_column="value",
    )
    assert (series.frequency, series.period, len(series.values)) == ("5min", 288, 576)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_what_a_spreadsheet_exports(read, encoding):
    """Marca inicial o UTF-16, punto y coma, día/mes/año y millares con punto."""
    rows = [f"{d[8:]}/{d[5:7]}/{d[:4]};1.{i:03d},5;Logroño\r\n" for i, d in enumerate(days(30))]
    content = "Fecha;Año y €;Tienda\r\n" + "".join(rows)
    series = read(
        content.encode(encoding),
        encoding=encoding.removesuffix("-sig"),
        date_column="Fecha",
        value_column="Año y €",
    )
    assert series.values[:2].tolist() == [1000.5, 1001.5]


def test_a_big_file_says_that_it_is_being_read(read, capsys, monkeypatch):
    """Solo cuando es grande."""
    read(BODY)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(source, "BIG", 100)
    read(BODY)
    assert "Leyendo «mi_serie.csv»" in capsys.readouterr().out

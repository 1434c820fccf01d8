"""El CSV de quien aprende: qué se admite, qué se rechaza, dónde dice que está y cómo se arregla."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from course_utils.datasets import Series, load_own_series, load_sales, load_sunspots
from course_utils.datasets.own.rhythm import RHYTHMS
from course_utils.sequences import make_windows


def days(count: int, *, start: str = "2024-01-01", step: int = 1, form: str = "%Y-%m-%d"):
    """Fechas seguidas, escritas."""
    first = date.fromisoformat(start)
    return [(first + timedelta(days=step * i)).strftime(form) for i in range(count)]


DAYS = days(30)
UNITS = [str(10 + i % 7) for i in range(30)]
REFUSED = "^«ventas[.]csv» no se puede usar así"
COMPLETE = "Completa el archivo o di cómo rellenar los huecos"


def table(dates, values, *, separator: str = ",", header=("fecha", "ventas")) -> str:
    """Un CSV de dos columnas, sin comillas."""
    rows = [header, *zip(dates, values, strict=True)]
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def changed(items, **changes):
    """Una copia de ``items`` con otros valores: ``_3="x"`` cambia el cuarto."""
    return [changes.get(f"_{place}", item) for place, item in enumerate(items)]


@pytest.fixture
def read(tmp_path):
    """Escribe un archivo y lo lee como serie."""

    def run(content: str | bytes, **options) -> Series:
        path = tmp_path / "ventas.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        options = {"date_column": "fecha", "value_column": "ventas", **options}
        return load_own_series(path, **options)

    return run


# Lo que se lee


def test_a_series_that_never_changes_may_go_with_another(read):
    """Sola no sirve; si se dice que vale, se lee."""
    content = table(DAYS, ["3"] * 30)
    with pytest.raises(ValueError, match="nada que pronosticar"):
        read(content)
    assert set(read(content, constant=True).values) == {3.0}


def test_a_clean_file_is_ready_for_windows(read):
    """Fechas, valores y lo que hace falta para dibujar y citar la serie."""
    series = read(table(DAYS, UNITS), unit="barras", min_length=21)
    assert series.dates.astype(str).tolist() == DAYS
    assert series.values.tolist() == [float(value) for value in UNITS]
    assert series.values.dtype == np.float64
    assert (series.name, series.unit, series.source) == ("ventas", "barras", "ventas.csv")
    assert (series.period, len(series.filled)) == (7, 0)
    assert make_windows(series.values, width=14).inputs.shape == (16, 14)


@pytest.mark.parametrize(
    ("dates", "frequency", "period", "kind"),
    [
        (DAYS, "daily", 7, "D"),
        ([day for day in DAYS if date.fromisoformat(day).weekday() < 5], "business", 5, "D"),
        (days(12, step=7), "weekly", 52, "D"),
        ([f"2023-{month:02d}" for month in range(1, 13)], "monthly", 12, "M"),
        (["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"], "monthly", 12, "M"),
        (["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"], "quarterly", 4, "M"),
        (["1999", "2000", "2001"], "yearly", 1, "M"),
    ],
)
def test_the_frequency_is_recognised(read, dates, frequency, period, kind):
    """Sin decirla o diciéndola, se lee lo mismo."""
    text = table(dates, UNITS[: len(dates)])
    found, told = read(text), read(text, frequency=frequency)
    assert found.dates.dtype == np.dtype(f"datetime64[{kind}]")
    assert found.dates.astype(str).tolist() == [
        day[: 7 if kind == "M" else 10] for day in map(str, told.dates)
    ]
    np.testing.assert_array_equal(found.values, told.values)
    assert found.period == told.period == period
    assert read(text, period=3).period == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1.234,5", "7", "-0,25"], [1234.5, 7, -0.25]),
        (["1,234.5", "7", "-.25"], [1234.5, 7, -0.25]),
        (["1 234,5", "7\u00a0000", "+1\u202f000,0"], [1234.5, 7000, 1000]),
        (["1e3", "2.5E-1", "−3"], [1000, 0.25, -3]),
        (["1.234.567", "8", "9"], [1234567, 8, 9]),
        (["0.125", "0.250", "0.375"], [0.125, 0.25, 0.375]),
        (["24.110", "24.5", "25.000"], [24.11, 24.5, 25.0]),
    ],
)
def test_numbers_as_people_write_them(read, values, expected):
    """Coma o punto decimal, con millares o sin ellos: se deduce cuando no hay duda."""
    assert read(table(DAYS[:3], values, separator=";")).values.tolist() == expected


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("%d/%m/%Y", False),
        ("%m/%d/%Y", False),
        ("%d-%m-%Y", False),
        ("%d.%m.%Y", False),
        ("%Y/%m/%d", False),
        ("%Y%m%d", False),
        ("%Y-%m-%d 00:00:00", False),
        ("%Y-%m-%dT00:00", False),
        ("%d/%m/%y", True),
        ("%Y-%m-%dT00:00:00+0200", True),
        ("día %d de %m, %Y", True),
    ],
)
def test_dates_as_people_write_them(read, form, told):
    """Con un día mayor que 12 el orden queda claro; lo demás se dice con date_format."""
    text = table(days(30, form=form), UNITS, separator=";")
    series = read(text, date_format=form.replace("+0200", "%z") if told else None)
    assert series.dates.astype(str).tolist() == DAYS


def test_what_surrounds_the_data_does_not_matter(read):
    """La marca inicial, finales de línea de Windows, comillas, líneas vacías y columnas de más."""
    text = (
        '\ufeff"tienda"; "fecha";"ventas";"notas"\r\n\r\n'
        '"Sol";"2024-01-01";"1,5";"fiesta; hubo\r\ncola"\r\n'
        '"Sol"; 2024-01-02 ;"2,5";;\r\n'
        '"Sol";"2024-01-03";"3,5";""\r\n\r\n;;;\r\n'
    )
    assert read(text).values.tolist() == [1.5, 2.5, 3.5]


def test_an_accent_written_in_two_pieces_is_the_same(read):
    """Algunos sistemas guardan «año» con la tilde aparte."""
    text = table(["1999", "2000"], [1, 2], header=("an\u0303o", "ventas"))
    assert read(text, date_column="año").values.tolist() == [1, 2]


def test_other_encodings_are_read_when_asked(read):
    """``cp1252`` y UTF-16, que guardan algunas hojas de cálculo."""
    text = table(DAYS, UNITS, header=("día", "ventas"))
    for encoding in ("cp1252", "utf-16"):
        found = read(text.encode(encoding), date_column="día", encoding=encoding)
        assert len(found.values) == 30


@pytest.mark.parametrize("load", [load_sunspots, load_sales])
def test_the_series_of_the_course_survive_the_trip(tmp_path, load):
    """Guardadas como CSV y leídas con esta función, son las mismas."""
    series = load()
    values = series.values if load is load_sunspots else series.units
    path = tmp_path / "serie.csv"
    path.write_text(table(series.dates, values), encoding="utf-8")
    found = load_own_series(path, date_column="fecha", value_column="ventas")
    np.testing.assert_array_equal(found.dates, series.dates)
    np.testing.assert_array_equal(found.values, values)


# Lo que no se puede leer


def test_a_missing_file_names_its_neighbours(tmp_path, monkeypatch):
    """La ruta entera, lo que hay en esa carpeta y el nombre parecido."""
    monkeypatch.chdir(tmp_path)
    names = {"date_column": "fecha", "value_column": "ventas"}
    with pytest.raises(FileNotFoundError, match="no hay ningún CSV"):
        load_own_series("ventas.csv", **names)
    (tmp_path / "ventas.csv").touch()
    with pytest.raises(FileNotFoundError, match=r"hay: ventas\.csv\. ¿Querías") as caught:
        load_own_series("ventes.csv", **names)
    assert str(tmp_path / "ventes.csv") in str(caught.value)
    with pytest.raises(FileNotFoundError, match="Tampoco existe esa carpeta"):
        load_own_series(tmp_path / "datos" / "ventas.csv", **names)
    with pytest.raises(IsADirectoryError, match="es una carpeta"):
        load_own_series(tmp_path, **names)


def test_the_home_folder_can_be_written_short(tmp_path, monkeypatch):
    """«~» es la carpeta personal, como en la terminal."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "ventas.csv").write_text(table(DAYS, UNITS), encoding="utf-8")
    series = load_own_series("~/ventas.csv", date_column="fecha", value_column="ventas")
    assert len(series.values) == 30


def test_a_file_that_cannot_be_opened(read, monkeypatch):
    """Windows no deja leer lo que tiene abierto una hoja de cálculo."""

    def locked(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(OSError, match="no lo tienes abierto en otro programa"):
        read(table(DAYS, UNITS))


FILES = {
    "vacío": (b"", "Está vacío."),
    "solo espacios": (b" \n\n", "Está vacío."),
    "solo la cabecera": (b"fecha,ventas\n", "Solo tiene la cabecera"),
    "hoja de cálculo": (b"PK\x03\x04...", "un libro de hoja de cálculo o"),
    "hoja antigua": (b"\xd0\xcf\x11\xe0...", "un libro antiguo"),
    "PDF": (b"%PDF-1.7", "sino un PDF"),
    "binario": (b"fecha\x00,ventas\n", "No es un archivo de texto"),
    "otra codificación": (
        "fecha,ventas,día\n2024-01-01,3,miércoles\n".encode("cp1252"),
        'La línea 1 no está en UTF-8.*encoding="cp1252", con lo que esa línea se lee «fecha,v',
    ),
    "otra codificación más abajo": (
        "fecha,ventas,notas\n2024-01-01,3,\n2024-01-02,4,sábado\n".encode("cp1252"),
        "La línea 3 no está en UTF-8.*«2024-01-02,4,sábado»",
    ),
    "UTF-16": ("fecha,ventas\n".encode("utf-16"), 'pasa encoding="utf-16"'),
    "sin separadores": (b"hola\nmundo\n", "la primera línea, que debe ser la cabecera, no tiene"),
    "sin cabecera": (b"2024-01-01,3\n2024-01-02,4\n", "¿Le falta la cabecera?"),
    "en mayúsculas": (b"FECHA;VENTAS\n", "¿Querías decir «FECHA» y «VENTAS»?"),
    "otro nombre": (
        b"Fecha;Ventas\n",
        "tiene: «Fecha» y «Ventas». ¿Querías decir «Fecha» y «Ventas»?",
    ),
    "falta una": (b"fecha,unidades\n2024-01-01,3\n", "ninguna columna «ventas». La primera"),
    "repetida": (b"fecha,ventas,ventas\n", "«ventas» está más de una vez"),
    "celda de más": (
        b"fecha,ventas\n2024-01-01,3,5\n2024-01-02,4,5\n",
        "La línea 2 tiene 3 celdas y la cabecera 2. Pasa en 2 líneas: 2 y 3. Si los decimales",
    ),
    "celda de menos": (
        b"fecha,ventas\n2024-01-01,3\n2024-01-02\n",
        "La línea 3 tiene 1 celda y la cabecera 2. Corr",
    ),
    "comillas": (b'fecha,ventas\n2024-01-01,3\n2024-01-02,"4\n', "En la línea 3 hay unas comillas"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_not_the_expected_csv(read, case):
    """Cada archivo equivocado se reconoce por lo que es."""
    content, message = FILES[case]
    with pytest.raises(ValueError, match=REFUSED) as caught:
        read(content)
    pattern = ".*".join(re.escape(part) for part in message.split(".*"))
    assert re.search(pattern, str(caught.value))


def test_another_encoding_that_does_not_fit(read):
    """Decir una codificación que no es la suya, o que no existe, también se explica."""
    with pytest.raises(ValueError, match="La línea 1 no está en ascii"):
        read(
            table(DAYS, UNITS, header=("fecha", "ventas")).replace("ventas", "año"),
            encoding="ascii",
        )
    with pytest.raises(ValueError, match="encoding debe ser el nombre de una codificación"):
        read(table(DAYS, UNITS), encoding="utf-99")


# Lo que se lee pero no es una serie: cada fallo, con su sitio y con lo que lo arregla

FAULTS = {
    "texto en los números": (
        table(DAYS, changed(UNITS, _3="12 €", _9="cerrado")),
        {},
        "2 celdas no son números: «12 €» (línea 5) y «cerrado» (línea 11). Deja solo la cifra",
    ),
    "texto con el decimal dicho": (
        table(DAYS, changed(UNITS, _3="1,5"), separator=";"),
        {"decimal": "."},
        "«1,5» (línea 5). Deja solo la cifra, sin texto ni unidades. Los decimales se esperaban "
        "con «.».",
    ),
    "dos signos decimales": (
        table(DAYS, changed(UNITS, _3="1,5", _9="2.5"), separator=";"),
        {},
        "llevan punto, como «2.5» (línea 11), y otros coma, como «1,5» (línea 5)",
    ),
    "millares o decimales": (
        table(DAYS, changed(UNITS, _3="1.500")),
        {},
        "«1.500» (línea 5) puede ser 1.5 o 1500, y ninguna otra celda lo aclara",
    ),
    "infinito": (
        table(DAYS, changed(UNITS, _3="-inf", _5="∞", _7="Inf")),
        {},
        "valores infinitos en las líneas 5, 7 y 9",
    ),
    "tras una celda de dos líneas": (
        'fecha,notas,ventas\n2024-01-01,"dos\nlíneas",3\n2024-01-02,,x\n',
        {},
        "«x» (línea 4)",
    ),
    "demasiado grande": (table(DAYS, changed(UNITS, _3="1e999")), {}, "grandes en la línea 5"),
    "fecha imposible": (
        table(changed(DAYS, _3="2024-02-31"), UNITS),
        {},
        "1 celda no es una fecha escrita como las demás (año, mes y día): «2024-02-31» (línea 5)",
    ),
    "fechas de dos maneras": (
        table(changed(DAYS, _3="04/01/2024", _9="10/01/2024"), UNITS),
        {},
        "2 celdas no son fechas como las demás (año, mes y día): «04/01/2024» (línea 5) y",
    ),
    "año de dos cifras": (
        table(days(30, form="%d/%m/%y"), UNITS),
        {},
        'El año debe tener cuatro cifras; si no, di el formato: date_format="%d/%m/%y"',
    ),
    "número de serie": (table(range(45292, 45322), UNITS), {}, "números de serie de una hoja"),
    "sin ninguna fecha": (
        table([f"jornada {day}" for day in "abcdefghijklmnopqrstuvwxyzñáéí"], UNITS),
        {},
        "No se entiende ninguna fecha: «jornada a» (línea 2), «jornada b» (línea 3)",
    ),
    "otro formato": (
        table(DAYS, UNITS),
        {"date_format": "%d/%m/%Y"},
        "Se esperaban con date_format='%d/%m/%Y'",
    ),
    "día o mes": (
        table(days(12, form="%d/%m/%Y"), UNITS[:12]),
        {},
        "«02/01/2024» (línea 3) tiene dos lecturas, 2024-01-02 y 2024-02-01",
    ),
    "fecha vacía": (
        table(changed(DAYS, _3="", _4=""), UNITS),
        {},
        "La columna de fechas está vacía en las líneas 5 y 6",
    ),
    "una sola fecha": (table(DAYS[:1], UNITS[:1]), {}, "Solo hay una fecha, 2024-01-01"),
    "sin paso": (
        table(["2024-01-01", "2024-01-05", "2024-01-17", "2024-02-04"], UNITS[:4]),
        {},
        "no guardan un paso regular: de una a la siguiente hay, sobre todo, 4, 12 y 18 días",
    ),
    "un día cualquiera de cada mes": (
        table(["2024-01-01", "2024-02-20", "2024-03-03", "2024-04-28"], UNITS[:4]),
        {},
        "no guardan un paso regular",
    ),
    "fuera de su día": (
        table([*days(10, step=7), "2024-03-13", "2024-03-18"], UNITS[:12]),
        {},
        "1 fecha no encaja en una serie semanal porque no guarda el paso de las demás: 2024-03-13 "
        "(línea 12)",
    ),
    "fin de semana": (
        table(DAYS, UNITS),
        {"frequency": "business"},
        "8 fechas no encajan en una serie de lunes a viernes porque caen en fin de semana: "
        "2024-01-06 (línea 7)",
    ),
    "negativo": (
        table(DAYS, changed(UNITS, _3="-4")),
        {"minimum": 0},
        "1 valor es menor que el mínimo, 0: -4 (línea 5)",
    ),
    "corta": (
        table(DAYS, UNITS),
        {"min_length": 60},
        "Tiene 30 valores y hacen falta al menos 60",
    ),
    "constante": (table(DAYS, ["3"] * 30), {}, "Todos los valores son 3: no hay nada que"),
    "sin ningún valor": (table(DAYS, [""] * 30), {}, "La columna de valores está vacía"),
    "año mal escrito": (
        table(changed(DAYS, _29="2204-01-30"), UNITS),
        {"fill": "zero"},
        "Entre 2024-01-29 y 2204-01-30 (línea 31) faltan 65743 valores, más de los que hay (30)",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_says_what_and_where(read, case):
    """Qué celda, en qué línea y cuántas más."""
    content, options, message = FAULTS[case]
    with pytest.raises(ValueError, match=REFUSED) as caught:
        read(content, **options)
    assert message in str(caught.value)


MENDED = {
    "desordenadas": (
        table([DAYS[1], DAYS[0], *DAYS[2:]], [UNITS[1], UNITS[0], *UNITS[2:]]),
        "1 fecha va detrás de otra posterior: 2024-01-01 (línea 3)",
        {"sort": True},
    ),
    "al revés": (
        table(DAYS[::-1], UNITS[::-1]),
        "Las fechas van de la más reciente a la más antigua",
        {"sort": True},
    ),
    "repetidas": (
        table([*DAYS[:4], DAYS[3], *DAYS[4:]], [*UNITS[:3], "6", "7", *UNITS[4:]]),
        "1 fecha está repetida: 2024-01-04 (líneas 5 y 6)",
        {"duplicates": "sum"},
    ),
    "con hora": (
        table([f"{day} 10:30" for day in DAYS], UNITS),
        "Las fechas llevan hora, como 2024-01-01 10:30:00 (línea 2)",
        {"duplicates": "last"},
    ),
    "millares": (
        table(DAYS, [f"{value}.000" for value in UNITS]),
        "«10.000» (línea 2) puede ser 10 o 10000",
        {"decimal": "."},
    ),
    "día o mes": (
        table([f"{day[8:]}/01/2024" for day in DAYS[:12]], UNITS[:12]),
        "tiene dos lecturas",
        {"date_format": "%d/%m/%Y"},
    ),
}


@pytest.mark.parametrize("case", MENDED)
def test_the_option_the_error_names_mends_it(read, case):
    """El error nombra una opción; con ella se lee la serie que era, y sin ella, no."""
    content, message, options = MENDED[case]
    with pytest.raises(ValueError, match="no se puede usar así") as caught:
        read(content)
    assert message in str(caught.value)
    assert next(iter(options)) in str(caught.value)
    series = read(content, **options)
    length = len(series.values)
    assert series.dates.astype(str).tolist() == DAYS[:length]
    assert series.values.tolist() == [float(value) for value in UNITS[:length]]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y", "%m/%d/%Y 00:00:00"])
def test_both_formats_the_error_proposes_can_be_copied(read, form):
    """El error escribe los dos formatos tal como hay que pasarlos: uno es el del archivo."""
    text = table(days(12, form=form), UNITS[:12])
    with pytest.raises(ValueError, match="tiene dos lecturas") as caught:
        read(text)
    proposed = re.findall('date_format="(.*?)"', str(caught.value))
    assert form.replace("00:00:00", "%H:%M:%S") in proposed
    first, second = (read(text, date_format=told) for told in proposed)
    assert [first.period, second.period] == ([7, 12] if form.startswith("%d") else [12, 7])


def test_several_faults_are_told_at_once(read):
    """Se ven todos, cada uno en su línea; con todas las opciones, el archivo se lee."""
    dates = [DAYS[1], DAYS[0], *DAYS[2:10], DAYS[9], *DAYS[12:]]
    text = table(dates, changed(UNITS[:29], _8="NA"))
    with pytest.raises(ValueError, match="así:\n- ") as caught:
        read(text)
    bullets = str(caught.value).split("\n- ")[1:]
    assert [bullet.split(":")[0].split(" en ")[0] for bullet in bullets] == [
        "1 fecha va detrás de otra posterior",
        "1 fecha está repetida",
        "Faltan 2 fechas, para una serie diaria",
        "Falta el valor",
    ]
    assert "de 2024-01-11 a 2024-01-12 (tras la línea 12)" in bullets[2]
    assert "en la línea 10 (1 celda sin dato)" in bullets[3]
    assert str(caught.value).count(COMPLETE) == 1
    series = read(text, sort=True, duplicates="sum", fill="zero")
    assert series.dates.astype(str).tolist() == DAYS
    assert series.filled.astype(str).tolist() == ["2024-01-09", "2024-01-11", "2024-01-12"]


def test_cells_are_all_checked_before_saying_anything(read):
    """Fechas y números ilegibles se cuentan juntos."""
    text = table(changed(DAYS, _3="ayer"), changed(UNITS, _5="muchas"))
    with pytest.raises(ValueError, match=r"(?s)«ayer» \(línea 5\).*\n- .*«muchas» \(línea 7\)"):
        read(text)


def test_gaps_name_their_dates_and_the_closing_day(read):
    """Si todas las que faltan son domingos, se nota y se dice."""
    week = [day for day in DAYS if date.fromisoformat(day).weekday() != 6]
    text = table(week, range(len(week)))
    with pytest.raises(ValueError, match="Todas caen en domingo") as caught:
        read(text)
    assert "Faltan 4 fechas, para una serie diaria: 2024-01-07 (tras la línea 7)" in str(
        caught.value
    )
    filled = read(text, fill="zero")
    assert filled.filled.astype(str).tolist() == sorted({*DAYS} - {*week})
    assert filled.values[6] == 0


def test_one_saturday_missing_does_not_make_the_others_wrong(read):
    """Con sábados, la serie no es de lunes a viernes aunque falten todos los domingos y alguno."""
    week = [day for day in DAYS if date.fromisoformat(day).weekday() != 6 and day != DAYS[5]]
    with pytest.raises(ValueError, match="Faltan 5 fechas en 4 huecos, para una serie diaria"):
        read(table(week, range(len(week))))


def test_a_hole_wider_than_the_series_is_never_filled(read):
    """Hasta tantos valores como hay, se rellena lo que se pida; más es una fecha mal escrita."""
    for width, fits in ((5, True), (6, False)):
        text = table([*days(3), *days(2, start=days(4 + width)[-1])], range(5))
        if fits:
            assert len(read(text, fill="linear").filled) == width
        else:
            with pytest.raises(ValueError, match=r"faltan 6 valores, más de los que hay \(5\)"):
                read(text, fill="linear")


def test_hours_of_one_day_are_not_called_duplicates(read):
    """Con varias horas de un día, lo que falta por decir es cómo juntarlas."""
    dates = [f"{day} {hour:02d}:15" for day in DAYS for hour in (9, 18)]
    text = table(dates, range(60))
    with pytest.raises(ValueError, match="Las fechas llevan hora") as caught:
        read(text)
    assert "repetida" not in str(caught.value)
    assert read(text, duplicates="sum").values[:2].tolist() == [1, 5]


def test_gaps_are_counted_in_their_own_unit(read):
    """En una serie mensual falta un mes, no treinta días; en una laborable, solo los laborables."""
    months = [f"{2020 + i // 12}-{i % 12 + 1:02d}-01" for i in range(30) if i not in (7, 8, 15)]
    with pytest.raises(ValueError, match="para una serie mensual: de 2020-08 a 2020-09") as caught:
        read(table(months, range(27)))
    assert "Faltan 3 fechas en 2 huecos" in str(caught.value)
    weekdays = [day for day in DAYS if date.fromisoformat(day).weekday() < 5 and day != DAYS[7]]
    with pytest.raises(ValueError, match=r"Falta 1 fecha, .* de lunes a viernes: 2024-01-08"):
        read(table(weekdays, range(len(weekdays))))


@pytest.mark.parametrize(
    ("fill", "expected"),
    [("previous", [1, 1, 1, 4, 4]), ("linear", [1, 2, 3, 4, None]), ("zero", [1, 0, 0, 4, 0])],
)
def test_filling_does_what_it_says(read, fill, expected):
    """Una fecha que falta y una celda vacía se rellenan igual; lo rellenado queda anotado."""
    dates = [DAYS[0], DAYS[1], DAYS[3], DAYS[4]]
    text = table(dates, ["1", "n/d", "4", ""])
    if fill == "linear":
        with pytest.raises(ValueError, match="La última fecha, 2024-01-05, no tiene valor y fill"):
            read(text, fill=fill)
        text = table(dates[:3], ["1", "n/d", "4"])
        expected = expected[:4]
    series = read(text, fill=fill)
    assert series.values.tolist() == expected
    wanted = [day for day, known in zip(DAYS, [1, 0, 0, 1, 0], strict=False) if not known]
    assert series.filled.astype(str).tolist() == wanted[: len(expected) - 2]


@pytest.mark.parametrize(
    "mark", ["", "  ", "NA", "n/a", "N.A.", "NaN", "nd", "n/d", "s/d", "null", "-", "--", "?"]
)
def test_marks_for_no_value(read, mark):
    """Las maneras habituales de decir que no hay dato son un hueco, no un texto."""
    text = table(DAYS, changed(UNITS, _3=mark))
    with pytest.raises(ValueError, match=r"Falta el valor en la línea 5 \(1 celda sin dato"):
        read(text)
    assert read(text, fill="previous").filled.astype(str).tolist() == [DAYS[3]]


def test_the_first_value_cannot_be_the_previous_one(read):
    """No hay nada que repetir antes del principio."""
    text = table(DAYS, changed(UNITS, _0=""))
    for fill in ("previous", "linear"):
        with pytest.raises(ValueError, match="La primera fecha, 2024-01-01, no tiene valor"):
            read(text, fill=fill)
    assert read(text, fill="zero").values[0] == 0


@pytest.mark.parametrize(("how", "expected"), [("sum", 9), ("mean", 4.5), ("last", 4)])
def test_duplicates_are_joined_as_asked(read, how, expected):
    """Una celda vacía no cuenta; ``last`` es la última del archivo, aunque se ordene después."""
    text = table([*DAYS[:3], DAYS[0], DAYS[0]], ["5", "1", "2", "", "4"])
    series = read(text, duplicates=how, sort=True)
    assert series.values.tolist() == [expected, 1, 2]


def test_days_become_months(read):
    """Con frequency y duplicates, los días de un mes se juntan."""
    text = table(days(91), ["1"] * 31 + ["2"] * 29 + ["3"] * 31)
    assert read(text, frequency="monthly", duplicates="sum").values.tolist() == [31, 58, 93]
    assert read(text, frequency="monthly", duplicates="mean").values.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match=r"3 fechas están repetidas: 2024-01 \(líneas 2, 3, 4, 5"):
        read(text, frequency="monthly")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"fill": "mean"}, ValueError, "fill debe ser uno de estos: 'previous'"),
        ({"duplicates": "first"}, ValueError, "duplicates debe ser uno de estos: 'sum'"),
        ({"decimal": "coma"}, ValueError, "decimal debe ser uno de estos: ',', '.'"),
        ({"frequency": "diaria"}, ValueError, "frequency debe ser uno de estos: 'daily'"),
        ({"frequency": ["daily"]}, ValueError, "ha llegado list"),
        ({"date_format": "dd/mm/yyyy"}, ValueError, "date_format debe decir dónde van el año"),
        ({"date_format": "%d/%m"}, ValueError, "date_format debe decir dónde van el año"),
        ({"minimum": "0"}, TypeError, "minimum debe ser un número"),
        ({"min_length": 1}, ValueError, "min_length debe ser al menos 2"),
        ({"period": 0}, ValueError, "period debe ser al menos 1"),
        ({"unit": None}, TypeError, "unit debe ser un texto"),
        ({"value_column": 1}, TypeError, "value_column debe ser un texto"),
        ({"value_column": "fecha"}, ValueError, "deben ser dos"),
    ],
)
def test_options_are_checked(read, options, error, message):
    """Una opción que no existe dice cuáles hay."""
    with pytest.raises(error, match=re.escape(message)):
        read(table(DAYS, UNITS), **options)


# Lo que se cumple con cualquier serie


def clean_dates(frequency: str, first: date, count: int) -> list[date]:
    """Fechas seguidas de una frecuencia; las de meses, con un día que todos tienen."""
    rhythm = RHYTHMS[frequency]
    if rhythm.by_clock:
        start = datetime.combine(first, time())
        return [start + timedelta(minutes=rhythm.step * i) for i in range(count)]
    if rhythm.unit == "M":
        months = [first.year * 12 + first.month - 1 + rhythm.step * i for i in range(count)]
        return [date(month // 12, month % 12 + 1, min(first.day, 28)) for month in months]
    found = []
    while len(found) < count:
        if rhythm.unit == "D" or first.weekday() < 5:
            found.append(first)
        first += timedelta(days=rhythm.step)
    return found


def spanish(value: float, *, grouped: bool) -> str:
    """Un número con coma decimal y, si se pide, puntos en los millares."""
    text = repr(value)
    if "e" in text or not grouped:
        return text.replace(".", ",")
    whole, _, decimals = text.partition(".")
    return f"{int(whole):,}".replace(",", ".").join(["-" * (whole == "-0"), f",{decimals}"])


@st.composite
def clean_series(draw):
    """Una frecuencia, sus fechas y unos valores que no son todos iguales."""
    frequency = draw(st.sampled_from(sorted(RHYTHMS)))
    count = draw(st.integers(2, 40))
    first = draw(st.dates(date(1800, 1, 1), date(2100, 1, 1)))
    value = st.floats(-1e9, 1e9) | st.integers(-(10**6), 10**6).map(float)
    values = draw(st.lists(value, min_size=count, max_size=count))
    assume(len(set(values)) > 1)
    return frequency, clean_dates(frequency, first, count), values


@st.composite
def dialects(draw):
    """Cómo se escribe un CSV."""
    comma = draw(st.booleans())
    return {
        "comma": comma,
        "grouped": comma and draw(st.booleans()),
        "separator": draw(st.sampled_from(",;\t|")),
        "form": draw(st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m-%d-%Y", "%Y.%m.%d"])),
        "newline": draw(st.sampled_from(["\n", "\r\n"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])),
    }


def written(dates, values, dialect) -> bytes:
    """El archivo de una serie, escrito como diga el dialecto."""
    file = io.StringIO(newline="")
    writer = csv.writer(
        file,
        delimiter=dialect["separator"],
        lineterminator=dialect["newline"],
        quoting=dialect["quoting"],
    )
    writer.writerow(["día", "otra", "año y €"])
    for day, value in zip(dates, values, strict=True):
        text = spanish(value, grouped=dialect["grouped"]) if dialect["comma"] else repr(value)
        # strftime no rellena con ceros los años de menos de cuatro cifras; aquí no los hay.
        clock = " %H:%M" if isinstance(day, datetime) else ""
        writer.writerow([day.strftime(dialect["form"] + clock), "x; y, z", text])
    return file.getvalue().encode(dialect["encoding"])


def load_written(folder, content: bytes, dialect, *, clock=False, **options) -> Series:
    """Lee lo que ha escrito ``written``; al azar, un extremo repetido es un dato como los demás."""
    if clock and "date_format" in options:
        options["date_format"] += " %H:%M"
    path = folder / "propia.csv"
    path.write_bytes(content)
    encoding = dialect["encoding"].removesuffix("-sig")
    return load_own_series(
        path, date_column="día", value_column="año y €", encoding=encoding, missing=[], **options
    )


@given(series=clean_series(), dialect=dialects())
def test_a_clean_series_is_read_back_exactly(tmp_path_factory, series, dialect):
    """En cualquier dialecto, diciendo cómo está escrita, vuelven las mismas fechas y valores."""
    frequency, dates, values = series
    folder = tmp_path_factory.mktemp("propia")
    found = load_written(
        folder,
        written(dates, values, dialect),
        dialect,
        date_format=dialect["form"],
        decimal="," if dialect["comma"] else ".",
        frequency=frequency,
        clock=RHYTHMS[frequency].by_clock,
    )
    assert found.frequency == frequency
    unit = found.dates.dtype
    assert found.dates.tolist() == np.array(dates, dtype=unit).tolist()
    assert found.values.tolist() == values
    assert found.period == RHYTHMS[frequency].period
    assert len(found.filled) == 0


@given(series=clean_series(), dialect=dialects())
def test_without_options_it_is_exact_or_it_asks(tmp_path_factory, series, dialect):
    """Deducir nunca cambia un dato: o se lee exactamente, o se pide la opción que lo aclara."""
    frequency, dates, values = series
    folder = tmp_path_factory.mktemp("propia")
    content = written(dates, values, dialect)
    clock = RHYTHMS[frequency].by_clock
    try:
        found = load_written(folder, content, dialect)
    except ValueError as error:
        asked = str(error)
    else:
        assert found.dates.tolist() == np.array(dates, dtype=found.dates.dtype).tolist()
        assert found.values.tolist() == values
        return
    for option in re.findall(r"date_format|decimal", asked):
        assert {"date_format": "tiene dos lecturas", "decimal": "puede ser"}[option] in asked
    options = {"date_format": dialect["form"], "decimal": "," if dialect["comma"] else "."}
    named = {option: value for option, value in options.items() if option in asked}
    assert named, asked
    found = load_written(folder, content, dialect, clock=clock, **named)
    assert found.values.tolist() == values


@given(series=clean_series(), data=st.data())
def test_no_damage_goes_unnoticed(tmp_path_factory, series, data):
    """Filas que se quitan, se barajan o se repiten: siempre se dice, y lo pedido lo repara."""
    frequency, dates, values = series
    dialect = {
        "comma": False,
        "separator": ",",
        "form": "%Y-%m-%d",
        "newline": "\n",
        "quoting": csv.QUOTE_MINIMAL,
        "encoding": "utf-8",
    }
    inner = range(1, len(dates) - 1)
    dropped = (
        data.draw(st.sets(st.sampled_from(inner), max_size=len(dates) // 3)) if inner else set()
    )
    places = [place for place in range(len(dates)) if place not in dropped]
    assume(len({values[place] for place in places}) > 1)
    repeated = data.draw(st.sampled_from(places)) if data.draw(st.booleans()) else None
    order = data.draw(st.permutations([*places, *([repeated] if repeated is not None else [])]))
    content = written([dates[i] for i in order], [values[i] for i in order], dialect)
    folder = tmp_path_factory.mktemp("propia")
    options = {"frequency": frequency}
    expected = {
        "sort=True": order != sorted(order),
        "duplicates=": repeated is not None,
        "fill=": bool(dropped),
    }
    if any(expected.values()):
        with pytest.raises(ValueError, match="no se puede usar así") as caught:
            load_written(folder, content, dialect, **options)
        assert {name: name in str(caught.value) for name in expected} == expected
        if dropped:
            assert re.search(rf"Faltan? {len(dropped)} fechas?", str(caught.value))
    found = load_written(
        folder, content, dialect, sort=True, duplicates="last", fill="previous", **options
    )
    assert found.dates.tolist() == np.array(dates, dtype=found.dates.dtype).tolist()
    np.testing.assert_array_equal(found.values[places], np.array(values)[places])
    assert found.filled.tolist() == found.dates[sorted(dropped)].tolist()

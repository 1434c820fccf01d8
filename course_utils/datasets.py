"""Los datos del curso: una función ``load_*`` por conjunto, verificado en cada lectura.

Los que vienen con el curso se leen de ``datasets/`` (en un paquete instalado, de ``_datasets/``).
Los grandes son opcionales: ``load_imdb`` y ``load_mnist`` los descargan la primera vez. Todos
están en ``registry.toml``, con su sha256, su licencia y su procedencia; las fichas completas, en
``datasets/README.md``.

Cada llamada lee de nuevo y devuelve arrays propios, que puedes modificar sin afectar a nadie.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_utils.downloads import download, matches
from course_utils.synthetic.daily_sales import SALES_NOISE_MEMORY, Sales, SalesTruth
from course_utils.validation import describe


class DatasetError(RuntimeError):
    """Los datos del curso faltan o no son los registrados; el mensaje dice cómo recuperarlos."""


def _no_dates() -> np.ndarray:
    return np.array([], dtype="datetime64[D]")


@dataclass(frozen=True, eq=False)
class Series:
    """Una serie temporal con lo que hace falta para dibujarla y citarla.

    Attributes
    ----------
    dates : ndarray of datetime64, shape (n,)
        Fechas en orden y a intervalos iguales; en las series mensuales, de tipo datetime64[M].
    values : ndarray of float64, shape (n,)
        Valores en ``unit``.
    name, unit, source : str
        Nombre, unidad y procedencia, para ejes y pies de figura.
    period : int
        Pasos de un ciclo estacional: 12 en una serie mensual con estaciones.
    filled : ndarray of datetime64
        Fechas cuyo valor no se midió, sino que se ha interpolado.
    """

    dates: np.ndarray
    values: np.ndarray
    name: str
    unit: str
    period: int
    source: str
    filled: np.ndarray = field(default_factory=_no_dates)


@dataclass(frozen=True, eq=False)
class Digits:
    """Dígitos escritos a mano.

    Attributes
    ----------
    images : ndarray of float64, shape (1797, 8, 8)
        Intensidad de cada punto, de 0 a 16.
    labels : ndarray of int64, shape (1797,)
        El dígito, de 0 a 9.
    name, source : str
        Nombre y procedencia.
    """

    images: np.ndarray
    labels: np.ndarray
    name: str
    source: str


@dataclass(frozen=True, eq=False)
class TrainTest:
    """Un conjunto que se publica ya separado en entrenamiento y prueba.

    Attributes
    ----------
    x_train, x_test : ndarray or list of ndarray
        Entradas: un array de imágenes, o una lista con un array por texto.
    y_train, y_test : ndarray of int64
        Etiquetas.
    name, source : str
        Nombre y procedencia.
    """

    x_train: np.ndarray | list[np.ndarray]
    y_train: np.ndarray
    x_test: np.ndarray | list[np.ndarray]
    y_test: np.ndarray
    name: str
    source: str


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
    table = _read_table("sunspots")
    return Series(
        dates=np.array(table["month"], dtype="datetime64[M]"),
        values=np.array(table["sunspots"], dtype=float),
        name="manchas solares",
        unit="manchas",
        period=132,
        source=registry()["sunspots"]["source"],
        filled=np.array(["1824-02"], dtype="datetime64[M]"),
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
    table = _read_table("co2")
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
    table = _read_table("elnino")
    return Series(
        dates=np.array(table["month"], dtype="datetime64[M]"),
        values=np.array(table["temperature_c"], dtype=float),
        name="temperatura del mar (Niño 1+2)",
        unit="°C",
        period=12,
        source=registry()["elnino"]["source"],
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
    table = _read_table("sales")
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


def load_digits() -> Digits:
    """Dígitos manuscritos de 8 × 8 puntos, los que trae scikit-learn.

    Returns
    -------
    Digits
        1797 imágenes y sus etiquetas.

    Raises
    ------
    ImportError
        Si scikit-learn no está instalado.
    DatasetError
        Si los datos de la versión instalada no son los registrados.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.images.shape, digits.labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    try:
        from sklearn.datasets import load_digits as from_sklearn
    except ImportError as error:
        raise ImportError(
            "load_digits necesita scikit-learn y no se puede importar. Instálalo con: "
            "python -m pip install scikit-learn"
        ) from error
    entry = _entry("digits")
    bunch = from_sklearn()
    content = bunch.images.astype(np.uint8).tobytes() + bunch.target.astype(np.uint8).tobytes()
    _verify(
        content,
        entry,
        name="los dígitos de scikit-learn",
        mend="Reinstala scikit-learn con: python -m pip install --force-reinstall scikit-learn",
    )
    return Digits(
        images=bunch.images,
        labels=bunch.target.astype(np.int64),
        name="dígitos manuscritos",
        source=entry["source"],
    )


SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Reviews:
    """Reseñas con su etiqueta.

    Attributes
    ----------
    texts : list of str
        Los textos, de 15 a 60 palabras.
    labels : ndarray of int, shape (n,)
        1 si es favorable y 0 si no.
    domains : list of str
        De qué trata: película, libro, restaurante, tienda, hotel o aplicación.
    kinds : list of str
        Qué decide la etiqueta: directa (las propias palabras), negación, contraste o ironía.
    """

    texts: list[str]
    labels: np.ndarray
    domains: list[str]
    kinds: list[str]


def load_stories(split: str = "train") -> list[str]:
    """Cuentos muy cortos en español, escritos para este curso.

    Parameters
    ----------
    split : {"train", "validation", "test"}
        Cuál de los tres conjuntos, repartidos por cuentos enteros.

    Returns
    -------
    list of str
        Un texto por cuento, en forma NFC, con saltos de línea entre sus párrafos.

    Raises
    ------
    ValueError
        Si el conjunto no existe.
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> len(load_stories()), len(load_stories("validation")), len(load_stories("test"))
    (288, 36, 36)
    """
    _check_split(split)
    stories = _read_bundled("stories").decode("utf-8").strip().split("\n\n")
    tenth = len(stories) // 10
    parts = {
        "train": stories[: -2 * tenth],
        "validation": stories[-2 * tenth : -tenth],
        "test": stories[-tenth:],
    }
    return parts[split]


def load_reviews(split: str = "train") -> Reviews:
    """Reseñas cortas en español, favorables o no, escritas para este curso.

    En más de un tercio la etiqueta no sale de las palabras sueltas, sino de cómo se ordenan: de una
    negación, de un contraste o de la ironía.

    Parameters
    ----------
    split : {"train", "validation", "test"}
        Cuál de los tres conjuntos.

    Returns
    -------
    Reviews
        Textos, etiquetas, temas y qué decide cada etiqueta.

    Raises
    ------
    ValueError
        Si el conjunto no existe.
    DatasetError
        Si el archivo falta o no es el registrado.

    Examples
    --------
    >>> reviews = load_reviews("test")
    >>> len(reviews.texts), sorted(set(reviews.kinds))
    (159, ['contraste', 'directa', 'ironía', 'negación'])
    """
    _check_split(split)
    table = _read_table("reviews")
    chosen = [place for place, part in enumerate(table["split"]) if part == split]
    columns = {name: [values[place] for place in chosen] for name, values in table.items()}
    return Reviews(
        texts=columns["text"],
        labels=np.array([label == "positiva" for label in columns["label"]], dtype=int),
        domains=columns["domain"],
        kinds=columns["kind"],
    )


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ValueError(
            f"split debe ser {', '.join(SPLITS[:-1])} o {SPLITS[-1]}; ha llegado {split!r}."
        )


def load_imdb() -> TrainTest:
    """Críticas de cine de IMDB como listas de palabras numeradas; la primera vez las descarga.

    Cada palabra es su puesto por frecuencia: 1 es la más frecuente y 0 no se usa, de modo que
    puede ser el relleno. Aquí no hay marcas de inicio ni de palabra desconocida: Keras las añade
    sumando 3 a cada número. No supongas que las críticas vienen mezcladas.

    Returns
    -------
    TrainTest
        25 000 críticas de entrenamiento y 25 000 de prueba: ``x_train`` y ``x_test`` son listas de
        arrays int32 de longitud variable; las etiquetas valen 1 (positiva) o 0 (negativa).

    Raises
    ------
    DownloadError
        Si hay que descargarlas y no se puede.
    DatasetError
        Si el registro de datos falta o está mal escrito.

    Examples
    --------
    Ocupa unos 17 MB; este ejemplo solo mira dónde está, sin descargarlo:

    >>> registry()["imdb"]["url"].split("/")[-1]
    'imdb.npz'
    """
    from course_utils.safe_npz import read_npz

    return _train_test("imdb", read_npz(_read_fetched("imdb")))


def load_mnist() -> TrainTest:
    """Dígitos manuscritos de 28 × 28 puntos (MNIST); la primera vez los descarga.

    Returns
    -------
    TrainTest
        60 000 imágenes de entrenamiento y 10 000 de prueba, uint8 de 0 a 255, y sus dígitos.

    Raises
    ------
    DownloadError
        Si hay que descargarlo y no se puede.
    DatasetError
        Si el registro de datos falta o está mal escrito.

    Examples
    --------
    Ocupa unos 11 MB; este ejemplo solo mira dónde está, sin descargarlo:

    >>> registry()["mnist"]["url"].split("/")[-1]
    'mnist.npz'
    """
    with np.load(io.BytesIO(_read_fetched("mnist")), allow_pickle=False) as arrays:
        return _train_test("mnist", dict(arrays))


def _train_test(name: str, arrays: dict) -> TrainTest:
    entry = _entry(name)
    return TrainTest(
        x_train=arrays["x_train"],
        y_train=arrays["y_train"].astype(np.int64),
        x_test=arrays["x_test"],
        y_test=arrays["y_test"].astype(np.int64),
        name=entry["description"],
        source=entry["source"],
    )


def fetch(name: str, *, attempts: int = 3, timeout: float = 30.0, wait: float = 1.0) -> Path:
    """Descarga un conjunto opcional, si no estaba ya, y dice dónde queda.

    Se guarda en la carpeta ``datasets`` de ``course_utils.environment.home_dir()``.

    Parameters
    ----------
    name : str
        Nombre en el registro: ``"imdb"`` o ``"mnist"``.
    attempts, timeout, wait
        Como en ``course_utils.downloads.download``.

    Returns
    -------
    Path
        El archivo, entero y verificado.

    Raises
    ------
    ValueError
        Si ``name`` no es un conjunto que se descargue.
    DownloadError
        Si no se consigue.
    DatasetError
        Si el registro de datos falta o está mal escrito.

    Examples
    --------
    >>> fetch("co2")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: name debe ser un conjunto que se descarga ('imdb', 'mnist'); ...
    """
    optional = [key for key, entry in registry().items() if "url" in entry]
    if name not in optional:
        raise ValueError(
            f"name debe ser un conjunto que se descarga ({str(optional)[1:-1]}); ha llegado "
            f"{describe(name)}. Los demás vienen con el curso: usa su función load_*."
        )
    from course_utils.environment import home_dir

    entry = _entry(name)
    path = home_dir() / "datasets" / entry["file"]
    if not matches(path, entry["sha256"]):
        print(f"Descargando {entry['file']} (unos {entry['size_mb']} MB) en {path.parent}…")
    return download(
        entry["url"],
        path,
        sha256=entry["sha256"],
        attempts=attempts,
        timeout=timeout,
        wait=wait,
    )


def verify_all() -> list[str]:
    """Comprueba todos los datos que vienen con el curso.

    Los dígitos se comprueban si scikit-learn está instalado; los conjuntos que se descargan, no:
    se verifican, y si hace falta se descargan de nuevo, cada vez que se cargan.

    Returns
    -------
    list of str
        Los problemas, uno por conjunto, con lo que hay que hacer. Vacía si todo está bien.

    Examples
    --------
    >>> verify_all()
    []
    """
    try:
        entries = registry()
    except DatasetError as error:
        return [str(error)]
    problems = []
    for name, entry in entries.items():
        try:
            if "file" in entry and "url" not in entry:
                _read_bundled(name)
            elif name == "digits" and importlib.util.find_spec("sklearn"):
                load_digits()
        except DatasetError as error:
            problems.append(str(error))
    return problems


def data_dir() -> Path:
    """Carpeta de los datos que vienen con el curso, en un clon o en un paquete instalado.

    Examples
    --------
    >>> (data_dir() / "registry.toml").is_file()
    True
    """
    package = Path(__file__).resolve().parent
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def registry() -> dict[str, dict]:
    """Lee el registro de datos: por cada nombre, su archivo, sha256, licencia y procedencia.

    Raises
    ------
    DatasetError
        Si falta o no se puede leer.

    Examples
    --------
    >>> registry()["elnino"]["loader"]
    'load_elnino'
    """
    path = data_dir() / "registry.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"No se puede leer el registro de datos {path} ({error}). {_mend_bundled()}"
        ) from error


def _entry(name: str) -> dict:
    """Entrada del registro, con un sha256 que al menos tiene forma de serlo."""
    entry = registry().get(name, {})
    if not re.fullmatch("[0-9a-f]{64}", str(entry.get("sha256"))):
        path = data_dir() / "registry.toml"
        raise DatasetError(
            f"En el registro de datos {path}, la entrada [{name}] falta o su sha256 no son 64 "
            f"cifras hexadecimales. {_mend_bundled()}"
        )
    return entry


def _read_table(name: str) -> dict[str, list[str]]:
    """Columnas de un CSV que viene con el curso, como textos."""
    rows = list(csv.reader(io.StringIO(_read_bundled(name).decode("utf-8"))))
    return {column: list(values) for column, *values in zip(*rows, strict=True)}


def _read_bundled(name: str) -> bytes:
    """Contenido verificado de un archivo que viene con el curso."""
    entry = _entry(name)
    path = data_dir() / entry["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"No se puede leer {path} ({error.strerror or error}). {_mend_bundled()}"
        ) from error
    _verify(content, entry, name=str(path), mend=_mend_bundled())
    return content


def _read_fetched(name: str) -> bytes:
    """Contenido verificado de un archivo que se descarga."""
    path = fetch(name)
    content = path.read_bytes()
    _verify(content, _entry(name), name=str(path), mend="Vuelve a ejecutar la celda.")
    return content


def _verify(content: bytes, entry: dict, *, name: str, mend: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != entry["sha256"]:
        raise DatasetError(
            f"El contenido de {name} no es el registrado: se esperaba el sha256 "
            f"{entry['sha256'][:12]}… y es {found[:12]}… ({len(content)} bytes). {mend}"
        )


def _mend_bundled() -> str:
    if data_dir().name == "_datasets":
        return "Reinstala el curso con: python -m pip install --force-reinstall --no-deps curso-rnn"
    return "Recupera los datos con: git checkout -- datasets (o descarga el curso de nuevo)."

"""Cuentos y reseñas escritos para el curso, y las críticas de IMDB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.datasets.bundled import read_bundled, read_table
from course_utils.datasets.fetched import TrainTest, read_fetched, train_test
from course_utils.notes import enumerate_words

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
    stories = read_bundled("stories").decode("utf-8").strip().split("\n\n")
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
    table = read_table("reviews")
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
            f"split debe ser {enumerate_words(SPLITS, last='o')}; ha llegado {split!r}."
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

    >>> from course_utils.datasets import registry
    >>> registry()["imdb"]["url"].split("/")[-1]
    'imdb.npz'
    """
    from course_utils.safe_npz import read_npz

    return train_test("imdb", read_npz(read_fetched("imdb")))

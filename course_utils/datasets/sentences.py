"""Frases en inglés con su traducción, que se descargan."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

from course_utils.datasets.bundled import entry_of, verify_content
from course_utils.datasets.fetched import read_fetched


class SentencePairs(NamedTuple):
    """Frases y sus traducciones.

    Attributes
    ----------
    english, spanish : list of str
        La frase y su traducción están en el mismo lugar. Muchas tienen varias traducciones: salen
        una vez con cada una.
    """

    english: list[str]
    spanish: list[str]


def load_sentence_pairs(path: str | Path | None = None) -> SentencePairs:
    """Frases del proyecto Tatoeba, en inglés y en español; la primera vez las descarga.

    Están ordenadas por la longitud de la frase inglesa. Al repartirlas, cuida de que dos
    traducciones de la misma frase no queden en partes distintas.

    Parameters
    ----------
    path : str or Path, optional
        El archivo ya descargado y extraído, ``spa.txt``; si su nombre acaba en ``.gz``, comprimido.
        Sin él se busca en la carpeta personal del curso y, si no está, se descarga.

    Returns
    -------
    SentencePairs
        118 964 parejas.

    Raises
    ------
    DownloadError
        Si hay que descargarlas y no se puede.
    DatasetError
        Si el archivo de ``path`` no es el registrado, o el registro de datos está mal escrito.
    OSError
        Si el archivo de ``path`` no se puede leer.

    Examples
    --------
    Ocupan 8 MB; este ejemplo solo mira qué archivo del zip es, sin descargarlo:

    >>> from course_utils.datasets import registry
    >>> registry()["sentence_pairs"]["member"]
    'spa-eng/spa.txt'
    """
    content = read_fetched("sentence_pairs") if path is None else _read(Path(path))
    lines = content.decode("utf-8").splitlines()
    english, spanish = zip(*(line.split("\t") for line in lines), strict=True)
    return SentencePairs(list(english), list(spanish))


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    mend = "Pasa el archivo de dentro de `spa-eng.zip`, o no pases ninguno y se descargará."
    verify_content(content, entry_of("sentence_pairs")["sha256"], name=str(path), mend=mend)
    return content

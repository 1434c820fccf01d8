"""De lo que se pasa como ``path`` al texto de un archivo, o por qué no lo hay."""

from __future__ import annotations

import codecs
import os
import re
from difflib import get_close_matches
from pathlib import Path

from course_utils.datasets.own.faults import enumerate_some, printable, refusal
from course_utils.validation import describe

SAVE_AS_CSV = "Ábrelo con una hoja de cálculo y guárdalo como «CSV UTF-8»."
EXTRACT = "Descomprímelo y pasa el CSV que lleva dentro."
EXPORT = "Expórtalo a CSV desde el programa que lo hizo."
DOWNLOAD = "Busca en la página el enlace de descarga del CSV y guarda ese archivo."
# Cómo empieza lo que no es un CSV, qué es y qué hacer con ello.
BINARY = {
    b"PK\x03\x04": ("un libro de hoja de cálculo o un archivo comprimido", SAVE_AS_CSV),
    b"\xd0\xcf\x11\xe0": ("un libro antiguo de hoja de cálculo", SAVE_AS_CSV),
    b"{\\rtf": ("un documento de texto con formato (RTF)", EXPORT),
    b"%PDF": ("un PDF", "Busca esos datos en CSV: de un PDF no se pueden leer."),
    b"\x1f\x8b": ("un archivo comprimido (gzip)", EXTRACT),
    b"BZh": ("un archivo comprimido (bzip2)", EXTRACT),
    b"\xfd7zXZ": ("un archivo comprimido (xz)", EXTRACT),
    b"7z\xbc\xaf": ("un archivo comprimido (7z)", EXTRACT),
    b"Rar!": ("un archivo comprimido (RAR)", EXTRACT),
    b"\x28\xb5\x2f\xfd": ("un archivo comprimido (Zstandard)", EXTRACT),
    b"PAR1": ("una tabla en Parquet", EXPORT),
    b"ARROW1": ("una tabla en Arrow", EXPORT),
    b"SQLite format 3": ("una base de datos SQLite", EXPORT),
    b"\x89HDF": ("un archivo HDF5 o NetCDF", EXPORT),
    b"CDF\x01": ("un archivo NetCDF", EXPORT),
    b"CDF\x02": ("un archivo NetCDF", EXPORT),
    b"\x93NUMPY": ("un array de NumPy", EXPORT),
    b"\x89PNG": ("una imagen", "Hace falta la tabla, no su foto."),
    b"\xff\xd8\xff": ("una imagen", "Hace falta la tabla, no su foto."),
    b"GIF8": ("una imagen", "Hace falta la tabla, no su foto."),
}
INSIDE_ZIP = {
    b"xl/": ("un libro de Excel", SAVE_AS_CSV),
    b"opendocument.spreadsheet": ("un libro de LibreOffice", SAVE_AS_CSV),
    b"word/": ("un documento de Word", EXPORT),
    b"PK\x01\x02": ("un archivo comprimido (zip)", EXTRACT),  # el índice, que está al final
}
# Lo mismo, para lo que sí es texto; se mira en minúsculas.
# spelling: off
OTHER_TEXTS = {
    r"<!doctype html|<html|<head|<body|<table|<script": ("una página web guardada", DOWNLOAD),
    r"from: <saved by|mime-version:": ("una página web guardada", DOWNLOAD),
    r"<\?xml|<[a-z][\w:.-]*[\s>]": ("XML", EXPORT),
    r"\{\s*[\"}]|\[\s*[\[{\"\d-]": ("JSON", EXPORT),
    r"version https://git-lfs": (
        "la ficha que deja Git LFS en el lugar de un archivo grande",
        "Descarga el archivo de verdad con `git lfs pull`.",
    ),
}
# spelling: on
BIG = 10_000_000  # bytes desde los que se avisa de que la lectura tarda
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


def read_text(path: object, encoding: str) -> tuple[Path, str]:
    """Lee un archivo de texto, sin marcas invisibles.

    Returns
    -------
    path : Path
        Su ruta, con la carpeta personal si empieza por «~».
    text : str
        Lo que contiene.

    Raises
    ------
    TypeError
        Si no es una ruta.
    FileNotFoundError, OSError
        Si no hay archivo o no se puede leer.
    ValueError
        Si es una dirección web o el archivo no es un texto en esa codificación.
    """
    path = _as_path(path)
    content = _read(path)
    if len(content) > BIG:
        print(f"Leyendo «{path.name}», de {len(content) / 1e6:.0f} MB: tardará unos segundos.")
    text = _decode(path, content, encoding).removesuffix("\x1a")  # el fin de archivo de MS-DOS
    _check_text(path, text)
    return path, text if text.isascii() else INVISIBLE.sub("", text)


def _as_path(path: object) -> Path:
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise TypeError(
            f"path debe ser la ruta de un archivo CSV, como 'ventas.csv'; ha llegado {_kind(path)}."
        )
    text = os.fspath(path)
    if re.match(r"(https?|ftp|s3|gs|file):[/\\]|www\.", text, re.I):
        raise ValueError(
            f"path es una dirección web, {printable(text[:80])}, y debe ser un archivo tuyo: "
            "descárgalo con el navegador y pasa la ruta en que lo guardes."
        )
    if CONTROL.search(text) or "\n" in text:
        raise ValueError(
            "path debe ser la ruta de un archivo y lleva saltos de línea o caracteres de control. "
            "Si es el contenido de un CSV, guárdalo antes en un archivo; si es una ruta de "
            "Windows, ponle una r delante: r'C:\\datos\\ventas.csv'."
        )
    if not text.strip():
        raise ValueError("path está vacío: debe ser la ruta de un archivo, como 'ventas.csv'.")
    return Path(text).expanduser()


def _kind(value: object) -> str:
    """Qué es lo que no es una ruta y qué hacer con ello."""
    name = type(value).__name__
    if hasattr(value, "to_csv"):
        return f"{name}, una tabla ya leída. Guárdala con su método to_csv y pasa ese archivo"
    if hasattr(value, "read"):
        return f"{name}, un archivo abierto. Pasa su ruta"
    if hasattr(value, "dates") and hasattr(value, "values"):
        return f"{name}, una serie ya leída, que puedes usar como está"
    return printable(describe(value))


def _read(path: Path) -> bytes:
    try:
        if not path.exists():
            raise FileNotFoundError(f"No existe el archivo {path.absolute()}. {_neighbours(path)}")
        if path.is_dir():
            raise IsADirectoryError(
                f"{path.absolute()} es una carpeta: añade el nombre del archivo."
            )
        if not path.is_file():
            raise OSError(f"{path.absolute()} no es un archivo corriente. Copia los datos a uno.")
        content = path.read_bytes()
    except OSError as error:
        if error.errno is None:  # es uno de los de arriba
            raise
        raise OSError(
            f"No se puede leer {path.absolute()} ({error.strerror or error}). Comprueba que "
            "tienes permiso y que no lo tienes abierto en otro programa."
        ) from error
    _check_binary(path, content)
    return content


def _neighbours(path: Path) -> str:
    """Qué archivos parecidos hay cerca del que no existe."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return "Tampoco existe esa carpeta: revisa la ruta."
    known = sorted(file.name for file in folder.glob("*.csv"))
    if not known:
        return "En esa carpeta no hay ningún CSV: revisa la ruta."
    close = get_close_matches(path.name, known, n=1)
    guess = f" ¿Querías decir «{close[0]}»?" if close else ""
    return f"En esa carpeta hay: {enumerate_some(known)}.{guess}"


def _check_binary(path: Path, content: bytes) -> None:
    if not content.strip():
        raise refusal(path, "Está vacío.")
    found = next((what for mark, what in BINARY.items() if content.startswith(mark)), None)
    if found and content.startswith(b"PK"):
        found = next((what for mark, what in INSIDE_ZIP.items() if mark in content), found)
    if content[257:262] == b"ustar":
        found = "un archivo de archivos (tar)", EXTRACT
    start = content[:1000].removeprefix(b"\xef\xbb\xbf").strip().lower().decode("latin-1")
    for pattern, what in OTHER_TEXTS.items():
        found = found or (what if re.match(pattern, start) else None)
    if found:
        raise refusal(path, f"No es un CSV, sino {found[0]}. {found[1]}")


def _decode(path: Path, content: bytes, encoding: str) -> str:
    wide = re.match("utf[-_]?(16|32)", encoding, re.I)
    kind = _wide_encoding(content)
    if kind and not wide:
        raise refusal(path, f'Está en {kind[:6].upper()}: pasa encoding="{kind}".')
    if wide and not kind:
        raise refusal(path, "No está en UTF-16. Prueba sin encoding, que es UTF-8.")
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise ValueError(
            "encoding debe ser el nombre de una codificación, como `utf-8` o `cp1252`; ha llegado "
            f"{describe(encoding)}."
        ) from error
    except UnicodeDecodeError as error:
        raise refusal(path, _encoding_fault(content, error)) from error


def _wide_encoding(content: bytes) -> str | None:
    """La codificación de un texto que gasta dos o cuatro bytes en cada carácter."""
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [content[start:1000:2].count(0) for start in (0, 1)]
    few, many = min(zeros), max(zeros)
    if 4 * many < len(content[:1000]) or 4 * few > many:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _encoding_fault(content: bytes, error: UnicodeDecodeError) -> str:
    if len(CONTROL.findall(content[:1000].decode("latin-1"))) > 10:
        return f"No es un archivo de texto. {EXPORT}"
    start = content.rfind(b"\n", 0, error.start) + 1
    line = content[start:].split(b"\n", 1)[0].strip().decode("cp1252", errors="replace")
    where = f"La línea {content[:start].count(10) + 1}"  # 10 es el salto de línea
    if error.encoding.replace("_", "-") != "utf-8":
        return f"{where} no está en {error.encoding}. Prueba sin encoding, que es UTF-8."
    return (
        f"{where} no está en UTF-8. Si el archivo sale de Windows o de una hoja de cálculo, pasa "
        f'encoding="cp1252", con lo que esa línea se lee «{line[:60]}», o guárdalo como '
        "«CSV UTF-8»."
    )


def _check_text(path: Path, text: str) -> None:
    """Un texto con caracteres de control no es una tabla, o lleva uno escondido."""
    found = CONTROL.findall(text)
    if "\0" in found or len(found) > 10:
        raise refusal(path, f"No es un archivo de texto. {SAVE_AS_CSV}")
    if found:
        line = text.count("\n", 0, text.index(found[0])) + 1
        raise refusal(path, f"La línea {line} lleva un carácter de control, que no se ve. Bórralo.")

"""Los modelos entrenados que vienen con el curso, y los que guardes tú.

Cada uno de ``datasets/models/`` son tres archivos, que escribe un programa de ``tools/models/``:
los pesos, ``NOMBRE.safetensors``; su entrada de registro, ``NOMBRE.toml``, con el sha256 de los
pesos, sus formas, el vocabulario y lo que hace falta para repetirlo; y una ficha, ``NOMBRE.md``.

Un archivo *safetensors* guarda números y textos y nada más: leerlo no ejecuta nada. Aquí lleva
también el vocabulario, porque con otro los pesos no significan nada.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.datasets import bundled
from course_utils.datasets.bundled import DatasetError, is_sha256, mend_bundled, read_verified

if TYPE_CHECKING:
    import keras
    import torch

# Lo que dice el registro de un modelo, y de qué tipo es.
ENTRY = {
    "description": str,
    "licence": str,
    "script": str,
    "seed": int,
    "seconds": float,
    "machine": str,
    "date": str,
    "sha256": str,
    "vocabulary": list,
    "shapes": dict,
    "measures": dict,
    "versions": dict,
}


@dataclass(frozen=True, eq=False)
class Weights:
    """Los pesos de un modelo y el vocabulario con el que se entrenó.

    Attributes
    ----------
    arrays : dict of str to ndarray of float32
        Un array por parámetro, con su nombre.
    vocabulary : tuple of str
        Los símbolos, en el orden de sus números.
    source : str
        De dónde han salido, para los mensajes.
    """

    arrays: dict[str, np.ndarray]
    vocabulary: tuple[str, ...]
    source: str

    def load_into(self, model: torch.nn.Module | keras.Model, *, vocabulary: Sequence[str]) -> None:
        """Pone los pesos en un modelo; si algo no encaja, el modelo queda como estaba.

        Parameters
        ----------
        model : torch.nn.Module or keras.Model
            El modelo, con los mismos parámetros.
        vocabulary : sequence of str
            El que usas tú, en el orden de sus números: debe ser el mismo.

        Raises
        ------
        ValueError
            Si el vocabulario es otro, o los parámetros tienen otros nombres u otras formas.

        Examples
        --------
        >>> import torch
        >>> weights = Weights({"weight": np.ones((1, 2), "float32")}, ("a", "b"), "un ejemplo")
        >>> model = torch.nn.Linear(2, 1, bias=False)
        >>> weights.load_into(model, vocabulary="ab")
        >>> model.weight.tolist()
        [[1.0, 1.0]]
        """
        _check_vocabulary(self, tuple(vocabulary))
        is_keras = hasattr(model, "get_weights")
        state = keras_state(model) if is_keras else model.state_dict()
        _check_shapes(self, {name: tuple(part.shape) for name, part in state.items()})
        if is_keras:
            model.set_weights([self.arrays[name] for name in state])
        else:
            import torch

            model.load_state_dict({name: torch.tensor(part) for name, part in self.arrays.items()})


@dataclass(frozen=True, eq=False)
class TrainedModel(Weights):
    """Un modelo que viene con el curso: sus pesos y cómo se entrenó.

    Attributes
    ----------
    name, description, licence : str
        Nombre, qué es y con qué licencia se puede usar.
    script : str
        Programa que lo entrenó, desde la raíz del repositorio.
    seed : int
        Semilla.
    seconds : float
        Segundos de procesador que tardó.
    measures : dict of str to float
        Lo que se midió al acabar; el nombre dice en qué parte de los datos.
    versions : dict of str to str
        Versión de Python y de cada biblioteca de la que depende.
    machine, date : str
        En qué ordenador y qué día (año, mes y día).
    """

    name: str
    description: str
    licence: str
    script: str
    seed: int
    seconds: float
    measures: dict[str, float]
    versions: dict[str, str]
    machine: str
    date: str


def keras_state(model: keras.Model) -> dict[str, np.ndarray]:
    """Los pesos de un modelo de Keras por su nombre, como ``state_dict`` en PyTorch.

    El nombre no lleva el número que Keras pone a una capa cuando ya hay otra igual
    (``gru_3/gru_cell/kernel`` es ``gru/gru_cell/kernel``): así es siempre el mismo.

    Raises
    ------
    ValueError
        Si sin ese número hay dos pesos que se llaman igual: pon nombre a las capas.
    """
    names = [re.sub(r"_\d+(?=/)", "", weight.path) for weight in model.weights]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValueError(
            f"Hay varios pesos que se llaman {', '.join(sorted(repeated))}. Pon un nombre distinto "
            "a cada capa, con name=."
        )
    return dict(zip(names, model.get_weights(), strict=True))


def load_trained(name: str) -> TrainedModel:
    """Lee un modelo entrenado de los que vienen con el curso, verificado.

    Parameters
    ----------
    name : str
        Nombre del archivo de ``datasets/models/``, sin ``.safetensors``.

    Returns
    -------
    TrainedModel
        Sus pesos, como arrays, su vocabulario y con qué programa, semilla y versiones se entrenó.

    Raises
    ------
    ValueError
        Si no hay ningún modelo con ese nombre.
    DatasetError
        Si el archivo falta, o no es el registrado, o no tiene las formas o el vocabulario que dice
        su registro.

    Examples
    --------
    >>> load_trained("no_existe")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: No hay ningún modelo que se llame 'no_existe'. ...
    """
    folder = bundled.data_dir() / "models"
    known = _names(folder)
    if name not in known:
        close = get_close_matches(str(name), known, n=1)
        guess = f" ¿Querías decir {close[0]!r}?" if close else ""
        listed = f"Los que hay: {str(known)[1:-1]}." if known else "Todavía no hay ninguno."
        raise ValueError(f"No hay ningún modelo que se llame {name!r}. {listed}{guess}")
    return read_trained(folder, name)


def read_trained(folder: Path, name: str) -> TrainedModel:
    """Lee y verifica el modelo ``name`` de una carpeta.

    Raises
    ------
    DatasetError
        Si a su registro le falta algo o los pesos no son los registrados.
    """
    path = folder / f"{name}.safetensors"
    entry = read_entry(folder, name)
    weights = parse_weights(read_verified(path, entry.pop("sha256")), source=str(path))
    vocabulary, shapes = tuple(entry.pop("vocabulary")), entry.pop("shapes")
    try:
        _check_vocabulary(weights, vocabulary)
        _check_shapes(weights, {key: tuple(shape) for key, shape in shapes.items()})
    except ValueError as error:
        raise DatasetError(f"{error} {mend_bundled()}") from error
    return TrainedModel(weights.arrays, vocabulary, str(path), name=name, **entry)


def read_entry(folder: Path, name: str) -> dict[str, Any]:
    """El registro de un modelo, con todo lo que tiene que decir.

    Raises
    ------
    DatasetError
        Si falta, no se puede leer o le falta algo.
    """
    path = folder / f"{name}.toml"
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        for key, kind in ENTRY.items():
            if not isinstance(entry.get(key), kind):
                raise ValueError(f"{key} falta o no es de tipo {kind.__name__}")
        if entry.keys() != ENTRY.keys():
            raise ValueError(f"sobra {', '.join(entry.keys() - ENTRY.keys())}")
        if not is_sha256(entry["sha256"]):
            raise ValueError("su sha256 no son 64 cifras hexadecimales")
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"El registro del modelo, {path}, falta o está mal escrito ({error}). {mend_bundled()}"
        ) from error
    return entry


def read_weights(path: str | os.PathLike) -> Weights:
    """Lee unos pesos que has guardado con :func:`write_weights`.

    Raises
    ------
    ValueError
        Si el archivo no se puede leer, está cortado o dañado, o no lleva vocabulario.
    ImportError
        Si falta la biblioteca safetensors.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(
            f"No se puede leer {path} ({error.strerror or error}). Comprueba el nombre y la "
            "carpeta."
        ) from error
    return parse_weights(content, source=str(path))


def write_weights(
    path: str | os.PathLike,
    arrays: Mapping[str, Any],
    *,
    vocabulary: Sequence[str],
    half: bool = False,
) -> None:
    """Guarda los pesos de un modelo y su vocabulario en un archivo safetensors.

    Parameters
    ----------
    path : str or path
        Dónde; si ya existe, se sustituye.
    arrays : mapping of str to array or torch.Tensor
        Los pesos, como los da ``model.state_dict()``.
    vocabulary : sequence of str
        Los símbolos, en el orden de sus números.
    half : bool, default False
        Si se guardan en float16, que ocupa la mitad y redondea cada número en su tercera o cuarta
        cifra.

    Raises
    ------
    ImportError
        Si falta la biblioteca safetensors.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mio.safetensors"
    >>> write_weights(path, {"w": np.array([0.1, 2.0])}, vocabulary="añ")
    >>> weights = read_weights(path)
    >>> weights.arrays, weights.vocabulary
    ({'w': array([0.1, 2. ], dtype=float32)}, ('a', 'ñ'))
    """
    Path(path).write_bytes(dump_weights(arrays, vocabulary=vocabulary, half=half))


def dump_weights(
    arrays: Mapping[str, Any], *, vocabulary: Sequence[str], half: bool = False
) -> bytes:
    """El contenido del archivo que escribe :func:`write_weights`."""
    kind = "float16" if half else "float32"
    plain = {name: np.asarray(part).astype(kind) for name, part in arrays.items()}
    metadata = {"vocabulary": json.dumps(list(vocabulary), ensure_ascii=True)}
    return _safetensors().save(plain, metadata=metadata)


def parse_weights(content: bytes, *, source: str) -> Weights:
    """Los pesos y el vocabulario que hay en el contenido de un archivo safetensors.

    Raises
    ------
    ValueError
        Si está cortado o dañado, algún peso no es un número finito o falta el vocabulario.
    """
    library = _safetensors()
    try:
        arrays = {name: part.astype("float32") for name, part in library.load(content).items()}
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except Exception as error:  # un archivo dañado puede provocar un error de cualquier tipo
        raise ValueError(
            f"{source} debía ser un archivo safetensors, y está cortado, dañado o es otra cosa "
            f"({len(content)} bytes). Guárdalo o descárgalo de nuevo."
        ) from error
    for name, part in arrays.items():
        if not np.isfinite(part).all():
            raise ValueError(
                f"En {source}, el peso {name!r} tiene algún NaN o infinito: el entrenamiento "
                "divergió o el archivo está dañado. Entrena de nuevo con una tasa menor."
            )
    try:
        vocabulary = tuple(json.loads(header["__metadata__"]["vocabulary"]))
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(
            f"{source} no dice con qué vocabulario se entrenó, y sin él los pesos no significan "
            "nada. Guárdalo con write_weights(..., vocabulary=...)."
        ) from error
    return Weights(arrays, vocabulary, source)


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "Para leer o guardar modelos hace falta la biblioteca safetensors, que no se puede "
            f"importar. Instálala con: {install_command('safetensors')}"
        ) from error
    return safetensors.numpy


def _check_vocabulary(weights: Weights, wanted: tuple[str, ...]) -> None:
    """Que el vocabulario de los pesos sea este, símbolo a símbolo."""
    own = weights.vocabulary
    if own == wanted:
        return
    if sorted(own) == sorted(wanted):
        place = next(
            i for i, pair in enumerate(zip(own, wanted, strict=True)) if len(set(pair)) > 1
        )
        detail = (
            f"tiene los mismos símbolos en otro orden: el número {place} es {own[place]!r} allí y "
            f"{wanted[place]!r} aquí"
        )
    else:
        extra, missing = sorted(set(own) - set(wanted)), sorted(set(wanted) - set(own))
        parts = (
            f"{len(own)} símbolos allí y {len(wanted)} aquí",
            f"solo allí: {extra[:5]}" if extra else "",
            f"solo aquí: {missing[:5]}" if missing else "",
        )
        detail = "; ".join(filter(None, parts))
    raise ValueError(
        f"Los pesos de {weights.source} son de otro vocabulario ({detail}). Usa el que traen, "
        "`.vocabulary`, o entrena con el tuyo."
    )


def _check_shapes(weights: Weights, wanted: Mapping[str, tuple[int, ...]]) -> None:
    """Que los parámetros sean estos, con estas formas."""
    own = {name: part.shape for name, part in weights.arrays.items()}
    if unpaired := own.keys() ^ wanted.keys():
        raise ValueError(
            f"Los pesos de {weights.source} son de otro modelo: {', '.join(sorted(unpaired))} solo "
            "está en uno de los dos. Construye el modelo con las mismas capas y los mismos nombres."
        )
    for name, shape in wanted.items():
        if own[name] != shape:
            raise ValueError(
                f"Los pesos de {weights.source} son de otro tamaño: {name} tiene forma {own[name]} "
                f"y se esperaba {shape}. Construye el modelo con el mismo tamaño."
            )


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def verify_models(folder: Path) -> list[str]:
    """Comprueba los modelos de una carpeta, que puede no existir.

    Sin la biblioteca safetensors se comprueba el sha256 y no lo que hay dentro.

    Returns
    -------
    list of str
        Los problemas, uno por archivo.

    Examples
    --------
    >>> verify_models(bundled.data_dir() / "models")
    []
    """
    problems = []
    for name in _names(folder):
        try:
            if importlib.util.find_spec("safetensors"):
                read_trained(folder, name)
            else:
                sha256 = read_entry(folder, name)["sha256"]
                read_verified(folder / f"{name}.safetensors", sha256)
        except (DatasetError, ValueError) as error:
            problems.append(str(error))
        if not (folder / f"{name}.md").is_file():
            problems.append(f"Falta la ficha {folder / name}.md. {mend_bundled()}")
    for path in sorted(folder.glob("*.safetensors")):
        if not path.with_suffix(".toml").is_file():
            problems.append(
                f"{path} no está registrado: falta {path.stem}.toml. Escríbelo con un programa de "
                "tools/models/ o borra el archivo."
            )
    return problems

"""Guarda un modelo entrenado, su registro y su ficha, con lo que hace falta para repetirlo.

Lo llama, al terminar, el programa de ``tools/models/`` que lo entrena. Deja en ``datasets/models/``
los pesos, ``NOMBRE.safetensors``, su registro, ``NOMBRE.toml``, y su ficha, ``NOMBRE.md``. Las
lecciones lo leen con ``course_utils.datasets.load_trained("NOMBRE")``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from course_utils.datasets.models import dump_weights
from tools.experiments.results import provenance_here
from tools.files import replace_files

ROOT = Path(__file__).resolve().parents[2]
MAX_BYTES = 4_000_000


def ship_model(
    name: str,
    arrays: Mapping[str, Any],
    *,
    vocabulary: Sequence[str],
    measures: Mapping[str, float],
    description: str,
    card: str,
    script: str | Path,
    seed: int,
    seconds: float,
    packages: Iterable[str] = ("numpy", "torch", "safetensors"),
    licence: str = "CC BY 4.0",
    root: Path = ROOT,
) -> Path:
    """Escribe un modelo, su registro y su ficha; si ya existía, lo sustituye.

    Parameters
    ----------
    name : str
        Nombre del modelo: minúsculas sin tilde, cifras y ``_``.
    arrays : mapping of str to array
        Los pesos; se guardan en float16.
    vocabulary : sequence of str
        Los símbolos, en el orden de sus números.
    measures : mapping of str to float
        Lo que se ha medido **con los pesos ya redondeados**; el nombre dice en qué parte.
    description : str
        Qué es, en una línea.
    card : str
        La ficha, en Markdown.
    script : str or Path
        El programa que lo ha entrenado, ``__file__``.
    seed : int
        Semilla.
    seconds : float
        Segundos de procesador del entrenamiento.
    packages : iterable of str
        Bibliotecas de cuya versión dependen los números.
    licence : str
        La de los pesos.
    root : Path, optional
        Raíz del repositorio.

    Returns
    -------
    Path
        Los pesos.

    Raises
    ------
    ValueError
        Si ocupa más de 4 MB; no se escribe nada.
    """
    content = dump_weights(arrays, vocabulary=vocabulary, half=True)
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"El modelo {name} ocupa {len(content)} bytes, y como mucho caben {MAX_BYTES}. Hazlo "
            "más pequeño."
        )
    source = provenance_here(packages)
    relative = Path(script).resolve().relative_to(root.resolve()).as_posix()
    entry = {
        "description": description,
        "licence": licence,
        "script": relative,
        "seed": seed,
        "seconds": round(float(seconds), 1),
        "machine": source.machine,
        "date": source.date,
        "sha256": hashlib.sha256(content).hexdigest(),
        "vocabulary": list(vocabulary),
        "shapes": {key: list(np.shape(part)) for key, part in arrays.items()},
        "measures": {key: round(float(value), 4) for key, value in measures.items()},
        "versions": source.versions,
    }
    notice = f"# Lo escribe {relative} al terminar: no lo edites a mano.\n"
    path = root / "datasets" / "models" / f"{name}.safetensors"
    replace_files(
        {
            path: content,
            path.with_suffix(".toml"): notice + tomli_w.dumps(entry),
            path.with_suffix(".md"): card,
        }
    )
    return path

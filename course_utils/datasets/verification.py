"""La revisión de todos los datos que vienen con el curso."""

from __future__ import annotations

import importlib.util

from course_utils.datasets import bundled
from course_utils.datasets.images import read_digits
from course_utils.datasets.models import verify_models
from course_utils.datasets.results import verify_results


def verify_all() -> list[str]:
    """Comprueba todos los datos que vienen con el curso, también los resultados
    guardados y los modelos entrenados.

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
        entries = bundled.registry()
    except bundled.DatasetError as error:
        return [str(error)]
    problems = []
    for name, entry in entries.items():
        try:
            if "file" in entry and "url" not in entry:
                bundled.read_bundled(name)
            elif name == "digits" and importlib.util.find_spec("sklearn"):
                read_digits()
        except bundled.DatasetError as error:
            problems.append(str(error))
    folder = bundled.data_dir()
    return problems + verify_results(folder / "results") + verify_models(folder / "models")

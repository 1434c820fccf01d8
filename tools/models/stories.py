"""Entrena el modelo de caracteres de la lección 33 con los cuentos, lo mide y lo guarda.

``OMP_NUM_THREADS=1 python -m tools.models.stories`` (unos minutos de un núcleo) deja en
``datasets/models/`` los pesos, ``cuentos.safetensors``, su registro y su ficha. Con ``--check`` no
entrena: mide de nuevo el que hay y termina con 1 si alguna medida no sale.

La receta se eligió mirando solo la validación; la prueba se mide una vez, al final.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.datasets import TrainedModel, data_dir, load_stories, load_trained
from course_utils.datasets.models import dump_weights, parse_weights
from course_utils.lessons.lesson_33.counts import KneserNey
from course_utils.lessons.lesson_33.experiment import (
    RECIPE,
    alphabet_of,
    build_model,
    encode,
    join_stories,
    story_bits,
    train,
)
from tools.models.shipping import ship_model

NAME, SEED = "cuentos", 0
ORDERS = range(2, 10)  # los n-gramas entre los que elige la validación
PARTS = {"train": "entrenamiento", "validation": "validacion", "test": "prueba"}


def mean_bits(bits: Sequence[np.ndarray]) -> float:
    """Bits por carácter de todos los cuentos juntos."""
    return float(np.concatenate(bits).mean())


def count_measures(alphabet: Sequence[str]) -> dict[str, float]:
    """El mejor modelo de cuentas, elegido en validación: su orden y sus bits por carácter."""
    models = {order: KneserNey(load_stories(), order, alphabet) for order in ORDERS}
    bits = {
        part: {
            order: mean_bits([model.bits(story) for story in load_stories(part)])
            for order, model in models.items()
        }
        for part in ("validation", "test")
    }
    best = min(bits["validation"], key=bits["validation"].get)
    return {
        "cuentas_orden": float(best),
        "cuentas_bits_validacion": bits["validation"][best],
        "cuentas_bits_prueba": bits["test"][best],
    }


def network_measures(arrays: dict[str, np.ndarray], alphabet: Sequence[str]) -> dict[str, float]:
    """Bits por carácter de la red, en cada parte."""
    import torch

    model = build_model(len(alphabet), RECIPE)
    model.load_state_dict({name: torch.from_numpy(part) for name, part in arrays.items()})
    return {
        f"bits_{short}": mean_bits(story_bits(model, load_stories(part), alphabet))
        for part, short in PARTS.items()
    }


def train_model(alphabet: Sequence[str]) -> tuple[dict[str, np.ndarray], float]:
    """Los pesos, ya redondeados como se guardan, y los segundos de procesador."""
    import torch

    torch.manual_seed(SEED)
    model = build_model(len(alphabet), RECIPE)
    ids = torch.from_numpy(encode(join_stories(load_stories()), alphabet))
    seconds = train(
        model,
        ids,
        RECIPE,
        seed=SEED,
        look=lambda epoch, loss: print(f"vuelta {epoch}: {loss:.3f} bits en entrenamiento"),
    )
    content = dump_weights(model.state_dict(), vocabulary=alphabet, half=True)
    return parse_weights(content, source=NAME).arrays, seconds


CARD = """\
# Ficha del modelo `cuentos`

Lo escribe `tools/models/stories.py`: no la edites a mano.

- **Qué es.** Un modelo de lenguaje de caracteres: una incrustación de {embed} números, una GRU de
  {hidden} unidades y una salida con {symbols} caracteres. Son {parameters} números, en float16.
- **Para qué.** Para que la lección 33 continúe cuentos sin entrenar antes. Para nada más.
- **Datos.** Los 288 cuentos de entrenamiento de `datasets/cuentos.txt`, {characters} caracteres, y
  ninguno más. Con los 36 de validación y los 36 de prueba no se ha ajustado ningún peso.
- **Cómo se entrenó.** `python -m tools.models.stories`, semilla {seed}, {seconds:.0f} segundos de
  un núcleo. La receta (tamaño, dropout, vueltas) se eligió, entre tres, mirando la validación.
- **Medidas**, en bits por carácter y con los pesos guardados. Cada cuento empieza de cero y cuenta
  también su final:

| | entrenamiento | validación | prueba |
|---|---|---|---|
| este modelo | {bits_entrenamiento} | {bits_validacion} | {bits_prueba} |
| Kneser-Ney de orden {order}, el mejor en validación | – | {count_validacion} | {count_prueba} |

- **Límites.** A temperatura baja casi todas sus palabras existen, pero las frases se tuercen y los
  cuentos no van a ninguna parte. Solo conoce esos {symbols} caracteres, entre los que faltan varias
  mayúsculas (la «Ñ»), y un español de cuento. Copia a veces trozos de los de entrenamiento; la
  lección mide cuánto. Es un solo entrenamiento: otra semilla, otro ordenador u otra versión de
  PyTorch dará otros pesos, y no se ha medido cuánto cambian las medidas.
- **Sesgos.** Los de los cuentos, que cuenta `datasets/README.md`.
- **Licencia.** CC BY 4.0, la de los cuentos.
"""


def write_card(
    arrays: Mapping[str, np.ndarray], measures: Mapping[str, float], seconds: float
) -> str:
    """La ficha, con lo medido."""
    symbols, hidden = arrays["head.weight"].shape
    in_spanish = {name: f"{value:.3f}".replace(".", ",") for name, value in measures.items()}
    return CARD.format(
        embed=arrays["embed.weight"].shape[1],
        hidden=hidden,
        symbols=symbols,
        parameters=_thousands(sum(part.size for part in arrays.values())),
        characters=_thousands(sum(map(len, load_stories()))),
        seed=SEED,
        seconds=seconds,
        order=round(measures["cuentas_orden"]),
        count_validacion=in_spanish["cuentas_bits_validacion"],
        count_prueba=in_spanish["cuentas_bits_prueba"],
        **{name: text for name, text in in_spanish.items() if name.startswith("bits_")},
    )


def _thousands(number: int) -> str:
    """Un entero grande, como se escribe en español.

    Examples
    --------
    >>> _thousands(162467)
    '162 467'
    """
    return f"{number:,}".replace(",", " ")


def check_model(trained: TrainedModel) -> list[str]:
    """Las medidas registradas que no salen, con una holgura de redondeo."""
    found = network_measures(trained.arrays, trained.vocabulary)
    found |= count_measures(trained.vocabulary)
    return [
        f"{name}: registrado {trained.measures[name]}, medido {value:.4f}"
        for name, value in found.items()
        if abs(trained.measures.get(name, np.inf) - value) > 1e-3
    ] + ["la ficha no es la que dan las medidas"] * (_read_card() != card_of(trained))


def card_of(trained: TrainedModel) -> str:
    """La ficha que le toca a lo registrado."""
    return write_card(trained.arrays, trained.measures, trained.seconds)


def _read_card() -> str:
    return (data_dir() / "models" / f"{NAME}.md").read_text(encoding="utf-8")


def main() -> int:
    """Entrena, mide y guarda, o solo comprueba; devuelve el código de salida."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="no entrena: mide el que hay")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.check:
        problems = check_model(load_trained(NAME))
        print("\n".join(problems) or "todas las medidas salen")
        return int(bool(problems))
    alphabet = alphabet_of(load_stories())
    arrays, seconds = train_model(alphabet)
    measures = network_measures(arrays, alphabet) | count_measures(alphabet)
    path = ship_model(
        NAME,
        arrays,
        vocabulary=alphabet,
        measures=measures,
        description="Modelo de caracteres de los cuentos del curso",
        card=write_card(arrays, measures, seconds),
        script=__file__,
        seed=SEED,
        seconds=seconds,
    )
    print(f"{path.name}: {path.stat().st_size} bytes", *measures.items(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

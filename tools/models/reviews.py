"""Entrena el clasificador de reseñas de la lección 32, lo mide y lo guarda.

``OMP_NUM_THREADS=1 python -m tools.models.reviews`` (menos de un minuto) deja en
``datasets/models/`` los pesos, ``resenas.safetensors``, su registro y su ficha. Con ``--check`` no
entrena: mide de nuevo el que hay y termina con 1 si alguna medida no sale.

La época se elige mirando solo la validación; la prueba se mide una vez, al final.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.datasets import TrainedModel, data_dir, load_reviews, load_trained
from course_utils.datasets.models import Weights, dump_weights, keras_state, parse_weights
from course_utils.environment import setup
from course_utils.lessons.lesson_32.experiment import (
    Reviews,
    build_classifier,
    encoded_reviews,
    log_loss,
    train_classifier,
)
from tools.models.shipping import ship_model

NAME, SEED, NETWORK, RATE, EPOCHS = "resenas", 0, "GRU, todos", 0.003, 8
GRID = np.geomspace(0.25, 4, 200)  # las temperaturas entre las que se elige

CARD = """\
# Ficha del modelo `resenas`

Lo escribe `tools/models/reviews.py`: no la edites a mano.

- **Qué es.** Un clasificador de reseñas en español: una incrustación de {width} números para {size}
  piezas, una GRU de {units} unidades, la media y el máximo de sus estados y una salida, el logit de
  que la reseña sea favorable. Son {parameters} números, en float16.
- **Para qué.** Para que la lección 32 lo cargue sin entrenar antes. Para nada más.
- **Datos.** Las {examples} reseñas de entrenamiento de `datasets/resenas.csv`, y ninguna más. Con
  las de validación se eligieron la época ({epoch}) y la temperatura; con las de prueba, nada.
- **Cómo se entrenó.** `python -m tools.models.reviews`, semilla {seed}, {seconds:.0f} segundos de
  un núcleo.
- **Medidas**, con los pesos guardados:

| | validación | prueba | prueba, directas | prueba, engañosas |
|---|---|---|---|---|
| acierto (%) | {validation} | {test} | {direct} | {tricky} |

- **Confianza.** Divide el logit por {temperature} antes de la sigmoide; con esa temperatura la
  pérdida en la prueba es {loss}.
- **Límites.** Acierta menos que contar palabras, como cuenta la lección 32; en las reseñas
  irónicas, con negaciones o con contrastes, lo que dice la tabla: cerca de una moneda. Solo conoce
  las palabras que salen dos veces o más en esas reseñas; las demás son para él la misma. Otro
  ordenador u otra versión de Keras dará otros pesos, con medidas parecidas.
- **Sesgos.** Los de las reseñas, que cuenta `datasets/README.md`: las escribieron modelos de
  lenguaje.
- **Licencia.** CC BY 4.0, la de las reseñas.
"""


def measure(weights: Weights, reviews: Reviews) -> dict[str, float]:
    """Aciertos, temperatura y pérdida de unos pesos."""
    model = build_classifier(NETWORK, len(weights.vocabulary))
    weights.load_into(model, vocabulary=reviews.vocabulary.pieces)
    logits = [model.predict_on_batch(part.ids)[:, 0] for part in (reviews.validation, reviews.test)]
    chosen, labels = reviews.validation.labels, reviews.test.labels
    temperature = GRID[np.argmin([log_loss(logits[0] / t, chosen) for t in GRID])]
    hits = (logits[1] > 0) == (labels > 0.5)
    direct = np.array([kind == "directa" for kind in load_reviews("test").kinds])
    return {
        "acierto_validacion": np.mean((logits[0] > 0) == (chosen > 0.5)),
        "acierto_prueba": hits.mean(),
        "acierto_prueba_directas": hits[direct].mean(),
        "acierto_prueba_enganosas": hits[~direct].mean(),
        "temperatura": temperature,
        "perdida_prueba": log_loss(logits[1] / temperature, labels),
    }


def train_model(reviews: Reviews) -> tuple[Weights, int, float]:
    """Los pesos, ya redondeados como se guardan, la época elegida y los segundos de procesador."""
    trained = train_classifier(
        NETWORK,
        len(reviews.vocabulary),
        reviews.train,
        [reviews.validation],
        rate=RATE,
        epochs=EPOCHS,
        seed=SEED,
    )
    pieces = reviews.vocabulary.pieces
    content = dump_weights(keras_state(trained.model), vocabulary=pieces, half=True)
    return parse_weights(content, source=NAME), trained.epoch, trained.seconds


def write_card(
    arrays: Mapping[str, np.ndarray], measures: Mapping[str, float], seconds: float
) -> str:
    """La ficha, con lo medido."""
    size, width = arrays["embedding/embeddings"].shape
    percent = {
        name.removeprefix("acierto_"): f"{100 * value:.1f}".replace(".", ",")
        for name, value in measures.items()
    }
    return CARD.format(
        width=width,
        size=size,
        units=arrays["gru/gru_cell/recurrent_kernel"].shape[0],
        parameters=sum(part.size for part in arrays.values()),
        examples=len(load_reviews().texts),
        epoch=round(measures["epoca"]),
        seed=SEED,
        seconds=seconds,
        validation=percent["validacion"],
        test=percent["prueba"],
        direct=percent["prueba_directas"],
        tricky=percent["prueba_enganosas"],
        temperature=f"{measures['temperatura']:.2f}".replace(".", ","),
        loss=f"{measures['perdida_prueba']:.3f}".replace(".", ","),
    )


def check_model(trained: TrainedModel) -> list[str]:
    """Las medidas registradas que no salen, con una holgura de redondeo."""
    problems = [
        f"{name}: registrado {trained.measures[name]}, medido {value:.4f}"
        for name, value in measure(trained, encoded_reviews()).items()
        if abs(trained.measures[name] - value) > 2e-3
    ]
    card = (data_dir() / "models" / f"{NAME}.md").read_text(encoding="utf-8")
    same = card == write_card(trained.arrays, trained.measures, trained.seconds)
    return problems + ["la ficha no es la que dan las medidas"] * (not same)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entrena, mide y guarda, o solo comprueba; devuelve el código de salida."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="no entrena: mide el que hay")
    options = parser.parse_args(arguments)
    setup(SEED, frameworks=("tensorflow",))
    if options.check:
        problems = check_model(load_trained(NAME))
        print("\n".join(problems) or "todas las medidas salen")
        return int(bool(problems))
    reviews = encoded_reviews()
    weights, epoch, seconds = train_model(reviews)
    measures = {
        name: round(float(value), 4) for name, value in measure(weights, reviews).items()
    } | {"epoca": float(epoch)}
    path = ship_model(
        NAME,
        weights.arrays,
        vocabulary=weights.vocabulary,
        measures=measures,
        description="Clasificador de las reseñas del curso",
        card=write_card(weights.arrays, measures, round(seconds, 1)),
        script=__file__,
        seed=SEED,
        seconds=seconds,
        packages=("numpy", "tensorflow", "keras", "safetensors"),
    )
    print(f"{path.name}: {path.stat().st_size} bytes", *measures.items(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Lo mismo que :mod:`padding_models`, con Keras. Se ejecuta aparte y escribe lo que encuentra.

Uso: ``python padding_keras.py``. Una línea de JSON por modelo: qué modelo, qué se esperaba y qué
ha dicho la prueba.
"""

from __future__ import annotations

import json

import numpy as np

from course_utils.environment import setup

setup(0, frameworks=("keras",))

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers as L  # noqa: E402

from course_utils.padding import check_padding_invariance, pad  # noqa: E402

# De cada modelo: si lleva máscara, cómo sigue, si lee identificadores y la causa que se espera.
MODELS = (
    ("máscara", "final", True, ""),
    ("máscara", "two", False, ""),
    ("máscara", "bistep", False, ""),
    ("nada", "final", True, "NO_MASK"),
    ("nada", "bi", False, "NO_MASK"),
    ("máscara", "lost", False, "LOST_MASK"),
    ("máscara", "lost", True, "LOST_MASK"),
    ("máscara", "mean", False, "MEAN"),
    ("máscara", "last", False, "LAST_POSITION"),
    ("nada", "bistep", True, "BIDIRECTIONAL"),
)


def build(masked, kind, *, ids, value):
    """El modelo, con una capa de salida."""
    x = keras.Input((None,) if ids else (None, 3))
    first = L.Embedding(9, 5, mask_zero=masked) if ids else L.Masking(value)
    z = first(x) if ids or masked else x

    def gru(z, **options):
        return L.GRU(6, return_sequences=True, **options)(z)

    h = {
        "final": lambda: L.GRU(6)(z),
        "two": lambda: L.GRU(6)(gru(z)),
        "lost": lambda: gru(gru(z) * 1.0)[:, -1],  # una operación suelta no propaga la máscara
        "bi": lambda: L.Bidirectional(L.GRU(6))(z),
        "bistep": lambda: L.Bidirectional(L.GRU(6, return_sequences=True))(z),
        "mean": lambda: keras.ops.mean(gru(z), axis=1),
        "last": lambda: gru(z, zero_output_for_mask=True)[:, -1],
    }[kind]()
    return keras.Model(x, L.Dense(2)(h))


def draw(rng, lengths, ids):
    if ids:
        return [rng.integers(1, 9, size=n) for n in lengths]
    return [rng.normal(size=(n, 3)).astype("float32") for n in lengths]


def shake(model, rng):
    """Mueve un poco los pesos, como si la red hubiera aprendido algo: los sesgos dejan de ser 0."""
    model.set_weights([w + 0.2 * rng.normal(size=w.shape) for w in model.get_weights()])


def compiled(model, x):
    """La red, compilada una vez para lotes de cualquier tamaño."""
    shape = (None,) * x.ndim if x.ndim == 2 else (None, None, x.shape[2])
    return tf.function(model, input_signature=[tf.TensorSpec(shape, x.dtype)])


def main():
    for place, (mask, kind, ids, expected) in enumerate(MODELS):
        keras.utils.set_random_seed(place)
        rng = np.random.default_rng(place)
        value = 0.0 if ids else -1.0
        model = build(mask == "máscara", kind, ids=ids, value=value)
        shake(model, rng)
        sequences = draw(rng, (2, 6, 4), ids)
        fast = compiled(model, pad(sequences).values)
        report = check_padding_invariance(
            lambda batch, lengths, fast=fast: fast(batch),
            sequences,
            value=value,
        )
        said = {
            "model": f"{mask} {kind} {'identificadores' if ids else 'características'}",
            "expected": expected,
            "found": [cause.name for cause in report.causes],
            "gap": report.gap,
        }
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()

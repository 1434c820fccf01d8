"""Lo mismo que :mod:`course_utils.attention`, con Keras, que no convive con PyTorch.

Uso: ``python attention_keras.py ENTRADA SALIDA``, dos archivos ``.npz``.
"""

from __future__ import annotations

import sys

import numpy as np

from course_utils.environment import setup

setup(0, frameworks=("keras",))

import keras  # noqa: E402


def main() -> None:
    source, target = sys.argv[1:]
    case = np.load(source)
    additive = keras.layers.AdditiveAttention(use_scale=True)
    inputs = [case["queries"], case["values"], case["keys"]]
    additive(inputs)  # crea su vector
    additive.set_weights([case["vector"]])
    out = {}
    for name, mask in (("whole", None), ("masked", [None, case["mask"]])):
        context, weights = additive(inputs, mask=mask, return_attention_scores=True)
        out |= {f"{name}_context": context, f"{name}_weights": weights}
    np.savez(target, **{name: np.asarray(value) for name, value in out.items()})


if __name__ == "__main__":
    main()

"""Escribir con un modelo de lenguaje: de las puntuaciones del siguiente símbolo, un símbolo.

- ``sampling.py``: sortear, con temperatura y quedándose con los más probables o con el núcleo.
"""

from course_utils.decoding.sampling import nucleus, sample, softmax, top_k

__all__ = ["nucleus", "sample", "softmax", "top_k"]

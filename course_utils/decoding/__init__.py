"""Escribir una secuencia con un modelo que da la probabilidad del símbolo siguiente.

- ``sampling.py``: sortear, con temperatura y quedándose con los más probables o con el núcleo.
- ``beam.py``: buscar la secuencia más probable, en haz.
"""

from course_utils.decoding.beam import Hypothesis, beam_search
from course_utils.decoding.sampling import nucleus, sample, softmax, top_k

__all__ = ["Hypothesis", "beam_search", "nucleus", "sample", "softmax", "top_k"]

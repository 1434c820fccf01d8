"""Escribir una secuencia con un modelo que da la probabilidad del símbolo siguiente.

:mod:`~course_utils.decoding.beam` busca la más probable.
"""

from course_utils.decoding.beam import Hypothesis, beam_search

__all__ = ["Hypothesis", "beam_search"]

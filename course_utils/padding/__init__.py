"""Secuencias de longitudes distintas: relleno, máscaras, lotes parecidos y la prueba del relleno.

:mod:`~course_utils.padding.batches` monta los lotes.
:mod:`~course_utils.padding.invariance` comprueba lo que debe cumplir todo modelo de secuencias —una
secuencia sola y la misma, rellenada en un lote, dan la misma predicción— y, si no se cumple, busca
la causa; :mod:`~course_utils.padding.report` la cuenta.
"""

from course_utils.padding.batches import (
    Padded,
    bucket_batches,
    mask_from_lengths,
    pad,
)
from course_utils.padding.invariance import check_padding_invariance
from course_utils.padding.report import Cause, PaddingReport

__all__ = [
    "Cause",
    "Padded",
    "PaddingReport",
    "bucket_batches",
    "check_padding_invariance",
    "mask_from_lengths",
    "pad",
]

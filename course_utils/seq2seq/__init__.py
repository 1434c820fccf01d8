"""De una secuencia a otra: lotes, redes, entrenamiento y escritura.

Una red de estas tiene dos puertas: ``encode(source, lengths)`` devuelve la *memoria*, lo que el
decodificador recibe de lo leído, y ``decode(given, memory)`` devuelve puntuaciones y la memoria
siguiente. Lo demás solo usa esas dos, y no le importa qué hay en la memoria.
"""

from course_utils.seq2seq.batches import END, PAD, START, Batch, make_batch
from course_utils.seq2seq.networks import build_translator
from course_utils.seq2seq.numbers import DIGITS, WORDS, Numbers, encode_numbers, split_numbers
from course_utils.seq2seq.training import real_steps_loss, train
from course_utils.seq2seq.writing import exact, write_beam, write_greedy

__all__ = [
    "DIGITS",
    "END",
    "PAD",
    "START",
    "WORDS",
    "Batch",
    "Numbers",
    "build_translator",
    "encode_numbers",
    "exact",
    "make_batch",
    "real_steps_loss",
    "split_numbers",
    "train",
    "write_beam",
    "write_greedy",
]

"""La cara de la lección 35: lo que importa su cuaderno."""

from course_utils.lessons.lesson_35 import experiment
from course_utils.lessons.lesson_35.experiment import ALPHABET, FIGURES
from course_utils.lessons.lesson_35.figures import (
    plot_attention_map,
    plot_attention_step,
    plot_cost,
    plot_heads,
)
from course_utils.seq2seq import END, PAD, START

__all__ = [
    "ALPHABET",
    "END",
    "FIGURES",
    "PAD",
    "START",
    "experiment",
    "plot_attention_map",
    "plot_attention_step",
    "plot_cost",
    "plot_heads",
]

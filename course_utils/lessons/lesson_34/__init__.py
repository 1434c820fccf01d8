"""La cara de la lección 34: lo que importa su cuaderno."""

from course_utils.lessons.lesson_34 import experiment
from course_utils.plotting.networks import plot_accuracy, plot_networks
from course_utils.seq2seq import DIGITS, END, PAD, START, WORDS, Batch

__all__ = [
    "DIGITS",
    "END",
    "PAD",
    "START",
    "WORDS",
    "Batch",
    "experiment",
    "plot_accuracy",
    "plot_networks",
]

"""La cara de la lección 33: lo que importa su cuaderno."""

from course_utils.lessons.lesson_33.counts import KneserNey
from course_utils.lessons.lesson_33.experiment import longest_copied, words_of, write_texts
from course_utils.lessons.lesson_33.figures import (
    plot_by_position,
    plot_copied,
    plot_data_curve,
    plot_language_model,
    plot_next,
    plot_orders,
    plot_variety,
    visible,
)

__all__ = [
    "KneserNey",
    "longest_copied",
    "plot_by_position",
    "plot_copied",
    "plot_data_curve",
    "plot_language_model",
    "plot_next",
    "plot_orders",
    "plot_variety",
    "visible",
    "words_of",
    "write_texts",
]

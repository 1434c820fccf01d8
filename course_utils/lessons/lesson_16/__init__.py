"""La cara de la lección 16: lo que importa su cuaderno."""

from course_utils.lessons.lesson_16 import experiment
from course_utils.lessons.lesson_16.figures import (
    plot_box,
    plot_costs,
    plot_padding_effect,
    plot_unit,
)

__all__ = [
    "experiment",
    "plot_box",
    "plot_costs",
    "plot_padding_effect",
    "plot_unit",
]

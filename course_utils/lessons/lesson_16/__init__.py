"""La cara de la lección 16: lo que importa su cuaderno."""

from course_utils.lessons.lesson_16.figures import (
    plot_box,
    plot_costs,
    plot_padding_effect,
)

__all__ = [
    "plot_box",
    "plot_costs",
    "plot_padding_effect",
]

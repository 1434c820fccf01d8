"""La cara de la lección 12: lo que importa su cuaderno."""

from course_utils.lessons.lesson_12.figures import (
    plot_io_patterns,
    plot_iterates,
    plot_latch,
    plot_unrolled,
)

__all__ = [
    "plot_io_patterns",
    "plot_iterates",
    "plot_latch",
    "plot_unrolled",
]

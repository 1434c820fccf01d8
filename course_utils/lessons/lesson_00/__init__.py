"""La cara de la lección 00: lo que importa su cuaderno."""

from course_utils.lessons.lesson_00.figures import (
    plot_course_map,
    plot_order_matters,
)

__all__ = [
    "plot_course_map",
    "plot_order_matters",
]
